"""Geometry of the small figures: a share of cells with its interval, and stacked bars. All positions are per cent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.events import cutoff
from mmrisk.report.words import either
from mmrisk.risk.engine import NOT_APPLICABLE

RAMP = 4
"""Last step of the colour ramp from low to high risk."""


@dataclass(frozen=True, slots=True)
class ShareBar:
    """A share on a scale of 0 to 100 %; what is not known, or has no cut-off, is None."""

    share: float | None
    low: float | None
    high: float | None
    limit: float | None
    cutoff: float | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.share is None and self.low is None and self.limit is None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stacked bar: `style` is `risk-0` to `risk-4`, `class`, `open` or `not-applicable`."""

    name: str
    style: str
    count: int
    start: float
    width: float


def share_bar(row: Mapping[str, Any], profile: str) -> ShareBar:
    """The bar of a row of evidence or events. A limit is drawn only where nothing was seen: that is what it bounds."""

    def place(column: str) -> float | None:
        return None if row[column] is None else round(100 * row[column], 1)

    seen = bool(row["fraction"] or row["fraction_low"])
    at = round(100 * cutoff(row["event"], profile).fraction, 1)
    if not seen:
        return ShareBar(None, None, None, place("detection_limit"), at)
    return ShareBar(place("fraction"), place("fraction_low"), place("fraction_high"), None, at)


def label_style(possible: Sequence[str], labels: Sequence[str], *, is_risk: bool = True) -> str:
    """Style of what is known of a label: its step on the ramp of risk, a mere class, open, or not applicable."""
    if len(possible) != 1:
        return "open"
    if possible[0] == NOT_APPLICABLE:
        return "not-applicable"
    if not is_risk or possible[0] not in labels or len(labels) < 2:
        return "class"
    return f"risk-{round(RAMP * labels.index(possible[0]) / (len(labels) - 1))}"


def stacked(possible: Sequence[Sequence[str]], labels: Sequence[str], *, is_risk: bool = True) -> list[Segment]:
    """Segments of one risk system over all samples: settled labels from low to high risk, then what is open."""
    order = {label: number for number, label in enumerate([*labels, NOT_APPLICABLE])}
    counts = Counter(tuple(item) for item in possible)

    def place(item: tuple[str, ...]) -> tuple[Any, ...]:
        steps = tuple(order.get(label, len(order)) for label in item)
        return (item == (NOT_APPLICABLE,), len(item) > 1, len(item), steps, item)

    segments, start = [], 0
    for item in sorted(counts, key=place):
        width = 100 * counts[item] / len(possible)
        offset = 100 * start / len(possible)
        style = label_style(item, labels, is_risk=is_risk)
        segments.append(Segment(either(item), style, counts[item], round(offset, 2), round(width, 2)))
        start += counts[item]
    return segments
