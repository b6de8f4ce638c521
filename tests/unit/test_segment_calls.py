"""Calls from segments: loci, whole chromosomes, the baseline, doubled genomes, and what cannot be told."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.copynumber.calls import LOCUS_EVENTS, PLOIDY_EVENTS, TWO_COPY_EVENTS, Assay, _diluted, call_sample
from mmrisk.copynumber.clone_shares import Finding, limit_at, seen_from
from mmrisk.copynumber.profile import (
    ANCHORS,
    CODES,
    callable_length,
    make_profile,
    segment_sight,
    threshold,
    weighted_quantile,
)
from mmrisk.events import ODD_CHROMOSOMES, State, catalogue
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, Interval, arms, chrom_lengths, loci
from mmrisk.tables import evidence_frame

BUILD = "GRCh38"
ALL_EVENTS = {*LOCUS_EVENTS, *TWO_COPY_EVENTS.values(), "cnloh_17p", *PLOIDY_EVENTS}
P, A, N, S = "present", "absent", "not_evaluable", "subthreshold"


def genome(changes=None, *, base=2.0, noise=0.02, alleles=False, build=BUILD, chroms=CHROMOSOMES, seed=1):
    """Segments of a genome: two pieces per arm; `changes` maps an arm, chromosome or interval to (copies, minor)."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, span in arms(build).items():
        if span.chrom in chroms:
            middle = (span.start + span.end) // 2
            rows += [(span.chrom, span.start, middle, name), (span.chrom, middle, span.end, name)]
    frame = pd.DataFrame(rows, columns=["chrom", "start", "end", "arm"])
    for place in changes or {}:
        if isinstance(place, Interval):
            frame = cut(frame, place)
    copies = np.full(len(frame), base) + rng.normal(0, noise, len(frame)).round(4)
    minor = np.full(len(frame), base / 2)
    for place, value in (changes or {}).items():
        total, lesser = value if isinstance(value, tuple) else (value, np.nan)
        here = inside(frame, place)
        copies[here] += total - base
        minor[here] = lesser
    frame["copies"] = np.maximum(copies, 0)
    frame["minor_copies"] = minor if alleles else np.nan
    frame["major_copies"] = (frame["copies"] - minor).round() if alleles else np.nan
    frame["n_markers"] = np.nan
    frame["code"] = frame["chrom"].map(CODES)
    return frame.sort_values(["code", "start"], ignore_index=True)


def cut(frame, place):
    """The frame with segment ends at both ends of an interval."""
    rows = []
    for row in frame.itertuples(index=False):
        marks = [row.start, row.end]
        if row.chrom == place.chrom:
            marks += [mark for mark in (place.start, place.end) if row.start < mark < row.end]
        marks.sort()
        rows += [(row.chrom, a, b, row.arm) for a, b in pairwise(marks)]
    return pd.DataFrame(rows, columns=frame.columns)


def inside(frame, place):
    if isinstance(place, Interval):
        return (frame["chrom"] == place.chrom) & (frame["start"] < place.end) & (frame["end"] > place.start)
    return (frame["arm"] == place) | (frame["chrom"] == place)


def call(segments, *, corrected=True, purity=None, source="array", selection="cd138", build=BUILD, **options):
    profile = make_profile(segments, build=build, purity_corrected=corrected, purity=purity)
    assay = Assay(sample_id="S", assay_id="a", source=source, method="seg", cell_selection=selection, purity=purity)
    evidence = call_sample(profile, assay=assay, **options)
    return evidence_frame(evidence).set_index("event")


def probe(name, kind="probe", pad=0):
    span = loci(BUILD, kind)[name].span
    return Interval(span.chrom, span.start - pad, span.end + pad)


def gained(*chroms, copies=3.0):
    return dict.fromkeys(chroms, copies)


