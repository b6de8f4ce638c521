"""Time of `assign_risk.py` on many made-up patients, tables written; one core.

Run: `python tests/benchmarks/bench_risk.py --patients 100000`. Prints the whole command, its start-up (the same command
on one patient), and the first five systems alone (in process: reading, assigning, writing).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))


def make_events(sample_ids: np.ndarray, path: Path, *, seed: int) -> None:
    """Events of every catalogue entry: 20 % present with a share, 45 % absent, 35 % not known."""
    from mmrisk.contracts import EVENTS
    from mmrisk.events import catalogue
    from mmrisk.tables import write_table

    random = np.random.default_rng(seed)
    events = np.array(list(catalogue()))
    count = len(sample_ids) * len(events)
    draw = random.random(count)
    state = np.select([draw < 0.2, draw < 0.65, draw < 0.8], ["present", "absent", "not_tested"], "not_evaluable")
    frame = pd.DataFrame(
        {
            "sample_id": np.repeat(sample_ids, len(events)),
            "event": np.tile(events, len(sample_ids)),
            "state": state,
            "fraction": np.where(draw < 0.2, random.uniform(0.05, 1, count).round(3), np.nan),
            "tier": np.where(draw < 0.8, "measured", "inferred"),
            "explanation": "made up",
        }
    )
    write_table(frame, EVENTS, path)


def make_clinical(sample_ids: np.ndarray, path: Path, *, seed: int) -> None:
    """Labs of plausible size, a quarter of each missing."""
    random = np.random.default_rng(seed)
    count = len(sample_ids)
    labs = {
        "b2m_mg_l": random.lognormal(1.3, 0.6, count).clip(0.5, 60).round(2),
        "albumin_g_dl": random.normal(3.7, 0.6, count).clip(1.5, 5.5).round(1),
        "ldh_u_l": random.lognormal(5.3, 0.4, count).clip(60, 3000).round(),
        "ldh_uln_u_l": np.full(count, 250),
        "creatinine_mg_dl": random.lognormal(0, 0.4, count).clip(0.4, 12).round(2),
        "calcium_mg_dl": random.normal(9.6, 0.9, count).clip(7, 16).round(1),
        "hb_g_dl": random.normal(11, 2, count).clip(5, 18).round(1),
        "serum_m_g_dl": random.exponential(2.5, count).clip(0, 11).round(2),
        "bmpc_pct": random.uniform(1, 95, count).round(),
        "flc_kappa_mg_l": random.lognormal(4, 1.5, count).clip(1, 20000).round(1),
        "flc_lambda_mg_l": random.lognormal(3, 1, count).clip(1, 20000).round(1),
        "age_years": random.integers(35, 90, count),
        "osteolytic_lesions": random.integers(0, 4, count),
        "focal_lesions_mri": random.integers(0, 3, count),
        "heavy_chain": random.choice(["IgG", "IgA", "none"], count),
        "plasmacytoma": random.choice(["none", "none", "solitary"], count),
        "cpc_pct": random.choice([0, 0, 0, 6], count),
    }
    frame = pd.DataFrame({name: values.astype(str) for name, values in labs.items()})
    frame = frame.mask(random.random(frame.shape) < 0.25, "")
    frame.insert(0, "sample_id", sample_ids)
    frame.to_csv(path, sep="\t", index=False)


def run(folder: Path, out: Path) -> float:
    """Seconds of one run of the command on one core."""
    command = [sys.executable, str(REPOSITORY / "scripts" / "assign_risk.py")]
    command += ["--events", str(folder / "events.tsv"), "--clinical", str(folder / "clinical.tsv")]
    for flag, name in (("--out", "risk.tsv"), ("--labels", "labels.tsv"), ("--to-order", "to_order.tsv")):
        command += [flag, str(out / name)]
    one_core = {"OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, **one_core}, preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    return time.perf_counter() - start


def run_first_five(folder: Path, out: Path) -> float:
    """Seconds to read, assign and write ISS, R-ISS, R2-ISS and the 2025 consensus alone, imports apart."""
    from mmrisk.clinical import read_clinical
    from mmrisk.contracts import RISK, TO_ORDER
    from mmrisk.risk.assign import assign, labels_frame, labels_table, risk_frame, to_order_frame
    from mmrisk.risk.patients import join_patients, read_events
    from mmrisk.risk.systems import needed_events, selected
    from mmrisk.tables import write_table

    os.sched_setaffinity(0, {0})
    start, five = time.perf_counter(), selected()[:5]
    events = read_events(folder / "events.tsv", needed_events(five))
    patients = join_patients(events, read_clinical(folder / "clinical.tsv"))
    assigned, ids = assign(patients, five), patients.sample_ids
    write_table(risk_frame(assigned, ids), RISK, out / "risk5.tsv")
    write_table(labels_frame(assigned, ids), labels_table(five), out / "labels5.tsv")
    write_table(to_order_frame(assigned, ids), TO_ORDER, out / "to_order5.tsv")
    return time.perf_counter() - start


def main() -> None:
    """Make the patients, run the command, print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count, kind in ((0, "start-up"), (options.patients, "all")):
            ids = np.array([f"P{number:07d}" for number in range(max(count, 1))])
            made = folder / kind
            made.mkdir()
            make_events(ids, made / "events.tsv", seed=options.seed)
            make_clinical(ids, made / "clinical.tsv", seed=options.seed)
            print(f"{kind}: {len(ids)} patients in {run(made, made):.1f} s", flush=True)
        print(f"first five systems: {run_first_five(made, made):.1f} s")


if __name__ == "__main__":
    main()
