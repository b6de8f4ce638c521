"""The pure parts of the caller on reads: geometry of split reads, clips, noise and limits, shares, exports."""

import math
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mmrisk.contracts import BREAKPOINTS
from mmrisk.genome import Interval
from mmrisk.tables import conform
from mmrisk.translocations.annotation import (
    derivative_name,
    feature_name,
    ig_features,
    kept_enhancers,
    mechanism,
    nsd2_class,
)
from mmrisk.translocations.clip_placing import Placed, place_clip
from mmrisk.translocations.junction_exports import to_bedpe, to_vcf
from mmrisk.translocations.junctions import Breakend, junction_of
from mmrisk.translocations.noise import (
    Library,
    Needed,
    detection_limit,
    expected_fragments,
    is_place_noise,
    needed_fragments,
    poisson_tail,
)
from mmrisk.translocations.shares import Share, allele_share, clone_share
from mmrisk.translocations.split_reads import (
    junctions_of_read,
    other_parts,
    parse_cigar,
    part_of,
    reverse_complement,
)
from mmrisk.translocations.variants import read_variant_file
from mmrisk.translocations.windows import Hit, classify

BUILDS = ("GRCh38", "GRCh37")
SPLITS = [
    # own start, cigar, reverse, other part -> near and far breakend, shared bases
    ("forward, then forward", (1000, "60M40S", False), "chr14,5001,+,60S40M,60,0;", ("+", 1059), ("-", 5000), 0),
    ("forward, then reverse", (1000, "60M40S", False), "chr14,5001,-,40M60S,60,0;", ("+", 1059), ("+", 5039), 0),
    ("entered from another", (1000, "40S60M", False), "chr14,5001,+,40M60S,60,0;", ("-", 1000), ("+", 5039), 0),
    ("own part reverse", (1000, "40S60M", True), "chr14,5001,+,60S40M,60,0;", ("-", 1000), ("-", 5000), 0),
    ("two shared bases", (1000, "60M40S", False), "chr14,5001,+,58S42M,60,0;", ("+", 1059), ("-", 5000), 2),
    ("three inserted bases", (1000, "60M40S", False), "chr14,5001,+,63S37M,60,0;", ("+", 1059), ("-", 5000), -3),
]


@pytest.mark.parametrize(("name", "own", "tag", "near", "far", "shared"), SPLITS, ids=[row[0] for row in SPLITS])
def test_a_split_read_tells_both_breakends(name, own, tag, near, far, shared):
    start, cigar, reverse = own
    part = part_of("4", start, parse_cigar(cigar), reverse=reverse, mapq=60)
    ((one, two, overlap, _, _),) = junctions_of_read(part, list(other_parts(tag, {"chr14": "14"})))
    assert (one.strand, one.position) == near
    assert (two.strand, two.position) == far
    assert overlap == shared


BASES = st.text("ACGT", min_size=60, max_size=300)


@given(BASES, st.integers(0, 200), st.sampled_from("+-"), st.text("ACGT", max_size=6))
def test_a_clip_is_placed_where_its_bases_are(bases, offset, strand, inserted):
    assume(offset + 25 <= len(bases))
    text = bases if strand == "-" else reverse_complement(bases)
    taken = text[offset : offset + 25]
    assume(bases.count(taken[:12]) + reverse_complement(bases).count(taken[:12]) == 1)
    placed = place_clip(inserted + taken, bases, chrom="14", start=1000)
    position = 1000 + offset if strand == "-" else 1000 + len(bases) - 1 - offset
    if placed is not None and placed.inserted == inserted:
        assert placed == Placed(Breakend("14", position, strand), inserted)
    else:
        assert placed is None or len(placed.inserted) < len(inserted)


def test_a_clip_that_fits_twice_is_not_placed():
    unit = "ACGTTGCAATCGGATCCGTAGCTAG"
    assert place_clip(unit, unit + "TTTTTT" + unit, chrom="14", start=0) is None


WINDOWS = [Interval("4", 0, 12_000_000)]
IG = [Interval("14", 0, 4_000_000)]


@given(st.integers(0, 100_000))
def test_more_noise_never_needs_fewer_fragments(chance):
    one, more = (needed_fragments(count, partner=WINDOWS, donor=IG, longest=650) for count in (chance, 2 * chance))
    assert 2 <= one.sure <= more.sure
    assert one.sure <= one.loose


