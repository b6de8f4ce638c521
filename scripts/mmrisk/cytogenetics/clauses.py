"""What a clause says of its findings: present, absent or unknown, in which share of cells, with how many copies."""

from collections.abc import Callable

from mmrisk.cytogenetics.clause_state import (
    ABSENT,
    FAILED,
    LISTED,
    NORMAL,
    PRESENT,
    TRANSPARENT,
    UNKNOWN,
    UNTESTED,
    Clause,
    is_mark,
    neighbour,
)
from mmrisk.cytogenetics.clause_values import take_colours, take_copies, take_share
from mmrisk.cytogenetics.findings import GAINS, Finding, Node
from mmrisk.cytogenetics.fish import NO_CELLS
from mmrisk.cytogenetics.tokens import Mark

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
_NOUNS = ("abnormality", "abnormalities")
_INVERTED = frozenset({"had", "should", "were"})
_FINITE = frozenset({"was", "were", "has", "have", "is", "are"})
_COPULAS = ("is", "are", "is a", "are a", "as", "is the", "are the")


def judge_clause(nodes: list[Node], words: Callable[[Mark], str]) -> tuple[list[Finding], list[int]]:
    """Findings of a clause with their statuses, and the tokens of colour patterns that belong to no probe set.

    `words` gives the lower-case text of a mark.
    """
    clause = Clause(nodes, words)
    for place, node in enumerate(nodes):
        if isinstance(node, Finding):
            _take_finding(clause, node)
        else:
            _take_mark(clause, node, place)
    for finding in clause.said:
        _conclude(clause, finding)
    clause.said = [finding for finding in clause.said if not _is_empty_clone(finding)]
    loose = [one.colours_at for one in clause.said if one.colours is not None and not one.explains_colours]
    if clause.lead_colours is not None:
        loose.append(clause.lead_colours_at)
    return clause.said, loose


def _take_finding(clause: Clause, finding: Finding) -> None:
    finding.item = clause.item
    clause.said.append(finding)
    if clause.lead and not (clause.verb_lead and not finding.asserts):
        finding.status, finding.vague = clause.lead, clause.vague_lead
        finding.answered = clause.answering
        finding.denied_list = clause.lead in (ABSENT, NORMAL)
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


def _take_mark(clause: Clause, mark: Mark, place: int) -> None:
    kind = mark.kind
    if place == 0 and clause.words(mark) in _INVERTED:  # `should del(17p) be found`
        clause.hedged = True
    if kind in ("comma", "or", "and", "string"):
        clause.item += kind in ("comma", "string")
        clause.joined = clause.joined or kind == "or"
    elif kind in _STATUS:
        _take_status(clause, mark, place)
    elif kind == "share":
        take_share(clause, mark, place)
    elif kind == "copies":
        take_copies(clause, mark, place)
    elif kind == "colours":
        take_colours(clause, mark, place)
    elif kind in ("hedge", "history"):
        _take_hedge(clause, mark, place)
    elif kind in ("open", "close"):
        clause.depth += 1 if kind == "open" else -1
    elif kind == "cutoff" and not clause.said:
        ahead = neighbour(clause, place, 1)
        own_share = isinstance(ahead, Mark) and ahead.kind == "share"
        clause.cutoffs_only = not own_share or _is_for_what_follows(clause, ahead)
    elif kind == "panel" and clause.depth <= 0:
        clause.panel = True
    elif mark.value == "other" and clause.lead in (ABSENT, NORMAL) and not clause.said:
        clause.hedged = True  # `no other abnormality (del(17p), 1q gain)`: other than which is not said
    elif mark.value == "associated":  # with a prognosis; two findings may be associated too
        clause.general = clause.general or not isinstance(neighbour(clause, place, 1), Finding)
    elif mark.value == "general" or (mark.value == "risk" and _is_predicate(clause, place)):
        clause.general = True


