"""Who is compared, what is refused and why, on simulated cohorts."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from association_example import whole_cohort
from mmrisk.association import circular
from mmrisk.association.compare import Plan, associate, setting_of
from mmrisk.association.factors import EVENT, Factor, covariate_frame, factors, stages
from mmrisk.association.features import Feature, families
from mmrisk.association.trends import jonckheere, trends
from mmrisk.contracts import ASSOCIATIONS, SENSITIVITY
from mmrisk.risk.diagnosis import imwg_diagnosis
from mmrisk.simulate.cohorts import Design, simulate
from mmrisk.tables import check, conform

PLAN = Plan(covariates=("batch", "site"), leave_out=False)
DESIGN = Design(patients=40, acting=("gain_1q21",), seed=4, scores=6, score_types=("t_cell",))


def run(made, *, plan=PLAN, events=("gain_1q21", "hyperdiploid"), tiers=None, allow_inferred=False, labels=None):
    found = families(composition=made.composition, signatures=made.signatures, targets=None)
    tiers = pd.DataFrame() if tiers is None else tiers
    every = factors(made.cohort, tiers=tiers, label_tiers=labels or {}, allow_inferred=allow_inferred)
    own = [f for f in every if f.name in events]
    return associate(setting_of(made.cohort, covariate_frame(made.cohort, plan.covariates), own), found, plan)


def changed(made, **columns):
    return dataclasses.replace(made, cohort=made.cohort.assign(**columns))


def of(frame, family, feature="*", factor="gain_1q21"):
    rows = frame[(frame["family"] == family) & (frame["feature"] == feature) & (frame["factor"] == factor)]
    assert len(rows) == 1
    return rows.iloc[0]


MICRO = "composition:scrna:microenvironment:subset"


@pytest.fixture(scope="module")
def simulated():
    return simulate(DESIGN)


@pytest.fixture(scope="module")
def tested(simulated):
    return run(simulated)[0]


def test_tables_keep_their_contracts(simulated):
    frame, runs = run(simulated, plan=dataclasses.replace(PLAN, leave_out=True))
    check(conform(frame, ASSOCIATIONS), ASSOCIATIONS, file="associations")
    check(conform(runs, SENSITIVITY), SENSITIVITY, file="sensitivity")
    assert set(runs["left_out"]) == {"batch:batch0", "batch:batch1", "batch:batch2"}
    row = of(frame, MICRO, "CD8_effector")
    own = runs[(runs["family"] == MICRO) & (runs["feature"] == "CD8_effector") & (runs["factor"] == "gain_1q21")]
    assert row["effect_min"] == min([*own["effect"], row["effect"]])


def test_strong_effects_are_found_and_every_row_has_effect_and_interval(simulated, tested):
    hits = tested[tested["q"] <= 0.05]
    real = [key in simulated.truth for key in zip(hits["family"], hits["feature"], hits["factor"], strict=True)]
    assert sum(real) >= 4
    assert sum(real) >= 0.8 * len(real)
    done = tested[tested["status"] == "tested"]
    assert (done["low"] <= done["effect"]).all()
    assert (done["effect"] <= done["high"]).all()
    assert done[["p", "q", "p_model", "df"]].notna().all().all()


def test_unknown_states_are_left_out_and_counted(simulated, tested):
    row = of(tested, MICRO, "Treg")
    states = simulated.cohort["gain_1q21"]
    assert row["n_unknown"] == (states == "not_evaluable").sum() > 0
    assert row["n_patients"] + row["n_unknown"] == 40
    assert row["groups"] == f"absent: {(states == 'absent').sum()}; present: {(states == 'present').sum()}"


@pytest.mark.parametrize("state", ["not_tested", "not_evaluable", "conflict"])
def test_an_unknown_state_never_counts_as_absent(simulated, state):
    states = simulated.cohort["gain_1q21"].where(simulated.cohort["gain_1q21"] == "present", state)
    row = of(run(changed(simulated, gain_1q21=states))[0], MICRO)
    assert row["status"] == "refused"
    assert row["reason"].startswith("fewer than 4 patients in a group (absent: 0; present: ")


def test_below_the_cut_off_counts_as_absent_and_says_so(simulated):
    states = simulated.cohort["gain_1q21"].replace("absent", "subthreshold")
    row = of(run(changed(simulated, gain_1q21=states))[0], MICRO, "Treg")
    assert row["flags"] == f"subthreshold_as_absent:{(states == 'subthreshold').sum()}"


def test_three_patients_are_too_few(simulated):
    states = pd.Series(["present"] * 3 + ["absent"] * 37)
    row = of(run(changed(simulated, gain_1q21=states))[0], MICRO)
    assert row["reason"] == "fewer than 4 patients in a group (absent: 37; present: 3)"


def test_samples_of_one_patient_do_not_make_a_group(simulated):
    states = pd.Series(["present"] * 6 + ["absent"] * 34)
    patients = pd.Series(["same"] * 6).reindex(range(40)).fillna(simulated.cohort["patient_id"])
    for repeated in ("index", "mixed"):
        made = changed(simulated, gain_1q21=states, patient_id=patients)
        row = of(run(made, plan=dataclasses.replace(PLAN, repeated=repeated))[0], MICRO)
        assert row["reason"] == "fewer than 4 patients in a group (absent: 34; present: 1)"


@pytest.mark.parametrize("name", ["batch", "site"])
def test_a_factor_nested_in_a_covariate_is_refused_by_its_name(simulated, name):
    states = pd.Series(["present"] * 12 + ["absent"] * 28)
    where = pd.Series(["a"] * 12 + ["b"] * 14 + ["c"] * 14)
    row = of(run(changed(simulated, gain_1q21=states, **{name: where}))[0], MICRO, "Treg")
    assert (row["status"], row["reason"]) == ("refused", f"nested in {name}: no {name} has patients of both groups")


def test_a_factor_nested_in_two_covariates_together_is_refused(simulated):
    states = pd.Series((["present"] * 10 + ["absent"] * 10) * 2)
    made = changed(simulated, gain_1q21=states, batch=pd.Series((["x"] * 10 + ["y"] * 10) * 2))
    made = changed(made, site=pd.Series(["p"] * 20 + ["q"] * 20))
    assert of(run(made)[0], MICRO, "Treg")["reason"].startswith("nested in batch")


def test_many_batches_leave_too_little_to_test(simulated):
    batch = pd.Series([f"b{number}" for number in range(36)] + ["b35"] * 4)
    row = of(run(changed(simulated, batch=batch))[0], MICRO, "Treg")
    assert row["status"] == "refused"
    assert "degrees of freedom beside batch" in row["reason"]


def test_small_groups_take_their_p_from_permutations(simulated, tested):
    assert (tested.loc[tested["status"] == "tested", "p"] == tested["p_permutation"].dropna()).all()
    large = simulate(dataclasses.replace(DESIGN, patients=120))
    frame = run(large)[0]
    assert frame["p_permutation"].isna().all()
    assert (frame["p"] == frame["p_model"]).all()


def test_the_index_sample_is_used_unless_all_are_wanted():
    made = simulate(dataclasses.replace(DESIGN, patients=30, samples_per_patient=3))
    one = of(run(made)[0], MICRO, "Treg")
    assert (one["model"], one["n_samples"]) == ("linear", one["n_patients"])
    every = of(run(made, plan=dataclasses.replace(PLAN, repeated="mixed"))[0], MICRO, "Treg")
    assert every["model"] == "random_intercept"
    assert every["n_samples"] > 2 * every["n_patients"]


def test_an_event_that_only_rna_speaks_of_is_unknown_unless_allowed(simulated):
    tiers = pd.DataFrame({"gain_1q21": "inferred"}, index=simulated.cohort["sample_id"])
    assert of(run(simulated, tiers=tiers)[0], MICRO)["reason"] == "not known of any patient"
    row = of(run(simulated, tiers=tiers, allow_inferred=True)[0], MICRO, "Treg")
    assert row["flags"] == f"inferred:{row['n_patients']}"


def test_ordered_labels_are_tested_per_step_and_say_where_rna_decided(simulated):
    rng = np.random.default_rng(0)
    made = dataclasses.replace(simulated, cohort=whole_cohort(simulated, iss=rng.choice(["I", "II", "III"], 40)))
    inferred = np.arange(40) < 5
    row = of(run(made, events=("iss",), labels={"ISS": inferred})[0], MICRO, "Treg", "iss")
    assert row["contrast"] == "per step I < II < III"
    assert row["flags"] == "inferred:5"


CIRCULAR = [
    ("gain_1q21", "gene:FCRL5", "plasma", "circular: 1 of 1 genes lie in the altered region (FCRL5)"),
    ("gain_1q21", "gene:FCRL5", "t_cell", None),
    ("gain_1q21", "gene:CD38", "plasma", None),
    ("hyperdiploid", "gene:SDC1", "plasma", None),
    ("trisomy_3", "gene:CCR5", "malignant plasma cells", "circular: 1 of 1 genes lie in the altered region (CCR5)"),
    ("tnfrsf17_altered", "gene:TNFRSF17", "plasma", "circular: TNFRSF17 is what the event acts on"),
    ("t_11_14", "gene:CCND1", "plasma", "circular: CCND1 is what the event acts on"),
    ("del_17p", "gene:TNFRSF13B", "plasma", "circular: 1 of 1 genes lie in the altered region (TNFRSF13B)"),
    ("biallelic_tp53", "gene:TP53", "plasma", "circular: TP53 is what the event acts on"),
    ("del_13q", "plasma", "plasma", None),
    ("del_13q", "plasma", "t_cell", None),
]


@pytest.mark.parametrize(("event", "signature", "cells", "reason"), CIRCULAR)
def test_a_score_is_not_tested_against_the_alteration_of_its_own_genes(event, signature, cells, reason):
    none = np.zeros(0, dtype=bool)
    factor = Factor(event, EVENT, "present vs absent", ("absent", "present"), np.zeros(0), none, none)
    assert circular.refusal(Feature("x", cells, signature), factor) == reason


def test_bundled_signatures_and_axes_bring_their_genes():
    assert "XBP1" in circular.genes_of(Feature("x", "plasma", "plasma"))
    axis = circular.axes()[0]
    sent = circular.genes_of(Feature("x", "plasma>t_cell", axis.name))
    taken = circular.genes_of(Feature("x", "t_cell>plasma", axis.name))
    assert (sent, taken) == (frozenset(axis.ligand), frozenset(axis.receptor))
    assert circular.genes_of(Feature("x", "t_cell>myeloid", axis.name)) == frozenset()


def test_states_are_tested_as_log_odds_without_a_common_reference():
    made = simulate(DESIGN)
    subsets = made.composition.query("denominator == 't_cells'")
    states = subsets.assign(denominator="microenvironment", level="state", cell_type="state_" + subsets["cell_type"])
    found = families(composition=states, signatures=None, targets=None)
    assert [(family.scale, family.compositional) for family in found] == [("logit", False)]


def test_axes_are_a_family_of_their_own():
    made = simulate(DESIGN)
    rows = made.signatures.assign(cell_type="myeloid>t_cell")
    both = pd.concat([made.signatures, rows])
    assert [f.name for f in families(composition=None, signatures=both, targets=None)] == ["axes", "signatures:t_cell"]


def test_what_cannot_be_tested_is_named():
    made = simulate(DESIGN)
    rows = made.composition
    rare = rows["cell_type"] == "pDC"
    few = rare & ~rows["sample_id"].isin(["P0000_0", "P0001_0"])
    rows = rows.assign(n_cells=rows["n_cells"].where(~few, 0))
    flat = made.signatures["signature"] == "score_01"
    scores = made.signatures.assign(mean=made.signatures["mean"].where(~flat, 0.5))
    frame = run(dataclasses.replace(made, composition=rows, signatures=scores))[0]
    assert of(frame, MICRO, "pDC")["reason"] == "seen in 2 samples only"
    assert of(frame, "signatures:t_cell", "score_01")["reason"] == "the same in every sample"


def test_where_plasma_cells_alone_expand_no_other_type_moves():
    design = Design(patients=80, acting=("gain_1q21",), changed_types=0, changed_scores=0, plasma_effect=2.0, seed=6)
    frame = run(simulate(dataclasses.replace(design, cells=20_000, concentration=500)))[0]
    rows = frame[(frame["factor"] == "gain_1q21") & frame["family"].str.endswith("all:subset")].set_index("feature")
    assert rows.loc["Plasma_cell", "q"] < 1e-6
    assert rows.loc["Plasma_cell", "effect"] == pytest.approx(2.0, abs=0.4)
    assert (rows.drop("Plasma_cell")["effect"].abs() < 0.4).all()
    assert rows["effect"].median() == pytest.approx(0.0, abs=1e-9), "effects are relative to the median type"
    assert rows["centre"].iloc[0] == pytest.approx(-2.0 / 21, abs=0.06), "which falls with the share of all others"


def test_the_same_seed_gives_the_same_table(simulated, tested):
    pd.testing.assert_frame_equal(run(simulated)[0], tested)


def test_jonckheere_counts_rising_pairs_within_strata_only():
    codes = np.repeat([0.0, 1.0, 2.0], 4)
    rising = np.arange(12.0)[:, None]
    found = jonckheere(rising, codes, np.zeros(12, dtype=np.intp), seed=0)[0]
    assert found["effect"] == 1.0
    assert found["p"] <= 3e-4
    # a second stratum that is higher in all and holds the last step more often makes no trend
    codes = np.array([0, 0, 0, 0, 1, 2, 0, 1, 2, 2, 2, 2], dtype=float)
    strata = np.repeat([0, 1], 6)
    values = strata[:, None] * 100.0 + np.tile([3.0, 1.0, 2.0], 4)[:, None]
    inside = jonckheere(values, codes, strata, seed=0)[0]
    across = jonckheere(values, codes, np.zeros(12, dtype=np.intp), seed=0)[0]
    assert across["effect"] > 0.3 > abs(inside["effect"])


def test_jonckheere_of_two_steps_is_the_rank_sum_test():
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(5)
    codes, values = np.repeat([0.0, 2.0], [15, 12]), rng.normal(size=(27, 1))
    values[codes == 2.0] += 0.8
    oracle = mannwhitneyu(values[codes == 2.0, 0], values[codes == 0.0, 0], method="exact")
    found = jonckheere(values, codes, np.zeros(27, dtype=np.intp), seed=0)[0]
    assert found["effect"] == pytest.approx(2 * oracle.statistic / (15 * 12) - 1)
    assert found["p"] == pytest.approx(oracle.pvalue, abs=0.05)


def test_trends_use_patients_whose_step_is_known(simulated):
    rng = np.random.default_rng(2)
    steps = pd.Series(rng.choice(["MGUS", "SMM", "MM", None], 40))
    found = families(composition=simulated.composition, signatures=None, targets=None)
    setting = setting_of(simulated.cohort, covariate_frame(simulated.cohort, ("batch",)), [])
    frame = trends(setting, steps, found, PLAN)
    assert (frame["status"] == "tested").all()
    assert set(frame["n_patients"]) == {int(steps.notna().sum())}
    assert set(frame["adjusted_for"]) == {"batch"}
    none = trends(setting, pd.Series([None] * 40), found, PLAN)
    assert set(none["feature"]) == {"*"}


@pytest.mark.parametrize(
    ("label", "best", "worst", "expected"),
    [
        ("not_evaluable", "MM", "PCL", "MM"),
        ("not_evaluable", "SMM", "MM", None),
        ("SMM", "SMM", "SMM", "SMM"),
        ("PCL", "PCL", "PCL", "MM"),
    ],
)
def test_myeloma_that_is_not_told_from_leukaemia_counts_as_active(label, best, worst, expected):
    slug = imwg_diagnosis.slug
    found = stages(pd.DataFrame({slug: [label], f"{slug}_best": [best], f"{slug}_worst": [worst]})).iloc[0]
    assert (None if pd.isna(found) else found) == expected
