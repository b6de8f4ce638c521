"""Which data file of a sample stands beside another: one rule for segments and purities."""

import pandas as pd


def of_one_file(rows: pd.DataFrame, assay_id: str) -> pd.DataFrame:
    """Rows (with `assay_id`) of one data file of a sample: of the file itself, else of the first other by name.

    Files are never mixed: their material and how cells were selected differ.
    """
    own = rows[rows["assay_id"] == assay_id]
    return own if len(own) or rows.empty else rows[rows["assay_id"] == rows["assay_id"].min()]
