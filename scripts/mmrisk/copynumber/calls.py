"""Copy-number segments of one sample to evidence: loci as FISH probes see them, and whole chromosomes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mmrisk.capabilities import basis_of_shares, dilution, sees
from mmrisk.copynumber.both_alleles import both_alleles, none_or_all_of_four, of_any_copy, of_two_copies
from mmrisk.copynumber.clone_shares import Finding, judge, judge_two_copies, limit_at, not_evaluable, whole_copies
from mmrisk.copynumber.ploidy import hyperdiploidy, hypodiploidy, near_tetraploidy, trisomies
from mmrisk.copynumber.profile import Doubling, Measure, Profile, threshold, weighted_quantile
from mmrisk.events import ODD_CHROMOSOMES, Evidence, State
from mmrisk.genome import Interval, arms, loci

DEFAULT_MIN_TRISOMIES = 2
GAIN, LOSS = 1, -1
LOCUS_EVENTS: dict[str, tuple[int, str, tuple[tuple[str, str], ...]]] = {
    "gain_1q21": (GAIN, "1q", (("probe", "1q21"),)),
    "del_1p32": (LOSS, "1p", (("probe", "CDKN2C"),)),
    "del_1p12": (LOSS, "1p", (("probe", "FAM46C"),)),
    "del_13q": (LOSS, "13q", (("probe", "RB1"), ("probe", "13q14"))),
    "del_14q": (LOSS, "14q", (("probe", "TRAF3"),)),
    "del_16q": (LOSS, "16q", (("probe", "CYLD"), ("probe", "16q22"))),
    "del_17p": (LOSS, "17p", (("probe", "TP53"), ("gene", "TP53"))),
    "del_8p": (LOSS, "8p", (("probe", "8p22"),)),
    "gain_8q24": (GAIN, "8q", (("probe", "MYC"),)),
    "del_11q_birc": (LOSS, "11q", (("probe", "BIRCs"),)),
    "tnfrsf17_altered": (LOSS, "16p", (("gene", "TNFRSF17"),)),
    "gprc5d_altered": (LOSS, "12p", (("gene", "GPRC5D"),)),
    "cd38_altered": (LOSS, "4p", (("gene", "CD38"),)),
    "fcrl5_altered": (LOSS, "1q", (("gene", "FCRL5"),)),
    "slamf7_altered": (LOSS, "1q", (("gene", "SLAMF7"),)),
    "crbn_altered": (LOSS, "3p", (("gene", "CRBN"),)),
    "ikzf1_altered": (LOSS, "7p", (("gene", "IKZF1"),)),
    "ikzf3_altered": (LOSS, "17q", (("gene", "IKZF3"),)),
}
"""Event -> direction, arm, loci (kind and name): the most altered locus decides.

