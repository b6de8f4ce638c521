"""Fragments that join a partner window to an IG locus by chance: how few calls they make, with and without a place."""

from dataclasses import replace

import numpy as np
import pysam
import pytest

from mmrisk.genome import CHROMOSOMES, Interval, chrom_lengths, loci
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.noise import Library, needed_fragments
from mmrisk.translocations.read_clues import PAIR, SPLIT, Clip, Clue, Scan
from mmrisk.translocations.read_exchanges import are_reciprocal
from mmrisk.translocations.read_junctions import ReadJunction
from mmrisk.translocations.read_search import search
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH

BUILD = "GRCh38"
NAMES = {chrom: f"chr{chrom}" for chrom in CHROMOSOMES}
LIBRARY = Library(fragment=400.0, longest=700, read_length=150, chimeric=0.002)
WINDOWS = {name: locus.span for name, locus in loci(BUILD, "partner_window").items() if name in EVENT_OF_WINDOW}
IG = {name: locus.span for name, locus in loci(BUILD, "ig").items()}


def a_clue(number, near, far, *, kind=SPLIT, far_mapq=60):
    """A fragment that joins two breakends."""
    return Clue(
        fragment=f"f{number}", kind=kind, near=near, far=far, span=(near.position - 100, near.position + 1), mapq=60,
        outer=near.position - 100 - number, far_outer=far.position + 40, far_mapq=far_mapq,
        far_span=(far.position, far.position + 50), settled=kind == PAIR,
    )  # fmt: skip


def drawn(rng, spans):
    """A breakend anywhere in some spans, on either strand."""
    lengths = np.array([span.length for span in spans])
    span = spans[rng.choice(len(spans), p=lengths / lengths.sum())]
    return Breakend(span.chrom, int(rng.integers(span.start, span.end)), "+-"[rng.integers(2)])


