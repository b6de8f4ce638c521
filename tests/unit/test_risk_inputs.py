"""What events and laboratory values say of an input: cut-offs, units, bounds, and nothing that is not known."""

import math
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.contracts import EVENTS
from mmrisk.events import catalogue
from mmrisk.risk import criteria
from mmrisk.risk.engine import NO, UNKNOWN, YES, System, evaluate, outcome
from mmrisk.risk.inputs import AboveUln, Category, CopiesLost, Hyperdiploid, Lab, Present, Stated
from mmrisk.risk.monoclonal import read_immunofixation, with_derived
from mmrisk.risk.patients import Patients
from mmrisk.risk.systems import SYSTEMS


def events(**rows: dict[str, Any]) -> pd.DataFrame:
    """Events of one patient: event name -> columns of the events table."""
    records = [{"sample_id": "S", "event": name, "tier": "measured", **columns} for name, columns in rows.items()]
    return pd.DataFrame(records, dtype=object).reindex(columns=EVENTS.names)


def share(value: float, **more: Any) -> dict[str, Any]:
    return {"state": "present", "fraction": value, **more}


PRESENT, ABSENT = {"state": "present"}, {"state": "absent"}


def patient(
    frame: pd.DataFrame | None = None,
    *,
    stated: dict[str, str] | None = None,
    profile: str = "emn2012",
    allow_inferred: bool = False,
    **labs: float | tuple[float, float],
) -> Patients:
    """One patient; a lab is a number or (low, high)."""
    bounds = {name: value if isinstance(value, tuple) else (value, value) for name, value in labs.items()}
    return Patients(
        ["S"],
        events() if frame is None else frame,
        {name: np.array([float(low)]) for name, (low, _) in bounds.items()},
        {name: np.array([float(high)]) for name, (_, high) in bounds.items()},
        {name: np.array([word], dtype=object) for name, word in (stated or {}).items()},
        profile,
        allow_inferred,
    )


def mask_of(domain: Any, who: Patients) -> int:
    return int(domain.known(who).masks[0])


def flags_of(domain: Any, who: Patients) -> set[str]:
    return {name for name, where in domain.known(who).flags if where[0]}


# Calls at the cut-off, as the specification lists them


@pytest.mark.parametrize(
    ("event", "fraction", "expected"),
    [
        ("gain_1q21", 0.199, NO),
        ("gain_1q21", 0.20, YES),
        ("amp_1q21", 0.25, YES),
        ("amp_1q21", 0.12, NO),
        ("del_17p", 0.15, NO),
        ("del_17p", 0.60, YES),
        ("t_4_14", 0.09, NO),
        ("t_4_14", 0.10, YES),
        ("del_1p32", 0.65, YES),
    ],
)
def test_a_share_of_cells_counts_from_the_cutoff_on(event: str, fraction: float, expected: int) -> None:
    assert mask_of(Present(event), patient(events(**{event: share(fraction)}))) == expected


def test_a_share_below_the_cutoff_is_negative_with_a_flag() -> None:
    who = patient(events(amp_1q21=share(0.12), gain_1q21=share(0.42)))
    assert mask_of(Present("gain_1q21"), who) == YES
    assert mask_of(Present("amp_1q21"), who) == NO
    assert "amp_1q21:subthreshold" in flags_of(Present("amp_1q21"), who)


@pytest.mark.parametrize(
    ("single", "both", "copies_lost"),
    [
        (share(0.65), share(0.25), {2}),
        (share(0.70), share(0.05), {1}),
        (ABSENT, ABSENT, {0}),
        (PRESENT, {}, {1, 2}),
        (ABSENT, PRESENT, {2}),
        ({"state": "not_tested"}, PRESENT, {2}),
        ({"state": "not_tested"}, ABSENT, {0, 1}),
        ({"state": "not_tested"}, {}, {0, 1, 2}),
    ],
)
def test_copies_lost_at_1p32(single: dict[str, Any], both: dict[str, Any], copies_lost: set[int]) -> None:
    frame = events(del_1p32=single, biallelic_del_1p32={"state": "not_tested", **both})
    mask = mask_of(CopiesLost("del_1p32", "biallelic_del_1p32"), patient(frame))
    assert {copies for copies in (0, 1, 2) if mask >> copies & 1} == copies_lost


