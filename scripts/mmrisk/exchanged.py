"""Two columns of a clinical sheet whose headers were exchanged, as only all their values together can tell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from statistics import median

from mmrisk.fields import FieldError, parse_number

FEWEST = 5
"""Values that each column must have before they speak."""
ALBUMIN_G_DL = (1.5, 5.6)
"""Albumin of hardly any patient lies outside; beta-2-microglobulin of many does (from memory: reference 3.5 to 5.2)."""
_NUMBER = re.compile(r"[<>=≤≥\s]*([+-]?[\d.,]+)\s*[^\d\s.,]*")


def find_exchanged(
    cells: Mapping[str, Sequence[str]], plausible: Mapping[str, tuple[float, float]]
) -> list[tuple[str, str]]:
    """Pairs of columns that seem exchanged: both implausible as they are and plausible the other way round.

    `cells` holds each numeric column as it was written, `plausible` its lowest and highest value in its unit. Of
    albumin and beta-2-microglobulin, whose ranges overlap, the usual range of albumin decides.
    """
    numbers = {name: list(_numbers(texts)) for name, texts in cells.items()}
    told = {name: values for name, values in numbers.items() if len(values) >= FEWEST}
    found = [pair for pair in combinations(told, 2) if _both_implausible(*pair, told, plausible)]
    for albumin, unit in (("albumin_g_dl", 1.0), ("albumin_g_l", 10.0)):
        pair = ("b2m_mg_l", albumin)
        if set(pair) <= told.keys() and pair not in found and _is_albumin(*(told[name] for name in pair), unit=unit):
            found.append(pair)
    return found


def _numbers(texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        match = _NUMBER.fullmatch(text)
        try:
            if match:
                yield parse_number(match.group(1))
        except FieldError:
            continue


def _both_implausible(
    first: str, second: str, numbers: Mapping[str, list[float]], plausible: Mapping[str, tuple[float, float]]
) -> bool:
    def within(values: list[float], name: str) -> float:
        low, high = plausible[name]
        return sum(low <= value <= high for value in values) / len(values)

    return (
        max(within(numbers[first], first), within(numbers[second], second)) < 0.5
        and min(within(numbers[first], second), within(numbers[second], first)) > 0.9
    )


def _is_albumin(b2m: list[float], albumin: list[float], *, unit: float) -> bool:
    """Whether all of the one column lie where albumin does, and the other column does not."""
    low, high = (bound * unit for bound in ALBUMIN_G_DL)
    if not all(low <= value <= high for value in b2m):
        return False
    # in g/L the two ranges are far apart; in g/dL only values that no albumin reaches tell them apart
    return median(albumin) < low if unit > 1 else sum(value > high for value in albumin) >= 2
