"""Groups, purity and arm dosage from expression; the matrices are made up."""

import numpy as np
import pandas as pd
import pytest

from mmrisk.assays import AssayFile
from mmrisk.contracts import ARM_DOSAGE, EXPRESSION_GROUPS
from mmrisk.events import State, Tier
from mmrisk.expression.dosage import dosage_table, suggested
from mmrisk.expression.groups import light_chains, tc_groups, uams_groups
from mmrisk.expression.spike_evidence import DOSAGE, GROUPS, read_expression_evidence
from mmrisk.gene_places import genes
from mmrisk.resource import facts
from mmrisk.tables import check, conform

QUIET = {"NSD2": 5.7, "CCND1": 1.0, "CCND2": 1.0, "CCND3": 5.4, "FGFR3": 0.5, "MAF": 1.5, "MAFB": 1.0}
TC = {
    "t(4;14)": ({"NSD2": 11.0, "CCND2": 8.0}, "4p16"),
    "t(11;14)": ({"CCND1": 11.5}, "11q13"),
    "t(6;14)": ({"CCND3": 11.0}, "6p21"),
    "t(14;16)": ({"MAF": 10.0, "CCND2": 10.0}, "maf"),
    "t(14;20)": ({"MAFB": 10.0, "CCND2": 10.0}, "maf"),
    "cyclin D1": ({"CCND1": 6.5}, "d1"),
    "cyclin D2": ({"CCND2": 7.0}, "d2"),
    "both": ({"CCND1": 6.5, "CCND2": 7.0}, "d1_d2"),
    "neither": ({}, "none"),
    "near the cut-off of D2": ({"CCND2": 4.3}, "unknown"),
    "near the cut-off of a spike": ({"CCND1": 8.9}, "unknown"),
    "D2 not measured": ({"CCND2": np.nan}, "unknown"),
}


@pytest.mark.parametrize("name", TC)
def test_tc_groups(name):
    changes, group = TC[name]
    assert tc_groups(pd.DataFrame([{**QUIET, **changes}]))[0] == [group]


def test_the_margin_is_the_change_that_would_change_the_group():
    assert tc_groups(pd.DataFrame([{**QUIET, "CCND2": 5.5}]))[1] == [pytest.approx(1.5)]


MARKERS = {row["gene"]: row["group"] for row in facts("expression_groups.tsv")}


def uams_cohort():
    rng = np.random.default_rng(5)
    names = [gene for gene, group in MARKERS.items() if group not in ("kappa", "lambda", "other")]
    log = pd.DataFrame(rng.normal(4, 0.4, (40, len(names))), columns=names)
    log.loc[0, [gene for gene in names if MARKERS[gene] == "PR"]] += 2
    log.loc[1, [gene for gene in names if MARKERS[gene] == "MS"]] += 3
    return log


def test_uams_groups_stand_out_of_the_cohort():
    groups, margins = uams_groups(uams_cohort())
    assert groups[:2] == ["PR", "MS"]
    assert min(margins[:2]) > 2
    assert groups.count("unknown") > 10, "samples like all others have no group"


def test_uams_groups_need_a_cohort_and_their_genes():
    log = uams_cohort()
    assert set(uams_groups(log.head(10))[0]) == {"unknown"}
    assert set(uams_groups(log.drop(columns=["GNG11", "TNFSF10"]))[0]) == {"unknown"}


CHAINS = [
    ({"IGKC": 9900, "IGLC2": 100}, "kappa", 0.97),
    ({"IGKC": 100, "IGLC2": 4900, "IGLC3": 5000}, "lambda", 0.98),
    ({"IGKC": 6500, "IGLC2": 3500}, "unclear", 0.0),
    ({"IGKC": 3250, "IGLC2": 6750}, "unclear", 0.5),
]


@pytest.mark.parametrize(("amounts", "chain", "clonal"), CHAINS)
def test_what_a_light_chain_has_beyond_its_usual_share_is_the_clone(amounts, chain, clonal):
    log = np.log2(pd.DataFrame([amounts]) + 1.0)
    found = light_chains(log)
    assert found[0] == [chain]
    assert found[1] == [pytest.approx(clonal, abs=0.01)]


