"""The sheets of a cohort: samples, assays and reports, read with every problem named at once."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmrisk.assay_sheet import ALL_SAMPLES, ASSAYS, assay_problems
from mmrisk.contracts import SELECTIONS, Column, Table
from mmrisk.errors import InputError, Problem
from mmrisk.fields import MISSING_WORDS, FieldError, looks_like_date, parse_date, parse_flag, parse_number, parse_path
from mmrisk.follow_up import (
    OUTCOMES,
    TREATMENTS,
    contradictions,
    outcome_problems,
    treatment_problems,
    unknown_patients,
)
from mmrisk.genome import parse_build
from mmrisk.sheets import Row, Sheet, read_sheet

ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
TIME_POINTS = ("precursor", "diagnosis", "remission", "progression", "relapse", "cell_line")
SAMPLES = Table(
    "samples",
    "One specimen at one time point of one patient.",
    ("sample_id",),
    (
        Column("sample_id", "id", "name of the specimen: letters, digits, _ and -", required=True),
        Column("patient_id", "id", "name of the patient", required=True),
        Column("date", "date", "date of the specimen, YYYY-MM-DD"),
        Column("day", "integer", "days since diagnosis, where dates may not be given"),
        Column("time_point", "text", "where in the disease", allowed=TIME_POINTS),
        Column("treated", "flag", "treatment before the specimen"),
        Column("sex", "text", "sex of the patient", allowed=("F", "M")),
        Column("site", "text", "where it was taken or processed"),
        Column("batch", "text", "processing batch"),
        Column("sort", "text", "how cells were sorted for single-cell data"),
        Column("source", "text", "publication or registry of the facts"),
        Column("note", "text", "anything else"),
    ),
)

REPORTS = Table(
    "reports",
    "One laboratory string.",
    ("sample_id", "report_id"),
    (
        Column("sample_id", "id", "the specimen", required=True),
        Column("report_id", "id", "name of the report; numbered where empty"),
        Column("method", "text", "what the string describes", required=True, allowed=("karyotype", "fish", "array")),
        Column("text", "text", "the string as the laboratory wrote it", required=True),
        Column("cell_selection", "text", "how plasma cells were selected", allowed=SELECTIONS),
        Column("date", "date", "date of the report, YYYY-MM-DD"),
        Column("source", "text", "publication or registry of the string"),
        Column("note", "text", "anything else"),
    ),
)


TABLES = {
    "samples": SAMPLES,
    "assays": ASSAYS,
    "reports": REPORTS,
    "treatments": TREATMENTS,
    "outcomes": OUTCOMES,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet: its line number and its typed values by column; a missing value is None."""

    row: int
    values: Mapping[str, Any]
    broken: frozenset[str] = frozenset()

    def is_broken(self, column: str) -> bool:
        """Whether the cell holds something that could not be read, a problem of its own."""
        return column in self.broken

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Cohort:
    """The sheets of a cohort, checked against each other."""

    samples: tuple[Record, ...]
    assays: tuple[Record, ...]
    reports: tuple[Record, ...]
    treatments: tuple[Record, ...] = ()
    outcomes: tuple[Record, ...] = ()


def read_cohort(
    *,
    samples: Path,
    assays: Path | None = None,
    reports: Path | None = None,
    treatments: Path | None = None,
    outcomes: Path | None = None,
) -> Cohort:
    """Read and check all sheets. Raises one `InputError` with the problems of all of them."""
    paths = {"samples": samples, "assays": assays, "reports": reports, "treatments": treatments, "outcomes": outcomes}
    cohort, problems = check_cohort(paths)
    if problems:
        raise InputError(problems)
    return cohort


