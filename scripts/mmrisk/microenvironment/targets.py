"""Targets of therapy on the clone's cells: how much of them, and how many cells lack them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.stats import nbinom, poisson

from mmrisk.contracts import TARGETS
from mmrisk.events import binomial_interval
from mmrisk.resource import facts
from mmrisk.tables import conform

MIN_CELLS = 20
MOST_CELLS = 1500
"""Cells that the estimate of loss takes, evenly spread: enough for its interval, and quick."""
SHARES = np.linspace(0.0, 1.0, 101)
DISPERSIONS = (0.1, 0.25, 0.5, 1.0)
LEVELS = np.exp(np.linspace(np.log(0.4), np.log(4.0), 25))
"""Levels tried, as multiples of the mean over all cells."""
LEAST_SEEN = 0.5
"""Expected transcripts per cell below which a missing transcript says nothing about the cell."""
Floats = npt.NDArray[np.float64]


def target_rows(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    malignant: npt.NDArray[np.int64],
    *,
    sample_id: str,
    soup: Floats,
) -> pd.DataFrame:
    """Targets of one sample (contract TARGETS, genomic states still empty). `malignant`: rows of the clone's cells."""
    place = {symbol: number for number, symbol in enumerate(symbols)}
    own = counts[malignant]
    depth = np.asarray(own.sum(axis=1), dtype=float).ravel()
    rows = []
    for fact in facts("targets.tsv"):
        row = {"sample_id": sample_id, "target": fact["target"], "gene": fact["gene"], "n_cells": len(malignant)}
        if fact["gene"] not in place:
            row["detail"] = "not among the genes of the data"
        elif len(malignant) < MIN_CELLS:
            row["detail"] = f"fewer than {MIN_CELLS} malignant cells"
        else:
            column = place[fact["gene"]]
            values = own[:, column].toarray().ravel().astype(float)
            row |= _measures(values, depth, float(soup[column]))
        rows.append(row)
    return conform(pd.DataFrame(rows), TARGETS)


def _measures(values: Floats, depth: Floats, soup: float) -> dict[str, object]:
    negative = int((values == 0).sum())
    low, high = binomial_interval(negative, len(values))
    measures: dict[str, object] = {
        "mean": float(np.log1p(1e4 * values / np.maximum(depth, 1)).mean()),
        "negative_share": negative / len(values),
        "negative_low": low,
        "negative_high": high,
    }
    lost = lost_share(values, depth, soup)
    if lost is None:
        return {**measures, "detail": "too few transcripts to tell loss from chance"}
    return {**measures, "lost_share": lost[0], "lost_low": lost[1], "lost_high": lost[2]}


def lost_share(values: Floats, depth: Floats, soup: float) -> tuple[float, float, float] | None:
    """Share of cells that lack a transcript beyond what sampling explains: posterior mean and 95 % bounds.

    Cells that have it draw negative binomial counts in proportion to their depth; cells that lost it hold ambient
    transcripts only. Uniform over share, level and dispersion. None where cells that have it would show too little.
    """
    chosen = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST_CELLS)).astype(int))
    values, depth = values[chosen], depth[chosen]
    relative = depth / depth.mean()
    mean = max(values.mean() - soup, 0.0)
    without = poisson.logpmf(values, max(soup, 0.005))
    total = np.full(len(SHARES), -np.inf)
    best, best_level = -np.inf, 0.0
    for level in LEVELS * max(mean, 0.02):
        expected = level * relative + soup
        for dispersion in DISPERSIONS:
            size = 1 / dispersion
            having = nbinom.logpmf(values, size, size / (size + expected))
            log = _mixture(without, having)
            total = np.logaddexp(total, log)
            if log.max() > best:
                best, best_level = float(log.max()), float(level)
    if best_level < LEAST_SEEN:
        return None
    posterior = np.exp(total - total.max())
    posterior /= posterior.sum()
    cumulative = np.cumsum(posterior)
    low, high = (float(SHARES[np.searchsorted(cumulative, bound)]) for bound in (0.025, 0.975))
    return float((SHARES * posterior).sum()), low, high


def _mixture(without: Floats, having: Floats) -> Floats:
    """Log-likelihood of each share of SHARES; equal pairs of terms are added once."""
    peak = np.maximum(without, having)
    a, b = np.exp(without - peak), np.exp(having - peak)
    pairs, times = np.unique(np.stack([np.round(a, 6), np.round(b, 6)]), axis=1, return_counts=True)
    mixed = SHARES[:, None] * pairs[0] + (1 - SHARES[:, None]) * pairs[1]
    return np.log(mixed + 1e-300) @ times + peak.sum()


def join_genomic_state(targets: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Targets with the state of their gene's event in the same sample (contract EVENTS)."""
    event_of = {fact["target"]: fact["event"] for fact in facts("targets.tsv") if fact["event"]}
    states = events.set_index(["sample_id", "event"])["state"].to_dict()
    joined = targets.copy()
    joined["genomic_state"] = [
        states.get((sample, event_of.get(target)))
        for sample, target in zip(targets["sample_id"], targets["target"], strict=True)
    ]
    return conform(joined, TARGETS)
