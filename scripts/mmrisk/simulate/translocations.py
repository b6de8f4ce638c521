"""Simulated reads around translocations: rearranged alleles, the fragments drawn from them, and background.

The reference is a set of pieces of the genome, each at its own coordinates (bp, 0-based half-open). Where no real
sequence is given, a piece is random; repeats can be planted in it. Nothing here is real data of a patient.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmrisk.genome import Interval
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.split_reads import reverse_complement

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Layout:
    """How fragments are read: length of both reads, mean and spread of the fragment (bp), errors per base."""

    read: int = 150
    fragment: float = 450.0
    spread: float = 80.0
    errors: float = 0.002


@dataclass(slots=True)
class Reference:
    """Pieces of the genome: span -> bases."""

    pieces: dict[Interval, str] = field(default_factory=dict)

    def bases(self, chrom: str, start: int, end: int) -> str:
        """Bases of a stretch inside one piece. Raises KeyError outside all pieces."""
        for span, text in self.pieces.items():
            if span.chrom == chrom and span.start <= start and end <= span.end:
                return text[start - span.start : end - span.start]
        raise KeyError(f"{chrom}:{start}-{end}")

    def side(self, end: Breakend, length: int) -> str:
        """The kept bases of a breakend, read towards the junction."""
        if end.strand == "+":
            return self.bases(end.chrom, end.position - length + 1, end.position + 1)
        return reverse_complement(self.bases(end.chrom, end.position, end.position + length))


def random_bases(rng: np.random.Generator, length: int, *, gc: float = 0.41) -> str:
    """Random sequence of a GC content."""
    weights = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
    return BASES[rng.choice(4, size=length, p=weights)].tobytes().decode()


def mutated(rng: np.random.Generator, bases: str, share: float) -> str:
    """A copy in which a share of the bases differs."""
    text = np.frombuffer(bases.encode(), dtype=np.uint8).copy()
    places = np.flatnonzero(rng.random(len(text)) < share)
    text[places] = BASES[rng.integers(0, 4, size=len(places))]
    return text.tobytes().decode()


def plant(reference: Reference, span: Interval, bases: str) -> None:
    """Overwrite a stretch of a piece, with a repeat or another copy of a segment."""
    for piece, text in reference.pieces.items():
        if piece.chrom == span.chrom and piece.start <= span.start and span.end <= piece.end:
            low = span.start - piece.start
            reference.pieces[piece] = text[:low] + bases[: span.length] + text[low + span.length :]
            return
    raise KeyError(span)


@dataclass(frozen=True, slots=True)
class Allele:
    """A stretch of tumour or normal sequence from which fragments are drawn, `copies` per cell of the material."""

    name: str
    bases: str
    copies: float


def junction_allele(
    reference: Reference, ends: Sequence[tuple[Breakend, Breakend]], *, name: str, reach: int, inserted: str = ""
) -> Allele:
    """Sequence across one junction, or across several that follow one another (a chain).

    Each pair leaves the first breakend and enters the second; the entered stretch runs on to the next pair. Outer sides
    are `reach` bp long; `inserted` bases lie at the first junction.
    """
    text = reference.side(ends[0][0], reach) + inserted
    for (_, enters), following in zip(ends, [*ends[1:], None], strict=True):
        if following is None:
            text += reverse_complement(reference.side(enters, reach))
        else:
            low, high = sorted((enters.position, following[0].position))
            piece = reference.bases(enters.chrom, low, high + 1)
            text += piece if enters.strand == "-" else reverse_complement(piece)
    return Allele(name, text, 1.0)


def balanced(partner: Breakend, donor: Breakend) -> list[tuple[Breakend, Breakend]]:
    """Both junctions of an exchange: that of the two breakends, and the one that the other halves make."""

    def other(end: Breakend) -> Breakend:
        step = 1 if end.strand == "+" else -1
        return Breakend(end.chrom, end.position + step, "-" if end.strand == "+" else "+")

    return [(partner, donor), (other(partner), other(donor))]


@dataclass(frozen=True, slots=True)
class ReadPair:
    """One fragment: its name, and both reads as sequenced; `start` and `end` in its allele."""

    name: str
    first: str
    second: str
    start: int
    end: int


def draw_pairs(rng: np.random.Generator, allele: Allele, *, depth: float, layout: Layout) -> Iterator[ReadPair]:
    """Fragments of an allele at a depth of the whole material (two copies), Poisson distributed along it."""
    rate = depth / 2 * allele.copies / (2 * layout.read)
    count = int(rng.poisson(rate * len(allele.bases)))
    lengths = np.maximum(rng.normal(layout.fragment, layout.spread, size=count), layout.read).astype(int)
    starts = rng.integers(0, max(1, len(allele.bases)), size=count)
    for number, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        end = start + length
        if end > len(allele.bases):
            continue
        left = with_errors(rng, allele.bases[start : start + layout.read], layout.errors)
        right = with_errors(rng, reverse_complement(allele.bases[end - layout.read : end]), layout.errors)
        if rng.random() < 0.5:
            left, right = right, left
        yield ReadPair(f"{allele.name}:{number}", left, right, start, end)


def chimeras(
    rng: np.random.Generator, reference: Reference, count: int, *, layout: Layout, near: Sequence[Interval]
) -> Iterator[ReadPair]:
    """Chance fragments that join a place of `near` to any place of the reference."""
    pieces = list(reference.pieces)
    weights = np.array([piece.length for piece in pieces], dtype=float)
    for number in range(count):
        one = near[int(rng.integers(0, len(near)))]
        other = pieces[rng.choice(len(pieces), p=weights / weights.sum())]
        reads = []
        for span in (one, other):
            start = int(rng.integers(span.start, span.end - layout.read))
            text = reference.bases(span.chrom, start, start + layout.read)
            reads.append(text if rng.random() < 0.5 else reverse_complement(text))
        yield ReadPair(f"chimera:{number}", reads[0], reads[1], 0, 0)


def with_errors(rng: np.random.Generator, bases: str, share: float) -> str:
    """Sequencing errors."""
    count = int(rng.poisson(share * len(bases)))
    if not count:
        return bases
    text = list(bases)
    for place in rng.integers(0, len(text), size=count):
        text[place] = "ACGT"[int(rng.integers(0, 4))]
    return "".join(text)


def fastq(pairs: Iterable[ReadPair]) -> str:
    """Interleaved FASTQ."""
    return "".join(
        f"@{pair.name}\n{bases}\n+\n{'I' * len(bases)}\n" for pair in pairs for bases in (pair.first, pair.second)
    )