STATES = [
    ("a normal genome has no gain", {}, "gain_1q21", A, None),
    ("a normal genome has no loss", {}, "del_17p", A, None),
    ("a normal genome is not hyperdiploid", {}, "hyperdiploid", A, None),
    ("a normal genome is not hypodiploid", {}, "hypodiploid", A, None),
    ("three copies of 1q", {"1q": 3.0}, "gain_1q21", P, 1.0),
    ("a gain in half the cells", {"1q": 2.5}, "gain_1q21", P, 0.5),
    ("a gain in a quarter of the cells", {"1q": 2.25}, "gain_1q21", P, 0.25),
    ("a gain too small to decide", {"1q": 2.18}, "gain_1q21", N, None),
    ("an unseen gain", {"1q": 2.05}, "gain_1q21", A, None),
    ("three copies may hide cells with four", {"1q": 3.0}, "amp_1q21", N, None),
    ("four copies", {"1q": 4.0}, "amp_1q21", P, 1.0),
    ("four copies in part", {"1q": 3.6}, "amp_1q21", P, 0.6),
    ("no gain, no amplification", {}, "amp_1q21", A, None),
    ("loss of 17p", {"17p": 1.0}, "del_17p", P, 1.0),
    ("loss of 17p in 60 % of the cells", {"17p": 1.4}, "del_17p", P, 0.6),
    ("loss around the cut-off cannot be decided", {"17p": 1.77}, "del_17p", N, None),
    ("a focal loss of the TP53 gene alone", {probe("TP53", "gene"): 1.0}, "del_17p", P, 1.0),
    ("a loss beside TP53", {Interval("17", 12_000_000, 20_000_000): 1.0}, "del_17p", A, None),
    ("a loss of RB1 only", {probe("RB1", pad=50_000): 1.0}, "del_13q", P, 1.0),
    ("a loss of the 13q14 probe only", {probe("13q14", pad=50_000): 1.0}, "del_13q", P, 1.0),
    ("monosomy 13", {"13": 1.0}, "del_13q", P, 1.0),
    ("loss of CYLD with 16q22 left", {probe("CYLD", pad=50_000): 1.0}, "del_16q", P, 1.0),
    ("loss of TRAF3", {probe("TRAF3", pad=50_000): 1.0}, "del_14q", P, 1.0),
    ("loss of 8p", {"8p": 1.0}, "del_8p", P, 1.0),
    ("gain at MYC", {probe("MYC", pad=9_000): 3.0}, "gain_8q24", P, 1.0),
    ("loss of BIRC2 and BIRC3", {probe("BIRCs", pad=9_000): 1.0}, "del_11q_birc", P, 1.0),
    ("loss of TENT5C", {probe("FAM46C", pad=9_000): 1.0}, "del_1p12", P, 1.0),
    ("loss of CDKN2C", {probe("CDKN2C", pad=9_000): 1.0}, "del_1p32", P, 1.0),
    ("one copy lost without alleles may hide both", {"1p": 1.0}, "biallelic_del_1p32", N, None),
    ("both copies lost", {probe("CDKN2C", pad=9_000): 0.1}, "biallelic_del_1p32", P, 0.9),
    ("no loss, none of both copies", {}, "biallelic_del_1p32", A, None),
    ("trisomies of 3 and 9", gained("3", "9"), "hyperdiploid", P, 1.0),
    ("one trisomy only", gained("9"), "hyperdiploid", A, None),
    ("trisomies in 40 % of the cells", gained("3", "9", "15", copies=2.4), "hyperdiploid", P, 0.4),
    ("a trisomy of an even chromosome does not count", gained("9", "18"), "hyperdiploid", A, None),
    ("a gained short arm is no trisomy", {"3p": 3.0}, "trisomy_3", A, None),
    ("two whole chromosomes lost", {"13": 1.0, "14": 1.0}, "hypodiploid", P, 1.0),
    ("one lost: a sex chromosome may be lost besides", {"13": 1.0}, "hypodiploid", N, None),
    ("losses made up by gains", {"13": 1.0, "14": 1.0, "9": 3.0, "15": 3.0}, "hypodiploid", A, None),
    ("no copy number excludes an exact double", {}, "near_tetraploid", N, None),
    ("a therapy target on a lost arm", {"16p": 1.0}, "tnfrsf17_altered", P, 1.0),
    ("a therapy target lost altogether", {"12p": 0.0}, "gprc5d_altered", P, 1.0),
    ("allele copies are needed for LOH", {}, "cnloh_17p", N, None),
]


