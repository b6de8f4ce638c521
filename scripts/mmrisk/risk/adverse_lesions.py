"""Groups of active myeloma from lists of adverse lesions: mSMART, double hits, the IFM index, IMWG 2014 and 2016."""

from typing import Annotated

from mmrisk.risk.engine import Verdict, grade, names, system
from mmrisk.risk.inputs import Albumin, B2m, B2mHigh, Found, Lab, Ploidy, Present
from mmrisk.risk.staging import iss_stage

Trisomy5 = Annotated[bool, Present("trisomy_5")]
Trisomy21 = Annotated[bool, Present("trisomy_21")]


@system(
    "mSMART-3.0-genetic",
    version="3.0 (2018), genetic part",
    doi="10.1038/s41408-022-00679-5",
    labels=("standard", "high", "double_hit", "triple_hit"),
    population="active",
    status="partly",
)
def msmart_genetic(
    t_4_14: Found, t_14_16: Found, t_14_20: Found, del_17p: Found, tp53_mutation: Found, gain_1q21: Found
) -> Verdict:
    """Genetic part of mSMART 3.0: number of high-risk lesions, del(17p) and a TP53 mutation counted apart."""
    met = names(
        t_4_14=t_4_14,
        t_14_16=t_14_16,
        t_14_20=t_14_20,
        del_17p=del_17p,
        tp53_mutation=tp53_mutation,
        gain_1q21=gain_1q21,
    )
    same_locus = names(same_locus_17p=del_17p and tp53_mutation)
    return Verdict(
        grade(len(met), {"standard": 0, "high": 1, "double_hit": 2}, "triple_hit"), len(met), met + same_locus
    )


@system(
    "UK-double-hit",
    version="2018",
    doi="10.1038/leu.2017.179",
    labels=("standard", "single_hit", "double_hit"),
    population="active",
)
def uk_double_hit(t_4_14: Found, t_14_16: Found, t_14_20: Found, del_17p: Found, gain_1q21: Found) -> Verdict:
    """Number of adverse lesions in Myeloma IX and XI (Shah 2018)."""
    met = names(t_4_14=t_4_14, t_14_16=t_14_16, t_14_20=t_14_20, del_17p=del_17p, gain_1q21=gain_1q21)
    return Verdict(grade(len(met), {"standard": 0, "single_hit": 1}, "double_hit"), len(met), met)


@system(
    "MGP-double-hit",
    version="2019",
    doi="10.1038/s41375-018-0196-8",
    labels=("not", "double_hit"),
    population="active",
)
def mgp_double_hit(biallelic_tp53: Found, b2m: B2mHigh, amp_1q21: Found) -> Verdict:
    """Biallelic TP53 inactivation, or ISS III with 4 copies of CKS1B or more (Walker 2019); 3 copies never qualify."""
    met = names(biallelic_tp53=biallelic_tp53, iss_iii_with_amp_1q21=b2m >= 5.5 and amp_1q21)
    return Verdict("double_hit" if met else "not", criteria=met)


IFM_TENTHS = {"t_4_14": 4, "del_17p": 12, "trisomy_5": -3, "trisomy_21": 3, "gain_1q21": 5, "del_1p32": 8}


@system(
    "IFM-index",
    version="2019",
    doi="10.1200/JCO.18.00776",
    labels=("low", "int", "high"),
    population="active",
)
def ifm_index(
    t_4_14: Found, del_17p: Found, trisomy_5: Trisomy5, trisomy_21: Trisomy21, gain_1q21: Found, del_1p32: Found
) -> Verdict:
    """Cytogenetic prognostic index of the IFM: weighted sum of six abnormalities (Perrot 2019)."""
    met = names(
        t_4_14=t_4_14,
        del_17p=del_17p,
        trisomy_5=trisomy_5,
        trisomy_21=trisomy_21,
        gain_1q21=gain_1q21,
        del_1p32=del_1p32,
    )
    tenths = sum(IFM_TENTHS[name] for name in met)
    return Verdict(grade(tenths, {"low": 0, "int": 10}, "high"), tenths / 10, met)


@system(
    "IMWG-2014-risk",
    version="2014",
    doi="10.1038/leu.2013.247",
    labels=("low", "standard", "high"),
    population="active",
)
def imwg_2014_risk(
    b2m: B2m,
    albumin: Albumin,
    t_4_14: Found,
    del_17p: Found,
    gain_1q21: Found,
    age: Annotated[float, Lab("age", at_least={"years": (55,)})],
) -> Verdict:
    """IMWG 2014 risk from serum stage, t(4;14), del(17p), 1q and age (Chng 2014)."""
    stage = iss_stage(b2m, albumin)
    adverse = names(t_4_14=t_4_14, del_17p=del_17p)
    criteria = (f"ISS {stage}", *adverse, *names(gain_1q21=gain_1q21, age_below_55=age < 55))
    if stage != "I" and adverse:
        return Verdict("high", criteria=criteria)
    if stage != "III" and not adverse and not gain_1q21 and age < 55:
        return Verdict("low", criteria=criteria)
    return Verdict("standard", criteria=criteria)


@system(
    "HRCA",
    version="classic trial definition",
    doi="10.1182/blood-2016-01-631200",
    labels=("standard", "high"),
    population="active",
)
def hrca(t_4_14: Found, t_14_16: Found, del_17p: Found) -> Verdict:
    """High-risk cytogenetics as most trials define them: t(4;14), t(14;16) or del(17p)."""
    met = names(t_4_14=t_4_14, t_14_16=t_14_16, del_17p=del_17p)
    return Verdict("high" if met else "standard", criteria=met)


@system(
    "IMWG-2016",
    version="2016",
    doi="10.1182/blood-2016-01-631200",
    labels=("standard", "high"),
    population="active",
)
def imwg_2016(
    t_4_14: Found, del_17p: Found, t_14_16: Found, t_14_20: Found, hyperdiploid: Ploidy, gain_1q21: Found
) -> Verdict:
    """High-risk cytogenetics by the IMWG 2016, which counts non-hyperdiploidy and 1q gain (Sonneveld 2016)."""
    met = names(
        t_4_14=t_4_14,
        del_17p=del_17p,
        t_14_16=t_14_16,
        t_14_20=t_14_20,
        non_hyperdiploid=not hyperdiploid,
        gain_1q21=gain_1q21,
    )
    return Verdict("high" if met else "standard", criteria=met)
