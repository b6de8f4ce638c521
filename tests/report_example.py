"""A small cohort for the tests of the report, with hostile text wherever a sheet or a laboratory may write."""

import pandas as pd

from mmrisk import consensus
from mmrisk.clinical import read_clinical
from mmrisk.cohort import SAMPLES, Record
from mmrisk.contracts import (
    ARM_DOSAGE,
    ARMS,
    ASSOCIATIONS,
    BREAKPOINT_READS,
    BREAKPOINTS,
    CELL_ARMS,
    CELL_PLACES,
    CELL_QUALITY,
    COMPOSITION,
    EXPRESSION_GROUPS,
    IDENTITY,
    IG_REARRANGEMENTS,
    KAPLAN_MEIER,
    PARSED,
    PURITY,
    RISK,
    SEGMENTS,
    SENSITIVITY,
    SIGNATURES,
    SPIKES,
    STATUS,
    SURVIVAL,
    TARGETS,
    TO_ORDER,
    TRENDS,
)
from mmrisk.events import Evidence, State, Tier, binomial_interval, negative_limit
from mmrisk.report.material import gather
from mmrisk.report.pages import write_report
from mmrisk.risk.assign import assign, risk_frame, to_order_frame
from mmrisk.risk.patients import Patients
from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY, label_changes_frame
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
    {"sample_id": "S1", "patient_id": "P1", "time_point": "diagnosis", "day": 0, "sex": "F", "note": EVIL},
    {"sample_id": "S2", "patient_id": "P1", "time_point": "relapse", "day": 300, "treated": True},
    {"sample_id": "S3", "patient_id": "P2", "source": EVIL},
    {"sample_id": "S4", "patient_id": "P3"},
]
CLINICAL = (
    "sample_id\tb2m_mg_l\talbumin_g_dl\tsynthetic\tnote\nS1\t<3.5\t4.1\tyes\t<script>x</script>\nS2\t6.1\t\tno\t\n"
)
REPORT = f"nuc ish(FGFR3,IGH)x3[141/212];  see {EVIL} letter"


def marrow(ids):
    """Shares, programmes, targets, quality and identity; the last sample has no programmes and too few cells."""
    shares, scores, targets = [], [], []
    for number, sample in enumerate(ids):
        few = number == len(ids) - 1
        for denominator, kind, level, share in (
            ("microenvironment", "t_cell", "lineage", 0.2 + 0.1 * number),
            ("microenvironment", "treg", "subset", 0.02 * number),
            ("all", "plasma", "lineage", 0.5 - 0.1 * number),
            ("microenvironment", "stromal", "lineage", None),
            ("microenvironment", EVIL, "lineage", 0.1),
        ):
            status = "too_few_cells" if few else "not_captured" if share is None else "measured"
            row = {"sample_id": sample, "assay": "scrna", "denominator": denominator, "cell_type": kind}
            row |= {"level": level, "status": status, "n_cells": 10, "n_total": 100}
            shares.append(row | {"share": None if few else share})
        for place, name in enumerate(("ifn_i", "exhausted", EVIL)):
            mean = None if few else 0.1 * place + 0.3 * ((number * 7 + place) % 5)
            row = {"sample_id": sample, "cell_type": "t_cell", "signature": name, "mean": mean, "n_cells": 50}
            scores.append(row | {"coverage": 0.9})
        row = {"sample_id": sample, "target": "BCMA", "gene": "TNFRSF17", "n_cells": 40, "mean": 0.4 * number}
        targets.append(row | {"negative_share": 0.3, "genomic_state": "absent", "detail": EVIL})
    quality = {"sample_id": ids[0], "assay_id": "cells", "n_barcodes": 900, "n_cells": 800, "n_plasma": 100}
    quality |= {"n_malignant": 70, "n_normal": 10, "light_chain": "kappa", "purity": 0.8, "purity_low": 0.7}
    quality |= {"purity_high": 0.9, "warnings": EVIL, "unknown_share": 0.05, "median_genes": 1200.0, "n_doublets": 60}
    identity = {"sample_id": ids[0], "verdict": "swapped", "disagrees": "sex", "better_match": "S2", "detail": EVIL}
    return {
        table.name: conform(pd.DataFrame(rows), table)
        for table, rows in (
            (COMPOSITION, shares),
            (SIGNATURES, scores),
            (TARGETS, targets),
            (CELL_QUALITY, [quality]),
            (IDENTITY, [identity]),
        )
    }


