"""Captures: reads on the targets of an exome or panel, and those between them, counted and levelled apart.

How many reads the baits catch differs between samples, and with it every target against every stretch without one.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mmrisk.alignments import Alignments
from mmrisk.copynumber import walk
from mmrisk.copynumber.bias import Bins, pooled
from mmrisk.copynumber.counts import BIN, Counts, all_records, contigs, share, threshold
from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import file_lines
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, parse_chrom
from mmrisk.variant_places import check_place

MARGIN = 300
"""Reads that start so far (bp) from a target are caught with it: the length of a fragment."""
NEIGHBOURS = 10
"""Bins without baits on each side against which a target is levelled: they have the same copies but at breakpoints."""
LEAST_PAIRS = 10
PLACE = re.compile(r"[0-9]{1,10}")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Spans = dict[str, Ints]
"""Sorted spans without overlap (rows of start and end, 0-based half-open) of each chromosome."""


def read_targets(path: Path, build: str) -> Spans:
    """Targets of a BED file of a build, widened by the margin and joined where they touch. Raises `InputError`."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(file_lines(path), start=1):
        words = line.split()
        if not words or words[0].startswith("#") or words[0] in ("browser", "track"):
            continue
        if len(words) < 3 or not all(PLACE.fullmatch(word) for word in words[1:3]) or int(words[1]) >= int(words[2]):
            raise _problem(path, "is no interval of a BED file", row=number, value=line.strip()[:60])
        if chrom := parse_chrom(words[0]):
            start, end = int(words[1]), int(words[2])
            check_place(path.name, number, chrom, end - 1, build)
            found.setdefault(chrom, []).append((max(0, start - MARGIN), end + MARGIN))
    if not found:
        raise _problem(path, "names no target on a chromosome")
    return {chrom: _joined(spans) for chrom, spans in found.items()}


def _problem(path: Path, message: str, *, row: int | None = None, value: str | None = None) -> InputError:
    remedy = "give a BED file: chromosome, start, end"
    return InputError(Problem(file=path.name, row=row, column="targets", value=value, message=message, remedy=remedy))