@pytest.mark.parametrize(("name", "changes", "event", "state", "fraction"), STATES, ids=[row[0] for row in STATES])
def test_state(name, changes, event, state, fraction):
    row = call(genome(changes)).loc[event]
    assert row["state"] == state
    if fraction is not None:
        assert row["fraction"] == pytest.approx(fraction, abs=0.07)
        assert row["fraction_low"] <= row["fraction"] <= row["fraction_high"]


def test_every_event_of_copy_number_is_called():
    copy_number = {event for event, kind in catalogue().items() if kind.kind in ("copy_number", "trisomy")}
    ploidy = {"hyperdiploid", "hypodiploid", "near_tetraploid"}
    targets = {event for event, kind in catalogue().items() if kind.kind == "target"}
    not_by_copies = {"cul4b_altered", "psmb5_altered"}
    assert set(call(genome()).index) == ALL_EVENTS == copy_number | ploidy | (targets - not_by_copies)


@pytest.mark.parametrize(("share", "state"), [(0.55, A), (0.7, P)])
def test_a_chromosome_is_gained_over_more_than_60_percent_of_its_callable_length(share, state):
    end = int(chrom_lengths(BUILD)["11"] * share)
    changes = {Interval("11", 0, end): 3.0, "3": 3.0}
    assert call(genome(changes)).loc["trisomy_11", "state"] == state
    assert call(genome(changes)).loc["hyperdiploid", "state"] == state


def test_rearranged_ig_loci_do_not_count():
    segments = genome({probe("IGH", "ig"): 0.5})
    callable_bases = make_profile(segments, build=BUILD, purity_corrected=True).callable
    assert callable_bases[inside(segments, probe("IGH", "ig"))].tolist() == [0]
    assert callable_bases[inside(segments, "13q")].sum() == arms(BUILD)["13q"].length


def test_acrocentric_short_arms_and_centromeres_do_not_count():
    assert callable_length(BUILD)["15"] == arms(BUILD)["15q"].length
    assert callable_length(BUILD)["14"] == arms(BUILD)["14q"].length - loci(BUILD, "ig")["IGH"].span.length


def test_two_trisomies_are_warned_of_and_listed():
    row = call(genome(gained("3", "9"))).loc["hyperdiploid"]
    assert row["support"] == 2
    assert row["detail"] == "gained 3, 9 of 8 tested odd chromosomes"
    assert "two_trisomies_only" in row["warnings"]
    assert "two_trisomies_only" not in str(call(genome(gained("3", "9", "11"))).loc["hyperdiploid", "warnings"])


def test_the_number_of_trisomies_is_a_setting():
    two, three = genome(gained("3", "9")), genome(gained("3", "9", "11"))
    assert call(two, min_trisomies=3).loc["hyperdiploid", "state"] == A
    assert call(three, min_trisomies=3).loc["hyperdiploid", "state"] == P


def test_the_share_of_hyperdiploid_cells_is_that_of_the_deciding_trisomy():
    segments = genome({"3": 3.0, "9": 2.6, "15": 2.4})
    assert call(segments).loc["hyperdiploid", "fraction"] == pytest.approx(0.6, abs=0.07)
    assert call(segments, min_trisomies=3).loc["hyperdiploid", "fraction"] == pytest.approx(0.4, abs=0.07)


@pytest.mark.parametrize("shift", [-0.35, -0.1, 0.2, 0.45])
def test_a_moved_baseline_changes_nothing(shift):
    changes = {"1q": 3.0, "13": 1.0, **gained("3", "5", "9", "15")}
    plain, moved = genome(changes), genome(changes)
    moved["copies"] += shift
    expected, found = call(plain), call(moved)
    assert found["state"].tolist() == expected["state"].tolist()
    assert np.allclose(found["fraction"].astype(float), expected["fraction"].astype(float), atol=1e-9, equal_nan=True)


