"""How deeply a gene was read, by region or by gene: what decides between absent and not tested."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import file_lines
from mmrisk.genome import loci, parse_chrom
from mmrisk.mutations.variant import gene_called, rules, threshold

GENE_NAMES, DEPTH_NAMES = ("gene", "hugo_symbol", "symbol"), ("depth", "mean_depth", "mean_coverage", "coverage")
SAMPLE_NAMES = ("sample_id", "sample", "tumor_sample_barcode")
ANY_SAMPLE = ""
NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Depths:
    """Depth over the parts of a gene that were read, and the length of each part (any unit).

    `bases` of the gene lie in the parts, each counted once; None where a table speaks of the gene as a whole.
    """

    depth: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    bases: int | None = None

    @property
    def mean(self) -> float:
        """Mean depth over the gene."""
        return float(np.average(self.depth, weights=self.length))

    def covers(self, coding_bases: int) -> bool:
        """Whether the parts can hold the coding bases of the gene, so nearly that a mutation would hardly be missed.

        Which bases are coding is not known here: fewer bases than the gene codes with are too few in any case.
        """
        return self.bases is None or self.bases >= threshold("coding_covered") * coding_bases


@dataclass(frozen=True, slots=True)
class Coverage:
    """Depths by sample and gene; a gene without an entry was not read."""

    depths: Mapping[tuple[str, str], Depths]

    @property
    def samples(self) -> tuple[str, ...]:
        """Samples that the coverage names."""
        return tuple(dict.fromkeys(sample for sample, _ in self.depths if sample != ANY_SAMPLE))

    def of(self, sample: str, gene: str) -> Depths | None:
        """Depths of a gene in a sample, or those that hold for all samples of the file."""
        return self.depths.get((sample, gene)) or self.depths.get((ANY_SAMPLE, gene))


def smallest_share(depths: Depths) -> float:
    """Smallest share of reads with a variant that is seen with 95 % power anywhere in a gene; 1 where none is.

    A variant lies in a part of the gene in proportion to its length, and is seen where enough reads have it (binomial).
    """
    from scipy.special import bdtrc

    need, power = int(threshold("min_alt_reads")), threshold("power")
    weight = depths.length / depths.length.sum()
    whole = np.floor(depths.depth).astype(int)

    def seen(share: float) -> float:
        return float((weight * bdtrc(need - 1, np.maximum(whole, need), share) * (whole >= need)).sum())

    low, high = 0.0, 1.0
    if seen(high) < power:
        return 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) >= power else (middle, high)
    return high


def declared(genes: Sequence[str], min_depth: float) -> Coverage:
    """Coverage as a laboratory declares it: so many reads at least everywhere in these genes."""
    one = Depths(np.array([min_depth]), np.array([1.0]))
    return Coverage({(ANY_SAMPLE, gene_called(gene)): one for gene in genes})


def read_coverage(path: Path, *, build: str) -> Coverage:
    """Depths of a table with columns gene and depth (and sample_id), or of mosdepth's regions. Raises `InputError`."""
    numbered = ((n, line) for n, line in enumerate(file_lines(path), 1) if line.strip() and not line.startswith("#"))
    number, first = next(numbered, (0, ""))
    if not first:
        raise InputError(
            Problem(file=path.name, message="is empty", remedy="give regions of mosdepth or gene and depth")
        )
    names = [name.strip().lower() for name in re.split(r"[\t,;]", first)]
    if any(name in names for name in GENE_NAMES):
        parts = _genes(path.name, names, numbered)
    else:
        parts = _regions(path.name, build, chain([(number, first)], numbered))
    collected: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        collected.setdefault((part.sample, part.gene), []).append(part)
    return Coverage({key: _depths(rows) for key, rows in collected.items()})


class Part(NamedTuple):
    """Depth of a part of a gene (bp, 0-based half-open), or of a gene as a whole where it has no place."""

    sample: str
    gene: str
    depth: float
    start: int | None = None
    end: int | None = None


def _depths(parts: Sequence[Part]) -> Depths:
    placed = sorted((part.start, part.end) for part in parts if part.start is not None and part.end is not None)
    bases, reached = 0, 0
    for start, end in placed:
        bases += max(0, end - max(start, reached))
        reached = max(reached, end)
    lengths = [1.0 if part.start is None or part.end is None else part.end - part.start for part in parts]
    depths = np.array([part.depth for part in parts])
    return Depths(depths, np.array(lengths, dtype=float), bases if placed else None)


def _genes(file: str, names: Sequence[str], lines: Iterator[tuple[int, str]]) -> Iterator[Part]:
    gene_at = next(names.index(name) for name in GENE_NAMES if name in names)
    depth_at = next((names.index(name) for name in DEPTH_NAMES if name in names), None)
    sample_at = next((names.index(name) for name in SAMPLE_NAMES if name in names), None)
    if depth_at is None:
        raise InputError(
            Problem(file=file, row=1, column="depth", message="is missing", remedy="add the mean depth of each gene")
        )
    for number, line in lines:
        cells = [cell.strip() for cell in re.split(r"[\t,;]", line)]
        needed = max(gene_at, depth_at, sample_at or 0)
        depth = _depth(cells[depth_at] if len(cells) > needed else "", file, number)
        yield Part(cells[sample_at] if sample_at is not None else ANY_SAMPLE, gene_called(cells[gene_at]), depth)


def _regions(file: str, build: str, lines: Iterator[tuple[int, str]]) -> Iterator[Part]:
    """Regions of mosdepth: chrom, start, end (0-based half-open), perhaps a name, mean depth."""
    spans = {gene: loci(build, "gene")[gene].span for gene in rules()}
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) < 4 or not (cells[1].isdigit() and cells[2].isdigit()):
            raise InputError(
                Problem(
                    file=file,
                    row=number,
                    value=line[:40],
                    message="is neither a region of mosdepth nor a table with the columns gene and depth",
                    remedy="give NAME.regions.bed.gz of mosdepth --by, or a table of gene and depth",
                )
            )
        start, end = int(cells[1]), int(cells[2])
        chrom = parse_chrom(cells[0])
        depth = _depth(cells[-1].strip(), file, number)
        for gene, span in spans.items():
            inside = max(start, span.start), min(end, span.end)
            if chrom == span.chrom and inside[0] < inside[1]:
                yield Part(ANY_SAMPLE, gene, depth, *inside)


def _depth(text: str, file: str, number: int) -> float:
    if not NUMBER.fullmatch(text):
        raise InputError(
            Problem(
                file=file,
                row=number,
                column="depth",
                value=text[:20],
                message="is not a depth",
                remedy="give the mean number of reads as a number",
            )
        )
    return float(text)
