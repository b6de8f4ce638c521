"""From the share of reads with a variant to the share of tumour cells, by purity and copies of the gene."""

from dataclasses import dataclass

from mmrisk.events import binomial_interval
from mmrisk.mutations.variant import threshold

DIPLOID = 2.0


@dataclass(frozen=True, slots=True)
class CloneShare:
    """Share of cells with its 95 % bounds, the cells it counts, and whether tumour cells keep a copy without it.

    `looks_inherited`: they would not if the variant were of the tumour, but an inherited one would show the same.
    """

    fraction: float | None
    low: float | None
    high: float | None
    basis: str
    wild_type_lost: bool = False
    looks_inherited: bool = False


def clone_share(
    alt_reads: int,
    depth: int,
    *,
    purity: float | None,
    copies: float | None = None,
    basis: str = "sorted_pc",
    somatic: bool = False,
) -> CloneShare:
    """Share of cells with a variant.

    With a purity: reads with the variant per tumour cell, `u = share * (purity * copies + 2 * (1 - purity)) / purity`,
    come from one copy where u <= 1; more means that several copies have it, and then all tumour cells do. `copies` are
    those of a tumour cell, two where they are not known. Without a purity the share is that of the cells in the tube,
    one of two copies taken to have it; at the least, where all copies have it, it is the share of reads. Where
    `basis` is not `sorted_pc` (cells not selected, or not known to be) only that least share is known. No copy without
    the variant is left only where neither an inherited one (unless it is known to be `somatic`) nor, where the copies
    are not known, a gain explains as many reads.
    """
    share, (low, high) = alt_reads / depth, binomial_interval(alt_reads, depth)
    if purity is None:
        if basis != "sorted_pc":
            return CloneShare(None, low, None, basis)
        return CloneShare(min(1.0, 2 * share), low, min(1.0, 2 * high), "sorted_pc")
    in_tumour = DIPLOID if copies is None else copies
    per_cell = (purity * in_tumour + DIPLOID * (1 - purity)) / purity
    cells = [min(1.0, value * per_cell) for value in (share, low, high)]
    lost = in_tumour - low * per_cell < threshold("wild_type_left")
    inherited = lost and not somatic and low <= _kept_share(purity, copies, inherited=True)
    gained = copies is None and low <= _kept_share(purity, copies, inherited=False)
    return CloneShare(cells[0], cells[1], cells[2], "tumour_cells", lost and not inherited and not gained, inherited)


def _kept_share(purity: float, copies: float | None, *, inherited: bool) -> float:
    """Largest share of reads of a variant while tumour cells keep a copy without it.

    An inherited variant lies on one of two copies of all other cells. Where the copies are not known, a gain of the
    mutated copy may stand behind the share, which for an inherited one is largest in pure cells.
    """
    if copies is None:
        purity, copies = (1.0 if inherited else purity), DIPLOID + 1
    others = (1 - purity) if inherited else 0.0
    return (purity * max(0.0, copies - 1) + others) / (purity * copies + DIPLOID * (1 - purity))


def share_limit(share: float, *, purity: float | None, copies: float | None = None) -> float:
    """Smallest share of cells behind the smallest share of reads that is seen, one copy having the variant."""
    if purity is None:
        return min(1.0, 2 * share)
    return min(1.0, share * (purity * (DIPLOID if copies is None else copies) + DIPLOID * (1 - purity)) / purity)
