"""Two real low-pass tumours: segments as DNAcopy finds them, cellularity as published."""

import numpy as np
import pandas as pd
import pytest

from mmrisk.copynumber.purity import Stretches, fit_purity
from mmrisk.copynumber.segmentation import robust_sd, segment

PENALTY = 5
EXPECTED = {"sample1": (22, 0.01, 0.79, 0.40), "sample2": (35, 0.02, 0.38, 0.19)}
"""Segments of DNAcopy, largest rms difference (log2), published cellularity, its usual alternative of half the size."""


@pytest.fixture(scope="module")
def table(realdata):
    path = realdata / "lowpass_tumours" / "copyNumbersSegmented.tsv"
    if not path.is_file():
        pytest.skip("lowpass_tumours is not there")
    return pd.read_csv(path, sep="\t", dtype={"chromosome": str})


def ratios(table, name):
    """Chromosome number, log2 ratio and DNAcopy's log2 of the bins that have one."""
    bins = table[table[name].notna()]
    return (
        pd.factorize(bins["chromosome"])[0],
        np.log2(bins[name].to_numpy()),
        np.log2(bins[f"{name}.1"].to_numpy()),
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_segments_are_those_of_dnacopy(table, name):
    chrom, value, reference = ratios(table, name)
    label = segment(chrom, value, np.ones(len(value)), penalty=PENALTY)
    mean = (np.bincount(label, value) / np.bincount(label))[label]
    rms = float(np.sqrt(np.mean((mean - reference) ** 2)))
    print(f"{name}: {label.max() + 1} segments, rms {rms:.4f} log2")
    assert abs(label.max() + 1 - EXPECTED[name][0]) <= 1
    assert rms <= EXPECTED[name][1]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_cellularity_is_the_published_one_and_alternatives_are_listed(table, name):
    chrom, value, _ = ratios(table, name)
    label = segment(chrom, value, np.ones(len(value)), penalty=PENALTY)
    count = np.bincount(label)
    ratio = np.bincount(label, 2**value) / count
    ratio /= np.median(ratio[label])
    noise = np.sqrt((robust_sd(value, np.ones(len(value))) * np.log(2)) ** 2 / count + 0.005**2)
    number, unknown = np.arange(len(count)), np.full(len(count), np.nan)
    found = fit_purity(
        Stretches(
            ratio=ratio,
            weight=count * 1e6,
            noise=noise,
            arm=number,
            chrom=number,
            imbalance=unknown,
            imbalance_noise=unknown,
        )
    )
    print(f"{name}: cellularity {found.value:.3f}, listed {[(f.purity, round(f.score, 2)) for f in found.fits]}")
    _, _, published, half = EXPECTED[name]
    assert found.value == pytest.approx(published, abs=0.03)
    assert any(fit.purity == pytest.approx(half, abs=0.03) for fit in found.fits[1:])
