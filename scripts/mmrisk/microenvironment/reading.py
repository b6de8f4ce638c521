"""Count files of any usual layout to raw counts of one sample, or a reason why they are not that."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.microenvironment.counts import CellCounts, Layer, RawFile, unreadable
from mmrisk.microenvironment.genes import ENSEMBL, LANDMARKS, current_symbols, species, symbols_by_id
from mmrisk.microenvironment.hdf5_files import read_hdf5
from mmrisk.microenvironment.matrix_market import is_matrix_market, read_matrix_market

GENE_EXPRESSION = frozenset({"Gene Expression", "gene expression", "Gene", "GEX", ""})
EMPTY_DROPLETS = 50_000
"""More barcodes than any sample has cells: a matrix with droplets that were never filtered."""
FEW_COUNTS = 100
"""A barcode with fewer counts is no cell."""
LARGEST_LOG = 25.0
"""No logarithm of counts exceeds this."""


def read_counts(path: Path, *, sample_column: str | None = None, sample: str | None = None) -> CellCounts:
    """Read the raw counts of one sample (h5ad, 10x h5, loom, MatrixMarket folder).

    `sample_column` names the column of a pooled h5ad that says which cells belong to `sample`. Features other than
    genes (antibodies, guides) are left aside. Raises `InputError` for files that cannot be read, hold no raw counts,
    are not of human cells, or name cells twice.
    """
    if not path.exists():
        raise unreadable(path, "does not exist", "check the path; a relative one starts at the sheet")
    if is_matrix_market(path):
        if sample_column:
            raise unreadable(path, "has no columns that name samples", "convert the pooled matrix to h5ad")
        raw = read_matrix_market(path)
    else:
        raw = read_hdf5(path, sample_column=sample_column, sample=sample)
    return judge(raw, path)


def judge(raw: RawFile, path: Path) -> CellCounts:
    """The raw counts in a file, genes by symbol, or an `InputError` with the reason."""
    notes: list[str] = []
    layer = _raw_layer(raw, path)
    counts, symbols, ids = layer.values, raw.symbols, raw.gene_ids
    if counts.shape != (len(raw.barcodes), len(symbols)) or len(ids) != len(symbols):
        raise unreadable(path, "has names that do not fit its matrix", "write the file again")
    if len(raw.feature_types):
        genes = np.isin(raw.feature_types, list(GENE_EXPRESSION))
        if not genes.any():
            raise unreadable(path, "holds no gene expression", "give the matrix of transcripts")
        if not genes.all():
            others = ", ".join(sorted(set(raw.feature_types[~genes].tolist())))
            notes.append(f"{int((~genes).sum())} features left aside ({others})")
            counts, symbols, ids = counts[:, np.flatnonzero(genes)], symbols[genes], ids[genes]
    _check_names(raw.barcodes, ids, path)
    symbols, ids = _human_symbols(symbols, ids, raw.genome, path)
    counts, genes = _by_symbol(counts, symbols, ids, notes)
    counts, barcodes = _cells_only(counts, raw.barcodes, notes, path)
    return CellCounts(counts, barcodes, genes, layer.name, tuple(notes))


def _raw_layer(raw: RawFile, path: Path) -> Layer:
    """The first matrix that holds whole, non-negative numbers."""
    reasons = []
    for layer in raw.layers:
        reason = not_raw(layer.values)
        if reason is None:
            return layer
        reasons.append(f"{layer.name} {reason}")
    found = "; ".join(reasons) or "no matrix"
    raise unreadable(
        path, f"holds no raw counts ({found})", "put whole-number counts into X, raw or layers/counts of the file"
    )


def not_raw(values: sparse.csr_matrix) -> str | None:
    """Why a matrix is not one of raw counts, or None."""
    if 0 in values.shape:
        return "is empty"
    data = values.data
    if not len(data) or not data.any():
        return "has no count"
    if not np.isfinite(data).all():
        return "holds values that are not numbers"
    if data.min() < 0:
        return "holds negative values, as after scaling"
    if np.array_equal(data, np.rint(data)):
        return None
    if data.max() < LARGEST_LOG:
        return "looks log-transformed"
    return "holds fractions, as after normalisation (round corrected counts to whole numbers)"


def _check_names(barcodes: np.ndarray, ids: np.ndarray, path: Path) -> None:
    for what, names in (("barcode", barcodes), ("gene id", ids)):
        if what == "gene id" and not ENSEMBL.fullmatch(str(names[0])):
            continue
        repeated = pd.Index(names)[pd.Index(names).duplicated()]
        if len(repeated):
            raise unreadable(
                path,
                f"occurs more than once as a {what} ({len(repeated)} do)",
                "make the names unique, or give one file per sample",
                value=str(repeated[0]),
            )


def _human_symbols(symbols: np.ndarray, ids: np.ndarray, genome: str, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Present symbols and Ensembl ids without version ('' where unknown); refuses mouse and unknown genes."""
    symbols = np.array([re.sub(r"^(GRCh3[78]|hg19|hg38)_+", "", str(name)) for name in symbols], dtype=object)
    matches = [ENSEMBL.fullmatch(re.sub(r"^(GRCh3[78]|hg19|hg38)_+", "", str(name))) for name in ids]
    plain = np.array([match.group(1) if match else "" for match in matches], dtype=object)
    bare = np.array([ENSEMBL.fullmatch(name) is not None for name in symbols], dtype=bool)
    if bare.any():
        known = symbols_by_id()
        symbols[bare] = [known.get(name.split(".")[0], name) for name in symbols[bare]]
    if "mm10" in genome or "GRCm" in genome or species(list(symbols)) == "mouse":
        raise unreadable(
            path, "names mouse genes", "give human cells; mixed references must be split", value=genome or None
        )
    if not LANDMARKS & set(symbols):
        shown = ", ".join(map(str, symbols[:3]))
        raise unreadable(
            path,
            f"names no gene that human cells have (no {', '.join(sorted(LANDMARKS)[:4])} ...)",
            "name genes by symbol or Ensembl id",
            value=shown,
        )
    renamed = current_symbols()
    present = set(symbols)
    symbols = np.array([renamed[s] if s in renamed and renamed[s] not in present else s for s in symbols], dtype=object)
    return symbols, plain


