"""Allele shares from heterozygous sites: loss of heterozygosity with and without loss of copies."""

from pathlib import Path

import numpy as np
import pytest

from mmrisk.assays import AssayFile
from mmrisk.copynumber.allele_likelihood import Spread, fit_spread, lesser_share
from mmrisk.copynumber.alleles import minor_copies, read_sites
from mmrisk.copynumber.read_calls import called
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.errors import InputError
from mmrisk.genome import AUTOSOMES
from mmrisk.simulate.bins import simulate_bins, simulate_sites
from mmrisk.simulate.truth import Change, Truth, place_of

HEADER = "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=x>\n"
HEADER += "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=x>\n##contig=<ID=chr17,length=83257441>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"


def drawn(share, *, sites, depth=30, seed=1):
    """Reads of the other allele at sites where either allele may be the lesser one."""
    rng = np.random.default_rng(seed)
    own = np.where(rng.random(sites) < 0.5, share, 1 - share)
    depths = rng.poisson(depth, sites) + 8
    return rng.binomial(depths, own), depths


@pytest.mark.parametrize("share", [0.05, 0.17, 0.25, 0.33, 0.4, 0.5])
def test_the_share_of_the_lesser_allele_is_found(share):
    assert lesser_share(*drawn(share, sites=400))[0] == pytest.approx(share, abs=0.02)


def test_few_sites_tell_nothing():
    assert np.isnan(lesser_share(*drawn(0.3, sites=10))).all()


@pytest.mark.parametrize(
    ("copies", "minor"), [(2.0, 1.0), (2.0, 0.0), (1.0, 0.0), (3.0, 1.0), (4.0, 2.0), (4.0, 1.0), (4.0, 0.0)]
)
def test_copies_of_the_lesser_allele_follow_from_its_share(copies, minor):
    purity = 0.7
    share = (purity * minor + (1 - purity)) / (purity * copies + 2 * (1 - purity))
    assert minor_copies(np.array([share]), np.array([copies]), purity)[0] == pytest.approx(minor)


def genome(*changes, purity=0.8):
    """Counts and heterozygous sites of a genome at 30x."""
    truth = Truth(depth=2.0, purity=purity, seed=3, chromosomes=AUTOSOMES, changes=changes)
    return simulate_bins(truth), simulate_sites(truth, depth=30)


def events(counts, sites, purity=None):
    assay = AssayFile(sample_id="S", assay_id="a", source="wgs", file=Path("a.bam"), build="GRCh38")
    found = called(fit_counts(counts, purity=purity, sites=sites), counts, assay)
    return found, {item.event: item for item in found.evidence}


def change(place, copies, minor):
    return Change(place_of(place, "GRCh38"), copies, minor)


def test_loss_of_heterozygosity_without_loss_of_copies_is_seen():
    counts, sites = genome(change("17p", 2, 0), change("9", 3, 1), change("15", 3, 1), change("13", 1, 0))
    found, called_ = events(counts, sites)
    assert called_["cnloh_17p"].state == "present"
    assert called_["del_17p"].state == "absent"
    segments = found.table.set_index(["chrom", "start"])
    # in the material: the other cells have one
    assert segments.loc[("17", 0), "minor_copies"] == pytest.approx(0.2, abs=0.1)


def test_two_alleles_on_17p_rule_it_out_and_a_plain_loss_is_none():
    counts, sites = genome(change("9", 3, 1), change("15", 3, 1), change("13", 1, 0))
    assert events(counts, sites)[1]["cnloh_17p"].state == "absent"
    counts, sites = genome(change("9", 3, 1), change("15", 3, 1), change("17p", 1, 0))
    assert events(counts, sites)[1]["cnloh_17p"].state == "absent"


def test_without_allele_shares_it_stays_open():
    counts, _ = genome(change("9", 3, 1), change("15", 3, 1))
    assert events(counts, None)[1]["cnloh_17p"].state == "not_evaluable"


def test_balanced_segments_decide_the_baseline():
    # three of five stable chromosomes gained: copies alone would take them for the baseline
    gains = [change(chrom, 3, 1) for chrom in ("2", "4", "12")]
    counts, sites = genome(*gains, change("13", 1, 0))
    _, called_ = events(counts, sites, purity=0.8)
    assert called_["del_13q"].state == "present"
    assert called_["del_13q"].fraction == pytest.approx(1.0, abs=0.1)
    assert called_["del_16q"].state == "absent"


def vcf(folder, rows, samples=("S",)):
    path = folder / "snps.vcf"
    path.write_text(HEADER + COLUMNS + "\t" + "\t".join(samples) + "\n" + "".join(rows))
    return path


def test_heterozygous_single_bases_are_read_from_a_vcf(tmp_path):
    rows = [
        "chr17\t101\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:12,9\n",
        "chr17\t201\t.\tA\tG\t.\t.\t.\tGT:AD\t1/1:0,20\n",
        "chr17\t301\t.\tA\tGT\t.\t.\t.\tGT:AD\t0/1:9,9\n",
        "chr17\t401\t.\tA\tG\t.\t.\t.\tGT:AD\t1|0:20,4\n",
        "chr17\t501\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:2,3\n",
    ]
    sites = read_sites(vcf(tmp_path, rows), samples=("S",))
    assert sites.position.tolist() == [100, 400]
    assert sites.alternative.tolist() == [9, 4]
    assert sites.depth.tolist() == [21, 24]


