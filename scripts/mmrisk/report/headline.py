"""What a patient has, in a haematologist's words: one line from the events of a sample."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mmrisk.events import ODD_CHROMOSOMES, State, Tier, catalogue
from mmrisk.report.words import basis_words, event_name, percent

ASKED = {
    "t_4_14": "t(4;14)",
    "t_11_14": "t(11;14)",
    "t_14_16": "t(14;16)",
    "t_14_20": "t(14;20)",
    "gain_1q21": "1q21 gain",
    "del_1p32": "del(1p32)",
    "del_17p": "del(17p)",
    "tp53_mutation": "TP53 mutation",
}
"""Events that a reader asks after whether or not they were found."""
LEFT_OUT_KINDS = ("attribute", "trisomy", "target")
IMPLIED_BY = {"gain_1q21": "amp_1q21", "del_1p32": "biallelic_del_1p32"}
"""An event that goes without saying where the other is present."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Headline:
    """`found` is the line; the others name the asked-after events that were excluded, unclear or never looked at."""

    found: str
    excluded: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()


def headline(events: Iterable[Row]) -> Headline:
    """The headline of one sample from its rows of the events table."""
    rows = {row["event"]: row for row in events if row["event"] in catalogue()}
    state = {event: row["state"] for event, row in rows.items()}
    shown = [row for event, row in rows.items() if catalogue()[event].kind not in LEFT_OUT_KINDS]
    shown.sort(key=lambda row: list(catalogue()).index(row["event"]))
    clauses = [_present(row, rows) for row in shown if row["state"] == State.PRESENT and not _implied(row, state)]
    if state.get("hyperdiploid") != State.PRESENT:
        clauses += [f"trisomy {chrom}" for chrom in _trisomies(rows)]
    clauses += [f"{event_name(r['event'])} below the cut-off{_share(r)}" for r in shown if _is(r, State.SUBTHRESHOLD)]
    clauses += [f"{event_name(r['event'])} in conflict" for r in shown if _is(r, State.CONFLICT)]

    def asked(*states: State) -> tuple[str, ...]:
        return tuple(word for event, word in ASKED.items() if state.get(event, State.NOT_TESTED) in states)

    excluded, unclear, untested = asked(State.ABSENT), asked(State.NOT_EVALUABLE), asked(State.NOT_TESTED)
    if not clauses:
        looked = any(row["state"] != State.NOT_TESTED for row in rows.values())
        clauses = ["no abnormality found among what was tested" if looked else "nothing was tested"]
    line = ", ".join(clauses)
    return Headline(line[0].upper() + line[1:] if _is_word(line) else line, excluded, unclear, untested)


def _is(row: Row, state: State) -> bool:
    return row["state"] == state


def _is_word(line: str) -> bool:
    """Whether the first character may become a capital; `t(4;14)` and `del(17p)` are names."""
    return line.split(maxsplit=1)[0].isalpha()


def _implied(row: Row, state: Mapping[str, str]) -> bool:
    return state.get(IMPLIED_BY.get(row["event"], "")) == State.PRESENT


def _trisomies(rows: Mapping[str, Row]) -> list[str]:
    return [chrom for chrom in ODD_CHROMOSOMES if rows.get(f"trisomy_{chrom}", {}).get("state") == State.PRESENT]


def _present(row: Row, rows: Mapping[str, Row]) -> str:
    name = event_name(row["event"])
    if row["event"] == "hyperdiploid":
        chromosomes = ", ".join(f"+{chrom}" for chrom in _trisomies(rows))
        name = "hyperdiploidy" + (f" ({chromosomes})" if chromosomes else "")
    if row["tier"] == Tier.INFERRED:
        return f"{name} inferred from RNA"
    return f"{name}{_share(row)}"


def _share(row: Row) -> str:
    return f" in {percent(row['fraction'])} {basis_words(row['fraction_basis'])}" if row["fraction"] else ""
