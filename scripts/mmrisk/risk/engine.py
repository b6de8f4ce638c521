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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise, product
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

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where the raw inputs of each input stand among the leaves."""
        ends = list(accumulate(len(item.leaves) for item in self.inputs))
        return tuple(pairwise([0, *ends]))

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

    `population` names the patients it was made for; `status` is `confirmed`, `partly` or `unverified`, by whether the
    rule was found in a source that could be read.
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


def names(**met: Any) -> tuple[str, ...]:
    """Names of what is met."""
    return tuple(name for name, is_met in met.items() if is_met)


def grade(points: float, most: Mapping[str, float], beyond: str) -> str:
    """The first label whose highest number of points (included) is not exceeded, else the last label."""
    return next((label for label, highest in most.items() if points <= highest), beyond)


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


@lru_cache(maxsize=10_000)
def _values(mask: int) -> tuple[int, ...]:
    return tuple(value for value in range(mask.bit_length()) if mask >> value & 1)


@lru_cache(maxsize=10_000)
def _along(values: tuple[int, ...], axis: int, axes: int) -> npt.NDArray[np.intp]:
    """Values as an index along one of several axes (as `np.ix_` makes it, but remembered)."""
    return np.array(values, dtype=np.intp).reshape([-1 if each == axis else 1 for each in range(axes)])


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a rule's table that a pattern of knowledge leaves: values still possible of each input.

    `parts` holds the masks of the raw inputs behind each input, `index` picks the block from the table.
    """

    rule: Rule
    parts: tuple[tuple[int, ...], ...]
    picks: tuple[tuple[int, ...], ...]

    @property
    def index(self) -> tuple[npt.NDArray[np.intp], ...]:
        """Index of the block in the arrays of the tabulation."""
        return tuple(_along(values, axis, len(self.picks)) for axis, values in enumerate(self.picks))


def _block(rule: Rule, masks: tuple[int, ...]) -> Block:
    if not all(masks):
        raise ValueError(f"{rule.name}: an input has no possible value")
    parts = tuple(masks[first:after] for first, after in rule.spans)
    picks = (
        possible(item.domain, part) if isinstance(item.domain, Rule) else _values(part[0])
        for item, part in zip(rule.inputs, parts, strict=True)
    )
    return Block(rule, parts, tuple(picks))


def _numbers(labels: npt.NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(np.bincount(labels.ravel())).tolist())


@lru_cache(maxsize=100_000)
def possible(rule: Rule, masks: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers of the labels that a pattern of knowledge leaves possible."""
    return _numbers(rule.tabulation.labels[_block(rule, masks).index])


def _certain_criteria(block: Block, index: tuple[npt.NDArray[np.intp], ...]) -> tuple[str, ...]:
    """Criteria that are met whatever the unknown inputs turn out to be."""
    table = block.rule.tabulation
    certain = int(np.bitwise_and.reduce(table.criteria[index], axis=None)) if table.names else 0
    met = [table.names[number] for number in _values(certain)]
    for item, part in zip(block.rule.inputs, block.parts, strict=True):
        if isinstance(item.domain, Rule):
            met += _criteria_of(item.domain, part)
    return tuple(dict.fromkeys(met))


@lru_cache(maxsize=100_000)
def _criteria_of(rule: Rule, masks: tuple[int, ...]) -> tuple[str, ...]:
    block = _block(rule, masks)
    return _certain_criteria(block, block.index)


def _deciding(block: Block, labels: npt.NDArray[np.int64]) -> Iterator[tuple[str, bool]]:
    """Raw inputs along which the label changes, each with whether one of its values alone could settle the label.

    `labels` are those of the block; equal numbers count as one label. Knowing all of these inputs decides; leaving one
    of them unknown may not.
    """
    for axis, (item, part, picks) in enumerate(zip(block.rule.inputs, block.parts, block.picks, strict=True)):
        if len(picks) == 1:
            continue
        slices = labels.swapaxes(0, axis).reshape(len(picks), -1)
        if (slices == slices[0]).all():
            continue
        low, high = slices.min(axis=1), slices.max(axis=1)
        if not isinstance(item.domain, Rule):
            yield item.name, bool((low == high).any())
            continue
        bounds = dict(zip(picks, zip(low.tolist(), high.tolist(), strict=True), strict=True))
        groups = np.zeros(len(item.domain.labels), dtype=np.int64)
        number_of: dict[bytes, int] = {}
        groups[list(picks)] = [number_of.setdefault(row.tobytes(), len(number_of)) for row in slices]
        inner = _block(item.domain, part)
        place = {leaf.name: number for number, leaf in enumerate(item.leaves)}
        for name, _ in _deciding(inner, groups[item.domain.tabulation.labels[inner.index]]):
            yield name, _settles(item.domain, part, place[name], bounds)


def _settles(rule: Rule, masks: tuple[int, ...], leaf: int, bounds: Mapping[int, tuple[int, int]]) -> bool:
    """Whether some value of a raw input leaves only labels whose bounds one level up are one and the same label."""
    for value in _values(masks[leaf]):
        left = possible(rule, (*masks[:leaf], 1 << value, *masks[leaf + 1 :]))
        if min(bounds[label][0] for label in left) == max(bounds[label][1] for label in left):
            return True
    return False


def outcome(system: System, masks: tuple[int, ...]) -> Outcome:
    """What one pattern of knowledge leaves open."""
    block = _block(system, masks)
    index = block.index
    labels, points = system.tabulation.labels[index], system.tabulation.points[index]
    left = tuple(str(system.labels[number]) for number in _numbers(labels))
    deciding = tuple(_deciding(block, labels)) if len(left) > 1 else ()
    low, high = float(points.min()), float(points.max())
    return Outcome(
        possible=left,
        points=None if math.isnan(low) else (low, high),
        criteria=_certain_criteria(block, index),
        missing=tuple(leaf.name for leaf, mask in zip(system.leaves, masks, strict=True) if mask & (mask - 1)),
        would_decide=tuple(name for name, _ in deciding),
        may_decide=tuple(name for name, settles in deciding if settles),
    )


DOES_NOT_APPLY = Outcome((NOT_APPLICABLE,), None, (), (), (), ())


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
    """Outcomes of the distinct patterns, and for each patient the number of its pattern.

    `applies` is the yes/no mask of whether the system applies to the patient at all; it does where it is not given.
    """
    if applies is None:
        applies = np.full(len(masks), YES)
    masks = np.where((applies == NO)[:, None], 1, masks)  # nothing else matters: one pattern for all of them
    sizes = [2, *(len(leaf.domain.values) for leaf in system.leaves)]
    if sum(sizes) > 62:
        raise ValueError(f"{system.name} has too many values for one key per patient")
    keys = (np.column_stack([applies, masks]) << np.cumsum([0, *sizes[:-1]])).sum(axis=1)
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    outcomes = []
    for whether, row in zip(applies[first].tolist(), map(tuple, masks[first].tolist()), strict=True):
        if whether == NO:
            outcomes.append(DOES_NOT_APPLY)
        else:
            found = outcome(system, row)
            outcomes.append(found if whether == YES else _if_it_applies(found))
    return outcomes, pattern
