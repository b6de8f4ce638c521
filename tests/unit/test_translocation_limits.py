"""When silence says that a translocation is absent: reads deep enough, cells known, and junctions not filtered away."""

from pathlib import Path

import numpy as np
import pytest

from mmrisk.assays import AssayFile
from mmrisk.events import State
from mmrisk.genome import Interval, loci
from mmrisk.tables import evidence_frame
from mmrisk.translocations.junctions import Breakend
from mmrisk.translocations.limits import event_limits
from mmrisk.translocations.noise import Needed, detection_limit, library_of, needed_fragments
from mmrisk.translocations.read_clues import PAIR, SPLIT, Clue, Scan
from mmrisk.translocations.read_evidence import Setting, read_evidence
from mmrisk.translocations.read_search import needed_by_kind
from mmrisk.translocations.read_source import Source
from mmrisk.translocations.read_survey import Survey
from mmrisk.translocations.windows import EVENT_OF_WINDOW, IGH

BUILD = "GRCh38"
READ = 150


def clue(near, far, *, kind=PAIR):
    ends = [Breakend(chrom, position, "+") for chrom, position in (near, far)]
    spans = [(position - READ, position) for _, position in (near, far)]
    return Clue(
        fragment=f"{near}{far}", kind=kind, near=ends[0], far=ends[1], span=spans[0], far_span=spans[1],
        mapq=60, outer=spans[0][0], far_outer=spans[1][0],
    )  # fmt: skip


CHIMERA = clue(("4", 1_850_000), ("7", 30_000_000))


def surveyed(depth, clues=(CHIMERA,), *, paired=True):
    """A genome without junctions at a depth, with these clues over NSD2."""

    def scanned(span):
        reads = int(depth * span.length / READ)
        lengths = [450] * 500 if paired else []
        return Scan(span, reads=reads, trusted=reads, touched=reads, read_length=READ, lengths=lengths)

    spans = {name: locus.span for name, locus in loci(BUILD, "partner_window").items() if name in EVENT_OF_WINDOW}
    windows = {name: scanned(span) for name, span in spans.items()}
    windows["NSD2"].clues.extend(clues)
    return Survey(windows, scanned(loci(BUILD, "ig")[IGH].span), library_of(list(windows.values())))


def negatives(found, *, selection="", purity=None, span=None):
    assay = AssayFile(
        sample_id="S", assay_id="a", source="wgs", file=Path("S.bam"), build=BUILD, cell_selection=selection,
        purity=purity, purity_span=span,
    )  # fmt: skip
    source = Source(None, {}, BUILD, found.library)
    limits = event_limits(source, found, needed_by_kind(found, 0, BUILD), assay)
    return evidence_frame(read_evidence([], Setting(assay, limits, {}))).set_index("event")


MATERIAL = [
    ("cd138", None, State.ABSENT, "sorted_pc", None),
    ("cig", None, State.ABSENT, "sorted_pc", None),
    ("none", 0.6, State.ABSENT, "tumour_cells", None),
    ("", 0.6, State.ABSENT, "tumour_cells", None),
    ("none", None, State.NOT_EVALUABLE, None, "cells_not_selected"),
    ("unknown", None, State.NOT_EVALUABLE, None, "cell_selection_unknown"),
    ("", None, State.NOT_EVALUABLE, None, "cell_selection_unknown"),
]


@pytest.mark.parametrize(("selection", "purity", "state", "basis", "warning"), MATERIAL)
def test_silence_in_diluted_material_proves_nothing(selection, purity, state, basis, warning):
    rows = negatives(surveyed(120), selection=selection, purity=purity)
    assert set(rows["state"]) == {str(state)}
    assert rows.loc["t_4_14", ["fraction_basis", "warnings"]].fillna("").tolist() == [basis or "", warning or ""]
    assert rows["detection_limit"].isna().all() == (state is State.NOT_EVALUABLE)
    if warning:
        assert "a clone is seen from 3% of all cells on" in rows.loc["t_4_14", "detail"], "the limit stays to be read"


BLIND = {
    "no clue at all": ([], True),
    "split reads only, as samtools view -f 2 leaves them": ([clue(("4", 1_850_000), ("7", 3), kind=SPLIT)], True),
    "pairs within the IG locus only": ([clue(("14", 105_700_000), ("14", 105_860_000))], True),
    "single reads, none split": ([], False),
}


@pytest.mark.parametrize("case", BLIND)
def test_a_file_without_reads_that_join_distant_places_sees_no_junction(case):
    clues, paired = BLIND[case]
    rows = negatives(surveyed(64, clues, paired=paired), selection="cd138")
    assert set(rows["state"]) == {"not_evaluable"}
    assert set(rows["warnings"]) == {"discordant_reads_removed"}


def test_single_reads_of_which_some_are_split_do_see_junctions():
    rows = negatives(surveyed(400, [clue(("4", 1_850_000), ("7", 3), kind=SPLIT)], paired=False), selection="cd138")
    assert rows.loc["t_11_14", "state"] == "absent"


def test_too_few_reads_come_before_other_reasons():
    rows = negatives(surveyed(0.2, []), selection="none")
    assert set(rows["warnings"]) == {"low_depth"}


def test_the_limit_is_that_of_the_least_purity_that_was_fitted():
    limits = [
        negatives(surveyed(30.0), selection="cd138", purity=purity, span=span).loc["t_4_14", "detection_limit"]
        for purity, span in ((0.5, None), (0.8, (0.5, 0.9)), (0.8, None))
    ]
    assert limits[0] == limits[1] > limits[2]


PARTNERS, DONORS = [Interval("4", 0, 12_000_000)], [Interval("14", 0, 3_000_000)]


def test_reads_without_a_place_need_a_third_fragment_only_where_chance_asks_for_it():
    quiet, loud = (
        needed_fragments(chance, partner=PARTNERS, donor=DONORS, longest=650, fewest=2, loose=0.13)
        for chance in (3, 12)
    )
    assert (quiet, loud) == (Needed(2, 2), Needed(2, 3))
    assert needed_fragments(3, partner=PARTNERS, donor=DONORS, longest=650, fewest=2, loose=1.0) == Needed(2, 3)


def simulated_power(share, expected, needed, *, apart):
    """Share of clones found when both junctions draw their fragments at random."""
    one, two = np.random.default_rng(5).poisson(share * expected / 2, size=(2, 200_000))
    return np.mean(np.maximum(one, two) >= needed) if apart else np.mean(one + two >= needed)


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("needed", [2, 3])
def test_the_limit_is_the_clone_that_is_found_in_95_of_100(needed, apart):
    limit = detection_limit(20.0, Needed(needed, needed), purity=None, apart=apart)
    assert simulated_power(limit, 20.0, needed, apart=apart) == pytest.approx(0.95, abs=0.003)


def test_the_limit_of_other_partners_is_larger_since_their_junctions_are_not_counted_together():
    together = detection_limit(20.0, Needed(3, 3), purity=None)
    assert detection_limit(20.0, Needed(3, 3), purity=None, apart=True) > 1.2 * together
