"""Clinical attributes of samples and patients for cBioPortal (docs.cbioportal.org/file-formats, clinical data)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mmrisk.association.factors import STAGE_OF
from mmrisk.contracts import Table
from mmrisk.events import catalogue
from mmrisk.export.text import number, one_line, tsv
from mmrisk.risk.diagnosis import imwg_diagnosis
from mmrisk.risk.systems import SYSTEMS

MISSING = "NA"
RECURRENT = ("relapse", "progression")
DETAILED = {"MGUS": "Monoclonal Gammopathy of Undetermined Significance"}
NUMBER_PREFIXES = ("share_microenvironment_", "score_", "target_")
"""Columns of the marrow that a study carries, of all that the cohort table has."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A clinical attribute: its column, name, description, kind and values by row."""

    column: str
    name: str
    about: str
    kind: str
    priority: int = 1


def clinical(attributes: Sequence[Attribute], rows: Sequence[Mapping[str, Any]]) -> str:
    """A clinical file: four lines about the attributes, then columns and rows."""
    header = [
        "#" + "\t".join(one_line(attribute.name) for attribute in attributes),
        "#" + "\t".join(one_line(attribute.about) for attribute in attributes),
        "#" + "\t".join(attribute.kind for attribute in attributes),
        "#" + "\t".join(str(attribute.priority) for attribute in attributes),
    ]
    return "\n".join(header) + "\n" + tsv([attribute.column for attribute in attributes], rows, missing=MISSING)


def sample_attributes(cohort: pd.DataFrame, contract: Table) -> list[Attribute]:
    """Attributes of samples: who, when, events that anyone was tested for, labels that anyone has, the marrow."""
    found = [
        Attribute("PATIENT_ID", "Patient identifier", "Patient identifier", "STRING"),
        Attribute("SAMPLE_ID", "Sample identifier", "Sample identifier", "STRING"),
        Attribute("CANCER_TYPE", "Cancer type", "Cancer type", "STRING", 3000),
        Attribute("CANCER_TYPE_DETAILED", "Cancer type detailed", "Cancer type detailed", "STRING", 2000),
        Attribute("SAMPLE_TYPE", "Sample type", "Primary or recurrence, by the time point", "STRING"),
        Attribute("TIME_POINT", "Time point", "Where in the disease the sample was taken", "STRING"),
    ]
    for event in _shown_events(cohort):
        about = catalogue()[event].label
        found.append(Attribute(event.upper(), about, f"{about}: state", "STRING", 20))
        if cohort[f"{event}_fraction"].notna().any():
            found.append(Attribute(f"{event.upper()}_FRACTION", f"{about} share", f"{about}: share of cells", "NUMBER"))
    for system in SYSTEMS.values():
        if system.slug in cohort and cohort[f"{system.slug}_code"].notna().any():
            name = system.name
            found.append(Attribute(system.slug.upper(), name, f"{name}: label, or not_evaluable", "STRING", 100))
            found.append(
                Attribute(f"{system.slug.upper()}_BEST", f"{name} best", "Lowest risk still possible", "STRING")
            )
            found.append(
                Attribute(f"{system.slug.upper()}_WORST", f"{name} worst", "Highest risk still possible", "STRING")
            )
            about = f"{name}: every input is known"
            found.append(Attribute(f"{system.slug.upper()}_COMPLETE", f"{name} complete", about, "BOOLEAN"))
    if cohort["inferred_events"].notna().any():
        about = "Events with the state that RNA alone suggests; no assay measured them"
        found.append(Attribute("INFERRED_EVENTS", "Inferred from RNA", about, "STRING", 10))
    if cohort["inferred_labels"].notna().any():
        about = "Risk systems whose label events inferred from RNA took part in deciding"
        found.append(Attribute("INFERRED_LABELS", "Labels that rest on RNA", about, "STRING", 10))
    marrow = [column for column in contract.columns if column.name.startswith(NUMBER_PREFIXES)]
    found += [
        Attribute(attribute_name(column.name), column.about, column.about, "NUMBER")
        for column in marrow
        if cohort[column.name].notna().any()
    ]
    return found


