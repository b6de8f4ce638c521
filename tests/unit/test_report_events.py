"""Events on the page of a sample: the part of each piece of evidence, what only RNA says, why things are unknown."""

import pandas as pd
import pytest

from mmrisk.contracts import TO_ORDER
from mmrisk.events import Evidence, State, Tier, catalogue
from mmrisk.report import cohort_page, genome_figure, marrow_view, patient_page
from mmrisk.report.event_view import event_views
from mmrisk.report.pages import write_report
from mmrisk.report.risk_words import MAIN_SYSTEMS
from mmrisk.report.unknowns import settled_by, why_missing, would_tell
from mmrisk.report.words import spaced
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import conform
from report_example import fish, genome, make


def rna(sample, event, state=State.PRESENT):
    return Evidence(sample_id=sample, assay_id="rna", event=event, source="expression", state=state, tier=Tier.INFERRED)


SAMPLE = [{"sample_id": "S1", "patient_id": "P1"}]
LOST_AND_MUTATED = [fish("S1", "del_17p", 100, 200), genome("S1", "tp53_mutation", 0.9)]


def views_of(folder, evidence):
    found = make(folder, rows=SAMPLE, evidence=evidence)
    return found, {view.row["event"]: view for view in event_views("S1", found)}


def test_evidence_that_decides_its_own_event_is_deciding_though_another_event_follows_from_it(tmp_path):
    _, views = views_of(tmp_path, LOST_AND_MUTATED)
    ((item, role),) = views["del_17p"].evidence
    assert (role, item.role) == ("deciding", "deciding")
    assert item.also == ("supporting: Biallelic TP53 inactivation",)


def test_an_event_that_follows_from_others_shows_their_evidence_with_its_part_in_it(tmp_path):
    _, views = views_of(tmp_path, LOST_AND_MUTATED)
    found = {(item.row["event"], role) for item, role in views["biallelic_tp53"].evidence}
    assert found == {("del_17p", "supporting"), ("tp53_mutation", "supporting")}


def test_every_reference_of_the_events_table_is_shown_with_the_part_that_the_table_gives_it(tmp_path):
    evidence = [*LOST_AND_MUTATED, genome("S1", "del_17p", 0.6), fish("S1", "gain_1q21", 0, 200), rna("S1", "t_4_14")]
    _, views = views_of(tmp_path, evidence)
    for view in views.values():
        shown = {(item.row["evidence_id"], role) for item, role in view.evidence if role}
        named = ("deciding", "supporting", "contradicting")
        assert shown == {(ref, role) for role in named for ref in view.row[role]}


def page_of(folder, evidence):
    found = make(folder, rows=SAMPLE, evidence=evidence)
    write_report(found, SYSTEMS, index=folder / "index.html", pages=folder / "patients")
    return found, (folder / "patients/S1.html").read_text("utf-8").replace("\u00a0", " ")


def test_what_only_rna_says_never_looks_like_what_was_measured(tmp_path):
    found, text = page_of(tmp_path, [rna("S1", "t_4_14"), fish("S1", "t_11_14", 100, 200)])
    measured, inferred = '<span class="chip state-present">', '<span class="chip state-present inferred">'
    row = text[text.index('id="event-t_4_14"') :].split("</tr>")[0]
    assert inferred in row
    assert measured not in row
    assert measured in text[text.index('id="event-t_11_14"') :].split("</tr>")[0]
    (cells,) = (row.cells for row in cohort_page.page(found, SYSTEMS)["rows"])
    assert {("ip", "◌"), ("p", "●")} <= {(cell.mark, cell.symbol) for cell in cells}


@pytest.mark.parametrize("tier", [Tier.MEASURED, Tier.INFERRED])
def test_marks_and_arcs_of_the_genome_say_whether_only_rna_spoke(tier):
    row = {"event": "t_4_14", "state": State.PRESENT, "fraction": None, "tier": tier}
    drawn = genome_figure.figure([row], [], [])
    is_inferred = tier == Tier.INFERRED
    assert {arc.is_inferred for arc in drawn.arcs} == {is_inferred}
    assert {(mark.is_inferred, mark.words) for mark in drawn.marks} == {
        (is_inferred, "t(4;14) (RNA)" if is_inferred else "t(4;14)")
    }


def test_what_rna_leaves_open_is_folded_away_and_has_no_mark(tmp_path):
    found, text = page_of(tmp_path, [rna("S1", "t_4_14", State.NOT_EVALUABLE), fish("S1", "t_11_14", 100, 200)])
    folded = text[text.index("of which only RNA spoke") :]
    assert 'id="event-t_4_14"' in folded
    assert 'id="event-t_4_14"' not in text[: text.index("of which only RNA spoke")]
    assert {mark.title.split(":")[0] for mark in genome_figure._marks(found.rows["events"]["S1"])} == {"t(11;14)"}


def test_long_words_of_the_genome_figure_are_cut_and_its_title_holds_them_all():
    rows = [
        {"event": event, "state": State.PRESENT, "fraction": None, "tier": Tier.MEASURED}
        for event in ("del_17p", "cnloh_17p", "tp53_mutation", "biallelic_tp53")
    ]
    (mark,) = genome_figure._marks(rows)
    assert len(mark.words) <= genome_figure.MOST_LETTERS
    assert mark.words.endswith("…")
    assert mark.title.count(";") == len(rows) - 1