def _is_for_what_follows(clause: Clause, share: Node | None) -> bool:
    """Whether a cut-off is that of the finding behind it: `the cut-off is 10 % for del(17p)`."""
    behind = clause.nodes[clause.nodes.index(share) + 1 :] if share is not None else []
    joined = behind[:1] and isinstance(behind[0], Mark) and clause.words(behind[0]) in ("for", "of")
    return bool(joined) and isinstance(behind[1] if len(behind) > 1 else None, Finding)


def _is_predicate(clause: Clause, place: int) -> bool:
    """Whether a word of risk says what findings are, as in `del(17p) and t(4;14) are high-risk markers`."""
    for node in reversed(clause.nodes[:place]):
        if isinstance(node, Finding) or node.kind not in (*TRANSPARENT, "unread"):
            return False
        if clause.words(node) in _COPULAS:
            return bool(clause.said)
    return False


def _take_hedge(clause: Clause, mark: Mark, place: int) -> None:
    """Doubt reaches what it stands beside; a bare `not` only what follows it, if it is understood."""
    behind = clause.nodes[place + 1 : place + 2]
    speaks = any(isinstance(node, Finding) or node.kind != "unread" for node in behind)
    if clause.words(mark) == "not" and clause.said and speaks:
        clause.denied_from = len(clause.said)
        return
    clause.earlier = clause.earlier or mark.kind == "history"
    clause.hedged = clause.hedged or not clause.said
    clause.hedged_items.add(clause.item)
    clause.hedged_items.update(one.item for one in clause.pending)


def _take_status(clause: Clause, mark: Mark, place: int) -> None:
    status = _STATUS[mark.kind]
    if status == PRESENT and _is_qualified(clause, mark, place):
        status = UNKNOWN
    verb = mark.kind == "positive" and mark.value == "verb"
    if verb and clause.lead in (ABSENT, NORMAL):
        if _has_its_object(clause, place):  # `no fusion: suggests trisomy 11`
            clause.lead, clause.hedged = "", True
        return
    if _is_trailing(clause, mark, place):
        _trail(clause, mark, status, place)
        return
    if mark.value in ("trail", "sign") and not _begins_list(clause, place) and clause.said:
        return
    if verb and (clause.said or clause.lead):
        return
    if mark.value == "abnormal" and clause.lead in (ABSENT, NORMAL) and not clause.said:
        return  # `no clonal abnormality such as del(17p)`
    clause.lead, clause.verb_lead, clause.vague_lead = status, verb, mark.value == "abnormal"
    clause.firm_lead = clause.words(mark).endswith((" for", " of")) or _is_firm(clause, place)
    clause.answering = not verb or _leads_list(clause, place)  # `detected: del(17p)`, not `the presence of del(17p)`
    clause.led = []


def _is_qualified(clause: Clause, mark: Mark, place: int) -> bool:
    """Whether a word that was not understood stands before a `yes`, or behind the verb of one: `has disappeared`."""
    beside = [clause.nodes[place - 1]] if place else []
    if mark.value == "verb" and clause.said:
        beside += clause.nodes[place + 1 : place + 2]
    return any(isinstance(node, Mark) and node.kind == "unread" for node in beside)


def _is_gone(clause: Clause, finding: Finding) -> bool:
    """Whether an abnormality is said to be lost itself: `loss of the t(4;14) clone`, `t(4;14) was lost`."""
    place = clause.nodes.index(finding)
    before = [node for node in clause.nodes[:place] if not isinstance(node, Mark) or node.kind != "connector"]
    behind = [node for node in clause.nodes[place + 1 :] if not isinstance(node, Mark) or node.kind != "connector"]
    of = place > 0 and isinstance(clause.nodes[place - 1], Mark)
    lost = [(before[-1:], ("loss", "lost")), (behind[:1], ("lost",))]
    return of and any(
        isinstance(node, Mark) and node.kind == "bare_change" and clause.words(node) in words
        for nodes, words in lost
        for node in nodes
    )


def _has_its_object(clause: Clause, place: int) -> bool:
    """Whether a colon stands before a verb, and before that a change without subject: a negation ends with it."""
    kinds = [node.kind if isinstance(node, Mark) else "" for node in clause.nodes[:place]]
    return kinds[-1:] == ["colon"] and kinds[-2:-1] in (["bare_fusion"], ["bare_change"])


