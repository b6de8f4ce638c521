"""Files of mutations to evidence, and what the consensus makes of it."""

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import read_mutations
from mmrisk.assays import AssayFile
from mmrisk.consensus import decide
from mmrisk.errors import InputError
from mmrisk.events import Evidence, State, Tier
from mmrisk.mutations.mutation_evidence import read_mutation_evidence
from mmrisk.tables import evidence_frame

CSQ = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
    'Allele|Consequence|SYMBOL|HGVSp|CANONICAL|gnomADe_AF">\n'
)
CHR17 = "##contig=<ID=chr17,length=83257441>\n"


def head(*samples, annotated=True, contigs=CHR17):
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO" + ("\tFORMAT\t" + "\t".join(samples) if samples else "")
    return f"##fileformat=VCFv4.2\n{contigs}{CSQ if annotated else ''}{columns}\n"


def record(
    *counts, what="missense_variant", protein="p.Arg175His", gene="TP53", common="", filters="PASS", position=7675088
):
    info = f"CSQ=T|{what}|{gene}|P:{protein}|YES|{common}" if what else "DP=9"
    samples = "".join(f"\t{'0/1' if alt else '0/0'}:{ref},{alt}" for ref, alt in counts)
    return f"chr17\t{position}\t.\tC\tT\t.\t{filters}\t{info}" + (f"\tGT:AD{samples}" if counts else "") + "\n"


MAF_HEAD = (
    "#version 2.4\nHugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tVariant_Classification\tReference_Allele\t"
    "Tumor_Seq_Allele2\tTumor_Sample_Barcode\tHGVSp_Short\tt_depth\tt_ref_count\tt_alt_count\tFILTER\tgnomAD_AF\n"
)


def maf(sample, *, gene="TP53", kind="Missense_Mutation", protein="p.R175H", reads=(500, 275, 225), build="GRCh38",
        filters="PASS", common="", position=7675088):  # fmt: skip
    cells = [gene, build, "chr17", position, kind, "C", "T", sample, protein, *reads, filters, common]
    return "\t".join(map(str, cells)) + "\n"


def read(tmp_path, text, *, name="m.vcf", coverage=None, variant_sample=None, **values):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if coverage is not None:
        (tmp_path / "coverage.tsv").write_text(coverage)
        values["coverage"] = tmp_path / "coverage.tsv"
    given = dict(sample_id="S1", assay_id="wes", source="wes", file=path, build="GRCh38", cell_selection="cd138")
    return read_mutation_evidence(AssayFile(**{**given, **values}), variant_sample=variant_sample)


def tp53(reading, sample="S1"):
    return [item for item in reading.evidence if (item.event, item.sample_id) == ("tp53_mutation", sample)]


