"""Plasma cells: clone, purity, arms, subclones and targets, on simulated cells whose answers are known."""

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from tests.infercnvpy_arms import infercnvpy_arms

from mmrisk.errors import InputError
from mmrisk.events import State
from mmrisk.microenvironment import malignancy
from mmrisk.microenvironment.arms import ArmGenes, ArmProfile, arm_profile
from mmrisk.microenvironment.clonality import MIN_CELLS, posterior_purity
from mmrisk.microenvironment.contigs import match_barcodes, read_contigs
from mmrisk.microenvironment.inferred_events import Said, arm_evidence, spike_evidence
from mmrisk.microenvironment.malignancy import ambient_soup, find_clone
from mmrisk.microenvironment.plasma_cells import CELL_COLUMNS, describe_plasma_cells
from mmrisk.microenvironment.sex import expressed_sex
from mmrisk.microenvironment.subclones import find_subclones
from mmrisk.microenvironment.targets import join_genomic_state, lost_share, target_rows
from mmrisk.simulate.cells import Clone, Marrow, Subclone, contigs, simulate_marrow
from mmrisk.simulate.profiles import plain_profiles

LINEAGES = {"T": "t_cell", "NK": "nk_cell", "B": "b_cell", "Plasma": "plasma", "Erythroid": "erythroid"}
CLONE = Clone(
    share=0.8,
    arms={"1q": 3, "13q": 1},
    spikes={"NSD2": 4.0},
    lost={"TNFRSF17": 0.5},
    subclones=(Subclone(0.3, {"8p": 1, "8q": 1}),),
)


@pytest.fixture(scope="module")
def profiles():
    return plain_profiles(n_genes=4000, keep=["NSD2", "CCND1", "MAF", "CCND2"])


@pytest.fixture(scope="module")
def made(profiles):
    marrow = Marrow(n_cells=1800, plasma_share=0.45, clone=CLONE, ambient=0.15, sex="M")
    return simulate_marrow(marrow, profiles, seed=11)


def annotated(made):
    obs = pd.DataFrame(index=pd.Index(made.cells["barcode"]))
    obs["lineage"] = made.cells["lineage"].map(LINEAGES).fillna("myeloid").to_numpy()
    obs["doublet"] = made.cells["doublet"].to_numpy()
    adata = anndata.AnnData(made.counts, obs=obs, var=pd.DataFrame(index=made.genes.astype(str)))
    adata.layers["counts"] = made.counts
    return adata


def clone_of(made, *, without=()):
    kept = [n for n, symbol in enumerate(made.genes) if not symbol.startswith(without or ("?",))]
    adata = annotated(made)
    return find_clone(
        made.counts[:, kept],
        list(made.genes[kept]),
        adata.obs["lineage"].to_numpy(dtype=object),
        usable=~made.cells["doublet"].to_numpy(),
    )


@pytest.fixture(scope="module")
def report(made):
    return describe_plasma_cells(annotated(made), sample_id="S1", assay_id="cells")


def test_malignant_and_normal_plasma_cells_are_told_apart(made):
    found = clone_of(made)
    truth = made.cells.loc[found.cells.index, "malignant"]
    assert roc_auc_score(truth, found.cells["malignant_probability"]) >= 0.98
    called = found.cells["plasma_call"]
    assert (called == "undetermined").mean() < 0.1
    assert truth[called == "malignant"].mean() > 0.97
    assert truth[called == "normal"].mean() < 0.03


def test_without_v_genes_expression_tells_cells_of_the_same_light_chain_apart(made):
    found = clone_of(made, without=("IGKV", "IGLV", "IGHV"))
    same_chain = found.cells["light_chain"] == "kappa"
    truth = made.cells.loc[found.cells.index, "malignant"]
    assert roc_auc_score(truth[same_chain], found.cells.loc[same_chain, "malignant_probability"]) >= 0.97


