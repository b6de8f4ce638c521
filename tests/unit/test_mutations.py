"""Variants: effect, pathogenicity, reads, clone shares, coverage."""

import gzip
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from mmrisk.errors import InputError
from mmrisk.events import catalogue
from mmrisk.genome import loci
from mmrisk.mutations.annotations import declared
from mmrisk.mutations.clone_share import clone_share, share_limit
from mmrisk.mutations.coverage import Depths, read_coverage, smallest_share
from mmrisk.mutations.material import material_of
from mmrisk.mutations.reads import carries, count_reads
from mmrisk.mutations.variant import (
    Effect,
    Variant,
    Verdict,
    effect_of,
    gene_called,
    not_inherited,
    passes,
    residue_of,
    rules,
    trimmed,
    verdict,
)


def variant(**values):
    given = dict(
        sample="S", gene="TP53", chrom="17", position=7675087, change="C>T", effect=Effect.ALTERED, residue=175
    )
    return Variant(**{**given, **values})


def test_every_rule_is_for_an_event_of_the_catalogue_with_a_place_on_both_builds():
    events = {event for event, kind in catalogue().items() if kind.kind in ("mutation", "target")}
    assert {rule.event for rule in rules().values()} == events
    for build in ("GRCh38", "GRCh37"):
        assert set(rules()) <= set(loci(build, "gene"))


EFFECTS = [
    (["missense_variant"], Effect.ALTERED),
    (["splice_region_variant", "synonymous_variant"], Effect.NONE),
    (["missense_variant", "splice_donor_variant"], Effect.DISRUPTED),
    (["intron_variant"], Effect.NONE),
    (["Nonsense_Mutation"], Effect.DISRUPTED),
    (["In_Frame_Del"], Effect.ALTERED),
    (["Silent"], Effect.NONE),
    ([], Effect.UNKNOWN),
    (["Missense"], Effect.UNKNOWN),
    (["intron_variant", "a_new_term"], Effect.UNKNOWN),
    (["a_new_term", "stop_gained"], Effect.DISRUPTED),
    (["nonsynonymous SNV"], Effect.ALTERED),
    (["nonsynonymous_SNV"], Effect.ALTERED),
]


@pytest.mark.parametrize(("terms", "effect"), EFFECTS)
def test_the_gravest_term_is_the_effect_and_a_word_that_is_not_known_leaves_it_open(terms, effect):
    assert effect_of(terms) == effect


PROTEINS = [
    ("p.Arg175His", 175),
    ("R175H", 175),
    ("p.(Gln331*)", 331),
    ("ENSP00000269305.4:p.Arg248Gln", 248),
    ("p.R213*", 213),
    ("*394W", 394),
    ("", None),
    ("FS", None),
]


@pytest.mark.parametrize(("text", "residue"), PROTEINS)
def test_residues_are_read_from_protein_changes(text, residue):
    assert residue_of(text) == residue


