"""Soft clips of one side of a junction, placed on the bases of the other side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.genome import Interval
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import UNUSABLE, Clip
from mmrisk.translocations.split_reads import reverse_complement

SEED = 12
"""Bases that must agree before a clip is compared in full."""
MOST_INSERTED = 30
"""Bases between the two sides that are looked through for the place of a clip."""
AGREEMENT = 0.9


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a clip goes on: the far breakend, and bases between the sides (read outwards from the near side)."""

    far: Breakend
    inserted: str


def local_bases(handle: Any, region: Interval, *, contig: str, fasta: Any = None) -> str:
    """Bases of a region: of the reference where it is at hand, else the commonest of the reads, else N."""
    start, end = max(0, region.start), region.end
    if fasta is not None:
        return str(fasta.fetch(contig, start, end)).upper().ljust(end - start, "N")
    columns: list[Counter[str]] = [Counter() for _ in range(end - start)]
    for read in handle.fetch(contig, start, end):
        if read.flag & UNUSABLE or read.query_sequence is None:
            continue
        sequence = read.query_sequence
        for on_read, place in read.get_aligned_pairs(matches_only=True):
            if start <= place < end:
                columns[place - start][sequence[on_read]] += 1
    return "".join(min(column, key=lambda base: (-column[base], base)) if column else "N" for column in columns)


def place_clip(clip: str, bases: str, *, chrom: str, start: int) -> Placed | None:
    """The one place in a region where a clip goes on, on either strand; None where none or several fit."""
    found = []
    for strand, text in (("-", bases), ("+", reverse_complement(bases))):
        for offset in range(min(MOST_INSERTED, max(0, len(clip) - SEED)) + 1):
            hits = _hits(clip[offset:], text)
            if hits:
                for hit in hits:
                    position = start + hit if strand == "-" else start + len(text) - 1 - hit
                    found.append(Placed(Breakend(chrom, position, strand), clip[:offset]))
                break
    fewest = min((len(item.inserted) for item in found), default=0)
    best = [item for item in found if len(item.inserted) == fewest]
    return best[0] if len(best) == 1 else None


def _hits(clip: str, text: str) -> list[int]:
    seed = clip[:SEED]
    hits: list[int] = []
    if len(seed) < SEED:
        return []
    place = text.find(seed)
    while place >= 0 and len(hits) < 2:
        if agree(clip, text[place : place + len(clip)]):
            hits.append(place)
        place = text.find(seed, place + 1)
    return hits


def agree(one: str, other: str) -> bool:
    """Whether two sequences agree over the length of the shorter, which must be long enough to mean something."""
    length = min(len(one), len(other))
    if length < SEED - 2:
        return False
    same = sum(a == b for a, b in zip(one, other, strict=False))
    return same >= AGREEMENT * length


def consensus(clips: Sequence[str]) -> str:
    """The commonest base at each place of clips that begin together."""
    longest = max(map(len, clips), default=0)
    columns = [Counter(clip[place] for clip in clips if place < len(clip)) for place in range(longest)]
    return "".join(min(column, key=lambda base: (-column[base], base)) for column in columns)


def clips_at(clips: Sequence[Clip], place: Breakend, *, within: int = 0) -> list[Clip]:
    """Clips that begin at a breakend, or within some bp of it."""
    return [
        clip
        for clip in clips
        if clip.place.strand == place.strand and abs(clip.place.position - place.position) <= within
    ]
