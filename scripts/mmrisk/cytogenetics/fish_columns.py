"""Which column of a foreign FISH table holds what, and which words in it mean present, absent and not tested."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmrisk.cohort import canonical
from mmrisk.errors import InputError, Problem
from mmrisk.events import catalogue
from mmrisk.fields import FieldError, parse_number
from mmrisk.sheets import Sheet, read_sheet

SAMPLE = "sample_id"
PARTS = ("result", "percent", "fraction", "abnormal", "scored", "cutoff")
MIN_ROWS = 3
"""Rows that two columns need before their values tell that they were exchanged."""
FEW_CELLS = 25
"""Hardly any laboratory reports a result on fewer cells."""
WORDS = {
    "present": ("yes", "y", "true", "1", "positive", "pos", "+", "+ve", "present", "detected", "abnormal", "found"),
    "absent": ("no", "n", "false", "0", "negative", "neg", "-", "-ve", "absent", "not detected", "normal", "not found"),
    "not_tested": (
        *("", "na", "n/a", "nan", "none", "null", ".", "nt", "not tested", "not done", "not performed", "unknown"),
        *("failed", "not available", "not evaluable", "uninformative", "insufficient", "pending", "missing", "?"),
    ),
}
"""Words that any laboratory may use; a map's own words come first."""


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Columns of one event; `cutoff` is a column or, as `cutoff_share`, one share for all rows."""

    event: str
    result: str = ""
    percent: str = ""
    fraction: str = ""
    abnormal: str = ""
    scored: str = ""
    cutoff: str = ""
    cutoff_share: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the event names."""
        return tuple(filter(None, (getattr(self, part) for part in PARTS)))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The map of one table: `words` maps a cell in lower case to present, absent or not_tested."""

    sample: str
    events: tuple[EventColumns, ...]
    words: Mapping[str, str] = field(repr=False)
    file: str = ""
    places: Mapping[str, tuple[int | None, str]] = field(default_factory=dict, repr=False)
    """Column of the table -> the row and column of the map that name it."""


def default_map(columns: Iterable[str]) -> ColumnMap:
    """The map of a table whose headers are our event names (`t_4_14`, `t_4_14_percent`, `t_4_14_scored`, ...)."""
    ours = {canonical(column): column for column in columns}
    events = []
    for event in catalogue():
        named = {part: ours[f"{event}_{part}"] for part in PARTS if f"{event}_{part}" in ours}
        if event in ours:
            named["result"] = ours[event]
        if named:
            events.append(EventColumns(event, **named, cutoff_share=None))
    return ColumnMap(ours.get(SAMPLE, SAMPLE), tuple(events), _words({}))


def read_map(path: Path) -> ColumnMap:
    """Read a column map, YAML or delimited.

    Delimited: a row per event with columns event, result, percent, fraction, abnormal, scored, cutoff; further rows
    `sample_id`, `present`, `absent` and `not_tested` hold, under result, the sample column and words joined by `;`.
    YAML: the same names as keys, events under `events` (a column name, or a mapping of these parts).
    Raises `InputError` with all that is wrong.
    """
    problems: list[Problem] = []
    if path.suffix.lower() in (".yaml", ".yml"):
        entries, words, sample = _from_yaml(path)
    else:
        entries, words, sample = _from_sheet(read_sheet(path), problems)
    events: dict[str, EventColumns] = {}
    for row, name, parts in entries:
        made = _event(path.name, row, name, parts, problems)
        if made is not None and made.event in events:
            problems.append(_problem(path.name, row, name, "occurs more than once", "keep one row per event"))
        elif made is not None:
            events[made.event] = made
    if not entries:
        problems.append(_problem(path.name, None, None, "names no event", "give a row per event"))
    if problems:
        raise InputError(problems)
    places = {column: (row, part) for row, _, parts in reversed(entries) for part, column in parts.items()}
    if sample.column:
        places[sample.column] = (sample.row, "result")
    return ColumnMap(sample.column or SAMPLE, tuple(events.values()), _words(words), path.name, places)


_Entry = tuple[int | None, str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Sample:
    """The user's column of sample names, and the row of the map that names it."""

    column: str = ""
    row: int | None = None


def _from_sheet(sheet: Sheet, problems: list[Problem]) -> tuple[list[_Entry], dict[str, list[str]], _Sample]:
    columns = {canonical(name): name for name in sheet.columns}
    if "event" not in columns or not set(PARTS) & columns.keys():
        remedy = f"name the columns event and {', '.join(PARTS)} (at least one of them)"
        raise InputError(Problem(file=sheet.file, row=1, message="is not a column map", remedy=remedy))
    entries: list[_Entry] = []
    words: dict[str, list[str]] = {}
    sample = _Sample()
    for row in sheet.rows:
        event = row.cells[columns["event"]]
        parts = {part: row.cells[columns[part]] for part in PARTS if part in columns and row.cells[columns[part]]}
        if canonical(event) in WORDS or canonical(event) == SAMPLE:
            problems += [
                Problem(
                    file=sheet.file,
                    row=row.number,
                    column=columns[part],
                    value=value,
                    message=f"stands in the wrong column for {canonical(event)}",
                    remedy="put it under result",
                )
                for part, value in parts.items()
                if part != "result"
            ]
        if canonical(event) in WORDS:
            words[canonical(event)] = parts.get("result", "").split(";")
        elif canonical(event) == SAMPLE:
            sample = _Sample(parts.get("result", ""), row.number)
        else:
            entries.append((row.number, event, parts))
    return entries, words, sample


