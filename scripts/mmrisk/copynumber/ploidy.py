"""Whole-chromosome calls: trisomies, hyperdiploidy, hypodiploidy, near-tetraploidy."""

from dataclasses import replace

from mmrisk.copynumber.clone_shares import Finding, judge, not_evaluable
from mmrisk.copynumber.profile import Doubling, Profile, threshold
from mmrisk.events import ODD_CHROMOSOMES, State
from mmrisk.genome import AUTOSOMES

DIPLOID_COUNT = 46


def extra_copies(profile: Profile, chrom: str) -> float:
    """Extra copies that more than 60 % of the callable, covered length of a chromosome reaches."""
    return profile.mostly(chrom, 1 - threshold("chromosome_share"))[0] - 2


def missing_copies(profile: Profile, chrom: str) -> float:
    """Missing copies that more than 60 % of the callable, covered length of a chromosome reaches."""
    return 2 - profile.mostly(chrom, threshold("chromosome_share"))[0]


def is_covered(profile: Profile, chrom: str) -> bool:
    """Whether enough of a chromosome is covered to speak of all of it."""
    return profile.covered(chrom) >= threshold("chromosome_covered")


def _judge_gain(profile: Profile, extra: float, chrom: str) -> Finding:
    firm = profile.sight.chromosome_gain_firm
    _, noise = profile.mostly(chrom, 1 - threshold("chromosome_share"))
    found = judge(extra, noise=noise, firm=firm, profile=profile)
    if profile.near_haploid and found.state == State.ABSENT:
        # two copies are a gain in a near-haploid genome, and four in its doubled clone
        return not_evaluable()
    return found


def trisomies(profile: Profile) -> dict[str, tuple[Finding, str]]:
    """Finding and detail for each odd chromosome."""
    found = {}
    for chrom in ODD_CHROMOSOMES:
        if not is_covered(profile, chrom):
            found[chrom] = (not_evaluable("not_covered"), f"chromosome {chrom} {profile.covered(chrom):.0%} covered")
            continue
        extra = extra_copies(profile, chrom)
        detail = f"chromosome {chrom} {2 + extra:.2f} copies over more than {threshold('chromosome_share'):.0%}"
        found[chrom] = (_judge_gain(profile, extra, chrom), detail)
    return found


def hyperdiploidy(profile: Profile, *, min_trisomies: int) -> tuple[Finding, int, str]:
    """Finding, number of gained odd chromosomes, and their list.

    The clone that counts has `min_trisomies` gains: its share is that of the gain in this place, counted from the most
    gained chromosome down. The limit of a negative is that of the chromosomes in which so many gains could hide best.
    """
    tested = [chrom for chrom in ODD_CHROMOSOMES if is_covered(profile, chrom)]
    if len(tested) < max(threshold("hyperdiploid_tested"), min_trisomies):
        return not_evaluable("not_covered"), 0, f"{len(tested)} of {len(ODD_CHROMOSOMES)} odd chromosomes covered"
    extra = {chrom: extra_copies(profile, chrom) for chrom in tested}
    deciding = sorted(tested, key=extra.__getitem__, reverse=True)[min_trisomies - 1]
    judged = {chrom: _judge_gain(profile, extra[chrom], chrom) for chrom in tested}
    finding = judged[deciding]
    gained = [chrom for chrom in tested if judged[chrom].state == State.PRESENT]
    if finding.state == State.ABSENT:
        hidden = min_trisomies - len(gained) - (len(ODD_CHROMOSOMES) - len(tested))
        limits = sorted((item.limit for item in judged.values() if item.limit is not None), reverse=True)
        finding = replace(finding, limit=limits[hidden - 1]) if hidden > 0 else not_evaluable("not_covered")
    if finding.state == State.PRESENT and len(gained) == 2:
        finding = replace(finding, warnings=("two_trisomies_only",))
    return finding, len(gained), f"gained {', '.join(gained) or 'none'} of {len(tested)} tested odd chromosomes"


def hypodiploidy(profile: Profile) -> tuple[Finding, str]:
    """Finding and detail: fewer than 45 chromosomes, from whole autosomes lost and gained.

    A sex chromosome may be lost besides, so one autosome too few leaves it open.
    """
    uncovered = [chrom for chrom in AUTOSOMES if not is_covered(profile, chrom)]
    if uncovered:
        return not_evaluable("not_covered"), f"not covered: {', '.join(uncovered)}"
    if profile.doubling == Doubling.SHOWN:
        return not_evaluable(), "the genome is doubled: its chromosomes cannot be counted"
    firm = profile.sight.loss_firm
    missing = {chrom: missing_copies(profile, chrom) for chrom in AUTOSOMES}
    lost = [chrom for chrom in AUTOSOMES if missing[chrom] >= threshold("loss_firm")]
    gained = sum(_gained_copies(profile, chrom) for chrom in AUTOSOMES)
    count = DIPLOID_COUNT - len(lost) + gained
    detail = f"about {count} chromosomes: lost {', '.join(lost) or 'none'}; {gained} gained"
    if count == DIPLOID_COUNT - 1:
        return not_evaluable(), detail
    # two losses more than gains make 44
    deciding = sorted(AUTOSOMES, key=missing.__getitem__, reverse=True)[min(gained + 1, len(AUTOSOMES) - 1)]
    deviation = missing[deciding] if count < DIPLOID_COUNT else 0.0
    _, noise = profile.mostly(deciding, threshold("chromosome_share"))
    return judge(deviation, noise=noise, firm=firm, profile=profile), detail


def _gained_copies(profile: Profile, chrom: str) -> int:
    """Whole copies of a chromosome gained in most tumour cells, or one that is gained in some."""
    extra = extra_copies(profile, chrom)
    return 0 if extra < threshold("chromosome_gain_firm") else max(1, round(extra))


def near_tetraploidy(profile: Profile) -> tuple[Finding, str]:
    """Finding and detail. A genome and its exact double look the same, so absence cannot be shown."""
    if profile.doubling == Doubling.SHOWN:
        said = f"baseline {profile.baseline:.2f} copies, odd copy numbers in all tumour cells"
        return Finding(State.PRESENT), profile.doubling_detail or said
    if profile.doubling == Doubling.UNCLEAR:
        detail = (
            f"baseline {profile.baseline:.2f} copies, but no copy number that a genome of half the size would not have"
        )
        return not_evaluable(), profile.doubling_detail or detail
    return not_evaluable(), "copy number cannot tell a genome from its exact double"
