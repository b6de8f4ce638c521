"""Forest plots, survival and junctions of the report."""

import re

import pandas as pd
import pytest

import report_example
from mmrisk.contracts import (
    ASSOCIATIONS,
    BREAKPOINT_READS,
    BREAKPOINTS,
    CELL_ARMS,
    CELL_QUALITY,
    KAPLAN_MEIER,
    SURVIVAL,
    TRENDS,
)
from mmrisk.report import association_view, junction_view, survival_view
from mmrisk.report.arms_figure import arms_figure
from mmrisk.report.material import rows_by_sample
from mmrisk.report.methods import dois, methods
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import conform


def association(feature, *, effect=0.5, q=0.01, more=None, **rest):
    row = {"family": "composition:scrna:microenvironment:lineage", "feature": feature, "factor": "del_17p"}
    row |= {"contrast": "present against absent", "factor_kind": "event", "status": "tested", "scale": "log_ratio"}
    row |= {"effect": effect, "low": effect - 0.2, "high": effect + 0.2, "p": q / 2, "q": q, "n_unknown": 3}
    return row | {"groups": "absent 8;present 5", "adjusted_for": "batch;site"} | rest | (more or {})


REFUSED = {"status": "refused", "reason": "3 patients; 4 are needed"}
REFUSED |= dict.fromkeys(("effect", "low", "high", "p", "q"))


@pytest.fixture
def material(tmp_path):
    def made(table, rows):
        return report_example.make(tmp_path, **{table.name: conform(pd.DataFrame(rows), table)})

    return made


def test_every_test_is_counted_and_the_smallest_q_comes_first(material):
    rows = [association("t_cell", q=0.2), association("nk_cell", q=0.01), association("b_cell", more=REFUSED)]
    found = association_view.associations(material(ASSOCIATIONS, rows))
    assert (found.n_tested, found.n_found, found.n_refused) == (2, 1, 1)
    forest = found.forests[0]
    assert [row.feature for row in forest.rows] == ["nk cell", "t cell"] or forest.rows[0].q == 0.01
    assert forest.family == "Shares of the microenvironment, lineages, scrna"
    assert forest.rows[0].factor == "del(17p)"
    assert forest.notes == ("Adjusted for batch, site.", "Left out, as not known: 3.")
    assert forest.rows[0].notes == ()


def test_an_effect_stands_at_its_place_with_its_interval_and_zero_in_the_middle(material):
    rows = [association("t_cell", effect=0.0), association("nk_cell", effect=-0.8)]
    forest = association_view.associations(material(ASSOCIATIONS, rows)).forests[0]
    by_at = {row.words: row for row in forest.rows}
    assert forest.end == pytest.approx(1.0)
    assert by_at["0.00 (\u22120.20 to 0.20)"].at == 50
    lowest = by_at["\u22120.80 (\u22121.00 to \u22120.60)"]
    assert (lowest.low, lowest.at, lowest.high) == (0.0, 10.0, 20.0)
    assert lowest.is_cut == (False, False)


def test_an_interval_beyond_the_axis_is_marked_as_cut(material):
    forest = association_view.associations(material(ASSOCIATIONS, [association("t_cell", low=-9.0, high=9.0)])).forests[
        0
    ]
    assert forest.rows[0].is_cut == (True, True)


def test_refusals_are_listed_by_reason(material):
    rows = [association("b_cell", more=REFUSED), association("t_cell", more=REFUSED)]
    found = association_view.associations(material(ASSOCIATIONS, rows))
    assert found.forests == found.quiet == ()
    assert [(item.reason, item.count, item.factors) for item in found.refusals] == [
        ("3 patients; 4 are needed", 2, ("del(17p)",))
    ]


def test_families_without_a_finding_are_put_aside(material):
    rows = [association("t_cell"), association("x", q=0.9, family="signatures:plasma", scale="sd")]
    found = association_view.associations(material(ASSOCIATIONS, rows))
    assert [len(found.forests), len(found.quiet)] == [1, 1]


def test_nothing_to_test_is_no_section(material):
    assert association_view.associations(material(ASSOCIATIONS, [])) is None
    row = {"family": "signatures:plasma", "feature": "x", "status": "tested", "effect": 0.2, "low": 0.1, "high": 0.3}
    assert association_view.trends(material(TRENDS, [row | {"p": 0.2, "q": 0.3}])).n_tested == 1


