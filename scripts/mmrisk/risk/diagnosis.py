"""IMWG 2014 diagnosis of plasma-cell disorders, and whether a system made for one of them applies to a patient."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from mmrisk.risk import criteria
from mmrisk.risk.engine import NO, UNKNOWN, YES, Outcome, Verdict, rule, system
from mmrisk.risk.inputs import Category, Criterion, Lab, Stated
from mmrisk.risk.patients import Flag, Knowledge, Mask, Patients, reaches, states

LABELS = (
    "NO_GAMMOPATHY",
    "IgM_MGUS",
    "LC_MGUS",
    "MGUS",
    "SMM_LC",
    "SMM",
    "SOLITARY_PLASMACYTOMA",
    "SOLITARY_PLASMACYTOMA_MINIMAL_MARROW",
    "REVIEW_IgM",
    "REVIEW_AMYLOID",
    "REVIEW_MDE_NO_CLONE",
    "REVIEW_PLASMACYTOMA",
    "MM",
    "PCL",
)
STATED = {
    "none": ("NO_GAMMOPATHY",),
    "MGUS": ("IgM_MGUS", "LC_MGUS", "MGUS"),
    "SMM": ("SMM", "SMM_LC"),
    "MM": ("MM",),
    "PCL": ("PCL",),
    "plasmacytoma": ("SOLITARY_PLASMACYTOMA", "SOLITARY_PLASMACYTOMA_MINIMAL_MARROW"),
    "amyloidosis": ("REVIEW_AMYLOID",),
    "waldenstrom": ("REVIEW_IgM",),
}
"""What a diagnosis given by the clinic means in these labels."""


PRECURSORS = ("IgM_MGUS", "LC_MGUS", "MGUS", "SMM_LC", "SMM", "NO_GAMMOPATHY")
AFTER_DIAGNOSIS = ("remission", "progression", "relapse")
"""Time points of the samples sheet after the diagnosis of myeloma, of which staging systems know nothing."""
NOT_PRECURSOR = (*AFTER_DIAGNOSIS, "cell_line")
NO_OUTCOME = frozenset({"after_diagnosis", "cell_line"})
"""Flags of samples to which the outcomes published for newly diagnosed patients do not belong."""


@dataclass(frozen=True, slots=True)
class Population:
    """Diagnoses to which a system applies, those to which it may apply, and whether it is taken to apply if open."""

    about: str
    applies: tuple[str, ...]
    may_apply: tuple[str, ...] = ()
    assumed: bool = False


POPULATIONS = {
    "any": Population("any sample", LABELS),
    # Whoever stages a patient has myeloma in mind: the label is given, with a flag, until the diagnosis excludes it
    "active": Population(
        "active myeloma",
        ("MM", "PCL"),
        ("REVIEW_IgM", "REVIEW_AMYLOID", "REVIEW_MDE_NO_CLONE", "REVIEW_PLASMACYTOMA"),
        assumed=True,
    ),
    "smm": Population("smouldering myeloma", ("SMM", "SMM_LC")),
    "mgus": Population("MGUS with a heavy chain", ("MGUS", "IgM_MGUS")),
}


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A domain whose knowledge a function completes from other values."""

    domain: Any
    adjust: Callable[[Patients, Knowledge], Knowledge]

    @property
    def values(self) -> tuple[Any, ...]:
        """Those of the domain."""
        return tuple(self.domain.values)

    @property
    def test(self) -> str:
        """The test to order."""
        return str(self.domain.test)

    def known(self, patients: Patients) -> Knowledge:
        """What the domain knows, completed."""
        return self.adjust(patients, self.domain.known(patients))


def _without_marrow(patients: Patients, known: Knowledge) -> Knowledge:
    """No marrow is needed for IgG below 1.5 g/dL with a normal ratio and no damage: it then counts as below 10 %."""
    clinical = (criteria.hypercalcaemia, criteria.renal_failure, criteria.anaemia, criteria.abnormal_ratio)
    harmless = np.logical_and.reduce([found(patients).masks == NO for found in clinical])
    small = reaches(patients, {"serum_m_g_dl": 1.5, "serum_m_g_l": 15}) == NO
    low_risk = harmless & small & (patients.word("heavy_chain") == "IgG") & np.isnan(patients.interval("bmpc_pct")[0])
    return Knowledge(np.where(low_risk, 0b0011, known.masks), (("marrow_not_assessed", low_risk),))


def _which_leukaemia(patients: Patients, known: Knowledge) -> Knowledge:
    earlier, leukaemic = states(patients, "earlier_myeloma"), known.masks == YES
    kinds = (("pcl_primary", leukaemic & (earlier == NO)), ("pcl_secondary", leukaemic & (earlier == YES)))
    return Knowledge(known.masks, kinds)


