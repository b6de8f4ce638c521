"""Geometry of the genome figure: chromosomes side by side, fusions, events at their places, copies along the genome.

Lengths are units of a picture that is `WIDTH` wide; places in the genome are bp, 0-based half-open. One unit is about
3 Mb, more than builds differ by, so that events keep their GRCh38 places under segments of any build.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import pandas as pd

from mmrisk.events import State, catalogue
from mmrisk.gene_places import genes
from mmrisk.genome import ACROCENTRIC, AUTOSOMES, Interval, arms, chrom_lengths, loci
from mmrisk.report.headline import IMPLIED_BY, Row
from mmrisk.report.unknowns import is_rna_only, is_untold
from mmrisk.report.words import STATE_WORDS, event_name, percent

BUILD = "GRCh38"
CHROMOSOMES = (*AUTOSOMES, "X")
WIDTH, LEFT, RIGHT, GAP = 1000.0, 36.0, 6.0, 2.5
LETTER, LINE, MOST_LETTERS = 6.3, 14.0, 36
"""Width of a letter, height of a line of text, and letters of the longest label."""
ARC, LEGS, BAR, NAMES, PROBES = 52.0, 12.0, 11.0, 16.0, 12.0
"""Heights: room for arcs, from marks to chromosomes, chromosomes, their names, the row of probes."""
COPIES, ALLELES, APART = 150.0, 56.0, 22.0
"""Heights of the panels, and the room between them."""
LEAST_TOP, MOST_TOP = 4, 8
"""The scale of copies ends between these."""
CHANGED = 0.25
"""Copies off two from which a segment is coloured as gain or loss; height says the same without colour."""
NARROW = 1.2
"""Segments narrower than this are drawn without words of their own."""
SHOWN = (State.PRESENT, State.SUBTHRESHOLD, State.CONFLICT)
LEFT_OUT = ("attribute", "ploidy", "clone_note")


@dataclass(frozen=True, slots=True)
class Chromosome:
    """A chromosome: `x` and `width` of the whole, `p` the width of its short arm, empty on acrocentric ones."""

    name: str
    x: float
    width: float
    p: float
    is_odd: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Events at one place; `lane` counts lines of text from the chromosomes up, None for a mark without words.

    `width` is that of the words. `is_inferred` where RNA alone speaks of what is there.
    """

    x: float
    text_x: float
    state: str
    words: str
    lane: int | None
    width: float
    title: str
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class Arc:
    """A fusion from one place to another: up from the chromosome, over, and down."""

    path: str
    state: str
    title: str
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A segment: a level from `x` to `end`; `style` is gain, loss or level; `is_above` where the scale ends below."""

    x: float
    end: float
    y: float
    style: str
    title: str
    is_above: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of levels: grid as (y, words), segments, narrow segments as (style, path), points as a path."""

    title: str
    top: float
    height: float
    grid: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    narrow: tuple[tuple[str, str], ...]
    points: str


@dataclass(frozen=True, slots=True)
class GenomeFigure:
    """The whole figure; `y` of marks, chromosomes and probes, and the panels below."""

    height: float
    marks_y: float
    bar_y: float
    chromosomes: tuple[Chromosome, ...]
    arcs: tuple[Arc, ...]
    marks: tuple[Mark, ...]
    probes: tuple[tuple[float, str], ...]
    panels: tuple[Panel, ...]


@cache
def chromosomes() -> Mapping[str, Chromosome]:
    """Chromosomes at their places in the picture."""
    lengths, spans = chrom_lengths(BUILD), arms(BUILD)
    room = WIDTH - LEFT - RIGHT - GAP * (len(CHROMOSOMES) - 1)
    unit = room / sum(lengths[name] for name in CHROMOSOMES)
    found, x = {}, LEFT
    for number, name in enumerate(CHROMOSOMES):
        width = lengths[name] * unit
        p = 0.0 if name in ACROCENTRIC else (spans[f"{name}p"].end + spans[f"{name}q"].start) / 2 * unit
        found[name] = Chromosome(name, round(x, 1), round(width, 1), round(p, 1), number % 2 == 0)
        x += width + GAP
    return found


def place(chrom: str, position: float) -> float | None:
    """Where a place of the genome is drawn; None for contigs that are not drawn, the end for places past the end."""
    if chrom not in chromosomes():
        return None
    shape = chromosomes()[chrom]
    return round(shape.x + shape.width * min(1.0, position / chrom_lengths(BUILD)[chrom]), 1)


@cache
def locus_x(name: str) -> float | None:
    """Where a locus of the catalogue of events is drawn: probe, gene, IG locus or whole chromosome."""
    for kind in ("probe", "gene", "ig"):
        if name in loci(BUILD, kind):
            return _middle(loci(BUILD, kind)[name].span)
    if name in chromosomes():
        return place(name, chrom_lengths(BUILD)[name] / 2)
    gene = genes().get(name)
    return place(gene.chrom, gene.start) if gene and gene.start is not None else None


