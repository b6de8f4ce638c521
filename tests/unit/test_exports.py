"""Exports: what leaves is what was known, in the form that others load, and nothing in it runs as a formula."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cbioportal_rules
from association_example import whole_cohort
from mmrisk.cohort import Record
from mmrisk.contracts import BREAKPOINTS, CONFLICTS, EVENTS, MUTATIONS, SEGMENTS, STATUS
from mmrisk.events import catalogue
from mmrisk.export.catalogue import copy_level
from mmrisk.export.cbioportal import Study, study_files
from mmrisk.export.cells import add_labels
from mmrisk.export.commpass import call_at, flat_files
from mmrisk.export.junctions import bedpe, breakend_alt, vcf
from mmrisk.export.labels import labels_csv
from mmrisk.export.maf import short_protein
from mmrisk.export.multiqc import multiqc_files
from mmrisk.export.phenopackets import as_json, phenopacket
from mmrisk.export.segments import one_build, seg
from mmrisk.export.text import FORMULA, one_line, spreadsheet_cell, write_folder
from mmrisk.follow_up import OUTCOMES, TREATMENTS
from mmrisk.joined import SAMPLE_COLUMNS, cohort_table, join_cohort
from mmrisk.mutations.variant import maf_class
from mmrisk.resource import facts
from mmrisk.risk.assign import labels_table
from mmrisk.simulate.cohorts import Design, simulate
from mmrisk.tables import conform


@pytest.fixture(scope="module")
def cohort():
    made = simulate(Design(patients=6, seed=1))
    states = {
        "t_4_14": ["present", "absent", "not_tested", "present", "conflict", "not_evaluable"],
        "del_17p": ["present", "subthreshold", "absent", "not_evaluable", "not_tested", "present"],
        "gain_1q21": ["present", "present", "absent", "not_tested", "not_evaluable", "absent"],
        "amp_1q21": ["present", "absent", "absent", "not_tested", "not_evaluable", "not_evaluable"],
        "del_17p_fraction": [0.3, 0.1, None, None, None, 0.6],
    }
    extra = {"iss": ["I", "II", "III", "I", "II", "not_evaluable"], "iss_code": [0, 1, 2, 0, 1, None]}
    extra |= {"sex": ["F", "M", None, "F", "M", "F"], "time_point": ["diagnosis"] * 5 + ["relapse"]}
    extra |= {"imwg_2014_diagnosis": ["MM", "MM", "SMM", "MGUS", "PCL", "not_evaluable"]}
    return conform(whole_cohort(made, **states, **extra), cohort_table())


SAMPLES = [f"P{number:04d}_0" for number in range(6)]


def segments(*rows):
    names = ["sample_id", "assay_id", "chrom", "start", "end", "copies", "n_markers", "build"]
    frame = pd.DataFrame(rows, columns=names)
    return conform(frame.drop(columns="build"), SEGMENTS).assign(build=frame.sort_values(names[:4])["build"].to_numpy())


def breakpoint_rows(**changes):
    row = {"sample_id": SAMPLES[0], "assay_id": "a", "event": "t_4_14", "build": "GRCh38", "donor": "IGH"}
    row |= {"donor_chrom": "14", "donor_position": 105858099, "donor_strand": "-", "partner": "NSD2"}
    row |= {"partner_chrom": "4", "partner_position": 1871799, "partner_strand": "+", "support": 41}
    return conform(pd.DataFrame([row | changes]), BREAKPOINTS)


ARRAY = segments(
    (SAMPLES[0], "a", "1", 0, 248956422, 3.0, 100, "GRCh38"),
    (SAMPLES[0], "a", "17", 0, 83257441, 1.0, None, "GRCh38"),
    (SAMPLES[1], "a", "17", 0, 81195210, 1.0, 10, "GRCh37"),
    (SAMPLES[2], "a", "17", 0, 83257441, 2.0, 10, "GRCh38"),
)


def mutation_rows(*changes):
    row = {"sample_id": SAMPLES[0], "assay_id": "wes", "event": "tp53_mutation", "gene": "TP53", "build": "GRCh38"}
    row |= {"chrom": "17", "position": 7675087, "reference": "C", "alternative": "T", "somatic": False}
    row |= {"classification": "Missense_Mutation", "protein": "p.Arg175His", "alt_reads": 40, "depth": 100}
    return conform(pd.DataFrame([row | {"number": n} | more for n, more in enumerate(changes, 1)]), MUTATIONS)


def study(cohort, folder, **changes):
    outcomes = {"patient_id": ["P0000", "P0001"], "os_months": [12.5, 60.0], "os_event": [True, False]}
    treatments = {"patient_id": ["P0000"], "line": [1], "drug": ["bortezomib\tx"], "start_day": [3], "end_day": [90]}
    given = {
        "outcomes": pd.DataFrame(outcomes).reindex(columns=OUTCOMES.names).set_index("patient_id"),
        "treatments": pd.DataFrame(treatments).reindex(columns=TREATMENTS.names),
        "segments": ARRAY,
        "breakpoints": breakpoint_rows(),
        "mutations": mutation_rows(),
    }
    write_folder(folder, study_files(Study(), cohort, cohort_table(), **(given | changes)))
    return folder


def rows_of(path, *, skip=0):
    return list(csv.DictReader(path.read_text().splitlines()[skip:], delimiter="\t"))


def test_a_study_keeps_the_documented_rules(cohort, tmp_path):
    folder = study(cohort, tmp_path)
    assert cbioportal_rules.problems(folder) == []
    assert {path.name for path in folder.glob("data_*")} == {
        "data_clinical_sample.txt",
        "data_clinical_patient.txt",
        "data_cna.txt",
        "data_sv.txt",
        "data_cna_hg38.seg",
        "data_timeline_treatment.txt",
    }


DAMAGE = [
    ("data_cna.txt", "\t-1\t", "\t-3\t", "-3"),
    ("data_clinical_sample.txt", "PATIENT_ID\t", "patient_id\t", "upper case"),
    ("data_clinical_patient.txt", "1:DECEASED", "DEAD", "OS_STATUS"),
    ("data_sv.txt", "SOMATIC", "SOMATICALLY", "SV_Status"),
    ("meta_sv.txt", "datatype: SV", "datatype: sv", "unknown kind"),
    ("data_cna_hg38.seg", "\t0\t248956422", "\t9\t8", "seg"),
    ("case_lists/cases_cna.txt", SAMPLES[0], "stranger", "unknown sample"),
]


CHANGES = {
    "a base": ({}, ("7675088", "7675088", "C", "T", "SNP")),
    "bases lost": ({"reference": "CA", "alternative": "-"}, ("7675088", "7675089", "CA", "-", "DEL")),
    "bases put in": ({"reference": "-", "alternative": "GG"}, ("7675087", "7675088", "-", "GG", "INS")),
    "two bases": ({"reference": "CA", "alternative": "TG"}, ("7675088", "7675089", "CA", "TG", "DNP")),
    "more bases than before": ({"reference": "CA", "alternative": "T"}, ("7675088", "7675089", "CA", "T", "DEL")),
    "no place": ({"position": None, "reference": None, "alternative": None}, ("", "", "", "", "")),
    "no sequence": ({"alternative": "<DEL>"}, ("", "", "", "", "")),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_mutation_of_a_study_has_the_place_and_alleles_of_a_maf(cohort, tmp_path, case):
    changes, expected = CHANGES[case]
    made = cohort.assign(tp53_mutation=["present", "absent", *["not_tested"] * 4])
    folder = study(made, tmp_path, mutations=mutation_rows(changes))
    assert cbioportal_rules.problems(folder) == []
    (row,) = rows_of(folder / "data_mutations.txt")
    names = ("Start_Position", "End_Position", "Reference_Allele", "Tumor_Seq_Allele2", "Variant_Type")
    assert tuple(row[name] for name in names) == expected
    assert (row["HGVSp_Short"], row["t_alt_count"], row["t_ref_count"]) == ("p.R175H", "40", "60")
    listed = (folder / "case_lists/cases_sequenced.txt").read_text()
    assert all(sample in listed for sample in SAMPLES[:2])
    assert SAMPLES[2] not in listed


def test_a_mutation_that_does_not_make_its_event_present_is_not_exported(cohort, tmp_path):
    for state in ("absent", "not_evaluable", "conflict", "subthreshold"):
        made = cohort.assign(tp53_mutation=[state] * 6)
        folder = study(made, tmp_path / state, mutations=mutation_rows({}))
        assert not (folder / "data_mutations.txt").exists()
        assert not (folder / "case_lists/cases_sequenced.txt").exists()


def test_a_mutation_of_another_build_keeps_its_gene_and_loses_its_place(cohort, tmp_path):
    made = cohort.assign(tp53_mutation=["present"] * 6)
    rows = mutation_rows({}, {"build": "GRCh37", "assay_id": "b", "sample_id": SAMPLES[1]})
    first, second = rows_of(study(made, tmp_path, mutations=rows) / "data_mutations.txt")
    assert first["Start_Position"]
    assert not second["Start_Position"]
    assert second["HGVSp_Short"] == first["HGVSp_Short"]
    assert first["NCBI_Build"] == second["NCBI_Build"]


def test_what_two_assays_saw_is_one_mutation_from_the_deeper(cohort, tmp_path):
    made = cohort.assign(tp53_mutation=["present"] * 6)
    rows = mutation_rows({"depth": 100, "alt_reads": 40}, {"assay_id": "panel", "depth": 900, "alt_reads": 400})
    (row,) = rows_of(study(made, tmp_path, mutations=rows) / "data_mutations.txt")
    assert row["t_alt_count"] == "400"
    nameless = {"position": None, "reference": None, "alternative": None, "protein": None}
    rows = mutation_rows(nameless, nameless | {"number": 2})
    assert len(rows_of(study(made, tmp_path / "nameless", mutations=rows) / "data_mutations.txt")) == 2


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("p.Arg175His", "p.R175H"),
        ("ENSP00000269305.4:p.Gln331Ter", "p.Q331*"),
        ("p.(Leu130PhefsTer3)", "p.L130Ffs*3"),
        ("R175H", "p.R175H"),
        ("p.M133K", "p.M133K"),
        ("", ""),
    ],
)
def test_changes_of_a_protein_are_short(given, short):
    assert short_protein(given) == short


@pytest.mark.parametrize(
    ("term", "change", "expected"),
    [
        ("missense_variant", "A>T", "Missense_Mutation"),
        ("frameshift_variant", "AC>-", "Frame_Shift_Del"),
        ("frameshift_variant", "->C", "Frame_Shift_Ins"),
        ("frameshift_variant", ">", "Unknown"),
        ("nonframeshift substitution", "AAAA>T", "In_Frame_Del"),
        ("Nonsense_Mutation", "A>T", "Nonsense_Mutation"),
        ("stop_gained", "A>T", "Nonsense_Mutation"),
        ("something", "A>T", "Unknown"),
    ],
)
def test_consequences_have_the_classification_of_a_maf(term, change, expected):
    assert maf_class(term, change) == expected


def test_what_counts_has_a_classification_that_the_portal_knows():
    for row in facts("consequences.tsv"):
        assert bool(row["maf"]) == (row["effect"] in ("disrupted", "altered"))
        for change in ("A>-", "->A"):
            assert maf_class(row["term"], change) in cbioportal_rules.CLASSIFICATIONS


@pytest.mark.parametrize(("name", "good", "bad", "said"), DAMAGE, ids=[name for name, *_ in DAMAGE])
def test_the_check_of_a_study_sees_damage(cohort, tmp_path, name, good, bad, said):
    path = study(cohort, tmp_path) / name
    text = path.read_text()
    assert good in text
    path.write_text(text.replace(good, bad, 1))
    assert any(said in problem for problem in cbioportal_rules.problems(tmp_path))


def test_copy_numbers_of_a_study_say_what_is_not_known(cohort, tmp_path):
    rows = {row["Hugo_Symbol"]: row for row in rows_of(study(cohort, tmp_path) / "data_cna.txt")}
    assert [rows["TP53"][sample] for sample in SAMPLES] == ["-1", "0", "0", "NA", "NA", "-1"]
    assert [rows["CKS1B"][sample] for sample in SAMPLES] == ["2", "1", "0", "NA", "NA", "0"]
    assert {rows["RB1"][sample] for sample in SAMPLES} == {"NA"}


LEVELS = [
    ({"del_1p32": "present", "biallelic_del_1p32": "present"}, "CDKN2C", -2),
    ({"del_1p32": "present", "biallelic_del_1p32": "not_tested"}, "CDKN2C", -1),
    ({"del_1p32": "not_tested", "biallelic_del_1p32": "absent"}, "CDKN2C", None),
    ({"del_1p32": "absent", "biallelic_del_1p32": "not_tested"}, "CDKN2C", 0),
    ({"del_1p32": "conflict"}, "CDKN2C", None),
    ({}, "TP53", None),
]


@pytest.mark.parametrize(("states", "gene", "level"), LEVELS)
def test_the_copy_level_of_a_gene(states, gene, level):
    assert copy_level(states, gene) == level


def test_a_study_has_one_genome_and_its_own_values(cohort, tmp_path):
    folder = study(cohort, tmp_path)
    lines = (folder / "data_cna_hg38.seg").read_text().splitlines()
    assert lines[1] == f"{SAMPLES[0]}\t1\t0\t248956422\t100\t0.584963"
    assert not any(line.startswith(SAMPLES[1]) for line in lines), "GRCh37 is left out of a GRCh38 study"
    junction, fusion = rows_of(folder / "data_sv.txt")
    assert (junction["Site1_Position"], junction["Site2_Position"]) == ("105858100", "1871800")
    assert (fusion["Sample_Id"], fusion["Comments"]) == (SAMPLES[3], "without breakpoints")
    patients = {row["PATIENT_ID"]: row for row in rows_of(folder / "data_clinical_patient.txt", skip=4)}
    assert (patients["P0000"]["OS_STATUS"], patients["P0000"]["OS_MONTHS"]) == ("1:DECEASED", "12.5")
    assert patients["P0005"]["OS_STATUS"] == "NA"
    samples = {row["SAMPLE_ID"]: row for row in rows_of(folder / "data_clinical_sample.txt", skip=4)}
    assert samples[SAMPLES[3]]["CANCER_TYPE_DETAILED"] == "Monoclonal Gammopathy of Undetermined Significance"
    assert samples[SAMPLES[5]]["SAMPLE_TYPE"] == "recurrence"
    assert rows_of(folder / "data_timeline_treatment.txt")[0]["AGENT"] == "bortezomib x"


def test_a_junction_of_an_event_that_is_not_present_is_not_exported(cohort, tmp_path):
    rows = rows_of(study(cohort, tmp_path, breakpoints=breakpoint_rows(sample_id=SAMPLES[1])) / "data_sv.txt")
    assert {row["Sample_Id"] for row in rows} == {SAMPLES[0], SAMPLES[3]}


def test_flat_files_tell_unknown_from_negative_and_losses_by_their_sign(cohort):
    files = flat_files(cohort, ARRAY, breakpoint_rows())
    copy = {
        row["SAMPLE"]: row for row in csv.DictReader(io.StringIO(files["genome_gatk_cna_seqFISH.tsv"]), delimiter="\t")
    }
    assert float(copy[SAMPLES[0]]["SeqWGS_Cp_TP53"]) == -1.0
    assert float(copy[SAMPLES[0]]["SeqWGS_Cp_1q21"]) == pytest.approx(np.log2(1.5), abs=1e-5)
    assert [copy[s]["SeqWGS_Cp_TP53_20percent"] for s in SAMPLES] == ["1", "0", "0", "", "", "1"]
    assert [copy[s]["SeqWGS_Cp_TP53_50percent"] for s in SAMPLES] == ["0", "0", "0", "", "", "1"]
    fusions = list(csv.DictReader(io.StringIO(files["genome_tumor_only_mm_igtx.tsv"]), delimiter="\t"))
    assert [row["NSD2_CALL"] for row in fusions] == ["1", "0", "", "1", "", ""]
    assert fusions[0]["NSD2_IGSOURCE"] == "IGH"
    summary = list(csv.DictReader(io.StringIO(files["summary.tsv"]), delimiter="\t"))
    assert [row["Cytogenetic_High_Risk"] for row in summary] == ["1", "", "", "1", "", "1"]
    named = {row["column"] for row in csv.DictReader(io.StringIO(files["columns.tsv"]), delimiter="\t")}
    assert named == {*copy[SAMPLES[0]], *fusions[0], *summary[0]}


@pytest.mark.parametrize(
    ("state", "fraction", "cut", "call"),
    [
        ("present", 0.2, 0.2, 1),
        ("present", 0.19, 0.2, 0),
        ("present", None, 0.2, None),
        ("absent", None, 0.2, 0),
        ("not_evaluable", None, 0.2, None),
        ("conflict", 0.9, 0.2, None),
    ],
)
def test_calls_at_a_share_of_cells(state, fraction, cut, call):
    assert call_at(state, fraction, cut) == call


def test_segments_round_trip_through_the_reader(tmp_path):
    from mmrisk.copynumber.segment_files import read_segment_file

    path = tmp_path / "x.seg"
    path.write_text(seg(ARRAY[ARRAY["sample_id"] == SAMPLES[0]]))
    assert path.read_text().splitlines()[1] == f"{SAMPLES[0]}\t1\t1\t248956422\t100\t0.584963"
    read = read_segment_file(path, build="GRCh38").segments
    assert read[["chrom", "start", "end"]].to_numpy().tolist() == [["1", 0, 248956422], ["17", 0, 83257441]]


def test_the_build_of_most_samples_is_kept():
    kept, build = one_build(ARRAY)
    assert build == "GRCh38"
    assert set(kept["sample_id"]) == {SAMPLES[0], SAMPLES[2]}
    assert one_build(ARRAY.assign(build=None))[1] is None


ALTS = [
    ("+", "-", "N[4:100["),
    ("+", "+", "N]4:100]"),
    ("-", "+", "]4:100]N"),
    ("-", "-", "[4:100[N"),
]


@pytest.mark.parametrize(("own", "mate", "alt"), ALTS)
def test_breakends_say_which_sides_are_joined(own, mate, alt):
    assert breakend_alt(own, "4", 100, mate) == alt


def test_junctions_are_read_back_from_vcf_and_bedpe(tmp_path):
    from mmrisk.translocations.variants import read_variant_file

    text = vcf(breakpoint_rows(), "GRCh38")
    path = tmp_path / "j.vcf"
    path.write_text(text)
    pair = tmp_path / "j.bedpe"
    pair.write_text(bedpe(breakpoint_rows()))
    for file in (path, pair):
        (junction,) = read_variant_file(file, build="GRCh38", sample_id=SAMPLES[0]).junctions
        ends = {(end.chrom, end.position, end.strand) for end in junction.ends}
        assert ends == {("14", 105858099, "-"), ("4", 1871799, "+")}


def test_a_junction_without_strands_is_no_breakend():
    text = vcf(breakpoint_rows(donor_strand=None), "GRCh38")
    assert not [line for line in text.splitlines() if not line.startswith("#")]


def test_phenopackets_fit_the_schema_and_come_back(cohort):
    from google.protobuf.json_format import Parse
    from phenopackets.schema.v2 import Phenopacket

    rows = cohort.astype(object).where(cohort.notna(), None).to_dict("records")
    for row in rows:
        text = as_json(phenopacket(row))
        packet = Parse(text, Phenopacket())
        assert Phenopacket.FromString(packet.SerializeToString()) == packet
        assert packet.id
        assert packet.subject.id == row["patient_id"]
        assert packet.meta_data.created.seconds == 0
        prefixes = {resource.namespace_prefix for resource in packet.meta_data.resources}
        assert {name.split(":")[0] for name in ontology_ids(json.loads(text))} <= prefixes
    present = Parse(as_json(phenopacket(rows[0])), Phenopacket())
    found = present.interpretations[0].diagnosis.genomic_interpretations
    descriptors = {each.variant_interpretation.variation_descriptor.id: each for each in found}
    fusion = descriptors[f"mmrisk.{SAMPLES[0]}.t_4_14"].variant_interpretation.variation_descriptor
    assert (fusion.expressions[0].syntax, fusion.gene_context.value_id) == ("iscn", "NCBIGene:7468")
    assert present.diseases[0].disease_stage[0].id == "NCIT:C70658"
    silent = phenopacket(rows[2])
    states = {m["assay"]["id"]: m["value"]["ontologyClass"]["label"] for m in silent["measurements"]}
    assert states["mmrisk:del_17p"] == "absent"
    assert "mmrisk:t_4_14" not in states, "what was not tested is not mentioned"


def ontology_ids(value):
    """Every id of an ontology class, and of genes."""
    if isinstance(value, dict):
        if set(value) == {"id", "label"} or "valueId" in value:
            yield value.get("id", value.get("valueId"))
        for item in value.values():
            yield from ontology_ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from ontology_ids(item)


def test_a_packet_that_does_not_fit_the_schema_is_refused(cohort):
    from google.protobuf.json_format import ParseError

    row = cohort.astype(object).where(cohort.notna(), None).to_dict("records")[0]
    with pytest.raises(ParseError):
        as_json(phenopacket(row) | {"unheard_of": 1})


def test_cells_carry_the_labels_of_their_sample_as_categories(cohort, tmp_path):
    import anndata
    import scanpy as sc

    cells = anndata.AnnData(
        np.ones((5, 3), dtype=np.float32), obs=pd.DataFrame({"lineage": list("aabbc")}, index=list("vwxyz"))
    )
    add_labels(cells, cohort.iloc[0])
    cells.write_h5ad(tmp_path / "cells.h5ad")
    read = sc.read_h5ad(tmp_path / "cells.h5ad")
    assert read.obs["label_iss"].dtype.name == "category"
    assert read.obs["label_iss"].cat.categories.tolist() == ["I", "II", "III", "not_evaluable", "not_applicable"]
    assert set(read.obs["label_iss"]) == {"I"}
    assert set(read.obs["event_del_17p"]) == {"present"}
    assert read.obs["lineage"].tolist() == list("aabbc")
    add_labels(read, cohort.iloc[0])
    assert read.obs.columns.is_unique


def test_labels_for_a_spreadsheet_run_no_formula(cohort):
    table = labels_table()
    labels = conform(cohort.reindex(columns=table.names).assign(labels_version="1"), table)
    labels.loc[0, "iss_best"] = '=HYPERLINK("http://x","y")'
    rows = list(csv.DictReader(io.StringIO(labels_csv(labels, cohort))))
    assert rows[0]["iss_best"] == '\'=HYPERLINK("http://x","y")'
    assert rows[0]["patient_id"] == "P0000"
    assert rows[0]["iss_code"] == "0"
    assert list(rows[0])[:2] == ["sample_id", "patient_id"]


@given(st.text())
def test_no_text_cell_begins_like_a_formula(text):
    assert not spreadsheet_cell(text).lstrip(" ").startswith(FORMULA)


@given(st.text())
def test_no_cell_breaks_a_line_or_a_column(text):
    cell = one_line(text)
    assert len(cell.splitlines()) <= 1
    assert "\t" not in cell


def test_multiqc_content_has_what_it_needs(cohort):
    files = multiqc_files(cohort)
    assert all(name.endswith("_mqc.json") for name in files)
    made = {name: json.loads(text) for name, text in files.items()}
    for content in made.values():
        assert {"id", "section_name", "plot_type", "pconfig", "data"} <= set(content)
    table = made["mmrisk_samples_mqc.json"]
    assert set(table["data"]) == set(SAMPLES)
    assert set(table["headers"]) >= set(table["data"][SAMPLES[0]])
    events = made["mmrisk_events_mqc.json"]["data"]
    assert events["t(4;14) IGH::NSD2"] == {
        "present": 2,
        "subthreshold": 0,
        "conflict": 1,
        "absent": 1,
        "not_evaluable": 1,
    }


@pytest.fixture(scope="module")
def suggested(cohort):
    """A sample of which RNA alone speaks: t(4;14) present, t(11;14) and 17p loss absent; nothing was measured."""
    events = ["t_4_14", "t_11_14", "del_17p", "hyperdiploid"]
    made = cohort.copy()
    every = [name for name in catalogue() if name in made]
    made.loc[1, every] = "not_tested"
    made.loc[1, events] = ["present", "absent", "absent", "present"]
    made.loc[1, ["t_4_14_fraction", "hyperdiploid_fraction", "del_17p_fraction"]] = [0.9, 0.9, None]
    return made.assign(inferred_events=[None, ";".join(sorted(events)), *[None] * 4])


SUGGESTED = "del_17p absent;hyperdiploid present;t_11_14 absent;t_4_14 present"


def test_flat_files_call_nothing_that_rna_alone_suggests(suggested):
    files = flat_files(suggested, ARRAY[:0], breakpoint_rows()[:0])
    for name in ("genome_gatk_cna_seqFISH.tsv", "genome_tumor_only_mm_igtx.tsv"):
        row = list(csv.DictReader(io.StringIO(files[name]), delimiter="\t"))[1]
        assert {value for column, value in row.items() if column != "SAMPLE"} == {""}, name
    first, row, *_ = csv.DictReader(io.StringIO(files["summary.tsv"]), delimiter="\t")
    assert (row["Has_Tx_Data"], row["Has_CN_Data"]) == ("0", "0")
    assert (row["Ig_Translocation_Count"], row["Cytogenetic_High_Risk"]) == ("", "")
    assert row["Inferred_From_RNA"] == SUGGESTED
    assert (first["Has_Tx_Data"], first["Inferred_From_RNA"]) == ("1", "")


def test_a_study_names_what_rna_suggests_in_a_column_of_its_own(suggested, tmp_path):
    folder = study(suggested, tmp_path, breakpoints=breakpoint_rows(sample_id=SAMPLES[1]))
    assert cbioportal_rules.problems(folder) == []
    samples = {row["SAMPLE_ID"]: row for row in rows_of(folder / "data_clinical_sample.txt", skip=4)}
    own = samples[SAMPLES[1]]
    assert own["INFERRED_EVENTS"] == SUGGESTED
    names = [name.upper() for name in catalogue()]
    assert {own[name] for name in names if name in own} <= {"NA", "not_tested"}
    assert {value for name, value in own.items() if name.endswith("_FRACTION")} == {"NA"}
    assert samples[SAMPLES[0]]["T_4_14"] == "present"
    assert {row[SAMPLES[1]] for row in rows_of(folder / "data_cna.txt")} == {"NA"}
    assert SAMPLES[1] not in {row["Sample_Id"] for row in rows_of(folder / "data_sv.txt")}
    for name in ("cna", "sv"):
        listed = (folder / f"case_lists/cases_{name}.txt").read_text()
        assert SAMPLES[1] not in listed
        assert SAMPLES[0] in listed


def test_a_study_in_which_no_assay_looked_has_no_list_of_profiled_samples(suggested, tmp_path):
    folder = study(suggested.iloc[[1]], tmp_path, segments=ARRAY[:0], breakpoints=breakpoint_rows()[:0])
    assert not (folder / "case_lists").exists()


def test_what_rna_suggests_is_no_finding_of_the_genome_elsewhere(suggested):
    import anndata

    row = suggested.astype(object).where(suggested.notna(), None).to_dict("records")[1]
    packet = json.loads(as_json(phenopacket(row)))
    assert "interpretations" not in packet
    said = {m["assay"]["id"]: m["value"]["ontologyClass"]["label"] for m in packet["measurements"]}
    assert said["mmrisk:t_4_14"] == "present, inferred from RNA"
    assert said["mmrisk:t_11_14"] == "absent, inferred from RNA"
    cells = anndata.AnnData(np.ones((2, 2), dtype=np.float32))
    add_labels(cells, suggested.iloc[1])
    assert "event_t_4_14" not in cells.obs
    assert set(cells.obs["inferred_t_4_14"]) == {"present"}
    counts = json.loads(multiqc_files(suggested)["mmrisk_events_mqc.json"])["data"]
    assert counts[catalogue()["t_4_14"].label]["present"] == 2


def test_labels_that_rest_on_rna_leave_with_their_tier(cohort, tmp_path):
    import anndata

    made = cohort.assign(inferred_labels=[None, "ISS", *[None] * 4])
    assert made.loc[1, "iss"] == "II"
    folder = study(made, tmp_path)
    assert cbioportal_rules.problems(folder) == []
    rows = rows_of(folder / "data_clinical_sample.txt", skip=4)
    assert [row["INFERRED_LABELS"] for row in rows[:2]] == ["NA", "ISS"]
    table = labels_table()
    labels = conform(made.reindex(columns=table.names).assign(labels_version="2"), table)
    rows = list(csv.DictReader(io.StringIO(labels_csv(labels, made))))
    assert [row["inferred_labels"] for row in rows[:2]] == ["", "ISS"]
    for place, tier in ((0, "measured"), (1, "inferred")):
        cells = anndata.AnnData(np.ones((2, 2), dtype=np.float32))
        add_labels(cells, made.iloc[place])
        assert set(cells.obs["label_tier_iss"]) == {tier}
    shown = json.loads(multiqc_files(made)["mmrisk_samples_mqc.json"])["data"]
    assert [shown[sample]["iss"] for sample in SAMPLES[:2]] == ["I", "II (RNA)"]
    packet = json.loads(as_json(phenopacket(made.astype(object).where(made.notna(), None).to_dict("records")[1])))
    said = {m["assay"]["id"]: m["value"]["ontologyClass"]["label"] for m in packet["measurements"]}
    assert said["mmrisk:iss"] == "II (events inferred from RNA took part)"


def test_a_study_without_labels_that_rest_on_rna_has_no_column_of_them(cohort, tmp_path):
    folder = study(cohort, tmp_path)
    assert "INFERRED_LABELS" not in rows_of(folder / "data_clinical_sample.txt", skip=4)[0]


def test_the_cohort_names_events_that_rna_alone_suggests():
    rows = {"sample_id": ["S1", "S1", "S1", "S2"], "event": ["t_4_14", "t_6_14", "del_17p", "t_4_14"]}
    states = {"state": ["present", "not_evaluable", "absent", "present"], "explanation": "simulated"}
    states["tier"] = ["inferred", "inferred", "measured", "measured"]
    events = conform(pd.DataFrame(rows | states), EVENTS)
    blank = dict.fromkeys(SAMPLE_COLUMNS)
    sheet = [Record(n, blank | {"sample_id": f"S{n}", "patient_id": f"P{n}"}) for n in (1, 2)]
    labels = pd.DataFrame({"sample_id": ["S1", "S2"]})
    empty = conform(pd.DataFrame(), CONFLICTS), conform(pd.DataFrame(), STATUS)
    frame, _ = join_cohort(sheet, events, labels, *empty)
    assert frame.set_index("sample_id")["inferred_events"].fillna("").to_dict() == {"S1": "t_4_14", "S2": ""}
