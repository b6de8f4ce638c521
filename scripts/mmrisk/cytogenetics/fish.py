"""The object model of interphase FISH and its ISCN 2024 form: hybridisations, clones, signals, relations, cells."""

from dataclasses import dataclass

from mmrisk.cytogenetics.probes import Probe, find_probe, order, probes

INTERPHASE, METAPHASE, SEQUENCING = "nuc ish", "ish", "rsa"
MANY = 99
"""Upper bound of a signal count written as `amp`."""
AMPLIFIED = 5
"""Fewest signals that `amp` can mean: a laboratory counts what is fewer."""


@dataclass(frozen=True, slots=True, order=True)
class Copies:
    """Number of signals per nucleus, a range where nuclei differ (`x3~4`) or were not counted (`amp`)."""

    low: int
    high: int

    @property
    def exact(self) -> float | None:
        """The number, or None for a range."""
        return float(self.low) if self.low == self.high else None

    def __str__(self) -> str:
        if self.high >= MANY:
            return " amp" if self.low >= AMPLIFIED else f"×{self.low}~>{self.low}"
        return f"×{self.low}" if self.low == self.high else f"×{self.low}~{self.high}"


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A probe, or its 5' or 3' half in a break-apart set; `name` is canonical where the probe is known."""

    name: str
    end: str = ""

    @property
    def probe(self) -> Probe | None:
        """The dictionary's entry."""
        return probes().get(self.name)

    @property
    def rank(self) -> tuple[tuple[int, int, float, str], str]:
        """Sort key from pter to qter."""
        return order(self.name), "" if self.end == "5'" else self.end

    def __str__(self) -> str:
        return f"{self.end}{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Signals:
    """How many signals one probe gave in the nuclei of a clone."""

    part: Part
    copies: Copies


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """`con`: signals of two probes lie together; `sep`: the halves of one probe lie apart. None: number not given."""

    kind: str
    parts: tuple[Part, ...]
    copies: Copies | None = None

    def __str__(self) -> str:
        return f"({f' {self.kind} '.join(map(str, self.parts))}){self.copies or ''}"


@dataclass(frozen=True, slots=True, order=True)
class Cells:
    """Share of nuclei: counts, or a share (0 to 1) or its range as reported; `scored` alone for a normal result.

    `unread`: a count was written and not understood, so that not even present or absent is known.
    """

    abnormal: int | None = None
    scored: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    unread: bool = False

    @property
    def known_share(self) -> float | None:
        """The share, from counts where they are given."""
        if self.abnormal is not None and self.scored:
            return self.abnormal / self.scored
        return self.share

    def __str__(self) -> str:
        if self.abnormal is not None and self.scored is not None:
            return f"[{self.abnormal}/{self.scored}]"
        if self.abnormal is not None or self.scored is not None:
            return f"[{self.abnormal if self.abnormal is not None else self.scored}]"
        if self.share is not None:
            return f"[{self.share:.4g}]"
        if self.low is not None and self.high is not None:
            return f"[{self.low:.4g}~{self.high:.4g}]"
        return "[?]" if self.unread else ""


NO_CELLS = Cells()
UNREAD_CELLS = Cells(unread=True)


@dataclass(frozen=True, slots=True, order=True)
class Clone:
    """One signal pattern of a hybridisation and the nuclei that show it."""

    signals: tuple[Signals, ...]
    relations: tuple[Relation, ...] = ()
    cells: Cells = NO_CELLS

    @property
    def names(self) -> frozenset[str]:
        """Probes of the set."""
        named = {signals.part.name for signals in self.signals}
        return frozenset(named | {part.name for relation in self.relations for part in relation.parts})

    @property
    def is_normal(self) -> bool:
        """Two signals of each probe, one of a probe on X or Y, nothing apart or together."""
        return not self.relations and all(
            one.copies == Copies(2, 2) or (one.part.probe is not None and one.part.probe.chrom in ("X", "Y"))
            for one in self.signals
        )

    def __str__(self) -> str:
        runs: list[tuple[Copies, list[str]]] = []
        for signals in self.signals:
            if not runs or runs[-1][0] != signals.copies:
                runs.append((signals.copies, []))
            runs[-1][1].append(str(signals.part))
        if len(runs) == 1 and len(self.signals) > 1:
            counts = f"({','.join(runs[0][1])}){str(runs[0][0]).strip()}"
        else:
            counts = ",".join(f"{name}{copies}" for copies, names in runs for name in names)
            counts = f"({counts})" if counts else ""
        return counts + "".join(map(str, self.relations)) + str(self.cells)


@dataclass(frozen=True, slots=True)
class Hybridisation:
    """One probe set on one slide: its clones, in the order in which they were written."""

    clones: tuple[Clone, ...]

    @property
    def names(self) -> frozenset[str]:
        """Probes of the set."""
        return frozenset().union(*(clone.names for clone in self.clones))

    def __str__(self) -> str:
        return "/".join(map(str, self.clones))


def make_clone(signals: list[Signals], relations: list[Relation], cells: Cells) -> Clone:
    """A clone in canonical order, pter to qter of chromosomes 1 to 22."""
    return Clone(
        tuple(sorted(signals, key=lambda one: one.part.rank)),
        tuple(sorted(relations, key=lambda one: (one.kind, [part.rank for part in one.parts]))),
        cells,
    )


def make_relation(kind: str, parts: list[Part], copies: Copies | None) -> Relation:
    """A relation whose two parts are in canonical order, so that `IGH con MAF` is `MAF con IGH`."""
    if len(parts) == 2:
        parts = sorted(parts, key=lambda part: part.rank)
    return Relation(kind, tuple(parts), copies)


def make_part(name: str, end: str = "") -> Part:
    """A part named canonically, or as written where the name is not known."""
    probe = find_probe(name)
    return Part(probe.name if probe else name.strip(), end)


def write_iscn(hybridisations: list[Hybridisation], *, technique: str = "nuc ish") -> str:
    """ISCN 2024: a blank after `ish`, no bands, the number of a relation outside it."""
    written = ",".join(map(str, hybridisations))
    if technique == SEQUENCING:
        written = written.replace(" con ", "::")
    return f"{technique} {written}" if written else ""
