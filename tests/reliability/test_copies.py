"""A copied or moved home is whole by itself: nothing in it points back to where it was."""

import shutil

import duckdb
import pytest

from orchestration import publish
from tests.reliability import homes

pytestmark = pytest.mark.slow


def _paths(database):
    with duckdb.connect(str(database), read_only=True) as connection:
        return "".join(row[0] for row in connection.execute("select sql from duckdb_views()").fetchall())


def test_a_copy_equals_the_home_and_reads_its_own_lake(finished, tmp_path):
    copy = homes.copy_of(finished, tmp_path / "copy")

    assert homes.hashes(copy) == homes.hashes(finished)
    assert str(finished.root) not in _paths(copy.published_database) + _paths(copy.warehouse)
    shutil.rmtree(copy.lake / "raw" / "billing__bill")
    with (
        duckdb.connect(str(copy.published_database), read_only=True) as connection,
        pytest.raises(duckdb.Error, match="No files found"),
    ):
        connection.execute("select count(*) from raw.billing__bill").fetchall()
    assert publish.is_current(copy)


def test_a_moved_home_is_not_current_until_its_views_read_the_lake_where_it_is_now(finished, tmp_path):
    moved = homes.copy_of(finished, tmp_path / "copy")
    moved.root.rename(tmp_path / "moved")
    moved = type(moved)(tmp_path / "moved", moved.contracts, tmp_path / "moved/landing", tmp_path / "moved/lake")

    assert not publish.is_current(moved)
