"""Gene signatures: kinds of cells in a tree (lineage, group, subset), states inside a gate, programmes of a gate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mmrisk.errors import InputError, Problem
from mmrisk.resource import facts
from mmrisk.sheets import read_sheet

CLASSES = ("lineage", "group", "subset", "state", "programme")
KINDS = CLASSES[:3]
"""Classes that make up the tree of kinds of cells."""
EVERY_LINEAGE = "*"
UNKNOWN = "unknown"
UNTESTED = "untested"
COLUMNS = ("id", "class", "gate", "genes_up")
"""Columns that a signature table of a user's own must have."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A set of genes that go up and, optionally, genes that exclude; `gate` names the cells it speaks of.

    `told_apart` says how well cells of the kind are told from their like on simulated marrow: well, weakly, untested.
    """

    name: str
    kind: str
    gate: tuple[str, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    rarely_captured: bool = False
    told_apart: str = UNTESTED

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes up, then genes down."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Signatures:
    """All signatures by name, in the table's order."""

    by_name: Mapping[str, Signature]

    def of(self, *kinds: str) -> tuple[Signature, ...]:
        """Signatures of the classes named."""
        return tuple(signature for signature in self.by_name.values() if signature.kind in kinds)

    def children(self, parent: str) -> tuple[Signature, ...]:
        """Kinds of cells directly below another; lineages below the empty name."""
        below = [item for item in self.of(*KINDS) if item.gate == ((parent,) if parent else ())]
        return tuple(below)

    def paths(self, lineage: str) -> tuple[tuple[Signature, ...], ...]:
        """Each kind within a lineage that is not divided further, followed by what it lies within below the lineage."""
        leaves = [item.name for item in self.of(*KINDS) if not self.children(item.name) and item.gate]
        lines = [self.ancestors(name) for name in leaves]
        return tuple(tuple(self.by_name[step] for step in line[:-1]) for line in lines if line[-1] == lineage)

    def ancestors(self, name: str) -> tuple[str, ...]:
        """A kind of cell and what it lies within, the lineage last."""
        line = [name]
        while gate := self.by_name[line[-1]].gate:
            line.append(gate[0])
        return tuple(line)

    def lineage(self, name: str) -> str:
        """The lineage of a kind of cell."""
        return self.ancestors(name)[-1]

    def within(self, gate: Sequence[str]) -> tuple[str, ...]:
        """Kinds of cells that a gate lets in: those it names and all below them."""
        if EVERY_LINEAGE in gate:
            return tuple(item.name for item in self.of(*KINDS))
        return tuple(item.name for item in self.of(*KINDS) if set(self.ancestors(item.name)) & set(gate))


@cache
def bundled() -> Signatures:
    """Signatures of resources/signatures.tsv."""
    return Signatures({row["id"]: _signature(row) for row in facts("signatures.tsv")})


def read_signatures(own: Path | None = None) -> Signatures:
    """The bundled signatures; a table of the user's own (same columns) replaces sets of the same id and adds others.

    Raises `InputError` for a table that is not a signature table or whose gates lead nowhere.
    """
    if own is None:
        return bundled()
    sheet = read_sheet(own)
    if missing := [name for name in COLUMNS if name not in sheet.columns]:
        remedy = f"a signature table has the columns {', '.join(COLUMNS)}; genes are joined by ;"
        raise InputError(
            Problem(file=sheet.file, row=1, column=", ".join(missing), message="is missing", remedy=remedy)
        )
    merged = dict(bundled().by_name)
    problems: list[Problem] = []
    for row in sheet.rows:
        if row.cells["class"] not in CLASSES:
            problems.append(
                Problem(
                    file=sheet.file,
                    row=row.number,
                    column="class",
                    value=row.cells["class"],
                    message="is not a class of signatures",
                    remedy=f"use one of {', '.join(CLASSES)}",
                )
            )
            continue
        signature = _signature(row.cells)
        merged[signature.name] = signature
    signatures = Signatures(merged)
    problems += _broken_gates(signatures, sheet.file)
    if problems:
        raise InputError(problems)
    return signatures


def _signature(row: Mapping[str, str]) -> Signature:
    def listed(column: str) -> tuple[str, ...]:
        return tuple(item.strip() for item in (row.get(column) or "").split(";") if item.strip())

    return Signature(
        name=row["id"],
        kind=row["class"],
        gate=listed("gate"),
        up=listed("genes_up"),
        down=listed("genes_down"),
        rarely_captured=row.get("capture") == "rarely",
        told_apart=row.get("told_apart") or UNTESTED,
    )


def _broken_gates(signatures: Signatures, file: str) -> Iterable[Problem]:
    kinds = {item.name for item in signatures.of(*KINDS)}
    for item in signatures.by_name.values():
        wrong = [gate for gate in item.gate if gate not in kinds and gate != EVERY_LINEAGE]
        if item.kind == "lineage" and item.gate:
            message, remedy = "is a lineage and has a gate", "leave its gate empty"
        elif item.kind != "lineage" and (not item.gate or wrong):
            message, remedy = "has no gate that is a kind of cell", f"use some of {', '.join(sorted(kinds))}"
        elif item.kind in ("group", "subset") and (len(item.gate) > 1 or _loops(signatures, item.name)):
            message, remedy = "does not lead to one lineage", "give one gate, nearer to the lineage"
        elif not item.genes:
            message, remedy = "has no gene", "name genes, joined by ;"
        else:
            continue
        yield Problem(file=file, column="gate", value=item.name, message=message, remedy=remedy)


def _loops(signatures: Signatures, name: str) -> bool:
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        gate = signatures.by_name[name].gate
        if not gate:
            return False
        name = gate[0]
        if name not in signatures.by_name:
            return False
    return True
