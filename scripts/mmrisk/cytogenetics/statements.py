"""From findings of prose to observations of events."""

from collections.abc import Iterable
from dataclasses import replace

from mmrisk.cytogenetics.clause_state import ABSENT, FAILED, LISTED, NORMAL, PRESENT, UNKNOWN, UNTESTED
from mmrisk.cytogenetics.findings import FUSIONS, GAINS, LOSSES, Finding
from mmrisk.cytogenetics.fish import MANY, NO_CELLS, Cells, Copies, Hybridisation, Part, Signals, make_clone
from mmrisk.cytogenetics.observations import Observation
from mmrisk.cytogenetics.probes import Probe, probes
from mmrisk.events import State, cutoff

_COPIES = {"monosomy": Copies(1, 1), "trisomy": Copies(3, 3), "tetrasomy": Copies(4, 4), "pentasomy": Copies(5, MANY)}
_PLOIDIES = ("hyperdiploid", "hypodiploid", "near_tetraploid")


def find_counts(findings: Iterable[Finding]) -> list[Hybridisation]:
    """Subjects with a number of copies (`3 copies of IGH`), as clones: one for each share of cells."""
    by_cells: dict[Cells, list[Signals]] = {}
    for finding in findings:
        if _is_count(finding) and finding.copies is not None:
            by_cells.setdefault(finding.cells, []).extend(Signals(part, finding.copies) for part in finding.parts)
    if len(by_cells) == 2 and NO_CELLS in by_cells:
        rest = by_cells.pop(NO_CELLS)
        next(iter(by_cells.values())).extend(rest)
    clones = [
        make_clone(list({one.part: one for one in signals}.values()), [], cells) for cells, signals in by_cells.items()
    ]
    if len({clone.names for clone in clones}) == 1:
        return [Hybridisation(tuple(clones))]
    return [Hybridisation((clone,)) for clone in clones]


def _is_count(finding: Finding) -> bool:
    return not finding.asserts and finding.copies is not None and finding.status in ("", PRESENT, NORMAL)


def observe_finding(finding: Finding) -> list[Observation]:
    """Observations of one finding; none where it is a mere count or was not tested."""
    if finding.status == UNTESTED or _is_count(finding) or (finding.another and not finding.asserts):
        return []
    made = [_finish(one, finding) for one in _raw(finding)]
    if _tells_nothing(finding):
        return [replace(one, state=State.NOT_EVALUABLE, weak=True, cells=NO_CELLS) for one in made]
    return made


def _tells_nothing(finding: Finding) -> bool:
    """Whether a finding has no result: listed as tested, or a subject that is merely said to be seen."""
    if finding.status == LISTED:
        return True
    merely_seen = not finding.status or (finding.status == PRESENT and not finding.adjective)
    return merely_seen and finding.kind == "subject" and finding.colours is None


def _raw(finding: Finding) -> list[Observation]:
    """Observations as if all that the finding speaks of were so: state and reservations follow."""
    if finding.kind in ("silent", "moved"):
        return []
    if finding.kind == "ploidy":
        return _ploidy(finding)
    if finding.colours is not None:
        return _colours(finding)
    if finding.events:
        return [_observation(finding, event, State.PRESENT) for event in finding.events]
    if finding.kind in FUSIONS:
        return [one for part in finding.parts for one in _partner_unknown(finding, part)]
    found: dict[str, Observation] = {}
    for part in finding.parts:
        for one in _copy_change(finding, part):
            known = found.get(one.event)
            if known is None or all(_leaves_open(name, one.event) for name in known.probes):
                found[one.event] = replace(one, probes=(part.name,))
    return list(found.values())