def test_hyperdiploidy_does_not_move_the_baseline():
    changes = gained(*ODD_CHROMOSOMES, "6", "18")
    found = call(genome(changes))
    assert found.loc["hyperdiploid", "support"] == 8
    assert found.loc["del_17p", "state"] == A


def test_one_altered_stable_chromosome_does_not_move_the_baseline():
    found = call(genome({"2": 3.0, "1q": 3.0}))
    assert found.loc["gain_1q21", "fraction"] == pytest.approx(1.0, abs=0.05)
    assert found.loc["del_17p", "state"] == A


def test_stable_chromosomes_that_disagree_leave_everything_open():
    found = call(genome({"2": 3.0, "4": 2.5, "10": 1.0}))
    assert set(found["state"]) == {N}
    assert set(found["warnings"]) == {"baseline_unclear"}


def test_allele_copies_find_the_baseline_where_most_stable_chromosomes_are_gained():
    changes = {"2": (3.0, 1.0), "4": (3.0, 1.0), "10": (3.0, 1.0)}
    assert call(genome(changes, alleles=True)).loc["gain_1q21", "state"] == A
    assert call(genome(changes)).loc["gain_1q21", "state"] == N


def test_a_divided_vote_for_three_copies_is_not_believed():
    found = call(genome({"2": 3.0, "4": 3.0}))
    assert set(found["state"]) == {N}


def test_one_chromosome_only_is_not_evaluable():
    found = call(genome({"17p": 1.0}, chroms=("17",)))
    assert set(found["state"]) == {N}


def test_a_locus_without_segments_is_not_evaluable_and_the_rest_is_called():
    segments = genome({"1q": 3.0})
    found = call(segments[segments["arm"] != "17p"])
    assert found.loc["del_17p", ["state", "warnings"]].tolist() == [N, "not_covered"]
    assert found.loc["cnloh_17p", "state"] == N
    assert found.loc["gain_1q21", "state"] == P


@pytest.mark.parametrize(("missing", "state"), [(("3", "5"), A), (("3", "5", "7"), N)])
def test_hyperdiploidy_needs_six_of_the_eight_chromosomes(missing, state):
    found = call(genome(chroms=tuple(set(CHROMOSOMES) - set(missing))), min_trisomies=3)
    assert found.loc["hyperdiploid", "state"] == state


def test_an_uncovered_chromosome_that_could_be_the_second_trisomy_leaves_it_open():
    found = call(genome(gained("9"), chroms=tuple(set(CHROMOSOMES) - {"3"})))
    assert found.loc["hyperdiploid", "state"] == N


DOUBLED = {"13": (2.0, 0.0), "16q": (2.0, 0.0), "9": (6.0, 2.0), "15": (6.0, 2.0), "3": (6.0, 2.0)}
ODD = {"1p": (3.0, 1.0), "4p": (3.0, 1.0), "7": (5.0, 2.0), "8": (3.0, 1.0), "11": (5.0, 2.0)}


def test_a_doubled_fit_that_a_plain_genome_explains_is_read_as_plain():
    found = call(genome({**DOUBLED, "1q": (4.0, 2.0)}, base=4.0, alleles=True))
    assert found.loc["near_tetraploid", "state"] == N
    assert found.loc["del_13q", "fraction"] == pytest.approx(1.0, abs=0.05)
    assert found.loc["del_17p", "state"] == A
    assert found.loc["gain_1q21", "state"] == A
    assert found.loc["hyperdiploid", "support"] == 3
    assert set(found["warnings"]) == {"doubling_unclear"}


