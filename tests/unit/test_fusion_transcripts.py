"""Fusion transcripts of Arriba and STAR-Fusion as evidence on IG translocations."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.assays import AssayFile
from mmrisk.errors import InputError
from mmrisk.events import State, Tier
from mmrisk.expression.fusions import ig_locus, read_fusion_evidence, read_fusions

ARRIBA = (
    "#gene1\tgene2\tstrand1(gene/fusion)\tstrand2(gene/fusion)\tbreakpoint1\tbreakpoint2\tsite1\tsite2\ttype\t"
    "split_reads1\tsplit_reads2\tdiscordant_mates\tcoverage1\tcoverage2\tconfidence\n"
)
STAR = (
    "#FusionName\tJunctionReadCount\tSpanningFragCount\tSpliceType\tLeftGene\tLeftBreakpoint\tRightGene\t"
    "RightBreakpoint\n"
)


def arriba(one, other, *, reads=(4, 3, 9), confidence="high"):
    cells = [one, other, "-/-", "+/+", "14:105860500", "4:1900655", "intron", "splice-site", "translocation"]
    return "\t".join([*cells, *map(str, reads), "90", "80", confidence]) + "\n"


def star(name, *, reads=(5, 2), left="IGH-@-ext^IGH.g@-ext", right="NSD2^ENSG00000109685.1"):
    cells = [name, *map(str, reads), "INCL_NON_REF_SPLICE", left, "chr14:105860500:-", right, "chr4:1900655:+"]
    return "\t".join(cells) + "\n"


def read(tmp_path, text, *, sample_id="S1", source="rna_fusion"):
    path = tmp_path / "fusions.tsv"
    path.write_text(text)
    assay = AssayFile(sample_id=sample_id, assay_id="rna", source=source, file=path, build="GRCh38")
    return {item.event: item for item in read_fusion_evidence(assay).evidence}


CASES = [
    (ARRIBA + arriba("IGHM", "NSD2"), {"t_4_14": State.PRESENT}),
    (ARRIBA + arriba("NSD2", "IGHG1"), {"t_4_14": State.PRESENT}),
    (ARRIBA + arriba("IGHJ6(12),IGHJ5(300)", "MYEOV(900),CCND1(2000)"), {"t_11_14": State.PRESENT}),
    (ARRIBA + arriba("IGHM", "NSD2", confidence="low"), {"t_4_14": State.NOT_EVALUABLE}),
    (ARRIBA + arriba("IGHM", "NSD2", reads=(1, 0, 1)), {"t_4_14": State.NOT_EVALUABLE}),
    (ARRIBA + arriba("IGLC2", "MAF"), {"igk_igl_partner": State.PRESENT}),
    (ARRIBA + arriba("IGKC", "MYC"), {"myc_rearranged": State.PRESENT}),
    (ARRIBA + arriba("IGHM", "IGHG1") + arriba("IGHM", "ALB") + arriba("TP53", "NSD2"), {}),
    (ARRIBA, {}),
    (STAR + star("IGH@-ext--NSD2"), {"t_4_14": State.PRESENT}),
    (STAR + star("IGH.g@-ext--FGFR3", right="FGFR3^ENSG00000068078"), {"t_4_14": State.PRESENT}),
    (STAR + star("A--B", left="A^1", right="B^2"), {}),
]


@pytest.mark.parametrize(("text", "states"), CASES)
def test_fusions_of_ig_loci_with_known_partners_are_evidence(text, states, tmp_path):
    found = read(tmp_path, text)
    assert {event: item.state for event, item in found.items()} == states
    assert all(item.tier == Tier.INFERRED for item in found.values())


def test_the_best_of_several_fusions_speaks(tmp_path):
    text = ARRIBA + arriba("IGHM", "NSD2", reads=(1, 0, 0)) + arriba("IGHM", "FGFR3", reads=(9, 9, 9))
    item = read(tmp_path, text)["t_4_14"]
    assert (item.state, item.support, item.method) == (State.PRESENT, 27, "arriba")
    assert "IGH::FGFR3" in item.detail
    assert "2 fusions" in item.detail


LOCI = [("IGHG1", "IGH"), ("IGH@", "IGH"), ("IGKV3-20", "IGK"), ("IGLL5", "IGL"), ("IGHMBP2", None), ("IGF1R", None)]


@pytest.mark.parametrize(("name", "locus"), LOCI)
def test_ig_genes_are_told_from_genes_of_like_names(name, locus):
    assert ig_locus((name,)) == locus


REFUSED = [
    ("gene\tx\n", {}, "is not the header of a table of Arriba or STAR-Fusion"),
    ("", {}, "is not the header"),
    (ARRIBA + "IGHM\tNSD2\n", {}, "row 2: has 2 columns where the header has 15"),
    (ARRIBA + arriba("IGHM", "NSD2", reads=("x", 1, 1)), {}, "column split_reads1: 'x' is no number of reads"),
    (ARRIBA, {"sample_id": "*"}, "names no sample"),
    (ARRIBA, {"source": "wgs"}, "makes no fusion transcripts"),
]


@pytest.mark.parametrize(("text", "values", "said"), REFUSED)
def test_what_is_no_such_table_is_refused(text, values, said, tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, **values)
    assert said in str(caught.value)


@given(st.lists(st.text("\t\nIGHNSD2,()^-@5.", max_size=20), max_size=8))
def test_no_torn_table_ends_in_a_traceback(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("torn") / "fusions.tsv"
    path.write_text(ARRIBA + arriba("IGHM", "NSD2") + "".join(pieces))
    with suppress(InputError):
        read_fusions(path)
