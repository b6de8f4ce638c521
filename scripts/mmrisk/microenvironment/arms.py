"""Copy number of chromosome arms from expression: a clone's plasma cells against the patient's own other cells.

Per arm: mean log2 ratio of genes between the pseudobulk of clone cells and that of the reference cells, centred where
most of the genome lies. Kinds of cells differ in an arm's expression without any copy-number change; how much is read
off the sample's other lineages and widens the interval. The patient's own normal plasma cells, where there are enough,
are the better reference and need no such allowance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mmrisk.gene_places import genes, is_receptor_gene
from mmrisk.genome import AUTOSOMES
from mmrisk.resource import facts

PER = 10_000.0
MIN_LEVEL = 0.1
"""Transcripts in 10,000 below which a gene says nothing on dosage."""
GENE_SPREAD = 0.6
"""Spread (log2) of a gene between kinds of cells beyond counting: how far one gene may speak for its arm."""
MIN_GENES = 15
ALSO_DRIVEN = {"FGFR3", "MYC"}
"""Genes that translocations switch on, besides those of resources/cell_spikes.tsv."""
CLIP = 2.0
"""Log2 ratio at which a gene's difference is cut: beyond lies regulation, not dosage."""
CAP = 3.0
"""Transcripts of one gene that count for the arm of one cell, so that no gene speaks for an arm."""
MIN_PLASMA_REFERENCE = 40
PROGRAMME_SPREAD = (0.12, 0.05)
"""Least spread (log2) of arms between lineages, and between plasma cells: measured on the HCA reference (12 types)."""
COPIES = np.array([1.0, 2.0, 3.0, 4.0])
BEFORE = np.array([0.15, 0.60, 0.20, 0.05])
"""How often an arm of a myeloma genome has so many copies (4: or more), roughly; a project decision."""
CERTAIN = 0.95
Z = 1.96
COLUMNS = ["arm", "log2_ratio", "low", "high", "copies", "state", "n_genes"]


@dataclass(frozen=True, slots=True)
class ArmProfile:
    """Arms of a clone (columns arm, log2_ratio, low, high, copies, state, n_genes) and what they were held against.

    `state` is gain, loss, neutral or unclear; the bounds are those of 95 %.
    """

    table: pd.DataFrame
    reference: str
    n_cells: int
    n_reference: int

    def altered(self) -> dict[str, float]:
        """Log2 ratio of each arm that is gained or lost."""
        rows = self.table[self.table["state"].isin(["gain", "loss"])]
        return dict(zip(rows["arm"], rows["log2_ratio"], strict=True))


@dataclass(frozen=True, slots=True)
class ArmGenes:
    """The columns of a count matrix that speak for an arm, and the arm of each (sorted names in `arms`)."""

    columns: npt.NDArray[np.int64]
    arm_of: npt.NDArray[np.int64]
    arms: tuple[str, ...]

    @classmethod
    def of(cls, symbols: Sequence[str]) -> "ArmGenes":
        """Autosomal genes with a place; no receptor and HLA genes, and none that a translocation switches on."""
        known, driven = genes(), {fact["gene"] for fact in facts("cell_spikes.tsv")} | ALSO_DRIVEN
        found = [
            (column, arm)
            for column, symbol in enumerate(symbols)
            if (gene := known.get(symbol)) and gene.chrom in AUTOSOMES and (arm := gene.arm)
            and not is_receptor_gene(symbol) and not symbol.startswith("HLA-") and symbol not in driven
        ]  # fmt: skip
        names = tuple(sorted({arm for _, arm in found}, key=lambda arm: (int(arm[:-1]), arm)))
        place = {name: number for number, name in enumerate(names)}
        return cls(
            np.array([column for column, _ in found], dtype=np.int64),
            np.array([place[arm] for _, arm in found], dtype=np.int64),
            names,
        )

    def sums(self, counts: sparse.csr_matrix) -> npt.NDArray[np.float64]:
        """Transcripts of each cell (rows) on each arm, no gene counting for more than `CAP`."""
        taken = counts[:, self.columns].tocsr(copy=True)
        taken.data = np.minimum(taken.data, CAP)
        design = sparse.csr_matrix(
            (np.ones(len(self.columns)), (np.arange(len(self.columns)), self.arm_of)),
            shape=(len(self.columns), len(self.arms)),
        )
        return np.asarray((taken @ design).todense(), dtype=float)


