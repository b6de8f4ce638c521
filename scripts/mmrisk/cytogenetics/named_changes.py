"""Changes with a name of their own in prose: `t(4;14)`, `del(17p)`, `del(13)(q14q34)`, `+9`, `13q-`, `i(17q)`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mmrisk.cytogenetics.fish import Part
from mmrisk.cytogenetics.probes import Probe, band_number, find_chromosome, find_probe, probes, targets
from mmrisk.cytogenetics.tokens import Token

_CHROMOSOMES = re.compile(r"(?:\d{1,2}|[XYv?])[pq]?[\d.]*(?:[;:,/](?:\d{1,2}|[XYv?])[pq]?[\d.]*){0,3}", re.IGNORECASE)
_ONE = re.compile(r"(\d{1,2}|[XYv?])([pq][\d.]*)?", re.IGNORECASE)
_BANDS = re.compile(r"[pq?][\dpqter.?~-]*(?:[;:,][pq?][\dpqter.?~-]*){0,3}", re.IGNORECASE)
_BAND = re.compile(r"([pq])(ter|\d{1,2}(?:\.\d{1,2})?)", re.IGNORECASE)
_LOSS = frozenset({"del", "deletion", "loss"})
_GAIN = frozenset({"dup", "duplication", "gain", "trp", "qdp"})
_AMPLIFICATION = frozenset({"amp", "amplification"})
_SPELLED = frozenset({"deletion", "loss", "duplication", "gain", "amplification"})
"""Words whose parenthesis may as well explain the subject before them: `17p deletion (TP53)`."""
_SILENT = frozenset({"der", "dic", "add", "inv", "ins", "idic", "r", "psu"})
_ISO = frozenset({"i", "iso", "ider"})
_TRANSLOCATION = frozenset({"t", "translocation", "translocations", "transloc"})
NEAR_BANDS = 1
"""Bands by which reports differ in placing the breakpoints of 16q and 20q."""


@dataclass(frozen=True, slots=True)
class Named:
    """A change that names its subject: `kind` as the vocabulary's changes, `events` of a fusion, or `parts`."""

    kind: str
    parts: tuple[Part, ...] = ()
    events: tuple[str, ...] = ()
    is_chromosome: bool = False


SILENT = Named("silent")
"""Read, and no event: `der(7)`, `inv(9)`."""
MOVED = Named("moved")
"""A translocation without an event: what it lacks on one chromosome it has on the other."""


