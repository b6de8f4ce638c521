"""Events as other formats name them (`resources/export_events.tsv`), and what a sample's states say there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from mmrisk.events import State
from mmrisk.resource import facts
from mmrisk.tables import join, split

NEGATIVE = (State.ABSENT, State.SUBTHRESHOLD)


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """An event of the catalogue with the gene, copy-number level, probe and ISCN text that stand for it."""

    event: str
    gene: str
    entrez: str
    level: int | None
    probe: str
    iscn: str


@cache
def exported_events() -> tuple[ExportedEvent, ...]:
    """All rows of the resource."""
    return tuple(
        ExportedEvent(
            row["event"],
            row["gene"],
            row["entrez"],
            int(row["level"]) if row["level"] else None,
            row["probe"],
            row["iscn"],
        )
        for row in facts("export_events.tsv")
    )


@cache
def term(kind: str, value: str) -> tuple[str, str] | None:
    """Ontology id and label of a value, or None."""
    found = {(row["kind"], row["value"]): (row["id"], row["label"]) for row in facts("export_terms.tsv")}
    return found.get((kind, value))


def fusions() -> Iterator[ExportedEvent]:
    """Events that join an IG locus to a named partner."""
    return (row for row in exported_events() if row.event.startswith("t_"))


def measured(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort table in which states and shares of events that RNA alone suggests are missing.

    The column `inferred_events` then says what RNA suggests: `t_4_14 present;t_11_14 absent`.
    """
    made, suggested = cohort.copy(), [split(events) for events in cohort["inferred_events"]]
    rows = zip(cohort.to_dict("records"), suggested, strict=True)
    made["inferred_events"] = [join(f"{event} {row[event]}" for event in events) for row, events in rows]
    for event in sorted({event for events in suggested for event in events}):
        own = np.array([event in events for events in suggested])
        for column in (event, f"{event}_fraction"):
            made[column] = made[column].mask(own)
    return made


def known(state: str | None) -> int | None:
    """1 for present, 0 for looked for and not found (or below the cut-off), None for anything else."""
    if state == State.PRESENT:
        return 1
    return 0 if state in NEGATIVE else None


def copy_level(states: Mapping[str, str | None], gene: str) -> int | None:
    """Discrete copy number of a gene, -2 to 2; None where no event of the gene is known.

    An unknown deeper event leaves the level of the one that is known: loss of one copy stays -1.
    """
    rows = [row for row in exported_events() if row.gene == gene and row.level is not None]
    seen = {row.level: known(states.get(row.event)) for row in rows if row.level is not None}
    present = [level for level, value in seen.items() if value == 1]
    if present:
        return max(present, key=abs)
    # the single-copy event decides absence: if it is unknown, a negative deep loss says nothing
    shallow = [value for level, value in seen.items() if abs(level) == 1]
    return 0 if 0 in shallow else None
