"""Fusions and splits from signal patterns: only `con` makes a fusion, only `sep` or parted halves make a split."""

from mmrisk.cytogenetics.fish import Cells, Clone, Copies, Hybridisation, Relation
from mmrisk.cytogenetics.fish_copies import DIPLOID, Ploidy, scored_cells
from mmrisk.cytogenetics.observations import Observation, pool
from mmrisk.cytogenetics.probes import Probe, order, probes
from mmrisk.events import PRIMARY_IG_FUSIONS, State

_LIGHT_CHAINS = ("IGK", "IGL")
_BALANCED = (Copies(3, 3), Copies(2, 2))
"""Signals of each probe, and fusions, of one balanced reciprocal translocation in a diploid nucleus."""


def observe_fusions(
    hybridisation: Hybridisation, *, ploidy: Ploidy, counted_in_prose: bool = False
) -> list[Observation]:
    """Fusions of IG loci that the probe set can show, found or not.

    `counted_in_prose`: the counts come from a sentence, where nobody writes `con`: more than two copies of
    a partner are no result of a fusion, whatever the ploidy.
    """
    known = {name: probe for name in sorted(hybridisation.names) if (probe := probes().get(name)) is not None}
    ig = [name for name, probe in known.items() if "ig" in probe.roles]
    partners = {name: probe for name, probe in known.items() if probe.fusion}
    found = _found_fusions(hybridisation)
    seen = {one.event for one in found}
    made = list(found)
    for event in dict.fromkeys(probe.fusion for probe in partners.values()):
        if event in seen:
            continue
        names = tuple(name for name, probe in partners.items() if probe.fusion == event)
        if "IGH" in ig or "14q32" in ig:
            made.append(_no_fusion(event, names, hybridisation, ploidy, counted_in_prose=counted_in_prose))
        elif not ig and not counted_in_prose:
            made += _partner_alone(event, names, hybridisation, ploidy)
    return made


def _found_fusions(hybridisation: Hybridisation) -> list[Observation]:
    by_event: dict[str, list[tuple[Clone, Relation]]] = {}
    for clone in hybridisation.clones:
        for relation in clone.relations:
            if relation.kind == "con" and (relation.copies is None or relation.copies.high > 0):
                for event in _events_of(relation):
                    by_event.setdefault(event, []).append((clone, relation))
    return [_fusion(event, pairs, hybridisation) for event, pairs in by_event.items()]


def _events_of(relation: Relation) -> tuple[str, ...]:
    """Events of signals that lie together; none for the two halves of one gene and for fusions without IG or MYC."""
    names = {part.name for part in relation.parts}
    if len(names) < 2:
        return ()
    known = [probe for name in names if (probe := probes().get(name)) is not None]
    partners = sorted({probe.fusion for probe in known if probe.fusion})
    ig = {probe.name for probe in known if "ig" in probe.roles}
    if not ig:
        return tuple(event for event in partners if event == "myc_rearranged")
    if ig & set(_LIGHT_CHAINS):
        if partners == ["myc_rearranged"]:
            return ("myc_rearranged",)
        oncogene = {probe.name for probe in known} & {"MAF", "MAFB", "WWOX"}
        return ("igk_igl_partner", "maf_activated") if oncogene else ("igk_igl_partner",)
    if partners:
        return tuple(partners)
    return ("igh_other",) if len(known) == len(names) else ("igh_rearranged_partner_unknown",)


def _fusion(event: str, pairs: list[tuple[Clone, Relation]], hybridisation: Hybridisation) -> Observation:
    clones = list(dict.fromkeys(clone for clone, _ in pairs))
    cells, over = pool(clone.cells for clone in clones)
    atypical = any(not _is_balanced(clone, relation) for clone, relation in pairs)
    names = dict.fromkeys(part.name for _, relation in pairs for part in relation.parts)
    copies = pairs[0][1].copies
    return Observation(
        event=event,
        state=State.PRESENT,
        method="dual_fusion",
        probes=tuple(sorted(names, key=order)),
        cells=cells,
        copies=copies.exact if copies else None,
        detail=str(hybridisation),
        warnings=over | ({"atypical_fusion_pattern"} if atypical else frozenset()),
    )


def _is_balanced(clone: Clone, relation: Relation) -> bool:
    """Two fusions and one free signal of each probe; a relation without counts around it says nothing against it."""
    if len(relation.parts) > 2:
        return False
    counts = [one.copies for one in clone.signals if one.part in relation.parts]
    signals, fusions = _BALANCED
    return not counts or (all(copies == signals for copies in counts) and relation.copies == fusions)


def _no_fusion(
    event: str, names: tuple[str, ...], hybridisation: Hybridisation, ploidy: Ploidy, *, counted_in_prose: bool
) -> Observation:
    partner = [one for clone in hybridisation.clones for one in clone.signals if one.part.name in names]
    heavy = [one for clone in hybridisation.clones for one in clone.signals if one.part.name in ("IGH", "14q32")]
    warnings = set()
    if any(one.copies.high > ploidy.baselines[0] for one in heavy):
        warnings.add("extra_igh_signal")
    if any(one.copies.high > ploidy.baselines[0] for one in partner):
        warnings.add("extra_partner_signal")
    undecided = counted_in_prose and any(one.copies.high > DIPLOID for one in partner)
    if undecided:
        warnings.add("copies_are_no_fusion_result")
    if _fused_with_unknown(hybridisation):
        undecided = True
        warnings.add("unknown_probe_in_fusion")
    if event == "myc_rearranged":
        warnings.add("other_myc_partners_not_excluded")
    return Observation(
        event=event,
        state=State.NOT_EVALUABLE if undecided or event == "myc_rearranged" else State.ABSENT,
        method="prose" if counted_in_prose else "dual_fusion",
        probes=tuple(sorted((*names, "IGH"), key=order)),
        cells=scored_cells(hybridisation),
        detail=str(hybridisation),
        warnings=frozenset(warnings),
        weak=event == "myc_rearranged" or undecided,
    )


