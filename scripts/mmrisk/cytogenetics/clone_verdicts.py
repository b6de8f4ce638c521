"""What one clone says of every event, and whether it is a clone of plasma cells."""

from dataclasses import replace

from mmrisk.cytogenetics.bands import KARYOTYPE_BUILD
from mmrisk.cytogenetics.clones import Clone
from mmrisk.cytogenetics.copy_events import (
    MAYBE,
    NO,
    TRISOMIES,
    YES,
    CopyView,
    Verdict,
    copy_rules,
    judge_copies,
    judge_hyperdiploidy,
)
from mmrisk.cytogenetics.junctions import FUSION_EVENTS, judge_fusions
from mmrisk.resource import facts

HYPODIPLOID_BELOW = 45
NEAR_TETRAPLOID_FROM = 81
"""Chromosome numbers of the classes of ISCN 2024, table 6."""
COUNT_EVENTS = ("hypodiploid", "near_tetraploid")
EVENTS = (*FUSION_EVENTS, "hyperdiploid", *TRISOMIES, *COUNT_EVENTS, *copy_rules())
"""Every event that a karyotype can show."""
_LOST_WITH_AGE = frozenset({"-X", "-Y"})
"""Sex chromosomes that blood cells lose with age; beside other changes they say nothing of the clone."""
_LOSSES = frozenset(event for event, rule in copy_rules().items() if rule in ("loss", "both_lost"))


def judge_clone(clone: Clone) -> dict[str, Verdict]:
    """Verdicts of one clone on all events."""
    view = CopyView(KARYOTYPE_BUILD, clone.profiles(), clone.baseline, clone.ploidy, clone.unresolved)
    copies = judge_copies(view)
    if clone.hidden:
        copies = {event: _with_unknown_material(event, verdict, clone) for event, verdict in copies.items()}
        trisomies = {event: copies[event] for event in TRISOMIES}
        copies["hyperdiploid"] = judge_hyperdiploidy(trisomies)
    return copies | judge_fusions(clone) | _judge_counts(clone)


def _with_unknown_material(event: str, verdict: Verdict, clone: Clone) -> Verdict:
    """Markers and additions can hold any chromosome: they may hide a gain, and make up for a loss."""
    if event in _LOSSES:
        return replace(verdict, warnings=verdict.warnings | {"marker_may_hide"}) if verdict.answer == YES else verdict
    if verdict.answer == NO:
        return replace(verdict, answer=MAYBE, warnings=verdict.warnings | {"marker_may_hide"})
    return verdict


def _judge_counts(clone: Clone) -> dict[str, Verdict]:
    """Hypodiploidy and near-tetraploidy by the printed count, doubted where the listed changes give another class."""
    printed = clone.written.count
    low, high = (printed.low, printed.high) if printed else (clone.chromosomes, clone.chromosomes)
    listed = clone.chromosomes
    text = f"{printed or listed} chromosomes"
    certain = not clone.unresolved and "inc" not in clone.hidden
    return {
        "hypodiploid": Verdict(
            _both(high < HYPODIPLOID_BELOW, low < HYPODIPLOID_BELOW, listed < HYPODIPLOID_BELOW, certain=certain),
            detail=text,
        ),
        "near_tetraploid": Verdict(
            _both(
                low >= NEAR_TETRAPLOID_FROM,
                high >= NEAR_TETRAPLOID_FROM,
                clone.ploidy == 4 or listed >= NEAR_TETRAPLOID_FROM,
                certain=certain,
            ),
            detail=text,
        ),
    }


def _both(all_cells: bool, some_cells: bool, listed: bool, *, certain: bool) -> str:  # noqa: FBT001
    if all_cells and listed:
        return YES
    return NO if certain and not some_cells and not listed else MAYBE


def why_no_plasma_cells(clone: Clone) -> str:
    """Why a clone is no plasma-cell evidence; empty for a clone that is."""
    if clone.written.donor:
        return "donor cells"
    sex = [change for change in clone.acquired if change in _LOST_WITH_AGE]
    others = [change for change in clone.acquired if change not in _LOST_WITH_AGE]
    for row in facts("non_plasma_cell_clones.tsv"):
        few = len(others) <= int(row["most"])
        named = any(change.startswith(row["change"]) for change in others or sex)
        if few and named and not (int(row["most"]) > 1 and _looks_like_myeloma(clone)):
            return row["reason"]
    return ""


def _looks_like_myeloma(clone: Clone) -> bool:
    """An IG translocation or a loss of 13q tells a clone of plasma cells from a myeloid one with the same change."""
    verdicts = judge_clone(clone)
    return any(verdicts[event].answer == YES for event in (*FUSION_EVENTS, "del_13q"))
