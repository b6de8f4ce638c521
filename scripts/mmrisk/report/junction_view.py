"""Junctions of one sample: reads on both sides drawn towards the breakpoint, and what the junction means in words.

Lengths are units of a picture that is `WIDTH` wide, the junction in its middle, the partner's kept side to the left.
Places in words are 1-based, as people and browsers write them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mmrisk.contracts import BREAKPOINT_READS, BREAKPOINTS
from mmrisk.report.material import Material, Row
from mmrisk.report.words import event_label, percent, plain
from mmrisk.resource import facts
from mmrisk.risk.diagnosis import NOT_PRECURSOR

WIDTH, MIDDLE, ROW, HEAD = 1000.0, 500.0, 8.0, 34.0
"""Width of the picture, place of the junction, height of a fragment, room above the fragments."""
KINDS = {"split": 0, "clip": 1, "pair": 2, "reference": 3}
"""Kinds of fragments from top to bottom."""
KIND_WORDS = {
    "split": "read across the junction",
    "clip": "read that ends at the junction",
    "pair": "two reads of a fragment on the two sides",
    "reference": "fragment that runs through unbroken",
}
LEAST_REACH = 300
"""Base pairs on each side that the picture shows at least."""
MECHANISMS = {
    "class_switch": "in a switch region: an error of class switching",
    "vdj_recombination": "among V, D or J segments: an error of V(D)J recombination",
    "regulatory_region": "in a regulatory region",
    "other": "outside switch regions and V(D)J segments",
}
OTHER_SIDE = {"seen": "seen as well", "missing": "missing, though it would have been seen", "not_seen": "not seen"}


@dataclass(frozen=True, slots=True)
class Piece:
    """An aligned read: place, width, kind, and whether its mapping quality is zero."""

    x: float
    width: float
    kind: str
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment on its line: its reads, and the line that joins them."""

    y: float
    pieces: tuple[Piece, ...]
    link: tuple[float, float] | None
    title: str


