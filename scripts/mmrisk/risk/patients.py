"""What is known of patients: events, laboratory intervals, statements; and three-valued answers over many patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.clinical import Clinical
from mmrisk.contracts import EVENTS
from mmrisk.events import DEFAULT_PROFILE
from mmrisk.risk.engine import NO, UNKNOWN, YES

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.int64]
"""Knowledge of one input, a bit mask per patient."""
Flag = tuple[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Patients:
    """Ids, events (contract EVENTS) and the columns of the clinical sheet (`resources/labs.tsv`), one entry per id.

    `low` and `high` are closed intervals, NaN where nothing is known; `stated` holds words, "" where nothing is said.
    """

    sample_ids: Sequence[str]
    events: pd.DataFrame
    low: Mapping[str, Numbers] = field(default_factory=dict)
    high: Mapping[str, Numbers] = field(default_factory=dict)
    stated: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict)
    profile: str = DEFAULT_PROFILE
    allow_inferred: bool = False

    def __len__(self) -> int:
        return len(self.sample_ids)

    def interval(self, column: str) -> tuple[Numbers, Numbers]:
        """Bounds of a laboratory value; NaN for everybody where the sheet has no such column."""
        nothing = np.full(len(self), np.nan)
        return self.low.get(column, nothing), self.high.get(column, nothing)

    def word(self, column: str) -> npt.NDArray[np.object_]:
        """What is stated; "" for everybody where the sheet has no such column."""
        return self.stated.get(column, np.full(len(self), "", dtype=object))

    def event(self, event: str) -> pd.DataFrame:
        """Rows of one event, one per patient in order; missing values where the event was not tested."""
        return self._by_event.get(event, self.events.iloc[:0].set_index("sample_id")).reindex(self.sample_ids)

    @cached_property
    def _by_event(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows.set_index("sample_id") for name, rows in self.events.groupby("event", sort=False)}

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What was worked out once and is asked again."""
        return {}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one input, per patient: possible values, flags, and whether RNA alone decided it."""

    masks: Mask
    flags: tuple[Flag, ...] = ()
    inferred: npt.NDArray[np.bool_] | None = None


def join_patients(
    events: pd.DataFrame | None,
    clinical: Clinical | None,
    *,
    profile: str = DEFAULT_PROFILE,
    allow_inferred: bool = False,
) -> Patients:
    """Patients of the events and of the clinical sheet together, sorted by sample id."""
    if events is None:
        events = pd.DataFrame(columns=EVENTS.names, dtype=object)
    if clinical is None:
        clinical = Clinical((), {}, {}, {}, {})
    sample_ids = sorted({*events["sample_id"].unique(), *clinical.sample_ids})
    row = {sample_id: number for number, sample_id in enumerate(clinical.sample_ids)}
    take = np.array([row.get(sample_id, len(row)) for sample_id in sample_ids], dtype=np.intp)
    return Patients(
        sample_ids,
        events,
        {name: np.append(values, np.nan)[take] for name, values in clinical.low.items()},
        {name: np.append(values, np.nan)[take] for name, values in clinical.high.items()},
        {name: np.append(values, "")[take] for name, values in clinical.stated.items()},
        profile,
        allow_inferred,
    )


def yes_no(certain: npt.NDArray[np.bool_], excluded: npt.NDArray[np.bool_]) -> Mask:
    """Mask of a yes/no answer; what is neither certain nor excluded is unknown."""
    return np.where(certain, YES, np.where(excluded, NO, UNKNOWN))


def any_of(*masks: Mask) -> Mask:
    """Three-valued or."""
    return yes_no(
        np.logical_or.reduce([mask == YES for mask in masks]), np.logical_and.reduce([mask == NO for mask in masks])
    )


def all_of(*masks: Mask) -> Mask:
    """Three-valued and."""
    return yes_no(
        np.logical_and.reduce([mask == YES for mask in masks]), np.logical_or.reduce([mask == NO for mask in masks])
    )


def beyond(patients: Patients, lab: str, **cuts: float) -> Mask:
    """Whether a value lies above the cut of the unit in which it was reported (strictly)."""
    return _compared([(*patients.interval(f"{lab}_{unit}"), cut) for unit, cut in cuts.items()])


def reaches(patients: Patients, lab: str, **cuts: float) -> Mask:
    """Whether a value is the cut of its unit or more."""
    just_below = {unit: float(np.nextafter(cut, -np.inf)) for unit, cut in cuts.items()}
    return beyond(patients, lab, **just_below)


def _compared(measured: Sequence[tuple[Numbers, Numbers, float]]) -> Mask:
    with np.errstate(invalid="ignore"):
        certain = np.logical_or.reduce([low > cut for low, _, cut in measured])
        excluded = np.logical_or.reduce([high <= cut for _, high, cut in measured])
    return yes_no(certain, excluded)


def states(patients: Patients, column: str, *, unless_stated: int = UNKNOWN) -> Mask:
    """A yes/no column of the sheet."""
    word = patients.word(column)
    return np.where(word == "yes", YES, np.where(word == "no", NO, unless_stated))
