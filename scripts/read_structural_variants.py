"""Structural variants of any usual caller to evidence on IG and MYC translocations, for one sample or a cohort."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli, flags
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--variants", type=Path, nargs="+", metavar="FILE", help="VCF, BCF or BEDPE files of one sample")
    what.add_argument("--assays", type=Path, help="assays sheet: reads its rows of kind structural_variants")
    parser.add_argument("--samples", type=Path, help="samples sheet: columns named after others are refused")
    parser.add_argument("--build", help="genome build of the coordinates (GRCh38 or GRCh37)")
    parser.add_argument("--sample-id", help="the specimen")
    parser.add_argument("--assay-id", help="name of the data file; by default made from its file name")
    parser.add_argument("--variant-sample", help="sample column of the tumour, where several samples share a file")
    parser.add_argument("--source", choices=("wgs", "wes", "panel", "lowpass"), help="kind of assay")
    parser.add_argument("--ig-baits", action="store_true", help="the panel or exome captures the IG loci")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--purity", type=flags.share, help="share of tumour cells")
    parser.add_argument("--min-fragments", type=int, default=3, help="fragments that a junction must have")
    parser.add_argument("--chunk", type=flags.chunk, default=(0, 1), help="K/N: only samples of chunk K (from 0) of N")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--breakpoints-out", type=Path, help="table of breakpoints")
    parser.add_argument("--status", type=Path, help="what happened to each file of the assays sheet")
    return parser


def main(options: argparse.Namespace) -> None:
    from functools import partial

    from mmrisk.contracts import BREAKPOINTS
    from mmrisk.evidence_files import read_files, write_evidence
    from mmrisk.tables import write_table
    from mmrisk.translocations.variant_evidence import read_variant_evidence

    given = [] if options.assays else assay_files(options)
    read = partial(
        read_variant_evidence,
        files=given[1:],
        min_fragments=options.min_fragments,
        variant_sample=options.variant_sample,
    )
    found = read_files(options, kind="structural_variants", read=read, files=lambda _: given[:1])
    settings = {"mmrisk_min_fragments": str(options.min_fragments)}
    write_evidence(found, options, **settings)
    if options.breakpoints_out:
        made_by = {"mmrisk_profile": options.profile, **settings}
        write_table(found.table(BREAKPOINTS.names), BREAKPOINTS, options.breakpoints_out, made_by=made_by)


def assay_files(options: argparse.Namespace) -> list:
    """The files that the flags name, all of one sample."""
    from mmrisk.assays import AssayFile, default_assay_id
    from mmrisk.errors import InputError, Problem
    from mmrisk.genome import parse_build

    build = parse_build(options.build or "")
    needed = {"--build": build, "--source": options.source, "--sample-id": options.sample_id}
    if missing := [flag for flag, value in needed.items() if not value]:
        remedy = "give --sample-id, --build GRCh38 or GRCh37, and --source wgs, wes, panel or lowpass"
        raise InputError(
            Problem(file="command line", column=", ".join(missing), message="is missing or unknown", remedy=remedy)
        )
    assay_id = options.assay_id or default_assay_id(options.variants[0])
    return [
        AssayFile(
            sample_id=options.sample_id,
            assay_id=assay_id,
            source=options.source,
            file=path,
            build=build,
            purity=options.purity,
            ig_baits=options.ig_baits,
            cell_selection=options.cell_selection or "",
        )
        for path in options.variants
    ]


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