def _fused_with_unknown(hybridisation: Hybridisation) -> bool:
    """Whether something that the dictionary does not know lies together with IGH: it may be the partner, mistyped."""
    return any(
        relation.kind == "con" and any(part.probe is None for part in relation.parts)
        for clone in hybridisation.clones
        for relation in clone.relations
    )


def _partner_alone(
    event: str, names: tuple[str, ...], hybridisation: Hybridisation, ploidy: Ploidy
) -> list[Observation]:
    """A partner that is sold only with IGH, counted without it: two signals or fewer are not a fusion."""
    entries = [probes()[name] for name in names]
    signals = [one for clone in hybridisation.clones for one in clone.signals if one.part.name in names]
    halves = any(one.part.end for one in signals) or any(clone.relations for clone in hybridisation.clones)
    if event not in PRIMARY_IG_FUSIONS or not signals or halves or not any("kit" in probe.roles for probe in entries):
        return []
    few = all(one.copies.high <= 2 or {one.copies.low, one.copies.high} <= set(ploidy.baselines) for one in signals)
    return [
        Observation(
            event=event,
            state=State.ABSENT if few else State.NOT_EVALUABLE,
            method="dual_fusion",
            probes=names,
            cells=scored_cells(hybridisation),
            detail=str(hybridisation),
            warnings=frozenset({"partner_probe_without_igh"}),
            weak=not few,
        )
    ]


def observe_splits(hybridisation: Hybridisation) -> list[Observation]:
    """Break-apart results of IGH and MYC; of another gene with a primary fusion the partner is not known."""
    made = []
    for name in sorted(hybridisation.names):
        probe = probes().get(name)
        if probe is None:
            continue
        verdicts = [_is_split(clone, probe, hybridisation) for clone in hybridisation.clones]
        if all(verdict == "" for verdict in verdicts):
            continue
        if probe.split:
            made.append(_split(probe, probe.split, verdicts, hybridisation))
        elif probe.fusion and "split" in verdicts:
            made.append(_partner_unknown(probe, hybridisation))
    return made


def _is_split(clone: Clone, probe: Probe, hybridisation: Hybridisation) -> str:
    """`split`, `whole`, `partial` (one half lost) or nothing where the clone is no break-apart result of the probe."""
    for relation in clone.relations:
        if relation.kind == "sep" and probe.name in {part.name for part in relation.parts}:
            return "whole" if relation.copies == Copies(0, 0) else "split"
    halves = {one.part.end: one.copies for one in clone.signals if one.part.name == probe.name and one.part.end}
    if halves:
        return _judge_halves(clone, probe, halves)
    alone = not any(
        other != probe.name and (entry := probes().get(other)) is not None and (entry.fusion or "ig" in entry.roles)
        for other in hybridisation.names
    )
    with_control = any(
        (entry := probes().get(other)) is not None and "centromere" in entry.roles for other in hybridisation.names
    )
    counted = any(one.part.name == probe.name for one in clone.signals)
    sold_so = "break_apart" in probe.roles and "region" not in probe.roles
    return "whole" if alone and counted and sold_so and not with_control else ""


def _judge_halves(clone: Clone, probe: Probe, halves: dict[str, Copies]) -> str:
    together = next(
        (
            relation.copies
            for relation in clone.relations
            if relation.kind == "con" and {part.name for part in relation.parts} == {probe.name}
        ),
        None,
    )
    if len(halves) < 2:
        return "partial"
    first, second = halves["5'"], halves["3'"]
    if together is None:
        return "partial" if first != second else "unclear"
    parted = (first.low > together.high, second.low > together.high)
    return "split" if all(parted) else ("partial" if any(parted) else "whole")


def _split(probe: Probe, event: str, verdicts: list[str], hybridisation: Hybridisation) -> Observation:
    clones = [clone for clone, verdict in zip(hybridisation.clones, verdicts, strict=True) if verdict == "split"]
    warnings: frozenset[str] = frozenset()
    cells: Cells
    if clones:
        cells, warnings = pool(clone.cells for clone in clones)
        state = State.PRESENT
    elif "partial" in verdicts or "unclear" in verdicts:
        cells, state = Cells(), State.NOT_EVALUABLE
        if "partial" in verdicts:
            warnings = frozenset({f"partial_{probe.name.lower()}_deletion"})
    else:
        cells, state = scored_cells(hybridisation), State.ABSENT
    return Observation(
        event=event,
        state=state,
        method="break_apart",
        probes=(probe.name,),
        cells=cells,
        detail=str(hybridisation),
        warnings=warnings,
    )


def _partner_unknown(probe: Probe, hybridisation: Hybridisation) -> Observation:
    return Observation(
        event=probe.fusion,
        state=State.NOT_EVALUABLE,
        method="break_apart",
        probes=(probe.name,),
        detail=str(hybridisation),
        warnings=frozenset({"partner_not_named"}),
    )
