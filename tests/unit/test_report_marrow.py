import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_example
from mmrisk.contracts import COMPOSITION
from mmrisk.report import heatmap as heat
from mmrisk.report import marrow_view
from mmrisk.report.composition_view import compositions
from mmrisk.report.groups import OPEN, groupings
from mmrisk.report.pages import environment
from mmrisk.report.ranges import FEWEST, range_of, track
from mmrisk.report.words import cell_name, signature_name
from mmrisk.resource import facts
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import conform


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return report_example.make(tmp_path_factory.mktemp("marrow"))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60))
def test_a_range_is_that_of_numpy_and_ordered(values):
    found = range_of([None, *values, None])
    assert found.n == len(values)
    assert found.median == pytest.approx(np.median(values))
    ordered = (found.least, found.low, found.quarter, found.median, found.three_quarters, found.high, found.most)
    assert list(ordered) == pytest.approx(sorted(ordered))


def test_the_robust_spread_of_a_normal_sample_is_its_standard_deviation():
    values = np.random.default_rng(1).normal(3, 2, 20_000)
    found = range_of(values.tolist())
    assert found.spread == pytest.approx(2, rel=0.03)
    assert found.z(7.0) == pytest.approx(2, abs=0.1)


def test_nothing_known_is_no_range_and_no_variation_is_no_deviation():
    assert range_of([None, None]) is None
    assert range_of([1.0, 1.0]).z(2.0) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1))
def test_a_track_stays_on_its_axis(values, value):
    drawn = track(range_of(values), value, start=0.0, end=max(*values, value), dots=values)
    places = [drawn.low, drawn.high, drawn.median, drawn.value, *(x for x, _ in drawn.dots)]
    assert all(0 <= place <= 100 for place in places if place is not None)
    assert (drawn.low is None) == (len(values) < FEWEST)


def test_samples_with_an_open_label_are_a_group_apart_and_no_sample_is_in_two(material):
    found = groupings(material, SYSTEMS)
    assert set(found) <= {"ISS", "R-ISS", "R2-ISS", "IMS-2025", "IMS-2025-FISH"}
    for groups in found.values():
        members = [sample for group in groups for sample in group.samples]
        assert len(members) == len(set(members)) == 4
        assert {group.style for group in groups if group.name == OPEN} <= {"open"}
        assert all(group.style != "open" for group in groups if group.name != OPEN)


def test_only_samples_with_cells_are_in_the_groups(tmp_path):
    shares = report_example.marrow(["S1", "S2"])
    found = groupings(report_example.make(tmp_path, **shares), SYSTEMS)
    for groups in found.values():
        assert sorted(sample for group in groups for sample in group.samples) == ["S1", "S2"]


def test_cells_that_speak_to_others_are_named_both():
    assert cell_name("b_cell>t_cell") == "B cell, precursors included \u2192 T cell"
    assert cell_name("no_such_cell") == "no such cell"


def test_a_kind_of_cell_that_was_not_captured_has_no_figure_and_plasma_cells_are_of_all_cells(material):
    first, *_ = compositions(material, groupings(material, SYSTEMS))
    bases = {figure.cell_type: figure.basis for figure in first.figures}
    assert "stromal" not in bases
    assert bases["plasma"] == "of all cells"
    assert bases["t_cell"] == "of the microenvironment"
    assert [figure.level for figure in first.figures][-1] == "subset"


def test_where_too_few_samples_have_one_denominator_the_next_is_taken(tmp_path):
    rows = [
        {"sample_id": sample, "assay": "scrna", "denominator": denominator, "cell_type": "t_cell", "level": "lineage"}
        | {"status": "measured", "share": 0.2}
        for sample in ("S1", "S2", "S3")
        for denominator in ("all", "microenvironment")
        if (sample, denominator) != ("S3", "microenvironment")
    ]
    material = report_example.make(tmp_path, composition=conform(pd.DataFrame(rows), COMPOSITION))
    first, *_ = compositions(material, groupings(material, SYSTEMS))
    assert [figure.basis for figure in first.figures] == ["of all cells"]


def test_lanes_count_only_samples_with_a_share(material):
    first, *others = compositions(material, groupings(material, SYSTEMS))
    assert all(figure.level == "lineage" for item in others for figure in item.figures)
    for item in (first, *others):
        for figure in item.figures:
            assert sum(lane.n for lane in figure.lanes) == 3


def test_a_share_that_is_not_known_says_why_and_has_no_track(material):
    view = marrow_view.page("S1", material, marrow_view.reference(material))
    _, words, rows = view["shares"][0]
    assert words == "of the microenvironment"
    by_type = {row.cell_type: row for row in rows}
    assert by_type["stromal"].track is None
    assert by_type["stromal"].words == "not captured by the assay"
    assert by_type["t_cell"].words.replace("\u00a0", " ") == "20 % (10 of 100)"
    assert "too few to compare" in by_type["t_cell"].cohort


def test_a_sample_with_too_few_cells_has_no_shares_and_no_programmes(material):
    view = marrow_view.page("S4", material, marrow_view.reference(material))
    assert view["shares"] == []
    assert view["programmes"] == []


