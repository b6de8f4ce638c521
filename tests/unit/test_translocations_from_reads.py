"""Junctions from simulated reads, aligned by bwa: what is called, where, and what is not."""

import shutil

import numpy as np
import pysam
import pytest

from mmrisk.assays import AssayFile
from mmrisk.genome import CHROMOSOMES, Interval
from mmrisk.simulate.alignment import align, write_compact_fasta, write_sorted
from mmrisk.simulate.exchanges import PARTNERS, THIRD_LOCUS, exact_place, exchange, normal_alleles
from mmrisk.simulate.translocations import (
    Allele,
    Layout,
    ReadPair,
    Reference,
    balanced,
    chimeras,
    draw_pairs,
    junction_allele,
    random_bases,
)
from mmrisk.translocations.from_reads import conclude
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_search import search
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import survey
from mmrisk.translocations.split_reads import reverse_complement

pytestmark = pytest.mark.skipif(shutil.which("bwa") is None, reason="bwa is not installed")
NAMES = {chrom: f"chr{chrom}" for chrom in CHROMOSOMES}
IGH_PIECE = Interval("14", 105_560_000, 105_960_000)


class Bench:
    """A made-up reference, and a way from alleles to calls."""

    def __init__(self, folder):
        self.folder, self.rng = folder, np.random.default_rng(7)
        self.reference = Reference()
        for piece in (IGH_PIECE, THIRD_LOCUS, *(partner.piece for partner in PARTNERS)):
            self.reference.pieces[piece] = random_bases(self.rng, piece.length)
        igh = self.reference.pieces[IGH_PIECE]
        # a switch region that occurs twice, and once more on a contig of its own: no read of it maps uniquely
        twin = igh[140_000:146_000]
        self.reference.pieces[IGH_PIECE] = igh[:180_000] + twin + igh[186_000:]
        self.extra = {"chr14_KI270846v1_alt": twin}
        self.fasta = folder / "reference.fa"
        write_compact_fasta(self.reference, self.fasta, extra=self.extra)
        self.number = 0

    def bam(self, alleles, *, depth=30, also=()):
        self.number += 1
        path = self.folder / f"{self.number}.bam"
        pairs = [pair for allele in alleles for pair in draw_pairs(self.rng, allele, depth=depth, layout=Layout())]
        align([*pairs, *also], self.fasta, path, build="GRCh38", extra=self.extra)
        return path

    def found(self, bam, *, normal=None, spots=()):
        assay = AssayFile(sample_id="S", assay_id="a", source="wgs", file=bam, build="GRCh38", purity=0.9)
        with pysam.AlignmentFile(str(bam)) as handle:
            regions = survey(handle, contigs=NAMES, build="GRCh38")
            source = Source(handle, NAMES, "GRCh38", regions.library)
            against = Source(pysam.AlignmentFile(str(normal)), NAMES, "GRCh38", regions.library) if normal else None
            result = search(source, regions, spots=spots, normal=against)
            return conclude(source, regions, result, assay, copies={}, filtered=normal is not None)

    def sample(self, made, *, share=0.9, depth=30):
        ends = [end for pair in made.junctions for end in pair]
        carried = [Allele(allele.name, allele.bases, share) for allele in made.alleles]
        return self.bam([*carried, *normal_alleles(self.reference, ends[:2], share=share)], depth=depth)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("translocations"))


def states(found):
    return {item.event: str(item.state) for item in found.evidence}


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda partner: partner.name)
def test_both_derivatives_are_found_to_the_base(bench, partner):
    made = exchange(bench.rng, bench.reference, partner, "balanced")
    found = bench.found(bench.sample(made))
    rows = found.breakpoints[found.breakpoints["filters"].isna()]
    assert set(rows["event"]) == {partner.event}
    assert set(rows["other_derivative"]) == {"seen"}
    called = {
        (row.partner_position, row.partner_strand, row.donor_position, row.donor_strand) for row in rows.itertuples()
    }
    true = [exact_place(bench.reference, *pair, "")[:2] for pair in made.junctions]
    assert called == {(one.position, one.strand, two.position, two.strand) for one, two in true}
    assert states(found)[partner.event] == "present"
    assert [event for event, state in states(found).items() if state == "present" and event.startswith("t_")] == [
        event for event in [partner.event] if event.startswith("t_")
    ]