def _joined(spans: list[tuple[int, int]]) -> Ints:
    joined: list[list[int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return np.array(joined, dtype=np.int64)


def count_capture(reads: Alignments, targets: Spans, *, threads: int = 1) -> Counts:
    """Every read by bin of 100 kb, those on targets apart from the others: a bin that holds targets is two.

    The two share the bin at the middle of its targets, so that bins stay sorted and never overlap.
    """
    chroms = [chrom for chrom in CHROMOSOMES if chrom in reads.names]
    bins = {chrom: -(-reads.lengths[chrom] // BIN) for chrom in chroms}
    offset = dict(zip(chroms, np.cumsum([0, *bins.values()])[:-1], strict=True))
    first, last, lowest, highest = (np.zeros(len(contigs(reads)), dtype=np.int64) for _ in range(4))
    spans = np.concatenate([targets.get(chrom, np.zeros((0, 2), dtype=np.int64)) for chrom in chroms])
    reached = dict(zip(chroms, np.cumsum([0, *(len(targets.get(c, ())) for c in chroms)])[:-1], strict=True))
    for number, chrom in enumerate(contigs(reads)):
        if chrom is not None:
            first[number], last[number] = offset[chrom], offset[chrom] + bins[chrom]
            lowest[number], highest[number] = reached[chrom], reached[chrom] + len(targets.get(chrom, ()))
    starts, ends = np.ascontiguousarray(spans[:, 0]), np.ascontiguousarray(spans[:, 1])
    sums = np.zeros((4, 2 * sum(bins.values())), dtype=np.int64)
    for data in all_records(reads, threads=threads):
        walk.count_parts(np.frombuffer(data, np.uint8), first, last, BIN, lowest, highest, starts, ends, sums)
    begin = np.concatenate([np.arange(bins[c]) * BIN for c in chroms])
    stop = np.concatenate([np.minimum((np.arange(bins[c]) + 1) * BIN, reads.lengths[c]) for c in chroms])
    code = np.repeat([CHROMOSOMES.index(chrom) for chrom in chroms], list(bins.values()))
    return parts_of_bins(reads.build, code, begin, stop, targets, sums)


def parts_of_bins(build: str, chrom: Ints, start: Ints, end: Ints, targets: Spans, sums: Ints) -> Counts:
    """Counts of the two parts of each bin, beside its targets and on them.

    `sums` are kept, low, G and C, bases; of each bin first what lies beside its targets.
    """
    covered, middle = _target_length(chrom, start, end, targets)
    both = np.stack([end - start - covered, covered], axis=1)
    kept = both.ravel() > 0
    begin = np.stack([start, np.where(covered < end - start, middle, start)], axis=1)
    stop = np.stack([np.where(covered > 0, middle, end), end], axis=1)
    return Counts(
        build=build,
        tier="full",
        chrom=np.repeat(chrom, 2)[kept],
        start=begin.ravel()[kept],
        end=stop.ravel()[kept],
        span=both.ravel()[kept],
        kept=sums[0][kept],
        low=sums[1][kept],
        gc=share(sums[2], sums[3])[kept],
        on_target=np.tile([False, True], len(chrom))[kept],
    )


def _target_length(chrom: Ints, start: Ints, end: Ints, targets: Spans) -> tuple[Ints, Ints]:
    """Length (bp) of targets in each bin, and their middle, inside the bin."""
    covered, middle = np.zeros(len(start), dtype=np.int64), start.copy()
    for name, spans in targets.items():
        here = np.flatnonzero(chrom == CHROMOSOMES.index(name))
        if not len(here):
            continue
        # a span on several bins is as many pieces
        pieces = (spans[:, 1] - 1) // BIN - spans[:, 0] // BIN + 1
        number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        own = np.repeat(spans[:, 0] // BIN, pieces) + number
        low = np.maximum(np.repeat(spans[:, 0], pieces), own * BIN)[own < len(here)]
        high = np.minimum(np.repeat(spans[:, 1], pieces), (own + 1) * BIN)[own < len(here)]
        own, high = own[own < len(here)], np.minimum(high, end[here[-1]])
        length = np.maximum(high - low, 0)
        covered[here] = np.bincount(own, length, minlength=len(here)).astype(np.int64)
        moments = np.bincount(own, length * (low + high) / 2, minlength=len(here))
        some = covered[here] > 0
        middle[here[some]] = (moments[some] / covered[here[some]]).astype(np.int64)
    return covered, np.clip(middle, start + 1, end - 1)


def levelled(bins: Bins, on_target: npt.NDArray[np.bool_]) -> Bins:
    """Bins without baits levelled to those with, and taken together where they hold few reads.

    A target and the bins around it have the same copies: the median of their quotients is how much better the baits of
    this sample caught than those of the normals, whatever its chromosomes. Without enough such pairs only the part with
    more reads is kept.
    """
    on, beside = bins.part(on_target), bins.part(~on_target)
    if not len(on.kept) or not len(beside.kept):
        return bins
    quotients, weight = _against_neighbours(_scaled_alone(on), _scaled_alone(beside))
    if len(quotients) < LEAST_PAIRS:
        return on if on.kept.sum() >= beside.kept.sum() else pooled(beside)
    order = np.argsort(quotients)
    reached = np.cumsum(weight[order])
    middle = float(quotients[order][np.searchsorted(reached, reached[-1] / 2)])
    on, beside = _scaled_alone(on), pooled(_scaled_alone(beside))
    return _sorted(replace(on, expected=on.expected * middle), beside)


def _scaled_alone(bins: Bins) -> Bins:
    autosomal = bins.chrom < len(AUTOSOMES)
    return replace(bins, expected=bins.expected * bins.kept[autosomal].sum() / bins.expected[autosomal].sum())


def _against_neighbours(on: Bins, beside: Bins) -> tuple[Floats, Floats]:
    """Ratio of each autosomal target over that of the bins around it, and its weight."""
    kept = np.concatenate([[0], np.cumsum(beside.kept)])
    expected = np.concatenate([[0.0], np.cumsum(beside.expected)])
    key, own = _position(beside), _position(on)
    at = np.searchsorted(key, own)
    arm = np.searchsorted(beside.arm, [on.arm, on.arm + 1], side="left")
    low, high = np.maximum(at - NEIGHBOURS, arm[0]), np.minimum(at + NEIGHBOURS, arm[1])
    around = expected[high] - expected[low]
    usable = (high > low) & (around >= threshold("reads_per_bin")) & (on.expected >= threshold("reads_per_bin"))
    usable &= on.chrom < len(AUTOSOMES)
    other = (kept[high] - kept[low])[usable] / around[usable]
    weight = 1 / (1 / on.expected[usable] + 1 / around[usable])
    known = other > 0
    return (on.ratio[usable][known] / other[known]), weight[known]


def _position(bins: Bins) -> Ints:
    return np.asarray(bins.chrom * 1_000_000_000 + bins.start, dtype=np.int64)


def _sorted(one: Bins, other: Bins) -> Bins:
    order = np.argsort(np.concatenate([_position(one), _position(other)]), kind="stable")

    def both(name: str) -> npt.NDArray:
        return np.asarray(np.concatenate([getattr(one, name), getattr(other, name)])[order])

    return replace(
        one,
        chrom=both("chrom"),
        start=both("start"),
        end=both("end"),
        arm=both("arm"),
        kept=both("kept"),
        expected=both("expected"),
        gc=both("gc"),
        label=both("label"),
        extra=both("extra"),
    )
