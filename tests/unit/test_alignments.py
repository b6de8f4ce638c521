"""BAM and CRAM files with everything that can be wrong with them."""

import gzip
import shutil
from pathlib import Path

import pysam
import pytest

from mmrisk.alignments import aligned_as_rna, check_alignments, check_is_dna
from mmrisk.errors import InputError
from mmrisk.genome import chrom_lengths

GRCH38 = chrom_lengths("GRCh38")
CONTIGS = [("chr1", GRCH38["1"]), ("chr17", GRCH38["17"]), ("chrUn_KI270302v1", 2274)]


def write(path, *, contigs=CONTIGS, order="coordinate", program=None, positions=(1000, 2000), index=True):
    """A BAM or CRAM of single 50-bp reads on the first contig."""
    header = {"HD": {"VN": "1.6", "SO": order}, "SQ": [{"SN": name, "LN": length} for name, length in contigs]}
    header["RG"] = [{"ID": "r", "SM": "sample"}]
    if program:
        header["PG"] = [{"ID": program, "PN": program}]
    mode, options = ("wc", [b"no_ref=1"]) if path.suffix == ".cram" else ("wb", None)
    with pysam.AlignmentFile(str(path), mode, header=header, format_options=options) as out:
        for number, position in enumerate(positions):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.query_sequence, read.flag = f"r{number}", "A" * 50, 0
            read.reference_id, read.reference_start, read.mapping_quality = 0, position, 60
            read.cigartuples = [(0, 50)]
            read.query_qualities = pysam.qualitystring_to_array("I" * 50)
            out.write(read)
    if index:
        pysam.index(str(path))
    return path


@pytest.mark.parametrize("name", ["a.bam", "a.cram"])
def test_a_good_file_tells_its_build_its_contigs_and_its_sample(tmp_path, name):
    found = check_alignments(write(tmp_path / name), build="GRCh38")
    assert (found.kind, found.build, found.samples) == (name.split(".")[1], "GRCh38", ("sample",))
    assert found.names == {"1": "chr1", "17": "chr17"}
    with found.open(required_fields=0x1E) as handle:
        assert [read.reference_start for read in handle.fetch("chr1")] == [1000, 2000]


def test_an_index_may_carry_the_full_name_or_that_without_ending(tmp_path):
    path = write(tmp_path / "a.bam")
    assert check_alignments(path).index.name == "a.bam.bai"
    (tmp_path / "a.bam.bai").rename(tmp_path / "a.bai")
    assert check_alignments(path).index.name == "a.bai"


def test_contigs_without_prefix_are_the_same_chromosomes(tmp_path):
    found = check_alignments(write(tmp_path / "a.bam", contigs=[("1", GRCH38["1"]), ("X", GRCH38["X"])]))
    assert found.names == {"1": "1", "X": "X"}


def no_index(folder):
    return write(folder / "a.bam", index=False)


def unsorted(folder):
    return write(folder / "a.bam", order="unsorted", index=False)


def by_name(folder):
    return write(folder / "a.bam", order="queryname", index=False)


def cut(name, kept):
    def make(folder):
        path = write(folder / name, positions=range(1000, 60000, 7))
        path.write_bytes(path.read_bytes()[:kept])
        return path

    return make


def of_build(build):
    lengths = chrom_lengths(build)
    return lambda folder: write(folder / "a.bam", contigs=[("chr1", lengths["1"]), ("chr17", lengths["17"])])


def mixed(folder):
    return write(folder / "a.bam", contigs=[("chr1", GRCH38["1"]), ("chr17", chrom_lengths("GRCh37")["17"])])


def twice(folder):
    return write(folder / "a.bam", contigs=[("chr1", GRCH38["1"]), ("1", GRCH38["1"])])


def other_species(folder):
    return write(folder / "a.bam", contigs=[("chr1", 195471971), ("chr2", 182113224)])


def bacterium(folder):
    return write(folder / "a.bam", contigs=[("NC_000913.3", 4641652)])


def no_deciding_chromosome(folder):
    return write(folder / "a.bam", contigs=[("chr13", GRCH38["13"])])


def no_read(name):
    return lambda folder: write(folder / name, positions=())


def text(folder):
    (folder / "a.bam").write_text("@HD\n")
    return folder / "a.bam"


def nothing(folder):
    (folder / "a.bam").touch()
    return folder / "a.bam"


def broken_index(folder):
    path = write(folder / "a.bam")
    (folder / "a.bam.bai").write_bytes(b"BAI\x01\x00")
    return path


