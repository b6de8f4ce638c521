"""Stages of active myeloma: ISS, R-ISS, R2-ISS, MASS, RW-ISS."""

from typing import Annotated

from mmrisk.risk.engine import Verdict, grade, names, rule, system
from mmrisk.risk.inputs import Albumin, B2m, B2mHigh, Found, Lab, LdhHigh


def iss_stage(b2m: float, albumin: float) -> str:
    """ISS stage from beta-2-microglobulin (mg/L) and albumin (g/dL); Greipp 2005, 10.1200/JCO.2005.04.242."""
    if b2m >= 5.5:
        return "III"
    if b2m < 3.5 and albumin >= 3.5:
        return "I"
    return "II"


@system("ISS", version="2005", doi="10.1200/JCO.2005.04.242", labels=("I", "II", "III"), population="active")
def iss(b2m: B2m, albumin: Albumin) -> Verdict:
    """International Staging System: serum beta-2-microglobulin and albumin (Greipp 2005)."""
    criteria = names(
        b2m_below_3_5=b2m < 3.5, b2m_3_5_to_5_5=3.5 <= b2m < 5.5, b2m_5_5=b2m >= 5.5, albumin_3_5=albumin >= 3.5
    )
    return Verdict(iss_stage(b2m, albumin), criteria=criteria)


@system("R-ISS", version="2015", doi="10.1200/JCO.2015.61.2267", labels=("I", "II", "III"), population="active")
def r_iss(b2m: B2m, albumin: Albumin, del_17p: Found, t_4_14: Found, t_14_16: Found, ldh: LdhHigh) -> Verdict:
    """Revised ISS: serum stage refined by high-risk FISH and LDH (Palumbo 2015)."""
    stage = iss_stage(b2m, albumin)
    adverse = names(del_17p=del_17p, t_4_14=t_4_14, t_14_16=t_14_16, ldh=ldh)
    criteria = (f"ISS {stage}", *adverse)
    if stage == "I" and not adverse:
        return Verdict("I", criteria=criteria)
    if stage == "III" and adverse:
        return Verdict("III", criteria=criteria)
    return Verdict("II", criteria=criteria)


@system("R2-ISS", version="2022", doi="10.1200/JCO.21.02614", labels=("I", "II", "III", "IV"), population="active")
def r2_iss(b2m: B2m, albumin: Albumin, del_17p: Found, ldh: LdhHigh, t_4_14: Found, gain_1q21: Found) -> Verdict:
    """Second revision of the ISS: points for stage, del(17p), LDH, t(4;14) and 1q gain or amp (D'Agostino 2022)."""
    stage = iss_stage(b2m, albumin)
    points = {"I": 0.0, "II": 1.0, "III": 1.5}[stage] + del_17p + ldh + t_4_14 + 0.5 * gain_1q21
    criteria = (f"ISS {stage}", *names(del_17p=del_17p, ldh=ldh, t_4_14=t_4_14, gain_1q21=gain_1q21))
    return Verdict(grade(points, {"I": 0, "II": 1, "III": 2.5}, "IV"), points, criteria)


@rule()
def high_risk_igh(t_4_14: Found, t_14_16: Found, t_14_20: Found) -> Verdict:
    """One of the IGH translocations of high risk."""
    met = names(t_4_14=t_4_14, t_14_16=t_14_16, t_14_20=t_14_20)
    return Verdict(bool(met), criteria=met)


HighRiskIgh = Annotated[bool, high_risk_igh]
MASS_DOI = "10.1038/s41408-022-00611-x"


@system("MASS-3", version="2022", doi=MASS_DOI, labels=("I", "II", "III"), population="active")
def mass_3(high_risk_igh: HighRiskIgh, gain_1q21: Found, del_17p: Found, b2m: B2mHigh, ldh: LdhHigh) -> Verdict:
    """Mayo Additive Staging System in three groups: a point each for IGH, 1q, chromosome 17, ISS III and LDH."""
    points = high_risk_igh + gain_1q21 + del_17p + (b2m >= 5.5) + ldh
    criteria = names(gain_1q21=gain_1q21, del_17p=del_17p, iss_iii=b2m >= 5.5, ldh=ldh)
    return Verdict(grade(points, {"I": 0, "II": 1}, "III"), points, criteria)


@system("MASS-4", version="2022", doi=MASS_DOI, labels=("I", "II", "III", "IV"), population="active")
def mass_4(high_risk_igh: HighRiskIgh, gain_1q21: Found, del_17p: Found, b2m: B2mHigh, ldh: LdhHigh) -> Verdict:
    """Mayo Additive Staging System in four groups: those with three points or more stand apart."""
    points = high_risk_igh + gain_1q21 + del_17p + (b2m >= 5.5) + ldh
    criteria = names(gain_1q21=gain_1q21, del_17p=del_17p, iss_iii=b2m >= 5.5, ldh=ldh)
    return Verdict(grade(points, {"I": 0, "II": 1, "III": 2}, "IV"), points, criteria)


RW_POINTS = {"I": 0.0, "II": 0.5, "III": 1.0}


@system(
    "RW-ISS",
    version="2025",
    doi="10.1038/s41408-025-01268-y",
    labels=("I", "II", "III", "IV"),
    population="active",
)
def rw_iss(
    age: Annotated[float, Lab("age", above={"years": (70,)})],
    ecog: Annotated[float, Lab("ecog", at_least={"": (1, 2)})],
    t_14_16: Found,
    b2m: B2m,
    albumin: Albumin,
    ldh: LdhHigh,
    del_17p: Found,
) -> Verdict:
    """Real-world ISS: points for age, performance status, t(14;16), serum stage, LDH and del(17p) (Danish registry)."""
    stage = iss_stage(b2m, albumin)
    points = 2 * (age > 70) + min(ecog // 1, 2) + t_14_16 + RW_POINTS[stage] + 0.5 * ldh + 0.5 * del_17p
    criteria = (
        *names(age_above_70=age > 70, ecog_1=ecog == 1, ecog_2_or_more=ecog >= 2, t_14_16=t_14_16),
        f"ISS {stage}",
        *names(ldh=ldh, del_17p=del_17p),
    )
    return Verdict(grade(points, {"I": 2, "II": 3, "III": 4.5}, "IV"), points, criteria)
