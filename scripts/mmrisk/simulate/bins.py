"""Counts by bin of a known genome, without reads: fast enough for grids of thousands of samples."""

from functools import cache

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.alleles import Sites, sites_of
from mmrisk.copynumber.counts import BIN, Counts
from mmrisk.genome import CHROMOSOMES, arms, chrom_lengths
from mmrisk.simulate.reference import masked
from mmrisk.simulate.truth import Truth

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KNOT = 1_000_000
"""Resolution (bp) at which waves are drawn."""


@cache
def grid_bins(build: str, chromosomes: tuple[str, ...], width: int = BIN) -> tuple[Ints, Ints, Ints, Floats]:
    """Chromosome number, start and end of each bin, and its share of sequence."""
    chrom, start, end, share = [], [], [], []
    for name in chromosomes:
        length = chrom_lengths(build)[name]
        begin = np.arange(0, length, width)
        stop = np.minimum(begin + width, length)
        lost = sum(
            np.maximum(0, np.minimum(stop, high) - np.maximum(begin, low)) for low, high in masked(build, name)
        ) + np.zeros(len(begin))
        chrom.append(np.full(len(begin), CHROMOSOMES.index(name)))
        start.append(begin)
        end.append(stop)
        share.append(1 - lost / (stop - begin))
    return np.concatenate(chrom), np.concatenate(start), np.concatenate(end), np.concatenate(share)


def expected_reads(truth: Truth, width: int = BIN) -> Floats:
    """Expected reads of each bin, without waves: copies, depth, sequence, usable reads."""
    chrom, start, end, share = grid_bins(truth.build, truth.chromosomes, width)
    copies = np.empty(len(chrom))
    for name in truth.chromosomes:
        here = np.flatnonzero(chrom == CHROMOSOMES.index(name))
        mean = np.zeros(len(here))
        for low, high, number, _ in truth.pieces(name):
            overlap = np.maximum(0, np.minimum(end[here], high) - np.maximum(start[here], low))
            mean += number * overlap / (end[here] - start[here])
        copies[here] = mean
    usable = (1 - truth.library.duplicates) * (1 - truth.library.low_mapq)
    return copies / 2 * truth.depth / truth.library.read_length * (end - start) * share * usable


def waves(truth: Truth, rng: np.random.Generator, width: int = BIN) -> Floats:
    """Slow waves of log coverage: smooth noise between knots of the library's wave length."""
    chrom, start, _, _ = grid_bins(truth.build, truth.chromosomes, width)
    out, length = np.empty(len(chrom)), truth.library.wave_length
    for name in truth.chromosomes:
        here = chrom == CHROMOSOMES.index(name)
        knots = rng.normal(0.0, truth.library.wave, chrom_lengths(truth.build)[name] // length + 3)
        out[here] = np.interp(start[here] + width / 2, np.arange(len(knots)) * length, knots)
    return out


def arm_biases(truth: Truth, rng: np.random.Generator, width: int = BIN) -> Floats:
    """One deviation of log coverage for each arm."""
    chrom, start, _, _ = grid_bins(truth.build, truth.chromosomes, width)
    out = np.zeros(len(chrom))
    for span in arms(truth.build).values():
        here = (chrom == CHROMOSOMES.index(span.chrom)) & (start < span.end) & (start + width > span.start)
        out[here] = rng.normal(0.0, truth.library.arm_bias)
    return out


def simulate_bins(truth: Truth, *, width: int = BIN, dispersion: float = 0.02) -> Counts:
    """Counts of one sample; `dispersion` is the standard deviation of the ratio of a bin beyond that of counting."""
    chrom, start, end, _ = grid_bins(truth.build, truth.chromosomes, width)
    rng = np.random.default_rng([truth.seed, 17])
    mean = expected_reads(truth, width)
    if truth.library.wave:
        mean = mean * np.exp(waves(truth, rng, width))
    if truth.library.arm_bias:
        mean = mean * np.exp(arm_biases(truth, rng, width))
    if dispersion:
        mean = mean * rng.gamma(1 / dispersion**2, dispersion**2, len(mean))
    kept = rng.poisson(mean)
    share = truth.library.low_mapq
    return Counts(
        build=truth.build,
        tier="full",
        chrom=chrom,
        start=start,
        end=end,
        span=end - start,
        kept=kept,
        low=rng.poisson(mean * share / (1 - share)),
        gc=np.full(len(kept), np.nan),
    )


def simulate_sites(
    truth: Truth, *, depth: float, every: int = 200_000, least: int = 0, correlation: float = 0.0, mean: float = 0.5
) -> Sites:
    """Heterozygous autosomal sites of the same truth: one in `every` bp, read at a depth of two copies.

    `least` keeps sites with so many reads of each allele, as where they are found by the reads alone. `correlation` is
    that of the reads of one site (beta-binomial), `mean` the share of the alternative where alleles are as common.
    """
    rng = np.random.default_rng([truth.seed, 19])
    odds, rows = mean / (1 - mean), []
    for chrom in truth.chromosomes:
        if chrom in ("X", "Y"):
            continue
        for start, end, copies, minor in truth.pieces(chrom):
            at = np.sort(rng.integers(start, end, rng.poisson((end - start) / every)))
            reads = rng.poisson(depth * copies / 2, len(at))
            lesser = minor / copies if copies else 0.5
            share = np.where(rng.random(len(at)) < 0.5, lesser, 1 - lesser)
            share = odds * share / (odds * share + 1 - share)
            if correlation:
                total = 1 / correlation - 1
                share = rng.beta(np.maximum(share * total, 1e-9), np.maximum((1 - share) * total, 1e-9))
            other = rng.binomial(reads, share)
            kept = (np.minimum(other, reads - other) >= least) & (reads > 0)
            kept &= ~np.any([(at >= low) & (at < high) for low, high in masked(truth.build, chrom)], axis=0)
            code = np.full(kept.sum(), CHROMOSOMES.index(chrom))
            rows.append(np.stack([code, at[kept], other[kept], reads[kept]], axis=1))
    table = np.concatenate(rows) if rows else np.zeros((0, 4), dtype=np.int64)
    return sites_of(table[np.lexsort((table[:, 1], table[:, 0]))], least=least)
