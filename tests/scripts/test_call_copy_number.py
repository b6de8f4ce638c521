"""The command call_copy_number.py on synthetic reads."""

import shutil
import subprocess
import sys
from pathlib import Path

import pysam
import pytest

import call_copy_number
from mmrisk.contracts import ARMS, BINS, EVIDENCE, PURITY, SEGMENTS, STATUS
from mmrisk.simulate.reads import simulate_reads
from mmrisk.simulate.truth import Change, Truth, depth_of, place_of
from mmrisk.tables import read_table

GENOME = (*map(str, range(1, 23)), "X")
OUTPUTS = {"segments": SEGMENTS, "purity": PURITY, "arms": ARMS, "bins": BINS, "status": STATUS}


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    """A low-pass genome: 300,000 reads, trisomies 9 and 15, monosomy 13."""
    folder = tmp_path_factory.mktemp("lowpass")
    depth = depth_of(300_000, build="GRCh38", chromosomes=GENOME, read_length=150)
    changes = tuple(Change(place_of(p, "GRCh38"), n, n // 2) for p, n in (("9", 3), ("15", 3), ("13", 1)))
    simulate_reads(Truth(depth=depth, purity=0.9, chromosomes=GENOME, changes=changes), folder / "a.bam")
    return folder / "a.bam"


def run(reads, folder, *arguments):
    outputs = [w for name in OUTPUTS for w in (f"--{name}{'' if name == 'status' else '-out'}", folder / f"{name}.tsv")]
    fixed = ("--reads", reads, "--sample-id", "S", "--source", "lowpass", "--out", folder / "evidence.tsv")
    return call_copy_number.run([str(word) for word in (*fixed, *outputs, *arguments)])


def test_a_bam_becomes_evidence_and_tables(reads, tmp_path):
    assert run(reads, tmp_path, "--build", "hg38", "--cell-selection", "cd138") == 0
    evidence = read_table(tmp_path / "evidence.tsv", EVIDENCE).set_index("event")
    assert evidence.loc["trisomy_9", "state"] == "present"
    assert evidence.loc["del_13q", ["state", "method", "build"]].tolist() == ["present", "reads_full", "GRCh38"]
    assert evidence.loc["trisomy_7", "state"] != "present"
    for name, table in OUTPUTS.items():
        assert len(read_table(tmp_path / f"{name}.tsv", table))
    assert read_table(tmp_path / "purity.tsv", PURITY)["purity"].iloc[0] == pytest.approx(0.9, abs=0.06)


def test_one_or_two_threads_and_bam_or_cram_say_the_same(reads, tmp_path):
    cram = tmp_path / "a.cram"
    pysam.view("-C", "--output-fmt-option", "no_ref=1", "-o", str(cram), str(reads), catch_stdout=False)
    pysam.index(str(cram))
    for name, path, threads in (("one", reads, 1), ("two", reads, 2), ("again", reads, 1), ("cram", cram, 1)):
        run(path, tmp_path / name, "--threads", threads)
    for name in ("evidence", *OUTPUTS):
        for ending in ("tsv", "parquet"):
            one = (tmp_path / "one" / f"{name}.{ending}").read_bytes()
            assert one == (tmp_path / "two" / f"{name}.{ending}").read_bytes()
            assert one == (tmp_path / "again" / f"{name}.{ending}").read_bytes()
    # the reads are the same; only their GC content is not told by the fields that are read of a CRAM
    one, cram = (read_table(tmp_path / name / "bins.tsv", BINS) for name in ("one", "cram"))
    assert one["reads"].tolist() == cram["reads"].tolist()


def no_index(folder, reads):
    shutil.copy(reads, folder / "a.bam")
    return ()


def wrong_build(folder, reads):
    shutil.copy(reads, folder / "a.bam")
    shutil.copy(f"{reads}.bai", folder / "a.bam.bai")
    return ("--build", "GRCh37")


def truncated(folder, reads):
    (folder / "a.bam").write_bytes(reads.read_bytes()[:-5000])
    shutil.copy(f"{reads}.bai", folder / "a.bam.bai")
    return ()


def text(folder, _):
    (folder / "a.bam").write_text("reads\n")
    return ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_index, "has no index"),
        (wrong_build, "is aligned to GRCh38, not to GRCh37"),
        (truncated, "is truncated"),
        (text, "is neither BAM nor CRAM"),
        (lambda folder, reads: (), "does not exist"),
    ],
)
def test_a_bad_file_is_a_status_row_and_with_no_status_an_error(reads, tmp_path, capsys, make, said):
    (tmp_path / "in").mkdir()
    more = make(tmp_path / "in", reads)
    bad = tmp_path / "in" / "a.bam"
    assert run(bad, tmp_path, *more) == 0
    status = read_table(tmp_path / "status.tsv", STATUS)
    assert status["status"].tolist() == ["failed"]
    assert said in status["message"].iloc[0]
    assert read_table(tmp_path / "evidence.tsv", EVIDENCE).empty
    fixed = ("--reads", bad, "--sample-id", "S", "--source", "lowpass", "--out", tmp_path / "other.tsv")
    assert call_copy_number.run([str(word) for word in (*fixed, *more)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "other.tsv").exists()


def test_help_is_quick_to_say_and_reads_nothing():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", call_copy_number.__file__, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert not {"pandas", "numba", "pysam"} & {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert Path(call_copy_number.__file__).is_file()
