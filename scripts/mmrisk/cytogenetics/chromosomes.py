"""Chromosomes as ordered segments between breakpoints, and the operations that rearrange them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mmrisk.cytogenetics.bands import band_span, centromere


class UnresolvedError(Exception):
    """A rearrangement that was read but cannot be carried out on the chromosome as described."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Where a chromosome broke: somewhere in `start` to `end`, taken to be at `likely` where one place is needed.

    Breakpoints of the same written change at the same place are one event: what one derivative lost there the other
    gained, so their copy numbers cancel without a gap. A known point, such as a telomere, belongs to no change.
    """

    chrom: str
    start: int
    end: int
    likely: int
    change: str = ""
    band: str = field(default="", compare=False)

    @property
    def on_long_arm(self) -> bool:
        """Whether the break lies in q (q10 included)."""
        return self.band.startswith("q") or (not self.band.startswith("p") and self.likely > centromere(self.chrom))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether the break may lie between two positions."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one chromosome from `low` to `high`; `forward` is pter to qter. `None` bounds: unknown material."""

    chrom: str
    low: Breakpoint | None
    high: Breakpoint | None
    forward: bool = True

    @property
    def known(self) -> bool:
        """Whether the material is identified."""
        return self.low is not None

    @property
    def bounds(self) -> tuple[Breakpoint, Breakpoint]:
        """Both ends of identified material, in the order of the reference."""
        assert self.low is not None  # noqa: S101 - callers ask known segments only
        assert self.high is not None  # noqa: S101
        return self.low, self.high

    @property
    def left(self) -> Breakpoint | None:
        """End on the left as the chromosome is drawn."""
        return self.low if self.forward else self.high

    @property
    def right(self) -> Breakpoint | None:
        """End on the right as the chromosome is drawn."""
        return self.high if self.forward else self.low

    def holds(self, point: Breakpoint) -> bool:
        """Whether a breakpoint may lie in this segment."""
        if not self.known or self.chrom != point.chrom:
            return False
        low, high = self.bounds
        return low.start <= point.end and point.start <= high.end

    def holds_centromere(self) -> bool:
        """Whether the centromere of the segment's chromosome lies strictly inside."""
        return self.known and self.bounds[0].likely < centromere(self.chrom) < self.bounds[1].likely


UNKNOWN = Segment("?", None, None)


@dataclass(frozen=True, slots=True)
class Chromosome:
    """Segments from left to right; `first` and `last` number the segments with the outermost active centromeres."""

    segments: tuple[Segment, ...]
    first: int = 0
    last: int = 0

    @property
    def junctions(self) -> Iterator[tuple[Breakpoint | None, Breakpoint | None]]:
        """Pairs of breakpoints that were joined; None is unknown material."""
        for left, right in zip(self.segments, self.segments[1:], strict=False):
            yield left.right, right.left

    @property
    def has_unknown(self) -> bool:
        """Whether material of unknown origin is part of it."""
        return any(not segment.known for segment in self.segments)


def breakpoint_at(chrom: str, band: str, *, change: object = "", lean: int = 0) -> Breakpoint:
    """Breakpoint of a change in a band; `lean` -1 takes its pter edge as the likely place, 1 its qter edge."""
    span = band_span(chrom, band) if chrom != "?" else None
    if span is None:
        raise UnresolvedError(f"{chrom}{band} is not a band")
    doubtful = "?" in band and len(band) > 2  # of an arm alone, the whole arm counts
    likely = span.likely if not lean or doubtful else (span.start if lean < 0 else span.end)
    return Breakpoint(chrom, span.start, span.end, likely, str(change) if span.start < span.end else "", band)


def whole(chrom: str) -> Chromosome:
    """A normal chromosome."""
    return Chromosome((Segment(chrom, breakpoint_at(chrom, "pter"), breakpoint_at(chrom, "qter")),))


def distal(point: Breakpoint) -> Segment:
    """From a breakpoint to the end of its arm, drawn away from the centromere on the right."""
    if point.on_long_arm:
        return Segment(point.chrom, point, breakpoint_at(point.chrom, "qter"))
    return Segment(point.chrom, breakpoint_at(point.chrom, "pter"), point, forward=False)


