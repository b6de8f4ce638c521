"""Karyotypes as a laboratory typed them: how much is read, and whether the copies are right."""

import csv
import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from mmrisk.cytogenetics.bands import band_span, bands
from mmrisk.cytogenetics.clones import Clone, build_clones
from mmrisk.cytogenetics.copies import net_per_band
from mmrisk.cytogenetics.karyotype import Karyotype
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype

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


def disagreements(clone: Clone, net: str) -> list[str]:
    """Bands whose net copies are not those expected; bands in which an expected change begins or ends are left out."""
    unknown = {item.split()[1] for item in net.split("; ") if item.startswith("unknown")}
    wrong = [f"unresolved {sorted(clone.unresolved)}"] if set(clone.unresolved) != unknown else []
    changes: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    borders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for item in net.split("; "):
        if item == "none" or item.startswith("unknown"):
            continue
        place, number = item.rsplit(" ", 1)
        chrom, low, high = re.fullmatch(r"(\d+|X|Y)(?:([pq]\w*\.?\d*)-(?:(\w*\.?\d*)))?", _ends(place)).groups()  # type: ignore[union-attr]
        one, two = band_span(chrom, low or "pter"), band_span(chrom, high or "qter")
        assert one is not None
        assert two is not None
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


def _ends(place: str) -> str:
    """`17cen-qter` with the centromere as a band of the long arm."""
    return place.replace("cen", "q10") if "cen" in place else place


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
