"""What only the whole report tells: hyperdiploidy, derivatives that look like gains, two primary fusions."""

from dataclasses import replace

from mmrisk.cytogenetics.fish import NO_CELLS, Cells
from mmrisk.cytogenetics.observations import Observation
from mmrisk.events import ODD_CHROMOSOMES, PRIMARY_IG_FUSIONS, State, cutoff, negative_limit

ENOUGH_CHROMOSOMES = 2
"""Trisomic odd chromosomes that make a hyperdiploid clone (Chng 2005, Blood 106:2156)."""
_CCND1 = frozenset({"CCND1", "MYEOV", "11q13"})


def without_derivatives(observations: list[Observation]) -> list[Observation]:
    """A third CCND1 signal beside t(11;14) is the derivative chromosome, not trisomy 11."""
    if not any(one.event == "t_11_14" and one.state is State.PRESENT for one in observations):
        return observations
    return [
        replace(
            one, state=State.NOT_EVALUABLE, cells=NO_CELLS, warnings=one.warnings | {"signals_of_fusion"}, weak=True
        )
        if one.event == "trisomy_11" and one.state is State.PRESENT and set(one.probes) <= _CCND1
        else one
        for one in observations
    ]


def without_partial_losses(observations: list[Observation]) -> list[Observation]:
    """Loss of one half of the IGH probe, told in prose as an IGH deletion too, is no loss of 14q."""
    if not any("partial_igh_deletion" in one.warnings for one in observations):
        return observations
    return [
        replace(
            one, state=State.NOT_EVALUABLE, cells=NO_CELLS, warnings=one.warnings | {"partial_igh_deletion"}, weak=True
        )
        if one.event == "del_14q" and one.state is State.PRESENT and one.method == "prose" and one.probes == ("IGH",)
        else one
        for one in observations
    ]


def with_hyperdiploidy(observations: list[Observation]) -> list[Observation]:
    """Add hyperdiploidy as the odd chromosomes tested tell it, unless the report states it."""
    stated = [one for one in observations if one.event == "hyperdiploid" and not one.weak]
    trisomies: dict[str, Observation] = {}
    for one in observations:
        if one.event.startswith("trisomy_") and not one.basis and one.state in (State.PRESENT, State.ABSENT):
            chrom = one.event.removeprefix("trisomy_")
            if chrom not in trisomies or one.state is State.PRESENT:
                trisomies[chrom] = one
    counted = any(one.event.startswith("trisomy_") and not one.basis and not one.weak for one in observations)
    if stated or not counted:
        return [_count_trisomies(one, trisomies) if one.event == "hyperdiploid" else one for one in observations]
    return [*(one for one in observations if one.event != "hyperdiploid"), _hyperdiploidy(trisomies)]


def _count_trisomies(one: Observation, trisomies: dict[str, Observation]) -> Observation:
    trisomic = [chrom for chrom, other in trisomies.items() if other.state is State.PRESENT]
    return replace(one, support=len(trisomic) or None)


def _hyperdiploidy(trisomies: dict[str, Observation]) -> Observation:
    tested = [chrom for chrom in ODD_CHROMOSOMES if chrom in trisomies]
    trisomic = [chrom for chrom in tested if trisomies[chrom].state is State.PRESENT]
    methods = {one.method for one in trisomies.values()}
    one = Observation(
        event="hyperdiploid",
        state=State.NOT_EVALUABLE,
        method=methods.pop() if len(methods) == 1 else "enumeration",
        probes=tuple(dict.fromkeys(probe for chrom in tested for probe in trisomies[chrom].probes)),
        support=len(trisomic),
        detail=f"trisomic {', '.join(trisomic) or 'none'}; tested {', '.join(tested) or 'none'}",
    )
    if len(trisomic) >= ENOUGH_CHROMOSOMES:
        ranked = sorted((trisomies[chrom] for chrom in trisomic), key=lambda other: -(_share(other)))
        warnings = frozenset({"two_trisomies_only"} if len(trisomic) == ENOUGH_CHROMOSOMES else ())
        return replace(one, state=State.PRESENT, cells=ranked[1].cells, warnings=warnings)
    if len(tested) < ENOUGH_CHROMOSOMES or (len(tested) == ENOUGH_CHROMOSOMES and trisomic):
        return replace(one, warnings=frozenset({"too_few_odd_chromosomes"}))
    limits = [limit for chrom in tested if (limit := _limit(trisomies[chrom])) is not None]
    scored = [trisomies[chrom].cells.scored for chrom in tested]
    fewest = min((number for number in scored if number), default=None) if all(scored) else None
    return replace(one, state=State.ABSENT, cells=Cells(scored=fewest), limit=max(limits, default=None))


def _share(one: Observation) -> float:
    """Share for ranking; an unknown one ranks last, so that it leaves the second largest unknown."""
    share = one.cells.known_share
    return share if share is not None else -1.0


def _limit(one: Observation) -> float | None:
    if one.state is not State.ABSENT:
        return None
    return one.limit if one.limit is not None else negative_limit(one.cells.scored) if one.cells.scored else None


def warn_of_two_fusions(observations: list[Observation]) -> list[Observation]:
    fused = {one.event for one in observations if one.event in PRIMARY_IG_FUSIONS and _counts_as_present(one)}
    if len(fused) < 2:
        return observations
    return [
        replace(one, warnings=one.warnings | {"two_primary_igh_fusions"})
        if one.event in fused and one.state is State.PRESENT
        else one
        for one in observations
    ]


def _counts_as_present(one: Observation) -> bool:
    share = one.cells.known_share if one.cells.known_share is not None else one.cells.high
    return one.state is State.PRESENT and (share is None or share >= cutoff(one.event).fraction)
