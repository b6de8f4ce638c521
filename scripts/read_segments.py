"""Copy-number segments of any usual tool to evidence, for one file or a whole cohort."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli, flags
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--segments", type=Path, nargs="+", metavar="FILE", help="segments of one or many samples")
    what.add_argument("--assays", type=Path, help="assays sheet: reads its rows of kind segments")
    parser.add_argument("--build", help="genome build of the coordinates (GRCh38, GRCh37; T2T-CHM13v2 for arms only)")
    parser.add_argument("--format", help="format of the files, where the header does not tell")
    parser.add_argument("--columns", type=Path, help="column map of a foreign table (YAML or tab-separated)")
    parser.add_argument("--sample-id", default="*", help="sample of the file, or the one to pick; * reads all")
    parser.add_argument("--assay-id", help="name of the data file; by default made from its file name")
    parser.add_argument("--source", choices=("array", "wgs", "wes", "panel", "lowpass"), help="kind of assay")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--purity", type=flags.share, help="share of tumour cells, to correct copies that are not")
    parser.add_argument(
        "--corrected-for-purity", action="store_const", const=True, help="copies are those of tumour cells already"
    )
    parser.add_argument(
        "--min-trisomies",
        type=int,
        default=2,
        choices=range(1, 9),
        help="gained odd chromosomes of a hyperdiploid clone",
    )
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--segments-out", type=Path, help="table of segments")
    parser.add_argument("--status", type=Path, help="what happened to each file of the assays sheet")
    return parser


def main(options: argparse.Namespace) -> None:
    from functools import partial

    from mmrisk.contracts import SEGMENTS
    from mmrisk.copynumber.segment_evidence import read_segment_evidence
    from mmrisk.evidence_files import read_files, write_evidence
    from mmrisk.tables import write_table

    read = partial(read_segment_evidence, min_trisomies=options.min_trisomies)
    found = read_files(options, kind="segments", read=read, files=assay_files)
    settings = {"mmrisk_min_trisomies": str(options.min_trisomies)}
    write_evidence(found, options, **settings)
    if options.segments_out:
        made_by = {"mmrisk_profile": options.profile, **settings}
        write_table(found.table(SEGMENTS.names), SEGMENTS, options.segments_out, made_by=made_by)


def assay_files(options: argparse.Namespace) -> list:
    """The files that the flags name."""
    from mmrisk.assays import AssayFile, default_assay_id
    from mmrisk.errors import InputError, Problem
    from mmrisk.genome import parse_build

    build = parse_build(options.build or "")
    needed = {"--build": build, "--source": options.source}
    if missing := [flag for flag, value in needed.items() if value is None]:
        remedy = "give --build GRCh38, GRCh37 or T2T-CHM13v2, and --source array, wgs, wes, panel or lowpass"
        raise InputError(
            Problem(file="command line", column=", ".join(missing), message="is missing or unknown", remedy=remedy)
        )
    return [
        AssayFile(
            sample_id=options.sample_id,
            assay_id=options.assay_id or default_assay_id(path),
            source=options.source,
            file=path,
            build=build,
            format_name=options.format,
            columns=options.columns,
            purity=options.purity,
            purity_corrected=options.corrected_for_purity,
            cell_selection=options.cell_selection or "",
        )
        for path in options.segments
    ]


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