VERDICTS = {
    "missense in the DNA-binding domain": ({}, Verdict.PATHOGENIC),
    "first residue of the domain": ({"residue": 102}, Verdict.PATHOGENIC),
    "last residue of the domain": ({"residue": 292}, Verdict.PATHOGENIC),
    "before the domain": ({"residue": 101}, Verdict.UNCERTAIN),
    "after the domain": ({"residue": 293}, Verdict.UNCERTAIN),
    "the hotspot of the tetramerisation domain": ({"residue": 337}, Verdict.PATHOGENIC),
    "truncation anywhere": ({"effect": Effect.DISRUPTED, "residue": 331}, Verdict.PATHOGENIC),
    "silent": ({"effect": Effect.NONE}, Verdict.HARMLESS),
    "common": ({"population_share": 0.0011}, Verdict.HARMLESS),
    "as common as allowed": ({"population_share": 0.001}, Verdict.PATHOGENIC),
    "benign in ClinVar": ({"significance": "Likely_benign"}, Verdict.HARMLESS),
    "conflicting in ClinVar": ({"significance": "Conflicting_interpretations_of_pathogenicity"}, Verdict.PATHOGENIC),
    "conflicting outside the domain": ({"significance": "benign&pathogenic", "residue": 47}, Verdict.UNCERTAIN),
    "pathogenic in ClinVar outside the domain": ({"significance": "pathogenic", "residue": 47}, Verdict.PATHOGENIC),
    "consequence unknown": ({"effect": Effect.UNKNOWN}, Verdict.UNCERTAIN),
    "an activating codon": ({"gene": "NRAS", "residue": 61}, Verdict.PATHOGENIC),
    "another codon of an oncogene": ({"gene": "NRAS", "residue": 62}, Verdict.UNCERTAIN),
    "a truncated oncogene": ({"gene": "KRAS", "residue": 12, "effect": Effect.DISRUPTED}, Verdict.UNCERTAIN),
    "a truncated suppressor": ({"gene": "TRAF3", "effect": Effect.DISRUPTED}, Verdict.PATHOGENIC),
    "missense in a suppressor": ({"gene": "TRAF3"}, Verdict.UNCERTAIN),
    "BCMA where antibodies bind": ({"gene": "TNFRSF17", "residue": 27}, Verdict.PATHOGENIC),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_what_counts_as_pathogenic(name):
    values, said = VERDICTS[name]
    assert verdict(variant(**values))[0] == said


@given(
    st.sampled_from(sorted(rules())),
    st.one_of(st.none(), st.integers(1, 2000)),
    st.sampled_from(Effect),
    st.floats(0, 1),
)
def test_silent_and_common_variants_never_count(gene, residue, effect, common):
    said = verdict(variant(gene=gene, residue=residue, effect=effect, population_share=common))[0]
    if effect == Effect.NONE or common > 0.001:
        assert said == Verdict.HARMLESS


def test_filters_and_few_reads_do_not_pass():
    assert passes(variant(filters=("PASS",), alt_reads=3, depth=90))
    assert passes(variant(filters=(".",)))
    assert not passes(variant(filters=("germline", "weak")))
    assert not passes(variant(alt_reads=2, depth=90))


READS = {
    "Mutect2": ({"GT": "0/1", "AD": "30,12", "AF": "0.29", "DP": "42"}, (12, 42)),
    "second allele": ({"AD": "30,1,12"}, (12, 43)),
    "freebayes": ({"RO": "30", "AO": "4,12"}, (12, 46)),
    "VarScan": ({"RD": "30", "AD": "12", "DP": "42"}, (12, 42)),
    "Strelka substitution": ({"AU": "3,3", "CU": "30,31", "GU": "0,0", "TU": "12,12"}, (12, 42)),
    "Strelka insertion": ({"TAR": "30,30", "TIR": "12,12"}, (12, 42)),
    "share and depth": ({"AF": "0.25", "DP": "40"}, (10, 40)),
    "share of the second allele": ({"AF": "0.25,0.5", "DP": "40"}, (20, 40)),
    "nothing counted": ({"GT": "0/1"}, (None, None)),
    "missing": ({"AD": ".", "DP": "."}, (None, None)),
    "a share above all": ({"AF": "1.7", "DP": "100"}, (None, 100)),
}


@pytest.mark.parametrize("name", READS)
def test_reads_of_the_usual_callers(name):
    fields, counts = READS[name]
    number = 1 if "second" in name or name == "freebayes" else 0
    assert count_reads(fields, reference="C", alternative="T", number=number) == counts


@pytest.mark.parametrize(
    ("genotype", "held"), [("0/1", True), ("0|0", False), ("./.", None), ("1/2", True), ("", None)]
)
def test_genotypes(genotype, held):
    assert carries({"GT": genotype}, 0) is held


def test_annotations_take_the_canonical_transcript_of_each_allele():
    line = (
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
        'Allele|Consequence|SYMBOL|HGVSp|CANONICAL|gnomADe_AF|CLIN_SIG">'
    )
    info = {
        "CSQ": "T|stop_gained|TP53|P:p.Arg42Ter||0.1|,"
        "T|missense_variant|TP53|P:p.Arg175His|YES|0.00002&0.00003|pathogenic,"
        "A|synonymous_variant|TP53|P:p.Arg175%3D|YES||"
    }
    found = declared(line).of(info, "C", ["T", "A"])
    assert (found[0][0].effect, found[0][0].residue, found[0][0].population_share) == (Effect.ALTERED, 175, 0.00003)
    assert found[1][0].effect == Effect.NONE


def test_annotations_of_snpeff_are_read():
    line = (
        "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | "
        "Annotation_Impact | Gene_Name | Gene_ID | HGVS.c | HGVS.p | AA.pos / AA.length' \">"
    )
    found = declared(line).of(
        {"ANN": "T|stop_gained&splice_region_variant|HIGH|TP53|E|c.1|p.Arg213*|213/393"}, "C", ["T"]
    )
    assert (found[0][0].effect, found[0][0].residue) == (Effect.DISRUPTED, 213)


SHARES = [
    # reads, depth, purity, copies -> share of tumour cells, wild type lost
    (225, 500, 0.9, None, 1.0, False),
    (90, 500, 0.9, None, 0.4, False),
    (430, 500, 0.9, None, 1.0, True),
    (409, 500, 0.9, 1.0, 1.0, True),
    (200, 500, 0.9, 1.0, 0.489, False),
    (125, 500, 0.5, 2.0, 1.0, False),
    (8, 10, 0.9, None, 1.0, False),  # too few reads to say that no other copy is left
]


@pytest.mark.parametrize(("reads", "depth", "purity", "copies", "share", "lost"), SHARES)
def test_the_share_of_tumour_cells_follows_purity_and_copies(reads, depth, purity, copies, share, lost):
    found = clone_share(reads, depth, purity=purity, copies=copies)
    assert found.fraction == pytest.approx(share, abs=0.01)
    assert found.wild_type_lost is lost
    assert found.basis == "tumour_cells"


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.05, 1), st.floats(0, 8))
def test_shares_are_shares_inside_their_bounds(reads, rest, purity, copies):
    for found in (
        clone_share(reads, reads + rest, purity=purity, copies=copies),
        clone_share(reads, reads + rest, purity=None),
    ):
        assert 0 <= found.low <= found.fraction <= found.high <= 1


