"""The search for junctions in one file of reads: which islands become junctions, and why others do not count."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mmrisk.genome import Interval, artefacts, chrom_lengths, loci
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.noise import Needed, is_place_noise, needed_fragments
from mmrisk.translocations.read_alternatives import settled
from mmrisk.translocations.read_chains import closing_chains, find_chains, is_link
from mmrisk.translocations.read_clues import Clue, Scan, scan
from mmrisk.translocations.read_exchanges import agree_on_both_sides, borne_out, is_across, reciprocals
from mmrisk.translocations.read_islands import ByPlace, Island, find_islands, split_by_far_side, target_of
from mmrisk.translocations.read_junctions import ReadJunction, build_junction, junctions_of
from mmrisk.translocations.read_source import Source, turned, with_mates
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH, MYC, locus_of

DESTINATION = 10_000
"""Stray fragments whose far sides lie this close (bp) point to one place."""
SAME_PLACE = 1_000
WINDOW, ANYWHERE_MYC, ANYWHERE_IGH = "window", "myc_anywhere", "igh_anywhere"
FEW, STACK, NOISY, SPOT, NORMAL = "few_fragments", "stack", "noisy_place", "artefact", "in_normal"
STACK_FROM = 4
"""Fragments from which a stack of equal starts tells itself from chance."""
TOLERATED_IN_NORMAL = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A junction and why it does not count; nothing where it does."""

    junction: ReadJunction
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """Candidates, the fragments that a junction needed by kind of target, and fragments that meet no other."""

    candidates: tuple[Candidate, ...]
    needed: dict[str, Needed]
    chance: int

    @property
    def junctions(self) -> list[ReadJunction]:
        """Junctions that count."""
        return [item.junction for item in self.candidates if not item.reasons]


def search(source: Source, found: Survey, *, spots: Sequence[Interval] = (), normal: Source | None = None) -> Search:
    """All candidates: IG loci to partner windows, MYC to anything, IGH to anything."""
    build = source.build
    clues = settled(source, (clue for one in found.windows.values() for clue in one.clues))
    fewest = whole("min_fragments")
    islands = find_islands(clues, build=build, fewest=fewest, fewest_ig=1)
    ig_islands = [island for island in islands if island.target in loci(build, "ig")]
    direct = [junction for island in ig_islands for junction in junctions_of(source, island, fewest=1)]
    chains = find_chains(source, found, islands, whole("min_fragments_anywhere"))
    chains += closing_chains(source, found.igh.clues, clues, direct)
    from_ig = borne_out(direct, chains)
    chance = _chance_fragments(clues, ig_islands, from_ig, build)
    needed = needed_by_kind(replace(found, loose=max(found.loose, _loose_of(direct))), chance, build)
    of_myc = _from_myc(source, found.windows[MYC], islands, needed[ANYWHERE_MYC].sure)
    of_igh = _from_igh(source, found.igh, needed[ANYWHERE_IGH].sure)
    of_myc, of_igh = (
        [junction for junction in junctions if not is_link(junction, chains)] for junctions in (of_myc, of_igh)
    )
    stray = _Strays(clues + found.igh.clues, found, build)

    def judged(junctions: Sequence[ReadJunction], kind: str) -> list[Candidate]:
        found = []
        for junction in _without_repeats(junctions):
            halves = reciprocals(junction, (*from_ig, *chains, *of_myc))[:1]
            found.append(
                judge(
                    stray.count(junction),
                    needed=needed[WINDOW if halves and junction.target in loci(build, "ig") else kind],
                    source=source,
                    spots=spots,
                    normal=normal,
                    other=halves[0] if halves else None,
                )
            )
        return found

    candidates = judged(from_ig, WINDOW) + judged(of_myc, ANYWHERE_MYC) + judged(of_igh, ANYWHERE_IGH)
    candidates += judged(chains, ANYWHERE_MYC)
    return Search(tuple(candidates), needed, chance)


