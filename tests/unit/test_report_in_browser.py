"""Every kind of page in a real browser, and the contrast of its colours."""

import re

import pytest

import chromium
import report_example
from mmrisk.report.pages import TEMPLATES

CONTRAST = 4.5
"""Least contrast of text, WCAG 2.2 level AA."""
INK_ON_PAPER = ("ink", "muted", "link", "present", "conflict", "made-up-ink")
CSS = (TEMPLATES / "report.css").read_text("utf-8")
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", CSS))


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


PAIRS = [(name, name.removesuffix("-ink")) for name in COLOURS if name.endswith("-ink")]
PAIRS += [(ink, ground) for ink in INK_ON_PAPER for ground in ("paper", "wash")]
PAIRS += [("open-ink", "open-line")]


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(ink, ground):
    assert contrast(COLOURS[ink], COLOURS[ground]) >= CONTRAST


def test_every_colour_of_a_state_or_label_has_ink_of_its_own():
    grounds = {name for name in COLOURS if re.fullmatch(r"risk-\d|class|open|present|absent|conflict", name)}
    assert grounds <= {ground for _, ground in PAIRS}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return report_example.write(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def tab():
    if not chromium.PROGRAM:
        pytest.skip("needs chromium")
    with chromium.browser() as opened:
        yield opened


# what a reader with a keyboard or a screen reader needs, as defects of the page that is open
DEFECTS = """
[...document.querySelectorAll('table')].filter(t => !t.closest('details .inner') && !t.classList.contains('inner') && !t.caption).map(t => 'no caption: ' + t.className)
.concat([...document.querySelectorAll('th:not([scope])')].map(t => 'no scope: ' + t.textContent))
.concat([...document.querySelectorAll('svg:not([aria-hidden]):not([aria-label]):not([aria-labelledby])')].map(s => 'no name: ' + s.outerHTML.slice(0, 80)))
.concat([...document.querySelectorAll('input')].filter(i => !i.labels.length).map(i => 'no label'))
.concat([...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap(e => (e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby')).split(' ').filter(id => !document.getElementById(id))).map(id => 'no such id: ' + id))
.concat(document.documentElement.scrollWidth > innerWidth ? ['wider than the window: ' + document.documentElement.scrollWidth] : [])
.concat(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1'])
"""  # noqa: E501


@pytest.mark.slow
@pytest.mark.parametrize("width", [1300, 420])
def test_pages_are_silent_ask_for_nothing_and_fit(tab, report, width):
    tab.size(width=width, height=900)
    for path in sorted(report.rglob("*.html")):
        tab.messages.clear()
        tab.requests.clear()
        tab.open(path)
        assert tab.messages == [], path.name
        assert tab.requests == [path.resolve().as_uri()]
        assert tab.run(DEFECTS) == [], path.name


@pytest.mark.slow
def test_the_first_stop_of_the_keyboard_skips_to_the_content(tab, report):
    tab.open(report / "index.html")
    tab.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert tab.run("document.activeElement.className") == "skip"
    assert tab.run("document.activeElement.getBoundingClientRect().left") > 0
    assert tab.run("!!document.querySelector(document.activeElement.getAttribute('href'))")


@pytest.mark.slow
def test_tables_are_filtered_and_sorted(tab, report):
    tab.size(width=1300, height=900)
    tab.open(report / "index.html")
    names = (
        "[...document.querySelector('.matrix').tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[0].textContent)"
    )
    tab.run("document.querySelector('.matrix .sort').click()")
    assert tab.run(names) == ["S1", "S2", "S3", "S4"]
    tab.run("document.querySelector('.matrix .sort').click()")
    assert tab.run(names) == ["S4", "S3", "S2", "S1"]
    tab.run(
        "(i => {i.value = 'T(11;14)'; i.dispatchEvent(new Event('input'))})(document.querySelector('.filter input'))"
    )
    assert tab.run(names) == ["S3"]
    assert tab.messages == []


@pytest.mark.slow
def test_a_script_that_the_page_does_not_know_is_not_run(tab, report):
    tab.messages.clear()
    tab.open(report / "index.html")
    tab.run("(s => {s.textContent = 'window.foreign = 1'; document.body.append(s)})(document.createElement('script'))")
    assert tab.run("window.foreign") is None
    assert any("Content Security Policy" in message for message in tab.messages)
