"""Dry runs: which jobs a cohort makes, and what reruns after a change."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
ALWAYS = {"all": 1, "decide_events": 1, "assign_risk": 1, "join_cohort": 1, "build_report": 1, "summarise_run": 1}


def snakemake(*arguments, repo=REPO, check=True):
    done = subprocess.run(
        [
            "snakemake",
            "--snakefile",
            str(repo / "workflow/Snakefile"),
            "--workflow-profile",
            "none",
            "--cores",
            "1",
            *arguments,
        ],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def job_counts(printed):
    return {name: int(count) for name, count in re.findall(r"^(\w+)\s+(\d+)$", printed, re.M) if name != "total"}


def cohort(folder, **sheets):
    """A cohort's folder; `sheets` are contents by name."""
    folder.mkdir(parents=True)
    (folder / "data.seg").write_text("x\n")
    (folder / "map.tsv").write_text("name\ttheirs\tunit\tdenominator\nsample_id\tx\t\t\n")
    for name, content in sheets.items():
        (folder / f"{name}.tsv").write_text(content)
    (folder / "config.yaml").write_text("".join(f"{name}: {name}.tsv\n" for name in sheets))
    return folder / "config.yaml"


SAMPLES = "sample_id\tpatient_id\nS1\tP1\n"
REPORTS = "sample_id\tmethod\ttext\nS1\tfish\tnuc ish(TP53x1)[50/200]\n"
ASSAYS = "sample_id\tassay_id\tkind\tsource\tfile\tbuild\n"

COHORTS = {
    "one FISH report": (dict(samples=SAMPLES, reports=REPORTS), {"read_reports": 1}),
    "segments only": (
        dict(samples=SAMPLES, assays=ASSAYS + "S1\ta\tsegments\tarray\tdata.seg\thg19\n"),
        {"read_segments": 1},
    ),
    "variants in chunks": (
        dict(samples=SAMPLES, assays=ASSAYS + "S1\ta\tstructural_variants\twgs\tdata.seg\thg19\n"),
        {"read_structural_variants": 4},
    ),
    "mutations beside segments": (
        dict(
            samples=SAMPLES,
            assays=ASSAYS + "S1\ta\tmutations\twes\tdata.seg\thg38\nS1\tb\tsegments\twgs\tdata.seg\thg38\n",
        ),
        {"read_mutations": 4, "read_segments": 1},
    ),
    "expression and fusion transcripts": (
        dict(
            samples=SAMPLES,
            assays=ASSAYS + "*\ta\texpression\texpression\tdata.seg\t\nS1\tb\trna_fusions\trna_fusion\tdata.seg\t\n",
        ),
        {"read_expression": 1, "read_rna_fusions": 1},
    ),
    "reads, one job per file": (
        dict(
            samples=SAMPLES,
            assays=ASSAYS + "S1\ta\treads\twgs\tdata.seg\thg38\nS1\tb\treads\tlowpass\tdata.seg\thg38\n",
        ),
        {"call_copy_number": 2, "call_translocations": 2},
    ),
    "shares of cells counted elsewhere": (
        dict(
            samples=SAMPLES,
            assays=ASSAYS.replace("\n", "\tcolumns\n") + "*\tf\tcomposition\tflow\tdata.seg\t\tmap.tsv\n",
        ),
        {"read_composition": 1, "join_tables": 2, "associate": 1},
    ),
    "an exome with its normals": (
        dict(
            samples=SAMPLES,
            assays=ASSAYS
            + "S1\ta\treads\twes\tdata.seg\thg38\n"
            + "".join(f"*\tn{n}\tnormals\twes\tdata.seg\thg38\n" for n in range(3)),
        ),
        {"call_copy_number": 1, "call_translocations": 1, "build_normals": 1},
    ),
    "a FISH table and reports": (
        dict(samples=SAMPLES, reports=REPORTS, assays=ASSAYS + "S1\ta\tfish_table\tfish\tdata.seg\t\n"),
        {"read_fish_table": 1, "read_reports": 1},
    ),
}


@pytest.mark.parametrize("name", COHORTS)
def test_a_cohort_makes_the_jobs_that_it_needs(name, tmp_path):
    sheets, expected = COHORTS[name]
    config = cohort(tmp_path / "a cohort", **sheets)
    done = snakemake("--dry-run", "--directory", str(tmp_path), "--configfile", str(config))
    assert job_counts(done.stdout) == ALWAYS | expected


def test_panels_of_genes_have_normals_with_their_own_targets(tmp_path):
    rows = [f"S1\t{k}\treads\tpanel\tdata.seg\thg38\t{k}.bed\n" for k in "ab"]
    rows += [f"*\tn{n}\tnormals\tpanel\tdata.seg\thg38\t\n" for n in range(3)]
    config = cohort(tmp_path / "panels", samples=SAMPLES, assays=ASSAYS.rstrip() + "\ttargets\n" + "".join(rows))
    for name in "ab":
        (tmp_path / f"panels/{name}.bed").write_text("chr17\t7668401\t7687550\n")
    done = snakemake("--dry-run", "--printshellcmds", "--directory", str(tmp_path), "--configfile", str(config))
    assert job_counts(done.stdout)["build_normals"] == 2
    for name in "ab":
        assert re.search(rf"build_normals.py.*--targets \S*{name}.bed .*normals/panel.GRCh38.{name}.tsv", done.stdout)
        assert re.search(rf"--targets \S*{name}.bed.*--normals \S*panel.GRCh38.{name}.tsv", done.stdout)


