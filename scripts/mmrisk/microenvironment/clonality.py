"""Light-chain restriction of plasma cells: what each cell makes, the clone's genes, and how pure the clone is.

Immunoglobulin RNA floats in every droplet, so a plasma cell is judged by what it holds beyond the ambient level
of the sample, which the cells that make none show (T, NK, myeloid). Purity is a posterior on a grid, after Boiarsky
2022 (10.1038/s41467-022-33944-z), with the cell's V segment beside its light chain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import betaln
from scipy.stats import beta, norm

LOCI = {
    "kappa_c": re.compile(r"IGKC"),
    "lambda_c": re.compile(r"IGLC[1-7]|IGLL5"),
    "kappa_v": re.compile(r"IGKV\d.*"),
    "lambda_v": re.compile(r"IGLV\d.*"),
    "heavy_v": re.compile(r"IGHV\d.*"),
    "heavy_c": re.compile(r"IGH(M|D|E|G[1-4]|A[12])"),
}
"""Genes of each part of an immunoglobulin. IGLL5 shares its constant exon with IGLC1, so its reads count for lambda."""
OTHER = {"kappa": "lambda", "lambda": "kappa"}
NORMAL_KAPPA = (0.60, 0.06)
"""Share of kappa among normal plasma cells: mean and spread between people (0.60 to 0.67 usual, from memory)."""
CHANCE_V = (1.5, 12.0)
"""Beta prior of the share of normal cells of the clone's light chain that use its V segment."""
SEEN_V = (60.0, 2.0)
"""Beta prior of the share of clone cells whose V segment is read as the clone's."""
MIN_CELLS = 10
MIN_TRANSCRIPTS = 4
CONCENTRATION = 20.0
"""Spread of the ambient share between droplets (beta-binomial concentration)."""
RESTRICTED = 0.1
"""A clone smaller than this share of the plasma cells is not told from none."""
CERTAIN = 0.95
GRID = np.linspace(0.0, 1.0, 201)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purity:
    """Posterior of the clone's share of the plasma cells; `light_chain` is kappa, lambda, none or unclear."""

    light_chain: str
    mean: float
    low: float
    high: float
    n_cells: int


@dataclass(frozen=True, slots=True)
class Clonality:
    """Per cell (rows as the plasma cells given): what it makes and whether it is the clone's; and the sample's purity.

    `cells` has light_chain (kappa, lambda, unclear), light_v, heavy_v, heavy_c ("" where not read) and light_match,
    v_match, heavy_match (True, False or missing). `genes` are the clone's, by part.
    """

    cells: pd.DataFrame
    genes: dict[str, str]
    purity: Purity


def describe_clonality(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    *,
    plasma: npt.NDArray[np.bool_],
    ambient_only: npt.NDArray[np.bool_],
    contigs: pd.DataFrame | None = None,
) -> Clonality:
    """Clonality of the plasma cells of one sample.

    `counts` is cells x genes (raw), `plasma` marks plasma cells, `ambient_only` cells that make no immunoglobulin.
    `contigs` (index: row number of the cell; columns light_chain, light_v, heavy_v, heavy_c) outrank what RNA shows.
    """
    parts = {name: _columns(symbols, pattern) for name, pattern in LOCI.items()}
    own, expected = {}, {}
    for name, columns in parts.items():
        own[name] = counts[plasma][:, columns].toarray().astype(float)
        soup = counts[ambient_only][:, columns]
        expected[name] = np.asarray(soup.mean(axis=0)).ravel() if soup.shape[0] else np.zeros(len(columns))
    cells = pd.DataFrame({"light_chain": _light_chains(own, expected)})
    for name in ("kappa_v", "lambda_v", "heavy_v", "heavy_c"):
        cells[name] = _top_gene(own[name], expected[name], [symbols[column] for column in parts[name]])
    kappa, lambda_ = cells["light_chain"] == "kappa", cells["light_chain"] == "lambda"
    cells["light_v"] = cells["kappa_v"].where(kappa, cells["lambda_v"].where(lambda_, ""))
    cells = cells.drop(columns=["kappa_v", "lambda_v"])
    if contigs is not None:
        _take_contigs(cells, contigs, np.flatnonzero(plasma))
    return _clone_of(cells)


