"""Profiles of real arrays seen through reads (counts are synthetic): the events must be those of the segments."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mmrisk.copynumber.bias import segmented, usable_bins
from mmrisk.copynumber.calls import Assay, call_sample
from mmrisk.copynumber.focal import with_focal_limit
from mmrisk.copynumber.profile import make_profile
from mmrisk.copynumber.read_profile import fit_bins
from mmrisk.genome import AUTOSOMES, CHROMOSOMES
from mmrisk.simulate.bins import simulate_bins
from mmrisk.simulate.truth import Truth
from mmrisk.tables import evidence_frame

PURITY = 0.8
DETERMINATE = ("present", "absent", "subthreshold")
ASSAY = Assay(sample_id="S", assay_id="a", source="wgs", method="reads", cell_selection="cd138")


@pytest.fixture(scope="module")
def patients(realdata):
    path = realdata / "snp_array_mm" / "segments_hg19.tsv.gz"
    if not path.is_file():
        pytest.skip("snp_array_mm is not there")
    table = pd.read_csv(path, sep="\t", dtype={"chrom": str, "sample_id": str})
    table = table[table["chrom"].isin(AUTOSOMES)]
    table["start"] -= 1
    order = {chrom: number for number, chrom in enumerate(CHROMOSOMES)}
    table = table.sort_values(["sample_id", "chrom", "start"], key=lambda c: c.map(order) if c.name == "chrom" else c)
    return {name: rows.reset_index(drop=True) for name, rows in table.groupby("sample_id")}


def states(profile, fitted=None):
    """State of each event at the default cut-offs; with what was fitted of reads, as far as focal losses are seen."""
    evidence = call_sample(profile, assay=ASSAY)
    if fitted is not None:
        evidence = [with_focal_limit(item, fitted) for item in evidence]
    return evidence_frame(evidence).set_index("event")["state"].to_dict()


def as_reads(rows, seed):
    """Counts at 1x of a genome with these copies in its tumour cells."""
    truth = Truth(build="GRCh37", chromosomes=AUTOSOMES, depth=1.0, purity=PURITY, seed=seed)
    counts = simulate_bins(truth, dispersion=0.0)
    copies = np.full(len(counts.kept), np.nan)
    for chrom, here in rows.groupby("chrom"):
        bins = np.flatnonzero(counts.chrom == CHROMOSOMES.index(chrom))
        middle = (counts.start[bins] + counts.end[bins]) / 2
        which = np.clip(np.searchsorted(here["start"].to_numpy(), middle, "right") - 1, 0, len(here) - 1)
        copies[bins] = here["copies"].to_numpy()[which]
    copies = np.nan_to_num(copies, nan=2.0)
    rng = np.random.default_rng([seed, 3])
    mean = counts.kept.astype(float)
    mean[:] = np.median(mean[mean > 0]) * (mean > 0) * (2 * (1 - PURITY) + PURITY * copies) / 2
    mean *= rng.gamma(1 / 0.02**2, 0.02**2, len(mean))
    return replace(counts, kept=rng.poisson(mean))


@pytest.mark.slow
def test_events_from_reads_are_those_of_the_segments(patients):
    same, differing, open_ = 0, Counter(), 0
    for seed, rows in enumerate(patients.values()):
        # whole copies of the fit: what the array noise adds is no truth
        rows = rows.assign(copies=(rows["major"] + rows["minor"]).astype(float), n_markers=np.nan)
        rows = rows.assign(major_copies=np.nan, minor_copies=np.nan)
        profile = make_profile(rows, build="GRCh37", purity_corrected=True)
        # a genome and its double look the same to reads; only profiles around two copies can be compared
        if profile.problem or round(profile.baseline) != 2:
            continue
        truth = states(replace(profile, noise=0.04, marker_noise=0.0, rounded=False))
        fitted = fit_bins(segmented(usable_bins(as_reads(rows, seed))), purity=PURITY)
        found = states(fitted.profile, fitted)
        for event, state in truth.items():
            if state not in DETERMINATE:
                continue
            if found[event] not in DETERMINATE:
                open_ += 1
            elif (state == "present") == (found[event] == "present"):
                same += 1
            else:
                differing[event] += 1
    wrong = sum(differing.values())
    share = same / (same + wrong)
    print(f"{same + wrong} determinate events, {share:.4f} equal, {open_} left open by reads, differing: {differing}")
    assert share >= 0.98
    assert open_ <= 0.05 * (same + wrong + open_)
