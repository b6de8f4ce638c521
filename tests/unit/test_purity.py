"""Purity and its near-best fits from segments with known copies."""

import numpy as np
import pytest

from mmrisk.copynumber.purity import Purity, fit_purity, given_purity


def segments(purity, copies, *, noise=0.004, seed=1):
    """Ratios of segments of 40 Mb with these copies, beside thirty of two copies."""
    copies = np.array([2.0] * 30 + list(copies))
    ratio = 1 + purity * (copies - 2) / 2 + np.random.default_rng(seed).normal(0, noise, len(copies))
    return ratio, np.full(len(copies), 4e7), np.full(len(copies), noise), np.arange(len(copies))


CASES = {
    "hyperdiploid": [3] * 8,
    "gains and a loss": [3, 3, 3, 1],
    "losses only": [1, 1, 1],
    "with a gain of two": [3, 3, 4, 1],
    "with a subclone": [3, 3, 3, 3, 1, 1.45],
    "with half of the cells": [3, 3, 3, 3, 1, 1.5, 2.5],
}


@pytest.mark.parametrize("purity", [0.2, 0.35, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("name", CASES)
def test_the_purity_is_found(name, purity):
    found = fit_purity(*segments(purity, CASES[name]))
    assert found.method == "fitted"
    assert found.value == pytest.approx(purity, abs=0.02)
    assert found.low <= purity <= found.high
    assert found.fits[0].score == 1.0


def test_a_purity_of_half_the_size_is_listed_as_an_alternative():
    fits = fit_purity(*segments(0.8, [3, 3, 3])).fits
    assert any(fit.purity == pytest.approx(0.4, abs=0.02) for fit in fits[1:])
    assert [fit.score for fit in fits] == sorted(fit.score for fit in fits)


@pytest.mark.parametrize("copies", [[], [3], [1.2]])
def test_a_flat_profile_tells_no_purity(copies):
    found = fit_purity(*segments(0.8, copies))
    assert (found.method, found.value) == ("not_evaluable", None)
    assert "too few" in found.detail


def test_no_purity_fits_a_smear():
    rng = np.random.default_rng(4)
    ratio, weight, noise, arm = segments(1.0, 2 + rng.uniform(0.1, 1.9, 12))
    found = fit_purity(ratio, weight, noise, arm)
    assert found.method == "not_evaluable" or found.high - found.low > 0.02


def test_a_given_purity_is_taken():
    assert (given_purity(0.6).method, given_purity(0.6).value) == ("given", 0.6)


@pytest.mark.parametrize(
    ("low", "span"), [(0.4, (0.8 / 0.9, 2.0)), (0.75, (1.0, 1.0)), (0.8, (1.0, 1.0))], ids=["ambiguous", "told", "sure"]
)
def test_only_an_ambiguous_purity_widens_shares(low, span):
    assert Purity("fitted", 0.8, low, 0.9, 0.01).span == pytest.approx(span)
    assert given_purity(0.8).span == Purity("not_evaluable").span == (1.0, 1.0)
