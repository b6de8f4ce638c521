"""Risk from partial information: every system is a function of complete inputs, evaluated on all that is possible.

What is known of an input is the set of its values still possible, a bit mask. A rule is tabulated once over all
complete inputs; a patient is a block of that table. One label left in the block is the label; more are the possible
labels. Missing data is therefore never negative, without a line about it in any rule.

An input of a rule may be a rule itself (a criterion over raw inputs): its possible answers are the values still
possible one level up. Raw inputs are never shared between the inputs of one rule, so nothing is lost by this.
"""

import inspect
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any, Protocol, get_type_hints

import numpy as np
import numpy.typing as npt

MAX_COMPLETIONS = 50_000
NOT_EVALUABLE = "not_evaluable"
NOT_APPLICABLE = "not_applicable"
DIAGNOSIS = "diagnosis"
"""Name of the input that says whether a system applies to the patient at all."""

NO, YES, UNKNOWN = 0b01, 0b10, 0b11
"""Masks of a yes/no input."""

Masks = npt.NDArray[np.int64]
"""Knowledge of inputs, shape (patients, inputs): bit v is set where the v-th value of the domain is possible."""


class Domain(Protocol):
    """Values that an input can take, and the test that tells them apart."""

    @property
    def values(self) -> tuple[Any, ...]:
        """Every complete value, as the rule receives it."""

    @property
    def test(self) -> str:
        """The test to order when the input is unknown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of one complete patient: label, points of additive systems, criteria that are met."""

    label: Any
    points: float | None = None
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A named input of a rule: raw, or a rule over raw inputs."""

    name: str
    domain: Any

    @property
    def leaves(self) -> "tuple[Input, ...]":
        """The raw inputs behind it."""
        return self.domain.leaves if isinstance(self.domain, Rule) else (self,)


@dataclass(frozen=True, eq=False)
class Rule:
    """A function of complete inputs with a fixed set of answers (`labels`)."""

    name: str
    labels: tuple[Any, ...]
    function: Callable[..., Any]
    inputs: tuple[Input, ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """The answers, as the domain of an input one level up."""
        return self.labels

    @cached_property
    def leaves(self) -> tuple[Input, ...]:
        """The raw inputs in order; what is known of a patient has one mask for each."""
        return tuple(leaf for item in self.inputs for leaf in item.leaves)

    @property
    def about(self) -> str:
        """First line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each input."""
        return tuple(len(item.domain.values) for item in self.inputs)

    def completions(self) -> Iterator[tuple[Any, ...]]:
        """Every combination of complete inputs, last input fastest."""
        return product(*(item.domain.values for item in self.inputs))

    def verdict(self, *values: Any) -> Verdict:
        """The answer to complete inputs."""
        said = self.function(*values)
        return said if isinstance(said, Verdict) else Verdict(said)

    @cached_property
    def tabulation(self) -> "Tabulation":
        """The rule over all complete inputs."""
        verdicts = [self.verdict(*values) for values in self.completions()]
        strange = {verdict.label for verdict in verdicts} - set(self.labels)
        if strange:
            raise ValueError(f"{self.name} gives labels it does not declare: {sorted(map(str, strange))}")
        criteria = tuple(dict.fromkeys(name for verdict in verdicts for name in verdict.criteria))
        bit = {name: 1 << number for number, name in enumerate(criteria)}
        return Tabulation(
            labels=np.array([self.labels.index(verdict.label) for verdict in verdicts]).reshape(self.shape),
            points=np.array([np.nan if v.points is None else v.points for v in verdicts]).reshape(self.shape),
            criteria=np.array([sum(bit[name] for name in set(v.criteria)) for v in verdicts]).reshape(self.shape),
            names=criteria,
        )


@dataclass(frozen=True, eq=False)
class System(Rule):
    """A risk system; `labels` run from low to high risk.

    `population` names the patients it was made for (`populations.tsv`), `status` whether its rule was confirmed in a
    source that could be read.
    """

    version: str
    doi: str
    population: str
    status: str

    @property
    def slug(self) -> str:
        """Name as a column prefix."""
        return re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")


@dataclass(frozen=True, slots=True)
class Tabulation:
    """A rule over all complete inputs; each array has one axis per input."""

    labels: npt.NDArray[np.int64]
    points: npt.NDArray[np.float64]
    criteria: npt.NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pattern of knowledge leaves open. Labels run from low to high risk, `not_applicable` last."""

    possible: tuple[str, ...]
    points: tuple[float, float] | None
    criteria: tuple[str, ...]
    missing: tuple[str, ...]
    would_decide: tuple[str, ...]
    may_decide: tuple[str, ...]

    @property
    def label(self) -> str:
        """The label, or `not_evaluable`."""
        return self.possible[0] if len(self.possible) == 1 else NOT_EVALUABLE

    @property
    def bounds(self) -> tuple[str, str]:
        """Lowest and highest risk still possible."""
        graded = [label for label in self.possible if label != NOT_APPLICABLE] or [NOT_APPLICABLE]
        return graded[0], graded[-1]


