"""Structured FISH results: what each layout of a row means, and what is refused."""

import pytest

from mmrisk.assays import AssayFile
from mmrisk.cytogenetics.fish_table import read_fish_table
from mmrisk.errors import InputError
from mmrisk.events import State, negative_limit
from mmrisk.tables import evidence_frame

P, A, N = State.PRESENT, State.ABSENT, State.NOT_EVALUABLE
MAP = """event,result,percent,abnormal,scored,cutoff
sample_id,Patient
t_4_14,T414,T414 pc,T414 n,T414 N,
del_17p,17p,17p pc,,,20
gain_1q21,1q,,,,1q cutoff
"""
HEADER = "Patient,T414,T414 pc,T414 n,T414 N,17p,17p pc,1q,1q cutoff,Comment"


def read(tmp_path, rows, column_map=MAP, header=HEADER, **changes):
    table, columns = tmp_path / "fish.csv", tmp_path / "map.csv"
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    if column_map is not None:
        columns.write_text(column_map, encoding="utf-8")
    facts = {"sample_id": "*", "assay_id": "t", "source": "fish", "file": table, "build": "", "cell_selection": "cd138"}
    facts |= {"columns": columns if column_map is not None else None} | changes
    return read_fish_table(AssayFile(**facts)).evidence


def one(tmp_path, row, **changes):
    return {item.event: item for item in read(tmp_path, [row], **changes)}


@pytest.mark.parametrize("word", ["yes", "Yes", "Y", "1", "1.0", "TRUE", "positive", "pos", "+", "Detected"])
def test_a_yes_is_present_by_tick_box(tmp_path, word):
    item = one(tmp_path, f"A,{word},,,,,,,,")["t_4_14"]
    assert (item.state, item.method, item.fraction, item.fraction_low) == (P, "tick_box", None, None)


@pytest.mark.parametrize("word", ["no", "No", "0", "0.0", "false", "negative", "neg", "-", "not detected"])
def test_a_no_is_absent_by_tick_box(tmp_path, word):
    item = one(tmp_path, f"A,{word},,,,,,,,")["t_4_14"]
    assert (item.state, item.method, item.fraction, item.detection_limit) == (A, "tick_box", None, None)


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NT", "not done", "nan", "?"])
def test_an_empty_word_is_not_tested(tmp_path, word):
    assert "t_4_14" not in one(tmp_path, f"A,{word},,,,yes,,,,")


def test_a_cutoff_bounds_both_answers(tmp_path):
    found = one(tmp_path, "A,,,,,yes,,no,15,")
    assert (found["del_17p"].fraction_low, found["del_17p"].state) == (pytest.approx(0.2), P)
    assert (found["gain_1q21"].detection_limit, found["gain_1q21"].state) == (pytest.approx(0.15), A)
    assert evidence_frame(found.values())["state"].tolist() == ["present", "absent"]


def test_a_no_above_the_profiles_cutoff_is_open(tmp_path):
    item = one(tmp_path, "A,,,,,,,no,60,")["gain_1q21"]
    assert evidence_frame([item])["state"].tolist() == ["not_evaluable"]


def test_per_cent_is_the_fraction(tmp_path):
    for text in ("45", "45%", "45 %", "45.0", '"45,0"'):
        item = one(tmp_path, f"A,yes,{text},,,,,,,")["t_4_14"]
        assert (item.state, item.method, item.fraction) == (P, "table", pytest.approx(0.45)), text


def test_per_cent_without_an_answer_is_one(tmp_path):
    assert one(tmp_path, "A,,45,,,,,,,")["t_4_14"].state is P
    assert one(tmp_path, "A,,0,,,,,,,")["t_4_14"].state is A


def test_counts_give_share_interval_and_limit(tmp_path):
    found = one(tmp_path, "A,yes,,45,100,,,,,")["t_4_14"]
    assert (found.fraction, found.n_abnormal, found.n_scored, found.method) == (0.45, 45, 100, "table")
    assert found.fraction_low < 0.45 < found.fraction_high
    none = one(tmp_path, "A,no,,0,50,,,,,")["t_4_14"]
    assert (none.state, none.detection_limit) == (A, pytest.approx(negative_limit(50)))
    assert none.warnings == ("fewer_than_100_nuclei",)


def test_per_cent_with_cells_scored_is_counted(tmp_path):
    item = one(tmp_path, "A,yes,45,,200,,,,,")["t_4_14"]
    assert (item.n_abnormal, item.n_scored) == (90, 200)


def test_counts_decide_over_a_per_cent_that_differs(tmp_path):
    item = one(tmp_path, "A,yes,80,45,100,,,,,")["t_4_14"]
    assert (item.fraction, item.warnings) == (0.45, ("percent_and_counts_differ",))


