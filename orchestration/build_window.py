"""From which day on a build has to count again: the first day that landed, or earlier.

A fact keeps the key that it found when it was built. When a register lists an entity only after its facts came, or
such a listing changes, the build begins with the first of these facts: it costs the days since, like a late file.
"""

from __future__ import annotations

from datetime import date

import duckdb

from orchestration.settings import Home

UNMATCHED = "ops.ops_unmatched_key"  # the model that lists keys which no register knew, as the last build found them


def begin(home: Home, first: date) -> date:
    """The first day that the build of the days from `first` on has to count again."""
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
            while (earlier := _first_resolved(home, warehouse, first)) and earlier < first:
                first = earlier  # its rows may be listed themselves, and wait for their own register
    except duckdb.Error:
        pass  # no working database, or one without the list: everything is built
    return first


def _first_resolved(home: Home, warehouse: duckdb.DuckDBPyConnection, first: date) -> date | None:
    """The earliest load before `first` with a key that its register lists, or listed, from `first` on only."""
    registers = warehouse.execute(
        f"select distinct register_contract_id, field_name from {UNMATCHED} where is_kept and file_date < ?", (first,)
    ).fetchall()
    days = []
    for register, column in registers:
        files = home.raw / register / "*" / "*.parquet"
        days += warehouse.execute(
            f"select min(file_date) from {UNMATCHED} where is_kept and file_date < $first"
            " and register_contract_id = $register and field_name = $column"
            " and (listed_date >= $first or listed_date is null and key_value in ("
            f" select cast({column} as varchar) from read_parquet('{files}', hive_partitioning = true,"
            " hive_types = {'file_date': date}) where file_date >= $first))",
            {"first": first, "register": register, "column": column},
        ).fetchone()
    return min((day for day in days if day), default=None)
