"""Spots of false IG and MYC junctions from normal genomes: what several of them show does not count in a tumour."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--normals", type=Path, nargs="+", required=True, metavar="FILE", help="BAM or CRAM of normals")
    parser.add_argument("--reference", type=Path, metavar="FASTA", help="reference of CRAM files")
    parser.add_argument("--build", help="genome build; by default that of the first file, which all must have")
    parser.add_argument("--fewest-normals", type=int, default=2, help="normals that must show a spot")
    parser.add_argument("--out", type=Path, required=True, help="table of spots, for call_translocations.py --spots")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.contracts import ARTEFACT_SPOTS
    from mmrisk.genome import parse_build
    from mmrisk.tables import write_table
    from mmrisk.translocations.spots import merge_strays, survey_normal

    build = (parse_build(options.build) if options.build else "") or ""
    strays = {}
    for path in options.normals:
        build, strays[str(path)] = survey_normal(path, build=build, reference=options.reference)
    spots = merge_strays(strays, build=build, fewest_normals=options.fewest_normals)
    write_table(spots, ARTEFACT_SPOTS, options.out)
    cli.log.info("%d normals, %d spots", len(strays), len(spots))


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
