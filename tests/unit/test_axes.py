"""Ligand-receptor axes: what is scored, and against which resource."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mmrisk.microenvironment.axes import MIN_CELLS, axes, axis_rows
from mmrisk.resource import facts

SYMBOLS = ["TNFSF13", "TNFRSF17", "IL6", "IL6R", "IL6ST"]


def rows_of(expression, lineage):
    table = axis_rows(sparse.csr_matrix(np.array(expression, dtype=float)), SYMBOLS, lineage, sample_id="S")
    return table.set_index(["signature", "cell_type"])


def test_a_score_is_the_root_of_ligand_times_receptor_in_the_right_lineages():
    expression = [[4, 0, 0, 0, 0]] * 30 + [[0, 1, 0, 2, 1]] * 40
    table = rows_of(expression, ["myeloid"] * 30 + ["plasma"] * 40)
    row = table.loc[("april_bcma", "myeloid>plasma")]
    assert row["mean"] == pytest.approx(2.0)
    assert (row["n_cells"], row["coverage"]) == (30, 1.0)
    assert ("april_bcma", "plasma>myeloid") not in table.index


def test_the_least_part_of_a_complex_decides():
    expression = [[0, 0, 4, 0, 0]] * 30 + [[0, 0, 0, 9, 1]] * 30
    table = rows_of(expression, ["myeloid"] * 30 + ["plasma"] * 30)
    assert table.loc[("il6_il6r", "myeloid>plasma"), "mean"] == pytest.approx(2.0)


def test_few_cells_or_unmeasured_genes_have_no_score():
    expression = [[4, 1, 0, 0, 0]] * (MIN_CELLS - 1) + [[0, 1, 0, 0, 0]] * 40
    table = rows_of(expression, ["myeloid"] * (MIN_CELLS - 1) + ["plasma"] * 40)
    assert pd.isna(table.loc[("april_bcma", "myeloid>plasma"), "mean"])
    assert pd.isna(table.loc[("baff_bcma", "myeloid>plasma"), "mean"])
    assert table.loc[("baff_bcma", "myeloid>plasma"), "coverage"] == 0.5


@pytest.mark.slow
def test_pairs_are_in_the_resource_they_name():
    import importlib.util
    from pathlib import Path

    folder = Path(importlib.util.find_spec("liana").origin).parent  # importing liana takes seconds
    known = pd.read_csv(folder / "resource" / "omni_resource.csv")
    for fact, axis in zip(facts("axes.tsv"), axes(), strict=True):
        resource = known[known["resource"] == "consensus"] if fact["confirmed"] == "consensus" else known
        pairs = set(zip(resource["source_genesymbol"], resource["target_genesymbol"], strict=True))
        assert ("_".join(axis.ligand), "_".join(axis.receptor)) in pairs or any(
            (ligand, receptor) in pairs for ligand in axis.ligand for receptor in axis.receptor
        ), axis.name
