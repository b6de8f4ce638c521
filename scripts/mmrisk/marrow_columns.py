"""The marrow as columns of the cohort table: shares, log-ratios, scores, targets, quality, one row per sample."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from mmrisk.contracts import CELL_QUALITY, COMPOSITION, IDENTITY, SIGNATURES, TARGETS, Column

QUALITY = ("n_cells", "n_doublets", "unknown_share", "n_plasma", "n_malignant", "light_chain", "purity", "warnings")
"""Columns of the cell_quality table that the cohort table repeats, each with the prefix `cells_`."""
MARROW_TABLES = (COMPOSITION, SIGNATURES, TARGETS, CELL_QUALITY, IDENTITY)


def marrow_columns(frames: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Columns by sample, and their contract; `frames` holds tables of `MARROW_TABLES` by name, those that exist."""
    parts, columns = [], []
    for wide, described in _parts(frames):
        parts.append(wide)
        columns += described
    if not parts:
        return pd.DataFrame(index=pd.Index([], name="sample_id")), ()
    joined = pd.concat(parts, axis=1, sort=True)
    return joined.rename_axis("sample_id"), tuple(columns)


def _parts(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[pd.DataFrame, list[Column]]]:
    composition = frames.get(COMPOSITION.name)
    if composition is not None:
        assay = composition["assay"].where(composition["assay"] != "scrna", "")
        what = [
            f"{a}_{d}_{c}" if a else f"{d}_{c}"
            for a, d, c in zip(assay, composition["denominator"], composition["cell_type"], strict=True)
        ]
        about = composition["cell_type"] + " of " + composition["denominator"]
        yield _wide(composition, "share", "share", what, about, low=0.0, high=1.0)
        yield _wide(composition, "clr", "centred log-ratio", what, about)
    signatures = frames.get(SIGNATURES.name)
    if signatures is not None:
        what = (signatures["cell_type"] + "_" + signatures["signature"]).to_list()
        yield _wide(
            signatures, "mean", "score", what, signatures["signature"] + " in " + signatures["cell_type"], "score"
        )
    targets = frames.get(TARGETS.name)
    if targets is not None:
        names = targets["target"].to_list()
        yield _wide(targets, "mean", "mean expression", [f"{n}_mean" for n in names], targets["target"], "target")
        share = [f"{n}_negative_share" for n in names]
        about = targets["target"] + " in malignant cells"
        yield _wide(targets, "negative_share", "share without a transcript", share, about, "target", low=0.0, high=1.0)
    quality = frames.get(CELL_QUALITY.name)
    if quality is not None:
        most = quality.sort_values(["sample_id", "n_cells", "assay_id"], ascending=[True, False, True])
        kept = most.drop_duplicates("sample_id").set_index("sample_id")[list(QUALITY)].add_prefix("cells_")
        by_name = {column.name: column for column in CELL_QUALITY.columns}
        yield kept, [Column(f"cells_{n}", by_name[n].kind, by_name[n].about) for n in QUALITY]
    identity = frames.get(IDENTITY.name)
    if identity is not None:
        kept = identity.set_index("sample_id")[["verdict"]].rename(columns={"verdict": "identity_verdict"})
        yield kept, [Column("identity_verdict", "text", "whether the cells come from the patient of the other assays")]


def _wide(
    frame: pd.DataFrame,
    value: str,
    said: str,
    what: list[str],
    about: pd.Series,
    prefix: str | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
) -> tuple[pd.DataFrame, list[Column]]:
    """One column per distinct thing, named `PREFIX_THING` in letters, digits and `_`."""
    safe = {name: _safe(f"{prefix or value}_{name}") for name in sorted(set(what))}
    names = _distinct(safe)
    keyed = pd.DataFrame({"sample_id": frame["sample_id"], "what": what, "value": frame[value], "about": about})
    wide = keyed.pivot(index="sample_id", columns="what", values="value").rename(columns=names)
    explained = keyed.drop_duplicates("what").set_index("what")["about"]
    columns = [Column(names[name], "number", f"{explained[name]}: {said}", low=low, high=high) for name in names]
    return wide[[column.name for column in columns]], columns


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name.replace("+", "pos")).strip("_")


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Names that would fall together are numbered."""
    seen: dict[str, int] = {}
    found = {}
    for original, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        found[original] = name if seen[name] == 1 else f"{name}_{seen[name]}"
    return found