def _columns(symbols: Sequence[str], pattern: re.Pattern[str]) -> npt.NDArray[np.int64]:
    return np.array([number for number, symbol in enumerate(symbols) if pattern.fullmatch(symbol)], dtype=np.int64)


def _light_chains(own: dict[str, Floats], expected: dict[str, Floats]) -> npt.NDArray[np.object_]:
    """Light chain of each cell: which of "kappa and ambient lambda" and "lambda and ambient kappa" is likelier."""
    kappa = own["kappa_c"].sum(axis=1) + own["kappa_v"].sum(axis=1)
    lambda_ = own["lambda_c"].sum(axis=1) + own["lambda_v"].sum(axis=1)
    soup_kappa = expected["kappa_c"].sum() + expected["kappa_v"].sum()
    soup_lambda = expected["lambda_c"].sum() + expected["lambda_v"].sum()
    total = kappa + lambda_
    stray_lambda = np.clip((soup_lambda + 0.01 * total) / np.maximum(total, 1.0), 0.005, 0.6)
    stray_kappa = np.clip((soup_kappa + 0.01 * total) / np.maximum(total, 1.0), 0.005, 0.6)
    lead = _beta_binomial(kappa, total, 1 - stray_lambda) - _beta_binomial(kappa, total, stray_kappa)
    enough = total - soup_kappa - soup_lambda >= MIN_TRANSCRIPTS
    clear = np.abs(lead) > np.log(CERTAIN / (1 - CERTAIN))
    return np.where(enough & clear, np.where(lead > 0, "kappa", "lambda"), "unclear").astype(object)


def _beta_binomial(hits: Floats, total: Floats, share: Floats) -> Floats:
    """Log-probability, without the binomial coefficient."""
    a, b = share * CONCENTRATION, (1 - share) * CONCENTRATION
    return betaln(hits + a, total - hits + b) - betaln(a, b)


def _top_gene(own: Floats, expected: Floats, names: Sequence[str]) -> npt.NDArray[np.object_]:
    """The gene of which each cell has most beyond the ambient level; "" where none stands out."""
    if not len(names):
        return np.full(len(own), "", dtype=object)
    excess = own - expected
    best = excess.argmax(axis=1)
    rows = np.arange(len(own))
    top = excess[rows, best]
    excess[rows, best] = -np.inf
    second = np.maximum(excess.max(axis=1), 0.0) if len(names) > 1 else np.zeros(len(own))
    clear = (top >= MIN_TRANSCRIPTS) & (top >= 2 * second) & (top >= 3 * np.sqrt(expected[best]))
    return np.where(clear, np.array(names, dtype=object)[best], "")


def _take_contigs(cells: pd.DataFrame, contigs: pd.DataFrame, rows: npt.NDArray[np.int64]) -> None:
    """Let sequenced receptors outrank what transcripts show; in place."""
    known = contigs.reindex(rows)
    for column in ("light_chain", "light_v", "heavy_v", "heavy_c"):
        values = known[column].fillna("").to_numpy()
        cells[column] = np.where(values != "", values, cells[column].to_numpy())


def _clone_of(cells: pd.DataFrame) -> Clonality:
    purity, light_chain = posterior_purity(cells)
    genes = {}
    if light_chain:
        genes["light_chain"] = light_chain
        with_chain = cells[cells["light_chain"] == light_chain]
        genes["light_v"] = _commonest(with_chain["light_v"])
        carriers = with_chain[with_chain["light_v"] == genes["light_v"]] if genes["light_v"] else with_chain
        genes["heavy_v"], genes["heavy_c"] = _commonest(carriers["heavy_v"]), _commonest(carriers["heavy_c"])
    for name, column, missing in (
        ("light_match", "light_chain", "unclear"),
        ("v_match", "light_v", ""),
        ("heavy_match", "heavy_v", ""),
    ):
        wanted = genes.get(column, "")
        match = (cells[column] == wanted).astype("boolean")
        cells[name] = match.where((cells[column] != missing) & bool(wanted), pd.NA)
    other_chain = (~cells["light_match"]).fillna(value=False)
    cells.loc[other_chain & (cells["light_v"] != ""), "v_match"] = False
    return Clonality(cells, {name: gene for name, gene in genes.items() if gene}, purity)


