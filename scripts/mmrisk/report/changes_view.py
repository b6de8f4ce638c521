"""What became of a patient from one sample to the next: labels, events and laboratory values, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmrisk.contracts import EVENTS, RISK
from mmrisk.events import State, Tier
from mmrisk.report.material import Material, Row
from mmrisk.report.risk_words import MAIN_SYSTEMS, by_use
from mmrisk.report.words import either, event_name, in_sentence, percent
from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY

TURNED = {
    "up": "higher",
    "down": "lower",
    "changed": "another class",
    "decided": "decided now, open before",
    "opened": "open now, decided before",
    "applies_now": "applies only now",
    "applies_no_more": "applies no more",
}
"""Changes of a label that are shown; what stayed as it was is not."""
VALUES = {"M": "M-protein", "FLC": "light-chain ratio", "creat": "creatinine", "Hb": "haemoglobin"}
NOT_SEEN = (State.ABSENT, State.SUBTHRESHOLD)


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A label before and after; `turn` says what kind of change it is."""

    system: str
    before: str
    after: str
    turn: str


@dataclass(frozen=True, slots=True)
class Change:
    """From one sample of a patient to the next.

    Events are `new` where they were looked for and not found before, `only_now` where nobody could tell before, and
    `gone` where they were found and are not now. `values` are laboratory values that stand in both samples and
    differ; `towards` and `not_towards` those that moved as in progression, and those that did not.
    """

    patient_id: str
    before: str
    after: str
    days: int
    labels: tuple[LabelChange, ...]
    new: tuple[str, ...]
    only_now: tuple[str, ...]
    gone: tuple[str, ...]
    towards: tuple[str, ...]
    not_towards: tuple[str, ...]
    values: tuple[tuple[str, str, str], ...]

    @property
    def main_labels(self) -> tuple[LabelChange, ...]:
        """Changes of the systems in general use."""
        return tuple(item for item in self.labels if item.system in MAIN_SYSTEMS)


def changes(material: Material) -> list[Change]:
    """One for each pair of consecutive samples with a known time between them, in the order of the tables."""
    moved = {(row["from_sample"], row["to_sample"]): row for row in material.all(TRAJECTORY)}
    pairs: dict[tuple[str, str], list[Row]] = {}
    for row in material.all(LABEL_CHANGES):
        pairs.setdefault((row["from_sample"], row["to_sample"]), []).append(row)
    return [_change(rows, moved.get(pair), material) for pair, rows in pairs.items()]


def _change(rows: Sequence[Row], moved: Row | None, material: Material) -> Change:
    first = rows[0]
    before, after = first["from_sample"], first["to_sample"]
    events = [{row["event"]: row for row in material.of(EVENTS, sample)} for sample in (before, after)]
    return Change(
        first["patient_id"],
        before,
        after,
        first["days"],
        _labels(rows, material),
        _seen(events[1], events[0], NOT_SEEN),
        _seen(events[1], events[0], (State.NOT_EVALUABLE, State.NOT_TESTED, State.CONFLICT)),
        _seen(events[0], events[1], NOT_SEEN),
        tuple(VALUES[name] for name in (moved["rising"] if moved else ())),
        tuple(VALUES[name] for name in (moved["not_rising"] if moved else ())),
        _values(before, after, material),
    )


def _labels(rows: Sequence[Row], material: Material) -> tuple[LabelChange, ...]:
    def label(sample: str, row: Row, end: str) -> str:
        known = (item for item in material.of(RISK, sample) if item["system"] == row["system"])
        return either(next((item["possible"] for item in known), [row[f"{end}_label"]]))

    return tuple(
        LabelChange(
            row["system"],
            label(row["from_sample"], row, "from"),
            label(row["to_sample"], row, "to"),
            TURNED[row["change"]],
        )
        for row in sorted(rows, key=lambda row: by_use(row["system"]))
        if row["change"] in TURNED
    )


def _seen(here: Mapping[str, Row], there: Mapping[str, Row], states: Sequence[State]) -> tuple[str, ...]:
    """Events that are present in one sample and in one of some states in the other, with their shares of cells."""
    return tuple(
        in_sentence(event_name(event)) + (f" ({percent(row['fraction'])})" if row["fraction"] else "")
        for event, row in here.items()
        if _is_measured(row) and event in there and there[event]["state"] in states
    )


def _is_measured(row: Row) -> bool:
    return bool(row["state"] == State.PRESENT and row["tier"] != Tier.INFERRED)


def _values(before: str, after: str, material: Material) -> tuple[tuple[str, str, str], ...]:
    """Laboratory values of one column that were written differently."""
    first = {lab.column: lab.value for lab in material.labs.get(before, ())}
    return tuple(
        (lab.about, first[lab.column], lab.value)
        for lab in material.labs.get(after, ())
        if lab.column in first and lab.column != "note" and first[lab.column] != lab.value
    )
