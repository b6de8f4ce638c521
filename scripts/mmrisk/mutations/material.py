"""What is known of the cells behind mutations: the share of tumour cells, and copies of genes in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from mmrisk.genome import loci
from mmrisk.mutations.clone_share import DIPLOID
from mmrisk.one_file import of_one_file


@dataclass(frozen=True, slots=True)
class Material:
    """Segments (contract SEGMENTS) and best fits of the purity (contract PURITY) by sample."""

    segments: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    purities: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def purity(self, sample: str, given: float | None, *, assay_id: str) -> float | None:
        """Share of tumour cells: as the sheet says, else as it was fitted; None where neither is known."""
        if given is not None or sample not in self.purities:
            return given
        return float(of_one_file(self.purities[sample], assay_id)["purity"].iloc[0])

    def unaltered(self, sample: str, *, assay_id: str) -> float:
        """Copies in a tumour cell where the segments have two: four where the genome is doubled."""
        if sample not in self.purities:
            return DIPLOID
        told = of_one_file(self.purities[sample], assay_id).iloc[0].get("unaltered_copies")
        return DIPLOID if pd.isna(told) else float(told)

    def copies(self, sample: str, gene: str, *, build: str, purity: float | None, assay_id: str) -> float | None:
        """Copies of a gene in tumour cells, by the segment that covers most of it.

        Copies in the material become those of tumour cells by the purity; None where that is unknown or nothing
        covers the gene. Segments are those of the file itself (`assay_id`), else of the first other one by name.
        """
        rows, span = self.segments.get(sample), loci(build, "gene")[gene].span
        if rows is None or purity is None:
            return None
        here = rows[(rows["chrom"] == span.chrom) & (rows["start"] < span.end) & (rows["end"] > span.start)]
        here = of_one_file(here, assay_id).dropna(subset="copies")
        if here.empty:
            return None
        overlap = here["end"].clip(upper=span.end) - here["start"].clip(lower=span.start)
        row = here.loc[overlap.astype(float).idxmax()]
        if pd.notna(row["in_tumour_cells"]) and row["in_tumour_cells"]:
            return float(row["copies"])
        unaltered = self.unaltered(sample, assay_id=assay_id)
        whole = DIPLOID + purity * (unaltered - DIPLOID)  # mean copies of the material where segments have two
        return max(0.0, unaltered + (float(row["copies"]) - DIPLOID) / DIPLOID * whole / purity)


def material_of(segments: pd.DataFrame | None, purities: pd.DataFrame | None) -> Material:
    """Material from tables SEGMENTS and PURITY."""
    by_sample = dict(list(segments.groupby("sample_id", sort=False))) if segments is not None else {}
    if purities is None:
        return Material(by_sample)
    used = purities[(purities["rank"] == 1) & purities["purity"].notna() & (purities["purity"] > 0)]
    return Material(by_sample, {str(sample): rows for sample, rows in used.groupby("sample_id", sort=False)})
