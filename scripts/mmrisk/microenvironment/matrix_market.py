"""Count matrices as folders of text: matrix.mtx, features.tsv (or genes.tsv) and barcodes.tsv, packed or not."""

import csv
import gzip
import zlib
from pathlib import Path

import numpy as np
from scipy import sparse

from mmrisk.microenvironment.counts import Layer, RawFile, unreadable

MATRIX_NAMES = ("matrix.mtx.gz", "matrix.mtx")
FEATURE_NAMES = ("features.tsv.gz", "features.tsv", "genes.tsv.gz", "genes.tsv")
BARCODE_NAMES = ("barcodes.tsv.gz", "barcodes.tsv")


def is_matrix_market(path: Path) -> bool:
    """A folder, or a matrix file in one."""
    return path.is_dir() or path.name.endswith(MATRIX_NAMES)


def read_matrix_market(path: Path) -> RawFile:
    """Read a folder, or the matrix file in it; a prefix before `matrix.mtx` must stand before the other two as well.

    Raises `InputError` where a file is missing, damaged, or the sizes do not fit.
    """
    folder, prefix = (path, "") if path.is_dir() else (path.parent, _prefix(path))
    matrix_file = _one_of(path, folder, prefix, MATRIX_NAMES)
    features = _rows(_one_of(path, folder, prefix, FEATURE_NAMES))
    barcodes = [row[0] for row in _rows(_one_of(path, folder, prefix, BARCODE_NAMES))]
    matrix = _matrix(matrix_file)
    if matrix.shape != (len(features), len(barcodes)):
        found = f"{matrix.shape[0]} x {matrix.shape[1]}"
        needed = f"{len(features)} features x {len(barcodes)} barcodes"
        raise unreadable(
            matrix_file, f"does not fit the files beside it ({needed})", "keep the three files of one run", value=found
        )
    ids = np.array([row[0] for row in features], dtype=object)
    symbols = np.array([row[1] if len(row) > 1 and row[1] else row[0] for row in features], dtype=object)
    types = np.array([row[2] if len(row) > 2 else "" for row in features], dtype=object)
    return RawFile(
        (Layer(matrix_file.name, matrix.T.tocsr()),),
        np.array(barcodes, dtype=object),
        symbols,
        ids,
        types if any(types) else np.array([], dtype=object),
    )


def _prefix(path: Path) -> str:
    name = next(name for name in MATRIX_NAMES if path.name.endswith(name))
    return path.name.removesuffix(name)


def _one_of(path: Path, folder: Path, prefix: str, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / (prefix + name)).is_file():
            return folder / (prefix + name)
    shown = " or ".join(prefix + name for name in names)
    raise unreadable(path, f"has no {shown}", "keep matrix, features and barcodes in one folder")


def _rows(path: Path) -> list[list[str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as lines:
            return [row for row in csv.reader(lines, delimiter="\t") if row]
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as broken:
        raise unreadable(path, f"cannot be read ({broken})", "it may be cut short: copy it again") from None


def _matrix(path: Path) -> sparse.csc_matrix:
    from scipy.io import mmread

    try:
        matrix = mmread(path)
    except (ValueError, OSError, EOFError, zlib.error, OverflowError, MemoryError) as broken:
        reason = str(broken).splitlines()[0][:120] if str(broken) else type(broken).__name__
        raise unreadable(path, f"is no MatrixMarket file ({reason})", "it may be cut short: copy it again") from None
    if not sparse.issparse(matrix):
        matrix = sparse.coo_matrix(matrix)
    return sparse.csc_matrix(matrix, dtype=np.float32)
