"""Which plasma cells belong to the clone: by the immunoglobulin they make, their arms and what else they express."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import expit, logit

from mmrisk.gene_places import is_receptor_gene
from mmrisk.microenvironment.arms import CAP, ArmGenes, ArmProfile, arm_profile, clone_lead, no_profile
from mmrisk.microenvironment.clonality import CHANCE_V, LOCI, NORMAL_KAPPA, SEEN_V, Clonality, describe_clonality

MALIGNANT, NORMAL = 0.9, 0.1
"""Probability from which a plasma cell is called malignant, and up to which normal; between them undetermined."""
SURE = 0.02
"""Probability up to which a cell teaches how normal plasma cells look ..."""
SURE_BY_CHAIN = 0.1
"""... and by its immunoglobulin alone: what the other light chain leaves of the prior of a pure clone."""
MAY_MAKE_IMMUNOGLOBULIN = ("b_cell", "plasma", "unknown", "")
MIN_PLASMA = 10
NO_CLONE_SHARE = 0.5
"""Share of clone cells that is assumed before looking at arms where immunoglobulins say nothing."""
MOST_FROM_EXPRESSION = 6.0
"""Log-odds that expression may add or take, so that it never outvotes an immunoglobulin that speaks clearly."""
ROUNDS = 3
WRONG_CHAIN = 0.002
"""Share of clone cells that seem to make the other light chain (hidden doublets)."""
MIN_SIDE = 20
"""Cells of each side from which what tells the clone from normal plasma cells can be learnt."""
LEAST_VARIANCE = 0.02
"""Least variance of a gene's level (natural log) between cells, so that silent genes say little; from a twentieth of it
on a gene is heard at all."""
FOLDS = 2
FOUND = 0.5
"""Least share of the clone that purity promises which must be called malignant; else the calls are not trusted."""


@dataclass(frozen=True, slots=True)
class PlasmaCells:
    """Plasma cells of one sample.

    `cells`: one row per plasma cell (index: row of the counts): light_chain, light_v, heavy_v, heavy_c, light_match,
    v_match, heavy_match, arm_lead, malignant_probability, plasma_call (malignant, normal, undetermined).
    """

    cells: pd.DataFrame
    clonality: Clonality
    arms: ArmProfile
    warnings: tuple[str, ...] = ()

    def called(self, word: str) -> npt.NDArray[np.int64]:
        """Rows of the counts that hold plasma cells with this call."""
        return self.cells.index[self.cells["plasma_call"] == word].to_numpy(dtype=np.int64)


def find_clone(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    lineage: npt.NDArray[np.object_],
    *,
    usable: npt.NDArray[np.bool_] | None = None,
    contigs: pd.DataFrame | None = None,
) -> PlasmaCells:
    """Tell malignant from normal plasma cells.

    `counts` is cells x genes (raw), `lineage` the annotated lineage of each cell (plasma cells: `plasma`), `usable`
    leaves out doublets. Two sources are added as log-odds: the immunoglobulin a cell makes (light chain, V segments)
    and its expression, learnt from the cells that immunoglobulins place: all genes where normal plasma cells are at
    hand to learn from, else altered arms.
    """
    usable = np.ones(len(lineage), dtype=bool) if usable is None else usable
    plasma = (lineage == "plasma") & usable
    ambient_only = makes_no_immunoglobulin(lineage) & usable
    clonality = describe_clonality(counts, symbols, plasma=plasma, ambient_only=ambient_only, contigs=contigs)
    rows = np.flatnonzero(plasma)
    lead = immunoglobulin_lead(clonality)
    share = clonality.purity.mean if np.isfinite(clonality.purity.mean) else NO_CLONE_SHARE
    prior = float(logit(np.clip(share, 0.02, 0.98)))
    others = {
        str(name): (lineage == name) & usable for name in np.unique(lineage[ambient_only | (lineage == "b_cell")])
    }
    soup = ambient_soup(counts, symbols, ambient_only=ambient_only)
    probability, own, arm_genes = expit(prior + lead), counts[rows], ArmGenes.of(symbols)
    other_chain = probability <= SURE_BY_CHAIN
    for _ in range(ROUNDS):
        normal = other_chain | (probability <= SURE)
        profile, arm_lead = _read_arms(counts, arm_genes, rows, probability, normal, others, soup)
        like_clone = expression_lead(own, symbols, clone=probability >= 0.5, normal=normal)
        more = arm_lead if like_clone is None else like_clone
        probability = expit(prior + lead + np.clip(more, -MOST_FROM_EXPRESSION, MOST_FROM_EXPRESSION))
    cells = clonality.cells.set_index(rows)
    cells["immunoglobulin_lead"], cells["expression_lead"] = lead, more
    cells["malignant_probability"] = probability
    call = np.where(probability >= MALIGNANT, "malignant", np.where(probability <= NORMAL, "normal", "undetermined"))
    cells["plasma_call"] = call if len(rows) >= MIN_PLASMA else "undetermined"
    if missed := misses_the_clone(cells, clonality):
        ours = cells["light_match"].fillna(value=False).to_numpy(dtype=bool)
        cells.loc[ours & (cells["plasma_call"] == "normal"), "plasma_call"] = "undetermined"
    if (cells["plasma_call"] == "malignant").sum() < MIN_PLASMA:
        profile = no_profile(profile.reference)
    return PlasmaCells(cells, clonality, profile, _warnings(cells, clonality, missed=missed))


def misses_the_clone(cells: pd.DataFrame, clonality: Clonality) -> bool:
    """Whether far fewer cells are called malignant than the restriction to one light chain says there are."""
    if clonality.purity.light_chain not in ("kappa", "lambda"):
        return False
    malignant = int((cells["plasma_call"] == "malignant").sum())
    return malignant < max(MIN_PLASMA, FOUND * clonality.purity.low * len(cells))


def makes_no_immunoglobulin(lineage: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Cells of a known lineage that makes none: what they hold of it is ambient."""
    return ~np.isin(lineage, MAY_MAKE_IMMUNOGLOBULIN)


