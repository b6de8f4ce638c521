"""One sample's single cells to composition, programmes, plasma-cell figures and inferred evidence."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli, flags
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--counts", type=Path, required=True, help="h5ad, 10x h5, loom, or matrix.mtx with its folder")
    parser.add_argument("--sample-id", required=True, help="sample of the cells")
    parser.add_argument("--assay-id", default="cells", help="name of the data file")
    parser.add_argument(
        "--sample-column", help="column of a pooled h5ad that names samples; or column=word of this one"
    )
    parser.add_argument(
        "--sort", default="", help="how cells were sorted (resources/cell_sorts.tsv); unsorted if empty"
    )
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--contigs", type=Path, help="receptor contigs of the cells (filtered_contig_annotations.csv)")
    parser.add_argument("--signatures", type=Path, help="signatures of your own, added to or replacing bundled ones")
    parser.add_argument("--n-mads", type=float, default=5.0, help="spreads from a lineage's median that a cell may lie")
    parser.add_argument("--min-genes", type=int, default=100, help="fewest genes of a cell")
    parser.add_argument(
        "--max-mitochondrial", type=flags.share, default=0.5, help="largest mitochondrial share of a cell"
    )
    parser.add_argument("--no-scrublet", action="store_true", help="call doublets by conflicting lineages only")
    parser.add_argument("--seed", type=int, default=1, help="seed of the simulated doublets")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--cells-out", type=Path, help="cells with their names and evidence (h5ad)")
    parser.add_argument("--composition-out", type=Path, help="shares of kinds and states of cells")
    parser.add_argument("--signatures-out", type=Path, help="means of programmes")
    parser.add_argument("--quality-out", type=Path, help="quality and plasma-cell figures")
    parser.add_argument("--targets-out", type=Path, help="therapy targets on the malignant plasma cells")
    parser.add_argument("--arms-out", type=Path, help="copy number of arms from expression")
    parser.add_argument("--status", type=Path, help="what happened to the file")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.assays import AssayFile, Reading, read_one_file
    from mmrisk.contracts import CELL_ARMS, CELL_QUALITY, COMPOSITION, EVIDENCE, SIGNATURES, STATUS, TARGETS
    from mmrisk.tables import conform, evidence_frame, write_table

    described: list = []

    def read(file: AssayFile) -> Reading:
        described.append(describe(options))
        return Reading(described[0].evidence, described[0].composition, notes_of(described[0]))

    file = AssayFile(
        sample_id=options.sample_id, assay_id=options.assay_id, source="scrna", file=options.counts, build=""
    )
    if options.status:
        found = read_one_file(file, read)
        evidence, status = found.evidence, found.status
        write_table(status, STATUS, options.status)
        for message in status["message"].dropna():
            cli.log.warning(message)
    else:
        evidence = list(read(file).evidence)
    write_table(evidence_frame(evidence, profile=options.profile), EVIDENCE, options.out)
    made = described[0] if described else None
    for name, table, path in (
        ("composition", COMPOSITION, options.composition_out),
        ("signatures", SIGNATURES, options.signatures_out),
        ("quality", CELL_QUALITY, options.quality_out),
        ("targets", TARGETS, options.targets_out),
        ("arms", CELL_ARMS, options.arms_out),
    ):
        if path:
            write_table(getattr(made, name) if made else conform(empty(table), table), table, path)
    if options.cells_out:
        write_cells(made, options.cells_out)
    if made:
        cli.log.info("%d cells, %d rows of evidence", made.cells.n_obs, len(evidence))


def describe(options: argparse.Namespace):
    from mmrisk.microenvironment.composition import parse_sort
    from mmrisk.microenvironment.describe import Sample, Settings, contigs_of, describe_cells
    from mmrisk.microenvironment.quality import Limits
    from mmrisk.microenvironment.reading import read_counts
    from mmrisk.microenvironment.signatures import read_signatures

    signatures, sort, contigs = (
        read_signatures(options.signatures),
        parse_sort(options.sort),
        contigs_of(options.contigs),
    )
    column, _, word = (options.sample_column or "").partition("=")
    counts = read_counts(options.counts, sample_column=column or None, sample=word or options.sample_id)
    for note in counts.notes:
        cli.log.info(note)
    limits = Limits(n_mads=options.n_mads, min_genes=options.min_genes, max_mitochondrial=options.max_mitochondrial)
    return describe_cells(
        counts,
        Sample(
            sample_id=options.sample_id,
            assay_id=options.assay_id,
            sort=sort,
            cell_selection=options.cell_selection or "",
        ),
        signatures,
        settings=Settings(limits=limits, scrublet=not options.no_scrublet, seed=options.seed),
        contigs=contigs,
    )


def notes_of(description) -> tuple[str, ...]:
    """Reservations of a description, for the status."""
    from mmrisk.tables import split

    return tuple(note for cell in description.quality["warnings"] for note in split(cell))


def empty(table):
    import pandas as pd

    return pd.DataFrame(columns=table.names, dtype=object)


def write_cells(description, path: Path) -> None:
    """Write the cells whole or not at all; a file that could not be described makes one without cells."""
    import anndata

    cells = description.cells if description else anndata.AnnData()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    cells.write_h5ad(partial, compression="lzf")
    partial.replace(path)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
