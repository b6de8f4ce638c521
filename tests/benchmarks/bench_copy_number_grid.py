"""Specificity, power at the stated limit, shares of determinate calls and errors of clone fractions, on a grid.

All samples are synthetic (bin level): reads x purity x clone x event, with slow waves of coverage, arms that deviate by
0.5 % and overdispersed bins. Every sample carries four clonal trisomies (3, 11, 19, 21), which tell its purity.

    python tests/benchmarks/bench_copy_number_grid.py --nulls 120 --replicates 400 --processes 2
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from mmrisk.copynumber.calls import Assay, call_sample
from mmrisk.copynumber.focal import with_focal_limit
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.events import binomial_interval
from mmrisk.genome import AUTOSOMES
from mmrisk.simulate.bins import simulate_bins
from mmrisk.simulate.truth import Change, Library, Truth, depth_of, place_of
from mmrisk.tables import evidence_frame

GENOME = (*AUTOSOMES, "X")
BACKGROUND = ("3", "11", "19", "21")
PLANTED = {"del_17p": ("17p", 1), "gain_1q21": ("1q", 3), "del_13q": ("13", 1), "trisomy_9": ("9", 3)}
NULL_EVENTS = (
    "gain_1q21", "del_1p32", "del_1p12", "del_13q", "del_14q", "del_16q", "del_17p", "del_8p", "gain_8q24",
    "trisomy_5", "trisomy_7", "trisomy_9", "trisomy_15",
)  # fmt: skip
"""Events that no null sample has; del_11q_birc lies on a chromosome that all gain."""
READS = (1_000_000, 5_000_000, 20_000_000)
PURITIES = (0.5, 0.7, 0.9)
ARM_BIAS = 0.005
"""What whole arms deviate by: what the noise floor of the calls stands for."""
WAVES = (0.0, 0.01, 0.02)
CAPS = ((1_000_000, 0.9), (20_000_000, 0.8))
"""Reads (20 M: 1x) and purity at which the smallest visible clones are promised."""
FRACTIONS = (0.15, 0.3, 0.5, 0.7, 0.9, 1.0)


def sample(task):
    """Call one synthetic sample; `planted` is a clone fraction by event."""
    reads, purity, wave, seed, planted, known = task
    changes = [Change(place_of(chrom, "GRCh38"), 3, 1) for chrom in BACKGROUND]
    for event, fraction in planted.items():
        place, copies = PLANTED[event]
        changes.append(Change(place_of(place, "GRCh38"), copies, copies // 2, fraction))
    truth = Truth(
        depth=depth_of(reads, build="GRCh38", chromosomes=GENOME, read_length=150),
        purity=purity,
        chromosomes=GENOME,
        changes=tuple(changes),
        seed=seed,
        library=Library(wave=wave, arm_bias=ARM_BIAS),
    )
    fitted = fit_counts(simulate_bins(truth), purity=purity if known else None)
    assay = Assay(sample_id="S", assay_id="a", source="wgs", method="reads")
    evidence = call_sample(fitted.profile, assay=assay)
    # power is asked of changes of arms, so at their limit, and not at that of focal losses
    frame = evidence_frame([with_focal_limit(item, fitted) for item in evidence]).set_index("event")
    frame["detection_limit"] = frame.index.map({item.event: item.detection_limit for item in evidence})
    columns = ["state", "fraction", "fraction_low", "fraction_high", "detection_limit"]
    return fitted.purity.value, frame[columns].astype(object).to_dict("index")


def seen(call):
    """Whether a clone was seen, whatever its size."""
    return call["state"] in ("present", "subthreshold") or (call["fraction"] or 0) > 0


def interval(k, n):
    low, high = binomial_interval(k, n)
    return f"{k / n:.4f} [{low:.4f}, {high:.4f}] ({k}/{n})"


def run(pool, tasks):
    return list(pool.map(sample, tasks, chunksize=8))


def nulls_and_power(pool, options):
    print("\nreads\tpurity\twave\tspecificity\tdeterminate\tpurity error\tlimit 17p\tlimit 1q\tpower at the limit")
    wrong = tested = open_ = states = 0
    caught = total = number = 0
    for reads in options.reads:
        for purity in options.purities:
            wave = WAVES[(number := number + 1) % len(WAVES)]
            base = 1_000_000 * number
            null = run(pool, [(reads, purity, wave, base + k, {}, options.known) for k in range(options.nulls)])
            calls = [call[event] for _, call in null for event in NULL_EVENTS]
            false = sum(map(seen, calls))
            settled = sum(call["state"] in ("present", "absent", "subthreshold") for call in calls)
            limits = {
                event: float(np.nanmean([c[event]["detection_limit"] or np.nan for _, c in null])) for event in PLANTED
            }
            found = [value for value, _ in null if value is not None]
            error = np.mean(np.abs(np.array(found) - purity)) if found else np.nan
            at_limit = {event: min(limit, 1.0) for event, limit in limits.items()}
            many = run(
                pool,
                [(reads, purity, wave, base + 50_000 + k, at_limit, options.known) for k in range(options.replicates)],
            )
            power = {event: sum(seen(call[event]) for _, call in many) for event in PLANTED}
            wrong, tested = wrong + false, tested + len(calls)
            if reads >= 5_000_000 and purity >= 0.5:
                open_, states = open_ + settled, states + len(calls)
            caught, total = caught + sum(power.values()), total + len(many) * len(power)
            print(
                f"{reads}\t{purity}\t{wave}\t{1 - false / len(calls):.4f}\t{settled / len(calls):.3f}\t{error:.3f}"
                f"\t{limits['del_17p']:.3f}\t{limits['gain_1q21']:.3f}\t"
                + " ".join(f"{event} {hits / len(many):.3f}" for event, hits in power.items()),
                flush=True,
            )
    print(f"\nspecificity, all nulls: {interval(tested - wrong, tested)}")
    print(f"power at the stated limit, all cells and events: {interval(caught, total)}")
    print(f"determinate at >= 5 M reads and purity >= 0.5: {interval(open_, states)}")


def fractions(pool, options):
    print("\nreads\tpurity\tmean absolute error of del(17p)\tcovered by its interval\tseen")
    errors, covered = [], []
    for reads in options.reads:
        for purity in options.purities:
            tasks = [
                (reads, purity, 0.01, 9_000_000 + 1000 * k + int(100 * f), {"del_17p": f}, options.known)
                for f in FRACTIONS
                for k in range(options.fractions)
            ]
            here, inside = [], []
            for task, (_, calls) in zip(tasks, run(pool, tasks), strict=True):
                call, truth = calls["del_17p"], task[4]["del_17p"]
                if call["fraction"] is None or not call["fraction"] > 0:
                    continue
                here.append(abs(call["fraction"] - truth))
                inside.append(call["fraction_low"] - 1e-9 <= truth <= call["fraction_high"] + 1e-9)
            errors, covered = errors + here, covered + inside
            print(
                f"{reads}\t{purity}\t{np.mean(here):.4f}\t{np.mean(inside):.3f}\t{len(here)}/{len(tasks)}", flush=True
            )
    print(f"\nclone fraction of del(17p): mean absolute error {np.mean(errors):.4f}")
    print(f"intervals that cover it: {interval(sum(covered), len(covered))}")


def caps(pool, options):
    """Largest mean limit of an arm at the two depths and purities for which limits are promised."""
    print("\nreads\tpurity\twave\t" + "\t".join(f"limit {event}" for event in PLANTED))
    for number, (reads, purity) in enumerate(CAPS):
        for wave in WAVES:
            tasks = [
                (reads, purity, wave, 20_000_000 + 100_000 * number + 1000 * int(100 * wave) + k, {}, options.known)
                for k in range(options.caps)
            ]
            calls = [call for _, call in run(pool, tasks)]
            limits = [np.nanmean([call[event]["detection_limit"] or np.nan for call in calls]) for event in PLANTED]
            print(reads, purity, wave, *(f"{limit:.3f}" for limit in limits), sep="\t", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reads", type=int, nargs="+", default=READS)
    parser.add_argument("--purities", type=float, nargs="+", default=PURITIES)
    parser.add_argument("--nulls", type=int, default=120, help="null samples per cell")
    parser.add_argument("--replicates", type=int, default=400, help="samples at the limit per cell")
    parser.add_argument("--fractions", type=int, default=20, help="samples per clone fraction and cell")
    parser.add_argument("--caps", type=int, default=60, help="null samples per cell for the limits that are promised")
    parser.add_argument("--known", action="store_true", help="give the true purity rather than fit it")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    begun = time.time()
    with ProcessPoolExecutor(options.processes) as pool:
        nulls_and_power(pool, options)
        fractions(pool, options)
        caps(pool, options)
    print(f"\n{time.time() - begun:.0f} s with {options.processes} processes; all samples are synthetic")


if __name__ == "__main__":
    main()
