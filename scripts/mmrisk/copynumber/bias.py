"""From counts to bins: what cannot be counted left out, GC content, mappability and panel of normals corrected."""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.counts import Counts, threshold
from mmrisk.copynumber.segmentation import robust_sd, segment
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, arms, loci
from mmrisk.resource import facts

if TYPE_CHECKING:
    import pandas as pd

GC_ROUNDS = 2
GC_DEGREE = 3
WIDE = 1_000_000
"""Wider bins (bp; slices of a thin CRAM) may hold some masked sequence, narrower ones none."""
LEAST_FIT = 200
"""Fewer bins with a known GC content fit no curve."""
PRIOR_READS = 50
"""The mappability of a bin is drawn towards that of the genome by so many reads."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Bins on the arms, sorted; `expected` are the reads of two copies, `label` numbers the segments.

    `arm` is the place in `arm_names(build)`; `spread` is the standard deviation of the ratio of a bin beyond that of
    counting (overdispersion), `extra` the variance that a panel of normals shows for each.
    """

    build: str
    chrom: Ints
    start: Ints
    end: Ints
    arm: Ints
    kept: Ints
    expected: Floats
    gc: Floats
    label: Ints
    spread: float
    extra: Floats

    @property
    def ratio(self) -> Floats:
        """Reads over those expected of two copies."""
        return self.kept / self.expected

    @property
    def weight(self) -> Floats:
        """Inverse variance of the ratio of a bin with two copies."""
        return 1 / (1 / self.expected + self.spread**2 + self.extra)

    @property
    def log_ratio(self) -> Floats:
        """Base-2 logarithm of the ratio, finite also without reads."""
        return np.log2((self.kept + 0.5) / (self.expected + 0.5))

    def part(self, chosen: npt.NDArray) -> "Bins":
        """The bins chosen (mask)."""
        names = ("chrom", "start", "end", "arm", "kept", "expected", "gc", "label", "extra")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


@cache
def arm_names(build: str) -> tuple[str, ...]:
    """Arms in the order of the genome."""
    return tuple(sorted(arms(build), key=lambda name: (CHROMOSOMES.index(arms(build)[name].chrom), name[-1])))


def usable_bins(counts: Counts, panel: "pd.DataFrame | None" = None) -> Bins:
    """Bins on an arm, outside heterochromatin and IG loci, that map uniquely; expected reads by length, or by a panel.

    `panel` is a panel of normals with one row per bin (`normals.read_panel`): only autosomes are known from it.
    """
    arm, lost = _arm_of(counts), _masked_length(counts)
    length = counts.end - counts.start
    wide = length > WIDE
    good = (arm >= 0) & (counts.span > 0) & np.where(wide, lost <= length / 2, lost == 0)
    total = counts.kept + counts.low
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(total >= threshold("low_mapq_reads"), counts.low / np.maximum(total, 1), 0.0)
    good &= low <= threshold("low_mapq")
    genome = counts.kept[good].sum() / max(total[good].sum(), 1)
    mappable = (counts.kept + PRIOR_READS * genome) / (total + PRIOR_READS) / genome
    expected = counts.span * (1 - lost / length) * np.where(total > 0, mappable, 1.0)
    extra = np.zeros(len(expected))
    if panel is not None:
        share = panel["share"].to_numpy(dtype=float, na_value=0.0)
        spread = panel["spread"].to_numpy(dtype=float, na_value=np.inf)
        good &= (counts.chrom < len(AUTOSOMES)) & (share >= threshold("normals_share"))
        good &= spread <= threshold("normals_spread")
        expected, extra = share, np.where(good, spread, 0.0) ** 2
    bins = Bins(
        build=counts.build,
        chrom=counts.chrom,
        start=counts.start,
        end=counts.end,
        arm=arm,
        kept=counts.kept,
        expected=expected,
        gc=counts.gc,
        label=np.zeros(len(arm), dtype=np.int64),
        spread=0.0,
        extra=extra,
    ).part(good)
    if not len(bins.kept):
        return bins
    if counts.on_target is not None:
        from mmrisk.copynumber.captures import levelled

        bins = _scaled(levelled(bins, counts.on_target[good]))
    else:
        bins = _scaled(pooled(bins))
    return bins.part(~_piled_up(bins))