def _commonest(values: pd.Series) -> str:
    """The commonest name, the first in the alphabet of equals; "" where nothing was read."""
    counts = values[values != ""].value_counts()
    return str(min(counts[counts == counts.max()].index)) if len(counts) else ""


def posterior_purity(cells: pd.DataFrame) -> tuple[Purity, str | None]:
    """Posterior of purity from light chains and V segments, and the likelier light chain of a clone.

    A clone cell has the clone's light chain and (nearly always) its V segment; a normal cell has the light chain with
    the normal share of kappa and the V segment by chance. Uniform prior on purity and on the chain.
    """
    clear = cells[cells["light_chain"] != "unclear"]
    if len(clear) < MIN_CELLS:
        return Purity("unclear", float("nan"), 0.0, 1.0, len(clear)), None
    chains = ("kappa", "lambda")
    weights = np.array([_grid(clear, chain) for chain in chains])
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    marginal, by_chain = weights.sum(axis=0), weights.sum(axis=1)
    restricted = weights[:, GRID >= RESTRICTED].sum(axis=1)
    best = int(by_chain.argmax())
    if restricted[best] >= CERTAIN:
        word = chains[best]
    else:
        word = "none" if marginal[GRID < RESTRICTED].sum() >= 0.5 else "unclear"
    cumulative = np.cumsum(marginal)
    low, high = (float(GRID[np.searchsorted(cumulative, bound)]) for bound in (0.025, 0.975))
    purity = Purity(word, float((GRID * marginal).sum()), low, high, len(clear))
    return purity, chains[best] if word in chains else None


def _grid(cells: pd.DataFrame, chain: str) -> Floats:
    """Log-likelihood of each purity of GRID for a clone of this chain, averaged over what is not known.

    Cells of each chain fall into: with its commonest V segment, with another, without one read. Cells of the other
    chain are normal, so their V segments are shared by chance only.
    """
    ours, theirs = cells[cells["light_chain"] == chain], cells[cells["light_chain"] == OTHER[chain]]
    matched, differ, unread = _by_segment(ours)
    their_match, their_differ, _ = _by_segment(theirs)
    mean, spread = NORMAL_KAPPA if chain == "kappa" else (1 - NORMAL_KAPPA[0], NORMAL_KAPPA[1])
    quantiles = (np.arange(15) + 0.5) / 15
    normal = np.clip(norm.ppf(quantiles, mean, spread), 0.05, 0.95)
    chance, seen = beta.ppf(quantiles, *CHANCE_V), beta.ppf((np.arange(7) + 0.5) / 7, *SEEN_V)
    rho, q, v, s = np.meshgrid(GRID, normal, chance, seen, indexing="ij", sparse=True)
    p_match, p_differ = rho * s + (1 - rho) * q * v, rho * (1 - s) + (1 - rho) * q * (1 - v)
    p_chain, p_other = rho + (1 - rho) * q, (1 - rho) * (1 - q)
    tiny = 1e-12
    log = unread * np.log(p_chain + tiny) + len(theirs) * np.log(p_other + tiny)
    log = log + matched * np.log(p_match + tiny) + differ * np.log(p_differ + tiny)
    flat = log.reshape(len(GRID), -1)
    peak = flat.max(axis=1, keepdims=True)
    by_chance = betaln(CHANCE_V[0] + their_match, CHANCE_V[1] + their_differ) - betaln(*CHANCE_V)
    return by_chance + peak.ravel() + np.log(np.exp(flat - peak).mean(axis=1))


def _by_segment(cells: pd.DataFrame) -> tuple[int, int, int]:
    """Cells with the commonest V segment of their light chain, with another, and without one read."""
    top = _commonest(cells["light_v"])
    unread = int((cells["light_v"] == "").sum())
    matched = int((cells["light_v"] == top).sum()) if top else 0
    return matched, len(cells) - matched - unread, unread
