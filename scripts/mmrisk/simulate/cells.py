"""Marrow samples with known cells: composition, programmes, a plasma-cell clone, doublets, ambient RNA and batch.

Counts are drawn per cell around the profile of its kind (negative binomial for strongly expressed genes, Poisson for
the rest), so that every answer that annotation, clonality and copy number should give is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mmrisk.gene_places import genes, is_receptor_gene
from mmrisk.simulate.profiles import FEMALE, MALE, PER, Profiles, kinds, raise_levels

DISPERSION = 0.25
"""Variance beyond Poisson of strongly expressed genes: variance = mean + DISPERSION * mean^2."""
DEPTH_SPREAD = 0.4
PLASMA_DEPTH = 1.8
"""Plasma cells hold more transcripts than lymphocytes."""
IG_SHARE = {"Plasma": 0.4, "B": 0.01}
LOST_IN_CLONE = {"CD27": 0.15, "CD81": 0.3, "TNFRSF13B": 0.3, "LAPTM5": 0.5, "PTPRC": 0.4}
"""Normal plasma-cell genes that clones lose (Boiarsky 2022, from memory)."""
CONSTANT_HEAVY = ("IGHG1", "IGHG2", "IGHG3", "IGHA1", "IGHA2", "IGHM")
CONSTANT_LAMBDA = ("IGLC1", "IGLC2", "IGLC3", "IGLC7")


COMMON_LIGHT_V = {"kappa": "IGKV3-20", "lambda": "IGLV2-14"}
"""V gene of a clone for which none is named."""


@dataclass(frozen=True, slots=True)
class Subclone:
    """Part of a clone with further copy numbers; `share` of the clone's cells. Numbered from 1; 0 is the rest."""

    share: float
    arms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A plasma-cell clone. `share`: of all plasma cells; `arms`: copies by arm; `spikes`: transcripts per 10,000.

    `light_v` is the light chain's V gene; None takes a common one of the chain.
    """

    share: float = 0.9
    light_chain: str = "kappa"
    light_v: str | None = None
    heavy_v: str = "IGHV3-23"
    heavy_c: str = "IGHG1"
    arms: Mapping[str, float] = field(default_factory=dict)
    spikes: Mapping[str, float] = field(default_factory=dict)
    lost: Mapping[str, float] = field(default_factory=dict)
    subclones: tuple[Subclone, ...] = ()
    variation: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Marrow:
    """What a simulated sample holds. `composition`: weights of subsets other than plasma cells (default: table)."""

    n_cells: int = 3000
    plasma_share: float = 0.3
    composition: Mapping[str, float] = field(default_factory=dict)
    programmes: Mapping[str, float] = field(default_factory=dict)
    clone: Clone | None = field(default_factory=Clone)
    normal_kappa: float = 0.6
    depth: float = 3500.0
    ambient: float = 0.1
    doublets: float = 0.08
    batch_spread: float = 0.1
    batch_seed: int = 1
    sex: str = "F"

    @property
    def named_genes(self) -> set[str]:
        """Genes that the clone spikes or loses."""
        return {*self.clone.spikes, *self.clone.lost} if self.clone else set()


@dataclass(frozen=True, slots=True)
class SimulatedMarrow:
    """Counts (cells x genes), gene symbols, and the truth per cell."""

    counts: sparse.csr_matrix
    genes: npt.NDArray[np.object_]
    cells: pd.DataFrame


def simulate_marrow(marrow: Marrow, profiles: Profiles, *, seed: int) -> SimulatedMarrow:
    """One sample; the same seed gives the same counts."""
    rng = np.random.default_rng(seed)
    n_doublets = round(marrow.doublets * marrow.n_cells)
    cells = _truth(marrow, marrow.n_cells + n_doublets, rng)
    symbols = np.array([*profiles.genes, *_receptor_symbols()], dtype=object)
    place = {symbol: number for number, symbol in enumerate(symbols)}
    depth = marrow.depth * np.exp(rng.normal(0.0, DEPTH_SPREAD, len(cells)))
    depth[cells["lineage"] == "Plasma"] *= PLASMA_DEPTH
    batch = np.exp(np.random.default_rng(marrow.batch_seed).normal(0.0, marrow.batch_spread, len(symbols)))
    native = _native(marrow, cells, profiles, place, depth, batch, rng)
    native = native + _receptors(marrow, cells, place, depth, rng)
    native = _without_lost(native, marrow, cells, place, rng)

    second = np.full(marrow.n_cells, -1)
    second[rng.permutation(marrow.n_cells)[:n_doublets]] = np.arange(marrow.n_cells, marrow.n_cells + n_doublets)
    is_doublet = second >= 0
    join = sparse.csr_matrix(
        (np.ones(n_doublets), (np.flatnonzero(is_doublet), second[is_doublet])), shape=(marrow.n_cells, len(cells))
    ) + sparse.eye(marrow.n_cells, len(cells), format="csr")
    droplets = _with_ambient(sparse.csr_matrix(join @ native), marrow.ambient, rng)
    truth = cells.iloc[: marrow.n_cells].copy()
    truth["doublet"] = is_doublet
    for column in ("lineage", "subset"):
        partner = cells[column].to_numpy()[np.maximum(second, 0)]
        truth[f"partner_{column}"] = np.where(is_doublet, partner, "")
    truth.insert(0, "barcode", [f"cell{number:06d}" for number in range(marrow.n_cells)])
    return SimulatedMarrow(droplets, symbols, truth.reset_index(drop=True))


def composition_of(marrow: Marrow) -> dict[str, float]:
    """Expected share of each subset, adding up to 1; plasma cells as PC."""
    weights = dict(marrow.composition) or {name: kind.share for name, kind in kinds("subset").items() if kind.share}
    unknown = sorted(set(weights) - set(kinds("subset")) | {"PC"} & set(weights))
    if unknown:
        raise ValueError(f"not a subset of resources/simulated_marrow.tsv besides PC: {', '.join(unknown)}")
    total = sum(weights.values())
    shares = {name: (1 - marrow.plasma_share) * weight / total for name, weight in sorted(weights.items())}
    return {**shares, "PC": marrow.plasma_share}


def _truth(marrow: Marrow, n: int, rng: np.random.Generator) -> pd.DataFrame:
    shares = composition_of(marrow)
    subsets = rng.choice(list(shares), size=n, p=np.array(list(shares.values())))
    lineages = np.array([kinds("subset")[subset].lineage for subset in subsets])
    truth = pd.DataFrame({"lineage": lineages, "subset": subsets})
    programme = np.full(n, "", dtype=object)
    for name, share in sorted(marrow.programmes.items()):
        fits = (lineages == kinds("programme")[name].lineage) | (kinds("programme")[name].lineage == "")
        programme[fits & (rng.random(n) < share)] = name
    truth["programme"] = programme
    plasma, b_cell = lineages == "Plasma", lineages == "B"
    clone = marrow.clone
    truth["malignant"] = plasma & (rng.random(n) < (clone.share if clone else 0.0))
    ends = np.cumsum([part.share for part in clone.subclones]) if clone else np.array([])
    number = 1 + np.searchsorted(ends, rng.random(n), side="right")
    truth["subclone"] = np.where(truth["malignant"] & (number <= len(ends)), number, 0)
    _add_receptors(truth, plasma | b_cell, marrow, rng)
    return truth


def _add_receptors(
    truth: pd.DataFrame, holders: npt.NDArray[np.bool_], marrow: Marrow, rng: np.random.Generator
) -> None:
    """Light chain and V and C genes of each plasma and B cell."""
    n = len(truth)
    light = np.where(holders, np.where(rng.random(n) < marrow.normal_kappa, "kappa", "lambda"), "").astype(object)
    by_kind = {"kappa": _segments("IGKV"), "lambda": _segments("IGLV")}
    light_v = np.full(n, "", dtype=object)
    for kind, segments in by_kind.items():
        light_v = np.where(light == kind, rng.choice(segments, n, p=_usage(segments)), light_v)
    heavy = _segments("IGHV")
    heavy_v = np.where(holders, rng.choice(heavy, n, p=_usage(heavy)), "").astype(object)
    heavy_c = np.where(holders, rng.choice(CONSTANT_HEAVY, n, p=(0.3, 0.2, 0.1, 0.25, 0.1, 0.05)), "").astype(object)
    light_c = np.array(["IGKC" if k == "kappa" else rng.choice(CONSTANT_LAMBDA) if k else "" for k in light], object)
    if marrow.clone:
        ours, clone = truth["malignant"].to_numpy(), marrow.clone
        light[ours] = clone.light_chain
        light_v[ours] = clone.light_v or COMMON_LIGHT_V[clone.light_chain]
        light_c[ours] = "IGKC" if clone.light_chain == "kappa" else "IGLC2"
        heavy_v[ours], heavy_c[ours] = clone.heavy_v, clone.heavy_c
    for name, values in (
        ("light_chain", light), ("light_v", light_v), ("light_c", light_c), ("heavy_v", heavy_v), ("heavy_c", heavy_c),
    ):  # fmt: skip
        truth[name] = values


def _segments(prefix: str) -> list[str]:
    return [symbol for symbol in sorted(genes()) if symbol.startswith(prefix)]


def _usage(segments: list[str]) -> npt.NDArray[np.float64]:
    """How often each segment is used: few often, many seldom, the same in every patient."""
    rank = np.random.default_rng(len(segments)).permutation(len(segments))
    weights = np.exp(-rank / 9.0)
    return weights / weights.sum()


def _receptor_symbols() -> list[str]:
    constant = [*CONSTANT_LAMBDA, *CONSTANT_HEAVY, "IGKC", "IGHD", "IGHG4"]
    return sorted({*constant, *_segments("IGKV"), *_segments("IGLV"), *_segments("IGHV"), *_other_receptors()})


def _other_receptors() -> set[str]:
    """Receptor genes that the table of kinds gives a level (T-cell receptors, IGHD, IGHM)."""
    rows = [*kinds("lineage").values(), *kinds("subset").values()]
    return {gene for row in rows for gene in row.levels if is_receptor_gene(gene)}


def _native(
    marrow: Marrow,
    cells: pd.DataFrame,
    profiles: Profiles,
    place: Mapping[str, int],
    depth: npt.NDArray[np.float64],
    batch: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> sparse.csr_matrix:
    """Counts of the cells' own transcripts, without those of immunoglobulins; one draw per kind of cell."""
    n_genes = len(place)
    clone_noise = np.exp(rng.normal(0.0, marrow.clone.variation if marrow.clone else 0.0, n_genes))
    kept, blocks = [], []
    for key, members in sorted(cells.groupby(["subset", "programme", "malignant", "subclone"]).indices.items()):
        subset, programme, malignant, subclone = key
        shares = np.zeros(n_genes)
        shares[: len(profiles.genes)] = profiles.of(subset)
        kind = kinds("subset")[subset]
        for source in (kinds("lineage")[kind.lineage], kind):  # T-cell receptor genes, which profiles leave out
            raise_levels(shares, source, place)
        if programme:
            raise_levels(shares, kinds("programme")[programme], place)
        for symbol in FEMALE if marrow.sex == "M" else MALE:
            shares[place[symbol]] = 0.0
        if malignant and marrow.clone:
            shares = _in_clone(shares * clone_noise, marrow.clone, subclone, place)
        shares *= batch
        ig_share = IG_SHARE.get(kind.lineage, 0.0)
        blocks.append(_draw(shares / shares.sum(), (1 - ig_share) * depth[members], rng))
        kept.append(members)
    order = np.argsort(np.concatenate(kept))
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")[order])


