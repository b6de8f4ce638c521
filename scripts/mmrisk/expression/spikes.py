"""From the expression of translocation targets to the probability of each translocation.

Each class has one gene and one cut-off; the log odds against no translocation grow with the distance of the gene from
its cut-off, by one slope for all. Two classes at once cost `exclusivity`, so a strong spike of one class discounts a
weak one of another. MAF and MAFB spikes without the cyclin D2 that they drive are discounted.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.resource import facts

Floats = npt.NDArray[np.float64]
CYCLIN_D2 = "CCND2"
DRIVES_CYCLIN_D2 = frozenset({"MAF", "MAFB", "MAFA"})


@cache
def threshold(name: str) -> float:
    """A constant of resources/expression_thresholds.tsv."""
    return {row["name"]: float(row["value"]) for row in facts("expression_thresholds.tsv")}[name]


@dataclass(frozen=True, slots=True)
class Model:
    """Classes (events), the gene and cut-off of each, log2(TPM + 1), and what they share."""

    events: tuple[str, ...]
    genes: tuple[str, ...]
    cutoffs: Floats
    slope: float
    exclusivity: float
    cyclin_weight: float
    cyclin_expected: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of every combination of at most two classes; `has` says which classes a combination holds."""

    combinations: Floats
    has: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]

    @property
    def marginal(self) -> Floats:
        """Probability of each class, samples by classes; NaN where its gene is not known."""
        return np.where(self.known, self.combinations @ self.has, np.nan)

    @property
    def log_odds(self) -> Floats:
        """The same as log odds, exact where the probability rounds to 0 or 1."""
        with np.errstate(divide="ignore"):
            return np.where(
                self.known, np.log(self.combinations @ self.has) - np.log(self.combinations @ ~self.has), np.nan
            )

    def joint(self, truth: npt.NDArray[np.bool_]) -> Floats:
        """Probability of the combination that is true of each sample."""
        rows = (truth[:, None, :] == self.has[None]).all(axis=2)
        return (self.combinations * rows).sum(axis=1)


@cache
def shipped_model() -> Model:
    """The model of resources/expression_spikes.tsv."""
    rows = facts("expression_spikes.tsv")
    return Model(
        events=tuple(row["event"] for row in rows),
        genes=tuple(row["gene"] for row in rows),
        cutoffs=np.array([float(row["cutoff"]) for row in rows]),
        slope=threshold("slope"),
        exclusivity=threshold("exclusivity"),
        cyclin_weight=threshold("cyclin_d2_weight"),
        cyclin_expected=threshold("cyclin_d2_expected"),
    )


@cache
def unfitted() -> frozenset[str]:
    """Events whose cut-off was taken over from another gene, for want of samples with them."""
    return frozenset(row["event"] for row in facts("expression_spikes.tsv") if row["fitted"] == "no")


def posterior(values: pd.DataFrame, model: Model) -> Posterior:
    """Probabilities from log2(TPM + 1), samples by genes; a class whose gene is missing or NaN has no part in it."""
    distance = spike_heights(values, model)
    known = ~np.isnan(distance)
    members = [(), *combinations(range(len(model.events)), 1), *combinations(range(len(model.events)), 2)]
    has = np.zeros((len(members), len(model.events)), dtype=bool)
    for row, classes in enumerate(members):
        has[row, list(classes)] = True
    odds = model.slope * np.nan_to_num(distance) @ has.T - model.exclusivity * (has.sum(axis=1) == 2)
    odds[(~known).astype(int) @ has.T.astype(int) > 0] = -np.inf
    odds -= odds.max(axis=1, keepdims=True)
    chances = np.exp(odds)
    return Posterior(chances / chances.sum(axis=1, keepdims=True), has, known)


def spike_heights(values: pd.DataFrame, model: Model) -> Floats:
    """How far each class's gene lies above its cut-off, log2, samples by classes, discounts taken off."""
    heights = values.reindex(columns=list(model.genes)).to_numpy(dtype=float) - model.cutoffs
    if CYCLIN_D2 in values:
        lacking = np.minimum(0.0, values[CYCLIN_D2].to_numpy(dtype=float) - model.cyclin_expected)
        drives = np.array([gene in DRIVES_CYCLIN_D2 for gene in model.genes])
        heights[:, drives] += model.cyclin_weight * np.nan_to_num(lacking)[:, None]
    return heights
