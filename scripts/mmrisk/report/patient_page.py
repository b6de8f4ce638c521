"""The page of one sample: everything that its card shows, as plain values for the template."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.contracts import CONFLICTS, EVENTS, EVIDENCE, PARSED, RISK, STATUS, TO_ORDER
from mmrisk.events import State, catalogue
from mmrisk.report.bars import ShareBar, share_bar
from mmrisk.report.headline import headline
from mmrisk.report.material import Material, Row
from mmrisk.report.risk_words import risk_card
from mmrisk.risk.engine import System

GROUPS = (
    ("IG and MYC translocations", ("primary_ig_fusion", "other_ig_fusion", "myc", "attribute")),
    ("Ploidy", ("ploidy", "trisomy")),
    ("Copy number", ("copy_number",)),
    ("Mutations", ("mutation", "derived")),
    ("Therapy targets and resistance", ("target",)),
)
OTHER_GROUP = "Other events"
ROLES = ("deciding", "supporting", "contradicting")


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A row of evidence with its number on the page, its bar, and its part in the decision."""

    number: int
    row: Row
    bar: ShareBar
    role: str


@dataclass(frozen=True, slots=True)
class EventView:
    """A row of the events table with its bar, its evidence, and its explanation cut at references to evidence."""

    row: Row
    bar: ShareBar
    evidence: tuple[EvidenceView, ...]
    explanation: tuple[tuple[str, int | None], ...]


def group_of(kind: str) -> str:
    """Heading under which events of a kind are shown."""
    return next((heading for heading, kinds in GROUPS if kind in kinds), OTHER_GROUP)


def page(sample: Row, material: Material, systems: Mapping[str, System], siblings: Sequence[Row]) -> dict[str, Any]:
    """Values of the template for one sample; `siblings` are the other samples of the patient."""
    sample_id = sample["sample_id"]
    events = _event_views(material.of(EVENTS, sample_id), material.of(EVIDENCE, sample_id), material.profile)
    cards = [risk_card(row, systems.get(row["system"])) for row in in_order(material.of(RISK, sample_id), systems)]
    return {
        "sample": sample,
        "siblings": siblings,
        "headline": headline(material.of(EVENTS, sample_id)),
        "synthetic": sample_id in material.synthetic,
        "cards": [card for card in cards if card.applies],
        "inapplicable": [card for card in cards if not card.applies],
        "orders": [row for row in material.of(TO_ORDER, sample_id) if row["open_systems"]],
        "groups": _groups(event for event in events if event.row["state"] != State.NOT_TESTED),
        "untested": _groups(event for event in events if event.row["state"] == State.NOT_TESTED),
        "conflicts": material.of(CONFLICTS, sample_id),
        "reports": [(row, marked(row["text"], row["unread"])) for row in material.of(PARSED, sample_id)],
        "labs": material.labs.get(sample_id, ()),
        "evidence": sorted({view.number: view for event in events for view in event.evidence}.items()),
        "status": material.of(STATUS, sample_id),
        "profile": material.profile,
    }
