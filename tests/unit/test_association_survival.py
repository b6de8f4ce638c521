"""Hazard ratios: unbiased, with intervals that hold the truth as often as they say, refused where there is none."""

import numpy as np
import pandas as pd
import pytest

from mmrisk.association.survival import hazard_ratios, survival_models


def patients(number, ratio, *, seed):
    """Patients of whom 30 % carry a label that multiplies the hazard of 0.03 a month; followed for 3 to 14 months."""
    rng = np.random.default_rng(seed)
    label = (rng.random(number) < 0.3).astype(float)
    death = rng.exponential(1 / (0.03 * ratio**label))
    last = rng.uniform(3.0, 14.0, number)
    return pd.DataFrame(
        {"time": np.minimum(death, last), "event": (death <= last).astype(float), "label": label, "marrow_pc1": 0.0}
    )


def test_hazard_ratios_are_unbiased_and_their_intervals_hold_the_truth():
    truth, found = 3.0, []
    for seed in range(200):
        (row,) = hazard_ratios(patients(150, truth, seed=seed), ["label"])
        found.append(row)
    rows = pd.DataFrame(found)
    covered = ((rows["low"] <= truth) & (truth <= rows["high"])).mean()
    assert 0.91 <= covered <= 0.985, "0.95 with 200 cohorts: standard error 0.015"
    assert np.exp(np.log(rows["hazard_ratio"]).mean()) == pytest.approx(truth, rel=0.07)


def test_a_hazard_ratio_is_that_of_another_implementation():
    from statsmodels.duration.hazard_regression import PHReg

    used = patients(150, 3.0, seed=1)
    (row,) = hazard_ratios(used, ["label"])
    oracle = PHReg(used["time"], used[["label"]], status=used["event"], ties="efron").fit()
    assert row["hazard_ratio"] == pytest.approx(np.exp(oracle.params[0]), rel=1e-4)
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.exp(oracle.conf_int()[0])), rel=1e-3)
    assert row["p"] == pytest.approx(oracle.pvalues[0], rel=1e-3)


def only_carriers_die(used):
    return used.assign(event=used["event"] * used["label"])


def components_repeat_the_label(used):
    return used.assign(marrow_pc1=2.0 * used["label"])


@pytest.mark.parametrize("damage", [only_carriers_die, components_repeat_the_label])
def test_where_no_ratio_is_finite_the_terms_are_refused_with_the_reason(damage):
    used = damage(patients(150, 8.0, seed=3))
    terms = ["label"] if damage is only_carriers_die else ["label", "marrow_pc1"]
    rows = list(hazard_ratios(used, terms))
    assert [row["term"] for row in rows] == terms
    assert {row["status"] for row in rows} == {"refused"}
    assert all("does not converge" in row["reason"] and "hazard_ratio" not in row for row in rows)


def test_a_refused_term_leaves_the_concordance_of_its_model():
    used = only_carriers_die(patients(150, 8.0, seed=3))
    rows = pd.DataFrame(survival_models(used, [], seed=0)).set_index("term")
    assert rows.loc["label", "status"] == "refused"
    assert rows.loc["model", "status"] == "tested"
    assert rows.loc["model", "concordance"] > 0.6
