"""Structured FISH results (yes or no, per cent, counts of cells) to evidence, through a column map."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--table", type=Path, help="table with one row per sample")
    what.add_argument("--assays", type=Path, help="assays sheet: reads its rows of kind fish_table")
    parser.add_argument(
        "--columns", type=Path, help="column map (tab-separated or YAML); none if headers are event ids"
    )
    parser.add_argument("--sample-id", default="*", help="sample to pick; * reads all")
    parser.add_argument("--assay-id", help="name of the table; by default made from its file name")
    parser.add_argument("--source", choices=("fish", "panel", "wes", "wgs"), default="fish", help="kind of assay")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--status", type=Path, help="what happened to each table")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.assays import AssayFile, Readings, default_assay_id, read_sheet_of_assays, status_frame
    from mmrisk.contracts import EVIDENCE, STATUS
    from mmrisk.cytogenetics.fish_table import read_fish_table
    from mmrisk.tables import evidence_frame, write_table

    if options.assays:
        found = read_sheet_of_assays(options.assays, kind="fish_table", read=read_fish_table)
    else:
        file = AssayFile(
            sample_id=options.sample_id,
            assay_id=options.assay_id or default_assay_id(options.table),
            source=options.source,
            file=options.table,
            build="",
            columns=options.columns,
            cell_selection=options.cell_selection or "",
        )
        reading = read_fish_table(file)
        found = Readings((reading,), status_frame([(file.sample_id, file.assay_id, "ok", len(reading.evidence), None)]))
    made_by = {"mmrisk_profile": options.profile}
    write_table(evidence_frame(found.evidence, profile=options.profile), EVIDENCE, options.out, made_by=made_by)
    if options.status:
        write_table(found.status, STATUS, options.status, made_by=made_by)
    failed = (found.status["status"] == "failed").sum()
    cli.log.info(
        "%d tables read, %d failed, %d rows of evidence", len(found.status) - failed, failed, len(found.evidence)
    )


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
