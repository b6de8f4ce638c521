"""From one written abnormality to the chromosomes that it replaces and makes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mmrisk.cytogenetics.chromosomes import (
    UNKNOWN,
    Breakpoint,
    Chromosome,
    Segment,
    UnresolvedError,
    attach,
    breakpoint_at,
    delete,
    distal,
    find,
    insert,
    invert,
    join_at,
    mirror,
    multiply,
    proximal,
    ring,
    whole,
)
from mmrisk.cytogenetics.karyotype import Abnormality, Change

_EXTRA = {"dup": 1, "trp": 2, "qdp": 3}
_DICENTRIC = frozenset({"dic", "psu dic"})
_MIRRORED = frozenset({"i", "idic", "psu idic"})
_WITHOUT_EFFECT = frozenset({"fra", "fis", "tas"})
CENTROMERE_BANDS = frozenset({"p10", "q10", "p11", "q11", "p11.1", "q11.1", "cen"})


@dataclass(frozen=True, slots=True)
class Derivative:
    """One abnormal chromosome of a clone. `chromosome` is None where it cannot be worked out."""

    own: tuple[str, ...]
    operations: tuple[tuple[str, tuple[str, ...]], ...]
    text: str
    chromosome: Chromosome | None
    changes: tuple[Change, ...] = ()

    @property
    def chromosomes_named(self) -> frozenset[str]:
        """Every chromosome that takes part."""
        return frozenset(self.own) | {chrom for change in self.changes for chrom in change.chroms}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an abnormality does: normal chromosomes it takes the place of, chromosomes it makes, what stays open."""

    replaced: tuple[str, ...]
    made: tuple[Derivative, ...]
    reason: str = ""