def test_the_2025_consensus_takes_del_17p_above_20_percent_and_flags_what_lies_near() -> None:
    domain = Present("del_17p", profile="ims2025")
    cases = {0.194: (NO, False), 0.195: (NO, True), 0.20: (NO, True), 0.2001: (YES, True), 0.206: (YES, False)}
    for fraction, (expected, near) in cases.items():
        who = patient(events(del_17p=share(fraction)))
        assert mask_of(domain, who) == expected
        assert ("del_17p:near_cutoff" in flags_of(domain, who)) == near


def test_a_del_17p_in_55_percent_of_cells_is_flagged_and_other_events_are_not() -> None:
    for fraction, large in ((0.60, True), (0.55, True), (0.549, False)):
        who = patient(events(del_17p=share(fraction), gain_1q21=share(fraction)))
        assert ("del_17p:large_clone" in flags_of(Present("del_17p"), who)) == large
        assert "gain_1q21:large_clone" not in flags_of(Present("gain_1q21"), who)


def test_the_cutoff_profile_of_the_user_holds_where_a_system_has_none_of_its_own() -> None:
    frame = events(del_17p=share(0.4))
    assert mask_of(Present("del_17p"), patient(frame, profile="ccf55")) == NO
    assert mask_of(Present("del_17p", profile="ims2025"), patient(frame, profile="ccf55")) == YES


@pytest.mark.parametrize("state", ["not_tested", "not_evaluable", "conflict"])
def test_what_was_not_seen_either_way_is_unknown(state: str) -> None:
    assert mask_of(Present("del_17p"), patient(events(del_17p={"state": state}))) == UNKNOWN


def test_a_negative_with_a_limit_above_the_cutoff_is_unknown_and_below_it_is_negative() -> None:
    for limit, expected in ((0.3, UNKNOWN), (0.2, NO), (0.05, NO)):
        frame = events(del_17p={"state": "absent", "fraction": 0.0, "detection_limit": limit})
        assert mask_of(Present("del_17p"), patient(frame)) == expected


def test_a_presence_without_a_share_stands_on_the_laboratory_s_own_cutoff_and_says_so() -> None:
    who = patient(events(del_17p=PRESENT))
    assert mask_of(Present("del_17p"), who) == YES
    assert "del_17p:laboratory_cutoff" in flags_of(Present("del_17p"), who)


def test_an_event_inferred_from_rna_decides_only_where_it_is_allowed_to() -> None:
    frame = events(t_4_14={"state": "present", "tier": "inferred"})
    assert mask_of(Present("t_4_14"), patient(frame)) == UNKNOWN
    known = Present("t_4_14").known(patient(frame, allow_inferred=True))
    assert known.masks[0] == YES
    assert np.all(known.inferred)
    assert not np.any(Present("t_4_14").known(patient(frame)).inferred)


def test_only_an_inferred_event_that_says_something_makes_a_label_inferred() -> None:
    for state, tier, inferred in (
        ("present", "measured", False),
        ("absent", "inferred", True),
        ("not_evaluable", "inferred", False),
    ):
        who = patient(events(del_1p32={"state": state, "tier": tier}), allow_inferred=True)
        for domain in (Present("del_1p32"), CopiesLost("del_1p32", "biallelic_del_1p32")):
            assert bool(np.any(domain.known(who).inferred)) == inferred


