"""The clinical sheet: what is understood, and what is refused with a remedy."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.clinical import Clinical, lab_columns, read_cell, read_clinical, read_number
from mmrisk.errors import InputError
from mmrisk.fields import FieldError


def sheet(tmp_path: Path, text: str, name: str = "clinical.tsv") -> Path:
    path = tmp_path / name
    path.write_text(text.replace("|", "\t"), encoding="utf-8")
    return path


def read(tmp_path: Path, text: str) -> Clinical:
    return read_clinical(sheet(tmp_path, text))


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    return [str(problem) for problem in caught.value.problems]


def just_below(value: float) -> float:
    return float(np.nextafter(value, -np.inf))


def just_above(value: float) -> float:
    return float(np.nextafter(value, np.inf))


@pytest.mark.parametrize(
    ("text", "column", "low", "high"),
    [
        ("4.1", "b2m_mg_l", 4.1, 4.1),
        ("4,1", "b2m_mg_l", 4.1, 4.1),
        (",5", "b2m_mg_l", 0.5, 0.5),
        ("<3.5", "b2m_mg_l", 0, just_below(3.5)),
        ("< 3,5", "b2m_mg_l", 0, just_below(3.5)),
        (">5.5", "b2m_mg_l", just_above(5.5), math.inf),
        ("<=3.5", "b2m_mg_l", 0, 3.5),
        ("≤3.5", "b2m_mg_l", 0, 3.5),
        ("≥5.5", "b2m_mg_l", 5.5, math.inf),
        (">=1", "osteolytic_lesions", 1, math.inf),
        ("4.1 mg/L", "b2m_mg_l", 4.1, 4.1),
        ("60 %", "bmpc_pct", 60, 60),
        ("60%", "bmpc_pct", 60, 60),
        ("> 60 %", "bmpc_pct", just_above(60), math.inf),
        ("350 IU/L", "ldh_u_l", 350, 350),
        ("95 µmol/L", "creatinine_umol_l", 95, 95),
        ("600 mg/24h", "urine_m_mg_24h", 600, 600),
        ("0", "serum_m_g_dl", 0, 0),
        ("<0.05", "serum_m_g_dl", 0, just_below(0.05)),
        ("2.599999905", "b2m_mg_l", 2.6, 2.6),
        ("1.200000048", "creatinine_mg_dl", 1.2, 1.2),
        ("1.2e1", "b2m_mg_l", 12, 12),
        ("0.36", "albumin_g_dl", 0.36, 0.36),
    ],
)
def test_a_number_or_a_bound_is_understood(text: str, column: str, low: float, high: float) -> None:
    assert read_cell(text, column) == (low, high)


@pytest.mark.parametrize(
    "text", ["", "NA", "n/a", "NaN", "not done", "Not Tested", "-", "ND", ".", "unknown", "#N/A", "N.D."]
)
def test_words_for_missing_are_missing_in_every_kind_of_column(text: str) -> None:
    for column in ("b2m_mg_l", "osteolytic_lesions", "ldh_above_uln", "heavy_chain", "note"):
        assert read_cell(text, column) is None


@pytest.mark.parametrize(
    ("text", "column", "said", "remedy"),
    [
        ("1,200", "ldh_u_l", "comma", "without commas"),
        ("42", "albumin_g_dl", "looks like g/L", "use column albumin_g_l"),
        ("4.2", "albumin_g_l", "looks like g/dL", "use column albumin_g_dl"),
        ("95", "creatinine_mg_dl", "looks like umol/L", "use column creatinine_umol_l"),
        ("1.1", "creatinine_umol_l", "looks like mg/dL", "use column creatinine_mg_dl"),
        ("2.4", "calcium_mg_dl", "looks like mmol/L", "use column calcium_mmol_l"),
        ("9.5", "calcium_mmol_l", "looks like mg/dL", "use column calcium_mg_dl"),
        ("110", "hb_g_dl", "looks like g/L", "use column hb_g_l"),
        ("35", "serum_m_g_dl", "looks like g/L", "use column serum_m_g_l"),
        ("340", "b2m_mg_l", "not plausible", "84.7"),
        ("120", "bmpc_pct", "not plausible", "check the value"),
        ("4.1 g/L", "b2m_mg_l", "is in g/L", "mg/L"),
        ("42 g/L", "albumin_g_dl", "is in g/L", "use column albumin_g_l"),
        ("4.1 high", "b2m_mg_l", "words after the number", "number alone"),
        ("-1", "ldh_u_l", "negative", "not measured"),
        ("-1.0", "ldh_u_l", "negative", "not measured"),
        ("3-May", "b2m_mg_l", "date", "text"),
        ("06. Jan", "b2m_mg_l", "date", "text"),
        ("3. Mrz", "b2m_mg_l", "date", "text"),
        ("May-03", "b2m_mg_l", "date", "text"),
        ("2024-05-03", "b2m_mg_l", "date", "text"),
        ("03.05.2024", "b2m_mg_l", "date", "text"),
        ("3.5.", "b2m_mg_l", "date", "number"),
        ("45050", "b2m_mg_l", "date", "text"),
        ("#REF!", "b2m_mg_l", "spreadsheet", "formula"),
        ("high", "b2m_mg_l", "not a number", "number"),
        ("none", "serum_m_g_dl", "not a number", "number"),
        ("1.5", "osteolytic_lesions", "not a whole number", "count"),
        ("yes", "osteolytic_lesions", "not a number", "number"),
        ("perhaps", "ldh_above_uln", "neither yes nor no", "yes or no"),
        ("IgX", "heavy_chain", "not one of the known values", "IgG"),
    ],
)
def test_what_is_not_understood_is_named_with_a_remedy(text: str, column: str, said: str, remedy: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_cell(text, column)
    assert said in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("Yes", "ldh_above_uln", "yes"),
        ("1", "ldh_above_uln", "yes"),
        ("1.0", "ldh_above_uln", "yes"),
        ("0.0", "ldh_above_uln", "no"),
        ("negative", "amyloid", "no"),
        ("igg", "heavy_chain", "IgG"),
        ("KAPPA", "light_chain", "kappa"),
        ("free text, kept", "note", "free text, kept"),
    ],
)
def test_words_are_understood_in_any_case(text: str, column: str, expected: str) -> None:
    assert read_cell(text, column) == expected


@given(st.text(max_size=30), st.sampled_from(list(lab_columns())))
def test_any_text_in_any_column_is_read_or_refused_and_never_below_zero(text: str, column: str) -> None:
    said, cell = ("read", "read"), None
    try:
        cell = read_cell(text, column)
    except FieldError as refused:
        said = (refused.message, refused.remedy)
    assert all(said)
    if isinstance(cell, tuple):
        assert 0 <= cell[0] <= cell[1]


@given(st.floats(0.1, 90, allow_nan=False), st.sampled_from([".", ","]))
def test_a_number_is_read_back_as_it_was_written(value: float, mark: str) -> None:
    text = f"{value:.2f}".replace(".", mark)
    assert read_number(text, "b2m_mg_l") == (round(value, 2),) * 2


def test_a_sheet_becomes_intervals_and_words(tmp_path: Path) -> None:
    clinical = read(tmp_path, "sample_id|b2m_mg_l|heavy_chain|synthetic|note\nA|<3.5|IgG|yes|made up\nB|NA||no|\n")
    assert clinical.sample_ids == ("A", "B")
    assert clinical.low["b2m_mg_l"][0] == 0
    assert clinical.high["b2m_mg_l"][0] < 3.5
    assert np.isnan(clinical.low["b2m_mg_l"][1])
    assert clinical.stated["heavy_chain"].tolist() == ["IgG", ""]
    assert clinical.stated["synthetic"].tolist() == ["yes", "no"]
    assert clinical.written["note"] == ("made up", "")


def test_unicode_signs_and_other_delimiters_are_understood(tmp_path: Path) -> None:
    path = sheet(tmp_path, "sample_id;b2m_mg_l;albumin_g_dl\nA;4,1;≥ 3,5\nB;\u2212;3\u00a0\n", "semicolon.csv")
    clinical = read_clinical(path)
    assert clinical.low["b2m_mg_l"].tolist()[0] == 4.1
    assert np.isnan(clinical.low["b2m_mg_l"][1])
    assert clinical.low["albumin_g_dl"].tolist() == [3.5, 3.0]


def test_all_problems_of_a_sheet_come_at_once_with_row_column_and_value(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        "sample_id|b2m_mg_l|albumin_g_dl|albumin_g_l\nA|4.1|42|\nA|1,200|3.5|35\n|-3|4|\nD|5|3|41\n",
    )
    assert said == [
        "clinical.tsv, row 2, column sample_id: 'A' occurs more than once; keep one row per sample",
        "clinical.tsv, row 2, column albumin_g_dl: '42' looks like g/L, not g/dL; use column albumin_g_l",
        "clinical.tsv, row 3, column sample_id: 'A' occurs more than once; keep one row per sample",
        "clinical.tsv, row 3, column b2m_mg_l: '1,200' has a comma that may group thousands or mark decimals; "
        "write the number without commas",
        "clinical.tsv, row 3, column albumin_g_l: '35' is given in two units (albumin_g_dl, albumin_g_l); "
        "keep the one the laboratory reported",
        "clinical.tsv, row 4, column sample_id: '' names no sample; give each row a sample_id",
        "clinical.tsv, row 4, column b2m_mg_l: '-3' is negative; correct it, or leave it empty if it was not measured",
        "clinical.tsv, row 5, column albumin_g_l: '41' is given in two units (albumin_g_dl, albumin_g_l); "
        "keep the one the laboratory reported",
    ]


@pytest.mark.parametrize(
    ("header", "remedy"),
    [
        ("b2m_mgl", "did you mean b2m_mg_l?"),
        ("B2M (mg/L)", "name it b2m_mg_l"),
        ("Albumin [g/L]", "name it albumin_g_l"),
        ("albumin_umol_l", "albumin is not read in umol/L: convert it, and name it albumin_g_dl or albumin_g_l"),
        ("b2m_nmol_l", "b2m is not read in nmol/L: divide nmol/L by 84.7 to get mg/L (11.8 kDa), and name it b2m_mg_l"),
        ("albumin", "did you mean albumin_g_dl or albumin_g_l?"),
        ("b2m", "did you mean b2m_mg_l?"),
        ("favourite colour", "remove it, or give a column map with --columns"),
    ],
)
def test_an_unknown_header_comes_with_the_nearest_known_one(tmp_path: Path, header: str, remedy: str) -> None:
    (said,) = problems(tmp_path, f"sample_id|{header}\nA|1\n")
    assert said == f"clinical.tsv, row 1, column {header}: is not a known column; {remedy}"


def test_a_sheet_without_sample_id_is_refused(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, "b2m_mg_l|albumin_g_dl\n4|3\n")
    assert said == "clinical.tsv, row 1, column sample_id: is missing; add the column"


def test_plasma_cells_given_as_shares_are_named(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, "sample_id|bmpc_pct\nA|0.6\nB|0.1\n")
    assert "look like shares" in said
    assert read(tmp_path, "sample_id|bmpc_pct\nA|0.6\nB|12\n").low["bmpc_pct"].tolist() == [0.6, 12]


def test_an_ldh_flag_that_contradicts_the_value_is_named(tmp_path: Path) -> None:
    (said,) = problems(
        tmp_path, "sample_id|ldh_u_l|ldh_uln_u_l|ldh_above_uln\nA|300|250|no\nB|300|250|yes\nC|9999||no\n"
    )
    assert said.startswith("clinical.tsv, row 2, column ldh_above_uln: 'no' does not agree with LDH")


FOREIGN = "ID|B2M mg/L|Alb g/L|LDH high|Ig|colour\np1|4.1|35|1|BJ|red\np2|2|41|0|IgG|blue\n"


def column_map(tmp_path: Path, text: str) -> Path:
    return sheet(tmp_path, text, "columns.tsv")


def test_a_foreign_sheet_is_read_through_a_column_map(tmp_path: Path) -> None:
    mapped = column_map(
        tmp_path,
        "column|theirs|values\nsample_id|ID|\nb2m_mg_l|B2M mg/L|\nalbumin_g_l|Alb g/L|\n"
        "ldh_above_uln|LDH high|1=yes;0=no\nheavy_chain|Ig|BJ=none\n",
    )
    clinical = read_clinical(sheet(tmp_path, FOREIGN), columns=mapped)
    assert clinical.sample_ids == ("p1", "p2")
    assert clinical.low["albumin_g_l"].tolist() == [35, 41]
    assert clinical.stated["ldh_above_uln"].tolist() == ["yes", "no"]
    assert clinical.stated["heavy_chain"].tolist() == ["none", "IgG"]


def test_problems_behind_a_column_map_name_their_column(tmp_path: Path) -> None:
    mapped = column_map(tmp_path, "column|theirs\nsample_id|ID\nheavy_chain|Ig\n")
    with pytest.raises(InputError) as caught:
        read_clinical(sheet(tmp_path, FOREIGN), columns=mapped)
    assert str(caught.value).startswith("clinical.tsv, row 2, column Ig: 'BJ' is not one of the known values")


def test_all_problems_of_a_column_map_come_at_once(tmp_path: Path) -> None:
    mapped = column_map(
        tmp_path,
        "column|theirs|values\nb2m|B2M mg/L|\nalbumin_g_dl|Alb g/L|\nheavy_chain|Igg|\nheavy_chain|Ig|BJ\n",
    )
    with pytest.raises(InputError) as caught:
        read_clinical(sheet(tmp_path, FOREIGN), columns=mapped)
    assert [str(problem) for problem in caught.value.problems] == [
        "columns.tsv, row 2, column column: 'b2m' is not one of our columns; did you mean b2m_mg_l?",
        "columns.tsv, row 3, column theirs: 'Alb g/L' names the unit g/L, but albumin_g_dl is in g/dL; "
        "map it to the column of its unit",
        "columns.tsv, row 4, column theirs: 'Igg' is not a column of clinical.tsv; did you mean Ig?",
        "columns.tsv, row 5, column column: 'heavy_chain' is mapped more than once; keep one row",
        "columns.tsv, row 5, column values: 'BJ' is not a list of theirs=ours; write for example BJ=none;1=yes",
        "columns.tsv, column column: does not name sample_id; add a row for sample_id",
    ]


def test_a_table_that_is_no_column_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a column map has the columns"):
        read_clinical(sheet(tmp_path, FOREIGN), columns=column_map(tmp_path, "a|b\n1|2\n"))


def test_every_column_of_the_resource_is_complete() -> None:
    for name, column in lab_columns().items():
        assert column.kind in ("number", "count", "category", "yes_no", "text"), name
        assert column.about
        if column.unit:
            assert name == f"{column.lab}_{column.unit}"
        if column.kind in ("number", "count"):
            assert 0 <= column.low < column.high < math.inf, name
        assert (column.kind == "category") == bool(column.allowed), name


def test_plausible_ranges_of_two_units_of_one_value_hardly_overlap() -> None:
    labs: dict[str, list[tuple[float, float]]] = {}
    for column in lab_columns().values():
        if column.unit and column.lab not in ("urine_m", "serum_m", "ldh", "ldh_uln"):
            labs.setdefault(column.lab, []).append((column.low, column.high))
    for lab, ranges in labs.items():
        ranges.sort()
        assert all(high <= low for (_, high), (low, _) in pairwise(ranges)), lab


def labs(albumin: str, b2m: list[str], values: list[str]) -> str:
    rows = "".join(f"S{number}|{one}|{other}\n" for number, (one, other) in enumerate(zip(b2m, values, strict=True)))
    return f"sample_id|b2m_mg_l|{albumin}\n{rows}"


B2M = ["2.1", "3.4", "7.9", "12.5", "<3.5", "5.9"]
G_DL = ["4.1", "3.2", "2.9", "2,4", "4.4", ">= 3.5"]
G_L = ["41", "32", "29", "24", "44", "35"]


@pytest.mark.parametrize(("column", "albumin"), [("albumin_g_dl", G_DL), ("albumin_g_l", G_L)])
def test_exchanged_columns_of_albumin_and_b2m_are_one_problem_that_says_so(
    tmp_path: Path, column: str, albumin: list[str]
) -> None:
    assert len(read(tmp_path, labs(column, B2M, albumin)).sample_ids) == len(B2M)
    (said,) = problems(tmp_path, labs(column, albumin, B2M))
    assert f"column b2m_mg_l: seems to be exchanged with {column}" in said
    assert "exchange the two headers" in said


def test_too_few_values_or_one_typing_error_do_not_make_columns_exchanged(tmp_path: Path) -> None:
    read(tmp_path, labs("albumin_g_dl", G_DL[:4], ["3.4", "5.9", "5.8", "6"]))
    read(tmp_path, labs("albumin_g_dl", ["2", "3", "4", "5", "3"], ["3", "4", "5.9", "3", "4"]))


def test_two_columns_implausible_as_they_are_and_plausible_the_other_way_round_are_exchanged(tmp_path: Path) -> None:
    rows = "".join(f"S{number}|{hb}|{ldh}\n" for number, (hb, ldh) in enumerate([(210, 11), (180, 9), (350, 12)] * 2))
    (said,) = problems(tmp_path, f"sample_id|hb_g_dl|ldh_u_l\n{rows}")
    assert "column hb_g_dl: seems to be exchanged with ldh_u_l" in said
