"""Plasma cells on simulated marrows: malignant against normal, purity intervals, arms, subclones, swapped samples.

Every number is of simulated cells: `--reference` draws them around a real reference of mean expression (12 types), else
profiles are made up. The cells go through the whole per-sample branch, so that errors of annotation count.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from mmrisk.events import PRIMARY_IG_FUSIONS
from mmrisk.microenvironment.clonality import describe_clonality
from mmrisk.microenvironment.composition import parse_sort
from mmrisk.microenvironment.counts import CellCounts
from mmrisk.microenvironment.describe import Description, Sample, Settings, describe_cells
from mmrisk.microenvironment.identity import compare
from mmrisk.microenvironment.signatures import read_signatures
from mmrisk.resource import facts
from mmrisk.simulate.cells import SimulatedMarrow, simulate_marrow
from mmrisk.simulate.patients import Patient, random_marrow, random_patient
from mmrisk.simulate.profiles import Profiles, plain_profiles, reference_profiles
from mmrisk.tables import evidence_frame

RECEPTOR_SEGMENTS = ("IGKV", "IGLV", "IGHV")


def described(made: SimulatedMarrow, *, name: str, without: tuple[str, ...] = (), scrublet: bool = True) -> Description:
    """A simulated sample through the whole branch, on genes that do not start with `without`."""
    kept = [n for n, symbol in enumerate(made.genes) if not (without and symbol.startswith(without))]
    genes = pd.DataFrame({"gene_id": ""}, index=pd.Index(made.genes[kept].astype(str)))
    counts = CellCounts(
        counts=made.counts[:, kept].tocsr(), barcodes=made.cells["barcode"].to_numpy(), genes=genes, layer="X"
    )
    sample = Sample(sample_id=name, assay_id="cells", sort=parse_sort(""))
    return describe_cells(counts, sample, read_signatures(), settings=Settings(scrublet=scrublet))


def truth_of(made: SimulatedMarrow, description: Description) -> pd.DataFrame:
    """Truth of the cells that were kept and named plasma cells, with their probability and call."""
    obs = description.cells.obs
    truth = made.cells.set_index("barcode").loc[obs.index]
    joined = truth.assign(probability=obs["malignant_probability"], call=obs["plasma_call"].astype(str))
    return joined[joined["probability"].notna() & (joined["lineage"] == "Plasma") & ~joined["doublet"]]


def malignant_or_normal(profiles: Profiles, *, n_samples: int, n_cells: int, seed: int, scrublet: bool) -> None:
    rows = []
    for number in range(n_samples):
        rng = np.random.default_rng([seed, 1, number])
        patient = random_patient(rng)
        made = simulate_marrow(random_marrow(patient, rng, n_cells=n_cells), profiles, seed=seed + number)
        for data, without in (("all genes", ()), ("no V segments", RECEPTOR_SEGMENTS), ("no immunoglobulin", ("IG",))):
            if data != "all genes" and number >= n_samples // 2:
                continue
            start = time.process_time()
            description = described(made, name="S", without=without, scrublet=scrublet)
            spent = time.process_time() - start
            cells = truth_of(made, description)
            arms = description.arms.set_index("arm")
            told = {arm: "gain" if copies > 2 else "loss" for arm, copies in patient.arms.items() if arm in arms.index}
            hidden = patient.subclone
            quiet = arms.drop(index=[*told, *([hidden] if hidden in arms.index else [])])
            quality = description.quality.iloc[0]
            rows.append(
                {
                    "data": data,
                    "auc": roc_auc_score(cells["malignant"], cells["probability"]),
                    "undetermined": (cells["call"] == "undetermined").mean(),
                    "right_of_called": (
                        (cells["call"] == "malignant") == cells["malignant"]
                    )[cells["call"] != "undetermined"].mean(),
                    "arms_found": np.mean([arms.loc[a, "state"] == way for a, way in told.items()]) if told else np.nan,
                    "arms_invented": quiet["state"].isin(["gain", "loss"]).mean(),
                    "subclone_found": float(hidden in str(quality["subclones"])) if hidden else np.nan,
                    "subclone_invented": np.nan if hidden else float(pd.notna(quality["subclones"])),
                    "own_reference": float((description.arms["reference"] == "normal plasma cells").all()),
                    "cpu_s": spent,
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    print(f"\nmalignant against normal plasma cells, {n_samples} simulated patients x {n_cells} cells (others: half)")
    print(table.groupby("data").mean(numeric_only=True).round(4).T.to_string())
    print("lowest AUC of a patient:", table.groupby("data")["auc"].min().round(4).to_dict())


def _purity(
    made: SimulatedMarrow, rng: np.random.Generator, *, without: tuple[str, ...], annotate: bool
) -> tuple[float, float, float]:
    """Bounds and mean of a sample's purity, on annotated cells, or on true lineages with two in five doublets."""
    if annotate:
        quality = described(made, name="S", without=without, scrublet=False).quality.iloc[0].astype(object)
        row = [quality[name] for name in ("purity_low", "purity", "purity_high")]
        return tuple(np.nan if pd.isna(value) else float(value) for value in row)  # type: ignore[return-value]
    kept = [
        n for n, symbol in enumerate(made.genes) if symbol.startswith("IG") and not symbol.startswith(without or ("?",))
    ]
    usable = (~made.cells["doublet"] | (rng.random(len(made.cells)) < 0.4)).to_numpy()
    lineage = made.cells["lineage"].to_numpy()
    found = describe_clonality(
        made.counts[:, kept],
        list(made.genes[kept]),
        plasma=(lineage == "Plasma") & usable,
        ambient_only=~np.isin(lineage, ["Plasma", "B"]) & usable,
    ).purity
    return found.low, found.mean, found.high