def test_a_lost_derivative_is_said_to_be_missing_and_takes_fgfr3_with_it(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[0], "derivative_lost")
    found = bench.found(bench.sample(made, depth=40))
    assert list(found.breakpoints["other_derivative"]) == ["missing"]
    assert list(found.breakpoints["derivative"]) == ["der(4)"]
    assert states(found)["fgfr3_lost"] == "present"


def test_bases_of_neither_side_are_reported(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[4], "inserted_bases")
    found = bench.found(bench.sample(made))
    partner, donor, left = exact_place(bench.reference, *made.junctions[0], made.inserted)
    row = found.breakpoints[found.breakpoints["partner_strand"] == partner.strand].iloc[0]
    assert (row["partner_position"], row["donor_position"]) == (partner.position, donor.position)
    assert row["inserted"] == left


@pytest.mark.parametrize("kind", ["insertion", "three_way"])
def test_a_chain_through_a_third_locus_is_followed(bench, kind):
    made = exchange(bench.rng, bench.reference, PARTNERS[6], kind)
    found = bench.found(bench.sample(made))
    assert states(found)["t_14_16"] == "present"
    chained = found.breakpoints[found.breakpoints["through"].notna()]
    assert len(chained) == 1
    assert chained["through"].iloc[0].startswith("7:55")
    assert set(found.breakpoints["other_derivative"]) == {"seen"}


def test_an_ig_side_without_a_place_of_its_own_is_still_joined(bench):
    partner = Breakend("4", 1_890_000, "-")
    donor = Breakend("14", IGH_PIECE.start + 143_000, "-")
    allele = junction_allele(bench.reference, [(partner, donor)], name="T", reach=2_500)
    normal = normal_alleles(bench.reference, [partner], share=0.9)
    found = bench.found(bench.bam([Allele("T", allele.bases, 0.9), *normal]))
    assert states(found)["t_4_14"] == "present"
    assert not found.breakpoints["donor_placed"].any()


def rearranged(bench, *pairs):
    """Deletions inside IGH: V(D)J joining and class switching."""
    bases = bench.reference.bases
    return [
        Allele(f"R{low}", bases("14", low - 10_000, low) + bases("14", high, high + 10_000), 0.9) for low, high in pairs
    ]


def test_rearrangements_of_igh_are_a_control_and_no_event(bench):
    alleles = rearranged(bench, (105_864_000, 105_940_000), (105_711_000, 105_858_000))
    found = bench.found(bench.bam(alleles))
    assert set(found.rearrangements["kind"]) == {"vdj", "class_switch"}
    assert found.breakpoints.empty
    assert "present" not in states(found).values()


def test_a_junction_of_the_matched_normal_does_not_count(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[4], "balanced")
    bam = bench.sample(made)
    found = bench.found(bam, normal=bam)
    assert set(found.breakpoints["filters"]) == {"in_normal"}
    assert states(found)["t_11_14"] != "present"


def test_a_spot_of_the_normals_does_not_count(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[4], "balanced")
    place = made.junctions[0][0]
    found = bench.found(bench.sample(made), spots=[Interval(place.chrom, place.position - 50, place.position + 50)])
    assert set(found.breakpoints["filters"]) == {"artefact"}


@pytest.mark.parametrize("copies", [3, 12])
def test_copies_of_one_molecule_are_one_fragment(bench, copies):
    made = exchange(bench.rng, bench.reference, PARTNERS[4], "derivative_lost")
    pairs = list(draw_pairs(bench.rng, made.alleles[0], depth=30, layout=Layout(errors=0)))
    across = next(pair for pair in pairs if pair.start < 9_800 and pair.end > 10_200)
    same = [type(across)(f"copy{n}", across.first, across.second, 0, 0) for n in range(copies)]
    found = bench.found(bench.bam(normal_alleles(bench.reference, list(made.junctions[0]), share=0.0), also=same))
    assert states(found)["t_11_14"] != "present"