def proximal(point: Breakpoint) -> Segment:
    """From the far end of the other arm through the centromere to a breakpoint, the breakpoint on the right."""
    if point.on_long_arm:
        return Segment(point.chrom, breakpoint_at(point.chrom, "pter"), point)
    return Segment(point.chrom, point, breakpoint_at(point.chrom, "qter"), forward=False)


def flip(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The same stretch read from the other end."""
    return tuple(replace(segment, forward=not segment.forward) for segment in reversed(tuple(segments)))


def _cut(chromosome: Chromosome, index: int, point: Breakpoint) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """What lies left and right of a breakpoint in one segment; empty pieces are dropped."""
    segment = chromosome.segments[index]
    low, high = segment.bounds
    pieces = [Segment(segment.chrom, low, point, segment.forward), Segment(segment.chrom, point, high, segment.forward)]
    left, right = pieces if segment.forward else reversed(pieces)
    return (
        chromosome.segments[:index] + tuple(piece for piece in (left,) if _is_stretch(piece)),
        tuple(piece for piece in (right,) if _is_stretch(piece)) + chromosome.segments[index + 1 :],
    )


def _is_stretch(segment: Segment) -> bool:
    """Whether something may lie between the ends; a stretch inside one band has no likely length but may be there."""
    low, high = segment.bounds
    return low != high and low.likely <= high.likely and low.start < high.end


def _length(segment: Segment) -> int:
    if not segment.known:
        return 0
    low, high = segment.bounds
    return high.likely - low.likely


def find(chromosome: Chromosome, point: Breakpoint) -> int | None:
    """Segment in which a breakpoint lies: one that clearly holds it, then one with a centromere, then the leftmost."""
    fits = _fits(chromosome.segments, point)

    def clearly(index: int) -> tuple[bool, bool, int]:
        active = chromosome.first <= index <= chromosome.last
        return _inside(chromosome.segments[index], point), active, -index

    return max(fits, key=clearly, default=None)


def attach(chromosome: Chromosome, point: Breakpoint, pieces: tuple[Segment, ...]) -> Chromosome:
    """Keep the side of the breakpoint that has the centromere and join `pieces` there (their left end is joined)."""
    index = find(chromosome, point)
    if index is None:
        raise UnresolvedError(f"{point.chrom}{point.band} is not part of the chromosome any more")
    left, right = _cut(chromosome, index, point)
    if _centromere_is_left(chromosome, index, point):
        return Chromosome(left + pieces, chromosome.first, chromosome.last)
    flipped = flip(right)
    first = len(flipped) - 1 - (chromosome.last - (len(chromosome.segments) - len(right)))
    last = len(flipped) - 1 - (chromosome.first - (len(chromosome.segments) - len(right)))
    return Chromosome(flipped + pieces, first, last)


def _centromere_is_left(chromosome: Chromosome, index: int, point: Breakpoint) -> bool:
    if index > chromosome.last:
        return True
    if index < chromosome.first:
        return False
    if chromosome.first < index < chromosome.last:
        raise UnresolvedError(f"{point.chrom}{point.band} lies between two centromeres")
    return chromosome.segments[index].forward == point.on_long_arm


def _between(
    chromosome: Chromosome, one: Breakpoint, two: Breakpoint
) -> tuple[tuple[Segment, ...], tuple[Segment, ...], tuple[Segment, ...]]:
    """Left of, between and right of two breakpoints, as drawn; where several places fit, those closest together."""
    choices: list[tuple[int, int, int, tuple[tuple[Segment, ...], ...]]] = []
    for index in _fits(chromosome.segments, one):
        left, right = _cut(chromosome, index, one)
        for side in (right, left):
            for found in _fits(side, two):
                if one in side[found].bounds and not _likely_inside(side[found], two):
                    continue  # beyond the first break in the same stretch
                inner, outer = _cut(Chromosome(side), found, two)
                parts = (left, inner, outer) if side is right else (inner, outer, right)
                unclear = not _inside(chromosome.segments[index], one), not _inside(side[found], two)
                choices.append((sum(unclear), sum(map(_length, parts[1])), len(choices), parts))
    if not choices:
        raise UnresolvedError(f"{one.chrom}{one.band} or {two.band} is not part of the chromosome any more")
    left, middle, right = min(choices)[3]
    return left, middle, right


def _fits(segments: tuple[Segment, ...], point: Breakpoint) -> list[int]:
    return [index for index, segment in enumerate(segments) if segment.holds(point)]


def _likely_inside(segment: Segment, point: Breakpoint) -> bool:
    low, high = segment.bounds
    return low.likely <= point.likely <= high.likely


def _inside(segment: Segment, point: Breakpoint) -> bool:
    low, high = segment.bounds
    return low.likely <= point.end and point.start <= high.likely


def _recentred(chromosome: Chromosome, segments: tuple[Segment, ...]) -> Chromosome:
    """New segments with the centromeres found again: those of the chromosomes whose centromere was active before."""
    active = {segment.chrom for segment in chromosome.segments[chromosome.first : chromosome.last + 1]}
    places = [index for index, segment in enumerate(segments) if segment.chrom in active and segment.holds_centromere()]
    places = places or [index for index, segment in enumerate(segments) if segment.chrom in active]
    if not segments or not places:
        raise UnresolvedError("nothing with a centromere is left")
    return Chromosome(segments, min(places), max(places))


def delete(chromosome: Chromosome, one: Breakpoint, two: Breakpoint | None = None) -> Chromosome:
    """Lose the end of an arm, or what lies between two breakpoints."""
    if two is None:
        return attach(chromosome, one, ())
    left, _, right = _between(chromosome, one, two)
    return _recentred(chromosome, left + right)


def multiply(chromosome: Chromosome, one: Breakpoint, two: Breakpoint, *, extra: int) -> Chromosome:
    """Duplicate (`extra` 1), triplicate (2) or quadruplicate (3) what lies between two breakpoints."""
    left, middle, right = _between(chromosome, one, two)
    return _recentred(chromosome, left + middle * (extra + 1) + right)


def invert(chromosome: Chromosome, one: Breakpoint, two: Breakpoint) -> Chromosome:
    """Turn round what lies between two breakpoints."""
    left, middle, right = _between(chromosome, one, two)
    return _recentred(chromosome, left + flip(middle) + right)


def insert(chromosome: Chromosome, point: Breakpoint, pieces: tuple[Segment, ...]) -> Chromosome:
    """Put `pieces` into a break."""
    index = find(chromosome, point)
    if index is None:
        raise UnresolvedError(f"{point.chrom}{point.band} is not part of the chromosome any more")
    left, right = _cut(chromosome, index, point)
    return _recentred(chromosome, left + pieces + right)


def ring(chromosome: Chromosome, one: Breakpoint, two: Breakpoint) -> Chromosome:
    """Keep what lies between two breakpoints."""
    _, middle, _ = _between(chromosome, one, two)
    return _recentred(chromosome, middle)


def mirror(chromosome: Chromosome, point: Breakpoint, *, keep_centromere: bool) -> Chromosome:
    """Isochromosome: one side of the breakpoint twice, joined there; an isodicentric keeps the centromere's side."""
    index = find(chromosome, point)
    if index is None:
        raise UnresolvedError(f"{point.chrom}{point.band} is not part of the chromosome any more")
    left, right = _cut(chromosome, index, point)
    centromere_left = _centromere_is_left(chromosome, index, point)
    kept = (left if centromere_left else flip(right)) if keep_centromere else (flip(right) if centromere_left else left)
    if not kept:
        raise UnresolvedError(f"nothing lies beyond {point.chrom}{point.band}")
    return Chromosome(kept + flip(kept), max(0, len(kept) - 1), len(kept))


def join_at(one: Breakpoint, two: Breakpoint) -> Chromosome:
    """Dicentric: both centromeres, joined at the breakpoints."""
    return Chromosome((proximal(one), *flip((proximal(two),))), 0, 1)
