"""Junctions from simulated reads, aligned by bwa: what is called, where, and what is not."""

import shutil

import numpy as np
import pysam
import pytest

from mmrisk.assays import AssayFile
from mmrisk.genome import CHROMOSOMES, Interval
from mmrisk.simulate.alignment import align, write_compact_fasta
from mmrisk.simulate.exchanges import PARTNERS, THIRD_LOCUS, exact_place, exchange, normal_alleles
from mmrisk.simulate.translocations import Allele, Layout, Reference, draw_pairs, junction_allele, random_bases
from mmrisk.translocations.from_reads import conclude
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_search import search
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import survey

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
