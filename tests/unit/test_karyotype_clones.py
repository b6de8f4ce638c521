"""Clones as chromosomes: net gains and losses by the arithmetic of segments."""

import pytest

from mmrisk.cytogenetics.clones import Clone, build_clones
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype


def clones(text: str) -> tuple[Clone, ...]:
    karyotype = parse_karyotype(text)
    assert not karyotype.unread, karyotype.unread
    return build_clones(karyotype)


def net(clone: Clone) -> str:
    """Net changes as `1q10-qter +1, 13 -1`, in the order of the chromosomes."""
    found = []
    for chrom, profile in clone.profiles().items():
        for piece in profile.pieces():
            change = piece.copies - clone.baseline[chrom]
            if change:
                place = "" if (piece.first, piece.last) == ("pter", "qter") else f"{piece.first}-{piece.last}"
                found.append(f"{chrom}{place} {change:+d}")
    return ", ".join(found)


SINGLE = [
    ("whole arm onto 16", "der(16)t(1;16)(q10;q10)", "1cen-qter +1, 16cen-qter -1"),
    ("whole arms of two chromosomes", "der(2;17)(p10;q10)", "2cen-qter -1, 17pter-cen -1"),
    ("whole arms with an extra 1", "+1,der(1;7)(q10;p10)", "1cen-qter +1, 7cen-qter -1"),
    ("isochromosome 17q", "i(17)(q10)", "17pter-cen -1, 17cen-qter +1"),
    ("isochromosome 8p", "i(8)(p10)", "8pter-cen +1, 8cen-qter -1"),
    ("isodicentric", "idic(17)(p11.2)", "17pter-p11.2 -1, 17p11.2-qter +1"),
    ("addition to 17q loses no 17p", "add(17)(q11.2)", "17q11.2-qter -1"),
    ("addition to 17p loses it", "add(17)(p11.2)", "17pter-p11.2 -1"),
    ("terminal deletion", "del(17)(p12)", "17pter-p12 -1"),
    ("interstitial deletion", "del(13)(q12q14)", "13q12-q14 -1"),
    ("deletion inside one band", "del(1)(q42q42)", "1q42-q42 -1"),
    ("duplication", "dup(1)(q21q32)", "1q21-q32 +1"),
    ("inverted duplication", "dup(1)(q32q21)", "1q21-q32 +1"),
    ("triplication", "trp(1)(q21q32)", "1q21-q32 +2"),
    ("inversion", "inv(3)(q21q26)", ""),
    ("balanced translocation", "t(4;14)(p16;q32)", ""),
    ("balanced three-way translocation", "t(1;18;20)(q32;q23;q11.2)", ""),
    ("unbalanced translocation", "der(8)t(1;8)(q12;p21)", "1q12-qter +1, 8pter-p21 -1"),
    ("partner lost", "der(4)t(4;17)(p16;q21),-17", "4pter-p16 -1, 17pter-q21 -1"),
    ("partner named first", "der(17)t(8;17)(q13;p11.2)", "8q13-qter +1, 17pter-p11.2 -1"),
    ("translocation within a pair", "der(1)t(1;1)(p36;q21)", "1pter-p36 -1, 1q21-qter +1"),
    ("both derivatives as der", "der(4)t(4;14)(p16;q32),der(14)t(4;14)(p16;q32)", ""),
    ("three chromosomes", "der(1)t(1;3)(p32;q21)t(3;11)(q26;q13)", "1pter-p32 -1, 3q21-q26 +1, 11q13-qter +1"),
    ("two arms of one derivative", "der(4)add(4)(p14)add(4)(q12)", "4pter-p14 -1, 4q12-qter -1"),
    ("additional derivative", "+der(11)t(11;14)(q13;q32)", "11pter-q13 +1, 14q32-qter +1"),
    ("derivative without own chromosome", "+der(?)t(?;8)(?;q13)", "8q13-qter +1"),
    ("dicentric", "dic(17;18)(p11.2;p11.2)", "17pter-p11.2 -1, 18pter-p11.2 -1"),
    ("deletion in it", "dic(13;17)(p11.2;p11.2)del(13)(q12q14)", "13pter-p11.2 -1, 13q12-q14 -1, 17pter-p11.2 -1"),
    ("dicentric with unknown partner", "psu dic(?;3)(?;p13)", "3pter-p13 -1"),
    ("Robertsonian", "rob(13;14)(q10;q10)", "13pter-cen -1, 14pter-cen -1"),
    ("ring", "r(17)(p11.2q25)", "17pter-p11.2 -1, 17q25-qter -1"),
    ("insertion", "ins(5;2)(p14;q22q32)", ""),
    ("one side of an insertion", "der(5)ins(5;2)(p14;q22q32)", "2q22-q32 +1"),
    ("other side of an insertion", "der(2)ins(5;2)(p14;q22q32)", "2q22-q32 -1"),
    ("insertion of unknown material", "ins(12;?)(q13;?)", ""),
    ("insertion within a chromosome", "ins(2)(p13q21q31)", ""),
    ("deletion beside an inversion", "der(6)inv(6)(p23q13)del(6)(q13q21)", "6q13-q21 -1"),
    ("ider", "ider(22)(q10)t(9;22)(q34;q11.2)", "9q34-qter +2, 22pter-cen -1, 22cen-q11.2 +1, 22q11.2-qter -1"),
    ("detailed form", "der(8)(8pter->8q24::14q32->14qter)", "8q24-qter -1, 14q32-qter +1"),
    ("detailed form turned round", "der(11)(11pter->11p13::11q13->11p13::11q22->11qter)", "11q13-q22 -1"),
    ("markers", "+mar,+r,dmin", ""),
    ("old form", "6q-", "6q?-qter -1"),
    ("several copies", "der(16)t(1;16)(q10;q10)x2", "1cen-qter +2, 16cen-qter -2"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in SINGLE], ids=[row[0] for row in SINGLE])