def purity_coverage(profiles: Profiles, *, n_samples: int, n_cells: int, seed: int, annotate: bool) -> None:
    rows = []
    for number in range(n_samples):
        rng = np.random.default_rng([seed, 2, number])
        share = float(rng.random())
        made = simulate_marrow(
            random_marrow(random_patient(rng), rng, n_cells=n_cells, share=share), profiles, seed=seed + 5000 + number
        )
        for data, without in (("all genes", ()), ("no V segments", RECEPTOR_SEGMENTS)):
            low, mean, high = _purity(made, rng, without=without, annotate=annotate)
            if not np.isnan(mean):
                rows.append((data, low <= share <= high, high - low, abs(mean - share)))
    table = pd.DataFrame(rows, columns=["data", "coverage", "width", "error"])
    print(
        f"\npurity, {n_samples} simulated samples x {n_cells} cells, purity uniform from 0 to 1,"
        f" {'annotated' if annotate else 'true'} lineages"
    )
    found = table.groupby("data").agg(
        samples=("coverage", "size"), coverage=("coverage", "mean"), width=("width", "mean"), error=("error", "mean")
    )
    print(found.round(3).to_string())


def swaps(profiles: Profiles, *, n_patients: int, n_cells: int, n_cohorts: int, seed: int) -> None:
    """Cells of each patient are described once; each cohort then exchanges other samples and forgets other tests."""
    patients, found = [], []
    for number in range(n_patients):
        rng = np.random.default_rng([seed, 3, number])
        patients.append(random_patient(rng))
        made = simulate_marrow(random_marrow(patients[-1], rng, n_cells=n_cells), profiles, seed=seed + 9000 + number)
        found.append(described(made, name=f"P{number:02d}", scrublet=False))
    names, results = [f"P{number:02d}" for number in range(n_patients)], []
    for cohort in range(n_cohorts):
        rng = np.random.default_rng([seed, 4, cohort])
        chosen = rng.permutation(n_patients)[:6].reshape(-1, 2)
        source = np.arange(n_patients)
        for one, two in chosen:
            source[[one, two]] = source[[two, one]]
        verdicts = compare(**_cohort(names, patients, found, source, rng))
        told = [_distinguishable(patients[n], patients[source[n]]) for n in range(n_patients)]
        results.append(verdicts.assign(swapped=source != np.arange(n_patients), told=told,
                                       right=[names[s] for s in source], cohort=cohort))  # fmt: skip
    table = pd.concat(results)
    swapped = table[table["swapped"]]
    apart = swapped[swapped["told"]]
    said = ["swapped", "conflict"]
    flagged = apart[apart["verdict"].isin(said)]
    false = table[~table["swapped"] & table["verdict"].isin(said)]
    print(
        f"\nswaps, {n_cohorts} cohorts of {n_patients} simulated patients, 3 exchanges each, a fifth of tests unknown"
    )
    print(
        f"distinguishable swapped samples flagged: {len(flagged)} of {len(apart)} ({len(flagged) / len(apart):.3f}),"
        f" {(flagged['verdict'] == 'conflict').sum()} of them as a conflict of one feature"
    )
    print(f"of these with the right patient named: {(flagged['better_match'] == flagged['right']).mean():.3f}")
    print(f"swapped with patients alike: {len(swapped) - len(apart)}, flagged "
          f"{swapped[~swapped['told']]['verdict'].isin(said).sum()}")  # fmt: skip
    print(f"false: {len(false)} in {n_cohorts} cohorts, most in one cohort "
          f"{false.groupby('cohort').size().max() if len(false) else 0}")  # fmt: skip
    print("others:", table[~table["swapped"]]["verdict"].value_counts().to_dict())
    missed = apart[~apart["verdict"].isin(said)]
    print(missed[["sample_id", "right", "verdict", "agrees", "disagrees", "detail"]].head(8).to_string())


