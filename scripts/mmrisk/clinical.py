"""The clinical sheet: laboratory values with their unit in the column name, read as intervals, or all its problems."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mmrisk.errors import InputError, Problem
from mmrisk.exchanged import find_exchanged
from mmrisk.fields import EXCEL_SERIALS, FieldError, looks_like_date, parse_flag, parse_number
from mmrisk.resource import facts
from mmrisk.sheets import Row, Sheet, read_sheet

MISSING = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "nan", "nd", "n.d.", "not done", "not tested", "not available", "unknown", "missing"}
    | {"null", "-", "--", ".", "?"}
)
"""Words that say nothing was measured. None of them means zero or negative."""

YES_NO_WORDS = {
    **dict.fromkeys(("t", "1.0", "positive", "pos", "present", "+"), "yes"),
    **dict.fromkeys(("f", "0.0", "negative", "neg", "absent"), "no"),
}
"""What a laboratory writes where others write yes or no."""

DECIMALS = 6
"""Digits after the point that a laboratory value can have; more are the trace of 32-bit numbers (2.599999905)."""


@dataclass(frozen=True, slots=True)
class LabColumn:
    """A column of the clinical sheet (`resources/labs.tsv`); plausible range in the column's unit."""

    name: str
    lab: str
    unit: str
    kind: str
    low: float
    high: float
    allowed: tuple[str, ...]
    test: str
    hint: str
    about: str


@dataclass(frozen=True, slots=True)
class Clinical:
    """The clinical sheet by column, one entry per sample in the sheet's order.

    Numbers are closed intervals `low`, `high` (equal where exact, infinite on the open side of a bound, NaN where
    missing); categories, yes/no and text are in `stated` ("" where missing); `written` holds the cells as they came.
    """

    sample_ids: tuple[str, ...]
    low: Mapping[str, npt.NDArray[np.float64]]
    high: Mapping[str, npt.NDArray[np.float64]]
    stated: Mapping[str, npt.NDArray[np.object_]]
    written: Mapping[str, tuple[str, ...]]


@cache
def lab_columns() -> Mapping[str, LabColumn]:
    """All columns that a clinical sheet may have, in the order of the data dictionary."""
    return {
        row["column"]: LabColumn(
            row["column"],
            row["lab"],
            row["unit"],
            row["kind"],
            float(row["plausible_low"] or -math.inf),
            float(row["plausible_high"] or math.inf),
            tuple(filter(None, row["allowed"].split(";"))),
            row["test"],
            row["hint"],
            row["about"],
        )
        for row in facts("labs.tsv")
    }


@cache
def test_of(lab: str) -> str:
    """The test to order for a laboratory value."""
    return next(column.test for column in lab_columns().values() if column.lab == lab)


def read_clinical(path: Path, *, columns: Path | None = None) -> Clinical:
    """Read a clinical sheet; `columns` maps our columns to those of a foreign sheet (see `read_column_map`).

    Raises `InputError` with every problem of the sheet: file, row, column, value, remedy.
    """
    from mmrisk.column_map import read_column_map

    sheet = read_sheet(path)
    taken = read_column_map(columns, sheet) if columns else _own_columns(sheet)
    problems = list(_id_problems(sheet, taken["sample_id"][0]))
    read: dict[str, list[object]] = {}
    for ours, (theirs, translate) in taken.items():
        if ours == "sample_id":
            continue
        read[ours] = values = []
        for row in sheet.rows:
            text = translate.get(row.cells[theirs], row.cells[theirs])
            try:
                values.append(read_cell(text, ours))
            except FieldError as unread:
                problems.append(_problem(sheet, row, theirs, unread))
                values.append(None)
    problems += _row_problems(sheet, taken, read)
    problems = _name_exchanged(sheet, taken, problems)
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))
    ids = tuple(row.cells[taken["sample_id"][0]] for row in sheet.rows)
    written = {ours: tuple(row.cells[theirs] for row in sheet.rows) for ours, (theirs, _) in taken.items()}
    return gather(ids, read, written)


def gather(
    sample_ids: Sequence[str], read: Mapping[str, Sequence[object]], written: Mapping[str, tuple[str, ...]]
) -> Clinical:
    """Cells that were read (intervals, words, None), column by column, as arrays."""
    numeric = [name for name in read if lab_columns()[name].kind in ("number", "count")]
    bounds = {name: np.array([cell or (np.nan, np.nan) for cell in read[name]], dtype=float) for name in numeric}
    stated = {}
    for name in read:
        if name not in bounds:
            stated[name] = np.empty(len(sample_ids), dtype=object)
            stated[name][:] = [cell or "" for cell in read[name]]
    return Clinical(
        tuple(sample_ids),
        {name: pairs.reshape(-1, 2)[:, 0] for name, pairs in bounds.items()},
        {name: pairs.reshape(-1, 2)[:, 1] for name, pairs in bounds.items()},
        stated,
        written,
    )


