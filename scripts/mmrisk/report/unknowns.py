"""Why an event is not known, and which assay would tell."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from mmrisk.capabilities import capability
from mmrisk.events import State, Tier, catalogue
from mmrisk.observations import SOURCE_NAMES
from mmrisk.report.words import STATE_WORDS, event_name, flag_sentence, in_sentence, percent

TELLERS = ("fish", "wgs", "lowpass", "array", "wes", "panel", "karyotype")
"""Assays in the order in which they are offered."""
DERIVED_FROM = {"biallelic_tp53": ("tp53_mutation", "del_17p")}
"""Events that follow from others: what tells those tells them."""
FISH_WORDS = "FISH on selected plasma cells"
UNREAD = "unread_text"
REREAD = "its report with what was not understood written out; else by "
WITH_BAITS = "{} with baits on the IG loci"

Row = Mapping[str, Any]


def settled_by(event: str) -> str:
    """Assays that can tell an event present from absent: `FISH on selected plasma cells, genome or array`."""
    if event in DERIVED_FROM:
        return " and ".join(f"{in_sentence(event_name(name))} ({settled_by(name)})" for name in DERIVED_FROM[event])
    first, *rest = _tellers(event) or ("no assay that is read here",)
    return f"{', '.join([first, *rest[:-1]])} or {rest[-1]}" if rest else first


def would_tell(row: Row) -> str:
    """What would tell an event that is not known: its report in plain words first, where it was not read whole."""
    return (REREAD if UNREAD in row["flags"] else "") + settled_by(row["event"])


@cache
def _tellers(event: str) -> tuple[str, ...]:
    if event not in catalogue():
        return ()
    found = []
    for source in TELLERS:
        name = FISH_WORDS if source == "fish" else SOURCE_NAMES[source]
        if capability(source, event, ig_baits=False).proves_absence:
            found.append(name)
        elif capability(source, event, ig_baits=True).proves_absence:
            found.append(WITH_BAITS.format(name))
    return tuple(found)


def is_rna_only(row: Row) -> bool:
    """Whether only RNA spoke of an event."""
    return bool(row["tier"] == Tier.INFERRED)


def is_untold(row: Row) -> bool:
    """Whether RNA was all there was, and could not tell either."""
    return row["state"] == State.NOT_EVALUABLE and is_rna_only(row)


def reason(row: Row) -> str:
    """Why an event cannot be told, in a few words: only RNA, the size of clone, or what its first flag says."""
    if is_rna_only(row):
        return "only RNA spoke of it"
    if row["detection_limit"] is not None and not row["fraction"]:
        return f"a clone smaller than {percent(row['detection_limit'])} could not be seen"
    return flag_sentence(row["flags"][0]).rstrip(".") if row["flags"] else "what was given leaves it open"


def why_missing(event: Row | None, *, is_given: bool) -> str:
    """Why an input of a risk system is not known: what became of its event, or whether its value was given."""
    if event is None:
        return "what was given leaves it open" if is_given else "not given"
    if is_rna_only(event):
        return "only RNA spoke of it"
    if event["state"] in (State.NOT_TESTED, State.NOT_EVALUABLE):
        return STATE_WORDS[State(event["state"])]
    if event["state"] == State.PRESENT:
        return "found; open is only how far: its copies, or its share at the cut-off of this rule"
    return "evidence disagrees" if event["state"] == State.CONFLICT else "its result leaves the cut-off open"


def by_teller(events: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Events grouped by the assays that would tell them, in the order of the first of each."""
    found: dict[str, list[str]] = {}
    for event in events:
        found.setdefault(settled_by(event), []).append(event)
    return list(found.items())
