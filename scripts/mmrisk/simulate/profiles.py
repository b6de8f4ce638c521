"""Mean expression of the kinds of marrow cells that the simulator draws from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.gene_places import genes, is_receptor_gene
from mmrisk.resource import facts

PER = 10_000
"""Levels in resources/simulated_marrow.tsv are transcripts in this many."""
LOWERED = 0.1
MITOCHONDRIAL = {f"MT-{name}": level for name, level in (("CO1", 120), ("CO2", 100), ("ND1", 60), ("CYB", 60))}
MALE = ("RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY", "USP9Y", "ZFY")
FEMALE = ("XIST", "TSIX")
SEX_LEVELS = {"RPS4Y1": 6.0, "DDX3Y": 2.5, "EIF1AY": 2.0, "KDM5D": 1.0, "UTY": 0.8, "USP9Y": 0.6, "XIST": 5.0}


@dataclass(frozen=True, slots=True)
class Kind:
    """A subset, lineage or programme of resources/simulated_marrow.tsv; levels in transcripts per `PER`."""

    name: str
    lineage: str
    share: float
    base: str
    levels: Mapping[str, float]
    lowered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Expected share of transcripts: rows as `subsets`, columns as `genes`; receptor genes are left to the clones."""

    genes: npt.NDArray[np.object_]
    subsets: tuple[str, ...]
    shares: npt.NDArray[np.float64]

    def of(self, subset: str) -> npt.NDArray[np.float64]:
        """Shares of one subset, adding up to 1."""
        return self.shares[self.subsets.index(subset)]


@cache
def kinds(kind: str) -> Mapping[str, Kind]:
    """Rows of one kind (lineage, subset, programme) by name."""
    found = {}
    for row in facts("simulated_marrow.tsv"):
        if row["kind"] == kind:
            pairs = (item.split("=") for item in row["genes"].split())
            found[row["name"]] = Kind(
                row["name"],
                row["lineage"],
                float(row["share"] or 0),
                row["base"],
                {gene: float(level) for gene, level in pairs},
                tuple(row["lowered"].split()),
            )
    return found


def reference_profiles(reference: Path) -> Profiles:
    """Profiles on a real reference: a CSV of mean expression, genes x cell types, columns adding up to 1.

    What the reference lacks (progenitors, red cells, platelets) starts from the median of all its types, which leaves
    what every cell expresses.
    """
    table = pd.read_csv(reference, index_col=0)
    table = table[[not is_receptor_gene(gene) for gene in table.index]].sort_index()
    missing = sorted(_named_genes() - set(table.index))
    table = pd.concat([table, pd.DataFrame(0.0, index=missing, columns=table.columns)])
    table[""] = table.median(axis=1)
    return _profiles(table)


def plain_profiles(*, seed: int = 1, n_genes: int | None = 3000, keep: Sequence[str] = ()) -> Profiles:
    """Profiles without any data: random housekeeping levels, and the genes that make each kind.

    With `n_genes`, that many genes spread over the genome, besides `keep` and those of resources/simulated_marrow.tsv,
    which are nearly silent where no kind of cell switches them on.
    """
    rng = np.random.default_rng(seed)
    placed = [gene.symbol for gene in genes().values() if gene.arm and gene.chrom != "Y"]
    step = max(1, len(placed) // n_genes) if n_genes else 1
    symbols = sorted({*placed[::step], *(set(keep) & genes().keys()), *_named_genes()})
    symbols = [symbol for symbol in symbols if not is_receptor_gene(symbol)]
    named = _named_genes() | set(keep)
    common = np.exp(rng.normal(0.0, 1.4, len(symbols)))
    common[[symbol in named or symbol in MITOCHONDRIAL for symbol in symbols]] *= 0.01
    table = pd.DataFrame({"": common}, index=symbols)
    for base in sorted({kind.base for kind in kinds("subset").values()} - {""}):
        table[base] = common * np.exp(rng.normal(0.0, 0.5, len(symbols)))
    return _profiles(table / table.sum())


def _named_genes() -> set[str]:
    named = {gene for kind in ("lineage", "subset", "programme") for row in kinds(kind).values() for gene in row.levels}
    return {gene for gene in {*named, *MITOCHONDRIAL, *MALE, *FEMALE} if not is_receptor_gene(gene)}


def _profiles(table: pd.DataFrame) -> Profiles:
    """Subset profiles from a table of bases (genes x base columns, column "" for the common part)."""
    symbols = table.index.to_numpy(dtype=object)
    place = {symbol: number for number, symbol in enumerate(symbols)}
    rows = []
    for subset in kinds("subset").values():
        shares = table[subset.base].to_numpy(dtype=float).copy()
        sex_genes = [place[gene] for gene in (*MALE, *FEMALE) if gene in place]
        shares[sex_genes] = 0.0
        for symbol, level in {**MITOCHONDRIAL, **SEX_LEVELS}.items():
            if symbol in place:
                shares[place[symbol]] = max(shares[place[symbol]], level / PER)
        raise_levels(shares, kinds("lineage")[subset.lineage], place)
        raise_levels(shares, subset, place)
        rows.append(shares / shares.sum())
    return Profiles(symbols, tuple(kinds("subset")), np.array(rows))


def raise_levels(shares: npt.NDArray[np.float64], kind: Kind, place: Mapping[str, int]) -> None:
    """Lift a kind's genes to their levels at least, and cut what it lowers; in place."""
    for symbol in kind.lowered:
        if symbol in place:
            shares[place[symbol]] *= LOWERED
    for symbol, level in kind.levels.items():
        if symbol in place:
            shares[place[symbol]] = max(shares[place[symbol]], level / PER)
