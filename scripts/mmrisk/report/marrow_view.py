"""The marrow of one sample against the cohort: shares, programmes, therapy targets, plasma cells, identity."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.contracts import CELL_ARMS, CELL_QUALITY, COMPOSITION, EVENTS, IDENTITY, SIGNATURES, TARGETS
from mmrisk.events import State, Tier
from mmrisk.report.arms_figure import ArmsFigure, arms_figure
from mmrisk.report.bars import ShareBar
from mmrisk.report.material import Material, Row
from mmrisk.report.ranges import Range, Track, range_of, track
from mmrisk.report.words import event_name, percent, plain

DENOMINATORS = {"microenvironment": "of the microenvironment", "t_cells": "of T cells", "all": "of all cells"}
"""Denominators in the order in which they are shown, and their words."""
STATUS_WORDS = {
    "not_captured": "not captured by the assay",
    "too_few_cells": "too few cells",
    "sorted_out": "sorted out before counting",
}
LIGHT_CHAINS = {
    "kappa": "kappa restricted",
    "lambda": "lambda restricted",
    "none": "not restricted",
    "unclear": "unclear",
}
MOST_PROGRAMMES = 16
"""Programmes shown on the page of a sample: those farthest from the cohort's median."""
LEAST_SAMPLES = 4
"""Samples from which a cohort's spread says anything of one sample."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Ranges over the cohort by key: (assay, denominator, cell type), (cell type, signature), (target,)."""

    shares: Mapping[Key, Range]
    programmes: Mapping[Key, Range]
    targets: Mapping[Key, Range]


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A kind of cell: its share with the cohort's range, or why there is none."""

    cell_type: str
    level: str
    words: str
    track: Track | None
    cohort: str


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme of a kind of cell: mean, and how far it lies from the cohort's median."""

    signature: str
    cell_type: str
    mean: float
    z: float
    n_cells: int
    track: Track


@dataclass(frozen=True, slots=True)
class PlasmaView:
    """Plasma cells of a set of cells: counts as parts of a bar (words, style, start, width), clonal share as a bar."""

    row: Row
    parts: tuple[tuple[str, str, float, float], ...]
    said: str
    light_chain: str
    bar: ShareBar
    inferred: tuple[str, ...]
    arms: ArmsFigure | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A therapy target with its row and the cohort's range."""

    row: Row
    track: Track | None
    cohort: str


def reference(material: Material) -> Reference:
    """Ranges of the cohort, made once for all pages."""
    return Reference(
        _ranges(material.all(COMPOSITION), share_key, "share"),
        _ranges(material.all(SIGNATURES), programme_key, "mean"),
        _ranges(material.all(TARGETS), lambda row: (row["target"],), "mean"),
    )


def share_key(row: Row) -> Key:
    """What a share is compared within."""
    return row["assay"], row["denominator"], row["cell_type"]


def programme_key(row: Row) -> Key:
    """What the mean of a programme is compared within."""
    return row["cell_type"], row["signature"]


def _ranges(rows: Iterable[Row], key: Callable[[Row], Key], column: str) -> dict[Key, Range]:
    values: dict[Key, list[float | None]] = defaultdict(list)
    for row in rows:
        values[key(row)].append(row[column])
    ranges = {name: range_of(found) for name, found in values.items()}
    return {name: found for name, found in ranges.items() if found}


def page(sample_id: str, material: Material, cohort: Reference) -> dict[str, Any]:
    """Values of the template that concern the marrow; empty where nothing of it was measured."""
    return {
        "shares": _shares(material.of(COMPOSITION, sample_id), cohort),
        "programmes": _programmes(material.of(SIGNATURES, sample_id), cohort),
        "targets": [_target(row, cohort) for row in material.of(TARGETS, sample_id)],
        "plasma": [
            _plasma(row, material.of(EVENTS, sample_id), material.of(CELL_ARMS, sample_id))
            for row in material.of(CELL_QUALITY, sample_id)
        ],
        "identity": next(iter(material.of(IDENTITY, sample_id)), None),
    }


