"""Labels only, as CSV for a spreadsheet."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table, for the patient of each sample")
    parser.add_argument("--labels", type=Path, required=True, help="labels table")
    parser.add_argument("--out", type=Path, required=True, help="CSV")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.export.labels import labels_csv
    from mmrisk.export.text import write_text
    from mmrisk.joined import cohort_table
    from mmrisk.risk.assign import labels_table
    from mmrisk.tables import read_table

    labels = read_table(options.labels, labels_table())
    cohort = read_table(options.cohort, cohort_table())
    write_text(options.out, labels_csv(labels, cohort))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
