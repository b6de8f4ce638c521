"""Statistics of one factor over the features of one family: reference, moderation, intervals, permutations."""

from dataclasses import dataclass

import numpy as np

from mmrisk.association.linear import Array, Fit, Residuals, Whole, moderate, moderated
from mmrisk.association.rules import count, setting

NORMAL_99 = 2.5758
"""99 % of a normal distribution lie within so many standard deviations."""
CHUNK = 250
"""Permutations that are worked on at once: bounds memory."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is reported of each feature; `centre` is the effect that was taken as none."""

    effect: Array
    centre: Array
    low: Array
    high: Array
    t: Array
    df: Array
    p: Array
    widening: Array
    """Standard error over that without regard to the error of the centre."""


def statistics(found: Fit, *, compositional: bool, correlation: Array | None = None) -> Statistics:
    """Moderated statistics of all features of a family; `correlation` is that of the residuals of cell types."""
    from scipy.stats import t as student

    centre = centres(found.effect[None, :])[0] if compositional else np.zeros_like(found.effect)
    variance, df = (each[0] for each in moderated_rows(found.variance[None, :], found.df))
    error = np.sqrt(variance * found.spread)
    widening = centred_error(error, correlation) / error if compositional else np.ones_like(error)
    error = error * widening
    effect = found.effect - centre
    t = effect / error
    half = student.ppf(0.975, df) * error
    return Statistics(effect, centre, effect - half, effect + half, t, df, 2.0 * student.sf(np.abs(t), df), widening)


def centres(effects: Array) -> Array:
    """Reference effect, row by row: the median effect of the cell types.

    A share is relative: where one type expands, the log-ratios of all others fall together. Most types are taken to
    change little, so their common shift is no effect (LinDA, Zhou 2022, 10.1186/s13059-022-02655-5). With fewer types
    than `centred_types` the median would be one of the effects to test, and the centred log-ratio stays as it is.
    """
    if effects.shape[1] < setting("centred_types"):
        return np.zeros_like(effects)
    return np.broadcast_to(np.median(effects, axis=1, keepdims=True), effects.shape)


def moderated_rows(variance: Array, df: Array) -> tuple[Array, Array]:
    """Moderated variances and degrees of freedom, each row a set of features of its own."""
    return moderated(variance, df, moderate(variance, df))


def centred_error(error: Array, correlation: Array | None, *, draws: int = 20_000) -> Array:
    """Standard error of an effect relative to the median effect, by draws of all effects under their correlation.

    The centre is itself estimated: taken as known, it makes precise types look surer than they are. And an effect
    relative to a median has heavier tails than a normal one, so the error is that of a normal whose 99th percentile
    is the one drawn.
    """
    size = len(error)
    if size < setting("centred_types"):
        return error
    matrix = np.eye(size) if correlation is None else correlation
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    effects = (np.random.default_rng(0).standard_normal((draws, size)) @ root.T) * error
    furthest: Array = np.quantile(np.abs(effects - centres(effects)), 0.99, axis=0)
    return np.maximum(furthest / NORMAL_99, error)


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Residuals of a set of features, and the blocks of patients within which they are exchangeable."""

    residuals: Residuals
    blocks: Whole

    @classmethod
    def of(cls, kept: Residuals, levels: Whole, codes: Array) -> "Shuffled":
        """Blocks of patients alike in all covariates, where these leave enough arrangements; else all patients.

        Within such blocks permutation is exact whatever the covariates do. Across blocks residuals on the covariates
        are permuted (Freedman & Lane 1983, 10.2307/1391660), which is approximate.
        """
        if _arrangements(levels, codes) >= setting("arrangements"):
            return cls(kept, levels)
        return cls(kept, np.zeros_like(levels))

    @property
    def scale(self) -> float:
        """What residuals are multiplied by, so that fitting the covariates again leaves them their variance."""
        n, rank = len(self.blocks), self.residuals.basis.shape[1]
        return 1.0 if self.blocks.any() or rank == 1 else float(np.sqrt(n / (n - rank)))


def _arrangements(levels: Whole, codes: Array) -> float:
    """Distinct arrangements of the codes within blocks."""
    from scipy.special import gammaln

    logs = 0.0
    for block in np.unique(levels):
        _, sizes = np.unique(codes[levels == block], return_counts=True)
        logs += float(gammaln(sizes.sum() + 1) - gammaln(sizes + 1).sum())
    return float(np.exp(min(logs, 700.0)))


def permutation_p(parts: list[Shuffled], found: Statistics, *, compositional: bool, seed: int) -> Array:
    """Two-sided p by permutation of residuals; `parts` are consecutive sets of features.

    All features get `permutations`; those left at p 0.1 or less get `more_permutations`, drawn anew, and those then at
    p 0.0005 or less `most_permutations`. Reference and prior variance are found again for every permutation, as they
    were for the data.
    """
    p = np.zeros(len(found.t))
    rounds = (("permutations", 1.0), ("more_permutations", 0.1), ("most_permutations", 0.0005))
    for number, (times, largest) in enumerate(rounds):
        if not (p <= largest).any():
            break
        drawn = {"times": count(times), "seed": seed + number}
        p = np.where(p <= largest, _permutation_round(parts, found, compositional=compositional, **drawn), p)
    return p


def _permutation_round(
    parts: list[Shuffled], found: Statistics, *, compositional: bool, times: int, seed: int
) -> Array:
    observed = np.abs(found.t) * found.widening * (1.0 - 1e-9)
    exceeded = np.zeros(len(found.t))
    rng = np.random.default_rng(seed)
    for start in range(0, times, CHUNK):
        size = min(CHUNK, times - start)
        fits = [_permuted_fits(part, size, rng) for part in parts]
        effect, variance, spread, df = (np.concatenate(each, axis=-1) for each in zip(*fits, strict=True))
        if compositional:
            effect = effect - centres(effect)
        variance, _ = moderated_rows(variance, df)
        exceeded += (np.abs(effect) / np.sqrt(np.maximum(variance * spread, 1e-300)) >= observed).sum(axis=0)
    return (exceeded + 1.0) / (times + 1.0)


def _permuted_fits(part: Shuffled, times: int, rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Effects and residual variances (times x f) of permuted residuals, and spread and df (f)."""
    x, y, q = part.residuals.factor, part.residuals.features * part.scale, part.residuals.basis
    n, f = y.shape
    sxx = float(x @ x)
    order = np.empty((times, n), dtype=np.intp)
    order[:, np.argsort(part.blocks, kind="stable")] = np.argsort(part.blocks + rng.random((times, n)), axis=1)
    weights = np.concatenate([x[None, :] / np.sqrt(sxx), q.T])[:, order]  # (1 + q) x times x n
    projected = (weights.reshape(-1, n) @ y).reshape(weights.shape[0], times, f)
    df = n - q.shape[1] - 1
    explained = (projected**2).sum(axis=0)
    variance = np.maximum((y * y).sum(axis=0) - explained, 0.0) / df
    effect = projected[0] / np.sqrt(sxx) / part.residuals.norm
    return effect, variance, np.full(f, 1.0 / (sxx * part.residuals.norm**2)), np.full(f, float(df))


def adjust(p: Array) -> Array:
    """Benjamini-Hochberg q of the p that are not NaN (Benjamini & Hochberg 1995)."""
    q = np.full_like(p, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if not len(known):
        return q
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return q