def _middle(span: Interval) -> float | None:
    return place(span.chrom, (span.start + span.end) / 2)


def event_x(event: str) -> float | None:
    """Where an event is drawn: its locus, of a fusion the partner's."""
    names = catalogue()[event].loci if event in catalogue() else ()
    return locus_x(names[-1]) if names and catalogue()[event].kind not in LEFT_OUT else None


def figure(
    events: Sequence[Row], evidence: Iterable[Row], breakpoints: Iterable[Row], panels: Sequence[Panel] = ()
) -> GenomeFigure | None:
    """The figure of a sample; None where no event that was looked at has a place and there are no segments."""
    fusions = _fusions(events, breakpoints)
    marks = _marks(events)
    if not marks and not panels:
        return None
    lanes = max((mark.lane + 1 for mark in marks if mark.lane is not None), default=0)
    marks_y = (ARC if fusions else 0) + lanes * LINE + 8
    bar_y = marks_y + LEGS
    arcs = tuple(_arc(*fusion, bar_y) for fusion in fusions)
    probes = _probes(evidence)
    top = bar_y + BAR + NAMES + (PROBES if probes else 0)
    stacked = []
    for panel in panels:
        top += APART
        stacked.append(_moved(panel, top))
        top += panel.height
    return GenomeFigure(
        round(top + 8, 1), marks_y, bar_y, tuple(chromosomes().values()), arcs, marks, probes, tuple(stacked)
    )


def _fusions(events: Iterable[Row], breakpoints: Iterable[Row]) -> list[tuple[Row, float, float]]:
    """Fusions: between junctions where they were called, else between the loci of the event."""
    rows = {row["event"]: row for row in events}
    ends: dict[str, tuple[float | None, float | None]] = {}
    for event, row in rows.items():
        names = catalogue()[event].loci if event in catalogue() else ()
        if row["state"] in SHOWN and len(names) == 2 and names[0] == "IGH":
            ends[event] = (locus_x(names[0]), locus_x(names[1]))
    for row in breakpoints:
        if rows.get(row["event"], {"state": ""})["state"] in SHOWN:
            from_ = place(row["donor_chrom"], row["donor_position"])
            ends[row["event"]] = (from_, place(row["partner_chrom"], row["partner_position"]))
    return [
        (rows[event], min(one, other), max(one, other))
        for event, (one, other) in ends.items()
        if one is not None and other is not None
    ]


def _arc(row: Row, left: float, right: float, bar_y: float) -> Arc:
    top = ARC - min(ARC - 6, 10 + (right - left) / 12)
    path = f"M{left:g} {bar_y:g}V{ARC:g}C{left:g} {top:.1f} {right:g} {top:.1f} {right:g} {ARC:g}V{bar_y:g}"
    return Arc(path, row["state"], _said(row), is_rna_only(row))


def _marks(events: Iterable[Row]) -> tuple[Mark, ...]:
    """Marks by place: what was seen with its words, what was not as a mark only."""
    rows = {row["event"]: row for row in events if row["state"] != State.NOT_TESTED and not is_untold(row)}
    at: dict[float, list[Row]] = {}
    for event, row in rows.items():
        x = event_x(event)
        stronger = rows.get(IMPLIED_BY.get(event, ""))
        if x is None or (row["state"] == State.PRESENT and stronger and stronger["state"] == State.PRESENT):
            continue
        at.setdefault(x, []).append(row)
    ends: list[float] = []
    marks = []
    for x in sorted(at):
        here = at[x]
        seen = [row for row in here if row["state"] in SHOWN]
        words = _cut(", ".join(dict.fromkeys(map(_short, seen))))
        half = len(words) * LETTER / 2
        text_x = min(max(x, LEFT + half), WIDTH - RIGHT - half)
        lane = None
        if words:
            lane = next((lane for lane, end in enumerate(ends) if end < text_x - half), len(ends))
            ends[lane : lane + 1] = [text_x + half + LETTER]
        inferred = all(map(is_rna_only, seen or here))
        title = "; ".join(map(_said, here))
        marks.append(Mark(x, round(text_x, 1), _state(here), words, lane, round(2 * half, 1), title, inferred))
    return tuple(marks)


def _cut(words: str) -> str:
    """Words as long as a label may be; the title of the mark says them all."""
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1].rstrip(', ')}…"


def _short(row: Row) -> str:
    """`+3` for a trisomy, else the short name; a question mark where the evidence disagrees."""
    event = row["event"]
    kind = catalogue()[event].kind
    name = f"+{catalogue()[event].loci[0]}" if kind == "trisomy" else event_name(event)
    name = f"{name}?" if row["state"] == State.CONFLICT else name
    return f"{name} (RNA)" if is_rna_only(row) else name


