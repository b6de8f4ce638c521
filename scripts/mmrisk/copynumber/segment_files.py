"""Segment files of any usual tool as segments of one form, checked against the genome build."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmrisk.cohort import ID_PATTERN
from mmrisk.copynumber.segment_formats import Layout, mapped_layout, named_layout, recognise
from mmrisk.copynumber.segment_text import MAX_PROBLEMS, TextTable, parse_numbers, read_text_table, refuse
from mmrisk.errors import InputError, Problem
from mmrisk.genome import AUTOSOMES, CHROMOSOMES, chrom_lengths, parse_chrom

BUILDS = ("GRCh38", "GRCh37", "T2T-CHM13v2")
SMALLEST_COPIES = -0.25
"""Purity correction overshoots a little below zero copies; anything lower is another unit."""
LOG2_MEDIAN = 0.9
"""No genome has a median log2 ratio above this: a value column that has holds copies."""
COPIES_MEDIAN = 0.5
"""No genome has a median below half a copy: a value column that has holds log2 ratios."""
FEWEST_AUTOSOMES = 3
UNKNOWN_SAMPLE = ""


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """Segments of one or many samples.

    `segments` has the columns sample_id, chrom, start, end (bp, 0-based half-open), copies, minor_copies, major_copies,
    n_markers (floats, NaN where unknown), sorted by sample and position, without overlaps. `purity_corrected`: copies
    are those of tumour cells, not of the material. `notes` say what was left out.
    """

    segments: pd.DataFrame
    layout: str
    purity_corrected: bool
    notes: tuple[str, ...] = ()


def read_segment_file(
    path: Path,
    *,
    build: str,
    format_name: str | None = None,
    columns: Path | None = None,
    sample_id: str | None = None,
) -> SegmentFile:
    """Read segments of one or many samples.

    The format is told by the header unless `format_name` or a column map (`columns`) says it. `sample_id` names the
    sample of a file without a sample column, or of a file of one sample, or picks one of many. Raises `InputError`.
    """
    table = read_text_table(path)
    layout = _layout(table, format_name, columns)
    found = layout.columns(table.header)
    if "sample_id" not in found and sample_id is None:
        raise InputError(
            Problem(
                file=table.file,
                message=f"does not name its sample (format {layout.name})",
                remedy="say it with --sample-id, or a sample_id other than * in the assays sheet",
            )
        )
    frame, notes = _typed(table, layout, found)
    frame = _select_sample(frame, sample_id, table.file)
    _check_positions(table, frame, found, build)
    frame = _sorted_apart(table, frame)
    _check_unit(table, frame, found)
    frame = frame.drop(columns=["row", "code", "value"]).reset_index(drop=True)
    return SegmentFile(frame, layout.name, _purity_corrected(layout, found), notes)


def _purity_corrected(layout: Layout, found: Mapping[str, str]) -> bool:
    # FACETS gives copies of the abnormal cells: with their share, the mean of the material; alone, tumour copies
    return layout.purity_corrected or (layout.name == "facets" and "cell_fraction" not in found)


def _layout(table: TextTable, format_name: str | None, columns: Path | None) -> Layout:
    if columns is None:
        return (
            named_layout(format_name, table.header, file=table.file)
            if format_name
            else recognise(table.header, file=table.file)
        )
    return mapped_layout(columns, table.header, file=table.file)


def _typed(table: TextTable, layout: Layout, found: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Typed columns, one row per usable segment, and notes on what was left out."""
    frame = pd.DataFrame({"row": np.arange(len(table.lines))})
    frame["chrom"], unknown = _chromosomes(table, found["chrom"])
    frame["sample_id"] = _sample_ids(table, found.get("sample_id"))
    for name in ("start", "end"):
        frame[name] = parse_numbers(table, found[name], whole=True)
    if layout.one_based:
        frame["start"] -= 1
    values = {
        name: parse_numbers(table, found[name], missing_allowed=True)
        for name in set(found) - {"sample_id", "assay_id", "chrom", "start", "end"}
    }
    missing = np.full(len(frame), np.nan)
    for name in ("minor_copies", "major_copies", "n_markers"):
        frame[name] = values.get(name, missing)
    frame["value"] = values.get("log2", values.get("copies", missing))
    frame["copies"] = _copies(values)
    _blend_normal_cells(frame, values)
    negative = frame["copies"].to_numpy() < SMALLEST_COPIES
    column = found.get("copies", found.get("major_copies", ""))
    remedy = "if these are log2 ratios, say so with --format or unit: log2 in the column map"
    refuse(table, column, np.flatnonzero(negative), "is a negative number of copies", remedy)
    for name in ("copies", "minor_copies", "major_copies"):
        frame[name] = frame[name].clip(lower=0.0)
    usable = frame["chrom"].notna() & frame["copies"].notna()
    notes = []
    if unknown:
        notes.append(f"{table.file}: contigs passed over: {', '.join(unknown[:5])}")
    if gaps := int((frame["copies"].isna() & frame["chrom"].notna()).sum()):
        notes.append(f"{table.file}: {gaps} segments without a value count as not covered")
    if not usable.any():
        raise InputError(
            Problem(
                file=table.file,
                column=found["chrom"],
                message="holds no segment with a value on a chromosome",
                remedy="name chromosomes 1 to 22, X, Y, with or without chr",
            )
        )
    return frame[usable], tuple(notes)


