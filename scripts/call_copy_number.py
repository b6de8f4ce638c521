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

    from mmrisk.assays import Readings, read_one_file, status_frame
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
        write_table(found.status, STATUS, options.status)
        notes = list(found.status["message"].dropna())
    else:
        found = Readings((call(file),), status_frame([]))
        notes = list(found.readings[0].notes)
    for note in notes:
        cli.log.warning(note)
    made_by = {"mmrisk_profile": options.profile, "mmrisk_tier": options.tier}
    write_table(evidence_frame(found.evidence, profile=options.profile), EVIDENCE, options.out, made_by=made_by)
    tables = ((PURITY, options.purity_out), (ARMS, options.arms_out), (BINS, options.bins_out))
    if options.segments_out:
        write_table(found.table(SEGMENTS.names), SEGMENTS, options.segments_out, made_by=made_by)
    for table, path in tables:
        if path:
            write_table(found.table(table.names, table.name), table, path, made_by=made_by)
    cli.log.info("%s: %d rows of evidence", file.file.name, len(found.evidence))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
