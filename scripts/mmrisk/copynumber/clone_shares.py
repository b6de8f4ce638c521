"""From a deviation of copies to what is known of the clone: seen or not, its share, what would have been seen."""

from dataclasses import dataclass

import numpy as np

from mmrisk.copynumber.profile import Doubling, Profile, Sight, threshold
from mmrisk.events import State

TWO_SIDED = 1.96
SMALLEST_SHARE = 0.001
"""Lower bound of a clone that was seen: its share is not zero."""


@dataclass(frozen=True, slots=True)
class Finding:
    """State, share of cells with its 95 % bounds, detection limit of a negative, copies in the abnormal cells."""

    state: State
    fraction: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    copies: float | None = None
    warnings: tuple[str, ...] = ()


def not_evaluable(*warnings: str) -> Finding:
    """Nothing can be said."""
    return Finding(State.NOT_EVALUABLE, warnings=warnings)


def seen_from(noise: float, sight: Sight) -> float:
    """Deviation (copies) from which something is seen.

    As small as it must be for 95 % of clones of the smallest size that such assays see reliably (20 %) to deviate by
    more; in noisy files not so small that every twentieth normal locus is taken for a clone.
    """
    return max(sight.seen_sd * noise, sight.reliable_clone - sight.power_sd * noise)


def limit_at(noise: float, sight: Sight) -> float:
    """Smallest clone with one copy more or less that is seen with 95 % power."""
    return min(1.0, max(sight.reliable_clone, (sight.seen_sd + sight.power_sd) * noise))


def judge(deviation: float, *, noise: float, firm: float, profile: Profile) -> Finding:
    """What a deviation (copies, in the direction of the event) says of a clone with one copy more or less.

    From `firm` on, the share of cells is the deviation. Between what is seen and `firm` only its bounds are given: a
    cut-off inside them cannot be decided. Below, the event is absent down to the detection limit.
    """
    if profile.rounded:
        if deviation < firm:
            return Finding(State.ABSENT, 0.0, limit=threshold("whole_copies_limit"))
        # a share from one half rounds up to a whole copy
        return Finding(State.PRESENT, low=min(1.0, deviation / 2), high=1.0)
    if deviation < seen_from(noise, profile.sight):
        return Finding(State.ABSENT, 0.0, limit=limit_at(noise, profile.sight))
    error = float(np.hypot(noise, deviation * profile.scale_error))
    least, most = profile.purity_span
    low = min(deviation - TWO_SIDED * error, (deviation - TWO_SIDED * noise) * least)
    high = max(deviation + TWO_SIDED * error, (deviation + TWO_SIDED * noise) * most)
    if profile.doubling == Doubling.UNCLEAR:  # if the genome is doubled after all, one of four copies
        high *= 2
    return Finding(
        State.PRESENT,
        min(1.0, deviation) if deviation >= firm else None,
        min(1.0, max(SMALLEST_SHARE, low)),
        min(1.0, high),
    )


def whole_copies(copies: float, profile: Profile) -> float | None:
    """Copies in the abnormal cells, where the mean lies at a whole number other than two: then all cells share it."""
    nearest = round(copies)
    if nearest == 2 or abs(copies - nearest) > threshold("odd_spread"):
        return None
    return max(0.0, nearest + (2.0 if profile.doubling == Doubling.SHOWN else 0.0))


def judge_two_copies(deviation: float, certain: float, *, noise: float, firm: float, profile: Profile) -> Finding:
    """What a deviation says of a clone with two copies more or less (amplification, biallelic loss).

    From `certain` on, one copy in every cell does not explain it. Below, such a clone is at most half the deviation,
    the rest of the cells being normal: the detection limit, so that a firm gain or loss leaves the event open.
    """
    if profile.rounded:
        if deviation < firm:
            return Finding(State.ABSENT, 0.0, limit=threshold("whole_copies_limit") / 2)
        return Finding(State.PRESENT, low=0.5, high=1.0) if deviation > certain else not_evaluable()
    if deviation >= certain:
        share, most = min(1.0, deviation - 1), min(1.0, deviation / 2 + TWO_SIDED * noise)
        return Finding(State.PRESENT, share, max(SMALLEST_SHARE, share - TWO_SIDED * noise), most)
    limit = max(limit_at(noise, profile.sight), deviation + profile.sight.power_sd * noise) / 2
    return Finding(State.ABSENT, 0.0, limit=min(1.0, limit))
