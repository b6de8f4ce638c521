"""Calls from reads to evidence: one row per event, negatives with the smallest clone that would have been seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mmrisk.assays import AssayFile
from mmrisk.capabilities import proves_absence, sees
from mmrisk.events import Evidence, State
from mmrisk.translocations.annotation import NSD2_EVENT, nsd2_class
from mmrisk.translocations.limits import Limit
from mmrisk.translocations.read_calls import CALLER, MISSING, SEEN, UNLISTED, Call, strongest_exchange
from mmrisk.translocations.shares import share_columns
from mmrisk.translocations.variant_evidence import EVENTS, MAF_EVENT, MAF_WINDOWS, NSD2_DISRUPTION
from mmrisk.translocations.windows import IGH_OTHER, is_fish_visible

FGFR3_LOST = "fgfr3_lost"
FEW_READS = 4
"""Fragments below which a call is marked as resting on few."""
SHOWN_CALLS = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """What the calls of one file are read with: the assay, limits by event, copies of windows in tumour cells."""

    assay: AssayFile
    limits: Mapping[str, Limit]
    copies: Mapping[str, float]


def read_evidence(calls: Sequence[Call], setting: Setting) -> tuple[Evidence, ...]:
    """Evidence on every event that the assay can see, and on whatever it saw."""
    rows = [item for event in EVENTS for item in _event(event, calls_for(event, calls), setting)]
    return tuple(rows + list(_attributes(calls_for(NSD2_EVENT, calls), setting)))


def calls_for(event: str, calls: Sequence[Call]) -> list[Call]:
    """Calls that speak for an event; MAF and MAFB are activated by any IG locus."""
    if event == MAF_EVENT:
        return [call for call in calls if call.hit.partner in MAF_WINDOWS]
    return [call for call in calls if call.hit.event == event]


def _event(event: str, calls: Sequence[Call], setting: Setting) -> Iterator[Evidence]:
    if exchange := strongest_exchange(calls):
        yield _present(event, exchange, calls, setting)
    elif proves(event, setting.assay):
        yield _negative(event, calls, setting)


def proves(event: str, assay: AssayFile) -> bool:
    """Whether not seeing an event says anything in this assay."""
    baits = assay.ig_baits
    return sees(assay.source, event, ig_baits=baits) and proves_absence(assay.source, event, ig_baits=baits)


def _present(event: str, exchange: Sequence[Call], calls: Sequence[Call], setting: Setting) -> Evidence:
    best = exchange[0]
    fragments = sum(call.junction.fragments for call in exchange)
    reference = max(call.junction.reference or 0 for call in exchange)
    end = best.hit.partner_end
    warnings = []
    if all(is_fish_visible(call.hit, build=setting.assay.build) is False for call in exchange):
        warnings.append("fish_cryptic")
    if fragments < FEW_READS:
        warnings.append("few_fragments")
    if not any(call.junction.donor_placed for call in exchange):
        warnings.append("ig_side_unsure")
    if len(exchange) == 1 and best.other == MISSING:
        warnings.append("one_derivative")
    if event == IGH_OTHER and ":" in best.hit.partner:
        warnings.append(UNLISTED)
    return _evidence(
        event,
        State.PRESENT,
        setting.assay,
        _describe([*exchange, *(call for call in calls if call not in exchange)]),
        locus=f"{end.chrom}:{end.position}-{end.position + 1}",
        support=fragments,
        warnings=tuple(warnings),
        **share_columns(
            fragments,
            reference,
            setting.assay.purity,
            derivatives=len(exchange),
            copies=setting.copies.get(best.hit.partner, 2.0),
            span=setting.assay.purity_span,
        ),
    )


def _negative(event: str, calls: Sequence[Call], setting: Setting) -> Evidence:
    limit = setting.limits[event]
    left_out = f"; not counted: {_describe(calls)}" if calls else ""
    detail = f"no junction; {limit.detail}{left_out}"
    warnings = tuple(sorted({reason for call in calls for reason in call.reasons}))
    if event == IGH_OTHER and calls and all(UNLISTED in call.reasons for call in calls):
        return _evidence(event, State.NOT_EVALUABLE, setting.assay, detail, warnings=warnings)
    if limit.blind:
        return _evidence(event, State.NOT_EVALUABLE, setting.assay, detail, warnings=(*warnings, limit.blind))
    return _evidence(
        event,
        State.ABSENT,
        setting.assay,
        detail,
        detection_limit=limit.share,
        fraction_basis=limit.basis,
        warnings=warnings,
    )


def _attributes(calls: Sequence[Call], setting: Setting) -> Iterator[Evidence]:
    """What t(4;14) did to NSD2 and FGFR3; absent with the fusion itself."""
    exchange = strongest_exchange(calls)
    if not exchange:
        if proves(NSD2_EVENT, setting.assay):
            yield _negative(NSD2_DISRUPTION, [], setting)
            yield _negative(FGFR3_LOST, [], setting)
        return
    name, outcome = nsd2_class([call.hit for call in exchange], build=setting.assay.build)
    if name:
        state = State.ABSENT if name == "none" else State.PRESENT
        yield _evidence(NSD2_DISRUPTION, state, setting.assay, f"{name} disruption: {outcome}")
    keeping_fgfr3 = [call for call in exchange if call.hit.partner_end.strand == "+"]
    best = exchange[0]
    if keeping_fgfr3:
        detail = f"{keeping_fgfr3[0].derivative} with FGFR3 is seen"
        yield _evidence(FGFR3_LOST, State.ABSENT, setting.assay, detail)
    elif best.other == MISSING:
        detail = f"no junction of the derivative with FGFR3, against {best.junction.fragments} fragments of the other"
        yield _evidence(FGFR3_LOST, State.PRESENT, setting.assay, detail)
    else:
        detail = "the derivative with FGFR3 is not seen, but too few fragments of it were to be expected"
        state = State.ABSENT if best.other == SEEN else State.NOT_EVALUABLE
        yield _evidence(FGFR3_LOST, state, setting.assay, detail)


def _describe(calls: Sequence[Call]) -> str:
    shown = []
    for call in calls[:SHOWN_CALLS]:
        hit, found = call.hit, call.junction
        words = [
            f"{call.derivative}: {hit.donor} {hit.donor_end.chrom}:{hit.donor_end.position + 1} to {hit.partner} "
            f"{hit.partner_end.chrom}:{hit.partner_end.position + 1}",
            f"{found.fragments} fragments, {found.splits} across",
        ]
        if found.through:
            words.append("through " + ", ".join(f"{end.chrom}:{end.position + 1}" for end in found.through))
        if call.reasons:
            words.append(" and ".join(call.reasons))
        shown.append(f"{words[0]} ({', '.join(words[1:])})")
    more = len(calls) - SHOWN_CALLS
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _evidence(event: str, state: State, assay: AssayFile, detail: str, **values: object) -> Evidence:
    return assay.evidence(event, state, method=CALLER, detail=detail, **values)
