"""VCF and BCF of small variants, one sample or many, annotated or not: the variants in the genes that matter."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from mmrisk.errors import InputError, Problem
from mmrisk.file_lines import damaged
from mmrisk.genome import Interval, loci, parse_chrom
from mmrisk.mutations.annotations import Annotation, Annotator, declared, largest_share, unannotated
from mmrisk.mutations.reads import carries, count_reads
from mmrisk.mutations.variant import IN_NORMAL, Variant, gene_names, in_normal, not_inherited, rules, trimmed
from mmrisk.variant_places import CONTIG, check_build, check_place, choose_tumour

NO_ALLELE = frozenset({"*", ".", "<*>", "<X>", "<NON_REF>"})
"""Alternatives that are no variant of their own: a deletion told elsewhere, any other allele of a gVCF."""


@dataclass(slots=True)
class VcfReader:
    """Reads one VCF: the header, then record by record."""

    file: str
    build: str
    sample_id: str | None
    variant_sample: str | None
    others: Collection[str] = ()
    taken_for: str | None = None
    annotators: list[Annotator] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)
    normal: int | None = None
    contigs: dict[str, tuple[str | None, list[tuple[str, Interval]]]] = field(default_factory=dict)

    @property
    def annotated(self) -> bool:
        """Whether the header declares consequences."""
        return bool(self.annotators)

    def read(self, number: int, line: str, lines: Iterator[tuple[int, str]]) -> list[Variant]:
        """Variants of the samples wanted; `samples` afterwards names all of them. Raises `InputError`."""
        while line.startswith("##"):
            if match := CONTIG.match(line):
                if (chrom := parse_chrom(match[1])) and match[2]:
                    self.lengths[chrom] = int(match[2])
            elif annotator := declared(line):
                self.annotators.append(annotator)
            number, line = next(lines, (number, ""))
        if not line.startswith("#CHROM"):
            raise damaged(self.file, number, "is not a VCF: the #CHROM line is missing")
        self._choose_columns(line.split("\t")[9:], number)
        check_build(self.file, self.build, self.lengths)
        wanted = re.compile(rf"\|(?:{'|'.join(map(re.escape, gene_names()))})(?:\.\d+)?[|,;\t]")
        found: list[Variant] = []
        for number, line in lines:
            if line:
                found.extend(self._record(number, line, wanted))
        return found

    @property
    def samples(self) -> tuple[str, ...]:
        """Samples whose variants were read."""
        return tuple(self.columns.values())

    def _choose_columns(self, names: Sequence[str], number: int) -> None:
        if self.sample_id is None:
            self.columns = dict(enumerate(names))
            if not names:
                raise InputError(
                    Problem(
                        file=self.file,
                        row=number,
                        message="has no column of a sample",
                        remedy="name the sample of the file instead of *",
                    )
                )
            return
        tumour = -1
        if names:
            tumour, self.taken_for = choose_tumour(
                self.file,
                number,
                names,
                variant_sample=self.variant_sample,
                sample_id=self.sample_id,
                others=self.others,
            )
        self.columns = {tumour: self.sample_id}
        if len(names) == 2:
            self.normal = 1 - tumour

    def _contig(self, name: str) -> tuple[str | None, list[tuple[str, Interval]]]:
        """Chromosome of a contig, and the genes on it."""
        if name not in self.contigs:
            chrom = parse_chrom(name)
            spans = [(gene, loci(self.build, "gene")[gene].span) for gene in rules()]
            self.contigs[name] = (chrom, [(gene, span) for gene, span in spans if span.chrom == chrom])
        return self.contigs[name]

    def _record(self, number: int, line: str, wanted: re.Pattern[str]) -> Iterator[Variant]:
        start = line.split("\t", 2)
        if len(start) < 3:
            raise damaged(self.file, number, f"has {len(start)} columns where a VCF has at least 8")
        chrom, genes_here = self._contig(start[0])
        if chrom is None:
            return
        if not (start[1].isascii() and start[1].isdigit() and len(start[1]) <= 10):
            raise damaged(self.file, number, f"has no position ({start[1][:20]!r})")
        position = int(start[1]) - 1
        near = [gene for gene, span in genes_here if span.start <= position < span.end]
        if not near and not (self.annotators and wanted.search(line)):
            return
        cells = line.split("\t")
        if len(cells) < 8:
            raise damaged(self.file, number, f"has {len(cells)} columns where a VCF has at least 8")
        check_place(self.file, number, chrom, position, self.build)
        info = dict(_pair(item) for item in cells[7].split(";"))
        alternatives = cells[4].split(",")
        said = self._annotations(info, cells[3], alternatives, near)
        for index, alternative in enumerate(alternatives):
            if alternative in NO_ALLELE:
                continue
            spelled = re.fullmatch(r"[ACGTNacgtn]+", alternative)
            symbolic = [unannotated(gene, None, "", f"{alternative} has no sequence") for gene in near]
            for annotation in said.get(index, ()) if spelled else symbolic:
                yield from self._alleles(annotation, chrom, position, cells, index)

    def _annotations(
        self, info: dict[str, str], reference: str, alternatives: Sequence[str], near: Sequence[str]
    ) -> dict[int, list[Annotation]]:
        for annotator in self.annotators:
            if annotator.key in info:
                return annotator.of(info, reference, alternatives, near)
        share = largest_share({name.lower(): value for name, value in info.items()})
        blank = [unannotated(gene, share, info.get("CLNSIG", "")) for gene in near]
        return dict.fromkeys(range(len(alternatives)), blank)

    def _alleles(
        self, annotation: Annotation, chrom: str, position: int, cells: Sequence[str], index: int
    ) -> Iterator[Variant]:
        """The allele in each sample that carries it."""
        alternative = cells[4].split(",")[index]
        place, before, after = position, cells[3], alternative
        if alternative.isalpha():
            place, before, after = trimmed(position, cells[3], alternative)
        filters = tuple(cells[6].split(";"))
        for column, sample in self.columns.items():
            fields = _fields(cells, column)
            alt, depth = count_reads(fields, reference=cells[3], alternative=alternative, number=index)
            genotype = carries(fields, index)
            if fields and (alt == 0 or (genotype is False) or (genotype is None and not alt)):
                continue
            seen, scored = self._normal_reads(cells, alternative, index)
            suspect = in_normal(alt=alt, depth=depth, normal_alt=seen, normal_depth=scored)
            yield Variant(
                sample=sample,
                gene=annotation.gene,
                chrom=chrom,
                position=place,
                change=f"{before}>{after}",
                effect=annotation.effect,
                protein=annotation.protein,
                residue=annotation.residue,
                alt_reads=alt,
                depth=depth,
                filters=(*filters, IN_NORMAL) if suspect else filters,
                population_share=annotation.population_share,
                significance=annotation.significance,
                unread=annotation.unread,
                somatic=not_inherited(normal_alt=seen, normal_depth=scored),
                consequence=annotation.consequence,
            )

    def _normal_reads(self, cells: Sequence[str], alternative: str, index: int) -> tuple[int | None, int | None]:
        """Reads of the matched normal with the alternative, and in all; None where there is no normal."""
        if self.normal is None:
            return None, None
        return count_reads(_fields(cells, self.normal), reference=cells[3], alternative=alternative, number=index)


def _fields(cells: Sequence[str], column: int) -> dict[str, str]:
    if column < 0 or len(cells) <= 9 + column:
        return {}
    return dict(zip(cells[8].split(":"), cells[9 + column].split(":"), strict=False))


def _pair(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name, value
