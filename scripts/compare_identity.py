"""Cells against the DNA, sex and laboratory values that bear the same name: consistent, swapped or indeterminate."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="samples sheet")
    parser.add_argument("--events", type=Path, required=True, help="events table")
    parser.add_argument("--m-protein", type=Path, help="table of M-proteins, for the laboratory's light chain")
    parser.add_argument("--quality", type=Path, required=True, help="cell_quality table of the cohort")
    parser.add_argument("--arms", type=Path, required=True, help="cell_arms table of the cohort")
    parser.add_argument("--evidence", type=Path, nargs="*", default=[], help="evidence tables of single cells")
    parser.add_argument("--out", type=Path, required=True, help="identity table")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.contracts import CELL_ARMS, CELL_QUALITY, EVENTS, EVIDENCE, IDENTITY
    from mmrisk.microenvironment.identity import compare
    from mmrisk.risk.monoclonal import M_PROTEIN
    from mmrisk.tables import conform, read_table, write_table

    records = read_records(options.samples, SAMPLES)
    samples = pd.DataFrame([[record[name] for name in ("sample_id", "patient_id", "sex")] for record in records],
                           columns=["sample_id", "patient_id", "sex"], dtype=object)  # fmt: skip
    chains = {}
    if options.m_protein:
        stated = read_table(options.m_protein, M_PROTEIN).dropna(subset=["involved_chain"])
        chains = dict(zip(stated["sample_id"], stated["involved_chain"], strict=True))
    parts = [part for path in options.evidence if len(part := read_table(path, EVIDENCE))]
    verdicts = compare(
        samples=samples,
        chains=chains,
        events=read_table(options.events, EVENTS),
        quality=read_table(options.quality, CELL_QUALITY),
        arms=read_table(options.arms, CELL_ARMS),
        spikes=pd.concat(parts, ignore_index=True) if parts else conform(pd.DataFrame(), EVIDENCE),
    )
    write_table(verdicts, IDENTITY, options.out)
    for row in verdicts[verdicts["verdict"].isin(["swapped", "conflict"])].itertuples():
        fits = f", fits {row.better_match}" if pd.notna(row.better_match) else ""
        said = "the cells seem to be another patient's" if row.verdict == "swapped" else "a swap or a wrong entry"
        cli.log.warning("%s: %s%s (%s)", row.sample_id, said, fits, row.disagrees)
    cli.log.info("%d samples with cells compared", len(verdicts))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
