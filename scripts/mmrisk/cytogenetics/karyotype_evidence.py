"""From a karyotype to evidence: clones pooled, cells counted, and nothing called absent that banding cannot exclude."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mmrisk.cytogenetics.clone_verdicts import COUNT_EVENTS, EVENTS, judge_clone, why_no_plasma_cells
from mmrisk.cytogenetics.clones import Clone, build_clones
from mmrisk.cytogenetics.copy_events import (
    MAYBE,
    TRISOMIES,
    YES,
    Verdict,
    copy_rules,
    event_chromosomes,
    event_loci,
    unread_doubt,
    unread_undoes,
)
from mmrisk.cytogenetics.junctions import FUSION_EVENTS
from mmrisk.cytogenetics.karyotype import Karyotype
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype
from mmrisk.cytogenetics.reading import Reading, Unread, in_catalogue_order
from mmrisk.events import Evidence, State, negative_limit

CLONAL_CELLS = 2
CLONAL_CELLS_LOSS = 3
"""Metaphases that make a change clonal, and a lost chromosome (ISCN 2024, 6.3)."""
_CAN_BE_ABSENT = frozenset({"hyperdiploid", *TRISOMIES, *COUNT_EVENTS})
"""Whole chromosomes are counted in every metaphase; smaller changes and cryptic translocations are not excluded."""


def read_karyotype(text: str, *, sample_id: str, assay_id: str, cell_selection: str = "unknown") -> Reading:
    """Read one karyotype into evidence on every event that banding can show; never raises.

    The share of metaphases is no share of plasma cells, since the normal metaphases are those of other cells:
    `n_abnormal` and `n_scored` are given, `fraction` is not. An absent event carries the detection limit of the
    abnormal metaphases. A normal karyotype leaves every event not evaluable.
    """
    karyotype = parse_karyotype(text)
    unread = karyotype.unread + tuple(
        Unread(start, part, "not a karyotype: another technique") for start, part in karyotype.elsewhere
    )
    findings = [] if karyotype.result == "missing" or not _says_something(karyotype) else _findings(karyotype)
    evidence = tuple(
        _evidence(finding, sample_id=sample_id, assay_id=assay_id, cell_selection=cell_selection)
        for finding in findings
    )
    return Reading(
        evidence=evidence,
        normalised=str(karyotype),
        unread=tuple(sorted(unread)),
        events=in_catalogue_order({finding.event for finding in findings}),
        repairs=karyotype.repairs,
    )


def _says_something(karyotype: Karyotype) -> bool:
    return bool(karyotype.clones) or karyotype.result == "failed" or bool(karyotype.unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """What all clones together say of one event."""

    event: str
    state: State
    copies: int | None = None
    cells: int | None = None
    scored: int | None = None
    limit: float | None = None
    detail: str = ""
    warnings: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A clone of plasma cells with its verdicts, and those without its questioned changes where they differ."""

    clone: Clone
    verdicts: Mapping[str, Verdict]


def _findings(karyotype: Karyotype) -> list[_Finding]:
    clones = build_clones(karyotype)
    scored = _scored(karyotype)
    tumour, set_apart = _sorted_clones(clones)
    judged = _judge(karyotype, tumour)
    found = [_pool(event, judged, karyotype, scored) for event in EVENTS]
    if set_apart:
        cells = _sum_cells(clone.cells for clone, _ in set_apart)
        reasons = dict.fromkeys(f"clone {clone.number}: {reason}" for clone, reason in set_apart)
        found.append(
            _Finding(
                event="non_plasma_cell_clone",
                state=State.PRESENT,
                cells=cells,
                scored=scored,
                detail="; ".join(reasons),
            )
        )
    return found


def _sorted_clones(clones: Iterable[Clone]) -> tuple[list[Clone], list[tuple[Clone, str]]]:
    """Abnormal clones that may be plasma cells, and those set apart with the reason."""
    tumour, set_apart = [], []
    for clone in clones:
        reason = why_no_plasma_cells(clone)
        if reason == "donor cells":
            continue
        if reason:
            set_apart.append((clone, reason))
        elif clone.abnormal:
            tumour.append(clone)
        elif clone.inborn or "c" in (clone.written.sex or ""):
            set_apart.append((clone, f"constitutional {','.join(clone.inborn) or clone.written.sex}"))
    return tumour, set_apart


