"""Counts of a simulated marrow sample with known cells, clone, doublets and ambient RNA (to test with; never data).

Keys of the truth file, all optional: n_cells, plasma_share (of all cells), composition (weight of each subset of
resources/simulated_marrow.tsv), programmes (share of the cells that show each of its programmes), normal_kappa
(share of kappa among normal plasma cells), depth (transcripts of a cell), ambient, doublets (shares), batch_spread,
batch_seed, sex (F, M), and clone (null for none): share (of the plasma cells), light_chain (kappa, lambda),
light_v, heavy_v, heavy_c, arms (17p: 1), spikes (NSD2: 4, transcripts in 10,000), lost (TNFRSF17: 0.5, share of the
clone without it), variation (spread of the clone's levels), subclones (a list, each with share of the clone and
arms).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--truth", type=Path, help="YAML of what the sample holds; a usual marrow by default")
    parser.add_argument("--reference", type=Path, help="CSV of mean expression, genes x cell types, columns sum to 1")
    parser.add_argument(
        "--n-genes",
        type=int,
        default=3000,
        help="genes over the genome, besides those of signatures; without a reference",
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same counts")
    parser.add_argument("--out", type=Path, required=True, help="counts (h5ad)")
    parser.add_argument("--cells-out", type=Path, help="truth of each cell (TSV)")
    parser.add_argument("--contigs-out", type=Path, help="receptor contigs as 10x writes them (CSV)")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.errors import InputError, Problem
    from mmrisk.simulate.cells import Marrow, contigs, simulate_marrow
    from mmrisk.simulate.plan import read_marrow
    from mmrisk.simulate.profiles import plain_profiles, reference_profiles
    from mmrisk.simulate.write import write_counts

    marrow = read_marrow(options.truth) if options.truth else Marrow()
    if options.reference:
        profiles = reference_profiles(options.reference)
    else:
        profiles = plain_profiles(n_genes=options.n_genes, keep=[*signature_genes(), *marrow.named_genes])
    if missing := sorted(marrow.named_genes - set(profiles.genes)):
        remedy = "use a reference that has them, or leave them out"
        raise InputError(
            Problem(file=str(options.truth), value=", ".join(missing), message="is not in the reference", remedy=remedy)
        )
    made = simulate_marrow(marrow, profiles, seed=options.seed)
    write_counts(made, options.out)
    if options.cells_out:
        made.cells.to_csv(options.cells_out, sep="\t", index=False, lineterminator="\n")
    if options.contigs_out:
        contigs(made.cells, seed=options.seed).to_csv(options.contigs_out, index=False, lineterminator="\n")
    cli.log.info("%d simulated cells, %d genes, seed %d", *made.counts.shape, options.seed)


def signature_genes() -> list[str]:
    """Genes by which cells are named and scored: the data must have them."""
    from mmrisk.microenvironment.axes import axes
    from mmrisk.microenvironment.signatures import bundled

    named = {gene for signature in bundled().by_name.values() for gene in signature.genes}
    return sorted(named | {gene for axis in axes() for gene in (*axis.ligand, *axis.receptor)})


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
