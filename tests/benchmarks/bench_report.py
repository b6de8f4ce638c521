"""Time and size of the report of a simulated cohort, and the time until its first page answers in Chromium.

Run: `python tests/benchmarks/bench_report.py --patients 1000`. All values are simulated: they mean nothing but work.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "scripts"), str(REPOSITORY / "tests")]
BAR_SECONDS, BAR_MEGABYTES, BAR_INTERACTIVE = 120.0, 3.0, 2.0
READS = 5
"""How often each page is loaded."""


def make_evidence(sample_ids: list[str], random: np.random.Generator) -> pd.DataFrame:
    """FISH and genome of each sample: a tenth of the events is present, one observation in a hundred is wrong."""
    from mmrisk.contracts import EVIDENCE
    from mmrisk.events import catalogue
    from mmrisk.tables import conform, states_at_profile

    everything = [sample + event for sample in sample_ids for event in catalogue()]
    true = {key for key, is_true in zip(everything, random.random(len(everything)) < 0.1, strict=True) if is_true}
    parts = []
    for source, method, basis, tested in (
        ("fish", "enumeration", "sorted_pc", 0.5),
        ("wgs", "segments", "tumour_cells", 0.8),
    ):
        events = [item.id for item in catalogue().values() if item.kind not in ("derived", "target", "clone_note")]
        frame = pd.MultiIndex.from_product([sample_ids, events], names=["sample_id", "event"]).to_frame(index=False)
        frame = frame[random.random(len(frame)) < tested].reset_index(drop=True)
        keys = frame["sample_id"] + frame["event"]
        found = keys.isin(true) ^ (random.random(len(frame)) < 0.01)
        share = np.where(found, random.uniform(0.1, 1, len(frame)), 0.0).round(3)
        frame = frame.assign(
            assay_id=source, source=source, method=method, tier="measured", fraction_basis=basis, fraction=share,
            state=np.where(found, "present", "absent"), fraction_low=(share * 0.8).round(3), locus="1:1-2",
            fraction_high=np.minimum(1, share * 1.2 + 0.01).round(3), detection_limit=0.03, build="GRCh38",
            cell_selection="cd138", purity=0.9, detail="3.01 copies; simulated",
        )  # fmt: skip
        frame["evidence_id"] = frame["sample_id"] + "." + source + "." + frame["event"]
        parts.append(frame)
    evidence = conform(pd.concat(parts), EVIDENCE)
    evidence["state"] = states_at_profile(evidence, "emn2012")
    return evidence


LINEAGES = (
    "t_cell",
    "nk_cell",
    "b_cell",
    "plasma",
    "myeloid",
    "pdc",
    "neutrophil",
    "mast",
    "hspc",
    "erythroid",
    "stromal",
)
SUBSETS = ("cd4_naive", "cd4_memory", "treg", "cd8_naive", "cd8_gzmk", "cd8_cytotoxic", "nk_mature", "mono_cd14")
BINNED = 20
"""Samples with bins: writing them takes longer than the report; the others are given the bins of these."""
PROGRAMMES = 20
"""Programmes of each kind of cell."""


def make_composition(sample_ids: list[str], random: np.random.Generator) -> pd.DataFrame:
    """Shares of lineages and subsets; droplets miss the stromal cells of every sample."""
    parts = []
    for denominator, level, kinds in (
        ("all", "lineage", LINEAGES),
        ("microenvironment", "lineage", tuple(kind for kind in LINEAGES if kind not in ("plasma", "erythroid"))),
        ("microenvironment", "subset", SUBSETS),
    ):
        weights = random.dirichlet(np.linspace(6, 0.4, len(kinds)), len(sample_ids))
        frame = pd.DataFrame(weights.round(4), columns=kinds, index=pd.Index(sample_ids, name="sample_id"))
        long = frame.melt(ignore_index=False, var_name="cell_type", value_name="share").reset_index()
        parts.append(long.assign(denominator=denominator, level=level))
    table = pd.concat(parts).assign(assay="scrna", status="measured", n_total=2000)
    table["n_cells"] = (table["share"] * 2000).round().astype(int)
    table["clr"] = np.log(table["share"] + 1e-3)
    missed = table["cell_type"] == "stromal"
    table.loc[missed, "status"] = "not_captured"
    table.loc[missed, ["share", "clr", "n_cells"]] = np.nan
    return table


def make_cells(sample_ids: list[str], folder: Path, *, seed: int) -> None:
    """Tables of the marrow of every sample."""
    from mmrisk.contracts import CELL_ARMS, CELL_QUALITY, COMPOSITION, IDENTITY, SIGNATURES, TARGETS
    from mmrisk.genome import arms
    from mmrisk.tables import write_table

    random = np.random.default_rng(seed)
    names = [(kind, f"programme_{number}") for kind in LINEAGES[:6] for number in range(PROGRAMMES)]
    grid = pd.MultiIndex.from_tuples(
        [(sample, *name) for sample in sample_ids for name in names], names=["sample_id", "cell_type", "signature"]
    ).to_frame(index=False)
    count = len(sample_ids)
    targets = pd.MultiIndex.from_product(
        [sample_ids, ("BCMA", "GPRC5D", "CD38", "SLAMF7", "FCRL5", "CD138")], names=["sample_id", "target"]
    ).to_frame(index=False)
    quality = {"sample_id": sample_ids, "assay_id": "cells", "n_barcodes": 2300, "n_cells": 2000, "n_doublets": 180}
    quality |= {"unknown_share": random.uniform(0, 0.1, count), "median_genes": 1400, "n_plasma": 300}
    quality |= {"n_malignant": 220, "n_normal": 30, "light_chain": random.choice(["kappa", "lambda"], count)}
    quality |= {"purity": 0.85, "purity_low": 0.8, "purity_high": 0.9}
    arm_names = [arm for arm in arms("GRCh38") if not arm.startswith("Y")]
    of_arms = pd.MultiIndex.from_product([sample_ids, arm_names], names=["sample_id", "arm"]).to_frame(index=False)
    level = random.choice([-0.8, 0, 0, 0, 0, 0.5], len(of_arms)) + random.normal(0, 0.05, len(of_arms))
    of_arms = of_arms.assign(assay_id="cells", log2_ratio=level, low=level - 0.15, high=level + 0.15, n_genes=200)
    of_arms["state"] = np.select([level > 0.3, level < -0.4], ["gain", "loss"], "neutral")
    scored = grid.assign(mean=random.normal(0.5, 0.3, len(grid)), n_cells=120, coverage=0.9)
    shown = targets.assign(
        gene=targets["target"], n_cells=220, mean=random.gamma(2, 0.5, len(targets)), negative_share=0.2
    )
    for frame, table in (
        (make_composition(sample_ids, random), COMPOSITION),
        (scored, SIGNATURES),
        (shown.assign(negative_low=0.15, negative_high=0.26), TARGETS),
        (pd.DataFrame(quality), CELL_QUALITY),
        (of_arms, CELL_ARMS),
        (pd.DataFrame({"sample_id": sample_ids, "verdict": "consistent", "agrees": "arms;sex"}), IDENTITY),
    ):
        write_table(frame, table, folder / f"{table.name}.tsv")


def make_tests(folder: Path, *, seed: int) -> None:
    """Tests of 400 features against 25 factors, some refused, and survival by one system."""
    from mmrisk.contracts import ASSOCIATIONS, KAPLAN_MEIER, SURVIVAL, TRENDS
    from mmrisk.events import catalogue
    from mmrisk.tables import write_table

    random = np.random.default_rng(seed)
    families = [(f"signatures:{kind}", f"programme_{n}") for kind in LINEAGES[:6] for n in range(63)]
    families += [("composition:scrna:microenvironment:lineage", kind) for kind in LINEAGES]
    factors = [event for event in catalogue() if not event.startswith("trisomy")][:25]
    rows = [(*pair, factor) for pair in families for factor in factors]
    frame = pd.DataFrame(rows, columns=["family", "feature", "factor"])
    size = len(frame)
    effect = random.normal(0, 0.3, size).round(3)
    frame = frame.assign(contrast="present against absent", factor_kind="event", status="tested", scale="sd")
    frame = frame.assign(effect=effect, low=effect - 0.4, high=effect + 0.4, p=random.random(size), n_patients=900)
    frame = frame.assign(groups="absent 700;present 200", model="linear", adjusted_for="batch;site", sign_stable=True)
    frame = frame.assign(n_unknown=100, q=np.minimum(1, frame["p"] * 1.5))
    refused = random.random(size) < 0.2
    frame.loc[refused, ["effect", "low", "high", "p", "q"]] = np.nan
    frame.loc[refused, "status"] = "refused"
    frame.loc[refused, "reason"] = "3 patients in a group; 4 are needed"
    steps = pd.DataFrame(families, columns=["family", "feature"]).assign(
        status="tested", effect=0.1, low=-0.1, high=0.3, p=0.4, q=0.6, n_patients=900, groups="MGUS 100;SMM 100;MM 700"
    )
    months = np.tile(np.linspace(0, 120, 121), 3)
    curves = pd.DataFrame({"endpoint": "os", "system": "ISS", "label": np.repeat(["I", "II", "III"], 121)})
    curves = curves.assign(months=months, survival=np.exp(-months / np.repeat([150, 90, 50], 121)), logrank_p=0.001)
    curves = curves.assign(low=curves["survival"] * 0.9, high=np.minimum(1, curves["survival"] * 1.08))
    curves["n_at_risk"] = (300 * curves["survival"]).astype(int)
    model = {"endpoint": "os", "system": "ISS", "model": "label", "term": "label", "status": "tested"}
    model |= {"hazard_ratio": 1.6, "low": 1.2, "high": 2.1, "p": 0.001}
    write_table(frame, ASSOCIATIONS, folder / "associations.tsv")
    write_table(steps, TRENDS, folder / "trends.tsv")
    write_table(curves, KAPLAN_MEIER, folder / "kaplan_meier.tsv")
    write_table(pd.DataFrame([model]), SURVIVAL, folder / "survival.tsv")


def make_bins(sample_ids: list[str], folder: Path, random: np.random.Generator) -> None:
    """30,000 bins of every sample, a file each."""
    from mmrisk.contracts import BINS
    from mmrisk.genome import AUTOSOMES, chrom_lengths
    from mmrisk.tables import write_table

    parts = [
        pd.DataFrame({"chrom": name, "start": np.arange(0, chrom_lengths("GRCh38")[name], 100_000)})
        for name in AUTOSOMES
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.assign(end=frame["start"] + 100_000, assay_id="wgs")
    for sample in sample_ids[:BINNED]:
        copies = random.normal(2, 0.15, len(frame)).clip(0)
        write_table(frame.assign(sample_id=sample, copies=copies), BINS, folder / f"{sample}.wgs.tsv")
    for number, sample in enumerate(sample_ids[BINNED:]):
        for suffix in ("tsv", "parquet"):
            (folder / f"{sample}.wgs.{suffix}").hardlink_to(folder / f"{sample_ids[number % BINNED]}.wgs.{suffix}")


def make_genomes(sample_ids: list[str], folder: Path, *, seed: int) -> None:
    """Segments, purity and a junction of every sample."""
    from mmrisk.contracts import BREAKPOINTS, PURITY, SEGMENTS
    from mmrisk.genome import arms
    from mmrisk.tables import write_table

    random = np.random.default_rng(seed)
    rows = [
        {"sample_id": sample, "assay_id": "wgs", "chrom": span.chrom, "start": start, "end": end, "n_markers": 100}
        for sample in sample_ids
        for span in arms("GRCh38").values()
        for start, end in ((span.start, (span.start + span.end) // 2), ((span.start + span.end) // 2, span.end))
        if span.chrom != "Y"
    ]
    segments = pd.DataFrame(rows)
    segments["copies"] = random.choice([1.1, 2, 2, 2, 2, 2, 2.9], len(segments)) + random.normal(0, 0.02, len(segments))
    segments["minor_copies"] = np.minimum(1, segments["copies"] / 2)
    make_bins(sample_ids, folder / "bins", random)
    fits = {"sample_id": sample_ids, "assay_id": "wgs", "rank": 1, "method": "fitted", "purity": 0.8, "ploidy": 2.1}
    write_table(segments, SEGMENTS, folder / "segments.tsv")
    write_table(pd.DataFrame(fits).assign(purity_low=0.7, purity_high=0.85, score=1), PURITY, folder / "purity.tsv")
    junctions = {"sample_id": sample_ids, "assay_id": "wgs", "event": "t_4_14", "build": "GRCh38", "donor": "IGH"}
    junctions |= {"donor_chrom": "14", "donor_position": 105864299, "partner": "NSD2", "partner_chrom": "4"}
    write_table(
        pd.DataFrame(junctions).assign(partner_position=1871799, support=20), BREAKPOINTS, folder / "breakpoints.tsv"
    )


def make_tables(patients: int, folder: Path, *, seed: int) -> None:
    """Sheets and tables of a cohort, as the workflow would write them."""
    from bench_risk import make_clinical

    from mmrisk import consensus
    from mmrisk.clinical import read_clinical
    from mmrisk.contracts import CONFLICTS, EVENTS, EVIDENCE, RISK, STATUS, TO_ORDER
    from mmrisk.risk.assign import assign, risk_frame, to_order_frame
    from mmrisk.risk.patients import join_patients
    from mmrisk.tables import conform, write_table

    random = np.random.default_rng(seed)
    ids = [f"P{number:04d}" for number in range(patients)]
    samples = {
        "sample_id": ids,
        "patient_id": ids,
        "time_point": "diagnosis",
        "site": random.choice(["A", "B"], patients),
    }
    pd.DataFrame(samples).to_csv(folder / "samples.tsv", sep="\t", index=False)
    make_clinical(np.array(ids), folder / "clinical.tsv", seed=seed)
    evidence = make_evidence(ids, random)
    events, conflicts = consensus.decide(evidence, samples=ids)
    people = join_patients(events, read_clinical(folder / "clinical.tsv"))
    assigned = assign(people)
    for frame, table in (
        (evidence, EVIDENCE),
        (events, EVENTS),
        (conflicts, CONFLICTS),
        (risk_frame(assigned, people.sample_ids), RISK),
        (to_order_frame(assigned, people.sample_ids), TO_ORDER),
        (conform(pd.DataFrame(), STATUS), STATUS),
    ):
        write_table(frame, table, folder / f"{table.name}.tsv")
    make_cells(ids, folder, seed=seed)
    make_genomes(ids, folder, seed=seed)
    make_tests(folder, seed=seed)


def build(folder: Path) -> float:
    """Seconds of the whole command."""
    command = [sys.executable, str(REPOSITORY / "scripts" / "build_report.py"), "--samples", folder / "samples.tsv"]
    command += ["--clinical", folder / "clinical.tsv"]
    for name in (path.stem for path in sorted(folder.glob("*.parquet"))):
        command += [f"--{name.replace('_', '-')}", folder / f"{name}.tsv"]
    command += ["--bins", *sorted((folder / "bins").glob("*.tsv"))]
    command += ["--out", folder / "report/index.html", "--pages", folder / "report/patients"]
    began = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return time.perf_counter() - began


def interactive(report: Path) -> list[tuple[str, float]]:
    """Seconds (slowest of several) until a page is laid out and answers, until a filter and a sort are drawn."""
    from chromium import PROGRAM, browser

    if not PROGRAM:
        return []
    frame = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
    filter_ = (
        "(async () => {const t = performance.now(); const i = document.querySelector('.filter input');"
        f"i.value = 'P00'; i.dispatchEvent(new Event('input')); await {frame}; return performance.now() - t}})()"
    )
    sort = (
        "(async () => {const t = performance.now(); document.querySelectorAll('.matrix .sort')[3].click();"
        f"await {frame}; return performance.now() - t}})()"
    )
    with browser() as opened:
        opened.call("Performance.enable", timeDomain="threadTicks")
        opened.size(width=1300, height=900)
        page = sorted((report / "patients").glob("*.html"))[0]
        first, busy = [], []
        for _ in range(READS):
            first.append(opened.open(report / "index.html"))
            found = {item["name"]: item["value"] for item in opened.call("Performance.getMetrics")["metrics"]}
            busy.append(found["TaskDuration"])
        measured = [
            ("first page", first),
            ("main thread of the first page, processor", busy),
            ("filter", [opened.run(filter_) / 1000]),
            ("sort", [opened.run(sort) / 1000]),
        ]
        measured.append(("page of a sample", [opened.open(page) for _ in range(READS)]))
        if opened.messages:
            raise SystemExit(f"the console says: {opened.messages}")
    return [(name, max(seconds)) for name, seconds in measured]


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to leave tables and report in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "risk.tsv").is_file():
            make_tables(options.patients, folder, seed=options.seed)
        seconds = build(folder)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = folder / "report"
        index = (report / "index.html").stat().st_size / 1e6
        sizes = [path.stat().st_size / 1e3 for path in (report / "patients").glob("*.html")]
        times = interactive(report)
    print(f"{options.patients} simulated patients")
    cpu = used.ru_utime + used.ru_stime
    print(f"report: {seconds:.1f} s ({cpu:.1f} s CPU), {used.ru_maxrss / 1024:.0f} MB; bar {BAR_SECONDS:.0f} s")
    print(f"first page: {index:.2f} MB; bar {BAR_MEGABYTES:.0f} MB")
    print(f"pages of samples: {np.mean(sizes):.0f} kB on average, {max(sizes):.0f} kB at most")
    for name, value in times:
        print(
            f"Chromium, {name}, slowest of its loads: {value:.2f} s"
            + (f"; bar {BAR_INTERACTIVE:.0f} s" if name == "first page" else "")
        )
    slow = [value for name, value in times if name == "first page" and value > BAR_INTERACTIVE]
    return int(seconds > BAR_SECONDS or index > BAR_MEGABYTES or bool(slow))


if __name__ == "__main__":
    raise SystemExit(main())
