"""Events that copies along chromosomes speak of, judged the same way for karyotypes and arrays."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from mmrisk.cytogenetics.bands import KARYOTYPE_BUILD
from mmrisk.cytogenetics.copies import Copies, CopyProfile, arm_spans
from mmrisk.cytogenetics.reading import Unread
from mmrisk.events import ODD_CHROMOSOMES, catalogue
from mmrisk.genome import ACROCENTRIC, CHROMOSOMES, Interval, loci
from mmrisk.resource import facts

YES, NO, MAYBE = "yes", "no", "maybe"
TRISOMIES = {f"trisomy_{chrom}": chrom for chrom in ODD_CHROMOSOMES}
ARM_SHARE = 0.5
"""A chromosome is gained where more than this share of each of its arms is; one arm alone is no trisomy."""
_NUMBER = re.compile(r"\d+|[XY]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Answer to one event: yes, no or maybe; `copies` at the locus where they are known."""

    answer: str
    copies: int | None = None
    detail: str = ""
    warnings: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class CopyView:
    """Copies of every chromosome of one clone, and what is expected of it.

    `baseline` are copies per chromosome, `ploidy` that of the autosomes; copies of `unresolved` chromosomes are not
    known; `build` is that of the positions.
    """

    build: str
    profiles: Mapping[str, CopyProfile]
    baseline: Mapping[str, int]
    ploidy: int
    unresolved: frozenset[str] = frozenset()


def unread_doubt(pieces: Iterable[Unread], chroms: frozenset[str]) -> frozenset[str]:
    """A token that was not read may be about anything; if it names chromosomes, about those."""
    touching = any(not (named := _named(piece)) or not chroms or named & chroms for piece in pieces)
    return frozenset({"unread_token"} if touching else ())


def unread_undoes(pieces: Iterable[Unread], chroms: frozenset[str]) -> bool:
    """Whether an unread token may be a change that makes up for one that was read; mere words are not."""
    return any(_named(piece) & chroms or (not _named(piece) and "(" in piece.text) for piece in pieces)


def _named(piece: Unread) -> set[str]:
    """Chromosomes that a token may name."""
    return set(_NUMBER.findall(piece.text.upper())) & set(CHROMOSOMES)


def event_chromosomes(event: str) -> frozenset[str]:
    """Chromosomes of an event's loci; empty for events of the whole genome."""
    if event in TRISOMIES:
        return frozenset({TRISOMIES[event]})
    return frozenset(span.chrom for _, span in event_loci(event, KARYOTYPE_BUILD))


@cache
def copy_rules() -> Mapping[str, str]:
    """Rule of each copy-number event at a locus (resources/karyotype_events.tsv)."""
    return {row["event"]: row["rule"] for row in facts("karyotype_events.tsv")}


@cache
def event_loci(event: str, build: str) -> tuple[tuple[str, Interval], ...]:
    """Loci of an event in a build: FISH-equivalent probe loci, else genes."""
    found = []
    for name in catalogue()[event].loci:
        locus = loci(build, "probe").get(name) or loci(build, "gene").get(name)
        if locus:
            found.append((name, locus.span))
    return tuple(found)


def judge_copies(view: CopyView) -> dict[str, Verdict]:
    """Verdicts on all copy-number events at loci, on trisomies and on hyperdiploidy."""
    found = {event: _judge_event(event, rule, view) for event, rule in copy_rules().items()}
    trisomies = {event: _judge_trisomy(chrom, view) for event, chrom in TRISOMIES.items()}
    return found | trisomies | {"hyperdiploid": judge_hyperdiploidy(trisomies)}


def _judge_event(event: str, rule: str, view: CopyView) -> Verdict:
    verdicts = [_judge_locus(name, span, rule, view) for name, span in event_loci(event, view.build)]
    if not verdicts:
        return Verdict(MAYBE, warnings=frozenset({"no_locus_in_build"}))
    return min(verdicts, key=lambda verdict: ((YES, MAYBE, NO).index(verdict.answer), len(verdict.warnings)))


def _judge_locus(name: str, span: Interval, rule: str, view: CopyView) -> Verdict:
    if span.chrom in view.unresolved:
        return Verdict(MAYBE, warnings=frozenset({"chromosome_unresolved"}))
    base = view.baseline[span.chrom]
    copies = view.profiles[span.chrom].between(span.start, span.end)
    detail = f"{name} x{copies.likely}, baseline {base}"
    answer, warnings = _answer(copies, _tests(rule, base))
    if answer == NO and rule == "amplification" and copies.likely >= 4 and copies.likely > base:
        answer, warnings = MAYBE, frozenset({"gain_relative_to_ploidy"})
    return Verdict(answer, copies.likely, detail, warnings)


def _tests(rule: str, base: int) -> Callable[[int], bool]:
    return {
        "loss": lambda copies: copies < base,
        "gain": lambda copies: copies > base and copies >= 3,
        "amplification": lambda copies: copies >= max(4, base + 2),
        "both_lost": lambda copies: copies == 0 and base >= 2,
    }[rule]


def _answer(copies: Copies, test: Callable[[int], bool]) -> tuple[str, frozenset[str]]:
    """Certain where every place of the breakpoints gives the same; else what their likely places give, with doubt."""
    likely, others = test(copies.likely), [test(number) for number in range(copies.low, copies.high + 1)]
    if all(others):
        return YES, frozenset()
    if not any(others):
        return NO, frozenset()
    clear = likely and not copies.doubtful
    return (YES if clear else MAYBE), frozenset({"breakpoint_in_locus_band"})


def _judge_trisomy(chrom: str, view: CopyView) -> Verdict:
    """More copies than the baseline along both arms; near-triploid clones hide whether two or one set was doubled."""
    if chrom in view.unresolved:
        return Verdict(MAYBE, warnings=frozenset({"chromosome_unresolved"}))
    profile, base = view.profiles[chrom], view.baseline[chrom]
    arms = long_arms(chrom, view.build)
    gained = all(profile.share_above(base, start, end) > ARM_SHARE for start, end in arms)
    middle = profile.between(*arms[-1])
    if view.ploidy not in (2, 4):
        return Verdict(MAYBE, middle.likely, warnings=frozenset({"ploidy_hides_trisomies"}))
    return Verdict(YES if gained else NO, middle.likely, f"{chrom} x{middle.likely}, baseline {base}")


def long_arms(chrom: str, build: str) -> list[tuple[int, int]]:
    """Start and end of the arms with unique sequence: not the short arms of acrocentric chromosomes."""
    return [span for arm, span in arm_spans(chrom, build).items() if arm == "q" or chrom not in ACROCENTRIC]


def judge_hyperdiploidy(trisomies: Mapping[str, Verdict]) -> Verdict:
    """Two or more of the eight odd chromosomes gained."""
    gained = [event.removeprefix("trisomy_") for event, verdict in trisomies.items() if verdict.answer == YES]
    doubtful = [verdict for verdict in trisomies.values() if verdict.answer == MAYBE]
    warnings = frozenset(warning for verdict in doubtful for warning in verdict.warnings)
    detail = f"trisomies {', '.join(gained)} of 8 odd chromosomes" if gained else "no odd chromosome gained"
    if len(gained) >= 2:
        return Verdict(YES, len(gained), detail)
    if len(gained) + len(doubtful) >= 2:
        return Verdict(MAYBE, None, detail, warnings)
    return Verdict(NO, len(gained), detail)
