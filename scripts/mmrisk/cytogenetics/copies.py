"""Copy numbers along a chromosome: steps at breakpoints, each with the span in which it may lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mmrisk.cytogenetics.bands import KARYOTYPE_BUILD, bands, centromere, chromosome_end
from mmrisk.cytogenetics.chromosomes import Chromosome

CLEAR_SHARE = 0.9
"""A break in the same band as a place counts as before it where this share of the band lies before it."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies at one place: the least and the most that the breakpoints allow, and the number at their likely places.

    `doubtful` where a break may as well lie on the other side of the place.
    """

    low: int
    high: int
    likely: int
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Copies change by `change` somewhere in `start` to `end`, counted from pter."""

    start: int
    end: int
    likely: int
    change: int
    band: str = ""

    def share_before(self, place: int) -> float:
        """Share of the step's span before a place; all or nothing where the step leans to an edge of its span."""
        if self.likely in (self.start, self.end):
            return float(self.likely <= place)
        return (place - self.start) / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of equal copies, from `first` to `last`: the bands as written, pter or qter."""

    start: int
    end: int
    copies: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class CopyProfile:
    """Copies of one chromosome of length `end`: `base` at pter, then steps in the order of their likely places."""

    chrom: str
    end: int
    base: int
    steps: tuple[Step, ...] = ()

    def between(self, start: int, end: int) -> Copies:
        """Least and most copies anywhere from `start` to `end`; likely at the middle. A point is `start` + 1."""
        low = high = likely = self.base
        doubtful = False
        middle = (start + end) // 2
        for step in self.steps:
            if step.end <= start:
                low += step.change
                high += step.change
                likely += step.change
            elif step.start < end:
                before = step.share_before(middle)
                low += min(0, step.change)
                high += max(0, step.change)
                likely += step.change if before >= 0.5 else 0
                doubtful = doubtful or 1 - CLEAR_SHARE < before < CLEAR_SHARE
        return Copies(max(0, low), max(0, high), max(0, likely), doubtful)

    def pieces(self) -> tuple[Piece, ...]:
        """Stretches of equal copies from pter to qter, steps at their likely places."""
        found: list[Piece] = []
        copies, start, first = self.base, 0, "pter"
        for step in (*self.steps, Step(self.end, self.end, self.end, 0, "qter")):
            if step.likely > start:
                number = max(0, copies)
                if found and found[-1].copies == number:
                    start, first = found[-1].start, found.pop().first
                found.append(Piece(start, step.likely, number, first, step.band))
                start, first = step.likely, step.band
            copies += step.change
        return tuple(found)

    def share_equal(self, copies: int, start: int, end: int) -> float:
        """Share of a stretch with exactly `copies` copies."""
        return self.share_above(copies - 1, start, end) - self.share_above(copies, start, end)

    def share_above(self, copies: int, start: int, end: int) -> float:
        """Share of a stretch with more than `copies` copies."""
        above = sum(
            max(0, min(end, piece.end) - max(start, piece.start)) for piece in self.pieces() if piece.copies > copies
        )
        return above / (end - start)


_Place = tuple[int, int, int, str]


def copy_profiles(normal: Mapping[str, int], derivatives: Iterable[Chromosome]) -> dict[str, CopyProfile]:
    """Copies along each chromosome from its normal copies and the segments in derivatives.

    Steps at a breakpoint of the same change cancel: what one derivative lost there the other gained.
    """
    changes: dict[str, dict[_Place, int]] = {chrom: {} for chrom in normal}
    names: dict[_Place, str] = {}
    for derivative in derivatives:
        for segment in derivative.segments:
            if segment.known:
                here = changes[segment.chrom]
                for point, change in zip(segment.bounds, (1, -1), strict=True):
                    place = (point.start, point.end, point.likely, point.change)
                    here[place] = here.get(place, 0) + change
                    names[place] = "cen" if point.band in ("p10", "q10") else point.band
    return {chrom: _profile(chrom, normal[chrom], changes[chrom], names) for chrom in normal}


def _profile(chrom: str, normal: int, changes: dict[_Place, int], names: dict[_Place, str]) -> CopyProfile:
    end = chromosome_end(chrom)
    base = normal + changes.pop((0, 0, 0, ""), 0)
    changes.pop((end, end, end, ""), None)
    steps = (Step(*place[:3], change, names[place]) for place, change in changes.items() if change)
    return CopyProfile(chrom, end, base, tuple(sorted(steps, key=lambda step: (step.likely, step.start, step.end))))


def net_per_band(profiles: Mapping[str, CopyProfile], baselines: Mapping[str, int]) -> dict[tuple[str, str], Copies]:
    """Net copies of every band against the baseline; breakpoints inside a band leave a range."""
    found = {}
    for chrom, profile in profiles.items():
        for band in bands()[chrom]:
            copies, base = profile.between(band.start, band.end), baselines[chrom]
            found[chrom, band.name] = Copies(copies.low - base, copies.high - base, copies.likely - base)
    return found


def arm_spans(chrom: str, build: str = KARYOTYPE_BUILD) -> Mapping[str, tuple[int, int]]:
    """Start and end of each arm, as far as the bands go."""
    middle = centromere(chrom, build)
    return {"p": (0, middle), "q": (middle, chromosome_end(chrom, build))}
