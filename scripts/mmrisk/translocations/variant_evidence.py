"""Junctions of one sample to evidence on IG and MYC translocations, and to the table of breakpoints."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.capabilities import dilution, proves_absence, sees
from mmrisk.contracts import BREAKPOINTS
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State
from mmrisk.genome import loci
from mmrisk.tables import join
from mmrisk.translocations.annotation import NSD2_EVENT, annotation_columns, derivative_name, nsd2_class
from mmrisk.translocations.junctions import UNFILTERED, VariantFile
from mmrisk.translocations.shares import share_columns
from mmrisk.translocations.variants import read_variant_file
from mmrisk.translocations.windows import (
    EVENT_OF_WINDOW,
    IGH,
    IGH_OTHER,
    LIGHT_CHAIN,
    PRIMARY_PARTNERS,
    Break,
    find_breaks,
)

DEFAULT_MIN_FRAGMENTS = 3
SOURCES = ("wgs", "wes", "panel", "lowpass")
BUILDS = ("GRCh38", "GRCh37")
NSD2_DISRUPTION = "nsd2_disruption"
MAF_EVENT, MAF_WINDOWS = "maf_activated", ("MAF", "MAFB")
EVENTS = (*EVENT_OF_WINDOW.values(), LIGHT_CHAIN, IGH_OTHER, MAF_EVENT)
SHOWN_BREAKS = 5


def read_variant_evidence(
    assay: AssayFile,
    *,
    files: Sequence[AssayFile] = (),
    min_fragments: int = DEFAULT_MIN_FRAGMENTS,
    variant_sample: str | None = None,
) -> Reading:
    """Evidence and breakpoints (contract BREAKPOINTS) of one sample; `files` are more callers' files of it.

    Raises `InputError`.
    """
    _check(assay)
    read = [
        read_variant_file(
            item.file,
            build=assay.build,
            sample_id=assay.sample_id,
            variant_sample=item.variant_sample or variant_sample,
            others=item.others,
        )
        for item in (assay, *files)
    ]
    if assay.source == "wgs" and not any(file.junctions for file in read):
        raise InputError(
            Problem(
                file=assay.file.name,
                message="holds no junction at all, which no whole genome has",
                remedy="give the caller's complete output, before any filter by region",
            )
        )
    breaks, left_out = find_breaks((junction for file in read for junction in file.junctions), build=assay.build)
    evidence = tuple(
        item for event in EVENTS for item in _event_evidence(event, breaks, left_out, read, assay, min_fragments)
    )
    evidence += tuple(_nsd2_evidence(breaks, assay, min_fragments))
    return Reading(evidence, _breakpoint_table(breaks, assay), tuple(note for file in read for note in file.notes))


def _check(assay: AssayFile) -> None:
    problem = None
    if assay.names_its_samples:
        problem = ("sample_id", "*", "names no sample", "name the sample of each file of variants")
    elif assay.source not in SOURCES:
        problem = ("source", assay.source, "makes no structural variants", f"use one of {', '.join(SOURCES)}")
    elif assay.build not in BUILDS:
        remedy = "lift the variants over to GRCh38 or GRCh37"
        problem = ("build", assay.build, "has no coordinates of the partner windows", remedy)
    elif assay.purity == 0:
        problem = ("purity", "0", "leaves no tumour cells to speak of", "give a share above 0, or none")
    if problem:
        column, value, message, remedy = problem
        raise InputError(Problem(file=assay.file.name, column=column, value=value, message=message, remedy=remedy))


def breaks_of(event: str, breaks: Sequence[Break]) -> list[Break]:
    """Breaks that speak for an event; MAF and MAFB are activated by any IG locus."""
    if event == MAF_EVENT:
        return [item for item in breaks if item.best.partner in MAF_WINDOWS]
    return [item for item in breaks if item.event == event]


def _event_evidence(
    event: str,
    breaks: Sequence[Break],
    left_out: Counter[str],
    read: Sequence[VariantFile],
    assay: AssayFile,
    min_fragments: int,
) -> Iterator[Evidence]:
    """Evidence on one event; none where nothing is seen and the assay could not have seen it."""
    found = breaks_of(event, breaks)
    firm = [item for item in found if _reason_for_doubt(item, min_fragments) is None]
    if firm:
        yield _present(event, firm, assay)
    elif found:
        reasons = sorted({_reason_for_doubt(item, min_fragments) or "" for item in found})
        detail = f"{_describe(found)}; not counted: {', '.join(reasons)}"
        yield _evidence(event, State.NOT_EVALUABLE, assay, _method(found), detail, warnings=tuple(reasons))
    elif not (
        sees(assay.source, event, ig_baits=assay.ig_baits)
        and proves_absence(assay.source, event, ig_baits=assay.ig_baits)
    ):
        return
    elif missing := _undeclared(event, read, assay.build):
        detail = f"the header does not declare chromosome {', '.join(missing)}"
        yield _evidence(event, State.NOT_EVALUABLE, assay, _callers(read), detail, warnings=("not_covered",))
    else:
        counted = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))
        detail = f"no junction; left out at IG loci and MYC: {counted or 'none'}"
        diluted = dilution(assay.cell_selection, purity=assay.purity)
        state = State.NOT_EVALUABLE if diluted else State.ABSENT
        yield _evidence(event, state, assay, _callers(read), detail, warnings=(diluted,) if diluted else ())


def _nsd2_evidence(breaks: Sequence[Break], assay: AssayFile, min_fragments: int) -> Iterator[Evidence]:
    """What a t(4;14) did to NSD2, by where it breaks."""
    firm = [item for item in breaks_of(NSD2_EVENT, breaks) if _reason_for_doubt(item, min_fragments) is None]
    name, outcome = nsd2_class([item.best for item in firm], build=assay.build)
    if name:
        state = State.ABSENT if name == "none" else State.PRESENT
        yield _evidence(NSD2_DISRUPTION, state, assay, _method(firm), f"{name} disruption: {outcome}")


def _reason_for_doubt(item: Break, min_fragments: int) -> str | None:
    junction = item.best.junction
    if not junction.passes:
        return "filter_" + "_".join(name for name in junction.filters if name != UNFILTERED)
    if junction.fragments is not None and junction.fragments < min_fragments:
        return "few_fragments"
    return None


def _present(event: str, firm: Sequence[Break], assay: AssayFile) -> Evidence:
    best = max(firm, key=lambda item: item.best.junction.fragments or 0)
    junction, end = best.best.junction, best.best.partner_end
    warnings = []
    if all(item.fish_visible is False for item in firm):
        warnings.append("fish_cryptic")
    if junction.filters:
        warnings.append("unfiltered")
    if junction.fragments is None:
        warnings.append("fragments_unknown")
    if event == IGH_OTHER and all(":" in item.best.partner for item in firm):
        warnings.append("unlisted_partner")
    return _evidence(
        event,
        State.PRESENT,
        assay,
        _method(firm),
        _describe(firm),
        locus=f"{end.chrom}:{end.position}-{end.position + 1}",
        support=junction.fragments,
        warnings=tuple(warnings),
        **share_columns(junction.fragments, junction.reference, assay.purity),
    )


def _describe(found: Sequence[Break]) -> str:
    ordered = sorted(found, key=lambda item: -(item.best.junction.fragments or 0))
    shown = [
        f"{hit.donor} {hit.donor_end.chrom}:{hit.donor_end.position + 1} to "
        f"{hit.partner} {hit.partner_end.chrom}:{hit.partner_end.position + 1} ("
        + ("" if hit.junction.fragments is None else f"{hit.junction.fragments} fragments, ")
        + f"{len(item.callers)} {'caller' if len(item.callers) == 1 else 'callers'})"
        for item in ordered[:SHOWN_BREAKS]
        for hit in (item.best,)
    ]
    more = len(found) - SHOWN_BREAKS
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _method(found: Sequence[Break]) -> str:
    return join(caller for item in found for caller in item.callers) or ""


def _callers(read: Sequence[VariantFile]) -> str:
    return join(file.caller for file in read) or ""


def _undeclared(event: str, read: Sequence[VariantFile], build: str) -> list[str]:
    """Chromosomes of the event that a header leaves out of its list."""
    windows = {name for name, made in EVENT_OF_WINDOW.items() if made == event} or {
        LIGHT_CHAIN: PRIMARY_PARTNERS,
        MAF_EVENT: set(MAF_WINDOWS),
    }.get(event, set())
    ig = {"IGK", "IGL"} if event == LIGHT_CHAIN else {IGH} if event != MAF_EVENT else {IGH, "IGK", "IGL"}
    places = [loci(build, "partner_window")[name] for name in windows] + [loci(build, "ig")[name] for name in ig]
    needed = {place.span.chrom for place in places}
    declared = [file.chromosomes for file in read if file.chromosomes]
    return sorted(chrom for chrom in needed if any(chrom not in chromosomes for chromosomes in declared))


def _evidence(event: str, state: State, assay: AssayFile, method: str, detail: str, **values: object) -> Evidence:
    return assay.evidence(event, state, method=method, detail=detail, **values)


def _breakpoint_table(breaks: Sequence[Break], assay: AssayFile) -> pd.DataFrame:
    rows = [_breakpoint(item, assay) for item in breaks]
    return pd.DataFrame(rows, columns=BREAKPOINTS.names, dtype=object)


def _breakpoint(item: Break, assay: AssayFile) -> dict[str, object]:
    hit = item.best
    return {
        "sample_id": assay.sample_id,
        "assay_id": assay.assay_id,
        "event": item.event,
        "build": assay.build,
        "donor": hit.donor,
        "donor_chrom": hit.donor_end.chrom,
        "donor_position": hit.donor_end.position,
        "partner": hit.partner,
        "partner_chrom": hit.partner_end.chrom,
        "partner_position": hit.partner_end.position,
        "callers": join(item.callers),
        "support": hit.junction.fragments,
        "reference": hit.junction.reference,
        "derivative": derivative_name(hit.donor_end, hit.partner_end, build=assay.build),
        "filters": join(hit.junction.filters),
        **annotation_columns(hit, build=assay.build),
    }
