"""What is known of patients: events, laboratory intervals, statements; and three-valued answers over many patients."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.clinical import Clinical
from mmrisk.contracts import EVENTS
from mmrisk.errors import InputError, Problem
from mmrisk.events import DEFAULT_PROFILE
from mmrisk.risk.engine import NO, UNKNOWN, YES
from mmrisk.tables import parquet_twin, read_table

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.int64]
"""Knowledge of one input, a bit mask per patient."""
Flag = tuple[str, npt.NDArray[np.bool_]]


EVENT_COLUMNS = ("sample_id", "event", "state", "fraction", "fraction_low", "fraction_high", "detection_limit", "tier")
"""Columns of the events table that labels depend on."""


@dataclass(frozen=True)
class Patients:
    """Ids, events (contract EVENTS) and the columns of the clinical sheet (`resources/labs.tsv`), one entry per id.

    `low` and `high` are closed intervals, NaN where nothing is known; `stated` holds words, "" where nothing is said,
    among them `time_point` and `treated` of the samples sheet.
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

    def event(self, event: str) -> dict[str, npt.NDArray[np.object_]]:
        """Columns of one event's rows, one entry per patient in order; None where the event has no row."""
        rows, places = self._by_event.get(event, (self.events.iloc[:0], np.array([], dtype=np.intp)))
        columns = {}
        for name in EVENT_COLUMNS[2:]:
            columns[name] = np.full(len(self), None, dtype=object)
            columns[name][places] = rows[name].to_numpy(dtype=object, na_value=None)
        return columns

    @cached_property
    def _by_event(self) -> dict[str, tuple[pd.DataFrame, npt.NDArray[np.intp]]]:
        """Rows of each event, with the place of their patients."""
        places = pd.Index(self.sample_ids, dtype=object).get_indexer(self.events["sample_id"].astype(object))
        grouped = self.events.groupby("event", sort=False).indices
        return {str(event): (self.events.iloc[rows], places[rows]) for event, rows in grouped.items()}

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What was worked out once and is asked again."""
        return {}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one input, per patient: possible values, flags, and whether RNA alone decided it."""

    masks: Mask
    flags: tuple[Flag, ...] = ()
    inferred: npt.NDArray[np.bool_] | np.bool_ = np.False_


def join_patients(
    events: pd.DataFrame | None,
    clinical: Clinical | None,
    *,
    profile: str = DEFAULT_PROFILE,
    allow_inferred: bool = False,
    samples: Iterable[Mapping[str, Any]] = (),
) -> Patients:
    """Patients of the events and of the clinical sheet together, sorted by sample id.

    `samples` are rows of the samples sheet: their time points and whether there was treatment before them.
    """
    if events is None:
        events = pd.DataFrame(columns=EVENTS.names, dtype=object)
    if clinical is None:
        clinical = Clinical((), {}, {}, {}, {})
    sample_ids = sorted({*events["sample_id"].unique(), *clinical.sample_ids})
    row = {sample_id: number for number, sample_id in enumerate(clinical.sample_ids)}
    said = {sample["sample_id"]: sample for sample in samples}
    treated = {True: "yes", False: "no", None: ""}
    at = [said.get(sample_id, {"time_point": None, "treated": None}) for sample_id in sample_ids]
    take = np.array([row.get(sample_id, len(row)) for sample_id in sample_ids], dtype=np.intp)
    return Patients(
        sample_ids,
        events,
        {name: np.append(values, np.nan)[take] for name, values in clinical.low.items()},
        {name: np.append(values, np.nan)[take] for name, values in clinical.high.items()},
        {
            **{name: np.append(values, "")[take] for name, values in clinical.stated.items()},
            "time_point": np.array([sample["time_point"] or "" for sample in at], dtype=object),
            "treated": np.array([treated[sample["treated"]] for sample in at], dtype=object),
        },
        profile,
        allow_inferred,
    )


def read_events(path: Path, needed: Collection[str]) -> pd.DataFrame:
    """Rows of the needed events; from the Parquet twin unless the TSV was changed after it."""
    twin = parquet_twin(path)
    if twin.is_file() and (not path.is_file() or twin.stat().st_mtime_ns >= path.stat().st_mtime_ns):
        return _read_parquet(twin, needed)
    frame = read_table(path, EVENTS)[list(EVENT_COLUMNS)]
    return frame[frame["event"].isin(sorted(needed)) | ~frame["sample_id"].duplicated()]


def _read_parquet(path: Path, needed: Collection[str]) -> pd.DataFrame:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        if (pq.read_schema(path).metadata or {}).get(b"mmrisk_table", b"events") != b"events":
            raise ValueError("it holds another table")
        return pd.read_parquet(path, columns=list(EVENT_COLUMNS), filters=[("event", "in", sorted(needed))])
    except (ArrowException, OSError, ValueError) as error:
        raise InputError(
            Problem(file=path.name, message=f"is not an events table ({error})", remedy="make the events table again")
        ) from None


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


def beyond(patients: Patients, cuts: Mapping[str, float]) -> Mask:
    """Whether a value lies above its cut (strictly): column of the sheet -> cut in the unit of that column."""
    with np.errstate(invalid="ignore"):
        certain = np.logical_or.reduce([patients.interval(column)[0] > cut for column, cut in cuts.items()])
        excluded = np.logical_or.reduce([patients.interval(column)[1] <= cut for column, cut in cuts.items()])
    return yes_no(certain, excluded)


def reaches(patients: Patients, cuts: Mapping[str, float]) -> Mask:
    """Whether a value is its cut or more."""
    return beyond(patients, {column: float(np.nextafter(cut, -np.inf)) for column, cut in cuts.items()})


def states(patients: Patients, column: str, *, unless_stated: int = UNKNOWN) -> Mask:
    """A yes/no column of the sheet."""
    word = patients.word(column)
    return np.where(word == "yes", YES, np.where(word == "no", NO, unless_stated))
