"""Flat files with the columns of CoMMpass releases, so that code written for these reads a cohort of one's own.

Fractions are shares of cells from events, ratios are log2 of copies / 2 from segments: losses are negative ratios and
yet 1 in the columns of losses. `columns.tsv` says which direction each column has.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmrisk.events import ODD_CHROMOSOMES, State
from mmrisk.export.catalogue import exported_events, fusions, known, measured
from mmrisk.export.text import number, tsv
from mmrisk.genome import Interval, loci

CUTS = {"20percent": 0.2, "50percent": 0.5}
HIGH_RISK = ("t_4_14", "t_8_14_mafa", "t_14_16", "t_14_20")
"""With 17p13 loss, what CoMMpass calls Cytogenetic_High_Risk."""


def flat_files(cohort: pd.DataFrame, segments: pd.DataFrame, breakpoints: pd.DataFrame) -> dict[str, str]:
    """Files by name; `segments` have a column `build`.

    Events that RNA alone suggests are named in the summary and called nowhere.
    """
    rows = measured(cohort).sort_values("sample_id").to_dict("records")
    ratios = probe_ratios(segments)
    sources = donors(breakpoints)
    cna = [copy_number_row(row, ratios.get(row["sample_id"], {})) for row in rows]
    igtx = [translocation_row(row, sources) for row in rows]
    summary = [summary_row(row) for row in rows]
    return {
        "genome_gatk_cna_seqFISH.tsv": tsv(list(cna[0]), cna),
        "genome_tumor_only_mm_igtx.tsv": tsv(list(igtx[0]), igtx),
        "summary.tsv": tsv(list(summary[0]), summary),
        "columns.tsv": tsv(("column", "meaning"), columns_of(cna[0], igtx[0], summary[0])),
    }


def _probes() -> Iterator[tuple[str, str]]:
    return ((row.event, row.probe) for row in exported_events() if row.probe)


def copy_number_row(row: Mapping[str, Any], ratios: Mapping[str, float]) -> dict[str, Any]:
    """Ratio and 0/1 calls of each probe; empty where not known."""
    made: dict[str, Any] = {"SAMPLE": row["sample_id"]}
    for event, probe in _probes():
        made[f"SeqWGS_Cp_{probe}"] = number(ratios.get(probe))
        for name, cut in CUTS.items():
            made[f"SeqWGS_Cp_{probe}_{name}"] = call_at(row.get(event), row.get(f"{event}_fraction"), cut)
    trisomies = [known(row.get(f"trisomy_{chrom}")) for chrom in ODD_CHROMOSOMES]
    made["SeqWGS_Cp_Hyperdiploid_Call"] = known(row.get("hyperdiploid"))
    made["SeqWGS_Cp_Hyperdiploid_Chr_Count"] = None if None in trisomies else sum(t or 0 for t in trisomies)
    return made


def call_at(state: str | None, fraction: float | None, cut: float) -> int | None:
    """1 where the event is in at least a share of the cells, 0 where it is in fewer, None where that is not known."""
    if state == State.ABSENT:
        return 0
    if state not in (State.PRESENT, State.SUBTHRESHOLD) or fraction is None or pd.isna(fraction):
        return None
    return int(fraction >= cut)


def probe_ratios(segments: pd.DataFrame) -> dict[str, dict[str, float]]:
    """log2 of mean copies / 2 over each probe, by sample and probe; probes not half covered are left out."""
    found: dict[str, dict[str, float]] = {}
    kept = segments[segments["copies"].notna() & segments["build"].notna()]
    for (sample, _, build), own in kept.groupby(["sample_id", "assay_id", "build"], sort=True):
        places = loci(str(build), "probe")
        for _, probe in _probes():
            if probe in places:
                copies = _mean_copies(own, places[probe].span)
                if copies is not None:
                    found.setdefault(str(sample), {}).setdefault(probe, float(np.log2(max(copies, 0.05) / 2.0)))
    return found


def _mean_copies(segments: pd.DataFrame, span: Interval) -> float | None:
    own = segments[segments["chrom"] == span.chrom]
    start, end = own["start"].to_numpy(dtype=float), own["end"].to_numpy(dtype=float)
    shared = np.maximum(0.0, np.minimum(end, span.end) - np.maximum(start, span.start))
    if shared.sum() < 0.5 * max(span.length, 1):
        return None
    return float((shared * own["copies"].to_numpy(dtype=float)).sum() / shared.sum())


def donors(breakpoints: pd.DataFrame) -> dict[tuple[str, str], str]:
    """IG locus of each event of each sample, from junctions that count."""
    kept = breakpoints[breakpoints["filters"].isna()].sort_values(["sample_id", "event", "donor"])
    keys = zip(kept["sample_id"], kept["event"], strict=True)
    return dict(zip(keys, kept["donor"], strict=True))


def translocation_row(row: Mapping[str, Any], sources: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Call and IG locus of each partner."""
    made: dict[str, Any] = {"SAMPLE": row["sample_id"]}
    for fusion in [*fusions(), *(each for each in exported_events() if each.event == "myc_rearranged")]:
        call = known(row.get(fusion.event))
        donor = "IGH" if fusion.event.startswith("t_") else sources.get((row["sample_id"], fusion.event))
        made[f"{fusion.gene}_CALL"] = call
        made[f"{fusion.gene}_IGSOURCE"] = donor if call else None
    return made


