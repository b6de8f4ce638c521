"""The regions of a file that are read first: partner windows of all events, and the IGH locus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmrisk.genome import loci
from mmrisk.translocations.noise import Library, library_of
from mmrisk.translocations.read_clues import WITHIN_LOCUS, Scan, scan
from mmrisk.translocations.thresholds import whole
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH


@dataclass(frozen=True, slots=True)
class Survey:
    """Scans of the partner windows by name and of the IGH locus, and the library."""

    windows: dict[str, Scan]
    igh: Scan
    library: Library

    @property
    def touched(self) -> int:
        """Records that were read."""
        return sum(one.touched for one in self.windows.values()) + self.igh.touched


def survey(handle: Any, *, contigs: Mapping[str, str], build: str) -> Survey:
    """Read the windows of all events and the IGH locus: 14 Mb, nothing else."""
    mapq = whole("partner_mapq")
    spans = {name: locus.span for name, locus in loci(build, "partner_window").items() if name in EVENT_OF_WINDOW}
    windows = {name: scan(handle, span, contigs=contigs, min_mapq=mapq) for name, span in spans.items()}
    igh = scan(handle, loci(build, "ig")[IGH].span, contigs=contigs, min_mapq=0, apart=WITHIN_LOCUS)
    return Survey(windows, igh, library_of(list(windows.values())))
