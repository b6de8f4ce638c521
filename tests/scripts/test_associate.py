"""The command: from tables to tables, the same bytes twice, clean errors."""

import numpy as np
import pandas as pd
import pytest

import associate
from association_example import survival_times, write_cohort
from mmrisk.contracts import ASSOCIATIONS, EVENTS, KAPLAN_MEIER, RISK, SENSITIVITY, SURVIVAL, TRENDS
from mmrisk.simulate.cohorts import Design
from mmrisk.tables import conform, read_table, write_table

DESIGN = Design(patients=60, acting=("gain_1q21",), seed=4, scores=3, score_types=("t_cell",))
OUT = {"out": ASSOCIATIONS, "sensitivity": SENSITIVITY, "trends": TRENDS, "survival": SURVIVAL, "curves": KAPLAN_MEIER}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    rng = np.random.default_rng(0)
    steps = pd.Series(rng.integers(0, 3, 60))
    iss = steps.map({0: "I", 1: "II", 2: "III"})
    paths = write_cohort(folder, DESIGN, iss=iss, imwg_2014_diagnosis=rng.choice(["MGUS", "SMM", "MM"], 60))
    outcomes = survival_times(steps)
    outcomes.insert(0, "patient_id", [f"P{number:04d}" for number in range(60)])
    paths["events"], paths["risk"] = folder / "events.tsv", folder / "risk.tsv"
    events = [("P0000_0", "gain_1q21", "present", "inferred"), ("P0001_0", "gain_1q21", "not_tested", None)]
    rows = pd.DataFrame(events, columns=["sample_id", "event", "state", "tier"]).assign(explanation="made up")
    write_table(conform(rows, EVENTS), EVENTS, paths["events"])
    label = {"sample_id": "P0002_0", "system": "ISS", "label": iss[2], "possible": iss[2], "tier": "inferred"}
    label |= {"label_best": iss[2], "label_worst": iss[2], "complete": True, "version": "x", "doi": "x"}
    write_table(conform(pd.DataFrame([label]), RISK), RISK, paths["risk"])
    paths["outcomes"] = folder / "outcomes.tsv"
    outcomes.to_csv(paths["outcomes"], sep="\t", index=False)
    return paths


def flags(paths, folder):
    given = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    return given + [word for name in OUT for word in (f"--{name}", str(folder / f"{name}.tsv"))]


@pytest.fixture(scope="module")
def done(inputs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    assert associate.run(flags(inputs, folder)) == 0
    return folder, {name: read_table(folder / f"{name}.tsv", table) for name, table in OUT.items()}


def test_every_table_is_written_and_keeps_its_contract(done):
    tables = done[1]
    assert (tables["out"]["q"] <= 0.05).any()
    assert (tables["trends"]["status"] == "tested").all()
    assert len(tables["sensitivity"]) > 0
    labels = tables["out"].query("factor == 'iss' and status == 'tested'")
    assert set(labels["flags"]) == {"inferred:1"}


def test_a_label_that_doubles_the_hazard_is_found_to(done):
    models = done[1]["survival"].query("endpoint == 'os' and system == 'iss'").set_index(["model", "term"])
    row = models.loc[("label", "label")]
    assert row["low"] < 2.0 < row["high"]
    assert row["p"] < 0.01
    alone, both = (models.loc[(name, "model"), "concordance"] for name in ("label", "label_and_marrow"))
    assert 0.55 < alone < 0.8
    assert both < alone + 0.05, "a marrow that knows nothing adds nothing"
    assert set(models.index.get_level_values("model")) == {"label", "marrow", "label_and_marrow"}


def test_an_endpoint_that_nobody_has_makes_no_row(done):
    assert set(done[1]["survival"]["endpoint"]) == {"os"}
    curves = done[1]["curves"].query("system == 'iss'")
    assert set(curves["label"]) == {"I", "II", "III"}
    assert (curves["logrank_p"] < 0.05).all()


def test_the_same_inputs_give_the_same_bytes(inputs, done, tmp_path):
    assert associate.run(flags(inputs, tmp_path)) == 0
    for name in OUT:
        assert (tmp_path / f"{name}.tsv").read_bytes() == (done[0] / f"{name}.tsv").read_bytes()


def test_a_missing_table_is_an_error_with_a_remedy(inputs, tmp_path, capsys):
    given = flags({**inputs, "signatures": tmp_path / "none.tsv"}, tmp_path)
    assert associate.run(given) == 2
    assert "none.tsv: does not exist; make the signatures table first" in capsys.readouterr().err
