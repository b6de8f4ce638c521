"""Stages from laboratory values and FISH against those that a centre recorded (255 newly diagnosed patients)."""

from pathlib import Path

import pandas as pd
import pytest

from mmrisk.clinical import read_clinical
from mmrisk.contracts import EVENTS
from mmrisk.risk.assign import assign, risk_frame
from mmrisk.risk.patients import join_patients
from mmrisk.tables import conform

FISH = {
    "FISH_T_4_14": "t_4_14",
    "FISH_T_6_14": "t_6_14",
    "FISH_T_11_14": "t_11_14",
    "FISH_T_14_16": "t_14_16",
    "FISH_T_14_20": "t_14_20",
    "FISH_DEL_13": "del_13q",
    "FISH_Del_17p": "del_17p",
    "FISH_Amp_1q": "gain_1q21",
    "FISH_Hyperdiploidy": "hyperdiploid",
}
COLUMN_MAP = """column\ttheirs\tvalues
sample_id\tsample_id\t
age_years\tAGE\t
b2m_mg_l\tB2M\t
albumin_g_dl\tALBUMIN\t
creatinine_mg_dl\tCREATININE\t
hb_g_dl\tHB\t
calcium_mg_dl\tCALCIUM\t
bmpc_pct\tPC_TOT\t
ldh_above_uln\tLDH_UL\t
heavy_chain\tIG_ISOTYPE\tBJ=none;IgA/BJ=IgA
light_chain\tLIGHT_CHAIN\t
sex\tSEX\tF=female;M=male
"""
STAGES = {"1.0": "I", "2.0": "II", "3.0": "III"}


@pytest.fixture(scope="module")
def centre(realdata: Path) -> pd.DataFrame:
    """The centre's sheet as text."""
    return pd.read_csv(realdata / "snp_array_mm" / "clinical_fish.tsv", sep="\t", dtype=str).set_index("sample_id")


@pytest.fixture(scope="module")
def risk(realdata: Path, centre: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Risk table of these patients, wide: label by sample and system."""
    columns = tmp_path_factory.mktemp("map") / "columns.tsv"
    columns.write_text(COLUMN_MAP, encoding="utf-8")
    clinical = read_clinical(realdata / "snp_array_mm" / "clinical_fish.tsv", columns=columns)
    patients = join_patients(conform(fish_events(centre), EVENTS), clinical)
    return risk_frame(assign(patients), patients.sample_ids)


def fish_events(centre: pd.DataFrame) -> pd.DataFrame:
    """The centre's FISH results as rows of the events table."""
    long = centre[list(FISH)].rename(columns=FISH).stack().rename("state").reset_index()
    long.columns = ["sample_id", "event", "state"]
    long["state"] = long["state"].map({"1.0": "present", "0.0": "absent"})
    return long.assign(tier="measured", explanation="FISH")


def compared(risk: pd.DataFrame, centre: pd.DataFrame, system: str, column: str) -> pd.DataFrame:
    """Our label beside the recorded one, where both are there."""
    own = risk[risk["system"] == system].set_index("sample_id")
    beside = own.assign(recorded=centre[column].map(STAGES))
    return beside[beside["recorded"].notna() & (beside["label"] != "not_evaluable")]


def test_iss_from_laboratory_values_is_the_recorded_one(risk: pd.DataFrame, centre: pd.DataFrame) -> None:
    both = compared(risk, centre, "ISS", "ISS")
    assert len(both) >= 250
    assert (both["label"] == both["recorded"]).all()


def test_r_iss_from_fish_and_laboratory_values_is_the_recorded_one_but_where_the_record_contradicts_itself(
    risk: pd.DataFrame, centre: pd.DataFrame
) -> None:
    both = compared(risk, centre, "R-ISS", "R_ISS")
    assert len(both) >= 170
    differ = both[both["label"] != both["recorded"]]
    assert len(differ) <= 0.03 * len(both)
    unexplained = {
        sample_id: (row["label"], row["recorded"])
        for sample_id, row in differ.iterrows()
        if not contradicts_itself(centre.loc[sample_id], row["recorded"])
    }
    assert unexplained == {}


def contradicts_itself(theirs: pd.Series, recorded: str) -> str:
    """Why the recorded R-ISS cannot follow from the ISS and the findings recorded beside it; empty where it could."""
    adverse = (theirs[["FISH_Del_17p", "FISH_T_4_14", "FISH_T_14_16", "LDH_UL"]] == "1.0").any()
    stage = STAGES[theirs["ISS"]]
    if stage == "III" and recorded == "I":
        return "ISS III can never be R-ISS I"
    if stage == "III" and adverse and recorded != "III":
        return "ISS III with del(17p), t(4;14), t(14;16) or high LDH is R-ISS III"
    if stage == "I" and adverse and recorded == "I":
        return "ISS I with del(17p), t(4;14), t(14;16) or high LDH is R-ISS II"
    return ""


def test_no_patient_is_staged_without_beta_2_microglobulin(risk: pd.DataFrame, centre: pd.DataFrame) -> None:
    unknown = centre.index[centre["B2M"].isna()]
    assert len(unknown) > 0
    own = risk[risk["sample_id"].isin(unknown) & (risk["system"] == "ISS")]
    assert (own["label"] == "not_evaluable").all()


def test_2025_high_risk_is_never_excluded_without_sequencing_and_1p32(risk: pd.DataFrame) -> None:
    own = risk[risk["system"] == "IMS-2025"]
    assert set(own["label"]) == {"HR", "not_evaluable"}
    assert "tp53_mutation" in own.loc[own["label"] == "not_evaluable", "would_decide"].iloc[0]
