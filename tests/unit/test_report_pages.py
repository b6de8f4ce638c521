import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmrisk.contracts import CONFLICTS, EVENTS, EVIDENCE, PARSED, RISK, STATUS, TO_ORDER
from mmrisk.report import event_view, patient_page
from mmrisk.report.material import DataFile, gather
from mmrisk.report.pages import TEMPLATES, environment, page_files, write_report
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import conform
from report_example import EVIDENCE_ROWS, SAMPLE_ROWS, fish, genome, make, samples, write

VOID = {"meta", "br", "img", "input", "link", "hr"}
INLINE = {"span", "tspan", "a", "b", "code", "mark", "strong"}
SVG_EMPTY = {"rect", "line", "circle", "path"}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def pages(report):
    return {path.relative_to(report).as_posix(): path.read_text("utf-8") for path in sorted(report.rglob("*.html"))}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on a tag that is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.text = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG_EMPTY
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text.append("" if tag in INLINE else " ")

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    @property
    def words(self):
        return re.sub(r"\s+", " ", "".join(self.text).replace("\u00a0", " "))


def test_there_is_a_page_for_the_cohort_and_one_for_each_sample(pages):
    assert list(pages) == ["index.html", *(f"patients/S{n}.html" for n in (1, 2, 3, 4))]


def test_every_page_is_well_formed_with_unique_ids_a_title_and_a_language(pages):
    for text in pages.values():
        page = Page(text)
        assert len(page.ids) == len(set(page.ids))
        assert ("html", {"lang": "en"}) in page.tags
        assert {"title", "header", "main", "footer", "h1"} <= {tag for tag, _ in page.tags}
        assert sum(tag == "h1" for tag, _ in page.tags) == 1


def test_every_header_cell_has_a_scope_and_every_listed_table_a_caption(pages):
    for text in pages.values():
        page = Page(text)
        assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
        tables = [attributes for tag, attributes in page.tags if tag == "table" and attributes.get("class") != "inner"]
        assert len(tables) == sum(tag == "caption" for tag, _ in page.tags) > 0


def test_every_link_leads_to_a_file_or_a_place_that_exists(pages, report):
    for name, text in pages.items():
        page = Page(text)
        for link in page.links:
            file, _, place = link.partition("#")
            assert not file or (report / name).parent.joinpath(unquote(file)).resolve().is_file(), link
            assert not place or place in page.ids, link


def test_no_page_asks_for_anything_from_elsewhere(pages):
    for text in pages.values():
        page = Page(text)
        assert not {"link", "img", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}
        attributes = [(name, value) for _, given in page.tags for name, value in given.items()]
        assert not [item for item in attributes if item[0] in ("src", "srcset", "action", "style", "xlink:href")]
        assert not [item for item in attributes if re.search(r"//|javascript:|data:", item[1] or "")]
        assert not [item for item in attributes if item[0].startswith("on")]
        assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#hatch"}
        assert "@import" not in text


def test_a_page_allows_its_own_style_and_script_only(pages):
    made = environment()
    for text in pages.values():
        assert text.count("<script") == text.count("<style") == 1
        policy = re.search(r'Security-Policy" content="([^"]*)"', text).group(1)
        assert "default-src 'none'" in policy
        assert f"script-src '{made.globals['script_hash']}'" in policy.replace("&#39;", "'")
        assert "unsafe" not in policy


def test_what_a_sheet_or_a_laboratory_wrote_is_text_and_never_markup(pages):
    everything = "".join(pages.values())
    assert "<script>alert" not in everything
    assert "<img" not in everything
    assert "<b>probe" not in everything
    for name in ("index.html", "patients/S1.html", "patients/S2.html", "patients/S3.html", "patients/S4.html"):
        assert "<script>alert('1')</script>" in Page(pages[name]).words, name


def test_the_same_inputs_give_the_same_bytes(report, pages, tmp_path):
    write_report(make(tmp_path), SYSTEMS, index=tmp_path / "index.html", pages=tmp_path / "patients")
    assert {name: (tmp_path / name).read_text("utf-8") for name in pages} == pages


