"""Settings shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("mmrisk", deadline=None, derandomize=True)
settings.load_profile("mmrisk")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of real data; tests on it are skipped where MMRISK_REALDATA does not name one."""
    folder = os.environ.get("MMRISK_REALDATA")
    if not folder:
        pytest.skip("MMRISK_REALDATA is not set")
    return Path(folder)
