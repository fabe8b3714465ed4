"""The board of outstanding files: who should have delivered what by when.

A pure function of the ledger, the contracts and a clock. The clock is the newest period that came, unless another
is given: what is exported for the warehouse is the same whenever it is made.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from orchestration import ledger as ledgers
from orchestration import missing
from orchestration.contracts import Contract
from orchestration.ledger import Ledger
from orchestration.settings import Home

EXPORT = pa.schema(
    [(name, pa.string()) for name in ("contract_id", "family", "feed", "owner", "sender", "name", "state", "reason")]
    + [("file_count", pa.int64()), ("minutes_late", pa.int64())]
    + [(name, pa.timestamp("us")) for name in ("due_at", "due_at_local", "as_of_local")]
    + [("file_date", pa.date32())]
)
# Came but does not count; of a rejected file only while nothing else of its unit is in force.
UNUSABLE = """
    select * from file as this where state in ('waiting', 'late') or state = 'rejected' and not exists (
        select 1 from file as other where other.contract_id = this.contract_id and other.file_date = this.file_date
        and other.state in ('seen', 'accepted') and other.control_kind is null and other.kind is this.kind
        and other.sender is this.sender and other.period is this.period and other.sequence is this.sequence)
    order by contract_id, file_date, file_name"""


@dataclass(frozen=True)
class Line:
    """Outstanding files of one feed, sender and period. `state`: due (still in time), missing, waiting (for its
    check file, or still being written), late (waiting after the deadline), rejected."""

    contract_id: str
    owner: str
    sender: str | None
    name: str
    state: str
    reason: str
    file_count: int
    minutes_late: int
    due_at: datetime
    due_at_local: datetime
    file_date: date


def lines(contracts: dict[str, Contract], ledger: Ledger, as_of: datetime | None = None) -> list[Line]:
    """Everything outstanding, by deadline. `as_of`: local time of each feed, by default the newest period that came."""
    as_of = as_of or missing.clock(contracts, ledger)
    found = []
    for one in missing.expected(contracts, ledger, as_of):
        state = "due" if one.reason == missing.NOT_YET and one.due_at > as_of else "missing"
        found.append(_line(contracts[one.contract_id], one, state, as_of))
    for row in ledger.rows(UNUSABLE):
        if contract := contracts.get(row["contract_id"] or ""):
            day, due_at = date.fromisoformat(row["file_date"]), missing.due_at(contract, row)
            one = missing.Expected(contract.id, row["sender"], row["file_name"], day, row["reason"], due_at)
            found.append(_line(contract, one, row["state"], as_of))
    return sorted(found, key=lambda line: (line.due_at, line.contract_id, line.name))


def _line(contract: Contract, one: missing.Expected, state: str, as_of: datetime) -> Line:
    due_at = one.due_at.replace(tzinfo=ZoneInfo(contract.time_zone)).astimezone(UTC).replace(tzinfo=None)
    minutes_late = max(0, int((as_of - one.due_at).total_seconds() // 60))
    return Line(contract.id, contract.owner, one.sender, one.name, state, one.reason, one.file_count, minutes_late,
                due_at, one.due_at, one.file_date)


def export(home: Home, contracts: dict[str, Contract]) -> None:
    """Copies the board to lake/ops/expected_file.parquet, for schema `ops`."""
    home.ops.mkdir(parents=True, exist_ok=True)
    with Ledger(home.ledger) as ledger:
        as_of = missing.clock(contracts, ledger)
        rows: list[dict[str, Any]] = [asdict(line) for line in lines(contracts, ledger, as_of)]
    for row in rows:
        family, _, feed = row["contract_id"].partition("__")
        row |= {"family": family, "feed": feed, "as_of_local": as_of}
    ledgers.replace_parquet(pa.Table.from_pylist(rows, schema=EXPORT), home.ops / "expected_file.parquet")
