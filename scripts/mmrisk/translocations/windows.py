"""Which junctions join an IG locus or MYC to a partner that matters in myeloma."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from mmrisk.genome import Interval, Locus, artefacts, loci
from mmrisk.resource import facts
from mmrisk.translocations.junctions import Breakend, Junction

IGH = "IGH"
MYC, MYC_EVENT, IGH_OTHER, LIGHT_CHAIN = "MYC", "myc_rearranged", "igh_other", "igk_igl_partner"
EVENT_OF_WINDOW = {
    "NSD2": "t_4_14",
    "CCND3": "t_6_14",
    "CCND1": "t_11_14",
    "MAF": "t_14_16",
    "MAFB": "t_14_20",
    "MAFA": "t_8_14_mafa",
    "CCND2": "t_12_14_ccnd2",
    "MYC": MYC_EVENT,
}
PRIMARY_PARTNERS = frozenset({"NSD2", "CCND3", "CCND1", "MAF", "MAFB"})
FOOTPRINT_OF_WINDOW = {"NSD2": "FGFR3", "CCND1": "CCND1", "MAF": "MAF", "MYC": "MYC"}
"""Window -> probe that FISH laboratories use for it."""
SAME_BREAK = 1_000
"""Junctions whose partner ends lie this close (bp) are one break, seen by several callers or as both derivatives."""
MYC_INVERSION = 1_000_000
"""On chromosome 8 itself only inversions of this size (bp) or more are taken for a rearrangement of MYC."""
NAMED_WITHIN = 250_000
"""A partner outside the windows is named after a listed gene this close (bp)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A junction that matters: the event, and which end is the donor (IG locus, or what MYC is joined to)."""

    event: str
    donor: str
    donor_end: Breakend
    partner: str
    partner_end: Breakend
    junction: Junction


@dataclass(frozen=True, slots=True)
class Break:
    """Junctions of one break: the best of them, the callers that agree, and how many junctions there are."""

    best: Hit
    callers: tuple[str, ...]
    n_junctions: int
    fish_visible: bool | None

    @property
    def event(self) -> str:
        """Event of the catalogue."""
        return self.best.event


def find_breaks(junctions: Iterable[Junction], *, build: str) -> tuple[list[Break], Counter[str]]:
    """Breaks by event and place, and how many junctions at an IG locus or MYC were left out, by reason.

    Left out: both ends in IG loci (V(D)J and class switching), an end in a spot where normal genomes show false
    translocations, IGH with its own orphons, and both ends on one chromosome (but for large inversions at MYC).
    """
    hits: list[Hit] = []
    left_out: Counter[str] = Counter()
    for junction in junctions:
        found = classify(junction, build=build)
        if isinstance(found, Hit):
            hits.append(found)
        elif found:
            left_out[found] += 1
    return _cluster(hits, build), left_out


def classify(junction: Junction, *, build: str) -> Hit | str:
    """The hit that a junction makes; or why it is left out, empty where it has nothing to do with IG loci or MYC."""
    names = [locus_of(end, build, "ig") for end in junction.ends]
    windows = [locus_of(end, build, "partner_window") for end in junction.ends]
    if not any(names) and MYC not in windows:
        return ""
    if all(names):
        return "ig_to_ig"
    if any(spot.contains(end.chrom, end.position) for end in junction.ends for spot in artefacts(build)):
        return "artefact"
    if not any(names):
        return _classify_myc(junction, windows, build)
    ig = 0 if names[0] else 1
    donor_end, partner_end, donor, window = junction.ends[ig], junction.ends[1 - ig], names[ig], windows[1 - ig]
    if donor_end.chrom == partner_end.chrom:
        return "same_chromosome"
    if donor == IGH and not window and in_orphon(partner_end, build):
        return "orphon"
    event = _event(donor, window)
    if event is None:
        return "light_chain_elsewhere"
    partner = window or _nearest_gene(partner_end, build)
    return Hit(event, donor, donor_end, partner, partner_end, junction)


def _event(donor: str, window: str) -> str | None:
    if donor == IGH:
        return EVENT_OF_WINDOW.get(window, IGH_OTHER)
    if window == MYC:
        return MYC_EVENT
    return LIGHT_CHAIN if window in PRIMARY_PARTNERS else None


def _classify_myc(junction: Junction, windows: list[str], build: str) -> Hit | str:
    """MYC joined to a donor that is no IG locus: another chromosome, or a large inversion."""
    if windows == [MYC, MYC]:
        return "within_myc"
    myc = windows.index(MYC)
    partner_end, donor_end = junction.ends[myc], junction.ends[1 - myc]
    if donor_end.chrom == partner_end.chrom:
        inverted = partner_end.strand == donor_end.strand != ""
        if not inverted or abs(donor_end.position - partner_end.position) < MYC_INVERSION:
            return "same_chromosome"
    donor = windows[1 - myc] or _nearest_gene(donor_end, build)
    return Hit(MYC_EVENT, donor, donor_end, MYC, partner_end, junction)


def locus_of(end: Breakend, build: str, kind: str) -> str:
    """Name of the locus of a kind that holds an end; empty outside all."""
    return next((name for name, span in _spans(build, kind) if span.contains(end.chrom, end.position)), "")


@cache
def _spans(build: str, kind: str) -> tuple[tuple[str, Interval], ...]:
    return tuple((name, locus.span) for name, locus in loci(build, kind).items())


def in_orphon(end: Breakend, build: str) -> bool:
    """Whether an end lies in a copy of IG segments outside the loci."""
    return any(span.contains(end.chrom, end.position) for span in _orphons(build))


@cache
def _orphons(build: str) -> tuple[Interval, ...]:
    return tuple(
        Interval(row["chrom"], int(row["start"]), int(row["end"]))
        for row in facts("ig_orphons.tsv")
        if row["build"] == build
    )


def _nearest_gene(end: Breakend, build: str) -> str:
    """The nearest listed gene, or the place itself (1-based, as genome browsers want it)."""

    def distance(locus: Locus) -> int:
        return max(locus.span.start - end.position, end.position - locus.span.end + 1, 0)

    near = [locus for locus in loci(build, "gene").values() if locus.span.chrom == end.chrom]
    nearest = min(near, key=distance, default=None)
    if nearest is None or distance(nearest) > NAMED_WITHIN:
        return f"{end.chrom}:{end.position + 1}"
    return nearest.name


def _cluster(hits: list[Hit], build: str) -> list[Break]:
    """Single linkage of partner ends within each event, donor locus and chromosome."""

    def place(hit: Hit) -> tuple[str, str, str, str]:
        # a donor without a listed name is called after its position, which differs between junctions of one break
        donor = hit.donor if ":" not in hit.donor else ""
        return hit.event, donor, hit.donor_end.chrom, hit.partner_end.chrom

    breaks = []
    ordered = sorted(hits, key=lambda hit: (*place(hit), hit.partner_end, hit.donor_end, hit.junction.caller))
    for _, together in groupby(ordered, key=place):
        group: list[Hit] = []
        for hit in together:
            if group and hit.partner_end.position - group[-1].partner_end.position > SAME_BREAK:
                breaks.append(_make_break(group, build))
                group = []
            group.append(hit)
        breaks.append(_make_break(group, build))
    return breaks


def _make_break(group: list[Hit], build: str) -> Break:
    best = max(group, key=lambda hit: (hit.junction.passes, hit.junction.fragments or 0))
    passing = [hit for hit in group if hit.junction.passes] or group
    callers = tuple(sorted({hit.junction.caller for hit in passing}))
    return Break(best, callers, len(group), is_fish_visible(best, build=build))


def is_fish_visible(hit: Hit, *, build: str) -> bool | None:
    """Whether the partner end lies inside the usual FISH probe; None where its extent is not known."""
    window = MYC if hit.event == MYC_EVENT else hit.partner
    footprint = loci(build, "fish_footprint").get(FOOTPRINT_OF_WINDOW.get(window, ""))
    return footprint.span.contains(hit.partner_end.chrom, hit.partner_end.position) if footprint else None
