"""Arms of a clone by expression: this package's ratios beside infercnvpy's, on simulated clones with known copies.

    python tests/benchmarks/bench_arms.py --reference hca_expression_12_types.csv.gz --patients 20

Both get the same cells and the true lineages, so that only the reading of arms differs: once against the patient's
other lineages, once against its normal plasma cells. Written for each: how well gained and lost arms stand out from the
arms with two copies (AUC over all arms of all patients), agreement of the two within a patient (Spearman's rho), and
processor time. Nothing here is a patient.
"""

import argparse
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from tests.infercnvpy_arms import infercnvpy_arms

from mmrisk.microenvironment.arms import ArmGenes, arm_profile
from mmrisk.microenvironment.malignancy import ambient_soup
from mmrisk.simulate.cells import simulate_marrow
from mmrisk.simulate.patients import random_marrow, random_patient
from mmrisk.simulate.profiles import plain_profiles, reference_profiles


def processor_time() -> float:
    """Seconds of this process and of the workers that infercnvpy starts."""
    return sum(os.times()[:4])


def arms_of(profiles, *, seed: int, n_cells: int) -> pd.DataFrame:
    """One row per arm, reference and method: its value, its true copies."""
    rng = np.random.default_rng([seed, 5])
    patient = random_patient(rng)
    made = simulate_marrow(random_marrow(patient, rng, n_cells=n_cells, share=0.85), profiles, seed=seed)
    symbols, counts, cells = [str(symbol) for symbol in made.genes], made.counts, made.cells
    single, lineage = ~cells["doublet"].to_numpy(), cells["lineage"].to_numpy()
    clone = cells["malignant"].to_numpy() & single
    normal = (lineage == "Plasma") & ~cells["malignant"].to_numpy() & single
    others = {str(name): (lineage == name) & single for name in np.unique(lineage) if name != "Plasma"}
    soup = ambient_soup(counts, symbols, ambient_only=~np.isin(lineage, ["Plasma", "B"]) & single)
    rows = []
    for reference in ("other lineages", "normal plasma cells"):
        own_reference = normal if reference == "normal plasma cells" else np.zeros(len(cells), dtype=bool)
        if reference == "normal plasma cells" and normal.sum() < 40:
            continue
        start = processor_time()
        table = arm_profile(
            counts, ArmGenes.of(symbols), clone=clone, normal_plasma=own_reference, lineages=others, soup=soup
        ).table
        ours, spent = table.set_index("arm")["log2_ratio"], processor_time() - start
        parts = [normal] if reference == "normal plasma cells" else [r for r in others.values() if r.sum() >= 40]
        start = processor_time()
        theirs = infercnvpy_arms(counts, symbols, clone=clone, references=parts)
        times = {"mmrisk": spent, "infercnvpy": processor_time() - start}
        states = table.set_index("arm")["state"]
        for method, values in (("mmrisk", ours), ("infercnvpy", theirs)):
            for arm in ours.index.intersection(theirs.index):
                if arm.startswith(patient.subclone or "-"):
                    continue
                copies = patient.arms.get(arm, 2.0)
                rows.append((seed, reference, method, arm, values[arm], copies, states[arm], times[method]))
    columns = ["patient", "reference", "method", "arm", "value", "copies", "state", "cpu_s"]
    return pd.DataFrame(rows, columns=columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--reference", type=Path, help="CSV of mean expression, genes x types; made-up profiles without"
    )
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--cells", type=int, default=3000)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    profiles = reference_profiles(options.reference) if options.reference else plain_profiles(n_genes=None)
    table = pd.concat([arms_of(profiles, seed=seed, n_cells=options.cells) for seed in range(options.patients)])
    print(f"{options.patients} simulated patients x {options.cells} cells")
    for (reference, method), rows in table.groupby(["reference", "method"], sort=False):
        gained, lost = rows["copies"] > 2, rows["copies"] < 2
        gain = roc_auc_score(gained[~lost], rows.loc[~lost, "value"])
        loss = roc_auc_score(lost[~gained], -rows.loc[~gained, "value"])
        print(
            f"{reference}, {method}: AUC of gains {gain:.3f}, of losses {loss:.3f};"
            f" {rows.groupby('patient')['cpu_s'].first().mean():.2f} s of processor time per patient"
        )
    wide = table.pivot(index=["reference", "patient", "arm"], columns="method", values="value")
    rho = wide.groupby(level=["reference", "patient"]).apply(
        lambda rows: spearmanr(rows["mmrisk"], rows["infercnvpy"])[0]
    )
    print(rho.groupby(level="reference").describe()[["count", "min", "50%"]].round(3).to_string())


if __name__ == "__main__":
    main()