def test_an_amplification_is_a_gain_and_without_a_gain_there_is_none() -> None:
    amplified = patient(events(amp_1q21=PRESENT, gain_1q21={"state": "not_tested"}))
    assert mask_of(Present("gain_1q21"), amplified) == YES
    assert mask_of(Present("amp_1q21"), patient(events(gain_1q21=ABSENT))) == NO
    assert mask_of(Present("amp_1q21"), patient(events(gain_1q21=PRESENT))) == UNKNOWN
    assert mask_of(Present("gain_1q21"), patient(events(amp_1q21=ABSENT))) == UNKNOWN


def trisomies(gained: int, tested: int) -> pd.DataFrame:
    names = [f"trisomy_{name}" for name in (3, 5, 7, 9, 11, 15, 19, 21)]
    return events(**{name: PRESENT if n < gained else ABSENT for n, name in enumerate(names) if n < tested})


@pytest.mark.parametrize(
    ("gained", "tested", "expected"),
    [(0, 8, NO), (1, 8, NO), (2, 8, YES), (8, 8, YES), (0, 7, NO), (1, 7, UNKNOWN), (0, 6, UNKNOWN), (2, 3, YES)],
)
def test_hyperdiploidy_follows_from_the_odd_chromosomes_that_were_tested(
    gained: int, tested: int, expected: int
) -> None:
    assert mask_of(Hyperdiploid(), patient(trisomies(gained, tested))) == expected


def test_the_event_of_hyperdiploidy_outranks_the_count_and_exactly_two_gains_are_flagged() -> None:
    frame = pd.concat([trisomies(2, 8), events(hyperdiploid=ABSENT)])
    assert mask_of(Hyperdiploid(), patient(frame)) == NO
    assert "hyperdiploid:exactly_2_gains" in flags_of(Hyperdiploid(), patient(trisomies(2, 8)))
    assert "hyperdiploid:exactly_2_gains" not in flags_of(Hyperdiploid(), patient(trisomies(3, 8)))
    assert "hyperdiploid:exactly_2_gains" not in flags_of(Hyperdiploid(), patient(trisomies(2, 3)))


# Nothing that is missing is ever negative


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_a_patient_of_whom_nothing_is_known_keeps_every_label_possible(name: str) -> None:
    asked = SYSTEMS[name]
    who = with_derived(patient())
    known = [leaf.domain.known(who).masks[0] for leaf in asked.leaves]
    for leaf, mask in zip(asked.leaves, known, strict=True):
        assumed = isinstance(leaf.domain, Stated) and leaf.domain.unless_stated != UNKNOWN
        assert assumed or mask == (1 << len(leaf.domain.values)) - 1, leaf.name
    possible = set(outcome(asked, tuple(int(mask) for mask in known)).possible)
    assert possible == set(asked.labels) - {"REVIEW_AMYLOID"}


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_every_event_of_unknown_state_leaves_what_it_left_without_the_row(name: str) -> None:
    asked = SYSTEMS[name]
    for state in ("not_tested", "not_evaluable", "conflict"):
        rows = events(**{event: {"state": state, "fraction": math.nan} for event in catalogue()})
        without, with_rows = with_derived(patient()), with_derived(patient(rows))
        for leaf in asked.leaves:
            assert (leaf.domain.known(without).masks == leaf.domain.known(with_rows).masks).all()


def test_only_amyloid_and_the_cause_of_the_damage_are_taken_as_stated_when_nothing_is_said() -> None:
    taken = {
        leaf.name
        for asked in SYSTEMS.values()
        for leaf in asked.leaves
        if isinstance(leaf.domain, Stated) and leaf.domain.unless_stated != UNKNOWN
    }
    assert taken == {"amyloid", "attributable"}


# Laboratory values against brute force on a dense grid

