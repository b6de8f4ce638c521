"""Copies of a gene in tumour cells, from segments (contract SEGMENTS) of the same sample."""

from collections.abc import Callable

import pandas as pd

from mmrisk.genome import loci


def copies_from_segments(
    segments: pd.DataFrame | None, *, build: str, purity: float | None
) -> Callable[[str, str], float | None]:
    """A function of sample and gene: copies in tumour cells, by the segment that covers most of the gene.

    Copies in the material become those of tumour cells by the purity; None where that is unknown or nothing covers the
    gene. Of several data files of a sample the first by name is used.
    """
    if segments is None or segments.empty or purity is None:
        return lambda sample, gene: None
    by_sample = dict(list(segments.groupby("sample_id", sort=False)))

    def copies(sample: str, gene: str) -> float | None:
        rows, span = by_sample.get(sample), loci(build, "gene")[gene].span
        if rows is None:
            return None
        here = rows[(rows["chrom"] == span.chrom) & (rows["start"] < span.end) & (rows["end"] > span.start)]
        here = here[here["assay_id"] == here["assay_id"].min()].dropna(subset="copies")
        if here.empty:
            return None
        overlap = here["end"].clip(upper=span.end) - here["start"].clip(lower=span.start)
        row = here.loc[overlap.astype(float).idxmax()]
        if pd.notna(row["in_tumour_cells"]) and row["in_tumour_cells"]:
            return float(row["copies"])
        return max(0.0, (float(row["copies"]) - 2 * (1 - purity)) / purity)

    return copies
