"""From accepted files to lake partitions: types, rejects, duplicates, tokens, control totals, Parquet.

Works on all files of many days of one feed at once, in one in-memory DuckDB that may spill to disk.
Knows no feed and no format: the contract says what to check, `formats` yields the rows as text.
A partition is a pure function of the files that count for its day; it is written beside and renamed.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from orchestration import deliveries, incoming, privacy, settings, typing_sql
from orchestration.atomic import replace_file
from orchestration.contracts import Contract
from orchestration.incoming import FileReading, IngestError
from orchestration.ledger import Ledger
from orchestration.settings import Home

BATCH_BYTES = 128 * 1024 * 1024
SCHEMA_DATE = date(1970, 1, 1)
REJECT_COLUMNS = "reason_code, column_name, source_file, line_number, raw_text"


@dataclass(frozen=True)
class Partition:
    """What became of one feed and day."""

    contract_id: str
    file_date: date
    files: int
    delivered_rows: int
    accepted_rows: int
    rejected_rows: int
    duplicate_rows: int
    seconds: float


def ensure_schema_partitions(home: Home, contracts: Iterable[Contract]) -> None:
    """An empty partition per feed, so that readers find every table with its columns before any delivery."""
    for contract in contracts:
        path = home.raw / contract.id / f"file_date={SCHEMA_DATE}" / "part.parquet"
        columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in contract.lake_columns)
        empty = duckdb.sql(f"select {columns} limit 0").to_arrow_table()
        if not path.exists() or not pq.read_schema(path).equals(empty.schema):
            replace_file(path, lambda target, table=empty: pq.write_table(table, target))


def ingest(
    home: Home,
    contract: Contract,
    file_dates: Iterable[date],
    ledger: Ledger,
    progress: Callable[[int], None] = lambda days: None,
) -> list[Partition]:
    """Makes the partitions of `file_dates` agree with the files that count; tells how many days are made.

    Raises IngestError on a defect.
    """
    ensure_schema_partitions(home, [contract])
    made: dict[date, Partition] = {}
    waiting = set(file_dates)
    not_asked = _stale(contract, ledger) - waiting
    with _connection(home, contract) as connection:
        while waiting:
            files = {day: deliveries.active_files(ledger, contract.id, day) for day in sorted(waiting)}
            for batch in _batches(files):
                for partition in _ingest_batch(home, contract, {d: files[d] for d in batch}, connection, ledger):
                    made[partition.file_date] = partition
                progress(len(made))
            waiting = _stale(contract, ledger) - not_asked  # what a rejected file brought back into force
    return [made[day] for day in sorted(made)]


def _stale(contract: Contract, ledger: Ledger) -> set[date]:
    return {day for _, day in deliveries.stale_partitions({contract.id: contract}, ledger)}


def _connection(home: Home, contract: Contract) -> duckdb.DuckDBPyConnection:
    spill = home.work / "spill"
    shutil.rmtree(spill, ignore_errors=True)  # of a run that was killed: it may hold clear values
    spill.mkdir(parents=True, mode=0o700)
    connection = duckdb.connect(
        config={
            "memory_limit": settings.ingest_memory_limit(),
            "threads": settings.threads(),
            "temp_directory": str(spill),
            "temp_file_encryption": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # The generator behind this key is not one for long-lived secrets, as the name says; it lives as long as the spill.
    connection.execute("set force_mbedtls_unsafe = true")
    connection.execute(f"set TimeZone = '{contract.time_zone}'")
    return connection


def _batches(files: dict[date, list[Any]]) -> Iterator[list[date]]:
    """Days grouped so that one statement has enough to do and memory stays bounded."""
    batch: list[date] = []
    size = 0
    for day, rows in files.items():
        grown = sum(row["size_bytes"] * (10 if row["file_name"].endswith(".gz") else 1) for row in rows)
        if batch and size + grown > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(day)
        size += grown
    if batch:
        yield batch


def _ingest_batch(
    home: Home, contract: Contract, files: dict[date, list[Any]], connection: duckdb.DuckDBPyConnection, ledger: Ledger
) -> list[Partition]:
    started = time.perf_counter()
    rows = [row for day in files.values() for row in day]
    readings = incoming.load(home, contract, rows, connection)
    broken = {number: reading.error for number, reading in enumerate(readings) if reading.error}
    broken |= _control_mismatches(contract, rows, readings, connection)
    if broken:
        connection.execute(f"delete from incoming where file_no in ({', '.join(map(str, broken))})")
    _mark_duplicates(contract, connection)
    if contract.personal:
        privacy.protect(home, contract, connection)
    outcomes, totals = _outcomes(contract, rows, readings, broken, connection)
    seconds = (time.perf_counter() - started) / max(1, len(files))
    made, first = [], 0
    with ledger.transaction():
        for day, day_files in files.items():
            begun, numbers = time.perf_counter(), range(first, first + len(day_files))
            first += len(day_files)
            good = [n for n in numbers if n not in broken]
            _write_day(home, contract, day, good, outcomes, connection)
            mark = deliveries.fingerprint(contract, [rows[n] for n in good]) if good else None
            verdicts, sums = [outcomes[n] for n in numbers], [total for n in good for total in totals[n]]
            ledger.record_partition(contract.id, day, mark, verdicts, sums)
            made.append(_partition(contract, day, verdicts, seconds + time.perf_counter() - begun))
        if broken:  # an earlier version or a copy may be in force again
            days = {date.fromisoformat(rows[number]["file_date"]) for number in broken}
            deliveries.decide({contract.id: contract}, ledger, again=[(contract.id, day) for day in days])
    return made


def _control_mismatches(
    contract: Contract, rows: list[Any], readings: list[FileReading], connection: duckdb.DuckDBPyConnection
) -> dict[int, str]:
    """file number -> reason, for files whose rows or sums differ from what their control says."""
    sums = _sums_by_file(contract, connection, "true")
    mismatches = {}
    for number, reading in enumerate(readings):
        control = reading.control if contract.control in ("trailer", "audit") else deliveries.announced(rows[number])
        if contract.control == "stable" or reading.error:
            continue
        if not control:
            mismatches[number] = "control_missing: the file has no trailer line"
        elif int(control["rows"]) != reading.delivered:
            mismatches[number] = f"control_count: {reading.delivered} rows delivered, {control['rows']} announced"
        else:
            reading.control = control
            for name, announced in control.get("sums", {}).items():
                delivered = sums.get((number, name), Decimal(0))
                if Decimal(str(announced)) != delivered:
                    mismatches[number] = f"control_sum: {name} is {delivered}, {announced} announced"
    return mismatches


def _sums_by_file(
    contract: Contract, connection: duckdb.DuckDBPyConnection, which: str
) -> dict[tuple[int, str], Decimal]:
    if not contract.control_sums:
        return {}
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in contract.control_sums)
    found = connection.execute(f"select file_no, {sums} from incoming where {which} group by file_no").fetchall()
    return {
        (row[0], name): Decimal(value)
        for row in found
        for name, value in zip(contract.control_sums, row[1:], strict=True)
    }


def _mark_duplicates(contract: Contract, connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `later_copy`: rows that repeat a record key of their day. First by file name and line wins."""
    connection.execute("create or replace temp table later_copy (row_number bigint)")
    if not contract.key or contract.duplicate_policy == "none":
        return
    key = ", ".join(contract.key)
    connection.execute(f"""
        create or replace temp table repeated_key as
        select file_date, {key} from incoming join source_file using (file_no)
        where reason is null group by file_date, {key} having count(*) > 1""")
    if connection.execute("select count(*) from repeated_key").fetchone()[0]:
        connection.execute(f"""
            insert into later_copy
            select row_number from (
                select i.rowid as row_number, row_number() over (
                    partition by file_date, {key} order by file_name, line_number) as copy_number
                from (select rowid, * from incoming) i join source_file using (file_no)
                join repeated_key using (file_date, {key})
                where reason is null)
            where copy_number > 1""")


