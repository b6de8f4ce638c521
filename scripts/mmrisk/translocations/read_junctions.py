"""One junction from its reads: distinct fragments, breakpoints to the base, shared or inserted bases, reads against."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmrisk.genome import Interval, parse_chrom
from mmrisk.translocations.clip_placing import agree, clips_at, consensus, local_bases, place_clip
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import PAIR, SPLIT, SUPPLEMENTARY, UNUSABLE, Clip, Clue, Scan
from mmrisk.translocations.read_islands import Island, distinct, split_by_far_side
from mmrisk.translocations.read_source import Source, with_mates
from mmrisk.translocations.split_reads import reverse_complement
from mmrisk.translocations.thresholds import whole

SLACK = 1.5
"""Fragments this much longer than the longest usual one are no evidence for a junction that is known to the base."""
WOBBLE = 20
"""Aligned bases that a read may have beyond its junction: chance matches and sequencing errors."""
SHOWN_REFERENCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJunction:
    """A junction between a partner (trusted side) and what it is joined to.

    `exact` says that both breakends are known to the base. Bases that both sides share (`homology`) are counted to the
    partner; `inserted` bases belong to neither; both are read from the partner outwards.
    """

    target: str
    partner: Breakend
    donor: Breakend
    clues: tuple[Clue, ...]
    clipped: tuple[Clip, ...] = ()
    exact: bool = False
    homology: str = ""
    inserted: str = ""
    unsure: bool = False
    stray: int = 0
    stray_expected: float = 0.0
    reference: int | None = None
    reference_spans: tuple[tuple[int, int], ...] = ()
    through: tuple[Breakend, ...] = ()
    sure_links: int | None = None
    last_link: tuple[Clue, ...] = ()

    @property
    def pairs(self) -> int:
        """Fragments whose two reads lie on the two sides."""
        return sum(clue.kind == PAIR for clue in self.clues)

    @property
    def splits(self) -> int:
        """Fragments with a read that crosses the junction."""
        return sum(clue.kind == SPLIT for clue in self.clues) + len(self.clipped)

    @property
    def fragments(self) -> int:
        """Distinct fragments."""
        return len(self.clues) + len(self.clipped)

    @property
    def names(self) -> frozenset[str]:
        """Names of the fragments."""
        return frozenset([clue.fragment for clue in self.clues] + [clip.fragment for clip in self.clipped])

    @property
    def sure(self) -> int:
        """Fragments that agree on both sides: whose donor side has a place of its own, or that break at one base.

        A lone split read breaks where its junction lies by definition. In a chain those of its weakest link.
        """
        if self.sure_links is not None:
            return self.sure_links
        at_base = sum(clue.near == self.partner for clue in self.clues if clue.kind == SPLIT)
        alone = at_base + len(self.clipped) == 1

        def agrees(clue: Clue) -> bool:
            placed = bool(clue.far_mapq) and clue.far.chrom == self.donor.chrom
            return placed if clue.kind == PAIR else clue.near == self.partner and (placed or not alone)

        return sum(map(agrees, self.clues)) + len(self.clipped)

    @property
    def alike(self) -> int:
        """Fragments that agree on partner side, locus and strands; in a chain those of its weakest link.

        What leads to contigs without a place, or to copies of IG segments elsewhere, agrees with any locus by chance.
        """
        if self.sure_links is not None:
            return self.fragments
        there = self.donor.chrom, self.donor.strand
        return len(self.clipped) + sum((clue.far.chrom, clue.far.strand) == there for clue in self.clues)

    @property
    def donor_placed(self) -> bool:
        """Whether some fragment lies uniquely at the donor's breakend, which may be one of several copies otherwise.

        As unique as the partner side must be: among copies that differ little an aligner guesses, and says so.
        """
        reach, least = whole("partner_island"), whole("partner_mapq")
        return any((clue.far_mapq or 0) >= least and _is_beside(clue.far, self.donor, reach) for clue in self._last)

    @property
    def donor_located(self) -> bool:
        """Whether some fragment has a place, however doubtful, at the donor's breakend."""
        reach = whole("partner_island")
        return any(bool(clue.far_mapq) and _is_beside(clue.far, self.donor, reach) for clue in self._last)

    @property
    def _last(self) -> tuple[Clue, ...]:
        """Clues whose far sides lie at the donor: those of the last link of a chain."""
        return self.last_link or self.clues

    @property
    def width(self) -> int:
        """Spread of the outer ends on the partner side (bp)."""
        outer = [clue.outer for clue in self.clues] + [
            clip.span[0] if clip.place.strand == "+" else clip.span[1]
            for clip in self.clipped
            if clip.place.chrom == self.partner.chrom
        ]
        return max(outer) - min(outer) if outer else 0


