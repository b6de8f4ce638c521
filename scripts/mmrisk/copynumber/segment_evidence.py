"""One file of segments to evidence and segments: reading, profile of each sample, calls."""

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.contracts import SEGMENTS
from mmrisk.copynumber.calls import DEFAULT_MIN_TRISOMIES, Assay, call_sample
from mmrisk.copynumber.profile import make_profile
from mmrisk.copynumber.segment_files import SegmentFile, read_segment_file
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence

SOURCES = ("array", "wgs", "wes", "panel", "lowpass")


def read_segment_evidence(assay: AssayFile, *, min_trisomies: int = DEFAULT_MIN_TRISOMIES) -> Reading:
    """Evidence and segments (contract SEGMENTS) of every sample of one file. Raises `InputError`."""
    _check(assay)
    read = read_segment_file(
        assay.file,
        build=assay.build,
        format_name=assay.format_name,
        columns=assay.columns,
        sample_id=None if assay.names_its_samples else assay.sample_id,
    )
    evidence: list[Evidence] = []
    for sample_id, segments in read.segments.groupby("sample_id", sort=False):
        evidence += _call(str(sample_id), segments, read, assay, min_trisomies)
    frame = read.segments.assign(assay_id=assay.assay_id, in_tumour_cells=_corrected(read, assay)).reindex(
        columns=SEGMENTS.names
    )
    return Reading(tuple(evidence), frame.round({"copies": 6, "minor_copies": 6}), read.notes)


def _call(
    sample_id: str, segments: pd.DataFrame, read: SegmentFile, assay: AssayFile, min_trisomies: int
) -> list[Evidence]:
    profile = make_profile(segments, build=assay.build, purity_corrected=_corrected(read, assay), purity=assay.purity)
    about = Assay(
        sample_id=sample_id,
        assay_id=assay.assay_id,
        source=assay.source,
        method=read.layout,
        cell_selection=assay.cell_selection,
        purity=assay.purity,
    )
    return call_sample(profile, assay=about, min_trisomies=min_trisomies)


def _corrected(read: SegmentFile, assay: AssayFile) -> bool:
    """Whether copies are those of tumour cells: as the sheet says, else as the format has it."""
    return read.purity_corrected if assay.purity_corrected is None else assay.purity_corrected


def _check(assay: AssayFile) -> None:
    if assay.source not in SOURCES:
        raise InputError(
            Problem(
                file=assay.file.name,
                column="source",
                value=assay.source,
                message="makes no copy-number segments",
                remedy=f"use one of {', '.join(SOURCES)}",
            )
        )
    if assay.purity == 0:
        raise InputError(
            Problem(
                file=assay.file.name,
                column="purity",
                value="0",
                message="leaves no tumour cells to speak of",
                remedy="give a share above 0, or none where it is unknown",
            )
        )
