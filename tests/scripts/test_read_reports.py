"""The command read_reports.py: a sheet of strings to evidence, parsed strings and status."""

import subprocess
import sys
from pathlib import Path

import pytest

import read_reports
from mmrisk.contracts import EVIDENCE, PARSED, STATUS
from mmrisk.tables import read_table

SHEET = """sample_id\treport_id\tmethod\ttext\tcell_selection
A\tlab\tfish\tnuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[15/200]\tcd138
A\t\tfish\tTP53 deletion in 45% of zzyzx cells\tcig
A\t\tkaryotype\t46,XX[20].nuc ish(CKS1Bx3)[60/200]\t
B\t\tFISH\tt(4;14) negative; del(17p) 12%\tnone
"""


def run(*arguments):
    return read_reports.run([str(argument) for argument in arguments])


@pytest.fixture
def outputs(tmp_path):
    sheet = tmp_path / "reports.tsv"
    sheet.write_text(SHEET, encoding="utf-8")
    paths = {name: tmp_path / f"{name}.tsv" for name in ("out", "parsed", "status")}
    assert run("--reports", sheet, *(part for name, path in paths.items() for part in (f"--{name}", path))) == 0
    return paths


def test_each_report_is_read_by_its_method(outputs):
    evidence = read_table(outputs["out"], EVIDENCE).set_index(["sample_id", "assay_id", "event"]).sort_index()
    assert evidence.loc[("A", "lab", "t_4_14"), "state"].tolist() == ["subthreshold"]
    assert evidence.loc[("A", "fish", "del_17p"), ["state", "cell_selection"]].values.tolist() == [["present", "cig"]]
    karyotype = evidence.loc[("A", "karyotype", "gain_1q21")]
    assert karyotype.set_index("source")["state"].to_dict() == {"fish": "present", "karyotype": "not_evaluable"}
    assert evidence.loc[("B", "fish"), "state"].to_dict() == {"t_4_14": "not_evaluable", "del_17p": "not_evaluable"}


def test_the_parsed_table_shows_what_was_and_was_not_read(outputs):
    parsed = read_table(outputs["parsed"], PARSED).set_index(["sample_id", "assay_id"])
    assert parsed.loc[("A", "lab"), "normalised"] == "nuc ish (FGFR3,IGH)×3(FGFR3 con IGH)×2[15/200]"
    assert parsed.loc[("A", "fish"), "unread"] == "24:zzyzx"
    assert parsed.loc[("B", "fish"), "events"] == "del_17p;t_4_14"
    assert parsed.index.tolist() == [("A", "fish"), ("A", "karyotype"), ("A", "lab"), ("B", "fish")]


def test_the_status_table_has_every_report(outputs):
    status = read_table(outputs["status"], STATUS).set_index(["sample_id", "assay_id"])
    assert (status["status"] == "ok").all()
    assert status.loc[("A", "fish"), "message"] == "1 piece not understood"


def test_the_profile_moves_states(tmp_path, outputs):
    sheet, out = tmp_path / "reports.tsv", tmp_path / "other.tsv"
    assert run("--reports", sheet, "--out", out, "--profile", "ccf55") == 0
    evidence = read_table(out, EVIDENCE).set_index(["sample_id", "assay_id", "event"])
    assert evidence.loc[[("A", "fish", "del_17p")], "state"].tolist() == ["subthreshold"]


def test_two_runs_give_the_same_bytes(tmp_path, outputs):
    first = {name: path.read_bytes() for name, path in outputs.items()}
    flags = (part for name, path in outputs.items() for part in (f"--{name}", path))
    assert run("--reports", tmp_path / "reports.tsv", *flags) == 0
    assert {name: path.read_bytes() for name, path in outputs.items()} == first


def test_a_wrong_sheet_is_refused_with_every_problem(tmp_path, capsys):
    sheet = tmp_path / "reports.tsv"
    sheet.write_text("sample_id\tmethod\ttext\tcell_selection\nA\tgossip\tx\t\nB\tfish\t\tmagnets\n")
    assert run("--reports", sheet, "--out", tmp_path / "e.tsv") == 2
    message = capsys.readouterr().err
    assert "row 2, column method: 'gossip'" in message
    assert "row 3, column text" in message
    assert "row 3, column cell_selection: 'magnets'" in message
    assert not (tmp_path / "e.tsv").exists()


def test_the_command_runs_by_itself(tmp_path):
    sheet = tmp_path / "reports.tsv"
    sheet.write_text(SHEET, encoding="utf-8")
    script = Path(read_reports.__file__)
    done = subprocess.run(
        [sys.executable, script, "--reports", sheet, "--out", tmp_path / "e.tsv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "4 reports read" in done.stderr


def test_a_string_is_explained_with_a_drawing(tmp_path, capsys):
    drawing = tmp_path / "k.svg"
    flags = ["--explain", "46,XX,der(16)t(1;16)(q10;q10)[5]", "--ideogram", str(drawing)]
    assert read_reports.run(flags) == 0
    said = capsys.readouterr().out
    assert "1q" in said
    assert "16q" in said
    assert drawing.read_text().startswith("<svg")


def test_a_karyotype_of_another_sex_than_the_samples_sheet_gives_is_said_in_the_status(tmp_path):
    samples, sheet = tmp_path / "samples.tsv", tmp_path / "reports.tsv"
    samples.write_text("sample_id\tpatient_id\tsex\nA\tP1\tM\nB\tP2\tF\n", encoding="utf-8")
    sheet.write_text(
        "sample_id\tmethod\ttext\nA\tkaryotype\t46,XX[20]\nB\tkaryotype\t46,XX,zzz[20]\n", encoding="utf-8"
    )
    out, status = tmp_path / "out.tsv", tmp_path / "status.tsv"
    assert run("--reports", sheet, "--samples", samples, "--out", out, "--status", status) == 0
    messages = read_table(status, STATUS).set_index("sample_id")["message"]
    assert messages["A"] == "sex mismatch: the sheet says M, the karyotype is that of F; is it the right sample?"
    assert "sex" not in messages["B"]
