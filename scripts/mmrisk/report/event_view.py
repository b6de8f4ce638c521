"""Events of one sample with the evidence behind them, each piece with the part that it has in the decision."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mmrisk.contracts import EVENTS, EVIDENCE
from mmrisk.events import State, catalogue
from mmrisk.report.bars import ShareBar, share_bar
from mmrisk.report.material import Material, Row
from mmrisk.report.unknowns import would_tell
from mmrisk.report.words import cutoff_words, event_name, spaced

GROUPS = (
    ("IG and MYC translocations", ("primary_ig_fusion", "other_ig_fusion", "myc", "attribute")),
    ("Ploidy", ("ploidy", "trisomy")),
    ("Copy number", ("copy_number",)),
    ("Mutations", ("mutation", "derived")),
    ("Therapy targets and resistance", ("target",)),
)
OTHER_GROUP = "Other events"
ROLES = ("deciding", "supporting", "contradicting")
ORDER = (
    *(State.PRESENT, State.SUBTHRESHOLD, State.CONFLICT),
    *(State.NOT_EVALUABLE, State.NOT_TESTED, State.ABSENT),
)
"""States in the order in which events are shown."""
UNKNOWN = (State.NOT_EVALUABLE, State.CONFLICT)


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A row of evidence with its number on the page and its bar.

    `role` is its part in the decision on its own event, `also` its part in events that follow from that one.
    """

    number: int
    row: Row
    bar: ShareBar
    role: str
    also: tuple[str, ...]
    is_made_up: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """A row of the events table with its bar, its evidence by the part it has, and its explanation cut at references.

    `cutoff` is the cut-off in words where the share lies below it, `settled_by` what would tell an unknown event.
    """

    row: Row
    bar: ShareBar
    evidence: tuple[tuple[EvidenceView, str], ...]
    explanation: tuple[tuple[str, int | None], ...]
    cutoff: str
    settled_by: str


def event_views(sample_id: str, material: Material) -> list[EventView]:
    """Events of a sample; evidence stands under its own event and under those that follow from it."""
    events, evidence = material.of(EVENTS, sample_id), material.of(EVIDENCE, sample_id)
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in events:
        for role in ROLES:
            for ref in row[role]:
                roles[ref][row["event"]] = role
    numbers = {row["evidence_id"]: number for number, row in enumerate(evidence, start=1)}
    by_event: dict[str, list[tuple[EvidenceView, str]]] = defaultdict(list)
    for row in evidence:
        own, parts = row["event"], roles[row["evidence_id"]]
        view = _evidence_view(row, numbers[row["evidence_id"]], parts, material)
        for event in dict.fromkeys((own, *parts)):
            by_event[event].append((view, parts.get(event, "")))
    return [
        EventView(
            row,
            share_bar(row, material.profile),
            tuple(by_event[row["event"]]),
            tuple(cut_references(row["explanation"], numbers)),
            cutoff_words(row["event"], material.profile) if row["state"] == State.SUBTHRESHOLD else "",
            would_tell(row) if row["state"] in UNKNOWN else "",
        )
        for row in events
    ]


def _evidence_view(row: Row, number: int, parts: Mapping[str, str], material: Material) -> EvidenceView:
    file = material.file(row["sample_id"], row["assay_id"])
    also = tuple(f"{role}: {event_name(event)}" for event, role in parts.items() if event != row["event"])
    return EvidenceView(
        number,
        row,
        share_bar(row, material.profile),
        parts.get(row["event"], ""),
        also,
        bool(file and file.is_made_up),
    )


def cut_references(explanation: str, numbers: Mapping[str, int]) -> Iterable[tuple[str, int | None]]:
    """An explanation as pieces of text and numbers of the evidence that it names in square brackets."""
    for place, piece in enumerate(re.split(r"\[([^\[\]]*)\]", spaced(explanation))):
        is_reference = place % 2 == 1
        if is_reference and piece in numbers:
            yield "", numbers[piece]
        elif piece:
            yield (f"[{piece}]" if is_reference else piece), None


def group_of(kind: str) -> str:
    """Heading under which events of a kind are shown."""
    return next((heading for heading, kinds in GROUPS if kind in kinds), OTHER_GROUP)


def grouped(events: Iterable[EventView]) -> list[tuple[str, list[EventView]]]:
    """Events under the headings that have any; what was found comes first, what is absent last."""
    by_heading: dict[str, list[EventView]] = {heading: [] for heading, _ in (*GROUPS, (OTHER_GROUP, ()))}
    for event in events:
        kind = catalogue()[event.row["event"]].kind if event.row["event"] in catalogue() else ""
        by_heading[group_of(kind)].append(event)
    for views in by_heading.values():
        views.sort(key=lambda view: ORDER.index(view.row["state"]))
    return [(heading, views) for heading, views in by_heading.items() if views]
