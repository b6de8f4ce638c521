"""Structural variants of one sample: VCF, BCF and BEDPE of any usual caller as junctions of two breakends."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import damaged, file_lines
from mmrisk.genome import parse_chrom
from mmrisk.translocations.bedpe import read_bedpe
from mmrisk.translocations.fragments import Fragments, count_fragments
from mmrisk.translocations.junctions import Breakend, Junction, VariantFile, junction_of
from mmrisk.variant_places import CONTIG, check_build, check_place, choose_tumour

BRACKETS = re.compile(r"([A-Za-z.*]*)([\[\]])([^\[\]]+):(\d{1,10})[\[\]]([A-Za-z.*]*)")
CONNECTION = {"3to5": "+-", "5to3": "-+", "3to3": "++", "5to5": "--"}
"""DELLY's CT: which ends are joined, as strands of the two breakends."""
STRANDS_OF_TYPE = {"DEL": "+-", "DUP": "-+", "INV": "++"}
CALLER_WORDS = (
    ("generatesvcandidates", "manta"),
    ("delly", "delly"),
    ("gridss", "gridss"),
    ("svaba", "svaba"),
    ("lumpy", "lumpy"),
    ("manta", "manta"),
)
NORMAL_FRAGMENTS = 2
"""More fragments than this in the matched normal make a junction suspect (as IgCaller has it)."""
IN_NORMAL = "in_normal"


def read_variant_file(
    path: Path,
    *,
    build: str,
    sample_id: str | None = None,
    variant_sample: str | None = None,
    others: Collection[str] = (),
) -> VariantFile:
    """Read the junctions of one sample; mates are one junction, single breakends are passed over.

    In a file of several samples the tumour is `variant_sample`, or `sample_id`, or the one called tumour; in a pair the
    other is the normal. A column of one of the cohort's `others` is not taken for another sample. Raises `InputError`
    for what is no such file, is damaged, or belongs to another build.
    """
    with closing(file_lines(path)) as lines:
        numbered = enumerate(lines, 1)
        number, first = next(((n, line) for n, line in numbered if line.strip()), (0, ""))
        if not first:
            raise InputError(Problem(file=path.name, message="is empty", remedy="give the file that the caller wrote"))
        if first.startswith(("##fileformat=VCF", "#CHROM\tPOS")):
            return _VcfReader(path.name, build, sample_id, variant_sample, others).read(number, first, numbered)
        return read_bedpe(path.name, build, first, number, numbered)


