"""Copy number from the reads of a genome, exome or panel (BAM or CRAM) to evidence."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli, flags
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    flags.add_reads(parser)
    parser.add_argument(
        "--tier",
        choices=("auto", "index", "sampled", "full"),
        default="auto",
        help="how many reads are counted: what the index tells, thin tiles, or all; auto: tiles of a deep genome",
    )
    parser.add_argument("--sex", choices=("F", "M"), help="sex of the patient, to notice a swapped sample")
    parser.add_argument(
        "--min-trisomies",
        type=int,
        default=2,
        choices=range(1, 9),
        help="gained odd chromosomes of a hyperdiploid clone",
    )
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--threads", type=int, default=1, choices=range(1, 65), metavar="N", help="threads")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--segments-out", type=Path, help="table of segments")
    parser.add_argument("--purity-out", type=Path, help="table of purity and ploidy fits")
    parser.add_argument("--arms-out", type=Path, help="table of arms")
    parser.add_argument("--bins-out", type=Path, help="table of bins, for figures")
    parser.add_argument("--status", type=Path, help="what happened to the file; with it a bad file is no failure")
    return parser


def main(options: argparse.Namespace) -> None:
    from functools import partial

    import pandas as pd

    from mmrisk.assays import read_one_file
    from mmrisk.contracts import ARMS, BINS, EVIDENCE, PURITY, SEGMENTS, STATUS
    from mmrisk.copynumber.read_calls import call_file
    from mmrisk.tables import evidence_frame, write_table

    call = partial(
        call_file,
        tier=options.tier,
        min_trisomies=options.min_trisomies,
        sex=options.sex,
        threads=options.threads,
    )
    file = flags.reads_of(options)
    if options.status:
        found = read_one_file(file, call)
        readings, evidence = found.readings, found.evidence
        write_table(found.status, STATUS, options.status)
        for message in found.status["message"].dropna():
            cli.log.warning(message)
    else:
        readings = (call(file),)
        evidence = list(readings[0].evidence)
        for note in readings[0].notes:
            cli.log.warning(note)
    made_by = {"mmrisk_profile": options.profile, "mmrisk_tier": options.tier}
    write_table(evidence_frame(evidence, profile=options.profile), EVIDENCE, options.out, made_by=made_by)
    tables = (
        (SEGMENTS, "table", options.segments_out),
        (PURITY, "purity", options.purity_out),
        (ARMS, "arms", options.arms_out),
        (BINS, "bins", options.bins_out),
    )
    for table, name, path in tables:
        if path:
            frame = getattr(readings[0], name) if readings else pd.DataFrame(columns=table.names)
            write_table(frame, table, path, made_by=made_by)
    cli.log.info("%s: %d rows of evidence", file.file.name, len(evidence))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
