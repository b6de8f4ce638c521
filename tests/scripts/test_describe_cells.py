"""The commands of the marrow from files to tables, a bad file to its status, and tables of samples joined."""

import importlib.util
from pathlib import Path

import anndata
import pandas as pd
import pytest
from tests.marrow_example import sample

from mmrisk.contracts import CELL_ARMS, CELL_QUALITY, COMPOSITION, EVIDENCE, SIGNATURES, STATUS, TARGETS
from mmrisk.tables import read_table

pytestmark = pytest.mark.filterwarnings("ignore")
SCRIPTS = Path(__file__).parents[2] / "scripts"


def command(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run


def counts_file(path, **marrow):
    made = sample(n_cells=400, seed=2, n_genes=600, **marrow)
    cells = pd.DataFrame({"donor": ["P1", "P2"] * 200}, index=made.cells["barcode"].to_numpy())
    anndata.AnnData(made.counts.astype("float32"), cells, pd.DataFrame(index=made.genes.astype(str))).write_h5ad(path)
    return path


OUT = {
    "out": EVIDENCE,
    "composition-out": COMPOSITION,
    "signatures-out": SIGNATURES,
    "quality-out": CELL_QUALITY,
    "targets-out": TARGETS,
    "arms-out": CELL_ARMS,
    "status": STATUS,
}


def describe(tmp_path, counts, *more):
    flags = [word for name in OUT for word in (f"--{name}", str(tmp_path / f"{name}.tsv"))]
    cells = ["--cells-out", str(tmp_path / "cells.h5ad")]
    assert command("describe_cells")(["--counts", str(counts), "--sample-id", "S1", *flags, *cells, *more]) == 0
    return {name: read_table(tmp_path / f"{name}.tsv", table) for name, table in OUT.items()}


def test_a_file_of_cells_gives_every_table(tmp_path):
    tables = describe(tmp_path, counts_file(tmp_path / "counts.h5ad"))
    assert tables["status"].loc[0, "status"] == "ok"
    assert tables["quality-out"].loc[0, "n_barcodes"] == 400
    assert set(tables["composition-out"]["denominator"]) == {"all", "microenvironment", "t_cells"}
    cells = anndata.read_h5ad(tmp_path / "cells.h5ad")
    assert cells.obs["lineage"].dtype == "category"
    assert "counts" in cells.layers


def test_one_sample_of_a_pooled_file_is_described(tmp_path):
    counts = counts_file(tmp_path / "pool.h5ad")
    assert describe(tmp_path, counts, "--sample-column", "donor=P2")["quality-out"].loc[0, "n_barcodes"] == 200


def test_a_file_that_cannot_be_read_is_a_status_and_leaves_empty_tables(tmp_path):
    (tmp_path / "broken.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + b"x" * 100)
    tables = describe(tmp_path, tmp_path / "broken.h5ad")
    assert tables["status"].loc[0, "status"] == "failed"
    assert "broken.h5ad" in tables["status"].loc[0, "message"]
    assert all(tables[name].empty for name in OUT if name != "status")
    assert anndata.read_h5ad(tmp_path / "cells.h5ad").n_obs == 0


def test_an_unknown_sort_is_a_status_too(tmp_path):
    tables = describe(tmp_path, counts_file(tmp_path / "counts.h5ad"), "--sort", "CD99 bright")
    assert "is no known sort" in tables["status"].loc[0, "message"]


def test_tables_of_samples_are_joined(tmp_path):
    rows = {"assay": "flow", "denominator": "all", "cell_type": "t_cell", "level": "lineage", "status": "measured"}
    for name in ("S2", "S1"):
        frame = pd.DataFrame([{"sample_id": name, **rows}]).reindex(columns=COMPOSITION.names)
        frame.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    pd.DataFrame(columns=COMPOSITION.names).to_csv(tmp_path / "none.tsv", sep="\t", index=False)
    parts = [str(tmp_path / f"{name}.tsv") for name in ("S2", "none", "S1")]
    flags = ["--table", "composition", "--parts", *parts, "--out", str(tmp_path / "joined.tsv")]
    assert command("join_tables")(flags) == 0
    assert read_table(tmp_path / "joined.tsv", COMPOSITION)["sample_id"].tolist() == ["S1", "S2"]


def test_measured_tables_are_read_from_the_assays_sheet(tmp_path):
    (tmp_path / "flow.csv").write_text("id,cd8\nS1,0.3\n")
    (tmp_path / "map.tsv").write_text(
        "name\ttheirs\tunit\tdenominator\nsample_id\tid\t\t\ncd8_t\tcd8\tshare\tt_cells\n"
    )
    (tmp_path / "assays.tsv").write_text(
        "sample_id\tassay_id\tkind\tsource\tfile\tcolumns\n"
        "*\tflow\tcomposition\tflow\tflow.csv\tmap.tsv\n"
        "S1\tbad\tcomposition\tcytof\tflow.csv\t\n"
    )
    out, status = tmp_path / "composition.tsv", tmp_path / "status.tsv"
    flags = ["--assays", str(tmp_path / "assays.tsv"), "--out", str(out), "--status", str(status)]
    assert command("read_composition")(flags) == 0
    assert read_table(out, COMPOSITION)["share"].tolist() == [0.3]
    assert read_table(status, STATUS)["status"].tolist() == ["ok", "failed"]
