"""Karyotypes as a laboratory typed them: how much is read, and whether the copies are right."""

import csv
import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from mmrisk.cytogenetics.array_evidence import read_array
from mmrisk.cytogenetics.bands import band_span, bands
from mmrisk.cytogenetics.clones import Clone, build_clones
from mmrisk.cytogenetics.copies import net_per_band
from mmrisk.cytogenetics.karyotype import Karyotype
from mmrisk.cytogenetics.karyotype_evidence import read_karyotype
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype
from mmrisk.cytogenetics.reading import Reading
from mmrisk.events import State

REAL = os.environ.get("MMRISK_REALDATA")
pytestmark = pytest.mark.skipif(not REAL, reason="MMRISK_REALDATA is not set")


@cache
def strings() -> dict[str, str]:
    with (Path(REAL or "") / "iscn" / "laboratory_karyotypes.tsv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["id"]: row["Karyotype"] or "" for row in rows}


@cache
def parsed() -> dict[str, Karyotype]:
    return {name: parse_karyotype(text) for name, text in strings().items()}


def test_nine_of_ten_strings_are_read_to_the_last_sign() -> None:
    unread = {name: karyotype.unread for name, karyotype in parsed().items() if karyotype.unread}
    assert len(unread) <= 0.1 * len(strings()), unread


def test_the_normal_form_is_read_back_as_the_same_clones() -> None:
    for name, karyotype in parsed().items():
        if not karyotype.unread:
            again = parse_karyotype(str(karyotype))
            assert again.clones == karyotype.clones, name
            assert again.signals == karyotype.signals, name
            assert not again.repairs, name
            before = [(clone.normal, clone.derivatives, clone.acquired) for clone in build_clones(karyotype)]
            after = [(clone.normal, clone.derivatives, clone.acquired) for clone in build_clones(again)]
            assert before == after, name


@cache
def expected() -> dict[str, dict[int, str]]:
    """Net changes of each clone as worked out by hand."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    path = Path(__file__).parent / "expected_net_changes.tsv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t"):
        found[row["id"]][int(row["clone"])] = row["net"]
    return found


_CHANGE = re.compile(r"(\d+|X|Y)(?:(\w+\.?\d*)-(\w+\.?\d*))? ([+-]?\d)")


def disagreements(clone: Clone, net: str) -> list[str]:
    """Bands whose net copies are not those expected; bands in which an expected change begins or ends are left out."""
    unknown = {item.split()[1] for item in net.split("; ") if item.startswith("unknown")}
    wrong = [f"unresolved {sorted(clone.unresolved)}"] if set(clone.unresolved) != unknown else []
    changes: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    borders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for chrom, first, last, number in _CHANGE.findall(net):
        one, two = band_span(chrom, first or "pter"), band_span(chrom, last or "qter")
        assert one is not None, net
        assert two is not None, net
        one, two = sorted((one, two), key=lambda span: span.start)
        borders[chrom] += [(one.start, one.end), (two.start, two.end)]
        changes[chrom].append((one.end, two.start, int(number)))
    for (chrom, name), copies in net_per_band(clone.profiles(), clone.baseline).items():
        band = next(band for band in bands()[chrom] if band.name == name)
        at_border = any(start < band.end and band.start < end for start, end in borders[chrom])
        if chrom in unknown or at_border:
            continue
        wanted = sum(number for low, high, number in changes[chrom] if low <= band.start and band.end <= high)
        if not copies.low <= wanted <= copies.high or copies.high - copies.low > 2:
            wrong.append(f"{chrom}{name}: expected {wanted}, got {copies.low} to {copies.high}")
    return wrong


def test_the_comparison_with_the_hand_worked_table_can_fail() -> None:
    clone = build_clones(parse_karyotype("46,XX,del(5)(q13q33),+8"))[0]
    assert not disagreements(clone, "5q13-q33 -1; 8 +1")
    assert disagreements(clone, "5q13-q33 +1; 8 +1")
    assert disagreements(clone, "5q13-q33 -1")
    assert disagreements(clone, "5q13-q33 -1; 8 +1; 9 -1")
    assert disagreements(clone, "5q13-q33 -1; 8 +1; unknown 9")


@pytest.mark.parametrize("name", sorted(expected()))
def test_net_changes_are_those_worked_out_by_hand(name: str) -> None:
    clones = [clone for clone in build_clones(parsed()[name]) if clone.abnormal]
    assert len(clones) == len(expected()[name])
    wrong = {
        number: found
        for number, clone in enumerate(clones, start=1)
        if (found := disagreements(clone, expected()[name][number]))
    }
    assert not wrong


TRUTH_COLUMNS = {
    "t_4_14": "t_4_14",
    "t_6_14": "t_6_14",
    "t_11_14": "t_11_14",
    "t_14_16": "t_14_16",
    "t_14_20": "t_14_20",
    "t_8_14_MYC": "myc_rearranged",
    "hyperdiploid": "hyperdiploid",
    "gain1q_copies": "gain_1q21",
    "del17p": "del_17p",
    "del1p": "del_1p32",
    "del13q": "del_13q",
}
FUSION_COLUMNS = {
    column for column, event in TRUTH_COLUMNS.items() if event.startswith("t_") or event == "myc_rearranged"
}
EXPLAINED = {
    ("CoMMpass-arr-05", "del1p"): "the string lists no region on 1p at all, so it cannot show a loss of 1p",
}
"""Where the table expects something else than the string says."""


@cache
def truth() -> list[dict[str, str]]:
    with (Path(REAL or "") / "iscn" / "truth_cytogenetics.tsv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["string_type"] in ("karyotype", "array")]


def read(row: dict[str, str]) -> Reading:
    reader = read_array if row["string_type"] == "array" else read_karyotype
    return reader(row["iscn"], sample_id="S1", assay_id="A1", cell_selection="cd138")


def agrees(column: str, expected: str, reading: Reading) -> bool:
    """Whether evidence and table agree; in a karyotype a 0 is `no sign of it`, which not_evaluable is too."""
    found = {item.event: item for item in reading.evidence}.get(TRUTH_COLUMNS[column])
    if found is None:
        return False
    if "not plasma cells" in expected:
        return found.state is State.NOT_EVALUABLE
    if column == "gain1q_copies" and expected not in ("0", "2"):
        return found.state is State.PRESENT and found.copies == float(expected)
    if expected in ("0", "2"):
        open_too = found.source == "karyotype" and found.state is State.NOT_EVALUABLE
        return found.state is State.ABSENT or open_too
    return found.state is State.PRESENT


def test_calls_are_those_of_the_truth_table() -> None:
    wrong = {}
    for row in truth():
        reading = read(row)
        assert not reading.unread, row["id"]
        for column in TRUTH_COLUMNS:
            expected = row[column]
            if expected in ("", "NA") or (row["string_type"] == "array" and column in FUSION_COLUMNS):
                continue  # an array does not see translocations; the table has them from the genome
            if not agrees(column, expected, reading):
                wrong[row["id"], column] = expected
    assert wrong.keys() - EXPLAINED.keys() == set(), wrong


def test_arrays_say_nothing_of_translocations() -> None:
    for row in truth():
        if row["string_type"] == "array":
            assert not {TRUTH_COLUMNS[column] for column in FUSION_COLUMNS} & {
                item.event for item in read(row).evidence
            }