def _observation(finding: Finding, event: str, state: State, **changes: object) -> Observation:
    one = Observation(
        event=event,
        state=state,
        method="prose",
        probes=tuple(dict.fromkeys(part.name for part in sorted(finding.parts, key=lambda part: part.rank))),
        cells=finding.cells,
        warnings=frozenset(finding.warnings),
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def _ploidy(finding: Finding) -> list[Observation]:
    event = finding.events[0]
    if event == "not_hyperdiploid":
        return [_observation(finding, "hyperdiploid", State.ABSENT)]
    return [_observation(finding, event, State.PRESENT)] if event in _PLOIDIES else []


def _colours(finding: Finding) -> list[Observation]:
    """Fused signals of a dual-fusion kit are a fusion; both colours free in a break-apart kit are a split."""
    pattern = finding.colours
    if pattern is None:
        return []
    if finding.events:
        without = State.NOT_EVALUABLE if finding.asserts else State.ABSENT
        fused = State.PRESENT if pattern.fusions else without
        typical = (pattern.red, pattern.green, pattern.fusions) == (1, 1, 2)
        warnings = finding.warnings | ({"atypical_fusion_pattern"} if pattern.fusions and not typical else set())
        return [
            _observation(finding, event, fused, method="colours", detail=str(pattern), warnings=frozenset(warnings))
            for event in finding.events
        ]
    made = []
    for probe in (part.probe for part in finding.parts):
        if probe is not None and probe.split:
            split = pattern.red > 0 and pattern.green > 0
            lost = not split and (pattern.red > 0) != (pattern.green > 0)
            state = State.PRESENT if split else State.NOT_EVALUABLE if lost or finding.asserts else State.ABSENT
            made.append(_observation(finding, probe.split, state, method="colours", detail=str(pattern)))
        elif probe is not None:  # which colour is which probe is not said
            events = (*probe.gain, *probe.loss)
            made += [_observation(finding, event, State.NOT_EVALUABLE, method="colours") for event in events]
    return made


def _partner_unknown(finding: Finding, part: Part) -> list[Observation]:
    """A rearrangement of one gene: of IGH or MYC an event of its own; of a partner the other side is not named."""
    probe = part.probe
    if probe is None:
        return []
    partial = frozenset({"partial_igh_deletion"} if finding.partial and "ig" in probe.roles else ())
    if probe.split and finding.kind == "fusion":  # the colours of a break-apart probe are fused where it is whole
        return [_observation(finding, probe.split, State.NOT_EVALUABLE, probes=(part.name,), warnings=partial)]
    if probe.split:
        warnings = partial | frozenset(finding.warnings)
        return [_observation(finding, probe.split, State.PRESENT, probes=(part.name,), warnings=warnings)]
    if not probe.fusion:
        return []
    one = _observation(finding, probe.fusion, State.PRESENT, probes=(part.name,))
    if finding.status != PRESENT:
        return [one]
    return [replace(one, state=State.NOT_EVALUABLE, warnings=one.warnings | {"partner_not_named"})]


def _copy_change(finding: Finding, part: Part) -> list[Observation]:
    probe = part.probe
    if probe is None:
        return []
    if finding.partial and "ig" in probe.roles:
        warnings = frozenset({*finding.warnings, "partial_igh_deletion"})
        return [_observation(finding, probe.split, State.NOT_EVALUABLE, warnings=warnings)] if probe.split else []
    if finding.kind in LOSSES:
        return [_loss(finding, probe, event) for event in probe.loss]
    if finding.kind in GAINS:
        return [_gain(finding, event, probe) for event in probe.gain]
    if finding.kind == "aneuploidy":
        state = State.PRESENT if finding.status in (ABSENT, NORMAL) else State.NOT_EVALUABLE
        return [_observation(finding, event, state) for event in (*probe.gain, *probe.loss)]
    return _bare_subject(finding, probe)


def _bare_subject(finding: Finding, probe: Probe) -> list[Observation]:
    """`TP53: normal` denies all events of the probe, `TP53: positive` states the one it is tested for."""
    if finding.status == ABSENT and probe.split:
        return [_observation(finding, probe.split, State.PRESENT)]
    if finding.status == ABSENT and probe.fusion:  # no fusion with IGH, or no third copy: which is not said
        open_events = (probe.fusion, *probe.gain, *probe.loss)
        return [_observation(finding, event, State.NOT_EVALUABLE, weak=True) for event in open_events]
    if finding.status in (ABSENT, NORMAL):
        events: tuple[str, ...] = (*probe.gain, *probe.loss, probe.split)
        return [_observation(finding, event, State.PRESENT) for event in events if event]
    tested = (probe.split,) if probe.split else probe.loss[:1] or probe.gain[:1]
    told = finding.status == PRESENT and finding.adjective and not _several_events(finding)
    state = (
        State.PRESENT
        if (told and len(tested) == 1 and not probe.fusion) or (told and probe.split)
        else State.NOT_EVALUABLE
    )
    return [_observation(finding, event, state) for event in tested]


def _several_events(finding: Finding) -> bool:
    """Whether the probes of one statement are for different events: `CKS1B/CDKN2C positive` does not say which."""
    known = (part.probe for part in finding.parts)
    return len({(probe.split, *probe.loss[:1]) if probe.loss else probe.gain[:1] for probe in known if probe}) > 1


def _denied_further_change(finding: Finding) -> bool:
    """Whether only a change of two copies is denied; that of one copy may be there nevertheless."""
    return finding.status in (ABSENT, NORMAL) and finding.goes_further


def _loss(finding: Finding, probe: Probe, event: str) -> Observation:
    both = event.startswith("biallelic")
    if _denied_further_change(finding) and not both:
        return _observation(finding, event, State.NOT_EVALUABLE, weak=True)
    if finding.status in (ABSENT, NORMAL) and finding.zygosity == "one":  # both copies may be lost
        return _observation(finding, event, State.NOT_EVALUABLE, weak=True)
    copies = finding.copies or _COPIES.get(finding.kind)
    if finding.delta and finding.copies is not None:
        copies = Copies(max(0, 2 - finding.copies.low), max(0, 2 - finding.copies.low))
    if finding.zygosity == "two":
        copies = Copies(0, 0)
    elif finding.zygosity == "one":
        copies = Copies(1, 1)
    warnings = frozenset(
        finding.warnings | ({"band_not_stated"} if "arm" in probe.roles and probe.chrom == "1" else set())
    )
    if event != "biallelic_del_1p32" or finding.status != PRESENT:
        exact = copies.exact if copies is not None and event != "biallelic_del_1p32" else None
        return _observation(finding, event, State.PRESENT, copies=exact, warnings=warnings)
    if copies is None:
        warnings |= {"copies_not_stated"}
        return _observation(finding, event, State.NOT_EVALUABLE, warnings=warnings, weak=True)
    if copies.high == 0:
        return _observation(finding, event, State.PRESENT, copies=0.0, warnings=warnings)
    if copies.low == 0:
        return _observation(finding, event, State.NOT_EVALUABLE, warnings=warnings, weak=True)
    return _observation(finding, event, State.ABSENT, warnings=warnings, weak=True)


def _gain(finding: Finding, event: str, probe: Probe) -> Observation:
    if _denied_further_change(finding) and event != "amp_1q21":
        return _observation(finding, event, State.NOT_EVALUABLE, weak=True)
    copies = finding.copies or _COPIES.get(finding.kind)
    if finding.delta and finding.copies is not None and finding.copies.high <= 2:
        copies = Copies(2 + finding.copies.low, 2 + finding.copies.high)
    exact = copies.exact if copies is not None else None
    if finding.kind == "amplification" and event.startswith("trisomy_") and finding.status == PRESENT:
        return _observation(finding, event, State.NOT_EVALUABLE, weak=True)  # of a gene, not of its chromosome
    if event != "amp_1q21" or finding.status != PRESENT:
        return _observation(finding, event, State.PRESENT, copies=exact)
    if copies is None or copies.low < 4 <= copies.high:
        warnings = frozenset(finding.warnings | {"copies_not_stated"})
        return _observation(finding, event, State.NOT_EVALUABLE, warnings=warnings, weak=True)
    if copies.low >= 4:
        return _observation(finding, event, State.PRESENT, copies=exact)
    return _observation(finding, event, State.ABSENT, weak=True)


def _finish(one: Observation, finding: Finding) -> Observation:
    """The state that the finding's status, share and wording leave."""
    status = finding.status
    detail = one.detail or _detail(finding, one)
    share = finding.cells.known_share
    if finding.colours is not None and status in ("", PRESENT):
        status = PRESENT
    if status == FAILED:
        return replace(
            one, state=State.NOT_EVALUABLE, cells=NO_CELLS, detail=detail, warnings=one.warnings | {"failed"}
        )
    if status in ("", UNKNOWN):
        return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, detail=detail)
    if one.state is State.NOT_EVALUABLE:
        return replace(one, cells=NO_CELLS, detail=detail)
    if status in (ABSENT, NORMAL) or share == 0:
        return _denied(one, finding, detail)
    if one.state is State.ABSENT:
        return replace(one, cells=Cells(scored=finding.cells.scored), detail=detail)
    return replace(one, detail=detail)


