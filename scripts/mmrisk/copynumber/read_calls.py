"""One BAM or CRAM to copy-number evidence, with segments, purity, arms and bins."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from mmrisk.alignments import Alignments, check_alignments, check_is_dna
from mmrisk.assays import AssayFile, Reading
from mmrisk.contracts import ARMS, BINS, PURITY, SEGMENTS
from mmrisk.copynumber.alleles import Sites, read_sites
from mmrisk.copynumber.bias import arm_names, arms_left_out, usable_bins
from mmrisk.copynumber.calls import DEFAULT_MIN_TRISOMIES, Assay, call_sample
from mmrisk.copynumber.clone_shares import judge, limit_at
from mmrisk.copynumber.counts import Counts, count_reads, from_index, threshold
from mmrisk.copynumber.focal import with_focal_limit
from mmrisk.copynumber.normals import read_panel
from mmrisk.copynumber.profile import weighted_quantile
from mmrisk.copynumber.read_profile import Fitted, fit_counts
from mmrisk.copynumber.tiles import mean_depth
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, arms

GENOMES = ("wgs", "lowpass")
METHOD = "reads"
WITHOUT_NORMALS = "copy number was not called: an exome or panel needs normals of the same assay"
LEAST_SLICES = 10
"""Slices of each chromosome from which the index of a CRAM counts its reads."""


def call_file(
    assay: AssayFile,
    *,
    tier: str = "auto",
    min_trisomies: int = DEFAULT_MIN_TRISOMIES,
    sex: str | None = None,
    threads: int = 1,
) -> Reading:
    """Evidence and segments of one file of reads; `others` are purity, arms and bins. Raises `InputError`.

    A capture of IG loci without normals is there for its junctions: it gives a note, and no copy number.
    """
    reads = check_alignments(assay.file, build=assay.build, reference=assay.reference)
    check_is_dna(reads)
    captured = assay.source not in GENOMES
    if captured and assay.normals is None and assay.ig_baits:
        return Reading((), pd.DataFrame(columns=SEGMENTS.names), notes=(WITHOUT_NORMALS,))
    targets = assay.targets if captured else None
    counts = count_reads(reads, tier=tier, source=assay.source, targets=targets, threads=threads)
    if counts.tier == "index" and reads.kind == "bam":
        raise InputError(
            Problem(
                file=assay.file.name,
                column="--tier",
                value="index",
                message="tells no more of a BAM than the reads of whole chromosomes",
                remedy="use sampled or full, or give a CRAM, whose index tells of arms",
            )
        )
    if not captured:
        check_is_genome(counts, assay)
    elif assay.normals is None:
        raise InputError(
            Problem(
                file=assay.file.name,
                column="normals",
                message="is missing: reads of an exome or panel mean nothing without normals of the same assay",
                remedy="build a panel of normals (kind normals, or build_normals.py) and name it",
            )
        )
    panel = read_panel(assay.normals, counts) if assay.normals else None
    if len(usable_bins(counts, panel).kept) < threshold("bins_least"):
        raise InputError(
            Problem(
                file=assay.file.name,
                message="leaves too few bins with reads that map uniquely",
                remedy="check the alignment, and that the panel of normals is of the same assay",
            )
        )
    sites = allele_sites(reads, counts, assay)
    fitted = fit_counts(counts, purity=assay.purity, panel=panel, sites=sites)
    found = called(fitted, counts, assay, min_trisomies=min_trisomies, sex=sex)
    return replace(found, notes=(*found.notes, *cross_check(counts, from_index(reads), kind=reads.kind)))


def allele_sites(reads: Alignments, counts: Counts, assay: AssayFile) -> Sites | None:
    """Heterozygous sites: those of the VCF, else those in the tiles of a BAM that is deep enough, else none."""
    if assay.snps:
        return read_sites(assay.snps, samples=_own_names(reads, assay))
    if counts.tier != "sampled" or reads.kind != "bam" or reads.index.suffix != ".bai":
        return None
    if mean_depth(reads) < threshold("sites_from"):
        return None
    from mmrisk.copynumber.tile_alleles import sites_in_tiles

    return sites_in_tiles(reads)


def _own_names(reads: Alignments, assay: AssayFile) -> tuple[str, ...]:
    """Names under which a VCF may hold the reads' own sample."""
    return (assay.variant_sample,) if assay.variant_sample else (*reads.samples, assay.sample_id)


