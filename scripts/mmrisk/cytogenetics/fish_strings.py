"""Strings of interphase FISH in a report: where they stand, and the hybridisations and clones they hold."""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from mmrisk.cytogenetics.fish import (
    INTERPHASE,
    METAPHASE,
    NO_CELLS,
    SEQUENCING,
    Cells,
    Clone,
    Hybridisation,
    Part,
    Relation,
    Signals,
    make_clone,
    make_relation,
)
from mmrisk.cytogenetics.fish_grammar import Group, Reader
from mmrisk.cytogenetics.fish_items import Odd
from mmrisk.cytogenetics.probes import find_probe
from mmrisk.cytogenetics.tokens import Token, split_count

_CONTINUED = frozenset({"continued", "cont", "contd", "cont'd", "from", "above", "below", "see"})


@dataclass(frozen=True, slots=True)
class FishString:
    """One string: its hybridisations, the tokens it covers (`first` to before `after`), and what in it was odd."""

    technique: str
    hybridisations: tuple[Hybridisation, ...]
    first: int
    after: int
    odd: tuple[Odd, ...]


@dataclass(slots=True)
class _Stretch:
    """Groups that share one count of cells."""

    groups: list[Group]
    separator: str
    cells: Cells = NO_CELLS


def find_string(tokens: list[Token], place: int) -> FishString | None:
    """The string that starts at a token: at `nuc ish`, at a group such as `9cen(D9Z1x3)`, or at a bare `MAFx1`."""
    technique, start = _technique(tokens, place)
    bare = not technique and _is_counted(tokens[place])
    if not technique and not bare and not _may_start(tokens, place):
        return None
    reader = Reader(tokens)
    collector = _StretchReader(reader, start, explicit=bool(technique), bare=bare)
    stretches = collector.read()
    if not stretches:
        return None
    hybridisations = _assemble(stretches)
    return FishString(technique or INTERPHASE, tuple(hybridisations), place, collector.after, tuple(reader.odd))


def _is_counted(token: Token) -> bool:
    """`FGFR3x2`: a known probe with its count glued to it, as only ISCN writes it."""
    name, count = split_count(token.text) if token.kind == "word" else ("", None)
    return count is not None and find_probe(name) is not None


def _technique(tokens: list[Token], place: int) -> tuple[str, int]:
    """`nuc ish`, `ish` or `rsa`, and the place of what it introduces."""
    words = [token.text.lower() for token in tokens[place : place + 4]] + [""] * 4
    if words[0] == "nuc":
        if words[1] == "ish":
            return INTERPHASE, place + 2
        if words[1] in (".", "-", "_") and words[2] == "ish":
            return INTERPHASE, place + 3
    if words[0] in ("nucish", "nuish"):
        return INTERPHASE, place + 1
    if words[0] == "ish":
        return METAPHASE, place + 1
    if words[0] == "rsa":
        return SEQUENCING, place + 1
    return "", place


def _may_start(tokens: list[Token], place: int) -> bool:
    token = tokens[place]
    return token.text == "(" or token.kind == "band" or token.kind == "number" or "cen" in token.lower


class _StretchReader:
    """Collects stretches from left to right; `after` is the token after the last that was understood."""

    def __init__(self, reader: Reader, place: int, *, explicit: bool, bare: bool) -> None:
        self.reader = reader
        self.explicit = explicit
        self.bare = explicit or bare
        self.here = self.after = place
        self.separator = ""
        self.opening = ""
        self.pending: list[Group] = []
        self.stretches: list[_Stretch] = []

    def read(self) -> list[_Stretch]:
        """All stretches from the first token on, as far as the grammar goes."""
        while self.explicit and self.reader.text(self.here) == ":":
            self.here += 1
        while self.here < len(self.reader.tokens):
            if not (self._group() or self._relation() or self._cells() or self._separators()):
                break
        self._close(NO_CELLS)
        return self.stretches

    def _close(self, cells: Cells) -> None:
        if self.pending:
            self.stretches.append(_Stretch(self.pending, self.opening, cells))
        self.pending = []

    def _moved(self, place: int) -> bool:
        self.here = self.after = place
        self.separator = ""
        return True

    def _group(self) -> bool:
        found = self.reader.read_group(self.here)
        if found is None and self.bare and not self.pending and not self.stretches:
            found = self.reader.read_bare_group(self.here)
        if found is None:
            return False
        if self.separator == "/":
            self._close(NO_CELLS)
        if not self.pending:
            self.opening = self.separator
        self.pending.append(found[0])
        return self._moved(found[1])

    def _relation(self) -> bool:
        found = self.reader.read_relation(self.here) if self.pending or self.explicit else None
        if found is None:
            return False
        if not self.pending:
            self.opening = self.separator
            self.pending.append(Group([]))
        self.pending[-1].relations.append(found[0])
        return self._moved(found[1])

    def _cells(self) -> bool:
        found = self.reader.read_cells(self.here) if self.pending and not self.separator else None
        if found is None:
            return False
        self._close(found[0])
        self._moved(found[1])
        again = self.reader.read_cells(self.here) if self.reader.text(self.here) == "(" else None
        return self._moved(again[1]) if again is not None and again[0].share is not None else True

    def _separators(self) -> bool:
        if not self.pending and not self.stretches:
            return False
        end = _skip_separators(self.reader, self.here)
        if end == self.here:
            return False
        slashed = any(self.reader.text(at) == "/" for at in range(self.here, end))
        self.separator, self.here = "/" if slashed else ",", end
        return True


