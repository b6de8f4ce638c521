"""Segment files of every tool that is read, and everything that is refused."""

import gzip
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.copynumber.segment_files import read_segment_file
from mmrisk.copynumber.segment_formats import FORMATS, LAYOUTS
from mmrisk.errors import InputError
from mmrisk.genome import chrom_lengths

SEG = "'ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n".replace("'", "")
MAP = "sample_id: S\nchrom: C\nstart: B\nend: E\ncopies: V\ncoordinates: zero_based\nunit: copies\n"


def write(tmp_path, text, name="segments.tsv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path, text, *, build="GRCh38", name="segments.tsv", **options):
    return read_segment_file(write(tmp_path, text, name), build=build, **options)


def refused(tmp_path, text, **options):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, **options)
    return str(error.value)


# one file of each tool: a neutral segment, then one with another number of copies
DIALECTS = {
    "seg": (SEG + "S1\t1\t1001\t2000\t50\t0.0\nS1\t13\t5001\t6000\t20\t-1.0\n", {"n_markers": 20}),
    "gdc": (
        "GDC_Aliquot\tChromosome\tStart\tEnd\tNum_Probes\tSegment_Mean\n"
        "S1\t1\t1001\t2000\t50\t0.0\nS1\t13\t5001\t6000\t20\t-1.0\n",
        {"n_markers": 20},
    ),
    "gdc_ascat": (
        "GDC_Aliquot\tChromosome\tStart\tEnd\tCopy_Number\tMajor_Copy_Number\tMinor_Copy_Number\n"
        "S1\tchr1\t1001\t2000\t2\t1\t1\nS1\tchr13\t5001\t6000\t1\t1\t0\n",
        {"minor_copies": 0, "major_copies": 1},
    ),
    "cnvkit": (
        "chromosome\tstart\tend\tgene\tlog2\tbaf\tcn\tcn1\tcn2\tdepth\tprobes\tweight\n"
        "chr1\t1000\t2000\t-\t0.0\t\t2\t1\t1\t30\t50\t40\nchr13\t5000\t6000\tRB1\t-1.0\t0.1\t1\t1\t0\t15\t20\t18\n",
        {"n_markers": 20, "minor_copies": 0},
    ),
    "ascat": (
        "sample\tchr\tstartpos\tendpos\tnMajor\tnMinor\tnAraw\tnBraw\n"
        "S1\t1\t1001\t2000\t1\t1\t1.01\t0.99\nS1\t13\t5001\t6000\t1\t0\t0.97\t0.03\n",
        {"minor_copies": 0, "major_copies": 1},
    ),
    "facets": (
        "chrom\tseg\tnum.mark\tnhet\tcnlr.median\tmafR\tsegclust\tcnlr.median.clust\tmafR.clust\tstart\tend\tcf.em\ttcn.em\t"
        "lcn.em\n"
        "1\t1\t50\t9\t0\t0\t1\t0\t0\t1001\t2000\t1\t2\t1\n13\t2\t20\t5\t-1\t2\t2\t-1\t2\t5001\t6000\t1\t1\t0\n",
        {"n_markers": 20, "minor_copies": 0},
    ),
    "purple": (
        "chromosome\tstart\tend\tcopyNumber\tbafCount\tobservedBAF\tbaf\tsegmentStartSupport\tsegmentEndSupport\tmethod\t"
        "depthWindowCount\tgcContent\tminStart\tmaxStart\tminorAlleleCopyNumber\tmajorAlleleCopyNumber\n"
        "chr1\t1001\t2000\t2.01\t9\t0.5\t0.5\tTELOMERE\tNONE\tBAF_WEIGHTED\t50\t0.4\t1001\t1001\t1.0\t1.01\n"
        "chr13\t5001\t6000\t1.0\t9\t0.9\t1\tTELOMERE\tNONE\tBAF_WEIGHTED\t20\t0.4\t5001\t5001\t0.0\t1.0\n",
        {"n_markers": 20, "minor_copies": 0, "major_copies": 1},
    ),
    "mmrisk": (
        "sample_id\tassay_id\tchrom\tstart\tend\tcopies\tminor_copies\tn_markers\n"
        "S1\ta\t1\t1000\t2000\t2\t1\t50\nS1\ta\t13\t5000\t6000\t1\t0\t20\n",
        {"n_markers": 20, "minor_copies": 0},
    ),
}
CORRECTED = {"gdc_ascat", "ascat", "purple"}


