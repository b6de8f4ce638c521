"""Droplets with two cells: by scrublet's simulated neighbours, and by markers of two lineages at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from mmrisk.microenvironment.annotate import Step
from mmrisk.microenvironment.genes import tells_kinds_apart
from mmrisk.microenvironment.quality import MAD_TO_SD

PER_THOUSAND = 0.008
"""Share of doublets per 1,000 cells recovered (10x Genomics user guides, from memory)."""
HIGHEST_RATE = 0.2
N_GENES = 1500
WORKING_MB = 100
BLOCK = 2000
N_MADS = 4.0
SPREAD_FLOOR = 0.01
"""Scrublet's own threshold needs two peaks, which are rarely there; singlets make one, and doublets lie above it."""
FULL_ENOUGH = 0.5
"""Share of a lineage's usual marker score from which its markers count as shown."""
RELATED = frozenset(
    map(
        frozenset,
        (
            ("t_cell", "nk_cell"),
            ("b_cell", "plasma"),
            ("b_cell", "hspc"),
            ("b_cell", "pdc"),
            ("myeloid", "pdc"),
            ("myeloid", "osteoclast"),
            ("myeloid", "neutrophil"),
            ("hspc", "neutrophil"),
            ("hspc", "erythroid"),
            ("hspc", "megakaryocyte"),
            ("hspc", "mast"),
            ("hspc", "pdc"),
            ("hspc", "myeloid"),
            ("hspc", "endothelial"),
            ("erythroid", "megakaryocyte"),
            ("stromal", "endothelial"),
            ("stromal", "adipocyte"),
            ("endothelial", "adipocyte"),
        ),
    )
)
"""Lineages that one cell may show together: neighbours in differentiation, or sharing half their markers."""


@dataclass(frozen=True, slots=True)
class Doublets:
    """Per cell: scrublet's score (NaN where it could not run), whether it is called, and why."""

    score: np.ndarray
    called: np.ndarray
    reason: np.ndarray
    warning: str | None = None


def find_doublets(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    lineages: Step,
    *,
    seed: int,
    min_cells: int = 100,
    use_scrublet: bool = True,
) -> Doublets:
    """Call doublets; from fewer than `min_cells` cells none are simulated, and only conflicting lineages are called."""
    conflict = conflicting_lineages(lineages)
    score = np.full(counts.shape[0], np.nan)
    called = np.zeros(counts.shape[0], dtype=bool)
    warning = None
    if use_scrublet and counts.shape[0] >= min_cells:
        score, called, warning = _scrublet(counts, varying_genes(counts, tells_kinds_apart(symbols)), seed=seed)
    reason = np.where(conflict, "two_lineages", np.where(called, "simulated_neighbours", "")).astype(object)
    return Doublets(score, called | conflict, reason, warning)


def conflicting_lineages(lineages: Step) -> np.ndarray:
    """Cells that show half or more of the usual markers of two unrelated lineages."""
    typical = np.where(lineages.typical > 0, lineages.typical, np.inf)
    shown = lineages.score / typical >= FULL_ENOUGH
    conflict = np.zeros(len(shown), dtype=bool)
    for first, one in enumerate(lineages.kinds):
        for second in range(first + 1, len(lineages.kinds)):
            if frozenset((one, lineages.kinds[second])) not in RELATED:
                conflict |= shown[:, first] & shown[:, second]
    return conflict


def varying_genes(counts: sparse.csr_matrix, telling: np.ndarray, *, n_genes: int = N_GENES) -> np.ndarray:
    """Columns of the genes that differ most between cells, by deviance from equal shares (Townes 2019).

    10.1186/s13059-019-1861-6, Poisson form; the zeros add the same to every gene of a given total, so only counts are
    visited. `telling` marks the genes that may be chosen.
    """
    totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    sums = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
    share = np.maximum(sums / max(sums.sum(), 1.0), 1e-12)
    deviance = np.zeros(counts.shape[1])
    for start in range(0, counts.shape[0], BLOCK):
        stop = min(start + BLOCK, counts.shape[0])
        span = slice(counts.indptr[start], counts.indptr[stop])
        genes, values = counts.indices[span], counts.data[span].astype(np.float64)
        cell = np.repeat(totals[start:stop], np.diff(counts.indptr[start : stop + 1]))
        term = values * np.log(np.maximum(values, 1.0) / (cell * share[genes]))
        deviance += np.bincount(genes, weights=term, minlength=counts.shape[1])
    deviance[~telling] = -np.inf
    order = np.argsort(-deviance, kind="stable")[: min(n_genes, int(telling.sum()))]
    return np.sort(order)


def _scrublet(counts: sparse.csr_matrix, genes: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Scrublet (Wolock 2019, 10.1016/j.cels.2018.11.005) as scanpy has it, with exact neighbours."""
    import warnings

    import anndata
    import scanpy
    import sklearn

    expected = min(HIGHEST_RATE, PER_THOUSAND * counts.shape[0] / 1000.0)
    data = anndata.AnnData(counts[:, genes])
    with warnings.catch_warnings(), sklearn.config_context(working_memory=WORKING_MB):
        warnings.simplefilter("ignore")
        try:
            scanpy.pp.scrublet(
                data,
                expected_doublet_rate=expected,
                sim_doublet_ratio=1.0,
                n_prin_comps=min(30, min(counts.shape) - 1),
                use_approx_neighbors=False,
                random_state=seed,
                verbose=False,
                threshold=1.0,
            )
        except ValueError as error:  # too few variable genes
            return np.full(counts.shape[0], np.nan), np.zeros(counts.shape[0], dtype=bool), f"no scrublet: {error}"
    score = data.obs["doublet_score"].to_numpy(dtype=float)
    middle = np.median(score)
    spread = MAD_TO_SD * np.median(np.abs(score - middle))
    return score, score > middle + N_MADS * max(spread, SPREAD_FLOOR), None
