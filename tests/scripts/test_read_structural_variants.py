"""The command read_structural_variants.py: one sample, several callers, a cohort in chunks."""

import subprocess
import sys
from pathlib import Path

import pytest

import read_structural_variants
from mmrisk.assays import chunk_of
from mmrisk.contracts import BREAKPOINTS, EVIDENCE, STATUS
from mmrisk.tables import read_table

SCRIPT = Path(read_structural_variants.__file__)
HEAD = "##fileformat=VCFv4.2\n##source={}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{}\n"
MANTA = "chr4\t1888001\tm1\tG\tG]chr14:105858100]\t.\tPASS\tSVTYPE=BND\tPR:SR\t30,12:33,9\n"
DELLY = (
    "chr14\t105858104\tBND1\tT\tT]chr4:1888004]\t840\tPASS\tSVTYPE=BND;SVMETHOD=EMBL.DELLYv1.1.6;CT=3to3\tDR:DV:RR:RV\t"
    "30:10:33:8\n"
)


def write(tmp_path, name, source="GenerateSVCandidates 1.6.0", records=MANTA, samples="T"):
    path = tmp_path / name
    path.write_text(HEAD.format(source, samples) + records)
    return path


def run(*arguments):
    return read_structural_variants.run([str(argument) for argument in arguments])


def test_one_sample(tmp_path):
    out, breakpoints, status = tmp_path / "e.tsv", tmp_path / "b.tsv", tmp_path / "status.tsv"
    path = write(tmp_path, "manta.vcf")
    flags = ("--build", "hg38", "--source", "wgs", "--cell-selection", "cd138")
    flags += ("--breakpoints-out", breakpoints, "--status", status)
    assert run("--variants", path, "--sample-id", "S1", "--out", out, *flags) == 0
    evidence = read_table(out, EVIDENCE).set_index("event")
    assert evidence.loc["t_4_14", ["state", "support", "assay_id"]].tolist() == ["present", 21, "manta"]
    assert evidence.loc["t_11_14", "state"] == "absent"
    assert read_table(breakpoints, BREAKPOINTS)["partner"].tolist() == ["NSD2"]
    assert read_table(status, STATUS)["rows"].tolist() == [len(evidence)]


def test_two_callers_agree(tmp_path):
    out, breakpoints = tmp_path / "e.tsv", tmp_path / "b.tsv"
    files = (write(tmp_path, "manta.vcf"), write(tmp_path, "delly.vcf", "delly", DELLY))
    flags = (
        "--sample-id",
        "S1",
        "--build",
        "38",
        "--source",
        "wgs",
        "--purity",
        "0.9",
        "--breakpoints-out",
        breakpoints,
    )
    assert run("--variants", *files, "--out", out, *flags) == 0
    row = read_table(out, EVIDENCE).set_index("event").loc["t_4_14"]
    assert row["method"] == "delly;manta"
    assert "2 callers" in row["detail"]
    assert row["fraction"] == pytest.approx(2 * 21 / 84 / 0.9, abs=1e-4)
    assert read_table(breakpoints, BREAKPOINTS)["callers"].tolist() == ["delly;manta"]


BAD = [
    (("--build", "hg38", "--source", "wgs"), "column --sample-id: is missing or unknown"),
    (("--sample-id", "S", "--source", "wgs"), "column --build: is missing or unknown"),
    (("--sample-id", "S", "--build", "T2T", "--source", "wgs"), "has no coordinates of the partner windows"),
]


@pytest.mark.parametrize(("flags", "said"), BAD)
def test_a_user_error_is_one_line_and_status_2(tmp_path, capsys, flags, said):
    path = write(tmp_path, "manta.vcf")
    assert run("--variants", path, "--out", tmp_path / "e.tsv", *flags) == 2
    assert said in capsys.readouterr().err


def test_a_file_of_two_unknown_samples_asks_for_the_tumour(tmp_path, capsys):
    path = write(tmp_path, "two.vcf", samples="A\tB", records=MANTA.rstrip() + "\t30,0:30,0\n")
    flags = ("--variants", path, "--sample-id", "S", "--build", "38", "--source", "wgs", "--out", tmp_path / "e.tsv")
    assert run(*flags) == 2
    assert "--variant-sample" in capsys.readouterr().err
    assert run(*flags, "--variant-sample", "A") == 0


SHEET = "sample_id\tassay_id\tkind\tsource\tfile\tbuild\tig_baits\n"


