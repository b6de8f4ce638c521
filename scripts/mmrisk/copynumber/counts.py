"""Reads counted by bin, in three tiers behind one table: from the index alone, from thin tiles, or all of them."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mmrisk.alignments import CORE_FIELDS, Alignments
from mmrisk.copynumber import bgzf, indexes, tiles, walk
from mmrisk.errors import InputError, Problem
from mmrisk.genome import CHROMOSOMES
from mmrisk.resource import facts

TIERS = ("auto", "index", "sampled", "full")
BIN = 100_000
FULL_BELOW = 2.0
"""Mean depth below which tiles hold too few reads, so that all are counted."""
FASTA_PIECES, FASTA_PIECE = 5, 1000
"""Places of a bin, and their length (bp), whose bases stand for its GC content."""
LEAST_READS = 1000
"""Fewer counted reads say nothing of a genome."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Reads by bin, sorted by position; arrays have one entry per bin.

    A bin stands for [start, end) of a chromosome (its number); `span` are the bp that were read of it. `kept` are
    reads that start in them with enough mapping quality, `low` those without; `gc` is the GC content, NaN if unknown.
    `on_target` says of a capture which bins are targets, counted apart from the stretches beside them.
    """

    build: str
    tier: str
    chrom: Ints
    start: Ints
    end: Ints
    span: Ints
    kept: Ints
    low: Ints
    gc: Floats
    on_target: npt.NDArray[np.bool_] | None = None


@cache
def threshold(name: str) -> float:
    """A number of resources/read_thresholds.tsv."""
    return {row["name"]: float(row["value"]) for row in facts("read_thresholds.tsv")}[name]


def count_reads(
    reads: Alignments, *, tier: str = "auto", source: str = "wgs", targets: Path | None = None, threads: int = 1
) -> Counts:
    """Reads of a file by bin; with the BED of its `targets` all reads, those on targets apart from the others.

    Raises `InputError` where the file is damaged or as good as empty.
    """
    from mmrisk.copynumber.captures import count_capture, read_targets

    chosen = choose_tier(reads, source) if tier == "auto" else tier
    spans = read_targets(targets, reads.build) if targets is not None and chosen == "full" else None
    try:
        if spans is not None:
            counts = count_capture(reads, spans, threads=threads)
        elif chosen == "index":
            counts = from_index(reads)
        elif chosen == "sampled" and reads.kind == "bam":
            counts = tiles.from_bam(reads)
        elif chosen == "sampled":
            counts = tiles.from_cram(reads)
        else:
            counts = full(reads, threads=threads)
    except bgzf.DamagedError as what:
        raise bgzf.damaged(reads.path, what) from None
    if reads.reference is not None and np.isnan(counts.gc).all():
        counts = replace(counts, gc=gc_of_reference(counts, reads))
    if counts.kept.sum() + counts.low.sum() < LEAST_READS:
        raise InputError(
            Problem(
                file=reads.path.name,
                value=str(int(counts.kept.sum())),
                message="reads are all that can be counted",
                remedy=f"give at least {LEAST_READS} mapped reads; is the file cut down to a region?",
            )
        )
    return counts


def gc_of_reference(counts: Counts, reads: Alignments) -> Floats:
    """GC content of each bin from its FASTA, at some places of the bin; for files whose bases are not decoded."""
    import pysam

    found = np.full(len(counts.start), np.nan)
    with pysam.FastaFile(str(reads.reference)) as fasta:
        known = set(fasta.references)
        for number, (code, start, end) in enumerate(zip(counts.chrom, counts.start, counts.end, strict=True)):
            name = reads.names[CHROMOSOMES[code]]
            if name not in known:
                continue
            strong = weak = 0
            for place in np.linspace(start, max(start, end - FASTA_PIECE), FASTA_PIECES).astype(int):
                bases = fasta.fetch(name, int(place), int(min(place + FASTA_PIECE, end))).upper()
                strong += bases.count("G") + bases.count("C")
                weak += bases.count("A") + bases.count("T")
            if strong + weak:
                found[number] = strong / (strong + weak)
    return found


def choose_tier(reads: Alignments, source: str) -> str:
    """Tiles for deep genomes, everything for low-pass, exomes and panels."""
    if source != "wgs" or tiles.mean_depth(reads) < FULL_BELOW:
        return "full"
    return "sampled"


def full(reads: Alignments, *, threads: int = 1) -> Counts:
    """Every read, in bins of 100 kb."""
    chroms = [chrom for chrom in CHROMOSOMES if chrom in reads.names]
    bins = {chrom: -(-reads.lengths[chrom] // BIN) for chrom in chroms}
    offset = dict(zip(chroms, np.cumsum([0, *bins.values()])[:-1], strict=True))
    first = np.zeros(len(contigs(reads)), dtype=np.int64)
    last = np.zeros(len(first), dtype=np.int64)
    for number, chrom in enumerate(contigs(reads)):
        if chrom is not None:
            first[number], last[number] = offset[chrom], offset[chrom] + bins[chrom]
    kept, low, gc, bases = (np.zeros(sum(bins.values()), dtype=np.int64) for _ in range(4))
    for data in all_records(reads, threads=threads):
        walk.count_bins(np.frombuffer(data, np.uint8), first, last, BIN, kept, low, gc, bases)
    start = np.concatenate([np.arange(count) * BIN for count in bins.values()])
    end = np.concatenate([np.minimum((np.arange(bins[c]) + 1) * BIN, reads.lengths[c]) for c in chroms])
    return Counts(
        build=reads.build,
        tier="full",
        chrom=np.repeat([CHROMOSOMES.index(chrom) for chrom in chroms], list(bins.values())),
        start=start,
        end=end,
        span=end - start,
        kept=kept,
        low=low,
        gc=share(gc, bases),
    )


def contigs(reads: Alignments) -> list[str | None]:
    """Chromosome of each contig in the order of the header, None for other contigs."""
    chrom_of = {name: chrom for chrom, name in reads.names.items()}
    with reads.open(required_fields=CORE_FIELDS) as handle:
        return [chrom_of.get(name) for name in handle.references]


def share(part: Ints, whole: Ints) -> Floats:
    """Quotient, NaN where there is nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def all_records(reads: Alignments, *, threads: int = 1) -> Iterator[bytes]:
    """Whole records of a file in batches."""
    if reads.kind == "bam":
        with reads.path.open("rb") as handle:
            yield from bgzf.records(handle, threads=threads)
    else:
        yield from cram_records(reads)


