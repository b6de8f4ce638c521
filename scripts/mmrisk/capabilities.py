"""What each assay can see, and whether its silence proves absence (resources/assay_capabilities.tsv)."""

from dataclasses import dataclass
from functools import cache

from mmrisk.events import catalogue
from mmrisk.resource import facts

IG_BAITS = "_ig_baits"
SELECTED = ("cd138", "cig")
"""Ways to select plasma cells; `none`, `unknown` and nothing said are no selection that could be relied on."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What an assay can say about an event; what no row names is not seen."""

    sees: bool = False
    proves_absence: bool = False
    reason: str = "the assay does not look at this event"


@cache
def capability(source: str, event: str, *, ig_baits: bool) -> Capability:
    """The most exact row for an assay and an event: the event itself, its class, or any event.

    `source` is a source of evidence or one of the finer names of the table (`fish_break_apart`, `karyotype_normal`).
    Unknown events raise KeyError.
    """
    scopes = (event, catalogue()[event].consensus_class, "*")
    sources = (source + IG_BAITS, source) if ig_baits else (source,)
    rows = {(row["source"], row["scope"]): row for row in facts("assay_capabilities.tsv")}
    for name in sources:
        for scope in scopes:
            if row := rows.get((name, scope)):
                return Capability(row["sees"] == "yes", row["proves_absence"] == "yes", row["reason"])
    return Capability()


def sees(source: str, event: str, *, ig_baits: bool = False) -> bool:
    """Whether an assay can see an event at all; what it cannot see it has not tested."""
    return capability(source, event, ig_baits=ig_baits).sees


def proves_absence(source: str, event: str, *, ig_baits: bool = True) -> bool:
    """Whether not seeing an event says that it is absent.

    IG baits are taken for granted here, unlike in `sees`: a reader states a negative for an IG fusion only where it
    knows of them, so a negative that has come this far was stated with baits.
    """
    return capability(source, event, ig_baits=ig_baits).proves_absence


def basis_of_shares(selection: str, *, purity: float | None) -> str:
    """The cells that a share counts: tumour cells by a purity, plasma cells where selected, else all of the tube."""
    if purity:
        return "tumour_cells"
    return "sorted_pc" if selection in SELECTED else "all_nuclei"


def dilution(selection: str, *, purity: float | None) -> str | None:
    """Warning where other cells dilute the tumour by an unknown share, so that nothing seen proves nothing."""
    if basis_of_shares(selection, purity=purity) != "all_nuclei":
        return None
    return "cells_not_selected" if selection == "none" else "cell_selection_unknown"