# Unknowns


@pytest.mark.parametrize("event", catalogue())
def test_every_event_says_which_assay_would_tell_it(event):
    assert settled_by(event)


def test_the_assays_that_would_tell_are_those_whose_silence_proves_something():
    assert settled_by("t_4_14") == (
        "FISH on selected plasma cells, genome, exome with baits on the IG loci or panel with baits on the IG loci"
    )
    assert "FISH" not in settled_by("tp53_mutation")
    assert "karyotype" in settled_by("t_11_14")
    assert settled_by("biallelic_tp53").startswith("TP53 mutation (genome")


@pytest.mark.parametrize(("count", "folded"), [(4, 0), (5, 5)])
def test_many_events_that_cannot_be_told_are_folded_below_the_findings(tmp_path, count, folded):
    events = ("del_13q", "t_11_14", "t_14_16", "t_14_20", "t_6_14")[:count]
    evidence = [fish("S1", event, 0, 10) for event in events]
    material = make(tmp_path, evidence=[*evidence, fish("S1", "del_17p", 90, 100)])
    values = patient_page.page(material.samples[0], material, SYSTEMS, (), marrow_view.reference(material))
    shown = [view.row["event"] for _, views in values["groups"] for view in views]
    assert values["n_unclear"] == folded
    assert sorted(shown) == sorted(["del_17p", *(events if not folded else ())])
    assert folded or shown.index("del_17p") < shown.index("del_13q")


def test_an_input_that_is_missing_says_what_became_of_it():
    row = {"state": State.NOT_TESTED, "tier": None}
    assert why_missing(row, is_given=False) == "not tested"
    assert why_missing(row | {"tier": Tier.INFERRED}, is_given=False) == "only RNA spoke of it"
    assert why_missing(row | {"state": State.CONFLICT}, is_given=False) == "evidence disagrees"
    assert why_missing(row | {"state": State.PRESENT}, is_given=False).startswith("found; open is only how far")
    assert why_missing(row | {"state": State.ABSENT}, is_given=False) == "its result leaves the cut-off open"
    assert why_missing(None, is_given=False) == "not given"
    assert why_missing(None, is_given=True) == "what was given leaves it open"


def test_the_cohort_says_which_labels_each_test_settles_those_in_general_use_first(tmp_path):
    rows = [{"sample_id": f"S{n}", "patient_id": f"P{n}"} for n in (1, 2)]
    orders = [
        {"sample_id": "S1", "test": "LDH", "decides": "MASS-3;R2-ISS", "needed_for": "IMS-2025", "open_systems": "x"},
        {"sample_id": "S2", "test": "LDH", "decides": "MASS-3", "may_decide": "HRCA", "open_systems": "x"},
    ]
    found = make(tmp_path, rows=rows, evidence=[], to_order=conform(pd.DataFrame(orders), TO_ORDER))
    (test,) = cohort_page.page(found, SYSTEMS)["tests"]
    said = tuple(text.replace("\u00a0", " ") for text in (test.settles, test.may_settle, test.needed_for))
    assert said == ("R2-ISS 1, MASS-3 2", "HRCA 1", "IMS-2025 1")
    assert test.samples == ("S1", "S2")


def test_of_many_samples_the_table_of_labels_holds_the_systems_in_general_use(tmp_path, monkeypatch):
    found = make(tmp_path, rows=SAMPLE, evidence=[fish("S1", "t_4_14", 100, 200)])
    few = cohort_page.page(found, SYSTEMS)
    assert few["beside"] == []
    assert "MASS-3" in few["systems"]
    monkeypatch.setattr(cohort_page, "MANY_SAMPLES", 0)
    many = cohort_page.page(found, SYSTEMS)
    assert set(many["systems"]) <= set(MAIN_SYSTEMS)
    assert sorted(many["systems"] + many["beside"]) == sorted(few["systems"])
    assert [len(row.labels) for row in many["rows"]] == [len(many["systems"])]


@pytest.mark.parametrize(
    ("text", "expected"), [("in 12% of 3%", "in 12 % of 3 %"), ("12 %", "12 %"), ("no % here", "no % here")]
)
def test_per_cent_signs_are_set_in_one_way(text, expected):
    assert spaced(text).replace("\u00a0", " ") == expected


def test_cards_say_why_each_input_is_missing_and_the_page_which_label_each_test_settles(tmp_path):
    _, text = page_of(tmp_path, [fish("S1", "t_4_14", 100, 200)])
    assert "LDH with its upper limit of normal (not given)" in text
    assert "del(17p) or monosomy 17 (not tested)" in text
    order = text[text.index('id="order"') :].split("</section>")[0]
    assert "What the labels in general use still need" in order
    assert '<th scope="row">R2-ISS</th>' in order


def test_a_report_that_was_not_read_whole_is_to_be_written_out_before_fish_is_repeated():
    assert would_tell({"event": "t_4_14", "flags": ["unread_text"]}).startswith("its report with what was not under")
    assert would_tell({"event": "t_4_14", "flags": []}) == settled_by("t_4_14")
