"""Karyotypes as evidence: what is called present, what absent, and what banding leaves open."""

import pytest

from mmrisk.cytogenetics.clone_verdicts import EVENTS
from mmrisk.cytogenetics.karyotype_evidence import read_karyotype
from mmrisk.events import Evidence, State, catalogue, negative_limit
from mmrisk.tables import evidence_frame


def evidence(text: str) -> dict[str, Evidence]:
    found = read_karyotype(text, sample_id="S1", assay_id="K1").evidence
    by_event = {item.event: item for item in found}
    assert len(by_event) == len(found)
    return by_event


def states(text: str, state: State = State.PRESENT) -> set[str]:
    return {event for event, item in evidence(text).items() if item.state is state}


HYPERDIPLOID = "53,XX,+3,+5,+7,+9,+11,+15,+19[16]/46,XX[4]"

PRESENT = [
    ("46,XX,t(4;14)(p16;q32)[5]/46,XX[15]", {"t_4_14"}),
    ("46,XX,t(14;4)(q32.3;p16.3)[5]/46,XX[15]", {"t_4_14"}),
    ("46,XX,t(6;14)(p21;q32)[5]", {"t_6_14"}),
    ("46,XX,t(11;14)(q13;q32)[5]", {"t_11_14"}),
    ("46,XX,der(14)t(11;14)(q13;q32)[5]", {"t_11_14"}),
    ("46,XX,t(11;14)[5]", {"t_11_14"}),
    ("46,XX,t(14;16)(q32;q23)[5]", {"t_14_16", "maf_activated"}),
    ("46,XX,t(14;20)(q32;q12)[5]", {"t_14_20", "maf_activated"}),
    ("46,XX,t(16;22)(q23;q11.2)[5]", {"igk_igl_partner", "maf_activated"}),
    ("46,XX,t(2;11)(p11;q13)[5]", {"igk_igl_partner"}),
    ("46,XX,t(8;14)(q24;q32)[5]", {"myc_rearranged"}),
    ("46,XX,t(2;8)(p12;q24)[5]", {"myc_rearranged"}),
    ("46,XX,t(8;22)(q24.1;q11)[5]", {"myc_rearranged"}),
    ("46,XX,t(8;14)(q24.3;q32)[5]", {"t_8_14_mafa"}),
    ("46,XX,t(12;14)(p13;q32)[5]", {"t_12_14_ccnd2"}),
    ("46,XX,t(14;19)(q32;q13)[5]", {"igh_other"}),
    ("46,XX,der(8)(8pter->8q24::14q32->14qter)[5]", {"myc_rearranged"}),
    ("46,XX,t(4;14)(p16;q11.2)[5]", set()),
    ("46,XX,t(11;14)(q23;q11)[5]", set()),
    ("46,XX,t(10;14)(q24;q32.1)[5]", set()),
    ("46,XX,der(15)t(1;15)(q10;p10)[5]", {"gain_1q21"}),
    ("46,XX,der(16)t(1;16)(q10;q10)[5]", {"gain_1q21", "del_16q"}),
    ("46,XX,der(6)t(1;6)(q21;q27)[5]", {"gain_1q21"}),
    ("46,XX,i(1)(q10)[5]", {"gain_1q21", "del_1p32", "del_1p12"}),
    ("47,XX,+i(1)(q10)[5]", {"gain_1q21", "amp_1q21"}),
    ("46,XX,dup(1)(q21q32)x2[5]", {"gain_1q21", "amp_1q21"}),
    ("46,XX,i(17)(q10)[5]", {"del_17p"}),
    ("46,XX,der(2;17)(p10;q10)[5]", {"del_17p"}),
    ("45,XX,dic(17;18)(p11.2;p11.2)[5]", {"del_17p"}),
    ("46,XX,del(17)(p13)[5]", {"del_17p"}),
    ("46,XX,del(17)(p13.2)[5]", set()),
    ("46,XX,add(17)(q11.2)[5]", set()),
    ("46,XX,add(17)(p11.2)[5]", {"del_17p"}),
    ("46,XX,add(17)(p13)[5]", set()),
    ("46,XX,del(13)(q12q14)[5]", {"del_13q"}),
    ("46,XX,del(13)(q21q31)[5]", set()),
    ("46,XX,del(13q)[5]", {"del_13q"}),
    ("44,XX,-13,-14[5]", {"del_13q", "del_14q", "hypodiploid"}),
    ("46,XX,del(1)(p31p36)[5]", {"del_1p32"}),
    ("46,XX,del(1)(p31p36)x2[5]", {"del_1p32", "biallelic_del_1p32"}),
    ("46,XX,del(11)(q21q23)[5]", {"del_11q_birc"}),
    ("46,XX,der(8)t(8;8)(p11.2;q22)[5]", {"gain_8q24", "del_8p"}),
    ("48,XX,+3,+9[5]", {"trisomy_3", "trisomy_9", "hyperdiploid"}),
    ("48,XX,+3,+8,+i(9)(q10)[5]", {"trisomy_3", "gain_8q24"}),
    ("47,XX,t(11;14)(q13;q32),+der(11)t(11;14)[5]", {"t_11_14"}),
    ("92,XXXX[5]/46,XX[15]", {"near_tetraploid"}),
    ("90,XXXX,-13,-13[5]", {"near_tetraploid", "del_13q"}),
]


