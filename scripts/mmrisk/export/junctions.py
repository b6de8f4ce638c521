"""Junctions as BEDPE and VCF, from the breakpoints table (0-based positions)."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from mmrisk import __version__
from mmrisk.export.text import one_line, tsv
from mmrisk.genome import CHROMOSOMES, chrom_lengths

BEDPE_COLUMNS = ("#chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2")
BEDPE_EXTRA = ("sample_id", "event", "build", "donor", "partner", "callers", "filters")


def bedpe(breakpoints: pd.DataFrame) -> str:
    """BEDPE: donor side first; `score` is the number of fragments; `+` where the sequence on the left is kept."""
    rows = (
        {
            "#chrom1": row["donor_chrom"],
            "start1": row["donor_position"],
            "end1": row["donor_position"] + 1,
            "chrom2": row["partner_chrom"],
            "start2": row["partner_position"],
            "end2": row["partner_position"] + 1,
            "name": f"{row['sample_id']}|{row['event']}",
            "score": row["support"],
            "strand1": row["donor_strand"],
            "strand2": row["partner_strand"],
        }
        | {name: row[name] for name in BEDPE_EXTRA}
        for row in _rows(breakpoints)
    )
    return tsv((*BEDPE_COLUMNS, *BEDPE_EXTRA), rows, missing=".")


def vcf(breakpoints: pd.DataFrame, build: str) -> str:
    """VCF 4.3 of the junctions of one build: two breakends each, a column per sample.

    Junctions without strands are left out, for a breakend must say how its sides are joined; the reference base is N,
    for the table knows none.
    """
    own = [row for row in _rows(breakpoints) if row["build"] == build and row["donor_strand"] and row["partner_strand"]]
    samples = sorted({row["sample_id"] for row in own})
    lines = [
        *_header(build),
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]),
    ]
    records = [record for number, row in enumerate(own, 1) for record in _breakends(row, number, samples)]
    order = {chrom: place for place, chrom in enumerate(CHROMOSOMES)}
    records.sort(key=lambda record: (order[record[0]], int(record[1]), record[2]))
    return "\n".join([*lines, *("\t".join(record) for record in records)]) + "\n"


def _header(build: str) -> Iterator[str]:
    yield "##fileformat=VCFv4.3"
    yield f"##source=mmrisk {__version__}"
    yield f"##reference={build}"
    yield from (f"##contig=<ID={chrom},length={chrom_lengths(build)[chrom]}>" for chrom in CHROMOSOMES)
    yield '##FILTER=<ID=caller,Description="The caller set a filter">'
    yield '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of variant">'
    yield '##INFO=<ID=MATEID,Number=1,Type=String,Description="The other breakend">'
    yield '##INFO=<ID=EVENT,Number=1,Type=String,Description="Event of the catalogue">'
    yield '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
    yield '##FORMAT=<ID=DV,Number=1,Type=Integer,Description="Fragments that support the junction">'


def _breakends(row: dict[str, Any], number: int, samples: list[str]) -> Iterator[list[str]]:
    sides = [
        (row[f"{side}_chrom"], int(row[f"{side}_position"]) + 1, row[f"{side}_strand"]) for side in ("donor", "partner")
    ]
    for side, (own, mate) in enumerate((sides, sides[::-1]), 1):
        genotype = f"0/1:{'.' if row['support'] is None else int(row['support'])}"
        yield [
            own[0],
            str(own[1]),
            f"j{number}_{side}",
            "N",
            breakend_alt(own[2], mate[0], mate[1], mate[2]),
            ".",
            "caller" if row["filters"] else "PASS",
            f"SVTYPE=BND;MATEID=j{number}_{3 - side};EVENT={row['event']}",
            "GT:DV",
            *(genotype if sample == row["sample_id"] else "./.:." for sample in samples),
        ]


def breakend_alt(strand: str, mate_chrom: str, mate_position: int, mate_strand: str) -> str:
    """ALT of a breakend (VCF 4.3, section 5.4): `+` where the sequence on the left of a side is kept."""
    bracket = "]" if mate_strand == "+" else "["
    place = f"{bracket}{mate_chrom}:{mate_position}{bracket}"
    return f"N{place}" if strand == "+" else f"{place}N"


def _rows(breakpoints: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows with None for missing values and text that cannot break a line."""
    for row in breakpoints.astype(object).where(breakpoints.notna(), None).to_dict("records"):
        yield {str(name): one_line(value) if isinstance(value, str) else value for name, value in row.items()}
