"""Groups of the TC and UAMS classifications, and the purity of the plasma cells behind a matrix."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from mmrisk.contracts import EXPRESSION_GROUPS
from mmrisk.expression.scale import Scaled
from mmrisk.expression.spikes import CYCLIN_D2, posterior, shipped_model, threshold
from mmrisk.resource import facts

TC_OF_EVENT = {
    "t_4_14": "4p16",
    "t_11_14": "11q13",
    "t_6_14": "6p21",
    "t_14_16": "maf",
    "t_14_20": "maf",
    "t_8_14_mafa": "maf",
}
CYCLIN_D1 = "CCND1"
UNKNOWN = "unknown"
UAMS = ("MS", "MF", "CD-1", "CD-2", "HY", "LB", "PR")


@cache
def _genes() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in facts("expression_groups.tsv"):
        found.setdefault(row["group"], []).append(row["gene"])
    return {group: tuple(genes) for group, genes in found.items()}


def group_table(scaled: Scaled, log: pd.DataFrame, assay_id: str) -> pd.DataFrame:
    """Groups of each sample (contract EXPRESSION_GROUPS). `log`: log2(linear + 1) of all genes, samples by genes."""
    tc, tc_margin = tc_groups(scaled.values)
    uams, uams_margin = uams_groups(log)
    chain, clonal = light_chains(log)
    others = [gene for gene in _genes()["other"] if gene in log]
    return pd.DataFrame(
        {
            "sample_id": scaled.values.index,
            "assay_id": assay_id,
            "tc_group": tc,
            "tc_margin": tc_margin,
            "uams_group": uams,
            "uams_margin": uams_margin,
            "light_chain": chain,
            "clonal_ig_share": clonal,
            "other_lineages": log[others].mean(axis=1).to_numpy() if others else np.nan,
        }
    )[EXPRESSION_GROUPS.names]


def tc_groups(values: pd.DataFrame) -> tuple[list[str], list[float]]:
    """TC-like group of each sample with its margin (Bergsagel 2005, Blood 106:296).

    A spike decides; without one, which of the cyclins D1 and D2 is expressed. The margin is the smallest change of a
    deciding gene, log2, that would change the group; unknown where it is small or a gene is missing.
    """
    model = shipped_model()
    found = posterior(values, model)
    made = [
        _tc_group(row, chances, odds)
        for (_, row), chances, odds in zip(values.iterrows(), found.marginal, found.log_odds, strict=True)
    ]
    least = threshold("tc_margin")
    groups = [group if margin >= least else UNKNOWN for group, margin in made]
    return groups, [margin for _, margin in made]


def _tc_group(row: pd.Series, chances: np.ndarray, odds: np.ndarray) -> tuple[str, float]:
    model = shipped_model()
    if np.isnan(chances).all():
        return UNKNOWN, np.nan
    # far from a cut-off the odds are those of one gene: a change of one log2 is one slope
    margin = float(np.nanmin(np.abs(odds)) / model.slope)
    best = int(np.nanargmax(chances))
    if chances[best] >= threshold("present"):
        return TC_OF_EVENT[model.events[best]], float(abs(odds[best]) / model.slope)
    distances = [row.get(gene, np.nan) - threshold("cyclin_expressed") for gene in (CYCLIN_D1, CYCLIN_D2)]
    if np.isnan(distances).any():
        return UNKNOWN, np.nan
    group = {(True, False): "d1", (True, True): "d1_d2", (False, True): "d2", (False, False): "none"}
    return group[distances[0] >= 0, distances[1] >= 0], min(margin, *map(abs, distances))


def uams_groups(log: pd.DataFrame) -> tuple[list[str], list[float]]:
    """UAMS-like group of each sample: the group whose marker genes have the highest mean robust z over the cohort."""
    n = len(log)
    held = {group: [gene for gene in _genes()[group] if gene in log] for group in UAMS}
    enough = all(len(held[group]) >= threshold("uams_genes") * len(_genes()[group]) for group in UAMS)
    if n < threshold("cohort") or not enough:
        return [UNKNOWN] * n, [np.nan] * n
    scores = pd.DataFrame({group: robust_z(log[genes]).mean(axis=1) for group, genes in held.items()})
    ordered = np.sort(scores.to_numpy(), axis=1)
    margins = ordered[:, -1] - ordered[:, -2]
    best = scores.idxmax(axis=1)
    least = threshold("uams_margin")
    return [g if m >= least else UNKNOWN for g, m in zip(best, margins, strict=True)], margins.tolist()


def robust_z(log: pd.DataFrame) -> pd.DataFrame:
    """Distance from the cohort's median in robust standard deviations, at least 0.5 log2, no more than 5 of them."""
    centre = log.median()
    spread = (1.4826 * (log - centre).abs().median()).clip(lower=0.5)
    return ((log - centre) / spread).clip(-5, 5)


def light_chains(log: pd.DataFrame) -> tuple[list[str | None], list[float]]:
    """Dominating light chain, and the share of light-chain transcripts that the clone explains.

    Polyclonal plasma cells add kappa and lambda in their usual proportion; what the dominating chain has beyond that
    is the clone's. None and NaN where the matrix does not hold both chains.
    """
    kappa, lambdas = ([gene for gene in _genes()[chain] if gene in log] for chain in ("kappa", "lambda"))
    if not kappa or not lambdas:
        return [None] * len(log), [np.nan] * len(log)
    amounts = [np.maximum(np.exp2(log[genes]) - 1, 0).sum(axis=1).to_numpy() for genes in (kappa, lambdas)]
    total = amounts[0] + amounts[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa_share = np.where(total > 0, amounts[0] / total, np.nan)
    usual = threshold("polyclonal_kappa")
    clonal = np.where(kappa_share >= usual, (kappa_share - usual) / (1 - usual), (usual - kappa_share) / usual)
    dominant = threshold("light_chain_dominant")
    shares = zip(kappa_share, 1 - kappa_share, strict=True)
    chain: list[str | None] = [
        "kappa" if k >= dominant else "lambda" if m >= dominant else "unclear" for k, m in shares
    ]
    return chain, clonal.tolist()
