"""ISS, R-ISS and R2-ISS."""

from mmrisk.risk.engine import Verdict, system
from mmrisk.risk.inputs import Albumin, B2m, Found, LdhHigh


def iss_stage(b2m: float, albumin: float) -> str:
    """ISS stage from beta-2-microglobulin (mg/L) and albumin (g/dL); Greipp 2005, 10.1200/JCO.2005.04.242."""
    if b2m >= 5.5:
        return "III"
    if b2m < 3.5 and albumin >= 3.5:
        return "I"
    return "II"


@system("ISS", version="2005", doi="10.1200/JCO.2005.04.242", labels=("I", "II", "III"))
def iss(b2m: B2m, albumin: Albumin) -> str:
    """International Staging System: serum beta-2-microglobulin and albumin (Greipp 2005)."""
    return iss_stage(b2m, albumin)


@system("R-ISS", version="2015", doi="10.1200/JCO.2015.61.2267", labels=("I", "II", "III"))
def r_iss(b2m: B2m, albumin: Albumin, del_17p: Found, t_4_14: Found, t_14_16: Found, ldh: LdhHigh) -> Verdict:
    """Revised ISS: serum stage refined by high-risk FISH and LDH (Palumbo 2015)."""
    stage = iss_stage(b2m, albumin)
    adverse = _names(del_17p=del_17p, t_4_14=t_4_14, t_14_16=t_14_16, ldh=ldh)
    criteria = (f"ISS {stage}", *adverse)
    if stage == "I" and not adverse:
        return Verdict("I", criteria=criteria)
    if stage == "III" and adverse:
        return Verdict("III", criteria=criteria)
    return Verdict("II", criteria=criteria)


@system("R2-ISS", version="2022", doi="10.1200/JCO.21.02614", labels=("I", "II", "III", "IV"))
def r2_iss(b2m: B2m, albumin: Albumin, del_17p: Found, ldh: LdhHigh, t_4_14: Found, gain_1q21: Found) -> Verdict:
    """Second revision of the ISS: points for stage, del(17p), LDH, t(4;14) and 1q gain or amp (D'Agostino 2022)."""
    stage = iss_stage(b2m, albumin)
    points = {"I": 0.0, "II": 1.0, "III": 1.5}[stage] + del_17p + ldh + t_4_14 + 0.5 * gain_1q21
    criteria = (f"ISS {stage}", *_names(del_17p=del_17p, ldh=ldh, t_4_14=t_4_14, gain_1q21=gain_1q21))
    if points == 0:
        return Verdict("I", points, criteria)
    if points <= 1:
        return Verdict("II", points, criteria)
    if points <= 2.5:
        return Verdict("III", points, criteria)
    return Verdict("IV", points, criteria)


def _names(**found: bool) -> tuple[str, ...]:
    return tuple(name for name, is_found in found.items() if is_found)
