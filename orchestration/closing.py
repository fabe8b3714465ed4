"""The record of closed periods: figures as they were published, and the files that counted then.

It is no cache: `closed/period=YYYY-MM/version=N/` of the home holds the figures, the ledger their hashes. A version
is written once; a restatement adds the next one. What a closed period means for a figure is said by the models, when
a period may be closed or restated by `restatement`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import ledger as ledgers
from orchestration import publish, settings
from orchestration.atomic import sync
from orchestration.ledger import Ledger
from orchestration.settings import Home

FIGURES = pa.schema(
    [(name, pa.string()) for name in ("period_type", "kpi_id")]
    + [("definition_version", pa.int32())]
    + [(name, pa.string()) for name in ("breakdown_code", "rollup_code", "org_level_code", "org_id")]
    + [("is_in_force", pa.bool_()), ("status_code", pa.string()), ("status_reason", pa.string())]
    + [("numerator", pa.decimal128(38, 6)), ("denominator", pa.decimal128(38, 6)), ("kpi_value", pa.float64())]
    + [("period_start", pa.date32()), ("period_end", pa.date32())]
)
FILES = pa.schema([(name, pa.string()) for name in ("contract_id", "file_name", "sha256")])
VERSION = [("period_month", pa.date32()), ("closed_version", pa.int32())]
CLOSING_EXPORT = pa.schema([
    *VERSION, ("kind", pa.string()), ("closed_at", pa.timestamp("us")), ("closed_by", pa.string()),
    ("reason", pa.string()), ("published_version", pa.int32()),
])
EXPORTS = {"closed_kpi": ("figures", FIGURES), "closed_file": ("files", FILES)}  # source -> (file, columns)


class PeriodUnknown(ValueError):
    """Not a month, or none of which figures are published."""


class RecordDamaged(RuntimeError):
    """A file of the record is gone or is not what was written: only a backup has it."""


@dataclass(frozen=True)
class Closing:
    """One version of a closed month.

    `kind`: close, restate, or later: what was still counting when the month was closed and has settled since.
    `last_file_id`: the last file that the ledger had seen for its figures.
    """

    period: str
    version: int
    kind: str
    closed_at: str
    closed_by: str
    reason: str | None
    published_version: int
    build_fingerprint: str
    last_file_id: int
    figures_sha256: str
    files_sha256: str

    @property
    def month(self) -> date:
        return month(self.period)


@dataclass(frozen=True)
class Snapshot:
    """Figures of one month in the published database, and what they were made from.

    `open_kpis` have figures that events of later days still change: these are not among `figures`.
    """

    period: str
    published_version: int
    build_fingerprint: str
    last_file_id: int
    figures: pa.Table
    files: pa.Table
    open_kpis: tuple[str, ...] = ()


def month(period: str) -> date:
    """The first day of a month written YYYY-MM. Raises PeriodUnknown."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period):
        raise PeriodUnknown(f"{period!r} is no month: write it as 2026-02")
    return date.fromisoformat(f"{period}-01")


def month_after(period: str) -> date:
    return (month(period) + timedelta(days=31)).replace(day=1)


def closings(home: Home, period: str | None = None) -> list[Closing]:
    """Every version of every closed month (of one month), in the order in which they were made."""
    with Ledger(home.ledger) as ledger:
        names = ", ".join(field.name for field in fields(Closing))
        rows = ledger.rows(
            f"select {names} from closing where ? is null or period = ? order by closing.rowid", (period, period)
        )
    return [Closing(**dict(row)) for row in rows]


def snapshot(home: Home, period: str) -> Snapshot:
    """What is published of a month now, as counted, closed or not.

    Raises PeriodUnknown when nothing of it is published.
    """
    first, version = month(period), publish.published_version(home)
    if version is None:
        raise PeriodUnknown("nothing is published yet: run `bass run`")
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        within = f"date_trunc('month', period_start) = date '{first}'"
        figures = _table(connection, FIGURES, "kpi.kpi_org_period", f"{within} and not is_still_counting")
        counting = connection.execute(f"""
            select distinct kpi_id from kpi.kpi_org_period
            where {within} and is_still_counting order by 1""").fetchall()
        files = _table(connection, FILES, "ops.ops_file", f"state = 'accepted' and file_date >= date '{first}'")
        last = connection.execute("select max(file_id) from ops.ops_file where state <> 'missing'").fetchone()[0]
    if not figures.num_rows:
        raise PeriodUnknown(f"no figure of {period} is published")
    kpis = tuple(kpi for (kpi,) in counting)
    return Snapshot(period, version.version, version.fingerprint, last, figures, files, kpis)


