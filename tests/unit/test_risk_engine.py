"""The engine against brute force: every answer must be what calling the rule on all completions gives."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmrisk.risk.engine import (
    NO,
    NOT_APPLICABLE,
    NOT_EVALUABLE,
    UNKNOWN,
    YES,
    Outcome,
    Rule,
    System,
    evaluate,
    outcome,
    rule,
    system,
)
from mmrisk.risk.inputs import Found, Lab
from mmrisk.risk.systems import SYSTEMS, selected

MOST_COMPLETIONS = 3000


def answer(asked: Rule, values: tuple[Any, ...]) -> Any:
    """A rule's label for complete raw inputs, asked directly and never from its table."""
    said, at = [], 0
    for item in asked.inputs:
        part = values[at : at + len(item.leaves)]
        at += len(part)
        said.append(answer(item.domain, part) if isinstance(item.domain, Rule) else part[0])
    verdict = asked.function(*said)
    return getattr(verdict, "label", verdict)


def completions(asked: Rule, masks: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
    """Every combination of raw values that the masks leave."""
    return product(
        *(
            [value for number, value in enumerate(leaf.domain.values) if mask >> number & 1]
            for leaf, mask in zip(asked.leaves, masks, strict=True)
        )
    )


def labels_left(asked: Rule, masks: tuple[int, ...]) -> set[str]:
    return {str(answer(asked, values)) for values in completions(asked, masks)}


@st.composite
def knowledge(draw: st.DrawFn, asked: System) -> tuple[int, ...]:
    """Masks with few enough completions to try them all."""
    masks, count = [], 1
    for leaf in asked.leaves:
        size = len(leaf.domain.values)
        mask = draw(st.integers(1, (1 << size) - 1))
        if count * mask.bit_count() > MOST_COMPLETIONS:
            mask = 1 << draw(st.integers(0, size - 1))
        count *= mask.bit_count()
        masks.append(mask)
    return tuple(masks)


@st.composite
def system_and_knowledge(draw: st.DrawFn) -> tuple[System, tuple[int, ...]]:
    asked = draw(st.sampled_from(list(SYSTEMS.values())))
    return asked, draw(knowledge(asked))


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(system_and_knowledge())
def test_the_possible_labels_are_those_of_all_completions(case: tuple[System, tuple[int, ...]]) -> None:
    asked, masks = case
    found = outcome(asked, masks)
    assert set(found.possible) == labels_left(asked, masks)
    assert list(found.possible) == [label for label in asked.labels if label in found.possible]
    assert found.label == (found.possible[0] if len(found.possible) == 1 else NOT_EVALUABLE)
    unknown = [leaf.name for leaf, mask in zip(asked.leaves, masks, strict=True) if mask.bit_count() > 1]
    assert list(found.missing) == unknown


@quick
@given(system_and_knowledge())
def test_would_decide_is_sure_to_decide_and_names_no_input_too_many(case: tuple[System, tuple[int, ...]]) -> None:
    asked, masks = case
    found = outcome(asked, masks)
    place = {leaf.name: number for number, leaf in enumerate(asked.leaves)}
    by_values: dict[tuple[Any, ...], str] = {values: str(answer(asked, values)) for values in completions(asked, masks)}

    def still_open(known: set[int]) -> bool:
        seen: dict[tuple[Any, ...], str] = {}
        return any(
            seen.setdefault(tuple(values[number] for number in sorted(known)), label) != label
            for values, label in by_values.items()
        )

    certain = {number for number, mask in enumerate(masks) if mask.bit_count() == 1}
    asked_for = {place[name] for name in found.would_decide}
    assert not still_open(certain | asked_for)
    for spared in asked_for:
        assert still_open((set(range(len(masks))) - {spared}) | certain - {spared})


@quick
@given(system_and_knowledge())
def test_may_decide_names_the_inputs_of_which_one_value_alone_settles_the_label(
    case: tuple[System, tuple[int, ...]],
) -> None:
    asked, masks = case
    found = outcome(asked, masks)
    for number, leaf in enumerate(asked.leaves):
        if leaf.name in found.would_decide:
            settling = any(
                len(labels_left(asked, (*masks[:number], 1 << value, *masks[number + 1 :]))) == 1
                for value in range(len(leaf.domain.values))
                if masks[number] >> value & 1
            )
            assert settling == (leaf.name in found.may_decide)


@quick
@given(system_and_knowledge(), st.data())
def test_learning_an_input_never_widens_what_is_possible(
    case: tuple[System, tuple[int, ...]], data: st.DataObject
) -> None:
    asked, masks = case
    number = data.draw(st.integers(0, len(masks) - 1))
    value = data.draw(st.sampled_from([v for v in range(masks[number].bit_length()) if masks[number] >> v & 1]))
    learned = (*masks[:number], 1 << value, *masks[number + 1 :])
    assert set(outcome(asked, learned).possible) <= set(outcome(asked, masks).possible)
    assert set(outcome(asked, learned).criteria) >= set(outcome(asked, masks).criteria)


FAVOURABLE_WHEN_HIGH = {"albumin", "creatinine", "crcl", "hb"}
MONOTONE = [
    "ISS",
    "R-ISS",
    "R2-ISS",
    "IMS-2025",
    "IMS-2025-FISH",
    "MASS-3",
    "MASS-4",
    "RW-ISS",
    "mSMART-3.0-genetic",
    "UK-double-hit",
    "MGP-double-hit",
    "HRCA",
    "MGUS-risk",
    "MGUS-2018",
    "Mayo-20-2-20",
    "Mayo-20-2-20-FISH",
    "IMWG-SMM",
    "PETHEMA",
    "evolving-SMM",
    "UK-double-hit-1p",
]


@pytest.mark.parametrize("name", MONOTONE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_adverse_evidence_never_lowers_the_best_or_the_worst_label(name: str, data: st.DataObject) -> None:
    asked = SYSTEMS[name]
    masks = data.draw(knowledge(asked))
    number = data.draw(st.integers(0, len(masks) - 1))
    size, lab = len(asked.leaves[number].domain.values), getattr(asked.leaves[number].domain, "lab", "")
    first, second = sorted(data.draw(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    if lab in FAVOURABLE_WHEN_HIGH:
        first, second = second, first
    mild, severe = (
        [asked.labels.index(label) for label in outcome(asked, (*masks[:number], 1 << v, *masks[number + 1 :])).bounds]
        for v in (first, second)
    )
    assert severe[0] >= mild[0]
    assert severe[1] >= mild[1]


@quick
@given(system_and_knowledge())
def test_points_span_those_of_all_completions_and_certain_criteria_are_met_in_each(
    case: tuple[System, tuple[int, ...]],
) -> None:
    asked, masks = case
    found, low, high, met = outcome(asked, masks), np.inf, -np.inf, None
    for values in completions(asked, masks):
        criteria, points = facts(asked, values)
        met = criteria if met is None else met & criteria
        if points is not None:
            low, high = min(low, points), max(high, points)
    assert found.points == (None if low > high else (low, high))
    assert set(found.criteria) <= (met or set())
    # a criterion of the rule itself that every completion meets is never left out
    own = {name for name in asked.tabulation.names if name in (met or set())}
    assert own <= set(found.criteria)


def facts(asked: Rule, values: tuple[Any, ...]) -> tuple[set[str], float | None]:
    """Criteria (those of folded inputs too) and points of one complete patient."""
    said, at, criteria = [], 0, set[str]()
    for item in asked.inputs:
        part = values[at : at + len(item.leaves)]
        at += len(part)
        if isinstance(item.domain, Rule):
            criteria |= facts(item.domain, part)[0]
            said.append(answer(item.domain, part))
        else:
            said.append(part[0])
    verdict = asked.verdict(*said)
    return criteria | set(verdict.criteria), verdict.points


def test_patients_of_one_pattern_share_one_outcome_and_keep_their_order() -> None:
    asked = SYSTEMS["R-ISS"]
    rng = np.random.default_rng(7)
    sizes = [len(leaf.domain.values) for leaf in asked.leaves]
    masks = np.column_stack([rng.integers(1, 1 << size, 500) for size in sizes])
    outcomes, pattern = evaluate(asked, masks)
    assert len(outcomes) == len({tuple(row) for row in masks.tolist()})
    for row, number in zip(masks.tolist(), pattern, strict=True):
        assert outcomes[number] == outcome(asked, tuple(row))


def test_a_system_that_does_not_apply_says_so_and_one_that_may_not_keeps_both_open() -> None:
    asked = SYSTEMS["Mayo-20-2-20"]
    masks = np.array([[1, 1, 1]] * 3)
    outcomes, pattern = evaluate(asked, masks, np.array([YES, NO, UNKNOWN]))
    applies, does_not, may = (outcomes[number] for number in pattern)
    assert applies.label == "low"
    assert does_not == Outcome((NOT_APPLICABLE,), None, (), (), (), ())
    assert does_not.bounds == (NOT_APPLICABLE, NOT_APPLICABLE)
    assert may.label == NOT_EVALUABLE
    assert may.possible == ("low", NOT_APPLICABLE)
    assert may.bounds == ("low", "low")
    assert may.would_decide == may.may_decide == ("diagnosis",)


def test_a_rule_with_too_many_completions_is_refused_when_it_is_declared() -> None:
    many = Annotated[float, Lab("b2m", at_least={"mg_l": tuple(range(1, 60))})]

    def rule_of_three(a: many, b: many, c: many) -> str:
        return "x"

    with pytest.raises(ValueError, match="216000 completions"):
        system("wide", version="1", doi="none", labels=("x",))(rule_of_three)


def test_a_rule_that_answers_with_an_undeclared_label_is_refused() -> None:
    @system("odd", version="1", doi="none", labels=("x",))
    def odd(del_17p: Found) -> str:
        return "y" if del_17p else "x"

    with pytest.raises(ValueError, match="labels it does not declare"):
        outcome(odd, (3,))


def test_a_raw_input_cannot_be_read_by_two_inputs_of_one_rule() -> None:
    @rule()
    def loss(del_17p: Found) -> bool:
        return del_17p

    def twice(loss: Annotated[bool, loss], del_17p: Found) -> str:
        return "x"

    with pytest.raises(ValueError, match="twice"):
        system("twice", version="1", doi="none", labels=("x",))(twice)


def test_no_value_left_is_a_defect_and_not_a_label() -> None:
    with pytest.raises(ValueError, match="no possible value"):
        outcome(SYSTEMS["ISS"], (0, 1))


# Truth tables: number of labels over all complete inputs, and with unknown flags, as the specification counts them.


def counted(name: str, masks: Iterator[tuple[int, ...]]) -> Counter[str]:
    found = (outcome(SYSTEMS[name], each) for each in masks)
    return Counter(",".join(each.possible) for each in found)


STAGES = {"I": (0b001, 0b10), "II": (0b010, 0b10), "III": (0b100, 0b10)}
"""Masks of beta-2-microglobulin and albumin for each ISS stage."""
COMPLETE, WITH_UNKNOWN = (NO, YES), (NO, YES, UNKNOWN)


def staged(flags: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for stage, values in product(STAGES.values(), product(flags, repeat=4)):
        yield (*stage, *values)


def test_the_truth_table_of_r_iss() -> None:
    assert counted("R-ISS", staged(COMPLETE)) == {"I": 1, "II": 32, "III": 15}
    assert counted("R-ISS", staged(WITH_UNKNOWN)) == {"I": 1, "II": 147, "III": 65, "I,II": 15, "II,III": 15}


def test_the_truth_table_of_r2_iss() -> None:
    assert counted("R2-ISS", staged(COMPLETE)) == {"I": 1, "II": 5, "III": 21, "IV": 21}
    points = Counter(outcome(SYSTEMS["R2-ISS"], masks).points[0] for masks in staged(COMPLETE))
    assert points == {0: 1, 0.5: 1, 1: 4, 1.5: 5, 2: 7, 2.5: 9, 3: 7, 3.5: 7, 4: 4, 4.5: 2, 5: 1}
    assert counted("R2-ISS", staged(WITH_UNKNOWN)) == {
        "I": 1,
        "II": 5,
        "III": 40,
        "IV": 57,
        "I,II": 4,
        "II,III": 28,
        "III,IV": 82,
        "I,II,III": 9,
        "II,III,IV": 15,
        "I,II,III,IV": 2,
    }


def test_the_truth_table_of_the_2025_consensus() -> None:
    rows = {}
    for del_17p, tp53, igh, gain, lost, fourth in product((0, 1), (0, 1), (0, 1), (0, 1), (0, 1, 2), (0, 1)):
        masks = (1 << del_17p, 1 << tp53, 1 << igh, NO, NO, 1 << gain, 1 << lost, 1 << fourth, 1)
        rows[del_17p, tp53, igh, gain, lost, fourth] = outcome(SYSTEMS["IMS-2025"], masks).label
    assert Counter(rows.values()) == {"HR": 92, "SR": 4}
    assert {key[2:5] for key, label in rows.items() if label == "SR"} == {(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)}


@pytest.mark.parametrize(("name", "expected"), [("MASS-3", [1, 5, 26]), ("MASS-4", [1, 5, 10, 16])])
def test_the_truth_tables_of_mass(name: str, expected: list[int]) -> None:
    labels = SYSTEMS[name].tabulation.labels
    assert labels.size == 32
    assert np.bincount(labels.ravel()).tolist() == expected


def test_the_truth_table_of_the_imwg_score() -> None:
    labels = SYSTEMS["IMWG-SMM"].tabulation.labels
    assert labels.shape == (4, 3, 5, 2)
    assert np.bincount(labels.ravel()).tolist() == [11, 42, 47, 20]
    points = set(SYSTEMS["IMWG-SMM"].tabulation.points.ravel().tolist())
    assert points == set(range(18)) - {1}


def test_the_truth_table_of_the_ifm_index() -> None:
    labels, points = SYSTEMS["IFM-index"].tabulation.labels, SYSTEMS["IFM-index"].tabulation.points
    assert labels.size == 64
    assert np.bincount(labels.ravel()).tolist() == [3, 18, 43]
    assert (labels[points == 1.0] == 1).all()
    assert (points == 1.0).any()


def test_the_first_five_systems_keep_their_place_and_unverified_ones_are_off() -> None:
    assert list(SYSTEMS)[:5] == ["ISS", "R-ISS", "R2-ISS", "IMS-2025", "IMS-2025-FISH"]
    assert {each.name for each in SYSTEMS.values() if each.status == "unverified"} == {"S-ERMM", "UK-double-hit-1p"}
    assert not any(each.status == "unverified" for each in selected())
    assert selected(include_unverified=True) == tuple(SYSTEMS.values())


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_every_declared_label_can_be_reached_and_every_system_says_where_it_comes_from(name: str) -> None:
    asked = SYSTEMS[name]
    assert sorted(set(asked.tabulation.labels.ravel().tolist())) == list(range(len(asked.labels)))
    assert asked.version
    assert asked.doi.startswith("10.")
    assert asked.about.endswith((".", ")"))


def test_slugs_are_column_names_and_unique() -> None:
    slugs = [each.slug for each in SYSTEMS.values()]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.isidentifier() for slug in slugs)