GRIDS = {
    "b2m_mg_l": [0.5, 3.4, 3.49, 3.5, 3.51, 5.4, 5.49, 5.5, 5.51, 20],
    "albumin_g_dl": [2.0, 3.4, 3.49, 3.5, 3.51, 5.0],
    "albumin_g_l": [20, 34, 34.9, 35, 35.1, 50],
    "creatinine_mg_dl": [0.5, 1.19, 1.2, 1.21, 3],
    "creatinine_umol_l": [50, 105, 105.9, 106, 107, 300],
    "ldh_u_l": [100, 249, 250, 251, 900],
    "serum_m_g_dl": [0, 1.49, 1.5, 1.51, 2, 2.01, 2.99, 3, 3.01],
    "serum_m_g_l": [0, 14.9, 15, 15.1, 20, 20.1, 29.9, 30, 30.1],
    "bmpc_pct": [0, 9.9, 10, 15, 15.1, 20, 20.1, 30, 30.1, 40, 40.1, 59.9, 60, 100],
    "flc_ratio_involved": [0.5, 8, 10, 10.1, 20, 20.1, 25, 25.1, 40, 40.1, 100],
    "age_years": [54, 54.9, 55, 70, 70.1, 71],
    "ecog": [0, 1, 2, 3],
}


def interval_of(values: list[float], kind: str, number: int, other: int) -> tuple[float, float]:
    value = values[number]
    if kind == "below":
        return 0.0, float(np.nextafter(value, -np.inf))
    if kind == "at_most":
        return 0.0, value
    if kind == "above":
        return float(np.nextafter(value, np.inf)), math.inf
    if kind == "at_least":
        return value, math.inf
    return value, values[max(number, other)] if kind == "between" else value


@st.composite
def laboratory(draw: st.DrawFn, columns: list[str]) -> tuple[str, tuple[float, float], list[float]]:
    """A column, an interval, and the values of the grid (and just beside each) that lie inside it."""
    column = draw(st.sampled_from(columns))
    values = GRIDS[column]
    index = st.integers(0, len(values) - 1)
    kind = draw(st.sampled_from(["exact", "exact", "below", "at_most", "above", "at_least", "between"]))
    low, high = interval_of([float(value) for value in values], kind, draw(index), draw(index))
    beside = {float(np.nextafter(value, side)) for value in values for side in (-np.inf, np.inf)}
    inside = [value for value in sorted({*map(float, values), *beside}) if low <= value <= high and value >= 0]
    return column, (low, high), inside


def as_rule_sees_it(column: str, value: float) -> float:
    """A value of another unit in the unit of the rule; creatinine by side of its rounded threshold."""
    if column == "creatinine_umol_l":
        return 1.0 if value < 106 else 1.3
    if not column.endswith("_g_l"):
        return value
    nearest = min((15, 20, 30, 35), key=lambda threshold: abs(value - threshold))
    if 0 < abs(value - nearest) < 1e-6:  # a number just beside a threshold must stay on its side
        return math.nextafter(nearest / 10, math.copysign(math.inf, value - nearest))
    return value / 10


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["ISS", "R-ISS", "R2-ISS", "IMS-2025", "IMS-2025-FISH", "MASS-3", "RW-ISS", "Mayo-20-2-20", "IMWG-SMM"]
    ),
    st.data(),
)
def test_laboratory_intervals_in_either_unit_leave_what_trying_their_values_leaves(
    name: str, data: st.DataObject
) -> None:
    asked = SYSTEMS[name]
    known: dict[str, tuple[float, float]] = {}
    tried: list[list[Any]] = []
    for leaf in asked.leaves:
        if not isinstance(leaf.domain, Lab):
            tried.append([data.draw(st.sampled_from(leaf.domain.values))])
            continue
        columns = [column for column in leaf.domain.columns if column in GRIDS]
        column, bounds, inside = data.draw(laboratory(columns))
        known[column] = bounds
        tried.append([as_rule_sees_it(column, value) for value in inside])
    who = patient(**known)
    masks = [
        mask_of(leaf.domain, who) if isinstance(leaf.domain, Lab) else 1 << leaf.domain.values.index(values[0])
        for leaf, values in zip(asked.leaves, tried, strict=True)
    ]
    assert set(outcome(asked, tuple(masks)).possible) == tried_labels(asked, tried)


