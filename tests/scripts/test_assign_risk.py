"""The command that assigns labels: what it reads, writes and refuses."""

from pathlib import Path

import pandas as pd
import pytest

import assign_risk
from mmrisk.contracts import EVENTS, RISK, TO_ORDER
from mmrisk.risk.assign import labels_table
from mmrisk.risk.monoclonal import M_PROTEIN
from mmrisk.risk.organ_damage import ORGAN_DAMAGE
from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY
from mmrisk.risk.systems import SYSTEMS, selected
from mmrisk.tables import read_table, write_table

CLINICAL = "sample_id\tb2m_mg_l\talbumin_g_dl\tldh_above_uln\nA\t3,4\t3.6\tno\nB\t>5.5\tNA\tyes\nC\t3.2\t\t-\n"
EVENT_ROWS = [
    {"sample_id": "A", "event": "del_17p", "state": "absent", "tier": "measured", "explanation": "x"},
    {"sample_id": "A", "event": "t_4_14", "state": "absent", "tier": "measured", "explanation": "x"},
    {"sample_id": "A", "event": "t_14_16", "state": "absent", "tier": "measured", "explanation": "x"},
    {"sample_id": "D", "event": "del_17p", "state": "present", "fraction": 0.5, "tier": "measured", "explanation": "x"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clinical.tsv").write_text(CLINICAL, encoding="utf-8")
    write_table(pd.DataFrame(EVENT_ROWS), EVENTS, tmp_path / "events.tsv")
    return tmp_path


def run(folder: Path, *flags: str) -> int:
    paths = [str(folder / flag) if "." in flag and not flag.startswith("-") else flag for flag in flags]
    return assign_risk.run([*paths, "--out", str(folder / "out" / "risk.tsv")])


def labels(folder: Path, system: str) -> dict[str, str]:
    risk = read_table(folder / "out" / "risk.tsv", RISK)
    own = risk[risk["system"] == system]
    return dict(zip(own["sample_id"], own["label"], strict=True))


def test_labels_come_from_events_and_clinical_sheet_together(folder: Path) -> None:
    assert run(folder, "--events", "events.tsv", "--clinical", "clinical.tsv") == 0
    assert labels(folder, "ISS") == {"A": "I", "B": "III", "C": "not_evaluable", "D": "not_evaluable"}
    assert labels(folder, "R-ISS") == {"A": "I", "B": "III", "C": "not_evaluable", "D": "not_evaluable"}
    assert labels(folder, "HRCA") == {"A": "standard", "B": "not_evaluable", "C": "not_evaluable", "D": "high"}


def test_what_was_written_is_said_in_one_line(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        run(folder, "--clinical", "clinical.tsv")
    lines = [record.getMessage() for record in caplog.records]
    risk = read_table(folder / "out" / "risk.tsv", RISK)
    settled = (~risk["label"].isin(["not_evaluable", "not_applicable"])).sum()
    assert len(lines) == 1
    assert lines[0].startswith(f"3 samples, {len(selected())} systems: {settled} labels settled of {len(risk)} in ")


def test_every_table_is_written_as_its_contract_and_in_parquet_too(folder: Path) -> None:
    (folder / "samples.tsv").write_text("sample_id\tpatient_id\tday\nA\tP\t0\nB\tP\t90\n", encoding="utf-8")
    tables = {
        "labels": labels_table(),
        "to-order": TO_ORDER,
        "m-protein": M_PROTEIN,
        "organ-damage": ORGAN_DAMAGE,
        "changes": LABEL_CHANGES,
        "trajectory": TRAJECTORY,
    }
    flags = [part for name in tables for part in (f"--{name}", f"out/{name}.tsv")]
    assert run(folder, "--events", "events.tsv", "--clinical", "clinical.tsv", "--samples", "samples.tsv", *flags) == 0
    for name, table in {**tables, "risk": RISK}.items():
        frame = read_table(folder / "out" / f"{name}.tsv", table)
        twin = read_table(folder / "out" / f"{name}.parquet", table)
        pd.testing.assert_frame_equal(frame, twin)
    changed = read_table(folder / "out" / "changes.tsv", LABEL_CHANGES).set_index("system")
    assert changed.loc["ISS", "change"] == "up"


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    contents = []
    for _ in range(2):
        assert run(folder, "--events", "events.tsv", "--clinical", "clinical.tsv", "--labels", "out/labels.tsv") == 0
        contents.append(b"".join((folder / "out" / name).read_bytes() for name in ("risk.tsv", "labels.tsv")))
    assert contents[0] == contents[1]


def test_events_alone_or_a_sheet_alone_is_enough(folder: Path) -> None:
    assert run(folder, "--events", "events.tsv") == 0
    assert set(labels(folder, "ISS")) == {"A", "D"}
    assert run(folder, "--clinical", "clinical.tsv") == 0
    assert set(labels(folder, "ISS")) == {"A", "B", "C"}


def test_a_sheet_without_rows_gives_tables_without_rows(folder: Path) -> None:
    (folder / "empty.tsv").write_text("sample_id\tb2m_mg_l\n", encoding="utf-8")
    flags = (
        "--labels",
        "out/l.tsv",
        "--to-order",
        "out/t.tsv",
        "--organ-damage",
        "out/o.tsv",
        "--m-protein",
        "out/m.tsv",
    )
    assert run(folder, "--clinical", "empty.tsv", *flags) == 0
    assert labels(folder, "ISS") == {}


def test_nothing_to_read_is_an_error_with_a_remedy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 2
    assert "add --events or --clinical" in capsys.readouterr().err


def test_all_problems_of_the_sheet_are_printed_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "clinical.tsv").write_text("sample_id\talbumin_g_dl\nA\t42\nB\thigh\n", encoding="utf-8")
    assert run(folder, "--clinical", "clinical.tsv") == 2
    assert capsys.readouterr().err.splitlines() == [
        "clinical.tsv, row 2, column albumin_g_dl: '42' looks like g/L, not g/dL; use column albumin_g_l",
        "clinical.tsv, row 3, column albumin_g_dl: 'high' is not a number; give a plain number, without unit or words",
    ]
    assert not (folder / "out").exists()


def test_a_file_that_is_no_events_table_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(folder / "other.parquet")
    (folder / "broken.parquet").write_bytes(b"PAR1 not really")
    for name in ("other.parquet", "broken.parquet", "absent.tsv", "clinical.tsv"):
        assert run(folder, "--events", name) == 2
        assert name in capsys.readouterr().err


def test_a_column_map_reads_a_foreign_sheet(folder: Path) -> None:
    (folder / "foreign.csv").write_text("ID,B2M,ALB\nX,2.0,41\n", encoding="utf-8")
    (folder / "map.tsv").write_text(
        "column\ttheirs\nsample_id\tID\nb2m_mg_l\tB2M\nalbumin_g_l\tALB\n", encoding="utf-8"
    )
    assert run(folder, "--clinical", "foreign.csv", "--columns", "map.tsv") == 0
    assert labels(folder, "ISS") == {"X": "I"}


def test_unverified_systems_appear_only_when_asked_for(folder: Path) -> None:
    assert run(folder, "--clinical", "clinical.tsv") == 0
    risk = read_table(folder / "out" / "risk.tsv", RISK)
    assert set(risk["system"]) == {system.name for system in selected()}
    assert run(folder, "--clinical", "clinical.tsv", "--include-unverified") == 0
    assert set(read_table(folder / "out" / "risk.tsv", RISK)["system"]) == set(SYSTEMS)


def test_comparing_samples_over_time_needs_the_samples_sheet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--clinical", "clinical.tsv", "--changes", "out/changes.tsv") == 2
    assert "add --samples" in capsys.readouterr().err
