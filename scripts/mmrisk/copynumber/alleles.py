"""Allele shares of segments from heterozygous sites of a VCF: loss of heterozygosity, also without loss of copies."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from mmrisk.copynumber.counts import threshold
from mmrisk.errors import InputError, Problem
from mmrisk.genome import CHROMOSOMES, parse_chrom

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SHARES = np.linspace(0.005, 0.5, 100)


@dataclass(frozen=True, slots=True)
class Sites:
    """Heterozygous sites, sorted: chromosome number, 0-based position, reads of the other allele, reads of both.

    `least` reads of each allele were needed to find a site (0: found by other means).
    """

    chrom: Ints
    position: Ints
    alternative: Ints
    depth: Ints
    least: int = 0


@dataclass(frozen=True, slots=True)
class AlleleShares:
    """Share of the lesser allele of each segment, and the least that fits as well; NaN where few sites tell."""

    share: Floats
    least: Floats

    @classmethod
    def unknown(cls, number: int) -> "AlleleShares":
        """Shares of segments without sites."""
        return cls(np.full(number, np.nan), np.full(number, np.nan))

    @property
    def error(self) -> Floats:
        """Standard error: the likelihood of the least share is lower by so many units, as of a normal distribution."""
        return (self.share - self.least) / np.sqrt(2 * threshold("balanced_support"))


def read_sites(path: Path, *, samples: tuple[str, ...] = ()) -> Sites:
    """Heterozygous single-base sites (GT 0/1, AD) of a VCF or BCF. Raises `InputError`.

    `samples` are the names of the reads' own sample, to pick it among several of the VCF.
    """
    import pysam

    rows: list[tuple[int, int, int, int]] = []
    try:
        with pysam.VariantFile(str(path)) as handle:
            name = _sample(path, list(handle.header.samples), samples)
            for record in handle:
                chrom, call = parse_chrom(record.contig), record.samples[name]
                if chrom is None or record.alts is None or len(record.alts) != 1 or len(record.alts[0]) != 1:
                    continue
                if len(record.ref or "") != 1 or sorted(a for a in call.get("GT", ()) if a is not None) != [0, 1]:
                    continue
                counts = tuple(call.get("AD", ()) or ())
                if len(counts) == 2 and None not in counts and sum(counts) >= threshold("site_depth"):
                    rows.append((CHROMOSOMES.index(chrom), record.start, counts[1], sum(counts)))
    except (OSError, ValueError) as error:
        raise _problem(
            path, f"cannot be read as VCF or BCF ({error})", "give the germline calls of the sample"
        ) from None
    if not rows:
        raise _problem(path, "holds no heterozygous site with reads of both alleles (GT, AD)", "call germline variants")
    table = np.array(sorted(rows), dtype=np.int64)
    return sites_of(table)


def sites_of(table: Ints, *, least: int = 0) -> Sites:
    """Sites from rows of chromosome number, position, reads of one allele, reads of both."""
    chrom, position, alternative, depth = np.ascontiguousarray(table.T)
    return Sites(chrom, position, alternative, depth, least)


def _sample(path: Path, names: list[str], wanted: tuple[str, ...]) -> str:
    if len(names) == 1:
        return names[0]
    found = [name for name in names if name in wanted]
    if len(found) == 1:
        return found[0]
    raise _problem(
        path, f"holds {len(names)} samples, and not one of them has the name of the reads", "keep the one of the reads"
    )


def _problem(path: Path, message: str, remedy: str) -> InputError:
    return InputError(Problem(file=path.name, column="snps", message=message, remedy=remedy))


def lesser_share(alternative: Ints, depth: Ints, *, least: int = 0) -> tuple[float, float]:
    """Share of the lesser allele over some sites by maximum likelihood, and the smallest share that fits as well.

    The share is 0.5 where that fits as well; both are NaN for few sites. Which allele is the lesser differs between
    sites, so that each counts both ways. `least` says how many reads of each allele a site had to have to be found:
    likelihoods are those of sites that were found.
    """
    if len(depth) < threshold("sites_least"):
        return np.nan, np.nan
    share = SHARES[:, None]
    one = alternative * np.log(share) + (depth - alternative) * np.log1p(-share)
    other = (depth - alternative) * np.log(share) + alternative * np.log1p(-share)
    total = np.logaddexp(one, other).sum(axis=1)
    if least:
        depths, count = np.unique(depth, return_counts=True)
        found = binom.sf(least - 1, depths, share) - binom.sf(depths - least, depths, share)
        total = total - (np.log(np.maximum(found, 1e-300)) * count).sum(axis=1)
    # reads of one site are not quite independent (reference bias, mapping): little evidence is none
    fits = np.flatnonzero(total.max() - total < threshold("balanced_support"))
    balanced = fits[-1] == len(SHARES) - 1
    return (0.5 if balanced else float(SHARES[total.argmax()])), float(SHARES[fits[0]])


def segment_shares(sites: Sites, chrom: Ints, start: Ints, end: Ints) -> AlleleShares:
    """Shares of the lesser allele of segments."""
    shares = np.full((len(chrom), 2), np.nan)
    for number, (code, low, high) in enumerate(zip(chrom, start, end, strict=True)):
        here = slice(*np.searchsorted(sites.chrom, [code, code + 1]))
        first, last = np.searchsorted(sites.position[here], [low, high])
        inside = slice(here.start + first, here.start + last)
        shares[number] = lesser_share(sites.alternative[inside], sites.depth[inside], least=sites.least)
    return AlleleShares(shares[:, 0], shares[:, 1])


def minor_copies(share: Floats, copies: Floats, purity: float) -> Floats:
    """Copies of the lesser allele in tumour cells, from its share in the material and the copies in tumour cells."""
    whole = purity * copies + 2 * (1 - purity)
    return np.clip((share * whole - (1 - purity)) / purity, 0.0, None)
