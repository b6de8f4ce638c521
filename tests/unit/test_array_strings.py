"""Array, shallow sequencing and optical mapping strings: regions, builds, shares and what follows from them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.cytogenetics.array import parse_array
from mmrisk.cytogenetics.array_evidence import DETECTION_LIMIT, EVENTS, read_array
from mmrisk.events import Evidence, State


def evidence(text: str, cell_selection: str = "cd138") -> dict[str, Evidence]:
    found = read_array(text, sample_id="S1", assay_id="A1", cell_selection=cell_selection).evidence
    return {item.event: item for item in found}


def states(text: str, state: State = State.PRESENT) -> set[str]:
    return {event for event, item in evidence(text).items() if item.state is state}


PRESENT = [
    ("arr[GRCh38] (13)x1", {"del_13q"}),
    ("arr[GRCh38] 13q12.11q34(19,000,001_114,364,328)×1", {"del_13q"}),
    ("arr[hg19] 1q21.1q44(145,304,539-249,211,096)x3", {"gain_1q21"}),
    ("arr[GRCh37] 1q21.1q44(146,485,400_247,614,756)x4", {"gain_1q21", "amp_1q21"}),
    ("arr[GRCh38] (1)x3,1q21.1q23(144000000_160000000)x5", {"gain_1q21", "amp_1q21"}),
    ("arr[GRCh38] 1q21.1q21.3(144000000_155500000)amp", {"gain_1q21", "amp_1q21"}),
    ("arr[GRCh38] 17p13.3p11.2(1_22000000)x1", {"del_17p"}),
    ("arr[GRCh38] 17p12p11.2(11000000_22000000)x1", set()),
    ("arr[GRCh38] 17p13.3p11.2(1_22000000)x2 hmz", {"cnloh_17p"}),
    ("arr[GRCh38] 13q21.1q34(56,200,200_114,364,328)x1", set()),
    ("arr[GRCh38] (3,9,15)x3", {"trisomy_3", "trisomy_9", "trisomy_15", "hyperdiploid"}),
    ("arr[GRCh38] 9q21.11q34.3(68,000,000_138,394,717)x3,(3)x3", {"trisomy_3"}),
    ("arr[GRCh38] 1p33p32.3(47000000_55000000)x0", {"del_1p32", "biallelic_del_1p32"}),
    ("arr[GRCh38] (13,14)x1", {"del_13q", "del_14q", "hypodiploid"}),
    ("arr[GRCh38] <4n>(13)x3", {"del_13q", "near_tetraploid"}),
    ("arr[GRCh38] 17p13.1x1,1qx3", {"del_17p", "gain_1q21"}),
    ("arr(X,1-22)x2", set()),
    ("arr (1–22)×2,(XY)×1", set()),
    ("arr[GRCh38] (21)x3 dn", set()),
    ("sseq[GRCh38] (13)x1", {"del_13q"}),
    ("ogm[GRCh38] t(4;14)(p16.3;q32.33)(1869000;105600000)[0.9],(13)x1[0.9]", {"t_4_14", "del_13q"}),
]


@pytest.mark.parametrize(("text", "expected"), PRESENT)
def test_present_events_follow_from_the_regions(text: str, expected: set[str]) -> None:
    assert not parse_array(text).unread
    assert states(text) == expected


@pytest.mark.parametrize("text", [row[0] for row in PRESENT])
def test_normal_form_reads_back(text: str) -> None:
    array = parse_array(text)
    again = parse_array(str(array))
    assert (again.regions, again.ploidy, again.build, again.junctions, again.unread) == (
        array.regions,
        array.ploidy,
        array.build,
        array.junctions,
        (),
    )


def test_what_the_string_does_not_list_is_absent_down_to_a_fifth_of_cells() -> None:
    found = evidence("arr[GRCh38] (13)x1")["del_17p"]
    assert (found.state, found.copies, found.detection_limit) == (State.ABSENT, 2, DETECTION_LIMIT)


def test_lists_of_chromosomes_are_written_short() -> None:
    assert str(parse_array("arr (1-22)x2,(XY)x1")) == "arr (1-22)x2,(X,Y)x1"
    assert str(parse_array("arr[GRCh37] (3)x3,(5)x3,(7)x3")) == "arr[GRCh37] (3,5,7)x3"


def test_shares_of_cells_go_with_their_region() -> None:
    found = evidence("arr[GRCh38] (13)x1[0.4],17p13.3p11.2(1_22000000)x1[25%]")
    assert (found["del_13q"].fraction, found["del_17p"].fraction) == (0.4, 0.25)
    assert found["del_13q"].fraction_basis == "sorted_pc"


@pytest.mark.parametrize(
    ("text", "event", "state", "warning"),
    [
        ("arr[GRCh38] (13)x1~2", "del_13q", State.PRESENT, "mosaic"),
        ("arr[GRCh38] 1q21.1q44(144000000_248000000)x3~4", "amp_1q21", State.NOT_EVALUABLE, "copies_given_as_range"),
        ("arr[GRCh38] 1q21.1q44(144000000_248000000)x3~4", "gain_1q21", State.PRESENT, ""),
        ("arr[GRCh38] (8)cx", "gain_8q24", State.NOT_EVALUABLE, "chromosome_unresolved"),
        ("arr[GRCh38] (13)x1", "cnloh_17p", State.NOT_EVALUABLE, "not_known_to_see_loh"),
        ("arr[GRCh38] (13)x2 hmz", "cnloh_17p", State.ABSENT, ""),
        ("arr[GRCh38] (13)x1,17p13.1(", "del_17p", State.NOT_EVALUABLE, "unread_token"),
        ("arr[GRCh38] (13)x1,17p13.1(", "del_13q", State.PRESENT, ""),
        ("arr[GRCh38] (13)x1,foo", "gain_1q21", State.NOT_EVALUABLE, "unread_token"),
        ("arr[GRCh38] (13)x1", "near_tetraploid", State.NOT_EVALUABLE, ""),
    ],
)
def test_what_is_not_certain_says_why(text: str, event: str, state: State, warning: str) -> None:
    found = evidence(text)[event]
    assert found.state is state
    assert not warning or warning in found.warnings


def test_without_a_build_both_must_agree() -> None:
    certain = evidence("arr 17p13.3p11.2(1_22000000)x1")["del_17p"]
    assert (certain.state, certain.build) == (State.PRESENT, "")
    assert "build_not_given" in certain.warnings
    border = evidence("arr 17p13.1(7,560,000_7,620,000)x1")["del_17p"]
    assert border.state is State.NOT_EVALUABLE


def test_an_amplification_has_no_number_of_copies() -> None:
    assert evidence("arr[GRCh38] 1q21.1q21.3(144000000_155500000)amp")["amp_1q21"].copies is None


def test_unselected_cells_prove_no_absence() -> None:
    found = evidence("arr[GRCh38] (13)x1[0.1]", cell_selection="none")
    assert found["del_17p"].state is State.NOT_EVALUABLE
    assert (found["del_13q"].fraction, found["del_13q"].fraction_low, found["del_13q"].fraction_high) == (
        None,
        0.1,
        1.0,
    )


@pytest.mark.parametrize(
    ("text", "source", "method"),
    [
        ("arr[GRCh38] (13)x1", "array", "arr"),
        ("arr snp[GRCh38] (13)x1", "array", "arr_snp"),
        ("sseq[GRCh38] (13)x1", "lowpass", "sseq"),
        ("ogm[GRCh38] (13)x1", "array", "ogm"),
    ],
)
def test_the_technique_is_kept(text: str, source: str, method: str) -> None:
    found = evidence(text)["del_13q"]
    assert (found.source, found.method, found.build) == (source, method, "GRCh38")


def test_balanced_translocations_are_not_for_arrays() -> None:
    assert set(evidence("arr[GRCh38] (13)x1")) == set(EVENTS)


def test_coordinates_beyond_the_chromosome_are_not_read() -> None:
    text = "arr[GRCh38] 17p13.1(7000000_900000000)x1"
    piece = parse_array(text).unread[0]
    assert text[piece.start :].startswith(piece.text)


@pytest.mark.parametrize("text", ["", "nonsense", "arr", "arr[GRCh38]"])
def test_nothing_to_read_gives_no_evidence(text: str) -> None:
    assert evidence(text) == {}


@given(st.text(alphabet="0123456789pqxX()[];,_-~<>: arhmzcGRChgdn.×", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_reported(text: str) -> None:
    whole = "arr[GRCh38] " + text
    for piece in parse_array(whole).unread:
        assert whole[piece.start : piece.start + len(piece.text)] == piece.text
    read_array(whole, sample_id="S1", assay_id="A1")