def cohort(tmp_path, samples, *flags):
    write(tmp_path, "good.vcf")
    (tmp_path / "bad.vcf").write_text("nonsense\n")
    sheet = tmp_path / "assays.tsv"
    rows = [
        f"{name}\tsv\tstructural_variants\twgs\t{'bad' if name == 'S3' else 'good'}.vcf\tGRCh38\t\n" for name in samples
    ]
    sheet.write_text(SHEET + "".join(rows))
    out, status = tmp_path / "e.tsv", tmp_path / "status.tsv"
    assert run("--assays", sheet, "--out", out, "--status", status, *flags) == 0
    return read_table(out, EVIDENCE), read_table(status, STATUS)


def test_a_bad_file_of_a_cohort_is_a_failed_row(tmp_path):
    evidence, status = cohort(tmp_path, ["S1", "S2", "S3"])
    assert status.set_index("sample_id")["status"].to_dict() == {"S1": "ok", "S2": "ok", "S3": "failed"}
    assert "is neither VCF nor BEDPE" in status.set_index("sample_id").loc["S3", "message"]
    assert set(evidence["sample_id"]) == {"S1", "S2"}


def test_a_panel_needs_ig_baits_to_rule_out(tmp_path):
    write(tmp_path, "none.vcf", records="")
    sheet = tmp_path / "assays.tsv"
    rows = [
        f"{name}\tsv\tstructural_variants\tpanel\tnone.vcf\tGRCh38\t{baits}\n"
        for name, baits in (("A", "yes"), ("B", ""))
    ]
    sheet.write_text(SHEET.replace("\n", "\tpurity\n") + "".join(row.replace("\n", "\t0.8\n") for row in rows))
    assert run("--assays", sheet, "--out", tmp_path / "e.tsv") == 0
    evidence = read_table(tmp_path / "e.tsv", EVIDENCE)
    assert set(evidence["sample_id"]) == {"A"}
    assert set(evidence["state"]) == {"absent"}


def test_chunks_share_the_samples_out(tmp_path):
    samples = [f"S{number}" for number in range(1, 13)]
    seen = []
    for chunk in range(3):
        _, status = cohort(tmp_path, samples, "--chunk", f"{chunk}/3")
        assert all(chunk_of(sample, 3) == chunk for sample in status["sample_id"])
        seen += status["sample_id"].tolist()
    assert sorted(seen) == sorted(samples)


def test_the_chunk_of_a_sample_never_changes():
    assert [chunk_of(sample, 7) for sample in ("S1", "S2", "MM-0001")] == [6, 2, 2]  # sha256sum


@pytest.mark.parametrize("chunk", ["3/3", "1", "-1/3", "a/b", "0/0"])
def test_impossible_chunks_are_refused(tmp_path, chunk):
    with pytest.raises(SystemExit):
        run("--assays", tmp_path / "a.tsv", "--out", tmp_path / "e.tsv", "--chunk", chunk)


def test_the_command_runs_by_itself(tmp_path):
    out = tmp_path / "e.tsv"
    command = [sys.executable, SCRIPT, "--variants", write(tmp_path, "a.vcf"), "--sample-id", "S", "--build", "38"]
    done = subprocess.run(
        [*map(str, command), "--source", "wgs", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert out.is_file()


def test_the_sheet_says_which_column_is_the_tumour_and_no_column_of_another_sample_is_taken(tmp_path):
    paired = MANTA.replace("\n", "\t20,0:20,0\n")
    write(tmp_path, "pair.vcf", samples="A\tB", records=paired)
    write(tmp_path, "swapped.vcf", samples="S1")
    write(tmp_path, "renamed.vcf", samples="T-17")
    sheet = tmp_path / "assays.tsv"
    rows = (
        "S1\tpair\tstructural_variants\twgs\tpair.vcf\tGRCh38\tA\n"
        "S2\tswapped\tstructural_variants\twgs\tswapped.vcf\tGRCh38\t\n"
        "S3\trenamed\tstructural_variants\twgs\trenamed.vcf\tGRCh38\t\n"
        "S4\tmeant\tstructural_variants\twgs\tswapped.vcf\tGRCh38\tS1\n"
    )
    sheet.write_text("sample_id\tassay_id\tkind\tsource\tfile\tbuild\tvariant_sample\n" + rows)
    out, status = tmp_path / "e.tsv", tmp_path / "s.tsv"
    assert run("--assays", sheet, "--out", out, "--status", status) == 0
    found = read_table(status, STATUS).set_index("assay_id")
    assert found["status"].to_dict() == {"pair": "ok", "swapped": "failed", "renamed": "ok", "meant": "ok"}
    assert "swapped.vcf, row 3: 'S1' is another sample of the cohort, not S2" in found.loc["swapped", "message"]
    assert found.loc["renamed", "message"] == "renamed.vcf: its sample T-17 is taken for S3"
    present = read_table(out, EVIDENCE).query("event == 't_4_14' and state == 'present'")
    assert set(present["sample_id"]) == {"S1", "S3", "S4"}
