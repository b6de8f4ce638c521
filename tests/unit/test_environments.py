"""The conda environments of the rules have what their scripts import, at the versions of the lock."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from mmrisk import provenance

REPO = Path(__file__).parents[2]
RULE = re.compile(r'conda:\s+"\.\./\.\./envs/(\w+\.yaml)"\s+params:(.*?)(?=\n\n\n|\Z)', re.DOTALL)
SCRIPT = re.compile(r'script=script\("(\w+\.py)"\)')
PACKAGES = {"yaml": "pyyaml", "sklearn": "scikit-learn", "umap": "umap-learn", "cyvcf2": "cyvcf2"}
"""Packages that bear another name than their module."""
CONDA_NAMES = {"python-igraph": "igraph", "decoupler-py": "decoupler"}
OWN = {"mmrisk", "google"}


def rules():
    for path in sorted((REPO / "workflow/rules").glob("*.smk")):
        for environment, parameters in RULE.findall(path.read_text()):
            for script in SCRIPT.findall(parameters):
                yield environment, script


@cache
def imported(script):
    """Packages that the script and the modules behind it import, also inside functions."""
    found = set()
    for path in provenance.closure(script):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return {PACKAGES.get(name, name) for name in found - set(sys.stdlib_module_names) - OWN}


@cache
def versions(environment):
    """Version by package of an environment file; pip's packages among them."""
    found = {}
    for item in yaml.safe_load((REPO / "envs" / environment).read_text())["dependencies"]:
        for line in item["pip"] if isinstance(item, dict) else [item]:
            name, _, version = line.replace("==", "=").partition("=")
            found[CONDA_NAMES.get(name, name)] = version
    return found


@pytest.mark.parametrize(("environment", "script"), sorted(set(rules())))
def test_an_environment_has_what_the_script_imports(environment, script):
    assert imported(script) - set(versions(environment)) == set()


@pytest.mark.parametrize("path", sorted((REPO / "envs").glob("*.yaml")), ids=lambda path: path.name)
def test_environments_have_the_versions_of_the_lock(path):
    lock = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (REPO / "envs/requirements.lock").read_text(), re.MULTILINE))
    wrong = {name: version for name, version in versions(path.name).items() if lock.get(name, version) != version}
    assert not wrong
