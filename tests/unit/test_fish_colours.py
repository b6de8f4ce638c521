"""Colour shorthand of signal patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.cytogenetics.colours import find_colours, read_colours
from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.cytogenetics.tokens import find_tokens
from mmrisk.events import State


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("1R1G2F", "1R1G2F"), ("1O1G2F", "1R1G2F"), ("101G2F", "1R1G2F"), ("2R1G1F", "2R1G1F"), ("2R2G", "2R2G0F"),
        ("1O1G2OG", "1R1G2F"), ("2o1g1y", "2R1G1F"), ("2F1R1G", "1R1G2F"), ("1r2g1f", "1R2G1F"),
    ],
)  # fmt: skip
def test_shorthand(text, pattern):
    assert str(read_colours(text)) == pattern


@pytest.mark.parametrize("text", ["", "D13S319", "R1G1", "1R1R", "99R1G", "CKS1B", "1Q21", "2020"])
def test_other_words_are_no_pattern(text):
    assert read_colours(text) is None


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2 red/1 green/1 yellow signal pattern", "2R1G1F"),
        ("one red, one green and two fusion signals", "1R1G2F"),
        ("1 orange 1 green 2 yellow", "1R1G2F"),
        ("1 R 1 G 2 F", "1R1G2F"),
        ("1R/1G/2F", "1R1G2F"),
        ("2F pattern", "0R0G2F"),
    ],
)
def test_spelled_out(text, pattern):
    assert str(find_colours(find_tokens(text), 0)[0]) == pattern


CALLS = {
    "2 red/1 green/1 yellow signal pattern reflecting IGH/CCND1 fusion": ("t_11_14", State.PRESENT),
    "1R1G2F signal pattern for IGH/FGFR3 in 56% of cells": ("t_4_14", State.PRESENT),
    "IGH/CCND1 101G2F": ("t_11_14", State.PRESENT),
    "1O1G2OG with the t(14;16) probe": ("t_14_16", State.PRESENT),
    "2R2G for IGH/MAF": ("t_14_16", State.ABSENT),
    "IGH/MAF: 2O3G": ("t_14_16", State.ABSENT),
    "MYC BA: 2F": ("myc_rearranged", State.ABSENT),
    "MYC break-apart: 1R1G1F in 30%": ("myc_rearranged", State.PRESENT),
    "IGH break-apart 1F1R": ("igh_rearranged_partner_unknown", State.NOT_EVALUABLE),
    "TP53/CEP17: 1R2G in 45%": ("del_17p", State.NOT_EVALUABLE),
    "IGH/FGFR3 fusion, 2R2G": ("t_4_14", State.NOT_EVALUABLE),
}


@pytest.mark.parametrize("text", CALLS)
def test_what_a_pattern_means_depends_on_the_probe_set(text):
    event, state = CALLS[text]
    found = {item.event: item for item in read_fish(text, sample_id="s", assay_id="a", cell_selection="cd138").evidence}
    assert found[event].state is state


def test_patterns_other_than_one_one_two_are_atypical():
    atypical = read_fish("IGH/CCND1 2R1G1F", sample_id="s", assay_id="a", cell_selection="cd138").evidence[0]
    typical = read_fish("IGH/CCND1 1R1G2F", sample_id="s", assay_id="a", cell_selection="cd138").evidence[0]
    assert (atypical.warnings, typical.warnings) == (("atypical_fusion_pattern",), ())
    assert atypical.method == "colours"


@pytest.mark.parametrize("text", ["1R1G2F", "TP53/CEP17: 1R2G"])
def test_a_pattern_that_fits_no_named_probe_set_is_unread(text):
    unread = read_fish(text, sample_id="s", assay_id="a").unread
    assert [text[piece.start :] for piece in unread] == [piece.text for piece in unread]
    assert unread


@given(st.text(alphabet="0123456789ROGFYABrogf /,", max_size=24))
def test_any_text_is_answered(text):
    read_colours(text.strip())
    tokens = find_tokens(text)
    for place in range(len(tokens)):
        found = find_colours(tokens, place)
        assert found is None or place < found[1] <= len(tokens)
