"""From the share of reads with a variant to the share of tumour cells, by purity and copies of the gene."""

from dataclasses import dataclass

from mmrisk.events import binomial_interval
from mmrisk.mutations.variant import threshold

DIPLOID = 2.0


@dataclass(frozen=True, slots=True)
class CloneShare:
    """Share of cells with its 95 % bounds, the cells it counts, and whether tumour cells keep a copy without it."""

    fraction: float | None
    low: float | None
    high: float | None
    basis: str
    wild_type_lost: bool = False


def clone_share(
    alt_reads: int, depth: int, *, purity: float | None, copies: float | None = None, diluted: bool = False
) -> CloneShare:
    """Share of cells with a variant.

    With a purity: reads with the variant per tumour cell, `u = share * (purity * copies + 2 * (1 - purity)) / purity`,
    come from one copy where u <= 1; more means that several copies have it, and then all tumour cells do. `copies` are
    those of a tumour cell, two where they are not known. Without a purity the share is that of the cells in the tube,
    one of two copies taken to have it; at the least, where all copies have it, it is the share of reads. In `diluted`
    (unselected) material only that least share is known.
    """
    share, (low, high) = alt_reads / depth, binomial_interval(alt_reads, depth)
    if purity is None:
        if diluted:
            return CloneShare(None, low, None, "all_nuclei")
        return CloneShare(min(1.0, 2 * share), low, min(1.0, 2 * high), "sorted_pc")
    per_cell = (purity * (DIPLOID if copies is None else copies) + DIPLOID * (1 - purity)) / purity
    left = (DIPLOID if copies is None else copies) - low * per_cell
    cells = [min(1.0, value * per_cell) for value in (share, low, high)]
    return CloneShare(cells[0], cells[1], cells[2], "tumour_cells", left < threshold("wild_type_left"))


def share_limit(share: float, *, purity: float | None, copies: float | None = None) -> float:
    """Smallest share of cells behind the smallest share of reads that is seen, one copy having the variant."""
    if purity is None:
        return min(1.0, 2 * share)
    return min(1.0, share * (purity * (DIPLOID if copies is None else copies) + DIPLOID * (1 - purity)) / purity)
