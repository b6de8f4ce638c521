"""Segmentation: the exact optimum, found by another program as well."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.copynumber.segmentation import breakpoints, robust_sd, segment


def cost(values, weights, starts, penalty):
    """Weighted squares within segments, and the penalty of each breakpoint."""
    total = penalty * (len(starts) - 1)
    for start, end in zip(starts, [*starts[1:], len(values)], strict=True):
        v, w = values[start:end], weights[start:end]
        total += (w * (v - np.average(v, weights=w)) ** 2).sum()
    return total


def best_of_all(values, weights, penalty, least):
    """The cheapest segmentation of all, by trying every one."""
    from itertools import combinations

    n = len(values)
    found = [[0]]
    for count in range(1, n // least):
        found += [
            [0, *cuts]
            for cuts in combinations(range(least, n - least + 1), count)
            if all(b - a >= least for a, b in zip((0, *cuts), (*cuts, n), strict=True))
        ]
    return min(cost(values, weights, starts, penalty) for starts in found)


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.5, 4)), min_size=6, max_size=11),
    st.floats(0.1, 5),
    st.integers(1, 3),
)
def test_no_segmentation_is_cheaper(pairs, penalty, least):
    values, weights = np.array(pairs).T
    starts = breakpoints(values, weights, penalty=penalty, least=least)
    assert all(b - a >= least for a, b in zip(starts, [*starts[1:], len(values)], strict=True))
    assert cost(values, weights, starts, penalty) <= best_of_all(values, weights, penalty, least) + 1e-9


def test_ruptures_finds_the_same_breakpoints():
    ruptures = pytest.importorskip("ruptures")
    rng = np.random.default_rng(1)
    levels = np.repeat([0.0, 0.58, 0.0, -0.4, 0.1, 0.0], [60, 40, 80, 33, 57, 90])
    values = levels + rng.normal(0, 0.15, len(levels))
    penalty = 5 * 0.15**2 * np.log(len(values))
    other = ruptures.KernelCPD(kernel="linear", min_size=3).fit(values[:, None]).predict(pen=penalty)
    assert breakpoints(values, np.ones(len(values)), penalty=penalty) == [0, *other[:-1]]


def test_a_segment_never_spans_two_arms():
    label = segment(np.repeat([0, 1], 50), np.zeros(100), np.ones(100), penalty=5)
    assert label.tolist() == [0] * 50 + [1] * 50


def test_the_noise_does_not_count_the_changes():
    rng = np.random.default_rng(2)
    values = np.repeat([0.0, 3.0, -1.0, 0.5], 500) + rng.normal(0, 0.2, 2000)
    assert robust_sd(values, np.ones(2000)) == pytest.approx(0.2, rel=0.08)


def test_bins_that_weigh_nothing_decide_nothing():
    rng = np.random.default_rng(3)
    values = rng.normal(0, 0.1, 200)
    values[90:100] += 5
    weights = np.ones(200)
    weights[90:100] = 1e-9
    assert breakpoints(values, weights, penalty=5 * 0.01 * np.log(200)) == [0]