def tried_labels(asked: System, tried: list[list[Any]]) -> set[str]:
    """Labels over all combinations of the values."""
    return {_label(asked, combination) for combination in product(*tried)}


def _label(asked: System, values: tuple[Any, ...]) -> str:
    said, at = [], 0
    for item in asked.inputs:
        part = values[at : at + len(item.leaves)]
        at += len(part)
        said.append(part[0] if item.leaves == (item,) else item.domain.verdict(*part).label)
    return str(asked.verdict(*said).label)


@pytest.mark.parametrize(
    ("value", "limit", "said", "expected"),
    [
        (250, 250, "", NO),
        (250.1, 250, "", YES),
        (250, math.nan, "", UNKNOWN),
        (math.nan, 250, "", UNKNOWN),
        (math.nan, math.nan, "yes", YES),
        (math.nan, math.nan, "no", NO),
        ((251, math.inf), 250, "", YES),
        ((0, 249), 250, "", NO),
        ((200, 300), 250, "", UNKNOWN),
    ],
)
def test_ldh_needs_the_laboratory_s_own_limit_or_its_flag(value: Any, limit: float, said: str, expected: int) -> None:
    who = patient(ldh_u_l=value, ldh_uln_u_l=limit, stated={"ldh_above_uln": said})
    assert mask_of(AboveUln("ldh", ("u_l", "ukat_l")), who) == expected


def test_a_word_that_a_category_does_not_know_leaves_it_open() -> None:
    domain = Category(
        "heavy_chain",
        (("none", ("none",)), ("IgM", ("IgM",)), ("other", ("IgG", "IgA", "biclonal")), ("other2", ("biclonal",))),
    )
    masks = [mask_of(domain, patient(stated={"heavy_chain": word})) for word in ("none", "IgM", "IgG", "biclonal", "")]
    assert masks == [0b0001, 0b0010, 0b0100, 0b1100, 0b1111]


# The criteria of the IMWG definition


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ({"calcium_mg_dl": 11.0, "calcium_uln_mg_dl": 10.5}, NO),
        ({"calcium_mg_dl": 11.01, "calcium_uln_mg_dl": 10.5}, YES),
        ({"calcium_mg_dl": 11.2, "calcium_uln_mg_dl": 10.2}, YES),
        ({"calcium_mg_dl": 10.9, "calcium_uln_mg_dl": 9.9}, NO),
        ({"calcium_mg_dl": 10.95, "calcium_uln_mg_dl": 9.9}, YES),
        ({"calcium_mmol_l": 2.75, "calcium_uln_mmol_l": 2.6}, NO),
        ({"calcium_mmol_l": 2.76, "calcium_uln_mmol_l": 2.6}, YES),
        ({"calcium_mmol_l": 2.70, "calcium_uln_mmol_l": 2.45}, NO),
        ({"calcium_mmol_l": 2.71, "calcium_uln_mmol_l": 2.45}, YES),
        ({"calcium_mg_dl": 9.5}, NO),
        ({"calcium_mg_dl": 10.8}, UNKNOWN),
        ({"calcium_mg_dl": 11.5}, YES),
        ({"calcium_mg_dl": (11.2, math.inf)}, YES),
        ({"calcium_uln_mg_dl": 10.5}, UNKNOWN),
    ],
)
def test_hypercalcaemia(labs: dict[str, Any], expected: int) -> None:
    assert criteria.hypercalcaemia(patient(**labs)).masks[0] == expected