def test_without_both_chains_nothing_is_said_of_the_clone():
    found = light_chains(pd.DataFrame({"IGKC": [12.0]}))
    assert found[0] == [None]
    assert np.isnan(found[1]).all()


@pytest.fixture(scope="module")
def genome():
    """Sixty simulated samples (TPM) of 6,000 genes: a third with 1q gain, half without 13q, four hyperdiploid."""
    rng = np.random.default_rng(11)
    places = [gene for gene in genes().values() if gene.arm and gene.chrom != "X"][::3]
    level = rng.gamma(2, 40, len(places))
    names = [f"S{n}" for n in range(60)]
    tpm = pd.DataFrame(
        level * np.exp2(rng.normal(0, 0.5, (60, len(places)))), index=names, columns=[g.symbol for g in places]
    )
    arms = {gene.symbol: gene.arm for gene in places}
    for sample in names[:20]:
        tpm.loc[sample, [gene for gene in tpm if arms[gene] == "1q"]] *= 2**0.45
    for sample in names[20:50]:
        tpm.loc[sample, [gene for gene in tpm if arms[gene] == "13q"]] *= 2**-0.6
    for sample in names[:4]:
        tpm.loc[sample, [gene for gene in tpm if arms[gene][:-1] in ("5", "9", "15")]] *= 2**0.45
    for marker, value in QUIET.items():
        tpm[marker] = 2**value * np.exp2(rng.normal(0, 0.3, 60))
    tpm["IGKC"], tpm["IGLC2"] = 40_000.0, 400.0
    tpm.loc["S59", ["IGKC", "IGLC2"]] = [26_000.0, 14_000.0]
    return tpm.mul(1e6 / tpm.sum(axis=1), axis=0)


def test_simulated_changes_of_arms_are_suggested_and_others_are_not(genome):
    dosage = dosage_table(np.log2(genome + 1), "rna")
    check(conform(dosage, ARM_DOSAGE), ARM_DOSAGE, file="d.tsv")
    found = {(sample, event): state for sample, event, state, _, _ in suggested(dosage)}
    for event, carriers in (("gain_1q21", range(20)), ("del_13q", range(20, 50)), ("trisomy_9", range(4))):
        for number in range(60):
            present = found[f"S{number}", event] == State.PRESENT
            assert present == (number in carriers), (event, number)
    assert [s for s in genome.index if found.get((s, "hyperdiploid")) == State.PRESENT] == ["S0", "S1", "S2", "S3"]


def test_the_limit_of_what_dosage_does_not_see_is_large(genome):
    limits = [
        limit for *_, state, limit, _ in suggested(dosage_table(np.log2(genome + 1), "rna")) if state == State.ABSENT
    ]
    assert limits
    assert min(limits) > 0.5


def test_a_few_samples_or_genes_give_no_dosage(genome):
    assert dosage_table(np.log2(genome.head(10) + 1), "rna").empty
    assert dosage_table(np.log2(genome.iloc[:, :1000] + 1), "rna").empty


def test_a_whole_genome_gives_all_tables_and_a_diluted_clone_excludes_nothing(genome, tmp_path):
    path = tmp_path / "m.tsv"
    genome.T.rename_axis("gene").to_csv(path, sep="\t", float_format="%.4g")
    assay = AssayFile(sample_id="*", assay_id="rna", source="expression", file=path, build="", unit="tpm")
    reading = read_expression_evidence(assay)
    assert {item.tier for item in reading.evidence} == {Tier.INFERRED}
    states = {(item.sample_id, item.event): item for item in reading.evidence}
    assert states["S58", "t_4_14"].state == State.ABSENT
    assert states["S59", "t_4_14"].state == State.NOT_EVALUABLE
    assert states["S59", "t_4_14"].warnings == ("clone_diluted",)
    groups = conform(reading.others[GROUPS], EXPRESSION_GROUPS)
    check(groups, EXPRESSION_GROUPS, file="g.tsv")
    assert groups["light_chain"].value_counts().to_dict() == {"kappa": 59, "unclear": 1}
    assert len(reading.others[DOSAGE]) == 60 * 11
