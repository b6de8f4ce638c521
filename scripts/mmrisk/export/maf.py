"""Mutations as a MAF that cBioPortal loads (docs.cbioportal.org/file-formats, mutation data)."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mmrisk.export.text import tsv
from mmrisk.gene_places import genes

SAME_VARIANT = ("position", "reference", "alternative", "protein")
"""Columns in which two rows of a gene and sample agree if they are one variant, seen by two assays."""
COLUMNS = (
    *("Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "End_Position", "Strand"),
    *("Variant_Classification", "Variant_Type", "Reference_Allele", "Tumor_Seq_Allele2"),
    *("Tumor_Sample_Barcode", "Mutation_Status", "HGVSp_Short", "t_alt_count", "t_ref_count"),
)
RESIDUES = {
    "Ala": "A",
    "Arg": "R",
    "Asn": "N",
    "Asp": "D",
    "Cys": "C",
    "Gln": "Q",
    "Glu": "E",
    "Gly": "G",
    "His": "H",
    "Ile": "I",
    "Leu": "L",
    "Lys": "K",
    "Met": "M",
    "Phe": "F",
    "Pro": "P",
    "Ser": "S",
    "Thr": "T",
    "Trp": "W",
    "Tyr": "Y",
    "Val": "V",
    "Ter": "*",
    "Sec": "U",
}


def maf(mutations: pd.DataFrame, states: Mapping[str, Mapping[str, Any]], build: str | None) -> str | None:
    """Mutations of events that are present; None without any.

    `states` are rows of the cohort table by sample. Places are 1-based and inclusive; an insertion lies between two
    bases. Where the file gave no place, or one of another build, these cells stay empty: the portal then shows gene
    and protein change. What several assays saw is listed once, from the deepest.
    """
    deepest = mutations.sort_values("depth", ascending=False, kind="stable", na_position="last")
    nameless = deepest["position"].isna() & deepest["protein"].isna()
    own = deepest[nameless | ~deepest.duplicated(["sample_id", "build", "gene", *SAME_VARIANT])]
    rows = [
        _row(row, build)
        for row in own.astype(object).where(own.notna(), None).to_dict("records")
        if states.get(row["sample_id"], {}).get(row["event"]) == "present"
    ]
    order = ("Tumor_Sample_Barcode", "Hugo_Symbol", "HGVSp_Short", "Start_Position", "Tumor_Seq_Allele2")
    return tsv(COLUMNS, sorted(rows, key=lambda row: tuple(str(row.get(name)) for name in order))) if rows else None


def _row(row: Mapping[str, Any], build: str | None) -> dict[str, Any]:
    before, after = (row[name] or "" for name in ("reference", "alternative"))
    spelled = bool(re.fullmatch(r"[ACGT]+|-", before) and re.fullmatch(r"[ACGT]+|-", after))
    made: dict[str, Any] = {
        "Hugo_Symbol": row["gene"],
        "NCBI_Build": build or row["build"],
        "Chromosome": row["chrom"] or genes()[row["gene"]].chrom,
        "Strand": "+",
        "Variant_Classification": row["classification"],
        "Tumor_Sample_Barcode": row["sample_id"],
        "Mutation_Status": "Somatic" if row["somatic"] else None,
        "HGVSp_Short": short_protein(row["protein"] or ""),
        "t_alt_count": row["alt_reads"],
        "t_ref_count": _others(row),
    }
    if row["position"] is None or not spelled or row["build"] != (build or row["build"]):
        return made
    start = int(row["position"]) + (0 if before == "-" else 1)
    end = start + 1 if before == "-" else start + len(before) - 1
    alleles = {"Reference_Allele": before, "Tumor_Seq_Allele2": after, "Variant_Type": _kind(before, after)}
    return made | alleles | {"Start_Position": start, "End_Position": end}


def _others(row: Mapping[str, Any]) -> int | None:
    if row["alt_reads"] is None or row["depth"] is None:
        return None
    return max(0, int(row["depth"]) - int(row["alt_reads"]))


def _kind(before: str, after: str) -> str:
    """Variant_Type of a MAF; a change of several bases to as many is a DNP, TNP or ONP."""
    if before == "-":
        return "INS"
    if after == "-" or len(before) > len(after):
        return "DEL"
    if len(after) > len(before):
        return "INS"
    return {1: "SNP", 2: "DNP", 3: "TNP"}.get(len(before), "ONP")


def short_protein(protein: str) -> str:
    """`p.Arg175His` as `p.R175H`; what is short already stays, and gets its `p.`."""
    plain = re.sub(r"[()]", "", protein.rsplit(":", 1)[-1].strip())
    short = re.sub("|".join(RESIDUES), lambda match: RESIDUES[match[0]], plain)
    return short if not short or short.startswith("p.") else f"p.{short}"
