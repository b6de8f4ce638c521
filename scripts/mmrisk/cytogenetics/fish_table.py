"""Structured FISH results, one row per sample: yes or no, per cent, counts of cells, cut-offs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.cohort import ID_PATTERN
from mmrisk.cytogenetics.fish import NO_CELLS, Cells
from mmrisk.cytogenetics.fish_columns import ColumnMap, EventColumns, check_columns, default_map, meaning, read_map
from mmrisk.cytogenetics.observations import Observation, make_evidence
from mmrisk.cytogenetics.whole_report import warn_of_two_fusions, with_hyperdiploidy
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State, cutoff
from mmrisk.fields import FieldError, looks_like_date, parse_number
from mmrisk.sheets import Row, Sheet, read_sheet, refuse_cut_off

_Number = Callable[[str], float | None]
_Wrong = Callable[[str, str, str], None]
DISAGREE = 0.015
"""Share by which a per cent may differ from its counts before it is worth a warning."""


@dataclass(frozen=True, slots=True)
class _Values:
    """The cells of one event in one row, understood. Shares are 0 to 1."""

    result: str | None = None
    cells: Cells = NO_CELLS
    cutoff: float | None = None
    warnings: frozenset[str] = frozenset()

    @property
    def has_numbers(self) -> bool:
        return self.cells != NO_CELLS


def read_fish_table(file: AssayFile) -> Reading:
    """Evidence of a table of FISH results. Raises `InputError` with all problems of the table and its map."""
    table = read_sheet(file.file)
    refuse_cut_off(table)
    column_map = map_of(table, file.columns)
    rows, problems = _sample_rows(table, column_map, file)
    scales = {event.event: _looks_like_shares(table, event) for event in column_map.events}
    evidence: list[Evidence] = []
    for row in rows:
        observations = []
        for event in column_map.events:
            values = _read_values(row, event, column_map, table, problems, shares=scales[event.event])
            observations += _observe(event.event, values, file.source)
        evidence += _finish(observations, row.cells[column_map.sample], file)
    if problems:
        raise InputError(problems)
    return Reading(tuple(evidence), pd.DataFrame(), ())


def map_of(table: Sheet, path: Path | None) -> ColumnMap:
    """The column map of a table, its own or that of our event names. Raises `InputError` where they do not fit."""
    column_map = read_map(path) if path else default_map(table.columns)
    if not column_map.events:
        remedy = "name columns by event (t_4_14, del_17p_percent, ...) or give a column map with --columns"
        raise InputError(Problem(file=table.file, row=1, message="has no column of an event", remedy=remedy))
    check_columns(table, column_map)
    return column_map


def _sample_rows(table: Sheet, column_map: ColumnMap, file: AssayFile) -> tuple[list[Row], list[Problem]]:
    """Rows of the samples that are asked for; samples without a name or with two rows are problems."""
    problems: list[Problem] = []
    first: dict[str, int] = {}
    kept = []
    for row in table.rows:
        sample = row.cells[column_map.sample]
        message, remedy = "", "keep one row per sample"
        if not sample:
            message, remedy = "is missing", "name the sample"
        elif looks_like_date(sample):
            message, remedy = "looks like a date that a spreadsheet made of a name", "format the column as text"
        elif sample in first:
            message = f"occurs on row {first[sample]} too"
        elif file.names_its_samples and not ID_PATTERN.fullmatch(sample):
            message, remedy = "is not a name of a sample", "use letters, digits, _ and -, as in the samples sheet"
        if message:
            problems.append(_problem(table, row, column_map.sample, message, remedy))
            continue
        first[sample] = row.number
        if file.names_its_samples or sample == file.sample_id:
            kept.append(row)
    if not kept and not problems and not file.names_its_samples:
        remedy = "correct the sample id, or use * to read all rows"
        problems.append(
            Problem(file=table.file, value=file.sample_id, message="has no row in the table", remedy=remedy)
        )
    return kept, problems


def _problem(table: Sheet, row: Row, column: str, message: str, remedy: str) -> Problem:
    return Problem(
        file=table.file, row=row.number, column=column, value=row.cells[column] or None, message=message, remedy=remedy
    )


def _looks_like_shares(table: Sheet, event: EventColumns) -> bool:
    """Whether a per cent column holds only values up to 1, some of them between 0 and 1 and without a per cent sign."""
    if "%" in event.percent:  # the laboratory's own header says what the numbers are
        return False
    numbers = []
    for row in table.rows if event.percent else ():
        text = row.cells[event.percent]
        try:
            numbers.append(parse_number(text))
        except FieldError:
            if "%" in text:
                return False
    return bool(numbers) and max(numbers) <= 1 and any(0 < number < 1 for number in numbers)


def _read_values(
    row: Row, event: EventColumns, column_map: ColumnMap, table: Sheet, problems: list[Problem], *, shares: bool
) -> _Values:
    def number(column: str) -> float | None:
        text = row.cells[column] if column else ""
        if meaning(text, column_map.words) == "not_tested":
            return None
        try:
            return parse_number(text.replace("%", "").strip())
        except FieldError as broken:
            problems.append(_problem(table, row, column, broken.message, broken.remedy))
            return None

    def wrong(column: str, message: str, remedy: str) -> None:
        problems.append(_problem(table, row, column, message, remedy))

    result = None
    if event.result and row.cells[event.result]:
        result = meaning(row.cells[event.result], column_map.words)
        if result is None:
            wrong(
                event.result,
                "is neither present nor absent",
                "write yes, no or nothing, or name the word in the column map",
            )
    share = _share(row, event, number, wrong, shares=shares)
    abnormal, scored = _whole(number(event.abnormal)), _whole(number(event.scored))
    if abnormal is False or scored is False:
        wrong(event.abnormal if abnormal is False else event.scored, "is not a number of cells", "give a whole number")
        return _Values()
    lab = number(event.cutoff)
    lab = event.cutoff_share if lab is None else lab / 100 if lab > 1 else lab
    if abnormal is not None and scored is not None and abnormal > scored:
        wrong(event.abnormal, f"is more than the {scored} cells scored", "correct one of the two counts")
        return _Values()
    if scored == 0:  # nothing was looked at
        return _Values()
    return _combine(result, share, abnormal, scored, lab)


def _share(row: Row, event: EventColumns, number: _Number, wrong: _Wrong, *, shares: bool) -> Cells:
    """The share of cells in its column: per cent, a range of it, `<5`, or a fraction."""
    column = event.percent or event.fraction
    text = row.cells[column].replace("%", "").strip() if column else ""
    unit = 100.0 if event.percent else 1.0
    if text[:1] in ("<", ">"):
        bound = _bound(text, unit)
        if bound is not None:
            return bound
    between = _range(text, unit) if not looks_like_date(text) else None
    if between is not None:
        return between
    value = number(column) if column else None
    if value is None:
        return NO_CELLS
    if shares and 0 < value < 1:
        wrong(
            column, "looks like a fraction in a column of per cent", "write per cent, or name the column under fraction"
        )
        return NO_CELLS
    if not 0 <= value <= unit:
        wrong(column, "is out of range", f"give 0 to {unit:g}")
        return NO_CELLS
    return Cells(share=round(value / unit, 8))


def _bound(text: str, unit: float) -> Cells | None:
    try:
        value = parse_number(text.lstrip("<>=").strip()) / unit
    except FieldError:
        return None
    if not 0 <= value <= 1:
        return None
    return Cells(high=value) if text[0] == "<" else Cells(low=value, high=1.0)


def _range(text: str, unit: float) -> Cells | None:
    for mark in ("~", "-", " to "):
        low, found, high = text.partition(mark)
        if found and low.strip() and high.strip():
            try:
                bounds = parse_number(low.strip()) / unit, parse_number(high.strip()) / unit
            except FieldError:
                return None
            return Cells(low=bounds[0], high=bounds[1]) if 0 <= bounds[0] <= bounds[1] <= 1 else None
    return None


def _whole(value: float | None) -> int | bool | None:
    """A number of cells; False where it is none."""
    if value is None:
        return None
    return int(value) if value >= 0 and value == int(value) else False


def _combine(result: str | None, share: Cells, abnormal: int | None, scored: int | None, lab: float | None) -> _Values:
    cells, warnings = share, frozenset[str]()
    if abnormal is not None and scored:
        cells = Cells(abnormal, scored)
        if share.share is not None and abs(share.share - abnormal / scored) > DISAGREE:
            warnings = frozenset({"percent_and_counts_differ"})
    elif scored:
        whole = share.share * scored if share.share is not None else None
        counted = whole is not None and abs(whole - round(whole)) < 0.5
        cells = Cells(round(whole), scored) if whole is not None and counted else replace(share, scored=scored)
    elif abnormal is not None:
        cells = replace(share, abnormal=abnormal)
    return _Values(result, cells, lab, warnings)


def _observe(event: str, values: _Values, source: str) -> list[Observation]:
    """The observation of one event, none where it was not tested."""
    seen = _seen(values.cells)
    told = values.result in ("present", "absent")
    if not told and (seen is None or values.result == "not_tested"):
        return []
    one = Observation(
        event=event,
        state=State.PRESENT,
        method="table" if values.has_numbers else "tick_box",
        cells=values.cells,
        source=source,
        warnings=values.warnings,
        basis="" if source == "fish" else "reads",
    )
    if values.result == "absent" or (not told and seen == 0):
        return [_absent(one, values, seen)]
    if seen == 0:
        return [
            replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, warnings=one.warnings | {"present_without_cells"})
        ]
    if not _is_share(values.cells) and values.cutoff is not None:
        one = replace(one, cells=replace(values.cells, low=values.cutoff, high=1.0))
    return [one]


def _absent(one: Observation, values: _Values, seen: float | None) -> Observation:
    """A negative result; cells seen nevertheless are kept below the cut-off and contradict it above."""
    if seen is None and values.cutoff is not None:
        return replace(one, state=State.ABSENT, cells=NO_CELLS, limit=values.cutoff)
    if not seen:
        limit = None if values.cells.scored else values.cutoff
        return replace(one, state=State.ABSENT, cells=Cells(scored=values.cells.scored), limit=limit)
    if seen >= cutoff(one.event).fraction:
        return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, warnings=one.warnings | {"negative_with_cells"})
    return replace(one, warnings=one.warnings | {"reported_negative"})


def _seen(cells: Cells) -> float | None:
    """The share seen, the upper bound of a range; a bare number of abnormal cells counts as some."""
    if cells.known_share is not None:
        return cells.known_share
    if cells.high is not None:
        return cells.high
    return None if cells.abnormal is None else float(cells.abnormal > 0)


def _is_share(cells: Cells) -> bool:
    return cells.known_share is not None or cells.high is not None


def _finish(observations: Iterable[Observation], sample_id: str, file: AssayFile) -> list[Evidence]:
    every = list(observations)
    if file.source == "fish":
        every = warn_of_two_fusions(with_hyperdiploidy(every))
    selection = file.cell_selection or ("unknown" if file.source == "fish" else "")
    return [make_evidence(one, sample_id=sample_id, assay_id=file.assay_id, cell_selection=selection) for one in every]
