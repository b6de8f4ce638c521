"""Losses smaller than an arm: what the reads of a locus and 1 Mb beside it say of them."""

from dataclasses import dataclass, replace

from mmrisk.copynumber.calls import LOCUS_EVENTS, LOSS, TWO_COPY_EVENTS
from mmrisk.copynumber.clone_shares import limit_at, seen_from
from mmrisk.copynumber.profile import threshold
from mmrisk.copynumber.read_profile import Fitted
from mmrisk.copynumber.tiles import AROUND_LOCUS
from mmrisk.events import Evidence, State, cutoff
from mmrisk.genome import CHROMOSOMES, Interval

LOST = {event for event, (sign, _, _) in LOCUS_EVENTS.items() if sign == LOSS}
FOCAL_LOSSES = LOST | {both for event, both in TWO_COPY_EVENTS.items() if event in LOST}
"""Losses that are often smaller than the arm: to see nothing of the arm does not rule them out."""
WARNING = "focal_change_not_excluded"


@dataclass(frozen=True, slots=True)
class FocalSight:
    """Smallest clone (share) with a change of the stretch that is seen with 95 % power; whether a loss is suspected."""

    limit: float
    suspected: bool


def with_focal_limit(item: Evidence, fitted: Fitted) -> Evidence:
    """A negative at a locus with what it says of smaller changes than its arm.

    A focal loss is absent only where one in the clone that matters (55 % of the cells) would have been seen, and the
    reads of the locus show no sign of it. Gains are those of arms in nearly all patients: they are warned of.
    """
    focal = item.event in FOCAL_LOSSES
    if not (focal or item.event in LOCUS_EVENTS) or item.state != State.ABSENT or not item.locus:
        return item
    sight = focal_sight(fitted, item.locus)
    said = f"{item.detail}; focal change within 1 Mb seen from {sight.limit:.0%}"
    if focal and (sight.suspected or sight.limit > threshold("focal_clone")):
        said += ", and the reads there are fewer" if sight.suspected else ""
        return replace(
            item,
            state=State.NOT_EVALUABLE,
            fraction=None,
            detection_limit=max(item.detection_limit or 0.0, sight.limit),
            detail=said,
            warnings=(*item.warnings, WARNING),
        )
    warned = (*item.warnings, WARNING) if sight.limit > cutoff(item.event).fraction else item.warnings
    return replace(item, detail=said, warnings=warned)


def focal_sight(fitted: Fitted, locus: str) -> FocalSight:
    """What is seen of a locus (`chrom:start-end`) and 1 Mb to each side of it.

    Bins that reach beyond it dilute its change; where they cover less than half of it nothing is seen.
    """
    chrom, span = locus.split(":")
    start, end = map(int, span.split("-"))
    window = Interval(chrom, max(0, start - AROUND_LOCUS), end + AROUND_LOCUS)
    bins, profile = fitted.bins, fitted.profile
    here = (bins.chrom == CHROMOSOMES.index(chrom)) & (bins.start < window.end) & (bins.end > window.start)
    length = int((bins.end - bins.start)[here].sum())
    inside = int((bins.end[here].clip(max=window.end) - bins.start[here].clip(min=window.start)).sum())
    if inside < threshold("locus_covered") * window.length:
        return FocalSight(1.0, suspected=False)
    per_copy = 2 / fitted.baseline / profile.scale
    noise = per_copy * float(fitted.noise.of(bins.weight[here].sum(), length))
    missing = per_copy * (fitted.baseline - bins.kept[here].sum() / bins.expected[here].sum())
    limit = limit_at(noise, profile.sight) * profile.purity_span[1] * length / inside
    return FocalSight(min(1.0, limit), suspected=missing >= seen_from(noise, profile.sight))
