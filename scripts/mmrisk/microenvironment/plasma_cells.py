"""The plasma cells of one sample, described: the clone, its genome as expressed, its targets, its patient's sex."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.contracts import CELL_ARMS
from mmrisk.events import Evidence
from mmrisk.microenvironment.arms import ArmGenes
from mmrisk.microenvironment.contigs import match_barcodes
from mmrisk.microenvironment.inferred_events import Said, arm_evidence, pseudobulk_levels, spike_evidence
from mmrisk.microenvironment.malignancy import PlasmaCells, ambient_soup, find_clone, makes_no_immunoglobulin
from mmrisk.microenvironment.sex import expressed_sex
from mmrisk.microenvironment.subclones import Subclone, find_subclones
from mmrisk.microenvironment.targets import target_rows
from mmrisk.tables import conform, join

CELL_COLUMNS = (
    "light_chain", "light_v", "heavy_v", "heavy_c", "light_match", "v_match", "heavy_match",
    "immunoglobulin_lead", "expression_lead", "malignant_probability", "plasma_call", "subclone",
)  # fmt: skip
"""Evidence of each plasma cell, for the cells' own file; empty for all other cells."""


MIN_LINEAGE = 20
"""Cells of another lineage from which its levels are compared."""


@dataclass(frozen=True, slots=True)
class PlasmaReport:
    """What one sample's plasma cells say.

    `cells` has a row per cell of the sample (columns `CELL_COLUMNS`), `quality` the plasma-cell columns of
    CELL_QUALITY, `targets` and `arms` are rows of TARGETS and CELL_ARMS, `evidence` is inferred.
    """

    cells: pd.DataFrame
    quality: Mapping[str, Any]
    targets: pd.DataFrame
    arms: pd.DataFrame
    evidence: tuple[Evidence, ...]


def describe_plasma_cells(
    adata: Any, *, sample_id: str, assay_id: str, cell_selection: str = "", contigs: pd.DataFrame | None = None
) -> PlasmaReport:
    """Describe the plasma cells of an annotated sample.

    `adata` is an AnnData with raw counts in `layers["counts"]`, gene symbols as variable names, `obs["lineage"]`
    (plasma cells: `plasma`) and, where doublets were looked for, `obs["doublet"]`. `contigs` as `read_contigs` gives
    them.
    """
    counts, symbols = adata.layers["counts"].tocsr(), [str(symbol) for symbol in adata.var_names]
    lineage = adata.obs["lineage"].astype(str).to_numpy(dtype=object)
    doublet = adata.obs["doublet"].to_numpy(dtype=bool) if "doublet" in adata.obs else np.zeros(len(lineage), bool)
    rows = match_barcodes(contigs, list(adata.obs_names)) if contigs is not None else None
    found = find_clone(counts, symbols, lineage, usable=~doublet, contigs=rows)
    malignant = found.called("malignant")
    soup = ambient_soup(counts, symbols, ambient_only=makes_no_immunoglobulin(lineage) & ~doublet)
    arm_genes = ArmGenes.of(symbols)
    subclones = find_subclones(arm_genes.sums(counts[malignant]), arm_genes.arms)
    said = Said(sample_id, assay_id, cell_selection)
    levels = pseudobulk_levels(counts, symbols, malignant, soup) if len(malignant) else {}
    elsewhere = _usual_levels(counts, symbols, lineage, ~doublet, soup)
    evidence = (*arm_evidence(found.arms, said), *spike_evidence(levels, elsewhere, len(malignant), said))
    sex = expressed_sex(counts, symbols, np.flatnonzero(~doublet))
    depth = float(np.median(np.asarray(counts.sum(axis=1)).ravel())) if counts.shape[0] else 0.0
    return PlasmaReport(
        _cells(found, subclones, malignant, adata.obs_names),
        _quality(found, subclones, sex=sex, ambient=float(soup.sum()) / depth if depth else float("nan")),
        target_rows(counts, symbols, malignant, sample_id=sample_id, soup=soup),
        conform(found.arms.table.assign(sample_id=sample_id, assay_id=assay_id, reference=found.arms.reference),
                CELL_ARMS),
        evidence,
    )  # fmt: skip


def _usual_levels(
    counts: Any, symbols: list[str], lineage: np.ndarray, usable: np.ndarray, soup: np.ndarray
) -> dict[str, float]:
    """Median over the sample's other lineages of each gene's level, transcripts in 10,000."""
    parts = []
    for name in sorted(set(lineage) - {"plasma", "unknown"}):
        rows = np.flatnonzero((lineage == name) & usable)
        if len(rows) >= MIN_LINEAGE:
            parts.append(list(pseudobulk_levels(counts, symbols, rows, soup).values()))
    return dict(zip(symbols, np.median(parts, axis=0), strict=True)) if parts else {}


def _cells(found: PlasmaCells, subclones: list[Subclone], malignant: np.ndarray, names: pd.Index) -> pd.DataFrame:
    """Evidence per cell, in the order of the counts."""
    cells = found.cells.reindex(np.arange(len(names)))
    label = pd.Series(pd.NA, index=cells.index, dtype="string")
    label.loc[malignant] = "main" if subclones else pd.NA
    for subclone in reversed(subclones):
        label.loc[malignant[subclone.membership >= 0.5]] = ",".join(subclone.arms)
    cells["subclone"] = label
    return cells[list(CELL_COLUMNS)].set_axis(names)


def _quality(found: PlasmaCells, subclones: list[Subclone], *, sex: str, ambient: float) -> dict[str, Any]:
    purity, genes = found.clonality.purity, found.clonality.genes
    calls = found.cells["plasma_call"].value_counts()
    known = np.isfinite(purity.mean)
    return {
        "n_plasma": len(found.cells),
        "n_malignant": int(calls.get("malignant", 0)),
        "n_normal": int(calls.get("normal", 0)),
        "n_undetermined": int(calls.get("undetermined", 0)),
        "light_chain": purity.light_chain,
        "light_v": genes.get("light_v"),
        "heavy_v": genes.get("heavy_v"),
        "heavy_chain": genes.get("heavy_c"),
        "purity": purity.mean if known else None,
        "purity_low": purity.low if known else None,
        "purity_high": purity.high if known else None,
        "ambient_share": min(ambient, 1.0) if np.isfinite(ambient) else None,
        "expressed_sex": sex,
        "subclones": join(str(subclone) for subclone in subclones),
        "warnings": join(found.warnings),
    }
