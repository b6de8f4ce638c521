"""Segmentation by exact penalised weighted least squares (PELT; Killick 2012, doi:10.1080/01621459.2012.737745)."""

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST_BINS = 3


@numba.njit(cache=True, nogil=True)
def _pelt(values, weights, penalty, least):  # type: ignore[no-untyped-def]
    """Last starts of the best segmentation of each prefix: a segment costs its weighted squares and the penalty."""
    count = len(values)
    weight, first, second = np.zeros(count + 1), np.zeros(count + 1), np.zeros(count + 1)
    for index in range(count):
        weight[index + 1] = weight[index] + weights[index]
        first[index + 1] = first[index] + weights[index] * values[index]
        second[index + 1] = second[index] + weights[index] * values[index] * values[index]
    best = np.full(count + 1, np.inf)
    best[0] = -penalty
    previous = np.zeros(count + 1, np.int64)
    candidates = np.zeros(count + 1, np.int64)
    beaten = np.full(count + 1, count + 1)  # end at which a candidate was first no better than a later start
    costs = np.zeros(count + 1)
    alive = 1
    for end in range(least, count + 1):
        for number in range(alive):
            start = candidates[number]
            total = weight[end] - weight[start]
            moved = first[end] - first[start]
            costs[number] = best[start] + (second[end] - second[start] - (moved * moved / total if total > 0 else 0.0))
            if costs[number] + penalty < best[end]:
                best[end] = costs[number] + penalty
                previous[end] = start
        kept = 0
        for number in range(alive):
            start = candidates[number]
            if costs[number] > best[end]:
                beaten[start] = min(beaten[start], end)
            if end < beaten[start] + least:  # until then the later start makes too short a segment
                candidates[kept] = start
                kept += 1
        alive = kept
        new = end - least + 1
        if new >= least and best[new] < np.inf:
            candidates[alive] = new
            alive += 1
    return previous


def breakpoints(values: Floats, weights: Floats, *, penalty: float, least: int = LEAST_BINS) -> list[int]:
    """Starts of the segments of a stretch of bins, the first being 0.

    `weights` are inverse variances, so that `penalty` is in units of squared standard deviations.
    """
    if len(values) < 2 * least:
        return [0]
    previous = _pelt(np.ascontiguousarray(values), np.ascontiguousarray(weights), penalty, least)
    starts, end = [], len(values)
    while end > 0:
        end = int(previous[end])
        starts.append(end)
    return starts[::-1]


def robust_sd(values: Floats, weights: Floats) -> float:
    """Standard deviation of a bin of unit weight, from differences of neighbours, so that changes do not count."""
    if len(values) < 10:
        return np.nan
    differences = np.diff(values) / np.sqrt(1 / weights[1:] + 1 / weights[:-1])
    return float(1.4826 * np.median(np.abs(differences - np.median(differences))))


def segment(group: Ints, values: Floats, weights: Floats, *, penalty: float, least: int = LEAST_BINS) -> Ints:
    """Number of the segment of each bin; segments never span two groups (arms).

    `penalty` is multiplied by the logarithm of the number of bins and the variance of a bin of unit weight.
    """
    sd = robust_sd(values, weights)
    scaled = weights / max(sd * sd, 1e-12) if np.isfinite(sd) else weights
    cost = penalty * np.log(max(len(values), 2))
    labels, number = np.zeros(len(values), dtype=np.int64), -1
    edges = np.flatnonzero(np.diff(group)) + 1
    for start, end in zip([0, *edges], [*edges, len(values)], strict=True):
        starts = breakpoints(values[start:end], scaled[start:end], penalty=cost, least=least)
        for low, high in zip(starts, [*starts[1:], end - start], strict=True):
            number += 1
            labels[start + low : start + high] = number
    return labels