def summary_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """What CoMMpass sums up of a sample. A count or a verdict needs all of its inputs, or one that settles it."""
    calls = [known(row.get(fusion.event)) for fusion in fusions()]
    copies = [known(row.get(event)) for event, _ in _probes()]
    high = [known(row.get(event)) for event in ("del_17p", *HIGH_RISK)]
    return {
        "SAMPLE": row["sample_id"],
        "Patient_ID": row["patient_id"],
        "Reason_For_Collection": row["time_point"],
        "Has_Tx_Data": int(any(call is not None for call in calls)),
        "Has_CN_Data": int(any(call is not None for call in copies)),
        "Ig_Translocation_Count": None if None in calls else sum(call or 0 for call in calls),
        "Cytogenetic_High_Risk": 1 if 1 in high else (None if None in high else 0),
        "Inferred_From_RNA": row.get("inferred_events"),
    }


def columns_of(*rows: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """What each column means, and its direction."""
    losses = {row.probe for row in exported_events() if row.probe and (row.level or 0) < 0}
    for name in dict.fromkeys(name for row in rows for name in row):
        probe = name.removeprefix("SeqWGS_Cp_").removesuffix("_20percent").removesuffix("_50percent")
        said = "loss" if probe in losses else "gain"
        if name.endswith("percent"):
            share = "20" if name.endswith("20percent") else "50"
            meaning = (
                f"1: {said} in at least {share} % of cells; 0: in fewer, or looked for and not found; empty: not known"
            )
        elif name.startswith("SeqWGS_Cp_") and "Hyperdiploid" not in name:
            meaning = f"log2 of copies / 2 at the probe; a {said} is {'negative' if said == 'loss' else 'positive'}"
        elif name.endswith("_CALL"):
            meaning = "1: joined to an IG locus (MYC: rearranged); 0: looked for and not found; empty: not known"
        elif name.endswith("_IGSOURCE"):
            meaning = "IG locus of the junction (CoMMpass gives numbers here)"
        else:
            meaning = MEANINGS[name]
        yield {"column": name, "meaning": meaning}


MEANINGS = {
    "SAMPLE": "sample_id",
    "Patient_ID": "patient_id",
    "Reason_For_Collection": "time point",
    "Has_Tx_Data": "1: at least one IG translocation is known, present or not",
    "Has_CN_Data": "1: at least one copy-number event is known, present or not",
    "Ig_Translocation_Count": "IG translocations present; empty where one of them is not known",
    "Cytogenetic_High_Risk": "1: 17p13 loss or NSD2, MAFA, MAF or MAFB joined to IGH; empty where open",
    "Inferred_From_RNA": "events with the state that RNA alone suggests; no other column knows of them",
    "SeqWGS_Cp_Hyperdiploid_Call": "1: hyperdiploid",
    "SeqWGS_Cp_Hyperdiploid_Chr_Count": "odd chromosomes (3 5 7 9 11 15 19 21) gained; empty where one is not known",
}
