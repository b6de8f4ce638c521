"""Free text of FISH reports: sentences, clauses, and what each says of probes, genes, arms and translocations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mmrisk.cytogenetics.clause_state import PRESENT, UNKNOWN
from mmrisk.cytogenetics.clauses import judge_clause
from mmrisk.cytogenetics.findings import Finding, find_findings
from mmrisk.cytogenetics.fish import NO_CELLS
from mmrisk.cytogenetics.fish_grammar import is_mangled
from mmrisk.cytogenetics.fish_items import between
from mmrisk.cytogenetics.marks import find_marks
from mmrisk.cytogenetics.tokens import Mark, Token

_ABBREVIATIONS = frozenset(
    {"vs", "e", "g", "i", "approx", "dr", "chr", "chrom", "ca", "incl", "abn", "resp", "no", "cf", "st", "al"}
)
_SOFT_ENDS = frozenset({",", "and", "or", "nor", "of", "for", "in", "with", "the", "(", "/", ":", "-", "&", "+"})
_HARD = (";", "|")
_DATED = frozenset({"date", "dated", "report", "fish", "sample", "of", "on", "from"})


@dataclass(slots=True)
class Sentence:
    """One sentence: its findings, the nuclei it says were scored, and the tokens in it that were not understood.

    `judges`: it calls something normal or abnormal, whether or not it names what.
    """

    findings: list[Finding] = field(default_factory=list)
    nuclei: int | None = None
    strings: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    undecided: bool = False
    failed: bool = False
    judges: bool = False
    metaphase: bool = False
    speaks_of_fusion: bool = False


def read_sentences(tokens: list[Token], strings: Mapping[int, int]) -> list[Sentence]:
    """All sentences of a report; `strings` maps the first token of each FISH string in it to the one after its last."""
    sentences: list[Sentence] = []
    for first, after in _split(tokens, strings):
        sentence = _read_sentence(tokens, first, after, strings)
        if sentences and tokens[first - 1].text in _HARD:
            _leave_list_open(sentences[-1].findings, sentence.findings)
        sentences.append(sentence)
    return sentences


def _split(tokens: list[Token], strings: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Spans of sentences: they end at full stops and semicolons, but not inside parentheses or FISH strings."""
    first = here = depth = 0
    while here < len(tokens):
        if here in strings:
            here = strings[here]
            depth = 0
            continue
        text = tokens[here].text
        if (after := _after_date(tokens, here)) is not None:
            here = after
            continue
        if text in ("(", "["):
            depth += _closes_soon(tokens, here)
        elif text in (")", "]"):
            depth = max(0, depth - 1)
        elif text in _HARD and depth == 0:
            yield first, here
            first = here + 1
        elif text == "." and _ends_sentence(tokens, here):
            yield first, here
            first, depth = here + 1, 0
        here += 1
    yield first, len(tokens)


def _closes_soon(tokens: list[Token], place: int) -> bool:
    closing = ")" if tokens[place].text == "(" else "]"
    return any(token.text == closing for token in tokens[place + 1 : place + 40])


def _ends_sentence(tokens: list[Token], place: int) -> bool:
    if place and tokens[place - 1].text.lower() in _ABBREVIATIONS and not tokens[place].spaced:
        return place + 1 < len(tokens) and tokens[place - 1].text.lower() == "no"
    glued = place + 1 < len(tokens) and not tokens[place + 1].spaced
    return not (glued and tokens[place + 1].text[0].isdigit())