BAD = {
    "no site": (["chr17\t201\t.\tA\tG\t.\t.\t.\tGT:AD\t1/1:0,20\n"], ("S",), "holds no heterozygous site"),
    "two samples": (
        ["chr17\t101\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:12,9\t0/1:12,9\n"], ("A", "B"), "holds A, B, but",
    ),
    "another person": (["chr17\t101\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:12,9\n"], ("P9",), "holds P9, but"),
    "both names": (
        ["chr17\t101\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:12,9\t0/1:12,9\n"], ("S", "SM"), "more than one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_vcf_that_tells_no_allele_is_named(tmp_path, what):
    rows, samples, said = BAD[what]
    with pytest.raises(InputError, match=said):
        read_sites(vcf(tmp_path, rows, samples), samples=("SM", "S"))


def test_the_sample_of_the_reads_is_picked(tmp_path):
    path = vcf(tmp_path, ["chr17\t101\t.\tA\tG\t.\t.\t.\tGT:AD\t0/0:21,0\t0/1:12,9\n"], ("N", "T"))
    assert read_sites(path, samples=("T",)).depth.tolist() == [21]


def test_what_is_no_vcf_is_named(tmp_path):
    (tmp_path / "x.vcf").write_text("sites\n")
    with pytest.raises(InputError, match="cannot be read as VCF"):
        read_sites(tmp_path / "x.vcf", samples=("S",))


@pytest.mark.parametrize("share", [0.12, 0.25, 0.4, 0.5])
def test_sites_that_are_found_by_their_reads_are_no_fair_sample_and_still_tell_the_share(share):
    k, n = drawn(share, sites=3000, depth=12)
    found = (k >= 3) & (n - k >= 3)
    rarer = np.minimum(k, n - k)[found]
    assert lesser_share(rarer, n[found], least=3)[0] == pytest.approx(share, abs=0.03)


def test_sites_are_found_in_the_tiles_of_a_deep_bam(tmp_path):
    import pysam

    from mmrisk.alignments import check_alignments
    from mmrisk.copynumber import tiles
    from mmrisk.copynumber.tile_alleles import sites_in_tiles
    from mmrisk.simulate import reads as simulated

    # 2 Mb of 17p around TP53 at 30x, one copy lost in all tumour cells
    truth = Truth(depth=30.0, purity=0.5, chromosomes=("17",), seed=2, changes=(change("17p", 1, 0),))
    with (tmp_path / "a.bam").open("wb") as handle:
        out = simulated._Bgzf(handle, threads=1, level=1)
        out.write(simulated.bam_header(truth))
        for start, chunk in simulated._chunks(truth, "17"):
            if start in (7_000_000, 8_000_000):
                out.write(simulated._encode(truth, 0, "17", chunk).tobytes())
            elif start > 8_000_000:
                break
        out.close()
    pysam.index(str(tmp_path / "a.bam"))
    reads = check_alignments(tmp_path / "a.bam")
    tile_span, tiles.tile_span = tiles.tile_span, lambda reads: 4000
    try:
        sites = sites_in_tiles(reads)
    finally:
        tiles.tile_span = tile_span
    assert len(sites.position) > 60
    with pysam.AlignmentFile(str(tmp_path / "a.bam")) as handle:
        for position, rarer, depth in list(zip(sites.position, sites.alternative, sites.depth, strict=True))[:20]:
            columns = handle.count_coverage(
                "chr17", position, position + 1, quality_threshold=20,
                read_callback=lambda r: not r.flag & 0xF04 and r.mapping_quality >= 20,
            )  # fmt: skip
            ordered = sorted(int(base[0]) for base in columns)
            assert (ordered[2], ordered[2] + ordered[3]) == (rarer, depth)
    # one of 1.5 copies is of the lesser allele in half of the material: 0.5 / 1.5
    assert lesser_share(sites.alternative, sites.depth, least=sites.least)[0] == pytest.approx(1 / 3, abs=0.04)


DISPERSED = [(0.0, 0.5, 30), (0.003, 0.5, 100), (0.005, 0.49, 40), (0.01, 0.47, 60), (0.02, 0.49, 40)]


@pytest.mark.parametrize("least", [0, 3])
@pytest.mark.parametrize(("correlation", "mean", "depth"), DISPERSED)
def test_the_spread_of_sites_is_fitted_and_taken_for_no_imbalance(correlation, mean, depth, least):
    mean = 0.5 if least else mean
    truth = Truth(depth=1.0, purity=0.6, seed=4, chromosomes=AUTOSOMES, changes=(change("9", 3, 1), change("13", 1, 0)))
    sites = simulate_sites(truth, depth=depth, every=100_000, correlation=correlation, mean=mean, least=least)
    parts = [
        (sites.alternative[sites.chrom == code], sites.depth[sites.chrom == code]) for code in range(len(AUTOSOMES))
    ]
    spread = fit_spread(parts, least=least)
    assert spread.correlation == pytest.approx(correlation, abs=0.004)
    assert spread.mean == pytest.approx(mean, abs=0.005)
    shares = [lesser_share(*part, least=least, spread=spread)[0] for part in parts]
    assert shares[8] == pytest.approx(1 / 2.6, abs=0.015)
    assert shares[12] == pytest.approx(0.4 / 1.4, abs=0.015)
    others = [share for code, share in enumerate(shares) if code not in (8, 12)]
    # an imbalance by chance is rare and small
    assert others.count(0.5) >= 19
    assert min(others) > 0.46


def test_reads_of_a_site_that_are_taken_for_independent_look_like_an_imbalance():
    rng = np.random.default_rng(5)
    depth = rng.poisson(60, 3000) + 8
    alternative = rng.binomial(depth, rng.beta(0.5 * 99, 0.5 * 99, 3000))
    assert lesser_share(alternative, depth)[0] < 0.48
    assert lesser_share(alternative, depth, spread=Spread(0.01))[0] == 0.5


def test_many_reads_of_a_site_are_scaled_down():
    assert lesser_share(np.full(50, 30_000), np.full(50, 90_000))[0] == pytest.approx(1 / 3, abs=0.01)
