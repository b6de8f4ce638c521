"""Sex chromosomes of karyotypes against the samples sheet."""

import pytest

from mmrisk.cytogenetics.karyotype_sex import sex_by_karyotype, sex_mismatch


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("46,XY[20]", "M"),
        ("46,XX[20]", "F"),
        ("45,X,-Y[3]/46,XY[17]", "M"),
        ("45,X,-Y[20]", None),
        ("45,X,-X[20]", None),
        ("55,XX,+3,+5,t(11;14)(q13;q32)[8]/46,XX[12]", "F"),
        ("92,XXYY[4]/46,XY[16]", "M"),
        ("46,XX,t(Y;14)(q12;q32)[4]", None),
        ("46,XY[3]//46,XX[17]", None),
        ("46,??[20]", None),
        ("", None),
        ("no metaphases", None),
        ("46,XY[20].nuc ish(TP53x1)[20/200]", "M"),
    ],
)
def test_the_sex_is_told_only_where_the_chromosomes_leave_no_doubt(text, sex):
    assert sex_by_karyotype(text, "karyotype") == sex


@pytest.mark.parametrize("method", ["karyotype", "fish"])
def test_only_a_contradiction_to_the_sheet_is_said(method):
    said = sex_mismatch("Karyotype 46,XY[20].", method, "F")
    assert said is not None
    assert said.startswith("sex mismatch: the sheet says F")
    assert sex_mismatch("46,XY[20]", method, "M") is None
    assert sex_mismatch("46,XY[20]", method, None) is None
