"""What assays see, and whose silence proves absence."""

import pytest

from mmrisk.capabilities import basis_of_shares, dilution, proves_absence, sees
from mmrisk.contracts import SOURCES
from mmrisk.events import catalogue
from mmrisk.resource import facts

FINER = {"wes_ig_baits", "panel_ig_baits", "fish_break_apart", "karyotype_normal"}
CRYPTIC = ("t_4_14", "t_14_16", "t_14_20", "t_6_14")

SEEN = [
    ("wgs", "t_4_14", True, True),
    ("wgs", "del_17p", True, True),
    ("wgs", "tp53_mutation", True, True),
    ("wgs", "near_tetraploid", True, False),
    ("lowpass", "del_17p", True, True),
    ("lowpass", "t_4_14", False, False),
    ("lowpass", "tp53_mutation", False, False),
    ("array", "t_4_14", False, False),
    ("array", "myc_rearranged", False, False),
    ("array", "hyperdiploid", True, True),
    ("array", "cnloh_17p", True, True),
    ("array", "tp53_mutation", False, False),
    ("wes", "tp53_mutation", True, True),
    ("fish", "t_4_14", True, True),
    ("fish", "myc_rearranged", True, False),
    ("fish", "cnloh_17p", False, False),
    ("fish", "del_17p", True, True),
    ("fish_break_apart", "t_4_14", False, False),
    ("fish_break_apart", "igh_rearranged_partner_unknown", True, True),
    ("karyotype", "hyperdiploid", True, True),
    ("karyotype", "del_17p", True, False),
    ("karyotype", "tp53_mutation", False, False),
    ("expression", "t_4_14", True, False),
    ("rna_fusion", "t_11_14", True, False),
    ("scrna", "gain_1q21", True, False),
]


@pytest.mark.parametrize(("source", "event", "seen", "proven"), SEEN)
def test_an_assay_sees_an_event_and_proves_its_absence(source, event, seen, proven):
    assert (sees(source, event), proves_absence(source, event)) == (seen, proven)


@pytest.mark.parametrize("source", ["wes", "panel"])
def test_captures_see_ig_fusions_only_with_baits_on_the_ig_loci(source):
    assert not sees(source, "t_4_14")
    assert sees(source, "t_4_14", ig_baits=True)
    assert proves_absence(source, "t_4_14", ig_baits=True)
    assert not proves_absence(source, "t_4_14", ig_baits=False)
    assert not proves_absence(source, "myc_rearranged", ig_baits=True)


@pytest.mark.parametrize("event", CRYPTIC)
def test_banding_never_rules_out_a_cryptic_translocation(event):
    assert not proves_absence("karyotype", event)


@pytest.mark.parametrize("event", sorted(catalogue()))
def test_nothing_inferred_and_no_normal_karyotype_rules_anything_out(event):
    for source in ("expression", "rna_fusion", "scrna", "karyotype_normal"):
        assert not proves_absence(source, event)


@pytest.mark.parametrize("source", [*SOURCES, *sorted(FINER)])
def test_what_is_not_seen_is_not_ruled_out(source):
    for event in catalogue():
        for ig_baits in (True, False):
            assert sees(source, event, ig_baits=ig_baits) or not proves_absence(source, event, ig_baits=ig_baits)


def test_the_table_names_known_assays_and_events_once_with_reasons():
    rows = facts("assay_capabilities.tsv")
    classes = {kind.consensus_class for kind in catalogue().values()}
    assert {row["source"] for row in rows} == set(SOURCES) | FINER
    assert {row["scope"] for row in rows} <= set(catalogue()) | classes | {"*"}
    assert len({(row["source"], row["scope"]) for row in rows}) == len(rows)
    assert all(row["sees"] in ("yes", "no") and row["proves_absence"] in ("yes", "no") for row in rows)
    assert all(row["reason"] and row["source_of_fact"] for row in rows)


def test_an_unknown_event_is_an_error():
    with pytest.raises(KeyError):
        sees("wgs", "t_1_2")


BASES = [
    ("cd138", None, "sorted_pc", None),
    ("cig", None, "sorted_pc", None),
    ("none", None, "all_nuclei", "cells_not_selected"),
    ("unknown", None, "all_nuclei", "cell_selection_unknown"),
    ("", None, "all_nuclei", "cell_selection_unknown"),
    ("none", 0.4, "tumour_cells", None),
    ("", 0.4, "tumour_cells", None),
]


@pytest.mark.parametrize(("selection", "purity", "basis", "warning"), BASES)
def test_shares_are_of_plasma_cells_only_where_they_are_known_to_be_selected(selection, purity, basis, warning):
    assert basis_of_shares(selection, purity=purity) == basis
    assert dilution(selection, purity=purity) == warning
