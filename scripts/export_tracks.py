"""Segments as SEG and junctions as BEDPE and VCF, one file per build."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--evidence", type=Path, nargs="*", default=[], help="evidence tables, for the builds of segments"
    )
    parser.add_argument("--segments", type=Path, nargs="*", default=[], help="segments tables")
    parser.add_argument("--breakpoints", type=Path, nargs="*", default=[], help="breakpoints tables")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.contracts import BREAKPOINTS, SEGMENTS
    from mmrisk.export.inputs import builds_of, tables_of, with_builds
    from mmrisk.export.junctions import bedpe, vcf
    from mmrisk.export.segments import seg
    from mmrisk.export.text import write_folder

    files = {}
    segments = with_builds(tables_of(options.segments, SEGMENTS), builds_of(options.evidence))
    for build, rows in segments.groupby(segments["build"].fillna("unknown_build")):
        files[f"segments.{build}.seg"] = seg(rows)
    junctions = tables_of(options.breakpoints, BREAKPOINTS)
    for build, rows in junctions.groupby("build"):
        files[f"junctions.{build}.bedpe"] = bedpe(rows)
        files[f"junctions.{build}.vcf"] = vcf(rows, str(build))
    write_folder(options.out, files)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
