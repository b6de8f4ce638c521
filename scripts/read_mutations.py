"""Mutations of TP53, drivers and therapy targets from VCF, BCF or MAF to evidence, for one sample or a cohort."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmrisk import cli, flags
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--variants", type=Path, metavar="FILE", help="VCF, BCF or MAF of one sample or many")
    what.add_argument("--assays", type=Path, help="assays sheet: reads its rows of kind mutations")
    parser.add_argument("--samples", type=Path, help="samples sheet: columns named after others are refused")
    parser.add_argument("--build", help="genome build of the coordinates (GRCh38 or GRCh37)")
    parser.add_argument("--sample-id", default="*", help="the specimen; * reads all samples of the file")
    parser.add_argument("--assay-id", help="name of the data file; by default made from its file name")
    parser.add_argument("--variant-sample", help="name of the tumour in the file, where it is not that of the specimen")
    parser.add_argument("--source", choices=("wgs", "wes", "panel"), help="kind of assay")
    parser.add_argument(
        "--coverage", type=Path, help="depth by region (mosdepth) or by gene: tells absent from not read"
    )
    parser.add_argument("--genes", nargs="*", default=[], help="genes of which a panel covers every coding exon")
    parser.add_argument("--min-depth", type=float, help="least depth that the laboratory guarantees for them")
    parser.add_argument(
        "--segments",
        type=Path,
        nargs="*",
        default=[],
        help="segments tables, for the copies of a gene behind its allele share",
    )
    parser.add_argument("--purities", type=Path, nargs="*", default=[], help="purity tables, where no purity is given")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--purity", type=flags.share, help="share of tumour cells")
    parser.add_argument("--chunk", type=flags.chunk, default=(0, 1), help="K/N: only samples of chunk K (from 0) of N")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--mutations-out", type=Path, help="table of the variants that count")
    parser.add_argument("--status", type=Path, help="what happened to each file of the assays sheet")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.contracts import MUTATIONS
    from mmrisk.evidence_files import read_files, write_evidence
    from mmrisk.tables import write_table

    found = read_files(options, kind="mutations", read=reader(options), files=assay_files)
    write_evidence(found, options)
    if options.mutations_out:
        write_table(found.table(MUTATIONS.names), MUTATIONS, options.mutations_out)


def reader(options: argparse.Namespace) -> Callable[[Any], Any]:
    """Reads one file, with the purity and copies of its samples where tables of them are given."""
    from functools import partial

    from mmrisk.contracts import PURITY, SEGMENTS
    from mmrisk.mutations.material import material_of
    from mmrisk.mutations.mutation_evidence import read_mutation_evidence

    material = material_of(read_all(options.segments, SEGMENTS), read_all(options.purities, PURITY))
    return partial(read_mutation_evidence, variant_sample=options.variant_sample, material=material)


def read_all(paths: Sequence[Path], table: Any) -> Any:
    """Rows of all tables of one contract; None without any."""
    import pandas as pd

    from mmrisk.tables import read_table

    tables = [frame for path in paths if len(frame := read_table(path, table))]
    return pd.concat(tables, ignore_index=True) if tables else None


def assay_files(options: argparse.Namespace) -> list[Any]:
    """The file that the flags name."""
    from mmrisk.assays import AssayFile, default_assay_id
    from mmrisk.errors import InputError, Problem
    from mmrisk.genome import parse_build

    build = parse_build(options.build or "")
    if missing := [flag for flag, value in {"--build": build, "--source": options.source}.items() if not value]:
        remedy = "give --build GRCh38 or GRCh37, and --source wgs, wes or panel"
        raise InputError(
            Problem(file="command line", column=", ".join(missing), message="is missing or unknown", remedy=remedy)
        )
    return [
        AssayFile(
            sample_id=options.sample_id,
            assay_id=options.assay_id or default_assay_id(options.variants),
            source=options.source,
            file=options.variants,
            build=build or "",
            purity=options.purity,
            cell_selection=options.cell_selection or "",
            coverage=options.coverage,
            genes=tuple(options.genes),
            min_depth=options.min_depth,
        )
    ]


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
