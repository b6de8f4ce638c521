"""Families of features against factors: who is compared, what is refused and why, and the statistics of the rest."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.association import circular
from mmrisk.association.contrasts import Shuffled, adjust, permutation_p, statistics
from mmrisk.association.factors import Factor, Mask
from mmrisk.association.features import Family
from mmrisk.association.linear import Array, Fit, Residuals, Whole, basis, fit, mixed_fit, residuals
from mmrisk.association.rules import count, setting
from mmrisk.contracts.associations import REFUSED, TESTED
from mmrisk.joined import in_index_order
from mmrisk.tables import join

ALL_FEATURES = "*"
LEAVE_OUT = ("site", "batch")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a cohort is compared: `repeated` is index (one sample per patient) or mixed (all, an intercept each)."""

    covariates: tuple[str, ...] = ("stage", "batch", "site", "sort", "treated")
    repeated: str = "index"
    seed: int = 0
    leave_out: bool = True
    permute: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """A cohort as the tests see it: patient, covariates and factors of each row, in the order of `samples`."""

    samples: tuple[str, ...]
    patients: np.ndarray
    covariates: pd.DataFrame
    factors: tuple[Factor, ...]
    first: tuple[str, ...]
    """Samples in the order in which they are preferred as a patient's index sample."""


def setting_of(cohort: pd.DataFrame, covariates: pd.DataFrame, factors: Iterable[Factor]) -> Setting:
    """The setting of a cohort table; `covariates` has one row per row of the cohort."""
    order = in_index_order(cohort)["sample_id"]
    return Setting(
        tuple(cohort["sample_id"]), cohort["patient_id"].to_numpy(object), covariates, tuple(factors), tuple(order)
    )


