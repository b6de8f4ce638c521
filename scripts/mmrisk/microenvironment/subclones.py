"""Subclones that differ from the rest of the clone by whole arms, where single cells show it.

Each arm is tried with one copy more or less in part of the cells (Poisson mixture, tempered by how much cells vary on
all arms). Arms that part the same cells are one subclone. Focal changes and small subclones stay unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, logit

from mmrisk.microenvironment.arms import overdispersion

FACTORS = {"gain": (1.5, 4 / 3), "loss": (0.5, 2 / 3)}
"""Dosage after one copy more (of 2, of 3) or less (of 2, of 3)."""
MIN_CELLS = 100
MIN_SHARE = 0.1
LEAST_GAIN = 15.0
"""Log-likelihood that two groups must add over one, besides what the run of arms shows."""
SAME_CELLS = 0.4
"""Correlation of memberships from which two arms part the same cells."""
STEPS = 30
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subclone:
    """Part of the clone: its arms (`17p-`, `1q+`), its share of the clone's cells, and each cell's membership."""

    arms: tuple[str, ...]
    share: float
    membership: Floats

    def __str__(self) -> str:
        return f"{','.join(self.arms)}:{self.share:.2f}"


@dataclass(frozen=True, slots=True)
class Split:
    """One arm in two groups: the better by `gain` of log-likelihood; `lead`: each cell's log-odds for the minority."""

    arm: str
    gain: float
    share: float
    lead: Floats


def find_subclones(sums: Floats, arms: Sequence[str]) -> list[Subclone]:
    """Subclones of a clone's cells; `sums` is cells x arms (transcripts, capped per gene)."""
    if len(sums) < MIN_CELLS:
        return []
    shares = sums.sum(axis=0) / max(sums.sum(), 1.0)
    temper = overdispersion(sums, shares)
    depth = sums.sum(axis=1)
    splits = [
        _best_split(sums[:, number], depth, float(shares[number]), temper, arm) for number, arm in enumerate(arms)
    ]
    usual = 3 * float(np.median([split.gain for split in splits]))
    kept = sorted(
        (s for s in splits if s.gain >= LEAST_GAIN + usual and MIN_SHARE <= s.share <= 1 - MIN_SHARE),
        key=lambda split: (-split.gain, split.arm),
    )
    return _grouped(kept)


def _best_split(hits: Floats, depth: Floats, share: float, temper: float, arm: str) -> Split:
    best = Split(arm, 0.0, 0.0, np.zeros(len(hits)))
    if share * np.median(depth) < 10:
        return best
    for change, factors in FACTORS.items():
        for factor in factors:
            found = _two_groups(hits, depth, share, factor, temper)
            if found[0] > best.gain:
                best = Split(arm + ("+" if change == "gain" else "-"), *found)
    return best


def _two_groups(hits: Floats, depth: Floats, share: float, factor: float, temper: float) -> tuple[float, float, Floats]:
    """Log-likelihood gained by two groups, the share of the changed one, each cell's log-odds for it."""

    def log(level: float) -> Floats:
        expected = np.maximum(depth * level, 1e-9)
        return np.asarray((hits * np.log(expected) - expected - gammaln(hits + 1)) / temper)

    part, one = 0.3, float(log(share).sum())
    for _ in range(STEPS):
        base = share / (1 + part * (factor - 1))
        lead = log(base * factor) - log(base)
        part = float(np.clip(expit(lead + logit(part)).mean(), 0.01, 0.99))
    base = share / (1 + part * (factor - 1))
    quiet, changed = log(base), log(base * factor)
    both = float(np.logaddexp(np.log(1 - part) + quiet, np.log(part) + changed).sum())
    return both - one, part, changed - quiet


def _grouped(splits: Sequence[Split]) -> list[Subclone]:
    """Splits of the same cells together, the strongest first."""
    groups: list[list[Split]] = []
    for split in splits:
        mine = expit(split.lead + logit(split.share))
        for group in groups:
            theirs = expit(group[0].lead + logit(group[0].share))
            if np.corrcoef(mine, theirs)[0, 1] >= SAME_CELLS:
                group.append(split)
                break
        else:
            groups.append([split])
    found = []
    for group in groups:
        prior = float(np.mean([split.share for split in group]))
        membership = expit(np.sum([split.lead for split in group], axis=0) + logit(prior))
        found.append(Subclone(tuple(sorted(split.arm for split in group)), float(membership.mean()), membership))
    return found
