"""Copy number from counts of signals: gains, losses, trisomies, and the baseline of doubled genomes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mmrisk.cytogenetics.fish import AMPLIFIED, MANY, NO_CELLS, Cells, Clone, Copies, Hybridisation, Signals
from mmrisk.cytogenetics.observations import Observation, pool
from mmrisk.events import ODD_CHROMOSOMES, State, negative_limit

DIPLOID, TETRAPLOID = 2, 4
UNRELATED_LOCI = 3
"""Chromosomes with four copies from which a genome counts as doubled (Blood 2006;108:4280)."""
HALVED, NULL = ("biallelic_del_1p32",), 0


@dataclass(frozen=True, slots=True)
class Ploidy:
    """Baselines a report leaves possible, and the statement on tetraploidy if it makes one."""

    baselines: tuple[int, ...] = (DIPLOID,)
    observation: Observation | None = None


def find_ploidy(hybridisations: Iterable[Hybridisation], *, stated: bool, method: str = "enumeration") -> Ploidy:
    """Tetraploid where three or more chromosomes have four copies in the abnormal cells, or the report says so.

    Four copies of odd chromosomes and of 1q, beside two copies of others, may be tetrasomies and an amplification in
    a hyperdiploid clone: then both baselines stay possible.
    """
    four: dict[str, tuple[float, Clone, str]] = {}
    two: set[str] = set()
    for clone in (clone for hybridisation in hybridisations for clone in hybridisation.clones):
        for one in _free_signals(clone):
            probe = one.part.probe
            if probe is None or probe.chrom in ("X", "Y"):
                continue
            share = clone.cells.known_share
            if one.copies == Copies(4, 4):
                rank = share if share is not None else -1.0
                if probe.chrom not in four or rank > four[probe.chrom][0]:
                    four[probe.chrom] = (rank, clone, probe.name)
            elif one.copies == Copies(2, 2):
                two.add(probe.chrom)
    if len(four) < UNRELATED_LOCI:
        return Ploidy((TETRAPLOID,)) if stated else Ploidy()
    ranked = sorted(four.items(), key=lambda item: (-item[1][0], item[0]))
    third = ranked[UNRELATED_LOCI - 1][1]
    often_gained = {*ODD_CHROMOSOMES, "1"}
    doubtful = not stated and len(four.keys() - often_gained) < 2 and bool(two - often_gained)
    observation = Observation(
        event="near_tetraploid",
        state=State.NOT_EVALUABLE if doubtful else State.PRESENT,
        method=method,
        probes=tuple(sorted(name for _, (_, _, name) in ranked)),
        cells=NO_CELLS if doubtful else third[1].cells,
        copies=float(TETRAPLOID),
        support=len(four),
        detail=f"four copies of chromosomes {', '.join(sorted(four, key=_chrom_number))}",
        warnings=frozenset({"tetraploid_or_tetrasomies"} if doubtful else ()),
    )
    return Ploidy((DIPLOID, TETRAPLOID) if doubtful else (TETRAPLOID,), observation)


def observe_copies(hybridisation: Hybridisation, *, ploidy: Ploidy, method: str = "enumeration") -> list[Observation]:
    """All events of gain and loss that the probes of a hybridisation speak of, those not found too."""
    probes = {one.part.name: one.part.probe for clone in hybridisation.clones for one in _whole(clone)}
    events = dict.fromkeys(
        event for probe in probes.values() if probe is not None for event in (*probe.gain, *probe.loss)
    )
    baselines = {clone: _baselines(clone, hybridisation, ploidy) for clone in hybridisation.clones}
    return [_observe(event, hybridisation, baselines, method) for event in events]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one clone says of one event: True, False, None for cannot tell; `open`: its normal signals prove nothing."""

    altered: bool | None
    copies: Copies | None = None
    probes: tuple[str, ...] = ()
    warnings: frozenset[str] = frozenset()
    open: bool = False


def _observe(
    event: str, hybridisation: Hybridisation, baselines: dict[Clone, tuple[int, ...]], method: str
) -> Observation:
    verdicts = {clone: _judge(event, clone, baselines[clone]) for clone in hybridisation.clones}
    one = Observation(
        event=event,
        state=State.ABSENT,
        method=method,
        probes=tuple(dict.fromkeys(name for verdict in verdicts.values() for name in verdict.probes)),
        detail=str(hybridisation),
        warnings=frozenset(warning for verdict in verdicts.values() for warning in verdict.warnings),
    )
    altered = [clone for clone, verdict in verdicts.items() if verdict.altered]
    if altered:
        cells, over = pool(clone.cells for clone in altered)
        copies = verdicts[max(altered, key=lambda clone: clone.cells.known_share or 0.0)].copies
        exact = copies.exact if copies else None
        return replace(one, state=State.PRESENT, cells=cells, copies=exact, warnings=one.warnings | over)
    if any(verdict.altered is None for verdict in verdicts.values()):
        return replace(one, state=State.NOT_EVALUABLE, weak="signals_of_fusion" in one.warnings)
    if any(verdict.open for verdict in verdicts.values()):
        return replace(one, state=State.NOT_EVALUABLE, weak=True, warnings=one.warnings | {"probe_cannot_exclude"})
    cells, limit = _negative(hybridisation)
    return replace(one, cells=cells, limit=limit)


