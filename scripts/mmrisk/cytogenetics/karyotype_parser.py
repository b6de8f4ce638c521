"""From a typed karyotype to clones and abnormalities; what is not grammar stays unread, with its place."""

import re
from dataclasses import replace

from mmrisk.cytogenetics.abnormality_parser import AbnormalityReader, read_count
from mmrisk.cytogenetics.karyotype import Abnormality, Cells, Karyotype, Relation, Signal, WrittenClone
from mmrisk.cytogenetics.karyotype_lexer import HEADER, NONCLONAL, PLOIDY_CELLS, RELATION, SEX, ReadFailure, read_cells
from mmrisk.cytogenetics.reading import Unread
from mmrisk.cytogenetics.repairs import MAX_LENGTH, repair_karyotype, tidy

MAX_CLONES = 40
MAX_ABNORMALITIES = 100
_MISSING = re.compile(r"(?:-9|-99|n/?a|nd|none|null|nil|missing|not(?:done|tested|performed|available|ordered))?[.]?")
_FAILED = re.compile(
    r"(?:unabletouse|uninterpretable|no(?:growth|metaphases?|mitos[ie]s|dividingcells|result)"
    r"|(?:culture)?fail(?:ed|ure)|(?:poor|insufficient)(?:growth|quality|material|metaphases)?)\W*"
)
_PART = re.compile(r"[.,;/]{0,3}(nucish|ish|arr(?=[\[(\dx])|rsa(?=[\[(])|sseq(?=[\[(])|seq(?=\[)|ogm(?=[\[(])|mlpa)")
"""Where the report goes on with another technique."""
_FIRST_CLONE = re.compile(r"(?<!\d)\d{2,3}(?:[-~]\d{2,3})?(?:<[^>]{0,6}>)?,(?:[xyu?]|idem|sl)")
_IS_KARYOTYPE = re.compile(r"[(,\[/]|[+-]\d")
_SIGNAL = re.compile(r"([a-z0-9'@./-]+?)(\+{1,4}|-{1,2}|x\d{1,2})")


def parse_karyotype(raw: str) -> Karyotype:
    """Parse a karyotype, with the metaphase FISH behind it if there is any; never raises."""
    if len(raw) > MAX_LENGTH:
        return Karyotype(unread=(Unread(0, raw[:50], f"longer than {MAX_LENGTH} characters"),), result="failed")
    text = tidy(raw)
    if _MISSING.fullmatch(text.value):
        return Karyotype(result="missing", repairs=tuple(text.repairs))
    if _FAILED.fullmatch(text.value):
        return Karyotype(result="failed", repairs=tuple(text.repairs))
    repair_karyotype(text)
    parts = list(_PART.finditer(text.value))
    ends = [*(part.start() for part in parts), len(text.value)]
    reader = _Reader(text, raw, start=0, stop=ends[0])
    reader.skip_words()
    clones = reader.clones()
    signals: list[Signal] = []
    elsewhere = []
    for part, end in zip(parts, ends[1:], strict=True):
        if part[1] == "ish":
            reader.at, reader.stop = part.end(), end
            signals += reader.signals()
        else:
            start = text.place(part.start(1))
            elsewhere.append((start, raw[start : text.place(end)]))
    return Karyotype(
        clones,
        tuple(signals),
        tuple(reader.unread),
        tuple(dict.fromkeys(text.repairs)),
        elsewhere=tuple(elsewhere),
    )


