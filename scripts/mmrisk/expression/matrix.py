"""Expression matrices as people have them: genes in rows or in columns, one sample or many, any delimiter."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from mmrisk.cohort import ID_PATTERN
from mmrisk.errors import InputError, Problem
from mmrisk.expression.genes import count_markers, is_gene, marker, markers, symbol
from mmrisk.expression.units import Unit
from mmrisk.file_lines import damaged, file_lines

SAMPLE_COLUMNS = ("sample", "sample_id", "samples", "id", "name", "patient", "patient_id", "")
ANNOTATIONS = frozenset(
    {"chr", "chrom", "chromosome", "start", "end", "strand", "length", "effective_length", "description", "gene_type"}
)
"""Columns of places and lengths that stand beside the samples of a matrix."""
QUANTITIES = {"tpm": ("tpm",), "fpkm": ("fpkm", "rpkm"), "counts": ("numreads", "expected_count", "counts", "count")}
"""Columns of the table of one sample that RSEM, salmon, StringTie and kallisto write."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """Header of a matrix: delimiter, names, and the line on which it stands."""

    delimiter: str
    names: tuple[str, ...]
    row: int


def read_matrix(path: Path, unit: Unit, *, sample_id: str | None = None) -> pd.DataFrame:
    """Values as they stand in the file, samples by genes (current symbols), one row of `sample_id` where that is given.

    Genes that occur more than once are added up, in array data the highest is kept. Raises `InputError`.
    """
    lines = file_lines(path)
    layout = _layout(lines, path.name)
    frame = _frame(lines, layout, path.name)
    if count_markers(layout.names):
        values = _samples_in_rows(frame, path.name)
    else:
        values = _genes_in_rows(frame, unit, sample_id, path.name)
    if not count_markers(values.columns):
        raise _no_markers(path.name, values.columns)
    values = _join_repeated_genes(values, unit)
    return _samples(values, sample_id, path.name)


def _layout(lines: Iterator[str], file: str) -> Layout:
    """The header; comments and the dimensions of a GCT file before it are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(("#", "!")):
            continue
        if re.fullmatch(r"\d+\t\d+(\t\d+)*\t*", line):  # the dimensions in a GCT file
            continue
        delimiter = max("\t,;", key=line.count)
        names = next(csv.reader([line], delimiter=delimiter))
        if len(names) == 1:
            names, delimiter = line.split(), " "
        return Layout(delimiter, tuple(name.strip() for name in names), number)
    raise InputError(Problem(file=file, message="is empty", remedy="give a matrix of genes and samples"))


