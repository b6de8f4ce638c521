"""The data dictionary: every table and column, as JSON and as a page, made from the contracts."""

import json
from collections.abc import Iterator

from mmrisk import __version__
from mmrisk.assay_sheet import ASSAYS
from mmrisk.cohort import REPORTS, SAMPLES
from mmrisk.contracts import TABLES, Column, Table
from mmrisk.follow_up import OUTCOMES, TREATMENTS
from mmrisk.joined import cohort_table, patients_table
from mmrisk.risk.assign import labels_table
from mmrisk.risk.monoclonal import M_PROTEIN
from mmrisk.risk.organ_damage import ORGAN_DAMAGE
from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY


def documented_tables() -> Iterator[tuple[str, Table]]:
    """Every table with the heading under which it is shown."""
    for table in (SAMPLES, ASSAYS, REPORTS, TREATMENTS, OUTCOMES):
        yield "Sheets that you write", table
    serial_and_clinical = (M_PROTEIN, ORGAN_DAMAGE, LABEL_CHANGES, TRAJECTORY)
    for table in (*TABLES, labels_table(), *serial_and_clinical, cohort_table(), patients_table()):
        yield "Tables that the workflow writes", table


def dictionary_json() -> str:
    """All tables as JSON: column, kind, meaning, required, allowed values, bounds."""
    made = {"mmrisk": __version__, "tables": {table.name: _as_dict(table) for _, table in documented_tables()}}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _as_dict(table: Table) -> dict[str, object]:
    columns = []
    for column in table.columns:
        entry: dict[str, object] = {"name": column.name, "kind": column.kind, "about": column.about}
        entry["required"] = column.required
        if column.allowed:
            entry["allowed"] = list(column.allowed)
        if column.low is not None:
            entry["low"] = column.low
        if column.high is not None:
            entry["high"] = column.high
        columns.append(entry)
    return {"about": table.about, "key": list(table.key), "columns": columns}


def dictionary_page() -> str:
    """All tables as a Markdown page. The cohort and patients tables repeat columns, so only their makeup is told."""
    lines = [
        "# Tables",
        "",
        "Made by `make docs` from the contracts in `scripts/mmrisk/contracts/` and `scripts/mmrisk/cohort.py`.",
        "Every table that the workflow writes is a TSV and a Parquet of the same frame, sorted by its key.",
        "A missing value is the empty field; lists are joined by `;`.",
    ]
    heading = ""
    for group, table in documented_tables():
        if group != heading:
            lines += ["", f"## {group}"]
            heading = group
        lines += ["", f"### {table.name}", "", f"{table.about} Key: {', '.join(table.key)}.", ""]
        if table.name == "patients":
            lines.append("The columns of `cohort`.")
            continue
        lines += ["| column | kind | required | meaning |", "|---|---|---|---|"]
        lines += [_line(column) for column in table.columns]
    return "\n".join(lines) + "\n"


def _line(column: Column) -> str:
    about = column.about
    if column.allowed:
        about += f" ({', '.join(column.allowed)})"
    elif column.low is not None and column.high is not None:
        about += f" ({column.low:g} to {column.high:g})"
    return f"| {column.name} | {column.kind} | {'yes' if column.required else ''} | {about} |"
