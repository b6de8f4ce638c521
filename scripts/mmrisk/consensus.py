"""Evidence to events: which evidence decides, which supports, which contradicts, and why, in a sentence."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import pandas as pd

from mmrisk.capabilities import proves_absence
from mmrisk.decided import Event, conflict_frame, event_frame
from mmrisk.distinct_mutations import distinct_mutations, least_overlap
from mmrisk.events import (
    DEFAULT_PROFILE,
    ODD_CHROMOSOMES,
    PRIMARY_IG_FUSIONS,
    STATE_NAMES,
    State,
    Tier,
    catalogue,
    cutoff,
)
from mmrisk.observations import Observation, observations, percent
from mmrisk.tables import split, states_at_profile

FUSION_CLASS, WHOLE_ARM_CLASS, TARGET_CLASS = "ig_fusion", "whole_arm", "target"
VARIANT_METHODS = frozenset({"vcf", "maf"})
"""Methods that look for mutations of a therapy target; all others look at its copies."""
IMPLIED = {"biallelic_del_1p32": "del_1p32", "amp_1q21": "gain_1q21"}
"""What holds wherever the left holds: both copies lost is a loss, four copies are a gain."""
NO_WILD_TYPE = "wild_type_lost"
"""Warning of a mutation whose share of reads leaves no copy without it."""
MAY_BE_INHERITED = "germline_possible"
"""Warning of a mutation that an inherited one on one of two copies looks like."""


def decide(
    evidence: pd.DataFrame,
    *,
    samples: Iterable[str] = (),
    profile: str = DEFAULT_PROFILE,
    accept_two_fusions: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events (every sample by every event of the catalogue) and conflicts, from evidence (contract EVIDENCE).

    `samples` adds specimens without evidence; `accept_two_fusions` names specimens in which two primary IGH fusions are
    known to be real.
    """
    evidence = evidence.assign(state=states_at_profile(evidence, profile))
    by_sample = {sample: list(items) for sample, items in groupby(observations(evidence), key=lambda o: o.sample_id)}
    decided: list[Event] = []
    for sample in sorted({*by_sample, *samples}):
        of_event: dict[str, list[Observation]] = {}
        for item in by_sample.get(sample, ()):
            of_event.setdefault(item.event, []).append(item)
        events = {event: _decide_event(sample, event, of_event.get(event, []), profile) for event in catalogue()}
        _derive(sample, events)
        if sample not in accept_two_fusions:
            _refuse_two_primary_fusions(events)
        decided.extend(events.values())
    return event_frame(decided), conflict_frame(decided)


def _decide_event(sample: str, event: str, items: Sequence[Observation], profile: str) -> Event:
    items = [item for item in items if item.state != State.NOT_TESTED]
    if not items:
        return Event(sample, event, State.NOT_TESTED, "No assay looked at this event.")
    inferred = [item for item in items if item.tier == Tier.INFERRED]
    measured = sorted((item for item in items if item.tier == Tier.MEASURED), key=_precedence)
    ranked = [item for item in measured if item.rank is not None]
    text = [item for item in ranked if item.source == "fish" and item.method != "tick_box"]
    ticked = [item for item in ranked if text and item.source == "fish" and item.method == "tick_box"]
    ranked = [item for item in ranked if item not in ticked]
    positive = [item for item in ranked if item.state == State.PRESENT]
    below = [item for item in ranked if item.state == State.SUBTHRESHOLD]
    negative = [item for item in ranked if item.state == State.ABSENT and proves_absence(item.source, event)]
    if catalogue()[event].consensus_class == TARGET_CLASS:
        negative = _of_same_kind(negative, [*positive, *below])
        if negative and not positive and not below and len(set(map(_looks_for_variants, negative))) < 2:
            return _half_excluded(sample, event, negative, inferred)
    if positive and negative:
        return _disagreement(sample, event, positive, negative, [*below, *ticked], inferred, profile)
    if positive or below:
        return _seen(sample, event, positive, below, [*negative, *ticked, *inferred])
    if negative:
        return _not_seen(sample, event, negative, [*ticked, *inferred])
    return _undecided(sample, event, measured, inferred)


def _precedence(item: Observation) -> tuple[int, bool, bool, str]:
    """Order of observations: by rank; among peers, those read whole, then those with a share or a limit."""
    without_numbers = item.fraction is None and item.detection_limit is None
    return item.rank or 99, "unread_text" in split(item.warnings), without_numbers, item.evidence_id


def _looks_for_variants(item: Observation) -> bool:
    return item.method in VARIANT_METHODS


