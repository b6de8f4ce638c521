"""The written karyotype: clones, abnormalities and changes as ISCN names them, and their normal form (ISCN 2024)."""

from dataclasses import dataclass, field

from mmrisk.cytogenetics.reading import Unread


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of the detailed system: `8q24->8qter`; chromosome `?` is unknown material."""

    chrom: str
    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        if not self.start:
            return "?"
        return f"{self.chrom}{self.start}->{self.chrom}{self.end}" if self.end else self.chrom + self.start


@dataclass(frozen=True, slots=True)
class Change:
    """One operation with its chromosomes and, for each of them, its bands: `t(4;14)(p16;q32)`."""

    op: str
    chroms: tuple[str, ...]
    bands: tuple[tuple[str, ...], ...] = ()
    detail: tuple[Stretch, ...] = ()

    def __str__(self) -> str:
        name = f"{self.op}({';'.join(self.chroms)})"
        if self.detail:
            return f"{name}({'::'.join(map(str, self.detail))})"
        if self.bands:
            return f"{name}({';'.join(''.join(group) for group in self.bands)})"
        return name


@dataclass(frozen=True, slots=True)
class Count:
    """A number or a range of it."""

    low: int
    high: int

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}~{self.high}"


ONE = Count(1, 1)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a clone: `[cp4,one is 4n]`. In a composite clone not every cell has every abnormality."""

    number: int
    composite: bool = False
    doubled: int = 0
    """How many of the cells were noted to be near-tetraploid."""
    with_others: int = 0
    """How many of the cells were noted to have nonclonal abnormalities as well."""

    def __str__(self) -> str:
        notes = (",one is 4n" if self.doubled == 1 else f",{self.doubled} are 4n") if self.doubled else ""
        notes += f",{self.with_others} w/nonclonal abnormalities" if self.with_others else ""
        return f"[{'cp' if self.composite else ''}{self.number}{notes}]"


@dataclass(frozen=True, slots=True)
class Abnormality:
    """One entry of a clone. `kind` is chromosome (`+8`), structure, marker, incomplete or variant.

    `head` names the derivative when there is one (`der`, `ider`), `chroms` its chromosomes; `name` is the number of a
    marker. `position` and `end` are places in the original string and no part of what the abnormality is.
    """

    kind: str
    sign: str = ""
    head: str = ""
    chroms: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    name: str = ""
    copies: Count = ONE
    cells: Cells | None = None
    questioned: bool = False
    constitutional: bool = False
    position: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The abnormality without sign, copies and cells."""
        if self.kind == "structure":
            named = bool(self.changes) and self.changes[0].op == self.head
            head = f"{self.head}({';'.join(self.chroms)})" if self.head and not named else ""
            return head + "".join(map(str, self.changes))
        if self.kind == "chromosome":
            return self.chroms[0]
        return "".join(self.chroms) + self.head + self.name

    def __str__(self) -> str:
        before, behind = ("?" if self.questioned else "") + self.sign, "c" if self.constitutional else ""
        if self.copies == ONE:
            text = before + self.text + behind
        elif self.kind == "marker" and not self.name:
            text = f"{before}{self.copies}{self.text}{behind}"
        else:
            text = f"{before}{self.text}{behind}x{self.copies}"
        return text + (str(self.cells) if self.cells else "")


@dataclass(frozen=True, slots=True)
class Relation:
    """What a clone builds on: `idem`, `sl`, `sl2`, `sdl1`; `times` 2 doubles it."""

    word: str
    number: int = 0
    times: int = 1

    def __str__(self) -> str:
        return self.word + (str(self.number) if self.number else "") + (f"x{self.times}" if self.times > 1 else "")


@dataclass(frozen=True, slots=True)
class WrittenClone:
    """One clone as written. `kind` is clone, fragment (no count and sex), nonclonal or ploidy (`4n[1]`)."""

    kind: str = "clone"
    count: Count | None = None
    ploidy: int | None = None
    sex: str | None = None
    relation: Relation | None = None
    abnormalities: tuple[Abnormality, ...] = ()
    cells: Cells | None = None
    donor: bool = False
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        cells = str(self.cells) if self.cells else ""
        if self.kind == "nonclonal":
            return "nonclonal" + cells
        if self.kind == "ploidy":
            return f"{self.ploidy}n{cells}"
        head = "" if self.count is None else str(self.count)
        head += f"<{self.ploidy}n>" if self.ploidy else ""
        parts = [head, self.sex, self.relation and str(self.relation), *map(str, self.abnormalities)]
        return ",".join(part for part in parts if part) + cells


@dataclass(frozen=True, slots=True)
class Signal:
    """Metaphase FISH on one chromosome: `ish del(17)(TP53-)`; `signs` is `-`, `+`, `++` or `x2`."""

    target: str
    probe: str
    signs: str
    cells: Cells | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Karyotype:
    """A parsed report. `result` is read, missing (nothing was tested) or failed (tested without a result)."""

    clones: tuple[WrittenClone, ...] = ()
    signals: tuple[Signal, ...] = ()
    unread: tuple[Unread, ...] = ()
    repairs: tuple[str, ...] = ()
    result: str = "read"
    elsewhere: tuple[tuple[int, str], ...] = ()
    """Parts in other techniques, with their places: interphase FISH, arrays."""

    def __str__(self) -> str:
        text = ""
        for number, clone in enumerate(self.clones):
            starts_donor = clone.donor and (number == 0 or not self.clones[number - 1].donor)
            text += "//" if starts_donor else "/" if number else ""
            text += str(clone)
        for number, signal in enumerate(self.signals):
            text += "," if number else ".ish "
            text += f"{signal.target}({signal.probe.upper()}{signal.signs}){signal.cells or ''}"
        return text
