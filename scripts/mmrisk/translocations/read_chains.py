"""Chains: a partner joined to an IG locus by way of other loci (templated insertions, three-way exchanges)."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mmrisk.genome import Interval, loci
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_alternatives import settled
from mmrisk.translocations.read_clues import Clue, scan
from mmrisk.translocations.read_exchanges import are_reciprocal
from mmrisk.translocations.read_islands import ByPlace, Island, find_islands
from mmrisk.translocations.read_junctions import ReadJunction, junctions_of
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import IGH

MOST_FOLLOWED = 12
"""Junctions with other loci that are followed, the strongest first: a damaged genome has hundreds."""


def find_chains(source: Source, found: Survey, islands: Sequence[Island], fewest: int) -> list[ReadJunction]:
    """Chains that begin in a partner window and end in an IG locus, as junctions of the two."""
    ig = loci(source.build, "ig")
    spans = [one.region for one in found.windows.values()]
    starts = [island for island in islands if island.target not in ig and len(island.fragments) >= fewest]
    starts.sort(key=lambda island: (-len(island.fragments), island.clues[0].near))
    links = []
    for island in starts[:MOST_FOLLOWED]:
        for first in junctions_of(source, island, fewest=fewest):
            if not _inside(first.donor, spans):
                links += follow(source, [first], fewest)
    return [_joined(chain) for chain in links]


def closing_chains(
    source: Source, igh: Sequence[Clue], clues: Sequence[Clue], direct: Sequence[ReadJunction]
) -> list[ReadJunction]:
    """Chains of two links that close an exchange, whose other half is a `direct` junction of window and IGH.

    Where that half is known, three fragments that lead by the same third place to its other side are enough.
    """
    found = []
    places, reach = ByPlace(clues), whole("partner_island")
    for junction in direct:
        if junction.donor.chrom != loci(source.build, "ig")[IGH].span.chrom:
            continue
        partner = junction.partner
        beside = places.within(partner.chrom, partner.position - reach, partner.position + reach)
        away = [clue for clue in beside if clue.near.strand != partner.strand]
        for island in find_islands(away, build=source.build, fewest=1):
            if not any(_leads_back(clue, island, junction) for clue in igh):
                continue
            for first in junctions_of(source, island, fewest=1):
                for links in follow(source, [first], 1, most=1):
                    chain = _joined(links)
                    enough = sum(link.fragments for link in links) >= whole("min_fragments_anywhere")
                    if enough and are_reciprocal(chain, junction):
                        found.append(chain)
    return found


def _leads_back(clue: Clue, island: Island, junction: ReadJunction) -> bool:
    """Whether a clue of IGH leads from the other side of a junction to where an island of the partner leads."""
    there = island.clues[0].far
    if clue.far.chrom != there.chrom or abs(clue.far.position - there.position) > whole("chain_length"):
        return False
    if not junction.donor_placed:
        return True
    return clue.near.strand != junction.donor.strand and _near(clue.near, junction.donor)


def follow(
    source: Source, links: list[ReadJunction], fewest: int, *, most: int | None = None
) -> list[list[ReadJunction]]:
    """Follow a chain from the far side of its last link: `most` loci (`chain_links`), `chain_length` bp in each.

    Gives the links of each chain that ends in an IG locus.
    """
    entered = links[-1].donor
    low, high = entered.position, entered.position + whole("chain_length")
    if entered.strand == "+":
        low, high = max(0, entered.position - whole("chain_length")), entered.position + 1
    region = Interval(entered.chrom, low, high)
    ahead = scan(source.handle, region, contigs=source.contigs, min_mapq=whole("partner_mapq"))
    leaving = "+" if entered.strand == "-" else "-"
    back = links[-1].partner
    clues = [
        clue
        for clue in settled(source, ahead.clues)
        if clue.near.strand == leaving and not (clue.far.chrom == back.chrom and _near(clue.far, back))
    ]
    chains = []
    most = most or whole("chain_links")
    for island in find_islands(clues, build=source.build, fewest=fewest):
        ends = island.target in loci(source.build, "ig")
        if not ends and len(links) >= most:
            continue
        for junction in junctions_of(source, island, fewest=fewest):
            chains += [[*links, junction]] if ends else follow(source, [*links, junction], fewest, most=most)
    return chains


def _joined(links: Sequence[ReadJunction]) -> ReadJunction:
    """A chain as one junction, as strong as its weakest link."""
    weakest = min(links, key=lambda link: link.fragments)
    through = tuple(end for one, other in pairwise(links) for end in (one.donor, other.partner))
    return replace(
        weakest,
        target=links[-1].target,
        partner=links[0].partner,
        donor=links[-1].donor,
        exact=all(link.exact for link in links),
        homology="",
        inserted="",
        reference=links[0].reference,
        reference_spans=links[0].reference_spans,
        through=through,
        sure_links=min(link.sure for link in links),
        last_link=links[-1].clues,
    )


def is_link(junction: ReadJunction, chains: Sequence[ReadJunction]) -> bool:
    """Whether a junction is one link of a chain: it is told of with the chain."""
    for chain in chains:
        ends = (chain.partner, *chain.through, chain.donor)
        if all(any(_is_end(end, other) for other in ends) for end in (junction.partner, junction.donor)):
            return True
    return False


def _is_end(one: Breakend, other: Breakend) -> bool:
    return one.chrom == other.chrom and one.strand == other.strand and _near(one, other)


def _inside(end: Breakend, spans: Sequence[Interval]) -> bool:
    return any(span.contains(end.chrom, end.position) for span in spans)


def _near(one: Breakend, other: Breakend) -> bool:
    return abs(one.position - other.position) <= whole("partner_island")
