"""The tables of a ledger file, made or brought up to those that this program knows, in one transaction.

An older ledger keeps every row; a kill leaves the old tables or the new ones. Knows no table by name.
"""

from __future__ import annotations

import sqlite3

EMPTY = {"text": "''", "integer": "0"}  # for a column that may not be null and that the older ledger lacks


class LedgerIsNewer(RuntimeError):
    """The ledger was written by a later version of this program."""


def bring_up(connection: sqlite3.Connection, schema: str, version: int) -> None:
    """Leaves tables, indexes and triggers as `schema` has them, and `version` in the file. Raises LedgerIsNewer."""
    if _version(connection) == version:
        return
    connection.execute("pragma foreign_keys = off")  # tables are replaced; has no effect inside a transaction
    connection.execute("begin immediate")
    try:
        if _version(connection) > version:
            raise LedgerIsNewer(
                f"the ledger has version {_version(connection)}, this program knows version {version}:"
                " use the program that wrote it, or a later one"
            )
        _replace_differing(connection, schema)
        connection.execute(f"pragma user_version = {version}")
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    connection.execute("pragma foreign_keys = on")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def _replace_differing(connection: sqlite3.Connection, schema: str) -> None:
    wanted = sqlite3.connect(":memory:")
    wanted.executescript(schema)
    for kind in ("table", "index", "trigger"):
        present = _texts(connection, kind)
        for name, text in _texts(wanted, kind).items():
            if present.get(name) == text:
                continue
            if kind == "table" and name in present:
                _replace_table(connection, name, text)
            else:
                connection.execute(f"drop {kind} if exists {name}")
                connection.execute(text)


def _texts(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """name -> statement of what exists."""
    rows = connection.execute("select name, sql from sqlite_master where type = ? and sql is not null", (kind,))
    return {row[0]: row[1].replace('"', "") for row in rows.fetchall()}  # a renamed table comes back quoted


def _replace_table(connection: sqlite3.Connection, name: str, text: str) -> None:
    """The rows move to a table of the new shape; what the old one did not know is null, or empty where it must be."""
    had = {row[1] for row in connection.execute(f"pragma table_info({name})").fetchall()}
    connection.execute(text.replace(f"CREATE TABLE {name}", f"CREATE TABLE {name}_upgraded", 1))
    values = {}
    for _, column, kind, must_be, default, _ in connection.execute(f"pragma table_info({name}_upgraded)").fetchall():
        if column in had:
            values[column] = column
        elif must_be and default is None:
            values[column] = EMPTY[kind.lower()]
    connection.execute(
        f"insert into {name}_upgraded ({', '.join(values)}) select {', '.join(values.values())} from {name}"
    )
    connection.execute(f"drop table {name}")
    connection.execute(f"alter table {name}_upgraded rename to {name}")
