"""The plain summary at the end of a run: what was called, what failed, where to look."""

from collections.abc import Sequence

import pandas as pd

from mmrisk.events import State, catalogue
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import split

SHOWN = (
    "t_4_14",
    "t_6_14",
    "t_11_14",
    "t_14_16",
    "t_14_20",
    "myc_rearranged",
    "hyperdiploid",
    "gain_1q21",
    "amp_1q21",
    "del_1p32",
    "del_13q",
    "del_17p",
    "tp53_mutation",
)


def summarise(
    cohort: pd.DataFrame,
    risk: pd.DataFrame,
    conflicts: pd.DataFrame,
    status: pd.DataFrame,
    parsed: pd.DataFrame | None,
    *,
    strangers: Sequence[str] = (),
    where: Sequence[tuple[str, str]],
) -> str:
    """The summary as text. `where` pairs what to look at with its path.

    `strangers` are samples of data files that the samples sheet does not name: they are labelled, but not joined.
    """
    lines = [f"mmrisk: {len(cohort)} samples of {cohort['patient_id'].nunique()} patients", "", *_events(cohort), ""]
    lines += [*_labels(risk), "", *_troubles(conflicts, status, parsed)]
    if strangers:
        lines.append(f"Samples of data files that are not in the samples sheet: {', '.join(strangers)}")
    lines += ["", "Where to look"]
    width = max((len(what) for what, _ in where), default=0)
    lines += [f"  {what:<{width}} {path}" for what, path in where]
    return "\n".join(lines) + "\n"


def _events(cohort: pd.DataFrame) -> list[str]:
    width = max(len(catalogue()[event].label) for event in SHOWN)
    lines = [f"  {'Event':<{width}} {'present':>8} {'absent':>8} {'conflict':>9} {'unknown':>8}"]
    for event in SHOWN:
        states = cohort[event]
        negative = states.isin([State.ABSENT, State.SUBTHRESHOLD]).sum()
        present, conflict = (states == State.PRESENT).sum(), (states == State.CONFLICT).sum()
        unknown = len(states) - present - negative - conflict
        lines.append(f"  {catalogue()[event].label:<{width}} {present:>8} {negative:>8} {conflict:>9} {unknown:>8}")
    return lines


def _labels(risk: pd.DataFrame) -> list[str]:
    lines, silent = ["Risk labels"], []
    for system in (name for name in SYSTEMS if (risk["system"] == name).any()):
        labels = risk.loc[risk["system"] == system, "label"]
        settled = labels[~labels.isin([NOT_EVALUABLE, NOT_APPLICABLE])].value_counts().sort_index()
        if settled.empty:
            silent.append(system)
            continue
        said = ", ".join(f"{label}: {count}" for label, count in settled.items())
        lines.append(f"  {system:<20} {said}; not evaluable: {(labels == NOT_EVALUABLE).sum()}")
    if silent:
        lines.append(f"  no label for any sample: {', '.join(silent)}")
    return lines


def _troubles(conflicts: pd.DataFrame, status: pd.DataFrame, parsed: pd.DataFrame | None) -> list[str]:
    open_conflicts = int((conflicts["resolution"] == State.CONFLICT).sum())
    failed = status[status["status"] == "failed"]
    lines = [f"Conflicts: {open_conflicts} open, {len(conflicts) - open_conflicts} resolved by rule"]
    if parsed is not None:
        unread = parsed[parsed["unread"].notna()]
        lines.append(f"Reports: {len(parsed)} read, {len(unread)} with pieces that were not understood")
        lines += [
            f"  {row.sample_id} {row.assay_id}: {', '.join(split(row.unread)[:3])}" for row in unread.itertuples()
        ]
        silent = parsed[parsed["unread"].isna() & parsed["events"].isna()]
        if len(silent):
            names = (f"{row.sample_id} {row.assay_id}" for row in silent.itertuples())
            lines.append(f"Reports in which no event was found, to be looked at: {', '.join(names)}")
    lines.append(f"Inputs that failed: {len(failed)}")
    lines += [f"  {row.sample_id} {row.assay_id}: {row.message}" for row in failed.itertuples()]
    exchanged = status[status["message"].str.contains("sex mismatch", na=False) & (status["status"] == "ok")]
    lines += ["Inputs of another sex than the samples sheet gives, perhaps exchanged:"] if len(exchanged) else []
    lines += [f"  {row.sample_id} {row.assay_id}: {row.message}" for row in exchanged.itertuples()]
    return lines