def arm_profile(
    counts: sparse.csr_matrix,
    arm_genes: ArmGenes,
    *,
    clone: npt.NDArray[np.bool_],
    normal_plasma: npt.NDArray[np.bool_],
    lineages: Mapping[str, npt.NDArray[np.bool_]],
    soup: npt.NDArray[np.float64],
) -> ArmProfile:
    """Arms of the clone's cells; `lineages` marks the patient's other cells by lineage.

    `soup` is the ambient RNA of one droplet (transcripts per gene), which is taken off. Without clone cells, or without
    anything to hold them against, the table is empty.
    """
    usable = {name: rows for name, rows in sorted(lineages.items()) if rows.sum() >= MIN_PLASMA_REFERENCE}
    levels = {name: _levels(counts, rows, arm_genes, soup) for name, rows in usable.items()}
    own = _levels(counts, clone, arm_genes, soup)
    if normal_plasma.sum() >= MIN_PLASMA_REFERENCE:
        reference, n_reference = _levels(counts, normal_plasma, arm_genes, soup), int(normal_plasma.sum())
        name, spread = "normal plasma cells", PROGRAMME_SPREAD[1]
    else:
        reference, n_reference = _together(levels), int(sum(rows.sum() for rows in usable.values()))
        name, spread = "other lineages", max(PROGRAMME_SPREAD[0], _programme_spread(levels, arm_genes))
    ratios = _arm_ratios(own, reference, arm_genes) if clone.any() and n_reference else {}
    return ArmProfile(_table(ratios, arm_genes, spread), name, int(clone.sum()), n_reference)


@dataclass(frozen=True, slots=True)
class Levels:
    """Pseudobulk of the genes that speak for arms: transcripts in 10,000, and the transcripts seen."""

    level: npt.NDArray[np.float64]
    seen: npt.NDArray[np.float64]


def _levels(
    counts: sparse.csr_matrix, rows: npt.NDArray[np.bool_], arm_genes: ArmGenes, soup: npt.NDArray[np.float64]
) -> Levels:
    seen = np.asarray(counts[rows][:, arm_genes.columns].sum(axis=0), dtype=float).ravel()
    own = np.maximum(seen - rows.sum() * soup[arm_genes.columns], 0.0)
    return Levels(own / max(own.sum(), 1.0) * PER, seen)


def _together(parts: Mapping[str, Levels]) -> Levels:
    """Pseudobulk in which each lineage counts the same."""
    if not parts:
        return Levels(np.zeros(1), np.zeros(1))
    return Levels(
        np.mean([part.level for part in parts.values()], axis=0), np.sum([part.seen for part in parts.values()], axis=0)
    )


def _arm_ratios(own: Levels, reference: Levels, arm_genes: ArmGenes) -> dict[int, tuple[float, float, int]]:
    """Arm -> mean of the genes' log2 ratios, its standard error, genes; centred on where most of the genome lies.

    Genes weigh by how well they were counted.
    """
    heard = (own.level + reference.level > 2 * MIN_LEVEL) & (np.minimum(own.level, reference.level) > MIN_LEVEL / 4)
    if not heard.any():
        return {}
    ratio = np.log2(own.level[heard] / reference.level[heard])
    weight = 1 / (GENE_SPREAD**2 + (1 / own.seen[heard] + 1 / reference.seen[heard]) / np.log(2) ** 2)
    ratio = np.clip(ratio - np.median(ratio), -CLIP, CLIP)
    arm = arm_genes.arm_of[heard]
    found = {}
    for number in np.unique(arm):
        values, weights = ratio[arm == number], weight[arm == number]
        if len(values) >= MIN_GENES:
            mean = np.average(values, weights=weights)
            error = np.sqrt((weights**2 * (values - mean) ** 2).sum()) / weights.sum()
            found[int(number)] = (float(mean), float(error), len(values))
    if not found:
        return {}
    middle = _commonest_level(np.array([item[0] for item in found.values()]), np.array([i[2] for i in found.values()]))
    return {number: (mean - middle, error, n) for number, (mean, error, n) in found.items()}