@pytest.mark.parametrize(
    ("labs", "stated", "expected"),
    [
        ({"creatinine_mg_dl": 2.0, "crcl_ml_min": 40}, {}, NO),
        ({"creatinine_mg_dl": 2.01, "crcl_ml_min": 45}, {}, YES),
        ({"creatinine_mg_dl": 1.8, "crcl_ml_min": 39.9}, {}, YES),
        ({"creatinine_umol_l": 177, "crcl_ml_min": 40}, {}, NO),
        ({"creatinine_umol_l": 177.5, "crcl_ml_min": 40}, {}, YES),
        ({"crcl_ml_min": 39}, {}, YES),
        ({"crcl_ml_min": 60}, {}, UNKNOWN),
        ({"creatinine_mg_dl": 1.0}, {}, NO),
        ({"creatinine_mg_dl": 1.9}, {}, UNKNOWN),
        ({"creatinine_mg_dl": 1.9, "age_years": 80}, {"sex": "female"}, YES),
        ({"creatinine_mg_dl": 1.9, "age_years": 40}, {"sex": "male"}, NO),
        ({"creatinine_mg_dl": 3.0}, {}, YES),
        ({}, {}, UNKNOWN),
    ],
)
def test_renal_failure(labs: dict[str, Any], stated: dict[str, str], expected: int) -> None:
    assert criteria.renal_failure(patient(stated=stated, **labs)).masks[0] == expected


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "expected"),
    [
        (1.0, 50, "male", 91.7),
        (1.0, 50, "female", 68.6),
        (0.6, 30, "female", 123.9),
        (2.5, 70, "male", 27.0),
        (0.7, 50, "male", 112.3),
    ],
)
def test_the_estimated_filtration_rate_is_that_of_ckd_epi_2021(
    creatinine: float, age: float, sex: str, expected: float
) -> None:
    low, high = criteria.estimated_filtration(patient(creatinine_mg_dl=creatinine, age_years=age, stated={"sex": sex}))
    assert low[0] == high[0] == pytest.approx(expected, abs=0.15)


def test_the_estimate_is_the_same_in_either_unit() -> None:
    mg = criteria.estimated_filtration(patient(creatinine_mg_dl=1.5, age_years=60, stated={"sex": "male"}))
    umol = criteria.estimated_filtration(patient(creatinine_umol_l=132.63, age_years=60, stated={"sex": "male"}))
    assert umol[0][0] == pytest.approx(mg[0][0], rel=1e-3)


def test_the_estimate_spans_all_adults_where_age_and_sex_are_not_known() -> None:
    low, high = criteria.estimated_filtration(patient(creatinine_mg_dl=1.2))
    for age in (18, 60, 110):
        for sex in ("female", "male"):
            one = criteria.estimated_filtration(patient(creatinine_mg_dl=1.2, age_years=age, stated={"sex": sex}))
            assert low[0] <= one[0][0] <= one[1][0] <= high[0]


def test_an_estimate_that_decided_is_flagged() -> None:
    def flagged(**labs: float) -> bool:
        return bool(criteria.renal_failure(patient(**labs)).flags[0][1][0])

    assert flagged(creatinine_mg_dl=1.0)
    assert not flagged(creatinine_mg_dl=1.0, crcl_ml_min=90)
    assert not flagged(creatinine_mg_dl=3.0)
    assert not flagged(creatinine_mg_dl=1.9)


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ({"hb_g_dl": 10.0, "hb_lln_g_dl": 12}, NO),
        ({"hb_g_dl": 9.9, "hb_lln_g_dl": 11.5}, YES),
        ({"hb_g_dl": 11.0, "hb_lln_g_dl": 13.5}, YES),
        ({"hb_g_dl": 11.5, "hb_lln_g_dl": 13.5}, NO),
        ({"hb_g_l": 100, "hb_lln_g_l": 120}, NO),
        ({"hb_g_l": 99, "hb_lln_g_l": 115}, YES),
        ({"hb_g_l": 110, "hb_lln_g_l": 135}, YES),
        ({"hb_g_l": 115, "hb_lln_g_l": 135}, NO),
        ({"hb_g_l": 114.9, "hb_lln_g_l": 135}, YES),
        ({"hb_g_dl": 9.0}, YES),
        ({"hb_g_dl": 11.0}, UNKNOWN),
        ({"hb_g_dl": 13.0}, NO),
        ({}, UNKNOWN),
    ],
)
def test_anaemia(labs: dict[str, Any], expected: int) -> None:
    assert criteria.anaemia(patient(**labs)).masks[0] == expected


