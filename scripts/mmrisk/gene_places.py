"""Where genes lie: chromosome arms for dosage, and which genes are rearranged receptors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mmrisk.genome import arms
from mmrisk.resource import facts

RECEPTOR_GENE = re.compile(r"(IG[HKL][VDJC].*|IGH(M|D|E|G[1-4P]|A[12])|IGLL5|TR[ABDG][VDJC].*)")
"""Rearranged receptor genes: their level follows the cell's clone, not its kind or copy number."""


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene of resources/genes.tsv; `start` in bp, 0-based, GRCh38; None where it has no single place.

    `arm` is its chromosome arm (`17p`); None inside centromeres, on short acrocentric arms and without a place.
    """

    symbol: str
    ensembl: str
    chrom: str
    start: int | None
    arm: str | None = None


@cache
def genes() -> Mapping[str, Gene]:
    """All genes by symbol, along the genome."""
    rows = facts("genes.tsv")
    return {
        row["symbol"]: Gene(
            row["symbol"],
            f"ENSG{int(row['ensembl']):011d}" if row["ensembl"] else "",
            row["chrom"],
            start := int(row["start"]) if row["start"] else None,
            _arm(row["chrom"], start),
        )
        for row in rows
    }


def _arm(chrom: str, start: int | None) -> str | None:
    if start is None:
        return None
    for letter in "pq":
        span = arms("GRCh38").get(chrom + letter)
        if span and span.contains(chrom, start):
            return chrom + letter
    return None


def is_receptor_gene(symbol: str) -> bool:
    """Whether a symbol is a rearranged immunoglobulin or T-cell receptor gene."""
    return RECEPTOR_GENE.fullmatch(symbol) is not None
