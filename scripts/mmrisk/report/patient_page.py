"""The page of one sample: everything that its card shows, as plain values for the template."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.assay_sheet import ALL_SAMPLES
from mmrisk.contracts import EVENTS, EVIDENCE, PARSED, RISK, STATUS, TO_ORDER
from mmrisk.events import State, catalogue
from mmrisk.observations import SOURCE_NAMES
from mmrisk.report import marrow_view
from mmrisk.report.bars import ShareBar, share_bar
from mmrisk.report.genome_view import genomes
from mmrisk.report.headline import headline
from mmrisk.report.junction_view import KIND_WORDS, junctions
from mmrisk.report.material import DataFile, Material, Row
from mmrisk.report.risk_words import risk_card
from mmrisk.report.words import NO_BREAK_SPACE, SELECTION_WORDS, percent
from mmrisk.risk.engine import System
from mmrisk.risk.explanation import GENERAL_FLAGS, flag_in_words

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
    is_made_up: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """A row of the events table with its bar, its evidence, and its explanation cut at references to evidence."""

    row: Row
    bar: ShareBar
    evidence: tuple[EvidenceView, ...]
    explanation: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """A report or data file of the sample: what it came to."""

    assay_id: str
    file: DataFile | None
    observations: int
    status: str
    message: str


def group_of(kind: str) -> str:
    """Heading under which events of a kind are shown."""
    return next((heading for heading, kinds in GROUPS if kind in kinds), OTHER_GROUP)


def page(
    sample: Row,
    material: Material,
    systems: Mapping[str, System],
    siblings: Sequence[Row],
    cohort: marrow_view.Reference,
) -> dict[str, Any]:
    """Values of the template for one sample; `siblings` are the other samples of the patient."""
    sample_id = sample["sample_id"]
    events = _event_views(sample_id, material)
    inputs = _inputs(sample_id, material)
    risk = in_order(material.of(RISK, sample_id), systems)
    general = sorted({flag for row in risk for flag in row["flags"]} & GENERAL_FLAGS)
    cards = [risk_card(row, systems.get(row["system"]), said_already=general) for row in risk]
    return {
        "sample": sample,
        "siblings": siblings,
        "headline": headline(material.of(EVENTS, sample_id)),
        "assays": _assays(material.of(EVIDENCE, sample_id)),
        "made_up": _made_up(sample_id, inputs, material),
        "made_up_labs": sample_id in material.made_up_labs,
        "risk_notes": [flag_in_words(flag) for flag in general],
        "cards": [card for card in cards if card.applies and card.is_main],
        "more_cards": [card for card in cards if card.applies and not card.is_main],
        "inapplicable": [card for card in cards if not card.applies],
        "orders": [row for row in material.of(TO_ORDER, sample_id) if row["open_systems"]],
        "junctions": junctions(sample_id, material),
        "read_kinds": KIND_WORDS,
        "genomes": genomes(sample_id, material),
        "groups": _groups(event for event in events if event.row["state"] != State.NOT_TESTED),
        "untested": _groups(event for event in events if event.row["state"] == State.NOT_TESTED),
        "reports": [(row, marked(row["text"], row["unread"])) for row in material.of(PARSED, sample_id)],
        "labs": material.labs.get(sample_id, ()),
        "evidence": sorted({view.number: view for event in events for view in event.evidence}.items()),
        "inputs": inputs,
        "profile": material.profile,
        **marrow_view.page(sample_id, material, cohort),
    }


def _assays(evidence: Iterable[Row]) -> list[str]:
    """Assays behind the events, and on which cells: `FISH, CD138-selected`."""
    found: dict[str, dict[str, None]] = {}
    for row in evidence:
        cells = [SELECTION_WORDS[row["cell_selection"]]] if row["cell_selection"] in SELECTION_WORDS else []
        purity = [f"purity {percent(row['purity'])}"] if row["purity"] is not None else []
        found.setdefault(SOURCE_NAMES[row["source"]], {})[", ".join([*cells, *purity])] = None
    return [f"{name} ({'; '.join(filter(None, said))})" if any(said) else name for name, said in found.items()]


def in_order(rows: Iterable[Row], systems: Mapping[str, System]) -> list[Row]:
    """Rows of the risk table in the order in which the systems are declared."""
    order = {name: number for number, name in enumerate(systems)}
    return sorted(rows, key=lambda row: (order.get(row["system"], len(order)), row["system"]))


def _event_views(sample_id: str, material: Material) -> list[EventView]:
    events, evidence = material.of(EVENTS, sample_id), material.of(EVIDENCE, sample_id)
    roles = {ref: role for row in events for role in ROLES for ref in row[role]}
    numbers = {row["evidence_id"]: number for number, row in enumerate(evidence, start=1)}
    by_event: dict[str, list[EvidenceView]] = {}
    for row in evidence:
        ref = row["evidence_id"]
        file = material.file(sample_id, row["assay_id"])
        bar, is_made_up = share_bar(row, material.profile), bool(file and file.is_made_up)
        view = EvidenceView(numbers[ref], row, bar, roles.get(ref, ""), is_made_up)
        by_event.setdefault(row["event"], []).append(view)
    return [
        EventView(
            row,
            share_bar(row, material.profile),
            tuple(by_event.get(row["event"], ())),
            tuple(cut_references(row["explanation"], numbers)),
        )
        for row in events
    ]


def cut_references(explanation: str, numbers: Mapping[str, int]) -> Iterable[tuple[str, int | None]]:
    """An explanation as pieces of text and numbers of the evidence that it names in square brackets."""
    for place, piece in enumerate(re.split(r"\[([^\[\]]*)\]", explanation.replace(" %", f"{NO_BREAK_SPACE}%"))):
        is_reference = place % 2 == 1
        if is_reference and piece in numbers:
            yield "", numbers[piece]
        elif piece:
            yield (f"[{piece}]" if is_reference else piece), None


def marked(text: str, unread: Iterable[str]) -> list[tuple[str, bool]]:
    """A laboratory string as pieces, each with whether it was left unread."""
    pieces, at = [], 0
    for place, piece in sorted(map(unread_piece, unread)):
        start = max(at, place)
        end = start + _covered(text[start:], piece)
        if end > start:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def unread_piece(entry: str) -> tuple[int, str]:
    """Where an unread piece starts, and the piece; one that does not say where is taken for the beginning."""
    said = re.match(r"([0-9]{1,9}):", entry)
    return (int(said.group(1)), entry[said.end() :]) if said else (0, entry)


def _covered(text: str, piece: str) -> int:
    """How many characters of the text a piece covers; in the piece blanks are collapsed and `;` is written `,`."""
    at = 0
    for char in piece:
        rest = text[at:]
        if char == " " and rest[:1].isspace():
            at += len(rest) - len(rest.lstrip())
        elif rest[:1] == char or (rest[:1] == ";" and char == ","):
            at += 1
        else:
            break
    return len(text[:at].rstrip())


def _inputs(sample_id: str, material: Material) -> list[Input]:
    """Everything that was given for a sample; files of many samples where they said something of this one."""
    observations = Counter(row["assay_id"] for row in material.of(EVIDENCE, sample_id))
    status = {row["assay_id"]: row for row in material.of(STATUS, sample_id)}
    shared = {row["assay_id"]: row for row in material.of(STATUS, ALL_SAMPLES) if row["assay_id"] in observations}
    reports = {row["assay_id"] for row in material.of(PARSED, sample_id)}
    found = []
    for assay_id in sorted({*observations, *status, *reports}):
        said = status.get(assay_id) or shared.get(assay_id) or {"status": "", "message": None}
        file = material.file(sample_id, assay_id)
        found.append(Input(assay_id, file, observations[assay_id], said["status"], said["message"] or ""))
    return found


def _made_up(sample_id: str, inputs: Iterable[Input], material: Material) -> list[str]:
    """What is made up about a sample."""
    labs = ["the laboratory values"] if sample_id in material.made_up_labs else []
    return [*labs, *(f"the file {item.file.name}" for item in inputs if item.file and item.file.is_made_up)]


def _groups(events: Iterable[EventView]) -> list[tuple[str, list[EventView]]]:
    """Events under the headings that have any; what is absent comes last."""
    by_heading: dict[str, list[EventView]] = {heading: [] for heading, _ in (*GROUPS, (OTHER_GROUP, ()))}
    for event in events:
        kind = catalogue()[event.row["event"]].kind if event.row["event"] in catalogue() else ""
        by_heading[group_of(kind)].append(event)
    for views in by_heading.values():
        views.sort(key=lambda view: view.row["state"] == State.ABSENT)
    return [(heading, views) for heading, views in by_heading.items() if views]
