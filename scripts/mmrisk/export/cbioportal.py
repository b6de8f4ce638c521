"""A study folder for cBioPortal: clinical data, CNA, SV, MAF, SEG, timeline (docs.cbioportal.org/file-formats)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mmrisk.contracts import Table
from mmrisk.events import catalogue
from mmrisk.export.catalogue import copy_level, exported_events, fusions, known, measured
from mmrisk.export.clinical_attributes import (
    MISSING,
    clinical,
    patient_attributes,
    patient_rows,
    sample_attributes,
    sample_rows,
)
from mmrisk.export.maf import maf
from mmrisk.export.segments import one_build, seg
from mmrisk.export.text import one_line, tsv

CATEGORIES = {"sequenced": "mutation"}
"""Kinds of data in the categories of case lists, where they differ from the name of the list."""
REFERENCE = {"GRCh38": "hg38", "GRCh37": "hg19"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the study is called; `type_of_cancer` is an OncoTree code that the portal knows."""

    identifier: str = "mmrisk"
    name: str = "Multiple myeloma (mmrisk)"
    description: str = "Genetic events and risk labels. Research use."
    type_of_cancer: str = "pcm"


def study_files(
    study: Study,
    cohort: pd.DataFrame,
    contract: Table,
    *,
    outcomes: pd.DataFrame,
    treatments: pd.DataFrame,
    segments: pd.DataFrame,
    breakpoints: pd.DataFrame,
    mutations: pd.DataFrame,
) -> dict[str, str]:
    """Files of the study by name. `segments` have a column `build`; a study has one, others are left out.

    Events that RNA alone suggests are named in a column of their own; everywhere else they are not known.
    """
    cohort = measured(cohort)
    kept_segments, build = one_build(segments)
    for table in (breakpoints, mutations):
        if build is None and len(table):
            build = str(table["build"].mode().iloc[0])
    files = {
        "data_clinical_sample.txt": clinical(sample_attributes(cohort, contract), sample_rows(cohort, contract)),
        "data_clinical_patient.txt": clinical(patient_attributes(), patient_rows(cohort, outcomes)),
        "data_cna.txt": cna(cohort),
        "data_sv.txt": structural_variants(cohort, breakpoints, build),
        "meta_study.txt": _meta(
            type_of_cancer=study.type_of_cancer,
            cancer_study_identifier=study.identifier,
            name=study.name,
            description=study.description,
            add_global_case_list="true",
            **({"reference_genome": REFERENCE[build]} if build in REFERENCE else {}),
        ),
    }
    if len(kept_segments) and build:
        files[f"data_cna_{REFERENCE[build]}.seg"] = seg(kept_segments, zero_based=True)
    optional = {
        "data_timeline_treatment.txt": treatment_timeline(treatments),
        "data_mutations.txt": maf(mutations, cohort.set_index("sample_id").to_dict("index"), build),
    }
    files |= {name: text for name, text in optional.items() if text}
    profiled = {"cna": _profiled_cna(cohort), "sv": _profiled_sv(cohort)}
    if "data_mutations.txt" in files:
        profiled["sequenced"] = _profiled(cohort, set(mutations["event"]))
    return files | _metas(study, files) | dict(_case_lists(study, profiled))


def _meta(**fields: str) -> str:
    return "".join(f"{name}: {one_line(value)}\n" for name, value in fields.items())


