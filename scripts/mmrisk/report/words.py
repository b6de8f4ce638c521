"""The words and symbols of the report: states, shares, events, labels, flags."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from mmrisk.events import DEFAULT_PROFILE, State, catalogue, cutoff
from mmrisk.observations import BASIS_NAMES, SOURCE_NAMES
from mmrisk.observations import percent as plain_percent
from mmrisk.resource import facts
from mmrisk.risk.explanation import label_in_words

SYMBOLS = {
    State.PRESENT: "●",
    State.SUBTHRESHOLD: "◐",
    State.CONFLICT: "!",
    State.NOT_EVALUABLE: "?",
    State.ABSENT: "–",
    State.NOT_TESTED: "",
}
"""A state is never shown by colour alone."""
RNA_SYMBOL = "◌"
"""Seen, but by RNA only: never the sign of what was measured."""
STATE_WORDS = {**{state: state.replace("_", " ") for state in State}, State.SUBTHRESHOLD: "below cut-off"}
SELECTION_WORDS = {
    "cd138": "CD138-selected",
    "cig": "plasma cells identified by light chain",
    "none": "not selected",
    "unknown": "selection unknown",
}
MANY_LABELS = 5
"""More labels than this are counted, not named, where space is short."""
RISK = " risk"
"""What several labels share is said once: `standard or high risk`."""
NO_BREAK_SPACE = "\u00a0"


def percent(share: float) -> str:
    """A share of cells in per cent, which no line break tears apart."""
    return plain_percent(share).replace(" ", NO_BREAK_SPACE)


@cache
def cutoff_words(event: str, profile: str) -> str:
    """The cut-off of an event and whose it is: `20 %, EMN 2012`."""
    source = re.split(r" [(]|[:;]", cutoff_source(event, profile))[0]
    return f"{percent(cutoff(event, profile).fraction)}, {source}"


def cutoff_source(event: str, profile: str) -> str:
    """Where the cut-off of an event comes from in a profile."""
    scope = catalogue()[event].cutoff_scope
    rows = {row["profile"]: row["source"] for row in facts("cutoffs.tsv") if row["scope"] == scope}
    return rows.get(profile) or rows[DEFAULT_PROFILE]


def spaced(text: str) -> str:
    """A text of the program in which per cent signs are set as everywhere here."""
    return re.sub(r"(?<=[0-9]) ?%", f"{NO_BREAK_SPACE}%", text)


def signed(value: float) -> str:
    """A number with one decimal and its sign, a proper minus."""
    return f"{value:+.1f}".replace("-", "\u2212")


def assay_words(source: str, method: str | None) -> str:
    """Kind of assay with its method: `FISH (tick box)`."""
    name = SOURCE_NAMES.get(source, source)
    return f"{name} ({plain(method)})" if method and method.lower() != name.lower() else name


def basis_words(basis: str | None) -> str:
    """Which cells a share counts: `of plasma cells`."""
    return BASIS_NAMES.get(basis or "", "of cells")


def plain(name: str) -> str:
    """A name of the program as words."""
    return name.replace("_", " ")


def label_name(label: str) -> str:
    """A label of a risk system in words; some labels are events."""
    return event_name(label) if label in catalogue() else label_in_words(label)


def either(labels: Sequence[str]) -> str:
    """`I, II or III`; many labels are only counted."""
    if len(labels) > MANY_LABELS:
        return f"one of {len(labels)} labels"
    words = [label_name(label) for label in labels]
    if len(words) == 1:
        return words[0]
    tail = RISK if all(word.endswith(RISK) for word in words) else ""
    *first, last = (word.removesuffix(tail) for word in words)
    return f"{', '.join(first)} or {last}{tail}"


@cache
def _names_of_sets() -> Mapping[str, str]:
    """Names of kinds of cells, programmes and ratios without a closing remark in brackets; axes by their genes."""
    axes = {row["axis"]: f"{row['ligand']} \u2192 {row['receptor']}" for row in facts("axes.tsv")}
    named = (*facts("signatures.tsv"), *facts("cell_ratios.tsv"))
    return axes | {row["id"]: re.sub(r" \([^()]*\)$", "", row["name"]) for row in named}


def cell_name(cell_type: str) -> str:
    """A kind of cell in words; `b_cell>t_cell` is from one to the other."""
    return " \u2192 ".join(_names_of_sets().get(part) or plain(part) for part in cell_type.split(">"))


def signature_name(signature: str) -> str:
    """A programme in words; one that is not bundled keeps its name."""
    return _names_of_sets().get(signature) or plain(signature)


@cache
def event_label(event: str) -> str:
    """Full name of an event; an event that the catalogue does not have keeps its id."""
    return catalogue()[event].label if event in catalogue() else event


@cache
def event_name(event: str) -> str:
    """Short name of an event: the label without genes of the fusion, synonyms and explanations."""
    return re.split(r" IGH::| or monosomy| \(", event_label(event))[0]


def in_sentence(name: str) -> str:
    """A name inside a sentence: `Biallelic del(1p32)` loses its capital, `MYC rearranged` does not."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


@cache
def flag_sentence(flag: str) -> str:
    """A flag or warning in words; an unknown flag speaks for itself."""
    return _sentences().get(flag) or plain(flag)


@cache
def _sentences() -> Mapping[str, str]:
    return {row["flag"]: row["sentence"] for row in facts("flag_words.tsv")}