@dataclass(frozen=True, slots=True)
class ReadsFigure:
    """The reads of one junction; `ticks` pairs places with distances from the junction in words."""

    height: float
    fragments: tuple[Fragment, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class JunctionView:
    """A junction: its row, places in words, what is known of it as (term, text), and its reads."""

    row: Row
    title: str
    partner: str
    donor: str
    between: str
    terms: tuple[tuple[str, str], ...]
    figure: ReadsFigure | None
    counts: bool


def junctions(sample_id: str, material: Material) -> list[JunctionView]:
    """Junctions of a sample, those that count first."""
    reads: dict[tuple[str, str, int, int], list[Row]] = {}
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in material.of(BREAKPOINT_READS, sample_id):
        groups[row["assay_id"], row["event"], row["derivative"]].append(row)
    for (assay_id, event, _), rows in groups.items():
        at = {row["side"]: row["breakpoint"] for row in rows}
        reads[assay_id, event, at.get("partner", -1), at.get("donor", -1)] = rows
    newly = not any(row["sample_id"] == sample_id and row["time_point"] in NOT_PRECURSOR for row in material.samples)
    views = []
    for row in material.of(BREAKPOINTS, sample_id):
        key = row["assay_id"], row["event"], row["partner_position"], row["donor_position"]
        views.append(_view(row, reads.get(key, []), with_outcome=newly))
    return sorted(views, key=lambda view: not view.counts)


def _view(row: Row, reads: Sequence[Row], *, with_outcome: bool) -> JunctionView:
    figure = draw(reads) if reads else None
    return JunctionView(
        row,
        event_label(row["event"]),
        _side(row, "partner"),
        _side(row, "donor"),
        _between(row),
        tuple(_terms(row, with_outcome=with_outcome)),
        figure,
        not row["filters"],
    )


def _side(row: Row, side: str) -> str:
    """`chr4:1,871,800 (+) NSD2`."""
    strand = f" ({row[f'{side}_strand']})" if row[f"{side}_strand"] else ""
    name = row[side]
    feature = row["donor_feature"] if side == "donor" else None
    part = f", {feature}" if feature else ""
    return f"chr{row[f'{side}_chrom']}:{row[f'{side}_position'] + 1:,}{strand} {name}{part}"


def _between(row: Row) -> str:
    """What lies between the two sides."""
    if row["inserted"]:
        return f"{row['inserted']} inserted ({len(row['inserted'])} bases of neither side)"
    if row["homology"]:
        return f"{row['homology']} shared by both sides ({len(row['homology'])} bases of homology)"
    if row["exact"]:
        return "blunt: no base shared, none inserted"
    return "known to about a fragment's length" if row["exact"] is False else ""


def _terms(row: Row, *, with_outcome: bool) -> Iterable[tuple[str, str]]:
    """What is known of the junction, term by term."""
    words = (("splits", "across"), ("pairs", "in pairs"))
    kinds = [f"{row[name]} {word}" for name, word in words if row[name] is not None]
    if row["support"] is not None:
        unbroken = f"; {row['reference']} run through unbroken" if row["reference"] is not None else ""
        said = f" ({', '.join(kinds)})" if kinds else ""
        yield "Fragments", f"{row['support']}{said}{unbroken}"
    if row["allele_fraction"] is not None:
        yield "Share of alleles", _interval(row, "allele_fraction")
    if row["clone_fraction"] is not None:
        yield "Share of tumour cells", _interval(row, "clone_fraction")
    if row["derivative"]:
        carries = {True: "carries", False: "does not carry"}.get(row["activating"])
        gene = f", {carries} {row['partner']}" if carries else ""
        other = OTHER_SIDE.get(row["other_derivative"] or "", "")
        reciprocal = f"; the reciprocal junction is {other}" if other else ""
        yield "Makes", f"{row['derivative']}{gene}{reciprocal}"
    if row["mechanism"]:
        yield "IG side", MECHANISMS.get(row["mechanism"], plain(row["mechanism"]))
    if row["enhancers"]:
        yield "Enhancers received", ", ".join(row["enhancers"])
    if row["nsd2_class"]:
        yield "NSD2 disruption", _nsd2(row["nsd2_class"], row["build"], with_outcome=with_outcome)
    if row["fish_visible"] is not None:
        seen = "visible to the usual probes" if row["fish_visible"] else "outside the usual probes: FISH may miss it"
        yield "By FISH", seen
    if row["through"]:
        yield "Through", " \u2192 ".join(row["through"])
    if row["callers"]:
        yield "Called by", ", ".join(row["callers"])
    if row["filters"]:
        yield "Does not count", ", ".join(map(plain, row["filters"]))


def _interval(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    interval = f" (95 % interval {percent(low)} to {percent(high)})" if low is not None and high is not None else ""
    return percent(row[name]) + interval


def _nsd2(name: str, build: str, *, with_outcome: bool) -> str:
    """The class with its meaning; where it was published for such patients, with their survival."""
    for fact in facts("nsd2_disruption.tsv"):
        if fact["class"] == name and fact["build"] == build:
            months = f"published median survival {fact['median_os_months']} months, " if with_outcome else ""
            return f"{name}: {fact['meaning']}; {months}{fact['source']}"
    return name


def draw(reads: Sequence[Row]) -> ReadsFigure:
    """Reads of one junction, each fragment on a line; distances from the junction grow to both sides."""
    spans = [_distances(row) for row in reads]
    reach = max([LEAST_REACH, *(abs(end) for span in spans for end in span)])
    unit = (MIDDLE - 8) / reach
    fragments: dict[int, list[tuple[Row, tuple[int, int]]]] = defaultdict(list)
    for row, span in zip(reads, spans, strict=True):
        fragments[row["fragment"]].append((row, span))
    order = sorted(fragments.values(), key=_order)
    lines = tuple(_fragment(found, unit, HEAD + number * ROW) for number, found in enumerate(order))
    step = next((size for size in (50, 100, 200, 500, 1000, 2000, 5000) if reach / size <= 4), 10_000)
    ticks = tuple(
        (round(MIDDLE + sign * distance * unit, 1), f"{distance:,}")
        for sign in (-1, 1)
        for distance in range(step, int(reach) + 1, step)
    )
    return ReadsFigure(round(HEAD + len(order) * ROW + 24, 1), lines, ticks)


def _distances(row: Row) -> tuple[int, int]:
    """Ends of a read from the junction into the kept side, bp; negative beyond the junction."""
    if row["strand"] == "-":
        return row["start"] - row["breakpoint"], row["end"] - row["breakpoint"]
    return row["breakpoint"] + 1 - row["end"], row["breakpoint"] + 1 - row["start"]


def _order(found: Sequence[tuple[Row, tuple[int, int]]]) -> tuple[int, int, int]:
    kind = max(KINDS.get(row["kind"], len(KINDS)) for row, _ in found)
    return kind, min(min(span) for _, span in found), found[0][0]["fragment"]


def _fragment(found: Sequence[tuple[Row, tuple[int, int]]], unit: float, y: float) -> Fragment:
    pieces = []
    for row, (near, far) in found:
        sign = -1 if row["side"] == "partner" else 1
        left, right = sorted((MIDDLE + sign * near * unit, MIDDLE + sign * far * unit))
        pieces.append(Piece(round(left, 1), round(max(right - left, 1.0), 1), row["kind"], row["mapq"] == 0))
    pieces.sort(key=lambda piece: piece.x)
    link = (pieces[0].x, round(pieces[-1].x + pieces[-1].width, 1)) if len(pieces) > 1 else None
    kinds: Mapping[str, None] = dict.fromkeys(KIND_WORDS[row["kind"]] for row, _ in found)
    qualities = ", ".join(f"{row['side']} {row['mapq']}" for row, _ in found if row["mapq"] is not None)
    return Fragment(y, tuple(pieces), link, f"{'; '.join(kinds)}; mapping quality {qualities or 'not known'}")
