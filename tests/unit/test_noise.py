"""The noise of a sample: what single bins, slow waves and arms add; and the power that the limits promise."""

import numpy as np
import pytest

from mmrisk.copynumber.bias import segmented, usable_bins
from mmrisk.copynumber.clone_shares import limit_at, seen_from
from mmrisk.copynumber.noise import measure_noise
from mmrisk.copynumber.read_profile import fit_counts, read_sight
from mmrisk.genome import AUTOSOMES
from mmrisk.simulate.bins import simulate_bins
from mmrisk.simulate.truth import Change, Library, Truth, depth_of, place_of


def sample(*, reads=2_000_000, wave=0.0, seed=1, **more):
    depth = depth_of(reads, build="GRCh38", chromosomes=AUTOSOMES, read_length=150)
    return simulate_bins(
        Truth(depth=depth, purity=0.8, seed=seed, chromosomes=AUTOSOMES, library=Library(wave=wave), **more)
    )


def test_counting_noise_is_the_unit():
    noise = measure_noise(segmented(usable_bins(sample())))
    assert noise.unit == pytest.approx(1.0, abs=0.05)
    assert noise.wave < 0.005


def test_waves_are_measured_apart_from_bins():
    noise = measure_noise(segmented(usable_bins(sample(reads=10_000_000, wave=0.02))))
    assert noise.unit == pytest.approx(1.0, abs=0.05)
    assert 0.006 < noise.wave < 0.025


def test_noise_falls_with_reads_and_with_length_down_to_a_floor():
    noise = measure_noise(segmented(usable_bins(sample(reads=10_000_000, wave=0.02))))
    assert noise.of(1e4, 1e7) > noise.of(1e6, 1e7) > noise.of(1e6, 2e8) > noise.floor


def test_a_clone_of_the_limit_is_seen_with_95_percent_power_by_the_rule_itself():
    rng, noise = np.random.default_rng(1), 0.03
    shares = limit_at(noise, read_sight()) + rng.normal(0, noise, 40_000)
    assert (shares >= seen_from(noise, read_sight())).mean() == pytest.approx(0.95, abs=0.005)
    assert (rng.normal(0, noise, 40_000) >= seen_from(noise, read_sight())).mean() < 0.01


@pytest.mark.slow
def test_in_synthetic_genomes_the_power_at_the_limit_is_as_stated_and_the_limit_is_no_larger_than_needed():
    # the limit of an arm that nothing happened to, then a clone of this size in other genomes
    bias = Library(wave=0.01, arm_bias=0.005)

    def deviation(seed, fraction):
        changes = (Change(place_of("17p", "GRCh38"), 1, 0, fraction),) if fraction else ()
        truth = Truth(
            depth=depth_of(5_000_000, build="GRCh38", chromosomes=AUTOSOMES, read_length=150),
            purity=0.8, seed=seed, chromosomes=AUTOSOMES, changes=changes, library=bias,
        )  # fmt: skip
        profile = fit_counts(simulate_bins(truth), purity=0.8).profile
        first = profile.on("17").start
        noise = float(profile.segment_noise[first])
        return 2 - profile.copies[first], noise

    null = [deviation(seed, 0.0) for seed in range(60)]
    limit = float(np.mean([limit_at(noise, read_sight()) for _, noise in null]))
    assert limit <= 0.15
    assert np.mean([value >= seen_from(noise, read_sight()) for value, noise in null]) <= 0.05
    at_limit = [deviation(1000 + seed, limit) for seed in range(150)]
    power = np.mean([value >= seen_from(noise, read_sight()) for value, noise in at_limit])
    assert 0.88 <= power <= 0.995
    half = [deviation(2000 + seed, limit / 2) for seed in range(60)]
    assert np.mean([value >= seen_from(noise, read_sight()) for value, noise in half]) < 0.6
