"""Text that leaves for other programs: no cell can break a line, add a column or become a formula."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text cell for a formula."""


def one_line(value: Any) -> str:
    """A value as one cell of a tab-delimited file: no tabs, line ends or control characters; empty where missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", str(value)).strip()


def spreadsheet_cell(value: Any) -> str:
    """A text cell that no spreadsheet runs as a formula: a leading sign is preceded by an apostrophe."""
    text = "" if value is None or pd.isna(value) else str(value)
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", text)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def number(value: Any, *, missing: str = "") -> str:
    """A number with 6 digits."""
    return missing if value is None or pd.isna(value) else f"{float(value):.6g}"


def tsv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, missing: str = "") -> str:
    """A tab-delimited table; values not given are `missing`."""
    lines = ["\t".join(columns)]
    lines += ["\t".join(one_line(row.get(name)) or missing for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def write_text(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(content, encoding="utf-8", newline="")
    partial.replace(path)


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder; others that are there stay."""
    for name, content in sorted(files.items()):
        write_text(folder / name, content)