def test_a_clean_genome_needs_two_fragments_and_a_damaged_one_more():
    assert needed_fragments(8, partner=WINDOWS, donor=IG, longest=650).sure == 2
    assert needed_fragments(1_000, partner=WINDOWS, donor=IG, longest=650).sure == 3
    assert needed_fragments(8, partner=WINDOWS, donor=IG, longest=650).loose == 3


NOISE = [(3, 0, 1.0, False), (3, 3, 1.0, False), (3, 40, 1.0, True), (30, 40, 1.0, False), (2, 40, 40.0, False)]


@pytest.mark.parametrize(("fragments", "stray", "expected", "noise"), NOISE)
def test_reads_that_point_everywhere_make_no_junction(fragments, stray, expected, noise):
    assert is_place_noise(fragments, stray, expected=expected) is noise


@given(st.floats(0.05, 200), st.integers(2, 6), st.floats(0.1, 1.0))
def test_a_clone_of_the_limit_is_seen_with_95_percent_power(expected, needed, purity):
    limit = detection_limit(expected, Needed(needed, needed), purity=purity)
    if limit is None:
        assert poisson_tail(needed, expected * purity) < 0.95
    else:
        assert math.isclose(poisson_tail(needed, expected * purity * limit), 0.95, abs_tol=1e-6)


def test_depth_purity_and_derivatives_lower_the_limit():
    library = Library(fragment=450, longest=650, read_length=150, chimeric=0.005)

    def limit(*, per_copy=0.05, derivatives=2, needed=2, purity=0.9, loose=0.0):
        return detection_limit(
            expected_fragments(per_copy, library, derivatives=derivatives),
            Needed(needed, needed + 1),
            loose=loose,
            purity=purity,
        )

    assert limit() < 0.15, "30x"
    assert limit(per_copy=0.05 / 3) < 0.4, "10x"
    assert limit(derivatives=1) == pytest.approx(2 * limit())
    assert limit(needed=3) > limit(loose=0.3) > limit()
    assert limit(purity=0.45) == pytest.approx(2 * limit())


@given(st.integers(1, 200), st.integers(0, 200), st.sampled_from([1, 2]))
def test_shares_lie_inside_their_interval(fragments, reference, derivatives):
    allele = allele_share(fragments, reference, derivatives=derivatives)
    assert 0 <= allele.low <= allele.value <= allele.high <= 1
    widened = clone_share(allele, purity=0.6, span=(0.5, 0.9))
    clone = clone_share(allele, purity=0.6)
    assert widened.low <= clone.low <= widened.value == clone.value <= clone.high <= widened.high
    assert 0 <= clone.low <= clone.value <= clone.high <= 1


def test_a_purity_known_by_its_ends_widens_the_share_of_the_clone_and_does_not_move_it():
    allele = Share(0.1, 0.05, 0.15)
    widened = clone_share(allele, purity=0.5, span=(0.4, 0.8))
    assert (widened.value, widened.low, widened.high) == pytest.approx((0.4, 0.125, 0.75))


@pytest.mark.parametrize("copies", [2, 3, 4])
@pytest.mark.parametrize("purity", [0.3, 0.8, 1.0])
def test_the_share_of_the_clone_is_found_at_any_purity_and_copy_number(purity, copies):
    clone, per_copy = 0.5, 1000
    carried = purity * clone
    whole = (purity * copies + (1 - purity) * 2) - carried
    allele = allele_share(round(2 * carried * per_copy), round(whole * per_copy), derivatives=2)
    assert clone_share(allele, purity=purity, copies=copies).value == pytest.approx(clone, abs=0.01)


@pytest.mark.parametrize("build", BUILDS)
def test_parts_of_igh_lie_in_order_and_do_not_overlap(build):
    spans = [item.span for item in ig_features(build)]
    assert all(one.end <= two.start for one, two in pairwise(spans))


FEATURES = [
    (105_858_000, "SM", "class_switch"),
    (105_864_000, "JH", "vdj_recombination"),
    (105_900_000, "D", "vdj_recombination"),
    (106_400_000, "V", "vdj_recombination"),
    (105_570_000, "3'RR2", "regulatory_region"),
    (105_800_000, "C", "other"),
]


