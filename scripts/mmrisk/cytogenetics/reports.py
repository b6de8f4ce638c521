"""Reports of any kind: karyotype, FISH and array parts told apart, each given to its reader."""

import re
from collections.abc import Callable, Iterator

from mmrisk.cytogenetics.reading import Reading, join_readings, moved

METHODS = ("karyotype", "fish", "array")
_PART = re.compile(
    r"""
    (?P<fish>(?<![A-Za-z])nuc[\s._-]{0,3}ish(?![a-z])
      | (?<![A-Za-z])ish(?=\s{0,2}[\d(A-Za-z])
      | (?<![A-Za-z])rsa(?=\s{0,2}\())
  | (?P<array>(?<![A-Za-z])(?:arr|ogm|sseq)(?=\s{0,2}[\[(<XY\d]))
  | (?P<karyotype>(?<![\w~/.-])(?:2[3-9]|[3-9]\d|[12]\d\d)(?:\s?[~-]\s?\d{2,3})?\s{0,2}(?:<[^<>]{1,5}>)?\s{0,2},
      \s{0,2}(?:X{1,4}Y{0,3}|Y|\?)(?=\s{0,2}(?:[,\[/.;+?-]|$|t\(|del|der|add|inv|\()))
    """,
    re.VERBOSE | re.IGNORECASE,
)


_KARYOTYPE_ENDS = re.compile(r"(?:\.|\n|\]|;)\s{0,3}(?=[A-Za-z]{3})(?!nonclonal|inc|mar)")
"""Where a karyotype inside a FISH report gives way to words again."""


def read_report(text: str, *, method: str, sample_id: str, assay_id: str, cell_selection: str = "unknown") -> Reading:
    """Read one laboratory string by its method; parts in another language (`46,XX[20].nuc ish ...`) by theirs."""
    parts = list(find_parts(text, method))
    readings = [
        moved(
            _reader(kind)(text[start:end], sample_id=sample_id, assay_id=assay_id, cell_selection=cell_selection),
            by=start,
        )
        for kind, start, end in parts
    ]
    return join_readings(readings) if readings else Reading()


def kind_of(text: str) -> str:
    """The method of the first technique that a string names by its form; sentences are taken for FISH."""
    match = _PART.search(text)
    return (match.lastgroup if match else None) or "fish"


def find_parts(text: str, method: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each part. What stands before the first mark belongs to the report's own method."""
    kind, start = method, 0
    for end, found in [*_turns(text, method), (len(text), "")]:
        if found == kind or (found == "karyotype" and kind == "array"):
            continue
        if text[start:end].strip(" .;\n\t"):
            yield kind, start, end
        kind, start = found, end


def _turns(text: str, method: str) -> Iterator[tuple[int, str]]:
    """Places where a part of another kind begins."""
    for match in _PART.finditer(text):
        found = match.lastgroup or method
        yield match.start(), found
        if found == "karyotype" and method == "fish":
            following = _PART.search(text, match.end())
            end = _KARYOTYPE_ENDS.search(text, match.end(), following.start() if following else len(text))
            if end is not None:
                yield end.end(), "fish"


def _reader(kind: str) -> Callable[..., Reading]:
    """The reader of a kind; imported where needed, since each brings its own tables."""
    if kind == "karyotype":
        from mmrisk.cytogenetics.karyotype_evidence import read_karyotype

        return read_karyotype
    if kind == "array":
        from mmrisk.cytogenetics.array_evidence import read_array

        return read_array
    from mmrisk.cytogenetics.caution import read_fish_with_caution

    return read_fish_with_caution