@pytest.mark.parametrize(("text", "expected"), PRESENT)
def test_present_events_follow_from_the_chromosomes(text: str, expected: set[str]) -> None:
    assert states(text) == expected


def test_hyperdiploidy_goes_by_odd_trisomies_and_not_by_the_count() -> None:
    assert "hyperdiploid" in states(HYPERDIPLOID)
    assert "hyperdiploid" not in states("50,XX,+2,+4,+6,+8[16]")
    assert evidence("47,XX,+9[16]/46,XX[4]")["hyperdiploid"].state is State.ABSENT


@pytest.mark.parametrize(
    "text", ["46,XX[20]", "46,XY[18]/nonclonal[2]", "46,XX//46,XY[20]", "//46,XX,t(4;14)(p16;q32)[20]"]
)
def test_a_normal_karyotype_proves_nothing(text: str) -> None:
    found = evidence(text)
    assert set(found) == set(EVENTS)
    assert {item.state for item in found.values()} == {State.NOT_EVALUABLE}
    assert {item.warnings for item in found.values()} == {("plasma_cells_rarely_divide",)}


@pytest.mark.parametrize("text", ["", "-9", "not done"])
def test_a_missing_karyotype_gives_no_evidence(text: str) -> None:
    assert evidence(text) == {}


def test_a_failed_culture_leaves_everything_open() -> None:
    assert states("no growth") == set()
    assert states("no growth", State.NOT_EVALUABLE) == set(EVENTS)


@pytest.mark.parametrize("text", [row[0] for row in PRESENT] + [HYPERDIPLOID])
def test_translocations_and_focal_changes_are_never_absent(text: str) -> None:
    classes = {catalogue()[event].consensus_class for event in states(text, State.ABSENT)}
    assert classes <= {"whole_arm"}


def test_absence_carries_the_limit_of_the_abnormal_metaphases() -> None:
    found = evidence("46,XX,del(5)(q13q33),del(9)(p21)[16]/46,XX[4]")["trisomy_9"]
    assert (found.state, found.n_abnormal, found.n_scored) == (State.ABSENT, 0, 20)
    assert found.detection_limit == negative_limit(16)
    assert "metaphases_only" in found.warnings


@pytest.mark.parametrize(
    "changes",
    [
        "+mar",
        "add(5)(q13)",
        "inc",
        "rea(9)",
        "?+9,del(5)(q13)",
        "r(5)",
        "nonsense(9)",
        "hsr(5)(q13)",
        "ins(5;?)(q13;?)",
    ],
)
def test_what_may_hide_a_chromosome_forbids_absence(changes: str) -> None:
    found = evidence(f"46,XX,del(2)(q13q33),del(6)(q21),{changes}[16]/46,XX[4]")
    assert found["trisomy_9"].state is State.NOT_EVALUABLE


