"""Tests of the marrow as forest plots: effect, interval and q of what was tested, reasons of what was not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mmrisk.contracts import ASSOCIATIONS, SENSITIVITY, TRENDS
from mmrisk.events import catalogue
from mmrisk.report.material import Material, Row
from mmrisk.report.words import cell_name, event_name, flag_sentence, plain, signature_name
from mmrisk.risk.systems import SYSTEMS

SIGNIFICANT = 0.05
"""False discovery rate that is counted in the text; every row shows its own q."""
MOST_ROWS = 12
"""Rows of a family that are drawn; all are in the table."""
WIDEST = 3.0
"""An axis ends no farther than this many times the largest effect; intervals beyond it end in an arrow."""
SCALES = {
    "log_ratio": "log ratio of shares, relative to the other kinds of cells",
    "sd": "standard deviations of the feature",
    "logit": "log odds of the share",
    "trend": "pairs of patients that rise with the steps minus pairs that fall",
}
REASONS = {"not known of any patient": "the event or label is known of no patient"}
LEVELS = {"lineage": "lineages", "subset": "subsets", "state": "states"}
DENOMINATORS = {"all": "all cells", "microenvironment": "the microenvironment", "t_cells": "T cells"}


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of a forest plot; places are per cent of the axis, `is_cut` where the interval goes on beyond it."""

    feature: str
    factor: str
    contrast: str
    groups: str
    words: str
    p: float
    q: float | None
    at: float
    low: float
    high: float
    is_cut: tuple[bool, bool]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """Tests of one family; `end` is the value at the ends of the axis, `notes` are true of all rows."""

    family: str
    scale: str
    n_tested: int
    n_found: int
    end: float
    rows: tuple[Effect, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for which tests were not made."""

    reason: str
    count: int
    families: tuple[str, ...]
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tests:
    """All that was tested of one kind: families with a q below the rate, or else the first one, and the others."""

    n_tested: int
    n_found: int
    n_refused: int
    forests: tuple[Forest, ...]
    quiet: tuple[Forest, ...]
    refusals: tuple[Refusal, ...]


def associations(material: Material) -> Tests | None:
    """The marrow against events and labels; None where nothing was to be tested."""
    return _tests(material.all(ASSOCIATIONS))


def trends(material: Material) -> Tests | None:
    """The marrow along the steps of the disease; None where nothing was to be tested."""
    rows = [row | {"factor": "", "contrast": "", "scale": "trend", "flags": []} for row in material.all(TRENDS)]
    return _tests(rows)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A contrast of all patients, and without one site or batch: (left out, effect in words, patients)."""

    feature: str
    factor: str
    whole: str
    without: tuple[tuple[str, str, int | None], ...]
    is_stable: bool


def sensitivity(material: Material) -> list[Repeated]:
    """The strongest contrasts of the cohort with one site or batch left out in turn."""
    runs: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in material.all(SENSITIVITY):
        runs[_contrast(row)].append(row)
    tested = [row for row in material.all(ASSOCIATIONS) if _is_tested(row) and _contrast(row) in runs]
    tested.sort(key=lambda row: (1.0 if row["q"] is None else row["q"], row["p"], _contrast(row)))
    return [
        Repeated(
            feature_words(row["feature"]),
            f"{factor_words(row['factor'])}, {plain(row['contrast'])}",
            _effect_words(row),
            tuple(
                (run["left_out"], _effect_words(run), run["n_patients"])
                for run in sorted(runs[_contrast(row)], key=lambda run: str(run["left_out"]))
            ),
            row["sign_stable"] is not False,
        )
        for row in tested[:MOST_ROWS]
    ]


def _contrast(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("family", "feature", "factor", "contrast"))


def _is_tested(row: Row) -> bool:
    return row["status"] == "tested" and row["effect"] is not None and row["p"] is not None


def _effect_words(row: Row) -> str:
    if row["effect"] is None:
        return "not estimable"
    low, high = (row["effect"] if row[name] is None else row[name] for name in ("low", "high"))
    return f"{_number(row['effect'])} ({_number(low)} to {_number(high)})"


def _tests(rows: Sequence[Row]) -> Tests | None:
    if not rows:
        return None
    by_family: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if _is_tested(row):
            by_family[row["family"]].append(row)
    forests = [_forest(family, found) for family, found in by_family.items()]
    forests.sort(key=lambda item: (-item.n_found, _q(item.rows[0]), item.family))
    loud = max(1, sum(item.n_found > 0 for item in forests))
    refused = [row for row in rows if row["status"] != "tested"]
    return Tests(
        sum(item.n_tested for item in forests),
        sum(item.n_found for item in forests),
        len(refused),
        tuple(forests[:loud]),
        tuple(forests[loud:]),
        tuple(_refusals(refused)),
    )


def _q(row: Effect) -> float:
    return row.p if row.q is None else row.q


def _forest(family: str, rows: Sequence[Row]) -> Forest:
    ordered = sorted(rows, key=lambda row: (1.0 if row["q"] is None else row["q"], row["p"], row["feature"]))
    shown = ordered[:MOST_ROWS]
    bounds = [abs(row[name]) for row in shown for name in ("low", "high") if row[name] is not None]
    largest = max(abs(row["effect"]) for row in shown) or 1.0
    end = min(max([*bounds, largest]), WIDEST * largest)
    common = [note for note in _notes(shown[0]) if all(note in _notes(row) for row in shown[1:])]
    return Forest(
        family_words(family),
        SCALES.get(shown[0]["scale"], plain(shown[0]["scale"])),
        len(rows),
        sum(row["q"] is not None and row["q"] < SIGNIFICANT for row in rows),
        end,
        tuple(_effect(row, end, common) for row in shown),
        tuple(common),
    )


def _effect(row: Row, end: float, said_already: Sequence[str]) -> Effect:
    low = row["effect"] if row["low"] is None else row["low"]
    high = row["effect"] if row["high"] is None else row["high"]

    def at(value: float) -> float:
        return round(50 + 50 * min(max(value / end, -1.0), 1.0), 1)

    return Effect(
        feature_words(row["feature"]),
        factor_words(row["factor"]),
        plain(row["contrast"]),
        (row["groups"] or "").replace(";", "; "),
        f"{_number(row['effect'])} ({_number(low)} to {_number(high)})",
        row["p"],
        row["q"],
        at(row["effect"]),
        at(low),
        at(high),
        (low < -end, high > end),
        tuple(note for note in _notes(row) if note not in said_already),
    )


def _notes(row: Row) -> list[str]:
    notes = []
    if row["adjusted_for"]:
        notes.append(f"Adjusted for {', '.join(map(plain, row['adjusted_for']))}.")
    if row.get("n_unknown"):
        notes.append(f"Left out, as not known: {row['n_unknown']}.")
    if row.get("sign_stable") is False:
        notes.append("The effect changes its sign when one site or batch is left out.")
    return [*notes, *map(flag_sentence, row["flags"])]


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def family_words(family: str) -> str:
    """`composition:scrna:microenvironment:lineage` in words."""
    kind, *rest = family.split(":")
    if kind == "composition" and len(rest) == 3:
        assay, denominator, level = rest
        whole = DENOMINATORS.get(denominator, plain(denominator))
        return f"Shares of {whole}, {LEVELS.get(level, level)}, {plain(assay)}"
    if kind == "signatures" and rest:
        return f"Programmes of {cell_name(rest[0])}"
    words = " ".join(map(plain, (kind, *rest)))
    return words[:1].upper() + words[1:]


def feature_words(feature: str) -> str:
    """A kind of cell, a programme, an axis or a target in words."""
    parts = [cell_name(part) if cell_name(part) != plain(part) else signature_name(part) for part in feature.split("|")]
    return " ".join(parts).replace("->", "\u2192")


def factor_words(factor: str) -> str:
    """An event or a risk system by its name."""
    return event_name(factor) if factor in catalogue() else _system_names().get(factor) or plain(factor)


@cache
def _system_names() -> Mapping[str, str]:
    return {system.slug: system.name for system in SYSTEMS.values()}


def _refusals(rows: Iterable[Row]) -> Iterable[Refusal]:
    """Refusals by reason, the most frequent first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        reason = row["reason"] or "no reason given"
        found[REASONS.get(reason, reason)].append(row)
    for reason, refused in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        families = sorted({family_words(row["family"]) for row in refused})
        factors = sorted({factor_words(row["factor"]) for row in refused if row["factor"]})
        yield Refusal(reason, len(refused), tuple(families), tuple(factors))
