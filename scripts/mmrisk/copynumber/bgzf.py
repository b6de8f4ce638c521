"""Uncompressed BAM records from a BAM file, from parts of one, or from a stream: BGZF blocks inflated and checked."""

import os
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import deflate

from mmrisk.errors import InputError, Problem

BATCH = 1 << 20
"""Compressed bytes read at once."""
HEADER, FOOTER = 18, 8
LARGEST_BLOCK = 1 << 16
SMALL_BATCH = 1 << 15


class DamagedError(Exception):
    """A block that cannot be what was written."""


def block_size(data: memoryview, at: int) -> int:
    """Size of the block that starts at `at`, 0 where its header is not whole. Raises `DamagedError`."""
    if len(data) - at < HEADER:
        return 0
    if data[at : at + 4] != b"\x1f\x8b\x08\x04":
        raise DamagedError("no BGZF block where one should be")
    extra = data[at + 10] | data[at + 11] << 8
    if extra == 6:
        return (data[at + 16] | data[at + 17] << 8) + 1
    field, end = at + 12, at + 12 + extra
    while field + 4 <= min(end, len(data)):
        length = data[field + 2] | data[field + 3] << 8
        if data[field : field + 2] == b"BC":
            return (data[field + 4] | data[field + 5] << 8) + 1
        field += 4 + length
    raise DamagedError("a gzip block without its BGZF size")


def inflate(block: memoryview) -> bytearray:
    """Content of a block, its size and CRC checked. Raises `DamagedError`."""
    start = 12 + (block[10] | block[11] << 8)
    crc, size = struct.unpack_from("<II", block, len(block) - FOOTER)
    if size > LARGEST_BLOCK:
        raise DamagedError("a block larger than BGZF allows")
    if size == 0:
        return bytearray()
    try:
        content = deflate.deflate_decompress(block[start : len(block) - FOOTER], size)
    except deflate.DeflateError:
        raise DamagedError("a block that cannot be inflated") from None
    if len(content) != size or deflate.crc32(content) != crc:
        raise DamagedError("a block whose checksum is wrong")
    return content


def whole_blocks(data: memoryview) -> tuple[list[memoryview], int]:
    """The whole blocks at the start of some bytes, and the number of bytes that they take."""
    blocks, at = [], 0
    while size := block_size(data, at):
        if at + size > len(data):
            break
        blocks.append(data[at : at + size])
        at += size
    return blocks, at


def stream(handle: IO[bytes], *, threads: int = 1) -> Iterator[bytes]:
    """Content of a BGZF stream in batches. Raises `DamagedError`."""
    rest = b""
    pool: Any = ThreadPoolExecutor(threads) if threads > 1 else nullcontext()
    with pool as workers:
        each = workers.map if workers else map
        while data := handle.read(BATCH):
            data = rest + data
            blocks, used = whole_blocks(memoryview(data))
            rest = data[used:]
            yield b"".join(each(inflate, blocks))
    if rest:
        raise DamagedError("an end in the middle of a block")


def records(handle: IO[bytes], *, threads: int = 1) -> Iterator[bytes]:
    """Whole records of a BAM stream, in batches, the header left out. Raises `DamagedError`."""
    rest, in_header = b"", True
    for content in stream(handle, threads=threads):
        data = rest + content if rest else content
        if in_header:
            end = header_end(data)
            if end is None:
                rest = data
                continue
            data, in_header = data[end:], False
        end = last_record_end(data)
        rest = data[end:]
        yield data[:end] if rest else data
    if rest:
        raise DamagedError("an end in the middle of a record")


def header_end(data: bytes) -> int | None:
    """Where the records of a BAM begin; None where the header is not whole yet."""
    if len(data) < 12:
        return None
    at = 8 + struct.unpack_from("<i", data, 4)[0]
    if len(data) < at + 4:
        return None
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        if len(data) < at + 4:
            return None
        at += 8 + struct.unpack_from("<i", data, at)[0]
    return at if at <= len(data) else None


def last_record_end(data: bytes) -> int:
    """End of the last whole record."""
    from mmrisk.copynumber.walk import last_whole

    return int(last_whole(data))


class Reader:
    """Random access to a BAM: the content from a virtual offset on, block by block."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def blocks(self, offset: int) -> Iterator[bytes]:
        """Content from a virtual offset to the end of the file. Raises `DamagedError`."""
        at, skip, data = offset >> 16, offset & 0xFFFF, b""
        while more := os.pread(self._file, SMALL_BATCH, at):
            data += more
            at += len(more)
            blocks, used = whole_blocks(memoryview(data))
            for block in blocks:
                content = inflate(block)
                yield bytes(content[skip:]) if skip else bytes(content)
                skip = 0
            data = data[used:]


def damaged(path: Path, what: DamagedError) -> InputError:
    """The problem of a damaged file."""
    return InputError(
        Problem(file=path.name, message=f"is damaged: {what}", remedy="copy it again, or align and index it again")
    )
