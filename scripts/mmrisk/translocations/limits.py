"""Detection limits: for each event the smallest clone that would have been seen with 95 % power."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmrisk.assays import AssayFile
from mmrisk.capabilities import basis_of_shares, dilution
from mmrisk.genome import loci
from mmrisk.translocations.annotation import NSD2_EVENT, SWITCH, ig_features
from mmrisk.translocations.noise import Needed, detection_limit, expected_fragments, fragments_per_copy
from mmrisk.translocations.read_search import ANYWHERE_IGH, ANYWHERE_MYC, WINDOW
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.variant_evidence import MAF_EVENT, MAF_WINDOWS
from mmrisk.translocations.windows import (
    EVENT_OF_WINDOW,
    IGH,
    IGH_OTHER,
    LIGHT_CHAIN,
    MYC,
    MYC_EVENT,
    PRIMARY_PARTNERS,
)

LOWER_QUARTILE = 0.25
DILUTED = {
    "cells_not_selected": "plasma cells were not selected",
    "cell_selection_unknown": "it is not known whether plasma cells were selected",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """Share of cells (None where even a clone of all cells would be missed), whose cells, and why.

    `share` is that of an exchange with both derivatives, `single` that of a clone which kept only one. `blind` is the
    warning of a negative that proves nothing.
    """

    share: float | None
    single: float | None
    basis: str
    detail: str
    blind: str = ""


def event_limits(source: Source, found: Survey, needed: Mapping[str, Needed], assay: AssayFile) -> dict[str, Limit]:
    """Limits of all events. In a capture the depth is that of the IG baits, in a genome that of the partner window."""
    baits = _bait_density(source) if assay.ig_baits and assay.source in ("wes", "panel") else None

    def limit(windows: Sequence[str], kind: str) -> Limit:
        densities = [fragments_per_copy(found.windows[name]) for name in windows]
        per_copy = baits if baits is not None else min(densities)
        loose = 0.0 if kind == ANYWHERE_MYC else found.loose
        return _limit(per_copy, found, needed[kind], assay, loose=loose, apart=kind == ANYWHERE_IGH)

    limits = {event: limit([name], WINDOW) for name, event in EVENT_OF_WINDOW.items()}
    limits[MYC_EVENT] = limit([MYC], ANYWHERE_MYC)  # any donor, so both sides map uniquely
    limits[LIGHT_CHAIN] = limit(sorted(PRIMARY_PARTNERS), WINDOW)
    limits[MAF_EVENT] = limit(MAF_WINDOWS, WINDOW)
    limits[IGH_OTHER] = limit(sorted(EVENT_OF_WINDOW), ANYWHERE_IGH)
    limits["nsd2_disruption"] = limits["fgfr3_lost"] = limits[NSD2_EVENT]
    return limits


def _limit(per_copy: float, found: Survey, needed: Needed, assay: AssayFile, *, loose: float, apart: bool) -> Limit:
    both = expected_fragments(per_copy, found.library, derivatives=2)
    share = detection_limit(both, needed, loose=loose, purity=assay.least_purity, apart=apart)
    one = detection_limit(both / 2, needed, loose=loose, purity=assay.least_purity)
    basis = basis_of_shares(assay.cell_selection, purity=assay.purity)
    depth = 4 * per_copy * found.library.read_length
    single = f"{one:.0%}" if one is not None else "no clone"
    detail = (
        f"{needed.sure} fragments needed, {both * (assay.least_purity or 1):.1f} expected of a clone of all "
        f"{'tumour ' if assay.purity else ''}cells at {depth:.1f}x; with one derivative only, from {single} on"
    )
    if share is None:
        return Limit(share, one, basis, detail, "low_depth")
    if not found.sees_junctions:
        return Limit(share, one, basis, "no read of the file could show a junction", "discordant_reads_removed")
    if diluted := dilution(assay.cell_selection, purity=assay.purity):
        detail += f"; {DILUTED[diluted]}, and a clone is seen from {share:.0%} of all cells on"
        return Limit(share, one, basis, detail, diluted)
    return Limit(share, one, basis, detail)


def _bait_density(source: Source) -> float:
    """Fragments that begin at one base of one copy, in the worst-covered quarter of switch regions and J genes."""
    contig = source.contigs.get(loci(source.build, "ig")[IGH].span.chrom)
    densities = sorted(
        source.handle.count(contig, item.span.start, item.span.end, read_callback="all") / 4 / item.span.length
        for item in ig_features(source.build)
        if contig is not None and (item.kind == SWITCH or item.name == "JH")
    )
    return densities[int(LOWER_QUARTILE * len(densities))] if densities else 0.0
