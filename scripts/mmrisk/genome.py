"""Genome builds, contig names, chromosome arms and named loci. All coordinates: bp, 0-based half-open."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mmrisk.resource import facts

BUILD_NAMES = {
    "grch38": "GRCh38",
    "hg38": "GRCh38",
    "b38": "GRCh38",
    "38": "GRCh38",
    "grch37": "GRCh37",
    "hg19": "GRCh37",
    "b37": "GRCh37",
    "hs37d5": "GRCh37",
    "37": "GRCh37",
    "19": "GRCh37",
    "t2t-chm13v2": "T2T-CHM13v2",
    "t2t-chm13": "T2T-CHM13v2",
    "chm13v2": "T2T-CHM13v2",
    "chm13": "T2T-CHM13v2",
    "t2t": "T2T-CHM13v2",
    "hs1": "T2T-CHM13v2",
}
CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y")
AUTOSOMES = CHROMOSOMES[:22]
ACROCENTRIC = frozenset({"13", "14", "15", "21", "22"})
"""Chromosomes whose short arm holds no unique sequence: only the long arm can be called."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A span of one chromosome, bp, 0-based half-open."""

    chrom: str
    start: int
    end: int

    @property
    def length(self) -> int:
        """Base pairs covered."""
        return self.end - self.start

    def overlap(self, other: "Interval") -> int:
        """Shared base pairs, 0 where the spans are apart."""
        if self.chrom != other.chrom:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def contains(self, chrom: str, position: int) -> bool:
        """Whether a 0-based position lies inside."""
        return self.chrom == chrom and self.start <= position < self.end


@dataclass(frozen=True, slots=True)
class Locus:
    """A named place: gene, FISH-equivalent probe locus, probe footprint, IG locus or partner window."""

    name: str
    kind: str
    build: str
    span: Interval
    band: str


def parse_build(text: str) -> str | None:
    """Canonical build name for any usual spelling (`hg38`, `GRCh38.p13`, `b37`), or None."""
    key = text.strip().lower().split(".p")[0]
    return BUILD_NAMES.get(key)


def parse_chrom(text: str) -> str | None:
    """Canonical chromosome (`1` to `22`, `X`, `Y`) for `chr1`, `Chr01`, `23`; None for any other contig."""
    name = text.strip().removeprefix("chr").removeprefix("Chr").removeprefix("CHR").upper()
    name = name.lstrip("0")
    name = {"23": "X", "24": "Y"}.get(name, name)
    return name if name in _CHROMOSOME_SET else None


_CHROMOSOME_SET = frozenset(CHROMOSOMES)


@cache
def chrom_lengths(build: str) -> Mapping[str, int]:
    """Length of each chromosome."""
    return {row["chrom"]: int(row["length"]) for row in facts("builds.tsv") if row["build"] == build}


@cache
def arms(build: str) -> Mapping[str, Interval]:
    """Arms by name (`17p`), centromere left out, p arms of acrocentric chromosomes left out."""
    found: dict[str, Interval] = {}
    for row in facts("builds.tsv"):
        if row["build"] != build:
            continue
        chrom = row["chrom"]
        if chrom not in ACROCENTRIC:
            found[f"{chrom}p"] = Interval(chrom, 0, int(row["centromere_start"]))
        found[f"{chrom}q"] = Interval(chrom, int(row["centromere_end"]), int(row["length"]))
    return found


@cache
def loci(build: str, kind: str) -> Mapping[str, Locus]:
    """Loci of one kind by name. Artefact spots share names: use `artefacts`."""
    return {locus.name: locus for locus in _all_loci() if locus.build == build and locus.kind == kind}


@cache
def artefacts(build: str) -> tuple[Interval, ...]:
    """Spots where normal genomes show recurrent false translocations."""
    return tuple(locus.span for locus in _all_loci() if locus.build == build and locus.kind == "artefact")


@cache
def _all_loci() -> tuple[Locus, ...]:
    return tuple(
        Locus(
            row["name"],
            row["kind"],
            row["build"],
            Interval(row["chrom"], int(row["start"]), int(row["end"])),
            row["band"],
        )
        for row in facts("loci.tsv")
    )


def detect_build(lengths: Mapping[str, int]) -> str | None:
    """Build whose chromosome lengths agree with a header's (any contig names); None where none or several do.

    `lengths` maps contig name to length in bp. At least chromosomes 1 or 17 must be there, and no chromosome that is
    there may disagree.
    """
    seen = {chrom: length for name, length in lengths.items() if (chrom := parse_chrom(name)) is not None}
    seen.pop("Y", None)  # some GRCh37 references mask or shorten Y
    if not {"1", "17"} & seen.keys():
        return None
    matches = [
        build
        for build in ("GRCh38", "GRCh37", "T2T-CHM13v2")
        if all(chrom_lengths(build)[chrom] == length for chrom, length in seen.items())
    ]
    return matches[0] if len(matches) == 1 else None
