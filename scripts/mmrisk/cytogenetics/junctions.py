"""Translocations by the bands that were joined on some chromosome of a clone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from mmrisk.cytogenetics.bands import BandSpan, band_span
from mmrisk.cytogenetics.chromosomes import Breakpoint, UnresolvedError, breakpoint_at
from mmrisk.cytogenetics.clones import Clone
from mmrisk.cytogenetics.copy_events import MAYBE, NO, YES, Verdict
from mmrisk.cytogenetics.karyotype import Change
from mmrisk.cytogenetics.rearrangements import Derivative
from mmrisk.events import PRIMARY_IG_FUSIONS, catalogue
from mmrisk.resource import facts

IG_LOCI = frozenset({"IGH", "IGK", "IGL"})
LIGHT_CHAINS = IG_LOCI - {"IGH"}
_PAIRED = (*PRIMARY_IG_FUSIONS, "t_8_14_mafa", "t_12_14_ccnd2")
"""Events whose two loci in the catalogue are the two sides of the junction."""
_PARTNERS = frozenset({"NSD2", "CCND3", "CCND1", "MAF", "MAFB", "CCND2"})
FUSION_EVENTS = (
    *_PAIRED,
    "igk_igl_partner",
    "igh_other",
    "igh_rearranged_partner_unknown",
    "myc_rearranged",
    "maf_activated",
)


@dataclass(frozen=True, slots=True)
class _BandLocus:
    name: str
    chrom: str
    span: BandSpan
    within: bool


@cache
def _band_loci() -> tuple[_BandLocus, ...]:
    found = []
    for row in facts("karyotype_loci.tsv"):
        span = band_span(row["chrom"], row["bands"])
        assert span is not None, row["name"]  # noqa: S101 - the table ships with the package
        found.append(_BandLocus(row["name"], row["chrom"], span, row["match"] == "within"))
    return tuple(found)


@cache
def _pairs() -> Mapping[frozenset[str], str]:
    return {frozenset(catalogue()[event].loci): event for event in _PAIRED}


def judge_fusions(clone: Clone) -> dict[str, Verdict]:
    """Verdicts on the translocations that bands can show; `no` means not seen, which for these proves nothing."""
    found: dict[str, Verdict] = {}
    for derivative in clone.derivatives:
        for event, verdict in _seen(derivative):
            if event not in found or (found[event].answer, verdict.answer) == (MAYBE, YES):
                found[event] = verdict
    return {event: found.get(event, Verdict(NO)) for event in FUSION_EVENTS}


def _seen(derivative: Derivative) -> Iterator[tuple[str, Verdict]]:
    text = "".join(map(str, derivative.changes))
    if derivative.chromosome is None:
        yield from _seen_without_bands(derivative)
        return
    for one, two in derivative.chromosome.junctions:
        if one is None or two is None:
            if "IGH" in _names(one or two):
                yield "igh_rearranged_partner_unknown", Verdict(MAYBE, None, text, frozenset({"partner_unknown"}))
        elif one.chrom != two.chrom:
            doubt = "?" in one.band + two.band
            for event, answer, warnings in _events(_names(one), _names(two)):
                given = frozenset({"questioned"}) if doubt else frozenset()
                yield event, Verdict(MAYBE if doubt else answer, None, text, warnings | given)


def _names(point: Breakpoint | None) -> frozenset[str]:
    """Loci at which a break may lie."""
    if point is None:
        return frozenset()
    return frozenset(
        locus.name
        for locus in _band_loci()
        if locus.chrom == point.chrom
        and point.overlaps(locus.span.start, locus.span.end)
        and (not locus.within or (locus.span.start <= point.start and point.end <= locus.span.end))
    )


def _events(one: frozenset[str], two: frozenset[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Events of a junction between two places, each with its answer and reservations."""
    named = [(_pairs()[pair], pair) for a in one for b in two if (pair := frozenset({a, b})) in _pairs()]
    for event, pair in sorted(named):
        yield event, YES, frozenset()
        if pair & {"MAF", "MAFB"}:
            yield "maf_activated", YES, frozenset()
    for ig, partner in ((one, two), (two, one)):
        if ig & LIGHT_CHAINS and partner & _PARTNERS:
            yield "igk_igl_partner", YES, frozenset({"by_bands_only"})
            if partner & {"MAF", "MAFB"}:
                yield "maf_activated", YES, frozenset({"by_bands_only"})
        if "MYC" in partner:
            yield "myc_rearranged", YES if ig & IG_LOCI else MAYBE, frozenset() if ig else frozenset({"partner_not_ig"})
        if "IGH" in ig and not named and "MYC" not in partner:
            yield "igh_other", YES, frozenset({"by_bands_only"})


def judge_change(change: Change) -> dict[str, Verdict]:
    """Verdicts on what one translocation shows by its bands."""
    try:
        names = [
            _names(breakpoint_at(chrom, group[0]) if "?" not in (chrom, group[0]) else None)
            for chrom, group in zip(change.chroms, change.bands, strict=True)
        ]
    except UnresolvedError:
        return {}
    found = {}
    for one, two in combinations(names, 2):
        for event, answer, warnings in _events(one, two):
            found[event] = Verdict(answer, None, str(change), warnings)
    return found


def _seen_without_bands(derivative: Derivative) -> Iterator[tuple[str, Verdict]]:
    """`t(11;14)` alone: in myeloma the recurrent translocation, though no break was given."""
    for change in derivative.changes:
        if change.op == "t" and not change.bands and not change.detail and len(change.chroms) == 2:
            names = [{locus.name for locus in _band_loci() if locus.chrom == chrom} for chrom in change.chroms]
            for pair, event in _pairs().items():
                if event in PRIMARY_IG_FUSIONS and all(pair & side for side in names):
                    yield event, Verdict(YES, None, str(change), frozenset({"breakpoints_not_given"}))
