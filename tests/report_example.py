"""A small cohort for the tests of the report, with hostile text wherever a sheet or a laboratory may write."""

import pandas as pd

from mmrisk import consensus
from mmrisk.clinical import read_clinical
from mmrisk.cohort import SAMPLES, Record
from mmrisk.contracts import PARSED, RISK, STATUS, TO_ORDER
from mmrisk.events import Evidence, State, Tier, binomial_interval, negative_limit
from mmrisk.report.material import gather
from mmrisk.report.pages import write_report
from mmrisk.risk.assign import assign, risk_frame, to_order_frame
from mmrisk.risk.patients import Patients
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import conform, evidence_frame

EVIL = "<script>alert('1')</script>&\"<img src=x onerror=alert(1)>"


def fish(sample, event, abnormal, scored, **more):
    low, high = binomial_interval(abnormal, scored)
    return Evidence(
        sample_id=sample,
        assay_id=more.pop("assay_id", "fish"),
        event=event,
        source="fish",
        method="dual_fusion",
        state=State.PRESENT if abnormal else State.ABSENT,
        fraction=abnormal / scored,
        fraction_basis="sorted_pc",
        fraction_low=low,
        fraction_high=high,
        detection_limit=negative_limit(scored),
        n_abnormal=abnormal,
        n_scored=scored,
        cell_selection="cd138",
        **more,
    )


def genome(sample, event, fraction):
    state = State.PRESENT if fraction else State.ABSENT
    return Evidence(
        sample_id=sample,
        assay_id="wgs",
        event=event,
        source="wgs",
        state=state,
        fraction=fraction,
        fraction_basis="tumour_cells",
        detection_limit=0.05,
        purity=0.9,
    )


EVIDENCE_ROWS = [
    fish("S1", "t_4_14", 141, 212),
    fish("S1", "del_13q", 157, 208, copies=1.0, warnings=("fewer_than_100_nuclei",)),
    fish("S1", "t_11_14", 0, 200),
    fish("S1", "t_14_16", 0, 20),
    fish("S2", "t_4_14", 100, 200),
    genome("S2", "t_4_14", 0.0),
    genome("S2", "hyperdiploid", 0.9),
    genome("S2", "tp53_mutation", 0.4),
    fish("S2", "del_17p", 20, 200, detail=EVIL, locus=EVIL),
    Evidence(
        sample_id="S3", assay_id="rna", event="t_11_14", source="expression", state=State.PRESENT, tier=Tier.INFERRED
    ),
]
SAMPLE_ROWS = [
    {"sample_id": "S1", "patient_id": "P1", "time_point": "diagnosis", "sex": "F", "note": EVIL},
    {"sample_id": "S2", "patient_id": "P1", "time_point": "relapse", "day": 300, "treated": True},
    {"sample_id": "S3", "patient_id": "P2", "source": EVIL},
    {"sample_id": "S4", "patient_id": "P3"},
]
CLINICAL = (
    "sample_id\tb2m_mg_l\talbumin_g_dl\tsynthetic\tnote\nS1\t<3.5\t4.1\tyes\t<script>x</script>\nS2\t6.1\t\tno\t\n"
)
REPORT = f"nuc ish(FGFR3,IGH)x3[141/212];  see {EVIL} letter"


def samples(rows=SAMPLE_ROWS):
    return [Record(n, {name: row.get(name) for name in SAMPLES.names}) for n, row in enumerate(rows, start=2)]


def make(folder, *, rows=SAMPLE_ROWS, evidence=EVIDENCE_ROWS, **more):
    ids = [row["sample_id"] for row in rows]
    (folder / "clinical.tsv").write_text(CLINICAL, encoding="utf-8")
    found = evidence_frame(evidence)
    events, conflicts = consensus.decide(found, samples=ids)
    assigned = assign(Patients(ids, events))
    parsed = {"sample_id": "S1", "assay_id": "fish", "method": "fish", "text": REPORT, "normalised": EVIL}
    parsed |= {"unread": f"32:see {EVIL} letter (no <b>probe</b>)", "events": "t_4_14"}
    status = {"sample_id": "S4", "assay_id": "karyotype", "status": "failed", "message": EVIL}
    frames = {
        "evidence": found,
        "events": events,
        "conflicts": conflicts,
        "risk": conform(risk_frame(assigned, ids), RISK),
        "to_order": conform(to_order_frame(assigned, ids), TO_ORDER),
        "status": conform(pd.DataFrame([status]), STATUS),
        "parsed": conform(pd.DataFrame([parsed]), PARSED),
    } | more
    return gather(samples(rows), frames, clinical=read_clinical(folder / "clinical.tsv"), links=["../events.tsv"])


def write(folder):
    """The report of the cohort, written into a folder, which is returned."""
    write_report(make(folder), SYSTEMS, index=folder / "index.html", pages=folder / "patients")
    (folder.parent / "events.tsv").touch()
    return folder
