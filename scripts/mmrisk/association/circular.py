"""Pairs that would find themselves: a score of genes against the alteration that changes their number of copies."""

import re
from collections.abc import Iterable
from functools import cache

from mmrisk.association.factors import EVENT, Factor, marker_genes
from mmrisk.association.features import AXIS_MARK, Feature
from mmrisk.association.rules import setting
from mmrisk.events import catalogue
from mmrisk.gene_places import genes
from mmrisk.microenvironment.axes import axes
from mmrisk.microenvironment.signatures import bundled
from mmrisk.risk.systems import SYSTEMS, needed_events

PLASMA = re.compile(r"plasma|malignant|myeloma", re.IGNORECASE)
"""Names of cells that carry the clone's alterations; in other cells a gene's copies are those of the germline."""
ONE_GENE = "gene:"


@cache
def altered_arms(event: str) -> frozenset[str]:
    """Arms whose number of copies an event changes: its own arm, or the whole chromosomes of a ploidy."""
    about = catalogue()[event]
    if about.kind in ("trisomy", "ploidy"):
        return frozenset(f"{chrom}{arm}" for chrom in about.loci for arm in "pq")
    if event == "biallelic_tp53":
        return frozenset({"17p"})
    found = re.search(r"_(\d+[pq])", event) if about.kind == "copy_number" else None
    return frozenset({found[1]} if found else ())


def genes_of(feature: Feature) -> frozenset[str]:
    """Genes behind a feature, of an axis those on plasma cells; empty where not known, as for a cell type."""
    if feature.signature.startswith(ONE_GENE):
        return frozenset({feature.signature.removeprefix(ONE_GENE)})
    if feature.signature in _axis_genes():
        ligand, receptor = _axis_genes()[feature.signature]
        sides = zip(feature.cell_type.split(AXIS_MARK), (ligand, receptor), strict=False)
        return frozenset(gene for cells, genes in sides if PLASMA.search(cells) for gene in genes)
    known = bundled().by_name
    return frozenset(known[feature.signature].genes) if feature.signature in known else frozenset()


@cache
def _axis_genes() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {axis.name: (axis.ligand, axis.receptor) for axis in axes()}


def refusal(feature: Feature, factor: Factor) -> str | None:
    """Why a pair is not tested, or None."""
    if factor.kind != EVENT or not PLASMA.search(feature.cell_type):
        return None
    behind = genes_of(feature)
    own = behind & marker_genes(factor.name)
    if own:
        return f"circular: {', '.join(sorted(own))} is what the event acts on"
    inside = _inside(behind, altered_arms(factor.name))
    if behind and len(inside) > setting("circular_share") * len(behind):
        return f"circular: {len(inside)} of {len(behind)} genes lie in the altered region ({', '.join(inside[:3])})"
    return None


def warning(feature: Feature, factor: Factor) -> str | None:
    """A flag for labels that rest on alterations of the feature's genes, or None."""
    if factor.kind == EVENT or not PLASMA.search(feature.cell_type):
        return None
    behind = genes_of(feature)
    regions = frozenset().union(*(altered_arms(event) for event in _events_of(factor.name)))
    return "dosage" if behind and len(_inside(behind, regions)) > setting("circular_share") * len(behind) else None


@cache
def _events_of(slug: str) -> tuple[str, ...]:
    return tuple(sorted(needed_events([system for system in SYSTEMS.values() if system.slug == slug])))


def _inside(symbols: Iterable[str], regions: frozenset[str]) -> list[str]:
    places = genes()
    return sorted(symbol for symbol in symbols if symbol in places and places[symbol].arm in regions)
