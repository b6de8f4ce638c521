"""The first page: the cohort at a glance, as plain values for the template."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.contracts import (
    CELL_QUALITY,
    COMPOSITION,
    CONFLICTS,
    EVENTS,
    EVIDENCE,
    IDENTITY,
    PARSED,
    RISK,
    SIGNATURES,
    STATUS,
    TO_ORDER,
)
from mmrisk.events import PRIMARY_IG_FUSIONS, State, Tier, catalogue, cutoff
from mmrisk.report import association_view, survival_view
from mmrisk.report.bars import RAMP, Segment, label_style, stacked
from mmrisk.report.cell_map import cell_map
from mmrisk.report.composition_view import LEAST_SAMPLES as FEWEST_SHARES
from mmrisk.report.composition_view import Composition, compositions
from mmrisk.report.failures import failures
from mmrisk.report.groups import groupings
from mmrisk.report.headline import headline
from mmrisk.report.heatmap import LEAST_SAMPLES as FEWEST_SCORES
from mmrisk.report.heatmap import STEPS, heatmap
from mmrisk.report.material import Material, Row
from mmrisk.report.methods import methods
from mmrisk.report.risk_words import CLASSES, MAIN_SYSTEMS, by_use, group_of
from mmrisk.report.words import NO_BREAK_SPACE, RNA_SYMBOL, SYMBOLS, cutoff_source, either, event_name, percent
from mmrisk.risk.engine import NOT_APPLICABLE, System

MATRIX_GROUPS = (
    ("IG translocations", ("primary_ig_fusion", "other_ig_fusion", "myc")),
    ("Ploidy", ("ploidy",)),
    ("Copy number", ("copy_number",)),
    ("Mutations", ("mutation", "derived")),
)
STATE_MARKS = {
    State.PRESENT: "p",
    State.SUBTHRESHOLD: "s",
    State.CONFLICT: "c",
    State.NOT_EVALUABLE: "u",
    State.ABSENT: "a",
    State.NOT_TESTED: "",
}
"""Classes of the cells of the matrix: short, as a cohort has tens of thousands of them."""
LABEL_MARKS = {**{f"risk-{step}": f"r{step}" for step in range(RAMP + 1)}, "class": "k", "open": "o"}
LABEL_MARKS["not-applicable"] = "n"
MANY_SAMPLES = 500
"""Of more samples the table of labels holds the systems in general use only, so that the page stays light."""
MANY_CONFLICTS = 60
"""More conflicts than this are listed by event; why they are conflicts is on the page of each sample."""
CUTOFF_WORDS = {
    "fusion": "Fusions",
    "numerical": "Copy-number changes",
    "mutation": "Mutations",
    "target": "Therapy targets",
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """How one risk system falls out over the samples."""

    system: str
    about: str
    is_main: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the event matrix; `mark` is the short class of its state."""

    mark: str
    symbol: str
    share: float | None