P, A, N, T = State.PRESENT, State.ABSENT, State.NOT_EVALUABLE, State.NOT_TESTED
DEEP = {"min_depth": 500.0}
HOTSPOT = "chr17\t7675050\t7675120\thot\t500\n"
EXONS = "".join(f"chr17\t{7_670_000 + 1000 * n}\t{7_670_150 + 1000 * n}\te{n}\t500\n" for n in range(10))
CASES = {
    "a mutation": (head("S1") + record((275, 225)), {}, P, ("purity_unknown",)),
    "a mutation with purity": (head("S1") + record((275, 225)), {"purity": 0.9}, P, ()),
    "no variant, depth declared": (head("S1"), DEEP, A, ("purity_unknown",)),
    "no variant, depth not known": (head("S1"), {}, N, ("coverage_unknown",)),
    "no variant, gene not on the panel": (head("S1"), {**DEEP, "source": "panel", "genes": ("KRAS",)}, T, ()),
    "no variant, gene on it": (head("S1"), {**DEEP, "source": "panel", "genes": ("TP53",)}, A, ("purity_unknown",)),
    "no variant, gene on it, depth not known": (head("S1"), {"genes": ("TP53",)}, N, ("coverage_unknown",)),
    "no variant, gene not on it, depth not known": (head("S1"), {"genes": ("KRAS",)}, T, ()),
    "no variant, panel of unknown genes": (head("S1"), {**DEEP, "source": "panel"}, N, ("coverage_unknown",)),
    "no variant in unselected cells": (head("S1"), {**DEEP, "cell_selection": "none"}, N, ("cells_not_selected",)),
    "silent": (head("S1") + record((275, 225), what="synonymous_variant"), {**DEEP, "purity": 1.0}, A, ()),
    "common": (head("S1") + record((275, 225), common="0.3"), {**DEEP, "purity": 1.0}, A, ()),
    "outside the domain": (head("S1") + record((275, 225), protein="p.Pro47Ser"), DEEP, N, ("uncertain_variant",)),
    "filtered": (head("S1") + record((275, 225), filters="weak_evidence"), DEEP, N, ("filter_weak_evidence",)),
    "two reads": (head("S1") + record((498, 2)), DEEP, N, ("few_fragments",)),
    "not annotated": (head("S1", annotated=False) + record((275, 225), what=""), DEEP, N, ("consequence_unknown",)),
    "not annotated, elsewhere": (
        head("S1", annotated=False) + record((275, 225), what="", position=9_000_000), {**DEEP, "purity": 1.0}, A, ()),
    "another gene, elsewhere": (
        head("S1") + record((275, 225), gene="WRAP53", position=7688000), {**DEEP, "purity": 1.0}, A, ()),
    "only another gene named": (head("S1") + record((275, 225), gene="WRAP53"), DEEP, N, ("consequence_unknown",)),
    "an allele without sequence": (
        head("S1") + record((275, 225)).replace("\tC\tT\t", "\tC\t<DEL>\t"), DEEP, N, ("consequence_unknown",)),
    "any other allele of a gVCF": (
        head("S1") + record((275, 225)).replace("\tC\tT\t", "\tC\t<NON_REF>\t"), {**DEEP, "purity": 1.0}, A, ()),
    "an annotation cut short": (
        head("S1") + record((275, 225)).replace("|TP53|P:p.Arg175His|YES|", ""), DEEP, N, ("consequence_unknown",)),
    "a symbol in lower case": (head("S1") + record((275, 225), gene="Tp53"), {"purity": 0.9}, P, ()),
    "not in the genotype": (
        head("S1") + record((275, 225)).replace("0/1", "0/0"), {**DEEP, "purity": 1.0}, A, ()),
    "no samples in the file": (head() + record(), {}, P, ("fragments_unknown",)),
    "in the matched normal": (
        head("TUMOR", "NORMAL") + record((275, 225), (40, 38)), {**DEEP, "purity": 1.0}, N, ("filter_in_normal",)),
    "not in the matched normal": (head("NORMAL", "TUMOR") + record((80, 0), (275, 225)), {"purity": 1.0}, P, ()),
    "a MAF": (MAF_HEAD + maf("S1"), {"purity": 0.9}, P, ()),
    "a MAF under another name": (MAF_HEAD + maf("X-1"), {"purity": 0.9, "variant_sample": "X-1"}, P, ()),
    "a MAF of several samples": (MAF_HEAD + maf("S2") + maf("S1", kind="Silent"), {**DEEP, "purity": 1.0}, A, ()),
    "a word that is not known": (head("S1") + record((275, 225), what="missense"), DEEP, N, ("consequence_unknown",)),
    "a MAF with such a word": (MAF_HEAD + maf("S1", kind="Missense"), DEEP, N, ("consequence_unknown",)),
    "a MAF without a consequence": (MAF_HEAD + maf("S1", kind=""), DEEP, N, ("consequence_unknown",)),
    "a MAF with words of ANNOVAR": (MAF_HEAD + maf("S1", kind="nonsynonymous SNV"), {"purity": 0.9}, P, ()),
    "a MAF that names no gene": (MAF_HEAD + maf("S1", gene="Unknown"), DEEP, N, ("consequence_unknown",)),
    "a MAF that names two genes": (MAF_HEAD + maf("S1", gene="WRAP53;TP53"), {"purity": 0.9}, P, ()),
    "a MAF by Ensembl id": (MAF_HEAD + maf("S1", gene="ENSG00000141510.18"), {"purity": 0.9}, P, ()),
    "selection not known": (head("S1"), {**DEEP, "cell_selection": ""}, N, ("cell_selection_unknown",)),
    "selection given as unknown": (head("S1"), {**DEEP, "cell_selection": "unknown"}, N, ("cell_selection_unknown",)),
    "selection not known, purity known": (head("S1"), {**DEEP, "cell_selection": "", "purity": 0.9}, A, ()),
    "a mutation, selection not known": (
        head("S1") + record((275, 225)), {"cell_selection": ""}, P, ("purity_unknown",)),
    "a hotspot read": (head("S1"), {"coverage": HOTSPOT, "purity": 0.9}, N, ("gene_partly_covered",)),
    "all exons read": (head("S1"), {"coverage": EXONS, "purity": 0.9}, A, ()),
    "inherited by its reads": (head("S1") + record((150, 150)), {"purity": 0.55}, P, ("germline_possible",)),
    "not in a normal read deeply": (
        head("TUMOR", "NORMAL") + record((150, 150), (60, 0)), {"purity": 0.55}, P, ("wild_type_lost",)),
    "not in a normal read thinly": (
        head("TUMOR", "NORMAL") + record((150, 150), (6, 0)), {"purity": 0.55}, P, ("germline_possible",)),
    "a MAF without reads": (MAF_HEAD + maf("S1", reads=("", "", "")), {}, P, ("fragments_unknown",)),
    "a MAF, silent": (MAF_HEAD + maf("S1", kind="Silent"), {**DEEP, "purity": 1.0}, A, ()),
    "an empty MAF": (MAF_HEAD, {**DEEP, "purity": 1.0}, A, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_file_says_of_tp53(name, tmp_path):
    text, values, state, warnings = CASES[name]
    items = tp53(read(tmp_path, text, **values))
    assert [(item.state, item.warnings) for item in items] == [(state, warnings)]


WITHOUT_SYMBOL = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
    'Allele|Consequence|Gene|HGVSp|CANONICAL">\n'
)
NAMELESS = {
    "an Ensembl id": ("T|missense_variant|ENSG00000141510|P:p.Arg175His|YES", P),
    "the Ensembl id of another gene": ("T|missense_variant|ENSG00000141499|P:p.Arg175His|YES", N),
    "a number of NCBI": ("T|missense_variant|7157|P:p.Arg175His|YES", N),
    "no gene": ("T|missense_variant||P:p.Arg175His|YES", N),
    "no gene, and a regulatory region": ("T|missense_variant|7157|P:p.Arg175His|,T|regulatory_region_variant|||", N),
    "no gene, between genes": ("T|intergenic_variant|||", N),
    "another allele": ("G|missense_variant|ENSG00000141510|P:p.Arg175Gly|YES", N),
}


@pytest.mark.parametrize("name", NAMELESS)
def test_an_annotation_without_symbols_is_read_by_its_ids_or_leaves_the_gene_open(name, tmp_path):
    info, state = NAMELESS[name]
    second = ",A" if name == "another allele" else ""
    line = f"chr17\t7675088\t.\tC\tT{second}\t.\tPASS\tCSQ={info}\tGT:AD\t0/1:275,225{',0' if second else ''}\n"
    text = head("S1").replace(CSQ, WITHOUT_SYMBOL) + line
    found = tp53(read(tmp_path, text, **DEEP, purity=0.9))
    assert [item.state for item in found] == [state]


def test_what_was_not_understood_is_named(tmp_path):
    odd = tp53(read(tmp_path, MAF_HEAD + maf("S1", kind="Missense"), **DEEP))
    assert odd[0].detail == "not counted: TP53 p.R175H (225/500 reads), consequence 'Missense' is not known"
    nameless = tp53(read(tmp_path, MAF_HEAD + maf("S1", gene=""), **DEEP))
    assert nameless[0].detail.endswith("its row names no gene")


def test_former_symbols_are_read_in_a_maf_a_vcf_a_table_of_depths_and_the_sheet(tmp_path):
    def state(*args, **values):
        reading = read(tmp_path, *args, purity=0.9, **values)
        return [item.state for item in reading.evidence if item.event == "tent5c_mutation"]

    assert state(MAF_HEAD + maf("S1", gene="FAM46C", kind="Nonsense_Mutation")) == [P]
    assert state(head("S1") + record((275, 225), gene="FAM46C", what="stop_gained")) == [P]
    assert state(head("S1"), coverage="gene\tdepth\nFAM46C\t500\n") == [A]
    assert state(head("S1"), genes=("FAM46C",), **DEEP) == [A]


def test_windows_lines_and_gzip_and_foreign_bytes_are_read(tmp_path):
    text = (head("S1") + "##x\n".replace("##x\n", "") + record((275, 225))).replace("\n", "\r\n").encode()
    text = text.replace(b"##contig", b"##source=caf\xe9\r\n##contig", 1)
    for data in (text, gzip.compress(text)):
        assert tp53(read(tmp_path, data))[0].state == P


def test_each_allele_and_each_sample_of_a_file_is_taken_apart(tmp_path):
    info = "CSQ=T|synonymous_variant|TP53|P:p.Arg175%3D|YES|,A|missense_variant|TP53|P:p.Arg175Leu|YES|"
    line = f"chr17\t7675088\t.\tC\tT,A\t.\tPASS\t{info}\tGT:AD\t0/1:300,200,0\t0/2:300,0,200\t0/0:500,0,0\n"
    reading = read(tmp_path, head("S1", "S2", "S3") + line, sample_id="*", purity=0.9, min_depth=500.0)
    states = {sample: tp53(reading, sample)[0].state for sample in ("S1", "S2", "S3")}
    assert states == {"S1": A, "S2": P, "S3": A}
    assert "p.Arg175Leu" in tp53(reading, "S2")[0].detail


def test_a_cohort_in_one_maf(tmp_path):
    text = MAF_HEAD + maf("S1") + maf("S2", gene="DNMT3A", protein="p.R882H") + maf("S3", kind="Silent")
    coverage = "sample_id\tgene\tdepth\n" + "".join(f"S{n}\tTP53\t400\n" for n in range(1, 6))
    reading = read(tmp_path, text, sample_id="*", coverage=coverage, purity=1.0)
    states = {sample: tp53(reading, sample)[0].state for sample in ("S1", "S2", "S3", "S4", "S5")}
    assert states == {"S1": P, "S2": A, "S3": A, "S4": A, "S5": A}


def test_the_depth_of_the_gene_is_the_limit_of_a_negative(tmp_path):
    def limit(depth, **values):
        return tp53(read(tmp_path, head("S1"), coverage=f"gene\tdepth\nTP53\t{depth}\n", **values))[0].detection_limit

    assert limit(1000) < limit(200) < limit(30)
    assert limit(200, purity=0.5) == pytest.approx(2 * limit(200))
    assert limit(2) == 1.0


def state_in_consensus(reading, event, *more):
    return decide(evidence_frame([*reading.evidence, *more]))[0].set_index("event").loc[event, "state"]


def test_a_negative_above_the_cutoff_is_not_evaluable(tmp_path):
    shallow = read(tmp_path, head("S1"), coverage="gene\tdepth\nTP53\t30\n", purity=0.9)
    deep = read(tmp_path, head("S1"), coverage="gene\tdepth\nTP53\t400\n", purity=0.9)
    assert state_in_consensus(shallow, "tp53_mutation") == "not_evaluable"
    assert state_in_consensus(deep, "tp53_mutation") == "absent"


def other(event, state, **values):
    return Evidence(sample_id="S1", assay_id="seg", event=event, source="wgs", method="ascat", state=state, **values)


def mutations(tmp_path, *records, **values):
    return read(tmp_path, head("S1") + "".join(records), **{"purity": 0.9, **values})


HET, SECOND = record((275, 225)), record((275, 225), protein="p.Arg248Gln", position=7674221)
SMALL, ALL_COPIES = record((460, 40), protein="p.Arg248Gln", position=7674221), record((60, 440))
BIALLELIC = {
    "mutation and loss": ([HET], [other("del_17p", P, fraction=0.9)], "present"),
    "mutation and copy-neutral loss": ([HET], [other("cnloh_17p", P)], "present"),
    "both copies lost": ([], [other("del_17p", P, fraction=0.9, copies=0.0)], "present"),
    "no wild-type reads left": ([ALL_COPIES], [], "present"),
    "two clonal mutations": ([HET, SECOND], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "present"),
    "one in few cells": ([HET, SMALL], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "not_evaluable"),
    "two bases of one codon": ([HET, record((275, 225), protein="p.Arg175Cys", position=7675089)],
                               [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "not_evaluable"),
    "mutation alone": ([HET], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "not_evaluable"),
    "neither": ([], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "absent"),
    "only the mutation looked at": ([HET], [], "not_tested"),
}  # fmt: skip


@pytest.mark.parametrize("name", BIALLELIC)
def test_biallelic_tp53_is_derived(name, tmp_path):
    records, more, state = BIALLELIC[name]
    reading = mutations(tmp_path, *records, min_depth=500.0)
    assert state_in_consensus(reading, "biallelic_tp53", *more) == state


@pytest.mark.parametrize("more", [[], [SECOND]])
def test_a_mutation_that_may_be_inherited_never_makes_biallelic_tp53(more, tmp_path):
    looks_inherited = record((150, 150))
    reading = mutations(tmp_path, looks_inherited, *more, purity=0.55)
    assert tp53(reading)[0].warnings or tp53(reading)[1].warnings
    assert state_in_consensus(reading, "biallelic_tp53") == "not_evaluable"
    row = decide(evidence_frame(reading.evidence))[0].set_index("event").loc["biallelic_tp53"]
    assert "germline_possible" in row["flags"]


def test_one_deletion_in_a_vcf_and_a_maf_is_one_mutation(tmp_path):
    line = record((100, 90), what="frameshift_variant", protein="", position=7675086).replace("\tC\tT\t", "\tAG\tA\t")
    row = maf("S1", kind="Frame_Shift_Del", protein="", reads=(190, 100, 90), position=7675087)
    row = row.replace("\tC\tT\t", "\tG\t-\t")
    first = read(tmp_path, head("S1") + line.replace("CSQ=T", "CSQ=-"), purity=0.9)
    second = read(tmp_path, MAF_HEAD + row, purity=0.9, assay_id="maf")
    assert [item.locus for item in (*tp53(first), *tp53(second))] == ["17:7675086-7675087"] * 2
    assert state_in_consensus(first, "biallelic_tp53", *second.evidence) == "not_tested"


def test_one_mutation_on_two_builds_is_one_mutation(tmp_path):
    first = mutations(tmp_path, HET)
    second = read(tmp_path, MAF_HEAD + maf("S1", build="GRCh37", position=7578406), purity=0.9, assay_id="maf",
                  build="GRCh37")  # fmt: skip
    assert state_in_consensus(first, "biallelic_tp53", *second.evidence) == "not_tested"
    other_place = MAF_HEAD + maf("S1", build="GRCh37", position=7577539, protein="p.R248W")
    third = read(tmp_path, other_place, purity=0.9, assay_id="maf", build="GRCh37")
    assert state_in_consensus(first, "biallelic_tp53", *third.evidence) == "present"


def test_rna_never_makes_biallelic_tp53(tmp_path):
    rna = Evidence(sample_id="S1", assay_id="r", event="del_17p", source="expression", state=P, tier=Tier.INFERRED)
    assert state_in_consensus(mutations(tmp_path, HET), "biallelic_tp53", rna) == "not_tested"


BCMA = record((250, 250), gene="TNFRSF17", protein="p.Arg27Pro", position=7675088)
LOSS, KEPT = (
    other("tnfrsf17_altered", P, fraction=0.9, copies=1.0),
    other("tnfrsf17_altered", A, fraction=0.0, detection_limit=0.1),
)
TARGETS = {
    "loss beside no mutation": ([], [LOSS], "present"),
    "mutation beside no loss": ([BCMA], [KEPT], "present"),
    "neither": ([], [KEPT], "absent"),
    "only mutations looked at": ([], [], "not_evaluable"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_therapy_target_is_altered_by_loss_or_mutation(name, tmp_path):
    records, more, state = TARGETS[name]
    reading = mutations(tmp_path, *records, min_depth=500.0)
    assert state_in_consensus(reading, "tnfrsf17_altered", *more) == state


def test_only_copies_looked_at_leaves_a_target_open():
    row = decide(evidence_frame([KEPT]))[0].set_index("event").loc["tnfrsf17_altered"]
    assert (row["state"], row["flags"]) == ("not_evaluable", "mutations_not_looked_at")


REFUSED = {
    "another build": (head("S1", contigs="##contig=<ID=chr1,length=249250621>\n"), {}, "of GRCh37; say GRCh37"),
    "another build in a MAF": (MAF_HEAD + maf("S1", build="hg19"), {}, "column NCBI_Build: 'hg19' is not GRCh38"),
    "a position outside": (head("S1") + record((9, 9), position=99_000_000), {}, "lies beyond its chromosome"),
    "two samples, neither named": (head("A", "B"), {}, "does not tell which of its samples is the tumour"),
    "no column of a sample": (head(), {"sample_id": "*"}, "has no column of a sample"),
    "a bad name": (head("S 1"), {"sample_id": "*"}, "'S 1' is not a name of a sample"),
    "an unknown barcode": (MAF_HEAD + maf("A") + maf("B"), {}, "'S1' is not a sample of the file, which holds A, B"),
    "a MAF of another patient": (MAF_HEAD + maf("PATIENT9"), {}, "'S1' is not a sample of the file, which holds"),
    "a barcode that is not there": (MAF_HEAD + maf("S1"), {"variant_sample": "T1"}, "'T1' is not a sample of the file"),
    "a MAF without names": ("Hugo_Symbol\tVariant_Classification\n", {}, "column Tumor_Sample_Barcode: is missing"),
    "a row cut off": (MAF_HEAD + "TP53\tGRCh38\n", {}, "row 3: has 2 columns where the header has 14"),
    "a row cut off in a VCF": (head("S1") + "chr17\t7675088\t.\tC\n", {}, "has 4 columns where a VCF has at least 8"),
    "no header": ("##fileformat=VCFv4.2\nchr17\t1\n", {}, "the #CHROM line is missing"),
    "something else": ("gene\tx\n", {}, "is neither a VCF nor a MAF"),
    "empty": ("", {}, "is empty"),
    "truncated": (gzip.compress((head("S1") + HET * 900).encode())[:-40], {}, "truncated gzip"),
    "another source": (head("S1"), {"source": "fish"}, "'fish' makes no calls of mutations"),
    "T2T": (head("S1"), {"build": "T2T-CHM13v2"}, "has no coordinates of the genes"),
    "no tumour": (head("S1"), {"purity": 0}, "leaves no tumour cells"),
    "unknown genes": (head("S1"), {"genes": ("TP35",), "min_depth": 9.0}, "'TP35' is none of the genes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_reason(name, tmp_path):
    text, values, said = REFUSED[name]
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, **values)
    assert said in str(caught.value)


pieces = st.lists(st.text("\t\nchr17TP53.,;:|/0156GA=%", max_size=25), max_size=10)


@given(pieces, st.sampled_from([head("S1") + HET, MAF_HEAD + maf("S1"), ""]))
def test_no_torn_file_ends_in_a_traceback(tmp_path_factory, torn, start):
    with suppress(InputError):
        read(tmp_path_factory.mktemp("torn"), start + "".join(torn))


def test_the_only_column_is_not_taken_where_it_is_another_sample_of_the_cohort(tmp_path):
    text = head("S2") + record((55, 45))
    with pytest.raises(InputError, match="'S2' is another sample of the cohort, not S1"):
        read(tmp_path, text, others=frozenset({"S2"}))
    reading = read(tmp_path, text)
    assert "m.vcf: its sample S2 is taken for S1" in reading.notes
    assert tp53(reading)[0].state is State.PRESENT
    assert tp53(read(tmp_path, text, others=frozenset({"S2"}), variant_sample="S2"))[0].state is State.PRESENT


@pytest.mark.parametrize("name", ["NORMAL", "germline", "S1_normal", "S1_N", "control-7"])
def test_a_lone_column_named_as_a_normal_is_not_taken_for_the_tumour(name, tmp_path):
    with pytest.raises(InputError, match="is the name of a normal sample"):
        read(tmp_path, head(name) + record((55, 45)))
    assert tp53(read(tmp_path, head(name) + record((55, 45)), variant_sample=name))[0].state is State.PRESENT


@pytest.mark.parametrize("name", ["s2_t", "S2-T", "S2.T", "S2_T_tumor"])
def test_another_sample_is_known_in_any_spelling(name, tmp_path):
    with pytest.raises(InputError, match="is another sample of the cohort, not S1"):
        read(tmp_path, head(name) + record((55, 45)), others=frozenset({"S2_T"}))


@pytest.mark.parametrize("name", ["s1", "S-1", "S1_tumour", "abnormal_cells"])
def test_other_spellings_of_the_sample_are_taken_with_a_note(name, tmp_path):
    reading = read(tmp_path, head(name) + record((55, 45)), others=frozenset({"S2"}))
    assert f"m.vcf: its sample {name} is taken for S1" in reading.notes


def test_samples_without_data_files_are_known_from_the_samples_sheet(tmp_path):
    (tmp_path / "m.vcf").write_text(head("S2") + record((55, 45)))
    (tmp_path / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tbuild\nS1\tm\tmutations\twgs\tm.vcf\tGRCh38\n"
    )
    (tmp_path / "samples.tsv").write_text("sample_id\tpatient_id\nS1\tP1\nS2\tP2\n")
    given = ["--assays", str(tmp_path / "assays.tsv"), "--out", str(tmp_path / "e.tsv")]
    status = tmp_path / "status.tsv"
    assert read_mutations.run([*given, "--status", str(status)]) == 0
    assert "S2 is taken for S1" in status.read_text()
    assert read_mutations.run([*given, "--status", str(status), "--samples", str(tmp_path / "samples.tsv")]) == 0
    assert "is another sample of the cohort, not S1" in status.read_text()


def test_a_maf_whose_last_row_alone_is_short_is_cut_off(tmp_path):
    text = MAF_HEAD + maf("S1") + maf("S1", gene="KRAS", protein="p.G12D")
    assert tp53(read(tmp_path, text))[0].state is State.PRESENT
    with pytest.raises(InputError, match="row 4: has 9 columns where the header has 14"):
        read(tmp_path, text[: text.index("p.G12D") + 3])


def test_a_maf_that_a_spreadsheet_saved_as_utf_16_is_read(tmp_path):
    assert tp53(read(tmp_path, (MAF_HEAD + maf("S1")).encode("utf-16")))[0].state is State.PRESENT
