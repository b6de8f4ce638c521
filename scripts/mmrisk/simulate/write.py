"""Simulated cells as a file that single-cell tools read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mmrisk.simulate.cells import SimulatedMarrow


def write_counts(made: SimulatedMarrow, path: Path, *, only_genes: Sequence[str] = ()) -> None:
    """Write counts, barcodes and symbols (and `sample_id` of pooled samples) as compressed h5ad; no truth in it."""
    import anndata

    kept = np.isin(made.genes, list(only_genes)) if len(only_genes) else np.ones(len(made.genes), dtype=bool)
    columns = [name for name in ("sample_id",) if name in made.cells]
    adata = anndata.AnnData(
        made.counts[:, kept].astype(np.float32),
        obs=made.cells.set_index("barcode")[columns],
        var=pd.DataFrame(index=pd.Index(made.genes[kept], name="symbol")),
        uns={"simulated": "counts drawn by mmrisk simulate_cells.py, not measured"},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    adata.write_h5ad(path, compression="gzip")