def test_every_layout_has_a_dialect_here():
    assert set(DIALECTS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_each_dialect_is_recognised_and_read(tmp_path, name):
    text, values = DIALECTS[name]
    found = read(tmp_path, text, sample_id="S1")
    assert found.layout == name
    assert found.purity_corrected == (name in CORRECTED)
    lost = found.segments.iloc[1]
    assert (lost["sample_id"], lost["chrom"], lost["start"], lost["end"]) == ("S1", "13", 5000, 6000)
    assert lost["copies"] == pytest.approx(1.0)
    for column, value in values.items():
        assert lost[column] == pytest.approx(value)


def test_facets_copies_are_blended_with_the_normal_cells(tmp_path):
    text = "chrom\tstart\tend\tcf.em\ttcn.em\tlcn.em\n1\t1\t100\tNA\t2\t1\n13\t1\t100\t0.4\t1\t0\n"
    found = read(tmp_path, text, sample_id="S1")
    assert found.segments["copies"].tolist() == pytest.approx([2.0, 1.6])
    assert found.segments["minor_copies"].tolist() == pytest.approx([1.0, 0.6])
    assert not found.purity_corrected


def test_facets_without_shares_gives_tumour_copies(tmp_path):
    assert read(tmp_path, "chrom\tstart\tend\ttcn.em\n1\t1\t100\t2\n", sample_id="S1").purity_corrected


@pytest.mark.parametrize("missing", ["NA", "NaN", "", "."])
def test_a_missing_value_is_not_covered_and_said(tmp_path, missing):
    text = SEG + f"S1\t1\t1\t100\t5\t0.1\nS1\t2\t1\t100\t5\t{missing}\n"
    found = read(tmp_path, text)
    assert found.segments["chrom"].tolist() == ["1"]
    assert "1 segments without a value" in found.notes[0]


def test_other_contigs_are_passed_over_and_said(tmp_path):
    found = read(tmp_path, SEG + "S1\tchrUn_KI270742v1\t1\t100\t5\t0.1\nS1\tchrX\t1\t100\t5\t0.1\n")
    assert found.segments["chrom"].tolist() == ["X"]
    assert "chrUn_KI270742v1" in found.notes[0]


@pytest.mark.parametrize(("written", "chrom"), [("23", "X"), ("24", "Y"), ("chr7", "7"), ("07", "7"), ("Chr12", "12")])
def test_chromosomes_go_by_many_names(tmp_path, written, chrom):
    assert read(tmp_path, SEG + f"S1\t{written}\t1\t100\t5\t0.1\n").segments["chrom"].tolist() == [chrom]


FORMS = {
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old mac line ends": lambda text: text.replace("\n", "\r").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "commas": lambda text: text.replace("\t", ",").encode(),
    "a minus sign of typographers": lambda text: text.replace("\t-0.5", "\t\u22120.5").encode(),
    "semicolons and decimal commas": lambda text: text.replace("\t", ";").replace("-0.5", "-0,5").encode(),
    "decimal commas between tabs": lambda text: text.replace("-0.5", "-0,5").encode(),
    "quotes": lambda text: text.replace("S1", '"S1"').encode(),
    "spaces": lambda text: text.replace("\t", " ").encode(),
    "comments before the header": lambda text: b"#type=COPY_NUMBER\n#made by us\n\n" + text.encode(),
    "a header behind a hash": lambda text: b"#" + text.encode(),
    "row names of R": lambda text: text.replace("S1\t1", "1\tS1\t1").replace("S1\t2", "2\tS1\t2").encode(),
    "delimiters at the line ends": lambda text: text.replace("-0.5\n", "-0.5\t\t\n").encode(),
    "scientific notation": lambda text: text.replace("2000\t", "2e+03\t").encode(),
    "blank lines": lambda text: text.replace("\n", "\n\n").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_may_be_written_in_any_form(tmp_path, form):
    text = SEG + "S1\t1\t1001\t2000\t50\t-0.5\nS1\t2\t1001\t2000\t50\t-0.5\n"
    segments = read(tmp_path, FORMS[form](text)).segments
    assert segments["start"].tolist() == [1000, 1000]
    assert segments["end"].tolist() == [2000, 2000]
    assert segments["copies"].tolist() == pytest.approx([2 * 2**-0.5] * 2)


REFUSED = {
    "empty": ("", "is empty"),
    "only comments": ("# nothing\n", "is empty"),
    "header only": (SEG, "holds no segments"),
    "unknown header": ("a\tb\tc\n1\t2\t3\n", "matches no known format"),
    "two formats": (
        "chromosome\tstart\tend\tlog2\tcopyNumber\n1\t1\t9\t0\t2\n",
        "matches several formats: cnvkit (chromosome, start, end, log2); purple",
    ),
    "repeated column": (SEG.replace("num.mark", "chrom") + "S1\t1\t1\t9\t5\t0\n", "more than once in the header"),
    "start after end": (SEG + "S1\t1\t900\t100\t5\t0.1\n", "row 2, column loc.end: '100' is not behind the start"),
    "position zero": (SEG + "S1\t1\t0\t100\t5\t0.1\n", "are the coordinates 0-based?"),
    "overlap": (
        SEG + "S1\t1\t1\t100\t5\t0.1\nS1\t1\t50\t200\t5\t0.1\n",
        "row 3: overlaps another segment of its sample",
    ),
    "no number": (SEG + "S1\t1\t1\t100\t5\thigh\n", "row 2, column seg.mean: 'high' is not a number"),
    "infinite": (SEG + "S1\t1\t1\t100\t5\t-inf\n", "row 2, column seg.mean: '-inf' is not a number"),
    "position with commas": (SEG + "S1\t1\t1\t1,000\t5\t0\n", "column loc.end: '1,000' is not a whole number"),
    "half a base": (SEG + "S1\t1\t1\t100.5\t5\t0\n", "column loc.end: '100.5' is not a whole number"),
    "missing position": (SEG + "S1\t1\tNA\t100\t5\t0\n", "column loc.start: 'NA' is not a whole number"),
    "missing chromosome": (SEG + "S1\t\t1\t100\t5\t0\n", "column chrom: '' is missing"),
    "no chromosome at all": (SEG + "S1\tMT\t1\t100\t5\t0\n", "no segment with a value on a chromosome"),
    "cut off": (SEG + "S1\t1\t1\t100\t5\t0\nS1\t1\t2", "row 3: has 3 cells where the header has 6"),
    "open quote": (SEG + 'S1\t"1\t1\t100\t5\t0\n', "double quote"),
    "nul bytes": (SEG + "S1\t1\t1\t100\t5\t0\x00\n", "NUL bytes"),
    "bad sample name": (SEG + "my sample\t1\t1\t100\t5\t0\n", "is not a name of a sample"),
    "copies as log2": (
        SEG + "S1\t1\t1\t100000\t5\t2\nS1\t2\t1\t200000\t5\t1.9\nS1\t3\t1\t100\t5\t0\n",
        "1.9' is the median of sample S1, too high for log2 ratios, it looks like copies",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trusted_is_refused(tmp_path, case):
    text, expected = REFUSED[case]
    assert expected in refused(tmp_path, text)


def test_a_refusal_names_columns_formats_and_remedy(tmp_path):
    said = refused(tmp_path, "Chr\tBegin\tStop\tCN\n1\t1\t9\t2\n")
    assert "Chr, Begin, Stop, CN" in said
    assert all(layout.name in said for layout in LAYOUTS)
    assert "--format" in said
    assert "--columns" in said


def test_negative_copies_are_refused_as_log2(tmp_path):
    text = "chromosome\tstart\tend\tcopyNumber\n1\t1\t100\t2.0\n2\t1\t100\t-0.6\n"
    assert "row 3, column copyNumber: '-0.6' is a negative number of copies; if these are log2" in refused(
        tmp_path, text, sample_id="S1"
    )


def test_copies_a_little_below_zero_are_zero(tmp_path):
    text = "chromosome\tstart\tend\tcopyNumber\n1\t1\t1000\t2.0\n2\t1\t100\t-0.05\n"
    assert read(tmp_path, text, sample_id="S1").segments["copies"].tolist() == [2.0, 0.0]


@pytest.mark.parametrize("values", [(0.1, 0.2, 0.0), (1.0, 1.05, 1.5)], ids=["log2 ratios", "ratios to normal"])
def test_ratios_in_a_column_of_copies_are_refused(tmp_path, values):
    a, b, c = values
    text = f"chromosome\tstart\tend\tcopyNumber\n1\t1\t9000\t{a}\n2\t1\t9000\t{b}\n3\t1\t500\t{c}\n"
    assert "looks like log2 ratios or ratios to normal" in refused(tmp_path, text, sample_id="S1")


@pytest.mark.parametrize(
    ("declared", "end", "fits"),
    [
        ("GRCh38", chrom_lengths("GRCh37")["1"], "GRCh37"),
        ("GRCh37", None, "GRCh38"),
        ("GRCh38", 300_000_000, "fit none of the builds"),
    ],
)
def test_a_wrong_build_is_named_with_the_one_that_fits(tmp_path, declared, end, fits):
    chrom, end = ("1", end) if end else ("17", chrom_lengths("GRCh38")["17"])
    said = refused(tmp_path, SEG + f"S1\t{chrom}\t1\t{end}\t5\t0.1\n", build=declared)
    assert f"lies beyond the end of its chromosome in {declared}" in said
    assert fits in said


def test_a_wrong_build_is_one_problem_of_the_file_however_many_rows_show_it(tmp_path):
    ends = {chrom: chrom_lengths("GRCh37")[chrom] for chrom in ("1", "2", "3", "4", "5", "6", "7", "8", "X")}
    rows = "".join(f"S1\t{chrom}\t1\t{end}\t5\t0.1\n" for chrom, end in ends.items())
    said = refused(tmp_path, SEG + rows, build="GRCh38")
    assert said.count("lies beyond") == 1
    assert "rows in all" in said


def test_neighbours_may_share_a_base(tmp_path):
    segments = read(tmp_path, SEG + "S1\t1\t1\t100\t5\t0\nS1\t1\t100\t200\t5\t1\n").segments
    assert segments[["start", "end"]].to_numpy().tolist() == [[0, 99], [99, 200]]


MANY = SEG + "A\t1\t1\t100\t5\t0.1\nB\t1\t1\t100\t5\t0.2\n"


def test_many_samples_are_read_in_order(tmp_path):
    assert read(tmp_path, SEG + MANY.split("\n", 1)[1]).segments["sample_id"].tolist() == ["A", "B"]


def test_one_of_many_samples_is_picked(tmp_path):
    assert read(tmp_path, MANY, sample_id="B").segments["copies"].tolist() == pytest.approx([2 * 2**0.2])
    assert "is not one of its 2 samples (A, B" in refused(tmp_path, MANY, sample_id="C")


def test_a_file_of_one_sample_goes_by_the_given_name(tmp_path):
    text = SEG + "TCGA-AB-0001\t1\t1\t100\t5\t0.1\n"
    assert read(tmp_path, text, sample_id="P1").segments["sample_id"].tolist() == ["P1"]


def test_a_file_without_a_sample_needs_a_name(tmp_path):
    assert "--sample-id" in refused(tmp_path, DIALECTS["cnvkit"][0])


def test_a_named_format_must_fit(tmp_path):
    assert read(tmp_path, DIALECTS["seg"][0], format_name="seg").layout == "seg"
    assert "copynumber is missing" in refused(tmp_path, DIALECTS["seg"][0], format_name="purple").replace(":", "")
    assert "is not a known format" in refused(tmp_path, DIALECTS["seg"][0], format_name="nexus")


def test_a_named_format_settles_a_header_of_two(tmp_path):
    text = "chromosome\tstart\tend\tlog2\tcopyNumber\n1\t1\t9\t0\t3\n"
    assert read(tmp_path, text, format_name="purple", sample_id="S1").segments["copies"].tolist() == [3]


OTHER = "S\tC\tB\tE\tV\nS1\t1\t0\t100\t2\nS1\t2\t0\t100\t3\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [("map.yaml", MAP), ("map.tsv", "# ours, theirs\n" + MAP.replace(": ", "\t"))],
)
def test_a_column_map_describes_any_table(tmp_path, name, text):
    found = read(tmp_path, OTHER, columns=write(tmp_path, text, name))
    assert found.segments["copies"].tolist() == [2, 3]
    assert found.segments["start"].tolist() == [0, 0]


def test_a_column_map_may_say_log2_alleles_and_purity(tmp_path):
    text = MAP.replace("copies: V", "log2: V").replace("unit: copies\n", "purity_corrected: yes\n")
    found = read(
        tmp_path, OTHER.replace("\t2\n", "\t0\n").replace("\t3\n", "\t1\n"), columns=write(tmp_path, text, "m.yml")
    )
    assert found.segments["copies"].tolist() == [2, 4]
    assert found.purity_corrected


def test_alleles_alone_make_the_copies(tmp_path):
    text = "chrom: C\nstart: B\nend: E\nmajor: S\nminor: V\ncoordinates: zero_based\n"
    found = read(tmp_path, OTHER.replace("S1", "1"), columns=write(tmp_path, text, "m.yaml"), sample_id="S1")
    assert found.segments["copies"].tolist() == [3, 4]


BROKEN_MAPS = {
    "no coordinates": (
        MAP.replace("coordinates: zero_based\n", ""),
        "key coordinates: must be said; write coordinates: one",
    ),
    "no unit": (MAP.replace("unit: copies\n", ""), "key unit: must be said; write unit: log2 or copies"),
    "odd unit": (MAP.replace("unit: copies", "unit: ratio"), "'ratio' is not one of the choices"),
    "no value": (MAP.replace("copies: V\n", ""), "key copies: is missing from the column map"),
    "unknown name": (MAP + "length: L\n", "key length: is not one of our names"),
    "column not there": (MAP.replace(": V", ": W"), "column W: is named in map.yaml but not in the header"),
    "nested": (MAP + "x:\n  - 1\n", "is not a flat mapping"),
    "no yaml": ("a: [1\n", "is not a flat mapping"),
    "a list": ("- a\n- b\n", "is not a flat mapping"),
}


@pytest.mark.parametrize("case", BROKEN_MAPS)
def test_a_broken_column_map_says_what_to_write(tmp_path, case):
    text, expected = BROKEN_MAPS[case]
    assert expected in refused(tmp_path, OTHER, columns=write(tmp_path, text, "map.yaml"))


def test_a_table_map_needs_pairs(tmp_path):
    assert "row 2" in refused(tmp_path, OTHER, columns=write(tmp_path, "chrom\tC\nstart\n", "map.tsv"))


def test_damaged_and_missing_files_are_refused(tmp_path):
    packed = gzip.compress((SEG + "S1\t1\t1\t100\t5\t0.1\n" * 50).encode())
    assert "damaged or truncated gzip" in refused(tmp_path, packed[: len(packed) // 2])
    assert "is not UTF-8" in refused(tmp_path, b"\x89PNG\r\n\x1a\n\xff\xff")
    with pytest.raises(InputError, match="does not exist"):
        read_segment_file(tmp_path / "none.tsv", build="GRCh38")
    with pytest.raises(InputError, match="is a URL"):
        read_segment_file(type(tmp_path)("https://example.org/x.seg"), build="GRCh38")


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "X"]),
            st.integers(0, 900),
            st.integers(1, 90),
            st.floats(-2, 0.8, allow_nan=False).map(lambda value: round(value, 4)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_read_is_what_was_written_or_refused(tmp_path_factory, rows):
    # one row per thousand bases, so that no two overlap
    placed = [
        (c, 1000 * number + start, 1000 * number + start + length, v)
        for number, (c, start, length, v) in enumerate(rows)
    ]
    text = SEG + "".join(f"S1\tchr{c}\t{start + 1}\t{end}\t5\t{v}\n" for c, start, end, v in placed)
    segments = read(tmp_path_factory.mktemp("roundtrip"), text).segments
    expected = sorted(placed, key=lambda row: ("12X".index(row[0]), row[1]))
    assert list(zip(segments["chrom"], segments["start"], segments["end"], strict=True)) == [
        row[:3] for row in expected
    ]
    assert np.allclose(segments["copies"], [2 * 2 ** row[3] for row in expected])


@settings(max_examples=150)
@given(
    text=st.text(max_size=300)
    | st.text(alphabet="Schr1\t\n,;\"'#.-0295eNA ", max_size=300).map(lambda tail: SEG + tail)
)
def test_no_text_breaks_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "x.seg"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(InputError):
        found = read_segment_file(path, build="GRCh38")
        assert (found.segments["end"] > found.segments["start"]).all()
