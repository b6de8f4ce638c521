"""One sample from counts to tables: doublets, plasma cells on the way, the same bytes from any number of threads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from tests.marrow_example import as_counts, sample, truth

from mmrisk.microenvironment.annotate import annotate
from mmrisk.microenvironment.composition import parse_sort
from mmrisk.microenvironment.describe import Sample, describe_cells
from mmrisk.microenvironment.doublets import conflicting_lineages, find_doublets, varying_genes
from mmrisk.microenvironment.normalise import log_normalise
from mmrisk.microenvironment.signatures import bundled

SCRIPTS = Path(__file__).parents[2] / "scripts"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def made():
    return sample(n_cells=1500, seed=3, plasma_share=0.3, doublets=0.08, programmes={"exhausted": 0.2})


@pytest.fixture(scope="module")
def described(made):
    about = Sample(sample_id="S1", assay_id="sc", sort=parse_sort(""))
    return describe_cells(as_counts(made), about, bundled())


def test_doublets_of_different_lineages_are_found_and_single_cells_kept(made):
    counts = as_counts(made)
    named = annotate(log_normalise(counts.counts, counts.symbols), counts.symbols, bundled(), transcripts=counts.counts)
    called = find_doublets(counts.counts, counts.symbols, named.lineages, seed=1).called
    doublet = made.cells["doublet"].to_numpy()
    mixed = doublet & (made.cells["lineage"] != made.cells["partner_lineage"]).to_numpy()
    assert called[mixed].mean() > 0.5
    assert called[~doublet].mean() < 0.05
    without = find_doublets(counts.counts, counts.symbols, named.lineages, seed=1, use_scrublet=False)
    assert (without.called == conflicting_lineages(named.lineages)).all()


def test_cells_carry_their_names_evidence_and_counts(made, described):
    cells = described.cells
    assert {"lineage", "group", "subset", "state", "doublet", "lineage_margin", "plasma_call"} <= set(cells.obs)
    known = truth(made.cells)["lineage"].to_numpy()
    place = [int(name.removeprefix("cell")) for name in cells.obs_names]
    single = ~cells.obs["doublet"].to_numpy()
    assert (cells.layers["counts"] != made.counts[place]).nnz == 0
    assert (cells.obs["lineage"].to_numpy() == known[place])[single].mean() > 0.93


def test_doublets_are_in_no_table(described):
    row = described.quality.iloc[0]
    assert row["n_cells"] == (~described.cells.obs["doublet"]).sum()
    assert row["n_cells"] + row["n_doublets"] + row["n_broken"] == row["n_barcodes"]
    assert set(described.composition.query("denominator == 'all'")["n_total"]) == {row["n_cells"]}


def test_shares_are_near_the_truth(made, described):
    single = made.cells[~made.cells["doublet"]]
    expected = truth(single)["lineage"].value_counts(normalize=True)
    found = described.composition.query("denominator == 'all' and level == 'lineage'").set_index("cell_type")["share"]
    for lineage, share in expected.items():
        assert found[lineage] == pytest.approx(share, abs=0.04), lineage


def test_a_programme_that_cells_switch_on_raises_its_state_and_mean(described):
    quiet = sample(n_cells=1500, seed=3, plasma_share=0.3, doublets=0.08)
    about = Sample(sample_id="S1", assay_id="sc", sort=parse_sort(""))
    plain = describe_cells(as_counts(quiet), about, bundled())

    def figures(description):
        share = description.composition.set_index(["denominator", "cell_type"]).loc[("t_cells", "exhausted"), "share"]
        mean = description.signatures.set_index(["cell_type", "signature"]).loc[("t_cell", "exhausted"), "mean"]
        return share, mean

    assert figures(described)[0] > figures(plain)[0] + 0.05
    assert figures(described)[1] > 1.5 * figures(plain)[1]


def test_light_chain_targets_and_evidence_come_of_the_plasma_cells(described):
    assert described.quality.iloc[0]["light_chain"] == "kappa"
    assert set(described.targets["target"]) == {"BCMA", "CD138", "CD38", "FCRL5", "GPRC5D", "SLAMF7"}
    assert {item.source for item in described.evidence} == {"scrna"}


@pytest.mark.parametrize("n_cells", [1, 12, 80])
def test_samples_of_few_cells_are_described_with_empty_shares(n_cells):
    about = Sample(sample_id="S1", assay_id="sc", sort=parse_sort(""))
    made = describe_cells(as_counts(sample(n_cells=n_cells, seed=2, doublets=0.0)), about, bundled())
    assert made.composition["share"].isna().all()
    assert "few cells" in made.quality.iloc[0]["warnings"]


def test_varying_genes_leave_out_those_that_follow_clone_or_stress():
    rng = np.random.default_rng(0)
    counts = rng.poisson(20.0, (100, 4)).astype(np.float32)
    counts[:, 3] += 5000
    counts[:50, 0] += 200
    counts[:50, 1] += 20
    telling = np.array([False, True, True, True])
    assert varying_genes(sparse.csr_matrix(counts), telling, n_genes=1).tolist() == [1]


def run(threads, folder):
    folder.mkdir()
    environment = {**os.environ, **{f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}}
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from tests.marrow_example import as_counts, sample\n"
        "from mmrisk.microenvironment.describe import *\n"
        "from mmrisk.microenvironment.composition import parse_sort\n"
        "from mmrisk.microenvironment.signatures import bundled\n"
        "about = Sample(sample_id='S1', assay_id='sc', sort=parse_sort(''))\n"
        "made = describe_cells(as_counts(sample(n_cells=700, seed=5)), about, bundled())\n"
        "for name in ('composition', 'signatures', 'quality', 'targets', 'arms'):\n"
        "    getattr(made, name).to_csv(f'{sys.argv[3]}/{name}.tsv', sep='\\t', float_format='%.6g')\n"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(SCRIPTS), str(SCRIPTS.parent), str(folder)],
        env=environment,
        check=True,
        capture_output=True,
    )
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_one_and_two_threads_give_the_same_tables(tmp_path):
    assert run("1", tmp_path / "one") == run("2", tmp_path / "two")


@pytest.mark.slow
def test_more_than_8192_cells_pass_every_step_that_looks_for_neighbours():
    made = sample(n_cells=8500, seed=6, n_genes=300, depth=900.0)
    counts = as_counts(made)
    named = annotate(log_normalise(counts.counts, counts.symbols), counts.symbols, bundled(), transcripts=counts.counts)
    found = find_doublets(counts.counts, counts.symbols, named.lineages, seed=1)
    assert found.warning is None
    assert np.isfinite(found.score).all()
    assert found.called[made.cells["doublet"]].mean() > 3 * found.called[~made.cells["doublet"]].mean()
