"""Array, shallow sequencing and optical mapping strings: `arr[GRCh38] 1q21.1q44(145,304,539_249,211,096)x3,(13)x1`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from mmrisk.cytogenetics.bands import band_span, chromosome_end
from mmrisk.cytogenetics.karyotype import Change
from mmrisk.cytogenetics.karyotype_lexer import ReadFailure, chromosome_name, read_bands, read_chroms
from mmrisk.cytogenetics.reading import Unread
from mmrisk.cytogenetics.repairs import MAX_LENGTH, Text, tidy
from mmrisk.genome import parse_build

MAX_REGIONS = 500
_HEAD = re.compile(
    r"[.,;:]*(arr|sseq|seq|ogm)(cgh|snp|wgs|ngs)?(?:[\[(](grch\d\d|hg\d\d|ncbi\d\d|t2t[\w-]*|chm13\w*)[\])])?"
)
_PLOIDY = re.compile(r"<(\d)n?[+-]?>")
_PLACE = re.compile(r"(\d{1,2}|[xy])(?:([pq][\d.]*(?:ter)?)([pq][\d.]*(?:ter)?)?)?")
_SPAN = re.compile(r"(\d[\d,]*)(?:[_-]\d[\d,]*)*[_-](\d[\d,]*)")
_CHROMS = re.compile(r"(?:\d{1,2}|[xy]{1,2})(?:[-~](?:\d{1,2}|[xy]))?")
_COPIES = re.compile(r"x?(?:(\d{1,3})(?:[~-](\d{1,3}))?|(amp)|(c(?:x|th)))")
_NOTE = re.compile(r"(hmz|htz|loh|mos|amp)|\[(\d*\.?\d+)(%)?\]|(dmat|dpat|dinh|dn|mat|pat|inh|c)(?![a-z])")
_TRANSLOCATION = re.compile(r"t\(([^()]*)\)\(([^()]*)\)(?:\(([\d,;_~]*)\))?")
_INBORN = frozenset({"dmat", "dpat", "dinh", "dn", "mat", "pat", "inh", "c"})


@dataclass(frozen=True, slots=True)
class Region:
    """One stretch of one chromosome with its copies, bp, 0-based half-open.

    `start` and `end` of None are the whole chromosome; with `by_bands` the string gave bands only. `high` above `low`
    is a mosaic or a range; None copies are an unknown or complex number, `amplified` an unknown high one.
    """

    chrom: str
    start: int | None
    end: int | None
    low: int | None
    high: int | None
    bands: str = ""
    by_bands: bool = False
    fraction: float | None = None
    homozygous: bool = False
    amplified: bool = False
    inborn: str = ""

    @property
    def whole(self) -> bool:
        """Whether the whole chromosome is meant."""
        return self.start is None

    def __str__(self) -> str:
        place = "" if self.whole else f"{self.chrom}{self.bands}"
        if not self.whole and not self.by_bands:
            place += f"({(self.start or 0) + 1}_{self.end})"
        copies = "amp" if self.amplified else "cx" if self.low is None else f"x{self.low}"
        if self.low is not None and self.high != self.low:
            copies += f"~{self.high}"
        text = place + copies + (" hmz" if self.homozygous else "") + (f" {self.inborn}" if self.inborn else "")
        return text + (f"[{self.fraction:g}]" if self.fraction is not None else "")


@dataclass(frozen=True, slots=True)
class Junction:
    """A translocation seen by optical mapping, by its bands."""

    change: Change
    fraction: float | None = None

    def __str__(self) -> str:
        return str(self.change) + (f"[{self.fraction:g}]" if self.fraction is not None else "")


@dataclass(frozen=True, slots=True)
class Array:
    """A parsed string. `technique` is arr, sseq, seq or ogm; `build` empty where none is given."""

    technique: str = "arr"
    build: str = ""
    ploidy: int = 2
    regions: tuple[Region, ...] = ()
    junctions: tuple[Junction, ...] = ()
    unread: tuple[Unread, ...] = ()
    repairs: tuple[str, ...] = ()
    platform: str = ""

    def __str__(self) -> str:
        head = self.technique + (f"[{self.build}]" if self.build else "")
        ploidy = f"<{self.ploidy}n> " if self.ploidy != 2 else ""
        return f"{head} {ploidy}" + ",".join((*map(str, self.junctions), *_regions_text(self.regions)))


def _regions_text(regions: tuple[Region, ...]) -> Iterator[str]:
    """Regions in normal form; whole chromosomes with the same copies share one list: `(1,3,5-9)x3`."""
    for (whole, text), group in groupby(regions, key=lambda region: (region.whole, str(region))):
        chroms = [region.chrom for region in group]
        if whole:
            yield f"({_chromosome_list(chroms)}){text}"
        else:
            yield from (text for _ in chroms)


def _chromosome_list(chroms: list[str]) -> str:
    runs: list[list[str]] = []
    for chrom in chroms:
        follows = runs and chrom.isdigit() and runs[-1][-1].isdigit() and int(chrom) == int(runs[-1][-1]) + 1
        if follows:
            runs[-1].append(chrom)
        else:
            runs.append([chrom])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(run) for run in runs)


def parse_array(raw: str) -> Array:
    """Parse an array string; never raises. What is no region stays unread."""
    if len(raw) > 4 * MAX_LENGTH:
        return Array(unread=(Unread(0, raw[:50], "too long"),))
    text = tidy(raw)
    head = _HEAD.match(text.value)
    if head is None:
        return Array(unread=(Unread(0, raw[:80], "is no array string"),) if raw.strip() else ())
    reader = _Reader(text, raw, head.end())
    build = parse_build(head[3]) if head[3] else ""
    if build is None:
        reader.leave(head.start(3), head.end(3), "is no build that is known")
    reader.read(build or "")
    return Array(
        head[1],
        build or "",
        reader.ploidy,
        tuple(reader.regions),
        tuple(reader.junctions),
        tuple(reader.unread),
        tuple(dict.fromkeys(text.repairs)),
        head[2] or "",
    )


class _Reader:
    """Walks once over the regions of a tidied string."""

    def __init__(self, text: Text, raw: str, at: int) -> None:
        self.text, self.raw, self.value, self.at = text, raw, text.value, at
        self.ploidy = 2
        self.regions: list[Region] = []
        self.junctions: list[Junction] = []
        self.unread: list[Unread] = []

    def leave(self, start: int, end: int, reason: str) -> None:
        """Report a piece as unread."""
        first, last = self.text.place(start), self.text.place(max(start, end - 1)) + 1
        self.unread.append(Unread(first, self.raw[first:last], reason))

    def read(self, build: str) -> None:
        """Read all items; a token that is no region is left unread up to the next comma outside parentheses."""
        while self.at < len(self.value):
            if self.value[self.at] in ",;./":
                self.at += 1
            elif match := _PLOIDY.match(self.value, self.at):
                self.ploidy, self.at = min(max(int(match[1]), 1), 8), match.end()
            else:
                start = self.at
                try:
                    self.item(build)
                    if self.at < len(self.value) and self.value[self.at] not in ",;./":
                        raise ReadFailure(f"{self.value[self.at]!r} is not expected here")
                    if len(self.regions) > MAX_REGIONS:
                        raise ReadFailure("too many regions")
                except ReadFailure as failure:
                    self.at = self.token_end(start)
                    self.leave(start, self.at, str(failure))

    def token_end(self, start: int) -> int:
        """The next comma outside parentheses that is not one of a number."""
        depth, at = 0, start
        while at < len(self.value):
            sign = self.value[at]
            if sign in ",;" and depth <= 0 and at > start:
                break
            depth += (sign == "(") - (sign == ")")
            at += 1
        return max(at, start + 1)

    def item(self, build: str) -> None:
        """One region, list of chromosomes or translocation with its copies and notes."""
        if match := _TRANSLOCATION.match(self.value, self.at):
            self.at = match.end()
            chroms, _, _, _ = read_chroms(match[1])
            groups, _ = read_bands(match[2], chroms)
            self.junctions.append(Junction(Change("t", chroms, groups), self.notes()[0]))
            return
        places = self.places(build or "GRCh38")
        copies = _COPIES.match(self.value, self.at)
        if copies is None:
            raise ReadFailure("a region without copies")
        self.at = copies.end()
        ends = sorted(int(number) for number in copies.groups()[:2] if number)
        low, high = (ends[0], ends[-1]) if ends else (None, None)
        fraction, words = self.notes()
        inborn = next(iter(sorted(words & _INBORN)), "")
        self.regions += [
            Region(
                chrom,
                start,
                end,
                low,
                high,
                bands,
                by_bands,
                fraction,
                bool(words & {"hmz", "loh"}),
                bool(copies[3]) or "amp" in words,
                inborn,
            )
            for chrom, start, end, bands, by_bands in places
        ]

    def notes(self) -> tuple[float | None, set[str]]:
        """Fraction of cells and words behind the copies."""
        fraction, words = None, set()
        while match := _NOTE.match(self.value, self.at):
            self.at = match.end()
            if match[2]:
                fraction = float(match[2]) / (100 if match[3] else 1)
                if not 0 <= fraction <= 1:
                    raise ReadFailure(f"{match[2]} is no share of cells")
            words.add(match[1] or match[4] or "")
        return fraction, words

    def places(self, build: str) -> list[tuple[str, int | None, int | None, str, bool]]:
        """Chromosome, start, end, bands and whether bands alone were given, of the place that starts here."""
        if self.value.startswith("(", self.at):
            return [(chrom, None, None, "", False) for chrom in self.chromosomes(self.parenthesis())]
        match = _PLACE.match(self.value, self.at)
        if match is None:
            raise ReadFailure("is no region")
        self.at = match.end()
        chrom, bands = chromosome_name(match[1]), (match[2] or "") + (match[3] or "")
        if self.value.startswith("(", self.at):
            span = _SPAN.fullmatch(self.parenthesis())
            if span is None:
                raise ReadFailure("no start and end in parentheses")
            start, end = (int(number.replace(",", "")) for number in span.groups())
            if not 0 < start <= end <= 2 * chromosome_end(chrom, build):
                raise ReadFailure("start and end are no stretch of the chromosome")
            return [(chrom, start - 1, min(end, chromosome_end(chrom, build)), bands, False)]
        if not bands:
            return [(chrom, None, None, "", False)]
        first, last = band_span(chrom, match[2], build), band_span(chrom, match[3] or match[2], build)
        if first is None or last is None:
            raise ReadFailure(f"{chrom}{bands} are no bands")
        return [(chrom, min(first.start, last.start), max(first.end, last.end), bands, True)]

    def parenthesis(self) -> str:
        """Content of the parenthesis at this place."""
        end = self.value.find(")", self.at)
        content = self.value[self.at + 1 : end]
        if end < 0 or "(" in content:
            raise ReadFailure("')' is missing")
        self.at = end + 1
        return content

    def chromosomes(self, content: str) -> list[str]:
        """Chromosomes of `1,3,5`, `X,1-22`, `XY`."""
        found: list[str] = []
        for item in re.split(r"[,;]", content):
            if not _CHROMS.fullmatch(item):
                raise ReadFailure(f"{item or 'nothing'!r} is no chromosome")
            first, _, last = item.replace("~", "-").partition("-")
            if last:
                one, two = chromosome_name(first), chromosome_name(last)
                if not (one.isdigit() and two.isdigit()):
                    raise ReadFailure(f"{item!r} is no range of chromosomes")
                found += map(str, range(int(one), int(two) + 1))
            elif first in ("xx", "xy", "yy"):
                found += sorted(set(first.upper()))
            else:
                found.append(chromosome_name(first))
        return found
