"""The words of laboratory prose: what each phrase does in a sentence."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from mmrisk.cytogenetics.tokens import Token, find_tokens
from mmrisk.resource import facts

LONGEST_PHRASE = 8


class Phrase(NamedTuple):
    """A phrase's role in a sentence (`kind`) and what it says there (`value`)."""

    kind: str
    value: str


@cache
def _phrases() -> Mapping[str, Mapping[tuple[str, ...], Phrase]]:
    """Phrases by their first word. A phrase listed twice keeps its first role."""
    found: dict[str, dict[tuple[str, ...], Phrase]] = {}
    for row in facts("report_words.tsv"):
        for text in row["words"].split(";"):
            words = tuple(token.lower for token in find_tokens(text))
            found.setdefault(words[0], {}).setdefault(words, Phrase(row["kind"], row["value"]))
    return found


def find_phrase(tokens: list[Token], place: int) -> tuple[Phrase, int] | None:
    """The longest phrase that starts at a token, and the place after it. Hyphens between its words do not count."""
    candidates = _phrases().get(tokens[place].text.lower())
    if candidates is None:
        return None
    words: list[str] = []
    here = place
    best = None
    while here < len(tokens) and len(words) < LONGEST_PHRASE:
        token = tokens[here]
        if token.text == "-" and words and not token.spaced:
            here += 1
            continue
        words.append(token.text.lower())
        here += 1
        phrase = candidates.get(tuple(words))
        if phrase is not None:
            best = phrase, here
    return best


@lru_cache(maxsize=8192)
def is_known_word(word: str) -> bool:
    """Whether a single word stands in the vocabulary."""
    return (word.lower(),) in _phrases().get(word.lower(), {})
