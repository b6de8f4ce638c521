"""Interphase FISH strings: what each pattern means, and what it must never be taken for."""

import pytest

from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.events import State, negative_limit
from mmrisk.tables import evidence_frame

P, A, N = State.PRESENT, State.ABSENT, State.NOT_EVALUABLE


def read(text, selection="cd138"):
    return read_fish(text, sample_id="s", assay_id="a", cell_selection=selection)


def by_event(text, selection="cd138"):
    """Evidence by event; every event has one row in these strings."""
    found = {}
    for item in read(text, selection).evidence:
        assert item.event not in found, (item, found[item.event])
        found[item.event] = item
    return found


STATES = {
    "two fusions and three signals each are a balanced translocation": (
        "nuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[150/200]",
        {"t_4_14": P},
    ),
    "no fusion counted is none": ("nuc ish(FGFR3,IGH)x2(FGFR3 con IGHx0)[200]", {"t_4_14": A}),
    "an amplified CCND1 is no trisomy 11": ("nuc ish(CCND1 amp)[60/100]", {"trisomy_11": N}),
    "con works in either order": ("nuc ish(MAF,IGH)x3(IGH con MAFx2)[150/200]", {"t_14_16": P}),
    "NSD2 by its older names is the same fusion": ("nuc ish(WHSC1,IGH)x3(MMSET con IGHx2)[150/200]", {"t_4_14": P}),
    "an extra IGH signal is not a translocation": ("nuc ish(FGFR3x2,IGHx3)[150/200]", {"t_4_14": A}),
    "three IGH signals beside a true fusion stay what they are": (
        "nuc ish(FGFR3x2,IGHx3)[90/100],(CCND1x2,IGHx3)[90/100],(IGH,MAF)x3(IGH con MAFx2)[90/100],"
        "(IGHx3,MAFBx2)[88/100]",
        {"t_4_14": A, "t_11_14": A, "t_14_16": P, "t_14_20": A},
    ),
    "one MAF signal is a loss of 16q": ("(MAFx1)", {"t_14_16": A, "del_16q": P}),
    "a lone partner with three signals tells nothing of its fusion": ("nuc ish(MAFx3)[50/100]", {"t_14_16": N}),
    "CCND1 alone is no evidence on its fusion": ("nuc ish(CCND1x2)[100]", {"t_11_14": None, "trisomy_11": A}),
    "CCND1 counted away from IGH is none either": ("nuc ish(CCND1x2),(FGFR3x2,IGHx2)", {"t_11_14": None, "t_4_14": A}),
    "one IGH signal is a loss of 14q": ("nuc ish(FGFR3x2,IGH@x1)[119/150]", {"t_4_14": A, "del_14q": P}),
    "the extra CCND1 of a fusion is no trisomy 11": (
        "nuc ish(CCND1,IGH)x3(CCND1 con IGHx2)[80/200]",
        {"t_11_14": P, "trisomy_11": N},
    ),
    "three CCND1 without fusion are one": ("nuc ish(CCND1x3,IGHx2)[80/200]", {"t_11_14": A, "trisomy_11": P}),
    "CEP11 counts trisomy 11 beside a fusion": (
        "nuc ish(CCND1,IGH)x3(CCND1 con IGHx2)[80/200],(D11Z1x3)[70/200]",
        {"t_11_14": P, "trisomy_11": P},
    ),
    "a split is a rearrangement without a partner": (
        "nuc ish(IGHx2)(5'IGH sep 3'IGHx1)[40/100]",
        {"igh_rearranged_partner_unknown": P, "t_4_14": None, "t_11_14": None},
    ),
    "halves that lie apart are a split": (
        "nuc ish(5'IGH,3'IGH)x2(5'IGH con 3'IGHx1)[40/100]",
        {"igh_rearranged_partner_unknown": P},
    ),
    "halves that lie together are not": (
        "nuc ish(5'IGH,3'IGH)x2(5'IGH con 3'IGHx2)[100]",
        {"igh_rearranged_partner_unknown": A, "igh_other": None},
    ),
    "a whole break-apart set is not": ("nuc ish(IGHx2)[200]", {"igh_rearranged_partner_unknown": A}),
    "a lost 3' half is no translocation": ("nuc ish(5'IGHx1,3'IGHx0)[40/100]", {"igh_rearranged_partner_unknown": N}),
    "a lost 5' half is none either": (
        "nuc ish(5'IGHx1,3'IGHx2)(5'IGH con 3'IGHx1)[40/100]",
        {"igh_rearranged_partner_unknown": N, "del_14q": None},
    ),
    "a split MYC is a rearranged MYC": (
        "nuc ish(MYCx2)(5'MYC sep 3'MYCx1)[30/100]",
        {"myc_rearranged": P, "gain_8q24": A},
    ),
    "a whole MYC set is not": ("nuc ish(MYCx2)[200]", {"myc_rearranged": A}),
    "MYC counted with its centromere is a count": (
        "nuc ish(D8Z2,MYC)x3[40/100]",
        {"myc_rearranged": None, "gain_8q24": P},
    ),
    "no IGH::MYC leaves other partners of MYC": ("nuc ish(D8Z2,MYC,IGH)x2[200]", {"myc_rearranged": N}),
    "IGH::MYC is a rearranged MYC": ("nuc ish(MYC,IGH)x3(MYC con IGHx2)[90/100]", {"myc_rearranged": P}),
    "IGL::MAF is not t(14;16)": (
        "nuc ish(IGL,MAF)x3(IGL con MAFx2)[80/100]",
        {"igk_igl_partner": P, "maf_activated": P, "t_14_16": None},
    ),
    "IGH with another partner is another fusion": ("nuc ish(IGH,BCL2)x3(IGH con BCL2x2)[80/100]", {"igh_other": P}),
    "control probes make no event": ("nuc ish(PBX1x3,NF1x3,D17Z1x1)[50/100]", {}),
    "a centromere says nothing of its arms": ("nuc ish(D17Z1x1)[90/100],(CEP1x3)[90/100]", {}),
    "fewer TP53 than chromosomes 17 is not two normal copies": ("nuc ish(TP53x2,D17Z1x3)[60/100]", {"del_17p": N}),
    "13q34 alone does not exclude a loss of 13q14": ("nuc ish(LAMP1x2)[200]", {"del_13q": N}),
    "13q34 alone can show it": ("nuc ish(LAMP1x1)[150/200]", {"del_13q": P}),
    "D9Z4 counts chromosome 9": ("nuc ish(D9Z4x3)[60/100]", {"trisomy_9": P}),
    "three copies of CKS1B are a gain and no amplification": (
        "nuc ish(CKS1Bx3)[60/100]",
        {"gain_1q21": P, "amp_1q21": A},
    ),
    "four are both": ("nuc ish(CKS1Bx4)[60/100]", {"gain_1q21": P, "amp_1q21": P}),
    "three to four leave the amplification open": ("nuc ish(CKS1Bx3~4)[60/100]", {"gain_1q21": P, "amp_1q21": N}),
    "amp is an amplification": ("nuc ish(CKS1B amp)[60/100]", {"gain_1q21": P, "amp_1q21": P}),
    "no copy of CDKN2C is biallelic": ("nuc ish(CDKN2Cx0)[60/100]", {"del_1p32": P, "biallelic_del_1p32": P}),
    "one copy is not": ("nuc ish(CDKN2Cx1)[60/100]", {"del_1p32": P, "biallelic_del_1p32": A}),
    "BAC clones are read and make no event": ("nuc ish(RP11-572O17x2),(CTD-2589C14x1)", {}),
    "ATM speaks of chromosome 11": ("nuc ish(ATMx3)[60/100]", {"trisomy_11": P}),
    "BIRC3 speaks of 11q": ("nuc ish(BIRC3x1)[60/100]", {"del_11q_birc": P, "trisomy_11": A}),
    "TENT5C is 1p12": ("nuc ish(FAM46Cx1)[60/100]", {"del_1p12": P, "del_1p32": None}),
    "CYLD is 16q": ("nuc ish(CYLDx1)[60/100]", {"del_16q": P}),
    "TRAF3 is 14q": ("nuc ish(TRAF3x1)[60/100]", {"del_14q": P}),
    "an insertion is an atypical fusion": ("nuc ish(FGFR3 con IGH con FGFR3)x1[50/100]", {"t_4_14": P}),
    "a panel by sequencing names its fusions": ("rsa (IGH::MMSET)×1[0.45]", {"t_4_14": P}),
    "a partner mistyped in the relation is the one that was counted": (
        "nuc ish(FGFR3,IGH)x3(FRGR3 con IGHx2)[90/100]",
        {"t_4_14": P},
    ),
    "an unknown name in the relation leaves the partner open": (
        "nuc ish(FGFR3,IGH)x3(ZZYZX con IGHx2)[90/100]",
        {"t_4_14": N, "igh_rearranged_partner_unknown": P},
    ),
    "a group of nothing but unknown names makes no event": ("nuc ish(FOOBARx3)[50/100]", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", STATES)
def test_what_a_pattern_means(case):
    text, expected = STATES[case]
    found = by_event(text)
    assert {event: found[event].state if event in found else None for event in expected} == expected
    if not expected:
        assert not found


def test_counts_give_share_interval_and_copies():
    fusion = by_event("NUC ISH(FGFR3,IGH)X3(FGRFR3 CON IGHX2)[141/212], (D13S319,LAMP1)X1[157/208]")
    assert fusion["t_4_14"].fraction == pytest.approx(141 / 212)
    assert fusion["t_4_14"].fraction_low < 141 / 212 < fusion["t_4_14"].fraction_high
    assert (fusion["t_4_14"].n_abnormal, fusion["t_4_14"].n_scored) == (141, 212)
    assert (fusion["del_13q"].copies, fusion["del_13q"].locus) == (1.0, "D13S319;LAMP1")
    assert fusion["t_4_14"].method == "dual_fusion"
    assert fusion["del_13q"].method == "enumeration"
    assert fusion["t_4_14"].warnings == ()


def test_a_negative_carries_its_detection_limit():
    item = by_event("nuc ish(TP53x2,D17Z1x2)[20]")["del_17p"]
    assert (item.state, item.fraction, item.n_abnormal, item.n_scored) == (A, 0.0, 0, 20)
    assert item.detection_limit == pytest.approx(negative_limit(20))
    assert item.warnings == ("fewer_than_100_nuclei",)
    assert evidence_frame([item])["state"].tolist() == ["absent"]
    assert evidence_frame([by_event("nuc ish(TP53x2)[8]")["del_17p"]])["state"].tolist() == ["not_evaluable"]


def test_normal_cells_that_leave_others_unexplained_limit_the_negative():
    assert by_event("nuc ish(TP53x2)[150/200]")["del_17p"].detection_limit == pytest.approx(0.25)


def test_clones_of_one_hybridisation_add_up():
    found = by_event("7 cen (D7z1x2),9cen(D9Z4x3),15cen(D15Z4x3)[28/100]/(D7Z1x2,D9Z4x3,D15Z4x2)[31/100]")
    assert found["trisomy_9"].fraction == pytest.approx(0.59)
    assert found["trisomy_15"].fraction == pytest.approx(0.28)
    assert found["trisomy_7"].state is A
    both = by_event("nuc ish(CKS1Bx3)[50/200]/(CKS1Bx4)[30/200]")
    assert (both["gain_1q21"].fraction, both["amp_1q21"].fraction) == (pytest.approx(0.4), pytest.approx(0.15))


def test_clones_need_not_repeat_every_probe():
    found = by_event("nuc ish(D7Z1x2,D9Z1x3)[28/100]/(D9Z1x3,D15Z4x3)[31/100]")
    assert (found["trisomy_9"].fraction, found["trisomy_15"].fraction) == (pytest.approx(0.59), pytest.approx(0.31))
    assert found["trisomy_7"].state is A


def test_clones_pasted_from_two_fields_are_one_hybridisation():
    found = by_event("nuc ish(D7Z1x2,D9Z4x3)[28/100]/ continued from above (D7Z1x3,D9Z4x3)[31/100]")
    assert found["trisomy_9"].fraction == pytest.approx(0.59)
    assert found["trisomy_7"].fraction == pytest.approx(0.31)


def test_nuclei_of_all_clones_are_the_denominator_where_none_is_given():
    item = by_event("nuc ish(TP53x1)[60]/(TP53x2)[140]")["del_17p"]
    assert (item.n_abnormal, item.n_scored) == (60, 200)


def test_shares_beyond_all_cells_are_warned_of():
    item = by_event("nuc ish(TP53x1)[150/200]/(TP53x0)[80/200]")["del_17p"]
    assert (item.fraction, item.warnings) == (1.0, ("shares_exceed_all_cells",))


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("nuc ish(FGFR3,IGH)x2(FGFR3 con IGHx1)[90/100]", "atypical_fusion_pattern"),
        ("nuc ish(FGFR3x2,IGHx3)(FGFR3 con IGHx1)[90/100]", "atypical_fusion_pattern"),
        ("nuc ish(FGFR3,IGH)x4(FGFR3 con IGHx3)[90/100]", "atypical_fusion_pattern"),
        ("nuc ish(FGFR3x2,IGHx3)[90/100]", "extra_igh_signal"),
        ("nuc ish(FGFR3x3,IGHx2)[90/100]", "extra_partner_signal"),
        ("(FGFR3x1)", "partner_probe_without_igh"),
    ],
)
def test_fusion_patterns_carry_their_reservations(text, warning):
    assert warning in by_event(text)["t_4_14"].warnings


