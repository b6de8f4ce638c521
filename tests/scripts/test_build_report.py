import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import build_report
from mmrisk import consensus
from mmrisk.contracts import BINS, CONFLICTS, EVENTS, EVIDENCE, PARSED, RISK, SEGMENTS, STATUS, TO_ORDER
from mmrisk.events import Evidence, State
from mmrisk.risk.assign import assign, risk_frame, to_order_frame
from mmrisk.risk.patients import Patients
from mmrisk.tables import conform, evidence_frame, write_table

REPO = Path(__file__).parents[2]
SAMPLES = "sample_id\tpatient_id\tnote\nS1\tP1\t<script>alert(1)</script>\nS2\tP2\t\n"
ASSAYS = "sample_id\tassay_id\tkind\tsource\tfile\n*\tfish\tfish_table\tfish\tboxes.synthetic.csv\n"


@pytest.fixture
def results(tmp_path):
    """A run's sheets in `config`, its tables in `results`."""
    config, folder = tmp_path / "config", tmp_path / "results"
    config.mkdir()
    (config / "samples.tsv").write_text(SAMPLES)
    (config / "assays.tsv").write_text(ASSAYS)
    (config / "boxes.synthetic.csv").touch()
    (config / "clinical.tsv").write_text("sample_id\tb2m_mg_l\tsynthetic\nS1\t6.1\tno\n")
    evidence = evidence_frame(
        [Evidence(sample_id="S1", assay_id="fish", event="t_4_14", source="fish", state=State.PRESENT, fraction=0.4)]
    )
    ids = ["S1", "S2"]
    events, conflicts = consensus.decide(evidence, samples=ids)
    assigned = assign(Patients(ids, events))
    parsed = {"sample_id": "S1", "assay_id": "fish", "method": "fish", "text": "nuc ish(<i>x)", "unread": "8:<i>x"}
    for name, frame, table in (
        ("evidence/reports.tsv", evidence, EVIDENCE),
        ("events.tsv", events, EVENTS),
        ("conflicts.tsv", conflicts, CONFLICTS),
        ("risk.tsv", risk_frame(assigned, ids), RISK),
        ("to_order.tsv", to_order_frame(assigned, ids), TO_ORDER),
        ("status.tsv", conform(pd.DataFrame(), STATUS), STATUS),
        ("parsed_reports.tsv", pd.DataFrame([parsed]), PARSED),
    ):
        write_table(frame, table, folder / name)
    (folder / "cohort.tsv").touch()
    return folder


def flags(results, *more, report="report"):
    config = results.parent / "config"
    given = ["--samples", config / "samples.tsv", "--evidence", results / "evidence/reports.tsv"]
    for name in ("events", "conflicts", "risk", "to-order", "status"):
        given += [f"--{name}", results / f"{name.replace('-', '_')}.tsv"]
    given += ["--out", results / report / "index.html", "--pages", results / report / "patients", *more]
    return list(map(str, given))


def everything(results):
    config = results.parent / "config"
    return (
        *("--assays", config / "assays.tsv", "--clinical", config / "clinical.tsv"),
        *("--parsed", results / "parsed_reports.tsv", "--tables", results / "cohort.tsv", "--profile", "ccf55"),
    )


def test_the_report_is_written_without_the_optional_inputs(results):
    assert build_report.run(flags(results)) == 0
    pages = [path.relative_to(results / "report").as_posix() for path in sorted((results / "report").rglob("*"))]
    assert pages == ["index.html", "patients", "patients/S1.html", "patients/S2.html"]


def test_optional_inputs_are_shown(results):
    assert build_report.run(flags(results, *everything(results))) == 0
    page = (results / "report/patients/S1.html").read_text("utf-8")
    assert '<td class="number">6.1</td>' in page
    assert "the file boxes.synthetic.csv" in page
    assert "<mark>&lt;i&gt;x</mark>" in page
    assert "cut-off profile ccf55" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_links_to_the_tables_are_relative(results):
    build_report.run(flags(results, *everything(results)))
    page = (results / "report/index.html").read_text("utf-8")
    links = re.findall(r'href="(\.\./[^"]*)"', page)
    assert "../cohort.tsv" in links
    assert "../evidence/reports.tsv" in links
    assert all((results / "report" / link).is_file() for link in links)


