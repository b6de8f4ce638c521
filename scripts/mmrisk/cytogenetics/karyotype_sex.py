"""Sex chromosomes of a karyotype against the sex that the samples sheet gives: a first sign of exchanged samples."""

from mmrisk.cytogenetics.karyotype_parser import parse_karyotype
from mmrisk.cytogenetics.reports import find_parts


def sex_by_karyotype(text: str, method: str) -> str | None:
    """F or M by the sex chromosomes of a report's karyotypes; None where they leave it open.

    Any Y is a man's. Only XX, and no clone that lost a Y, is a woman's; cells of a donor tell nothing of the patient.
    """
    clones = [
        clone
        for kind, start, end in find_parts(text, method)
        if kind == "karyotype"
        for clone in parse_karyotype(text[start:end]).clones
    ]
    if any(clone.donor for clone in clones) or "//" in text:
        return None
    letters = {clone.sex for clone in clones if clone.sex}
    if any("Y" in sex for sex in letters):
        return "M"
    lost = any("Y" in str(abnormality) for clone in clones for abnormality in clone.abnormalities)
    return "F" if letters and not lost and all(set(sex) == {"X"} and len(sex) > 1 for sex in letters) else None


def sex_mismatch(text: str, method: str, sex: str | None) -> str | None:
    """What to say where the samples sheet's sex is not that of the karyotype; None where nothing contradicts."""
    seen = sex_by_karyotype(text, method) if sex else None
    if seen is None or seen == sex:
        return None
    return f"sex mismatch: the sheet says {sex}, the karyotype is that of {seen}; is it the right sample?"
