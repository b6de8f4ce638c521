"""Any unit and pipeline on the scale of the cut-offs, log2(TPM + 1), by medians of the cohort or of a reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from mmrisk.errors import InputError, Problem
from mmrisk.expression.genes import markers
from mmrisk.expression.spikes import threshold
from mmrisk.expression.units import WHOLE_GENOME, Unit, to_linear
from mmrisk.resource import facts


@dataclass(frozen=True, slots=True)
class Scaled:
    """Marker genes on the scale of the cut-offs, samples by genes, and in words how they came there.

    `log`: log2(linear + 1) of all genes, in the matrix's own unit. `by_cohort`: each gene was moved by its median over
    the cohort, which takes for granted that most samples do not have its translocation.
    """

    values: pd.DataFrame
    method: str
    log: pd.DataFrame
    note: str = ""
    by_cohort: bool = False


@cache
def _medians(measure: str) -> Mapping[str, float]:
    return {row["gene"]: float(row["median"]) for row in facts("expression_reference.tsv") if row["measure"] == measure}


@cache
def always_expressed() -> tuple[str, ...]:
    """Genes that every plasma cell expresses, whatever its translocation."""
    return tuple(r["gene"] for r in facts("expression_reference.tsv") if r["always_expressed"] == "yes")


def scale(matrix: pd.DataFrame, unit: Unit, *, file: str) -> Scaled:
    """Marker genes of a matrix (samples by genes, in its unit) as log2(TPM + 1).

    TPM, and FPKM of a whole genome, are taken as they are, or moved all together where a cohort's always expressed
    genes lie elsewhere. Counts per million, array signals and FPKM of a few genes depend on the gene, so each gene is
    moved to the reference by the cohort's median; a few samples take the medians of a reference of the same unit,
    where there is one. Genes without a reference become NaN. Raises `InputError`.
    """
    linear = to_linear(matrix, unit, file=file)
    log = np.log2(linear + 1)
    values = log[[gene for gene in markers() if gene in log]].astype(float)
    cohort = len(values) >= threshold("cohort")
    if unit.measure == "tpm" or (unit.measure == "fpkm" and matrix.shape[1] >= WHOLE_GENOME):
        return _together(values, log, cohort=cohort)
    medians = values.median() if cohort else pd.Series(_medians(unit.measure), dtype=float)
    if medians.empty:
        raise InputError(
            Problem(
                file=file,
                column="unit",
                value=str(unit),
                message=f"of {len(values)} samples cannot be compared with the reference, which is in TPM",
                remedy=f"give TPM, or a matrix of at least {threshold('cohort'):g} samples",
            )
        )
    shift = (medians - pd.Series(_medians("tpm"), dtype=float)).reindex(values.columns)
    return Scaled(values - shift, f"{unit}_by_{'cohort' if cohort else 'reference'}", log, by_cohort=cohort)


def _together(values: pd.DataFrame, log: pd.DataFrame, *, cohort: bool) -> Scaled:
    genes = [gene for gene in always_expressed() if gene in values]
    if not cohort or not genes:
        return Scaled(values, "tpm", log)
    shift = float(np.mean([values[gene].median() - _medians("tpm")[gene] for gene in genes]))
    if abs(shift) <= threshold("scale_shift"):
        return Scaled(values, "tpm", log)
    note = f"{' and '.join(genes)} lie {shift:+.2f} log2 from the reference: all values were moved by as much"
    return Scaled(values - shift, "tpm_by_cohort", log, note)
