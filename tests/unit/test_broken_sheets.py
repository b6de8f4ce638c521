"""Every kind of broken input gives one clear message with file, row, column, value and remedy."""

from pathlib import Path

import pytest
import yaml

from mmrisk import settings
from mmrisk.cohort import read_cohort
from mmrisk.errors import InputError

SCHEMA = yaml.safe_load((Path(__file__).parents[2] / "workflow/schemas/config.schema.yaml").read_text())
SAMPLES = "sample_id\tpatient_id\tdate\tsex\nS1\tP1\t2024-03-05\tF\nS2\tP2\t2024-03-06\tM\n"
ASSAYS = "sample_id\tassay_id\tkind\tsource\tfile\tbuild\tpurity\nS1\ta1\tsegments\tarray\tdata.seg\thg19\t0.8\n"
REPORTS = "sample_id\treport_id\tmethod\ttext\nS1\tr1\tfish\tnuc ish(TP53x1)[50/200]\n"


def load(folder: Path, *, config=None, samples=SAMPLES, assays=ASSAYS, reports=REPORTS):
    config = {"samples": "samples.tsv", "assays": "assays.tsv", "reports": "reports.tsv"} | (config or {})
    for name, content in (("samples.tsv", samples), ("assays.tsv", assays), ("reports.tsv", reports)):
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "data.seg").write_text("ID\tchrom\n")
    settings.check_config(config, SCHEMA, file="config.yaml")
    return settings.cohort_of(settings.sheet_paths(config, folder, file="config.yaml"))


def test_sound_sheets_are_read(tmp_path):
    cohort = load(tmp_path)
    assert [record["sample_id"] for record in cohort.samples] == ["S1", "S2"]
    assert cohort.assays[0]["build"] == "GRCh37"
    assert cohort.reports[0].row == 2


def samples_with(line):
    return SAMPLES + line + "\n"


def assays_with(**values):
    row = {"sample_id": "S1", "assay_id": "a2", "kind": "segments", "source": "array", "file": "data.seg"} | values
    return "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"


