"""Panel of normals: what a capture makes of a genome without changes, bin by bin."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.contracts import NORMALS
from mmrisk.copynumber.counts import Counts, threshold
from mmrisk.errors import InputError, Problem
from mmrisk.genome import AUTOSOMES, CHROMOSOMES
from mmrisk.tables import read_table

Floats = npt.NDArray[np.float64]


def build_panel(counts: Sequence[Counts]) -> pd.DataFrame:
    """The panel (contract NORMALS) of normals that were counted in full. Raises `InputError` for too few of them."""
    least = int(threshold("normals_least"))
    if len(counts) < least:
        raise InputError(
            Problem(
                file="panel of normals",
                value=str(len(counts)),
                message="normals are too few to tell how they differ",
                remedy=f"give {least} or more of the same assay",
            )
        )
    shares = np.stack([autosomal_share(one) for one in counts])
    middle = np.median(shares, axis=0)
    spread = 1.4826 * np.median(np.abs(shares - middle), axis=0)
    spread *= 1 + 1 / len(counts)  # the median of few normals has an error of its own
    first = counts[0]
    return pd.DataFrame(
        {
            "chrom": [CHROMOSOMES[code] for code in first.chrom],
            "start": first.start,
            "end": first.end,
            "part": parts(first),
            "build": first.build,
            "share": middle,
            "spread": np.where(middle > 0, spread / np.maximum(middle, 1e-12), np.nan),
            "n_normals": len(counts),
        }
    )


def parts(counts: Counts) -> npt.NDArray[np.str_]:
    """What each bin is: a whole one, the targets of one, or what lies beside its targets."""
    if counts.on_target is None:
        return np.full(len(counts.start), "whole")
    return np.where(counts.on_target, "targets", "beside")


def autosomal_share(counts: Counts) -> Floats:
    """Reads of each bin relative to the mean autosomal bin; targets and what lies beside them each by themselves."""
    autosomal, part = counts.chrom < len(AUTOSOMES), parts(counts)
    shares = np.zeros(len(part))
    for name in np.unique(part):
        here = part == name
        shares[here] = counts.kept[here] / max(counts.kept[here & autosomal].sum(), 1) * (here & autosomal).sum()
    return shares


def read_panel(path: Path, counts: Counts) -> pd.DataFrame:
    """A panel for counted reads, one row per bin. Raises `InputError` where it is of another build or other bins."""
    panel = read_table(path, NORMALS)
    built = sorted(set(panel["build"]))
    if built != [counts.build]:
        raise InputError(
            Problem(
                file=path.name,
                column="build",
                value=", ".join(built),
                message=f"is not {counts.build}, the build of the reads",
                remedy="build the panel from normals that were aligned to the same reference",
            )
        )
    if (counts.on_target is None) != (set(panel["part"]) == {"whole"}):
        raise InputError(
            Problem(
                file=path.name,
                column="targets",
                message="was made with targets" if counts.on_target is None else "was made without targets",
                remedy="give the same targets (BED) to the reads and to build_normals.py, or to neither",
            )
        )
    key = pd.DataFrame(
        {"chrom": [CHROMOSOMES[code] for code in counts.chrom], "start": counts.start, "part": parts(counts)}
    )
    joined = key.merge(panel, on=["chrom", "start", "part"], how="left")
    if (joined["share"].isna().groupby(joined["part"]).mean() > 0.1).any():
        raise InputError(
            Problem(
                file=path.name,
                message="lacks more than a tenth of the bins of the reads",
                remedy="build the panel again with this version and the same targets, from files of all chromosomes",
            )
        )
    return joined
