"""Cells with the labels of their sample, as categories."""

from typing import TYPE_CHECKING

import pandas as pd

from mmrisk import __version__
from mmrisk.events import State, Tier, catalogue
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import split

if TYPE_CHECKING:
    from anndata import AnnData


def add_labels(cells: "AnnData", row: pd.Series) -> None:
    """Add to every cell its sample and patient, and the sample's labels (`label_*`, their tier in
    `label_tier_*`) and states of events (`event_*`).

    States that RNA alone suggests stand in columns of their own (`inferred_*`).

    The categories of a label are all labels of its system, from low to high risk, also those that no cell has, so that
    files of several samples can be joined.
    """
    count = cells.n_obs
    made: dict[str, pd.Categorical] = {}
    for name in ("sample_id", "patient_id", "time_point"):
        value = row[name] if isinstance(row[name], str) else "unknown"
        made[name] = pd.Categorical([value] * count, categories=[value])
    known = [system for system in SYSTEMS.values() if system.slug in row]
    for system in known:
        categories = [*map(str, system.labels), NOT_EVALUABLE, NOT_APPLICABLE]
        made[f"label_{system.slug}"] = pd.Categorical([row[system.slug]] * count, categories=categories)
    tier = [str(Tier.INFERRED if system.name in split(row["inferred_labels"]) else Tier.MEASURED) for system in known]
    for system, value in zip(known, tier, strict=True):
        made[f"label_tier_{system.slug}"] = pd.Categorical([value] * count, categories=list(map(str, Tier)))
    suggested = split(row["inferred_events"])
    for event in catalogue():
        if row[event] != State.NOT_TESTED:
            kind = "inferred" if event in suggested else "event"
            made[f"{kind}_{event}"] = pd.Categorical([row[event]] * count, categories=list(map(str, State)))
    kept = cells.obs.drop(columns=[name for name in made if name in cells.obs])
    cells.obs = pd.concat([kept, pd.DataFrame(made, index=cells.obs.index)], axis=1)
    cells.uns["mmrisk"] = {"version": __version__, "sample_id": str(row["sample_id"])}
