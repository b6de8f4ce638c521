"""Reading and writing of the declared tables: TSV and Parquet of the same frame, checked on both sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmrisk import __version__
from mmrisk.contracts import DTYPES, EVIDENCE, Column, Table
from mmrisk.errors import InputError, Problem
from mmrisk.events import DEFAULT_PROFILE, Evidence, catalogue, cutoff, state_at_cutoff


def evidence_frame(evidence: Iterable[Evidence], *, profile: str = DEFAULT_PROFILE) -> pd.DataFrame:
    """Evidence as its table: numbered, states set at the profile's cut-offs, sorted by evidence_id."""
    names = [field.name for field in fields(Evidence)]
    rows = [tuple(getattr(item, name) for name in names) for item in evidence]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    frame["warnings"] = [join(warnings) for warnings in frame["warnings"]]
    for column in ("method", "locus", "build", "fraction_basis", "cell_selection", "detail"):
        frame[column] = frame[column].replace("", None)
    base = frame["sample_id"] + "." + frame["assay_id"] + "." + frame["event"]
    number = base.groupby(base, sort=False).cumcount() + 1
    frame["evidence_id"] = base.where(number == 1, base + "." + number.astype(str)) if len(frame) else base
    frame = conform(frame, EVIDENCE)
    frame["state"] = states_at_profile(frame, profile)
    return frame


def states_at_profile(frame: pd.DataFrame, profile: str) -> pd.Series:
    """State of each row of evidence or events at a profile's cut-offs."""
    by_event = {event: cutoff(event, profile) for event in frame["event"].unique()}

    def floats(column: str) -> np.ndarray:
        return frame[column].to_numpy(dtype=float, na_value=np.nan)

    states = state_at_cutoff(
        frame["state"].to_numpy(dtype=object),
        fraction=floats("fraction"),
        low=floats("fraction_low"),
        high=floats("fraction_high"),
        limit=floats("detection_limit"),
        cut=np.array([by_event[event].fraction for event in frame["event"]], dtype=float),
        inclusive=np.array([by_event[event].inclusive for event in frame["event"]], dtype=bool),
    )
    return pd.Series(states.astype(str), index=frame.index, dtype="string")


def join(values: Iterable[str]) -> str | None:
    """A list column's cell: sorted, without repeats, joined by `;`; None for no value."""
    return ";".join(sorted(set(values))) or None


def split(cell: Any) -> list[str]:
    """Values of a list column's cell."""
    return [] if cell is None or pd.isna(cell) or cell == "" else str(cell).split(";")


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with exactly the contract's columns, order and types, sorted by key; missing columns are empty."""
    ordered = frame.reindex(columns=table.names)
    typed = ordered.astype({column.name: DTYPES[column.kind] for column in table.columns})
    return typed.sort_values(list(table.key), kind="stable", ignore_index=True)


def check(frame: pd.DataFrame, table: Table, *, file: str) -> None:
    """Raise `InputError` naming every value that breaks the contract; row 1 is the header."""
    problems = [] if keeps_contract(frame, table) else broken_values(frame, table, file=file)
    repeated = frame.duplicated(list(table.key), keep="first")
    for index in np.flatnonzero(repeated):
        value = ", ".join(str(frame[name].iloc[index]) for name in table.key)
        problems.append(
            Problem(
                file=file,
                row=int(index) + 2,
                column=", ".join(table.key),
                value=value,
                message="occurs more than once",
                remedy="keep one row per key",
            )
        )
    if problems:
        raise InputError(problems)


def keeps_contract(frame: pd.DataFrame, table: Table) -> bool:
    """Whether a table is as declared, repeated keys apart. Importing pandera takes longer than most tables do, so it is
    asked only where something is to be named.
    """
    return set(frame.columns) == set(table.names) and all(
        _is_kept(frame[column.name], column) for column in table.columns
    )


def _is_kept(values: pd.Series, column: Column) -> bool:
    if str(values.dtype) != DTYPES[column.kind] or (column.required and values.isna().any()):
        return False
    given = values.dropna()
    return (
        (not column.allowed or bool(given.isin(column.allowed).all()))
        and (column.low is None or bool((given >= column.low).all()))
        and (column.high is None or bool((given <= column.high).all()))
    )


def broken_values(frame: pd.DataFrame, table: Table, *, file: str) -> list[Problem]:
    """Every value that breaks the contract, as pandera finds them."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    schema = pa.DataFrameSchema(
        {
            column.name: pa.Column(DTYPES[column.kind], _checks(column), nullable=not column.required)
            for column in table.columns
        },
        strict=True,
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        return contract_problems(error.failure_cases, table, file=file)
    return []


def _checks(column: Column) -> list[Any]:
    import pandera.pandas as pa

    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(column.allowed))
    if column.low is not None:
        checks.append(pa.Check.ge(column.low))
    if column.high is not None:
        checks.append(pa.Check.le(column.high))
    return checks


def contract_problems(cases: pd.DataFrame, table: Table, *, file: str) -> list[Problem]:
    """Pandera's failure cases (0-based index, repeats) as problems with the row that a reader sees."""
    columns = {column.name: column for column in table.columns}
    problems = {}
    for case in cases.itertuples():
        column = columns.get(str(case.column)) or columns.get(str(case.failure_case))
        name = column.name if column else str(case.failure_case)
        row = int(case.index) + 2 if pd.notna(case.index) else None
        if (row, name) in problems:
            continue
        message, remedy = _broken(column)
        missing = case.failure_case is None or pd.isna(case.failure_case)
        problems[row, name] = Problem(
            file=file,
            row=row,
            column=name,
            value=None if missing or row is None else str(case.failure_case),
            message="is missing" if missing else message,
            remedy="fill it in" if missing else remedy,
        )
    return [problems[key] for key in sorted(problems, key=lambda key: (key[0] or 0, key[1]))]


