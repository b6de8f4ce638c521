"""Clones as sets of chromosomes: what a karyotype's words (idem, sl, +, -, x2, <3n>, c) leave in the cells."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mmrisk.cytogenetics.chromosomes import UNKNOWN, Chromosome
from mmrisk.cytogenetics.copies import CopyProfile, copy_profiles
from mmrisk.cytogenetics.karyotype import Abnormality, Cells, Change, Karyotype, Relation, WrittenClone
from mmrisk.cytogenetics.rearrangements import Derivative, derive, operations_of, own_chromosomes, recalled
from mmrisk.genome import AUTOSOMES, CHROMOSOMES

MAX_CHROMOSOMES = 250
_OUTSIDE_COUNT = frozenset({"dmin", "hsr"})
"""Markers that are no chromosome of their own and do not enter the modal number."""


@dataclass(frozen=True, slots=True)
class Clone:
    """The chromosomes of one clone. Chromosome names are `1` to `22`, `X`, `Y`.

    `normal` and `baseline` are copies per chromosome: unchanged ones, and those the patient's constitution and the
    clone's ploidy would give. `acquired` are its abnormalities in normal form, cancelled ones left out. `unresolved`
    are chromosomes whose copies are not known, `hidden` the unknown material that may hold anything.
    """

    written: WrittenClone
    number: int
    ploidy: int
    normal: Mapping[str, int]
    baseline: Mapping[str, int]
    derivatives: tuple[Derivative, ...]
    acquired: tuple[str, ...]
    inborn: tuple[str, ...]
    touched: Mapping[str, tuple[Cells, ...]]
    unresolved: frozenset[str]
    hidden: tuple[str, ...]
    chromosomes: int
    warnings: tuple[str, ...] = ()

    @property
    def cells(self) -> int | None:
        """Number of cells, if given."""
        return self.written.cells.number if self.written.cells else None

    @property
    def count_agrees(self) -> bool:
        """Whether the printed number of chromosomes is that of the listed changes."""
        count = self.written.count
        return count is None or count.low <= self.chromosomes <= count.high

    @property
    def composite(self) -> bool:
        """Whether not every cell need have every abnormality."""
        return bool(self.written.cells and self.written.cells.composite)

    @property
    def abnormal(self) -> bool:
        """Whether anything is acquired, be it whole sets of chromosomes."""
        return bool(self.acquired) or self.ploidy != 2

    def profiles(self) -> dict[str, CopyProfile]:
        """Copies along every chromosome."""
        return copy_profiles(self.normal, [item.chromosome for item in self.derivatives if item.chromosome])


@dataclass(slots=True)
class _State:
    """The chromosomes of a clone while its abnormalities are worked through."""

    ploidy: int = 2
    normal: Counter[str] = field(default_factory=Counter)
    baseline: Counter[str] = field(default_factory=Counter)
    derivatives: list[Derivative] = field(default_factory=list)
    acquired: list[str] = field(default_factory=list)
    touched: dict[str, list[Cells]] = field(default_factory=dict)
    unresolved: set[str] = field(default_factory=set)
    hidden: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    inborn: list[str] = field(default_factory=list)
    inborn_count: int = 0
    """Chromosomes that constitutional rearrangements add to the count; their copies are the patient's normal ones."""
    vacated: Counter[str] = field(default_factory=Counter)
    """Changed chromosomes that this clone says it lost, whose place a newly changed one may have taken."""

    def copy(self, *, times: int = 1) -> "_State":
        """The same chromosomes, every one `times` times; a number that no cell holds is not carried out."""
        too_many = self.count * times > MAX_CHROMOSOMES
        times = 1 if too_many else times
        return _State(
            self.ploidy * times,
            Counter({chrom: number * times for chrom, number in self.normal.items()}),
            Counter({chrom: number * times for chrom, number in self.baseline.items()}),
            self.derivatives * times,
            list(self.acquired),
            {chrom: list(cells) for chrom, cells in self.touched.items()},
            set(CHROMOSOMES) if too_many else set(self.unresolved),
            list(self.hidden),
            list(self.warnings),
            list(self.inborn),
            self.inborn_count * times,
        )

    @property
    def count(self) -> int:
        """Chromosomes in the cell."""
        outside = sum(derivative.own[0] in _OUTSIDE_COUNT for derivative in self.derivatives)
        return sum(self.normal.values()) + len(self.derivatives) - outside + self.inborn_count


