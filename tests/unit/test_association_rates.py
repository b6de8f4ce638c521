"""How often the tests of the marrow are wrong on simulated cohorts; tests/benchmarks/bench_association.py has more."""

import numpy as np
import pytest

from benchmarks.bench_association import measure


def lower_bound(values):
    return values.mean() - 1.96 * values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "patients", "cohorts"), [("null", 20, 30), ("mixed", 20, 25), ("mixed", 80, 40)])
def test_false_discoveries_stay_at_their_rate_where_patients_are_units(kind, patients, cohorts):
    found = measure(kind, patients, cohorts, seed=20_000)
    ours = found[found["family"] != "cells as units"].groupby("cohort")["fdp"].mean()
    assert lower_bound(ours) <= 0.05
    assert ours.mean() < 0.12
    wrong = found[found["family"] == "cells as units"].set_index("cohort")["fdp"]
    assert wrong.mean() > 0.8, "cells as units: nearly all hits are false"
    if (kind, patients) == ("mixed", 80):
        micro = found[found["family"] == "composition:scrna:microenvironment:subset"]
        assert micro["power"].mean() > 0.7


@pytest.mark.slow
def test_expansion_of_plasma_cells_alone_hits_no_more_than_chance_in_the_microenvironment():
    found = measure("expansion", 40, 40, seed=30_000)
    micro = found[found["family"].str.contains("microenvironment")]
    assert lower_bound(micro.groupby("cohort")["fdp"].mean()) <= 0.05
    assert lower_bound(micro.groupby("cohort")["nominal"].mean()) <= 0.05
    assert found[found["family"] == "composition:scrna:all:subset"]["power"].mean() > 0.8
