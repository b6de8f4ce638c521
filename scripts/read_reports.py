"""Karyotype, FISH and array reports to evidence, and how each string was read."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--reports", type=Path, required=True, help="reports sheet: one row per laboratory string")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--parsed", type=Path, help="table of the strings: normal form, and what was not understood")
    parser.add_argument("--status", type=Path, help="what happened to each report")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.cohort import REPORTS, read_records
    from mmrisk.contracts import EVIDENCE, PARSED, STATUS
    from mmrisk.cytogenetics.report_sheet import read_reports
    from mmrisk.tables import evidence_frame, write_table

    found = read_reports(read_records(options.reports, REPORTS))
    made_by = {"mmrisk_profile": options.profile}
    write_table(evidence_frame(found.evidence, profile=options.profile), EVIDENCE, options.out, made_by=made_by)
    if options.parsed:
        write_table(found.parsed, PARSED, options.parsed, made_by=made_by)
    if options.status:
        write_table(found.status, STATUS, options.status, made_by=made_by)
    unread = int(found.parsed["unread"].notna().sum())
    cli.log.info(
        "%d reports read, %d of them in part, %d rows of evidence", len(found.parsed), unread, len(found.evidence)
    )


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