def build_clones(karyotype: Karyotype, *, with_questioned: bool = True) -> tuple[Clone, ...]:
    """Work out the chromosomes of every clone; `with_questioned` says whether `?` abnormalities are carried out."""
    builder = _Builder(with_questioned=with_questioned)
    for written in karyotype.clones:
        if written.kind in ("clone", "fragment"):
            builder.add(written)
    return tuple(builder.clones)


class _Builder:
    """Keeps what later clones refer to: stem lines, side lines, and the bands of changes named before."""

    def __init__(self, *, with_questioned: bool) -> None:
        self.with_questioned = with_questioned
        self.clones: list[Clone] = []
        self.known: dict[tuple[str, tuple[str, ...]], Change] = {}
        self.stems: list[_State] = []
        self.sides: list[_State] = []
        self.in_donor = False

    def add(self, written: WrittenClone) -> None:
        if written.donor and not self.in_donor:
            self.stems, self.sides, self.in_donor = [], [], True
        if written.relation is None:
            state = self.applied(_header_state(written), written)
            self.stems.append(state)
            self.clones.append(self.finished(state, written))
            return
        origin = self.origin(written.relation)
        if origin is None:
            state = _header_state(replace(written, sex="XY", relation=None))
            state.unresolved |= set(CHROMOSOMES)
            state.warnings.append(f"{written.relation} names no clone before it")
            self.sides.append(state)
        elif written.relation.times == 1 and _doubled(origin, written):
            # doubled by its count alone, perhaps in one cell only: later clones build on it as it was before doubling
            self.sides.append(self.applied(origin.copy(), written))
            state = self.applied(origin.copy(times=2), written)
            state.warnings.append("taken as doubled because of the count")
        else:
            state = self.applied(origin.copy(times=written.relation.times), written)
            self.sides.append(state)
        self.clones.append(self.finished(state, written))

    def origin(self, relation: Relation) -> _State | None:
        """The clone that `idem`, `sl2` or `sdl1` names; `sdl` alone is the side line before."""
        pool = self.sides if relation.word == "sdl" else self.stems
        wanted = relation.number or (len(pool) if relation.word == "sdl" else 1)
        return pool[wanted - 1] if 0 < wanted <= len(pool) else None

    def applied(self, state: _State, written: WrittenClone) -> _State:
        for abnormality in written.abnormalities:
            if abnormality.questioned and not self.with_questioned:
                continue
            if state.count > MAX_CHROMOSOMES:
                state.unresolved |= set(CHROMOSOMES)
                state.warnings.append("more chromosomes than a cell holds")
                break
            self.apply(state, abnormality)
        for chrom, places in state.vacated.items():
            if state.normal[chrom] < 0:
                state.normal[chrom] = min(0, state.normal[chrom] + places)
        return state

    def apply(self, state: _State, abnormality: Abnormality) -> None:
        times = max(1, min(abnormality.copies.low, 20))
        if abnormality.kind == "incomplete":
            state.hidden.append("inc")
        elif abnormality.kind == "marker":
            self.apply_marker(state, abnormality, times)
        elif abnormality.kind == "chromosome":
            _apply_number(state, abnormality, times)
        elif abnormality.kind == "structure":
            changes = recalled(abnormality.changes, self.known)
            for change in changes:
                if change.bands or change.detail:
                    self.known[change.op, change.chroms] = change
            full = replace(abnormality, changes=changes)
            if abnormality.constitutional:
                state.inborn.append(str(full))
                state.inborn_count += _count_change(full)
                return
            for _ in range(times):
                _apply_structure(state, full)

    def apply_marker(self, state: _State, abnormality: Abnormality, times: int) -> None:
        own = (abnormality.head,)
        if abnormality.sign == "-":
            names = (abnormality.text, abnormality.head)
            for _ in range(times):
                found = next((item for item in reversed(state.derivatives) if item.text in names[:1]), None)
                found = found or next((item for item in reversed(state.derivatives) if item.own == own), None)
                if found is None:
                    state.warnings.append(f"-{abnormality.text} names nothing that was there")
                    continue
                state.derivatives.remove(found)
                _forget(state, f"+{found.text}")
                if found.text in state.hidden:
                    state.hidden.remove(found.text)
            return
        for _ in range(times):
            state.derivatives.append(Derivative(own, (), abnormality.text, Chromosome((UNKNOWN,))))
            state.hidden.append(abnormality.text)
            state.acquired.append(f"+{abnormality.text}")

    def finished(self, state: _State, written: WrittenClone) -> Clone:
        open_ends = [item.chromosomes_named for item in state.derivatives if item.chromosome is None]
        wrong = [chrom for chrom, number in state.normal.items() if number < 0]
        warnings = list(state.warnings)
        if wrong:
            warnings.append(f"more changes than chromosomes: {', '.join(sorted(wrong))}")
        if written.count and not written.count.low <= state.count <= written.count.high:
            warnings.append(f"count {written.count} but {state.count} chromosomes listed")
        return Clone(
            written,
            len(self.clones) + 1,
            state.ploidy,
            {chrom: state.normal[chrom] for chrom in CHROMOSOMES},
            {chrom: state.baseline[chrom] for chrom in CHROMOSOMES},
            tuple(state.derivatives),
            tuple(state.acquired),
            tuple(state.inborn),
            {chrom: tuple(cells) for chrom, cells in state.touched.items()},
            frozenset(state.unresolved).union(*open_ends) - {"?"},
            tuple(state.hidden),
            state.count,
            tuple(dict.fromkeys(warnings)),
        )