def find_named_change(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """The named change that starts at a token, and the place after it."""
    token = tokens[place]
    if token.text in ("+", "-"):
        return _signed(tokens, place)
    if token.kind == "band":
        return _suffixed(tokens, place)
    word = token.text.lower()
    if word in _TRANSLOCATION:
        return _translocation(tokens, place)
    if word in _LOSS | _GAIN | _AMPLIFICATION | _ISO | _SILENT:
        return _bracketed(tokens, place, word)
    if token.text == "(" or token.kind == "number":
        return _bare_pair(tokens, place)
    return None


def _inside(tokens: list[Token], place: int) -> tuple[str, int] | None:
    """Text in the parentheses that open at a token, and the place after them."""
    if place >= len(tokens) or tokens[place].text != "(":
        return None
    for here in range(place + 1, min(place + 16, len(tokens))):
        if tokens[here].text == ")":
            return "".join(token.text for token in tokens[place + 1 : here]), here + 1
        if tokens[here].text == "(":
            return None
    return None


def _signed(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """`+9`, `-13`, `+1q21`, `-16q23`."""
    before = tokens[place - 1] if place else None
    glued = before is not None and not tokens[place].spaced and before.kind != "mark"
    if glued or place + 1 >= len(tokens) or tokens[place + 1].spaced:
        return None
    subject = tokens[place + 1]
    probe = find_chromosome(subject.text) if subject.kind == "number" else None
    if subject.kind == "band" and place + 2 < len(tokens) and tokens[place + 2].text in ("-", "+"):
        return None
    if subject.kind == "band":
        probe = find_probe(subject.text)
    if subject.kind == "word" and subject.text.upper() in ("X", "Y"):
        return SILENT, place + 2
    if subject.kind == "word" and tokens[place].text == "+":  # a dash before a gene may be a list's
        counted = find_probe(subject.text)
        probe = counted if counted is not None and counted.gain else None
    if probe is None:
        return None
    kind = "gain" if tokens[place].text == "+" else "loss"
    return Named(kind, (Part(probe.name),), is_chromosome="chromosome" in probe.roles), place + 2


def _suffixed(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """`13q-`, `1q21+`, and bands whose span holds the target (`1q21q44`) are left to the subjects."""
    if place + 1 >= len(tokens):
        return None
    sign = tokens[place + 1]
    if sign.text not in ("-", "+") or sign.spaced:
        return None
    if place + 2 < len(tokens) and not tokens[place + 2].spaced and tokens[place + 2].kind != "mark":
        return None
    probe = find_probe(tokens[place].text)
    kind = "gain" if sign.text == "+" else "loss"
    return (Named(kind, (Part(probe.name),)) if probe else SILENT), place + 2


def _bracketed(tokens: list[Token], place: int, word: str) -> tuple[Named, int] | None:
    """`del(17p)`, `del(13)(q14)`, `dup(1)(q21q32)`, `del(TP53)`, `i(17q)`, `der(14)`."""
    content = _inside(tokens, place + 1)
    if content is None:
        return None
    if word in _SILENT:
        bands = _inside(tokens, content[1])
        after = bands[1] if bands and _BANDS.fullmatch(bands[0]) else content[1]
        return (SILENT, after) if _CHROMOSOMES.fullmatch(content[0]) else None
    kind = "loss" if word in _LOSS else "amplification" if word in _AMPLIFICATION else "gain"
    if content[0].isdigit():
        bands = _inside(tokens, content[1])
        if bands and _BANDS.fullmatch(bands[0]):
            return _spanned(kind, content[0], bands[0], iso=word in _ISO), bands[1]
    if word in _SPELLED:
        return None
    if word in _ISO:
        return (_iso(content[0]), content[1]) if _ONE.fullmatch(content[0]) else None
    probe = find_chromosome(content[0]) if content[0].isdigit() else find_probe(content[0])
    if probe is None:
        return None
    return Named(kind, (Part(probe.name),), is_chromosome="chromosome" in probe.roles), content[1]


def _spanned(kind: str, chrom: str, bands: str, *, iso: bool) -> Named:
    """A change with breakpoints: it covers what lies beyond one band, or between two of one arm."""
    found = _BAND.findall(bands)
    if iso and found:
        return _iso(chrom + found[0][0])
    arms = {arm.lower() for arm, _ in found}
    if len(arms) != 1:
        return SILENT
    numbers = sorted(99.0 if band.lower() == "ter" else float(band) for _, band in found)
    low = numbers[0]
    high = numbers[-1] if len(numbers) > 1 else 99.0
    if high == int(high):
        high += 0.99
    covered: dict[tuple[str, ...], Probe] = {}
    for probe in targets(chrom.lstrip("0"), arms.pop()):
        events = probe.loss if kind == "loss" else probe.gain
        if events and low <= band_number(probe.band) <= high:
            covered.setdefault(events, probe)
    return Named(kind, tuple(Part(probe.name) for probe in covered.values()))


def _iso(arm: str) -> Named:
    """An isochromosome: its arm is gained, the other lost; the one with an event is told."""
    chrom, which = arm[:-1], arm[-1:].lower()
    lost = find_probe(chrom + {"p": "q", "q": "p"}.get(which, ""))
    gained = find_probe(arm)
    if gained is not None and gained.gain:
        return Named("gain", (Part(gained.name),))
    return Named("loss", (Part(lost.name),)) if lost is not None and lost.loss else SILENT


def _translocation(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """`t(4;14)`, `t(11;14)(q13;q32)`, `t 4;14`, `translocation (14;16)`, `t(14q32)`."""
    content = _inside(tokens, place + 1)
    if content is None:
        return _derivative(tokens, place) or _unbracketed(tokens, place)
    if not _CHROMOSOMES.fullmatch(content[0]):
        return None
    bands = _inside(tokens, content[1])
    if bands and _BANDS.fullmatch(bands[0]):
        return _fusion(content[0], bands[0]), bands[1]
    return _fusion(content[0], ""), content[1]


def _derivative(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """`translocation derivative 14`: IGH is rearranged with a partner that is not named."""
    words = [token.text.lower() for token in tokens[place + 1 : place + 4]] + [""] * 3
    skip = 1 if words[1] in ("chromosome", "chr") else 0
    if words[0] not in ("derivative", "der") or not words[1 + skip].isdigit():
        return None
    return _unknown_partner(words[1 + skip], ""), place + 3 + skip


def _unbracketed(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    pair = [token.text for token in tokens[place + 1 : place + 4]]
    if len(pair) == 3 and pair[0].isdigit() and pair[2].isdigit() and pair[1] in (";", ":", "/"):
        return _fusion(f"{pair[0]};{pair[2]}", ""), place + 4
    return None


def _bare_pair(tokens: list[Token], place: int) -> tuple[Named, int] | None:
    """`(4;14)`, and `4;14` before the word translocation."""
    content = _inside(tokens, place)
    if content is not None and re.fullmatch(r"\d{1,2};\d{1,2}", content[0]):
        named = _fusion(content[0], "")
        return (named, content[1]) if named.events else None
    texts = [token.text.lower() for token in tokens[place : place + 4]]
    if (
        len(texts) == 4
        and texts[1] in (";", "/")
        and texts[3] in _TRANSLOCATION
        and texts[0].isdigit()
        and texts[2].isdigit()
    ):
        return _fusion(f"{texts[0]};{texts[2]}", ""), place + 4
    return None


@cache
def _partners() -> Mapping[str, tuple[Probe, ...]]:
    """Partner genes of IGH by chromosome, the usual one first."""
    found: dict[str, tuple[Probe, ...]] = {}
    for probe in probes().values():
        if "partner" in probe.roles and "region" not in probe.roles:
            found[probe.chrom] = (*found.get(probe.chrom, ()), probe)
    return found


def _fusion(chromosomes: str, bands: str) -> Named:
    """The event of a translocation, from its chromosomes and, where they are given, its bands."""
    parts = re.split(r"[;:,/]", chromosomes)
    named = [match.groups() for part in parts if (match := _ONE.fullmatch(part))]
    places = [(chrom.lstrip("0").upper(), (band or "").lower()) for chrom, band in named]
    given = re.split(r"[;:,]", bands) if bands else []
    if len(given) == len(places):
        places = [(chrom, band.lower() or old) for (chrom, old), band in zip(places, given, strict=True)]
    if len(places) == 1:
        return _unknown_partner(*places[0])
    if len(places) != 2:
        return MOVED
    if {places[0][0], places[1][0]} & {"V", "?"}:
        return _unknown_partner(*next((place for place in places if place[0] not in ("V", "?")), ("", "")))
    for donor, donor_band in (("14", "q32"), ("22", "q11"), ("2", "p1")):
        for here, there in ((places[0], places[1]), (places[1], places[0])):
            if here[0] == donor and _fits(here[1], donor_band):
                event = _partner_event(there, light=donor != "14", donor_stated=here[1] not in ("", "q"))
                if event is not None:
                    return event
    return MOVED


def _unknown_partner(chrom: str, band: str) -> Named:
    stated = chrom == "14" and _fits(band, "q32")
    return Named("fusion", (Part("IGH"),), ("igh_rearranged_partner_unknown",)) if stated else MOVED


def _fits(band: str, wanted: str) -> bool:
    """Whether a band as written may be the wanted one: nothing, an arm, a doubtful or a more exact form of it."""
    plain = band.replace("?", "").rstrip(".")
    return wanted.startswith(plain) or plain.startswith(wanted)


def _partner_event(partner: tuple[str, str], *, light: bool, donor_stated: bool) -> Named | None:
    chrom, band = partner
    candidates = _partners().get(chrom, ())
    fitting = [probe for probe in candidates if _near(band, probe)]
    if not fitting:
        other = donor_stated and not light
        return Named("fusion", (Part("IGH"),), ("igh_other",)) if other or (candidates and not light) else None
    exact = [probe for probe in fitting if band.count(".") and _fits(band, probe.band)]
    probe = (exact or fitting)[0]
    if not light:
        return Named("fusion", (Part(probe.name), Part("IGH")), (probe.fusion,))
    if probe.fusion == "myc_rearranged":
        return Named("fusion", (Part(probe.name),), ("myc_rearranged",))
    activated = ("maf_activated",) if probe.name in ("MAF", "MAFB") else ()
    return Named("fusion", (Part(probe.name),), ("igk_igl_partner", *activated))


def _near(band: str, probe: Probe) -> bool:
    plain = band.replace("?", "").rstrip(".")
    if plain in ("", probe.arm):
        return True
    if plain[:1] != probe.arm:
        return False
    if _fits(plain, probe.band) or _fits(plain.split(".")[0], probe.band):
        return True
    slack = NEAR_BANDS if probe.chrom in ("16", "20") else 0
    number = band_number(plain)
    return bool(number) and abs(int(number) - int(band_number(probe.band))) <= slack
