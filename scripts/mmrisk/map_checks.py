"""Column maps of data files, checked against the headers of their files before a run."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from mmrisk.errors import InputError, Problem
from mmrisk.sheets import read_sheet

Content = TypeVar("Content")


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


def _readable(read: Callable[[Path], Content], file: Path) -> Content | None:
    """A data file as read; None where it cannot be."""
    try:
        return read(file)
    except InputError:
        return None


def _check_fish_map(columns: Path, file: Path) -> None:
    from mmrisk.cytogenetics.fish_columns import check_columns, read_map

    column_map = read_map(columns)
    if (table := _readable(read_sheet, file)) is not None:
        check_columns(table, column_map)


def _check_composition_map(columns: Path, file: Path) -> None:
    from mmrisk.microenvironment.measured import read_map

    if (table := _readable(read_sheet, file)) is not None:
        read_map(columns, table)


def _check_segment_map(columns: Path, file: Path) -> None:
    from mmrisk.copynumber.segment_formats import mapped_layout, read_column_map
    from mmrisk.copynumber.segment_text import read_text_table

    read_column_map(columns)
    if (table := _readable(read_text_table, file)) is not None:
        mapped_layout(columns, table.header, file=file.name)
