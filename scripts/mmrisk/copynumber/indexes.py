"""What the indexes of BAM and CRAM tell without a read: counts per contig, offsets, records per container."""

import gzip
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mmrisk.errors import InputError, Problem

LINEAR = 1 << 14
"""Window (bp) of the linear index."""
PSEUDO_BIN = 37450
HEADER_BYTES = 96
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BaiContig:
    """One contig of a BAI: virtual offset of each 16-kb window, and the number of mapped reads (-1: not told)."""

    offsets: npt.NDArray[np.uint64]
    mapped: int


def read_bai(path: Path) -> list[BaiContig]:
    """Contigs of a BAI, in the order of the header. Raises `InputError`."""
    data = path.read_bytes()
    try:
        return _bai(data)
    except (struct.error, ValueError):
        raise _broken(path) from None


def _bai(data: bytes) -> list[BaiContig]:
    if data[:4] != b"BAI\x01":
        raise ValueError
    (contigs,), at, found = struct.unpack_from("<i", data, 4), 8, []
    for _ in range(contigs):
        (bins,), mapped = struct.unpack_from("<i", data, at), 0
        at += 4
        for _ in range(bins):
            number, chunks = struct.unpack_from("<Ii", data, at)
            if number == PSEUDO_BIN:
                mapped = struct.unpack_from("<Q", data, at + 24)[0]
            at += 8 + 16 * chunks
        (windows,) = struct.unpack_from("<i", data, at)
        offsets = np.frombuffer(data, "<u8", windows, at + 4)
        at += 4 + 8 * windows
        found.append(BaiContig(offsets, mapped))
    return found


@dataclass(frozen=True, slots=True)
class Containers:
    """Pieces of a CRAM: contig number, start (0-based), span (bp), offset in the file, records; sorted as in the file.

    `records` is 0 in all but the first piece of a container that holds more than one contig.
    """

    contig: Ints
    start: Ints
    span: Ints
    offset: Ints
    records: Ints


def read_containers(cram: Path, crai: Path) -> Containers:
    """Slices of a CRAM, from its index, and the records of each container, from the containers' headers."""
    try:
        with gzip.open(crai, "rt") as handle:
            rows = [tuple(map(int, line.split("\t")[:4])) for line in handle if line.strip()]
    except (OSError, EOFError, ValueError, UnicodeDecodeError):
        raise _broken(crai) from None
    table = np.array([row for row in rows if len(row) == 4], dtype=np.int64).reshape(-1, 4)
    offsets, first = np.unique(table[:, 3], return_index=True)
    records = np.zeros(len(table), dtype=np.int64)
    file = os.open(cram, os.O_RDONLY)
    try:
        major = os.pread(file, 5, 0)[4]
        for offset, row in zip(offsets, first, strict=True):
            records[row] = _container_records(os.pread(file, HEADER_BYTES, int(offset)), major)
    except (IndexError, struct.error):
        raise InputError(
            Problem(file=cram.name, message="has a damaged container", remedy="copy it again, then index it")
        ) from None
    finally:
        os.close(file)
    return Containers(table[:, 0], table[:, 1] - 1, table[:, 2], table[:, 3], _shared(table, records))


def _shared(table: Ints, records: Ints) -> Ints:
    """Spread the records of a container over its slices by their spans (slices of one contig hold equal numbers)."""
    for offset in np.unique(table[:, 3][np.diff(table[:, 3], prepend=-1) == 0]):
        slices = np.flatnonzero(table[:, 3] == offset)
        total, span = records[slices].sum(), np.maximum(table[slices, 2], 1)
        parts = np.floor(total * span / span.sum()).astype(np.int64)
        parts[0] += total - parts.sum()
        records[slices] = parts
    return records


def _container_records(head: bytes, major: int) -> int:
    """Number of records of a container, from the start of its header (CRAM specification 7.1)."""
    at = 4
    for _ in range(3):  # contig, start, span
        _, at = _itf8(head, at)
    count, _ = _itf8(head, at)
    return count


def _itf8(data: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 5 bytes, and where the next begins."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    if first < 0xC0:
        return (first & 0x3F) << 8 | data[at + 1], at + 2
    if first < 0xE0:
        return (first & 0x1F) << 16 | data[at + 1] << 8 | data[at + 2], at + 3
    if first < 0xF0:
        return (first & 0x0F) << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3], at + 4
    return (
        (first & 0x0F) << 28 | data[at + 1] << 20 | data[at + 2] << 12 | data[at + 3] << 4 | data[at + 4] & 0x0F,
        at + 5,
    )


def _broken(path: Path) -> InputError:
    return InputError(
        Problem(file=path.name, message="cannot be read as an index", remedy="run `samtools index` again")
    )
