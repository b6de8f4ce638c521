"""Samples of one patient over time: labels that changed, and laboratory values that move towards progression.

Nothing is carried from one time point to the next: each sample has its own labels, and these tables compare them.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.contracts import Column, Table
from mmrisk.events import catalogue
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
from mmrisk.risk.explanation import in_words
from mmrisk.risk.monoclonal import with_derived
from mmrisk.risk.patients import Patients
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import join, split

PAIR = (
    Column("patient_id", "text", "the patient", required=True),
    Column("from_sample", "text", "the earlier specimen", required=True),
    Column("to_sample", "text", "the next specimen", required=True),
    Column("days", "integer", "days between them", low=0),
)
KINDS = ("same", "up", "down", "changed", "decided", "opened", "applies_now", "applies_no_more", "open")
LABEL_CHANGES = Table(
    "label_changes",
    "What became of each label from one sample of a patient to the next.",
    ("patient_id", "from_sample", "to_sample", "system"),
    (
        *PAIR,
        Column("system", "text", "risk system", required=True),
        Column("from_label", "text", "label of the earlier specimen", required=True),
        Column("to_label", "text", "label of the next specimen", required=True),
        Column("change", "text", "what happened", required=True, allowed=KINDS),
        Column("gained", "list", "criteria that are certain now and were not: events by id, others in words"),
        Column("lost", "list", "criteria that were certain and are not now"),
    ),
)
TRAJECTORY = Table(
    "trajectory",
    "Laboratory values that move towards progression from one sample to the next (features, not a probability).",
    ("patient_id", "from_sample", "to_sample"),
    (
        *PAIR,
        Column("rising", "list", "M, FLC, creat, Hb: those that moved as the published model asks"),
        Column("not_rising", "list", "those that were measured twice and did not"),
    ),
)
PROGRESS_MARKS = {
    "M": lambda change: change >= 0.2,
    "FLC": lambda change: change >= 20,
    "creat": lambda change: change > 25,
    "Hb": lambda change: change <= -1.5,
}
"""Change since the visit before: M-protein g/dL, involved/uninvolved ratio, creatinine %, haemoglobin g/dL.

PANGEA-SMM 2026, 10.1038/s41591-026-04304-x; how far back the visit before may lie could not be read.
"""


def trajectory_flags(changes: Mapping[str, float]) -> dict[str, bool | None]:
    """Whether each value moved towards progression; None where the change is not known (NaN)."""
    return {
        name: None if np.isnan(changes[name]) else bool(moved(round(changes[name], 6)))
        for name, moved in PROGRESS_MARKS.items()
    }


def consecutive(samples: pd.DataFrame) -> Iterator[tuple[str, str, str, int]]:
    """Patient, earlier and next sample, and days between them; samples without day or date are left out.

    `samples` has sample_id, patient_id, day and date (YYYY-MM-DD); days come before dates.
    """
    for patient_id, own in samples.groupby("patient_id", sort=True):
        days = pd.to_numeric(own["day"], errors="coerce")
        if days.notna().sum() < 2:
            dates = pd.to_datetime(own["date"], format="%Y-%m-%d", errors="coerce")
            days = (dates - pd.Timestamp("1970-01-01")).dt.days.astype(float)
        timed = own.assign(_day=days.astype(float)).dropna(subset="_day").sort_values(["_day", "sample_id"])
        for earlier, later in pairwise(timed.to_dict("records")):
            yield str(patient_id), earlier["sample_id"], later["sample_id"], int(later["_day"] - earlier["_day"])


def label_changes_frame(risk: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """The table of label changes (contract `LABEL_CHANGES`) from the risk table and the samples sheet."""
    rows = dict(zip(zip(risk["sample_id"], risk["system"], strict=True), risk.to_dict("records"), strict=True))
    found = []
    for patient_id, first, second, days in consecutive(samples):
        for system in SYSTEMS:
            before, after = rows.get((first, system)), rows.get((second, system))
            if before is not None and after is not None:
                found.append((patient_id, first, second, days, system, *_compare(system, before, after)))
    return pd.DataFrame(found, columns=LABEL_CHANGES.names, dtype=object)


def _compare(system: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str | None, ...]:
    was, now = ({_criterion(each) for each in split(row["criteria"])} for row in (before, after))
    first, second = str(before["label"]), str(after["label"])
    return first, second, _kind(system, first, second), join(now - was), join(was - now)


def _criterion(name: str) -> str:
    """An event by its id, every other criterion in words, as systems name them either way."""
    return name if name in catalogue() else in_words(name)


def _kind(system: str, first: str, second: str) -> str:
    if first == second:
        return "open" if first == NOT_EVALUABLE else "same"
    if NOT_APPLICABLE in (first, second):
        return "applies_now" if first == NOT_APPLICABLE else "applies_no_more"
    if NOT_EVALUABLE in (first, second):
        return "decided" if first == NOT_EVALUABLE else "opened"
    if SYSTEMS[system].population == "any":
        return "changed"
    labels = SYSTEMS[system].labels
    return "up" if labels.index(second) > labels.index(first) else "down"


def trajectory_frame(patients: Patients, samples: pd.DataFrame) -> pd.DataFrame:
    """The table of moving laboratory values (contract `TRAJECTORY`); only values in the same unit are compared."""
    patients = with_derived(patients)
    place = {sample_id: number for number, sample_id in enumerate(patients.sample_ids)}
    found = []
    for patient_id, first, second, days in consecutive(samples):
        if first not in place or second not in place:
            continue
        flags = trajectory_flags(_changes(patients, place[first], place[second]))
        moving, still = ([name for name, flag in flags.items() if flag is value] for value in (True, False))
        found.append((patient_id, first, second, days, join(moving), join(still)))
    return pd.DataFrame(found, columns=TRAJECTORY.names, dtype=object)


def _changes(patients: Patients, first: int, second: int) -> dict[str, float]:
    def change(column: str, scale: float = 1.0) -> float:
        low, high = patients.interval(column)
        exact = low[first] == high[first] and low[second] == high[second]
        return float((low[second] - low[first]) * scale) if exact else np.nan

    def percent(column: str) -> float:
        start = patients.interval(column)[0][first]
        return 100 * change(column) / float(start) if start > 0 else np.nan

    def either(*values: float) -> float:
        return next((value for value in values if not np.isnan(value)), np.nan)

    return {
        "M": either(change("serum_m_g_dl"), change("serum_m_g_l", 0.1)),
        "FLC": change("flc_ratio_involved"),
        "creat": either(percent("creatinine_mg_dl"), percent("creatinine_umol_l")),
        "Hb": either(change("hb_g_dl"), change("hb_g_l", 0.1)),
    }
