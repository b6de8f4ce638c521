"""The grammar of interphase FISH: `nuc ish` strings of ISCN 2005 to 2024, and what laboratories make of them."""

import re
from dataclasses import dataclass, field

from mmrisk.cytogenetics.fish import UNREAD_CELLS, Cells, Copies, Part, Relation, Signals, make_relation
from mmrisk.cytogenetics.fish_items import Odd, between, may_count, read_items, read_part, take_count
from mmrisk.cytogenetics.tokens import Token, split_count
from mmrisk.fields import EXCEL_SERIALS

_CENTROMERE = re.compile(r"(?:\d{1,2}|[XY])?(?:cen|cep|c)(?:\d{1,2}|[XY])?", re.IGNORECASE)
_GLUED_RELATION = re.compile(r"(.{2,14}?)(con|sep)(.{2,16})", re.IGNORECASE)
_OF_CELLS = frozenset({"of", "the", "cells", "cell", "nuclei", "nucleus", "interphases", "interphase", "plasma", "pcs"})
_COUNTS = re.compile(r"(\d{1,6})\s{0,2}(?:/|of|out\sof)\s{0,2}(\d{1,6})")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?)\s?(?:%|percent|pct)")
_PERCENT_RANGE = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?)\s?%?\s?(?:~|-|to)\s?(\d{1,3}(?:[.,]\d{1,4})?)\s?%")
_FRACTION = re.compile(r"(?<![\d.])(0?\.\d{1,4}|1\.0{1,4})(?![\d.])")
_NUMBER = re.compile(r"\d{1,6}")
_THREE = re.compile(r"\d\s?/\s?\d+\s?/\s?\d")
_BRACKET_WORDS = re.compile(
    r"\b(?:cells?|nuclei|nucleus|interphases?|abnormal|scored|out|of|n|total|approx)\b|\bcp|[\s/=~;,:()%.+-]|\d"
)

_MONTH = r"(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]{0,6}"
_DATE = re.compile(
    rf"\b{_MONTH}\b|\b\d{{1,2}}\s?([./-])\s?\d{{1,2}}\s?\1\s?(?:\d{{2,4}}\b)?|\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b",
    re.IGNORECASE,
)
"""`08. Feb`, `8-Feb`, `Aug 20`, `2/8/2025`, `08.02.`, `2025-02-08`: what a spreadsheet shows for 8/2 and the like."""


@dataclass(slots=True)
class Group:
    """Probes in one pair of parentheses with their counts, and the relations that follow them."""

    signals: list[Signals]
    banded: bool = False
    separator: str = ""
    relations: list[Relation] = field(default_factory=list)


