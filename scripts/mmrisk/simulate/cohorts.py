"""Cohorts with known answers: counted cells, scored programmes, events; batches shift, and some types change.

Counts are Dirichlet-multinomial: the shares of a patient scatter about those of the cohort far more than the number of
counted cells would make them, which is what makes cells the wrong unit. All numbers are made up.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.events import State, catalogue
from mmrisk.joined import SAMPLE_COLUMNS

Array = npt.NDArray[np.float64]
SUBSETS = {
    "CD4_naive": ("t_cell", 0.10),
    "CD4_memory": ("t_cell", 0.10),
    "Treg": ("t_cell", 0.02),
    "CD8_naive": ("t_cell", 0.05),
    "CD8_effector": ("t_cell", 0.09),
    "CD8_exhausted": ("t_cell", 0.02),
    "gdT": ("t_cell", 0.01),
    "NK_dim": ("nk_cell", 0.06),
    "NK_bright": ("nk_cell", 0.015),
    "B_pro": ("b_cell", 0.03),
    "B_naive": ("b_cell", 0.04),
    "B_memory": ("b_cell", 0.02),
    "Mono_CD14": ("myeloid", 0.12),
    "Mono_CD16": ("myeloid", 0.03),
    "Macrophage": ("myeloid", 0.02),
    "cDC": ("dendritic_cell", 0.015),
    "pDC": ("dendritic_cell", 0.01),
    "HSPC": ("progenitor", 0.03),
    "MSC": ("stroma", 0.005),
    "Erythroblast": ("erythroid", 0.12),
    "Plasma_cell": ("plasma", 0.095),
}
"""Kinds of cells, their lineage and a share of marrow mononuclear cells of the right order (made up)."""
OUTSIDE = ("erythroid", "plasma")
"""Lineages that the denominator `microenvironment` leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a simulated cohort is like; effects are on natural-log abundance, or in standard deviations of a score."""

    patients: int = 40
    seed: int = 0
    events: tuple[str, ...] = ("gain_1q21", "hyperdiploid")
    acting: tuple[str, ...] = ()
    """Events that change cells and scores; the others change nothing."""
    prevalence: float = 0.4
    changed_types: int = 3
    cell_effect: float = 1.0
    changed_scores: float = 0.1
    score_effect: float = 1.0
    plasma_effect: float = 0.0
    """Expansion of plasma cells with every acting event."""
    concentration: float = 60.0
    cells: float = 3000.0
    batches: int = 3
    batch_effect: float = 0.4
    unknown: float = 0.1
    score_types: tuple[str, ...] = ("t_cell", "NK", "Myeloid")
    scores: int = 15
    samples_per_patient: int = 1


@dataclass(frozen=True, slots=True)
class Simulated:
    """Tables of a simulated cohort, and its truth: (family, feature, factor) that really differ."""

    cohort: pd.DataFrame
    composition: pd.DataFrame
    signatures: pd.DataFrame
    truth: frozenset[tuple[str, str, str]]
    counts: pd.DataFrame
    """Cells per sample and kind, for what treats cells as units."""


def simulate(design: Design) -> Simulated:
    """A cohort; the same design gives the same cohort."""
    rng = np.random.default_rng(design.seed)
    n = design.patients * design.samples_per_patient
    patient = np.repeat(np.arange(design.patients), design.samples_per_patient)
    batch = rng.integers(0, design.batches, design.patients)[patient]
    lean = np.linspace(-0.5, 0.5, design.batches)[batch] if design.batches > 1 else np.zeros(n)
    states = {}
    for event in design.events:
        chance = np.clip(design.prevalence * (1 + lean), 0.02, 0.98)  # events are commoner in later batches
        states[event] = (rng.random(n) < chance)[patient * design.samples_per_patient]
    cohort = _cohort(design, patient, batch, states, rng)
    samples = cohort["sample_id"].to_numpy(dtype=object)
    counts, composition, truth = _composition(design, samples, batch, states, rng)
    signatures, scored = _signatures(design, samples, patient, batch, states, rng)
    return Simulated(cohort, composition, signatures, frozenset(truth | scored), counts)


def _cohort(
    design: Design,
    patient: npt.NDArray[np.intp],
    batch: npt.NDArray[np.int64],
    states: dict[str, npt.NDArray[np.bool_]],
    rng: np.random.Generator,
) -> pd.DataFrame:
    n = len(patient)
    visit = np.arange(n) % design.samples_per_patient
    frame = pd.DataFrame({name: pd.Series([None] * n, dtype=object) for name in SAMPLE_COLUMNS})
    frame["sample_id"] = [f"P{p:04d}_{v}" for p, v in zip(patient, visit, strict=True)]
    frame["patient_id"] = [f"P{p:04d}" for p in patient]
    frame["day"] = visit * 100
    frame["batch"] = [f"batch{b}" for b in batch]
    made = {event: np.full(n, str(State.NOT_TESTED), dtype=object) for event in catalogue()}
    for event, present in states.items():
        made[event] = np.where(present, str(State.PRESENT), str(State.ABSENT)).astype(object)
        made[event][rng.random(n) < design.unknown] = str(State.NOT_EVALUABLE)
    return pd.concat([frame, pd.DataFrame(made)], axis=1)


def _composition(
    design: Design,
    samples: npt.NDArray[np.object_],
    batch: npt.NDArray[np.int64],
    states: dict[str, npt.NDArray[np.bool_]],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame, set[tuple[str, str, str]]]:
    names = list(SUBSETS)
    base = np.array([share for _, share in SUBSETS.values()])
    shift = rng.normal(0.0, design.batch_effect, (design.batches, len(names)))[batch]
    changed: dict[str, Array] = {}
    for event in design.events:
        effect = np.zeros(len(names))
        if event in design.acting:
            inside = [i for i, name in enumerate(names) if SUBSETS[name][0] not in OUTSIDE]
            chosen = rng.choice(inside, size=design.changed_types, replace=False)
            effect[chosen] = design.cell_effect * rng.choice([-1.0, 1.0], size=len(chosen))
            effect[names.index("Plasma_cell")] = design.plasma_effect
        changed[event] = effect
        shift = shift + states[event][:, None] * effect
    expected = base * np.exp(shift)
    expected /= expected.sum(axis=1, keepdims=True)
    drawn = rng.gamma(np.maximum(expected * design.concentration, 1e-3))
    drawn /= drawn.sum(axis=1, keepdims=True)
    total = np.maximum(rng.lognormal(np.log(design.cells), 0.5, len(samples)), 300).astype(int)
    counts = pd.DataFrame(rng.multinomial(total, drawn), index=samples, columns=names)
    return counts, composition_of(counts), _truth(changed, base)


def composition_of(counts: pd.DataFrame) -> pd.DataFrame:
    """Composition table (contract COMPOSITION) of counted subsets: both levels, every denominator."""
    tables = []
    lineage = {name: about[0] for name, about in SUBSETS.items()}
    by_lineage = counts.T.groupby(lineage, sort=True).sum().T
    inside = [name for name in counts if lineage[name] not in OUTSIDE]
    for denominator, level, part in (
        ("all", "lineage", by_lineage),
        ("all", "subset", counts),
        ("microenvironment", "lineage", by_lineage.drop(columns=list(OUTSIDE))),
        ("microenvironment", "subset", counts[inside]),
        ("t_cells", "subset", counts[[name for name in counts if lineage[name] == "t_cell"]]),
    ):
        logs = np.log(part + 0.5)
        total = part.sum(axis=1)
        made = part.stack().rename_axis(["sample_id", "cell_type"]).rename("n_cells").reset_index()
        made["clr"] = logs.sub(logs.mean(axis=1), axis=0).stack().to_numpy()
        made["n_total"] = total.reindex(made["sample_id"]).to_numpy()
        made["share"] = made["n_cells"] / made["n_total"].where(made["n_total"] > 0)
        tables.append(made.assign(assay="scrna", denominator=denominator, level=level, status="measured"))
    return pd.concat(tables, ignore_index=True)


def _truth(changed: dict[str, Array], base: Array) -> set[tuple[str, str, str]]:
    """Types whose absolute number really changes, in every family in which they stand."""
    names, found = list(SUBSETS), set()
    for event, effect in changed.items():
        for name, value in zip(names, effect, strict=True):
            lineage = SUBSETS[name][0]
            if value == 0:
                continue
            families = ["all:subset", *(["microenvironment:subset"] if lineage not in OUTSIDE else [])]
            families += ["t_cells:subset"] if lineage == "t_cell" else []
            found |= {(f"composition:scrna:{family}", name, event) for family in families}
            families = ["all:lineage", *(["microenvironment:lineage"] if lineage not in OUTSIDE else [])]
            found |= {(f"composition:scrna:{family}", lineage, event) for family in families}
    return found


def _signatures(
    design: Design,
    samples: npt.NDArray[np.object_],
    patient: npt.NDArray[np.intp],
    batch: npt.NDArray[np.int64],
    states: dict[str, npt.NDArray[np.bool_]],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, set[tuple[str, str, str]]]:
    """Scores with two programmes in common, heavy tails, batch shifts and effects; some patients lack the cells."""
    tables, truth = [], set()
    n = len(samples)
    for cell_type in design.score_types:
        names = [f"score_{number:02d}" for number in range(design.scores)]
        programme = rng.normal(size=(int(patient.max()) + 1, 2))[patient] @ rng.normal(0.0, 0.5, (2, design.scores))
        own = rng.standard_t(6, (n, design.scores))
        shift = rng.normal(0.0, design.batch_effect, (design.batches, design.scores))[batch]
        values = programme + own + shift
        for event in design.acting:
            hit = rng.random(design.scores) < design.changed_scores
            values += states[event][:, None] * hit * design.score_effect * rng.choice([-1.0, 1.0], design.scores)
            truth |= {(f"signatures:{cell_type}", name, event) for name, yes in zip(names, hit, strict=True) if yes}
        values[rng.random(n) < 0.05] = np.nan
        made = pd.DataFrame(values, index=samples, columns=names).stack(future_stack=True)
        made = made.rename_axis(["sample_id", "signature"]).rename("mean").reset_index()
        tables.append(made.assign(cell_type=cell_type, n_cells=100, coverage=1.0))
    return pd.concat(tables, ignore_index=True), truth
