"""What a clause says of its findings: present, absent or unknown, in which share of cells, with how many copies."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mmrisk.cytogenetics.colours import ColourPattern
from mmrisk.cytogenetics.findings import Finding, Node
from mmrisk.cytogenetics.fish import NO_CELLS, Cells, Copies
from mmrisk.cytogenetics.marks import Mark

PRESENT, ABSENT, NORMAL, UNKNOWN, FAILED, UNTESTED, LISTED = (
    "present",
    "absent",
    "normal",
    "unknown",
    "failed",
    "untested",
    "listed",
)
_TRANSPARENT = frozenset(
    {
        "connector",
        "filler",
        "cells_word",
        "copies_word",
        "scored_word",
        "open",
        "close",
        "zygosity",
        "half",
        "bare_change",
        "bare_fusion",
        "technique",
    }
)
_STATUS = {
    "negative": ABSENT,
    "normal": NORMAL,
    "positive": PRESENT,
    "yes": PRESENT,
    "no_answer": ABSENT,
    "below": PRESENT,
    "above": PRESENT,
    "failed": FAILED,
    "untested": UNTESTED,
}
_FIRM_LEADS = ("for", "of", ":", "=")


@dataclass(slots=True)
class _Clause:
    """The state of reading one clause from left to right."""

    nodes: list[Node]
    words: Callable[[Mark], str]
    lead: str = ""
    firm_lead: bool = False
    verb_lead: bool = False
    lead_share: Cells = NO_CELLS
    lead_copies: Copies | None = None
    lead_colours: ColourPattern | None = None
    lead_colours_at: int = -1
    pending: list[Finding] = field(default_factory=list)
    unshared: list[Finding] = field(default_factory=list)
    led: list[Finding] = field(default_factory=list)
    said: list[Finding] = field(default_factory=list)
    item: int = 0
    hedged_items: set[int] = field(default_factory=set)
    hedged: bool = False
    earlier: bool = False
    panel: bool = False
    depth: int = 0
    cutoffs_only: bool = False
    joined: bool = False


def judge_clause(nodes: list[Node], words: Callable[[Mark], str]) -> tuple[list[Finding], list[int]]:
    """Findings of a clause with their statuses, and the tokens of colour patterns that belong to no probe set.

    `words` gives the lower-case text of a mark.
    """
    clause = _Clause(nodes, words)
    for place, node in enumerate(nodes):
        if isinstance(node, Finding):
            _take_finding(clause, node)
        else:
            _take_mark(clause, node, place)
    for finding in clause.said:
        _conclude(clause, finding)
    loose = [one.colours_at for one in clause.said if one.colours is not None and not one.explains_colours]
    if clause.lead_colours is not None:
        loose.append(clause.lead_colours_at)
    return clause.said, loose


def _take_finding(clause: _Clause, finding: Finding) -> None:
    finding.item = clause.item
    clause.said.append(finding)
    if clause.lead and not (clause.verb_lead and not finding.asserts):
        finding.status = clause.lead
        clause.led.append(finding)
    else:
        clause.pending.append(finding)
    if clause.lead_share != NO_CELLS:
        finding.cells = clause.lead_share
    else:
        clause.unshared.append(finding)
    if finding.copies is None:
        finding.copies = clause.lead_copies
    if finding.colours is None:
        finding.colours, finding.colours_at = clause.lead_colours, clause.lead_colours_at
    clause.lead_copies = clause.lead_colours = None


def _take_mark(clause: _Clause, mark: Mark, place: int) -> None:
    kind = mark.kind
    if kind in ("comma", "or", "and", "string"):
        clause.item += kind in ("comma", "string")
        clause.joined = clause.joined or kind == "or"
    elif kind in _STATUS:
        _take_status(clause, mark, place)
    elif kind == "share":
        _take_share(clause, mark, place)
    elif kind == "copies":
        _take_copies(clause, mark, place)
    elif kind == "colours":
        _take_colours(clause, mark)
    elif kind in ("hedge", "history"):
        clause.earlier = clause.earlier or kind == "history"
        if not clause.said:
            clause.hedged = True
        clause.hedged_items.add(clause.item)
        clause.hedged_items.update(one.item for one in clause.pending)
    elif kind in ("open", "close"):
        clause.depth += 1 if kind == "open" else -1
    elif kind == "cutoff" and not clause.said:
        ahead = _neighbour(clause, place, 1)
        clause.cutoffs_only = not (isinstance(ahead, Mark) and ahead.kind == "share")
    elif kind == "panel" and clause.depth <= 0:
        clause.panel = True


def _take_status(clause: _Clause, mark: Mark, place: int) -> None:
    status = _STATUS[mark.kind]
    verb = mark.kind == "positive" and mark.value == "verb"
    if verb and clause.lead in (ABSENT, NORMAL):
        return
    if _is_trailing(clause, mark, place):
        _trail(clause, mark, status, place)
        return
    if mark.value in ("trail", "sign") and not _leads_list(clause, place) and clause.said:
        return
    if verb and (clause.said or clause.lead):
        return
    clause.lead, clause.verb_lead = status, verb
    clause.firm_lead = clause.words(mark).endswith((" for", " of")) or _is_firm(clause, place)
    clause.led = []


def _is_firm(clause: _Clause, place: int) -> bool:
    """Whether `for`, `of` or a colon ties a status to the whole list behind it."""
    for node in clause.nodes[place + 1 :]:
        if isinstance(node, Finding):
            return False
        if node.kind == "colon" or clause.words(node) in _FIRM_LEADS:
            return True
        if node.kind not in _TRANSPARENT:
            return False
    return False


def _is_mark(clause: _Clause, place: int) -> bool:
    return place < len(clause.nodes) and isinstance(clause.nodes[place], Mark)


def _leads_list(clause: _Clause, place: int) -> bool:
    return _is_mark(clause, place + 1) and clause.nodes[place + 1].kind == "colon"


def _is_trailing(clause: _Clause, mark: Mark, place: int) -> bool:
    """Whether a status word speaks of the findings before it."""
    if mark.value == "trail" or mark.kind in ("below", "above"):
        return bool(clause.pending or clause.said) and not _leads_list(clause, place)
    before, after = _neighbour(clause, place, -1), _neighbour(clause, place, 1)
    if mark.value == "sign":
        return isinstance(before, Finding)
    if mark.value == "lead":
        answers = isinstance(before, Finding) or (isinstance(before, Mark) and before.kind in ("colon", "dash"))
        ends = after is None or (isinstance(after, Mark) and after.kind in ("comma", "share"))
        return answers and ends and bool(clause.pending)
    if not clause.said:
        return False
    if _leads_list(clause, place) and not clause.pending:
        return False
    comma_before = isinstance(before, Mark) and before.kind in ("comma", "and", "or")
    if comma_before and isinstance(after, Finding):
        return False
    if clause.pending:
        return True
    adjacent = isinstance(before, Finding) or (isinstance(before, Mark) and before.kind in ("colon", "dash", "share"))
    return adjacent and not isinstance(after, Finding) and not (mark.kind == "positive" and mark.value == "verb")


def _neighbour(clause: _Clause, place: int, step: int) -> Node | None:
    here = place + step
    while 0 <= here < len(clause.nodes):
        node = clause.nodes[here]
        if isinstance(node, Finding) or node.kind not in _TRANSPARENT:
            return node
        here += step
    return None


def _trail(clause: _Clause, mark: Mark, status: str, place: int) -> None:
    if mark.kind in ("below", "above"):
        for finding in clause.pending:
            finding.status = PRESENT if finding.cells != NO_CELLS or mark.kind == "above" else ABSENT
        clause.pending = []
        return
    if not clause.pending:
        for finding in clause.said:
            if finding.item == clause.item and finding.status not in ("", status):
                finding.status = status
        return
    last = clause.pending[-1]
    linked = _is_linked(clause, last)
    for finding in clause.pending if mark.value != "sign" else [last]:
        if status in (ABSENT, NORMAL) and finding is not last and finding.item != last.item:
            if finding.family != last.family and not linked:
                finding.status = UNKNOWN
                finding.warnings.add("ambiguous_scope")
                continue
        finding.status = status
        finding.adjective = mark.value != "verb"
    clause.pending = [finding for finding in clause.pending if not finding.status]


def _is_linked(clause: _Clause, last: Finding) -> bool:
    """Whether `and`, `or` or `nor` stands before the last finding of a list: then the status speaks of all."""
    place = clause.nodes.index(last)
    before = _neighbour(clause, place, -1)
    return isinstance(before, Mark) and before.kind in ("and", "or")


def _take_share(clause: _Clause, mark: Mark, place: int) -> None:
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
    last_share = _neighbour(clause, place, -1)
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


def _finding_ahead(clause: _Clause, place: int) -> bool:
    """Whether a share stands in front of its finding: `60 % showed loss of 13q`."""
    for node in clause.nodes[place + 1 :]:
        if isinstance(node, Finding):
            return True
        if node.kind not in _TRANSPARENT and node.value != "verb":
            return False
    return False


def _is_cutoff(clause: _Clause, place: int) -> bool:
    """Whether a per cent is the laboratory's cut-off: `cut-off <8%`, `8% cut-off`, but not `4% (cut-off 8%)`."""
    for node in reversed(clause.nodes[:place]):
        if isinstance(node, Finding) or node.kind not in (*_TRANSPARENT, "colon", "cutoff", "below", "above"):
            break
        if node.kind in ("cutoff", "below", "above"):
            return True
    following = [node for node in clause.nodes[place + 1 :] if isinstance(node, Finding) or node.kind != "connector"]
    if not following or isinstance(following[0], Finding) or following[0].kind not in ("cutoff", "below", "above"):
        return False
    behind = following[1] if len(following) > 1 else None
    return following[0].kind == "cutoff" and not (isinstance(behind, Mark) and behind.kind in ("share", "colon"))


