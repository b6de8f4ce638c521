"""Calls from counted reads of synthetic genomes (bin level): events, shares, limits, purity, sex."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mmrisk.copynumber.read_profile
from mmrisk.assays import AssayFile
from mmrisk.contracts import ARMS, BINS, PURITY, SEGMENTS
from mmrisk.copynumber.bias import arm_names, usable_bins
from mmrisk.copynumber.focal import FOCAL_LOSSES
from mmrisk.copynumber.purity import Purity
from mmrisk.copynumber.read_calls import called, check_is_genome, cross_check, sex_of
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.errors import InputError
from mmrisk.events import ODD_CHROMOSOMES
from mmrisk.genome import AUTOSOMES, CHROMOSOMES
from mmrisk.simulate.bins import simulate_bins
from mmrisk.simulate.truth import Change, Library, Truth, depth_of, place_of
from mmrisk.tables import check, conform

GENOME = (*AUTOSOMES, "X")
HYPERDIPLOID = ("3", "5", "9", "11", "15", "19", "21")


def changes(**copies):
    """Changes by place: copies, or copies and share of the tumour cells."""
    made = []
    for place, value in copies.items():
        number, share = value if isinstance(value, tuple) else (value, 1.0)
        place = place.lstrip("_").replace("__", ":").replace("_", "-")
        made.append(Change(place_of(place, "GRCh38"), number, min(1, number // 2), share))
    return tuple(made)


def sample(*, reads=5_000_000, purity=0.8, seed=1, wave=0.0, chromosomes=GENOME, sex="F", **copies):
    depth = depth_of(reads, build="GRCh38", chromosomes=GENOME, read_length=150)
    truth = Truth(
        depth=depth,
        purity=purity,
        seed=seed,
        sex=sex,
        chromosomes=chromosomes,
        changes=changes(**copies),
        library=Library(wave=wave),
    )
    return simulate_bins(truth)


ASSAY = AssayFile(sample_id="S", assay_id="a", source="wgs", file=Path("a.bam"), build="GRCh38", cell_selection="cd138")


def call(counts, *, purity=None, sex=None):
    found = called(fit_counts(counts, purity=purity), counts, replace(ASSAY, purity=purity), sex=sex)
    return found, {item.event: item for item in found.evidence}


def test_a_hyperdiploid_myeloma_with_its_clones():
    trisomies = {f"_{chrom}": 3 for chrom in HYPERDIPLOID}
    found, events = call(sample(**trisomies, _1q=3, _13=1, _17p=(1, 0.6), _1__45000000_60000000=(1, 0.5)))
    assert found.others["purity"]["purity"].iloc[0] == pytest.approx(0.8, abs=0.02)
    for event in ("hyperdiploid", "gain_1q21", "del_13q", "del_17p", "del_1p32", "trisomy_9"):
        assert events[event].state == "present", event
    assert events["del_17p"].fraction == pytest.approx(0.6, abs=0.08)
    assert events["del_17p"].fraction_low <= 0.6 <= events["del_17p"].fraction_high
    assert events["del_1p32"].fraction == pytest.approx(0.5, abs=0.08)
    assert events["gain_1q21"].copies == 3
    assert events["del_13q"].copies == 1
    for event in ("trisomy_7", "del_14q", "del_16q", "gain_8q24"):
        assert events[event].state == "absent", event
        assert 0 < events[event].detection_limit < 0.2
    # 3 copies in every cell and 4 in half of them look the same
    assert events["amp_1q21"].state == "absent"
    assert events["amp_1q21"].detection_limit > 0.4


def test_hyperdiploidy_is_ruled_out_down_to_the_chromosomes_in_which_it_could_hide_best():
    _, events = call(sample(reads=1_000_000, purity=0.8), purity=0.8)
    limits = sorted(events[f"trisomy_{chrom}"].detection_limit for chrom in ODD_CHROMOSOMES)
    assert events["hyperdiploid"].detection_limit == limits[-2]  # two are needed
    assert limits[-2] > limits[0]


def test_amplification_and_loss_of_both_copies_are_levels_of_their_own():
    trisomies = {f"_{chrom}": 3 for chrom in HYPERDIPLOID}
    _, events = call(sample(reads=20_000_000, **trisomies, _1q=4, _1__49000000_53000000=0))
    assert events["amp_1q21"].state == "present"
    assert events["gain_1q21"].copies == 4
    assert events["biallelic_del_1p32"].state == "present"


def test_a_normal_genome_has_nothing_and_says_how_small_a_clone_it_would_have_seen():
    found, events = call(sample(purity=0.0))
    assert found.others["purity"]["method"].tolist() == ["not_evaluable"]
    states = {event: str(item.state) for event, item in events.items()}
    assert set(states.values()) <= {"absent", "not_evaluable"}
    assert {e for e, s in states.items() if s == "not_evaluable"} == {"near_tetraploid", "cnloh_17p"}
    assert events["del_17p"].fraction_basis == "sorted_pc"
    assert events["del_17p"].detection_limit < 0.15


def test_few_reads_and_little_tumour_leave_small_clones_open():
    _, events = call(sample(reads=300_000, purity=0.3), purity=0.3)
    assert events["del_17p"].detection_limit > 0.5
    assert "focal_change_not_excluded" in events["del_17p"].warnings


def test_waves_of_coverage_raise_the_limit_rather_than_make_events():
    _, flat = call(sample(purity=0.8), purity=0.8)
    _, wavy = call(sample(purity=0.8, wave=0.02), purity=0.8)
    assert wavy["del_17p"].detection_limit > 1.1 * flat["del_17p"].detection_limit
    assert not [event for event, item in wavy.items() if item.state == "present"]


def test_a_focal_loss_in_a_few_bins_is_seen_where_reads_allow():
    _, events = call(sample(reads=30_000_000, purity=0.9, _17__6700000_8700000=1), purity=0.9)
    assert events["del_17p"].state == "present"
    assert events["del_17p"].fraction == pytest.approx(1.0, abs=0.15)


def test_a_given_purity_scales_the_shares():
    _, events = call(sample(purity=0.5, _17p=(1, 0.5)), purity=0.5)
    assert events["del_17p"].fraction == pytest.approx(0.5, abs=0.1)
    _, bare = call(sample(purity=0.5, _17p=(1, 0.5)))
    assert bare["del_17p"].fraction == pytest.approx(0.25, abs=0.05)
    assert bare["del_17p"].fraction_basis == "sorted_pc"


def test_the_ig_loci_are_masked():
    # every plasma cell lacks pieces of IGH: no loss of 14q
    _, events = call(sample(reads=30_000_000, purity=1.0, _14__105700000_106800000=1), purity=1.0)
    assert events["del_14q"].state == "absent"


def test_gained_anchors_leave_the_baseline_unclear():
    found, events = call(sample(_2=3, _12=3, _10=1, _20=1))
    assert {str(item.state) for item in events.values()} == {"not_evaluable"}
    assert any("nothing called" in note for note in found.notes)


def test_a_genome_of_a_few_chromosomes_has_no_baseline():
    found, events = call(sample(chromosomes=("13", "17")))
    assert {str(item.state) for item in events.values()} == {"not_evaluable"}
    assert found.others["purity"]["method"].tolist() == ["not_evaluable"]


@pytest.mark.parametrize(("chromosomes", "sex", "seen"), [((*GENOME, "Y"), "M", "M"), ((*GENOME, "Y"), "F", "F")])
def test_the_sex_is_seen_from_x_and_y(chromosomes, sex, seen):
    counts = sample(chromosomes=chromosomes, sex=sex, purity=0.0)
    assert sex_of(counts) == seen
    other = {"F": "M", "M": "F"}[sex]
    assert any("sex mismatch" in note for note in call(counts, sex=other)[0].notes)
    assert not any("sex mismatch" in note for note in call(counts, sex=sex)[0].notes)


def test_a_clone_without_x_tells_no_sex():
    assert sex_of(sample(chromosomes=(*GENOME, "Y"), purity=0.9, _X=1)) is None


def test_a_panel_declared_as_genome_is_refused():
    counts = sample(purity=0.0)
    rng = np.random.default_rng(1)
    kept = rng.poisson(0.3, len(counts.kept))
    targets = rng.choice(len(kept), 500, replace=False)
    kept[targets] += rng.poisson(400, 500)
    with pytest.raises(InputError, match="as in an exome or panel; write wes or panel"):
        check_is_genome(replace(counts, kept=kept), ASSAY)
    check_is_genome(counts, ASSAY)


def test_every_table_keeps_its_contract():
    found, _ = call(sample(_13=1, _1q=3))
    for frame, table in (
        (found.table, SEGMENTS),
        (found.others["purity"], PURITY),
        (found.others["arms"], ARMS),
        (found.others["bins"], BINS),
    ):
        check(conform(frame, table), table, file=table.name)
        assert len(frame)
    arms = found.others["arms"].set_index("arm")
    assert arms.loc["13q", "change"] == "loss"
    assert arms.loc["13q", "share_lost"] == pytest.approx(1.0)
    assert arms.loc["1q", "copies"] == pytest.approx(3.0, abs=0.15)
    assert arms.loc["2q", "change"] == "none"


def test_wide_bins_give_way_to_heterochromatin_and_lie_on_the_arm_that_holds_most_of_them():
    counts = simulate_bins(Truth(depth=0.5, purity=0.0, chromosomes=GENOME, seed=4), width=3_000_000)
    bins = usable_bins(counts)
    arm = [arm_names("GRCh38")[number] for number in bins.arm]
    assert {"1p", "1q", "17p", "17q"} <= set(arm)
    assert bins.ratio[bins.arm == arm_names("GRCh38").index("1q")].mean() == pytest.approx(1.0, abs=0.02)


def test_an_index_of_another_file_is_noticed():
    counts = sample(purity=0.0)
    fitting = sample(purity=0.0, seed=2)
    assert not list(cross_check(counts, fitting))
    other = sample(purity=0.9, _8=4, seed=3)
    assert "disagree on chromosome 8" in "".join(cross_check(counts, other))


def test_the_few_slices_of_a_thin_cram_are_no_reason_to_doubt_its_index():
    counts = sample(purity=0.0)
    thin = simulate_bins(Truth(depth=0.001, purity=0.9, chromosomes=GENOME, changes=changes(_8=4)), width=60_000_000)
    assert not list(cross_check(counts, thin, kind="cram"))
    many = simulate_bins(Truth(depth=1, purity=0.9, chromosomes=GENOME, changes=changes(_8=4)), width=1_000_000)
    assert "disagree on chromosome 8" in "".join(cross_check(counts, many, kind="cram"))


@pytest.mark.parametrize("reads", [4_000, 16_000, 60_000])
def test_a_handful_of_reads_tells_whole_arms_or_says_that_it_cannot(reads):
    _, events = call(sample(reads=reads, purity=0.95, _1q=3, _13=1, _9=3, _15=3), purity=0.95)
    assert events["gain_1q21"].state in ("present", "not_evaluable")
    assert events["del_17p"].state in ("absent", "not_evaluable")
    assert events["del_17p"].detection_limit > 0.25
    if reads == 60_000:
        assert events["gain_1q21"].state == events["del_13q"].state == "present"


def test_pooling_keeps_reads_arms_and_order():
    counts = sample(reads=30_000)
    thin, fine = usable_bins(counts), usable_bins(sample(reads=5_000_000))
    assert len(thin.kept) < len(fine.kept) / 5
    assert thin.kept.mean() >= 10
    assert (np.diff(thin.arm) >= 0).all()
    assert (thin.end > thin.start).all()
    assert thin.kept.sum() > 0.9 * counts.kept.sum() * fine.kept.sum() / sample(reads=5_000_000).kept.sum()


@pytest.mark.parametrize("left", [0.0, 0.003])
@pytest.mark.parametrize("source", ["wgs", "lowpass"])
def test_a_chromosome_as_good_as_without_reads_is_not_covered_and_no_loss(left, source):
    counts = sample(_9=3, _15=3)
    share = np.where(counts.chrom == CHROMOSOMES.index("13"), left, 1.0)
    counts = replace(counts, kept=(counts.kept * share).astype(int), low=(counts.low * share).astype(int))
    found = called(fit_counts(counts), counts, replace(ASSAY, source=source))
    events = {item.event: item for item in found.evidence}
    assert (events["del_13q"].state, events["del_13q"].fraction) == ("not_evaluable", None)
    assert "not_covered" in events["del_13q"].warnings
    assert events["trisomy_9"].state == "present"
    assert events["hypodiploid"].state == "not_evaluable"
    assert any("no usable reads on 13q: is the file cut down?" in note for note in found.notes)
    assert "13q" not in set(found.others["arms"]["arm"])


def test_an_arm_without_reads_is_no_loss_either():
    counts = sample(_9=3, _15=3)
    here = (counts.chrom == CHROMOSOMES.index("17")) & (counts.start < 22_000_000)
    _, events = call(replace(counts, kept=np.where(here, 0, counts.kept), low=np.where(here, 0, counts.low)))
    assert events["del_17p"].state == events["cnloh_17p"].state == "not_evaluable"


def test_a_whole_file_has_no_arm_left_out():
    counts = sample(_13=1, _17p=1, purity=1.0)
    assert not any("cut down" in note for note in call(counts)[0].notes)


def test_a_purity_that_lost_arms_contradict_leaves_everything_open():
    found, events = call(sample(purity=0.9, _13=1, _9=3, _15=3), purity=0.4)
    assert {str(item.state) for item in events.values()} == {"not_evaluable"}
    assert all("purity_contradicted" in item.warnings for item in events.values())
    assert found.others["purity"]["method"].tolist() == ["not_evaluable"]
    assert any("purity 0.40 given, but then 13q would have lost both copies" in note for note in found.notes)
    check(conform(found.others["arms"], ARMS), ARMS, file="arms")


@pytest.mark.parametrize("purity", [0.2, 0.3, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("reads", [4_000, 100_000, 5_000_000])
def test_no_purity_makes_copies_negative_in_a_table(reads, purity):
    found, _ = call(sample(reads=reads, purity=0.9, _13=1, _17p=1, _9=3), purity=purity)
    for name, table in (("arms", ARMS), ("bins", BINS), ("purity", PURITY)):
        check(conform(found.others[name], table), table, file=name)


@pytest.mark.parametrize("selection", ["", "unknown", "none"])
def test_nothing_is_absent_where_nothing_tells_that_cells_were_sorted(selection):
    # 5 % of the cells are tumour cells, and all of them have lost 13 and 17p
    counts = sample(purity=0.05, _13=1, _17p=1)
    found = called(fit_counts(counts), counts, replace(ASSAY, cell_selection=selection))
    assert {str(item.state) for item in found.evidence} == {"not_evaluable"}
    assert {item.fraction_basis for item in found.evidence} == {"all_nuclei"}
    why = "cells_not_selected" if selection == "none" else "cell_selection_unknown"
    assert all(why in item.warnings for item in found.evidence)


def test_a_known_purity_makes_up_for_an_unknown_selection():
    counts = sample(purity=0.5, _13=1)
    found = called(fit_counts(counts, purity=0.5), counts, replace(ASSAY, cell_selection="unknown", purity=0.5))
    events = {item.event: item for item in found.evidence}
    assert (events["del_13q"].state, events["del_17p"].state) == ("present", "absent")
    assert events["del_17p"].fraction_basis == "tumour_cells"


FOCAL = {"_1__50600000_51400000": (1, 0.6), "_13__47800000_49200000": (1, 0.6), "_9": 3, "_15": 3}


def test_a_focal_loss_that_too_few_reads_would_show_is_not_ruled_out_by_the_arm():
    _, events = call(sample(reads=300_000, purity=0.9, **FOCAL), purity=0.9)
    for event in FOCAL_LOSSES & set(events):
        assert events[event].state == "not_evaluable", event
        assert "focal_change_not_excluded" in events[event].warnings, event
    assert events["trisomy_7"].state == "absent"


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("reads", [1_000_000, 5_000_000])
@pytest.mark.parametrize("event", ["del_1p32", "del_13q", "del_17p", "del_16q"])
def test_a_focal_loss_of_the_clone_that_matters_is_never_absent(event, reads, seed):
    place = {
        "del_1p32": "_1__49900000_52000000",
        "del_13q": "_13__47300000_49400000",
        "del_17p": "_17__6650000_8700000",
        "del_16q": "_16__49700000_51800000",
    }[event]
    _, events = call(sample(reads=reads, purity=0.9, seed=seed, **{place: (1, 0.75)}), purity=0.9)
    assert events[event].state != "absent"


@pytest.mark.parametrize("wave", [0.0, 0.01])
def test_five_million_reads_rule_focal_losses_out(wave):
    _, events = call(sample(reads=5_000_000, purity=0.8, wave=wave, _9=3, _15=3))
    open_ = [event for event in FOCAL_LOSSES & set(events) if events[event].state != "absent"]
    assert len(open_) <= 1
    assert "focal change within 1 Mb seen from" in events["del_17p"].detail


def test_an_ambiguous_purity_is_taken_at_its_lower_end_for_limits_and_bounds(monkeypatch):
    counts = sample(purity=0.8, _9=3, _15=3, _17p=(1, 0.4))

    def fitted(low):
        purity = Purity("fitted", 0.8, low, 0.8, 0.004)
        monkeypatch.setattr(mmrisk.copynumber.read_profile, "fit_purity", lambda *_, **__: purity)
        return call(counts)[1]

    sure, ambiguous = fitted(0.8), fitted(0.4)
    for event in ("del_13q", "trisomy_7"):
        assert ambiguous[event].detection_limit == pytest.approx(2 * sure[event].detection_limit)
    assert ambiguous["del_17p"].fraction == sure["del_17p"].fraction
    assert ambiguous["del_17p"].fraction_high == pytest.approx(2 * sure["del_17p"].fraction_high, rel=0.05)
    assert ambiguous["del_17p"].fraction_low == pytest.approx(sure["del_17p"].fraction_low)
