"""A risk label in words: what it is, why it holds or stays open, and what would decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.events import Tier
from mmrisk.report.bars import label_style
from mmrisk.report.words import either, flag_sentence, input_name, plain
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE, System

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RiskCard:
    """One system's card; `why` pairs a term with its text."""

    system: str
    about: str
    label: str
    style: str
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
        label=either(row["possible"]),
        style=label_style(row["possible"], labels),
        is_open=row["label"] == NOT_EVALUABLE,
        applies=row["label"] != NOT_APPLICABLE,
        why=tuple(_why(row)),
        flags=tuple(map(flag_sentence, row["flags"])),
        reference=f"{row['system']}, version {row['version']}, doi {row['doi']}",
    )


def _why(row: Row) -> list[tuple[str, str]]:
    said = []
    if row["criteria"]:
        said.append(("Met", names(row["criteria"])))
    if row["points"]:
        said.append(("Points", row["points"].replace("-", " to ")))
    if row["missing"]:
        said.append(("Not known", names(row["missing"])))
    if row["label"] == NOT_EVALUABLE:
        said.append(("Would decide", names(row["would_decide"]) or "nothing that this program reads"))
    elif row["missing"] and row["label"] != NOT_APPLICABLE:
        said.append(("Certain", "every possible value of what is not known gives this label"))
    if row["tier"] == Tier.INFERRED:
        said.append(("Basis", "an input was inferred from RNA, not measured"))
    return said


def names(inputs: Sequence[str]) -> str:
    """Inputs or criteria of a system as a list in words."""
    return ", ".join(dict.fromkeys(map(input_name, inputs)))


def open_words(possible: Sequence[str]) -> str:
    """What is still possible in a table cell."""
    return "n/a" if list(possible) == [NOT_APPLICABLE] else either([plain(label) for label in possible])
