"""IG and MYC translocations of one file of reads: evidence and all tables that go with it."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pysam

from mmrisk.alignments import Alignments, check_alignments, check_is_dna
from mmrisk.assays import AssayFile
from mmrisk.contracts import ARTEFACT_SPOTS, PURITY, SEGMENTS
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence
from mmrisk.genome import Interval, loci
from mmrisk.one_file import of_one_file
from mmrisk.tables import read_table
from mmrisk.translocations.limits import event_limits
from mmrisk.translocations.read_calls import calls_of
from mmrisk.translocations.read_evidence import Setting, read_evidence
from mmrisk.translocations.read_search import Search, search
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey, survey
from mmrisk.translocations.read_tables import breakpoint_table, reads_table, rearrangement_table
from mmrisk.translocations.rearrangements import find_rearrangements
from mmrisk.translocations.shares import Share
from mmrisk.translocations.variant_evidence import BUILDS
from mmrisk.translocations.windows import EVENT_OF_WINDOW


@dataclass(frozen=True, slots=True)
class Found:
    """What one file of reads gave: evidence, tables (contracts BREAKPOINTS, BREAKPOINT_READS, IG_REARRANGEMENTS)."""

    evidence: tuple[Evidence, ...]
    breakpoints: pd.DataFrame
    reads: pd.DataFrame
    rearrangements: pd.DataFrame
    touched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What other runs of the package give: spots of false junctions, copies of the partner windows."""

    spots: tuple[Interval, ...] | None = None
    copies: dict[str, float] | None = None


def find_translocations(assay: AssayFile, beside: Beside | None = None) -> Found:
    """Call one BAM or CRAM. Raises `InputError`.

    The build is that of the header. With a matched normal or spots, partners of IGH that are not listed count.
    """
    beside = beside or Beside()
    alignments = checked(assay.file, build=assay.build, reference=assay.reference)
    assay = replace(assay, build=alignments.build)
    fasta = pysam.FastaFile(str(assay.reference)) if assay.reference else None
    normal = None
    if assay.matched_normal:
        normal = checked(assay.matched_normal, build=alignments.build, reference=assay.reference)
    try:
        return _read(alignments, normal, assay, beside, fasta)
    except OSError as error:
        raise InputError(
            Problem(
                file=assay.file.name,
                message=f"cannot be decoded ({error})",
                remedy="give the FASTA of the reads as reference if it is a CRAM, or copy the file again",
            )
        ) from None


def _read(
    alignments: Alignments, normal: Alignments | None, assay: AssayFile, beside: Beside, fasta: pysam.FastaFile | None
) -> Found:
    """Read and conclude; the matched normal, where there is one, is looked at beside each junction."""
    with alignments.open() as handle, normal.open() if normal else nullcontext() as normal_handle:
        found = survey(handle, contigs=alignments.names, build=alignments.build)
        source = Source(handle, alignments.names, alignments.build, found.library, fasta)
        against = Source(normal_handle, normal.names, normal.build, found.library) if normal else None
        result = search(source, found, spots=beside.spots or (), normal=against)
        filtered = bool(beside.spots or normal)
        return conclude(source, found, result, assay, copies=beside.copies or {}, filtered=filtered)


def conclude(
    source: Source, found: Survey, result: Search, assay: AssayFile, *, copies: dict[str, float], filtered: bool
) -> Found:
    """Evidence and tables of a finished search."""
    build = source.build
    calls = calls_of(result.candidates, build=build, filtered_by_normals=filtered, sees_junctions=found.sees_junctions)
    limits = event_limits(source, found, result.needed, assay)
    return Found(
        read_evidence(calls, Setting(assay, limits, copies)),
        breakpoint_table(calls, assay, copies),
        reads_table(calls, assay),
        rearrangement_table(find_rearrangements(found, build=build), assay),
        found.touched,
    )


def checked(path: Path, *, build: str, reference: Path | None) -> Alignments:
    """A file of DNA reads of a build that has partner windows. Raises `InputError`."""
    alignments = check_alignments(path, build=build or None, reference=reference)
    check_is_dna(alignments)
    if alignments.build not in BUILDS:
        raise InputError(
            Problem(
                file=path.name,
                column="build",
                value=alignments.build,
                message="has no coordinates of the partner windows",
                remedy="align to GRCh38 or GRCh37",
            )
        )
    return alignments


def read_spots(path: Path, *, build: str) -> tuple[Interval, ...]:
    """Spots of one build from a table of artefact spots (contract ARTEFACT_SPOTS). Raises `InputError`."""
    frame = read_table(path, ARTEFACT_SPOTS)
    rows = frame[frame["build"] == build].itertuples()
    return tuple(Interval(str(row.chrom), int(row.start), int(row.end)) for row in rows)


def read_purity(path: Path, *, sample_id: str, assay_id: str) -> Share | None:
    """Purity of the best fit of a data file with its interval (contract PURITY); None where the data could not tell.

    Another data file of the sample stands in only where it is the only one: material and selection differ.
    """
    frame = read_table(path, PURITY)
    best = frame[(frame["sample_id"] == sample_id) & (frame["rank"] == 1)]
    own = best[best["assay_id"] == assay_id]
    chosen = own if len(own) or best["assay_id"].nunique() > 1 else best
    known = chosen[chosen["purity"] > 0]
    if known.empty:
        return None
    fit = known.iloc[0]
    low, high = (fit["purity"] if pd.isna(fit[name]) else fit[name] for name in ("purity_low", "purity_high"))
    return Share(float(fit["purity"]), float(low), float(high)) if low > 0 else None


def read_copies(path: Path, *, sample_id: str, assay_id: str, build: str, purity: float | None) -> dict[str, float]:
    """Copies in tumour cells at each partner window (contract SEGMENTS, whose copies are those of the material).

    Segments are those of the file itself, else of the first other file of the sample by name.
    """
    frame = read_table(path, SEGMENTS)
    frame = of_one_file(frame[frame["sample_id"] == sample_id], assay_id)
    found = {}
    for name in EVENT_OF_WINDOW:
        span = loci(build, "partner_window")[name].span
        copies = _weighted_copies(frame[frame["chrom"] == span.chrom], span)
        if copies is not None and purity:
            found[name] = max(1.0, (copies - 2 * (1 - purity)) / purity)
    return found


def _weighted_copies(segments: pd.DataFrame, span: Interval) -> float | None:
    """Mean copies over a span, weighted by overlap."""
    parts: Sequence[tuple[int, float]] = [
        (span.overlap(Interval(str(row.chrom), int(row.start), int(row.end))), float(row.copies))
        for row in segments.dropna(subset=["copies"]).itertuples()
    ]
    total = sum(length for length, _ in parts)
    return sum(length * copies for length, copies in parts) / total if total else None