def _in_clone(
    shares: npt.NDArray[np.float64], clone: Clone, subclone: int, place: Mapping[str, int]
) -> npt.NDArray[np.float64]:
    """Shares with the clone's losses, gene dosage and spikes."""
    for symbol, factor in LOST_IN_CLONE.items():
        if symbol in place:
            shares[place[symbol]] *= factor
    arms = dict(clone.arms)
    if subclone:
        arms |= clone.subclones[subclone - 1].arms
    symbols = genes()
    dosage = np.ones(len(shares))
    for symbol, column in place.items():
        gene = symbols.get(symbol)
        if gene and gene.arm in arms:
            dosage[column] = arms[gene.arm] / 2
    shares = shares * dosage
    for symbol, level in clone.spikes.items():
        shares[place[symbol]] = max(shares[place[symbol]], level / PER)
    return shares


def _draw(
    shares: npt.NDArray[np.float64], depth: npt.NDArray[np.float64], rng: np.random.Generator
) -> sparse.csr_matrix:
    """Counts of cells with one profile: overdispersed for strong genes, transcripts thrown over the rest."""
    strong = np.flatnonzero(shares * np.median(depth) > 0.5)
    mean = np.outer(depth, shares[strong]) * rng.gamma(1 / DISPERSION, DISPERSION, (len(depth), len(strong)))
    dense = sparse.csr_matrix(rng.poisson(mean).astype(np.float32))
    spread = sparse.csr_matrix(
        (np.ones(len(strong), dtype=np.float32), (np.arange(len(strong)), strong)), shape=(len(strong), len(shares))
    )
    weak = shares.copy()
    weak[strong] = 0.0
    return sparse.csr_matrix(dense @ spread + _throw(weak, rng.poisson(depth * weak.sum()), rng))


