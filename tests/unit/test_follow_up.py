"""Treatments and outcomes: every problem named at once, and what went before a specimen."""

import pytest

from mmrisk.cohort import read_cohort
from mmrisk.errors import InputError
from mmrisk.joined import _samples_frame

SAMPLES = "sample_id\tpatient_id\tdate\ttreated\nS1\tP1\t2020-01-10\t\nS2\tP1\t2022-01-10\t\nS3\tP2\t\t\n"
TREATMENTS = "patient_id\tline\tdrug\tdrug_class\tstart\tend\tresponse\n"
OUTCOMES = "patient_id\tos_months\tos_event\tpfs_months\tpfs_event\n"


def cohort(folder, **sheets):
    paths = {}
    for name, text in {"samples": SAMPLES, **sheets}.items():
        paths[name] = folder / f"{name}.tsv"
        paths[name].write_text(text)
    return read_cohort(**paths)


BROKEN = [
    (
        "treatments",
        TREATMENTS + "P1\t0\tbortezomib\tPI\t2020-02-01\t\tVGPR\n",
        "row 2, column line: '0' is not a line of",
    ),
    (
        "treatments",
        TREATMENTS + "P1\t1\tbortezomib\tPI\t2020-02-01\t2020-01-01\t\n",
        "column end: '2020-01-01' lies before",
    ),
    ("treatments", TREATMENTS + "P9\t1\tbortezomib\tPI\t\t\t\n", "'P9' is not in samples.tsv"),
    ("treatments", TREATMENTS + "P1\t1\tbortezomib\tproteasome\t\t\t\n", "column drug_class: 'proteasome' is not one"),
    ("treatments", TREATMENTS + "P1\t1\tx\t\t\t\t\nP1\t1\tx\t\t\t\t\n", "'P1, 1, x' occurs on row 2 too"),
    ("outcomes", OUTCOMES + "P1\t12\t\t\t\n", "column os_event: is missing beside os_months"),
    ("outcomes", OUTCOMES + "P1\t\tyes\t\t\n", "column os_months: is missing beside os_event"),
    ("outcomes", OUTCOMES + "P1\t12\tno\t13\tno\n", "column pfs_months: '13.0' is longer than os_months 12"),
    ("outcomes", OUTCOMES + "P1\t-2\tno\t\t\n", "column os_months: '-2' is out of range"),
    ("outcomes", OUTCOMES + "P7\t2\tno\t\t\n", "'P7' is not in samples.tsv"),
]


@pytest.mark.parametrize(("name", "text", "said"), BROKEN, ids=[said for *_, said in BROKEN])
def test_a_broken_row_is_named(name, text, said, tmp_path):
    with pytest.raises(InputError) as caught:
        cohort(tmp_path, **{name: text})
    assert f"{name}.tsv" in str(caught.value)
    assert said in str(caught.value)


def test_problems_of_all_sheets_come_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        cohort(tmp_path, treatments=BROKEN[0][1], outcomes=BROKEN[5][1])
    assert {problem.file for problem in caught.value.problems} == {"treatments.tsv", "outcomes.tsv"}


def test_a_sample_cannot_be_untreated_after_treatment(tmp_path):
    samples = SAMPLES.replace("2022-01-10\t\n", "2022-01-10\tno\n")
    with pytest.raises(InputError, match="contradicts a treatment that began before"):
        cohort(tmp_path, samples=samples, treatments=TREATMENTS + "P1\t1\tlenalidomide\tIMiD\t2020-02-01\t\t\n")


def test_lines_before_a_specimen_are_counted_and_fill_what_the_samples_sheet_leaves_open(tmp_path):
    rows = "P1\t1\tbortezomib\tPI\t2020-02-01\t\tVGPR\nP1\t1\tlenalidomide\tIMiD\t2020-02-01\t\tVGPR\n"
    rows += "P1\t2\tdaratumumab\tanti_CD38\t2021-02-01\t\tPR\n"
    read = cohort(tmp_path, treatments=TREATMENTS + rows)
    frame = _samples_frame(read.samples, read.treatments)
    assert frame["lines_before"].tolist()[:2] == [0, 2]
    assert frame["drug_classes_before"].tolist()[1] == "IMiD;PI;anti_CD38"
    assert frame["treated"].tolist() == [False, True, None], "a patient without treatments stays unknown"


def test_a_treatment_without_a_date_leaves_the_lines_unknown(tmp_path):
    read = cohort(tmp_path, treatments=TREATMENTS + "P1\t1\tbortezomib\tPI\t\t\t\n")
    frame = _samples_frame(read.samples, read.treatments)
    assert frame["lines_before"].isna().all()
    assert frame["treated"].isna().all()
