"""The marrow along MGUS, SMM, MM: ordered tests within site, batch and sort, with patients as units."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.association.compare import ALL_FEATURES, Plan, Setting, chosen_rows, patterns
from mmrisk.association.contrasts import adjust
from mmrisk.association.factors import STAGES
from mmrisk.association.features import Family
from mmrisk.association.linear import Array, Whole
from mmrisk.association.rules import count
from mmrisk.contracts.associations import REFUSED, TESTED
from mmrisk.tables import join

STRATA = ("site", "batch", "sort", "treated")


def trends(cohort: Setting, stages: pd.Series, families: Sequence[Family], plan: Plan) -> pd.DataFrame:
    """Table TRENDS; `stages` is the step of the disease of each row of the cohort, missing where it is not known."""
    codes = stages.map({name: float(number) for number, name in enumerate(STAGES)}).to_numpy(dtype=float)
    rows: list[dict[str, Any]] = []
    for family in families:
        own = _family_rows(cohort, codes, family, plan)
        tested = [row for row in own if row["status"] == TESTED]
        for row, q in zip(tested, adjust(np.array([row["p"] for row in tested])), strict=True):
            row["q"] = q
        rows += own
    return pd.DataFrame(rows)


def _family_rows(cohort: Setting, codes: Array, family: Family, plan: Plan) -> list[dict[str, Any]]:
    chosen = chosen_rows(cohort, family, repeated="index")
    own = codes[chosen.rows]
    known = ~np.isnan(own)
    about = {"family": family.name}
    reason = _too_few(own[known])
    if reason:
        return [about | {"feature": ALL_FEATURES, "status": REFUSED, "reason": reason, "groups": _said(own[known])}]
    rows: list[dict[str, Any]] = [
        about | {"feature": name, "status": REFUSED, "reason": why} for name, why in family.unfit.items()
    ]
    fit = [number for number, feature in enumerate(family.features) if feature.name not in family.unfit]
    for columns, present in patterns(chosen.values[:, fit], known):
        features = [fit[column] for column in columns]
        part = chosen.only(present)
        names = [name for name in STRATA if name in part.covariates and part.covariates[name].nunique() > 1]
        strata = np.zeros(len(part.rows), dtype=np.intp)
        if names:
            strata = np.unique(part.covariates[names].to_numpy(str), axis=0, return_inverse=True)[1].ravel()
        numbers = {"n_patients": len(part.rows), "groups": _said(own[present]), "adjusted_for": join(names)}
        held = [s for s in np.unique(strata) if len(np.unique(own[present][strata == s])) > 1]
        reason = _too_few(own[present][np.isin(strata, held)])
        for feature in features:
            row = about | numbers | {"feature": family.features[feature].name, "strata": len(held)}
            rows.append(row | ({"status": REFUSED, "reason": f"within {join(names)}: {reason}"} if reason else {}))
        if not reason:
            seed = plan.seed + zlib.crc32(f"{family.name}|trend".encode())
            y = part.values[:, features]
            for row, found in zip(rows[-len(features) :], jonckheere(y, own[present], strata, seed=seed), strict=True):
                row.update(found, status=TESTED)
    return rows


def _too_few(codes: Array) -> str | None:
    sizes = [int((codes == number).sum()) for number in range(len(STAGES))]
    if sum(size >= count("min_patients") for size in sizes) < 2:
        return f"fewer than {count('min_patients')} patients in all steps but one ({_said(codes)})"
    return None


def _said(codes: Array) -> str:
    return "; ".join(f"{name}: {int((codes == number).sum())}" for number, name in enumerate(STAGES))


def jonckheere(values: Array, codes: Array, strata: Whole, *, seed: int) -> list[dict[str, float]]:
    """Jonckheere-Terpstra effect, interval and p of each column, pairs within strata only.

    The effect is the share of pairs of patients of different steps in which the later step has the higher value, minus
    the share in which it has the lower (ties count for neither): -1 to 1. Its interval is normal, with the variance of
    the first-order projection of a U-statistic. p is by permutation of the steps within strata, in cohorts of more
    than `permuted_patients` from the same normal (Jonckheere 1954, 10.1093/biomet/41.1-2.133).
    """
    from scipy.stats import norm

    order = np.sign(codes[None, :] - codes[:, None]) * (strata[None, :] == strata[:, None])
    pairs = np.abs(order).sum() / 2.0
    rises = np.stack([(np.sign(y[None, :] - y[:, None]) * order).sum(axis=1) for y in values.T], axis=1) / pairs
    effect = rises.sum(axis=0) / 2.0
    variance = np.zeros(values.shape[1])
    for stratum in np.unique(strata):
        for code in np.unique(codes[strata == stratum]):
            own = rises[(strata == stratum) & (codes == code)]
            variance += len(own) * own.var(axis=0, ddof=1) if len(own) > 1 else own[0] ** 2
    error = np.sqrt(variance)
    half = 1.96 * error
    if len(codes) <= count("permuted_patients"):
        p = _permuted(values, codes, strata, np.abs(effect) * pairs, seed)
    else:
        p = 2.0 * norm.sf(np.abs(effect) / np.maximum(error, 1e-300))
    return [
        {"effect": e, "low": max(e - h, -1.0), "high": min(e + h, 1.0), "p": float(q)}
        for e, h, q in zip(effect.tolist(), half.tolist(), p, strict=True)
    ]


def _permuted(values: Array, codes: Array, strata: Whole, observed: Array, seed: int) -> Array:
    """P of |rising minus falling pairs|, steps permuted within strata; more permutations where p is small."""
    rng = np.random.default_rng(seed)
    place = np.argsort(strata, kind="stable")

    def exceeded(times: int, columns: Whole) -> Array:
        signs = [np.sign(y[None, :] - y[:, None]) * (strata[None, :] == strata[:, None]) for y in values[:, columns].T]
        found = np.zeros(len(columns))
        for start in range(0, times, 250):
            order = np.empty((min(250, times - start), len(codes)), dtype=np.intp)
            order[:, place] = np.argsort(strata + rng.random(order.shape), axis=1)
            shuffled = codes[order]
            for number, sign in enumerate(signs):
                found[number] += (_concordance(shuffled, sign) >= observed[columns[number]] - 1e-6).sum()
        return (found + 1.0) / (times + 1.0)

    p = exceeded(count("permutations"), np.arange(values.shape[1]))
    small = np.flatnonzero(p <= 0.1)
    if len(small):
        p[small] = exceeded(count("more_permutations"), small)
    return p


def _concordance(codes: Array, sign: Array) -> Array:
    """|Rising minus falling pairs| for each row of codes; `sign` holds the signs of differences between patients."""
    total = np.zeros(len(codes))
    for lower in range(len(STAGES) - 1):
        later = (codes > lower).astype(float)
        total += (((codes == lower).astype(float) @ sign) * later).sum(axis=1)
    return np.abs(total)
