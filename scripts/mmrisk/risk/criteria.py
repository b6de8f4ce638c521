"""Three-valued criteria of the IMWG 2014 definition from raw laboratory values (10.1016/S1470-2045(14)70442-5).

A value is compared in the unit in which it was reported. Where a laboratory's own limit of normal is not given, it is
taken to lie anywhere in its plausible range (`labs.tsv`), so that a clear value still decides.
"""

import numpy as np

from mmrisk.clinical import lab_columns
from mmrisk.risk.engine import UNKNOWN, YES
from mmrisk.risk.monoclonal import FREE_CHAIN_UPPER, KAPPA_LAMBDA_NORMAL, ratio_is_abnormal
from mmrisk.risk.patients import (
    Knowledge,
    Mask,
    Numbers,
    Patients,
    all_of,
    any_of,
    beyond,
    reaches,
    yes_no,
)

MG_DL_PER_UMOL_L = 1 / 88.42
ADULT_AGES = (18.0, 110.0)


def hypercalcaemia(patients: Patients) -> Knowledge:
    """C: calcium more than 1 mg/dL (0.25 mmol/L) above the upper limit of normal, or above 11 mg/dL (2.75 mmol/L)."""
    above_limit = [
        _above(patients.interval(f"calcium_{unit}"), _limit(patients, f"calcium_uln_{unit}"), margin)
        for unit, margin in (("mg_dl", 1.0), ("mmol_l", 0.25))
    ]
    return Knowledge(any_of(beyond(patients, {"calcium_mg_dl": 11, "calcium_mmol_l": 2.75}), _known_of(*above_limit)))


def renal_failure(patients: Patients) -> Knowledge:
    """R: creatinine above 2 mg/dL (177 umol/L), or clearance below 40 mL/min, estimated where it was not measured."""
    measured = patients.interval("crcl_ml_min")
    estimated = estimated_filtration(patients)
    used = np.isnan(measured[0])
    low, high = np.where(used, estimated[0], measured[0]), np.where(used, estimated[1], measured[1])
    with np.errstate(invalid="ignore"):
        poor_clearance = yes_no(high < 40, low >= 40)
    high_creatinine = beyond(patients, {"creatinine_mg_dl": 2, "creatinine_umol_l": 177})
    relied_on = used & (high_creatinine != YES) & (poor_clearance != UNKNOWN)
    return Knowledge(any_of(high_creatinine, poor_clearance), (("filtration_estimated", relied_on),))


def estimated_filtration(patients: Patients) -> tuple[Numbers, Numbers]:
    """Filtration rate by CKD-EPI 2021 (10.1056/NEJMoa2102953), mL/min per 1.73 m2, as an interval.

    Age and sex that are not known may be any adult's.
    """
    low, high = patients.interval("creatinine_mg_dl")
    umol_low, umol_high = patients.interval("creatinine_umol_l")
    low, high = np.fmin(low, umol_low * MG_DL_PER_UMOL_L), np.fmax(high, umol_high * MG_DL_PER_UMOL_L)
    youngest, oldest = (
        np.where(np.isnan(age), default, age)
        for age, default in zip(patients.interval("age_years"), ADULT_AGES, strict=True)
    )
    sex = patients.word("sex")
    worst = {name: _ckd_epi(high, oldest, female=name == "female") for name in ("female", "male")}
    best = {name: _ckd_epi(low, youngest, female=name == "female") for name in ("female", "male")}

    def of_sex(by_sex: dict[str, Numbers], otherwise: Numbers) -> Numbers:
        return np.where(sex == "female", by_sex["female"], np.where(sex == "male", by_sex["male"], otherwise))

    return of_sex(worst, np.fmin(*worst.values())), of_sex(best, np.fmax(*best.values()))


def _ckd_epi(creatinine: Numbers, age: Numbers, *, female: bool) -> Numbers:
    scale, power, factor = (0.7, -0.241, 1.012) if female else (0.9, -0.302, 1.0)
    relative = np.maximum(creatinine, 0.01) / scale
    falling = np.minimum(relative, 1) ** power * np.maximum(relative, 1) ** -1.2
    return 142 * falling * 0.9938**age * factor


def anaemia(patients: Patients) -> Knowledge:
    """A: haemoglobin below 10 g/dL (100 g/L), or more than 2 g/dL (20 g/L) below the lower limit of normal."""
    answers = []
    for unit, floor, margin in (("g_dl", 10.0, 2.0), ("g_l", 100.0, 20.0)):
        low, high = patients.interval(f"hb_{unit}")
        limit_low, limit_high = _limit(patients, f"hb_lln_{unit}")
        with np.errstate(invalid="ignore"):
            below = (high < floor) | (high < np.round(limit_low - margin, 6))
            not_below = (low >= floor) & (low >= np.round(limit_high - margin, 6))
        answers.append(yes_no(below, not_below))
    return Knowledge(_known_of(*answers))


def light_chain_event(patients: Patients) -> Knowledge:
    """Li: involved / uninvolved free light chain 100 or more, and the involved chain 100 mg/L or more."""
    ratio = reaches(patients, {"flc_ratio_involved": 100})
    return Knowledge(all_of(ratio, reaches(patients, {"flc_involved_mg_l": 100})))


def light_chain_clone(patients: Patients) -> Knowledge:
    """Kappa/lambda outside 0.26 to 1.65 with the chain that it points to above its own normal range."""
    low, high = patients.interval("flc_ratio_kappa_lambda")
    normal_low, normal_high = KAPPA_LAMBDA_NORMAL
    with np.errstate(invalid="ignore"):
        lambda_excess = yes_no(high < normal_low, low >= normal_low)
    kappa = all_of(
        beyond(patients, {"flc_ratio_kappa_lambda": normal_high}),
        beyond(patients, {"flc_kappa_mg_l": FREE_CHAIN_UPPER["kappa"]}),
    )
    lambda_ = all_of(lambda_excess, beyond(patients, {"flc_lambda_mg_l": FREE_CHAIN_UPPER["lambda"]}))
    # where the sheet names no chain but says which one is involved, the stricter limits of the two chains decide
    either = all_of(
        beyond(patients, {"flc_ratio_involved": round(1 / normal_low, 9)}),
        beyond(patients, {"flc_involved_mg_l": max(FREE_CHAIN_UPPER.values())}),
    )
    return Knowledge(any_of(kappa, lambda_, either))


def abnormal_ratio(patients: Patients) -> Knowledge:
    """Whether kappa/lambda lies outside 0.26 to 1.65 (the bounds are normal)."""
    return Knowledge(ratio_is_abnormal(patients.interval("flc_ratio_kappa_lambda")))


def _limit(patients: Patients, column: str) -> tuple[Numbers, Numbers]:
    """A laboratory's limit of normal; anywhere in its plausible range where it is not given."""
    low, high = patients.interval(column)
    plausible = lab_columns()[column]
    return np.where(np.isnan(low), plausible.low, low), np.where(np.isnan(high), plausible.high, high)


def _above(value: tuple[Numbers, Numbers], limit: tuple[Numbers, Numbers], margin: float) -> Mask:
    with np.errstate(invalid="ignore"):
        certain = value[0] > np.round(limit[1] + margin, 6)
        return yes_no(certain, value[1] <= np.round(limit[0] + margin, 6))


def _known_of(*answers: Mask) -> Mask:
    """One answer from those in different units, of which a patient has one."""
    agreed: Mask = np.bitwise_and.reduce(answers)
    return np.where(agreed == 0, UNKNOWN, agreed)
