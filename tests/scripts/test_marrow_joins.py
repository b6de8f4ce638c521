"""Commands that join the marrow of a cohort: identity, targets, and the picture of its cells."""

import anndata
import numpy as np
import pandas as pd
import pytest

import compare_identity
import embed_cells
import join_targets
from mmrisk.contracts import CELL_ARMS, CELL_PLACES, CELL_QUALITY, EVENTS, IDENTITY, TARGETS
from mmrisk.risk.monoclonal import M_PROTEIN
from mmrisk.tables import read_table, write_table

ARMS = ("1q", "13q", "3p", "3q", "9p", "9q", "15q")


@pytest.fixture
def cohort(tmp_path):
    """Two men and two women; the cells of S1 and S2 (a man and a woman) bear each other's names."""
    altered = {"S1": ("1q", "13q"), "S2": ("3p", "3q", "9p", "9q", "15q"), "S3": ("1q",), "S4": ("9p", "9q")}
    sexes, chains = dict(S1="M", S2="F", S3="M", S4="F"), dict(S1="kappa", S2="lambda", S3="kappa", S4="kappa")
    of = {"S1": "S2", "S2": "S1", "S3": "S3", "S4": "S4"}
    (tmp_path / "samples.tsv").write_text(
        "sample_id\tpatient_id\tsex\tbatch\n" + "".join(f"{s}\tP{s}\t{x}\tb\n" for s, x in sexes.items())
    )
    arms_of = {"gain_1q21": ("1q",), "del_13q": ("13q",), "trisomy_3": ("3p", "3q"), "trisomy_9": ("9p", "9q"),
               "trisomy_15": ("15q",)}  # fmt: skip
    events = [
        (s, e, "present" if set(arms) <= set(altered[s]) else "absent", "measured", "x")
        for s in sexes
        for e, arms in arms_of.items()
    ]
    names = ["sample_id", "event", "state", "tier", "explanation"]
    write_table(pd.DataFrame(events, columns=names), EVENTS, tmp_path / "events.tsv")
    arms = []
    for s in sexes:
        for arm in ARMS:
            value = (-1.0 if arm == "13q" else 0.58) if arm in altered[of[s]] else 0.0
            arms.append((s, "c", arm, value, value - 0.2, value + 0.2))
    names = ["sample_id", "assay_id", "arm", "log2_ratio", "low", "high"]
    write_table(pd.DataFrame(arms, columns=names), CELL_ARMS, tmp_path / "arms.tsv")
    quality = [(s, "c", 100, 90, chains[of[s]], sexes[of[s]]) for s in sexes]
    names = ["sample_id", "assay_id", "n_barcodes", "n_cells", "light_chain", "expressed_sex"]
    write_table(pd.DataFrame(quality, columns=names), CELL_QUALITY, tmp_path / "quality.tsv")
    labs = [(s, "intact", chain, "x") for s, chain in chains.items()]
    names = ["sample_id", "m_protein_type", "involved_chain", "explanation"]
    write_table(pd.DataFrame(labs, columns=names), M_PROTEIN, tmp_path / "m_protein.tsv")
    return tmp_path


def test_exchanged_cells_are_named_with_the_patient_they_fit(cohort, caplog):
    flags = [
        f"--{name}={cohort / name.replace('-', '_')}.tsv"
        for name in ("samples", "events", "m-protein", "quality", "arms")
    ]
    assert compare_identity.run([*flags, f"--out={cohort / 'identity.tsv'}"]) == 0
    table = read_table(cohort / "identity.tsv", IDENTITY).set_index("sample_id")
    assert list(table["verdict"]) == ["swapped", "swapped", "consistent", "consistent"]
    assert table.loc["S1", "better_match"] == "S2"
    assert {"sex", "light chain", "gain_1q21"} <= set(table.loc["S1", "disagrees"].split(";"))


def test_targets_of_all_samples_get_the_state_of_their_gene(cohort):
    for sample in ("S1", "S2"):
        rows = pd.DataFrame(
            {"sample_id": sample, "target": ["BCMA", "CD38"], "gene": ["TNFRSF17", "CD38"], "n_cells": 50}
        )
        write_table(rows, TARGETS, cohort / f"{sample}.targets.tsv")
    events = pd.DataFrame(
        [("S1", "tnfrsf17_altered", "present", "x")], columns=["sample_id", "event", "state", "explanation"]
    )
    write_table(events, EVENTS, cohort / "more_events.tsv")
    parts = [str(cohort / f"{sample}.targets.tsv") for sample in ("S1", "S2")]
    out = cohort / "targets.tsv"
    assert join_targets.run(["--targets", *parts, f"--events={cohort / 'more_events.tsv'}", f"--out={out}"]) == 0
    states = read_table(out, TARGETS).set_index(["sample_id", "target"])["genomic_state"]
    assert states["S1", "BCMA"] == "present"
    assert pd.isna(states["S2", "BCMA"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_picture_shows_cells_of_each_sample(tmp_path):
    rng = np.random.default_rng(0)
    for sample in ("S1", "S2"):
        kind = np.repeat(["plasma", "t_cell"], 60)
        values = rng.poisson(1.0, (120, 80)) + 4.0 * ((kind == "plasma")[:, None] & (np.arange(80) < 20))
        obs = pd.DataFrame(
            {"lineage": kind, "subset": kind, "doublet": np.arange(120) == 0}, index=map(str, range(120))
        )
        var = pd.DataFrame(index=[f"GENE{number}" for number in range(80)])
        anndata.AnnData(np.log1p(values).astype(np.float32), obs=obs, var=var).write_h5ad(tmp_path / f"{sample}.c.h5ad")
    cells = [str(tmp_path / f"{sample}.c.h5ad") for sample in ("S1", "S2")]
    flags = [f"--out={tmp_path / 'places.tsv'}", f"--figure={tmp_path / 'cells.png'}"]
    assert embed_cells.run(["--cells", *cells, *flags]) == 0
    places = read_table(tmp_path / "places.tsv", CELL_PLACES)
    assert len(places) == 238
    assert places["umap_1"].notna().all()
    assert (tmp_path / "cells.png").stat().st_size > 5000
