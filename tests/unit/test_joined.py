import pandas as pd
import pytest

from mmrisk.assays import status_frame
from mmrisk.contracts import STATUS
from mmrisk.joined import index_samples, one_status_per_input
from mmrisk.tables import check


def samples(*rows):
    frame = pd.DataFrame(rows, columns=["sample_id", "patient_id", "date", "day", "treated"])
    return frame.assign(time_point=["relapse" if name.startswith("relapse") else None for name in frame["sample_id"]])


INDEX = [
    ("the earliest day", [("b", "P", None, 30, None), ("a", "P", None, 0, None)], "a"),
    ("the earliest date", [("a", "P", "2024-05-01", None, None), ("b", "P", "2023-01-01", None, None)], "b"),
    ("before treatment rather than earlier", [("a", "P", None, 5, True), ("b", "P", None, 9, False)], "b"),
    ("no relapse of unknown treatment", [("relapse", "P", None, 5, None), ("x", "P", None, 9, None)], "x"),
    ("the earliest where all were treated", [("a", "P", None, 9, True), ("b", "P", None, 5, True)], "b"),
    ("dated before undated", [("a", "P", None, None, None), ("b", "P", "2024-01-01", None, None)], "b"),
    ("the first name where nothing is known", [("b", "P", None, None, None), ("a", "P", None, None, None)], "a"),
]


@pytest.mark.parametrize(("name", "rows", "expected"), INDEX, ids=[name for name, *_ in INDEX])
def test_the_index_sample_is(name, rows, expected):
    assert index_samples(samples(*rows))["sample_id"].tolist() == [expected]


def test_each_patient_has_one_index_sample():
    rows = [("a", "P", None, 0, None), ("b", "Q", None, 3, None), ("c", "P", None, 1, None)]
    assert index_samples(samples(*rows)).set_index("patient_id")["sample_id"].to_dict() == {"P": "a", "Q": "b"}


def test_a_file_that_two_readers_read_has_one_status_and_failed_where_one_of_them_failed():
    copies = status_frame([("a", "bam", "ok", 31, "sex mismatch"), ("b", "bam", "ok", 31, None)])
    junctions = status_frame([("a", "bam", "failed", 0, "has no index"), ("b", "bam", "ok", 12, None)])
    status = one_status_per_input([copies, junctions, status_frame([("a", "maf", "ok", 3, None)])])
    check(status, STATUS, file="status")
    rows = status.set_index(["sample_id", "assay_id"])
    assert rows.loc[("a", "bam"), ["status", "rows", "message"]].tolist() == [
        "failed",
        31,
        "sex mismatch; has no index",
    ]
    assert rows.loc[("b", "bam"), ["status", "rows"]].tolist() == ["ok", 43]
    assert rows.loc[("a", "maf"), "rows"] == 3
    assert one_status_per_input([]).empty
