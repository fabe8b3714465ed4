"""Broken files: a bench on which one good file of a day is broken in one way, and what must come of it.

A kind is a function that is handed the bench, breaks something in the landing folder and returns the `Outcome`
that the product must reach. What it does not name must be as on the day when nothing was broken.
The kinds themselves stand in `broken_rows`, `broken_formats` and `broken_deliveries`.
"""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from orchestration import contracts, deliveries, ingest, ledger, quality, settings
from orchestration.contracts import Contract
from orchestration.settings import Home

CONTRACTS = contracts.load_all(settings.REPO / "data_contracts")
BYSTANDER = "billing__payment"  # another feed of the same day
Key = tuple[object, ...]
Reject = tuple[str, str | None, str, int]  # reason, column, file, line


@dataclass
class Outcome:
    """What must come of a broken day, told as the difference to the good one."""

    files: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> state, how its reason begins
    rejects: list[Reject] = field(default_factory=list)
    lost: set[Key] = field(default_factory=set)  # record keys that are not loaded
    gained: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)  # loaded with other values than on the good day
    duplicates: int = 0
    missing: tuple[str, ...] = ()  # how the new entries of the board begin
    heals: bool = False  # does the next run load what is lost now?
    red: tuple[str, ...] | None = None  # limits of the contract that close the gate; None: not asked


@dataclass(frozen=True)
class Kind:
    """One way in which a file of a feed is broken."""

    name: str
    contract_id: str
    day: str
    breaks: Callable[[Bench], Outcome]


KINDS: list[Kind] = []


def kind(contract_id: str, day: str) -> Callable[[Callable[[Bench], Outcome]], Callable[[Bench], Outcome]]:
    """Notes a function as a kind; its name in words is the kind's."""

    def note(breaks: Callable[[Bench], Outcome]) -> Callable[[Bench], Outcome]:
        KINDS.append(Kind(breaks.__name__.replace("_", " "), contract_id, day, breaks))
        return breaks

    return note


@dataclass
class Day:
    """What one ingest made of the files of a feed and day."""

    states: dict[str, tuple[str, str | None]]
    counts: dict[str, tuple[int, int, int, int]]  # delivered, accepted, rejected, duplicate
    rows: dict[Key, tuple[str, int, tuple[object, ...]]]  # record key -> file, line, values
    rejects: list[tuple[str, str | None, str, int, str]]
    bystanders: list[tuple[object, ...]]
    off_balance: list[str]  # files whose counts or sums do not add up
    red: tuple[str, ...]  # limits of the contract that close the gate

    @property
    def missing(self) -> set[str]:
        return {name for name, (state, _) in self.states.items() if state == "missing"}


class Bench:
    """A home with the good files of a feed and day, and of another feed beside it."""

    def __init__(self, source: Path, folder: Path, contract_id: str, day: str) -> None:
        self.home: Home = settings.home(folder)
        self.contract_id, self.day = contract_id, day
        self.between: Callable[[], None] | None = None  # happens between the look at the folder and the reading
        self.contracts = {name: CONTRACTS[name] for name in (contract_id, BYSTANDER)}
        self.folder = self.home.landing / self.contract.family
        for contract in self.contracts.values():
            (self.home.landing / contract.family).mkdir(parents=True, exist_ok=True)
            for path in sorted((source / contract.family).iterdir()):
                if self._is_of_the_day(contract, path.name):
                    shutil.copy2(path, self.home.landing / contract.family / path.name)

    def _is_of_the_day(self, contract: Contract, name: str) -> bool:
        patterns = [pattern for pattern in (contract.file_pattern, contract.control_pattern) if pattern]
        found = [match for pattern in patterns if (match := pattern.match(name))]
        day = self.day if contract.id == self.contract_id else self.day if len(self.day) == 8 else "20260105"
        return bool(found) and found[0]["period"].replace(".", "").startswith(day)

    @property
    def contract(self) -> Contract:
        return self.contracts[self.contract_id]

    def agree(self, **changes: object) -> None:
        """Another contract for the feed."""
        self.contracts[self.contract_id] = dataclasses.replace(self.contract, **changes)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if self.contract.file_pattern.match(path.name))

    def largest(self) -> str:
        return max((name for name in self.names() if not name.endswith(".gz")), key=lambda n: len(self.read(n)))

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def keys(self, name: str, lines: Iterable[int] | None = None) -> set[Key]:
        """Record keys that a file gave on the good day, all or those of some of its lines."""
        chosen = None if lines is None else set(lines)
        return {key for key, (file, line, _) in self.good.rows.items()
                if file == name and (chosen is None or line in chosen)}

    @cached_property
    def good(self) -> Day:
        raise AttributeError("set by the runner")

    def run(self) -> Day:
        """What `bass ingest` does, and what can be seen of it afterwards."""
        with ledger.Ledger(self.home.ledger) as book:
            stale = deliveries.settle(self.home, self.contracts, book)
            between, self.between = self.between, None
            if between:
                between()
            ingest.ensure_schema_partitions(self.home, self.contracts.values())
            for contract_id, contract in self.contracts.items():
                days: list[date] = [day for owner, day in stale if owner == contract_id]
                ingest.ingest(self.home, contract, days, book)
            return self._seen(book)

    def _seen(self, book: ledger.Ledger) -> Day:
        files = book.rows("select * from file order by file_id")
        mine = [row for row in files if row["contract_id"] in (self.contract_id, None)]
        counted = [row for row in mine if row["state"] in ("accepted", "rejected") and row["contract_digest"]]
        return Day(
            states={self._named(row): (row["state"], row["reason"]) for row in mine},
            counts={self._named(row): tuple(row[f"{what}_rows"] for what in COUNTS) for row in counted},
            rows=self._rows(),
            rejects=self._rejects(),
            bystanders=self._table(BYSTANDER),
            off_balance=_off_balance(book, counted),
            red=self._red(),
        )

    def _named(self, row: sqlite3.Row) -> str:
        """The path below the feed's folder, or the name under which something is missing."""
        return row["file_name"] if row["state"] == "missing" else row["relative_path"].partition("/")[2]

    def _rows(self) -> dict[Key, tuple[str, int, tuple[object, ...]]]:
        names = [name for name, _ in self.contract.lake_columns]
        places = [names.index(name) for name in self.contract.key]
        found = {}
        for row in self._table(self.contract_id):
            key = tuple(row[place] for place in places)
            assert key not in found, f"{key} is loaded twice"
            found[key] = (row[-2], row[-1], row[:-2])
        return found

    def _table(self, contract_id: str) -> list[tuple[object, ...]]:
        names = ", ".join(name for name, _ in self.contracts[contract_id].lake_columns)
        files = self.home.raw / contract_id / "*" / "*.parquet"
        return duckdb.sql(f"select {names} from '{files}' order by source_file, line_number").fetchall()

    def _rejects(self) -> list[tuple[str, str | None, str, int, str]]:
        files = [str(path) for path in (self.home.rejects / self.contract_id).glob("*/*.parquet")]
        if not files:
            return []
        return duckdb.sql("select reason_code, column_name, source_file, line_number, raw_text"
                          f" from read_parquet({files}) order by source_file, line_number").fetchall()

    def _red(self) -> tuple[str, ...]:
        """What `quality` finds, without its seconds of import: the measures are its own."""
        limits = [limit for limit in self.contract.limits if limit.severity == quality.BLOCKING]
        profile = quality._profile(self.home, self.contract)
        return tuple(sorted({limit.name for limit in limits for row in profile if row[limit.name] > limit.at_most}))