def genomes():
    """Segments with two fits of purity, and a junction, of the first sample."""
    places = [("1", 0, 125_000_000, 2.0), ("1", 125_000_000, 248_000_000, 2.9), ("17", 0, 20_000_000, 1.1)]
    places += [("13", 50_000_000, 50_400_000, 0.2), ("8", 0, 145_000_000, 9.0), ("Un", 0, 1000, 2.0)]
    segments = [
        {"sample_id": "S1", "assay_id": "wgs", "chrom": chrom, "start": start, "end": end, "copies": copies}
        | {"minor_copies": min(1.0, copies / 2), "n_markers": 1200}
        for chrom, start, end, copies in places
    ]
    fit = {"sample_id": "S1", "assay_id": "wgs", "rank": 1, "method": "fitted", "purity": 0.8, "purity_low": 0.7}
    fits = [fit | {"purity_high": 0.9, "ploidy": 2.1}, fit | {"rank": 2, "purity": 0.4}]
    junction = {"sample_id": "S1", "assay_id": "wgs", "event": "t_4_14", "build": "GRCh38", "donor": "IGH"}
    junction |= {"donor_chrom": "14", "donor_position": 105_864_299, "partner": EVIL, "partner_chrom": "4"}
    junction |= {"partner_position": 1_871_799, "support": 20, "callers": "mmrisk", "inserted": EVIL}
    read = {"sample_id": "S1", "assay_id": "wgs", "event": "t_4_14", "derivative": "der(4)", "fragment": 1, "mapq": 0}
    reads = [
        read | {"side": "partner", "chrom": "4", "start": 1_871_799, "end": 1_871_899, "breakpoint": 1_871_799},
        read | {"side": "donor", "chrom": "14", "start": 105_864_300, "end": 105_864_400, "breakpoint": 105_864_299},
    ]
    reads = [row | {"strand": "-", "kind": "split"} for row in reads]
    arm = {"sample_id": "S1", "assay_id": "cells", "log2_ratio": 0.5, "low": 0.3, "high": 0.7, "n_genes": 90}
    arms = [arm | {"arm": "1q", "state": "gain"}, arm | {"arm": "17p", "state": "loss", "log2_ratio": -0.8}]
    return {
        table.name: conform(pd.DataFrame(rows), table)
        for table, rows in (
            (SEGMENTS, segments),
            (PURITY, fits),
            (BREAKPOINTS, [junction]),
            (BREAKPOINT_READS, reads),
            (CELL_ARMS, arms),
        )
    }


def statistics():
    """Tests that were made and refused, a trend, survival curves and Cox models."""
    tested = {"family": "signatures:t_cell", "factor": "del_17p", "contrast": "present against absent", "scale": "sd"}
    tested |= {
        "factor_kind": "event",
        "status": "tested",
        "effect": 0.5,
        "low": -0.1,
        "high": 9.0,
        "p": 0.02,
        "q": 0.04,
    }
    tested |= {
        "groups": "absent 8;present 5",
        "adjusted_for": "site",
        "sign_stable": False,
        "flags": EVIL,
        "n_unknown": 2,
    }
    refused = dict.fromkeys(("effect", "low", "high", "p", "q")) | {
        "status": "refused",
        "reason": EVIL,
        "feature": EVIL,
    }
    quiet = tested | {"family": "targets", "feature": "BCMA", "p": 0.5, "q": 0.9}
    trend = {
        "family": "signatures:t_cell",
        "feature": "ifn_i",
        "status": "tested",
        "effect": 0.3,
        "low": 0.1,
        "high": 0.5,
    }
    curve = {"endpoint": "os", "system": "ISS", "logrank_p": 0.03, "n_at_risk": 5}
    curves = [
        curve | {"label": label, "months": months, "survival": share, "low": share / 2, "high": 1.0}
        for label in ("I", "III", EVIL)
        for months, share in ((0.0, 1.0), (7.0, 0.8), (30.0, 0.4))
    ]
    model = {"endpoint": "pfs", "system": "ISS", "model": "label"}
    fitted = model | {"term": "label", "status": "tested", "hazard_ratio": 2.0, "low": 1.1, "high": 3.6, "p": 0.02}
    return {
        table.name: conform(pd.DataFrame(rows), table)
        for table, rows in (
            (ASSOCIATIONS, [tested | {"feature": "ifn_i"}, tested | refused, quiet]),
            (TRENDS, [trend | {"p": 0.01, "q": 0.02, "groups": "MGUS 4;SMM 5;MM 9"}]),
            (KAPLAN_MEIER, curves),
            (SURVIVAL, [fitted, model | {"term": "model", "status": "refused", "reason": EVIL}]),
        )
    }