def test_the_same_reads_give_the_same_tables(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[0], "balanced")
    bam = bench.sample(made)
    one, two = bench.found(bam), bench.found(bam)
    assert one.evidence == two.evidence
    assert one.reads.equals(two.reads)


def across(bench, allele, *, left, right, number):
    """One fragment whose reads reach `left` bp before the junction of an allele and `right` bp beyond it."""
    start, end = 10_000 - left, 10_000 + right
    one, two = allele.bases[start : start + 150], reverse_complement(allele.bases[end - 150 : end])
    return ReadPair(f"{allele.name}:{number}", one, two, start, end)


PLACES = {"a pair": (230, 220), "a split read": (60, 390), "a clip of 20 bp": (20, 430), "a clip of 12 bp": (12, 438)}
TOGETHER = [
    # fragments of the first junction, of the second, whether they are enough
    (["a pair"], [], False),
    (["a split read"], [], False),
    (["a pair"], ["a pair"], True),
    (["a split read"], ["a pair"], True),
    (["a pair", "a clip of 20 bp"], [], True),
    (["a split read", "a clip of 20 bp"], [], True),
    (["a split read", "a clip of 12 bp"], [], True),
    (["a clip of 20 bp"], [], False),
]


@pytest.mark.parametrize(("first", "second", "enough"), TOGETHER)
def test_two_fragments_that_bear_each_other_out_are_enough(bench, first, second, enough):
    partner, donor = Breakend("11", 69_350_000, "-"), Breakend("14", 105_690_500, "+")
    junctions = balanced(partner, donor)
    alleles = [
        junction_allele(bench.reference, [pair], name=f"T{number}", reach=10_000)
        for number, pair in enumerate(junctions)
    ]
    chosen = [
        across(bench, allele, left=PLACES[name][0] + number, right=PLACES[name][1], number=number)
        for allele, names in zip(alleles, (first, second), strict=True)
        for number, name in enumerate(names)
    ]
    found = bench.found(bench.bam(normal_alleles(bench.reference, [partner, donor], share=0.0), also=chosen))
    assert (states(found)["t_11_14"] == "present") == enough
    if enough:
        evidence = next(item for item in found.evidence if item.event == "t_11_14")
        assert evidence.support == len(first) + len(second)
        assert "few_fragments" in evidence.warnings
        assert found.breakpoints["filters"].isna().all()
    else:
        assert found.breakpoints.empty, "lone fragments are chance and not worth a row"


@pytest.mark.parametrize(("chance", "enough"), [(0, True), (60, False)])
@pytest.mark.parametrize("kind", ["a pair", "a split read"])
def test_two_lone_fragments_whose_ig_side_has_no_place_are_enough_only_where_chance_is_rare(
    bench, kind, chance, enough
):
    partner, donor = Breakend("11", 69_350_000, "-"), Breakend("14", IGH_PIECE.start + 143_000, "+")
    left, right = PLACES[kind]
    chosen = [
        across(
            bench,
            junction_allele(bench.reference, [pair], name=f"T{number}", reach=10_000),
            left=left,
            right=right,
            number=0,
        )
        for number, pair in enumerate(balanced(partner, donor))
    ]
    near = [other.piece for other in PARTNERS]
    chosen += chimeras(bench.rng, bench.reference, chance, layout=Layout(), near=near)
    found = bench.found(bench.bam(normal_alleles(bench.reference, [partner], share=0.0), also=chosen))
    assert (states(found)["t_11_14"] == "present") == enough


