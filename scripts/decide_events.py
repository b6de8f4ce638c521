"""Evidence of all assays to one consensus per sample and event."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--evidence", type=Path, nargs="*", default=[], help="evidence tables (TSV or Parquet)")
    parser.add_argument("--samples", type=Path, help="samples sheet: adds specimens without evidence")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument(
        "--accept-two-fusions", nargs="*", default=[], metavar="SAMPLE", help="samples whose two IGH fusions are real"
    )
    parser.add_argument("--out", type=Path, required=True, help="events table")
    parser.add_argument("--conflicts", type=Path, required=True, help="table of evidence that disagrees")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk import consensus
    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.contracts import CONFLICTS, EVENTS, EVIDENCE
    from mmrisk.tables import evidence_frame, read_table, write_table

    tables = [read_table(path, EVIDENCE) for path in options.evidence] or [evidence_frame([])]
    evidence = pd.concat(tables, ignore_index=True)
    samples = [record["sample_id"] for record in read_records(options.samples, SAMPLES)] if options.samples else []
    events, conflicts = consensus.decide(
        evidence, samples=samples, profile=options.profile, accept_two_fusions=options.accept_two_fusions
    )
    made_by = {"mmrisk_profile": options.profile}
    write_table(events, EVENTS, options.out, made_by=made_by)
    write_table(conflicts, CONFLICTS, options.conflicts, made_by=made_by)
    cli.log.info(
        "%d events of %d samples, %d with disagreement", len(events), events["sample_id"].nunique(), len(conflicts)
    )


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