def system(
    name: str, *, version: str, doi: str, labels: tuple[str, ...], population: str = "any", status: str = "confirmed"
) -> Callable[[Callable[..., Any]], System]:
    """Declare a function as a system; the domains of its inputs are the metadata of its annotations."""

    def declare(function: Callable[..., Any]) -> System:
        inputs = _inputs(name, function)
        return System(name, labels, function, inputs, version, doi, population, status)

    return declare


def rule(*, labels: tuple[Any, ...] = (False, True)) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a function as a criterion that can be an input of another rule."""

    def declare(function: Callable[..., Any]) -> Rule:
        name = getattr(function, "__name__", "")
        return Rule(name, labels, function, _inputs(name, function))

    return declare


def _inputs(name: str, function: Callable[..., Any]) -> tuple[Input, ...]:
    hints = get_type_hints(function, include_extras=True)
    inputs = []
    for parameter in inspect.signature(function).parameters:
        domain = hints[parameter].__metadata__[0]
        inputs.append(Input(parameter, domain.named(parameter) if hasattr(domain, "named") else domain))
    completions = math.prod(len(item.domain.values) for item in inputs)
    if completions > MAX_COMPLETIONS:
        raise ValueError(f"{name} has {completions} completions: fold its inputs into criteria first")
    names = [leaf.name for item in inputs for leaf in item.leaves]
    if len(names) != len(set(names)):
        raise ValueError(f"{name} reads a raw input twice: {', '.join(sorted(names))}")
    return tuple(inputs)


def _values(mask: int) -> list[int]:
    return [value for value in range(mask.bit_length()) if mask >> value & 1]


def _parts(rule: Rule, masks: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Masks of the raw inputs behind each input."""
    parts, at = [], 0
    for item in rule.inputs:
        parts.append(masks[at : at + len(item.leaves)])
        at += len(item.leaves)
    return parts


