"""Count files of every layout: read as raw counts, or refused with the reason and what to do."""

import gzip

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.io import mmwrite

from mmrisk.errors import InputError
from mmrisk.microenvironment.counts import checked_csr
from mmrisk.microenvironment.reading import not_raw, read_counts

SYMBOLS = ["CD3E", "PTPRC", "SDC1", "MS4A1", "LYZ", "IGKC"]
IDS = [
    "ENSG00000198851",
    "ENSG00000081237",
    "ENSG00000115884",
    "ENSG00000156738",
    "ENSG00000090382",
    "ENSG00000211592",
]
COUNTS = np.array([[90, 20, 0, 0, 1, 3], [0, 30, 80, 0, 0, 200], [0, 40, 0, 70, 0, 9], [0, 25, 0, 0, 99, 1]])
BARCODES = ["AAA-1", "CCC-1", "GGG-1", "TTT-1"]


def h5ad(path, x=COUNTS, *, symbols=SYMBOLS, barcodes=BARCODES, obs=None, var=None, **more):
    data = anndata.AnnData(
        sparse.csr_matrix(np.asarray(x, dtype=np.float32)),
        obs=pd.DataFrame(obs or {}, index=barcodes),
        var=pd.DataFrame(var or {}, index=symbols),
        **more,
    )
    data.write_h5ad(path)
    return path


def tenx(path, *, names=SYMBOLS, types=None, genome="GRCh38", counts=COUNTS):
    matrix = sparse.csr_matrix(counts.astype(np.int32))
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(matrix, name)
        group["shape"] = np.array(counts.shape[::-1])
        group["barcodes"] = np.array(BARCODES, dtype="S")
        features = group.create_group("features")
        features["name"] = np.array(names, dtype="S")
        features["id"] = np.array(IDS, dtype="S")
        features["feature_type"] = np.array(types or ["Gene Expression"] * len(names), dtype="S")
        features["genome"] = np.array([genome] * len(names), dtype="S")
    return path


def tenx_version_2(path):
    matrix = sparse.csr_matrix(COUNTS.astype(np.int32))
    with h5py.File(path, "w") as file:
        group = file.create_group("GRCh38")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(matrix, name)
        group["shape"] = np.array(COUNTS.shape[::-1])
        group["barcodes"] = np.array(BARCODES, dtype="S")
        group["gene_names"] = np.array(SYMBOLS, dtype="S")
        group["genes"] = np.array(IDS, dtype="S")
    return path


def loom(path):
    with h5py.File(path, "w") as file:
        file["matrix"] = COUNTS.T.astype(np.int32)
        file.create_group("row_attrs")["Gene"] = np.array(SYMBOLS, dtype="S")
        file.create_group("col_attrs")["CellID"] = np.array(BARCODES, dtype="S")
    return path


def matrix_market(folder, *, packed=True, prefix=""):
    folder.mkdir()
    opened = gzip.open if packed else open
    end = ".gz" if packed else ""
    with opened(folder / f"{prefix}matrix.mtx{end}", "wb") as out:
        mmwrite(out, sparse.coo_matrix(COUNTS.T))
    features = "".join(f"{i}\t{s}\t{'Gene Expression'}\n" for i, s in zip(IDS, SYMBOLS, strict=True))
    with opened(folder / f"{prefix}{'features' if packed else 'genes'}.tsv{end}", "wt") as out:
        out.write(features)
    with opened(folder / f"{prefix}barcodes.tsv{end}", "wt") as out:
        out.write("\n".join(BARCODES) + "\n")
    return folder


