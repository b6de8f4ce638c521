"""One file of mutations to evidence: what was seen in each gene, or what its coverage allows to say."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.capabilities import basis_of_shares, dilution
from mmrisk.cohort import ID_PATTERN
from mmrisk.contracts import MUTATIONS
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State
from mmrisk.file_lines import damaged, file_lines
from mmrisk.genome import loci
from mmrisk.mutations.clone_share import clone_share, share_limit
from mmrisk.mutations.coverage import Coverage, declared, read_coverage, smallest_share
from mmrisk.mutations.maf import is_maf_header, read_maf
from mmrisk.mutations.material import Material
from mmrisk.mutations.variant import Rule, Variant, Verdict, gene_called, maf_class, passes, rules, verdict
from mmrisk.mutations.vcf import VcfReader

SOURCES = ("wgs", "wes", "panel")
BUILDS = ("GRCh38", "GRCh37")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class MutationFile:
    """What was read: variants in the genes that matter, the samples, the format, whether consequences are given."""

    variants: list[Variant]
    samples: tuple[str, ...]
    format_name: str
    annotated: bool = True
    notes: tuple[str, ...] = field(default=())


def read_mutation_evidence(
    assay: AssayFile, *, variant_sample: str | None = None, material: Material | None = None
) -> Reading:
    """Evidence on the genes of resources/mutation_genes.tsv in every sample of a file. Raises `InputError`."""
    assay = replace(assay, genes=tuple(map(gene_called, assay.genes)))
    _check(assay)
    read = read_mutation_file(assay, variant_sample=variant_sample or assay.variant_sample)
    coverage = _coverage(assay)
    samples = (*read.samples, *(coverage.samples if coverage and assay.names_its_samples else ()))
    by_sample: dict[str, dict[str, list[Variant]]] = {sample: {} for sample in samples}
    for variant in read.variants:
        by_sample[variant.sample].setdefault(variant.gene, []).append(variant)
    known = material or Material()
    evidence: list[Evidence] = []
    for sample, genes in by_sample.items():
        mine = replace(assay, purity=known.purity(sample, assay.purity, assay_id=assay.assay_id))
        for gene, rule in rules().items():
            copies = known.copies(sample, gene, build=assay.build, purity=mine.purity, assay_id=assay.assay_id)
            evidence += _gene(sample, rule, genes.get(gene, []), read, coverage, mine, copies)
    return Reading(tuple(evidence), mutations_frame(by_sample, assay), read.notes)


def mutations_frame(by_sample: Mapping[str, Mapping[str, Sequence[Variant]]], assay: AssayFile) -> pd.DataFrame:
    """The variants that count (contract MUTATIONS), by sample and gene."""
    rows = []
    for sample, genes in by_sample.items():
        for gene, variants in genes.items():
            for number, variant in enumerate(_counted(variants), 1):
                before, _, after = variant.change.partition(">")
                row: dict[str, object] = {
                    "sample_id": sample,
                    "assay_id": assay.assay_id,
                    "event": rules()[gene].event,
                    "gene": gene,
                }
                row |= {"number": number, "build": assay.build, "chrom": variant.chrom or None}
                row |= {"position": variant.position, "reference": before or None, "alternative": after or None}
                row |= {"consequence": variant.consequence or None, "protein": variant.protein or None}
                row |= {"classification": maf_class(variant.consequence, variant.change)}
                row |= {"alt_reads": variant.alt_reads, "depth": variant.depth, "somatic": variant.somatic}
                rows.append(row)
    return pd.DataFrame(rows, columns=MUTATIONS.names, dtype=object)


def _counted(variants: Sequence[Variant]) -> list[Variant]:
    """Pathogenic variants that pass, the one with the largest share of reads first."""
    found = [variant for variant in variants if verdict(variant)[0] == Verdict.PATHOGENIC and passes(variant)]
    return sorted(found, key=lambda item: (-(item.share or 0), item.position or 0, item.change))


def _check(assay: AssayFile) -> None:
    problem = None
    if assay.source not in SOURCES:
        problem = ("source", assay.source, "makes no calls of mutations", f"use one of {', '.join(SOURCES)}")
    elif assay.build not in BUILDS:
        problem = ("build", assay.build, "has no coordinates of the genes", "lift the variants to GRCh38 or GRCh37")
    elif assay.purity == 0:
        problem = ("purity", "0", "leaves no tumour cells to speak of", "give a share above 0, or none")
    elif unknown := sorted(set(assay.genes) - set(rules())):
        remedy = f"name genes of {', '.join(rules())}; leave out others"
        problem = ("genes", ", ".join(unknown), "is none of the genes that are looked at", remedy)
    if problem:
        column, value, message, remedy = problem
        raise InputError(
            Problem(file=assay.file.name, column=column, value=value or None, message=message, remedy=remedy)
        )


def read_mutation_file(assay: AssayFile, *, variant_sample: str | None = None) -> MutationFile:
    """Read a VCF, BCF or MAF. Raises `InputError`."""
    with closing(file_lines(assay.file)) as lines:
        return _read_lines(assay, enumerate(lines, 1), variant_sample)


def _read_lines(assay: AssayFile, numbered: Iterator[tuple[int, str]], variant_sample: str | None) -> MutationFile:
    file = assay.file.name
    wanted = None if assay.names_its_samples else assay.sample_id
    for number, line in numbered:
        if line.startswith(("##fileformat=VCF", "#CHROM\tPOS")):
            reader = VcfReader(file, assay.build, wanted, variant_sample, assay.others)
            variants = reader.read(number, line, numbered)
            unannotated = None if reader.annotated else f"{file}: not annotated, so no consequence is known"
            notes = tuple(note for note in (unannotated, reader.taken_for) if note)
            return _named(MutationFile(variants, reader.samples, "vcf", reader.annotated, notes), file)
        if is_maf_header(line):
            variants, samples = read_maf(file, assay.build, line, numbered, row=number)
            return _named(_samples_of_maf(variants, samples, variant_sample or wanted, wanted, file), file)
        if line.strip() and not line.startswith("#"):
            raise damaged(file, number, "is neither a VCF nor a MAF (no line ##fileformat=VCF, no column Hugo_Symbol)")
    raise InputError(Problem(file=file, message="is empty", remedy="give the VCF or MAF that the caller wrote"))


def _samples_of_maf(
    variants: list[Variant], samples: tuple[str, ...], barcode: str | None, wanted: str | None, file: str
) -> MutationFile:
    """The sample wanted, by its barcode; a file without any rows has no variants of it."""
    if wanted is None:
        return MutationFile(variants, samples, "maf")
    if samples and barcode not in samples:
        held = f"{', '.join(samples[:SHOWN])}{', ...' if len(samples) > SHOWN else ''}"
        raise InputError(
            Problem(
                file=file,
                column="Tumor_Sample_Barcode",
                value=barcode,
                message=f"is not a sample of the file, which holds {held}",
                remedy="give the name of the tumour in the file as variant_sample, or write * to read all samples",
            )
        )
    mine = [_rename(variant, wanted) for variant in variants if variant.sample == barcode]
    return MutationFile(mine, (wanted,), "maf")


def _rename(variant: Variant, sample: str) -> Variant:
    return replace(variant, sample=sample)


def _named(read: MutationFile, file: str) -> MutationFile:
    bad = [name for name in read.samples if not ID_PATTERN.fullmatch(name)]
    if bad:
        remedy = "rename it in the file, or read one sample by its own row of the assays sheet"
        raise InputError(
            Problem(file=file, value=name, message="is not a name of a sample", remedy=remedy) for name in bad[:SHOWN]
        )
    return read


def _coverage(assay: AssayFile) -> Coverage | None:
    """Coverage from its file or as declared; None where nothing is known of it."""
    if assay.coverage is not None:
        return read_coverage(assay.coverage, build=assay.build)
    if assay.min_depth is None:
        return None
    if not assay.genes and assay.source == "panel":
        return None
    return declared(assay.genes or tuple(rules()), assay.min_depth)


def _gene(
    sample: str,
    rule: Rule,
    variants: Sequence[Variant],
    read: MutationFile,
    coverage: Coverage | None,
    assay: AssayFile,
    copies: float | None,
) -> Iterator[Evidence]:
    """Evidence on one gene of one sample: each pathogenic variant, else doubt, else what the coverage allows."""
    judged = [(variant, *verdict(variant)) for variant in variants]
    if found := _counted(variants):
        for variant in found:
            yield _present(sample, rule, variant, assay, read, copies)
        return
    doubtful = [
        (variant, reason if passes(variant) else _filter_warning(variant))
        for variant, said, reason in judged
        if (said == Verdict.PATHOGENIC) or (said == Verdict.UNCERTAIN and passes(variant))
    ]
    if doubtful:
        detail = "; ".join(variant.label for variant, _ in doubtful[:SHOWN])
        reasons = tuple(sorted({reason for _, reason in doubtful}))
        yield _evidence(
            sample, rule.event, State.NOT_EVALUABLE, assay, read, f"not counted: {detail}", warnings=reasons
        )
        return
    yield from _nothing_seen(sample, rule, read, coverage, assay, copies)


def _filter_warning(variant: Variant) -> str:
    """Why a variant that would count was not counted."""
    names = [name for name in variant.filters if name not in ("PASS", ".", "")]
    return "filter_" + "_".join(names) if names else "few_fragments"


def _present(
    sample: str, rule: Rule, variant: Variant, assay: AssayFile, read: MutationFile, copies: float | None
) -> Evidence:
    warnings, numbers = [], {}
    if variant.alt_reads and variant.depth and variant.alt_reads <= variant.depth:
        share = clone_share(
            variant.alt_reads,
            variant.depth,
            purity=assay.purity,
            copies=copies,
            basis=basis_of_shares(assay.cell_selection, purity=None),
            somatic=variant.somatic,
        )
        numbers = {
            "fraction": share.fraction,
            "fraction_low": share.low,
            "fraction_high": share.high,
            "fraction_basis": share.basis,
            "n_abnormal": variant.alt_reads,
            "n_scored": variant.depth,
        }
        if share.wild_type_lost:
            warnings.append("wild_type_lost")
        if share.looks_inherited:
            warnings.append("germline_possible")
        if assay.purity is None:
            warnings.append("purity_unknown")
    else:
        warnings.append("fragments_unknown")
    return _evidence(
        sample,
        rule.event,
        State.PRESENT,
        assay,
        read,
        f"{variant.label}: {verdict(variant)[1]}",
        locus=variant.place,
        support=variant.alt_reads,
        warnings=tuple(warnings),
        **numbers,
    )


def _nothing_seen(
    sample: str,
    rule: Rule,
    read: MutationFile,
    coverage: Coverage | None,
    assay: AssayFile,
    copies: float | None,
) -> Iterator[Evidence]:
    if assay.genes and rule.gene not in assay.genes:
        yield _evidence(sample, rule.event, State.NOT_TESTED, assay, read, f"{rule.gene} is not among the genes read")
        return
    if coverage is None:
        detail = "no variant that counts, but it is not known how deeply the gene was read"
        yield _evidence(sample, rule.event, State.NOT_EVALUABLE, assay, read, detail, warnings=("coverage_unknown",))
        return
    depths = coverage.of(sample, rule.gene)
    if depths is None:
        yield _evidence(sample, rule.event, State.NOT_TESTED, assay, read, f"{rule.gene} was not read")
        return
    if not depths.covers(rule.coding_bases):
        detail = f"no variant that counts, but only {depths.bases} bases read where {rule.coding_bases} are coding"
        yield _evidence(sample, rule.event, State.NOT_EVALUABLE, assay, read, detail, warnings=("gene_partly_covered",))
        return
    limit = share_limit(smallest_share(depths), purity=assay.purity, copies=copies)
    detail = f"no variant that counts in {rule.gene}, mean depth {depths.mean:.0f}"
    if warning := dilution(assay.cell_selection, purity=assay.purity):
        detail += "; tumour cells may be diluted by an unknown share of others"
        yield _evidence(sample, rule.event, State.NOT_EVALUABLE, assay, read, detail, warnings=(warning,))
        return
    warnings = ("purity_unknown",) if assay.purity is None else ()
    yield _evidence(
        sample,
        rule.event,
        State.ABSENT,
        assay,
        read,
        detail,
        fraction=0.0,
        fraction_basis=basis_of_shares(assay.cell_selection, purity=assay.purity),
        detection_limit=limit,
        warnings=warnings,
    )


def _evidence(
    sample: str, event: str, state: State, assay: AssayFile, read: MutationFile, detail: str, **values: object
) -> Evidence:
    gene = next(rule.gene for rule in rules().values() if rule.event == event)
    span = loci(assay.build, "gene")[gene].span
    values.setdefault("locus", f"{span.chrom}:{span.start}-{span.end}")
    return replace(assay, sample_id=sample).evidence(event, state, method=read.format_name, detail=detail, **values)
