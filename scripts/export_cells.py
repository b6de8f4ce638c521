"""Cells with the labels and events of their sample as categories (h5ad)."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cells", type=Path, required=True, help="cells of one sample (h5ad)")
    parser.add_argument("--sample-id", required=True, help="sample of the cells")
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument("--out", type=Path, required=True, help="cells with labels (h5ad)")
    return parser


def main(options: argparse.Namespace) -> None:
    import anndata

    from mmrisk.errors import InputError, Problem
    from mmrisk.export.cells import add_labels
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_table

    cohort = read_table(options.cohort, cohort_table()).set_index("sample_id", drop=False)
    if options.sample_id not in cohort.index:
        remedy = "give a sample of the cohort table with --sample-id"
        raise InputError(
            Problem(file=options.cohort.name, value=options.sample_id, message="is not in the cohort", remedy=remedy)
        )
    cells = anndata.read_h5ad(options.cells)
    add_labels(cells, cohort.loc[options.sample_id])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    partial = options.out.with_name(options.out.name + ".partial")
    cells.write_h5ad(partial, compression="gzip")
    partial.replace(options.out)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
