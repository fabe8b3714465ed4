"""Ledgers of earlier and later versions of this program: brought up in one transaction, or refused."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from extract_files import Operator, call, voice_file, voice_name

from orchestration import cli, ledger, settings
from orchestration.ledger_upgrade import LedgerIsNewer

# As the first commit with a ledger made it: no `unknown_paths`, other indexes, no version number.
FIRST_SCHEMA = """
create table file (
    file_id integer primary key,
    relative_path text not null,
    file_name text not null,
    contract_id text,
    size_bytes integer not null,
    mtime_ns integer not null,
    sha256 text not null,
    kind text, sender text, period text, part text, sequence text, version integer,
    file_date text,
    control_kind text,
    control text,
    is_empty integer not null default 0,
    state text not null,
    reason text,
    contract_digest text,
    arrived_at text not null, seen_at text not null, decided_at text,
    is_late integer not null default 0,
    delivered_rows integer, accepted_rows integer, rejected_rows integer, duplicate_rows integer
);
create unique index file_content on file (relative_path, sha256);
create index file_partition on file (contract_id, file_date);
create index file_hash on file (sha256);
create table file_total (
    file_id integer not null references file (file_id) on delete cascade,
    column_name text not null,
    delivered_total text not null, accepted_total text not null,
    rejected_total text not null, duplicate_total text not null, control_total text,
    primary key (file_id, column_name)
) without rowid;
create table partition (
    contract_id text not null, file_date text not null, fingerprint text not null,
    accepted_rows integer not null, built_at text not null,
    primary key (contract_id, file_date)
) without rowid;
"""


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("BASS_SECRET", "a secret for tests")
    return Operator(settings.home(tmp_path))


def shape(path: Path) -> set[tuple[str, str]]:
    """Every table, index and trigger with its text, however it is written."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("select name, sql from sqlite_master where sql is not null").fetchall()
    return {(name, text.replace('"', "")) for name, text in rows}


def contents(path: Path) -> dict[str, list[tuple]]:
    columns = "file_id, relative_path, sha256, state, delivered_rows, accepted_rows, seen_at"
    with sqlite3.connect(path) as connection:
        return {
            "file": connection.execute(f"select {columns} from file order by 1").fetchall(),
            "file_total": connection.execute("select * from file_total order by 1, 2").fetchall(),
            "partition": connection.execute("select * from partition order by 1, 2").fetchall(),
        }


def age(path: Path) -> None:
    """Makes the ledger one of the first commit, with the same rows."""
    with ledger.Ledger(path):
        pass
    old = path.with_name("old.sqlite")
    with sqlite3.connect(old) as connection:
        connection.executescript(FIRST_SCHEMA)
        connection.execute("attach database ? as new", (str(path),))
        for table in ("file", "file_total", "partition"):
            names = ", ".join(row[1] for row in connection.execute(f"pragma main.table_info({table})"))
            connection.execute(f"insert into main.{table} ({names}) select {names} from new.{table}")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    old.rename(path)


def test_an_older_ledger_is_brought_up_and_keeps_every_row(operator: Operator) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1), call(2, usage="PIGEON")]))
    operator.run()
    path = operator.home.ledger
    before = contents(path)
    age(path)
    assert contents(path) == before

    assert operator.run() == [], "the partitions that the older program made are current"

    assert contents(path) == before
    fresh = path.with_name("fresh.sqlite")
    with ledger.Ledger(fresh), ledger.Ledger(path) as book:
        assert book.rows("pragma user_version")[0][0] == ledger.VERSION
        assert book.rows("pragma foreign_key_check") == []
    assert shape(path) == shape(fresh)


def test_an_older_ledger_goes_on_as_a_new_one(operator: Operator) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1), call(2)]))
    operator.run()
    age(operator.home.ledger)
    operator.put("billing", voice_name(1, version=2), voice_file([call(1)]))
    operator.put("billing", voice_name(2), voice_file([call(3)]))
    operator.run()
    assert operator.states()[voice_name(1)] == ("superseded", "version 2 of the same unit")
    assert operator.lake("billing__rated_voice", "call_id") == [("call000001",), ("call000003",)]


def test_an_upgrade_that_cannot_be_finished_changes_nothing(operator: Operator) -> None:
    operator.put("billing", voice_name(1), voice_file([call(1)]))
    operator.run()
    path = operator.home.ledger
    age(path)
    with sqlite3.connect(path) as connection:  # the same file twice: the unique index of today cannot be made
        connection.execute("drop index file_content")
        names = ", ".join(row[1] for row in connection.execute("pragma table_info(file)") if row[1] != "file_id")
        connection.execute(f"insert into file ({names}) select {names} from file")
    before = (contents(path), shape(path))
    with pytest.raises(sqlite3.IntegrityError):
        ledger.Ledger(path)
    assert (contents(path), shape(path)) == before


def test_a_newer_ledger_is_refused_with_a_message_and_left_alone(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    with ledger.Ledger(operator.home.ledger) as book:
        book.connection.execute(f"pragma user_version = {ledger.VERSION + 1}")
    before = operator.home.ledger.read_bytes()
    with pytest.raises(LedgerIsNewer, match="use the program that wrote it"):
        ledger.Ledger(operator.home.ledger)
    assert cli.main(["status", "--home", str(operator.home.root)]) == 1
    assert "use the program that wrote it" in capsys.readouterr().err
    assert operator.home.ledger.read_bytes() == before


def test_the_version_of_the_ledger_is_raised_with_its_tables() -> None:
    """When this fails: raise VERSION by one and write the new pair here."""
    assert (ledger.VERSION, hashlib.sha256(ledger.SCHEMA.encode()).hexdigest()[:12]) == (2, "86913ddc64e9")