@pytest.mark.parametrize(("position", "name", "how"), FEATURES)
def test_the_place_in_igh_names_its_part_and_mechanism(position, name, how):
    end = Breakend("14", position, "+")
    assert (feature_name(end, build="GRCh38"), mechanism(end, build="GRCh38")) == (name, how)


def test_a_switch_break_shares_the_enhancers_out_between_the_derivatives():
    assert kept_enhancers(Breakend("14", 105_858_000, "-"), build="GRCh38") == ("Emu",)
    assert kept_enhancers(Breakend("14", 105_858_000, "+"), build="GRCh38") == ("3'RR",)
    assert set(kept_enhancers(Breakend("14", 105_864_000, "+"), build="GRCh38")) == {"3'RR", "Emu"}


DERIVATIVES = [
    (("4", 1_900_000, "-"), ("14", 105_858_000, "-"), "der(4)"),
    (("4", 1_900_000, "+"), ("14", 105_858_000, "+"), "der(14)"),
    (("11", 69_400_000, "-"), ("14", 105_858_000, "+"), "der(14)"),
    (("11", 69_400_000, "+"), ("14", 105_858_000, "-"), "der(11)"),
    (("11", 69_400_000, "+"), ("14", 105_858_000, "+"), "?"),
    (("11", 69_400_000, ""), ("14", 105_858_000, ""), "?"),
]


@pytest.mark.parametrize(("one", "other", "name"), DERIVATIVES)
def test_the_derivative_is_named_after_its_centromere(one, other, name):
    assert derivative_name(Breakend(*one), Breakend(*other), build="GRCh38") == name


@pytest.mark.parametrize(
    ("position", "name"),
    [(1_860_000, "none"), (1_880_000, "early"), (1_920_000, "late")],
)
def test_nsd2_is_classed_by_where_it_breaks_and_evidence_foretells_no_survival(position, name):
    junction = junction_of(Breakend("4", position, "-"), Breakend("14", 105_858_000, "-"), caller="reads")
    hit = classify(junction, build="GRCh38")
    assert isinstance(hit, Hit)
    found, meaning = nsd2_class([hit], build="GRCh38")
    assert found == name
    assert meaning.endswith("Stong 2023 (10.1182/blood.2022016212)")
    assert "survival" not in meaning


def breakpoints(**values):
    row = {
        **dict(sample_id="S", assay_id="a", event="t_4_14", build="GRCh38", donor="IGH", donor_chrom="14"),
        **dict(donor_position=105_857_999, donor_strand="+", partner="NSD2", partner_chrom="4"),
        **dict(partner_position=1_884_999, partner_strand="+", support=13, exact=True, inserted="ACC"),
    }
    return conform(pd.DataFrame([row | values]), BREAKPOINTS)


STRANDS = [("+", "+"), ("+", "-"), ("-", "+"), ("-", "-")]


@pytest.mark.parametrize(("partner", "donor"), STRANDS)
def test_exports_are_read_back_as_the_same_junction(tmp_path, partner, donor):
    frame = breakpoints(partner_strand=partner, donor_strand=donor)
    texts = {"a.vcf": to_vcf(frame, sample_id="S", build="GRCh38"), "a.bedpe": to_bedpe(frame)}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        (junction,) = read_variant_file(tmp_path / name, build="GRCh38", sample_id="S").junctions
        assert junction.ends == (Breakend("14", 105_857_999, donor), Breakend("4", 1_884_999, partner))
        assert junction.fragments == 13
        assert junction.passes


def test_inserted_bases_are_written_on_the_strand_of_each_side():
    text = to_vcf(breakpoints(), sample_id="S", build="GRCh38")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert {row[0]: row[4] for row in rows} == {
        "chr4": "NACC]chr14:105858000]",
        "chr14": "NGGT]chr4:1885000]",
    }


def test_what_does_not_count_is_exported_with_its_filter(tmp_path):
    frame = breakpoints(filters="noisy_place;stack")
    (tmp_path / "a.vcf").write_text(to_vcf(frame, sample_id="S", build="GRCh38"))
    (junction,) = read_variant_file(tmp_path / "a.vcf", build="GRCh38").junctions
    assert junction.filters == ("noisy_place", "stack")
