"""Sentences of FISH reports: subjects, polarity, doubt, shares and copies."""

import pytest

from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.events import State
from mmrisk.tables import evidence_frame

P, A, N = State.PRESENT, State.ABSENT, State.NOT_EVALUABLE


def read(text):
    return read_fish(text, sample_id="s", assay_id="a", cell_selection="cd138")


def states(text):
    """State by event; where two rows speak of one event, their set."""
    found = {}
    for item in read(text).evidence:
        found.setdefault(item.event, set()).add(item.state)
    return {event: each.pop() if len(each) == 1 else each for event, each in found.items()}


STATEMENTS = {
    # what is lost or gained, and how it is named
    "TP53 deletion": {"del_17p": P},
    "Loss of the TP53 gene detected in 90% of the cells.": {"del_17p": P},
    "p53 del": {"del_17p": P},
    "del(17p)": {"del_17p": P},
    "del17p13.1": {"del_17p": P},
    "del(17)(p11.2)": {"del_17p": P},
    "del(17)(p13.3)": {},
    "17p-": {"del_17p": P},
    "-17": {"del_17p": P},
    "i(17q)": {"del_17p": P},
    "deletion of the short arm of chromosome 17": {"del_17p": P},
    "deletion of the long arm of chromosome 17": {},
    "monosomy 13": {"del_13q": P},
    "13 deletion": {"del_13q": P},
    "del(13)(q14q34)": {"del_13q": P},
    "loss of RB1 and LAMP1": {"del_13q": P},
    "-16q23": {"del_16q": P},
    "gain of 1q": {"gain_1q21": P, "amp_1q21": N},
    "dup(1)(q21q32)": {"gain_1q21": P, "amp_1q21": N},
    "dup(1)(q25q44)": {},
    "amplification of 1q21": {"gain_1q21": P, "amp_1q21": N},
    "1q21 amplification (5 copies)": {"gain_1q21": P, "amp_1q21": P},
    "gain of 1q (3 copies)": {"gain_1q21": P, "amp_1q21": A},
    "1q21 gain (3 copies) 30%, amplification (>=4 copies) 20%": {"gain_1q21": P, "amp_1q21": P},
    "more than 3 copies of CKS1B": {"gain_1q21": P, "amp_1q21": P},
    "at least 3 copies of CKS1B": {"gain_1q21": P, "amp_1q21": N},
    "two extra copies of 1q": {"gain_1q21": P, "amp_1q21": P},
    "PBX1 gain": {},
    "deletion of 1p32": {"del_1p32": P, "biallelic_del_1p32": N},
    "biallelic deletion of CDKN2C": {"del_1p32": P, "biallelic_del_1p32": P},
    "loss of both copies of CDKN2C": {"del_1p32": P, "biallelic_del_1p32": P},
    "loss of one copy of CDKN2C": {"del_1p32": P, "biallelic_del_1p32": A},
    "1p36 deletion": {},
    "deletion of 1p": {"del_1p32": P, "biallelic_del_1p32": N},
    "no deletion of 1p": {"del_1p32": N, "biallelic_del_1p32": N},
    "FAM46C deletion": {"del_1p12": P},
    "BIRC3 deletion": {"del_11q_birc": P},
    "8q24 gain": {"gain_8q24": P},
    # fusions
    "t(4;14)": {"t_4_14": P},
    "T(14;16) PRESENT": {"t_14_16": P},
    "t(4;14)(q21;q24)": {},
    "IGH::NSD2": {"t_4_14": P},
    "CCND/IGH fusion": {"t_11_14": P},
    "fusion of IGH with MAF": {"t_14_16": P},
    "IGH rearranged with MAFB": {"t_14_20": P},
    "t(8;14)(q24;q32)": {"myc_rearranged": P},
    "t(8;14)(q24.3;q32)": {"t_8_14_mafa": P},
    "t(12;14)(p13;q32)": {"t_12_14_ccnd2": P},
    "t(6;14)(p25;q32)": {"igh_other": P},
    "t(16;22)": {"igk_igl_partner": P, "maf_activated": P},
    "t(1;19), t(3q;20p)": {},
    "t(14;?)": {"igh_rearranged_partner_unknown": P},
    "IGH rearrangement, partner unknown": {"igh_rearranged_partner_unknown": P},
    "single translocation derivative 14": {"igh_rearranged_partner_unknown": P},
    "CCND1 rearrangement": {"t_11_14": N},
    "MYC not rearranged": {"myc_rearranged": A},
    "t(8;14) not detected": {"myc_rearranged": N},
    "additional IGH signal": {},
    "deletion of 3' IGH": {"igh_rearranged_partner_unknown": N},
    "Loss of IGHV": {"igh_rearranged_partner_unknown": N},
    "IGH/FGFR3": {"t_4_14": N},
    # trisomies and ploidy
    "gain of chromosomes 1,3,5,7,9,11,15,19 and 21": {
        "gain_1q21": P, "amp_1q21": N, "hyperdiploid": P,
        **{f"trisomy_{chrom}": P for chrom in (3, 5, 7, 9, 11, 15, 19, 21)},
    },
    "trisomies 3/7 & 9": {"trisomy_3": P, "trisomy_7": P, "trisomy_9": P, "hyperdiploid": P},
    "+9, +15": {"trisomy_9": P, "trisomy_15": P, "hyperdiploid": P},
    "gain of CCND1": {"trisomy_11": P, "hyperdiploid": N},
    "IGH/CCND1 fusion in 60% with 3 copies of CCND1": {"t_11_14": P, "trisomy_11": N},
    "no trisomies of chromosomes 5, 9 or 15": {"trisomy_5": A, "trisomy_9": A, "trisomy_15": A, "hyperdiploid": A},
    "hyperdiploid plasma cell clone with trisomy 9 and 15": {"hyperdiploid": P, "trisomy_9": P, "trisomy_15": P},
    "non-hyperdiploid": {"hyperdiploid": A},
    "near tetraploid clone": {"near_tetraploid": P},
    "near-tetraploid clone with 4 copies of CKS1B and 2 copies of TP53": {
        "near_tetraploid": P, "gain_1q21": A, "amp_1q21": A, "del_17p": P,
    },
    "trisomy 12": {},
    "loss of Y": {},
    "+CEP9, +CEP15": {"trisomy_9": P, "trisomy_15": P, "hyperdiploid": P},
    "CCND1 amplification": {"trisomy_11": N},
    "disomy 9 and 15": {"trisomy_9": A, "trisomy_15": A, "hyperdiploid": A},
    # counts
    "Four copies of FGFR3, IGH, TP53 and D171Z1": {"near_tetraploid": P, "del_17p": A, "t_4_14": N, "del_14q": N},
    "68% of cells have 3 copies of IGH in the presence of two intact signals MAF": {
        "t_14_16": A, "del_14q": N, "del_16q": N,
    },
    "3 copies of FGFR3 and IGH": {"t_4_14": N, "del_14q": N},
    "two fusions, one IGH and one FGFR3 signal": {"igh_rearranged_partner_unknown": N},
    "TP53: two copies; D13S319: one copy": {"del_17p": A, "del_13q": P},
    "MAFx1": {"t_14_16": A, "del_16q": P},
    # polarity
    "No evidence of del(17p), t(4;14) or t(14;16)": {"del_17p": A, "t_4_14": A, "t_14_16": A},
    "Neither t(4;14) nor t(14;16) was found": {"t_4_14": A, "t_14_16": A},
    "t(4;14) was found but no del(17p)": {"t_4_14": P, "del_17p": A},
    "t(4;14)-, t(11;14)+": {"t_4_14": A, "t_11_14": P},
    "TP53 -": {"del_17p": N},
    "t(4;14) Yes, del17p No": {"t_4_14": P, "del_17p": A},
    "t(14;16) was ruled out": {"t_14_16": A},
    "TP53: no deletion, 13q: no deletion, CKS1B: gain": {"del_17p": A, "del_13q": A, "gain_1q21": P, "amp_1q21": N},
    "MAF/IGH: no rearrangement": {"t_14_16": A},
    "normal except for gain of 1q": {"gain_1q21": P, "amp_1q21": N},
    "Abnormal FISH with loss of 13q and without TP53 deletion": {"del_13q": P, "del_17p": A},
    "gain of 1q, no del(17p)": {"gain_1q21": P, "amp_1q21": N, "del_17p": A},
    "no t(4;14), gain of 1q": {"t_4_14": A, "gain_1q21": N, "amp_1q21": N},
    "del(17p) 0%": {"del_17p": A},
    "17p13 (TP53): normal, 13q14 (RB1): deletion 45%": {"del_17p": A, "del_13q": P},
    "13q14 (RB1): deletion 45%, 17p13 (TP53): normal": {"del_13q": P, "del_17p": A},
    "Positive: 1q21 gain\nNegative: 17p deletion, t(4;14)": {
        "gain_1q21": P, "amp_1q21": N, "del_17p": A, "t_4_14": A,
    },
    "TP53 deletion negative (30%)": {"del_17p": N},
    "no monosomy 13": {"del_13q": N},
    "chromosome 13: normal": {"del_13q": N},
    "LAMP1: normal": {"del_13q": N},
    "RB1: normal": {"del_13q": A},
    "No fusion of IGH with FGFR3, MAF or MAFB": {"t_4_14": A, "t_14_16": A, "t_14_20": A},
    "IGH rearrangement was seen but fusion with CCND1, FGFR3 or MAF was not detected": {
        "igh_rearranged_partner_unknown": P, "t_11_14": A, "t_4_14": A, "t_14_16": A,
    },
    # doubt
    "possible del(17p)": {"del_17p": N},
    "t(4;14) or t(14;16) cannot be excluded": {"t_4_14": N, "t_14_16": N},
    "IgH rearrangement:Prox del of IgH gen vs translocation to a lost chromosome": {
        "igh_rearranged_partner_unknown": N,
    },
    "not t(4;14)": {"t_4_14": N},
    "TP53 deletion nicht nachgewiesen": {"del_17p": N},
    "previously detected t(4;14) is not seen": {"t_4_14": N},
    "t(14;16) zzyzx": {"t_14_16": N},
    "FISH failed for t(4;14)": {"t_4_14": N},
    "insufficient cells for TP53": {"del_17p": N},
    "t(14;20) not tested": {},
    # what is no result
    "The panel tests for t(4;14), t(14;16), and del(17p)": {"t_4_14": N, "t_14_16": N, "del_17p": N},
    "Cut-offs: del(17p) 10%, t(4;14) 5%": {"del_17p": N, "t_4_14": N},
    "t(4;14) is associated with poor prognosis": {"t_4_14": N},
    "Normal FISH": {},
}  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS)
def test_what_a_sentence_says(text):
    assert states(text) == STATEMENTS[text]


