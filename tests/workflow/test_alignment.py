"""From FASTQ files to a BAM with duplicates marked, by bwa and samtools where they are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pysam
import pytest

REPO = Path(__file__).parents[2]
needs_tools = pytest.mark.skipif(
    not (shutil.which("bwa") and shutil.which("samtools")), reason="bwa or samtools is not installed"
)


@pytest.fixture
def cohort(tmp_path):
    """A reference of 20 kb, 200 pairs of which each fifth is a copy, and the sheets."""
    rng = np.random.default_rng(1)
    genome = "".join(rng.choice(list("ACGT"), 20_000))
    (tmp_path / "tiny ref.fa").write_text(f">chr17\n{genome}\n")
    complement = str.maketrans("ACGT", "TGCA")
    ends = ([], [])
    for number in range(200):
        start = (number - 1) * 80 if number % 5 == 4 else number * 80
        fragment = genome[start : start + 300]
        for mate, bases in enumerate((fragment[:100], fragment[-100:].translate(complement)[::-1])):
            ends[mate].append(f"@r{number}\n{bases}\n+\n{'I' * 100}\n")
    for mate, reads in enumerate(ends, start=1):
        (tmp_path / f"a_{mate}.fq").write_text("".join(reads))
    (tmp_path / "samples.tsv").write_text("sample_id\tpatient_id\nS1\tP1\n")
    (tmp_path / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tmate\tbuild\treference\n"
        "S1\tfq\tfastq\twgs\ta_1.fq\ta_2.fq\tGRCh38\ttiny ref.fa\n"
    )
    (tmp_path / "config.yaml").write_text("samples: samples.tsv\nassays: assays.tsv\n")
    return tmp_path


def run(folder, *targets, cores=1):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [
        "snakemake",
        "--snakefile",
        str(REPO / "workflow/Snakefile"),
        "--configfile",
        str(folder / "config.yaml"),
    ]
    command += ["--directory", str(folder), "--workflow-profile", "none", "--cores", str(cores), *targets]
    done = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_tools
@pytest.mark.slow
def test_pairs_are_aligned_sorted_indexed_and_their_duplicates_marked(cohort):
    run(cohort, "results/aligned/S1.fq.bam")
    first = (cohort / "results/aligned/S1.fq.bam").read_bytes()
    with pysam.AlignmentFile(str(cohort / "results/aligned/S1.fq.bam")) as handle:
        assert handle.header.to_dict()["RG"] == [{"ID": "S1.fq", "SM": "S1", "PL": "ILLUMINA"}]
        assert handle.header.to_dict()["HD"]["SO"] == "coordinate"
        assert handle.has_index()
        reads = list(handle.fetch("chr17"))
    assert len(reads) == 400
    assert sum(read.is_duplicate for read in reads) == 80
    assert all(read.is_proper_pair for read in reads)
    (cohort / "results/aligned/S1.fq.bam").unlink()
    run(cohort, "results/aligned/S1.fq.bam", cores=2)

    def records(data):
        (cohort / "x.bam").write_bytes(data)
        return pysam.view(str(cohort / "x.bam"))

    assert records((cohort / "results/aligned/S1.fq.bam").read_bytes()) == records(first)


@needs_tools
@pytest.mark.slow
def test_a_reference_of_no_known_build_is_a_failed_row_and_no_call(cohort):
    run(cohort, "copy_number")
    status = (cohort / "results/status/copy_number/S1.fq.tsv").read_text()
    assert "failed" in status
    assert "has chromosome lengths of no build that is known" in status