def _judge(karyotype: Karyotype, tumour: list[Clone]) -> list[_Judged]:
    judged = [_Judged(clone, judge_clone(clone)) for clone in tumour]
    if not any(item.questioned for clone in karyotype.clones for item in clone.abnormalities):
        return judged
    without = {clone.number: judge_clone(clone) for clone in build_clones(karyotype, with_questioned=False)}
    return [
        _Judged(
            one.clone,
            {event: _if_certain(one.verdicts[event], without[one.clone.number][event]) for event in one.verdicts},
        )
        for one in judged
    ]


def _if_certain(verdict: Verdict, without: Verdict) -> Verdict:
    """A verdict that rests on a questioned change is open."""
    if verdict.answer == without.answer and verdict.copies == without.copies:
        return verdict
    return Verdict(MAYBE, None, verdict.detail, verdict.warnings | {"questioned"})


def _pool(event: str, judged: list[_Judged], karyotype: Karyotype, scored: int | None) -> _Finding:
    """State of one event over all clones of plasma cells."""
    if not judged:
        reason = "no_result" if karyotype.result == "failed" or not karyotype.clones else "plasma_cells_rarely_divide"
        return _open(event, scored, {reason})
    doubt = unread_doubt(karyotype.unread, event_chromosomes(event))
    yes = [one for one in judged if one.verdicts[event].answer == YES]
    maybe = [one.verdicts[event] for one in judged if one.verdicts[event].answer == MAYBE]
    if yes:
        undone = event not in FUSION_EVENTS and unread_undoes(karyotype.unread, event_chromosomes(event))
        return _seen(event, yes, scored, doubt, undone=undone)
    if event == "near_tetraploid" and (noted := _noted_doubled(judged, karyotype, scored)):
        return noted
    if maybe or doubt:
        reservations = {warning for verdict in maybe for warning in verdict.warnings}
        details = dict.fromkeys(verdict.detail for verdict in maybe if verdict.detail)
        return _open(event, scored, reservations | doubt, "; ".join(details))
    return _not_seen(event, judged, scored)


def _not_seen(event: str, judged: list[_Judged], scored: int | None) -> _Finding:
    """Absent where whole chromosomes were counted in enough cells of a tumour; else banding proves nothing."""
    cells = _sum_cells(one.clone.cells for one in judged)
    if event not in _CAN_BE_ABSENT:
        return _open(event, scored, {"cryptic_by_banding" if event in FUSION_EVENTS else "below_band_resolution"})
    if not cells:
        return _open(event, scored, {"no_cell_count"})
    if event not in COUNT_EVENTS and not all(one.clone.count_agrees for one in judged):
        return _open(event, scored, {"modal_number_disagrees"})
    if cells == scored and all(_may_be_inborn(one) for one in judged):
        return _open(event, scored, {"may_be_constitutional"})
    return _Finding(
        event=event,
        state=State.ABSENT,
        cells=0,
        scored=scored,
        limit=negative_limit(cells),
        detail=f"not in {cells} abnormal metaphases",
        warnings=frozenset({"metaphases_only"}),
    )


def _may_be_inborn(one: _Judged) -> bool:
    """A single balanced change other than that of a tumour, which in all cells may be the patient's own."""
    clone = one.clone
    if any(one.verdicts[event].answer == YES for event in FUSION_EVENTS):
        return False
    profiles = clone.profiles()
    balanced = all(profile.pieces()[0].copies == clone.baseline[chrom] for chrom, profile in profiles.items())
    return len(clone.acquired) == 1 and balanced and all(len(profile.pieces()) == 1 for profile in profiles.values())


