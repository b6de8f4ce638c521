"""Cytogenetic bands: the places a karyotype can name, as spans of the reference. bp, 0-based half-open."""

import csv
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

KARYOTYPE_BUILD = "GRCh38"
"""Build in which the bands of karyotypes are placed; it only fixes their order and length."""

_FILES = {"GRCh38": "hg38", "GRCh37": "hg19", "T2T-CHM13v2": "hs1"}
_QUESTIONED = re.compile(r"([pq]\d*(?:\.\d+)?)\.?\?")
_PLAIN = re.compile(r"[pq](?:\d+(?:\.\d+)?)?")


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the 850-band level."""

    chrom: str
    name: str
    start: int
    end: int
    stain: str


@dataclass(frozen=True, slots=True)
class BandSpan:
    """Where a named band lies; `likely` is the middle of the band as named, even where a doubt widens the span."""

    start: int
    end: int
    likely: int


@cache
def bands(build: str = KARYOTYPE_BUILD) -> Mapping[str, tuple[Band, ...]]:
    """Bands of each chromosome from pter to qter (UCSC cytoBand, as shipped with bioframe)."""
    spec = importlib.util.find_spec("bioframe")  # found, not imported: importing bioframe takes a second
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("bioframe, which ships the band tables, is not installed")
    path = Path(spec.origin).parent / "io" / "data" / f"{_FILES[build]}.cytoband.tsv"
    found: dict[str, list[Band]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            chrom = row["chrom"].removeprefix("chr")
            found.setdefault(chrom, []).append(
                Band(chrom, row["band"], int(row["start"]), int(row["end"]), row["stain"])
            )
    return {chrom: tuple(sorted(rows, key=lambda band: band.start)) for chrom, rows in found.items()}


@cache
def chromosome_end(chrom: str, build: str = KARYOTYPE_BUILD) -> int:
    """Position of qter."""
    return bands(build)[chrom][-1].end


@cache
def centromere(chrom: str, build: str = KARYOTYPE_BUILD) -> int:
    """Border between the arms (p10 and q10)."""
    return next(band.start for band in bands(build)[chrom] if band.name.startswith("q"))


def band_at(chrom: str, position: int, build: str = KARYOTYPE_BUILD) -> str:
    """Name of the band that holds a position; the last band beyond the end."""
    rows = bands(build)[chrom]
    return next((band.name for band in rows if position < band.end), rows[-1].name)


@lru_cache(maxsize=20_000)
def band_span(chrom: str, name: str, build: str = KARYOTYPE_BUILD) -> BandSpan | None:
    """Span of a band as karyotypes write it, or None where the chromosome has no such band.

    Reads `p16.3`, `q14` (all its sub-bands), `q10` and `cen` (the centromere, a point), `pter`, an arm alone, `q?32`
    and `q2?4` (the part behind the question mark is doubtful), `q21~q23`. A sub-band finer than the table is given the
    span of its parent band.
    """
    if "~" in name:
        first, last = (band_span(chrom, part, build) for part in name.split("~", 1))
        if first is None or last is None:
            return None
        start, end = min(first.start, last.start), max(first.end, last.end)
        return BandSpan(start, end, (start + end) // 2)
    if name in _points(chrom, build):
        point = _points(chrom, build)[name]
        return BandSpan(point, point, point)
    questioned = _QUESTIONED.match(name)
    if questioned:
        wide = _plain_span(chrom, questioned[1], build)
        named = _plain_span(chrom, name.replace("?", ""), build)
        if wide is None:
            return None
        return BandSpan(wide.start, wide.end, named.likely if named else wide.likely)
    return _plain_span(chrom, name, build) if _PLAIN.fullmatch(name) else None


@cache
def _points(chrom: str, build: str) -> Mapping[str, int]:
    middle = centromere(chrom, build)
    return {"p10": middle, "q10": middle, "cen": middle, "pter": 0, "qter": chromosome_end(chrom, build)}


def _plain_span(chrom: str, name: str, build: str) -> BandSpan | None:
    while True:
        rows = [band for band in bands(build)[chrom] if band.name.startswith(name)]
        if rows:
            start, end = rows[0].start, rows[-1].end
            return BandSpan(start, end, (start + end) // 2)
        if "." not in name:
            return None
        name = name[:-1].rstrip(".")
