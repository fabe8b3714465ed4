"""The ledger: every file ever seen, what became of it, and which lake partitions it went into.

One SQLite file per home, written in transactions, so that a kill at any point leaves the state before
or after a step and never between. Nothing about formats or feeds may enter this module.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import ledger_upgrade
from orchestration.atomic import replace_file
from orchestration.settings import Home

VERSION = 2  # of SCHEMA: raise it with every change, older ledgers are brought up when they are opened
SCHEMA = """
create table if not exists file (
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
    delivered_rows integer, accepted_rows integer, rejected_rows integer, duplicate_rows integer,
    unknown_paths text
);
create unique index if not exists file_content on file (relative_path, sha256);
create index if not exists file_partition on file (contract_id, file_date);
create index if not exists file_bytes on file (contract_id, sha256);
create table if not exists file_total (
    file_id integer not null references file (file_id) on delete cascade,
    column_name text not null,
    delivered_total text not null, accepted_total text not null,
    rejected_total text not null, duplicate_total text not null, control_total text,
    primary key (file_id, column_name)
) without rowid;
create table if not exists partition (
    contract_id text not null, file_date text not null, fingerprint text not null,
    accepted_rows integer not null, built_at text not null,
    primary key (contract_id, file_date)
) without rowid;
create table if not exists closing (
    period text not null, version integer not null,
    kind text not null, closed_at text not null, closed_by text not null, reason text,
    published_version integer not null, build_fingerprint text not null, last_file_id integer not null,
    figures_sha256 text not null, files_sha256 text not null,
    primary key (period, version)
);
create trigger if not exists closing_stays before delete on closing
begin select raise(abort, 'a closed period stays closed: nothing is deleted here'); end;
create trigger if not exists closing_is_as_written before update on closing
begin select raise(abort, 'a closed period is as it was closed: a restatement adds a version'); end;
"""

FILE_EXPORT = pa.schema(
    [(name, pa.int64()) for name in ("file_id",)]
    + [(name, pa.string()) for name in ("contract_id", "family", "feed", "file_name", "relative_path")]
    + [("size_bytes", pa.int64())]
    + [(name, pa.string()) for name in ("sha256", "sender", "period", "part", "sequence")]
    + [("version", pa.int32()), ("file_date", pa.date32())]
    + [(name, pa.string()) for name in ("control_kind", "state", "reason")]
    + [(name, pa.timestamp("us")) for name in ("arrived_at", "seen_at", "decided_at")]
    + [("is_late", pa.bool_())]
    + [(f"{name}_rows", pa.int64()) for name in ("delivered", "accepted", "rejected", "duplicate")]
    + [("unknown_paths", pa.string())]
)
TOTAL_EXPORT = pa.schema(
    [("file_id", pa.int64()), ("contract_id", pa.string()), ("file_date", pa.date32()), ("column_name", pa.string())]
    + [
        (f"{name}_total", pa.decimal128(38, 6))
        for name in ("delivered", "accepted", "rejected", "duplicate", "control")
    ]
)

# what was quarantined may have a name and a control by now: by contract or by another look
SEEN_ANEW = """
update file set contract_id = :contract_id, kind = :kind, sender = :sender, period = :period, part = :part,
    sequence = :sequence, version = :version, file_date = :file_date, control_kind = :control_kind,
    is_empty = :is_empty, control = coalesce(:control, control)
