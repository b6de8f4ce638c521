"""Plasmacytomas and bone lesions with less than 10 % plasma cells in the marrow: never filed as MGUS."""

import pytest

from mmrisk.risk.diagnosis import imwg_diagnosis

CASES = [
    # m_protein, plasmacytoma, lesions, label
    ("intact", "extramedullary", 1, "MM"),
    ("intact", "multiple", 1, "MM"),
    ("light_chain", "extramedullary", 1, "MM"),
    ("intact", "solitary", 1, "SOLITARY_PLASMACYTOMA_MINIMAL_MARROW"),
    ("intact", "solitary", 2, "MM"),
    ("intact", "none", 1, "REVIEW_MDE_NO_CLONE"),
    ("intact", "extramedullary", 0, "REVIEW_PLASMACYTOMA"),
    ("none", "multiple", 0, "REVIEW_PLASMACYTOMA"),
    ("intact", "none", 0, "MGUS"),
]


@pytest.mark.parametrize(("m_protein", "plasmacytoma", "lesions", "label"), CASES)
def test_lesions_beside_a_plasmacytoma(m_protein, plasmacytoma, lesions, label):
    said = imwg_diagnosis.verdict(m_protein, "none", False, True, 8.0, plasmacytoma, lesions, 0.0, False)  # noqa: FBT003
    assert said.label == label
