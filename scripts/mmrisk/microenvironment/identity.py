"""Whether a sample's cells come from the patient whose DNA, sex and laboratory values bear its name.

Each feature that both sides have (sex, light chain, fusions, arms) has a likelihood under every patient of the cohort,
against what a stranger would show. A swap is said where the own patient explains the cells badly and another of the
cohort, an unknown stranger or an exchange of two samples explains them better. Where that is likely but not sure, or
rests on one feature alone (mostly the sex), the sheet or the report may be wrong instead: a conflict. Features in
which nobody differs tell nothing: then the verdict is indeterminate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import norm

from mmrisk.contracts import IDENTITY
from mmrisk.events import PRIMARY_IG_FUSIONS
from mmrisk.microenvironment.arms import Z
from mmrisk.resource import facts
from mmrisk.tables import conform, join

SWAPPED_BEFORE = 0.05
"""Share of samples taken to be swapped before looking; a project decision."""
SWAPPED_AFTER = 0.8
"""Probability of a swap from which it is said."""
FEATURES_OF_A_SWAP = 2
"""Features that must disagree before a swap is said; fewer are a conflict, as one entry may simply be wrong."""
SPEAKS_FOR = np.log(3.0)
"""How much better than a stranger the own patient must explain the cells to be called consistent; as much worse, and
what does not fit is a conflict."""
RIGHT = {"sex": 0.99, "light chain": 0.98, "fusion": 0.90}
"""How often a feature read from cells agrees with the patient's; else hidden doublets, wrong reports, silent spikes."""
AGREES = {"gain": 0.92, "loss": 0.75}
"""How often an event of the DNA shows as a whole arm in cells (losses are often focal)."""
STRAY = 0.04
"""How often cells show a whole-arm change that the DNA lacks (subclones, other time of sampling)."""
ARM_SPREAD = 0.06
TEMPER = 0.8
"""Arms change together, so each says less than it would alone."""
SAID = np.log(2.0)
OVERLAPPING = ("amp_1q21",)
"""Events of an arm that another event already speaks for."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: log-likelihood ratio of each sample's cells (rows) under each patient sample (columns).

    `match` is against a stranger drawn from the cohort; 0 where either side has no value.
    """

    name: str
    match: Floats


def compare(
    *, samples: pd.DataFrame, chains: Mapping[str, str], events: pd.DataFrame, quality: pd.DataFrame,
    arms: pd.DataFrame, spikes: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Identity (contract IDENTITY), one row per sample with cells.

    `samples` has sample_id, patient_id, sex; `chains` the laboratory's light chain by sample; `events` (contract
    EVENTS) the consensus, of which measured events count; `quality` (CELL_QUALITY), `arms` (CELL_ARMS) and `spikes`
    (EVIDENCE of single cells) describe the cells. Several files of one sample are taken together.
    """
    names = list(samples["sample_id"].astype(str))
    patients = samples.set_index("sample_id")["patient_id"].astype(str).to_dict()
    with_cells = [name for name in names if name in set(quality["sample_id"])]
    if not with_cells:
        return conform(pd.DataFrame(columns=IDENTITY.names), IDENTITY)
    features = [
        _by_word("sex", _words(quality, "expressed_sex", with_cells, ("F", "M")),
                 _sexes(samples), with_cells, names, RIGHT["sex"]),
        _by_word("light chain", _words(quality, "light_chain", with_cells, ("kappa", "lambda")),
                 dict(chains), with_cells, names, RIGHT["light chain"]),
        *_fusions(events, spikes, with_cells, names),
        *_arms(events, arms, with_cells, names),
    ]  # fmt: skip
    rows = [_verdict(name, with_cells, names, patients, features) for name in with_cells]
    return conform(pd.DataFrame(rows), IDENTITY)


def _sexes(samples: pd.DataFrame) -> dict[str, str]:
    return {str(s): str(x) for s, x in zip(samples["sample_id"], samples["sex"], strict=True) if x in ("F", "M")}


def _words(quality: pd.DataFrame, column: str, samples: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The word that all files of a sample agree on."""
    found = quality[quality[column].isin(list(known))].groupby("sample_id")[column].agg(set)
    return {name: next(iter(found[name])) for name in samples if name in found.index and len(found[name]) == 1}


def _by_word(
    name: str,
    seen: Mapping[str, str],
    told: Mapping[str, str],
    cells: Sequence[str],
    names: Sequence[str],
    right: float,
) -> Feature:
    """A feature of two words: agreement is right with probability `right`; a stranger agrees as often as the cohort."""
    match = np.zeros((len(cells), len(names)))
    words = sorted({*told.values(), *seen.values()})
    if len(words) < 2:
        return Feature(name, match)
    often = {word: (sum(t == word for t in told.values()) + 1) / (len(told) + len(words)) for word in words}
    for row, cell in enumerate(cells):
        if cell not in seen:
            continue
        stranger = sum(share * (right if word == seen[cell] else 1 - right) for word, share in often.items())
        for column, sample in enumerate(names):
            if told.get(sample) in words:
                match[row, column] = np.log((right if told[sample] == seen[cell] else 1 - right) / stranger)
    return Feature(name, match)


def _measured(events: pd.DataFrame, event: str) -> dict[str, str]:
    """State (present, absent) of an event in the samples where DNA or cytogenetics decided it."""
    rows = events[(events["event"] == event) & (events["tier"] == "measured")]
    rows = rows[rows["state"].isin(["present", "absent"])]
    return dict(zip(rows["sample_id"].astype(str), rows["state"].astype(str), strict=True))


