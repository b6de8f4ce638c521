import itertools
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_example
from mmrisk.events import State, Tier, catalogue
from mmrisk.genome import chrom_lengths
from mmrisk.report import genome_figure as genome
from mmrisk.report.genome_view import genomes

P, A, C, N = State.PRESENT, State.ABSENT, State.CONFLICT, State.NOT_EVALUABLE


def event(name, state, fraction=None):
    return {"event": name, "state": state, "fraction": fraction, "tier": Tier.MEASURED}


def segment(chrom, start, end, copies, minor=None):
    return {"chrom": chrom, "start": start, "end": end, "copies": copies, "minor_copies": minor, "n_markers": 10}


def junction(name, donor, donor_position, partner, position):
    places = {"donor_chrom": donor, "donor_position": donor_position}
    return {"event": name, **places, "partner_chrom": partner, "partner_position": position}


@given(st.sampled_from(genome.CHROMOSOMES), st.floats(0, 1.2))
def test_a_place_lies_inside_its_chromosome(chrom, share):
    shape = genome.chromosomes()[chrom]
    x = genome.place(chrom, share * chrom_lengths("GRCh38")[chrom])
    assert shape.x - 0.1 <= x <= shape.x + shape.width + 0.1


def test_chromosomes_fill_the_width_in_order_and_never_overlap():
    shapes = list(genome.chromosomes().values())
    assert shapes[0].x == genome.LEFT
    assert shapes[-1].x + shapes[-1].width == pytest.approx(genome.WIDTH - genome.RIGHT, abs=0.2)
    for one, other in itertools.pairwise(shapes):
        assert other.x >= one.x + one.width
    assert shapes[0].p / shapes[0].width == pytest.approx(123_400_000 / 248_956_422, abs=0.01)


@pytest.mark.parametrize("name", catalogue())
def test_every_event_of_one_place_has_a_place(name):
    kind = catalogue()[name]
    if kind.loci and kind.kind not in genome.LEFT_OUT and name != "igk_igl_partner":
        assert genome.event_x(name) is not None


def test_what_was_found_has_words_and_what_was_not_has_a_mark_only():
    marks = genome._marks([event("del_17p", P, 0.5), event("del_13q", A), event("t_4_14", State.NOT_TESTED)])
    assert {mark.words: mark.state for mark in marks} == {"del(17p)": P, "": A}
    assert any("del(17p): present, 50" in mark.title for mark in marks)


def test_events_at_one_place_share_a_mark_and_the_stronger_speaks_for_the_weaker():
    marks = genome._marks([event("gain_1q21", P, 0.9), event("amp_1q21", P, 0.4), event("del_17p", C)])
    assert [mark.words for mark in marks] == ["1q21 amplification", "del(17p)?"]


def test_words_never_overlap():
    marks = [mark for mark in genome._marks([event(name, P) for name in catalogue()]) if mark.words]
    assert len(marks) > 12
    for lane in {mark.lane for mark in marks}:
        spans = sorted(
            (mark.text_x - len(mark.words) * genome.LETTER / 2, mark.text_x + len(mark.words) * genome.LETTER / 2)
            for mark in marks
            if mark.lane == lane
        )
        assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))


def ends_of(arc):
    return [float(x) for x in re.findall(r"^M([\d.]+) .* ([\d.]+) [\d.]+V", arc.path)[0]]


def test_a_fusion_is_an_arc_between_its_loci_and_between_its_junction_where_that_is_known():
    drawn = genome.figure([event("t_4_14", P, 0.8)], [], [])
    assert ends_of(drawn.arcs[0]) == [genome.locus_x("NSD2"), genome.locus_x("IGH")]
    called = [junction("myc_rearranged", "22", 22_000_000, "8", 127_000_000)]
    drawn = genome.figure([event("myc_rearranged", P)], [], called)
    assert ends_of(drawn.arcs[0]) == [genome.place("8", 127_000_000), genome.place("22", 22_000_000)]


@pytest.mark.parametrize("state", [A, N, State.NOT_TESTED])
def test_a_fusion_that_was_not_seen_has_no_arc(state):
    called = [junction("t_4_14", "14", 105_000_000, "4", 1_800_000)]
    drawn = genome.figure([event("t_4_14", state), event("del_17p", A)], [], called)
    assert drawn.arcs == ()


def test_segments_stand_at_their_level_and_above_the_scale_they_are_marked():
    panel = genome.copies_panel([segment("1", 0, 200_000_000, 2.0), segment("2", 0, 200_000_000, 9.0)])
    assert [(line.y, line.style, line.is_above) for line in panel.lines] == [
        (pytest.approx(genome.COPIES * 0.75, abs=0.1), "level", False),
        (0.0, "gain", True),
    ]
    assert [words for _, words in panel.grid] == list("012345678")


def test_a_narrow_loss_is_drawn_and_keeps_its_style():
    panel = genome.copies_panel([segment("9", 21_900_000, 22_000_000, 0.1), segment("Un", 0, 100, 2.0)])
    assert panel.lines == ()
    assert [style for style, _ in panel.narrow] == ["loss"]


def test_the_scale_never_ends_below_four_copies_and_minor_alleles_need_to_be_known():
    assert len(genome.copies_panel([segment("1", 0, 9_000_000, 1.0)]).grid) == 5
    assert genome.alleles_panel([segment("1", 0, 9_000_000, 1.0)]) is None
    assert genome.alleles_panel([segment("1", 0, 99_000_000, 2.0, 1.0)]).lines[0].y == genome.ALLELES / 2


def test_bins_are_thinned_to_one_point_per_unit_of_width_at_their_median():
    bins = [("1", 1_000_000 + place, 1_000_001 + place, level) for place, level in enumerate([2.0, 2.0, 8.0])]
    bins += [("2", 5_000_000, 5_000_001, 9.0), ("Un", 0, 10, 2.0), ("3", 0, 10, None)]
    frame = pd.DataFrame(bins, columns=["chrom", "start", "end", "copies"])
    expected = f"M{int(genome.place('1', 1_000_000))} 50h0M{int(genome.place('2', 5_000_000))} 0h0"
    assert genome._points(frame, 4, 100) == expected


def test_nothing_looked_at_is_no_figure():
    assert genome.figure([event("t_4_14", State.NOT_TESTED)], [], []) is None


def test_the_caption_says_which_assay_and_that_another_fit_is_nearly_as_good(tmp_path):
    first, *_ = genomes("S1", report_example.make(tmp_path))
    assert "measured by wgs" in first.caption
    said = first.caption.replace("\u00a0", " ")
    assert "Tumour cells 80 % (70 % to 90 %), fitted, ploidy 2.10; 1 other fit nearly as good." in said
    assert "t(4;14): present" in first.label
    other, *_ = genomes("S2", report_example.make(tmp_path))
    assert "no assay of this sample gives copies" in other.caption
