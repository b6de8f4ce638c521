"""Heterozygous sites found in the tiles of a deep BAM: places where two bases are both read several times."""

import numba
import numpy as np
import numpy.typing as npt

from mmrisk.alignments import Alignments
from mmrisk.copynumber import bgzf, indexes, tiles
from mmrisk.copynumber.alleles import Sites, sites_of
from mmrisk.copynumber.counts import contigs, threshold
from mmrisk.copynumber.walk import BYTES, GRID, LEFT_OUT, MAPQ, int32_at
from mmrisk.genome import CHROMOSOMES

BASE_QUALITY = 20
Ints = npt.NDArray[np.int64]


@numba.njit(numba.int64(BYTES, numba.int64, numba.int64, numba.int64, GRID), cache=True, nogil=True)
def pile_up(data, contig, start, end, seen):  # type: ignore[no-untyped-def]
    """Add the bases of the reads that cover a tile to `seen` (A C G T by position of the tile).

    Returns the end of the last whole record, or -1 once a read beyond the tile is met.
    """
    at = 0
    while at + 36 <= len(data):
        size = int32_at(data, at)
        if size < 32 or at + 4 + size > len(data):
            break
        here, position = int32_at(data, at + 4), np.int64(int32_at(data, at + 8))
        if here != contig or position >= end:
            return -1
        flag = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if flag & LEFT_OUT == 0 and data[at + 13] >= MAPQ:
            steps = np.int64(data[at + 16]) | np.int64(data[at + 17]) << 8
            length = np.int64(int32_at(data, at + 20))
            cigar = at + 36 + np.int64(data[at + 12])
            bases = cigar + 4 * steps
            qualities = bases + (length + 1) // 2
            place, offset = position, np.int64(0)
            for step in range(steps):
                word = np.int64(int32_at(data, cigar + 4 * step)) & 0xFFFFFFFF
                code, count = word & 15, word >> 4
                if code == 0 or code == 7 or code == 8:  # M, =, X
                    for move in range(max(0, start - place), min(count, end - place)):
                        own = offset + move
                        if data[qualities + own] >= BASE_QUALITY:
                            base = data[bases + own // 2]
                            base = (base & 15) if own % 2 else (base >> 4)
                            if base == 1:
                                seen[0, place + move - start] += 1
                            elif base == 2:
                                seen[1, place + move - start] += 1
                            elif base == 4:
                                seen[2, place + move - start] += 1
                            elif base == 8:
                                seen[3, place + move - start] += 1
                    place += count
                    offset += count
                elif code == 1 or code == 4:  # I, S
                    offset += count
                elif code == 2 or code == 3:  # D, N
                    place += count
        at += 4 + size
    return at


def sites_in_tiles(reads: Alignments) -> Sites:
    """Heterozygous autosomal sites in the tiles of the sampled tier. Raises `InputError` where the file is damaged."""
    span = tiles.tile_span(reads)
    index = indexes.read_bai(reads.index)
    order = sorted((CHROMOSOMES.index(chrom), number) for number, chrom in enumerate(contigs(reads)) if chrom)
    rows: list[Ints] = []
    try:
        with bgzf.Reader(reads.path) as reader:
            for code, number in order:
                if CHROMOSOMES[code] in ("X", "Y"):
                    continue
                chrom = CHROMOSOMES[code]
                for start in tiles.tile_starts(chrom, reads.lengths[chrom], reads.build):
                    seen = np.zeros((4, span), dtype=np.int64)
                    _pile_up_tile(reader, index[number].offsets, number, int(start), seen)
                    rows.append(_sites(code, int(start), seen))
    except bgzf.DamagedError as what:
        raise bgzf.damaged(reads.path, what) from None
    table = np.concatenate(rows) if rows else np.zeros((0, 4), dtype=np.int64)
    return sites_of(table, least=int(threshold("site_reads")))


def _pile_up_tile(reader: bgzf.Reader, offsets: npt.NDArray[np.uint64], contig: int, start: int, seen: Ints) -> None:
    window = start // indexes.LINEAR
    if window >= len(offsets) or not offsets[window]:
        return
    rest = b""
    for content in reader.blocks(int(offsets[window])):
        data = rest + content if rest else content
        used = pile_up(np.frombuffer(data, np.uint8), contig, start, start + seen.shape[1], seen)
        if used < 0:
            return
        rest = data[used:]


def _sites(code: int, start: int, seen: Ints) -> Ints:
    """Chromosome, position, reads of the rarer and of both bases, where two and no third are read often enough."""
    ordered = np.sort(seen, axis=0)
    depth, rarer = ordered[3] + ordered[2], ordered[2]
    chosen = (depth >= threshold("site_depth")) & (rarer >= threshold("site_reads")) & (ordered[1] <= 1)
    at = np.flatnonzero(chosen)
    return np.stack([np.full(len(at), code), start + at, rarer[at], depth[at]], axis=1)
