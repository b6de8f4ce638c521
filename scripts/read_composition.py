"""Shares of cells and proteins that a laboratory measured (flow, CyTOF, CITE, cytokines) to tables of the marrow."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--assays", type=Path, required=True, help="assays sheet: reads its rows of kind composition")
    parser.add_argument("--evidence-out", type=Path, help="evidence table: has no rows, as shares are no evidence")
    parser.add_argument("--out", type=Path, required=True, help="composition table")
    parser.add_argument("--signatures-out", type=Path, help="proteins, as signatures of the fluid")
    parser.add_argument("--status", type=Path, help="what happened to each file")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.assays import AssayFile, Reading, read_sheet_of_assays
    from mmrisk.contracts import COMPOSITION, EVIDENCE, SIGNATURES, STATUS
    from mmrisk.microenvironment.measured import read_measured
    from mmrisk.tables import evidence_frame, write_table

    proteins = []

    def read(file: AssayFile) -> Reading:
        found = read_measured(file)
        proteins.append(found.signatures)
        return Reading((), found.composition)

    found = read_sheet_of_assays(options.assays, kind="composition", read=read)
    write_table(found.table(COMPOSITION.names), COMPOSITION, options.out)
    if options.signatures_out:
        filled = [table for table in proteins if len(table)]
        joined = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=SIGNATURES.names)
        write_table(joined, SIGNATURES, options.signatures_out)
    if options.evidence_out:
        write_table(evidence_frame([]), EVIDENCE, options.evidence_out)
    if options.status:
        write_table(found.status, STATUS, options.status)
    for message in found.status["message"].dropna():
        cli.log.warning(message)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