def test_cells_join_the_cohort_and_are_tested_and_leave_with_their_labels(tmp_path):
    assays = ASSAYS + "S1\tsc\tcells\tscrna\tdata.seg\t\n"
    outcomes = "patient_id\tos_months\tos_event\nP1\t12\tno\n"
    config = cohort(tmp_path / "cells", samples=SAMPLES, reports=REPORTS, assays=assays, outcomes=outcomes)
    flags = ["--dry-run", "--directory", str(tmp_path), "--configfile", str(config)]
    jobs = job_counts(snakemake(*flags).stdout)
    assert jobs["associate"] == jobs["describe_cells"] == 1
    assert "embed_cells" not in jobs
    assert not [name for name in jobs if name.startswith("export")]
    named = job_counts(snakemake("exports", *flags).stdout)
    exports = ("labels", "cbioportal", "commpass", "tracks", "phenopackets", "multiqc", "cells")
    assert [named[f"export_{name}"] for name in exports] == [1] * 7


def test_cells_are_drawn_in_the_report_where_the_configuration_asks_for_it(tmp_path):
    assays = ASSAYS + "S1\tsc\tcells\tscrna\tdata.seg\t\n"
    config = cohort(tmp_path / "drawn", samples=SAMPLES, reports=REPORTS, assays=assays)
    config.write_text(config.read_text() + "cells: {picture: true}\n")
    done = snakemake("--dry-run", "-p", "--directory", str(tmp_path), "--configfile", str(config))
    assert job_counts(done.stdout)["embed_cells"] == 1
    assert re.search(r"build_report\.py'? .*--cell-places results/cell_places.tsv", done.stdout)


def test_5000_samples_make_as_few_jobs_as_one(tmp_path):
    samples = "sample_id\tpatient_id\n" + "".join(f"S{n}\tP{n}\n" for n in range(5000))
    reports = "sample_id\tmethod\ttext\n" + "".join(f"S{n}\tfish\tnuc ish(TP53x1)[50/200]\n" for n in range(5000))
    config = cohort(tmp_path / "large", samples=samples, reports=reports)
    done = snakemake("--dry-run", "--directory", str(tmp_path), "--configfile", str(config))
    assert sum(job_counts(done.stdout).values()) == 7


def test_a_broken_sheet_stops_the_run_with_its_problems_and_no_traceback(tmp_path):
    config = cohort(tmp_path / "broken", samples=SAMPLES + "S1\tP2\nS 3\t\n", reports=REPORTS.replace("S1", "S9"))
    done = snakemake("--dry-run", "--directory", str(tmp_path), "--configfile", str(config), check=False)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "samples.tsv, row 3, column sample_id: 'S1' occurs on row 2 too" in said
    assert "samples.tsv, row 4, column sample_id: 'S 3' is not a name" in said
    assert "Traceback" not in said


def test_no_covariates_are_no_covariates(tmp_path):
    assays = ASSAYS + "S1\tc\tcells\tscrna\tdata.seg\t\n"
    config = cohort(tmp_path / "cohort", samples=SAMPLES, assays=assays)
    edit(config, "association: {covariates: []}\n")
    done = snakemake("--dry-run", "-p", "--directory", str(tmp_path), "--configfile", str(config))
    assert re.search(r"associate\.py.* --covariates +--repeated", done.stdout)


def test_segments_called_from_reads_reach_mutations_report_and_exports(tmp_path):
    assays = ASSAYS + "S1\tr\treads\twgs\tdata.seg\thg38\nS1\tm\tmutations\twgs\tdata.seg\thg38\n"
    config = cohort(tmp_path / "cohort", samples=SAMPLES, assays=assays)
    done = snakemake(
        "--dry-run", "-p", "--directory", str(tmp_path), "--configfile", str(config), "--", "all", "exports"
    )
    for name in ("read_mutations", "build_report", "export_cbioportal", "export_tracks"):
        assert re.search(rf"{name}\.py.* results/segments/S1\.r\.tsv", done.stdout), name


def test_nothing_of_the_bundled_configuration_leaks_into_another(tmp_path):
    config = cohort(tmp_path / "own", samples=SAMPLES, reports=REPORTS)
    shutil.copytree(REPO / "config", tmp_path / "here/config")
    done = snakemake("--dry-run", "--directory", str(tmp_path / "here"), "--configfile", str(config))
    assert job_counts(done.stdout) == ALWAYS | {"read_reports": 1}


@pytest.mark.slow
def test_editing_a_module_or_a_table_of_facts_reruns_what_reads_it(tmp_path):
    repo = tmp_path / "repo"
    for folder in ("workflow", "scripts", "resources", "envs", "config"):
        shutil.copytree(REPO / folder, repo / folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = cohort(tmp_path / "cohort", samples=SAMPLES, reports=REPORTS)

    def run(*arguments):
        return snakemake("--directory", str(tmp_path), "--configfile", str(config), *arguments, repo=repo).stdout

    def would_run():
        return set(job_counts(run("--dry-run"))) - {"all"}

    run()
    assert would_run() == set()
    (repo / "scripts/mmrisk/consensus.py").touch()
    assert would_run() == set(), "same content, nothing to do"
    edit(repo / "scripts/mmrisk/risk/staging.py", "\n# edited\n")
    assert would_run() == {"assign_risk", "join_cohort", "build_report", "summarise_run"}
    run()
    edit(repo / "resources/precedence.tsv", "# edited\n")
    assert "decide_events" in would_run()
    assert "read_reports" not in would_run()
    run()
    edit(tmp_path / "cohort/config.yaml", "allow_inferred: true\n")
    assert "assign_risk" in would_run()
    assert "decide_events" not in would_run()
    edit(tmp_path / "cohort/reports.tsv", "S1\tfish\tnuc ish(RB1x1)[80/200]\n")
    assert "read_reports" in would_run()


def edit(path, addition):
    path.write_text(path.read_text() + addition)
