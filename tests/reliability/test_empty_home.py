"""A home to which nothing has come yet, as on the first evening of a site or where a feed is not there at all."""

from pathlib import Path

import duckdb
import pytest

from orchestration import settings
from tests.reliability import homes

pytestmark = pytest.mark.slow


def test_a_home_to_which_nothing_has_come_publishes_every_fact_without_a_row(tmp_path: Path) -> None:
    home = settings.home(tmp_path / "home")
    said = homes.bass(home, "run", BASS_THEMES_OFF="")
    assert said.returncode == 0, said.stderr[-2000:]
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        facts = connection.execute("select schema_name || '.' || table_name from duckdb_tables()"
                                   " where table_name like 'fct!_%' escape '!'").fetchall()
        filled = {name for (name,) in facts if connection.execute(f"select count(*) from {name}").fetchone() != (0,)}
    assert len(facts) > 80 and filled == set()