def test_net_changes_follow_from_segments(changes: str, expected: str) -> None:
    assert net(clones(f"46,XX,{changes}")[0]) == expected


LINES = [
    ("idem adds to the first clone", "45,XX,-13[5]/46,idem,+9[3]", "9 +1, 13 -1"),
    ("a removed derivative leaves its place empty", "46,XX,del(1)(q32)[5]/45,sl,-del(1)[3]", "1 -1"),
    ("a derivative is replaced", "46,XX,add(8)(p21)[5]/46,sl,-add(8),+8[3]", ""),
    ("short names recall bands", "45,XX,dic(17;18)(p11.2;p11.2)[5]/46,sl,+dic(17;18)[3]",
     "17pter-p11.2 -1, 17p11.2-qter +1, 18pter-p11.2 -1, 18p11.2-qter +1"),
    ("sdl is the side line before", "46,XX,-13,+9[5]/46,sl,-8,+7[3]/47,sdl1,+3[2]", "3 +1, 7 +1, 8 -1, 9 +1, 13 -1"),
    ("sl2 is the second full clone", "45,XX,-13[5]/46,XX,del(5)(q13)[4]/45,sl2,-7[3]", "5q13-qter -1, 7 -1"),
    ("doubling doubles the baseline", "45,XX,-13[5]/90,idemx2[3]", "13 -2"),
    ("changes after doubling count once", "45,XX,-13[5]/89,slx2,-3[3]", "3 -1, 13 -2"),
    ("the count tells a doubling", "45,XX,-13[5]/89,sl,-3[3]", "3 -1, 13 -2"),
    ("a translocation is undone", "46,XX,t(8;17)(q13;p11.2)[5]/46,sl,-t(8;17),+8,+17[3]", ""),
    ("a gain is undone", "47,XX,+8[5]/46,sl,-8[3]", ""),
    ("marker by name", "47,XX,+mar1[5]/47,sl,-mar1,+8[3]", "8 +1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_clones_build_on_the_ones_they_name(text: str, expected: str) -> None:
    assert net(clones(text)[-1]) == expected


PLOIDY = [
    ("46,XX,-13", 2),
    ("58<2n>,XX,+3,+5,+7,+9,+9,+11,+11,+15,+15,+19,+19,+21", 2),
    ("58,XX,+3,+5,+7,+9,+9,+11,+11,+15,+15,+19,+19,+21", 2),
    ("70,XX,-X,-1,-4,-6,-8,-13,-16,+7,+18,+21,+i(1q)x2,+6q-,+3mar", 3),
    ("68<3n>,XXX,-13", 3),
    ("92,XXYY", 4),
    ("90<4n>,XXXX,-13,-13", 4),
    ("26,X,+5,+9,+15", 1),
]


@pytest.mark.parametrize(("text", "ploidy"), PLOIDY)
def test_ploidy_is_the_stated_or_the_one_that_fits_count_and_changes(text: str, ploidy: int) -> None:
    assert clones(text)[0].ploidy == ploidy


def test_losses_are_relative_to_the_stated_ploidy_and_1q_can_be_counted() -> None:
    clone = clones("70<3n>,XX,-X,-1,-13,+i(1)(q10)x2,+8,+9")[0]
    assert net(clone) == "1pter-cen -1, 1cen-qter +3, 8 +1, 9 +1, 13 -1, X -1"


def test_constitutional_changes_belong_to_the_baseline() -> None:
    clone = clones("48,XY,+21c,+8[5]")[0]
    assert (net(clone), clone.acquired, clone.inborn) == ("8 +1", ("+8",), ("+21c",))
    carrier = clones("45,XX,rob(13;14)(q10;q10)c[20]")[0]
    assert (net(carrier), carrier.abnormal, carrier.chromosomes) == ("", False, 45)


def test_lost_sex_chromosomes_are_no_constitution() -> None:
    assert net(clones("45,X,-Y")[0]) == "Y -1"
    assert net(clones("45,X,-X")[0]) == "X -1"
    assert net(clones("46,X,add(X)(q13)")[0]) == "Xq13-qter -1"
    assert net(clones("43,der(X)t(X;3)(p11.2;q25),-Y,-5,-9")[0]) == "3q25-qter +1, 5 -1, 9 -1, Xpter-p11.2 -1, Y -1"


def test_a_wrong_modal_number_is_warned_of_and_does_no_harm() -> None:
    clone = clones("53,XX,+3,+5[5]")[0]
    assert clone.ploidy == 2
    assert net(clone) == "3 +1, 5 +1"
    assert clone.warnings == ("count 53 but 48 chromosomes listed",)


@pytest.mark.parametrize(
    ("text", "chroms"),
    [
        ("46,XX,rea(2)", {"2"}),
        ("46,XX,t(1;19)", {"1", "19"}),
        ("46,XX,t(2;4)(p36.3;q21)", {"2", "4"}),
        ("46,XX,der(22)t(2;22)(p25;p13)inv(2)(p25q21)", {"2", "22"}),
        ("46,XX,dic(1;16)(q10;q10)", {"1", "16"}),
        ("46,XX,-del(6)(q13)", {"6"}),
        ("46,XX,del(13)", {"13"}),
    ],
)
def test_what_cannot_be_worked_out_leaves_its_chromosomes_open(text: str, chroms: set[str]) -> None:
    clone = clones(text)[0]
    assert clone.unresolved == chroms
    assert clone.warnings


def test_unknown_material_is_remembered() -> None:
    clone = clones("47,XX,add(1)(p13),+mar,inc")[0]
    assert clone.hidden == ("add(1)(p13)", "mar", "inc")


def test_questioned_changes_can_be_left_out() -> None:
    karyotype = parse_karyotype("46,XX,?del(8)(q11),+9")
    assert net(build_clones(karyotype)[0]) == "8q11-qter -1, 9 +1"
    assert net(build_clones(karyotype, with_questioned=False)[0]) == "9 +1"


def test_a_side_line_of_the_donor_does_not_build_on_the_patient() -> None:
    found = clones("45,XX,-13[5]//46,XY[10]/47,idem,+8[2]")
    assert net(found[-1]) == "8 +1"


def test_breaks_in_the_same_band_leave_that_band_open() -> None:
    clone = clones("46,XX,del(1)(q21),der(2)t(1;2)(q21;q37)")[0]
    inside, beyond = (clone.profiles()["1"].between(place, place + 1) for place in (150_000_000, 170_000_000))
    assert (inside.low, inside.high) == (1, 3)
    assert (beyond.low, beyond.high) == (2, 2)


def test_clones_without_end_are_cut_short() -> None:
    text = "46,XX," + ",".join(["add(1)(p13)"] * 60) + "[3]/46,slx8[2]"
    text += "".join(f"/46,sdl{number}x8,add(1)(p13)[2]" for number in range(1, 36))
    assert all(clone.chromosomes < 10_000 for clone in build_clones(parse_karyotype(text)))
