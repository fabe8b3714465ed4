"""The commands as an operator types them, on a home with every model of the base themes: close, late file, as-of."""

import duckdb
import pytest

from orchestration.settings import Home
from tests.reliability import homes
from tests.unit.extract_files import voice_file

pytestmark = pytest.mark.slow

JANUARY = """select period_type, kpi_id, definition_version, breakdown_code, org_level_code, org_id, period_start,
    numerator, denominator, kpi_value
    from (select 'day' as period_type, * from kpi.fct_kpi_day union all by name
          select 'month' as period_type, * from kpi.fct_kpi_month)
    where date_trunc('month', period_start) = date '2026-01-01' order by all"""


@pytest.fixture(scope="module")
def closed(finished: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = homes.copy_of(finished, tmp_path_factory.mktemp("site") / "home")
    said = homes.bass(home, "close", "2026-01")
    assert said.returncode == 0, said.stderr[-2000:]
    return home


@pytest.fixture(scope="module")
def late(closed: Home) -> Home:
    """The first file of February holds a call of 30 January beside one of its own day, of someone who pays 15 fen a
    minute from the first on."""
    files = sorted(closed.landing.rglob("vc_10000_*.cdr"), reverse=True)
    records = (line.split("|") for file in files for line in file.read_text().splitlines() if "|VOICE_LOCAL|" in line)
    fields = next(record for record in records if record[3] == "MO" and record[12:14] == ["15", "0"])
    last = files[0]
    lines = ["|".join([f"late{day}", *fields[1:4], "VOICE_LOCAL", *fields[5:7], f"{day}101500", "600", *fields[9:12],
                       "150", "0"]) for day in ("20260130", "20260201")]
    number = int(last.name.split("_")[3]) + 1
    (last.parent / f"vc_10000_202602010000_{number:06d}_v1.cdr").write_bytes(voice_file(lines))
    said = homes.bass(closed, "run")
    assert said.returncode == 0, said.stderr[-2000:]
    return closed


def ask(home: Home, sql: str) -> list[tuple]:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_published_figure_of_the_month_stays_and_the_queue_has_what_the_late_call_changes(
    finished: Home, late: Home
):
    assert ask(late, JANUARY) == ask(finished, JANUARY)
    assert ask(late, """select cast(counted_numerator - closed_numerator as int) from ops.ops_restatement_queue
        where kpi_id = 'K15' and org_level_code = 'HQ'""") == [(10,)]
    assert ask(late, """select contract_id, cast(event_date as string), record_count, duration_s,
        cast(amount_amt as double) from ops.ops_late_record""") == [("billing__rated_voice", "2026-01-30", 1, 600, 1.5)]


def test_every_figure_of_the_closed_month_is_counted_again_from_the_files_of_then(late: Home, tmp_path):
    said = homes.bass(late, "as-of", "2026-01", "--to", str(tmp_path / "then"))
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-2000:]
    (closed,) = ask(late, "select count(*) from kpi.fct_kpi_closed")[0]
    assert closed > 1000 and f"{closed} figures counted again from the files of then, 0 differ" in said.stdout


def test_a_restatement_takes_the_late_call_in(late: Home):
    said = homes.bass(late, "restate", "2026-01", "--reason", "the exchange sent a call late")
    assert said.returncode == 0, said.stderr[-2000:]
    assert "K15" in said.stdout and ask(late, "select count(*) from ops.ops_restatement_queue") == [(0,)]
    again = homes.bass(late, "restate", "2026-01", "--reason", "again")
    assert again.returncode == 1 and "nothing to restate" in again.stderr
