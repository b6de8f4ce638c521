"""Captures with targets: reads on targets and beside them are counted and levelled apart."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.alignments import check_alignments
from mmrisk.assays import AssayFile
from mmrisk.contracts import NORMALS
from mmrisk.copynumber.captures import MARGIN, count_capture, parts_of_bins, read_targets
from mmrisk.copynumber.counts import BIN, full
from mmrisk.copynumber.normals import build_panel, read_panel
from mmrisk.copynumber.read_calls import call_file, called
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.errors import InputError
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, chrom_lengths
from mmrisk.simulate.bins import expected_reads, grid_bins
from mmrisk.simulate.reads import simulate_reads
from mmrisk.simulate.truth import Change, Library, Truth, place_of
from mmrisk.tables import write_table

GENOME = (*AUTOSOMES, "X")
BUILD = "GRCh38"
CHANGES = tuple(
    Change(place_of(p, BUILD), n, n // 2) for p, n in (("1q", 3), ("13", 1), ("9", 3), ("15", 3), ("19", 3))
)
ASSAY = AssayFile(sample_id="S", assay_id="a", source="panel", file=Path("a.bam"), build=BUILD)


def gene_panel(every):
    """Targets of 3 kb in one of so many bins, denser on chromosomes 17, 19 and 22, as genes are."""
    chrom, start, _, share = grid_bins(BUILD, GENOME)
    rng = np.random.default_rng(77)
    dense = np.isin(chrom, [CHROMOSOMES.index(name) for name in ("17", "19", "22")])
    chosen = (rng.random(len(chrom)) < np.where(dense, 5, 1) / every) & (share == 1)
    return {
        CHROMOSOMES[code]: np.array([(s + 40_000, s + 43_000) for s in start[chosen & (chrom == code)]], dtype=np.int64)
        for code in np.unique(chrom[chosen])
    }


PANEL, EXOME = gene_panel(200), gene_panel(12)


def capture(targets, *, seed, rate, purity=0.0, changes=(), beside=1.0):
    """Counts of a capture: `rate` reads of two copies for each target, one in 200 for each stretch beside them."""
    truth = Truth(depth=1.0, purity=purity, seed=seed, chromosomes=GENOME, changes=changes)
    chrom, start, end, _ = grid_bins(BUILD, GENOME)
    copies = expected_reads(truth) / np.maximum(expected_reads(Truth(depth=1.0, purity=0.0, chromosomes=GENOME)), 1e-9)
    baits = np.random.default_rng(99).lognormal(0.0, 0.7, len(chrom))
    rng = np.random.default_rng([seed, 5])
    noise = rng.gamma(1 / 0.05**2, 0.05**2, (2, len(chrom)))
    has = np.zeros(len(chrom), dtype=bool)
    for name, spans in targets.items():
        offset = np.searchsorted(chrom, CHROMOSOMES.index(name))
        has[offset + spans[:, 0] // BIN] = True
    sums = np.zeros((4, 2 * len(chrom)), dtype=np.int64)
    sums[0, 0::2] = rng.poisson(copies * rate / 200 * beside * noise[0])
    sums[0, 1::2] = np.where(has, rng.poisson(copies * rate * baits * noise[1]), 0)
    return parts_of_bins(BUILD, chrom, start, end, targets, sums)


@pytest.fixture(scope="module")
def panels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("panels")
    for name, targets in (("panel", PANEL), ("exome", EXOME)):
        normals = [capture(targets, seed=seed, rate=2000, beside=0.8 + 0.05 * (seed % 8)) for seed in range(100, 108)]
        write_table(build_panel(normals), NORMALS, folder / f"{name}.tsv")
    return folder


def call(counts, panel, purity=None):
    fitted = fit_counts(counts, purity=purity, panel=read_panel(panel, counts))
    return fitted, {item.event: item for item in called(fitted, counts, ASSAY).evidence}


@pytest.mark.parametrize("name", ["panel", "exome"])
@pytest.mark.parametrize("beside", [0.5, 1.0, 2.0])
def test_events_are_found_however_well_the_baits_caught(panels, name, beside):
    targets = {"panel": PANEL, "exome": EXOME}[name]
    counts = capture(targets, seed=1, rate=2000, purity=0.8, changes=CHANGES, beside=beside)
    fitted, events = call(counts, panels / f"{name}.tsv")
    for event in ("gain_1q21", "del_13q", "trisomy_9", "trisomy_15", "trisomy_19", "hyperdiploid"):
        assert events[event].state == "present", event
    for event in ("trisomy_7", "trisomy_3", "trisomy_5", "trisomy_21"):
        assert events[event].state == "absent", event
    assert all(events[event].state != "present" for event in ("del_17p", "del_16q", "del_14q", "gain_8q24"))
    assert fitted.purity.value == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("name", ["panel", "exome"])
def test_a_capture_without_changes_has_none_however_well_the_baits_caught(panels, name):
    seen = 0
    for seed in range(2, 8):
        counts = capture({"panel": PANEL, "exome": EXOME}[name], seed=seed, rate=2000, beside=(0.5, 2.0)[seed % 2])
        _, events = call(counts, panels / f"{name}.tsv", purity=0.9)
        shares = [item.fraction for item in events.values() if item.state == "present"]
        assert all(share < 0.2 for share in shares)
        assert events["trisomy_9"].detection_limit < 0.3
        seen += len(shares)
    assert seen <= 1


def whole(counts):
    """The same reads by bin, as they are counted without targets."""
    number = np.unique(np.stack([counts.chrom, counts.start // BIN]), axis=1, return_inverse=True)[1]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    return replace(
        counts,
        **{name: getattr(counts, name)[first] for name in ("chrom", "gc")},
        start=counts.start[first] // BIN * BIN,
        end=counts.end[np.append(first[1:], len(number)) - 1],
        **{name: np.bincount(number, getattr(counts, name)).astype(int) for name in ("span", "kept", "low")},
        on_target=None,
    )


def test_without_the_targets_a_capture_that_caught_less_is_noisier(tmp_path):
    normals = [capture(EXOME, seed=seed, rate=2000) for seed in range(100, 108)]
    write_table(build_panel([whole(normal) for normal in normals]), NORMALS, tmp_path / "whole.tsv")
    write_table(build_panel(normals), NORMALS, tmp_path / "apart.tsv")
    counts = capture(EXOME, seed=3, rate=2000, beside=3.0)
    together, _ = call(whole(counts), tmp_path / "whole.tsv", purity=0.9)
    apart, _ = call(counts, tmp_path / "apart.tsv", purity=0.9)
    assert apart.profile.noise < 0.6 * together.profile.noise


def test_targets_lie_level_with_what_lies_beside_them(panels):
    counts = capture(EXOME, seed=3, rate=2000, purity=0.8, changes=CHANGES, beside=3.0)
    fitted, _ = call(counts, panels / "exome.tsv")
    narrow = fitted.bins.end - fitted.bins.start < BIN
    plain = np.isin(fitted.bins.chrom, [CHROMOSOMES.index(c) for c in ("2", "4", "10", "12")])
    on, beside = (fitted.bins.ratio[plain & (fitted.bins.extra > 0) & part] for part in (narrow, ~narrow))
    assert np.median(on) / np.median(beside) == pytest.approx(1.0, abs=0.02)


def test_targets_of_the_reads_and_of_the_panel_must_be_the_same(panels, tmp_path):
    counts = capture(EXOME, seed=1, rate=500)
    with pytest.raises(InputError, match="lacks more than a tenth of the bins"):
        read_panel(panels / "panel.tsv", counts)
    whole = tmp_path / "whole.tsv"
    table = build_panel([capture({}, seed=seed, rate=500) for seed in (1, 2, 3)])
    write_table(table.assign(part="whole"), NORMALS, whole)
    with pytest.raises(InputError, match="was made without targets"):
        read_panel(whole, counts)


BAD = [
    ("chr1\t100\n", "is no interval"),
    ("chr1\t200\t100\n", "is no interval"),
    ("chr1\tone\ttwo\n", "is no interval"),
    ("# nothing\n", "names no target"),
    ("GL000194.1\t100\t200\n", "names no target"),
    ("chr1\t²\t300\n", "is no interval"),
    ("chr1\t1\t99999999999999999999999\n", "is no interval"),
    ("chr21\t48000000\t48000300\n", "lies beyond its chromosome.*GRCh37"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_a_bed_that_names_no_targets_is_refused(tmp_path, text, said):
    (tmp_path / "t.bed").write_text(text)
    with pytest.raises(InputError, match=said):
        read_targets(tmp_path / "t.bed", BUILD)


def test_a_missing_bed_is_named(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_targets(tmp_path / "t.bed", BUILD)


def test_a_damaged_packed_bed_is_named(tmp_path):
    packed = gzip.compress(b"chr1\t1\t300\n" * 5000)
    for data in (packed[:20] + b"\xff\x00" * 10 + packed[40:], packed[:-12]):
        (tmp_path / "t.bed.gz").write_bytes(data)
        with pytest.raises(InputError, match="damaged or truncated gzip"):
            read_targets(tmp_path / "t.bed.gz", BUILD)


@pytest.mark.parametrize("packed", [False, True])
def test_a_mark_of_byte_order_costs_no_target(tmp_path, packed):
    data = "\ufeffchr1\t1000\t3000\r\nchr2\t1000\t3000\r\n".encode()
    (tmp_path / "t.bed").write_bytes(gzip.compress(data) if packed else data)
    assert set(read_targets(tmp_path / "t.bed", BUILD)) == {"1", "2"}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 150_000)), min_size=1, max_size=12))
def test_targets_are_widened_joined_and_shared_out_to_bins(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("bed") / "t.bed"
    path.write_text("track name=x\n" + "".join(f"chr2\t{start}\t{start + length}\n" for start, length in rows))
    spans = read_targets(path, BUILD)["2"]
    assert (spans[1:, 0] > spans[:-1, 1]).all()
    on = np.zeros(700_000, dtype=bool)
    for start, length in rows:
        on[max(0, start - MARGIN) : start + length + MARGIN] = True
    begin = np.arange(0, 700_000, BIN)
    counts = parts_of_bins(BUILD, np.full(7, 1), begin, begin + BIN, {"2": spans}, np.zeros((4, 14), dtype=np.int64))
    assert counts.span[counts.on_target].sum() == on.sum()
    assert counts.span.sum() == 700_000
    for start, span in zip(counts.start[counts.on_target] // BIN, counts.span[counts.on_target], strict=True):
        assert span == on[start * BIN : (start + 1) * BIN].sum()
    # a bin is two, side by side
    assert (counts.start[1:] == counts.end[:-1]).all()


SMALL = Truth(
    depth=30.0,
    purity=0.0,
    chromosomes=("17",),
    seed=4,
    targets=tuple(place_of(f"17:{start}-{start + 3000}", BUILD) for start in range(30_000_000, 50_000_000, 700_000)),
    library=Library(beside_targets=0.0003),
)


@pytest.mark.parametrize("kind", ["bam", "cram"])
def test_reads_on_targets_are_counted_as_a_plain_loop_does(tmp_path, kind):
    import pysam

    simulate_reads(SMALL, tmp_path / "a.bam", threads=1, level=1)
    if kind == "cram":
        arguments = ["-C", "--output-fmt-option", "no_ref=1", "-o", str(tmp_path / "a.cram"), str(tmp_path / "a.bam")]
        pysam.view(*arguments, catch_stdout=False)
        pysam.index(str(tmp_path / "a.cram"))
    bed = tmp_path / "t.bed"
    bed.write_text("".join(f"chr17\t{place.start}\t{place.end}\n" for place in SMALL.targets))
    reads = check_alignments(tmp_path / f"a.{kind}")
    counts = count_capture(reads, read_targets(bed, reads.build))
    expected = {}
    with pysam.AlignmentFile(str(tmp_path / "a.bam")) as handle:
        for read in handle:
            if read.flag & 0xF04 == 0 and read.mapping_quality >= 20:
                at = read.reference_start
                on = any(place.start - MARGIN <= at < place.end + MARGIN for place in SMALL.targets)
                expected[at // BIN, on] = expected.get((at // BIN, on), 0) + 1
    rows = zip(counts.start // BIN, counts.on_target, counts.kept, strict=True)
    assert {(int(b), bool(on)): int(n) for b, on, n in rows if n} == expected
    assert counts.kept[counts.on_target].sum() > counts.kept[~counts.on_target].sum()
    whole = full(reads)
    assert counts.kept.sum() == whole.kept.sum()
    assert counts.low.sum() == whole.low.sum()


@pytest.mark.slow
def test_a_panel_of_genes_is_called_from_its_reads(tmp_path):
    chromosomes = ("1", "2", "4", "10", "12", "20", "13", "17")
    places = [
        place_of(f"{chrom}:{start}-{start + 3000}", BUILD)
        for chrom in chromosomes
        for start in range(3_000_000, min(240_000_000, chrom_lengths(BUILD)[chrom] - 3000), 4_000_000)
        if start < 62_000_000 or chrom in ("1", "2", "4") or (start < 110_000_000 and chrom != "20" and chrom != "17")
    ]
    bed = tmp_path / "t.bed"
    bed.write_text("".join(f"chr{place.chrom}\t{place.start}\t{place.end}\n" for place in places))

    def file(name, *, seed, beside, purity=0.0, changes=()):
        library = Library(read_length=50, fragment=200, fragment_sd=30, beside_targets=beside)
        truth = Truth(
            depth=30.0, purity=purity, chromosomes=chromosomes, seed=seed, changes=changes, targets=tuple(places),
            library=library,
        )  # fmt: skip
        simulate_reads(truth, tmp_path / name, threads=1, level=1)
        return tmp_path / name

    from build_normals import run

    normals = [file(f"n{k}.bam", seed=20 + k, beside=0.0004 * (1 + k / 4)) for k in range(3)]
    words = ["--reads", *map(str, normals), "--targets", str(bed), "--out", str(tmp_path / "normals.tsv")]
    assert run(words) == 0
    tumour = file("t.bam", seed=9, beside=0.0008, purity=0.8, changes=CHANGES[:2])
    assay = AssayFile(
        sample_id="S", assay_id="a", source="panel", file=tumour, build=BUILD, targets=bed,
        normals=tmp_path / "normals.tsv", cell_selection="cd138",
    )  # fmt: skip
    events = {item.event: item for item in call_file(assay).evidence}
    assert events["gain_1q21"].state == "present"
    assert events["del_13q"].state == "present"
    assert events["del_17p"].state != "present"
    assert events["gain_1q21"].purity == pytest.approx(0.8, abs=0.06)
