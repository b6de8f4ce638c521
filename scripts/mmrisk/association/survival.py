"""Survival by risk label, with and without the marrow: curves, Cox models, cross-validated concordance, no cut-points.

The marrow enters as a few components chosen without looking at outcomes, so that nothing is selected by what it is to
predict.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.association.compare import Setting, chosen_rows
from mmrisk.association.factors import LABEL, Factor
from mmrisk.association.features import Family
from mmrisk.association.linear import Array
from mmrisk.association.rules import count, setting
from mmrisk.contracts.associations import REFUSED, TESTED

ENDPOINTS = ("os", "pfs")
MAX_COMPONENTS = 3
WHOLE_MODEL = "model"


def survival(
    cohort: Setting, outcomes: pd.DataFrame, families: Sequence[Family], *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables SURVIVAL and KAPLAN_MEIER of patients' index samples; `outcomes` is indexed by patient."""
    first: dict[Any, int] = {}
    place = {sample: number for number, sample in enumerate(cohort.samples)}
    for sample in cohort.first:
        first.setdefault(cohort.patients[place[sample]], place[sample])
    rows = np.array(sorted(first.values()), dtype=np.intp)
    components = marrow_components(cohort, families)
    models: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []
    for endpoint in ENDPOINTS:
        known = outcomes.reindex(cohort.patients[rows])[[f"{endpoint}_months", f"{endpoint}_event"]]
        time = known.iloc[:, 0].to_numpy(dtype=float, na_value=np.nan)
        event = known.iloc[:, 1].to_numpy(dtype=float, na_value=np.nan)
        for factor in cohort.factors:
            if factor.kind != LABEL or np.isnan(time).all():
                continue
            codes = factor.codes[rows]
            about = {"endpoint": endpoint, "system": factor.name}
            used = ~np.isnan(time) & ~np.isnan(codes)
            curves += [about | row for row in _curves(time[used], event[used], codes[used], factor)]
            frame = pd.DataFrame({"time": time, "event": event, "label": codes}, index=rows)
            frame = frame.join(components)
            models += [about | row for row in survival_models(frame, list(components.columns), seed=seed)]
    return pd.DataFrame(models), pd.DataFrame(curves)


def marrow_components(cohort: Setting, families: Sequence[Family]) -> pd.DataFrame:
    """First principal components of the cell types' log-ratios, by row of the cohort, each with unit spread.

    Of several compositions the one without plasma cells is taken, with the most cell types.
    """
    fitting = [f for f in families if f.compositional and ":microenvironment:" in f.name and len(f.features) > 2]
    if not fitting:
        return pd.DataFrame()
    family = max(fitting, key=lambda each: (len(each.features), each.name))
    chosen = chosen_rows(cohort, family, repeated="index")
    whole = ~np.isnan(chosen.values).any(axis=1)
    values = chosen.values[whole]
    if len(values) < 2 * MAX_COMPONENTS:
        return pd.DataFrame()
    left, size, right = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    number = min(MAX_COMPONENTS, int((size > 1e-9 * size[0]).sum()))
    signs = np.sign(right[np.arange(number), np.abs(right[:number]).argmax(axis=1)])
    scores = left[:, :number] * signs * np.sqrt(len(values) - 1)
    return pd.DataFrame(scores, index=chosen.rows[whole], columns=[f"marrow_pc{n + 1}" for n in range(number)])


def _curves(time: Array, event: Array, codes: Array, factor: Factor) -> Iterator[dict[str, Any]]:
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    present = [code for code in range(len(factor.levels)) if (codes == code).any()]
    p = None
    large = [code for code in present if (codes == code).sum() >= count("min_patients")]
    if len(large) > 1 and event.any():
        own = np.isin(codes, large)
        p = float(multivariate_logrank_test(time[own], codes[own], event[own]).p_value)
    for code in present:
        own = codes == code
        fitted = KaplanMeierFitter().fit(time[own], event[own])
        steps = pd.concat(
            [
                fitted.survival_function_.set_axis(["survival"], axis=1),
                fitted.confidence_interval_survival_function_.set_axis(["low", "high"], axis=1),
                fitted.event_table[["at_risk", "observed"]].set_axis(["n_at_risk", "n_events"], axis=1),
            ],
            axis=1,
        )
        about = {"label": factor.levels[code], "logrank_p": p}
        yield from (about | row for row in steps.rename_axis("months").reset_index().to_dict("records"))


