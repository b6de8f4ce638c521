"""Numbers of the caller on reads (resources/translocation_thresholds.tsv)."""

from functools import cache

from mmrisk.resource import facts


@cache
def threshold(name: str) -> float:
    """One number by name."""
    return next(float(row["value"]) for row in facts("translocation_thresholds.tsv") if row["name"] == name)


@cache
def whole(name: str) -> int:
    """One whole number by name."""
    return int(threshold(name))
