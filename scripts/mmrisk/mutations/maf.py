"""MAF tables, of one sample or a cohort, streamed: the variants in the genes that matter."""

import re
from collections.abc import Iterator, Mapping

from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import damaged
from mmrisk.genome import loci, parse_build, parse_chrom
from mmrisk.mutations.annotations import largest_share
from mmrisk.mutations.variant import (
    IN_NORMAL,
    Effect,
    Variant,
    effect_of,
    gene_called,
    gravest,
    in_normal,
    not_inherited,
    residue_of,
    rules,
    trimmed,
    unread_terms,
)
from mmrisk.variant_places import check_place

REQUIRED = ("Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode")
PROTEIN = ("hgvsp_short", "protein_change", "hgvsp", "amino_acid_change", "aachange")
NO_GENE = frozenset({"", ".", "-", "NA", "UNKNOWN"})
"""What files write in the place of a gene that they do not know."""
SIGNIFICANCE = ("clin_sig", "clinvar_vcf_clnsig", "clnsig")


def is_maf_header(line: str) -> bool:
    """Whether a line is the header of a MAF."""
    names = {name.strip().lower() for name in line.split("\t")}
    return {"hugo_symbol", "variant_classification"} <= names


def read_maf(
    file: str, build: str, header: str, lines: Iterator[tuple[int, str]], *, row: int
) -> tuple[list[Variant], tuple[str, ...]]:
    """Variants of all samples, and the samples in order of appearance. Raises `InputError`.

    The samples are known by their rows in any gene, so a sample without any variant is not among them.
    """
    names = [name.strip().lower() for name in header.split("\t")]
    missing = [name for name in REQUIRED if name.lower() not in names]
    if missing:
        raise InputError(
            Problem(
                file=file,
                row=row,
                column=", ".join(missing),
                message="is missing",
                remedy="give a MAF as vcf2maf, Funcotator or cBioPortal write it",
            )
        )
    gene_at, sample_at = names.index("hugo_symbol"), names.index("tumor_sample_barcode")
    samples: dict[str, None] = {}
    found: list[Variant] = []
    width, whole = len(names) - 1, False
    cut: tuple[int, int] | None = None
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        tabs = line.count("\t")
        cut, whole = ((number, tabs + 1), whole) if tabs < width else (None, True)
        cells = line.split("\t", sample_at + 1)
        if len(cells) <= sample_at:
            raise damaged(file, number, f"has {len(cells)} columns where the header has {len(names)}")
        samples[cells[sample_at].strip()] = None
        gene = _first_known(cells[gene_at])
        if gene in rules() or gene.upper() in NO_GENE:
            values = line.split("\t")
            if len(values) > len(names):
                raise damaged(file, number, f"has {len(values)} columns where the header has {len(names)}")
            named = dict(zip(names, map(str.strip, values), strict=False))
            found.extend(_variant(named, known, file, number, build) for known in _genes(named, gene, build))
    if cut and whole:  # the last row alone is short
        raise damaged(file, cut[0], f"has {cut[1]} columns where the header has {len(names)}")
    return found, tuple(samples)


def _first_known(text: str) -> str:
    """Current symbol of a gene that matters, the first of several that a row may name; else the text as it is."""
    if ";" in text or "," in text:
        return next((name for name in map(gene_called, re.split("[;,]", text)) if name in rules()), text.strip())
    return gene_called(text)


def _genes(row: Mapping[str, str], gene: str, build: str) -> list[str]:
    """The gene of a row; where the row does not name it, by its Ensembl id or as those that hold its position."""
    if gene in rules():
        return [gene]
    if (by_id := gene_called(row.get("gene", ""))) in rules():
        return [by_id]
    chrom, start = parse_chrom(row.get("chromosome", "")), row.get("start_position", "")
    if row.get("gene") or not chrom or not re.fullmatch(r"\d{1,10}", start):
        return []
    return [name for name in rules() if loci(build, "gene")[name].span.contains(chrom, int(start) - 1)]


def _place(row: Mapping[str, str], file: str, number: int, build: str) -> tuple[str, int | None, str]:
    """Chromosome, first base that changes (0-based), and the change, without what both alleles share."""
    chrom = parse_chrom(row.get("chromosome", "")) or ""
    before, after = row.get("reference_allele", ""), row.get("tumor_seq_allele2", "")
    start = row.get("start_position", "")
    if not (chrom and re.fullmatch(r"\d{1,10}", start)):
        return chrom, None, f"{before}>{after}"
    check_place(file, number, chrom, int(start) - 1, build)
    # an insertion lies behind the base that a MAF names
    position, before, after = trimmed(int(start) - (before != "-"), before, after)
    return chrom, position, f"{before}>{after}"


def _variant(row: Mapping[str, str], gene: str, file: str, number: int, build: str) -> Variant:
    _check_build(row.get("ncbi_build", ""), file, number, build)
    chrom, position, change = _place(row, file, number, build)
    protein = next((row[name] for name in PROTEIN if row.get(name)), "")
    alt, ref, depth = (_count(row.get(name, "")) for name in ("t_alt_count", "t_ref_count", "t_depth"))
    if depth is None and alt is not None and ref is not None:
        depth = alt + ref
    filters = tuple(re.split(r"[;,]", row.get("filter", "")))
    seen, scored = _count(row.get("n_alt_count", "")), _count(row.get("n_depth", ""))
    suspect = in_normal(alt=alt, depth=depth, normal_alt=seen, normal_depth=scored)
    effect, unread = _effect(row, gene)
    return Variant(
        sample=row["tumor_sample_barcode"],
        gene=gene,
        chrom=chrom,
        position=position,
        change=change,
        effect=effect,
        protein=protein,
        residue=residue_of(protein),
        alt_reads=alt,
        depth=depth,
        filters=(*filters, IN_NORMAL) if suspect else filters,
        population_share=largest_share(row),
        significance=next((row[name] for name in SIGNIFICANCE if row.get(name)), ""),
        unread=unread,
        somatic=not_inherited(normal_alt=seen, normal_depth=scored),
        consequence=gravest(re.split(r"[&,]", row["variant_classification"])),
    )


def _effect(row: Mapping[str, str], gene: str) -> tuple[Effect, str]:
    """What a row says that the variant does, and what of it was not understood."""
    terms = re.split(r"[&,]", row["variant_classification"])
    effect = effect_of(terms)
    named = gene in (_first_known(row["hugo_symbol"]), gene_called(row.get("gene", "")))
    if not named and effect != Effect.NONE:
        return Effect.UNKNOWN, "its row names no gene"
    return effect, unread_terms(terms) if effect == Effect.UNKNOWN else ""


def _check_build(text: str, file: str, number: int, build: str) -> None:
    found = parse_build(text) if text else None
    if found is not None and found != build:
        raise InputError(
            Problem(
                file=file,
                row=number,
                column="NCBI_Build",
                value=text,
                message=f"is not {build}, the build that was declared",
                remedy=f"say {found}",
            )
        )


def _count(text: str) -> int | None:
    return int(float(text)) if re.fullmatch(r"\d{1,9}(\.0*)?", text) else None
