"""One abnormality of a karyotype at a time: signs, chromosomes, operations, bands and markers."""

from dataclasses import replace

from mmrisk.cytogenetics.karyotype import ONE, Abnormality, Change, Count
from mmrisk.cytogenetics.karyotype_lexer import (
    CHROMOSOME,
    FOLLOWING,
    HEAD,
    MARKER,
    OLD_STYLE,
    PREFIX,
    SUFFIX,
    VARIANT,
    ReadFailure,
    chromosome_name,
    read_bands,
    read_chroms,
    read_stretches,
    split_operation,
)
from mmrisk.cytogenetics.reading import Unread
from mmrisk.cytogenetics.repairs import Text


class AbnormalityReader:
    """Walks once over the tidied text; every sign is consumed by a rule or reported as unread."""

    def __init__(self, text: Text, raw: str, *, start: int, stop: int) -> None:
        self.text, self.raw = text, raw
        self.value = text.value
        self.at, self.stop = start, stop
        self.unread: list[Unread] = []

    def repair(self, about: str) -> None:
        """Report something put right; nothing where `about` is empty."""
        if about:
            self.text.repairs.append(about)

    def leave(self, start: int, end: int, reason: str) -> None:
        """Report a piece as unread."""
        first, last = self.text.place(start), self.text.place(max(start, end - 1)) + 1
        self.unread.append(Unread(first, self.raw[first:last], reason))

    def token_end(self, start: int) -> int:
        """End of the token at `start`: the next comma, bracket or slash outside parentheses."""
        depth, at = 0, start
        while at < self.stop:
            sign = self.value[at]
            if sign == "/" or (sign in ",[" and depth <= 0 and at > start):
                break
            depth += (sign == "(") - (sign == ")")
            at += 1
        return max(at, min(start + 1, self.stop))

    def skip(self, start: int, reason: str) -> None:
        """Leave the token at `start` unread."""
        self.at = self.token_end(start)
        self.leave(start, self.at, reason)

    def group(self) -> str | None:
        """Content of the parenthesis at this place; None where there is none."""
        if not self.value.startswith("(", self.at):
            return None
        end = self.value.find(")", self.at, self.stop)
        if end < 0 or "(" in self.value[self.at + 1 : end]:
            raise ReadFailure("')' is missing")
        content = self.value[self.at + 1 : end]
        self.at = end + 1
        return content

    def abnormality(self) -> Abnormality | None:
        """The abnormality that starts here, or None where the token had to be left unread."""
        start = self.at
        try:
            found = self.entry()
            if self.at < self.stop and self.value[self.at] not in FOLLOWING and not self.starts_structure():
                raise ReadFailure(f"{self.value[self.at]!r} is not expected here")
        except ReadFailure as failure:
            self.skip(start, str(failure))
            return None
        return found

    def starts_structure(self) -> bool:
        """Whether an abnormality begins here, so that only a comma is missing."""
        return HEAD.match(self.value, self.at, self.stop) is not None

    def entry(self) -> Abnormality:
        """One abnormality with everything around it: `?+der(1)t(1;3)(p32;q21)cx2`."""
        start = self.at
        prefix = PREFIX.match(self.value, start, self.stop)
        assert prefix is not None  # noqa: S101 - it matches the empty string
        before, sign, behind = prefix.groups()
        self.at = prefix.end()
        found = (
            self.incomplete()
            or self.marker(sign)
            or self.structure(sign)
            or self.old_style(sign)
            or self.variant()
            or self.number(sign)
        )
        suffix = SUFFIX.match(self.value, self.at, self.stop)
        assert suffix is not None  # noqa: S101 - it matches the empty string
        mark, constitutional, second_mark, copies, most = suffix.groups()
        self.at = suffix.end()
        doubtful = bool(before or behind or (not constitutional and (mark or second_mark)))
        return replace(
            found,
            copies=read_count(copies, most) if copies else found.copies,
            questioned=found.questioned or doubtful,
            constitutional=bool(constitutional),
            position=self.text.place(start),
            end=self.text.place(self.at - 1) + 1,
        )

    def incomplete(self) -> Abnormality | None:
        """`inc`: more is abnormal than is written."""
        if not self.value.startswith("inc", self.at):
            return None
        self.at += 3
        return Abnormality("incomplete", head="inc")

    def marker(self, sign: str) -> Abnormality | None:
        """`+mar1`, `+1~3mar`, `+r`, `dmin`."""
        match = MARKER.match(self.value, self.at, self.stop)
        if match is None:
            return None
        self.at = match.end()
        copies = read_count(match[1], match[2]) if match[1] else ONE
        return Abnormality("marker", sign, head=match[3], name=match[4], copies=copies)

    def old_style(self, sign: str) -> Abnormality | None:
        """`6q-`, `14q+`, `-13q14`, `+1q`: forms from before ISCN 1978, still typed."""
        match = OLD_STYLE.match(self.value, self.at, self.stop)
        if match is None or not (sign or match[4]):
            return None
        chrom, arm, band, mark = chromosome_name(match[1]), match[2], match[3], match[4]
        self.at = match.end()
        self.repair("old form of a deletion or addition rewritten")
        bands: tuple[str, ...] = (arm + (band or "?"),)
        if mark:
            op = "del" if mark == "-" else "add"
        else:
            op, sign = ("del", "") if sign == "-" else ("dup", "")
            bands = (f"{arm}10", f"{arm}ter") if op == "dup" and not band else bands
        return Abnormality("structure", sign, changes=(Change(op, (chrom,), (bands,)),))

    def variant(self) -> Abnormality | None:
        """Length variants of heterochromatin and satellites: `9qh+`, `22ps+`."""
        match = VARIANT.match(self.value, self.at, self.stop)
        if match is None or len(match[2]) < 2:
            return None
        self.at = match.end()
        return Abnormality("variant", chroms=(chromosome_name(match[1]),), head=match[2], name=match[3])

    def number(self, sign: str) -> Abnormality:
        """`+8`, `-13`."""
        match = CHROMOSOME.match(self.value, self.at, self.stop)
        if match is None:
            raise ReadFailure("is no abnormality")
        if not sign:
            raise ReadFailure("a chromosome without + or -")
        self.at = match.end()
        return Abnormality("chromosome", sign, chroms=(chromosome_name(match[1]),))

    def structure(self, sign: str) -> Abnormality | None:
        """`t(4;14)(p16;q32)`, `der(1)t(1;3)(p32;q21)del(1)(q42)`, `der(1;7)(q10;p10)`."""
        match = HEAD.match(self.value, self.at, self.stop)
        if match is None:
            return None
        head, op = split_operation(match[1])
        if op:
            head = "" if "dic" in op else head
            changes, doubtful = self.changes(head=head, chroms=())
            chroms = changes[0].chroms if head else ()
            return Abnormality("structure", sign, head, chroms, changes, questioned=doubtful)
        self.at = match.end()
        chroms, bands, doubtful, repair = read_chroms(self.group() or "")
        self.repair(repair)
        first = self.derivative_change(head, chroms, bands)
        more, doubtful_too = self.changes(head=head, chroms=chroms)
        return Abnormality("structure", sign, head, chroms, (*first, *more), questioned=doubtful or doubtful_too)

    def derivative_change(self, head: str, chroms: tuple[str, ...], bands: tuple[str, ...]) -> tuple[Change, ...]:
        """Bands or stretches right behind `der(…)`: `der(1;7)(q10;p10)`, `ider(22)(q10)`, `der(3)(3pter->…)`."""
        content = self.group()
        if content is None:
            return (Change(head, chroms, tuple((_arm(head, band),) for band in bands)),) if bands else ()
        return (self.filled(head, chroms, content),)

    def filled(self, op: str, chroms: tuple[str, ...], content: str) -> Change:
        """The change with what its second parenthesis holds: bands, or stretches of the detailed system."""
        if "->" in content or "::" in content:
            return Change(op, chroms, detail=read_stretches(content, chroms[0]))
        groups, repair = read_bands(content, chroms)
        self.repair(repair)
        return Change(op, chroms, groups)

    def changes(self, *, head: str, chroms: tuple[str, ...]) -> tuple[tuple[Change, ...], bool]:
        """Operations written without commas; behind a plain operation only those on the same chromosomes."""
        found: list[Change] = []
        questioned, seen = False, set(chroms)
        while match := HEAD.match(self.value, self.at, self.stop):
            start = self.at
            op = split_operation(match[1])[1]
            if not op:
                break
            self.at = match.end()
            change, doubtful = self.change(op)
            known = set(change.chroms) - {"?"}
            if found and not head and not known & seen:
                self.at = start
                break
            found.append(change)
            seen |= known
            questioned = questioned or doubtful
        return tuple(found), questioned

    def change(self, op: str) -> tuple[Change, bool]:
        """One operation with its parentheses, and whether a chromosome in it is questioned."""
        chroms, bands, questioned, repair = read_chroms(self.group() or "")
        self.repair(repair)
        content = self.group()
        if content is not None:
            return self.filled(op, chroms, content), questioned
        if not bands:
            return Change(op, chroms), questioned
        self.repair("bands taken out of the list of chromosomes")
        return self.filled(op, chroms, ";".join(_arm(op, band) for band in bands)), questioned


def _arm(op: str, band: str) -> str:
    """The break that an arm alone means: the centromere for isochromosomes and whole arms, else unknown."""
    if len(band) != 1:
        return band or "?"
    return f"{band}10" if op in ("i", "der", "rob") else f"{band}?"


def read_count(low: str, high: str | None) -> Count:
    """A number or range as typed, either end first."""
    ends = sorted((int(low), int(high or low)))
    return Count(ends[0], ends[1])
