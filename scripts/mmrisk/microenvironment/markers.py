"""Levels of marker genes per cell, and how well they fit each kind of cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from mmrisk.microenvironment.signatures import KINDS, Signature, Signatures

Path = tuple[Signature, ...]
"""A kind of cell, followed by what it lies within (below the lineage)."""
TOP_CELLS = 500
"""One in so many cells sets the full level of a marker."""
FLOOR = 0.5
"""Full level at least, in log(1 + transcripts per 10,000): weaker is noise."""
MIN_COVERAGE = 0.2
"""Share of the genes up that must be measured, and two of them, before a signature is scored."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Fit of cells (rows) to kinds (columns).

    `score` is 1 with all genes up at full level and none down, `plain` the same of the first step of each path alone,
    `detected` the genes up that a cell shows, `usable` whether enough genes were measured, `measured` how many.
    """

    score: np.ndarray
    plain: np.ndarray
    detected: np.ndarray
    usable: np.ndarray
    measured: np.ndarray


@dataclass(frozen=True, slots=True)
class Markers:
    """Level of each marker gene in each cell, 0 to 1 of the level in the cells that have most of it."""

    level: np.ndarray
    column: Mapping[str, int]

    @classmethod
    def of(
        cls, expression: sparse.csr_matrix, symbols: Sequence[str], signatures: Signatures, *, ambient: float
    ) -> "Markers":
        """Markers of all kinds and states of cells that were measured.

        `expression` is log(1 + transcripts per 10,000). That share `ambient` of the mean over all cells is taken off,
        as droplets carry it whatever cell they hold.
        """
        place: dict[str, int] = {}
        for number, symbol in enumerate(symbols):
            place.setdefault(symbol, number)
        wanted = sorted({gene for kind in signatures.of(*KINDS, "state") for gene in kind.genes if gene in place})
        level = expression[:, [place[gene] for gene in wanted]].toarray()
        np.expm1(level, out=level)
        if len(level):
            level -= ambient * level.mean(axis=0)
        np.maximum(level, 0.0, out=level)
        np.log1p(level, out=level)
        if len(level):
            top = max(1, len(level) // TOP_CELLS)
            level /= np.maximum(np.partition(level, -top, axis=0)[-top], FLOOR)
        np.minimum(level, 1.0, out=level)
        return cls(level, {gene: number for number, gene in enumerate(wanted)})

    def rows(self, rows: np.ndarray) -> "Markers":
        """Markers of some cells."""
        return Markers(self.level[rows], self.column)

    def score(self, paths: Sequence[Path]) -> Scores:
        """Mean fit over the steps of each path; genes seen and measured are the first step's own."""
        kinds = list({kind.name: kind for path in paths for kind in path}.values())
        weights = np.zeros((len(self.column), len(kinds)), dtype=np.float32)
        ups = [self._columns(kind.up) for kind in kinds]
        for number, kind in enumerate(kinds):
            for columns, sign in ((ups[number], 1.0), (self._columns(kind.down), -1.0)):
                if columns:
                    weights[columns, number] += sign / len(columns)
        usable = {
            kind.name: len(up) >= 2 and len(up) >= MIN_COVERAGE * len(kind.up)
            for kind, up in zip(kinds, ups, strict=True)
        }
        place = {kind.name: number for number, kind in enumerate(kinds)}
        mixing = np.zeros((len(kinds), len(paths)), dtype=np.float32)
        own = np.zeros((len(self.column), len(paths)), dtype=np.float32)
        for number, path in enumerate(paths):
            steps = [place[kind.name] for kind in path if usable[kind.name]]
            if steps:
                mixing[steps, number] = 1.0 / len(steps)
            own[ups[place[path[0].name]], number] = 1.0
        plain = self.level @ weights
        return Scores(
            score=plain @ mixing,
            plain=plain[:, [place[path[0].name] for path in paths]],
            detected=(self.level > 0).astype(np.float32) @ own,
            usable=np.array([usable[path[0].name] for path in paths], dtype=bool),
            measured=own.sum(axis=0),
        )

    def _columns(self, genes: Sequence[str]) -> list[int]:
        return [self.column[gene] for gene in genes if gene in self.column]


def measurable(markers: Markers, signatures: Signatures) -> frozenset[str]:
    """Kinds of cells of which enough genes were measured, with all that they lie within."""
    kinds = signatures.of(*KINDS)
    enough = dict(zip((kind.name for kind in kinds), markers.score([(kind,) for kind in kinds]).usable, strict=True))
    return frozenset(name for name in enough if all(enough[above] for above in signatures.ancestors(name)))
