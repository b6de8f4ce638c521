"""A card for each risk label: what it is, why it holds or stays open, and what would decide."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mmrisk.report.bars import label_style
from mmrisk.report.unknowns import why_missing
from mmrisk.report.words import either, spaced
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE, System
from mmrisk.risk.explanation import explain_row
from mmrisk.risk.systems import tests_of

MAIN_SYSTEMS = ("ISS", "R-ISS", "R2-ISS", "IMS-2025", "IMS-2025-FISH")
"""Systems in general use, which a reader looks for first."""
CLASSES, ACTIVE, PRECURSOR = "Diagnosis and classification", "Active myeloma", "Precursor disease"
GROUPS = {"any": CLASSES, "mgus": PRECURSOR, "smm": PRECURSOR}
TO_DECIDE = "To decide"
TERMS = ("Certain", "Not known", TO_DECIDE)
"""How sentences of the explanation begin that are set as a term and its text."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RiskCard:
    """One system's card: `summary` is one sentence, `terms` pairs a term with its text, `notes` are sentences."""

    system: str
    group: str
    label: str
    style: str
    is_main: bool
    is_open: bool
    applies: bool
    summary: str
    terms: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    rule: str


def risk_card(
    row: Row,
    system: System | None,
    *,
    said_already: Collection[str] = (),
    events: Mapping[str, Row] = MappingProxyType({}),
    given: Collection[str] = (),
) -> RiskCard:
    """The card of one row of the risk table.

    `system` is its declaration, if it is still known; `said_already` are flags that are shown once for all cards,
    `events` the sample's rows of the events table, `given` the tests of which a value was given.
    """
    tests = dict(tests_of(system)) if system else {}
    why = {name: why_missing(events.get(name), is_given=tests.get(name) in given) for name in row["missing"]}
    cells = {name: ";".join(value) if isinstance(value, list) else value for name, value in row.items()}
    said = (
        explain_row(cells, {}, said_already=said_already, why=why)
        if system
        else [f"{row['system']} is not known to this version."]
    )
    summary, *rest = map(spaced, said)
    rule = rest.pop() if rest else f"Source: {row['doi']}."
    split = [sentence.partition(": ") for sentence in rest]
    return RiskCard(
        system=row["system"],
        group=group_of(system),
        label=either(row["possible"]),
        style=label_style(row["possible"], system.labels if system else (), is_risk=group_of(system) != CLASSES),
        is_main=row["system"] in MAIN_SYSTEMS,
        is_open=row["label"] == NOT_EVALUABLE,
        applies=row["label"] != NOT_APPLICABLE,
        summary=summary,
        terms=(*((term, text) for term, _, text in split if term in TERMS), *_points(row)),
        notes=tuple(sentence for sentence, (term, _, _) in zip(rest, split, strict=True) if term not in TERMS),
        rule=rule,
    )


def _points(row: Row) -> list[tuple[str, str]]:
    """Range of the points of a label that is open; a settled label says its points itself."""
    is_open = row["label"] == NOT_EVALUABLE and row["points"]
    return [("Points", row["points"])] if is_open else []


def by_use(system: str) -> tuple[int, str]:
    """Place of a system: those in general use first, in their order, then by name."""
    return (MAIN_SYSTEMS.index(system) if system in MAIN_SYSTEMS else len(MAIN_SYSTEMS)), system


def group_of(system: System | None) -> str:
    """Heading under which a system is shown; a system for anybody names a class, not a risk."""
    return GROUPS.get(system.population, ACTIVE) if system else ACTIVE
