"""How many mutations of one gene were seen: one that is described in several ways is one."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from mmrisk.genome import loci
from mmrisk.observations import Observation
from mmrisk.resource import facts

PLACE = re.compile(r"[^:]+:(\d+)-(\d+)")


def distinct_mutations(seen: Iterable[Observation], *, gene: str) -> list[Observation]:
    """One observation of each mutation that surely differs from the others, the largest clone of those that may not.

    Mutations within some bases of each other may be one: a change of several bases that was written as two, or an indel
    that another caller aligned otherwise. Those of two builds are compared by their place in the gene. A mutation
    without a place may be any of the others, so it is left out beside them.
    """
    placed = [(place, item) for item in seen if (place := _place(item, gene)) is not None]
    groups: list[list[Observation]] = []
    reached = 0
    for (start, end), item in sorted(placed, key=lambda pair: (pair[0], pair[1].evidence_id)):
        if not groups or start - reached > _span():
            groups.append([])
        groups[-1].append(item)
        reached = max(reached, end)
    return [max(group, key=lambda item: item.fraction_low or 0.0) for group in groups]


def least_overlap(seen: Sequence[Observation]) -> float:
    """Share of cells in which the two largest clones lie together, at the least."""
    least = sorted((item.in_tumour_cells(item.fraction_low) or 0.0 for item in seen), reverse=True)
    return sum(least[:2]) - 1


@cache
def _span() -> int:
    return next(int(row["value"]) for row in facts("mutation_thresholds.tsv") if row["name"] == "one_mutation_span")


def _place(item: Observation, gene: str) -> tuple[int, int] | None:
    """Bases that change, from the start of the gene (0-based half-open)."""
    match = PLACE.fullmatch(item.locus)
    known = loci(item.build, "gene") if item.build in ("GRCh38", "GRCh37") else {}
    if not match or gene not in known:
        return None
    start = known[gene].span.start
    return int(match[1]) - start, int(match[2]) - start
