"""Which junctions make an event, how they join to breaks, and what evidence they give."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmrisk.assays import AssayFile
from mmrisk.contracts import BREAKPOINTS
from mmrisk.errors import InputError
from mmrisk.events import catalogue
from mmrisk.genome import CHROMOSOMES, artefacts, chrom_lengths, loci
from mmrisk.tables import check, conform, evidence_frame
from mmrisk.translocations.junctions import Breakend, junction_of
from mmrisk.translocations.variant_evidence import EVENTS, read_variant_evidence
from mmrisk.translocations.windows import EVENT_OF_WINDOW, Hit, classify, find_breaks

BUILD = "GRCh38"
IGH, IGK, IGL = ("14", 105_860_000), ("2", 89_000_000), ("22", 22_500_000)
NSD2, CCND1, MAF, MYC = ("4", 1_888_000), ("11", 69_500_000), ("16", 78_900_000), ("8", 127_700_000)


def junction(one, other, *, strands="++", fragments=20, reference=60, filters=(), caller="manta"):
    first, second = Breakend(*one, strands[0]), Breakend(*other, strands[1])
    return junction_of(first, second, caller=caller, fragments=fragments, reference=reference, filters=filters)


JOINED = [
    ("IGH to NSD2", IGH, NSD2, "t_4_14", "IGH", "NSD2"),
    ("IGH upstream of FGFR3 is not t(4;14)", IGH, ("4", 9_000_000), "igh_other", "IGH", "4:9000001"),
    ("IGH to CCND3", IGH, ("6", 42_000_000), "t_6_14", "IGH", "CCND3"),
    ("IGH 300 kb from CCND1", IGH, ("11", 69_340_000), "t_11_14", "IGH", "CCND1"),
    ("IGH inside WWOX", IGH, MAF, "t_14_16", "IGH", "MAF"),
    ("IGH to MAFB", IGH, ("20", 40_500_000), "t_14_20", "IGH", "MAFB"),
    ("IGH to MAFA", IGH, ("8", 143_500_000), "t_8_14_mafa", "IGH", "MAFA"),
    ("IGH to CCND2", IGH, ("12", 4_200_000), "t_12_14_ccnd2", "IGH", "CCND2"),
    ("IGH 1 Mb from MYC", IGH, ("8", 128_900_000), "myc_rearranged", "IGH", "MYC"),
    ("IGH 3' regulatory region", ("14", 105_400_000), CCND1, "t_11_14", "IGH", "CCND1"),
    ("IGH to a listed donor", IGH, ("6", 7_900_000), "igh_other", "IGH", "TXNDC5"),
    ("IGH near a listed gene", IGH, ("9", 37_200_000), "igh_other", "IGH", "PAX5"),
    ("IGH to nowhere known", IGH, ("5", 5_000_000), "igh_other", "IGH", "5:5000001"),
    ("IGL to CCND1", IGL, CCND1, "igk_igl_partner", "IGL", "CCND1"),
    ("IGK to NSD2", IGK, NSD2, "igk_igl_partner", "IGK", "NSD2"),
    ("IGL to MYC", IGL, MYC, "myc_rearranged", "IGL", "MYC"),
    ("MYC to a listed donor", ("6", 108_600_000), MYC, "myc_rearranged", "FOXO3", "MYC"),
    ("MYC to nowhere known", ("5", 5_000_000), MYC, "myc_rearranged", "5:5000001", "MYC"),
    ("MYC by a large inversion", ("8", 60_000_000), MYC, "myc_rearranged", "8:60000001", "MYC"),
]


@pytest.mark.parametrize(("name", "one", "other", "event", "donor", "partner"), JOINED, ids=[row[0] for row in JOINED])
def test_a_junction_makes_an_event(name, one, other, event, donor, partner):
    hit = classify(junction(one, other), build=BUILD)
    assert isinstance(hit, Hit)
    assert (hit.event, hit.donor, hit.partner) == (event, donor, partner)
    assert (hit.donor_end.chrom, hit.partner_end.chrom) == (one[0], other[0])


LEFT_OUT = [
    ("V(D)J and class switching", IGH, ("14", 106_500_000), "++", "ig_to_ig"),
    ("IGH to IGL", IGH, IGL, "++", "ig_to_ig"),
    ("IGH to TRAF3 on its own chromosome", IGH, ("14", 102_800_000), "++", "same_chromosome"),
    ("IGHV orphons on 16", IGH, ("16", 33_000_000), "++", "orphon"),
    ("IGHV orphons on 15", IGH, ("15", 21_000_000), "++", "orphon"),
    ("a spot with false MAFA junctions", IGH, ("8", 143_844_500), "++", "artefact"),
    ("a spot with false MYC junctions", ("5", 5_000_000), ("8", 128_559_300), "++", "artefact"),
    ("IGL to a partner that matters to IGH only", IGL, ("5", 5_000_000), "++", "light_chain_elsewhere"),
    ("both ends at MYC", MYC, ("8", 128_500_000), "++", "within_myc"),
    ("a deletion next to MYC", ("8", 60_000_000), MYC, "+-", "same_chromosome"),
    ("a small inversion over the edge", ("8", 124_900_000), ("8", 125_100_000), "++", "same_chromosome"),
    ("an inversion of unknown strands", ("8", 60_000_000), MYC, "", "same_chromosome"),
    ("nothing to do with IG or MYC", NSD2, CCND1, "++", ""),
]


@pytest.mark.parametrize(("name", "one", "other", "strands", "reason"), LEFT_OUT, ids=[row[0] for row in LEFT_OUT])
def test_a_junction_is_left_out(name, one, other, strands, reason):
    strands = strands or ("", "")
    assert classify(junction(one, other, strands=strands), build=BUILD) == reason


def test_every_partner_window_makes_its_event_in_both_builds():
    for build in ("GRCh38", "GRCh37"):
        igh = loci(build, "ig")["IGH"].span
        for window, event in EVENT_OF_WINDOW.items():
            span = loci(build, "partner_window")[window].span
            for position in (span.start, span.end - 1):
                hit = classify(junction((igh.chrom, igh.start), (span.chrom, position)), build=build)
                assert (hit.event, hit.partner) == (event, window)


def test_every_artefact_spot_is_silent():
    for build in ("GRCh38", "GRCh37"):
        igh = loci(build, "ig")["IGH"].span
        for spot in artefacts(build):
            for position in (spot.start, spot.end - 1):
                assert classify(junction((igh.chrom, igh.start), (spot.chrom, position)), build=build) == "artefact"
            beside = classify(junction((igh.chrom, igh.start), (spot.chrom, spot.end)), build=build)
            assert isinstance(beside, Hit)


def test_callers_that_see_the_same_break_agree():
    breaks, _ = find_breaks(
        [
            junction(IGH, NSD2, fragments=20),
            junction((IGH[0], IGH[1] + 5), (NSD2[0], NSD2[1] + 12), fragments=31, caller="delly"),
            junction((IGH[0], IGH[1] + 90), (NSD2[0], NSD2[1] + 900), fragments=7, strands="--"),
        ],
        build=BUILD,
    )
    assert [(item.callers, item.n_junctions, item.best.junction.fragments) for item in breaks] == [
        (("delly", "manta"), 3, 31)
    ]


def test_a_filtered_call_does_not_count_as_agreement():
    breaks, _ = find_breaks(
        [junction(IGH, NSD2, fragments=5), junction(IGH, NSD2, fragments=50, caller="delly", filters=("LowQual",))],
        build=BUILD,
    )
    assert [(item.callers, item.best.junction.fragments) for item in breaks] == [(("manta",), 5)]


@pytest.mark.parametrize(("apart", "breaks"), [(999, 1), (1_000, 1), (1_001, 2)])
def test_breaks_further_apart_than_1_kb_are_two(apart, breaks):
    junctions = [junction(IGH, NSD2), junction(IGH, (NSD2[0], NSD2[1] + apart))]
    assert len(find_breaks(junctions, build=BUILD)[0]) == breaks


def test_unnamed_donors_of_one_break_are_one():
    junctions = [junction(("5", 5_000_000), MYC), junction(("5", 5_000_040), (MYC[0], MYC[1] + 3), caller="delly")]
    assert len(find_breaks(junctions, build=BUILD)[0]) == 1


FOOTPRINTS = [
    (NSD2, True),
    (("11", 68_600_000), False),
    (("16", 78_900_000), True),
    (("8", 127_200_000), False),
    (("20", 40_500_000), None),
]


@pytest.mark.parametrize(("partner", "visible"), FOOTPRINTS)
def test_the_probe_says_whether_fish_sees_it(partner, visible):
    breaks, _ = find_breaks([junction(IGH, partner)], build=BUILD)
    assert breaks[0].fish_visible is visible


def test_probe_extents_are_not_known_on_grch37():
    breaks, _ = find_breaks([junction(("14", 106_300_000), NSD2)], build="GRCh37")
    assert breaks[0].fish_visible is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2", "4", "8", "11", "14", "16", "22"]),
            st.integers(0, 50_000_000),
            st.sampled_from(["4", "8", "14", "20", "22"]),
            st.integers(0, 50_000_000),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_junctions_changes_nothing(places, random):
    junctions = [junction((a, b), (c, d)) for a, b, c, d in places] + [
        junction(IGH, NSD2),
        junction(IGL, MYC),
        junction(IGH, (NSD2[0], NSD2[1] + 500), caller="gridss"),
    ]
    shuffled = list(junctions)
    random.shuffle(shuffled)
    assert find_breaks(junctions, build=BUILD) == find_breaks(shuffled, build=BUILD)


def contig_lines(chroms):
    return "".join(f"##contig=<ID=chr{chrom},length={chrom_lengths(BUILD)[chrom]}>\n" for chrom in chroms)


def vcf(*junctions, chroms=CHROMOSOMES):
    rows = [
        f"chr{a.chrom}\t{a.position + 1}\tm{number}\tN\tN]chr{b.chrom}:{b.position + 1}]\t."
        + f"\t{';'.join(j.filters) or 'PASS'}\tSVTYPE=BND\tPR:SR\t"
        + (f"{j.reference},{j.fragments}:0,0" if j.reference is not None else ".:.")
        for number, j in enumerate(junctions)
        for a, b in [j.ends]
    ]
    head = "##fileformat=VCFv4.1\n##source=GenerateSVCandidates 1.6.0\n" + contig_lines(chroms)
    return head + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n" + "".join(f"{row}\n" for row in rows)


def evidence(tmp_path, *junctions, source="wgs", chroms=CHROMOSOMES, min_fragments=3, **about):
    path = tmp_path / "a.vcf"
    path.write_text(vcf(*junctions, chroms=chroms))
    assay = AssayFile(
        **{
            "sample_id": "S",
            "assay_id": "a",
            "source": source,
            "file": path,
            "build": BUILD,
            "cell_selection": "cd138",
            **about,
        }
    )
    reading = read_variant_evidence(assay, min_fragments=min_fragments)
    return evidence_frame(reading.evidence).set_index("event"), reading.table


def test_a_genome_without_junctions_is_absent_for_all(tmp_path):
    found, table = evidence(tmp_path, junction(IGH, ("14", 106_500_000)))
    assert set(found.index) == set(EVENTS)
    assert set(found["state"]) == {"absent"}
    assert found["detection_limit"].isna().all()
    assert "1 ig_to_ig" in found.loc["t_4_14", "detail"]
    assert table.empty


def test_all_events_are_in_the_catalogue():
    assert set(EVENTS) <= set(catalogue())
    assert len(set(EVENTS)) == len(EVENTS)


def test_a_passing_junction_is_present_and_the_others_absent(tmp_path):
    found, table = evidence(tmp_path, junction(IGH, NSD2))
    row = found.loc["t_4_14"]
    assert (row["state"], row["support"], row["n_abnormal"], row["n_scored"]) == ("present", 20, 20, 80)
    assert row["locus"] == "4:1888000-1888001"
    assert row["method"] == "manta"
    assert "IGH 14:105860001 to NSD2 4:1888001 (20 fragments, 1 caller)" in row["detail"]
    assert set(found.index[found["state"] == "present"]) == {"t_4_14", "nsd2_disruption"}
    assert (found.drop(["t_4_14", "nsd2_disruption"])["state"] == "absent").all()
    table = conform(table, BREAKPOINTS)
    check(table, BREAKPOINTS, file="breakpoints.tsv")
    assert table.iloc[0][["event", "donor", "partner", "partner_position", "fish_visible"]].tolist() == [
        "t_4_14", "IGH", "NSD2", 1_888_000, True,
    ]  # fmt: skip


def test_maf_is_activated_by_any_ig_locus(tmp_path):
    for donor, event in ((IGH, "t_14_16"), (IGL, "igk_igl_partner")):
        found, _ = evidence(tmp_path, junction(donor, MAF))
        assert found.loc[[event, "maf_activated"], "state"].tolist() == ["present", "present"]
    assert found.loc["t_14_16", "state"] == "absent"


DOUBTS = [
    ({"filters": ("LowQual",)}, "filter_LowQual"),
    ({"fragments": 2}, "few_fragments"),
]


@pytest.mark.parametrize(("values", "warning"), DOUBTS)
def test_a_doubtful_junction_is_neither_present_nor_absent(tmp_path, values, warning):
    found, table = evidence(tmp_path, junction(IGH, NSD2, **values))
    assert found.loc["t_4_14", ["state", "warnings"]].tolist() == ["not_evaluable", warning]
    assert found.loc["t_11_14", "state"] == "absent"
    assert len(table) == 1


def test_fewer_fragments_may_be_asked_for(tmp_path):
    found, _ = evidence(tmp_path, junction(IGH, NSD2, fragments=2), min_fragments=2)
    assert found.loc["t_4_14", "state"] == "present"


def test_files_without_filters_or_counts_are_warned_of(tmp_path):
    found, _ = evidence(tmp_path, junction(IGH, NSD2, filters=(".",)))
    assert found.loc["t_4_14", ["state", "warnings"]].tolist() == ["present", "unfiltered"]


def test_a_break_outside_the_probe_is_fish_cryptic(tmp_path):
    found, _ = evidence(tmp_path, junction(IGH, ("11", 68_600_000)))
    assert found.loc["t_11_14", ["state", "warnings"]].tolist() == ["present", "fish_cryptic"]


SHARES = [(None, "reads", None), (1.0, "tumour_cells", 0.5), (0.5, "tumour_cells", 1.0), (0.8, "tumour_cells", 0.625)]


@pytest.mark.parametrize(("purity", "basis", "fraction"), SHARES)
def test_the_share_of_cells_needs_the_purity(tmp_path, purity, basis, fraction):
    row = evidence(tmp_path, junction(IGH, NSD2), purity=purity)[0].loc["t_4_14"]
    assert row["fraction_basis"] == basis
    assert row["state"] == "present"
    if fraction is None:
        assert pd.isna(row["fraction"])
        assert 0.3 < row["fraction_low"] < 0.5
    else:
        assert row["fraction"] == pytest.approx(fraction)
        assert row["fraction_low"] < fraction <= row["fraction_high"]


def test_a_small_share_of_reads_is_no_small_clone_where_the_purity_is_unknown(tmp_path):
    few = junction(IGH, NSD2, fragments=4, reference=120)
    assert evidence(tmp_path, few)[0].loc["t_4_14", "state"] == "present"
    assert evidence(tmp_path, few, purity=1.0)[0].loc["t_4_14", "state"] == "subthreshold"


ELSEWHERE = junction(("2", 10_000_000), ("5", 20_000_000))

SILENCE = [
    ("wgs", False, set(EVENTS)),
    ("wes", False, set()),
    ("panel", False, set()),
    ("lowpass", False, set()),
    ("panel", True, set(EVENTS) - {"myc_rearranged"}),
    ("wes", True, set(EVENTS) - {"myc_rearranged"}),
]


@pytest.mark.parametrize(("source", "ig_baits", "absent"), SILENCE)
def test_only_assays_that_see_junctions_prove_their_absence(tmp_path, source, ig_baits, absent):
    found, _ = evidence(tmp_path, ELSEWHERE, source=source, ig_baits=ig_baits)
    assert set(found.index) == absent


@pytest.mark.parametrize(
    ("about", "warning"),
    [
        ({"cell_selection": "none"}, "cells_not_selected"),
        ({"cell_selection": ""}, "cell_selection_unknown"),
        ({"cell_selection": "none", "purity": 0.5}, None),
    ],
)
def test_calls_of_diluted_material_rule_nothing_out(tmp_path, about, warning):
    found, _ = evidence(tmp_path, junction(IGH, NSD2), **about)
    assert found.loc["t_4_14", "state"] == "present"
    row = found.loc["t_11_14"]
    assert row[["state", "warnings"]].fillna("").tolist() == ["not_evaluable" if warning else "absent", warning or ""]


def test_a_genome_without_any_junction_is_no_complete_call_set(tmp_path):
    with pytest.raises(InputError, match="holds no junction at all"):
        evidence(tmp_path)


def test_an_exome_may_see_a_junction_by_chance(tmp_path):
    found, _ = evidence(tmp_path, junction(IGH, NSD2), source="wes")
    assert found["state"].to_dict() == {"t_4_14": "present", "nsd2_disruption": "present"}


def test_a_chromosome_that_the_header_leaves_out_was_not_looked_at(tmp_path):
    chroms = [chrom for chrom in chrom_lengths(BUILD) if chrom != "4"]
    found, _ = evidence(tmp_path, ELSEWHERE, chroms=chroms)
    assert found.loc["t_4_14", ["state", "warnings"]].tolist() == ["not_evaluable", "not_covered"]
    assert found.loc["t_11_14", "state"] == "absent"
    found, _ = evidence(tmp_path, ELSEWHERE, chroms=[chrom for chrom in chrom_lengths(BUILD) if chrom != "14"])
    assert found.loc["t_11_14", "state"] == "not_evaluable"


BROKEN = [
    ({"sample_id": "*"}, "names no sample"),
    ({"source": "array"}, "makes no structural variants"),
    ({"build": "T2T-CHM13v2"}, "has no coordinates of the partner windows"),
    ({"purity": 0.0}, "leaves no tumour cells"),
]


@pytest.mark.parametrize(("about", "said"), BROKEN)
def test_what_cannot_be_read_says_why(tmp_path, about, said):
    with pytest.raises(InputError, match=said):
        evidence(tmp_path, **about)
