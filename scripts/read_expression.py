"""Bulk expression and RNA fusions to evidence on translocations (tier inferred), for one sample or a cohort."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmrisk import cli
from mmrisk.contracts import SELECTIONS
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--expression", type=Path, metavar="FILE", help="matrix of genes and samples, either way round")
    what.add_argument(
        "--fusions", type=Path, metavar="FILE", help="fusion transcripts of one sample: Arriba, STAR-Fusion"
    )
    what.add_argument("--assays", type=Path, help="assays sheet: reads its rows of one kind")
    parser.add_argument(
        "--kind", choices=("expression", "rna_fusions"), default="expression", help="rows of the assays sheet to read"
    )
    parser.add_argument(
        "--unit", help="unit of the values: tpm, fpkm, counts, array_signal, log2_tpm, log2_fpkm, log2_array_signal"
    )
    parser.add_argument("--sample-id", default="*", help="sample of the file, or the one to pick; * reads all")
    parser.add_argument("--assay-id", help="name of the data file; by default made from its file name")
    parser.add_argument("--build", help="genome build of the breakpoints of fusions, to be written beside them")
    parser.add_argument("--cell-selection", choices=SELECTIONS, help="selection of plasma cells")
    parser.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="evidence table")
    parser.add_argument("--spikes-out", type=Path, help="table of expression and probability of each translocation")
    parser.add_argument("--groups-out", type=Path, help="table of TC-like and UAMS-like groups and purity")
    parser.add_argument("--dosage-out", type=Path, help="table of expression along chromosome arms")
    parser.add_argument("--status", type=Path, help="what happened to each file of the assays sheet")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.contracts import ARM_DOSAGE, EXPRESSION_GROUPS, SPIKES
    from mmrisk.evidence_files import read_files, write_evidence
    from mmrisk.expression.fusions import read_fusion_evidence
    from mmrisk.expression.spike_evidence import DOSAGE, GROUPS, read_expression_evidence
    from mmrisk.tables import write_table

    fusions = options.fusions is not None or (options.assays is not None and options.kind == "rna_fusions")
    read = read_fusion_evidence if fusions else read_expression_evidence
    found = read_files(options, kind=options.kind, read=read, files=assay_files)
    write_evidence(found, options)
    for path, table, name in (
        (options.spikes_out, SPIKES, None),
        (options.groups_out, EXPRESSION_GROUPS, GROUPS),
        (options.dosage_out, ARM_DOSAGE, DOSAGE),
    ):
        if path:
            made_by = {"mmrisk_profile": options.profile}
            write_table(found.table(table.names, name), table, path, made_by=made_by)


def assay_files(options: argparse.Namespace) -> list[Any]:
    """The file that the flags name."""
    from mmrisk.assays import AssayFile, default_assay_id
    from mmrisk.genome import parse_build

    path = options.expression or options.fusions
    return [
        AssayFile(
            sample_id=options.sample_id,
            assay_id=options.assay_id or default_assay_id(path),
            source="expression" if options.expression else "rna_fusion",
            file=path,
            build=parse_build(options.build or "") or "",
            unit=options.unit or "",
            cell_selection=options.cell_selection or "",
        )
    ]


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