def _is_firm(clause: Clause, place: int) -> bool:
    """Whether `for`, `of` or a colon ties a status to the whole list behind it."""
    for node in clause.nodes[place + 1 :]:
        if isinstance(node, Finding):
            return False
        if node.kind == "colon" or clause.words(node) in _FIRM_LEADS:
            return True
        if node.kind not in TRANSPARENT:
            return False
    return False


def _leads_list(clause: Clause, place: int) -> bool:
    return is_mark(clause, place + 1) and clause.nodes[place + 1].kind == "colon"


def _begins_list(clause: Clause, place: int) -> bool:
    """Whether a status stands before what it speaks of, as in `del(17p) 45%, not detected t(4;14)`."""
    before, after = neighbour(clause, place, -1), neighbour(clause, place, 1)
    alone = not clause.pending and isinstance(before, Mark) and before.kind in ("comma", "and")
    return _leads_list(clause, place) or (alone and isinstance(after, Finding))


def _denies_more(clause: Clause, place: int) -> bool:
    """Whether a denial is of more than was found before it: `CKS1B gain without amplification`."""
    following = {str(node.value) for node in clause.nodes[place + 1 :] if isinstance(node, Mark)}
    last = clause.pending[-1]
    return last.kind in GAINS and not last.goes_further and "amplification" in following


def _is_trailing(clause: Clause, mark: Mark, place: int) -> bool:
    """Whether a status word speaks of the findings before it."""
    before, after = neighbour(clause, place, -1), neighbour(clause, place, 1)
    if mark.value == "trail" or mark.kind in ("below", "above"):
        return bool(clause.pending or clause.said) and not _begins_list(clause, place)
    if mark.value == "sign":
        return isinstance(before, Finding)
    if mark.value == "lead":
        answers = isinstance(before, Finding) or (isinstance(before, Mark) and before.kind in ("colon", "dash"))
        ends = after is None or (isinstance(after, Mark) and after.kind in ("comma", "share"))
        return answers and ends and bool(clause.pending) and not _denies_more(clause, place)
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


def _trail(clause: Clause, mark: Mark, status: str, place: int) -> None:
    if mark.kind in ("below", "above"):
        for finding in clause.pending:
            finding.status = PRESENT if finding.cells != NO_CELLS or mark.kind == "above" else ABSENT
        clause.pending = []
        return
    if not clause.pending:
        for finding in clause.said:
            if finding.item == clause.item and finding.status not in ("", status):
                finding.status = status
        last = clause.said[-1]
        if mark.value == "trail" and last.status == PRESENT and status == ABSENT:  # `del(17p), seen in 2019, not found`
            last.status = UNKNOWN
            last.warnings.add("ambiguous_scope")
        return
    last = clause.pending[-1]
    vague = mark.value == "abnormal" or (clause.panel and len(clause.pending) > 1)
    linked = last in clause.nodes and _is_linked(clause, last)
    slashed = any(isinstance(node, Mark) and node.kind == "slash" for node in clause.nodes)
    for finding in [last] if mark.value == "sign" or last.another else clause.pending:
        elsewhere = finding.item != last.item and finding.family != last.family
        milder = last.goes_further and not finding.goes_further and not slashed  # `gain, not amplified`
        if status in (ABSENT, NORMAL) and (elsewhere or milder) and not linked:
            finding.status = UNKNOWN
            finding.warnings.add("ambiguous_scope")
        else:
            finding.status = status
            finding.adjective, finding.vague = mark.value != "verb", vague
            noun = clause.words(mark).endswith(_NOUNS)  # `del(17p) is considered a high-risk abnormality`
            finding.answered = not noun and (finding.adjective or _is_finite(clause, mark, place))
    clause.pending = [finding for finding in clause.pending if not finding.status]