def survival_models(frame: pd.DataFrame, components: list[str], *, seed: int) -> Iterator[dict[str, Any]]:
    """Models of the same patients, so that their concordances can be compared."""
    whole = frame.dropna()
    names = {"label": ["label"], "marrow": components, "label_and_marrow": ["label", *components]}
    numbers = {"n_patients": len(whole), "n_events": int(whole["event"].sum())}
    reason = _reason(whole, len(names["label_and_marrow"]))
    if reason:
        yield numbers | {"model": "label", "term": WHOLE_MODEL, "status": REFUSED, "reason": reason}
        return
    for model, terms in names.items():
        if model == "label" or components:
            yield from (numbers | {"model": model, "status": TESTED} | row for row in _fitted(whole, terms, seed=seed))


def _reason(used: pd.DataFrame, largest: int) -> str | None:
    events, needed = int(used["event"].sum()), count("min_events_per_term") * largest
    if events < needed:
        return f"{events} events; {largest} terms need {needed}"
    if used["label"].nunique() < 2:
        return "one label only"
    return None


def _fitted(used: pd.DataFrame, terms: list[str], *, seed: int) -> Iterator[dict[str, Any]]:
    yield from hazard_ratios(used, terms)
    values = concordances(used, terms, seed=seed)
    quantiles = ("concordance_low", "concordance", "concordance_high")
    shares = np.quantile(values, [0.05, 0.5, 0.95]).tolist() if len(values) else [None] * 3
    yield {"term": WHOLE_MODEL} | dict(zip(quantiles, shares, strict=True))


def hazard_ratios(used: pd.DataFrame, terms: list[str]) -> Iterator[dict[str, Any]]:
    """A row per term of the Cox model without penalty, which would draw ratios to 1; refused where none is finite."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is found in the standard errors
        try:
            found = CoxPHFitter().fit(used[["time", "event", *terms]], "time", "event").summary
        except ConvergenceError:
            found = None
    errors = None if found is None else found["se(coef)"].to_numpy(dtype=float)
    if found is None or errors is None or not (errors <= setting("largest_error")).all():
        reason = "does not converge: a term separates patients with events from others, or terms repeat each other"
        yield from ({"term": term, "status": REFUSED, "reason": reason} for term in terms)
        return
    names = {"hazard_ratio": "exp(coef)", "low": "exp(coef) lower 95%", "high": "exp(coef) upper 95%", "p": "p"}
    for term in terms:
        yield {"term": term} | {own: float(found.loc[term, name]) for own, name in names.items()}


def concordances(used: pd.DataFrame, terms: list[str], *, seed: int) -> Array:
    """Concordance of predictions for patients left out of the fit, one for each repeat of the cross-validation.

    These fits have a ridge penalty, for they are to predict and not to estimate.
    Pairs are compared within a fold, for predictions of different fits do not share a scale.
    """
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError
    from lifelines.utils import concordance_index

    rng = np.random.default_rng(seed)
    event = used["event"].to_numpy(dtype=bool)
    found = []
    for _ in range(count("repeats")):
        order = rng.permutation(len(used))
        fold = np.empty(len(used), dtype=int)
        for status in (True, False):  # events spread evenly over folds
            own = order[event[order] == status]
            fold[own] = np.arange(len(own)) % count("folds")
        values = []
        for number in range(count("folds")):
            train, test = used[fold != number], used[fold == number]
            if train["label"].nunique() < 2 or test["event"].sum() < 2:
                continue
            try:
                model = CoxPHFitter(penalizer=setting("ridge")).fit(train[["time", "event", *terms]], "time", "event")
            except ConvergenceError:
                continue
            values.append(concordance_index(test["time"], -model.predict_partial_hazard(test), test["event"]))
        found.append(float(np.mean(values)) if values else np.nan)
    return np.array(found)[~np.isnan(found)]
