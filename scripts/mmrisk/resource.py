"""The small tables of facts that ship with the package."""

import csv
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Path of `resources/NAME`: in a clone beside `scripts/`, in an installed wheel inside the package."""
    beside, installed = PACKAGE.parents[1] / "resources" / name, PACKAGE / "resources" / name
    for path in (beside, installed):
        if path.is_file():
            return path
    raise FileNotFoundError(f"resource {name} is neither in {beside.parent} nor in {installed.parent}")


@cache
def facts(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `resources/NAME` as read-only facts; lines that start with `#` are comments."""
    with resource(name).open(encoding="utf-8", newline="") as handle:
        lines = (line for line in handle if not line.startswith("#"))
        return tuple(csv.DictReader(lines, delimiter="\t"))
