"""Every clear personal value of a home, and the search for any of them in everything that a home holds.

The values are read from the delivered files by the contracts, without the vault's help. The search is one
automaton over all of them: raw bytes of each file, and what Parquet, DuckDB and SQLite hold unpacked.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from orchestration import contracts, formats, settings
from orchestration.contracts import Contract
from orchestration.settings import Home

SHORTEST = 6  # bytes; a shorter value (10086, 110) is part of figures that have nothing to do with it
PIECE, OVERLAP, BATCH = 4 * 1024 * 1024, 1024, 32 * 1024 * 1024  # bytes
NOT_OURS = ("landing", "truth")  # what was delivered, and what the sample operator knows


def delivered(home: Home) -> dict[str, set[str]]:
    """domain -> values that stand in a personal column of a delivered file."""
    known = contracts.load_all(home.contracts)
    found: dict[str, set[str]] = {}
    with sqlite3.connect(f"file:{home.ledger}?mode=ro", uri=True) as ledger:
        files = ledger.execute("select contract_id, relative_path from file where contract_id is not null"
                                " and control_kind is null and state not in ('missing', 'waiting')").fetchall()
    for contract_id, relative in files:
        contract = known[contract_id]
        if not contract.personal:
            continue
        for batch in _batches(home.landing / relative, contract):
            for column in contract.personal:
                texts = batch.column(batch.schema.get_field_index(column.name)).unique().to_pylist()
                found.setdefault(column.token_domain, set()).update(text.strip() for text in texts if text)
    null_words = {word for contract in known.values() for word in ("", *contract.null_words)}
    return {domain: values - null_words for domain, values in found.items()}


def _batches(path: Path, contract: Contract) -> Iterator[pa.RecordBatch]:
    """The rows of a file, as far as they can be read."""
    with suppress(formats.FormatError):
        yield from formats.read(path, contract).batches


def searchable(values: dict[str, set[str]]) -> tuple[set[str], set[str]]:
    """(values to look for, values that cannot be told from text that is public anyway or from any figure)."""
    every = set().union(*values.values())
    short = {value for value in every if len(value.encode()) < SHORTEST}
    candidates = pl.Series(sorted(every - short))
    public = _found(candidates, [_public_text()]).get(0, set())
    return set(candidates) - public, short | public


class Search:
    """Finds any of the values, in the encodings that a file may have them in."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = {form: value for value in values for form in _forms(value)}
        self.patterns = pl.Series(sorted(self.values))
        self.numbers = {int(value) for value in self.values.values() if value.isdigit() and len(value) >= 9}
        self.searched = 0  # bytes

    def in_text(self, text: str) -> set[str]:
        return set().union(*self._among([("", text.encode())]).values())

    def in_home(self, home: Home) -> dict[str, set[str]]:
        """place -> values found there. Place: a file, or a column of a table in it."""
        files = files_of(home)
        folders = sorted({path.parents[1] for path in files if path.name == "part.parquet"})
        packed = [(folder, self._parquet(folder / "*" / "part.parquet")) for folder in folders]
        plain = [(path, self._pieces(path)) for path in files]
        return self._among((f"{path.relative_to(home.root)}{place}", data)
                           for path, pieces in (*packed, *plain) for place, data in pieces)

    def _among(self, pieces: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
        """Searches many pieces with one pass of the automaton; building it costs more than a small file."""
        found: dict[str, set[str]] = {}
        for batch in _batched(pieces):
            self.searched += sum(len(data) for _, data in batch)
            hits = _found(self.patterns, [data.decode("latin-1") for _, data in batch])
            for place, forms in hits.items():
                name, data = batch[place]
                if values := {self.values[form] for form in forms if _stands_alone(form, data)}:
                    found.setdefault(name, set()).update(values)
        return found

    def _pieces(self, path: Path) -> Iterator[tuple[str, bytes]]:
        """The raw bytes of a file, and what is packed in it."""
        yield from _sliced("", path.read_bytes())
        if path.suffix == ".parquet" and path.name != "part.parquet":
            yield from self._parquet(path)
        elif path.name.endswith(".duckdb"):
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = connection.execute("select format('\"{}\".\"{}\"', schema_name, table_name) "
                                            "from duckdb_tables()").fetchall()
                yield from self._columns(connection, [table for (table,) in tables])
        elif path.suffix in (".sqlite", ".db"):
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                yield from _sliced(" dump", _dump(connection))

    def _parquet(self, files: Path) -> Iterator[tuple[str, bytes]]:
        with duckdb.connect() as connection:
            connection.execute(f"create view opened as from read_parquet('{files}', hive_partitioning = false)")
            yield from self._columns(connection, ["opened"])

    def _columns(self, connection: duckdb.DuckDBPyConnection, tables: list[str]) -> Iterator[tuple[str, bytes]]:
        """The distinct values of each column that could hold a clear value; of numbers only those that are one."""
        for table in tables:
            for name, kind, *_ in connection.execute(f"describe {table}").fetchall():
                distinct = f'select distinct "{name}" as value from {table} where value is not null'
                if kind in ("BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT") or kind.startswith("DECIMAL"):
                    values = connection.execute(f"{distinct} and abs(value) >= 100000000").to_arrow_table()["value"]
                    texts = [str(int(value)) for value in values.to_pylist() if int(value) in self.numbers]
                elif kind not in ("DATE", "BOOLEAN", "DOUBLE", "INTEGER") and not kind.startswith("TIMESTAMP"):
                    texts = [row[0] for row in
                             connection.execute(f"select cast(value as varchar) from ({distinct})").fetchall()]
                else:
                    continue
                yield from _sliced(f" {table}.{name}", "\n".join(texts).encode())


def _stands_alone(form: str, data: bytes) -> bool:
    """A number counts where no other digit touches it, but for a country code: inside a longer figure it is chance."""
    return not form.isdigit() or bool(re.search(rb"(?<!\d)(00)?(86)?" + form.encode() + rb"(?!\d)", data))


def _dump(connection: sqlite3.Connection) -> bytes:
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    return "\n".join(str(cell) for (table,) in tables for row in connection.execute(f'select * from "{table}"')
                     for cell in row if isinstance(cell, (str, int))).encode()


def _sliced(place: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for at in range(0, len(data), PIECE):
        yield place, data[at : at + PIECE + OVERLAP]


def _batched(pieces: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece[1])
        if size > BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def files_of(home: Home) -> list[Path]:
    """Every file below the home but what was delivered."""
    own = (path for path in home.root.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in own if path.relative_to(home.root).parts[0] not in NOT_OURS)


def _forms(value: str) -> set[str]:
    """The value as its bytes would look, one character per byte: UTF-8, GB18030, UTF-16 and escaped in JSON.

    A form of less than six bytes (two characters in GB18030) is left out: any compressed file has it by chance.
    """
    encoded = {value.encode("utf-8"), value.encode("gb18030"), json.dumps(value)[1:-1].encode()}
    encoded |= {value.encode("utf-16-le")}
    return {data.decode("latin-1") for data in encoded if len(data) >= SHORTEST}


def _found(patterns: pl.Series, texts: list[str]) -> dict[int, set[str]]:
    """place in `texts` -> the patterns that occur there."""
    if patterns.is_empty():
        return {}
    frame = pl.DataFrame({"text": texts}).with_row_index("place")
    every = pl.lit(patterns).implode()
    frame = frame.filter(pl.col("text").str.contains_any(every))
    hits = frame.with_columns(hits=pl.col("text").str.extract_many(every, overlapping=True))
    return {place: set(found) for place, found in hits.select("place", "hits").iter_rows()}


def _public_text() -> str:
    """What stands in the repository and may so stand anywhere: seeds, models, contracts."""
    folders = (settings.SEEDS, settings.DBT_PROJECT / "models", settings.REPO / "data_contracts")
    return "\n".join(path.read_text() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
