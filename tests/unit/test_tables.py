import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmrisk.contracts import DTYPES, EVENTS, EVIDENCE, TABLES, Column, Table
from mmrisk.errors import InputError
from mmrisk.events import Evidence, State, catalogue
from mmrisk.tables import (
    broken_values,
    check,
    evidence_frame,
    keeps_contract,
    parquet_twin,
    read_table,
    split,
    write_table,
)

SHARES = st.none() | st.floats(0, 1).map(lambda share: float(f"{share:.6g}"))
EVIDENCES = st.builds(
    Evidence,
    sample_id=st.sampled_from(["S1", "S2"]),
    assay_id=st.sampled_from(["a", "b"]),
    event=st.sampled_from(list(catalogue())),
    source=st.just("fish"),
    state=st.sampled_from([State.PRESENT, State.ABSENT, State.NOT_EVALUABLE]),
    fraction=SHARES,
    detection_limit=SHARES,
    copies=st.none() | st.integers(0, 8).map(float),
    n_abnormal=st.none() | st.integers(0, 500),
    detail=st.sampled_from(["", "IGHx3 without con", "×"]),
    warnings=st.lists(st.sampled_from(["subclone", "unread_text"]), max_size=2).map(tuple),
)


@settings(max_examples=40)
@given(items=st.lists(EVIDENCES, min_size=1, max_size=8))
def test_evidence_is_the_same_after_writing_and_reading(items, tmp_path_factory):
    path = tmp_path_factory.mktemp("t") / "evidence.tsv"
    frame = evidence_frame(items)
    write_table(frame, EVIDENCE, path)
    pd.testing.assert_frame_equal(read_table(path, EVIDENCE), frame)
    pd.testing.assert_frame_equal(read_table(parquet_twin(path), EVIDENCE), frame)
    assert frame["evidence_id"].is_unique


@given(
    items=st.permutations(
        [
            *(
                Evidence(sample_id=s, assay_id=a, event=e, source="fish", state=State.ABSENT)
                for s in "ab"
                for a in "xy"
                for e in ("del_17p", "t_4_14")
            )
        ]
    )
)
def test_evidence_does_not_depend_on_the_order_of_reading(items):
    assert evidence_frame(items).equals(evidence_frame(sorted(items, key=repr)))


def test_the_same_table_gives_the_same_bytes(tmp_path):
    frame = evidence_frame(
        [Evidence(sample_id="S", assay_id="a", event="del_17p", source="fish", state=State.PRESENT, fraction=1 / 3)]
    )
    for name in ("one.tsv", "two.tsv"):
        write_table(frame, EVIDENCE, tmp_path / name)
    assert (tmp_path / "one.tsv").read_bytes() == (tmp_path / "two.tsv").read_bytes()
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert b"0.333333\t" in (tmp_path / "one.tsv").read_bytes()


def test_no_half_written_table_is_left(tmp_path):
    frame = evidence_frame([])
    write_table(frame, EVIDENCE, tmp_path / "e.tsv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.parquet", "e.tsv"]


def broken(**changes):
    frame = evidence_frame(
        [Evidence(sample_id="S", assay_id="a", event="del_17p", source="fish", state=State.PRESENT)] * 2
    )
    for column, value in changes.items():
        frame.loc[1, column] = value
    return frame


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fraction": 1.2}, "e.tsv, row 3, column fraction: '1.2' is out of range; give 0 or more and 1 or less"),
        ({"source": "mlpa"}, "e.tsv, row 3, column source: 'mlpa' is not one of the allowed values"),
        ({"sample_id": None}, "e.tsv, row 3, column sample_id: is missing; fill it in"),
        ({"evidence_id": "S.a.del_17p"}, "e.tsv, row 3, column evidence_id: 'S.a.del_17p' occurs more than once"),
    ],
)
def test_a_broken_contract_names_row_column_value_and_remedy(changes, expected):
    with pytest.raises(InputError) as raised:
        check(broken(**changes), EVIDENCE, file="e.tsv")
    assert expected in str(raised.value)
    assert len(raised.value.problems) == 1


ANY = Table(
    name="any",
    about="any",
    key=("name",),
    columns=(
        Column("name", "text", "a name", required=True),
        Column("kind", "text", "a kind", allowed=("a", "b")),
        Column("share", "number", "a share", low=0.0, high=1.0),
        Column("count", "integer", "a count", required=True, low=0),
        Column("seen", "flag", "a flag"),
    ),
)
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["x", "y"] * 5 + [None]),
        "kind": st.sampled_from(["a", "b", None] * 4 + ["c", ""]),
        "share": st.sampled_from([0.0, 0.5, 1.0, None] * 4 + [-0.1, 1.1, float("nan"), float("inf")]),
        "count": st.sampled_from([0, 3] * 6 + [-1, None]),
        "seen": st.sampled_from([True, False, None]),
    }
)
SHAPES = {
    "as declared": lambda frame: frame,
    "a column too many": lambda frame: frame.assign(more=1),
    "a column missing": lambda frame: frame.drop(columns="seen"),
    "another type": lambda frame: frame.assign(count=frame["count"].astype("Float64")),
}


@pytest.mark.filterwarnings("ignore:The behavior of DataFrame concatenation:FutureWarning")  # of pandera's own making
@settings(max_examples=80, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=4), shape=st.sampled_from([*SHAPES] + ["as declared"] * 8))
def test_a_table_keeps_its_contract_just_where_no_value_is_named(rows, shape):
    columns = {column.name: [row[column.name] for row in rows] for column in ANY.columns}
    dtypes = {column.name: DTYPES[column.kind] for column in ANY.columns}
    frame = SHAPES[shape](pd.DataFrame(columns, dtype=object).astype(dtypes))
    assert keeps_contract(frame, ANY) == (not broken_values(frame, ANY, file="x.tsv"))


def test_a_table_of_another_kind_is_refused(tmp_path):
    (tmp_path / "x.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="not the evidence table"):
        read_table(tmp_path / "x.tsv", EVIDENCE)


def test_a_word_in_a_number_column_is_named(tmp_path):
    write_table(broken(), EVIDENCE, tmp_path / "e.tsv")
    text = (tmp_path / "e.tsv").read_text().splitlines()
    cells = text[1].split("\t")
    cells[EVIDENCE.names.index("fraction")] = "many"
    (tmp_path / "e.tsv").write_text("\n".join([text[0], "\t".join(cells), text[2]]) + "\n")
    with pytest.raises(InputError, match="row 2, column fraction: 'many' is not a number"):
        read_table(tmp_path / "e.tsv", EVIDENCE)


def test_every_contract_has_a_key_that_it_holds():
    for table in TABLES:
        assert set(table.key) <= set(table.names)
        assert len(set(table.names)) == len(table.names)


def test_missing_cells_split_to_nothing():
    assert split(None) == split(pd.NA) == split("") == []
    assert split("a;b") == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    [b"", "sample_id\tevent\n".encode("utf-16"), b"\x1f\x8b\x08", b"a\tb\n1\t2\t3\n4\n", b"sample_id\n\xe4\n"],
    ids=["empty", "UTF-16", "packed", "of several widths", "in another encoding"],
)
@pytest.mark.parametrize("name", ["events.tsv", "events.parquet"])
def test_a_table_that_cannot_be_read_is_an_error_of_the_input(content, name, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}.*(cannot be read|is missing).*make it again"):
        read_table(tmp_path / name, EVENTS)
