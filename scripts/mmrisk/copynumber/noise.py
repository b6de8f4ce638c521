"""Noise of a stretch of bins: counting, overdispersion, and slow waves that averaging over neighbours leaves."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.bias import Bins, segment_ratio, segment_sums
from mmrisk.copynumber.counts import threshold
from mmrisk.genome import AUTOSOMES

LEAST_BLOCKS = 10
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of ratios: `unit` is the sd of a stretch of unit weight, `wave` the sd of waves over a wave's length."""

    unit: float
    wave: float
    floor: float

    def of(self, weight: npt.ArrayLike, length: npt.ArrayLike) -> Floats:
        """Standard deviation of the ratio of stretches, by their weight and their length (bp)."""
        waves = np.maximum(np.asarray(length, dtype=float) / threshold("wave_reach"), 1.0)
        return np.sqrt(
            self.unit**2 / np.maximum(np.asarray(weight, dtype=float), 1e-9) + self.wave**2 / waves + self.floor**2
        )


def measure_noise(bins: Bins) -> Noise:
    """Noise of a sample, from neighbours within segments and from blocks of long segments."""
    level = np.maximum(segment_ratio(bins), 0.05)
    autosomal = bins.chrom < len(AUTOSOMES)
    residual = (bins.ratio - level) / np.sqrt(level)
    same = (np.diff(bins.label) == 0) & autosomal[1:]
    weight = bins.weight
    steps = np.diff(residual) / np.sqrt(1 / weight[1:] + 1 / weight[:-1])
    unit = float(np.sqrt(np.mean(_trimmed(steps[same]) ** 2))) if same.sum() > LEAST_BLOCKS else 1.0
    return Noise(unit, _waves(bins, residual * np.sqrt(level), unit), threshold("noise_floor"))


def _trimmed(values: Floats) -> Floats:
    """Values without the far outliers that a bad bin makes."""
    scale = 1.4826 * np.median(np.abs(values))
    return np.clip(values, -4 * scale, 4 * scale)


def _waves(bins: Bins, residual: Floats, unit: float) -> float:
    """Spread of block means within long segments beyond what single bins explain."""
    block = bins.start // int(threshold("wave_length"))
    key = bins.label * 1000 + block
    _, number = np.unique(key, return_inverse=True)
    weight = np.bincount(number, bins.weight)
    mean = np.bincount(number, bins.weight * residual) / weight
    label = np.zeros(len(weight), dtype=np.int64)
    label[number] = bins.label
    length = np.bincount(bins.label, bins.end - bins.start)
    blocks = np.bincount(label, minlength=len(length))
    chrom = np.zeros(len(weight), dtype=np.int64)
    chrom[number] = bins.chrom
    chosen = (length[label] >= threshold("long_segment")) & (blocks[label] >= 2) & (chrom < len(AUTOSOMES))
    chosen &= weight > 0.3 * np.median(weight)
    if chosen.sum() < LEAST_BLOCKS:
        return 0.0
    # a segment's own mean takes one degree of freedom of its blocks
    freedom = 1 - 1 / blocks[label][chosen]
    excess = (mean[chosen] ** 2 / freedom - unit**2 / weight[chosen]).mean()
    return float(np.sqrt(max(0.0, excess)))


def merged(bins: Bins, noise: Noise) -> Bins:
    """Neighbouring segments of an arm joined where they differ by no more than noise."""
    while True:
        kept, expected, weight = segment_sums(bins)
        ratio = kept / expected
        first = np.flatnonzero(np.diff(bins.label, prepend=-1))
        arm = bins.arm[first]
        length = np.bincount(bins.label, bins.end - bins.start)
        sd = noise.of(weight, length) * np.sqrt(np.maximum(ratio, 0.1))
        apart = np.abs(np.diff(ratio)) / np.hypot(sd[1:], sd[:-1])
        apart[np.diff(arm) != 0] = np.inf
        if not len(apart) or apart.min() >= threshold("merge_sd"):
            return bins
        where = int(np.argmin(apart))
        bins = replace(bins, label=bins.label - (bins.label > where))