where relative_path = :relative_path and sha256 = :sha256 and decided_at is null
"""


OVERWRITTEN = "overwritten in the landing folder"
# what was decided of these bytes holds when they come again under the same name: copied anew, or touched
STANDS = f"(state in ('accepted', 'rejected', 'duplicate', 'superseded') and coalesce(reason, '') <> '{OVERWRITTEN}')"
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class HomeBusy(RuntimeError):
    """Another process writes to this home."""


class LedgerDamaged(RuntimeError):
    """The ledger file is no longer a database that can be read; the text says what to do."""


@contextmanager
def writer_lock(home: Home) -> Iterator[None]:
    """Only one process may write to a home. Raises HomeBusy naming the process that holds it."""
    home.root.mkdir(parents=True, exist_ok=True)
    with open(home.root / "bass.lock", "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise HomeBusy(
                f"{home.root}: process {handle.read().strip() or '?'} is writing here; wait for it"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


class Ledger:
    """A connection to the ledger file; creates or upgrades its tables. Raises LedgerIsNewer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        try:
            self.connection.execute("pragma journal_mode = wal")
            self.connection.execute("pragma synchronous = full")
            self.connection.execute("pragma foreign_keys = on")
            ledger_upgrade.bring_up(self.connection, SCHEMA, VERSION)
        except sqlite3.DatabaseError as error:
            self._explain(error)
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> None:
        self.connection.close()
        self._explain(error)

    def _explain(self, error: BaseException | None) -> None:
        """Raises LedgerDamaged when that is what the error means."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
            raise LedgerDamaged(
                f"the ledger {self.path} is damaged ({error}): put back a backup of it, or move it and its -wal and"
                " -shm away and run `bass rebuild`, which makes it again from the landing folder"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; within another transaction, part of that one."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("begin immediate")
        try:
            yield self.connection
        except BaseException:
            if self.connection.in_transaction:  # SQLite itself rolls back when the disk is full
                self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def rows(self, sql: str, parameters: Iterable[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        return self.connection.execute(sql, parameters).fetchall()

    def known_files(self) -> dict[str, tuple[int, int]]:
        """relative path -> (size, mtime in ns) of the content last read there."""
        return {
            row["relative_path"]: (row["size_bytes"], row["mtime_ns"])
            for row in self.rows(
                "select relative_path, size_bytes, mtime_ns from file where sha256 <> ''"
                " and coalesce(reason, '') <> ?",
                (OVERWRITTEN,),
            )
        }

    def add_files(self, records: list[dict[str, Any]]) -> None:
        """Insert files; a path seen before with other bytes leaves its old row superseded."""
        if not records:
            return
        columns = list(records[0])
        placeholders = ", ".join(f":{name}" for name in columns)
        with self.transaction() as connection:
            connection.executemany(  # what could not be read then leaves nothing behind
                "delete from file where relative_path = :relative_path and sha256 = '' and :sha256 <> ''", records
            )
            connection.executemany(
                f"update file set state = 'superseded', reason = '{OVERWRITTEN}',"
                " decided_at = :seen_at"
                " where relative_path = :relative_path and sha256 <> :sha256"
                f" and coalesce(reason, '') <> '{OVERWRITTEN}'",
                records,
            )
            connection.executemany(
                f"insert into file ({', '.join(columns)}) values ({placeholders})"
                " on conflict (relative_path, sha256) do update set"
                f" mtime_ns = iif({STANDS} and excluded.mtime_ns = -1, mtime_ns, excluded.mtime_ns),"
                f" state = iif({STANDS}, state, excluded.state), reason = iif({STANDS}, reason, excluded.reason),"
                f" decided_at = iif({STANDS}, decided_at, null)",
                records,
            )
            connection.executemany(SEEN_ANEW, records)

    def set_states(self, changes: list[dict[str, Any]]) -> None:
        """`changes`: file_id, state, reason, is_late, control (what the control file says of the file).

        Only a file that stays accepted is still one that was read under its contract.
        """
        if changes:
            stamp = now()
            with self.transaction() as connection:
                connection.executemany(
                    "update file set state = :state, reason = :reason, is_late = :is_late, control = :control,"
                    " decided_at = :at, contract_digest = iif(:state = 'accepted', contract_digest, null)"
                    " where file_id = :file_id",
                    [{**change, "at": stamp} for change in changes],
                )

    def partitions(self) -> dict[tuple[str, str], str]:
        return {(r["contract_id"], r["file_date"]): r["fingerprint"] for r in self.rows("select * from partition")}

    def record_partition(
        self,
        contract_id: str,
        file_date: date,
        fingerprint: str | None,
        outcomes: list[dict[str, Any]],
        totals: list[dict[str, Any]],
    ) -> None:
        """All that one ingested partition means, in one transaction. No fingerprint: the partition is gone."""
        stamp, day = now(), file_date.isoformat()
        with self.transaction() as connection:
            connection.executemany(
                "update file set state = :state, reason = :reason, decided_at = :at,"
                " contract_digest = :contract_digest, delivered_rows = :delivered_rows,"
                " accepted_rows = :accepted_rows, rejected_rows = :rejected_rows,"
                " duplicate_rows = :duplicate_rows, unknown_paths = :unknown_paths where file_id = :file_id",
                [{**outcome, "at": stamp} for outcome in outcomes],
            )
            connection.executemany("delete from file_total where file_id = :file_id", outcomes)
            connection.executemany(
                "insert into file_total values (:file_id, :column_name, :delivered_total, :accepted_total,"
                " :rejected_total, :duplicate_total, :control_total)",
                totals,
            )
            connection.execute("delete from partition where contract_id = ? and file_date = ?", (contract_id, day))
            if fingerprint is not None:
                accepted = sum(o["accepted_rows"] for o in outcomes if o["state"] == "accepted")
                connection.execute(
                    "insert into partition values (?, ?, ?, ?, ?)", (contract_id, day, fingerprint, accepted, stamp)
                )

    def forget_partitions(self, partitions: Iterable[tuple[str, date]] | None = None) -> None:
        """These (contract id, file date), all by default, are to be made again from the raw files."""
        with self.transaction() as connection:
            if partitions is None:
                connection.execute("delete from partition")
                return
            connection.executemany(
                "delete from partition where contract_id = ? and file_date = ?",
                [(contract_id, day.isoformat()) for contract_id, day in partitions],
            )


def export(home: Home) -> None:
    """Copies the ledger to lake/ops/file.parquet and file_total.parquet, the source of schema `ops`."""
    home.ops.mkdir(parents=True, exist_ok=True)
    with Ledger(home.ledger) as ledger:
        files = [_file_row(dict(row)) for row in ledger.rows("select * from file order by file_id")]
        totals = [
            _total_row(dict(row))
            for row in ledger.rows(
                "select t.*, f.contract_id, f.file_date from file_total t join file f using (file_id)"
                " where f.state = 'accepted' order by file_id, column_name"
            )
        ]
    replace_parquet(pa.Table.from_pylist(files, schema=FILE_EXPORT), home.ops / "file.parquet")
    replace_parquet(pa.Table.from_pylist(totals, schema=TOTAL_EXPORT), home.ops / "file_total.parquet")


def _file_row(row: dict[str, Any]) -> dict[str, Any]:
    family, _, feed = (row["contract_id"] or "").partition("__")
    for name in ("arrived_at", "seen_at", "decided_at"):
        row[name] = datetime.fromisoformat(row[name]) if row[name] else None
    if row["state"] == "missing":
        row["arrived_at"] = None  # the table has the time when it was missed, which is not data
    row["file_date"] = date.fromisoformat(row["file_date"]) if row["file_date"] else None
    return {**row, "family": family or None, "feed": feed or None, "is_late": bool(row["is_late"])}


def _total_row(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("delivered", "accepted", "rejected", "duplicate", "control"):
        text = row[f"{name}_total"]
        row[f"{name}_total"] = None if text is None else Decimal(text).quantize(Decimal("0.000001"))
    return {**row, "file_date": date.fromisoformat(row["file_date"])}


def replace_parquet(table: pa.Table, path: Path) -> None:
    replace_file(path, lambda target: pq.write_table(table, target, compression="zstd"))


def control_text(control: dict[str, Any] | None) -> str | None:
    return None if control is None else json.dumps(control, sort_keys=True, default=str)