def needed_by_kind(found: Survey, chance: int, build: str) -> dict[str, Needed]:
    """Fragments that a junction needs: of a window with an IG locus, of MYC with any place, of IGH with any place."""
    longest = found.library.longest
    genome = [Interval(chrom, 0, length) for chrom, length in chrom_lengths(build).items()]
    ig = [locus.span for locus in loci(build, "ig").values()]
    myc = found.windows[MYC]
    fewest = whole("min_fragments_anywhere")
    strays = {
        name: len({clue.fragment for clue in one.clues if clue.far.chrom != one.region.chrom})
        for name, one in ((MYC, myc), (IGH, found.igh))
    }
    return {
        WINDOW: needed_fragments(
            chance,
            partner=[one.region for one in found.windows.values()],
            donor=ig,
            longest=longest,
            loose=found.loose,
        ),
        ANYWHERE_MYC: needed_fragments(strays[MYC], partner=[myc.region], donor=genome, longest=longest, fewest=fewest),
        ANYWHERE_IGH: needed_fragments(
            strays[IGH], partner=genome, donor=[found.igh.region], longest=longest, fewest=fewest
        ),
    }


def _from_myc(source: Source, myc: Scan, islands: Sequence[Island], fewest: int) -> list[ReadJunction]:
    """Junctions of MYC with places outside the IG loci; those of one exchange are looked at together."""
    build = source.build
    found = []
    clues = ByPlace(myc.clues)
    reach = whole("partner_island")
    for island in islands:
        if island.target in loci(build, "ig") or not myc.region.contains(island.chrom, island.span[0]):
            continue
        low, high = island.span
        beside = clues.within(island.chrom, low - reach, high + reach)
        other = [clue for clue in beside if is_across(clue, island)]
        if len(island.fragments | {clue.fragment for clue in other}) >= fewest:
            for side in (island, Island(island.target, tuple(other))):
                found += junctions_of(source, side, fewest=1)
    return [item for item in found if item.fragments >= fewest or reciprocals(item, found)]


def _from_igh(source: Source, igh: Scan, fewest: int) -> list[ReadJunction]:
    """Junctions of IGH with partners outside the windows, found from the IGH side; the partner must map uniquely."""
    build = source.build
    outside = [
        clue
        for clue in igh.clues
        if target_of(clue, build) == clue.far.chrom
        and locus_of(clue.far, build, "partner_window") not in EVENT_OF_WINDOW
    ]
    found = []
    for island in find_islands(map(turned, outside), build=build, fewest=fewest):
        known = [turned(clue) for clue in with_mates(source, [turned(clue) for clue in island.clues])]
        trusted = tuple(clue for clue in known if clue.mapq >= whole("partner_mapq"))
        if len({clue.fragment for clue in trusted}) < fewest:
            continue
        gap = max(source.library.longest, whole("ig_island"))
        parts = split_by_far_side(replace(island, clues=trusted), build=build, gap=gap, least_mapq=0)
        found += [build_junction(source, part) for part in parts if len(part.fragments) >= fewest]
    return [junction for junction in found if junction.fragments >= fewest]


def _chance_fragments(
    clues: Sequence[Clue], islands: Sequence[Island], junctions: Sequence[ReadJunction], build: str
) -> int:
    """Fragments that join a window to an IG locus and belong to no island of several and to no junction."""
    several = (island.fragments for island in islands if len(island.fragments) >= whole("min_fragments"))
    taken = {fragment for fragments in several for fragment in fragments}
    taken |= {clue.fragment for junction in junctions for clue in junction.clues}
    ig = loci(build, "ig")
    joining = {clue.fragment for clue in clues if target_of(clue, build) in ig}
    return len(joining - taken)


def _loose_of(junctions: Iterable[ReadJunction]) -> float:
    """Share of lone fragments whose IG side has no place of its own."""
    lone = [clue for junction in junctions if junction.fragments == 1 for clue in junction.clues]
    return sum(not clue.far_mapq for clue in lone) / len(lone) if lone else 0.0


