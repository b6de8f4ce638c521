"""Inputs of risk systems: their domains, and what a patient's events and laboratory values say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.events import DEFAULT_PROFILE, State, Tier, catalogue, cutoff, state_at_cutoff

NEAR_CUTOFF = 0.005
"""A share this close to a cut-off is flagged: 19.5 to 20.5 % around 20 %."""


@dataclass(frozen=True, slots=True)
class Present:
    """Whether an event is present at a cut-off profile (the user's own profile where `profile` is None)."""

    event: str = ""
    profile: str | None = None

    values = (False, True)

    def named(self, parameter: str) -> "Present":
        """The event is the parameter's name unless it was given."""
        return self if self.event else replace(self, event=parameter)

    @property
    def test(self) -> str:
        """The test to order."""
        return catalogue()[self.event].label


@dataclass(frozen=True, slots=True)
class CopiesLost:
    """Copies lost at a locus (0, 1 or 2) from the events for any loss and for the loss of both copies."""

    loss: str
    biallelic: str

    values = (0, 1, 2)

    @property
    def test(self) -> str:
        """The test to order."""
        return catalogue()[self.loss].label


@dataclass(frozen=True, slots=True)
class Lab:
    """A laboratory value, cut where the rule cuts it: unit -> thresholds, the same number for each unit.

    `at_least` thresholds belong to the part above (>=), `above` thresholds to the part below (>). The rule receives a
    number of the first unit from the part in question. Values are compared in the unit in which they were reported.
    """

    lab: str
    at_least: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    above: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def edges(self, unit: str) -> list[float]:
        """First number of each part but the lowest, ascending."""
        strict = (float(np.nextafter(cut, np.inf)) for cut in self.above.get(unit, ()))
        return sorted([*map(float, self.at_least.get(unit, ())), *strict])

    @property
    def units(self) -> tuple[str, ...]:
        """Units in which the rule can be read."""
        return tuple(dict.fromkeys([*self.at_least, *self.above]))

    @property
    def values(self) -> tuple[float, ...]:
        """One number per part, in the first unit."""
        edges = self.edges(self.units[0])
        return (float(np.nextafter(edges[0], -np.inf)), *edges)

    @property
    def test(self) -> str:
        """The test to order."""
        return LAB_NAMES[self.lab]


@dataclass(frozen=True, slots=True)
class AboveUln:
    """Whether a laboratory value lies above that laboratory's own upper limit of normal (strictly)."""

    lab: str

    values = (False, True)

    @property
    def test(self) -> str:
        """The test to order."""
        return LAB_NAMES[self.lab]


LAB_NAMES = {
    "b2m": "beta-2-microglobulin",
    "albumin": "serum albumin",
    "creatinine": "creatinine",
    "ldh": "LDH with its upper limit of normal",
}

B2m = Annotated[float, Lab("b2m", at_least={"mg_l": (3.5, 5.5)})]
Albumin = Annotated[float, Lab("albumin", at_least={"g_dl": (3.5,), "g_l": (35,)})]
LdhHigh = Annotated[bool, AboveUln("ldh")]
Found = Annotated[bool, Present()]
"""An event at the user's cut-off profile; the parameter's name is the event."""


@dataclass(frozen=True, slots=True)
class Patients:
    """What is known of the patients: ids, events (contract EVENTS) and laboratory values as closed intervals.

    `low` and `high` map a clinical column (`b2m_mg_l`) to one number per patient, NaN where nothing is known; a value
    that is only bounded on one side has an infinite other bound.
    """

    sample_ids: Sequence[str]
    events: pd.DataFrame
    low: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    high: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    profile: str = DEFAULT_PROFILE
    allow_inferred: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one input, per patient: possible values, flags, and whether RNA alone decided it."""

    masks: npt.NDArray[np.int64]
    flags: tuple[tuple[str, npt.NDArray[np.bool_]], ...] = ()
    inferred: npt.NDArray[np.bool_] | None = None


def knowledge(domain: Any, patients: Patients) -> Knowledge:
    """What the patients' data say of one input."""
    match domain:
        case Present():
            return _presence(domain.event, domain.profile or patients.profile, patients)
        case CopiesLost():
            return _copies_lost(domain, patients)
        case Lab():
            return _lab(domain, patients)
        case AboveUln():
            return _above_uln(domain, patients)
    raise TypeError(f"no knowledge of {domain!r}")


def _presence(event: str, profile: str, patients: Patients) -> Knowledge:
    rows = patients.events[patients.events["event"] == event].set_index("sample_id").reindex(patients.sample_ids)

    def floats(column: str) -> npt.NDArray[np.float64]:
        return rows[column].to_numpy(dtype=float, na_value=np.nan)

    at = cutoff(event, profile)
    fraction = floats("fraction")
    state = state_at_cutoff(
        rows["state"].fillna(State.NOT_TESTED).to_numpy(dtype=object),
        fraction=fraction,
        low=floats("fraction_low"),
        high=floats("fraction_high"),
        limit=floats("detection_limit"),
        cut=np.full(len(rows), at.fraction),
        inclusive=np.full(len(rows), at.inclusive),
    )
    inferred = (rows["tier"] == Tier.INFERRED).fillna(value=False).to_numpy(dtype=bool)
    usable = ~inferred | patients.allow_inferred
    present = (state == State.PRESENT) & usable
    negative = ((state == State.ABSENT) | (state == State.SUBTHRESHOLD)) & usable
    with np.errstate(invalid="ignore"):
        near = np.abs(fraction - at.fraction) <= NEAR_CUTOFF
    return Knowledge(
        np.where(present, 2, np.where(negative, 1, 3)),
        (
            (f"{event}:subthreshold", state == State.SUBTHRESHOLD),
            (f"{event}:near_cutoff", near),
            (f"{event}:laboratory_cutoff", present & np.isnan(fraction) & ~(floats("fraction_low") >= at.fraction)),
            (f"{event}:conflict", state == State.CONFLICT),
        ),
        inferred & usable & (present | negative),
    )


def _copies_lost(domain: CopiesLost, patients: Patients) -> Knowledge:
    loss = _presence(domain.loss, patients.profile, patients)
    both = _presence(domain.biallelic, patients.profile, patients)
    masks = np.full(len(loss.masks), 0b111)
    masks &= np.choose(loss.masks - 1, [0b001, 0b110, 0b111])
    masks &= np.choose(both.masks - 1, [0b011, 0b100, 0b111])
    masks = np.where(masks == 0, 0b100, masks)  # both copies lost in enough cells, whatever the single loss says
    return Knowledge(masks, loss.flags + both.flags, loss.inferred)


def _lab(domain: Lab, patients: Patients) -> Knowledge:
    count = len(patients.sample_ids)
    masks = np.full(count, (1 << len(domain.values)) - 1)
    for unit in domain.units:
        column = f"{domain.lab}_{unit}"
        if column not in patients.low:
            continue
        low, high = patients.low[column], patients.high[column]
        edges = [-np.inf, *domain.edges(unit), np.inf]
        possible = np.zeros(count, dtype=np.int64)
        for part in range(len(edges) - 1):
            last = edges[part + 1] if part == len(edges) - 2 else np.nextafter(edges[part + 1], -np.inf)
            with np.errstate(invalid="ignore"):
                possible |= ((high >= edges[part]) & (low <= last)).astype(np.int64) << part
        masks = np.where(np.isnan(low), masks, masks & possible)
    return Knowledge(masks)


def _above_uln(domain: AboveUln, patients: Patients) -> Knowledge:
    masks = np.full(len(patients.sample_ids), 3)
    value, limit, said = f"{domain.lab}_u_l", f"{domain.lab}_uln_u_l", f"{domain.lab}_above_uln"
    with np.errstate(invalid="ignore"):
        if value in patients.low and limit in patients.low:
            masks = np.where(patients.low[value] > patients.high[limit], 2, masks)
            masks = np.where(patients.high[value] <= patients.low[limit], 1, masks)
        if said in patients.low:
            masks = np.where(np.isnan(patients.low[said]), masks, np.where(patients.low[said] == 1, 2, 1))
    return Knowledge(masks)
