"""Values of command-line flags; argparse names the function when a value is refused."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmrisk.assays import AssayFile

READ_SOURCES = ("wgs", "lowpass", "wes", "panel")


def share(text: str) -> float:
    """A share above 0 and up to 1."""
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError(text)
    return value


def chunk(text: str) -> tuple[int, int]:
    """`K/N` with K from 0 to N - 1."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not match or not int(match[1]) < int(match[2]):
        raise ValueError(text)
    return int(match[1]), int(match[2])


def add_reads(parser: argparse.ArgumentParser) -> None:
    """Flags that name one BAM or CRAM and say what is known of it."""
    from mmrisk.contracts import SELECTIONS

    parser.add_argument("--reads", type=Path, required=True, metavar="FILE", help="BAM or CRAM, sorted and indexed")
    parser.add_argument("--sample-id", required=True, help="the specimen")
    parser.add_argument("--assay-id", help="name of the data file; by default made from its file name")
    parser.add_argument("--source", choices=READ_SOURCES, required=True, help="kind of assay")
    parser.add_argument("--build", help="genome build; by default that of the header, which must agree")
    parser.add_argument("--reference", type=Path, metavar="FASTA", help="reference of the reads")
    parser.add_argument("--targets", type=Path, metavar="BED", help="targets of an exome or panel")
    parser.add_argument("--normals", type=Path, metavar="FILE", help="panel of normals of the same assay")
    parser.add_argument("--matched-normal", type=Path, metavar="FILE", help="BAM or CRAM of the patient's normal cells")
    parser.add_argument("--snps", type=Path, metavar="VCF", help="heterozygous germline sites, for copy number")
    parser.add_argument("--variant-sample", metavar="NAME", help="sample of that VCF, where its name is another one")
    parser.add_argument("--purity", type=share, help="share of tumour cells, where it is known")
    parser.add_argument("--ig-baits", action="store_true", help="the exome or panel captures the IG loci")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")


def reads_of(options: argparse.Namespace) -> "AssayFile":
    """The file that the flags of `add_reads` name. Raises `InputError` for an unknown build."""
    from mmrisk.assays import AssayFile, default_assay_id
    from mmrisk.errors import InputError, Problem
    from mmrisk.genome import parse_build

    build = parse_build(options.build) if options.build else ""
    if build is None:
        remedy = "give GRCh38, GRCh37 or T2T-CHM13v2"
        raise InputError(
            Problem(file="command line", column="--build", value=options.build, message="is unknown", remedy=remedy)
        )
    return AssayFile(
        sample_id=options.sample_id,
        assay_id=options.assay_id or default_assay_id(options.reads),
        source=options.source,
        file=options.reads,
        build=build,
        reference=options.reference,
        targets=options.targets,
        normals=options.normals,
        snps=options.snps,
        matched_normal=options.matched_normal,
        variant_sample=options.variant_sample,
        purity=options.purity,
        ig_baits=options.ig_baits,
        cell_selection=options.cell_selection or "",
    )
