"""Samples, events and labels to one row per sample, and the index row of each patient."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="samples sheet")
    parser.add_argument("--events", type=Path, required=True, help="events table")
    parser.add_argument("--labels", type=Path, required=True, help="labels table")
    parser.add_argument("--conflicts", type=Path, required=True, help="conflicts table")
    parser.add_argument("--status", type=Path, nargs="*", default=[], help="status tables of the readers")
    parser.add_argument("--treatments", type=Path, help="treatments sheet")
    for name in ("composition", "signatures", "targets", "cell-quality", "identity"):
        parser.add_argument(f"--{name}", type=Path, help=f"{name.replace('-', ' ')} table of the marrow")
    parser.add_argument("--out", type=Path, required=True, help="cohort table")
    parser.add_argument("--patients", type=Path, required=True, help="table of the index sample of each patient")
    parser.add_argument("--status-out", type=Path, required=True, help="status of all inputs")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk import joined
    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.contracts import CONFLICTS, EVENTS, STATUS
    from mmrisk.follow_up import TREATMENTS
    from mmrisk.marrow_columns import MARROW_TABLES
    from mmrisk.risk.assign import labels_table
    from mmrisk.tables import read_table, write_table

    status = joined.one_status_per_input([read_table(path, STATUS) for path in options.status])
    marrow = {table: getattr(options, table.name) for table in MARROW_TABLES if getattr(options, table.name)}
    cohort, contract = joined.join_cohort(
        read_records(options.samples, SAMPLES),
        read_table(options.events, EVENTS),
        read_table(options.labels, labels_table()),
        read_table(options.conflicts, CONFLICTS),
        status,
        treatments=read_records(options.treatments, TREATMENTS) if options.treatments else (),
        marrow={table.name: read_table(path, table) for table, path in marrow.items()},
    )
    write_table(cohort, contract, options.out)
    write_table(joined.index_samples(cohort), joined.patients_table(contract), options.patients)
    write_table(status, STATUS, options.status_out)
    cli.log.info("%d samples of %d patients", len(cohort), cohort["patient_id"].nunique())


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