def without_unread(bins: Bins) -> Bins:
    """Segmented bins without long segments that are as good as without reads, save those of Y.

    No cell lives without so much sequence: the file lacks it, not the cells.
    """
    kept, expected, _ = segment_sums(bins)
    length = np.bincount(bins.label, bins.end - bins.start)
    empty = (length > threshold("longest_null")) & (kept < threshold("unread_rate") * expected)
    empty &= expected >= threshold("unread_expected")
    unread = empty[bins.label] & (bins.chrom <= CHROMOSOMES.index("X"))
    kept_bins = bins.part(~unread)
    return replace(kept_bins, label=np.unique(kept_bins.label, return_inverse=True)[1])


def arms_left_out(counts: Counts, bins: Bins) -> list[str]:
    """Arms of which the file could tell but none of whose bins is usable, without those of Y."""
    names, counted = arm_names(counts.build), np.unique(_arm_of(counts))
    return [names[n] for n in np.setdiff1d(counted[counted >= 0], bins.arm) if not names[n].startswith("Y")]


def _arm_of(counts: Counts) -> Ints:
    """Number of the arm on which most of each bin lies, -1 for none."""
    arm, most = np.full(len(counts.start), -1), np.zeros(len(counts.start), dtype=np.int64)
    for number, name in enumerate(arm_names(counts.build)):
        span = arms(counts.build)[name]
        shared = np.minimum(counts.end, span.end) - np.maximum(counts.start, span.start)
        here = (counts.chrom == CHROMOSOMES.index(span.chrom)) & (shared > most)
        arm[here], most[here] = number, shared[here]
    return arm


def _masked_length(counts: Counts) -> Ints:
    """Length (bp) of each bin in heterochromatin and IG loci."""
    lost = np.zeros(len(counts.start), dtype=np.int64)
    for chrom, start, end in masked_spans(counts.build):
        shared = np.minimum(counts.end, end) - np.maximum(counts.start, start)
        lost += np.where(counts.chrom == chrom, np.maximum(shared, 0), 0)
    return lost


@cache
def masked_spans(build: str) -> tuple[tuple[int, int, int], ...]:
    """Heterochromatin and IG loci: number of the chromosome, start, end."""
    bands = [
        (CHROMOSOMES.index(row["chrom"]), int(row["start"]), int(row["end"]))
        for row in facts("masked_bands.tsv")
        if row["build"] == build
    ]
    ig = [(CHROMOSOMES.index(x.span.chrom), x.span.start, x.span.end) for x in loci(build, "ig").values()]
    return tuple(sorted((*bands, *ig)))


