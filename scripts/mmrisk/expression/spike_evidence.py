"""One expression matrix to evidence on translocations: probabilities of spikes, and what goes with them."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.contracts import SPIKES
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State, Tier
from mmrisk.expression.dosage import dosage_table, suggested
from mmrisk.expression.groups import group_table
from mmrisk.expression.matrix import read_matrix
from mmrisk.expression.scale import Scaled, always_expressed, scale
from mmrisk.expression.spikes import posterior, shipped_model, threshold, unfitted
from mmrisk.expression.units import KNOWN_UNITS, Unit, parse_unit

SOURCE = "expression"
GROUPS, DOSAGE = "groups", "dosage"
MAF_GENES = ("MAF", "MAFB", "MAFA")


def read_expression_evidence(assay: AssayFile) -> Reading:
    """Evidence and spikes (contract SPIKES) of every sample of a matrix. Raises `InputError`."""
    unit = unit_of(assay)
    matrix = read_matrix(assay.file, unit, sample_id=None if assay.names_its_samples else assay.sample_id)
    scaled = scale(matrix, unit, file=assay.file.name)
    table = spike_table(scaled, assay.assay_id)
    groups = group_table(scaled, scaled.log, assay.assay_id)
    diluted = set(groups.loc[groups["clonal_ig_share"] < threshold("clonal_ig_share"), "sample_id"])
    failed = silent_samples(scaled)
    evidence = [
        item
        for sample, rows in table.groupby("sample_id", sort=False)
        for item in _sample(rows, scaled, assay, why_silent=_why_silent(str(sample), diluted, failed))
    ]
    dosage = dosage_table(scaled.log, assay.assay_id)
    evidence += [_dosage(*row, assay) for row in suggested(dosage)]
    notes = (f"{assay.file.name}: {scaled.note}",) if scaled.note else ()
    return Reading(tuple(evidence), table, notes, {GROUPS: groups, DOSAGE: dosage})


def unit_of(assay: AssayFile) -> Unit:
    """The declared unit. Raises `InputError` where it is missing or unknown, or the source is none of RNA."""
    if assay.source != SOURCE:
        remedy = "write expression as the source of expression matrices"
        raise InputError(
            Problem(
                file=assay.file.name, column="source", value=assay.source, message="makes no expression", remedy=remedy
            )
        )
    unit = parse_unit(assay.unit)
    if unit is None:
        message = "is not a unit of expression" if assay.unit else "is missing"
        raise InputError(
            Problem(
                file=assay.file.name,
                column="unit",
                value=assay.unit or None,
                message=message,
                remedy=f"say one of {', '.join(KNOWN_UNITS)}",
            )
        )
    return unit


def spike_table(scaled: Scaled, assay_id: str) -> pd.DataFrame:
    """Samples by events with expression and probability (contract SPIKES); genes that the matrix lacks have no row."""
    model = shipped_model()
    found = posterior(scaled.values, model)
    tables = [
        pd.DataFrame(
            {
                "sample_id": scaled.values.index,
                "assay_id": assay_id,
                "event": event,
                "gene": gene,
                "value": scaled.values[gene].to_numpy(),
                "cutoff": model.cutoffs[number],
                "probability": found.marginal[:, number],
                "log_odds": found.log_odds[:, number],
                "scale": scaled.method,
            }
        )
        for number, (event, gene) in enumerate(zip(model.events, model.genes, strict=True))
        if gene in scaled.values
    ]
    table = pd.concat(tables, ignore_index=True)[SPIKES.names]
    return table.sort_values(["sample_id", "event"], kind="stable", ignore_index=True)


def silent_samples(scaled: Scaled) -> set[str]:
    """Samples in which none of the genes that every plasma cell expresses is expressed: the library failed."""
    genes = [gene for gene in always_expressed() if gene in scaled.values]
    highest = scaled.values[genes].max(axis=1)
    return set(highest.index[highest < threshold("always_expressed_least")])


def _why_silent(sample: str, diluted: set[str], failed: set[str]) -> str:
    """Why a gene without a spike says nothing in a sample; empty where it does."""
    return "library_silent" if sample in failed else "clone_diluted" if sample in diluted else ""


def _sample(spikes: pd.DataFrame, scaled: Scaled, assay: AssayFile, *, why_silent: str) -> Iterator[Evidence]:
    """Evidence of one sample; for the reason `why_silent`, if any, a gene without a spike says nothing."""
    sample_id = str(spikes["sample_id"].iloc[0])
    for row in spikes.itertuples():
        state, warnings = state_of(row.probability)
        if scaled.by_cohort:
            warnings = (*warnings, "scaled_by_cohort")
        if row.event in unfitted():
            warnings = (*warnings, "cutoff_not_fitted")
        if why_silent and state == State.ABSENT:
            state, warnings = State.NOT_EVALUABLE, (*warnings, why_silent)
        chance = "below 0.001" if row.probability < 0.001 else f"{row.probability:.3f}"
        detail = (
            f"{row.gene} {row.value:.1f} log2(TPM+1), cut-off {row.cutoff:.1f}: probability {chance}"
            if not math.isnan(row.value)
            else f"no value of {row.gene} that can be compared"
        )
        yield _evidence(sample_id, row.event, state, detail, row.scale, assay, warnings)
    chances = spikes.set_index("gene")["probability"]
    yield from _fgfr3(sample_id, chances.get("NSD2"), scaled, assay)
    yield from _any_maf(sample_id, chances.reindex(MAF_GENES), scaled, assay)


def state_of(probability: float) -> tuple[State, tuple[str, ...]]:
    """What a probability suggests: present, absent, or in between nothing."""
    if math.isnan(probability):
        return State.NOT_EVALUABLE, ()
    if probability >= threshold("present"):
        return State.PRESENT, ()
    if probability <= threshold("absent"):
        return State.ABSENT, ()
    return State.NOT_EVALUABLE, ("spike_unclear",)


def _fgfr3(sample_id: str, chance: float | None, scaled: Scaled, assay: AssayFile) -> Iterator[Evidence]:
    """Beside a t(4;14), whether FGFR3 is silent, as it is where the derivative 14 is lost."""
    if "FGFR3" not in scaled.values or chance is None or not chance >= threshold("present"):
        return
    value = float(scaled.values.loc[sample_id, "FGFR3"])
    if value <= threshold("fgfr3_silent"):
        state = State.PRESENT
    elif value >= threshold("fgfr3_expressed"):
        state = State.ABSENT
    else:
        state = State.NOT_EVALUABLE
    detail = f"FGFR3 {value:.1f} log2(TPM+1) beside a spike of NSD2"
    yield _evidence(sample_id, "fgfr3_lost", state, detail, scaled.method, assay)


def _any_maf(sample_id: str, chances: pd.Series, scaled: Scaled, assay: AssayFile) -> Iterator[Evidence]:
    """A spike of MAF or MAFB says that some IG locus drives it; which one it does not say."""
    known = chances.dropna()
    if known.empty or known.max() < threshold("present"):
        return
    detail = f"{known.idxmax()} spikes, probability {known.max():.3g}"
    yield _evidence(sample_id, "maf_activated", State.PRESENT, detail, scaled.method, assay)


def _dosage(sample_id: str, event: str, state: State, limit: float | None, detail: str, assay: AssayFile) -> Evidence:
    made = _evidence(sample_id, event, state, detail, "dosage", assay)
    return replace(made, fraction=0.0, detection_limit=limit) if state == State.ABSENT else made


def _evidence(
    sample_id: str,
    event: str,
    state: State,
    detail: str,
    method: str,
    assay: AssayFile,
    warnings: tuple[str, ...] = (),
) -> Evidence:
    return Evidence(
        sample_id=sample_id,
        assay_id=assay.assay_id,
        event=event,
        source=SOURCE,
        method=method,
        tier=Tier.INFERRED,
        state=state,
        cell_selection=assay.cell_selection,
        detail=detail,
        warnings=warnings,
    )