class _Reader(AbnormalityReader):
    """Reads clones, their cells, and the metaphase FISH behind them."""

    def skip_words(self) -> None:
        """Leave words before the first clone unread."""
        first = _FIRST_CLONE.search(self.value, 0, self.stop)
        if first and first.start() and not _IS_KARYOTYPE.search(self.value, 0, first.start()):
            self.leave(0, first.start(), "words before the karyotype")
            self.at = first.start()

    def clones(self) -> tuple[WrittenClone, ...]:
        found: list[WrittenClone] = []
        donor = False
        while self.at < self.stop:
            if self.value.startswith("//", self.at):
                donor, self.at = True, self.at + 2
            elif self.value[self.at] == "/":
                self.at += 1
            elif len(found) >= MAX_CLONES:
                self.leave(self.at, self.stop, f"more than {MAX_CLONES} clones")
                self.at = self.stop
            elif (clone := self.clone(donor=donor)) is not None:
                found.append(clone)
        return tuple(found)

    def clone(self, *, donor: bool) -> WrittenClone | None:
        start = self.at
        position = self.text.place(start)
        if match := NONCLONAL.match(self.value, start, self.stop):
            self.at = match.end()
            return WrittenClone("nonclonal", cells=self.clone_cells(), donor=donor, position=position)
        if match := PLOIDY_CELLS.match(self.value, start, self.stop):
            self.at = match.end()
            ploidy = int(match[1])
            return WrittenClone("ploidy", ploidy=ploidy, cells=self.clone_cells(), donor=donor, position=position)
        header = HEADER.match(self.value, start, self.stop)
        relation, sex = None, None
        if header:
            self.at = header.end()
            relation, sex = self.relation_or_sex()
        elif match := RELATION.match(self.value, start, self.stop):
            self.repair("clone without a count")
            self.at, relation = match.end(), _relation(match)
        abnormalities, cells = self.abnormalities()
        if header is None and relation is None and not abnormalities:
            return None
        return WrittenClone(
            "clone" if header or relation else "fragment",
            read_count(header[1], header[2]) if header else None,
            int(header[3]) if header and header[3] and 0 < int(header[3]) <= 8 else None,
            sex,
            relation,
            abnormalities,
            cells,
            donor,
            position,
        )

    def clone_cells(self) -> Cells | None:
        """Cells behind a clone without abnormalities of its own."""
        if not self.value.startswith("[", self.at):
            return None
        return self.cells()

    def relation_or_sex(self) -> tuple[Relation | None, str | None]:
        if self.value[self.at : self.at + 1] in (".", ";", ":"):
            self.repair("',' put behind the count")
            self.at += 1
        elif self.value.startswith(",", self.at):
            self.at += 1
        elif self.at < self.stop and self.value[self.at] not in "[/":
            self.repair("missing ',' put in")
        if match := RELATION.match(self.value, self.at, self.stop):
            self.at = match.end()
            return _relation(match), None
        if match := SEX.match(self.value, self.at, self.stop):
            self.at = match.end()
            return None, match[1].upper().replace("C", "c")
        return None, None

    def abnormalities(self) -> tuple[tuple[Abnormality, ...], Cells | None]:
        """Abnormalities up to the end of the clone, and the clone's cells."""
        found: list[Abnormality] = []
        expected = self.at == 0 or self.value[self.at - 1] in ",/"
        while self.at < self.stop:
            sign = self.value[self.at]
            if sign == "/":
                break
            if sign in ",;.":
                if sign != ",":
                    self.repair("',' put between abnormalities")
                self.at, expected = self.at + 1, True
            elif sign == "[":
                cells = self.cells()
                if self.at >= self.stop or self.value[self.at] in "/." or not found:
                    return tuple(found), cells
                found[-1] = replace(found[-1], cells=cells)
                expected = False
            elif len(found) >= MAX_ABNORMALITIES:
                self.skip(self.at, f"more than {MAX_ABNORMALITIES} abnormalities")
            else:
                abnormality = self.abnormality()
                if abnormality is not None:
                    if not expected:
                        self.repair("missing ',' put in")
                    found.append(abnormality)
                expected = False
        return tuple(found), None

    def cells(self) -> Cells | None:
        start = self.at
        end = self.value.find("]", start, self.stop)
        stop = end if end >= 0 else self.stop
        self.at = stop + 1 if end >= 0 else stop
        try:
            if end < 0:
                raise ReadFailure("']' is missing")
            return read_cells(self.value[start + 1 : end])
        except ReadFailure as failure:
            self.leave(start, self.at, str(failure))
            return None

    # ---- metaphase FISH

    def signals(self) -> tuple[Signal, ...]:
        """`.ish del(17)(TP53-),add(8)(CMYC+)[10]`: the probes seen on each chromosome."""
        found: list[Signal] = []
        item_start = 0
        while self.at < self.stop:
            start = self.at
            if self.value.startswith("[", start):
                cells = self.cells()
                found[item_start:] = [replace(signal, cells=cells) for signal in found[item_start:]]
                continue
            self.at = self.token_end(start)
            item = self.value[start : self.at].strip(",/")
            if not item:
                continue
            item_start = len(found)
            try:
                found += self.signal_item(item, start)
            except ReadFailure as failure:
                self.leave(start, self.at, str(failure))
        return tuple(found)

    def signal_item(self, item: str, start: int) -> list[Signal]:
        target, opening, probes = item.removesuffix(")").rpartition("(")
        if not opening or not item.endswith(")"):
            raise ReadFailure("no probes in parentheses")
        found = []
        for probe in re.split(r"[;,]", probes):
            match = _SIGNAL.fullmatch(probe)
            if match is None:
                raise ReadFailure(f"{probe!r} is no probe with + or -")
            found.append(Signal(target, match[1], match[2], position=self.text.place(start)))
        return found


def _relation(match: re.Match[str]) -> Relation:
    return Relation(match[1], int(match[2] or 0), min(max(int(match[3] or 1), 1), 8))
