"""States of cells (exhausted, MDSC-like, cycling ...), each called only among the cells that its gate lets in."""

import numpy as np
import pandas as pd

from mmrisk.microenvironment.markers import Markers
from mmrisk.microenvironment.signatures import KINDS, Signatures

SHOWN_SHARE = 0.3
"""Share of a state's measured genes that a cell must show, and at least two of them where it has two."""
MIN_LEAD = 0.05
"""Lead of the genes up over the genes down, in levels of 0 to 1."""


def in_gate(cells: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Cells that are of one of the kinds named, at any level."""
    inside = np.zeros(len(cells), dtype=bool)
    for level in KINDS:
        inside |= cells[level].isin(names).to_numpy()
    return inside


def call_states(markers: Markers, cells: pd.DataFrame, signatures: Signatures) -> pd.DataFrame:
    """One column of True and False per state that could be measured; False outside its gate.

    A call needs transcripts, so that shares of a state hang on depth: compare samples of one chemistry, or use the
    mean.
    """
    states = signatures.of("state")
    called = {}
    for state in states:
        fit = markers.score([(state,)])
        needed = max(min(2, len(state.up)), int(np.ceil(SHOWN_SHARE * fit.measured[0])))
        if fit.measured[0] < needed or not (fit.usable[0] or len(state.up) == 1):
            continue
        shown = (fit.detected[:, 0] >= needed) & (fit.plain[:, 0] > MIN_LEAD)
        called[state.name] = shown & in_gate(cells, signatures.within(state.gate))
    return pd.DataFrame(called, index=cells.index)
