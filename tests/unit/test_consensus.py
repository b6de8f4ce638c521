"""The consensus: every rule of precedence, each way of disagreeing, and what follows from other events."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.consensus import decide
from mmrisk.events import Evidence, State, Tier, catalogue, negative_limit
from mmrisk.observations import precedence
from mmrisk.tables import evidence_frame

P, A, S, N, C = State.PRESENT, State.ABSENT, State.SUBTHRESHOLD, State.NOT_EVALUABLE, State.CONFLICT


def seen(event, source="fish", state=P, *, assay=None, method=None, basis="sorted_pc", **values):
    method = method or {"fish": "dual_fusion", "karyotype": "g_banding"}.get(source, "caller")
    return Evidence(
        sample_id="S",
        assay_id=assay or source,
        event=event,
        source=source,
        method=method,
        state=state,
        fraction_basis=basis,
        **values,
    )


def unseen(event, source="fish", *, scored=200, limit=None, **values):
    limit = negative_limit(scored) if limit is None else limit
    return seen(event, source, A, fraction=0.0, detection_limit=limit, **values)


def spike(event, state=P):
    return seen(event, "expression", state, tier=Tier.INFERRED)


def consensus(*evidence, **options):
    events, conflicts = decide(evidence_frame(evidence), samples=["S"], **options)
    return events.set_index("event"), conflicts.set_index("event")


def state(event, *evidence, **options):
    return consensus(*evidence, **options)[0].loc[event, "state"]


DECISIONS = [
    ("nothing looked at it", "t_4_14", [], State.NOT_TESTED),
    ("FISH alone decides", "t_4_14", [seen("t_4_14", fraction=0.6)], P),
    ("FISH below its cut-off is below it", "t_4_14", [seen("t_4_14", fraction=0.08)], S),
    ("FISH without the fusion is absent", "t_4_14", [unseen("t_4_14")], A),
    ("20 nuclei cannot rule out a fusion", "t_4_14", [unseen("t_4_14", scored=20)], N),
    ("a genome's breakpoint decides", "t_4_14", [seen("t_4_14", "wgs", fraction=0.9)], P),
    ("an array cannot rule out a fusion", "t_4_14", [unseen("t_4_14", "array", limit=0.1)], N),
    ("banding cannot rule out a cryptic fusion", "t_4_14", [unseen("t_4_14", "karyotype", limit=0.1)], N),
    ("expression alone is only inferred", "t_4_14", [spike("t_4_14")], P),
    (
        "fusion by FISH, a negative genome that would have seen it: conflict",
        "t_4_14",
        [seen("t_4_14", fraction=0.3), unseen("t_4_14", "wgs", limit=0.05)],
        C,
    ),
    (
        "the same with an expression spike is present",
        "t_4_14",
        [seen("t_4_14", fraction=0.3), unseen("t_4_14", "wgs", limit=0.05), spike("t_4_14")],
        P,
    ),
    (
        "the same with silent expression stays a conflict",
        "t_4_14",
        [seen("t_4_14", fraction=0.3), unseen("t_4_14", "wgs", limit=0.05), spike("t_4_14", A)],
        C,
    ),
    (
        "a genome too shallow for the FISH clone does not contradict it",
        "gain_1q21",
        [seen("gain_1q21", fraction=0.2, method="enumeration"), unseen("gain_1q21", "wgs", limit=0.2, purity=0.8)],
        P,
    ),
    (
        "one genome of two that would have seen the clone contradicts it",
        "t_4_14",
        [
            seen("t_4_14", fraction=0.15),
            unseen("t_4_14", "wgs", limit=0.09),
            unseen("t_4_14", "wgs", limit=0.3, assay="b"),
        ],
        C,
    ),
    (
        "a ticked box beside a report below the cut-off does not lift it",
        "del_17p",
        [seen("del_17p", fraction=0.075, assay="report"), seen("del_17p", method="tick_box", assay="box")],
        S,
    ),
    (
        "an empty box beside a report that could not tell rules nothing out",
        "t_4_14",
        [seen("t_4_14", state=N, assay="report"), seen("t_4_14", state=A, method="tick_box", assay="box")],
        N,
    ),
    (
        "FISH below the cut-off outranks a karyotype",
        "t_14_16",
        [seen("t_14_16", fraction=0.075), seen("t_14_16", "karyotype", basis="metaphases")],
        S,
    ),
    (
        "a genome breakpoint outside the FISH probe is FISH-cryptic",
        "t_4_14",
        [seen("t_4_14", "wgs", fraction=0.9, warnings=("fish_cryptic",)), unseen("t_4_14")],
        P,
    ),
    (
        "a genome breakpoint inside the probe against a clean FISH is a conflict",
        "t_4_14",
        [seen("t_4_14", "wgs", fraction=0.9), unseen("t_4_14")],
        C,
    ),
    (
        "a small 17p clone below the array's limit is present, subclonal",
        "del_17p",
        [seen("del_17p", fraction=0.21, method="enumeration"), unseen("del_17p", "array", limit=0.25)],
        P,
    ),
    (
        "a 17p loss that the array should have seen is a conflict",
        "del_17p",
        [seen("del_17p", fraction=0.8, method="enumeration"), unseen("del_17p", "array", limit=0.2)],
        C,
    ),
    (
        "a ticked 17p may be as small as the cut-off, which the array cannot see",
        "del_17p",
        [seen("del_17p", method="tick_box"), unseen("del_17p", "array", limit=0.2)],
        P,
    ),
    (
        "an array loss that FISH should have seen is a conflict",
        "del_17p",
        [seen("del_17p", "array", fraction=0.9), unseen("del_17p", method="enumeration")],
        C,
    ),
    (
        "a report's text outranks a ticked box",
        "t_4_14",
        [unseen("t_4_14", assay="report"), seen("t_4_14", method="tick_box", assay="box")],
        A,
    ),
    (
        "a report's text outranks an empty box",
        "t_4_14",
        [seen("t_4_14", fraction=0.5, assay="report"), seen("t_4_14", state=A, method="tick_box", assay="box")],
        P,
    ),
    (
        "the genome decides on hyperdiploidy",
        "hyperdiploid",
        [unseen("hyperdiploid", method="enumeration"), seen("hyperdiploid", "wgs", fraction=0.9)],
        P,
    ),
    (
        "the genome decides against hyperdiploidy too",
        "hyperdiploid",
        [seen("hyperdiploid", fraction=0.4, method="enumeration"), unseen("hyperdiploid", "wgs", limit=0.1)],
        A,
    ),
    (
        "seen above and below the cut-off is present",
        "gain_1q21",
        [seen("gain_1q21", fraction=0.22, method="enumeration"), seen("gain_1q21", "array", fraction=0.15)],
        P,
    ),
    (
        "what could not be told does not speak against a finding",
        "t_11_14",
        [seen("t_11_14", "karyotype", fraction=0.4, basis="metaphases"), seen("t_11_14", "fish", N)],
        P,
    ),
]


@pytest.mark.parametrize(("name", "event", "evidence", "expected"), DECISIONS, ids=[name for name, *_ in DECISIONS])
def test_decision(name, event, evidence, expected):
    assert state(event, *evidence) == expected


def test_a_small_clone_that_outranks_a_far_larger_one_is_a_conflict():
    small = seen("t_4_14", "wgs", S, fraction=0.06, fraction_low=0.04, fraction_high=0.09, basis="tumour_cells")
    large = seen("t_4_14", fraction=1.0, fraction_low=0.98, fraction_high=1.0)
    assert state("t_4_14", small, large) == C
    assert state("t_4_14", small, replace(large, fraction=0.12, fraction_low=0.08, fraction_high=0.17)) == S
    of_reads = replace(small, fraction_basis="reads", fraction=None, fraction_high=None)
    assert state("t_4_14", of_reads, large) == S  # without the purity the smaller clone has no upper end


def test_a_large_clone_of_one_assay_and_a_small_one_of_its_peer_are_a_conflict():
    fish = seen("del_17p", state=S, fraction=0.15, fraction_low=0.10, fraction_high=0.20)
    array = seen("del_17p", "array", fraction=0.75, fraction_low=0.62, fraction_high=0.88, basis="tumour_cells")
    events, conflicts = consensus(fish, array)
    assert events.loc["del_17p", "state"] == C
    assert "del_17p" in conflicts.index
    near = replace(array, fraction=0.25, fraction_low=0.18, fraction_high=0.33)
    assert state("del_17p", fish, near) == P


def test_a_small_clone_of_a_lesser_assay_speaks_against_a_large_one():
    box = seen("t_4_14", state=S, method="tick_box", fraction=0.05, fraction_low=0.02, fraction_high=0.09)
    genome = seen("t_4_14", "wgs", fraction=0.9, fraction_low=0.8, fraction_high=1.0, basis="tumour_cells")
    events, _ = consensus(genome, box)
    assert events.loc["t_4_14", "state"] == P
    assert "Disagrees" in events.loc["t_4_14", "explanation"]


def test_shares_are_compared_in_tumour_cells():
    # 30 % of sorted cells at purity 0.5 is 60 % of tumour cells, which a genome with a limit of 50 % would have seen
    fish = seen("t_4_14", fraction=0.3, purity=0.5)
    genome = unseen("t_4_14", "wgs", limit=0.09, basis="tumour_cells")
    assert state("t_4_14", fish, genome) == C


def test_a_disagreement_that_a_rule_resolves_is_still_listed():
    events, conflicts = consensus(seen("t_4_14", fraction=0.3), unseen("t_4_14", "wgs", limit=0.05), spike("t_4_14"))
    assert conflicts.loc["t_4_14", "resolution"] == P
    assert conflicts.loc["t_4_14", "evidence_against"] == "S.wgs.t_4_14"
    assert "arbitrated_by_expression" in events.loc["t_4_14", "flags"]
    assert "expression spike arbitrates" in events.loc["t_4_14", "explanation"]


def test_expression_against_negative_dna_is_contradicting_and_warned():
    events, conflicts = consensus(unseen("t_4_14"), spike("t_4_14"))
    assert events.loc["t_4_14", "state"] == A
    assert "expression_disagrees" in events.loc["t_4_14", "flags"]
    assert conflicts.loc["t_4_14", "evidence_for"] == "S.expression.t_4_14"


def test_what_rna_does_not_show_rules_nothing_out_whatever_its_limit():
    silent = Evidence(sample_id="S", assay_id="r", event="t_4_14", source="expression", state=A, tier=Tier.INFERRED)
    mute = replace(silent, assay_id="q", state=State.NOT_EVALUABLE)
    dosage = replace(silent, event="gain_1q21", method="dosage", fraction=0.0, detection_limit=0.1)
    rows = decide(evidence_frame([silent, mute, dosage]))[0].set_index("event")
    assert rows.loc[["t_4_14", "gain_1q21"], "state"].tolist() == ["not_evaluable", "not_evaluable"]
    assert rows.loc["t_4_14", "tier"] == "inferred"


def test_inferred_events_carry_their_tier():
    events, _ = consensus(spike("t_4_14"), seen("t_11_14", fraction=0.6))
    assert events.loc["t_4_14", "tier"] == Tier.INFERRED
    assert events.loc["t_11_14", "tier"] == Tier.MEASURED


def test_two_primary_fusions_in_one_sample_are_a_conflict():
    both = (seen("t_4_14", fraction=0.9), seen("t_14_16", fraction=0.8))
    assert state("t_4_14", *both) == state("t_14_16", *both) == C
    assert state("t_4_14", *both, accept_two_fusions=["S"]) == P


def test_myc_beside_a_primary_fusion_is_no_conflict():
    both = (seen("t_4_14", fraction=0.9), seen("myc_rearranged", fraction=0.5))
    assert state("t_4_14", *both) == state("myc_rearranged", *both) == P


def test_trisomies_of_separate_reports_add_up_to_hyperdiploidy():
    events, _ = consensus(
        seen("trisomy_9", fraction=0.6, assay="one"),
        seen("trisomy_15", fraction=0.5, assay="two"),
        seen("hyperdiploid", state=N, assay="one"),
    )
    assert events.loc["hyperdiploid", "state"] == P
    assert events.loc["hyperdiploid", "flags"] == "from_trisomies;two_trisomies_only"


def test_inferred_trisomies_do_not_make_measured_hyperdiploidy():
    assert state("hyperdiploid", spike("trisomy_9"), spike("trisomy_15")) == State.NOT_TESTED


@pytest.mark.parametrize(("more", "less"), [("biallelic_del_1p32", "del_1p32"), ("amp_1q21", "gain_1q21")])
def test_the_greater_change_implies_the_lesser_where_that_is_open(more, less):
    found = seen(more, method="enumeration", fraction=0.6)
    assert state(less, found) == P
    assert state(less, found, unseen(less, method="enumeration")) == A
    assert state(less, unseen(more, method="enumeration")) == State.NOT_TESTED


BIALLELIC = [
    ("mutation and a loss that only RNA suggests", [seen("tp53_mutation", "wes"), spike("del_17p")], State.NOT_TESTED),
    ("mutation and loss", [seen("tp53_mutation", "wes", fraction=0.9), seen("del_17p", fraction=0.8)], P),
    ("mutation and copy-neutral LOH", [seen("tp53_mutation", "wes"), seen("cnloh_17p", "array")], P),
    ("both copies lost", [seen("del_17p", "array", fraction=0.9, copies=0.0)], P),
    ("no mutation, no loss", [unseen("tp53_mutation", "wes", limit=0.05), unseen("del_17p")], A),
    ("loss, not sequenced", [seen("del_17p", fraction=0.8)], State.NOT_TESTED),
    ("mutation, copies not known", [seen("tp53_mutation", "wes")], State.NOT_TESTED),
    ("mutation, no loss, second hit not excluded", [seen("tp53_mutation", "wes"), unseen("del_17p")], N),
]


@pytest.mark.parametrize(("name", "evidence", "expected"), BIALLELIC, ids=[name for name, *_ in BIALLELIC])
def test_biallelic_tp53_is_derived(name, evidence, expected):
    assert state("biallelic_tp53", *evidence) == expected


def test_an_undecided_event_lends_its_numbers_to_rules_with_another_cutoff():
    events, _ = consensus(unseen("del_17p", scored=10, method="enumeration"))
    row = events.loc["del_17p"]
    assert (row["state"], row["fraction"]) == (N, 0.0)
    assert row["detection_limit"] == pytest.approx(negative_limit(10))


def test_an_assay_that_cannot_prove_absence_lends_no_numbers():
    events, _ = consensus(unseen("t_4_14", "karyotype", limit=0.05))
    assert events.loc["t_4_14", ["fraction", "detection_limit"]].isna().all()


def test_every_sample_has_a_row_for_every_event():
    events, _ = decide(evidence_frame([seen("t_4_14", fraction=0.6)]), samples=["S", "T"])
    assert events.groupby("sample_id").size().to_dict() == {"S": len(catalogue()), "T": len(catalogue())}
    assert (events[events["sample_id"] == "T"]["state"].drop_duplicates().isin([State.NOT_TESTED])).all()


ANY = st.builds(
    lambda event, source, st_, share, limit, method: seen(
        event,
        source,
        st_,
        fraction={P: share, A: 0.0}.get(st_),
        detection_limit=limit if st_ == A else None,
        method=method,
    ),
    st.sampled_from(["t_4_14", "del_17p", "hyperdiploid", "gain_1q21"]),
    st.sampled_from(["fish", "wgs", "array", "karyotype", "wes"]),
    st.sampled_from([P, A, N]),
    st.floats(0.01, 1.0),
    st.none() | st.floats(0.01, 0.5),
    st.sampled_from(["dual_fusion", "tick_box", "ogm"]),
)


SHARES = st.floats(0.25, 1.0)
"""Above every cut-off."""


@settings(max_examples=150)
@given(evidence=st.lists(ANY, min_size=1, max_size=5), data=st.data())
def test_the_order_of_evidence_does_not_matter(evidence, data):
    named = [replace(item, assay_id=f"{item.source}{number}") for number, item in enumerate(evidence)]
    shuffled = data.draw(st.permutations(named))
    pd.testing.assert_frame_equal(decide(evidence_frame(named))[0], decide(evidence_frame(shuffled))[0])


@settings(max_examples=150)
@given(evidence=st.lists(ANY, min_size=1, max_size=5))
def test_absent_is_only_said_where_an_assay_that_can_rule_it_out_found_none(evidence):
    events, _ = decide(evidence_frame(evidence))
    for event in events[events["state"] == A].itertuples():
        if event.event == "biallelic_tp53":
            continue
        mine = [item for item in evidence if item.event == event.event]
        assert any(item.state == A for item in mine)
        if event.event != "hyperdiploid":  # there the genome overrules FISH
            assert not any(item.state == P and item.fraction >= 0.2 and weighs(item) for item in mine)


def weighs(item):
    """Whether an observation can decide and is more than a tick box beside a FISH report."""
    ticked = item.source == "fish" and item.method == "tick_box"
    return not ticked and precedence(catalogue()[item.event].consensus_class, item.source, item.method) is not None


@settings(max_examples=150)
@given(evidence=st.lists(ANY, max_size=4), event=st.sampled_from(["t_4_14", "del_17p", "gain_1q21"]), share=SHARES)
def test_what_an_assay_that_decides_has_seen_is_never_absent(evidence, event, share):
    found = [*evidence, seen(event, "fish", fraction=share, method="enumeration", assay="more")]
    assert state_of(found, event) in (P, C, S)  # S: an assay of higher rank saw it below the cut-off


def state_of(evidence, event):
    return decide(evidence_frame(evidence))[0].set_index("event").loc[event, "state"]


@pytest.mark.parametrize("report", [{"warnings": ("unread_text",), "fraction": 0.3}, {}], ids=["unread", "no share"])
def test_a_row_with_nuclei_decides_before_a_text_that_was_not_read_whole_or_gives_no_share(report):
    events, _ = consensus(
        seen("gain_1q21", method="prose", assay="a_report", **report),
        seen("gain_1q21", method="table", assay="table", fraction=0.6, n_abnormal=120, n_scored=200),
    )
    assert events.loc["gain_1q21", "fraction"] == pytest.approx(0.6)
    assert events.loc["gain_1q21", "deciding"].startswith("S.table.")


def test_the_reason_is_the_report_and_not_the_assay_where_a_report_outranks_an_empty_box():
    box = seen("t_11_14", state=A, method="tick_box", assay="box")
    report = seen("t_11_14", state=N, assay="report", warnings=("unread_text",))
    said = consensus(report, box)[0].loc["t_11_14", "explanation"]
    assert "but a report that was not read whole outranks the tick box" in said
    assert "cannot rule out" not in said
    open_report = replace(report, warnings=())
    said = consensus(open_report, box)[0].loc["t_11_14", "explanation"]
    assert "but a report that leaves it open outranks the tick box" in said
    array = seen("t_11_14", "array", A)
    assert "this assay cannot rule out t(11;14)" in consensus(array)[0].loc["t_11_14", "explanation"]
