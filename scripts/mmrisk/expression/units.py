"""Units of expression values: what was declared, whether the values can be that, and their common scale."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmrisk.errors import InputError, Problem

MEASURES = {
    "tpm": "tpm",
    "fpkm": "fpkm",
    "rpkm": "fpkm",
    "counts": "counts",
    "count": "counts",
    "readcounts": "counts",
    "rawcounts": "counts",
    "arraysignal": "array_signal",
    "array": "array_signal",
    "signal": "array_signal",
    "mas5": "array_signal",
    "rma": "array_signal",
    "intensity": "array_signal",
}
KNOWN_UNITS = ("tpm", "fpkm", "counts", "array_signal", "log2_tpm", "log2_fpkm", "log2_array_signal")
LOG_LIMIT = 30.0
"""No gene reaches 2^30 in any unit; a logarithm above this is none."""
LINEAR_LIMIT = 25.0
"""Marker genes of plasma cells go far beyond this in any linear unit; where none does, the values are logarithms."""
WHOLE_GENOME = 5000
"""Genes from which a matrix counts as genome-wide: its columns can be summed."""
MILLION = 1e6
MANY = 20
"""Values from which it is no accident that all are whole numbers."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a value measures, and whether it is a logarithm to base 2."""

    measure: str
    log2: bool

    def __str__(self) -> str:
        return f"log2_{self.measure}" if self.log2 else self.measure


def parse_unit(text: str) -> Unit | None:
    """The unit in any usual spelling (`TPM`, `log2(TPM+1)`, `log2_fpkm`, `MAS5`), or None."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower().replace("+1", "").replace("+ 1", ""))
    log2 = plain.startswith("log2")
    measure = MEASURES.get(plain.removeprefix("log2"))
    if measure is None or (measure == "counts" and log2):
        return None
    return Unit(measure, log2 or plain == "rma")


def to_linear(values: pd.DataFrame, unit: Unit, *, file: str) -> pd.DataFrame:
    """Linear values, samples by genes; FPKM of a whole genome become TPM, counts become counts per million.

    Raises `InputError` where the values cannot have the declared unit.
    """
    _check(values, unit, file)
    linear = np.exp2(values) if unit.log2 else values
    if unit.measure in ("fpkm", "counts") and values.shape[1] >= WHOLE_GENOME:
        return linear.mul(MILLION / linear.sum(axis=1), axis=0)
    return linear


def _check(values: pd.DataFrame, unit: Unit, file: str) -> None:
    known = values.to_numpy(dtype=float)
    known = known[~np.isnan(known)]
    if not known.size:
        raise _refused(file, unit, "has no values at all", "give the matrix with its numbers")
    highest, lowest = known.max(), known.min()
    if unit.log2 and highest > LOG_LIMIT:
        why = f"is not the unit of these values: the highest is {highest:g}, which is no logarithm"
        raise _refused(file, unit, why, f"if they are linear say {unit.measure}")
    if not unit.log2 and lowest < 0:
        why = f"is not the unit of these values: the lowest is {lowest:g}, below zero, as only logarithms are"
        raise _refused(file, unit, why, _say_log(unit))
    if not unit.log2 and highest <= LINEAR_LIMIT:
        why = f"is not the unit of these values: the highest is {highest:g}, as of logarithms"
        raise _refused(file, unit, why, _say_log(unit))
    if not unit.log2 and unit.measure in ("tpm", "fpkm") and _are_counts(known):
        raise _refused(file, unit, "is not the unit of these values: all are whole numbers", "say counts if they are")
    if values.shape[1] >= WHOLE_GENOME and unit.measure == "tpm":
        _check_sums(values, unit, file)
    if unit.measure == "counts" and values.shape[1] < WHOLE_GENOME:
        why = f"cannot be compared without the depth of each sample, and {values.shape[1]} genes do not give it"
        raise _refused(file, unit, why, "give the counts of all genes, or TPM")


def _check_sums(values: pd.DataFrame, unit: Unit, file: str) -> None:
    sums = (np.exp2(values) if unit.log2 else values).sum(axis=1)
    worst = sums.max()
    if worst > 1.5 * MILLION:
        why = f"is not the unit of these values: those of {sums.idxmax()} add up to {worst:g}, TPM to one million"
        raise _refused(file, unit, why, "say counts, fpkm or array_signal, whichever they are")


def _say_log(unit: Unit) -> str:
    return "give the raw counts" if unit.measure == "counts" else f"say log2_{unit.measure} if they are logarithms"


def _are_counts(values: np.ndarray) -> bool:
    """Whether values are whole numbers, and so many and high that rounding does not explain it."""
    return bool(values.size >= MANY and values.max() > 100 and (values == np.round(values)).all())


def _refused(file: str, unit: Unit, message: str, remedy: str) -> InputError:
    return InputError(Problem(file=file, column="unit", value=str(unit), message=message, remedy=remedy))
