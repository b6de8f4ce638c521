"""The text of a segment file: plain or gzipped, any delimiter and line end, as a header and its cells."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.errors import InputError, Problem
from mmrisk.fields import MISSING_WORDS
from mmrisk.file_lines import first_bytes
from mmrisk.sheets import clean

MAX_BYTES = 2**31
MAX_PROBLEMS = 20
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d{1,3})?")
SIGNED = re.compile(r"-\d+(?:\.\d+)?")
"""A number whose minus sign is the one of typographers."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Header and columns of a delimited text; `lines` holds the line number of each row (the first line is 1)."""

    file: str
    header: tuple[str, ...]
    cells: dict[str, npt.NDArray[np.object_]]
    lines: npt.NDArray[np.int64]


def read_text_table(path: Path) -> TextTable:
    """Read a table of segments; comment lines before the header are passed over. Raises `InputError`."""
    text = _read_text(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = _header_line(lines)
    if start is None:
        raise InputError(Problem(file=path.name, message="is empty", remedy="give a file with a header and segments"))
    header_text = lines[start].lstrip("#")
    delimiter = max("\t,;", key=header_text.count)
    header = _split(header_text, delimiter)
    numbers, rows = _rows(lines, start + 1, delimiter, path.name)
    if not rows:
        raise InputError(Problem(file=path.name, message="holds no segments", remedy="give the file that holds them"))
    rows = _without_row_names(rows, len(header))
    _check_widths(rows, numbers, len(header), path.name)
    _check_header(header, path.name)
    columns = list(zip(*rows, strict=True))
    cells = {name: np.array(column, dtype=object) for name, column in zip(header, columns, strict=True)}
    return TextTable(path.name, tuple(header), cells, np.array(numbers, dtype=np.int64))


def _read_text(path: Path) -> str:
    data = first_bytes(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(Problem(file=path.name, message="is larger than 2 GB", remedy="split it by sample"))
    return _decode(data, path.name)


def _decode(data: bytes, file: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            Problem(file=file, row=line, message="is not UTF-8 text", remedy="give the text file, saved as UTF-8")
        ) from None
    if "\x00" in text:
        raise InputError(Problem(file=file, message="holds NUL bytes", remedy="give a text file"))
    return text


def _header_line(lines: list[str]) -> int | None:
    """Index of the header: the first line that is no comment, or a comment that names the chromosome column."""
    for index, line in enumerate(lines):
        if not line.strip() or line.lower().startswith("track "):
            continue
        if not line.startswith("#"):
            return index
        names = re.split(r"[\t,; ]+", line.lstrip("#").lower())
        if len(names) >= 4 and {"chrom", "chromosome", "chr"} & set(names):
            return index
    return None


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter in line:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    return [cell.strip('"') for cell in line.split()]


def _rows(lines: list[str], start: int, delimiter: str, file: str) -> tuple[list[int], list[list[str]]]:
    """Cells of the rows that are not blank, and the line of each."""
    numbers, rows = [], []
    if delimiter not in lines[start - 1]:
        for number, line in enumerate(lines[start:], start + 1):
            if line.strip():
                numbers.append(number)
                rows.append(_split(line, delimiter))
        return numbers, rows
    reader = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                numbers.append(start + reader.line_num)
                rows.append(cells)
    except csv.Error:
        raise InputError(
            Problem(
                file=file,
                row=start + reader.line_num,
                message="holds a double quote that is not closed, or a cell of absurd length",
                remedy="remove the quote",
            )
        ) from None
    return numbers, rows


def _without_row_names(rows: list[list[str]], width: int) -> list[list[str]]:
    """R writes row names without a header: then every row has one cell more than the header."""
    if all(len(row) == width + 1 for row in rows) and any(row[-1].strip() for row in rows):
        return [row[1:] for row in rows]
    return [row[:width] if len(row) > width and not any(map(str.strip, row[width:])) else row for row in rows]


def _check_widths(rows: list[list[str]], numbers: list[int], width: int, file: str) -> None:
    problems = [
        Problem(
            file=file,
            row=number,
            message=f"has {len(row)} cells where the header has {width}",
            remedy="is the file cut off, or the delimiter inside a value?",
        )
        for number, row in zip(numbers, rows, strict=True)
        if len(row) != width
    ]
    if problems:
        raise InputError(problems[:MAX_PROBLEMS])


def _check_header(header: list[str], file: str) -> None:
    lower = [name.lower() for name in header]
    if repeated := sorted({name for name in lower if name and lower.count(name) > 1}):
        raise InputError(
            Problem(
                file=file,
                row=1,
                column=", ".join(repeated),
                message="occurs more than once in the header",
                remedy="rename or remove one",
            )
        )


def parse_numbers(
    table: TextTable, column: str, *, whole: bool = False, missing_allowed: bool = False
) -> npt.NDArray[np.float64]:
    """A column as numbers, NaN where missing; decimal commas are understood except in whole numbers.

    Raises `InputError` naming each cell that is no number, not finite, or missing where it may not be.
    """
    cells = table.cells[column]
    numbers = pd.to_numeric(pd.Series(cells), errors="coerce").to_numpy(dtype=float)
    missing = np.zeros(len(cells), dtype=bool)
    for index in np.flatnonzero(~np.isfinite(numbers)):
        cell = clean(str(cells[index]))
        if cell.lower() in MISSING_WORDS:
            missing[index] = True
        elif SIGNED.fullmatch(cell) or (not whole and DECIMAL_COMMA.fullmatch(cell)):
            numbers[index] = float(cell.replace(",", "."))
    broken = ~np.isfinite(numbers) & ~(missing if missing_allowed else False)
    if whole:
        with np.errstate(invalid="ignore"):
            broken |= (numbers != np.floor(numbers)) & ~np.isnan(numbers)
    refuse(table, column, np.flatnonzero(broken), f"is not a {'whole ' if whole else ''}number", "write a plain number")
    return numbers


def refuse(table: TextTable, column: str, rows: npt.NDArray[np.int64], message: str, remedy: str) -> None:
    """Raise `InputError` for cells of a column, if there are any; `rows` are indices into the table."""
    if not len(rows):
        return
    cells = table.cells.get(column)
    problems = [
        Problem(
            file=table.file,
            row=int(table.lines[index]),
            column=column or None,
            value=None if cells is None else str(cells[index]).strip(),
            message=message,
            remedy=remedy if len(rows) <= MAX_PROBLEMS else f"{remedy} ({len(rows)} rows in all)",
        )
        for index in rows[:MAX_PROBLEMS]
    ]
    raise InputError(problems)