def ambient_soup(
    counts: sparse.csr_matrix, symbols: Sequence[str], *, ambient_only: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Ambient RNA of one droplet, in transcripts per gene.

    Its mix is that of all droplets together; its amount is read off the immunoglobulin of cells that make none.
    """
    everything = np.asarray(counts.sum(axis=0), dtype=float).ravel()
    light = np.array([any(LOCI[part].fullmatch(symbol) for part in ("kappa_c", "lambda_c")) for symbol in symbols])
    if not everything[light].sum() or not ambient_only.any():
        return np.zeros(len(symbols))
    stray = float(counts[ambient_only][:, np.flatnonzero(light)].sum()) / ambient_only.sum()
    return everything * (stray / everything[light].sum())


def immunoglobulin_lead(clonality: Clonality) -> npt.NDArray[np.float64]:
    """Log-odds of each plasma cell for the clone from the immunoglobulin it makes; 0 where it shows nothing."""
    cells, chain = clonality.cells, clonality.genes.get("light_chain")
    if chain is None:
        return np.zeros(len(cells))
    same = NORMAL_KAPPA[0] if chain == "kappa" else 1 - NORMAL_KAPPA[0]
    missed = 1 - SEEN_V[0] / sum(SEEN_V)
    chance = CHANCE_V[0] / sum(CHANCE_V)
    lead = np.zeros(len(cells))
    for column, by_chance in (("light_match", same), ("v_match", chance), ("heavy_match", chance)):
        match = cells[column]
        yes, no = match.fillna(value=False), (~match).fillna(value=False)  # missing is neither
        wrong = missed if column != "light_match" else WRONG_CHAIN
        lead[yes.to_numpy()] += np.log((1 - wrong) / by_chance)
        if column == "v_match":
            no &= cells["light_match"].fillna(value=False)  # another chain has had its say
        lead[no.to_numpy()] += np.log(wrong / (1 - by_chance))
    return lead


def _read_arms(
    counts: sparse.csr_matrix,
    arm_genes: ArmGenes,
    rows: npt.NDArray[np.int64],
    probability: npt.NDArray[np.float64],
    normal: npt.NDArray[np.bool_],
    others: Mapping[str, npt.NDArray[np.bool_]],
    soup: npt.NDArray[np.float64],
) -> tuple[ArmProfile, npt.NDArray[np.float64]]:
    """Arm profile of the likely clone cells, and each plasma cell's lead by it."""

    def marked(chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        mask = np.zeros(counts.shape[0], dtype=bool)
        mask[rows[chosen]] = True
        return mask

    likely = probability >= 0.5
    if likely.sum() < MIN_PLASMA:
        likely = ~normal
    profile = arm_profile(
        counts, arm_genes, clone=marked(likely), normal_plasma=marked(normal), lineages=others, soup=soup
    )
    place = {name: number for number, name in enumerate(arm_genes.arms)}
    altered = {place[arm]: ratio for arm, ratio in profile.altered().items()}
    arm_soup = np.bincount(
        arm_genes.arm_of, weights=np.minimum(soup[arm_genes.columns], CAP), minlength=len(arm_genes.arms)
    ).astype(float)
    return profile, clone_lead(arm_genes.sums(counts[rows]), clone=likely, soup=arm_soup, altered=altered)


def expression_lead(
    own: sparse.csr_matrix,
    symbols: Sequence[str],
    *,
    clone: npt.NDArray[np.bool_],
    normal: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64] | None:
    """Log-odds of each plasma cell for the clone from all that it expresses but receptor genes; None without two sides.

    Gene weights are learnt from the cells that are placed already, and each cell is scored with weights from the other
    half of the cells. How far scores of the two sides lie apart gives the log-odds. Ambient RNA needs no correction:
    both sides float in the same.
    """
    if min(clone.sum(), normal.sum()) < MIN_SIDE:
        return None
    kept = np.flatnonzero([not is_receptor_gene(symbol) and not symbol.startswith("MT-") for symbol in symbols])
    own = own[:, kept].tocsr()
    depth = np.maximum(np.asarray(own.sum(axis=1)).ravel(), 1.0)
    scale = (np.median(depth) / depth).astype(np.float32)
    levels = np.log1p(own.data * np.repeat(scale, np.diff(own.indptr)), dtype=np.float32)
    level = sparse.csr_matrix((levels, own.indices, own.indptr), shape=own.shape)
    fold = np.arange(own.shape[0]) % FOLDS
    score = np.zeros(own.shape[0])
    for number in range(FOLDS):
        taught, scored = fold != number, fold == number
        weights, middle = _gene_weights(level, clone & taught, normal & taught)
        score[scored] = level[scored] @ weights - float(middle @ weights)
    spread = np.sqrt(np.median(depth) / depth)  # shallow cells scatter more
    centre = {side: float(np.median(score[mask])) for side, mask in (("clone", clone), ("normal", normal))}
    deviation = max(_robust_deviation((score[mask] - centre[side]) / spread[mask]) for side, mask in
                    (("clone", clone), ("normal", normal)))  # fmt: skip
    if deviation <= 0 or centre["clone"] <= centre["normal"]:
        return None
    return ((score - centre["normal"]) ** 2 - (score - centre["clone"]) ** 2) / (2 * (deviation * spread) ** 2)


def _gene_weights(
    level: sparse.csr_matrix, clone: npt.NDArray[np.bool_], normal: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Weight of each gene for telling two sets of cells apart, and the point between their means.

    Linear discriminant with one variance per gene (`level` is log-normalised), its differences pulled to 0 by as much
    as chance alone explains of the differences of all genes together.
    """
    counts = np.array([clone.sum(), normal.sum()], dtype=float)
    design = sparse.csr_matrix(np.vstack([clone, normal]).astype(np.float64))
    means = np.asarray((design @ level).todense()) / counts[:, None]
    squares = sparse.csr_matrix((level.data**2, level.indices, level.indptr), shape=level.shape)
    within = np.maximum(np.asarray((design @ squares).todense()) / counts[:, None] - means**2, 0.0)
    variance = counts @ within / counts.sum()
    heard = variance > LEAST_VARIANCE / 20
    deviation = np.sqrt(variance + LEAST_VARIANCE)
    difference = (means[0] - means[1]) / deviation
    chance = (1 / counts).sum() * variance / (variance + LEAST_VARIANCE)
    real = max(float(np.mean(difference[heard] ** 2 - chance[heard])), 1e-6) if heard.any() else 1e-6
    weights = np.where(heard, difference * real / (real + chance) / deviation, 0.0)
    return weights, means.mean(axis=0)


def _robust_deviation(values: npt.NDArray[np.float64]) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _warnings(cells: pd.DataFrame, clonality: Clonality, *, missed: bool) -> tuple[str, ...]:
    chain = clonality.purity.light_chain
    said = []
    if len(cells) < MIN_PLASMA:
        said.append("too few plasma cells to find a clone")
    elif (cells["light_chain"] == "unclear").mean() > 0.5:
        said.append("most plasma cells show no light chain")
    elif chain == "unclear":
        said.append("whether plasma cells are restricted to one light chain is unclear")
    if chain == "none":
        said.append("plasma cells are not restricted to one light chain")
    if missed:
        said.append(f"plasma cells are restricted to {chain} and few of them could be called malignant")
    return tuple(said)
