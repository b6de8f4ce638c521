"""Annotations of VEP (CSQ) and SnpEff (ANN): the gene, effect and protein change of each allele of a record."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmrisk.mutations.variant import Effect, effect_of, gene_called, gravest, residue_of, rules, unread_terms

POPULATION = ("gnomad_af", "gnomade_af", "gnomadg_af", "max_af", "exac_af", "af_popmax", "gnomad_popmax_af")
"""Names under which files hold the share of an allele in the population, in lower case."""
DECLARED = re.compile(r'##INFO=<ID=(CSQ|ANN),.*?(?:Format:|annotations:)\s*["\']?([^"\'>]+)')


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation says of one allele in one gene."""

    gene: str
    effect: Effect
    protein: str
    residue: int | None
    population_share: float | None
    significance: str
    unread: str = ""
    consequence: str = ""


@dataclass(frozen=True, slots=True)
class Annotator:
    """The annotation field that a header declares, with the names of its columns in lower case."""

    key: str
    columns: tuple[str, ...]

    def of(
        self, info: Mapping[str, str], reference: str, alternatives: Sequence[str], near: Sequence[str] = ()
    ) -> dict[int, list[Annotation]]:
        """Annotations by number of the alternative allele (from 0), the best transcript of each gene.

        `near` are the genes that hold the position: where no annotation names one, its effect is not known.
        """
        found: dict[int, dict[str, tuple[tuple[bool, int], Annotation]]] = {}
        for entry in info.get(self.key, "").split(","):
            row = dict(zip(self.columns, entry.split("|"), strict=False))
            gene, number = _gene(row), _allele(row, reference, alternatives)
            if gene not in rules() or number is None:
                continue
            made = _annotation(gene, row)
            rank = (not _is_canonical(row), list(Effect).index(made.effect))
            best = found.setdefault(number, {})
            if gene not in best or rank < best[gene][0]:
                best[gene] = (rank, made)
        said: dict[int, list[Annotation]] = {}
        for number in range(len(alternatives)):
            best = found.get(number, {})
            silent = [unannotated(gene, None, "", "no annotation names the gene") for gene in near if gene not in best]
            said[number] = [*(made for _, made in best.values()), *silent]
        return said


def unannotated(gene: str, population_share: float | None, significance: str, unread: str = "") -> Annotation:
    """What is known of a variant in a gene where no annotation says what it does."""
    return Annotation(gene, Effect.UNKNOWN, "", None, population_share, significance, unread)


def _gene(row: Mapping[str, str]) -> str:
    """Current symbol of the gene that an annotation is about: by its symbol, else its Ensembl id."""
    symbol = (row.get("symbol") or row.get("gene_name") or "").strip()
    number = row.get("gene") or row.get("gene_id") or ""
    called = gene_called(symbol)
    return called if called in rules() else gene_called(number)


def _terms(row: Mapping[str, str]) -> list[str]:
    return re.split(r"[&,]", row.get("consequence") or row.get("annotation") or "")


def declared(line: str) -> Annotator | None:
    """The annotation that a header line declares, or None."""
    match = DECLARED.match(line)
    if not match:
        return None
    columns = tuple(name.strip().lower() for name in match[2].split("|"))
    return Annotator(match[1], columns)


def _is_canonical(row: Mapping[str, str]) -> bool:
    return bool(row.get("pick") == "1" or row.get("mane_select") or row.get("canonical", "").upper() == "YES")


def _allele(row: Mapping[str, str], reference: str, alternatives: Sequence[str]) -> int | None:
    """Number of the alternative that an annotation is about: by its number, its text, or as VEP shortens it."""
    number = row.get("allele_num", "")
    if number.isdigit() and 0 < int(number) <= len(alternatives):
        return int(number) - 1
    if len(alternatives) == 1:
        return 0
    allele = row.get("allele", "")
    if allele in alternatives:
        return alternatives.index(allele)
    same_base = all(item[:1] == reference[:1] for item in alternatives)
    shortened = [(item[1:] or "-") if same_base else item for item in alternatives]
    return shortened.index(allele) if allele in shortened else None


def _annotation(gene: str, row: Mapping[str, str]) -> Annotation:
    protein = (row.get("hgvsp") or row.get("hgvs.p") or "").replace("%3D", "=").rsplit(":", 1)[-1]
    position = row.get("protein_position") or row.get("aa.pos / aa.length") or ""
    residue = residue_of(protein)
    if residue is None and (match := re.match(r"(\d{1,5})", position)):
        residue = int(match[1])
    if not protein and residue is not None and "/" in row.get("amino_acids", ""):
        before, _, after = row["amino_acids"].partition("/")
        protein = f"p.{before}{residue}{after}"
    terms, effect = _terms(row), effect_of(_terms(row))
    return Annotation(
        gene,
        effect,
        protein,
        residue,
        largest_share(row),
        row.get("clin_sig", "") or row.get("clnsig", ""),
        unread_terms(terms) if effect == Effect.UNKNOWN else "",
        gravest(terms),
    )


def largest_share(row: Mapping[str, str]) -> float | None:
    """Largest share of an allele in any population that a row names, or None. Column names in lower case."""
    texts = (text.strip() for name in POPULATION for text in re.split(r"[&;]", row.get(name, "")))
    return max((float(text) for text in texts if re.fullmatch(r"\d(\.\d+)?([eE]-?\d+)?", text)), default=None)
