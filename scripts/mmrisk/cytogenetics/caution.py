"""A second look at FISH prose: wording whose scope cannot be told is never taken for a clear yes or no.

The reader of prose follows the grammar of a sentence. Here each sentence is searched for wording that has misled
readers ("Loss of TP53, CKS1B normal", "apart from a gain of 1q21 no abnormality", headings without an answer). What
such a sentence speaks of becomes not evaluable where it would have been absent or present; nothing is ever made more
certain.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.cytogenetics.reading import Reading
from mmrisk.events import Evidence, State, cutoff

AMBIGUOUS = "ambiguous_scope"
SHARE_IS_PART = "one_of_several_clones"
PROSE = frozenset({"prose", "colours"})

CHANGE = re.compile(
    r"\b(?:loss(?:es)?|lost|delet\w*|del(?=\s?[(\d])|gains?|gained|amplif\w*|monosom\w*|trisom\w*|rearrang\w*"
    r"|transloc\w*|fusions?|duplicat\w*)\b|\bt\s?\(\s?\d",
    re.IGNORECASE,
)
DENIAL_BEFORE = re.compile(r"\b(?:no|not|nor|neither|none|negative|neg|without|absen\w+|exclud\w+)\b", re.IGNORECASE)
ANSWER_BEHIND = re.compile(
    r"[^,;]{0,25}?[:=-]?\s*\b(?:negative|neg|absent|not\s+(?:detected|seen|found|observed|present|identified)|"
    r"undetected|no|none|0\s?%)\b",
    re.IGNORECASE,
)
NORMAL = re.compile(r"\b(?:normal|unremarkable|intact|retained|unauff\w*)\b", re.IGNORECASE)
EXCEPTION = re.compile(
    r"\b(?:apart\s+from|aside\s+from|except\w*|exception|otherwise|others?|rest)\b"
    r"|\bwith\s+(?:an?\s+|one\s+|two\s+|the\s+)?(?:normal|intact|retained|del\b|loss|gain|amp|trisom|monosom|\d\s)",
    re.IGNORECASE,
)
UNTESTED = re.compile(
    r"\bn\s?[./]\s?[adetpr]\b"
    r"|\bno\s+(?:data|samples?|cells?|information|material|analys\w+|fish|probes?|tests?|testing|results?|hybridi\w+)\b"
    r"|\b(?:neither|none|no|not)\b.{0,120}\b(?:performed|tested|used|assessed|done|examined|analy[sz]ed|included)\b",
    re.IGNORECASE,
)
COUNTS = re.compile(
    r"\b(?:\d+|one|two|three|four|zero)\s*(?:\+|or\s+more|or\s+greater)?\s*(?:signals?|copies|copy|spots?)\b",
    re.IGNORECASE,
)
BOTH_LOST = re.compile(r"\b(?:homozyg\w*|bi-?allelic\w*|nullisom\w*|zero|0)\b", re.IGNORECASE)
FOUR_OR_MORE = re.compile(
    r"amplif|\bamp\b|\b(?:[4-9]|1\d)\s*(?:[-~–]\s*\d+\s*)?(?:copies|signals|spots)|[≥>]\s*=?\s*[34]|four|x\s?[4-9]",
    re.IGNORECASE,
)
UNANSWERED = re.compile(
    r":\s*(?:see\b.*|none|nil|zero\b.*|nein|kein\w*|wt|wild[- ]?type|unauff\w*|pending.*|[-–?])?\s*$"
    r"|[☐☑☒□■✓✗]|\[\s?[xX]?\s?\]"
    r"|\b(?:yes|positive|pos|present|detected)\s*/\s*(?:no|negative|neg|absent|not)\b|\(\s*-\s*\)",
    re.IGNORECASE,
)
HEDGED = re.compile(
    r"\b(?:low[- ]level|borderline|equivocal|questionable|no\s+(?:fusion|metaphas\w+))\b", re.IGNORECASE
)
PER_CENT = re.compile(r"\d\s?%")
BARE_ANSWER = re.compile(
    r"\W*(?:neg|negative|-ve|no|none|nil|absent|normal|not\s+\w+|undetected|failed|n\.?\s?d)\W*", re.IGNORECASE
)
MATERIAL = re.compile(
    r"\b(?:purity|purified|enrich\w*|infiltrat\w*|select\w*|sorted|cd\s?138\S*|plasma\s*cells?|pcs?|marrow|bm)\b",
    re.IGNORECASE,
)
ZYGOSITY = re.compile(r"\b(?:mono-?allelic|hemizyg\w*|heterozyg\w*|homozyg\w*|bi-?allelic)\w*", re.IGNORECASE)
CUTOFF_STATED = re.compile(r"\bcut-?\s?off\w*[^.\n]{0,40}?(\d{1,2}(?:[.,]\d+)?)\s?%", re.IGNORECASE)
SENTENCE_END = re.compile(r";(?![^()]{0,12}\))|\n|(?<=[A-Za-z%)\]])\.(?=\s|$)")

UNSELECTED = re.compile(
    r"\b(?:un(?:selected|sorted|enriched|purified)|not\s+(?:\w+\s+)?(?:selected|sorted|enriched|purified)"
    r"|without\s+(?:\w+\s+){0,2}(?:selection|sorting|enrichment|purification))\b",
    re.IGNORECASE,
)

MONTH_OF_YEAR = re.compile(r"(?<![\d\[/])(?:0?[1-9]|1[0-2])/(?:19|20)\d\d(?!\d|\])")
LEADERS = re.compile(r"[._…]{3,}|…+")


def read_fish_with_caution(text: str, *, sample_id: str, assay_id: str, cell_selection: str = "unknown") -> Reading:
    """Read a FISH report, then withdraw what its wording does not carry."""

    def read(part: str) -> Reading:
        return read_fish(part, sample_id=sample_id, assay_id=assay_id, cell_selection=cell_selection)

    plain = _without_traps(text)
    if UNSELECTED.search(plain):  # the report itself knows better than the sheet
        cell_selection = "none"
    reading = read(plain)
    if not any(item.method in PROSE for item in reading.evidence):
        return replace(reading, evidence=tuple(map(_consistent, reading.evidence)))
    doubts = _doubts(plain, read)
    limit = max((float(share.replace(",", ".")) / 100 for share in CUTOFF_STATED.findall(plain)), default=0.0)
    evidence = (_consistent(_weighed(item, doubts.get(item.event, set()), plain, limit)) for item in reading.evidence)
    return replace(reading, evidence=tuple(evidence))


def _without_traps(text: str) -> str:
    """The text with dates and dotted leaders made harmless, each character in its place."""
    text = MONTH_OF_YEAR.sub(lambda match: " " * len(match[0]), text)
    return LEADERS.sub(lambda match: ":" + " " * (len(match[0]) - 1), text)


def _doubts(text: str, read: Callable[[str], Reading]) -> dict[str, set[State]]:
    """Event -> states that sentences about it cannot carry; `subthreshold` stands for the share of a finding."""
    doubts: dict[str, set[State]] = {}
    start, before = 0, ""
    for end in [*(match.end() for match in SENTENCE_END.finditer(text)), len(text)]:
        sentence, start = text[start:end], end
        states, counted = set(_uncarried(sentence)), COUNTS.search(sentence) is not None
        events = read(sentence).events if states or counted else ()
        if counted and not events:  # `CKS1B: 3 signals in 60 %; 4 signals in 10 %`: the subject stands in front
            events, states = read(before).events, {State.ABSENT, State.SUBTHRESHOLD}
        elif BARE_ANSWER.fullmatch(sentence):  # `t(4;14); neg.`
            events, states = read(before).events, {State.PRESENT}
        for event in events if states else ():
            doubts.setdefault(event, set()).update(states)
        before = sentence if sentence.strip() else before
    return doubts


def _uncarried(sentence: str) -> Iterator[State]:
    changes = [match for match in CHANGE.finditer(sentence) if not _denied(sentence, match)]
    normal = list(NORMAL.finditer(sentence))
    if changes and normal and normal[-1].start() > changes[0].start():
        yield State.ABSENT
    if CHANGE.search(sentence) and EXCEPTION.search(sentence):
        yield State.ABSENT
    if UNTESTED.search(sentence) or len(COUNTS.findall(sentence)) > 1:
        yield State.ABSENT
    if len(COUNTS.findall(sentence)) > 1 or len(ZYGOSITY.findall(sentence)) > 1:
        yield State.SUBTHRESHOLD
    if len(PER_CENT.findall(sentence)) > 1 and _begins_with_material(sentence):
        yield from (State.ABSENT, State.PRESENT)
    if UNANSWERED.search(sentence.rstrip(" .")) or HEDGED.search(sentence):
        yield State.PRESENT


def _begins_with_material(sentence: str) -> bool:
    """Whether a per cent of the material (purity, infiltration) stands before the first finding."""
    first = CHANGE.search(sentence)
    before = sentence[: first.start()] if first else sentence
    return PER_CENT.search(before) is not None and MATERIAL.search(before) is not None


def _denied(sentence: str, change: re.Match[str]) -> bool:
    before = sentence[: change.start()].rsplit(",", 1)[-1]
    leads = re.match(r"\s*(?:no|negative|neg|without)\b", sentence, re.IGNORECASE) is not None
    behind = ANSWER_BEHIND.match(sentence, change.end()) is not None
    return leads or behind or DENIAL_BEFORE.search(before) is not None


def _weighed(item: Evidence, doubts: set[State], text: str, limit: float) -> Evidence:
    if item.method not in PROSE:
        return item
    if item.state in doubts:
        return _open(item)
    if item.state == State.ABSENT:
        if item.event.startswith("biallelic") and BOTH_LOST.search(text):
            return _open(item)
        if item.detection_limit is None and limit > cutoff(item.event).fraction:
            return replace(item, detection_limit=limit)
    if item.state == State.PRESENT and State.SUBTHRESHOLD in doubts and item.fraction is not None:
        warnings = (*item.warnings, SHARE_IS_PART)
        item = replace(item, fraction=None, fraction_low=item.fraction, fraction_high=None, warnings=warnings)
    if item.state == State.PRESENT and item.event == "amp_1q21" and not FOUR_OR_MORE.search(text):
        return _open(item)
    if item.state == State.PRESENT and item.copies == 0 and not BOTH_LOST.search(text):
        return replace(item, copies=None)
    return item


def _consistent(item: Evidence) -> Evidence:
    """The observation, or open where its own numbers contradict it."""
    if item.state != State.PRESENT:
        lost_partner = item.event == "t_4_14" and "partner_probe_without_igh" in item.warnings
        return _open(item) if item.state == State.ABSENT and lost_partner and item.copies != 2 else item
    no_cells = (item.n_abnormal == 0 and item.n_scored is not None) or 0 in (item.fraction, item.fraction_low)
    gain = item.event in ("gain_1q21", "amp_1q21", "gain_8q24")
    if no_cells or (gain and item.copies is not None and item.copies <= 2):
        return _open(item)
    if item.event.startswith("del_") and item.method in PROSE and item.copies is not None and item.copies >= 2:
        return _open(item)
    return item


def _open(item: Evidence) -> Evidence:
    return replace(
        item,
        state=State.NOT_EVALUABLE,
        fraction=None,
        fraction_low=None,
        fraction_high=None,
        detection_limit=None,
        copies=None,
        n_abnormal=None,
        warnings=(*item.warnings, AMBIGUOUS),
    )