def _distinguishable(one: Patient, two: Patient) -> bool:
    """Whether two patients differ in sex, light chain, fusion or at least two arms."""
    arms = {arm for arm in {*one.arms, *two.arms} if one.arms.get(arm) != two.arms.get(arm)}
    return one.sex != two.sex or one.light_chain != two.light_chain or one.fusion != two.fusion or len(arms) >= 2


def _cohort(
    names: list[str], patients: list[Patient], found: list[Description], source: np.ndarray, rng: np.random.Generator
) -> dict[str, object]:
    """Tables of a cohort in which sample i bears the cells of patient source[i]; a fifth of its tests is missing."""
    events = []
    for name, patient in zip(names, patients, strict=True):
        for fact in facts("cell_arm_events.tsv"):
            low, high = fact["copies_low"], fact["copies_high"]
            copies = [patient.arms.get(arm, 2.0) for arm in fact["arms"].split(";")]
            has = all(c >= float(low) if low else c <= float(high) for c in copies)
            events.append((name, fact["event"], has))
        events += [(name, event, patient.fusion == event) for event in PRIMARY_IG_FUSIONS]
    frame = pd.DataFrame(events, columns=["sample_id", "event", "has"])
    frame["state"] = np.where(frame["has"], "present", "absent")
    frame["tier"] = "measured"
    parts = {"quality": [], "arms": [], "spikes": []}
    for name, origin in zip(names, source, strict=True):
        one = found[origin]
        parts["quality"].append(one.quality.assign(sample_id=name))
        parts["arms"].append(one.arms.assign(sample_id=name))
        parts["spikes"].append(evidence_frame(one.evidence).assign(sample_id=name))
    return {
        "samples": pd.DataFrame({"sample_id": names, "patient_id": names, "sex": [p.sex for p in patients]}),
        "chains": {n: p.light_chain for n, p in zip(names, patients, strict=True) if rng.random() > 0.2},
        "events": frame[rng.random(len(frame)) > 0.2],
        **{name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, help="CSV of mean expression, genes x cell types")
    parser.add_argument(
        "--parts", nargs="+", choices=("calls", "purity", "swaps"), default=["calls", "purity", "swaps"]
    )
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--cells", type=int, default=3000)
    parser.add_argument("--purity-samples", type=int, default=300)
    parser.add_argument("--cohorts", type=int, default=20)
    parser.add_argument("--annotate", action="store_true", help="purity on annotated cells (four times slower)")
    parser.add_argument("--no-scrublet", action="store_true", help="doublets by conflicting lineages only, quicker")
    parser.add_argument("--swap-cells", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    profiles = reference_profiles(options.reference) if options.reference else plain_profiles(n_genes=None)
    if "calls" in options.parts:
        malignant_or_normal(
            profiles,
            n_samples=options.patients,
            n_cells=options.cells,
            seed=options.seed,
            scrublet=not options.no_scrublet,
        )
    if "purity" in options.parts:
        purity_coverage(
            profiles, n_samples=options.purity_samples, n_cells=500, seed=options.seed, annotate=options.annotate
        )
    if "swaps" in options.parts:
        swaps(profiles, n_patients=40, n_cells=options.swap_cells, n_cohorts=options.cohorts, seed=options.seed)


if __name__ == "__main__":
    main()