def _of_same_kind(negative: list[Observation], seen: list[Observation]) -> list[Observation]:
    """Negatives that speak against what was seen: no mutation does not speak against a loss, nor the reverse."""
    kinds = set(map(_looks_for_variants, seen))
    return [item for item in negative if not kinds or _looks_for_variants(item) in kinds]


def _half_excluded(sample: str, event: str, negative: list[Observation], inferred: list[Observation]) -> Event:
    """A therapy target of which only the mutations, or only the copies, were looked at."""
    open_half = "copies" if _looks_for_variants(negative[0]) else "mutations"
    said = f"Cannot be told: {'; '.join(map(str, negative))}, but its {open_half} were not looked at."
    return Event(
        sample, event, State.NOT_EVALUABLE, said, (), (*negative, *inferred), flags=(f"{open_half}_not_looked_at",)
    )


def _seen(
    sample: str, event: str, positive: list[Observation], below: list[Observation], rest: list[Observation]
) -> Event:
    """Seen by all, above or below the cut-off: the highest in rank decides, above the cut-off among peers.

    A small clone that decides, or is a peer's, against a far larger one is a conflict, but for whole chromosomes.
    """
    deciding = min((*positive, *below), key=lambda item: item.rank or 99)
    against = [item for item in below if (item.rank or 99) <= (deciding.rank or 99)]
    larger = [item for item in positive if any(_is_larger(item, small) for small in against)]
    if larger and catalogue()[event].consensus_class != WHOLE_ARM_CLASS:
        return _conflict(sample, event, larger, against)
    others = [item for item in (*positive, *below, *rest) if item is not deciding]
    flags = ["around_cutoff"] if positive and below else []
    return _settled(sample, event, State(deciding.state), deciding, others, flags)


def _is_larger(item: Observation, other: Observation) -> bool:
    """Whether the interval of one clone lies wholly above that of the other, both as shares of tumour cells.

    Shares without an interval are not compared.
    """
    if other.fraction_basis != "tumour_cells" and not other.purity and other.fraction_basis != "sorted_pc":
        return False  # diluted by other cells, nobody knows how much
    least, most = item.in_tumour_cells(item.fraction_low), other.in_tumour_cells(other.fraction_high)
    return least is not None and most is not None and least > most


def _are_apart(one: Observation, other: Observation) -> bool:
    return _is_larger(one, other) or _is_larger(other, one)


def _not_seen(sample: str, event: str, negative: list[Observation], rest: list[Observation]) -> Event:
    deciding, *others = negative
    return _settled(sample, event, State.ABSENT, deciding, [*others, *rest], [])


def _settled(
    sample: str,
    event: str,
    state: State,
    deciding: Observation,
    others: Sequence[Observation],
    flags: Sequence[str],
    *,
    rule: str = "",
) -> Event:
    """An event with its deciding observation; the others agree or disagree by what they saw."""
    seen = {State.PRESENT, State.SUBTHRESHOLD}
    told = [item for item in others if item.state != State.NOT_EVALUABLE]
    apart = [item for item in told if item.state != deciding.state and _are_apart(item, deciding)]
    agrees = [item for item in told if (item.state in seen) == (state in seen) and item not in apart]
    disagrees = [item for item in told if item not in agrees]
    if any(item.tier == Tier.INFERRED for item in disagrees):
        flags = [*flags, "expression_disagrees"]
    if any(item.method == "tick_box" for item in disagrees) and deciding.source == "fish":
        flags = [*flags, "tick_box_overruled"]
    said = [f"{STATE_NAMES[state].capitalize()}: {deciding}."]
    if rule:
        said.append(f"{rule}.")
    if agrees:
        said.append(f"Agrees: {'; '.join(map(str, agrees))}.")
    if disagrees:
        said.append(f"Disagrees: {'; '.join(map(str, disagrees))}.")
    return Event(
        sample,
        event,
        state,
        " ".join(said),
        (deciding,),
        tuple(agrees),
        tuple(disagrees),
        (*flags, *split(deciding.warnings)),
    )


