"""Normalisation that immunoglobulin cannot distort: it takes up to half of a plasma cell's transcripts."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from mmrisk.microenvironment.genes import is_immunoglobulin

PER = 10_000.0


def depth(counts: sparse.csr_matrix, symbols: Sequence[str]) -> np.ndarray:
    """Transcripts per cell without immunoglobulin genes; all transcripts where a cell has no others."""
    other = (~is_immunoglobulin(symbols)).astype(np.float32)
    without = np.asarray(counts @ other, dtype=np.float64).ravel()
    everything = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    return np.where(without > 0, without, everything)


def log_normalise(counts: sparse.csr_matrix, symbols: Sequence[str]) -> sparse.csr_matrix:
    """log(1 + transcripts per 10,000 that are not immunoglobulin), cells x genes, as sparse as the counts."""
    factor = PER / np.maximum(depth(counts, symbols), 1.0)
    data = counts.data * np.repeat(factor, np.diff(counts.indptr)).astype(np.float32)
    return sparse.csr_matrix((np.log1p(data), counts.indices, counts.indptr), shape=counts.shape)
