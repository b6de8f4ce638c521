"""Copy-number segments as SEG."""

import numpy as np
import pandas as pd

from mmrisk.export.text import number, tsv

SEG_COLUMNS = ("ID", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean")
LOWEST_COPIES = 0.05
"""Copies are raised to this before the logarithm: -5.3 stands for none."""


def seg(segments: pd.DataFrame, *, zero_based: bool = False) -> str:
    """SEG text: log2 of copies / 2. Positions 1-based inclusive as in CBS and IGV, or 0-based half-open.

    Markers that are not known are 0. Segments without copies are left out.
    """
    kept = segments[segments["copies"].notna()]
    ratios = np.log2(np.maximum(kept["copies"].to_numpy(dtype=float), LOWEST_COPIES) / 2.0)
    rows = (
        {
            "ID": row.sample_id,
            "chrom": row.chrom,
            "loc.start": int(row.start) + (0 if zero_based else 1),
            "loc.end": int(row.end),
            "num.mark": 0 if pd.isna(row.n_markers) else int(row.n_markers),
            "seg.mean": number(ratio),
        }
        for row, ratio in zip(kept.itertuples(), ratios, strict=True)
    )
    return tsv(SEG_COLUMNS, rows)


def one_build(frame: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """Rows of the build (column `build`) that most samples have, and its name.

    A sample with several files keeps the first by name, so that no place counts twice.
    """
    frame = frame[frame["build"].isin(["GRCh38", "GRCh37"])]
    if frame.empty:
        return frame, None
    sizes = frame.groupby("build")["sample_id"].nunique()
    build = str(sizes.sort_index(ascending=False).idxmax())
    kept = frame[frame["build"] == build]
    first = kept.groupby("sample_id")["assay_id"].transform("min")
    return kept[kept["assay_id"] == first], build
