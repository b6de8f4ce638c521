"""Files of mutations to evidence, and what the consensus makes of it."""

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    "another gene": (head("S1") + record((275, 225), gene="WRAP53"), {**DEEP, "purity": 1.0}, A, ()),
    "not in the genotype": (
        head("S1") + record((275, 225)).replace("0/1", "0/0"), {**DEEP, "purity": 1.0}, A, ()),
    "no samples in the file": (head() + record(), {}, P, ("fragments_unknown",)),
    "in the matched normal": (
        head("TUMOR", "NORMAL") + record((275, 225), (40, 38)), {**DEEP, "purity": 1.0}, N, ("filter_in_normal",)),
    "not in the matched normal": (head("NORMAL", "TUMOR") + record((80, 0), (275, 225)), {"purity": 1.0}, P, ()),
    "a MAF": (MAF_HEAD + maf("S1"), {"purity": 0.9}, P, ()),
    "a MAF under another name": (MAF_HEAD + maf("X-1"), {"purity": 0.9}, P, ()),
    "a MAF without reads": (MAF_HEAD + maf("S1", reads=("", "", "")), {}, P, ("fragments_unknown",)),
    "a MAF, silent": (MAF_HEAD + maf("S1", kind="Silent"), {**DEEP, "purity": 1.0}, A, ()),
    "an empty MAF": (MAF_HEAD, {**DEEP, "purity": 1.0}, A, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_file_says_of_tp53(name, tmp_path):
    text, values, state, warnings = CASES[name]
    items = tp53(read(tmp_path, text, **values))
    assert [(item.state, item.warnings) for item in items] == [(state, warnings)]


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
    "mutation alone": ([HET], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "not_evaluable"),
    "neither": ([], [other("del_17p", A, fraction=0.0, detection_limit=0.1)], "absent"),
    "only the mutation looked at": ([HET], [], "not_tested"),
}  # fmt: skip


@pytest.mark.parametrize("name", BIALLELIC)
def test_biallelic_tp53_is_derived(name, tmp_path):
    records, more, state = BIALLELIC[name]
    reading = mutations(tmp_path, *records, min_depth=500.0)
    assert state_in_consensus(reading, "biallelic_tp53", *more) == state


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
    "an unknown barcode": (MAF_HEAD + maf("A") + maf("B"), {}, "'S1' is none of its 2 samples (A, B, ...)"),
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
