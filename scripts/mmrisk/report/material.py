"""What the report is made from: the tables of a run as plain rows by sample."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mmrisk.assay_sheet import ALL_SAMPLES
from mmrisk.clinical import Clinical, lab_columns
from mmrisk.cohort import Record
from mmrisk.contracts import (
    ARM_DOSAGE,
    ARMS,
    ASSOCIATIONS,
    BREAKPOINT_READS,
    BREAKPOINTS,
    CELL_ARMS,
    CELL_PLACES,
    CELL_QUALITY,
    COMPOSITION,
    CONFLICTS,
    EVENTS,
    EVIDENCE,
    EXPRESSION_GROUPS,
    IDENTITY,
    IG_REARRANGEMENTS,
    KAPLAN_MEIER,
    PARSED,
    PURITY,
    RISK,
    SEGMENTS,
    SENSITIVITY,
    SIGNATURES,
    SPIKES,
    STATUS,
    SURVIVAL,
    TARGETS,
    TO_ORDER,
    TRENDS,
    Table,
)
from mmrisk.events import DEFAULT_PROFILE, catalogue
from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY
from mmrisk.tables import split

Row = dict[str, Any]
"""One row of a table: None where missing, a list where the contract has a list."""
BinsOf = Callable[[str, str], pd.DataFrame | None]
"""Bins (contract BINS) of a sample and assay, or None where there are none."""
TABLES = (
    *(EVIDENCE, EVENTS, CONFLICTS, RISK, TO_ORDER, STATUS, PARSED),
    *(SEGMENTS, PURITY, ARMS, BREAKPOINTS, BREAKPOINT_READS, IG_REARRANGEMENTS),
    *(SPIKES, EXPRESSION_GROUPS, ARM_DOSAGE, CELL_PLACES),
    *(COMPOSITION, SIGNATURES, TARGETS, CELL_QUALITY, CELL_ARMS, IDENTITY),
    *(ASSOCIATIONS, SENSITIVITY, TRENDS, SURVIVAL, KAPLAN_MEIER),
    *(LABEL_CHANGES, TRAJECTORY),
)


@dataclass(frozen=True, slots=True)
class Lab:
    """One value of the clinical sheet as it was written; `about` says what it is and its unit."""

    column: str
    about: str
    value: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of the assays sheet."""

    name: str
    note: str

    @property
    def is_made_up(self) -> bool:
        """Whether its name or note says that it is synthetic."""
        return "synthetic" in f"{self.name} {self.note}".lower()


@dataclass(frozen=True, slots=True)
class Material:
    """All tables of a run: `rows` maps the name of a table to its rows by sample; `links` are files to point to.

    `bins` gives the bins of a sample and assay when they are drawn: a cohort has too many to hold.
    """

    samples: tuple[Row, ...]
    rows: Mapping[str, Mapping[str, Sequence[Row]]]
    labs: Mapping[str, Sequence[Lab]]
    made_up_labs: frozenset[str]
    files: Mapping[tuple[str, str], DataFile]
    profile: str
    links: tuple[str, ...]
    bins: BinsOf

    def file(self, sample_id: str, assay_id: str) -> DataFile | None:
        """The data file behind an assay of a sample; laboratory strings have none."""
        return self.files.get((sample_id, assay_id)) or self.files.get((ALL_SAMPLES, assay_id))

    def of(self, table: Table, sample_id: str) -> Sequence[Row]:
        """A sample's rows of a table."""
        return self.rows[table.name].get(sample_id, ())

    def all(self, table: Table) -> list[Row]:
        """Rows of all samples, in the order of the samples; rows of `*` (files of many samples) come first."""
        order = [ALL_SAMPLES, *(sample["sample_id"] for sample in self.samples)]
        return [row for sample_id in order for row in self.of(table, sample_id)]

    @property
    def strangers(self) -> list[str]:
        """Samples that the tables know and the samples sheet does not."""
        known = {ALL_SAMPLES, *(sample["sample_id"] for sample in self.samples)}
        return sorted({sample_id for rows in self.rows.values() for sample_id in rows} - known)


def gather(
    samples: Sequence[Record],
    frames: Mapping[str, pd.DataFrame],
    *,
    clinical: Clinical | None = None,
    assays: Sequence[Record] = (),
    profile: str = DEFAULT_PROFILE,
    links: Iterable[str] = (),
    bins: BinsOf = lambda sample_id, assay_id: None,
) -> Material:
    """Material from the sheets of a cohort and frames by the name of their contract."""
    rows = {table.name: rows_by_sample(frames[table.name], table) for table in TABLES if table.name in frames}
    order = {event: number for number, event in enumerate(catalogue())}
    for table in TABLES:
        rows.setdefault(table.name, {})
    for of_sample in (*rows[EVENTS.name].values(), *rows[EVIDENCE.name].values()):
        of_sample.sort(key=lambda row: order.get(row["event"], len(order)))
    return Material(
        tuple(dict(sample.values) for sample in samples),
        rows,
        labs_by_sample(clinical) if clinical else {},
        samples_with_made_up_labs(clinical) if clinical else frozenset(),
        {(row["sample_id"], row["assay_id"]): DataFile(row["file"].name, row["note"] or "") for row in assays},
        profile,
        tuple(links),
        bins,
    )


def rows_by_sample(frame: pd.DataFrame, table: Table) -> dict[str, list[Row]]:
    """Rows of a declared table as plain values, by sample; those of the whole cohort under `*`."""
    lists = {column.name for column in table.columns if column.kind == "list"}
    columns: dict[str, list[Any]] = {}
    for name in table.names:
        values = frame[name].astype(object).where(frame[name].notna(), None).tolist()
        columns[name] = [split(value) for value in values] if name in lists else values
    grouped = defaultdict(list)
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(table.names, values, strict=True))
        grouped[row.get("sample_id", ALL_SAMPLES)].append(row)
    return dict(grouped)


def labs_by_sample(clinical: Clinical) -> dict[str, list[Lab]]:
    """Filled cells of the clinical sheet by sample, in the order of the sheet."""
    found: dict[str, list[Lab]] = defaultdict(list)
    for column, cells in clinical.written.items():
        if column in ("sample_id", "synthetic"):
            continue
        about = lab_columns()[column].about.split(";")[0] if column in lab_columns() else column
        for sample_id, value in zip(clinical.sample_ids, cells, strict=True):
            if value:
                found[sample_id].append(Lab(column, about, value))
    return dict(found)


def samples_with_made_up_labs(clinical: Clinical) -> frozenset[str]:
    """Samples whose laboratory values are made up."""
    said = clinical.stated.get("synthetic")
    if said is None:
        return frozenset()
    return frozenset(sample_id for sample_id, word in zip(clinical.sample_ids, said, strict=True) if word == "yes")
