"""Tables behind the events of one sample, for those who want to look: expression, arms, rearrangements of IGH."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mmrisk.contracts import ARM_DOSAGE, ARMS, EXPRESSION_GROUPS, IG_REARRANGEMENTS, SPIKES
from mmrisk.genome import CHROMOSOMES
from mmrisk.report.material import Material, Row
from mmrisk.report.words import NO_BREAK_SPACE, event_name, percent, plain, signed

TC_NAMES = {"d1": "D1", "d1_d2": "D1+D2", "d2": "D2", "maf": "MAF"}
"""Groups of the TC classification as they are written; the others are bands."""
REARRANGEMENTS = {"vdj": "V(D)J recombination", "class_switch": "class switch", "other": "other"}
MOST_REARRANGEMENTS = 12
LEAST_CHANCE = 0.001
CHANGED = 2.0
"""A region lies off the cohort from this many standard errors on."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One matrix of expression: (term, text) of its groups, rows of its spikes, and arms off the cohort in words."""

    assay_id: str
    terms: tuple[tuple[str, str], ...]
    spikes: tuple[tuple[str, str, str, str, str], ...]
    dosage: tuple[str, ...]
    n_regions: int


@dataclass(frozen=True, slots=True)
class Arms:
    """Copies of the arms of one file of reads: arm, copies, change, share of cells, smallest clone detectable."""

    assay_id: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    basis: str


def page(sample_id: str, material: Material) -> dict[str, Any]:
    """Values of the template; empty where an assay was not given."""
    return {
        "expression": list(_expression(sample_id, material)),
        "arms_of_reads": list(_arms(material.of(ARMS, sample_id))),
        "rearrangements": list(_rearrangements(material.of(IG_REARRANGEMENTS, sample_id))),
        "most_rearrangements": MOST_REARRANGEMENTS,
    }


def _expression(sample_id: str, material: Material) -> Iterator[Expression]:
    tables = [material.of(table, sample_id) for table in (EXPRESSION_GROUPS, SPIKES, ARM_DOSAGE)]
    for assay_id in sorted({row["assay_id"] for rows in tables for row in rows}):
        groups, spikes, dosage = ([row for row in rows if row["assay_id"] == assay_id] for rows in tables)
        yield Expression(
            assay_id,
            tuple(term for row in groups for term in _group_terms(row)),
            tuple(map(_spike, sorted(spikes, key=lambda row: (-(row["log_odds"] or 0.0), row["event"])))),
            tuple(map(_region, sorted(filter(_is_off, dosage), key=_arm_place))),
            len(dosage),
        )


def _group_terms(row: Row) -> Iterator[tuple[str, str]]:
    if row["tc_group"] != "unknown":
        margin = f" (margin {row['tc_margin']:.1f} log2)" if row["tc_margin"] is not None else ""
        yield "TC group", f"{TC_NAMES.get(row['tc_group'], row['tc_group'])}{margin}"
    else:
        yield "TC group", "unknown: a deciding gene is missing"
    if row["uams_group"] != "unknown":
        yield "Nearest UAMS group", f"{row['uams_group']} (not calibrated on patients)"
    else:
        yield "Nearest UAMS group", "unknown: it needs a cohort of 20 whole genomes of expression"
    if row["light_chain"]:
        yield "Light chain", row["light_chain"]
    if row["clonal_ig_share"] is not None:
        yield "Clonal light-chain transcripts", percent(row["clonal_ig_share"])


def _spike(row: Row) -> tuple[str, str, str, str, str]:
    value = "" if row["value"] is None else f"{row['value']:.1f}"
    probability = "" if row["probability"] is None else _chance(row["probability"])
    return event_name(row["event"]), row["gene"], value, f"{row['cutoff']:.1f}", probability


def _chance(probability: float) -> str:
    """A probability in per cent; never quite none and never quite all."""
    if probability < LEAST_CHANCE:
        return f"below {percent(LEAST_CHANCE)}"
    return f"above {percent(1 - LEAST_CHANCE)}" if probability > 1 - LEAST_CHANCE else percent(probability)


def _is_off(row: Row) -> bool:
    return bool(abs(row["log_ratio"]) > CHANGED * row["noise"])


def _region(row: Row) -> str:
    return f"{row['region']} {signed(row['log_ratio'])}{NO_BREAK_SPACE}\u00b1{NO_BREAK_SPACE}{row['noise']:.1f}"


def _arm_place(row: Row) -> tuple[int, str]:
    """Order along the genome; `region` or `arm` is a chromosome with or without its arm."""
    name = row.get("region") or row["arm"]
    chrom = name.rstrip("pq")
    return (CHROMOSOMES.index(chrom) if chrom in CHROMOSOMES else len(CHROMOSOMES)), name


def _arms(rows: Sequence[Row]) -> Iterator[Arms]:
    for assay_id in sorted({row["assay_id"] for row in rows}):
        own = sorted((row for row in rows if row["assay_id"] == assay_id), key=_arm_place)
        in_tumour = any(row["in_tumour_cells"] for row in own)
        basis = "of tumour cells" if in_tumour else "of all cells of the material, the purity being unknown"
        yield Arms(assay_id, tuple(map(_arm, own)), basis)


def _arm(row: Row) -> tuple[str, str, str, str, str]:
    copies = ""
    if row["copies"] is not None:
        copies = f"{row['copies']:.2f}"
        if row["copies_low"] is not None and row["copies_high"] is not None:
            copies += f" ({row['copies_low']:.2f} to {row['copies_high']:.2f})"
    share, limit = ("" if row[name] is None else percent(row[name]) for name in ("fraction", "detection_limit"))
    return row["arm"], copies, row["change"] or "not evaluable", share, limit


def _rearrangements(rows: Iterable[Row]) -> Iterator[tuple[str, str, int]]:
    """Kind, places (1-based) with their parts, and fragments of each junction inside IGH, the best supported first."""
    for row in sorted(rows, key=lambda row: (-(row["support"] or 0), row["first_position"])):
        sides = (
            f"{row[f'{side}_position'] + 1:,} ({row[f'{side}_strand']}) {plain(row[f'{side}_feature'] or '')}".strip()
            for side in ("first", "second")
        )
        yield REARRANGEMENTS[row["kind"]], " \u2192 ".join(sides), row["support"] or 0
