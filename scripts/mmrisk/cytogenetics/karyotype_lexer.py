"""The words of a karyotype: operations, chromosome lists, band lists, stretches and cell counts."""

import re

from mmrisk.cytogenetics.karyotype import Cells, Stretch
from mmrisk.genome import CHROMOSOMES

_NAMES = frozenset(CHROMOSOMES)
FOLLOWING = ",[/.+-"
"""Signs that may stand behind a finished abnormality."""

HEADER = re.compile(
    r"(?:mos|chi)?(\d{1,3})(?:[-~](\d{1,3}))?(?:<(\d)n?[+\-/]{0,3}>)?(?=[,.;:\[/]|[xyu?]|idem|sl|sdl|$)"
)
RELATION = re.compile(r"(idem|sdl|sl)(\d{0,2})(?:x(\d{1,2}))?")
SEX = re.compile(r"((?:x[xy]{0,7}|y{1,4})(?:c(?![a-z]))?|[u?](?=[,\[/]|$))\??")
NONCLONAL = re.compile(r"non-?clonal(?:w/)?[^/\[\]]*")
PLOIDY_CELLS = re.compile(r"(?:near)?(\d)n(?=\[|/|$)")
PREFIX = re.compile(r"(\??)([+-]?)(\??)")
SUFFIX = re.compile(r"(\??)(?:(c|dmat|dpat|dinh|dn|mat|pat|inh)(?![a-wz(]))?(\??)(?:x(\d{1,2})(?:[-~](\d{1,2}))?)?")
MARKER = re.compile(r"(?:(\d{1,3})(?:[-~](\d{1,3}))?)?(mar|dmin|hsr|min|ace|r(?!ob|ea|cp|ec))s?(\d{0,3})(?![a-wz(\d])")
OLD_STYLE = re.compile(r"(\d{1,2}|[xy])([pq])(\d[\d.]*)?([+-]?)(?=[,\[/.x+-]|$)")
VARIANT = re.compile(r"(\d{1,2}|[xy])((?:[pq]h?s?(?:tk)?|cen)h?|ps|pstk)([+-]?)(?=[,\[/.c]|$)")
CHROMOSOME = re.compile(r"(\d{1,2}|[xy])(?![\d(pqy])")
HEAD = re.compile(
    r"((?:der|ider|idic|psu|dic|iso|dup|trp|qdp|del|inv|ins|add|dir|rob|rcp|rec|rea|fra|fis|hsr|trc|tas|i|r|t){1,3})(?=\()"
)
_WORD = re.compile(
    r"der|ider|idic|psu|dic|iso|dup|trp|qdp|del|inv|ins|add|dir|rob|rcp|rec|rea|fra|fis|hsr|trc|tas|i|r|t"
)
_SAME = {
    "iso": "i",
    "rcp": "t",
    "inv dup": "dup",
    "dir dup": "dup",
    "inv ins": "ins",
    "dir ins": "ins",
}

_CHROM = re.compile(r"(\??)(\d{1,2}|[xy]|\?)?((?:\??[pq][pq\d.?]*)?)")
_BAND = re.compile(
    r"(\??)(\d{1,2}(?=[pq])|[xy](?=[pq]))?(cen|[pq](?:ter|[\d.?]*))(?:(?:~|or)([pq]?)([\d.?]+|ter))?|(\?)(?=[;,]|$)"
)
_STRETCH_END = r"(\d{{1,2}}|[xy]|\?)?(pter|qter|cen|[pq][\d.?]*|stk|s)"
_STRETCH = re.compile(r":?(?:" + _STRETCH_END.format() + r"(?:->" + _STRETCH_END.format() + r")?|\?)?:?")

_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
}
_CELLS = re.compile(r"(cp)?(\d{1,4})(cp)?(?:/\d{1,4})?(?:cells?|metaphases?)?((?:,[^,]*)*)")
_DOUBLED = re.compile(r"(\w*?)(?:is|are)?4n")
_OTHERS = re.compile(r"([a-z]*|\d*)(?:w/?|with)(?:an?)?non-?clonal\w*")


class ReadFailure(Exception):  # noqa: N818 - it never leaves the parser
    """A token that is not karyotype grammar, with the reason."""


def split_operation(words: str) -> tuple[str, str]:
    """Head and operation of `derdic`, `psuidic`, `invdup`: (`der`, `dic`), (``, `psu idic`), (``, `dup`)."""
    found = _WORD.findall(words)
    head = found[0] if found[0] in ("der", "ider", "rec") else ""
    op = " ".join(found[1:] if head else found)
    return head, _SAME.get(op, op)


def chromosome_name(text: str) -> str:
    """`1` to `22`, `X`, `Y`."""
    name = text.lstrip("0").upper()
    if name not in _NAMES:
        raise ReadFailure(f"there is no chromosome {text}")
    return name


