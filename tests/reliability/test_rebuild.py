"""Lake and warehouse are caches: thrown away and made again from raw files and ledger, they hold the same rows."""

from pathlib import Path

import pytest

from orchestration.settings import Home
from tests.reliability import homes

pytestmark = [pytest.mark.slow, pytest.mark.soak]  # the small site of `story` is rebuilt and compared each time


def test_a_rebuild_of_a_whole_site_gives_the_same_rows_back(finished: Home, tmp_path: Path) -> None:
    home = homes.copy_of(finished, tmp_path / "home")
    said = homes.bass(home, "rebuild")
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-2000:]
    assert ": 0 differ" in said.stdout
    assert homes.hashes(home) == homes.hashes(finished)