def test_two_primary_fusions_are_both_present_and_warned_of():
    found = by_event(
        "nuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[150/200],(IGH,MAF)x3(IGH con MAFx2)[120/200],(CCND1,IGH)x2[200]"
    )
    assert "two_primary_igh_fusions" in found["t_4_14"].warnings
    assert "two_primary_igh_fusions" in found["t_14_16"].warnings
    assert found["t_11_14"].state is A
    background = by_event("nuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[150/200],(IGH,MAF)x3(IGH con MAFx2)[2/200]")
    assert "two_primary_igh_fusions" not in background["t_4_14"].warnings


def test_small_clones_keep_their_share_and_fall_below_the_cutoff():
    found = read("nuc ish (DLEU×1,LAMP1×2)[17/200],(IGH,MAF)×3(IGH con MAF)×2[15/200]").evidence
    frame = evidence_frame(found).set_index("event")
    assert frame.loc[["t_14_16", "del_13q"], "state"].tolist() == ["subthreshold", "subthreshold"]
    assert frame.loc[["t_14_16", "del_13q"], "fraction"].tolist() == pytest.approx([0.075, 0.085])


@pytest.mark.parametrize(("abnormal", "state"), [(9, "subthreshold"), (10, "present"), (11, "present")])
def test_counts_around_the_cutoff_move_only_the_state(abnormal, state):
    item = by_event(f"nuc ish(FGFR3,IGH)x3(FGFR3 con IGHx2)[{abnormal}/100]")["t_4_14"]
    assert item.state is P
    assert evidence_frame([item])["state"].tolist() == [state]