def _metas(study: Study, files: Mapping[str, str]) -> dict[str, str]:
    """One meta file for every data file."""
    profile = {"show_profile_in_analysis_tab": "true"}
    about: dict[str, dict[str, str]] = {
        "data_clinical_sample.txt": {"genetic_alteration_type": "CLINICAL", "datatype": "SAMPLE_ATTRIBUTES"},
        "data_clinical_patient.txt": {"genetic_alteration_type": "CLINICAL", "datatype": "PATIENT_ATTRIBUTES"},
        "data_timeline_treatment.txt": {"genetic_alteration_type": "CLINICAL", "datatype": "TIMELINE"},
        "data_cna.txt": {
            "genetic_alteration_type": "COPY_NUMBER_ALTERATION",
            "datatype": "DISCRETE",
            "stable_id": "cna",
        }
        | profile
        | {
            "profile_name": "Copy-number events",
            "profile_description": "-2 both copies lost, -1 loss, 0 none, 1 gain, 2 amplification, NA not known",
        },
        "data_sv.txt": {
            "genetic_alteration_type": "STRUCTURAL_VARIANT",
            "datatype": "SV",
            "stable_id": "structural_variants",
        }
        | profile
        | {"profile_name": "IG translocations", "profile_description": "Immunoglobulin and MYC rearrangements"},
        "data_mutations.txt": {
            "genetic_alteration_type": "MUTATION_EXTENDED",
            "datatype": "MAF",
            "stable_id": "mutations",
        }
        | profile
        | {
            "profile_name": "Mutations",
            "profile_description": "Variants that count in TP53, drivers and therapy targets; others are not listed",
        },
    }
    metas = {}
    for name in files:
        if name.endswith(".seg"):
            genome = name.removeprefix("data_cna_").removesuffix(".seg")
            fields = {"genetic_alteration_type": "COPY_NUMBER_ALTERATION", "datatype": "SEG"}
            fields |= {"reference_genome_id": genome, "description": "log2 of copies / 2"}
            target = f"meta_cna_{genome}_seg.txt"
        elif name in about:
            fields, target = about[name], f"meta_{name.removeprefix('data_')}"
        else:
            continue
        metas[target] = _meta(cancer_study_identifier=study.identifier, **fields, data_filename=name)
    return metas


