"""Labels only, for a spreadsheet: no events, no laboratory values."""

import csv
import io

import pandas as pd

from mmrisk.export.text import spreadsheet_cell


def labels_csv(labels: pd.DataFrame, cohort: pd.DataFrame) -> str:
    """The labels table with the patient of each sample, as comma-separated text in which no cell is a formula."""
    patients = cohort.set_index("sample_id")["patient_id"]
    frame = labels.copy()
    frame.insert(1, "patient_id", frame["sample_id"].map(patients))
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([spreadsheet_cell(value) for value in row])
    return made.getvalue()
