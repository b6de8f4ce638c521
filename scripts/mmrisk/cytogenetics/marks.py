"""From tokens of a sentence to marks: subjects, changes, translocations, statuses, shares of cells, counts."""

import re
from collections.abc import Mapping, Sequence

from mmrisk.cytogenetics.colours import find_colours
from mmrisk.cytogenetics.fish import MANY, Cells, Copies, Part
from mmrisk.cytogenetics.fish_items import read_part
from mmrisk.cytogenetics.named_changes import Named, find_named_change
from mmrisk.cytogenetics.probes import find_chromosome, find_probe
from mmrisk.cytogenetics.quantities import (
    end_of_date,
    per_cent,
    read_cell_counts,
    read_count,
    read_extra,
    read_range,
    read_share_mark,
)
from mmrisk.cytogenetics.subjects import find_subject, read_signed_probes
from mmrisk.cytogenetics.tokens import Mark, Token, split_count
from mmrisk.cytogenetics.vocabulary import find_phrase

_COMPARE = {"<": "<", ">": ">", "≤": "<", "≥": ">=", "~": "~"}
_NUMBERED_CHANGES = frozenset(
    {"trisomy", "disomy", "monosomy", "tetrasomy", "pentasomy", "gain", "loss", "aneuploidy", "hyperdiploid"}
)
"""Changes beside which a bare number is a chromosome."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_BEFORE_YEAR = frozenset({"in", "since", "from", "of"})
_SEPARATORS = {
    ",": "comma",
    ";": "comma",
    ":": "colon",
    "=": "colon",
    "(": "open",
    "[": "open",
    ")": "close",
    "]": "close",
    "/": "slash",
    "-": "dash",
    "?": "hedge",
}


def find_marks(tokens: Sequence[Token], first: int, after: int, strings: Mapping[int, int]) -> list[Mark]:
    """Marks of the tokens `first` to before `after`; `strings` maps the start of each FISH string to its end."""
    tokens = list(tokens[:after])
    marks: list[Mark] = []
    here = first
    while here < after:
        if here in strings:
            mark = Mark("string", None, here, strings[here])
        else:
            mark = _find_mark(tokens, here, marks)
        marks.append(mark)
        here = max(mark.after, here + 1)
    return marks


def _find_mark(tokens: list[Token], place: int, marks: list[Mark]) -> Mark:
    token = tokens[place]
    if token.kind == "mark":
        return _punctuation(tokens, place, marks)
    if token.kind == "percent":
        return read_share_mark(tokens, place)
    named = find_named_change(tokens, place)
    if named is not None:
        return Mark("named", named[0], place, named[1])
    if token.text.lower() == "nuc" and place + 1 < len(tokens) and tokens[place + 1].text.lower() == "ish":
        return Mark("filler", "", place, place + 2)
    if token.text.lower() == "ish":
        return Mark("technique", "ish", place, place + 1)
    colours = find_colours(tokens, place)
    if colours is not None:
        return Mark("colours", colours[0], place, colours[1])
    if token.kind == "number":
        found = _numeric(tokens, place, marks)
        if found is not None:
            return found
    single = _single_letter(tokens, place, marks) if len(token.text) == 1 else None
    if single is not None:
        return single
    subject = find_subject(tokens, place)
    if subject is not None:
        return Mark("subject", subject[0], place, subject[1])
    phrase = find_phrase(tokens, place)
    if phrase is None:
        return _counted_name(tokens, place) or Mark("unread", "", place, place + 1)
    if phrase[0].kind == "number_word":
        none = Mark("negative", "trail", place, phrase[1])  # `t(4;14): nil`
        other = none if phrase[0].value == "0" else Mark("filler", "", place, phrase[1])
        return read_count(tokens, place, int(phrase[0].value), phrase[1]) or other
    if phrase[0] == ("negative", "lead") and (none_of := _none_of(tokens, place)) is not None:
        return none_of
    if phrase[0].kind == "compare":
        return _bounded(tokens, phrase[0].value, place, phrase[1], marks)
    if phrase[0].kind == "extra_word":
        return read_extra(tokens, place, phrase[1])
    arm = _arm(tokens, place, phrase[1])
    if arm is not None:
        return arm
    return Mark(phrase[0].kind, phrase[0].value, place, phrase[1])


def _none_of(tokens: list[Token], place: int) -> Mark | None:
    """`none of 200 cells` is 0 of 200."""
    words = [token.lower for token in tokens[place : place + 5]]
    at = 3 if words[2:3] == ["the"] else 2
    if words[:2] != ["none", "of"] or not "".join(words[at : at + 1]).isdigit():
        return None
    phrase = find_phrase(tokens, place + at + 1) if place + at + 1 < len(tokens) else None
    scored = int(words[at])
    cells = phrase is not None and phrase[0].kind == "cells_word" and scored > 0
    return Mark("share", Cells(0, scored), place, place + at + 1) if cells else None


def _single_letter(tokens: list[Token], place: int, marks: list[Mark]) -> Mark | None:
    """`n` of `n = 200`, and the sex chromosomes where a chromosome is expected."""
    letter = tokens[place].text.upper()
    if letter == "N" and place + 1 < len(tokens) and tokens[place + 1].text == "=":
        return Mark("scored_word", "n", place, place + 1)
    if letter in ("X", "Y") and _names_chromosome(marks):
        return Mark("subject", Part(f"chromosome {letter}"), place, place + 1)
    return None


def _counted_name(tokens: list[Token], place: int) -> Mark | None:
    """`IGHx3` in a sentence is read as the count alone, with its name put in front by the caller; `x3`, `x 3`."""
    name, count = split_count(tokens[place].text)
    if count is not None and not name:
        after = _second_count(tokens, place + 1)
        return Mark("copies", Copies(min(2, count), MANY) if after else Copies(count, count), place, after or place + 1)
    if count is not None and find_probe(name) is not None:
        return Mark("counted", (read_part(name), Copies(count, count)), place, place + 1)
    if tokens[place].text.lower() == "x" and place + 1 < len(tokens) and tokens[place + 1].text.isdigit():
        number = int(tokens[place + 1].text)
        return Mark("copies", Copies(number, number), place, place + 2) if number < MANY else None
    return None


def _second_count(tokens: list[Token], place: int) -> int:
    """The place after the `,2` of `x3,2`, 0 where there is none: a decimal or another clone, so no certain count."""
    pieces = tokens[place : place + 2]
    if len(pieces) < 2 or pieces[0].text not in (",", ".", "/") or pieces[0].spaced or pieces[1].spaced:
        return 0
    return place + 2 if pieces[1].text.isdigit() and len(pieces[1].text) == 1 else 0


def _punctuation(tokens: list[Token], place: int, marks: list[Mark]) -> Mark:
    text = tokens[place].text
    if text in ("+", "-") and place + 1 < len(tokens) and tokens[place + 1].lower == "ve":  # `-ve`, `+ve`
        return (
            Mark("positive", "adjective", place, place + 2)
            if text == "+"
            else Mark("negative", "both", place, place + 2)
        )
    named = find_named_change(tokens, place)
    if named is not None:
        return Mark("named", named[0], place, named[1])
    if text == "(" and marks and marks[-1].kind in ("named", "technique"):
        signed = read_signed_probes(tokens, place)
        if signed is not None:
            return Mark("signals", signed[0], place, signed[1])
    if text in _COMPARE and place + 1 < len(tokens):
        return _compared(tokens, place, marks)
    if text in ("+", "-") and marks and marks[-1].kind in ("subject", "named") and _ends_item(tokens, place):
        bare = marks[-1].kind == "subject" and text == "-"
        return Mark("hedge" if bare else ("positive" if text == "+" else "negative"), "sign", place, place + 1)
    if text in ("+", "&"):
        return Mark("and", "list", place, place + 1)
    if text == "?":
        return Mark("hedge", "clause", place, place + 1)
    return Mark(_SEPARATORS.get(text, "filler"), text, place, place + 1)


def _ends_item(tokens: list[Token], place: int) -> bool:
    return place + 1 == len(tokens) or tokens[place + 1].text in (",", ";", ")", "]", "/", ".")


def _compared(tokens: list[Token], place: int, marks: list[Mark]) -> Mark:
    """`<5%`, `>= 4 copies`, `~45%`."""
    return _bounded(tokens, _COMPARE[tokens[place].text], place, place + 1, marks)


def _bounded(tokens: list[Token], sign: str, place: int, here: int, marks: list[Mark]) -> Mark:
    if here < len(tokens) and tokens[here].text == "=":
        sign, here = ">=" if sign == ">" else sign, here + 1
    if here >= len(tokens):
        return Mark("filler", "", place, here)
    following = _find_mark(tokens, here, marks)
    if following.kind == "share" and sign != "~":
        share = following.value.known_share
        if share is not None and sign.startswith("<"):
            return Mark("share", Cells(high=share), place, following.after)
        if share is not None:
            return Mark("share", Cells(low=share, high=1.0), place, following.after)
    if following.kind == "copies" and sign != "~":
        low = following.value.low
        copies = Copies(low + (sign == ">"), MANY)
        if sign.startswith("<"):
            copies = Copies(0, low if sign == "<=" else max(0, low - 1))
        return Mark("copies", copies, place, following.after)
    return following._replace(first=place) if following.kind in ("share", "copies") else Mark("filler", "", place, here)


def _numeric(tokens: list[Token], place: int, marks: list[Mark]) -> Mark | None:
    """What a number is: a share, a count of signals, nuclei scored, or a chromosome of a list."""
    token = tokens[place]
    if token.kind != "number":
        return None
    following = [one.text.lower() for one in tokens[place + 1 : place + 4]] + [""] * 3
    dated = end_of_date(tokens, place)
    if dated:
        return Mark("filler", "", place, dated)
    if following[0] in ("-", "~", "to") and place + 2 < len(tokens) and tokens[place + 2].kind == "percent":
        return read_range(per_cent(token.text), per_cent(tokens[place + 2].text), place, place + 3)
    counts = read_cell_counts(tokens, place)
    if counts is not None:
        return counts
    if not token.text.isdigit():
        return None
    if _YEAR.fullmatch(token.text) and place and tokens[place - 1].lower in _BEFORE_YEAR:  # `seen in 2019`
        return Mark("history", "clause", place, place + 1)
    number = int(token.text)
    count = read_count(tokens, place, number, place + 1)
    if count is not None:
        return count
    phrase = find_phrase(tokens, place + 1) if place + 1 < len(tokens) else None
    if phrase is not None and phrase[0].kind == "cells_word" and number >= 10:
        return Mark("nuclei", number, place, phrase[1])
    if marks and marks[-1].kind == "colon" and len(marks) > 1 and marks[-2].value == "n":
        return Mark("nuclei", number, place, place + 1)
    chromosome = find_chromosome(token.text) if 1 <= number <= 22 else None
    changed = phrase is not None and phrase[0].value in _NUMBERED_CHANGES and not following[0].endswith("s")
    if chromosome is not None and (changed or _names_chromosome(marks)):
        return Mark("subject", Part(chromosome.name), place, place + 1)
    return None


def _arm(tokens: list[Token], place: int, here: int) -> Mark | None:
    """`long arm of chromosome 13` is 13q."""
    words = [token.text.lower() for token in tokens[place:here]]
    if words[-1:] not in (["arm"], ["arms"]) or words[0] not in ("long", "short"):
        return None
    while here < len(tokens) and tokens[here].text.lower() in ("of", "the", "chromosome", "chromosomes", "chr"):
        here += 1
    if here >= len(tokens) or not tokens[here].text.isdigit():
        return None
    probe = find_probe(tokens[here].text + ("q" if words[0] == "long" else "p"))
    return Mark("subject", Part(probe.name), place, here + 1) if probe else None


def _names_chromosome(marks: list[Mark]) -> bool:
    """Whether the marks before a number make it a chromosome: `chromosomes 9`, `trisomy 9 and`, `+3, +5,`."""
    for back in range(len(marks) - 1, max(-1, len(marks) - 6), -1):
        mark = marks[back]
        if mark.kind in ("comma", "slash", "and", "or", "open", "colon", "dash") or mark.value in ("of", "for", "list"):
            continue
        if mark.kind == "connector":
            return mark.value == "chromosome" or False
        if mark.kind == "subject":
            probe = mark.value.probe
            return probe is not None and bool(probe.roles & {"chromosome", "centromere"})
        if mark.kind == "named":
            return isinstance(mark.value, Named) and mark.value.is_chromosome
        return isinstance(mark.value, str) and mark.value in _NUMBERED_CHANGES
    return False
