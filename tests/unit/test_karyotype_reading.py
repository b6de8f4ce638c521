"""Karyotypes as text: grammar, repairs, unread tokens with their places, normal form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.cytogenetics.karyotype import Cells, Change, Count
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype

ROUND_TRIPS = [
    "46,XX[20]",
    "45,X,-Y[12]/46,XY[8]",
    "53~55<2n>,XX,+3,+5,+9[cp12]/46,XX[8]",
    "46,XY,t(4;14)(p16.3;q32.3)[5]/47,idem,+8[3]/46,XY[12]",
    "46,XX,der(8)t(8;17)(p23;q21)inv(8)(p22q13)t(8;22)(q22;q12)",
    "44,XX,dic(17;18)(p11.2;p11.2),psu dic(20;17)(q13.1;p11.2)[4]/88,slx2[2]",
    "46,XX,+1,der(1;7)(q10;p10)",
    "46,XX,ider(22)(q10)t(9;22)(q34;q11.2)",
    "46,XX,der(3)(3pter->3q21::?::14q32->14qter)",
    "46,XX,t(1;18;20)(q32;q23;q11.2),ins(5;2)(p14;q22q32),trp(1)(q21q32)",
    "47,XX,+der(?)t(?;8)(?;q13),r(17)(p11q25),?del(8)(q11.2q22)",
    "46,XY,del(1)(p1?3p32),t(10;14)(q2?4;q?32.1),add(19)(p13.2~p13.3)",
    "48,XX,+21c,+2mar,+r1,5~20dmin,inc[cp3,one is 4n]/4n[1]/nonclonal[2]",
    "46,XY,t(11;14)(q13;q32)[3]//46,XX[17]",
    "70<3n>,XX,-X,+i(1)(q10)x2,9qh+,hsr(1)(p22)",
    "46,XY,del(13)(q14)[5],-15[3][cp6].ish del(13)(RB1-)[4]",
]


@pytest.mark.parametrize("text", ROUND_TRIPS)
def test_normal_form_is_read_without_repair_and_written_the_same(text: str) -> None:
    karyotype = parse_karyotype(text)
    assert not karyotype.unread
    assert not karyotype.repairs
    assert str(karyotype) == text


DIRT = [
    ("46,XX,t(11;14)(q13;q32) [4] / 46,XX [16]", "46,XX,t(11;14)(q13;q32)[4]/46,XX[16]"),
    ("46 , XX , t( 11 ; 14 ) ( q13 ; q32 )", "46,XX,t(11;14)(q13;q32)"),
    ("46,XX,t(11;\n14)(q13;q32)", "46,XX,t(11;14)(q13;q32)"),
    ("46,xx,T(11;14)(Q13;Q32)", "46,XX,t(11;14)(q13;q32)"),
    ("46,XX,t(11:14)(q13:q32)", "46,XX,t(11;14)(q13;q32)"),
    ("46,XX,t(11,14)(q13,q32)", "46,XX,t(11;14)(q13;q32)"),
    ("46,XX,t(3;16)(p21q24)", "46,XX,t(3;16)(p21;q24)"),
    ("46,XX,t(11q13;14q32)", "46,XX,t(11;14)(q13;q32)"),
    ("46,XX,del(13)(q14;q22)", "46,XX,del(13)(q14q22)"),
    ("46,XX,del(13)(q14-q22)", "46,XX,del(13)(q14q22)"),
    ("46,XX,del(13)q14q22)", "46,XX,del(13)(q14q22)"),
    ("46,XX,del(13)(q14q22,+8", "46,XX,del(13)(q14q22),+8"),
    ("46,XX,der(13)(t(9;13)(q33;p11.2)del(13)(q12q14)", "46,XX,der(13)t(9;13)(q33;p11.2)del(13)(q12q14)"),
    ("46,XX,-der(17)t(11;17)([cp16]", "46,XX,-der(17)t(11;17)[cp16]"),
    ("46 XY", "46,XY"),
    ("46,XX,+i(1q) +i(1q)", "46,XX,+i(1)(q10),+i(1)(q10)"),
    ("46,XX,+6q-,14q+", "46,XX,+del(6)(q?),add(14)(q?)"),
    ("46,XX,-13q14,-17p,+1q", "46,XX,del(13)(q14),del(17)(p?),dup(1)(q10qter)"),
    ("46,XX,1-3mar", "46,XX,1~3mar"),
    ("45,X−Y[5]", "45,X,-Y[5]"),
    ("45,X,–Y[5]", "45,X,-Y[5]"),
    ("45,XO", "45,X"),
    ("46,XX,add(1)(p13)×2", "46,XX,add(1)(p13)x2"),
    ("46,XX,der(8)(8pter→8q24::14q32→14qter)", "46,XX,der(8)(8pter->8q24::14q32->14qter)"),
    ("46,XX,der(8)(8pter-&gt;8q24::14q32-&gt;14qter)", "46,XX,der(8)(8pter->8q24::14q32->14qter)"),
    ("46&lt;2n&gt;,XX,+8", "46<2n>,XX,+8"),
    ("45,XX,-7[9]46,XX[4]", "45,XX,-7[9]/46,XX[4]"),
    ("45,XX,-7[9],46,XX[4]", "45,XX,-7[9]/46,XX[4]"),
    ("45,XX,-7[9]; 46,XX[4]", "45,XX,-7[9]/46,XX[4]"),
    (".46,XX[4]", "46,XX[4]"),
    ("Updated ISCN: 46,XX[4]", "46,XX[4]"),
    ("46,XX[4]/ (continued from above) 47,XX,+8[3]", "46,XX[4]/47,XX,+8[3]"),
    ("43-35,XY[3]", "35~43,XY[3]"),
    ("90,slx2)[2]", "90,slx2[2]"),
    ("46,XX[20, one is 4n]", "46,XX[20,one is 4n]"),
    ("46,XX (20 cells)", "46,XX[20]"),
    ("46,XX,,del(5)(q13)", "46,XX,del(5)(q13)"),
    ("46,XX,del(9)(p22)add(17)(p11.2)", "46,XX,del(9)(p22),add(17)(p11.2)"),
    ("47,XX,+8[5]/idem,+9[3]", "47,XX,+8[5]/idem,+9[3]"),
    ("46,XX[9]/nonclonal w/clonal abnormalities[2]/Nonclonal[1]", "46,XX[9]/nonclonal[2]/nonclonal[1]"),
    ("t (1;19), t(3q;20p),t(6q,6p)", "t(1;19),t(3;20)(q?;p?),t(6;6)(q?;p?)"),
]
SILENT = {"46,xx,T(11;14)(Q13;Q32)", "46,XX,1-3mar", "43-35,XY[3]", "46,XX[20, one is 4n]"}
"""Spellings that mean the same without a mistake."""


@pytest.mark.parametrize(("dirty", "clean"), DIRT)
def test_real_dirt_is_repaired_and_said_so(dirty: str, clean: str) -> None:
    karyotype = parse_karyotype(dirty)
    assert not karyotype.unread
    assert str(karyotype) == clean
    assert karyotype.repairs or dirty in SILENT or "nonclonal" in dirty or "→" in dirty


def test_parts_of_an_abnormality_are_named() -> None:
    clone = parse_karyotype("44~46,XY,+der(14)t(11;14)(q13;q32.3)x2[cp5]").clones[0]
    abnormality = clone.abnormalities[0]
    assert clone.count == Count(44, 46)
    assert clone.cells == Cells(5, composite=True)
    assert (abnormality.sign, abnormality.head, abnormality.chroms) == ("+", "der", ("14",))
    assert abnormality.changes == (Change("t", ("11", "14"), (("q13",), ("q32.3",))),)
    assert abnormality.copies == Count(2, 2)


UNREAD = [
    ("46,XX,foo(3),+8", [(6, "foo(3)")]),
    ("46,XX,+23,+8", [(6, "+23")]),
    ("46,XX,13,+8", [(6, "13")]),
    ("46,XX,t(4;14)(p16)", [(6, "t(4;14)(p16)")]),
    ("46,XX,del(13)(q14)or add(13)(q14),+8", [(6, "del(13)(q14)or add(13)(q14)")]),
    ("46,XX,+8[a few]", [(8, "[a few]")]),
    ("Bone marrow: 46,XX[20]", [(0, "Bone marrow:")]),
    ("46,XX[20] normal result", [(10, "normal result")]),
]


@pytest.mark.parametrize(("text", "pieces"), UNREAD)
def test_what_is_not_grammar_is_reported_with_its_place(text: str, pieces: list[tuple[int, str]]) -> None:
    karyotype = parse_karyotype(text)
    assert [(piece.start, piece.text) for piece in karyotype.unread] == pieces
    assert all(text[piece.start :].startswith(piece.text) for piece in karyotype.unread)
    assert all(piece.reason for piece in karyotype.unread)


def test_what_stands_beside_an_unread_token_is_still_read() -> None:
    clone = parse_karyotype("46,XX,foo(3),+8[5]/46,XX[15]").clones[0]
    assert str(clone) == "46,XX,+8[5]"


def test_places_survive_repairs() -> None:
    text = "46 , XX ,&nbsp; t(11;14)(q13;q32) , nonsense [4]"
    piece = parse_karyotype(text).unread[0]
    assert text[piece.start : piece.start + len(piece.text)] == piece.text == "nonsense"


@pytest.mark.parametrize("text", ["", "-9", "NA", "n/a", "not done"])
def test_a_missing_result_is_no_karyotype(text: str) -> None:
    assert parse_karyotype(text).result == "missing"


@pytest.mark.parametrize("text", ["Unable to use", "no growth", "No metaphases", "culture failure"])
def test_a_failed_culture_is_no_normal_karyotype(text: str) -> None:
    karyotype = parse_karyotype(text)
    assert (karyotype.result, karyotype.clones, karyotype.unread) == ("failed", (), ())


def test_another_technique_behind_the_karyotype_is_set_aside_with_its_place() -> None:
    text = "46,XX,del(13)(q14)[4].nuc ish (TP53x1)[20/200].arr[GRCh38] (13)x1"
    karyotype = parse_karyotype(text)
    assert [text[start:] == part or text[start:].startswith(part) for start, part in karyotype.elsewhere] == [
        True,
        True,
    ]
    assert not karyotype.unread


def test_too_long_a_text_is_left_unread() -> None:
    assert parse_karyotype("46,XX," + "+8," * 5000).unread


@given(st.text(alphabet="0123456789pqxyXY()[];,+-/?.~<>: marderticnsulv→×\n", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_reported(text: str) -> None:
    karyotype = parse_karyotype(text)
    for piece in karyotype.unread:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text


@given(
    st.lists(
        st.sampled_from(["+8", "-13", "t(4;14)(p16;q32)", "del(17)(p13)", "+mar", "i(17)(q10)", "?+7"]), max_size=8
    )
)
@settings(max_examples=100, deadline=None)
def test_normal_form_of_any_list_of_changes_reads_back(changes: list[str]) -> None:
    karyotype = parse_karyotype(",".join(["46", "XX", *changes]) + "[5]")
    assert parse_karyotype(str(karyotype)) == karyotype
