"""The configuration of a run: checked against its schema, with every problem and its remedy named."""

import difflib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mmrisk.cohort import Cohort, Record, check_cohort, unknown_sample
from mmrisk.errors import InputError, Problem

Sheets = Mapping[str, Path]
ALIGNED = ("reads", "normals")
"""Kinds of assays whose files are alignments, which need an index."""
SHEETS = (
    "samples",
    "assays",
    "reports",
    "clinical",
    "clinical_columns",
    "artefact_spots",
    "treatments",
    "outcomes",
    "signatures",
)


def put_python_first() -> None:
    """Make `python` in a rule the one that runs Snakemake, unless the rule has an environment of its own."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def check_config(config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str) -> None:
    """Raise one `InputError` with every problem of the configuration."""
    import jsonschema

    errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(config), key=lambda error: list(error.path))
    problems = [problem for error in errors for problem in _problems(error, file)]
    if problems:
        raise InputError(problems)


def _problems(error: Any, file: str) -> list[Problem]:
    place = "/".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = sorted(set(error.instance) - set(known))
        return [
            Problem(
                file=file,
                column="/".join(filter(None, (place, name))),
                message="is not a key of the configuration",
                remedy=_nearest(name, known) or f"remove it; known keys: {', '.join(known)}",
            )
            for name in unknown
        ]
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [Problem(file=file, column=name, message="is missing", remedy="add it") for name in missing]
    if error.validator == "enum":
        remedy = f"use one of {', '.join(map(str, error.validator_value))}"
        return [Problem(file=file, column=place, value=str(error.instance), message="is not allowed", remedy=remedy)]
    about = error.schema.get("description", "see the schema")
    return [
        Problem(file=file, column=place, value=str(error.instance), message=f"is wrong ({error.message})", remedy=about)
    ]


def _nearest(name: str, known: list[str]) -> str | None:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else None


def read_configuration(config: Mapping[str, Any], schema: Mapping[str, Any], file: Path) -> tuple[Sheets, Cohort]:
    """Paths of the sheets and the cohort. Raises one `InputError` with all problems of the configuration and sheets."""
    problems: list[Problem] = []
    try:
        check_config(config, schema, file=file.name)
    except InputError as error:
        problems += error.problems
    paths, missing = _sheets(config, file.parent, file.name)
    cohort, broken = _check_sheets(paths) if "samples" in paths else (Cohort((), (), ()), [])
    if problems := [*problems, *missing, *broken]:
        raise InputError(problems)
    return paths, cohort


def sheet_paths(config: Mapping[str, Any], folder: Path, *, file: str) -> Sheets:
    """Paths of the sheets that the configuration names, relative ones from its own folder."""
    paths, problems = _sheets(config, folder, file)
    if problems:
        raise InputError(problems)
    return paths


def _sheets(config: Mapping[str, Any], folder: Path, file: str) -> tuple[Sheets, list[Problem]]:
    named = {name: folder / config[name] for name in SHEETS if config.get(name) and isinstance(config[name], str)}
    found = {name: path for name, path in named.items() if path.is_file()}
    problems = [
        Problem(
            file=file,
            column=name,
            value=str(config[name]),
            message=f"is a folder in {folder}" if path.is_dir() else f"does not exist in {folder}",
            remedy="check the path; a relative one starts at the configuration file",
        )
        for name, path in named.items()
        if name not in found
    ]
    return found, problems


def cohort_of(paths: Sheets) -> Cohort:
    """The cohort that the sheets describe. Raises one `InputError` with all problems of all sheets."""
    cohort, problems = _check_sheets(paths)
    if problems:
        raise InputError(problems)
    return cohort


def _check_sheets(paths: Sheets) -> tuple[Cohort, list[Problem]]:
    """The cohort and all problems of its sheets, the clinical sheet and the column maps among them."""
    from mmrisk.clinical import read_clinical
    from mmrisk.map_checks import map_problems

    cohort, problems = check_cohort(paths)
    problems += map_problems(cohort.assays)
    problems += _without_index(cohort.assays, file=paths["assays"].name if "assays" in paths else "")
    if "clinical" in paths:
        try:
            clinical = read_clinical(paths["clinical"], columns=paths.get("clinical_columns"))
            known = {record["sample_id"] for record in cohort.samples} or set(clinical.sample_ids)
            problems += [
                unknown_sample(sample, known, file=paths["clinical"].name, samples_file=paths["samples"].name)
                for sample in clinical.sample_ids
                if sample not in known and None not in known
            ]
        except InputError as error:
            problems.extend(error.problems)
    return cohort, problems


def _without_index(assays: Iterable[Record], *, file: str) -> Iterator[Problem]:
    """Alignments whose index is not beside them: seen in a moment, and the run would come to them after hours."""
    from mmrisk.alignments import INDEXES

    for row in assays:
        path = row["file"]
        endings = INDEXES.get(path.suffix.removeprefix(".").lower(), ()) if path and row["kind"] in ALIGNED else ()
        if endings and not any(path.with_name(path.stem + ending).is_file() for ending in endings):
            yield Problem(
                file=file,
                row=row.row,
                column="file",
                value=path.name,
                message=f"has no index beside it (looked for {', '.join(path.stem + ending for ending in endings)})",
                remedy="run `samtools index` (needs a file sorted by coordinate)",
            )
