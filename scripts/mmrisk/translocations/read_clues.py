"""What single reads say about junctions: pairs, split reads and soft clips of one region.

Only the records of the region are read. The near side of a clue lies in the region and is trusted by its mapping
quality; the far side is only pointed to. Positions: bp, 0-based; strands as in `Breakend`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmrisk.genome import Interval
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.split_reads import LETTERS, Part, junctions_of_read, other_parts, part_of, reverse_complement
from mmrisk.translocations.thresholds import whole

PAIR, SPLIT = "pair", "split"
UNUSABLE = 0x704
"""SAM flags of unmapped, secondary, failed and duplicate records."""
SUPPLEMENTARY, UNMAPPED_MATE, PAIRED, PROPER, MATE_REVERSE = 0x800, 0x8, 0x1, 0x2, 0x20
FAR_APART = 1_000_000
"""Ends on one chromosome make a clue from this distance (bp) on: nearer than that are deletions and duplications."""
WITHIN_LOCUS = 2_000
"""In an IG locus ends this far apart (bp) are kept, as signs of V(D)J recombination and class switching."""
SAMPLED = 500
"""Proper pairs of a region whose fragment length is noted."""
LONGEST_FRAGMENT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """One fragment that joins two places. `near` and `far` are exact for split reads, for pairs where the reads end.

    `shared` is the microhomology of a split read in bases, negative for inserted bases, which are `inserted` where the
    record holds them (read from the near side outwards). `settled` says that the far side is not where its record lies.
    """

    fragment: str
    kind: str
    near: Breakend
    far: Breakend
    span: tuple[int, int]
    mapq: int
    outer: int
    far_outer: int
    far_span: tuple[int, int]
    far_mapq: int | None = None
    shared: int = 0
    bases: str = ""
    inserted: str = ""
    settled: bool = False

    @property
    def is_pair(self) -> bool:
        """Whether the two reads lie on the two sides."""
        return self.kind == PAIR


@dataclass(frozen=True, slots=True)
class Clip:
    """A soft clip: where it begins, its bases read from there outwards; `inner` are the bases before it, inwards."""

    fragment: str
    place: Breakend
    bases: str
    inner: str
    span: tuple[int, int]
    mapq: int


@dataclass(slots=True)
class Scan:
    """What one region holds: counts of primary reads, clues, clips and a sample of fragment lengths."""

    region: Interval
    reads: int = 0
    trusted: int = 0
    touched: int = 0
    read_length: int = 0
    clues: list[Clue] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def joins_far(self, clue: Clue) -> bool:
        """Whether a clue leaves the region by more than joining within an IG locus does."""
        return clue.far.chrom != clue.near.chrom or abs(clue.far.position - clue.near.position) >= FAR_APART

    def merge(self, other: "Scan") -> None:
        """Add what another scan of the same region holds."""
        self.reads += other.reads
        self.trusted += other.trusted
        self.touched += other.touched
        self.read_length = max(self.read_length, other.read_length)
        self.clues += other.clues
        self.clips += other.clips
        self.lengths += other.lengths


def scan(
    handle: Any,
    region: Interval,
    *,
    contigs: Mapping[str, str],
    min_mapq: int,
    apart: int = FAR_APART,
    clips: bool = False,
    shortest: int | None = None,
) -> Scan:
    """Read one region of an open alignment file; `contigs` maps chromosomes to the names of the header.

    Ends on one chromosome make a clue from `apart` bp on. Clips are kept on demand: a genome is full of them; those
    below `shortest` (bp, by default `clip_bases`) are not looked at.
    """
    names = {contig: chrom for chrom, contig in contigs.items()}
    chroms = [names.get(name, name) for name in handle.references]
    found = Scan(region)
    contig = contigs.get(region.chrom)
    if contig is None:
        return found
    shortest = shortest or whole("clip_bases")
    reads = trusted = touched = 0
    for read in handle.fetch(contig, max(0, region.start), min(region.end, handle.get_reference_length(contig))):
        touched += 1
        flag = read.flag
        if flag & UNUSABLE:
            continue
        primary = not flag & SUPPLEMENTARY
        reads += primary
        if read.mapping_quality < min_mapq and (primary or not _is_capped(read, min_mapq)):
            continue
        trusted += primary
        if primary and flag & PROPER:
            if len(found.lengths) < SAMPLED and 0 < read.template_length < LONGEST_FRAGMENT:
                found.lengths.append(read.template_length)
                found.read_length = max(found.read_length, read.query_length)
            first = read.query_alignment_start
            if first < shortest and read.query_length - read.query_alignment_end < shortest:
                continue
        _examine(read, flag, found, chroms, names, apart)
        if primary and clips:
            found.clips.extend(_clips(read, region.chrom, shortest))
    found.reads, found.trusted, found.touched = reads, trusted, touched
    return found


def _is_capped(read: Any, least: int) -> bool:
    """Whether a supplementary part has a place of its own, and only its primary part in a repeat has not.

    bwa gives no part of a read more mapping quality than its primary part; the scores tell (tags AS and XS).
    """
    if not (read.has_tag("AS") and read.has_tag("XS") and read.has_tag("SA")):
        return False
    primary = read.get_tag("SA").split(",", 5)
    return int(primary[4]) <= read.mapping_quality and read.get_tag("AS") - read.get_tag("XS") >= least


def _examine(read: Any, flag: int, found: Scan, chroms: list[str], names: dict[str, str], apart: int) -> None:
    """Clues of one record that is not plainly concordant."""
    chrom = found.region.chrom
    if flag & PAIRED and not flag & (UNMAPPED_MATE | SUPPLEMENTARY):
        mate_chrom = chroms[read.next_reference_id]
        if mate_chrom != chrom or abs(read.next_reference_start - read.reference_start) >= apart:
            found.clues.append(_pair(read, flag, chrom, mate_chrom))
    if read.has_tag("SA") and read.cigartuples:
        found.clues.extend(_splits(read, flag, chrom, names, apart))


def _pair(read: Any, flag: int, chrom: str, mate_chrom: str) -> Clue:
    reverse, mate_reverse = bool(flag & 0x10), bool(flag & MATE_REVERSE)
    start, end = read.reference_start, read.reference_end
    mate_start = read.next_reference_start
    mate_end = mate_start + read.query_length
    return Clue(
        fragment=read.query_name,
        kind=PAIR,
        near=Breakend(chrom, start, "-") if reverse else Breakend(chrom, end - 1, "+"),
        far=Breakend(mate_chrom, mate_start, "-") if mate_reverse else Breakend(mate_chrom, mate_end - 1, "+"),
        span=(start, end),
        mapq=read.mapping_quality,
        outer=end if reverse else start,
        far_outer=mate_end if mate_reverse else mate_start,
        far_span=(mate_start, mate_end),
        far_mapq=read.get_tag("MQ") if read.has_tag("MQ") else None,
    )


def own_part(read: Any, chrom: str) -> Part:
    """A record as a part of its read."""
    cigar = [(count, LETTERS[kind]) for kind, count in read.cigartuples]
    return part_of(chrom, read.reference_start, cigar, reverse=read.is_reverse, mapq=read.mapping_quality)


def _splits(read: Any, flag: int, chrom: str, names: dict[str, str], apart: int) -> Iterator[Clue]:
    own = own_part(read, chrom)
    whole_read = None if flag & SUPPLEMENTARY else _as_sequenced(read)
    for near, far, shared, place, other in junctions_of_read(own, list(other_parts(read.get_tag("SA"), names))):
        if near.chrom == far.chrom and abs(near.position - far.position) < apart:
            continue
        bases = inserted = ""
        outwards = near == own.leaves
        if whole_read is not None and shared > 0:
            bases = whole_read[place : place + shared]
        elif whole_read is not None and shared < 0:
            inserted = whole_read[place + shared : place]
        if not outwards:
            bases, inserted = reverse_complement(bases), reverse_complement(inserted)
        yield Clue(
            fragment=read.query_name,
            kind=SPLIT,
            near=near,
            far=far,
            span=(own.start, own.end),
            mapq=own.mapq,
            outer=own.start if near.strand == "+" else own.end,
            far_outer=other.start if far.strand == "+" else other.end,
            far_span=(other.start, other.end),
            far_mapq=other.mapq,
            shared=shared,
            bases=bases,
            inserted=inserted,
        )


def _as_sequenced(read: Any) -> str | None:
    sequence = read.query_sequence
    if sequence is None or len(sequence) != read.infer_read_length():
        return None
    return reverse_complement(sequence) if read.is_reverse else sequence


def _clips(read: Any, chrom: str, shortest: int) -> Iterator[Clip]:
    first, last, length = read.query_alignment_start, read.query_alignment_end, read.query_length
    if first < shortest and length - last < shortest:
        return
    sequence = read.query_sequence
    if sequence is None:
        return
    span = (read.reference_start, read.reference_end)
    aligned = sequence[first:last]
    if first >= shortest:
        place = Breakend(chrom, span[0], "-")
        clipped = reverse_complement(sequence[:first])
        yield Clip(read.query_name, place, clipped, aligned, span, read.mapping_quality)
    if length - last >= shortest:
        place = Breakend(chrom, span[1] - 1, "+")
        yield Clip(read.query_name, place, sequence[last:], reverse_complement(aligned), span, read.mapping_quality)