SHARES = {
    "del(17p) in 45% of nuclei": {"del_17p": 0.45},
    "del(17p) in 45,5 % of nuclei": {"del_17p": 0.455},
    "TP53 deletion in 15/100 interphase nuclei (15%)": {"del_17p": 0.15},
    "TP53 deletion in 23 of 100 plasma cells": {"del_17p": 0.23},
    "45% of cells showed gain of 1q, 60% showed loss of 13q": {"gain_1q21": 0.45, "del_13q": 0.6},
    "gain of 1q (45%), loss of 13q (60%)": {"gain_1q21": 0.45, "del_13q": 0.6},
    "gain of 1q and loss of 13q in 45% and 60% of cells, respectively": {"gain_1q21": 0.45, "del_13q": 0.6},
    "trisomies 9 and 15 in 45%": {"trisomy_9": 0.45, "trisomy_15": 0.45, "hyperdiploid": 0.45},
    "CKS1B: 3 copies in 30%, CKS1B: 4 copies in 20%": {"gain_1q21": 0.5, "amp_1q21": 0.2},
    "TP53 deletion in 4% (normal cutoff <8%)": {"del_17p": 0.04},
    "TP53 deletion 4%, below the cut-off of 10%": {"del_17p": 0.04},
    "TP53 deletion negative (3%)": {"del_17p": 0.03},
    "This patient has a history of t(4;14). t(4;14) in 34%.": {"t_4_14": 0.34},
    "t(4;14) neg / t(14;16) neg / del17p pos 20%": {"del_17p": 0.2},
}