def _throw(
    weights: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64], rng: np.random.Generator
) -> sparse.csr_matrix:
    """Throw `numbers[i]` transcripts of cell i over genes with these weights."""
    ends = np.cumsum(weights)
    hit = np.minimum(np.searchsorted(ends, rng.random(int(numbers.sum())) * ends[-1], side="right"), len(ends) - 1)
    counts = sparse.csr_matrix(
        (np.ones(len(hit), dtype=np.float32), hit, np.concatenate([[0], np.cumsum(numbers)])),
        shape=(len(numbers), len(weights)),
    )
    counts.sum_duplicates()
    return counts


def _receptors(
    marrow: Marrow,
    cells: pd.DataFrame,
    place: Mapping[str, int],
    depth: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> sparse.csr_matrix:
    """Immunoglobulin transcripts of plasma and B cells: half light, half heavy; 70 % counted for the constant gene."""
    mean = cells["lineage"].map(IG_SHARE).fillna(0.0).to_numpy()
    share = np.where(mean > 0, rng.beta(np.maximum(mean * 12, 1e-9), 12 * (1 - mean)), 0.0)
    total = rng.poisson(depth * share)
    light = rng.binomial(total, 0.5)
    light_c, heavy_c = rng.binomial(light, 0.7), rng.binomial(total - light, 0.7)
    parts = {
        "light_c": light_c, "light_v": light - light_c, "heavy_c": heavy_c, "heavy_v": total - light - heavy_c,
    }  # fmt: skip
    rows, columns, values = [], [], []
    for name, numbers in parts.items():
        holders = np.flatnonzero((numbers > 0) & (cells[name] != ""))
        rows.append(holders)
        columns.append(np.array([place[symbol] for symbol in cells[name].to_numpy()[holders]], dtype=np.int64))
        values.append(numbers[holders])
    where = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix((np.concatenate(values).astype(np.float32), where), shape=(len(cells), len(place)))


def _without_lost(
    counts: sparse.csr_matrix, marrow: Marrow, cells: pd.DataFrame, place: Mapping[str, int], rng: np.random.Generator
) -> sparse.csr_matrix:
    """Take a gene's transcripts from the share of clone cells that lost it."""
    if not marrow.clone or not marrow.clone.lost:
        return counts
    counts = counts.tocoo()
    keep = np.ones(counts.nnz, dtype=bool)
    for symbol, share in sorted(marrow.clone.lost.items()):
        lost = cells["malignant"].to_numpy() & (rng.random(len(cells)) < share)
        cells[f"lost_{symbol}"] = lost
        keep &= ~((counts.col == place[symbol]) & lost[counts.row])
    where = (counts.row[keep], counts.col[keep])
    return sparse.csr_matrix((counts.data[keep], where), shape=counts.shape)


def _with_ambient(counts: sparse.csr_matrix, ambient: float, rng: np.random.Generator) -> sparse.csr_matrix:
    """Add RNA that floats in the suspension: the average of all droplets, `ambient` of a droplet's transcripts."""
    if ambient <= 0:
        return counts
    soup = np.asarray(counts.sum(axis=0)).ravel()
    depth = np.asarray(counts.sum(axis=1)).ravel()
    share = rng.beta(ambient * 60, (1 - ambient) * 60, len(depth))
    return sparse.csr_matrix(counts + _throw(soup, rng.poisson(np.median(depth) * share / (1 - share)), rng))


def contigs(cells: pd.DataFrame, *, seen: float = 0.8, seed: int = 0) -> pd.DataFrame:
    """Contigs of plasma and B cells as 10x writes them (filtered_contig_annotations.csv), for a share of the cells."""
    rng = np.random.default_rng(seed)
    chosen = cells[(cells["light_chain"] != "") & (rng.random(len(cells)) < seen)]
    light = chosen.assign(chain=chosen["light_chain"].map({"kappa": "IGK", "lambda": "IGL"}),
                          v_gene=chosen["light_v"], c_gene=chosen["light_c"])  # fmt: skip
    heavy = chosen.assign(chain="IGH", v_gene=chosen["heavy_v"], c_gene=chosen["heavy_c"])
    both = pd.concat([heavy, light])[["barcode", "chain", "v_gene", "c_gene"]]
    both["productive"], both["umis"] = "true", rng.integers(3, 60, len(both))
    return both.sort_values(["barcode", "chain"], ignore_index=True)


def pooled(samples: Iterable[tuple[str, SimulatedMarrow]]) -> SimulatedMarrow:
    """Samples one under the other, with a column `sample_id` and barcodes that name their sample."""
    parts = list(samples)
    cells = [part.cells.assign(sample_id=name, barcode=f"{name}_" + part.cells["barcode"]) for name, part in parts]
    counts = sparse.vstack([part.counts for _, part in parts], format="csr")
    return SimulatedMarrow(sparse.csr_matrix(counts), parts[0][1].genes, pd.concat(cells, ignore_index=True))
