"""Clues that speak of one junction: islands on the near side that point to one place on the far side."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mmrisk.genome import CHROMOSOMES, loci
from mmrisk.resource import facts
from mmrisk.translocations.read_clues import SPLIT, Clue
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import in_orphon, locus_of

WHOLE_CHROMOSOMES = frozenset(CHROMOSOMES)
UNSURE = "unsure"
"""Far side of reads that lie on an unplaced contig or in a copy of IG segments: they may belong to any IG locus."""


@dataclass(frozen=True, slots=True)
class Island:
    """Clues with one strand on the near side, close together there, whose far sides lie in one IG locus or chromosome.

    `unsure` says that no far side has a place of its own (mapping quality 0 throughout).
    """

    target: str
    clues: tuple[Clue, ...]
    unsure: bool = False

    @property
    def fragments(self) -> frozenset[str]:
        """Names of the fragments."""
        return frozenset(clue.fragment for clue in self.clues)

    @property
    def chrom(self) -> str:
        """Chromosome of the near side."""
        return self.clues[0].near.chrom

    @property
    def strand(self) -> str:
        """Strand of the near side."""
        return self.clues[0].near.strand

    @property
    def span(self) -> tuple[int, int]:
        """Lowest and highest near position."""
        places = [clue.near.position for clue in self.clues]
        return min(places), max(places)


class ByPlace:
    """Clues by the place of their near side: a genome has thousands, and few lie beside a junction."""

    def __init__(self, clues: Iterable[Clue]) -> None:
        groups: dict[str, list[Clue]] = defaultdict(list)
        for clue in clues:
            groups[clue.near.chrom].append(clue)
        self._clues = {chrom: sorted(group, key=_near_position) for chrom, group in groups.items()}

    def within(self, chrom: str, low: int, high: int) -> list[Clue]:
        """Clues whose near position lies from `low` to `high` (bp, both included)."""
        here = self._clues.get(chrom, [])
        return here[bisect_left(here, low, key=_near_position) : bisect_right(here, high, key=_near_position)]


def _near_position(clue: Clue) -> int:
    return clue.near.position


def target_of(clue: Clue, build: str) -> str:
    """IG locus, `UNSURE`, or the chromosome of the far side."""
    chrom = clue.far.chrom
    if chrom not in _special_chromosomes(build):
        return chrom if chrom in WHOLE_CHROMOSOMES else UNSURE
    return locus_of(clue.far, build, "ig") or (UNSURE if in_orphon(clue.far, build) else chrom)


@cache
def _special_chromosomes(build: str) -> frozenset[str]:
    """Chromosomes with an IG locus or with copies of IG segments: places on others need no second look."""
    orphons = {row["chrom"] for row in facts("ig_orphons.tsv") if row["build"] == build}
    return frozenset(orphons | {locus.span.chrom for locus in loci(build, "ig").values()})


def find_islands(clues: Iterable[Clue], *, build: str, fewest: int, fewest_ig: int = 0) -> list[Island]:
    """Islands of at least `fewest` fragments, or `fewest_ig` where they point to an IG locus.

    Unsure clues join the IG islands that they lie in.
    """
    ig = loci(build, "ig")
    groups: dict[tuple[str, str, str], list[Clue]] = defaultdict(list)
    for clue in clues:
        groups[clue.near.chrom, clue.near.strand, target_of(clue, build)].append(clue)
    found = []
    for (chrom, strand, target), members in sorted(groups.items()):
        least = fewest_ig or fewest if target in ig else fewest
        if target == UNSURE or len(members) + len(groups.get((chrom, strand, UNSURE), ())) < least:
            continue
        unsure = groups.get((chrom, strand, UNSURE), []) if target in ig else []
        for part in link(members, "near", gap=whole("partner_island")):
            part = [*part, *_joining(part, unsure)]
            if len({clue.fragment for clue in part}) >= least:
                found.append(Island(target, tuple(part)))
    return found


def split_by_far_side(island: Island, *, build: str, gap: int, least_mapq: int) -> list[Island]:
    """An island as one or more whose far sides lie together, on one strand.

    Far sides in an IG locus that have no place of their own (mapping quality 0) go with the largest; elsewhere far
    sides below `least_mapq` are dropped. `gap` (bp) links neighbours: the longest usual fragment.
    """
    in_ig = island.target in loci(build, "ig")
    floor = 1 if in_ig else least_mapq
    placed = [
        clue
        for clue in island.clues
        if (clue.far_mapq or 0) >= floor and (not in_ig or target_of(clue, build) == island.target)
    ]
    loose = [clue for clue in island.clues if clue not in placed] if in_ig else []
    parts = []
    for strand in "+-":
        parts += link([clue for clue in placed if clue.far.strand == strand], "far", gap=gap)
    parts.sort(key=lambda part: (-len({clue.fragment for clue in part}), part[0].far))
    if not parts:
        return [replace(island, unsure=True)] if loose else []
    return [Island(island.target, (*parts[0], *loose)), *(Island(island.target, tuple(part)) for part in parts[1:])]


def link(clues: Iterable[Clue], side: str, *, gap: int) -> list[list[Clue]]:
    """Single linkage along one side."""
    ends = [(clue.near if side == "near" else clue.far, clue) for clue in clues]
    ends.sort(key=lambda pair: (pair[0].chrom, pair[0].position, pair[0].strand, pair[1].kind, pair[1].fragment))
    parts: list[list[Clue]] = []
    last = None
    for here, clue in ends:
        if last is not None and last.chrom == here.chrom and here.position - last.position <= gap:
            parts[-1].append(clue)
        else:
            parts.append([clue])
        last = here
    return parts


def _joining(part: Sequence[Clue], unsure: Sequence[Clue]) -> list[Clue]:
    gap = whole("partner_island")
    low, high = part[0].near.position - gap, part[-1].near.position + gap
    return [clue for clue in unsure if low <= clue.near.position <= high]


def distinct(clues: Iterable[Clue]) -> list[Clue]:
    """One clue per molecule: split reads before pairs, copies with the same two outer ends dropped."""
    best: dict[str, Clue] = {}
    outer: dict[str, tuple[int, int]] = {}
    for clue in clues:
        held = best.get(clue.fragment)
        if held is None or (held.kind != SPLIT and clue.kind == SPLIT):
            best[clue.fragment] = clue
        if clue.kind != SPLIT or clue.fragment not in outer:
            outer[clue.fragment] = clue.outer, clue.far_outer
    near = whole("same_start")
    kept: list[Clue] = []
    ends: list[tuple[int, int]] = []
    for clue in sorted(best.values(), key=lambda item: (*outer[item.fragment], item.fragment)):
        here = outer[clue.fragment]
        if not any(abs(here[0] - one) <= near and abs(here[1] - two) <= near for one, two in ends):
            kept.append(clue)
            ends.append(here)
    return kept