def test_without_a_cell_count_nothing_is_absent() -> None:
    assert states("46,XX,del(5)(q13q33)", State.ABSENT) == set()


def test_a_loss_beside_a_marker_is_present_with_a_reservation() -> None:
    found = evidence("46,XX,-13,+mar[5]")["del_13q"]
    assert (found.state, found.warnings) == (State.PRESENT, ("marker_may_hide",))


@pytest.mark.parametrize(
    ("text", "event", "warning"),
    [
        ("46,XX,del(17)(p12)[1]/46,XX[19]", "del_17p", "single_metaphase"),
        ("45,XX,-17[2]/46,XX[18]", "del_17p", "too_few_metaphases"),
        ("46,XX,?del(17)(p12)[5]", "del_17p", "questioned"),
        ("46,XX,t(4;14)(p?;q32)[5]", "t_4_14", "questioned"),
        ("46,XX,add(17)(p13)[5]", "del_17p", "breakpoint_in_locus_band"),
        ("46,XX,t(8;12)(q24;q13)[5]", "myc_rearranged", "partner_not_ig"),
        ("46,XX,add(14)(q32)[5]", "igh_rearranged_partner_unknown", "partner_unknown"),
        ("46,XX,t(1;19)[5]", "gain_1q21", "chromosome_unresolved"),
        ("70<3n>,XXX,+9[16]", "hyperdiploid", "ploidy_hides_trisomies"),
        ("45,XX,-17,+der(17)xyz[5]", "del_17p", "unread_token"),
        ("70<3n>,XXX,+1[16]", "amp_1q21", "gain_relative_to_ploidy"),
        ("46,XX,del(6)(q13)[6,one is 4n]", "near_tetraploid", "few_tetraploid_cells"),
        ("46,XX,t(2;5)(q21;q31)[20]", "hyperdiploid", "may_be_constitutional"),
        ("53,XX,del(13)(q14q22)[16]", "hyperdiploid", "modal_number_disagrees"),
    ],
)
def test_what_is_not_certain_is_left_open_with_the_reason(text: str, event: str, warning: str) -> None:
    found = evidence(text)[event]
    assert found.state is State.NOT_EVALUABLE
    assert warning in found.warnings


def test_two_metaphases_make_a_structural_change_clonal_and_three_a_loss() -> None:
    assert "del_17p" in states("46,XX,del(17)(p12)[2]/46,XX[18]")
    assert "del_17p" in states("45,XX,-17[3]/46,XX[17]")


def test_cells_of_all_clones_with_an_event_count_together() -> None:
    text = "45,XX,dic(17;18)(p11.2;p11.2)[4]/46,XX,i(17)(q10)[3]/46,XX,del(9)(q13q22)[2]/46,XX[10]/nonclonal[1]"
    found = evidence(text)["del_17p"]
    assert (found.n_abnormal, found.n_scored, found.fraction) == (7, 20, None)
    assert found.detail == "clone 1: TP53 x1, baseline 2; clone 2: TP53 x1, baseline 2"


def test_a_stem_line_seen_once_counts_with_its_side_line() -> None:
    assert evidence("46,XX,del(17)(p12)[1]/46,idem,add(9)(q22)[15]/46,XX[3]")["del_17p"].n_abnormal == 16


def test_composite_clones_are_upper_bounds_and_say_so() -> None:
    found = evidence("43~45,XX,-13[3],del(17)(p12)[cp6]/46,XX[14]")
    assert found["del_17p"].n_abnormal == 6
    assert found["del_13q"].n_abnormal == 3
    assert "composite_clone" in found["del_17p"].warnings


def test_metaphases_are_no_share_of_plasma_cells() -> None:
    frame = evidence_frame(read_karyotype("46,XX,del(17)(p12)[2]/46,XX[18]", sample_id="S1", assay_id="K1").evidence)
    row = frame.set_index("event").loc["del_17p"]
    assert row["state"] == "present"
    assert row["fraction_basis"] == "metaphases"


