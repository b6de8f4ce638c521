"""Spots of false junctions: what several normal genomes share."""

import pytest

from mmrisk.contracts import ARTEFACT_SPOTS
from mmrisk.tables import check, conform
from mmrisk.translocations.spots import MARGIN, Stray, merge_strays


def spots(*normals, fewest=2):
    strays = {f"normal{number}": list(found) for number, found in enumerate(normals)}
    frame = conform(merge_strays(strays, build="GRCh38", fewest_normals=fewest), ARTEFACT_SPOTS)
    check(frame, ARTEFACT_SPOTS, file="spots")
    return frame


HERE = Stray("8", 143_844_500, 143_844_700, "IGH", 3)
CASES = [
    ("one normal is not enough", [[HERE], []], 0),
    ("two normals at one place", [[HERE], [Stray("8", 143_845_000, 143_845_100, "IGH", 2)]], 1),
    ("two islands of one normal", [[HERE, Stray("8", 143_845_000, 143_845_100, "IGH", 2)], []], 0),
    ("too far apart", [[HERE], [Stray("8", 143_850_000, 143_850_100, "IGH", 2)]], 0),
    ("another chromosome", [[HERE], [Stray("4", 143_844_500, 143_844_700, "IGH", 2)]], 0),
    ("another target", [[HERE], [Stray("8", 143_844_500, 143_844_700, "2", 2)]], 0),
]


@pytest.mark.parametrize(("name", "normals", "count"), CASES, ids=[row[0] for row in CASES])
def test_a_spot_is_what_normals_share(name, normals, count):
    assert len(spots(*normals)) == count


def test_a_spot_covers_all_its_reads_and_counts_them():
    row = spots([HERE], [Stray("8", 143_845_000, 143_845_100, "IGH", 2)]).iloc[0]
    assert (row["start"], row["end"]) == (143_844_500 - MARGIN, 143_845_100 + MARGIN)
    assert (row["normals"], row["fragments"], row["target"]) == (2, 5, "IGH")


def test_one_place_with_two_targets_is_one_row():
    other = Stray("8", 143_844_500, 143_844_700, "2", 2)
    assert len(spots([HERE, other], [HERE, other])) == 1