def test_a_yes_without_cells_is_open(tmp_path):
    item = one(tmp_path, "A,yes,0,,,,,,,")["t_4_14"]
    assert (item.state, item.fraction, item.warnings) == (N, None, ("present_without_cells",))


def test_a_no_with_few_cells_is_kept_below_the_cutoff(tmp_path):
    item = one(tmp_path, "A,no,5,,,,,,,")["t_4_14"]
    assert evidence_frame([item])["state"].tolist() == ["subthreshold"]
    assert item.warnings == ("reported_negative",)


def test_a_no_with_many_is_open(tmp_path):
    item = one(tmp_path, "A,no,45,,,,,,,")["t_4_14"]
    assert (item.state, item.fraction, item.warnings) == (N, None, ("negative_with_cells",))


def test_ranges_and_bounds_of_per_cent(tmp_path):
    assert one(tmp_path, "A,yes,12~18,,,,,,,")["t_4_14"].fraction_low == pytest.approx(0.12)
    assert one(tmp_path, "A,yes,<5,,,,,,,")["t_4_14"].fraction_high == pytest.approx(0.05)
    assert one(tmp_path, "A,yes,>50,,,,,,,")["t_4_14"].fraction_low == pytest.approx(0.5)


def test_unselected_cells_prove_no_absence(tmp_path):
    found = one(tmp_path, "A,no,,,,yes,30,,,", cell_selection="none")
    assert found["t_4_14"].state is N
    assert (found["del_17p"].state, found["del_17p"].fraction, found["del_17p"].fraction_low) == (P, None, 0.3)


def test_a_table_with_our_names_needs_no_map(tmp_path):
    header = "sample_id,t_4_14,t_4_14_percent,del_17p_fraction"
    found = one(tmp_path, "A,yes,40,0.3", column_map=None, header=header)
    assert (found["t_4_14"].fraction, found["del_17p"].fraction) == (0.4, 0.3)


def test_hyperdiploidy_follows_from_trisomies(tmp_path):
    header = "sample_id,trisomy_5,trisomy_9,trisomy_15,t_4_14,t_11_14"
    found = one(tmp_path, "A,yes,no,yes,yes,yes", column_map=None, header=header)
    assert (found["hyperdiploid"].state, found["hyperdiploid"].support) == (P, 2)
    assert "two_primary_igh_fusions" in found["t_4_14"].warnings


def test_own_words_and_yaml_maps(tmp_path):
    yaml = tmp_path / "map.yaml"
    yaml.write_text(
        "sample_id: Patient\npresent: [vorhanden, 2]\nabsent: [fehlt]\nevents: {t_4_14: T414, del_17p: {result: 17p}}\n"
    )
    found = one(tmp_path, "A,vorhanden,,,,fehlt,,,,", columns=yaml)
    assert (found["t_4_14"].state, found["del_17p"].state) == (P, A)


def test_one_sample_can_be_picked(tmp_path):
    rows = ["A,yes,,,,,,,,", "B,no,,,,,,,,"]
    assert [item.state for item in read(tmp_path, rows, sample_id="B")] == [A]
    with pytest.raises(InputError, match=r"'C' has no row in the table"):
        read(tmp_path, rows, sample_id="C")