def junctions_of(source: Source, island: Island, *, fewest: int) -> list[ReadJunction]:
    """Junctions of an island whose near side is trusted already: its mates are fetched, far sides told apart."""
    known = with_mates(source, island.clues)
    parts = split_by_far_side(
        replace(island, clues=tuple(known)),
        build=source.build,
        gap=max(source.library.longest, whole("ig_island")),
        least_mapq=whole("partner_mapq"),
    )
    built = [build_junction(source, part) for part in parts if len(part.fragments) >= fewest]
    return [junction for junction in built if junction.fragments >= fewest]


def build_junction(source: Source, island: Island) -> ReadJunction:
    """The junction that an island of clues with known mates speaks of; its near side is the partner."""
    longest = source.library.longest
    low, high = island.span
    near_scan = source.look(island.chrom, low - longest, high + longest, min_mapq=whole("partner_mapq"))
    far_chrom, far_low, far_high = _far_side(island)
    splits = [clue for clue in island.clues if clue.kind == SPLIT]
    if any(parse_chrom(clue.far.chrom) for clue in splits):
        junction = _from_splits(island, splits, longest)
    else:
        junction = _from_clips(source, island, near_scan, (far_chrom, far_low, far_high)) or _from_pairs(island)
    fitting = [clue for clue in island.clues if _fits(clue, junction, longest)]
    junction = replace(junction, clues=tuple(distinct(fitting)))
    if junction.exact:
        far_scan = source.look(
            junction.donor.chrom, junction.donor.position - longest, junction.donor.position + longest
        )
        junction = replace(junction, clipped=tuple(_clipped(junction, near_scan, far_scan, splits)))
    return _with_reference(source, junction)


def _far_side(island: Island) -> tuple[str, int, int]:
    """Chromosome and span of the far sides that have a place of their own, or of all."""
    placed = [clue for clue in island.clues if parse_chrom(clue.far.chrom)]
    clues = [clue for clue in placed if clue.far_mapq] or placed or list(island.clues)
    chroms = Counter(clue.far.chrom for clue in clues)
    chrom = min(chroms, key=lambda name: (-chroms[name], name))
    places = [clue.far.position for clue in clues if clue.far.chrom == chrom]
    return chrom, min(places), max(places)


def _from_splits(island: Island, splits: Sequence[Clue], longest: int) -> ReadJunction:
    """Both breakends by majority of the split reads.

    Where they differ on the far side, in repeats, that one is taken where most mates lie and whose parts of reads are
    placed best: by mapping quality and length. Bases that only this copy of a repeat leaves over are differences of the
    copy, or errors, and no inserted bases.
    """
    placed = [clue for clue in splits if parse_chrom(clue.far.chrom)]
    near = _commonest(clue.near for clue in placed)
    here = [clue for clue in placed if clue.near == near]

    def company(end: Breakend) -> tuple[int, int]:
        near = [clue for clue in island.clues if _is_beside(clue.far, end, longest)]
        return sum(clue.far_mapq or 0 for clue in near), len(near)

    weights = Counter[Breakend]()
    for clue in here:
        weights[_trimmed(clue)] += (clue.far_mapq or 0) + clue.far_span[1] - clue.far_span[0]
    order = sorted(weights)
    far = max(order, key=lambda end: (company(end), weights[end]))
    agreeing = [clue for clue in here if _trimmed(clue) == far]
    inserted = _commonest(clue.inserted for clue in agreeing if clue.inserted or clue.shared >= 0)
    if inserted and sum(clue.shared >= 0 for clue in here) > sum(clue.shared < 0 for clue in here):
        step = len(inserted) if far.strand == "+" else -len(inserted)
        far, inserted = replace(far, position=far.position + step), ""
    return ReadJunction(
        target=island.target,
        partner=near,
        donor=far,
        clues=island.clues,
        exact=True,
        homology=_commonest(clue.bases for clue in agreeing if clue.bases or clue.shared <= 0),
        inserted=inserted,
        unsure=island.unsure,
    )