def test_in_unselected_cells_only_the_least_share_is_known():
    found = clone_share(20, 100, purity=None, basis="all_nuclei")
    assert (found.fraction, found.high, found.basis) == (None, None, "all_nuclei")
    assert 0.1 < found.low < 0.2


@pytest.mark.parametrize("depth", [10, 30, 100, 500, 2000])
def test_a_clone_of_the_detection_limit_is_seen_with_95_percent_power_and_hardly_a_smaller_one(depth):
    share = smallest_share(Depths(np.array([float(depth)]), np.array([1.0])))
    assert binom.sf(2, depth, share) >= 0.95
    assert binom.sf(2, depth, share * 0.97) < 0.95
    assert share <= 7 / depth


def test_power_is_that_of_the_whole_gene():
    half_dark = Depths(np.array([500.0, 0.0]), np.array([1.0, 1.0]))
    assert smallest_share(half_dark) == 1.0
    a_dark_spot = Depths(np.array([500.0, 0.0]), np.array([98.0, 2.0]))
    assert smallest_share(Depths(np.array([500.0]), np.array([1.0]))) < smallest_share(a_dark_spot) < 0.05


def test_the_limit_among_tumour_cells_is_larger_than_that_among_reads():
    assert share_limit(0.02, purity=None) == pytest.approx(0.04)
    assert share_limit(0.02, purity=0.5) == pytest.approx(0.08)
    assert share_limit(0.9, purity=0.5) == 1.0


COVERAGE = {
    "regions of mosdepth": "chr17\t7675000\t7675200\te5\t210.5\nchr17\t7676000\t7676100\te4\t90.5\nchr1\t0\t5\t9\n"
    "chr12\t25245200\t25245400\te2\t30\n",
    "genes": "gene\tdepth\nTP53\t170.5\nXYZ\t5\n",
    "genes of samples": "sample_id,gene,mean_depth\nS1,TP53,170.5\n",
}


@pytest.mark.parametrize("name", COVERAGE)
@pytest.mark.parametrize("packed", [True, False])
def test_coverage_is_read_by_region_and_by_gene(name, packed, tmp_path):
    path = tmp_path / "c.bed.gz"
    with (gzip.open if packed else open)(path, "wt") as handle:
        handle.write(COVERAGE[name])
    found = read_coverage(path, build="GRCh38")
    assert found.of("S1", "TP53").mean == pytest.approx(170.5)
    kras = found.of("S1", "KRAS")
    assert kras.mean == 30 if name == "regions of mosdepth" else kras is None
    if name == "genes of samples":
        assert found.of("S2", "TP53") is None
        assert found.samples == ("S1",)


BROKEN = [("", "is empty"), ("x\ty\n", "is neither a region"), ("gene\tn\nTP53\t3\n", "column depth: is missing"),
          ("gene\tdepth\nTP53\tmany\n", "row 2, column depth: 'many' is not a depth"),
          ("chr17\t1\t9\tx\n", "'x' is not a depth")]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_broken_coverage_is_refused(text, said, tmp_path):
    path = tmp_path / "c.tsv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_coverage(path, build="GRCh38")
    assert said in str(caught.value)


