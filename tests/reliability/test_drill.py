"""The drill: a home is backed up and destroyed; what comes back publishes the same rows."""

import shutil

import pytest

from orchestration.settings import Home
from tests.reliability import homes

pytestmark = pytest.mark.slow


def test_a_destroyed_home_publishes_the_same_rows_after_restore_and_run(finished: Home, tmp_path) -> None:
    home = homes.copy_of(finished, tmp_path / "home")
    for arguments in (("backup", "--to", str(tmp_path / "safe")), ()):
        if not arguments:
            shutil.rmtree(home.root)
            arguments = ("restore", "--from", str(tmp_path / "safe"))
        said = homes.bass(home, *arguments)
        assert said.returncode == 0, said.stderr[-2000:]
    said = homes.bass(home, "run")
    assert said.returncode == 0, said.stderr[-2000:]
    assert homes.hashes(home) == homes.hashes(finished)