def _read_sentence(tokens: list[Token], first: int, after: int, strings: Mapping[int, int]) -> Sentence:
    sentence = Sentence()
    marks = find_marks(tokens, first, after, strings)
    lower = [token.text.lower() for token in tokens[first:after]]

    def words(mark: Mark) -> str:
        return " ".join(lower[mark.first - first : mark.after - first])

    for mark in marks:
        if mark.kind == "unread":
            sentence.unread.append(mark.first)
        elif mark.kind == "string":
            sentence.strings.append(mark.first)
        elif mark.kind == "nuclei":
            sentence.nuclei = mark.value
        elif mark.kind == "failed":
            sentence.failed = True
        elif mark.kind == "technique":
            sentence.metaphase = True
        sentence.judges = sentence.judges or mark.kind in ("negative", "normal", "positive")
        sentence.undecided = sentence.undecided or (mark.kind == "hedge" and mark.value == "sentence")
    for clause, excepted in _clauses(marks, tokens):
        nodes = find_findings(clause)
        fused = any(isinstance(node, Mark) and node.kind == "bare_fusion" for node in nodes)
        sentence.speaks_of_fusion = sentence.speaks_of_fusion or fused
        findings, loose = judge_clause(nodes, words)
        if clause and tokens[clause[0].first].wrapped:
            _leave_list_open(sentence.findings, findings)
        if excepted and any(one.asserts and one.status == PRESENT for one in sentence.findings):
            _leave_open(findings)
        sentence.findings += findings
        sentence.unread += loose
    if sentence.findings and (dates := _mangled_counts(tokens, first, after, strings)):
        sentence.unread = list({*sentence.unread, *dates})
        sentence.undecided = True
    sentence.unread.sort()
    return sentence


def _mangled_counts(tokens: list[Token], first: int, after: int, strings: Mapping[int, int]) -> list[int]:
    """Tokens in square brackets that a spreadsheet made a date of (`in [8-Feb]`), unless they date the report."""
    found: list[int] = []
    here = first
    while here < after:
        end = strings.get(here) or _after_date(tokens, here)
        if here not in strings and end is not None:
            labelled = here == first or tokens[here - 1].text.lower() in _DATED or _text(tokens, end) == ":"
            found += [] if labelled else range(here + 1, end - 1)
        here = end or here + 1
    return found


def _after_date(tokens: list[Token], place: int) -> int | None:
    """The place after square brackets that hold a date or the number of a day."""
    if tokens[place].text != "[":
        return None
    end = next((at for at in range(place + 1, min(place + 10, len(tokens))) if tokens[at].text == "]"), None)
    return end + 1 if end is not None and is_mangled(between(tokens[place + 1 : end])) else None


def _text(tokens: list[Token], place: int) -> str:
    return tokens[place].text if place < len(tokens) else ""


def _leave_list_open(before: list[Finding], findings: list[Finding]) -> None:
    """`Absent: t(4;14); del(17p)`: what follows in a list that began with a denial is not there, or is."""
    if not before or not before[-1].denied_list:
        return
    for finding in findings:
        if finding.status == PRESENT and finding.cells == NO_CELLS and not finding.answered and finding.asserts:
            finding.status, finding.denied_list = UNKNOWN, True
            finding.warnings.add("ambiguous_scope")


def _leave_open(findings: list[Finding]) -> None:
    """`IGH translocation other than t(4;14)`: what an abnormality is not, is not there, or is there beside it."""
    for finding in findings:
        if finding.status == PRESENT and finding.cells == NO_CELLS:
            finding.status = UNKNOWN
            finding.warnings.add("uncertain_wording")


def _clauses(marks: list[Mark], tokens: list[Token]) -> Iterator[tuple[list[Mark], bool]]:
    """Clauses, and whether each is an exception from the one before.

    They end at `but`, `except` and the like, and at the end of a line that is complete by itself.
    """
    clause: list[Mark] = []
    excepted = False
    for mark in marks:
        if clause and tokens[mark.first].wrapped and _is_complete(clause, tokens, mark):
            yield clause, excepted
            clause, excepted = [], False
        if mark.kind in ("break", "except"):
            yield clause, excepted
            clause, excepted = [], mark.kind == "except"
        else:
            clause.append(mark)
    yield clause, excepted


def _is_complete(clause: list[Mark], tokens: list[Token], following: Mark) -> bool:
    """Whether a line names a subject and a result, and neither its end nor the next line's start runs on."""
    kinds = {mark.kind for mark in clause}
    if tokens[clause[-1].after - 1].text.lower() in _SOFT_ENDS or following.kind in (
        "comma",
        "and",
        "or",
        "open",
        "share",
    ):
        return False
    if following.kind in ("connector", "filler", "cells_word") and tokens[following.first].text[:1].islower():
        return False
    speaks = kinds & {"subject", "named", "change", "ploidy"}
    answers = kinds & {"negative", "normal", "positive", "share", "yes", "no_answer", "failed", "untested", "copies"}
    return bool(speaks and answers)
