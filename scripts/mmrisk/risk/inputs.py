"""Inputs of risk systems: their domains, and what a patient's events and laboratory values say of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.clinical import test_of
from mmrisk.events import State, Tier, catalogue, cutoff, state_at_cutoff
from mmrisk.risk.engine import NO, UNKNOWN, YES
from mmrisk.risk.patients import Knowledge, Mask, Patients, states, yes_no

NEAR_CUTOFF = 0.005
"""A share this close to a cut-off is flagged: 19.5 to 20.5 % around 20 %."""

LARGE_CLONE = "ccf55"
"""Cut-off profile of the del(17p) clone size that marks the truly poor group."""

MORE_OF = {"amp_1q21": "gain_1q21", "biallelic_del_1p32": "del_1p32"}
"""Events that are more of another one: the first proves the second, the absence of the second excludes the first."""


TESTS = {"biallelic_tp53": "TP53 sequencing with copies of 17p13"}
"""What to order where an event follows from others."""


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
    def events(self) -> tuple[str, ...]:
        """Events that are read."""
        related = (name for pair in MORE_OF.items() if self.event in pair for name in pair)
        return tuple(dict.fromkeys([self.event, *related]))

    @property
    def test(self) -> str:
        """The test to order."""
        return TESTS.get(self.event) or catalogue()[self.event].label

    def known(self, patients: Patients) -> Knowledge:
        """What the events say."""
        profile = self.profile or patients.profile
        found = presence(self.event, profile, patients)
        masks, inferred = found.masks, found.inferred
        for more, less in MORE_OF.items():
            if self.event in (more, less):
                other = presence(less if self.event == more else more, profile, patients)
                open_and_absent = (masks == UNKNOWN) & (other.masks == NO)
                decided = other.masks == YES if self.event == less else open_and_absent
                masks = np.where(decided, other.masks, masks)
                inferred = np.where(decided, other.inferred, inferred)
        return Knowledge(masks, found.flags, inferred)


@dataclass(frozen=True, slots=True)
class CopiesLost:
    """Copies lost at a locus (0, 1 or 2) from the events for any loss and for the loss of both copies."""

    loss: str
    biallelic: str

    values = (0, 1, 2)

    @property
    def events(self) -> tuple[str, ...]:
        """Events that are read."""
        return (self.loss, self.biallelic)

    @property
    def test(self) -> str:
        """The test to order."""
        return catalogue()[self.loss].label

    def known(self, patients: Patients) -> Knowledge:
        """What the events say."""
        loss = presence(self.loss, patients.profile, patients)
        both = presence(self.biallelic, patients.profile, patients)
        masks = np.choose(loss.masks - 1, [0b001, 0b110, 0b111]) & np.choose(both.masks - 1, [0b011, 0b100, 0b111])
        masks = np.where(masks == 0, 0b100, masks)  # both copies lost in enough cells, whatever the single loss says
        return Knowledge(masks, loss.flags + both.flags, loss.inferred | both.inferred)


@dataclass(frozen=True, slots=True)
class Hyperdiploid:
    """Hyperdiploidy: the event, or where it is open at least 2 gained odd chromosomes among those that were tested."""

    values = (False, True)
    test = "Hyperdiploidy"

    @property
    def events(self) -> tuple[str, ...]:
        """Events that are read."""
        return ("hyperdiploid", *TRISOMIES)

    def known(self, patients: Patients) -> Knowledge:
        """What the events say; exactly 2 gains is the range in which methods disagree."""
        found = presence("hyperdiploid", patients.profile, patients)
        each = [presence(event, patients.profile, patients) for event in TRISOMIES]
        trisomies = np.array([one.masks for one in each])
        inferred_gains = np.logical_or.reduce([one.inferred for one in each])
        gained, possibly = (trisomies == YES).sum(axis=0), (trisomies != NO).sum(axis=0)
        masks = np.where(found.masks == UNKNOWN, yes_no(gained >= 2, possibly < 2), found.masks)
        flags = (*found.flags, ("hyperdiploid:exactly_2_gains", (gained == 2) & (possibly == 2)))
        by_trisomies = (found.masks == UNKNOWN) & (masks != UNKNOWN)
        return Knowledge(masks, flags, found.inferred | (by_trisomies & inferred_gains))


TRISOMIES = tuple(f"trisomy_{chromosome}" for chromosome in (3, 5, 7, 9, 11, 15, 19, 21))


@dataclass(frozen=True, slots=True)
class Lab:
    """A laboratory value, cut where the rule cuts it: unit -> thresholds, the same number for each unit.

    `at_least` thresholds belong to the part above (>=), `above` thresholds to the part below (>). The rule receives a
    number of the first unit from the part in question. Values are compared in the unit in which they were reported.
    """

    lab: str
    at_least: dict[str, tuple[float, ...]] = field(default_factory=dict)
    above: dict[str, tuple[float, ...]] = field(default_factory=dict)

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
    def columns(self) -> dict[str, str]:
        """Columns of the clinical sheet, each with its unit."""
        return {f"{self.lab}_{unit}" if unit else self.lab: unit for unit in self.units}

    @property
    def test(self) -> str:
        """The test to order."""
        return test_of(self.lab)

    def known(self, patients: Patients) -> Knowledge:
        """What the intervals say."""
        everything = (1 << len(self.values)) - 1
        masks = np.full(len(patients), everything)
        for column, unit in self.columns.items():
            low, high = patients.interval(column)
            masks = np.where(np.isnan(low), masks, masks & self._possible(low, high, unit))
        return Knowledge(np.where(masks == 0, everything, masks))

    def _possible(self, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], unit: str) -> Mask:
        edges = [-np.inf, *self.edges(unit), np.inf]
        masks = np.zeros(len(low), dtype=np.int64)
        for part, (first, after) in enumerate(pairwise(edges)):
            last = after if after == np.inf else np.nextafter(after, -np.inf)
            with np.errstate(invalid="ignore"):
                masks |= ((high >= first) & (low <= last)).astype(np.int64) << part
        return masks


@dataclass(frozen=True, slots=True)
class AboveUln:
    """Whether a laboratory value lies above that laboratory's own upper limit of normal (strictly)."""

    lab: str
    units: tuple[str, ...]

    values = (False, True)

    @property
    def test(self) -> str:
        """The test to order."""
        return test_of(self.lab)

    def known(self, patients: Patients) -> Knowledge:
        """What the value and its limit, or the laboratory's own flag, say."""
        masks = np.full(len(patients), UNKNOWN)
        for unit in self.units:
            low, high = patients.interval(f"{self.lab}_{unit}")
            uln_low, uln_high = patients.interval(f"{self.lab}_uln_{unit}")
            with np.errstate(invalid="ignore"):
                masks &= yes_no(low > uln_high, high <= uln_low)
        said = patients.word(f"{self.lab}_above_uln")
        return Knowledge(np.where(said == "yes", YES, np.where(said == "no", NO, masks)))


