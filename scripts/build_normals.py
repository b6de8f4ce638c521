"""A panel of normals from BAM or CRAM files of one exome or panel, for copy number of tumours of the same assay."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--reads", type=Path, nargs="+", required=True, metavar="FILE", help="BAM or CRAM of normals")
    parser.add_argument(
        "--targets", type=Path, metavar="BED", help="targets: reads on them are counted apart from those between them"
    )
    parser.add_argument("--build", help="genome build that all must have")
    parser.add_argument("--threads", type=int, default=1, choices=range(1, 65), metavar="N", help="threads")
    parser.add_argument("--out", type=Path, required=True, help="panel of normals")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.alignments import check_alignments, check_is_dna
    from mmrisk.contracts import NORMALS
    from mmrisk.copynumber.counts import count_reads
    from mmrisk.copynumber.normals import build_panel
    from mmrisk.tables import write_table

    counts, build = [], options.build
    for path in options.reads:
        reads = check_alignments(path, build=build)
        check_is_dna(reads)
        build = reads.build
        counts.append(count_reads(reads, tier="full", targets=options.targets, threads=options.threads))
    write_table(build_panel(counts), NORMALS, options.out)
    cli.log.info("panel of %d normals written to %s", len(counts), options.out)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