def _said(row: Row) -> str:
    share = f", {percent(row['fraction'])}" if row["fraction"] else ""
    return f"{event_name(row['event'])}: {STATE_WORDS[row['state']]}{share}"


def _state(rows: Iterable[Row]) -> str:
    """The state that a mark of several events shows."""
    states = {row["state"] for row in rows}
    order = (State.PRESENT, State.CONFLICT, State.SUBTHRESHOLD, State.NOT_EVALUABLE)
    return next((state for state in order if state in states), State.ABSENT)


def _probes(evidence: Iterable[Row]) -> tuple[tuple[float, str], ...]:
    """Places that FISH looked at."""
    at: dict[float, list[str]] = {}
    for row in evidence:
        if row["source"] == "fish" and (x := event_x(row["event"])) is not None:
            at.setdefault(x, []).append(event_name(row["event"]))
    return tuple((x, f"FISH looked for {', '.join(dict.fromkeys(names))}") for x, names in sorted(at.items()))


def copies_panel(segments: Sequence[Row], bins: pd.DataFrame | None = None) -> Panel:
    """Copies along the genome; `bins` has the columns chrom, start, end, copies of its contract."""
    wide = [row["copies"] for row in segments if row["copies"] is not None and row["end"] - row["start"] > 2e6]
    top = min(MOST_TOP, max(LEAST_TOP, ceil(max(wide, default=0))))
    drawn, narrow = _levels(segments, "copies", top, COPIES)
    grid = tuple((round(COPIES * (1 - level / top), 1), str(level)) for level in range(top + 1))
    points = "" if bins is None else _points(bins, top, COPIES)
    return Panel("copies", 0, COPIES, grid, drawn, narrow, points)


def alleles_panel(segments: Sequence[Row]) -> Panel | None:
    """Copies of the minor allele along the genome; None where they are not known."""
    if all(row["minor_copies"] is None for row in segments):
        return None
    drawn, narrow = _levels(segments, "minor_copies", 2, ALLELES)
    grid = tuple((round(ALLELES * (1 - level / 2), 1), str(level)) for level in range(3))
    return Panel("copies of the minor allele", 0, ALLELES, grid, drawn, narrow, "")


def _levels(
    segments: Sequence[Row], column: str, top: float, height: float
) -> tuple[tuple[Line, ...], tuple[tuple[str, str], ...]]:
    """Segments as lines, and those too narrow for words as one path."""
    lines: list[Line] = []
    narrow: dict[str, str] = {}
    for row in segments:
        level = row[column]
        x, end = place(row["chrom"], row["start"]), place(row["chrom"], row["end"])
        if level is None or x is None or end is None:
            continue
        y = round(height * (1 - min(level, top) / top), 1)
        change = level - 2 if column == "copies" and row["chrom"] != "X" else 0.0
        style = "gain" if change > CHANGED else "loss" if change < -CHANGED else "level"
        if end - x < NARROW:
            narrow[style] = narrow.get(style, "") + f"M{x:g} {y:g}H{end:g}"
            continue
        lines.append(Line(x, end, y, style, _segment_words(row, column), level > top))
    return tuple(lines), tuple(sorted(narrow.items()))


def _segment_words(row: Row, column: str) -> str:
    markers = f", {row['n_markers']:,} markers" if row["n_markers"] is not None else ""
    minor = f", minor allele {row['minor_copies']:.2f}" if row["minor_copies"] is not None else ""
    copies = f"{row['copies']:.2f} copies" if row["copies"] is not None else column
    return f"chr{row['chrom']} {row['start'] / 1e6:.1f} to {row['end'] / 1e6:.1f} Mb: {copies}{minor}{markers}"


def _points(bins: pd.DataFrame, top: float, height: float) -> str:
    """One point per unit of width and chromosome, the median of its bins, as a path of dots."""
    known = bins[bins["chrom"].isin(CHROMOSOMES) & bins["copies"].notna()]
    start = known["chrom"].map({name: shape.x for name, shape in chromosomes().items()}).astype(float)
    unit = known["chrom"].map({name: shape.width / chrom_lengths(BUILD)[name] for name, shape in chromosomes().items()})
    middle = (known["start"].astype(float) + known["end"].astype(float)) / 2
    x = (start + middle * unit.astype(float)).astype(int)
    levels = known["copies"].astype(float).groupby([known["chrom"], x], sort=False).median().clip(0, top)
    y = (height * (1 - levels / top)).round(1)
    return "".join(f"M{x} {level:g}h0" for (_, x), level in zip(y.index, y, strict=True))


def _moved(panel: Panel, top: float) -> Panel:
    return Panel(panel.title, top, panel.height, panel.grid, panel.lines, panel.narrow, panel.points)
