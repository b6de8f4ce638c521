"""Signatures on real mean profiles of known cells, and names of cells simulated from them.

The sets adipocyte and osteoblast were made in part from MGSM27 and are left out. Mean profiles of arrays cannot be
named cell by cell, so the question there is which profile a set fits best among those that its gate lets in.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import f1_score
from tests.marrow_example import as_counts, truth

from mmrisk.microenvironment.annotate import annotate
from mmrisk.microenvironment.markers import Markers
from mmrisk.microenvironment.normalise import log_normalise
from mmrisk.microenvironment.signatures import UNKNOWN, bundled
from mmrisk.simulate.cells import Clone, Marrow, simulate_marrow
from mmrisk.simulate.profiles import reference_profiles

HCA = "singlecell/hca_expression_12_types.csv.gz"
LINEAGES = {
    "NK": "nk_cell",
    "Fibroblast": "stromal",
    "Macrophage": "myeloid",
    "CD4+T": "t_cell",
    "CD8+T": "t_cell",
    "Endothelial": "endothelial",
    "Myeloid": "mast",  # tryptases, CPA3 and HDC: these are mast cells
    "Monocyte": "myeloid",
    "Dendritic": "myeloid",
    "Plasma": "plasma",
    "B": "b_cell",
    "Epithelial": UNKNOWN,  # no cell of the marrow
}
CD4 = ("T.cells.CD4.naive", "T.cells.CD4.memory.resting", "T.cells.CD4.memory.activated")
CD4 += ("T.cells.follicular.helper", "T.cells.regulatory..Tregs.")
T = (*CD4, "T.cells.CD8", "T.cells.gamma.delta")
B = ("B.cells.naive", "B.cells.memory")
MYELOID = ("Monocytes", "Macrophages.M0", "Macrophages.M1", "Macrophages.M2")
DENDRITIC = ("Dendritic.cells.resting", "Dendritic.cells.activated")
ALL = ()
SETS = {
    "cd4_naive": (CD4, ("T.cells.CD4.naive",)),
    "cd4_memory": (CD4, ("T.cells.CD4.memory.resting", "T.cells.CD4.memory.activated")),
    "treg": (CD4, ("T.cells.regulatory..Tregs.",)),
    "cd8_cytotoxic": (T, ("T.cells.CD8", "T.cells.gamma.delta")),
    "nk_cell": (ALL, ("NK.cells.resting", "NK.cells.activated")),
    "b_naive": (B, ("B.cells.naive",)),
    "b_memory": (B, ("B.cells.memory",)),
    "mono_cd14": ((*MYELOID, *DENDRITIC), ("Monocytes",)),
    "m1_like": (MYELOID, ("Macrophages.M1",)),
    "m2_like": (MYELOID, ("Macrophages.M2",)),
    "macrophage": ((*MYELOID, *DENDRITIC), ("Macrophages.M0", "Macrophages.M1", "Macrophages.M2")),
    "cdc2": ((*MYELOID, *DENDRITIC), DENDRITIC),
    "dc_tolerogenic": (DENDRITIC, ("Dendritic.cells.activated",)),
    "mast": (ALL, ("Mast.cells.resting", "Mast.cells.activated")),
    "neutrophil": (ALL, ("Neutrophils",)),
    "plasma": (ALL, ("Plasma.cells", "PlasmaMemory", "MM.plasma.cell")),
    "osteoclast": (ALL, ("osteoclast",)),
}
"""Set -> profiles that its gate lets in (none: all), and those that it should fit best."""


def test_profiles_of_twelve_types_get_their_lineage(realdata):
    table = pd.read_csv(realdata / HCA, index_col=0)
    expression = sparse.csr_matrix(np.log1p(table.T.to_numpy() * 1e4).astype(np.float32))
    called = annotate(expression, list(table.index), bundled(), ambient=0.0).cells["lineage"]
    right = [LINEAGES[name] == lineage for name, lineage in zip(table.columns, called, strict=True)]
    assert sum(right) >= 11


def test_sets_fit_their_own_profile_best_after_gating(realdata):
    table = pd.read_csv(realdata / "singlecell/mgsm27_27_types.csv", index_col=0)
    levels = table.sub(table.median(axis=1), axis=0).clip(lower=0.0)  # the median stands for hybridisation to nothing
    markers = Markers.of(sparse.csr_matrix(levels.T.to_numpy() * np.log(2)), list(table.index), bundled(), ambient=0.0)
    right = {}
    for name, (gate, expected) in SETS.items():
        score = pd.Series(markers.score([(bundled().by_name[name],)]).plain[:, 0], index=table.columns)
        right[name] = score[list(gate or table.columns)].idxmax() in expected
    assert len(right) == 17
    assert sum(right.values()) >= 15, [name for name, fits in right.items() if not fits]


@pytest.mark.slow
def test_cells_simulated_on_a_real_reference_get_their_names(realdata):
    """Two of the twenty patients of tests/benchmarks/bench_cells.py."""
    profiles = reference_profiles(realdata / HCA)
    rows = []
    for seed, plasma_share, ambient in ((1, 0.15, 0.08), (2, 0.5, 0.18)):
        marrow = Marrow(plasma_share=plasma_share, ambient=ambient, clone=Clone(share=0.8))
        made = simulate_marrow(marrow, profiles, seed=seed)
        counts = as_counts(made)
        found = annotate(
            log_normalise(counts.counts, counts.symbols), counts.symbols, bundled(), transcripts=counts.counts
        ).cells
        known = truth(made.cells)
        rows.append(pd.concat([known.add_prefix("true_"), found], axis=1)[~made.cells["doublet"]])
    cells = pd.concat(rows)
    named = cells[cells["lineage"] != UNKNOWN]
    assert (named["lineage"] == named["true_lineage"]).mean() >= 0.97
    assert (cells["lineage"] == UNKNOWN).mean() <= 0.10
    subsets = cells[(cells["subset"] != UNKNOWN) & (cells["lineage"] != "plasma")]
    assert (subsets["subset"] == subsets["true_subset"]).mean() >= 0.94
    treg = f1_score(cells["true_subset"] == "treg", cells["subset"] == "treg")
    assert treg >= 0.7, "small subsets drown where strong genes count in full"
