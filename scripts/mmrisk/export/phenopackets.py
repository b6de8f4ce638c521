"""Phenopackets v2, one per sample: diagnosis, stages, labels, events that are present and what is known of others."""

from collections.abc import Mapping
from typing import Any

from mmrisk import __version__
from mmrisk.association.factors import STAGE_OF
from mmrisk.events import State, catalogue
from mmrisk.export.catalogue import ExportedEvent, exported_events, term
from mmrisk.risk.diagnosis import imwg_diagnosis
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import split

STAGES = ("iss", "r_iss")
EPOCH = "1970-01-01T00:00:00Z"
"""Time of creation unless one is given, so that the same inputs give the same bytes."""
RESOURCES = (
    (
        "ncit",
        "NCI Thesaurus",
        "http://purl.obolibrary.org/obo/ncit.owl",
        "NCIT",
        "http://purl.obolibrary.org/obo/NCIT_",
    ),
    ("ncbigene", "NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene", "NCBIGene", "https://www.ncbi.nlm.nih.gov/gene/"),
    ("mmrisk", "mmrisk: events, risk systems and labels", "urn:mmrisk", "mmrisk", "urn:mmrisk:"),
)


def phenopacket(row: Mapping[str, Any], *, created: str = EPOCH) -> dict[str, Any]:
    """The phenopacket of a row of the cohort table, as the JSON object of the schema."""
    stage = STAGE_OF.get(str(row[imwg_diagnosis.slug]), "other")
    disease = _class(*(term("disease", stage) or term("disease", "other") or ("", "")))
    stages = [term(slug, str(row[slug])) for slug in STAGES]
    about: dict[str, Any] = {"term": disease}
    if any(stages):
        about["diseaseStage"] = [_class(*found) for found in stages if found]
    packet: dict[str, Any] = {
        "id": f"mmrisk.{row['sample_id']}",
        "subject": {"id": row["patient_id"], "sex": {"F": "FEMALE", "M": "MALE"}.get(row["sex"], "UNKNOWN_SEX")},
        "biosamples": [_biosample(row)],
        "measurements": [*_labels(row), *_events_not_present(row)],
        "diseases": [about],
        "metaData": {
            "created": created,
            "createdBy": f"mmrisk {__version__}",
            "phenopacketSchemaVersion": "2.0",
            "resources": [_resource(*resource) for resource in RESOURCES],
        },
    }
    interpretations = _present_events(row)
    if interpretations:
        packet["interpretations"] = [
            {
                "id": f"mmrisk.{row['sample_id']}.interpretation",
                "progressStatus": "COMPLETED",
                "diagnosis": {"disease": disease, "genomicInterpretations": interpretations},
            }
        ]
    return packet


def as_json(packet: Mapping[str, Any]) -> str:
    """The packet as JSON text, checked against the schema on the way. Raises `ValueError` for what does not fit."""
    from google.protobuf.json_format import MessageToJson, ParseDict
    from phenopackets.schema.v2 import Phenopacket

    message = ParseDict(dict(packet), Phenopacket())
    return str(MessageToJson(message, indent=1, sort_keys=True)) + "\n"


def _class(identifier: str, label: str) -> dict[str, str]:
    return {"id": identifier, "label": label}


def _resource(name: str, title: str, url: str, prefix: str, iri: str) -> dict[str, str]:
    version = __version__ if name == "mmrisk" else "unspecified"
    return {"id": name, "name": title, "url": url, "version": version, "namespacePrefix": prefix, "iriPrefix": iri}


def _biosample(row: Mapping[str, Any]) -> dict[str, Any]:
    made = {"id": row["sample_id"], "individualId": row["patient_id"]}
    if isinstance(row["time_point"], str):
        made["description"] = row["time_point"]
    return made


def _labels(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A measurement for every label; an open one names the labels between which it lies."""
    found = []
    for system in SYSTEMS.values():
        label = row.get(system.slug)
        if not isinstance(label, str) or label == NOT_APPLICABLE:
            continue
        said = label
        if label == NOT_EVALUABLE:
            said = f"not evaluable: {row[f'{system.slug}_best']} to {row[f'{system.slug}_worst']}"
        if system.name in split(row.get("inferred_labels")):
            said += " (events inferred from RNA took part)"
        value = _class(f"mmrisk:{system.slug}.{label}", said)
        found.append(_measurement(f"mmrisk:{system.slug}", system.name, value))
    return found


def _events_not_present(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was looked for and not found, is open or only suggested by RNA, so that silence is never read as absence."""
    found = []
    suggested = split(row.get("inferred_events"))
    for event in catalogue().values():
        state = row.get(event.id)
        if event.id in suggested:
            said = _class(f"mmrisk:state.inferred.{state}", f"{state}, inferred from RNA")
            found.append(_measurement(f"mmrisk:{event.id}", event.label, said))
            continue
        if state in (State.ABSENT, State.SUBTHRESHOLD, State.CONFLICT, State.NOT_EVALUABLE):
            found.append(_measurement(f"mmrisk:{event.id}", event.label, _class(f"mmrisk:state.{state}", str(state))))
    return found


def _measurement(identifier: str, label: str, value: dict[str, str]) -> dict[str, Any]:
    return {"assay": _class(identifier, label), "value": {"ontologyClass": value}}


def _present_events(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_event: dict[str, ExportedEvent] = {}
    suggested = split(row.get("inferred_events"))
    for each in exported_events():
        by_event.setdefault(each.event, each)
    return [
        {
            "subjectOrBiosampleId": row["sample_id"],
            "interpretationStatus": "CONTRIBUTORY",
            "variantInterpretation": {
                "variationDescriptor": _descriptor(row, event.id, event.label, by_event.get(event.id))
            },
        }
        for event in catalogue().values()
        if row.get(event.id) == State.PRESENT and event.id not in suggested
    ]


def _descriptor(row: Mapping[str, Any], event: str, label: str, exported: ExportedEvent | None) -> dict[str, Any]:
    """The event, its gene and ISCN text, and the share of cells."""
    made: dict[str, Any] = {"id": f"mmrisk.{row['sample_id']}.{event}", "label": label, "moleculeContext": "genomic"}
    if exported and exported.entrez:
        made["geneContext"] = {"valueId": f"NCBIGene:{exported.entrez}", "symbol": exported.gene}
    if exported and exported.iscn:
        made["expressions"] = [{"syntax": "iscn", "value": exported.iscn}]
    fraction = row.get(f"{event}_fraction")
    if fraction is not None and fraction == fraction:  # not NaN
        made["extensions"] = [{"name": "fraction-of-cells", "value": f"{float(fraction):.4g}"}]
    return made
