"""The picture of all cells: places in two dimensions, one path of dots for each lineage."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mmrisk.contracts import CELL_PLACES
from mmrisk.report.material import Material, Row
from mmrisk.report.words import cell_name

SIDE = 420.0
MARGIN = 6.0
MOST_DOTS = 4_000
"""More cells are thinned evenly: each sample keeps its share."""
COLOURS = 8
"""Lineages with a colour of their own, the commonest; the others are grey. Numbers tell them apart without colour."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """A lineage: its name, its colour (None beyond the palette), its dots as a path, and where its number stands."""

    name: str
    colour: int | None
    path: str
    count: int
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CellMap:
    """The picture, with how many cells of how many samples it is of."""

    lineages: tuple[Lineage, ...]
    n_cells: int
    n_drawn: int
    n_samples: int


def cell_map(material: Material) -> CellMap | None:
    """The picture of the cohort; None where no cell has a place."""
    rows = [row for row in material.all(CELL_PLACES) if row["umap_1"] is not None and row["umap_2"] is not None]
    if not rows:
        return None
    drawn = rows[:: -(-len(rows) // MOST_DOTS)]
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row, place in zip(drawn, _places(drawn), strict=True):
        groups[row["lineage"] or "unknown"].append(place)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name))
    lineages = tuple(_lineage(name, groups[name], number) for number, name in enumerate(order))
    return CellMap(lineages, len(rows), len(drawn), len({row["sample_id"] for row in rows}))


def _places(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Places in the square of the picture, the same scale along both sides."""
    xs, ys = ([row[name] for row in rows] for name in ("umap_1", "umap_2"))
    unit = (SIDE - 2 * MARGIN) / max(max(xs) - min(xs), max(ys) - min(ys), 1e-9)
    return [(MARGIN + unit * (x - min(xs)), MARGIN + unit * (max(ys) - y)) for x, y in zip(xs, ys, strict=True)]


def _lineage(name: str, places: Sequence[tuple[float, float]], number: int) -> Lineage:
    path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in sorted(places))
    x, y = (sorted(values)[len(values) // 2] for values in zip(*places, strict=True))
    at = min(places, key=lambda place: ((place[0] - x) ** 2 + (place[1] - y) ** 2, place))
    return Lineage(
        cell_name(name), number if number < COLOURS else None, path, len(places), (round(at[0], 1), round(at[1], 1))
    )
