"""Simulated marrow samples for tests (no data), and how the simulator's kinds are called by the annotation."""

import numpy as np
import pandas as pd

from mmrisk.microenvironment.counts import CellCounts
from mmrisk.simulate.cells import Clone, Marrow, SimulatedMarrow, simulate_marrow
from mmrisk.simulate.profiles import plain_profiles

LINEAGES = {
    "T": "t_cell",
    "NK": "nk_cell",
    "B": "b_cell",
    "Plasma": "plasma",
    "Monocyte": "myeloid",
    "Macrophage": "myeloid",
    "DC": "myeloid",
    "Neutrophil": "neutrophil",
    "Mast": "mast",
    "HSPC": "hspc",
    "Erythroid": "erythroid",
    "Megakaryocyte": "megakaryocyte",
    "MSC": "stromal",
    "Endothelial": "endothelial",
}
SUBSETS = {
    "T_CD4_naive": "cd4_naive",
    "T_CD4_memory": "cd4_memory",
    "T_Treg": "treg",
    "T_Th17": "cd4_memory",  # Th17 is a state of memory cells here
    "T_CD8_naive": "cd8_naive",
    "T_CD8_GZMK": "cd8_gzmk",
    "T_CD8_cyto": "cd8_cytotoxic",
    "MAIT": "mait",
    "T_gd": "gamma_delta_t",
    "NK_mature": "nk_mature",
    "NK_immature": "nk_immature",
    "B_naive": "b_naive",
    "B_memory": "b_memory",
    "B_progenitor": "b_progenitor",
    "PC": "plasma_cell",
    "Mono_CD14": "mono_cd14",
    "Mono_CD16": "mono_cd16",
    "TAM": "macrophage",
    "cDC1": "cdc1",
    "cDC2": "cdc2",
    "pDC": "pdc",
    "Neutrophil": "neutrophil",
    "Mast": "mast",
    "HSPC": "hspc",
    "Erythroid": "erythroid",
    "Mega_plt": "megakaryocyte",
    "MSC": "msc",
    "Endothelial": "endothelial",
}


def truth(cells: pd.DataFrame) -> pd.DataFrame:
    """Lineage and subset of simulated cells in the words of the annotation."""
    lineage = cells["lineage"].map(LINEAGES).where(cells["subset"] != "pDC", "pdc")
    return pd.DataFrame({"lineage": lineage, "subset": cells["subset"].map(SUBSETS)})


def sample(*, n_cells: int = 1500, seed: int = 1, n_genes: int = 1500, **marrow) -> SimulatedMarrow:
    """A simulated sample with a small transcriptome."""
    return simulate_marrow(
        Marrow(n_cells=n_cells, clone=marrow.pop("clone", Clone()), **marrow),
        plain_profiles(n_genes=n_genes),
        seed=seed,
    )


def as_counts(made: SimulatedMarrow) -> CellCounts:
    """What reading the sample's file gives."""
    genes = pd.DataFrame({"gene_id": ""}, index=pd.Index([str(gene) for gene in made.genes], name="symbol"))
    return CellCounts(made.counts.astype(np.float32).tocsr(), made.cells["barcode"].to_numpy(dtype=object), genes, "X")