def operations_of(changes: tuple[Change, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Operations with their chromosomes in a fixed order, by which a later clone names a derivative."""
    return tuple((change.op.removeprefix("psu "), tuple(sorted(change.chroms))) for change in changes)


def recalled(changes: tuple[Change, ...], known: Mapping[tuple[str, tuple[str, ...]], Change]) -> tuple[Change, ...]:
    """Changes written without bands, with the bands given where the string named the change before."""
    return tuple(
        change if change.bands or change.detail else known.get((change.op, change.chroms), change) for change in changes
    )


def derive(abnormality: Abnormality) -> Outcome:
    """Chromosomes replaced and made by one structural abnormality."""
    changes = abnormality.changes
    text = abnormality.text
    own = abnormality.chroms if abnormality.head else own_chromosomes(changes[0])
    replaced = tuple(chrom for chrom in own if chrom != "?")
    try:
        if abnormality.head:
            chromosomes = [_derivative(abnormality.head, own, changes)]
        else:
            chromosomes = list(_products(changes))
    except UnresolvedError as problem:
        separate = not abnormality.head and changes[0].op in ("t", "ins")
        made = [Derivative((chrom,) if separate else own, operations_of(changes), text, None, changes) for chrom in own]
        return Outcome(replaced, tuple(made if separate else made[:1]), str(problem))
    if len(chromosomes) == 1:
        return Outcome(replaced, (Derivative(own, operations_of(changes), text, chromosomes[0], changes),))
    return Outcome(
        replaced,
        tuple(
            Derivative((chrom,), operations_of(changes), f"der({chrom}){text}", made, changes)
            for chrom, made in zip(own, chromosomes, strict=True)
        ),
    )


def own_chromosomes(change: Change) -> tuple[str, ...]:
    """Chromosomes that an operation without `der` takes the place of."""
    return change.chroms[:1] if change.op == "ins" and "?" in change.chroms[1:] else change.chroms


def _products(changes: tuple[Change, ...]) -> Iterator[Chromosome]:
    """Chromosomes that an abnormality without `der` leaves in the cell."""
    first, rest = changes[0], changes[1:]
    if first.detail:
        yield _apply_all(_detailed(first, first.chroms), rest)
    elif first.op == "t":
        points = [_only(change_points) for change_points in _points(first)]
        for number, point in enumerate(points):
            donor = points[number - 1]
            kept = proximal(point) if point else UNKNOWN
            yield _apply_all(Chromosome((kept, distal(donor) if donor else UNKNOWN)), rest)
    elif first.op == "ins" and len(first.chroms) == 2 and "?" not in first.chroms:
        for chrom in first.chroms:
            yield _apply_all(_apply_insertion(whole(chrom), first), rest)
    elif first.op in _DICENTRIC and len(first.chroms) == 2:
        yield _apply_all(_dicentric(first), rest)
    elif first.op == "rob":
        yield _apply_all(_whole_arms(first), rest)
    elif len(first.chroms) == 1 or (first.op == "ins" and "?" in first.chroms):
        base = Chromosome((UNKNOWN,)) if first.chroms[0] == "?" else whole(first.chroms[0])
        yield _apply_all(base, changes)
    else:
        raise UnresolvedError(f"{first} is not worked out")


def _derivative(head: str, own: tuple[str, ...], changes: tuple[Change, ...]) -> Chromosome:
    first = changes[0] if changes and changes[0].op == head else None
    rest = changes[1:] if first else changes
    if head == "rec":
        raise UnresolvedError("recombinant chromosomes are not worked out")
    if first and first.detail:
        return _apply_all(_detailed(first, own), rest)
    if head == "der" and first and len(own) == 2:
        return _apply_all(_whole_arms(first), rest)
    if head == "der" and not changes:
        raise UnresolvedError(f"der({own[0]}) without saying what it is")
    base = Chromosome((UNKNOWN,)) if own[0] == "?" else whole(own[0])
    built = _apply_all(base, rest)
    if head != "ider":
        return built
    point = _only(_points(first)[0]) if first and first.bands else None
    if point is None:  # both arms of an ider() whose arm is not named: what is known, twice
        return Chromosome(built.segments + built.segments[1:], built.first, built.last)
    return mirror(built, point, keep_centromere=False)


def _apply_all(chromosome: Chromosome, changes: tuple[Change, ...]) -> Chromosome:
    for change in changes:
        chromosome = _apply(chromosome, change)
    return chromosome


def _apply(chromosome: Chromosome, change: Change) -> Chromosome:
    """One operation on the chromosome as the operations before have left it."""
    if change.op in _WITHOUT_EFFECT:
        return chromosome
    if change.op in _DICENTRIC and len(change.chroms) == 2:
        return _dicentric(change)
    if change.detail:
        return _detailed(change, change.chroms)
    action = _ACTIONS.get(change.op)
    if action is None or (not change.bands and change.op != "hsr"):
        raise UnresolvedError(f"{change} does not say what happened")
    return action(chromosome, change)


def _apply_translocation(chromosome: Chromosome, change: Change) -> Chromosome:
    points = [_only(group) for group in _points(change)]
    active = {segment.chrom for segment in chromosome.segments[chromosome.first : chromosome.last + 1]}

    def present(number: int) -> bool:
        point = points[number]
        return point is not None and find(chromosome, point) is not None

    order = sorted(range(len(points)), key=lambda number: change.chroms[number] not in active)
    own = next((number for number in order if present(number)), None)
    if own is None:
        if UNKNOWN not in chromosome.segments:
            raise UnresolvedError(f"no break of {change} lies on the chromosome")
        pieces = tuple(distal(point) for point in points if point)
        return replace(chromosome, segments=chromosome.segments + pieces)
    partner, point = points[own - 1], points[own]
    assert point is not None  # noqa: S101 - `present` has seen it
    return attach(chromosome, point, (distal(partner) if partner else UNKNOWN,))


def _apply_addition(chromosome: Chromosome, change: Change) -> Chromosome:
    return attach(chromosome, _needed(_only(_points(change)[0]), change), (UNKNOWN,))


def _apply_deletion(chromosome: Chromosome, change: Change) -> Chromosome:
    one, two = _edges(change)
    return delete(chromosome, one, two)


def _apply_multiplication(chromosome: Chromosome, change: Change) -> Chromosome:
    one, two = _edges(change, single_is_interval=True)
    assert two is not None  # noqa: S101
    return multiply(chromosome, one, two, extra=_EXTRA[change.op])


def _apply_inversion(chromosome: Chromosome, change: Change) -> Chromosome:
    one, two = _pair(change)
    return invert(chromosome, one, two)


def _apply_ring(chromosome: Chromosome, change: Change) -> Chromosome:
    one, two = _pair(change)
    return ring(chromosome, one, two)


def _apply_mirror(chromosome: Chromosome, change: Change) -> Chromosome:
    point = _needed(_only(_points(change)[0]), change)
    return mirror(chromosome, point, keep_centromere=change.op != "i")


def _apply_insertion(chromosome: Chromosome, change: Change) -> Chromosome:
    groups = _points(change)
    if len(change.chroms) == 1:
        points = [_needed(point, change) for point in groups[0]]
        if len(points) == 2:
            return insert(chromosome, points[0], (UNKNOWN,))
        if len(points) != 3:
            raise UnresolvedError(f"{change} needs three bands")
        piece = _stretch_between(points[1], points[2])
        return insert(delete(chromosome, *_ordered(points[1], points[2])), points[0], (piece,))
    if len(change.chroms) != 2:
        raise UnresolvedError(f"{change} is not worked out")
    recipient = groups[0][0]
    donors = [point for point in groups[1] if point]
    piece = _stretch_between(*donors) if len(donors) == 2 else UNKNOWN
    if recipient is not None and find(chromosome, recipient) is not None:
        return insert(chromosome, recipient, (piece,))
    if len(donors) == 2 and find(chromosome, donors[0]) is not None:
        return delete(chromosome, *_ordered(*donors))
    if recipient is None and UNKNOWN in chromosome.segments:
        return replace(chromosome, segments=(*chromosome.segments, piece))
    raise UnresolvedError(f"no break of {change} lies on the chromosome")


def _apply_amplification(chromosome: Chromosome, change: Change) -> Chromosome:
    points = [point for group in _points(change) for point in group if point] if change.bands else []
    return insert(chromosome, points[0], (UNKNOWN,)) if points else chromosome


_ACTIONS: Mapping[str, Callable[[Chromosome, Change], Chromosome]] = {
    "t": _apply_translocation,
    "add": _apply_addition,
    "del": _apply_deletion,
    **dict.fromkeys(_EXTRA, _apply_multiplication),
    "inv": _apply_inversion,
    "ins": _apply_insertion,
    "r": _apply_ring,
    **dict.fromkeys(_MIRRORED, _apply_mirror),
    "hsr": _apply_amplification,
}


def _dicentric(change: Change) -> Chromosome:
    if any(band in ("p10", "q10", "cen") for group in change.bands for band in group):
        raise UnresolvedError(f"{change} joins centromeres, which leaves open what is on either side")
    one, two = (_only(group) for group in _points(change))
    known = [point for point in (one, two) if point]
    if not known:
        raise UnresolvedError(f"{change} does not say what happened")
    return join_at(known[0], known[1]) if len(known) == 2 else Chromosome((proximal(known[0]), UNKNOWN))


def _whole_arms(change: Change) -> Chromosome:
    """Two arms joined at their centromeres: `der(1;7)(q10;p10)` is 1q and 7p."""
    if not change.bands or any(group[0] not in CENTROMERE_BANDS for group in change.bands):
        raise UnresolvedError(f"{change} does not join whole arms")
    one, two = (_needed(_only(group), change) for group in _points(change))
    left, right = distal(one), distal(two)
    return Chromosome((replace(left, forward=not left.forward), right), 0, 1)


def _detailed(change: Change, own: tuple[str, ...]) -> Chromosome:
    """The chromosome spelled out piece by piece."""
    segments = []
    for stretch in change.detail:
        if stretch.chrom == "?":
            segments.append(UNKNOWN)
            continue
        one = breakpoint_at(stretch.chrom, stretch.start, change=change)
        two = breakpoint_at(stretch.chrom, stretch.end or stretch.start, change=change)
        segments.append(_stretch_between(one, two))
    places = [number for number, segment in enumerate(segments) if segment.chrom in own and segment.holds_centromere()]
    return Chromosome(tuple(segments), min(places, default=0), max(places, default=0))


def _stretch_between(one: Breakpoint, two: Breakpoint) -> Segment:
    low, high = _ordered(one, two)
    if low == high:  # a stretch inside one band
        low, high = replace(low, likely=low.start), replace(high, likely=high.end)
    return Segment(one.chrom, low, high, forward=one.likely <= two.likely)


def _points(change: Change) -> list[list[Breakpoint | None]]:
    """Breakpoints for each chromosome; None where chromosome or band is unknown."""
    if not change.bands:
        raise UnresolvedError(f"{change} gives no bands")
    return [
        [None if "?" in (chrom, band) else breakpoint_at(chrom, band, change=change) for band in group]
        for chrom, group in zip(change.chroms, change.bands, strict=True)
    ]


def _edges(change: Change, *, single_is_interval: bool = False) -> tuple[Breakpoint, Breakpoint | None]:
    """Breaks of a deletion or duplication, likely at the outer edges of their bands, which count as changed."""
    chrom, group = change.chroms[0], change.bands[0]
    if len(group) > 2 or "?" in group:
        raise UnresolvedError(f"{change} does not say what happened")
    if len(group) == 1 and not single_is_interval:
        point = breakpoint_at(chrom, group[0])
        return breakpoint_at(chrom, group[0], change=change, lean=-1 if point.on_long_arm else 1), None
    low, high = sorted(group, key=lambda band: breakpoint_at(chrom, band).likely) if len(group) == 2 else group * 2
    return breakpoint_at(chrom, low, change=change, lean=-1), breakpoint_at(chrom, high, change=change, lean=1)


def _pair(change: Change) -> tuple[Breakpoint, Breakpoint]:
    points = [point for point in _points(change)[0] if point]
    if len(points) != 2:
        raise UnresolvedError(f"{change} needs two bands")
    return _ordered(points[0], points[1])


def _ordered(one: Breakpoint, two: Breakpoint) -> tuple[Breakpoint, Breakpoint]:
    return (one, two) if one.likely <= two.likely else (two, one)


def _only(group: list[Breakpoint | None]) -> Breakpoint | None:
    if len(group) != 1:
        raise UnresolvedError("more than one break on a chromosome of a translocation")
    return group[0]


def _needed(point: Breakpoint | None, change: Change) -> Breakpoint:
    if point is None:
        raise UnresolvedError(f"{change} does not say where")
    return point