HeavyChain = Annotated[
    str,
    Category(
        "heavy_chain",
        (("none", ("none",)), ("IgM", ("IgM", "biclonal")), ("other", ("IgG", "IgA", "IgD", "IgE", "biclonal"))),
    ),
]
SerumM = Annotated[float, Lab("serum_m", at_least={"g_dl": (3,), "g_l": (30,)})]
UrineM = Annotated[float, Lab("urine_m", at_least={"mg_24h": (500,), "g_24h": (0.5,)})]
Marrow = Annotated[float, Adjusted(Lab("bmpc", at_least={"pct": (10, 60)}, above={"pct": (0,)}), _without_marrow)]
Plasmacytoma = Annotated[
    str,
    Category(
        "plasmacytoma",
        (("none", ("none",)), ("solitary", ("solitary",)), ("other", ("extramedullary", "multiple"))),
    ),
]
Lesions = Annotated[float, Lab("osteolytic_lesions", at_least={"": (1, 2)})]
FocalLesions = Annotated[float, Lab("focal_lesions_mri", at_least={"": (2,)})]
Circulating = Annotated[float, Adjusted(Lab("cpc", at_least={"pct": (5,)}), _which_leukaemia)]


@rule(labels=("none", "light_chain", "large_light_chain", "intact", "large_intact", "small_igm", "igm"))
def m_protein(
    heavy_chain: HeavyChain,
    serum_m: SerumM,
    urine_m: UrineM,
    free_light_chains: Annotated[bool, Criterion(criteria.light_chain_clone, "serum free light chains")],
    igm_symptoms: Annotated[bool, Stated("igm_symptoms")],
) -> Verdict:
    """Kind and size of the M-protein as the definitions of MGUS and smouldering myeloma use it."""
    sizes = {"serum M-protein >= 3 g/dL": serum_m >= 3, "urine M-protein >= 500 mg/24 h": urine_m >= 500}
    met = tuple(name for name, is_met in sizes.items() if is_met)
    if heavy_chain == "IgM":
        return Verdict("igm" if serum_m >= 3 or igm_symptoms else "small_igm", criteria=met)
    if heavy_chain == "other":
        return Verdict("large_intact" if met else "intact", criteria=met)
    if met:
        return Verdict("large_light_chain", criteria=met)
    return Verdict("light_chain" if free_light_chains else "none")


@rule(labels=("none", "calcium_or_kidney", "anaemia"))
def organ_damage(
    hypercalcaemia: Annotated[bool, Criterion(criteria.hypercalcaemia, "calcium")],
    renal_failure: Annotated[bool, Criterion(criteria.renal_failure, "creatinine clearance")],
    anaemia: Annotated[bool, Criterion(criteria.anaemia, "haemoglobin")],
) -> Verdict:
    """C, R and A of CRAB."""
    found = {
        "hypercalcaemia (C of CRAB)": hypercalcaemia,
        "renal failure (R of CRAB)": renal_failure,
        "anaemia (A of CRAB)": anaemia,
    }
    met = tuple(name for name, is_met in found.items() if is_met)
    return Verdict("anaemia" if anaemia else "calcium_or_kidney" if met else "none", criteria=met)


@rule()
def slim(
    light_chain_event: Annotated[bool, Criterion(criteria.light_chain_event, "serum free light chains")],
    focal_lesions_mri: FocalLesions,
) -> Verdict:
    """Li and M of SLiM."""
    found = {
        "involved/uninvolved free light chain >= 100 (Li of SLiM)": light_chain_event,
        "more than one focal lesion on MRI (M of SLiM)": focal_lesions_mri >= 2,
    }
    met = tuple(name for name, is_met in found.items() if is_met)
    return Verdict(bool(met), criteria=met)


@system("IMWG-2014-diagnosis", version="2014", doi="10.1016/S1470-2045(14)70442-5", labels=LABELS)
def imwg_diagnosis(
    m_protein: Annotated[str, m_protein],
    organ_damage: Annotated[str, organ_damage],
    slim: Annotated[bool, slim],
    attributable: Annotated[bool, Stated("attributable", unless_stated=YES)],
    bmpc: Marrow,
    plasmacytoma: Plasmacytoma,
    osteolytic_lesions: Lesions,
    cpc: Circulating,
    amyloid: Annotated[bool, Stated("amyloid", unless_stated=NO)],
) -> Verdict:
    """International Myeloma Working Group definitions, from MGUS to plasma cell leukaemia (Rajkumar 2014)."""
    # the lesion of a solitary plasmacytoma is the plasmacytoma itself where the marrow holds less than 10 %
    bone = osteolytic_lesions >= (2 if plasmacytoma == "solitary" and bmpc < 10 else 1)
    crab = attributable and (bone or organ_damage != "none")
    clone = bmpc >= 10 or plasmacytoma != "none"
    found = {
        "clonal plasma cells >= 10 % or plasmacytoma": clone,
        "bone lesions (B of CRAB)": attributable and bone,
        "plasma cells >= 60 % (S of SLiM)": bmpc >= 60,
    }
    label = _diagnosis(
        m_protein,
        anaemic=attributable and organ_damage == "anaemia",
        defining_event=crab or slim or bmpc >= 60,
        clone=clone,
        bmpc=bmpc,
        plasmacytoma=plasmacytoma,
        leukaemic=cpc >= 5,
        amyloid=amyloid,
    )
    return Verdict(label, criteria=tuple(name for name, is_met in found.items() if is_met))


