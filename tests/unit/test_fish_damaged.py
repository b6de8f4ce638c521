"""Damaged and foreign text: an answer always, soon, and never an unfounded absence of understanding."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.cytogenetics.reports import read_report
from mmrisk.events import State, catalogue

REAL = (
    "ish t(4;14)(FGFR3+,IGH+;IGH+)[5]",
    "nuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[141/212],(D13S319,LAMP1)x1[157/208]",
    "46,XY[20].ish 13q14(DLEU×2)[10].nuc ish (DLEU×1,LAMP1×2)[17/200],(IGH,MAF)×3(IGH con MAF)×2[15/200]",
    "7 cen (D7z1x2),9cen(D9Z4x3),15cen(D15Z4x3)[28/100]/(D7Z1x2,D9Z4x3,D15Z4x2)[31/100]",
    "nuc ish(5'IGH,3'IGH)x2(5'IGH con 3'IGHx1)[40/100],(MYCx2)(5'MYC sep 3'MYCx1)[30%]",
    "12~18% cells showing deletions of D13S319 (13q14.3) and TP53 (17p13.1).",
    "Negative for t(4;14), t(11;14) and t(14;16). Gain of 1q (3 copies) in 65% of cells; monosomy 13 (80%).",
    "t(4;14): negative; t(11;14): positive (78%); del(13q): positive (45%); del(17p): not detected",
    "2 red/1 green/1 yellow signal pattern reflecting IGH/CCND1 fusion, gain of chromosomes 3,5,7 and 9",
    "68% of cells have 3 copies of IGH in the presence of two intact signals MAF",
    "rsa (IGH::MMSET)×1[0.45],(IGH::FGFR3)×1[0.45]",
)
CHARACTERS = "()[]/,;:.x×~-+?%0123456789 ABCIGHTPpqfn'@&<>\n=\"´中"
WORDS = (
    "con", "sep", "nuc ish", "no", "not", "and", "IGH", "t(4;14)", "[20/200]", "x3", "amp", "((((", "))))", "of",
    "del(17p)", "45%", "%", "1R1G2F", "but", "negative", "&#", "chromosome", "3,5,7", "5'", "respectively", "cut-off",
)  # fmt: skip
LONGEST = 0.05
"""Seconds that one string may take."""


def damage(text, rng):
    """A real string after a few random accidents."""
    letters = list(text)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        place = rng.randrange(len(letters) + 1)
        accident = rng.randrange(6)
        if accident == 0:
            del letters[place : place + 1]
        elif accident == 1:
            letters.insert(place, rng.choice(CHARACTERS))
        elif accident == 2:
            letters[place:place] = rng.choice(WORDS)
        elif accident == 3:
            start, end = sorted((place, rng.randrange(len(letters) + 1)))
            letters[start:end] = letters[start:end][::-1] if rng.random() < 0.3 else []
        elif accident == 4:
            letters[place:place] = letters[max(0, place - 20) : place] * rng.choice((1, 2, 5))
        else:
            other = rng.choice(REAL)
            start = rng.randrange(len(other))
            letters[place:place] = other[start : start + 15]
    return "".join(letters)


def check(text, selection):
    reading = read_report(text, method="fish", sample_id="s", assay_id="a", cell_selection=selection)
    for piece in reading.unread:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
    for item in reading.evidence:
        assert item.event in catalogue()
        for share in (item.fraction, item.fraction_low, item.fraction_high, item.detection_limit):
            assert share is None or 0 <= share <= 1, (text, item)
        if item.state == "absent":
            assert not item.fraction
            assert "unread_text" not in item.warnings


def run(rounds, seed):
    rng = random.Random(seed)
    for text in REAL:
        check(text, "cd138")  # the first reading loads tables
    slowest = 0.0
    for _ in range(rounds):
        text = damage(rng.choice(REAL), rng)
        start = time.process_time()
        check(text, rng.choice(("cd138", "none", "unknown")))
        slowest = max(slowest, time.process_time() - start)
    return slowest


def test_damaged_strings_are_answered_soon():
    assert run(2000, seed=1) < 10 * LONGEST  # room for a busy machine; the slow test holds the bar itself


@pytest.mark.slow
def test_many_damaged_strings_are_answered_soon():
    assert run(100_000, seed=2) < 5


@given(st.text(max_size=200))
def test_any_text_is_answered(text):
    check(text, "unknown")


@given(st.text(alphabet="()[]x/,con sep IGHMAF34'5×~%0;:.-+", max_size=300))
def test_any_jumble_of_the_grammar_is_answered(text):
    check("nuc ish" + text, "cd138")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000,
        "nuc ish(" * 400,
        "(IGHx2" * 600,
        "t(" * 2000,
        "1p" * 3000,
        "no " * 3000,
        "IGH/" * 2000,
        "3,5," * 2000,
    ],
)
def test_repetition_does_not_hang(text):
    start = time.process_time()
    read_fish(text, sample_id="s", assay_id="a")
    assert time.process_time() - start < 5


@given(st.sampled_from(REAL), st.integers(0, 120), st.sampled_from(["zzyzx", "qwxk", "blorf"]))
def test_a_word_of_no_meaning_never_makes_an_absence(text, place, word):
    """Whatever is absent with a strange word in the text is absent without it too."""
    place = min(place, len(text))
    where = text[:place].rfind(" ") + 1
    plain = {item.event for item in read_fish(text, sample_id="s", assay_id="a").evidence if item.state == "absent"}
    with_word = read_fish(f"{text[:where]}{word} {text[where:]}", sample_id="s", assay_id="a").evidence
    assert {item.event for item in with_word if item.state == "absent"} <= plain


DATES = ("08. Feb", "8-Feb", "Feb-08", "Aug 20", "2/8/2025", "2025-02-08", "08.02.", "08.02.2025", "45323", "8. März")
"""What spreadsheets make of `8/2` and of longer counts, English and German."""


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize(
    "text",
    [
        "nuc ish(IGHx2)(5'IGH sep 3'IGHx1)[{}],(CKS1Bx3)[50/200]",
        "nuc ish(CKS1Bx3)[50/200],(TP53x1,D17Z1x2)[{}]",
        "TP53 deletion in [{}]. Gain of 1q21 (3 copies) in 25% of nuclei.",
    ],
)
def test_a_count_that_a_spreadsheet_made_a_date_of_decides_nothing_and_spares_the_other_probes(text, date):
    reading = read_fish(text.format(date), sample_id="S", assay_id="F", cell_selection="cd138")
    states = {one.event: (one.state, one.fraction) for one in reading.evidence}
    doubtful = states.keys() & {"igh_rearranged_partner_unknown", "del_17p"}
    assert doubtful
    assert {states[event] for event in doubtful} == {(State.NOT_EVALUABLE, None)}
    assert states["gain_1q21"] == (State.PRESENT, 0.25)
    assert reading.unread
    if "nuc ish" in text:
        assert any("spreadsheet" in piece.reason for piece in reading.unread)


@pytest.mark.parametrize("inside", ["8.2", "8-2", "about 9", "2/8/20", "8/200/300", "?8/200"])
def test_whatever_else_in_the_brackets_is_no_count_leaves_the_result_open(inside):
    reading = read_fish(f"nuc ish(TP53x1)[{inside}]", sample_id="S", assay_id="F", cell_selection="cd138")
    assert [(one.event, one.state) for one in reading.evidence] == [("del_17p", State.NOT_EVALUABLE)]


@pytest.mark.parametrize("inside", ["18/200", "18 of 200 cells", "0.09", "9%", "9 %", "18/200 nuclei", "cp18"])
def test_counts_as_laboratories_write_them_still_count(inside):
    reading = read_fish(f"nuc ish(TP53x1)[{inside}]", sample_id="S", assay_id="F", cell_selection="cd138")
    assert [(one.event, one.state) for one in reading.evidence] == [("del_17p", State.PRESENT)]


def test_the_date_of_a_report_in_brackets_is_no_count():
    reading = read_fish("FISH [12.03.2024]: t(4;14) in 40% of nuclei", sample_id="S", assay_id="F")
    assert [(one.event, one.state) for one in reading.evidence] == [("t_4_14", State.PRESENT)]
