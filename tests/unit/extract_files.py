"""Small extract files for tests, written as an operator's systems write them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import contracts, deliveries, ingest, ledger, settings

CONTRACTS = contracts.load_all(settings.REPO / "data_contracts")
VOICE, CUSTOMER, ORDER = (CONTRACTS[f"billing__{name}"] for name in ("rated_voice", "customer", "order"))


@dataclass
class Operator:
    """One home with a landing folder; `run` is what `bass ingest` does."""

    home: settings.Home

    def put(self, family: str, name: str, data: bytes) -> Path:
        path = self.home.landing / family / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run(self) -> list[ingest.Partition]:
        made = []
        with ledger.Ledger(self.home.ledger) as book:
            stale = deliveries.settle(self.home, CONTRACTS, book)
            ingest.ensure_schema_partitions(self.home, CONTRACTS.values())
            for contract_id in sorted({contract_id for contract_id, _ in stale}):
                days = [day for owner, day in stale if owner == contract_id]
                made += ingest.ingest(self.home, CONTRACTS[contract_id], days, book)
        return made

    def states(self) -> dict[str, tuple[str, str | None]]:
        with ledger.Ledger(self.home.ledger) as book:
            return {row["file_name"]: (row["state"], row["reason"]) for row in book.rows("select * from file")}

    def file(self, name: str) -> dict:
        with ledger.Ledger(self.home.ledger) as book:
            return dict(book.rows("select * from file where file_name = ?", (name,))[0])

    def lake(self, contract_id: str, columns: str = "*") -> list[tuple]:
        files = self.home.raw / contract_id / "*" / "*.parquet"
        return duckdb.sql(f"select {columns} from '{files}' order by all").fetchall()

    def rejects(self, contract_id: str) -> list[tuple]:
        files = list((self.home.rejects / contract_id).glob("*/*.parquet"))
        if not files:
            return []
        return duckdb.sql(
            "select reason_code, column_name, source_file, line_number, raw_text"
            f" from read_parquet({[str(f) for f in files]}) order by source_file, line_number"
        ).fetchall()


def call(
    number: int,
    *,
    day: str = "20260105",
    seconds: int | str = 60,
    fen: int | str = 15,
    usage: str = "VOICE_LOCAL",
    msisdn: str = "13800000001",
) -> str:
    return f"call{number:06d}|S1|{msisdn}|MO|{usage}|13900000002|RV1|{day}101500|{seconds}|C1|HOME|T1|{fen}|0"


def voice_file(
    lines: list[str], *, rows: int | None = None, seconds: int | None = None, fen: int | None = None
) -> bytes:
    """Rated voice records with a true trailer, unless told otherwise."""

    def total(position: int) -> int:
        values = (line.split("|")[position] for line in lines if line.count("|") == 13)
        return sum(int(value) for value in values if value.lstrip("-").isdigit())

    trailer = [
        "TRAILER",
        rows if rows is not None else len(lines),
        seconds if seconds is not None else total(8),
        fen if fen is not None else total(12),
    ]
    return "".join(f"{line}\n" for line in [*lines, "|".join(map(str, trailer))]).encode()


def voice_name(sequence: int, version: int = 1, day: str = "20260105") -> str:
    return f"vc_10000_{day}0000_{sequence:06d}_v{version}.cdr"


def customer_line(number: int, *, name: str = "张三𠮷", birth_year: str = "1980") -> str:
    return f"C{number}|10|{name}|11010119800101{number:04d}|{birth_year}|||A|1|0||11100|20200101|1"


def customer_files(
    lines: list[bytes], *, day: str = "20260105", version: int = 1, count: int | None = None, size: int | None = None
) -> dict[str, bytes]:
    stem = f"i_10000_{day}_01001_{version:02d}"
    data = b"".join(line + b"\r\n" for line in lines)
    check = "|".join(
        map(
            str,
            [
                f"{stem}_001.dat",
                day,
                f"{day}230000",
                len(data) if size is None else size,
                len(lines) if count is None else count,
                0,
                day,
            ],
        )
    )
    return {f"{stem}_001.dat": data, f"{stem}.verf": f"{check}\n".encode()}


def order_files(lines: list[str], *, day: str = "20260105", sha256: str | None = None) -> dict[str, bytes]:
    header = ",".join(column.source for column in ORDER.columns)
    data = "".join(f"{line}\n" for line in [header, *lines]).encode()
    entry = {
        "name": f"order_{day}_v1.csv",
        "size": len(data),
        "records": len(lines),
        "sums": {},
        "sha256": sha256 or hashlib.sha256(data).hexdigest(),
    }
    return {entry["name"]: data, f"order_{day}_v1.manifest.json": json.dumps({"files": [entry]}).encode()}
