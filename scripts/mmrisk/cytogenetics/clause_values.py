"""Shares of cells, numbers of copies and colour patterns of a clause, given to the findings they belong to."""

from dataclasses import replace

from mmrisk.cytogenetics.clause_state import (
    ABSENT,
    FAILED,
    NORMAL,
    PRESENT,
    TRANSPARENT,
    UNTESTED,
    Clause,
    neighbour,
)
from mmrisk.cytogenetics.findings import Finding, Node
from mmrisk.cytogenetics.fish import NO_CELLS, Cells
from mmrisk.cytogenetics.tokens import Mark


def take_share(clause: Clause, mark: Mark, place: int) -> None:
    cells: Cells = mark.value
    before = clause.nodes[place - 1] if place else None
    if _is_cutoff(clause, place):
        for finding in clause.said:
            if finding.limit is None:
                finding.limit = cells.known_share if cells.known_share is not None else cells.high
        return
    series = _series(clause, place)
    if series:
        _spread(clause, series)
        return
    last_share = neighbour(clause, place, -1)
    if isinstance(last_share, Mark) and last_share.kind == "share" and not clause.unshared:
        return
    if not clause.unshared:
        if not clause.said or _finding_ahead(clause, place):
            clause.lead_share = cells
        return
    bracketed = isinstance(before, Mark) and before.kind == "open"
    direct = isinstance(before, Finding)
    chosen = clause.unshared
    if bracketed or direct:
        chosen = [clause.unshared[-1]]
    for finding in chosen:
        if finding.status not in (ABSENT, NORMAL, FAILED, UNTESTED) or finding is clause.unshared[-1]:
            finding.cells = cells
        if finding.asserts and not finding.status and cells.known_share != 0:
            finding.status = PRESENT
    clause.pending = [finding for finding in clause.pending if not finding.status]
    clause.unshared = []


def _finding_ahead(clause: Clause, place: int) -> bool:
    """Whether a share stands in front of its finding: `60 % showed loss of 13q`."""
    for node in clause.nodes[place + 1 :]:
        if isinstance(node, Finding):
            return True
        if node.kind not in TRANSPARENT and node.value != "verb":
            return False
    return False


def _is_cutoff(clause: Clause, place: int) -> bool:
    """Whether a per cent is the laboratory's cut-off: `cut-off <8%`, `8% cut-off`, but not `4% (cut-off 8%)`."""
    for node in reversed(clause.nodes[:place]):
        if isinstance(node, Finding) or node.kind not in (*TRANSPARENT, "colon", "cutoff", "below", "above"):
            break
        if node.kind in ("cutoff", "below", "above"):
            return True
    following = [node for node in clause.nodes[place + 1 :] if isinstance(node, Finding) or node.kind != "connector"]
    if not following or isinstance(following[0], Finding) or following[0].kind not in ("cutoff", "below", "above"):
        return False
    behind = following[1] if len(following) > 1 else None
    return following[0].kind == "cutoff" and not (isinstance(behind, Mark) and behind.kind in ("share", "colon"))


def _series(clause: Clause, place: int) -> list[Cells]:
    """Shares joined by commas and `and` that are as many as the findings before them, if `respectively` follows."""
    if not any(isinstance(node, Mark) and node.kind == "respectively" for node in clause.nodes[place:]):
        return []
    found: list[Cells] = []
    for node in clause.nodes[place:]:
        if isinstance(node, Finding) or node.kind == "respectively":
            break
        if node.kind == "share":
            found.append(node.value)
    return found


def _spread(clause: Clause, series: list[Cells]) -> None:
    """Give each finding its share; one finding of several subjects is split where the shares are theirs."""
    whole = clause.unshared[0] if len(clause.unshared) == 1 else None
    if len(clause.unshared) == len(series):
        for finding, cells in zip(clause.unshared, series, strict=True):
            finding.cells = cells
    elif whole is not None and len(whole.parts) == len(series):
        pieces = [replace(whole, parts=(part,), cells=cells) for part, cells in zip(whole.parts, series, strict=True)]
        place = clause.said.index(whole)
        clause.said[place : place + 1] = pieces
        if whole in clause.pending:
            clause.pending = [*(one for one in clause.pending if one is not whole), *pieces]
    clause.unshared = []


_BEFORE_COPIES = frozenset({"open", "close", "colon", "dash", "connector", "filler", "positive", "normal"})


def take_copies(clause: Clause, mark: Mark, place: int) -> None:
    """`CKS1B: 3 copies` speaks of what is before it, `3 copies of CKS1B` of what follows.

    A second number for the same subject (`1q21 x3 30%, x4 20%`) is another clone.
    """
    before = next((node for node in reversed(clause.nodes[:place]) if not _is_one_of(node, _BEFORE_COPIES)), None)
    if isinstance(before, Finding) and before.copies is None and not _leads_on(clause, place):
        before.copies = mark.value
    elif isinstance(neighbour(clause, place, 1), Finding):
        clause.lead_copies = mark.value
    elif clause.said and clause.said[-1].copies not in (None, mark.value):
        last = clause.said[-1]
        status = last.status if last.status in (ABSENT, NORMAL, FAILED, UNTESTED) else ""
        warnings = set(last.warnings)
        other = replace(last, copies=mark.value, cells=NO_CELLS, status=status, another=True, warnings=warnings)
        clause.said.append(other)
        if not status:
            clause.pending.append(other)
        clause.unshared.append(other)


def take_colours(clause: Clause, mark: Mark, place: int) -> None:
    """A pattern belongs to the probe set named last, or to the next where `for` or `with` leads on to it."""
    last = next((finding for finding in reversed(clause.said) if finding.colours is None), None)
    ahead = isinstance(neighbour(clause, place, 1), Finding) and _leads_on(clause, place)
    if last is not None and not ahead:
        last.colours, last.colours_at = mark.value, mark.first
    else:
        clause.lead_colours, clause.lead_colours_at = mark.value, mark.first


def _is_one_of(node: Node, kinds: frozenset[str]) -> bool:
    return isinstance(node, Mark) and node.kind in kinds


def _leads_on(clause: Clause, place: int) -> bool:
    """Whether `of`, `for` or `with` follows, past words like `signal pattern`."""
    for node in clause.nodes[place + 1 :]:
        if isinstance(node, Finding):
            return False
        if clause.words(node) in ("of", "for", "with", "with the", "using"):
            return True
        if node.kind not in ("connector", "filler", "copies_word"):
            return False
    return False
