"""Count matrices in HDF5: h5ad (AnnData), 10x Genomics h5 (versions 2 and 3), loom.

Only the parts that are needed are read (matrix, names, one column that names the sample): no unstructured data, no
pickles, no links into other files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from mmrisk.microenvironment.counts import MAX_VALUES, Layer, RawFile, checked_csr, unreadable

BLOCK = 2000
"""Rows of a dense matrix that are read at once."""
COUNT_LAYERS = ("counts", "raw_counts", "raw")
SYMBOL_COLUMNS = ("gene_symbols", "gene_symbol", "gene_name", "feature_name", "gene_short_name", "Gene", "symbol")
ID_COLUMNS = ("gene_ids", "gene_id", "ensembl_id", "feature_id", "Accession")


def read_hdf5(path: Path, *, sample_column: str | None = None, sample: str | None = None) -> RawFile:
    """Read any of the three layouts; with `sample_column`, only the cells that it says belong to `sample`.

    Raises `InputError` for a file that is damaged or of no known layout.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _refuse_links(path, file)
            if "X" in file or "raw" in file or "layers" in file:
                return _read_h5ad(path, file, sample_column, sample)
            if sample_column:
                raise unreadable(path, "has no columns that name samples", "convert the pooled file to h5ad")
            if "row_attrs" in file and "matrix" in file:
                return _read_loom(path, file)
            for group in ("matrix", *file.keys()):
                if group in file and isinstance(file[group], h5py.Group) and "indptr" in file[group]:
                    return _read_10x(path, file[group], group)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as broken:
        raise unreadable(
            path, f"cannot be read as HDF5 ({_first_line(broken)})", "it may be cut short: copy or write it again"
        ) from None
    raise unreadable(
        path, "is HDF5 of no known layout", "give AnnData h5ad, 10x Genomics h5 (filtered_feature_bc_matrix.h5) or loom"
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip("'\"").splitlines()[0][:120] if str(error) else type(error).__name__


def _refuse_links(path: Path, group: Any, depth: int = 0) -> None:
    import h5py

    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise unreadable(path, "points into another file", "write it as one self-contained file", value=name)
        if depth < 2 and group.get(name, getclass=True) is h5py.Group:
            _refuse_links(path, group[name], depth + 1)


def _read_h5ad(path: Path, file: Any, sample_column: str | None, sample: str | None) -> RawFile:
    rows = _rows_of_sample(path, file["obs"], sample_column, sample)
    barcodes = _index(file["obs"])
    barcodes = barcodes if rows is None else barcodes[rows]
    own, raw = _names(file["var"]), None
    layers = [Layer(f"layers/{name}", _matrix(path, file["layers"][name], rows)) for name in _count_layers(file)]
    if not layers and "raw/X" in file:  # `raw` may be an empty dataset
        raw = _names(file["raw/var"])
        layers = [Layer("raw/X", _matrix(path, file["raw/X"], rows))]
        if not _looks_raw(layers[0].values) and "X" in file:
            own_x = _matrix(path, file["X"], rows)
            if _looks_raw(own_x):
                layers, raw = [Layer("X", own_x)], None
    elif "X" in file and not (layers and _looks_raw(layers[0].values)):
        layers.append(Layer("X", _matrix(path, file["X"], rows)))
    symbols, ids = raw or own
    return RawFile(tuple(layers), barcodes, symbols, ids)


def _count_layers(file: Any) -> list[str]:
    return [name for name in COUNT_LAYERS if "layers" in file and name in file["layers"]]


def _looks_raw(matrix: sparse.csr_matrix) -> bool:
    head = matrix.data[:100_000]
    return bool(np.all(head == np.rint(head)) and np.all(head >= 0))


def _rows_of_sample(path: Path, obs: Any, column: str | None, sample: str | None) -> np.ndarray | None:
    if column is None:
        return None
    columns = obs.dtype.names if hasattr(obs, "dtype") else obs.keys()
    if column not in columns:
        known = ", ".join(sorted(columns)[:12])
        raise unreadable(
            path, "has no such column of cells", f"name the column of samples; it has {known}", value=column
        )
    names = _strings(obs[column])
    rows = np.flatnonzero(names == sample)
    if not len(rows):
        some = ", ".join(sorted(set(names.tolist()))[:8])
        raise unreadable(path, f"has no cell of the sample in {column}", f"it has {some}", value=sample)
    return rows


def _index(frame: Any) -> np.ndarray:
    if hasattr(frame, "dtype"):  # AnnData before 0.7 wrote tables as records
        return _strings(frame[frame.dtype.names[0]])
    return _strings(frame[frame.attrs.get("_index", "_index" if "_index" in frame else "index")])


def _names(var: Any) -> tuple[np.ndarray, np.ndarray]:
    """Symbols and ids of genes; where a column holds the symbols, the index holds the ids."""
    index = _index(var)
    columns = set(var.dtype.names if hasattr(var, "dtype") else var.keys())

    def column(names: tuple[str, ...]) -> np.ndarray | None:
        return next((_strings(var[name]) for name in names if name in columns), None)

    symbols, ids = column(SYMBOL_COLUMNS), column(ID_COLUMNS)
    if symbols is not None and ids is None:
        ids = index
    return (index if symbols is None else symbols), (index if ids is None else ids)


def _strings(values: Any) -> np.ndarray:
    """A column of text, plain or categorical."""
    import h5py

    if isinstance(values, h5py.Group):
        if "categories" in values:
            categories = np.append(_strings(values["categories"]), "")
            return categories[np.asarray(values["codes"])]
        return _strings(values["values"])
    if isinstance(values, h5py.Dataset):
        categories = values.attrs.get("categories")
        if categories is not None:  # AnnData before 0.8
            return np.append(_strings(values.parent[values.file[categories].name]), "")[np.asarray(values)]
        values = values[()]
    return np.array([item.decode() if isinstance(item, bytes) else str(item) for item in values], dtype=object)


def _matrix(path: Path, stored: Any, rows: np.ndarray | None) -> sparse.csr_matrix:
    """A stored matrix (sparse by rows or columns, or dense) as CSR of float32, some rows or all."""
    import h5py

    if isinstance(stored, h5py.Dataset):
        return _from_dense(path, stored, rows)
    kind = str(stored.attrs.get("encoding-type", stored.attrs.get("h5sparse_format", "csr")))
    shape = tuple(int(size) for size in stored.attrs.get("shape", stored.attrs.get("h5sparse_shape", ())))
    if len(shape) != 2:
        raise unreadable(path, "holds a matrix without a shape", "write the file again")
    if stored["data"].shape[0] > MAX_VALUES:
        raise unreadable(path, "holds too many values for one sample", "give one file per sample")
    indptr = np.asarray(stored["indptr"])
    if "csc" in kind:
        turned = checked_csr(path, _floats(stored["data"]), np.asarray(stored["indices"]), indptr, (shape[1], shape[0]))
        matrix = turned.T.tocsr()
        return matrix if rows is None else matrix[rows]
    if rows is None or len(rows) > 0.5 * shape[0]:
        whole = checked_csr(path, _floats(stored["data"]), np.asarray(stored["indices"]), indptr, (shape[0], shape[1]))
        return whole if rows is None else whole[rows]
    return _some_rows(path, stored, indptr, rows, shape[1])


def _some_rows(path: Path, stored: Any, indptr: np.ndarray, rows: np.ndarray, width: int) -> sparse.csr_matrix:
    """Rows of a stored CSR matrix, read in runs so that a pooled file never comes into memory whole."""
    if np.any(np.diff(indptr) < 0) or indptr[-1] > stored["data"].shape[0]:
        raise unreadable(path, "holds a damaged sparse matrix", "write or download the file again")
    data, indices, lengths = [], [], np.diff(indptr)[rows]
    for first, last in _runs(rows):
        span = slice(int(indptr[first]), int(indptr[last + 1]))
        data.append(_floats(stored["data"], span))
        indices.append(stored["indices"][span])
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    return checked_csr(path, np.concatenate(data), np.concatenate(indices), pointers, (len(rows), width))


def _runs(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Stretches of consecutive rows, first and last."""
    breaks = np.flatnonzero(np.diff(rows) != 1)
    starts, ends = np.append(0, breaks + 1), np.append(breaks, len(rows) - 1)
    for start, end in zip(starts, ends, strict=True):
        yield int(rows[start]), int(rows[end])


def _from_dense(path: Path, stored: Any, rows: np.ndarray | None) -> sparse.csr_matrix:
    if stored.ndim != 2 or stored.dtype.kind not in "iufb":
        raise unreadable(path, "holds a matrix that is no table of numbers", "write counts as numbers")
    parts = [sparse.csr_matrix(block.astype(np.float32)) for block in _blocks(stored, rows)]
    return sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix(stored.shape, dtype=np.float32)


def _blocks(stored: Any, rows: np.ndarray | None) -> Iterator[np.ndarray]:
    for start in range(0, stored.shape[0], BLOCK):
        block = stored[start : start + BLOCK]
        if rows is not None:
            block = block[rows[(rows >= start) & (rows < start + BLOCK)] - start]
        if len(block):
            yield block


def _floats(stored: Any, span: slice = slice(None)) -> np.ndarray:
    if stored.dtype.kind not in "iufb":
        raise ValueError(f"values of kind {stored.dtype} in the matrix")
    return stored[span].astype(np.float32, copy=False)


def _read_10x(path: Path, group: Any, name: str) -> RawFile:
    """Version 3 (`/matrix`, features of several kinds) or 2 (a group per genome); both store the genes of each cell."""
    width, cells = (int(size) for size in np.asarray(group["shape"]))
    matrix = checked_csr(
        path, _floats(group["data"]), np.asarray(group["indices"]), np.asarray(group["indptr"]), (cells, width)
    )
    barcodes = _strings(group["barcodes"])
    if "features" not in group:
        return RawFile(
            (Layer(name, matrix),), barcodes, _strings(group["gene_names"]), _strings(group["genes"]), genome=name
        )
    features = group["features"]
    types = _strings(features["feature_type"]) if "feature_type" in features else np.array([], dtype=object)
    genomes = sorted(set(_strings(features["genome"]).tolist()) - {""}) if "genome" in features else []
    return RawFile(
        (Layer(name, matrix),),
        barcodes,
        _strings(features["name"]),
        _strings(features["id"]),
        types,
        genome=",".join(genomes),
    )


def _read_loom(path: Path, file: Any) -> RawFile:
    """Loom stores genes x cells densely: columns are read in blocks."""
    stored = file["matrix"]
    parts = [
        sparse.csr_matrix(stored[:, start : start + BLOCK].T.astype(np.float32))
        for start in range(0, stored.shape[1], BLOCK)
    ]
    rows, columns = file["row_attrs"], file["col_attrs"]

    def attribute(group: Any, names: tuple[str, ...]) -> np.ndarray | None:
        return next((_strings(group[name]) for name in names if name in group), None)

    symbols = attribute(rows, SYMBOL_COLUMNS)
    ids = attribute(rows, ID_COLUMNS)
    barcodes = attribute(columns, ("CellID", "cell_id", "obs_names", "barcode"))
    if symbols is None and ids is None:
        raise unreadable(path, "names no genes", "give the row attribute Gene or Accession")
    known = symbols if symbols is not None else ids
    assert known is not None  # noqa: S101  checked above
    if barcodes is None:
        barcodes = np.array([f"cell{number}" for number in range(stored.shape[1])], dtype=object)
    matrix = sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix((0, stored.shape[0]), dtype=np.float32)
    return RawFile((Layer("matrix", matrix),), barcodes, known, ids if ids is not None else known)
