import pytest

from mmrisk.events import State
from mmrisk.report.bars import label_style, share_bar, stacked
from mmrisk.report.words import assay_words, either, event_name, flag_sentence, in_sentence
from mmrisk.resource import facts
from mmrisk.risk.systems import SYSTEMS


def row(**values):
    empty = dict.fromkeys(("fraction", "fraction_low", "fraction_high", "detection_limit"))
    return {"event": "del_17p", "state": State.PRESENT, **empty, **values}


BARS = {
    "a share with its interval": (
        row(fraction=0.665, fraction_low=0.6, fraction_high=0.73, detection_limit=0.014),
        (66.5, 60.0, 73.0, None),
    ),
    "nothing seen, with the limit": (
        row(state=State.ABSENT, fraction=0.0, fraction_low=0.0, fraction_high=0.139, detection_limit=0.139),
        (None, None, None, 13.9),
    ),
    "an interval without a share": (
        row(state=State.NOT_EVALUABLE, fraction_low=0.12, fraction_high=0.3),
        (None, 12.0, 30.0, None),
    ),
    "nothing is known": (row(state=State.NOT_EVALUABLE), (None, None, None, None)),
}


@pytest.mark.parametrize("case", BARS)
def test_a_bar_shows_the_share_or_the_limit(case):
    values, expected = BARS[case]
    bar = share_bar(values, "emn2012")
    assert (bar.share, bar.low, bar.high, bar.limit) == expected
    assert bar.is_empty == (expected == (None, None, None, None))
    assert bar.cutoff == 20.0


def test_the_cutoff_of_a_bar_is_that_of_the_profile():
    assert share_bar(row(fraction=0.5), "ccf55").cutoff == 55.0


def test_settled_labels_come_first_and_from_low_to_high_risk():
    possible = [["III"], ["I", "II"], ["not_applicable"], ["I"], ["I"], ["I", "II", "III"], ["II", "III"]]
    segments = stacked(possible, ("I", "II", "III"))
    assert [(item.name, item.count) for item in segments] == [
        ("I", 2),
        ("III", 1),
        ("I or II", 1),
        ("II or III", 1),
        ("I, II or III", 1),
        ("not applicable", 1),
    ]
    assert [item.style for item in segments] == ["risk-0", "risk-4", "open", "open", "open", "not-applicable"]
    assert sum(item.width for item in segments) == pytest.approx(100, abs=0.1)
    assert segments[-1].start + segments[-1].width == pytest.approx(100, abs=0.1)


def test_an_open_label_never_has_the_colour_of_a_label():
    assert label_style(["I", "II"], ("I", "II")) == "open"
    assert label_style(["I", "not_applicable"], ("I", "II")) == "open"


def test_a_class_has_no_colour_of_risk():
    assert label_style(["MM"], ("MGUS", "MM"), is_risk=False) == "class"


def test_the_highest_risk_of_every_system_is_darkest_and_the_lowest_lightest():
    for system in SYSTEMS.values():
        styles = [label_style([label], system.labels) for label in system.labels]
        assert (styles[0], styles[-1]) == ("risk-0", "risk-4")
        assert styles == sorted(styles)


WORDS = [
    (event_name("t_4_14"), "t(4;14)"),
    (event_name("del_17p"), "del(17p)"),
    (event_name("gain_1q21"), "1q21 gain"),
    (event_name("no_such_event"), "no_such_event"),
    (in_sentence("Biallelic del(1p32)"), "biallelic del(1p32)"),
    (in_sentence("MYC rearranged"), "MYC rearranged"),
    (in_sentence("del(17p)"), "del(17p)"),
    (in_sentence(""), ""),
    (either(["I"]), "I"),
    (either(["I", "II", "III"]), "I, II or III"),
    (either(["t_4_14", "not_applicable"]), "t(4;14) or not applicable"),
    (either(list("abcdefg")), "one of 7 labels"),
    (flag_sentence("derived"), "Follows from other events."),
    (flag_sentence("no_such_flag"), "no such flag"),
    (flag_sentence("der(8): band 8q30 is not known"), "der(8): band 8q30 is not known"),
    (assay_words("fish", "tick_box"), "FISH (tick box)"),
    (assay_words("wgs", None), "genome"),
]


@pytest.mark.parametrize(("said", "expected"), WORDS)
def test_names_become_words(said, expected):
    assert said == expected


def test_every_flag_has_one_sentence():
    rows = facts("flag_words.tsv")
    assert len({row["flag"] for row in rows}) == len(rows)
    assert all(row["sentence"].endswith(".") and row["flag"] == row["flag"].strip() for row in rows)