def test_no_page_says_when_or_where_it_was_made(pages, report):
    for text in pages.values():
        assert str(report) not in text
        assert str(Path(__file__).parents[2]) not in text


def test_the_card_says_what_the_patient_has_and_what_nobody_looked_for(pages):
    said = Page(pages["patients/S1.html"]).words
    assert "t(4;14) in 66.5 %, del(13q) in 75.5 %" in said
    assert "Looked at by FISH (CD138-selected)" in said
    assert "Looked for and not found t(11;14)" in said
    assert "Cannot be told t(14;16)" in said
    assert "Not tested t(14;20), 1q21 gain, del(1p32), del(17p), TP53 mutation" in said
    assert "Fewer than 100 nuclei were scored." in said
    assert "95 % interval 59.7 % to 72.8 %" in said
    assert "none seen; smallest clone detectable 13.9 %" in said


def test_an_open_label_shows_what_is_possible_and_what_would_decide(pages):
    said = Page(pages["patients/S4.html"]).words.split("R2-ISS I")
    assert "ISS I, II or III ISS (2005) cannot be evaluated" in said[0]
    assert "To decide beta-2-microglobulin and serum albumin, together." in said[0]
    assert "Points 0 to 5" in said[1]


def test_made_up_values_are_marked_where_they_are_and_only_there(pages):
    assert "Made up, for illustration: the laboratory values" in Page(pages["patients/S1.html"]).words
    assert "ade up" not in Page(pages["patients/S2.html"]).words
    assert "laboratory values of 1 sample." in Page(pages["index.html"]).words


@pytest.mark.parametrize(
    ("name", "note", "expected"),
    [
        ("a.synthetic.vcf", "", True),
        ("a.vcf", "Synthetic: drawn from facts", True),
        ("a.vcf", "CD138-selected", False),
    ],
)
def test_a_file_is_made_up_where_its_name_or_note_says_so(name, note, expected):
    assert DataFile(name, note).is_made_up == expected


def test_laboratory_values_are_shown_as_written(pages):
    assert "serum beta-2-microglobulin, mg/L <3.5" in Page(pages["patients/S1.html"]).words


def test_samples_of_one_patient_point_to_each_other(pages):
    assert "S2.html" in Page(pages["patients/S1.html"]).links
    assert "S1.html" in Page(pages["patients/S2.html"]).links
    assert "S1.html" not in Page(pages["patients/S3.html"]).links


def test_the_first_page_names_conflicts_failures_unread_pieces_and_limits(pages):
    said = Page(pages["index.html"]).words
    assert "4 samples of 3 patients" in said
    assert "Conflicts open 1 " in said
    assert "Inputs that failed 1 " in said
    assert "not a diagnostic device" in said
    assert "S4, karyotype:" in said


def test_what_was_supplied_and_could_not_be_read_is_said_on_every_page_that_misses_it(pages):
    said = Page(pages["patients/S4.html"]).words
    assert "Nothing could be told: supplied, but could not be read: karyotype" in said
    assert "Supplied, but could not be read: karyotype (" in said
    assert "First see to what was supplied and could not be read" in said
    assert "no assay looked)" not in said
    assert "Nothing could be told: supplied, but could not be read: karyotype" in Page(pages["index.html"]).words
    assert "could not be read" not in Page(pages["patients/S1.html"]).words


def test_a_file_of_many_samples_that_failed_is_said_of_each_of_them(tmp_path):
    row = {
        "sample_id": "*",
        "assay_id": "fishdb",
        "status": "failed",
        "message": "a.csv, row 2: x | a.csv, row 3: y | and 10 more",
    }
    material = make(tmp_path, status=conform(pd.DataFrame([row]), STATUS))
    write_report(material, SYSTEMS, index=tmp_path / "index.html", pages=tmp_path / "patients")
    for name in ("S1", "S4"):
        said = Page((tmp_path / "patients" / f"{name}.html").read_text("utf-8")).words
        assert "A file of many samples could not be read, and may hold this one: fishdb" in said
        assert "the first of 12 problems" in said


