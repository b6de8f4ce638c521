"""A sheet of reports: every string read, named, and accounted for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from mmrisk.cohort import Record
from mmrisk.contracts import PARSED, STATUS
from mmrisk.cytogenetics.karyotype_sex import sex_mismatch
from mmrisk.cytogenetics.reports import read_report
from mmrisk.events import Evidence
from mmrisk.tables import conform, join


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """Evidence of all reports, how each was read (contract PARSED) and what happened to it (contract STATUS)."""

    evidence: list[Evidence]
    parsed: pd.DataFrame = field(repr=False)
    status: pd.DataFrame = field(repr=False)


def read_reports(records: Sequence[Record], *, sexes: Mapping[str, str | None] = MappingProxyType({})) -> ReportSheet:
    """Read all rows of a reports sheet; cells whose selection is not stated count as `unknown`.

    `sexes` (F or M by sample) are compared with the sex chromosomes of karyotypes; the status says where they differ.
    """
    evidence: list[Evidence] = []
    parsed: list[tuple[object, ...]] = []
    status: list[tuple[object, ...]] = []
    for record, assay_id in zip(records, assay_ids(records), strict=True):
        sample_id, method, text = record["sample_id"], record["method"], record["text"]
        reading = read_report(
            text,
            method=method,
            sample_id=sample_id,
            assay_id=assay_id,
            cell_selection=record["cell_selection"] or "unknown",
        )
        evidence += reading.evidence
        unread = join(map(str, reading.unread))
        parsed.append((sample_id, assay_id, method, text, reading.normalised or None, unread, join(reading.events)))
        number = len(reading.unread)
        said = [f"{number} piece{'s' if number > 1 else ''} not understood"] if number else []
        said += filter(None, [sex_mismatch(text, method, sexes.get(sample_id))])
        status.append((sample_id, assay_id, "ok", len(reading.evidence), "; ".join(said) or None))
    return ReportSheet(
        evidence,
        conform(pd.DataFrame(parsed, columns=PARSED.names, dtype=object), PARSED),
        conform(pd.DataFrame(status, columns=STATUS.names, dtype=object), STATUS),
    )


def assay_ids(records: Iterable[Record]) -> list[str]:
    """Names of the reports: as given, else the method, numbered where a sample has several."""
    every = list(records)
    taken = {(record["sample_id"], record["report_id"]) for record in every}
    names = []
    for record in every:
        name = record["report_id"]
        if name is None:
            name, number = record["method"], 1
            while (record["sample_id"], name) in taken:
                number += 1
                name = f"{record['method']}_{number}"
            taken.add((record["sample_id"], name))
        names.append(name)
    return names