def _case_lists(study: Study, profiled: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    said = {"cna": "copy-number events", "sv": "immunoglobulin translocations", "sequenced": "mutations"}
    for suffix, samples in profiled.items():
        if not samples:  # nobody was tested
            continue
        yield (
            f"case_lists/cases_{suffix}.txt",
            _meta(
                cancer_study_identifier=study.identifier,
                stable_id=f"{study.identifier}_{suffix}",
                case_list_name=f"Samples tested for {said[suffix]}",
                case_list_description=f"Samples tested for {said[suffix]} ({len(samples)} samples)",
                case_list_category=f"all_cases_with_{CATEGORIES.get(suffix, suffix)}_data",
            )
            + "case_list_ids: "
            + "\t".join(samples)
            + "\n",
        )


def cna(cohort: pd.DataFrame) -> str:
    """Discrete copy number of the genes that stand for events, by sample; NA where not known."""
    genes = {row.gene: row.entrez for row in exported_events() if row.level is not None}
    samples = sorted(cohort["sample_id"])
    states = cohort.set_index("sample_id").to_dict("index")
    rows: list[dict[str, Any]] = []
    for gene, entrez in sorted(genes.items()):
        levels = {sample: copy_level(states[sample], gene) for sample in samples}
        cells = {sample: MISSING if level is None else str(level) for sample, level in levels.items()}
        rows.append({"Hugo_Symbol": gene, "Entrez_Gene_Id": entrez} | cells)
    return tsv(["Hugo_Symbol", "Entrez_Gene_Id", *samples], rows)


SV_COLUMNS = (
    *("Sample_Id", "SV_Status"),
    *(f"Site1_{name}" for name in ("Hugo_Symbol", "Entrez_Gene_Id", "Chromosome", "Position", "Description")),
    *(f"Site2_{name}" for name in ("Hugo_Symbol", "Entrez_Gene_Id", "Chromosome", "Position", "Description")),
    *("NCBI_Build", "Class", "Event_Info", "Breakpoint_Type", "Annotation", "DNA_Support", "RNA_Support"),
    *("Tumor_Split_Read_Count", "Tumor_Paired_End_Read_Count", "Comments"),
)
IG_ENTREZ = {"IGH": "3492", "IGK": "50802", "IGL": "3535"}
"""NCBI Gene ids of the IG loci."""


def structural_variants(cohort: pd.DataFrame, breakpoints: pd.DataFrame, build: str | None) -> str:
    """One row per junction of an event that is present; one without positions where only other assays know of it."""
    states = cohort.set_index("sample_id").to_dict("index")
    rows: list[dict[str, Any]] = []
    own = breakpoints[breakpoints["build"] == build] if build else breakpoints[:0]
    for (sample, event), junctions in own.groupby(["sample_id", "event"], sort=True):
        if states.get(sample, {}).get(event) == "present":
            kept = junctions[junctions["filters"].isna()].astype(object)
            rows += [_junction_row(row) for row in kept.where(kept.notna(), None).to_dict("records")]
    placed = {(row["Sample_Id"], row["Annotation"]) for row in rows}
    for sample in sorted(states):
        for fusion in fusions():
            if known(states[sample].get(fusion.event)) == 1 and (sample, fusion.event) not in placed:
                rows.append(_fusion_row(sample, fusion.event, fusion.gene, fusion.entrez, build))
    return tsv(SV_COLUMNS, sorted(rows, key=lambda row: (row["Sample_Id"], row["Annotation"])))


def _fusion_row(sample: str, event: str, gene: str, entrez: str, build: str | None) -> dict[str, Any]:
    return {
        "Sample_Id": sample,
        "SV_Status": "SOMATIC",
        "Site1_Hugo_Symbol": "IGH",
        "Site1_Entrez_Gene_Id": IG_ENTREZ["IGH"],
        "Site2_Hugo_Symbol": gene,
        "Site2_Entrez_Gene_Id": entrez,
        "NCBI_Build": build or "GRCh38",
        "Class": "TRANSLOCATION",
        "Event_Info": catalogue()[event].label,
        "Annotation": event,
        "Comments": "without breakpoints",
    }


def _junction_row(row: Mapping[str, Any]) -> dict[str, Any]:
    entrez = {each.gene: each.entrez for each in exported_events()}
    sides = {"Site1": "donor", "Site2": "partner"}
    made: dict[str, Any] = {}
    for site, side in sides.items():
        gene = str(row[side]).split(";")[0]
        made |= {f"{site}_Hugo_Symbol": gene, f"{site}_Entrez_Gene_Id": IG_ENTREZ.get(gene) or entrez.get(gene)}
        made |= {f"{site}_Chromosome": row[f"{side}_chrom"], f"{site}_Position": int(row[f"{side}_position"]) + 1}
    return made | {
        "Sample_Id": row["sample_id"],
        "SV_Status": "SOMATIC",
        "NCBI_Build": row["build"],
        "Class": "TRANSLOCATION" if row["donor_chrom"] != row["partner_chrom"] else None,
        "Event_Info": catalogue()[row["event"]].label,
        "Annotation": row["event"],
        "Breakpoint_Type": None if row["exact"] is None else ("PRECISE" if row["exact"] else "IMPRECISE"),
        "DNA_Support": "Yes",
        "Tumor_Split_Read_Count": row.get("splits"),
        "Tumor_Paired_End_Read_Count": row.get("pairs"),
        "Comments": row.get("callers"),
    }


def treatment_timeline(treatments: pd.DataFrame) -> str | None:
    """Treatments with days since diagnosis as a timeline, or None where there are none."""
    columns = (
        "PATIENT_ID",
        "START_DATE",
        "STOP_DATE",
        "EVENT_TYPE",
        "TREATMENT_TYPE",
        "AGENT",
        "AGENT_CLASS",
        "LINE",
        "RESPONSE",
    )
    dated = treatments[treatments["start_day"].notna()] if len(treatments) else treatments
    rows = [
        {
            "PATIENT_ID": row.patient_id,
            "START_DATE": int(row.start_day),
            "STOP_DATE": None if pd.isna(row.end_day) else int(row.end_day),
            "EVENT_TYPE": "TREATMENT",
            "TREATMENT_TYPE": "Radiation Therapy" if row.drug_class == "radiotherapy" else "Medical Therapy",
            "AGENT": row.drug,
            "AGENT_CLASS": row.drug_class,
            "LINE": row.line,
            "RESPONSE": row.response,
        }
        for row in dated.itertuples()
    ]
    return tsv(columns, rows) if rows else None


def _profiled_cna(cohort: pd.DataFrame) -> list[str]:
    events = {row.event for row in exported_events() if row.level is not None}
    return _profiled(cohort, events)


def _profiled_sv(cohort: pd.DataFrame) -> list[str]:
    return _profiled(cohort, {row.event for row in fusions()})


def _profiled(cohort: pd.DataFrame, events: set[str]) -> list[str]:
    """Samples in which at least one of the events is known."""
    states = cohort[sorted(events & set(cohort.columns))]
    tested = states.isin(["present", "absent", "subthreshold"]).any(axis=1)
    return sorted(cohort.loc[tested, "sample_id"])
