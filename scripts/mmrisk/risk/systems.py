"""All systems, in the order of the labels table."""

from collections.abc import Iterable, Iterator

from mmrisk.risk.adverse_lesions import (
    hrca,
    ifm_index,
    imwg_2014_risk,
    imwg_2016,
    mgp_double_hit,
    msmart_genetic,
    uk_double_hit,
)
from mmrisk.risk.classification import ploidy, primary_event
from mmrisk.risk.consensus_genomic import ims_2025, ims_2025_fish
from mmrisk.risk.diagnosis import imwg_diagnosis
from mmrisk.risk.engine import System
from mmrisk.risk.precursors import (
    evolving_smm,
    imwg_smm,
    mayo_20_2_20,
    mayo_20_2_20_fish,
    mayo_2008,
    mayo_cytogenetic_smm,
    mgus_2018,
    mgus_risk,
    pethema,
)
from mmrisk.risk.staging import iss, mass_3, mass_4, r2_iss, r_iss, rw_iss
from mmrisk.risk.unverified import s_ermm, uk_double_hit_1p

SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        iss,
        r_iss,
        r2_iss,
        ims_2025,
        ims_2025_fish,
        imwg_diagnosis,
        primary_event,
        ploidy,
        mass_3,
        mass_4,
        msmart_genetic,
        uk_double_hit,
        mgp_double_hit,
        ifm_index,
        imwg_2014_risk,
        hrca,
        imwg_2016,
        rw_iss,
        mgus_risk,
        mgus_2018,
        mayo_20_2_20,
        mayo_20_2_20_fish,
        imwg_smm,
        mayo_2008,
        pethema,
        mayo_cytogenetic_smm,
        evolving_smm,
        s_ermm,
        uk_double_hit_1p,
    )
}


def selected(*, include_unverified: bool = False) -> tuple[System, ...]:
    """The systems whose rule was confirmed, and the others where they are asked for."""
    return tuple(each for each in SYSTEMS.values() if include_unverified or each.status != "unverified")


def needed_events(systems: Iterable[System] | None = None) -> set[str]:
    """Events that any of the systems reads."""
    domains = (leaf.domain for system in systems or SYSTEMS.values() for leaf in system.leaves)
    return {event for domain in domains for event in getattr(domain, "events", ())}


def tests_of(system: System) -> Iterator[tuple[str, str]]:
    """Raw inputs of a system, each with the test that tells its values apart."""
    for leaf in system.leaves:
        yield leaf.name, leaf.domain.test
