"""One patient from flags or a small file, without a workflow and without sheets."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from mmrisk.clinical import Clinical, gather, lab_columns, nearest_column, read_cell
from mmrisk.contracts import EVENTS
from mmrisk.errors import InputError, Problem
from mmrisk.events import State, Tier, catalogue
from mmrisk.fields import FieldError
from mmrisk.sheets import clean, read_sheet
from mmrisk.tables import conform

STATES = {
    **{str(state): state for state in State},
    "yes": State.PRESENT,
    "no": State.ABSENT,
    "unknown": State.NOT_TESTED,
}


def read_pairs(pairs: Iterable[str], *, flag: str) -> dict[str, str]:
    """`name=value` flags as names and values."""
    read, problems = {}, []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            problems.append(Problem(file=flag, value=pair, message="is not name=value", remedy="write name=value"))
        read[name.strip()] = clean(value)
    if problems:
        raise InputError(problems)
    return read


def read_patient(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Labs and events of one patient: YAML with `labs` and `events`, or a table with the columns name and value."""
    if path.suffix.lower() in (".yaml", ".yml"):
        return _read_yaml(path)
    sheet = read_sheet(path)
    if missing := [name for name in ("name", "value") if name not in sheet.columns]:
        raise InputError(
            Problem(file=sheet.file, row=1, column=missing[0], message="is missing", remedy="give columns name, value")
        )
    values = {row.cells["name"]: row.cells["value"] for row in sheet.rows}
    events = {name: value for name, value in values.items() if name in catalogue()}
    return {name: value for name, value in values.items() if name not in events}, events


def _read_yaml(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            Problem(file=str(path), message=f"cannot be read ({_first_line(error)})", remedy="give a small YAML file")
        ) from None
    parts = content if isinstance(content, dict) else {"": content}
    strange = [name for name, part in parts.items() if name not in ("labs", "events") or not isinstance(part, dict)]
    if strange:
        raise InputError(
            Problem(
                file=path.name,
                value=str(strange[0]),
                message="is not labs or events with names and values below it",
                remedy="write labs: and events:, each with indented `name: value` lines",
            )
        )
    return _words(parts.get("labs", {})), _words(parts.get("events", {}))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _words(values: Mapping[Any, Any]) -> dict[str, str]:
    spelled = {True: "yes", False: "no", None: ""}
    return {
        str(name): spelled[value] if isinstance(value, bool) or value is None else clean(str(value))
        for name, value in values.items()
    }


def one_patient(
    sample_id: str, labs: Mapping[str, str], events: Mapping[str, str], *, file: str
) -> tuple[Clinical, pd.DataFrame]:
    """Clinical sheet and events table of one patient: every event of the catalogue, not tested unless given.

    The value of an event is a state, or the share of cells with it (`0.35`, `35%`). Raises `InputError` with all
    problems of both.
    """
    problems: list[Problem] = []
    read = {name: [_lab(name, value, file, problems)] for name, value in labs.items()}
    rows = [{"event": name, **_event(name, value, file, problems)} for name, value in events.items()]
    if problems:
        raise InputError(problems)
    rows += [
        {"event": name, "state": str(State.NOT_TESTED), "explanation": "Not given."}
        for name in catalogue()
        if name not in events
    ]
    frame = pd.DataFrame(rows).assign(sample_id=sample_id, tier=str(Tier.MEASURED))
    return gather([sample_id], read, {name: (value,) for name, value in labs.items()}), conform(frame, EVENTS)


def _lab(name: str, value: str, file: str, problems: list[Problem]) -> object:
    if name not in lab_columns():
        problems.append(Problem(file=file, column=name, message="is not known", remedy=nearest_column(name)))
        return None
    try:
        return read_cell(value, name)
    except FieldError as unread:
        problems.append(Problem(file=file, column=name, value=value, message=unread.message, remedy=unread.remedy))
        return None


def _event(name: str, value: str, file: str, problems: list[Problem]) -> dict[str, Any]:
    if name not in catalogue():
        near = get_close_matches(name, catalogue(), n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else "use an event of the catalogue"
        problems.append(Problem(file=file, column=name, message="is not a known event", remedy=remedy))
        return {}
    known = _state(value)
    if known is None:
        remedy = f"give one of {', '.join(STATES)}, or the share of cells as 0.35 or 35%"
        problems.append(Problem(file=file, column=name, value=value, message="is no state", remedy=remedy))
        return {}
    return {**known, "explanation": "As given."}


def _state(value: str) -> dict[str, Any] | None:
    """State and share of an event as given; None where it is neither."""
    word = value.lower().replace(" ", "_")
    if word in STATES:
        return {"state": str(STATES[word])}
    try:
        share = float(word.removesuffix("%").rstrip("_")) / (100 if word.endswith("%") else 1)
    except ValueError:
        return None
    if not 0 <= share <= 1:
        return None
    return {"state": str(State.PRESENT if share else State.ABSENT), "fraction": round(share, 8)}
