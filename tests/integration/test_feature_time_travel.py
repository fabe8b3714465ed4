"""Features of an old month are the same whatever came since: late files, later months, a rebuild from nothing."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import contracts, settings, steps, transform
from orchestration.sample_operator import write_sample
from orchestration.settings import Home

pytestmark = pytest.mark.slow
FEATURES = ("feature_subscription_month", "feature_use_window", "feature_quality_window", "feature_money_window",
            "feature_payment_window", "feature_care_window", "feature_churn_month")
AS_OF, CUT_OFF = date(2026, 2, 28), datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("BASS_SECRET", "a secret of the tests")
    monkeypatch.setattr(transform, "BUILD", (*transform.BUILD, "test"))  # rows are compared; the demo runs the tests
    return settings.home(tmp_path / "home")


def _build(home: Home, full_refresh: bool = False) -> None:
    known = contracts.load_all(home.contracts)
    for name, days in steps.settle(home).items():
        steps.land(home, known[name], days)
    nodes = steps.build(home, select="+feature_churn_label", full_refresh=full_refresh)
    assert [node.name for node in nodes if node.table and node.status != "success"] == []


def _rows(home: Home) -> dict[str, list[tuple]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return {name: connection.execute(
            f"select * from features.{name} where as_of_date <= date '{AS_OF}' order by all nulls first").fetchall()
            for name in FEATURES}


def test_an_old_as_of_counted_again_after_late_files_gives_the_same_bytes(home, tmp_path):
    whole = tmp_path / "whole"
    known = contracts.load_all(home.contracts)
    write_sample(whole, tmp_path / "truth", contracts=known, subscribers=120, months=3, seed=4)
    files = sorted((path.stat().st_mtime, path) for path in whole.rglob("*") if path.is_file())
    late = [path for start in ("vc_", "A") for path in [  # records of calls, measurements of cells
        path for _, path in files if path.name.startswith(start) and "20260212" in path.name][:3]]
    assert len(late) == 6, "no files to hold back"
    for at, path in files:
        if at < CUT_OFF.timestamp() and path not in late:
            _move(path, whole, home)
    _build(home)
    then = _rows(home)
    assert {row[-1] for row in then["feature_churn_month"]} == {date(2026, 1, 31), AS_OF}

    for _, path in files:
        if path.exists():
            if path in late:
                os.utime(path, (CUT_OFF.timestamp() + 86_400 * 9,) * 2)
            _move(path, whole, home)
    _build(home)
    assert _rows(home) == then

    _build(home, full_refresh=True)
    assert _rows(home) == then
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        assert connection.execute("""select count(*) from usage.fct_usage_event as events
            inner join features.feature_file as files on events.source_file = files.file_name
            where events.event_date <= date '2026-02-28' and files.known_month > date '2026-02-01'""").fetchone()[0] > 0
        assert connection.execute("""select count(*) from features.feature_cell_hour
            where measured_date = date '2026-02-12' and known_month > date '2026-02-01'""").fetchone()[0] > 0


def _move(path: Path, whole: Path, home: Home) -> None:
    target = home.landing / path.relative_to(whole)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
