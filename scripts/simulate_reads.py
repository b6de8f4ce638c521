"""Synthetic reads of a known genome (BAM), from a small YAML file of the truth.

Keys of the file: purity (share of tumour cells), depth or reads (of a whole genome: fewer are written where it
has no sequence, copies are lost or targets are given), and optionally build, chromosomes, sex, seed, sample,
changes (place: 17p, 9 or 17:7000000-8000000; copies; minor; fraction), junctions (a and b: chromosome:position:+ or -,
+ keeping the sequence left of the position; fraction), targets (places that a capture catches, at the depth), library
(read_length, fragment, fragment_sd, duplicates, low_mapq, gc_slope, wave, wave_length, error_rate, beside_targets,
bait_spread). Unless beside_targets says how deep, 30 % of a capture's reads lie beside its targets.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--truth", type=Path, required=True, help="YAML file of the truth")
    parser.add_argument("--out", type=Path, required=True, help="BAM to write; its index is written beside it")
    parser.add_argument("--reference-out", type=Path, help="FASTA of the made-up genome, for tools that need one")
    parser.add_argument("--threads", type=int, default=2, choices=range(1, 65), metavar="N", help="threads")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.simulate.reads import simulate_reads
    from mmrisk.simulate.reference import write_reference
    from mmrisk.simulate.truth import read_truth

    truth = read_truth(options.truth)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.reference_out:
        write_reference(options.reference_out, build=truth.build, chromosomes=truth.chromosomes)
    written = simulate_reads(truth, options.out, threads=options.threads)
    cli.log.info("%d synthetic reads written to %s", written, options.out)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
