"""The error model: how many fragments make a junction, and how small a clone would have been seen.

Two kinds of false junctions are held apart. *Chance*: chimeric fragments fall anywhere; two of them meet in
N(N-1)/2 / boxes genomes, N being the fragments of this genome that join a partner window to an IG locus, and 1 / boxes
the chance that two are taken for one junction or for both junctions of one exchange: the share of all places (bp) and
strands where the second must lie for that. *Place*: around a repeat, reads are misplaced to many other places; a
junction there must agree better than such reads would.

Fragments across a junction follow a Poisson law whose mean grows with depth, purity and the share of the clone; the
detection limit is the share at which the threshold is reached with 95 % power.

The few sums that this takes are written out: importing scipy takes longer than reading the windows of a genome.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mmrisk.genome import Interval
from mmrisk.translocations.read_clues import Scan
from mmrisk.translocations.thresholds import threshold, whole

ORIENTATIONS = 4
"""Pairs of strands: one is that of the same junction, and one that of the other junction of an exchange."""
LARGEST_THRESHOLD = 50
BISECTIONS = 30
NORMAL_COPIES = 2.0
"""Copies of a locus in a cell where no segments say otherwise."""


@dataclass(frozen=True, slots=True)
class Library:
    """The fragments of a file: mean and longest usual length (bp), read length, share of reads that are chimeric."""

    fragment: float
    longest: int
    read_length: int
    chimeric: float


def library_of(scans: Sequence[Scan]) -> Library:
    """Fragment lengths and chimeras of all regions together; the chimeras by the median region."""
    lengths = sorted(length for scan in scans for length in scan.lengths)
    read_length = max((scan.read_length for scan in scans), default=0)
    if not lengths:
        return Library(float(read_length or 0), 1_000, read_length, 0.0)
    kept = lengths[len(lengths) // 100 : len(lengths) - len(lengths) // 100] or lengths
    shares = sorted(len(scan.clues) / scan.trusted for scan in scans if scan.trusted >= SAMPLE)
    chimeric = shares[len(shares) // 2] if shares else 0.0
    return Library(sum(kept) / len(kept), max(kept[-1], 2 * read_length, 300), read_length, chimeric)


SAMPLE = 1_000
"""Reads of a region from which its share of chimeras counts."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Fragments that a junction needs: of those that agree on both sides, or on the partner side only (`loose`)."""

    sure: int
    loose: int


def needed_fragments(
    chance_fragments: int,
    *,
    partner: Sequence[Interval],
    donor: Sequence[Interval],
    longest: int,
    fewest: int | None = None,
    loose: float = 1.0,
) -> Needed:
    """Thresholds at which chance alone makes less than `false_junctions` in this genome.

    `chance_fragments` join a place of `partner` to one of `donor` but belong to no junction; `longest` is the longest
    usual fragment (bp). Fragments whose donor side maps to several places agree with any others of the same locus: only
    partner islands and strands tell them apart, and a share `loose` of them is like that. `fewest` is the least of
    both, by default `min_fragments`.
    """
    fewest = fewest or whole("min_fragments")
    island, doubled = whole("partner_island"), whole("most_doubled")
    partners, donors = (sum(span.length for span in spans) for spans in (partner, donor))
    # places before and behind the partner side of a first fragment: of the same junction, of the other one
    same, other = 2 * island, island + doubled
    on_both = same * 2 * max(longest, whole("ig_island")) + other * 2 * island
    one_locus = sum((span.length / donors) ** 2 for span in donor)
    sure = _threshold(chance_fragments, ORIENTATIONS * partners * donors / on_both, fewest)
    on_one = _threshold(chance_fragments, ORIENTATIONS * partners / (same + other) / one_locus, fewest, loose=loose)
    return Needed(sure, max(sure, on_one))


def _threshold(chance_fragments: int, boxes: float, fewest: int, *, loose: float = 1.0) -> int:
    mean = chance_fragments / boxes
    for count in range(fewest, LARGEST_THRESHOLD):
        concerned = 1 - (1 - loose) ** count
        met = boxes * poisson_tail(count, mean) * threshold("clumping") ** (count - 1) * concerned
        if met <= threshold("false_junctions"):
            return count
    return LARGEST_THRESHOLD


def is_place_noise(fragments: int, stray: int, *, expected: float) -> bool:
    """Whether a junction's fragments agree no better than misplaced reads would.

    `stray` fragments of the place point to other single places; `expected` of them are ordinary chimeras. What is in
    excess is taken for misplaced reads that choose among as many destinations as were seen.
    """
    excess = stray - poisson_quantile(1 - threshold("expected_noise"), expected)
    if excess <= 0:
        return False
    places = excess + 1
    chance = places * binomial_tail(fragments, fragments + excess, 1 / places)
    return chance > threshold("local_false")


def fragments_per_copy(scan: Scan) -> float:
    """Trusted fragments that begin at one base of one copy of the region."""
    return scan.trusted / 2 / scan.region.length / NORMAL_COPIES if scan.region.length else 0.0


def seen_length(library: Library) -> float:
    """Places of a fragment around a junction from which it is evidence (bp)."""
    return max(0.0, library.fragment - 2 * whole("seen_bases"))


def expected_fragments(per_copy: float, library: Library, *, derivatives: int) -> float:
    """Fragments expected across the junctions of a clone that is the whole sample, one copy rearranged."""
    return derivatives * per_copy * seen_length(library) * threshold("ig_mapped")


def detection_limit(
    expected: float, needed: Needed, *, loose: float = 0.0, purity: float | None, apart: bool = False
) -> float | None:
    """Smallest share of (tumour) cells that gives enough fragments with 95 % power; None where none does.

    A share `loose` of the breakpoints lies where reads of the IG side have no place of their own, and more are needed.
    `apart` says that one of the two junctions of an exchange must have enough by itself.
    """

    def reached(count: int, mean: float) -> float:
        if apart:
            return 1 - (1 - poisson_tail(count, mean / 2)) ** 2
        return poisson_tail(count, mean)

    def power(mean: float) -> float:
        return (1 - loose) * reached(needed.sure, mean) + loose * reached(needed.loose, mean)

    clone = expected * (purity or 1.0)
    if power(clone) < threshold("power"):
        return None
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle * clone) >= threshold("power") else (middle, high)
    return high


def poisson_tail(count: int, mean: float) -> float:
    """Chance of `count` or more."""
    if mean <= 0 or count <= 0:
        return float(count <= 0)

    def term(number: int) -> float:
        return math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))

    if mean >= count / 2:
        return max(0.0, 1.0 - sum(map(term, range(count))))
    # a small chance is summed itself: one minus the rest would lose its digits
    return sum(map(term, range(count, count + 40)))


def poisson_quantile(share: float, mean: float) -> int:
    """Smallest count that a share of cases does not exceed."""
    count = 0
    while 1.0 - poisson_tail(count + 1, mean) < share:
        count += 1
    return count


def binomial_tail(count: int, trials: int, share: float) -> float:
    """Chance of `count` or more of `trials`."""
    if count <= 0 or share >= 1:
        return float(count <= trials)
    whole_log = math.lgamma(trials + 1)

    def term(number: int) -> float:
        ways = whole_log - math.lgamma(number + 1) - math.lgamma(trials - number + 1)
        return math.exp(ways + number * math.log(share) + (trials - number) * math.log1p(-share))

    return min(1.0, sum(map(term, range(count, trials + 1))))
