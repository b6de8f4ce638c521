"""The page of one sample: everything that its card shows, as plain values for the template."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.assay_sheet import ALL_SAMPLES
from mmrisk.clinical import lab_columns
from mmrisk.contracts import EVENTS, EVIDENCE, PARSED, RISK, STATUS, TO_ORDER
from mmrisk.events import State
from mmrisk.observations import SOURCE_NAMES
from mmrisk.report import assay_tables, marrow_view
from mmrisk.report.event_view import EventView, event_views, grouped
from mmrisk.report.failures import failures
from mmrisk.report.genome_view import genomes
from mmrisk.report.headline import headline
from mmrisk.report.junction_view import KIND_WORDS, junctions
from mmrisk.report.material import DataFile, Material, Row
from mmrisk.report.risk_words import TO_DECIDE, RiskCard, by_use, risk_card
from mmrisk.report.unknowns import by_teller, is_untold
from mmrisk.report.words import SELECTION_WORDS, percent
from mmrisk.risk.engine import System
from mmrisk.risk.explanation import GENERAL_FLAGS, flag_in_words

MOST_UNCLEAR = 4
"""More events than this that cannot be told are folded away."""


@dataclass(frozen=True, slots=True)
class Input:
    """A report or data file of the sample: what it came to."""

    assay_id: str
    file: DataFile | None
    observations: int
    status: str
    message: str


def page(
    sample: Row,
    material: Material,
    systems: Mapping[str, System],
    siblings: Sequence[Row],
    cohort: marrow_view.Reference,
) -> dict[str, Any]:
    """Values of the template for one sample; `siblings` are the other samples of the patient."""
    sample_id = sample["sample_id"]
    events = event_views(sample_id, material)
    failed = failures(sample_id, material)
    unclear = _folded_unclear(events)
    inputs = _inputs(sample_id, material)
    risk = in_order(material.of(RISK, sample_id), systems)
    general = sorted({flag for row in risk for flag in row["flags"]} & GENERAL_FLAGS)
    by_event = {row["event"]: row for row in material.of(EVENTS, sample_id)}
    given = {lab_columns()[lab.column].test for lab in material.labs.get(sample_id, ()) if lab.column in lab_columns()}
    cards = [
        risk_card(row, systems.get(row["system"]), said_already=general, events=by_event, given=given) for row in risk
    ]
    return {
        "sample": sample,
        "siblings": siblings,
        "headline": headline(
            material.of(EVENTS, sample_id),
            profile=material.profile,
            failed=failed,
            evidence=material.of(EVIDENCE, sample_id),
        ),
        "failed": failed,
        "assays": _assays(material.of(EVIDENCE, sample_id)),
        "made_up": _made_up(sample_id, inputs, material),
        "made_up_labs": sample_id in material.made_up_labs,
        "risk_notes": [flag_in_words(flag) for flag in general],
        "cards": [card for card in cards if card.applies and card.is_main],
        "more_cards": [card for card in cards if card.applies and not card.is_main],
        "inapplicable": [card for card in cards if not card.applies],
        "order": _order(material.of(TO_ORDER, sample_id), cards),
        "junctions": junctions(sample_id, material),
        "read_kinds": KIND_WORDS,
        "genomes": genomes(sample_id, material),
        "groups": grouped(event for event in events if not _is_folded(event) and event not in unclear),
        "unclear": grouped(unclear),
        "n_unclear": len(unclear),
        "untold": [event for event in events if is_untold(event.row)],
        "n_untested": sum(event.row["state"] == State.NOT_TESTED for event in events),
        "untested": [
            (heading, by_teller([view.row["event"] for view in views]))
            for heading, views in grouped(event for event in events if event.row["state"] == State.NOT_TESTED)
        ],
        "reports": [(row, marked(row["text"], row["unread"])) for row in material.of(PARSED, sample_id)],
        "labs": material.labs.get(sample_id, ()),
        "evidence": sorted({view.number: view for event in events for view, _ in event.evidence}.items()),
        "inputs": inputs,
        "profile": material.profile,
        **assay_tables.page(sample_id, material),
        **marrow_view.page(sample_id, material, cohort),
    }


def _order(rows: Iterable[Row], cards: Sequence[RiskCard]) -> dict[str, Any] | None:
    """The test to order, what labels in general use still need as (card, tests), and other systems that are open."""
    row = next((row for row in rows if row["open_systems"]), None)
    if row is None:
        return None
    steps = [(card, dict(card.terms).get(TO_DECIDE, "")) for card in cards if card.is_main and card.is_open]
    others = [name for name in row["open_systems"] if name not in {card.system for card, _ in steps}]
    main_first = {name: sorted(row[name], key=by_use) for name in ("decides", "may_decide", "needed_for")}
    return {**row, **main_first, "steps": steps, "others": others}


def _is_folded(event: EventView) -> bool:
    """Whether an event is only listed: nothing looked at it, or only RNA did, which could not tell."""
    return event.row["state"] == State.NOT_TESTED or is_untold(event.row)


def _folded_unclear(events: Iterable[EventView]) -> list[EventView]:
    """Events that were looked at and cannot be told, where they are so many that they would bury the findings."""
    unclear = [event for event in events if event.row["state"] == State.NOT_EVALUABLE and not is_untold(event.row)]
    return unclear if len(unclear) > MOST_UNCLEAR else []


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
