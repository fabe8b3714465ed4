"""A closed month keeps its figures; what comes late waits for a restatement; every version can be counted again."""

import csv
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestration import as_of, closing, contracts, pipeline, publish, restatement, settings, steps
from orchestration.settings import Home
from tests.reliability.closed_months import ask, put, write_project
from tests.reliability.homes import copy_of

pytestmark = pytest.mark.slow

JANUARY = "2026-01"
MONTH = "select closed_version, numerator, denominator from kpi.fct_kpi_month where org_level_code = 'HQ' and "
QUEUE = """select kpi_id, period_type, cast(period_start as string), org_id, cast(closed_numerator as double),
    cast(counted_numerator as double) from ops.ops_restatement_queue where org_level_code = 'CITY' order by all"""
LATE = """select contract_id, file_name, cast(event_date as string), record_count, cast(amount_amt as double)
    from ops.ops_late_record"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("months")
    write_project(folder)
    return folder


@pytest.fixture(autouse=True, scope="module")
def miniature(environment: None, project: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(settings, "DBT_PROJECT", project / "dbt_project")
        monkeypatch.setattr(settings, "SEEDS", project / "seeds")
        yield


def home_in(folder: Path, project: Path) -> Home:
    return settings.home(folder, project / "contracts")


@pytest.fixture(scope="module")
def january(miniature: None, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two cities, two days of January with 100 + 40 and 20 yuan, published and open."""
    home = home_in(tmp_path_factory.mktemp("january") / "home", project)
    put(home, date(2026, 1, 5), ("1", "c1", "2026-01-05", 10000), ("2", "c2", "2026-01-05", 4000))
    put(home, date(2026, 1, 31), ("3", "c1", "2026-01-31", 2000))
    pipeline.run(home)
    return home


