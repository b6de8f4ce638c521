"""One value against those of the cohort: ranges, and their geometry in per cent of an axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 4
"""A range of fewer samples is not drawn as a box."""
DOTS = 40
"""More samples than this are drawn as a box only."""
ROBUST_SD = 1.4826
"""Standard deviation of a normal distribution in median absolute deviations."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values of a cohort: how many, ends, 5th and 95th percentile, quartiles, median and robust spread."""

    n: int
    least: float
    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float
    most: float
    spread: float

    def z(self, value: float) -> float | None:
        """How many robust standard deviations above the median; None where the cohort does not vary."""
        return (value - self.median) / self.spread if self.spread > 0 else None


@dataclass(frozen=True, slots=True)
class Track:
    """A range and a value on an axis from `start` to `end`; places are per cent of the axis, None where unknown."""

    start: float
    end: float
    low: float | None
    high: float | None
    quarter: float | None
    three_quarters: float | None
    median: float | None
    value: float | None
    dots: tuple[tuple[float, float], ...] = ()


def range_of(values: Iterable[float | None]) -> Range | None:
    """Range of the values that are known; None where there are none."""
    known = np.array([value for value in values if value is not None], dtype=float)
    if not len(known):
        return None
    low, quarter, median, three_quarters, high = map(float, np.quantile(known, (0.05, 0.25, 0.5, 0.75, 0.95)))
    spread = ROBUST_SD * float(np.median(np.abs(known - median)))
    ends = float(known.min()), float(known.max())
    return Range(len(known), ends[0], low, quarter, median, three_quarters, high, ends[1], spread)


def track(found: Range | None, value: float | None, *, start: float, end: float, dots: Sequence[float] = ()) -> Track:
    """A range on an axis; with few samples the box is left out, with few dots they are drawn."""
    if end <= start:
        end = start + 1.0

    def at(place: float | None) -> float | None:
        return None if place is None else round(100 * (min(max(place, start), end) - start) / (end - start), 1)

    box = found if found and found.n >= FEWEST else None
    drawn = [at(dot) for dot in sorted(dots)] if len(dots) <= DOTS else []
    return Track(
        start,
        end,
        at(box.low) if box else None,
        at(box.high) if box else None,
        at(box.quarter) if box else None,
        at(box.three_quarters) if box else None,
        at(found.median) if found else None,
        at(value),
        tuple((x, _jitter(number)) for number, x in enumerate(drawn) if x is not None),
    )


def _jitter(number: int) -> float:
    """Height of a dot, -1 to 1, the same on every run: neighbours in value are set apart."""
    return ((number * 5) % 7 - 3) / 3
