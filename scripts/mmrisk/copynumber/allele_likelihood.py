"""Likelihood of the lesser allele's share at heterozygous sites, whose reads spread more than counting makes them.

Reads of one site are not independent (mapping, duplicates, capture), and those with the alternative are lost more
often: shares follow a beta-binomial distribution, whose spread and mean are fitted to each file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.counts import threshold

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SHARES = np.linspace(0.005, 0.5, 100)
COARSE = np.concatenate([np.linspace(0.02, 0.48, 24), [0.5]])
CORRELATIONS = np.concatenate([[0.0], np.geomspace(0.0005, 0.08, 24)])
"""Correlations of reads of one site that are tried: 0 is a binomial distribution."""
INDEPENDENT = 1e-7
DEEPEST = 2000
"""More reads of a site tell no more: they are scaled down to so many."""
AS_WELL = 1.92
"""Log likelihood by which values inside a 95 % interval fall short of the best."""
ENOUGH = 400
"""Sites of a segment that are taken to fit the spread."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Correlation of the reads of one site, and the mean share of the alternative where both alleles are as common."""

    correlation: float = 0.0
    mean: float = 0.5


@dataclass(frozen=True, slots=True)
class _Distribution:
    """Logarithms of rising factorials, from which likelihoods are looked up: of each share by number of reads."""

    rare: Floats
    common: Floats
    rare_alternative: Floats
    common_alternative: Floats
    every: Floats

    @classmethod
    def of(cls, shares: Floats, spread: Spread, deepest: int) -> "_Distribution":
        total = 1 / max(spread.correlation, INDEPENDENT) - 1
        odds = spread.mean / (1 - spread.mean)

        def rising(start: Floats) -> Floats:
            steps = np.log(start[:, None] + np.arange(deepest))
            return np.concatenate([np.zeros((len(start), 1)), np.cumsum(steps, axis=1)], axis=1)

        low, high = (odds * p / (odds * p + 1 - p) for p in (shares, 1 - shares))
        return cls(
            rare=rising(total * (1 - high)),
            common=rising(total * (1 - low)),
            rare_alternative=rising(total * low),
            common_alternative=rising(total * high),
            every=rising(np.array([total]))[0],
        )

    def of_sites(self, alternative: Ints, depth: Ints, number: Ints, *, least: int) -> Floats:
        """Log likelihood of each share; `number` is how often each pair of counts is met.

        Which allele is the lesser differs between sites, so that each counts both ways. `least` reads of each allele
        were needed to find a site: likelihoods are those of sites that were found.
        """
        one = self.rare_alternative[:, alternative] + self.common[:, depth - alternative]
        other = self.common_alternative[:, alternative] + self.rare[:, depth - alternative]
        total = (np.logaddexp(one, other) - self.every[depth]) @ number
        if least:
            depths, at = np.unique(depth, return_inverse=True)
            often = np.bincount(at, number)
            total = total - np.log(np.maximum(self._found(depths, least), 1e-300)) @ often
        return np.asarray(total)

    def _found(self, depth: Ints, least: int) -> Floats:
        """Share of sites of a depth with so many reads of each allele."""
        found, ways = np.ones((len(self.rare), len(depth))), np.ones(len(depth))
        for few in range(least):
            possible = depth >= few
            rest = np.where(possible, depth - few, 0)
            for rarer, commoner in ((self.rare_alternative, self.common), (self.common, self.rare_alternative)):
                log = rarer[:, few, None] + commoner[:, rest] - self.every[depth]
                found -= np.where(possible, ways * np.exp(log), 0.0)
            ways = ways * (depth - few) / (few + 1)
        return found


def fit_spread(parts: Sequence[tuple[Ints, Ints]], *, least: int = 0) -> Spread:
    """Spread of the sites of one file, from reads of the alternative and of both alleles in each segment.

    All segments share it, and each is balanced unless its imbalance is more likely by `balanced_support`: what all
    segments have alike is noise of the sites. Sites found without a reference (`least`) know no alternative.
    """
    known = [_scaled(*part) for part in parts if len(part[1]) >= threshold("sites_least")]
    if not known:
        return Spread()
    step = [max(1, len(depth) // ENOUGH) for _, depth in known]
    known = [(alternative[::by], depth[::by]) for (alternative, depth), by in zip(known, step, strict=True)]
    mean = 0.5
    if not least:
        reads, both = (sum(int(part[i].sum()) for part in known) for i in (0, 1))
        mean = float(np.clip(reads / both, threshold("site_mean_least"), 1 - threshold("site_mean_least")))
    counted = [_pairs(*part) for part in known]
    deepest = max(int(depth.max()) for _, depth, _ in counted)

    def support(correlation: float) -> float:
        table = _Distribution.of(COARSE, Spread(correlation, mean), deepest)
        total = 0.0
        for part in counted:
            likelihood = table.of_sites(*part, least=least)
            total += max(likelihood[-1], likelihood.max() - threshold("balanced_support"))
        return total

    found = np.array([support(float(correlation)) for correlation in CORRELATIONS])
    # the largest that fits as well: what may be noise is no imbalance
    fits = np.flatnonzero(found.max() - found <= AS_WELL)
    return Spread(float(CORRELATIONS[fits[-1]]), mean)


def lesser_share(
    alternative: Ints, depth: Ints, *, least: int = 0, spread: Spread | None = None
) -> tuple[float, float]:
    """Share of the lesser allele over some sites by maximum likelihood, and the smallest share that fits as well.

    The share is 0.5 where that fits as well; both are NaN for few sites. `least` says how many reads of each allele a
    site had to have to be found.
    """
    if len(depth) < threshold("sites_least"):
        return np.nan, np.nan
    pairs = _pairs(*_scaled(alternative, depth))
    table = _Distribution.of(SHARES, spread or Spread(), int(pairs[1].max()))
    total = table.of_sites(*pairs, least=least)
    fits = np.flatnonzero(total.max() - total < threshold("balanced_support"))
    balanced = fits[-1] == len(SHARES) - 1
    return (0.5 if balanced else float(SHARES[total.argmax()])), float(SHARES[fits[0]])


def _scaled(alternative: Ints, depth: Ints) -> tuple[Ints, Ints]:
    """Reads of sites, scaled down where they are many."""
    shrunk = np.minimum(depth, DEEPEST)
    return np.where(depth > DEEPEST, np.round(alternative * shrunk / np.maximum(depth, 1)), alternative).astype(
        np.int64
    ), shrunk


def _pairs(alternative: Ints, depth: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of counts that differ, and how often each is met."""
    key, number = np.unique(alternative * (DEEPEST + 1) + depth, return_counts=True)
    return key // (DEEPEST + 1), key % (DEEPEST + 1), number
