"""Settings of the tests, read from `resources/association_rules.tsv`."""

from functools import cache

from mmrisk.resource import facts


@cache
def setting(name: str) -> float:
    """A setting as a number."""
    return {row["name"]: float(row["value"]) for row in facts("association_rules.tsv")}[name]


def count(name: str) -> int:
    """A setting that counts something."""
    return int(setting(name))