def read_cell(text: str, name: str) -> tuple[float, float] | str | None:
    """A cell of one of our columns: an interval, a word, or None where nothing was measured. Raises `FieldError`."""
    column = lab_columns()[name]
    if not text or text.lower() in MISSING:
        return None
    if column.kind == "text":
        return text
    if column.kind == "yes_no":
        return "yes" if parse_flag(YES_NO_WORDS.get(text.lower(), text)) else "no"
    if column.kind == "category":
        return _category(text, column)
    return read_number(text, name)


def _category(text: str, column: LabColumn) -> str:
    known = {value.lower(): value for value in column.allowed}
    if text.lower() in known:
        return known[text.lower()]
    raise FieldError("is not one of the known values", f"use one of {', '.join(column.allowed)}, or leave it empty")


NUMBER = re.compile(r"(<=|>=|=<|=>|[≤≥<>])?\s*([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s.,].*)?")
"""A bound, a number, a unit."""


@lru_cache(maxsize=200_000)
def read_number(text: str, name: str) -> tuple[float, float]:
    """Closed interval of a number, or of a bound (`<3.5`, `>= 5.5`), in the column's unit. Raises `FieldError`."""
    column = lab_columns()[name]
    if text.startswith("#"):
        raise FieldError("is an error of the spreadsheet", "correct the formula, or leave it empty")
    if text.endswith("."):
        raise FieldError("looks like a date or a note", "write the number alone")
    match = None if looks_like_date(text) else NUMBER.fullmatch(text)
    operator, digits, unit = match.groups() if match else ("", text, None)
    number = round(parse_number(digits), DECIMALS)
    _check_unit(unit, column)
    if number < 0:
        raise FieldError("is negative", "correct it, or leave it empty if it was not measured")
    if column.kind == "count" and not number.is_integer():
        raise FieldError("is not a whole number", "write the count")
    _check_plausible(number, operator or "", column)
    return _interval(number, operator or "")


def _check_unit(written: str | None, column: LabColumn) -> None:
    if written is None or plain_name(written) == column.unit:
        return
    unit = unit_in(written)
    if unit is None:
        raise FieldError("has words after the number", "write the number alone, or leave it empty")
    if unit != column.unit:
        raise FieldError(f"is in {in_print(unit)}", _other_column(column, unit))


def _other_column(column: LabColumn, unit: str) -> str:
    siblings = {each.unit: each.name for each in lab_columns().values() if each.lab == column.lab}
    if unit in siblings:
        return f"use column {siblings[unit]}"
    return column.hint or f"convert it to {in_print(column.unit)} yourself"


def _check_plausible(number: float, operator: str, column: LabColumn) -> None:
    too_low = number < column.low and operator not in ("<", "<=", "=<", "≤")
    too_high = number > column.high and operator not in (">", ">=", "=>", "≥")
    if not (too_low or too_high):
        return
    siblings = [each for each in lab_columns().values() if each.lab == column.lab and each.unit != column.unit]
    fitting = [each for each in siblings if each.low <= number <= each.high]
    if fitting:
        units = in_print(fitting[0].unit), in_print(column.unit)
        raise FieldError(f"looks like {units[0]}, not {units[1]}", f"use column {fitting[0].name}")
    if EXCEL_SERIALS[0] <= number <= EXCEL_SERIALS[1]:
        raise FieldError("looks like the day number of a date", "format the column as text and type the value again")
    raise FieldError(
        f"is not plausible (expected {column.low:g} to {column.high:g})",
        column.hint or "check the value and its unit, or leave it empty",
    )


def _interval(number: float, operator: str) -> tuple[float, float]:
    if operator == "<":
        return 0.0, float(np.nextafter(number, -np.inf)) if number > 0 else 0.0
    if operator in ("<=", "=<", "≤"):
        return 0.0, number
    if operator == ">":
        return float(np.nextafter(number, np.inf)), math.inf
    if operator in (">=", "=>", "≥"):
        return number, math.inf
    return number, number


def plain_name(text: str) -> str:
    """A header or unit in our spelling: lower case, words joined by `_`, `%` as pct, micro as u, IU as U."""
    text = text.lower().replace("%", " pct ").replace("µ", "u").replace("μ", "u").replace("β", "b")
    return re.sub(r"\biu\b", "u", re.sub(r"[^a-z0-9]+", "_", text).replace("_", " ")).strip().replace(" ", "_")


def in_print(unit: str) -> str:
    """A unit as people write it: `mg_dl` as mg/dL."""
    if unit == "pct":
        return "%"
    printed = {"l": "L", "dl": "dL", "ml": "mL", "u": "U"}
    return "/".join(printed.get(part, part) for part in unit.split("_"))


@cache
def _units() -> tuple[str, ...]:
    return tuple(
        sorted({column.unit for column in lab_columns().values() if column.unit} | {"nmol_l", "mg_dl", "ng_ml"})
    )


def unit_in(header: str) -> str | None:
    """The unit that a header or cell ends with, in our spelling."""
    name = plain_name(header)
    return next((unit for unit in _units() if name == unit or name.endswith("_" + unit)), None)