@pytest.fixture(scope="module")
def closed(january: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """January is closed; then comes a file of 2 February with one sale of its day and a late one of 31 January."""
    home = copy_of(january, tmp_path_factory.mktemp("closed") / "home")
    restatement.close(home, JANUARY)
    put(home, date(2026, 2, 2), ("4", "c1", "2026-02-02", 6000), ("5", "c1", "2026-01-31", 500))
    pipeline.run(home)
    return home


@pytest.fixture(scope="module")
def restated(closed: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = copy_of(closed, tmp_path_factory.mktemp("restated") / "home")
    restatement.restate(home, JANUARY, "a shop sent its last day in February")
    return home


def test_a_closed_month_is_as_published_and_says_so(january: Home, closed: Home):
    assert ask(january, MONTH + "kpi_id = 'K13'") == [(None, 160, 3)]
    assert ask(closed, MONTH + "kpi_id = 'K13' order by period_start") == [(1, 160, 3), (None, 60, 1)]
    figures = "select kpi_id, org_id, period_start, numerator, denominator from kpi.fct_kpi_day order by all"
    days = [row for row in ask(closed, figures) if row[2] < date(2026, 2, 1)]
    assert days == ask(january, figures)


def test_facts_hold_the_late_record_that_the_closed_month_does_not_show(closed: Home):
    assert ask(closed, "select sum(recognised_amt) from revenue.fct_revenue_month"
                       " where revenue_month = '2026-01-01'") == [(165,)]


def test_the_queue_lists_each_figure_that_today_would_be_another_one(closed: Home):
    assert ask(closed, QUEUE) == [
        ("K02", "day", "2026-01-31", "c1", 1.0, 2.0), ("K02", "month", "2026-01-01", "c1", 2.0, 3.0),
        ("K13", "month", "2026-01-01", "c1", 120.0, 125.0),
    ]


def test_the_queue_names_the_late_file_its_rows_and_sums(closed: Home):
    assert ask(closed, LATE) == [("billing__sale", "sale_20260202_v1.txt", "2026-01-31", 1, 5.0)]


def test_a_late_record_of_an_open_month_reopens_its_day(closed: Home, tmp_path: Path):
    home = copy_of(closed, tmp_path / "home")
    put(home, date(2026, 2, 9), ("6", "c1", "2026-02-02", 700))
    pipeline.run(home)
    assert ask(home, "select cast(numerator as int) from kpi.fct_kpi_day where kpi_id = 'K02' and org_id = 'c1'"
                     " and period_start = '2026-02-02'") == [(2,)]
    assert ask(home, QUEUE) == ask(closed, QUEUE)


def test_a_file_sent_again_for_a_closed_month_waits_too(closed: Home, tmp_path: Path):
    home = copy_of(closed, tmp_path / "home")
    put(home, date(2026, 1, 5), ("1", "c1", "2026-01-05", 9000), version=2)
    pipeline.run(home)
    assert ask(home, MONTH + "kpi_id = 'K13' and period_start = '2026-01-01'") == [(1, 160, 3)]
    assert ("billing__sale", "sale_20260105_v2.txt", "2026-01-05", 1, 90.0) in ask(home, LATE)
    assert ("K13", "month", "2026-01-01", "c1", 120.0, 115.0) in ask(home, QUEUE)


def test_a_comparison_stands_on_the_closed_figure(closed: Home, restated: Home):
    """K19 of February counts against the January that is published, and so does the change of every KPI."""
    growth = MONTH + "kpi_id = 'K19' and period_start = '2026-02-01'"
    change = """select cast(previous_value as int) from kpi.fct_kpi_month
        where kpi_id = 'K02' and org_level_code = 'HQ' and period_start = '2026-02-01'"""
    assert ask(closed, growth) == [(None, 60 - 120, 120)] and ask(closed, change) == [(3,)]
    assert ask(restated, growth) == [(None, 60 - 125, 125)] and ask(restated, change) == [(4,)]


def test_a_restatement_writes_the_next_version_and_the_old_one_stays_readable(restated: Home):
    assert ask(restated, MONTH + "kpi_id = 'K13' and period_start = '2026-01-01'") == [(2, 165, 4)]
    assert ask(restated, """select closed_version, is_newest, cast(numerator as int) from kpi.fct_kpi_closed
        where kpi_id = 'K13' and org_level_code = 'HQ' order by 1""") == [(1, False, 160), (2, True, 165)]
    assert ask(restated, QUEUE) == [] and ask(restated, LATE) == []


def test_a_restatement_lists_the_kpis_it_touches_with_their_owners(restated: Home):
    expected = [("K02", "market operations", 6), ("K13", "finance", 3)]
    assert ask(restated, "select kpi_id, owner, changed_figure_count from ops.ops_restated_kpi order by 1") == expected
    history = """select kind, reason, changed_kpi_count, changed_figure_count
        from ops.ops_restatement order by closed_version"""
    assert ask(restated, history) == [
        ("close", None, 0, 0), ("restate", "a shop sent its last day in February", 2, 9)]
    folder = restated.published / "reports"
    with open(folder / "restatement_2026-01_v2_kpis.csv", encoding="utf-8-sig", newline="") as handle:
        listed = [(row["kpi_id"], row["owner"], int(row["changed_figures"])) for row in csv.DictReader(handle)]
    assert listed == expected


def test_the_report_of_a_restatement_holds_every_difference_and_opens_without_a_network(restated: Home):
    folder = restated.published / "reports"
    with open(folder / "restatement_2026-01_v2_figures.csv", encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 9
    assert {(float(row["closed_numerator"]), float(row["counted_numerator"])) for row in rows
            if (row["kpi_id"], row["org_id"]) == ("K13", "h")} == {(160.0, 165.0)}
    page = (folder / "restatement_2026-01_v2.html").read_text("utf-8")
    assert "sale_20260202_v1.txt" in page and "finance" in page
    assert "http" not in page and "<script" not in page


def test_a_restatement_without_a_difference_is_refused(restated: Home):
    with pytest.raises(restatement.PeriodRefused, match="nothing to restate"):
        restatement.restate(restated, JANUARY, "just in case")
    with pytest.raises(restatement.PeriodRefused, match="needs a reason"):
        restatement.restate(restated, JANUARY, "  ")


def test_a_month_closes_once_in_order_and_when_it_is_final(closed: Home, january: Home, tmp_path: Path):
    for home, period, said in [
        (closed, JANUARY, "is closed since"), (closed, "2026-02", "K02: not all days are delivered"),
        (january, "2026-02", None), (january, "2026-13", None),
    ]:
        with pytest.raises(closing.PeriodUnknown if said is None else restatement.PeriodRefused, match=said):
            restatement.close(home, period)
    late_start = copy_of(january, tmp_path / "home")
    put(late_start, date(2026, 2, 28), ("7", "c1", "2026-02-28", 100))
    pipeline.run(late_start)
    with pytest.raises(restatement.PeriodRefused, match="close 2026-01 first"):
        restatement.close(late_start, "2026-02")
    assert closing.closings(late_start) == []


def test_provisional_figures_close_only_when_asked_for_and_stay_marked(closed: Home, tmp_path: Path):
    home = copy_of(closed, tmp_path / "home")
    restatement.close(home, "2026-02", reason="the shop has shut", provisional_too=True)
    assert ask(home, "select distinct closed_version, status_code, status_reason from kpi.fct_kpi_month"
                     " where period_start = '2026-02-01'") == [(1, "provisional", "not all days are delivered")]


def test_what_still_counts_when_a_month_closes_follows_the_facts_and_is_closed_later(closed: Home, tmp_path: Path):
    """K29 settles 20 days after its month: it is not among the figures of 31 January, on 20 February it is."""
    home = copy_of(closed, tmp_path / "home")
    january = MONTH + "kpi_id = '{}' and period_start = '2026-01-01'"
    assert ask(home, january.format("K29")) == [(None, 4, None)]
    put(home, date(2026, 2, 20), ("8", "c1", "2026-02-20", 100))
    pipeline.run(home)
    restatement.close(home, JANUARY)
    assert ask(home, january.format("K29")) == [(2, 4, None)] and ask(home, january.format("K13")) == [(1, 160, 3)]
    assert ask(home, QUEUE) == ask(closed, QUEUE) and ask(home, LATE) == ask(closed, LATE)
    restatement.restate(home, JANUARY, "a late file")
    assert ask(home, january.format("K29")) == [(3, 4, None)] and ask(home, january.format("K13")) == [(3, 165, 4)]
    assert ask(home, "select kind from ops.ops_restatement order by closed_version") == [
        ("close",), ("later",), ("restate",)]
    assert ask(home, "select kpi_id from ops.ops_restated_kpi order by 1") == [("K02",), ("K13",)]
    made = as_of.replay(home, JANUARY, 2, tmp_path / "then")
    assert (made.figures, made.differences) == (4, [])


def test_what_is_landed_and_not_published_is_published_before_a_month_closes(january: Home, tmp_path: Path):
    home = copy_of(january, tmp_path / "home")
    steps.land(home, contracts.load_all(home.contracts)["billing__sale"], [date(2026, 1, 5)])
    with pytest.raises(restatement.PeriodRefused, match="run `bass run` first"):
        restatement.close(home, JANUARY)


def test_a_rebuild_gives_the_same_tables_with_closed_months(restated: Home, tmp_path: Path):
    home = copy_of(restated, tmp_path / "home")
    before, after = pipeline.rebuild(home)
    assert before.tables == after.tables


@pytest.mark.parametrize("at", ["build", "release"])
def test_a_kill_after_the_closing_leaves_it_to_the_next_run(at: str, january: Home, tmp_path: Path, monkeypatch):
    home = copy_of(january, tmp_path / "home")
    with monkeypatch.context() as killed:
        killed.setattr(steps, at, _die)
        with pytest.raises(SystemExit):
            restatement.close(home, JANUARY)
    pipeline.run(home)
    assert ask(home, MONTH + "kpi_id = 'K13'") == [(1, 160, 3)]
    assert pipeline.run(home) is None


def test_a_kill_before_the_ledger_names_the_version_leaves_the_month_open(january: Home, tmp_path: Path, monkeypatch):
    home = copy_of(january, tmp_path / "home")
    with monkeypatch.context() as killed:
        killed.setattr(closing, "add", _die)
        with pytest.raises(SystemExit):
            restatement.close(home, JANUARY)
    pipeline.run(home)
    assert ask(home, MONTH + "kpi_id = 'K13'") == [(None, 160, 3)]
    assert restatement.close(home, JANUARY).version == 1


def test_nothing_in_the_record_can_be_changed_without_being_noticed(closed: Home, tmp_path: Path):
    home = copy_of(closed, tmp_path / "home")
    with sqlite3.connect(home.ledger) as connection:
        for sql in ("update closing set reason = 'x'", "delete from closing"):
            with pytest.raises(sqlite3.IntegrityError, match="closed period"):
                connection.execute(sql)
    [path] = home.closed.rglob("figures.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    version = publish.published_version(home)
    with pytest.raises(closing.RecordDamaged, match="restore it from a backup"):
        pipeline.rebuild(home)
    assert publish.published_version(home) == version


@pytest.mark.parametrize("version", [1, 2])
def test_every_version_of_a_closed_month_can_be_counted_again(version: int, restated: Home, tmp_path: Path):
    made = as_of.replay(restated, JANUARY, version, tmp_path / "then")
    assert (made.closing.version, made.differences, made.same_definitions) == (version, [], True)
    assert made.figures == 15


def test_a_replay_without_a_file_of_then_is_refused(closed: Home, tmp_path: Path):
    home = copy_of(closed, tmp_path / "home")
    (home.landing / "billing" / "sale_20260105_v1.txt").unlink()
    with pytest.raises(as_of.NotReproducible, match="sale_20260105_v1"):
        as_of.replay(home, JANUARY, None, tmp_path / "then")


def _die(*_: object, **__: object) -> None:
    raise SystemExit("killed")
