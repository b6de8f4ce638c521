"""What several exports read: joined tables, and the build of each data file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mmrisk.contracts import EVIDENCE, Table
from mmrisk.tables import conform, read_table


def tables_of(paths: Sequence[Path], table: Table) -> pd.DataFrame:
    """Tables of one contract as one; empty where there is none."""
    frames = [frame for frame in (read_table(path, table) for path in paths) if len(frame)]
    return conform(pd.concat(frames) if frames else pd.DataFrame(), table)


def builds_of(evidence: Sequence[Path]) -> dict[tuple[str, str], str]:
    """Build of each data file, by sample and file, as its evidence states it."""
    found: dict[tuple[str, str], str] = {}
    for path in evidence:
        frame = read_table(path, EVIDENCE)
        known = frame[frame["build"].notna()].drop_duplicates(["sample_id", "assay_id"])
        found |= dict(zip(zip(known["sample_id"], known["assay_id"], strict=True), known["build"], strict=True))
    return found


def with_builds(segments: pd.DataFrame, builds: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """Segments with the column `build`, missing where no evidence states it."""
    keys = zip(segments["sample_id"], segments["assay_id"], strict=True)
    return segments.assign(build=[builds.get(key) for key in keys])
