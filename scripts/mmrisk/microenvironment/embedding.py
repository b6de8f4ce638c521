"""One picture of a cohort's cells: a sketch of each sample, batches aligned, in two dimensions. No table needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mmrisk.gene_places import is_receptor_gene
from mmrisk.microenvironment.signatures import UNKNOWN

NEIGHBOURS = 15
COMPONENTS = 30
VARIABLE_GENES = 2000
MIN_CELLS = 50
SEED = 1
MOST_NAMED = 24
"""Colours that a legend can still name."""
UNKNOWN_COLOUR = "#c8c8c8"
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


def read_sketch(path: Path, *, batches: Mapping[str, str], most: int) -> Sketch | None:
    """Sketch of a file of described cells (`sample.assay.h5ad`), doublets left out; None where it holds no cells."""
    import anndata

    sample, assay = path.name.split(".")[:2]
    adata = anndata.read_h5ad(path)
    if not adata.n_obs:
        return None
    whole = np.flatnonzero(~adata.obs["doublet"].to_numpy(dtype=bool))
    cells = adata.obs.iloc[whole][["lineage", "subset"]].astype(str)
    cells = cells.assign(sample_id=sample, assay_id=assay, barcode=cells.index, batch=batches.get(sample, sample))
    return sketch(sparse.csr_matrix(adata.X)[whole], list(adata.var_names), cells, most=most)


def draw(cells: pd.DataFrame, path: Path) -> None:
    """The picture: the same places coloured by lineage, by sample and, where it is another thing, by batch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.lines import Line2D

    columns = ["lineage", "sample_id"] + ([] if (cells["batch"] == cells["sample_id"]).all() else ["batch"])
    figure, panels = pyplot.subplots(1, len(columns), figsize=(5 * len(columns), 5))
    order = np.random.default_rng(SEED).permutation(len(cells))  # so that no group lies on top of all others
    for panel, column in zip(panels, columns, strict=True):
        names = sorted(set(cells[column]) - {UNKNOWN})
        colour: dict[str, Any] = {name: pyplot.get_cmap("tab20")(number % 20) for number, name in enumerate(names)}
        colour[UNKNOWN] = UNKNOWN_COLOUR
        points = cells[column].map(colour).iloc[order].tolist()
        panel.scatter(cells["umap_1"].iloc[order], cells["umap_2"].iloc[order], s=3, c=points, linewidths=0)
        panel.set_title(f"by {column.replace('_id', '')}")
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_xlabel("UMAP 1")
        panel.set_ylabel("UMAP 2")
        panel.spines[["top", "right"]].set_visible(False)
        if len(names) <= MOST_NAMED:
            shown = [*names, *([UNKNOWN] if UNKNOWN in set(cells[column]) else [])]
            dots = [Line2D([], [], marker="o", linestyle="", color=colour[name]) for name in shown]
            words = [name.replace("_", " ") if column == "lineage" else name for name in shown]
            panel.legend(dots, words, fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.06), ncols=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)


def embed(sketches: Sequence[Sketch], *, batch: str) -> pd.DataFrame:
    """Cells of all sketches with their place (columns umap_1, umap_2), aligned over `batch` where there are several.

    Genes that all samples have, the most variable of them, without receptor, mitochondrial and ribosomal genes.
    """
    import anndata
    import scanpy as sc

    if not sketches:
        return pd.DataFrame(
            columns=["sample_id", "assay_id", "barcode", "lineage", "subset", "batch", "umap_1", "umap_2"]
        )
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
