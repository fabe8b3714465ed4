"""Erasure: takes a person out of what we keep, so that no token leads back to him, not even with the secret.

What is erased is listed in the vault as a keyed mark and its sealed value is destroyed. The lake days that hold
its token are made again by the next run, where a listed value gets no token, and so are the warehouse and the
published file; older published versions are deleted. The delivered files are not ours to change: which of them
hold the person is told.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from orchestration import contracts, deliveries, privacy, settings, transform, vault
from orchestration import ledger as ledgers
from orchestration.contracts import Contract
from orchestration.ledger import Ledger
from orchestration.privacy import CUSTOMER
from orchestration.settings import Home

GONE = pa.schema([("domain", pa.string()), ("token", pa.int64())])


class NothingToErase(ValueError):
    """No row and no sealed value belongs to what was named."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did: sealed values destroyed, values kept because others have them, days of the lake to make
    again, delivered files that hold the person."""

    values: int
    shared: int
    days: int
    files: list[str]


def erase(
    home: Home,
    *,
    customers: Iterable[str] = (),
    values: Iterable[tuple[str, str]] = (),
    tokens: Iterable[tuple[str, int]] = (),
) -> Erased:
    """Erases all personal values in rows of these customers, and these (domain, value) and (domain, token) anywhere.

    A value that another customer has too (a common name) goes from the customer's own rows and stays in the others'.
    Call it within `steps.writing`; a second call after a kill does the rest. Raises NothingToErase.
    """
    key, customers = privacy.secret(home), sorted(set(customers))
    known = [contract for contract in contracts.load_all(home.contracts).values() if contract.personal]
    found = [(domain, *vault.token_and_mark(key, domain, text)) for domain, text in values]
    found += [(domain, token, _mark(home, domain, token)) for domain, token in tokens]
    with _lake(home, known, customers) as lake:
        own, shared = _own_tokens(lake, known) if customers else ([], 0)
        found += [(domain, token, mark) for domain, number in own for token, mark in
                  vault.marks(home, domain, [number]).items()]
        days, files = _places(lake, known, {*own, *((domain, token) for domain, token, _ in found)})
    if not days and not any(vault.marks(home, domain, [token]) for domain, token, _ in found):
        raise NothingToErase("neither the lake nor the vault holds anything of what was named")
    entries = [(domain, mark) for domain, _, mark in found]
    entries += [(CUSTOMER, vault.token_and_mark(key, CUSTOMER, number)[1]) for number in customers]
    vault.list_erased(home, entries, ledgers.now())
    with Ledger(home.ledger) as ledger:
        ledger.forget_partitions(days)
    transform.drop(home)
    return Erased(vault.destroy(home), shared, len(days), files)


def complete(home: Home) -> None:
    """After publishing: when no day of the lake holds an erased value any more, older published versions go too."""
    if not vault.has_unpublished_erasures(home):
        return
    with Ledger(home.ledger) as ledger:
        if deliveries.stale_partitions(contracts.load_all(home.contracts), ledger):
            return
    shutil.rmtree(home.published / "previous", ignore_errors=True)
    vault.erasures_are_published(home)


def _mark(home: Home, domain: str, token: int) -> int:
    found = vault.marks(home, domain, [token])
    if not found:
        raise NothingToErase(f"the vault holds no token {token} of domain {domain}")
    return found[token]


def _lake(home: Home, known: list[Contract], customers: list[str]) -> duckdb.DuckDBPyConnection:
    """One view per feed with people in it, and temp table `wanted` of the customers."""
    connection = duckdb.connect(config={
        "memory_limit": settings.ingest_memory_limit(), "threads": settings.threads(),
        "temp_directory": str(home.work / "spill"),
        "autoinstall_known_extensions": False, "autoload_known_extensions": False,
    })
    connection.execute("create temp table wanted as select unnest($customers::varchar[]) as customer_id",
                       {"customers": customers})
    for contract in known:
        files = str(home.raw / contract.id / "*" / "part.parquet").replace("'", "''")
        if not list((home.raw / contract.id).glob("*/part.parquet")):
            columns = ", ".join(f"null::{kind} as {name}" for name, kind in contract.lake_columns)
            source = f"(select {columns}, null::date as file_date, null::varchar as source_file where false)"
        else:
            source = f"read_parquet('{files}', hive_partitioning = true, hive_types = {{'file_date': date}})"
        connection.execute(f"create view {contract.id} as from {source}")
    return connection


def _has_customer(contract: Contract) -> bool:
    return CUSTOMER in {column.name for column in contract.columns}


def _own_tokens(lake: duckdb.DuckDBPyConnection, known: list[Contract]) -> tuple[list[tuple[str, int]], int]:
    """Tokens in rows of the wanted customers and of no other customer; and how many they share with others."""
    parts = [
        f"select distinct '{column.token_domain}' as domain, {column.name} as token,"
        f" coalesce({CUSTOMER} in (from wanted), false) as is_wanted from {contract.id} where {column.name} is not null"
        for contract in known if _has_customer(contract) for column in contract.personal
    ]
    rows = lake.execute(
        f"select domain, token, bool_and(is_wanted) from ({' union all '.join(parts)})"
        " group by domain, token having bool_or(is_wanted)"
    ).fetchall()
    return [(domain, token) for domain, token, is_own in rows if is_own], sum(not row[2] for row in rows)


def _places(
    lake: duckdb.DuckDBPyConnection, known: list[Contract], gone: set[tuple[str, int]]
) -> tuple[list[tuple[str, date]], list[str]]:
    """The lake days (contract id, file date) and the delivered files that hold one of the tokens or customers."""
    lake.register("gone", pa.Table.from_pylist([{"domain": d, "token": t} for d, t in sorted(gone)], schema=GONE))
    days, files = set(), set()
    for contract in known:
        tests = [f"{c.name} in (select token from gone where domain = '{c.token_domain}')" for c in contract.personal]
        if _has_customer(contract):
            holds = " or ".join(f"{column.name} is not null" for column in contract.personal)
            tests.append(f"({CUSTOMER} in (from wanted) and ({holds}))")
        for day, file in lake.execute(
            f"select distinct file_date, source_file from {contract.id} where {' or '.join(tests)}"
        ).fetchall():
            days.add((contract.id, day))
            files.add(file)
    return sorted(days), sorted(files)
