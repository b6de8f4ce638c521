"""Chromosome dosage from expression along the genome, against the cohort: suggestive only, and no small clone."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mmrisk.contracts import ARM_DOSAGE
from mmrisk.events import ODD_CHROMOSOMES, State
from mmrisk.expression.spikes import threshold
from mmrisk.gene_places import genes, is_receptor_gene

STABLE = ("2", "4", "10", "12", "20")
"""Chromosomes that myeloma leaves alone most often: their genes set the level of a sample."""
ARM_EVENTS = {"gain_1q21": "1q", "del_13q": "13q", "del_17p": "17p"}
REGIONS = (*ARM_EVENTS.values(), *ODD_CHROMOSOMES)
LOSSES = frozenset({"13q", "17p"})
FEWEST_TESTED, FEWEST_GAINED = 6, 2
"""Odd chromosomes that must be measured, and that make a genome hyperdiploid when gained."""


def dosage_table(log: pd.DataFrame, assay_id: str) -> pd.DataFrame:
    """Log ratio of each region in each sample (contract ARM_DOSAGE); no rows where the matrix is no cohort of genomes.

    `log`: log2(linear + 1), samples by genes. Each gene is compared with its median over the cohort and each sample
    with its own stable chromosomes. Where many samples share a change the median lies among them, so the level without
    a change is the lower quartile of a gained region and the upper quartile of a lost one.
    """
    if len(log) < threshold("cohort") or log.shape[1] < threshold("genome_wide"):
        return pd.DataFrame(columns=ARM_DOSAGE.names)
    median = log.median()
    usable = [g for g in log.columns if g in genes() and median[g] >= threshold("dosage_expressed")]
    usable = [gene for gene in usable if not is_receptor_gene(gene)]
    ratios = (log[usable] - median[usable]).clip(-2, 2)
    ratios = ratios.sub(ratios[[g for g in usable if genes()[g].chrom in STABLE]].median(axis=1), axis=0)
    tables = []
    for region in REGIONS:
        here = [g for g in usable if region in (genes()[g].arm, genes()[g].chrom)]
        if len(here) < threshold("dosage_genes"):
            continue
        mean = ratios[here].mean(axis=1)
        unchanged = mean.quantile(0.75 if region in LOSSES else 0.25)
        tables.append(
            pd.DataFrame(
                {
                    "sample_id": log.index,
                    "assay_id": assay_id,
                    "region": region,
                    "log_ratio": (mean - unchanged).to_numpy(),
                    "noise": (ratios[here].std(axis=1) / np.sqrt(len(here))).to_numpy(),
                    "n_genes": len(here),
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=ARM_DOSAGE.names)


def suggested(dosage: pd.DataFrame) -> Iterator[tuple[str, str, State, float | None, str]]:
    """Sample, event, state, detection limit and detail of what the dosage suggests.

    Nothing seen is absent with the smallest clone that would have reached the threshold as its limit, which is large.
    """
    for sample, rows in dosage.groupby("sample_id", sort=False):
        found = {str(row.region): _judge(row.region, row.log_ratio, row.noise) for row in rows.itertuples()}
        said = {
            str(row.region): f"{row.region} {row.log_ratio:+.2f} log2, {row.n_genes} genes" for row in rows.itertuples()
        }
        for event, region in ARM_EVENTS.items():
            if region in found:
                yield str(sample), event, *found[region], said[region]
        odd = {chrom: found[chrom] for chrom in ODD_CHROMOSOMES if chrom in found}
        for chrom, (state, limit) in odd.items():
            yield str(sample), f"trisomy_{chrom}", state, limit, said[chrom]
        gained = [chrom for chrom, (state, _) in odd.items() if state == State.PRESENT]
        if len(gained) >= FEWEST_GAINED:
            yield str(sample), "hyperdiploid", State.PRESENT, None, f"gained {', '.join(gained)} of {len(odd)}"
        elif len(odd) >= FEWEST_TESTED and all(state == State.ABSENT for state, _ in odd.values()):
            limit = max(limit or 1.0 for _, limit in odd.values())
            yield str(sample), "hyperdiploid", State.ABSENT, limit, f"none gained of {len(odd)}"


def _judge(region: str, ratio: float, noise: float) -> tuple[State, float | None]:
    needed = threshold("dosage_noise") * noise
    least = threshold("dosage_loss" if region in LOSSES else "dosage_gain")
    change, least = (-ratio, -least) if region in LOSSES else (ratio, least)
    if change >= max(least, needed):
        return State.PRESENT, None
    if change >= least / 2:
        return State.NOT_EVALUABLE, None
    return State.ABSENT, min(1.0, max(least, needed) / threshold("dosage_full"))