def test_odd_copy_numbers_in_all_cells_show_a_doubling():
    found = call(genome({**DOUBLED, **ODD}, base=4.0, alleles=True))
    assert found.loc["near_tetraploid", "state"] == P
    assert found.loc["del_1p32", ["state", "fraction", "copies"]].tolist() == [P, pytest.approx(1, abs=0.1), 3]
    assert found.loc["del_13q", "copies"] == 2
    assert found.loc["del_17p", "state"] == A
    assert found.loc["hypodiploid", "state"] == N


def test_a_subclone_of_a_doubled_fit_may_be_twice_as_large():
    row = call(genome({**DOUBLED, "17p": (3.0, 1.0)}, base=4.0, alleles=True)).loc["del_17p"]
    assert row["fraction"] == pytest.approx(0.5, abs=0.05)
    assert row["fraction_high"] == pytest.approx(1.0, abs=0.05)


def test_near_haploid_genomes_keep_gains_open():
    kept = {"3", "5", "7", "9", "11", "15", "18", "19", "21"}
    changes = dict.fromkeys(set(AUTOSOMES) - kept - {"2", "12"}, (1.0, 0.0)) | {"1q": (2.0, 0.0)}
    found = call(genome(changes, alleles=True))
    assert found.loc["hypodiploid", "state"] == P
    assert found.loc["hyperdiploid", "state"] == N
    assert found.loc["gain_1q21", "state"] == N
    assert found.loc["del_17p", "state"] == P
    assert all("near_haploid_genome" in warnings for warnings in found["warnings"])


LOH = [
    ("both alleles", {"17p": (2.0, 1.0)}, A, 0.5),
    ("copy-neutral loss of heterozygosity", {"17p": (2.0, 0.0)}, P, None),
    ("loss of one copy in all cells", {"17p": (1.0, 0.0)}, A, 0.2),
    ("loss of one copy in part of the cells", {"17p": (1.4, 0.0)}, N, None),
    ("loss of heterozygosity with a gain", {"17p": (3.0, 0.0)}, P, None),
]


@pytest.mark.parametrize(("name", "changes", "state", "limit"), LOH, ids=[row[0] for row in LOH])
def test_loss_of_heterozygosity(name, changes, state, limit):
    segments = genome(changes, alleles=True)
    profile = make_profile(segments, build=BUILD, purity_corrected=True)
    assay = Assay(sample_id="S", assay_id="a", source="array", method="ascat")
    row = next(item for item in call_sample(profile, assay=assay) if item.event == "cnloh_17p")
    assert row.state == state
    assert row.detection_limit == (limit and pytest.approx(limit))


def test_alleles_show_that_one_copy_of_1p32_is_left():
    found = call(genome({"1p": (1.0, 0.0)}, alleles=True))
    assert found.loc["biallelic_del_1p32", "state"] == A
    assert found.loc["del_1p32", "copies"] == 1


def test_copies_of_the_abnormal_cells_are_given_only_where_all_cells_share_them():
    assert call(genome({"17p": 1.02})).loc["del_17p", "copies"] == 1
    assert call(genome({"17p": 0.05})).loc["del_17p", "copies"] == 0
    assert pd.isna(call(genome({"17p": 1.5})).loc["del_17p", "copies"])
    assert call(genome({"1q": 4.0})).loc["gain_1q21", "copies"] == 4


def test_whole_copies_say_nothing_of_small_clones():
    found = call(genome({"1q": (3.0, 1.0), "13": (1.0, 0.0)}, noise=0.0, alleles=True))
    assert found.loc["gain_1q21", "state"] == P
    assert pd.isna(found.loc["gain_1q21", "fraction"])
    assert found.loc["gain_1q21", "fraction_low"] == 0.5
    assert found.loc["del_17p", ["state", "detection_limit"]].tolist() == [N, 0.5]
    assert found.loc["amp_1q21", "state"] == N


