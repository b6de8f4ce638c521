"""Junctions of one file of reads as calls: event, derivative, the reciprocal junction, and what is not counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mmrisk.translocations.annotation import derivative_name
from mmrisk.translocations.junctions import Junction, junction_of
from mmrisk.translocations.noise import binomial_tail
from mmrisk.translocations.read_junctions import ReadJunction
from mmrisk.translocations.read_search import FEW, Candidate
from mmrisk.translocations.thresholds import threshold, whole
from mmrisk.translocations.windows import IGH_OTHER, Hit, classify

CALLER = "reads"
SEEN, MISSING, NOT_SEEN = "seen", "missing", "not_seen"
RECIPROCAL_WITHIN = 1_000_000
"""Both junctions of one exchange lie this close (bp) on the partner side; bases between them may be lost or doubled."""
UNLISTED = "unlisted_partner"


@dataclass(frozen=True, slots=True)
class Call:
    """A junction that joins an IG locus or MYC to a partner; `reasons` say why it does not count, if it does not."""

    hit: Hit
    junction: ReadJunction
    reasons: tuple[str, ...]
    derivative: str
    other: str = NOT_SEEN

    @property
    def counts(self) -> bool:
        """Whether the call is evidence of its event."""
        return not self.reasons


def calls_of(
    candidates: Iterable[Candidate], *, build: str, filtered_by_normals: bool, sees_junctions: bool = True
) -> list[Call]:
    """Calls of all candidates that have to do with an event, sorted by event and place.

    Partners of IGH that are not listed count only where normal genomes were looked at (`filtered_by_normals`): every
    genome shows such junctions. No derivative is missing from a file whose discordant pairs were removed
    (`sees_junctions`).
    """
    calls = []
    for candidate in candidates:
        found = candidate.junction
        hit = classify(as_junction(found), build=build)
        if not isinstance(hit, Hit):
            continue
        reasons = candidate.reasons
        if hit.event == IGH_OTHER and ":" in hit.partner and not filtered_by_normals:
            reasons = tuple(sorted({*reasons, UNLISTED}))
        calls.append(Call(hit, found, reasons, derivative_name(found.partner, found.donor, build=build)))
    calls.sort(key=lambda call: (call.hit.event, call.hit.partner_end, call.hit.donor_end))
    others = [_other_derivative(call, calls) for call in calls]
    return [
        replace(call, other=NOT_SEEN if other == MISSING and not sees_junctions else other)
        for call, other in zip(calls, others, strict=True)
    ]


def as_junction(found: ReadJunction) -> Junction:
    """The junction as any caller would report it."""
    return junction_of(found.partner, found.donor, caller=CALLER, fragments=found.fragments, reference=found.reference)


def _other_derivative(call: Call, calls: Sequence[Call]) -> str:
    """Whether the reciprocal junction was seen; missing where it should have been."""
    if any(_is_reciprocal(call, other) for other in calls if set(other.reasons) <= {FEW}):
        return SEEN
    return MISSING if _chance_unseen(call.junction.fragments) <= threshold("lost_derivative") else NOT_SEEN


def _is_reciprocal(call: Call, other: Call) -> bool:
    one, two = call.hit, other.hit
    return (
        one.event == two.event
        and one.donor_end.chrom == two.donor_end.chrom
        and one.partner_end.chrom == two.partner_end.chrom
        and one.partner_end.strand != two.partner_end.strand
        and one.donor_end.strand != two.donor_end.strand
        and abs(one.partner_end.position - two.partner_end.position) <= RECIPROCAL_WITHIN
    )


def _chance_unseen(fragments: int) -> float:
    """Chance that a reciprocal junction, as common as this one, shows too few fragments to be noticed."""
    unnoticed = whole("min_fragments") - 1
    return 1.0 - binomial_tail(unnoticed + 1, fragments + unnoticed, 0.5)


def strongest_exchange(calls: Sequence[Call]) -> list[Call]:
    """Of the calls of one event, the strongest junction and its reciprocal, if that counts too."""
    counting = [call for call in calls if call.counts]
    if not counting:
        return []
    best = max(counting, key=lambda call: (call.junction.fragments, call.junction.partner))
    others = [call for call in counting if _is_reciprocal(best, call)]
    return [best, *sorted(others, key=lambda call: -call.junction.fragments)[:1]]
