"""The command read_segments.py: one file, many files, a cohort with bad files."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import read_segments
from mmrisk.contracts import EVIDENCE, SEGMENTS, STATUS
from mmrisk.genome import arms
from mmrisk.tables import read_table

SCRIPT = Path(read_segments.__file__)
HEADER = "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"


def seg(sample, changes=None):
    """SEG rows of a genome, two per arm, with small steady differences as noise."""
    rows = []
    for number, (arm, span) in enumerate(arms("GRCh38").items()):
        value = (changes or {}).get(arm, 0.0)
        middle = (span.start + span.end) // 2
        for half, (start, end) in enumerate(((span.start, middle), (middle, span.end))):
            wobble = 0.01 * ((7 * number + half) % 5 - 2)
            rows.append(f"{sample}\tchr{span.chrom}\t{start + 1}\t{end}\t500\t{value + wobble:.3f}\n")
    return "".join(rows)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cohort.seg"
    path.write_text(HEADER + seg("A", {"17p": -1.0, "1q": 0.585}) + seg("B"))
    return path


def run(*arguments):
    return read_segments.run([str(argument) for argument in arguments])


def test_a_file_of_many_samples(file, tmp_path):
    out, segments, status = tmp_path / "e.tsv", tmp_path / "s.tsv", tmp_path / "status.tsv"
    flags = ("--build", "hg38", "--source", "array", "--segments-out", segments, "--status", status)
    assert run("--segments", file, "--out", out, "--cell-selection", "cd138", *flags) == 0
    evidence = read_table(out, EVIDENCE).set_index(["sample_id", "event"])
    assert evidence.loc[("A", "del_17p"), ["state", "assay_id", "method", "fraction_basis"]].tolist() == [
        "present", "cohort", "seg", "sorted_pc",
    ]  # fmt: skip
    assert evidence.loc[("A", "gain_1q21"), "state"] == "present"
    assert evidence.loc[("B", "del_17p"), "state"] == "absent"
    assert read_table(segments, SEGMENTS)["sample_id"].unique().tolist() == ["A", "B"]
    assert read_table(status, STATUS)["status"].tolist() == ["ok"]
    assert out.with_suffix(".parquet").is_file()


def test_the_written_segments_can_be_read_again(file, tmp_path):
    first, again, segments = tmp_path / "e.tsv", tmp_path / "again.tsv", tmp_path / "s.tsv"
    flags = ("--build", "hg38", "--source", "array")
    run("--segments", file, "--out", first, "--segments-out", segments, *flags)
    assert run("--segments", segments, "--out", again, "--assay-id", "cohort", *flags) == 0
    one, two = read_table(first, EVIDENCE), read_table(again, EVIDENCE)
    assert two["state"].tolist() == one["state"].tolist()
    for column in ("fraction", "detection_limit"):
        assert two[column].fillna(-1).tolist() == pytest.approx(one[column].fillna(-1).tolist(), abs=1e-5)


def test_two_runs_write_the_same_bytes(file, tmp_path):
    for name in ("one", "two"):
        run("--segments", file, "--build", "38", "--source", "wgs", "--out", tmp_path / name / "e.tsv")
    assert (tmp_path / "one" / "e.tsv").read_bytes() == (tmp_path / "two" / "e.tsv").read_bytes()


def test_one_sample_is_picked_and_purity_corrects(file, tmp_path):
    out = tmp_path / "e.tsv"
    flags = ("--build", "38", "--source", "wgs", "--purity", "0.8", "--cell-selection", "cd138")
    assert run("--segments", file, "--sample-id", "B", "--out", out, *flags) == 0
    evidence = read_table(out, EVIDENCE)
    assert set(evidence["sample_id"]) == {"B"}
    assert set(evidence["fraction_basis"]) == {"tumour_cells"}
    assert set(evidence["purity"]) == {0.8}
    assert set(evidence["cell_selection"]) == {"cd138"}


def test_the_number_of_trisomies_is_a_flag(tmp_path):
    path = tmp_path / "two.seg"
    path.write_text(HEADER + seg("A", {"3p": 0.585, "3q": 0.585, "9p": 0.585, "9q": 0.585}))
    states = []
    for number in (2, 3):
        out = tmp_path / f"{number}.tsv"
        run(
            "--segments",
            path,
            "--build",
            "38",
            "--source",
            "wgs",
            "--purity",
            "0.9",
            "--min-trisomies",
            number,
            "--out",
            out,
        )
        states.append(read_table(out, EVIDENCE).set_index("event").loc["hyperdiploid", "state"])
    assert states == ["present", "absent"]


BAD_FLAGS = [
    (("--build", "hg18", "--source", "array"), "command line, column --build: is missing or unknown"),
    (("--build", "hg38"), "command line, column --source: is missing or unknown"),
    (("--build", "hg19", "--source", "array"), "these coordinates fit GRCh38"),
    (("--build", "hg38", "--source", "array", "--format", "purple"), "is missing from the header of format purple"),
]


@pytest.mark.parametrize(("flags", "said"), BAD_FLAGS)
def test_a_user_error_is_one_line_and_status_2(file, tmp_path, capsys, flags, said):
    assert run("--segments", file, "--out", tmp_path / "e.tsv", *flags) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "e.tsv").exists()


@pytest.mark.parametrize("flags", [("--purity", "0"), ("--purity", "80"), ("--min-trisomies", "0")])
def test_impossible_flags_are_refused(file, tmp_path, flags):
    with pytest.raises(SystemExit):
        run("--segments", file, "--out", tmp_path / "e.tsv", "--build", "38", "--source", "wgs", *flags)


SHEET = "sample_id\tassay_id\tkind\tsource\tfile\tbuild\tformat\tcolumns\tpurity\tpurity_corrected\tcell_selection\n"


def cohort(tmp_path, *rows):
    sheet = tmp_path / "sheets" / "assays.tsv"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(SHEET + "".join("\t".join(row) + "\n" for row in rows))
    out, status = tmp_path / "e.tsv", tmp_path / "status.tsv"
    code = run("--assays", sheet, "--out", out, "--status", status, "--segments-out", tmp_path / "s.tsv")
    return code, out, status


def test_a_bad_file_of_a_cohort_is_a_failed_row_and_the_others_are_read(file, tmp_path):
    (tmp_path / "empty.seg").write_text(HEADER)
    plain = ("GRCh38", "", "", "", "", "cd138")
    code, out, status = cohort(
        tmp_path,
        ("*", "many", "segments", "array", "../cohort.seg", *plain),
        ("C", "empty", "segments", "array", "../empty.seg", *plain),
        ("D", "gone", "segments", "array", "../gone.seg", *plain),
        ("E", "wrong_build", "segments", "array", "../cohort.seg", "hg19", "", "", "", "", ""),
        ("F", "no_build", "segments", "array", "../cohort.seg", "", "", "", "", "", ""),
        ("G", "no_purity", "segments", "array", "../cohort.seg", "GRCh38", "", "", "0", "", ""),
        ("H", "fish", "segments", "fish", "../cohort.seg", *plain),
        ("I", "other_kind", "structural_variants", "wgs", "../gone.vcf", *plain),
    )
    assert code == 0
    assert set(read_table(out, EVIDENCE)["sample_id"]) == {"A", "B"}
    found = read_table(status, STATUS).set_index("assay_id")
    assert found["status"].to_dict() == {
        "many": "ok", "empty": "failed", "gone": "failed", "wrong_build": "failed", "no_build": "failed",
        "no_purity": "failed", "fish": "failed",
    }  # fmt: skip
    said = found["message"]
    assert "holds no segments" in said["empty"]
    assert "assays.tsv, row 4, column file: '../gone.seg' does not exist" in said["gone"]
    assert "is not one of its 2 samples" in said["wrong_build"]
    assert "column build: is missing" in said["no_build"]
    assert "leaves no tumour cells" in said["no_purity"]
    assert "makes no copy-number segments" in said["fish"]
    assert not said.dropna().str.contains("\n").any()


def test_the_sheet_gives_column_map_and_purity(tmp_path):
    table = pd.DataFrame(
        [
            (f"chr{span.chrom}", span.start, span.end, 1.7 if arm == "17p" else 2.0 + 0.01 * (number % 3))
            for number, (arm, span) in enumerate(arms("GRCh38").items())
        ],
        columns=["Chr", "From", "To", "CN"],
    )
    table.to_csv(tmp_path / "own.csv", index=False)
    (tmp_path / "map.yaml").write_text(
        "chrom: Chr\nstart: From\nend: To\ncopies: CN\ncoordinates: zero_based\nunit: copies\n"
    )
    row = ("S", "own", "segments", "wgs", "../own.csv", "hg38", "", "../map.yaml", "0.5", "", "")
    code, out, _ = cohort(tmp_path, row)
    assert code == 0
    found = read_table(out, EVIDENCE).set_index("event").loc["del_17p"]
    assert found["fraction"] == pytest.approx(0.6, abs=0.05)
    assert found["method"] == "column_map"


def test_a_cohort_without_segments_writes_empty_tables(tmp_path):
    code, out, status = cohort(tmp_path)
    assert code == 0
    assert read_table(out, EVIDENCE).empty
    assert read_table(status, STATUS).empty


def test_a_broken_sheet_stops_the_command(tmp_path, capsys):
    row = ("S", "a", "segments", "sequenom", "x.seg", "hg38", "", "", "", "", "")
    assert cohort(tmp_path, row)[0] == 2
    assert "column source: 'sequenom' is not one of the allowed values" in capsys.readouterr().err


def test_the_command_runs_by_itself(file, tmp_path):
    out = tmp_path / "e.tsv"
    command = [
        sys.executable,
        str(SCRIPT),
        "--segments",
        str(file),
        "--build",
        "38",
        "--source",
        "array",
        "--out",
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.is_file()