def test_one_long_segment_between_two_whole_numbers_shows_that_noise_free_copies_are_not_rounded():
    found = call(genome({"1q": 2.45, "17p": 1.25}, noise=0.0))
    assert "whole_copies_only" not in ";".join(found["warnings"].dropna())
    assert found.loc["del_17p", "fraction"] == pytest.approx(0.75, abs=0.02)
    assert found.loc["gain_1q21", "fraction"] == pytest.approx(0.45, abs=0.02)
    assert found.loc["del_13q", "state"] == A


@pytest.mark.parametrize(
    ("selection", "warning"),
    [("none", "cells_not_selected"), ("unknown", "cell_selection_unknown"), ("", "cell_selection_unknown")],
)
def test_material_not_known_to_be_selected_rules_nothing_out(selection, warning):
    found = call(genome({"17p": 1.7}, noise=0.01), corrected=False, selection=selection)
    assert found.loc["del_13q", "state"] == N
    assert warning in found.loc["del_13q", "warnings"]
    assert found.loc["del_17p", "fraction_basis"] == "all_nuclei"
    assert "absent" not in set(found["state"])


def test_purity_turns_copies_of_the_material_into_those_of_tumour_cells():
    mixed = genome({"17p": 1.7, "1q": 2.3}, noise=0.01)
    material, tumour = call(mixed, corrected=False), call(mixed, corrected=False, purity=0.5)
    assert material.loc["del_17p", "fraction_basis"] == "sorted_pc"
    assert call(mixed, corrected=False, selection="none").loc["del_17p", "fraction_basis"] == "all_nuclei"
    assert material.loc["gain_1q21", "fraction"] == pytest.approx(0.3, abs=0.05)
    assert tumour.loc["del_17p", "fraction"] == pytest.approx(0.6, abs=0.07)
    assert tumour.loc["del_17p", "fraction_basis"] == "tumour_cells"
    assert tumour.loc["del_17p", "purity"] == 0.5


def test_purity_does_not_correct_twice():
    segments = genome({"17p": 1.4})
    assert call(segments, purity=0.5).loc["del_17p", "fraction"] == call(segments).loc["del_17p", "fraction"]


def test_noise_grows_as_purity_falls_and_leaves_negatives_open():
    quiet = genome(noise=0.02)
    assert call(quiet, corrected=False, purity=0.9).loc["del_17p", "state"] == A
    assert call(quiet, corrected=False, purity=0.15).loc["del_17p", "state"] == N


def test_noisy_files_leave_negatives_open_but_not_clear_losses():
    segments = genome({"13": 1.0}, noise=0.12)
    segments.loc[segments["arm"] == "17p", "copies"] = 2.0
    found = call(segments)
    assert found.loc["del_17p", "state"] == N
    assert found.loc["del_17p", "detection_limit"] > 0.2
    assert found.loc["del_13q", "state"] == P


def test_few_markers_make_a_locus_noisy():
    segments = genome({probe("TP53", pad=50_000): 2.0}, noise=0.02)
    segments["n_markers"] = 200.0
    rng = np.random.default_rng(3)
    segments["copies"] += rng.normal(0, 0.5, len(segments)) / np.sqrt(segments["n_markers"])
    at_tp53 = (segments["chrom"] == "17") & (segments["start"] == probe("TP53", pad=50_000).start)
    many = call(segments).loc["del_17p", "detection_limit"]
    segments.loc[at_tp53, "n_markers"] = 3.0
    few = call(segments).loc["del_17p"]
    assert few["detection_limit"] > max(many, 0.3)
    assert few["state"] == N


def test_arms_only_on_t2t():
    found = call(genome(gained("3", "9"), build="T2T-CHM13v2"), build="T2T-CHM13v2")
    assert found.loc["hyperdiploid", "state"] == P
    assert found.loc["trisomy_9", "state"] == P
    for event in (*LOCUS_EVENTS, *TWO_COPY_EVENTS.values(), "cnloh_17p"):
        assert found.loc[event, "state"] == N
        assert "arm_level_only" in found.loc[event, "warnings"]


def test_low_pass_reads_do_not_speak_of_alleles():
    assert "cnloh_17p" not in call(genome(), source="lowpass").index


