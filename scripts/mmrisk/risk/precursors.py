"""Risk of progression of MGUS and smouldering myeloma."""

from typing import Annotated

from mmrisk.risk import criteria
from mmrisk.risk.engine import Verdict, grade, names, rule, system
from mmrisk.risk.inputs import Category, Criterion, Found, Lab, Ploidy, Stated

AbnormalRatio = Annotated[bool, Criterion(criteria.abnormal_ratio, "serum free light chains")]
MgusM = Annotated[float, Lab("serum_m", at_least={"g_dl": (1.5,), "g_l": (15,)})]
IsotypeIgG = Annotated[
    str, Category("heavy_chain", (("IgG", ("IgG", "biclonal")), ("other", ("IgA", "IgD", "IgE", "IgM", "biclonal"))))
]
MATEOS = "10.1038/s41408-020-00366-3"


@system(
    "MGUS-risk",
    version="2005",
    doi="10.1182/blood-2005-03-1038",
    labels=("low", "low_int", "high_int", "high"),
    population="mgus",
)
def mgus_risk(serum_m: MgusM, heavy_chain: IsotypeIgG, free_light_chains: AbnormalRatio) -> Verdict:
    """Factors of MGUS progression: M-protein 1.5 g/dL or more, not IgG, abnormal kappa/lambda (Rajkumar 2005)."""
    met = names(m_protein_1_5=serum_m >= 1.5, not_igg=heavy_chain != "IgG", abnormal_flc_ratio=free_light_chains)
    return Verdict(grade(len(met), {"low": 0, "low_int": 1, "high_int": 2}, "high"), len(met), met)


@system(
    "MGUS-2018",
    version="2018",
    doi="10.1056/NEJMoa1709974",
    labels=("low", "int", "high"),
    population="mgus",
)
def mgus_2018(serum_m: MgusM, free_light_chains: AbnormalRatio) -> Verdict:
    """Two factors within non-IgM or IgM MGUS: M-protein 1.5 g/dL or more, abnormal kappa/lambda (Kyle 2018)."""
    met = names(m_protein_1_5=serum_m >= 1.5, abnormal_flc_ratio=free_light_chains)
    return Verdict(grade(len(met), {"low": 0, "int": 1}, "high"), len(met), met)


@rule()
def smm_cytogenetics(t_4_14: Found, t_14_16: Found, gain_1q21: Found, del_13q: Found) -> Verdict:
    """FISH abnormalities that count in smouldering myeloma; del(17p) is not among them (Mateos 2020)."""
    met = names(t_4_14=t_4_14, t_14_16=t_14_16, gain_1q21=gain_1q21, del_13q=del_13q)
    return Verdict(bool(met), criteria=met)


FishAbnormality = Annotated[bool, smm_cytogenetics]
Above2 = Annotated[float, Lab("serum_m", above={"g_dl": (2,), "g_l": (20,)})]
RatioAbove20 = Annotated[float, Lab("flc_ratio_involved", above={"": (20,)})]
MarrowAbove20 = Annotated[float, Lab("bmpc", above={"pct": (20,)})]


@system(
    "Mayo-20-2-20",
    version="2018",
    doi="10.1038/s41408-018-0077-4",
    labels=("low", "intermediate", "high"),
    population="smm",
)
def mayo_20_2_20(serum_m: Above2, flc_ratio: RatioAbove20, bmpc: MarrowAbove20) -> Verdict:
    """Smouldering myeloma: M-protein above 2 g/dL, free light chain ratio above 20, plasma cells above 20 %."""
    met = names(m_protein_above_2=serum_m > 2, flc_ratio_above_20=flc_ratio > 20, bmpc_above_20=bmpc > 20)
    return Verdict(grade(len(met), {"low": 0, "intermediate": 1}, "high"), len(met), met)


@system(
    "Mayo-20-2-20-FISH",
    version="2020",
    doi=MATEOS,
    labels=("low", "low_int", "int", "high"),
    population="smm",
)
def mayo_20_2_20_fish(serum_m: Above2, flc_ratio: RatioAbove20, bmpc: MarrowAbove20, fish: FishAbnormality) -> Verdict:
    """The three factors of 20/2/20 and one for t(4;14), t(14;16), 1q gain or del(13q) (Mateos 2020)."""
    met = names(m_protein_above_2=serum_m > 2, flc_ratio_above_20=flc_ratio > 20, bmpc_above_20=bmpc > 20)
    factors = len(met) + fish
    return Verdict(grade(factors, {"low": 0, "low_int": 1, "int": 2}, "high"), factors, met)


