"""The copy-number profile of one sample: segments around a baseline of two copies, with their noise."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.genome import AUTOSOMES, CHROMOSOMES, Interval, arms, loci
from mmrisk.resource import facts

ANCHORS = ("2", "4", "10", "12", "20")
"""Chromosomes that myeloma leaves alone most often (spec: share of patients with two copies)."""
SAME_SD = 3.0
"""Segments of a chromosome that lie this close (sd) to their mean have the same copies."""
CODES = {chrom: code for code, chrom in enumerate(CHROMOSOMES)}
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Doubling(StrEnum):
    """Whether the genome is doubled (near-tetraploid)."""

    NOT_SEEN = "not_seen"
    SHOWN = "shown"
    UNCLEAR = "unclear"


@cache
def threshold(name: str) -> float:
    """A threshold of resources/segment_thresholds.tsv."""
    return {row["name"]: float(row["value"]) for row in facts("segment_thresholds.tsv")}[name]


@dataclass(frozen=True, slots=True)
class Sight:
    """From which deviation something is seen: multiples of the noise, the smallest clone that such assays see reliably,
    and the deviations from which a share of cells is reported (copies).
    """

    seen_sd: float
    power_sd: float
    reliable_clone: float
    gain_firm: float
    loss_firm: float
    chromosome_gain_firm: float

    @classmethod
    def from_table(cls, value: Callable[[str], float]) -> "Sight":
        """The sight that a table of thresholds describes."""
        return cls(*(value(field.name) for field in fields(cls)))


@cache
def segment_sight() -> Sight:
    """The sight of segments made elsewhere."""
    return Sight.from_table(threshold)


@dataclass(frozen=True, slots=True)
class Measure:
    """Copies over a place: covered bp, length-weighted medians (minor: NaN where unknown), noise (sd), markers.

    `minor_least` are the fewest copies of the lesser allele that sites allow; NaN where none tell.
    """

    covered: int
    copies: float
    minor: float
    noise: float
    n_markers: int | None
    minor_least: float = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Segments of one sample, sorted by position; arrays have one entry per segment.

    `copies` are relative to the baseline, which is 2 (of a genome that is doubled for certain, each copy lost or gained
    still counts one); `raw` is as the file has it; `callable` is the length in bp on the arms, without the IG loci.
    `scale` is the change of `raw` per copy and tumour cell, `scale_error` its relative error (sd);
    `purity_span` are the factors of shares at the upper and lower end of the purity. `segment_noise` is
    the noise of each segment where it is known, else all have `noise`. `minor_least` are the fewest copies of the
    lesser allele that heterozygous sites allow. `problem` says why nothing can be called.
    """

    build: str
    chrom: Ints
    start: Ints
    end: Ints
    raw: Floats
    copies: Floats
    minor: Floats
    markers: Floats
    callable: Ints
    in_tumour_cells: bool
    baseline: float = np.nan
    scale: float = 1.0
    doubling: Doubling = Doubling.NOT_SEEN
    noise: float = np.nan
    marker_noise: float = 0.0
    rounded: bool = False
    near_haploid: bool = False
    warnings: tuple[str, ...] = ()
    problem: str = ""
    sight: Sight = field(default_factory=segment_sight)
    scale_error: float = 0.0
    purity_span: tuple[float, float] = (1.0, 1.0)
    segment_noise: Floats | None = None
    minor_least: Floats | None = None
    doubling_detail: str = ""

    def over(self, place: Interval) -> Measure:
        """Copies over a place. The larger part decides, as it does for a probe."""
        first, last = np.searchsorted(self.chrom, [CODES[place.chrom], CODES[place.chrom] + 1])
        here = slice(first, last)
        overlap = np.minimum(self.end[here], place.end) - np.maximum(self.start[here], place.start)
        inside = np.flatnonzero(overlap > 0) + first
        if not len(inside):
            return Measure(0, np.nan, np.nan, self.noise, None)
        length = overlap[inside - first]
        n_markers = float(np.nansum(self.markers[inside])) if not np.isnan(self.markers[inside]).all() else np.nan
        if self.segment_noise is not None:
            noise = weighted_quantile(self.segment_noise[inside], length, 0.5)
        else:
            noise = self._noise_of(n_markers)
        return Measure(
            int(length.sum()),
            weighted_quantile(self.copies[inside], length, 0.5),
            weighted_quantile(self.minor[inside], length, 0.5),
            float(noise),
            None if np.isnan(n_markers) else int(n_markers),
            np.nan if self.minor_least is None else weighted_quantile(self.minor_least[inside], length, 0.5),
        )

    def _noise_of(self, n_markers: float) -> float:
        if np.isnan(n_markers):
            return self.noise
        return float(np.hypot(self.noise, self.marker_noise / np.sqrt(max(n_markers, 1))))

    def mostly(self, chrom: str, share: float) -> tuple[float, float]:
        """Copies at or below which `share` of the callable, covered length of a chromosome lies, and their noise.

        Where the noise of segments is known and they do not differ by more than it, it is their mean that counts.
        """
        here = self.on(chrom)
        copies, length = self.copies[here], self.callable[here]
        value = weighted_quantile(copies, length, share)
        if self.segment_noise is None or not length.sum():
            return value, self.noise
        noise, part = self.segment_noise[here], length / length.sum()
        mean = float((part * copies).sum())
        if (np.abs(copies - mean) <= SAME_SD * noise).all():
            return mean, float(np.sqrt(((part * noise) ** 2).sum()))
        return value, float(noise[copies == value].max())

    def on(self, chrom: str) -> slice:
        """Segments of a chromosome."""
        return slice(*np.searchsorted(self.chrom, [CODES[chrom], CODES[chrom] + 1]))

    def covered(self, chrom: str) -> float:
        """Share of the callable length of a chromosome that segments cover."""
        return float(self.callable[self.on(chrom)].sum() / callable_length(self.build)[chrom])