def chance(rng, count, *, without_place, pairs=0.0):
    """Fragments from anywhere in the windows to anywhere in the IG loci, a share of them of mapping quality 0 there."""
    return [
        a_clue(
            number,
            drawn(rng, list(WINDOWS.values())),
            drawn(rng, list(IG.values())),
            kind=PAIR if rng.random() < pairs else SPLIT,
            far_mapq=0 if rng.random() < without_place else 60,
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The search of a genome that holds these fragments and, besides them, only proper pairs."""
    path = tmp_path_factory.mktemp("chance") / "empty.bam"
    lengths = chrom_lengths(BUILD)
    header = {"HD": {"SO": "coordinate"}, "SQ": [{"SN": NAMES[chrom], "LN": lengths[chrom]} for chrom in NAMES]}
    pysam.AlignmentFile(str(path), "wb", header=header).close()
    pysam.index(str(path))

    def search_of(clues, loose):
        windows = {name: Scan(span, reads=500_000, trusted=500_000) for name, span in WINDOWS.items()}
        for one in windows.values():
            one.clues = [item for item in clues if one.region.contains(item.near.chrom, item.near.position)]
        igh = Scan(IG[IGH], reads=100_000, trusted=100_000)
        with pysam.AlignmentFile(str(path)) as handle:
            return search(Source(handle, NAMES, BUILD, LIBRARY), Survey(windows, igh, LIBRARY, loose))

    return search_of


@pytest.mark.parametrize(("count", "pairs"), [(200, 0.0), (60, 0.7)])
def test_fragments_of_chance_make_no_call_also_where_the_ig_side_has_no_place(searched, count, pairs):
    called = []
    for genome in range(40):
        rng = np.random.default_rng([count, genome])
        called += searched(chance(rng, count, without_place=0.3, pairs=pairs), 0.3).junctions
    assert not called


NEAR, DONOR = Breakend("4", 1_900_000, "+"), Breakend("14", 105_600_000, "-")
OTHER_NEAR = (Breakend("4", 1_900_400, "-"), Breakend("14", 105_600_300, "+"))
ELSEWHERE = replace(DONOR, position=105_900_000, strand="+")
QUIET, LOUD = 0, 30
EXCHANGES = [
    # mapping quality of either IG side, whether they lie together, chance fragments of the genome, whether it is enough
    (60, 60, True, LOUD, True),
    (60, 60, False, QUIET, False),
    (0, 0, False, QUIET, True),
    (0, 0, False, LOUD, False),
    (0, 60, True, QUIET, True),
    (0, 60, True, LOUD, False),
]


@pytest.mark.parametrize(("one", "other", "together", "background", "enough"), EXCHANGES)
def test_two_lone_split_reads_without_a_place_need_a_quiet_genome(searched, one, other, together, background, enough):
    near, far = OTHER_NEAR
    chosen = [
        a_clue(400, NEAR, DONOR, far_mapq=one),
        a_clue(401, near, far if together else ELSEWHERE, far_mapq=other),
    ]
    rng = np.random.default_rng(11)
    found = searched([*chosen, *chance(rng, background, without_place=0.3)], 0.0).junctions
    assert {name for junction in found for name in junction.names} == ({"f400", "f401"} if enough else set())


CLIPPED = Clip("c", NEAR, "ACGTACGTACGT", "ACGT", (1_899_900, 1_900_001), 60)
SURE = {
    "a lone split read without a place": ([(SPLIT, 0, 0)], 0, 0),
    "a lone split read with a place": ([(SPLIT, 0, 60)], 0, 1),
    "two that break at one base": ([(SPLIT, 0, 0), (SPLIT, 0, 0)], 0, 2),
    "two that break at two bases": ([(SPLIT, 0, 60), (SPLIT, 7, 60)], 0, 1),
    "a split read and a clip at one base": ([(SPLIT, 0, 0)], 1, 2),
    "a split read without a place and a pair with one": ([(SPLIT, 0, 0), (PAIR, -50, 60)], 0, 1),
    "pairs without a place": ([(PAIR, -50, 0), (PAIR, -90, 0)], 0, 0),
    "pairs with a place": ([(PAIR, -50, 60), (PAIR, -90, 60)], 0, 2),
}


@pytest.mark.parametrize("case", SURE)
def test_a_fragment_is_sure_by_its_place_or_by_the_base_where_it_breaks_with_others(case):
    parts, clips, sure = SURE[case]
    clues = tuple(
        a_clue(number, replace(NEAR, position=NEAR.position + step), DONOR, kind=kind, far_mapq=mapq)
        for number, (kind, step, mapq) in enumerate(parts)
    )
    found = ReadJunction(target=IGH, partner=NEAR, donor=DONOR, clues=clues, clipped=(CLIPPED,) * clips, exact=True)
    assert found.sure == sure
    assert found.alike == len(parts) + clips


def test_what_leads_to_no_locus_does_not_count_as_agreeing():
    lost = a_clue(1, NEAR, Breakend("GL000220.1", 500, "-"), far_mapq=0)
    found = ReadJunction(target=IGH, partner=NEAR, donor=DONOR, clues=(a_clue(0, NEAR, DONOR, kind=PAIR), lost))
    assert (found.fragments, found.alike) == (2, 1)


@pytest.mark.parametrize("far_mapq", [60, 0])
def test_chance_meets_as_often_as_the_error_model_says(far_mapq):
    """One and the other junction of an exchange, drawn anywhere in small windows, against the boxes of the model."""
    partner, donor = [Interval("4", 1_900_000, 1_930_000)], [Interval("14", 105_600_000, 105_630_000)]
    rng = np.random.default_rng(3)
    draws = 20_000
    met = 0
    for _ in range(draws):
        one, other = (
            ReadJunction(target=IGH, partner=near, donor=far, clues=(a_clue(number, near, far, far_mapq=far_mapq),))
            for number, (near, far) in enumerate((drawn(rng, partner), drawn(rng, donor)) for _ in range(2))
        )
        same = one.partner.strand == other.partner.strand and one.donor.strand == other.donor.strand
        same &= abs(one.partner.position - other.partner.position) <= 1_000
        same &= far_mapq == 0 or abs(one.donor.position - other.donor.position) <= LIBRARY.longest
        met += same or are_reciprocal(one, other)
    # the largest number of chance fragments whose pairs, ten times as many as if spread evenly, stay below 0.001
    largest = np.sqrt(2 * 0.001 / 10 / (met / draws))
    wide = 1_000  # windows so much wider that such fragments can be counted
    for chance_fragments, more in ((0.85, False), (1.15, True)):
        needed = needed_fragments(
            round(chance_fragments * largest * (wide if far_mapq else np.sqrt(wide))),
            partner=[replace(partner[0], end=partner[0].start + wide * partner[0].length)],
            donor=[replace(donor[0], end=donor[0].start + (wide if far_mapq else 1) * donor[0].length)],
            longest=LIBRARY.longest,
        )
        assert ((needed.sure if far_mapq else needed.loose) > 2) is more
