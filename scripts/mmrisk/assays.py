"""Rows of the assays sheet, each read by itself: one bad file is a failed row, and the others are still read."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from mmrisk.assay_sheet import ALL_SAMPLES, ASSAYS, MAPPED_KINDS
from mmrisk.cohort import SAMPLES, Record, read_records
from mmrisk.contracts import STATUS
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State
from mmrisk.fields import FieldError, parse_path
from mmrisk.tables import conform

SHOWN_PROBLEMS = 5
PATH_COLUMNS = ("file", "columns", "mate", "reference", "targets", "normals", "snps", "coverage", "matched_normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayFile:
    """One data file of one sample, or of many (`sample_id` is `*`), and what is known of it.

    `purity_span` are the ends of a purity that was fitted.
    """

    sample_id: str
    assay_id: str
    source: str
    file: Path
    build: str
    format_name: str | None = None
    columns: Path | None = None
    mate: Path | None = None
    reference: Path | None = None
    targets: Path | None = None
    normals: Path | None = None
    snps: Path | None = None
    matched_normal: Path | None = None
    variant_sample: str | None = None
    others: frozenset[str] = frozenset()
    """Other samples of the cohort."""
    purity: float | None = None
    purity_span: tuple[float, float] | None = None
    purity_corrected: bool | None = None
    ig_baits: bool = False
    cell_selection: str = ""
    unit: str = ""
    coverage: Path | None = None
    genes: tuple[str, ...] = ()
    min_depth: float | None = None

    @property
    def least_purity(self) -> float | None:
        """Lower end of a purity that was fitted, so that no limit is smaller than the data warrant; else the purity."""
        return self.purity_span[0] if self.purity_span else self.purity

    @property
    def names_its_samples(self) -> bool:
        """Whether the file itself says whose data it holds."""
        return self.sample_id == ALL_SAMPLES

    def evidence(self, event: str, state: State, *, method: str, detail: str, **values: object) -> Evidence:
        """What a caller or reader saw of an event in this file; `values` are further fields of `Evidence`."""
        return Evidence(
            sample_id=self.sample_id,
            assay_id=self.assay_id,
            event=event,
            source=self.source,
            state=state,
            method=method,
            build=self.build,
            cell_selection=self.cell_selection,
            purity=self.purity,
            detail=detail,
            **values,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: evidence, the rows of the table that goes with it (segments, spikes), and others."""

    evidence: tuple[Evidence, ...]
    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    others: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read from all files, and what happened to each (contract STATUS)."""

    readings: tuple[Reading, ...]
    status: pd.DataFrame = field(repr=False)

    @property
    def evidence(self) -> list[Evidence]:
        """Evidence of all files."""
        return [item for reading in self.readings for item in reading.evidence]

    def table(self, columns: Sequence[str], name: str | None = None) -> pd.DataFrame:
        """The second table of all files, or another one by its name."""
        found = [reading.table if name is None else reading.others.get(name, ()) for reading in self.readings]
        tables = [table for table in found if isinstance(table, pd.DataFrame) and len(table)]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))


def read_sheet_of_assays(
    sheet: Path,
    *,
    kind: str,
    read: Callable[[AssayFile], Reading],
    chunk: tuple[int, int] = (0, 1),
    samples: Path | None = None,
) -> Readings:
    """Read every file of one kind that the assays sheet names.

    `samples` is the cohort's samples sheet: no file's column named after another of them is taken for a sample.
    `chunk` (k, n) keeps the rows whose sample falls on k of n. An `InputError` of one file becomes its status; one of
    the sheet itself is raised.
    """
    table = replace(
        ASSAYS,
        columns=tuple(
            replace(column, kind="text") if column.name in PATH_COLUMNS else column for column in ASSAYS.columns
        ),
    )
    every = read_records(sheet, table)
    cohort = read_records(samples, SAMPLES) if samples else ()
    names = frozenset(record["sample_id"] for record in (*every, *cohort)) - {ALL_SAMPLES}
    records = [record for record in every if record["kind"] == kind]
    readings: list[Reading] = []
    status: list[tuple[str, str, str, int, str | None]] = []
    for record in records:
        if chunk_of(record["sample_id"], chunk[1]) != chunk[0]:
            continue
        try:
            reading = read(_assay_file(record, sheet, names - {record["sample_id"]}))
        except InputError as error:
            status.append((record["sample_id"], record["assay_id"], "failed", 0, _message(error)))
            continue
        readings.append(reading)
        message = "; ".join(reading.notes) or None
        status.append((record["sample_id"], record["assay_id"], "ok", len(reading.evidence), message))
    return Readings(tuple(readings), status_frame(status))


def read_one_file(file: AssayFile, read: Callable[[AssayFile], Reading]) -> Readings:
    """Read one file; an `InputError` becomes its status, so that in a cohort it costs only itself."""
    try:
        reading = read(file)
    except InputError as error:
        return Readings((), status_frame([(file.sample_id, file.assay_id, "failed", 0, _message(error))]))
    message = "; ".join(reading.notes) or None
    rows = [(file.sample_id, file.assay_id, "ok", len(reading.evidence), message)]
    return Readings((reading,), status_frame(rows))


def status_frame(rows: Iterable[tuple[str, str, str, int, str | None]]) -> pd.DataFrame:
    """Status of inputs (contract STATUS)."""
    return conform(pd.DataFrame(list(rows), columns=STATUS.names, dtype=object), STATUS)


def chunk_of(sample_id: str, chunks: int) -> int:
    """The chunk of a sample, the same in every run: sha256 of its name modulo the number of chunks."""
    return int(hashlib.sha256(sample_id.encode()).hexdigest(), 16) % chunks


def default_assay_id(file: Path) -> str:
    """Name of a data file without folder and endings, made of the characters that names may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", file.name.split(".")[0]).lstrip("_-") or "file"


