"""Structural variants in the dialect of each caller, and everything that is refused."""

import gzip
from contextlib import suppress

import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.errors import InputError
from mmrisk.genome import chrom_lengths
from mmrisk.translocations.fragments import Fragments, count_fragments
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.variants import read_variant_file

NSD2, IGH = Breakend("4", 1_888_000, "+"), Breakend("14", 105_858_099, "+")
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


def header(*lines, samples="S1", build="GRCh38", version="4.2"):
    contigs = [f"##contig=<ID=chr{chrom},length={length}>" for chrom, length in chrom_lengths(build).items()]
    return "\n".join((f"##fileformat=VCFv{version}", *lines, *contigs, COLUMNS + samples.replace(" ", "\t"))) + "\n"


def record(*cells):
    return "\t".join(map(str, cells)) + "\n"


# the same t(4;14) as each tool writes it: 21 fragments for it
MANTA = header(
    "##source=GenerateSVCandidates 1.6.0",
    '##INFO=<ID=MATEID,Number=.,Type=String,Description="ID of mate breakend">',
    '##FORMAT=<ID=PR,Number=.,Type=Integer,Description="Spanning paired-read support">',
    '##FORMAT=<ID=SR,Number=.,Type=Integer,Description="Split reads">',
    '##FILTER=<ID=MinSomaticScore,Description="SOMATICSCORE is less than 30">',
    samples="NORMAL TUMOR",
    version="4.1",
)
MANTA_INFO = "SVTYPE=BND;MATEID=MantaBND:9:0:1:0:0:0:{};BND_DEPTH=40;SOMATIC;SOMATICSCORE=90"
MANTA_RECORDS = record(
    "chr4", 1888001, "MantaBND:9:0:1:0:0:0:0", "G", "G]chr14:105858100]", ".", "PASS", MANTA_INFO.format(1),
    "PR:SR", "35,0:40,0", "30,12:33,9",
) + record(
    "chr14", 105858100, "MantaBND:9:0:1:0:0:0:1", "T", "T]chr4:1888001]", ".", "PASS", MANTA_INFO.format(0),
    "PR:SR", "35,0:40,0", "30,12:33,9",
)  # fmt: skip
DELLY = header(
    '##FILTER=<ID=LowQual,Description="Poor quality and insufficient number of PEs and SRs.">',
    '##INFO=<ID=CHR2,Number=1,Type=String,Description="Chromosome for POS2">',
    samples="tumour_1 control_1",
)
DELLY_INFO = (
    "PRECISE;SVTYPE=BND;SVMETHOD=EMBL.DELLYv1.1.6;END=105858101;CHR2=chr4;POS2=1888001;PE=12;MAPQ=60;CT=3to3;SR=9"
)
DELLY_FORMAT = "GT:GL:GQ:FT:RCL:RC:RCR:RDCN:DR:DV:RR:RV"
DELLY_RECORDS = record(
    "chr14", 105858100, "BND00000123", "T", "T]chr4:1888001]", 840, "PASS", DELLY_INFO, DELLY_FORMAT,
    "0/1:-9,0,-90:90:PASS:0:0:0:-1:30:12:33:9", "0/0:0,-6,-60:60:PASS:0:0:0:-1:35:0:40:0",
)  # fmt: skip
OLD_DELLY_RECORDS = (
    DELLY_RECORDS.replace("T]chr4:1888001]", "<TRA>")
    .replace("END=105858101", "END=1888001")
    .replace("POS2=1888001;", "")
)
GRIDSS = header("##gridssVersion=2.13.2-gridss", samples="normal.bam tumor.bam")
GRIDSS_FORMAT = "GT:ASRP:ASSR:QUAL:REF:REFPAIR:RP:SR:VF"
GRIDSS_RECORDS = (
    record(
        "chr4", 1888001, "gridss12_345o", "G", "GTA]chr14:105858100]", 812.3, "PASS",
        "AS=1;EVENT=gridss12_345;MATEID=gridss12_345h;SVTYPE=BND;VF=21", GRIDSS_FORMAT,
        ".:0:0:0:40:35:0:0:0", ".:12:9:812:33:30:12:9:21",
    )
    + record(
        "chr14", 105858100, "gridss12_345h", "T", "TTA]chr4:1888001]", 812.3, "PASS",
        "AS=1;EVENT=gridss12_345;MATEID=gridss12_345o;SVTYPE=BND;VF=21", GRIDSS_FORMAT,
        ".:0:0:0:40:35:0:0:0", ".:12:9:812:33:30:12:9:21",
    )
    + record(
        "chr2", 5000, "gridss12_9b", "A", "AGGT.", 300, "PASS", "EVENT=gridss12_9;SVTYPE=BND", GRIDSS_FORMAT,
        ".:0:0:0:40:35:0:0:0", ".:0:0:300:33:30:0:0:8",
    )
)  # fmt: skip
SVABA = header("##source=svaba(v1.1.0)", samples="/data/n.bam /data/tumor.bam", version="4.2")
SVABA_INFO = "DISC_MAPQ=60;EVDNC=ASDIS;MAPQ=60;MATEID=1234:{};NUMPARTS=2;SCTG=c_4_1862001_1887001_7C;SPAN=-1;SVTYPE=BND"
SVABA_RECORDS = record(
    "chr4", 1888001, "1234:1", "G", "G]chr14:105858100]", 99, "PASS", SVABA_INFO.format(2),
    "GT:AD:DP:GQ:PL:SR:DR:LR:LO", "0/0:0:75:20:0,20,200:0:0:-20:20", "0/1:21:84:60:60,0,200:9:12:-60:60",
) + record(
    "chr14", 105858100, "1234:2", "T", "T]chr4:1888001]", 99, "PASS", SVABA_INFO.format(1),
    "GT:AD:DP:GQ:PL:SR:DR:LR:LO", "0/0:0:75:20:0,20,200:0:0:-20:20", "0/1:21:84:60:60,0,200:9:12:-60:60",
)  # fmt: skip
SVTOOLS = (
    "#CHROM_A\tSTART_A\tEND_A\tCHROM_B\tSTART_B\tEND_B\tID\tQUAL\tSTRAND_A\tSTRAND_B\tTYPE\tFILTER\n"
    "chr4\t1888000\t1888001\tchr14\t105858099\t105858100\t7\t99\t+\t+\tBND\tPASS\n"
)
PCAWG = (
    "chrom1\tstart1\tend1\tchrom2\tstart2\tend2\tsv_id\tpe_support\tstrand1\tstrand2\tsvclass\tsvmethod\n"
    "4\t1888000\t1888001\t14\t105858099\t105858100\tSV1\t21\t+\t+\tTRA\tSNOWMAN_BRASS\n"
)
PLAIN_BEDPE = "4\t1888000\t1888001\t14\t105858099\t105858100\tSV1\t99\t+\t+\n"
DIALECTS = [
    ("manta", MANTA + MANTA_RECORDS, "manta", 21, 63),
    ("delly", DELLY + DELLY_RECORDS, "delly", 21, 63),
    ("delly before 0.8", DELLY + OLD_DELLY_RECORDS, "delly", 21, 63),
    ("gridss", GRIDSS + GRIDSS_RECORDS, "gridss", 21, 63),
    ("svaba", SVABA + SVABA_RECORDS, "svaba", 21, 63),
    ("bedpe of svtools", SVTOOLS, "bedpe", None, None),
    ("bedpe of PCAWG", PCAWG, "SNOWMAN_BRASS", 21, None),
    ("bedpe without a header", PLAIN_BEDPE, "bedpe", None, None),
]


