"""The M-protein: its type from electrophoresis, immunofixation and free light chains; ratios oriented by the clone."""

import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.contracts import Column, Table
from mmrisk.risk.engine import NO, YES
from mmrisk.risk.patients import Mask, Numbers, Patients, yes_no

KAPPA_LAMBDA_NORMAL = (0.26, 1.65)
"""Normal kappa/lambda ratio, bounds included (IMWG 2014, 10.1016/S1470-2045(14)70442-5)."""
FREE_CHAIN_UPPER = {"kappa": 19.4, "lambda": 26.3}
"""Upper limits of normal of the free light chains, mg/L (Freelite; from memory, unverified)."""

M_PROTEIN = Table(
    "m_protein",
    "What kind of M-protein each sample has, and its free light chain ratio oriented by the clone.",
    ("sample_id",),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column(
            "m_protein_type", "text", "intact, light_chain, biclonal, none_detected or not_evaluable", required=True
        ),
        Column("heavy_chain", "text", "heavy chain of the clone; none for light chain only"),
        Column("involved_chain", "text", "light chain of the clone"),
        Column("chain_from", "text", "immunofixation, or the direction of an abnormal free light chain ratio"),
        Column("flc_ratio_involved_low", "number", "clone's chain / other chain, lower bound", low=0.0),
        Column("flc_ratio_involved_high", "number", "clone's chain / other chain, upper bound", low=0.0),
        Column("flc_abnormal", "text", "yes, no, or empty where it is not known", allowed=("yes", "no")),
        Column("explanation", "text", "why, in a sentence", required=True),
    ),
)

