"""The package as a wheel: the same functions from another folder, with its tables of facts inside."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
LABEL = """
import pandas as pd
from mmrisk.consensus import decide
from mmrisk.events import Evidence, State
from mmrisk.risk.assign import assign, risk_frame
from mmrisk.risk.inputs import Patients
from mmrisk.tables import evidence_frame
import mmrisk
seen = Evidence(sample_id="S", assay_id="fish", event="del_17p", source="fish", state=State.PRESENT, fraction=0.6)
events, _ = decide(evidence_frame([seen]))
risk = risk_frame(assign(Patients(["S"], events)), ["S"]).set_index("system")
print(mmrisk.__file__, risk.loc["IMS-2025", "label"])
"""


@pytest.mark.slow
def test_a_wheel_labels_a_patient_from_another_folder(tmp_path):
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".git", ".venv", "results", ".snakemake", "tests", "__pycache__")
    shutil.copytree(REPO, source, ignore=ignored)
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=source, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", LABEL],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    where, label = done.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert label == "HR"