def write(tmp_path, text, name="sample.vcf"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path, text, *, build="GRCh38", **options):
    return read_variant_file(write(tmp_path, text), build=build, **options)


def refused(tmp_path, text, **options):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "caller", "fragments", "reference"), DIALECTS, ids=[row[0] for row in DIALECTS]
)
def test_each_dialect_gives_the_same_junction(tmp_path, name, text, caller, fragments, reference):
    found = read(tmp_path, text)
    assert len(found.junctions) == 1
    junction = found.junctions[0]
    assert junction.ends == (IGH, NSD2)
    assert (junction.fragments, junction.reference) == (fragments, reference)
    assert (junction.filters, junction.passes) == ((), True)
    assert junction.caller == caller


PACKED = {
    "gzip": gzip.compress,
    "windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "letters that are not UTF-8 in the header": lambda data: data.replace(
        b"##source", b"##made_by=M\xfcller\n##source"
    ),
    "without contigs": lambda data: b"".join(
        line for line in data.splitlines(keepends=True) if b"##contig" not in line
    ),
    "without a fileformat line": lambda data: data[data.index(b"#CHROM") :],
    "blank line at the end": lambda data: data + b"\n",
    "undeclared fields": lambda data: data.replace(b"SVTYPE=BND;", b"NEW=1;SVTYPE=BND;ODD;"),
}


