"""Purity from the distances between segments: all near-best fits, or none where the data cannot tell."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.counts import threshold

HIGHEST_COPIES = 8
LEAST = 0.02
GRID = np.round(np.arange(0.05, 1.0001, 0.01), 4)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: purity, misfit relative to the best, mean copies of a tumour cell."""

    purity: float
    score: float
    ploidy: float


@dataclass(frozen=True, slots=True)
class Purity:
    """What is known of the purity: how, the value with its interval and its error (sd), all listed fits."""

    method: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float = 0.0
    fits: tuple[Fit, ...] = ()
    detail: str = ""

    @property
    def span(self) -> tuple[float, float]:
        """Factors that turn a share of cells at `value` into those at the upper and the lower end of the purity.

        One where the purity is told well: its standard error says the rest.
        """
        if not self.value or not self.low or not self.high:
            return 1.0, 1.0
        if self.low >= (1 - threshold("purity_ambiguous")) * self.value:
            return 1.0, 1.0
        return self.value / self.high, self.value / self.low


def given_purity(value: float) -> Purity:
    """Purity that the user knows."""
    return Purity("given", value, value, value, 0.0, (Fit(value, 1.0, np.nan),), "given")


def misfit(ratio: Floats, weight: Floats, noise: float) -> Floats:
    """Misfit of each purity of the grid: distance of segments (weight: bp) from whole copies.

    It is penalised for small purities, which fit everything, and for genomes that changed by two copies at once; long
    segments without any copy are no option, for no cell lives without an arm.
    """
    copies = np.arange(HIGHEST_COPIES + 1)
    levels = 1 + GRID[:, None] * (copies[None] - 2) / 2
    distance = np.abs(ratio[:, None, None] - levels[None])
    distance[weight > threshold("longest_null"), :, 0] = np.inf
    nearest = distance.argmin(axis=2)
    distance = np.minimum(distance.min(axis=2), threshold("misfit_cap"))
    mean = (weight[:, None] * distance**2).sum(axis=0) / weight.sum()
    moved = (weight[:, None] * (nearest != 2)).sum(axis=0)
    twice = (weight[:, None] * (np.abs(nearest - 2) >= 2)).sum(axis=0)
    unlikely = 1 + threshold("two_copies_penalty") * twice / np.maximum(moved, 1)
    return np.sqrt(mean + noise**2) / GRID ** threshold("purity_penalty") * unlikely


def fit_purity(ratio: Floats, weight: Floats, noise: Floats, arm: Ints) -> Purity:
    """Purity from autosomal segments: ratio to the baseline of two copies, weight (bp), noise (sd) and arm of each."""
    deviation = np.abs(ratio - 1)
    altered = (deviation > threshold("altered_sd") * noise) & (deviation > threshold("altered_ratio"))
    n_arms = len(np.unique(arm[altered]))
    if n_arms < threshold("altered_arms"):
        return Purity("not_evaluable", detail=f"altered segments on {n_arms} arms: too few to tell the purity")
    typical = float(np.sqrt(np.average(noise**2, weights=weight)))
    error = misfit(ratio, weight, typical)
    best = int(np.argmin(error))
    edge = np.concatenate([[np.inf], error, [np.inf]])
    minima = np.flatnonzero((error <= edge[:-2]) & (error <= edge[2:]))
    score = error / error[best]
    fits = sorted(
        (
            Fit(float(GRID[i]), float(score[i]), _ploidy(ratio, weight, GRID[i]))
            for i in minima
            if score[i] <= threshold("listed")
        ),
        key=lambda fit: (fit.score, -fit.purity),
    )
    value, sd = _refined(ratio[altered], noise[altered], float(GRID[best]))
    explained = _explained(ratio[altered], weight[altered], noise[altered], value)
    detail = f"altered segments on {n_arms} arms, {explained:.0%} of their length at whole copies"
    if explained < threshold("fit_share"):
        return Purity("not_evaluable", fits=tuple(fits), detail=f"{detail}: no purity fits")
    fits = [Fit(value, fit.score, _ploidy(ratio, weight, value)) if fit.purity == GRID[best] else fit for fit in fits]
    near = GRID[score <= threshold("near_best")]
    return Purity(
        "fitted",
        value,
        float(max(LEAST, min(near.min(), value - 1.96 * sd))),
        float(min(1.0, max(near.max(), value + 1.96 * sd))),
        sd,
        tuple(fits),
        detail,
    )


def _copies(ratio: Floats, purity: float) -> Floats:
    return np.clip(np.round(2 + 2 * (ratio - 1) / purity), 0, HIGHEST_COPIES)


def _ploidy(ratio: Floats, weight: Floats, purity: float) -> float:
    return float(np.average(_copies(ratio, purity), weights=weight))


def _refined(ratio: Floats, noise: Floats, purity: float) -> tuple[float, float]:
    """Least squares for the purity between the points of the grid, given whole copies; its standard error.

    Segments of a subclone lie between levels: those farther than a quarter of a level are left out.
    """
    value, sd = purity, 0.0
    for _ in range(5):
        step = (_copies(ratio, value) - 2) / 2
        off = np.abs(ratio - 1 - step * value)
        used = (step != 0) & (off <= np.maximum(value / 8, 3 * noise))
        if not used.any():
            break
        weight = 1 / noise[used] ** 2
        information = (weight * step[used] ** 2).sum()
        value = float(np.clip((weight * step[used] * (ratio[used] - 1)).sum() / information, LEAST, 1.0))
        sd = float(1 / np.sqrt(information))
    return value, sd


def _explained(ratio: Floats, weight: Floats, noise: Floats, purity: float) -> float:
    """Share of the altered length that lies at whole copies; the rest are subclones, or the fit is wrong."""
    exact = 2 + 2 * (ratio - 1) / purity
    allowed = np.maximum(threshold("fit_near"), 2 * 2 * noise / purity)
    return float(np.average(np.abs(exact - _copies(ratio, purity)) <= allowed, weights=weight))