def called(
    fitted: Fitted,
    counts: Counts,
    assay: AssayFile,
    *,
    min_trisomies: int = DEFAULT_MIN_TRISOMIES,
    sex: str | None = None,
) -> Reading:
    """Evidence and tables of what was fitted."""
    about = Assay(
        sample_id=assay.sample_id,
        assay_id=assay.assay_id,
        source=assay.source,
        method=f"{METHOD}_{counts.tier}",
        cell_selection=assay.cell_selection,
        purity=fitted.purity.value,
    )
    evidence = call_sample(fitted.profile, assay=about, min_trisomies=min_trisomies)
    who = {"sample_id": assay.sample_id, "assay_id": assay.assay_id}
    return Reading(
        tuple(_finished(item, fitted, counts.tier) for item in evidence),
        _segments(fitted, who),
        notes=(*_notes(fitted, counts, sex), *_missing(fitted, counts, assay)),
        others={"purity": _purity(fitted, who), "arms": _arms(fitted, who), "bins": _bins(fitted, who)},
    )


def cross_check(counts: Counts, index: Counts, *, kind: str = "bam") -> Iterator[str]:
    """Chromosomes on which the counts and the index of the file disagree: the index may be that of another file.

    The index of a thin CRAM has too few slices to count the reads of a chromosome.
    """
    if kind == "cram" and np.bincount(index.chrom, minlength=len(AUTOSOMES))[: len(AUTOSOMES)].min() < LEAST_SLICES:
        return
    chromosomes = [code for code in range(len(AUTOSOMES)) if (counts.chrom == code).any()]

    def rates(table: Counts) -> np.ndarray:
        reads, span = table.kept + table.low, np.maximum(table.span, 1)
        rate = np.array([reads[table.chrom == c].sum() / span[table.chrom == c].sum() for c in chromosomes])
        return rate / np.median(rate)

    if counts.tier == "index" or len(chromosomes) < 3 or not {*chromosomes} <= {*index.chrom}:
        return
    # sequence without reads is part of a chromosome to the index, but lies between the tiles of the counts
    apart = np.abs(rates(counts) - rates(index)) > threshold("index_apart")
    if apart.any():
        named = ", ".join(CHROMOSOMES[c] for c, far in zip(chromosomes, apart, strict=True) if far)
        yield f"index and reads disagree on chromosome {named}: run `samtools index` again"


def check_is_genome(counts: Counts, assay: AssayFile) -> None:
    """Refuse a panel or exome that is declared to be a genome: its reads lie in few bins."""
    rate = np.sort((counts.kept + counts.low) / np.maximum(counts.span, 1))
    fullest = rate[int(0.95 * len(rate)) :].sum() / max(rate.sum(), 1e-12)
    if fullest > threshold("concentrated"):
        raise InputError(
            Problem(
                file=assay.file.name,
                column="source",
                value=assay.source,
                message=f"is not what it is: {fullest:.0%} of the reads lie in 5 % of the genome, "
                "as in an exome or panel",
                remedy="write wes or panel as its source, and give a panel of normals",
            )
        )


def _notes(fitted: Fitted, counts: Counts, sex: str | None) -> Iterator[str]:
    if "alleles_contradict_depth" in fitted.profile.warnings:
        yield "alleles left out: they contradict the depth; are the sites those of this sample?"
    if fitted.purity.method == "not_evaluable":
        yield f"purity not evaluable: {fitted.purity.detail}"
    elif fitted.purity.value is not None and fitted.purity.value < threshold("purity_least"):
        yield f"purity {fitted.purity.value:.2f} is too low for calls"
    if sex is not None and (seen := sex_of(counts)) is not None and seen != sex:
        yield f"sex mismatch: the sheet says {sex}, the reads look like {seen}; is it the right sample?"
    if fitted.profile.problem:
        yield f"nothing called: {fitted.profile.problem}"


def _missing(fitted: Fitted, counts: Counts, assay: AssayFile) -> Iterator[str]:
    """Arms without reads in a file of the whole genome."""
    if assay.source in GENOMES and (arms_missing := arms_left_out(counts, fitted.bins)):
        yield f"no usable reads on {', '.join(arms_missing)}: is the file cut down?"


def sex_of(counts: Counts) -> str | None:
    """Sex by the coverage of X and Y; None where the clone may have lost a sex chromosome."""
    rates = {}
    for name, chosen in (("autosomes", counts.chrom < 22), ("X", counts.chrom == 22), ("Y", counts.chrom == 23)):
        rate = counts.kept[chosen & (counts.kept > 0)] / counts.span[chosen & (counts.kept > 0)]
        rates[name] = float(np.median(rate)) if len(rate) and chosen.sum() and len(rate) > 0.2 * chosen.sum() else 0.0
    if not rates["autosomes"] or not (counts.chrom == 22).any():
        return None
    if rates["Y"] >= threshold("male_y") * rates["autosomes"]:
        return "M"
    if (counts.chrom == 23).any() and rates["X"] >= threshold("female_x") * rates["autosomes"]:
        return "F"
    return None