def weighted_quantile(values: Floats, weights: Ints, share: float) -> float:
    """Smallest value at or below which `share` of the weight lies; NaN for no weight or unknown values."""
    if not len(values) or not weights.sum():
        return np.nan
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1])])


@cache
def _callable_spans(build: str) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Arms, and the IG loci, whose rearrangement every plasma cell shows as a false loss."""
    return tuple(arms(build).values()), tuple(locus.span for locus in loci(build, "ig").values())


@cache
def callable_length(build: str) -> dict[str, int]:
    """Length of each chromosome without centromere, acrocentric short arm and IG loci."""
    kept, masked = _callable_spans(build)
    total = dict.fromkeys(CHROMOSOMES, 0)
    for span in kept:
        total[span.chrom] += span.length - sum(span.overlap(mask) for mask in masked)
    return total


def _callable(build: str, chrom: Ints, start: Ints, end: Ints) -> Ints:
    kept, masked = _callable_spans(build)
    length = np.zeros(len(chrom), dtype=np.int64)
    for sign, spans in ((1, kept), (-1, masked)):
        lows = np.full((2, len(CHROMOSOMES)), 0)
        highs = np.full((2, len(CHROMOSOMES)), 0)
        taken = dict.fromkeys(CHROMOSOMES, 0)
        for span in spans:
            lows[taken[span.chrom], CODES[span.chrom]] = span.start
            highs[taken[span.chrom], CODES[span.chrom]] = span.end
            taken[span.chrom] += 1
        for low, high in zip(lows, highs, strict=True):
            length += sign * np.maximum(0, np.minimum(end, high[chrom]) - np.maximum(start, low[chrom]))
    return length


def make_profile(segments: pd.DataFrame, *, build: str, purity_corrected: bool, purity: float | None = None) -> Profile:
    """Profile of one sample from its segments (columns as in `SegmentFile`, sorted by position).

    With `purity`, copies of the material are turned into copies of its tumour cells.
    """
    chrom = segments["chrom"].map(CODES).to_numpy(dtype=np.int64)
    start, end = segments["start"].to_numpy(), segments["end"].to_numpy()
    raw = segments["copies"].to_numpy(dtype=float)
    minor = segments["minor_copies"].to_numpy(dtype=float)
    major = segments["major_copies"].to_numpy(dtype=float)
    length = _callable(build, chrom, start, end)
    share = 1.0 if purity_corrected or purity is None else purity
    parts = {
        "build": build,
        "chrom": chrom,
        "start": start,
        "end": end,
        "raw": raw,
        "minor": minor,
        "markers": segments["n_markers"].to_numpy(dtype=float),
        "callable": length,
        "in_tumour_cells": purity_corrected or purity is not None,
    }
    baseline, warnings = _baseline(chrom, length, raw, minor, major, build)
    if np.isnan(baseline):
        return Profile(**parts, copies=np.full(len(raw), np.nan), warnings=warnings, problem=warnings[0])
    doubling = Doubling.NOT_SEEN
    if baseline >= threshold("doubled_baseline"):
        doubling = _doubling(chrom, end - start, length, raw - baseline + 4, major + minor)
    scale = share * (2.0 if doubling == Doubling.UNCLEAR else 1.0)
    copies = 2 + (raw - baseline) / scale
    noise, marker_noise, rounded = _noise(chrom, end - start, copies, parts["markers"])
    near_haploid = _is_near_haploid(chrom, length, copies)
    # rounding would leave no long segment between two whole numbers: neutral ones that agree were snapped there
    fractional = (length >= threshold("fractional_segment")) & (chrom < len(AUTOSOMES))
    fractional &= np.abs(raw - np.round(raw)) > threshold("fractional_copies")
    rounded = rounded and not fractional.any()
    warnings += ("doubling_unclear",) if doubling == Doubling.UNCLEAR else ()
    warnings += ("doubled_genome",) if doubling == Doubling.SHOWN else ()
    warnings += ("whole_copies_only",) if rounded else ()
    warnings += ("near_haploid_genome",) if near_haploid else ()
    return Profile(
        **parts,
        copies=copies,
        baseline=baseline,
        scale=scale,
        doubling=doubling,
        noise=noise,
        marker_noise=marker_noise,
        rounded=rounded,
        near_haploid=near_haploid,
        warnings=warnings,
    )


def _baseline(
    chrom: Ints, length: Ints, raw: Floats, minor: Floats, major: Floats, build: str
) -> tuple[float, tuple[str, ...]]:
    """Copies of the unaltered genome: the median over stable chromosomes, and warnings; NaN where it cannot be told.

    Where allele copies are known, only segments with as many copies of both alleles count: a gained or lost stable
    chromosome cannot pull the baseline then.
    """
    anchor = np.isin(chrom, [CODES[name] for name in ANCHORS])
    total = sum(callable_length(build)[name] for name in ANCHORS)
    if length[anchor].sum() < threshold("anchor_covered") * total:
        return np.nan, ("baseline_unclear",)
    other = np.where(np.isnan(major), raw - minor, major)
    with np.errstate(invalid="ignore"):
        balanced = anchor & (minor > 0.5) & (np.abs(other - minor) < threshold("odd_spread"))
    if length[balanced].sum() >= threshold("anchor_balanced") * length[anchor].sum():
        anchor = balanced
    baseline = weighted_quantile(raw[anchor], length[anchor], 0.5)
    close = np.abs(raw[anchor] - baseline) <= threshold("anchor_spread") * max(baseline / 2, 1)
    agreement = length[anchor][close].sum() / length[anchor].sum()
    good = agreement >= threshold("anchor_share_good")
    # a divided vote for an odd number of copies is a vote for gained chromosomes
    if agreement < threshold("anchor_share") or (not good and round(baseline) == 3):
        return np.nan, ("baseline_unclear",)
    return baseline, (() if good else ("anchors_disagree",))


def _doubling(chrom: Ints, span: Ints, length: Ints, absolute: Floats, whole: Floats) -> Doubling:
    """Whether a baseline of four copies is a doubled genome.

    A fit with every number of copies doubled explains the data as well as the plain one. Only odd numbers of copies,
    shared by all tumour cells, show that chromosomes were lost or gained after a doubling.
    """
    autosomal = chrom < len(AUTOSOMES)
    nearest = np.where(np.isnan(whole), np.round(absolute), whole)
    odd = (nearest % 2 == 1) & (nearest <= threshold("odd_highest"))
    odd &= autosomal & (np.abs(absolute - nearest) < threshold("odd_spread")) & (span >= threshold("noise_segment"))
    share = length[odd].sum() / max(length[autosomal].sum(), 1)
    shown = share >= threshold("odd_share") and len(np.unique(chrom[odd])) >= threshold("odd_chromosomes")
    return Doubling.SHOWN if shown else Doubling.UNCLEAR


def _noise(chrom: Ints, span: Ints, copies: Floats, markers: Floats) -> tuple[float, float, bool]:
    """Noise of a locus (sd), noise of a single marker, and whether values are rounded to whole copies.

    The noise is the length-weighted median deviation of long segments near the baseline, as sd of a normal
    distribution, and not less than a floor for what segments cannot show (GC waves, probe effects).
    """
    deviation = np.abs(copies - 2)
    near = (chrom < len(AUTOSOMES)) & (deviation < threshold("near_baseline"))
    rounded = len(np.unique(copies[near])) == 1 and len(np.unique(chrom[near])) >= 3
    long = near & (span >= threshold("noise_segment"))
    if long.sum() < threshold("noise_segments"):
        return threshold("noise_unknown"), 0.0, rounded
    noise = max(threshold("noise_floor"), 1.4826 * weighted_quantile(deviation[long], span[long], 0.5))
    marked = near & (markers >= 1)
    if marked.sum() < 2 * threshold("noise_segments"):
        return noise, 0.0, rounded
    few = marked & (markers <= np.median(markers[marked]))
    return noise, float(1.4826 * np.median(deviation[few] * np.sqrt(markers[few]))), rounded


def _is_near_haploid(chrom: Ints, length: Ints, copies: Floats) -> bool:
    autosomal = chrom < len(AUTOSOMES)
    single = autosomal & (copies <= threshold("monosomic_copies"))
    return bool(length[single].sum() >= threshold("monosomic_share") * length[autosomal].sum() > 0)
