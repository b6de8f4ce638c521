"""A variant of one sample in one gene, and the rule by which it counts as pathogenic (resources/mutation_genes.tsv)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mmrisk.resource import facts

IN_NORMAL = "in_normal"
PASSING = frozenset({"PASS", ".", ""})
COMPLEX_RESIDUE = re.compile(r"(?:p\.)?\(?(?:[A-Z][a-z]{2}|[A-Z*])(\d{1,5})")


class Effect(StrEnum):
    """What a variant does to the protein."""

    DISRUPTED = "disrupted"
    ALTERED = "altered"
    NONE = "none"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether a variant counts."""

    PATHOGENIC = "pathogenic"
    UNCERTAIN = "uncertain"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One allele of one sample. `position` is 0-based; reads are None where the file does not count them."""

    sample: str
    gene: str
    chrom: str
    position: int | None
    change: str
    effect: Effect
    protein: str = ""
    residue: int | None = None
    alt_reads: int | None = None
    depth: int | None = None
    filters: tuple[str, ...] = ()
    population_share: float | None = None
    significance: str = ""

    @property
    def share(self) -> float | None:
        """Share of reads with the variant."""
        if self.alt_reads is None or not self.depth:
            return None
        return min(1.0, self.alt_reads / self.depth)

    @property
    def label(self) -> str:
        """For people: gene, protein change or place, reads."""
        place = f"{self.chrom}:{self.position + 1} {self.change}" if self.position is not None else self.change
        reads = f" ({self.alt_reads}/{self.depth} reads)" if self.alt_reads is not None and self.depth else ""
        return f"{self.gene} {self.protein or place}{reads}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts in a gene: disruption, and residues whose change counts."""

    gene: str
    event: str
    disrupted: bool
    residues: frozenset[int]


@cache
def threshold(name: str) -> float:
    """A constant of resources/mutation_thresholds.tsv."""
    return {row["name"]: float(row["value"]) for row in facts("mutation_thresholds.tsv")}[name]


@cache
def rules() -> Mapping[str, Rule]:
    """Rules by gene."""
    return {
        row["gene"]: Rule(row["gene"], row["event"], row["disrupted"] == "yes", _residues(row["residues"]))
        for row in facts("mutation_genes.tsv")
    }


def _residues(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, text.split(";")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


@cache
def _effects() -> Mapping[str, Effect]:
    return {row["term"].lower(): Effect(row["effect"]) for row in facts("consequences.tsv")}


def effect_of(terms: Iterable[str]) -> Effect:
    """The gravest effect among consequence terms; none where no term alters the protein."""
    found = {_effects().get(term.strip().lower(), Effect.NONE) for term in terms}
    return next((effect for effect in Effect if effect in found and effect != Effect.NONE), Effect.NONE)


def residue_of(protein: str) -> int | None:
    """First residue that a protein change names (`p.Arg175His`, `R175H`, `p.(Gln331*)`), or None."""
    match = COMPLEX_RESIDUE.match(protein.rsplit(":", 1)[-1].strip())
    return int(match[1]) if match else None


def verdict(variant: Variant) -> tuple[Verdict, str]:
    """Whether a variant counts, and the reason. Silent, common and benign variants never do."""
    rule = rules()[variant.gene]
    significance = variant.significance.lower().replace("_", " ")
    if variant.effect == Effect.NONE:
        return Verdict.HARMLESS, "leaves the protein as it is"
    if variant.population_share is not None and variant.population_share > threshold("population_share"):
        return Verdict.HARMLESS, "is common in the population"
    conflicting = "conflicting" in significance or ("benign" in significance and "pathogenic" in significance)
    if "benign" in significance and not conflicting:
        return Verdict.HARMLESS, "is benign in ClinVar"
    if variant.effect == Effect.UNKNOWN:
        return Verdict.UNCERTAIN, "consequence_unknown"
    if "pathogenic" in significance and not conflicting:
        return Verdict.PATHOGENIC, "is pathogenic in ClinVar"
    if variant.effect == Effect.DISRUPTED and rule.disrupted:
        return Verdict.PATHOGENIC, "disrupts the protein"
    if variant.effect == Effect.ALTERED and variant.residue in rule.residues:
        return Verdict.PATHOGENIC, "alters a residue that counts"
    return Verdict.UNCERTAIN, "uncertain_variant"


def passes(variant: Variant) -> bool:
    """Whether the caller's filters let it through and it has reads enough."""
    few = variant.alt_reads is not None and variant.alt_reads < threshold("min_alt_reads")
    return not few and all(name in PASSING for name in variant.filters)


def in_normal(*, alt: int | None, depth: int | None, normal_alt: int | None, normal_depth: int | None) -> bool:
    """Whether reads of the matched normal say that a variant is not of the tumour."""
    if not (alt and depth and normal_alt and normal_depth) or normal_alt < threshold("normal_reads"):
        return False
    return normal_alt / normal_depth > threshold("normal_share") * alt / depth
