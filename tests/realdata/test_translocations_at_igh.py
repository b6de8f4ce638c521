"""Simulated translocations whose IG side is the IGH locus of the reference genome, aligned by bwa."""

import gzip
import shutil

import numpy as np
import pytest

from mmrisk.assays import AssayFile
from mmrisk.genome import Interval
from mmrisk.simulate.alignment import align, write_compact_fasta
from mmrisk.simulate.exchanges import PARTNERS, exact_place, exchange, normal_alleles
from mmrisk.simulate.translocations import Allele, Layout, Reference, draw_pairs, random_bases
from mmrisk.translocations.from_reads import find_translocations

pytestmark = pytest.mark.skipif(shutil.which("bwa") is None, reason="bwa is not installed")
IGH_START = 105_546_276
CHOSEN = PARTNERS[0], PARTNERS[4], PARTNERS[6]


@pytest.fixture(scope="module")
def reference(realdata):
    with gzip.open(next((realdata / "igh").glob("*.fa.gz")), "rt") as handle:
        bases = "".join(handle.read().splitlines()[1:]).upper()
    rng = np.random.default_rng(3)
    made = Reference({Interval("14", IGH_START, IGH_START + len(bases)): bases})
    made.pieces |= {partner.piece: random_bases(rng, partner.piece.length) for partner in CHOSEN}
    return made


@pytest.fixture(scope="module")
def fasta(reference, tmp_path_factory):
    path = tmp_path_factory.mktemp("igh") / "reference.fa"
    write_compact_fasta(reference, path)
    return path


@pytest.mark.parametrize("partner", CHOSEN, ids=lambda partner: partner.name)
def test_a_translocation_is_found_with_its_partner_to_the_base(reference, fasta, partner, tmp_path):
    rng = np.random.default_rng([4, PARTNERS.index(partner)])
    made = exchange(rng, reference, partner, "balanced")
    alleles = [Allele(allele.name, allele.bases, 0.9) for allele in made.alleles]
    alleles += normal_alleles(reference, list(made.junctions[0]), share=0.9)
    pairs = [pair for allele in alleles for pair in draw_pairs(rng, allele, depth=30, layout=Layout())]
    align(pairs, fasta, tmp_path / "a.bam", build="GRCh38")
    assay = AssayFile(sample_id="S", assay_id="a", source="wgs", file=tmp_path / "a.bam", build="GRCh38", purity=0.9)
    found = find_translocations(assay)
    states = {item.event: str(item.state) for item in found.evidence}
    assert states[partner.event] == "present"
    true = {exact_place(reference, *pair, "")[0] for pair in made.junctions}
    columns = found.breakpoints[["partner_position", "partner_strand"]]
    assert set(columns.itertuples(index=False, name=None)) == {(end.position, end.strand) for end in true}


def test_the_parts_of_igh_are_where_its_genes_are(reference):
    bases = reference.bases("14", IGH_START, IGH_START + 400_000)
    j4, d1 = "TGGCCCCAGTAGTCAAAGTAGT", "GTCGTTCCAGTTGTACC"  # IGHJ4 and IGHD1-1, on the strand of the reference
    assert bases.index(j4) + IGH_START == 105_864_240
    assert bases.index(d1) + IGH_START == 105_919_501
