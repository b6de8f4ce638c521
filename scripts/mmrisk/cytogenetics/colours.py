"""Colour shorthand of signal patterns: `1R1G2F`, `1O1G2OG`, `2 red/1 green/1 yellow`."""

import re
from dataclasses import dataclass

from mmrisk.cytogenetics.tokens import Token

_COLOURS = {
    "R": "red",
    "O": "red",
    "G": "green",
    "A": "aqua",
    "B": "aqua",
    "F": "fusion",
    "Y": "fusion",
    "RED": "red",
    "REDS": "red",
    "ORANGE": "red",
    "ORANGES": "red",
    "GREEN": "green",
    "GREENS": "green",
    "AQUA": "aqua",
    "BLUE": "aqua",
    "YELLOW": "fusion",
    "YELLOWS": "fusion",
    "FUSION": "fusion",
    "FUSIONS": "fusion",
    "FUSED": "fusion",
}
_PAIRS = ("OG", "GO", "RG", "GR", "OGF", "RGF")
_SHORT = re.compile(r"(?:\d{1,2}(?:OGF|RGF|OG|GO|RG|GR|[ROGFYAB]))+")
_PIECE = re.compile(r"(\d{1,2})(OGF|RGF|OG|GO|RG|GR|[ROGFYAB])")
_ZERO = re.compile(r"(?<=[1-9])0(?=\d)")
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "single": 1}
_BETWEEN = ("/", ",", "-", "+", "and", "&", "signal", "signals", ";")
MOST_SIGNALS = 12


@dataclass(frozen=True, slots=True)
class ColourPattern:
    """Free signals of the two colours, and fused ones, in a nucleus."""

    red: int
    green: int
    fusions: int

    def __str__(self) -> str:
        return f"{self.red}R{self.green}G{self.fusions}F"


def read_colours(text: str) -> ColourPattern | None:
    """A pattern in shorthand; a zero may stand for the letter O (`101G2F` is one orange, one green, two fusions)."""
    word = text.upper()
    if not _SHORT.fullmatch(word):
        word = _ZERO.sub("O", word)
        if not _SHORT.fullmatch(word):
            return None
    return _pattern(
        [(int(count), "fusion" if colour in _PAIRS else _COLOURS[colour]) for count, colour in _PIECE.findall(word)]
    )


def find_colours(tokens: list[Token], place: int) -> tuple[ColourPattern, int] | None:
    """A pattern that starts at a token, in shorthand or spelled out, and the place after it."""
    token = tokens[place]
    if token.kind == "word" and token.text[0].isdigit() and not _PIECE.fullmatch(token.text.upper()):
        pattern = read_colours(token.text)
        return (pattern, place + 1) if pattern else None
    found: list[tuple[int, str]] = []
    here = end = place
    while here < len(tokens) and len(found) < 6:
        piece = _spelled(tokens, here)
        if piece is None:
            break
        found.append(piece[:2])
        here = end = piece[2]
        while here < len(tokens) and tokens[here].text.lower() in _BETWEEN and here - end < 3:
            here += 1
    if not found or (len(found) == 1 and (found[0][1] != "fusion" or not _PIECE.fullmatch(token.text.upper()))):
        return None
    pattern = _pattern(found)
    return (pattern, end) if pattern else None


def _spelled(tokens: list[Token], place: int) -> tuple[int, str, int] | None:
    """`2 red`, `two red signals`, `2R`: count, colour and the place after."""
    token = tokens[place]
    joined = _PIECE.fullmatch(token.text.upper())
    if joined:
        return int(joined.group(1)), "fusion" if joined.group(2) in _PAIRS else _COLOURS[joined.group(2)], place + 1
    count = int(token.text) if token.kind == "number" and token.text.isdigit() else _NUMBERS.get(token.text.lower())
    if count is None or place + 1 >= len(tokens):
        return None
    colour = tokens[place + 1].text.upper()
    if colour in _PAIRS:
        return count, "fusion", place + 2
    return (count, _COLOURS[colour], place + 2) if colour in _COLOURS and (len(colour) > 2 or colour in "RGF") else None


def _pattern(pieces: list[tuple[int, str]]) -> ColourPattern | None:
    colours = [colour for _, colour in pieces]
    if len(set(colours)) < len(colours) or any(count > MOST_SIGNALS for count, _ in pieces):
        return None
    counts = {colour: count for count, colour in pieces}
    return ColourPattern(counts.get("red", 0), counts.get("green", 0), counts.get("fusion", 0))
