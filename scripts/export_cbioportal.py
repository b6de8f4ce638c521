"""A study folder that cBioPortal loads: clinical data, copy-number events, IG translocations, mutations, segments."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument(
        "--evidence", type=Path, nargs="*", default=[], help="evidence tables, for the builds of segments"
    )
    parser.add_argument("--segments", type=Path, nargs="*", default=[], help="segments tables")
    parser.add_argument("--breakpoints", type=Path, nargs="*", default=[], help="breakpoints tables")
    parser.add_argument("--mutations", type=Path, nargs="*", default=[], help="mutations tables")
    parser.add_argument("--outcomes", type=Path, help="outcomes sheet")
    parser.add_argument("--treatments", type=Path, help="treatments sheet")
    parser.add_argument("--study", type=study_id, default="mmrisk", help="identifier of the study")
    parser.add_argument("--name", default="Multiple myeloma (mmrisk)", help="name of the study")
    parser.add_argument("--type-of-cancer", default="pcm", help="OncoTree code that the portal knows")
    parser.add_argument("--out", type=Path, required=True, help="folder of the study")
    return parser


def study_id(text: str) -> str:
    """Letters, digits and `_`."""
    if not text or not text.replace("_", "").isalnum() or not text.isascii():
        raise ValueError(text)
    return text


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.cohort import read_records
    from mmrisk.contracts import BREAKPOINTS, MUTATIONS, SEGMENTS
    from mmrisk.export.cbioportal import Study, study_files
    from mmrisk.export.inputs import builds_of, tables_of, with_builds
    from mmrisk.export.text import write_folder
    from mmrisk.follow_up import OUTCOMES, TREATMENTS
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_wide_table

    sheets = {}
    for name, table in (("outcomes", OUTCOMES), ("treatments", TREATMENTS)):
        records = read_records(getattr(options, name), table) if getattr(options, name) else ()
        sheets[name] = pd.DataFrame([dict(record.values) for record in records], columns=table.names)
    cohort, contract = read_wide_table(options.cohort, cohort_table())
    files = study_files(
        Study(identifier=options.study, name=options.name, type_of_cancer=options.type_of_cancer),
        cohort,
        contract,
        outcomes=sheets["outcomes"].set_index("patient_id"),
        treatments=sheets["treatments"],
        segments=with_builds(tables_of(options.segments, SEGMENTS), builds_of(options.evidence)),
        breakpoints=tables_of(options.breakpoints, BREAKPOINTS),
        mutations=tables_of(options.mutations, MUTATIONS),
    )
    write_folder(options.out, files)
    cli.log.info("%d files in %s", len(files), options.out)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
