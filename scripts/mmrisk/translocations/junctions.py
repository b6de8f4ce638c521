"""Junctions of two breakends, as any caller reports them. Positions: bp, 0-based."""

from dataclasses import dataclass

UNFILTERED = "."


@dataclass(frozen=True, slots=True, order=True)
class Breakend:
    """One side of a junction: 0-based position, and `+` where the sequence on its left is kept, `-` on its right."""

    chrom: str
    position: int
    strand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """Two breakends, the lower first, with fragments that support it and the reference (None where unknown)."""

    first: Breakend
    second: Breakend
    caller: str
    fragments: int | None = None
    reference: int | None = None
    filters: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the caller's filters let it through; a file without filters lets all through."""
        return all(name == UNFILTERED for name in self.filters)

    @property
    def ends(self) -> tuple[Breakend, Breakend]:
        """Both breakends."""
        return self.first, self.second


@dataclass(frozen=True, slots=True)
class VariantFile:
    """Junctions of a file, the chromosomes that its header declares (none where it declares nothing), and notes."""

    junctions: tuple[Junction, ...]
    caller: str
    chromosomes: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def junction_of(one: Breakend, other: Breakend, **values: object) -> Junction:
    """A junction with its breakends in order."""
    first, second = sorted((one, other))
    return Junction(first=first, second=second, **values)  # type: ignore[arg-type]
