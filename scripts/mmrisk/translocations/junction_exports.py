"""Called junctions (contract BREAKPOINTS) as BEDPE and VCF."""

from collections.abc import Iterator, Mapping

import pandas as pd

from mmrisk import __version__
from mmrisk.genome import chrom_lengths

BEDPE_COLUMNS = (
    *("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2"),
    *("event", "partner", "donor", "fragments", "filter"),
)
OTHER_SIDE = {"+": "]", "-": "["}
"""Bracket of a VCF breakend by the strand of the other side: `]` where the sequence left of it is kept."""
HEADER = """##fileformat=VCFv4.3
##source=mmrisk {version}
{contigs}
##FILTER=<ID={{}},Description="does not count as an event; see the table of breakpoints">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of structural variant">
##INFO=<ID=MATEID,Number=1,Type=String,Description="ID of the other breakend">
##INFO=<ID=EVENT,Number=1,Type=String,Description="Event of the catalogue">
##INFO=<ID=GENE,Number=1,Type=String,Description="Partner gene or window">
##INFO=<ID=DONOR,Number=1,Type=String,Description="IG locus or other donor">
##INFO=<ID=HOMSEQ,Number=1,Type=String,Description="Bases that both sides share">
##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="Not known to the base">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=SU,Number=1,Type=Integer,Description="Distinct fragments">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}
"""


def to_bedpe(breakpoints: pd.DataFrame) -> str:
    """One junction a line with a header, the partner first; 0-based half-open."""
    lines = ["#" + "\t".join(BEDPE_COLUMNS)]
    for number, row in enumerate(_rows(breakpoints), 1):
        ends = [(row[f"{side}_chrom"], row[f"{side}_position"]) for side in ("partner", "donor")]
        support = row["support"] or 0
        cells = [
            *(cell for chrom, place in ends for cell in (chrom, place, place + 1)),
            f"{row['sample_id']}.{row['event']}.{number}",
            support,
            row["partner_strand"] or ".",
            row["donor_strand"] or ".",
            *(row["event"], row["partner"], row["donor"], support, row["filters"] or "PASS"),
        ]
        lines.append("\t".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def to_vcf(breakpoints: pd.DataFrame, *, sample_id: str, build: str, prefix: str = "chr") -> str:
    """Both breakends of each junction whose strands are known (VCF 4.3, 5.4), sorted; the reference base is N."""
    lengths = chrom_lengths(build)
    contigs = "\n".join(f"##contig=<ID={prefix}{name},length={length}>" for name, length in lengths.items())
    rows = [row for row in _rows(breakpoints) if row["sample_id"] == sample_id]
    filters = sorted({name for row in rows for name in (row["filters"] or "").split(";") if name})
    head = HEADER.format(version=__version__, contigs=contigs, sample=sample_id)
    text = []
    for line in head.splitlines():
        text += [line.format(name) for name in filters] if line.startswith("##FILTER") else [line]
    records = [
        record
        for number, row in enumerate(rows, 1)
        if row["partner_strand"] and row["donor_strand"]
        for record in _breakends(row, number, prefix)
    ]
    order = list(lengths)
    records.sort(key=lambda cells: (order.index(str(cells[0]).removeprefix(prefix)), cells[1], cells[2]))
    return "\n".join([*text, *("\t".join(map(str, cells)) for cells in records)]) + "\n"


def _breakends(row: Mapping, number: int, prefix: str) -> Iterator[list[object]]:
    name = f"{row['event']}.{number}"
    for index, (side, other) in enumerate((("partner", "donor"), ("donor", "partner"))):
        bracket = OTHER_SIDE[row[f"{other}_strand"]]
        inserted = row["inserted"] or ""
        mate = f"{bracket}{prefix}{row[f'{other}_chrom']}:{row[f'{other}_position'] + 1}{bracket}"
        alternative = (
            f"N{_towards(inserted, row, side)}{mate}"
            if row[f"{side}_strand"] == "+"
            else (f"{mate}{_towards(inserted, row, side)}N")
        )
        info = [
            "SVTYPE=BND",
            f"MATEID={name}.{2 - index}",
            f"EVENT={row['event']}",
            f"GENE={row['partner']}",
            f"DONOR={row['donor']}",
        ]
        if row["homology"]:
            info.append(f"HOMSEQ={row['homology']}")
        if not row["exact"]:
            info.append("IMPRECISE")
        yield [
            f"{prefix}{row[f'{side}_chrom']}",
            row[f"{side}_position"] + 1,
            f"{name}.{index + 1}",
            *("N", alternative, ".", row["filters"] or "PASS", ";".join(info), "GT:SU", f"0/1:{row['support'] or 0}"),
        ]


def _towards(inserted: str, row: Mapping, side: str) -> str:
    """Inserted bases on the forward strand of a side; the table has them read from the partner outwards."""
    from mmrisk.translocations.split_reads import reverse_complement

    forward = (row[f"{side}_strand"] == "+") == (side == "partner")
    return inserted if forward else reverse_complement(inserted)


def _rows(breakpoints: pd.DataFrame) -> list[dict]:
    frame = breakpoints.sort_values(["sample_id", "event", "partner_chrom", "partner_position"], kind="stable")
    frame = frame.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")
