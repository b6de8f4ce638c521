"""What is tested of the marrow: families of features, each a matrix of samples by features on its own scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmrisk.association.linear import Array
from mmrisk.association.rules import count

LOG_RATIO, SD, LOGIT = "log_ratio", "sd", "logit"
AXIS_MARK = ">"
"""What joins sender and receiver in the `cell_type` of an axis."""
STATE_LEVEL = "state"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing measured of a sample: `signature` and `cell_type` where it is a score of some cells."""

    name: str
    cell_type: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Features that are tested and adjusted together. `values` is samples x features, NaN where not measured.

    `scale` is the unit of effects: log_ratio (natural log of a fold change of the share), sd (standard deviations of
    the feature over the samples) or logit. `unfit` names features that cannot be tested in any contrast, and why.
    """

    name: str
    scale: str
    samples: tuple[str, ...]
    features: tuple[Feature, ...]
    values: Array
    unfit: dict[str, str]

    @property
    def compositional(self) -> bool:
        """Whether effects are relative to those of the other features."""
        return self.scale == LOG_RATIO


def composition_families(composition: pd.DataFrame) -> Iterator[Family]:
    """One family per assay, denominator and level: centred log-ratios of shares (contract COMPOSITION).

    States are shares of their own gate, as log odds: they are not parts of one whole, and have no common reference.
    """
    measured = composition[composition["status"] == "measured"]
    groups = measured.groupby(["assay", "denominator", "level"], sort=True)
    for (assay, denominator, level), rows in groups:
        values = rows.pivot(index="sample_id", columns="cell_type", values="clr").astype(float)
        cells = rows.pivot(index="sample_id", columns="cell_type", values="n_cells").astype(float)
        seen = (cells.reindex(columns=values.columns) > 0).sum()
        rare = seen[(seen < count("seen_patients")) & cells.notna().any()]
        unfit = {str(name): f"seen in {number} samples only" for name, number in rare.items()}
        name = f"composition:{assay}:{denominator}:{level}"
        scale = LOGIT if level == STATE_LEVEL else LOG_RATIO
        yield _family(name, scale, values, [Feature(str(c), str(c)) for c in values.columns], unfit)


def signature_families(signatures: pd.DataFrame) -> Iterator[Family]:
    """One family of signatures per kind of cell, and one of all ligand-receptor axes (contract SIGNATURES)."""
    axis = signatures["cell_type"].str.contains(AXIS_MARK, regex=False)
    for cell_type, rows in signatures[~axis].groupby("cell_type", sort=True):
        values = rows.pivot(index="sample_id", columns="signature", values="mean").astype(float)
        features = [Feature(str(name), str(cell_type), str(name)) for name in values.columns]
        yield _family(f"signatures:{cell_type}", SD, standardised(values), features)
    if axis.any():
        rows = signatures[axis].assign(feature=lambda frame: frame["cell_type"] + "|" + frame["signature"])
        values = rows.pivot(index="sample_id", columns="feature", values="mean").astype(float)
        parts = [str(name).split("|", 1) for name in values.columns]
        named = [Feature("|".join(part), part[0], part[1]) for part in parts]
        yield _family("axes", SD, standardised(values), named)


def target_families(targets: pd.DataFrame) -> Iterator[Family]:
    """Therapy targets on plasma cells: mean expression, and the share of cells without a transcript."""
    if targets.empty:
        return
    mean = targets.pivot(index="sample_id", columns="target", values="mean").astype(float)
    genes = targets.drop_duplicates("target").set_index("target")["gene"]
    named = [Feature(str(target), "plasma", f"gene:{genes[target]}") for target in mean.columns]
    yield _family("targets:mean", SD, standardised(mean), named)
    cells = targets["n_cells"].astype(float)
    without = targets["negative_share"].astype(float) * cells
    logit = targets.assign(logit=np.log((without + 0.5) / (cells - without + 0.5)))
    negative = logit.pivot(index="sample_id", columns="target", values="logit").astype(float)
    yield _family("targets:negative", LOGIT, negative, named)


def families(
    *, composition: pd.DataFrame | None, signatures: pd.DataFrame | None, targets: pd.DataFrame | None
) -> list[Family]:
    """All families of a cohort, sorted by name."""
    found: list[Family] = []
    if composition is not None:
        found += composition_families(composition)
    if signatures is not None:
        found += signature_families(signatures)
    if targets is not None:
        found += target_families(targets)
    return sorted((family for family in found if family.features), key=lambda family: family.name)


def standardised(values: pd.DataFrame) -> pd.DataFrame:
    """Each column in units of its own standard deviation; a constant column stays as it is."""
    spread = values.std(ddof=1)
    return (values - values.mean()) / spread.where(spread > 0, 1.0)


def _family(
    name: str, scale: str, values: pd.DataFrame, features: Sequence[Feature], unfit: dict[str, str] | None = None
) -> Family:
    """A family of a pivoted frame; features without a value or without variation are unfit."""
    matrix = values.to_numpy(dtype=float)
    why = dict(unfit or {})
    for feature, column in zip(features, matrix.T, strict=True):
        known = column[~np.isnan(column)]
        if not len(known):
            why[feature.name] = "not measured in any sample"
        elif np.ptp(known) <= 1e-9 * max(1.0, float(np.abs(known).max())):
            why.setdefault(feature.name, "the same in every sample")
    return Family(name, scale, tuple(map(str, values.index)), tuple(features), matrix, why)
