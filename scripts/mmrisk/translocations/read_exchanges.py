"""Both junctions of one exchange as witnesses of each other: few fragments of each are enough together."""

from collections.abc import Iterable, Sequence

from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import Clue
from mmrisk.translocations.read_islands import Island
from mmrisk.translocations.read_junctions import ReadJunction
from mmrisk.translocations.thresholds import whole


def are_reciprocal(one: ReadJunction, other: ReadJunction) -> bool:
    """Whether two junctions keep opposite sides of one break.

    Breakends lie within `partner_island` (bp) of each other on both sides; on the IG side only locus and strands can be
    asked for where reads of either have no place at all (`agree_on_both_sides`).
    """
    reach = whole("partner_island")
    if one.target != other.target or not _are_halves(one.partner, other.partner, reach, whole("most_doubled")):
        return False
    if agree_on_both_sides(one, other):
        return _are_halves(one.donor, other.donor, reach, reach)
    return one.donor.chrom != other.donor.chrom or one.donor.strand != other.donor.strand


def agree_on_both_sides(one: ReadJunction, other: ReadJunction) -> bool:
    """Whether both junctions have a place on the IG side, so that reciprocal ones agree there too."""
    return one.donor_located and other.donor_located


def _are_halves(one: Breakend, other: Breakend, reach: int, doubled: int) -> bool:
    """Whether two breakends keep opposite sides of one break, of which up to `doubled` bp may be on both."""
    left, right = (one, other) if one.strand == "+" else (other, one)
    return (
        one.chrom == other.chrom and one.strand != other.strand and -doubled <= right.position - left.position <= reach
    )


def is_across(clue: Clue, island: Island) -> bool:
    """Whether a clue beside an island has the other strand there, and leads to the same place."""
    reach = whole("partner_island")
    return (
        clue.near.strand != island.strand
        and clue.far.chrom == island.clues[0].far.chrom
        and any(abs(clue.far.position - other.far.position) <= reach for other in island.clues)
    )


def reciprocals(junction: ReadJunction, others: Iterable[ReadJunction]) -> list[ReadJunction]:
    """Junctions that make an exchange with this one and show in fragments of their own, the strongest first."""
    found = [other for other in others if are_reciprocal(junction, other) and other.names - junction.names]
    return sorted(found, key=lambda other: (-other.sure, -other.fragments, other.partner, other.donor))


def borne_out(junctions: Sequence[ReadJunction], chains: Sequence[ReadJunction]) -> list[ReadJunction]:
    """Junctions of `min_fragments` or more, and lone fragments where the other junction of an exchange shows too."""
    fewest = whole("min_fragments")
    everything = (*junctions, *chains)
    return [item for item in junctions if item.fragments >= fewest or reciprocals(item, everything)]
