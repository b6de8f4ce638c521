"""Simulated reads: a valid file that holds what the truth says, the same bytes each time."""

import pysam
import pytest

from mmrisk.alignments import check_alignments
from mmrisk.errors import InputError
from mmrisk.genome import chrom_lengths
from mmrisk.simulate.junction_reads import junction_records, junctions_named
from mmrisk.simulate.reads import simulate_reads
from mmrisk.simulate.reference import LETTERS, bases, gc_content, write_reference
from mmrisk.simulate.truth import Change, Library, Truth, place_of, read_truth


def letters(chrom, start, end):
    return LETTERS[bases("GRCh38", chrom, start, end)].tobytes().decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "a.bam"
    truth = Truth(
        depth=0.3,
        purity=1.0,
        chromosomes=("4", "14", "17"),
        changes=(Change(place_of("17p", "GRCh38"), 1, 0),),
        junctions=junctions_named("t(4;14)"),
        library=Library(error_rate=0.0),
    )
    return truth, path, simulate_reads(truth, path)


def test_the_file_is_whole_sorted_and_paired(made):
    _, path, written = made
    assert check_alignments(path, build="GRCh38").samples == ("synthetic",)
    with pysam.AlignmentFile(str(path)) as handle:
        last, names = (0, 0), {}
        for read in handle:
            assert (read.reference_id, read.reference_start) >= last
            last = (read.reference_id, read.reference_start)
            written -= 1
            if read.reference_id == 2 and not read.is_supplementary:
                names.setdefault(read.query_name, []).append(read)
    assert written == 0
    pairs = [pair for pair in names.values() if len(pair) == 2]
    assert len(pairs) > 0.99 * len(names)
    for one, two in pairs[:2000]:
        assert (one.reference_start, one.template_length) == (two.next_reference_start, -two.template_length)
        assert one.is_read1 != two.is_read1
        assert one.mate_is_reverse == two.is_reverse


def test_copies_duplicates_and_mapping_quality_are_as_told(made):
    truth, path, _ = made
    with pysam.AlignmentFile(str(path)) as handle:
        p = sum(1 for r in handle.fetch("chr17", 1_000_000, 21_000_000))
        q = sum(1 for r in handle.fetch("chr17", 30_000_000, 50_000_000))
        reads = list(handle.fetch("chr4", 60_000_000, 160_000_000))
    assert p / q == pytest.approx(0.5, abs=0.03)
    assert sum(r.is_duplicate for r in reads) / len(reads) == pytest.approx(truth.library.duplicates, abs=0.01)
    assert sum(r.mapping_quality == 0 for r in reads) / len(reads) == pytest.approx(truth.library.low_mapq, abs=0.01)


def test_bases_are_those_of_the_reference_but_at_heterozygous_sites(made):
    _, path, _ = made
    differing = total = 0
    with pysam.AlignmentFile(str(path)) as handle:
        for read in list(handle.fetch("chr4", 60_000_000, 62_000_000)):
            reference = letters("4", read.reference_start, read.reference_end)
            differing += sum(a != b for a, b in zip(read.query_sequence, reference, strict=True))
            total += 150
    assert differing / total == pytest.approx(0.5 / 1000, rel=0.5)


def test_reads_across_a_junction_are_placed_where_their_bases_are():
    truth = Truth(depth=40, purity=1.0, chromosomes=("4", "11", "14"), junctions=junctions_named("t(4;14)", "t(11;14)"))
    records = junction_records(truth)
    assert records == sorted(records) == junction_records(truth)
    header = pysam.AlignmentHeader.from_references(["chr4", "chr11", "chr14"], [10**9] * 3)
    split = apart = 0
    for number, position, record in records:
        # the record in its own words, through the library that reads BAM
        read = parsed(record, header)
        assert (read.reference_id, read.reference_start) == (number, position)
        aligned = read.query_alignment_sequence
        assert aligned == letters(read.reference_name[3:], read.reference_start, read.reference_end)
        split += read.has_tag("SA")
        apart += read.reference_id != read.next_reference_id
    assert split > 40
    assert apart > 40


