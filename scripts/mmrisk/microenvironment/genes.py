"""Where genes lie and what they are: arms for dosage, immunoglobulin loci, symbols of Ensembl ids."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from mmrisk.genome import arms
from mmrisk.resource import facts

RECEPTOR_GENE = re.compile(r"(IG[HKL][VDJC].*|IGH(M|D|E|G[1-4P]|A[12])|IGLL5|TR[ABDG][VDJC].*)")
"""Rearranged receptor genes: their level follows the cell's clone, not its kind or copy number."""
LIGHT_CONSTANT = {"kappa": re.compile(r"IGKC"), "lambda": re.compile(r"IGLC[1-7]|IGLL5")}
"""IGLL5 shares its constant exon with IGLC1, so reads of one are counted for the other (Boiarsky 2022 adds both)."""


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene of resources/genes.tsv; `start` in bp, 0-based, GRCh38; None where it has no single place."""

    symbol: str
    ensembl: str
    chrom: str
    start: int | None

    @property
    def arm(self) -> str | None:
        """Chromosome arm (`17p`); None inside centromeres, on short acrocentric arms and without a place."""
        if self.start is None:
            return None
        for letter in "pq":
            span = arms("GRCh38").get(self.chrom + letter)
            if span and span.contains(self.chrom, self.start):
                return self.chrom + letter
        return None


@cache
def genes() -> Mapping[str, Gene]:
    """All genes by symbol, along the genome."""
    rows = facts("genes.tsv")
    return {
        row["symbol"]: Gene(
            row["symbol"],
            f"ENSG{int(row['ensembl']):011d}" if row["ensembl"] else "",
            row["chrom"],
            int(row["start"]) if row["start"] else None,
        )
        for row in rows
    }


@cache
def symbols_by_ensembl() -> Mapping[str, str]:
    """Symbol of each Ensembl gene id (without version)."""
    return {gene.ensembl: gene.symbol for gene in genes().values() if gene.ensembl}


def is_receptor_gene(symbol: str) -> bool:
    """Whether a symbol is a rearranged immunoglobulin or T-cell receptor gene."""
    return RECEPTOR_GENE.fullmatch(symbol) is not None


def receptor_genes(symbols: Iterable[str]) -> list[bool]:
    """For each symbol, whether it is a rearranged receptor gene."""
    return [is_receptor_gene(symbol) for symbol in symbols]
