"""The export commands: from the tables of a run to files, the same bytes twice."""

import anndata
import numpy as np
import pandas as pd
import pytest

import cbioportal_rules
import export_cbioportal
import export_cells
import export_commpass
import export_labels
import export_multiqc
import export_phenopackets
import export_tracks
from association_example import whole_cohort
from mmrisk.contracts import EVIDENCE, SEGMENTS
from mmrisk.joined import cohort_table
from mmrisk.marrow_columns import marrow_columns
from mmrisk.risk.assign import labels_table
from mmrisk.simulate.cohorts import Design, simulate
from mmrisk.tables import conform, write_table


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    made = simulate(Design(patients=4, seed=1))
    wide, columns = marrow_columns({"composition": made.composition})
    cohort = whole_cohort(made).join(wide, on="sample_id")
    write_table(cohort, cohort_table(columns), folder / "cohort.tsv")
    labels = cohort.reindex(columns=labels_table().names).assign(labels_version="1")
    write_table(labels, labels_table(), folder / "labels.tsv")
    name = {"sample_id": "P0000_0", "assay_id": "a"}
    segments = [name | {"chrom": "17", "start": 0, "end": 83257441, "copies": 1.0}]
    write_table(conform(pd.DataFrame(segments), SEGMENTS), SEGMENTS, folder / "segments.tsv")
    seen = name | {"evidence_id": "e", "event": "del_17p", "source": "array", "tier": "measured", "state": "present"}
    write_table(conform(pd.DataFrame([seen | {"build": "GRCh37"}]), EVIDENCE), EVIDENCE, folder / "evidence.tsv")
    obs = pd.DataFrame({"lineage": ["a", "b"]}, index=["x", "y"])
    anndata.AnnData(np.eye(2, dtype=np.float32), obs=obs).write_h5ad(folder / "cells.h5ad")
    return folder


def given(tables, *names):
    return [word for name in names for word in (f"--{name}", str(tables / f"{name}.tsv"))]


COMMANDS = {
    "labels.csv": (export_labels, ("cohort", "labels")),
    "cbioportal": (export_cbioportal, ("cohort", "segments", "evidence")),
    "commpass": (export_commpass, ("cohort", "segments", "evidence")),
    "tracks": (export_tracks, ("segments", "evidence")),
    "phenopackets": (export_phenopackets, ("cohort",)),
    "multiqc": (export_multiqc, ("cohort",)),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_writes_the_same_bytes_twice(tables, tmp_path, name):
    command, names = COMMANDS[name]
    for number in "12":
        assert command.run([*given(tables, *names), "--out", str(tmp_path / number / name)]) == 0
    files = sorted(path for path in (tmp_path / "1").rglob("*") if path.is_file())
    assert files
    for path in files:
        assert path.read_bytes() == (tmp_path / "2" / path.relative_to(tmp_path / "1")).read_bytes()
    if name == "cbioportal":
        assert cbioportal_rules.problems(tmp_path / "1" / name) == []
        assert "SHARE_MICROENVIRONMENT_TREG" in (tmp_path / "1" / name / "data_clinical_sample.txt").read_text()
    if name == "tracks":
        assert [path.name for path in files] == ["segments.GRCh37.seg"], "the build is that of the evidence"


def test_what_else_is_in_a_folder_stays(tables, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert export_multiqc.run([*given(tables, "cohort"), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_cells_get_labels_and_a_stranger_is_refused(tables, tmp_path, capsys):
    flags = ["--cells", str(tables / "cells.h5ad"), *given(tables, "cohort"), "--out", str(tmp_path / "out.h5ad")]
    assert export_cells.run([*flags, "--sample-id", "P0000_0"]) == 0
    assert "label_iss" in anndata.read_h5ad(tmp_path / "out.h5ad").obs
    assert export_cells.run([*flags, "--sample-id", "stranger"]) == 2
    assert "is not in the cohort" in capsys.readouterr().err


def test_an_odd_name_of_a_study_is_refused(tables, tmp_path):
    with pytest.raises(SystemExit):
        export_cbioportal.run([*given(tables, "cohort"), "--out", str(tmp_path), "--study", "../x"])