def parsed(record, header):
    import io
    import tempfile

    from mmrisk.simulate.reads import _Bgzf

    text = str(header).encode()
    names = b"".join(
        (len(n) + 4 + 1 - 4).to_bytes(4, "little") + n.encode() + b"\0" + (10**9).to_bytes(4, "little")
        for n in header.references
    )
    head = b"BAM\1" + len(text).to_bytes(4, "little") + text + (3).to_bytes(4, "little") + names
    out = io.BytesIO()
    writer = _Bgzf(out, threads=1, level=1)
    writer.write(head + record)
    writer.close()
    with tempfile.NamedTemporaryFile(suffix=".bam") as file:
        file.write(out.getvalue())
        file.flush()
        with pysam.AlignmentFile(file.name) as handle:
            return next(handle)


def test_the_same_truth_gives_the_same_bytes(made, tmp_path):
    truth, path, _ = made
    simulate_reads(truth, tmp_path / "b.bam", threads=1)
    assert (tmp_path / "b.bam").read_bytes() == path.read_bytes()


def test_the_reference_is_a_fasta_with_its_index(tmp_path):
    write_reference(tmp_path / "ref.fa", build="GRCh38", chromosomes=("21",))
    with pysam.FastaFile(str(tmp_path / "ref.fa")) as fasta:
        assert fasta.lengths == [chrom_lengths("GRCh38")["21"]]
        assert fasta.fetch("chr21", 0, 100) == "N" * 100
        assert fasta.fetch("chr21", 30_000_000, 30_000_300) == letters("21", 30_000_000, 30_000_300)
        last = fasta.lengths[0]
        assert fasta.fetch("chr21", last - 50, last) == letters("21", last - 50, last)
        window = fasta.fetch("chr21", 30_000_000, 30_100_000)
    expected = gc_content("GRCh38", "21")[30_000:30_100].mean()
    assert (window.count("G") + window.count("C")) / len(window) == pytest.approx(expected, abs=0.01)


TRUTH = """
purity: 0.7
reads: 100000
chromosomes: [13, 17]
changes:
  - {place: 17p, copies: 1, fraction: 0.5}
  - {place: "13:40000000-50000000", copies: 0}
junctions:
  - {a: "14:105860000:+", b: "4:1871500:+"}
library: {gc_slope: 1.5}
"""


def test_a_truth_is_read_from_yaml(tmp_path):
    (tmp_path / "truth.yaml").write_text(TRUTH)
    truth = read_truth(tmp_path / "truth.yaml")
    assert (truth.purity, truth.chromosomes, truth.library.gc_slope) == (0.7, ("13", "17"), 1.5)
    assert [(c.place.chrom, c.copies, c.minor, c.fraction) for c in truth.changes] == [
        ("17", 1, 0, 0.5), ("13", 0, 0, 1.0),
    ]  # fmt: skip
    assert truth.pieces("17")[0][2] == pytest.approx(2 - 0.7 * 0.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("purity: 2\ndepth: 1\n", "purity 2.0"),
        ("purity: 0.5\n", "give either depth or reads"),
        ("purity: 0.5\ndepth: 1\npurty: 1\n", "is not a key"),
        ("purity: 0.5\ndepth: 1\nchanges: [{place: 99q, copies: 1}]\n", "chromosome 99q"),
        ("- 1\n", "holds no keys"),
        ("a: [\n", "cannot be read"),
    ],
)
def test_a_truth_that_cannot_be_understood_is_named(tmp_path, text, said):
    (tmp_path / "truth.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        read_truth(tmp_path / "truth.yaml")


def test_a_capture_is_read_beside_its_targets_in_proportion_unless_the_truth_says_otherwise(tmp_path):
    path = tmp_path / "truth.yaml"
    path.write_text('purity: 1\ndepth: 60\ntargets: ["4:1850000-1900000", "14:105830000-105880000"]\n')
    beside = read_truth(path).library.beside_targets * sum(chrom_lengths("GRCh38")[str(n)] for n in range(1, 23))
    assert beside / (beside + 100_000) == pytest.approx(0.3)
    path.write_text(path.read_text() + "library: {beside_targets: 0.5}\n")
    assert read_truth(path).library.beside_targets == 0.5
