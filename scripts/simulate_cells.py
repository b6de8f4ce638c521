"""Counts of a simulated marrow sample with known cells, clone, doublets and ambient RNA (to test with; never data)."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--truth", type=Path, help="YAML of what the sample holds; a usual marrow by default")
    parser.add_argument("--reference", type=Path, help="CSV of mean expression, genes x cell types, columns sum to 1")
    parser.add_argument("--n-genes", type=int, default=3000, help="genes over the genome, without a reference")
    parser.add_argument("--only-genes", type=Path, help="keep the genes named in this file, one a line")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same counts")
    parser.add_argument("--out", type=Path, required=True, help="counts (h5ad)")
    parser.add_argument("--cells-out", type=Path, help="truth of each cell (TSV)")
    parser.add_argument("--contigs-out", type=Path, help="receptor contigs as 10x writes them (CSV)")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.simulate.cells import Marrow, contigs, simulate_marrow
    from mmrisk.simulate.plan import read_marrow
    from mmrisk.simulate.profiles import plain_profiles, reference_profiles
    from mmrisk.simulate.write import write_counts

    marrow = read_marrow(options.truth) if options.truth else Marrow()
    keep = options.only_genes.read_text(encoding="utf-8").split() if options.only_genes else []
    if options.reference:
        profiles = reference_profiles(options.reference)
    else:
        profiles = plain_profiles(n_genes=options.n_genes, keep=keep)
    made = simulate_marrow(marrow, profiles, seed=options.seed)
    write_counts(made, options.out, only_genes=keep)
    if options.cells_out:
        made.cells.to_csv(options.cells_out, sep="\t", index=False, lineterminator="\n")
    if options.contigs_out:
        contigs(made.cells, seed=options.seed).to_csv(options.contigs_out, index=False, lineterminator="\n")
    cli.log.info("%d simulated cells, %d genes, seed %d", *made.counts.shape, options.seed)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