TETRAPLOID = (
    "nuc ish(CDKN2C,CKS1B)x4[80/100],(D13S319,LAMP1)x2[82/100],(FGFR3,IGH)x4[79/100],"
    "(TP53x2,D17Z1x4)[81/100],(D9Z1x5)[70/100]"
)


def test_four_copies_of_unrelated_loci_move_the_baseline():
    found = by_event(TETRAPLOID)
    expected = {"near_tetraploid": P, "del_17p": P, "del_13q": P, "gain_1q21": A, "amp_1q21": A}
    assert {event: found[event].state for event in expected} == expected
    assert found["near_tetraploid"].fraction == pytest.approx(0.79)
    assert (found["del_17p"].copies, found["del_17p"].fraction) == (2.0, pytest.approx(0.81))
    assert found["trisomy_9"].state is P


def test_two_unrelated_loci_do_not():
    found = by_event("nuc ish(CKS1Bx4)[80/100],(D9Z1x4)[80/100],(TP53x2)[100]")
    assert "near_tetraploid" not in found
    assert (found["gain_1q21"].state, found["del_17p"].state) == (P, A)


def test_tetrasomies_of_odd_chromosomes_alone_leave_the_baseline_open():
    found = by_event("nuc ish(D3Z1,D9Z1,D15Z4)x4[80/100],(TP53x2)[100],(D13S319x2)[100]")
    assert found["near_tetraploid"].state is N
    assert (found["del_17p"].state, found["del_13q"].state, found["trisomy_9"].state) == (N, N, N)


