"""Allele shares of segments from heterozygous sites of a VCF: loss of heterozygosity, also without loss of copies."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.allele_likelihood import fit_spread, lesser_share
from mmrisk.copynumber.counts import threshold
from mmrisk.errors import InputError, Problem
from mmrisk.genome import CHROMOSOMES, parse_chrom

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sites:
    """Heterozygous sites, sorted: chromosome number, 0-based position, reads of the other allele, reads of both.

    `least` reads of each allele were needed to find a site (0: found by other means).
    """

    chrom: Ints
    position: Ints
    alternative: Ints
    depth: Ints
    least: int = 0


@dataclass(frozen=True, slots=True)
class AlleleShares:
    """Share of the lesser allele of each segment, and the least that fits as well; NaN where few sites tell."""

    share: Floats
    least: Floats

    @classmethod
    def unknown(cls, number: int) -> "AlleleShares":
        """Shares of segments without sites."""
        return cls(np.full(number, np.nan), np.full(number, np.nan))

    @property
    def error(self) -> Floats:
        """Standard error: the likelihood of the least share is lower by so many units, as of a normal distribution."""
        return (self.share - self.least) / np.sqrt(2 * threshold("balanced_support"))


def read_sites(path: Path, *, samples: tuple[str, ...]) -> Sites:
    """Heterozygous single-base sites (GT 0/1, AD) of a VCF or BCF. Raises `InputError`.

    `samples` are the names that the reads' own sample may have in the VCF.
    """
    import pysam

    rows: list[tuple[int, int, int, int]] = []
    try:
        with pysam.VariantFile(str(path)) as handle:
            name = _sample(path, list(handle.header.samples), samples)
            for record in handle:
                chrom, call = parse_chrom(record.contig), record.samples[name]
                if chrom is None or record.alts is None or len(record.alts) != 1 or len(record.alts[0]) != 1:
                    continue
                if len(record.ref or "") != 1 or sorted(a for a in call.get("GT", ()) if a is not None) != [0, 1]:
                    continue
                counts = tuple(call.get("AD", ()) or ())
                if len(counts) == 2 and None not in counts and sum(counts) >= threshold("site_depth"):
                    rows.append((CHROMOSOMES.index(chrom), record.start, counts[1], sum(counts)))
    except (OSError, ValueError) as error:
        raise _problem(
            path, f"cannot be read as VCF or BCF ({error})", "give the germline calls of the sample"
        ) from None
    if not rows:
        raise _problem(path, "holds no heterozygous site with reads of both alleles (GT, AD)", "call germline variants")
    table = np.array(sorted(rows), dtype=np.int64)
    return sites_of(table)


def sites_of(table: Ints, *, least: int = 0) -> Sites:
    """Sites from rows of chromosome number, position, reads of one allele, reads of both."""
    chrom, position, alternative, depth = np.ascontiguousarray(table.T)
    return Sites(chrom, position, alternative, depth, least)


def _sample(path: Path, names: list[str], wanted: tuple[str, ...]) -> str:
    """The reads' own sample: alleles of another person, or of normal cells, would be taken for those of the tumour."""
    found = [name for name in names if name in wanted]
    if len(found) == 1:
        return found[0]
    held = f"{', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''}" or "no sample"
    if found:
        raise _problem(path, f"holds {held}: more than one has a name of the reads", "name it in variant_sample")
    said = f"holds {held}, but the reads are those of {' or '.join(dict.fromkeys(wanted))}"
    raise _problem(
        path, said, "give calls with the reads of this sample; if it has another name, put it in variant_sample"
    )


def _problem(path: Path, message: str, remedy: str) -> InputError:
    return InputError(Problem(file=path.name, column="snps", message=message, remedy=remedy))


def segment_shares(sites: Sites, chrom: Ints, start: Ints, end: Ints) -> AlleleShares:
    """Shares of the lesser allele of segments."""
    parts = []
    for code, low, high in zip(chrom, start, end, strict=True):
        here = slice(*np.searchsorted(sites.chrom, [code, code + 1]))
        first, last = np.searchsorted(sites.position[here], [low, high])
        inside = slice(here.start + first, here.start + last)
        parts.append((sites.alternative[inside], sites.depth[inside]))
    spread = fit_spread(parts, least=sites.least)
    shares = np.array([lesser_share(*part, least=sites.least, spread=spread) for part in parts]).reshape(-1, 2)
    return AlleleShares(shares[:, 0], shares[:, 1])


def minor_copies(share: Floats, copies: Floats, purity: float) -> Floats:
    """Copies of the lesser allele in tumour cells, from its share in the material and the copies in tumour cells."""
    whole = purity * copies + 2 * (1 - purity)
    return np.clip((share * whole - (1 - purity)) / purity, 0.0, None)
