"""Overall survival by risk system on real patients: Harrell's C with bootstrap intervals, as a Markdown table.

Run: `MMRISK_REALDATA=/path/to/data python tests/benchmarks/bench_concordance.py`. Prints groups only, never a patient.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "scripts"), str(REPOSITORY / "tests" / "realdata")]
SYSTEMS = ("ISS", "R-ISS", "R2-ISS", "MASS-3", "MASS-4", "IMS-2025", "UK-double-hit", "HRCA")
DRAWS = 2000


def concordance(months: np.ndarray, died: np.ndarray, risk: np.ndarray) -> float:
    """Share of comparable pairs in which the patient of higher risk dies first (ties in risk count half)."""
    from lifelines.utils import concordance_index

    return float(concordance_index(months, -risk, died))


def labels(realdata: Path) -> pd.DataFrame:
    """Wide labels of the patients, one column per system, with survival."""
    import test_stages

    from mmrisk.clinical import read_clinical
    from mmrisk.contracts import EVENTS
    from mmrisk.risk.assign import assign, labels_frame
    from mmrisk.risk.patients import join_patients
    from mmrisk.tables import conform

    sheet = realdata / "snp_array_mm" / "clinical_fish.tsv"
    with tempfile.TemporaryDirectory() as folder:
        columns = Path(folder) / "columns.tsv"
        columns.write_text(test_stages.COLUMN_MAP, encoding="utf-8")
        clinical = read_clinical(sheet, columns=columns)
    centre = pd.read_csv(sheet, sep="\t", dtype=str).set_index("sample_id")
    events = conform(test_stages.fish_events(centre), EVENTS)
    patients = join_patients(events, clinical)
    wide = labels_frame(assign(patients), patients.sample_ids).set_index("sample_id")
    return wide.join(centre[["OS_MONTHS", "OS_EVENT"]].astype(float))


def score(wide: pd.DataFrame, system: str) -> pd.Series:
    """Risk as a number; the 2025 consensus as high risk or not yet shown to be, as SR needs tests not done here."""
    from mmrisk.risk.systems import SYSTEMS as DECLARED

    slug = DECLARED[system].slug
    return (wide[slug] == "HR").astype(float) if system == "IMS-2025" else wide[f"{slug}_code"].astype(float)


def main() -> None:
    """Print the tables."""
    wide = labels(Path(os.environ["MMRISK_REALDATA"]))
    scores = pd.DataFrame({system: score(wide, system) for system in SYSTEMS})
    whole = scores.notna().all(axis=1)
    print(f"{len(wide)} patients; every system determinable in {whole.sum()}.\n")
    print("| system | determinable | groups (n) | C on the same patients | 95 % interval |\n|---|---|---|---|---|")
    months, died = wide.loc[whole, "OS_MONTHS"].to_numpy(), wide.loc[whole, "OS_EVENT"].to_numpy()
    random = np.random.default_rng(20)
    draws = random.integers(0, whole.sum(), (DRAWS, whole.sum()))
    for system in SYSTEMS:
        risk = scores.loc[whole, system].to_numpy()
        drawn = [concordance(months[rows], died[rows], risk[rows]) for rows in draws]
        groups = wide.loc[whole, _slug(system)].value_counts()
        named = ", ".join(f"{label} {count}" for label, count in sorted(groups.items()))
        low, high = np.percentile(drawn, [2.5, 97.5])
        known = (wide[_slug(system)] != "not_evaluable").sum()
        c = concordance(months, died, risk)
        print(f"| {system} | {known} | {named} | {c:.3f} | {low:.3f} to {high:.3f} |")


def _slug(system: str) -> str:
    from mmrisk.risk.systems import SYSTEMS as DECLARED

    return DECLARED[system].slug


if __name__ == "__main__":
    main()