def _frame(lines: Iterator[str], layout: Layout, file: str) -> pd.DataFrame:
    """The table as text and numbers; a header one name short has none for its first column."""
    first = next(lines, "")
    separator = r"\s+" if layout.delimiter == " " else layout.delimiter
    cells = first.split() if layout.delimiter == " " else next(csv.reader([first], delimiter=layout.delimiter), [])
    names = ("", *layout.names) if len(cells) == len(layout.names) + 1 else layout.names
    repeated = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if repeated:
        raise InputError(
            Problem(
                file=file,
                row=layout.row,
                column=", ".join(repeated[:SHOWN]),
                message="occurs more than once in the header",
                remedy="rename or remove one",
            )
        )
    try:
        return pd.read_csv(
            _Lines(chain([first], lines), layout, len(names) - (names[-1] == ""), file),
            sep=separator,
            names=list(names),
            index_col=False,
            na_values=["NA", "NaN", "null", "."],
            quoting=csv.QUOTE_MINIMAL,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(
            Problem(
                file=file,
                message=f"is no table of one width ({str(error).strip().splitlines()[-1]})",
                remedy="is the file cut off? give one row per gene or per sample, all of the same width",
            )
        ) from None


class _Lines(io.TextIOBase):
    """Lines as a file that pandas reads piece by piece, so that a large matrix is never held as text.

    Raises `InputError` for a line with fewer cells than the header's `width`, which pandas would fill up.
    """

    def __init__(self, lines: Iterator[str], layout: Layout, width: int, file: str) -> None:
        self._lines, self._delimiter, self._file = lines, layout.delimiter, file
        self._number, self._width = layout.row, width

    def readable(self) -> bool:
        """Lines can be read."""
        return True

    def read(self, size: int | None = -1, /) -> str:
        """About `size` characters, whole lines; nothing at the end."""
        pieces, length = [], 0
        for line in self._lines:
            self._check_width(line)
            pieces.append(line)
            length += len(line) + 1
            if size is not None and 0 <= size <= length:
                break
        return "".join(f"{piece}\n" for piece in pieces)

    def _check_width(self, line: str) -> None:
        self._number += 1
        width = line.count(self._delimiter) + 1
        if width < self._width and self._delimiter != " " and '"' not in line and line.strip():
            raise damaged(self._file, self._number, f"has {width} cells where the header has {self._width}")


def _samples_in_rows(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """A table of one row per sample; columns that are no genes (truth, treatment) are left aside."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    named = [name for name in frame.columns if name.lower() in SAMPLE_COLUMNS]
    keys = named or [name for name in texts if marker(name) is None]
    if not keys:
        raise InputError(
            Problem(file=file, row=1, message="has no column of sample names", remedy="add a column named sample")
        )
    genes = [name for name in frame.columns if name not in keys and is_gene(name)]
    return _numeric(frame.set_index(frame[keys[0]].astype(str).str.strip())[genes], file)


def _genes_in_rows(frame: pd.DataFrame, unit: Unit, sample_id: str | None, file: str) -> pd.DataFrame:
    """A table of one row per gene, by the column that holds most marker genes; or that of one sample's quantities."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    found = {name: count_markers(frame[name].dropna().astype(str)) for name in texts}
    key = max(found, key=lambda name: found[name], default=None)
    if key is None or not found[key]:
        raise _no_markers(file, frame[texts[0]].astype(str) if texts else frame.columns)
    others = [name for name in frame.columns if name != key and name.lower() not in ANNOTATIONS]
    quantities = [name for name in others if name.lower() in QUANTITIES.get(unit.measure, ())]
    if quantities and sample_id is not None:
        values = frame[[quantities[0]]].set_axis([sample_id], axis=1)
    else:
        values = frame[[name for name in others if name not in texts or _looks_numeric(frame[name])]]
    if values.empty:
        raise InputError(Problem(file=file, message="has no column of values", remedy="give one column per sample"))
    return _numeric(values.set_axis(frame[key].astype(str), axis=0), file).T


def _looks_numeric(column: pd.Series) -> bool:
    """Whether half the cells of a column of text are numbers (decimal commas too): the rest are mistakes to name."""
    plain = column.astype(str).str.replace(",", ".", n=1)
    return bool(pd.to_numeric(plain, errors="coerce").notna().mean() >= 0.5)


def _numeric(values: pd.DataFrame, file: str) -> pd.DataFrame:
    """The values as numbers; what is none is named, by the line of an ordinary table (the header is line 1)."""
    numbers = values.apply(pd.to_numeric, errors="coerce").astype(np.float32)
    broken = np.argwhere((numbers.isna() & values.notna()).to_numpy() | np.isinf(numbers.to_numpy()))
    if len(broken):
        raise InputError(
            Problem(
                file=file,
                row=int(row) + 2,
                column=str(values.columns[column]),
                value=str(values.iat[row, column]),
                message="is not a number",
                remedy="write numbers with a decimal point, and leave missing values empty",
            )
            for row, column in broken[:SHOWN]
        )
    return numbers


def _join_repeated_genes(values: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    names = pd.Index([symbol(str(name)) for name in values.columns], dtype=object)
    values = values.set_axis(names, axis=1)
    if names.is_unique:
        return values
    linear = values.T.groupby(level=0, sort=False)
    if unit.measure == "array_signal":
        return linear.max().T
    if unit.log2:
        return np.log2(np.exp2(values.T).groupby(level=0, sort=False).sum(min_count=1)).T
    return linear.sum(min_count=1).T


def _samples(values: pd.DataFrame, sample_id: str | None, file: str) -> pd.DataFrame:
    """The rows wanted, under names that are allowed."""
    values = values.set_axis(pd.Index(values.index.astype(str).str.strip(), dtype=object), axis=0)
    if sample_id is not None:
        if sample_id in values.index:
            return values.loc[[sample_id]]
        if len(values) == 1:
            return values.set_axis([sample_id], axis=0)
        raise InputError(
            Problem(
                file=file,
                value=sample_id,
                message=f"is none of its {len(values)} samples ({', '.join(values.index[:SHOWN])}, ...)",
                remedy="correct the name, or write * to read all samples of the file",
            )
        )
    repeated = values.index[values.index.duplicated()]
    bad = [name for name in values.index if not ID_PATTERN.fullmatch(name)]
    for names, message, remedy in (
        (repeated, "occurs more than once among the samples", "keep one"),
        (bad, "is not a name of a sample", "use letters, digits, _ and -, beginning with a letter or digit"),
    ):
        if len(names):
            raise InputError(Problem(file=file, value=name, message=message, remedy=remedy) for name in names[:SHOWN])
    return values


def _no_markers(file: str, names: Sequence[str]) -> InputError:
    shown = ", ".join(str(name) for name in list(names)[:SHOWN])
    return InputError(
        Problem(
            file=file,
            message=f"holds none of the genes {', '.join(markers())} (its names begin {shown})",
            remedy="name genes by symbol, Ensembl id or Affymetrix probe set",
        )
    )