def _negative(hybridisation: Hybridisation) -> tuple[Cells, float | None]:
    """Nuclei scored, and the limit where the clones that are listed leave nuclei unaccounted for."""
    scored = scored_cells(hybridisation)
    if not all(clone.is_normal for clone in hybridisation.clones):
        return scored, None
    shares = [clone.cells.known_share for clone in hybridisation.clones]
    if not shares or any(share is None for share in shares):
        return scored, None
    rest = 1.0 - sum(share or 0.0 for share in shares)
    usual = negative_limit(scored.scored) if scored.scored else 0.0
    return scored, rest if rest > usual else None


def scored_cells(hybridisation: Hybridisation) -> Cells:
    """Number of nuclei scored, if it is given."""
    return Cells(scored=max((clone.cells.scored or 0 for clone in hybridisation.clones), default=0) or None)


def _judge(event: str, clone: Clone, baselines: tuple[int, ...]) -> _Verdict:
    said: list[tuple[bool | None, Signals]] = []
    warnings: set[str] = set()
    is_open = True
    for one in _whole(clone):
        probe = one.part.probe
        if probe is None or event not in (*probe.gain, *probe.loss):
            continue
        is_loss = event in probe.loss
        altered = _altered(event, one.copies, baselines, is_loss=is_loss)
        if event.startswith("trisomy_") and one.copies.low >= AMPLIFIED and one.copies.high >= MANY:
            altered = None  # an amplified gene is no count of its chromosome
        if _in_fusion(clone, one) and not (is_loss and one.copies.high < DIPLOID):
            altered = None
            warnings.add("signals_of_fusion")
        elif is_loss and altered is False and _fewer_than_control(clone, one):
            altered = None
            warnings.add("fewer_signals_than_control")
        is_open = is_open and event in probe.cannot_exclude
        said.append((altered, one))
    if not said:  # a later clone need not repeat the probes that are as in the first
        return _Verdict(altered=False)
    names = tuple(one.part.name for _, one in said)
    found = [one.copies for altered, one in said if altered]
    if found:
        if len(found) < len(said):
            warnings.add("probes_differ")
        extreme = min(found) if "del" in event else max(found)
        return _Verdict(altered=True, copies=extreme, probes=names, warnings=frozenset(warnings))
    unclear = any(altered is None for altered, _ in said)
    altered = None if unclear else False
    return _Verdict(altered=altered, probes=names, warnings=frozenset(warnings), open=is_open and not unclear)


def _altered(event: str, copies: Copies, baselines: tuple[int, ...], *, is_loss: bool) -> bool | None:
    """Whether a count is a gain or loss relative to every possible baseline; None where that depends."""

    def reaches(count: int, baseline: int) -> bool:
        if event in HALVED:
            return count == NULL
        if is_loss:
            return count < baseline
        return count >= 2 * baseline if event == "amp_1q21" else count > baseline

    answers = {reaches(count, baseline) for count in (copies.low, copies.high) for baseline in baselines}
    return answers.pop() if len(answers) == 1 else None


def _baselines(clone: Clone, hybridisation: Hybridisation, ploidy: Ploidy) -> tuple[int, ...]:
    """Baselines of one clone of a doubled genome: cells without any fourfold signal may be the normal ones."""
    if ploidy.baselines == (DIPLOID,):
        return ploidy.baselines
    if _doubled(clone):
        return ploidy.baselines
    if any(_doubled(other) for other in hybridisation.clones):
        return (DIPLOID,)
    share = clone.cells.known_share
    abnormal = share is None and clone.cells.scored is None and clone.cells.low is None
    if clone.is_normal and not abnormal and (share is None or share >= 1.0):
        return (DIPLOID, TETRAPLOID)
    return ploidy.baselines


def _doubled(clone: Clone) -> bool:
    return any(one.copies.low >= TETRAPLOID for one in clone.signals)


def _whole(clone: Clone) -> list[Signals]:
    """Signals of whole probes, without halves of break-apart sets."""
    return [one for one in clone.signals if not one.part.end]


def _free_signals(clone: Clone) -> list[Signals]:
    return [one for one in _whole(clone) if not _in_fusion(clone, one)]


def _in_fusion(clone: Clone, one: Signals) -> bool:
    """Whether the signals of a probe are also those of a fusion or a split, so that their number is no copy number."""
    return any(
        one.part.name in {part.name for part in relation.parts}
        and (relation.copies is None or relation.copies.high > 0)
        for relation in clone.relations
        if relation.kind == "con" and len({part.name for part in relation.parts}) > 1
    )


def _fewer_than_control(clone: Clone, one: Signals) -> bool:
    """Whether a control of the same chromosome has more signals: a relative loss that the count alone hides."""
    probe = one.part.probe
    return probe is not None and any(
        other.copies.low > one.copies.high
        and (control := other.part.probe) is not None
        and control.chrom == probe.chrom
        and control.roles & {"control", "centromere"}
        for other in _whole(clone)
    )


def _chrom_number(chrom: str) -> int:
    return int(chrom) if chrom.isdigit() else 99
