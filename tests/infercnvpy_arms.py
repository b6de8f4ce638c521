"""Chromosome arms by infercnvpy, to hold this package's own against."""

import warnings
from collections.abc import Sequence

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.gene_places import genes
from mmrisk.microenvironment.arms import ArmGenes
from mmrisk.microenvironment.normalise import log_normalise

MIN_GENES = 15


def infercnvpy_arms(
    counts: sparse.csr_matrix, symbols: Sequence[str], *, clone: np.ndarray, references: Sequence[np.ndarray]
) -> pd.Series:
    """Value of each arm: mean over the clone's cells of infercnvpy's smoothed difference from the reference.

    `references` marks one set of reference cells each (infercnvpy takes what lies between several for no change).
    Arms stand for chromosomes, so that one window covers an arm.
    """
    import infercnvpy

    arm_genes = ArmGenes.of(symbols)
    columns = arm_genes.columns
    expression = log_normalise(counts, symbols)[:, columns]
    heard = (
        np.asarray(expression[clone].mean(axis=0)).ravel()
        + sum(np.asarray(expression[rows].mean(axis=0)).ravel() for rows in references) / len(references)
        > 0.1
    )
    names = [symbols[column] for column in columns[heard]]
    var = pd.DataFrame(
        {
            "chromosome": ["chr" + arm_genes.arms[number] for number in arm_genes.arm_of[heard]],
            "start": [genes()[name].start for name in names],
            "end": [genes()[name].start for name in names],
        },
        index=names,
    )
    reference = np.vstack([np.asarray(expression[rows][:, heard].mean(axis=0)).ravel() for rows in references])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        places, values, _ = infercnvpy.tl.infercnv(
            anndata.AnnData(expression[clone][:, heard].tocsr(), var=var),
            reference=reference,
            window_size=100_000,
            dynamic_threshold=None,
            exclude_chromosomes=(),
            chunksize=1_000_000,
            n_jobs=1,
            inplace=False,
        )
    mean = np.asarray(values.mean(axis=0)).ravel()
    found = pd.Series({arm.removeprefix("chr"): mean[place] for arm, place in places.items()})
    return found[var["chromosome"].str.removeprefix("chr").value_counts()[found.index] >= MIN_GENES]
