import json
from pathlib import Path

import pytest

from mmrisk import provenance

SCRIPTS = sorted(path.name for path in provenance.SCRIPTS.glob("*.py"))


def test_a_closure_follows_imports_inside_functions():
    names = {path.name for path in provenance.closure("decide_events.py")}
    assert {"decide_events.py", "consensus.py", "tables.py", "genetics.py", "events.py", "cli.py"} <= names


def test_a_closure_leaves_out_what_is_not_imported():
    names = {path.name for path in provenance.closure("decide_events.py")}
    assert not {"engine.py", "joined.py", "fish.py"} & names


@pytest.mark.parametrize("script", SCRIPTS)
def test_resource_tables_named_in_code_exist(script):
    for path in provenance.facts_read(script):
        assert path.is_file(), path


def test_deciding_events_reads_its_facts():
    names = {path.name for path in provenance.facts_read("decide_events.py")}
    assert {"events.tsv", "cutoffs.tsv", "precedence.tsv"} <= names


def test_a_fingerprint_changes_with_each_module_of_the_closure_and_with_no_other(tmp_path, monkeypatch):
    import shutil

    copy = tmp_path / "scripts"
    shutil.copytree(provenance.SCRIPTS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "SCRIPTS", copy)

    def fingerprint():
        provenance.closure.cache_clear()
        provenance.fingerprint.cache_clear()
        return provenance.fingerprint("decide_events.py")

    before = fingerprint()
    inside = {path.relative_to(copy) for path in provenance.closure("decide_events.py")}
    for path in sorted(copy.rglob("*.py")):
        original = path.read_bytes()
        path.write_bytes(original + b"\n# edited\n")
        assert (fingerprint() != before) == (path.relative_to(copy) in inside), path
        path.write_bytes(original)
    assert fingerprint() == before
    provenance.closure.cache_clear()
    provenance.fingerprint.cache_clear()


def test_a_manifest_names_version_settings_and_checksums(tmp_path):
    (tmp_path / "in.tsv").write_text("a")
    (tmp_path / "out.tsv").write_text("b")
    made = json.loads(
        provenance.manifest(
            config={"x": 1}, inputs=[tmp_path / "in.tsv"], outputs=[tmp_path / "out.tsv"], root=tmp_path
        )
    )
    assert made["config"] == {"x": 1}
    assert made["inputs"]["in.tsv"] == provenance.checksum(Path(tmp_path / "in.tsv"))
    assert list(made["outputs"]) == ["out.tsv"]
