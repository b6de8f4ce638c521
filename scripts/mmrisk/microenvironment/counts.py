"""A matrix of transcript counts as it came out of a file: cells x genes, with what names them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.errors import InputError, Problem

MAX_VALUES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Layer:
    """One matrix of a file under the name it has there (cells x genes)."""

    name: str
    values: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class RawFile:
    """What a file holds before it is judged: one or more matrices, gene names and ids, barcodes.

    `feature_types` is empty where the file does not tell; `genome` is what the file calls its reference.
    """

    layers: tuple[Layer, ...]
    barcodes: np.ndarray
    symbols: np.ndarray
    gene_ids: np.ndarray
    feature_types: np.ndarray = field(default_factory=lambda: np.array([], dtype=object))
    genome: str = ""


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Raw counts of one sample: cells x genes (CSR, float32 that hold whole numbers), genes by unique symbol."""

    counts: sparse.csr_matrix
    barcodes: np.ndarray
    genes: pd.DataFrame
    layer: str
    notes: tuple[str, ...] = ()

    @property
    def symbols(self) -> list[str]:
        """Gene symbols in column order."""
        return list(self.genes.index)


def unreadable(path: Path, message: str, remedy: str, *, value: str | None = None) -> InputError:
    """The error of a count file."""
    return InputError(Problem(file=path.name, value=value, message=message, remedy=remedy))


def checked_csr(
    path: Path, data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, shape: tuple[int, int]
) -> sparse.csr_matrix:
    """A CSR matrix whose pointers were checked, since damaged ones crash the code that multiplies."""
    broken = (
        len(indptr) != shape[0] + 1
        or len(data) != len(indices)
        or (len(indptr) and (int(indptr[0]) != 0 or int(indptr[-1]) != len(indices)))
        or bool(np.any(np.diff(indptr) < 0))
        or (len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= shape[1]))
    )
    if broken:
        raise unreadable(path, "holds a damaged sparse matrix", "write or download the file again")
    index = np.int32 if len(data) < MAX_VALUES else np.int64
    matrix = sparse.csr_matrix(
        (data, indices.astype(index, copy=False), indptr.astype(index, copy=False)), shape=shape, copy=False
    )
    matrix.sum_duplicates()
    return matrix