def _outcomes(
    contract: Contract,
    rows: list[Any],
    readings: list[FileReading],
    broken: dict[int, str],
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """Per file the ledger's counts, and per good file and summed column the totals of each kind of row."""
    kinds = {
        "accepted": "reason is null and rowid not in (select row_number from later_copy)",
        "rejected": "reason is not null",
        "duplicate": "rowid in (select row_number from later_copy)",
    }
    counts = {
        kind: dict(
            connection.execute(f"select file_no, count(*) from incoming where {where} group by file_no").fetchall()
        )
        for kind, where in kinds.items()
    }
    sums = {kind: _sums_by_file(contract, connection, where) for kind, where in kinds.items()}
    digest, outcomes, totals = contract.reading_digest, [], {}
    for number, (row, reading) in enumerate(zip(rows, readings, strict=True)):
        file = {"file_id": row["file_id"], "contract_digest": digest, "delivered_rows": reading.delivered}
        file["unknown_paths"] = json.dumps(reading.unknown_paths) if reading.unknown_paths else None
        if number in broken:
            outcomes.append(
                file
                | {
                    "state": "rejected",
                    "reason": broken[number],
                    "accepted_rows": 0,
                    "rejected_rows": reading.delivered,
                    "duplicate_rows": 0,
                }
            )
            continue
        split = {f"{kind}_rows": counts[kind].get(number, 0) for kind in kinds}
        if sum(split.values()) != reading.delivered:
            raise IngestError(f"{contract.id}: {row['file_name']}: {reading.delivered} rows delivered, but {split}")
        outcomes.append(file | {"state": "accepted", "reason": None} | split)
        totals[number] = [_total(row, name, number, sums, reading.control) for name in contract.control_sums]
    return outcomes, totals


def _total(row: Any, name: str, number: int, sums: dict[str, Any], control: dict[str, Any] | None) -> dict[str, Any]:
    parts = {f"{kind}_total": by_file.get((number, name), Decimal(0)) for kind, by_file in sums.items()}
    announced = (control or {}).get("sums", {}).get(name)
    return {
        "file_id": row["file_id"],
        "column_name": name,
        "delivered_total": str(sum(parts.values())),
        "control_total": None if announced is None else str(announced),
    } | {k: str(v) for k, v in parts.items()}


def _write_day(
    home: Home,
    contract: Contract,
    day: date,
    numbers: list[int],
    outcomes: list[dict[str, Any]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Replaces the day's partition and its rejects; a day without accepted files has neither."""
    folder, rejects = (root / contract.id / f"file_date={day}" / "part.parquet" for root in (home.raw, home.rejects))
    if not numbers:
        folder.unlink(missing_ok=True)
        rejects.unlink(missing_ok=True)
        return
    chosen = f"i.file_no between {numbers[0]} and {numbers[-1]}"  # rows of broken files in between are deleted
    select = typing_sql.lake_rows(
        contract, "incoming", f"{chosen} and reason is null and i.rowid not in (select row_number from later_copy)"
    )
    replace_file(folder, lambda target: _copy(connection, select, target))
    written = pq.read_metadata(folder).num_rows
    if written != sum(outcomes[number]["accepted_rows"] for number in numbers):
        raise IngestError(f"{contract.id} {day}: {written} rows written, other than accepted")
    if any(outcomes[number]["rejected_rows"] for number in numbers):
        select = typing_sql.reject_rows(contract, "incoming", f"{chosen} and reason is not null")
        replace_file(rejects, lambda target: _copy(connection, f"select {REJECT_COLUMNS} from ({select})", target))
    else:
        rejects.unlink(missing_ok=True)


def _copy(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    connection.execute(f"copy ({select}) to '{target}' (format parquet, compression zstd)")


def _partition(contract: Contract, day: date, outcomes: list[dict[str, Any]], seconds: float) -> Partition:
    total = {
        name: sum(o[f"{name}_rows"] for o in outcomes) for name in ("delivered", "accepted", "rejected", "duplicate")
    }
    return Partition(contract.id, day, len(outcomes), seconds=seconds, **{f"{k}_rows": v for k, v in total.items()})
