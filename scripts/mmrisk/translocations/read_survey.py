"""The regions of a file that are read first: partner windows of all events, and the IGH locus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmrisk.genome import loci
from mmrisk.translocations.annotation import SWITCH, ig_features
from mmrisk.translocations.noise import Library, library_of
from mmrisk.translocations.read_clues import PAIR, SUPPLEMENTARY, UNUSABLE, WITHIN_LOCUS, Scan, scan
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH


@dataclass(frozen=True, slots=True)
class Survey:
    """Scans of the partner windows by name and of the IGH locus, and the library.

    `loose` is the share of reads without a place of their own (mapping quality 0) where IGH breaks most: in switch
    regions and J genes.
    """

    windows: dict[str, Scan]
    igh: Scan
    library: Library
    loose: float = 0.0

    @property
    def touched(self) -> int:
        """Records that were read."""
        return sum(one.touched for one in self.windows.values()) + self.igh.touched

    @property
    def sees_junctions(self) -> bool:
        """Whether any fragment joins distant places: some of every library do, by chance alone.

        Of pairs, one that does must be there, since `samtools view -f 2` keeps split reads; of single reads, a split.
        """
        scans = (*self.windows.values(), self.igh)
        paired = any(one.lengths for one in scans)
        return any(clue.kind == PAIR or not paired for one in scans for clue in one.clues if one.joins_far(clue))


def survey(handle: Any, *, contigs: Mapping[str, str], build: str) -> Survey:
    """Read the windows of all events and the IGH locus: 14 Mb, nothing else."""
    mapq = whole("partner_mapq")
    spans = {name: locus.span for name, locus in loci(build, "partner_window").items() if name in EVENT_OF_WINDOW}
    windows = {name: scan(handle, span, contigs=contigs, min_mapq=mapq) for name, span in spans.items()}
    igh = scan(handle, loci(build, "ig")[IGH].span, contigs=contigs, min_mapq=0, apart=WITHIN_LOCUS)
    return Survey(windows, igh, library_of(list(windows.values())), loose_share(handle, contigs=contigs, build=build))


def loose_share(handle: Any, *, contigs: Mapping[str, str], build: str) -> float:
    """Share of the reads of switch regions and J genes that have no place of their own."""
    reads = loose = 0
    for item in ig_features(build):
        contig = contigs.get(item.span.chrom)
        if contig is None or not (item.kind == SWITCH or item.name == "JH"):
            continue
        for read in handle.fetch(contig, item.span.start, item.span.end):
            if not read.flag & (UNUSABLE | SUPPLEMENTARY):
                reads += 1
                loose += read.mapping_quality == 0
    return loose / reads if reads else 0.0