def test_probe_loci_of_both_builds_lie_on_callable_sequence():
    for build in ("GRCh38", "GRCh37"):
        for _, arm, names in LOCUS_EVENTS.values():
            for kind, name in names:
                span = loci(build, kind)[name].span
                assert span.overlap(arms(build)[arm]) == span.length
                assert not any(span.overlap(ig.span) for ig in loci(build, "ig").values())


@pytest.mark.parametrize("noise", [0.02, 0.04, 0.055, 0.07, 0.12])
def test_a_clone_of_the_detection_limit_is_seen_with_95_percent_power(noise):
    deviations = limit_at(noise, segment_sight()) + np.random.default_rng(5).normal(0, noise, 20_000)
    assert (deviations >= seen_from(noise, segment_sight())).mean() >= 0.945
    normal = np.random.default_rng(6).normal(0, noise, 20_000)
    assert (normal >= seen_from(noise, segment_sight())).mean() <= 0.055


def test_the_detection_limit_is_not_larger_than_needed():
    assert limit_at(threshold("noise_floor"), segment_sight()) == threshold("reliable_clone")
    assert limit_at(0.06, segment_sight()) == threshold("reliable_clone")
    assert limit_at(0.1, segment_sight()) < 0.35
    # a clone well below the limit is not seen reliably, so the limit is not idle
    deviations = 0.6 * limit_at(0.06, segment_sight()) + np.random.default_rng(5).normal(0, 0.06, 20_000)
    assert (deviations >= seen_from(0.06, segment_sight())).mean() < 0.8


@pytest.mark.slow
def test_the_power_holds_for_whole_files():
    seen = 0
    for seed in range(200):
        found = call(genome({"17p": 1.8}, noise=0.03, seed=seed)).loc["del_17p"]
        seen += found["state"] != A
    assert seen >= 190


def test_stable_chromosomes_are_named_once():
    assert set(ANCHORS) <= set(AUTOSOMES)
    assert not set(ANCHORS) & set(ODD_CHROMOSOMES)


@given(
    values=st.lists(st.tuples(st.floats(0, 9), st.integers(1, 1000)), min_size=1, max_size=30),
    share=st.floats(0.01, 0.99),
)
def test_a_weighted_quantile_splits_the_weight(values, share):
    data, weights = (np.array(column) for column in zip(*values, strict=True))
    found = weighted_quantile(data.astype(float), weights.astype(np.int64), share)
    total = weights.sum()
    assert weights[data <= found].sum() >= share * total * (1 - 1e-9)
    assert weights[data < found].sum() <= share * total * (1 + 1e-9)


@settings(max_examples=40)
@given(
    changes=st.dictionaries(
        st.sampled_from([f"{chrom}{arm}" for chrom in ("1", "3", "8", "9", "13", "16", "17") for arm in "pq"]),
        st.floats(0, 6),
        max_size=6,
    ),
    noise=st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    base=st.sampled_from([1.6, 2.0, 2.4, 4.0]),
)
def test_any_genome_gives_every_event_a_state_and_sound_shares(changes, noise, base):
    found = call(genome(changes, base=base, noise=noise))
    assert set(found.index) == ALL_EVENTS
    low, high = found["fraction_low"].astype(float), found["fraction_high"].astype(float)
    known = low.notna() & high.notna()
    assert (low[known] <= high[known]).all()
    absent = found[found["state"] == A]
    assert absent["detection_limit"].notna().all()
    assert (absent["detection_limit"] <= 0.2).all()


def test_unselected_material_without_purity_rules_nothing_out():
    assert _diluted(Finding(State.ABSENT, fraction=0.0, limit=0.2)) == Finding(State.NOT_EVALUABLE)
    assert _diluted(Finding(State.PRESENT, fraction=0.3, high=0.4)) == Finding(State.NOT_EVALUABLE, low=0.3)
    assert _diluted(Finding(State.PRESENT, copies=1.0)).state == State.PRESENT
