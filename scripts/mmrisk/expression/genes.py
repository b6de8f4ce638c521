"""Names under which a matrix may hold the marker genes: symbols old and new, Ensembl ids, probe sets."""

from collections.abc import Iterable, Mapping
from functools import cache

from mmrisk.gene_places import genes
from mmrisk.resource import facts


@cache
def markers() -> tuple[str, ...]:
    """Marker genes, by their current symbol."""
    return tuple(row["gene"] for row in facts("marker_genes.tsv"))


@cache
def _marker_of_name() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for row in facts("marker_genes.tsv"):
        others = f"{row['aliases']};{row['probe_sets']}".split(";")
        names |= {name.upper(): row["gene"] for name in (row["gene"], row["ensembl_id"], *others) if name}
    return names


@cache
def _symbol_of_ensembl() -> Mapping[str, str]:
    return {gene.ensembl: gene.symbol for gene in genes().values() if gene.ensembl}


def marker(name: str) -> str | None:
    """The marker gene that a name means (`WHSC1`, `ENSG00000109685.16`, `222778_s_at`), or None."""
    return _marker_of_name().get(_plain(name))


def symbol(name: str) -> str:
    """Current symbol of a gene by any of its names; a name that is not known stays as it is."""
    plain = _plain(name)
    return _marker_of_name().get(plain) or _symbol_of_ensembl().get(plain) or name.strip()


def is_gene(name: str) -> bool:
    """Whether a name is that of a known gene: other columns of a table hold ages, truth, treatment."""
    return marker(name) is not None or symbol(name) in genes()


def count_markers(names: Iterable[str]) -> int:
    """How many of the names mean a marker gene."""
    return sum(marker(name) is not None for name in names)


def _plain(name: str) -> str:
    """Upper case, without the version of an Ensembl id and without what pipelines join to it (`ENSG..._NSD2`, `|`)."""
    text = name.strip().strip('"').upper()
    return text.split(".")[0].split("|")[0].split("_")[0] if text.startswith("ENSG") else text
