"""Paired reads of a known genome as BAM: copies, clones, purity, allele shares, GC waves, duplicates, low MAPQ.

Reads are written as an aligner would place them, sorted, with Illumina-like names and qualities.
Same truth, same bytes.
"""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import deflate
import numba
import numpy as np
import numpy.typing as npt

from mmrisk.alignments import BAM_END
from mmrisk.genome import CHROMOSOMES, chrom_lengths
from mmrisk.simulate.reference import MEAN_GC, WINDOW, allele_at, base_at, gc_content, masked, mix
from mmrisk.simulate.truth import Truth

CHUNK = 1_000_000
NAME = 40
"""Bytes of a read name with its final NUL: `A00111:222:SYNTHETIC:L:TTTT:XXXXX:YYYYY`, padded."""
TAG = b"RGZr\x00"
BLOCK = 0xFF00
Records = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads of one chunk; arrays have one entry per read, sorted by position."""

    position: Ints
    mate: Ints
    span: Ints
    flag: Ints
    quality: Ints
    haplotype: Ints
    fragment: Ints

    def part(self, chosen: npt.NDArray) -> "Reads":
        """The reads chosen (mask or order)."""
        return Reads(*(getattr(self, name)[chosen] for name in self.__slots__))

    def joined(self, other: "Reads") -> "Reads":
        """Both, in order of position."""
        both = Reads(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))
        return both.part(np.lexsort((both.flag, both.fragment, both.position)))


def simulate_reads(truth: Truth, path: Path, *, threads: int = 2, level: int = 6) -> int:
    """Write a BAM and its index; returns the number of records."""
    import pysam

    from mmrisk.simulate.junction_reads import junction_records

    extra = junction_records(truth)
    written = 0
    with path.open("wb") as handle:
        out = _Bgzf(handle, threads=threads, level=level)
        out.write(bam_header(truth))
        for number, chrom in enumerate(truth.chromosomes):
            for start, reads in _chunks(truth, chrom):
                records = _encode(truth, number, chrom, reads)
                joined = [r for r in extra if r[0] == number and start <= r[1] < start + CHUNK]
                written += len(records) + len(joined)
                out.write(_insert(records, reads.position, joined))
        out.close()
    pysam.index(str(path))
    return written


def bam_header(truth: Truth) -> bytes:
    """The header of the BAM."""
    lengths = chrom_lengths(truth.build)
    text = "@HD\tVN:1.6\tSO:coordinate\n"
    text += "".join(f"@SQ\tSN:chr{chrom}\tLN:{lengths[chrom]}\n" for chrom in truth.chromosomes)
    text += f"@RG\tID:r\tSM:{truth.sample}\n@CO\tsynthetic reads of mmrisk, not of a patient\n"
    parts = [b"BAM\x01", np.int32(len(text)).tobytes(), text.encode(), np.int32(len(truth.chromosomes)).tobytes()]
    for chrom in truth.chromosomes:
        name = f"chr{chrom}\0".encode()
        parts += [np.int32(len(name)).tobytes(), name, np.int32(lengths[chrom]).tobytes()]
    return b"".join(parts)


def coverage(truth: Truth, chrom: str, library_seed: int = 0) -> npt.NDArray[np.float64]:
    """Expected coverage of each window relative to two copies: copies, GC bias, waves, masked spans."""
    length = chrom_lengths(truth.build)[chrom]
    windows = -(-length // WINDOW)
    relative = np.ones(windows)
    for start, end, copies, _ in truth.pieces(chrom):
        relative[start // WINDOW : -(-end // WINDOW)] = copies / 2
    library = truth.library
    relative *= np.exp(library.gc_slope * (gc_content(truth.build, chrom)[:windows] - MEAN_GC))
    if library.wave:
        rng = np.random.default_rng([truth.seed, library_seed, CHROMOSOMES.index(chrom), 7])
        knots = rng.normal(0.0, library.wave, length // library.wave_length + 3)
        middles = (np.arange(windows) + 0.5) * WINDOW
        relative *= np.exp(np.interp(middles, np.arange(len(knots)) * library.wave_length, knots))
    if truth.targets:
        relative *= _caught(truth, chrom, windows)
    for low, high in masked(truth.build, chrom):
        relative[low // WINDOW : -(-high // WINDOW)] = 0.0
    return relative


def _caught(truth: Truth, chrom: str, windows: int) -> npt.NDArray[np.float64]:
    """What baits catch of each window: those of an assay are the same in all its samples."""
    caught = np.full(windows, truth.library.beside_targets)
    for place in (place for place in truth.targets if place.chrom == chrom):
        rng = np.random.default_rng([CHROMOSOMES.index(chrom), place.start, 23])
        spread = truth.library.bait_spread
        caught[place.start // WINDOW : -(-place.end // WINDOW)] = np.exp(rng.normal(-(spread**2) / 2, spread))
    return caught


def _chunks(truth: Truth, chrom: str) -> Iterator[tuple[int, Reads]]:
    """Reads of a chromosome, a chunk at a time; a mate beyond the chunk waits for its own."""
    length, library = chrom_lengths(truth.build)[chrom], truth.library
    relative = coverage(truth, chrom)
    minor_share = np.full(len(relative), 0.5)
    for start, end, copies, minor in truth.pieces(chrom):
        minor_share[start // WINDOW : -(-end // WINDOW)] = minor / copies if copies else 0.5
    unique = _mapping_quality(chrom, len(relative), library.low_mapq)
    rate = truth.depth / (2 * library.read_length) * WINDOW * (1 - library.duplicates)
    code, waiting = CHROMOSOMES.index(chrom), None
    for start in range(0, length, CHUNK):
        rng = np.random.default_rng([truth.seed, code, start])
        first, last = start // WINDOW, min(start + CHUNK, length) // WINDOW
        counts = rng.poisson(rate * relative[first:last])
        begin = np.repeat(np.arange(first, last) * WINDOW, counts) + rng.integers(0, WINDOW, counts.sum())
        size = np.maximum(
            library.read_length, rng.normal(library.fragment, library.fragment_sd, len(begin)).astype(int)
        )
        haplotype = (rng.random(len(begin)) >= minor_share[begin // WINDOW]).astype(np.int64)
        copied = np.flatnonzero(rng.random(len(begin)) < library.duplicates / (1 - library.duplicates))
        order = np.concatenate([np.arange(len(begin)), copied])
        duplicate = np.arange(len(order)) >= len(begin)
        begin, size, haplotype = begin[order], size[order], haplotype[order]
        inside = begin + size < length
        reads = _pairs(
            begin[inside], size[inside], haplotype[inside], duplicate[inside], rng, unique, library.read_length, start
        )
        reads = reads if waiting is None else waiting.joined(reads)
        now = reads.position < start + CHUNK
        waiting = reads.part(~now)
        yield start, reads.part(now)


def _mapping_quality(chrom: str, windows: int, share: float) -> Ints:
    """Mapping quality of each window: 0 in runs of four windows, as in repeats."""
    rng = np.random.default_rng([CHROMOSOMES.index(chrom), 11])
    low = np.repeat(rng.random(windows // 4 + 1) < share, 4)[:windows]
    return np.where(low, 0, 60)


def _pairs(
    begin: Ints,
    size: Ints,
    haplotype: Ints,
    duplicate: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    unique: Ints,
    read_length: int,
    start: int,
) -> Reads:
    """Both reads of each fragment, in order of position."""
    second = begin + size - read_length
    swapped = rng.random(len(begin)) < 0.5
    left = np.where(swapped, 163, 99) + 1024 * duplicate
    right = np.where(swapped, 83, 147) + 1024 * duplicate
    fragment = np.arange(len(begin), dtype=np.int64) + (np.int64(start // CHUNK) << 24)
    reads = Reads(
        np.concatenate([begin, second]),
        np.concatenate([second, begin]),
        np.concatenate([size, -size]),
        np.concatenate([left, right]),
        unique[np.concatenate([begin, second]) // WINDOW],
        np.concatenate([haplotype, haplotype]),
        np.concatenate([fragment, fragment]),
    )
    return reads.part(np.lexsort((reads.flag, reads.fragment, reads.position)))


def _encode(truth: Truth, number: int, chrom: str, reads: Reads) -> Records:
    """BAM records, one row each."""
    code = CHROMOSOMES.index(chrom)
    return _records(
        number,
        code,
        np.uint64(truth.seed),
        truth.library.read_length,
        truth.library.error_rate,
        gc_content(truth.build, chrom),
        reads.position,
        reads.mate,
        reads.span,
        reads.flag,
        reads.quality,
        reads.haplotype,
        reads.fragment,
    )


@numba.njit(cache=True, inline="always")
def _put32(row, at, value):  # type: ignore[no-untyped-def]
    value = np.int64(value)
    for byte in range(4):
        row[at + byte] = np.uint8((value >> (8 * byte)) & 255)


@numba.njit(cache=True)
def bin_of(start, end):  # type: ignore[no-untyped-def]
    """Bin of the BAI scheme (SAM specification 5.3)."""
    end -= 1
    if start >> 14 == end >> 14:
        return 4681 + (start >> 14)
    if start >> 17 == end >> 17:
        return 585 + (start >> 17)
    if start >> 20 == end >> 20:
        return 73 + (start >> 20)
    if start >> 23 == end >> 23:
        return 9 + (start >> 23)
    if start >> 26 == end >> 26:
        return 1 + (start >> 26)
    return 0


@numba.njit(cache=True, inline="always")
def _put_digits(row, at, value, digits):  # type: ignore[no-untyped-def]
    for place in range(digits):
        row[at + digits - 1 - place] = np.uint8(48 + value % 10)
        value //= 10


@numba.njit(cache=True)
def _records(number, code, seed, length, error_rate, gc, position, mate, span, flag, quality, haplotype, fragment):  # type: ignore[no-untyped-def]
    packed = (length + 1) // 2
    size = 36 + 40 + 4 + packed + length + 5
    out = np.zeros((len(position), size), np.uint8)
    prefix = np.array([65, 48, 48, 49, 49, 49, 58, 50, 50, 58, 83, 89, 78, 84, 72, 69, 84, 73, 67, 58], np.uint8)
    nibble = np.array([1, 2, 4, 8], np.uint8)
    threshold = np.uint64(error_rate * length * 4294967296.0)
    for index in range(len(position)):
        row, start = out[index], position[index]
        _put32(row, 0, size - 4)
        _put32(row, 4, number)
        _put32(row, 8, start)
        row[12], row[13] = 40, quality[index]
        where = bin_of(start, start + length)
        row[14], row[15] = where & 255, where >> 8
        row[16], row[18], row[19] = 1, flag[index] & 255, flag[index] >> 8
        _put32(row, 20, length)
        _put32(row, 24, number)
        _put32(row, 28, mate[index])
        _put32(row, 32, span[index])
        who = mix(seed * np.uint64(1000003) + (np.uint64(code) << np.uint64(48)) + np.uint64(fragment[index]))
        for at in range(20):
            row[36 + at] = prefix[at]
        row[56] = np.uint8(49 + who % np.uint64(4))
        row[57] = 58
        _put_digits(row, 58, np.int64(1101 + (who >> np.uint64(8)) % np.uint64(78)), 4)
        row[62] = 58
        _put_digits(row, 63, np.int64((who >> np.uint64(16)) % np.uint64(32000)), 5)
        row[68] = 58
        _put_digits(row, 69, np.int64(fragment[index] & 0xFFFFF) % 100000, 5)
        row[74] = np.uint8(65 + (fragment[index] >> 20) % 26)
        _put32(row, 76, (length << 4))
        noise = mix(who + np.uint64(flag[index]))
        wrong = np.int64(noise % np.uint64(length)) if (noise >> np.uint64(32)) < threshold else -1
        for offset in range(length):
            place = start + offset
            base = base_at(code, place, gc[place // WINDOW])
            base = allele_at(code, place, base, haplotype[index])
            if offset == wrong:
                base = (base + 1) % 4
            if offset % 2 == 0:
                row[80 + offset // 2] = nibble[base] << 4
            else:
                row[80 + offset // 2] |= nibble[base]
        at, bits = 80 + packed, noise
        for offset in range(length):
            if offset % 8 == 0:
                bits = mix(bits)
            byte = (bits >> np.uint64(8 * (offset % 8))) & np.uint64(255)
            row[at + offset] = 37 if byte >= np.uint64(16) else (25 if byte >= np.uint64(5) else 11)
        if wrong >= 0:
            row[at + wrong] = 11
        at += length
        row[at], row[at + 1], row[at + 2], row[at + 3] = 82, 71, 90, 114
    return out


def _insert(records: Records, position: Ints, extra: list[tuple[int, int, bytes]]) -> bytes:
    """Records with others of any length put in at their positions."""
    if not extra:
        return records.tobytes()
    parts, last = [], 0
    for _, where, record in sorted(extra):
        at = int(np.searchsorted(position, where))
        parts += [records[last:at].tobytes(), record]
        last = at
    return b"".join([*parts, records[last:].tobytes()])


class _Bgzf:
    """A BGZF writer: blocks compressed by threads, written in order."""

    def __init__(self, handle: BinaryIO, *, threads: int, level: int) -> None:
        self._handle, self._level, self._rest = handle, level, b""
        self._pool = ThreadPoolExecutor(threads)

    def write(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) - len(data) % BLOCK
        self._rest = data[whole:]
        view = memoryview(data)
        for block in self._pool.map(self._block, (view[at : at + BLOCK] for at in range(0, whole, BLOCK))):
            self._handle.write(block)

    def close(self) -> None:
        if self._rest:
            self._handle.write(self._block(memoryview(self._rest)))
        self._handle.write(BAM_END)
        self._pool.shutdown()

    def _block(self, data: memoryview) -> bytes:
        packed = bytes(deflate.deflate_compress(data, self._level))
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + np.uint16(len(packed) + 25).tobytes()
        return head + packed + np.uint32(zlib.crc32(data)).tobytes() + np.uint32(len(data)).tobytes()