def _skip_separators(reader: Reader, place: int) -> int:
    """The place after commas, slashes, `continued from above` and a repeated `nuc ish`."""
    here = place
    while here < len(reader.tokens):
        word = reader.text(here)
        if word in (",", "/", ";", "&") or word in _CONTINUED:
            here += 1
        elif word == "nuc" and reader.text(here + 1) == "ish" and here > place:
            here += 2
        else:
            break
    return here


def _assemble(stretches: list[_Stretch]) -> list[Hybridisation]:
    """Clones put together by probe set: `/` separates clones of one set, `,` separates sets."""
    sets: list[list[Clone]] = []
    slashed = False
    for stretch in stretches:
        slashed = stretch.separator == "/" or (slashed and stretch.separator == "")
        for number, clone in enumerate(_clones(stretch)):
            separator = "/" if slashed and number == 0 else ","
            target = _set_of(clone, sets, separator)
            if target is None:
                sets.append([clone])
            else:
                target.append(clone)
        slashed = slashed or stretch.separator == "/"
    return [Hybridisation(tuple(_with_totals(clones))) for clones in sets]


def _set_of(clone: Clone, sets: list[list[Clone]], separator: str) -> list[Clone] | None:
    names = clone.names
    if separator == "/":
        shared = [(len(names & clones[-1].names), number) for number, clones in enumerate(sets)]
        best = max(shared, default=(0, 0))
        return sets[best[1]] if best[0] else None
    for clones in reversed(sets):
        last = clones[-1]
        if last.names == names and last.signals != clone.signals and last.cells.scored == clone.cells.scored:
            return clones
    return None


def _with_totals(clones: list[Clone]) -> list[Clone]:
    """Counts without a denominator: nuclei of all clones where each has one; nuclei scored for a lone normal result."""
    bare = [clone.cells.abnormal for clone in clones if clone.cells.scored is None and clone.cells.abnormal is not None]
    if not bare:
        return clones
    if len(clones) == 1:
        return [replace(clones[0], cells=Cells(scored=bare[0]))] if clones[0].is_normal else clones
    known = next((clone.cells.scored for clone in clones if clone.cells.scored is not None), None)
    total = known or (sum(bare) if len(bare) == len(clones) else 0)
    return [
        replace(clone, cells=Cells(clone.cells.abnormal, total))
        if clone.cells.scored is None and clone.cells.abnormal is not None and clone.cells.abnormal <= total
        else clone
        for clone in clones
    ]


def _clones(stretch: _Stretch) -> list[Clone]:
    """Clones of a stretch: one per probe set; single probes in a row that share bands or cells are one set."""
    runs: list[list[Group]] = []
    for group in stretch.groups:
        last = runs[-1] if runs else None
        if last is not None and (_one_set(last, group, stretch.cells) or _related(last, group)):
            last.append(group)
        else:
            runs.append([group])
    clones = []
    for run in runs:
        signals = [one for group in run for one in group.signals]
        relations = [_spelled_as_counted(one, signals) for group in run for one in group.relations]
        clones.append(make_clone(_without_repeats(signals), relations, stretch.cells))
    return clones


def _spelled_as_counted(relation: Relation, signals: list[Signals]) -> Relation:
    """A relation whose unknown names are those of the probes counted beside it, mistyped."""
    if all(part.probe is not None for part in relation.parts):
        return relation
    named = {part.name for part in relation.parts}
    counted = [one.part.name for one in signals if one.part.name not in named]
    parts = []
    for part in relation.parts:
        near = get_close_matches(part.name.upper(), counted, n=1, cutoff=0.6) if part.probe is None else []
        parts.append(Part(near[0], part.end) if near else part)
    return make_relation(relation.kind, parts, relation.copies)


def _one_set(run: list[Group], group: Group, cells: Cells) -> bool:
    groups = [*run, group]
    single = all(len(one.signals) == 1 for one in groups)
    if not single or (cells == NO_CELLS and not all(one.banded for one in groups)):
        return False
    return _names(group).isdisjoint(_all_names(run))


def _related(run: list[Group], group: Group) -> bool:
    """Whether a relation behind the group names a probe that only the run before it counts."""
    wanted = {part.name for relation in group.relations for part in relation.parts} - _names(group)
    return bool(wanted) and wanted <= _all_names(run) and _names(group).isdisjoint(_all_names(run))


def _names(group: Group) -> set[str]:
    return {one.part.name for one in group.signals}


def _all_names(groups: list[Group]) -> set[str]:
    return {name for group in groups for name in _names(group)}


def _without_repeats(signals: list[Signals]) -> list[Signals]:
    seen: dict[str, Signals] = {}
    for one in signals:
        seen.setdefault(str(one.part), one)
    return list(seen.values())