def test_few_abnormal_metaphases_prove_no_absence_at_the_cut_off() -> None:
    frame = evidence_frame(
        read_karyotype("47,XX,+8,del(5)(q13q33)[5]/46,XX[15]", sample_id="S1", assay_id="K1").evidence
    )
    assert set(frame["state"]) == {"not_evaluable", "present"}


COPIES = [
    ("46,XX,der(16)t(1;16)(q10;q10)", 3),
    ("47,XX,+i(1)(q10)", 4),
    ("70<3n>,XX,-X,-1,+i(1)(q10)x2", 6),
]


@pytest.mark.parametrize(("text", "copies"), COPIES)
def test_copies_of_1q_are_absolute(text: str, copies: int) -> None:
    assert evidence(text)["gain_1q21"].copies == copies


def test_a_doubled_genome_has_no_gain_of_1q() -> None:
    assert "gain_1q21" not in states("92<4n>,XXXX,del(5)(q13)[5]")
    assert "del_13q" in states("91<4n>,XXXX,-13[5]")


SET_APART = [
    ("45,X,-Y[12]/46,XY[8]", "loss of Y with age"),
    ("45,X,-X[12]/46,XX[8]", "loss of X with age"),
    ("46,XX,del(20)(q11.2q13)[12]", "del(20q) alone"),
    ("47,XX,+8[12]", "trisomy 8 alone"),
    ("45,X,-Y,+8[12]", "trisomy 8 alone"),
    ("45,XX,-7[12]", "monosomy 7"),
    ("47,XX,+5,-7,+19[12]", "monosomy 7"),
    ("46,XX,+1,der(1;7)(q10;p10)[12]", "der(1;7)"),
    ("47,XX,+21c[20]", "constitutional +21c"),
    ("47,XXYc[20]", "constitutional XXYc"),
    ("46,XX,inv(9)(p12q13)[20]", "inv(9)"),
]


@pytest.mark.parametrize(("text", "reason"), SET_APART)
def test_clones_of_other_cells_are_set_apart(text: str, reason: str) -> None:
    assert states(text) == {"non_plasma_cell_clone"}
    assert reason in evidence(text)["non_plasma_cell_clone"].detail
    assert states(text, State.ABSENT) == set()


def test_a_myeloma_clone_may_have_lost_y_or_7() -> None:
    assert states("45,X,-Y,t(11;14)(q13;q32)[12]") == {"t_11_14"}
    assert states("45,XX,-7,t(4;14)(p16;q32)[12]") == {"t_4_14"}


def test_clones_of_both_kinds_are_told_apart() -> None:
    found = evidence("45,X,-Y[5]/46,XY,t(11;14)(q13;q32)[8]/46,XY[7]")
    assert found["non_plasma_cell_clone"].n_abnormal == 5
    assert found["t_11_14"].n_abnormal == 8


def test_a_constitutional_trisomy_is_no_event() -> None:
    found = evidence("48,XY,+21c,+9[16]/47,XY,+21c[4]")
    assert found["trisomy_21"].state is State.ABSENT
    assert found["trisomy_9"].state is State.PRESENT


METAMORPHIC = "53,XX,+3,+5,+7,+9,+11,+15,+19,t(8;14)(q24;q32),del(13)(q14q22)[10]/46,XX[10]"


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("/", "\n/ "),
        lambda text: text.replace("+", " +").replace(";", "; "),
        lambda text: text.replace("t(8;14)(q24;q32),del(13)(q14q22)", "del(13)(q14q22),t(14;8)(q32;q24)"),
    ],
)
def test_spelling_and_order_change_no_state(change: object) -> None:
    def summary(text: str) -> dict[str, tuple[State, int | None]]:
        return {event: (item.state, item.n_abnormal) for event, item in evidence(text).items()}

    assert summary(change(METAMORPHIC)) == summary(METAMORPHIC)  # type: ignore[operator]


def test_every_event_is_in_the_catalogue_once() -> None:
    assert len(set(EVENTS)) == len(EVENTS)
    assert set(EVENTS) <= set(catalogue())