def _header_state(written: WrittenClone) -> _State:
    """Normal chromosomes that the count, `<3n>` and the sex letters call for, before any abnormality."""
    sex = _sex_chromosomes(written)
    ploidy = written.ploidy or _ploidy_by_count(written, sum(sex.values()))
    state = _State(ploidy)
    for chrom in AUTOSOMES:
        state.normal[chrom] = state.baseline[chrom] = ploidy
    for chrom in ("X", "Y"):
        state.normal[chrom] = state.baseline[chrom] = sex[chrom]
    return state


def _sex_chromosomes(written: WrittenClone) -> Counter[str]:
    """Sex chromosomes before the change: ISCN lists those unchanged, then the lost and changed ones one by one."""
    letters = Counter(sign for sign in written.sex or "" if sign in "XY")
    if sum(letters.values()) >= (written.ploidy or 2):
        return letters
    for abnormality in written.abnormalities:
        chroms = abnormality.chroms
        if abnormality.kind == "structure" and not abnormality.head:
            chroms = own_chromosomes(abnormality.changes[0])
        for chrom in chroms:
            lost = abnormality.kind == "chromosome" and abnormality.sign == "-"
            if chrom in ("X", "Y") and (lost or (abnormality.kind == "structure" and not abnormality.sign)):
                letters[chrom] += abnormality.copies.low
    return letters or Counter({"X": 2})


def _ploidy_by_count(written: WrittenClone, sex: int) -> int:
    """Ploidy at which count and listed changes agree best (a count of 58 with twelve gains is diploid)."""
    if written.count is None:
        return 2
    change = sum(_count_change(abnormality) for abnormality in written.abnormalities)
    middle = (written.count.low + written.count.high) / 2
    return min((2, 3, 4, 1, 5, 6, 8), key=lambda ploidy: abs(len(AUTOSOMES) * ploidy + sex + change - middle))


def _count_change(abnormality: Abnormality) -> int:
    """Chromosomes that an abnormality adds to the modal number."""
    copies = abnormality.copies.low
    if abnormality.kind == "structure" and not abnormality.sign:
        own = abnormality.chroms if abnormality.head else own_chromosomes(abnormality.changes[0])
        joined = bool(abnormality.head) or "dic" in abnormality.changes[0].op or abnormality.changes[0].op == "rob"
        return (1 - len(own)) * copies if joined and "?" not in own else 0
    if abnormality.kind in ("incomplete", "variant") or abnormality.head in _OUTSIDE_COUNT:
        return 0
    return -copies if abnormality.sign == "-" else copies