# Free light chains, oriented by the clone


@pytest.mark.parametrize(
    ("kappa", "lambda_", "chain", "ratio", "involved"),
    [
        (100, 5, "kappa", 20, 100),
        (5, 100, "lambda", 20, 100),
        (100, 5, "", 20, 100),
        (5, 100, "", 20, 100),
        (5, 100, "kappa", 0.05, 5),
        (2.1, 0.105, "kappa", 20, 2.1),
    ],
)
def test_the_ratio_is_oriented_by_the_chain_of_the_clone(
    kappa: float, lambda_: float, chain: str, ratio: float, involved: float
) -> None:
    who = with_derived(patient(flc_kappa_mg_l=kappa, flc_lambda_mg_l=lambda_, stated={"light_chain": chain}))
    assert [bound[0] for bound in who.interval("flc_ratio_involved")] == [ratio, ratio]
    assert [bound[0] for bound in who.interval("flc_involved_mg_l")] == [involved, involved]


def test_a_normal_ratio_points_to_no_chain_and_stays_an_interval() -> None:
    who = with_derived(patient(flc_kappa_mg_l=20, flc_lambda_mg_l=15))
    low, high = who.interval("flc_ratio_involved")
    assert (low[0], high[0]) == (0.75, pytest.approx(4 / 3))
    low, high = who.interval("flc_ratio_kappa_lambda")
    assert low[0] == high[0] == pytest.approx(4 / 3)


def test_one_chain_alone_says_nothing_of_the_clone() -> None:
    who = with_derived(patient(flc_kappa_mg_l=200))
    assert np.isnan(who.interval("flc_involved_mg_l")[0][0])
    assert np.isnan(who.interval("flc_ratio_involved")[0][0])


@pytest.mark.parametrize(
    ("chain", "expected"), [("kappa", YES), ("lambda", NO), ("", UNKNOWN)], ids=["kappa", "lambda", "open"]
)
def test_the_chain_of_an_involved_value_is_judged_by_its_own_limit(chain: str, expected: int) -> None:
    who = patient(flc_involved_mg_l=20, flc_uninvolved_mg_l=2, stated={"light_chain": chain})
    assert criteria.light_chain_clone(with_derived(who)).masks[0] == expected


def test_a_stated_ratio_comes_before_a_calculated_one_and_an_inverse_is_exact() -> None:
    stated = with_derived(patient(flc_ratio_involved=99, flc_kappa_mg_l=10, flc_lambda_mg_l=10))
    assert stated.interval("flc_ratio_involved")[0][0] == 99
    inverse = with_derived(patient(flc_ratio_kappa_lambda=0.05))
    assert inverse.interval("flc_ratio_involved")[0][0] == 20.0


