"""What alleles add where depth leaves it open: a gain or an amplification, the loss of one copy or of both."""

from dataclasses import dataclass, replace

import numpy as np

from mmrisk.copynumber.clone_shares import SMALLEST_SHARE, TWO_SIDED, Finding, limit_at, seen_from
from mmrisk.copynumber.profile import Doubling, Measure, Profile, threshold
from mmrisk.events import State


@dataclass(frozen=True, slots=True)
class BothAlleles:
    """Share of tumour cells in which both alleles are gained, or both lost, with its 95 % bounds."""

    share: float
    low: float
    high: float


def both_alleles(measure: Measure, profile: Profile, *, gain: bool) -> BothAlleles | None:
    """Cells in which both alleles changed; None where alleles tell no such cells, or are unknown.

    More than one copy of the lesser allele, or less than one of the greater, takes a second change beside that of the
    other allele. That two clones changed one allele each would look the same, but is rare. A second copy gained of one
    allele is not told from more cells with one: for this None says nothing.
    """
    deviation = measure.copies - 2 if gain else 2 - measure.copies
    if np.isnan(measure.minor_least) or profile.doubling != Doubling.NOT_SEEN:
        return None  # in a doubled genome one of the two copies of each allele changed
    if deviation < seen_from(measure.noise, profile.sight):
        return None
    if gain:  # half of the noise of all copies is that of one allele
        share, least = measure.minor - 1, measure.minor_least - 1 - TWO_SIDED * measure.noise / 2
    else:
        greater = measure.copies - measure.minor
        share = 1 - greater
        least = 1 - (measure.copies - measure.minor_least) - TWO_SIDED * measure.noise
    if least < threshold("both_alleles_least"):
        return None
    high = min(1.0, deviation / 2 + TWO_SIDED * measure.noise)
    share = min(share, high)
    return BothAlleles(share, min(least, share), high)


def of_two_copies(both: BothAlleles) -> Finding:
    """The finding of an amplification or biallelic loss."""
    return Finding(State.PRESENT, both.share, both.low, both.high)


def of_any_copy(found: Finding, both: BothAlleles, measure: Measure) -> Finding:
    """The finding of the gain or loss itself: cells that changed twice count once."""
    if found.fraction is None or found.state != State.PRESENT:
        return found
    deviation = abs(measure.copies - 2)
    share = min(1.0, max(both.share, deviation - both.share))
    low = min(share, deviation / 2 - TWO_SIDED * measure.noise)
    return replace(found, fraction=share, low=max(SMALLEST_SHARE, low))


def none_or_all_of_four(measure: Measure, profile: Profile, *, gain: bool) -> Finding:
    """Loss of all copies in a doubled genome, or twice as many: its copies are counted from four as if from two.

    Six of four are no amplification: a plain genome has three of two then, and FISH reads eight signals as one.
    """
    deviation = measure.copies - 2 if gain else 2 - measure.copies
    if deviation >= 4 - threshold("biallelic_loss"):
        share = min(1.0, deviation - 3)
        return Finding(State.PRESENT, share, max(SMALLEST_SHARE, share - TWO_SIDED * measure.noise), 1.0)
    limit = max(limit_at(measure.noise, profile.sight), deviation + profile.sight.power_sd * measure.noise) / 4
    return Finding(State.ABSENT, 0.0, limit=min(1.0, limit))
