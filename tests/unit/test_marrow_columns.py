"""The marrow in the cohort table: one column per thing, names that are safe, contracts kept."""

import pandas as pd

from mmrisk.contracts import CELL_QUALITY, COMPOSITION, SIGNATURES, TARGETS
from mmrisk.joined import cohort_table, patients_table
from mmrisk.marrow_columns import marrow_columns
from mmrisk.simulate.cohorts import Design, simulate
from mmrisk.tables import conform


def test_shares_scores_targets_and_quality_become_columns():
    made = simulate(Design(patients=3, scores=2, score_types=("t_cell",)))
    sample = made.cohort["sample_id"].iloc[0]
    target = {"sample_id": sample, "target": "BCMA", "gene": "TNFRSF17", "n_cells": 40, "mean": 2.5}
    quality = [
        {"sample_id": sample, "assay_id": name, "n_barcodes": 9, "n_cells": n} for name, n in (("a", 5), ("b", 8))
    ]
    frames = {
        COMPOSITION.name: made.composition,
        SIGNATURES.name: made.signatures,
        TARGETS.name: conform(pd.DataFrame([target | {"negative_share": 0.1}]), TARGETS),
        CELL_QUALITY.name: conform(pd.DataFrame(quality), CELL_QUALITY),
    }
    wide, columns = marrow_columns(frames)
    assert [column.name for column in columns] == list(wide.columns)
    row = wide.loc[sample]
    counted = made.counts.loc[sample]
    assert row["share_all_Treg"] == counted["Treg"] / counted.sum()
    assert row["target_BCMA_mean"] == 2.5
    assert row["cells_n_cells"] == 8, "the file with the most cells speaks for the sample"
    assert {"score_t_cell_score_00", "clr_t_cells_Treg", "target_BCMA_negative_share"} <= set(wide)
    assert [c.name for c in patients_table(cohort_table(columns)).columns][-len(columns) :] == list(wide.columns)


def test_names_that_would_fall_together_are_told_apart():
    rows = [
        {"sample_id": "S", "cell_type": name, "signature": "x", "mean": value, "n_cells": 3}
        for value, name in enumerate(("CD4+ T", "CD4 pos T", "CD4- T"))
    ]
    wide, _ = marrow_columns({SIGNATURES.name: conform(pd.DataFrame(rows), SIGNATURES)})
    assert wide.columns.is_unique
    assert all(name.replace("_", "").isalnum() for name in wide)


def test_nothing_measured_adds_nothing():
    wide, columns = marrow_columns({})
    assert (len(wide), columns) == (0, ())
