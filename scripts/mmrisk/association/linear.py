"""Linear models of many features at once: effects of one factor beside covariates, with moderated variances.

Arrays: `n` patients (or samples), `f` features, `q` columns of covariates with the intercept.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Fit:
    """Effects of a factor on every feature; `spread` is the squared standard error per unit of residual variance."""

    effect: Array
    variance: Array
    spread: Array
    df: Array

    @staticmethod
    def join(parts: "list[Fit]") -> "Fit":
        """Fits of several sets of features as one."""
        names = ("effect", "variance", "spread", "df")
        return Fit(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, slots=True)
class Residuals:
    """Factor and features without what the covariates explain, and an orthonormal basis of the covariates.

    The factor had unit length before; `norm` is the length it was divided by.
    """

    factor: Array
    features: Array
    basis: Array
    norm: float

    @property
    def explained(self) -> float:
        """Share of the factor's variance that the covariates explain."""
        return 1.0 - float(self.factor @ self.factor)


def basis(covariates: Array, *, tolerance: float = 1e-9) -> Array:
    """Orthonormal basis (n x rank) of the columns; redundant columns are dropped by a pivoted QR."""
    from scipy.linalg import qr

    scale = np.linalg.norm(covariates, axis=0)
    q, r, _ = qr(covariates[:, scale > 0] / scale[scale > 0], mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(r)) > tolerance * max(1.0, abs(r[0, 0]))).sum()) if r.size else 0
    return np.ascontiguousarray(q[:, :rank])


def residuals(factor: Array, features: Array, covariates: Array) -> Residuals:
    """Residuals on the covariates, among them the intercept (Frisch-Waugh-Lovell)."""
    q = basis(covariates)
    centred = factor - factor.mean()
    norm = float(np.linalg.norm(centred))
    unit = centred / norm
    return Residuals(unit - q @ (q.T @ unit), features - q @ (q.T @ features), q, norm)


def fit(found: Residuals) -> Fit:
    """Least squares for every feature, one row per patient."""
    x, y = found.factor, found.features
    sxx = float(x @ x)
    effect = (x @ y) / sxx
    residual = np.maximum((y * y).sum(axis=0) - effect**2 * sxx, 0.0)
    df = len(x) - found.basis.shape[1] - 1
    ones = np.ones(y.shape[1])
    return Fit(effect / found.norm, residual / df, ones / (sxx * found.norm**2), ones * df)


def whiten(values: Array, patients: Whole, correlation: Array | float) -> Array:
    """Samples of a patient made independent, given the correlation between them (exact for a random intercept).

    `values` is n x columns; `patients` numbers the patient of each row from 0. A column may have its own correlation.
    """
    size = np.bincount(patients).astype(float)[patients][:, None]
    rho = np.broadcast_to(np.asarray(correlation, dtype=float), values.shape[1:])[None, :]
    theta = 1.0 - np.sqrt((1.0 - rho) / (1.0 - rho + size * rho))
    sums = np.zeros((int(patients.max()) + 1, values.shape[1]))
    np.add.at(sums, patients, values)
    return (values - theta * (sums[patients] / size)) / np.sqrt(1.0 - rho)


def mixed_fit(
    factor: Array, features: Array, covariates: Array, patients: Whole, *, grid: int = 40
) -> tuple[Fit, Array]:
    """Random intercept per patient, by REML over a grid of the correlation within patients, each feature its own.

    Returns the fit at each feature's best correlation, and that correlation. Degrees of freedom count patients, not
    samples, so more samples of the same patients never make a result surer than as many patients would.
    """
    n_patients = int(patients.max()) + 1
    design = np.column_stack([basis(covariates), factor])
    rhos = np.linspace(0.0, 0.975, grid)
    best = np.full(features.shape[1], -np.inf)
    chosen = np.zeros(features.shape[1])
    effect, variance, spread = (np.zeros(features.shape[1]) for _ in range(3))
    size = np.bincount(patients).astype(float)
    for rho in rhos:
        x, y = whiten(design, patients, rho), whiten(features, patients, rho)
        q = basis(x[:, :-1])
        xr, yr = x[:, -1] - q @ (q.T @ x[:, -1]), y - q @ (q.T @ y)
        sxx = float(xr @ xr)
        slope = (xr @ yr) / sxx
        rss = np.maximum((yr * yr).sum(axis=0) - slope**2 * sxx, 1e-300)
        degrees = len(x) - q.shape[1] - 1
        log_det_v = np.log1p(size * rho / (1.0 - rho)).sum() + len(x) * np.log(1.0 - rho)
        _, log_det_x = np.linalg.slogdet(x.T @ x)
        likelihood = -0.5 * (degrees * np.log(rss / degrees) + log_det_v + log_det_x)
        better = likelihood > best
        best, chosen = np.where(better, likelihood, best), np.where(better, rho, chosen)
        effect, variance = np.where(better, slope, effect), np.where(better, rss / degrees, variance)
        spread = np.where(better, 1.0 / sxx, spread)
    df = np.full(features.shape[1], float(n_patients - design.shape[1]))
    return Fit(effect, variance, spread, df), chosen


@dataclass(frozen=True, slots=True)
class Prior:
    """The common variance to which those of single features are drawn, and its weight in degrees of freedom.

    One entry per row of the variances from which it was made.
    """

    variance: Array
    df: Array


def moderate(variance: Array, df: Array) -> Prior:
    """Prior of residual variances by the moments of their logarithms (Smyth 2004, 10.2202/1544-6115.1027, section 6).

    `variance` is rows x f, each row a set of features; `df` has f entries. Too few features: weight 0.
    """
    from scipy.special import digamma, polygamma

    from mmrisk.association.rules import setting

    if variance.shape[1] < setting("moderated_features"):
        return Prior(np.ones(len(variance)), np.zeros(len(variance)))
    half = df / 2.0
    logs = np.log(np.maximum(variance, 1e-300)) - digamma(half) + np.log(half)
    excess = logs.var(axis=1, ddof=1) - polygamma(1, half).mean()
    spread = excess > 0
    half_prior = inverse_trigamma(np.where(spread, excess, 1.0))
    centre = logs.mean(axis=1) + np.where(spread, digamma(half_prior) - np.log(half_prior), 0.0)
    return Prior(np.exp(centre), np.where(spread, 2.0 * half_prior, np.inf))


def inverse_trigamma(values: Array) -> Array:
    """X with trigamma(x) = value, by Newton's method on 1 / trigamma (Smyth 2004, appendix)."""
    from scipy.special import polygamma

    clipped = np.clip(values, 1e-6, 1e7)
    x = 0.5 + 1.0 / clipped
    for _ in range(50):
        tri = polygamma(1, x)
        step = tri * (1.0 - tri / clipped) / polygamma(2, x)
        x = x + step
        if np.all(np.abs(step) < 1e-10 * x):
            break
    found: Array = x
    return found


def moderated(variance: Array, df: Array, prior: Prior) -> tuple[Array, Array]:
    """Variances (rows x f) drawn to the prior, and their degrees of freedom: never more than all features have."""
    weight = np.minimum(prior.df, 1e12)[:, None]
    total = df + weight
    return (weight * prior.variance[:, None] + df * variance) / total, np.minimum(total, df.sum())