def test_expression_that_misleads_leaves_a_restricted_clone_open_and_says_so(made, monkeypatch):
    """A sample of one light chain never passes for one of normal plasma cells."""
    monkeypatch.setattr(malignancy, "MOST_FROM_EXPRESSION", 50.0)
    monkeypatch.setattr(malignancy, "expression_lead", lambda own, *_, **__: np.full(own.shape[0], -50.0))
    found = clone_of(made, without=("IGKV", "IGLV", "IGHV"))
    assert found.clonality.purity.light_chain == "kappa"
    assert not len(found.called("malignant"))
    assert set(found.cells.loc[found.cells["light_chain"] == "kappa", "plasma_call"]) == {"undetermined"}
    assert "plasma cells are restricted to kappa and few of them could be called malignant" in found.warnings


def test_a_clone_that_was_found_raises_no_doubt(made):
    assert clone_of(made).warnings == ()


def test_the_clone_is_named_with_its_purity(report):
    quality = report.quality
    assert (quality["light_chain"], quality["light_v"]) == ("kappa", "IGKV3-20")
    assert (quality["heavy_v"], quality["heavy_chain"]) == ("IGHV3-23", "IGHG1")
    assert quality["purity_low"] <= 0.8 <= quality["purity_high"]
    assert quality["purity_high"] - quality["purity_low"] < 0.15
    assert quality["n_malignant"] + quality["n_normal"] + quality["n_undetermined"] == quality["n_plasma"]
    assert 0.05 < quality["ambient_share"] < 0.3
    assert quality["expressed_sex"] == "M"


def test_every_cell_has_its_row_and_only_plasma_cells_have_a_call(made, report):
    assert list(report.cells.index) == list(made.cells["barcode"])
    assert tuple(report.cells.columns) == CELL_COLUMNS
    plasma = ((made.cells["lineage"] == "Plasma") & ~made.cells["doublet"]).to_numpy()
    assert (report.cells["plasma_call"].notna().to_numpy() == plasma).all()


def test_arms_of_the_clone_are_gained_and_lost_as_made_and_no_other(report):
    arms = report.arms.set_index("arm")
    assert arms.loc["1q", "state"] == "gain"
    assert arms.loc["13q", "state"] == "loss"
    others = arms.drop(index=["1q", "13q", "8p", "8q"])
    assert not others["state"].isin(["gain", "loss"]).any()
    assert (others["state"] == "neutral").mean() > 0.7


@pytest.mark.parametrize("reference", ["other lineages", "normal plasma cells"])
def test_arms_rank_as_infercnvpy_ranks_them(made, reference):
    """Gained arms above, lost arms below all others by both, and alike in between."""
    adata = annotated(made)
    lineage, whole = adata.obs["lineage"].to_numpy(dtype=object), ~made.cells["doublet"].to_numpy()
    malignant, symbols = made.cells["malignant"].to_numpy(), list(made.genes)
    normal = (lineage == "plasma") & ~malignant & whole
    others = {name: (lineage == name) & whole for name in ("t_cell", "nk_cell", "b_cell", "myeloid")}
    alone = reference == "other lineages"
    ours = arm_profile(
        made.counts,
        ArmGenes.of(symbols),
        clone=malignant & whole,
        normal_plasma=np.zeros(len(lineage), dtype=bool) if alone else normal,
        lineages=others,
        soup=ambient_soup(made.counts, symbols, ambient_only=~np.isin(lineage, ["plasma", "b_cell"]) & whole),
    ).table.set_index("arm")["log2_ratio"]
    theirs = infercnvpy_arms(
        made.counts, symbols, clone=malignant & whole, references=list(others.values()) if alone else [normal]
    )
    shared = ours.index.intersection(theirs.index)
    assert len(shared) > 25
    for values in (ours[shared], theirs[shared]):
        assert values.idxmax() == "1q"
        assert values.idxmin() == "13q"
    assert spearmanr(ours[shared], theirs[shared]).statistic > 0.5