def test_plasma_cells_that_are_neither_malignant_nor_normal_are_shown_as_open(material):
    view = marrow_view.page("S1", material, marrow_view.reference(material))["plasma"][0]
    assert [(style, width) for _, style, _, width in view.parts] == [("malignant", 70), ("normal", 10), ("open", 20)]
    assert view.said == "malignant 70, normal 10, undetermined 20"
    assert view.light_chain == "kappa restricted"


def test_a_swap_names_the_sample_that_would_fit():
    said = marrow_view.verdict_words({"verdict": "swapped", "better_match": "S2"})
    assert said.endswith("Sample S2 would fit.")


def test_a_comparison_that_cannot_decide_never_says_that_nothing_was_compared():
    row = {"verdict": "indeterminate", "better_match": None}
    assert marrow_view.verdict_words(row | {"agrees": ["t_4_14"]}).startswith(
        "What was compared fits, but is too little"
    )
    assert marrow_view.verdict_words(row | {"agrees": []}).startswith("Too little could be compared")


@pytest.mark.parametrize(("count", "expected"), [(19, "19 samples from 0 to 18"), (20, "90 % of 20 samples")])
def test_a_few_samples_are_a_range_and_not_a_share_of_samples(count, expected):
    said = marrow_view._cohort_words(range_of(range(count)), lambda value: f"{value:g}")
    assert expected in said


def strokes(path):
    """Columns that a path covers."""
    at, covered = 0, []
    for move, x, length in re.findall(r"([Mm])(-?\d+) [\d.]+h(\d+)", path):
        at = int(x) if move == "M" else at + int(x)
        covered += range(at, at + int(length))
        at += int(length)
    return covered


def scores(count):
    names = [f"S{number:03d}" for number in range(count)]
    return {
        ("t_cell", f"p{place}"): {name: float((7 * number + place) % 11) for number, name in enumerate(names)}
        for place in range(3)
    }


def test_cells_of_the_heatmap_are_drawn_once_each():
    values = scores(30)
    kept, known = heat._scores(values)
    assert known == len(kept) == 3
    samples = sorted(values["t_cell", "p0"])
    for found in kept.values():
        drawn = heat._row({name: z for name, z in found.items() if name != "S000"}, samples, 5)
        cells = {step: strokes(path) for step, path in drawn.items()}
        assert cells.pop(None) == [0]
        for step, places in cells.items():
            assert all(np.searchsorted(heat.EDGES, found[samples[place]], side="right") == step for place in places)
        middle = [name for name in samples[1:] if np.searchsorted(heat.EDGES, found[name], side="right") == heat.MIDDLE]
        assert sum(map(len, cells.values())) + len(middle) == 29


def test_a_step_is_that_of_the_deviation():
    steps = {value: int(np.searchsorted(heat.EDGES, value, side="right")) for value in (-3, -1.5, -0.7, 0, 0.7, 1.5, 3)}
    assert [heat.STEPS[step] for step in steps.values()] == list(heat.STEPS)


def test_few_samples_have_no_heatmap(material):
    assert heat.heatmap(material, groupings(material, SYSTEMS)) is None


LETTER = 6.2
"""Width of a letter of the names of the heatmap (11 units high), rather too wide."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The heatmap of five samples, and its figure as the page holds it."""
    rows = [{"sample_id": f"S{n}", "patient_id": f"P{n}"} for n in range(1, 7)]
    marrow = report_example.marrow([row["sample_id"] for row in rows])
    marrow["signatures"].loc[marrow["signatures"]["sample_id"] == "S2", "mean"] += 50
    marrow["signatures"].loc[marrow["signatures"]["sample_id"] == "S4", "mean"] -= 50
    material = report_example.make(tmp_path_factory.mktemp("heat"), rows=rows, **marrow)
    figure = heat.heatmap(material, groupings(material, SYSTEMS))
    page = '{% import "cohort_marrow.html" as marrow with context %}{{ marrow.heatmap(item) }}'
    links = dict.fromkeys((name for name, _ in figure.columns), "page.html")
    text = environment().from_string(page).render(item=figure, heat_steps=heat.STEPS, page_links=links)
    return figure, text


def test_cells_strips_signs_and_names_of_a_sample_stand_in_one_column(drawn):
    figure, text = drawn
    place, column = map(float, re.search(r"translate\(([\d.]+) 0\) scale\(([\d.]+) 1\)", text).groups())
    ends = {round(place + column * number, 1) for number in range(figure.n_samples + 1)}
    middles = {round(place + column * (number + 0.5), 1) for number in range(figure.n_samples)}
    pieces = re.findall(r'class="h-piece [^"]*" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', text)
    assert pieces
    for start, width in pieces:
        assert {round(float(start), 1), round(float(start) + float(width), 1)} <= ends
    assert {x for _, x in figure.columns} == middles
    signs = {float(x) + 3 for x in re.findall(r"M([\d.]+) [\d.]+h6", figure.pluses + figure.minuses)}
    assert len(signs) == 2
    assert signs <= middles


def test_names_of_programmes_end_before_the_cells_and_begin_inside_the_picture(drawn):
    _, text = drawn
    place = float(re.search(r"translate\(([\d.]+) 0\)", text).group(1))
    assert {float(x) for x in re.findall(r'class="h-name" x="([\d.]+)"', text)} == {place - 8}
    longest = max(len(signature_name(row["id"])) for row in facts("signatures.tsv") if row["class"] == "programme")
    assert longest * LETTER < place - 8
