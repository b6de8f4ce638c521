"""Column maps of data files, checked against the headers of their files before a run."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mmrisk.errors import InputError, Problem
from mmrisk.sheets import read_sheet


def map_problems(assays: Iterable[Any]) -> Iterator[Problem]:
    """Problems of the column maps that rows of the assays sheet name, each once.

    A data file that cannot be read is no problem here: it costs itself during the run.
    """
    checks: dict[str, Callable[[Path, Path], None]] = {
        "fish_table": _check_fish_map,
        "composition": _check_composition_map,
        "segments": _check_segment_map,
    }
    checked = {(row["kind"], row["columns"], row["file"]) for row in assays if row["columns"] and row["file"]}
    seen: set[Problem] = set()
    for kind, columns, file in sorted(checked):
        try:
            if kind in checks:
                checks[kind](columns, file)
        except InputError as error:
            yield from (problem for problem in error.problems if problem not in seen)
            seen.update(error.problems)


def _check_fish_map(columns: Path, file: Path) -> None:
    from mmrisk.cytogenetics.fish_columns import check_columns, read_map

    column_map = read_map(columns)
    try:
        table = read_sheet(file)
    except InputError:
        return
    check_columns(table, column_map)


def _check_composition_map(columns: Path, file: Path) -> None:
    from mmrisk.microenvironment.measured import read_map

    try:
        table = read_sheet(file)
    except InputError:
        return
    read_map(columns, table)


def _check_segment_map(columns: Path, file: Path) -> None:
    from mmrisk.copynumber.segment_formats import mapped_layout, read_column_map
    from mmrisk.copynumber.segment_text import read_text_table

    read_column_map(columns)
    try:
        header = read_text_table(file).header
    except InputError:
        return
    mapped_layout(columns, header, file=file.name)
