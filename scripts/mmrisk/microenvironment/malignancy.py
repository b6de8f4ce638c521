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
MAY_MAKE_IMMUNOGLOBULIN = ("b_cell", "plasma", "unknown", "")
MIN_PLASMA = 10
NO_CLONE_SHARE = 0.5
"""Share of clone cells that is assumed before looking at arms where immunoglobulins say nothing."""
MOST_FROM_EXPRESSION = 6.0
"""Log-odds that expression may add or take, so that it never outvotes an immunoglobulin that speaks clearly."""
ROUNDS = 2
WRONG_CHAIN = 0.002
"""Share of clone cells that seem to make the other light chain (hidden doublets)."""
MIN_SIDE = 20
"""Cells of each side from which what tells the clone from normal plasma cells can be learnt."""
PRIOR_TRANSCRIPTS = 20_000.0
FOLDS = 2


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
    for _ in range(ROUNDS):
        profile, arm_lead = _read_arms(counts, arm_genes, rows, probability, others, soup)
        like_clone = expression_lead(own, symbols, clone=probability >= 0.5, normal=probability <= SURE, soup=soup)
        more = arm_lead if like_clone is None else like_clone
        probability = expit(prior + lead + np.clip(more, -MOST_FROM_EXPRESSION, MOST_FROM_EXPRESSION))
    cells = clonality.cells.set_index(rows)
    cells["immunoglobulin_lead"], cells["expression_lead"] = lead, more
    cells["malignant_probability"] = probability
    call = np.where(probability >= MALIGNANT, "malignant", np.where(probability <= NORMAL, "normal", "undetermined"))
    cells["plasma_call"] = call if len(rows) >= MIN_PLASMA else "undetermined"
    if (cells["plasma_call"] == "malignant").sum() < MIN_PLASMA:
        profile = no_profile(profile.reference)
    return PlasmaCells(cells, clonality, profile, _warnings(cells, clonality))


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
        likely = probability > SURE
    profile = arm_profile(
        counts, arm_genes, clone=marked(likely), normal_plasma=marked(probability <= SURE), lineages=others, soup=soup
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
    soup: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64] | None:
    """Log-odds of each plasma cell for the clone from all that it expresses but receptor genes; None without two sides.

    Gene weights are learnt from the cells that are placed already, and each cell is scored with weights from the other
    half of the cells. How far scores of the two sides lie apart gives the log-odds.
    """
    if min(clone.sum(), normal.sum()) < MIN_SIDE:
        return None
    kept = np.flatnonzero([not is_receptor_gene(symbol) and not symbol.startswith("MT-") for symbol in symbols])
    own, soup = own[:, kept], soup[kept]
    fold = np.arange(own.shape[0]) % FOLDS
    capped = own.copy()
    capped.data = np.minimum(capped.data, CAP)
    score = np.zeros(own.shape[0])
    for number in range(FOLDS):
        taught, scored = fold != number, fold == number
        weights = _gene_weights(own, clone & taught, normal & taught, soup)
        score[scored] = capped[scored] @ weights
    depth = np.maximum(np.asarray(capped.sum(axis=1)).ravel(), 1.0)
    score /= depth
    spread = np.sqrt(np.median(depth) / depth)  # shallow cells scatter more
    middle = {side: float(np.median(score[mask])) for side, mask in (("clone", clone), ("normal", normal))}
    deviation = max(_robust_deviation((score[mask] - middle[side]) / spread[mask]) for side, mask in
                    (("clone", clone), ("normal", normal)))  # fmt: skip
    if deviation <= 0 or middle["clone"] <= middle["normal"]:
        return None
    scale = 2 * (deviation * spread) ** 2
    return ((score - middle["normal"]) ** 2 - (score - middle["clone"]) ** 2) / scale


def _gene_weights(
    own: sparse.csr_matrix,
    clone: npt.NDArray[np.bool_],
    normal: npt.NDArray[np.bool_],
    soup: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Log ratio of each gene between two sets of cells, pulled to 0 where few transcripts speak."""
    sums = [
        np.maximum(np.asarray(own[rows].sum(axis=0), dtype=float).ravel() - rows.sum() * soup, 0.0)
        for rows in (clone, normal)
    ]
    pooled = (sums[0] / max(sums[0].sum(), 1.0) + sums[1] / max(sums[1].sum(), 1.0)) / 2 + 1e-9
    a, b = ((one + PRIOR_TRANSCRIPTS * pooled) / (one.sum() + PRIOR_TRANSCRIPTS) for one in sums)
    return np.asarray(np.log(a / b))


def _robust_deviation(values: npt.NDArray[np.float64]) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _warnings(cells: pd.DataFrame, clonality: Clonality) -> tuple[str, ...]:
    said = []
    if len(cells) < MIN_PLASMA:
        said.append("too few plasma cells to find a clone")
    elif (cells["light_chain"] == "unclear").mean() > 0.5:
        said.append("most plasma cells show no light chain")
    if clonality.purity.light_chain == "none":
        said.append("plasma cells are not restricted to one light chain")
    return tuple(said)
