"""Reads across junctions of rearranged chromosomes, aligned as bwa would: clipped, split or in discordant pairs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mmrisk.simulate.reference import bases, masked
from mmrisk.simulate.truth import Junction, Side, Truth

SHORTEST_PART = 25
"""Shortest part of a read (bp) that an aligner places by itself."""
MATCH, CLIP = 0, 4
Bases = npt.NDArray[np.uint8]


def junction_records(truth: Truth) -> list[tuple[int, int, bytes]]:
    """BAM records (number of the contig, position, bytes) of all fragments that span a junction, sorted."""
    records = []
    for number, junction in enumerate(truth.junctions):
        rng = np.random.default_rng([truth.seed, number, 13])
        reach = truth.library.fragment + 6 * truth.library.fragment_sd + truth.library.read_length
        derivative = _Derivative(truth, junction, reach)
        # one of the two copies is rearranged, in this share of the material
        expected = truth.depth / 2 * truth.purity * junction.fraction / (2 * truth.library.read_length) * 2 * reach
        for fragment in range(int(rng.poisson(expected))):
            size = max(truth.library.read_length, int(rng.normal(truth.library.fragment, truth.library.fragment_sd)))
            start = int(rng.integers(0, 2 * reach - size))
            if not start < reach < start + size:
                continue
            name = f"A00111:22:SYNTHETIC:9:{1101 + number}:{fragment:05d}:{start:05d}"
            records += _pair(truth, derivative, name, start, size, swapped=bool(rng.random() < 0.5))
    return sorted(records)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a read as an aligner places it; `cigar` holds codes and lengths."""

    chrom: str
    start: int
    end: int
    reverse: bool
    sequence: Bases
    cigar: tuple[tuple[int, int], ...]


class _Derivative:
    """The sequence around a junction: `reach` bases of side a, then `reach` of side b."""

    def __init__(self, truth: Truth, junction: Junction, reach: int) -> None:
        self.reach, self.a, self.b = reach, junction.a, junction.b
        left = _kept(truth.build, junction.a, reach)
        right = _kept(truth.build, junction.b, reach)
        # side a is read towards the junction, side b away from it
        self.sequence = np.concatenate([left, 3 - right[::-1]])

    def place(self, start: int, end: int) -> tuple[Side, int, bool]:
        """Side, reference start and strand (True: forward) of a stretch on one side of the junction."""
        if end <= self.reach:
            side, near, far = self.a, self.reach - end, self.reach - start
        else:
            side, near, far = self.b, start - self.reach, end - self.reach
        if side.strand == "+":
            return side, side.position - far, side is self.a
        return side, side.position + near, side is not self.a


def _kept(build: str, side: Side, reach: int) -> Bases:
    """The bases of a side, ending at its junction."""
    if side.strand == "+":
        return bases(build, side.chrom, side.position - reach, side.position)
    return 3 - bases(build, side.chrom, side.position, side.position + reach)[::-1]


def _pair(
    truth: Truth, derivative: _Derivative, name: str, start: int, size: int, *, swapped: bool
) -> list[tuple[int, int, bytes]]:
    """Records of the two reads of a fragment and of their supplementary parts."""
    length = truth.library.read_length
    reads = [_parts(derivative, start, start + length), _parts(derivative, start + size - length, start + size)]
    placed = []
    for stretches, reverse in zip(reads, (False, True), strict=True):
        # the primary is the longest part
        ordered = sorted(stretches, key=lambda stretch: stretch[0] - stretch[1])
        placed.append([_aligned(derivative, stretch, reverse=reverse) for stretch in ordered])
    records = []
    for index, own in enumerate(placed):
        mate = placed[1 - index][0]
        first = (index == 0) != swapped
        for rank, part in enumerate(own):
            flag = 1 + (64 if first else 128) + (16 if part.reverse else 0) + (32 if mate.reverse else 0)
            flag += 2048 if rank else 0
            same = part.chrom == mate.chrom
            span = 0
            if same:
                low, high = min(part.start, mate.start), max(part.end, mate.end)
                span = (high - low) * (1 if part.start <= mate.start else -1)
                if abs(span) < 1000 and part.reverse != mate.reverse:
                    flag += 2
            others = [other for other in own if other is not part]
            records.append(_record(truth, name, part, mate, flag, span, others))
    return [record for record in records if record is not None]


