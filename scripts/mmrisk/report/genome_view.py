"""The genome of one sample: a figure for each assay with segments, or one for what was looked at, with its words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from mmrisk.contracts import BREAKPOINTS, EVENTS, EVIDENCE, PURITY, SEGMENTS
from mmrisk.report.genome_figure import GenomeFigure, Panel, alleles_panel, copies_panel, figure
from mmrisk.report.material import Material, Row
from mmrisk.report.words import percent, spaced


@dataclass(frozen=True, slots=True)
class GenomeView:
    """A figure, what it is for a reader who cannot see it, and its caption."""

    figure: GenomeFigure
    label: str
    caption: str


def genomes(sample_id: str, material: Material) -> list[GenomeView]:
    """Figures of a sample, by assay; events and fusions are drawn on each."""
    segments = material.of(SEGMENTS, sample_id)
    assays = sorted({row["assay_id"] for row in segments})
    views = []
    for assay_id in assays or [""]:
        own = [row for row in segments if row["assay_id"] == assay_id]
        panels = _panels(own, material.bins(sample_id, assay_id))
        drawn = figure(
            material.of(EVENTS, sample_id),
            material.of(EVIDENCE, sample_id),
            material.of(BREAKPOINTS, sample_id),
            panels,
        )
        if drawn:
            views.append(GenomeView(drawn, _label(drawn, assay_id), _caption(sample_id, assay_id, panels, material)))
    return views


def _panels(segments: Sequence[Row], bins: pd.DataFrame | None) -> list[Panel]:
    if not segments:
        return []
    return [panel for panel in (copies_panel(segments, bins), alleles_panel(segments)) if panel]


def _label(drawn: GenomeFigure, assay_id: str) -> str:
    """The figure in words; the table of events holds the same."""
    seen = [mark.title for mark in drawn.marks if mark.words]
    arcs = [arc.title for arc in drawn.arcs]
    said = "; ".join(dict.fromkeys([*arcs, *seen])) or "nothing found at the places that were looked at"
    return f"Chromosomes 1 to 22 and X{f', copies by {assay_id}' if assay_id else ''}. {said}"


def _caption(sample_id: str, assay_id: str, panels: Sequence[Panel], material: Material) -> str:
    """Which assay the segments are of, and how much of the material is tumour."""
    if not panels:
        return "Events at their places; no assay of this sample gives copies along the genome."
    file = material.file(sample_id, assay_id)
    made_up = " (made up, for illustration)" if file and file.is_made_up else ""
    build = _build(material.of(EVIDENCE, sample_id), assay_id)
    fits = [row for row in material.of(PURITY, sample_id) if row["assay_id"] == assay_id]
    said = f"Copies in the material as measured by {assay_id}{made_up}{f', {build}' if build else ''}. {_purity(fits)}"
    return said.strip()


def _build(evidence: Iterable[Row], assay_id: str) -> str:
    return next((row["build"] for row in evidence if row["assay_id"] == assay_id and row["build"]), "")


def _purity(fits: Sequence[Row]) -> str:
    """What the fits say of purity and ploidy, and whether others explain the data as well."""
    if not fits:
        return ""
    best, *others = sorted(fits, key=lambda row: row["rank"])
    if best["purity"] is None:
        return "Purity cannot be told" + (f": {spaced(best['detail'])}." if best["detail"] else ".")
    interval = ""
    if best["purity_low"] is not None and best["purity_high"] is not None:
        interval = f" ({percent(best['purity_low'])} to {percent(best['purity_high'])})"
    ploidy = f", ploidy {best['ploidy']:.2f}" if best["ploidy"] is not None else ""
    other = f"; {len(others)} other fit{'s' if len(others) > 1 else ''} nearly as good" if others else ""
    return f"Tumour cells {percent(best['purity'])}{interval}, {best['method']}{ploidy}{other}."
