"""Fit the spike cut-offs on samples with translocations called from genomes, and measure them by cross-validation.

    python tests/benchmarks/bench_expression.py --matrix rnaseq_log2_7genes_truth.tsv

The model has one cut-off per class and one slope for all (6 numbers), and two constants that are fixed beforehand, or
chosen in an inner loop with --choose: `exclusivity` and `cyclin_d2_weight`. Fit: maximum likelihood, cut-offs drawn to
the middle of the gap between samples with and without the class (+- 0.5), slope to 2 within a factor of e^0.5, and 3 %
of labels allowed to be wrong (the genomes were read at 4 to 8 fold). What it prints stands in
resources/expression_spikes.tsv and expression_thresholds.tsv.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from mmrisk.expression.spikes import Model, posterior

CLASSES = {"t_4_14": "NSD2", "t_11_14": "CCND1", "t_6_14": "CCND3", "t_14_16": "MAF", "t_14_20": "MAFB"}
CHOICES = [(exclusivity, weight) for exclusivity in (0.7, 1.4, 2.8) for weight in (0.0, 0.5)]
WRONG_LABELS = 0.03
EXPECTED_CYCLIN = 8.0


def model_of(numbers, exclusivity, weight):
    return Model(tuple(CLASSES), tuple(CLASSES.values()), numbers[:5], np.exp(numbers[5]), exclusivity, weight,
                 EXPECTED_CYCLIN)  # fmt: skip


def gap_centres(values, truth):
    """Halfway between the 99th percentile of the samples without and the 5th percentile of those with each class."""
    return [
        (values[gene][~truth[:, k]].quantile(0.99) + values[gene][truth[:, k]].quantile(0.05)) / 2
        for k, gene in enumerate(CLASSES.values())
    ]


def fit(values, truth, choice):
    prior = np.r_[gap_centres(values, truth), np.log(2.0)]
    spread = np.full(6, 0.5)

    def loss(numbers):
        chances = posterior(values, model_of(numbers, *choice)).joint(truth)
        said = (1 - WRONG_LABELS) * chances + WRONG_LABELS / 6
        return -np.log(said).sum() + (((numbers - prior) / spread) ** 2 / 2).sum()

    return model_of(minimize(loss, prior, method="BFGS").x, *choice)


def folds_of(truth, n, seed):
    """Folds with every class spread evenly."""
    rng, fold = np.random.default_rng(seed), np.zeros(len(truth), int)
    kinds = np.where(truth.any(axis=1), truth.argmax(axis=1) + 1, 0)
    for kind in range(6):
        members = np.flatnonzero(kinds == kind)
        rng.shuffle(members)
        fold[members] = np.arange(len(members)) % n
    return fold


def inner_choice(values, truth, seed):
    """The constants with the least squared error over an inner cross-validation."""
    fold, errors = folds_of(truth, 5, seed), []
    for choice in CHOICES:
        wrong = 0.0
        for k in range(5):
            made = fit(values[fold != k], truth[fold != k], choice)
            wrong += ((posterior(values[fold == k], made).marginal - truth[fold == k]) ** 2).sum()
        errors.append(wrong)
    return CHOICES[int(np.argmin(errors))]


def counts(probability, truth):
    return [
        (int((probability[:, k] >= 0.5)[truth[:, k]].sum()), int((probability[:, k] >= 0.5)[~truth[:, k]].sum()))
        for k in range(5)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrix", type=Path, required=True, help="samples by genes, log2(TPM), with truth columns")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--choose", action="store_true", help="nested: choose the two constants in an inner loop")
    options = parser.parse_args()
    table = pd.read_csv(options.matrix, sep="\t")
    values = np.log2(np.exp2(table[[*CLASSES.values(), "CCND2"]]) + 1)
    truth = table[list(CLASSES)].to_numpy() == 1
    for repeat in range(options.repeats):
        fold, probability = folds_of(truth, 5, repeat), np.zeros(truth.shape)
        for k in range(5):
            train = fold != k
            choice = inner_choice(values[train], truth[train], repeat) if options.choose else (1.4, 0.5)
            probability[~train] = posterior(values[~train], fit(values[train], truth[train], choice)).marginal
            print(f"repeat {repeat} fold {k} choice {choice}", counts(probability[~train], truth[~train]), flush=True)
        of = [f"{e}: {f}/{n} found, {w} false" for e, (f, w), n in
              zip(CLASSES, counts(probability, truth), truth.sum(axis=0), strict=True)]  # fmt: skip
        print(f"repeat {repeat} held out:", "; ".join(of), f"Brier {((probability - truth) ** 2).mean():.5f}")
        calibration(probability, truth)
    whole = fit(values, truth, (1.4, 0.5))
    print("all samples:", dict(zip(CLASSES, np.round(whole.cutoffs, 2), strict=True)), "slope", round(whole.slope, 2))
    print("medians:", values.median().round(2).to_dict())
    print("refitted on all, seen:", counts(posterior(values, whole).marginal, truth))


def calibration(probability, truth):
    edges = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0001]
    for low, high in pairwise(edges):
        inside = (probability >= low) & (probability < high)
        if inside.any():
            said, seen = probability[inside].mean(), truth[inside].mean()
            print(f"   said {low:g}-{high:g}: n {inside.sum()}, mean {said:.3f}, seen {seen:.3f}")


if __name__ == "__main__":
    main()
