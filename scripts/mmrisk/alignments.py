"""BAM and CRAM files: everything that can be wrong with one is found and named before a read is counted."""

import gzip
import os
import re
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pysam

from mmrisk.errors import InputError, Problem
from mmrisk.genome import chrom_lengths, detect_build, parse_chrom

BUILDS = ("GRCh38", "GRCh37", "T2T-CHM13v2")
BAM_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty BGZF block that ends every whole BAM (SAM specification 4.1.2)."""
CRAM_ENDS = (
    bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b"),
    bytes.fromhex("0b000000ffffffff0fe0454f460000000001000001000606010001000100"),
)
"""The empty container that ends every whole CRAM, versions 3 and 2.1 (CRAM specification 9)."""
INDEXES = {"bam": (".bam.bai", ".bai", ".bam.csi", ".csi"), "cram": (".cram.crai", ".crai")}
"""Endings of an index, after the name of the file without its own ending."""
RNA_ALIGNERS = ("star", "hisat", "hisat2", "tophat", "tophat2")
CORE_FIELDS = 0x1E
"""SAM fields flag, reference, position and mapping quality: read from a CRAM without its FASTA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignments:
    """A BAM or CRAM that passed every check.

    `names` maps the chromosome (`1` to `22`, `X`, `Y`) to the contig of the header, `lengths` to its bp; contigs that
    are no chromosome are left out. `samples` are the names of its read groups.
    """

    path: Path
    kind: str
    index: Path
    build: str
    names: Mapping[str, str]
    lengths: Mapping[str, int]
    reference: Path | None = None
    samples: tuple[str, ...] = ()

    def open(self, *, threads: int = 1, required_fields: int | None = None) -> pysam.AlignmentFile:
        """The open file. With `required_fields` (SAM field bits) a CRAM is decoded only so far."""
        options: list[str] | None = None
        if self.kind == "cram" and required_fields is not None:
            options = [f"required_fields={required_fields:#x}"]
        return pysam.AlignmentFile(
            str(self.path),
            "rc" if self.kind == "cram" else "rb",
            index_filename=str(self.index),
            reference_filename=str(self.reference) if self.reference else None,
            format_options=options,
            threads=threads,
        )


def check_alignments(path: Path, *, build: str | None = None, reference: Path | None = None) -> Alignments:
    """Check a BAM or CRAM: whole, sorted, indexed, of one known build that is the declared one, and not empty.

    Raises `InputError` with one problem and its remedy.
    """
    os.environ.setdefault("REF_PATH", os.devnull)  # never fetch a reference from the network
    kind = _kind(path)
    _check_whole(path, kind)
    header = _header(path, kind)
    _check_sorted(path, header)
    index = _index(path, kind)
    _check_index(path, index, references=len(header.get("SQ", [])))
    names, lengths = _contigs(path, header)
    found = _build(path, names, lengths, build)
    checked = Alignments(
        path=path,
        kind=kind,
        index=index,
        build=found,
        names=names,
        lengths=lengths,
        reference=reference,
        samples=tuple(sorted({group["SM"] for group in header.get("RG", []) if "SM" in group})),
    )
    _check_reference(reference, lengths)
    _check_not_empty(checked)
    return checked


def aligned_as_rna(alignments: Alignments) -> str | None:
    """Name of the RNA aligner in the header, if one made the file."""
    with alignments.open(required_fields=CORE_FIELDS) as handle:
        programs = [str(entry.get("PN", entry.get("ID", ""))) for entry in handle.header.to_dict().get("PG", [])]
    return next((name for name in programs if name.lower().split(".")[0] in RNA_ALIGNERS), None)


def check_is_dna(alignments: Alignments) -> None:
    """Refuse the output of an RNA aligner."""
    if (aligner := aligned_as_rna(alignments)) is not None:
        raise _problem(
            alignments.path,
            "holds RNA: an RNA aligner made it",
            "give the reads of a genome, exome or panel; RNA goes in as an expression table",
            value=aligner,
        )


def _problem(path: Path, message: str, remedy: str, *, value: str | None = None) -> InputError:
    return InputError(Problem(file=path.name, message=message, remedy=remedy, value=value))


def _kind(path: Path) -> str:
    """`bam` or `cram`, by the first bytes."""
    if re.match(r"^[A-Za-z][A-Za-z0-9+.-]+:/", str(path)):
        raise _problem(path, "is a URL", "download the file and its index and give the path")
    if not path.is_file():
        raise _problem(path, "does not exist", "check the path")
    if path.stat().st_size == 0:
        raise _problem(path, "is an empty file", "copy or align it again")
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic == b"CRAM":
        return "cram"
    if magic[:3] == b"\x1f\x8b\x08":
        try:
            with gzip.open(path) as unzipped:
                if unzipped.read(4) == b"BAM\x01":
                    return "bam"
        except (OSError, EOFError):
            raise _problem(path, "is damaged at its start", "copy or align it again") from None
    raise _problem(path, "is neither BAM nor CRAM", "give aligned reads; `samtools view -b` turns SAM into BAM")


def _header(path: Path, kind: str) -> dict:
    try:
        with pysam.AlignmentFile(
            str(path), "rc" if kind == "cram" else "rb", check_sq=False, ignore_truncation=True
        ) as handle:
            return handle.header.to_dict()
    except (OSError, ValueError) as error:
        raise _problem(path, f"has a header that cannot be read ({error})", "copy or align it again") from None