@pytest.mark.parametrize(
    ("counts", "state", "support"),
    [
        ({"D5S23": 30, "D9Z1": 60, "D15Z4": 20}, P, 3),
        ({"D5S23": 0, "D9Z1": 60, "D15Z4": 20}, P, 2),
        ({"D5S23": 0, "D9Z1": 60, "D15Z4": 0}, A, 1),
        ({"D5S23": 0, "D9Z1": 0, "D15Z4": 0}, A, 0),
        ({"D9Z1": 60, "D15Z4": 0}, N, 1),
        ({"D9Z1": 0, "D15Z4": 0}, A, 0),
        ({"D9Z1": 60}, N, 1),
        ({"D9Z1": 0}, N, 0),
    ],
)
def test_hyperdiploidy_by_the_odd_chromosomes_tested(counts, state, support):
    sets = (f"({probe}x{3 if cells else 2})[{f'{cells}/100' if cells else 100}]" for probe, cells in counts.items())
    item = by_event("nuc ish" + ",".join(sets))["hyperdiploid"]
    assert (item.state, item.support) == (state, support)
    shares = sorted(counts.values(), reverse=True)
    if state is P:
        assert item.fraction == pytest.approx(shares[1] / 100)
        assert ("two_trisomies_only" in item.warnings) == (support == 2)
    if state is A:
        assert item.detection_limit == pytest.approx(negative_limit(100))