def read_chroms(content: str) -> tuple[tuple[str, ...], tuple[str, ...], bool, str]:
    """Chromosomes of `(3q;20p)`, the bands written with them, whether one is questioned, and what was repaired."""
    chroms, bands, questioned = [], [], False
    for item in re.split(r"[;,:]", content):
        match = _CHROM.fullmatch(item)
        if match is None or not item:
            raise ReadFailure(f"{item or 'nothing'!r} is no chromosome")
        mark, chrom, band = match.groups()
        if chrom is None and band:
            raise ReadFailure(f"{item!r} is no chromosome")
        chrom = chrom or "?"
        questioned = questioned or bool(mark and chrom != "?")
        chroms.append("?" if chrom == "?" else chromosome_name(chrom))
        bands.append(band)
    repair = "';' put between chromosomes" if "," in content or ":" in content else ""
    return tuple(chroms), tuple(bands) if any(bands) else (), questioned, repair


def read_bands(content: str, chroms: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Bands for each chromosome of `(p16;q32)`, and what was repaired."""
    repair = ""
    if "-" in content:
        content, repair = content.replace("-", ""), "'-' between bands left out"
    groups = [_band_group(group, chroms) for group in re.split(r"[;,:]", content)]
    if "," in content or ":" in content:
        repair = "';' put between bands"
    if len(groups) == 1 and len(chroms) > 1 and len(groups[0]) == len(chroms):
        return tuple((band,) for band in groups[0]), "missing ';' put between bands"
    if len(chroms) == 1 and len(groups) > 1:
        return (tuple(band for group in groups for band in group),), "';' between bands of one chromosome left out"
    if len(groups) != len(chroms):
        raise ReadFailure(f"{len(chroms)} chromosomes but bands for {len(groups)}")
    return tuple(groups), repair


def _band_group(text: str, chroms: tuple[str, ...]) -> tuple[str, ...]:
    found, done = [], 0
    while done < len(text):
        match = _BAND.match(text, done)
        if match is None or match.end() == done:
            raise ReadFailure(f"{text[done:]!r} is no band")
        mark, chrom, first, arm, second, unknown = match.groups()
        if chrom and chrom.upper() not in chroms:
            raise ReadFailure(f"band of chromosome {chrom}, which is not in the list")
        band = "?" if unknown else normal_band(mark, first)
        found.append(f"{band}~{arm or first[0]}{second}" if second else band)
        done = match.end()
    if not found:
        raise ReadFailure("a band is missing")
    return tuple(found)


def normal_band(mark: str, band: str) -> str:
    """One band with at most one question mark, at the first doubtful place: `?q14` and `q?1?4` become `q?14`."""
    if "?" not in band and not mark:
        return band.rstrip(".") if len(band) > 1 else band
    if mark or band == "?":
        return band[0] + "?" + band[1:].replace("?", "")
    place = band.index("?")
    return band[:place] + "?" + band[place:].replace("?", "")


def read_stretches(content: str, chrom: str) -> tuple[Stretch, ...]:
    """Pieces of the detailed system; `chrom` is taken where a piece names none."""
    found = []
    for piece in content.split("::"):
        match = _STRETCH.fullmatch(piece)
        if match is None or not piece.strip(":"):
            raise ReadFailure(f"{piece!r} is no stretch of a chromosome")
        one, start, two, end = match.groups()
        if start is None or start in ("s", "stk") or one == "?" or end in ("s", "stk"):
            found.append(Stretch("?"))
            continue
        chrom = chromosome_name(one) if one else chrom
        if chrom == "?" or (two and chromosome_name(two) != chrom):
            raise ReadFailure(f"{piece!r} is not a stretch of one chromosome")
        found.append(Stretch(chrom, normal_band("", start), normal_band("", end) if end else ""))
    return tuple(found)


def read_cells(content: str) -> Cells:
    """Cells of `20`, `cp5`, `6,one is 4n`, `5,three w/nonclonal abnormalities`."""
    match = _CELLS.fullmatch(content)
    if match is None:
        raise ReadFailure("is no number of cells")
    composite, number, composite_behind, notes = match.groups()
    doubled = others = 0
    for note in filter(None, notes.split(",")):
        if found := _DOUBLED.fullmatch(note):
            doubled += _number(found[1], default=int(number))
        elif found := _OTHERS.fullmatch(note):
            others += _number(found[1], default=1)
        else:
            raise ReadFailure(f"{note!r} is no remark about cells")
    return Cells(int(number), bool(composite or composite_behind), doubled, others)


def _number(text: str, *, default: int) -> int:
    return _NUMBER_WORDS.get(text) or (int(text) if text.isdigit() else default)