def _shares(rows: Sequence[Row], cohort: Reference) -> list[tuple[str, str, list[ShareRow]]]:
    """(assay, words of the denominator, rows) for each denominator that anything was counted under."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["assay"], row["denominator"]].append(row)
    groups = []
    for assay in sorted({assay for assay, _ in found}):
        for denominator, words in DENOMINATORS.items():
            counted = found.get((assay, denominator), [])
            if any(row["share"] is not None for row in counted):
                counted.sort(key=lambda row: (row["level"] != "lineage", row["level"], -(row["share"] or 0)))
                groups.append((assay, words, [_share(row, cohort) for row in counted]))
    return groups


def _share(row: Row, cohort: Reference) -> ShareRow:
    found = cohort.shares.get(share_key(row))
    if row["share"] is None:
        return ShareRow(row["cell_type"], row["level"], STATUS_WORDS.get(row["status"], "not measured"), None, "")
    count = f" ({row['n_cells']} of {row['n_total']})" if row["n_cells"] is not None and row["n_total"] else ""
    end = max(found.most if found else 0, row["share"])
    return ShareRow(
        row["cell_type"],
        row["level"],
        percent(row["share"]) + count,
        track(found, row["share"], start=0.0, end=end),
        _cohort_words(found, percent),
    )


LEAST_FOR_SHARES = 20
"""From so many samples on it is said between which values 90 % of them lie; of fewer, the least and the most."""


def _cohort_words(found: Range | None, say: Callable[[float], str]) -> str:
    if not found or found.n < LEAST_SAMPLES:
        return f"{found.n if found else 0} samples: too few to compare"
    if found.n < LEAST_FOR_SHARES:
        return f"median {say(found.median)}, {found.n} samples from {say(found.least)} to {say(found.most)}"
    return f"median {say(found.median)}, 90 % of {found.n} samples {say(found.low)} to {say(found.high)}"


def _programmes(rows: Iterable[Row], cohort: Reference) -> list[ProgrammeRow]:
    """Programmes that lie farthest from the cohort's median, the farthest first."""
    views = []
    for row in rows:
        found = cohort.programmes.get(programme_key(row))
        if row["mean"] is None or not found or found.n < LEAST_SAMPLES:
            continue
        z = found.z(row["mean"])
        if z is not None:
            where = track(found, row["mean"], start=found.least, end=found.most)
            views.append(ProgrammeRow(row["signature"], row["cell_type"], row["mean"], z, row["n_cells"], where))
    views.sort(key=lambda view: (-abs(view.z), view.signature, view.cell_type))
    return views[:MOST_PROGRAMMES]


def _target(row: Row, cohort: Reference) -> TargetRow:
    found = cohort.targets.get((row["target"],))
    if row["mean"] is None or not found:
        return TargetRow(row, None, "")
    where = track(found, row["mean"], start=min(0.0, found.least), end=found.most)
    return TargetRow(row, where, _cohort_words(found, lambda value: f"{value:.2f}"))


def _plasma(row: Row, events: Iterable[Row], arms: Iterable[Row]) -> PlasmaView:
    counts = [("malignant", row["n_malignant"] or 0), ("normal", row["n_normal"] or 0)]
    total = row["n_plasma"] or 0
    counts.append(("open", total - sum(count for _, count in counts)))
    parts, start = [], 0
    for style, count in counts:
        if count > 0 and total:
            name = f"{'undetermined' if style == 'open' else style} {count}"
            parts.append((name, style, round(100 * start / total, 1), round(100 * count / total, 1)))
            start += count
    inferred = [row for row in events if row["state"] == State.PRESENT and row["tier"] == Tier.INFERRED]
    return PlasmaView(
        row,
        tuple(parts),
        ", ".join(name for name, *_ in parts),
        LIGHT_CHAINS.get(row["light_chain"] or "", "not evaluable"),
        ShareBar(_place(row["purity"]), _place(row["purity_low"]), _place(row["purity_high"]), None, None),
        tuple(event_name(item["event"]) for item in inferred),
        arms_figure([item for item in arms if item["assay_id"] == row["assay_id"]]),
    )


def _place(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def verdict_words(row: Row) -> str:
    """What the comparison of assays came to, in a sentence."""
    words = {
        "consistent": "The assays of this sample fit one patient.",
        "swapped": "The cells do not fit the other assays of this sample: a swap is likely.",
        "conflict": "One thing alone does not fit the other assays of this sample: a swap, or a wrong entry.",
        "indeterminate": "What was compared fits, but is too little to decide whether it is one patient."
        if row.get("agrees")
        else "Too little could be compared to decide whether the cells are of the same patient.",
    }
    better = f" Sample {row['better_match']} would fit." if row["better_match"] else ""
    return words.get(row["verdict"], plain(row["verdict"])) + better
