"""A variant of one sample in one gene, and the rule by which it counts as pathogenic (resources/mutation_genes.tsv)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mmrisk.gene_places import genes
from mmrisk.resource import facts

IN_NORMAL = "in_normal"
PASSING = frozenset({"PASS", ".", ""})
COMPLEX_RESIDUE = re.compile(r"(?:p\.)?\(?(?:[A-Z][a-z]{2}|[A-Z*])(\d{1,5})")


class Effect(StrEnum):
    """What a variant does to the protein, the gravest first."""

    DISRUPTED = "disrupted"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    NONE = "none"


class Verdict(StrEnum):
    """Whether a variant counts."""

    PATHOGENIC = "pathogenic"
    UNCERTAIN = "uncertain"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One allele of one sample.

    `position` is the first base that changes (0-based); reads are None where the file does not count them. `unread` is
    what was not understood of its annotation; `somatic` says that a matched normal does not have it; `consequence` is
    the gravest term of the file, as it is written there.
    """

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
    unread: str = ""
    somatic: bool = False
    consequence: str = ""

    @property
    def place(self) -> str:
        """Bases of the reference that change (`17:7675087-7675088`); empty where the file gives no position."""
        if self.position is None:
            return ""
        replaced = self.change.partition(">")[0].replace("-", "")
        return f"{self.chrom}:{self.position}-{self.position + max(1, len(replaced))}"

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
        unread = f", {self.unread}" if self.unread else ""
        return f"{self.gene} {self.protein or place}{reads}{unread}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts in a gene: disruption, and residues whose change counts; its coding bases, stop codon included."""

    gene: str
    event: str
    disrupted: bool
    residues: frozenset[int]
    coding_bases: int = 0


@cache
def threshold(name: str) -> float:
    """A constant of resources/mutation_thresholds.tsv."""
    return {row["name"]: float(row["value"]) for row in facts("mutation_thresholds.tsv")}[name]


@cache
def rules() -> Mapping[str, Rule]:
    """Rules by gene."""
    return {
        row["gene"]: Rule(
            row["gene"],
            row["event"],
            row["disrupted"] == "yes",
            _residues(row["residues"]),
            3 * (int(row["amino_acids"]) + 1),
        )
        for row in facts("mutation_genes.tsv")
    }


@cache
def gene_names() -> Mapping[str, str]:
    """Genes by each of their names in upper case: symbol, former symbols, Ensembl id."""
    names: dict[str, str] = {}
    for row in facts("mutation_genes.tsv"):
        aliases = (name for name in row["aliases"].split(";") if name)
        names |= dict.fromkeys((row["gene"], genes()[row["gene"]].ensembl, *aliases), row["gene"])
    return names


def gene_called(name: str) -> str:
    """Current symbol of a gene that matters, by any of its names; a name of no such gene stays as it is."""
    plain = name.strip().strip("\"'").upper()
    return gene_names().get(plain.partition(".")[0] if plain.startswith("ENSG") else plain, name.strip())


def _residues(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, text.split(";")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


@cache
def _effects() -> Mapping[str, Effect]:
    return {_word(row["term"]): Effect(row["effect"]) for row in facts("consequences.tsv")}


def effect_of(terms: Iterable[str]) -> Effect:
    """The gravest effect among consequence terms; unknown where one of them is not known, or none is given."""
    found = {_effects().get(_word(term), Effect.UNKNOWN) for term in terms}
    return next((effect for effect in Effect if effect in found), Effect.UNKNOWN)


def gravest(terms: Iterable[str]) -> str:
    """The first of the terms that has the gravest effect."""
    order = list(Effect)
    return min((term.strip() for term in terms), key=lambda term: order.index(effect_of([term])), default="")


@cache
def _maf_classes() -> Mapping[str, str]:
    return {_word(row["term"]): row["maf"] for row in facts("consequences.tsv")}


def maf_class(consequence: str, change: str) -> str:
    """`Variant_Classification` of a MAF for a consequence; `change` (`A>AT`) tells deletions from insertions."""
    found = _maf_classes().get(_word(consequence), "") or "Unknown"
    if not found.endswith(("Frame_Shift", "In_Frame")):
        return found
    before, _, after = (part.replace("-", "") for part in change.partition(">"))
    return f"{found}_{'Del' if len(before) > len(after) else 'Ins'}" if len(before) != len(after) else "Unknown"


def unread_terms(terms: Iterable[str]) -> str:
    """For people: the consequence terms that are not known; empty without any."""
    odd = sorted({term.strip() for term in terms if term.strip() and _word(term) not in _effects()})
    return f"consequence {', '.join(map(repr, odd))} is not known" if odd else ""


def _word(term: str) -> str:
    return term.strip().lower().replace(" ", "_")


def trimmed(position: int, reference: str, alternative: str) -> tuple[int, str, str]:
    """A change without the bases that both alleles share at their ends, so that it is the same in a VCF and a MAF.

    `position` (0-based) is that of the first base of `reference`; `-` is an empty allele. Bases that repeat are not
    shifted, which needs the genome.
    """
    reference, alternative = reference.replace("-", "").upper(), alternative.replace("-", "").upper()
    while reference and alternative and reference[-1] == alternative[-1]:
        reference, alternative = reference[:-1], alternative[:-1]
    while reference and alternative and reference[0] == alternative[0]:
        position, reference, alternative = position + 1, reference[1:], alternative[1:]
    return position, reference or "-", alternative or "-"


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


def not_inherited(*, normal_alt: int | None, normal_depth: int | None) -> bool:
    """Whether a matched normal was read deeply enough at a variant, and does not have it."""
    if normal_alt is None or normal_depth is None:
        return False
    return normal_alt < threshold("normal_reads") and normal_depth >= threshold("normal_depth")