def test_arms_and_spikes_become_inferred_evidence(report):
    states = {item.event: item for item in report.evidence}
    assert states["gain_1q21"].state == State.PRESENT
    assert states["del_13q"].state == State.PRESENT
    assert states["t_4_14"].state == State.PRESENT
    assert states["t_11_14"].state != State.PRESENT
    assert {item.tier for item in report.evidence} == {"inferred"}
    assert {item.source for item in report.evidence} == {"scrna"}
    assert states["del_17p"].state == State.NOT_EVALUABLE, "a quiet arm does not exclude a focal loss"
    assert all(item.detection_limit for item in report.evidence if item.state == State.ABSENT)


def test_a_subclone_is_seen_with_its_arms_and_its_cells(made, report):
    assert report.quality["subclones"].startswith("8p-,8q-:0.")
    label = report.cells["subclone"].to_numpy()
    known = pd.notna(label)
    truth = (made.cells["subclone"] == 1).to_numpy()
    assert ((label[known] != "main") == truth[known]).mean() > 0.85


def test_a_clone_without_subclones_shows_none(profiles):
    marrow = Marrow(n_cells=1200, plasma_share=0.6, clone=Clone(share=0.95, arms={"1q": 3}))
    for seed in (1, 2):
        made = simulate_marrow(marrow, profiles, seed=seed)
        arm_genes = ArmGenes.of(list(made.genes))
        sums = arm_genes.sums(made.counts[made.cells["malignant"].to_numpy()])
        assert find_subclones(sums, arm_genes.arms) == []


def test_polyclonal_plasma_cells_are_not_a_clone(profiles):
    made = simulate_marrow(Marrow(n_cells=900, plasma_share=0.3, clone=None), profiles, seed=3)
    report = describe_plasma_cells(annotated(made), sample_id="S1", assay_id="cells")
    assert report.quality["light_chain"] in ("none", "unclear")
    assert report.quality["n_malignant"] == 0
    assert set(report.targets["n_cells"]) == {0}
    assert not report.evidence


@pytest.mark.parametrize("share", [0.0, 0.004])
def test_without_plasma_cells_nothing_is_claimed(profiles, share):
    made = simulate_marrow(Marrow(n_cells=400, plasma_share=share), profiles, seed=4)
    report = describe_plasma_cells(annotated(made), sample_id="S1", assay_id="cells")
    assert report.quality["light_chain"] == "unclear"
    assert report.quality["purity"] is None
    assert report.quality["n_malignant"] == report.quality["n_normal"] == 0
    assert not report.evidence
    assert report.arms.empty


def test_data_without_immunoglobulin_genes_leave_the_clone_open(made):
    found = clone_of(made, without=("IG",))
    assert found.clonality.purity.light_chain == "unclear"
    assert "most plasma cells show no light chain" in found.warnings


def test_same_cells_give_the_same_report(made, report):
    again = describe_plasma_cells(annotated(made), sample_id="S1", assay_id="cells")
    assert again.quality == report.quality
    pd.testing.assert_frame_equal(again.cells, report.cells)
    pd.testing.assert_frame_equal(again.arms, report.arms)


def drawn_cells(rng, n, purity):
    """Cells as clonality reads them: a kappa or lambda clone among normal cells of many V segments."""
    chain = rng.choice(["kappa", "lambda"])
    normal_kappa = np.clip(rng.normal(0.6, 0.06), 0.3, 0.9)
    ours = rng.random(n) < purity
    light = np.where(ours, chain, np.where(rng.random(n) < normal_kappa, "kappa", "lambda"))
    usage = np.exp(-np.arange(40) / 8)
    segment = rng.choice(40, n, p=usage / usage.sum()).astype(object)
    segment = np.char.add("V", segment.astype(str)).astype(object)
    segment[ours] = f"V{rng.integers(40)}"
    segment[rng.random(n) < 0.03] = ""
    return pd.DataFrame({"light_chain": light, "light_v": segment})


def test_purity_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    truths = rng.random(200)
    inside = [
        (p := posterior_purity(drawn_cells(rng, int(rng.choice([30, 100, 400])), truth))[0]).low <= truth <= p.high
        for truth in truths
    ]
    assert 0.9 <= np.mean(inside) <= 0.99