def _fusions(events: pd.DataFrame, spikes: pd.DataFrame, cells: Sequence[str], names: Sequence[str]) -> list[Feature]:
    found = []
    for event in PRIMARY_IG_FUSIONS:
        rows = spikes[(spikes["event"] == event) & (spikes["method"] == "target_gene")]
        states = rows.assign(state=_looked(rows))
        seen = {str(s): str(x) for s, x in zip(states["sample_id"], states["state"], strict=True) if x}
        found.append(_by_word(event, seen, _measured(events, event), cells, names, RIGHT["fusion"]))
    return found


def _looked(rows: pd.DataFrame) -> list[str]:
    """State of a spike as the cells say it; a detection limit marks an absence that a cut-off may have blurred."""
    return [
        "present" if state == "present" else "absent" if state == "absent" or pd.notna(limit) else ""
        for state, limit in zip(rows["state"], rows["detection_limit"], strict=True)
    ]


def _arms(events: pd.DataFrame, arms: pd.DataFrame, cells: Sequence[str], names: Sequence[str]) -> list[Feature]:
    found = []
    by_sample = {str(name): rows.groupby("arm")[["log2_ratio", "low", "high"]].mean() for name, rows in
                 arms.groupby("sample_id")}  # fmt: skip
    for fact in facts("cell_arm_events.tsv"):
        told = _measured(events, fact["event"])
        if fact["event"] in OVERLAPPING or not told:
            continue
        change = "gain" if fact["copies_low"] else "loss"
        match = np.zeros((len(cells), len(names)))
        share = (sum(state == "present" for state in told.values()) + 1) / (len(told) + 2)
        for row, cell in enumerate(cells):
            likely = _arm_likelihood(by_sample.get(cell), fact["arms"].split(";"), change)
            if likely is None:
                continue
            stranger = share * likely["present"] + (1 - share) * likely["absent"]
            for column, sample in enumerate(names):
                if sample in told:
                    match[row, column] = TEMPER * np.log(likely[told[sample]] / stranger)
        found.append(Feature(fact["event"], match))
    return found


def _arm_likelihood(arms: pd.DataFrame | None, wanted: Sequence[str], change: str) -> dict[str, float] | None:
    """Likelihood of the arms' ratio where the DNA has the event, and where it lacks it."""
    known = [arm for arm in wanted if arms is not None and arm in arms.index]
    if arms is None or not known:
        return None
    rows = arms.loc[known]
    value = float(rows["log2_ratio"].mean())
    deviation = float(np.hypot(((rows["high"] - rows["low"]) / (2 * Z)).mean(), ARM_SPREAD))
    quiet = norm.pdf(value, 0.0, deviation)
    levels = (np.log2(3 / 2), 1.0) if change == "gain" else (-1.0,)
    changed = max(norm.pdf(value, level, deviation) for level in levels)
    agrees, floor = AGREES[change], 0.01
    return {
        "present": agrees * changed + (1 - agrees) * quiet + floor,
        "absent": STRAY * changed + (1 - STRAY) * quiet + floor,
    }


def _verdict(
    name: str,
    cells: Sequence[str],
    names: Sequence[str],
    patients: Mapping[str, str],
    features: Sequence[Feature],
) -> dict[str, object]:
    """One sample's verdict: its own patient against another, a stranger, or an exchange of two samples."""
    match = np.sum([feature.match for feature in features], axis=0)
    row = cells.index(name)
    total, own = match[row], match[row, names.index(name)]
    others = [column for column, other in enumerate(names) if patients[other] != patients[name]]
    exchanged = [_exchange(match, name, names[other], cells, names) for other in others if names[other] in cells]
    elsewhere = float(logsumexp([*total[others], *exchanged, 0.0])) - np.log(len(others) + 1)
    swapped = float(1 / (1 + np.exp(np.log((1 - SWAPPED_BEFORE) / SWAPPED_BEFORE) + own - elsewhere)))
    column = names.index(name)
    agrees = [feature.name for feature in features if feature.match[row, column] >= SAID / 4]
    disagrees = [feature.name for feature in features if feature.match[row, column] <= -SAID]
    if swapped >= SWAPPED_AFTER and len(disagrees) >= FEATURES_OF_A_SWAP:
        verdict = "swapped"
    elif own >= SPEAKS_FOR and swapped <= 0.5:
        verdict = "consistent"
    else:
        doubtful = swapped >= SWAPPED_AFTER or (disagrees and own <= -SPEAKS_FOR)
        verdict = "conflict" if doubtful else "indeterminate"
    best = max(others, key=lambda other: total[other]) if others else None
    better = (
        best is not None and swapped >= SWAPPED_AFTER and total[best] >= SPEAKS_FOR and total[best] > own + SPEAKS_FOR
    )
    compared = sum(bool(feature.match[row, column]) for feature in features)
    return {
        "sample_id": name,
        "verdict": verdict,
        "agrees": join(agrees),
        "disagrees": join(disagrees),
        "better_match": names[best] if better and best is not None else None,
        "detail": f"{compared} features compared; own patient against a stranger: log-likelihood {own:+.1f}; "
        f"probability of a swap {swapped:.3g}{_alone(verdict, disagrees)}",
    }


def _alone(verdict: str, disagrees: Sequence[str]) -> str:
    return f"; by {disagrees[0]} alone" if verdict == "conflict" and len(disagrees) == 1 else ""


def _exchange(match: Floats, name: str, other: str, cells: Sequence[str], names: Sequence[str]) -> float:
    """How well the two samples' cells fit each other's patient, less how well the other's fit its own."""
    row, column = cells.index(other), names.index(other)
    return float(match[cells.index(name), column] + match[row, names.index(name)] - match[row, column])
