"""Typing and copying errors of real reports, put right before parsing; every repair is reported, positions survive."""

import html
import re
from dataclasses import dataclass, field

MAX_LENGTH = 5_000
"""Longer texts are no report; they are left unread."""

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PLAIN = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u00d7\u2715\u2a09", "x"),
    **dict.fromkeys("\u2032\u2018\u2019\u00b4`", "'"),
    **dict.fromkeys("\u223c\u02dc\uff5e", "~"),
    "\uff1b": ";",
    "\uff0c": ",",
    "\uff08": "(",
    "\uff09": ")",
    "\u2236": ":",
}
_TRANSLATED = str.maketrans(_PLAIN)
_INVISIBLE = re.compile("[\ufeff\u200b\u00ad]")
_TYPESET_ARROW = re.compile("[\u2192\u21d2\u2794]")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
_BLANK = re.compile(r"\s+")
_ARROW = re.compile(r"-{1,3}>|=>")

_AROUND = "\"'.,;:"
_OPERATION = "t|del|der|dic|idic|dup|inv|ins|add|i|r|trp|psu"
_KARYOTYPE_REPAIRS = (
    (re.compile(r"""^["'\[{]*(?:updated)?(?:iscn(?:\d{4})?|karyotype|result)s?[:=]+"""), "", "label left out"),
    (re.compile(r"^updatediscn[:=]*"), "", "label left out"),
    (re.compile(r"\(?continuedfromabove\)?"), "", "'continued from above' left out"),
    (re.compile(r"(?<=\))\((?=(?:" + _OPERATION + r")\(\d)"), "", "'(' too many left out"),
    (re.compile(r"\((?=[,\[/]|$)"), "", "open '(' left out"),
    (re.compile(r"(?<=[\d?xy])\)(?=[pq]\??\d[\d.?pq;]*\))"), ")(", "missing '(' put in"),
    (re.compile(r"(\([pq][\d.?pq;~]*)(?=,(?!\??[pq]\d)|[\[/]|$)"), r"\1)", "missing ')' put in"),
    (re.compile(r"(?<=\])(?=\d{2,3}(?:[-~]\d{1,3})?(?:<[^>]{0,6}>)?,|nonclonal)"), "/", "missing '/' put in"),
    (
        re.compile(r"(?<=\])[,;.]+(?=\d{2,3}(?:[-~]\d{1,3})?(?:<[^>]{0,6}>)?,(?:[xyu?]|idem|sl|sdl))"),
        "/",
        "'/' put between clones",
    ),
    (re.compile(r"\((\d{1,3})(?:cells?|metaphases?)\)"), r"[\1]", "cells put in brackets"),
    (re.compile(r"^normalfemale(?:karyotype)?$"), "46,xx", "prose rewritten"),
    (re.compile(r"^normalmale(?:karyotype)?$"), "46,xy", "prose rewritten"),
    (re.compile(r"(?<=,)xo(?=[,\[/]|$)"), "x", "XO rewritten as X"),
    (re.compile(r"(?<=,),+|,+(?=[\[/])|(?<=/),+"), "", "',' too many left out"),
    (re.compile(r"(?<=[^/])/(?=\.|$)"), "", "'/' at the end left out"),
)


@dataclass(slots=True)
class Text:
    """A string under repair: `places[i]` is where character `i` stood in the original."""

    value: str
    places: list[int]
    repairs: list[str] = field(default_factory=list)

    def place(self, index: int) -> int:
        """Position in the original of a position here."""
        if not self.places:
            return 0
        return self.places[index] if index < len(self.places) else self.places[-1] + 1

    def replace(self, pattern: re.Pattern[str], replacement: str, about: str) -> None:
        """Replace each match and report it once; new characters take the place where the match began."""
        matches = list(pattern.finditer(self.value))
        if not matches:
            return
        value, places, done = [], [], 0
        for match in matches:
            new = match.expand(replacement)
            kept = _common_start(match.group(), new)
            value += [self.value[done : match.start()], new]
            places += self.places[done : match.start() + kept]
            places += [self.place(match.start() + kept)] * (len(new) - kept)
            done = match.end()
        self.value = "".join(value) + self.value[done:]
        self.places = places + self.places[done:]
        if about:
            self.repairs.append(about)


def _common_start(old: str, new: str) -> int:
    same = 0
    while same < len(old) and same < len(new) and old[same] == new[same]:
        same += 1
    return same


def tidy(raw: str) -> Text:
    """A report in lower case without blanks and with plain signs."""
    text = Text(raw, list(range(len(raw))))
    if "&" in raw:
        _decode_entities(text)
    if not text.value.isascii():
        _replace_typographic(text)
    _join(text)
    text.replace(_ARROW, "->", "")
    text.value = text.value.translate(_LOWER)
    return text


def _decode_entities(text: Text) -> None:
    for entity in sorted(set(_ENTITY.findall(text.value))):
        plain = html.unescape(entity)
        if plain != entity:
            text.replace(re.compile(re.escape(entity)), plain.replace("\\", "\\\\"), "HTML entity decoded")


def _replace_typographic(text: Text) -> None:
    plain = text.value.translate(_TRANSLATED)
    if plain != text.value:
        text.value = plain
        text.repairs.append("typographic sign replaced by the plain one")
    text.replace(_TYPESET_ARROW, "->", "")
    text.replace(_INVISIBLE, "", "invisible sign left out")


def _join(text: Text) -> None:
    """Take out blanks, which carry no meaning; between words, after `]` and `ish` they are ISCN, elsewhere slips."""
    value, last = text.value, len(text.value)
    inside = [blank for blank in _BLANK.finditer(value) if blank.start() > 0 and blank.end() < last]
    if any("\n" in blank.group() for blank in inside):
        text.repairs.append("line break joined")
    if any(not ("\n" in blank.group() or _blank_is_usual(value, *blank.span())) for blank in inside):
        text.repairs.append("blanks left out")
    text.replace(_BLANK, "", "")


def _blank_is_usual(value: str, start: int, end: int) -> bool:
    if value[start - 1].isalnum() and value[end].isalnum():
        return True
    return value[start - 1] == "]" or value[max(0, start - 3) : start].lower() in ("ish", "arr")


def repair_karyotype(text: Text) -> None:
    """Put right what breaks the grammar of karyotypes: brackets, commas and slashes in the wrong place."""
    _strip(text)
    for pattern, replacement, about in _KARYOTYPE_REPAIRS:
        text.replace(pattern, replacement, about)
    if text.value.count(")") > text.value.count("("):
        _drop_stray_brackets(text)


def _strip(text: Text) -> None:
    kept = text.value.rstrip(_AROUND + "/")
    start = len(kept) - len(kept.lstrip(_AROUND))
    if start or len(kept) < len(text.value):
        text.value, text.places = kept[start:], text.places[start : len(kept)]
        text.repairs.append("punctuation around the string left out")


def _drop_stray_brackets(text: Text) -> None:
    depth, stray = 0, []
    for index, sign in enumerate(text.value):
        if sign == "(":
            depth += 1
        elif sign == ")" and depth == 0:
            stray.append(index)
        elif sign == ")":
            depth -= 1
        elif sign == "/":
            depth = 0
    if stray:
        gone = set(stray)
        text.places = [place for index, place in enumerate(text.places) if index not in gone]
        text.value = "".join(sign for index, sign in enumerate(text.value) if index not in gone)
        text.repairs.append("')' too many left out")
