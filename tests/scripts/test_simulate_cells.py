"""The simulator's command."""

from dataclasses import fields

import anndata
import pandas as pd

import simulate_cells
from mmrisk.simulate.cells import Clone, Marrow, Subclone


def test_counts_truth_and_contigs_are_written(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("n_cells: 150\nsex: M\n")
    flags = ["--truth", str(plan), "--n-genes", "300", "--out", str(tmp_path / "a.h5ad")]
    more = ["--cells-out", str(tmp_path / "cells.tsv"), "--contigs-out", str(tmp_path / "contigs.csv")]
    assert simulate_cells.run([*flags, *more]) == 0
    adata = anndata.read_h5ad(tmp_path / "a.h5ad")
    truth = pd.read_csv(tmp_path / "cells.tsv", sep="\t")
    assert list(adata.obs_names) == list(truth["barcode"])
    assert not adata.obs.columns.size
    assert (tmp_path / "contigs.csv").read_text().startswith("barcode,")


def test_a_wrong_plan_is_said_without_a_traceback(tmp_path, capsys):
    plan = tmp_path / "plan.yaml"
    plan.write_text("n_cell: 150\n")
    assert simulate_cells.run(["--truth", str(plan), "--out", str(tmp_path / "a.h5ad")]) == 2
    assert "n_cell" in capsys.readouterr().err


def test_help_names_every_key_of_the_truth():
    said = " ".join(simulate_cells.arguments().format_help().split())
    for kind in (Marrow, Clone, Subclone):
        assert not [field.name for field in fields(kind) if field.name not in said]
