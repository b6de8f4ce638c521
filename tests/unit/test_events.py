import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.events import (
    Cutoff,
    State,
    binomial_interval,
    catalogue,
    cutoff,
    cutoff_profiles,
    negative_limit,
    state_at_cutoff,
)

SHARES = st.none() | st.floats(0, 1)


def at(reported, cut=0.2, *, inclusive=True, fraction=None, low=None, high=None, limit=None):
    def array(value):
        return np.array([np.nan if value is None else value], dtype=float)

    return state_at_cutoff(
        np.array([reported], dtype=object),
        fraction=array(fraction),
        low=array(low),
        high=array(high),
        limit=array(limit),
        cut=array(cut),
        inclusive=np.array([inclusive]),
    )[0]


CALLS = [
    # 0.3 of the risk specification: event cut-off, share, state
    ("1q gain in 19.9 % is below the cut-off", dict(cut=0.2, fraction=0.199), State.SUBTHRESHOLD),
    ("1q gain in 20 % is present", dict(cut=0.2, fraction=0.2), State.PRESENT),
    ("del(17p) in 15 % is below the cut-off", dict(cut=0.2, fraction=0.15), State.SUBTHRESHOLD),
    ("t(4;14) in 9 % is below the cut-off", dict(cut=0.1, fraction=0.09), State.SUBTHRESHOLD),
    ("t(4;14) in 10 % is present", dict(cut=0.1, fraction=0.10), State.PRESENT),
    (
        "a strict cut-off leaves out the cut-off itself",
        dict(cut=0.2, fraction=0.2, inclusive=False),
        State.SUBTHRESHOLD,
    ),
    ("a laboratory's call without a share stands", {}, State.PRESENT),
    ("a range below the cut-off is below it", dict(low=0.12, high=0.18), State.SUBTHRESHOLD),
    ("a range above the cut-off is above it", dict(low=0.25, high=0.4), State.PRESENT),
    ("a range that spans the cut-off decides nothing", dict(low=0.12, high=0.25), State.NOT_EVALUABLE),
    ("an upper bound above the cut-off decides nothing", dict(low=0.0, high=0.5), State.NOT_EVALUABLE),
    ("an upper bound without a lower one decides nothing", dict(high=0.5), State.NOT_EVALUABLE),
    ("an upper bound below the cut-off is below it", dict(high=0.1), State.SUBTHRESHOLD),
]


@pytest.mark.parametrize(("name", "given_", "expected"), CALLS, ids=[name for name, *_ in CALLS])
def test_seen_cells_and_the_cutoff(name, given_, expected):
    assert at(State.PRESENT, **given_) == expected


NEGATIVES = [
    ("none of 200 cells is absent", dict(fraction=0.0, limit=negative_limit(200)), State.ABSENT),
    ("none of 20 cells is absent at 20 %", dict(fraction=0.0, limit=negative_limit(20)), State.ABSENT),
    (
        "none of 20 cells decides nothing at 10 %",
        dict(cut=0.1, fraction=0.0, limit=negative_limit(20)),
        State.NOT_EVALUABLE,
    ),
    ("a laboratory's negative stands", {}, State.ABSENT),
    ("a negative with a limit above the cut-off decides nothing", dict(limit=0.3), State.NOT_EVALUABLE),
]


@pytest.mark.parametrize(("name", "given_", "expected"), NEGATIVES, ids=[name for name, *_ in NEGATIVES])
def test_no_abnormal_cell_and_the_cutoff(name, given_, expected):
    assert at(State.ABSENT, **given_) == expected


def test_an_unselected_negative_stays_undecided_whatever_the_cutoff():
    assert at(State.NOT_EVALUABLE, cut=0.01) == State.NOT_EVALUABLE
    assert at(State.NOT_EVALUABLE, low=0.3) == State.PRESENT
    assert at(State.NOT_EVALUABLE, fraction=0.1, limit=0.5) == State.NOT_EVALUABLE


def test_another_cutoff_can_decide_what_the_default_could_not():
    assert at(State.NOT_EVALUABLE, cut=0.55, fraction=0.0, limit=0.3) == State.ABSENT
    assert at(State.PRESENT, cut=0.55, fraction=0.4) == State.SUBTHRESHOLD
    assert at(State.SUBTHRESHOLD, cut=0.1, fraction=0.15) == State.PRESENT


@given(
    reported=st.sampled_from(list(State)),
    fraction=SHARES,
    low=SHARES,
    high=SHARES,
    limit=SHARES,
    cuts=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)),
    inclusive=st.booleans(),
)
def test_a_higher_cutoff_never_makes_an_event_present(reported, fraction, low, high, limit, cuts, inclusive):
    given_ = dict(fraction=fraction, low=low, high=high, limit=limit, inclusive=inclusive)
    lenient, strict = (at(reported, cut, **given_) for cut in sorted(cuts))
    assert not (strict == State.PRESENT and lenient not in (State.PRESENT, State.NOT_EVALUABLE))
    if lenient == State.ABSENT:
        assert strict == State.ABSENT


@given(
    reported=st.sampled_from([State.NOT_TESTED, State.NOT_EVALUABLE, State.CONFLICT]),
    limit=SHARES,
    cut=st.floats(0.01, 0.99),
)
def test_what_was_not_looked_at_is_never_absent(reported, limit, cut):
    assert at(reported, cut, limit=limit) == reported


@given(reported=st.sampled_from(list(State)), cut=st.floats(0.01, 0.99), limit=st.floats(0, 1))
def test_absent_needs_a_limit_at_or_below_the_cutoff(reported, cut, limit):
    if at(reported, cut, fraction=0.0, limit=limit) == State.ABSENT:
        assert limit <= cut


def test_limits_of_negative_counts_are_those_of_the_binomial_law():
    assert negative_limit(20) == pytest.approx(0.139, abs=5e-4)
    assert negative_limit(200) == pytest.approx(0.0149, abs=5e-5)


@given(scored=st.integers(1, 500), data=st.data())
def test_binomial_intervals_hold_the_observed_share(scored, data):
    abnormal = data.draw(st.integers(0, scored))
    low, high = binomial_interval(abnormal, scored)
    assert 0 <= low <= abnormal / scored <= high <= 1


def test_binomial_interval_agrees_with_statsmodels():
    from statsmodels.stats.proportion import proportion_confint

    assert binomial_interval(17, 200) == pytest.approx(proportion_confint(17, 200, method="beta"))


def test_a_profile_says_only_what_differs():
    assert cutoff("del_17p", "ims2025") == Cutoff(0.2, inclusive=False)
    assert cutoff("t_4_14", "ims2025") == cutoff("t_4_14", "emn2012") == Cutoff(0.1, inclusive=True)
    assert cutoff("gain_1q21") == Cutoff(0.2, inclusive=True)
    with pytest.raises(ValueError, match="known: emn2012"):
        cutoff("del_17p", "emn")


def test_every_event_has_a_cutoff_in_every_profile():
    for event in catalogue():
        for profile in cutoff_profiles():
            assert 0 < cutoff(event, profile).fraction < 1
