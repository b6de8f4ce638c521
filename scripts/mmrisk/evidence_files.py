"""What the commands share that read data files to evidence: files by sheet or by flags, and the tables written."""

import argparse
from collections.abc import Callable, Sequence

from mmrisk import cli
from mmrisk.assays import AssayFile, Reading, Readings, read_sheet_of_assays, status_frame
from mmrisk.contracts import EVIDENCE, STATUS
from mmrisk.tables import evidence_frame, write_table


def read_files(
    options: argparse.Namespace,
    *,
    kind: str,
    read: Callable[[AssayFile], Reading],
    files: Callable[[argparse.Namespace], Sequence[AssayFile]],
) -> Readings:
    """Rows of one kind of the assays sheet (`--assays`, one chunk of them), or the files that other flags name.

    An `InputError` of a row becomes its status; one of a file named by hand is raised.
    """
    if options.assays:
        chunk, samples = getattr(options, "chunk", (0, 1)), getattr(options, "samples", None)
        return read_sheet_of_assays(options.assays, kind=kind, read=read, chunk=chunk, samples=samples)
    given = files(options)
    readings = tuple(map(read, given))
    rows = [(f.sample_id, f.assay_id, "ok", len(r.evidence), None) for f, r in zip(given, readings, strict=True)]
    return Readings(readings, status_frame(rows))


def write_evidence(found: Readings, options: argparse.Namespace, **settings: str) -> None:
    """Write evidence (`--out`) and status (`--status`), and say what was read; `settings` go into the table's notes."""
    for note in (note for reading in found.readings for note in reading.notes):
        cli.log.warning(note)
    made_by = {"mmrisk_profile": options.profile, **settings}
    write_table(evidence_frame(found.evidence, profile=options.profile), EVIDENCE, options.out, made_by=made_by)
    if options.status:
        write_table(found.status, STATUS, options.status, made_by=made_by)
    good = int((found.status["status"] == "ok").sum())
    cli.log.info("%d files read, %d failed, %d rows of evidence", good, len(found.status) - good, len(found.evidence))
