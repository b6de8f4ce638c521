"""Numbers in sentences: shares of cells, counts of nuclei, numbers of copies."""

import re

from mmrisk.cytogenetics.fish import MANY, Cells, Copies
from mmrisk.cytogenetics.subjects import find_subject
from mmrisk.cytogenetics.tokens import Mark, Token
from mmrisk.cytogenetics.vocabulary import find_phrase


def read_share_mark(tokens: list[Token], place: int) -> Mark:
    """A per cent, or a range of them that starts with one."""
    low = per_cent(tokens[place].text)
    if place + 2 < len(tokens) and tokens[place + 1].text in ("-", "~", "to") and tokens[place + 2].kind == "percent":
        return read_range(low, per_cent(tokens[place + 2].text), place, place + 3)
    if low is None:
        return Mark("unread", "", place, place + 1)
    return Mark("share", Cells(share=low), place, place + 1)


_RANGE_SIGNS = ("-", "~", "to", "or")


def per_cent(text: str) -> float | None:
    digits = re.match(r"[\d.,]+", text)
    share = round(float(digits.group().replace(",", ".")) / 100, 8) if digits else 2.0
    return share if share <= 1 else None


def read_range(low: float | None, high: float | None, first: int, after: int) -> Mark:
    if low is None or high is None or low > high:
        return Mark("unread", "", first, after)
    return Mark("share", Cells(low=low, high=high), first, after)


def end_of_date(tokens: list[Token], place: int) -> int:
    """The place after a date (`12/05/2020`, `2020-05-12`), 0 where there is none."""
    pieces = [token.text for token in tokens[place : place + 5]]
    if len(pieces) < 5 or pieces[1] not in ("/", "-") or pieces[1] != pieces[3]:
        return 0
    first, middle, last = pieces[0], pieces[2], pieces[4]
    if not (first.isdigit() and middle.isdigit() and last.isdigit() and int(middle) <= 31):
        return 0
    years = (len(first) == 4 and len(last) <= 2) or (len(last) == 4 and int(first) <= 31)
    return place + 5 if years or (len(first) <= 2 and len(middle) == len(last) == 2 and int(first) <= 31) else 0


def read_cell_counts(tokens: list[Token], place: int) -> Mark | None:
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
    if dated or not (bracketed or nuclei or scored >= 50) or not (scored > 0 and abnormal <= scored):
        return None
    return Mark("share", Cells(abnormal, scored), place, end)


def read_count(tokens: list[Token], place: int, number: int, here: int) -> Mark | None:
    """`3 copies`, `two intact signals`, `3-4 copies`, `4 or more signals`, `one extra copy`; `3 IGH signals` too."""
    high = number
    words = [one.text.lower() for one in tokens[here : here + 3]] + [""] * 3
    second = _number(tokens, here + 1)
    spelled = not tokens[place].text.isdigit() or (place > 0 and tokens[place - 1].lower == "between")
    if second is not None and second < MANY and words[0] in (*_RANGE_SIGNS, *(("and",) if spelled else ())):
        high, here = second, here + 2
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


def read_extra(tokens: list[Token], place: int, here: int) -> Mark:
    """`extra copy of`, `additional CCND1 signal`: a gain of one, of an unknown number in the plural."""
    phrase = find_phrase(tokens, here) if here < len(tokens) else None
    if phrase is not None and phrase[0].kind == "copies_word":
        return Mark("extra", 0 if tokens[here].text.lower().endswith("s") else 1, place, phrase[1])
    subject = find_subject(tokens, here) if here < len(tokens) else None
    if subject is None:
        return Mark("filler", "other", place, here)
    phrase = find_phrase(tokens, subject[1]) if subject[1] < len(tokens) else None
    signals = phrase is not None and phrase[0].kind == "copies_word"
    return Mark("extra", 1 if signals and not tokens[subject[1]].text.lower().endswith("s") else 0, place, here)


def _number(tokens: list[Token], place: int) -> int | None:
    """A number in digits or as one word."""
    if place >= len(tokens):
        return None
    if tokens[place].text.isdigit():
        return int(tokens[place].text)
    phrase = find_phrase(tokens, place)
    return int(phrase[0].value) if phrase and phrase[0].kind == "number_word" and phrase[1] == place + 1 else None


def _copies_mark(number: int, high: int, place: int, after: int, *, extra: bool) -> Mark:
    if extra:
        return Mark("extra", number, place, after)
    return Mark("copies", Copies(min(number, high), max(number, high)), place, after)