def test_a_censored_light_chain_bounds_the_ratio() -> None:
    below = float(np.nextafter(1, 0))
    who = with_derived(patient(flc_kappa_mg_l=500, flc_lambda_mg_l=(0, below)))
    assert criteria.light_chain_event(who).masks[0] == YES
    who = with_derived(patient(flc_kappa_mg_l=50, flc_lambda_mg_l=(0, below), stated={"light_chain": "kappa"}))
    assert criteria.light_chain_event(who).masks[0] == NO


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ({"flc_kappa_mg_l": 80, "flc_lambda_mg_l": 10}, YES),
        ({"flc_kappa_mg_l": 19.4, "flc_lambda_mg_l": 5}, NO),
        ({"flc_kappa_mg_l": 19.5, "flc_lambda_mg_l": 5}, YES),
        ({"flc_kappa_mg_l": 5, "flc_lambda_mg_l": 26.3}, NO),
        ({"flc_kappa_mg_l": 5, "flc_lambda_mg_l": 26.4}, YES),
        ({"flc_kappa_mg_l": 40, "flc_lambda_mg_l": 30}, NO),
        ({"flc_kappa_mg_l": 7.8, "flc_lambda_mg_l": 30}, NO),
        ({"flc_kappa_mg_l": 7.79, "flc_lambda_mg_l": 30}, YES),
        ({"flc_involved_mg_l": 80, "flc_uninvolved_mg_l": 10}, YES),
        ({"flc_ratio_kappa_lambda": 5}, UNKNOWN),
        ({"flc_ratio_kappa_lambda": 1}, NO),
        ({}, UNKNOWN),
    ],
)
def test_a_light_chain_clone_needs_an_abnormal_ratio_and_the_raised_chain(
    labs: dict[str, float], expected: int
) -> None:
    assert criteria.light_chain_clone(with_derived(patient(**labs))).masks[0] == expected


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.25, YES), (0.26, NO), (0.5, NO), (1.65, NO), (1.66, YES), ((0.2, 0.3), UNKNOWN)]
)
def test_the_bounds_of_a_normal_ratio_are_normal(ratio: Any, expected: int) -> None:
    assert criteria.abnormal_ratio(with_derived(patient(flc_ratio_kappa_lambda=ratio))).masks[0] == expected


def test_the_highest_of_aspirate_and_biopsy_counts() -> None:
    who = with_derived(patient(bmpc_aspirate_pct=8, bmpc_biopsy_pct=40))
    assert who.interval("bmpc_pct")[0][0] == 40
    assert with_derived(patient(bmpc_aspirate_pct=8)).interval("bmpc_pct")[1][0] == 8


@pytest.mark.parametrize(
    ("text", "heavy", "light"),
    [
        ("IgG kappa", {"IgG"}, {"kappa"}),
        ("IgG-Lambda", {"IgG"}, {"lambda"}),
        ("IgA κ", {"IgA"}, {"kappa"}),
        ("IgG kappa + IgA lambda", {"IgG", "IgA"}, {"kappa", "lambda"}),
        ("free lambda", set(), {"lambda"}),
        ("negative", set(), set()),
        ("no monoclonal band", set(), set()),
        ("Ig M kappa", {"IgM"}, {"kappa"}),
    ],
)
def test_an_immunofixation_report_names_chains(text: str, heavy: set[str], light: set[str]) -> None:
    report = read_immunofixation(text)
    assert report is not None
    assert (set(report.heavy), set(report.light)) == (heavy, light)


@pytest.mark.parametrize("text", ["", "IgG kappa?", "possible IgG", "see letter", "negative for IgG", "faint IgA band"])
def test_an_unsure_report_says_nothing(text: str) -> None:
    assert read_immunofixation(text) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_given_as_a_report(text: str) -> None:
    read_immunofixation(text)


def test_patterns_of_many_patients_are_those_of_each_alone() -> None:
    values = [3.4, 3.5, math.nan, 5.5]
    together = Patients(list("abcd"), events(), {"b2m_mg_l": np.array(values)}, {"b2m_mg_l": np.array(values)})
    domain = SYSTEMS["ISS"].leaves[0].domain
    masks = domain.known(together).masks
    alone = [mask_of(domain, patient() if math.isnan(value) else patient(b2m_mg_l=value)) for value in values]
    assert masks.tolist() == alone
    outcomes, pattern = evaluate(SYSTEMS["ISS"], np.column_stack([masks, np.full(4, 3)]))
    assert [outcomes[n].label for n in pattern] == ["not_evaluable", "II", "not_evaluable", "III"]
