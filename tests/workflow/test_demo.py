"""The bundled cohort, end to end: labels as agreed, the same bytes twice, nothing that points outside."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from google.protobuf.json_format import Parse
from phenopackets.schema.v2 import Phenopacket

import cbioportal_rules

REPO = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
TABLES = ("events", "risk", "labels", "to_order", "conflicts", "cohort", "patients", "parsed_reports", "status")
SYSTEMS = ("iss", "r_iss", "r2_iss", "ims_2025", "ims_2025_fish")


def run(folder, *more, repo=REPO, config="config/config.yaml", target="all"):
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    command = ["snakemake", "--snakefile", str(repo / "workflow/Snakefile"), "--configfile", str(repo / config)]
    command += ["--directory", str(folder), "--workflow-profile", "none", "--cores", "2", "--keep-going", *more, target]
    done = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a folder with spaces")
    return folder, run(folder)


def table(folder, name):
    return pd.read_csv(folder / "results" / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)


@pytest.mark.slow
def test_the_labels_are_those_agreed(demo):
    labels = table(demo[0], "labels")[["sample_id", *SYSTEMS, *(f"{name}_best" for name in SYSTEMS)]]
    golden = pd.read_csv(GOLDEN / "labels.tsv", sep="\t", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(labels, golden)


@pytest.mark.slow
def test_the_events_are_those_agreed(demo):
    events = table(demo[0], "events").query("state != 'not_tested'")[["sample_id", "event", "state", "fraction"]]
    golden = pd.read_csv(GOLDEN / "events.tsv", sep="\t", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(events.reset_index(drop=True), golden)


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(demo, tmp_path):
    run(tmp_path)
    for path in sorted((demo[0] / "results").rglob("*")):
        if path.is_file() and "benchmarks" not in path.parts:
            assert path.read_bytes() == (tmp_path / path.relative_to(demo[0])).read_bytes(), path


@pytest.mark.slow
def test_the_run_ends_with_a_summary(demo):
    said = demo[1]
    assert "mmrisk: 40 samples of 40 patients" in said
    assert "results/report/index.html" in said


@pytest.mark.slow
def test_every_table_has_its_parquet_twin(demo):
    for name in TABLES:
        assert len(pd.read_parquet(demo[0] / f"results/{name}.parquet")) == len(table(demo[0], name))


@pytest.mark.slow
def test_the_report_asks_for_nothing_outside_itself(demo):
    pages = [*(demo[0] / "results/report").rglob("*.html")]
    assert len(pages) == 41
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", text), page
        assert not re.search(r"url\(\s*['\"]?https?:|@import", text), page


@pytest.mark.slow
def test_the_report_of_snakemake_holds_the_first_page_and_the_tables_with_captions(demo):
    run(demo[0], "--report", "snakemake.zip")
    with zipfile.ZipFile(demo[0] / "snakemake.zip") as made:
        names = [name for name in made.namelist() if not name.endswith("/")]
        text = "".join(made.read(name).decode("utf-8", "replace") for name in names if name.endswith((".html", ".js")))
    for name in ("index.html", "labels.tsv", "cohort.tsv"):
        assert any(Path(found).name == name for found in names), name
    for caption in ("The cohort at a glance", "the best and worst still possible", "ids, events with shares of cells"):
        assert caption in text


@pytest.mark.slow
def test_the_exports_keep_the_rules_of_those_who_load_them(demo):
    run(demo[0], target="exports")
    exports = demo[0] / "results/exports"
    assert cbioportal_rules.problems(exports / "cbioportal") == []
    packets = [*(exports / "phenopackets").glob("*.json")]
    assert len(packets) == 40
    for path in packets:
        assert Parse(path.read_text(), Phenopacket()).subject.id
    assert len(table(demo[0], "labels")) == len((exports / "labels.csv").read_text().splitlines()) - 1


@pytest.mark.slow
def test_one_broken_file_costs_only_itself(tmp_path):
    repo = tmp_path / "repo"
    for folder in ("workflow", "scripts", "resources", "envs", "config"):
        shutil.copytree(REPO / folder, repo / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (repo / "config/data/OPM-2.synthetic.manta.vcf").write_text("not a variant file\n")
    said = run(tmp_path / "run", repo=repo)
    status = table(tmp_path / "run", "status").set_index(["sample_id", "assay_id"])
    assert status.loc[("OPM-2", "manta"), "status"] == "failed"
    assert status.loc[("KMS-12BM", "manta"), "status"] == "ok"
    assert "OPM-2 manta" in said
    assert "Traceback" not in said
    assert table(tmp_path / "run", "cohort").set_index("sample_id").loc["OPM-2", "failed_inputs"] == "manta"


@pytest.mark.slow
def test_blood_values_alone_give_the_stage_that_they_can_give(tmp_path):
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    (sheets / "samples.tsv").write_text("sample_id\tpatient_id\nS1\tP1\nS2\tP2\n")
    (sheets / "clinical.tsv").write_text("sample_id\tb2m_mg_l\talbumin_g_l\nS1\t6.1\t40\nS2\t<3.5\t\n")
    (sheets / "config.yaml").write_text("samples: samples.tsv\nclinical: clinical.tsv\n")
    run(tmp_path / "run", config=sheets / "config.yaml")
    labels = table(tmp_path / "run", "labels").set_index("sample_id")
    assert labels["iss"].to_dict() == {"S1": "III", "S2": "not_evaluable"}
    assert labels.loc["S2", ["iss_best", "iss_worst"]].tolist() == ["I", "II"]
