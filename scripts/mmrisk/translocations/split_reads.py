"""Geometry of split reads: alignments of parts of one read to the two sides of a junction."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmrisk.translocations.junctions import Breakend

CIGAR = re.compile(r"(\d+)([MIDNSHP=X])")
ON_READ, ON_REFERENCE, CLIPS = frozenset("MI=X"), frozenset("MDN=X"), frozenset("SH")
LETTERS = "MIDNSHP=XB"


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a read, `first` to `last` in the read as it was sequenced, and where it lies (0-based half-open)."""

    first: int
    last: int
    chrom: str
    start: int
    end: int
    reverse: bool
    mapq: int

    @property
    def leaves(self) -> Breakend:
        """Where the read leaves this part towards its next one."""
        return Breakend(self.chrom, self.start, "-") if self.reverse else Breakend(self.chrom, self.end - 1, "+")

    @property
    def enters(self) -> Breakend:
        """Where the read enters this part from the one before."""
        return Breakend(self.chrom, self.end - 1, "+") if self.reverse else Breakend(self.chrom, self.start, "-")


def part_of(chrom: str, start: int, cigar: Sequence[tuple[int, str]], *, reverse: bool, mapq: int) -> Part:
    """One alignment as a part of its read."""
    before = cigar[0][0] if cigar[0][1] in CLIPS else 0
    after = cigar[-1][0] if len(cigar) > 1 and cigar[-1][1] in CLIPS else 0
    length = sum(count for count, letter in cigar if letter in ON_READ)
    first = after if reverse else before
    end = start + sum(count for count, letter in cigar if letter in ON_REFERENCE)
    return Part(first, first + length, chrom, start, end, reverse, mapq)


def parse_cigar(text: str) -> list[tuple[int, str]]:
    """`60M40S` as pairs of number and letter."""
    return [(int(count), letter) for count, letter in CIGAR.findall(text)]


def other_parts(tag: str, names: dict[str, str]) -> Iterator[Part]:
    """Parts of the SA tag; `names` maps contigs to chromosomes, other contigs keep their name."""
    for item in tag.rstrip(";").split(";"):
        fields = item.split(",")
        if len(fields) < 5 or not (cigar := parse_cigar(fields[3])):
            continue
        chrom, start = names.get(fields[0], fields[0]), int(fields[1]) - 1
        yield part_of(chrom, start, cigar, reverse=fields[2] == "-", mapq=int(fields[4]))


def alternatives(tag: str, names: dict[str, str]) -> Iterator[tuple[str, int, bool, list[tuple[int, str]]]]:
    """Places of the XA tag (chromosome, start, reverse strand, parsed cigar), in the order of the aligner."""
    for item in tag.rstrip(";").split(";"):
        fields = item.split(",")
        if len(fields) < 4 or not (cigar := parse_cigar(fields[2])) or not fields[1][1:].isdigit():
            continue
        yield names.get(fields[0], fields[0]), int(fields[1][1:]) - 1, fields[1][0] == "-", cigar


def junctions_of_read(own: Part, others: Sequence[Part]) -> Iterator[tuple[Breakend, Breakend, int, int, Part]]:
    """Junctions between one part of a read and its neighbours in the read.

    Gives the breakend of the part, that of the neighbour, how many bases both parts cover (microhomology; negative for
    bases that none covers), where in the read the later part begins, and the neighbour.
    """
    ordered = sorted((own, *others))
    for before, after in pairwise(ordered):
        shared = before.last - after.first
        if before is own:
            yield before.leaves, after.enters, shared, after.first, after
        elif after is own:
            yield after.enters, before.leaves, shared, after.first, before


COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")


def reverse_complement(sequence: str) -> str:
    """The other strand."""
    return sequence[::-1].translate(COMPLEMENT)