@pytest.mark.parametrize("form", PACKED)
def test_sloppy_files_are_read(tmp_path, form):
    found = read(tmp_path, PACKED[form]((MANTA + MANTA_RECORDS).encode()))
    assert [junction.ends for junction in found.junctions] == [(IGH, NSD2)]


def test_bgzip_and_bcf_are_read(tmp_path):
    plain = write(tmp_path, MANTA + MANTA_RECORDS, "a.vcf")
    text = plain.read_text().replace(
        "##source",
        "".join(
            f'##INFO=<ID={name},Number=1,Type=String,Description="x">\n'
            for name in ("SVTYPE", "BND_DEPTH", "SOMATICSCORE")
        )
        + '##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description="x">\n##source',
        1,
    )
    plain.write_text(text)
    pysam.tabix_compress(str(plain), str(tmp_path / "a.vcf.gz"))
    with (
        pysam.VariantFile(str(plain)) as source,
        pysam.VariantFile(str(tmp_path / "a.bcf"), "wb", header=source.header) as target,
    ):
        for item in source:
            target.write(item)
    for name in ("a.vcf.gz", "a.bcf"):
        found = read_variant_file(tmp_path / name, build="GRCh38")
        assert [(j.ends, j.fragments, j.caller) for j in found.junctions] == [((IGH, NSD2), 21, "manta")]


STRANDS = [
    ("N[chr14:500[", "+", "-"),
    ("N]chr14:500]", "+", "+"),
    ("]chr14:500]N", "-", "+"),
    ("[chr14:500[N", "-", "-"),
]


@pytest.mark.parametrize(("alternative", "here", "there"), STRANDS)
def test_brackets_say_which_sides_are_kept(tmp_path, alternative, here, there):
    text = header() + record("chr4", 100, "x", "N", alternative, ".", "PASS", "SVTYPE=BND", "GT", "0/1")
    assert read(tmp_path, text).junctions[0].ends == (Breakend("14", 499, there), Breakend("4", 99, here))


@pytest.mark.parametrize(
    ("kind", "info", "strands"),
    [
        ("<DEL>", "SVTYPE=DEL;END=900", "+-"),
        ("<DUP:TANDEM>", "SVTYPE=DUP;END=900", "-+"),
        ("<INV>", "SVTYPE=INV;END=900;CT=5to5", "--"),
        ("<INV>", "SVTYPE=INV;END=900;INV5", "--"),
        ("<INV>", "SVTYPE=INV;END=900", "++"),
    ],
)
def test_symbolic_variants_have_two_ends(tmp_path, kind, info, strands):
    text = header() + record("chr8", 100, "x", "N", kind, ".", "PASS", info, "GT", "0/1")
    first, second = read(tmp_path, text).junctions[0].ends
    assert (first.position, second.position, first.strand + second.strand) == (99, 899, strands)


