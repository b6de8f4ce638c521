"""What a junction means: part of the IG locus, enhancers that the partner receives, mechanism, NSD2 disruption."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from mmrisk.genome import Interval, arms, loci
from mmrisk.resource import facts
from mmrisk.tables import join
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH, Hit, is_fish_visible

SWITCH, VDJ = "switch", "vdj"
CSR, RAG, REGULATORY, OTHER = "class_switch", "vdj_recombination", "regulatory_region", "other"
NSD2, NSD2_EVENT = "NSD2", "t_4_14"
TARGET_OF_WINDOW = {window: window for window in EVENT_OF_WINDOW}
"""Gene that a partner window is about: it must lie on the kept side of the junction that activates it."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the IGH locus."""

    name: str
    kind: str
    enhancer: str
    span: Interval


@cache
def ig_features(build: str) -> tuple[Feature, ...]:
    """Parts of the IGH locus, in the order of the reference."""
    return tuple(
        Feature(
            row["name"],
            row["kind"],
            row["enhancer"],
            Interval(row["chrom"], int(row["start"]), int(row["end"])),
        )
        for row in facts("ig_features.tsv")
        if row["build"] == build
    )


def feature_at(end: Breakend, *, build: str) -> Feature | None:
    """The part of IGH that holds a breakend; None between the parts and outside."""
    return next((item for item in ig_features(build) if item.span.contains(end.chrom, end.position)), None)


def feature_name(end: Breakend, *, build: str) -> str:
    """Name of the part, `C` between the constant genes' switch regions, nothing outside IGH."""
    if feature := feature_at(end, build=build):
        return feature.name
    return "C" if loci(build, "ig")[IGH].span.contains(end.chrom, end.position) else ""


def mechanism(end: Breakend, *, build: str) -> str:
    """How the IG side broke, as far as its place tells: class switching, V(D)J recombination, or neither."""
    feature = feature_at(end, build=build)
    kinds = {SWITCH: CSR, VDJ: RAG, "regulatory": REGULATORY}
    return kinds.get(feature.kind, OTHER) if feature else OTHER


def kept_enhancers(donor: Breakend, *, build: str) -> tuple[str, ...]:
    """Enhancers of IGH on the kept side of a breakend, that is on the derivative that this junction makes."""
    found = []
    for item in ig_features(build):
        if item.enhancer and item.span.chrom == donor.chrom:
            middle = (item.span.start + item.span.end) // 2
            kept = middle <= donor.position if donor.strand == "+" else middle >= donor.position
            if kept:
                found.append(item.enhancer)
    return tuple(dict.fromkeys(found))


def keeps_gene(partner: Breakend, gene: str, *, build: str) -> bool:
    """Whether the better part of a gene lies on the kept side of the partner's breakend."""
    locus = loci(build, "gene").get(gene)
    if locus is None or locus.span.chrom != partner.chrom:
        return False
    middle = (locus.span.start + locus.span.end) // 2
    return middle <= partner.position if partner.strand == "+" else middle >= partner.position


def derivative_name(one: Breakend, other: Breakend, *, build: str) -> str:
    """The derivative chromosome that a junction makes: that whose centromere is on a kept side; `?` for none or two."""
    centric = sorted(
        {end.chrom for end in (one, other) if _keeps_centromere(end, build)}, key=lambda chrom: chrom.zfill(2)
    )
    return f"der({centric[0]})" if len(centric) == 1 else "?"


def _keeps_centromere(end: Breakend, build: str) -> bool:
    if not end.strand:
        return False
    long_arm = arms(build)[f"{end.chrom}q"]
    return (end.strand == "+") == (end.position >= long_arm.start)


def nsd2_class(hits: Sequence[Hit], *, build: str) -> tuple[str, str]:
    """Class of NSD2 disruption and what it means, from the junction that keeps the rest of NSD2 (der(4)).

    Where only the other derivative is known its breakpoint stands in, as the two halves of one break.
    """
    ours = [hit for hit in hits if hit.event == NSD2_EVENT]
    if not ours:
        return "", ""
    end = min(ours, key=lambda hit: (hit.partner_end.strand != "-", hit.partner_end)).partner_end
    for row in facts("nsd2_disruption.tsv"):
        span = Interval(row["chrom"], int(row["start"]), int(row["end"]))
        if row["build"] == build and span.contains(end.chrom, end.position):
            return row["class"], f"{row['meaning']}; {row['source']}"
    return "", ""


def annotation_columns(hit: Hit, *, build: str) -> dict[str, object]:
    """Columns of BREAKPOINTS that follow from the two breakends alone, whoever called them."""
    donor, partner = hit.donor_end, hit.partner_end
    target = TARGET_OF_WINDOW.get(hit.partner, hit.partner)
    in_igh = hit.donor == IGH
    return {
        "donor_strand": donor.strand or None,
        "partner_strand": partner.strand or None,
        "donor_feature": feature_name(donor, build=build) or None,
        "mechanism": mechanism(donor, build=build) if in_igh else None,
        "activating": keeps_gene(partner, target, build=build) if partner.strand and ":" not in target else None,
        "enhancers": join(kept_enhancers(donor, build=build)) if in_igh and donor.strand else None,
        "nsd2_class": nsd2_class([hit], build=build)[0] or None,
        "fish_visible": is_fish_visible(hit, build=build),
    }
