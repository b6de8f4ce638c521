"""The truth behind simulated reads: changes, clones, purity, junctions and library, from a small YAML file."""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mmrisk.errors import InputError, Problem
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, Interval, arms, chrom_lengths, parse_build, parse_chrom

OFF_TARGET = 0.3
"""Share of a capture's reads beside its targets, where the truth does not say (hybrid capture, from memory)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Copies of a place in a share of the tumour cells; `minor` are copies of the lesser allele."""

    place: Interval
    copies: int
    minor: int
    fraction: float = 1.0


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a junction: the sequence left (`+`) or right (`-`) of a 0-based position is kept."""

    chrom: str
    position: int
    strand: str


@dataclass(frozen=True, slots=True)
class Junction:
    """Two places joined in a share of the tumour cells, on one of two copies."""

    a: Side
    b: Side
    fraction: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """How the reads were made. Lengths in bp; `gc_slope` is the change of log coverage per unit of GC.

    `wave` is the standard deviation of a slow wave of log coverage (length `wave_length`) that no GC explains;
    `arm_bias` is the standard deviation of what whole arms deviate by for no known reason (bins only).
    `low_mapq` and `duplicates` are shares of reads. `beside_targets` is the share of the depth that a capture leaves
    beside its targets, `bait_spread` the standard deviation of the logarithm of what its targets catch.
    """

    read_length: int = 150
    fragment: int = 400
    fragment_sd: int = 60
    duplicates: float = 0.06
    low_mapq: float = 0.05
    gc_slope: float = 0.0
    wave: float = 0.0
    wave_length: int = 10_000_000
    arm_bias: float = 0.0
    error_rate: float = 0.002
    beside_targets: float = 1.0
    bait_spread: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A sample: changes on a genome of two copies, seen at a depth (of two copies) through a library.

    With `targets` the depth is that of the mean target; the library says what is read beside them.
    """

    build: str = "GRCh38"
    chromosomes: tuple[str, ...] = (*AUTOSOMES, "X")
    sex: str = "F"
    depth: float
    purity: float
    seed: int = 1
    changes: tuple[Change, ...] = ()
    junctions: tuple[Junction, ...] = ()
    targets: tuple[Interval, ...] = ()
    library: Library = Library()
    sample: str = "synthetic"

    def pieces(self, chrom: str) -> list[tuple[int, int, float, float]]:
        """Start, end, mean copies in the material, and mean copies of the lesser allele, along a chromosome."""
        length = chrom_lengths(self.build)[chrom]
        here = [change for change in self.changes if change.place.chrom == chrom]
        edges = sorted({0, length, *(edge for c in here for edge in (c.place.start, c.place.end))})
        normal = 1.0 if self.sex == "M" and chrom in ("X", "Y") else (0.0 if chrom == "Y" else 2.0)
        found = []
        for start, end in itertools.pairwise(edges):
            copies, minor = normal, normal / 2
            for change in here:
                if change.place.start <= start and end <= change.place.end:
                    share = self.purity * change.fraction
                    copies += share * (change.copies - normal)
                    minor += share * (change.minor - normal / 2)
            found.append((start, end, max(copies, 0.0), min(max(minor, 0.0), max(copies, 0.0))))
        return found


def depth_of(reads: int, *, build: str, chromosomes: tuple[str, ...], read_length: int) -> float:
    """Depth at which a genome of two copies holds so many reads."""
    return reads * read_length / sum(chrom_lengths(build)[chrom] for chrom in chromosomes)


def read_truth(path: Path) -> Truth:
    """Read a YAML file of the truth. Raises `InputError` naming what cannot be understood."""
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _problem(path, None, f"cannot be read ({str(error).splitlines()[0]})", "give a YAML file") from None
    if not isinstance(given, dict):
        raise _problem(path, None, "holds no keys", "give at least purity and depth or reads")
    known = {field.name for field in fields(Truth)} | {"reads"}
    if unknown := sorted(set(given) - known):
        raise _problem(path, unknown[0], "is not a key", f"use {', '.join(sorted(known))}")
    try:
        return _truth(given)
    except (KeyError, TypeError, ValueError) as error:
        raise _problem(path, None, f"cannot be understood ({error})", "see simulate_reads.py --help") from None


def _problem(path: Path, column: str | None, message: str, remedy: str) -> InputError:
    return InputError(Problem(file=path.name, column=column, message=message, remedy=remedy))


def _beside(targets: Iterable[Interval], *, build: str) -> dict[str, float]:
    """Depth beside the targets of a capture, where the file does not say it: a share of its reads falls there."""
    caught = sum(place.end - place.start for place in targets)
    genome = sum(chrom_lengths(build)[chrom] for chrom in AUTOSOMES)
    return {"beside_targets": OFF_TARGET / (1 - OFF_TARGET) * caught / genome} if caught else {}


def _truth(given: Mapping[str, Any]) -> Truth:
    build = parse_build(str(given.get("build", "GRCh38")))
    if build is None:
        raise ValueError(f"build {given['build']}")
    chromosomes = tuple(_chrom(name) for name in given.get("chromosomes", (*AUTOSOMES, "X")))
    targets = tuple(place_of(str(place), build) for place in given.get("targets", ()))
    library = Library(**{**_beside(targets, build=build), **given.get("library", {})})
    if ("depth" in given) == ("reads" in given):
        raise ValueError("give either depth or reads")
    depth = (
        float(given["depth"])
        if "depth" in given
        else depth_of(int(given["reads"]), build=build, chromosomes=chromosomes, read_length=library.read_length)
    )
    purity = float(given["purity"])
    if not 0 <= purity <= 1:
        raise ValueError(f"purity {purity}")
    return Truth(
        build=build,
        chromosomes=tuple(sorted(chromosomes, key=CHROMOSOMES.index)),
        sex=str(given.get("sex", "F")),
        depth=depth,
        purity=purity,
        seed=int(given.get("seed", 1)),
        changes=tuple(_change(change, build) for change in given.get("changes", ())),
        junctions=tuple(
            Junction(_side(j["a"]), _side(j["b"]), float(j.get("fraction", 1.0))) for j in given.get("junctions", ())
        ),
        targets=targets,
        library=library,
        sample=str(given.get("sample", "synthetic")),
    )


def _chrom(name: Any) -> str:
    chrom = parse_chrom(str(name))
    if chrom is None:
        raise ValueError(f"chromosome {name}")
    return chrom


def place_of(text: str, build: str) -> Interval:
    """A place: `17p`, `9` or `17:7000000-8000000` (0-based half-open)."""
    if match := re.fullmatch(r"(\w+):(\d+)-(\d+)", text):
        return Interval(_chrom(match[1]), int(match[2]), int(match[3]))
    if text in arms(build):
        return arms(build)[text]
    return Interval(_chrom(text), 0, chrom_lengths(build)[_chrom(text)])


def _change(given: Mapping[str, Any], build: str) -> Change:
    copies = int(given["copies"])
    return Change(
        place_of(str(given["place"]), build),
        copies,
        int(given.get("minor", min(1, copies // 2) if copies != 2 else 1)),
        float(given.get("fraction", 1.0)),
    )


def _side(text: str) -> Side:
    match = re.fullmatch(r"(\w+):(\d+):([+-])", str(text))
    if not match:
        raise ValueError(f"side {text}: write chromosome:position:+ or -")
    return Side(_chrom(match[1]), int(match[2]), match[3])