def check_cohort(paths: Mapping[str, Path | None]) -> tuple[Cohort, list[Problem]]:
    """What could be read of the sheets, and everything that is wrong with them; `paths` by name, with `samples`."""
    found: dict[str, tuple[Record, ...]] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    broken: set[str] = set()
    for name, table in TABLES.items():
        path = paths.get(name)
        found[name], own = _read_rows(path, table) if path else ((), [])
        files[name] = path.name if path else name
        problems += own
        broken |= {name} if own else set()
    cohort = Cohort(**found)
    problems += assay_problems(cohort.assays, file=files["assays"])
    if "outcomes" not in broken:
        problems += outcome_problems(cohort.outcomes, file=files["outcomes"])
    if "treatments" not in broken:
        problems += treatment_problems(cohort.treatments, file=files["treatments"])
    if not broken & {"samples", "treatments"}:
        problems += contradictions(cohort.samples, cohort.treatments, file=files["samples"])
    if cohort.samples:
        problems += _strangers(cohort, files)
    elif not problems:
        problems.append(Problem(file=files["samples"], message="has no sample", remedy="give one row per specimen"))
    return cohort, problems


def _strangers(cohort: Cohort, files: Mapping[str, str]) -> Iterable[Problem]:
    """Rows of samples and patients that the samples sheet does not name, where its own names could be read."""
    samples = {record["sample_id"] for record in cohort.samples}
    patients = {record["patient_id"] for record in cohort.samples}
    for name, sheet in (("assays", cohort.assays), ("reports", cohort.reports)):
        for record in sheet if None not in samples else ():
            sample = record["sample_id"]
            if sample not in {*samples, ALL_SAMPLES, None}:
                yield unknown_sample(sample, samples, file=files[name], samples_file=files["samples"], row=record.row)
    for name, sheet in (("treatments", cohort.treatments), ("outcomes", cohort.outcomes)):
        named = [record for record in sheet if record["patient_id"] is not None]
        if None not in patients:
            yield from unknown_patients(named, patients, file=files[name], samples_file=files["samples"])


def unknown_sample(
    sample: str, known: Iterable[str], *, file: str, samples_file: str, row: int | None = None
) -> Problem:
    """The problem of a row whose sample is not in the samples sheet.

    Only a name of the same numbers is offered for it: `P3-D` is P03-D, but P03-D is not P08-D.
    """
    alike = [name for name in known if name and _numbers(name) == _numbers(sample)]
    return Problem(
        file=file,
        row=row,
        column="sample_id",
        value=sample,
        message=f"is not in {samples_file}",
        remedy=_nearest(sample, alike) or f"add it to {samples_file} or remove the row",
    )


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"[0-9]+", name)]


def read_records(path: Path, table: Table) -> tuple[Record, ...]:
    """Rows of a sheet with typed values. Raises one `InputError` with all problems of the sheet."""
    records, problems = _read_rows(path, table)
    if problems:
        raise InputError(problems)
    return records


def _read_rows(path: Path, table: Table) -> tuple[tuple[Record, ...], list[Problem]]:
    """Rows of a sheet, None where a cell is missing or broken, and all problems of header and cells."""
    try:
        sheet = read_sheet(path)
    except InputError as error:
        return (), list(error.problems)
    names, problems = _match_columns(sheet, table)
    records = [_record(row, names, table, sheet, problems) for row in sheet.rows]
    problems += _duplicates(records, table, sheet.file)
    return tuple(records), problems


def canonical(name: str) -> str:
    """A header as a column name: lower case, words joined by `_`."""
    return re.sub(r"[\s_\-.]+", "_", name.strip().lower()).strip("_")


def _match_columns(sheet: Sheet, table: Table) -> tuple[dict[str, str], list[Problem]]:
    """Our column -> the sheet's column, and what is missing or unknown."""
    names: dict[str, str] = {}
    problems = []
    for name in sheet.columns:
        ours = canonical(name)
        if ours in names:
            problems.append(_header_problem(sheet, name, f"means the same as {names[ours]!r}", "keep one of them"))
        elif ours in table.names:
            names[ours] = name
        else:
            remedy = _nearest(ours, table.names) or f"remove it; known columns: {', '.join(table.names)}"
            problems.append(_header_problem(sheet, name, "is not a column of this sheet", remedy))
    problems += [
        _header_problem(sheet, column.name, "is missing", f"add it: {column.about}")
        for column in table.columns
        if column.required and column.name not in names
    ]
    return names, problems


def _header_problem(sheet: Sheet, column: str, message: str, remedy: str) -> Problem:
    return Problem(file=sheet.file, row=1, column=column, message=message, remedy=remedy)


