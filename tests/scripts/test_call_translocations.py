"""The command on files of reads: what it writes, and what it says of files that it cannot read."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pysam
import pytest

import call_translocations as command
from mmrisk.contracts import PURITY, SEGMENTS
from mmrisk.simulate.alignment import genome_header, write_sorted
from mmrisk.tables import write_table
from mmrisk.translocations.from_reads import read_purity
from mmrisk.translocations.read_survey import survey

SCRIPTS = Path(command.__file__).parent
READ = 100


def line(name, flag, chrom, start, mate, mate_start, length=0, cigar="100M", tags=""):
    bases = "ACGTTGCA" * 13
    cells = (name, flag, chrom, start + 1, 60, cigar, mate, mate_start + 1, length, bases[:READ], "I" * READ)
    return "\t".join(map(str, cells)) + tags + "\n"


def reads(*, fusion=6):
    """A thin genome over NSD2, and pairs and split reads of one junction 4:1,890,000 (-) to 14:105,858,000 (-)."""
    text = ""
    for number in range(600):
        start = 1_800_000 + 300 * number
        text += line(f"p{number}", 99, "chr4", start, "=", start + 300, 400)
        text += line(f"p{number}", 147, "chr4", start + 300, "=", start, -400)
    for number in range(fusion):
        near, far = 1_890_010 + 20 * number, 105_858_030 + 25 * number
        text += line(f"f{number}", 1 + 16 + 32 + 64, "chr4", near, "chr14", far)
        text += line(f"f{number}", 1 + 16 + 32 + 128, "chr14", far, "chr4", near)
    for number in range(fusion and 2):
        split = 60 + 5 * number
        own, other = f"{split}S{READ - split}M", f"{READ - split}S{split}M"
        sa = f"\tSA:Z:chr14,105858001,-,{other},60,0;"
        text += line(f"s{number}", 65, "chr4", 1_890_000, "=", 1_890_200, 300, own, sa)
        text += line(f"s{number}", 129 + 16, "chr4", 1_890_200, "=", 1_890_000, -300)
    return text


@pytest.fixture
def bam(tmp_path):
    path = tmp_path / "S1.bam"
    write_sorted(reads(), genome_header("GRCh38"), path)
    return path


def flags(bam, folder, *more):
    names = {"--out": "evidence", "--breakpoints-out": "breakpoints", "--reads-out": "reads"}
    paths = [item for flag, name in names.items() for item in (flag, str(folder / f"{name}.tsv"))]
    return ["--reads", str(bam), "--sample-id", "S1", "--source", "wgs", *paths, *more]


def test_a_junction_becomes_evidence_breakpoints_and_reads(bam, tmp_path):
    assert command.run(flags(bam, tmp_path, "--purity", "0.8")) == 0
    evidence = pd.read_csv(tmp_path / "evidence.tsv", sep="\t").set_index("event")
    assert evidence.loc["t_4_14", ["state", "build"]].tolist() == ["present", "GRCh38"]
    assert evidence.loc["nsd2_disruption", "state"] == "present"
    breakpoints = pd.read_csv(tmp_path / "breakpoints.tsv", sep="\t")
    assert breakpoints.loc[0, ["partner", "donor_feature", "mechanism", "derivative", "nsd2_class"]].tolist() == [
        "NSD2",
        "SM",
        "class_switch",
        "der(4)",
        "early",
    ]
    drawn = pd.read_csv(tmp_path / "reads.tsv", sep="\t")
    assert set(drawn["kind"]) == {"pair", "split", "reference"}
    assert set(drawn["side"]) == {"partner", "donor"}


def test_grch37_without_prefix_is_read_by_its_own_windows(tmp_path):
    path = tmp_path / "S3.bam"
    text = reads().replace("chr", "").replace("1058580", "1063250").replace("1058581", "1063251")
    write_sorted(text, genome_header("GRCh37", prefix=""), path)
    assert command.run(flags(path, tmp_path)) == 0
    row = pd.read_csv(tmp_path / "breakpoints.tsv", sep="\t").iloc[0]
    assert row[["event", "build", "donor_feature", "nsd2_class"]].tolist() == ["t_4_14", "GRCh37", "SM", "early"]
    assert row["donor_position"] == 106_325_000


def test_without_a_junction_a_thin_genome_says_nothing_of_other_windows(tmp_path):
    path = tmp_path / "S2.bam"
    write_sorted(reads(fusion=0), genome_header("GRCh38"), path)
    assert command.run(flags(path, tmp_path)) == 0
    states = pd.read_csv(tmp_path / "evidence.tsv", sep="\t").set_index("event")["state"]
    assert "present" not in set(states)
    assert states["t_11_14"] == "not_evaluable", "not one read was there"


@pytest.mark.parametrize("fusion", [0, 6])
def test_the_reads_of_a_file_say_whether_it_can_show_junctions(tmp_path, fusion):
    path = tmp_path / "S1.bam"
    write_sorted(reads(fusion=fusion), genome_header("GRCh38"), path)
    with pysam.AlignmentFile(str(path)) as handle:
        found = survey(handle, contigs={"4": "chr4", "14": "chr14"}, build="GRCh38")
    assert found.sees_junctions == bool(fusion)


def test_an_exome_without_baits_speaks_only_of_what_it_sees(bam, tmp_path):
    arguments = flags(bam, tmp_path)
    arguments[arguments.index("wgs")] = "wes"
    assert command.run(arguments) == 0
    evidence = pd.read_csv(tmp_path / "evidence.tsv", sep="\t")
    assert set(evidence["state"]) <= {"present", "not_evaluable", "absent"}
    assert "t_4_14" in set(evidence["event"])
    assert "t_11_14" not in set(evidence["event"])


BROKEN = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "without its index": lambda path: Path(f"{path}.bai").unlink(),
    "of another build": None,
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_file_that_cannot_be_read_is_a_row_of_the_status(bam, tmp_path, damage):
    if BROKEN[damage]:
        BROKEN[damage](bam)
    more = [] if BROKEN[damage] else ["--build", "hg19"]
    assert command.run(flags(bam, tmp_path, *more, "--status", str(tmp_path / "status.tsv"))) == 0
    status = pd.read_csv(tmp_path / "status.tsv", sep="\t")
    assert status["status"].tolist() == ["failed"]
    assert "S1.bam" in status["message"].iloc[0]
    assert pd.read_csv(tmp_path / "evidence.tsv", sep="\t").empty
    assert command.run(flags(bam, tmp_path, *more)) == 2


def test_the_same_file_gives_the_same_bytes(bam, tmp_path):
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert command.run(flags(bam, tmp_path / name)) == 0
        written.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert written[0] == written[1]


def test_a_short_command_spares_what_it_does_not_need(bam, tmp_path):
    said = "import sys, call_translocations as c; assert c.run(sys.argv[1:]) == 0; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", said, *flags(bam, tmp_path)], capture_output=True, text=True, check=True, cwd=SCRIPTS
    )
    assert not {"scipy", "pandera", "numba", "scanpy"} & set(done.stdout.split())


def test_a_cram_gives_what_the_bam_gives(bam, tmp_path):
    cram = tmp_path / "S1.cram"
    with pysam.AlignmentFile(str(bam)) as source:
        header = source.header.to_dict()
        with pysam.AlignmentFile(str(cram), "wc", header=header, format_options=["no_ref=1"]) as made:
            for read in source:
                made.write(read)
    pysam.index(str(cram))
    assert command.run(flags(bam, tmp_path)) == 0
    of_bam = (tmp_path / "breakpoints.tsv").read_text()
    assert command.run(flags(cram, tmp_path)) == 0
    assert (tmp_path / "breakpoints.tsv").read_text() == of_bam


def test_a_file_damaged_in_its_middle_says_so(bam, tmp_path, capsys):
    data = bytearray(bam.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2_000] = bytes(2_000)
    bam.write_bytes(data)
    assert command.run(flags(bam, tmp_path)) == 2
    assert "copy the file again" in capsys.readouterr().err


def test_spots_of_two_normals_silence_the_same_place_in_a_tumour(bam, tmp_path):
    import build_artefact_spots

    normals = []
    for name in ("n1.bam", "n2.bam"):
        normals.append(tmp_path / name)
        write_sorted(reads(fusion=3), genome_header("GRCh38"), normals[-1])
    spots = tmp_path / "spots.tsv"
    assert build_artefact_spots.run(["--normals", *map(str, normals), "--out", str(spots)]) == 0
    assert len(pd.read_csv(spots, sep="\t")) == 1
    assert command.run(flags(bam, tmp_path, "--spots", str(spots))) == 0
    assert pd.read_csv(tmp_path / "breakpoints.tsv", sep="\t")["filters"].tolist() == ["artefact"]


def test_purity_and_segments_of_the_sample_enter_the_share_of_cells(bam, tmp_path):
    purity, segments = tmp_path / "purity.tsv", tmp_path / "segments.tsv"
    write_table(
        pd.DataFrame([{"sample_id": "S1", "assay_id": "cn", "rank": 1, "method": "fitted", "purity": 0.5}]),
        PURITY,
        purity,
    )
    row = {"sample_id": "S1", "assay_id": "cn", "chrom": "4", "start": 0, "end": 190_000_000, "copies": 2.5}
    write_table(pd.DataFrame([row]), SEGMENTS, segments)
    shares = []
    for more in ([], ["--segments-table", str(segments)]):
        assert command.run(flags(bam, tmp_path, "--purity-table", str(purity), *more)) == 0
        found = pd.read_csv(tmp_path / "breakpoints.tsv", sep="\t").iloc[0]
        shares.append((found["allele_fraction"], found["clone_fraction"]))
    (allele, diploid), (_, gained) = shares
    assert diploid == pytest.approx(min(1, 4 * allele), abs=1e-4)
    assert gained == pytest.approx(min(1, 5 * allele), abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("S1", "a", 1, 0.8, 0.4), ("S1", "b", 1, 0.9, 0.9)], (0.8, 0.4, 0.85)),
        ([("S1", "a", 1, None, None), ("S1", "b", 1, 0.9, 0.9)], None),
        ([("S1", "b", 1, 0.9, None), ("S1", "b", 2, 0.5, None)], (0.9, 0.9, 0.9)),
        ([("S1", "b", 1, 0.9, 0.9), ("S1", "c", 1, 0.3, 0.3)], None),
        ([("S2", "a", 1, 0.9, 0.9)], None),
    ],
    ids=["its own, with its ends", "its own tells nothing", "the only other", "two others", "another sample"],
)
def test_the_purity_of_a_file_is_its_own_or_that_of_the_only_other_file(tmp_path, rows, found):
    columns = ["sample_id", "assay_id", "rank", "purity", "purity_low"]
    frame = pd.DataFrame(rows, columns=columns).assign(method="fitted")
    frame["purity_high"] = frame["purity"] + 0.05 * frame["purity_low"].notna()
    write_table(frame, PURITY, tmp_path / "purity.tsv")
    purity = read_purity(tmp_path / "purity.tsv", sample_id="S1", assay_id="a")
    if found is None:
        assert purity is None
    else:
        assert (purity.value, purity.low, purity.high) == pytest.approx(found)
