"""Layouts of segment files: recognised by their header, named by the user, or described by a column map."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mmrisk.errors import InputError, Problem

MAX_MAP_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which column of a file holds what.

    `required` and `optional` map our name to their column in lower case. Our names: sample_id, chrom, start, end,
    n_markers; the values log2 (ratio to two copies), copies, major_copies, minor_copies, raw_major and raw_minor
    (unrounded), cell_fraction (share of cells in which copies holds, the others being normal).
    """

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    one_based: bool = True
    purity_corrected: bool = False

    def columns(self, header: Iterable[str]) -> dict[str, str]:
        """Our name -> their column as it is written, for the columns that are there."""
        written = {name.lower(): name for name in header}
        wanted = {**self.required, **self.optional}
        return {ours: written[theirs.lower()] for ours, theirs in wanted.items() if theirs.lower() in written}

    def missing(self, header: Iterable[str]) -> list[str]:
        """Required columns that are not there."""
        written = {name.lower() for name in header}
        return [theirs for theirs in self.required.values() if theirs.lower() not in written]


LAYOUTS = (
    Layout(
        name="seg",
        required={"sample_id": "id", "chrom": "chrom", "start": "loc.start", "end": "loc.end", "log2": "seg.mean"},
        optional={"n_markers": "num.mark"},
    ),
    Layout(
        name="gdc",
        required={
            "sample_id": "gdc_aliquot",
            "chrom": "chromosome",
            "start": "start",
            "end": "end",
            "log2": "segment_mean",
        },
        optional={"n_markers": "num_probes"},
    ),
    Layout(
        name="gdc_ascat",
        required={
            "sample_id": "gdc_aliquot",
            "chrom": "chromosome",
            "start": "start",
            "end": "end",
            "copies": "copy_number",
        },
        optional={"major_copies": "major_copy_number", "minor_copies": "minor_copy_number"},
        purity_corrected=True,
    ),
    Layout(
        name="cnvkit",
        required={"chrom": "chromosome", "start": "start", "end": "end", "log2": "log2"},
        optional={"n_markers": "probes", "major_copies": "cn1", "minor_copies": "cn2"},
        one_based=False,
    ),
    Layout(
        name="ascat",
        required={
            "sample_id": "sample",
            "chrom": "chr",
            "start": "startpos",
            "end": "endpos",
            "major_copies": "nmajor",
            "minor_copies": "nminor",
        },
        optional={"raw_major": "naraw", "raw_minor": "nbraw"},
        purity_corrected=True,
    ),
    Layout(
        name="facets",
        required={"chrom": "chrom", "start": "start", "end": "end", "copies": "tcn.em"},
        optional={"minor_copies": "lcn.em", "cell_fraction": "cf.em", "n_markers": "num.mark"},
    ),
    Layout(
        name="purple",
        required={"chrom": "chromosome", "start": "start", "end": "end", "copies": "copynumber"},
        optional={
            "minor_copies": "minorallelecopynumber",
            "major_copies": "majorallelecopynumber",
            "n_markers": "depthwindowcount",
        },
        purity_corrected=True,
    ),
    Layout(
        name="mmrisk",
        required={
            "sample_id": "sample_id",
            "assay_id": "assay_id",
            "chrom": "chrom",
            "start": "start",
            "end": "end",
            "copies": "copies",
        },
        optional={"minor_copies": "minor_copies", "n_markers": "n_markers"},
        one_based=False,
    ),
)
FORMATS = tuple(layout.name for layout in LAYOUTS)


def recognise(header: Iterable[str], *, file: str) -> Layout:
    """The one layout whose required columns are all in the header; none or several are refused."""
    header = list(header)
    found = [layout for layout in LAYOUTS if not layout.missing(header)]
    if len(found) == 1:
        return found[0]
    tried = "; ".join(f"{layout.name} ({', '.join(layout.required.values())})" for layout in found or LAYOUTS)
    what = "matches several formats" if found else "matches no known format"
    raise InputError(
        Problem(
            file=file,
            row=1,
            value=", ".join(header),
            message=f"{what}: {tried}",
            remedy="say which it is with --format, or which column holds what with --columns",
        )
    )


def named_layout(name: str, header: Iterable[str], *, file: str) -> Layout:
    """The layout that the user named; a header without its columns is refused."""
    layout = next((layout for layout in LAYOUTS if layout.name == name), None)
    if layout is None:
        raise InputError(
            Problem(
                file=file,
                value=name,
                message="is not a known format of segments",
                remedy=f"use one of {', '.join(FORMATS)}, or describe the file with --columns",
            )
        )
    header = list(header)
    if missing := layout.missing(header):
        raise InputError(
            Problem(
                file=file,
                row=1,
                column=", ".join(missing),
                message=f"is missing from the header of format {name} (columns seen: {', '.join(header)})",
                remedy="name the right format, or describe the file with --columns",
            )
        )
    return layout


