"""Shares of cells: their wholes, what a sort or droplets leave uncounted, states, programmes, quality and doublets."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mmrisk.contracts import COMPOSITION, SIGNATURES
from mmrisk.contracts.microenvironment import TOLD_APART
from mmrisk.errors import InputError
from mmrisk.microenvironment.composition import compose, parse_sort
from mmrisk.microenvironment.programmes import score_programmes
from mmrisk.microenvironment.quality import Limits, reasons_to_drop
from mmrisk.microenvironment.signatures import KINDS, UNKNOWN, bundled
from mmrisk.tables import check

EVERYTHING = frozenset(item.name for item in bundled().of(*KINDS))


def cells(**numbers):
    """Cells by subset (or lineage, where that is not divided); `unknown` for cells without a name."""
    rows = []
    for name, number in numbers.items():
        line = (UNKNOWN,) if name == UNKNOWN else bundled().ancestors(name)
        row = dict.fromkeys(KINDS, UNKNOWN)
        for step in line:
            if step != UNKNOWN:
                row[bundled().by_name[step].kind] = step
        rows += [row] * number
    return pd.DataFrame(rows, columns=list(KINDS))


MARROW = dict(cd4_memory=300, cd8_gzmk=100, nk_mature=100, b_naive=60, mono_cd14=200, plasma_cell=400, erythroid=150)


def composed(numbers, *, sort="", states=None, measurable=EVERYTHING):
    table = cells(**numbers)
    states = pd.DataFrame(states or {}, index=table.index)
    made = compose(table, states, bundled(), sample_id="S", sort=parse_sort(sort), measurable=measurable)
    check(made, COMPOSITION, file="composition.tsv")
    return made.set_index(["denominator", "cell_type"])


def test_each_whole_is_what_it_says():
    table = composed({**MARROW, "unknown": 90})
    totals = table.groupby("denominator")["n_total"].unique().map(list).to_dict()
    assert totals == {"all": [1400], "microenvironment": [760], "t_cells": [400]}
    assert table.loc[("microenvironment", "cd8_t"), "share"] == pytest.approx(100 / 760)
    assert table.loc[("t_cells", "cd8_t"), "share"] == pytest.approx(0.25)
    assert table.loc[("all", "plasma"), "share"] == pytest.approx(400 / 1400)
    assert table.loc[("all", "unknown"), "share"] == pytest.approx(90 / 1400)
    assert ("microenvironment", "plasma") not in table.index
    assert ("t_cells", "nk_cell") not in table.index


def test_plasma_cells_that_expand_change_no_share_of_the_microenvironment():
    few, many = composed(MARROW), composed({**MARROW, "plasma_cell": 5000})
    for column in ("share", "clr"):
        left, right = few.loc["microenvironment", column], many.loc["microenvironment", column]
        assert left.fillna(-9).tolist() == right.fillna(-9).tolist()
    assert few.loc[("all", "t_cell"), "share"] > 3 * many.loc[("all", "t_cell"), "share"]


def test_lineages_and_unknown_cells_add_up_to_the_whole():
    table = composed({**MARROW, "unknown": 30}).reset_index()
    whole = table[(table["denominator"] == "all") & (table["level"] == "lineage")]
    assert whole["share"].sum() == pytest.approx(1.0)


def test_what_droplets_miss_is_not_captured_and_never_absent():
    table = composed(MARROW)
    assert table.loc[("all", "osteoclast"), "status"] == "not_captured"
    assert pd.isna(table.loc[("all", "osteoclast"), "share"])
    assert table.loc[("all", "mast"), ["status", "share"]].tolist() == ["measured", 0.0]
    seen = composed({**MARROW, "osteoclast": 3})
    assert seen.loc[("all", "osteoclast"), "status"] == "measured"


def test_rare_catches_do_not_move_the_log_ratios_of_others():
    without, with_some = composed(MARROW), composed({**MARROW, "osteoclast": 1, "neutrophil": 1})
    assert without.loc[("all", "t_cell"), "clr"] == with_some.loc[("all", "t_cell"), "clr"]


def test_kinds_whose_genes_were_not_measured_have_no_count():
    row = composed(MARROW, measurable=EVERYTHING - {"mast"}).loc[("all", "mast")]
    assert row["status"] == "not_measurable"
    assert pd.isna(row["n_cells"])


def test_too_few_cells_give_no_share():
    table = composed(dict(cd4_memory=60, mono_cd14=100))
    assert table.loc[("t_cells", "cd4_t"), "status"] == "too_few_cells"
    assert pd.isna(table.loc[("all", "t_cell"), "share"])
    assert table.loc[("all", "t_cell"), "n_cells"] == 60


@pytest.mark.parametrize(
    ("sort", "all_cells", "microenvironment", "t_cells"),
    [
        ("", "measured", "measured", "measured"),
        ("CD138-", "sorted_out", "measured", "measured"),
        ("CD138 negative", "sorted_out", "measured", "measured"),
        ("CD138+", "sorted_out", "sorted_out", "sorted_out"),
        ("CD138 selected", "sorted_out", "sorted_out", "sorted_out"),
        ("CD3+", "sorted_out", "sorted_out", "measured"),
        ("cd45_positive", "sorted_out", "measured", "measured"),
    ],
)
def test_a_sort_says_which_shares_there_are(sort, all_cells, microenvironment, t_cells):
    table = composed(MARROW, sort=sort)
    assert table.loc[("all", "t_cell"), "status"] == all_cells
    assert table.loc[("microenvironment", "t_cell"), "status"] == microenvironment
    assert table.loc[("t_cells", "cd4_t"), "status"] == t_cells


def test_lineages_that_a_sort_removes_are_sorted_out():
    table = composed(MARROW, sort="CD45+")
    assert table.loc[("microenvironment", "stromal"), "status"] == "sorted_out"
    assert table.loc[("microenvironment", "msc"), "status"] == "sorted_out"


def test_an_unknown_sort_is_refused():
    with pytest.raises(InputError, match="'CD99 something' is no known sort"):
        parse_sort("CD99 something")


def test_states_count_under_their_wholes_with_log_odds_in_their_gate():
    exhausted = np.zeros(1310, dtype=bool)
    exhausted[:40] = True  # of the 300 memory CD4 cells
    table = composed(MARROW, states={"exhausted": exhausted})
    assert table.loc[("t_cells", "exhausted"), "share"] == pytest.approx(0.1)
    assert table.loc[("t_cells", "exhausted"), "clr"] == pytest.approx(np.log(40.5 / 360.5))
    assert table.loc[("all", "exhausted"), "share"] == pytest.approx(40 / 1310)
    assert ("t_cells", "m2_like") not in table.index
    assert table.loc[("all", "m2_like"), "status"] == "not_measurable"


@given(st.dictionaries(st.sampled_from(sorted(MARROW)), st.integers(0, 40), min_size=1))
def test_shares_lie_between_0_and_1_and_are_given_exactly_where_measured(numbers):
    table = composed({**numbers, "cd8_naive": 210})
    assert (table["share"].notna() == (table["status"] == "measured")).all()
    assert table["share"].dropna().between(0, 1).all()


# ---- programmes


def programmes(counts, symbols, table, states=None):
    states = pd.DataFrame(states or {}, index=table.index)
    made = score_programmes(
        sparse.csr_matrix(np.asarray(counts, dtype=np.float32)), symbols, table, states, bundled(), sample_id="S"
    )
    check(made, SIGNATURES, file="signatures.tsv")
    return made.set_index(["cell_type", "signature"])


def test_a_programme_is_the_mean_over_pseudobulks_of_its_gate():
    symbols = ["XBP1", "HSPA5", "DNAJB9", "SDF2L1", "HERPUD1", "IGKC", "ACTB"]
    counts = np.tile([10, 10, 10, 10, 10, 5000, 50], (20, 1))
    found = programmes(counts, symbols, cells(plasma_cell=20)).loc[("plasma", "upr_adaptive")]
    assert found["mean"] == pytest.approx(np.log1p(1000.0)), "immunoglobulin takes no part in the depth"
    assert found["n_cells"] == 20
    assert found["coverage"] == pytest.approx(5 / 9)


def test_few_cells_or_few_genes_give_no_mean():
    symbols = ["XBP1", "ACTB"]
    found = programmes(np.ones((20, 2)), symbols, cells(plasma_cell=20))
    assert pd.isna(found.loc[("plasma", "upr_adaptive"), "mean"])
    full = list(bundled().by_name["upr_adaptive"].up)
    found = programmes(np.ones((5, len(full))), full, cells(plasma_cell=5))
    assert pd.isna(found.loc[("plasma", "upr_adaptive"), "mean"])


def test_ratios_compare_cells_and_need_some():
    found = programmes(np.ones((48, 1)), ["ACTB"], cells(treg=8, cd8_naive=40))
    assert found.loc[("t_cell", "treg_cd8_ratio"), "mean"] == pytest.approx(np.log2(8.5 / 40.5))
    few = programmes(np.ones((6, 1)), ["ACTB"], cells(treg=2, cd8_naive=4))
    assert pd.isna(few.loc[("t_cell", "treg_cd8_ratio"), "mean"])
    assert pd.isna(found.loc[("cd4_t", "th1_th2_ratio"), "mean"]), "its states were not measured"


# ---- quality


def measured(counts, genes, mito):
    return pd.DataFrame({"n_counts": counts, "n_genes": genes, "mito_share": mito, "ig_share": 0.0})


def test_limits_are_those_of_a_cells_own_lineage():
    rng = np.random.default_rng(1)
    lymphocytes = measured(rng.normal(2000, 200, 100), rng.normal(900, 60, 100).astype(int), np.full(100, 0.03))
    plasma = measured(rng.normal(20000, 1500, 100), rng.normal(3000, 200, 100).astype(int), np.full(100, 0.08))
    table = pd.concat([lymphocytes, plasma], ignore_index=True)
    lineage = np.array(["t_cell"] * 100 + ["plasma"] * 100, dtype=object)
    assert set(reasons_to_drop(table, lineage, Limits())) == {""}
    swapped = lineage.copy()
    swapped[0], swapped[100] = "plasma", "t_cell"
    reasons = reasons_to_drop(table, swapped, Limits())
    assert reasons[0] == "few_genes"
    assert reasons[100] == "many_counts"


@pytest.mark.parametrize(
    ("odd", "reason"),
    [((2000, 900, 0.7), "mitochondrial"), ((2000, 900, 0.3), "mitochondrial"), ((300, 60, 0.03), "few_genes")],
)
def test_odd_cells_are_dropped_with_the_reason(odd, reason):
    table = measured([2000.0] * 50 + [odd[0]], [900] * 50 + [odd[1]], [0.03] * 50 + [odd[2]])
    reasons = reasons_to_drop(table, np.array(["t_cell"] * 51, dtype=object), Limits())
    assert reasons[50] == reason
    assert set(reasons[:50]) == {""}


def test_kinds_that_are_told_apart_weakly_are_marked_so():
    table = composed({**MARROW, "treg": 20, "mait": 20, "unknown": 30})
    told = table["told_apart"].groupby("cell_type").first()
    assert told[["treg", "mait", "cd4_memory", "nk_adaptive"]].to_list() == ["weakly", "weakly", "well", "untested"]
    assert set(table.loc[("all", "unknown"), ["told_apart"]].isna()) == {True}
    assert set(told.drop(index="unknown", errors="ignore").dropna()) <= set(TOLD_APART)
    assert table.drop(index="unknown", level="cell_type")["told_apart"].notna().all()
