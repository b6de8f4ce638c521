"""Geometry of the heatmap: programmes by sample, in robust standard deviations from the cohort's median.

Cells of one step are one path, so that thousands of cells are a few elements.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from mmrisk.contracts import SIGNATURES
from mmrisk.report.groups import Group
from mmrisk.report.material import Material
from mmrisk.report.ranges import range_of
from mmrisk.report.words import cell_name, signature_name

EDGES = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
STEPS = (
    "more than 2 below",
    "1 to 2 below",
    "0.5 to 1 below",
    "within 0.5 of the median",
    "0.5 to 1 above",
    "1 to 2 above",
    "more than 2 above",
)
MIDDLE = len(STEPS) // 2
WIDTH, LEFT, ROW, STRIP, HEAD = 1000.0, 350.0, 14.0, 12.0, 18.0
"""Width of the picture, where cells begin, heights of a row, of a strip of labels, of the name of a kind of cell."""
WIDEST = 18.0
"""A column is no wider than this."""
NAMED = 60
"""Up to so many samples have their names below."""
NAME_ROOM = 92.0
LEAST_SAMPLES = 4
MOST_ROWS = 48
"""Programmes that are drawn: those that vary most."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The labels of one risk system along the samples: pieces of (style, words, x, width)."""

    system: str
    y: float
    pieces: tuple[tuple[str, str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """The whole figure; rows are (words, y), columns (sample, x).

    `cells` holds a path for each step but the middle one, which is the `ground` of the rows; `blank` is what was not
    measured. These paths count samples, not units, across, from `left`; the row is the unit down.
    """

    height: float
    column: float
    strips: tuple[Strip, ...]
    heads: tuple[tuple[str, float], ...]
    rows: tuple[tuple[str, float], ...]
    columns: tuple[tuple[str, float], ...]
    ground: str
    blank: str
    cells: tuple[tuple[int, str, str], ...]
    pluses: str
    minuses: str
    n_samples: int
    n_known: int
    left: float = LEFT


def heatmap(material: Material, groupings: Mapping[str, Sequence[Group]]) -> Heatmap | None:
    """The heatmap of a cohort, samples ordered by the first grouping; None where too few samples have programmes."""
    values: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in material.all(SIGNATURES):
        if row["mean"] is not None:
            values[row["cell_type"], row["signature"]][row["sample_id"]] = row["mean"]
    scores, n_known = _scores(values)
    samples = _order({sample for found in scores.values() for sample in found}, scores, groupings)
    if not scores:
        return None
    column = round(min(WIDEST, (WIDTH - LEFT) / len(samples)), 3)
    x = {sample: round(LEFT + place * column, 2) for place, sample in enumerate(samples)}
    strips = tuple(
        Strip(system, number * (STRIP + 2), tuple(_pieces(samples, groups, x, column)))
        for number, (system, groups) in enumerate(groupings.items())
    )
    heads, rows, y = [], [], len(strips) * (STRIP + 2) + 6
    paths: dict[int | None, list[str]] = defaultdict(list)
    ground = []
    for cell_type, keys in groupby(scores, key=lambda key: key[0]):
        y += HEAD
        heads.append((cell_name(cell_type), round(y - 5, 1)))
        for key in keys:
            rows.append((signature_name(key[1]), y + ROW - 4))
            ground.append(f"M0 {y + ROW / 2:g}h{len(samples)}")
            for step, path in _row(scores[key], samples, y + ROW / 2).items():
                paths[step].append(path)
            y += ROW
    blank = "".join(paths.pop(None, []))
    cells = tuple((step, words, "".join(paths[step])) for step, words in enumerate(STEPS) if step in paths)
    names = tuple((sample, round(x[sample] + column / 2, 1)) for sample in samples) if len(samples) <= NAMED else ()
    pluses, minuses = _signs(scores, x, column, rows)
    return Heatmap(
        y + (NAME_ROOM if names else 6), column, strips, tuple(heads), tuple(rows), names,
        "".join(ground), blank, cells, pluses, minuses, len(samples), n_known,
    )  # fmt: skip


def _scores(
    values: Mapping[tuple[str, str], Mapping[str, float]],
) -> tuple[dict[tuple[str, str], dict[str, float]], int]:
    """Deviations of the programmes that vary most, by kind of cell, and how many programmes are known."""
    ranges = {key: range_of(found.values()) for key, found in values.items() if len(found) >= LEAST_SAMPLES}
    varying = {key: found for key, found in ranges.items() if found and found.spread > 0}
    chosen = sorted(varying, key=lambda key: (-varying[key].spread, key))[:MOST_ROWS]
    scores = {}
    for key in sorted(chosen):
        z = {sample: varying[key].z(value) for sample, value in values[key].items()}
        scores[key] = {sample: value for sample, value in z.items() if value is not None}
    return scores, len(varying)


def _order(
    samples: Iterable[str],
    scores: Mapping[tuple[str, str], Mapping[str, float]],
    groupings: Mapping[str, Sequence[Group]],
) -> list[str]:
    """Samples by group of the first system, in a group along the direction in which programmes vary most."""
    known = sorted(samples)
    table = np.array([[found.get(sample, 0.0) for sample in known] for found in scores.values()])
    along = {}
    if table.size:
        direction = np.linalg.svd(np.clip(table, -3, 3), full_matrices=False)[2][0]
        direction *= np.sign(direction[np.argmax(np.abs(direction))])
        along = dict(zip(known, np.round(direction, 6).tolist(), strict=True))
    first = next(iter(groupings.values()), ())
    group = {sample: number for number, item in enumerate(first) for sample in item.samples}
    return sorted(known, key=lambda sample: (group.get(sample, len(group)), along.get(sample, 0), sample))


def _pieces(
    samples: Sequence[str], groups: Sequence[Group], x: Mapping[str, float], column: float
) -> Iterable[tuple[str, str, float, float]]:
    """Runs of samples of one group."""
    of = {sample: group for group in groups for sample in group.samples}
    for group, run in groupby(samples, key=lambda sample: of.get(sample)):
        members = list(run)
        if group:
            yield group.style, f"{group.name}: {len(members)}", x[members[0]], round(len(members) * column, 2)


def _row(found: Mapping[str, float], samples: Sequence[str], y: float) -> dict[int | None, str]:
    """A path for each step: runs of samples as strokes, each a move from the end of the last; None: not measured."""

    def step(sample: str) -> int | None:
        return int(np.searchsorted(EDGES, found[sample], side="right")) if sample in found else None

    paths: dict[int | None, str] = {}
    ends: dict[int | None, int] = {}
    at = 0
    for kind, run in groupby(samples, key=step):
        length = len(list(run))
        if kind != MIDDLE:
            move = f"m{at - ends[kind]} 0" if kind in ends else f"M{at} {y:g}"
            paths[kind] = f"{paths.get(kind, '')}{move}h{length}"
            ends[kind] = at + length
        at += length
    return paths


def _signs(
    scores: Mapping[tuple[str, str], Mapping[str, float]],
    x: Mapping[str, float],
    column: float,
    rows: Sequence[tuple[str, float]],
) -> tuple[str, str]:
    """Plus and minus on the outermost steps, where columns have room for them: colour never speaks alone."""
    if column < 8:
        return "", ""
    pluses, minuses = [], []
    for found, (_, base) in zip(scores.values(), rows, strict=True):
        y = base + 4 - ROW / 2
        for sample in sorted(found):
            middle = x[sample] + column / 2
            if found[sample] >= EDGES[-1]:
                pluses.append(f"M{middle - 3:.1f} {y:g}h6m-3 -3v6")
            elif found[sample] < EDGES[0]:
                minuses.append(f"M{middle - 3:.1f} {y:g}h6")
    return "".join(pluses), "".join(minuses)