def _chromosomes(table: TextTable, column: str) -> tuple[npt.NDArray[np.object_], list[str]]:
    """Canonical chromosomes (None for other contigs), and the names of the others."""
    cells = table.cells[column]
    names = {cell: parse_chrom(cell) for cell in set(cells)}
    blank = [index for index, cell in enumerate(cells) if not cell.strip()]
    refuse(table, column, np.array(blank, dtype=np.int64), "is missing", "name the chromosome")
    unknown = sorted(cell for cell, chrom in names.items() if chrom is None)
    return np.array([names[cell] for cell in cells], dtype=object), unknown


def _sample_ids(table: TextTable, column: str | None) -> npt.NDArray[np.object_]:
    if column is None:
        return np.full(len(table.lines), UNKNOWN_SAMPLE, dtype=object)
    return np.array([cell.strip() for cell in table.cells[column]], dtype=object)


def _copies(values: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Mean copies of each segment, from whichever value the file gives; unrounded before rounded."""
    if "log2" in values:
        with np.errstate(over="ignore"):
            return np.minimum(2.0 * np.exp2(values["log2"]), 1e6)
    if "raw_major" in values and "raw_minor" in values:
        return values["raw_major"] + values["raw_minor"]
    if "copies" in values:
        return values["copies"]
    return values["major_copies"] + values["minor_copies"]


def _blend_normal_cells(frame: pd.DataFrame, values: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Copies that hold in a share of cells become the mean of the material, the other cells being normal."""
    if "cell_fraction" not in values:
        return
    share = np.nan_to_num(np.clip(values["cell_fraction"], 0.0, 1.0), nan=1.0)
    frame["copies"] = share * frame["copies"] + (1 - share) * 2
    frame["minor_copies"] = share * frame["minor_copies"] + (1 - share)


def _select_sample(frame: pd.DataFrame, sample_id: str | None, file: str) -> pd.DataFrame:
    if sample_id is None:
        return _check_names(frame, file)
    names = frame["sample_id"].unique()
    if len(names) == 1:
        return frame.assign(sample_id=sample_id)
    if sample_id not in names:
        shown = ", ".join(sorted(names)[:5])
        raise InputError(
            Problem(
                file=file,
                value=sample_id,
                message=f"is not one of its {len(names)} samples ({shown}, ...)",
                remedy="give one of its names, or sample_id * to read them all",
            )
        )
    return frame[frame["sample_id"] == sample_id]


def _check_names(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    broken = sorted(name for name in frame["sample_id"].unique() if not ID_PATTERN.fullmatch(name))
    if broken:
        raise InputError(
            Problem(
                file=file,
                value=name,
                message="is not a name of a sample",
                remedy="use letters, digits, _ and -; or read the sample by itself under a sample_id of your own",
            )
            for name in broken[:MAX_PROBLEMS]
        )
    return frame


def _check_positions(table: TextTable, frame: pd.DataFrame, found: Mapping[str, str], build: str) -> None:
    rows = frame["row"].to_numpy()
    refuse(
        table, found["start"], rows[frame["start"] < 0], "lies before the chromosome", "are the coordinates 0-based?"
    )
    empty = rows[frame["end"] <= frame["start"]]
    refuse(
        table, found["end"], empty, "is not behind the start of its segment", "swap start and end, or check the columns"
    )
    lengths = chrom_lengths(build)
    beyond = rows[frame["end"].to_numpy() > frame["chrom"].map(lengths).to_numpy(dtype=float)]
    if not len(beyond):
        return
    furthest = frame.groupby("chrom")["end"].max()
    fits = [
        name
        for name in BUILDS
        if all(end <= chrom_lengths(name)[chrom] for chrom, end in furthest.items()) and name != build
    ]
    remedy = f"these coordinates fit {' or '.join(fits)}" if fits else "they fit none of the builds; check the columns"
    remedy += f" ({len(beyond)} rows in all)" if len(beyond) > 1 else ""
    # the build is one fact of the file: its first row stands for all
    refuse(table, found["end"], beyond[:1], f"lies beyond the end of its chromosome in {build}", remedy)


def _sorted_apart(table: TextTable, frame: pd.DataFrame) -> pd.DataFrame:
    """Segments by sample and position; a shared base goes to the second, more overlap is refused."""
    code = {chrom: number for number, chrom in enumerate(CHROMOSOMES)}
    frame = frame.assign(code=frame["chrom"].map(code).astype(np.int64))
    frame = frame.sort_values(["sample_id", "code", "start"], kind="stable", ignore_index=True)
    sample, chrom = frame["sample_id"].to_numpy(), frame["code"].to_numpy()
    together = (sample[1:] == sample[:-1]) & (chrom[1:] == chrom[:-1])
    shared = np.where(together, frame["end"].to_numpy()[:-1] - frame["start"].to_numpy()[1:], 0)
    remedy = "give each sample its own name, and each segment once"
    refuse(table, "", frame["row"].to_numpy()[1:][shared > 1], "overlaps another segment of its sample", remedy)
    frame.loc[np.flatnonzero(shared == 1), "end"] -= 1
    frame = frame[frame["end"] > frame["start"]]
    return frame.astype({"start": np.int64, "end": np.int64})


def _check_unit(table: TextTable, frame: pd.DataFrame, found: Mapping[str, str]) -> None:
    """Refuse log2 ratios in a column of copies and the reverse, told by the median over a sample's autosomes."""
    column = found.get("log2", found.get("copies"))
    autosomal = frame[frame["chrom"].isin(AUTOSOMES)]
    # a single gained chromosome may look like anything
    autosomal = autosomal[autosomal.groupby("sample_id")["chrom"].transform("nunique") >= FEWEST_AUTOSOMES]
    if column is None or autosomal.empty:
        return
    medians = _medians(autosomal)
    if "log2" in found:
        suspicious = medians > LOG2_MEDIAN
        message, remedy = "too high for log2 ratios, it looks like copies", "say unit: copies in a column map"
    else:
        suspicious = (medians < COPIES_MEDIAN) | _is_ratio(autosomal)
        message = "too low for copies, it looks like log2 ratios or ratios to normal"
        remedy = "for log2 ratios say so with --format, or unit: log2 in a column map; multiply ratios to normal by two"
    if suspicious.any():
        raise InputError(
            Problem(
                file=table.file,
                column=column,
                value=f"{medians[sample]:.3g}",
                message=f"is the median{f' of sample {sample}' if sample else ''}, {message}",
                remedy=remedy,
            )
            for sample in suspicious.index[suspicious][:MAX_PROBLEMS]
        )


def _medians(frame: pd.DataFrame) -> pd.Series:
    """Length-weighted median of the value column of each sample."""
    ordered = frame.assign(length=frame["end"] - frame["start"]).sort_values(["sample_id", "value"])
    grouped = ordered.groupby("sample_id")["length"]
    reached = grouped.cumsum() >= grouped.transform("sum") / 2
    return ordered[reached].groupby("sample_id")["value"].first()


def _is_ratio(frame: pd.DataFrame) -> pd.Series:
    """Whether nearly all of a sample has about one copy: even a near-haploid myeloma keeps a third in two copies."""
    length = frame["end"] - frame["start"]
    near_one = length.where((frame["value"] - 1).abs() < 0.25, 0)
    return near_one.groupby(frame["sample_id"]).sum() > 0.75 * length.groupby(frame["sample_id"]).sum()