def _nearest(name: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else None


def _record(row: Row, names: Mapping[str, str], table: Table, sheet: Sheet, problems: list[Problem]) -> Record:
    values: dict[str, Any] = {}
    broken: set[str] = set()
    for column in table.columns:
        if column.name not in names:  # named with the header where it is required
            values[column.name] = None
            continue
        text = row.cells[names[column.name]]
        try:
            values[column.name] = _value(text, column, sheet)
        except FieldError as error:
            values[column.name] = None
            broken.add(column.name)
            problems.append(
                Problem(
                    file=sheet.file,
                    row=row.number,
                    column=names[column.name],
                    value=text or None,
                    message=error.message,
                    remedy=error.remedy,
                )
            )
    return Record(row.number, values, frozenset(broken))


def _value(text: str, column: Column, sheet: Sheet) -> Any:
    if text.lower() in MISSING_WORDS and not _is_value(text, column):
        if column.required:
            raise FieldError("is missing", f"fill it in: {column.about}")
        return None
    if column.kind == "path":
        return parse_path(text, sheet.path.parent)
    return PARSERS[column.kind](text, column)


def _is_value(text: str, column: Column) -> bool:
    """Whether a word for missing is a value here: free text, or `none` where that is allowed."""
    return column.kind == "text" and bool(text) and (not column.allowed or text.lower() in column.allowed)


def _parse_id(text: str, column: Column) -> str:
    if looks_like_date(text):
        raise FieldError("looks like a date that a spreadsheet made of a name", "format the column as text")
    if not ID_PATTERN.fullmatch(text):
        raise FieldError("is not a name", "use letters, digits, _ and -, beginning with a letter or digit")
    return text


def _parse_id_or_all(text: str, column: Column) -> str:
    return text if text == ALL_SAMPLES else _parse_id(text, column)


def _parse_text(text: str, column: Column) -> str:
    if not column.allowed:
        return text
    by_lower = {value.lower(): value for value in column.allowed}
    if text.lower() not in by_lower:
        remedy = _nearest(text.lower(), column.allowed) or f"use one of {', '.join(column.allowed)}"
        raise FieldError("is not one of the allowed values", remedy)
    return by_lower[text.lower()]


def _parse_flag(text: str, column: Column) -> bool:
    return parse_flag(text)


def _parse_build(text: str, column: Column) -> str:
    build = parse_build(text)
    if build is None:
        raise FieldError("is not a genome build", "write GRCh38, GRCh37 or T2T-CHM13v2")
    return build


def _parse_bounded(text: str, column: Column) -> float:
    number = parse_number(text)
    if (column.low is not None and number < column.low) or (column.high is not None and number > column.high):
        remedy = f"give {column.low:g} {'or more' if column.high is None else f'to {column.high:g}'}"
        if column.high == 1.0 and 1.0 < number <= 100.0:
            remedy += f"; {text} per cent is {number / 100:g}"
        raise FieldError("is out of range", remedy)
    return number


def _parse_integer(text: str, column: Column) -> int:
    number = parse_number(text)
    if number != int(number):
        raise FieldError("is not a whole number", "give a whole number")
    return int(number)


def _parse_date(text: str, column: Column) -> str:
    return parse_date(text)


PARSERS: dict[str, Callable[[str, Column], Any]] = {
    "id": _parse_id,
    "id_or_all": _parse_id_or_all,
    "text": _parse_text,
    "flag": _parse_flag,
    "build": _parse_build,
    "number": _parse_bounded,
    "integer": _parse_integer,
    "date": _parse_date,
}


def _duplicates(records: Sequence[Record], table: Table, file: str) -> Iterable[Problem]:
    first: dict[tuple[Any, ...], int] = {}
    for record in records:
        key = tuple(record[name] for name in table.key)
        if None in key:
            continue
        if key in first:
            yield Problem(
                file=file,
                row=record.row,
                column=", ".join(table.key),
                value=", ".join(map(str, key)),
                message=f"occurs on row {first[key]} too",
                remedy="keep one row, or give the second its own name",
            )
        else:
            first[key] = record.row
