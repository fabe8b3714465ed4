"""From files to the temp table `incoming`: text drawn from the readers, typed by the contract, one row per record.

What becomes of the rows is decided in `ingest`; here nothing is rejected, dropped or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import formats, typing_sql
from orchestration.contracts import Contract
from orchestration.settings import Home

BATCH_ROWS = 20_000  # rows that DuckDB gets at once, at least
UNFORESEEN = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError, duckdb.Error,
              pa.ArrowException)
UNKNOWN_KEPT = 20  # names of undeclared columns or JSON paths that the ledger keeps per file


class IngestError(RuntimeError):
    """Rows that do not add up: a defect of ours, never of the data."""


@dataclass
class FileReading:
    """What reading one file told: rows, what its trailer says, why it is no good, paths nobody agreed on."""

    delivered: int = 0
    control: dict[str, Any] | None = None
    error: str | None = None
    unknown_paths: dict[str, int] = field(default_factory=dict)


def load(home: Home, contract: Contract, rows: list[Any], connection: duckdb.DuckDBPyConnection) -> list[FileReading]:
    """Fills temp table `incoming`: file_no, line_number, reason, raw_text of rejects, typed columns."""
    readings = [FileReading() for _ in rows]
    batches = _merged(_text_batches(home, contract, rows, readings))
    days = [date.fromisoformat(row["file_date"]) for row in rows]
    file_day = pa.table({"file_no": pa.array(range(len(rows)), pa.int32()), "file_date": pa.array(days, pa.date32())})
    connection.register("file_day", file_day)
    connection.register("delivered_text", pa.RecordBatchReader.from_batches(_text_schema(contract), batches))
    connection.execute(f"create or replace temp table incoming as {typing_sql.typed_rows(contract, 'delivered_text')}")
    connection.unregister("delivered_text")
    _describe_files(contract, rows, readings, connection)
    loaded = dict(connection.execute("select file_no, count(*) from incoming group by file_no").fetchall())
    for number, reading in enumerate(readings):
        if loaded.get(number, 0) != reading.delivered:
            raise IngestError(
                f"{contract.id}: {rows[number]['file_name']}: {reading.delivered} rows read,"
                f" {loaded.get(number, 0)} loaded"
            )
    return readings


def _describe_files(
    contract: Contract, rows: list[Any], readings: list[FileReading], connection: duckdb.DuckDBPyConnection
) -> None:
    """Temp table `source_file`. JSON rejects hold nothing but what the contract reads; other texts may hold more."""
    plain = contract.format not in ("json_lines", "json_array")
    files = pa.table(
        {
            "file_no": pa.array(range(len(rows)), pa.int32()),
            "file_name": [row["file_name"] for row in rows],
            "file_date": pa.array([date.fromisoformat(row["file_date"]) for row in rows], pa.date32()),
            "has_unread_columns": pa.array([plain and bool(r.unknown_paths) for r in readings], pa.bool_()),
        }
    )
    connection.register("files", files)
    connection.execute("create or replace temp table source_file as select * from files")
    connection.unregister("files")


def _text_schema(contract: Contract) -> pa.Schema:
    names = ["raw_text", "format_error", *(column.name for column in contract.columns)]
    return pa.schema([("file_no", pa.int32()), ("line_number", pa.int64()), *((name, pa.string()) for name in names)])


def _merged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of many small files put together: DuckDB takes memory for each batch, however few rows it has."""
    waiting: list[pa.RecordBatch] = []
    waiting_rows = 0
    for batch in batches:
        waiting.append(batch)
        waiting_rows += batch.num_rows
        if waiting_rows >= BATCH_ROWS:
            yield pa.concat_batches(waiting)
            waiting, waiting_rows = [], 0
    if waiting:
        yield pa.concat_batches(waiting)


def _text_batches(
    home: Home, contract: Contract, rows: list[Any], readings: list[FileReading]
) -> Iterator[pa.RecordBatch]:
    schema = _text_schema(contract)
    for number, row in enumerate(rows):
        path = home.landing / row["relative_path"]
        try:
            _refuse_changed(path, row)
            reading = formats.read(path, contract)
            for batch in reading.batches:
                readings[number].delivered += batch.num_rows
                columns = [pa.repeat(pa.scalar(number, pa.int32()), batch.num_rows), *batch.columns]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
            _refuse_changed(path, row)
            readings[number].control = reading.control or None
            readings[number].unknown_paths = dict(reading.unknown_paths.most_common(UNKNOWN_KEPT))
        except formats.FormatError as error:
            where = f" (line {error.line})" if error.line else ""
            readings[number].error = f"{error.code}: {error}{where}"
        except OSError as error:
            readings[number].error = f"unreadable: {error.strerror or error}"
        except UNFORESEEN as error:  # a defect of ours, but it costs this file and not the day
            readings[number].error = f"reader_failed: {type(error).__name__}: {error}"


def _refuse_changed(path: Path, row: Any) -> None:
    """What the ledger says of a file must be said of the bytes that are read. Raises FormatError."""
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) != (row["size_bytes"], row["mtime_ns"]):
        raise formats.FormatError("changed while it was read", "the next run looks at it again")