COUNTS = ("delivered", "accepted", "rejected", "duplicate")


def _off_balance(book: ledger.Ledger, files: list) -> list[str]:
    wrong = [row["file_name"] for row in files
             if row["delivered_rows"] != sum(row[f"{what}_rows"] for what in COUNTS[1:])]
    return wrong + [
        row["file_name"] for row in book.rows(
            "select file_name from file_total join file using (file_id) where cast(delivered_total as real) <>"
            " cast(accepted_total as real) + cast(rejected_total as real) + cast(duplicate_total as real)")]


def differences(good: Day, wanted: Outcome, found: Day) -> list[str]:
    """Sentences for all that is not as it must be; none when the product did right."""
    said = []
    for name, (state, reason) in wanted.files.items():
        now, why = found.states.get(name, ("not in the ledger", ""))
        if now != state or not (why or "").startswith(reason):
            said.append(f"{name} is {now} ({why}), expected {state} ({reason})")
    for name, (state, why) in found.states.items():
        if name not in wanted.files and state != "missing" and good.states.get(name, ("accepted", None))[0] != state:
            said.append(f"another file, {name}, is {state} ({why})")
    new_on_board = sorted(found.missing - good.missing - set(wanted.files))
    if len(new_on_board) != len(wanted.missing) or not all(map(str.startswith, new_on_board, sorted(wanted.missing))):
        said.append(f"missing are {new_on_board[:5]} ({len(new_on_board)}), expected {wanted.missing}")
    if [reject[:4] for reject in found.rejects] != sorted(wanted.rejects, key=lambda r: (r[2], r[3])):
        said.append(f"rejected are {[reject[:4] for reject in found.rejects]}, expected {wanted.rejects}")
    if empty := [reject for reject in found.rejects if not reject[4]]:
        said.append(f"rejects without raw text: {empty}")
    keys = set(good.rows) - wanted.lost | wanted.gained
    if set(found.rows) != keys:
        said.append(f"not loaded: {sorted(keys - set(found.rows), key=str)[:3]},"
                    f" loaded though bad: {sorted(set(found.rows) - keys, key=str)[:3]}")
    same = set(found.rows) & set(good.rows) - wanted.gained - wanted.changed
    if other := sorted((key for key in same if found.rows[key][2] != good.rows[key][2]), key=str):
        said.append(f"loaded with other values: {other[:3]}")
    if wanted.red is not None and found.red != wanted.red:
        said.append(f"the gate is closed by {found.red}, expected {wanted.red}")
    if found.bystanders != good.bystanders:
        said.append("the other feed of the day has other rows")
    if found.off_balance:
        said.append(f"delivered is not accepted + rejected + duplicate in {found.off_balance}")
    duplicates = sum(count[3] for count in found.counts.values()) - sum(count[3] for count in good.counts.values())
    if duplicates != wanted.duplicates:
        said.append(f"{duplicates} duplicate rows, expected {wanted.duplicates}")
    return said