def test_a_curve_steps_down_from_one_and_counts_patients_at_risk(material):
    rows = [
        {
            "endpoint": "os",
            "system": "ISS",
            "label": label,
            "months": months,
            "survival": share,
            "low": share,
            "high": share,
        }
        | {"n_at_risk": at_risk}
        for label in ("III", "I")
        for months, share, at_risk in ((0.0, 1.0, 10), (6.0, 0.9, 9), (12.0, 0.5, 4))
    ]
    item, *_ = survival_view.curves(material(KAPLAN_MEIER, rows), SYSTEMS)
    assert [curve.name for curve in item.curves] == ["I", "III"]
    assert [words for _, words in item.ticks] == ["0", "3", "6", "9", "12"]
    curve = item.curves[0]
    levels = [float(y) for y in re.findall(r"V([\d.]+)", curve.line)]
    assert levels == sorted(levels)
    assert levels[-1] == pytest.approx(survival_view.TOP + survival_view.HEIGHT / 2)
    assert curve.at_risk == (10, 9, 9, 4, 4)
    assert len({curve.dashes for curve in item.curves}) == 2


def test_a_model_that_was_not_fitted_has_no_bar(material):
    base = {"endpoint": "os", "system": "ISS", "model": "label", "status": "tested"}
    rows = [base | {"term": "label", "hazard_ratio": 2.0, "low": 1.0, "high": 4.0}]
    rows.append(base | {"term": "model", "status": "refused", "reason": "9 events"})
    fitted, refused = survival_view.models(material(SURVIVAL, rows))
    assert fitted.bar == (50.0, 75.0, 100.0)
    assert refused.bar is None


def test_curves_of_the_stages_come_first_and_their_names_fit(material):
    base = {"endpoint": "os", "label": "a label of many letters", "months": 1.0, "survival": 1.0, "n_at_risk": 1}
    found = survival_view.curves(
        material(KAPLAN_MEIER, [base | {"system": name} for name in ("hrca", "iss", "r_iss", "r2_iss")]), SYSTEMS
    )
    assert [item.system for item in found] == ["R2-ISS", "R-ISS", "ISS", "HRCA"]
    stages = [base | {"system": "iss", "label": name} for name in ("III", "I", "II")]
    assert [curve.name for curve in survival_view.curves(material(KAPLAN_MEIER, stages), SYSTEMS)[0].curves] == [
        *("I", "II", "III")
    ]
    assert found[0].width >= 510 + 7 * len("a label of many letters")


def read(side, start, end, strand, kind, **more):
    place = {"partner": ("4", 1_871_799), "donor": ("14", 105_864_299)}[side]
    row = {"sample_id": "S1", "assay_id": "wgs", "event": "t_4_14", "derivative": "der(4)", "fragment": 1, "side": side}
    row |= {"chrom": place[0], "start": start, "end": end, "strand": strand, "kind": kind, "mapq": 60}
    return row | {"breakpoint": place[1]} | more


def rows_of(table, rows):
    return rows_by_sample(conform(pd.DataFrame(rows), table), table)["S1"]


def test_reads_lie_on_their_side_and_touch_the_junction_with_their_last_kept_base():
    reads = [read("partner", 1_871_799, 1_871_899, "-", "split"), read("donor", 105_864_200, 105_864_300, "+", "split")]
    figure = junction_view.draw(rows_of(BREAKPOINT_READS, reads))
    (fragment,) = figure.fragments
    left, right = fragment.pieces
    assert left.x + left.width == pytest.approx(junction_view.MIDDLE, abs=0.2)
    assert right.x == pytest.approx(junction_view.MIDDLE, abs=0.2)
    assert left.width == right.width == pytest.approx(100 * (junction_view.MIDDLE - 8) / 300, abs=0.2)


def test_a_fragment_that_runs_through_crosses_the_junction():
    through = read("partner", 1_871_700, 1_871_900, "-", "reference", fragment=2)
    figure = junction_view.draw(
        rows_of(BREAKPOINT_READS, [through, read("partner", 1_871_850, 1_871_950, "-", "pair")])
    )
    assert [item.pieces[0].kind for item in figure.fragments] == ["pair", "reference"]
    piece = figure.fragments[1].pieces[0]
    assert piece.x < junction_view.MIDDLE < piece.x + piece.width