def test_more_cells_narrow_the_purity_and_too_few_give_none():
    rng = np.random.default_rng(1)
    few, many = (posterior_purity(drawn_cells(rng, n, 0.7))[0] for n in (40, 1000))
    assert many.high - many.low < few.high - few.low
    purity, chain = posterior_purity(drawn_cells(rng, MIN_CELLS - 1, 0.7))
    assert purity.light_chain == "unclear"
    assert (purity.low, purity.high, chain) == (0.0, 1.0, None)


@pytest.mark.parametrize("lost", [0.0, 0.3, 0.7])
def test_lost_targets_are_told_from_dropout(lost):
    rng = np.random.default_rng(2)
    depth = np.exp(rng.normal(8.5, 0.4, 800))
    values = rng.poisson(depth * 2.5e-4 * rng.gamma(4, 0.25, 800)) * (rng.random(800) >= lost) + rng.poisson(0.05, 800)
    mean, low, high = lost_share(values.astype(float), depth, 0.05)
    assert low <= lost + 0.02
    assert high >= lost
    assert mean == pytest.approx(lost, abs=0.1)


def test_loss_of_a_hardly_expressed_target_is_not_claimed():
    values = np.zeros(500)
    values[:10] = 1.0
    assert lost_share(values, np.full(500, 4000.0), 0.0) is None


def test_targets_say_what_they_rest_on(made, report):
    targets = report.targets.set_index("target")
    assert set(targets.index) == {"BCMA", "GPRC5D", "CD38", "SLAMF7", "FCRL5", "CD138"}
    assert targets.loc["BCMA", "lost_low"] < 0.5 < targets.loc["BCMA", "lost_high"] + 0.05
    assert targets.loc["CD38", "lost_share"] < 0.2
    few = target_rows(made.counts, list(made.genes), np.arange(5), sample_id="S", soup=np.zeros(len(made.genes)))
    assert few["mean"].isna().all()
    assert few["detail"].str.contains("fewer than").all()
    no_gene = target_rows(made.counts[:, :3], ["A", "B", "C"], np.arange(100), sample_id="S", soup=np.zeros(3))
    assert no_gene["detail"].str.contains("not among the genes").all()


def test_targets_take_the_state_of_their_gene_from_the_events(report):
    events = pd.DataFrame({"sample_id": ["S1"], "event": ["gprc5d_altered"], "state": ["present"]})
    joined = join_genomic_state(report.targets, events).set_index("target")["genomic_state"]
    assert joined["GPRC5D"] == "present"
    assert pd.isna(joined["BCMA"])
    assert pd.isna(joined["CD138"])


def profile(**copies):
    rows = [(arm, np.log2(c / 2), np.log2(c / 2) - 0.1, np.log2(c / 2) + 0.1, c, "x", 50) for arm, c in copies.items()]
    columns = ["arm", "log2_ratio", "low", "high", "copies", "state", "n_genes"]
    return ArmProfile(pd.DataFrame(rows, columns=columns), "other lineages", 200, 500)


def odd(copies, **others):
    arms = {f"{c}{letter}": 2.0 for c in (3, 5, 7, 9, 11, 15, 19, 21) for letter in "pq" if (c, letter) not in
            ((15, "p"), (21, "p"))}  # fmt: skip
    return {**arms, **dict.fromkeys(others.pop("gained", ()), copies), **others}


@pytest.mark.parametrize(
    ("copies", "event", "state"),
    [
        (odd(3.0, gained=("3p", "3q", "15q")), "hyperdiploid", State.PRESENT),
        (odd(3.0, gained=("3p", "3q")), "hyperdiploid", State.NOT_EVALUABLE),
        (odd(3.0), "hyperdiploid", State.ABSENT),
        (odd(3.0, gained=("3p",)), "trisomy_3", State.ABSENT),
        (odd(3.0, gained=("3p", "3q")), "trisomy_3", State.PRESENT),
        ({"1q": 4.0}, "amp_1q21", State.PRESENT),
        ({"1q": 3.0}, "amp_1q21", State.ABSENT),
        ({"1q": 2.0}, "gain_1q21", State.ABSENT),
        ({"1q": np.nan}, "gain_1q21", State.NOT_EVALUABLE),
        ({"17p": 1.0}, "del_17p", State.PRESENT),
        ({"17p": 2.0}, "del_17p", State.NOT_EVALUABLE),
    ],
)
def test_events_follow_from_arms(copies, event, state):
    found = {item.event: item.state for item in arm_evidence(profile(**copies), Said("S", "a"))}
    assert found[event] == state