@dataclass(frozen=True, slots=True)
class Category:
    """A word of the clinical sheet, grouped as the rule needs it: (group, words).

    A word in several groups leaves those open, one in none leaves all.
    """

    column: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The groups."""
        return tuple(group for group, _ in self.groups)

    @property
    def test(self) -> str:
        """The test to order."""
        return test_of(self.column)

    def known(self, patients: Patients) -> Knowledge:
        """What is stated."""
        bit: dict[str, int] = {}
        for number, (_, words) in enumerate(self.groups):
            for word in words:
                bit[word] = bit.get(word, 0) | 1 << number
        everything = (1 << len(self.groups)) - 1
        return Knowledge(np.array([bit.get(word, everything) for word in patients.word(self.column)], dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Criterion:
    """A yes/no answer that a function works out from several laboratory values."""

    answer: Callable[[Patients], Knowledge]
    test: str

    values = (False, True)

    def known(self, patients: Patients) -> Knowledge:
        """What the function says."""
        return self.answer(patients)


@dataclass(frozen=True, slots=True)
class Stated:
    """A yes/no column of the clinical sheet; `unless_stated` is the mask where it is empty."""

    column: str
    unless_stated: int = UNKNOWN

    values = (False, True)

    @property
    def test(self) -> str:
        """The test to order."""
        return test_of(self.column)

    def known(self, patients: Patients) -> Knowledge:
        """What is stated."""
        return Knowledge(states(patients, self.column, unless_stated=self.unless_stated))


def presence(event: str, profile: str, patients: Patients) -> Knowledge:
    """Whether one event is present at the cut-off of a profile; worked out once."""
    key = ("presence", event, profile)
    if key not in patients.remembered:
        patients.remembered[key] = _presence(event, profile, patients)
    found: Knowledge = patients.remembered[key]
    return found


def _presence(event: str, profile: str, patients: Patients) -> Knowledge:
    rows = patients.event(event)

    def floats(column: str) -> npt.NDArray[np.float64]:
        return rows[column].astype(float)

    at = cutoff(event, profile)
    fraction = floats("fraction")
    state = state_at_cutoff(
        np.where(pd.isna(rows["state"]), State.NOT_TESTED, rows["state"]),
        fraction=fraction,
        low=floats("fraction_low"),
        high=floats("fraction_high"),
        limit=floats("detection_limit"),
        cut=np.full(len(patients), at.fraction),
        inclusive=np.full(len(patients), at.inclusive),
    )
    inferred = rows["tier"] == Tier.INFERRED
    usable = ~inferred | patients.allow_inferred
    present = (state == State.PRESENT) & usable
    negative = ((state == State.ABSENT) | (state == State.SUBTHRESHOLD)) & usable
    with np.errstate(invalid="ignore"):
        near = np.abs(fraction - at.fraction) <= NEAR_CUTOFF + 1e-9
        large = (fraction >= cutoff(event, LARGE_CLONE).fraction) & (event == "del_17p")
    return Knowledge(
        yes_no(present, negative),
        (
            (f"{event}:subthreshold", state == State.SUBTHRESHOLD),
            (f"{event}:near_cutoff", near),
            (f"{event}:large_clone", large),
            (f"{event}:laboratory_cutoff", present & np.isnan(fraction) & ~(floats("fraction_low") >= at.fraction)),
            (f"{event}:conflict", state == State.CONFLICT),
        ),
        inferred & usable & (present | negative),
    )


B2m = Annotated[float, Lab("b2m", at_least={"mg_l": (3.5, 5.5)})]
B2mHigh = Annotated[float, Lab("b2m", at_least={"mg_l": (5.5,)})]
Albumin = Annotated[float, Lab("albumin", at_least={"g_dl": (3.5,), "g_l": (35,)})]
LdhHigh = Annotated[bool, AboveUln("ldh", ("u_l", "ukat_l"))]
Found = Annotated[bool, Present()]
"""An event at the user's cut-off profile; the parameter's name is the event."""
Ploidy = Annotated[bool, Hyperdiploid()]
