"""A made-up genome with the chromosome lengths of a real build: every base follows from its position, none is stored.

GC content wanders as in a real genome (isochores of some hundred kb), centromeres and heterochromatin are N.
"""

from functools import cache
from pathlib import Path

import numba
import numpy as np
import numpy.typing as npt

from mmrisk.genome import CHROMOSOMES, chrom_lengths
from mmrisk.resource import facts

WINDOW = 1000
"""Length (bp) of the windows in which GC content and coverage are constant."""
MEAN_GC = 0.41
GC_SCALES = ((300_000, 0.045), (40_000, 0.03), (4_000, 0.02))
"""Wavelengths (bp) of the GC content and the spread that each adds."""
HET_EVERY = 1000
"""One heterozygous site in so many bases."""
LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
Floats = npt.NDArray[np.float64]


@numba.njit(cache=True, inline="always")
def mix(value):  # type: ignore[no-untyped-def]
    """Splitmix64: a position to 64 bits that look random."""
    value = (value + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True, inline="always")
def base_at(code, position, gc):  # type: ignore[no-untyped-def]
    """Base (0 to 3, A C G T) at a position of a chromosome (its number), given the GC content there."""
    bits = mix((np.uint64(code) << np.uint64(40)) + np.uint64(position))
    strong = np.float64(bits >> np.uint64(40)) * (1.0 / 16777216.0) < gc
    second = (bits & np.uint64(1)) == np.uint64(1)
    if strong:
        return 2 if second else 1
    return 3 if second else 0


@numba.njit(cache=True, inline="always")
def allele_at(code, position, base, haplotype):  # type: ignore[no-untyped-def]
    """The base that a haplotype (0 or 1) carries there: another one at heterozygous sites of one of the two."""
    bits = mix(((np.uint64(code) + np.uint64(64)) << np.uint64(40)) + np.uint64(position))
    if bits % np.uint64(HET_EVERY) != np.uint64(0):
        return base
    if (bits >> np.uint64(50)) & np.uint64(1) != np.uint64(haplotype):
        return base
    return (base + 1 + np.int64((bits >> np.uint64(30)) % np.uint64(3))) % 4


@numba.njit(cache=True)
def _bases(code, start, end, gc):  # type: ignore[no-untyped-def]
    out = np.empty(end - start, np.uint8)
    for position in range(start, end):
        out[position - start] = base_at(code, position, gc[position // WINDOW])
    return out


def bases(build: str, chrom: str, start: int, end: int) -> npt.NDArray[np.uint8]:
    """Bases of a place as numbers 0 to 3 (N are not marked)."""
    return _bases(CHROMOSOMES.index(chrom), start, end, gc_content(build, chrom))


@cache
def gc_content(build: str, chrom: str) -> Floats:
    """GC content of each window of a chromosome."""
    length = chrom_lengths(build)[chrom]
    middles = (np.arange(-(-length // WINDOW) + 1) + 0.5) * WINDOW
    content = np.full(len(middles), MEAN_GC)
    for number, (scale, spread) in enumerate(GC_SCALES):
        rng = np.random.default_rng([number, CHROMOSOMES.index(chrom)])
        knots = rng.normal(0.0, spread, length // scale + 3)
        content += np.interp(middles, np.arange(len(knots)) * scale, knots)
    return np.clip(content, 0.28, 0.65)


@cache
def masked(build: str, chrom: str) -> tuple[tuple[int, int], ...]:
    """Spans without sequence."""
    return tuple(
        (int(row["start"]), int(row["end"]))
        for row in facts("masked_bands.tsv")
        if row["build"] == build and row["chrom"] == chrom
    )


def write_reference(path: Path, *, build: str, chromosomes: tuple[str, ...], width: int = 100) -> None:
    """Write the genome as FASTA with its `.fai`."""
    index, offset = [], 0
    with path.open("wb") as out:
        for chrom in chromosomes:
            header, length = f">chr{chrom}\n".encode(), chrom_lengths(build)[chrom]
            out.write(header)
            offset += len(header)
            index.append(f"chr{chrom}\t{length}\t{offset}\t{width}\t{width + 1}\n")
            for start in range(0, length, 1_000_000 * width // 100):
                end = min(length, start + 1_000_000 * width // 100)
                letters = LETTERS[bases(build, chrom, start, end)]
                for low, high in masked(build, chrom):
                    letters[max(low - start, 0) : max(high - start, 0)] = ord("N")
                lines = -(-len(letters) // width)
                padded = np.full((lines, width + 1), ord("\n"), np.uint8)
                flat = np.full(lines * width, ord("\n"), np.uint8)
                flat[: len(letters)] = letters
                padded[:, :width] = flat.reshape(lines, width)
                text = padded.tobytes()
                text = text[: len(letters) + lines - 1] + b"\n" if len(letters) % width else text
                out.write(text)
                offset += len(text)
    Path(f"{path}.fai").write_text("".join(index))
