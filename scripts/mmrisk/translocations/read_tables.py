"""Calls from reads as tables: breakpoints, the reads behind them, rearrangements of IGH."""

from collections.abc import Iterator, Sequence

import pandas as pd

from mmrisk.assays import AssayFile
from mmrisk.contracts import BREAKPOINT_READS, BREAKPOINTS, IG_REARRANGEMENTS
from mmrisk.tables import join
from mmrisk.translocations.annotation import annotation_columns, feature_name
from mmrisk.translocations.read_calls import CALLER, Call
from mmrisk.translocations.read_clues import SPLIT
from mmrisk.translocations.rearrangements import Rearrangement
from mmrisk.translocations.shares import allele_share, clone_share
from mmrisk.translocations.windows import IGH

SHOWN_FRAGMENTS = 60
"""Fragments of a junction whose reads are kept for drawing."""


def breakpoint_table(calls: Sequence[Call], assay: AssayFile, copies: dict[str, float]) -> pd.DataFrame:
    """All calls (contract BREAKPOINTS), with what does not count and why."""
    rows = [_breakpoint(call, assay, copies.get(call.hit.partner, 2.0)) for call in calls]
    return pd.DataFrame(rows, columns=BREAKPOINTS.names, dtype=object)


def _breakpoint(call: Call, assay: AssayFile, copies: float) -> dict[str, object]:
    hit, found = call.hit, call.junction
    return {
        "sample_id": assay.sample_id,
        "assay_id": assay.assay_id,
        "event": hit.event,
        "build": assay.build,
        "donor": hit.donor,
        "donor_chrom": hit.donor_end.chrom,
        "donor_position": hit.donor_end.position,
        "partner": hit.partner,
        "partner_chrom": hit.partner_end.chrom,
        "partner_position": hit.partner_end.position,
        "callers": CALLER,
        "support": found.fragments,
        "pairs": found.pairs,
        "splits": found.splits,
        "reference": found.reference,
        "exact": found.exact,
        "donor_placed": found.donor_placed,
        "homology": found.homology or None,
        "inserted": found.inserted or None,
        "derivative": call.derivative,
        "other_derivative": call.other,
        "through": join(f"{end.chrom}:{end.position + 1}" for end in found.through),
        "filters": join(call.reasons),
        **annotation_columns(hit, build=assay.build),
        **_shares(call, assay, copies),
    }


def _shares(call: Call, assay: AssayFile, copies: float) -> dict[str, object]:
    if call.junction.reference is None or not call.junction.fragments:
        return {}
    allele = allele_share(call.junction.fragments, call.junction.reference)
    columns: dict[str, object] = {
        "allele_fraction": allele.value,
        "allele_fraction_low": allele.low,
        "allele_fraction_high": allele.high,
    }
    if assay.purity:
        clone = clone_share(allele, purity=assay.purity, copies=copies, span=assay.purity_span)
        columns |= {
            "clone_fraction": clone.value,
            "clone_fraction_low": clone.low,
            "clone_fraction_high": clone.high,
        }
    return columns


def reads_table(calls: Sequence[Call], assay: AssayFile) -> pd.DataFrame:
    """Reads of the junctions that count (contract BREAKPOINT_READS)."""
    rows: list[dict[str, object]] = []
    used: dict[tuple[str, str], int] = {}
    for call in calls:
        if not call.counts:
            continue
        key = call.hit.event, call.derivative
        used[key] = used.get(key, 0) + 1
        label = call.derivative if used[key] == 1 else f"{call.derivative}.{used[key]}"
        base = {"sample_id": assay.sample_id, "assay_id": assay.assay_id, "event": call.hit.event, "derivative": label}
        rows += [base | row for row in _reads(call)]
    return pd.DataFrame(rows, columns=BREAKPOINT_READS.names, dtype=object)


def _reads(call: Call) -> Iterator[dict[str, object]]:
    found = call.junction
    sides = {"partner": found.partner, "donor": found.donor}
    number = 0

    def row(side: str, span: tuple[int, int], kind: str, mapq: int | None, *, strand: str | None) -> dict[str, object]:
        return {
            "fragment": number,
            "side": side,
            "chrom": sides[side].chrom,
            "start": span[0],
            "end": span[1],
            "strand": strand,
            "kind": kind,
            "mapq": mapq,
            "breakpoint": sides[side].position,
        }

    for clue in found.clues[:SHOWN_FRAGMENTS]:
        number += 1
        kind = "split" if clue.kind == SPLIT else "pair"
        if clue.near.chrom == found.partner.chrom:
            yield row("partner", clue.span, kind, clue.mapq, strand=clue.near.strand)
        if clue.far.chrom == found.donor.chrom:
            yield row("donor", clue.far_span, kind, clue.far_mapq, strand=clue.far.strand)
    for clip in found.clipped[: max(0, SHOWN_FRAGMENTS - number)]:
        number += 1
        at_partner = (clip.place.chrom, clip.place.strand) == (found.partner.chrom, found.partner.strand)
        yield row("partner" if at_partner else "donor", clip.span, "clip", clip.mapq, strand=clip.place.strand)
    for span in found.reference_spans:
        number += 1
        yield row("partner", span, "reference", None, strand=None)


def rearrangement_table(found: Sequence[Rearrangement], assay: AssayFile) -> pd.DataFrame:
    """Rearrangements inside IGH (contract IG_REARRANGEMENTS)."""
    rows = [
        {
            "sample_id": assay.sample_id,
            "assay_id": assay.assay_id,
            "locus": IGH,
            "build": assay.build,
            "first_position": item.first.position,
            "first_strand": item.first.strand,
            "first_feature": feature_name(item.first, build=assay.build) or None,
            "second_position": item.second.position,
            "second_strand": item.second.strand,
            "second_feature": feature_name(item.second, build=assay.build) or None,
            "kind": item.kind,
            "support": item.fragments,
        }
        for item in found
    ]
    return pd.DataFrame(rows, columns=IG_REARRANGEMENTS.names, dtype=object)
