"""Probes, bands and halves as they stand in sentences, and signals on abnormal chromosomes of metaphases."""

import re
from functools import cache

from mmrisk.cytogenetics.fish import Part
from mmrisk.cytogenetics.fish_items import HALVES, read_part
from mmrisk.cytogenetics.probes import find_probe, find_spelled, is_clone_name, key
from mmrisk.cytogenetics.tokens import Token
from mmrisk.resource import facts

LONGEST_NAME = 7
_HALF_WORD = re.compile(r"[53]'.*")


@cache
def _name_starts() -> frozenset[str]:
    """Beginnings of all names of the dictionary, so that a name cut into words is put together."""
    starts: set[str] = set()
    for row in facts("probes.tsv"):
        for name in (row["name"], *row["aliases"].split(";")):
            whole = key(name)
            starts.update(whole[:length] for length in range(1, len(whole) + 1))
    return frozenset(starts)


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
    if token.text.upper() in HALVES:
        return read_part(token.text), place + 1
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


def read_signed_probes(tokens: list[Token], place: int) -> tuple[dict[Part, str], int] | None:
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
