"""Fragments for and against a junction, as each caller writes them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fragments:
    """Fragments that support the junction and the reference; None where the file does not say."""

    alternative: int | None = None
    reference: int | None = None


def count_fragments(sample: Mapping[str, str], info: Mapping[str, str]) -> Fragments:
    """Fragments of one record from its sample column (FORMAT name -> value), or from INFO where there is none.

    Manta: PR and SR as reference,alternative. DELLY: DR, DV, RR, RV. GRIDSS: VF, REF, REFPAIR. SvABA: AD of DP.
    LUMPY: SU.
    """
    if any("," in sample.get(name, "") for name in ("PR", "SR")):
        pairs = [_pair(sample.get(name, "")) for name in ("PR", "SR")]
        return Fragments(sum(pair[1] for pair in pairs), sum(pair[0] for pair in pairs))
    if "DV" in sample or "RV" in sample:
        counts = {name: _whole(sample.get(name)) or 0 for name in ("DR", "DV", "RR", "RV")}
        return Fragments(counts["DV"] + counts["RV"], counts["DR"] + counts["RR"])
    if (supporting := _whole(sample.get("VF"))) is not None:
        return Fragments(supporting, (_whole(sample.get("REF")) or 0) + (_whole(sample.get("REFPAIR")) or 0))
    if (supporting := _whole(sample.get("SU"))) is not None:
        return Fragments(supporting)
    if (supporting := _whole(sample.get("AD"))) is not None:
        depth = _whole(sample.get("DP"))
        return Fragments(supporting, None if depth is None else max(0, depth - supporting))
    counted = [count for count in (_whole(info.get("PE")), _whole(info.get("SR"))) if count is not None]
    return Fragments(sum(counted)) if counted else Fragments()


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _pair(text: str) -> tuple[int, int]:
    reference, _, alternative = text.partition(",")
    return _whole(reference) or 0, _whole(alternative) or 0