@pytest.mark.parametrize("text", SHARES)
def test_shares_go_to_their_findings(text):
    found = {item.event: item.fraction for item in read(text).evidence if item.state is P}
    assert found == {event: pytest.approx(share) for event, share in SHARES[text].items()}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("12~18% cells showing deletions of D13S319 (13q14.3) and TP53 (17p13.1).", 0.12, 0.18),
        ("del(17p) in 12-18% of cells", 0.12, 0.18),
        ("del(17p) in more than 50% of cells", 0.5, 1.0),
        ("del(17p) in <5% of cells", None, 0.05),
    ],
)
def test_ranges_bound_the_share(text, low, high):
    item = next(item for item in read(text).evidence if item.event == "del_17p")
    assert (item.fraction, item.fraction_low, item.fraction_high) == (None, low, high)


def test_a_range_below_the_cutoff_is_subthreshold():
    frame = evidence_frame(read("12~18% cells showing deletions of TP53").evidence)
    assert frame["state"].tolist() == ["subthreshold"]


def test_nuclei_scored_give_a_negative_its_limit():
    for text in ("TP53 deletion was not seen in 200 nuclei", "200 nuclei were analyzed. No TP53 deletion."):
        item = read(text).evidence[0]
        assert (item.state, item.n_scored) == (A, 200)
        assert item.detection_limit == pytest.approx(0.0149, abs=1e-3)


