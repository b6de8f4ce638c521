"""Explanations and drawings of karyotypes and arrays."""

import xml.etree.ElementTree as ElementTree

from mmrisk.cytogenetics.bands import chromosome_end
from mmrisk.cytogenetics.clones import build_clones
from mmrisk.cytogenetics.explain import explain, ideogram_svg
from mmrisk.cytogenetics.ideogram import draw_line
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype

TEXT = "45,XX,der(16)t(1;16)(q10;q10),-13,+mar,foo(3)[10]/46,XX[10]"


def test_an_explanation_names_segments_gains_losses_and_what_was_not_read() -> None:
    lines = explain(TEXT).splitlines()
    assert "  der(16)t(1;16)(q10;q10): 16pter->16q10 :: 1q10->1qter" in lines
    assert "  gained: 1cen-qter +1" in lines
    assert "  lost: 13 -1, 16cen-qter -1" in lines
    assert "  unknown material: mar" in lines
    assert any(f"unread at {TEXT.index('foo')}: 'foo(3)'" in line for line in lines)
    assert any(line.startswith("gain_1q21 present") for line in lines)


def test_an_array_is_explained_too() -> None:
    text = explain("arr[GRCh37] 1q21.1q44(145,304,539_249,211,096)x3,(13)x1")
    assert "  lost: 13 -1" in text.splitlines()
    assert "del_13q present" in text


def test_a_fish_string_and_a_sentence_are_explained_too() -> None:
    lines = explain("nuc ish(TP53x1,D17Z1x2)[60/200]").splitlines()
    assert "nuc ish (TP53×1,D17Z1×2)[60/200]" in lines
    assert any(line.startswith("del_17p present in 30.0% (60/200 nuclei)") for line in lines)
    lines = explain("No t(4;14) in 200 nuclei; blorf").splitlines()
    assert "  unread at 26: 'blorf'" in lines
    assert any(line.startswith("t_4_14 absent (0/200 nuclei), a clone of 1.5% would have been seen") for line in lines)


def test_each_technique_of_a_string_is_explained() -> None:
    text = explain("46,XX,del(13)(q14)[5]/46,XX[15].nuc ish(TP53x1)[60/200]")
    assert "Clone 1" in text
    assert "del_17p present in 30.0%" in text


def test_the_text_drawing_has_a_sign_for_every_stretch() -> None:
    clone = build_clones(parse_karyotype("46,XX,i(17)(q10),dup(13)(q14q34)x2,del(5)(q13)x2,-9,+9"))[0]
    profiles = clone.profiles()
    assert draw_line(profiles["17"], 2) == "------|+++++++++++++++"
    assert set(draw_line(profiles["13"], 2)) == {".", "|", "#"}
    assert set(draw_line(profiles["5"], 2)) == {".", "|", "="}
    assert set(draw_line(profiles["9"], 2)) == {".", "|"}
    assert set(draw_line(profiles["9"], 2, unresolved=True)) == {"?", "|"}


def test_the_ideogram_is_a_drawing_of_every_abnormal_clone() -> None:
    root = ElementTree.fromstring(ideogram_svg(TEXT))
    space = "{http://www.w3.org/2000/svg}"
    labels = [item.text or "" for item in root.iter(f"{space}text")]
    hints = [item.text or "" for item in root.iter(f"{space}title")]
    assert [label for label in labels if label.startswith("Clone")] == [
        "Clone 1: 45,XX,der(16)t(1;16)(q10;q10),-13,+mar[10]"
    ]
    assert "1cen to qter: +1" in hints
    assert "13pter to qter: -1" in hints
    assert chromosome_end("1") > 0


def test_markup_in_a_string_stays_text() -> None:
    svg = ideogram_svg("46,XX,<script>alert(1)</script>,+8[5]")
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


def test_drawing_and_explanation_are_deterministic() -> None:
    assert explain(TEXT) == explain(TEXT)
    assert ideogram_svg(TEXT) == ideogram_svg(TEXT)


def test_nothing_readable_is_explained_as_such() -> None:
    assert explain("").startswith("nothing read")
    ElementTree.fromstring(ideogram_svg(""))


def test_a_share_below_the_cutoff_is_said_to_be_below_it_as_in_the_table() -> None:
    assert "del_17p below the cut-off in 8.0% (16/200 nuclei)" in explain("nuc ish(TP53x1)[16/200]")
    assert "del_17p present in 30.0%" in explain("nuc ish(TP53x1)[60/200]", profile="emn2012")
    assert "del_17p below the cut-off in 30.0%" in explain("nuc ish(TP53x1)[60/200]", profile="ccf55")
