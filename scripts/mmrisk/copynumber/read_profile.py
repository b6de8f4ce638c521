"""From counts to a profile around two copies: bias, segments, noise, baseline, purity. No file is touched."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.copynumber.alleles import AlleleShares, Sites, minor_copies, segment_shares
from mmrisk.copynumber.bias import Bins, arm_names, corrected, segment_sums, usable_bins, without_unread
from mmrisk.copynumber.counts import Counts, threshold
from mmrisk.copynumber.noise import Noise, measure_noise, merged
from mmrisk.copynumber.profile import ANCHORS, CODES, SAME_SD, Doubling, Profile, Sight, make_profile
from mmrisk.copynumber.purity import DOUBLED, PLAIN, Purity, Stretches, fit_purity
from mmrisk.genome import AUTOSOMES, CHROMOSOMES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was made of the counts: bins, their noise, the purity, the profile, and the ratio of its two copies."""

    bins: Bins
    noise: Noise
    purity: Purity
    profile: Profile
    baseline: float


@cache
def read_sight() -> Sight:
    """The sight of reads."""
    return Sight.from_table(threshold)


def fit_counts(
    counts: Counts, *, purity: float | None = None, panel: pd.DataFrame | None = None, sites: Sites | None = None
) -> Fitted:
    """Bins, segments, noise, purity and profile of counted reads.

    `panel` is a panel of normals for captures, `sites` are heterozygous sites for allele copies.
    """
    return fit_bins(corrected(usable_bins(counts, panel)), purity=purity, sites=sites)


def fit_bins(bins: Bins, *, purity: float | None = None, sites: Sites | None = None) -> Fitted:
    """Noise, purity and profile of segmented bins."""
    bins = without_unread(bins)
    noise = measure_noise(bins)
    bins = merged(bins, noise)
    frame = segment_table(bins)
    alleles = AlleleShares.unknown(len(frame))
    if sites is not None:
        codes = np.array([CODES[name] for name in frame["chrom"]])
        alleles = segment_shares(sites, codes, frame["start"].to_numpy(), frame["end"].to_numpy())
        # balanced segments decide the baseline
        frame["minor_copies"] = alleles.share * frame["copies"]
    plain = make_profile(frame, build=bins.build, purity_corrected=False)
    baseline = plain.baseline / 2
    if plain.problem or not baseline > 0:
        found = Purity("not_evaluable", detail="the unaltered level is unknown")
        plain = replace(plain, problem=plain.problem or "baseline_unclear")
        return Fitted(bins, noise, found, plain, np.nan)
    ratio = frame["copies"].to_numpy() / 2 / baseline
    sd = _segment_noise(bins, noise, ratio, baseline)
    stretches = _stretches(bins, ratio, sd, alleles)
    if stretches.contradictory:
        without = fit_bins(bins, purity=purity)
        warnings = (*without.profile.warnings, "alleles_contradict_depth")
        return replace(without, profile=replace(without.profile, warnings=warnings))
    found = fit_purity(stretches, given=purity)
    frame["copies"] = 2 * ratio
    frame["minor_copies"] = alleles.share * frame["copies"]
    profile = make_profile(frame, build=bins.build, purity_corrected=False, purity=found.step)
    if found.unaltered == PLAIN and (impossible := _impossible_losses(bins, profile, 2 * sd / profile.scale)):
        said = f"purity {found.value:.2f} {found.method}, but then {', '.join(impossible)} would have lost both copies"
        problem = "purity_contradicted" if purity is not None else ""
        fits = found.fits if purity is None else ()
        found = Purity("not_evaluable", fits=fits, detail=said, perhaps_doubled=found.perhaps_doubled)
        profile = make_profile(frame, build=bins.build, purity_corrected=False)
        profile = replace(profile, problem=problem, warnings=(*profile.warnings, *filter(None, [problem])))
    if found.unaltered == DOUBLED:
        profile = _doubled(profile, found)
    elif found.perhaps_doubled:
        unclear = (*profile.warnings, "doubling_unclear")
        profile = replace(profile, doubling=Doubling.UNCLEAR, doubling_detail=found.detail, warnings=unclear)
    scale, extra = profile.scale, found.unaltered - PLAIN
    minor, least = profile.minor, None
    if found.value:
        minor = minor_copies(alleles.share, profile.copies + extra, found.value)
        least = minor_copies(alleles.least, profile.copies + extra, found.value)
    profile = replace(
        profile,
        minor=minor,
        minor_least=least,
        sight=read_sight(),
        segment_noise=2 * sd / scale,
        noise=float(2 * np.median(sd) / scale),
        marker_noise=0.0,
        rounded=False,
        scale_error=found.step_error,
        purity_span=found.span,
        warnings=tuple(w for w in profile.warnings if w != "whole_copies_only"),
    )
    return Fitted(bins, noise, found, profile, baseline)


