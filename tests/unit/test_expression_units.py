"""Units and matrices of expression: what is read, and what is refused with the reason."""

import gzip
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.errors import InputError
from mmrisk.expression.genes import is_gene, marker, symbol
from mmrisk.expression.matrix import read_matrix
from mmrisk.expression.units import Unit, parse_unit, to_linear

TPM, LOG_TPM = Unit("tpm", log2=False), Unit("tpm", log2=True)

UNITS = [
    ("TPM", "tpm"),
    ("log2(TPM+1)", "log2_tpm"),
    ("log2 tpm", "log2_tpm"),
    ("Log2_FPKM", "log2_fpkm"),
    ("RPKM", "fpkm"),
    ("raw counts", "counts"),
    ("array signal", "array_signal"),
    ("MAS5", "array_signal"),
    ("RMA", "log2_array_signal"),
]


@pytest.mark.parametrize(("text", "meant"), UNITS)
def test_units_are_known_in_their_usual_spellings(text, meant):
    assert str(parse_unit(text)) == meant


@pytest.mark.parametrize("text", ["", "log2", "log2_counts", "log10_tpm", "ng/mL"])
def test_what_is_no_unit_is_none(text):
    assert parse_unit(text) is None


NAMES = [("WHSC1", "NSD2"), ("ENSG00000109685.16", "NSD2"), ("222778_s_at", "NSD2"), ("ccnd1", "CCND1"), ("TP53", None)]


@pytest.mark.parametrize(("name", "gene"), NAMES)
def test_marker_genes_are_known_by_many_names(name, gene):
    assert marker(name) == gene


def test_other_genes_are_known_by_symbol_and_ensembl_id():
    assert symbol("ENSG00000141510.18") == "TP53"
    assert is_gene("TP53")
    assert not is_gene("age")


def frame(values):
    return pd.DataFrame(values, index=["S1", "S2"], columns=["NSD2", "CCND1", "CCND3"])


LOW, HIGH = [[5.1, 0.2, 6.0], [9.9, 8.8, 4.2]], [[40.5, 700.2, 31.0], [900.1, 2.2, 18.9]]
REFUSED = [
    (LOW, "tpm", "the highest is 9.9, as of logarithms; say log2_tpm if they are"),
    (HIGH, "log2_tpm", "the highest is 900.1, which is no logarithm; if they are linear say tpm"),
    ([[-1.0, 40.0, 3.0], [2.0, 3.0, 4.0]], "tpm", "below zero, as only logarithms are"),
    ([[-1.0, 40.0, 3.0], [2.0, 3.0, 4.0]], "counts", "give the raw counts"),
    (HIGH, "counts", "3 genes do not give it; give the counts of all genes, or TPM"),
    ([[np.nan] * 3] * 2, "tpm", "has no values at all"),
]


@pytest.mark.parametrize(("values", "unit", "said"), REFUSED)
def test_values_that_cannot_have_the_declared_unit_are_refused(values, unit, said):
    with pytest.raises(InputError, match="column unit") as caught:
        to_linear(frame(values), parse_unit(unit), file="m.tsv")
    assert said in str(caught.value)


def test_counts_declared_as_tpm_are_refused():
    counts = pd.DataFrame([[40, 700, 31], [900, 2, 18]] * 5)
    with pytest.raises(InputError, match="all are whole numbers; say counts"):
        to_linear(counts, TPM, file="m.tsv")
    assert len(to_linear(counts.head(3), TPM, file="m.tsv")) == 3, "a few may be rounded"


def test_a_whole_genome_of_counts_declared_as_tpm_is_refused_by_its_sum():
    genome = pd.DataFrame(np.full((2, 6000), 1000.5), index=["S1", "S2"])
    with pytest.raises(InputError, match=r"add up to 6\.003e"):
        to_linear(genome, TPM, file="m.tsv")


def test_fpkm_of_a_whole_genome_become_tpm():
    genome = pd.DataFrame(np.random.default_rng(1).gamma(1, 30, (3, 6000)))
    linear = to_linear(genome, Unit("fpkm", log2=False), file="m.tsv")
    assert linear.sum(axis=1).to_numpy() == pytest.approx(np.full(3, 1e6))