def _denied(one: Observation, finding: Finding, detail: str) -> Observation:
    """A denied abnormality. Nuclei seen nevertheless are background below the cut-off, or a contradiction."""
    seen = finding.cells.known_share if finding.cells.known_share is not None else finding.cells.high
    fewer = finding.goes_further and finding.copies is not None and finding.copies.high < 4
    told = finding.copies is None or (finding.asserts and finding.copies != Copies(2, 2) and not fewer)
    if seen and told and one.state is State.PRESENT:
        cut = cutoff(one.event)
        if seen >= cut.fraction:
            return replace(
                one,
                state=State.NOT_EVALUABLE,
                cells=NO_CELLS,
                detail=detail,
                warnings=one.warnings | {"contradictory_text"},
            )
        return replace(one, detail=detail, warnings=one.warnings | {"reported_negative"})
    if finding.copies is not None and finding.copies != Copies(2, 2) and not finding.asserts:
        return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, detail=detail)
    if one.event == "myc_rearranged" and len(finding.parts) > 1:
        warnings = one.warnings | {"other_myc_partners_not_excluded"}
        return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, detail=detail, warnings=warnings, weak=True)
    if one.probes and not finding.events and all(_leaves_open(name, one.event) for name in one.probes):
        return replace(
            one,
            state=State.NOT_EVALUABLE,
            cells=NO_CELLS,
            copies=None,
            detail=detail,
            warnings=one.warnings | {"probe_cannot_exclude"},
            weak=True,
        )
    return replace(
        one,
        state=State.ABSENT,
        cells=Cells(scored=finding.cells.scored),
        limit=finding.limit,
        copies=None,
        detail=detail,
    )


def _leaves_open(name: str, event: str) -> bool:
    probe = probes().get(name)
    return probe is not None and event in probe.cannot_exclude


def _detail(finding: Finding, one: Observation) -> str:
    names = "/".join(dict.fromkeys(map(str, finding.parts))) or one.event
    share = str(finding.cells)
    return f"{finding.status or 'unclear'}: {finding.kind} of {names}{' ' + share if share else ''}"
