"""Which barcodes are whole cells: limits per lineage, since a plasma cell or a red cell is not an odd lymphocyte."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.microenvironment.genes import is_immunoglobulin, is_mitochondrial
from mmrisk.microenvironment.signatures import UNKNOWN

MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of quality: `n_mads` robust standard deviations from a lineage's median, and what holds for every cell.

    Lineages with fewer than `min_cells` cells take the limits of all cells. Spreads below the floors (log counts,
    share of mitochondrial transcripts) are taken as the floor.
    """

    n_mads: float = 5.0
    min_genes: int = 100
    max_mitochondrial: float = 0.5
    min_cells: int = 30
    spread_floor: float = 0.15
    mitochondrial_floor: float = 0.02


def measure(counts: sparse.csr_matrix, symbols: Sequence[str]) -> pd.DataFrame:
    """Per cell: transcripts, genes, and shares of mitochondrial and of immunoglobulin transcripts."""
    totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    safe = np.maximum(totals, 1.0)
    return pd.DataFrame(
        {
            "n_counts": totals,
            "n_genes": np.diff(counts.indptr),
            "mito_share": (counts @ is_mitochondrial(symbols).astype(np.float32)) / safe,
            "ig_share": (counts @ is_immunoglobulin(symbols).astype(np.float32)) / safe,
        }
    )


def reasons_to_drop(cells: pd.DataFrame, lineage: np.ndarray, limits: Limits) -> np.ndarray:
    """Per cell why it is no whole cell (few_genes, few_counts, many_counts, mitochondrial), or the empty string."""
    reason = np.full(len(cells), "", dtype=object)
    log_counts = np.log1p(cells["n_counts"].to_numpy())
    log_genes = np.log1p(cells["n_genes"].to_numpy(dtype=float))
    mitochondrial = cells["mito_share"].to_numpy()
    named = lineage != UNKNOWN
    for name in np.unique(lineage):
        rows = lineage == name
        like = rows if rows.sum() >= limits.min_cells and name != UNKNOWN else (named if named.any() else rows)
        low, high = _range(log_counts[like], limits, limits.spread_floor)
        fewest, _ = _range(log_genes[like], limits, limits.spread_floor)
        _, most = _range(mitochondrial[like], limits, limits.mitochondrial_floor)
        reason[rows & (mitochondrial > most)] = "mitochondrial"
        reason[rows & (log_counts > high)] = "many_counts"
        reason[rows & (log_counts < low)] = "few_counts"
        reason[rows & (log_genes < fewest)] = "few_genes"
    reason[mitochondrial > limits.max_mitochondrial] = "mitochondrial"
    reason[cells["n_genes"].to_numpy() < limits.min_genes] = "few_genes"
    return reason


def _range(values: np.ndarray, limits: Limits, floor: float) -> tuple[float, float]:
    """Median less and plus so many robust standard deviations."""
    middle = float(np.median(values))
    spread = max(MAD_TO_SD * float(np.median(np.abs(values - middle))), floor)
    return middle - limits.n_mads * spread, middle + limits.n_mads * spread
