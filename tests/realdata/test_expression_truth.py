"""Spikes against translocations called from genomes, and against the molecular groups of arrays."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

import read_expression
from mmrisk.contracts import EVIDENCE, SPIKES
from mmrisk.tables import read_table

BOUNDS = {"t_4_14": (40, 2), "t_11_14": (66, 3), "t_6_14": (4, 1), "t_14_16": (12, 2), "t_14_20": (4, 1)}
"""Least found and most false, of 40, 67, 4, 13 and 5 samples with each among 310."""


def run(path, unit, folder):
    out, spikes = folder / "evidence.tsv", folder / "spikes.tsv"
    flags = ["--expression", str(path), "--unit", unit, "--out", str(out), "--spikes-out", str(spikes)]
    assert read_expression.run(flags) == 0
    return read_table(out, EVIDENCE), read_table(spikes, SPIKES)


@pytest.fixture(scope="module")
def rnaseq(realdata, tmp_path_factory):
    path = realdata / "expression/rnaseq_log2_7genes_truth.tsv"
    truth = pd.read_csv(path, sep="\t").set_index("sample")
    return truth, run(path, "log2_tpm", tmp_path_factory.mktemp("rnaseq"))[0]


@pytest.mark.parametrize("event", BOUNDS)
def test_rna_seq_finds_the_translocations_of_the_genome(event, rnaseq):
    truth, evidence = rnaseq
    present = evidence[(evidence["event"] == event) & (evidence["state"] == "present")]["sample_id"]
    carries = truth.loc[present, event] == 1
    least, most_false = BOUNDS[event]
    assert carries.sum() >= least
    assert (~carries).sum() <= most_false


def test_few_samples_are_left_open(rnaseq):
    _, evidence = rnaseq
    primary = evidence[evidence["event"].isin(BOUNDS)]
    assert (primary["state"] == "not_evaluable").mean() < 0.01


def test_array_signal_ranks_the_mmset_group(realdata, tmp_path):
    path = realdata / "expression/gse4581_256_patients.csv"
    _, spikes = run(path, "array_signal", tmp_path)
    groups = pd.read_csv(path).set_index("sample")["molecular_group"]
    rows = spikes[spikes["event"] == "t_4_14"].set_index("sample_id")
    mmset = (groups.loc[rows.index] == "MMSET").to_numpy()
    ranks = rankdata(rows["log_odds"].to_numpy(dtype=float))
    n = mmset.sum()
    auc = (ranks[mmset].sum() - n * (n + 1) / 2) / (n * (~mmset).sum())
    assert auc >= 0.99
    assert np.isclose(n, 44)
