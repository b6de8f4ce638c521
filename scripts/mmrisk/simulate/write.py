"""Simulated cells as a file that single-cell tools read."""

from pathlib import Path

import numpy as np
import pandas as pd

from mmrisk.simulate.cells import SimulatedMarrow


def write_counts(made: SimulatedMarrow, path: Path) -> None:
    """Write counts, barcodes and symbols (and `sample_id` of pooled samples) as compressed h5ad; no truth in it."""
    import anndata
    import h5py

    columns = [name for name in ("sample_id",) if name in made.cells]
    counts = made.counts.astype(np.float32)
    counts.sort_indices()
    adata = anndata.AnnData(
        counts,
        obs=made.cells.set_index("barcode")[columns],
        var=pd.DataFrame(index=pd.Index(made.genes, name="symbol")),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        # bytes of like weight side by side: half the size
        packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
        anndata.io.write_elem(file, "/", adata, dataset_kwargs=packed)
        del file["raw"]  # an empty dataset, which not every reader takes
        file.attrs["simulated"] = "counts drawn by mmrisk simulate_cells.py, not measured"
