import pytest

from mmrisk.events import State, Tier, catalogue
from mmrisk.report.failures import Failure
from mmrisk.report.headline import headline

P, A, N, B, C = State.PRESENT, State.ABSENT, State.NOT_EVALUABLE, State.SUBTHRESHOLD, State.CONFLICT


def event(name, state, fraction=None, basis="sorted_pc", *, tier=Tier.MEASURED, **more):
    basis = basis if fraction or "low" in more else None
    bounds = {"fraction": fraction, "fraction_low": more.get("low"), "fraction_high": more.get("high")}
    rest = {"fraction_basis": basis, "detection_limit": more.get("limit"), "flags": list(more.get("flags", ()))}
    return {"event": name, "state": state, "tier": tier, **bounds, **rest}


FOUND = {
    "a share says which cells it counts": (
        [event("t_4_14", P, 0.665)],
        "t(4;14) in 66.5 % of plasma cells",
    ),
    "shares of the same cells do not repeat it": (
        [event("del_13q", P, 0.75), event("t_4_14", P, 0.665)],
        "t(4;14) in 66.5 %, del(13q) in 75 %",
    ),
    "shares of different cells each say theirs": (
        [event("t_4_14", P, 0.6), event("tp53_mutation", P, 0.4, "reads")],
        "t(4;14) in 60 % of plasma cells, TP53 mutation (VAF 40 %)",
    ),
    "a missing share is not taken from the next event": (
        [event("t_4_14", P), event("del_13q", P, 0.75)],
        "t(4;14) (share not given), del(13q) in 75 % of plasma cells",
    ),
    "bounds stand for a share": (
        [event("del_13q", B, low=0.12, high=0.18), event("gain_1q21", P, low=0.6, high=1.0)],
        "1q21 gain in 60 % or more; below the cut-off: del(13q) in 12 % to 18 % (cut-off 20 %, EMN 2012)",
    ),
    "hyperdiploidy lists its trisomies": (
        [event("hyperdiploid", P), event("trisomy_9", P, 0.5), event("trisomy_3", P, 0.6), event("trisomy_5", A)],
        "Hyperdiploidy (+3, +9)",
    ),
    "a trisomy alone is named": ([event("trisomy_9", P, 0.5)], "Trisomy 9 in 50 % of plasma cells"),
    "the stronger event speaks for the weaker": (
        [event("gain_1q21", P, 0.9), event("amp_1q21", P, 0.4)],
        "1q21 amplification in 40 % of plasma cells",
    ),
    "what RNA says is said to be inferred": (
        [event("t_11_14", P, tier=Tier.INFERRED)],
        "t(11;14) inferred from RNA",
    ),
    "what was measured comes before what RNA suggests": (
        [event("t_4_14", P, tier=Tier.INFERRED), event("del_13q", P, 0.75)],
        "del(13q) in 75 % of plasma cells, t(4;14) inferred from RNA",
    ),
    "a small clone is not called present": (
        [event("del_17p", B, 0.08)],
        "Below the cut-off: del(17p) in 8 % of plasma cells (cut-off 20 %, EMN 2012)",
    ),
    "conflicts are named last": (
        [event("t_4_14", C), event("del_13q", P)],
        "del(13q); evidence disagrees on: t(4;14)",
    ),
    "an attribute is shown where nothing else is": (
        [event("fgfr3_lost", P)],
        "FGFR3 lost from the derivative 14",
    ),
    "a therapy target counts as found": ([event("crbn_altered", P, 0.3, "reads"), event("t_4_14", A)], "CRBN"),
    "nothing found": ([event("t_4_14", A)], "No abnormality found among what was tested"),
    "nothing could be told": ([event("t_4_14", N)], "Nothing could be told from what was tested"),
    "nothing was tested": ([event("t_4_14", State.NOT_TESTED)], "Nothing was tested"),
    "no rows at all": ([], "Nothing was tested"),
}


@pytest.mark.parametrize("case", FOUND)
def test_the_headline_says_what_was_found(case):
    events, expected = FOUND[case]
    said = headline(events).found.replace("\u00a0", " ")
    assert said == expected or (case.startswith("a therapy") and said.startswith(expected))


