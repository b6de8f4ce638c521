"""Tables behind the events, the picture of all cells, and contrasts with one site left out."""

import pandas as pd
import pytest

from mmrisk.contracts import CELL_PLACES, SENSITIVITY
from mmrisk.report import assay_tables, association_view
from mmrisk.report.cell_map import MARGIN, MOST_DOTS, SIDE, cell_map
from mmrisk.tables import conform
from report_example import EVIL, behind, make, statistics

SAMPLE = [{"sample_id": "S1", "patient_id": "P1"}]


def material(folder, **frames):
    return make(folder, rows=SAMPLE, evidence=[], **frames)


@pytest.fixture
def shown(tmp_path):
    return assay_tables.page("S1", material(tmp_path, **behind(["S1"])))


def plain(text):
    return text.replace("\u00a0", " ")


def test_expression_says_groups_and_which_targets_spike_the_most_probable_first(shown):
    (item,) = shown["expression"]
    assert dict(item.terms)["TC group"] == "D1+D2 (margin 1.2 log2)"
    assert dict(item.terms)["Nearest UAMS group"].startswith("unknown: it needs a cohort")
    assert [tuple(map(plain, row)) for row in item.spikes] == [
        ("t(4;14)", "NSD2", "11.0", "8.3", "above 99.9 %"),
        ("t(11;14)", "NSD2", "11.0", "8.3", "20 %"),
    ]


def test_only_arms_that_lie_off_the_cohort_are_named(shown):
    (item,) = shown["expression"]
    assert [plain(text) for text in item.dosage] == ["1q +0.5 ± 0.1"]
    assert item.n_regions == 2


def test_arms_of_reads_stand_in_the_order_of_the_genome_and_say_what_cannot_be_told(shown):
    (item,) = shown["arms_of_reads"]
    assert [tuple(map(plain, row)) for row in item.rows] == [
        ("1q", "2.90 (2.70 to 3.10)", "gain", "90 %", "30 %"),
        ("10p", "", "not evaluable", "", ""),
    ]


def test_places_of_rearrangements_are_counted_from_one(shown):
    assert shown["rearrangements"] == [("V(D)J recombination", f"100 (+) {EVIL} \u2192 200 (-)", 7)]


def test_nothing_is_shown_of_assays_that_were_not_given(tmp_path):
    shown = assay_tables.page("S1", material(tmp_path))
    assert not any(shown[name] for name in ("expression", "arms_of_reads", "rearrangements"))


def cells(number):
    rows = [
        {"sample_id": "S1", "assay_id": "c", "barcode": f"b{n}", "lineage": "t_cell" if n % 3 else "plasma"}
        | {"umap_1": float(n % 97), "umap_2": float(n % 31)}
        for n in range(number)
    ]
    return conform(pd.DataFrame(rows), CELL_PLACES)


def test_every_lineage_of_the_picture_has_a_number_inside_the_square_and_the_commonest_comes_first(tmp_path):
    drawn = cell_map(material(tmp_path, cell_places=cells(300)))
    assert [(item.name, item.count) for item in drawn.lineages] == [("T cell", 200), ("Plasma cell", 100)]
    for item in drawn.lineages:
        assert all(MARGIN <= place <= SIDE - MARGIN for place in item.at)
        assert item.path.count("M") == item.count


def test_many_cells_are_thinned_and_the_picture_says_so(tmp_path):
    drawn = cell_map(material(tmp_path, cell_places=cells(3 * MOST_DOTS)))
    assert drawn.n_drawn <= MOST_DOTS < drawn.n_cells == 3 * MOST_DOTS


def test_cells_without_a_place_make_no_picture(tmp_path):
    frame = cells(3).assign(umap_1=None)
    assert cell_map(material(tmp_path, cell_places=conform(frame, CELL_PLACES))) is None
    assert cell_map(material(tmp_path)) is None


def test_contrasts_are_shown_with_all_patients_and_without_each_site(tmp_path):
    tested = statistics()["associations"]
    row = tested[tested["status"] == "tested"].iloc[0]
    run = {name: row[name] for name in ("family", "feature", "factor", "contrast")}
    runs = [run | {"left_out": site, "effect": -0.5, "low": -1.0, "high": 0.25, "n_patients": 9} for site in "BA"]
    (found,) = association_view.sensitivity(
        material(tmp_path, associations=tested, sensitivity=conform(pd.DataFrame(runs), SENSITIVITY))
    )
    words = "\u22120.50 (\u22121.00 to 0.25)"
    assert found.without == (("A", words, 9), ("B", words, 9))
    assert found.whole != words


def test_contrasts_that_were_not_repeated_are_not_shown(tmp_path):
    assert association_view.sensitivity(material(tmp_path, associations=statistics()["associations"])) == []
