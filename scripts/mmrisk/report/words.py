"""The words and symbols of the report: states, shares, events, inputs of risk systems, flags."""

import re
from collections.abc import Sequence
from functools import cache

from mmrisk.events import State, catalogue
from mmrisk.observations import BASIS_NAMES, SOURCE_NAMES
from mmrisk.observations import percent as plain_percent
from mmrisk.resource import facts

SYMBOLS = {
    State.PRESENT: "●",
    State.SUBTHRESHOLD: "◐",
    State.CONFLICT: "!",
    State.NOT_EVALUABLE: "?",
    State.ABSENT: "–",
    State.NOT_TESTED: "",
}
"""A state is never shown by colour alone."""
STATE_WORDS = {**{state: state.replace("_", " ") for state in State}, State.SUBTHRESHOLD: "below cut-off"}
SELECTION_WORDS = {
    "cd138": "CD138-selected",
    "cig": "plasma cells identified by light chain",
    "none": "not selected",
    "unknown": "selection unknown",
}
NO_BREAK_SPACE = "\u00a0"


def percent(share: float) -> str:
    """A share of cells in per cent, which no line break tears apart."""
    return plain_percent(share).replace(" ", NO_BREAK_SPACE)


def assay_words(source: str, method: str | None) -> str:
    """Kind of assay with its method: `FISH (tick box)`."""
    name = SOURCE_NAMES.get(source, source)
    return f"{name} ({plain(method)})" if method and method.lower() != name.lower() else name


def basis_words(basis: str | None) -> str:
    """Which cells a share counts: `of selected plasma cells`."""
    return BASIS_NAMES.get(basis or "", "of cells")


def plain(name: str) -> str:
    """A name of the program as words."""
    return name.replace("_", " ")


def either(names: Sequence[str]) -> str:
    """`I, II or III`."""
    words = [plain(name) for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


@cache
def event_label(event: str) -> str:
    """Full name of an event; an event that the catalogue does not have keeps its id."""
    return catalogue()[event].label if event in catalogue() else event


@cache
def event_name(event: str) -> str:
    """Short name of an event: the label without genes of the fusion, synonyms and explanations."""
    return re.split(r" IGH::| or monosomy| \(", event_label(event))[0]


@cache
def input_name(name: str) -> str:
    """An input or criterion of a risk system in words: an event, a laboratory value, or its own name."""
    if name in catalogue():
        return event_name(name)
    tests = {row["lab"]: row["test"] for row in facts("labs.tsv") if row["test"]}
    return tests.get(name) or plain(name)


@cache
def _sentences() -> dict[str, str]:
    return {row["flag"]: row["sentence"] for row in facts("flag_words.tsv")}


@cache
def flag_sentence(flag: str) -> str:
    """A flag or warning in words; `del_17p:near_cutoff` speaks of its event; an unknown flag speaks for itself."""
    name, _, kind = flag.rpartition(":")
    if kind in _sentences():
        return _sentences()[kind].replace("{input}", input_name(name) if name else "The value")
    return plain(flag)