def _series(clause: _Clause, place: int) -> list[Cells]:
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


def _spread(clause: _Clause, series: list[Cells]) -> None:
    subjects = [(finding, part) for finding in clause.unshared for part in (finding.parts or (None,))]
    if len(clause.unshared) == len(series):
        for finding, cells in zip(clause.unshared, series, strict=True):
            finding.cells = cells
    elif len(subjects) == len(series) and len(clause.unshared) == 1:
        whole = clause.unshared[0]
        place = clause.said.index(whole)
        pieces = []
        for (_, part), cells in zip(subjects, series, strict=True):
            piece = Finding(whole.kind, (part,) if part else (), whole.events, whole.status, cells, item=whole.item)
            piece.copies, piece.zygosity, piece.first, piece.after = (
                whole.copies,
                whole.zygosity,
                whole.first,
                whole.after,
            )
            pieces.append(piece)
        clause.said[place : place + 1] = pieces
        if whole in clause.pending:
            clause.pending = [one for one in clause.pending if one is not whole] + pieces
    clause.unshared = []


def _take_copies(clause: _Clause, mark: Mark, place: int) -> None:
    before = clause.nodes[place - 1] if place else None
    here = place - 1
    while (
        here >= 0
        and isinstance(clause.nodes[here], Mark)
        and clause.nodes[here].kind
        in (  # type: ignore[union-attr]
            "open",
            "close",
            "colon",
            "dash",
            "connector",
            "filler",
            "positive",
            "normal",
        )
    ):
        here -= 1
    before = clause.nodes[here] if here >= 0 else None
    by_of = _is_mark(clause, place + 1) and clause.words(clause.nodes[place + 1]) in ("of", "for")  # type: ignore[arg-type]
    if isinstance(before, Finding) and before.copies is None and not by_of:
        before.copies = mark.value
    elif isinstance(_neighbour(clause, place, 1), Finding):
        clause.lead_copies = mark.value