LAYOUTS = {
    "genes in rows": "gene\tS1\tS2\nNSD2\t10.5\t800\nCCND1\t3\t4\n",
    "no name over the genes": "S1\tS2\nNSD2\t10.5\t800\nCCND1\t3\t4\n",
    "samples in rows": "sample,age,NSD2,CCND1,group\nS1,61,10.5,3,x\nS2,70,800,4,y\n",
    "Windows lines and a byte order mark": "\ufeffgene\tS1\tS2\r\nNSD2\t10.5\t800\r\nCCND1\t3\t4\r\n",
    "a GCT file": "#1.2\n2\t2\nNAME\tDescription\tS1\tS2\nNSD2\tx\t10.5\t800\nCCND1\ty\t3\t4\n",
    "featureCounts": "#\nGeneid\tChr\tLength\tS1\tS2\nENSG00000109685.1\t4\t90\t10.5\t800\nCCND1\t11\t9\t3\t4\n",
    "ids and symbols": "gene_id\tgene_name\tS1\tS2\nENSG00000109685.1\tNSD2\t10.5\t800\nENSG00000110092\tCCND1\t3\t4\n",
    "quotes and semicolons": '"gene";"S1";"S2"\n"WHSC1";10.5;800\n"CCND1";3;4\n',
    "blanks": "gene S1 S2\nNSD2 10.5 800\nCCND1 3 4\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_matrices_are_read_either_way_round(name, tmp_path):
    path = tmp_path / "m.tsv"
    path.write_bytes(LAYOUTS[name].encode())
    values = read_matrix(path, TPM)
    assert values.index.tolist() == ["S1", "S2"]
    assert values["NSD2"].tolist() == [10.5, 800]
    assert set(values.columns) == {"NSD2", "CCND1"}


def test_gzipped_and_single_sample_tables_are_read(tmp_path):
    path = tmp_path / "quant.genes.sf.gz"
    with gzip.open(path, "wt") as handle:
        handle.write(
            "Name\tLength\tEffectiveLength\tTPM\tNumReads\nENSG00000109685\t9\t8\t812.5\t90\nCCND1\t9\t8\t2\t1\n"
        )
    values = read_matrix(path, TPM, sample_id="P1")
    assert values.loc["P1"].to_dict() == {"NSD2": 812.5, "CCND1": 2.0}


def test_rows_of_one_gene_are_added_up_and_array_probes_take_the_highest(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("gene\tS1\nWHSC1\t30\nNSD2\t70\n222778_s_at\t10\n")
    assert read_matrix(path, TPM)["NSD2"].tolist() == [110]
    assert read_matrix(path, Unit("array_signal", log2=False))["NSD2"].tolist() == [70]
    path.write_text("gene\tS1\nWHSC1\t4\nNSD2\t4\n")
    assert read_matrix(path, LOG_TPM)["NSD2"].tolist() == [5]


BROKEN = {
    "empty": ("", "is empty"),
    "no marker gene": ("gene\tS1\nTP53\t4\n", "holds none of the genes NSD2, FGFR3"),
    "a word among numbers": ("gene\tS1\tS2\nNSD2\tlow\t3\nCCND1\t4\t3\n", "row 2, column S1: 'low' is not a number"),
    "a decimal comma": ("gene\tS1\tS2\nNSD2\t1,5\t3\nCCND1\t4\t3\n", "'1,5' is not a number; write numbers with a"),
    "an infinite value": ("gene\tS1\nNSD2\tinf\nCCND1\t4\n", "row 2, column S1: 'inf' is not a number"),
    "one name twice": ("gene\tS1\tS1\nNSD2\t1\t3\n", "column S1 occurs more than once in the header"),
    "a bad name": ("gene\tS 1\nNSD2\t1\n", "'S 1' is not a name of a sample"),
    "a row cut off": ("gene\tS1\tS2\nNSD2\t1\t2\nCCND1\t1\n", "row 3: has 2 cells where the header has 3"),
    "the first row cut off": ("gene\tS1\tS2\nNSD2\t1\nCCND1\t1\t2\n", "row 2: has 2 cells where the header has 3"),
    "rows too long": ("gene\tS1\nNSD2\t1\nCCND1\t1\t2\t3\t4\n", "is no table of one width"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_matrix_is_refused_with_the_reason(name, tmp_path):
    text, said = BROKEN[name]
    path = tmp_path / "m.tsv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_matrix(path, TPM)
    assert said in str(caught.value).replace(", column S1: occurs", ", column S1 occurs").replace(": occurs", " occurs")


def test_a_truncated_gzip_file_is_refused(tmp_path):
    path = tmp_path / "m.tsv.gz"
    path.write_bytes(gzip.compress(b"gene\tS1\nNSD2\t1\n" * 500)[:-30])
    with pytest.raises(InputError, match="truncated gzip"):
        read_matrix(path, TPM)


def test_a_sample_that_the_matrix_lacks_is_named(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text(LAYOUTS["genes in rows"])
    assert read_matrix(path, TPM, sample_id="S2").index.tolist() == ["S2"]
    with pytest.raises(InputError, match="'S9' is none of its 2 samples"):
        read_matrix(path, TPM, sample_id="S9")


@given(st.text(max_size=200))
def test_no_text_ends_in_a_traceback(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "m.tsv"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(InputError):
        read_matrix(path, TPM)


@given(st.lists(st.text('\t\n,;"NSD2 1.x-', max_size=12), max_size=12))
def test_no_torn_matrix_ends_in_a_traceback(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("torn") / "m.tsv"
    path.write_text("gene\tS1\tS2\nNSD2\t1\t2\n" + "".join(pieces))
    with suppress(InputError):
        read_matrix(path, TPM)