def test_a_part_of_a_read_is_trusted_by_its_own_score_where_the_rest_lies_in_a_repeat(bench):
    partner, donor = Breakend("11", 69_350_000, "-"), Breakend("14", IGH_PIECE.start + 143_000, "+")
    allele = junction_allele(bench.reference, [(partner, donor)], name="T", reach=10_000)
    chosen = [across(bench, allele, left=60 + step, right=390, number=step) for step in (0, 9)]
    bam = bench.bam(normal_alleles(bench.reference, [partner], share=0.0), also=chosen)
    with pysam.AlignmentFile(str(bam)) as handle:
        parts = [row for row in handle.fetch("chr11") if row.is_supplementary]
    assert [row.mapping_quality for row in parts] == [0, 0], "bwa gives them the quality of the primary part"
    assert states(bench.found(bam))["t_11_14"] == "present"


def test_lone_fragments_far_from_each_other_are_no_exchange(bench):
    donor = Breakend("14", 105_690_500, "+")
    one, two = Breakend("11", 69_350_000, "-"), Breakend("11", 69_353_000, "-")
    alleles = [
        junction_allele(bench.reference, [balanced(end, donor)[number]], name=f"T{number}", reach=10_000)
        for number, end in enumerate((one, two))
    ]
    chosen = [across(bench, allele, left=230, right=220, number=0) for allele in alleles]
    found = bench.found(bench.bam(normal_alleles(bench.reference, [one, two, donor], share=0.0), also=chosen))
    assert found.breakpoints.empty


@pytest.mark.parametrize("quality", [60, 5])
def test_lone_fragments_with_two_places_on_the_ig_side_are_no_exchange(bench, quality):
    partner = Breakend("11", 69_350_000, "-")
    donors = [Breakend("14", 105_690_500, "+"), Breakend("14", 105_800_500, "+")]
    chosen = []
    for number, donor in enumerate(donors):
        allele = junction_allele(bench.reference, [balanced(partner, donor)[number]], name=f"T{number}", reach=10_000)
        chosen.append(across(bench, allele, left=230, right=220, number=0))
    bam = bench.bam(normal_alleles(bench.reference, [partner, *donors], share=0.0), also=chosen)
    doubtful = bench.folder / "doubtful.bam"
    with pysam.AlignmentFile(str(bam)) as handle:
        rows = list(handle)
        for row in rows:
            if row.query_name == "T1:0" and row.reference_name == "chr14":
                row.mapping_quality = quality
        write_sorted("\n".join(row.to_string() for row in rows), handle.header.to_dict(), doubtful)
    assert bench.found(doubtful).breakpoints.empty


def test_one_fragment_across_both_ends_of_a_small_insertion_counts_once(bench):
    bases = bench.reference.bases
    piece = bases("14", 105_690_400, 105_690_480)
    inserted = bases("11", 69_349_000, 69_350_000) + piece + bases("11", 69_350_000, 69_351_000)
    chosen = [
        ReadPair(f"T:{n}", inserted[940 - n : 1_090 - n], reverse_complement(inserted[1_000 + n : 1_150 + n]), 0, 0)
        for n in (0,)
    ]
    places = [Breakend("11", 69_350_000, "+"), Breakend("14", 105_690_440, "+")]
    found = bench.found(bench.bam(normal_alleles(bench.reference, places, share=0.0), also=chosen))
    assert states(found)["t_11_14"] != "present"