def _noted_doubled(judged: list[_Judged], karyotype: Karyotype, scored: int | None) -> _Finding | None:
    """Near-tetraploid cells noted beside the count: `[cp6,two are 4n]`, `4n[1]`."""
    noted = sum(one.clone.written.cells.doubled for one in judged if one.clone.written.cells)
    if noted >= CLONAL_CELLS:
        detail = f"{noted} cells noted as 4n"
        return _Finding(event="near_tetraploid", state=State.PRESENT, cells=noted, scored=scored, detail=detail)
    if noted or any(clone.kind == "ploidy" for clone in karyotype.clones):
        return _open("near_tetraploid", scored, {"few_tetraploid_cells"})
    return None


def _open(event: str, scored: int | None, warnings: set[str], detail: str = "") -> _Finding:
    return _Finding(event=event, state=State.NOT_EVALUABLE, scored=scored, detail=detail, warnings=frozenset(warnings))


def _seen(event: str, yes: list[_Judged], scored: int | None, doubt: frozenset[str], *, undone: bool) -> _Finding:
    """An event that some clones have: present where enough cells have it and no unread token may undo it."""
    cells = _sum_cells(_cells_with(event, one) for one in yes)
    largest = max(yes, key=lambda one: one.clone.cells or 0)
    warnings = {warning for one in yes for warning in one.verdicts[event].warnings}
    if any(one.clone.composite for one in yes):
        warnings.add("composite_clone")
    if not all(one.clone.count_agrees for one in yes):
        warnings.add("modal_number_disagrees")
    required = CLONAL_CELLS_LOSS if any(_is_monosomy(event, one.clone) for one in yes) else CLONAL_CELLS
    details = dict.fromkeys(f"clone {one.clone.number}: {one.verdicts[event].detail}" for one in yes)
    state = State.PRESENT
    if cells is not None and cells < required:
        state, warnings = State.NOT_EVALUABLE, warnings | {"single_metaphase" if cells == 1 else "too_few_metaphases"}
    elif undone:
        state = State.NOT_EVALUABLE
    copies = largest.verdicts[event].copies
    return _Finding(
        event=event,
        state=state,
        copies=copies if event in copy_rules() or event in TRISOMIES else None,
        cells=cells if scored is None or cells is None else min(cells, scored),
        scored=scored,
        detail="; ".join(details),
        warnings=frozenset(warnings | doubt),
    )


def _cells_with(event: str, one: _Judged) -> int | None:
    """Cells of a clone that have an event: those noted at its changes in a composite clone, else all."""
    cells = one.clone.cells
    if event in COUNT_EVENTS or cells is None:
        return cells
    noted = [item.number for chrom in event_chromosomes(event) for item in one.clone.touched.get(chrom, ())]
    return min(cells, max(noted)) if noted else cells


def _is_monosomy(event: str, clone: Clone) -> bool:
    """Whether a loss is that of a whole chromosome, which can be an artefact of the preparation."""
    if copy_rules().get(event) != "loss":
        return False
    return any(f"-{chrom}" in clone.acquired for chrom in event_chromosomes(event))


def _scored(karyotype: Karyotype) -> int | None:
    """All metaphases; None where a clone's are not given."""
    return _sum_cells(clone.cells.number if clone.cells else None for clone in karyotype.clones)


def _sum_cells(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _evidence(finding: _Finding, *, sample_id: str, assay_id: str, cell_selection: str) -> Evidence:
    return Evidence(
        sample_id=sample_id,
        assay_id=assay_id,
        event=finding.event,
        source="karyotype",
        method="g_banding",
        state=finding.state,
        locus=";".join(_locus_names(finding.event)),
        copies=finding.copies,
        fraction_basis="metaphases",
        detection_limit=finding.limit,
        n_abnormal=finding.cells,
        n_scored=finding.scored,
        cell_selection=cell_selection,
        detail=finding.detail,
        warnings=tuple(sorted(finding.warnings)),
    )


def _locus_names(event: str) -> Iterator[str]:
    if event in copy_rules():
        yield from (name for name, _ in event_loci(event, "GRCh38"))
