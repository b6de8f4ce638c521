"""Spikes of translocation targets: monotone, exclusive, on any scale, and what they say as evidence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.assays import AssayFile
from mmrisk.consensus import decide
from mmrisk.contracts import SPIKES
from mmrisk.errors import InputError
from mmrisk.events import Evidence, State, Tier
from mmrisk.expression.scale import scale
from mmrisk.expression.spike_evidence import read_expression_evidence
from mmrisk.expression.spikes import posterior, shipped_model
from mmrisk.expression.units import parse_unit
from mmrisk.tables import conform, evidence_frame

QUIET = {"NSD2": 5.7, "CCND1": 1.0, "CCND2": 9.0, "CCND3": 5.4, "FGFR3": 0.5, "MAF": 1.5, "MAFB": 1.0}
SPIKES_OF = {
    "t_4_14": {"NSD2": 10.5},
    "t_11_14": {"CCND1": 11.0},
    "t_6_14": {"CCND3": 10.5},
    "t_14_16": {"MAF": 9.8},
    "t_14_20": {"MAFB": 9.2},
}
levels = st.floats(0, 14)


def chances(**genes):
    values = pd.DataFrame([{**QUIET, **genes}])
    model = shipped_model()
    return dict(zip(model.events, posterior(values, model).marginal[0], strict=True))


@pytest.mark.parametrize("event", SPIKES_OF)
def test_a_spike_makes_its_own_translocation_probable_and_no_other(event):
    found = chances(**SPIKES_OF[event])
    assert found.pop(event) > 0.95
    assert all(chance < 0.05 for chance in found.values() if not np.isnan(chance))


def test_without_a_spike_nothing_is_probable():
    assert all(chance < 0.01 for chance in chances().values() if not np.isnan(chance))


def test_a_strong_spike_discounts_a_weak_one_of_another_class_but_not_a_strong_one():
    assert chances(CCND3=9.4)["t_6_14"] > 0.5
    assert chances(CCND3=9.4, CCND1=11)["t_6_14"] < 0.4
    assert chances(CCND3=11, CCND1=11)["t_6_14"] > 0.9


def test_maf_without_the_cyclin_that_it_drives_is_discounted():
    assert chances(MAF=8.3)["t_14_16"] > 0.8
    assert chances(MAF=8.3, CCND2=1.0)["t_14_16"] < 0.1


def test_a_gene_that_is_missing_takes_no_part():
    values = pd.DataFrame([QUIET]).drop(columns="MAF").assign(NSD2=np.nan)
    found = posterior(values, shipped_model()).marginal[0]
    events = list(shipped_model().events)
    assert np.isnan(found[[events.index("t_4_14"), events.index("t_14_16")]]).all()
    assert not np.isnan(found[events.index("t_11_14")])


@given(st.sampled_from(sorted(SPIKES_OF)), levels, levels, st.dictionaries(st.sampled_from(sorted(QUIET)), levels))
def test_more_expression_never_makes_a_translocation_less_probable(event, one, other, genes):
    gene = next(iter(SPIKES_OF[event]))
    low, high = sorted((one, other))
    assert chances(**{**genes, gene: low})[event] <= chances(**{**genes, gene: high})[event] + 1e-12


@given(st.lists(levels, min_size=6, max_size=6))
def test_probabilities_are_probabilities(numbers):
    values = pd.DataFrame([dict(zip(shipped_model().genes, numbers, strict=True))])
    found = posterior(values, shipped_model())
    assert found.combinations.sum() == pytest.approx(1)
    assert ((found.marginal >= 0) & (found.marginal <= 1 + 1e-12)).all()


def cohort(n=40, carriers=4, seed=3):
    """Linear values of a made-up cohort whose first samples spike in NSD2."""
    rng = np.random.default_rng(seed)
    log = pd.DataFrame({g: rng.normal(m, 0.4, n) for g, m in QUIET.items()}, index=[f"S{i}" for i in range(n)])
    log.loc[log.index[:carriers], "NSD2"] += 4.8
    return np.exp2(log.clip(lower=0.1)) - 1


def called(linear, unit):
    scaled = scale(linear, parse_unit(unit), file="m.tsv")
    model = shipped_model()
    return scaled, posterior(scaled.values, model).marginal[:, model.events.index("t_4_14")] >= 0.5


def test_a_cohort_in_array_signal_is_brought_to_the_scale_by_its_medians():
    linear = cohort()
    scaled, found = called(linear * 7.3 + 1, "array_signal")
    assert scaled.method == "array_signal_by_cohort"
    assert scaled.values["NSD2"].median() == pytest.approx(5.70)
    assert found.tolist() == [True] * 4 + [False] * 36


def test_what_was_compared_within_the_cohort_says_so(tmp_path):
    linear = (cohort() * 7.3 + 1).T.rename_axis("gene").to_csv(sep="\t", float_format="%.3f")
    for unit, warned in (("array_signal", ("scaled_by_cohort",)), ("tpm", ())):
        items = [item for item in read(tmp_path, linear, unit=unit).evidence if item.event == "t_4_14"]
        assert {item.warnings for item in items} == {warned}


def test_a_tpm_cohort_of_another_pipeline_is_moved_as_a_whole_and_said_so():
    scaled, found = called(cohort() * 4, "tpm")
    assert scaled.method == "tpm_by_cohort"
    assert "log2 from the reference" in scaled.note
    assert found.tolist() == [True] * 4 + [False] * 36


def test_one_sample_in_tpm_is_called_as_it_is_in_its_cohort():
    linear = cohort()
    whole = called(linear, "tpm")[1]
    assert [called(linear.iloc[[i]], "tpm")[1][0] for i in range(40)] == whole.tolist()


def test_one_array_is_called_where_a_reference_exists():
    scaled, found = called(pd.DataFrame({"NSD2": [9000.0], "CCND1": [300.0], "MAF": [900.0]}, index=["S"]), "mas5")
    assert found.tolist() == [True]
    assert scaled.values["MAF"].isna().all()


def test_a_few_samples_in_fpkm_cannot_be_compared():
    with pytest.raises(InputError, match="give TPM, or a matrix of at least 20 samples"):
        called(cohort().iloc[:5], "fpkm")


def read(tmp_path, text, *, unit="tpm", sample_id="*", source="expression"):
    path = tmp_path / "m.tsv"
    path.write_text(text)
    return read_expression_evidence(
        AssayFile(sample_id=sample_id, assay_id="rna", source=source, file=path, build="", unit=unit)
    )


MATRIX = "gene\tA\tB\tC\nNSD2\t1500\t50\t\nFGFR3\t0\t0\t0\nCCND1\t2\t2000\t500.5\nMAF\t3\t1\t900\nCCND2\t900\t3\t900\n"


def test_evidence_is_inferred_and_follows_the_probability(tmp_path):
    reading = read(tmp_path, MATRIX)
    assert {item.tier for item in reading.evidence} == {Tier.INFERRED}
    states = {(item.sample_id, item.event): item.state for item in reading.evidence}
    assert states["A", "t_4_14"] == State.PRESENT
    assert states["A", "fgfr3_lost"] == State.PRESENT
    assert states["B", "t_11_14"] == State.PRESENT
    assert states["B", "t_4_14"] == State.ABSENT
    assert ("B", "fgfr3_lost") not in states
    assert states["C", "t_4_14"] == State.NOT_EVALUABLE, "no value"
    assert states["C", "maf_activated"] == State.PRESENT
    assert ("A", "t_14_20") not in states, "the matrix lacks MAFB"
    conform(reading.table, SPIKES)


def test_a_library_without_the_genes_of_every_plasma_cell_rules_nothing_out(tmp_path):
    text = "gene\tA\tB\tC\nNSD2\t0\t50\t1500\nCCND3\t0\t0\t0\nCCND1\t0\t3\t3\n"
    items = {(item.sample_id, item.event): item for item in read(tmp_path, text).evidence}
    assert {items["A", event].state for event in ("t_4_14", "t_6_14", "t_11_14")} == {State.NOT_EVALUABLE}
    assert items["A", "t_11_14"].warnings == ("library_silent",)
    assert items["B", "t_11_14"].state == State.ABSENT
    assert items["C", "t_4_14"].state == State.PRESENT


def test_between_the_two_limits_nothing_is_said(tmp_path):
    text = "gene\tA\nNSD2\t50\nCCND1\t420\n"
    item = next(item for item in read(tmp_path, text).evidence if item.event == "t_11_14")
    assert (item.state, item.warnings) == (State.NOT_EVALUABLE, ("spike_unclear",))


def test_a_cutoff_that_was_not_fitted_is_said_so(tmp_path):
    items = {item.event: item for item in read(tmp_path, "gene\tA\nMAFA\t900.5\nCCND1\t3\n").evidence}
    assert (items["t_8_14_mafa"].state, items["t_8_14_mafa"].warnings) == (State.PRESENT, ("cutoff_not_fitted",))
    assert items["t_11_14"].warnings == ()


REFUSED = [
    ({"unit": ""}, "column unit: is missing; say one of tpm"),
    ({"unit": "log10"}, "'log10' is not a unit of expression"),
    ({"source": "wgs"}, "'wgs' makes no expression"),
]


@pytest.mark.parametrize(("values", "said"), REFUSED)
def test_what_the_sheet_must_say_is_asked_for(values, said, tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, MATRIX, **values)
    assert said in str(caught.value)


def test_a_spike_decides_between_fish_and_genome_that_disagree(tmp_path):
    rna = [item for item in read(tmp_path, MATRIX).evidence if item.sample_id == "A"]
    common = dict(sample_id="A", event="t_4_14")
    fish = Evidence(assay_id="f", source="fish", state=State.PRESENT, fraction=0.6, **common)
    genome = Evidence(assay_id="g", source="wgs", state=State.ABSENT, fraction=0.0, detection_limit=0.1, **common)

    def state(items):
        return decide(evidence_frame(items))[0].set_index("event").loc["t_4_14", "state"]

    assert state([fish, genome]) == "conflict"
    assert state([fish, genome, *rna]) == "present"
    assert state([genome, *rna]) == "absent", "a spike never stands against DNA alone"
