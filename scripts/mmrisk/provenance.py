"""What made an output: the code behind a script, the facts it reads, and a manifest of a run."""

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from mmrisk import __version__

SCRIPTS = Path(__file__).resolve().parents[1]


@cache
def closure(script: str) -> tuple[Path, ...]:
    """The script and every module of the package that it imports, also inside functions, sorted."""
    found: set[Path] = set()
    waiting = [SCRIPTS / script]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for name in _imports(path):
            waiting.extend(_module_files(name))
    return tuple(sorted(found))


def _imports(path: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_files(name: str) -> list[Path]:
    """Files that importing a dotted name runs: packages on the way, and the module itself."""
    parts = name.split(".")
    if parts[0] != "mmrisk":
        return []
    candidates = [SCRIPTS.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    return [path for path in (*candidates, SCRIPTS.joinpath(*parts).with_suffix(".py")) if path.is_file()]


@cache
def fingerprint(script: str) -> str:
    """A hash of all code behind a script: the workflow reruns a rule when it changes, and only then."""
    digest = hashlib.sha256()
    for path in closure(script):
        digest.update(str(path.relative_to(SCRIPTS)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def facts_read(script: str) -> tuple[Path, ...]:
    """Resource tables named in the code behind a script."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in closure(script))
    names = set(re.findall(r"\b(?:facts|resource)\(\s*\"([a-z0-9_]+\.tsv)\"", text))
    return tuple(sorted(SCRIPTS.parent / "resources" / name for name in names))


def checksum(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def manifest(*, config: Mapping[str, object], inputs: Iterable[Path], outputs: Iterable[Path], root: Path) -> str:
    """A run as JSON: version, thresholds and other settings, checksums of every input and output."""
    inputs, outputs = sorted(map(Path.absolute, inputs)), sorted(outputs)
    common = Path(os.path.commonpath([path.parent for path in inputs])) if inputs else root

    made = {
        "mmrisk": __version__,
        "config": config,
        "inputs": {path.relative_to(common).as_posix(): checksum(path) for path in inputs},
        "outputs": {path.relative_to(root).as_posix(): checksum(path) for path in outputs},
    }
    return json.dumps(made, indent=1, sort_keys=True) + "\n"
