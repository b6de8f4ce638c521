"""Survival: curves by label, and Cox models with and without the marrow. Lengths are units of a picture."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from mmrisk.contracts import KAPLAN_MEIER, SURVIVAL
from mmrisk.report.association_view import factor_words
from mmrisk.report.bars import label_style
from mmrisk.report.material import Material, Row
from mmrisk.report.words import label_name
from mmrisk.risk.engine import System

WIDTH, HEIGHT, LEFT, TOP = 420.0, 190.0, 40.0, 8.0
"""Size of the field of the curves, and where it begins."""
ENDPOINTS = {"os": "Overall survival", "pfs": "Progression-free survival"}
STAGED = {name: place for place, name in enumerate(("R2-ISS", "R-ISS", "ISS", "IMS-2025", "IMS-2025-FISH"))}
"""Systems whose curves come first, in their order."""
TICKS = 5
MOST_STEPS = 400
"""A curve of more steps is thinned."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Survival of the patients of one label: step line, band of the interval, and where its name stands."""

    name: str
    style: str
    dashes: int
    line: str
    band: str
    end: tuple[float, float]
    at_risk: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves of one endpoint and system; `ticks` pairs places with months."""

    title: str
    system: str
    logrank_p: float | None
    ticks: tuple[tuple[float, str], ...]
    curves: tuple[Curve, ...]

    @property
    def width(self) -> int:
        """Width of the picture: the longest name stands in the legend whole."""
        return 530 + 8 * max(len(curve.name) for curve in self.curves)


@dataclass(frozen=True, slots=True)
class Model:
    """A row of the table of Cox models; `bar` is (low, ratio, high) in per cent of a logarithmic axis."""

    row: Row
    endpoint: str
    bar: tuple[float, float, float] | None

    @property
    def system(self) -> str:
        """The system by its name."""
        return factor_words(self.row["system"])

    @property
    def reason(self) -> str:
        """Why it was not fitted, in words."""
        return str(self.row["reason"] or "no ratio could be estimated")


def curves(material: Material, systems: Mapping[str, System]) -> list[Curves]:
    """Curves by endpoint and system (a slug in the table); those of the stages that are used most come first."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in material.all(KAPLAN_MEIER):
        groups[row["endpoint"], row["system"]].append(row)
    known = {**systems} | {system.slug: system for system in systems.values()}
    found = [_curves(endpoint, factor_words(name), rows, known.get(name)) for (endpoint, name), rows in groups.items()]
    titles = list(ENDPOINTS.values())
    return sorted(found, key=lambda item: (titles.index(item.title), STAGED.get(item.system, len(STAGED)), item.system))


def _curves(endpoint: str, name: str, rows: Sequence[Row], system: System | None) -> Curves:
    end = max(row["months"] for row in rows) or 1.0
    step = next((size for size in (3, 6, 12, 24, 36, 48, 60) if end / size <= TICKS + 1), 120)
    marks = [step * number for number in range(int(end // step) + 1)]
    labels = system.labels if system else ()
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_label[row["label"]].append(row)
    order = {label: number for number, label in enumerate(labels)}
    drawn = [
        _curve(label, by_label[label], end, marks, label_style([label], labels), number)
        for number, label in enumerate(sorted(by_label, key=lambda label: (order.get(label, len(order)), label)))
    ]
    ticks = tuple((round(LEFT + WIDTH * month / end, 1), str(month)) for month in marks)
    return Curves(ENDPOINTS[endpoint], name, rows[0]["logrank_p"], ticks, tuple(drawn))


def _curve(label: str, rows: Sequence[Row], end: float, marks: Sequence[int], style: str, number: int) -> Curve:
    rows = sorted(rows, key=lambda row: row["months"])
    thin = rows[:: max(1, len(rows) // MOST_STEPS)]
    points = [(LEFT + WIDTH * row["months"] / end, row["survival"], row["low"], row["high"]) for row in thin]

    def y(share: float | None) -> float:
        return round(TOP + HEIGHT * (1 - (share or 0.0)), 1)

    line = f"M{LEFT:g} {y(1.0)}" + "".join(f"H{x:.1f}V{y(share)}" for x, share, _, _ in points)
    upper = f"M{LEFT:g} {y(1.0)}" + "".join(f"H{x:.1f}V{y(high)}" for x, _, _, high in points)
    lower = "".join(f"V{y(low)}H{x:.1f}" for x, _, low, _ in reversed(points))
    at_risk = tuple(_at_risk(rows, month) for month in marks)
    last = points[-1]
    name_at = round(last[0], 1), y(last[1])
    return Curve(label_name(label), style, number, line, f"{upper}{lower}H{LEFT:g}Z", name_at, at_risk)


def _at_risk(rows: Sequence[Row], month: float) -> int:
    """Patients at risk at a time: those of the next step."""
    return next((row["n_at_risk"] or 0 for row in rows if row["months"] >= month), 0)


def models(material: Material) -> list[Model]:
    """Cox models in the order of the table."""
    rows = material.all(SURVIVAL)
    bounds = [abs(log(row[name])) for row in rows for name in ("low", "high") if row[name]]
    end = min(max(bounds, default=1.0), log(20.0)) or 1.0

    def at(ratio: float) -> float:
        return round(50 + 50 * min(max(log(ratio) / end, -1.0), 1.0), 1)

    return [
        Model(
            row,
            ENDPOINTS[row["endpoint"]],
            (at(row["low"]), at(row["hazard_ratio"]), at(row["high"]))
            if row["low"] and row["hazard_ratio"] and row["high"]
            else None,
        )
        for row in rows
    ]
