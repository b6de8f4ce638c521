"""Words, bands, numbers and marks of a report, shared by the ISCN grammar and the prose reader."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<band>(?:\d{1,2}|[XY])[pqPQ]
      (?:ter|cen|\d{1,2}(?:\.\d{1,2})?(?:-?[pqPQ](?:ter|\d{1,2}(?:\.\d{1,2})?))?)?(?![A-Za-z0-9@]))
  | (?P<percent>\d{1,6}(?:[.,]\d{1,4})?[ ]?(?:%|percent\b|per[ ]cent\b|pct\b))
  | (?P<number>\d{1,9}(?:\.\d{1,6})?(?![A-Za-z0-9@']))
  | (?P<word>[^\W_](?:[^\W_]|[@'])*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_GLUED = re.compile(r"(del|dup|amp|gain|loss|chr|chromosome|trisomy|monosomy|t)(?=\d)", re.IGNORECASE)
_COUNTED = re.compile(r"(.*)[xX](\d{1,2})")


class Token(NamedTuple):
    """A piece of plain text. `spaced`: blanks stand before it; `wrapped`: a line end does."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    wrapped: bool = False

    @property
    def lower(self) -> str:
        """Its text without case."""
        return self.text.lower()


class Mark(NamedTuple):
    """What tokens `first` to before `after` do in their sentence."""

    kind: str
    value: Any
    first: int
    after: int


def find_tokens(text: str) -> list[Token]:
    """All tokens but the blanks, which only mark the token after them."""
    found: list[Token] = []
    position, length, spaced, wrapped = 0, len(text), False, False
    while position < length:
        match = _TOKEN.match(text, position)
        if match is None:  # cannot happen: the last branch takes any character
            break
        kind, end = match.lastgroup or "mark", match.end()
        if kind == "space":
            spaced, wrapped = True, "\n" in match.group()
            position = end
            continue
        if kind == "word" and (glued := _GLUED.match(match.group())) and glued.end() < end - position:
            end = position + glued.end()
        found.append(Token(kind, text[position:end], position, end, spaced, wrapped))
        position, spaced, wrapped = end, False, False
    return found


def mend_wraps(tokens: list[Token], known: Callable[[str], bool]) -> list[Token]:
    """Join pieces of one word that a line end cut in two, where only the whole is known."""
    if not any(token.wrapped for token in tokens):
        return tokens
    mended: list[Token] = []
    depth = 0
    for token in tokens:
        before = mended[-1] if mended else None
        if before and token.wrapped and _belongs(before, token, known, in_bracket=depth > 0):
            text = before.text + token.text
            kind = before.kind if before.kind == token.kind else "word"
            mended[-1] = Token(kind, text, before.start, token.end, before.spaced, before.wrapped)
            continue
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        mended.append(token)
    return mended


def _belongs(before: Token, token: Token, known: Callable[[str], bool], *, in_bracket: bool) -> bool:
    if before.kind == token.kind == "number":
        return in_bracket
    if before.kind == "mark" or token.kind == "mark":
        return False
    return known(before.text + token.text) and not (known(before.text) and known(token.text))


def split_count(word: str) -> tuple[str, int | None]:
    """A name and the count glued to it: `FGFR3x2` is (`FGFR3`, 2)."""
    match = _COUNTED.fullmatch(word)
    return (match.group(1), int(match.group(2))) if match else (word, None)
