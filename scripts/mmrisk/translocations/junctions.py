"""Junctions of two breakends, as any caller reports them. Positions: bp, 0-based."""

from dataclasses import dataclass

from mmrisk.errors import InputError, Problem
from mmrisk.genome import chrom_lengths

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


def damaged(file: str, number: int, message: str) -> InputError:
    """The error for a line that cannot be read."""
    return InputError(Problem(file=file, row=number, message=message, remedy="is the file cut off or edited by hand?"))


def check_place(file: str, number: int, chrom: str, position: int, build: str) -> None:
    """Raise `InputError` for a position beyond its chromosome, naming the builds that would hold it.

    VCF lets a telomere lie one base outside on either side.
    """
    if -1 <= position <= chrom_lengths(build)[chrom]:
        return
    fits = [name for name in ("GRCh38", "GRCh37") if name != build and position < chrom_lengths(name)[chrom]]
    raise InputError(
        Problem(
            file=file,
            row=number,
            value=f"{chrom}:{position + 1}",
            message=f"lies beyond its chromosome in {build}",
            remedy=f"this position fits {fits[0]}" if fits else "check the build and the file",
        )
    )


def junction_of(one: Breakend, other: Breakend, **values: object) -> Junction:
    """A junction with its breakends in order."""
    first, second = sorted((one, other))
    return Junction(first=first, second=second, **values)  # type: ignore[arg-type]
