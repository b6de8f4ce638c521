"""Shares of cells and proteins that a laboratory has measured already (flow, CyTOF, CITE, cytokines), by a column map.

The map is a table with the columns `name` (a kind or state of cells of resources/signatures.tsv, or a name of one's
own for a protein), `theirs` (their column), `unit` (percent, share, count; any other unit makes it a protein) and
`denominator` (of what the share is: all, microenvironment, t_cells). A row named `sample_id` names their column of
samples, a row named `total` that of the cells counted. A table with one row per population has rows `cell_type` and
`value` for its two columns; the other rows then give their words for populations.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mmrisk.assays import AssayFile
from mmrisk.cohort import ID_PATTERN
from mmrisk.contracts import COMPOSITION, SIGNATURES
from mmrisk.contracts.microenvironment import DENOMINATORS
from mmrisk.errors import InputError, Problem
from mmrisk.fields import MISSING_WORDS, FieldError, parse_number
from mmrisk.microenvironment.signatures import UNKNOWN, bundled
from mmrisk.sheets import Sheet, read_sheet, refuse_cut_off
from mmrisk.tables import conform

SPECIAL = ("sample_id", "total", "cell_type", "value")
SHARES = {"percent": 100.0, "share": 1.0}
SMALLEST_SHARE = 0.0005
"""Stands for a share of 0 in log-ratios: less than one cell in 2,000, about what flow can tell from none."""
FLUID = "fluid"
"""Where a protein was measured, if the map does not say."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the map."""

    name: str
    theirs: str
    unit: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of COMPOSITION and of SIGNATURES that a table holds."""

    composition: pd.DataFrame
    signatures: pd.DataFrame


def read_measured(file: AssayFile) -> Measured:
    """Read one table; `InputError` with every problem of the map and of the values."""
    sheet = read_sheet(file.file)
    refuse_cut_off(sheet)
    if file.columns is None:
        raise InputError(
            Problem(file=sheet.file, message="has no column map", remedy="name one in the column columns of the sheet")
        )
    entries = read_map(file.columns, sheet)
    special = {entry.name: entry.theirs for entry in entries if entry.name in SPECIAL}
    problems: list[Problem] = []
    rows = list(_values(sheet, entries, special, file, problems))
    if problems:
        raise InputError(problems)
    cells = [row for row in rows if "denominator" in row]
    _add_log_ratios(cells)
    proteins = [row for row in rows if "denominator" not in row]
    return Measured(
        conform(pd.DataFrame(cells, columns=COMPOSITION.names, dtype=object), COMPOSITION),
        conform(pd.DataFrame(proteins, columns=SIGNATURES.names, dtype=object), SIGNATURES),
    )


def read_map(path: Path, sheet: Sheet) -> list[Entry]:
    """The map of a table. Raises `InputError` with every problem of the map and every column that `sheet` lacks."""
    table = read_sheet(path)
    problems: list[Problem] = []

    def problem(
        message: str, remedy: str, *, row: int = 1, column: str | None = None, value: str | None = None
    ) -> None:
        problems.append(Problem(file=table.file, row=row, column=column, value=value, message=message, remedy=remedy))

    if missing := [name for name in ("name", "theirs", "unit", "denominator") if name not in table.columns]:
        problem("is missing", "a map has the columns name, theirs, unit, denominator", column=", ".join(missing))
        raise InputError(problems)
    entries = [Entry(*(row.cells[name] for name in ("name", "theirs", "unit", "denominator"))) for row in table.rows]
    names = {entry.name for entry in entries}
    long = "cell_type" in names
    for entry, row in zip(entries, table.rows, strict=True):
        is_column = entry.name in SPECIAL or not long
        if is_column and entry.theirs not in sheet.columns:
            problem(
                f"is not a column of {sheet.file}", "correct it", row=row.number, column="theirs", value=entry.theirs
            )
        if entry.name in SPECIAL:
            continue
        if entry.unit in (*SHARES, "count"):
            if entry.name not in bundled().by_name or bundled().by_name[entry.name].kind == "programme":
                remedy = "use an id of a kind or state of cells of resources/signatures.tsv"
                problem("is no kind of cell", remedy, row=row.number, column="name", value=entry.name)
            if entry.denominator not in DENOMINATORS:
                remedy = f"say of what: {', '.join(DENOMINATORS)}"
                problem("is no whole", remedy, row=row.number, column="denominator", value=entry.denominator)
        elif not ID_PATTERN.fullmatch(entry.name) or not entry.unit:
            remedy = "name it with letters, digits, _ and -, and give its unit"
            problem("is no name of a protein", remedy, row=row.number, column="name", value=entry.name)
    if "sample_id" not in names:
        problem("does not name sample_id", "add a row for sample_id", column="name")
    if long and "value" not in names:
        problem("names cell_type but no value", "add a row for the column of values", column="name")
    if any(entry.unit == "count" for entry in entries) and "total" not in names:
        problem("has counts but no total", "add a row for the column of cells counted", column="name")
    if problems:
        raise InputError(problems)
    return entries


def _values(
    sheet: Sheet,
    entries: Iterable[Entry],
    special: Mapping[str, str],
    file: AssayFile,
    problems: list[Problem],
) -> Iterable[dict[str, Any]]:
    """One row per value that is filled in."""
    wanted = [entry for entry in entries if entry.name not in SPECIAL]
    words = {entry.theirs: entry for entry in wanted}
    for row in sheet.rows:
        sample = row.cells[special["sample_id"]]
        if not file.names_its_samples and sample != file.sample_id:
            continue
        total = _number(row.cells.get(special.get("total", ""), ""), sheet, row.number, "total", problems)
        if "cell_type" in special:
            entry = words.get(row.cells[special["cell_type"]])
            pairs = [(entry, special["value"])] if entry else []
        else:
            pairs = [(entry, entry.theirs) for entry in wanted]
        for entry, column in pairs:
            value = _number(row.cells[column], sheet, row.number, column, problems)
            if entry and value is not None:
                yield from _row(entry, sample, value, total, file.source, (sheet.file, row.number, column), problems)


def _number(text: str, sheet: Sheet, row: int, column: str, problems: list[Problem]) -> float | None:
    if text.lower() in MISSING_WORDS:
        return None
    try:
        return parse_number(text)
    except FieldError as broken:
        problems.append(
            Problem(file=sheet.file, row=row, column=column, value=text, message=broken.message, remedy=broken.remedy)
        )
        return None


def _row(
    entry: Entry,
    sample: str,
    value: float,
    total: float | None,
    assay: str,
    place: tuple[str, int, str],
    problems: list[Problem],
) -> Iterable[dict[str, Any]]:
    if entry.unit not in (*SHARES, "count"):
        yield {
            "sample_id": sample,
            "cell_type": entry.denominator or FLUID,
            "signature": entry.name,
            "mean": value,
            "n_cells": 0,
            "coverage": None,
        }
        return
    share = value / (total or math.nan) if entry.unit == "count" else value / SHARES[entry.unit]
    if math.isnan(share) or not 0.0 <= share <= 1.0:
        message = f"is no {entry.unit} of a whole" if total or entry.unit != "count" else "has no total"
        problems.append(
            Problem(
                file=place[0],
                row=place[1],
                column=place[2],
                value=f"{value:g}",
                message=message,
                remedy="check the unit in the column map",
            )
        )
        return
    count = round(value) if entry.unit == "count" else (round(share * total) if total else None)
    yield {
        "sample_id": sample,
        "assay": assay,
        "denominator": entry.denominator,
        "cell_type": entry.name,
        "level": bundled().by_name[entry.name].kind if entry.name != UNKNOWN else "lineage",
        "status": "measured",
        "n_cells": count,
        "n_total": round(total) if total else None,
        "share": share,
        "clr": None,
    }


def _add_log_ratios(rows: list[dict[str, Any]]) -> None:
    """Centred log-ratios among the kinds that a sample's panel has at one level of one whole; of states, log odds."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        row["log"] = math.log(max(row["share"], SMALLEST_SHARE))
        if row["level"] == "state":
            row["clr"] = row["log"] - math.log(max(1.0 - row["share"], SMALLEST_SHARE))
        else:
            groups[row["sample_id"], row["denominator"], row["level"]].append(row)
    for members in groups.values():
        if len(members) > 1:
            centre = sum(row["log"] for row in members) / len(members)
            for row in members:
                row["clr"] = row["log"] - centre