def _undecided(sample: str, event: str, measured: list[Observation], inferred: list[Observation]) -> Event:
    if measured:
        reasons = "; ".join(f"{item}{_why_not(item, event, measured)}" for item in measured)
        flags = tuple(flag for item in measured for flag in split(item.warnings))
        # its numbers let a rule with another cut-off decide; what cannot prove absence must not lend its numbers
        limited = [o for o in measured if o.state == State.NOT_EVALUABLE and o.rank and proves_absence(o.source, event)]
        said = f"Cannot be told: {reasons}."
        return Event(sample, event, State.NOT_EVALUABLE, said, tuple(limited[:1]), tuple(inferred), flags=flags)
    told = [item for item in inferred if item.state != State.NOT_EVALUABLE] or inferred
    state = State(told[0].state) if len({item.state for item in told}) == 1 else State.CONFLICT
    if state == State.ABSENT and not any(proves_absence(item.source, event) for item in told):
        said = f"Cannot be told: {'; '.join(map(str, inferred))}, but what RNA does not show may be there all the same."
        return Event(sample, event, State.NOT_EVALUABLE, said, tuple(inferred), flags=("inferred_only",))
    return Event(
        sample,
        event,
        state,
        f"Inferred only, {STATE_NAMES[state]}: {'; '.join(map(str, inferred))}. No assay measured the event itself.",
        tuple(inferred),
        flags=("inferred_only",),
    )


def _why_not(item: Observation, event: str, measured: list[Observation]) -> str:
    if item.state == State.ABSENT and item.method == "tick_box" and proves_absence(item.source, event):
        texts = [other for other in measured if other.source == "fish" and other.method != "tick_box"]
        unread = any("unread_text" in split(other.warnings) for other in texts)
        report = "a report that was not read whole" if unread else "a report that leaves it open"
        return f", but {report} outranks the tick box" if texts else ""
    if item.state == State.ABSENT:
        return f", but this assay cannot rule out {catalogue()[event].label}"
    if item.fraction == 0 and item.detection_limit is not None:
        return f", but the smallest clone detectable is {percent(item.detection_limit)}"
    return ""


def _disagreement(
    sample: str,
    event: str,
    positive: list[Observation],
    negative: list[Observation],
    below: list[Observation],
    inferred: list[Observation],
    profile: str,
) -> Event:
    first, against = positive[0], negative[0]
    others = (*positive, *negative, *below, *inferred)

    def settle(deciding: Observation, state: State, rule: str, flag: str) -> Event:
        rest = [item for item in others if item is not deciding]
        return _settled(sample, event, state, deciding, rest, [flag], rule=rule)

    if _below_limits(positive, negative, profile):
        return settle(first, State.PRESENT, "The clone may be smaller than the negative assay could see", "subclonal")
    consensus_class = catalogue()[event].consensus_class
    if consensus_class == WHOLE_ARM_CLASS and (first.rank or 99) != (against.rank or 99):
        winner = min(first, against, key=lambda item: item.rank or 99)
        return settle(winner, State(winner.state), f"{winner.source} decides on whole chromosomes", "decided_by_rank")
    if consensus_class == FUSION_CLASS:
        if "fish_cryptic" in split(first.warnings) and all(item.source == "fish" for item in negative):
            return settle(first, State.PRESENT, "The breakpoint lies outside the FISH probe", "fish_cryptic")
        if any(item.state == State.PRESENT for item in inferred):
            return settle(first, State.PRESENT, "The expression spike arbitrates", "arbitrated_by_expression")
    return _conflict(sample, event, positive, negative)


def _conflict(sample: str, event: str, positive: list[Observation], negative: list[Observation]) -> Event:
    said = f"Conflict: {'; '.join(map(str, positive))} against {'; '.join(map(str, negative))}."
    return Event(sample, event, State.CONFLICT, said, (), tuple(positive), tuple(negative))


def _below_limits(positive: list[Observation], negative: list[Observation], profile: str) -> bool:
    """Whether every negative would have missed a clone of the size that the positives saw.

    A positive without a share was above its laboratory's cut-off; the clone may be as small as that.
    """
    least = [item.in_tumour_cells(item.fraction) for item in positive]
    known = [share for share in least if share is not None]
    bounds = [item.fraction_low or cutoff(item.event, profile).fraction for item in positive]
    limits = [item.in_tumour_cells(item.detection_limit) for item in negative]
    if known:
        return all(limit is not None and limit > max(known) for limit in limits)
    return all(limit is not None and limit >= min(bounds) for limit in limits)