PASSED_OVER = [
    ("an insertion", "<INS>", "SVTYPE=INS;END=100"),
    ("a small variant", "T", "."),
    ("a mate on another contig", "N[chrUn_1:500[", "SVTYPE=BND"),
    ("a mate on an assembled contig", "N[<ctg1>:500[", "SVTYPE=BND"),
    ("no end", "<DEL>", "SVTYPE=DEL"),
    ("an odd end", "<DEL>", "SVTYPE=DEL;END=x"),
]


@pytest.mark.parametrize(("name", "alternative", "info"), PASSED_OVER, ids=[row[0] for row in PASSED_OVER])
def test_what_is_no_junction_is_passed_over(tmp_path, name, alternative, info):
    assert not read(tmp_path, header() + record("chr4", 100, "x", "N", alternative, ".", "PASS", info)).junctions


def test_single_breakends_are_counted(tmp_path):
    assert "1 single breakends passed over" in read(tmp_path, GRIDSS + GRIDSS_RECORDS).notes[0]


@pytest.mark.parametrize(
    ("written", "filters", "passes"),
    [("PASS", (), True), (".", (".",), True), ("LowQual", ("LowQual",), False), ("a;b", ("a", "b"), False)],
)
def test_filters(tmp_path, written, filters, passes):
    found = read(tmp_path, DELLY + DELLY_RECORDS.replace("PASS\tPRECISE", f"{written}\tPRECISE")).junctions[0]
    assert (found.filters, found.passes) == (filters, passes)


def test_mates_placed_apart_by_shared_bases_are_one_junction(tmp_path):
    shifted = GRIDSS_RECORDS.replace("chr14\t105858100\t", "chr14\t105858097\t")
    assert len(read(tmp_path, GRIDSS + shifted).junctions) == 1


def test_a_junction_of_the_normal_does_not_pass(tmp_path):
    assert read(tmp_path, MANTA + MANTA_RECORDS.replace("35,0:40,0", "35,2:40,0")).junctions[0].passes
    found = read(tmp_path, MANTA + MANTA_RECORDS.replace("35,0:40,0", "35,2:40,1")).junctions[0]
    assert found.filters == ("in_normal",)


COLUMNS_OF = [
    ("NORMAL TUMOR", {}, True),
    ("TUMOR NORMAL", {}, False),
    ("X S1", {"sample_id": "S1"}, True),
    ("S1 X", {"sample_id": "S1"}, False),
    ("A B", {"variant_sample": "B"}, True),
    ("normal_9 case_9", {}, True),
]


@pytest.mark.parametrize(("samples", "options", "second"), COLUMNS_OF, ids=[row[0] for row in COLUMNS_OF])
def test_the_tumour_column_is_found(tmp_path, samples, options, second):
    text = header(samples=samples) + record(
        "chr4", 100, "x", "N", "N[chr14:500[", ".", "PASS", "SVTYPE=BND", "PR:SR", "9,1:9,0", "9,7:9,0"
    )
    junction = read(tmp_path, text, **options).junctions[0]
    assert junction.fragments == (7 if second else 1)