@dataclass(frozen=True, slots=True)
class LabelCell:
    """What is known of one system in one sample; `mark` is the short class of its style."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A sample in the tables of the page; `found` is its headline, `unread` its files that could not be read."""

    sample: Row
    cells: tuple[Cell, ...]
    labels: tuple[LabelCell, ...]
    found: str
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A test to order, with the samples it is for, and of how many of them it settles which label: `R2-ISS 3`.

    Labels in general use come first.
    """

    name: str
    settles: str
    may_settle: str
    needed_for: str
    samples: tuple[str, ...]


def page(material: Material, systems: Mapping[str, System]) -> dict[str, Any]:
    """Values of the template for the whole cohort."""
    columns = _columns(material)
    shown = [event for _, events in columns for event in events]
    given = dict.fromkeys(row["system"] for row in material.all(RISK))
    names = [*(name for name in systems if name in given), *(name for name in given if name not in systems)]
    applying = {row["system"] for row in material.all(RISK) if row["possible"] != [NOT_APPLICABLE]}
    used = [name for name in names if name in applying]
    is_large = len(material.samples) > MANY_SAMPLES
    beside = [name for name in used if is_large and name not in MAIN_SYSTEMS]
    used = [name for name in used if name not in beside]
    samples = sorted(material.samples, key=lambda sample: _place(sample["sample_id"], material))
    conflicts = material.all(CONFLICTS)
    parsed = material.all(PARSED)
    return {
        "n_patients": len({sample["patient_id"] for sample in material.samples}),
        "n_made_up_labs": len(material.made_up_labs),
        "made_up_files": sorted({file.name for file in material.files.values() if file.is_made_up}),
        "distributions": _distributions(material, systems, names),
        "columns": columns,
        "unseen": [event_name(event) for event in _candidates() if event not in shown],
        "systems": used,
        "beside": beside,
        "unused": [name for name in names if name not in applying],
        "rows": [_sample_row(sample, material, systems, shown, used) for sample in samples],
        "tests": _tests(material),
        "many_conflicts": MANY_CONFLICTS,
        "open_conflicts": [row for row in conflicts if row["resolution"] == State.CONFLICT],
        "settled_conflicts": [row for row in conflicts if row["resolution"] != State.CONFLICT],
        "failed": [row for row in material.all(STATUS) if row["status"] == "failed"],
        "parsed": parsed,
        "unread": [row for row in parsed if row["unread"]],
        "strangers": material.strangers,
        "cutoffs": _cutoffs(material.profile),
        "declared": list(systems.values()),
        "methods": methods(material, systems),
        "profile": material.profile,
        "links": material.links,
        **_marrow(material, systems),
    }


def _marrow(material: Material, systems: Mapping[str, System]) -> dict[str, Any]:
    """Figures of the marrow; empty where no cells were counted."""
    groups = groupings(material, systems)
    found = compositions(material, groups)
    return {
        "compositions": found,
        "several_assays": len({item.assay for item in found}) > 1,
        "heatmap": heatmap(material, groups),
        "marrow_gaps": list(_marrow_gaps(material, found)),
        "heat_steps": STEPS,
        "associations": association_view.associations(material),
        "sensitivity": association_view.sensitivity(material),
        "cell_map": cell_map(material),
        "trends": association_view.trends(material),
        "curves": survival_view.curves(material, systems),
        "models": survival_view.models(material),
        "cells": [
            (row, next(iter(material.of(IDENTITY, row["sample_id"])), None)) for row in material.all(CELL_QUALITY)
        ],
    }


def _marrow_gaps(material: Material, found: Sequence[Composition]) -> Iterable[str]:
    """One line for each figure of the marrow that the cohort is too small for."""
    counted = {row["sample_id"] for row in material.all(COMPOSITION) if row["share"] is not None}
    scored = {row["sample_id"] for row in material.all(SIGNATURES) if row["mean"] is not None}
    if counted and not any(item.figures for item in found):
        yield f"Shares of cells are not compared: {_samples(len(counted))} counted, {FEWEST_SHARES} are needed."
    if scored and len(scored) < FEWEST_SCORES:
        yield f"Programmes are not compared: {_samples(len(scored))} scored, {FEWEST_SCORES} are needed."


def _samples(count: int) -> str:
    return f"{count} sample{'s' if count != 1 else ''}"


def _candidates() -> list[str]:
    return [event.id for event in catalogue().values() if any(event.kind in kinds for _, kinds in MATRIX_GROUPS)]


def _columns(material: Material) -> list[tuple[str, list[str]]]:
    """Events of the matrix by group; an event that no sample was tested for has no column."""
    tested = {row["event"] for row in material.all(EVENTS) if row["state"] != State.NOT_TESTED}
    columns = []
    for heading, kinds in MATRIX_GROUPS:
        events = [event.id for event in catalogue().values() if event.kind in kinds and event.id in tested]
        if events:
            columns.append((heading, events))
    return columns


def _place(sample_id: str, material: Material) -> tuple[int, str]:
    """Order of the samples: by primary event (IG fusion, then hyperdiploidy, then none known), then by name."""
    present = {row["event"] for row in material.of(EVENTS, sample_id) if row["state"] == State.PRESENT}
    primary = (*PRIMARY_IG_FUSIONS, "hyperdiploid")
    return next((place for place, event in enumerate(primary) if event in present), len(primary)), sample_id


def _distributions(material: Material, systems: Mapping[str, System], names: Sequence[str]) -> list[Distribution]:
    possible = defaultdict(list)
    for row in material.all(RISK):
        possible[row["system"]].append(row["possible"])
    return [
        Distribution(
            name,
            systems[name].about if name in systems else "",
            name in MAIN_SYSTEMS,
            tuple(_segments(possible[name], systems.get(name))),
        )
        for name in names
        if possible[name]
    ]


def _segments(possible: Sequence[Sequence[str]], system: System | None) -> list[Segment]:
    return stacked(possible, system.labels if system else (), is_risk=group_of(system) != CLASSES)


def _sample_row(
    sample: Row, material: Material, systems: Mapping[str, System], shown: Sequence[str], names: Sequence[str]
) -> SampleRow:
    events = {row["event"]: row for row in material.of(EVENTS, sample["sample_id"])}
    risk = {row["system"]: row for row in material.of(RISK, sample["sample_id"])}
    cells = [events.get(event, {"state": State.NOT_TESTED, "fraction": None, "tier": None}) for event in shown]
    failed = failures(sample["sample_id"], material)
    return SampleRow(
        sample,
        tuple(map(_cell, cells)),
        tuple(_label_cell(risk.get(name), systems.get(name)) for name in names),
        headline(
            events.values(),
            profile=material.profile,
            failed=failed,
            evidence=material.of(EVIDENCE, sample["sample_id"]),
        ).found,
        tuple(item.name for item in failed if not item.is_shared),
    )


def _cell(row: Row) -> Cell:
    """A cell of the matrix; what RNA alone suggests has a mark and a symbol of its own."""
    mark, symbol = STATE_MARKS[row["state"]], SYMBOLS[row["state"]]
    if row["tier"] == Tier.INFERRED and mark:
        mark, symbol = f"i{mark}", RNA_SYMBOL if row["state"] in (State.PRESENT, State.SUBTHRESHOLD) else symbol
    return Cell(mark, symbol, row["fraction"])


def _label_cell(row: Row | None, system: System | None) -> LabelCell:
    if row is None:
        return LabelCell("", "")
    style = label_style(row["possible"], system.labels if system else (), is_risk=group_of(system) != CLASSES)
    text = "n/a" if row["possible"] == [NOT_APPLICABLE] else either(row["possible"])
    return LabelCell(text, LABEL_MARKS[style])


def _tests(material: Material) -> list[Test]:
    by_test = defaultdict(list)
    for row in material.all(TO_ORDER):
        if row["test"]:
            by_test[row["test"]].append(row)
    tests = [
        Test(
            test,
            _counted(rows, "decides"),
            _counted(rows, "may_decide"),
            _counted(rows, "needed_for"),
            tuple(row["sample_id"] for row in rows),
        )
        for test, rows in by_test.items()
    ]
    return sorted(tests, key=lambda test: (-len(test.samples), test.name))


def _counted(rows: Sequence[Row], column: str) -> str:
    """Systems of a column with their numbers of samples, those in general use first, then the most frequent."""
    counts = Counter(name for row in rows for name in row[column])
    order = sorted(counts, key=lambda name: (*by_use(name)[:1], -counts[name], name))
    return ", ".join(f"{name}{NO_BREAK_SPACE}{counts[name]}" for name in order)


def _cutoffs(profile: str) -> list[tuple[str, str, str]]:
    """What each cut-off is for, the cut-off, and its source."""
    first = {event.cutoff_scope: event.id for event in catalogue().values()}
    said = []
    for scope, event in sorted(first.items()):
        at = cutoff(event, profile)
        operator = "at least" if at.inclusive else "more than"
        said.append(
            (
                CUTOFF_WORDS.get(scope) or event_name(scope),
                f"{operator} {percent(at.fraction)}",
                cutoff_source(event, profile),
            )
        )
    return said