def cram_records(reads: Alignments, places: list[tuple[str, int, int]] | None = None) -> Iterator[bytes]:
    """Records of a CRAM (of all of it, or of places: contig, start, end), without names, bases and qualities.

    Another process decodes, so that no Python loop touches a read; only the fields that counting needs are decoded,
    which takes no FASTA.
    """
    with tempfile.TemporaryDirectory(prefix="mmrisk-") as folder:
        words = ["-u", "--input-fmt-option", f"required_fields={CORE_FIELDS:#x}", "-F", hex(walk.LEFT_OUT)]
        if places is not None:
            bed = Path(folder) / "places.bed"
            bed.write_text("".join(f"{name}\t{start}\t{end}\n" for name, start, end in places))
            words += ["-M", "-L", str(bed)]
        words += ["-X", str(reads.path), str(reads.index)]
        child = "import sys, pysam; pysam.view(*sys.argv[1:], catch_stdout=False)"
        with (Path(folder) / "errors").open("w+b") as errors:
            command = [sys.executable, "-I", "-c", child, *words]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
                assert process.stdout is not None  # noqa: S101  it is a pipe
                yield from bgzf.records(process.stdout)
            if process.returncode:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()
                raise bgzf.DamagedError(f"it cannot be decoded ({said[-1] if said else process.returncode})")


def from_index(reads: Alignments) -> Counts:
    """What the index alone tells: preview and cross-check; duplicates and low mapping quality count too."""
    return _from_containers(reads) if reads.kind == "cram" else _from_bai(reads)


def _from_containers(reads: Alignments) -> Counts:
    """Slices of a CRAM as bins: each holds a known number of records, up to where the next begins."""
    found = indexes.read_containers(reads.path, reads.index)
    rows: list[tuple[int, int, int, int]] = []
    for number, chrom in enumerate(contigs(reads)):
        here = np.flatnonzero(found.contig == number)
        if chrom is None or not len(here):
            continue
        here = here[np.argsort(found.start[here], kind="stable")]
        start, records = found.start[here], found.records[here]
        last = start[-1] + found.span[here[-1]]
        end = np.append(start[1:], max(last, start[-1] + 1))
        code = CHROMOSOMES.index(chrom)
        rows += [(code, int(a), int(b), int(n)) for a, b, n in zip(start, end, records, strict=True) if b > a]
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4)
    return index_counts(reads, table)


def _from_bai(reads: Alignments) -> Counts:
    """Whole chromosomes of a BAM, counted exactly by its index; arms by the bytes between 16-kb windows.

    Bytes per read fall with depth, so their logarithm is fitted to that of the reads per bp over chromosomes.
    """
    with reads.open() as handle:
        mapped = [entry.mapped for entry in handle.get_index_statistics()]
    rows = [
        (CHROMOSOMES.index(chrom), 0, reads.lengths[chrom], mapped[number])
        for number, chrom in enumerate(contigs(reads))
        if chrom is not None
    ]
    return index_counts(reads, np.array(sorted(rows), dtype=np.int64).reshape(-1, 4))


def index_counts(reads: Alignments, table: Ints) -> Counts:
    """Counts from rows of chromosome, start, end, reads."""
    chrom, start, end, number = table.T
    return Counts(
        build=reads.build,
        tier="index",
        chrom=chrom,
        start=start,
        end=end,
        span=end - start,
        kept=number,
        low=np.zeros_like(number),
        gc=np.full(len(number), np.nan),
    )
