"""Which data file of a sample stands beside another."""

import pandas as pd

from mmrisk.one_file import of_one_file

ROWS = pd.DataFrame({"assay_id": ["b", "a", "b"], "purity": [0.5, 0.9, 0.6]})


def test_a_file_uses_its_own_rows_and_no_others():
    assert of_one_file(ROWS, "b")["purity"].tolist() == [0.5, 0.6]


def test_a_file_without_rows_uses_those_of_the_first_other_by_name_alone():
    assert of_one_file(ROWS, "c")["purity"].tolist() == [0.9]


def test_no_rows_stay_no_rows():
    assert of_one_file(ROWS[:0], "a").empty
