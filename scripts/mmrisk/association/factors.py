"""What the marrow is tested against: events and risk labels, coded so that unknown is never negative."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.association.linear import Array
from mmrisk.events import State, Tier, catalogue
from mmrisk.risk.classification import CLASSIFICATIONS
from mmrisk.risk.diagnosis import STATED, imwg_diagnosis
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
from mmrisk.risk.systems import SYSTEMS
from mmrisk.tables import split

Mask = npt.NDArray[np.bool_]
EVENT, LABEL = "event", "label"
NEGATIVE = (State.ABSENT, State.SUBTHRESHOLD)
NOT_FACTORS = frozenset({"attribute", "clone_note"})
"""Kinds of the catalogue that qualify another event or say what is not plasma-cell evidence."""
STAGES = ("MGUS", "SMM", "MM")
STAGE_OF = {label: stage for stage in STAGES for label in STATED[stage]} | {"PCL": "MM"}
"""Step of the disease of each diagnosis; others (plasmacytoma, amyloidosis, to be reviewed) are none."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor over the rows of the cohort: `codes` number the level of each row, NaN where it is not known."""

    name: str
    kind: str
    contrast: str
    levels: tuple[str, ...]
    codes: Array
    inferred: Mask
    subthreshold: Mask


def factors(
    cohort: pd.DataFrame, *, tiers: pd.DataFrame, label_tiers: Mapping[str, Mask], allow_inferred: bool
) -> Iterator[Factor]:
    """Factors of a cohort: every event that some sample was tested for, and every ordered risk system.

    `tiers` is samples x events, the tier of the deciding evidence; `label_tiers` says by system which rows of the
    cohort have a label that RNA decided. Events known from RNA alone count as unknown unless `allow_inferred`.
    """
    none = np.zeros(len(cohort), dtype=bool)
    for event in catalogue().values():
        if event.kind in NOT_FACTORS or event.id not in cohort:
            continue
        states = cohort[event.id]
        codes = np.where(states == State.PRESENT, 1.0, np.where(states.isin(NEGATIVE), 0.0, np.nan))
        seen_in_rna = none
        if event.id in tiers:
            seen_in_rna = tiers[event.id].reindex(cohort["sample_id"]).isin([Tier.INFERRED]).to_numpy()
        if not allow_inferred:
            codes[seen_in_rna] = np.nan
        below = (states == State.SUBTHRESHOLD).to_numpy(dtype=bool)
        yield Factor(event.id, EVENT, "present vs absent", ("absent", "present"), codes, seen_in_rna, below)
    for system in SYSTEMS.values():
        if system.name in CLASSIFICATIONS or system is imwg_diagnosis or system.slug not in cohort:
            continue
        order = {label: float(number) for number, label in enumerate(system.labels)}
        codes = cohort[system.slug].map(order).to_numpy(dtype=float)
        if len(system.labels) == 2:
            contrast = f"{system.labels[1]} vs {system.labels[0]}"
        else:
            contrast = f"per step {' < '.join(system.labels)}"
        yield Factor(system.slug, LABEL, contrast, system.labels, codes, label_tiers.get(system.name, none), none)


def event_tiers(events: pd.DataFrame) -> pd.DataFrame:
    """Tier of the deciding evidence, samples x events."""
    return events.pivot(index="sample_id", columns="event", values="tier")


def label_tiers(risk: pd.DataFrame, samples: pd.Series) -> dict[str, Mask]:
    """By system: which of the samples have a label that RNA decided."""
    inferred = risk[(risk["tier"] == Tier.INFERRED) & ~risk["label"].isin([NOT_EVALUABLE, NOT_APPLICABLE])]
    return {
        str(system): samples.isin(rows["sample_id"]).to_numpy(dtype=bool) for system, rows in inferred.groupby("system")
    }


def stages(cohort: pd.DataFrame) -> pd.Series:
    """MGUS, SMM or MM by the diagnosis label, missing for anything else.

    Without a smear myeloma is not told from plasma-cell leukaemia: what is one of the two is active myeloma.
    """
    found = cohort[imwg_diagnosis.slug].map(STAGE_OF)
    ends = [f"{imwg_diagnosis.slug}_{end}" for end in ("best", "worst")]
    if not set(ends) <= set(cohort.columns):
        return found
    is_active = cohort[ends].isin(["MM", "PCL"]).all(axis=1)
    return found.mask(found.isna() & is_active, "MM")


def marker_genes(event: str) -> frozenset[str]:
    """Genes that the catalogue names for an event."""
    return frozenset(catalogue()[event].loci)


def covariate_frame(cohort: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Covariates as text, one row per row of the cohort; what is not known is a level of its own."""
    found = {}
    for name in names:
        values = stages(cohort) if name == "stage" else cohort[name]
        found[name] = values.astype("string").fillna("unknown").to_numpy(dtype=object)
    return pd.DataFrame(found, index=cohort["sample_id"])


__all__ = ["Factor", "covariate_frame", "event_tiers", "factors", "label_tiers", "marker_genes", "split", "stages"]
