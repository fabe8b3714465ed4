"""Names, control files, rotation numbers and arrival times: how files are put into the landing folder.

`Landing` remembers every file with its row count and sums, because the truth folder tells later what a
correct reader must find. What stands in the files is decided elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.contracts import Contract
from orchestration.sample_operator import encode
from orchestration.sample_operator.plan import DAY, HQ_SENDER, Plan

LOCAL = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Sent:
    """One file in the landing folder and what a correct reader makes of it."""

    contract_id: str
    file_name: str
    relative_path: str
    file_date: date | None
    version: int
    state: str
    reason: str
    size_bytes: int
    arrived_at: float
    delivered_rows: int = 0
    rejected_rows: int = 0
    duplicate_rows: int = 0
    delivered: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    duplicate: dict[str, int] = field(default_factory=dict)


class Landing:
    """The landing folder being filled; `sent` holds one entry per file in order of writing."""

    def __init__(self, root: Path, plan: Plan, contracts: dict[str, Contract]) -> None:
        self.root, self.plan, self.contracts = root, plan, contracts
        self.sent: list[Sent] = []
        self.sequence = {"billing__rated_voice": 0, "billing__rated_data": 0}
        for family in sorted({contract.family for contract in contracts.values()}):
            (root / family).mkdir(parents=True, exist_ok=True)

    def write(self, sent: Sent, data: bytes) -> Sent:
        """Writes one file with its simulated arrival time and remembers it."""
        path = self.root / sent.relative_path
        with open(path, "wb") as file:
            file.write(data)
        os.utime(path, (sent.arrived_at, sent.arrived_at))
        sent = replace(sent, size_bytes=len(data))
        self.sent.append(sent)
        return sent

    def replace(self, sent: Sent, data: bytes) -> None:
        """Other bytes for a file that was already written; it keeps its place and its arrival time."""
        place = next(i for i, old in enumerate(self.sent) if old.relative_path == sent.relative_path)
        self.write(sent, data)
        self.sent[place] = self.sent.pop()

    def put(self, contract_id: str, name: str, data: bytes, on: date, arrives_s: float, *, rows: int = 0,
            sums: dict[str, int] | None = None, state: str = "accepted", reason: str = "", version: int = 1) -> Sent:
        """A file of a feed; `arrives_s` is counted from the start of the sample."""
        contract = self.contracts[contract_id]
        if not state == "control" and state != "quarantined" and not contract.file_pattern.match(name):
            raise ValueError(f"{contract_id}: {name} does not match the contract's file pattern")
        return self.write(Sent(
            contract_id=contract_id, file_name=name, relative_path=f"{contract.family}/{name}", file_date=on,
            version=version, state=state, reason=reason, size_bytes=0, arrived_at=self.plan.epoch(arrives_s),
            delivered_rows=rows, delivered=sums or {}), data)

    def send_checked(self, contract_id: str, frames: list[pl.DataFrame], day: int, *, kind: str = "a",
                     period: str | None = None, version: int = 1, arrives_s: float | None = None) -> None:
        """One delivery of a feed with a check file: its parts first, the check file last."""
        contract = self.contracts[contract_id]
        period = period or f"{self.plan.date_of(day):%Y%m%d}"
        on, code = self.plan.date_of(day), contract.options["interfaceCode"]
        arrives = arrives_s if arrives_s is not None else (day + 1) * DAY + 2 * 3600 + int(code) % 1800
        stem, lines = f"{kind}_{HQ_SENDER}_{period}_{code}_{version:02d}", []
        for part, frame in enumerate(frames, start=1):
            name, data, sums = f"{stem}_{part:03d}.dat", encode.encode(contract, frame), totals(contract, frame)
            self.put(contract_id, name, data, on, arrives + part, rows=len(frame), sums=sums, version=version)
            lines.append(self.check_line(name, period, arrives, len(data), len(frame), sums.values()))
        self.put(contract_id, f"{stem}.verf", "".join(lines).encode("ascii"), on, arrives + 60, state="control",
                 version=version)

    def check_line(self, name: str, period: str, arrives_s: float, size: int, rows: int, sums) -> str:
        created = datetime.fromtimestamp(self.plan.epoch(arrives_s), LOCAL)
        expected = f"{created:%Y%m%d}"
        fields = (name, period, f"{created:%Y%m%d%H%M%S}", size, rows, 0, expected, *sums)
        return "|".join(str(value) for value in fields) + "\n"

    def send_plain(self, contract_id: str, stem: str, suffix: str, frame: pl.DataFrame, day: int, *, version: int = 1,
                   arrives_s: float | None = None) -> None:
        """One file of a feed without control, with a trailer or with a manifest, as the contract says."""
        contract = self.contracts[contract_id]
        data, sums = encode.encode(contract, frame), totals(contract, frame)
        arrives = arrives_s if arrives_s is not None else (day + 1) * DAY + 3 * 3600 + len(stem) * 7
        if contract.control == "trailer":
            data += trailer(contract, len(frame), sums)
        name, on = f"{stem}_v{version}.{suffix}", self.plan.date_of(day)
        self.put(contract_id, name, data, on, arrives, rows=len(frame), sums=sums, version=version)
        if contract.control == "manifest":
            manifest = {"created": datetime.fromtimestamp(self.plan.epoch(arrives), LOCAL).isoformat(), "files": [
                {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "records": len(frame),
                 "sums": sums}]}
            self.put(contract_id, f"{stem}_v{version}.manifest.json", json.dumps(manifest, indent=1).encode(), on,
                     arrives + 30, state="control", version=version)

    def send_rotated(self, contract_id: str, prefix: str, frame: pl.DataFrame, periods: pl.Series, day: int) -> None:
        """The records of a day, one file per rotation period; `frame` is sorted by `periods`."""
        contract = self.contracts[contract_id]
        count = 24 * 60 // self.plan.rotation_minutes
        edges = np.searchsorted(periods.to_numpy(), np.arange(count + 1)).tolist()
        on = f"{self.plan.date_of(day):%Y%m%d}"
        for period in range(count):
            part = frame.slice(edges[period], edges[period + 1] - edges[period])
            self.sequence[contract_id] += 1
            minute = period * self.plan.rotation_minutes
            sums = totals(contract, part)
            data = encode.delimited(contract, part) + trailer(contract, len(part), sums)
            packed = self.sequence[contract_id] % 16 == 0  # some mediation hosts compress
            number = f"{self.sequence[contract_id]:06d}_v1.cdr" + (".gz" if packed else "")
            name = f"{prefix}_{HQ_SENDER}_{on}{minute // 60:02d}{minute % 60:02d}_{number}"
            arrives = day * DAY + (minute + self.plan.rotation_minutes) * 60 + 240
            self.put(contract_id, name, pack(data) if packed else data, self.plan.date_of(day), arrives,
                     rows=len(part), sums=sums)


def totals(contract: Contract, frame: pl.DataFrame) -> dict[str, int]:
    return {name: int(frame[name].sum() or 0) for name in contract.control_sums}


def trailer(contract: Contract, rows: int, sums: dict[str, int]) -> bytes:
    fields = [contract.trailer_mark, rows, *(sums[name] for name in contract.control_sums)]
    return contract.delimiter.join(str(field) for field in fields).encode() + b"\n"


def pack(data: bytes) -> bytes:
    """gzip without a time in it, so that the same seed gives the same bytes."""
    return gzip.compress(data, compresslevel=1, mtime=0)