def _check_whole(path: Path, kind: str) -> None:
    ends = (BAM_END,) if kind == "bam" else CRAM_ENDS
    longest = max(map(len, ends))
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - longest))
        tail = handle.read()
    if not tail.endswith(ends):
        raise _problem(
            path, "is truncated: its end-of-file block is missing", "copy it again, or finish the alignment; then index"
        )


def _check_sorted(path: Path, header: dict) -> None:
    order = header.get("HD", {}).get("SO")
    if order in ("unsorted", "queryname"):
        raise _problem(
            path, "is not sorted by coordinate", "run `samtools sort`, then `samtools index`", value=f"SO:{order}"
        )


def _index(path: Path, kind: str) -> Path:
    for ending in INDEXES[kind]:
        candidate = path.with_name(path.stem + ending)
        if candidate.is_file():
            return candidate
    raise _problem(path, "has no index beside it", "run `samtools index` (needs a file sorted by coordinate)")


def _check_index(path: Path, index: Path, *, references: int) -> None:
    """The index is of a file with as many references. htslib trusts it, and reads beyond its end if it has fewer."""
    try:
        indexed = _indexed_references(index, references)
    except (OSError, EOFError, ValueError, struct.error):
        raise _not_an_index(path, index) from None
    if indexed != references:
        raise _problem(
            index,
            f"is the index of another file, with {indexed} references where the header of {path.name} has {references}",
            f"run `samtools index {path.name}`",
        )


def _indexed_references(index: Path, references: int) -> int:
    """Number of references of an index (SAM specification 5.2, CSIv1, CRAM index). A CRAI names only those with reads:
    it is taken for one of all `references` unless it names others.
    """
    if index.suffix == ".crai":
        with gzip.open(index) as handle:
            return max([references, *(int(line.split(b"\t")[0]) + 1 for line in handle if line.strip())])
    with gzip.open(index) if index.suffix == ".csi" else index.open("rb") as handle:
        magic = handle.read(4)
        if magic == b"CSI\x01":
            handle.read(struct.unpack("<8xi", handle.read(12))[0])  # auxiliary data
        elif magic != b"BAI\x01":
            raise ValueError("not an index of a BAM")
        return struct.unpack("<i", handle.read(4))[0]


def _not_an_index(path: Path, index: Path) -> InputError:
    return _problem(index, "cannot be read as an index", f"run `samtools index {path.name}`")


def _contigs(path: Path, header: dict) -> tuple[dict[str, str], dict[str, int]]:
    """Chromosome -> contig of the header, and its length."""
    names: dict[str, str] = {}
    lengths: dict[str, int] = {}
    for entry in header.get("SQ", []):
        chrom = parse_chrom(entry["SN"])
        if chrom is None:
            continue
        if chrom in names:
            raise _problem(
                path,
                f"has chromosome {chrom} twice, as {names[chrom]} and {entry['SN']}",
                "align to one reference",
            )
        names[chrom], lengths[chrom] = entry["SN"], int(entry["LN"])
    if not names:
        raise _problem(path, "names no human chromosome in its header", "align to GRCh38, GRCh37 or T2T-CHM13v2")
    return names, lengths


def _build(path: Path, names: Mapping[str, str], lengths: Mapping[str, int], declared: str | None) -> str:
    """The build of the header, which must be the declared one."""
    found = detect_build(lengths)
    if found is None:
        votes = Counter(
            build
            for chrom, length in lengths.items()
            for build in BUILDS
            if chrom != "Y" and chrom_lengths(build)[chrom] == length
        )
        if len(votes) > 1:
            mixed = " and ".join(f"{build} ({votes[build]})" for build in BUILDS if votes[build])
            raise _problem(path, f"mixes chromosomes of {mixed}", "align to one reference")
        if not votes:
            raise _problem(
                path,
                "has chromosome lengths of no build that is known",
                "align to GRCh38, GRCh37 or T2T-CHM13v2",
                value=", ".join(f"{names[c]} {lengths[c]}" for c in list(names)[:3]),
            )
        raise _problem(
            path,
            f"fits {next(iter(votes))} on {sum(votes.values())} of {len(lengths)} chromosomes only",
            "align to a whole reference of one build, with chromosome 1 or 17",
        )
    if declared and declared != found:
        raise _problem(path, f"is aligned to {found}, not to {declared}", f"write {found} as its build")
    return found


def _check_reference(reference: Path | None, lengths: Mapping[str, int]) -> None:
    """The FASTA, where given, is indexed and of the same lengths."""
    if reference is None:
        return
    if not reference.is_file():
        raise _problem(reference, "does not exist", "check the path of the reference")
    index = Path(f"{reference}.fai")
    if not index.is_file():
        raise _problem(reference, "has no index beside it", "run `samtools faidx`")
    for line in index.read_text().splitlines():
        name, length = line.split("\t")[:2]
        chrom = parse_chrom(name)
        if chrom is not None and chrom in lengths and lengths[chrom] != int(length):
            raise _problem(
                reference,
                f"has {length} bp of chromosome {chrom} where the reads have {lengths[chrom]}",
                "give the reference to which the reads were aligned",
            )


def _check_not_empty(alignments: Alignments) -> None:
    path = alignments.path
    try:
        if alignments.kind == "cram":
            with gzip.open(alignments.index) as handle:
                any_reads = any(int(line.split(b"\t")[0]) >= 0 for line in handle if line.strip())
        else:
            with alignments.open() as handle:
                any_reads = handle.mapped > 0
    except (OSError, EOFError, ValueError, IndexError):
        raise _not_an_index(path, alignments.index) from None
    if not any_reads:
        raise _problem(path, "holds no mapped read", "check the alignment")
