"""The small tables of facts that ship with the package."""

import csv
from functools import cache
from importlib import resources
from pathlib import Path


def resource(name: str) -> Path:
    """Path of `resources/NAME`: in a clone beside `scripts/`, in an installed wheel inside the package."""
    beside = Path(__file__).resolve().parents[2] / "resources" / name
    if beside.is_file():
        return beside
    installed = Path(str(resources.files("mmrisk.resources"))) / name
    if installed.is_file():
        return installed
    raise FileNotFoundError(f"resource {name} is neither in {beside.parent} nor in {installed.parent}")


@cache
def facts(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `resources/NAME` as read-only facts; lines that start with `#` are comments."""
    with resource(name).open(encoding="utf-8", newline="") as handle:
        lines = (line for line in handle if not line.startswith("#"))
        return tuple(csv.DictReader(lines, delimiter="\t"))
