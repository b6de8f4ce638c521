"""The event catalogue, the evidence value object, the states, and the one rule that turns a fraction into a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from mmrisk.resource import facts

DEFAULT_PROFILE = "emn2012"
ODD_CHROMOSOMES = ("3", "5", "7", "9", "11", "15", "19", "21")
"""The chromosomes whose trisomies define myeloma hyperdiploidy (Skerget 2024; Chng 2005, Blood 106:2156)."""
PRIMARY_IG_FUSIONS = ("t_4_14", "t_6_14", "t_11_14", "t_14_16", "t_14_20")


class State(StrEnum):
    """What is known of an event. Nothing defaults to absent: absent means looked for and not found."""

    PRESENT = "present"
    ABSENT = "absent"
    SUBTHRESHOLD = "subthreshold"
    NOT_EVALUABLE = "not_evaluable"
    NOT_TESTED = "not_tested"
    CONFLICT = "conflict"


STATE_NAMES = {
    "present": "present",
    "absent": "absent",
    "subthreshold": "below the cut-off",
    "not_evaluable": "not evaluable",
    "not_tested": "not tested",
    "conflict": "conflict",
}
"""States in words."""


class Tier(StrEnum):
    """Whether an assay saw the event itself or something that follows from it (RNA)."""

    MEASURED = "measured"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the catalogue."""

    id: str
    label: str
    kind: str
    consensus_class: str
    cutoff_scope: str
    loci: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation of one event in one sample by one assay.

    A reader states what was seen, not what it means: `state` is `present` where abnormal cells were seen or the
    laboratory says so (whatever their share), `absent` where it looked and saw none, `not_evaluable` where the assay
    could not tell. Fractions are shares (0 to 1) of the cells named by `fraction_basis`; `detection_limit` is the
    smallest share that would have been seen with 95 % power; `copies` is the number of copies in the abnormal cells.
    """

    sample_id: str
    assay_id: str
    event: str
    source: str
    state: State
    method: str = ""
    locus: str = ""
    build: str = ""
    tier: Tier = Tier.MEASURED
    copies: float | None = None
    fraction: float | None = None
    fraction_basis: str = ""
    fraction_low: float | None = None
    fraction_high: float | None = None
    detection_limit: float | None = None
    n_abnormal: int | None = None
    n_scored: int | None = None
    cell_selection: str = ""
    purity: float | None = None
    support: int | None = None
    detail: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Share of cells from which an event counts as present; `inclusive` says whether the share itself counts."""

    fraction: float
    inclusive: bool


@cache
def catalogue() -> Mapping[str, EventType]:
    """All events, in the order in which they are shown."""
    return {
        row["id"]: EventType(
            row["id"],
            row["label"],
            row["kind"],
            row["class"],
            row["cutoff_scope"],
            tuple(filter(None, row["loci"].split(";"))),
        )
        for row in facts("events.tsv")
    }


@cache
def cutoff_profiles() -> tuple[str, ...]:
    """Names of the known cut-off profiles."""
    return tuple(dict.fromkeys(row["profile"] for row in facts("cutoffs.tsv")))


@cache
def cutoff(event: str, profile: str = DEFAULT_PROFILE) -> Cutoff:
    """Cut-off of an event in a profile; what a profile does not name is that of `emn2012`."""
    if profile not in cutoff_profiles():
        raise ValueError(f"unknown cut-off profile {profile!r}; known: {', '.join(cutoff_profiles())}")
    scope = catalogue()[event].cutoff_scope
    rows = {(row["profile"], row["scope"]): row for row in facts("cutoffs.tsv")}
    row = rows.get((profile, scope)) or rows[DEFAULT_PROFILE, scope]
    return Cutoff(float(row["fraction"]), row["operator"] == "ge")


FloatArray = npt.NDArray[np.float64]
StateArray = npt.NDArray[np.object_]


def state_at_cutoff(
    reported: StateArray,
    *,
    fraction: FloatArray,
    low: FloatArray,
    high: FloatArray,
    limit: FloatArray,
    cut: FloatArray,
    inclusive: npt.NDArray[np.bool_],
) -> StateArray:
    """State of each observation at a cut-off, from what was reported and the shares of cells.

    All arrays have one entry per observation; shares are 0 to 1 and NaN where unknown. A known share decides. Without
    one, a laboratory's "present" stands unless its upper bound is known and its interval lies below the cut-off or
    spans it, and its "absent" stands unless the detection limit is above the cut-off.
    """
    with np.errstate(invalid="ignore"):
        reaches = np.where(inclusive, fraction >= cut, fraction > cut)
        low_reaches = np.where(inclusive, low >= cut, low > cut)
        high_reaches = np.where(inclusive, high >= cut, high > cut)
        limit_above = limit > cut
    known = ~np.isnan(fraction)
    is_ = {state: reported == state for state in State}

    state = reported.copy()
    no_share = ~known
    state[no_share & is_[State.PRESENT] & ~np.isnan(high) & ~high_reaches] = State.SUBTHRESHOLD
    state[no_share & is_[State.PRESENT] & ~np.isnan(high) & high_reaches & ~low_reaches] = State.NOT_EVALUABLE
    state[no_share & is_[State.SUBTHRESHOLD] & low_reaches] = State.PRESENT
    state[no_share & is_[State.NOT_EVALUABLE] & low_reaches] = State.PRESENT
    state[no_share & is_[State.ABSENT] & limit_above] = State.NOT_EVALUABLE

    decided = known & (is_[State.PRESENT] | is_[State.ABSENT] | is_[State.SUBTHRESHOLD] | is_[State.NOT_EVALUABLE])
    none_seen = decided & (fraction == 0)
    state[decided & reaches] = State.PRESENT
    state[decided & ~reaches & (fraction > 0) & ~is_[State.NOT_EVALUABLE]] = State.SUBTHRESHOLD
    state[none_seen & ~np.isnan(limit) & ~limit_above] = State.ABSENT
    state[none_seen & limit_above] = State.NOT_EVALUABLE
    return state


def negative_limit(n_scored: int) -> float:
    """Upper 95 % bound of the share of abnormal cells when none of `n_scored` was abnormal (0/20: 0.139)."""
    return 1.0 - 0.05 ** (1.0 / n_scored)


@cache
def binomial_interval(n_abnormal: int, n_scored: int) -> tuple[float, float]:
    """Clopper-Pearson 95 % interval of a share of cells."""
    from scipy.special import betaincinv

    low = 0.0 if n_abnormal == 0 else float(betaincinv(n_abnormal, n_scored - n_abnormal + 1, 0.025))
    high = 1.0 if n_abnormal == n_scored else float(betaincinv(n_abnormal + 1, n_scored - n_abnormal, 0.975))
    return low, high