@dataclass(slots=True)
class _VcfReader:
    """Reads one VCF: the header, then record by record."""

    file: str
    build: str
    sample_id: str | None
    variant_sample: str | None
    others: Collection[str] = ()
    caller: str = "vcf"
    taken_for: str | None = None
    tumour: int | None = None
    normal: int | None = None
    lengths: dict[str, int] = field(default_factory=dict)
    contigs: set[str] = field(default_factory=set)
    found: dict[tuple[Breakend, Breakend], Junction] = field(default_factory=dict)
    mates: set[str] = field(default_factory=set)
    single_breakends: int = 0

    def read(self, number: int, first: str, lines: Iterator[tuple[int, str]]) -> VariantFile:
        number = self._read_header(number, first, lines)
        check_build(self.file, self.build, self.lengths)
        for number, line in lines:
            if line:
                self._read_record(number, line)
        notes = [f"{self.file}: {self.single_breakends} single breakends passed over"] if self.single_breakends else []
        notes += [self.taken_for] if self.taken_for else []
        return VariantFile(tuple(self.found.values()), self.caller, frozenset(self.contigs), tuple(notes))

    def _read_header(self, number: int, line: str, lines: Iterator[tuple[int, str]]) -> int:
        while line.startswith("##"):
            if match := CONTIG.match(line):
                if chrom := parse_chrom(match[1]):
                    self.contigs.add(chrom)
                    if match[2]:
                        self.lengths[chrom] = int(match[2])
            elif self.caller == "vcf" and not line.startswith("##reference"):
                self.caller = _caller_in(line) or "vcf"
            number, line = next(lines, (number, ""))
        if not line.startswith("#CHROM"):
            raise damaged(self.file, number, "is not a VCF: the #CHROM line is missing")
        self._choose_columns(line.split("\t")[9:], number)
        return number

    def _choose_columns(self, samples: Sequence[str], number: int) -> None:
        if not samples:
            return
        self.tumour, self.taken_for = choose_tumour(
            self.file,
            number,
            samples,
            variant_sample=self.variant_sample,
            sample_id=self.sample_id,
            others=self.others,
        )
        if len(samples) == 2:
            self.normal = 1 - self.tumour

    def _read_record(self, number: int, line: str) -> None:
        cells = line.split("\t")
        if len(cells) < 8:
            raise damaged(self.file, number, f"has {len(cells)} columns where a VCF has at least 8")
        chrom = parse_chrom(cells[0])
        if chrom is None:
            return
        if not re.fullmatch(r"\d{1,10}", cells[1]):
            raise damaged(self.file, number, f"has no position ({cells[1][:20]!r})")
        info = dict(_pair(item) for item in cells[7].split(";"))
        if self.caller == "vcf":
            self.caller = _caller_in(f"{info.get('SVMETHOD', '')} {'svaba' if 'EVDNC' in info else ''}") or "vcf"
        if info.get("MATEID") in self.mates:
            return
        for alternative in cells[4].split(","):
            ends = self._ends(chrom, int(cells[1]), alternative, info)
            if ends is not None:
                self._keep(number, ends, cells, info)

    def _ends(
        self, chrom: str, position: int, alternative: str, info: dict[str, str]
    ) -> tuple[Breakend, Breakend] | None:
        """Both breakends of a record; None for what is no junction of two known chromosomes."""
        if match := BRACKETS.fullmatch(alternative):
            left, bracket, mate, place, _right = match.groups()
            mate_chrom = parse_chrom(mate)
            if mate_chrom is None:
                return None
            strands = ("+" if left else "-") + ("-" if bracket == "[" else "+")
            return Breakend(chrom, position - 1, strands[0]), Breakend(mate_chrom, int(place) - 1, strands[1])
        if alternative.startswith(".") or alternative.endswith("."):
            self.single_breakends += len(alternative) > 1
            return None
        return _symbolic_ends(chrom, position, alternative, info)

    def _keep(self, number: int, ends: tuple[Breakend, Breakend], cells: Sequence[str], info: dict[str, str]) -> None:
        for end in ends:
            check_place(self.file, number, end.chrom, end.position, self.build)
        tumour, normal = self._fragments(cells, info)
        filters = tuple(name for name in cells[6].split(";") if name not in ("PASS", ""))
        if normal.alternative is not None and normal.alternative > NORMAL_FRAGMENTS:
            filters = (*filters, IN_NORMAL)
        junction = junction_of(
            *ends, caller=self.caller, fragments=tumour.alternative, reference=tumour.reference, filters=filters
        )
        if cells[2] not in (".", ""):
            self.mates.add(cells[2])
        self.found.setdefault((junction.first, junction.second), junction)

    def _fragments(self, cells: Sequence[str], info: dict[str, str]) -> tuple[Fragments, Fragments]:
        names = cells[8].split(":") if len(cells) > 8 else []

        def of(column: int | None) -> dict[str, str]:
            if column is None or len(cells) <= 9 + column:
                return {}
            return dict(zip(names, cells[9 + column].split(":"), strict=False))

        normal = count_fragments(of(self.normal), {}) if self.normal is not None else Fragments()
        return count_fragments(of(self.tumour), info), normal


def _pair(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name, value


def _caller_in(text: str) -> str | None:
    lower = text.lower()
    return next((caller for word, caller in CALLER_WORDS if word in lower), None)


def _symbolic_ends(
    chrom: str, position: int, alternative: str, info: dict[str, str]
) -> tuple[Breakend, Breakend] | None:
    """Breakends of `<DEL>`, `<DUP>`, `<INV>`, and of the translocations that DELLY writes as `<BND>` or `<TRA>`."""
    kind = info.get("SVTYPE") or alternative.strip("<>").split(":")[0]
    mate_chrom = parse_chrom(info["CHR2"]) if "CHR2" in info else chrom
    place = info.get("POS2") if mate_chrom != chrom and "POS2" in info else info.get("END", "")
    if not alternative.startswith("<") or mate_chrom is None or not re.fullmatch(r"\d{1,10}", place or ""):
        return None
    strands = CONNECTION.get(info.get("CT", "")) or STRANDS_OF_TYPE.get(kind)
    if kind == "INV" and "INV5" in info:
        strands = "--"
    if strands is None and kind not in ("BND", "TRA"):
        return None
    strands = strands or "  "
    return (
        Breakend(chrom, position - 1, strands[0].strip()),
        Breakend(mate_chrom, int(place or 0) - 1, strands[1].strip()),
    )
