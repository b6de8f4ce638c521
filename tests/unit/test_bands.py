"""Bands as karyotypes name them, placed on the reference."""

from itertools import pairwise

import pytest

from mmrisk.cytogenetics.bands import BandSpan, band_at, band_span, bands, centromere, chromosome_end
from mmrisk.genome import CHROMOSOMES, arms, chrom_lengths


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37", "T2T-CHM13v2"])
def test_bands_cover_every_chromosome_without_gaps(build: str) -> None:
    for chrom in CHROMOSOMES:
        rows = bands(build)[chrom]
        assert rows[0].start == 0
        assert rows[-1].end == chrom_lengths(build)[chrom]
        assert all(left.end == right.start for left, right in pairwise(rows))


@pytest.mark.parametrize("build", ["GRCh38", "GRCh37"])
def test_centromeres_lie_between_the_arms_of_the_build_table(build: str) -> None:
    for name, arm in arms(build).items():
        middle = centromere(arm.chrom, build)
        assert arm.end <= middle if name.endswith("p") else middle <= arm.start


@pytest.mark.parametrize(
    ("chrom", "name", "start", "end"),
    [
        ("17", "p13.1", 6_500_000, 10_800_000),
        ("17", "p13", 0, 10_800_000),
        ("17", "p", 0, 25_100_000),
        ("17", "q10", 25_100_000, 25_100_000),
        ("17", "cen", 25_100_000, 25_100_000),
        ("17", "pter", 0, 0),
        ("17", "qter", 83_257_441, 83_257_441),
        ("14", "q32.3", 100_900_000, 107_043_718),
        ("13", "q14.1", 39_500_000, 46_700_000),
        ("13", "q14.34", 50_300_000, 54_700_000),
        ("14", "q?32", 17_200_000, 107_043_718),
        ("10", "q2?4", 51_100_000, 133_797_422),
        ("1", "q21~q23", 143_200_000, 165_500_000),
    ],
)
def test_a_band_is_placed_with_the_doubt_it_is_written_with(chrom: str, name: str, start: int, end: int) -> None:
    span = band_span(chrom, name)
    assert span is not None
    assert (span.start, span.end) == (start, end)


def test_a_doubtful_band_is_likely_where_it_is_named() -> None:
    doubtful, named = band_span("14", "q?32.1"), band_span("14", "q32.1")
    assert doubtful is not None
    assert named is not None
    assert doubtful.likely == named.likely


@pytest.mark.parametrize(("chrom", "name"), [("17", "p14"), ("2", "p36.3"), ("1", "x21"), ("1", ""), ("1", "q21~p99")])
def test_a_band_that_does_not_exist_is_none(chrom: str, name: str) -> None:
    assert band_span(chrom, name) is None


def test_a_position_is_named_by_its_band() -> None:
    assert band_at("17", 7_670_000) == "p13.1"
    assert band_at("17", chromosome_end("17") + 5) == "q25.3"


def test_region_one_does_not_take_in_region_ten() -> None:
    assert band_span("1", "q4") == BandSpan(214_400_000, 248_956_422, 231_678_211)