def _take_colours(clause: _Clause, mark: Mark) -> None:
    last = next((finding for finding in reversed(clause.said) if finding.colours is None), None)
    if last is not None:
        last.colours, last.colours_at = mark.value, mark.first
    else:
        clause.lead_colours, clause.lead_colours_at = mark.value, mark.first


def _conclude(clause: _Clause, finding: Finding) -> None:
    if clause.cutoffs_only:  # `Cut-offs: del(17p) 10 %, t(4;14) 5 %` tells no result
        finding.status, finding.cells = LISTED, NO_CELLS
        return
    _limit_weak_negation(clause, finding)
    hedged = clause.hedged or finding.item in clause.hedged_items
    if hedged and finding.status in ("", PRESENT, ABSENT, NORMAL):
        finding.status = UNKNOWN
        finding.warnings.add("earlier_finding" if clause.earlier else "uncertain_wording")
        return
    if finding.status:
        return
    stated = finding.cells != NO_CELLS or finding.copies is not None
    if finding.asserts and not stated and _runs_on(clause, finding):
        finding.status = UNKNOWN
        finding.warnings.add("unread_text")
    elif finding.kind == "break_apart" and (finding.cells.known_share or 0) > 0 and finding.colours is None:
        finding.status = PRESENT
    elif finding.asserts and (stated or not clause.panel):
        finding.status = PRESENT
    elif not stated and finding.colours is None:
        finding.status = LISTED


def _runs_on(clause: _Clause, finding: Finding) -> bool:
    """Whether a word that was not understood stands right behind a finding: it may take the finding back."""
    for node in clause.nodes[clause.nodes.index(finding) + 1 :]:
        if isinstance(node, Finding) or node.kind not in ("connector", "unread"):
            return False
        if node.kind == "unread":
            return True
    return False


def _limit_weak_negation(clause: _Clause, finding: Finding) -> None:
    """A bare `no` reaches the first finding and those of its list; what else a comma joins to it is ambiguous."""
    if finding.status not in (ABSENT, NORMAL) or finding not in clause.led or clause.firm_lead:
        return
    first = clause.led[0]
    if finding is first or clause.joined or finding.family == first.family:
        return
    finding.status = UNKNOWN
    finding.warnings.add("ambiguous_scope")