def attribute_name(name: str) -> str:
    """A column as the name of an attribute: upper case, letters, digits and `_`."""
    return re.sub(r"[^A-Z0-9_]+", "_", name.upper())


def sample_rows(cohort: pd.DataFrame, contract: Table) -> list[dict[str, Any]]:
    """Values of `sample_attributes`, in the order of samples."""
    numbers = {attribute_name(c.name): c.name for c in contract.columns if c.name.startswith(NUMBER_PREFIXES)}
    numbers |= {f"{event.upper()}_FRACTION": f"{event}_fraction" for event in _shown_events(cohort)}
    rows = []
    for row in cohort.sort_values("sample_id").to_dict("records"):
        made: dict[str, Any] = {
            "PATIENT_ID": row["patient_id"],
            "SAMPLE_ID": row["sample_id"],
            "CANCER_TYPE": "Mature B-Cell Neoplasms",
            "CANCER_TYPE_DETAILED": DETAILED.get(str(STAGE_OF.get(row[imwg_diagnosis.slug])), "Plasma Cell Myeloma"),
            "SAMPLE_TYPE": "recurrence" if row["time_point"] in RECURRENT else "primary",
            "TIME_POINT": row["time_point"],
            "INFERRED_EVENTS": row["inferred_events"],
            "INFERRED_LABELS": row["inferred_labels"],
        }
        made |= {event.upper(): row[event] for event in _shown_events(cohort)}
        for system in SYSTEMS.values():
            if system.slug in row:
                slug = system.slug.upper()
                made |= {slug: row[system.slug], f"{slug}_BEST": row[f"{system.slug}_best"]}
                made |= {f"{slug}_WORST": row[f"{system.slug}_worst"]}
                made[f"{slug}_COMPLETE"] = str(bool(row[f"{system.slug}_complete"])).upper()
        rows.append(made | {name: number(row[column]) for name, column in numbers.items()})
    return rows


def _shown_events(cohort: pd.DataFrame) -> list[str]:
    return [event for event in catalogue() if event in cohort and (cohort[event].dropna() != "not_tested").any()]


def patient_attributes() -> list[Attribute]:
    """Attributes of patients."""
    return [
        Attribute("PATIENT_ID", "Patient identifier", "Patient identifier", "STRING"),
        Attribute("SEX", "Sex", "Sex of the patient", "STRING"),
        Attribute("OS_STATUS", "Overall survival status", "Overall survival status", "STRING"),
        Attribute("OS_MONTHS", "Overall survival (months)", "Months to death or last contact", "NUMBER"),
        Attribute("PFS_STATUS", "Progression-free status", "Progression-free status", "STRING"),
        Attribute("PFS_MONTHS", "Progression-free (months)", "Months to progression, death or last contact", "NUMBER"),
    ]


def patient_rows(cohort: pd.DataFrame, outcomes: pd.DataFrame) -> list[dict[str, Any]]:
    """Values of `patient_attributes`; `outcomes` is indexed by patient."""
    words = {"os": ("0:LIVING", "1:DECEASED"), "pfs": ("0:CENSORED", "1:PROGRESSION")}
    rows = []
    for patient, own in cohort.groupby("patient_id", sort=True):
        sexes = own["sex"].dropna().unique()
        made: dict[str, Any] = {"PATIENT_ID": patient}
        made["SEX"] = {"F": "Female", "M": "Male"}.get(sexes[0]) if len(sexes) == 1 else None
        if patient in outcomes.index:
            for endpoint, status in words.items():
                event, months = outcomes.loc[patient, f"{endpoint}_event"], outcomes.loc[patient, f"{endpoint}_months"]
                if event is not None and not pd.isna(event):
                    made |= {
                        f"{endpoint.upper()}_STATUS": status[int(event)],
                        f"{endpoint.upper()}_MONTHS": number(months),
                    }
        rows.append(made)
    return rows