class Reader:
    """Reads groups, relations and cell counts from tokens; each `read_` method returns what it found and where it ends.

    Nothing found is None. Pieces that are skipped on the way are collected in `odd`.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.odd: list[Odd] = []

    def text(self, place: int) -> str:
        """Lower-case text of a token, empty past the end."""
        return self.tokens[place].text.lower() if place < len(self.tokens) else ""

    def skip_band(self, place: int) -> int:
        """The place after a band or centromere in front of a group (`4p16.3(`, `7 cen (`, `cen 9(`)."""
        here = place
        while here < len(self.tokens) and here - place < 4:
            token = self.tokens[here]
            if (
                token.kind == "band"
                or _CENTROMERE.fullmatch(token.text)
                or (here > place and token.text == "-")
                or (
                    token.kind == "number"
                    and "cen" in (self.text(here + 1), self.text(here - 1) if here > place else "")
                )
            ):
                here += 1
            else:
                break
        return here

    def read_group(self, place: int) -> tuple[Group, int] | None:
        """`(FGFR3,IGH)x3`, `(FGFR3x2,IGHx3)`, with or without a band before it."""
        opened = self.skip_band(place)
        if self.text(opened) != "(":
            return None
        closed = self._closing(opened)
        if closed is None:
            return None
        inside = self.tokens[opened + 1 : closed]
        if not inside or _relation_word(inside):
            return None
        after = closed + 1 if self.text(closed) == ")" else closed
        shared = self.read_count(after)
        odd: list[Odd] = []
        signals = read_items(inside, shared[0] if shared else None, odd)
        if not signals:
            return None
        self.odd.extend(odd)
        return Group(signals, banded=opened > place), shared[1] if shared else after

    def read_bare_group(self, place: int) -> tuple[Group, int] | None:
        """`TP53x1,D17Z1x2` without parentheses, as some write it after `nuc ish`."""
        signals: list[Signals] = []
        here = place
        while (found := self._read_bare_item(here)) is not None:
            signals += found[0]
            place = found[1]
            if self.text(place) not in (",", "/"):
                break
            here = place + 1
        return (Group(signals), place) if signals else None

    def _read_bare_item(self, place: int) -> tuple[list[Signals], int] | None:
        """The shortest run of tokens that is a probe with its count, with the range that may follow (`x3~4`)."""
        for end in range(place + 1, min(place + 6, len(self.tokens)) + 1):
            signals = read_items(self.tokens[place:end], None, [])
            if signals:
                ranged = read_items(self.tokens[place : end + 2], None, []) if self.text(end) in ("~", "-") else []
                return (ranged, end + 2) if ranged else (signals, end)
        return None

    def read_relation(self, place: int) -> tuple[Relation, int] | None:
        """`(FGFR3 con IGHx2)`, `(IGH con MAF)x2`, `(5'IGH sep 3'IGHx1)`, `(IGH::NSD2)x1`."""
        if self.text(place) != "(":
            return None
        closed = self._closing(place)
        if closed is None:
            return None
        inside = self.tokens[place + 1 : closed]
        kind = _relation_word(inside)
        if not kind:
            return None
        after = closed + 1 if self.text(closed) == ")" else closed
        outer = self.read_count(after)
        inner = take_count(inside)
        copies = outer[0] if outer else inner[1]
        parts = _relation_parts(inner[0])
        if not parts:
            return None
        return make_relation(kind, parts, copies), outer[1] if outer else after

    def read_count(self, place: int) -> tuple[Copies, int] | None:
        """`x3`, `x 3`, `x3~4`, `x amp`, `amp`."""
        end = place
        while end < len(self.tokens) and end - place < 5 and may_count(self.tokens[end], first=end == place):
            end += 1
        while end > place:
            rest, copies = take_count(self.tokens[place:end])
            if copies and not rest:
                return copies, end
            end -= 1
        return None

    def read_cells(self, place: int) -> tuple[Cells, int] | None:
        """`[150/200]`, `[200]`, `[0.45]`, `[45%]`; also `(150/200)`, `(45%)` and `in 45% of cells` after a group."""
        opening = self.text(place)
        if opening in ("[", "{", "("):
            end = place + 1
            while end < len(self.tokens) and end - place < 25 and self.text(end) not in ("]", "}", ")", "[", "{"):
                end += 1
            closed = self.text(end) in ("]", "}", ")")
            if end == place + 1 or (opening == "(" and not closed):
                return None
            content = between(self.tokens[place + 1 : end])
            cells = read_share(content, bare_number=opening != "(")
            after = end + 1 if closed else end
            if opening != "(" and (wrong := wrong_count(content)):
                self.odd.append(Odd(self.tokens[place].start, self.tokens[after - 1].end, wrong))
                return UNREAD_CELLS, after
            if cells is None or (opening == "(" and _BRACKET_WORDS.sub("", content)):
                return None
            return cells, after
        return self._read_trailing_share(place)

    def _read_trailing_share(self, place: int) -> tuple[Cells, int] | None:
        here = place
        while self.text(here) in ("in", ":", "=", "~", "approximately"):
            here += 1
        end = here
        while (
            end < len(self.tokens) and end - here < 3 and (self.tokens[end].kind == "number" or self.text(end) in "~-/")
        ):
            end += 1
        if end < len(self.tokens) and self.tokens[end].kind == "percent":
            end += 1
        elif self.text(end) not in ("nuclei", "cells", "interphases"):
            return None
        cells = read_share(between(self.tokens[here:end]), bare_number=False) if end > here else None
        if cells is None:
            return None
        while self.text(end) in _OF_CELLS:
            end += 1
        return cells, end

    def _closing(self, opened: int) -> int | None:
        """The token that closes a parenthesis: its `)`, or a `[` where the `)` was forgotten."""
        depth = 0
        for here in range(opened, min(opened + 120, len(self.tokens))):
            text = self.tokens[here].text
            if text == "(":
                depth += 1
                if depth > 2:
                    return None
            elif text == ")":
                depth -= 1
                if depth == 0:
                    return here
            elif text == "[":
                return here if depth == 1 else None
        return None


def wrong_count(text: str) -> str:
    """Why the inside of square brackets is no count of cells, empty where it is one or says nothing of a number."""
    if is_mangled(text):
        return "looks like a date that a spreadsheet made of a count such as 8/200: format the column as text"
    if not any(letter.isdigit() for letter in text):
        return ""
    if _BRACKET_WORDS.sub("", text) or _THREE.search(text):
        return "more than a count of cells"
    numbers = re.findall(r"\d+(?:[.,]\d+)?", text)
    plain = _COUNTS.search(text) or _PERCENT_RANGE.search(text) or _PERCENT.search(text) or _FRACTION.search(text)
    return "" if plain or (len(numbers) == 1 and numbers[0].isdigit()) else "is not a count of cells"


def is_mangled(text: str) -> bool:
    """Whether a spreadsheet shows a date, or the number of a day, where a count of cells was typed."""
    serial = _NUMBER.fullmatch(text.strip()) is not None and EXCEL_SERIALS[0] <= int(text) <= EXCEL_SERIALS[1]
    return serial or _DATE.search(text) is not None


def read_share(text: str, *, bare_number: bool) -> Cells | None:
    """Cells from the inside of a bracket: counts, a per cent range, per cent, a fraction, or a number of nuclei."""
    if counts := _COUNTS.search(text):
        abnormal, scored = int(counts.group(1)), int(counts.group(2))
        return Cells(abnormal, scored) if scored > 0 and abnormal <= scored else None
    if between := _PERCENT_RANGE.search(text):
        low, high = _percent(between.group(1)), _percent(between.group(2))
        return Cells(low=low, high=high) if low <= high <= 1 else None
    if percent := _PERCENT.search(text):
        share = _percent(percent.group(1))
        return Cells(share=share) if share <= 1 else None
    if bare_number and (fraction := _FRACTION.search(text)):
        return Cells(share=float(fraction.group(1)))
    if bare_number and (number := _NUMBER.search(text)):
        return Cells(abnormal=int(number.group()))
    return None


def _percent(text: str) -> float:
    return round(float(text.replace(",", ".")) / 100, 8)


def _relation_word(tokens: list[Token]) -> str:
    """`con` or `sep` where the tokens relate probes to each other."""
    for here, token in enumerate(tokens):
        word = token.text.lower()
        if word in ("con", "sep"):
            return word
        if word in ("fusion", "fused") or (word == ":" and here + 1 < len(tokens) and tokens[here + 1].text == ":"):
            return "con"
        if token.kind == "word" and (glued := _GLUED_RELATION.fullmatch(word)) and _glued_parts(glued):
            return glued.group(2)
    return ""


def _glued_parts(glued: re.Match[str]) -> tuple[str, str] | None:
    first, second = glued.group(1), split_count(glued.group(3))[0]
    return (first, second) if read_part(first).probe and read_part(second).probe else None


def _relation_parts(tokens: list[Token]) -> list[Part]:
    """The probes that a relation names."""
    pieces: list[list[Token]] = [[]]
    for token in tokens:
        word = token.text.lower()
        glued = _GLUED_RELATION.fullmatch(word) if token.kind == "word" and word not in ("con", "sep") else None
        if glued and _glued_parts(glued):
            middle = token.start + glued.end(1)
            first = token._replace(text=token.text[: glued.end(1)], end=middle)
            second = token._replace(text=token.text[glued.end(2) :], start=token.start + glued.start(3))
            pieces[-1].append(first)
            pieces.append([second])
        elif word in ("con", "sep", ":", "fusion", "fused", "/", "+", ","):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [read_part(between(piece)) for piece in pieces if piece]