def kpis_of(figures: pa.Table) -> set[tuple[str, int]]:
    """(kpi, version of its definition) of some figures."""
    return set(zip(*(figures[name].to_pylist() for name in ("kpi_id", "definition_version")), strict=True))


def of_kpis(figures: pa.Table, kpis: set[tuple[str, int]], others: bool = False) -> pa.Table:
    """The figures of these KPIs, or of all others."""
    names = zip(*(figures[name].to_pylist() for name in ("kpi_id", "definition_version")), strict=True)
    return figures.filter(pa.array([(name in kpis) != others for name in names], pa.bool_()))


def keep(home: Home, taken: Snapshot, kind: str, reason: str | None) -> Closing:
    """Writes the next version of a closed month; it counts from the moment the ledger names it."""
    version = 1 + max((made.version for made in closings(home, taken.period)), default=0)
    digests = {}
    for name, table in {"figures": taken.figures, "files": taken.files}.items():
        path = _path(home, taken.period, version, name)
        ledgers.replace_parquet(table, path)
        sync(path)
        digests[f"{name}_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    made = Closing(
        taken.period, version, kind, ledgers.now(), settings.user(), reason, taken.published_version,
        taken.build_fingerprint, taken.last_file_id, **digests,
    )
    add(home, made)
    return made


def add(home: Home, made: Closing) -> None:
    """Enters a version whose files are in place into the ledger."""
    names = [field.name for field in fields(Closing)]
    with Ledger(home.ledger) as ledger, ledger.transaction() as connection:
        connection.execute(
            f"insert into closing ({', '.join(names)}) values ({', '.join(f':{name}' for name in names)})",
            {name: getattr(made, name) for name in names},
        )


def read(home: Home, made: Closing, name: str) -> pa.Table:
    """The `figures` or the `files` of one version. Raises RecordDamaged when they are not what was written."""
    path = _path(home, made.period, made.version, name)
    written = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(written).hexdigest() != getattr(made, f"{name}_sha256"):
        raise RecordDamaged(f"{path} is not what was written when {made.period} was closed: restore it from a backup")
    return pq.ParquetFile(pa.BufferReader(written)).read()


def folder(home: Home, made: Closing) -> Path:
    return _path(home, made.period, made.version, "figures").parent


def export(home: Home) -> None:
    """Copies the record to lake/ops/closing, closed_kpi and closed_file.parquet; reads it only after a change."""
    made = closings(home)
    rows = [
        {"period_month": one.month, "closed_version": one.version, "kind": one.kind,
         "closed_at": datetime.fromisoformat(one.closed_at),
         "closed_by": one.closed_by, "reason": one.reason, "published_version": one.published_version}
        for one in made
    ]
    ledgers.replace_parquet(pa.Table.from_pylist(rows, schema=CLOSING_EXPORT), home.ops / "closing.parquet")
    for source, (name, columns) in EXPORTS.items():
        path = home.ops / f"{source}.parquet"
        mark = hashlib.sha256(repr([(o.period, o.version, getattr(o, f"{name}_sha256")) for o in made]).encode())
        metadata = {b"closings": mark.hexdigest().encode()}
        if not path.exists() or (pq.read_schema(path).metadata or {}).get(b"closings") != metadata[b"closings"]:
            tables = [_versioned(read(home, one, name), one) for one in made]
            table = pa.concat_tables([pa.schema([*pa.schema(VERSION), *columns]).empty_table(), *tables])
            ledgers.replace_parquet(table.replace_schema_metadata(metadata), path)


def _versioned(table: pa.Table, made: Closing) -> pa.Table:
    months = pa.array([made.month] * table.num_rows, pa.date32())
    versions = pa.array([made.version] * table.num_rows, pa.int32())
    return table.add_column(0, VERSION[0][0], months).add_column(1, VERSION[1][0], versions)


def _table(connection: duckdb.DuckDBPyConnection, columns: pa.Schema, relation: str, where: str) -> pa.Table:
    """The columns of a relation, in an order that follows from the rows alone."""
    rows: Any = connection.execute(f"select {', '.join(columns.names)} from {relation} where {where} order by all")
    return rows.to_arrow_table().cast(columns)


def _path(home: Home, period: str, version: int, name: str) -> Path:
    return home.closed / f"period={period}" / f"version={version}" / f"{name}.parquet"
