"""What the clone's expression suggests about its genome, as evidence that never decides alone (tier inferred)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from mmrisk.events import ODD_CHROMOSOMES, Evidence, State, Tier
from mmrisk.gene_places import is_receptor_gene
from mmrisk.microenvironment.arms import ArmProfile
from mmrisk.resource import facts

SOURCE = "scrna"
MIN_CELLS = 50
"""Clone cells from which a pseudobulk speaks."""
RIVAL = 1.0
TOWERS = 5.0
"""How far above the patient's other lineages a target must lie to count as a spike."""
LEAST_LIMIT = 0.01
"""Smallest share of clone cells that any of this claims to have looked for."""
MIN_ODD_TESTED = 4
MIN_TRISOMIES = 2


@dataclass(frozen=True, slots=True)
class Said:
    """Sample, file and selection that every row of evidence names."""

    sample_id: str
    assay_id: str
    cell_selection: str = ""


def arm_evidence(profile: ArmProfile, said: Said) -> Iterator[Evidence]:
    """Copy-number events from the arms of the clone; none where too few cells speak."""
    if profile.n_cells < MIN_CELLS or not len(profile.table):
        return
    arms = profile.table.set_index("arm")
    for fact in facts("cell_arm_events.tsv"):
        names = [name for name in fact["arms"].split(";") if name in arms.index]
        if not names:
            continue
        rows = arms.loc[names]
        state, limit = _state(rows.to_dict("records"), fact)
        numbers = "; ".join(f"{name} {rows.log2_ratio[name]:+.2f} ({rows.low[name]:+.2f} to {rows.high[name]:+.2f})"
                            for name in names)  # fmt: skip
        copies = float(rows["copies"].iloc[0]) if state == State.PRESENT else None
        yield _evidence(
            said,
            fact["event"],
            state,
            "arm_expression",
            f"log2 ratio of {numbers} against {profile.reference}",
            profile.n_cells,
            copies=copies,
            limit=limit,
        )
    yield from _hyperdiploid(arms.to_dict("index"), profile, said)


def _state(rows: Sequence[Mapping[str, float]], fact: Mapping[str, str]) -> tuple[State, float | None]:
    """State of an event by all its arms; the detection limit is the share of cells the arms still leave room for."""
    low, high = fact["copies_low"], fact["copies_high"]

    def fits(row: Mapping[str, float]) -> bool | None:
        if np.isnan(row["copies"]):
            return None
        return row["copies"] >= float(low) if low else row["copies"] <= float(high)

    seen = [fits(row) for row in rows]
    if all(seen):
        return State.PRESENT, None
    if fact["focal"] == "yes" or False not in seen:
        return State.NOT_EVALUABLE, None
    quiet = min((row for row, hit in zip(rows, seen, strict=True) if hit is False), key=lambda row: row["high"])
    per_cell = (float(low) - 2) / 2
    return State.ABSENT, float(np.clip((2 ** quiet["high"] - 1) / per_cell, LEAST_LIMIT, 1.0))


def _hyperdiploid(arms: Mapping[str, Mapping[str, float]], profile: ArmProfile, said: Said) -> Iterator[Evidence]:
    """Hyperdiploidy by the odd chromosomes of which all arms could be read."""
    gained, tested, limits = [], 0, []
    for chrom in ODD_CHROMOSOMES:
        rows = [arms[chrom + letter] for letter in "pq" if chrom + letter in arms]
        if rows and not any(np.isnan(row["copies"]) for row in rows):
            tested += 1
            if all(row["copies"] >= 3 for row in rows):
                gained.append(chrom)
            limits.append(max(LEAST_LIMIT, 2 * (2 ** min(row["high"] for row in rows) - 1)))
    if tested < MIN_ODD_TESTED:
        return
    detail = f"{len(gained)} of {tested} odd chromosomes gained" + (f" ({', '.join(gained)})" if gained else "")
    if len(gained) >= MIN_TRISOMIES:
        state, limit = State.PRESENT, None
    elif tested == len(ODD_CHROMOSOMES) and not gained:
        state, limit = State.ABSENT, float(min(1.0, max(limits)))
    else:
        state, limit = State.NOT_EVALUABLE, None
    yield _evidence(said, "hyperdiploid", state, "arm_expression", detail, profile.n_cells, limit=limit)


def spike_evidence(
    levels: Mapping[str, float], elsewhere: Mapping[str, float], n_cells: int, said: Said
) -> Iterator[Evidence]:
    """Translocations by the level of their target (transcripts in 10,000 of the clone's pseudobulk).

    `elsewhere` is the usual level in the patient's other lineages: a spike must tower above it too, so that data of few
    genes, in which all levels are high, do not show spikes.
    """
    if n_cells < MIN_CELLS:
        return
    for fact in facts("cell_spikes.tsv"):
        level = levels.get(fact["gene"])
        if level is None:
            continue
        detail = f"{fact['gene']} {level:.2f} in 10,000; suggested from {fact['present']}"
        rival = fact["without"]
        if level >= float(fact["present"]):
            state = State.PRESENT
            if level < TOWERS * elsewhere.get(fact["gene"], 0.0):
                state, detail = State.NOT_EVALUABLE, f"{detail}; {elsewhere[fact['gene']]:.2f} in other lineages"
            elif rival and levels.get(rival, 0.0) >= RIVAL:
                state, detail = State.NOT_EVALUABLE, f"{detail}; {rival} {levels[rival]:.2f} is high too"
        else:
            state = State.ABSENT if level <= float(fact["absent"]) else State.NOT_EVALUABLE
        limit = max(LEAST_LIMIT, level / float(fact["present"])) if state == State.ABSENT else None
        yield _evidence(said, fact["event"], state, "target_gene", detail, n_cells, limit=limit)


def pseudobulk_levels(
    counts: sparse.csr_matrix,
    symbols: Sequence[str],
    rows: npt.NDArray[np.int64],
    soup: npt.NDArray[np.float64],
) -> dict[str, float]:
    """Transcripts in 10,000 of each gene over some cells, receptor genes and ambient RNA left out."""
    sums = np.asarray(counts[rows].sum(axis=0), dtype=float).ravel() - len(rows) * soup
    keep = np.array([not is_receptor_gene(symbol) for symbol in symbols])
    own = np.where(keep, np.maximum(sums, 0.0), 0.0)
    return dict(zip(symbols, own / max(own.sum(), 1.0) * 1e4, strict=True))


def _evidence(
    said: Said,
    event: str,
    state: State,
    method: str,
    detail: str,
    n_cells: int,
    *,
    copies: float | None = None,
    limit: float | None = None,
) -> Evidence:
    return Evidence(
        sample_id=said.sample_id,
        assay_id=said.assay_id,
        event=event,
        source=SOURCE,
        method=method,
        tier=Tier.INFERRED,
        state=state,
        copies=copies,
        fraction_basis="tumour_cells",
        detection_limit=limit,
        cell_selection=said.cell_selection,
        support=n_cells,
        detail=detail,
    )
