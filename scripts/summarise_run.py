"""What a run made: a plain summary, and a manifest of version, settings and checksums."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument("--labels", type=Path, required=True, help="labels table")
    parser.add_argument("--risk", type=Path, required=True, help="risk table")
    parser.add_argument("--conflicts", type=Path, required=True, help="conflicts table")
    parser.add_argument("--status", type=Path, required=True, help="status of all inputs")
    parser.add_argument("--parsed", type=Path, help="how each laboratory string was read")
    parser.add_argument("--report", type=Path, required=True, help="first page of the report")
    parser.add_argument("--inputs", type=Path, nargs="*", default=[], help="input files, for the manifest")
    parser.add_argument("--outputs", type=Path, nargs="*", default=[], help="other outputs, for the manifest")
    parser.add_argument("--config", default="{}", help="settings of the run as JSON, for the manifest")
    parser.add_argument("--out", type=Path, required=True, help="summary as text")
    parser.add_argument("--manifest", type=Path, required=True, help="manifest as JSON")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk import provenance
    from mmrisk.contracts import CONFLICTS, PARSED, RISK, STATUS
    from mmrisk.joined import cohort_table
    from mmrisk.risk.assign import labels_table
    from mmrisk.summary import summarise
    from mmrisk.tables import read_table

    tables = [options.cohort, options.labels, options.risk, options.conflicts, options.status]
    cohort = read_table(options.cohort, cohort_table())
    labelled = read_table(options.labels, labels_table(), columns=["sample_id"])["sample_id"]
    summary = summarise(
        cohort,
        read_table(options.risk, RISK),
        read_table(options.conflicts, CONFLICTS),
        read_table(options.status, STATUS),
        read_table(options.parsed, PARSED) if options.parsed else None,
        strangers=sorted(set(labelled) - set(cohort["sample_id"])),
        where=[
            ("report, open it in a browser", str(options.report)),
            ("one row per sample", str(options.cohort)),
            ("labels with what would decide", str(options.risk)),
            ("evidence that disagrees", str(options.conflicts)),
            ("what each input came to", str(options.status)),
        ],
    )
    options.out.write_text(summary, encoding="utf-8")
    outputs = [*tables, *options.outputs, options.report]
    root = options.manifest.parent
    options.manifest.write_text(
        provenance.manifest(config=json.loads(options.config), inputs=options.inputs, outputs=outputs, root=root),
        encoding="utf-8",
    )


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
