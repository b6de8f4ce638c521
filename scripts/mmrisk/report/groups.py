"""Samples by what is known of their risk: the groups that the figures of the marrow compare."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mmrisk.contracts import COMPOSITION, RISK, SIGNATURES
from mmrisk.report.bars import label_style
from mmrisk.report.material import Material
from mmrisk.report.risk_words import CLASSES, MAIN_SYSTEMS, group_of
from mmrisk.report.words import either
from mmrisk.risk.engine import NOT_APPLICABLE, System

OPEN = "label open"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of one risk system; samples whose label is open are a group apart."""

    name: str
    style: str
    samples: tuple[str, ...]


def groupings(material: Material, systems: Mapping[str, System]) -> dict[str, tuple[Group, ...]]:
    """Groups by system in general use, from low to high risk, then open labels; the best settled system first.

    Only samples with anything of the marrow are in them.
    """
    found = {}
    measured = {row["sample_id"] for table in (COMPOSITION, SIGNATURES) for row in material.all(table)}
    for name in MAIN_SYSTEMS:
        if groups := _groups(name, material, systems.get(name), measured):
            found[name] = groups
    return dict(sorted(found.items(), key=lambda item: (_is_single(item[1]), -_settled(item[1]))))


def _is_single(groups: tuple[Group, ...]) -> bool:
    """Whether there is nothing to compare."""
    return sum(group.name != OPEN for group in groups) < 2


def _settled(groups: tuple[Group, ...]) -> int:
    return sum(len(group.samples) for group in groups if group.name != OPEN)


def _groups(name: str, material: Material, system: System | None, measured: Collection[str]) -> tuple[Group, ...]:
    labels = system.labels if system else ()
    samples: dict[str, list[str]] = {label: [] for label in labels}
    styles: dict[str, str] = {}
    for row in material.all(RISK):
        if row["system"] != name or row["possible"] == [NOT_APPLICABLE] or row["sample_id"] not in measured:
            continue
        is_open = len(row["possible"]) != 1
        label = OPEN if is_open else row["possible"][0]
        samples.setdefault(label, []).append(row["sample_id"])
        styles[label] = label_style(row["possible"], labels, is_risk=group_of(system) != CLASSES)
    order = [*(label for label in samples if label != OPEN), OPEN]
    return tuple(
        Group(OPEN if label == OPEN else either([label]), styles[label], tuple(samples[label]))
        for label in order
        if samples.get(label)
    )