def _broken(column: Column | None) -> tuple[str, str]:
    if column is None:
        return "is not a column of this table", "remove it"
    if column.allowed:
        return "is not one of the allowed values", f"use one of {', '.join(column.allowed)}"
    if column.low is not None or column.high is not None:
        low = f"{column.low:g} or more" if column.low is not None else ""
        high = f"{column.high:g} or less" if column.high is not None else ""
        return "is out of range", f"give {' and '.join(filter(None, (low, high)))}"
    return f"is not of kind {column.kind}", f"give a {column.kind}"


def write_table(frame: pd.DataFrame, table: Table, path: Path, *, made_by: Mapping[str, str] | None = None) -> None:
    """Check the contract, then write `path` (TSV) and its Parquet twin, each whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = conform(frame, table)
    check(frame, table, file=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    frame.to_csv(partial, sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    made = {"mmrisk_version": __version__, "mmrisk_table": table.name, **(made_by or {})}
    arrow = arrow.replace_schema_metadata({**arrow.schema.metadata, **made})
    twin = parquet_twin(path)
    partial_twin = twin.with_name(twin.name + ".partial")
    pq.write_table(arrow, partial_twin)
    partial_twin.replace(twin)
    partial.replace(path)


def parquet_twin(path: Path) -> Path:
    """The Parquet file written beside a TSV."""
    return path.with_suffix(".parquet")


def read_table(path: Path, table: Table, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a table of this package (TSV or Parquet) and check its contract.

    With `columns`, only those are read and the contract is not checked again.
    """
    if not path.is_file():
        raise InputError(Problem(file=str(path), message="does not exist", remedy=f"make the {table.name} table first"))
    if path.suffix == ".parquet":
        frame = _read_parquet(path, table, columns)
    else:
        frame = read_text_table(path, table)
    if columns is not None:
        return frame[list(columns)]
    check(frame, table, file=path.name)
    return frame


def _read_parquet(path: Path, table: Table, columns: Sequence[str] | None) -> pd.DataFrame:
    try:
        return pd.read_parquet(path, columns=list(columns) if columns else None)
    except (OSError, ValueError) as error:  # pyarrow's errors are of these kinds
        raise _unreadable(path, table, error) from None


def _read_tsv(path: Path, table: Table) -> pd.DataFrame:
    """A TSV as text, also with the byte order mark that spreadsheets write."""
    try:
        return pd.read_csv(path, sep="\t", dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except (ValueError, OSError) as error:  # not UTF-8, empty, or rows of several widths
        raise _unreadable(path, table, error) from None


def _unreadable(path: Path, table: Table, error: Exception) -> InputError:
    said = " ".join(str(error).split())[:100]
    remedy = f"this is not the {table.name} table of mmrisk as tab-delimited UTF-8 text; make it again"
    return InputError(Problem(file=path.name, message=f"cannot be read ({said})", remedy=remedy))


def read_wide_table(path: Path, table: Table) -> tuple[pd.DataFrame, Table]:
    """A table with columns beyond its contract, which are numbers or text, and the contract with them."""
    frame = read_table(path, table)
    if path.suffix == ".parquet" or not path.is_file():
        return frame, table
    text = _read_tsv(path, table)
    extra = []
    for name in (name for name in text if name not in table.names):
        numbers = pd.to_numeric(text[name], errors="coerce")
        is_number = bool((numbers.notna() | text[name].isna()).all())
        extra.append(Column(str(name), "number" if is_number else "text", str(name).replace("_", " ")))
        frame[name] = (numbers if is_number else text[name]).astype(DTYPES[extra[-1].kind])
    return frame, replace(table, columns=(*table.columns, *extra))


def read_text_table(path: Path, table: Table) -> pd.DataFrame:
    """Read a TSV of this package; a value that its column cannot hold is named."""
    frame = _read_tsv(path, table)
    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        raise InputError(
            Problem(
                file=path.name,
                row=1,
                column=", ".join(missing),
                message="is missing",
                remedy=f"this is not the {table.name} table of mmrisk {__version__}; make it again",
            )
        )
    for column in table.columns:
        if column.kind in ("number", "integer", "flag"):
            frame[column.name] = _parse_column(frame[column.name], column, file=path.name)
    return frame.astype({column.name: DTYPES[column.kind] for column in table.columns})[table.names]


def _parse_column(text: pd.Series, column: Column, *, file: str) -> pd.Series:
    if column.kind == "flag":
        parsed = text.map({"True": True, "False": False})
    else:
        parsed = pd.to_numeric(text, errors="coerce")
    broken = np.flatnonzero(parsed.isna() & text.notna())
    if len(broken):
        raise InputError(
            Problem(
                file=file,
                row=int(index) + 2,
                column=column.name,
                value=str(text.iloc[index]),
                message=f"is not a {column.kind}",
                remedy="make the table again, or correct the value",
            )
            for index in broken
        )
    return parsed.astype(DTYPES[column.kind])


def events_in_catalogue_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows sorted by sample, then in the catalogue's order of events."""
    order = {event: number for number, event in enumerate(catalogue())}
    return frame.sort_values(["sample_id", "event"], key=lambda key: key.map(order) if key.name == "event" else key)
