"""BEDPE: one junction a line, with or without a header."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mmrisk.file_lines import damaged
from mmrisk.genome import parse_chrom
from mmrisk.translocations.junctions import Breakend, Junction, VariantFile, junction_of
from mmrisk.variant_places import check_place

STANDARD = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2")
SAME_COLUMN = {
    "chrom_a": "chrom1",
    "start_a": "start1",
    "end_a": "end1",
    "chrom_b": "chrom2",
    "start_b": "start2",
    "end_b": "end2",
    "chr1": "chrom1",
    "chr2": "chrom2",
    "strand_a": "strand1",
    "strand_b": "strand2",
    "filters": "filter",
    "pe_support": "fragments",
    "support": "fragments",
    "su": "fragments",
    "vf": "fragments",
    "n_fragments": "fragments",
    "reads": "fragments",
    "svmethod": "caller",
    "callers": "caller",
}
"""Names that tools give to the same columns (svtools, PCAWG consensus calls and others)."""


def read_bedpe(file: str, build: str, first: str, number: int, lines: Iterator[tuple[int, str]]) -> VariantFile:
    """Junctions of a BEDPE file, given its first line that is not blank. Raises `InputError`."""
    columns: Sequence[str] = STANDARD
    junctions: list[Junction] = []
    single = 0
    line = first
    while line is not None:
        names = [SAME_COLUMN.get(name, name) for name in line.lstrip("#").lower().split("\t")]
        if set(STANDARD[:6]) <= set(names):
            columns = names
        elif line.strip() and not line.startswith(("#", "track", "browser")):
            cells = dict(zip(columns, line.split("\t"), strict=False))
            junction = _junction(file, number, cells, build)
            if junction is None:
                single += 1
            else:
                junctions.append(junction)
        number, line = next(lines, (number, None))  # type: ignore[assignment]
    notes = (f"{file}: {single} lines without two known breakends passed over",) if single else ()
    return VariantFile(tuple(junctions), "bedpe", notes=notes)


def _junction(file: str, number: int, cells: Mapping[str, str], build: str) -> Junction | None:
    if len(cells) < 6:
        raise damaged(file, number, "is neither VCF nor BEDPE: fewer than 6 tab-separated columns")
    ends = []
    for side in "12":
        chrom = parse_chrom(cells[f"chrom{side}"])
        start, end = cells[f"start{side}"], cells[f"end{side}"]
        if chrom is None or start in (".", "-1"):
            return None
        if not re.fullmatch(r"\d{1,10}", start) or not re.fullmatch(r"\d{1,10}", end):
            raise damaged(file, number, f"is neither VCF nor BEDPE: {start[:20]!r} is no position")
        position = (int(start) + max(int(start), int(end) - 1)) // 2
        check_place(file, number, chrom, position, build)
        strand = cells.get(f"strand{side}", "")
        ends.append(Breakend(chrom, position, strand if strand in ("+", "-") else ""))
    fragments = cells.get("fragments", "")
    filters = tuple(name for name in re.split(r"[;,]", cells.get("filter", "")) if name not in ("PASS", ""))
    return junction_of(
        *ends,
        caller=cells.get("caller", "") or "bedpe",
        fragments=int(fragments) if fragments.isascii() and fragments.isdigit() else None,
        filters=filters,
    )
