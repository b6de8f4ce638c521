"""A risk label in words: what it is, why it holds or stays open, and what would decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mmrisk.events import Tier
from mmrisk.report.bars import label_style
from mmrisk.report.words import MANY_LABELS, criterion_name, either, flag_sentence, input_name, label_name
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE, System

MAIN_SYSTEMS = ("ISS", "R-ISS", "R2-ISS", "IMS-2025", "IMS-2025-FISH")
"""Systems in general use, which a reader looks for first."""

Row = Mapping[str, Any]
CLASSES, ACTIVE, PRECURSOR = "Diagnosis and classification", "Active myeloma", "Precursor disease"
GROUPS = {"any": CLASSES, "mgus": PRECURSOR, "smm": PRECURSOR}


@dataclass(frozen=True, slots=True)
class RiskCard:
    """One system's card; `why` pairs a term with its text."""

    system: str
    about: str
    group: str
    label: str
    style: str
    is_main: bool
    is_open: bool
    applies: bool
    why: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]
    reference: str


def risk_card(row: Row, system: System | None) -> RiskCard:
    """The card of one row of the risk table; `system` is its declaration, if it is still known."""
    labels = system.labels if system else ()
    return RiskCard(
        system=row["system"],
        about=system.about if system else "",
        group=group_of(system),
        label=either(row["possible"]),
        style=label_style(row["possible"], labels, is_risk=group_of(system) != CLASSES),
        is_main=row["system"] in MAIN_SYSTEMS,
        is_open=row["label"] == NOT_EVALUABLE,
        applies=row["label"] != NOT_APPLICABLE,
        why=tuple(_why(row)),
        flags=tuple(map(flag_sentence, row["flags"])),
        reference=f"{row['system']}, version {row['version']}, doi {row['doi']}",
    )


def group_of(system: System | None) -> str:
    """Heading under which a system is shown; a system for anybody names a class, not a risk."""
    return GROUPS.get(system.population, ACTIVE) if system else ACTIVE


def _why(row: Row) -> list[tuple[str, str]]:
    said = []
    if len(row["possible"]) > MANY_LABELS:
        said.append(("Possible", ", ".join(map(label_name, row["possible"]))))
    if row["criteria"]:
        said.append(("Met", _listed(map(criterion_name, row["criteria"]))))
    if row["points"]:
        said.append(("Points", row["points"].replace("-", " to ")))
    others = [name for name in row["missing"] if name not in row["would_decide"]]
    if row["label"] == NOT_EVALUABLE:
        said.append(("Would decide", _listed(map(input_name, row["would_decide"])) or "nothing that is read here"))
    if others:
        said.append(("Also unknown" if row["would_decide"] else "Not known", _listed(map(input_name, others))))
    if row["label"] not in (NOT_EVALUABLE, NOT_APPLICABLE):
        complete = "every input is known" if row["complete"] else "whatever the unknown turns out to be"
        said.append(("Certain", complete))
    if row["tier"] == Tier.INFERRED:
        said.append(("Basis", "an input was inferred from RNA, not measured"))
    return said


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