def _is_finite(clause: Clause, mark: Mark, place: int) -> bool:
    """Whether a verb states a result (`was detected`), not what is known of such findings (`seen in MM is`)."""
    after = clause.nodes[place + 1] if is_mark(clause, place + 1) else None
    ends = place + 1 == len(clause.nodes) or (isinstance(after, Mark) and after.kind in ("comma", "close"))
    return ends or clause.words(mark).split()[0] in _FINITE


def _is_linked(clause: Clause, last: Finding) -> bool:
    """Whether `and`, `or` or `nor` stands before the last finding of a list: then the status speaks of all."""
    place = clause.nodes.index(last)
    before = neighbour(clause, place, -1)
    return isinstance(before, Mark) and before.kind in ("and", "or")


def _conclude(clause: Clause, finding: Finding) -> None:
    general = clause.general and finding.cells.known_share is None and not finding.answered
    if clause.cutoffs_only or (general and finding.status in ("", PRESENT)):
        # `Cut-offs: del(17p) 10 %`, `the presence of del(17p) is associated with poor prognosis` tell no result
        finding.status, finding.cells = LISTED, NO_CELLS
        return
    _limit_weak_negation(clause, finding)
    denied = clause.denied_from is not None and clause.said.index(finding) >= clause.denied_from
    hedged = clause.hedged or denied or finding.item in clause.hedged_items
    if hedged and finding.status in ("", PRESENT, ABSENT, NORMAL):
        finding.status = UNKNOWN
        finding.warnings.add("earlier_finding" if clause.earlier else "uncertain_wording")
        return
    if finding.events and finding in clause.nodes and _is_gone(clause, finding):
        finding.status = UNKNOWN
        finding.warnings.add("uncertain_wording")
        return
    split = finding.kind == "break_apart" and (finding.cells.known_share or 0) > 0  # `MYC break-apart: abnormal (45%)`
    if finding.status == PRESENT and finding.vague and _lacks_a_change(finding) and not split:
        finding.status = UNKNOWN  # `FGFR3/IGH: abnormal` may be a fusion, another copy, or a loss
        finding.warnings.add("change_not_named")
    if finding.another and not finding.status and not (finding.cells.known_share or finding.cells.low):
        finding.status = UNKNOWN if finding.cells.known_share is None else ABSENT
        finding.warnings.add("uncertain_wording")
    if finding.status:
        return
    stated = finding.cells != NO_CELLS or finding.copies is not None
    if finding.asserts and not stated and _runs_on(clause, finding):
        finding.status = UNKNOWN
        finding.warnings.add("unread_text")
    elif (finding.kind == "break_apart" and (finding.cells.known_share or 0) > 0 and finding.colours is None) or (
        finding.asserts and (stated or not clause.panel)
    ):
        finding.status = PRESENT
    elif not stated and finding.colours is None:
        finding.status = LISTED


def _is_empty_clone(finding: Finding) -> bool:
    """Whether a second number of copies was seen in no cell: `CKS1B: 3 copies 45%, 4 copies 0%`."""
    return finding.another and (finding.status in (ABSENT, NORMAL) or finding.cells.known_share == 0)


def _lacks_a_change(finding: Finding) -> bool:
    return not finding.asserts and finding.copies is None and finding.colours is None


def _runs_on(clause: Clause, finding: Finding) -> bool:
    """Whether a word that was not understood stands right behind a finding: it may take the finding back."""
    for node in clause.nodes[clause.nodes.index(finding) + 1 :]:
        if isinstance(node, Finding) or node.kind not in ("connector", "filler", "colon", "dash", "unread"):
            return False
        if node.kind == "unread":
            return True
    return False


def _limit_weak_negation(clause: Clause, finding: Finding) -> None:
    """A bare `no` reaches the first finding and those of its list; what else a comma joins to it is ambiguous."""
    if finding.status not in (ABSENT, NORMAL) or finding not in clause.led or clause.firm_lead:
        return
    first = clause.led[0]
    milder = first.goes_further and not finding.goes_further  # `no amplification, gain only`
    if finding is first or clause.joined or (finding.family == first.family and not milder):
        return
    finding.status = UNKNOWN
    finding.warnings.add("ambiguous_scope")