def index_of_another(name, ending, *, made_by=()):
    """A file of three contigs with the index of one that has fewer."""

    def make(folder):
        path, other = write(folder / name, index=False), folder / f"other{Path(name).suffix}"
        write(other, contigs=CONTIGS[:1], index=False)
        pysam.index(*made_by, str(other))
        shutil.move(f"{other}{ending}", f"{path}{ending}")
        return path

    return make


def crai_of_another(folder):
    path = write(folder / "a.cram")
    with gzip.open(f"{path}.crai", "at") as handle:
        handle.write("7\t1001\t50\t500\t10\t90\n")
    return path


BAD = {
    "no index": (no_index, "has no index beside it; run `samtools index`"),
    "unsorted": (unsorted, "'SO:unsorted' is not sorted by coordinate; run `samtools sort`"),
    "sorted by name": (by_name, "is not sorted by coordinate"),
    "truncated BAM": (cut("a.bam", -28), "is truncated"),
    "BAM cut in a block": (cut("a.bam", -4000), "is truncated"),
    "truncated CRAM": (cut("a.cram", -38), "is truncated"),
    "another build": (of_build("GRCh37"), "is aligned to GRCh37, not to GRCh38; write GRCh37 as its build"),
    "mixed builds": (mixed, "mixes chromosomes of GRCh38 (1) and GRCh37 (1)"),
    "a chromosome twice": (twice, "has chromosome 1 twice, as chr1 and 1"),
    "another species": (other_species, "has chromosome lengths of no build that is known"),
    "a bacterium": (bacterium, "names no human chromosome"),
    "too few chromosomes": (no_deciding_chromosome, "fits GRCh38 on 1 of 1 chromosomes only"),
    "an empty BAM": (no_read("a.bam"), "holds no mapped read"),
    "an empty CRAM": (no_read("a.cram"), "holds no mapped read"),
    "text": (text, "is neither BAM nor CRAM"),
    "no bytes": (nothing, "is an empty file"),
    "a missing file": (lambda folder: folder / "gone.bam", "does not exist"),
    "a BAI of another file": (index_of_another("a.bam", ".bai"), "with 1 references where the header of a.bam has 3"),
    "a CSI of another file": (
        index_of_another("a.bam", ".csi", made_by=("-c",)),
        "a.bam.csi: is the index of another file, with 1 references where the header of a.bam has 3",
    ),
    "a CRAI of another file": (crai_of_another, "is the index of another file, with 8 references"),
    "a damaged index": (broken_index, "cannot be read as an index; run `samtools index a.bam`"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_with_a_file_is_said_in_one_line_with_its_remedy(tmp_path, what):
    make, said = BAD[what]
    with pytest.raises(InputError) as raised:
        check_alignments(make(tmp_path), build="GRCh38")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_url_is_refused():
    with pytest.raises(InputError, match="is a URL"):
        check_alignments(Path("https://example.org/a.bam"))


def test_a_reference_must_be_indexed_and_of_the_same_lengths(tmp_path):
    path, fasta = write(tmp_path / "a.bam"), tmp_path / "ref.fa"
    with pytest.raises(InputError, match="does not exist"):
        check_alignments(path, reference=fasta)
    fasta.write_text(">chr1\nACGT\n")
    with pytest.raises(InputError, match="run `samtools faidx`"):
        check_alignments(path, reference=fasta)
    pysam.faidx(str(fasta))
    with pytest.raises(InputError, match="has 4 bp of chromosome 1 where the reads have 248956422"):
        check_alignments(path, reference=fasta)


@pytest.mark.parametrize("program", ["STAR", "hisat2", "tophat"])
def test_the_output_of_an_rna_aligner_is_refused(tmp_path, program):
    found = check_alignments(write(tmp_path / "a.bam", program=program))
    assert aligned_as_rna(found) == program
    with pytest.raises(InputError, match="holds RNA"):
        check_is_dna(found)


def test_a_dna_aligner_is_welcome(tmp_path):
    check_is_dna(check_alignments(write(tmp_path / "a.bam", program="bwa")))


def test_every_check_survives_a_name_with_dots_and_spaces(tmp_path):
    path = write(tmp_path / "a.bam")
    shutil.copy(path, tmp_path / "my sample.v2.bam")
    shutil.copy(f"{path}.bai", tmp_path / "my sample.v2.bam.bai")
    assert check_alignments(tmp_path / "my sample.v2.bam").build == "GRCh38"