def pooled(bins: Bins) -> Bins:
    """Neighbouring bins of an arm taken together where single ones hold too few reads, as in very thin genomes."""
    factor = int(np.ceil(threshold("reads_per_bin") / max(bins.kept.mean(), 1e-9)))
    if factor == 1:
        return bins
    first = np.flatnonzero(np.diff(bins.arm, prepend=-1))
    place = np.arange(len(bins.arm)) - np.repeat(first, np.diff(np.append(first, len(bins.arm))))
    _, at, group = np.unique(bins.arm * len(bins.arm) + place // factor, return_index=True, return_inverse=True)
    count = np.bincount(group)
    known = np.isfinite(bins.gc)
    weight = np.bincount(group, np.where(known, bins.kept, 0))
    return replace(
        bins.part(at),
        end=bins.end[np.append(at[1:], len(group)) - 1],
        kept=np.bincount(group, bins.kept).astype(np.int64),
        expected=np.asarray(np.bincount(group, bins.expected), dtype=float),
        gc=np.bincount(group, np.where(known, bins.gc * bins.kept, 0.0)) / np.where(weight > 0, weight, np.nan),
        extra=np.bincount(group, bins.extra) / count**2,
    )


def _scaled(bins: Bins) -> Bins:
    """Expected reads such that the median autosomal ratio is 1."""
    autosomal = bins.chrom < len(AUTOSOMES)
    ratio = bins.kept[autosomal].sum() / bins.expected[autosomal].sum()
    scaled = bins.expected * ratio
    many = autosomal & (scaled >= 5)
    middle = np.median(bins.kept[many] / scaled[many]) if many.sum() > LEAST_FIT else 1.0
    return replace(bins, expected=scaled * (middle or 1.0))


def _piled_up(bins: Bins) -> npt.NDArray[np.bool_]:
    """Bins with many times the reads of their neighbours."""
    ratio = np.pad(bins.ratio, 2, mode="edge")
    around = np.median(np.stack([ratio[0:-4], ratio[1:-3], ratio[3:-1], ratio[4:]]), axis=0)
    return (bins.ratio > threshold("pile_up") * np.maximum(around, 0.25)) & (bins.kept > threshold("low_mapq_reads"))


def corrected(bins: Bins) -> Bins:
    """Bins with GC content corrected and segments numbered: each round fits what the segments leave."""
    bins = segmented(bins)
    if not _gc_known(bins):
        return bins
    for _ in range(GC_ROUNDS):
        bins = segmented(_scaled(_gc_corrected(bins)))
    return bins


def _gc_known(bins: Bins) -> bool:
    known = np.isfinite(bins.gc) & (bins.chrom < len(AUTOSOMES))
    return bool(known.sum() >= LEAST_FIT)


def _gc_corrected(bins: Bins) -> Bins:
    """Expected reads times a smooth curve of the GC content (cubic; Benjamini 2012, doi:10.1093/nar/gks001)."""
    level = segment_ratio(bins)
    fit = np.isfinite(bins.gc) & (bins.chrom < len(AUTOSOMES)) & (level > 0.1) & (bins.kept > 0)
    left = np.log2((bins.kept[fit] + 0.5) / (bins.expected[fit] * level[fit] + 0.5))
    low, high = np.quantile(bins.gc[fit], [0.005, 0.995])
    middle, width = np.median(bins.gc[fit]), max(high - low, 1e-3)
    gc = (np.clip(bins.gc, low, high) - middle) / width
    weight = np.sqrt(bins.weight[fit])
    for _ in range(3):  # least squares that forgives outliers
        curve = np.polynomial.Polynomial.fit(gc[fit], left, GC_DEGREE, w=weight, domain=[-1, 1])
        residual = np.abs(left - curve(gc[fit])) * np.sqrt(bins.weight[fit])
        scale = max(1.4826 * np.median(residual), 1e-9)
        weight = np.sqrt(bins.weight[fit]) * np.where(residual > 3 * scale, 3 * scale / np.maximum(residual, 1e-9), 1.0)
    factor = np.where(np.isfinite(gc), 2 ** curve(np.nan_to_num(gc)), 1.0)
    return replace(bins, expected=bins.expected * factor)


def segmented(bins: Bins) -> Bins:
    """Bins with their overdispersion and their segments."""
    autosomal = bins.chrom < len(AUTOSOMES)
    value = bins.log_ratio
    with np.errstate(divide="ignore"):
        sd = robust_sd(value[autosomal], bins.expected[autosomal])  # of a bin with one expected read, were it counting
    counting = 1 / np.log(2)
    excess = max(0.0, (sd**2 - counting**2) if np.isfinite(sd) else 0.0) * np.log(2) ** 2
    spread = float(np.sqrt(excess / np.median(bins.expected[autosomal])))
    bins = replace(bins, spread=spread)
    label = segment(bins.arm, value, bins.weight, penalty=threshold("penalty"))
    return replace(bins, label=label)


def segment_sums(bins: Bins) -> tuple[Floats, Floats, Floats]:
    """Reads, expected reads and weight of each segment."""
    return (
        np.asarray(np.bincount(bins.label, bins.kept.astype(float)), dtype=float),
        np.asarray(np.bincount(bins.label, bins.expected), dtype=float),
        np.asarray(np.bincount(bins.label, bins.weight), dtype=float),
    )


def segment_ratio(bins: Bins) -> Floats:
    """Ratio of the segment of each bin."""
    kept, expected, _ = segment_sums(bins)
    return (kept / np.maximum(expected, 1e-9))[bins.label]
