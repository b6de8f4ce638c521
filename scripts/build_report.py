"""The offline report: a first page for the cohort and a page for each sample."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmrisk import cli
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles

if TYPE_CHECKING:
    import pandas as pd

    from mmrisk.contracts import Table

FILES = {
    "segments": ("copy-number segments", "SEGMENTS"),
    "purity": ("purity and ploidy", "PURITY"),
    "arms": ("copies of chromosome arms from reads", "ARMS"),
    "breakpoints": ("junctions", "BREAKPOINTS"),
    "breakpoint-reads": ("reads of junctions", "BREAKPOINT_READS"),
    "ig-rearrangements": ("rearrangements inside IGH", "IG_REARRANGEMENTS"),
    "spikes": ("expression of the targets of translocations", "SPIKES"),
    "expression-groups": ("groups by expression", "EXPRESSION_GROUPS"),
    "arm-dosage": ("expression along chromosome arms", "ARM_DOSAGE"),
    "composition": ("shares of cells", "COMPOSITION"),
    "signatures": ("signatures by cell type", "SIGNATURES"),
    "targets": ("therapy targets", "TARGETS"),
    "cell-quality": ("quality of single cells", "CELL_QUALITY"),
    "associations": ("tests of the marrow against events and labels", "ASSOCIATIONS"),
    "sensitivity": ("tests with one site or batch left out", "SENSITIVITY"),
    "trends": ("tests along the steps of the disease", "TRENDS"),
    "survival": ("Cox models", "SURVIVAL"),
    "kaplan-meier": ("survival curves", "KAPLAN_MEIER"),
    "cell-places": ("places of cells in the picture of all samples", "CELL_PLACES"),
    "cell-arms": ("chromosome arms from single cells", "CELL_ARMS"),
    "identity": ("whether assays are of one patient", "IDENTITY"),
}
"""Tables that a cohort may have, each in one file or many: flag, what they hold, contract."""

MOST_LINKS = 12
"""More tables of one kind are not linked to one by one."""


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="samples sheet")
    parser.add_argument("--assays", type=Path, help="assays sheet, to name the data files")
    parser.add_argument("--clinical", type=Path, help="clinical sheet")
    parser.add_argument("--evidence", type=Path, nargs="*", default=[], help="evidence tables")
    parser.add_argument("--events", type=Path, required=True, help="events table")
    parser.add_argument("--conflicts", type=Path, required=True, help="conflicts table")
    parser.add_argument("--risk", type=Path, required=True, help="risk table")
    parser.add_argument("--to-order", type=Path, required=True, help="table of tests to order")
    parser.add_argument("--status", type=Path, required=True, help="status of all inputs")
    parser.add_argument("--label-changes", type=Path, help="what became of each label from sample to sample")
    parser.add_argument("--trajectory", type=Path, help="laboratory values that move towards progression")
    parser.add_argument("--parsed", type=Path, help="how each laboratory string was read")
    for name, (about, _) in FILES.items():
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=about)
    parser.add_argument("--bins", type=Path, nargs="*", default=[], help="bins along the genome, a file per data file")
    parser.add_argument("--tables", type=Path, nargs="*", default=[], help="other tables to link to")
    parser.add_argument("--profile", default=DEFAULT_PROFILE, choices=cutoff_profiles(), help="cut-off profile")
    parser.add_argument("--out", type=Path, required=True, help="first page")
    parser.add_argument("--pages", type=Path, required=True, help="folder for the pages of the samples")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk import contracts
    from mmrisk.assay_sheet import ASSAYS
    from mmrisk.clinical import read_clinical
    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.contracts import CONFLICTS, EVENTS, EVIDENCE, PARSED, RISK, STATUS, TO_ORDER
    from mmrisk.report.material import gather
    from mmrisk.report.pages import relative_link, write_report
    from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY
    from mmrisk.risk.systems import SYSTEMS
    from mmrisk.tables import read_table

    frames = {EVIDENCE.name: read_all(options.evidence, EVIDENCE)} if options.evidence else {}
    more = {getattr(contracts, name): getattr(options, flag.replace("-", "_")) for flag, (_, name) in FILES.items()}
    frames |= {table.name: read_all(paths, table) for table, paths in more.items() if paths}
    own = [options.events, options.conflicts, options.risk, options.to_order, options.status]
    for path, table in zip(own, (EVENTS, CONFLICTS, RISK, TO_ORDER, STATUS), strict=True):
        frames[table.name] = read_table(path, table)
    beside = {PARSED: options.parsed, LABEL_CHANGES: options.label_changes, TRAJECTORY: options.trajectory}
    frames |= {table.name: read_table(path, table) for table, path in beside.items() if path}
    single = [*options.tables, *own, *filter(None, beside.values())]
    material = gather(
        read_records(options.samples, SAMPLES),
        frames,
        clinical=read_clinical(options.clinical) if options.clinical else None,
        assays=read_records(options.assays, ASSAYS) if options.assays else (),
        profile=options.profile,
        links=[relative_link(path, options.out) for path in single]
        + [link for paths in (options.evidence, *more.values(), options.bins) for link in links(paths, options.out)],
        bins=bins_reader(options.bins),
    )
    write_report(material, SYSTEMS, index=options.out, pages=options.pages)
    cli.log.info("%d pages in %s", len(material.samples) + 1, options.out.parent)


def read_all(paths: Sequence[Path], table: "Table") -> "pd.DataFrame":
    """Files of one table as one. The contract is checked once for all, and file by file where it is broken."""
    import pandas as pd

    from mmrisk.errors import InputError
    from mmrisk.tables import check, conform, read_table, read_text_table

    if len(paths) <= MOST_LINKS or not all(path.is_file() for path in paths):
        return conform(pd.concat([read_table(path, table) for path in paths]), table)
    frame = conform(pd.concat([read_text_table(path, table) for path in paths]), table)
    try:
        check(frame, table, file=f"{table.name} of {len(paths)} files")
    except InputError:
        for path in paths:
            read_table(path, table)
        raise
    return frame


def links(paths: Sequence[Path], page: Path) -> list[str]:
    """Links to tables; many files of one kind are a link to each of their folders."""
    from mmrisk.report.pages import relative_link

    if len(paths) <= MOST_LINKS:
        return [relative_link(path, page) for path in paths]
    return [f"{relative_link(folder, page)}/" for folder in dict.fromkeys(path.parent for path in paths)]


def bins_reader(paths: Sequence[Path]) -> Callable[[str, str], "pd.DataFrame | None"]:
    """Reader of the bins of one sample and assay, whose file is named `sample.assay.tsv`; Parquet where it is there."""
    from mmrisk.contracts import BINS
    from mmrisk.tables import parquet_twin, read_table

    by_name = {path.stem: path for path in paths}

    def bins(sample_id: str, assay_id: str) -> "pd.DataFrame | None":
        path = by_name.get(f"{sample_id}.{assay_id}")
        if path is None:
            return None
        twin = parquet_twin(path)
        return read_table(twin if twin.is_file() else path, BINS, columns=["chrom", "start", "end", "copies"])

    return bins


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
