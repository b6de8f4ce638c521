"""Why a label is what it is, in sentences that a haematologist can follow: for the command and for the report."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import pandas as pd

from mmrisk.clinical import lab_columns
from mmrisk.events import catalogue
from mmrisk.observations import percent
from mmrisk.resource import facts
from mmrisk.risk.diagnosis import NO_OUTCOME, POPULATIONS
from mmrisk.risk.engine import DIAGNOSIS, NOT_APPLICABLE, NOT_EVALUABLE, System
from mmrisk.risk.systems import SYSTEMS, needed_events, tests_of
from mmrisk.tables import split

UNCHECKED = "; number from memory, not checked in the source"
"""Said of a published number whose source could not be read."""

Cells = Mapping[str, Any]
"""One row of a table: column -> cell."""


@cache
def _words(kind: str) -> Mapping[str, str]:
    return {row["name"]: row["words"] for row in facts("risk_words.tsv") if row["kind"] == kind}


def in_words(criterion: str) -> str:
    """A criterion in words: an event by its label; what is in words already stays."""
    if criterion in catalogue():
        return catalogue()[criterion].label
    return _words("criterion").get(criterion, criterion)


@cache
def label_in_words(label: str) -> str:
    """A label in words: `high risk` for HR, which could be read as hazard ratio; some labels are events."""
    if label in catalogue():
        return catalogue()[label].label
    return _words("label").get(label, label.replace("_", " "))


def flag_in_words(flag: str) -> str:
    """A flag as a sentence; `del_17p:near_cutoff` speaks of its event."""
    name, _, kind = flag.rpartition(":")
    return _words("flag").get(kind, flag).replace("{input}", in_words(name))


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


@cache
def published_outcomes(system: str, label: str) -> tuple[str, ...]:
    """Published outcome of a group, each with its source."""
    return tuple(
        f"{row['endpoint']}, {row['statistic']}: {row['value']}{' ' + row['unit'] if row['unit'] != 'ratio' else ''} "
        f"({row['source']}{UNCHECKED if row['status'] == 'unverified' else ''})"
        for row in facts("risk_outcomes.tsv")
        if row["system"] == system and row["label"] == label
    )


def headline(row: Cells) -> str:
    """The label in one sentence."""
    name, label = f"{row['system']} ({row['version']})", row["label"]
    words = label_in_words(label)
    if label == NOT_APPLICABLE:
        return f"{name} does not apply: it was made for {POPULATIONS[SYSTEMS[row['system']].population].about}."
    if label != NOT_EVALUABLE:
        points = f", {_points(row['points'])}" if _filled(row["points"]) else ""
        whole = "" if _is_true(row["complete"]) else "; what is missing could not change it"
        return f"{name}: {words}{points}{whole}."
    left = [label_in_words(name) for name in split(row["possible"]) if name != NOT_APPLICABLE]
    may_not = ", if it applies at all" if NOT_APPLICABLE in split(row["possible"]) else ""
    return f"{name} cannot be evaluated: {listed(left, 'or')} {'is' if len(left) == 1 else 'are'} possible{may_not}."


def explain_row(
    row: Cells,
    events: Mapping[str, Cells],
    *,
    said_already: Collection[str] = (),
    why: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Sentences on one system of one sample: label, criteria, what is missing, what would decide, outcome, flags.

    `row` is a row of the risk table, `events` the sample's rows of the events table by event, `said_already` holds
    flags that were explained before, `why` says why an input is not known, where that is known.
    """
    system, said = SYSTEMS[row["system"]], [headline(row)]
    if row["label"] == NOT_APPLICABLE:
        return said
    if criteria := split(row["criteria"]):
        said.append(f"Certain: {listed([in_words(each) for each in criteria])}.")
    said += [_event_sentence(event, events[event]) for event in _events_of(system) if event in events]
    said += _missing(row, dict(tests_of(system)), why)
    flags = split(row["flags"])
    if NO_OUTCOME.isdisjoint(flags):
        said += [f"Published {outcome}." for outcome in published_outcomes(system.name, row["label"])]
    said += [flag_in_words(flag) for flag in flags if flag not in said_already]
    if row["tier"] == "inferred":
        said.append("At least one event was inferred from RNA, not measured.")
    return [*said, f"Rule: {system.about} Source: {row['doi']}."]


def _missing(row: Cells, tests: Mapping[str, str], why: Mapping[str, str]) -> Iterator[str]:
    tests = {**tests, DIAGNOSIS: "the diagnosis"}
    missing, deciding = split(row["missing"]), split(row["would_decide"])
    if missing:
        named = {tests[name] + (f" ({why[name]})" if why.get(name) else "") for name in missing}
        yield f"Not known: {listed(sorted(named))}."
    if deciding:
        needed = sorted({tests[name] for name in deciding})
        yield f"To decide: {listed(needed)}{'' if len(needed) == 1 else ', together'}."


def _events_of(system: System) -> list[str]:
    read = needed_events([system])
    return [event for event in catalogue() if event in read]


def _event_sentence(event: str, cells: Cells) -> str:
    state = str(cells["state"]).replace("_", " ")
    share = f" in {percent(float(cells['fraction']))} of cells" if _filled(cells["fraction"]) else ""
    limit = cells.get("detection_limit", math.nan)
    negative = state == "absent" and _filled(limit)
    seen_from = f" (smallest clone detectable: {percent(float(limit))})" if negative else ""
    why = f": {cells['explanation']}" if _filled(cells.get("explanation")) else "."
    return f"{catalogue()[event].label} {state}{share}{seen_from}{why}"


def explain_sample(
    sample_id: str,
    risk: pd.DataFrame,
    events: pd.DataFrame | None = None,
    given: Mapping[str, str] | None = None,
) -> str:
    """The derivation of every label of one sample, as text; those that do not apply come last.

    `given` holds the cells of the clinical sheet as they were written, by column.
    """
    by_event: dict[str, Cells] = {}
    if events is not None:
        own = events[events["sample_id"] == sample_id]
        by_event = {str(row["event"]): row for row in own.to_dict("records")}
    order = {name: number for number, name in enumerate(SYSTEMS)}
    rows = risk[risk["sample_id"] == sample_id].to_dict("records")
    rows.sort(key=lambda row: (row["label"] == NOT_APPLICABLE, order[row["system"]]))
    general = sorted({flag for row in rows for flag in split(row["flags"])} & GENERAL_FLAGS)
    lines = [f"Sample {sample_id}", *_laboratory(given or {}), *(flag_in_words(flag) for flag in general), ""]
    for row in rows:
        first, *more = explain_row(row, by_event, said_already=general)
        lines += [first, *(f"  - {sentence}" for sentence in more)]
    return "\n".join(lines) + "\n"


GENERAL_FLAGS = frozenset({"assumes_active_disease", "stated_diagnosis_differs", *NO_OUTCOME})
"""Flags on the patient, which are said once."""


def _laboratory(given: Mapping[str, str]) -> Iterator[str]:
    for name, column in lab_columns().items():
        if given.get(name) and column.test:
            yield f"{column.about.split(';')[0].removesuffix(f', {column.unit}')}: {given[name]}"


def _points(points: str) -> str:
    return f"{points} point{'' if points == '1' else 's'}"


def _filled(cell: Any) -> bool:
    return cell is not None and cell != "" and not pd.isna(cell)


def _is_true(cell: Any) -> bool:
    return _filled(cell) and bool(cell)
