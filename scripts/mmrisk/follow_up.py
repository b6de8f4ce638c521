"""The sheets of what happened to patients: treatments and outcomes, checked row by row."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mmrisk.contracts import Column, Table
from mmrisk.errors import Problem

RESPONSES = ("sCR", "CR", "VGPR", "PR", "MR", "SD", "PD")
"""Response categories of the IMWG (Kumar 2016, 10.1016/S1470-2045(16)30206-6), best first."""
DRUG_CLASSES = (
    "PI",
    "IMiD",
    "anti_CD38",
    "anti_SLAMF7",
    "alkylator",
    "steroid",
    "anthracycline",
    "bispecific",
    "CAR_T",
    "ADC",
    "BCL2_inhibitor",
    "XPO1_inhibitor",
    "HDAC_inhibitor",
    "CELMoD",
    "transplant",
    "radiotherapy",
    "other",
)

TREATMENTS = Table(
    "treatments",
    "One drug or procedure of one line of treatment of a patient.",
    ("patient_id", "line", "drug"),
    (
        Column("patient_id", "id", "the patient", required=True),
        Column("line", "integer", "line of treatment, 1 for the first", required=True),
        Column("drug", "text", "drug or procedure", required=True),
        Column("drug_class", "text", "its class", allowed=DRUG_CLASSES),
        Column("start", "date", "first day, YYYY-MM-DD"),
        Column("end", "date", "last day, YYYY-MM-DD"),
        Column("start_day", "integer", "first day, in days since diagnosis, where dates may not be given"),
        Column("end_day", "integer", "last day, in days since diagnosis"),
        Column("response", "text", "best response to the line", allowed=RESPONSES),
        Column("note", "text", "anything else"),
    ),
)

OUTCOMES = Table(
    "outcomes",
    "Survival of a patient, counted from the index sample or from diagnosis: the same for all patients.",
    ("patient_id",),
    (
        Column("patient_id", "id", "the patient", required=True),
        Column("os_months", "number", "months to death or last contact", low=0.0),
        Column("os_event", "flag", "died"),
        Column("pfs_months", "number", "months to progression, death or last contact", low=0.0),
        Column("pfs_event", "flag", "progressed or died"),
        Column("note", "text", "anything else"),
    ),
)


def treatment_problems(rows: Sequence[Any], *, file: str) -> Iterator[Problem]:
    """What single rows of the treatments sheet cannot mean."""
    for row in rows:
        if row["line"] < 1:
            yield _problem(file, row, "line", "is not a line of treatment", "count lines from 1")
        for start, end in (("start", "end"), ("start_day", "end_day")):
            if row[start] is not None and row[end] is not None and row[end] < row[start]:
                yield _problem(file, row, end, f"lies before {start} {row[start]}", "correct one of them")


def outcome_problems(rows: Sequence[Any], *, file: str) -> Iterator[Problem]:
    """What single rows of the outcomes sheet cannot mean."""
    for row in rows:
        for endpoint in ("os", "pfs"):
            time, event = f"{endpoint}_months", f"{endpoint}_event"
            for given, lacking in ((time, event), (event, time)):
                if row[given] is not None and row[lacking] is None:
                    yield _problem(file, row, lacking, f"is missing beside {given}", "fill it in, or empty both")
        if row["os_months"] is not None and row["pfs_months"] is not None and row["pfs_months"] > row["os_months"]:
            remedy = "progression-free survival ends with the last contact at the latest: correct one of them"
            yield _problem(file, row, "pfs_months", f"is longer than os_months {row['os_months']:g}", remedy)


def contradictions(samples: Sequence[Any], treatments: Sequence[Any], *, file: str) -> Iterator[Problem]:
    """Samples that are said to be untreated after a treatment has begun; `file` is the samples sheet."""
    for sample in samples:
        if sample["treated"] is False and lines_before(sample, treatments):
            remedy = "correct it here or the dates in the treatments sheet"
            yield _problem(file, sample, "treated", "contradicts a treatment that began before the specimen", remedy)


def lines_before(sample: Any, treatments: Iterable[Any]) -> dict[int, set[str]] | None:
    """Lines of a sample's patient that began before it, each with its classes of drugs.

    None where that cannot be told: no treatment of the patient is known, or a beginning or the specimen has no date.
    """
    own = [row for row in treatments if row["patient_id"] == sample["patient_id"]]
    found: dict[int, set[str]] = {}
    for row in own:
        if sample["date"] is not None and row["start"] is not None:
            before = row["start"] < sample["date"]
        elif sample["day"] is not None and row["start_day"] is not None:
            before = row["start_day"] < sample["day"]
        else:
            return None
        if before:
            found.setdefault(row["line"], set()).update(filter(None, [row["drug_class"]]))
    return found if own else None


def unknown_patients(rows: Sequence[Any], known: Iterable[str], *, file: str, samples_file: str) -> Iterator[Problem]:
    """Rows of patients that the samples sheet does not name."""
    names = set(known)
    for row in rows:
        if row["patient_id"] not in names:
            remedy = f"add a sample of the patient to {samples_file} or remove the row"
            yield _problem(file, row, "patient_id", f"is not in {samples_file}", remedy)


def _problem(file: str, row: Any, column: str, message: str, remedy: str) -> Problem:
    value = None if row[column] is None else str(row[column])
    return Problem(file=file, row=row.row, column=column, value=value, message=message, remedy=remedy)
