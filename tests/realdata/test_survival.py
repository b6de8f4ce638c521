"""Recorded stages against the survival of 255 newly diagnosed patients: the right order, with its width."""

import numpy as np
import pandas as pd
import pytest

from mmrisk.association.compare import Setting
from mmrisk.association.factors import LABEL, Factor
from mmrisk.association.survival import survival


@pytest.fixture(scope="module")
def tables(realdata):
    sheet = pd.read_csv(realdata / "snp_array_mm" / "clinical_fish.tsv", sep="\t")
    none = np.zeros(len(sheet), dtype=bool)
    labels = tuple(
        Factor(name, LABEL, "per step", ("I", "II", "III"), (sheet[column] - 1).to_numpy(dtype=float), none, none)
        for name, column in (("iss", "ISS"), ("r_iss", "R_ISS"))
    )
    samples = tuple(sheet["sample_id"])
    setting = Setting(samples, np.array(samples, dtype=object), pd.DataFrame(index=sheet.index), labels, samples)
    columns = {
        "OS_MONTHS": "os_months",
        "OS_EVENT": "os_event",
        "PFS_I_MONTHS": "pfs_months",
        "PFS_I_EVENT": "pfs_event",
    }
    outcomes = sheet.set_index("sample_id").rename(columns=columns)[list(columns.values())]
    return survival(setting, outcomes, [], seed=0)


@pytest.mark.parametrize("system", ["iss", "r_iss"])
def test_a_step_of_the_stage_raises_the_hazard_of_death(tables, system):
    models = tables[0].query("endpoint == 'os' and model == 'label'").set_index(["system", "term"])
    row = models.loc[(system, "label")]
    assert row["status"] == "tested"
    assert 1.2 < row["hazard_ratio"] < 3.5
    assert row["low"] < row["hazard_ratio"] < row["high"]
    assert 0.5 < models.loc[(system, "model"), "concordance"] < 0.75


def test_curves_lie_in_the_order_of_the_stage(tables):
    curves = tables[1].query("endpoint == 'os' and system == 'r_iss' and months <= 60")
    at_five_years = curves.groupby("label")["survival"].min()
    assert at_five_years["I"] > at_five_years["II"] > at_five_years["III"]
    assert curves["logrank_p"].nunique() == 1
    assert ((curves["low"] <= curves["survival"]) & (curves["survival"] <= curves["high"])).all()
