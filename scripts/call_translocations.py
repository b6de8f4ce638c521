"""IG and MYC translocations of one BAM or CRAM: junctions with reads on both sides, negatives with what was visible."""

import argparse
import gc
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli, flags
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    flags.add_reads(parser)
    parser.add_argument("--spots", type=Path, metavar="FILE", help="artefact spots, as build_artefact_spots.py writes")
    parser.add_argument("--purity-table", type=Path, metavar="FILE", help="purity, where --purity is not given")
    parser.add_argument("--segments-table", type=Path, metavar="FILE", help="segments, for copies at the breakpoint")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--breakpoints-out", type=Path, help="table of breakpoints")
    parser.add_argument("--reads-out", type=Path, help="table of the reads of each junction, for drawing")
    parser.add_argument("--rearrangements-out", type=Path, help="table of V(D)J and class-switch junctions")
    parser.add_argument("--status", type=Path, help="table that takes a failure instead of the command")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.assays import AssayFile, Reading, read_one_file
    from mmrisk.contracts import BREAKPOINT_READS, BREAKPOINTS, EVIDENCE, IG_REARRANGEMENTS, STATUS
    from mmrisk.tables import evidence_frame, write_table
    from mmrisk.translocations.from_reads import Found, find_translocations

    done: list[Found] = []

    def read(assay: AssayFile) -> Reading:
        assay, beside = with_tables(options, assay)
        done.append(find_translocations(assay, beside))
        return Reading(done[0].evidence, done[0].breakpoints)

    assay = flags.reads_of(options)
    status = None
    if options.status:
        status = read_one_file(assay, read).status
    else:
        read(assay)
    made_by = {"mmrisk_profile": options.profile}
    found = done[0] if done else None
    evidence = evidence_frame(found.evidence if found else (), profile=options.profile)
    write_table(evidence, EVIDENCE, options.out, made_by=made_by)
    for path, contract, table in (
        (options.breakpoints_out, BREAKPOINTS, found and found.breakpoints),
        (options.reads_out, BREAKPOINT_READS, found and found.reads),
        (options.rearrangements_out, IG_REARRANGEMENTS, found and found.rearrangements),
    ):
        if path:
            write_table(empty(contract) if table is None else table, contract, path, made_by=made_by)
    if status is not None:
        write_table(status, STATUS, options.status, made_by=made_by)
    if found:
        cli.log.info(
            "%d records read, %d junctions, %d rows of evidence", found.touched, len(found.breakpoints), len(evidence)
        )
    else:
        cli.log.warning("%s", status["message"].iloc[0])


def with_tables(options: argparse.Namespace, assay):
    """The assay with the purity of its table, and what lies beside it."""
    from dataclasses import replace

    from mmrisk.translocations.from_reads import Beside, checked, read_copies, read_purity, read_spots

    build = assay.build or checked(assay.file, build="", reference=assay.reference).build
    who = {"sample_id": assay.sample_id, "assay_id": assay.assay_id}
    if assay.purity is None and options.purity_table and (found := read_purity(options.purity_table, **who)):
        assay = replace(assay, purity=found.value, purity_span=(found.low, found.high))
    spots = read_spots(options.spots, build=build) if options.spots else None
    copies = None
    if options.segments_table:
        copies = read_copies(options.segments_table, **who, build=build, purity=assay.purity)
    return assay, Beside(spots=spots, copies=copies)


def empty(contract):
    """A table without rows."""
    import pandas as pd

    return pd.DataFrame(columns=contract.names)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    gc.disable()  # a short process: looking for garbage costs more than it frees
    cli.check_package_beside(__file__)
    raise SystemExit(run())
