"""Translocations to simulate: where they break, which junctions they make, and what a caller should say of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from mmrisk.genome import Interval
from mmrisk.simulate.translocations import Allele, Reference, balanced, junction_allele, random_bases
from mmrisk.translocations.annotation import ig_features
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.split_reads import COMPLEMENT

Kind = Literal["balanced", "derivative_lost", "inserted_bases", "insertion", "three_way"]
KINDS: tuple[Kind, ...] = ("balanced", "derivative_lost", "inserted_bases", "insertion", "three_way")
REACH = 10_000
"""Bases (bp) on each side of a junction from which reads are drawn."""
PIECE = 100_000
IG_PLACES: Mapping[str, float] = {"switch": 0.595, "vdj": 0.248, "between": 0.12, "regulatory": 0.037}
"""Where IGH breaks in myeloma (abstract on 1,257 genomes of IFM, DFCI and MMRF)."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of IGH: its event, a piece of its window, and the strands of the junction that activates it."""

    name: str
    event: str
    piece: Interval
    strand: str
    donor_strand: str


PARTNERS = (
    Partner("NSD2", "t_4_14", Interval("4", 1_840_000, 1_940_000), "-", "-"),
    Partner("CCND3", "t_6_14", Interval("6", 42_000_000, 42_100_000), "+", "+"),
    Partner("MYC", "myc_rearranged", Interval("8", 127_600_000, 127_700_000), "-", "+"),
    Partner("MAFA", "t_8_14_mafa", Interval("8", 143_450_000, 143_550_000), "+", "-"),
    Partner("CCND1", "t_11_14", Interval("11", 69_300_000, 69_400_000), "-", "+"),
    Partner("CCND2", "t_12_14_ccnd2", Interval("12", 4_150_000, 4_250_000), "-", "-"),
    Partner("MAF", "t_14_16", Interval("16", 78_800_000, 78_900_000), "-", "+"),
    Partner("MAFB", "t_14_20", Interval("20", 40_300_000, 40_400_000), "-", "+"),
)
THIRD_LOCUS = Interval("7", 55_000_000, 55_100_000)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One translocation: its kind, the junctions with the IG locus as a caller should place them, and its alleles."""

    kind: Kind
    partner: Partner
    junctions: tuple[tuple[Breakend, Breakend], ...]
    through: tuple[tuple[Breakend, ...], ...]
    inserted: str
    alleles: tuple[Allele, ...]


def exchange(
    rng: np.random.Generator, reference: Reference, partner: Partner, kind: Kind, *, build: str = "GRCh38"
) -> Exchange:
    """Draw one translocation of a partner; its piece, IGH and the third locus must be in the reference."""
    middle = partner.piece.length // 2
    place = partner.piece.start + middle + int(rng.integers(-middle + 2 * REACH, middle - 2 * REACH))
    direct = (Breakend(partner.piece.chrom, place, partner.strand), _ig_end(rng, partner.donor_strand, build))
    both = balanced(*direct)
    inserted = random_bases(rng, int(rng.integers(3, 13))) if kind == "inserted_bases" else ""
    through: tuple[tuple[Breakend, ...], ...] = ((), ())
    if kind == "derivative_lost":
        chains = [[both[0]]]
    elif kind in ("insertion", "three_way"):
        first, last = _third_locus(rng, short=kind == "insertion")
        detour = both[0] if kind == "insertion" else both[1]
        chain = [(detour[0], first), (last, detour[1])]
        chains = [chain, [both[1]]] if kind == "insertion" else [[both[0]], chain]
        through = ((first, last), ()) if kind == "insertion" else ((), (first, last))
    else:
        chains = [[pair] for pair in both]
    alleles = tuple(
        junction_allele(reference, chain, name=f"T{number}", reach=REACH, inserted="" if number else inserted)
        for number, chain in enumerate(chains)
    )
    return Exchange(kind, partner, tuple(both[: len(chains)]), through[: len(chains)], inserted, alleles)


def _third_locus(rng: np.random.Generator, *, short: bool) -> tuple[Breakend, Breakend]:
    """Where a chain enters and leaves the third locus."""
    start = THIRD_LOCUS.start + int(rng.integers(2 * REACH, PIECE // 2))
    length = int(rng.integers(600, 5_000 if short else 20_000))
    return Breakend(THIRD_LOCUS.chrom, start, "-"), Breakend(THIRD_LOCUS.chrom, start + length, "+")


def _ig_end(rng: np.random.Generator, strand: str, build: str) -> Breakend:
    kind = str(rng.choice(list(IG_PLACES), p=np.array(list(IG_PLACES.values())) / sum(IG_PLACES.values())))
    features = ig_features(build)
    if kind == "between":
        pairs = [(one.span.end, two.span.start) for one, two in pairwise(features)]
        spans = [(low, high) for low, high in pairs if high - low > 1_000]
    else:
        spans = [(item.span.start, item.span.end) for item in features if item.kind == kind and item.name != "V"]
    low, high = spans[int(rng.integers(0, len(spans)))]
    low = max(low, features[0].span.end - 20_000)
    return Breakend(features[0].span.chrom, int(rng.integers(low, high)), strand)


def exact_place(
    reference: Reference, partner: Breakend, donor: Breakend, inserted: str
) -> tuple[Breakend, Breakend, str]:
    """A junction as aligners show it, and its inserted bases: each side reaches as far as it matches, partner first.

    Bases that both sides share are counted to the partner.
    """
    text = inserted + reference.side(donor, 200)[::-1].translate(COMPLEMENT)
    gained = 0
    while gained < 200 and reference.side(_moved(partner, gained + 1), 1) == text[gained]:
        gained += 1
    partner = _moved(partner, gained)
    if gained >= len(inserted):
        return partner, _moved(donor, len(inserted) - gained), ""
    left = inserted[gained:]
    while left and reference.side(_moved(donor, 1), 1).translate(COMPLEMENT) == left[-1]:
        donor, left = _moved(donor, 1), left[:-1]
    return partner, donor, left


def _moved(end: Breakend, bases: int) -> Breakend:
    """A breakend that keeps more bases, or fewer."""
    return Breakend(end.chrom, end.position + (bases if end.strand == "+" else -bases), end.strand)


def normal_alleles(reference: Reference, places: list[Breakend], *, share: float) -> list[Allele]:
    """Unbroken copies around breakends: two per cell, less one of the `share` of cells that carry the junction."""
    found = []
    for number, end in enumerate(places):
        bases = reference.bases(end.chrom, end.position - REACH, end.position + REACH)
        found.append(Allele(f"N{number}", bases, 2 - share))
    return found
