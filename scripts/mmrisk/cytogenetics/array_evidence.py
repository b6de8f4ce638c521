"""From an array string to evidence at FISH-equivalent loci and on whole chromosomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mmrisk.capabilities import basis_of_shares, dilution
from mmrisk.cytogenetics.array import Array, Junction, Region, parse_array
from mmrisk.cytogenetics.bands import band_at, chromosome_end
from mmrisk.cytogenetics.clone_verdicts import HYPODIPLOID_BELOW
from mmrisk.cytogenetics.copies import CopyProfile, Step
from mmrisk.cytogenetics.copy_events import (
    MAYBE,
    NO,
    TRISOMIES,
    YES,
    CopyView,
    Verdict,
    copy_rules,
    event_chromosomes,
    event_loci,
    judge_copies,
    long_arms,
    unread_doubt,
)
from mmrisk.cytogenetics.junctions import judge_change
from mmrisk.cytogenetics.reading import Reading, in_catalogue_order
from mmrisk.events import Evidence, State
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, Interval

DETECTION_LIMIT = 0.2
"""Smallest clone that arrays see with confidence (EMN 2012 numerical cut-off; review of technologies, Blood 2022)."""
WHOLE_SHARE = 0.9
"""Share of each arm that makes a gain or loss one of the whole chromosome."""
_SOURCES = {"arr": "array", "ogm": "array", "sseq": "lowpass", "seq": "wgs"}
EVENTS = (*copy_rules(), "hyperdiploid", *TRISOMIES, "hypodiploid", "near_tetraploid", "cnloh_17p")


def read_array(text: str, *, sample_id: str, assay_id: str, cell_selection: str = "unknown") -> Reading:
    """Read one array, shallow sequencing or optical mapping string into evidence; never raises.

    The string lists what is abnormal in the whole genome: what it does not list is absent down to clones of a fifth
    of the cells, unless something in it was not read or the cells were not selected.
    """
    array = parse_array(text)
    readable = bool(array.regions or array.junctions)
    verdicts = _verdicts(array) if readable else {}
    evidence = [
        _evidence(event, verdict, array, sample_id=sample_id, assay_id=assay_id, cell_selection=cell_selection)
        for event, verdict in verdicts.items()
    ]
    return Reading(
        evidence=tuple(evidence),
        normalised=str(array) if readable else "",
        unread=array.unread,
        events=in_catalogue_order(set(verdicts)),
        repairs=array.repairs,
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """A verdict with the share of cells that the string gives for it."""

    verdict: Verdict
    fraction: float | None = None


def _verdicts(array: Array) -> dict[str, _Shared]:
    builds = [array.build] if array.build else ["GRCh38", "GRCh37"]
    by_build = [_copy_verdicts(array, build) for build in builds]
    found = {event: _agreed([verdicts[event] for verdicts in by_build]) for event in by_build[0]}
    shared = {event: _Shared(verdict, _fraction(event, array, builds[0])) for event, verdict in found.items()}
    for junction in array.junctions:
        shared |= _junction_verdicts(junction)
    return shared


def _agreed(verdicts: list[Verdict]) -> Verdict:
    """The verdict where the build was not given: that of every build, or none."""
    if len(verdicts) == 1:
        return verdicts[0]
    if len({verdict.answer for verdict in verdicts}) > 1:
        return Verdict(MAYBE, warnings=frozenset({"build_not_given"}))
    return replace(verdicts[0], warnings=verdicts[0].warnings | {"build_not_given"})


def _copy_verdicts(array: Array, build: str) -> dict[str, Verdict]:
    view = array_view(array, build=build)
    most, least = judge_copies(view), judge_copies(array_view(array, build=build, nearest=True))
    found = {event: _with_range(event, most[event], least[event], array.ploidy) for event in most}
    found["hypodiploid"] = _judge_hypodiploidy(view)
    found["near_tetraploid"] = Verdict(YES if array.ploidy == 4 else MAYBE, warnings=frozenset())
    found["cnloh_17p"] = _judge_loh(array.regions, build)
    return {event: _reserved(event, verdict, array, build) for event, verdict in found.items()}


def _reserved(event: str, verdict: Verdict, array: Array, build: str) -> Verdict:
    """The verdict where something was not read, or where the number of copies was not given."""
    doubt = unread_doubt(array.unread, event_chromosomes(event))
    if doubt and verdict.answer == NO:
        return Verdict(MAYBE, None, verdict.detail, verdict.warnings | doubt)
    spans = [span for _, span in event_loci(event, build)]
    if any(region.amplified and _covers(region, span) for region in array.regions for span in spans):
        return replace(verdict, copies=None, detail="amplified")
    return verdict


def _with_range(event: str, most: Verdict, least: Verdict, ploidy: int) -> Verdict:
    """`x2~3` is a mosaic: the change is there in part of the cells; `x3~4` leaves open whether 4 is reached."""
    if most.answer == least.answer:
        return most
    if event not in copy_rules() or least.copies == ploidy:
        return replace(most, warnings=most.warnings | {"mosaic"})
    return Verdict(MAYBE, most.copies, most.detail, most.warnings | {"copies_given_as_range"})


def array_view(array: Array, *, build: str, nearest: bool = False) -> CopyView:
    """Copies along the genome; `nearest` takes the end of a range that is nearest to the baseline."""
    base = array.ploidy
    profiles, unresolved = {}, set()
    for chrom in CHROMOSOMES:
        here = [region for region in array.regions if region.chrom == chrom and not region.inborn]
        if any(region.low is None and not region.amplified for region in here):
            unresolved.add(chrom)
        profiles[chrom] = _profile(chrom, here, base, build, nearest=nearest)
    return CopyView(build, profiles, dict.fromkeys(CHROMOSOMES, base), base, frozenset(unresolved))


def _profile(chrom: str, regions: list[Region], base: int, build: str, *, nearest: bool) -> CopyProfile:
    """Copies of one chromosome: where regions lie inside one another, the smallest one counts."""
    end = chromosome_end(chrom, build)
    spans = [(region.start or 0, end if region.end is None else region.end, region) for region in regions]
    spans.sort(key=lambda span: span[0] - span[1])  # the longest first, so that smaller ones overwrite it
    borders = sorted({0, end, *(place for start, stop, _ in spans for place in (start, stop))})
    copies = [base] * len(borders)
    for start, stop, region in spans:
        number = _number(region, base, nearest=nearest)
        for index, border in enumerate(borders):
            if start <= border < stop:
                copies[index] = number
    steps = [
        Step(border, border, border, copies[index] - copies[index - 1], band_at(chrom, border, build))
        for index, border in enumerate(borders)
        if 0 < index < len(borders) - 1 and copies[index] != copies[index - 1]
    ]
    return CopyProfile(chrom, end, copies[0], tuple(steps))


def _number(region: Region, base: int, *, nearest: bool) -> int:
    if region.low is None or region.high is None:
        return base + 4 if region.amplified else base
    if region.amplified:
        return max(region.high, base + 2)
    return (min if nearest else max)(region.low, region.high, key=lambda copies: abs(copies - base))


def _judge_hypodiploidy(view: CopyView) -> Verdict:
    """Whole chromosomes lost less those gained; joined chromosomes, which an array cannot see, do not count."""
    count = len(AUTOSOMES) * view.ploidy + 2
    for chrom in AUTOSOMES:
        profile, arms = view.profiles[chrom], long_arms(chrom, view.build)
        copies = {profile.between(start, end).likely for start, end in arms}
        if len(copies) == 1 and all(profile.share_equal(min(copies), *arm) > WHOLE_SHARE for arm in arms):
            count += min(copies) - view.ploidy
    detail = f"{count} chromosomes by whole gains and losses"
    return Verdict(YES if count < HYPODIPLOID_BELOW else NO, None, detail)


def _judge_loh(regions: tuple[Region, ...], build: str) -> Verdict:
    """Copy-neutral loss of heterozygosity; only arrays with SNP probes see it, and few strings say which they are."""
    loh = [region for region in regions if region.homozygous and not region.inborn]
    for name, span in event_loci("cnloh_17p", build):
        for region in loh:
            if _covers(region, span):
                neutral = region.low == region.high == 2
                return Verdict(YES if neutral else MAYBE, region.low, f"{name} homozygous")
    return Verdict(NO) if loh else Verdict(MAYBE, warnings=frozenset({"not_known_to_see_loh"}))


def _covers(region: Region, span: Interval) -> bool:
    if region.chrom != span.chrom:
        return False
    middle = (span.start + span.end) // 2
    return region.whole or (region.start or 0) <= middle < (region.end or 0)


def _fraction(event: str, array: Array, build: str) -> float | None:
    """Share of cells given for the regions that decide an event; the largest where several do."""
    spans = [span for _, span in event_loci(event, build)]
    if event in TRISOMIES:
        spans = [Interval(TRISOMIES[event], 0, chromosome_end(TRISOMIES[event], build))]
    shares = [
        region.fraction
        for region in array.regions
        if region.fraction is not None and any(_covers(region, span) for span in spans)
    ]
    return max(shares, default=None)


def _junction_verdicts(junction: Junction) -> Mapping[str, _Shared]:
    return {event: _Shared(verdict, junction.fraction) for event, verdict in judge_change(junction.change).items()}


def _evidence(
    event: str, shared: _Shared, array: Array, *, sample_id: str, assay_id: str, cell_selection: str
) -> Evidence:
    verdict, unselected = shared.verdict, cell_selection == "none"
    warnings = set(verdict.warnings)
    state = {YES: State.PRESENT, NO: State.ABSENT, MAYBE: State.NOT_EVALUABLE}[verdict.answer]
    if diluted := dilution(cell_selection, purity=None):  # as in segments of an array
        warnings.add(diluted)
        state = State.NOT_EVALUABLE if state is State.ABSENT else state
    present = state is State.PRESENT
    fraction = shared.fraction if present else None
    return Evidence(
        sample_id=sample_id,
        assay_id=assay_id,
        event=event,
        source=_SOURCES[array.technique],
        method=array.technique + (f"_{array.platform}" if array.platform else ""),
        state=state,
        locus=";".join(name for name, _ in event_loci(event, array.build or "GRCh38"))
        if event in copy_rules() or event == "cnloh_17p"
        else "",
        build=array.build,
        copies=verdict.copies if state in (State.PRESENT, State.ABSENT) else None,
        fraction=None if unselected else fraction,
        fraction_low=fraction if unselected else None,
        fraction_high=1.0 if unselected and fraction is not None else None,
        fraction_basis=basis_of_shares(cell_selection, purity=None),
        detection_limit=DETECTION_LIMIT if state is State.ABSENT else None,
        cell_selection=cell_selection,
        detail=verdict.detail,
        warnings=tuple(sorted(warnings)),
    )