def _diagnosis(
    m_protein: str,
    *,
    anaemic: bool,
    defining_event: bool,
    clone: bool,
    bmpc: float,
    plasmacytoma: str,
    leukaemic: bool,
    amyloid: bool,
) -> str:
    """The first definition that is met."""
    light_chain_only = m_protein in ("none", "light_chain", "large_light_chain")
    if m_protein == "small_igm" and bmpc < 10 and not anaemic:
        return "IgM_MGUS"
    if m_protein in ("small_igm", "igm"):
        return "REVIEW_IgM"
    if amyloid:
        return "REVIEW_AMYLOID"
    if clone and defining_event:
        return "PCL" if leukaemic else "MM"
    if defining_event:
        return "REVIEW_MDE_NO_CLONE"
    if plasmacytoma != "none" and bmpc < 10:
        if plasmacytoma != "solitary":
            return "REVIEW_PLASMACYTOMA"  # the criteria have no name for it, and MGUS would be too little
        return "SOLITARY_PLASMACYTOMA_MINIMAL_MARROW" if bmpc > 0 else "SOLITARY_PLASMACYTOMA"
    if m_protein.startswith("large") or bmpc >= 10:
        return "SMM_LC" if light_chain_only else "SMM"
    return {"intact": "MGUS", "light_chain": "LC_MGUS"}.get(m_protein, "NO_GAMMOPATHY")


def diagnoses(
    patients: Patients, outcomes: Sequence[Outcome], pattern: npt.NDArray[np.intp]
) -> tuple[Mask, tuple[Flag, ...]]:
    """Diagnoses still possible per patient, bit n for the n-th of `LABELS`: by the criteria and by the clinic.

    Where the two exclude each other both stay possible, with a flag. The time point of the sample settles what these
    leave open between a precursor and active disease; it never overrules them.
    """
    bit = {label: 1 << number for number, label in enumerate(LABELS)}
    bits_left = [sum(bit[label] for label in outcome.possible) for outcome in outcomes]
    by_criteria = np.array(bits_left, dtype=np.int64)[pattern]
    said_bits = {said: sum(bit[label] for label in labels) for said, labels in STATED.items()}
    everything = (1 << len(LABELS)) - 1
    said = np.array([said_bits.get(word, everything) for word in patients.word("diagnosis")], dtype=np.int64)
    differ = (by_criteria & said) == 0
    possible = np.where(differ, by_criteria | said, by_criteria & said)
    return _at_time_point(patients, possible), (("stated_diagnosis_differs", differ),)


def _at_time_point(patients: Patients, possible: Mask) -> Mask:
    """Diagnoses possible that the time point of the sample allows, where it allows any."""
    precursor = sum(1 << LABELS.index(label) for label in PRECURSORS)
    time_point = patients.word("time_point")
    allowed = np.full(len(patients), (1 << len(LABELS)) - 1)
    allowed[time_point == "precursor"] = precursor
    allowed[np.isin(time_point, NOT_PRECURSOR)] &= ~precursor
    left = possible & allowed
    return np.where(left == 0, possible, left)


def outcome_flags(patients: Patients, applies: Mask) -> tuple[Flag, ...]:
    """Flags of samples that are not of newly diagnosed patients, where a system of active myeloma applies."""
    time_point = patients.word("time_point")
    later = np.isin(time_point, AFTER_DIAGNOSIS) | (patients.word("treated") == "yes")
    return ("after_diagnosis", (applies != NO) & later), ("cell_line", (applies != NO) & (time_point == "cell_line"))


def applicability(population: str, possible: Mask) -> tuple[Mask, tuple[Flag, ...]]:
    """Whether a system for a population applies, per patient, from the diagnoses still possible."""
    who = POPULATIONS[population]
    bit = {label: 1 << number for number, label in enumerate(LABELS)}
    applies, may_apply = (sum(bit[label] for label in labels) for labels in (who.applies, who.may_apply))
    inside = (possible & (applies | may_apply)) != 0
    outside = (possible & ~applies) != 0
    if who.assumed:
        return np.where(inside, YES, NO), ((f"assumes_{population}_disease", inside & outside),)
    return np.where(inside & outside, UNKNOWN, np.where(inside, YES, NO)), ()
