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
    from mmrisk.cytogenetics.fish_table import read_fish_table
    from mmrisk.evidence_files import read_files, write_evidence

    write_evidence(read_files(options, kind="fish_table", read=read_fish_table, files=assay_files), options)


def assay_files(options: argparse.Namespace) -> list:
    """The table that the flags name."""
    from mmrisk.assays import AssayFile, default_assay_id

    return [
        AssayFile(
            sample_id=options.sample_id,
            assay_id=options.assay_id or default_assay_id(options.table),
            source=options.source,
            file=options.table,
            build="",
            columns=options.columns,
            cell_selection=options.cell_selection or "",
        )
    ]


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
