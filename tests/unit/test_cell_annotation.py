"""Names of cells: on simulated samples with known cells, on real labelled cells, and where nothing should be named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.marrow_example import as_counts, sample, truth

from mmrisk.errors import InputError
from mmrisk.microenvironment.annotate import LINEAGE_RULES, annotate, teachers, tell_apart
from mmrisk.microenvironment.genes import is_immunoglobulin, species, symbols_by_id, tells_kinds_apart
from mmrisk.microenvironment.markers import Markers
from mmrisk.microenvironment.normalise import depth, log_normalise
from mmrisk.microenvironment.signatures import KINDS, UNKNOWN, bundled, read_signatures
from mmrisk.resource import facts


@pytest.fixture(scope="module")
def made():
    return sample(n_cells=2500, seed=4, plasma_share=0.25, depth=4000.0, doublets=0.0)


@pytest.fixture(scope="module")
def named(made):
    counts = as_counts(made)
    return annotate(log_normalise(counts.counts, counts.symbols), counts.symbols, bundled(), transcripts=counts.counts)


def test_lineages_of_simulated_cells_are_found(made, named):
    known = truth(made.cells)["lineage"].to_numpy()
    called = named.cells["lineage"].to_numpy()
    assert (called == known)[called != UNKNOWN].mean() > 0.97
    assert (called == UNKNOWN).mean() < 0.1


def test_subsets_of_simulated_cells_are_found(made, named):
    known = truth(made.cells)["subset"].to_numpy()
    called = named.cells["subset"].to_numpy()
    assert (called == known)[called != UNKNOWN].mean() > 0.85


def test_each_subset_lies_in_its_lineage_and_group(named):
    for lineage, group, subset in named.cells[list(KINDS)].drop_duplicates().itertuples(index=False):
        if subset == UNKNOWN:
            continue
        line = bundled().ancestors(subset)
        assert line[-1] == lineage
        assert len(line) < 3 or line[1] == group


def test_margins_and_support_are_given_where_a_name_is(named):
    cells = named.cells
    unnamed = cells["lineage"] == UNKNOWN
    assert cells.loc[unnamed, ["lineage_margin", "lineage_support"]].isna().all(axis=None)
    assert cells.loc[~unnamed, "lineage_margin"].between(-1, 1).all()
    assert cells.loc[~unnamed, "lineage_support"].median() > 0


def test_the_order_of_cells_and_genes_changes_no_name(made, named):
    counts = as_counts(made)
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(counts.counts.shape[0]), rng.permutation(counts.counts.shape[1])
    turned = counts.counts[rows][:, columns].tocsr()
    symbols = [counts.symbols[column] for column in columns]
    again = annotate(log_normalise(turned, symbols), symbols, bundled(), transcripts=turned)
    for level in KINDS:
        assert (again.cells[level].to_numpy() == named.cells[level].to_numpy()[rows]).mean() > 0.999


def test_cells_without_any_marker_stay_unknown():
    rng = np.random.default_rng(1)
    symbols = [f"GENE{number}" for number in range(300)] + ["CD3D", "CD3E", "CD3G", "CD2", "CD5", "CD6"]
    counts = rng.poisson(5.0, (200, 306)).astype(np.float32)
    counts[:, 300:] = 0
    found = annotate(sparse.csr_matrix(np.log1p(counts)), symbols, bundled())
    assert set(found.cells["lineage"]) == {UNKNOWN}


def test_a_kind_with_too_few_measured_genes_is_never_called(made):
    counts = as_counts(made)
    gone = set(bundled().by_name["mast"].up[:-1])
    kept = [number for number, symbol in enumerate(counts.symbols) if symbol not in gone]
    symbols = [counts.symbols[number] for number in kept]
    part = counts.counts[:, kept].tocsr()
    found = annotate(log_normalise(part, symbols), symbols, bundled(), transcripts=part)
    assert "mast" not in set(found.cells["lineage"])


def test_ambient_immunoglobulin_and_plasma_genes_make_no_plasma_cells_of_others():
    made = sample(n_cells=1500, seed=9, plasma_share=0.6, ambient=0.2, doublets=0.0)
    counts = as_counts(made)
    found = annotate(log_normalise(counts.counts, counts.symbols), counts.symbols, bundled(), transcripts=counts.counts)
    others = (made.cells["lineage"] != "Plasma").to_numpy()
    assert (found.cells["lineage"][others] == "plasma").mean() < 0.01


def test_only_cells_whose_own_markers_speak_for_a_kind_teach_its_profile():
    called, seeds = np.array([0, 0, 0, 1, -1]), np.array([0, 1, -1, 1, -1])
    score = np.array([[0.1, 0.0], [0.1, 0.9], [0.5, 0.0], [0.0, 0.8], [0.9, 0.9]])
    typical = np.array([0.8, 0.8])
    assert teachers(called, seeds, score, typical, LINEAGE_RULES).tolist() == [0, -1, 0, 1, -1]


@pytest.fixture(scope="module")
def blood():
    """700 real blood cells with labels of sorted populations, log-normalised, 765 genes (ships with scanpy)."""
    scanpy = pytest.importorskip("scanpy")
    data = scanpy.datasets.pbmc68k_reduced()
    lineages = {"Dendritic": "myeloid", "CD14+ Monocyte": "myeloid", "CD19+ B": "b_cell", "CD34+": "hspc"}
    lineages["CD56+ NK"] = "nk_cell"
    known = [lineages.get(label, "t_cell") for label in data.obs["bulk_labels"]]
    return sparse.csr_matrix(data.raw.X).astype(np.float32), list(data.raw.var_names), np.array(known)


@pytest.mark.filterwarnings("ignore")
def test_real_blood_cells_get_their_lineage_from_log_values_alone(blood):
    expression, symbols, known = blood
    called = annotate(expression, symbols, bundled()).cells["lineage"].to_numpy()
    assert (called == known)[called != UNKNOWN].mean() >= 0.90
    assert (called == UNKNOWN).mean() <= 0.10


def test_no_cells_and_one_cell_are_no_defect(made):
    counts = as_counts(made)
    for rows in ([], [0]):
        part = counts.counts[rows]
        found = annotate(log_normalise(part, counts.symbols), counts.symbols, bundled(), transcripts=part)
        assert len(found.cells) == len(rows)


def test_plasma_cells_are_not_shrunk_by_their_immunoglobulin():
    symbols = ["SDC1", "CD38", "IGKC", "IGHG1"]
    counts = sparse.csr_matrix(np.array([[10, 10, 0, 0], [10, 10, 500, 480]], dtype=np.float32))
    assert depth(counts, symbols).tolist() == [20, 20]
    levels = log_normalise(counts, symbols).toarray()
    assert levels[0, :2].tolist() == levels[1, :2].tolist()


def test_a_cell_of_immunoglobulin_alone_is_not_divided_by_nothing():
    counts = sparse.csr_matrix(np.array([[0, 300]], dtype=np.float32))
    assert np.isfinite(log_normalise(counts, ["SDC1", "IGKC"]).toarray()).all()


def test_immunoglobulin_genes_are_told_by_name():
    names = ["IGKC", "IGHG1", "IGHM", "IGHA2", "IGLC3", "IGHV3-23", "IGKV1D-33", "IGLL5", "IGHMBP2", "IGF1", "JCHAIN"]
    assert is_immunoglobulin(names).tolist() == [True] * 8 + [False] * 3
    assert not tells_kinds_apart(["IGKC", "MT-CO1", "HBB", "RPL3", "TRAV1-2"]).any()
    assert tells_kinds_apart(["CD3D", "IGHMBP2", "MTOR"]).all()


def test_species_is_told_by_the_spelling_of_genes():
    assert species(["CD3E", "PTPRC", "LYZ"]) == "human"
    assert species(["Cd3e", "Ptprc", "Lyz2"]) == "mouse"
    assert species(["ENSMUSG00000000001"]) == "mouse"
    assert species(["a", "b"]) == "unclear"


def test_every_id_leads_to_one_symbol():
    assert symbols_by_id()["ENSG00000198851"] == "CD3E"


# ---- the table of signatures


def test_signatures_form_a_tree_with_known_genes():
    signatures = bundled()
    for item in signatures.of("group", "subset"):
        assert len(item.gate) == 1
        assert signatures.by_name[signatures.lineage(item.name)].kind == "lineage"
    known = {row["symbol"] for row in facts("genes.tsv")} | {"LINC02446", "CDR1"}
    for item in signatures.by_name.values():
        assert set(item.genes) <= known, item.name
        assert not set(item.up) & set(item.down), item.name


REQUIRED = (
    "cd4_naive",
    "cd4_memory",
    "cd8_naive",
    "cd8_gzmk",
    "cd8_cytotoxic",
    "exhausted",
    "senescent",
    "th1",
    "th2",
    "th17",
    "treg",
    "gamma_delta_t",
    "mait",
    "nk_mature",
    "nk_immature",
    "nk_adaptive",
    "b_naive",
    "b_memory",
    "breg",
    "plasmablast",
    "cdc1",
    "cdc2",
    "pdc",
    "dc_tolerogenic",
    "mono_cd14",
    "mono_cd16",
    "m1_like",
    "macrophage",
    "m2_like",
    "mdsc_m_like",
    "mdsc_g_like",
    "neutrophil",
    "mast",
    "hspc",
    "erythroid",
    "megakaryocyte",
    "msc",
    "msc_inflammatory",
    "caf",
    "osteoblast",
    "osteoclast",
    "endothelial",
    "adipocyte",
    "il6_stat3",
    "il10",
    "il17",
    "tgf_beta",
    "ifn_gamma",
    "ifn_type_i",
    "tnf_nfkb",
    "vegf",
    "scf_kit",
    "hif1a",
    "cxcr4_cxcl12",
    "rankl_opg",
    "dkk1_sclerostin",
    "april_baff_bcma",
    "pd1_pdl1",
    "ctla4",
    "tigit_cd155",
    "lag3",
    "tim3_gal9",
    "cd38_suppressive",
    "ecm",
    "cam_dr",
    "tlr4_crosstalk",
    "suppressive_loop",
    "upr_adaptive",
    "upr_terminal",
    "proteasome",
    "crbn_ikzf",
    "complement_inhibitors",
)


@pytest.mark.parametrize("name", REQUIRED)
def test_every_population_and_axis_of_the_reviews_has_a_signature_with_gate_and_source(name):
    rows = {row["id"]: row for row in facts("signatures.tsv")}
    assert rows[name]["genes_up"]
    assert rows[name]["source"]
    assert rows[name]["confirmed"]
    assert rows[name]["class"] == "lineage" or rows[name]["gate"]


def own(tmp_path, text):
    path = tmp_path / "own.tsv"
    path.write_text("id\tclass\tgate\tgenes_up\n" + text)
    return path


def test_signatures_of_ones_own_are_added_and_replace(tmp_path):
    signatures = read_signatures(
        own(tmp_path, "eosinophil\tlineage\t\tCLC;CCR3;SIGLEC8\ntreg\tsubset\tcd4_t\tFOXP3;IL2RA\n")
    )
    assert signatures.by_name["eosinophil"].kind == "lineage"
    assert signatures.by_name["treg"].up == ("FOXP3", "IL2RA")
    assert signatures.by_name["mait"] == bundled().by_name["mait"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a\tkind\t\tCD3D\n", "'kind' is not a class of signatures"),
        ("a\tlineage\tt_cell\tCD3D\n", "'a' is a lineage and has a gate"),
        ("a\tstate\tnowhere\tCD3D\n", "'a' has no gate that is a kind of cell"),
        ("a\tsubset\tt_cell;nk_cell\tCD3D\n", "'a' does not lead to one lineage"),
        ("a\tgroup\tb\tCD3D\nb\tgroup\ta\tCD3D\n", "does not lead to one lineage"),
        ("a\tstate\tt_cell\t\n", "'a' has no gene"),
    ],
)
def test_broken_signatures_of_ones_own_are_refused(row, reason, tmp_path):
    with pytest.raises(InputError, match=r"own\.tsv") as caught:
        read_signatures(own(tmp_path, row))
    assert reason in str(caught.value)


@settings(max_examples=20)
@given(st.integers(0, 2**31 - 1))
def test_levels_lie_between_nothing_and_full_and_unmeasured_kinds_are_never_called(seed):
    levels = np.random.default_rng(seed).random((20, 4)).astype(np.float32) * 3
    symbols = ["CD3D", "CD3E", "CD3G", "CD2"]
    markers = Markers.of(sparse.csr_matrix(levels), symbols, bundled(), ambient=0.1)
    assert markers.level.min() >= 0
    assert markers.level.max() <= 1
    paths = [(bundled().by_name["t_cell"],), (bundled().by_name["nk_cell"],)]
    telling = tells_kinds_apart(symbols)
    step = tell_apart(markers, sparse.csr_matrix(np.expm1(levels)), telling, paths, LINEAGE_RULES)
    assert set(np.unique(step.called)) <= {-1, 0}