BROKEN = {
    # name: (changed inputs, what the message must say)
    "an empty sheet": ({"samples": ""}, ["samples.tsv", "is empty", "header row"]),
    "a sheet of blanks": ({"samples": "\n \t \n"}, ["samples.tsv", "is empty"]),
    "a header without rows": ({"samples": "sample_id\tpatient_id\n"}, ["samples.tsv", "has no sample", "one row per"]),
    "no header": (
        {"samples": "S1\tP1\nS2\tP2\n"},
        ["row 1, column sample_id: is missing", "column patient_id: is missing"],
    ),
    "a missing key column": ({"samples": "patient_id\nP1\n"}, ["row 1, column sample_id: is missing", "add it"]),
    "a misspelt column": (
        {"samples": "sample_id\tpatient_ids\nS1\tP1\n"},
        ["column patient_ids", "did you mean patient_id?"],
    ),
    "an unknown column": ({"samples": "sample_id\tpatient_id\tshoe\nS1\tP1\t43\n"}, ["column shoe", "is not a column"]),
    "a column twice": (
        {"samples": "sample_id\tpatient_id\tsex\tsex\nS1\tP1\tF\tF\n"},
        ["column sex", "more than once"],
    ),
    "a column twice in other letters": (
        {"samples": "sample_id\tSample ID\tpatient_id\nS1\tS1\tP1\n"},
        ["column Sample ID", "means the same as 'sample_id'"],
    ),
    "a column without a name": ({"samples": "sample_id\t\tpatient_id\nS1\tx\tP1\n"}, ["column 2 has no name"]),
    "more cells than columns": (
        {"samples": samples_with("S3\tP3\t2024-01-01\tF\textra")},
        ["row 4", "'extra'", "cells where the header has 4", "quote"],
    ),
    "a sample twice": ({"samples": samples_with("S1\tP9\t\t")}, ["row 4", "'S1'", "occurs on row 2 too"]),
    "a missing sample name": ({"samples": samples_with("\tP3\t\tF")}, ["row 4, column sample_id", "is missing"]),
    "a missing patient": ({"samples": samples_with("S3\t\t\tF")}, ["row 4, column patient_id", "is missing"]),
    "a name with a blank": ({"samples": samples_with("S 3\tP3\t\t")}, ["'S 3'", "is not a name", "letters, digits"]),
    "a name with a slash": ({"samples": samples_with("../S3\tP3\t\t")}, ["'../S3'", "is not a name"]),
    "a name with shell characters": ({"samples": samples_with("S3;rm\tP3\t\t")}, ["'S3;rm'", "is not a name"]),
    "a name that begins with a hyphen": ({"samples": samples_with("-S3\tP3\t\t")}, ["'-S3'", "is not a name"]),
    "a name that Excel made a date": ({"samples": samples_with("3-Mar\tP3\t\t")}, ["'3-Mar'", "looks like a date"]),
    "a date with month first or day first": (
        {"samples": samples_with("S3\tP3\t03/05/2024\t")},
        ["row 4, column date", "'03/05/2024'", "not an unambiguous date", "YYYY-MM-DD"],
    ),
    "a spreadsheet serial for a date": (
        {"samples": samples_with("S3\tP3\t45356\t")},
        ["'45356'", "serial number for 2024-03-05"],
    ),
    "a day that does not exist": ({"samples": samples_with("S3\tP3\t2024-02-30\t")}, ["not a day of the calendar"]),
    "a sex in other words": ({"samples": samples_with("S3\tP3\t\twoman")}, ["column sex", "'woman'", "F, M"]),
    "swapped columns": (
        {"samples": samples_with("S3\tP3\tF\t2024-03-05")},
        ["column date: 'F'", "column sex: '2024-03-05'"],
    ),
    "a day that is not whole": (
        {"samples": "sample_id\tpatient_id\tday\nS1\tP1\t3.5\n"},
        ["column day", "'3.5'", "not a whole number"],
    ),
    "a day that is a date": (
        {"samples": "sample_id\tpatient_id\tday\nS1\tP1\t5-Mar\n"},
        ["column day", "'5-Mar'", "looks like a date"],
    ),
    "words for a number": (
        {"samples": "sample_id\tpatient_id\tday\nS1\tP1\tabout 3\n"},
        ["'about 3'", "is not a number"],
    ),
    "a flag that is neither yes nor no": (
        {"samples": "sample_id\tpatient_id\ttreated\nS1\tP1\tmaybe\n"},
        ["'maybe'", "neither yes nor no"],
    ),
    "an unknown time point": (
        {"samples": "sample_id\tpatient_id\ttime_point\nS1\tP1\tdiagnose\n"},
        ["'diagnose'", "did you mean diagnosis?"],
    ),
    "an open quote": ({"samples": 'sample_id\tpatient_id\n"S1\tP1\nS2\tP2\n'}, ["row 2", "double quote", "not closed"]),
    "a quote inside a value": ({"samples": 'sample_id\tpatient_id\n"S"1\tP1\n'}, ["double quote"]),
    "an Excel workbook": ({"samples": b"PK\x03\x04rest"}, ["samples.tsv", "Excel or zip", "save it as CSV"]),
    "an old Excel workbook": ({"samples": b"\xd0\xcf\x11\xe0rest"}, ["old Excel file"]),
    "a compressed file": ({"samples": b"\x1f\x8b\x08rest"}, ["compressed"]),
    "a PDF": ({"samples": b"%PDF-1.4"}, ["is a PDF"]),
    "a NUL byte": ({"samples": b"sample_id\tpatient_id\nS\x001\tP1\n"}, ["row 2", "NUL byte"]),
    "a Western encoding": (
        {"samples": "sample_id\tpatient_id\tsite\nS1\tP1\tMalm\xf6 x\n".encode("latin-1")},
        ["row 2", "neither UTF-8 nor GB18030", "save the file as UTF-8"],
    ),
    "a sheet that is not there": (
        {"config": {"samples": "missing.tsv"}},
        ["config.yaml", "missing.tsv", "does not exist"],
    ),
    "a folder for a sheet": ({"config": {"samples": "."}}, ["config.yaml", "key samples", "is a folder"]),
    "an assay of an unknown sample": (
        {"assays": assays_with(sample_id="S-02")},
        ["assays.tsv, row 2, column sample_id: 'S-02'", "not in samples.tsv", "did you mean S2?"],
    ),
    "an assay of a sample of another number": (
        {"assays": assays_with(sample_id="S12")},
        ["assays.tsv, row 2, column sample_id: 'S12'", "not in samples.tsv", "add it to samples.tsv or remove the row"],
    ),
    "an unknown kind of file": (
        {"assays": assays_with(kind="segment")},
        ["column kind: 'segment'", "did you mean segments?"],
    ),
    "an unknown assay": ({"assays": assays_with(source="nanopore")}, ["column source: 'nanopore'", "wgs"]),
    "a data file that is not there": (
        {"assays": assays_with(file="gone.seg")},
        ["column file: 'gone.seg'", "does not exist in", "starts at the sheet"],
    ),
    "a URL for a data file": (
        {"assays": assays_with(file="https://example.org/x.seg")},
        ["is a URL", "download the file"],
    ),
    "a bucket for a data file": ({"assays": assays_with(file="s3://bucket/x.seg")}, ["is a URL"]),
    "an unknown build": ({"assays": assays_with(build="hg17")}, ["column build: 'hg17'", "GRCh38, GRCh37"]),
    "a purity in per cent": (
        {"assays": assays_with(purity="80")},
        ["column purity: '80'", "out of range", "80 per cent is 0.8"],
    ),
    "a negative purity": ({"assays": assays_with(purity="−0.2")}, ["column purity: '-0.2'", "out of range"]),
    "a purity with a grouping comma": (
        {"assays": assays_with(purity="1,200")},
        ["'1,200'", "group thousands or mark decimals"],
    ),
    "a purity with a unit": ({"assays": assays_with(purity="80 %")}, ["'80 %'", "is not a number", "without unit"]),
    "an assay twice": (
        {"assays": ASSAYS + "S1\ta1\tsegments\tarray\tdata.seg\thg19\t\n"},
        ["assays.tsv, row 3", "occurs on row 2 too"],
    ),
    "an unknown cell selection": (
        {"assays": assays_with(cell_selection="CD38")},
        ["column cell_selection: 'CD38'", "cd138"],
    ),
    "a report of an unknown sample": (
        {"reports": REPORTS.replace("S1", "Q1")},
        ["reports.tsv, row 2, column sample_id: 'Q1'", "not in samples.tsv"],
    ),
    "a report without text": ({"reports": "sample_id\tmethod\ttext\nS1\tfish\t\n"}, ["column text", "is missing"]),
    "a report by an unknown method": (
        {"reports": REPORTS.replace("fish", "MLPA")},
        ["column method: 'MLPA'", "karyotype, fish, array"],
    ),
    "a report twice": (
        {"reports": REPORTS + "S1\tr1\tfish\tnuc ish(TP53x2)[200]\n"},
        ["reports.tsv, row 3", "S1, r1", "occurs on row 2 too"],
    ),
    "an unknown key of the configuration": (
        {"config": {"sample": "x"}},
        ["config.yaml, key sample", "is not a key", "did you mean samples?"],
    ),
    "an unknown nested key": (
        {"config": {"hyperdiploidy": {"minimum": 2}}},
        ["hyperdiploidy/minimum", "is not a key", "min_trisomies"],
    ),
    "an unknown cut-off profile": ({"config": {"cutoff_profile": "emn"}}, ["cutoff_profile", "'emn'", "emn2012"]),
    "a word for a number in the configuration": (
        {"config": {"hyperdiploidy": {"min_trisomies": "two"}}},
        ["hyperdiploidy/min_trisomies", "'two'", "1 to 8"],
    ),
    "a number out of range in the configuration": (
        {"config": {"hyperdiploidy": {"min_trisomies": 0}}},
        ["hyperdiploidy/min_trisomies", "'0'", "1 to 8"],
    ),
    "a text where a flag is due": ({"config": {"allow_inferred": "yes"}}, ["allow_inferred", "'yes'"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_is_named_with_its_place_and_remedy(name, tmp_path):
    changed, expected = BROKEN[name]
    with pytest.raises(InputError) as raised:
        load(tmp_path, **changed)
    message = str(raised.value)
    for part in expected:
        assert part in message
    assert "Traceback" not in message


def test_all_problems_of_all_sheets_come_at_once(tmp_path):
    with pytest.raises(InputError) as raised:
        load(
            tmp_path,
            samples=samples_with("S3\tP3\t03/05/2024\tX"),
            assays=assays_with(kind="bam", purity="7"),
            reports=REPORTS.replace("fish", "MLPA"),
        )
    places = [(problem.file, problem.row, problem.column) for problem in raised.value.problems]
    assert places == [
        ("samples.tsv", 4, "date"),
        ("samples.tsv", 4, "sex"),
        ("assays.tsv", 2, "kind"),
        ("assays.tsv", 2, "purity"),
        ("reports.tsv", 2, "method"),
    ]


SURVIVED = {
    "a byte order mark": "\ufeff" + SAMPLES,
    "Windows line ends": SAMPLES.replace("\n", "\r\n"),
    "old Mac line ends": SAMPLES.replace("\n", "\r"),
    "UTF-16 as Excel's Unicode text": SAMPLES.encode("utf-16"),
    "commas": SAMPLES.replace("\t", ","),
    "semicolons": SAMPLES.replace("\t", ";"),
    "blank rows": SAMPLES.replace("\nS2", "\n\n \t\t\t\nS2") + "\n\n",
    "blanks around values": SAMPLES.replace("S1", "  S1 \u00a0"),
    "delimiters at the end of lines": SAMPLES.replace("\n", "\t\t\n"),
    "missing cells at the end of a row": SAMPLES + "S3\tP3\n",
    "quoted cells": SAMPLES.replace("S1", '"S1"'),
    "full-width letters": SAMPLES.replace("S1", "Ｓ１"),
    "a non-breaking hyphen": SAMPLES.replace("2024-03-05", "2024\u201103\u201105"),
    "slashes in an ISO date": SAMPLES.replace("2024-03-05", "2024/3/5"),
    "a date with a time of midnight": SAMPLES.replace("2024-03-05", "2024-03-05 00:00:00"),
    "a German date": SAMPLES.replace("2024-03-05", "05.03.2024"),
    "other letters in headers": SAMPLES.replace("sample_id", "Sample ID").replace("sex", "Sex"),
    "small letters in values": SAMPLES.replace("\tF", "\tf"),
    "GB18030": (SAMPLES.replace("sex", "sex\tsite").replace("\tF", "\tF\t北京协和医院")).encode("gb18030"),
}


@pytest.mark.parametrize("name", SURVIVED)
def test_harmless_dirt_is_survived(name, tmp_path):
    cohort = load(tmp_path, samples=SURVIVED[name])
    first = cohort.samples[0]
    assert (first["sample_id"], first["patient_id"], first["date"], first["sex"]) == ("S1", "P1", "2024-03-05", "F")
    if name == "GB18030":
        assert first["site"] == "北京协和医院"


def test_rows_are_numbered_as_an_editor_shows_them(tmp_path):
    text = 'sample_id\tpatient_id\tnote\nS1\tP1\t"two\nlines"\n\nS2\tP 2\t\n'
    with pytest.raises(InputError, match=r"row 5, column patient_id: 'P 2'"):
        load(tmp_path, samples=text)


def test_a_file_of_reads_names_its_sample(tmp_path):
    (tmp_path / "samples.tsv").write_text("sample_id\tpatient_id\nS1\tP1\n")
    (tmp_path / "a.bam").write_text("x")
    (tmp_path / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tbuild\n*\ta\treads\twgs\ta.bam\tGRCh38\n"
    )
    with pytest.raises(InputError, match="row 2, column sample_id: '\\*' names no sample for a file of kind reads"):
        read_cohort(samples=tmp_path / "samples.tsv", assays=tmp_path / "assays.tsv")


def test_fastq_files_name_the_reference_that_they_are_aligned_to(tmp_path):
    row = "S1\ta1\tfastq\tlowpass\tdata.seg\tGRCh38\t0.8\n"
    with pytest.raises(InputError) as refused:
        load(tmp_path, assays=ASSAYS.splitlines()[0] + "\n" + row)
    assert "assays.tsv, row 2, column reference: is missing; name the FASTA" in str(refused.value)


def test_a_purity_of_zero_is_refused_before_the_run(tmp_path):
    with pytest.raises(InputError) as refused:
        load(tmp_path, assays=ASSAYS.replace("0.8", "0"))
    assert "assays.tsv, row 2, column purity: '0' leaves nothing to call" in str(refused.value)


@pytest.mark.parametrize("kind", ["segments", "structural_variants", "mutations"])
def test_coordinates_without_a_build_are_refused_before_the_run(kind, tmp_path):
    with pytest.raises(InputError) as refused:
        load(tmp_path, assays=assays_with(kind=kind, source="wgs"))
    assert f"assays.tsv, row 2, column build: is missing for a file of kind {kind}" in str(refused.value)


def test_a_broken_build_is_one_problem(tmp_path):
    with pytest.raises(InputError) as refused:
        load(tmp_path, assays=assays_with(build="hg17"))
    assert [problem.column for problem in refused.value.problems] == ["build"]


MAPS = {
    # kind of the file: (source, its first line, the map, what must be said)
    "an unknown event": (
        "fish_table", "fish", "Patient\tT414", "event\tresult\nsample_id\tPatient\nt414\tT414\n",
        ["map.tsv, row 3", "'t414' is not an event; did you mean t_4_14?"],
    ),
    "a column that the table lacks": (
        "fish_table", "fish", "Patient\tT414", "event\tresult\nsample_id\tPatient\nt_4_14\tT414x\n",
        ["map.tsv, row 3, column result: 'T414x' is not a column of data.seg; did you mean 'T414'?"],
    ),
    "the samples under per cent": (
        "fish_table", "fish", "Patient\tT414", "event\tresult\tpercent\nsample_id\t\tPatient\nt_4_14\tT414\t\n",
        ["map.tsv, row 2, column percent: 'Patient' stands in the wrong column for sample_id; put it under result"],
    ),
    "no column of samples": (
        "fish_table", "fish", "Patient\tT414", "event\tresult\nt_4_14\tT414\n",
        ["map.tsv: 'sample_id' is not a column of data.seg; add a row sample_id to the map"],
    ),
    "an unknown kind of cell": (
        "composition", "flow", "Sample\tNK",
        "name\ttheirs\tunit\tdenominator\nsample_id\tSample\t\t\nnkk\tNK\tpercent\tall\n",
        ["map.tsv, row 3, column name: 'nkk' is no kind of cell"],
    ),
    "segments without their end": (
        "segments", "wgs", "c\ts\te\tl", "chrom\tc\nstart\ts\nlog2\tl\ncoordinates\tone_based\n",
        ["map.tsv, column end: is missing from the column map"],
    ),
    "segments whose header lacks a column": (
        "segments", "wgs", "c\ts\te\tl", "chrom\tc\nstart\ts\nend\tEND\nlog2\tl\ncoordinates\tone_based\n",
        ["data.seg, row 1", "is named in map.tsv but not in the header"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_a_column_map_is_checked_against_its_table_before_the_run(name, tmp_path):
    kind, source, header, column_map, expected = MAPS[name]
    load(tmp_path)  # the sheets beside it
    (tmp_path / "data.seg").write_text(f"{header}\n" + "\t".join("1" for _ in header.split("\t")) + "\n")
    (tmp_path / "map.tsv").write_text(column_map)
    row = assays_with(sample_id="*", kind=kind, source=source, build="GRCh38", columns="map.tsv")
    (tmp_path / "assays.tsv").write_text(row)
    with pytest.raises(InputError) as refused:
        settings.cohort_of({name: tmp_path / f"{name}.tsv" for name in ("samples", "assays")})
    assert len(refused.value.problems) == 1
    for part in expected:
        assert part in str(refused.value)


def test_everything_wrong_with_configuration_sheets_and_maps_comes_at_once(tmp_path):
    (tmp_path / "samples.tsv").write_text("sample_id\tpatient_id\tdate\tshoe\nS1\tP1\t03/05/2024\t43\n")
    (tmp_path / "fish.csv").write_text("Patient,T414\nS1,yes\n")
    (tmp_path / "map.tsv").write_text("event\tresult\nsample_id\tPatient\nt414\tT414\n")
    (tmp_path / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tcolumns\tbuild\n"
        "*\ta\tfish_table\tfish\tfish.csv\tmap.tsv\t\nS9\tb\tsegments\twgs\tfish.csv\t\t\n"
    )
    (tmp_path / "clinical.tsv").write_text("sample_id\talbumin_g_dl\nS1\thigh\n")
    config = {
        "samples": "samples.tsv",
        "assays": "assays.tsv",
        "clinical": "clinical.tsv",
        "reports": "none.tsv",
        "x": 1,
    }
    with pytest.raises(InputError) as refused:
        settings.read_configuration(config, SCHEMA, tmp_path / "config.yaml")
    assert [(problem.file, problem.row, problem.column) for problem in refused.value.problems] == [
        ("config.yaml", None, "x"),
        ("config.yaml", None, "reports"),
        ("samples.tsv", 1, "shoe"),
        ("samples.tsv", 2, "date"),
        ("assays.tsv", 3, "build"),
        ("assays.tsv", 3, "sample_id"),
        ("map.tsv", 3, None),
        ("clinical.tsv", 2, "albumin_g_dl"),
    ]


@pytest.mark.parametrize(("file", "index"), [("a.bam", "a.bam.bai"), ("a.bam", "a.csi"), ("a.cram", "a.cram.crai")])
def test_reads_without_an_index_are_named_before_the_run(tmp_path, file, index):
    samples, assays = tmp_path / "samples.tsv", tmp_path / "assays.tsv"
    samples.write_text("sample_id\tpatient_id\nA\tP\n")
    (tmp_path / file).write_text("x")
    assays.write_text(f"sample_id\tassay_id\tkind\tsource\tfile\tbuild\nA\tr\treads\twgs\t{file}\tGRCh38\n")
    paths = {"samples": samples, "assays": assays}
    with pytest.raises(InputError) as caught:
        settings.cohort_of(paths)
    (said,) = map(str, caught.value.problems)
    assert said.startswith(f"assays.tsv, row 2, column file: '{file}' has no index beside it")
    assert "samtools index" in said
    (tmp_path / index).write_text("x")
    assert len(settings.cohort_of(paths).assays) == 1
