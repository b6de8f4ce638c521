"""What allele shares add to depth: doubled genomes, purity of genomes that depth leaves flat, gain or amplification."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mmrisk.assays import AssayFile
from mmrisk.copynumber.calls import Assay, call_sample
from mmrisk.copynumber.read_calls import called
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.events import State
from mmrisk.genome import AUTOSOMES, arms
from mmrisk.mutations.clone_share import clone_share
from mmrisk.mutations.material import material_of
from mmrisk.simulate.bins import simulate_bins, simulate_sites
from mmrisk.simulate.truth import Change, Library, Truth, place_of

BUILD = "GRCh38"
GENOME = (*AUTOSOMES, "X")
LIBRARY = Library(wave=0.005, arm_bias=0.003)
ASSAY = Assay(sample_id="S", assay_id="a", source="wgs", method="reads_sampled")


def change(place, copies, minor, fraction=1.0):
    return Change(place_of(place, BUILD), copies, minor, fraction)


def doubled(changed):
    """Every arm at four copies, two of each allele, but for those of `changed` (copies and lesser allele by arm)."""
    copies = {arm: (4, 2) for arm, span in arms(BUILD).items() if span.chrom in GENOME} | changed
    return tuple(change(arm, *own) for arm, own in copies.items())


def gains(*chroms, fraction=1.0):
    return tuple(change(chrom, 3, 1, fraction) for chrom in chroms)


ODD_LOSSES = {"1p": (3, 1), "4p": (3, 1), "8p": (3, 1), "8q": (3, 1), "14q": (3, 1), "7q": (5, 2)}
LOST_BEFORE = {"13q": (2, 0), "16q": (2, 0), "17p": (2, 0)}
ODD = ("3", "5", "9", "11", "15", "19")


@dataclass(frozen=True)
class Called:
    fitted: object
    events: dict

    @property
    def purity(self):
        return self.fitted.purity


def call(changes, purity, *, given=None, alleles=True, seed=5):
    truth = Truth(depth=0.5, purity=purity, chromosomes=GENOME, changes=changes, seed=seed, library=LIBRARY)
    sites = simulate_sites(truth, depth=30, least=3) if alleles else None
    fitted = fit_counts(simulate_bins(truth), purity=given, sites=sites)
    return Called(fitted, {item.event: item for item in call_sample(fitted.profile, assay=ASSAY)})


@pytest.mark.parametrize("seed", [5, 6])
def test_a_known_purity_and_lost_alleles_tell_a_doubled_genome_that_depth_alone_cannot_fit(seed):
    changes = doubled(ODD_LOSSES | LOST_BEFORE)
    by_depth = call(changes, 0.6, given=0.6, alleles=False, seed=seed)
    assert by_depth.purity.unaltered == 2
    assert by_depth.events["near_tetraploid"].state == State.NOT_EVALUABLE
    found = call(changes, 0.6, given=0.6, seed=seed)
    assert (found.purity.value, found.purity.unaltered) == (0.6, 4)
    assert found.purity.fits[0].ploidy == pytest.approx(3.8, abs=0.2)
    assert any(fit.ploidy < 2.6 for fit in found.purity.fits[1:])
    assert found.events["near_tetraploid"].state == State.PRESENT
    assert "alleles known over" in found.events["near_tetraploid"].detail
    lost = found.events["del_1p32"]
    # one of four copies in all cells; in a plain genome it would be one of two in half of them
    assert (lost.state, lost.copies, lost.fraction_low <= 0.5) == (State.PRESENT, 3, True)
    assert lost.fraction == pytest.approx(1.0, abs=0.06)
    assert found.events["biallelic_del_1p32"].state == State.ABSENT
    assert found.events["del_17p"].copies == 2
    assert "doubled_genome" in lost.warnings


def test_six_of_four_copies_are_a_gain_and_no_amplification():
    found = call(doubled(ODD_LOSSES | LOST_BEFORE | {"1q": (6, 2)}), 0.6, given=0.6).events
    assert (found["gain_1q21"].state, found["gain_1q21"].copies) == (State.PRESENT, 6)
    assert found["amp_1q21"].state == State.ABSENT
    assert found["amp_1q21"].detection_limit >= 0.5


@pytest.mark.parametrize(("share", "purity"), [(0.57, 0.5), (0.44, 0.7), (0.45, 0.9)])
def test_a_subclone_of_nearly_half_the_cells_makes_no_doubled_genome(share, purity):
    lost = (change(place, 1, 0, share) for place in ("1p", "13", "14", "6q"))
    found = call((*gains("3", "5", "7", "11"), change("8p", 1, 0), change("1q", 3, 1), *lost), purity)
    assert found.purity.unaltered == 2
    assert found.purity.value is None or found.purity.value == pytest.approx(purity, abs=0.03)
    assert found.events["amp_1q21"].state != State.PRESENT


@pytest.mark.parametrize(
    ("changed", "purity", "given"),
    [
        (ODD_LOSSES | LOST_BEFORE, 0.9, None),
        (ODD_LOSSES | LOST_BEFORE, 0.6, None),
        (ODD_LOSSES, 0.9, None),
        (ODD_LOSSES, 0.9, 0.9),
        (ODD_LOSSES, 0.6, 0.6),
    ],
)
def test_otherwise_it_may_be_a_plain_one_with_a_clone_and_the_doubled_fit_is_listed(changed, purity, given):
    found = call(doubled(changed), purity, given=given)
    assert found.purity.unaltered == 2
    assert any(f.ploidy > 3.5 and f.purity == pytest.approx(purity, abs=0.03) for f in found.purity.fits)
    assert found.events["near_tetraploid"].state == State.NOT_EVALUABLE
    assert "del_1p32" in found.events


PLAIN = {
    "diploid": (),
    "hyperdiploid": gains(*ODD),
    "hyperdiploid with losses": (*gains(*ODD), change("13", 1, 0), change("17p", 1, 0)),
    "trisomies in half of the cells": (*gains(*ODD, fraction=0.5), change("13", 1, 0), change("16q", 1, 0)),
    "a clone of 70 % that lost three chromosomes": (
        *gains(*ODD), *(change(chrom, 1, 0, 0.7) for chrom in ("13", "14", "8p")),
    ),
}  # fmt: skip


def lost(*places, fraction):
    return tuple(change(place, 1, 0, fraction) for place in places)


HALF_LOST = {
    "one clone of half the cells that lost five": (
        0.8, (change("1q", 3, 1), change("16q", 1, 0), *lost("13", "14", "8p", "6q", "17p", fraction=0.5))
    ),
    "hyperdiploid, half of the cells lost four": (
        0.9, (*gains(*ODD), change("16q", 1, 0), *lost("13", "14", "8p", "6q", fraction=0.5))
    ),
    "hyperdiploid, 45 % lost four": (
        0.9, (*gains(*ODD), change("16q", 1, 0), *lost("13", "14", "8p", "6q", fraction=0.45))
    ),
    "a clone of 60 % that lost four": (
        0.85, (change("1q", 3, 1), change("14", 1, 0), *lost("13", "8p", "16q", "6q", fraction=0.6))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(("purity", "given"), [(0.9, None), (0.9, 0.9), (0.45, None)])
def test_plain_genomes_stay_plain(name, purity, given):
    found = call(PLAIN[name], purity, given=given)
    assert found.purity.unaltered == 2
    assert found.events["near_tetraploid"].state == State.NOT_EVALUABLE
    if given is None and name in ("diploid", "trisomies in half of the cells"):
        assert found.purity.value is None
    else:
        assert found.purity.value == pytest.approx(purity, abs=0.02)


@pytest.mark.parametrize("seed", [2, 5, 6])
@pytest.mark.parametrize("known", [False, True], ids=["fitted", "given"])
@pytest.mark.parametrize("name", HALF_LOST)
def test_a_clone_that_lost_several_chromosomes_makes_no_doubled_genome(name, known, seed):
    purity, changes = HALF_LOST[name]
    found = call(changes, purity, given=purity if known else None, seed=seed)
    assert found.purity.unaltered == 2
    assert found.events["near_tetraploid"].state == State.NOT_EVALUABLE
    assert found.events["amp_1q21"].state != State.PRESENT
    partly = found.events["del_13q"]
    assert partly.fraction is None or partly.fraction < 0.75
    if found.purity.value is not None:
        assert found.purity.value == pytest.approx(purity, abs=0.05)


def test_a_purity_that_is_nearly_one_does_not_tell_a_doubled_genome_from_half_a_clone():
    changes = HALF_LOST["one clone of half the cells that lost five"][1]
    found = call(changes, 0.95, given=0.95)
    assert found.events["near_tetraploid"].state == State.NOT_EVALUABLE
    assert (found.events["amp_1q21"].state, found.events["gain_1q21"].copies) == (State.ABSENT, 3)
    assert found.events["del_17p"].fraction == pytest.approx(0.5, abs=0.06)


def test_a_subclone_of_half_the_cells_may_be_one_of_four_copies_and_is_said_to_be():
    changes = (*gains(*ODD), change("13", 1, 0), change("17p", 1, 0, 0.5), change("8p", 3, 1, 0.5))
    found = call(changes, 0.9)
    assert found.purity.unaltered == 2
    assert found.purity.value == pytest.approx(0.9, abs=0.03)
    lost = found.events["del_17p"]
    assert lost.fraction == pytest.approx(0.5, abs=0.05)
    assert lost.fraction_high == pytest.approx(1.0, abs=0.1)
    assert "doubling_unclear" in lost.warnings
    assert min(fit.score for fit in found.purity.fits if fit.ploidy > 3.5) < 0.5


def test_alleles_tell_the_purity_of_a_genome_that_is_flat_in_depth():
    changes = (change("17p", 2, 0), change("13", 2, 0))
    assert call(changes, 0.8, alleles=False).purity.value is None
    assert call(changes, 0.8).purity.value == pytest.approx(0.8, abs=0.03)


BACKGROUND = (change("13", 1, 0), change("9", 3, 1))
FOCAL = "1:49000000-56000000"
TWICE = [
    ("both alleles gained in half of the cells", ("1q", 4, 2, 0.5), "gain_1q21", "amp_1q21", 0.5),
    ("both alleles gained in 80 %", ("1q", 4, 2, 0.8), "gain_1q21", "amp_1q21", 0.8),
    ("one gained in all", ("1q", 3, 1, 1.0), "gain_1q21", "amp_1q21", None),
    ("one gained twice in half", ("1q", 4, 1, 0.5), "gain_1q21", "amp_1q21", None),
    ("both lost in half", (FOCAL, 0, 0, 0.5), "del_1p32", "biallelic_del_1p32", 0.5),
    ("one lost in all", (FOCAL, 1, 0, 1.0), "del_1p32", "biallelic_del_1p32", None),
]


@pytest.mark.parametrize(("name", "planted", "once", "twice", "share"), TWICE, ids=[row[0] for row in TWICE])
def test_alleles_tell_two_changes_from_one(name, planted, once, twice, share):
    found = call((*BACKGROUND, change(*planted)), 0.9).events
    assert found[once].state == State.PRESENT
    if share is None:
        # depth and alleles look alike for one copy in all cells and two of an allele in half of them
        assert found[twice].state == State.ABSENT
        assert found[twice].detection_limit >= 0.5
        assert found[once].fraction == pytest.approx(1.0, abs=0.06)
    else:
        assert found[twice].state == State.PRESENT
        assert found[twice].fraction == pytest.approx(share, abs=0.08)
        assert found[twice].fraction_low <= share <= found[twice].fraction_high
        assert found[once].fraction == pytest.approx(share, abs=0.08)
        assert "alleles" in found[twice].detail


def test_depth_alone_leaves_the_amplification_open():
    found = call((*BACKGROUND, change("1q", 4, 2, 0.5)), 0.9, alleles=False).events["amp_1q21"]
    assert (found.state, found.detection_limit >= 0.5) == (State.ABSENT, True)


def test_few_reads_at_the_sites_tell_no_amplification():
    truth = Truth(
        depth=0.5, purity=0.3, chromosomes=GENOME, changes=(*BACKGROUND, change("1q", 3, 1)), seed=8, library=LIBRARY
    )
    sites = simulate_sites(truth, depth=8, every=1_500_000)
    fitted = fit_counts(simulate_bins(truth), purity=0.3, sites=sites)
    events = {item.event: item for item in call_sample(fitted.profile, assay=ASSAY)}
    assert events["gain_1q21"].state == State.PRESENT
    assert events["amp_1q21"].state != State.PRESENT


SPREADS = [(0.003, 0.5, 100, 20_000, 0), (0.005, 0.48, 40, 20_000, 0), (0.02, 0.49, 60, 20_000, 0)]
SPREADS += [(0.01, 0.49, 40, 500_000, 3)]


def call_spread(changes, purity, spread, given=None, of=None):
    """Call with sites whose reads spread: correlation, mean of the alternative, depth, distance, least reads."""
    correlation, mean, depth, every, least = spread
    truth = Truth(depth=0.5, purity=purity, chromosomes=GENOME, changes=changes, seed=5, library=LIBRARY)
    owner = truth if of is None else replace(truth, changes=of, seed=77)
    sites = simulate_sites(owner, depth=depth, every=every, least=least, correlation=correlation, mean=mean)
    fitted = fit_counts(simulate_bins(truth), purity=given, sites=sites)
    return Called(fitted, {item.event: item for item in call_sample(fitted.profile, assay=ASSAY)})


@pytest.mark.parametrize("spread", SPREADS)
def test_sites_that_spread_make_no_purity_of_a_normal_genome(spread):
    found = call_spread((), 0.9, spread)
    assert found.purity.value is None
    assert found.events["cnloh_17p"].state == State.NOT_EVALUABLE


@pytest.mark.parametrize("purity", [0.3, 0.6])
@pytest.mark.parametrize("spread", SPREADS)
def test_sites_that_spread_leave_the_purity_of_a_hyperdiploid_genome(spread, purity):
    found = call_spread(gains(*ODD), purity, spread)
    assert found.purity.value == pytest.approx(purity, abs=0.02)
    assert found.events["cnloh_17p"].state == State.ABSENT


FAIR = (0.0, 0.5, 30, 200_000, 0)
OTHER = (*gains("3", "7", "9"), change("1q", 3, 1), *(change(c, 1, 0) for c in ("14", "8p")), change("17p", 2, 0))


@pytest.mark.parametrize("given", [None, 0.9])
@pytest.mark.parametrize("of", [(), OTHER], ids=["normal cells", "another patient"])
def test_alleles_of_another_sample_are_left_out(of, given):
    changes = (change("1q", 3, 1), change("1p", 1, 0), change("13", 1, 0))
    found = call_spread(changes, 0.9, FAIR, given=given, of=of)
    assert found.purity.value == pytest.approx(0.9, abs=0.02)
    assert "alleles_contradict_depth" in found.events["del_13q"].warnings
    assert [found.events[event].state for event in ("gain_1q21", "del_1p32")] == [State.PRESENT] * 2
    assert State.PRESENT not in [found.events[event].state for event in ("amp_1q21", "biallelic_del_1p32")]
    assert found.events["cnloh_17p"].state == State.NOT_EVALUABLE


def test_alleles_that_hide_a_small_imbalance_double_no_copies():
    # few sites of thin tumour tell no imbalance: that is no balance of four copies at half the purity
    found = call_spread((*gains(*ODD), change("13", 1, 0), change("17p", 1, 0)), 0.3, (0.0, 0.5, 30, 500_000, 3))
    assert found.purity.value == pytest.approx(0.3, abs=0.02)


def test_a_mutation_on_one_of_four_copies_is_in_all_cells_of_a_doubled_genome():
    truth = Truth(
        depth=0.5, purity=0.6, chromosomes=GENOME, changes=doubled(ODD_LOSSES | LOST_BEFORE), seed=5, library=LIBRARY
    )
    counts = simulate_bins(truth)
    fitted = fit_counts(counts, purity=0.6, sites=simulate_sites(truth, depth=30, least=3))
    file = AssayFile(sample_id="S", assay_id="a", source="wgs", file=Path("a.bam"), build=BUILD)
    found = called(fitted, counts, file)
    assert found.others["purity"]["unaltered_copies"].tolist()[:2] == [4, 2]
    segments = found.table.set_index("chrom")
    # both columns are those of the material, where an unaltered stretch has two copies
    twelve = segments.loc[["12"], ["copies", "minor_copies"]].astype(float)
    assert twelve.median().tolist() == pytest.approx([2, 1], abs=0.05)
    assert (segments["minor_copies"].dropna() <= segments["copies"].loc[segments["minor_copies"].notna()]).all()
    material = material_of(found.table, found.others["purity"])
    copies = material.copies("S", "KRAS", build=BUILD, purity=0.6, assay_id="a")
    assert copies == pytest.approx(4, abs=0.1)
    assert material.copies("S", "TP53", build=BUILD, purity=0.6, assay_id="a") == pytest.approx(2, abs=0.1)
    # 0.6 of 3.2 copies per cell of the material carry it
    assert clone_share(188, 1000, purity=0.6, copies=copies).fraction == pytest.approx(1.0, abs=0.05)
