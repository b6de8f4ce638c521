"""MAF tables, of one sample or a cohort, streamed: the variants in the genes that matter."""

import re
from collections.abc import Iterator, Mapping

from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import damaged
from mmrisk.genome import parse_build, parse_chrom
from mmrisk.mutations.annotations import largest_share
from mmrisk.mutations.variant import IN_NORMAL, Variant, effect_of, in_normal, residue_of, rules
from mmrisk.variant_places import check_place

REQUIRED = ("Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode")
PROTEIN = ("hgvsp_short", "protein_change", "hgvsp", "amino_acid_change", "aachange")
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
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t", sample_at + 1)
        if len(cells) <= sample_at:
            raise damaged(file, number, f"has {len(cells)} columns where the header has {len(names)}")
        samples[cells[sample_at].strip()] = None
        if cells[gene_at].strip() in rules():
            values = line.split("\t")
            if len(values) > len(names):
                raise damaged(file, number, f"has {len(values)} columns where the header has {len(names)}")
            found.append(_variant(dict(zip(names, map(str.strip, values), strict=False)), file, number, build))
    return found, tuple(samples)


def _variant(row: Mapping[str, str], file: str, number: int, build: str) -> Variant:
    _check_build(row.get("ncbi_build", ""), file, number, build)
    chrom = parse_chrom(row.get("chromosome", "")) or ""
    start = row.get("start_position", "")
    position = int(start) - 1 if chrom and re.fullmatch(r"\d{1,10}", start) else None
    if position is not None:
        check_place(file, number, chrom, position, build)
    protein = next((row[name] for name in PROTEIN if row.get(name)), "")
    alt, ref, depth = (_count(row.get(name, "")) for name in ("t_alt_count", "t_ref_count", "t_depth"))
    if depth is None and alt is not None and ref is not None:
        depth = alt + ref
    filters = tuple(re.split(r"[;,]", row.get("filter", "")))
    seen, scored = _count(row.get("n_alt_count", "")), _count(row.get("n_depth", ""))
    suspect = in_normal(alt=alt, depth=depth, normal_alt=seen, normal_depth=scored)
    return Variant(
        sample=row["tumor_sample_barcode"],
        gene=row["hugo_symbol"],
        chrom=chrom,
        position=position,
        change=f"{row.get('reference_allele', '')}>{row.get('tumor_seq_allele2', '')}",
        effect=effect_of([row["variant_classification"]]),
        protein=protein,
        residue=residue_of(protein),
        alt_reads=alt,
        depth=depth,
        filters=(*filters, IN_NORMAL) if suspect else filters,
        population_share=largest_share(row),
        significance=next((row[name] for name in SIGNIFICANCE if row.get(name)), ""),
    )


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
