"""The statistics under the tests of the marrow, against published formulas and other implementations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import polygamma

from mmrisk.association.contrasts import Shuffled, adjust, centres, permutation_p, statistics
from mmrisk.association.linear import fit, inverse_trigamma, mixed_fit, moderate, moderated, residuals


def example(*, patients=40, features=12, seed=1):
    rng = np.random.default_rng(seed)
    factor = (rng.random(patients) < 0.4).astype(float)
    batch = rng.integers(0, 3, patients)
    covariates = np.column_stack([np.ones(patients), batch == 1, batch == 2]).astype(float)
    return factor, rng.normal(size=(patients, features)) + 0.4 * factor[:, None], covariates, batch


def test_effects_errors_and_p_are_those_of_ordinary_least_squares():
    import statsmodels.api as sm

    factor, values, covariates, _ = example()
    found = fit(residuals(factor, values, covariates))
    for column in range(values.shape[1]):
        oracle = sm.OLS(values[:, column], np.column_stack([covariates, factor])).fit()
        assert found.effect[column] == pytest.approx(oracle.params[-1])
        assert np.sqrt(found.variance[column] * found.spread[column]) == pytest.approx(oracle.bse[-1])
        assert found.df[column] == oracle.df_resid
    few = statistics(fit(residuals(factor, values[:, :2], covariates)), compositional=False)
    oracle = sm.OLS(values[:, 0], np.column_stack([covariates, factor])).fit()
    assert few.p[0] == pytest.approx(oracle.pvalues[-1]), "two features are too few to moderate"
    assert (few.low[0], few.high[0]) == pytest.approx(tuple(oracle.conf_int()[-1]))


def test_redundant_covariates_change_nothing():
    factor, values, covariates, _ = example()
    twice = np.column_stack([covariates, covariates[:, 1], np.zeros(len(factor))])
    a, b = fit(residuals(factor, values, covariates)), fit(residuals(factor, values, twice))
    np.testing.assert_allclose(a.effect, b.effect)
    np.testing.assert_array_equal(a.df, b.df)


def test_the_mixed_model_is_that_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(50), rng.integers(1, 4, 50))
    factor = (np.arange(50) % 3 == 0).astype(float)[patient]
    values = 0.8 * rng.normal(size=(50, 3))[patient] + rng.normal(size=(len(patient), 3)) + 0.5 * factor[:, None]
    covariates = np.column_stack([np.ones(len(patient)), rng.normal(size=len(patient))])
    found, correlation = mixed_fit(factor, values, covariates, patient, grid=400)
    for column in range(3):
        design = np.column_stack([covariates, factor])
        oracle = sm.MixedLM(values[:, column], design, patient).fit(reml=True)
        between = float(oracle.cov_re[0, 0])
        assert correlation[column] == pytest.approx(between / (between + oracle.scale), abs=0.01)
        assert found.effect[column] == pytest.approx(oracle.fe_params[-1], abs=0.01)
        error = np.sqrt(found.variance[column] * found.spread[column])
        assert error == pytest.approx(oracle.bse_fe[-1], rel=0.02)
    assert set(found.df) == {50 - 3}, "patients, not samples, are counted"


def test_one_sample_per_patient_makes_the_mixed_model_the_plain_one():
    factor, values, covariates, _ = example()
    plain = fit(residuals(factor, values, covariates))
    mixed, _ = mixed_fit(factor, values, covariates, np.arange(len(factor)))
    np.testing.assert_allclose(plain.effect, mixed.effect)
    np.testing.assert_allclose(plain.variance * plain.spread, mixed.variance * mixed.spread)


@given(st.floats(0.001, 1000))
def test_the_inverse_of_trigamma_is_its_inverse(value):
    assert float(polygamma(1, inverse_trigamma(np.array([value]))[0])) == pytest.approx(value, rel=1e-6)


def test_moderation_finds_the_prior_from_which_variances_were_drawn():
    rng = np.random.default_rng(2)
    prior_df, prior_variance, df = 8.0, 2.5, 10.0
    true = prior_variance * prior_df / rng.chisquare(prior_df, 20_000)
    seen = true * rng.chisquare(df, 20_000) / df
    found = moderate(seen[None, :], np.full(20_000, df))
    assert found.df[0] == pytest.approx(prior_df, rel=0.08)
    assert found.variance[0] == pytest.approx(prior_variance, rel=0.03)
    drawn, total = moderated(seen[None, :], np.full(20_000, df), found)
    expected = (found.df * found.variance + df * seen) / (found.df + df)
    np.testing.assert_allclose(drawn[0], expected)
    np.testing.assert_allclose(total[0], np.full(20_000, found.df[0] + df))


def test_variances_that_do_not_differ_are_pooled_and_too_few_are_left_alone():
    same = moderate(np.full((1, 30), 2.0), np.full(30, 8.0))
    assert np.isinf(same.df[0])
    few = moderate(np.array([[1.0, 5.0]]), np.array([8.0, 8.0]))
    assert few.df[0] == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_is_that_of_scipy(p):
    np.testing.assert_allclose(adjust(np.array(p)), stats.false_discovery_control(p), rtol=1e-12)


def test_q_passes_over_what_was_not_tested():
    found = adjust(np.array([0.01, np.nan, 0.04]))
    np.testing.assert_allclose(found[[0, 2]], [0.02, 0.04])
    assert np.isnan(found[1])


def test_the_centre_is_the_median_effect_and_only_of_enough_types():
    effects = np.array([[0.1, 0.0, 3.0, -0.1, 0.05]])
    assert centres(effects)[0].tolist() == [0.05] * 5
    assert centres(effects[:, :4])[0].tolist() == [0.0] * 4


def test_permutation_within_blocks_is_exact_for_null_data():
    # p of data without effect is uniform: at most 5 % of runs with p up to 0.05, whatever batches and tails do
    rng = np.random.default_rng(4)
    hits = 0
    for run in range(200):
        factor, values, covariates, batch = example(patients=24, features=1, seed=run)
        if min(factor.sum(), (1 - factor).sum()) < 4:
            continue
        values = rng.standard_t(2, values.shape) + 5.0 * batch[:, None]
        kept = residuals(factor, values, covariates)
        found = statistics(fit(kept), compositional=False)
        part = Shuffled.of(kept, batch.astype(np.intp), factor)
        hits += permutation_p([part], found, compositional=False, seed=run)[0] <= 0.05
    assert stats.binomtest(int(hits), 200, 0.05, alternative="greater").pvalue > 0.01


def test_few_arrangements_within_blocks_are_permuted_across_them():
    factor, values, covariates, batch = example(patients=24)
    kept = residuals(factor, values, covariates)
    assert Shuffled.of(kept, batch.astype(np.intp), factor).blocks.max() == 2
    single = Shuffled.of(kept, np.arange(24), factor)
    assert single.blocks.max() == 0
    assert single.scale == pytest.approx(np.sqrt(24 / 21))


def test_permutation_p_has_its_seed_and_is_never_zero():
    factor, values, covariates, batch = example()
    kept = residuals(factor, values + 10 * factor[:, None], covariates)
    part = Shuffled.of(kept, batch.astype(np.intp), factor)
    found = statistics(fit(kept), compositional=False)
    first, again = (permutation_p([part], found, compositional=False, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.max() == pytest.approx(1e-5)
