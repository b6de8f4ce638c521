"""Inputs that were supplied and could not be read: said wherever a page says what was looked at."""

import re
from dataclasses import dataclass

from mmrisk.assay_sheet import ALL_SAMPLES
from mmrisk.contracts import STATUS
from mmrisk.report.material import Material, Row

BETWEEN = " | "
"""Stands between the problems of one input."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that failed: its file or report, the first problem, how many more there are.

    `is_shared` where the file is of many samples, so that nobody knows whether this one is among them.
    """

    name: str
    reason: str
    n_more: int
    is_shared: bool


def failures(sample_id: str, material: Material) -> tuple[Failure, ...]:
    """What failed of a sample, and of the files of many samples."""
    return tuple(
        _failure(row, material)
        for of_whom in (sample_id, ALL_SAMPLES)
        for row in material.of(STATUS, of_whom)
        if row["status"] == "failed"
    )


def _failure(row: Row, material: Material) -> Failure:
    file = material.file(row["sample_id"], row["assay_id"])
    name = file.name if file else row["assay_id"]
    first, *more = (row["message"] or "no reason was given").split(BETWEEN)
    reason = first.removeprefix(name).lstrip(",: ") or first
    return Failure(name, reason, sum(map(_problems, more)), row["sample_id"] == ALL_SAMPLES)


def _problems(part: str) -> int:
    """Problems that a part of a message speaks of: `and 10 more` of ten."""
    more = re.fullmatch(r"and ([0-9]{1,9}) more", part)
    return int(more.group(1)) if more else 1