def test_hyperdiploidy_says_what_was_tested():
    item = by_event("nuc ish(D7Z1x2,D9Z1x3,D15Z4x3)[28/100]")["hyperdiploid"]
    assert item.detail == "trisomic 9, 15; tested 7, 9, 15"


@pytest.mark.parametrize("abnormal", [15, 60])
def test_unselected_cells_give_a_least_share_and_no_negative(abnormal):
    found = by_event(f"nuc ish(TP53x1)[{abnormal}/200],(CKS1Bx2)[200]", "none")
    assert (found["gain_1q21"].state, found["gain_1q21"].fraction) == (N, None)
    item = found["del_17p"]
    assert (item.fraction, item.fraction_low, item.fraction_basis) == (
        None,
        pytest.approx(abnormal / 200),
        "all_nuclei",
    )
    assert item.state is (P if abnormal == 60 else N)
    assert evidence_frame([item])["state"].tolist() == ["present" if abnormal == 60 else "not_evaluable"]
    assert evidence_frame([item], profile="ccf55")["state"].tolist() == ["not_evaluable"]


@pytest.mark.parametrize(
    ("selection", "basis"), [("cd138", "sorted_pc"), ("cig", "sorted_pc"), ("unknown", "all_nuclei")]
)
def test_the_basis_of_shares_follows_the_selection(selection, basis):
    item = by_event("nuc ish(TP53x1)[60/200]", selection)["del_17p"]
    assert (item.cell_selection, item.fraction_basis) == (selection, basis)
    assert ("cell_selection_unknown" in item.warnings) == (selection == "unknown")