def _from_yaml(path: Path) -> tuple[list[_Entry], dict[str, list[str]], _Sample]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"cannot be read ({' '.join(str(error).split())[:120]})"
        raise InputError(Problem(file=path.name, message=message, remedy="give a YAML mapping in UTF-8")) from None
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(events, dict):
        remedy = "give sample_id and events: {t_4_14: column name, ...}"
        raise InputError(Problem(file=path.name, message="is not a column map", remedy=remedy))
    entries: list[_Entry] = []
    for event, value in events.items():
        parts = value if isinstance(value, dict) else {"result": value}
        entries.append((None, str(event), {str(part): _scalar(name) for part, name in parts.items()}))
    words = {
        kind: [_scalar(word) for word in _list(content.get(kind))] for kind in WORDS if content.get(kind) is not None
    }
    return entries, words, _Sample(_scalar(content.get(SAMPLE) or ""))


def _scalar(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _event(
    file: str, row: int | None, name: str, parts: Mapping[str, str], problems: list[Problem]
) -> EventColumns | None:
    event = canonical(name)
    if event not in catalogue():
        close = difflib.get_close_matches(event, list(catalogue()), n=1, cutoff=0.5)
        remedy = f"did you mean {close[0]}?" if close else "use an id of resources/events.tsv"
        problems.append(_problem(file, row, name, "is not an event", remedy))
        return None
    unknown = [part for part in parts if part not in PARTS]
    remedy = f"use {', '.join(PARTS)}"
    problems += [_problem(file, row, part, "is not a part of an event", remedy) for part in unknown]
    named = {part: column for part, column in parts.items() if part in PARTS and part != "cutoff"}
    if not named:
        problems.append(_problem(file, row, name, "names no column", f"give one of {', '.join(PARTS[:-1])}"))
        return None
    share = _share_of(parts.get("cutoff", ""))
    cutoff = parts.get("cutoff", "") if share is None else ""
    return EventColumns(event, **named, cutoff=cutoff, cutoff_share=share)


def _share_of(text: str) -> float | None:
    """A cut-off written as a number: per cent above 1 or with a per cent sign, else a share."""
    plain = text.replace("%", "").replace(",", ".").strip()
    try:
        number = float(plain)
    except ValueError:
        return None
    number = number / 100 if "%" in text or number > 1 else number
    return number if 0 <= number <= 1 else None


def _words(own: Mapping[str, Iterable[str]]) -> dict[str, str]:
    words = {word: kind for kind, usual in WORDS.items() for word in usual}
    words |= {_plain(word): kind for kind, given in own.items() for word in given}
    return words


def _plain(word: str) -> str:
    text = " ".join(word.lower().split())
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def meaning(text: str, words: Mapping[str, str]) -> str | None:
    """present, absent or not_tested for a cell, or None."""
    return words.get(_plain(text))


def check_columns(table: Sheet, column_map: ColumnMap) -> None:
    """Raise `InputError` for columns that the table lacks, where the map names them, with the nearest one it has."""
    problems = []
    wanted = [column_map.sample, *(column for event in column_map.events for column in event.columns)]
    for column in dict.fromkeys(wanted):
        if column in table.columns:
            continue
        close = difflib.get_close_matches(column, list(table.columns), n=1, cutoff=0.3)
        near = f"did you mean {close[0]!r}?" if close else "correct it"
        row, part = column_map.places.get(column, (None, ""))
        if not part:  # no row of the map names the column of samples
            near = f"add a row {SAMPLE} to the map, with your column of sample names under result"
        problems.append(
            Problem(
                file=column_map.file or table.file,
                row=row,
                column=part or None,
                value=column,
                message=f"is not a column of {table.file}",
                remedy=near,
            )
        )
    problems = problems or list(_exchanged(table, column_map))
    if problems:
        raise InputError(problems)


def _exchanged(table: Sheet, column_map: ColumnMap) -> Iterator[Problem]:
    """Events whose shares of cells stand under `scored` and whose numbers of cells under `percent`."""
    for event in column_map.events:
        if not (event.percent and event.scored):
            continue
        pairs = ((_number(row.cells[event.percent]), _number(row.cells[event.scored])) for row in table.rows)
        numbers = [(share, cells) for share, cells in pairs if share is not None and cells is not None]
        if ("%" in event.scored and "%" not in event.percent) or _look_exchanged(numbers):
            row, part = column_map.places.get(event.scored, (None, ""))
            yield Problem(
                file=column_map.file or table.file,
                row=row,
                column=part or None,
                value=event.scored,
                message=f"of {event.event} seems to be exchanged with {event.percent!r}, named under percent",
                remedy="name the share of abnormal cells under percent, and the number of cells counted under scored",
            )


def _look_exchanged(numbers: Sequence[tuple[float, float]]) -> bool:
    """Whether all `percent` are the same round number of cells, and the `scored` are shares of different size."""
    percent, scored = {pair[0] for pair in numbers}, {pair[1] for pair in numbers}
    if len(numbers) < MIN_ROWS or len(percent) > 1 or len(scored) == 1:
        return False
    round_number = next(iter(percent))
    return round_number >= 50 and round_number % 50 == 0 and min(scored) < FEW_CELLS and max(scored) <= 100


def _number(text: str) -> float | None:
    try:
        return parse_number(text.replace("%", "").strip())
    except FieldError:
        return None


def _problem(file: str, row: int | None, value: str | None, message: str, remedy: str) -> Problem:
    return Problem(file=file, row=row, value=value, message=message, remedy=remedy)