def _picks(rule: Rule, parts: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Numbers of the values that each input can still take."""
    return [
        possible(item.domain, part) if isinstance(item.domain, Rule) else _values(part[0])
        for item, part in zip(rule.inputs, parts, strict=True)
    ]


@lru_cache(maxsize=100_000)
def possible(rule: Rule, masks: tuple[int, ...]) -> list[int]:
    """Numbers of the labels that a pattern of knowledge leaves possible."""
    if not all(masks):
        raise ValueError(f"{rule.name}: an input has no possible value")
    block = np.ix_(*_picks(rule, _parts(rule, masks)))
    return [int(label) for label in np.unique(rule.tabulation.labels[block])]


def _certain_criteria(rule: Rule, masks: tuple[int, ...]) -> Iterator[str]:
    parts = _parts(rule, masks)
    certain = int(np.bitwise_and.reduce(rule.tabulation.criteria[np.ix_(*_picks(rule, parts))], axis=None))
    yield from (name for number, name in enumerate(rule.tabulation.names) if certain >> number & 1)
    for item, part in zip(rule.inputs, parts, strict=True):
        if isinstance(item.domain, Rule):
            yield from _certain_criteria(item.domain, part)


def _deciding(rule: Rule, masks: tuple[int, ...], groups: npt.NDArray[np.int64]) -> Iterator[tuple[str, bool]]:
    """Raw inputs along which the label changes, each with whether one of its values alone could settle the label.

    `groups` maps each label of the rule to a number; labels of one number count as the same. Knowing all of these
    inputs decides; leaving one of them unknown may not.
    """
    parts = _parts(rule, masks)
    picks = _picks(rule, parts)
    labels = groups[rule.tabulation.labels[np.ix_(*picks)]]
    for axis, (item, part) in enumerate(zip(rule.inputs, parts, strict=True)):
        if len(picks[axis]) == 1 or not (labels != labels.take([0], axis=axis)).any():
            continue
        slices = np.moveaxis(labels, axis, 0).reshape(len(picks[axis]), -1)
        low, high = slices.min(axis=1), slices.max(axis=1)
        if not isinstance(item.domain, Rule):
            yield item.name, bool((low == high).any())
            continue
        inner = np.zeros(len(item.domain.labels), dtype=np.int64)
        inner[picks[axis]] = np.unique(slices, axis=0, return_inverse=True)[1].ravel()
        place = {leaf.name: number for number, leaf in enumerate(item.leaves)}
        for name, _ in _deciding(item.domain, part, inner):
            yield name, _settles(item.domain, part, place[name], dict(zip(picks[axis], zip(low, high), strict=True)))


def _settles(
    rule: Rule, masks: tuple[int, ...], leaf: int, bounds: dict[int, tuple[np.int64, np.int64]]
) -> bool:
    """Whether some value of a raw input leaves only labels whose bounds one level up are one and the same label."""
    for value in _values(masks[leaf]):
        left = possible(rule, (*masks[:leaf], 1 << value, *masks[leaf + 1 :]))
        if min(bounds[label][0] for label in left) == max(bounds[label][1] for label in left):
            return True
    return False


def outcome(system: System, masks: tuple[int, ...], *, applies: int = YES) -> Outcome:
    """What one pattern of knowledge leaves open; `applies` is the mask of whether the system applies at all."""
    if applies == NO:
        return Outcome((NOT_APPLICABLE,), None, (), (), (), ())
    labels = possible(system, masks)
    left = tuple(str(system.labels[number]) for number in labels)
    points = system.tabulation.points[np.ix_(*_picks(system, _parts(system, masks)))]
    missing = tuple(leaf.name for leaf, mask in zip(system.leaves, masks, strict=True) if mask.bit_count() > 1)
    deciding = tuple(_deciding(system, masks, np.arange(len(system.labels)))) if len(left) > 1 else ()
    found = Outcome(
        possible=left,
        points=None if np.isnan(points).any() else (float(points.min()), float(points.max())),
        criteria=tuple(dict.fromkeys(_certain_criteria(system, masks))),
        missing=missing,
        would_decide=tuple(name for name, _ in deciding),
        may_decide=tuple(name for name, settles in deciding if settles),
    )
    return found if applies == YES else _if_it_applies(found)


def _if_it_applies(found: Outcome) -> Outcome:
    """The outcome where it is not known whether the system applies."""
    return Outcome(
        (*found.possible, NOT_APPLICABLE),
        found.points,
        found.criteria,
        (DIAGNOSIS, *found.missing),
        (DIAGNOSIS, *found.would_decide),
        (DIAGNOSIS,),
    )


def evaluate(
    system: System, masks: Masks, applies: npt.NDArray[np.int64] | None = None
) -> tuple[list[Outcome], npt.NDArray[np.intp]]:
    """Outcomes of the distinct patterns, and for each patient the number of its pattern."""
    if applies is None:
        applies = np.full(len(masks), YES)
    sizes = [2, *(len(leaf.domain.values) for leaf in system.leaves)]
    if sum(sizes) > 62:
        raise ValueError(f"{system.name} has too many values for one key per patient")
    keys = (np.column_stack([applies, masks]) << np.cumsum([0, *sizes[:-1]])).sum(axis=1)
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    outcomes = [
        outcome(system, tuple(int(mask) for mask in masks[row]), applies=int(applies[row])) for row in first
    ]
    return outcomes, pattern
