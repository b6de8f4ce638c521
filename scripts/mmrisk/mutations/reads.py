"""Reads with and without an allele, as the usual callers count them in the sample columns of a VCF."""

from collections.abc import Mapping


def count_reads(
    fields: Mapping[str, str], *, reference: str, alternative: str, number: int
) -> tuple[int | None, int | None]:
    """Reads with the alternative (its `number` from 0), and reads in all; None where the file does not count them.

    Understands AD, AO and RO (freebayes), RD and AD (VarScan), AU to TU and TIR/TAR (Strelka), and AF with DP.
    """
    depths = _numbers(fields.get("AD", ""))
    if "RD" in fields and len(depths) == 1:
        depths = [*_numbers(fields["RD"]), depths[0]]
    if len(depths) > number + 1:
        total = sum(depths)
        return depths[number + 1], max(total, _number(fields.get("DP")) or 0) if total else _number(fields.get("DP"))
    observed = _numbers(fields.get("AO", ""))
    if len(observed) > number:
        return observed[number], (_number(fields.get("RO")) or 0) + sum(observed)
    if f"{alternative}U" in fields and f"{reference}U" in fields:
        alt, ref = (_numbers(fields[f"{base}U"]) for base in (alternative, reference))
        return (alt[0], alt[0] + ref[0]) if alt and ref else (None, None)
    if "TIR" in fields and "TAR" in fields:
        alt, ref = _numbers(fields["TIR"]), _numbers(fields["TAR"])
        return (alt[0], alt[0] + ref[0]) if alt and ref else (None, None)
    shares, depth = fields.get("AF", "").split(","), _number(fields.get("DP"))
    if depth and len(shares) > number:
        try:
            share = float(shares[number])
        except ValueError:
            return None, depth
        return (round(share * depth), depth) if 0 <= share <= 1 else (None, depth)
    return None, depth


def carries(fields: Mapping[str, str], number: int) -> bool | None:
    """Whether a genotype holds the alternative (its `number` from 0); None where there is no genotype."""
    genotype = fields.get("GT", "").replace("|", "/").split("/")
    if all(allele in (".", "") for allele in genotype):
        return None
    return str(number + 1) in genotype


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    return [int(part) for part in parts] if all(part.isdigit() for part in parts) else []


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
