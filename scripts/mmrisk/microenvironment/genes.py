"""Names of genes: symbols and Ensembl ids, immunoglobulin and mitochondrial genes, and the species they betray."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from mmrisk.gene_places import genes, is_receptor_gene

MITOCHONDRIAL = re.compile(r"MT-.*", re.IGNORECASE)
HOUSEKEEPING = re.compile(r"RP[LS]\d.*|RPLP\d|RPSA|MALAT1|NEAT1|XIST|MTRNR.*")
HAEMOGLOBIN = frozenset({"HBA1", "HBA2", "HBB", "HBD", "HBM", "HBG1", "HBG2", "HBE1", "HBZ", "HBQ1"})
ENSEMBL = re.compile(r"(ENS[A-Z]*G\d{11})(\.\d+)?")
MOUSE = frozenset({"Cd3e", "Ptprc", "Actb", "Malat1", "Gapdh", "Sdc1", "Lyz2", "Cd79a", "mt-Nd1", "Rpl3"})
LANDMARKS = frozenset({"CD3E", "PTPRC", "ACTB", "MALAT1", "GAPDH", "SDC1", "LYZ", "CD79A", "B2M", "CD74"})
"""Human genes of which every whole-transcriptome reference and most panels have some."""


@cache
def symbols_by_id() -> dict[str, str]:
    """Gene symbol by Ensembl gene id without version (resources/genes.tsv)."""
    return {gene.ensembl: gene.symbol for gene in genes().values() if gene.ensembl}


@cache
def current_symbols() -> dict[str, str]:
    """Former symbols of genes that the signatures, targets and events use, and their present names (HGNC)."""
    return {
        "WHSC1": "NSD2",
        "MMSET": "NSD2",
        "FAM46C": "TENT5C",
        "SDPR": "CAVIN2",
        "SEPT9": "SEPTIN9",
        "TMEM173": "STING1",
        "KIAA0101": "PCLAF",
        "IGJ": "JCHAIN",
        "CYR61": "CCN1",
        "GPR56": "ADGRG1",
        "CD16A": "FCGR3A",
        "CXCR7": "ACKR3",
        "CTSL1": "CTSL",
        "TNFSF11L": "TNFSF11",
        "IL8": "CXCL8",
        "SARS": "SARS1",
        "VSIR": "VSIR",
        "C10orf54": "VSIR",
        "PVRL2": "NECTIN2",
    }


def is_immunoglobulin(symbols: Sequence[str]) -> np.ndarray:
    """Whether each gene is an immunoglobulin segment or constant gene."""
    return np.array([symbol.startswith("IG") and is_receptor_gene(symbol) for symbol in symbols], dtype=bool)


def is_mitochondrial(symbols: Sequence[str]) -> np.ndarray:
    """Whether each gene is encoded by the mitochondrion."""
    return np.array([MITOCHONDRIAL.fullmatch(symbol) is not None for symbol in symbols], dtype=bool)


def tells_kinds_apart(symbols: Sequence[str]) -> np.ndarray:
    """Genes that may speak for a kind of cell: not immunoglobulin, receptor segments, mitochondrial, ribosomal, globin.

    These are either ambient in every droplet of a marrow or follow the state of the cell rather than its kind.
    """
    silent = [
        symbol in HAEMOGLOBIN
        or is_receptor_gene(symbol)
        or MITOCHONDRIAL.fullmatch(symbol) is not None
        or HOUSEKEEPING.fullmatch(symbol) is not None
        for symbol in symbols
    ]
    return ~np.array(silent, dtype=bool)


def species(symbols: Sequence[str]) -> str:
    """`human`, `mouse` or `unclear`, by genes that only one of them spells so."""
    present = set(symbols)
    human, mouse = len(LANDMARKS & present), len(MOUSE & present)
    if any(str(name).startswith("ENSMUSG") for name in list(symbols)[:50]):
        return "mouse"
    if human == mouse:
        return "unclear"
    return "human" if human > mouse else "mouse"
