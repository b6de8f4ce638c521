"""Observations: evidence as the consensus reads it, its place in the order of precedence, and its wording."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from mmrisk.events import STATE_NAMES, State, catalogue
from mmrisk.resource import facts

SOURCE_NAMES = {
    "wgs": "genome",
    "wes": "exome",
    "panel": "panel",
    "lowpass": "low-pass genome",
    "array": "array",
    "fish": "FISH",
    "karyotype": "karyotype",
    "expression": "expression",
    "rna_fusion": "RNA fusion",
    "scrna": "single cells",
}
BASIS_NAMES = {
    "all_nuclei": "of all nuclei",
    "sorted_pc": "of plasma cells",
    "tumour_cells": "of tumour cells",
    "metaphases": "of metaphases",
    "reads": "of reads",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """One row of evidence as the consensus reads it; missing numbers are None."""

    evidence_id: str
    sample_id: str
    event: str
    source: str
    method: str
    locus: str
    build: str
    tier: str
    state: str
    copies: float | None
    fraction: float | None
    fraction_basis: str
    fraction_low: float | None
    fraction_high: float | None
    detection_limit: float | None
    n_abnormal: int | None
    n_scored: int | None
    cell_selection: str
    purity: float | None
    detail: str
    warnings: str

    @property
    def rank(self) -> int | None:
        """Place in the order of precedence; None where the assay never decides."""
        return precedence(catalogue()[self.event].consensus_class, self.source, self.method)

    def in_tumour_cells(self, share: float | None) -> float | None:
        """A share of this observation's cells as a share of tumour cells; None where it cannot be compared."""
        if share is None or self.fraction_basis == "metaphases":
            return None
        if self.fraction_basis in ("sorted_pc", "all_nuclei") and self.purity:
            return min(1.0, share / self.purity)
        return share

    def __str__(self) -> str:
        """As a phrase: `FISH present, 66.5 % of plasma cells (141/212) [S1.fish.t_4_14]`."""
        phrase = f"{SOURCE_NAMES[self.source]} {STATE_NAMES[self.state]}"
        if self.fraction:
            phrase += f", {percent(self.fraction)} {BASIS_NAMES.get(self.fraction_basis, '')}".rstrip()
        elif self.fraction_low and self.fraction_high and self.fraction_high < 1:
            phrase += f", {percent(self.fraction_low)} to {percent(self.fraction_high)}"
        if self.n_scored is not None and self.n_abnormal is not None:
            phrase += f" ({self.n_abnormal}/{self.n_scored})"
        if self.state == State.ABSENT and self.detection_limit is not None:
            phrase += f", smallest clone detectable {percent(self.detection_limit)}"
        return f"{phrase} [{self.evidence_id}]"


def percent(share: float) -> str:
    """A share of cells in per cent, to a tenth."""
    return f"{100 * share:.1f} %".replace(".0 %", " %")


@cache
def precedence(consensus_class: str, source: str, method: str) -> int | None:
    """Rank of an assay for a class of events (resources/precedence.tsv)."""
    for row in facts("precedence.tsv"):
        if row["class"] == consensus_class and row["source"] == source and row["method"] in ("*", method):
            return int(row["rank"])
    return None


def observations(evidence: pd.DataFrame) -> Iterator[Observation]:
    """Rows of evidence (contract EVIDENCE) as observations, by sample, then evidence_id."""
    names = list(Observation.__slots__)
    frame = evidence.sort_values(["sample_id", "evidence_id"])[names].astype(object)
    texts = ["method", "locus", "build", "fraction_basis", "cell_selection", "detail", "warnings"]
    frame[texts] = frame[texts].fillna("")
    for row in frame.where(frame.notna(), None).itertuples(index=False, name=None):
        yield Observation(*row)
