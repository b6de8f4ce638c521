"""Far sides on an alternative contig of an IG locus, moved to the place on the chromosome that the aligner names too.

Where the aligner was not told which contigs are alternative, a read of a sequence that both hold lies on either, with
mapping quality 0, and names the other in the tag XA.
"""

from collections.abc import Iterable
from dataclasses import replace

from mmrisk.genome import Interval, loci, parse_chrom
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.read_clues import SUPPLEMENTARY, UNUSABLE, Clue
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.split_reads import alternatives, part_of

OTHER_STRAND = {"+": "-", "-": "+"}


def settled(source: Source, clues: Iterable[Clue]) -> list[Clue]:
    """The clues, with far sides on alternative contigs of the chromosomes of IG loci moved where XA names a locus."""
    spans = [locus.span for locus in loci(source.build, "ig").values()]
    prefixes = tuple(f"chr{span.chrom}_" for span in spans)
    return [
        _moved(source, clue, spans) if clue.far.chrom.startswith(prefixes) and not parse_chrom(clue.far.chrom) else clue
        for clue in clues
    ]


def _moved(source: Source, clue: Clue, spans: Iterable[Interval]) -> Clue:
    start = clue.far_span[0]
    names = {contig: chrom for chrom, contig in source.contigs.items()}
    for read in source.handle.fetch(clue.far.chrom, start, start + 1):
        if read.query_name != clue.fragment or read.reference_start != start or not read.has_tag("XA"):
            continue
        if clue.is_pair and read.flag & (UNUSABLE | SUPPLEMENTARY):
            continue
        for chrom, place, reverse, cigar in alternatives(read.get_tag("XA"), names):
            part = part_of(chrom, place, cigar, reverse=reverse, mapq=0)
            if any(span.contains(chrom, part.start) for span in spans):
                strand = clue.far.strand if reverse == read.is_reverse else OTHER_STRAND[clue.far.strand]
                left = strand == "+"
                return replace(
                    clue,
                    far=Breakend(chrom, part.end - 1 if left else part.start, strand),
                    far_span=(part.start, part.end),
                    far_outer=part.start if left else part.end,
                    far_mapq=0,
                    settled=True,
                )
    return clue
