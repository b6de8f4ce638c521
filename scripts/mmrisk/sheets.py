"""Reading of tables that people write by hand or export: any encoding, delimiter and line end, or a clear refusal."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmrisk.errors import InputError, Problem

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
SAME_MEANING = {
    **FULL_WIDTH,
    0x00A0: " ",  # no-break space
    0x3000: " ",  # ideographic space
    0x2212: "-",  # minus sign
    0x2010: "-",
    0x2011: "-",
    0x2013: "-",  # en dash
    0x3001: ",",  # ideographic comma
    0x3002: ".",  # ideographic full stop
    0xFEFF: None,  # byte order mark pasted into a cell
    0x200B: None,  # zero-width space
    0x200E: None,  # left-to-right mark
}
"""Characters that people type or paste and that mean the plain one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it starts (the header is on line 1) and its cells by column name, cleaned."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was written: `file` is the name to show in messages; blank rows are left out.

    `cut_off` is the number of the last row where that is shorter than the header and has no line end.
    """

    file: str
    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    cut_off: int | None = None


def clean(text: str) -> str:
    """A cell without outer blanks and with look-alike characters made plain."""
    return unicodedata.normalize("NFC", text).translate(SAME_MEANING).strip()


def read_sheet(path: Path) -> Sheet:
    """Read a delimited text table (tab, comma or semicolon). Raises `InputError` with what is wrong and the remedy."""
    text = _decode(_read_bytes(path), path.name)
    delimiter = _delimiter(text)
    rows = _split_rows(text, delimiter, path.name)
    if not rows:
        raise InputError(Problem(file=path.name, message="is empty", remedy="give a header row and one row per record"))
    columns = tuple(clean(cell) for cell in rows[0][1])
    while columns and not columns[-1]:  # delimiters at the end of every line
        columns = columns[:-1]
    _check_header(columns, path.name)
    short = len(rows[-1][1]) < len(columns) and not text.endswith(("\n", "\r"))
    return Sheet(path.name, path, columns, _named_rows(rows[1:], columns, path.name), rows[-1][0] if short else None)


def refuse_cut_off(sheet: Sheet) -> None:
    """Raise `InputError` for a table of measurements that seems to end in the middle of a row."""
    if sheet.cut_off is not None:
        remedy = "copy the file again; if it is whole, fill the row or end it with a line break"
        raise InputError(
            Problem(file=sheet.file, row=sheet.cut_off, message="ends in the middle of a row", remedy=remedy)
        )


def _read_bytes(path: Path) -> bytes:
    if "://" in str(path) or re.match(r"^\w+:/(?!/)", str(path)):
        raise InputError(Problem(file=str(path), message="is a URL", remedy="download the file and give its path"))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            Problem(file=str(path), message="does not exist", remedy="check the path; it is relative to its sheet")
        ) from None
    except OSError as error:
        raise InputError(
            Problem(file=str(path), message=f"cannot be read ({error.strerror})", remedy="check path and permissions")
        ) from None
    for magic, kind in (
        (b"PK\x03\x04", "an Excel or zip file"),
        (b"\xd0\xcf\x11\xe0", "an old Excel file"),
        (b"\x1f\x8b", "compressed"),
        (b"%PDF", "a PDF"),
    ):
        if data.startswith(magic):
            raise InputError(
                Problem(
                    file=path.name,
                    message=f"is {kind}, not text",
                    remedy="save it as CSV (UTF-8) or tab-delimited text",
                )
            )
    return data


def _decode(data: bytes, file: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        try:
            return _no_nul(data.decode("utf-8-sig"), file)
        except UnicodeDecodeError:
            # Chinese text comes in pairs of high bytes; a lone high byte is a Western letter in another encoding
            pairs = all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", data))
            encoding = "gb18030" if pairs else "ascii"
    try:
        return _no_nul(data.decode(encoding), file)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            Problem(file=file, row=line, message="is neither UTF-8 nor GB18030 text", remedy="save the file as UTF-8")
        ) from None


def _no_nul(text: str, file: str) -> str:
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise InputError(Problem(file=file, row=line, message="holds a NUL byte", remedy="save it again as plain text"))
    return text


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    counts = {mark: header.count(mark) for mark in ("\t", ",", ";")}
    return max(counts, key=lambda mark: counts[mark])


def _split_rows(text: str, delimiter: str, file: str) -> list[tuple[int, list[str]]]:
    """Rows with the line on which each starts; blank ones left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, start = [], 1
    try:
        for cells in reader:
            if any(clean(cell) for cell in cells):
                rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        raise InputError(
            Problem(
                file=file,
                row=start,
                message='holds a double quote (") that is not closed or stands inside a value',
                remedy="remove the quote, or write it twice inside a quoted value",
            )
        ) from None
    return rows


def _check_header(columns: tuple[str, ...], file: str) -> None:
    problems = [
        Problem(
            file=file, row=1, column=name, message="occurs more than once in the header", remedy="rename or remove one"
        )
        for name, count in Counter(columns).items()
        if name and count > 1
    ]
    if "" in columns:
        problems.append(
            Problem(
                file=file, row=1, message=f"column {columns.index('') + 1} has no name", remedy="name it or remove it"
            )
        )
    if problems:
        raise InputError(problems)


def _named_rows(rows: list[tuple[int, list[str]]], columns: tuple[str, ...], file: str) -> tuple[Row, ...]:
    named, problems = [], []
    for number, cells in rows:
        extra = [cell for cell in cells[len(columns) :] if clean(cell)]
        if extra:
            problems.append(
                Problem(
                    file=file,
                    row=number,
                    value=extra[0],
                    message=f"is one of {len(cells)} cells where the header has {len(columns)}",
                    remedy="quote a value that holds the delimiter, or remove the cell",
                )
            )
        padded = [clean(cell) for cell in cells[: len(columns)]] + [""] * (len(columns) - len(cells))
        named.append(Row(number, dict(zip(columns, padded, strict=True))))
    if problems:
        raise InputError(problems)
    return tuple(named)
