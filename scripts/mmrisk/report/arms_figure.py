"""Geometry of the figure of chromosome arms by expression: a point with its interval for each arm."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmrisk.genome import CHROMOSOMES
from mmrisk.report.material import Row

WIDTH, LEFT, HEIGHT, TOP = 1000.0, 40.0, 110.0, 8.0
"""Width of the picture, where the field begins, height of the field, and where that begins."""
REACH = 1.25
"""The scale ends at this log2 ratio; what lies beyond is drawn at its end."""
LEVELS = ((1.0, "4×"), (0.585, "3×"), (0.0, "2×"), (-1.0, "1×"))
"""Lines of the grid, log2 ratio with copies where the commonest level is two."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm: place, ends of its interval, state and words."""

    name: str
    x: float
    y: float
    low: float
    high: float
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class ArmsFigure:
    """Arms from 1p to Xq, and the lines of the grid as (y, words)."""

    arms: tuple[Arm, ...]
    grid: tuple[tuple[float, str], ...]
    said: str


def arms_figure(rows: Sequence[Row]) -> ArmsFigure | None:
    """The figure of one set of cells; None where no arm has a level."""
    known = [row for row in rows if row["log2_ratio"] is not None]
    if not known:
        return None
    order = {f"{chrom}{letter}": number for number, chrom in enumerate(CHROMOSOMES) for letter in "pq"}
    known.sort(key=lambda row: (order.get(row["arm"], len(order)), row["arm"]))
    step = (WIDTH - LEFT) / len(known)
    arms = tuple(_arm(row, LEFT + (number + 0.5) * step) for number, row in enumerate(known))
    changed = [arm.title for arm in arms if arm.state in ("gain", "loss")]
    grid = tuple((_y(level), words) for level, words in LEVELS)
    return ArmsFigure(arms, grid, "; ".join(changed) or "no arm gained or lost")


def _y(level: float) -> float:
    return round(TOP + HEIGHT * (1 - (min(max(level, -REACH), REACH) + REACH) / (2 * REACH)), 1)


def _arm(row: Row, x: float) -> Arm:
    level = row["log2_ratio"]
    low, high = (level if row[name] is None else row[name] for name in ("low", "high"))
    copies = f", {row['copies']:g} copies" if row["copies"] is not None else ""
    genes = f", {row['n_genes']} genes" if row["n_genes"] is not None else ""
    interval = f"log2 ratio {level:.2f} ({low:.2f} to {high:.2f})".replace("-", "\u2212")
    title = f"{row['arm']}: {row['state'] or 'unclear'}{copies}, {interval}{genes}"
    return Arm(row["arm"], round(x, 1), _y(level), _y(low), _y(high), row["state"] or "unclear", title)