BASES = {
    "one share says its own basis": ([event("t_4_14", P, 0.6)], ""),
    "shares of the same cells have it beside": (
        [event("t_4_14", P, 0.6), event("del_13q", P, 0.5)],
        "of plasma cells",
    ),
    "no share at all": ([event("t_4_14", P), event("del_13q", P)], "not given"),
    "RNA gives no share to ask for": ([event("t_4_14", P, tier=Tier.INFERRED)], ""),
    "what follows from others has no share of its own": ([event("hyperdiploid", P), event("trisomy_3", P, 0.5)], ""),
    "nothing was found": ([event("t_4_14", A)], ""),
}


@pytest.mark.parametrize("case", BASES)
def test_it_is_always_said_which_cells_the_shares_count(case):
    events, expected = BASES[case]
    said = headline(events).basis
    assert said.startswith(expected)
    assert bool(said) == bool(expected)


def test_asked_after_events_are_excluded_unclear_or_untested_and_never_two_of_them():
    said = headline([event("t_4_14", A), event("del_17p", N), event("t_11_14", P), event("gain_1q21", B)])
    assert said.excluded == ("t(4;14)",)
    assert said.unclear == (("del_17p", "del(17p)", "what was given leaves it open"),)
    assert said.untested == ("t(14;16)", "t(14;20)", "del(1p32)", "TP53 mutation")


WHY = {
    "only RNA": (event("del_17p", N, tier=Tier.INFERRED, limit=0.4), "only RNA spoke of it"),
    "too large a limit": (event("del_17p", N, limit=0.4), "a clone smaller than 40 % could not be seen"),
    "a flag": (event("del_17p", N, flags=["coverage_unknown"]), "so nothing is excluded"),
    "nothing said": (event("del_17p", N), "what was given leaves it open"),
}


@pytest.mark.parametrize("case", WHY)
def test_every_event_that_cannot_be_told_says_why(case):
    row, expected = WHY[case]
    ((_, _, why),) = headline([row]).unclear
    assert why.replace("\u00a0", " ").endswith(expected)


def test_the_cut_off_that_a_clone_lies_below_is_that_of_the_profile():
    said = headline([event("del_17p", B, 0.3)], profile="ccf55").found.replace("\u00a0", " ")
    assert said.endswith("(cut-off 55 %, Thakurta 2019)")


@pytest.mark.parametrize("name", catalogue())
@pytest.mark.parametrize("state", [P, B, C])
def test_no_event_that_was_seen_is_passed_over_as_no_abnormality(name, state):
    assert (
        "o abnormality" not in headline([event(name, state), event("t_4_14", A)][: 1 if name == "t_4_14" else 2]).found
    )


@pytest.mark.parametrize("name", [name for name in catalogue() if name.startswith("t_")])
def test_an_unseen_event_is_never_in_the_line(name):
    for state in (A, N, State.NOT_TESTED):
        assert "t(" not in headline([event(name, state)]).found


def observed(name, share, basis, **more):
    row = event(name, P, share, basis) | {"evidence_id": "a", "n_scored": None}
    return row | more


BY_CELLS = {
    "FISH knows the cells": (
        [observed("t_4_14", 0.88, "sorted_pc", n_scored=200), observed("t_4_14", 0.5, "sorted_pc", n_scored=20)],
        "t(4;14) in 88 % of plasma cells",
    ),
    "nobody knows the cells": ([observed("t_4_14", 0.3, "reads")], "t(4;14)"),
    "a negative has no share to lend": ([observed("t_4_14", 0.02, "sorted_pc", state=A)], "t(4;14)"),
    "RNA has no share to lend": ([observed("t_4_14", 0.9, "sorted_pc", tier=Tier.INFERRED)], "t(4;14)"),
}


@pytest.mark.parametrize("case", BY_CELLS)
def test_a_share_of_reads_gives_way_to_one_of_cells_or_is_not_said(case):
    evidence, expected = BY_CELLS[case]
    rows = [event("t_4_14", P, basis="reads", low=0.258, high=1.0)]
    assert headline(rows, evidence=evidence).found.replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ((Failure("a.seg", "x", 0, is_shared=False),), "Nothing could be told: supplied, but could not be read: a.seg"),
        ((Failure("a.seg", "x", 0, is_shared=True),), "Nothing was tested by what could be read"),
    ],
)
def test_a_sample_of_which_a_file_failed_was_not_left_untested(failed, expected):
    assert headline([event("t_4_14", State.NOT_TESTED)], failed=failed).found == expected
    assert headline([event("t_4_14", P)], failed=failed).found == "t(4;14)"
