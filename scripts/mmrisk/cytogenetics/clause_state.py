"""The state of reading one clause from left to right."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mmrisk.cytogenetics.colours import ColourPattern
from mmrisk.cytogenetics.findings import Finding, Node
from mmrisk.cytogenetics.fish import NO_CELLS, Cells, Copies
from mmrisk.cytogenetics.tokens import Mark

PRESENT, ABSENT, NORMAL, UNKNOWN, FAILED, UNTESTED, LISTED = (
    "present",
    "absent",
    "normal",
    "unknown",
    "failed",
    "untested",
    "listed",
)
TRANSPARENT = frozenset(
    {
        "connector",
        "filler",
        "cells_word",
        "copies_word",
        "scored_word",
        "open",
        "close",
        "zygosity",
        "half",
        "bare_change",
        "bare_fusion",
        "technique",
    }
)


@dataclass(slots=True)
class Clause:
    """The state of reading one clause from left to right."""

    nodes: list[Node]
    words: Callable[[Mark], str]
    lead: str = ""
    firm_lead: bool = False
    verb_lead: bool = False
    vague_lead: bool = False
    answering: bool = False
    lead_share: Cells = NO_CELLS
    lead_copies: Copies | None = None
    lead_colours: ColourPattern | None = None
    lead_colours_at: int = -1
    pending: list[Finding] = field(default_factory=list)
    unshared: list[Finding] = field(default_factory=list)
    led: list[Finding] = field(default_factory=list)
    said: list[Finding] = field(default_factory=list)
    item: int = 0
    hedged_items: set[int] = field(default_factory=set)
    hedged: bool = False
    denied_from: int | None = None
    earlier: bool = False
    panel: bool = False
    depth: int = 0
    cutoffs_only: bool = False
    joined: bool = False
    general: bool = False


def is_mark(clause: Clause, place: int) -> bool:
    return place < len(clause.nodes) and isinstance(clause.nodes[place], Mark)


def neighbour(clause: Clause, place: int, step: int) -> Node | None:
    here = place + step
    while 0 <= here < len(clause.nodes):
        node = clause.nodes[here]
        if isinstance(node, Finding) or node.kind not in TRANSPARENT:
            return node
        here += step
    return None
