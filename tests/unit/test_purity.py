"""Purity and its near-best fits from segments with known copies."""

import numpy as np
import pytest

from mmrisk.copynumber.purity import Purity, Stretches, fit_purity


def segments(purity, copies, *, noise=0.004, seed=1):
    """Ratios of segments of 40 Mb with these copies, beside thirty of two copies."""
    copies = np.array([2.0] * 30 + list(copies))
    ratio = 1 + purity * (copies - 2) / 2 + np.random.default_rng(seed).normal(0, noise, len(copies))
    return stretches(ratio, noise)


def stretches(ratio, noise=0.004):
    """Segments of 40 Mb, each on an arm of its own, without alleles."""
    number, unknown = np.arange(len(ratio)), np.full(len(ratio), np.nan)
    return Stretches(
        ratio=ratio,
        weight=np.full(len(ratio), 4e7),
        noise=np.full(len(ratio), noise),
        arm=number,
        chrom=number,
        imbalance=unknown,
        imbalance_noise=unknown,
    )


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
    found = fit_purity(segments(purity, CASES[name]))
    assert found.method == "fitted"
    assert found.value == pytest.approx(purity, abs=0.02)
    assert found.low <= purity <= found.high
    assert found.fits[0].score == 1.0


def test_a_purity_of_half_the_size_is_listed_as_an_alternative():
    fits = fit_purity(segments(0.8, [3, 3, 3])).fits
    assert any(fit.purity == pytest.approx(0.4, abs=0.02) for fit in fits[1:])
    assert [fit.score for fit in fits] == sorted(fit.score for fit in fits)


@pytest.mark.parametrize("copies", [[], [3], [1.2]])
def test_a_flat_profile_tells_no_purity(copies):
    found = fit_purity(segments(0.8, copies))
    assert (found.method, found.value) == ("not_evaluable", None)
    assert "too few" in found.detail


def test_no_purity_fits_a_smear():
    rng = np.random.default_rng(4)
    found = fit_purity(segments(1.0, 2 + rng.uniform(0.1, 1.9, 12)))
    assert found.method == "not_evaluable" or found.high - found.low > 0.02


@pytest.mark.parametrize("copies", [[], [3, 3, 1]])
def test_a_given_purity_is_taken(copies):
    found = fit_purity(segments(0.8, copies), given=0.6)
    assert (found.method, found.value, found.low, found.high, found.error) == ("given", 0.6, 0.6, 0.6, 0.0)


@pytest.mark.parametrize(
    ("low", "span"), [(0.4, (0.8 / 0.9, 2.0)), (0.75, (1.0, 1.0)), (0.8, (1.0, 1.0))], ids=["ambiguous", "told", "sure"]
)
def test_only_an_ambiguous_purity_widens_shares(low, span):
    assert Purity("fitted", 0.8, low, 0.9, 0.01).span == pytest.approx(span)
    assert fit_purity(segments(0.8, [3, 3]), given=0.8).span == Purity("not_evaluable").span == (1.0, 1.0)


@pytest.mark.parametrize(("share", "contradictory"), [(0.0, False), (0.4, False), (0.6, True), (1.0, True)])
def test_alleles_apart_over_most_of_a_flat_genome_are_not_those_of_the_sample(share, contradictory):
    number = 40
    stretches = Stretches(
        ratio=np.ones(number),
        weight=np.full(number, 70e6),
        noise=np.full(number, 0.005),
        arm=np.arange(number),
        chrom=np.arange(number) // 2,
        imbalance=np.where(np.arange(number) < share * number, 0.2, 0.0),
        imbalance_noise=np.full(number, 0.01),
    )
    assert stretches.contradictory == contradictory
