"""What allele shares add: doubled genomes told from plain ones, purity, and gains of both alleles, on random genomes.

All samples are synthetic (bin level, with heterozygous sites of the same truth): doubled genomes lost and gained arms
before and after the doubling, plain ones are hyperdiploid or not, with losses and subclones of any size.

    python tests/benchmarks/bench_alleles.py --replicates 100
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from mmrisk.copynumber.calls import Assay, call_sample
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.events import ODD_CHROMOSOMES, binomial_interval
from mmrisk.genome import AUTOSOMES, arms
from mmrisk.simulate.bins import simulate_bins, simulate_sites
from mmrisk.simulate.truth import Change, Library, Truth, place_of

BUILD = "GRCh38"
GENOME = (*AUTOSOMES, "X")
LIBRARY = Library(wave=0.01, arm_bias=0.005)
READS_DEPTH = 0.25
"""Depth of the bins (5 million reads of 150 bp); sites are deeper, as in a VCF made from another file."""
LOSSES = ("13", "14", "16q", "8p", "1p", "17p", "4p", "6q", "22", "18")
ASSAY = Assay(sample_id="S", assay_id="a", source="wgs", method="reads_full")


def change(place, copies, minor, fraction=1.0):
    return Change(place_of(place, BUILD), copies, minor, fraction)


def doubled_genome(rng, *, lost_before):
    """Four copies of every arm but of some lost or gained before (by two) or after the doubling (by one)."""
    copies = {arm: (4, 2) for arm, span in arms(BUILD).items() if span.chrom in GENOME}
    free = list(rng.permutation(["1p", "3p", "4p", "5q", "6q", "7q", "8p", "13q", "14q", "16q", "17p", "18q", "22q"]))
    for states, least, most in (((2, 0), lost_before, lost_before + 2), ((3, 1), 3, 6), ((5, 2), 0, 3)):
        for _ in range(rng.integers(least, most + 1) if most > 2 or lost_before else 0):
            if free:
                copies[free.pop()] = states
    return tuple(change(arm, *state) for arm, state in copies.items())


def plain_genome(rng, *, planted=()):
    """Trisomies in two genomes of three, some losses, and subclones of any size."""
    changes = []
    if rng.random() < 2 / 3:
        changes += [change(chrom, 3, 1) for chrom in rng.permutation(ODD_CHROMOSOMES)[: rng.integers(3, 8)]]
    places = list(rng.permutation(LOSSES))
    changes += [change(places.pop(), 1, 0) for _ in range(rng.integers(1, 4))]
    share = rng.uniform(0.2, 0.9)
    changes += [change(places.pop(), 1, 0, share) for _ in range(rng.integers(0, 4))]
    return (*changes, *(change(*one) for one in planted))


def call(changes, *, purity, depth, seed, given=None):
    truth = Truth(depth=READS_DEPTH, purity=purity, chromosomes=GENOME, changes=changes, seed=seed, library=LIBRARY)
    sites = simulate_sites(truth, depth=depth, least=3, correlation=0.005)
    fitted = fit_counts(simulate_bins(truth), purity=given, sites=sites)
    return fitted.purity, {item.event: item for item in call_sample(fitted.profile, assay=ASSAY)}


def rate(hits, number):
    low, high = binomial_interval(hits, number)
    return f"{hits}/{number} [{low:.3f}, {high:.3f}]"


def ploidy(options):
    print("genome\tpurity\tpurity given\tdepth of sites\tread as doubled\tpurity told\tmean error of the purity")
    makers = {
        "doubled, alleles lost before": lambda rng: doubled_genome(rng, lost_before=1),
        "doubled, no allele lost": lambda rng: doubled_genome(rng, lost_before=0),
        "plain": plain_genome,
    }
    for number, (name, make) in enumerate(makers.items()):
        for purity, known in product((0.5, 0.7, 0.9), (False, True)):
            for depth in options.depths:
                found, given = [], purity if known else None
                for k in range(options.replicates):
                    seed = 1_000_000 * number + 10_000 * int(10 * purity) + 1000 * depth + k
                    changes = make(np.random.default_rng(seed))
                    found.append(call(changes, purity=purity, depth=depth, seed=seed, given=given)[0])
                doubled = sum(one.unaltered == 4 for one in found)
                errors = [abs(one.value - purity) for one in found if one.value is not None]
                told = rate(len(errors), len(found))
                error = f"{np.mean(errors):.3f}" if errors else ""
                print(name, purity, known, depth, rate(doubled, len(found)), told, error, sep="\t", flush=True)


def amplification(options):
    print("\n1q of the tumour cells\tpurity\tdepth of sites\tamplification found\tmean error of its share")
    for number, planted in enumerate((("1q", 4, 2, 0.5), ("1q", 4, 2, 0.25), ("1q", 3, 1, 1.0), ("1q", 4, 1, 0.5))):
        for purity in (0.5, 0.7, 0.9):
            for depth in options.depths:
                calls = []
                for k in range(options.replicates):
                    seed = 10_000_000 + 1_000_000 * number + 10_000 * int(10 * purity) + 1000 * depth + k
                    changes = plain_genome(np.random.default_rng(seed), planted=[planted])
                    calls.append(call(changes, purity=purity, depth=depth, seed=seed)[1]["amp_1q21"])
                seen = [one for one in calls if one.state == "present"]
                error = f"{np.mean([abs(one.fraction - planted[3]) for one in seen]):.3f}" if seen else ""
                what = f"{planted[1] - planted[2]} and {planted[2]} in {planted[3]:.0%}"
                print(what, purity, depth, rate(len(seen), len(calls)), error, sep="\t", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=100, help="samples of each kind")
    parser.add_argument("--depths", type=int, nargs="+", default=[12, 30], help="depths of the heterozygous sites")
    options = parser.parse_args()
    ploidy(options)
    amplification(options)
    print("\nall samples are synthetic")


if __name__ == "__main__":
    main()
