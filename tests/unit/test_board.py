"""The board of outstanding files: what follows from contract, history and clock, and what takes a file off it."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from extract_files import CONTRACTS, Operator, call, customer_files, customer_line, voice_file, voice_name

from orchestration import board, cli, ledger, settings

COUNTER_FILE = "A20260105.{:02d}{:02d}+0800-{:02d}{:02d}+0800_OMC1.xml"


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("BASS_SECRET", "a secret for tests")
    return Operator(settings.home(tmp_path))


def lines(operator: Operator, contract_id: str, as_of: datetime | None = None) -> list[board.Line]:
    with ledger.Ledger(operator.home.ledger) as book:
        return [line for line in board.lines(CONTRACTS, book, as_of) if line.contract_id == contract_id]


def put_customers(operator: Operator, day: str, numbers: list[int]) -> None:
    for name, data in customer_files([customer_line(n).encode("gb18030") for n in numbers], day=day).items():
        operator.put("billing", name, data)


def put_clock(operator: Operator, day: str) -> None:
    """A file of another feed: that day has come."""
    operator.put("billing", f"port_{day}_v1.jsonl", b"")


def test_a_sender_that_fell_silent_owes_every_day_since_with_deadline_delay_and_owner(operator: Operator) -> None:
    put_customers(operator, "20260105", [1])
    put_clock(operator, "20260110")
    operator.run()
    owed = lines(operator, "billing__customer")
    assert [(line.name, line.state, line.minutes_late) for line in owed] == [
        ("customer 10000 20260106", "missing", 3 * 1440),
        ("customer 10000 20260107", "missing", 2 * 1440),
        ("customer 10000 20260108", "missing", 1440),
        ("customer 10000 20260109", "missing", 0),
        ("customer 10000 20260110", "due", 0),
    ]
    assert (owed[0].due_at_local, owed[0].due_at) == (datetime(2026, 1, 8), datetime(2026, 1, 7, 16))
    assert {line.owner for line in owed} == {"billing-data-owner"}
    missing = {name for name, (state, _) in operator.states().items() if state == "missing"}
    assert {name for name in missing if name.startswith("customer")} == {
        line.name for line in owed if line.state == "missing"}


def test_a_sender_that_fell_silent_long_ago_is_one_line(operator: Operator) -> None:
    put_customers(operator, "20260105", [1])
    operator.run()
    (owed,) = lines(operator, "billing__customer", datetime(2026, 12, 31))
    assert (owed.name, owed.file_count, owed.state) == ("customer 10000 20260106 to 20261230", 359, "missing")


def test_what_arrives_leaves_the_board(operator: Operator) -> None:
    put_customers(operator, "20260105", [1])
    put_clock(operator, "20260108")
    operator.run()
    put_customers(operator, "20260107", [2])
    operator.run()
    assert [line.name[-8:] for line in lines(operator, "billing__customer")] == ["20260106", "20260108"]


def test_a_clock_that_is_given_moves_deadlines_and_changes_nothing(operator: Operator) -> None:
    put_customers(operator, "20260105", [1])
    operator.run()
    before = operator.states()
    assert lines(operator, "billing__customer") == []
    late = lines(operator, "billing__customer", datetime(2026, 1, 8, 1, 30))
    assert [(line.name[-8:], line.state, line.minutes_late) for line in late] == [
        ("20260106", "missing", 90), ("20260107", "due", 0)]
    assert operator.states() == before


@pytest.mark.parametrize("empty", ["check file", "data file"])
def test_an_empty_day_that_is_declared_is_not_missing(operator: Operator, empty: str) -> None:
    put_customers(operator, "20260105", [1])
    put_customers(operator, "20260107", [2])
    operator.run()
    assert [line.name for line in lines(operator, "billing__customer")] == ["customer 10000 20260106"]
    if empty == "check file":
        operator.put("billing", "i_10000_20260106_01001_01.verf", b"")
    else:
        put_customers(operator, "20260106", [])
    operator.run()
    assert lines(operator, "billing__customer") == []


def test_a_month_is_due_some_days_after_its_end(operator: Operator) -> None:
    operator.put("crm", "market_survey_202601_v1.xlsx", b"")
    put_clock(operator, "20260301")
    operator.run()
    owed = [line for line in lines(operator, "crm__market_survey") if line.state != "rejected"]
    assert [(line.file_date.isoformat(), line.due_at_local, line.state) for line in owed] == [
        ("2026-02-28", datetime(2026, 3, 21), "due")]


def test_quarter_hours_since_the_last_one_are_one_line_a_day(operator: Operator) -> None:
    for minute in (0, 15):
        name = COUNTER_FILE.format(10, minute, 10, minute + 15)
        operator.put("network", name, f"<measCollecFile><!-- {minute} --></measCollecFile>".encode())
    put_clock(operator, "20260106")
    operator.run()
    owed = [line for line in lines(operator, "network__measurement") if line.state != "rejected"]
    assert [(line.name, line.file_count, line.due_at_local) for line in owed] == [
        ("measurement OMC1 202601051030", 54, datetime(2026, 1, 5, 11, 45)),
        ("measurement OMC1 202601060000", 96, datetime(2026, 1, 6, 1, 15)),
    ]


def test_a_sender_that_always_was_slower_than_agreed_owes_at_its_own_pace(operator: Operator) -> None:
    for hour in range(4):
        name = f"vc_10000_20260105{hour:02d}00_{hour + 1:06d}_v1.cdr"
        operator.put("billing", name, voice_file([call(hour)]))
    put_customers(operator, "20260105", [1])
    operator.run()
    assert [(line.name, line.file_count, line.due_at_local) for line in lines(operator, "billing__rated_voice")] == [
        ("rated_voice 10000 202601050400", 20, datetime(2026, 1, 5, 6))]


def test_a_feed_that_comes_on_a_change_owes_nothing(operator: Operator) -> None:
    operator.put("crm", "visit_20260105_v1.csv", b"")
    put_clock(operator, "20260301")
    operator.run()
    assert [line.state for line in lines(operator, "crm__activity")] == []


def test_a_file_that_waits_is_late_and_one_that_is_rejected_is_owed_until_another_counts(operator: Operator) -> None:
    files = customer_files([customer_line(1).encode("gb18030")])
    data = next(name for name in files if name.endswith(".dat"))
    operator.put("billing", data, files[data])
    operator.put("billing", voice_name(1), voice_file([call(1)], rows=9))
    operator.run()
    assert [line.state for line in lines(operator, "billing__customer")] == ["waiting"]
    (rejected,) = [line for line in lines(operator, "billing__rated_voice") if line.state == "rejected"]
    assert rejected.reason.startswith("control_count")
    operator.put("billing", voice_name(1, version=2), voice_file([call(1)]))
    put_clock(operator, "20260109")
    operator.run()
    assert lines(operator, "billing__customer")[0].state == "late"
    assert "rejected" not in {line.state for line in lines(operator, "billing__rated_voice")}


def test_the_board_of_the_warehouse_is_the_same_whenever_it_is_made(operator: Operator) -> None:
    put_customers(operator, "20260105", [1])
    put_clock(operator, "20260110")
    operator.run()
    board.export(operator.home, CONTRACTS)
    path = operator.home.ops / "expected_file.parquet"
    first = pq.read_table(path)
    operator.run()
    board.export(operator.home, CONTRACTS)
    assert first.num_rows > 0 and pq.read_table(path).equals(first)


def test_status_shows_who_should_have_delivered_what_by_when(operator: Operator, capsys) -> None:
    put_customers(operator, "20260105", [1])
    operator.run()
    where = ["--home", str(operator.home.root)]
    assert cli.main(["status", "--json", "--as-of", "2026-01-08T01:30", *where]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["as_of"] == "2026-01-08 01:30:00"
    assert {name: said["board"][0][name] for name in ("name", "state", "minutes_late", "due_at", "owner")} == {
        "name": "customer 10000 20260106", "state": "missing", "minutes_late": 90, "due_at": "2026-01-07 16:00:00",
        "owner": "billing-data-owner"}
    assert cli.main(["status", "--as-of", "2026-01-08T01:30", *where]) == 0
    text = capsys.readouterr().out
    assert "outstanding by 2026-01-08 01:30:00" in text and "customer 10000 20260106" in text
    with pytest.raises(SystemExit):
        cli.main(["status", "--as-of", "tomorrow", *where])