def test_the_same_inputs_give_the_same_bytes_in_another_folder(results, tmp_path):
    build_report.run(flags(results, *everything(results)))
    moved = tmp_path / "elsewhere" / "results"
    shutil.copytree(results.parent / "config", moved.parent / "config")
    shutil.copytree(results, moved, ignore=shutil.ignore_patterns("report"))
    build_report.run(flags(moved, *everything(moved)))
    for path in (results / "report").rglob("*.html"):
        assert (moved / path.relative_to(results)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("results/events.tsv", "make the events table first"),
        ("results/evidence/reports.tsv", "make the evidence table first"),
        ("config/samples.tsv", "does not exist"),
    ],
)
def test_a_missing_input_is_named_with_a_remedy(broken, said, results, capsys):
    (results.parent / broken).unlink()
    assert build_report.run(flags(results)) == 2
    assert said in capsys.readouterr().err


def test_many_files_of_one_table_are_read_as_one_and_a_broken_one_is_named(results, capsys):
    row = {"sample_id": "S1", "chrom": "1", "start": 0, "end": 9_000_000, "copies": 3.0}
    paths = [results / "segments" / f"S1.a{number}.tsv" for number in range(20)]
    for number, path in enumerate(paths):
        write_table(pd.DataFrame([row | {"assay_id": f"a{number}"}]), SEGMENTS, path)
    assert build_report.run(flags(results, "--segments", *paths)) == 0
    assert (results / "report/patients/S1.html").read_text("utf-8").count('class="genome"') == 20
    assert 'href="../segments/"' in (results / "report/index.html").read_text("utf-8")
    paths[7].write_text(paths[7].read_text().replace("\t3\t", "\t-3\t"))
    assert build_report.run(flags(results, "--segments", *paths)) == 2
    assert "S1.a7.tsv, row 2, column copies: '-3.0' is out of range" in capsys.readouterr().err


def test_bins_are_those_of_the_sample_and_assay_in_the_name_of_the_file(results):
    place = {"sample_id": "S1", "assay_id": "wgs", "chrom": "1", "start": 0, "end": 9_000_000, "copies": 2.0}
    write_table(pd.DataFrame([place]), SEGMENTS, results / "segments/S1.wgs.tsv")
    write_table(pd.DataFrame([place]), BINS, results / "bins/S1.wgs.tsv")
    given = ("--segments", results / "segments/S1.wgs.tsv", "--bins", results / "bins/S1.wgs.tsv")
    assert build_report.run(flags(results, *given)) == 0
    assert "g-points" in (results / "report/patients/S1.html").read_text("utf-8").split("</style>")[1]
    assert "g-points" not in (results / "report/patients/S2.html").read_text("utf-8").split("</style>")[1]


def test_a_broken_sheet_is_refused_with_row_and_column(results, capsys):
    (results.parent / "config/samples.tsv").write_text("sample_id\tpatient_id\nS/1\tP1\n")
    assert build_report.run(flags(results)) == 2
    assert "samples.tsv, row 2, column sample_id: 'S/1'" in capsys.readouterr().err


def test_the_rule_and_the_script_have_the_same_flags():
    rule = (REPO / "workflow/rules/cohort.smk").read_text().split("rule build_report:")[1].split("\nrule ")[0]
    more = (REPO / "workflow/rules/cohort.smk").read_text().split("REPORT_TABLES = (")[1].split(")")[0]
    of_rule = set(re.findall(r"--[a-z-]+", rule)) | {
        f"--{name.replace('_', '-')}" for name in re.findall(r'"([a-z_]+)"', more)
    }
    of_script = {text for action in build_report.arguments()._actions for text in action.option_strings}
    assert of_rule == of_script - {"-h", "--help", "--version"}
