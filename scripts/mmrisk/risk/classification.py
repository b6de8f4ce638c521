"""The primary event of a clone, and its ploidy as an axis of its own. Not risk groups: the order is a convention."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from mmrisk.events import PRIMARY_IG_FUSIONS
from mmrisk.risk.engine import NO, UNKNOWN, YES, Verdict, names, system
from mmrisk.risk.inputs import Ploidy, Present
from mmrisk.risk.patients import Knowledge, Patients

SKERGET = "10.1038/s41588-024-01853-0"


@dataclass(frozen=True, slots=True)
class PrimaryFusion(Present):
    """A primary IGH fusion. Clones have one, so beside one that is present an unknown one is taken for absent."""

    def known(self, patients: Patients) -> Knowledge:
        """What the events say, and what follows from the other primary fusions."""
        own = Present.known(self, patients)
        others = [Present(name).known(patients) for name in PRIMARY_IG_FUSIONS if name != self.event]
        found = np.logical_or.reduce([other.masks == YES for other in others])
        assumed = (own.masks == UNKNOWN) & found
        inferred = np.logical_or.reduce([(other.masks == YES) & other.inferred for other in others])
        flags = (*own.flags, ("one_primary_fusion_assumed", assumed))
        return Knowledge(np.where(assumed, NO, own.masks), flags, own.inferred | (assumed & inferred))


Fusion = Annotated[bool, PrimaryFusion()]


@system(
    "primary-event",
    version="hierarchy of IGH translocations, then hyperdiploidy",
    doi=SKERGET,
    labels=("none", "HRD", "t_6_14", "t_11_14", "t_14_20", "t_14_16", "t_4_14"),
)
def primary_event(
    t_4_14: Fusion, t_14_16: Fusion, t_14_20: Fusion, t_11_14: Fusion, t_6_14: Fusion, hyperdiploid: Ploidy
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