JUNCTION = {
    "sample_id": "S1",
    "assay_id": "wgs",
    "event": "t_4_14",
    "build": "GRCh38",
    "donor": "IGH",
    "donor_chrom": "14",
}
JUNCTION |= {"donor_position": 105_864_299, "partner": "NSD2", "partner_chrom": "4", "partner_position": 1_871_799}
MEANINGS = {
    "homology": ({"homology": "AG", "exact": True}, "between", "AG shared by both sides (2 bases of homology)"),
    "insertion": ({"inserted": "TTG"}, "between", "TTG inserted (3 bases of neither side)"),
    "blunt": ({"exact": True}, "between", "blunt"),
    "places are 1-based": ({}, "partner", "chr4:1,871,800 NSD2"),
    "the class is explained": ({"nsd2_class": "late"}, "NSD2 disruption", "published median survival 28.6 months"),
    "outside the probe": ({"fish_visible": False}, "By FISH", "FISH may miss it"),
    "filters": ({"filters": "artefact_spot"}, "Does not count", "artefact spot"),
}


@pytest.mark.parametrize("case", MEANINGS)
def test_a_junction_says_what_it_means(case, material):
    more, where, expected = MEANINGS[case]
    view, *_ = junction_view.junctions("S1", material(BREAKPOINTS, [JUNCTION | more]))
    said = getattr(view, where) if hasattr(view, where) else dict(view.terms)[where]
    assert expected in said
    assert view.counts == (case != "filters")


def test_no_survival_of_patients_is_printed_for_a_cell_line(tmp_path):
    rows = [dict(row) for row in report_example.SAMPLE_ROWS]
    rows[0]["time_point"] = "cell_line"
    found = conform(pd.DataFrame([JUNCTION | {"nsd2_class": "late"}]), BREAKPOINTS)
    view, *_ = junction_view.junctions("S1", report_example.make(tmp_path, rows=rows, breakpoints=found))
    said = dict(view.terms)["NSD2 disruption"]
    assert said.startswith("late: ")
    assert "survival" not in said


def test_reads_belong_to_the_junction_at_their_breakpoint(material, tmp_path):
    reads = [read("partner", 1_871_799, 1_871_899, "-", "split"), read("donor", 105_864_200, 105_864_300, "+", "split")]
    frames = {
        "breakpoints": conform(pd.DataFrame([JUNCTION, JUNCTION | {"partner_position": 1_900_000}]), BREAKPOINTS),
        "breakpoint_reads": conform(pd.DataFrame(reads), BREAKPOINT_READS),
    }
    views = junction_view.junctions("S1", report_example.make(tmp_path, **frames))
    assert [bool(view.figure) for view in views] == [True, False]


TEXTS = {
    "10.1200/JCO.2015.61.2267": ["10.1200/JCO.2015.61.2267"],
    "EMN 2012 (10.3324/haematol.2011.056176): 10 %": ["10.3324/haematol.2011.056176"],
    "Peduzzi 1995, 10.1016/0895-4356(95)00510-2.": ["10.1016/0895-4356(95)00510-2"],
    "from memory": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_doi_is_cut_out_whole(text):
    assert dois(text) == TEXTS[text]


def test_methods_speak_of_what_was_done_and_of_nothing_else(material, tmp_path):
    said = " ".join(methods(material(ASSOCIATIONS, [association("t_cell")]), SYSTEMS).paragraphs)
    assert "4 samples of 3 patients were studied." in said
    assert "came from genome (1), FISH (2) and expression (1)." in said
    assert "Association was tested 1 times" in said
    assert "Covariates, where they vary: batch and site." in said
    assert "permutation" not in said
    none = {table.name: conform(pd.DataFrame(), table) for table in (ASSOCIATIONS, TRENDS, KAPLAN_MEIER, CELL_QUALITY)}
    bare = methods(report_example.make(tmp_path, **none), SYSTEMS)
    for word in ("Association", "Kaplan-Meier", "Jonckheere", "scanpy", "single cell"):
        assert (word in said, word in " ".join(bare.paragraphs)) == (True, False)
    assert ("IMS-2025", "10.1200/JCO-24-01893") in bare.references
    assert "10.1016/S1470-2045(14)70442-5" not in dict(map(reversed, bare.references))


def test_arms_are_in_the_order_of_the_genome_and_those_gained_or_lost_are_named():
    base = {"sample_id": "S1", "assay_id": "cells"}
    rows = [base | {"arm": "17p", "log2_ratio": -0.9, "low": -1.1, "high": -0.7, "state": "loss", "copies": 1.0}]
    rows.append(base | {"arm": "1q", "log2_ratio": 0.1, "state": "neutral"})
    rows.append(base | {"arm": "2p", "state": "unclear"})
    figure = arms_figure(rows_of(CELL_ARMS, rows))
    assert [arm.name for arm in figure.arms] == ["1q", "17p"]
    assert figure.said.startswith("17p: loss, 1 copies, log2 ratio \u22120.90 (\u22121.10 to \u22120.70)")
    assert arms_figure([]) is None
