"""False discoveries, power and cost of the association tests on simulated cohorts (all numbers are of simulated data).

    python tests/benchmarks/bench_association.py --cohorts 350            # false discovery rate and power
    python tests/benchmarks/bench_association.py --scale 1000             # run time of a large cohort

For each kind of cohort: patients 20, 40, 80; nothing acts (null), one of two events acts (mixed), and plasma cells
expand and nothing else changes (expansion). The false discovery rate is the mean share of false ones among the hits at
q 0.05, over cohorts and families; its interval is that of the mean over cohorts. Beside it stands the wrong way:
cells as units (a chi-squared test of pooled cells), adjusted in the same manner.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from mmrisk.association.compare import Plan, associate, setting_of
from mmrisk.association.contrasts import adjust
from mmrisk.association.factors import covariate_frame, factors
from mmrisk.association.features import families
from mmrisk.simulate.cohorts import OUTSIDE, SUBSETS, Design, Simulated, simulate

EVENTS = ("gain_1q21", "hyperdiploid")
KINDS = {
    "null": {},
    "mixed": {"acting": EVENTS[:1]},
    "expansion": {"acting": EVENTS[:1], "changed_types": 0, "changed_scores": 0.0, "plasma_effect": 1.5},
}
COVARIATES = ("batch",)
LEVEL = 0.05


def tested(made: Simulated, plan: Plan) -> pd.DataFrame:
    """The associations of a simulated cohort, with the truth."""
    found = families(composition=made.composition, signatures=made.signatures, targets=None)
    every = factors(made.cohort, tiers=pd.DataFrame(), label_tiers={}, allow_inferred=False)
    own = [factor for factor in every if factor.name in EVENTS]
    frame, _ = associate(setting_of(made.cohort, covariate_frame(made.cohort, COVARIATES), own), found, plan)
    frame = frame[frame["status"] == "tested"].copy() if len(frame) else frame
    keys = zip(frame["family"], frame["feature"], frame["factor"], strict=True)
    return frame.assign(real=[key in made.truth for key in keys])


def cells_as_units(made: Simulated) -> pd.DataFrame:
    """The wrong way: each cell an observation, pooled over the patients of a group."""
    from scipy.stats import chi2

    inside = [name for name, (lineage, _) in SUBSETS.items() if lineage not in OUTSIDE]
    counts, rows = made.counts[inside], []
    state = made.cohort.set_index("sample_id")
    for event in EVENTS:
        a = counts[(state[event] == "present").to_numpy()].sum()
        b = counts[(state[event] == "absent").to_numpy()].sum()
        share = (a + b) / (a.sum() + b.sum())
        expected = share * a.sum()
        z = (a - expected) ** 2 / (expected * (1 - share) * b.sum() / (a.sum() + b.sum()))
        for name, value in z.items():
            key = ("composition:scrna:microenvironment:subset", name, event)
            rows.append((*key, float(chi2.sf(value, 1)), key in made.truth))
    frame = pd.DataFrame(rows, columns=["family", "feature", "factor", "p", "real"])
    return frame.assign(q=adjust(frame["p"].to_numpy()))


def proportions(frame: pd.DataFrame) -> Iterator[tuple[str, float, float, float]]:
    """Per family: share of false ones among the hits, power, and share of true nulls with p up to 0.05."""
    for family, rows in frame.groupby("family"):
        hit, real = rows["q"] <= LEVEL, rows["real"]
        false = float((hit & ~real).sum() / max(int(hit.sum()), 1))
        power = float((hit & real).sum() / real.sum()) if real.any() else np.nan
        nominal = float((rows["p"][~real] <= LEVEL).mean()) if (~real).any() else np.nan
        yield str(family), false, power, nominal


def measure(kind: str, patients: int, cohorts: int, seed: int) -> pd.DataFrame:
    """One row per cohort and family."""
    rows = []
    for number in range(cohorts):
        made = simulate(Design(patients=patients, seed=seed + number, events=EVENTS, **KINDS[kind]))
        frame = tested(made, Plan(covariates=COVARIATES, leave_out=False, seed=number))
        if len(frame):
            rows += [(number, *found) for found in proportions(frame)]
        rows += [(number, "cells as units", *found[1:]) for found in proportions(cells_as_units(made))]
    return pd.DataFrame(rows, columns=["cohort", "family", "fdp", "power", "nominal"])


def interval(values: pd.Series) -> str:
    """Mean and its 95 % interval over cohorts."""
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{values.mean():.3f} ({max(values.mean() - half, 0):.3f} to {values.mean() + half:.3f})"


def false_discoveries(options: argparse.Namespace) -> None:
    print("kind\tpatients\tcohorts\tfamily\tfdr (95 % interval)\tpower\tnulls with p <= 0.05")
    everything = []
    for kind in options.kinds:
        for patients in options.patients:
            found = measure(kind, patients, options.cohorts, options.seed)
            ours = found[found["family"] != "cells as units"]
            everything.append(ours.assign(kind=kind, patients=patients))
            for family, rows in [("all families", ours), *found.groupby("family")]:
                by_cohort = rows.groupby("cohort")[["fdp", "power", "nominal"]].mean()
                said = (kind, patients, len(by_cohort), family, interval(by_cohort["fdp"]))
                print(*said, f"{by_cohort['power'].mean():.2f}", f"{by_cohort['nominal'].mean():.3f}", sep="\t")
            sys.stdout.flush()
    both = pd.concat(everything)
    both = both[both["kind"] != "expansion"]
    if len(both):
        by_cohort = both.groupby(["kind", "patients", "cohort"])["fdp"].mean()
        print("null and mixed", "all", len(by_cohort), "all families", interval(by_cohort), sep="\t")


def scale(options: argparse.Namespace) -> None:
    """The two commands, join and association, on tables of a large cohort: user and system seconds, peak memory."""
    import os
    import resource
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        features = write_inputs(folder, options.scale)
        join, test = commands(folder)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        total = 0.0
        for said, command in (("join", join), ("associate", test)):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *command], check=True, env=environment)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            total += spent
            print(f"{said}: {spent:.1f} CPU s, peak so far {after.ru_maxrss / 1e6:.2f} GB", flush=True)
        rows = len(pd.read_parquet(folder / "associations.parquet"))
        print(
            f"{options.scale} patients, {features} features, {rows} rows: {total:.1f} CPU s in all, start-up included"
        )


def write_inputs(folder: Path, patients: int) -> int:
    """Tables of a cohort in a folder, with its number of features."""
    from mmrisk.contracts import COMPOSITION, CONFLICTS, EVENTS, SIGNATURES
    from mmrisk.events import catalogue
    from mmrisk.risk.assign import assign, labels_frame, labels_table
    from mmrisk.risk.patients import join_patients
    from mmrisk.tables import conform, write_table

    types = ("T", "CD8", "NK", "B", "Myeloid", "DC", "HSPC", "Stroma", "CD4", "Erythroid")
    acting = ("gain_1q21", "del_17p", "t_4_14", "t_11_14", "hyperdiploid", "del_13q", "t_14_16", "del_1p32")
    made = simulate(
        Design(patients=patients, batches=6, score_types=types, scores=34, events=acting, acting=acting[:1])
    )
    samples = made.cohort[["sample_id", "patient_id", "day", "batch"]]
    samples.to_csv(folder / "samples.tsv", sep="\t", index=False)
    states = made.cohort.melt("sample_id", list(catalogue()), var_name="event", value_name="state")
    events = conform(states.assign(explanation="simulated"), EVENTS)
    write_table(events, EVENTS, folder / "events.tsv")
    known = join_patients(events, None)
    write_table(labels_frame(assign(known), known.sample_ids), labels_table(), folder / "labels.tsv")
    write_table(conform(pd.DataFrame(), CONFLICTS), CONFLICTS, folder / "conflicts.tsv")
    write_table(made.composition, COMPOSITION, folder / "composition.tsv")
    write_table(made.signatures, SIGNATURES, folder / "signatures.tsv")
    found = families(composition=made.composition, signatures=made.signatures, targets=None)
    return sum(len(family.features) for family in found)


def commands(folder: Path) -> tuple[list[str], list[str]]:
    """Command lines of the join and of the association."""
    scripts = Path(__file__).parents[2] / "scripts"
    names = {name: str(folder / f"{name}.tsv") for name in ("samples", "events", "labels", "conflicts", "cohort")}
    marrow = [word for name in ("composition", "signatures") for word in (f"--{name}", str(folder / f"{name}.tsv"))]
    join = [str(scripts / "join_cohort.py"), *marrow]
    for name in ("samples", "events", "labels", "conflicts"):
        join += [f"--{name}", names[name]]
    join += ["--out", names["cohort"], "--patients", str(folder / "patients.tsv")]
    join += ["--status-out", str(folder / "status.tsv")]
    test = [str(scripts / "associate.py"), "--cohort", names["cohort"], "--events", names["events"], *marrow]
    for flag in ("sensitivity", "trends"):
        test += [f"--{flag}", str(folder / f"{flag}.tsv")]
    return join, [*test, "--out", str(folder / "associations.tsv")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, default=20, help="cohorts of each kind and size")
    parser.add_argument("--patients", type=int, nargs="+", default=[20, 40, 80])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=int, help="time a cohort of so many patients instead")
    options = parser.parse_args()
    scale(options) if options.scale else false_discoveries(options)


if __name__ == "__main__":
    main()
