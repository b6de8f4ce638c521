"""One GA4GH Phenopacket (v2, JSON) per sample."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument("--created", default="1970-01-01T00:00:00Z", help="time of creation to state (UTC)")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.export.phenopackets import as_json, phenopacket
    from mmrisk.export.text import write_folder
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_table

    rows = read_table(options.cohort, cohort_table()).astype(object)
    packets = rows.where(rows.notna(), None).to_dict("records")
    made = {f"{row['sample_id']}.json": as_json(phenopacket(row, created=options.created)) for row in packets}
    write_folder(options.out, made)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
