"""A simulated cohort as the files that the commands read."""

from pathlib import Path

import numpy as np
import pandas as pd

from mmrisk.contracts import COMPOSITION, SIGNATURES
from mmrisk.joined import cohort_table
from mmrisk.risk.engine import NOT_EVALUABLE
from mmrisk.simulate.cohorts import Design, Simulated, simulate
from mmrisk.tables import write_table


def whole_cohort(made: Simulated, **columns: object) -> pd.DataFrame:
    """The simulated cohort with every column of the contract; labels are not evaluable unless given."""
    filled = {}
    for column in cohort_table().columns:
        if column.name in made.cohort or not column.required:
            continue
        filled[column.name] = {"flag": False, "integer": 0}.get(column.kind, NOT_EVALUABLE)
    extra = pd.DataFrame({**filled, **columns}, index=made.cohort.index)
    return pd.concat([made.cohort.drop(columns=list(columns), errors="ignore"), extra], axis=1)


def write_cohort(folder: Path, design: Design, **columns: object) -> dict[str, Path]:
    """Cohort, composition and signatures of a design as tables in a folder."""
    made = simulate(design)
    paths = {name: folder / f"{name}.tsv" for name in ("cohort", "composition", "signatures")}
    write_table(whole_cohort(made, **columns), cohort_table(), paths["cohort"])
    write_table(made.composition, COMPOSITION, paths["composition"])
    write_table(made.signatures, SIGNATURES, paths["signatures"])
    return paths


def survival_times(labels: pd.Series, *, seed: int = 0) -> pd.DataFrame:
    """Outcomes in which each step of the label doubles the hazard (made up)."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(60.0 / 2.0 ** labels.to_numpy(dtype=float))
    last = rng.uniform(12.0, 120.0, len(labels))
    months, event = np.minimum(time, last), time <= last
    return pd.DataFrame({"os_months": months.round(2), "os_event": np.where(event, "yes", "no")})
