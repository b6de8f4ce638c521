"""Counts of cells to shares under declared wholes, with what an assay or a sort could not count said so."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.contracts import COMPOSITION
from mmrisk.contracts.microenvironment import DENOMINATORS
from mmrisk.errors import InputError, Problem
from mmrisk.microenvironment.signatures import KINDS, UNKNOWN, Signature, Signatures
from mmrisk.microenvironment.states import in_gate
from mmrisk.resource import facts
from mmrisk.tables import conform

PSEUDOCOUNT = 0.5
OUTSIDE_MICROENVIRONMENT = ("plasma", "erythroid", UNKNOWN)
MIN_CELLS = {"all": 200, "microenvironment": 200, "t_cells": 100}
"""Fewer cells of the whole give no share (microenvironment: MD Anderson TME code; T cells: Foster 2024)."""


@dataclass(frozen=True, slots=True)
class Sort:
    """How cells were selected: which wholes still mean something, and which lineages were lost or enriched."""

    name: str
    denominators: tuple[str, ...]
    lost: tuple[str, ...]


@cache
def sorts() -> Mapping[str, Sort]:
    """Sorts by each of their spellings, without case, blanks and punctuation."""
    found = {}
    for row in facts("cell_sorts.tsv"):
        made = Sort(
            row["sort"],
            tuple(filter(None, row["denominators"].split(";"))),
            tuple(filter(None, row["lost"].split(";"))),
        )
        for word in (row["sort"], *row["words"].split("|")):
            found[_plain(word)] = made
    return found


def parse_sort(text: str | None) -> Sort:
    """The sort that the samples sheet names; unsorted where it is empty. Raises `InputError` for unknown words."""
    if not text or not text.strip():
        return sorts()["unsorted"]
    known = sorts().get(_plain(text))
    if known is None:
        names = ", ".join(sorted({item.name for item in sorts().values()}))
        raise InputError(
            Problem(
                file="samples",
                column="sort",
                value=text,
                message="is no known sort, so that no share of it can be trusted",
                remedy=f"use one of {names}",
            )
        )
    return known


def _plain(text: str) -> str:
    words = re.sub(r"[-\s_]*(negative|neg|depleted)\b", "-", text.strip().lower())
    words = re.sub(r"[-\s_]*(positive|pos|enriched|selected)\b", "+", words)
    return re.sub(r"[^a-z0-9+-]+|(?<![0-9a])-", "", words)


def compose(
    cells: pd.DataFrame,
    states: pd.DataFrame,
    signatures: Signatures,
    *,
    sample_id: str,
    sort: Sort,
    measurable: Iterable[str],
    assay: str = "scrna",
) -> pd.DataFrame:
    """Rows of COMPOSITION for the whole cells of one sample (doublets and broken cells left out before).

    `cells` has the columns lineage, group and subset, `states` a column of True and False per state that was measured.
    `measurable` names the kinds of which enough genes were measured; others are `not_measurable`.
    """
    lineage = cells["lineage"].to_numpy()
    wholes = {
        "all": np.ones(len(cells), dtype=bool),
        "microenvironment": ~np.isin(lineage, OUTSIDE_MICROENVIRONMENT),
        "t_cells": lineage == "t_cell",
    }
    rows: list[dict[str, Any]] = []
    can = set(measurable)
    for denominator in DENOMINATORS:
        whole = wholes[denominator]
        total = int(whole.sum())
        base: dict[str, Any] = {
            "sample_id": sample_id,
            "assay": assay,
            "denominator": denominator,
            "n_total": total,
        }
        known = denominator in sort.denominators
        enough = total >= MIN_CELLS[denominator]
        for level in KINDS:
            kinds = [kind for kind in signatures.of(level) if _belongs(kind, denominator, signatures)]
            counts = cells.loc[whole, level].value_counts()
            rows += _partition(
                kinds, counts, base, known=known, enough=enough, sort=sort, can=can, signatures=signatures
            )
        if denominator == "all":
            unknown = int((lineage == UNKNOWN).sum())
            rows.append(_row(base, UNKNOWN, "lineage", _status(known=known, enough=enough), unknown))
        for state in signatures.of("state"):
            rows += _state(
                state, states, cells, whole, base, known=known, enough=enough, sort=sort, signatures=signatures
            )
    table = pd.DataFrame(rows, columns=COMPOSITION.names, dtype=object)
    table["told_apart"] = table["cell_type"].map({name: kind.told_apart for name, kind in signatures.by_name.items()})
    return conform(table, COMPOSITION)


def _belongs(kind: Signature, denominator: str, signatures: Signatures) -> bool:
    """Whether a kind is part of a whole; lineages are no part of the T cells."""
    lineage = signatures.lineage(kind.name)
    if denominator == "t_cells":
        return lineage == "t_cell" and kind.kind != "lineage"
    return denominator == "all" or lineage not in OUTSIDE_MICROENVIRONMENT


def _partition(
    kinds: list[Signature],
    counts: pd.Series,
    base: dict[str, Any],
    *,
    known: bool,
    enough: bool,
    sort: Sort,
    can: set[str],
    signatures: Signatures,
) -> list[dict[str, Any]]:
    """Rows of one level; its log-ratio is centred on kinds that any sample of this sort has, so samples compare."""
    number = {kind.name: int(counts.get(kind.name, 0)) for kind in kinds}
    steady = [kind.name for kind in kinds if not kind.rarely_captured and kind.name in can]
    steady = [name for name in steady if signatures.lineage(name) not in sort.lost]
    centre = np.mean([np.log(number[name] + PSEUDOCOUNT) for name in steady]) if steady else np.nan
    rows = []
    for kind in kinds:
        status = _status(
            known=known and signatures.lineage(kind.name) not in sort.lost,
            enough=enough,
            measurable=kind.name in can,
            captured=number[kind.name] > 0 or not kind.rarely_captured,
        )
        clr = float(np.log(number[kind.name] + PSEUDOCOUNT) - centre) if len(steady) > 1 else None
        rows.append(_row(base, kind.name, kind.kind, status, number[kind.name], clr))
    return rows


def _state(
    state: Signature,
    states: pd.DataFrame,
    cells: pd.DataFrame,
    whole: np.ndarray,
    base: dict[str, Any],
    *,
    known: bool,
    enough: bool,
    sort: Sort,
    signatures: Signatures,
) -> list[dict[str, Any]]:
    """Row of a state under one whole, where its gate reaches into it; instead of a log-ratio, log odds in the gate."""
    gate = in_gate(cells, signatures.within(state.gate)) & whole
    lineages = {signatures.lineage(name) for name in signatures.within(state.gate)}
    if base["denominator"] == "t_cells" and "t_cell" not in lineages:
        return []
    if base["denominator"] == "microenvironment" and lineages <= set(OUTSIDE_MICROENVIRONMENT):
        return []
    measured = state.name in states.columns
    count = int((states[state.name].to_numpy() & gate).sum()) if measured else 0
    n_gate = int(gate.sum())
    captured = n_gate > 0 or not all(signatures.by_name[name].rarely_captured for name in lineages)
    status = _status(
        known=known and not lineages <= set(sort.lost), enough=enough, measurable=measured, captured=captured
    )
    odds = float(np.log((count + PSEUDOCOUNT) / (n_gate - count + PSEUDOCOUNT))) if n_gate else None
    return [_row(base, state.name, "state", status, count, odds)]


def _status(*, known: bool, enough: bool, measurable: bool = True, captured: bool = True) -> str:
    if not known:
        return "sorted_out"
    if not measurable:
        return "not_measurable"
    if not enough:
        return "too_few_cells"
    return "measured" if captured else "not_captured"


def _row(
    base: dict[str, Any], name: str, level: str, status: str, count: int, clr: float | None = None
) -> dict[str, Any]:
    measured = status == "measured"
    return {
        **base,
        "cell_type": name,
        "level": level,
        "status": status,
        "n_cells": None if status == "not_measurable" else count,
        "share": count / base["n_total"] if measured and base["n_total"] else None,
        "clr": clr if measured else None,
    }
