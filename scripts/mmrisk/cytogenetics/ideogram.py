"""Clones drawn as chromosomes: gains and losses beside the bands, derivatives as their segments; text and SVG."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from mmrisk.cytogenetics.bands import bands, centromere, chromosome_end
from mmrisk.cytogenetics.chromosomes import Chromosome, Segment
from mmrisk.cytogenetics.clones import Clone
from mmrisk.cytogenetics.copies import CopyProfile
from mmrisk.genome import CHROMOSOMES

CELL = 4_000_000
"""Base pairs of one sign of the text drawing."""
LEGEND = "a sign is 4 Mb: . as expected, + gained, - lost, # and = by two or more, ? not known, | centromere"
_SCALE = 1_300_000
"""Base pairs of one pixel."""
_COLUMN, _TOP, _HEIGHT = 42, 46, 200
_STAINS = {
    "gneg": "#ffffff",
    "gpos25": "#d0d0d0",
    "gpos50": "#a0a0a0",
    "gpos75": "#707070",
    "gpos100": "#404040",
    "gvar": "#e0e0e0",
    "stalk": "#c0c8d0",
    "acen": "#e9c7c0",
}
_GAIN, _LOSS, _OPEN = "#0072B2", "#D55E00", "#999999"
_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#8c6bb1")
"""Colours that people with colour blindness can tell apart (Okabe and Ito), and one more."""


def draw_line(profile: CopyProfile, baseline: int, *, unresolved: bool = False) -> str:
    """One chromosome as text, in the signs of `LEGEND`."""
    middle = round(centromere(profile.chrom) / CELL)
    width = max(round(profile.end / CELL), middle + 2)
    signs = []
    for column in range(width):
        place = min((column + 0.5) * profile.end / width, profile.end - 1)
        copies = profile.between(int(place), int(place) + 1).likely - baseline
        signs.append("?" if unresolved else "." if copies == 0 else _sign(copies))
        if column == middle - 1:
            signs.append("|")
    return "".join(signs)


def _sign(copies: int) -> str:
    if copies > 0:
        return "+" if copies == 1 else "#"
    return "-" if copies == -1 else "="


def draw_svg(clones: Iterable[Clone], *, title: str = "") -> str:
    """All clones as one SVG: for each a row of chromosomes, gains right and losses left, then its derivatives."""
    rows: list[str] = []
    top = 30
    for clone in clones:
        drawn, height = _clone_rows(clone, top)
        rows += drawn
        top += height
    width = _COLUMN * len(CHROMOSOMES) + 20
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}"'
            ' font-family="sans-serif" font-size="10">',
            f"<title>{escape(title or 'Karyotype')}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            _label(10, 18, "blue right: gained; orange left: lost; grey: not known"),
            *rows,
            "</svg>\n",
        ]
    )


def _clone_rows(clone: Clone, top: int) -> tuple[list[str], int]:
    text = str(clone.written)
    drawn = [_label(10, top + 14, f"Clone {clone.number}: {text[:150]}{'…' if len(text) > 150 else ''}")]
    profiles = clone.profiles()
    for column, chrom in enumerate(CHROMOSOMES):
        left = 20 + column * _COLUMN
        drawn.append(_label(left + 2, top + _TOP - 16, chrom))
        drawn += _chromosome(chrom, left, top + _TOP - 10)
        drawn += _bars(profiles[chrom], clone.baseline[chrom], left, top + _TOP - 10)
        if chrom in clone.unresolved:
            drawn.append(_box(left - 6, top + _TOP - 10, 3, chromosome_end(chrom) / _SCALE, _OPEN, "not known"))
    height = _TOP + _HEIGHT
    made = [(item.text, item.chromosome) for item in clone.derivatives if item.chromosome]
    for row, start in enumerate(range(0, len(made), 6)):
        for column, (name, chromosome) in enumerate(made[start : start + 6]):
            drawn += _derivative(name, chromosome, 20 + column * 165, top + height + row * 44)
    return drawn, height + 44 * ((len(made) + 5) // 6) + 14


def _chromosome(chrom: str, left: float, top: float) -> list[str]:
    return [
        _box(
            left,
            top + band.start / _SCALE,
            10,
            (band.end - band.start) / _SCALE,
            _STAINS[band.stain],
            f"{chrom}{band.name}",
        )
        for band in bands()[chrom]
    ]


def _bars(profile: CopyProfile, baseline: int, left: float, top: float) -> list[str]:
    drawn = []
    for piece in profile.pieces():
        net = piece.copies - baseline
        place = f"{profile.chrom}{piece.first} to {piece.last}: {net:+d}"
        for number in range(min(abs(net), 4)):
            x = left + 12 + 4 * number if net > 0 else left - 5 - 4 * number
            colour = _GAIN if net > 0 else _LOSS
            drawn.append(_box(x, top + piece.start / _SCALE, 3, (piece.end - piece.start) / _SCALE, colour, place))
    return drawn


def _derivative(name: str, chromosome: Chromosome, left: float, top: float) -> list[str]:
    """A derivative lying on its side, each segment in the colour of its chromosome."""
    drawn = [_label(left, top + 10, name if len(name) <= 28 else name[:27] + "…")]
    lengths = [_pixels(segment) for segment in chromosome.segments]
    shrink = min(1.0, 155 / sum(lengths)) if sum(lengths) else 1.0
    for segment, length in zip(chromosome.segments, lengths, strict=True):
        colour = _COLOURS[CHROMOSOMES.index(segment.chrom) % len(_COLOURS)] if segment.known else "#cccccc"
        drawn.append(_box(left, top + 14, length * shrink, 10, colour, describe(segment)))
        drawn.append(_label(left + 1, top + 34, segment.chrom))
        left += length * shrink
    return drawn


def _pixels(segment: Segment) -> float:
    if not segment.known:
        return 12.0
    low, high = segment.bounds
    return max(3.0, (high.likely - low.likely) / (2 * _SCALE))


def describe(segment: Segment) -> str:
    """A segment in the detailed system: `8q24->8qter`, `?` for unknown material."""
    if segment.left is None or segment.right is None:
        return "?"
    return f"{segment.chrom}{segment.left.band}->{segment.chrom}{segment.right.band}"


def _box(x: float, y: float, width: float, height: float, colour: str, hint: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}" stroke="#555555"'
        f' stroke-width="0.3"><title>{escape(hint)}</title></rect>'
    )


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def draw_clone(
    profiles: Mapping[str, CopyProfile], baseline: Mapping[str, int], unresolved: frozenset[str]
) -> list[str]:
    """Lines of the changed chromosomes as text."""
    lines = []
    for chrom, profile in profiles.items():
        changed = any(piece.copies != baseline[chrom] for piece in profile.pieces())
        if changed or chrom in unresolved:
            lines.append(f"{chrom:>4} p {draw_line(profile, baseline[chrom], unresolved=chrom in unresolved)} q")
    return lines
