"""Naming of cells: lineage first, then the subset inside it; each by marker genes first and whole profiles second.

Markers name the cells that are clear (seeds). Seeds give each kind a profile of transcripts, and every cell goes to the
kind under whose profile its transcripts are most likely (multinomial over the genes that tell the seeds apart), if its
own markers do not contradict. No neighbours, no clusters: the cost grows linearly with the transcripts, a cell's name
does not hang on how many like it there are, and threads change nothing. What neither step can place is `unknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from mmrisk.microenvironment.genes import tells_kinds_apart
from mmrisk.microenvironment.markers import Markers, Path, Scores
from mmrisk.microenvironment.signatures import KINDS, UNKNOWN, Signatures

AMBIENT = 0.3
"""Share of the sample's mean profile that any droplet may carry: more than most do, as only the excess counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a cell counts as clear, and what may overrule it.

    With `relative`, scores are first divided by what the best 2 % of the cells reach: subsets differ in how much of
    their markers any cell shows, lineages do not. A kind whose seeds show less than `min_typical` is not believed.
    `most` transcripts of a gene count in a cell: beyond lies how strongly it is switched on in this cell, and what
    parts neighbouring subsets is a dozen weak genes, which the scatter of a few strong ones would drown.
    """

    relative: bool
    min_score: float
    min_markers: int
    min_typical: float
    ratio: float = 1.5
    min_seeds: int = 5
    agreement: float = 0.2
    teaching: float = 0.5
    rounds: int = 6
    prior_cells: float = 3.0
    min_deviance: float = 12.0
    full_quantile: float = 0.98
    full_floor: float = 0.2
    most: float = np.inf


LINEAGE_RULES = Rules(relative=False, min_score=0.1, min_markers=3, min_typical=0.2)
SUBSET_RULES = Rules(relative=True, min_score=0.3, min_markers=2, min_typical=0.0, most=5.0)


@dataclass(frozen=True, slots=True)
class Step:
    """Kinds told apart among some cells (rows).

    `score` is the marker score (cells x kinds), `typical` its median in the seeds of each kind (0 without seeds),
    `called` the column or -1, `margin` the lead of the called kind over the next by markers (-1 to 1, below 0 where
    the profile overruled them), `support` its lead by profile in nats per 1,000 transcripts (NaN where there was
    nothing to compare).
    """

    kinds: tuple[str, ...]
    score: np.ndarray
    typical: np.ndarray
    called: np.ndarray
    margin: np.ndarray
    support: np.ndarray

    def rows(self, rows: np.ndarray) -> "Step":
        """The step for some of its cells."""
        return replace(
            self,
            score=self.score[rows],
            called=self.called[rows],
            margin=self.margin[rows],
            support=self.support[rows],
        )


@dataclass(frozen=True, slots=True)
class Annotation:
    """Per cell: lineage, group, subset, and margin and support of lineage and subset; and what they rest on."""

    cells: pd.DataFrame
    lineages: Step
    markers: Markers


def annotate(
    expression: sparse.csr_matrix,
    symbols: Sequence[str],
    signatures: Signatures,
    *,
    transcripts: sparse.csr_matrix | None = None,
    ambient: float = AMBIENT,
) -> Annotation:
    """Name cells.

    `expression` is cells x genes, log(1 + transcripts per 10,000), neither scaled nor centred. `transcripts` are the
    raw counts; without them the expression out of its logarithm stands in. `symbols` name the genes, the first of
    each counts. A lineage or group that is not divided further is its own subset.
    """
    transcripts = _out_of_logarithm(expression) if transcripts is None else transcripts
    markers = Markers.of(expression, symbols, signatures, ambient=ambient)
    telling = tells_kinds_apart(symbols)
    cells = pd.DataFrame({level: np.full(expression.shape[0], UNKNOWN, dtype=object) for level in KINDS})
    lineages = signatures.children("")
    first = tell_apart(markers, transcripts, telling, [(kind,) for kind in lineages], LINEAGE_RULES)
    _write(cells, np.arange(len(cells)), first, [(kind,) for kind in lineages], "lineage")
    for number, lineage in enumerate(lineages):
        rows = np.flatnonzero(first.called == number)
        paths = signatures.paths(lineage.name)
        if paths and len(rows):
            step = tell_apart(markers.rows(rows), transcripts[rows], telling, paths, SUBSET_RULES)
            _write(cells, rows, step, paths, "subset")
        elif not paths:
            cells.loc[rows, "subset"] = lineage.name
    return Annotation(cells, first, markers)


def _write(cells: pd.DataFrame, rows: np.ndarray, step: Step, paths: Sequence[Path], prefix: str) -> None:
    cells.loc[rows, f"{prefix}_margin"] = step.margin
    cells.loc[rows, f"{prefix}_support"] = step.support
    for column, path in enumerate(paths):
        for kind in path:
            cells.loc[rows[step.called == column], kind.kind] = kind.name


def tell_apart(
    markers: Markers, transcripts: sparse.csr_matrix, telling: np.ndarray, paths: Sequence[Path], rules: Rules
) -> Step:
    """Name cells as one of the kinds that begin the paths, or none of them (-1). `telling`: genes that may speak."""
    transcripts = _at_most(transcripts, rules.most)
    fit = markers.score(paths)
    score = fit.score / _full(fit.score, rules) if rules.relative else fit.score
    seeds = _seeds(score, fit, rules)
    typical = np.array([_median(score[seeds == column, column]) for column in range(len(paths))])
    seeds = np.where((seeds >= 0) & (typical[seeds] < rules.min_typical), -1, seeds)
    allowed = (score >= rules.agreement * typical) & (fit.detected >= 1)
    called, support = seeds, np.full(len(seeds), np.nan)
    for _ in range(rules.rounds):
        examples = teachers(called, seeds, score, typical, rules)
        learnt = np.array([column for column in range(len(paths)) if (examples == column).sum() >= rules.min_seeds])
        if not len(learnt):
            break
        likely = likelihood(transcripts, examples, learnt, telling, rules)
        before = called
        called, support = _decide(likely, learnt, allowed, seeds)
        if np.array_equal(called, before):
            break
    return Step(tuple(path[0].name for path in paths), score, typical, called, _margin(score, called), support)


def _at_most(transcripts: sparse.csr_matrix, most: float) -> sparse.csr_matrix:
    """The counts, cut at `most`."""
    if np.isinf(most):
        return transcripts
    data = np.minimum(transcripts.data, most)
    return sparse.csr_matrix((data, transcripts.indices, transcripts.indptr), shape=transcripts.shape)


def _full(score: np.ndarray, rules: Rules) -> np.ndarray:
    """Score of a cell that is clearly of a kind: what the best cells reach, or a floor where there may be none."""
    if not len(score):
        return np.full(score.shape[1], rules.full_floor)
    return np.maximum(np.quantile(score, rules.full_quantile, axis=0), rules.full_floor)


def _seeds(score: np.ndarray, fit: Scores, rules: Rules) -> np.ndarray:
    """Kind of the cells that markers alone make clear, else -1."""
    ranked = np.where(fit.usable, score, -np.inf)
    best = ranked.argmax(axis=1)
    rows = np.arange(len(best))
    top = ranked[rows, best]
    ranked[rows, best] = -np.inf
    second = np.maximum(ranked.max(axis=1, initial=-np.inf), 0.0)
    needed = np.minimum(rules.min_markers, fit.measured[best])
    clear = (top >= rules.min_score) & (top >= rules.ratio * second) & (fit.detected[rows, best] >= needed)
    return np.where(clear, best, -1)


def teachers(called: np.ndarray, seeds: np.ndarray, score: np.ndarray, typical: np.ndarray, rules: Rules) -> np.ndarray:
    """Cells whose transcripts make the profile of their kind: those whose markers speak for it, else -1.

    If any called cell taught, a rare kind that once caught a cell of a common one would turn into that.
    """
    own = score[np.arange(len(called)), np.maximum(called, 0)]
    sure = (called == seeds) | (own >= rules.teaching * typical[np.maximum(called, 0)])
    return np.where((called >= 0) & sure, called, -1)


def likelihood(
    transcripts: sparse.csr_matrix, members: np.ndarray, learnt: np.ndarray, telling: np.ndarray, rules: Rules
) -> np.ndarray:
    """Log-likelihood per transcript of each cell (rows) under the profile of each learnt kind (columns).

    Only genes that differ between the kinds speak for themselves (deviance of their counts above `min_deviance` per
    degree of freedom); all others count as one. Otherwise the noise of thousands of equal genes drowns kinds with few
    seeds.
    """
    column = np.full(int(members.max(initial=0)) + 2, -1)
    column[learnt] = np.arange(len(learnt))
    rows = np.flatnonzero(column[members] >= 0)
    design = sparse.csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (column[members[rows]], rows)),
        shape=(len(learnt), transcripts.shape[0]),
    )
    sums = np.asarray((design @ transcripts).todense(), dtype=np.float64) * telling
    pooled = np.asarray(transcripts.sum(axis=0), dtype=np.float64).ravel() * telling + 1e-9 * telling
    totals = np.maximum(transcripts @ telling.astype(np.float32), 1.0)
    prior = rules.prior_cells * float(np.median(totals))
    profile = (sums + prior * pooled / pooled.sum()) / (sums.sum(axis=1, keepdims=True) + prior)
    chosen = telling & (_deviance(sums) > rules.min_deviance * max(len(learnt) - 1, 1))
    log_profile = np.zeros(profile.shape, dtype=np.float32)
    log_profile[:, chosen] = np.log(profile[:, chosen])
    rest = np.log(np.maximum(profile[:, telling & ~chosen].sum(axis=1), 1e-12))
    outside = totals - transcripts @ chosen.astype(np.float32)
    return (np.asarray(transcripts @ log_profile.T) + outside[:, None] * rest) / totals[:, None]


def _deviance(sums: np.ndarray) -> np.ndarray:
    """Deviance of each gene's counts (columns) from equal shares of all kinds' (rows) transcripts."""
    expected = sums.sum(axis=1, keepdims=True) * (sums.sum(axis=0) / max(sums.sum(), 1.0))
    ratio = np.divide(sums, expected, out=np.ones_like(sums), where=(sums > 0) & (expected > 0))
    return 2.0 * (sums * np.log(ratio)).sum(axis=0)


def _decide(
    likely: np.ndarray, learnt: np.ndarray, allowed: np.ndarray, seeds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest kind that the markers allow; seeds of a kind too rare to learn keep it."""
    likely = np.where(allowed[:, learnt], likely, -np.inf)
    order = likely.argsort(axis=1, kind="stable")
    rows = np.arange(len(seeds))
    top = likely[rows, order[:, -1]]
    lead = np.full(len(seeds), np.nan)
    if likely.shape[1] > 1:
        second = likely[rows, order[:, -2]]
        compared = np.isfinite(second)
        lead[compared] = 1000.0 * (top[compared] - second[compared])
    rare = (seeds >= 0) & ~np.isin(seeds, learnt)
    called = np.where(rare, seeds, np.where(np.isfinite(top), learnt[order[:, -1]], -1))
    return called, np.where(rare | (called < 0), np.nan, lead)


def _margin(score: np.ndarray, called: np.ndarray) -> np.ndarray:
    """(called - best other) / (called + best other), negative scores as 0; NaN for cells without a name."""
    rows, own_column = np.arange(len(called)), np.maximum(called, 0)
    others = np.maximum(score, 0.0)
    own = others[rows, own_column]
    others[rows, own_column] = 0.0
    second = others.max(axis=1, initial=0.0)
    total = own + second
    margin = np.divide(own - second, total, out=np.zeros_like(total), where=total > 0)
    return np.where(called >= 0, margin, np.nan)


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _out_of_logarithm(expression: sparse.csr_matrix) -> sparse.csr_matrix:
    """Transcripts per 10,000 of log-normalised expression."""
    return sparse.csr_matrix((np.expm1(expression.data), expression.indices, expression.indptr), shape=expression.shape)
