"""Systems whose rule could not be read in a source: off unless asked for, and named unverified."""

from typing import Annotated

from mmrisk.risk.engine import Verdict, grade, names, system
from mmrisk.risk.inputs import Albumin, Category, Found, Lab, LdhHigh

S_ERMM_POINTS = {"ldh": 5, "t_4_14": 5, "del_17p": 3, "albumin": 3, "bmpc_above_60": 3, "lambda_chain": 2}


@system(
    "S-ERMM",
    version="2021, cut-offs of the groups from memory",
    doi="10.1158/1078-0432.CCR-21-0134",
    labels=("low", "int", "high"),
    population="active",
    status="unverified",
)
def s_ermm(
    ldh: LdhHigh,
    t_4_14: Found,
    del_17p: Found,
    albumin: Albumin,
    bmpc: Annotated[float, Lab("bmpc", above={"pct": (60,)})],
    light_chain: Annotated[str, Category("light_chain", (("kappa", ("kappa",)), ("lambda", ("lambda",))))],
) -> Verdict:
    """Simplified early relapse score: LDH, t(4;14), del(17p), albumin below 3.5 g/dL, plasma cells, lambda chain."""
    met = names(
        ldh=ldh,
        t_4_14=t_4_14,
        del_17p=del_17p,
        albumin=albumin < 3.5,
        bmpc_above_60=bmpc > 60,
        lambda_chain=light_chain == "lambda",
    )
    points = sum(S_ERMM_POINTS[name] for name in met)
    return Verdict(grade(points, {"low": 5, "int": 10}, "high"), points, met)


@system(
    "UK-double-hit-1p",
    version="later trials, del(1p32) counted, from memory",
    doi="10.1038/leu.2017.179",
    labels=("standard", "single_hit", "ultra_high"),
    population="active",
    status="unverified",
)
def uk_double_hit_1p(
    t_4_14: Found, t_14_16: Found, t_14_20: Found, del_17p: Found, gain_1q21: Found, del_1p32: Found
) -> Verdict:
    """Number of adverse lesions with del(1p32) among them; two or more are called ultra-high risk."""
    met = names(
        t_4_14=t_4_14, t_14_16=t_14_16, t_14_20=t_14_20, del_17p=del_17p, gain_1q21=gain_1q21, del_1p32=del_1p32
    )
    return Verdict(grade(len(met), {"standard": 0, "single_hit": 1}, "ultra_high"), len(met), met)
