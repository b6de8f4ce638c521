"""What a patient has, in a haematologist's words: one line from the events of a sample."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.events import DEFAULT_PROFILE, ODD_CHROMOSOMES, State, Tier, catalogue
from mmrisk.report.failures import Failure
from mmrisk.report.unknowns import reason
from mmrisk.report.words import basis_words, cutoff_words, event_name, in_sentence, percent

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
IMPLIED_BY = {"gain_1q21": "amp_1q21", "del_1p32": "biallelic_del_1p32"}
"""An event that goes without saying where the other is present."""
WITH_SHARE = (State.PRESENT, State.SUBTHRESHOLD)
SHARELESS = ("hyperdiploid", "biallelic_tp53")
"""Events that follow from others and have no share of their own to give."""
READS = "reads"
SHARE = ("fraction", "fraction_low", "fraction_high", "fraction_basis")
VAF_KINDS = ("mutation", "target", "derived")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Headline:
    """`found` is the line, `basis` what its shares are where the line does not say so itself.

    The others name the asked-after events that were excluded, cannot be told (event, name, why) or were not tested.
    """

    found: str
    basis: str
    excluded: tuple[str, ...]
    unclear: tuple[tuple[str, str, str], ...]
    untested: tuple[str, ...]


def headline(
    events: Iterable[Row],
    *,
    profile: str = DEFAULT_PROFILE,
    failed: Sequence[Failure] = (),
    evidence: Iterable[Row] = (),
) -> Headline:
    """The headline of one sample from its rows of the events table: what was measured before what RNA suggests.

    `failed` are inputs that could not be read: where they were all there was, nothing was told, but something tested.
    `evidence` are the sample's rows of the evidence table, which know shares of cells where an event has one of reads.
    """
    of_cells = _shares_of_cells(evidence)
    order = {event: number for number, event in enumerate(catalogue())}
    known = sorted((row for row in events if row["event"] in order), key=lambda row: order[row["event"]])
    known = [_by_cells(row, of_cells) for row in known]
    rows = {row["event"]: row for row in known}
    left_out = ("attribute", "trisomy") if _is_present("hyperdiploid", rows) else ("attribute",)
    shown = [row for row in known if catalogue()[row["event"]].kind not in left_out and not _is_implied(row, rows)]
    seen = [row for row in shown if row["state"] in WITH_SHARE and row["tier"] != Tier.INFERRED]
    bases = [row["fraction_basis"] for row in seen if _share(row) and row["fraction_basis"] != READS]
    has_none = not bases and any(row["event"] not in SHARELESS for row in seen)
    line = _line(shown, rows, bases, profile) or _line(known, rows, bases, profile) or _nothing(rows, failed)

    def asked(*states: State) -> tuple[str, ...]:
        return tuple(word for event, word in ASKED.items() if _state(event, rows) in states)

    return Headline(
        line[0].upper() + line[1:] if line.split(maxsplit=1)[0].replace("-", "").isalpha() else line,
        basis_words(bases[0]) if _is_common(bases) else "not given" if has_none else "",
        asked(State.ABSENT),
        tuple(
            (event, word, reason(rows[event]))
            for event, word in ASKED.items()
            if _state(event, rows) == State.NOT_EVALUABLE
        ),
        asked(State.NOT_TESTED),
    )


def _shares_of_cells(evidence: Iterable[Row]) -> dict[str, Row]:
    """By event the positive observation that counted most cells; shares of reads are none of cells."""
    found = (
        row
        for row in evidence
        if row["state"] == State.PRESENT
        and row["tier"] != Tier.INFERRED
        and _share(row)
        and row["fraction_basis"] != READS
    )
    return {row["event"]: row for row in sorted(found, key=lambda row: (row["n_scored"] or 0, row["evidence_id"]))}


def _by_cells(row: Row, of_cells: Mapping[str, Row]) -> Row:
    """An event with a share of cells, or none, in place of one of the reads at its junction or locus.

    Only a mutation keeps its share of reads, which has a name of its own.
    """
    if row["fraction_basis"] != READS or (catalogue()[row["event"]].kind in VAF_KINDS and row["event"] not in of_cells):
        return row
    better = of_cells.get(row["event"], dict.fromkeys(SHARE))
    return {**row, **{name: better[name] for name in SHARE}}


def _is_common(bases: Sequence[str | None]) -> bool:
    """Whether several shares count the same cells, which is then said once."""
    return len(bases) > 1 and len(set(bases)) == 1


def _line(shown: Sequence[Row], rows: Mapping[str, Row], bases: Sequence[str | None], profile: str) -> str:
    """What was found, what was seen below the cut-off, and what the evidence disagrees on; empty for none of these."""

    def phrase(row: Row) -> str:
        name = _name(row, rows)
        if row["tier"] == Tier.INFERRED:
            return f"{name} inferred from RNA"
        if (share := _share(row)) and row["fraction_basis"] == READS:
            return f"{name} (VAF {share})"
        if share:
            return f"{name} in {share}" + (f" {basis_words(row['fraction_basis'])}" if not _is_common(bases) else "")
        # a name without its own share must not seem to have the next one's
        return f"{name} (share not given)" if bases and row["event"] not in SHARELESS else name

    def with_state(state: State) -> list[Row]:
        found = [row for row in shown if row["state"] == state]
        return sorted(found, key=lambda row: row["tier"] == Tier.INFERRED)

    def below(row: Row) -> str:
        return f"{phrase(row)} (cut-off {cutoff_words(row['event'], profile)})"

    clauses = (
        ("", [phrase(row) for row in with_state(State.PRESENT)]),
        ("below the cut-off: ", [below(row) for row in with_state(State.SUBTHRESHOLD)]),
        ("evidence disagrees on: ", [_name(row, rows) for row in with_state(State.CONFLICT)]),
    )
    return "; ".join(start + ", ".join(names) for start, names in clauses if names)


def _nothing(rows: Mapping[str, Row], failed: Sequence[Failure]) -> str:
    states = {row["state"] for row in rows.values()}
    own = ", ".join(item.name for item in failed if not item.is_shared)
    if not states - {State.NOT_TESTED}:
        if own:
            return f"nothing could be told: supplied, but could not be read: {own}"
        if failed:
            return "nothing was tested by what could be read"
        return "nothing was tested"
    if State.ABSENT not in states:
        return "nothing could be told from what was tested"
    return "no abnormality found among what was tested"


def _share(row: Row) -> str:
    """`66.5 %`, or what bounds it; empty where nothing is known of it."""
    if row["fraction"]:
        return percent(row["fraction"])
    if not row["fraction_low"]:
        return ""
    high = row["fraction_high"]
    return f"{percent(row['fraction_low'])} {'or more' if high is None or high == 1 else f'to {percent(high)}'}"


def _state(event: str, rows: Mapping[str, Row]) -> str:
    return str(rows[event]["state"]) if event in rows else State.NOT_TESTED


def _is_present(event: str, rows: Mapping[str, Row]) -> bool:
    return _state(event, rows) == State.PRESENT


def _name(row: Row, rows: Mapping[str, Row]) -> str:
    name = in_sentence(event_name(row["event"]))
    chromosomes = ", ".join(f"+{chrom}" for chrom in _trisomies(rows))
    return f"{name} ({chromosomes})" if row["event"] == "hyperdiploid" and chromosomes else name


def _is_implied(row: Row, rows: Mapping[str, Row]) -> bool:
    return row["state"] == State.PRESENT and _is_present(IMPLIED_BY.get(row["event"], ""), rows)


def _trisomies(rows: Mapping[str, Row]) -> list[str]:
    events = {chrom: f"trisomy_{chrom}" for chrom in ODD_CHROMOSOMES}
    return [
        chrom for chrom, event in events.items() if _is_present(event, rows) and rows[event]["tier"] == Tier.MEASURED
    ]
