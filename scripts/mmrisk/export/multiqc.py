"""Custom content for MultiQC: labels and inputs of each sample, states of events (multiqc.info, custom content)."""

import json
from typing import Any

import pandas as pd

from mmrisk.events import State, catalogue
from mmrisk.export.catalogue import measured
from mmrisk.export.text import one_line
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import split

SHOWN = ("iss", "r_iss", "r2_iss", "ims_2025")
COLOURS = {
    State.PRESENT: "#b2182b",
    State.SUBTHRESHOLD: "#f4a582",
    State.CONFLICT: "#762a83",
    State.ABSENT: "#4393c3",
    State.NOT_EVALUABLE: "#bdbdbd",
}


def multiqc_files(cohort: pd.DataFrame) -> dict[str, str]:
    """Files by name; MultiQC finds them by `_mqc.json`."""
    return {
        "mmrisk_samples_mqc.json": _json(samples_table(cohort)),
        "mmrisk_events_mqc.json": _json(events_plot(cohort)),
    }


def samples_table(cohort: pd.DataFrame) -> dict[str, Any]:
    """A table of labels, conflicts and inputs that failed."""
    names = {system.slug: system.name for system in SYSTEMS.values()}
    data = {}
    for row in cohort.sort_values("sample_id").to_dict("records"):
        by_rna = split(row["inferred_labels"])
        labels = {
            slug: one_line(row[slug]) + (" (RNA)" if names[slug] in by_rna else "") for slug in SHOWN if slug in row
        }
        failed = len(str(row["failed_inputs"]).split(";")) if isinstance(row["failed_inputs"], str) else 0
        data[row["sample_id"]] = labels | {"n_conflicts": int(row["n_conflicts"]), "n_failed": failed}
    headers = {slug: {"title": names[slug], "description": f"{names[slug]} label"} for slug in SHOWN if slug in cohort}
    headers["n_conflicts"] = {"title": "Conflicts", "description": "Events on which evidence disagrees"}
    headers["n_failed"] = {"title": "Failed", "description": "Inputs that could not be read"}
    return {
        "id": "mmrisk_samples",
        "section_name": "mmrisk: labels",
        "description": "Risk labels from partial information. Research use.",
        "plot_type": "table",
        "pconfig": {"id": "mmrisk_samples_table", "title": "mmrisk: labels"},
        "headers": headers,
        "data": data,
    }


def events_plot(cohort: pd.DataFrame) -> dict[str, Any]:
    """How many samples have each state of each event that anyone was tested for, without what RNA alone suggests."""
    cohort = measured(cohort)
    data = {}
    for event in catalogue().values():
        counts = cohort[event.id].value_counts()
        shown = {str(state): int(counts.get(str(state), 0)) for state in COLOURS}
        if sum(shown.values()):
            data[event.label] = shown
    return {
        "id": "mmrisk_events",
        "section_name": "mmrisk: events",
        "description": "Samples by state of each event; what was not tested, or only inferred from RNA, is left out.",
        "plot_type": "bargraph",
        "pconfig": {"id": "mmrisk_events_plot", "title": "mmrisk: events", "ylab": "samples"},
        "categories": {str(state): {"name": str(state), "color": colour} for state, colour in COLOURS.items()},
        "data": data,
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
