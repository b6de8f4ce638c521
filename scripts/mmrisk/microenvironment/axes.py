"""Ligand-receptor axes of a sample: how much a sender lineage offers times how much a receiver can take.

Score = square root of (mean of the ligand in the sender x mean of the receptor in the receiver), of log-normalised
expression; of a complex the part that is least. It says what could speak to what, not that it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mmrisk.contracts import SIGNATURES
from mmrisk.resource import facts
from mmrisk.tables import conform

MIN_CELLS = 20


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of resources/axes.tsv; genes of a complex together."""

    name: str
    ligand: tuple[str, ...]
    receptor: tuple[str, ...]
    senders: tuple[str, ...]
    receivers: tuple[str, ...]


@cache
def axes() -> tuple[Axis, ...]:
    """All axes."""
    return tuple(
        Axis(row["axis"], *(tuple(row[name].split("+")) for name in ("ligand", "receptor")),
             *(tuple(row[name].split(";")) for name in ("senders", "receivers")))
        for row in facts("axes.tsv")
    )  # fmt: skip


def axis_rows(
    expression: sparse.csr_matrix, symbols: Sequence[str], lineage: Sequence[str], *, sample_id: str
) -> pd.DataFrame:
    """Axes of one sample as rows of SIGNATURES: `cell_type` is `sender>receiver`, `signature` the axis.

    `expression` is cells x genes, log(1 + counts per 10,000). Lineages of fewer than `MIN_CELLS` cells have no mean.
    """
    place = {symbol: number for number, symbol in enumerate(symbols)}
    needed = sorted({gene for axis in axes() for gene in (*axis.ligand, *axis.receptor) if gene in place})
    columns = expression[:, [place[gene] for gene in needed]].tocsr()
    names = np.asarray(lineage, dtype=object)
    means: dict[str, dict[str, float]] = {}
    cells: dict[str, int] = {}
    for name in sorted(set(names)):
        members = np.flatnonzero(names == name)
        cells[name] = len(members)
        means[name] = dict(zip(needed, _means(columns, members), strict=True))
    rows = [row for axis in axes() for row in _rows(axis, means, cells, sample_id)]
    return conform(pd.DataFrame(rows, columns=SIGNATURES.names), SIGNATURES)


def _means(columns: sparse.csr_matrix, members: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.asarray(columns[members].mean(axis=0), dtype=float).ravel()


def _rows(
    axis: Axis, means: Mapping[str, Mapping[str, float]], cells: Mapping[str, int], sample_id: str
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    known = [gene for gene in (*axis.ligand, *axis.receptor) if any(gene in of for of in means.values())]
    coverage = len(known) / len((*axis.ligand, *axis.receptor))
    for sender in axis.senders:
        for receiver in axis.receivers:
            n_cells = min(cells.get(sender, 0), cells.get(receiver, 0))
            if not n_cells:
                continue
            score = None
            if n_cells >= MIN_CELLS and coverage == 1:
                offered = min(means[sender][gene] for gene in axis.ligand)
                taken = min(means[receiver][gene] for gene in axis.receptor)
                score = float(np.sqrt(offered * taken))
            rows.append(
                {
                    "sample_id": sample_id,
                    "cell_type": f"{sender}>{receiver}",
                    "signature": axis.name,
                    "mean": score,
                    "n_cells": n_cells,
                    "coverage": coverage,
                }
            )
    return rows
