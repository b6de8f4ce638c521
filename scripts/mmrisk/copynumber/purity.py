"""Purity from the distances between segments: all near-best fits, or none where the data cannot tell.

Where allele shares are known they count as much as the depth. They show a doubled genome only together with a purity
that the user knows: with another one a plain genome whose clone changed in half of its cells looks the same.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mmrisk.copynumber.counts import threshold
from mmrisk.copynumber.profile import threshold as segment_threshold

HIGHEST_COPIES = 8
LEAST = 0.02
PLAIN, DOUBLED = 2, 4
"""Copies of an unaltered stretch in a tumour cell."""
GRID = np.round(np.arange(0.05, 1.0001, 0.01), 4)
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: purity, misfit relative to the one used, mean copies of a tumour cell, those of an unaltered stretch."""

    purity: float
    score: float
    ploidy: float
    unaltered: int = PLAIN


@dataclass(frozen=True, slots=True)
class Purity:
    """What is known of the purity: how, the value with its interval and its error (sd), all listed fits.

    `unaltered` are the copies of an unaltered stretch in a tumour cell: four where the genome is doubled. It is
    `perhaps_doubled` where that fits better, but does not have to be.
    """

    method: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float = 0.0
    fits: tuple[Fit, ...] = ()
    detail: str = ""
    unaltered: int = PLAIN
    perhaps_doubled: bool = False

    @property
    def span(self) -> tuple[float, float]:
        """Factors that turn a share of cells at `value` into those at the upper and the lower end of the purity.

        One where the purity is told well: its standard error says the rest. What one of four copies is in all cells of
        a doubled genome is one of two in half the cells of a plain one, which depth and alleles cannot rule out.
        """
        if self.unaltered == DOUBLED:
            return 0.5, 1.0
        if not self.value or not self.low or not self.high:
            return 1.0, 1.0
        if self.low >= (1 - threshold("purity_ambiguous")) * self.value:
            return 1.0, 1.0
        return self.value / self.high, self.value / self.low

    @property
    def step(self) -> float | None:
        """Change of the copies of the material, relative to an unaltered two, per copy and tumour cell."""
        return None if self.value is None else step_of(self.value, self.unaltered)

    @property
    def step_error(self) -> float:
        """Relative error (sd) of that."""
        return self.error / self.value / (1 + self.value * (self.unaltered - PLAIN) / 2) if self.value else 0.0


def step_of(purity: float, unaltered: int) -> float:
    """Change of the ratio per two copies: the purity, or less where tumour cells hold more of the DNA."""
    return purity / (1 + purity * (unaltered - PLAIN) / 2)


