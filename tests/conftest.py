"""Fixtures that every ring of tests shares."""

from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party files beside the repository; a clone alone does not have it."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"third-party files are not here: {folder} is missing")
    return folder
