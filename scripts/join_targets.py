"""Therapy targets of all samples, with what the genome says of each target's gene."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--targets", type=Path, nargs="*", default=[], metavar="FILE", help="targets tables")
    parser.add_argument("--events", type=Path, required=True, help="events table")
    parser.add_argument("--out", type=Path, required=True, help="targets table of the cohort")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.contracts import EVENTS, TARGETS
    from mmrisk.microenvironment.targets import join_genomic_state
    from mmrisk.tables import conform, read_table, write_table

    parts = [part for path in options.targets if len(part := read_table(path, TARGETS))]
    targets = pd.concat(parts, ignore_index=True) if parts else conform(pd.DataFrame(), TARGETS)
    write_table(join_genomic_state(targets, read_table(options.events, EVENTS)), TARGETS, options.out)
    cli.log.info("%d rows of %d files", len(targets), len(options.targets))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