@pytest.mark.parametrize(
    ("levels", "event", "state"),
    [
        ({"NSD2": 2.0}, "t_4_14", State.PRESENT),
        ({"NSD2": 0.6}, "t_4_14", State.NOT_EVALUABLE),
        ({"NSD2": 0.1}, "t_4_14", State.ABSENT),
        ({"CCND1": 9.0, "CCND2": 3.0}, "t_11_14", State.NOT_EVALUABLE),
        ({"CCND1": 9.0, "CCND2": 0.1}, "t_11_14", State.PRESENT),
    ],
)
def test_translocations_follow_from_spikes(levels, event, state):
    elsewhere = {"NSD2": 0.1, "CCND1": 0.05}
    found = {item.event: item.state for item in spike_evidence(levels, elsewhere, 100, Said("S", "a"))}
    assert found[event] == state
    assert not list(spike_evidence(levels, elsewhere, 10, Said("S", "a")))


def test_a_target_that_all_lineages_express_is_no_spike():
    found = spike_evidence({"NSD2": 4.0}, {"NSD2": 1.5}, 100, Said("S", "a"))
    assert next(iter(found)).state == State.NOT_EVALUABLE


def test_genes_that_a_translocation_drives_do_not_speak_for_their_arm():
    symbols = ["NSD2", "FGFR3", "MYC", "IGKC", "HLA-A", "UBE2B", "XIST", "nonsense"]
    assert [symbols[column] for column in ArmGenes.of(symbols).columns] == ["UBE2B"]


def test_contigs_outrank_transcripts(made, tmp_path):
    table = contigs(made.cells, seen=1.0)
    path = tmp_path / "filtered_contig_annotations.csv"
    table.assign(barcode=table["barcode"] + "-1").to_csv(path, index=False)
    read = read_contigs(path)
    adata = annotated(made)
    bare = adata[:, [not symbol.startswith("IG") for symbol in adata.var_names]].copy()
    report = describe_plasma_cells(bare, sample_id="S1", assay_id="cells", contigs=read)
    assert report.quality["light_chain"] == "kappa"
    truth = made.cells["malignant"].to_numpy()
    probability = report.cells["malignant_probability"].to_numpy(dtype=float)
    known = ~np.isnan(probability)
    assert roc_auc_score(truth[known], probability[known]) >= 0.98


def test_contig_files_that_are_none_are_named(tmp_path):
    path = tmp_path / "contigs.csv"
    path.write_text("barcode,chain\nA,IGH\n")
    with pytest.raises(InputError, match="v_gene"):
        read_contigs(path)
    path.write_text("")
    with pytest.raises(InputError, match="cannot be read"):
        read_contigs(path)


def test_barcodes_match_with_and_without_lane_and_sample_and_never_by_chance():
    contigs = pd.DataFrame({"light_chain": ["kappa", "lambda"]}, index=["AAA-1", "CCC-1"])
    found = match_barcodes(contigs, ["S1_AAA", "CCC-1", "GGG-1"])
    assert found["light_chain"].to_dict() == {0: "kappa", 1: "lambda"}
    assert match_barcodes(contigs, ["S1_AAA-1", "S2_AAA-1"]).empty


def test_sex_is_unclear_where_both_or_neither_are_heard(made):
    rows = np.arange(made.counts.shape[0])
    symbols = list(made.genes)
    assert expressed_sex(made.counts, symbols, rows) == "M"
    mixed = made.counts.copy().tolil()
    mixed[:, symbols.index("XIST")] = 1
    assert expressed_sex(mixed.tocsr(), symbols, rows) == "unclear"
    assert expressed_sex(made.counts, ["none"] * len(symbols), rows) == "unclear"
