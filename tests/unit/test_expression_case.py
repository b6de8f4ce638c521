"""A teaching case: FGFR3 and NSD2 high, CCND1 normal, TP53 intact, CKS1B and MCL1 high: t(4;14) with 1q gain by RNA."""

import pytest

from mmrisk.consensus import decide
from mmrisk.events import Evidence, State, Tier
from mmrisk.risk.assign import assign, risk_frame
from mmrisk.risk.explanation import explain_row
from mmrisk.risk.patients import Patients
from mmrisk.tables import evidence_frame

SEEN = {"t_4_14": State.PRESENT, "gain_1q21": State.PRESENT, "t_11_14": State.ABSENT}


@pytest.fixture(scope="module")
def events():
    evidence = [
        Evidence(sample_id="S", assay_id="rna", event=event, source="expression", state=state, tier=Tier.INFERRED)
        for event, state in SEEN.items()
    ]
    return decide(evidence_frame(evidence))[0]


def labels(events, *, allow_inferred):
    patients = Patients(["S"], events, allow_inferred=allow_inferred)
    return risk_frame(assign(patients), ["S"]).set_index("system")


def test_the_consensus_says_what_rna_suggests_and_that_nothing_measured_it(events):
    rows = events.set_index("event")
    assert rows.loc[["t_4_14", "gain_1q21", "t_11_14"], "state"].tolist() == ["present", "present", "not_evaluable"]
    assert set(rows.loc[list(SEEN), "tier"]) == {"inferred"}
    assert rows.loc["t_4_14", "explanation"].startswith("Inferred only, present: expression present")
    assert rows.loc["tp53_mutation", "state"] == "not_tested"


def test_rna_alone_decides_no_label_unless_it_is_allowed_to(events):
    careful, bold = labels(events, allow_inferred=False), labels(events, allow_inferred=True)
    assert careful.loc["IMS-2025", "possible"] == "SR;HR"
    assert bold.loc["IMS-2025", ["label", "tier"]].tolist() == ["HR", "inferred"]
    assert bold.loc["UK-double-hit", ["label", "tier"]].tolist() == ["double_hit", "inferred"]


def test_the_explanation_names_the_criterion(events):
    row = labels(events, allow_inferred=True).loc["IMS-2025"]
    assert "high-risk IGH with 1q gain" in row["criteria"]
    assert "IMS-2025" in str(explain_row({**row.to_dict(), "system": "IMS-2025", "sample_id": "S"}, events))
