"""Labels of all systems for many patients: the risk, labels and to_order tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.clinical import test_of
from mmrisk.contracts import Column, Table
from mmrisk.events import Tier
from mmrisk.risk.classification import CLASSIFICATIONS
from mmrisk.risk.diagnosis import applicability, diagnoses, imwg_diagnosis, outcome_flags
from mmrisk.risk.engine import DIAGNOSIS, NOT_APPLICABLE, NOT_EVALUABLE, Outcome, System, evaluate
from mmrisk.risk.monoclonal import with_derived
from mmrisk.risk.patients import Flag, Mask, Patients
from mmrisk.risk.systems import selected, tests_of
from mmrisk.tables import join

LABELS_VERSION = "2"
ASKED_FIRST = ("R2-ISS", "IMS-2025")
"""Systems whose needs decide first which test is ordered: current staging, and the consensus on high risk."""

CLINICAL_VALUES = frozenset({"ECOG performance status", "age", "sex"})
"""Values that are looked up or asked, not ordered; of two of equal use for staging the test comes first."""


def labels_table(systems: Sequence[System] | None = None) -> Table:
    """The frozen contract for downstream use: for every system its label, code, bounds and completeness."""
    columns = [
        Column("sample_id", "text", "the specimen", required=True),
        Column("labels_version", "text", "version of this contract", required=True),
    ]
    for system in systems or selected():
        codes = ", ".join(f"{number} = {label}" for number, label in enumerate(system.labels))
        columns += [
            Column(system.slug, "text", f"{system.name}: label, or not_evaluable, not_applicable", required=True),
            Column(f"{system.slug}_code", "integer", f"{codes}; empty where there is no such label", low=0),
            Column(f"{system.slug}_best", "text", "the lowest risk still possible", required=True),
            Column(f"{system.slug}_worst", "text", "the highest risk still possible", required=True),
            Column(f"{system.slug}_complete", "flag", "every input is known", required=True),
        ]
    about_tier = "systems whose label events inferred from RNA took part in deciding"
    columns.append(Column("inferred_labels", "list", about_tier))
    return Table("labels", "One wide row of labels per sample.", ("sample_id",), tuple(columns))


@dataclass(frozen=True, slots=True)
class Assigned:
    """One system's outcomes for all patients: the distinct ones, and for each patient the number of its own."""

    system: System
    outcomes: Sequence[Outcome]
    pattern: npt.NDArray[np.intp]
    flags: npt.NDArray[np.object_]
    inferred: npt.NDArray[np.bool_]

    def column(self, values: Iterable[object]) -> npt.NDArray[np.object_]:
        """One value per distinct outcome, spread over the patients."""
        array = np.empty(len(self.outcomes), dtype=object)
        array[:] = list(values)
        return array[self.pattern]


def assign(patients: Patients, systems: Sequence[System] | None = None) -> list[Assigned]:
    """Evaluate the systems; the IMWG diagnosis comes first, for it says to whom the others apply."""
    patients = with_derived(patients)
    diagnosed = _assign(imwg_diagnosis, patients, None, ())
    possible, flags = diagnoses(patients, diagnosed.outcomes, diagnosed.pattern)
    assigned = []
    for system in systems or selected():
        if system is imwg_diagnosis:
            assigned.append(diagnosed)
            continue
        applies, why = applicability(system.population, possible)
        later = outcome_flags(patients, applies) if system.population == "active" else ()
        raised = (*why, *flags, *later) if system.population != "any" else ()
        assigned.append(_assign(system, patients, applies, raised))
    return assigned


def _assign(system: System, patients: Patients, applies: Mask | None, flags: Sequence[Flag]) -> Assigned:
    known = [leaf.domain.known(patients) for leaf in system.leaves]
    outcomes, pattern = evaluate(system, np.column_stack([each.masks for each in known]), applies)
    inferred = np.zeros(len(patients), dtype=bool)
    for each in known:
        inferred |= each.inferred
    raised = [*flags, *(flag for each in known for flag in each.flags)]
    if system.status != "confirmed":
        raised.append((f"rule_{system.status}", np.ones(len(patients), dtype=bool)))
    return Assigned(system, outcomes, pattern, _joined(raised, len(patients)), inferred)


def risk_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The risk table: a row per sample and system."""
    return pd.concat([_system_frame(each, sample_ids) for each in assigned], ignore_index=True)


def _system_frame(each: Assigned, sample_ids: Sequence[str]) -> pd.DataFrame:
    system, outcomes = each.system, each.outcomes
    return pd.DataFrame(
        {
            "sample_id": np.asarray(sample_ids, dtype=object),
            "system": system.name,
            "label": each.column(outcome.label for outcome in outcomes),
            "possible": each.column(";".join(outcome.possible) for outcome in outcomes),
            "label_best": each.column(outcome.bounds[0] for outcome in outcomes),
            "label_worst": each.column(outcome.bounds[1] for outcome in outcomes),
            "complete": each.column(not outcome.missing for outcome in outcomes),
            "tier": np.where(each.inferred, Tier.INFERRED.value, Tier.MEASURED.value),
            "points": each.column(_points(outcome) for outcome in outcomes),
            "criteria": each.column(join(outcome.criteria) for outcome in outcomes),
            "missing": each.column(join(outcome.missing) for outcome in outcomes),
            "would_decide": each.column(join(outcome.would_decide) for outcome in outcomes),
            "flags": each.flags,
            "version": system.version,
            "doi": system.doi,
        }
    )


def labels_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The labels table: one wide row per sample."""
    columns: dict[str, object] = {"sample_id": list(sample_ids), "labels_version": LABELS_VERSION}
    for each in assigned:
        slug, outcomes = each.system.slug, each.outcomes
        code = {label: number for number, label in enumerate(each.system.labels)}
        columns[slug] = each.column(outcome.label for outcome in outcomes)
        columns[f"{slug}_code"] = each.column(code.get(outcome.label) for outcome in outcomes)
        columns[f"{slug}_best"] = each.column(outcome.bounds[0] for outcome in outcomes)
        columns[f"{slug}_worst"] = each.column(outcome.bounds[1] for outcome in outcomes)
        columns[f"{slug}_complete"] = each.column(not outcome.missing for outcome in outcomes)
    columns["inferred_labels"] = inferred_labels(assigned, len(sample_ids))
    return pd.DataFrame(columns)