REFUSED = {
    "a word": ("A,maybe,,,,,,,,", "row 2, column T414: 'maybe' is neither present nor absent"),
    "a date made of a per cent": ("A,yes,12-Jan,,,,,,,", "row 2, column T414 pc: '12-Jan' looks like a date"),
    "an ISO date": ("A,yes,2024-01-15,,,,,,,", "looks like a date"),
    "more than all cells": ("A,yes,145,,,,,,,", "'145' is out of range; give 0 to 100"),
    "a fraction among per cents": ("A,yes,0.45,,,,,,,", "'0.45' looks like a fraction"),
    "text for a number": ("A,yes,many,,,,,,,", "'many' is not a number"),
    "more abnormal than scored": ("A,yes,,45,20,,,,,", "'45' is more than the 20 cells scored"),
    "half a cell": ("A,yes,,4.5,20,,,,,", "'4.5' is not a number of cells"),
    "no name": (",yes,,,,,,,,", "column Patient: is missing"),
    "a name made a date": ("Mar-05,yes,,,,,,,,", "looks like a date that a spreadsheet made of a name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(tmp_path, case):
    row, message = REFUSED[case]
    with pytest.raises(InputError) as refused:
        read(tmp_path, [row])
    assert message in str(refused.value)


def test_all_problems_come_at_once(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, ["A,maybe,145,,,,,,,", "A,yes,12-Jan,,,,,,,", "B,yes,,9,3,,,,,"])
    assert len(refused.value.problems) == 4


def test_a_real_share_below_one_per_cent_is_understood_beside_others(tmp_path):
    found = read(tmp_path, ["A,yes,0.5,,,,,,,", "B,yes,45,,,,,,,"])
    assert [item.fraction for item in found if item.event == "t_4_14"] == [0.005, 0.45]


@pytest.mark.parametrize(
    ("column_map", "message"),
    [
        (
            "event,result\nsample_id,Patent\nt_4_14,T414\n",
            "map.csv, row 2, column result: 'Patent' is not a column of fish.csv; did you mean 'Patient'?",
        ),
        ("event,result\nsample_id,Patient\nt_4_15,T414\n", "'t_4_15' is not an event; did you mean t_4_14?"),
        ("event,result\nsample_id,Patient\nt_4_14,T414\nt_4_14,17p\n", "'t_4_14' occurs more than once"),
        ("event,result\nsample_id,Patient\n", "names no event"),
        ("event,result\nt_4_14,\n", "names no column"),
        ("what,where\nt_4_14,T414\n", "is not a column map"),
    ],
)
def test_a_wrong_map_is_refused_with_the_remedy(tmp_path, column_map, message):
    with pytest.raises(InputError) as refused:
        read(tmp_path, ["A,yes,,,,,,,,"], column_map=column_map)
    assert message in str(refused.value)


def test_columns_outside_the_map_are_ignored(tmp_path):
    assert one(tmp_path, "A,yes,,,,,,,,see\tletter")["t_4_14"].state is P


def test_a_table_that_ends_in_the_middle_of_a_row_is_refused(tmp_path):
    def cut(text):
        (tmp_path / "fish.csv").write_text(text)
        facts = {"sample_id": "*", "assay_id": "t", "source": "fish", "build": ""}
        return read_fish_table(AssayFile(file=tmp_path / "fish.csv", **facts)).evidence

    whole = "sample_id,t_4_14_percent,t_4_14_scored\nA,62,200\n"
    assert cut(whole)[0].fraction == pytest.approx(0.62)
    assert cut("sample_id,t_4_14_percent,t_4_14_scored\nA,62\n")[0].fraction == pytest.approx(0.62)
    with pytest.raises(InputError, match=r"fish.csv, row 2: ends in the middle of a row"):
        cut(whole[: whole.index("2,200")])


@pytest.mark.parametrize("name", ["a b", "../x", "M\u00fcller", "a/b", "x'y"])
def test_a_name_that_no_samples_sheet_can_hold_is_refused_unless_another_sample_is_picked(tmp_path, name):
    with pytest.raises(InputError, match=r"row 2, column Patient: .* is not a name of a sample"):
        read(tmp_path, [f"{name},yes,,,,,,,,", "A,yes,,,,,,,,"])
    assert read(tmp_path, [f"{name},yes,,,,,,,,", "A,yes,,,,,,,,"], sample_id="A")


EXCHANGED = "event,percent,scored\ndel_17p,{},{}\n"


@pytest.mark.parametrize("counted", ["100", "200"])
@pytest.mark.parametrize(
    ("shares", "cells"),
    [("17p pc", "17p cells"), ("17p", "nuclei")],
)
def test_percent_and_scored_exchanged_in_the_map_are_refused_in_its_row(tmp_path, counted, shares, cells):
    rows = [f"P{number},{share},{counted}" for number, share in enumerate((0, 15, 82))]
    header = f"sample_id,{shares},{cells}"
    right, wrong = (EXCHANGED.format(*pair) for pair in ((shares, cells), (cells, shares)))
    found = read(tmp_path, rows, right, header)
    assert [item.n_scored for item in found] == [int(counted)] * 3
    with pytest.raises(InputError) as caught:
        read(tmp_path, rows, wrong, header)
    (said,) = map(str, caught.value.problems)
    assert "map.csv, row 2, column scored" in said
    assert f"seems to be exchanged with '{cells}'" in said


def test_a_header_with_a_per_cent_sign_is_no_number_of_cells(tmp_path):
    with pytest.raises(InputError, match="seems to be exchanged"):
        read(tmp_path, ["A,200,15"], EXCHANGED.format("17p cells", "17p %"), "sample_id,17p cells,17p %")


def test_the_same_share_in_few_cells_of_every_sample_is_not_refused(tmp_path):
    found = read(tmp_path, ["A,100,20", "B,100,60"], EXCHANGED.format("pc", "n"), "sample_id,pc,n")
    assert [item.n_scored for item in found] == [20, 60]
