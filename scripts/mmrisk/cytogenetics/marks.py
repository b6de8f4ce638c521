"""From tokens of a sentence to marks: subjects, changes, translocations, statuses, shares of cells, counts."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from mmrisk.cytogenetics.colours import find_colours
from mmrisk.cytogenetics.fish import MANY, Cells, Copies, Part
from mmrisk.cytogenetics.fish_grammar import read_part
from mmrisk.cytogenetics.named_changes import Named, find_named_change
from mmrisk.cytogenetics.probes import find_chromosome, find_probe, find_spelled, is_clone_name, key
from mmrisk.cytogenetics.tokens import Token, split_count
from mmrisk.cytogenetics.vocabulary import find_phrase
from mmrisk.resource import facts

LONGEST_NAME = 7
_COMPARE = {"<": "<", ">": ">", "≤": "<", "≥": ">=", "~": "~"}
_NUMBERED_CHANGES = frozenset(
    {"trisomy", "monosomy", "tetrasomy", "pentasomy", "gain", "loss", "aneuploidy", "hyperdiploid"}
)
"""Changes beside which a bare number is a chromosome."""
_HALF_WORD = re.compile(r"[53]'.*")
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


class Mark(NamedTuple):
    """What tokens `first` to before `after` do in their sentence."""

    kind: str
    value: Any
    first: int
    after: int


@cache
def _name_starts() -> frozenset[str]:
    """Beginnings of all names of the dictionary, so that a name cut into words is put together."""
    starts = set()
    for row in facts("probes.tsv"):
        for name in (row["name"], *row["aliases"].split(";")):
            whole = key(name)
            starts.update(whole[:length] for length in range(1, len(whole) + 1))
    return frozenset(starts)


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
        return _share(tokens, place)
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
        return _count(tokens, place, int(phrase[0].value), phrase[1]) or Mark("filler", "", place, phrase[1])
    if phrase[0].kind == "compare":
        return _bounded(tokens, phrase[0].value, place, phrase[1], marks)
    if phrase[0].kind == "extra_word":
        return _extra(tokens, place, phrase[1])
    arm = _arm(tokens, place, phrase[1])
    if arm is not None:
        return arm
    return Mark(phrase[0].kind, phrase[0].value, place, phrase[1])


def _single_letter(tokens: list[Token], place: int, marks: list[Mark]) -> Mark | None:
    """`n` of `n = 200`, and the sex chromosomes where a chromosome is expected."""
    letter = tokens[place].text.upper()
    if letter == "N" and place + 1 < len(tokens) and tokens[place + 1].text == "=":
        return Mark("scored_word", "n", place, place + 1)
    if letter in ("X", "Y") and _names_chromosome(marks):
        return Mark("subject", Part(f"chromosome {letter}"), place, place + 1)
    return None


def find_subject(tokens: list[Token], place: int) -> tuple[Part, int] | None:
    """The longest probe, band or half that starts at a token, and the place after it."""
    token = tokens[place]
    if token.kind == "word" and _HALF_WORD.fullmatch(token.text):
        here = place
        name = token.text
        while here + 1 < len(tokens) and len(name) <= 2 and (tokens[here + 1].text == "-" or len(name) == 2):
            here += 1
            name += tokens[here].text if tokens[here].text != "-" else ""
        part = read_part(name)
        return (part, here + 1) if part.probe is not None and part.end else None
    best, name = None, ""
    here = place
    while here < len(tokens) and here - place < LONGEST_NAME:
        piece = tokens[here]
        if piece.kind not in ("word", "band", "number") and piece.text not in ("-", "@", "/"):
            break
        if here > place and (
            piece.kind == "band" or (piece.kind == "number" and piece.spaced and token.kind == "band")
        ):
            break
        if here == place and piece.kind not in ("word", "band") and not _digit_name(tokens, place):
            break
        name += piece.text
        if piece.kind != "mark":
            single = here == place
            found = find_probe(name) if single else find_spelled(name)
            if key(name) not in _name_starts() and found is None:
                break
            if found is not None:
                best = read_part(name), here + 1
        here += 1
    if best is None and token.kind == "word":
        best = _clone_name(tokens, place)
    return best


def _digit_name(tokens: list[Token], place: int) -> bool:
    """Whether a number is the first piece of a band or centromere written apart (`17 p13`, `9 cen`)."""
    if place + 1 >= len(tokens):
        return False
    follows = tokens[place + 1].text.lower()
    return re.fullmatch(r"[pq]\d{0,2}|cen|cep", follows) is not None


def _clone_name(tokens: list[Token], place: int) -> tuple[Part, int] | None:
    name, here = tokens[place].text, place + 1
    if name[:2].upper() not in ("RP", "CT"):
        return None
    while here + 1 < len(tokens) and tokens[here].text == "-" and not tokens[here].spaced:
        name += "-" + tokens[here + 1].text
        here += 2
    return (Part(name), here) if is_clone_name(name) else None


def _counted_name(tokens: list[Token], place: int) -> Mark | None:
    """`IGHx3` in a sentence is read as the count alone, with its name put in front by the caller; `x3`, `x 3`."""
    name, count = split_count(tokens[place].text)
    if count is not None and not name:
        return Mark("copies", Copies(count, count), place, place + 1)
    if count is not None and find_probe(name) is not None:
        return Mark("counted", (read_part(name), Copies(count, count)), place, place + 1)
    if tokens[place].text.lower() == "x" and place + 1 < len(tokens) and tokens[place + 1].text.isdigit():
        number = int(tokens[place + 1].text)
        return Mark("copies", Copies(number, number), place, place + 2) if number < MANY else None
    return None


def _punctuation(tokens: list[Token], place: int, marks: list[Mark]) -> Mark:
    text = tokens[place].text
    named = find_named_change(tokens, place)
    if named is not None:
        return Mark("named", named[0], place, named[1])
    if text == "(" and marks and marks[-1].kind in ("named", "technique"):
        signed = _signed_probes(tokens, place)
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


def _signed_probes(tokens: list[Token], place: int) -> tuple[dict[Part, str], int] | None:
    """Signals seen (`+`) and missed (`-`) on an abnormal chromosome of a metaphase, `(FGFR3+,IGH+;IGH+)`."""
    found: dict[Part, str] = {}
    name = ""
    for here in range(place + 1, min(place + 60, len(tokens) - 1)):
        text, following = tokens[here].text, tokens[here + 1].text
        if text == ")":
            return (found, here + 1) if found and not name else None
        if text in ("+", "-") and following in (",", ";", ")", "+", "-"):
            if name:
                found[read_part(name)] = text
            name = ""
        elif tokens[here].kind != "mark" or text in ("-", "@", "/"):
            name += text
        elif text not in (",", ";", "+"):
            return None
    if tokens[-1].text == ")" and found and not name:
        return found, len(tokens)
    return None


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
        copies = Copies(0, low - 1) if sign == "<" and low else Copies(low + (sign == ">"), MANY)
        return Mark("copies", copies, place, following.after)
    return following._replace(first=place) if following.kind in ("share", "copies") else Mark("filler", "", place, here)


def _share(tokens: list[Token], place: int) -> Mark:
    """A per cent, or a range of them that starts with one."""
    low = _per_cent(tokens[place].text)
    if place + 2 < len(tokens) and tokens[place + 1].text in ("-", "~", "to") and tokens[place + 2].kind == "percent":
        return _range(low, _per_cent(tokens[place + 2].text), place, place + 3)
    if low is None:
        return Mark("unread", "", place, place + 1)
    return Mark("share", Cells(share=low), place, place + 1)


def _per_cent(text: str) -> float | None:
    digits = re.match(r"[\d.,]+", text)
    share = round(float(digits.group().replace(",", ".")) / 100, 8) if digits else 2.0
    return share if share <= 1 else None


def _range(low: float | None, high: float | None, first: int, after: int) -> Mark:
    if low is None or high is None or low > high:
        return Mark("unread", "", first, after)
    return Mark("share", Cells(low=low, high=high), first, after)


def _numeric(tokens: list[Token], place: int, marks: list[Mark]) -> Mark | None:
    """What a number is: a share, a count of signals, nuclei scored, or a chromosome of a list."""
    token = tokens[place]
    if token.kind != "number":
        return None
    following = [one.text.lower() for one in tokens[place + 1 : place + 4]] + [""] * 3
    dated = _date(tokens, place)
    if dated:
        return Mark("filler", "", place, dated)
    if following[0] in ("-", "~", "to") and place + 2 < len(tokens) and tokens[place + 2].kind == "percent":
        return _range(_per_cent(token.text), _per_cent(tokens[place + 2].text), place, place + 3)
    counts = _cell_counts(tokens, place)
    if counts is not None:
        return counts
    if not token.text.isdigit():
        return None
    number = int(token.text)
    count = _count(tokens, place, number, place + 1)
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


def _date(tokens: list[Token], place: int) -> int:
    """The place after a date (`12/05/2020`, `2020-05-12`), 0 where there is none."""
    pieces = [token.text for token in tokens[place : place + 5]]
    if len(pieces) < 5 or pieces[1] not in ("/", "-") or pieces[1] != pieces[3]:
        return 0
    first, middle, last = pieces[0], pieces[2], pieces[4]
    if not (first.isdigit() and middle.isdigit() and last.isdigit() and int(middle) <= 31):
        return 0
    years = (len(first) == 4 and len(last) <= 2) or (len(last) == 4 and int(first) <= 31)
    return place + 5 if years or (len(first) <= 2 and len(middle) == len(last) == 2 and int(first) <= 31) else 0


def _cell_counts(tokens: list[Token], place: int) -> Mark | None:
    """`85/200`, `85 of 200 nuclei`: bare counts need brackets, nuclei, or a number of nuclei that nobody dates by."""
    words = [one.text.lower() for one in tokens[place : place + 6]] + [""] * 6
    skip = {"/": 1, "of": 1, "out": 2}.get(words[1], 0)
    if not skip or (words[1] == "out" and words[2] != "of"):
        return None
    if words[1 + skip] == "the":
        skip += 1
    if not (words[0].isdigit() and words[1 + skip].isdigit()):
        return None
    abnormal, scored = int(words[0]), int(words[1 + skip])
    end = place + 2 + skip
    bracketed = place > 0 and tokens[place - 1].text in ("(", "[")
    nuclei = end < len(tokens) and (phrase := find_phrase(tokens, end)) is not None and phrase[0].kind == "cells_word"
    dated = words[2 + skip] in ("/", "-")
    if dated or not (bracketed or nuclei or scored >= 50) or not (0 < scored and abnormal <= scored):
        return None
    return Mark("share", Cells(abnormal, scored), place, end)


def _count(tokens: list[Token], place: int, number: int, here: int) -> Mark | None:
    """`3 copies`, `two intact signals`, `3-4 copies`, `4 or more signals`, `one extra copy`; `3 IGH signals` too."""
    high = number
    words = [one.text.lower() for one in tokens[here : here + 3]] + [""] * 3
    if words[0] in ("-", "~", "to", "or") and words[1].isdigit() and int(words[1]) < MANY:
        high, here = int(words[1]), here + 2
    elif words[0] == "or" and words[1] == "more":
        high, here = MANY, here + 2
    elif words[0] == "+" and number < MANY:
        high, here = MANY, here + 1
    extra = False
    for _ in range(3):
        phrase = find_phrase(tokens, here) if here < len(tokens) else None
        if phrase is None or number >= MANY:
            break
        if phrase[0].kind == "copies_word":
            return _copies_mark(number, high, place, phrase[1], extra=extra)
        if phrase[0].kind == "extra_word":
            extra = True
        elif phrase[0].kind not in ("normal", "filler", "connector") or tokens[here].text.lower() in (
            "of",
            "for",
            "in",
        ):
            break
        here = phrase[1]
    subject = find_subject(tokens, here) if here < len(tokens) and number < MANY else None
    if subject is None or subject[1] >= len(tokens):
        return None
    phrase = find_phrase(tokens, subject[1])
    if phrase is None or phrase[0].kind != "copies_word":
        return None
    return _copies_mark(number, high, place, here, extra=extra)


def _extra(tokens: list[Token], place: int, here: int) -> Mark:
    """`extra copy of`, `additional CCND1 signal`: a gain of one, of an unknown number in the plural."""
    phrase = find_phrase(tokens, here) if here < len(tokens) else None
    if phrase is not None and phrase[0].kind == "copies_word":
        return Mark("extra", 0 if tokens[here].text.lower().endswith("s") else 1, place, phrase[1])
    subject = find_subject(tokens, here) if here < len(tokens) else None
    if subject is None:
        return Mark("filler", "", place, here)
    phrase = find_phrase(tokens, subject[1]) if subject[1] < len(tokens) else None
    signals = phrase is not None and phrase[0].kind == "copies_word"
    return Mark("extra", 1 if signals and not tokens[subject[1]].text.lower().endswith("s") else 0, place, here)


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


def _copies_mark(number: int, high: int, place: int, after: int, *, extra: bool) -> Mark:
    if extra:
        return Mark("extra", number, place, after)
    return Mark("copies", Copies(min(number, high), max(number, high)), place, after)


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
        return mark.value in _NUMBERED_CHANGES
    return False
