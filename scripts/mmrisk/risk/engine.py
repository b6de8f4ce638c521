"""Risk from partial information: every system is a function of complete inputs, evaluated on all that is possible.

What is known of an input is the set of its values still possible, a bit mask. A rule is tabulated once over all
complete inputs; a patient is a block of that table. One label left in the block is the label; more are the possible
labels. Missing data is therefore never negative, without a line about it in any rule.
"""

import inspect
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Protocol, get_type_hints

import numpy as np
import numpy.typing as npt

MAX_COMPLETIONS = 50_000
NOT_EVALUABLE = "not_evaluable"

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

    label: str
    points: float | None = None
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A named input of a system."""

    name: str
    domain: Domain

    @property
    def unknown(self) -> int:
        """Mask in which every value is possible."""
        return (1 << len(self.domain.values)) - 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pattern of knowledge leaves open. Label numbers follow the system's order, lowest risk first."""

    possible: tuple[int, ...]
    points: tuple[float, float] | None
    criteria: tuple[str, ...]
    missing: tuple[int, ...]
    would_decide: tuple[int, ...]
    may_decide: tuple[int, ...]

    @property
    def determinate(self) -> bool:
        """Whether a single label is left."""
        return len(self.possible) == 1


@dataclass(frozen=True)
class System:
    """A risk system: its rule over complete inputs and what identifies it. `labels` run from low to high risk."""

    name: str
    version: str
    doi: str
    labels: tuple[str, ...]
    rule: Callable[..., "str | Verdict"]
    inputs: tuple[Input, ...]

    @property
    def slug(self) -> str:
        """Name as a column prefix."""
        return re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")

    @property
    def about(self) -> str:
        """First line of the rule's docstring."""
        return (inspect.getdoc(self.rule) or "").split("\n", 1)[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each input."""
        return tuple(len(item.domain.values) for item in self.inputs)

    def completions(self) -> Iterator[tuple[Any, ...]]:
        """Every combination of complete inputs, last input fastest."""
        return product(*(item.domain.values for item in self.inputs))

    def verdict(self, *values: Any) -> Verdict:
        """The rule's answer to complete inputs."""
        said = self.rule(*values)
        return said if isinstance(said, Verdict) else Verdict(said)

    @cached_property
    def tabulation(self) -> "Tabulation":
        """The rule over all complete inputs."""
        verdicts = [self.verdict(*values) for values in self.completions()]
        strange = {verdict.label for verdict in verdicts} - set(self.labels)
        if strange:
            raise ValueError(f"{self.name} gives labels it does not declare: {sorted(strange)}")
        criteria = tuple(dict.fromkeys(name for verdict in verdicts for name in verdict.criteria))
        bit = {name: 1 << number for number, name in enumerate(criteria)}
        return Tabulation(
            labels=np.array([self.labels.index(verdict.label) for verdict in verdicts]).reshape(self.shape),
            points=np.array([np.nan if v.points is None else v.points for v in verdicts]).reshape(self.shape),
            criteria=np.array([sum(bit[name] for name in set(v.criteria)) for v in verdicts]).reshape(self.shape),
            names=criteria,
        )


@dataclass(frozen=True, slots=True)
class Tabulation:
    """A rule over all complete inputs; each array has one axis per input."""

    labels: npt.NDArray[np.int64]
    points: npt.NDArray[np.float64]
    criteria: npt.NDArray[np.int64]
    names: tuple[str, ...]


SYSTEMS: dict[str, System] = {}
"""All declared systems by name, in the order of declaration."""


def system(name: str, *, version: str, doi: str, labels: tuple[str, ...]) -> Callable[[Callable[..., Any]], System]:
    """Declare a rule as a system; the domains of its inputs are the metadata of its annotations."""

    def declare(rule: Callable[..., Any]) -> System:
        hints = get_type_hints(rule, include_extras=True)
        inputs = []
        for parameter in inspect.signature(rule).parameters:
            domain = hints[parameter].__metadata__[0]
            inputs.append(Input(parameter, domain.named(parameter) if hasattr(domain, "named") else domain))
        declared = System(name, version, doi, labels, rule, tuple(inputs))
        if math.prod(declared.shape) > MAX_COMPLETIONS:
            raise ValueError(f"{name} has {math.prod(declared.shape)} completions: fold its inputs into criteria first")
        SYSTEMS[name] = declared
        return declared

    return declare


def outcome(system: System, masks: tuple[int, ...]) -> Outcome:
    """What one pattern of knowledge leaves open: the block of the tabulated rule that it selects."""
    picks = [
        [value for value in range(size) if mask >> value & 1] for mask, size in zip(masks, system.shape, strict=True)
    ]
    if not all(picks):
        raise ValueError(f"{system.name}: an input has no possible value")
    block = np.ix_(*picks)
    labels = system.tabulation.labels[block]
    points = system.tabulation.points[block]
    certain = int(np.bitwise_and.reduce(system.tabulation.criteria[block], axis=None))
    missing = tuple(number for number, pick in enumerate(picks) if len(pick) > 1)
    # An input matters if the label changes along its axis. Knowing all that matter decides, knowing fewer may not.
    deciding = tuple(axis for axis in missing if (labels != labels.take([0], axis=axis)).any())
    return Outcome(
        possible=tuple(int(label) for label in np.unique(labels)),
        points=None if np.isnan(points).any() else (float(points.min()), float(points.max())),
        criteria=tuple(name for number, name in enumerate(system.tabulation.names) if certain >> number & 1),
        missing=missing,
        would_decide=deciding,
        may_decide=tuple(axis for axis in deciding if _some_value_decides(labels, axis)),
    )


def _some_value_decides(labels: npt.NDArray[np.int64], axis: int) -> bool:
    flat = np.moveaxis(labels, axis, 0).reshape(labels.shape[axis], -1)
    return bool((flat.min(axis=1) == flat.max(axis=1)).any())


def evaluate(system: System, masks: Masks) -> tuple[list[Outcome], npt.NDArray[np.intp]]:
    """Outcomes of the distinct patterns, and for each patient the number of its pattern."""
    widths = np.cumsum([0, *system.shape[:-1]])
    if sum(system.shape) > 62:
        raise ValueError(f"{system.name} has too many values for one key per patient")
    keys = (masks << widths).sum(axis=1)
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    return [outcome(system, tuple(int(mask) for mask in masks[row])) for row in first], pattern
