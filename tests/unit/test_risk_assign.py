"""Tables of labels for many patients: population, order, what to order, derived tables, words."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmrisk.clinical import gather, read_cell
from mmrisk.contracts import EVENTS, RISK, TO_ORDER
from mmrisk.events import catalogue
from mmrisk.resource import facts
from mmrisk.risk import assign as assign_module
from mmrisk.risk.assign import assign, labels_frame, labels_table, risk_frame, to_order_frame
from mmrisk.risk.diagnosis import LABELS, POPULATIONS, STATED
from mmrisk.risk.engine import Rule
from mmrisk.risk.explanation import explain_row, explain_sample, flag_in_words, in_words, label_in_words
from mmrisk.risk.monoclonal import M_PROTEIN, m_protein_frame
from mmrisk.risk.organ_damage import MECHANISMS, ORGAN_DAMAGE, organ_damage_frame
from mmrisk.risk.patients import Patients, join_patients, read_events
from mmrisk.risk.serial import (
    LABEL_CHANGES,
    TRAJECTORY,
    label_changes_frame,
    trajectory_flags,
    trajectory_frame,
)
from mmrisk.risk.systems import SYSTEMS, needed_events, selected
from mmrisk.risk.systems import tests_of as orders_of
from mmrisk.tables import check, conform, split, write_table

Cells = dict[str, str]


def patients_of(labs: dict[str, Cells], events: dict[str, dict[str, Any]] | None = None, **options: Any) -> Patients:
    """Patients by id: cells of the clinical sheet, and events as a state or a share."""
    columns = sorted({name for cells in labs.values() for name in cells})
    read = {name: [read_cell(cells.get(name, ""), name) for cells in labs.values()] for name in columns}
    records = [
        {
            "sample_id": sample_id,
            "event": event,
            "state": value if isinstance(value, str) else "present",
            "fraction": np.nan if isinstance(value, str) else value,
            "tier": "measured",
            "explanation": "Test.",
        }
        for sample_id, found in (events or {}).items()
        for event, value in found.items()
    ]
    frame = conform(pd.DataFrame(records), EVENTS) if records else None
    return join_patients(frame, gather(list(labs), read, {}), **options)


def one(labs: Cells, events: dict[str, Any] | None = None, **options: Any) -> pd.DataFrame:
    """Risk table of one patient, by system."""
    patients = patients_of({"S": labs}, {"S": events or {}}, **options)
    return risk_frame(assign(patients, tuple(SYSTEMS.values())), patients.sample_ids).set_index("system")


WHOLE_CARE = {
    "heavy_chain": "IgG",
    "serum_m_g_dl": "2.5",
    "urine_m_mg_24h": "0",
    "bmpc_pct": "25",
    "plasmacytoma": "none",
    "calcium_mg_dl": "9.5",
    "creatinine_mg_dl": "0.9",
    "crcl_ml_min": "90",
    "hb_g_dl": "14",
    "flc_kappa_mg_l": "50",
    "flc_lambda_mg_l": "10",
    "osteolytic_lesions": "0",
    "focal_lesions_mri": "0",
    "cpc_pct": "0",
}
"""A patient with smouldering myeloma of whom everything is known."""
FISH_NEGATIVE = dict.fromkeys(
    ("t_4_14", "t_14_16", "t_14_20", "del_17p", "gain_1q21", "del_13q", "del_1p32", "hyperdiploid"), "absent"
)
MYELOMA = {**WHOLE_CARE, "osteolytic_lesions": "3"}
STAGING = {"b2m_mg_l": "4", "albumin_g_dl": "4", "ldh_above_uln": "no"}


# To whom a system applies


def test_models_of_smouldering_myeloma_apply_to_it_and_stages_of_myeloma_do_not() -> None:
    risk = one({**WHOLE_CARE, **STAGING}, FISH_NEGATIVE)
    assert risk.loc["IMWG-2014-diagnosis", "label"] == "SMM"
    assert risk.loc["Mayo-20-2-20", "label"] == "high"
    for system in ("ISS", "R-ISS", "IMS-2025", "MASS-3", "MGUS-risk"):
        assert risk.loc[system, "label"] == "not_applicable"
        assert risk.loc[system, "label_best"] == risk.loc[system, "label_worst"] == "not_applicable"


def test_models_of_smouldering_myeloma_do_not_apply_to_myeloma() -> None:
    risk = one({**MYELOMA, **STAGING}, FISH_NEGATIVE)
    assert risk.loc["IMWG-2014-diagnosis", "label"] == "MM"
    assert risk.loc["ISS", "label"] == "II"
    assert pd.isna(risk.loc["ISS", "flags"])
    for system in ("Mayo-20-2-20", "IMWG-SMM", "MGUS-risk"):
        assert risk.loc[system, "label"] == "not_applicable"


def test_a_patient_who_meets_slim_is_not_scored_by_20_2_20() -> None:
    risk = one({**WHOLE_CARE, "flc_kappa_mg_l": "2000"}, FISH_NEGATIVE)
    assert risk.loc["IMWG-2014-diagnosis", "label"] == "MM"
    assert risk.loc["Mayo-20-2-20", "label"] == "not_applicable"


def test_an_unknown_diagnosis_leaves_a_precursor_model_open_and_names_the_diagnosis() -> None:
    row = one({"serum_m_g_dl": "2.0", "flc_ratio_involved": "20", "bmpc_pct": "20"}).loc["Mayo-20-2-20"]
    assert row["label"] == "not_evaluable"
    assert row["possible"] == "low;not_applicable"
    assert row["label_best"] == row["label_worst"] == "low"
    assert row["would_decide"] == "diagnosis"
    assert row["points"] == "0"


def test_a_stated_diagnosis_decides_to_whom_a_model_applies() -> None:
    labs = {"serum_m_g_dl": "2.0", "flc_ratio_involved": "20", "bmpc_pct": "20", "diagnosis": "SMM"}
    risk = one({**labs, **STAGING})
    assert risk.loc["Mayo-20-2-20", "label"] == "low"
    assert risk.loc["ISS", "label"] == "not_applicable"
    risk = one({**labs, **STAGING, "diagnosis": "MM"})
    assert risk.loc["Mayo-20-2-20", "label"] == "not_applicable"
    assert (risk.loc["ISS", "label"], risk.loc["ISS", "flags"]) == ("II", None)


def test_a_stated_diagnosis_that_the_criteria_exclude_is_flagged_and_settles_nothing() -> None:
    risk = one({**MYELOMA, **STAGING, "diagnosis": "SMM"})
    assert risk.loc["Mayo-20-2-20", "label"] == "not_evaluable"
    assert "not_applicable" in split(risk.loc["Mayo-20-2-20", "possible"])
    assert "stated_diagnosis_differs" in split(risk.loc["ISS", "flags"])
    assert risk.loc["ISS", "label"] == "II"


def test_stages_of_myeloma_assume_it_where_the_diagnosis_is_open_and_say_so() -> None:
    row = one(STAGING).loc["ISS"]
    assert row["label"] == "II"
    assert split(row["flags"]) == ["assumes_active_disease"]


def test_every_population_and_every_stated_diagnosis_is_made_of_known_diagnoses() -> None:
    for who in POPULATIONS.values():
        assert set(who.applies) | set(who.may_apply) <= set(LABELS)
    assert {label for labels in STATED.values() for label in labels} <= set(LABELS)
    assert {system.population for system in SYSTEMS.values()} == set(POPULATIONS)


# The IMWG diagnosis with parts missing


def diagnosis(**changed: str) -> str:
    cells = {name: value for name, value in {**WHOLE_CARE, **changed}.items() if value != "NA"}
    return str(one(cells).loc["IMWG-2014-diagnosis", "possible"])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"cpc_pct": "NA"}, "SMM"),
        ({"cpc_pct": "NA", "osteolytic_lesions": "2"}, "MM;PCL"),
        ({"bmpc_pct": "NA"}, "MGUS;SMM;MM"),
        ({"bmpc_pct": "NA", "osteolytic_lesions": "2"}, "REVIEW_MDE_NO_CLONE;MM"),
        ({"bmpc_pct": "NA", "serum_m_g_dl": "3"}, "SMM;MM"),
        ({"hb_g_dl": "NA"}, "SMM;MM"),
        ({"hb_g_dl": "9", "calcium_mg_dl": "NA", "focal_lesions_mri": "NA"}, "MM"),
        ({"heavy_chain": "NA", "igm_symptoms": "no"}, "SMM_LC;SMM;REVIEW_IgM"),
        ({"osteolytic_lesions": "3", "amyloid": "yes"}, "REVIEW_AMYLOID"),
        ({"hb_g_dl": "9", "attributable": "no"}, "SMM"),
        ({"bmpc_pct": "61", "attributable": "no"}, "MM"),
        ({"heavy_chain": "IgM", "bmpc_pct": "5"}, "IgM_MGUS;REVIEW_IgM"),
        ({"heavy_chain": "IgM", "bmpc_pct": "5", "igm_symptoms": "no"}, "IgM_MGUS"),
        ({"heavy_chain": "IgM", "bmpc_pct": "5", "igm_symptoms": "no", "hb_g_dl": "9"}, "REVIEW_IgM"),
        ({"heavy_chain": "none", "serum_m_g_dl": "0", "bmpc_pct": "5", "flc_kappa_mg_l": "12"}, "NO_GAMMOPATHY"),
        ({"heavy_chain": "biclonal", "bmpc_pct": "5", "igm_symptoms": "no"}, "IgM_MGUS;MGUS"),
        ({"plasmacytoma": "solitary", "bmpc_pct": "10", "serum_m_g_dl": "0.5"}, "SMM"),
        ({"bmpc_pct": "5", "serum_m_g_dl": "NA", "serum_m_g_l": "30"}, "SMM"),
        ({"bmpc_pct": "5", "serum_m_g_dl": "NA", "serum_m_g_l": "29.9"}, "MGUS"),
        ({"bmpc_pct": "5", "urine_m_mg_24h": "NA", "urine_m_g_24h": "0.5"}, "SMM"),
        ({"bmpc_pct": "5", "urine_m_mg_24h": "NA", "urine_m_g_24h": "0.49"}, "MGUS"),
    ],
)
def test_the_diagnosis_keeps_open_what_is_not_known(changed: Cells, expected: str) -> None:
    assert diagnosis(**changed) == expected


def test_low_risk_mgus_needs_no_marrow_and_says_that_none_was_given() -> None:
    low_risk = {"serum_m_g_dl": "1.4", "flc_kappa_mg_l": "12", "bmpc_pct": "NA"}
    assert diagnosis(**low_risk) == "MGUS"
    cells = {name: value for name, value in {**WHOLE_CARE, **low_risk}.items() if value != "NA"}
    assert "marrow_not_assessed" in split(one(cells).loc["IMWG-2014-diagnosis", "flags"])
    in_g_l = {**low_risk, "serum_m_g_dl": "NA"}
    assert diagnosis(**in_g_l, serum_m_g_l="14.9") == "MGUS"
    assert diagnosis(**in_g_l, serum_m_g_l="15") == "MGUS;SMM;MM"
    for changed in ({"serum_m_g_dl": "1.5"}, {"heavy_chain": "IgA"}, {"flc_kappa_mg_l": "50"}, {"hb_g_dl": "9"}):
        assert diagnosis(**{**low_risk, **changed}) != "MGUS"


def test_the_criteria_of_a_diagnosis_are_those_that_are_met() -> None:
    def met(**changed: str) -> list[str]:
        return split(one({**WHOLE_CARE, **changed}).loc["IMWG-2014-diagnosis", "criteria"])

    clone = "clonal plasma cells >= 10 % or plasmacytoma"
    assert met() == [clone]
    assert met(bmpc_pct="60") == [clone, "plasma cells >= 60 % (S of SLiM)"]
    assert met(osteolytic_lesions="1", hb_g_dl="9") == ["anaemia (A of CRAB)", "bone lesions (B of CRAB)", clone]
    assert met(osteolytic_lesions="1", attributable="no") == [clone]
    assert met(attributable="yes", serum_m_g_dl="3") == [clone, "serum M-protein >= 3 g/dL"]


def test_who_has_no_gammopathy_has_no_diagnosis_that_differs() -> None:
    healthy = {"heavy_chain": "none", "serum_m_g_dl": "0", "bmpc_pct": "2", "flc_kappa_mg_l": "12"}
    risk = one({**WHOLE_CARE, **healthy})
    assert risk.loc["IMWG-2014-diagnosis", "label"] == "NO_GAMMOPATHY"
    for system in ("ISS", "Mayo-20-2-20", "MGUS-risk"):
        assert (risk.loc[system, "label"], risk.loc[system, "flags"]) == ("not_applicable", None)


def test_an_iga_without_marrow_may_still_be_smouldering() -> None:
    assert diagnosis(serum_m_g_dl="1.4", heavy_chain="IgA", bmpc_pct="NA") == "MGUS;SMM;MM"


def test_plasma_cell_leukaemia_is_primary_or_secondary_by_the_history() -> None:
    leukaemia = {**MYELOMA, "cpc_pct": "5"}
    for earlier, flag in (("no", "pcl_primary"), ("yes", "pcl_secondary")):
        row = one({**leukaemia, "earlier_myeloma": earlier}).loc["IMWG-2014-diagnosis"]
        assert row["label"] == "PCL"
        assert flag in split(row["flags"])
    assert pd.isna(one(leukaemia).loc["IMWG-2014-diagnosis", "flags"])


# Rows, columns, order


COHORT = {
    "P1": {**STAGING, "b2m_mg_l": "2"},
    "P2": {**STAGING, "b2m_mg_l": "<3.5"},
    "P3": {**STAGING, "b2m_mg_l": "6", "albumin_g_dl": ""},
    "P4": {"b2m_mg_l": ">5.5"},
    "P5": {**MYELOMA},
    "P6": {**WHOLE_CARE},
}
COHORT_EVENTS = {
    "P1": FISH_NEGATIVE,
    "P2": {"del_17p": 0.4, "t_4_14": "present"},
    "P3": {"gain_1q21": 0.3, "amp_1q21": 0.25},
    "P5": {**FISH_NEGATIVE, "t_4_14": 0.05},
    "P7": {"t_11_14": "present"},
}


def tables(patients: Patients) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    assigned, ids = assign(patients), patients.sample_ids
    return (
        conform(risk_frame(assigned, ids), RISK),
        conform(labels_frame(assigned, ids), labels_table()),
        conform(to_order_frame(assigned, ids), TO_ORDER),
    )


def test_samples_are_those_of_events_and_clinical_sheet_together() -> None:
    risk, labels, to_order = tables(patients_of(COHORT, COHORT_EVENTS))
    assert labels["sample_id"].tolist() == [*COHORT, "P7"]
    assert len(risk) == 7 * len(selected())
    assert to_order["sample_id"].tolist() == labels["sample_id"].tolist()


def test_the_tables_keep_their_contracts() -> None:
    risk, labels, to_order = tables(patients_of(COHORT, COHORT_EVENTS))
    check(risk, RISK, file="risk.tsv")
    check(labels, labels_table(), file="labels.tsv")
    check(to_order, TO_ORDER, file="to_order.tsv")


def test_the_order_of_samples_and_of_rows_does_not_matter() -> None:
    patients = patients_of(COHORT, COHORT_EVENTS)
    backwards = patients_of(dict(reversed(COHORT.items())), dict(reversed(COHORT_EVENTS.items())))
    shuffled = Patients(
        patients.sample_ids,
        patients.events.sample(frac=1, random_state=3),
        patients.low,
        patients.high,
        patients.stated,
    )
    for other in (backwards, shuffled):
        for ours, theirs in zip(tables(patients), tables(other), strict=True):
            pd.testing.assert_frame_equal(ours, theirs)


def test_other_names_of_samples_change_nothing_but_the_names() -> None:
    new = {name: f"X{9 - int(name[1])}" for name in (*COHORT, "P7")}
    renamed = patients_of(
        {new[name]: cells for name, cells in COHORT.items()},
        {new[name]: found for name, found in COHORT_EVENTS.items()},
    )
    ours, theirs = tables(patients_of(COHORT, COHORT_EVENTS))[0], tables(renamed)[0]
    ours["sample_id"] = ours["sample_id"].map(new).astype("string")
    pd.testing.assert_frame_equal(conform(ours, RISK), theirs)


def test_a_sample_alone_has_the_label_that_it_has_in_its_cohort() -> None:
    risk = tables(patients_of(COHORT, COHORT_EVENTS))[0]
    for sample_id in (*COHORT, "P7"):
        alone = {sample_id: COHORT[sample_id]} if sample_id in COHORT else {}
        found = {sample_id: COHORT_EVENTS[sample_id]} if sample_id in COHORT_EVENTS else {}
        own = tables(patients_of(alone, found))[0]
        pd.testing.assert_frame_equal(risk[risk["sample_id"] == sample_id].reset_index(drop=True), own)


def test_codes_count_labels_from_low_risk_on_and_are_empty_without_one() -> None:
    labels = tables(patients_of(COHORT, COHORT_EVENTS))[1].set_index("sample_id")
    assert labels["iss"].tolist()[:4] == ["I", "I", "III", "III"]
    assert labels["iss_code"].tolist()[:4] == [0, 0, 2, 2]
    assert labels.loc["P6", "iss"] == "not_applicable"
    assert pd.isna(labels.loc["P6", "iss_code"])
    assert labels.loc["P7", "iss"] == "not_evaluable"
    assert pd.isna(labels.loc["P7", "iss_code"])
    assert (labels.loc["P7", "iss_best"], labels.loc["P7", "iss_worst"]) == ("I", "III")
    assert labels.loc["P3", "iss_complete"] is np.False_ or not labels.loc["P3", "iss_complete"]
    assert bool(labels.loc["P1", "iss_complete"])


def test_the_first_five_systems_come_first_in_the_labels() -> None:
    names = labels_table().names
    assert names[:2] == ["sample_id", "labels_version"]
    assert names[2:27:5] == ["iss", "r_iss", "r2_iss", "ims_2025", "ims_2025_fish"]
    assert "s_ermm" not in names
    assert "s_ermm" in labels_table(tuple(SYSTEMS.values())).names


def test_unverified_systems_are_off_by_default_and_say_what_they_are() -> None:
    assert "S-ERMM" not in tables(patients_of(COHORT, COHORT_EVENTS))[0]["system"].tolist()
    assert "rule_unverified" in split(one(STAGING).loc["S-ERMM", "flags"])
    assert "rule_partly" in split(one(STAGING).loc["mSMART-3.0-genetic", "flags"])


def test_points_of_an_open_label_are_a_range() -> None:
    risk = one({**STAGING, "diagnosis": "MM"}, {"del_17p": "absent", "t_4_14": "present", "trisomy_5": "present"})
    assert risk.loc["R2-ISS", "points"] == "2 to 2.5"
    assert risk.loc["IFM-index", "points"] == "0.1 to 1.7"


def test_a_label_that_rna_decided_says_so() -> None:
    frame = conform(
        pd.DataFrame([{"sample_id": "S", "event": "t_4_14", "state": "present", "tier": "inferred"}]), EVENTS
    )
    for allowed, tier, label in ((False, "measured", "not_evaluable"), (True, "inferred", "high")):
        patients = join_patients(frame, None, allow_inferred=allowed)
        row = risk_frame(assign(patients), patients.sample_ids).set_index("system").loc["HRCA"]
        assert (row["tier"], row["label"]) == (tier, label)
        made = labels_frame(assign(patients), patients.sample_ids)["inferred_labels"].iloc[0]
        assert ("HRCA" in split(made)) == (tier == "inferred")
        assert "R2-ISS" not in split(made)


def test_flags_name_the_event_and_what_is_to_know_about_it() -> None:
    row = one({**STAGING, "diagnosis": "MM"}, {"del_17p": 0.2, "t_4_14": 0.05, "t_14_16": "conflict"}).loc["R-ISS"]
    assert split(row["flags"]) == ["del_17p:near_cutoff", "t_14_16:conflict", "t_4_14:subthreshold"]
    assert one({"diagnosis": "MM"}, {"del_17p": 0.2}).loc["IMS-2025", "label"] == "not_evaluable"
    assert one({"diagnosis": "MM"}, {"del_17p": 0.21}).loc["IMS-2025", "label"] == "HR"


# What to order


def to_order(labs: Cells, events: dict[str, Any], *systems: str) -> dict[str, Any]:
    patients = patients_of({"S": labs}, {"S": events})
    assigned = assign(patients, [SYSTEMS[name] for name in systems])
    return to_order_frame(assigned, patients.sample_ids).iloc[0].to_dict()


def test_nothing_is_ordered_where_every_label_is_known() -> None:
    assert to_order(STAGING, {}, "ISS") == {
        "sample_id": "S",
        "test": None,
        "decides": None,
        "may_decide": None,
        "needed_for": None,
        "open_systems": None,
    }


def test_the_one_missing_value_is_the_test_to_order() -> None:
    row = to_order({"b2m_mg_l": "3"}, {}, "ISS")
    assert (row["test"], row["decides"], row["open_systems"]) == ("serum albumin", "ISS", "ISS")


def test_the_test_that_is_sure_to_decide_most_systems_comes_first() -> None:
    events = {**FISH_NEGATIVE, "t_4_14": "not_tested"}
    row = to_order({**STAGING, "b2m_mg_l": "6", "albumin_g_dl": ""}, events, "R-ISS", "HRCA", "UK-double-hit", "R2-ISS")
    assert row["test"] == catalogue()["t_4_14"].label
    assert row["decides"] == "HRCA;R-ISS;UK-double-hit"
    assert row["open_systems"] == "HRCA;R-ISS;UK-double-hit"


def test_where_no_test_is_sure_the_one_that_may_decide_most_is_named() -> None:
    row = to_order({}, {}, "HRCA", "UK-double-hit")
    assert row["decides"] is None
    assert row["may_decide"] == "HRCA"
    assert row["open_systems"] == "HRCA;UK-double-hit"


def test_two_inputs_of_one_test_are_one_test() -> None:
    labs = {**WHOLE_CARE, "flc_kappa_mg_l": "", "flc_lambda_mg_l": "", "bmpc_pct": "12"}
    row = to_order(labs, {}, "IMWG-2014-diagnosis")
    assert (row["test"], row["decides"]) == ("serum free light chains", "IMWG-2014-diagnosis")


def test_an_open_diagnosis_orders_the_test_that_settles_it() -> None:
    labs = {**WHOLE_CARE, "osteolytic_lesions": ""}
    row = to_order(labs, {}, "IMWG-2014-diagnosis", "Mayo-20-2-20")
    assert row["test"] == "skeletal imaging"
    assert row["decides"] == "IMWG-2014-diagnosis;Mayo-20-2-20"


def test_what_staging_and_the_consensus_need_comes_before_what_minor_systems_need() -> None:
    # TP53 sequencing alone would settle MGP-double-hit; of LDH and 1q21 R2-ISS needs both, or one result of one
    labs = {**STAGING, "b2m_mg_l": "3", "ldh_above_uln": ""}
    events = {**FISH_NEGATIVE, "gain_1q21": "not_tested", "amp_1q21": "not_tested"}
    minor = to_order(labs, events, "MGP-double-hit")
    assert (minor["decides"], minor["needed_for"]) == ("MGP-double-hit", None)
    row = to_order(labs, events, "R2-ISS", "MGP-double-hit")
    needed = [dict(orders_of(SYSTEMS["R2-ISS"]))[name] for name in ("ldh", "gain_1q21")]
    assert row["test"] in needed
    assert row["decides"] is None
    assert "R2-ISS" in [*split(row["may_decide"]), *split(row["needed_for"])]
    assert minor["test"] not in needed


def test_a_test_that_staging_needs_among_others_says_so() -> None:
    fish = dict.fromkeys(FISH_NEGATIVE, "not_tested") | {"tp53_mutation": "absent"}
    row = to_order({**STAGING, "b2m_mg_l": "3", "ldh_above_uln": ""}, fish, "R2-ISS")
    assert (row["decides"], row["may_decide"], row["needed_for"]) == (None, None, "R2-ISS")
    assert row["test"] in dict(orders_of(SYSTEMS["R2-ISS"])).values()


# The time point of the sample


def at(time_point: str | None, labs: Cells, *, treated: bool | None = None) -> pd.DataFrame:
    patients = patients_of({"S": labs}, samples=[{"sample_id": "S", "time_point": time_point, "treated": treated}])
    return risk_frame(assign(patients, tuple(SYSTEMS.values())), patients.sample_ids).set_index("system")


@pytest.mark.parametrize("time_point", ["remission", "progression", "relapse", "cell_line"])
def test_scores_of_precursors_do_not_apply_to_a_sample_of_myeloma(time_point: str) -> None:
    assert at(None, STAGING).loc["Mayo-20-2-20", "label"] == "not_evaluable"
    risk = at(time_point, STAGING)
    assert set(risk.loc[["Mayo-20-2-20", "IMWG-SMM", "MGUS-risk"], "label"]) == {"not_applicable"}
    assert risk.loc["ISS", "label"] == "II"


def test_a_diagnosis_may_be_that_of_a_precursor() -> None:
    assert at("diagnosis", STAGING).loc["Mayo-20-2-20", "label"] == "not_evaluable"


def test_a_time_point_never_overrules_what_the_clinic_states() -> None:
    risk = at("progression", {**STAGING, "diagnosis": "SMM"})
    assert risk.loc["ISS", "label"] == "not_applicable"
    assert risk.loc["Mayo-20-2-20", "label"] == "not_evaluable"
    assert "not_applicable" not in split(risk.loc["Mayo-20-2-20", "possible"])


def test_stages_of_myeloma_do_not_apply_to_a_precursor() -> None:
    assert at("precursor", STAGING).loc["ISS", "label"] == "not_applicable"
    assert at("precursor", {**STAGING, "diagnosis": "MM"}).loc["ISS", "label"] == "II"


@pytest.mark.parametrize(
    ("time_point", "treated", "flag"),
    [
        ("relapse", "", "after_diagnosis"),
        ("remission", "", "after_diagnosis"),
        ("diagnosis", "yes", "after_diagnosis"),
        ("cell_line", "", "cell_line"),
        ("diagnosis", "", None),
        ("diagnosis", "no", None),
    ],
)
def test_survival_of_newly_diagnosed_patients_is_quoted_for_these_only(
    time_point: str, treated: str, flag: str | None
) -> None:
    before = {"yes": True, "no": False, "": None}[treated]
    row = at(time_point, {**STAGING, "diagnosis": "MM"}, treated=before).reset_index()
    iss = row[row["system"] == "ISS"].iloc[0].to_dict()
    said = " ".join(explain_row(iss, {}))
    assert ("Published overall survival" in said) == (flag is None)
    assert split(iss["flags"]) == ([flag] if flag else [])
    if flag:
        assert flag_in_words(flag) in said


def test_a_classification_never_outranks_the_tests_that_risk_depends_on() -> None:
    row = to_order({}, {}, "HRCA", "ploidy")
    assert row["test"] != "Hyperdiploidy"


# Reading of events


def test_the_parquet_twin_is_read_until_the_tsv_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "events.tsv"
    wanted = {"sample_id": "S", "event": "del_17p", "state": "present", "explanation": "x"}
    rows = [{**wanted, "event": "braf_mutation"}, wanted, {**wanted, "event": "cd38_altered"}]
    write_table(pd.DataFrame(rows), EVENTS, path)
    assert read_events(path, {"del_17p"})["state"].tolist() == ["present"]
    assert read_events(path.with_suffix(".parquet"), {"del_17p"})["state"].tolist() == ["present"]
    path.write_text(path.read_text().replace("present", "absent"))
    changed = read_events(path, {"del_17p"}).set_index("event")
    assert changed.loc["del_17p", "state"] == "absent"
    assert "cd38_altered" not in changed.index


def test_every_needed_event_is_in_the_catalogue_and_every_input_has_a_test() -> None:
    assert needed_events() <= set(catalogue())
    assert {"del_17p", "biallelic_del_1p32", "trisomy_21", "gain_1q21"} <= needed_events()
    assert needed_events([SYSTEMS["ISS"]]) == set()
    for system in SYSTEMS.values():
        assert all(leaf.domain.test for leaf in system.leaves)


# The M-protein


@pytest.mark.parametrize(
    ("cells", "kind", "chain", "ratio"),
    [
        ({"immunofixation_serum": "IgG kappa", "flc_kappa_mg_l": "100", "flc_lambda_mg_l": "5"}, "intact", "kappa", 20),
        (
            {"immunofixation_serum": "IgA lambda", "flc_kappa_mg_l": "100", "flc_lambda_mg_l": "5"},
            "intact",
            "lambda",
            0.05,
        ),
        (
            {
                "immunofixation_serum": "negative",
                "immunofixation_urine": "free lambda",
                "flc_ratio_kappa_lambda": "0.01",
            },
            "light_chain",
            "lambda",
            100,
        ),
        ({"heavy_chain": "none", "flc_ratio_kappa_lambda": "50"}, "light_chain", "kappa", 50),
        ({"heavy_chain": "none", "immunofixation_urine": "free lambda"}, "light_chain", "lambda", None),
        ({"immunofixation_urine": "free lambda"}, "not_evaluable", "lambda", None),
        ({"immunofixation_serum": "IgG kappa + IgA lambda"}, "biclonal", None, None),
        (
            {"immunofixation_serum": "negative", "immunofixation_urine": "negative", "flc_ratio_kappa_lambda": "1"},
            "none_detected",
            None,
            None,
        ),
        ({"immunofixation_serum": "negative"}, "not_evaluable", None, None),
        ({"flc_ratio_kappa_lambda": "50"}, "not_evaluable", "kappa", 50),
        ({"immunofixation_serum": "possible IgG"}, "not_evaluable", None, None),
        ({}, "not_evaluable", None, None),
    ],
)
def test_the_type_of_an_m_protein(cells: Cells, kind: str, chain: str | None, ratio: float | None) -> None:
    frame = conform(m_protein_frame(patients_of({"S": {"b2m_mg_l": "3", **cells}})), M_PROTEIN)
    check(frame, M_PROTEIN, file="m_protein.tsv")
    row = frame.iloc[0]
    assert row["m_protein_type"] == kind
    assert (None if pd.isna(row["involved_chain"]) else row["involved_chain"]) == chain
    if ratio is not None:
        assert row["flc_ratio_involved_low"] == row["flc_ratio_involved_high"] == ratio


def test_the_heavy_chain_is_that_of_the_serum_report() -> None:
    for text, heavy in (("IgG kappa", "IgG"), ("negative", "none"), ("IgG kappa, IgA kappa", "biclonal")):
        frame = m_protein_frame(patients_of({"S": {"immunofixation_serum": text}}))
        assert frame["heavy_chain"].tolist() == [heavy]


# What drives organ damage


def damage(**cells: str) -> dict[str, str]:
    frame = conform(organ_damage_frame(patients_of({"S": cells})), ORGAN_DAMAGE)
    check(frame, ORGAN_DAMAGE, file="organ_damage.tsv")
    return dict(zip(frame["mechanism"], frame["present"], strict=True))


def test_one_anaemia_can_have_three_mechanisms() -> None:
    found = damage(
        hb_g_dl="8.2",
        bmpc_pct="40",
        ferritin_ug_l="600",
        transferrin_saturation_pct="10",
        creatinine_mg_dl="2.8",
        epo_u_l="6",
    )
    assert found == {
        "anaemia: absolute iron deficiency": "no",
        "anaemia: inadequate erythropoietin": "yes",
        "anaemia: inflammation with functional iron deficiency": "yes",
        "anaemia: marrow infiltration": "yes",
        "kidney: hypercalcaemia": "not_evaluable",
        "kidney: light chain load": "not_evaluable",
    }


def test_without_damage_there_is_no_mechanism_and_without_values_none_is_excluded() -> None:
    healthy = damage(hb_g_dl="14", creatinine_mg_dl="0.8", ferritin_ug_l="10")
    assert set(healthy.values()) == {"no_damage"}
    assert set(damage(b2m_mg_l="3").values()) == {"not_evaluable"}


def test_the_load_of_light_chains_is_that_of_the_clone() -> None:
    kidney = {"creatinine_mg_dl": "3", "flc_kappa_mg_l": "20", "flc_lambda_mg_l": "900"}
    assert damage(**kidney, light_chain="lambda")["kidney: light chain load"] == "yes"
    assert damage(**kidney, light_chain="kappa")["kidney: light chain load"] == "no"


def test_every_mechanism_has_a_source_and_a_sentence() -> None:
    assert all(each.doi and each.about.endswith(".") for each in MECHANISMS)


# Samples over time

SAMPLES = pd.DataFrame(
    [
        ("A1", "A", 0, None),
        ("A2", "A", 200, None),
        ("B1", "B", None, "2024-01-01"),
        ("B2", "B", None, "2023-12-01"),
        ("C1", "C", None, None),
        ("C2", "C", 5, None),
    ],
    columns=["sample_id", "patient_id", "day", "date"],
)
OVER_TIME = {
    "A1": {"b2m_mg_l": "3", "albumin_g_dl": "4", "serum_m_g_dl": "1.1", "hb_g_dl": "12", "creatinine_mg_dl": "1"},
    "A2": {"b2m_mg_l": "6", "serum_m_g_dl": "1.3", "hb_g_dl": "11", "creatinine_mg_dl": "1.26"},
    "B1": {"b2m_mg_l": "3"},
    "B2": {"b2m_mg_l": "3", "albumin_g_dl": "3"},
    "C1": {"b2m_mg_l": "3"},
    "C2": {"b2m_mg_l": "3"},
}


def test_labels_are_compared_between_neighbouring_samples_of_a_patient() -> None:
    patients = patients_of(OVER_TIME, {"A1": {"del_17p": "absent"}, "A2": {"del_17p": "present"}})
    changes = label_changes_frame(risk_frame(assign(patients), patients.sample_ids), SAMPLES)
    check(conform(changes, LABEL_CHANGES), LABEL_CHANGES, file="changes.tsv")
    iss = changes[changes["system"] == "ISS"]
    assert iss[["patient_id", "from_sample", "to_sample", "days", "change"]].values.tolist() == [
        ["A", "A1", "A2", 200, "up"],
        ["B", "B2", "B1", 31, "opened"],
    ]
    hrca = changes[(changes["system"] == "HRCA") & (changes["patient_id"] == "A")].iloc[0]
    assert (hrca["change"], hrca["gained"]) == ("decided", "del_17p")
    named = {name for cell in changes["gained"].dropna() for name in split(cell)}
    assert not {name for name in named if "_" in name} - set(catalogue())
    assert any(" " in name for name in named)


def test_moving_laboratory_values_are_named() -> None:
    frame = trajectory_frame(patients_of(OVER_TIME), SAMPLES)
    check(conform(frame, TRAJECTORY), TRAJECTORY, file="trajectory.tsv")
    first = frame.iloc[0]
    assert (first["rising"], first["not_rising"]) == ("M;creat", "Hb")


@pytest.mark.parametrize(
    ("m", "flc", "creatinine", "hb", "expected"),
    [
        (0.19, 19.9, 25.0, -1.49, set()),
        (0.20, 0, 0, 0, {"M"}),
        (0, 20, 0, 0, {"FLC"}),
        (0, 0, 25.1, 0, {"creat"}),
        (0, 0, 0, -1.5, {"Hb"}),
        (0.3, 25, 30, -2, {"M", "FLC", "creat", "Hb"}),
        (1.3 - 1.1, 0, 0, 0, {"M"}),
    ],
)
def test_the_marks_of_a_trajectory(m: float, flc: float, creatinine: float, hb: float, expected: set[str]) -> None:
    flags = trajectory_flags({"M": m, "FLC": flc, "creat": creatinine, "Hb": hb})
    assert {name for name, moved in flags.items() if moved} == expected
    assert set(trajectory_flags(dict.fromkeys(flags, float("nan"))).values()) == {None}


# Words


def criteria_of(rule: Rule) -> set[str]:
    folded = (criteria_of(item.domain) for item in rule.inputs if isinstance(item.domain, Rule))
    return set(rule.tabulation.names).union(*folded)


def test_every_criterion_and_every_flag_has_words() -> None:
    flags = {
        flag for frame in (one(COHORT[name]) for name in COHORT) for cell in frame["flags"] for flag in split(cell)
    }
    for system in SYSTEMS.values():
        for name in criteria_of(system):
            assert " " in name or in_words(name) != name or name in ("immunoparesis", "trisomies"), name
    worded = {row["name"] for row in facts("risk_words.tsv") if row["kind"] == "flag"}
    for flag in flags | {"del_17p:near_cutoff", "rule_partly", "marrow_not_assessed", "pcl_primary"}:
        assert flag.rpartition(":")[2] in worded
        assert flag_in_words(flag).endswith(".")


def test_published_outcomes_belong_to_declared_labels_and_name_their_source() -> None:
    for row in facts("risk_outcomes.tsv"):
        assert row["label"] in SYSTEMS[row["system"]].labels
        assert row["status"] in ("confirmed", "unverified")
        assert row["source"]
        assert row["value"]


def test_every_label_that_is_a_code_has_words() -> None:
    assert label_in_words("HR") == "high risk"
    for system in SYSTEMS.values():
        for label in system.labels:
            words = label_in_words(label)
            assert "_" not in words
            assert words not in ("HR", "SR", "HRD", "HRD-", "HRD+", "not", "int"), (system.name, label)


def test_no_criterion_begins_with_its_number() -> None:
    for system in SYSTEMS.values():
        for name in criteria_of(system):
            assert not re.match(r"[0-9]+ [A-Za-z]|[A-Z] [a-z]", in_words(name)), name


def test_a_derivation_says_label_reason_missing_remedy_outcome_and_rule() -> None:
    risk = one({"b2m_mg_l": "3", "diagnosis": "MM"}).reset_index()
    row = risk[risk["system"] == "ISS"].iloc[0].to_dict()
    assert explain_row(row, {}) == [
        "ISS (2005) cannot be evaluated: I or II are possible.",
        "Certain: b2M below 3.5 mg/L.",
        "Not known: serum albumin.",
        "To decide: serum albumin.",
        "Rule: International Staging System: serum beta-2-microglobulin and albumin (Greipp 2005). "
        "Source: 10.1200/JCO.2005.04.242.",
    ]


def test_a_derivation_tells_what_was_seen_of_each_event_and_says_general_flags_once() -> None:
    patients = patients_of({"S": STAGING}, {"S": {"del_17p": 0.4}})
    events = patients.events.assign(detection_limit=np.nan)
    text = explain_sample("S", risk_frame(assign(patients), ["S"]), events, {"b2m_mg_l": "4"})
    assert "serum beta-2-microglobulin, mg/L: 4" in text
    assert "del(17p) or monosomy 17 present in 40 % of cells: Test." in text
    assert text.count("take it for granted") == 1
    assert "Published overall survival, median: 44 months (Greipp 2005" in text
    assert "does not apply" not in text.split("Mayo-20-2-20")[0]


def test_a_test_comes_before_a_clinical_value_of_the_same_use() -> None:
    value, test = "ECOG performance status", "zinc"
    assert value in assign_module.CLINICAL_VALUES
    open_ = {
        name: assign_module._Options(frozenset({asked}), frozenset({asked}))
        for name, asked in (("RW-ISS", value), ("MASS-3", test), ("MASS-4", value))
    }
    assert assign_module._order(open_)[:2] == (test, "MASS-3")
