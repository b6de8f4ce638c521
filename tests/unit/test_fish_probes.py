"""The probe dictionary: spellings, and that its facts agree with the catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.cytogenetics.probes import find_chromosome, find_probe, is_clone_name, order, probes, targets
from mmrisk.events import catalogue

SPELLINGS = {
    "FGFR3": ("fgfr3", "FGRFR3", "FGFR-3", "LSI FGFR3"),
    "NSD2": ("WHSC1", "MMSET", "nsd2"),
    "IGH": ("IGH@", "IgH", "igh", "IGH BA", "LSI IGH"),
    "MAF": ("c-MAF", "cMAF", "C-maf", "WWOX/MAF"),
    "MAFB": ("MAF B", "mafb", "c-MAFB"),
    "CCND1": ("CCND1-XT", "CCND1 XT", "BCL1", "CCND", "cyclin D1"),
    "TP53": ("P53", "p53", "TP-53", "LSI p53"),
    "D13S319": ("D13 S319", "d13s319", "13S319", "DS13S319"),
    "D9Z1": ("D9Z4", "CEP9", "CEP 9", "cen9", "9cen"),
    "D17Z1": ("D171Z1", "CEP17", "CEP 17", "17cen"),
    "D7Z1": ("D7z1", "CEP7"),
    "CKS1B": ("CKS1", "CSK1B", "cks1b"),
    "CDKN2C": ("p18", "CDKN2C/FAF1"),
    "TENT5C": ("FAM46C",),
    "BIRC3": ("BIRC2/3", "BIRC2/BIRC3", "API2"),
    "LAMP1": ("LAMP-1", "lamp1"),
    "5p15": ("5p15.2", "5p15.31"),
    "17p13": ("17p13.1", "17P13.1"),
    "13q14": ("13q14.3", "13q14.2"),
    "FOXO1": ("F0X01", "foxo1"),
}


@pytest.mark.parametrize(("name", "spelling"), [(name, each) for name, every in SPELLINGS.items() for each in every])
def test_a_probe_is_found_however_it_is_spelled(name, spelling):
    assert find_probe(spelling).name == name


@pytest.mark.parametrize("name", ["", "XYZ1", "the", "17", "TP", "IGHFGFR3", "13q", "nuc ish"])
def test_other_words_are_not_probes(name):
    found = find_probe(name)
    assert found is None or found.name == name == "13q"


def test_every_event_of_the_dictionary_is_in_the_catalogue():
    for probe in probes().values():
        for event in (*probe.events, *probe.cannot_exclude):
            assert event in catalogue(), (probe.name, event)


def test_gains_losses_and_fusions_are_on_their_own_chromosome():
    chroms = {"t_4_14": "4", "t_6_14": "6", "t_11_14": "11", "t_14_16": "16", "t_14_20": "20", "gain_1q21": "1"}
    chroms |= {"del_17p": "17", "del_13q": "13", "del_1p32": "1", "del_16q": "16", "del_14q": "14", "gain_8q24": "8"}
    for probe in probes().values():
        for event in probe.events:
            if event.startswith("trisomy_"):
                assert probe.chrom == event.removeprefix("trisomy_"), probe.name
            elif event in chroms:
                assert probe.chrom == chroms[event], probe.name


def test_controls_speak_of_no_event():
    for name in ("PBX1", "NF1", "D17Z1", "D1Z1"):
        assert probes()[name].events == ()


@pytest.mark.parametrize("name", ["RP11-572O17", "CTD-2589C14", "RP11-CTD-2589C14"])
def test_bac_clones_are_known_as_such(name):
    assert is_clone_name(name)
    assert find_probe(name) is None


def test_order_runs_from_pter_to_qter():
    names = ["MAFB", "IGH", "CKS1B", "CDKN2C", "D17Z1", "TP53", "NF1", "FGFR3", "nothing"]
    assert sorted(names, key=order) == ["CDKN2C", "CKS1B", "FGFR3", "IGH", "TP53", "D17Z1", "NF1", "MAFB", "nothing"]


def test_targets_are_the_counted_probes_of_an_arm():
    assert {probe.name for probe in targets("17", "p")} == {"TP53"}
    assert find_chromosome("9").gain == ("trisomy_9",)
    assert find_chromosome("30") is None


@given(st.sampled_from(sorted(probes())), st.sampled_from([str.lower, str.upper, str.title]))
def test_case_never_matters(name, change):
    assert find_probe(change(name)) is find_probe(name)


@given(st.text(max_size=30))
def test_any_text_is_answered(text):
    find_probe(text)
    is_clone_name(text)
    order(text)