def _finished(item: Evidence, fitted: Fitted, tier: str) -> Evidence:
    if tier == "index":
        item = replace(item, warnings=(*item.warnings, "preview_only"))
    return with_focal_limit(item, fitted)


def _segments(fitted: Fitted, who: dict[str, str]) -> pd.DataFrame:
    profile = fitted.profile
    frame = pd.DataFrame(
        {
            "chrom": [CHROMOSOMES[code] for code in profile.chrom],
            "start": profile.start,
            "end": profile.end,
            "copies": np.round(profile.raw, 6),
            "minor_copies": np.round(_minor_of_material(fitted), 6),
            "n_markers": profile.markers,
        }
    )
    return frame.assign(**who).reindex(columns=SEGMENTS.names)


def _minor_of_material(fitted: Fitted) -> np.ndarray:
    """Copies of the lesser allele on the scale of `raw`: those of tumour cells where the purity is known."""
    purity, minor = fitted.purity.value, fitted.profile.minor
    if not purity:
        return minor
    return (purity * minor + 1 - purity) * 2 / (2 + purity * (fitted.purity.unaltered - 2))


def _purity(fitted: Fitted, who: dict[str, str]) -> pd.DataFrame:
    found = fitted.purity
    rows: list[dict[str, object]] = []
    if found.method == "not_evaluable":
        rows.append({"method": found.method, "detail": found.detail})
    for number, fit in enumerate(found.fits):
        used = found.method != "not_evaluable" and number == 0
        rows.append(
            {
                "method": found.method,
                "purity": fit.purity,
                "purity_low": found.low if used else None,
                "purity_high": found.high if used else None,
                "ploidy": fit.ploidy,
                "unaltered_copies": fit.unaltered,
                "score": fit.score,
                "detail": found.detail,
            }
        )
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return pd.DataFrame(rows).assign(**who).reindex(columns=PURITY.names)


def _bins(fitted: Fitted, who: dict[str, str]) -> pd.DataFrame:
    bins, base = fitted.bins, fitted.baseline if np.isfinite(fitted.baseline) else 1.0
    frame = pd.DataFrame(
        {
            "chrom": [CHROMOSOMES[code] for code in bins.chrom],
            "start": bins.start,
            "end": bins.end,
            "reads": bins.kept,
            "copies": np.round(2 * bins.ratio / base, 4),
            "log2": np.round(bins.log_ratio - np.log2(base), 4),
            "weight": np.round(bins.weight, 2),
            "segment": bins.label + 1,
        }
    )
    return frame.assign(**who).reindex(columns=BINS.names)


def _arms(fitted: Fitted, who: dict[str, str]) -> pd.DataFrame:
    """Copies of each arm: what most of it has, the shares that are gained or lost, and what would have been seen."""
    profile, rows = fitted.profile, []
    for number, name in enumerate(arm_names(fitted.bins.build)):
        here = fitted.bins.arm == number
        if not here.any() or profile.problem:
            continue
        rows.append({"arm": name, "chrom": arms(fitted.bins.build)[name].chrom, **_arm(fitted, here)})
    return pd.DataFrame(rows).assign(**who).reindex(columns=ARMS.names)


def _arm(fitted: Fitted, here: np.ndarray) -> dict[str, object]:
    profile, bins = fitted.profile, fitted.bins
    segments = np.unique(bins.label[here])
    length = np.array([int((bins.end - bins.start)[here & (bins.label == s)].sum()) for s in segments])
    copies = profile.copies[segments]
    noise = (
        profile.segment_noise[segments] if profile.segment_noise is not None else np.full(len(segments), profile.noise)
    )
    main = int(np.flatnonzero(copies == weighted_quantile(copies, length, 0.5))[0])
    deviation = float(copies[main] - 2)
    finding = judge(abs(deviation), noise=float(noise[main]), firm=0.0, profile=profile)
    seen = finding.state == State.PRESENT
    gained = copies - 2 > profile.sight.seen_sd * noise
    lost = 2 - copies > profile.sight.seen_sd * noise
    return {
        "copies": max(0.0, float(copies[main])),
        "copies_low": max(0.0, float(copies[main] - 1.96 * noise[main])),
        "copies_high": max(0.0, float(copies[main] + 1.96 * noise[main])),
        "change": ("gain" if deviation > 0 else "loss") if seen else "none",
        "fraction": finding.fraction if seen else 0.0,
        "detection_limit": min(1.0, limit_at(float(noise[main]), profile.sight) * profile.purity_span[1]),
        "share_gained": float(length[gained].sum() / length.sum()),
        "share_lost": float(length[lost].sum() / length.sum()),
        "n_bins": int(here.sum()),
        "in_tumour_cells": profile.in_tumour_cells,
    }