def nearest_column(name: str) -> str:
    """What to do about a header that we do not know."""
    plain, known = plain_name(name), lab_columns()
    if plain in known:
        return f"name it {plain}"
    same_lab = [each for each in known.values() if re.match(rf"{re.escape(each.lab)}(_|$)", plain)]
    if same_lab and (unit := unit_in(plain)):
        how, names = same_lab[0].hint or "convert it", " or ".join(each.name for each in same_lab)
        return f"{same_lab[0].lab} is not read in {in_print(unit)}: {how}, and name it {names}"
    if same_lab:
        return f"did you mean {' or '.join(each.name for each in same_lab)}?"
    near = get_close_matches(plain, ["sample_id", *known], n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "remove it, or give a column map with --columns"


def _own_columns(sheet: Sheet) -> dict[str, tuple[str, dict[str, str]]]:
    problems = [
        Problem(file=sheet.file, row=1, column=name, message="is not a known column", remedy=nearest_column(name))
        for name in sheet.columns
        if name != "sample_id" and name not in lab_columns()
    ]
    if "sample_id" not in sheet.columns:
        problems.insert(
            0, Problem(file=sheet.file, row=1, column="sample_id", message="is missing", remedy="add the column")
        )
    if problems:
        raise InputError(problems)
    return {name: (name, {}) for name in sheet.columns}


def _problem(sheet: Sheet, row: Row, column: str, unread: FieldError) -> Problem:
    return Problem(
        file=sheet.file,
        row=row.number,
        column=column,
        value=row.cells[column],
        message=unread.message,
        remedy=unread.remedy,
    )


def _id_problems(sheet: Sheet, column: str) -> Iterator[Problem]:
    counts = Counter(row.cells[column] for row in sheet.rows)
    for row in sheet.rows:
        sample_id = row.cells[column]
        if not sample_id or sample_id.lower() in MISSING:
            yield _problem(sheet, row, column, FieldError("names no sample", "give each row a sample_id"))
        elif counts[sample_id] > 1:
            yield _problem(sheet, row, column, FieldError("occurs more than once", "keep one row per sample"))


def _row_problems(
    sheet: Sheet, taken: Mapping[str, tuple[str, object]], read: Mapping[str, Sequence[object]]
) -> Iterator[Problem]:
    """Values of one sample that exclude each other, and shares given for percentages."""
    units: dict[str, list[str]] = {}
    for name in read:
        units.setdefault(lab_columns()[name].lab, []).append(name)
    for names in units.values():
        for index, row in enumerate(sheet.rows if len(names) > 1 else ()):
            filled = [name for name in names if read[name][index] is not None]
            if len(filled) > 1:
                unread = FieldError(
                    f"is given in two units ({', '.join(filled)})", "keep the one the laboratory reported"
                )
                yield _problem(sheet, row, taken[filled[1]][0], unread)
    yield from _ldh_problems(sheet, taken, read)
    for name, cells in read.items():
        numbers = [cell[1] for cell in cells if isinstance(cell, tuple)]
        if name.startswith("bmpc") and len(numbers) > 1 and 0 < max(numbers) <= 1:
            yield Problem(
                file=sheet.file,
                column=taken[name][0],
                message="holds no value above 1: these look like shares, not per cent",
                remedy="multiply by 100",
            )


def _name_exchanged(
    sheet: Sheet, taken: Mapping[str, tuple[str, object]], problems: Sequence[Problem]
) -> list[Problem]:
    """The problems, those of two columns that were exchanged replaced by one that says so."""
    numeric = {name: column for name in taken if (column := lab_columns().get(name)) and column.kind == "number"}
    cells = {name: [row.cells[taken[name][0]] for row in sheet.rows] for name in numeric}
    for pair in find_exchanged(cells, {name: (column.low, column.high) for name, column in numeric.items()}):
        first, second = (taken[name][0] for name in pair)
        kept = [one for one in problems if one.row is None or one.column not in (first, second)]
        message = f"seems to be exchanged with {second}: its values are those expected there, and the other way round"
        remedy = "exchange the two headers, or correct the values that no patient can have"
        problems = [*kept, Problem(file=sheet.file, row=1, column=first, message=message, remedy=remedy)]
    return list(problems)


def _ldh_problems(
    sheet: Sheet, taken: Mapping[str, tuple[str, object]], read: Mapping[str, Sequence[object]]
) -> Iterator[Problem]:
    for unit in ("u_l", "ukat_l"):
        columns = [f"ldh_{unit}", f"ldh_uln_{unit}", "ldh_above_uln"]
        if not all(name in read for name in columns):
            continue
        for row, value, limit, said in zip(sheet.rows, *(read[name] for name in columns), strict=True):
            if isinstance(value, tuple) and isinstance(limit, tuple) and said is not None:
                certain = "yes" if value[0] > limit[1] else "no" if value[1] <= limit[0] else said
                if certain != said:
                    unread = FieldError("does not agree with LDH and its upper limit", "correct one of the three")
                    yield _problem(sheet, row, taken["ldh_above_uln"][0], unread)