def test_reads_on_an_alternative_contig_only_are_placed_on_the_chromosome_that_it_repeats(bench):
    partner, donor = Breakend("4", 1_890_000, "-"), Breakend("14", IGH_PIECE.start + 143_000, "-")
    allele = junction_allele(bench.reference, [(partner, donor)], name="T", reach=10_000)
    chosen = [across(bench, allele, left=230 + step, right=220, number=step) for step in (0, 9, 18)]
    bam = bench.bam(normal_alleles(bench.reference, [partner], share=0.0), also=chosen)
    moved = bench.folder / "alternative.bam"
    with pysam.AlignmentFile(str(bam)) as handle:
        contig, shift = "chr14_KI270846v1_alt", IGH_PIECE.start + 140_000
        number = handle.references.index(contig)
        rows = list(handle)
        for row in rows:
            if row.query_name.startswith("T") and row.reference_name != "chr4":
                place = IGH_PIECE.start + 143_000 + row.reference_start % 1_000 - donor.position % 1_000
                row.reference_id, row.reference_start = number, place - shift
                row.set_tag("XA", f"chr14,{'-' if row.is_reverse else '+'}{place + 1},150M,0;")
                there = row
            if row.query_name.startswith("T") and row.reference_name == "chr4":
                here = row
        assert there.mapping_quality == 0
        for row in rows:
            if row.query_name.startswith("T") and row.reference_name == "chr4":
                mate = next(other for other in rows if other.query_name == row.query_name and other is not row)
                row.next_reference_id, row.next_reference_start = number, mate.reference_start
        assert here.next_reference_name == contig
        write_sorted("\n".join(row.to_string() for row in rows), handle.header.to_dict(), moved)
    found = bench.found(moved)
    assert states(found)["t_4_14"] == "present"
    assert set(found.breakpoints["donor_chrom"]) == {"14"}
    assert not found.breakpoints["donor_placed"].any()


def test_no_derivative_is_missing_from_a_file_whose_discordant_pairs_were_removed(bench):
    made = exchange(bench.rng, bench.reference, PARTNERS[0], "derivative_lost")
    bam = bench.sample(made, depth=40)
    filtered = bench.folder / "proper.bam"
    pysam.samtools.view("-b", "-f", "2", "-o", str(filtered), str(bam), catch_stdout=False)
    pysam.index(str(filtered))
    found = bench.found(filtered)
    assert states(found)["t_4_14"] == "present"
    assert list(found.breakpoints["other_derivative"]) == ["not_seen"]
    assert states(found)["fgfr3_lost"] == "not_evaluable"


CLOSING = [
    # fragments of the direct junction, of the link into the third locus, of the link from there, whether it is enough
    (1, 2, 1, True),
    (1, 1, 2, True),
    (1, 1, 1, False),
    (0, 2, 1, False),
    (1, 3, 0, False),
]


@pytest.mark.parametrize(("direct", "into", "out", "enough"), CLOSING)
def test_a_faint_chain_that_closes_an_exchange_is_enough_with_one_direct_fragment(bench, direct, into, out, enough):
    partner, donor = Breakend("16", 78_850_000, "-"), Breakend("14", 105_690_500, "+")
    (one, two), (three, four) = balanced(partner, donor)
    third = Breakend("7", 55_040_000, "-"), Breakend("7", 55_045_000, "+")
    alleles = [
        junction_allele(bench.reference, [pair], name=f"T{number}", reach=10_000)
        for number, pair in enumerate([(one, two), (three, third[0]), (third[1], four)])
    ]
    chosen = [
        across(bench, allele, left=230 + 11 * number, right=220, number=number)
        for allele, count in zip(alleles, (direct, into, out), strict=True)
        for number in range(count)
    ]
    normal = normal_alleles(bench.reference, [partner, donor, *third], share=0.0)
    found = bench.found(bench.bam(normal, also=chosen))
    assert (states(found)["t_14_16"] == "present") == enough
    if enough:
        assert set(found.breakpoints["other_derivative"]) == {"seen"}
        assert found.breakpoints["through"].notna().sum() == 1


@pytest.mark.parametrize(("first", "second", "enough"), [(2, 1, True), (1, 2, True), (2, 0, False), (1, 1, False)])
def test_both_junctions_of_myc_with_any_other_place_count_together(bench, first, second, enough):
    junctions = balanced(Breakend("8", 127_650_000, "-"), Breakend("7", 55_040_000, "+"))
    chosen = []
    for number, (pair, count) in enumerate(zip(junctions, (first, second), strict=True)):
        allele = junction_allele(bench.reference, [pair], name=f"T{number}", reach=10_000)
        chosen += [across(bench, allele, left=230 + 11 * n, right=220, number=n) for n in range(count)]
    found = bench.found(bench.bam(normal_alleles(bench.reference, list(junctions[0]), share=0.0), also=chosen))
    assert (states(found)["myc_rearranged"] == "present") == enough
