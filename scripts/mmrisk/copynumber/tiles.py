"""The sampled tier: thin tiles over the genome, dense ones at the loci of the catalogue, found through the index.

A tile holds about as many reads at any depth, so that the precision decides the cost, not the depth.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mmrisk.alignments import Alignments
from mmrisk.copynumber import bgzf, indexes, walk
from mmrisk.genome import CHROMOSOMES, Interval, loci

if TYPE_CHECKING:
    from mmrisk.copynumber.counts import Counts

READS_PER_TILE = 200
SPACING = 14
"""One tile in so many windows of 16 kb away from the loci (229 kb)."""
AROUND_LOCUS = 1_000_000
LOCI = ("1q21", "CDKN2C", "FAM46C", "RB1", "13q14", "TRAF3", "CYLD", "16q22", "TP53", "8p22", "MYC", "BIRCs")
CRAM_SLICES = 600
"""Slices of a CRAM that are decoded: each holds 10,000 records."""
ASSUMED_LENGTH = 150
"""Read length for the choice of a tier (bp)."""
Ints = npt.NDArray[np.int64]


def mapped_reads(reads: Alignments) -> int:
    """Mapped reads of the chromosomes, from the index."""
    if reads.kind == "cram":
        return int(indexes.read_containers(reads.path, reads.index).records.sum())
    with reads.open() as handle:
        named = set(reads.names.values())
        return sum(entry.mapped for entry in handle.get_index_statistics() if entry.contig in named)


def mean_depth(reads: Alignments) -> float:
    """Mean depth of the chromosomes, from the index, at the usual read length."""
    return mapped_reads(reads) * ASSUMED_LENGTH / sum(reads.lengths.values())


def tile_span(reads: Alignments) -> int:
    """Length (bp) of a tile: that of so many reads at the depth of the file."""
    rate = mapped_reads(reads) / sum(reads.lengths.values())
    return int(np.clip(READS_PER_TILE / max(rate, 1e-9), 200, indexes.LINEAR))


def locus_windows(build: str) -> list[Interval]:
    """The catalogue's loci and 1 Mb to each side."""
    known = loci(build, "probe")
    spans = [known[name].span for name in LOCI if name in known]
    return [Interval(s.chrom, max(0, s.start - AROUND_LOCUS), s.end + AROUND_LOCUS) for s in spans]