OURS = {
    "sample_id": "sample_id",
    "chrom": "chrom",
    "start": "start",
    "end": "end",
    "copies": "copies",
    "log2": "log2",
    "major": "major_copies",
    "major_copies": "major_copies",
    "minor": "minor_copies",
    "minor_copies": "minor_copies",
    "n_markers": "n_markers",
}
SETTINGS = {
    "coordinates": ("one_based", "zero_based"),
    "unit": ("log2", "copies"),
    "purity_corrected": ("yes", "no"),
}


def read_column_map(path: Path) -> Layout:
    """A layout from a small YAML mapping or two-column table: our name -> their column, and the settings.

    Settings: `coordinates` (one_based or zero_based) and `unit` (log2 or copies) of the value column, which goes by
    the name `copies` or `log2`; optional `purity_corrected` (yes or no). Raises `InputError` with every problem.
    """
    entries = _entries(path)
    settings = {name: entries.pop(name, "") for name in SETTINGS}
    columns = {OURS.get(name, name): theirs for name, theirs in entries.items()}
    problems = [
        Problem(file=path.name, column=name, message="is not one of our names", remedy=f"use {', '.join(OURS)}")
        for name in entries
        if name not in OURS
    ]
    if "log2" in columns and "copies" not in columns:
        settings["unit"] = settings["unit"] or "log2"
    elif "copies" in columns and settings["unit"] == "log2":
        columns["log2"] = columns.pop("copies")
    wanted = ["chrom", "start", "end"]
    if "major_copies" in columns and "minor_copies" in columns:
        settings["unit"] = settings["unit"] or "copies"
    elif "log2" not in columns:
        wanted.append("copies")
    problems += [
        Problem(
            file=path.name, column=name, message="is missing from the column map", remedy=f"add {name}: THEIR_COLUMN"
        )
        for name in wanted
        if name not in columns
    ]
    problems += _setting_problems(path.name, settings)
    if problems:
        raise InputError(problems)
    return Layout(
        name="column_map",
        required=columns,
        one_based=settings["coordinates"] == "one_based",
        purity_corrected=settings["purity_corrected"] == "yes",
    )


def mapped_layout(columns: Path, header: Sequence[str], *, file: str) -> Layout:
    """The layout that a column map describes; a header without its columns is refused."""
    layout = read_column_map(columns)
    if missing := layout.missing(header):
        raise InputError(
            Problem(
                file=file,
                row=1,
                column=", ".join(missing),
                message=f"is named in {columns.name} but not in the header (columns seen: {', '.join(header)})",
                remedy=f"correct {columns.name}",
            )
        )
    return layout


def _setting_problems(file: str, settings: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(
            file=file,
            column=name,
            value=settings[name] or None,
            message="must be said" if not settings[name] else "is not one of the choices",
            remedy=f"write {name}: {' or '.join(SETTINGS[name])}",
        )
        for name in SETTINGS
        if settings[name] not in SETTINGS[name] and (settings[name] or name != "purity_corrected")
    ]


def _entries(path: Path) -> dict[str, str]:
    """Pairs of a YAML mapping (`.yaml`, `.yml`) or of a table of two columns."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            Problem(file=str(path), message=f"cannot be read ({error.strerror})", remedy="check the path")
        ) from None
    except UnicodeDecodeError:
        raise InputError(Problem(file=path.name, message="is not UTF-8 text", remedy="save it as UTF-8")) from None
    if len(data) > MAX_MAP_BYTES:
        raise InputError(Problem(file=path.name, message="is too large for a column map", remedy="check the path"))
    if path.suffix.lower() in (".yaml", ".yml"):
        return _yaml_entries(text, path.name)
    pairs = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    broken = [number for number, pair in enumerate(pairs, 1) if len(pair) != 2]
    if broken:
        raise InputError(
            Problem(
                file=path.name,
                row=broken[0],
                message="is not a pair of our name and their column",
                remedy="write two cells per row, separated by a tab",
            )
        )
    # flags are written yes and no in a table, and read as booleans from YAML
    return {ours.strip(): theirs.strip() for ours, theirs in pairs}


def _yaml_entries(text: str, file: str) -> dict[str, str]:
    import yaml

    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        loaded = None
    if not isinstance(loaded, dict) or any(isinstance(value, dict | list | None) for value in loaded.values()):
        raise InputError(
            Problem(
                file=file,
                message="is not a flat mapping of names",
                remedy="write one 'our_name: their_column' per line",
            )
        )
    words = {True: "yes", False: "no"}
    return {str(name): words[value] if isinstance(value, bool) else str(value) for name, value in loaded.items()}
