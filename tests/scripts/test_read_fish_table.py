"""The command read_fish_table.py: one table, or the tables of an assays sheet."""

import pytest

import read_fish_table
from mmrisk.contracts import EVIDENCE, STATUS
from mmrisk.tables import read_table

TABLE = "Line\tt(4;14)\tTP53 loss\t1q %\nA\tpositive\tnot done\t45\nB\tnegative\tnegative\t0\n"
MAP = "event\tresult\tpercent\nsample_id\tLine\t\nt_4_14\tt(4;14)\t\ndel_17p\tTP53 loss\t\ngain_1q21\t\t1q %\n"


def run(*arguments):
    return read_fish_table.run([str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    (tmp_path / "fish.csv").write_text(TABLE)
    (tmp_path / "map.tsv").write_text(MAP)
    return tmp_path


def test_a_table_with_a_map(files):
    out = files / "e.tsv"
    flags = ("--columns", files / "map.tsv", "--cell-selection", "cd138", "--out", out)
    assert run("--table", files / "fish.csv", *flags) == 0
    evidence = read_table(out, EVIDENCE).set_index(["sample_id", "event"])
    assert evidence["state"].to_dict() == {
        ("A", "gain_1q21"): "present",
        ("A", "t_4_14"): "present",
        ("B", "del_17p"): "absent",
        ("B", "gain_1q21"): "absent",
        ("B", "t_4_14"): "absent",
    }
    assert set(evidence["assay_id"]) == {"fish"}
    assert evidence["method"].to_dict()["A", "gain_1q21"] == "table"


def test_tables_of_an_assays_sheet_fail_one_by_one(files):
    (files / "broken.csv").write_text("Line\tt(4;14)\nA\tmaybe\n")
    (files / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tcolumns\tcell_selection\n"
        "*\tgood\tfish_table\tfish\tfish.csv\tmap.tsv\tcig\n"
        "*\tbad\tfish_table\tfish\tbroken.csv\tmap.tsv\t\n"
    )
    out, status = files / "e.tsv", files / "status.tsv"
    assert run("--assays", files / "assays.tsv", "--out", out, "--status", status) == 0
    assert set(read_table(out, EVIDENCE)["assay_id"]) == {"good"}
    rows = read_table(status, STATUS).set_index("assay_id")
    assert rows["status"].to_dict() == {"bad": "failed", "good": "ok"}
    assert "'TP53 loss' is not a column of broken.csv" in rows.loc["bad", "message"]


def test_mutations_of_a_panel_come_from_tables_too(files):
    (files / "tp53.csv").write_text("sample_id,tp53_mutation\nA,positive\nB,negative\nC,\n")
    out = files / "e.tsv"
    assert run("--table", files / "tp53.csv", "--source", "panel", "--out", out) == 0
    evidence = read_table(out, EVIDENCE).set_index("sample_id")
    assert evidence["state"].to_dict() == {"A": "present", "B": "absent"}
    assert set(evidence["source"]) == {"panel"}


def test_problems_are_named_with_their_place(files, capsys):
    (files / "fish.csv").write_text(TABLE.replace("45", "12-Jan").replace("positive", "perhaps"))
    assert run("--table", files / "fish.csv", "--columns", files / "map.tsv", "--out", files / "e.tsv") == 2
    message = capsys.readouterr().err
    assert "fish.csv, row 2, column t(4;14): 'perhaps'" in message
    assert "fish.csv, row 2, column 1q %: '12-Jan' looks like a date" in message
    assert not (files / "e.tsv").exists()


def test_no_cell_scored_is_not_tested(files):
    (files / "zero.tsv").write_text(
        "sample_id\tdel_17p_abnormal\tdel_17p_scored\tt_4_14\tt_4_14_scored\nS1\t0\t0\tno\t0\n"
    )
    assert run("--table", files / "zero.tsv", "--out", files / "e.tsv") == 0
    assert read_table(files / "e.tsv", EVIDENCE).empty
