"""The command that explains labels, and the path for one patient without tables."""

from pathlib import Path

import pandas as pd
import pytest

import assign_risk
import explain_risk
from mmrisk.contracts import EVENTS
from mmrisk.risk.systems import SYSTEMS, selected
from mmrisk.tables import write_table


def explained(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    assert explain_risk.run(list(flags)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *flags: str) -> list[str]:
    assert explain_risk.run(list(flags)) == 2
    return capsys.readouterr().err.splitlines()


def headlines(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line.startswith(tuple(SYSTEMS)))
    return {line.split(" ")[0]: line for line in lines}


ONE = ("--lab", "b2m_mg_l=4.1", "--lab", "albumin_g_dl=3.8", "--event", "del_17p=present", "--event", "gain_1q21=0.35")


def test_one_patient_from_flags_gets_every_label(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, *ONE)
    assert set(headlines(text)) == {system.name for system in selected()}
    assert headlines(text)["ISS"] == "ISS (2005): II."
    assert headlines(text)["IMS-2025"] == "IMS-2025 (2025): high risk; what is missing could not change it."
    assert headlines(text)["R2-ISS"] == "R2-ISS (2022) cannot be evaluated: III or IV are possible."
    assert "1q21 gain (3 copies or more) present in 35 % of cells: As given." in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.yaml", "labs: {b2m_mg_l: 4.1, albumin_g_dl: 3.8}\nevents: {del_17p: present, gain_1q21: 35%}\n"),
        ("p.yml", "labs:\n  b2m_mg_l: 4.1\n  albumin_g_dl: '3,8'\nevents:\n  del_17p: yes\n  gain_1q21: 0.35\n"),
        ("p.tsv", "name\tvalue\nb2m_mg_l\t4.1\nalbumin_g_dl\t3.8\ndel_17p\tpresent\ngain_1q21\t35 %\n"),
    ],
)
def test_one_patient_from_a_small_file_gets_the_same_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert headlines(explained(capsys, "--patient", str(tmp_path / name))) == headlines(explained(capsys, *ONE))


def test_a_flag_comes_after_the_file_and_may_correct_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.yaml").write_text("labs: {b2m_mg_l: 4.1}\n", encoding="utf-8")
    text = explained(capsys, "--patient", str(tmp_path / "p.yaml"), "--lab", "b2m_mg_l=6")
    assert headlines(text)["ISS"].startswith("ISS (2005): III")


def test_a_share_below_the_cutoff_and_an_absence_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "--event", "del_17p=12%", "--event", "t_4_14=absent", "--event", "t_14_16=0")
    assert headlines(text)["HRCA"].startswith("HRCA (classic trial definition): standard")
    assert "was seen in fewer cells than the cut-off asks for" in text


def test_all_problems_of_one_patient_come_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--lab", "b2m=4", "--lab", "albumin_g_dl=42", "--event", "del17=yes", "--event", "t_4_14=2")
    said = refused(capsys, *flags)
    assert [line.split(";")[0] for line in said] == [
        "command line, column b2m: is not known",
        "command line, column albumin_g_dl: '42' looks like g/L, not g/dL",
        "command line, column del17: is not a known event",
        "command line, column t_4_14: '2' is no state",
    ]
    assert said[2].endswith("did you mean del_17p?")
    assert refused(capsys, "--lab", "b2m_mg_l") == ["--lab: 'b2m_mg_l' is not name=value; write name=value"]


@pytest.mark.parametrize(
    "content", ["labs: [1]\n", "b2m_mg_l: 4\n", "- a\n", "a: &x [*x]\n", "labs: {b2m_mg_l: [1, 2]}\n", ": :\n\t", ""]
)
def test_a_file_of_another_shape_is_refused_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (tmp_path / "p.yaml").write_text(content, encoding="utf-8")
    assert "p.yaml" in refused(capsys, "--patient", str(tmp_path / "p.yaml"))[0]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    row = {"sample_id": "A", "event": "del_17p", "state": "present", "fraction": 0.4, "tier": "measured"}
    write_table(pd.DataFrame([{**row, "explanation": "FISH saw it."}]), EVENTS, tmp_path / "events.tsv")
    (tmp_path / "clinical.tsv").write_text("sample_id\tb2m_mg_l\nA\t>5.5\n", encoding="utf-8")
    flags = ["--events", "events.tsv", "--clinical", "clinical.tsv", "--out", "risk.tsv"]
    assert assign_risk.run([str(tmp_path / flag) if "." in flag else flag for flag in flags]) == 0
    return tmp_path


def test_a_sample_of_the_tables_is_explained_with_its_evidence_and_values(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--risk", tables / "risk.tsv", "--events", tables / "events.tsv", "--clinical", tables / "clinical.tsv")
    text = explained(capsys, *map(str, flags), "--sample", "A")
    assert "serum beta-2-microglobulin, mg/L: >5.5" in text
    assert headlines(text)["R-ISS"] == "R-ISS (2015): III; what is missing could not change it."
    assert "del(17p) or monosomy 17 present in 40 % of cells: FISH saw it." in text


def test_the_text_can_be_written_to_a_file(tables: Path) -> None:
    out = tables / "new" / "a.txt"
    assert explain_risk.run(["--risk", str(tables / "risk.tsv"), "--sample", "A", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("Sample A\n")


def test_a_sample_that_is_not_there_and_flags_that_name_nothing_are_refused(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not in the table" in refused(capsys, "--risk", str(tables / "risk.tsv"), "--sample", "B")[0]
    assert "give --risk, --events and --sample" in refused(capsys)[0]