def associate(cohort: Setting, families: Sequence[Family], plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ASSOCIATIONS and SENSITIVITY of a cohort."""
    rows: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for family in families:
        chosen = chosen_rows(cohort, family, repeated=plan.repeated)
        found: list[dict[str, Any]] = []
        for factor in cohort.factors:
            found += _contrast_rows(chosen, family, factor, plan)
        _adjust(found)
        if plan.leave_out:
            for factor in {row["factor"] for row in found if row["status"] == TESTED}:
                own = [row for row in found if row["factor"] == factor and row["status"] == TESTED]
                runs += _left_out(chosen, family, next(f for f in cohort.factors if f.name == factor), own, plan)
        rows += found
    return pd.DataFrame(rows), pd.DataFrame(runs)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of the cohort that a family may use, with their features, patients and covariates."""

    rows: Whole
    values: Array
    patients: np.ndarray
    covariates: pd.DataFrame

    def only(self, kept: Mask) -> "Chosen":
        """Some of the rows."""
        return Chosen(self.rows[kept], self.values[kept], self.patients[kept], self.covariates[kept])


def chosen_rows(cohort: Setting, family: Family, *, repeated: str) -> Chosen:
    """Samples of the family that the cohort knows; the index sample of each patient unless all are to be used."""
    place = {sample: number for number, sample in enumerate(cohort.samples)}
    line = {sample: number for number, sample in enumerate(family.samples)}
    measured = [s for s in cohort.first if s in line and not np.isnan(family.values[line[s]]).all()]
    if repeated == "index":
        first: dict[Any, str] = {}
        for sample in measured:
            first.setdefault(cohort.patients[place[sample]], sample)
        measured = list(first.values())
    measured.sort(key=lambda sample: place[sample])
    rows = np.array([place[sample] for sample in measured], dtype=np.intp)
    values = family.values[[line[sample] for sample in measured]]
    return Chosen(rows, values, cohort.patients[rows], cohort.covariates.iloc[rows])


class _RefusedError(Exception):
    """A contrast that is not tested; the message is the reason."""


def _contrast_rows(chosen: Chosen, family: Family, factor: Factor, plan: Plan) -> list[dict[str, Any]]:
    """One row per feature, or one for all where the factor cannot be tested at all."""
    codes = factor.codes[chosen.rows]
    known = ~np.isnan(codes)
    about = {"family": family.name, "factor": factor.name, "contrast": factor.contrast, "factor_kind": factor.kind}
    about |= {"scale": family.scale}
    numbers = _numbers(chosen, codes, factor)
    try:
        _check_groups(codes[known], chosen.patients[known], factor)
    except _RefusedError as refused:
        return [about | numbers | {"feature": ALL_FEATURES, "status": REFUSED, "reason": str(refused)}]

    rows, reasons = [], _reasons(family, factor)
    parts: list[_Part] = []
    used = [column for column, feature in enumerate(family.features) if feature.name not in reasons]
    for columns, present in patterns(chosen.values[:, used], known):
        own = [used[column] for column in columns]
        try:
            parts.append(_part(chosen, codes, present, own, factor, plan))
        except _RefusedError as refused:
            lacking = _numbers(chosen.only(present), codes[present], factor)
            rows += [
                about | lacking | {"feature": family.features[c].name, "status": REFUSED, "reason": str(refused)}
                for c in own
            ]
    for feature in family.features:
        if feature.name in reasons:
            reason = reasons[feature.name]
            rows.append(about | numbers | {"feature": feature.name, "status": REFUSED, "reason": reason})
    if parts:
        rows += [about | row for row in _tested_rows(parts, family, factor, plan)]
    return rows


def _reasons(family: Family, factor: Factor) -> dict[str, str]:
    """Features that are not tested against a factor, and why."""
    found = dict(family.unfit)
    for feature in family.features:
        reason = circular.refusal(feature, factor)
        if reason:
            found.setdefault(feature.name, reason)
    return found


def patterns(values: Array, known: Mask) -> Iterator[tuple[list[int], Mask]]:
    """Columns that are measured in the same rows, with these rows (among those whose factor is known)."""
    if not values.shape[1]:
        return
    present = ~np.isnan(values) & known[:, None]
    distinct, which = np.unique(present, axis=1, return_inverse=True)
    for number in range(distinct.shape[1]):
        yield np.flatnonzero(which.ravel() == number).tolist(), distinct[:, number]


@dataclass(frozen=True, slots=True)
class _Part:
    """Features with the same patients: their fit, what may be permuted (not of a mixed model) and numbers."""

    columns: list[int]
    fit: Fit
    shuffled: Shuffled | None
    numbers: dict[str, Any]
    smallest: int


def _part(chosen: Chosen, codes: Array, present: Mask, columns: list[int], factor: Factor, plan: Plan) -> _Part:
    own = chosen.only(present)
    x, y = codes[present], own.values[:, columns]
    unknown = np.isnan(codes) & ~np.isnan(chosen.values[:, columns]).all(axis=1)
    smallest = _check_groups(x, own.patients, factor)
    design, names = design_of(own.covariates)
    kept = residuals(x, y, design)
    _check_nested(kept, own.covariates, names, x)
    n_patients = len(set(own.patients))
    df = n_patients - kept.basis.shape[1] - 1
    if df < setting("min_residual_df"):
        raise _RefusedError(f"{n_patients} patients leave {max(df, 0)} degrees of freedom beside {', '.join(names)}")
    flags = ["nearly_nested"] if kept.explained > setting("nearly_nested_r2") else []
    numbers = _numbers(own, x, factor) | {"adjusted_for": join(names), "flags": flags}
    numbers["n_unknown"] = len(set(chosen.patients[unknown]) - set(own.patients))
    if plan.repeated == "mixed" and n_patients < len(own.patients):
        _, patient = np.unique(own.patients.astype(str), return_inverse=True)
        found, _ = mixed_fit(x, y, design, patient)
        return _Part(columns, found, None, numbers | {"model": "random_intercept"}, smallest)
    blocks = np.zeros(len(x), dtype=np.intp)
    if names:
        blocks = np.unique(own.covariates[names].to_numpy(str), axis=0, return_inverse=True)[1].ravel()
    return _Part(columns, fit(kept), Shuffled.of(kept, blocks, x), numbers | {"model": "linear"}, smallest)


def design_of(covariates: pd.DataFrame) -> tuple[Array, list[str]]:
    """Intercept and indicator columns of the covariates that vary, and the names of these."""
    columns, names = [np.ones(len(covariates))], []
    for name in covariates:
        levels = sorted(set(covariates[name]))
        if len(levels) > 1:
            names.append(str(name))
            columns += [(covariates[name] == level).to_numpy(dtype=float) for level in levels[1:]]
    return np.column_stack(columns), names


def _check_groups(codes: Array, patients: np.ndarray, factor: Factor) -> int:
    """Patients of the smaller of the two largest groups; raises where that is too few."""
    sizes = sorted((len(set(patients[codes == code])) for code in range(len(factor.levels))), reverse=True)
    if sizes[1] < setting("min_patients"):
        if sizes[0] == 0:
            raise _RefusedError("not known of any patient")
        said = _groups(codes, patients, factor)
        raise _RefusedError(f"fewer than {count('min_patients')} patients in a group ({said})")
    return sizes[1]


def _check_nested(kept: Residuals, covariates: pd.DataFrame, names: list[str], codes: Array) -> None:
    if kept.explained < setting("nested_r2"):
        return
    for name in names:
        alone, _ = design_of(covariates[[name]])
        q = basis(alone)
        centred = (codes - codes.mean()) / np.linalg.norm(codes - codes.mean())
        if float(((q.T @ centred) ** 2).sum()) >= setting("nested_r2"):
            raise _RefusedError(f"nested in {name}: no {name} has patients of both groups")
    raise _RefusedError(f"nested in {' and '.join(names)} together")


def _tested_rows(parts: list[_Part], family: Family, factor: Factor, plan: Plan) -> Iterator[dict[str, Any]]:
    kept = [part.shuffled for part in parts if part.shuffled is not None]
    correlation = None
    if family.compositional and len(parts) == len(kept) == 1:
        correlation = np.atleast_2d(np.corrcoef(_unexplained(kept[0].residuals).T))
    found = statistics(
        Fit.join([part.fit for part in parts]), compositional=family.compositional, correlation=correlation
    )
    small = min(part.smallest for part in parts) < setting("permute_below")
    permuted = np.full(len(found.p), np.nan)
    if plan.permute and small and len(kept) == len(parts):
        seed = plan.seed + zlib.crc32(f"{family.name}|{factor.name}".encode())
        permuted = permutation_p(kept, found, compositional=family.compositional, seed=seed)
    p = np.where(np.isnan(permuted), found.p, permuted)
    place = 0
    for part in parts:
        for column in part.columns:
            feature = family.features[column]
            flags = [*part.numbers["flags"], circular.warning(feature, factor) or ""]
            if small and len(kept) < len(parts):
                flags.append("small_groups_without_permutation")
            yield part.numbers | {
                "feature": feature.name,
                "status": TESTED,
                "effect": found.effect[place],
                "low": found.low[place],
                "high": found.high[place],
                "centre": found.centre[place] if family.compositional else None,
                "p": p[place],
                "p_model": found.p[place],
                "p_permutation": permuted[place],
                "df": found.df[place],
                "flags": join(filter(None, [*flags, *part.numbers["warned"]])),
            }
            place += 1


def _unexplained(kept: Residuals) -> Array:
    """Residuals of the features on covariates and factor."""
    direction = kept.factor / np.linalg.norm(kept.factor)
    left: Array = kept.features - np.outer(direction, direction @ kept.features)
    return left


def _numbers(chosen: Chosen, codes: Array, factor: Factor) -> dict[str, Any]:
    known = ~np.isnan(codes)
    inferred = int((factor.inferred[chosen.rows] & known).sum())
    below = int((factor.subthreshold[chosen.rows] & known).sum())
    warned = [f"inferred:{inferred}"] if inferred else []
    warned += [f"subthreshold_as_absent:{below}"] if below else []
    return {
        "n_patients": len(set(chosen.patients[known])),
        "n_samples": int(known.sum()),
        "n_unknown": len(set(chosen.patients[~known]) - set(chosen.patients[known])),
        "groups": _groups(codes, chosen.patients, factor),
        "warned": warned,
    }


def _groups(codes: Array, patients: np.ndarray, factor: Factor) -> str:
    return "; ".join(f"{name}: {len(set(patients[codes == code]))}" for code, name in enumerate(factor.levels))


def _adjust(rows: list[dict[str, Any]]) -> None:
    """Q within a family and kind of factor, in place."""
    for kind in ("event", "label"):
        own = [row for row in rows if row["factor_kind"] == kind and row["status"] == TESTED]
        for row, q in zip(own, adjust(np.array([row["p"] for row in own], dtype=float)), strict=True):
            row["q"] = q


def _left_out(
    chosen: Chosen, family: Family, factor: Factor, own: list[dict[str, Any]], plan: Plan
) -> list[dict[str, Any]]:
    """Each site or batch left out in turn; the extremes go into the rows of the factor, in place."""
    runs: list[dict[str, Any]] = []
    quick = replace(plan, permute=False, leave_out=False)
    name = next((n for n in LEAVE_OUT if n in chosen.covariates and chosen.covariates[n].nunique() > 1), None)
    if name is None:
        return runs
    for level in sorted(set(chosen.covariates[name])):
        less = chosen.only((chosen.covariates[name] != level).to_numpy(dtype=bool))
        for row in _contrast_rows(less, family, factor, quick):
            if row["status"] == TESTED:
                shown = ("family", "feature", "factor", "contrast", "effect", "low", "high", "n_patients")
                runs.append({key: row[key] for key in shown} | {"p": row["p_model"], "left_out": f"{name}:{level}"})
    effects: dict[str, list[float]] = {}
    for run in runs:
        effects.setdefault(run["feature"], []).append(run["effect"])
    for row in own:
        if row["feature"] in effects:
            seen = [*effects[row["feature"]], row["effect"]]
            row["effect_min"], row["effect_max"] = min(seen), max(seen)
            row["sign_stable"] = bool(min(seen) > 0 or max(seen) < 0)
    return runs
