"""Shares of cells by risk group: one small figure per kind of cell and risk system."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmrisk.contracts import COMPOSITION
from mmrisk.report.groups import Group
from mmrisk.report.marrow_view import DENOMINATORS
from mmrisk.report.material import Material, Row
from mmrisk.report.ranges import Track, range_of, track
from mmrisk.report.words import percent

LINEAGE = "lineage"
LEAST_SAMPLES = 3
"""A kind of cell that fewer samples were counted for has no figure."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One group in a figure; `said` is what the lane shows, in words."""

    name: str
    style: str
    n: int
    track: Track
    said: str


@dataclass(frozen=True, slots=True)
class CellFigure:
    """Shares of one kind of cell by group; `end` is where the axis ends."""

    cell_type: str
    level: str
    basis: str
    end: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Composition:
    """All figures of one assay under one risk system."""

    assay: str
    system: str
    n: int
    figures: tuple[CellFigure, ...]
    unseen: tuple[str, ...]


def compositions(material: Material, groupings: Mapping[str, Sequence[Group]]) -> list[Composition]:
    """Figures by assay and risk system; assays with most samples first. Subsets and states by the first system only."""
    counted: dict[str, list[Row]] = defaultdict(list)
    for row in material.all(COMPOSITION):
        if row["share"] is not None:
            counted[row["assay"]].append(row)
    size = {assay: len({row["sample_id"] for row in rows}) for assay, rows in counted.items()}
    return [
        Composition(
            assay,
            system,
            size[assay],
            tuple(item for item in _figures(counted[assay], groups) if number == 0 or item.level == LINEAGE),
            _unseen(counted[assay]),
        )
        for assay in sorted(counted, key=lambda name: (-size[name], name))
        for number, (system, groups) in enumerate(groupings.items())
    ]


def _unseen(rows: Sequence[Row]) -> tuple[str, ...]:
    """Kinds of cells that were looked for and seen in no sample."""
    seen = {row["cell_type"] for row in rows if row["share"]}
    return tuple(sorted({row["cell_type"] for row in rows} - seen))


def _figures(rows: Sequence[Row], groups: Sequence[Group]) -> tuple[CellFigure, ...]:
    """Each kind of cell under the first denominator that enough samples have it of; plasma cells are of all cells."""
    shares: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    levels = {}
    for row in rows:
        shares[row["cell_type"]][row["denominator"]][row["sample_id"]] = row["share"]
        levels[row["cell_type"]] = row["level"]
    figures = []
    for cell_type, by_denominator in shares.items():
        enough = [name for name in DENOMINATORS if len(by_denominator.get(name, ())) >= LEAST_SAMPLES]
        if enough and any(by_denominator[enough[0]].values()):
            basis, found = DENOMINATORS[enough[0]], by_denominator[enough[0]]
            figures.append(_figure(cell_type, levels[cell_type], basis, found, groups))
    return tuple(sorted(figures, key=lambda item: (item.level != LINEAGE, item.level, item.cell_type)))


def _figure(cell_type: str, level: str, basis: str, found: Mapping[str, float], groups: Sequence[Group]) -> CellFigure:
    end = max(found.values()) or 1.0
    lanes = []
    for group in groups:
        values = [found[sample] for sample in group.samples if sample in found]
        whole = range_of(values)
        said = f"{group.name}, {len(values)} samples" + (f", median {percent(whole.median)}" if whole else "")
        lanes.append(
            Lane(group.name, group.style, len(values), track(whole, None, start=0, end=end, dots=values), said)
        )
    return CellFigure(cell_type, level, basis, percent(end), tuple(lanes))