def _parts(derivative: _Derivative, start: int, end: int) -> list[tuple[int, int, int, int]]:
    """Parts of a read (start, end on the derivative; start, end of the read) that are placed by themselves."""
    cut = derivative.reach
    if end <= cut or start >= cut:
        return [(start, end, start, end)]
    both = [(start, cut, start, end), (cut, end, start, end)]
    return [part for part in both if part[1] - part[0] >= SHORTEST_PART]


def _aligned(derivative: _Derivative, part: tuple[int, int, int, int], *, reverse: bool) -> "_Part":
    start, end, read_start, read_end = part
    side, where, forward = derivative.place(start, end)
    sequence = derivative.sequence[read_start:read_end]
    clips = (start - read_start, read_end - end)
    if not forward:
        sequence, clips = 3 - sequence[::-1], clips[::-1]
    cigar = [(CLIP, clips[0]), (MATCH, end - start), (CLIP, clips[1])]
    kept = tuple((code, count) for code, count in cigar if count)
    return _Part(side.chrom, where, where + end - start, reverse == forward, sequence, kept)


def _record(
    truth: Truth, name: str, part: "_Part", mate: "_Part", flag: int, span: int, others: list["_Part"]
) -> tuple[int, int, bytes] | None:
    from mmrisk.simulate.reads import bin_of

    number = truth.chromosomes.index(part.chrom)
    if any(low <= part.start < high for low, high in masked(truth.build, part.chrom)):
        return None
    sequence = part.sequence
    codes = np.array([1, 2, 4, 8], np.uint8)[sequence]
    packed = np.zeros((len(codes) + 1) // 2, np.uint8)
    packed[: len(codes[::2])] |= codes[::2] << 4
    packed[: len(codes[1::2])] |= codes[1::2]
    tags = b"RGZr\0"
    if others:
        tags += b"SAZ" + "".join(_sa(other) for other in others).encode() + b"\0"
    named = name.encode() + b"\0"
    body = b"".join(
        [
            np.array([number, part.start], dtype=np.int32).tobytes(),
            bytes([len(named), 60]),
            np.array([bin_of(part.start, part.end), len(part.cigar), flag], dtype=np.uint16).tobytes(),
            np.array([len(codes), truth.chromosomes.index(mate.chrom), mate.start, span], dtype=np.int32).tobytes(),
            named,
            np.array([count << 4 | code for code, count in part.cigar], dtype=np.uint32).tobytes(),
            packed.tobytes(),
            bytes([37]) * len(codes),
            tags,
        ]
    )
    return number, part.start, np.int32(len(body)).tobytes() + body


def _sa(part: "_Part") -> str:
    cigar = "".join(f"{count}{'MS'[code == CLIP]}" for code, count in part.cigar)
    strand = "-" if part.reverse else "+"
    return f"chr{part.chrom},{part.start + 1},{strand},{cigar},60,0;"


def junctions_named(*names: str) -> tuple[Junction, ...]:
    """Both derivatives of the common translocations, GRCh38: `t(4;14)`, `t(11;14)`."""
    known = {
        "t(4;14)": (
            Junction(Side("14", 105_860_000, "+"), Side("4", 1_871_500, "+")),
            Junction(Side("4", 1_871_900, "-"), Side("14", 105_860_200, "-")),
        ),
        "t(11;14)": (
            Junction(Side("14", 105_855_000, "+"), Side("11", 69_601_000, "-")),
            Junction(Side("11", 69_600_900, "+"), Side("14", 105_855_300, "-")),
        ),
    }
    return tuple(junction for name in names for junction in known[name])
