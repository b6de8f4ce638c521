"""A picture of a cohort's cells (UMAP of a sketch of each sample, batches aligned); for looking, no table needs it."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--cells", type=Path, nargs="+", required=True, help="described cells (h5ad), sample.assay.h5ad"
    )
    parser.add_argument("--samples", type=Path, help="samples sheet, for batches; each sample is one by default")
    parser.add_argument("--most-cells", type=int, default=20_000, help="cells of the picture, over all samples")
    parser.add_argument("--out", type=Path, required=True, help="places of the cells")
    parser.add_argument("--figure", type=Path, help="the picture (PNG)")
    return parser


def main(options: argparse.Namespace) -> None:
    import warnings

    from mmrisk.contracts import CELL_PLACES
    from mmrisk.microenvironment.embedding import draw, embed, read_sketch
    from mmrisk.tables import write_table

    warnings.filterwarnings("ignore", module="umap|sklearn|anndata|scanpy")
    batches = batches_of(options.samples)
    most = max(1, options.most_cells // len(options.cells))
    sketches = [part for path in options.cells if (part := read_sketch(path, batches=batches, most=most)) is not None]
    places = embed(sketches, batch="batch")
    write_table(places.reset_index(drop=True), CELL_PLACES, options.out)
    if options.figure:
        draw(places, options.figure)
    cli.log.info("%d cells of %d samples", len(places), len(sketches))


def batches_of(samples: Path | None) -> dict[str, str]:
    """Batch of each sample; where none is given, its site, else the sample itself."""
    if samples is None:
        return {}
    from mmrisk.cohort import SAMPLES, read_records

    return {
        record["sample_id"]: record["batch"] or record["site"] or record["sample_id"]
        for record in read_records(samples, SAMPLES)
    }


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