def _is_beside(end: Breakend, other: Breakend, reach: int) -> bool:
    """Whether two breakends have the same strand and lie close to each other."""
    return (end.chrom, end.strand) == (other.chrom, other.strand) and abs(end.position - other.position) <= reach


def _trimmed(clue: Clue) -> Breakend:
    """The far breakend without the bases that both sides share."""
    shared = max(0, clue.shared)
    return replace(clue.far, position=clue.far.position + (-shared if clue.far.strand == "+" else shared))


def _commonest(values: Iterable[Any]) -> Any:
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value)) if counted else ""


def _from_pairs(island: Island) -> ReadJunction:
    """Breakends where the reads of the pairs come nearest to the junction."""
    chrom, _, _ = _far_side(island)
    far = [clue.far for clue in island.clues if clue.far.chrom == chrom]
    strand = _commonest(end.strand for end in far)
    ends = [end for end in far if end.strand == strand]
    near = [clue.near for clue in island.clues]
    return ReadJunction(
        target=island.target,
        partner=max(near) if island.strand == "+" else min(near),
        donor=max(ends) if strand == "+" else min(ends),
        clues=island.clues,
        unsure=island.unsure,
    )


def _from_clips(source: Source, island: Island, near_scan: Scan, far: tuple[str, int, int]) -> ReadJunction | None:
    """Both breakends from soft clips of either side that go on on the other; None where none does."""
    rough = _from_pairs(island)
    longest = source.library.longest
    far_region = Interval(far[0], max(0, far[1] - longest), far[2] + longest)
    near_region = near_scan.region
    far_scan = source.look(far_region.chrom, far_region.start, far_region.end)
    for clips, origin, region, strand in (
        (near_scan.clips, rough.partner, far_region, rough.donor.strand),
        (far_scan.clips, rough.donor, near_region, rough.partner.strand),
    ):
        contig = source.contigs.get(region.chrom)
        near_enough = _ahead(clips, origin, longest)
        if contig is None or not near_enough:
            continue
        bases = local_bases(source.handle, region, contig=contig, fasta=source.fasta)
        for group in _by_place(near_enough):
            outwards = consensus([clip.bases for clip in group])
            placed = place_clip(outwards, bases, chrom=region.chrom, start=region.start)
            if placed is None or placed.far.strand != strand:
                continue
            shared = _shared_bases(group[0], placed.far, bases, region.start) if not placed.inserted else ""
            make = _clipped_at_partner if clips is near_scan.clips else _clipped_at_donor
            junction = make(rough, group[0].place, placed.far, shared, placed.inserted)
            return replace(junction, clipped=tuple(group))
    return None


def _clipped_at_partner(
    rough: ReadJunction, clipped: Breakend, other: Breakend, shared: str, inserted: str
) -> ReadJunction:
    """A junction with its breakends from a clip of the partner side, which holds the shared bases already."""
    return replace(rough, partner=clipped, donor=other, exact=True, homology=shared, inserted=inserted)


def _clipped_at_donor(
    rough: ReadJunction, clipped: Breakend, other: Breakend, shared: str, inserted: str
) -> ReadJunction:
    """A junction with its breakends from a clip of the donor side, whose shared bases go over to the partner."""
    step = len(shared)
    donor = replace(clipped, position=clipped.position + (-step if clipped.strand == "+" else step))
    partner = replace(other, position=other.position + (step if other.strand == "+" else -step))
    return replace(
        rough,
        partner=partner,
        donor=donor,
        exact=True,
        homology=reverse_complement(shared),
        inserted=reverse_complement(inserted),
    )


def _shared_bases(clip: Clip, other: Breakend, bases: str, start: int) -> str:
    """Bases before the clip that the other side has too, read outwards."""
    text = bases if other.strand == "-" else reverse_complement(bases)
    index = other.position - start if other.strand == "-" else start + len(bases) - 1 - other.position
    inner = clip.inner.translate(str.maketrans("ACGT", "TGCA"))
    length = 0
    while length < min(len(inner), index) and inner[length] == text[index - 1 - length] != "N":
        length += 1
    return text[index - length : index]


