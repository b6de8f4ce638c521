"""Tables of one contract, one file per sample, joined to the table of the cohort."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.contracts import TABLES


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--table", required=True, choices=[table.name for table in TABLES], help="contract of the files"
    )
    parser.add_argument("--parts", type=Path, nargs="*", default=[], metavar="FILE", help="tables to join")
    parser.add_argument("--out", type=Path, required=True, help="joined table")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.tables import conform, read_table, write_table

    table = next(table for table in TABLES if table.name == options.table)
    parts = [read_table(path, table) for path in options.parts]
    filled = [part for part in parts if len(part)]
    joined = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=table.names, dtype=object)
    write_table(conform(joined, table), table, options.out)
    cli.log.info("%d rows of %d files", len(joined), len(parts))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
