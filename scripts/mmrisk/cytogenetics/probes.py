"""The dictionary of FISH probes, bands and chromosomes: which events their signals speak of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from mmrisk.resource import facts

_CLONE = re.compile(r"(?:RP|CTD|CTB|CTC|WI2|G248P|BAC|LL)[\d-]{0,4}[A-Z0-9-]{3,20}|\d{1,4}[A-Z]\d{1,2}")
_GENE = re.compile(r"[A-Z]{3,5}\d[A-Z]?|[A-Z]{2}\d\d|[A-Z]{3,4}\d[A-Z]\d?")
SHORTEST_MISTYPED = 4
_EXACT_BAND = re.compile(r"((?:\d{1,2}|[XY])[pq]\d{1,2})\.[\dpq.-]{1,12}", re.IGNORECASE)
_BRANDS = ("LSI", "XL", "VYSIS", "CYTOCELL", "TELVYSION")
_NAME = re.compile(r"[^A-Z0-9Α-Ω]")


@dataclass(frozen=True, slots=True)
class Probe:
    """One subject of FISH: a probe, or a band, arm or chromosome named instead of one.

    `gain` and `loss` are the events that more and fewer signals than the baseline speak of, `fusion` that of a fusion
    with IGH, `split` that of split signals; normal signals leave the events in `cannot_exclude` open.
    """

    name: str
    chrom: str
    band: str
    roles: frozenset[str]
    gain: tuple[str, ...]
    loss: tuple[str, ...]
    fusion: str
    split: str
    cannot_exclude: frozenset[str]

    @property
    def arm(self) -> str:
        """`p` or `q`; empty for centromeres and whole chromosomes."""
        return self.band[:1] if self.band[:1] in ("p", "q") else ""

    @property
    def events(self) -> tuple[str, ...]:
        """All events that the probe speaks of."""
        return tuple(dict.fromkeys(filter(None, (*self.gain, *self.loss, self.fusion, self.split))))


@cache
def probes() -> Mapping[str, Probe]:
    """All probes by canonical name."""
    return {row["name"]: _probe(row) for row in facts("probes.tsv")}


def _probe(row: Mapping[str, str]) -> Probe:
    def values(column: str) -> tuple[str, ...]:
        return tuple(filter(None, row[column].split(";")))

    return Probe(
        name=row["name"],
        chrom=row["chrom"],
        band=row["band"],
        roles=frozenset(values("role")),
        gain=values("gain"),
        loss=values("loss"),
        fusion=row["fusion"],
        split=row["split"],
        cannot_exclude=frozenset(values("cannot_exclude")),
    )


def key(name: str) -> str:
    """What two spellings of one name share: no case, blanks, hyphens or `@`, and zero for the letter O."""
    return _NAME.sub("", name.upper()).replace("O", "0")


@cache
def _by_key() -> Mapping[str, Probe]:
    found = {}
    for row in facts("probes.tsv"):
        for name in (row["name"], *filter(None, row["aliases"].split(";"))):
            found[key(name)] = probes()[row["name"]]
    return found


@lru_cache(maxsize=65536)
def find_probe(name: str) -> Probe | None:
    """The probe of a name however it is spelled (`IGH@`, `D13 S319`, `c-maf`, `LSI 13`, `FGRF3`), or None."""
    return find_spelled(name) or _mistyped(key(name))


@lru_cache(maxsize=65536)
def find_spelled(name: str) -> Probe | None:
    """The probe of a name that is spelled in one of the ways of the dictionary, without slips of the keyboard."""
    known, wanted = _by_key(), key(name)
    found = known.get(wanted)
    if found is None and (band := _EXACT_BAND.fullmatch(name)):
        found = known.get(key(band.group(1)))
    if found is None:
        brand = next((brand for brand in _BRANDS if wanted.startswith(brand) and wanted != brand), None)
        found = known.get(wanted.removeprefix(brand)) if brand else None
    return found


@cache
def _one_short() -> Mapping[str, frozenset[Probe]]:
    """Genes by their names with one letter left out."""
    found: dict[str, frozenset[Probe]] = {}
    for probe in probes().values():
        if _GENE.fullmatch(key(probe.name)):
            for name in _one_letter_less(key(probe.name)):
                found[name] = found.get(name, frozenset()) | {probe}
    return found


def _mistyped(wanted: str) -> Probe | None:
    """The gene that a name with digits is one slip of the keyboard away from, if it is one gene only.

    A letter too few, too many, or two letters in the wrong order; a digit is never a slip, since FGFR1 is not FGFR3.
    """
    if not _GENE.fullmatch(wanted) or len(wanted) < SHORTEST_MISTYPED:
        return None
    digits = [char for char in wanted if char.isdigit()]
    turned = {wanted[:at] + wanted[at + 1] + wanted[at] + wanted[at + 2 :] for at in range(len(wanted) - 1)}
    names = {name for name in turned | _one_letter_less(wanted) if [char for char in name if char.isdigit()] == digits}
    near = _one_short().get(wanted, frozenset()) | {
        probe for name in names if (probe := probes().get(name)) is not None
    }
    return next(iter(near)) if len(near) == 1 else None


def _one_letter_less(name: str) -> set[str]:
    """Names with one letter left out; the X before a digit stays, since `DLEUx1` is a count."""
    return {
        name[:at] + name[at + 1 :]
        for at in range(len(name))
        if not name[at].isdigit() and not (name[at] == "X" and name[at + 1 : at + 2].isdigit())
    }


def find_chromosome(number: str) -> Probe | None:
    """The whole chromosome as a subject: `9`, `X`."""
    return probes().get(f"chromosome {number.upper().lstrip('0')}")


@lru_cache(maxsize=4096)
def is_clone_name(name: str) -> bool:
    """Whether a name is that of a BAC clone (`RP11-572O17`), read without an event."""
    return _CLONE.fullmatch(name.upper().replace(" ", "")) is not None


def order(name: str) -> tuple[int, int, float, str]:
    """Sort key from pter to qter of chromosomes 1 to 22, X, Y; names that are not known come last."""
    probe = probes().get(name)
    if probe is None:
        return 99, 0, 0.0, name
    chrom = {"X": 23, "Y": 24}.get(probe.chrom) or int(probe.chrom)
    number = band_number(probe.band)
    if probe.arm == "p":
        return chrom, 0, -number, name
    return chrom, 2 if probe.arm == "q" else 1, number, name


def band_number(band: str) -> float:
    """The number of a band (`q14.3`: 14.3), 0 for a bare arm or centromere; it grows towards the end of the arm."""
    digits = band[1:] if band[:1] in ("p", "q") else ""
    return float(digits) if re.fullmatch(r"\d{1,2}(?:\.\d{1,2})?", digits) else 0.0


@cache
def targets(chrom: str, arm: str) -> tuple[Probe, ...]:
    """Probes with an event of gain or loss on one arm, to see what a deletion or duplication with bands covers."""
    return tuple(
        probe
        for probe in probes().values()
        if probe.chrom == chrom and probe.arm == arm and "copy" in probe.roles and (probe.gain or probe.loss)
    )