def layouts(tmp_path):
    logged = np.log1p(COUNTS)
    yield h5ad(tmp_path / "x.h5ad")
    yield h5ad(tmp_path / "layer.h5ad", logged, layers={"counts": sparse.csr_matrix(COUNTS)})
    with_raw = anndata.AnnData(sparse.csr_matrix(COUNTS), pd.DataFrame(index=BARCODES), pd.DataFrame(index=SYMBOLS))
    scaled = anndata.AnnData(logged - 1.0, pd.DataFrame(index=BARCODES), pd.DataFrame(index=SYMBOLS))
    scaled.raw = with_raw
    scaled.write_h5ad(tmp_path / "raw.h5ad")
    yield tmp_path / "raw.h5ad"
    anndata.AnnData(sparse.csc_matrix(COUNTS), with_raw.obs, with_raw.var).write_h5ad(tmp_path / "csc.h5ad")
    yield tmp_path / "csc.h5ad"
    anndata.AnnData(COUNTS.astype(float), with_raw.obs, with_raw.var).write_h5ad(tmp_path / "dense.h5ad")
    yield tmp_path / "dense.h5ad"
    yield h5ad(tmp_path / "ids.h5ad", symbols=IDS)
    yield h5ad(tmp_path / "versions.h5ad", symbols=[f"{name}.3" for name in IDS])
    yield h5ad(tmp_path / "column.h5ad", symbols=IDS, var={"feature_name": SYMBOLS})
    yield tenx(tmp_path / "filtered.h5")
    yield tenx_version_2(tmp_path / "version2.h5")
    yield loom(tmp_path / "cells.loom")
    yield matrix_market(tmp_path / "packed")
    yield matrix_market(tmp_path / "plain", packed=False)
    yield matrix_market(tmp_path / "prefixed", prefix="GSM1_") / "GSM1_matrix.mtx.gz"


def test_every_layout_gives_the_same_counts(tmp_path):
    for path in layouts(tmp_path):
        read = read_counts(path)
        assert read.counts.toarray().tolist() == COUNTS.tolist(), path.name
        assert read.symbols == SYMBOLS, path.name
        assert list(read.barcodes) == BARCODES, path.name


def refusal(path, **more):
    with pytest.raises(InputError) as caught:
        read_counts(path, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (np.log1p, "looks log-transformed"),
        (lambda x: (x - x.mean(0)) / (x.std(0) + 1e-6), "negative values, as after scaling"),
        (lambda x: x / x.sum(1, keepdims=True) * 1e4, "holds fractions, as after normalisation"),
        (lambda x: x * np.nan, "values that are not numbers"),
        (lambda x: x * 0, "has no count"),
    ],
)
def test_matrices_that_hold_no_raw_counts_are_refused_with_the_reason(change, reason, tmp_path):
    with np.errstate(invalid="ignore"):
        said = refusal(h5ad(tmp_path / "made.h5ad", change(COUNTS.astype(float))))
    assert reason in said
    assert "holds no raw counts" in said


def test_mouse_genes_are_refused(tmp_path):
    assert "names mouse genes" in refusal(
        h5ad(tmp_path / "m.h5ad", symbols=["Cd3e", "Ptprc", "Sdc1", "Cd79a", "Lyz2", "Igkc"])
    )
    assert "names mouse genes" in refusal(tenx(tmp_path / "mm10.h5", genome="mm10"))


def test_unknown_genes_are_refused(tmp_path):
    assert "names no gene that human cells have" in refusal(h5ad(tmp_path / "u.h5ad", symbols=list("abcdef")))


def test_barcodes_that_occur_twice_are_refused(tmp_path):
    with pytest.warns(UserWarning, match="not unique"):
        path = h5ad(tmp_path / "twice.h5ad", barcodes=["A", "B", "A", "C"])
    assert "'A' occurs more than once as a barcode" in refusal(path)


def test_genes_that_share_a_symbol_are_added_up(tmp_path):
    path = tenx(tmp_path / "shared.h5", names=["CD3E", "PTPRC", "SDC1", "MS4A1", "LYZ", "LYZ"])
    read = read_counts(path)
    assert read.symbols == ["CD3E", "PTPRC", "SDC1", "MS4A1", "LYZ"]
    assert read.counts.toarray()[:, 4].tolist() == (COUNTS[:, 4] + COUNTS[:, 5]).tolist()
    assert "share their symbol" in read.notes[0]


def test_antibodies_are_left_aside(tmp_path):
    types = ["Gene Expression"] * 5 + ["Antibody Capture"]
    read = read_counts(tenx(tmp_path / "cite.h5", types=types))
    assert read.symbols == SYMBOLS[:5]
    assert read.notes == ("1 features left aside (Antibody Capture)",)


def test_a_file_of_antibodies_alone_is_refused(tmp_path):
    assert "holds no gene expression" in refusal(tenx(tmp_path / "adt.h5", types=["Antibody Capture"] * 6))


def test_a_pooled_file_gives_the_cells_of_one_sample(tmp_path):
    path = h5ad(tmp_path / "pool.h5ad", obs={"donor": pd.Categorical(["P1", "P2", "P1", "P2"])})
    assert list(read_counts(path, sample_column="donor", sample="P2").barcodes) == ["CCC-1", "TTT-1"]
    assert read_counts(path, sample_column="donor", sample="P1").counts.toarray().tolist() == COUNTS[[0, 2]].tolist()
    assert "'P9' has no cell of the sample in donor; it has P1, P2" in refusal(path, sample_column="donor", sample="P9")
    assert "'lane' has no such column of cells" in refusal(path, sample_column="lane", sample="P1")


