"""A throw-away home into which third-party files are delivered, and the real code that takes them in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import contracts, deliveries, ingest, privacy, settings
from orchestration.ledger import Ledger

THIRD_PARTY = Path(__file__).resolve().parent / "contracts"
KINDS = ("delivered", "accepted", "rejected", "duplicate")


@dataclass
class Site:
    """One home with its contracts. Deliver files, take them in, ask for lake rows, rejects and the ledger."""

    home: settings.Home
    contracts: dict[str, contracts.Contract]
    ledger: Ledger

    def deliver(self, contract_id: str, name: str, content: Path | bytes) -> Path:
        target = self.home.landing / self.contracts[contract_id].family / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content) if isinstance(content, bytes) else shutil.copyfile(content, target)
        return target

    def take_in(self) -> list[ingest.Partition]:
        """Every stale partition made anew; what each file delivered is accounted for, row by row and sum by sum."""
        stale: dict[str, list[Any]] = {}
        for contract_id, day in deliveries.settle(self.home, self.contracts, self.ledger):
            stale.setdefault(contract_id, []).append(day)
        made = [partition for contract_id, days in stale.items()
                for partition in ingest.ingest(self.home, self.contracts[contract_id], days, self.ledger)]
        for partition in made:
            assert partition.delivered_rows == (
                partition.accepted_rows + partition.rejected_rows + partition.duplicate_rows)
        for file in self.files("state in ('accepted', 'rejected')"):
            assert file["delivered_rows"] == sum(file[f"{kind}_rows"] for kind in KINDS[1:]), dict(file)
        self._lineage_is_whole()
        return made

    def _lineage_is_whole(self) -> None:
        """Each accepted or rejected row names a file that was delivered and a line of its own."""
        for kind, table in (("accepted", self.rows), ("rejected", self.rejects)):
            for contract_id in self.contracts:
                counts = dict(table(contract_id, "source_file, count(distinct line_number)", "group by source_file"))
                seen = {f["file_name"]: f[f"{kind}_rows"] for f in self.files("state = 'accepted'", contract_id)}
                assert counts == {name: rows for name, rows in seen.items() if rows}

    def files(self, where: str = "true", contract_id: str | None = None) -> list[Any]:
        mine = f" and contract_id = '{contract_id}'" if contract_id else ""
        return self.ledger.rows(f"select * from file where {where}{mine} order by file_name")

    def rows(self, contract_id: str, select: str, rest: str = "") -> list[tuple]:
        return self._query(self.home.raw, contract_id, select, rest)

    def rejects(self, contract_id: str, select: str, rest: str = "") -> list[tuple]:
        if not list((self.home.rejects / contract_id).glob("*/part.parquet")):
            return []
        return self._query(self.home.rejects, contract_id, select, rest)

    def _query(self, lake: Path, contract_id: str, select: str, rest: str) -> list[tuple]:
        source = f"read_parquet('{lake}/{contract_id}/*/part.parquet', hive_partitioning = true)"
        return duckdb.sql(f"select {select} from {source} {rest}").fetchall()


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """`make_site()` opens an empty home with the contracts of the third-party files, or with others."""

    def make(folder: Path = THIRD_PARTY) -> Site:
        home = settings.home(tmp_path_factory.mktemp("home"), folder)
        privacy.secret(home, create=True)
        found = contracts.load_all(folder)
        ingest.ensure_schema_partitions(home, found.values())
        return Site(home, found, Ledger(home.ledger))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("BASS_HOME", "BASS_LANDING", "BASS_LAKE", "BASS_CONTRACTS", "BASS_SECRET", "BASS_SECRET_FILE"):
            patch.delenv(name, raising=False)
        yield make