def _commonest_level(values: npt.NDArray[np.float64], weights: npt.NDArray[np.int64], width: float = 0.12) -> float:
    """Where most genes lie: the peak of the arms' smoothed levels. Most of a myeloma genome keeps two copies."""
    grid = np.arange(values.min() - width, values.max() + width, 0.005)
    density = (weights * np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2)).sum(axis=1)
    return float(grid[density.argmax()])


def _programme_spread(levels: Mapping[str, Levels], arm_genes: ArmGenes) -> float:
    """Spread of arm ratios between the sample's lineages, none of which has copy-number changes."""
    spreads = []
    for name, own in levels.items():
        others = {other: level for other, level in levels.items() if other != name}
        if others:
            ratios = _arm_ratios(own, _together(others), arm_genes)
            beyond = [mean**2 - error**2 for mean, error, _ in ratios.values()]
            spreads.append(max(0.0, float(np.mean(beyond))) if beyond else 0.0)
    return float(np.sqrt(np.median(spreads))) if spreads else 0.0


def _table(ratios: Mapping[int, tuple[float, float, int]], arm_genes: ArmGenes, spread: float) -> pd.DataFrame:
    """Arms with their state: that of the copies which alone are likely (posterior of `CERTAIN`), else unclear."""
    rows: list[tuple[Any, ...]] = []
    for number, (mean, error, n_genes) in ratios.items():
        deviation = float(np.hypot(error, spread))
        posterior = BEFORE * np.exp(-0.5 * ((mean - np.log2(COPIES / 2)) / deviation) ** 2)
        posterior /= posterior.sum()
        state, copies = "unclear", np.nan
        if posterior[2] + posterior[3] >= CERTAIN:
            state, copies = "gain", 4.0 if posterior[3] >= CERTAIN else 3.0
        elif posterior[0] >= CERTAIN:
            state, copies = "loss", 1.0
        elif posterior[1] >= CERTAIN:
            state, copies = "neutral", 2.0
        low, high = mean - Z * deviation, mean + Z * deviation
        rows.append((arm_genes.arms[number], mean, low, high, copies, state, n_genes))
    return pd.DataFrame(rows, columns=COLUMNS)


def no_profile(reference: str) -> ArmProfile:
    """The profile of no clone."""
    return ArmProfile(pd.DataFrame(columns=COLUMNS), reference, 0, 0)


def clone_lead(
    sums: npt.NDArray[np.float64],
    *,
    clone: npt.NDArray[np.bool_],
    soup: npt.NDArray[np.float64],
    altered: Mapping[int, float],
) -> npt.NDArray[np.float64]:
    """Log-likelihood by which each cell's arms fit the clone rather than a normal cell.

    `sums` is cells x arms, `clone` marks the clone's cells, `soup` is the ambient RNA of one droplet per arm, `altered`
    the log2 ratio of altered arms by number. Tempered by how much more cells vary than counting alone explains.
    """
    own = np.maximum(sums[clone].sum(axis=0) - clone.sum() * soup, 0.0)
    if not altered or not own.sum():
        return np.zeros(len(sums))
    own /= own.sum()
    normal = own.copy()
    for number, ratio in altered.items():
        normal[number] /= 2.0**ratio
    normal /= normal.sum()
    ambient = np.minimum(soup.sum() / np.maximum(sums.sum(axis=1), 1.0), 0.8)[:, None]
    stray = ambient * soup / max(soup.sum(), 1e-12)
    as_clone, as_normal = (1 - ambient) * own + stray, (1 - ambient) * normal + stray
    lead = (sums * (np.log(as_clone + 1e-12) - np.log(as_normal + 1e-12))).sum(axis=1)
    return lead / overdispersion(sums[clone], own)


def overdispersion(sums: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> float:
    """Variance of cells' arm counts over that of counting alone, 1 at least."""
    expected = np.outer(sums.sum(axis=1), shares)
    heard = expected > 1
    if not heard.any():
        return 1.0
    return max(1.0, float(np.mean((sums[heard] - expected[heard]) ** 2 / expected[heard])))