def known_purity(value: float) -> Purity:
    """A purity that the user knows, where nothing tells of the ploidy."""
    return Purity("given", value, value, value, 0.0, (Fit(value, 1.0, np.nan),), "given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Autosomal segments: ratio to the unaltered level, weight (bp), noise (sd of the ratio), arm and chromosome.

    `imbalance` is how far the alleles are apart, as a ratio to the same level, with its noise; NaN where no site tells.
    """

    ratio: Floats
    weight: Floats
    noise: Floats
    arm: Ints
    chrom: Ints
    imbalance: Floats
    imbalance_noise: Floats

    def part(self, chosen: Mask) -> "Stretches":
        """The segments chosen (mask)."""
        return Stretches(**{name: getattr(self, name)[chosen] for name in self.__slots__})

    @property
    def altered(self) -> Mask:
        """Segments that speak of the purity: by their depth, or by alleles that are apart."""
        deviation = np.abs(self.ratio - 1)
        by_depth = (deviation > threshold("altered_sd") * self.noise) & (deviation > threshold("altered_ratio"))
        return by_depth | (np.nan_to_num(self.imbalance) > threshold("altered_imbalance"))

    @property
    def hidden(self) -> Floats:
        """Imbalance that the sites of a segment would not show."""
        most = np.sqrt(2 * threshold("balanced_support")) * self.imbalance_noise
        return np.where(self.imbalance == 0, most, 0.0)

    @property
    def contradictory(self) -> bool:
        """Whether the alleles are those of other material, or their sites are no good.

        One copy gained or lost in any cells sets the alleles as far apart as the depth moves. So where depth moves most
        alleles should be apart, and where it does not most should not; two copies may be gained on one chromosome.
        """
        long = np.isfinite(self.imbalance) & (self.weight > threshold("longest_null"))
        change = np.abs(self.ratio - 1)
        moved = long & (change > threshold("altered_sd") * self.noise) & (change > threshold("altered_imbalance"))
        apart = self.imbalance + self.hidden + 2 * self.noise >= change / 2
        unlike, alike = moved & ~apart, moved & apart
        if self.weight[unlike].sum() > self.weight[alike].sum() and (
            len(np.unique(self.chrom[unlike])) > 1 or bool((self.ratio[unlike] < 1).any())
        ):
            return True
        still = long & (change <= threshold("altered_ratio"))
        odd = still & (self.imbalance > threshold("altered_imbalance"))
        return bool(self.weight[odd].sum() > threshold("flat_imbalanced") * self.weight[still].sum() > 0)

    @property
    def has_alleles(self) -> bool:
        """Whether any site tells of alleles."""
        return bool(np.isfinite(self.imbalance).any())


def fit_purity(stretches: Stretches, *, given: float | None = None) -> Purity:
    """Purity and, with allele shares, whether the genome is doubled. `given` is a purity that the user knows."""
    altered = stretches.part(stretches.altered)
    n_arms = len(np.unique(altered.arm))
    if n_arms < threshold("altered_arms"):
        if given is not None:
            return known_purity(given)
        return Purity("not_evaluable", detail=f"altered segments on {n_arms} arms: too few to tell the purity")
    grid = GRID if given is None else np.array([given])
    plain = _Trial(stretches, altered, grid, PLAIN)
    if not stretches.has_alleles:
        return _given(plain, ()) if given is not None else _fitted(plain, ())
    doubled = _Trial(stretches, altered, grid, DOUBLED)
    used, other = (doubled, plain) if given is not None and _doubling_shown(plain, doubled) else (plain, doubled)
    others = tuple(
        Fit(
            fit.purity,
            float(other.misfit[other.best] * fit.score / used.misfit[used.best]),
            fit.ploidy,
            other.unaltered,
        )
        for fit in other.fits
    )
    found = _given(used, others) if given is not None else _fitted(used, others)
    if used is doubled or others[0].score >= 1 / threshold("near_best"):
        return found
    said = f"{found.detail}; a doubled genome at purity {others[0].purity:.2f} would fit better, but is not shown"
    return replace(found, detail=said, perhaps_doubled=_perhaps_doubled(plain, doubled))


class _Trial:
    """The fits of one reading of the genome, plain or doubled."""

    def __init__(self, stretches: Stretches, altered: Stretches, grid: Floats, unaltered: int) -> None:
        self.stretches, self.altered, self.grid, self.unaltered = stretches, altered, grid, unaltered
        typical = float(np.sqrt(np.average(stretches.noise**2, weights=stretches.weight)))
        self.misfit = misfit(stretches, typical, grid=grid, unaltered=unaltered)
        self.best = int(np.argmin(self.misfit))
        self.score = self.misfit / self.misfit[self.best]
        if len(grid) == 1:
            self.value, self.error = float(grid[0]), 0.0
        else:
            self.value, self.error = _refined(altered, float(grid[self.best]), unaltered)
        self.explained = _explained(altered, self.value, unaltered)

    @property
    def fits(self) -> list[Fit]:
        """Listed minima, the best first, at its refined purity."""
        edge = np.concatenate([[np.inf], self.misfit, [np.inf]])
        minima = np.flatnonzero((self.misfit <= edge[:-2]) & (self.misfit <= edge[2:]))
        listed = [i for i in minima if self.score[i] <= threshold("listed")]
        fits = [
            Fit(purity, float(self.score[i]), self._ploidy(purity), self.unaltered)
            for i in listed
            for purity in [self.value if i == self.best else float(self.grid[i])]
        ]
        return sorted(fits, key=lambda fit: (fit.score, -fit.purity))

    def _ploidy(self, purity: float) -> float:
        copies = _copies(self.stretches.ratio, purity, self.unaltered)
        return float(np.average(copies, weights=self.stretches.weight))

    @property
    def detail(self) -> str:
        """What the fit rests on."""
        said = f"altered segments on {len(np.unique(self.altered.arm))} arms"
        said += f", {self.explained:.0%} of their length at whole copies"
        if self.stretches.has_alleles:
            known = np.isfinite(self.stretches.imbalance)
            length = self.stretches.weight[known].sum() / self.stretches.weight.sum()
            said += f"; alleles known over {length:.0%} of the genome"
        if self.unaltered == DOUBLED:
            said += "; less left of lost alleles than a plain genome at this purity would leave"
        return said


def _given(trial: _Trial, others: tuple[Fit, ...]) -> Purity:
    value = trial.value
    if not trial.stretches.has_alleles:
        return known_purity(value)
    fits = (*trial.fits, *_listed(others, trial))
    return Purity("given", value, value, value, 0.0, fits, f"given; {trial.detail}", trial.unaltered)


def _listed(others: tuple[Fit, ...], used: _Trial) -> list[Fit]:
    """Fits of the other reading that are listed; beside a doubled genome the best plain one is so whatever it is."""
    always = others[:1] if used.unaltered == DOUBLED else ()
    return [fit for fit in others if fit.score <= threshold("listed") or fit in always]


def _fitted(trial: _Trial, others: tuple[Fit, ...]) -> Purity:
    """The fit, or none where too little of what is altered lies at whole copies."""
    own = trial.fits
    fits = (own[0], *sorted((*own[1:], *_listed(others, trial)), key=lambda fit: (fit.score, -fit.purity)))
    if trial.explained < threshold("fit_share"):
        return Purity("not_evaluable", fits=fits, detail=f"{trial.detail}: no purity fits")
    near = trial.grid[trial.score <= threshold("near_best")]
    return Purity(
        "fitted",
        trial.value,
        float(max(LEAST, min(near.min(), trial.value - 1.96 * trial.error))),
        float(min(1.0, max(near.max(), trial.value + 1.96 * trial.error))),
        trial.error,
        fits,
        trial.detail,
        trial.unaltered,
    )


def _doubling_shown(plain: _Trial, doubled: _Trial) -> bool:
    """Whether only a doubled genome explains depth and alleles at the purity that the user knows.

    Whatever the copies of a doubled genome, a plain one of more tumour cells, half of which changed, has the same depth
    and alleles everywhere. It is ruled out where an allele that is gone leaves less than the other cells at that purity
    would. Losses on several chromosomes are asked for besides, for the purity given may be too low.
    """
    if not _is_much_better(plain, doubled):
        return False
    altered, value = doubled.altered, doubled.value
    copies = _copies(altered.ratio, value, DOUBLED)
    near = _at_whole_copies(altered, value, DOUBLED)
    odd = near & (copies % 2 == 1)
    lost = odd & (copies < DOUBLED)
    share = altered.weight[odd].sum() / doubled.stretches.weight.sum()
    lesser, noise = altered.ratio - altered.imbalance, np.hypot(altered.noise, altered.imbalance_noise)
    gone = near & (lesser < 1 - value - np.maximum(threshold("allele_gone"), segment_threshold("seen_sd") * noise))
    return bool(
        share >= segment_threshold("odd_share")
        and len(np.unique(altered.chrom[lost])) >= segment_threshold("odd_chromosomes")
        and altered.weight[gone].sum() >= threshold("longest_null")
        and doubled.explained >= threshold("doubled_explained")
        and _lie_at_whole_copies(altered.part(odd), value)
    )


def _lie_at_whole_copies(odd: Stretches, purity: float) -> bool:
    """Whether odd copies of a doubled genome are just that in the mean; a subclone of nearly half the cells is not."""
    copies, step = _copies(odd.ratio, purity, DOUBLED), step_of(purity, DOUBLED)
    beyond = (_exact(odd.ratio, purity, DOUBLED) - copies) * np.sign(copies - DOUBLED)
    weight = (step / (2 * odd.noise)) ** 2
    off = abs(float(np.average(beyond, weights=weight)))
    return off <= max(threshold("doubled_off"), 2 / np.sqrt(weight.sum()))


def _perhaps_doubled(plain: _Trial, doubled: _Trial) -> bool:
    """Whether a doubled genome fits better, with odd copies over some long stretch: short ones tell of themselves."""
    if not _is_much_better(plain, doubled):
        return False
    copies = _copies(doubled.altered.ratio, doubled.value, DOUBLED)
    return bool(((copies % 2 == 1) & (doubled.altered.weight > threshold("longest_null"))).any())


def _is_much_better(plain: _Trial, doubled: _Trial) -> bool:
    return bool(doubled.misfit[doubled.best] * threshold("doubling_penalty") < plain.misfit[plain.best])


def misfit(stretches: Stretches, noise: float, *, grid: Floats = GRID, unaltered: int = PLAIN) -> Floats:
    """Misfit of each purity of the grid: distance of segments from whole copies, of both alleles where they are known.

    It is penalised for small purities, which fit everything, and for genomes that changed by two copies at once, as
    plain ones hardly do; long segments without any copy are no option, for no cell lives without an arm.
    """
    copies, minor = _allele_copies() if stretches.has_alleles else (np.arange(HIGHEST_COPIES + 1), None)
    whole = 2 + grid * (unaltered - 2)  # mean copies of an unaltered stretch
    levels = 1 + grid[:, None] * (copies[None] - unaltered) / whole[:, None]
    distance = np.abs(stretches.ratio[:, None, None] - levels[None])
    if minor is not None:
        apart = grid[:, None] * (copies - 2 * minor)[None] / whole[:, None]
        off = np.abs(np.nan_to_num(stretches.imbalance[:, None, None] - apart[None]))
        distance = np.hypot(distance, np.maximum(0.0, off - stretches.hidden[:, None, None]))
    distance[np.ix_(stretches.weight > threshold("longest_null"), np.arange(len(grid)), copies == 0)] = np.inf
    nearest = copies[distance.argmin(axis=2)]
    weight = stretches.weight
    distance = np.minimum(distance.min(axis=2), threshold("misfit_cap"))
    mean = (weight[:, None] * distance**2).sum(axis=0) / weight.sum()
    error = np.sqrt(mean + noise**2) / grid ** threshold("purity_penalty")
    if unaltered == DOUBLED:
        return np.asarray(error)
    moved = (weight[:, None] * (nearest != PLAIN)).sum(axis=0)
    twice = (weight[:, None] * (np.abs(nearest - PLAIN) >= 2)).sum(axis=0)
    return np.asarray(error * (1 + threshold("two_copies_penalty") * twice / np.maximum(moved, 1)))


def _allele_copies() -> tuple[Ints, Ints]:
    """All copies up to the highest, and those of their lesser allele."""
    pairs = [(n, m) for n in range(HIGHEST_COPIES + 1) for m in range(n // 2 + 1)]
    copies, minor = np.array(pairs, dtype=np.int64).T
    return copies, minor


def _exact(ratio: Floats, purity: float, unaltered: int) -> Floats:
    """Mean copies of tumour cells."""
    return unaltered + 2 * (ratio - 1) / step_of(purity, unaltered)


def _copies(ratio: Floats, purity: float, unaltered: int) -> Floats:
    return np.clip(np.round(_exact(ratio, purity, unaltered)), 0, HIGHEST_COPIES)


def _refined(altered: Stretches, purity: float, unaltered: int) -> tuple[float, float]:
    """Least squares for the purity between the points of the grid, given whole copies; its standard error.

    Segments of a subclone lie between levels: those farther than a quarter of a level are left out.
    """
    value, sd = purity, 0.0
    most = step_of(1.0, unaltered)
    known = altered.imbalance > 0  # balanced ones may hide as much as their sites would not show
    seen = np.concatenate([altered.ratio - 1, altered.imbalance[known]])
    noise = np.concatenate([altered.noise, altered.imbalance_noise[known]])
    for _ in range(5):
        level = step_of(value, unaltered)
        copies = _copies(altered.ratio, value, unaltered)
        apart = _copies_apart(altered, copies, level)
        step = np.concatenate([copies - unaltered, apart[known]]) / 2
        used = (step != 0) & (np.abs(seen - step * level) <= np.maximum(level / 8, 3 * noise))
        if not used.any():
            break
        weight = 1 / noise[used] ** 2
        information = (weight * step[used] ** 2).sum()
        level = float(np.clip((weight * step[used] * seen[used]).sum() / information, LEAST, most))
        stretch = 1 - level * (unaltered - PLAIN) / 2
        value, sd = level / stretch, float(1 / np.sqrt(information)) / stretch**2
    return value, sd


def _explained(altered: Stretches, purity: float, unaltered: int) -> float:
    """Share of the altered length that lies at whole copies; the rest are subclones, or the fit is wrong."""
    return float(np.average(_at_whole_copies(altered, purity, unaltered), weights=altered.weight))


def _at_whole_copies(altered: Stretches, purity: float, unaltered: int) -> Mask:
    exact, copies = _exact(altered.ratio, purity, unaltered), _copies(altered.ratio, purity, unaltered)
    step = step_of(purity, unaltered)
    near = np.abs(exact - copies) <= np.maximum(threshold("fit_near"), 2 * 2 * altered.noise / step)
    off = np.abs(altered.imbalance * 2 / step - _copies_apart(altered, copies, step)) - altered.hidden * 2 / step
    return near & ~(off > np.maximum(2 * threshold("fit_near"), 2 * 2 * altered.imbalance_noise / step))


def _copies_apart(altered: Stretches, copies: Floats, step: float) -> Floats:
    """By how many copies the alleles differ: by all copies, by two fewer, and so on; NaN where no site tells."""
    odd = copies % 2
    return np.clip(2 * np.round((altered.imbalance * 2 / step - odd) / 2) + odd, odd, copies)