def _ahead(clips: Sequence[Clip], rough: Breakend, longest: int) -> list[Clip]:
    """Clips on the right strand that lie where the junction may be: from the reads' ends on, up to a fragment away."""
    low, high = rough.position - WOBBLE, rough.position + longest
    if rough.strand == "-":
        low, high = rough.position - longest, rough.position + WOBBLE
    return [
        clip
        for clip in clips
        if len(clip.bases) >= whole("clip_bases")
        and clip.place.strand == rough.strand
        and low <= clip.place.position <= high
    ]


def _by_place(clips: Sequence[Clip]) -> list[list[Clip]]:
    """Clips that begin together, the largest group first."""
    groups: dict[Breakend, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.place, []).append(clip)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0].place))


def _fits(clue: Clue, junction: ReadJunction, longest: int) -> bool:
    """Whether a fragment can come from a junction: its reads end before it, and it is not too long."""
    if not junction.exact:
        return True
    near = _beyond(clue.near, junction.partner)
    known = clue.far_mapq and clue.far.chrom == junction.donor.chrom and clue.far.strand == junction.donor.strand
    far = _beyond(clue.far, junction.donor) if known else 0
    if near > WOBBLE or far > WOBBLE + max(0, clue.shared):
        return False
    length = abs(junction.partner.position - clue.outer)
    if known:
        length += abs(junction.donor.position - clue.far_outer)
    return length <= SLACK * longest


def _beyond(end: Breakend, junction: Breakend) -> int:
    """Bases by which a read reaches beyond the junction."""
    return end.position - junction.position if junction.strand == "+" else junction.position - end.position


def _clipped(junction: ReadJunction, near_scan: Scan, far_scan: Scan, splits: Sequence[Clue]) -> list[Clip]:
    """Further fragments with a clip at the junction that reads like the other side; one clip per fragment.

    What it must read like is told by clips of fragments that are evidence already, or that the junction was placed by.
    """
    seen = {clue.fragment for clue in junction.clues} | {clue.fragment for clue in splits}
    known = seen | {clip.fragment for clip in junction.clipped}
    wobble = len(junction.homology) + 1
    near, far = (
        clips_at(near_scan.clips, junction.partner, within=wobble),
        clips_at(far_scan.clips, junction.donor, within=wobble),
    )
    found: dict[str, Clip] = {}
    near_model = _model(clip for clip in near if clip.fragment in known)
    far_model = _model(clip for clip in far if clip.fragment in known)
    for clips, model, opposite in ((near, near_model, far), (far, far_model, near)):
        if not model and opposite and clips:
            model = consensus([_inner_of(clip, junction) for clip in opposite if clip.fragment in known])
        for clip in clips:
            if clip.fragment in seen or clip.fragment in found or not model:
                continue
            if agree(clip.bases, model):
                found[clip.fragment] = clip
    return [found[name] for name in sorted(found)]


def _model(clips: Iterable[Clip]) -> str:
    return consensus([clip.bases for clip in clips])


def _inner_of(clip: Clip, junction: ReadJunction) -> str:
    """What a clip on the other side must read like: the bases before this clip, after those that both sides share."""
    return reverse_complement(junction.inserted) + clip.inner[len(junction.homology) :]


def _with_reference(source: Source, junction: ReadJunction) -> ReadJunction:
    """Count fragments that run through the partner breakpoint unbroken, by the measure of evidence."""
    margin, longest = whole("seen_bases"), source.library.longest
    place = junction.partner.position + (junction.partner.strand == "+")
    contig = source.contigs.get(junction.partner.chrom)
    seen = {clue.fragment for clue in junction.clues} | {clip.fragment for clip in junction.clipped}
    spans = []
    if contig is None:
        return junction
    for read in source.handle.fetch(contig, max(0, place - longest), place + 1):
        if read.flag & (UNUSABLE | SUPPLEMENTARY) or read.mapping_quality < whole("partner_mapq"):
            continue
        length = read.template_length if read.is_proper_pair else 0
        if not 0 < length <= longest * SLACK or read.query_name in seen:
            continue
        start, end = read.reference_start, read.reference_start + length
        if start + margin <= place <= end - margin:
            spans.append((start, end))
    return replace(junction, reference=len(spans), reference_spans=tuple(sorted(spans)[:SHOWN_REFERENCE]))