REFUSED = {
    "empty": ("", {}, "is empty"),
    "two unknown samples": (header(samples="A B"), {}, "'A, B' does not tell which of its samples is the tumour"),
    "unknown chosen sample": (header(samples="A B"), {"variant_sample": "C"}, "--variant-sample"),
    "no column line": ("##fileformat=VCFv4.2\nchr4\t1\n", {}, "the #CHROM line is missing"),
    "cut off": (MANTA + "chr4\t1888001\tMan", {}, "has 3 columns where a VCF has at least 8"),
    "no position": (MANTA + MANTA_RECORDS.replace("\t1888001\t", "\t1e6\t"), {}, "has no position ('1e6')"),
    "another build": (
        header(build="GRCh37"),
        {},
        "'GRCh38' is not the build of its header, which has the chromosome lengths of GRCh37; say GRCh37",
    ),
    "beyond the chromosome": (
        "##fileformat=VCFv4.2\n" + COLUMNS + "S\n" + record("1", 249100000, "x", "N", "N[14:500[", ".", "PASS", "."),
        {},
        "'1:249100000' lies beyond its chromosome in GRCh38; this position fits GRCh37",
    ),
    "beyond any chromosome": (PLAIN_BEDPE.replace("\t1888000\t", "\t999888000\t"), {}, "lies beyond its chromosome"),
    "prose": ("hello\nworld\n", {}, "is neither VCF nor BEDPE"),
    "words for positions": ("4\tx\ty\t14\t1\t2\n", {}, "is neither VCF nor BEDPE"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trusted_is_refused(tmp_path, case):
    text, options, expected = REFUSED[case]
    assert expected in refused(tmp_path, text, **options)


def test_damaged_files_are_refused(tmp_path):
    packed = gzip.compress((MANTA + MANTA_RECORDS * 200).encode())
    assert "damaged or truncated" in refused(tmp_path, packed[: len(packed) // 2])
    assert "damaged or truncated BCF" in refused(tmp_path, b"BCF\x02\x02rubbish")
    with pytest.raises(InputError, match="does not exist"):
        read_variant_file(tmp_path / "none.vcf", build="GRCh38")
    with pytest.raises(InputError, match="is a URL"):
        read_variant_file(type(tmp_path)("https://example.org/x.vcf"), build="GRCh38")


def test_a_header_says_which_chromosomes_were_looked_at(tmp_path):
    text = "##fileformat=VCFv4.2\n##contig=<ID=chr4>\n##contig=<ID=chrUn>\n" + COLUMNS + "S\n"
    assert read(tmp_path, text).chromosomes == {"4"}
    assert len(read(tmp_path, MANTA).chromosomes) == 24


COUNTS = [
    ({"PR": "30,12", "SR": "33,9"}, {}, (21, 63)),
    ({"PR": "30,12"}, {}, (12, 30)),
    ({"DR": "30", "DV": "12", "RR": "33", "RV": "9"}, {}, (21, 63)),
    ({"VF": "21", "REF": "33", "REFPAIR": "30"}, {}, (21, 63)),
    ({"AD": "21", "DP": "84", "SR": "9", "DR": "12"}, {}, (21, 63)),
    ({"SU": "21", "PE": "12", "SR": "9"}, {}, (21, None)),
    ({}, {"PE": "12", "SR": "9"}, (21, None)),
    ({"GT": "0/1"}, {}, (None, None)),
    ({"PR": ".,.", "SR": "x,y"}, {}, (0, 0)),
    ({"DV": "²"}, {}, (0, 0)),
]


@pytest.mark.parametrize(("sample", "info", "expected"), COUNTS)
def test_fragments_of_each_caller(sample, info, expected):
    assert count_fragments(sample, info) == Fragments(*expected)


@settings(max_examples=150)
@given(
    text=st.text(max_size=200)
    | st.text(alphabet="chr14\t\n0123456789[]:;=,.<>NBDSVTYPE/", max_size=300).map(lambda tail: header() + tail)
    | st.text(alphabet="chr14\t\n0123456789+-.", max_size=200).map(lambda tail: PLAIN_BEDPE + tail)
)
def test_no_text_breaks_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("fuzz") / "x.vcf"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(InputError):
        found = read_variant_file(path, build="GRCh38")
        assert all(end.position >= -1 for junction in found.junctions for end in junction.ends)


def test_long_alternatives_do_not_hang(tmp_path):
    text = header() + record(
        "chr4", 100, "x", "N", "A" * 200_000 + "[chr14:" + "1" * 200_000, ".", "PASS", "SVTYPE=BND"
    )
    assert not read(tmp_path, text).junctions
