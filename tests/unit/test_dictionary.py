import json
from pathlib import Path

from mmrisk.contracts import TABLES
from mmrisk.dictionary import dictionary_json, dictionary_page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_dictionary_in_the_documentation_is_current():
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == dictionary_page(), "run: make docs"
    assert (DOCS / "tables.json").read_text(encoding="utf-8") == dictionary_json(), "run: make docs"


def test_every_column_of_every_table_is_explained():
    tables = json.loads(dictionary_json())["tables"]
    assert {table.name for table in TABLES} <= set(tables)
    for table in tables.values():
        for column in table["columns"]:
            assert column["about"], column


def test_the_labels_contract_is_frozen():
    # downstream code loads these columns by name: adding one is fine, changing or removing one needs a new version
    labels = json.loads(dictionary_json())["tables"]["labels"]
    names = [column["name"] for column in labels["columns"]]
    assert names[:2] == ["sample_id", "labels_version"]
    for slug in ("iss", "r_iss", "r2_iss", "ims_2025", "ims_2025_fish"):
        start = names.index(slug)
        assert names[start : start + 5] == [slug, f"{slug}_code", f"{slug}_best", f"{slug}_worst", f"{slug}_complete"]
