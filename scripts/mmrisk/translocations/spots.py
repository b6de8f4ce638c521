"""Spots of false junctions, from normal genomes of the same laboratory: what recurs there is no event of a tumour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmrisk.contracts import ARTEFACT_SPOTS
from mmrisk.translocations.from_reads import checked
from mmrisk.translocations.read_islands import find_islands, target_of
from mmrisk.translocations.read_source import turned
from mmrisk.translocations.read_survey import Survey, survey
from mmrisk.translocations.thresholds import whole

MARGIN = 100
"""Bases (bp) added on both sides of the places where the reads of the normals end."""


@dataclass(frozen=True, slots=True)
class Stray:
    """An island of one normal genome: where it lies outside the IG loci, what it points to, and its fragments."""

    chrom: str
    start: int
    end: int
    target: str
    fragments: int


def strays_of(found: Survey, *, build: str) -> list[Stray]:
    """Islands of two fragments or more of one normal genome, whatever they point to."""
    fewest = whole("min_fragments")
    clues = [clue for one in found.windows.values() for clue in one.clues]
    outside = [turned(clue) for clue in found.igh.clues if target_of(clue, build) == clue.far.chrom]
    islands = [*find_islands(clues, build=build, fewest=fewest), *find_islands(outside, build=build, fewest=fewest)]
    return [
        Stray(island.chrom, island.span[0], island.span[1] + 1, island.target, len(island.fragments))
        for island in islands
    ]


def survey_normal(path: Path, *, build: str = "", reference: Path | None = None) -> tuple[str, list[Stray]]:
    """Build and strays of one normal genome. Raises `InputError`."""
    alignments = checked(path, build=build, reference=reference)
    with alignments.open() as handle:
        found = survey(handle, contigs=alignments.names, build=alignments.build)
    return alignments.build, strays_of(found, build=alignments.build)


def merge_strays(by_normal: Mapping[str, Sequence[Stray]], *, build: str, fewest_normals: int) -> pd.DataFrame:
    """Places that at least so many normals share (contract ARTEFACT_SPOTS), whatever the strands of their reads."""
    rows = []
    places = sorted(
        ((stray, name) for name, strays in by_normal.items() for stray in strays),
        key=lambda item: (item[0].target, item[0].chrom, item[0].start, item[1]),
    )
    for group in _overlapping(places):
        normals = {name for _, name in group}
        if len(normals) >= fewest_normals:
            first = group[0][0]
            rows.append(
                {
                    "build": build,
                    "chrom": first.chrom,
                    "start": max(0, min(stray.start for stray, _ in group) - MARGIN),
                    "end": max(stray.end for stray, _ in group) + MARGIN,
                    "target": first.target,
                    "normals": len(normals),
                    "fragments": sum(stray.fragments for stray, _ in group),
                }
            )
    return pd.DataFrame(_without_overlap(rows), columns=ARTEFACT_SPOTS.names, dtype=object)


def _overlapping(places: Iterable[tuple[Stray, str]]) -> list[list[tuple[Stray, str]]]:
    groups: list[list[tuple[Stray, str]]] = []
    end = -1
    for stray, name in places:
        last = groups[-1][0][0] if groups else None
        near = last is not None and (last.target, last.chrom) == (stray.target, stray.chrom)
        if near and stray.start <= end + whole("partner_island"):
            groups[-1].append((stray, name))
            end = max(end, stray.end)
        else:
            groups.append([(stray, name)])
            end = stray.end
    return groups


def _without_overlap(rows: list[dict]) -> list[dict]:
    """One row per place: of several targets the one that most normals show; a start occurs once."""
    best: dict[tuple[str, int], dict] = {}
    for row in sorted(rows, key=lambda row: (-row["normals"], row["target"])):
        best.setdefault((row["chrom"], row["start"]), row)
    return list(best.values())