def _derive(sample: str, events: dict[str, Event]) -> None:
    """Events that follow from others: lesser changes, hyperdiploidy from trisomies, biallelic TP53."""
    known = (State.PRESENT, State.ABSENT, State.SUBTHRESHOLD, State.CONFLICT)
    for more, event in IMPLIED.items():
        if events[more].state == State.PRESENT and events[event].state not in known:
            events[event] = replace(events[more], event=event, flags=(*events[more].flags, f"implied_by_{more}"))
    if events["hyperdiploid"].state not in known:
        trisomies = [events[f"trisomy_{chrom}"] for chrom in ODD_CHROMOSOMES]
        found = [item for item in trisomies if item.state == State.PRESENT and _measured(item)]
        if len(found) >= 2:
            names = ", ".join(item.event.removeprefix("trisomy_") for item in found)
            events["hyperdiploid"] = Event(
                sample,
                "hyperdiploid",
                State.PRESENT,
                f"Present: trisomies {names}, seen in separate observations.",
                supporting=tuple(observation for item in found for observation in item.deciding),
                flags=("from_trisomies", *(("two_trisomies_only",) if len(found) == 2 else ())),
            )
    events["biallelic_tp53"] = _biallelic_tp53(sample, events)


def _measured(event: Event) -> bool:
    return event.tier == Tier.MEASURED


def _as_measured(event: Event) -> Event:
    """The event, or not tested where only RNA speaks of it."""
    inferred = event.tier == Tier.INFERRED
    return Event(event.sample_id, event.event, State.NOT_TESTED, event.explanation) if inferred else event


def _biallelic_tp53(sample: str, events: dict[str, Event]) -> Event:
    """Both copies of TP53 hit: lost, mutated with the other lost, without a wild-type copy, or mutated twice."""
    mutation, loss, loh = (_as_measured(events[name]) for name in ("tp53_mutation", "del_17p", "cnloh_17p"))
    basis = tuple(item for event in (mutation, loss, loh) for item in event.deciding)

    def event(state: State, why: str, *flags: str) -> Event:
        return Event(sample, "biallelic_tp53", state, why, supporting=basis, flags=("derived", *flags))

    negative = (State.ABSENT, State.SUBTHRESHOLD)
    copies = loss.numbers.copies if loss.numbers else None
    if loss.state == State.PRESENT and copies is not None and copies < 0.5:
        return event(State.PRESENT, "Present: both copies of the TP53 locus are lost.")
    if mutation.state == State.PRESENT and State.PRESENT in (loss.state, loh.state):
        return event(State.PRESENT, "Present: TP53 is mutated and the other copy is lost.")
    if mutation.state == State.PRESENT and NO_WILD_TYPE in mutation.flags:
        return event(State.PRESENT, "Present: TP53 is mutated and so many reads show it that no other copy is left.")
    seen = _hits(mutation)
    if len(seen) > 1 and least_overlap(seen) >= cutoff("biallelic_tp53").fraction:
        why = "Present: two TP53 mutations in the same cells; that they lie on different copies is taken for granted."
        return event(State.PRESENT, why, "phase_assumed")
    if mutation.state in negative and (loss.state in negative or (loss.state == State.PRESENT and copies is not None)):
        return event(State.ABSENT, "Absent: no TP53 mutation, and a copy of the locus is left.")
    if MAY_BE_INHERITED in mutation.flags:
        why = "Cannot be told: the TP53 mutation may be inherited; its reads leave room for a normal copy."
        return event(State.NOT_EVALUABLE, why, MAY_BE_INHERITED)
    if len(seen) > 1:
        return event(State.NOT_EVALUABLE, "Cannot be told: two TP53 mutations, which may be in different cells.")
    if State.NOT_TESTED in (mutation.state, loss.state):
        return event(State.NOT_TESTED, "Needs both TP53 sequencing and the copies of 17p13.")
    return event(State.NOT_EVALUABLE, "Cannot be told from the TP53 mutation and 17p13 results.")


def _hits(mutation: Event) -> list[Observation]:
    """Mutations of TP53 that surely differ, the same file's or another's; without those that may be inherited."""
    if mutation.state != State.PRESENT:
        return []
    seen = (o for o in (*mutation.deciding, *mutation.supporting) if o.state == State.PRESENT)
    own = (o for o in seen if o.tier == Tier.MEASURED and MAY_BE_INHERITED not in split(o.warnings))
    return distinct_mutations(own, gene="TP53")


def _refuse_two_primary_fusions(events: dict[str, Event]) -> None:
    found = [name for name in PRIMARY_IG_FUSIONS if events[name].state == State.PRESENT and _measured(events[name])]
    if len(found) < 2:
        return
    labels = " and ".join(catalogue()[name].label for name in found)
    for name in found:
        said = f"Conflict: {labels} in one sample, which myeloma hardly ever has. {events[name].explanation}"
        events[name] = replace(
            events[name],
            state=State.CONFLICT,
            explanation=said,
            supporting=(*events[name].deciding, *events[name].supporting),
            deciding=(),
            flags=(*events[name].flags, "two_primary_igh_fusions"),
        )
