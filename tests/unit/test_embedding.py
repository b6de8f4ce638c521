"""The picture of a cohort's cells."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mmrisk.microenvironment.embedding import MIN_CELLS, draw, embed, sketch
from mmrisk.simulate.cells import Marrow, simulate_marrow
from mmrisk.simulate.profiles import plain_profiles

IGNORED = ("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")


def sketches(n_samples, n_cells, most):
    profiles = plain_profiles(n_genes=600)
    made = []
    for number in range(n_samples):
        one = simulate_marrow(Marrow(n_cells=n_cells, batch_seed=number, batch_spread=0.4), profiles, seed=number)
        expression = sparse.diags(1e4 / np.asarray(one.counts.sum(axis=1)).ravel()) @ one.counts
        expression = expression.tocsr()
        expression.data = np.log1p(expression.data)
        cells = one.cells.assign(sample_id=f"S{number}")
        made.append(sketch(expression, one.genes, cells, most=most))
    return made


def neighbours_alike(cells, column):
    from sklearn.neighbors import NearestNeighbors

    places = cells[["umap_1", "umap_2"]].to_numpy()
    near = NearestNeighbors(n_neighbors=6).fit(places).kneighbors(places, return_distance=False)[:, 1:]
    words = cells[column].to_numpy()
    return float((words[near] == words[:, None]).mean())


def test_a_sketch_keeps_rare_lineages_and_is_the_same_every_time():
    cells = pd.DataFrame({"lineage": ["plasma"] * 900 + ["mast"] * 4})
    expression = sparse.csr_matrix(np.ones((904, 3)))
    one, two = (sketch(expression, list("ABC"), cells, most=100) for _ in range(2))
    assert len(one.cells) <= 100
    assert (one.cells["lineage"] == "mast").sum() == 4
    assert one.cells.index.equals(two.cells.index)


def test_too_few_cells_have_no_picture():
    cells = pd.DataFrame({"lineage": ["plasma"] * (MIN_CELLS - 1), "sample_id": "S"})
    expression = sparse.csr_matrix(np.ones((MIN_CELLS - 1, 3)))
    assert embed([sketch(expression, list("ABC"), cells, most=100)], batch="sample_id")["umap_1"].isna().all()


@pytest.mark.slow
@pytest.mark.filterwarnings(*IGNORED)
def test_more_cells_than_exact_small_data_paths_take_are_embedded_by_kind_and_not_by_sample():
    made = sketches(3, 4200, 4200)
    cells = embed(made, batch="sample_id")
    assert len(cells) > 8192, "the neighbour search has another path above 8,192 cells"
    assert neighbours_alike(cells, "lineage") > 0.85
    assert neighbours_alike(cells, "sample_id") < 0.6


@pytest.mark.parametrize(("batches", "panels"), [(["A", "B"], 2), (["x", "x"], 3)])
def test_the_picture_has_a_panel_for_batches_only_where_they_are_not_the_samples(tmp_path, batches, panels):
    cells = pd.DataFrame({"sample_id": ["A", "B"], "batch": batches, "lineage": ["t_cell", "unknown"],
                          "umap_1": [0.0, 1.0], "umap_2": [1.0, np.nan]})  # fmt: skip
    draw(cells, tmp_path / "cells.png")
    width, height = (int.from_bytes((tmp_path / "cells.png").read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert round(width / height) == panels