class _Strays:
    """Fragments around a junction that point to single other places."""

    def __init__(self, clues: Iterable[Clue], found: Survey, build: str) -> None:
        self.chimeric = found.library.chimeric
        self.build = build
        self.density = {
            one.region.chrom: one.trusted / one.region.length for one in (*found.windows.values(), found.igh)
        }
        self.places: dict[str, list[tuple[int, tuple[str, int], str]]] = {}
        for clue in clues:
            destination = clue.far.chrom, clue.far.position // DESTINATION
            self.places.setdefault(clue.near.chrom, []).append((clue.near.position, destination, clue.fragment))

    def count(self, junction: ReadJunction) -> ReadJunction:
        """The junction with its stray fragments counted, and how many of them ordinary chimeras would make."""
        reach = whole("partner_island")
        own = {clue.fragment for clue in junction.clues}
        place = junction.partner.position
        near = [
            (destination, fragment)
            for position, destination, fragment in self.places.get(junction.partner.chrom, ())
            if abs(position - place) <= reach and fragment not in own
        ]
        alone = Counter(destination for destination, _ in set(near))
        stray = sum(count == 1 for count in alone.values())
        expected = self.chimeric * self.density.get(junction.partner.chrom, 0.0) * 2 * reach
        return replace(junction, stray=stray, stray_expected=expected)


def judge(
    junction: ReadJunction,
    *,
    needed: Needed,
    source: Source,
    spots: Sequence[Interval] = (),
    normal: Source | None = None,
    other: ReadJunction | None = None,
) -> Candidate:
    """Say why a junction does not count, if it does not; with the fragments of the `other` junction of its exchange."""
    reasons = []
    sure, alike = junction.sure, junction.alike
    if other is not None:
        twice = len(junction.names & other.names)
        alike += other.alike - twice
        sure += other.sure - twice if agree_on_both_sides(junction, other) else 0
    if sure < needed.sure and alike < needed.loose:
        reasons.append(FEW)
    if junction.fragments >= STACK_FROM and junction.width < whole("island_width"):
        reasons.append(STACK)
    if is_place_noise(junction.fragments, junction.stray, expected=junction.stray_expected):
        reasons.append(NOISY)
    ends = (junction.partner, junction.donor)
    if any(spot.contains(end.chrom, end.position) for spot in (*artefacts(source.build), *spots) for end in ends):
        reasons.append(SPOT)
    if normal is not None and not reasons and _in_normal(junction, normal):
        reasons.append(NORMAL)
    return Candidate(junction, tuple(sorted(reasons)))


def _in_normal(junction: ReadJunction, normal: Source) -> bool:
    """Whether the matched normal shows the junction too, beyond what contamination by tumour cells gives."""
    reach = whole("partner_island")
    place = junction.partner
    region = Interval(place.chrom, max(0, place.position - reach), place.position + reach)
    seen = scan(normal.handle, region, contigs=normal.contigs, min_mapq=whole("partner_mapq"))
    same = {
        clue.fragment
        for clue in seen.clues
        if clue.near.strand == place.strand
        and clue.far.strand == junction.donor.strand
        and clue.far.chrom == junction.donor.chrom
        and abs(clue.far.position - junction.donor.position) <= reach
    }
    return len(same) > TOLERATED_IN_NORMAL or 2 * len(same) >= junction.fragments


def _without_repeats(junctions: Iterable[ReadJunction]) -> list[ReadJunction]:
    """Junctions that were found from both sides, or twice, once: that with more fragments."""
    kept: list[ReadJunction] = []
    for junction in sorted(junctions, key=lambda item: (-item.fragments, item.partner, item.donor)):
        if not any(_is_same(junction, other) for other in kept):
            kept.append(junction)
    return sorted(kept, key=lambda item: (item.partner, item.donor))


def _is_same(one: ReadJunction, other: ReadJunction) -> bool:
    ends, others = sorted((one.partner, one.donor)), sorted((other.partner, other.donor))
    return all(_close(a, b) for a, b in zip(ends, others, strict=True))


def _close(one: Breakend, other: Breakend) -> bool:
    return one.chrom == other.chrom and one.strand == other.strand and abs(one.position - other.position) <= SAME_PLACE
