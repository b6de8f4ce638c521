"""Junctions inside the IGH locus, V(D)J recombination and class switching: a control of clonality, never an event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmrisk.genome import loci
from mmrisk.translocations.annotation import SWITCH, VDJ, feature_at
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import SPLIT, Clue
from mmrisk.translocations.read_islands import link
from mmrisk.translocations.read_source import turned
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import IGH

FEWEST = 3
"""Fragments of a rearrangement that is worth a row: single cells' own junctions are not."""


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """One junction inside IGH, lower side first."""

    first: Breakend
    second: Breakend
    kind: str
    fragments: int


def find_rearrangements(found: Survey, *, build: str) -> list[Rearrangement]:
    """Rearrangements whose both sides map uniquely, sorted by place."""
    span = loci(build, "ig")[IGH].span
    inside = [clue for clue in found.igh.clues if span.contains(clue.far.chrom, clue.far.position)]
    gap = max(found.library.longest, whole("ig_island"))
    rearrangements = []
    for strands in ("++", "+-", "-+", "--"):
        clues = [clue for clue in _unique(inside) if clue.near.strand + clue.far.strand == strands]
        for part in link(clues, "near", gap=gap):
            rearrangements += [
                _rearrangement(island, build)
                for island in link(part, "far", gap=gap)
                if len({clue.fragment for clue in island}) >= FEWEST
            ]
    return sorted(rearrangements, key=lambda item: (item.first, item.second))


def _unique(clues: Sequence[Clue]) -> list[Clue]:
    """One clue per fragment, lower side first, of fragments that map uniquely on both sides."""
    by_fragment: dict[str, list[Clue]] = {}
    for clue in clues:
        by_fragment.setdefault(clue.fragment, []).append(clue)
    least = whole("partner_mapq")
    kept = []
    for records in by_fragment.values():
        known = [clue for clue in records if clue.kind == SPLIT and min(clue.mapq, clue.far_mapq or 0) >= least]
        if not known and len(records) > 1 and min(clue.mapq for clue in records) >= least:
            known = records
        if known:
            best = min(known, key=lambda clue: (clue.kind != SPLIT, clue.near))
            kept.append(turned(best) if best.far < best.near else best)
    return kept


def _rearrangement(island: Sequence[Clue], build: str) -> Rearrangement:
    splits = [clue for clue in island if clue.kind == SPLIT] or list(island)
    ends = [(clue.near, clue.far) for clue in splits]
    first, second = min(set(ends), key=lambda pair: (-ends.count(pair), pair))
    features = [feature_at(end, build=build) for end in (first, second)]
    kinds = {feature.kind if feature else "" for feature in features}
    kind = "vdj" if kinds == {VDJ} else "class_switch" if kinds == {SWITCH} else "other"
    return Rearrangement(replace(first), replace(second), kind, len({clue.fragment for clue in island}))