def test_pages_of_both_samples_and_the_first_page_say_what_changed_in_words(tmp_path):
    more = [fish("S1", "del_1p32", 0, 200), fish("S2", "del_1p32", 90, 200)]
    more += [fish("S1", "del_16q", 90, 200), fish("S2", "del_16q", 0, 200)]
    write_report(
        make(tmp_path, evidence=[*EVIDENCE_ROWS, *more]),
        SYSTEMS,
        index=tmp_path / "index.html",
        pages=tmp_path / "patients",
    )
    earlier, later, index, other = (
        Page((tmp_path / name).read_text("utf-8")).words
        for name in ("patients/S1.html", "patients/S2.html", "index.html", "patients/S3.html")
    )
    assert "Until S2, 300 days later" in earlier
    assert "Since S1, 300 days before" in later
    for said in (earlier, later, index):
        assert re.search(r"New del\(1p32\) \(45 %\)", said)
        assert re.search(r"Seen only now, not known before [^N]*hyperdiploidy \(90 %\)", said)
        assert "No longer found del(16q) (45 %)" in said
        assert "light-chain ratio, creatinine" in said
    assert "What changed" not in other
    for said in (earlier, later):
        assert "IMS-2025: " in said
        assert "Did not haemoglobin" in said
        assert not re.search(
            r"\b(iss_iii|not_evaluable|not_applicable|decided;)\b", said.split("What changed")[1][:3000]
        )


@pytest.mark.parametrize(("test", "is_value"), [("ECOG performance status", True), ("serum albumin", False)])
def test_a_clinical_value_is_not_called_a_test(test, is_value, tmp_path):
    row = {"sample_id": "S1", "test": test, "decides": "RW-ISS", "open_systems": "RW-ISS"}
    material = make(tmp_path, to_order=conform(pd.DataFrame([row]), TO_ORDER))
    write_report(material, SYSTEMS, index=tmp_path / "index.html", pages=tmp_path / "patients")
    for name in ("index.html", "patients/S1.html"):
        said = Page((tmp_path / name).read_text("utf-8")).words
        assert (f"{test} (a clinical value, not a test)" in said) == is_value
        assert test in said


def test_samples_are_sorted_by_primary_event_and_then_by_name(pages):
    table = pages["index.html"].split('<table class="matrix')[1].split("</table>")[0]
    assert re.findall(r">(S\d)</a>", table) == ["S1", "S3", "S2", "S4"]


def test_a_state_is_never_shown_by_colour_alone(pages):
    table = pages["index.html"].split('<table class="matrix')[1].split("</table>")[0]
    cells = re.findall(r'<td(?: class=(\w))?(?: title="[^"]*")?>([^<]*)</td>', table)
    assert {mark for mark, _ in cells} == {"p", "a", "c", "u", "s", ""}
    assert len(set(cells)) == len({symbol for _, symbol in cells}) == 6
    assert 'class=p title="66.5\u00a0%">●' in table


def test_results_of_samples_outside_the_sheet_are_named_not_dropped_in_silence(tmp_path):
    material = make(tmp_path, evidence=[*EVIDENCE_ROWS, fish("X9", "t_4_14", 9, 100)])
    assert material.strangers == ["X9"]
    write_report(material, SYSTEMS, index=tmp_path / "index.html", pages=tmp_path / "patients")
    assert "left out here: X9" in (tmp_path / "index.html").read_text("utf-8")


def test_a_cohort_without_any_result_still_has_pages(tmp_path):
    nothing = {table.name: conform(pd.DataFrame(), table) for table in (EVIDENCE, EVENTS, CONFLICTS, RISK, TO_ORDER)}
    material = gather(samples(), nothing | {"status": conform(pd.DataFrame(), STATUS)})
    write_report(material, {}, index=tmp_path / "index.html", pages=tmp_path / "patients")
    for path in tmp_path.rglob("*.html"):
        Page(path.read_text("utf-8"))


def test_a_risk_table_of_systems_that_are_no_longer_known_is_shown_all_the_same(tmp_path):
    write_report(make(tmp_path), {}, index=tmp_path / "index.html", pages=tmp_path / "patients")
    assert "R2-ISS" in Page((tmp_path / "index.html").read_text("utf-8")).words


