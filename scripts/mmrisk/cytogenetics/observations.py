"""What a FISH report says of one event, before it becomes evidence: pooled cells, choice among repeats, selection."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mmrisk.capabilities import basis_of_shares
from mmrisk.cytogenetics.fish import NO_CELLS, Cells
from mmrisk.events import DEFAULT_PROFILE, Evidence, State, binomial_interval, cutoff, negative_limit

FEW_NUCLEI = 100
"""EMN 2012 (10.3324/haematol.2011.056176) asks for at least 100 plasma cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One statement on one event.

    `cells` are the nuclei with the abnormality; for an absent event only `cells.scored` counts. `limit` replaces the
    detection limit that follows from the nuclei scored. `weak` marks what merely cannot be told from these signals:
    it gives way to any other statement of the report.
    """

    event: str
    state: State
    method: str
    probes: tuple[str, ...] = ()
    cells: Cells = NO_CELLS
    limit: float | None = None
    copies: float | None = None
    support: int | None = None
    detail: str = ""
    warnings: frozenset[str] = frozenset()
    weak: bool = False
    basis: str = ""
    source: str = "fish"


def pool(cells: Iterable[Cells]) -> tuple[Cells, frozenset[str]]:
    """Cells of several clones of one hybridisation together, and what was wrong with their sum."""
    every = list(cells)
    if len(every) == 1:
        return every[0], frozenset()
    scored = {one.scored for one in every}
    if len(scored) == 1 and None not in scored and all(one.abnormal is not None for one in every):
        total = next(iter(scored)) or 0
        abnormal = sum(one.abnormal or 0 for one in every)
        over = frozenset({"shares_exceed_all_cells"} if abnormal > total else ())
        return Cells(min(abnormal, total), total), over
    shares = [one.known_share for one in every]
    if all(share is not None for share in shares):
        share = sum(share or 0.0 for share in shares)
        return Cells(share=min(round(share, 8), 1.0)), frozenset({"shares_exceed_all_cells"} if share > 1 else ())
    bounds = [(one.low, one.high) if one.known_share is None else (one.known_share,) * 2 for one in every]
    if all(low is not None and high is not None for low, high in bounds):
        return Cells(
            low=min(1.0, sum(low or 0 for low, _ in bounds)), high=min(1.0, sum(high or 0 for _, high in bounds))
        ), frozenset()
    return NO_CELLS, frozenset()


def choose(observations: list[Observation]) -> list[Observation]:
    """The telling ones: per event, material and state the one that saw most; weak ones only where nothing else is."""
    firm = {(one.event, one.basis) for one in observations if not one.weak}
    best: dict[tuple[str, str, str, State], Observation] = {}
    for one in observations:
        if one.weak and (one.event, one.basis) in firm:
            continue
        key = (one.event, one.basis, one.source, one.state)
        if key not in best or _weight(one) > _weight(best[key]):
            best[key] = one
    return list(best.values())


def _weight(one: Observation) -> tuple[bool, float, int, bool]:
    share = one.cells.known_share
    known = share if share is not None else one.cells.high
    return known is not None, known or 0.0, one.cells.scored or 0, one.copies is not None


def without_absence(one: Observation, warning: str) -> Observation:
    """The same observation where something that was not understood forbids to call the event absent."""
    if one.state is not State.ABSENT:
        return replace(one, warnings=one.warnings | {warning})
    return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, limit=None, warnings=one.warnings | {warning})


def make_evidence(one: Observation, *, sample_id: str, assay_id: str, cell_selection: str) -> Evidence:
    """Evidence of an observation, with the reservations that the selection of cells asks for."""
    warnings = set(one.warnings)
    scored = one.cells.scored
    if scored is not None and scored < FEW_NUCLEI and not one.basis:
        warnings.add("fewer_than_100_nuclei")
    if cell_selection == "unknown":
        warnings.add("cell_selection_unknown")
    state, abnormal, fraction, low, high, limit = _measured(one)
    if cell_selection == "none" and not one.basis:
        warnings.add("cells_not_selected")
        state, fraction, low, high, limit = _unselected(one.event, state, fraction, low)
    elif one.basis == "metaphases" and state is State.ABSENT:
        state, fraction, limit = State.NOT_EVALUABLE, None, None
        warnings.add("plasma_cells_rarely_divide")
    return Evidence(
        sample_id=sample_id,
        assay_id=assay_id,
        event=one.event,
        source=one.source,
        state=state,
        method=one.method,
        locus=";".join(one.probes),
        copies=one.copies,
        fraction=fraction,
        fraction_basis=one.basis or basis_of_shares(cell_selection, purity=None),
        fraction_low=low,
        fraction_high=high,
        detection_limit=limit,
        n_abnormal=abnormal,
        n_scored=scored,
        cell_selection=cell_selection,
        support=one.support,
        detail=one.detail,
        warnings=tuple(sorted(warnings)),
    )


_Measured = tuple[State, int | None, float | None, float | None, float | None, float | None]


def _measured(one: Observation) -> _Measured:
    """State, abnormal cells, fraction, its bounds and the detection limit."""
    cells = one.cells
    if one.state is State.PRESENT:
        share = cells.known_share
        if cells.abnormal is not None and cells.scored:
            low, high = binomial_interval(cells.abnormal, cells.scored)
            return one.state, cells.abnormal, share, low, high, None
        return one.state, cells.abnormal, share, cells.low, cells.high, None
    if one.state is State.ABSENT:
        limit = one.limit
        if limit is None and cells.scored:
            limit = negative_limit(cells.scored)
        none_seen = cells.scored is not None
        return one.state, 0 if none_seen else None, 0.0 if none_seen else None, None, None, limit
    return one.state, None, None, None, cells.high, None


def _unselected(
    event: str, state: State, fraction: float | None, low: float | None
) -> tuple[State, float | None, float | None, float | None, None]:
    """Of unselected nuclei the share of plasma cells is unknown: what was seen is the least share of the tumour."""
    seen = fraction if fraction is not None else low
    if state is not State.PRESENT or not seen:
        return (state if state is State.PRESENT else State.NOT_EVALUABLE), None, None, None, None
    cut = cutoff(event, DEFAULT_PROFILE)
    reaches = seen >= cut.fraction if cut.inclusive else seen > cut.fraction
    return (State.PRESENT if reaches else State.NOT_EVALUABLE), None, seen, 1.0, None
