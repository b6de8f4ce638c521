"""Receptor contigs of 10x V(D)J libraries (filtered_contig_annotations.csv): the sharpest word on clonality."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mmrisk.errors import InputError, Problem

NEEDED = ("barcode", "chain", "v_gene", "c_gene", "umis")
CHAINS = {"IGK": "kappa", "IGL": "lambda"}


def read_contigs(path: Path) -> pd.DataFrame:
    """Productive immunoglobulin contigs, one light and one heavy chain per barcode (the one with most transcripts).

    Index: barcode; columns light_chain, light_v, heavy_v, heavy_c ("" where not sequenced). Raises `InputError`.
    """
    try:
        table = pd.read_csv(path, dtype="string", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            Problem(file=path.name, message=f"cannot be read: {error}", remedy="give filtered_contig_annotations.csv")
        ) from None
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise InputError(
            Problem(
                file=path.name,
                row=1,
                column=", ".join(missing),
                message="is missing",
                remedy="give filtered_contig_annotations.csv of cellranger vdj or multi",
            )
        )
    table["umis"] = pd.to_numeric(table["umis"], errors="coerce").fillna(0)
    if "productive" in table.columns:
        table = table[table["productive"].str.lower() == "true"]
    table = table.sort_values(["barcode", "umis", "v_gene"], ascending=[True, False, True], kind="stable")
    light = table[table["chain"].isin(list(CHAINS))].drop_duplicates("barcode").set_index("barcode")
    heavy = table[table["chain"] == "IGH"].drop_duplicates("barcode").set_index("barcode")
    found = pd.DataFrame(index=sorted({*light.index, *heavy.index}))
    found["light_chain"] = light["chain"].map(CHAINS).reindex(found.index)
    found["light_v"] = light["v_gene"].reindex(found.index)
    found["heavy_v"], found["heavy_c"] = (heavy[name].reindex(found.index) for name in ("v_gene", "c_gene"))
    return found.fillna("").replace("None", "").astype(object)


def match_barcodes(contigs: pd.DataFrame, barcodes: Sequence[str]) -> pd.DataFrame:
    """Contigs of the cells of a count matrix, by row number; `AAAC-1` and `sample_AAAC-1` are the same barcode.

    Barcodes whose plain form occurs more than once in the matrix match only in full.
    """
    plain = pd.Series([_plain(barcode) for barcode in barcodes])
    once = ~plain.duplicated(keep=False)
    by_plain = contigs[~pd.Index([_plain(b) for b in contigs.index]).duplicated(keep=False)]
    by_plain = by_plain.set_axis([_plain(barcode) for barcode in by_plain.index])
    rows = pd.Index(np.arange(len(barcodes)))
    full = contigs.reindex(list(barcodes)).set_axis(rows)
    short = by_plain.reindex(plain).set_axis(rows)
    short.loc[~once.to_numpy()] = np.nan
    return full.where(full.notna(), short).dropna(how="all")


def _plain(barcode: str) -> str:
    """A barcode without sample prefix and lane suffix."""
    return str(barcode).rsplit("_", 1)[-1].rsplit(":", 1)[-1].split("-")[0]