def test_empty_droplets_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mmrisk.microenvironment.reading.EMPTY_DROPLETS", 3)
    sparse_counts = COUNTS.copy()
    sparse_counts[1:] = np.minimum(sparse_counts[1:], 1)
    assert "holds the empty droplets too" in refusal(h5ad(tmp_path / "all.h5ad", sparse_counts))


def test_barcodes_with_few_transcripts_are_left_out(tmp_path):
    few = COUNTS.copy()
    few[3] = [1, 0, 0, 0, 0, 0]
    read = read_counts(h5ad(tmp_path / "few.h5ad", few))
    assert list(read.barcodes) == BARCODES[:3]
    assert "1 barcodes with fewer than 100 transcripts left out" in read.notes


def damaged(path, name, change):
    with h5py.File(path, "r+") as file:
        values = file[f"X/{name}"][()]
        del file[f"X/{name}"]
        file[f"X/{name}"] = change(values)
    return path


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("indices", lambda values: values + 100),
        ("indices", lambda values: -values - 1),
        ("indptr", lambda values: values[::-1].copy()),
        ("indptr", lambda values: values + 1),
        ("data", lambda values: values[:-1]),
        ("data", lambda values: np.array([b"x"] * len(values))),
    ],
)
def test_damaged_sparse_matrices_are_refused_and_never_multiplied(name, change, tmp_path):
    said = refusal(damaged(h5ad(tmp_path / "d.h5ad"), name, change))
    assert "damaged" in said or "cannot be read as HDF5" in said


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_files_cut_short_are_refused(share, tmp_path):
    whole = h5ad(tmp_path / "whole.h5ad").read_bytes()
    (tmp_path / "cut.h5ad").write_bytes(whole[: int(share * len(whole))])
    assert "cut short" in refusal(tmp_path / "cut.h5ad")


def test_links_into_other_files_are_refused(tmp_path):
    h5ad(tmp_path / "secret.h5ad")
    with h5py.File(tmp_path / "link.h5ad", "w") as file:
        file["X"] = h5py.ExternalLink("secret.h5ad", "/X")
    assert "points into another file" in refusal(tmp_path / "link.h5ad")


def test_pickles_and_other_files_are_refused(tmp_path):
    (tmp_path / "model.h5ad").write_bytes(b"\x80\x04\x95 not HDF5")
    assert "cannot be read as HDF5" in refusal(tmp_path / "model.h5ad")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["something"] = [1, 2, 3]
    assert "HDF5 of no known layout" in refusal(tmp_path / "other.h5")
    assert "does not exist" in refusal(tmp_path / "missing.h5ad")


def test_matrix_folders_that_lack_or_mix_files_are_refused(tmp_path):
    folder = matrix_market(tmp_path / "lacks")
    (folder / "barcodes.tsv.gz").unlink()
    assert "has no barcodes.tsv.gz or barcodes.tsv" in refusal(folder)
    mixed = matrix_market(tmp_path / "mixed")
    with gzip.open(mixed / "barcodes.tsv.gz", "wt") as out:
        out.write("A\nB\n")
    assert "does not fit the files beside it (6 features x 2 barcodes)" in refusal(mixed)
    cut = matrix_market(tmp_path / "cut")
    packed = (cut / "matrix.mtx.gz").read_bytes()
    (cut / "matrix.mtx.gz").write_bytes(packed[: len(packed) // 2])
    assert "cut short" in refusal(cut)


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=1, max_size=6))
def test_whole_numbers_are_raw_and_their_logarithms_are_not(rows):
    counts = np.array(rows, dtype=np.float32)
    if not counts.any():
        return
    assert not_raw(sparse.csr_matrix(counts)) is None
    logged = np.log1p(counts)
    assert not_raw(sparse.csr_matrix(logged)) == "looks log-transformed"


def test_a_matrix_with_pointers_out_of_order_is_damaged(tmp_path):
    with pytest.raises(InputError, match="damaged sparse matrix"):
        checked_csr(tmp_path, np.ones(2), np.array([0, 1]), np.array([0, 2, 1]), (2, 2))
