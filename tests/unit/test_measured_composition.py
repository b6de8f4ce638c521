"""Tables of cells and proteins that a laboratory measured, read by a column map."""

import numpy as np
import pytest

from mmrisk.assays import AssayFile
from mmrisk.contracts import COMPOSITION, SIGNATURES
from mmrisk.errors import InputError
from mmrisk.microenvironment.measured import read_measured
from mmrisk.tables import check

WIDE = "Patient,CD8 %T,Tregs %,NK count,Events,IL-6\nP1,40,2.5,300,2000,8.1\nP2,,5,100,1000,n/a\n"
WIDE_MAP = (
    "name\ttheirs\tunit\tdenominator\n"
    "sample_id\tPatient\t\t\n"
    "cd8_t\tCD8 %T\tpercent\tt_cells\n"
    "treg\tTregs %\tpercent\tt_cells\n"
    "nk_cell\tNK count\tcount\tmicroenvironment\n"
    "total\tEvents\t\t\n"
    "il6\tIL-6\tpg_ml\tserum\n"
)
LONG = "id;population;fraction\nP1;Monocytes;0.2\nP1;T cells;0.6\nP1;something else;0.2\n"
LONG_MAP = (
    "name\ttheirs\tunit\tdenominator\n"
    "sample_id\tid\t\t\ncell_type\tpopulation\t\t\nvalue\tfraction\t\t\n"
    "monocyte\tMonocytes\tshare\tall\nt_cell\tT cells\tshare\tall\n"
)


def read(tmp_path, table, columns, *, sample="*", source="flow"):
    (tmp_path / "flow.csv").write_text(table)
    (tmp_path / "map.tsv").write_text(columns)
    file = AssayFile(
        sample_id=sample,
        assay_id="a",
        source=source,
        file=tmp_path / "flow.csv",
        build="",
        columns=tmp_path / "map.tsv",
    )
    made = read_measured(file)
    check(made.composition, COMPOSITION, file="composition.tsv")
    check(made.signatures, SIGNATURES, file="signatures.tsv")
    return made


def test_a_wide_table_gives_shares_counts_and_proteins(tmp_path):
    made = read(tmp_path, WIDE, WIDE_MAP)
    rows = made.composition.set_index(["sample_id", "cell_type"])
    assert rows.loc[("P1", "cd8_t"), ["denominator", "level", "share", "assay"]].tolist() == [
        "t_cells",
        "group",
        0.4,
        "flow",
    ]
    assert rows.loc[("P1", "nk_cell"), ["n_cells", "n_total", "share"]].tolist() == [300, 2000, 0.15]
    assert ("P2", "cd8_t") not in rows.index
    proteins = made.signatures
    assert proteins[["sample_id", "cell_type", "signature", "mean"]].to_numpy().tolist() == [
        ["P1", "serum", "il6", 8.1]
    ]


def test_a_long_table_gives_the_populations_that_the_map_names(tmp_path):
    rows = read(tmp_path, LONG, LONG_MAP).composition.set_index("cell_type")
    assert rows["share"].to_dict() == {"monocyte": 0.2, "t_cell": 0.6}


def test_log_ratios_are_centred_in_their_level(tmp_path):
    columns = LONG_MAP.replace("monocyte\t", "myeloid\t")
    rows = read(tmp_path, LONG, columns).composition.set_index("cell_type")
    assert rows.loc["t_cell", "clr"] == pytest.approx(np.log(3) / 2)
    assert rows["clr"].sum() == pytest.approx(0.0)


def test_one_sample_is_picked(tmp_path):
    assert set(read(tmp_path, WIDE, WIDE_MAP, sample="P2").composition["sample_id"]) == {"P2"}


@pytest.mark.parametrize(
    ("table", "columns", "reason"),
    [
        (WIDE.replace("40,", "140,"), WIDE_MAP, "row 2, column CD8 %T: '140' is no percent of a whole"),
        (WIDE.replace("40,", "forty,"), WIDE_MAP, "row 2, column CD8 %T: 'forty'"),
        (WIDE, WIDE_MAP.replace("cd8_t", "cd8_killers"), "'cd8_killers' is no kind of cell"),
        (WIDE, WIDE_MAP.replace("\tt_cells\ntreg", "\tlymphocytes\ntreg"), "'lymphocytes' is no whole"),
        (WIDE, WIDE_MAP.replace("CD8 %T", "CD8"), "'CD8' is not a column of flow.csv"),
        (WIDE, WIDE_MAP.replace("sample_id\tPatient\t\t\n", ""), "does not name sample_id"),
        (WIDE, WIDE_MAP.replace("total\tEvents\t\t\n", ""), "has counts but no total"),
        (WIDE, "a\tb\n1\t2\n", "a map has the columns name, theirs, unit, denominator"),
        (LONG, LONG_MAP.replace("value\tfraction\t\t\n", ""), "names cell_type but no value"),
    ],
)
def test_wrong_maps_and_values_are_named(table, columns, reason, tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, table, columns)
    assert reason in str(caught.value)