def test_names_that_differ_in_case_only_have_files_of_their_own():
    files = page_files([{"sample_id": name} for name in ("A1", "a1", "a1_", "B")])
    assert files["A1"] == "A1.html"
    assert len({name.lower() for name in files.values()}) == 4


MARKED = {
    "nothing unread": ("t(4;14)", [], [("t(4;14)", False)]),
    "a piece in the middle": (
        "ab cd ef",
        ["3:cd (no such probe)"],
        [("ab ", False), ("cd", True), (" ef", False)],
    ),
    "blanks and semicolons were changed in the piece": (
        "x; see  letter; ok",
        ["1:, see letter"],
        [("x", False), ("; see  letter", True), ("; ok", False)],
    ),
    "pieces out of order": ("abcd", ["2:c", "0:a"], [("a", True), ("b", False), ("c", True), ("d", False)]),
    "ten comes after two": (
        "0123456789X",
        ["10:X", "2:2"],
        [("01", False), ("2", True), ("3456789", False), ("X", True)],
    ),
    "a place beyond the text": ("ab", ["9:zz"], [("ab", False)]),
    "an entry without a place": ("ab", ["zz"], [("ab", False)]),
}


@pytest.mark.parametrize("case", MARKED)
def test_unread_pieces_are_marked_in_the_string(case):
    text, unread, expected = MARKED[case]
    pieces = patient_page.marked(text, unread)
    assert pieces == expected
    assert "".join(piece for piece, _ in pieces) == text


@settings(max_examples=200)
@given(text=st.text(max_size=40), unread=st.lists(st.text(alphabet="0123:; ,ab(", max_size=8), max_size=4))
def test_marking_never_changes_the_string(text, unread):
    assert "".join(piece for piece, _ in patient_page.marked(text, unread)) == text


@settings(max_examples=10)
@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
@example(text="</p></main><script>")
@example(text="{{ 7 * 7 }}{% raw %}")
@example(text="&amp;quot;' onmouseover='x")
def test_no_text_of_a_note_or_report_changes_the_tags_of_a_page(text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    tags = []
    for said in ("plain", text):
        rows = [SAMPLE_ROWS[0] | {"note": said}]
        parsed = {"sample_id": "S1", "assay_id": "fish", "method": "fish", "text": said}
        material = make(folder, rows=rows, evidence=[], parsed=conform(pd.DataFrame([parsed]), PARSED))
        write_report(material, SYSTEMS, index=folder / "index.html", pages=folder / "patients")
        page = Page((folder / "patients/S1.html").read_text("utf-8"))
        assert page.text.count(said) >= 2
        tags.append(page.tags)
    assert tags[0] == tags[1]


def test_references_in_an_explanation_become_numbers_and_other_brackets_stay():
    pieces = list(event_view.cut_references("FISH [S1.fish.x] in 3 of [4].", {"S1.fish.x": 7}))
    assert pieces == [("FISH ", None), ("", 7), (" in 3 of ", None), ("[4]", None), (".", None)]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_all_text_has_enough_contrast():
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (TEMPLATES / "report.css").read_text("utf-8")))
    pairs = [(name.removesuffix("-ink"), name) for name in colours if name.endswith("-ink")]
    pairs += [(ground, text) for ground in ("paper", "wash") for text in ("ink", "muted", "link")]
    assert len(pairs) >= 20
    for ground, text in pairs:
        dark, light = sorted((luminance(colours[ground]), luminance(colours[text])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, text)


@pytest.mark.slow
def test_a_thousand_samples_have_a_page_each(tmp_path):
    rows = [{"sample_id": f"M{n}", "patient_id": f"P{n}"} for n in range(1000)]
    events = ["t_4_14", "t_11_14", "t_14_16", "del_13q", "del_17p", "gain_1q21", "hyperdiploid", "tp53_mutation"]
    evidence = [fish(row["sample_id"], event, n % 90, 200) for n, row in enumerate(rows) for event in events[:6]]
    evidence += [genome(row["sample_id"], event, 0.0) for row in rows for event in events]
    material = make(tmp_path, rows=rows, evidence=evidence)
    write_report(material, SYSTEMS, index=tmp_path / "index.html", pages=tmp_path / "patients")
    assert len(list((tmp_path / "patients").iterdir())) == 1000