def _assay_file(record: Record, sheet: Path, others: frozenset[str]) -> AssayFile:
    paths = {name: _path(record, name, sheet) for name in PATH_COLUMNS}
    if record["build"] is None and record["kind"] in MAPPED_KINDS:
        raise InputError(
            Problem(
                file=sheet.name,
                row=record.row,
                column="build",
                message="is missing",
                remedy="write GRCh38, GRCh37 or T2T-CHM13v2",
            )
        )
    file = paths["file"]
    assert file is not None  # noqa: S101  a required column of the sheet
    return AssayFile(
        sample_id=record["sample_id"],
        assay_id=record["assay_id"],
        source=record["source"],
        file=file,
        build=record["build"] or "",
        format_name=record["format"],
        columns=paths["columns"],
        mate=paths["mate"],
        reference=paths["reference"],
        targets=paths["targets"],
        normals=paths["normals"],
        snps=paths["snps"],
        matched_normal=paths["matched_normal"],
        variant_sample=record["variant_sample"],
        others=others,
        purity=record["purity"],
        purity_corrected=record["purity_corrected"],
        ig_baits=bool(record["ig_baits"]),
        cell_selection=record["cell_selection"] or "",
        unit=record["unit"] or "",
        coverage=paths["coverage"],
        genes=tuple(filter(None, re.split(r"[;,\s]+", record["genes"] or ""))),
        min_depth=record["min_depth"],
    )


def _path(record: Record, column: str, sheet: Path) -> Path | None:
    if record[column] is None:
        return None
    try:
        return parse_path(record[column], sheet.parent)
    except FieldError as broken:
        raise InputError(
            Problem(
                file=sheet.name,
                row=record.row,
                column=column,
                value=record[column],
                message=broken.message,
                remedy=broken.remedy,
            )
        ) from None


def _message(error: InputError) -> str:
    """Problems as one cell."""
    shown = " | ".join(map(str, error.problems[:SHOWN_PROBLEMS]))
    more = len(error.problems) - SHOWN_PROBLEMS
    return f"{shown} | and {more} more" if more > 0 else shown
