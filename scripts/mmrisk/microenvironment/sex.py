"""Sex of the patient as the cells express it, to notice swapped samples."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

Y_GENES = ("RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY", "USP9Y", "ZFY")
"""Genes of the male-specific part of Y that most cells express."""
X_GENE = "XIST"
MIN_CELLS = 50
HEARD = 0.02
"""Share of cells from which a gene group counts as expressed; far below what either sex shows, above stray reads."""
DOMINANT = 5.0


def expressed_sex(counts: sparse.csr_matrix, symbols: Sequence[str], rows: npt.NDArray[np.int64]) -> str:
    """F, M, or unclear: `unclear` where neither or both are heard (loss of Y, two people in one sample)."""
    if len(rows) < MIN_CELLS or X_GENE not in symbols:
        return "unclear"
    y_columns = [number for number, symbol in enumerate(symbols) if symbol in Y_GENES]
    if not y_columns:
        return "unclear"
    male = float((np.asarray(counts[rows][:, y_columns].sum(axis=1)).ravel() > 0).mean())
    female = float((counts[rows][:, [list(symbols).index(X_GENE)]].toarray() > 0).mean())
    if max(male, female) < HEARD or min(male, female) * DOMINANT > max(male, female):
        return "unclear"
    return "M" if male > female else "F"
