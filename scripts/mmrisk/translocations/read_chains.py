"""Chains: a partner joined to an IG locus by way of other loci (templated insertions, three-way exchanges)."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mmrisk.genome import Interval, loci
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import scan
from mmrisk.translocations.read_islands import Island, find_islands
from mmrisk.translocations.read_junctions import ReadJunction, junctions_of
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.thresholds import whole

MOST_FOLLOWED = 12
"""Junctions with other loci that are followed, the strongest first: a damaged genome has hundreds."""


def find_chains(source: Source, found: Survey, islands: Sequence[Island], fewest: int) -> list[ReadJunction]:
    """Chains that begin in a partner window and end in an IG locus, as junctions of the two."""
    ig = loci(source.build, "ig")
    spans = [one.region for one in found.windows.values()]
    starts = [island for island in islands if island.target not in ig and len(island.fragments) >= fewest]
    starts.sort(key=lambda island: (-len(island.fragments), island.clues[0].near))
    chains = []
    for island in starts[:MOST_FOLLOWED]:
        for first in junctions_of(source, island):
            if first.fragments >= fewest and not _inside(first.donor, spans):
                chains += follow(source, [first], fewest)
    return chains


def follow(source: Source, links: list[ReadJunction], fewest: int) -> list[ReadJunction]:
    """Follow a chain from the far side of its last link: at most `chain_links` loci, `chain_length` bp in each."""
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
        for clue in ahead.clues
        if clue.near.strand == leaving and not (clue.far.chrom == back.chrom and _near(clue.far, back))
    ]
    chains = []
    for island in find_islands(clues, build=source.build, fewest=fewest):
        for junction in junctions_of(source, island):
            if junction.fragments < fewest:
                continue
            if junction.target in loci(source.build, "ig"):
                chains.append(_joined([*links, junction]))
            elif len(links) < whole("chain_links"):
                chains += follow(source, [*links, junction], fewest)
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