def tile_starts(chrom: str, length: int, build: str) -> Ints:
    """Starts of the tiles of a chromosome, each at a window of the linear index."""
    window = indexes.LINEAR
    chosen = np.zeros(-(-length // window), dtype=bool)
    chosen[SPACING // 2 :: SPACING] = True
    for place in locus_windows(build):
        if place.chrom == chrom:
            chosen[place.start // window : -(-place.end // window)] = True
    return np.flatnonzero(chosen) * window


def from_bam(reads: Alignments) -> "Counts":
    """Count the reads of each tile of a BAM."""
    from mmrisk.copynumber.counts import contigs

    span = tile_span(reads)
    if reads.index.suffix != ".bai":
        return _from_csi(reads, span)
    index = indexes.read_bai(reads.index)
    order = sorted((CHROMOSOMES.index(chrom), number) for number, chrom in enumerate(contigs(reads)) if chrom)
    parts = []
    with bgzf.Reader(reads.path) as reader:
        for code, number in order:
            chrom = CHROMOSOMES[code]
            starts = tile_starts(chrom, reads.lengths[chrom], reads.build)
            sums = np.zeros((len(starts), 4), dtype=np.int64)
            for at, start in enumerate(starts):
                _count_tile(reader, index[number].offsets, number, int(start), int(start) + span, sums[at])
            parts.append((code, starts, sums))
    return _counts(reads, parts, span)


def _count_tile(
    reader: bgzf.Reader, offsets: npt.NDArray[np.uint64], contig: int, start: int, end: int, sums: Ints
) -> None:
    window = start // indexes.LINEAR
    if window >= len(offsets) or not offsets[window]:
        return
    rest = b""
    for content in reader.blocks(int(offsets[window])):
        data = rest + content if rest else content
        used = walk.count_tile(np.frombuffer(data, np.uint8), contig, start, end, sums)
        if used < 0:
            return
        rest = data[used:]


def _from_csi(reads: Alignments, span: int) -> "Counts":
    """The same through pysam, for the rare CSI index, which has no windows."""
    parts = []
    with reads.open() as handle:
        for code, chrom in enumerate(CHROMOSOMES):
            if chrom not in reads.names:
                continue
            starts = tile_starts(chrom, reads.lengths[chrom], reads.build)
            sums = np.zeros((len(starts), 4), dtype=np.int64)
            for at, start in enumerate(starts):
                for read in handle.fetch(reads.names[chrom], start, min(start + span, reads.lengths[chrom])):
                    if read.reference_start >= start and not read.flag & walk.LEFT_OUT:
                        kept = read.mapping_quality >= walk.MAPQ
                        sums[at, 0 if kept else 1] += 1
                        if kept and read.query_sequence and sums[at, 0] % 2 == 0:
                            sums[at, 2] += sum(map(read.query_sequence.count, "GC"))
                            sums[at, 3] += len(read.query_sequence)
            parts.append((code, starts, sums))
    return _counts(reads, parts, span)


def _counts(reads: Alignments, parts: list[tuple[int, Ints, Ints]], span: int) -> "Counts":
    """Tiles as bins: each stands for the stretch up to halfway to its neighbours."""
    from mmrisk.copynumber.counts import Counts, share

    chrom = np.concatenate([np.full(len(starts), code) for code, starts, _ in parts])
    start = np.concatenate([starts for _, starts, _ in parts])
    sums = np.concatenate([sums for _, _, sums in parts])
    low, high = [], []
    for code, starts, _ in parts:
        middle = (starts[1:] + starts[:-1] + span) // 2
        low.append(np.concatenate([[0], middle]))
        high.append(np.concatenate([middle, [reads.lengths[CHROMOSOMES[code]]]]))
    lengths = np.array([reads.lengths.get(chrom, 0) for chrom in CHROMOSOMES])
    return Counts(
        build=reads.build,
        tier="sampled",
        chrom=chrom,
        start=np.concatenate(low),
        end=np.concatenate(high),
        span=np.minimum(start + span, lengths[chrom]) - start,
        kept=sums[:, 0],
        low=sums[:, 1],
        gc=share(sums[:, 2], sums[:, 3]),
    )


def from_cram(reads: Alignments) -> "Counts":
    """Count the reads of some whole slices of a CRAM: evenly over the genome, and all that touch a locus."""
    from mmrisk.copynumber.counts import Counts, contigs, cram_records

    found = indexes.read_containers(reads.path, reads.index)
    names = contigs(reads)
    rows = []
    for number, chrom in enumerate(names):
        here = np.flatnonzero(found.contig == number)
        if chrom is None or not len(here):
            continue
        here = here[np.argsort(found.start[here], kind="stable")]
        start = found.start[here]
        end = np.append(start[1:], start[-1] + max(found.span[here[-1]], 1))
        step = max(1, int((found.contig >= 0).sum()) // CRAM_SLICES)
        chosen = np.arange(len(here)) % step == step // 2 % step
        for place in locus_windows(reads.build):
            if place.chrom == chrom:
                chosen |= (start < place.end) & (end > place.start)
        rows += [(CHROMOSOMES.index(chrom), int(a), int(b)) for a, b in zip(start[chosen], end[chosen], strict=True)]
    tiles = np.array(sorted(row for row in rows if row[2] > row[1]), dtype=np.int64).reshape(-1, 3)
    codes, begin, end = (np.ascontiguousarray(column) for column in tiles.T)
    kept, low = np.zeros(len(tiles), dtype=np.int64), np.zeros(len(tiles), dtype=np.int64)
    first = np.array([np.searchsorted(tiles[:, 0], CHROMOSOMES.index(c)) if c else 0 for c in names])
    last = np.array([np.searchsorted(tiles[:, 0], CHROMOSOMES.index(c), "right") if c else 0 for c in names])
    places = [(reads.names[CHROMOSOMES[code]], int(a), int(b)) for code, a, b in tiles]
    for data in cram_records(reads, places):
        walk.count_spans(np.frombuffer(data, np.uint8), first, last, begin, end, kept, low)
    same = np.diff(codes, append=-1) == 0
    middle = np.where(same, (end + np.roll(begin, -1)) // 2, [reads.lengths[CHROMOSOMES[code]] for code in codes])
    starts = np.where(np.diff(codes, prepend=-1) == 0, np.roll(middle, 1), 0)
    return Counts(
        build=reads.build,
        tier="sampled",
        chrom=codes,
        start=starts,
        end=middle,
        span=end - begin,
        kept=kept,
        low=low,
        gc=np.full(len(kept), np.nan),
    )
