"""Programmes per sample: means of signatures over pseudobulks of cells, and ratios between kinds of cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.contracts import SIGNATURES
from mmrisk.microenvironment.normalise import PER, depth
from mmrisk.microenvironment.signatures import EVERY_LINEAGE, KINDS, Signature, Signatures
from mmrisk.microenvironment.states import in_gate
from mmrisk.resource import facts
from mmrisk.tables import conform

MIN_CELLS = 10
MIN_COVERAGE = 0.5
"""Share of a signature's genes that must be measured for a mean."""
MIN_RATIO_CELLS = 10


def score_programmes(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    cells: pd.DataFrame,
    states: pd.DataFrame,
    signatures: Signatures,
    *,
    sample_id: str,
) -> pd.DataFrame:
    """Rows of SIGNATURES.

    The cells of a kind are added up (pseudobulk), brought to transcripts per 10,000 without immunoglobulin and
    logged; the mean of a signature is that over its genes up less that over its genes down.
    """
    wanted = {item.name: _cell_types(item, signatures) for item in signatures.of("state", "programme")}
    kinds = sorted({name for names in wanted.values() for name in names})
    levels, number = _pseudobulk(counts, symbols, cells, kinds)
    place: dict[str, int] = {}
    for column, symbol in enumerate(symbols):
        place.setdefault(symbol, column)
    rows: list[dict[str, Any]] = []
    for name, cell_types in wanted.items():
        signature = signatures.by_name[name]
        up, down = ([place[gene] for gene in genes if gene in place] for genes in (signature.up, signature.down))
        coverage = (len(up) + len(down)) / len(signature.genes)
        scored = coverage >= MIN_COVERAGE and (up or not signature.up)
        for cell_type in cell_types:
            level = levels[kinds.index(cell_type)]
            mean = (level[up].mean() if up else 0.0) - (level[down].mean() if down else 0.0)
            rows.append(
                {
                    "sample_id": sample_id,
                    "cell_type": cell_type,
                    "signature": name,
                    "mean": float(mean) if scored and number[cell_type] >= MIN_CELLS else None,
                    "n_cells": number[cell_type],
                    "coverage": coverage,
                }
            )
    rows += _ratios(cells, states, signatures, sample_id)
    return conform(pd.DataFrame(rows, columns=SIGNATURES.names, dtype=object), SIGNATURES)


def _cell_types(signature: Signature, signatures: Signatures) -> tuple[str, ...]:
    if EVERY_LINEAGE in signature.gate:
        return tuple(item.name for item in signatures.of("lineage"))
    return signature.gate


def _pseudobulk(
    counts: sparse.csr_matrix, symbols: Sequence[str], cells: pd.DataFrame, kinds: Sequence[str]
) -> tuple[np.ndarray, Mapping[str, int]]:
    """log(1 + transcripts per 10,000) of the cells of each kind added up (kinds x genes), and their numbers."""
    members = np.column_stack([in_gate(cells, (kind,)) for kind in kinds]).astype(np.float64)
    sums = np.asarray(counts.T @ members, dtype=np.float64).T
    totals = members.T @ depth(counts, symbols)
    levels = np.log1p(PER * sums / np.maximum(totals, 1.0)[:, None])
    return levels, {kind: int(members[:, column].sum()) for column, kind in enumerate(kinds)}


def _ratios(cells: pd.DataFrame, states: pd.DataFrame, signatures: Signatures, sample_id: str) -> list[dict[str, Any]]:
    """Ratios of resources/cell_ratios.tsv, as signatures of the gate."""
    rows = []
    for fact in facts("cell_ratios.tsv"):
        gate = int(in_gate(cells, (fact["gate"],)).sum())
        over, under = (_number(fact[side].split(";"), cells, states, signatures) for side in ("over", "under"))
        known = over is not None and under is not None and over + under >= MIN_RATIO_CELLS
        rows.append(
            {
                "sample_id": sample_id,
                "cell_type": fact["gate"],
                "signature": fact["id"],
                "mean": float(np.log2((over + 0.5) / (under + 0.5))) if known else None,  # type: ignore[operator]
                "n_cells": gate,
                "coverage": None,
            }
        )
    return rows


def _number(names: Sequence[str], cells: pd.DataFrame, states: pd.DataFrame, signatures: Signatures) -> int | None:
    """Cells of kinds or states; None where a state was not measured."""
    total = 0
    for name in names:
        if signatures.by_name[name].kind in KINDS:
            total += int(in_gate(cells, (name,)).sum())
        elif name in states.columns:
            total += int(states[name].sum())
        else:
            return None
    return total