def inferred_labels(assigned: Sequence[Assigned], count: int) -> list[str | None]:
    """Names of the systems whose settled label is of tier inferred, joined, by sample."""
    names: list[list[str]] = [[] for _ in range(count)]
    for each in assigned:
        settled = np.array([o.label not in (NOT_EVALUABLE, NOT_APPLICABLE) for o in each.outcomes], dtype=bool)
        for place in np.flatnonzero(each.inferred & settled[each.pattern]):
            names[place].append(each.system.name)
    return [join(own) for own in names]


def to_order_frame(assigned: Sequence[Assigned], sample_ids: Sequence[str]) -> pd.DataFrame:
    """The single test to order next, per sample: by what the systems asked first need, then by all others.

    Among tests, one that is sure to decide comes before one that may, and that before one that is needed among others.
    """
    options = {each.system.name: [_Options.of(each.system, outcome) for outcome in each.outcomes] for each in assigned}
    rows: list[tuple[str | None, ...]] = []
    for row in np.column_stack([each.pattern for each in assigned]).tolist():
        found = {name: choices[n] for (name, choices), n in zip(options.items(), row, strict=True)}
        rows.append(_order({name: each for name, each in found.items() if each}))
    frame = pd.DataFrame(rows, columns=["test", "decides", "may_decide", "needed_for", "open_systems"], dtype=object)
    frame.insert(0, "sample_id", list(sample_ids))
    return frame


@dataclass(frozen=True, slots=True)
class _Options:
    """Tests that a system's open label asks for: all of them together, and those of which one alone may settle it."""

    together: frozenset[str]
    alone: frozenset[str]
    waits_for_diagnosis: bool = False

    @classmethod
    def of(cls, system: System, outcome: Outcome) -> "_Options | None":
        """The options of an outcome; None where its label is not open."""
        if outcome.label != NOT_EVALUABLE:
            return None
        tests = dict(tests_of(system))
        return cls(
            frozenset(tests[name] for name in outcome.would_decide if name != DIAGNOSIS),
            frozenset(tests[name] for name in outcome.may_decide if name != DIAGNOSIS),
            DIAGNOSIS in outcome.would_decide,
        )


def _order(open_: Mapping[str, _Options]) -> tuple[str | None, ...]:
    """The test to order for one patient, the systems it decides, may decide or is needed for, and all open systems.

    A label that waits for the diagnosis waits for the tests that settle the diagnosis.
    """
    clinic = frozenset({test_of(DIAGNOSIS)})
    diagnosis = open_.get(imwg_diagnosis.name) or _Options(clinic, clinic)
    sure: dict[str, list[str]] = {}
    may: dict[str, list[str]] = {}
    needed: dict[str, list[str]] = {}
    for system, options in open_.items():
        if system in CLASSIFICATIONS:  # one cheap answer must not outrank the tests that risk depends on
            continue
        together = options.together | diagnosis.together if options.waits_for_diagnosis else options.together
        alone = options.alone | diagnosis.alone if options.waits_for_diagnosis else options.alone
        where, tests = (sure, together) if len(together) == 1 else (may, alone)
        for test in tests:
            where.setdefault(test, []).append(system)
        for test in together - tests if system in ASKED_FIRST else ():
            needed.setdefault(test, []).append(system)

    def place(test: str) -> tuple[int | str, ...]:
        asked = (sum(name in ASKED_FIRST for name in where.get(test, ())) for where in (sure, may))
        counts = [len(where.get(test, ())) for where in (needed, sure, may)]
        most_first = [-count for count in (*asked, *counts)]
        return *most_first[:3], test in CLINICAL_VALUES, *most_first[3:], test

    best = min({*sure, *may, *needed}, key=place, default="")
    return best or None, *(join(where.get(best, ())) for where in (sure, may, needed)), join(open_)


def _points(outcome: Outcome) -> str | None:
    if outcome.points is None:
        return None
    low, high = outcome.points
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _joined(flags: Sequence[Flag], count: int) -> npt.NDArray[np.object_]:
    """Names of the raised flags, joined, one cell per patient."""
    if len(flags) > 62:
        raise ValueError("a system raises more flags than one key per patient can hold")
    raised = np.zeros(count, dtype=np.int64)
    for number, (_, where) in enumerate(flags):
        raised |= where.astype(np.int64) << number
    distinct, pattern = np.unique(raised, return_inverse=True)
    cells = np.empty(len(distinct), dtype=object)
    cells[:] = [join(name for n, (name, _) in enumerate(flags) if key >> n & 1) for key in distinct.tolist()]
    return cells[pattern]
