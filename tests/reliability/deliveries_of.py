"""Deliveries of the sample operator, contract by contract: the files of a unit, and the same under other names."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration import deliveries, ingest, landing, ledger
from orchestration.contracts import Contract
from orchestration.settings import Home

Files = dict[str, bytes]


@dataclass(frozen=True)
class Delivery:
    """What one sender delivers for one period: data files and their control file, by name."""

    data: Files
    control: Files

    @property
    def all(self) -> Files:
        return self.data | self.control


@dataclass
class Box:
    """A home that knows one contract; `run` is what `bass ingest` does."""

    home: Home
    contract: Contract

    def put(self, files: Files) -> Box:
        folder = self.home.landing / self.contract.family
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return self

    def run(self) -> Box:
        with ledger.Ledger(self.home.ledger) as book:
            if stale := deliveries.settle(self.home, {self.contract.id: self.contract}, book):
                ingest.ingest(self.home, self.contract, [day for _, day in stale], book)
        return self

    def states(self) -> dict[str, tuple[str, str | None]]:
        with ledger.Ledger(self.home.ledger) as book:
            return {row["file_name"]: (row["state"], row["reason"]) for row in book.rows("select * from file")}

    def rows(self, columns: str = "*") -> list[tuple]:
        """The lake of the contract, days included, in one order."""
        files = sorted(str(path) for path in self.home.raw.glob(f"{self.contract.id}/*/*.parquet"))
        if not files:
            return []
        lake = f"read_parquet({files}, hive_partitioning = true)"
        return duckdb.sql(f"select {columns} from {lake} order by all").fetchall()


def by_unit(contract: Contract, folder: Path) -> list[Delivery]:
    """The first versions of a contract's deliveries in a landing folder, in name order."""
    units: dict[tuple, tuple[Files, Files]] = defaultdict(lambda: ({}, {}))
    for path in sorted(folder.iterdir()):
        parts = landing.name_parts(path.name, {contract.id: contract})
        if isinstance(parts, str) or parts["version"] != 1 or (path.suffix == ".gz" and contract.format != "pm_xml"):
            continue
        key = tuple(parts[name] for name in ("sender", "period", "sequence"))
        units[key][bool(parts["control_kind"])][path.name] = path.read_bytes()
    return [Delivery(*found) for _, found in sorted(units.items(), key=str) if found[0]]


def renamed(contract: Contract, delivery: Delivery, model: Delivery, version: int = 1) -> Delivery:
    """`delivery` under the names of `model`, as that version of it; the control file names the new names."""
    names = {old: _version(contract, new, version) for old, new in zip(delivery.data, model.data, strict=False)}
    control = {}
    for text, new in zip(delivery.control.values(), model.control, strict=False):
        for old, name in names.items():
            text = text.replace(old.encode(), name.encode())
        control[_version(contract, new, version)] = text
    return Delivery({name: delivery.data[old] for old, name in names.items()}, control)


def moved(contract: Contract, delivery: Delivery, day: date, numbers: int = 500) -> Delivery:
    """`delivery` under the names of another day (so many numbers later where files are numbered), bytes unchanged."""
    data, control = ({_on(contract, name, day, numbers): text for name, text in files.items()}
                     for files in (delivery.data, delivery.control))
    return renamed(contract, delivery, Delivery(data, control))


def _match(contract: Contract, name: str) -> re.Match[str]:
    patterns = filter(None, (contract.file_pattern, contract.control_pattern))
    return next(match for pattern in patterns if (match := pattern.match(name)))


def _version(contract: Contract, name: str, version: int) -> str:
    match = _match(contract, name)
    if match["version"] is None:
        return name.replace(".xml", f"_v{version}.xml") if version > 1 else name
    begin, end = match.span("version")
    return f"{name[:begin]}{version:0{end - begin}d}{name[end:]}"


def _on(contract: Contract, name: str, day: date, numbers: int) -> str:
    match = _match(contract, name)
    begin, end = match.span("period")
    digits = f"{day:%Y%m}" if end - begin == 6 else f"{day:%Y%m%d}"
    changed = f"{name[:begin]}{digits}{name[begin + len(digits):]}"
    if match.groupdict().get("sequence"):
        begin, end = match.span("sequence")
        changed = f"{changed[:begin]}{int(match['sequence']) + numbers:0{end - begin}d}{changed[end:]}"
    return changed
