"""The simulator draws what it was told to draw."""

import numpy as np
import pytest

from mmrisk.errors import InputError
from mmrisk.gene_places import genes
from mmrisk.simulate.cells import Clone, Marrow, Subclone, composition_of, contigs, pooled, simulate_marrow
from mmrisk.simulate.plan import read_marrow
from mmrisk.simulate.profiles import plain_profiles


@pytest.fixture(scope="module")
def profiles():
    return plain_profiles(n_genes=1500)


def means(made, cells, symbol):
    column = list(made.genes).index(symbol)
    total = np.asarray(made.counts[cells].sum(axis=1)).ravel()
    return made.counts[cells, column].toarray().ravel().sum() / total.sum()


def test_same_seed_gives_same_counts_and_another_seed_others(profiles):
    one, two, other = (simulate_marrow(Marrow(n_cells=200), profiles, seed=seed) for seed in (7, 7, 8))
    assert (one.counts != two.counts).nnz == 0
    assert one.cells.equals(two.cells)
    assert (one.counts != other.counts).nnz > 0


def test_composition_purity_and_doublets_are_those_asked_for(profiles):
    marrow = Marrow(n_cells=4000, plasma_share=0.4, clone=Clone(share=0.75), doublets=0.1)
    cells = simulate_marrow(marrow, profiles, seed=1).cells
    asked = composition_of(marrow)
    assert sum(asked.values()) == pytest.approx(1)
    seen = cells["subset"].value_counts(normalize=True)
    for subset, share in asked.items():
        assert seen.get(subset, 0) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))
    assert cells.loc[cells["subset"] == "PC", "malignant"].mean() == pytest.approx(0.75, abs=0.05)
    assert cells["doublet"].sum() == 400
    assert (cells["partner_lineage"] != "").sum() == 400


def test_clone_cells_carry_dosage_spikes_losses_and_one_light_chain(profiles):
    clone = Clone(
        light_chain="lambda",
        light_v="IGLV2-14",
        arms={"1q": 4, "13q": 1},
        spikes={"NSD2": 20} if "NSD2" in profiles.genes else {"SDC1": 90},
        lost={"TNFRSF17": 0.5},
        variation=0.0,
        subclones=(Subclone(0.3, {"17p": 1}),),
    )
    marrow = Marrow(n_cells=3000, plasma_share=0.5, clone=clone, ambient=0.0, doublets=0.0)
    made = simulate_marrow(marrow, profiles, seed=2)
    cells = made.cells
    ours, normal = cells["malignant"].to_numpy(), ((cells["subset"] == "PC") & ~cells["malignant"]).to_numpy()
    assert set(cells.loc[ours, "light_chain"]) == {"lambda"}
    assert {"kappa", "lambda"} == set(cells.loc[normal, "light_chain"])
    assert cells.loc[ours, "subclone"].eq(1).mean() == pytest.approx(0.3, abs=0.05)

    def arm_ratio(arm, these):
        columns = [n for n, symbol in enumerate(made.genes) if symbol in genes() and genes()[symbol].arm == arm]
        share = [made.counts[rows][:, columns].sum() / made.counts[rows].sum() for rows in (these, normal)]
        return share[0] / share[1]

    level = arm_ratio("2q", ours)
    assert arm_ratio("1q", ours) / level == pytest.approx(2.0, rel=0.15)
    assert arm_ratio("13q", ours) / level == pytest.approx(0.5, rel=0.2)
    assert arm_ratio("17p", (cells["subclone"] == 1).to_numpy()) / level == pytest.approx(0.5, rel=0.3)
    lost = cells["lost_TNFRSF17"].to_numpy()
    assert means(made, lost, "TNFRSF17") == 0
    assert means(made, ours & ~lost, "TNFRSF17") > 0


def test_ambient_rna_puts_immunoglobulin_into_t_cells(profiles):
    def light_in_t(ambient):
        made = simulate_marrow(Marrow(n_cells=800, ambient=ambient, doublets=0.0), profiles, seed=3)
        return means(made, (made.cells["lineage"] == "T").to_numpy(), "IGKC")

    assert light_in_t(0.0) == 0
    assert 0 < light_in_t(0.05) < light_in_t(0.2)


def test_sex_genes_follow_the_patient(profiles):
    for sex, silent, heard in (("F", "RPS4Y1", "XIST"), ("M", "XIST", "RPS4Y1")):
        made = simulate_marrow(Marrow(n_cells=300, sex=sex), profiles, seed=4)
        everyone = np.ones(300, dtype=bool)
        assert means(made, everyone, silent) == 0
        assert means(made, everyone, heard) > 0


def test_contigs_and_pools_name_the_cells(profiles):
    made = simulate_marrow(Marrow(n_cells=200), profiles, seed=5)
    table = contigs(made.cells, seen=1.0)
    assert set(table["barcode"]) == set(made.cells.loc[made.cells["light_chain"] != "", "barcode"])
    both = pooled([("A", made), ("B", made)])
    assert both.counts.shape[0] == 400
    assert both.cells["barcode"].is_unique


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("n_cell: 5", "n_cell"),
        ("plasma_share: 1.5", "plasma_share"),
        ("clone: {arms: {1z: 3}}", "1z"),
        ("clone: {light_chain: both}", "light_chain"),
        ("composition: {PC: 1}", "PC"),
        ("clone: {subclones: [{share: 2}]}", "share"),
        ("[1, 2", "YAML"),
        ("- 1", "mapping"),
    ],
)
def test_a_wrong_plan_is_named(tmp_path, text, named):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=named):
        read_marrow(path)


def test_a_plan_is_read(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("n_cells: 10\nclone: {arms: {1q: 3}, subclones: [{share: 0.2, arms: {17p: 1}}]}\n")
    marrow = read_marrow(path)
    assert marrow.n_cells == 10
    assert marrow.clone.subclones[0].arms == {"17p": 1}
    path.write_text("clone: null\n")
    assert read_marrow(path).clone is None


def test_genes_lie_on_their_arms():
    for symbol, arm in (("TP53", "17p"), ("CKS1B", "1q"), ("RB1", "13q"), ("NSD2", "4p"), ("IGKC", None)):
        assert genes()[symbol].arm == arm


@pytest.mark.parametrize(("chain", "locus"), [("kappa", "IGK"), ("lambda", "IGL")])
def test_a_clone_without_a_named_v_gene_takes_one_of_its_chain(profiles, chain, locus):
    cells = simulate_marrow(Marrow(n_cells=300, clone=Clone(light_chain=chain)), profiles, seed=1).cells
    assert set(cells.loc[cells["malignant"], "light_v"].str[:3]) == {locus}