def test_what_is_not_understood_forbids_absence_beside_it():
    reading = read("nuc ish(TP53x2,D17Z1x2)[200] except some zzyzx,(CKS1Bx3)[60/100]")
    states = {item.event: item.state for item in reading.evidence}
    assert states["del_17p"] is N
    assert "unread_text" in next(item for item in reading.evidence if item.event == "del_17p").warnings
    assert [piece.text for piece in reading.unread] == ["zzyzx"]


def test_an_unknown_probe_is_shown_with_its_place():
    text = "nuc ish(FOOBARx3,TP53x1)[50/100]"
    reading = read(text)
    assert [(piece.start, piece.text, piece.reason) for piece in reading.unread] == [(8, "FOOBAR", "unknown probe")]
    assert {item.event: item.state for item in reading.evidence} == {"del_17p": P}


@pytest.mark.parametrize(
    "text",
    [
        "nuc ish(5′IGH,3′IGH)×2(5′IGH con 3′IGH×1)[40/100]",
        "nuc ish(5&prime;IGH,3&#8242;IGH)&times;2(5'IGH con 3'IGHx1)[40/100]",
        "ＮＵＣ ＩＳＨ（５＇ＩＧＨ，３＇ＩＧＨ）ｘ２（５＇ＩＧＨ ｃｏｎ ３＇ＩＧＨｘ１）［４０／１００］",
        "nuc ish(5'IG\nH,3'IGH)x2(5'IGH con 3'IGHx1)[40/1\n00]",
        "NUC ISH (5' IGH, 3' IGH) X 2 (5' IGH CON 3' IGH X 1) [40 / 100]",
        "nuc ish(5'IGH@,3'IGH@)x2(5'IGH@con3'IGH@x1)[40/100]",
    ],
)
def test_dirt_of_real_reports_changes_nothing(text):
    item = by_event(text)["igh_rearranged_partner_unknown"]
    assert (item.state, item.fraction) == (P, pytest.approx(0.4))


def test_places_of_unread_pieces_are_those_of_the_text_as_it_came():
    text = "nuc ish(TP53&times;2)[200]; zzyzx &amp; qwxk"
    for piece in read(text).unread:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
    assert [piece.text for piece in read(text).unread] == ["zzyzx", "qwxk"]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (
            "nuc ish 4p16.3(FGFR3x3),14q32(IGHx3)(IGH con FGFR3x2)[150/200]",
            "nuc ish (FGFR3,IGH)×3(FGFR3 con IGH)×2[150/200]",
        ),
        ("nuc ish(TP53 x1, D17Z1 x2)[45/100]", "nuc ish (TP53×1,D17Z1×2)[45/100]"),
        ("nuc ish(CKS1Bx3~4)[45%]", "nuc ish (CKS1B×3~4)[0.45]"),
        ("nuc ish(CKS1B)x amp[30/100]", "nuc ish (CKS1B amp)[30/100]"),
        ("nuc ish(MYC x2)(3'MYC sep 5'MYC x1)[30/100]", "nuc ish (MYC×2)(5'MYC sep 3'MYC)×1[30/100]"),
        ("rsa (IGH::MMSET)×1[0.45]", "rsa (NSD2::IGH)×1[0.45]"),
    ],
)
def test_the_normal_form_is_that_of_2024(text, normal):
    assert read(text).normalised == normal
    assert read(normal).normalised == normal


def test_metaphases_prove_no_absence():
    found = by_event("ish 13q14(DLEU×2)[10]")
    assert (found["del_13q"].state, found["del_13q"].fraction_basis) == (N, "metaphases")