@system("IMWG-SMM", version="2020", doi=MATEOS, labels=("low", "low_int", "int", "high"), population="smm")
def imwg_smm(
    flc_ratio: Annotated[float, Lab("flc_ratio_involved", above={"": (10, 25, 40)})],
    serum_m: Annotated[float, Lab("serum_m", above={"g_dl": (1.5, 3), "g_l": (15, 30)})],
    bmpc: Annotated[float, Lab("bmpc", above={"pct": (15, 20, 30, 40)})],
    fish: FishAbnormality,
) -> Verdict:
    """IMWG score of smouldering myeloma: points for light chains, M-protein, marrow and FISH (Mateos 2020)."""
    parts = {
        "free light chains": sum(points for above, points in ((10, 2), (25, 1), (40, 2)) if flc_ratio > above),
        "M-protein": sum(points for above, points in ((1.5, 3), (3, 1)) if serum_m > above),
        "marrow plasma cells": sum(points for above, points in ((15, 2), (20, 1), (30, 2), (40, 1)) if bmpc > above),
        "FISH": 2 if fish else 0,
    }
    total = sum(parts.values())
    given = tuple(f"{name}: {points} points" for name, points in parts.items() if points)
    return Verdict(grade(total, {"low": 4, "low_int": 8, "int": 12}, "high"), total, given)


@system(
    "Mayo-2008",
    version="2008",
    doi="10.1182/blood-2007-08-108357",
    labels=("0", "1", "2", "3"),
    population="smm",
)
def mayo_2008(
    serum_m: Annotated[float, Lab("serum_m", at_least={"g_dl": (3,), "g_l": (30,)})],
    bmpc: Annotated[float, Lab("bmpc", at_least={"pct": (10,)})],
    flc_ratio: Annotated[float, Lab("flc_ratio_kappa_lambda", above={"": (0.125,)}, at_least={"": (8,)})],
) -> Verdict:
    """Factors of the Mayo 2008 model: M-protein 3 g/dL, plasma cells 10 %, kappa/lambda at most 0.125 or at least 8."""
    skewed = flc_ratio <= 0.125 or flc_ratio >= 8
    met = names(m_protein_3=serum_m >= 3, bmpc_10=bmpc >= 10, flc_ratio_8=skewed)
    return Verdict(str(len(met)), len(met), met)


@system("PETHEMA", version="2007", doi="10.1182/blood-2007-05-088443", labels=("0", "1", "2"), population="smm")
def pethema(
    aberrant_pc: Annotated[float, Lab("aberrant_pc", at_least={"pct": (95,)})],
    immunoparesis: Annotated[bool, Stated("immunoparesis")],
) -> Verdict:
    """Factors of the Spanish model: 95 % aberrant plasma cells by flow or more, immunoparesis."""
    met = names(aberrant_pc_95=aberrant_pc >= 95, immunoparesis=immunoparesis)
    return Verdict(str(len(met)), len(met), met)


@rule()
def other_abnormality(t_6_14: Found, t_11_14: Found, t_14_16: Found, t_14_20: Found, del_13q: Found) -> bool:
    """An abnormality of the FISH panel that is neither of high nor of intermediate risk."""
    return t_6_14 or t_11_14 or t_14_16 or t_14_20 or del_13q


@system(
    "Mayo-cytogenetic-SMM",
    version="2013",
    doi="10.1038/leu.2013.86",
    labels=("low", "standard", "intermediate", "high"),
    population="smm",
)
def mayo_cytogenetic_smm(
    t_4_14: Found, del_17p: Found, hyperdiploid: Ploidy, other: Annotated[bool, other_abnormality]
) -> Verdict:
    """Smouldering myeloma by FISH: t(4;14) or del(17p), then trisomies, then another abnormality, then none."""
    adverse = names(t_4_14=t_4_14, del_17p=del_17p)
    if adverse:
        return Verdict("high", criteria=adverse)
    if hyperdiploid:
        return Verdict("intermediate", criteria=("trisomies",))
    return Verdict("standard" if other else "low")


@system("evolving-SMM", version="2016", doi="10.1038/bcj.2016.65", labels=("0", "1", "2", "3"), population="smm")
def evolving_smm(
    evolving_m_protein: Annotated[bool, Stated("evolving_m_protein")],
    evolving_hb: Annotated[bool, Stated("evolving_hb")],
    bmpc: Annotated[float, Lab("bmpc", at_least={"pct": (20,)})],
) -> Verdict:
    """Factors of evolving smouldering myeloma: rising M-protein, falling haemoglobin, plasma cells 20 % or more."""
    met = names(evolving_m_protein=evolving_m_protein, evolving_hb=evolving_hb, bmpc_20=bmpc >= 20)
    return Verdict(str(len(met)), len(met), met)