@given(st.text("\t\n,;genedpth17TP5.0x", max_size=60))
def test_no_coverage_ends_in_a_traceback(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "c.tsv"
    path.write_text(text)
    with suppress(InputError):
        read_coverage(path, build="GRCh38")


def test_copies_of_a_gene_come_from_its_segment():
    segments = pd.DataFrame(
        [("S", "a", "17", 0, 22_000_000, 1.1, None), ("S", "a", "17", 22_000_000, 83_000_000, 2.0, None),
         ("T", "a", "17", 0, 22_000_000, 1.0, True)],
        columns=["sample_id", "assay_id", "chrom", "start", "end", "copies", "in_tumour_cells"],
    )  # fmt: skip
    material = material_of(segments, None)

    def copies(sample, gene, purity=0.9):
        return material.copies(sample, gene, build="GRCh38", purity=purity, assay_id="v")

    assert copies("S", "TP53") == pytest.approx(1.0)
    assert copies("T", "TP53") == 1.0
    assert copies("S", "KRAS") is None
    assert copies("U", "TP53") is None
    assert copies("S", "TP53", purity=None) is None


def test_a_fitted_purity_serves_where_none_is_given():
    rows = [("S", "b", 1, 0.6), ("S", "a", 1, 0.8), ("S", "a", 2, 0.4), ("T", "a", 1, np.nan)]
    material = material_of(None, pd.DataFrame(rows, columns=["sample_id", "assay_id", "rank", "purity"]))
    assert material.purity("S", None, assay_id="v") == 0.8
    assert material.purity("S", None, assay_id="b") == 0.6
    assert material.purity("S", 0.5, assay_id="v") == 0.5
    assert material.purity("T", None, assay_id="v") is None


def test_segments_of_the_file_itself_come_before_those_of_another():
    rows = [("S", name, "17", 0, 83_000_000, copies) for name, copies in (("a", 1.0), ("b", 2.0))]
    segments = pd.DataFrame(rows, columns=["sample_id", "assay_id", "chrom", "start", "end", "copies"])
    material = material_of(segments.assign(in_tumour_cells=None), None)
    copies = [material.copies("S", "TP53", build="GRCh38", purity=1.0, assay_id=own) for own in ("a", "b", "v")]
    assert copies == [1.0, 2.0, 1.0]


NAMES = [
    ("FAM46C", "TENT5C"),
    ("ENSG00000141510.18", "TP53"),
    ("bcma", "TNFRSF17"),
    ('"TP53"', "TP53"),
    (" KRAS", "KRAS"),
    ("WRAP53", "WRAP53"),
]


@pytest.mark.parametrize(("name", "symbol"), NAMES)
def test_genes_are_known_by_former_symbols_and_ensembl_ids(name, symbol):
    assert gene_called(name) == symbol


CHANGES = [
    ((10, "AG", "A"), (11, "G", "-")),
    ((11, "G", "-"), (11, "G", "-")),
    ((10, "A", "ATT"), (11, "-", "TT")),
    ((10, "ACG", "ATG"), (11, "C", "T")),
    ((10, "CAAG", "CAG"), (11, "A", "-")),
    ((10, "GC", "TT"), (10, "GC", "TT")),
]


@pytest.mark.parametrize(("given_change", "same"), CHANGES)
def test_a_change_is_written_without_what_its_alleles_share(given_change, same):
    assert trimmed(*given_change) == same


bases = st.text("ACGT", max_size=5)


@given(bases, bases, bases, st.integers(0, 99))
def test_flanks_never_change_what_a_change_does(before, reference, alternative, start):
    position, ref, alt = trimmed(start, before + reference, before + alternative)
    whole, kept, put = before + reference, ref.replace("-", ""), alt.replace("-", "")
    assert whole[: position - start] + put + whole[position - start + len(kept) :] == before + alternative


INHERITED = [
    # reads, depth, purity, copies, somatic -> wild type lost, looks inherited
    (150, 300, 0.55, None, False, False, True),
    (150, 300, 0.55, None, True, True, False),
    (225, 300, 0.55, None, False, True, False),
    (150, 300, 0.98, None, False, False, False),  # one of two copies in pure cells
    (190, 300, 0.55, None, False, False, True),  # two of three copies of an inherited one, where copies are not known
    (190, 300, 0.55, 2.0, False, True, False),
    (130, 300, 0.6, 1.0, False, True, False),  # more than an inherited variant on the copy that was lost
]


@pytest.mark.parametrize(("reads", "depth", "purity", "copies", "somatic", "lost", "inherited"), INHERITED)
def test_no_copy_is_lost_where_an_inherited_variant_explains_the_reads(
    reads, depth, purity, copies, somatic, lost, inherited
):
    found = clone_share(reads, depth, purity=purity, copies=copies, somatic=somatic)
    assert (found.wild_type_lost, found.looks_inherited) == (lost, inherited)


def test_only_a_normal_that_was_read_deeply_shows_that_a_variant_is_not_inherited():
    assert not_inherited(normal_alt=0, normal_depth=40)
    assert not not_inherited(normal_alt=0, normal_depth=8)
    assert not not_inherited(normal_alt=18, normal_depth=40)
    assert not not_inherited(normal_alt=None, normal_depth=40)


def test_regions_count_each_base_once_and_must_hold_the_coding_bases(tmp_path):
    path = tmp_path / "c.bed"
    path.write_text("chr17\t7675000\t7675200\t90\nchr17\t7675100\t7675300\t90\n")
    found = read_coverage(path, build="GRCh38").of("S1", "TP53")
    assert found.bases == 300
    assert not found.covers(rules()["TP53"].coding_bases)
    assert rules()["TP53"].coding_bases == 1182
    assert Depths(np.ones(1), np.ones(1)).covers(1182)
