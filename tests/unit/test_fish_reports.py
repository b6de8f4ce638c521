"""Reports that hold several kinds of strings: each part goes to its reader, and places stay those of the whole."""

import pytest

from mmrisk.cytogenetics.reading import Reading, Unread, join_readings, moved
from mmrisk.cytogenetics.reports import read_report
from mmrisk.events import State


def read(text, method):
    return read_report(text, method=method, sample_id="s", assay_id="a", cell_selection="cd138")


@pytest.mark.parametrize("method", ["karyotype", "fish"])
def test_a_karyotype_with_interphase_fish_gives_both(method):
    found = read("46,XX[20].nuc ish(TP53x1,D17Z1x2)[60/200]", method)
    by_source = {(item.event, item.source): item.state for item in found.evidence}
    assert by_source["del_17p", "fish"] is State.PRESENT
    assert by_source["del_17p", "karyotype"] is not State.ABSENT
    assert found.normalised == "46,XX[20].nuc ish (TP53×1,D17Z1×2)[60/200]"
    assert not found.unread


def test_words_around_a_karyotype_in_a_fish_report_go_to_fish():
    found = read("Karyotype: 46,XY[20]. FISH: nuc ish(TP53x2)[200]; t(4;14) not detected", "fish")
    by_source = {(item.event, item.source): item.state for item in found.evidence}
    assert by_source["del_17p", "fish"] is State.ABSENT
    assert by_source["t_4_14", "fish"] is State.ABSENT
    assert ("t_11_14", "karyotype") in by_source
    assert not found.unread


def test_an_array_part_goes_to_the_array_reader():
    found = read("arr[GRCh38] (1-22)x2.nuc ish(MYCx2)[60]", "array")
    assert {item.source for item in found.evidence} == {"array", "fish"}


def test_a_metaphase_result_is_one_of_metaphases():
    found = read("46,XY,t(4;14)(p16;q32)[3]/46,XY[17].ish t(4;14)(FGFR3+,IGH+;IGH+)", "karyotype")
    item = next(item for item in found.evidence if item.source == "fish")
    assert (item.event, item.state, item.fraction_basis) == ("t_4_14", State.PRESENT, "metaphases")
    assert {item.event for item in found.evidence if item.source == "fish"} == {"t_4_14"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ish del(17)(p13.1p13.1)(TP53-)", {"del_17p": State.PRESENT}),
        ("ish add(17)(p11.2)(TP53-)", {"del_17p": State.PRESENT}),
        ("ish del(17)(TP53+)", {}),
        ("ish der(13)t(9;13)del(13)(ABL1+,ASS+)", {}),
        ("ish t(3;14)(IGH+;IGH-)", {}),
        ("ish t(11;14)(q13;q32)(CCND1+,IGH+;IGH+)", {"t_11_14": State.PRESENT}),
        ("ish del(14)(5' IGH+,3' IGH-)", {"igh_rearranged_partner_unknown": State.NOT_EVALUABLE}),
    ],
)
def test_signs_on_an_abnormal_chromosome_tell_what_it_lost(text, expected):
    found = read(text, "fish")
    assert {item.event: item.state for item in found.evidence} == expected
    assert not found.unread


@pytest.mark.parametrize("text", ["gain of chromosomes 1, 12, X", "20, X", "in 46, XYZ", "85/200, X"])
def test_numbers_in_prose_are_no_karyotype(text):
    assert {item.source for item in read(text, "fish").evidence} <= {"fish"}


def test_places_are_those_of_the_whole_text():
    text = "46,XX[20].nuc ish(FOOBARx1)[60/200]"
    assert [(piece.start, piece.text) for piece in read(text, "fish").unread] == [(text.index("FOOBAR"), "FOOBAR")]


@pytest.mark.parametrize("text", ["", " ", ".", ";;"])
def test_nothing_gives_nothing(text):
    assert read(text, "fish") == Reading()


def test_readings_join_in_order():
    first = Reading(normalised="a", unread=(Unread(3, "x"),), events=("t_4_14",))
    second = moved(Reading(normalised="b", unread=(Unread(1, "y"),), events=("del_17p",)), by=10)
    joined = join_readings([first, second])
    assert (joined.normalised, joined.events) == ("a.b", ("t_4_14", "del_17p"))
    assert [(piece.start, piece.text) for piece in joined.unread] == [(3, "x"), (11, "y")]


def test_an_unread_piece_fits_in_a_list_cell():
    assert str(Unread(7, "t(1;\n2)", "why")) == "7:t(1, 2) (why)"


def test_the_same_text_is_read_for_each_sample():
    one = read_report("nuc ish(TP53x1)[60/200]", method="fish", sample_id="one", assay_id="a")
    two = read_report("nuc ish(TP53x1)[60/200]", method="fish", sample_id="two", assay_id="b", cell_selection="cig")
    assert {item.sample_id for item in one.evidence} == {"one"}
    assert {(item.sample_id, item.assay_id, item.cell_selection) for item in two.evidence} == {("two", "b", "cig")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("del17p+", {"del_17p": "present"}),
        ("del17p-", {"del_17p": "absent"}),
        ("del13q+, del17p-, t(4;14)-", {"del_13q": "present", "del_17p": "absent", "t_4_14": "absent"}),
        ("Gain1q21+/del17p-", {"gain_1q21": "present", "del_17p": "absent"}),
        ("1p32 del-, 13q del+", {"del_1p32": "absent", "del_13q": "present"}),
        ("17p- in 60%", {"del_17p": "present"}),
    ],
)
def test_a_sign_after_a_change_is_its_result(text, expected):
    reading = read_report(text, method="fish", sample_id="S", assay_id="a", cell_selection="cd138")
    states = {item.event: str(item.state) for item in reading.evidence}
    assert {event: states.get(event) for event in expected} == expected
