"""Lines of data files, whatever they are packed in: plain, gzipped or binary variants; or why they cannot be read."""

import gzip
import io
import re
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, cast

from mmrisk.errors import InputError, Problem


def file_lines(path: Path) -> Generator[str, None, None]:
    """Lines of a plain or gzipped text or a BCF, without their ends. Raises `InputError`, also while lines are taken.

    The text is UTF-8, or UTF-16 with its mark. Other bytes become replacement characters: they are found in comments
    and free text only.
    """
    start = first_bytes(path, 4)
    return _bcf_lines(path) if start.startswith(b"BCF") else _text_lines(path)


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked where it is gzipped. Raises `InputError`, also for what is no text."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)):
        raise InputError(Problem(file=str(path), message="is a URL", remedy="download the file and give its path"))
    try:
        with _open(path) as handle:
            data = handle.read(size)
    except FileNotFoundError:
        raise InputError(Problem(file=str(path), message="does not exist", remedy="check the path")) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _truncated(path, "gzip") from None
    except OSError as error:
        raise InputError(
            Problem(file=str(path), message=f"cannot be read ({error.strerror})", remedy="check path and permissions")
        ) from None
    if data.startswith(b"PK\x03\x04"):
        raise InputError(
            Problem(file=path.name, message="is an Excel or zip file, not text", remedy="save it as tab-delimited text")
        )
    return data


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def _text_lines(path: Path) -> Generator[str, None, None]:
    try:
        encoding = "utf-16" if first_bytes(path, 2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with io.TextIOWrapper(_open(path), encoding=encoding, errors="replace") as handle:
            for line in handle:
                yield line.rstrip("\r\n")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _truncated(path, "gzip") from None


def _bcf_lines(path: Path) -> Generator[str, None, None]:
    import pysam

    pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as handle:
            yield from str(handle.header).splitlines()
            for record in handle:
                yield str(record).rstrip("\n")
    except (OSError, ValueError):
        raise _truncated(path, "BCF") from None


def _truncated(path: Path, kind: str) -> InputError:
    return InputError(
        Problem(file=path.name, message=f"is a damaged or truncated {kind} file", remedy="copy or write it again")
    )


def damaged(file: str, number: int, message: str) -> InputError:
    """The error for a line that cannot be read."""
    return InputError(Problem(file=file, row=number, message=message, remedy="is the file cut off or edited by hand?"))
