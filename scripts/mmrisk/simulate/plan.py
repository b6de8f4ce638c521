"""What to simulate, read from a small YAML file; every wrong key or value is named."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from mmrisk.errors import InputError, Problem
from mmrisk.gene_places import genes
from mmrisk.genome import arms
from mmrisk.simulate.cells import Clone, Marrow, Subclone
from mmrisk.simulate.profiles import kinds

TABLES = {"composition", "programmes", "arms", "spikes", "lost"}
WORDS = {"light_chain": ("kappa", "lambda"), "sex": ("F", "M")}
TEXTS = ("light_v", "heavy_v", "heavy_c")
SHARES = ("plasma_share", "share", "normal_kappa", "ambient", "doublets")


def read_marrow(path: Path) -> Marrow:
    """The sample that a YAML file describes: the fields of `Marrow`, its `clone` (or null), the clone's `subclones`."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"is not YAML: {str(error).splitlines()[0]}"
        raise InputError(Problem(file=path.name, message=message, remedy="write key: value lines")) from None
    problems: list[Problem] = []
    tree = _known(tree, Marrow, path.name, problems)
    clone = tree.get("clone", {})
    if clone is not None:
        clone = _known(clone, Clone, path.name, problems)
        parts = clone.get("subclones") or []
        parts = [
            _known(part, Subclone, path.name, problems) for part in (parts if isinstance(parts, list) else [parts])
        ]
        clone["subclones"] = tuple(parts)
    if problems:
        raise InputError(problems)
    if clone is not None:
        clone["subclones"] = tuple(Subclone(part.get("share", 0.5), part.get("arms", {})) for part in parts)
        tree["clone"] = Clone(**clone)
    return Marrow(**tree)


def _known(tree: Any, kind: type, file: str, problems: list[Problem]) -> dict[str, Any]:
    """The entries of a mapping that are fields of `kind`, checked."""
    if not isinstance(tree, Mapping):
        problems.append(Problem(file=file, value=str(tree), message="is not a mapping", remedy="write key: value"))
        return {}
    names = [field.name for field in fields(kind)]
    kept = {}
    for key, value in tree.items():
        if key not in names:
            remedy = f"known keys: {', '.join(names)}"
            problems.append(Problem(file=file, column=str(key), message="is not known", remedy=remedy))
        elif message := _wrong(key, value):
            problems.append(Problem(file=file, column=key, value=str(value), message=message, remedy="correct it"))
        else:
            kept[key] = value
    return kept


def _wrong(key: str, value: Any) -> str | None:
    if key in ("clone", "subclones"):
        return None
    if key in WORDS:
        return None if value in WORDS[key] else f"is not one of {', '.join(WORDS[key])}"
    if key in TEXTS:
        return None if value in genes() else "is not a gene"
    if key in TABLES:
        return _wrong_table(key, value)
    if not _is_number(value) or value < 0:
        return "is not a number of 0 or more"
    if key in SHARES and value >= 1 and key not in ("share", "normal_kappa"):
        return "is not a share below 1"
    return "is more than 1" if key in SHARES and value > 1 else None


def _wrong_table(key: str, value: Any) -> str | None:
    if not isinstance(value, Mapping) or not all(_is_number(item) and item >= 0 for item in value.values()):
        return "is not a mapping of names to numbers of 0 or more"
    known: dict[str, Any] = {
        "composition": set(kinds("subset")) - {"PC"},
        "programmes": kinds("programme"),
        "arms": arms("GRCh38"),
    }
    unknown = sorted(str(name) for name in value if name not in known.get(key, genes()))
    return f"names {', '.join(unknown)}, which is not known" if unknown else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
