"""Fusion transcripts of Arriba and STAR-Fusion as evidence on IG translocations; their absence proves nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from mmrisk.assays import AssayFile, Reading
from mmrisk.errors import InputError, Problem
from mmrisk.events import Evidence, State, Tier
from mmrisk.file_lines import damaged, file_lines
from mmrisk.resource import facts

SOURCE = "rna_fusion"
IG_GENE = re.compile(r"(IG[HKL])(?![A-Z]*BP)[A-Z@0-9-].*|(IG[HKL])$", re.IGNORECASE)
PRIMARY = frozenset({"t_4_14", "t_6_14", "t_11_14", "t_14_16", "t_14_20"})
MYC_EVENT, LIGHT_CHAIN, IGH = "myc_rearranged", "igk_igl_partner", "IGH"
MIN_FRAGMENTS = 3
"""Reads that a fusion needs, as for junctions of genomes."""
ARRIBA, STAR_FUSION = "arriba", "star_fusion"


@dataclass(frozen=True, slots=True)
class Fusion:
    """One line of a fusion table: names of both sides, fragments, and the tool's own doubt."""

    genes: tuple[tuple[str, ...], tuple[str, ...]]
    breakpoints: tuple[str, str]
    fragments: int
    doubt: str = ""


def read_fusion_evidence(assay: AssayFile) -> Reading:
    """Evidence of one sample's table of fusions. Raises `InputError`."""
    _check(assay)
    tool, fusions = read_fusions(assay.file)
    found: dict[str, list[tuple[Fusion, str]]] = {}
    for fusion in fusions:
        if (hit := _event_of(fusion)) is not None:
            found.setdefault(hit[0], []).append((fusion, hit[1]))
    evidence = tuple(_evidence(event, hits, tool, assay) for event, hits in sorted(found.items()))
    return Reading(evidence, pd.DataFrame())


def _check(assay: AssayFile) -> None:
    problem = None
    if assay.names_its_samples:
        problem = ("sample_id", "*", "names no sample", "name the sample of each table of fusions")
    elif assay.source != SOURCE:
        problem = ("source", assay.source, "makes no fusion transcripts", f"write {SOURCE}")
    if problem:
        column, value, message, remedy = problem
        raise InputError(Problem(file=assay.file.name, column=column, value=value, message=message, remedy=remedy))


def read_fusions(path: Path) -> tuple[str, list[Fusion]]:
    """The tool that wrote a table, and its fusions. Raises `InputError`."""
    numbered = ((n, line) for n, line in enumerate(file_lines(path), 1) if line.strip())
    _, header = next(numbered, (0, ""))
    names = [name.strip() for name in header.lstrip("#").split("\t")]
    if {"gene1", "gene2", "breakpoint1", "breakpoint2"} <= set(names):
        tool = ARRIBA
    elif {"FusionName", "JunctionReadCount"} <= set(names):
        tool = STAR_FUSION
    else:
        raise InputError(
            Problem(
                file=path.name,
                row=1,
                value=header[:40],
                message="is not the header of a table of Arriba or STAR-Fusion",
                remedy="give fusions.tsv of Arriba or star-fusion.fusion_predictions.tsv as they were written",
            )
        )
    make = _arriba if tool == ARRIBA else _star_fusion
    fusions = []
    for number, line in numbered:
        cells = line.split("\t")
        if len(cells) < len(names):
            raise damaged(path.name, number, f"has {len(cells)} columns where the header has {len(names)}")
        fusions.append(make(dict(zip(names, cells, strict=False)), path.name, number))
    return tool, fusions


def _arriba(row: Mapping[str, str], file: str, number: int) -> Fusion:
    counts = ("split_reads1", "split_reads2", "discordant_mates")
    fragments = sum(_count(row, name, file, number) for name in counts if name in row)
    doubt = "low_confidence" if row.get("confidence", "").lower() == "low" else ""
    genes = (_names(row["gene1"]), _names(row["gene2"]))
    return Fusion(genes, (row["breakpoint1"], row["breakpoint2"]), fragments, doubt)


def _star_fusion(row: Mapping[str, str], file: str, number: int) -> Fusion:
    left, _, right = row["FusionName"].partition("--")
    genes = tuple(
        _names(f"{name},{row.get(column, '').split('^')[0]}")
        for name, column in ((left, "LeftGene"), (right, "RightGene"))
    )
    fragments = sum(_count(row, name, file, number) for name in ("JunctionReadCount", "SpanningFragCount"))
    places = (row.get("LeftBreakpoint", ""), row.get("RightBreakpoint", ""))
    return Fusion((genes[0], genes[1]), places, fragments)


def _names(text: str) -> tuple[str, ...]:
    """Genes of one side; between two genes both are named with their distance (`MAF(123),WWOX(456)`)."""
    names = (re.sub(r"\(\d+\)$", "", name.strip()).removesuffix("-ext") for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name not in ("", ".")))


def _count(row: Mapping[str, str], name: str, file: str, number: int) -> int:
    text = row.get(name, "").strip()
    if not re.fullmatch(r"\d{1,9}(\.0*)?", text):
        raise InputError(
            Problem(
                file=file,
                row=number,
                column=name,
                value=text[:20],
                message="is no number of reads",
                remedy="give the table as the tool wrote it",
            )
        )
    return int(float(text))


@cache
def _partners() -> Mapping[str, str]:
    return {row["gene"]: row["event"] for row in facts("fusion_partners.tsv")}


def ig_locus(names: tuple[str, ...]) -> str | None:
    """The IG locus that a side names (`IGHG1`, `IGH@-ext`, `IGKV3-20`), or None."""
    for name in names:
        if match := IG_GENE.fullmatch(name):
            return (match[1] or match[2]).upper()
    return None


def _event_of(fusion: Fusion) -> tuple[str, str] | None:
    """Event of a fusion of an IG locus with a known partner, and its name."""
    for ours, other in (fusion.genes, fusion.genes[::-1]):
        donor = ig_locus(ours)
        partner = next((name.upper() for name in other if name.upper() in _partners()), None)
        if donor and partner and not ig_locus(other):
            event = _partners()[partner]
            if donor != IGH and event in PRIMARY:
                event = LIGHT_CHAIN
            return (event, f"{donor}::{partner}") if donor == IGH or event in (LIGHT_CHAIN, MYC_EVENT) else None
    return None


def _evidence(event: str, hits: list[tuple[Fusion, str]], tool: str, assay: AssayFile) -> Evidence:
    best, name = max(hits, key=lambda hit: (not hit[0].doubt, hit[0].fragments))
    warnings = tuple(_doubts(best))
    others = f"; {len(hits)} fusions in all" if len(hits) > 1 else ""
    return Evidence(
        sample_id=assay.sample_id,
        assay_id=assay.assay_id,
        event=event,
        source=SOURCE,
        method=tool,
        build=assay.build,
        tier=Tier.INFERRED,
        state=State.NOT_EVALUABLE if warnings else State.PRESENT,
        cell_selection=assay.cell_selection,
        support=best.fragments,
        detail=f"{name} {' to '.join(filter(None, best.breakpoints))}, {best.fragments} reads{others}",
        warnings=warnings,
    )


def _doubts(fusion: Fusion) -> Iterator[str]:
    if fusion.doubt:
        yield fusion.doubt
    if fusion.fragments < MIN_FRAGMENTS:
        yield "few_fragments"
