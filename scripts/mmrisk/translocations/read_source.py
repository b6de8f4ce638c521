"""An open file of reads with what is known of it, and the mates of its clues."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmrisk.genome import Interval
from mmrisk.translocations.noise import Library
from mmrisk.translocations.read_clues import PAIR, SUPPLEMENTARY, UNUSABLE, Clue, Scan, scan
from mmrisk.translocations.split_reads import reverse_complement
from mmrisk.translocations.thresholds import whole


@dataclass(frozen=True, slots=True)
class Source:
    """An open alignment file, names of its contigs, build, library, and the reference where it is at hand."""

    handle: Any
    contigs: Mapping[str, str]
    build: str
    library: Library
    fasta: Any = None

    def look(self, chrom: str, low: int, high: int, *, min_mapq: int = 0) -> Scan:
        """Scan a short stretch with its clips, also those that are too short to be placed by themselves."""
        region = Interval(chrom, max(0, low), high)
        shortest = whole("seen_bases")
        return scan(self.handle, region, contigs=self.contigs, min_mapq=min_mapq, clips=True, shortest=shortest)


def with_mates(source: Source, clues: Sequence[Clue]) -> list[Clue]:
    """Pairs with the mapping quality and true ends of their mates, which are fetched; split reads as they are."""
    wanted: dict[tuple[str, int], set[str]] = {}
    for clue in clues:
        if clue.kind == PAIR and not clue.settled:
            wanted.setdefault((clue.far.chrom, clue.far_span[0]), set()).add(clue.fragment)
    mates: dict[str, tuple[int, int, int]] = {}
    for chrom, low, high in _stretches(wanted):
        contig = source.contigs.get(chrom, chrom)
        for read in source.handle.fetch(contig, low, high + 1):
            names = wanted.get((chrom, read.reference_start))
            if names and read.query_name in names and not read.flag & (UNUSABLE | SUPPLEMENTARY):
                mates[read.query_name] = read.mapping_quality, read.reference_start, read.reference_end
    found = []
    for clue in clues:
        mate = mates.get(clue.fragment) if clue.kind == PAIR else None
        if clue.kind == PAIR and mate is None and not clue.settled:
            continue  # its mate is a duplicate or failed
        if mate is not None and not clue.settled:
            mapq, start, end = mate
            left = clue.far.strand == "+"
            far = replace(clue.far, position=end - 1 if left else start)
            clue = replace(clue, far=far, far_mapq=mapq, far_span=(start, end), far_outer=start if left else end)
        found.append(clue)
    return found


def _stretches(wanted: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Positions as stretches that are read in one go."""
    found: list[tuple[str, int, int]] = []
    for chrom, start in sorted(wanted):
        if found and found[-1][0] == chrom and start - found[-1][2] <= whole("partner_island"):
            found[-1] = (chrom, found[-1][1], start)
        else:
            found.append((chrom, start, start))
    return found


def turned(clue: Clue) -> Clue:
    """The same clue with its sides exchanged, as if seen from the far side."""
    return replace(
        clue,
        near=clue.far,
        far=clue.near,
        span=clue.far_span,
        far_span=clue.span,
        mapq=clue.far_mapq or 0,
        far_mapq=clue.mapq,
        outer=clue.far_outer,
        far_outer=clue.outer,
        bases=reverse_complement(clue.bases),
        inserted=reverse_complement(clue.inserted),
    )
