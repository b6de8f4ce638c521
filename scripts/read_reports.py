"""Karyotype, FISH and array reports to evidence, and how each string was read."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.errors import InputError, Problem
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--reports", type=Path, help="reports sheet: one row per laboratory string")
    what.add_argument("--explain", metavar="STRING", help="show how one karyotype, array or FISH string is read")
    parser.add_argument("--samples", type=Path, help="samples sheet, whose sex karyotypes are compared with")
    parser.add_argument("--ideogram", type=Path, help="with --explain: drawing of the karyotype (SVG)")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, help="evidence table; needed with --reports")
    parser.add_argument("--parsed", type=Path, help="table of the strings: normal form, and what was not understood")
    parser.add_argument("--status", type=Path, help="what happened to each report")
    return parser


def explain_string(options: argparse.Namespace) -> None:
    from mmrisk.cytogenetics.explain import explain, ideogram_svg

    print(explain(options.explain, profile=options.profile))
    if options.ideogram:
        options.ideogram.write_text(ideogram_svg(options.explain), encoding="utf-8")


def main(options: argparse.Namespace) -> None:
    if options.explain is not None:
        explain_string(options)
        return
    if options.out is None:
        raise InputError(Problem(file="command line", message="names no output", remedy="give --out"))
    from mmrisk.cohort import REPORTS, SAMPLES, read_records
    from mmrisk.contracts import EVIDENCE, PARSED, STATUS
    from mmrisk.cytogenetics.report_sheet import read_reports
    from mmrisk.tables import evidence_frame, write_table

    samples = read_records(options.samples, SAMPLES) if options.samples else ()
    sexes = {sample["sample_id"]: sample["sex"] for sample in samples}
    found = read_reports(read_records(options.reports, REPORTS), sexes=sexes)
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
