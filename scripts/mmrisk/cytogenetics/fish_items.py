"""Probes with their counts inside a group of an interphase FISH string."""

import re
from dataclasses import dataclass

from mmrisk.cytogenetics.fish import AMPLIFIED, MANY, Copies, Part, Signals, make_part
from mmrisk.cytogenetics.probes import find_probe, find_spelled, is_clone_name
from mmrisk.cytogenetics.tokens import Token, split_count

MOST_SIGNALS = 40
_NAME = re.compile(r"[A-Z][A-Z0-9@'-]{1,14}")
_HALF = re.compile(r"([35])\s?(?:'|prime|-prime)\s?-?\s?(.+)", re.IGNORECASE | re.DOTALL)
_HALF_AFTER = re.compile(r"(.+?)\s?-?([35])'", re.DOTALL)
HALVES = {"IGHV": ("IGH", "5'"), "IGHC": ("IGH", "3'")}


@dataclass(frozen=True, slots=True)
class Odd:
    """Something inside a hybridisation that was not understood; plain-text positions."""

    start: int
    end: int
    reason: str
    harmless: bool = False


def between(tokens: list[Token]) -> str:
    return "".join((" " if token.spaced and number else "") + token.text for number, token in enumerate(tokens))


def read_part(name: str) -> Part:
    """A probe or one half of it: `IGH`, `5'IGH`, `IGH 3'`, `IGHV`."""
    half = _HALF.fullmatch(name)
    if half:
        return make_part(half.group(2), f"{half.group(1)}'")
    half = _HALF_AFTER.fullmatch(name)
    if half and find_probe(half.group(1)):
        return make_part(half.group(1), f"{half.group(2)}'")
    if name.upper() in HALVES:
        return make_part(*HALVES[name.upper()])
    return make_part(name)


def read_items(tokens: list[Token], shared: Copies | None, odd: list[Odd]) -> list[Signals]:
    """Probes of a group. `A/Bx3` gives both their count; a probe without any count is odd."""
    signals: list[Signals] = []
    waiting: list[Part] = []
    for separator, item in _split_items(tokens):
        rest, copies = take_count(item)
        name, extra = _item_name(rest)
        if not name:
            odd.extend(Odd(token.start, token.end, "no probe") for token in item)
            continue
        odd.extend(Odd(token.start, token.end, "") for token in extra)
        if copies is None and separator == "/" and shared is None:
            waiting.append(read_part(name))
            continue
        copies = copies or shared
        if copies is None:
            odd.append(Odd(item[0].start, item[-1].end, "probe without a count"))
            continue
        signals += [Signals(part, copies) for part in (*waiting, read_part(name))]
        waiting = []
    odd.extend(Odd(tokens[0].start, tokens[-1].end, "probe without a count") for _ in waiting)
    return signals if any(_plausible(one.part.name) for one in signals) else []


def _split_items(tokens: list[Token]) -> list[tuple[str, list[Token]]]:
    """Items with the separator after each. A slash inside one known name (`D5S23/D5S721`) does not separate."""
    items: list[tuple[str, list[Token]]] = []
    current: list[Token] = []
    for token in tokens:
        if token.text in (",", "/", ";", "&") or token.text.lower() == "and":
            if current:
                items.append((token.text, current))
            current = []
        else:
            current.append(token)
    if current:
        items.append(("", current))
    return items


def _item_name(tokens: list[Token]) -> tuple[str, list[Token]]:
    """The probe's name in an item, and the words beside it that are none. Of `17p13(TP53)` the probe counts."""
    outside: list[Token] = []
    inside: list[Token] = []
    depth = 0
    for token in tokens:
        if token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
        else:
            (inside if depth else outside).append(token)
    if outside and inside and outside[0].kind == "band" and find_probe(between(inside)):
        return between(inside), []
    if not outside:
        return (between(inside), []) if inside else ("", [])
    name = between(outside)
    if len(outside) == 1 or find_probe(read_part(name).name) or is_clone_name(name):
        return name, []
    known = [token for token in outside if token.kind in ("word", "band") and find_probe(token.text)]
    if len(known) == 1:
        return known[0].text, [token for token in outside if token is not known[0]]
    spaced = any(token.spaced for token in outside[1:])
    return (name, []) if not spaced else (name, list(outside))


def may_count(token: Token, *, first: bool) -> bool:
    word = token.text.lower()
    if first:
        return word in ("x", "amp") or (word.startswith("x") and word[1:].isdigit()) or word in ("xamp",)
    return token.kind == "number" or word in ("~", "-", ">", "+", "=", "≥", "amp", "to")


def take_count(tokens: list[Token]) -> tuple[list[Token], Copies | None]:
    """Tokens without the count at their end, and the count."""
    for place in range(len(tokens) - 1, max(-1, len(tokens) - 7), -1):
        token = tokens[place]
        tail = tokens[place + 1 :]
        word = token.text.lower()
        if word in ("amp", "xamp"):
            before = place - 1 if place and tokens[place - 1].text.lower() == "x" else place
            return tokens[:before], Copies(AMPLIFIED, MANY)
        if token.kind != "word" or not all(may_count(one, first=False) for one in tail):
            if token.kind == "mark" and word not in ("~", "-", ">", "+", "=", "≥"):
                return tokens, None
            continue
        if word == "x" and tail:
            return tokens[:place], _make_copies([one.text for one in tail])
        name, count = split_count(token.text)
        if count is None or (name and find_spelled(token.text)):
            continue
        copies = _make_copies([str(count), *(one.text for one in tail)])
        kept = [token._replace(text=name, end=token.start + len(name))] if name else []
        return [*tokens[:place], *kept], copies
    return tokens, None


def _make_copies(texts: list[str]) -> Copies | None:
    """`3`, `3~4`, `3-4`, `3~>4`, `>=4`, `4+`."""
    numbers = [int(text) for text in texts if text.isdigit()]
    if not numbers or len(numbers) > 2 or numbers[0] > MOST_SIGNALS:
        return None
    if "+" in texts or "≥" in texts or (">" in texts and "=" in texts):
        return Copies(numbers[0], MANY)
    if texts[0] == ">":
        return Copies(numbers[0] + 1, MANY)
    if ">" in texts:
        return Copies(numbers[0], MANY)
    return Copies(min(numbers), min(max(numbers), MANY))


def _plausible(name: str) -> bool:
    return find_probe(name) is not None or is_clone_name(name) or _NAME.fullmatch(name) is not None