def _by_symbol(
    counts: sparse.csr_matrix, symbols: np.ndarray, ids: np.ndarray, notes: list[str]
) -> tuple[sparse.csr_matrix, pd.DataFrame]:
    """One column per symbol; counts of a symbol that stands for several ids are added up."""
    unique, first, number = np.unique(symbols.astype(str), return_index=True, return_inverse=True)
    if len(unique) == len(symbols):
        return counts, pd.DataFrame({"gene_id": ids}, index=pd.Index(symbols, name="symbol"))
    notes.append(f"{len(symbols) - len(unique)} genes share their symbol with another and were added to it")
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    adding = sparse.csr_matrix(
        (np.ones(len(symbols), dtype=np.float32), (np.arange(len(symbols)), place[number])),
        shape=(len(symbols), len(unique)),
    )
    kept = first[order]
    summed = (counts @ adding).tocsr()
    return summed, pd.DataFrame({"gene_id": ids[kept]}, index=pd.Index(symbols[kept], name="symbol"))


def _cells_only(
    counts: sparse.csr_matrix, barcodes: np.ndarray, notes: list[str], path: Path
) -> tuple[sparse.csr_matrix, np.ndarray]:
    totals = np.asarray(counts.sum(axis=1)).ravel()
    cells = totals >= FEW_COUNTS
    if len(cells) > EMPTY_DROPLETS and cells.mean() < 0.5:
        raise unreadable(
            path,
            "holds the empty droplets too",
            "give the filtered matrix (filtered_feature_bc_matrix)",
            value=f"{len(cells)} barcodes",
        )
    if not cells.any():
        raise unreadable(path, f"has no barcode with {FEW_COUNTS} transcripts", "give the counts of whole cells")
    if cells.all():
        return counts, barcodes
    notes.append(f"{int((~cells).sum())} barcodes with fewer than {FEW_COUNTS} transcripts left out")
    return counts[np.flatnonzero(cells)], barcodes[cells]