def test_a_stated_cutoff_limits_a_negative():
    item = read("17p13 deletion: Not detected (cut-off 10%)").evidence[0]
    assert (item.state, item.detection_limit) == (A, pytest.approx(0.1))


def test_a_negative_beside_words_not_understood_is_open():
    reading = read("t(4;14) was negative zzyzx")
    assert states("t(4;14) was negative zzyzx") == {"t_4_14": N}
    assert reading.evidence[0].warnings == ("unread_text",)
    assert [piece.text for piece in reading.unread] == ["zzyzx"]


def test_another_sentence_is_not_touched_by_them():
    assert states("t(4;14) negative. zzyzx qwxk.") == {"t_4_14": A}


@pytest.mark.parametrize(
    "text",
    [
        "del(17p13.1)&nbsp;/&nbsp;TP53 detected",
        "Ｄｅｌ（１７ｐ）　ｄｅｔｅｃｔｅｄ",
        "dele-\ntion of TP53 detected",
        "deletion of TP\n53 detected",
        "DELETION OF TP53 DETECTED",
    ],
)
def test_dirt_of_real_reports_changes_nothing(text):
    assert states(text)["del_17p"] is P


def test_a_line_that_is_complete_ends_its_statement():
    assert states("t(4;14) Negative\nt(11;14) Positive 45%\nTP53 deletion Negative") == {
        "t_4_14": A,
        "t_11_14": P,
        "del_17p": A,
    }


def test_a_wrapped_line_does_not():
    assert states("No evidence of\ndel(17p), t(4;14) or\nt(14;16)") == {"del_17p": A, "t_4_14": A, "t_14_16": A}


def test_a_string_and_its_interpretation_agree():
    text = "nuc ish(IGH,CCND1)x3(IGH con CCND1x2)[85/100]. Interpretation: t(11;14) is present in 85% of cells."
    item = next(item for item in read(text).evidence if item.event == "t_11_14")
    assert (item.n_abnormal, item.method) == (85, "dual_fusion")


def test_each_letter_is_read_or_unread():
    text = "TP53 deletion zzyzx in 45% of qwxk cells; [??] 1R1G2F; IGH blah"
    unread = [piece.text for piece in read(text).unread]
    assert unread == ["zzyzx", "qwxk", "1R1G2F", "blah"]
