"""The cohort table: samples, events and labels side by side, and one index row per patient."""

from collections.abc import Sequence

import pandas as pd

from mmrisk.cohort import ALL_SAMPLES, SAMPLES, Record
from mmrisk.contracts import Column, Table
from mmrisk.events import State, catalogue
from mmrisk.risk.assign import labels_table
from mmrisk.tables import join

SAMPLE_COLUMNS = ("sample_id", "patient_id", "date", "day", "time_point", "treated", "sex", "site", "batch", "sort")
KINDS = {"id": "text", "date": "text"}


def cohort_table() -> Table:
    """Contract of the cohort table."""
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
        Column("n_conflicts", "integer", "events on which evidence disagrees", required=True, low=0),
        Column("failed_inputs", "list", "inputs of the sample that could not be read"),
    ]
    columns = (*samples, *events, *labels, *quality)
    return Table("cohort", "Everything known of a sample in one row.", ("sample_id",), columns)


def patients_table() -> Table:
    """Contract of the patients table: the index sample of each patient."""
    about = "The index sample of each patient: the earliest before treatment, else the earliest."
    return Table("patients", about, ("patient_id",), cohort_table().columns)


def join_cohort(
    samples: Sequence[Record], events: pd.DataFrame, labels: pd.DataFrame, conflicts: pd.DataFrame, status: pd.DataFrame
) -> pd.DataFrame:
    """One row per sample of the samples sheet (contract `cohort_table`)."""
    frame = pd.DataFrame([{name: record[name] for name in SAMPLE_COLUMNS} for record in samples]).set_index("sample_id")
    states = events.pivot(index="sample_id", columns="event", values="state")
    shares = events.pivot(index="sample_id", columns="event", values="fraction").add_suffix("_fraction")
    joined = frame.join([states, shares, labels.set_index("sample_id")])
    joined["n_conflicts"] = conflicts.groupby("sample_id").size().reindex(joined.index, fill_value=0)
    joined["failed_inputs"] = [_failed_inputs(sample, status) for sample in joined.index]
    return joined.reset_index()


def _failed_inputs(sample: str, status: pd.DataFrame) -> str | None:
    """Inputs that may have held the sample and could not be read."""
    failed = status[(status["status"] == "failed") & status["sample_id"].isin([sample, ALL_SAMPLES])]
    return join(failed["assay_id"])


def index_samples(cohort: pd.DataFrame) -> pd.DataFrame:
    """The index row of each patient: untreated before treated, then by day or date, those without one last.

    Where `treated` is empty, remission, progression and relapse count as treated.
    """
    later = cohort["time_point"].isin(["remission", "progression", "relapse"])
    first = cohort.assign(
        _treated=cohort["treated"].astype("boolean").fillna(later.astype("boolean")),
        _day=pd.to_numeric(cohort["day"]),
        _date=cohort["date"].fillna("9999-99-99"),
    ).sort_values(["_treated", "_day", "_date", "sample_id"], na_position="last", kind="stable")
    return first.drop_duplicates("patient_id").drop(columns=["_treated", "_day", "_date"])
