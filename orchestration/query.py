"""Questions to the published warehouse, read-only: a table for people, CSV or JSON for programs."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import Any, TextIO

import duckdb

from orchestration.settings import Home

FETCH = 10_000


class QueryError(RuntimeError):
    """A question that the warehouse cannot answer; the text is the engine's."""


def show(home: Home, text: str, form: str, out: TextIO) -> None:
    """Writes the answer to `out`. Raises QueryError."""
    if not home.published_database.exists():
        raise QueryError(f"nothing is published in {home.published} yet: run `bass run` or `bass demo`")
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    try:
        with duckdb.connect(str(home.published_database), read_only=True, config=offline) as connection:
            connection.execute("set TimeZone = 'UTC'")
            {"table": _table, "csv": _csv, "json": _json}[form](connection, text.strip().rstrip(";"), out)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


def _table(connection: duckdb.DuckDBPyConnection, text: str, out: TextIO) -> None:
    answer = connection.sql(text)
    if answer is not None:
        out.write(f"{str(answer).rstrip()}\n")


def _csv(connection: duckdb.DuckDBPyConnection, text: str, out: TextIO) -> None:
    cursor = connection.execute(text)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column[0] for column in cursor.description])
    while block := cursor.fetchmany(FETCH):
        writer.writerows(block)


def _json(connection: duckdb.DuckDBPyConnection, text: str, out: TextIO) -> None:
    cursor = connection.execute(text)
    names, separator = [column[0] for column in cursor.description], "["
    while block := cursor.fetchmany(FETCH):
        for row in block:
            record = dict(zip(names, row, strict=True))
            out.write(f"{separator}\n{json.dumps(record, default=_plain, ensure_ascii=False)}")
            separator = ","
    out.write("[]\n" if separator == "[" else "\n]\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
