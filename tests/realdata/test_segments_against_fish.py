"""Array segments of newly diagnosed patients against the FISH of their centre.

Figures are printed with `-s`; the bars are those of a simple rule on re-centred copies (0.948 / 0.966 / 0.930 / 0.880).
"""

import numpy as np
import pandas as pd
import pytest

from mmrisk.assays import AssayFile
from mmrisk.copynumber.segment_evidence import read_segment_evidence
from mmrisk.tables import evidence_frame

FISH_COLUMNS = {
    "gain_1q21": "FISH_Amp_1q",
    "del_17p": "FISH_Del_17p",
    "del_13q": "FISH_DEL_13",
    "hyperdiploid": "FISH_Hyperdiploidy",
}
DETERMINATE = ("present", "absent", "subthreshold")
MAP = """
sample_id: sample_id
chrom: chrom
start: start
end: end
copies: copies_raw
major_copies: major
minor_copies: minor
coordinates: one_based
unit: copies
purity_corrected: yes
"""


@pytest.fixture(scope="module")
def folder(realdata):
    if not (realdata / "snp_array_mm").is_dir():
        pytest.skip("snp_array_mm is not there")
    return realdata / "snp_array_mm"


@pytest.fixture(scope="module")
def fish(folder):
    return pd.read_csv(folder / "clinical_fish.tsv", sep="\t").set_index("sample_id")


@pytest.fixture(scope="module")
def reading(folder, tmp_path_factory):
    columns = tmp_path_factory.mktemp("map") / "columns.yaml"
    columns.write_text(MAP)

    def read(min_trisomies=2):
        assay = AssayFile(
            sample_id="*",
            assay_id="array",
            source="array",
            file=folder / "segments_hg19.tsv.gz",
            build="GRCh37",
            columns=columns,
            cell_selection="cd138",
        )
        evidence = read_segment_evidence(assay, min_trisomies=min_trisomies).evidence
        return evidence_frame(evidence).set_index(["sample_id", "event"])

    return read


@pytest.fixture(scope="module")
def evidence(reading):
    return reading()


def compare(evidence, fish, event):
    """States against FISH: share determinate, and whether each determinate call agrees."""
    states = evidence["state"].unstack()[event]
    tested = fish[FISH_COLUMNS[event]].reindex(states.index).dropna()
    states = states[tested.index]
    determinate = states.isin(DETERMINATE)
    agrees = (states == "present") == (tested == 1)
    return determinate, agrees[determinate]


def spread(agrees, *, halves=500):
    """5 % and 95 % quantile of the agreement over random halves of the patients."""
    rng = np.random.default_rng(1)
    values = agrees.to_numpy()
    shares = [values[rng.permutation(len(values))[: len(values) // 2]].mean() for _ in range(halves)]
    return np.quantile(shares, [0.05, 0.95])


@pytest.mark.parametrize(
    ("event", "min_trisomies", "bar"),
    [
        ("gain_1q21", 2, 0.945),
        ("del_17p", 2, 0.96),
        ("del_13q", 2, 0.925),
        ("hyperdiploid", 2, 0.85),
        ("hyperdiploid", 3, 0.875),
    ],
)
def test_calls_agree_with_fish(reading, fish, event, min_trisomies, bar):
    determinate, agrees = compare(reading(min_trisomies), fish, event)
    low, high = spread(agrees)
    print(
        f"\n{event} (min_trisomies {min_trisomies}): determinate {determinate.mean():.3f} of {len(determinate)}, "
        f"agreement {agrees.mean():.4f} (random halves {low:.3f} to {high:.3f})"
    )
    assert determinate.mean() >= 0.95
    assert agrees.mean() >= bar


def test_clonal_losses_lie_at_one_copy(evidence):
    # the copies of this cohort are those of tumour cells: in the material they would lie at 2 - purity
    lost = evidence.xs("del_13q", level="event").query("state == 'present'")
    assert (lost["fraction"].astype(float) > 0.9).mean() > 0.6
    assert (lost["copies"] == 1).mean() > 0.6


def test_the_array_misses_few_losses_of_17p_that_fish_saw(evidence, fish):
    missed = evidence.xs("del_17p", level="event")
    missed = missed[(missed["state"] == "absent") & (fish["FISH_Del_17p"].reindex(missed.index) == 1)]
    assert len(missed) <= 6


def test_negatives_are_never_without_a_limit(evidence):
    absent = evidence[evidence["state"] == "absent"]
    assert absent["detection_limit"].between(0.05, 0.2).all()


def test_few_genomes_are_doubled_for_certain(evidence):
    # near-tetraploid myeloma is rare; most doubled fits are explained by a plain genome as well
    states = evidence.xs("near_tetraploid", level="event")["state"]
    assert 0.005 <= (states == "present").mean() <= 0.08
    assert not (states == "absent").any()
