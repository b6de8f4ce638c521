"""The assays sheet: the kinds of data files that a cohort may have, and what single rows cannot mean."""

from collections.abc import Iterator, Sequence
from typing import Any

from mmrisk.contracts import SELECTIONS, SOURCES, Column, Table
from mmrisk.errors import Problem

ALL_SAMPLES = "*"
ASSAY_KINDS = (
    "segments",
    "structural_variants",
    "fish_table",
    "reads",
    "fastq",
    "normals",
    "expression",
    "rna_fusions",
    "mutations",
    "cells",
    "composition",
)
READS_KINDS = ("reads", "fastq")
"""Kinds of files that hold the reads of one sample: one job per file, too large to be read for a checksum."""
LARGE_KINDS = (*READS_KINDS, "normals")
"""Kinds of files that are too large to be read for a checksum."""
ONE_SAMPLE_KINDS = (*READS_KINDS, "cells")
"""Kinds of files of which a row names its one sample."""
MAPPED_KINDS = ("segments", "structural_variants", "mutations")
"""Kinds of files of coordinates that do not tell their genome build."""
ASSAY_SOURCES = (*SOURCES, "flow", "cytof", "cite", "cytokines")
"""Kinds of assay; the last four only count cells or proteins, so that no evidence comes of them."""

ASSAYS = Table(
    "assays",
    "One data file of one sample, or of many where the file names its own samples.",
    ("sample_id", "assay_id"),
    (
        Column("sample_id", "id_or_all", "the specimen; * for a file that names its own samples", required=True),
        Column("assay_id", "id", "name of the data file", required=True),
        Column("kind", "text", "what the file holds", required=True, allowed=ASSAY_KINDS),
        Column("source", "text", "kind of assay that made it", required=True, allowed=ASSAY_SOURCES),
        Column("file", "path", "the file; a relative path starts at this sheet", required=True),
        Column("build", "build", "genome build of its coordinates"),
        Column("format", "text", "format, where the header does not tell"),
        Column("columns", "path", "column map of a foreign table"),
        Column("mate", "path", "second file of a pair of FASTQ files"),
        Column("reference", "path", "FASTA to which reads were, or are to be, aligned"),
        Column("targets", "path", "BED of the targets of an exome or panel"),
        Column("snps", "path", "VCF of heterozygous germline sites with the reads of both alleles, for copy number"),
        Column("matched_normal", "path", "BAM or CRAM of the patient's normal cells, for junctions"),
        Column(
            "variant_sample",
            "text",
            "sample column of the tumour in a file of variants or in `snps`, where its name is another one",
        ),
        Column("normals", "path", "panel of normals of the same assay, as build_normals.py writes it"),
        Column("purity", "number", "share of tumour cells", low=0.0, high=1.0),
        Column("purity_corrected", "flag", "copy numbers are already those of tumour cells"),
        Column("ig_baits", "flag", "the panel or exome captures the IG loci"),
        Column("cell_selection", "text", "how plasma cells were selected", allowed=SELECTIONS),
        Column("unit", "text", "unit of expression values: tpm, fpkm, counts, array_signal, log2_tpm, ..."),
        Column("coverage", "path", "depth by region or gene behind a file of mutations (mosdepth, or gene and depth)"),
        Column("genes", "text", "genes of which a panel covers every coding exon, joined by ;"),
        Column("min_depth", "number", "least depth that the laboratory guarantees for them", low=1.0),
        Column(
            "sample_column", "text", "column of a pooled single-cell file that names the sample; or column=its word"
        ),
        Column("contigs", "path", "receptor contigs of the same cells (filtered_contig_annotations.csv of 10x)"),
        Column("note", "text", "anything else"),
    ),
)


def assay_problems(rows: Sequence[Any], *, file: str) -> Iterator[Problem]:
    """What rows of the assays sheet cannot mean, each by itself and beside each other."""
    for row in rows:
        for column, message, remedy in _impossible(row):
            value = {"sample_id": ALL_SAMPLES, "purity": "0"}.get(column)
            yield Problem(file=file, row=row.row, column=column, value=value, message=message, remedy=remedy)
    yield from _second_files_of_cells(rows, file)


def _impossible(row: Any) -> Iterator[tuple[str, str, str]]:
    """Column, message and remedy of what one row cannot mean; a broken cell is a problem already."""
    kind = row["kind"]

    def lacks(column: str) -> bool:
        return row[column] is None and not row.is_broken(column)

    if kind in ONE_SAMPLE_KINDS and row["sample_id"] == ALL_SAMPLES:
        remedy = "give one row, with its sample, per file or part of a file"
        yield "sample_id", f"names no sample for a file of kind {kind}", remedy
    if kind == "fastq" and lacks("reference"):
        yield "reference", "is missing", "name the FASTA to which the reads are to be aligned"
    if kind in MAPPED_KINDS and lacks("build"):
        yield "build", f"is missing for a file of kind {kind}", "write GRCh38, GRCh37 or T2T-CHM13v2"
    if kind == "composition" and lacks("columns"):
        yield "columns", f"is missing for a file of kind {kind}", "name the column map of the table"
    if row["purity"] == 0:
        remedy = "give the share of tumour cells, above 0, or leave it empty where it is not known"
        yield "purity", "leaves nothing to call", remedy


def _second_files_of_cells(records: Sequence[Any], file: str) -> Iterator[Problem]:
    """A sample's cells are one table of shares, so they come from one file."""
    first: dict[str, int] = {}
    for record in records:
        if record["kind"] != "cells":
            continue
        if record["sample_id"] in first:
            yield Problem(
                file=file,
                row=record.row,
                column="sample_id",
                value=record["sample_id"],
                message=f"has its cells on row {first[record['sample_id']]} already",
                remedy="merge the lanes of a sample into one file, or make them samples of one patient",
            )
        first.setdefault(record["sample_id"], record.row)
