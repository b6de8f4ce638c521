"""Reads counted by bin: the fast walkers against a plain loop, in every tier, for BAM and CRAM."""

import numpy as np
import pysam
import pytest

from mmrisk.alignments import check_alignments
from mmrisk.copynumber import bgzf, indexes, tiles, walk
from mmrisk.copynumber.counts import BIN, choose_tier, count_reads
from mmrisk.errors import InputError
from mmrisk.genome import CHROMOSOMES
from mmrisk.simulate.reads import simulate_reads
from mmrisk.simulate.truth import Change, Truth, place_of


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same synthetic reads of 17 and 21 as BAM and as CRAM."""
    folder = tmp_path_factory.mktemp("reads")
    truth = Truth(
        depth=0.1, purity=1.0, chromosomes=("17", "21"), seed=3, changes=(Change(place_of("17p", "GRCh38"), 1, 0),)
    )
    simulate_reads(truth, folder / "a.bam")
    pysam.view(
        "-C", "--output-fmt-option", "no_ref=1", "--output-fmt-option", "seqs_per_slice=1000",
        "-o", str(folder / "a.cram"), str(folder / "a.bam"), catch_stdout=False,
    )  # fmt: skip
    pysam.index(str(folder / "a.cram"))
    return {"bam": folder / "a.bam", "cram": folder / "a.cram"}


def plain_loop(path, *, keep):
    """Reads by chromosome number and bin, counted one by one."""
    counted = {}
    with pysam.AlignmentFile(str(path)) as handle:
        for read in handle:
            if not read.flag & walk.LEFT_OUT and keep(read.mapping_quality):
                key = (CHROMOSOMES.index(read.reference_name[3:]), read.reference_start // BIN * BIN)
                counted[key] = counted.get(key, 0) + 1
    return counted


def by_bin(counts, numbers):
    return {
        (int(c), int(s)): int(n) for c, s, n in zip(counts.chrom, counts.start, numbers, strict=True) if n
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["bam", "cram"])
@pytest.mark.parametrize("threads", [1, 2])
def test_full_counts_equal_a_plain_loop_and_samtools(files, kind, threads):
    counts = count_reads(check_alignments(files[kind]), tier="full", threads=threads)
    assert by_bin(counts, counts.kept) == plain_loop(files["bam"], keep=lambda mapq: mapq >= 20)
    assert by_bin(counts, counts.low) == plain_loop(files["bam"], keep=lambda mapq: mapq < 20)
    said = pysam.view("-c", "-q", "20", "-F", "0xF04", "--input-fmt-option", "required_fields=0x1e", str(files[kind]))
    assert counts.kept.sum() == int(said)


def test_the_gc_content_is_that_of_the_reads(files):
    counts = count_reads(check_alignments(files["bam"]), tier="full")
    with pysam.AlignmentFile(str(files["bam"])) as handle:
        kept = [r for r in handle.fetch("chr17") if not r.flag & walk.LEFT_OUT and r.mapping_quality >= 20]
    share = np.mean([sum(map(read.query_sequence.count, "GC")) / 150 for read in kept])
    here = (counts.chrom == CHROMOSOMES.index("17")) & np.isfinite(counts.gc)
    assert np.average(counts.gc[here], weights=counts.kept[here]) == pytest.approx(share, abs=0.01)


def test_the_index_of_a_cram_holds_every_record(files):
    counts = count_reads(check_alignments(files["cram"]), tier="index")
    assert counts.kept.sum() == int(pysam.view("-c", str(files["bam"])))
    assert (counts.end > counts.start).all()


def test_the_index_of_a_bam_counts_whole_chromosomes(files):
    counts = count_reads(check_alignments(files["bam"]), tier="index")
    with pysam.AlignmentFile(str(files["bam"])) as handle:
        assert counts.kept.tolist() == [entry.mapped for entry in handle.get_index_statistics()]


def test_a_tile_holds_the_reads_that_start_in_it(files):
    reads = check_alignments(files["bam"])
    counts = count_reads(reads, tier="sampled")
    with pysam.AlignmentFile(str(files["bam"])) as handle:
        for chrom in ("17", "21"):
            starts = tiles.tile_starts(chrom, reads.lengths[chrom], "GRCh38")
            here = counts.chrom == CHROMOSOMES.index(chrom)
            for start, span, kept in zip(starts, counts.span[here], counts.kept[here], strict=True):
                plain = sum(
                    r.reference_start >= start and not r.flag & walk.LEFT_OUT and r.mapping_quality >= 20
                    for r in handle.fetch(f"chr{chrom}", start, start + span)
                )
                assert kept == plain


def test_tiles_through_a_csi_are_those_through_a_bai(files, tmp_path):
    (tmp_path / "a.bam").write_bytes(files["bam"].read_bytes())
    pysam.index("-c", str(tmp_path / "a.bam"))
    csi = count_reads(check_alignments(tmp_path / "a.bam"), tier="sampled")
    bai = count_reads(check_alignments(files["bam"]), tier="sampled")
    assert (csi.kept == bai.kept).all()
    assert (csi.low == bai.low).all()


def test_slices_of_a_cram_hold_the_reads_that_start_in_them(files):
    reads = check_alignments(files["cram"])
    counts = count_reads(reads, tier="sampled")
    full = count_reads(reads, tier="full")
    # a small file: every slice is read, and each read lies in one
    assert counts.kept.sum() == full.kept.sum()


def test_tiles_are_dense_at_the_loci_and_thin_elsewhere():
    starts = tiles.tile_starts("17", 83257441, "GRCh38")
    near = starts[(starts > 6_700_000) & (starts < 8_600_000)]
    assert (np.diff(near) == indexes.LINEAR).all()
    assert (np.diff(starts[starts > 20_000_000]) == tiles.SPACING * indexes.LINEAR).all()


@pytest.mark.parametrize(("source", "tier"), [("lowpass", "full"), ("wes", "full"), ("panel", "full"), ("wgs", "full")])
def test_everything_is_counted_but_in_deep_genomes(files, source, tier):
    assert choose_tier(check_alignments(files["bam"]), source) == tier


def test_a_deep_genome_is_sampled(files, monkeypatch):
    monkeypatch.setattr(tiles, "mean_depth", lambda reads: 30.0)
    assert choose_tier(check_alignments(files["bam"]), "wgs") == "sampled"


def damaged(path, folder, change):
    data = bytearray(path.read_bytes())
    change(data)
    (folder / "a.bam").write_bytes(data)
    (folder / "a.bam.bai").write_bytes((path.parent / "a.bam.bai").read_bytes())
    return check_alignments(folder / "a.bam")


@pytest.mark.parametrize("tier", ["full", "sampled"])
def test_a_flipped_byte_is_found_by_the_checksum(files, tmp_path, tier):
    def flip(data):
        for at in range(400_000, len(data) - 1000, 5_000):
            data[at] ^= 0xFF

    with pytest.raises(InputError, match="is damaged"):
        count_reads(damaged(files["bam"], tmp_path, flip), tier=tier)


def test_a_block_that_was_cut_out_is_found(files, tmp_path):
    def cut(data):
        del data[500_000:510_000]

    with pytest.raises(InputError, match="is damaged"):
        count_reads(damaged(files["bam"], tmp_path, cut), tier="full")


def test_a_damaged_cram_is_named(files, tmp_path):
    data = bytearray(files["cram"].read_bytes())
    for at in range(len(data) // 2, len(data) - 1000, 50):  # somewhere among them a block that is decoded
        data[at] ^= 0xFF
    (tmp_path / "a.cram").write_bytes(data)
    (tmp_path / "a.cram.crai").write_bytes((files["cram"].parent / "a.cram.crai").read_bytes())
    with pytest.raises(InputError, match="is damaged: it cannot be decoded"):
        count_reads(check_alignments(tmp_path / "a.cram"), tier="full")


def test_a_file_cut_down_to_a_region_has_too_few_reads(files, tmp_path):
    pysam.view("-b", "-o", str(tmp_path / "a.bam"), str(files["bam"]), "chr17:1-300000", catch_stdout=False)
    pysam.index(str(tmp_path / "a.bam"))
    with pytest.raises(InputError, match="reads are all that can be counted"):
        count_reads(check_alignments(tmp_path / "a.bam"))


def test_a_bgzf_block_may_carry_other_fields():
    import zlib

    content = b"mmrisk" * 100
    packed = zlib.compress(content, wbits=-15)
    extra = b"XX\x02\x00ab" + b"BC\x02\x00"
    size = 12 + len(extra) + 2 + len(packed) + 8
    block = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + (len(extra) + 2).to_bytes(2, "little") + extra
    block += (size - 1).to_bytes(2, "little") + packed
    block += zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    blocks, used = bgzf.whole_blocks(memoryview(block))
    assert used == size
    assert bytes(bgzf.inflate(blocks[0])) == content
    with pytest.raises(bgzf.DamagedError, match="checksum"):
        bgzf.inflate(memoryview(block[:-8] + b"\0\0\0\0" + block[-4:]))


@pytest.fixture(scope="module")
def lowpass(tmp_path_factory):
    """A thin genome of few chromosomes as CRAM with small slices."""
    folder = tmp_path_factory.mktemp("thin")
    changes = tuple(Change(place_of(p, "GRCh38"), n, n // 2) for p, n in (("1q", 3), ("13q", 1), ("17p", 1)))
    truth = Truth(depth=0.1, purity=0.8, chromosomes=("1", "4", "13", "17"), seed=5, changes=changes)
    simulate_reads(truth, folder / "a.bam")
    pysam.view(
        "-C", "--output-fmt-option", "no_ref=1", "--output-fmt-option", "seqs_per_slice=1000",
        "-o", str(folder / "a.cram"), str(folder / "a.bam"), catch_stdout=False,
    )  # fmt: skip
    pysam.index(str(folder / "a.cram"))
    return check_alignments(folder / "a.cram")


def arm_copies(counts):
    """Copies of each arm relative to 4q."""
    from mmrisk.copynumber.bias import arm_names, usable_bins

    bins, names = usable_bins(counts), arm_names("GRCh38")
    total = np.bincount(bins.arm, bins.kept, len(names)) / np.maximum(
        np.bincount(bins.arm, bins.expected, len(names)), 1
    )
    return {name: 2 * total[n] / total[names.index("4q")] for n, name in enumerate(names) if total[n]}


def test_arms_by_the_index_of_a_cram_are_those_of_the_full_count(lowpass):
    full = arm_copies(count_reads(lowpass, tier="full"))
    index = arm_copies(count_reads(lowpass, tier="index"))
    for arm in ("1p", "1q", "13q", "17q"):
        # 300,000 reads, and slices that straddle the ends of arms
        assert index[arm] == pytest.approx(full[arm], abs=0.04), arm
