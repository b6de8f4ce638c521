"""From fragments for and against a junction to the share of tumour cells that carry it."""

import math
from dataclasses import dataclass

Z_95 = 1.959964
"""Standard deviations of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


def allele_share(fragments: int, reference: int, *, derivatives: int = 1) -> Share:
    """Share of the copies of the breakpoint that are rearranged.

    `fragments` are those of all `derivatives` seen together, each of which is as common as the rearranged copy, while
    `reference` fragments of unbroken copies are counted once.
    """
    scored = fragments + reference
    low, high = wilson_interval(fragments, scored)

    def of(share: float) -> float:
        return share / (share + derivatives * (1 - share))

    return Share(of(fragments / scored), of(low), of(high))


def wilson_interval(count: int, scored: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (1927, 10.1080/01621459.1927.10502953)."""
    share, spread = count / scored, Z_95**2 / scored
    middle = share + spread / 2
    half = Z_95 * math.sqrt(share * (1 - share) / scored + spread / (4 * scored))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # rounding must not leave the share outside


def clone_share(allele: Share, *, purity: float, copies: float = 2.0, span: tuple[float, float] | None = None) -> Share:
    """Share of tumour cells, one of whose `copies` is rearranged: allele share x copies in the material / purity.

    `span` are the ends of a purity that was fitted: they widen the share.
    """
    material = purity * copies + (1 - purity) * 2
    least, most = span or (purity, purity)
    pairs = ((allele.value, purity), (allele.low, most), (allele.high, least))
    value, low, high = (min(1.0, share * material / of) for share, of in pairs)
    return Share(value, low, high)


def share_columns(
    fragments: int | None,
    reference: int | None,
    purity: float | None,
    *,
    derivatives: int = 1,
    copies: float = 2.0,
    span: tuple[float, float] | None = None,
) -> dict[str, object]:
    """Columns of evidence on the share of cells. Without the purity only the least that it can be is known."""
    if not fragments or reference is None:
        return {}
    allele = allele_share(fragments, reference, derivatives=derivatives)
    counts: dict[str, object] = {"n_abnormal": fragments, "n_scored": fragments + reference}
    if purity is None:
        return {**counts, "fraction_basis": "reads", "fraction_low": min(1.0, 2 * allele.low)}
    clone = clone_share(allele, purity=purity, copies=copies, span=span)
    return {
        **counts,
        "fraction_basis": "tumour_cells",
        "fraction": clone.value,
        "fraction_low": clone.low,
        "fraction_high": clone.high,
    }
