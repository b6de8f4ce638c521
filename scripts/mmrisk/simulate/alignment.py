"""Align simulated fragments with bwa to a compact reference, and write them at their coordinates in the genome."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pysam

from mmrisk.genome import chrom_lengths
from mmrisk.simulate.translocations import ReadPair, Reference, fastq


def write_compact_fasta(reference: Reference, path: Path, *, extra: Mapping[str, str] | None = None) -> None:
    """A FASTA of all pieces, each called `chrom:start`, and of `extra` contigs; indexed for bwa."""
    with path.open("w") as handle:
        for span, bases in sorted(reference.pieces.items()):
            handle.write(f">{span.chrom}:{span.start}\n{bases}\n")
        for name, bases in sorted((extra or {}).items()):
            handle.write(f">{name}\n{bases}\n")
    subprocess.run(["bwa", "index", str(path)], check=True, capture_output=True)  # noqa: S607


def genome_header(build: str, *, extra: Mapping[str, int] | None = None, prefix: str = "chr") -> dict:
    """SAM header of a whole genome."""
    lengths = {f"{prefix}{chrom}": length for chrom, length in chrom_lengths(build).items()} | dict(extra or {})
    return {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": name, "LN": length} for name, length in lengths.items()],
        "RG": [{"ID": "simulated", "SM": "simulated"}],
    }


def align(
    pairs: Iterable[ReadPair], fasta: Path, bam: Path, *, build: str, extra: Mapping[str, str] | None = None
) -> None:
    """Align with bwa mem, move every record to its place in the genome, sort and index. Raises on failure of a tool."""
    done = subprocess.run(
        ["bwa", "mem", "-p", "-v", "1", str(fasta), "-"],  # noqa: S607
        input=fastq(pairs),
        capture_output=True,
        text=True,
        check=True,
    )
    header = genome_header(build, extra={name: len(bases) for name, bases in (extra or {}).items()})
    text = "".join(_moved(line) + "\n" for line in done.stdout.splitlines() if not line.startswith("@"))
    write_sorted(text, header, bam)


def write_sorted(records: str, header: dict, bam: Path) -> None:
    """SAM lines as a sorted and indexed BAM; the same lines give the same bytes."""
    head = pysam.AlignmentHeader.from_dict(header)
    rows = [pysam.AlignedSegment.fromstring(line, head) for line in records.splitlines()]
    rows.sort(key=_order)
    with pysam.AlignmentFile(str(bam), "wb", header=head) as handle:
        for row in rows:
            handle.write(row)
    pysam.index(str(bam))


def _order(row: pysam.AlignedSegment) -> tuple[int, int, str, int]:
    """Sorted by coordinate, unmapped reads last, ties by name."""
    number = row.reference_id if row.reference_id >= 0 else 1 << 30
    return number, row.reference_start, row.query_name or "", row.flag


def _moved(line: str) -> str:
    cells = line.split("\t")
    cells[2], cells[3] = _place(cells[2], cells[3])
    if cells[6] == "=":
        cells[6], cells[7] = cells[2], _place(line.split("\t")[2], cells[7])[1]
    else:
        cells[6], cells[7] = _place(cells[6], cells[7])
    for index in range(11, len(cells)):
        if cells[index].startswith(("SA:Z:", "XA:Z:")):
            tag, kind, value = cells[index].split(":", 2)
            cells[index] = f"{tag}:{kind}:{_moved_places(value)}"
    return "\t".join(cells)


def _place(contig: str, position: str) -> tuple[str, str]:
    chrom, found, start = contig.partition(":")
    return (f"chr{chrom}", str(int(position) + int(start))) if found else (contig, position)


def _moved_places(value: str) -> str:
    moved = []
    for item in filter(None, value.split(";")):
        contig, place, rest = item.split(",", 2)
        sign = place[0] if place[0] in "+-" else ""
        contig, place = _place(contig, place.lstrip("+-"))
        moved.append(f"{contig},{sign}{place},{rest}")
    return ";".join(moved) + ";"
