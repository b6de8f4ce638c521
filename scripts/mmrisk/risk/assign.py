"""Labels of all systems for many patients: the risk, labels and to_order tables."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

import mmrisk.risk.consensus_genomic
import mmrisk.risk.staging  # noqa: F401  (declares its systems)
from mmrisk.contracts import Column, Table
from mmrisk.events import Tier
from mmrisk.risk.engine import NOT_EVALUABLE, SYSTEMS, Outcome, System, evaluate
from mmrisk.risk.inputs import Patients, knowledge
from mmrisk.tables import join

LABELS_VERSION = "1"


def needed_events() -> set[str]:
    """Events that any system reads."""
    domains = [item.domain for system in SYSTEMS.values() for item in system.inputs]
    names = [getattr(domain, key, "") for domain in domains for key in ("event", "loss", "biallelic")]
    return set(filter(None, names))


def labels_table() -> Table:
    """The frozen contract for downstream use: for every system its label, code, bounds and completeness."""
    columns = [
        Column("sample_id", "text", "the specimen", required=True),
        Column("labels_version", "text", "version of this contract", required=True),
    ]
    for system in SYSTEMS.values():
        codes = ", ".join(f"{number} = {label}" for number, label in enumerate(system.labels))
        columns += [
            Column(system.slug, "text", f"{system.name}: label, or not_evaluable", required=True),
            Column(f"{system.slug}_code", "integer", f"{codes}; empty where not evaluable", low=0),
            Column(f"{system.slug}_best", "text", "the lowest risk still possible", required=True),
            Column(f"{system.slug}_worst", "text", "the highest risk still possible", required=True),
            Column(f"{system.slug}_complete", "flag", "every input is known", required=True),
        ]
    return Table("labels", "One wide row of labels per sample.", ("sample_id",), tuple(columns))


class Assigned:
    """One system's outcomes for all patients."""

    def __init__(self, system: System, patients: Patients) -> None:
        known = [knowledge(item.domain, patients) for item in system.inputs]
        self.system = system
        self.outcomes, self.pattern = evaluate(system, np.column_stack([each.masks for each in known]))
        self.flags = _joined_flags([pair for each in known for pair in each.flags], len(patients.sample_ids))
        self.inferred = np.zeros(len(patients.sample_ids), dtype=bool)
        for each in known:
            if each.inferred is not None:
                self.inferred |= each.inferred

    def column(self, values: Sequence[object]) -> npt.NDArray[np.object_]:
        """One value per distinct pattern, spread over the patients."""
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array[self.pattern]

    def label(self, outcome: Outcome) -> str:
        """The label, or not_evaluable."""
        return self.system.labels[outcome.possible[0]] if outcome.determinate else NOT_EVALUABLE


def assign(patients: Patients) -> list[Assigned]:
    """Evaluate every declared system."""
    return [Assigned(system, patients) for system in SYSTEMS.values()]


def risk_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The risk table: a row per sample and system."""
    frames = []
    for each in assigned:
        system, outcomes = each.system, each.outcomes
        names = [item.name for item in system.inputs]
        frames.append(
            pd.DataFrame(
                {
                    "sample_id": np.asarray(sample_ids, dtype=object),
                    "system": system.name,
                    "label": each.column([each.label(outcome) for outcome in outcomes]),
                    "possible": each.column([";".join(system.labels[n] for n in o.possible) for o in outcomes]),
                    "label_best": each.column([system.labels[outcome.possible[0]] for outcome in outcomes]),
                    "label_worst": each.column([system.labels[outcome.possible[-1]] for outcome in outcomes]),
                    "complete": each.column([not outcome.missing for outcome in outcomes]),
                    "tier": np.where(each.inferred, Tier.INFERRED.value, Tier.MEASURED.value),
                    "points": each.column([_points(outcome) for outcome in outcomes]),
                    "criteria": each.column([join(outcome.criteria) for outcome in outcomes]),
                    "missing": each.column([join(names[n] for n in outcome.missing) for outcome in outcomes]),
                    "would_decide": each.column([join(names[n] for n in outcome.would_decide) for outcome in outcomes]),
                    "flags": each.flags,
                    "version": system.version,
                    "doi": system.doi,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def labels_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The labels table: one wide row per sample."""
    columns: dict[str, object] = {"sample_id": list(sample_ids), "labels_version": LABELS_VERSION}
    for each in assigned:
        slug, labels, outcomes = each.system.slug, each.system.labels, each.outcomes
        columns[slug] = each.column([each.label(outcome) for outcome in outcomes])
        columns[f"{slug}_code"] = each.column([o.possible[0] if o.determinate else None for o in outcomes])
        columns[f"{slug}_best"] = each.column([labels[outcome.possible[0]] for outcome in outcomes])
        columns[f"{slug}_worst"] = each.column([labels[outcome.possible[-1]] for outcome in outcomes])
        columns[f"{slug}_complete"] = each.column([not outcome.missing for outcome in outcomes])
    return pd.DataFrame(columns)


def to_order_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The single test that would make most labels determinate, per sample: sure ones first, then possible ones."""
    patterns = np.column_stack([each.pattern for each in assigned])
    distinct, inverse = np.unique(patterns, axis=0, return_inverse=True)
    rows = [
        _order([(each.system, each.outcomes[n]) for each, n in zip(assigned, row, strict=True)]) for row in distinct
    ]
    frame = pd.DataFrame(rows, columns=["test", "decides", "may_decide", "open_systems"], dtype=object)
    frame = frame.take(inverse.ravel()).reset_index(drop=True)
    frame.insert(0, "sample_id", list(sample_ids))
    return frame


def _order(outcomes: Sequence[tuple[System, Outcome]]) -> tuple[str | None, str | None, str | None, str | None]:
    sure: dict[str, set[str]] = {}
    may: dict[str, set[str]] = {}
    open_systems = []
    for system, outcome in outcomes:
        if outcome.determinate:
            continue
        open_systems.append(system.name)
        tests = {number: system.inputs[number].domain.test for number in outcome.would_decide}
        for number, test in tests.items():
            if set(tests.values()) == {test}:
                sure.setdefault(test, set()).add(system.name)
            elif number in outcome.may_decide:
                may.setdefault(test, set()).add(system.name)
    if not open_systems:
        return None, None, None, None
    candidates = sorted({*sure, *may}, key=lambda test: (-len(sure.get(test, ())), -len(may.get(test, ())), test))
    best = candidates[0] if candidates else None
    return (
        best,
        join(sure.get(best, ())) if best else None,
        join(may.get(best, ())) if best else None,
        join(open_systems),
    )


def _points(outcome: Outcome) -> str | None:
    if outcome.points is None:
        return None
    low, high = outcome.points
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _joined_flags(flags: Sequence[tuple[str, npt.NDArray[np.bool_]]], count: int) -> npt.NDArray[np.object_]:
    raised: list[set[str]] = [set() for _ in range(count)]
    for name, where in flags:
        for index in np.flatnonzero(where):
            raised[index].add(name)
    joined = np.empty(count, dtype=object)
    joined[:] = [join(names) for names in raised]
    return joined
