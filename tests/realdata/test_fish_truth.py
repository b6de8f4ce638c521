"""FISH strings of real reports against the calls that people read from them."""

import csv
import re

import pytest

from mmrisk.cytogenetics.reports import read_report
from mmrisk.tables import evidence_frame

COLUMNS = {
    "t_4_14": "t_4_14",
    "t_6_14": "t_6_14",
    "t_11_14": "t_11_14",
    "t_14_16": "t_14_16",
    "t_14_20": "t_14_20",
    "t_8_14_MYC": "myc_rearranged",
    "hyperdiploid": "hyperdiploid",
    "del17p": "del_17p",
    "del1p": "del_1p32",
    "del13q": "del_13q",
}
COPIES_ONLY = "not_evaluable"
"""Copies of a partner in a sentence are no result of a fusion."""
NOT_TESTED = "not_tested"
"""BAC clones are no named probes: neither present nor absent may follow from them."""
DIFFERENT = {
    ("LINE:AMO-1-FISH", "del1p"): NOT_TESTED,
    ("LINE:AMO-1-FISH", "del13q"): NOT_TESTED,
    ("LINE:NCI-H929-FISH", "del1p"): NOT_TESTED,
    ("LINE:NCI-H929-FISH", "del13q"): NOT_TESTED,
    ("CRF-14", "t_4_14"): COPIES_ONLY,
}
"""Calls that are rightly not those of the table, with the reason; all others must be equal."""


@pytest.fixture(scope="module")
def rows(realdata):
    with (realdata / "iscn" / "truth_cytogenetics.tsv").open(encoding="utf-8", newline="") as handle:
        found = [row for row in csv.DictReader(handle, delimiter="\t") if row["string_type"] == "fish"]
    assert found
    return found


def states(row):
    reading = read_report(row["iscn"], method="fish", sample_id="s", assay_id="a", cell_selection="cd138")
    frame = evidence_frame([item for item in reading.evidence if item.source == "fish"])
    found = {}
    for event, state in zip(frame["event"], frame["state"], strict=True):
        found.setdefault(event, set()).add(state)
    return {event: "/".join(sorted(each - {"not_evaluable"} or each)) for event, each in found.items()}


def expected(cell):
    if cell.startswith("0"):
        return "absent"
    return "subthreshold" if "<" in cell else "present"


def test_calls_are_those_of_the_truth_table(rows):
    wrong = {}
    for row in rows:
        found = states(row)
        for column, event in COLUMNS.items():
            if row[column] in ("", "NA"):
                continue
            state = found.get(event, "not_tested")
            if state != expected(row[column]):
                wrong[row["id"], column] = state
    asked = {(row["id"], column) for row in rows for column in COLUMNS}
    assert wrong == {cell: state for cell, state in DIFFERENT.items() if cell in asked}


def test_1q_copies_are_those_of_the_truth_table(rows):
    for row in rows:
        if copies := re.search(r"\d", row["gain1q_copies"] or ""):
            assert states(row)["gain_1q21"] == ("present" if int(copies.group()) >= 3 else "absent"), row["id"]


def test_nothing_that_is_there_is_called_absent(rows):
    for row in rows:
        found = states(row)
        for column, event in COLUMNS.items():
            if (row[column] or "").startswith("1"):
                assert "absent" not in found.get(event, ""), (row["id"], column)


def test_every_string_is_read_to_the_last_letter(rows):
    for row in rows:
        reading = read_report(row["iscn"], method="fish", sample_id="s", assay_id="a")
        assert not reading.unread, (row["id"], reading.unread)
        assert reading.normalised, row["id"]


def test_the_normal_form_says_the_same(rows):
    for row in rows:
        normal = read_report(row["iscn"], method="fish", sample_id="s", assay_id="a").normalised
        if normal.startswith("nuc ish") and ";" not in normal:
            assert states({"iscn": normal}) == states(row), row["id"]
