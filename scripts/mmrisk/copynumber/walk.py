"""The hot loops over uncompressed BAM records: count reads by bin, and find where records end."""

import numba
import numpy as np

LEFT_OUT = 0xF04
"""Flags of reads that do not count: unmapped, secondary, failed, duplicate, supplementary."""
MAPQ = 20
"""Least mapping quality of a read that is placed for certain."""
GC_EVERY = 4
"""The bases of one read in so many tell the GC content."""


BYTES = numba.types.Array(numba.uint8, 1, "C", readonly=True)
INTS = numba.types.Array(numba.int64, 1, "C")
GRID = numba.types.Array(numba.int64, 2, "C")
# signatures are given, so that compiled code is loaded with the module, once, and not at the first read


@numba.njit(cache=True, inline="always")
def int32_at(data, at):  # type: ignore[no-untyped-def]
    return np.int32(
        np.uint32(data[at])
        | np.uint32(data[at + 1]) << np.uint32(8)
        | np.uint32(data[at + 2]) << np.uint32(16)
        | np.uint32(data[at + 3]) << np.uint32(24)
    )


@numba.njit(numba.int64(BYTES), cache=True, nogil=True)
def _last_whole(data):  # type: ignore[no-untyped-def]
    at = 0
    while at + 4 <= len(data):
        size = int32_at(data, at)
        if size < 32 or at + 4 + size > len(data):
            break
        at += 4 + size
    return at


def last_whole(data: bytes) -> int:
    """End of the last whole record of some bytes."""
    return int(_last_whole(np.frombuffer(data, np.uint8)))


@numba.njit(cache=True, inline="always")
def _bases_at(data, at):  # type: ignore[no-untyped-def]
    """Where the packed bases of a record begin, behind its name and CIGAR."""
    return at + 36 + data[at + 12] + 4 * (np.int64(data[at + 16]) | np.int64(data[at + 17]) << 8)


@numba.njit(cache=True, inline="always")
def _gc_of(data, at, bases):  # type: ignore[no-untyped-def]
    """G and C among packed bases (4 bits each: C is 2, G is 4)."""
    found = 0
    for byte in range(at, at + bases // 2):
        high, low = data[byte] >> 4, data[byte] & 15
        found += (high == 2) | (high == 4)
        found += (low == 2) | (low == 4)
    return found


@numba.njit(numba.int64(BYTES, INTS, INTS, numba.int64, INTS, INTS, INTS, INTS), cache=True, nogil=True)
def count_bins(data, first_bin, last_bin, width, kept, low, gc, bases):  # type: ignore[no-untyped-def]
    """Count each read in the bin of its start.

    `first_bin` and `last_bin` give the slice of the count arrays of each contig (equal: not counted). `kept` counts
    reads of enough mapping quality, `low` the others; `gc` and `bases` are sums over the bases of some of `kept`.
    """
    at, number = 0, 0
    while at < len(data):
        size = int32_at(data, at)
        contig, start = int32_at(data, at + 4), int32_at(data, at + 8)
        flag = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if flag & LEFT_OUT == 0 and contig >= 0:
            where = first_bin[contig] + start // width
            if where < last_bin[contig]:
                if data[at + 13] >= MAPQ:
                    kept[where] += 1
                    number += 1
                    if number % GC_EVERY == 0:
                        length = int32_at(data, at + 20)
                        if length > 0:
                            gc[where] += _gc_of(data, _bases_at(data, at), length)
                            bases[where] += length - length % 2
                else:
                    low[where] += 1
        at += 4 + size
    return 0


@numba.njit(cache=True, inline="always")
def _span_of(position, first, last, starts, ends):  # type: ignore[no-untyped-def]
    """Number of the span that holds a position, among those from `first` up to `last`; -1 for none."""
    low, high = first, last
    while low < high:  # last span that starts at or before the position
        middle = (low + high) // 2
        if starts[middle] <= position:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low - 1 >= first and position < ends[low - 1] else -1


@numba.njit(numba.int64(BYTES, INTS, INTS, numba.int64, INTS, INTS, INTS, INTS, GRID), cache=True, nogil=True)
def count_parts(data, first_bin, last_bin, width, first, last, starts, ends, sums):  # type: ignore[no-untyped-def]
    """Count each read in one of two parts of the bin of its start: beside all spans (even places), or in one (odd).

    `first_bin` and `last_bin` give the slice of the bins of each contig, `first` and `last` that of its spans. Rows of
    `sums` are kept and low reads, G and C, and bases of some of those kept.
    """
    at, number = 0, 0
    while at < len(data):
        size = int32_at(data, at)
        contig, start = int32_at(data, at + 4), int32_at(data, at + 8)
        flag = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if flag & LEFT_OUT == 0 and contig >= 0:
            where = first_bin[contig] + start // width
            if where < last_bin[contig]:
                inside = _span_of(start, first[contig], last[contig], starts, ends) >= 0
                where = 2 * where + (1 if inside else 0)
                if data[at + 13] >= MAPQ:
                    sums[0, where] += 1
                    number += 1
                    length = int32_at(data, at + 20)
                    if number % GC_EVERY == 0 and length > 0:
                        sums[2, where] += _gc_of(data, _bases_at(data, at), length)
                        sums[3, where] += length - length % 2
                else:
                    sums[1, where] += 1
        at += 4 + size
    return 0


@numba.njit(numba.int64(BYTES, numba.int64, numba.int64, numba.int64, INTS), cache=True, nogil=True)
def count_tile(data, contig, start, end, sums):  # type: ignore[no-untyped-def]
    """Add the reads that start in a tile to `sums` (kept, low, G and C, bases).

    Returns the end of the last whole record, or -1 once a read at or beyond `end` is met.
    """
    at = 0
    while at + 36 <= len(data):
        size = int32_at(data, at)
        if size < 32 or at + 4 + size > len(data):
            break
        here, position = int32_at(data, at + 4), int32_at(data, at + 8)
        if here != contig or position >= end:
            return -1
        flag = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if position >= start and flag & LEFT_OUT == 0:
            if data[at + 13] >= MAPQ:
                sums[0] += 1
                length = int32_at(data, at + 20)
                if length > 0 and sums[0] % 2 == 0:
                    sums[2] += _gc_of(data, _bases_at(data, at), length)
                    sums[3] += length - length % 2
            else:
                sums[1] += 1
        at += 4 + size
    return at


@numba.njit(numba.int64(BYTES, INTS, INTS, INTS, INTS, INTS, INTS), cache=True, nogil=True)
def count_spans(data, first, last, starts, ends, kept, low):  # type: ignore[no-untyped-def]
    """Count each read in the span that holds its start.

    `first` and `last` give the slice of the spans of each contig; spans are sorted and do not overlap.
    """
    at = 0
    while at < len(data):
        size = int32_at(data, at)
        contig, position = int32_at(data, at + 4), int32_at(data, at + 8)
        flag = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if flag & LEFT_OUT == 0 and contig >= 0 and first[contig] < last[contig]:
            where = _span_of(position, first[contig], last[contig], starts, ends)
            if where >= 0:
                if data[at + 13] >= MAPQ:
                    kept[where] += 1
                else:
                    low[where] += 1
        at += 4 + size
    return 0
