"""IMS/IMWG 2025 consensus genomic staging of high-risk myeloma, in full and for centres that have FISH only."""

from typing import Annotated

from mmrisk.risk.engine import Verdict, system
from mmrisk.risk.inputs import B2mHigh, CopiesLost, Found, Lab, Present

Del17p = Annotated[bool, Present(profile="ims2025")]
Del1p32 = Annotated[int, CopiesLost("del_1p32", "biallelic_del_1p32")]
# 1.2 mg/dL is 106.1 umol/L; the rounded number is compared in its own unit
Creatinine = Annotated[float, Lab("creatinine", at_least={"mg_dl": (1.2,), "umol_l": (106,)})]

DOI = "10.1200/JCO-24-01893"


@system("IMS-2025", version="2025", doi=DOI, labels=("SR", "HR"), population="active")
def ims_2025(
    del_17p: Del17p,
    tp53_mutation: Found,
    t_4_14: Found,
    t_14_16: Found,
    t_14_20: Found,
    gain_1q21: Found,
    del_1p32: Del1p32,
    b2m: B2mHigh,
    creatinine: Creatinine,
) -> Verdict:
    """IMS/IMWG 2025 consensus: high risk by 17p, TP53, IGH with 1q or 1p, 1p with 1q, or b2M without renal failure."""
    high_risk_igh = t_4_14 or t_14_16 or t_14_20
    met = {
        "del(17p) above 20 % (criterion 1)": del_17p,
        "TP53 mutation (criterion 1)": tp53_mutation,
        "high-risk IGH with 1q gain or del(1p32) (criterion 2)": high_risk_igh and (gain_1q21 or del_1p32 >= 1),
        "del(1p32) with 1q gain (criterion 3)": del_1p32 >= 1 and gain_1q21,
        "biallelic del(1p32) (criterion 3)": del_1p32 == 2,
        "b2M >= 5.5 mg/L with creatinine < 1.2 mg/dL (criterion 4)": b2m >= 5.5 and creatinine < 1.2,
    }
    criteria = tuple(name for name, is_met in met.items() if is_met)
    return Verdict("HR" if criteria else "SR", criteria=criteria)


@system(
    "IMS-2025-FISH",
    version="2025, as modified for centres without TP53 sequencing",
    doi=DOI,
    labels=("SR", "HR"),
    population="active",
)
def ims_2025_fish(
    del_17p: Del17p,
    t_4_14: Found,
    t_14_16: Found,
    t_14_20: Found,
    gain_1q21: Found,
    del_1p32: Del1p32,
    b2m: B2mHigh,
    creatinine: Creatinine,
) -> Verdict:
    """The 2025 consensus as FISH can answer it: standard risk here does not rule out a TP53 mutation."""
    return ims_2025.verdict(
        del_17p,
        False,  # noqa: FBT003
        t_4_14,
        t_14_16,
        t_14_20,
        gain_1q21,
        del_1p32,
        b2m,
        creatinine,
    )
