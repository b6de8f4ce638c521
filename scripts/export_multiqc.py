"""Labels and events as custom content that MultiQC picks up."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.export.multiqc import multiqc_files
    from mmrisk.export.text import write_folder
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_table

    write_folder(options.out, multiqc_files(read_table(options.cohort, cohort_table())))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
