"""One picture of a cohort's cells: a sketch of each sample, batches aligned, in two dimensions. No table needs it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mmrisk.gene_places import is_receptor_gene

NEIGHBOURS = 15
COMPONENTS = 30
VARIABLE_GENES = 2000
MIN_CELLS = 50
SEED = 1
EXACT_NEIGHBOURS = 100_000
"""Cells up to which exact neighbours cost no more than compiling an approximate search."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Some cells of one sample: log-normalised expression (cells x `genes`) and what is known of each (`cells`)."""

    expression: sparse.csr_matrix
    genes: npt.NDArray[np.object_]
    cells: pd.DataFrame


def sketch(
    expression: sparse.csr_matrix, genes: Sequence[str], cells: pd.DataFrame, *, most: int, by: str = "lineage"
) -> Sketch:
    """At most `most` cells of a sample, every lineage with at least its share, rare ones first; the same every time.

    Lineages get the square root of their size as weight, so that rare ones stay in sight.
    """
    rng = np.random.default_rng(SEED)
    groups = {str(name): np.sort(rows) for name, rows in cells.groupby(by, sort=True).indices.items()}
    weight = {name: np.sqrt(len(rows)) for name, rows in groups.items()}
    total = sum(weight.values())
    chosen = []
    for name, rows in groups.items():
        n = min(len(rows), max(1, int(most * weight[name] / total)))
        chosen.append(rng.choice(rows, n, replace=False))
    taken = np.sort(np.concatenate(chosen)) if chosen else np.array([], dtype=int)
    return Sketch(expression[taken].tocsr(), np.asarray(genes, dtype=object), cells.iloc[taken].copy())


def embed(sketches: Sequence[Sketch], *, batch: str) -> pd.DataFrame:
    """Cells of all sketches with their place (columns umap_1, umap_2), aligned over `batch` where there are several.

    Genes that all samples have, the most variable of them, without receptor, mitochondrial and ribosomal genes.
    """
    import anndata
    import scanpy as sc

    shared = sorted(set.intersection(*(set(part.genes) for part in sketches)))
    shared = [gene for gene in shared if not is_receptor_gene(gene) and not gene.startswith(("MT-", "RPL", "RPS"))]
    parts = []
    for part in sketches:
        place = {gene: number for number, gene in enumerate(part.genes)}
        parts.append(part.expression[:, [place[gene] for gene in shared]])
    cells = pd.concat([part.cells for part in sketches])
    if len(cells) < MIN_CELLS:
        return cells.assign(umap_1=np.nan, umap_2=np.nan)
    adata = anndata.AnnData(sparse.vstack(parts, format="csr").astype(np.float32), obs=cells.reset_index(drop=True))
    adata.var_names = shared
    adata = adata[:, _variable(adata.X)].copy()
    sc.pp.pca(adata, n_comps=min(COMPONENTS, *(size - 1 for size in adata.shape)), random_state=SEED)
    adata.obsm["place"] = _aligned(adata.obsm["X_pca"], adata.obs, batch)
    exact = "sklearn" if adata.n_obs <= EXACT_NEIGHBOURS else None
    sc.pp.neighbors(adata, n_neighbors=NEIGHBOURS, use_rep="place", transformer=exact, random_state=SEED)
    sc.tl.umap(adata, random_state=SEED)
    places = adata.obsm["X_umap"].astype(float)
    return cells.assign(umap_1=places[:, 0], umap_2=places[:, 1])


def _variable(expression: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    """Columns of the genes whose variance is highest for their mean."""
    mean = np.asarray(expression.mean(axis=0)).ravel()
    square = np.asarray(expression.multiply(expression).mean(axis=0)).ravel()
    dispersion = np.where(mean > 0.01, (square - mean**2) / np.maximum(mean, 1e-9), 0.0)
    return np.sort(np.argsort(-dispersion, kind="stable")[: min(VARIABLE_GENES, len(mean))])


def _aligned(places: npt.NDArray[np.float32], cells: pd.DataFrame, batch: str) -> npt.NDArray[np.float32]:
    """Components with batches aligned by Harmony; unchanged where there is one batch."""
    if cells[batch].nunique() < 2:
        return places
    import harmonypy

    fit = harmonypy.run_harmony(places, cells, [batch], random_state=SEED, verbose=False, ncores=1)
    aligned = np.asarray(fit.Z_corr)
    return (aligned if aligned.shape[0] == len(cells) else aligned.T).astype(np.float32)
