"""The primary event of a clone, and its ploidy as an axis of its own. Not risk groups: the order is a convention."""

from mmrisk.risk.engine import Verdict, names, system
from mmrisk.risk.inputs import Found, Ploidy

SKERGET = "10.1038/s41588-024-01853-0"


@system(
    "primary-event",
    version="hierarchy of IGH translocations, then hyperdiploidy",
    doi=SKERGET,
    labels=("none", "HRD", "t_6_14", "t_11_14", "t_14_20", "t_14_16", "t_4_14"),
)
def primary_event(
    t_4_14: Found, t_14_16: Found, t_14_20: Found, t_11_14: Found, t_6_14: Found, hyperdiploid: Ploidy
) -> Verdict:
    """The IGH translocation of the clone, else hyperdiploidy, else none; two translocations are named as criteria."""
    fusions = names(t_4_14=t_4_14, t_14_16=t_14_16, t_14_20=t_14_20, t_11_14=t_11_14, t_6_14=t_6_14)
    criteria = (*fusions, *names(hyperdiploid=hyperdiploid, two_primary_fusions=len(fusions) > 1))
    return Verdict(fusions[0] if fusions else "HRD" if hyperdiploid else "none", criteria=criteria)


@system(
    "ploidy",
    version="2 or more of 8 odd chromosomes gained",
    doi=SKERGET,
    labels=("HRD-", "HRD+"),
)
def ploidy(hyperdiploid: Ploidy) -> str:
    """Hyperdiploidy, whatever the primary event; it never lowers a risk group."""
    return "HRD+" if hyperdiploid else "HRD-"


CLASSIFICATIONS = frozenset({primary_event.name, ploidy.name})
"""Systems that name a kind of clone and no risk."""
