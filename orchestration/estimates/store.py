"""Estimates as files: one Parquet file per table and as-of month below lake/analytics. Knows no single analysis.

Each file says what it was made of, so that it is made again when that changes, and only then. They are a cache like the
rest of the lake: features and code make the same files again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import lake
from orchestration.ledger import replace_parquet
from orchestration.settings import Home

MADE_OF = b"made_of"
SCHEMA_MONTH = date(1970, 1, 1)  # a partition without rows, so that a table can be read before it has any
DECIMALS = 9  # what differs beyond these depends on how work was shared among threads


def write(home: Home, table: str, columns: pa.Schema, month: date, frame: pl.DataFrame, made_of: str) -> None:
    """Puts the estimates of a month in place. Columns that the frame lacks are null; others of it are not kept."""
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    rows = frame.with_columns(pl.col(floats).round(DECIMALS)).to_arrow()
    arrays = [rows[field.name].combine_chunks().cast(field.type) if field.name in rows.column_names
              else pa.nulls(rows.num_rows, field.type) for field in columns]
    made = pa.table(arrays, schema=columns).replace_schema_metadata({MADE_OF: made_of.encode()})
    replace_parquet(made, path(home, table, month))


def read(home: Home, table: str, month: date) -> pl.DataFrame | None:
    """The estimates of a month, or None when there are none."""
    where = path(home, table, month)
    return pl.read_parquet(where, hive_partitioning=False) if lake.is_whole(where) else None


def made_of(home: Home, tables: Iterable[str], month: date) -> str | None:
    """What all tables of a month were made of; None when one is missing, short or of something else."""
    found = {_mark(path(home, table, month)) for table in tables}
    return found.pop() if len(found) == 1 else None


def months(home: Home, tables: Iterable[str]) -> set[date]:
    """The months of which some table has estimates."""
    names = {folder.name for table in tables for folder in (home.estimates / table).glob("as_of_month=*")}
    return {date.fromisoformat(name.partition("=")[2]) for name in names} - {SCHEMA_MONTH}


def drop(home: Home, tables: Iterable[str], month: date) -> None:
    for table in tables:
        path(home, table, month).unlink(missing_ok=True)
        if path(home, table, month).parent.exists():
            path(home, table, month).parent.rmdir()


def clear(home: Home) -> None:
    """Deletes all estimates; what the marts still show of them goes with the next build."""
    shutil.rmtree(home.estimates, ignore_errors=True)


def prepare(home: Home, tables: dict[str, pa.Schema]) -> None:
    """Makes every table readable: a partition without rows, and no file that is short."""
    for file in home.estimates.glob("*/*/*.parquet"):
        if not lake.is_whole(file):
            file.unlink()
    for table, columns in tables.items():
        first = path(home, table, SCHEMA_MONTH)
        if not first.exists() or pq.read_schema(first).remove_metadata() != columns:
            replace_parquet(columns.empty_table(), first)


def state(home: Home) -> str:
    """Changes when any estimate does."""
    files = sorted(home.estimates.glob("*/as_of_month=*/part.parquet"))
    said = [(str(file.relative_to(home.estimates)), _mark(file)) for file in files]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def path(home: Home, table: str, month: date) -> Path:
    return home.estimates / table / f"as_of_month={month}" / "part.parquet"


def _mark(file: Path) -> str | None:
    if not lake.is_whole(file):
        return None
    return (pq.read_schema(file).metadata or {}).get(MADE_OF, b"").decode() or None
