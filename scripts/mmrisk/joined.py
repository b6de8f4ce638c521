"""The cohort table: samples, events and labels side by side, and one index row per patient."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mmrisk.assay_sheet import ALL_SAMPLES
from mmrisk.cohort import SAMPLES, Record
from mmrisk.contracts import STATUS, Column, Table
from mmrisk.events import State, Tier, catalogue
from mmrisk.follow_up import lines_before
from mmrisk.marrow_columns import marrow_columns
from mmrisk.risk.assign import labels_table
from mmrisk.tables import conform, join

SAMPLE_COLUMNS = ("sample_id", "patient_id", "date", "day", "time_point", "treated", "sex", "site", "batch", "sort")
KINDS = {"id": "text", "date": "text"}
TREATMENT_COLUMNS = (
    Column("lines_before", "integer", "lines of treatment that began before the specimen", low=0),
    Column("drug_classes_before", "list", "classes of drugs given before the specimen"),
)


def cohort_table(marrow: Sequence[Column] = ()) -> Table:
    """Contract of the cohort table; `marrow` are the columns of what was counted and scored in this cohort."""
    samples = [
        Column(c.name, KINDS.get(c.kind, c.kind), c.about, required=c.required)
        for c in SAMPLES.columns
        if c.name in SAMPLE_COLUMNS
    ]
    events = []
    for event in catalogue().values():
        events += [
            Column(event.id, "text", f"{event.label}: state", required=True, allowed=tuple(map(str, State))),
            Column(f"{event.id}_fraction", "number", f"{event.label}: share of cells", low=0.0, high=1.0),
        ]
    labels = [column for column in labels_table().columns if column.name != "sample_id"]
    quality = [
        Column("inferred_events", "list", "events whose state RNA alone suggests; no assay measured them"),
        Column("n_conflicts", "integer", "events on which evidence disagrees", required=True, low=0),
        Column("failed_inputs", "list", "inputs of the sample that could not be read"),
    ]
    columns = (*samples, *TREATMENT_COLUMNS, *events, *labels, *quality, *marrow)
    about = "Everything known of a sample in one row; where cells were counted, columns for each type and score follow."
    return Table("cohort", about, ("sample_id",), columns)


def patients_table(cohort: Table | None = None) -> Table:
    """Contract of the patients table: the index sample of each patient."""
    about = "The index sample of each patient: the earliest before treatment, else the earliest."
    return Table("patients", about, ("patient_id",), (cohort or cohort_table()).columns)


def join_cohort(
    samples: Sequence[Record],
    events: pd.DataFrame,
    labels: pd.DataFrame,
    conflicts: pd.DataFrame,
    status: pd.DataFrame,
    *,
    treatments: Sequence[Record] = (),
    marrow: Mapping[str, pd.DataFrame] | None = None,
) -> tuple[pd.DataFrame, Table]:
    """One row per sample of the samples sheet, and its contract; `marrow` holds tables of the marrow by name."""
    frame = _samples_frame(samples, treatments)
    states = events.pivot(index="sample_id", columns="event", values="state")
    shares = events.pivot(index="sample_id", columns="event", values="fraction").add_suffix("_fraction")
    joined = frame.join([states, shares, labels.set_index("sample_id")])
    suggested = events[(events["tier"] == Tier.INFERRED) & (events["state"] != State.NOT_EVALUABLE)]
    joined["inferred_events"] = suggested.groupby("sample_id")["event"].agg(join)
    joined["n_conflicts"] = conflicts.groupby("sample_id").size().reindex(joined.index, fill_value=0)
    joined["failed_inputs"] = [_failed_inputs(sample, status) for sample in joined.index]
    wide, columns = marrow_columns(marrow or {})
    joined = joined.join(wide.reindex(joined.index)) if columns else joined
    return joined.reset_index(), cohort_table(columns)


def _samples_frame(samples: Sequence[Record], treatments: Sequence[Record]) -> pd.DataFrame:
    """The samples sheet; the treatments sheet says what went before, and whether anything did where that is open."""
    rows = []
    for record in samples:
        row = {name: record[name] for name in SAMPLE_COLUMNS}
        lines = lines_before(record, treatments)
        if lines is not None:
            row["lines_before"] = len(lines)
            row["drug_classes_before"] = join(name for classes in lines.values() for name in classes)
            if row["treated"] is None:
                row["treated"] = bool(lines)
        rows.append(row)
    names = [*SAMPLE_COLUMNS, *(column.name for column in TREATMENT_COLUMNS)]
    return pd.DataFrame(rows, columns=names).set_index("sample_id")


def one_status_per_input(statuses: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Status of all inputs: a file that several readers read (copy number, translocations) has one row.

    It failed where one of them failed; rows of evidence are added up.
    """
    if not statuses:
        return conform(pd.DataFrame(), STATUS)
    status = pd.concat(statuses, ignore_index=True)
    repeated = status.duplicated(["sample_id", "assay_id"], keep=False)
    rows = [
        {
            "sample_id": sample_id,
            "assay_id": assay_id,
            "status": "failed" if (part["status"] == "failed").any() else "ok",
            "rows": part["rows"].sum(min_count=1),
            "message": "; ".join(part["message"].dropna().unique()) or None,
        }
        for (sample_id, assay_id), part in status[repeated].groupby(["sample_id", "assay_id"], sort=True)
    ]
    return conform(pd.concat([status[~repeated], pd.DataFrame(rows, columns=STATUS.names)], ignore_index=True), STATUS)


def _failed_inputs(sample: str, status: pd.DataFrame) -> str | None:
    """Inputs that may have held the sample and could not be read."""
    failed = status[(status["status"] == "failed") & status["sample_id"].isin([sample, ALL_SAMPLES])]
    return join(failed["assay_id"])


def index_samples(cohort: pd.DataFrame) -> pd.DataFrame:
    """The index row of each patient: the first of `in_index_order`."""
    return in_index_order(cohort).drop_duplicates("patient_id")


def in_index_order(cohort: pd.DataFrame) -> pd.DataFrame:
    """Rows as they are preferred for a patient: untreated before treated, then by day or date, those without one last.

    Where `treated` is empty, remission, progression and relapse count as treated.
    """
    later = cohort["time_point"].isin(["remission", "progression", "relapse"])
    keyed = cohort.assign(
        _treated=cohort["treated"].astype("boolean").fillna(later.astype("boolean")),
        _day=pd.to_numeric(cohort["day"]),
        _date=cohort["date"].fillna("9999-99-99"),
    ).sort_values(["_treated", "_day", "_date", "sample_id"], na_position="last", kind="stable")
    return keyed.drop(columns=["_treated", "_day", "_date"])