def _doubled(state: _State, written: WrittenClone) -> bool:
    """Whether a related clone's count fits only if everything of its stem line is there twice."""
    if written.count is None or not written.relation:
        return False
    change = sum(_count_change(abnormality) for abnormality in written.abnormalities)
    middle = (written.count.low + written.count.high) / 2
    return middle > 60 and abs(2 * state.count + change - middle) < abs(state.count + change - middle)


def _apply_number(state: _State, abnormality: Abnormality, times: int) -> None:
    chrom = abnormality.chroms[0]
    step = times if abnormality.sign == "+" else -times
    state.normal[chrom] += step
    if abnormality.constitutional:
        state.baseline[chrom] += step
        state.inborn.append(str(abnormality))
        return
    if state.normal[chrom] < 0 and (changed := _sole_derivative(state, chrom)):
        state.normal[chrom] += 1
        state.derivatives.remove(changed)
        state.warnings.append(f"-{chrom} taken as loss of {changed.text}")
    opposite = ("-" if abnormality.sign == "+" else "+") + chrom
    for _ in range(times):
        if not _forget(state, opposite):
            _remember(state, abnormality, (chrom,), f"{abnormality.sign}{chrom}")


def _sole_derivative(state: _State, chrom: str) -> Derivative | None:
    found = [derivative for derivative in state.derivatives if derivative.own == (chrom,)]
    return found[-1] if found else None


def _apply_structure(state: _State, abnormality: Abnormality) -> None:
    if abnormality.sign == "-":
        _remove_derivative(state, abnormality)
        return
    outcome = derive(abnormality)
    sign = "+" if abnormality.sign else ""
    if not sign:
        for chrom in outcome.replaced:
            state.normal[chrom] -= 1
    state.derivatives += outcome.made
    if outcome.reason:
        state.warnings.append(f"{abnormality.text}: {outcome.reason}")
    if any(made.chromosome is None or made.chromosome.has_unknown for made in outcome.made):
        state.hidden.append(abnormality.text)
    own = {chrom for change in abnormality.changes for chrom in change.chroms} | set(abnormality.chroms)
    _remember(state, abnormality, own, sign + abnormality.text)


def _remember(state: _State, abnormality: Abnormality, chroms: Iterable[str], text: str) -> None:
    state.acquired.append(text)
    for chrom in chroms:
        if abnormality.cells:
            state.touched.setdefault(chrom, []).append(abnormality.cells)


def _remove_derivative(state: _State, abnormality: Abnormality) -> None:
    """`-add(6)`, `-der(17)t(8;17)`: the chromosome that an earlier clone described, by whatever it is called now."""
    first = abnormality.changes[0] if abnormality.changes else None
    own = abnormality.chroms if abnormality.head or first is None else own_chromosomes(first)
    parts = [(chrom,) for chrom in own] if first and not abnormality.head and first.op == "t" else [own]
    for part in parts:
        gone = _find_derivative(state, part, abnormality.changes)
        if gone is None:
            state.unresolved |= set(part) - {"?"}
            state.warnings.append(f"-{abnormality.text} names nothing that was there")
            continue
        state.derivatives.remove(gone)
        state.vacated.update(gone.own)
        if not _forget(state, gone.text):
            _forget(state, f"+{gone.text}")
        if gone.text in state.hidden:
            state.hidden.remove(gone.text)
        state.acquired.append(f"-{gone.text}")


def _find_derivative(state: _State, own: tuple[str, ...], changes: tuple[Change, ...]) -> Derivative | None:
    """The derivative of these chromosomes with these operations: same bands first, then few operations."""
    wanted = operations_of(changes)
    given = [change for change in changes if change.bands or change.detail]
    fits = [
        derivative
        for derivative in reversed(state.derivatives)
        if set(derivative.own) == set(own) and all(operation in derivative.operations for operation in wanted)
    ]
    exact = [derivative for derivative in fits if all(change in derivative.changes for change in given)]
    return min(exact or fits, key=lambda derivative: len(derivative.operations), default=None)


def _forget(state: _State, text: str) -> bool:
    if text in state.acquired:
        state.acquired.remove(text)
        return True
    return False
