"""Damaged karyotypes and arrays: never an exception, never a hang."""

import random
import time

import pytest

from mmrisk.cytogenetics.array_evidence import read_array
from mmrisk.cytogenetics.explain import explain, ideogram_svg
from mmrisk.cytogenetics.karyotype_evidence import read_karyotype

HANG = 5.0
"""Processor time (s) that no string may take: a guard against hangs, not a measure of speed."""
KARYOTYPES = [
    "46,XX[20]",
    "45,X,-Y[12]/46,XY[8]",
    "53~55<2n>,XX,+3,+5,+7,+9,+11,+15,+19,del(13)(q14q22),der(16)t(1;16)(q10;q10)[cp12]/46,XX[8]",
    "44,XX,der(10)t(10;15)(q23;q13),-15,dic(15;18)(p11.2;p11.2)[3]/43,sl,-3,der(12)t(3;12)(q12;q24)[10]/86,sdl1x2[cp5]",
    "46,XY,?del(8)(q11.2q22),add(9)(p?24),+der(?)t(?;3)(?;p21),+mar1,+mar2[cp2,one is 4n]/nonclonal w/clonal[1]",
    "70,XX,-X,-1,+i(1q) +i(1q), +6q-, +3mar",
    "46,XX,der(11)(11pter->11p13::11q13->11q22.2::8q24.1->8q23::11q22.3->11qter)[16].ish der(11)(MYC+,ATM-)",
    "46,XY,t(11;14)(q13;q32)[3]//46,XX,+8[17].nuc ish (TP53x1)[20/200]",
]
ARRAYS = [
    "arr[GRCh37] 1q21.1q44(145,304,539_249,211,096)x3,(13)x1,14q21.2q32.33(43,665,100_106,244,000)x1[0.4],(19)x3",
    "arr[GRCh38] <4n>(7)×3[0.9],17p13.3p11.2(1_22,000,000)x2 hmz,(1-22)x2~3",
    "ogm[GRCh38] t(4;14)(p16.3;q32.33)(1869000;105600000)[0.9],(13)x1",
]
SIGNS = "0123456789pqxyXYmardelticnsuvf()[];,+-/?.~<>:_' ×→\n\t\u0130\u03a9\x00\u2212"


def mutate(text: str, pool: list[str], source: random.Random) -> str:
    """The text with some signs or pieces deleted, doubled, shuffled, or taken from another."""
    for _ in range(source.choice((1, 1, 2, 3, 6, 15))):
        start = source.randrange(len(text) + 1)
        end = min(len(text), start + source.choice((1, 1, 3, 10, 40)))
        piece, other = text[start:end], source.choice(pool)
        cut = source.randrange(len(other) + 1)
        new = source.choice(
            [
                "",
                piece + source.choice(SIGNS),
                piece * source.choice((2, 3, 8)),
                other[cut : cut + source.randrange(60)],
                "".join(source.sample(piece, len(piece))),
                source.choice(SIGNS),
            ]
        )
        text = text[:start] + new + text[end:]
    return text


def read_mutants(number: int, *, seed: int) -> float:
    """Read that many damaged strings; the longest processor time of one, in seconds."""
    source, longest = random.Random(seed), 0.0
    for count in range(number):
        pool, read = (ARRAYS, read_array) if count % 8 == 7 else (KARYOTYPES, read_karyotype)
        text = mutate(source.choice(pool), pool, source)
        start = time.process_time()
        reading = read(text, sample_id="S1", assay_id="K1")
        longest = max(longest, time.process_time() - start)
        assert all(text[piece.start : piece.start + len(piece.text)] == piece.text for piece in reading.unread), text
    return longest


def test_damaged_strings_are_read_quickly_and_without_exception() -> None:
    assert read_mutants(3_000, seed=1) < HANG


@pytest.mark.slow
def test_two_hundred_thousand_damaged_strings() -> None:
    assert read_mutants(200_000, seed=2) < HANG


def test_damaged_strings_are_explained_without_exception() -> None:
    source = random.Random(3)
    for _ in range(150):
        text = mutate(source.choice(KARYOTYPES), KARYOTYPES, source)
        explain(text)
        ideogram_svg(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "." * 4999 + "x",
        "," * 5000,
        "46,XX," + "+mar," * 900,
        "46,XX," + "der(1)t(1;3)(p32;q21)x20," * 190,
        "46,XX,der(1)" + "t(1;3)(p32;q21)" * 330,
        "46,XX,der(1)" + "dup(1)(q21q32)" * 350,
        "46,XX/" + "46,slx8,+8/" * 400,
        "46,XX,del(13)(" + "q1" * 2400 + ")",
        "-" * 5000,
        "46,XX" + "." * 4900 + "x",
        "46,XX,t(1" + "q?" * 2400 + "!;2)",
        "46,XX,t(1;2)(" + "q?" * 2400 + "!)",
        "46,XX,del(1)(1pter" + "->q1::" * 800 + "!)",
        "46,XX[" + "4n," * 1600 + "!]",
        "46,XX.ish del(17)(" + "a-" * 2400 + "!)",
        "\uff0d" * 5000,
        "&lt;" * 1200,
        "a " * 2400,
        "]12<" * 1200,
    ],
)
def test_strings_built_to_be_slow_are_not(text: str) -> None:
    start = time.process_time()
    read_karyotype(text, sample_id="S1", assay_id="K1")
    read_array("arr " + text, sample_id="S1", assay_id="K1")
    assert time.process_time() - start < HANG
