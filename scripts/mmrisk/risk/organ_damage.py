"""What drives anaemia and kidney failure in a patient with a plasma-cell clone: a small explained table.

Mechanisms are rules over laboratory values like any system, so that what is missing stays open. The thresholds are
common clinical ones; none of them is part of a myeloma definition.
"""

from typing import Annotated

import numpy as np
import pandas as pd

from mmrisk.contracts import Column, Table
from mmrisk.risk import criteria
from mmrisk.risk.engine import NOT_EVALUABLE, System, Verdict, evaluate, names, system
from mmrisk.risk.inputs import Criterion, Lab
from mmrisk.risk.monoclonal import with_derived
from mmrisk.risk.patients import Patients
from mmrisk.tables import join

Anaemic = Annotated[bool, Criterion(criteria.anaemia, "haemoglobin")]
KidneyFailure = Annotated[bool, Criterion(criteria.renal_failure, "creatinine clearance")]
LABELS = ("no_damage", "no", "yes")


def _mechanism(damage: bool, works: bool, **met: bool) -> Verdict:  # noqa: FBT001 (inputs of a rule)
    if not damage:
        return Verdict("no_damage")
    return Verdict("yes" if works else "no", criteria=names(**met))


@system(
    "anaemia: marrow infiltration",
    version="plasma cells 30 % or more",
    doi="project decision",
    labels=LABELS,
)
def marrow_infiltration(anaemia: Anaemic, bmpc: Annotated[float, Lab("bmpc", at_least={"pct": (30,)})]) -> Verdict:
    """Plasma cells fill the marrow and displace red-cell precursors."""
    return _mechanism(anaemia, bmpc >= 30, bmpc_30=bmpc >= 30)


@system(
    "anaemia: inflammation with functional iron deficiency",
    version="transferrin saturation below 20 % with ferritin 100 ug/L or more",
    doi="10.1182/blood-2018-06-856500",
    labels=LABELS,
)
def functional_iron_deficiency(
    anaemia: Anaemic,
    ferritin: Annotated[float, Lab("ferritin", at_least={"ug_l": (100,)})],
    transferrin_saturation: Annotated[float, Lab("transferrin_saturation", at_least={"pct": (20,)})],
) -> Verdict:
    """Iron is in store but does not reach the marrow, as hepcidin keeps it there."""
    stored, low = ferritin >= 100, transferrin_saturation < 20
    return _mechanism(anaemia, stored and low, ferritin_100=stored, transferrin_saturation_below_20=low)


@system(
    "anaemia: absolute iron deficiency",
    version="ferritin below 30 ug/L",
    doi="10.1056/NEJMra1401038",
    labels=LABELS,
)
def absolute_iron_deficiency(
    anaemia: Anaemic, ferritin: Annotated[float, Lab("ferritin", at_least={"ug_l": (30,)})]
) -> Verdict:
    """Iron stores are empty, which the clone does not explain: look for bleeding."""
    return _mechanism(anaemia, ferritin < 30, ferritin_below_30=ferritin < 30)


@system(
    "anaemia: inadequate erythropoietin",
    version="erythropoietin below 100 U/L at this haemoglobin",
    doi="project decision",
    labels=LABELS,
)
def inadequate_erythropoietin(anaemia: Anaemic, epo: Annotated[float, Lab("epo", at_least={"u_l": (100,)})]) -> Verdict:
    """The kidney answers the anaemia with too little erythropoietin."""
    return _mechanism(anaemia, epo < 100, epo_below_100=epo < 100)


@system(
    "kidney: light chain load",
    version="involved free light chain 500 mg/L or more",
    doi="10.1200/JCO.2015.65.0044",
    labels=LABELS,
)
def light_chain_load(
    renal_failure: KidneyFailure, flc: Annotated[float, Lab("flc_involved", at_least={"mg_l": (500, 1500)})]
) -> Verdict:
    """Free light chains reach the tubules in amounts that form casts; below 500 mg/L look for another cause."""
    return _mechanism(renal_failure, flc >= 500, flc_500=flc >= 500, flc_1500_cast_nephropathy_likely=flc >= 1500)


@system(
    "kidney: hypercalcaemia",
    version="criterion C of CRAB",
    doi="10.1016/S1470-2045(14)70442-5",
    labels=LABELS,
)
def calcium_kidney(
    renal_failure: KidneyFailure,
    hypercalcaemia: Annotated[bool, Criterion(criteria.hypercalcaemia, "calcium")],
) -> Verdict:
    """High calcium narrows vessels and dries out the patient; it adds to any other cause."""
    return _mechanism(renal_failure, hypercalcaemia, hypercalcaemia=hypercalcaemia)


MECHANISMS: tuple[System, ...] = (
    marrow_infiltration,
    functional_iron_deficiency,
    absolute_iron_deficiency,
    inadequate_erythropoietin,
    light_chain_load,
    calcium_kidney,
)

ORGAN_DAMAGE = Table(
    "organ_damage",
    "What drives anaemia and kidney failure, as far as the laboratory values tell.",
    ("sample_id", "mechanism"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("mechanism", "text", "organ and mechanism", required=True),
        Column("present", "text", "whether it works", required=True, allowed=(*LABELS, NOT_EVALUABLE)),
        Column("because", "list", "findings that are certain"),
        Column("missing", "list", "values that would tell"),
        Column("rule", "text", "threshold that was applied", required=True),
        Column("source", "text", "where the threshold comes from", required=True),
        Column("explanation", "text", "what the mechanism is", required=True),
    ),
)


def organ_damage_frame(patients: Patients) -> pd.DataFrame:
    """The table of mechanisms: a row per sample and mechanism."""
    patients = with_derived(patients)
    frames = []
    for mechanism in MECHANISMS:
        masks = np.column_stack([leaf.domain.known(patients).masks for leaf in mechanism.leaves])
        outcomes, pattern = evaluate(mechanism, masks)
        rows = [(each.label, join(each.criteria), join(each.would_decide)) for each in outcomes]
        frame = pd.DataFrame(rows, columns=["present", "because", "missing"], dtype=object).take(pattern)
        frame.insert(0, "sample_id", list(patients.sample_ids))
        frames.append(
            frame.assign(
                mechanism=mechanism.name, rule=mechanism.version, source=mechanism.doi, explanation=mechanism.about
            )
        )
    return pd.concat(frames, ignore_index=True)
