"""How well and how fast single cells are described. Simulated cells throughout; nothing here is a patient.

    python tests/benchmarks/bench_cells.py names --reference hca_expression_12_types.csv.gz
    python tests/benchmarks/bench_cells.py time --reference ... --cells 20000 5000
    python tests/benchmarks/bench_cells.py cohort --reference ... --samples 20 --cells 5000

`names`: F1 of lineages, groups, subsets and of three states (against the simulated programmes) over simulated patients
(ambient 5-20 %, doublets 8 %; only single cells that were kept count); the column told_apart of
resources/signatures.tsv is taken from it (well: 0.8 or more). `time`: CPU seconds and peak memory of describe_cells.py
per sample, and the same on 100 cells, which is start-up. `cohort`: the whole command for many samples, two at a time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPO = Path(__file__).parents[2]
sys.path[:0] = [str(REPO / "scripts"), str(REPO)]


STATES = {"exhausted": "exhausted", "proliferating": "proliferation", "mono_inflammatory": "inflamed"}
"""States and the simulated programmes that should show them."""


def profiles_of(options):
    from mmrisk.simulate.profiles import plain_profiles, reference_profiles

    return reference_profiles(options.reference) if options.reference else plain_profiles(n_genes=3000)


def patient(seed, n_cells):
    import numpy as np

    from mmrisk.simulate.cells import Clone, Marrow

    rng = np.random.default_rng(seed)
    return Marrow(
        n_cells=n_cells,
        plasma_share=rng.uniform(0.05, 0.7),
        ambient=rng.uniform(0.05, 0.2),
        doublets=0.08,
        programmes={"exhausted": 0.1, "interferon": 0.1, "inflamed": 0.1, "proliferation": 0.05},
        clone=Clone(share=rng.uniform(0.3, 0.97), light_chain=str(rng.choice(["kappa", "lambda"]))),
        batch_seed=seed % 4,
    )


def names(options):
    import pandas as pd
    from sklearn.metrics import f1_score
    from tests.marrow_example import as_counts, truth

    from mmrisk.microenvironment.composition import parse_sort
    from mmrisk.microenvironment.describe import Sample, describe_cells
    from mmrisk.microenvironment.signatures import UNKNOWN, bundled
    from mmrisk.simulate.cells import simulate_marrow

    profiles, tables, doublets = profiles_of(options), [], []
    for seed in range(options.samples):
        made = simulate_marrow(patient(seed, options.cells[0]), profiles, seed=seed)
        about = Sample(sample_id=f"S{seed}", assay_id="sc", sort=parse_sort(""))
        found = describe_cells(as_counts(made), about, bundled()).cells.obs
        made.cells.index = made.cells["barcode"]
        known = truth(made.cells).add_prefix("true_")
        known["programme"] = made.cells["programme"]
        levels = ["lineage", "group", "subset", "state"]
        joined = found[[*levels, "doublet"]].astype(dict.fromkeys(levels, str)).join(known)
        joined["made_doublet"] = made.cells["doublet"]
        joined["mixed"] = made.cells["doublet"] & (made.cells["lineage"] != made.cells["partner_lineage"])
        doublets.append(joined)
        tables.append(joined[~joined["doublet"] & ~joined["made_doublet"]])
    cells, droplets = pd.concat(tables), pd.concat(doublets)
    cells.loc[cells["lineage"] == "plasma", "subset"] = "plasma"
    cells.loc[cells["true_lineage"] == "plasma", "true_subset"] = "plasma"  # the simulator does not divide them
    print(f"{options.samples} simulated patients, {len(cells)} single cells that were kept")
    unknown = [(cells[level] == UNKNOWN).mean() for level in ("lineage", "subset")]
    print(f"unknown lineage {unknown[0]:.4f}; unknown subset {unknown[1]:.4f}")
    steps = {kind: bundled().ancestors(kind) for kind in set(cells["true_subset"])}
    cells["true_group"] = cells["true_subset"].map({k: line[1] for k, line in steps.items() if len(line) == 3})
    cells["true_group"] = cells["true_group"].fillna(UNKNOWN)
    for level in ("lineage", "group", "subset"):
        true, called = cells[f"true_{level}"], cells[level]
        kinds = sorted(set(true) - ({UNKNOWN} if level == "group" else set()))
        for average in ("weighted", "macro"):
            print(f"{level} F1 {average}: {f1_score(true, called, labels=kinds, average=average):.4f}")
        named = called != UNKNOWN
        print(f"{level} right of those named: {(true == called)[named].mean():.4f}")
        each = f1_score(true, called, labels=kinds, average=None)
        print("  " + ", ".join(f"{kind} {value:.2f}" for kind, value in zip(kinds, each, strict=True)))
    for state, programme in STATES.items():
        shown = cells["state"].str.split(";").map(lambda names, state=state: state in names)
        print(f"state {state}: F1 {f1_score(cells['programme'] == programme, shown):.2f}")
    print(
        f"doublets of two lineages found {droplets.loc[droplets['mixed'], 'doublet'].mean():.3f};"
        f" single cells called doublets {droplets.loc[~droplets['made_doublet'], 'doublet'].mean():.4f}"
    )


def write_sample(options, seed, n_cells, folder):
    import anndata
    import numpy as np
    import pandas as pd

    from mmrisk.simulate.cells import simulate_marrow

    made = simulate_marrow(patient(seed, n_cells), profiles_of(options), seed=seed)
    path = folder / f"S{seed}.h5ad"
    anndata.AnnData(
        made.counts.astype(np.float32),
        pd.DataFrame(index=made.cells["barcode"].to_numpy()),
        pd.DataFrame(index=made.genes.astype(str)),
    ).write_h5ad(path, compression="lzf")
    return path, made.counts.nnz


def run(path):
    """Describe one file; CPU seconds, wall seconds and peak memory in GB of the process."""
    out = path.with_suffix("")
    flags = [
        "out",
        "cells-out",
        "composition-out",
        "signatures-out",
        "quality-out",
        "targets-out",
        "arms-out",
        "status",
    ]
    words = [w for f in flags for w in (f"--{f}", f"{out}.{f}.h5ad" if f == "cells-out" else f"{out}.{f}.tsv")]
    script = str(REPO / "scripts/describe_cells.py")
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", script, "--counts", str(path), "--sample-id", path.stem, *words],
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, path
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 1e6


def timing(options):
    with tempfile.TemporaryDirectory() as folder:
        print("cells\tvalues\tCPU s\twall s\tpeak GB")
        for n_cells in (100, *options.cells):
            path, values = write_sample(options, 1, n_cells, Path(folder))
            run(path) if n_cells == 100 else None
            cpu, wall, peak = run(path)
            print(f"{n_cells}\t{values}\t{cpu:.1f}\t{wall:.1f}\t{peak:.2f}", flush=True)


def cohort(options):
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_sample(options, seed, options.cells[0], Path(folder))[0] for seed in range(options.samples)]
        begun = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            figures = list(pool.map(run, paths))
        wall = time.monotonic() - begun
        cpu, peaks = sum(figure[0] for figure in figures), sorted((figure[2] for figure in figures), reverse=True)
        print(
            f"{options.samples} samples of {options.cells[0]} cells: {cpu:.0f} CPU s, {wall:.0f} s with two at a time,"
        )
        print(
            f"largest two processes together {sum(peaks[:2]):.2f} GB;"
            f" {1000 * cpu / options.samples / options.cells[0]:.2f} CPU s per 1,000 cells"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("names", "time", "cohort"))
    parser.add_argument("--reference", type=Path, help="mean expression, genes x types; made-up profiles without")
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--cells", type=int, nargs="+", default=[3000])
    options = parser.parse_args()
    {"names": names, "time": timing, "cohort": cohort}[options.what](options)


if __name__ == "__main__":
    main()