Of therapy targets, CUL4B lies on X, whose normal copies depend on the sex, and PSMB5 is not lost but mutated.
"""
TWO_COPY_EVENTS = {"gain_1q21": "amp_1q21", "del_1p32": "biallelic_del_1p32"}
LOH_EVENT = "cnloh_17p"
PROBLEMS = {
    "baseline_unclear": "too few stable chromosomes are covered, or they disagree: the unaltered level is unknown",
    "purity_contradicted": "long stretches would have lost both copies, but no cell lives so: the purity is too low",
}
PLOIDY_EVENTS = ("hyperdiploid", *(f"trisomy_{chrom}" for chrom in ODD_CHROMOSOMES), "hypodiploid", "near_tetraploid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """What made the segments: kind of assay, tool or format, selection of cells, share of tumour cells."""

    sample_id: str
    assay_id: str
    source: str
    method: str
    cell_selection: str = ""
    purity: float | None = None


def call_sample(profile: Profile, *, assay: Assay, min_trisomies: int = DEFAULT_MIN_TRISOMIES) -> list[Evidence]:
    """Evidence on every copy-number event that the assay can see.

    Loci that segments do not cover, and everything where the baseline is unclear, are not evaluable. On builds without
    probe coordinates only whole chromosomes are called.
    """
    calls = _calls(profile, min_trisomies) if not profile.problem else _without_baseline(profile)
    return [
        _evidence(event, place, support, detail, finding, profile, assay)
        for event, place, support, detail, finding in calls
        if sees(assay.source, event)
    ]


Call = tuple[str, Interval | None, int | None, str, Finding]
"""Event, place, support, detail, finding."""


def _without_baseline(profile: Profile) -> Iterator[Call]:
    detail = PROBLEMS[profile.problem]
    events = (*LOCUS_EVENTS, *TWO_COPY_EVENTS.values(), LOH_EVENT, *PLOIDY_EVENTS)
    for event in events:
        yield event, None, None, detail, not_evaluable()


def _calls(profile: Profile, min_trisomies: int) -> Iterator[Call]:
    for event in LOCUS_EVENTS:
        yield from _locus_calls(event, profile)
    finding, count, detail = hyperdiploidy(profile, min_trisomies=min_trisomies)
    yield "hyperdiploid", None, count, detail, finding
    for chrom, (finding, detail) in trisomies(profile).items():
        yield f"trisomy_{chrom}", None, None, detail, finding
    finding, detail = hypodiploidy(profile)
    yield "hypodiploid", None, None, detail, finding
    finding, detail = near_tetraploidy(profile)
    yield "near_tetraploid", None, None, detail, finding


def _locus_calls(event: str, profile: Profile) -> Iterator[Call]:
    """The event itself, and those that follow from the same measure."""
    sign, arm, names = LOCUS_EVENTS[event]
    also = [name for name in (TWO_COPY_EVENTS.get(event), LOH_EVENT if event == "del_17p" else None) if name]
    places = [loci(profile.build, kind)[name].span for kind, name in names if name in loci(profile.build, kind)]
    if not places:
        for name in (event, *also):
            yield name, None, None, f"no coordinates of the locus on {profile.build}", not_evaluable("arm_level_only")
        return
    measures = [(place, profile.over(place)) for place in places]
    measured = [(p, m) for p, m in measures if m.covered >= threshold("locus_covered") * p.length]
    if not measured:
        for name in (event, *also):
            yield name, places[0], None, "no segment covers the locus", not_evaluable("not_covered")
        return
    place, measure = max(measured, key=lambda item: sign * item[1].copies)
    detail = f"{measure.copies:.2f} copies{_alleles(measure, profile)}; {_arm_detail(profile, arm)}"
    finding = _judge_locus(sign, measure, profile)
    yield event, place, measure.n_markers, detail, finding
    if two := TWO_COPY_EVENTS.get(event):
        yield two, place, measure.n_markers, detail, _judge_both_copies(sign, measure, profile)
    if event == "del_17p":
        yield LOH_EVENT, place, measure.n_markers, detail, _judge_loh(measure, profile)


def _alleles(measure: Measure, profile: Profile) -> str:
    if measure.minor_least != measure.minor_least:  # NaN: no site tells
        return ""
    copies = measure.copies + (2 if profile.doubling == Doubling.SHOWN else 0)
    return f" (alleles {max(0.0, copies - measure.minor):.2f} and {measure.minor:.2f})"


def _arm_detail(profile: Profile, arm: str) -> str:
    here = profile.on(arms(profile.build)[arm].chrom)
    span = arms(profile.build)[arm]
    overlap = (profile.end[here].clip(max=span.end) - profile.start[here].clip(min=span.start)).clip(min=0)
    median = weighted_quantile(profile.copies[here], overlap, 0.5)
    return f"{arm} {median:.2f} over {overlap.sum() / span.length:.0%}"


def _judge_locus(sign: int, measure: Measure, profile: Profile) -> Finding:
    firm = profile.sight.gain_firm if sign == GAIN else profile.sight.loss_firm
    found = judge(sign * (measure.copies - 2), noise=measure.noise, firm=firm, profile=profile)
    if sign == GAIN and profile.near_haploid and found.state == State.ABSENT:
        return not_evaluable()
    if found.state != State.PRESENT or profile.rounded:
        return found
    both = both_alleles(measure, profile, gain=sign == GAIN)
    if both is None or both.share >= threshold("most_cells"):
        found = replace(found, copies=whole_copies(measure.copies, profile))
    return of_any_copy(found, both, measure) if both else found


def _judge_both_copies(sign: int, measure: Measure, profile: Profile) -> Finding:
    """Four copies or more of 1q21; loss of both copies of 1p32."""
    if both := both_alleles(measure, profile, gain=sign == GAIN):
        return of_two_copies(both)
    if profile.doubling == Doubling.SHOWN:
        return none_or_all_of_four(measure, profile, gain=sign == GAIN)
    if sign == GAIN:
        if profile.near_haploid and measure.copies < threshold("amplification"):
            return not_evaluable()
        certain, firm = threshold("amplification") - 2, profile.sight.gain_firm
        return judge_two_copies(measure.copies - 2, certain, noise=measure.noise, firm=firm, profile=profile)
    missing, firm = 2 - measure.copies, profile.sight.loss_firm
    if _is_clonal_single_loss(measure, missing):
        # one allele left in all tumour cells: both are lost at most in what is missing beyond one copy
        limit = max(limit_at(measure.noise, profile.sight), missing - 1 + profile.sight.power_sd * measure.noise)
        return Finding(State.ABSENT, 0.0, limit=min(1.0, limit))
    certain = 2 - threshold("biallelic_loss")
    return judge_two_copies(missing, certain, noise=measure.noise, firm=firm, profile=profile)


def _is_clonal_single_loss(measure: Measure, missing: float) -> bool:
    """Loss of heterozygosity at one copy: half the cells without any copy would leave both alleles in the mixture."""
    return measure.minor < threshold("odd_spread") and abs(missing - 1) <= threshold("odd_spread")


def _judge_loh(measure: Measure, profile: Profile) -> Finding:
    """Loss of heterozygosity without loss of copies, from the copies of the minor allele."""
    if measure.minor != measure.minor:  # NaN: the file has no allele copies
        return not_evaluable("no_allele_copies")
    missing = 2 - measure.copies
    if missing > 0.5:
        # a loss in all tumour cells leaves none for another mechanism
        clonal = missing >= 1 - threshold("odd_spread")
        return Finding(State.ABSENT, 0.0, limit=limit_at(measure.noise, profile.sight)) if clonal else not_evaluable()
    if measure.minor < threshold("odd_spread"):
        warnings = ("loh_with_gain",) if missing < -0.5 else ()
        return Finding(State.PRESENT, low=threshold("whole_copies_limit"), high=1.0, warnings=warnings)
    # allele copies are fitted as whole numbers, or with as much noise
    return Finding(State.ABSENT, 0.0, limit=threshold("whole_copies_limit"))


def _diluted(finding: Finding) -> Finding:
    """A finding in material of which nothing tells that cells were selected: an unknown share of others may dilute the
    tumour cells, so the share seen is a lower bound and nothing can be ruled out.
    """
    seen = finding.fraction if finding.fraction is not None else finding.low
    if finding.state == State.PRESENT and seen is None:
        return finding
    return replace(finding, state=State.NOT_EVALUABLE, fraction=None, low=seen or None, high=None, limit=None)


def _evidence(
    event: str,
    place: Interval | None,
    support: int | None,
    detail: str,
    finding: Finding,
    profile: Profile,
    assay: Assay,
) -> Evidence:
    by_purity = 1.0 if profile.in_tumour_cells else None
    warnings = [*finding.warnings, *profile.warnings]
    if warning := dilution(assay.cell_selection, purity=by_purity):
        finding = _diluted(finding)
        warnings.append(warning)
    limit = None if finding.limit is None else min(1.0, finding.limit * profile.purity_span[1])
    return Evidence(
        sample_id=assay.sample_id,
        assay_id=assay.assay_id,
        event=event,
        source=assay.source,
        method=assay.method,
        state=finding.state,
        locus=f"{place.chrom}:{place.start}-{place.end}" if place else "",
        build=profile.build,
        copies=finding.copies,
        fraction=finding.fraction,
        fraction_basis=basis_of_shares(assay.cell_selection, purity=by_purity),
        fraction_low=finding.low,
        fraction_high=finding.high,
        detection_limit=limit,
        cell_selection=assay.cell_selection,
        purity=assay.purity,
        support=support,
        detail=detail,
        warnings=tuple(warnings),
    )
