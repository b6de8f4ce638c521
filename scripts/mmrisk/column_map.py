"""Column maps: which column of a foreign clinical sheet holds which of our columns, and what its words mean."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from mmrisk.clinical import in_print, lab_columns, nearest_column, unit_in
from mmrisk.errors import InputError, Problem
from mmrisk.sheets import Row, Sheet, read_sheet

HEADER = ("column", "theirs", "values")


def read_column_map(path: Path, sheet: Sheet) -> dict[str, tuple[str, dict[str, str]]]:
    """Our column -> (column of `sheet`, their word -> our word); columns that nothing maps to are left aside.

    The map is a table with the columns `column` (ours), `theirs`, and optionally `values` (`BJ=none;1=yes`).
    Raises `InputError` with every problem of the map.
    """
    table = read_sheet(path)
    if missing := [name for name in HEADER[:2] if name not in table.columns]:
        raise InputError(
            Problem(
                file=table.file,
                row=1,
                column=", ".join(missing),
                message="is missing",
                remedy="a column map has the columns column, theirs and optionally values",
            )
        )
    problems: list[Problem] = []
    taken: dict[str, tuple[str, dict[str, str]]] = {}
    for row in table.rows:
        problems += _problems(table, row, sheet, taken)
        taken[row.cells["column"]] = (row.cells["theirs"], _words(row.cells.get("values", "")))
    if "sample_id" not in taken and "sample_id" in sheet.columns:
        taken["sample_id"] = ("sample_id", {})
    if "sample_id" not in taken:
        problems.append(
            Problem(
                file=table.file, column="column", message="does not name sample_id", remedy="add a row for sample_id"
            )
        )
    if problems:
        raise InputError(problems)
    return taken


def _words(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(";") if pair.strip())
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


def _problems(table: Sheet, row: Row, sheet: Sheet, taken: Mapping[str, object]) -> Iterator[Problem]:
    ours, theirs = row.cells["column"], row.cells["theirs"]

    def problem(column: str, message: str, remedy: str) -> Problem:
        value = row.cells[column]
        return Problem(file=table.file, row=row.number, column=column, value=value, message=message, remedy=remedy)

    if ours != "sample_id" and ours not in lab_columns():
        yield problem("column", "is not one of our columns", nearest_column(ours))
    if ours in taken:
        yield problem("column", "is mapped more than once", "keep one row")
    if theirs not in sheet.columns:
        near = get_close_matches(theirs, sheet.columns, n=1, cutoff=0.6)
        yield problem(
            "theirs", f"is not a column of {sheet.file}", f"did you mean {near[0]}?" if near else "correct it"
        )
    expected = lab_columns()[ours].unit if ours in lab_columns() else ""
    written = unit_in(theirs)
    if expected and written and written != expected:
        yield problem(
            "theirs",
            f"names the unit {in_print(written)}, but {ours} is in {in_print(expected)}",
            "map it to the column of its unit",
        )
    if any("=" not in pair for pair in row.cells.get("values", "").split(";") if pair.strip()):
        yield problem("values", "is not a list of theirs=ours", "write for example BJ=none;1=yes")
