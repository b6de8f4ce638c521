"""Laboratory text made plain: entities, look-alike characters and hyphenated line ends, with the way back."""

import html
import re
import unicodedata
from collections.abc import Sequence

SAME = {
    **dict.fromkeys("×✕✖⨯╳хХΧχ", "x"),
    **dict.fromkeys("′’‘ʹ´`‵＇ʼ", "'"),
    **dict.fromkeys("−–—‒‑‐﹣", "-"),
    **dict.fromkeys("∼〜～˜", "~"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("•●▪◦", "\n"),
    **dict.fromkeys("、，", ","),
    **dict.fromkeys("\t\v\f", " "),
    "\r": "\n",
    "。": ".",
    "∶": ":",
    "；": ";",
    "\u00ad": "",
    "\ufeff": "",
    "\u200b": "",
    "\u200e": "",
    "\u2028": "\n",
    "\u2029": "\n",
}
"""Characters that people type or paste, and the plain one they mean."""

_ENTITY = re.compile(r"&#?\w{1,10};?|</?(?:br|p|b|i|u|em|strong|sup|sub|div|span|td|tr|li|ul)\s{0,3}/?>", re.IGNORECASE)
_HYPHENATED = re.compile(r"(?<=[a-z])-[ ]?\n[ ]{0,8}(?=[a-z])")
_PLAIN = re.compile(r"[ -~\n]*")
_SIGNED = re.compile(
    r"\b(?:(?P<change>del|dup|gain|amp|loss)(?P<band>\d{1,2}[pq][\d.]*)"
    r"|(?P<band_first>\d{1,2}[pq][\d.]*) ?(?P<change_after>del|dup|gain|amp|loss))(?=[+-](?:[\s,;.:)/]|$))",
    re.IGNORECASE,
)
"""A change with a sign for its result (`del17p+`, `1p32 del-`); without brackets it reads as `17p+` or `1p32 del`."""


def make_plain(text: str) -> tuple[str, Sequence[int]]:
    """Plain text, and for each of its characters (and its end) the 0-based place in `text` where it came from."""
    if _PLAIN.fullmatch(text) and "&" not in text and "<" not in text and "`" not in text:
        return _bracket_signed(*_join_hyphenated(text, range(len(text) + 1)))
    made: list[str] = []
    places: list[int] = []
    position = 0
    for match in _ENTITY.finditer(text):
        _translate(text[position : match.start()], position, made, places)
        meant = _entity(match.group())
        if meant == match.group():
            _translate(meant, match.start(), made, places)
        else:
            for char in "".join(SAME.get(char, char) for char in meant):
                made.append(char)
                places.append(match.start())
        position = match.end()
    _translate(text[position:], position, made, places)
    places.append(len(text))
    return _bracket_signed(*_join_hyphenated("".join(made), places))


def _entity(piece: str) -> str:
    if piece.startswith("<"):
        return "\n" if piece.lower().startswith(("<br", "</p", "</li", "</tr", "</div")) else " "
    return html.unescape(piece)


def _translate(piece: str, start: int, made: list[str], places: list[int]) -> None:
    for offset, char in enumerate(piece):
        meant = SAME.get(char)
        if meant is None:
            meant = char if " " <= char <= "~" or char == "\n" else _normal_form(char)
        for one in meant:
            made.append(one)
            places.append(start + offset)


def _normal_form(char: str) -> str:
    meant = "".join(SAME.get(one, one) for one in unicodedata.normalize("NFKC", char))
    return " " if unicodedata.category(char) in ("Cc", "Zs") else meant


def _join_hyphenated(text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Words that a line end cut in two (`dele-` / `tion`) made whole."""
    if "-\n" not in text and "- \n" not in text:
        return text, places
    pieces: list[str] = []
    kept: list[int] = []
    position = 0
    for match in _HYPHENATED.finditer(text):
        pieces.append(text[position : match.start()])
        kept.extend(places[position : match.start()])
        position = match.end()
    pieces.append(text[position:])
    kept.extend(places[position:])
    return "".join(pieces), kept


def _bracket_signed(text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """`del17p+` as `del(17p)+`, so that the sign stands for the result and not for material on the arm."""
    if _SIGNED.search(text) is None:
        return text, places
    pieces: list[str] = []
    kept: list[int] = []
    position = 0
    for match in _SIGNED.finditer(text):
        named = f"{match['change'] or match['change_after']}({match['band'] or match['band_first']})"
        pieces += [text[position : match.start()], named]
        kept += [*places[position : match.start()], *[places[match.start()]] * len(named)]
        position = match.end()
    return "".join([*pieces, text[position:]]), [*kept, *places[position:]]
