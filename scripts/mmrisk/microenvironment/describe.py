"""One sample from its counts to what the marrow looks like: the steps in order, each of them a function of its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.contracts import CELL_QUALITY, SIGNATURES
from mmrisk.events import Evidence
from mmrisk.microenvironment.annotate import AMBIENT, Annotation, annotate
from mmrisk.microenvironment.axes import axis_rows
from mmrisk.microenvironment.composition import Sort, compose
from mmrisk.microenvironment.counts import CellCounts
from mmrisk.microenvironment.doublets import Doublets, find_doublets
from mmrisk.microenvironment.markers import measurable
from mmrisk.microenvironment.normalise import log_normalise
from mmrisk.microenvironment.plasma_cells import describe_plasma_cells
from mmrisk.microenvironment.programmes import score_programmes
from mmrisk.microenvironment.quality import Limits, measure, reasons_to_drop
from mmrisk.microenvironment.signatures import UNKNOWN, Signatures
from mmrisk.microenvironment.states import call_states
from mmrisk.tables import conform, join, split

MANY_UNKNOWN = 0.1
FEW_CELLS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is known of a sample beside its counts."""

    sample_id: str
    assay_id: str
    sort: Sort
    cell_selection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How cells are described; the seed makes scrublet's simulated doublets."""

    limits: Limits = field(default_factory=Limits)
    ambient: float = AMBIENT
    scrublet: bool = True
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Description:
    """A described sample: its cells (AnnData), and rows of the tables named after their contracts."""

    cells: Any
    composition: pd.DataFrame
    signatures: pd.DataFrame
    quality: pd.DataFrame
    targets: pd.DataFrame
    arms: pd.DataFrame
    evidence: tuple[Evidence, ...]


def describe_cells(
    counts: CellCounts,
    sample: Sample,
    signatures: Signatures,
    *,
    settings: Settings | None = None,
    contigs: pd.DataFrame | None = None,
) -> Description:
    """Describe one sample; `contigs` are its receptor contigs, as `contigs.read_contigs` gives them."""
    settings = settings or Settings()
    expression = log_normalise(counts.counts, counts.symbols)
    named = annotate(expression, counts.symbols, signatures, transcripts=counts.counts, ambient=settings.ambient)
    quality = measure(counts.counts, counts.symbols)
    dropped = reasons_to_drop(quality, named.cells["lineage"].to_numpy(), settings.limits)
    kept = np.flatnonzero(dropped == "")
    doublets = _doublets(counts, named, kept, settings)
    states = call_states(named.markers, named.cells, signatures)
    adata = _cells(counts, expression, named, quality, states, doublets, kept)
    plasma = describe_plasma_cells(
        adata,
        sample_id=sample.sample_id,
        assay_id=sample.assay_id,
        cell_selection=sample.cell_selection,
        contigs=contigs,
    )
    for column in plasma.cells.columns:
        values = plasma.cells[column]
        text = not pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        adata.obs[column] = pd.Categorical(values) if text else values
    whole = kept[~doublets.called]
    cells, states = named.cells.iloc[whole].reset_index(drop=True), states.iloc[whole].reset_index(drop=True)
    composition = compose(
        cells,
        states,
        signatures,
        sample_id=sample.sample_id,
        sort=sample.sort,
        measurable=measurable(named.markers, signatures),
    )
    programmes = score_programmes(
        counts.counts[whole], counts.symbols, cells, states, signatures, sample_id=sample.sample_id
    )
    spoken = axis_rows(
        adata.X[~doublets.called], counts.symbols, cells["lineage"].to_numpy(), sample_id=sample.sample_id
    )
    programmes = conform(pd.concat([programmes, spoken], ignore_index=True), SIGNATURES)
    row = _quality(counts, sample, quality, cells, dropped, doublets, whole)
    row |= {**plasma.quality, "warnings": join([*split(plasma.quality.get("warnings")), *row["warnings"]])}
    table = conform(pd.DataFrame([row], columns=CELL_QUALITY.names, dtype=object), CELL_QUALITY)
    return Description(adata, composition, programmes, table, plasma.targets, plasma.arms, plasma.evidence)


def _doublets(counts: CellCounts, named: Annotation, kept: np.ndarray, settings: Settings) -> Doublets:
    rows = counts.counts if len(kept) == counts.counts.shape[0] else counts.counts[kept]
    return find_doublets(
        rows, counts.symbols, named.lineages.rows(kept), seed=settings.seed, use_scrublet=settings.scrublet
    )


def _cells(
    counts: CellCounts,
    expression: Any,
    named: Annotation,
    quality: pd.DataFrame,
    states: pd.DataFrame,
    doublets: Doublets,
    kept: np.ndarray,
) -> Any:
    """The whole cells as AnnData: X log-normalised, layers/counts raw, one row of evidence per cell."""
    import anndata

    obs = pd.concat([quality, named.cells], axis=1).iloc[kept].copy()
    marks = states.iloc[kept].to_numpy()
    names = np.array(states.columns, dtype=object)
    obs["state"] = [";".join(sorted(names[row])) for row in marks]
    obs["doublet"] = doublets.called
    obs["doublet_reason"] = doublets.reason
    obs["doublet_score"] = doublets.score
    for column in ("lineage", "group", "subset", "state", "doublet_reason"):
        obs[column] = pd.Categorical(obs[column].astype(str))
    obs.index = pd.Index(counts.barcodes[kept].astype(str), name="barcode")
    everything = len(kept) == counts.counts.shape[0]
    return anndata.AnnData(
        expression if everything else expression[kept],
        obs=obs,
        var=counts.genes.assign(gene_id=pd.Categorical(counts.genes["gene_id"])),
        layers={"counts": counts.counts if everything else counts.counts[kept]},
    )


def _quality(
    counts: CellCounts,
    sample: Sample,
    quality: pd.DataFrame,
    cells: pd.DataFrame,
    dropped: np.ndarray,
    doublets: Doublets,
    whole: np.ndarray,
) -> dict[str, Any]:
    """Row of CELL_QUALITY without what the plasma cells say."""
    unknown = float((cells["lineage"] == UNKNOWN).mean()) if len(cells) else None
    warnings = []
    if doublets.warning:
        warnings.append(doublets.warning)
    if unknown is not None and unknown > MANY_UNKNOWN:
        warnings.append("many cells without a lineage")
    if len(whole) < FEW_CELLS:
        warnings.append("few cells")
    kept = quality.iloc[whole]
    return {
        "sample_id": sample.sample_id,
        "assay_id": sample.assay_id,
        "n_barcodes": len(counts.barcodes),
        "n_cells": len(whole),
        "n_doublets": int(doublets.called.sum()),
        "n_broken": int((dropped != "").sum()),
        "unknown_share": unknown,
        "median_counts": float(kept["n_counts"].median()) if len(kept) else None,
        "median_genes": float(kept["n_genes"].median()) if len(kept) else None,
        "median_mitochondrial": float(kept["mito_share"].median()) if len(kept) else None,
        "sort": sample.sort.name,
        "warnings": warnings,
    }


def contigs_of(path: Path | None) -> pd.DataFrame | None:
    """Receptor contigs of the sample, if there are any."""
    if path is None:
        return None
    from mmrisk.microenvironment.contigs import read_contigs

    return read_contigs(path)