def behind(ids):
    """Tables behind the events: expression, arms, rearrangements, places of cells, tests with one site left out."""
    own = {"sample_id": ids[0], "assay_id": EVIL}
    groups = {"tc_group": "d1_d2", "tc_margin": 1.25, "uams_group": "unknown", "light_chain": "kappa"}
    spike = own | {"event": "t_4_14", "gene": "NSD2", "value": 11.0, "cutoff": 8.3, "log_odds": 20.0, "scale": "tpm"}
    dosage = own | {"n_genes": 90, "noise": 0.1}
    arm = own | {"copies": 2.9, "copies_low": 2.7, "copies_high": 3.1, "fraction": 0.9, "detection_limit": 0.3}
    junction = own | {"locus": "IGH", "build": "GRCh38", "first_position": 99, "first_strand": "+"}
    junction |= {"first_feature": EVIL, "second_position": 199, "second_strand": "-", "kind": "vdj", "support": 7}
    place = own | {"lineage": "t_cell", "umap_1": 1.0, "umap_2": 2.0}
    run = {"family": "signatures:t_cell", "feature": "ifn_i", "factor": "del_17p"}
    run |= {"contrast": "present against absent"}
    return {
        table.name: conform(pd.DataFrame(rows), table)
        for table, rows in (
            (EXPRESSION_GROUPS, [own | groups | {"clonal_ig_share": 0.91}]),
            (
                SPIKES,
                [spike | {"probability": 0.99999}, spike | {"event": "t_11_14", "probability": 0.2, "log_odds": -1.4}],
            ),
            (ARM_DOSAGE, [dosage | {"region": "1q", "log_ratio": 0.5}, dosage | {"region": "17p", "log_ratio": 0.1}]),
            (ARMS, [arm | {"arm": "1q", "chrom": "1", "change": "gain"}, own | {"arm": "10p", "chrom": "10"}]),
            (IG_REARRANGEMENTS, [junction]),
            (CELL_PLACES, [place | {"barcode": "a"}, place | {"barcode": "b", "umap_1": 3.0, "lineage": EVIL}]),
            (SENSITIVITY, [run | {"left_out": EVIL, "effect": -0.2, "low": -0.4, "high": 0.1, "n_patients": 7}]),
        )
    }


def over_time(rows, risk):
    """What changed between samples of one patient; the light-chain ratio rises in the first pair."""
    sheet = pd.DataFrame(rows, columns=["sample_id", "patient_id", "day", "date"])
    changed = conform(label_changes_frame(risk, sheet), LABEL_CHANGES)
    pairs = changed[["patient_id", "from_sample", "to_sample", "days"]].drop_duplicates()
    moved = pairs.assign(rising="FLC;creat", not_rising="Hb")
    return {"label_changes": changed, "trajectory": conform(moved, TRAJECTORY)}


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
    risk = conform(risk_frame(assigned, ids), RISK)
    frames = (
        {
            "evidence": found,
            "events": events,
            "conflicts": conflicts,
            "risk": risk,
            "to_order": conform(to_order_frame(assigned, ids), TO_ORDER),
            "status": conform(pd.DataFrame([status]), STATUS),
            "parsed": conform(pd.DataFrame([parsed]), PARSED),
        }
        | over_time(rows, risk)
        | (marrow(ids) | genomes() | statistics() | behind(ids) if rows is SAMPLE_ROWS else {})
        | more
    )
    return gather(samples(rows), frames, clinical=read_clinical(folder / "clinical.tsv"), links=["../events.tsv"])


def write(folder):
    """The report of the cohort, written into a folder, which is returned."""
    write_report(make(folder), SYSTEMS, index=folder / "index.html", pages=folder / "patients")
    (folder.parent / "events.tsv").touch()
    return folder