CHAIN_WORDS = re.compile(r"ig\s*-?\s*([gadem])\b|(?<![a-z])(kappa|lambda|κ|λ)(?![a-z])", re.IGNORECASE)
NEGATIVE_WORDS = re.compile(r"\b(?:negative|neg|normal|no (?:m-?protein|monoclonal|band|paraprotein))", re.IGNORECASE)
UNSURE_WORDS = re.compile(
    r"\?|\b(?:possible|possibly|probable|faint|suspected|cannot|can not|uncertain)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Immunofixation:
    """What an immunofixation report says: chains that were found; None where the report cannot be relied on."""

    heavy: frozenset[str]
    light: frozenset[str]


def read_immunofixation(text: str) -> Immunofixation | None:
    """Chains of a report like `IgG kappa`, `IgA lambda + IgG kappa`, `free lambda`, `negative`; None if not read."""
    found = CHAIN_WORDS.findall(text)
    negative = NEGATIVE_WORDS.search(text)
    if not text or UNSURE_WORDS.search(text) or bool(found) == bool(negative):
        return None
    heavy = frozenset("Ig" + letter.upper() for letter, _ in found if letter)
    light = frozenset({"κ": "kappa", "λ": "lambda"}.get(word.lower(), word.lower()) for _, word in found if word)
    return Immunofixation(heavy, light)


def with_derived(patients: Patients) -> Patients:
    """The patients with chains from immunofixation, oriented free light chain ratios, and the higher marrow count."""
    patients = replace(patients, stated={**patients.stated, **_chains(patients)})
    low, high = dict(patients.low), dict(patients.high)
    for name, bounds in {**_free_light_chains(patients), "bmpc_pct": _marrow(patients)}.items():
        low[name], high[name] = bounds
    return replace(patients, low=low, high=high)


def _chains(patients: Patients) -> dict[str, npt.NDArray[np.object_]]:
    """Heavy and light chain: as stated, else from the immunofixation reports."""
    heavy, light = patients.word("heavy_chain").copy(), patients.word("light_chain").copy()
    serum, urine = patients.word("immunofixation_serum"), patients.word("immunofixation_urine")
    for index in np.flatnonzero((serum != "") | (urine != "")):
        reports = [report for text in (serum[index], urine[index]) if (report := read_immunofixation(text))]
        serum_read = read_immunofixation(serum[index]) is not None
        heavies = frozenset().union(*(report.heavy for report in reports))
        lights = frozenset().union(*(report.light for report in reports))
        heavy[index] = heavy[index] or _one(heavies, none="none" if serum_read else "")
        light[index] = light[index] or _one(lights, none="none" if len(reports) == 2 else "")
    return {"heavy_chain": heavy, "light_chain": light}


def _one(chains: frozenset[str], *, none: str) -> str:
    if len(chains) > 1:
        return "biclonal"
    return next(iter(chains), none)


def _marrow(patients: Patients) -> tuple[Numbers, Numbers]:
    """The highest of the plasma cell counts that are known: aspirate and biopsy may disagree."""
    counts = [patients.interval(f"bmpc{which}_pct") for which in ("", "_aspirate", "_biopsy")]
    return np.fmax.reduce([low for low, _ in counts]), np.fmax.reduce([high for _, high in counts])


def _free_light_chains(patients: Patients) -> dict[str, tuple[Numbers, Numbers]]:
    """Ratios both ways and the clone's chain in mg/L, as intervals; what the sheet states itself comes first."""
    kappa, lambda_ = patients.interval("flc_kappa_mg_l"), patients.interval("flc_lambda_mg_l")
    ratio = _first(patients.interval("flc_ratio_kappa_lambda"), _quotient(kappa, lambda_))
    chain = involved_chain(patients, ratio)
    involved = _first(patients.interval("flc_involved_mg_l"), _oriented(chain, kappa, lambda_))
    stated = _quotient(patients.interval("flc_involved_mg_l"), patients.interval("flc_uninvolved_mg_l"))
    measured = _oriented(chain, _quotient(kappa, lambda_), _quotient(lambda_, kappa))
    from_ratio = _oriented(chain, ratio, _inverse(ratio))
    oriented = _first(_first(_first(patients.interval("flc_ratio_involved"), stated), measured), from_ratio)
    back = _oriented(chain, oriented, _inverse(oriented), either_way=False)
    return {
        "flc_ratio_kappa_lambda": _first(ratio, back),
        "flc_ratio_involved": oriented,
        "flc_involved_mg_l": involved,
        "flc_kappa_mg_l": _first(kappa, _where(chain == "kappa", involved)),
        "flc_lambda_mg_l": _first(lambda_, _where(chain == "lambda", involved)),
    }


def ratio_is_abnormal(ratio: tuple[Numbers, Numbers]) -> Mask:
    """Whether kappa/lambda lies outside the normal range, whose bounds are normal."""
    low, high = ratio
    with np.errstate(invalid="ignore"):
        outside = (low > KAPPA_LAMBDA_NORMAL[1]) | (high < KAPPA_LAMBDA_NORMAL[0])
        inside = (low >= KAPPA_LAMBDA_NORMAL[0]) & (high <= KAPPA_LAMBDA_NORMAL[1])
    return yes_no(outside, inside)


def involved_chain(patients: Patients, ratio: tuple[Numbers, Numbers]) -> npt.NDArray[np.object_]:
    """Light chain of the clone: as immunofixation has it, else the one that an abnormal kappa/lambda ratio points to.

    A ratio inside the normal range points nowhere; the larger of the two chains is never taken for the clone's.
    """
    stated = patients.word("light_chain")
    with np.errstate(invalid="ignore"):
        pointed = np.where(ratio[0] > KAPPA_LAMBDA_NORMAL[1], "kappa", "").astype(object)
        pointed[ratio[1] < KAPPA_LAMBDA_NORMAL[0]] = "lambda"
    return np.where((stated == "kappa") | (stated == "lambda"), stated, pointed)


def _first(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    unknown = np.isnan(one[0])
    return np.where(unknown, other[0], one[0]), np.where(unknown, other[1], one[1])


def _where(chosen: npt.NDArray[np.bool_], bounds: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    return np.where(chosen, bounds[0], np.nan), np.where(chosen, bounds[1], np.nan)


def _quotient(top: tuple[Numbers, Numbers], bottom: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.round(top[0] / bottom[1], 9), np.round(top[1] / bottom[0], 9)


def _inverse(ratio: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    one = np.ones_like(ratio[0])
    return _quotient((one, one), ratio)


def _oriented(
    chain: npt.NDArray[np.object_],
    kappa: tuple[Numbers, Numbers],
    lambda_: tuple[Numbers, Numbers],
    *,
    either_way: bool = True,
) -> tuple[Numbers, Numbers]:
    """The interval of the clone's chain; where the chain is open, the interval that holds both."""
    open_low = np.fmin(kappa[0], lambda_[0]) if either_way else np.full(len(chain), np.nan)
    open_high = np.fmax(kappa[1], lambda_[1]) if either_way else np.full(len(chain), np.nan)
    unknown = np.isnan(kappa[0]) | np.isnan(lambda_[0])
    open_low, open_high = np.where(unknown, np.nan, open_low), np.where(unknown, np.nan, open_high)
    is_kappa, is_lambda = chain == "kappa", chain == "lambda"
    return (
        np.where(is_kappa, kappa[0], np.where(is_lambda, lambda_[0], open_low)),
        np.where(is_kappa, kappa[1], np.where(is_lambda, lambda_[1], open_high)),
    )


def m_protein_frame(patients: Patients) -> pd.DataFrame:
    """The table of M-proteins: a row per sample."""
    patients = with_derived(patients)
    ratio = patients.interval("flc_ratio_kappa_lambda")
    chain = involved_chain(patients, ratio)
    low, high = patients.interval("flc_ratio_involved")
    abnormal = ratio_is_abnormal(ratio)
    heavy, light = patients.word("heavy_chain"), patients.word("light_chain")
    rows = []
    for index, sample_id in enumerate(patients.sample_ids):
        ratio_says = {YES: "yes", NO: "no"}.get(int(abnormal[index]))
        kind, why = _type(heavy[index], light[index], chain[index], ratio_says)
        stated = light[index] in FREE_CHAIN_UPPER
        rows.append(
            (
                sample_id,
                kind,
                heavy[index] or None,
                chain[index] or None,
                "immunofixation" if stated else "free light chain ratio" if chain[index] else None,
                low[index],
                high[index] if np.isfinite(high[index]) else np.nan,
                ratio_says,
                why,
            )
        )
    return pd.DataFrame(rows, columns=M_PROTEIN.names, dtype=object)


def _type(heavy: str, light: str, chain: str, ratio_abnormal: str | None) -> tuple[str, str]:
    """Type of an M-protein and the reason, from the chains of immunofixation and the free light chain ratio."""
    if "biclonal" in (heavy, light):
        return "biclonal", "Immunofixation shows more than one chain of a kind."
    if heavy and heavy != "none":
        return "intact", f"Immunofixation shows {' '.join(filter(None, (heavy, chain)))}."
    if heavy == "none" and (light in FREE_CHAIN_UPPER or ratio_abnormal == "yes"):
        return "light_chain", f"No heavy chain; {chain} light chain from {'immunofixation' if light else 'the ratio'}."
    if heavy == "none" and light == "none" and ratio_abnormal == "no":
        return (
            "none_detected",
            "Immunofixation is negative and the free light chain ratio normal: non-secretory, or no clone.",
        )
    if heavy == "none":
        return "not_evaluable", "No heavy chain was found, but light chains were not looked for in serum and urine."
    if ratio_abnormal == "yes":
        return (
            "not_evaluable",
            f"The free light chain ratio points to {chain}; without immunofixation a heavy chain is open.",
        )
    return "not_evaluable", "There is no immunofixation."