def _doubled(profile: Profile, found: Purity) -> Profile:
    """The profile of a doubled genome, whose copies are counted from four as if from two."""
    return replace(
        profile,
        doubling=Doubling.SHOWN,
        doubling_detail=found.detail,
        near_haploid=False,
        warnings=(*(w for w in profile.warnings if w != "near_haploid_genome"), "doubled_genome"),
    )


def segment_table(bins: Bins) -> pd.DataFrame:
    """Segments: chrom, start, end, copies of the material (two for a ratio of one), bins; allele copies unknown."""
    kept, expected, _ = segment_sums(bins)
    first = np.flatnonzero(np.diff(bins.label, prepend=-1))
    last = np.append(first[1:], len(bins.label)) - 1
    return pd.DataFrame(
        {
            "chrom": [CHROMOSOMES[code] for code in bins.chrom[first]],
            "start": bins.start[first],
            "end": bins.end[last],
            "copies": 2 * kept / expected,
            "minor_copies": np.nan,
            "major_copies": np.nan,
            "n_markers": np.bincount(bins.label).astype(float),
        }
    )


def segment_lengths(bins: Bins) -> Ints:
    """Length (bp) of the bins of each segment."""
    return np.asarray(np.bincount(bins.label, bins.end - bins.start), dtype=np.int64)


def _segment_noise(bins: Bins, noise: Noise, ratio: Floats, baseline: float) -> Floats:
    """Noise (sd) of the ratio of each segment to the baseline, the noise of the baseline included."""
    _, _, weight = segment_sums(bins)
    own = noise.of(weight, segment_lengths(bins)) / baseline * np.sqrt(np.maximum(ratio, 0.1))
    anchor = np.isin(bins.chrom, [CODES[name] for name in ANCHORS])
    length = float((bins.end - bins.start)[anchor].sum())
    base = float(noise.of(bins.weight[anchor].sum(), length)) if anchor.any() else 0.0
    # the baseline is a median over the anchors, less exact than a mean by a quarter
    return np.sqrt(own**2 + (1.25 * base / baseline) ** 2)


def _impossible_losses(bins: Bins, profile: Profile, sd: Floats) -> list[str]:
    """Arms with long segments of hardly any copy (`sd`: noise of the copies): no cell lives without them."""
    first = np.flatnonzero(np.diff(bins.label, prepend=-1))
    gone = (bins.chrom[first] < len(AUTOSOMES)) & (segment_lengths(bins) > threshold("longest_null"))
    gone &= profile.copies + SAME_SD * sd < threshold("null_copies")
    return [arm_names(bins.build)[number] for number in np.unique(bins.arm[first][gone])]


def _stretches(bins: Bins, ratio: Floats, sd: Floats, alleles: AlleleShares) -> Stretches:
    """Autosomal segments as the fit of the purity takes them."""
    first = np.flatnonzero(np.diff(bins.label, prepend=-1))
    every = Stretches(
        ratio=ratio,
        weight=segment_lengths(bins).astype(float),
        noise=sd,
        arm=bins.arm[first],
        chrom=bins.chrom[first],
        imbalance=ratio * (1 - 2 * alleles.share),
        imbalance_noise=np.hypot(sd, 2 * ratio * alleles.error),
    )
    return every.part(bins.chrom[first] < len(AUTOSOMES))
