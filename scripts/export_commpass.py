"""Flat files with the columns of CoMMpass releases: copy number by probe, IG translocations, a summary."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument(
        "--evidence", type=Path, nargs="*", default=[], help="evidence tables, for the builds of segments"
    )
    parser.add_argument("--segments", type=Path, nargs="*", default=[], help="segments tables")
    parser.add_argument("--breakpoints", type=Path, nargs="*", default=[], help="breakpoints tables")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.contracts import BREAKPOINTS, SEGMENTS
    from mmrisk.export.commpass import flat_files
    from mmrisk.export.inputs import builds_of, tables_of, with_builds
    from mmrisk.export.text import write_folder
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_table

    files = flat_files(
        read_table(options.cohort, cohort_table()),
        with_builds(tables_of(options.segments, SEGMENTS), builds_of(options.evidence)),
        tables_of(options.breakpoints, BREAKPOINTS),
    )
    write_folder(options.out, files)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
