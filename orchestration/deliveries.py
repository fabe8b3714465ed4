"""Deliveries: which of the files seen count, what is waiting, late or missing, and which partitions are stale.

Works on ledger rows only and opens no file. The answer is a pure function of the set of files and the
contracts: the order in which files arrived plays no part.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from orchestration import landing, missing
from orchestration import ledger as ledgers
from orchestration.contracts import Contract
from orchestration.ledger import Ledger
from orchestration.settings import Home

UNIT = ("kind", "sender", "period", "sequence")


def settle(home: Home, contracts: dict[str, Contract], ledger: Ledger) -> list[tuple[str, date]]:
    """Brings the ledger up to date with the landing folder; returns the stale (contract id, file date)."""
    landing.scan(home, contracts, ledger)
    with ledger.transaction():
        _reconsider(contracts, ledger)
        decide(contracts, ledger)
        missing.note_missing(contracts, ledger)
    return stale_partitions(contracts, ledger)


def decide(contracts: dict[str, Contract], ledger: Ledger, again: Iterable[tuple[str, date]] = ()) -> None:
    """Gives every unsettled file, and the other versions and copies of its unit, its state.

    `again`: days to look at although nothing is unsettled there, because a file was rejected since.
    """
    _decide(contracts, ledger, {(contract_id, day.isoformat()) for contract_id, day in again})


def _reconsider(contracts: dict[str, Contract], ledger: Ledger) -> None:
    """Files rejected under another reading of their contract, or without one, get a new chance."""
    changes = []
    for row in ledger.rows("select * from file where state in ('rejected', 'quarantined') and sha256 <> ''"):
        contract = contracts.get(row["contract_id"] or "")
        read_before = row["contract_digest"] is not None
        if (
            row["state"] == "rejected"
            and contract
            and read_before
            and row["contract_digest"] != contract.reading_digest
        ):
            changes.append(_change(row, "seen"))
        if row["state"] == "quarantined" and not isinstance(
            named := landing.name_parts(row["file_name"], contracts), str
        ):
            with ledger.transaction() as connection:
                connection.execute(
                    "update file set contract_id = :contract_id, control_kind = :control_kind, file_date = :file_date,"
                    " version = :version, kind = :kind, sender = :sender, period = :period, part = :part,"
                    " sequence = :sequence where file_id = :file_id",
                    named | {"file_id": row["file_id"]},
                )
            if not named["control_kind"]:
                changes.append(_change(row, "seen"))
    ledger.set_states(changes)


def _decide(contracts: dict[str, Contract], ledger: Ledger, again: set[tuple[str, str]]) -> None:
    """Day by day, oldest first: a day's verdicts may change which files of later days are copies."""
    unsettled = {
        (r["contract_id"], r["file_date"])
        for r in ledger.rows(
            "select distinct contract_id, file_date from file where state in ('seen', 'waiting', 'late')"
            " or (state = 'control' and decided_at is null)"
        )
    }
    clock = ledger.rows("select max(file_date) as day from file where state <> 'missing'")[0]["day"]
    touched = sorted(key for key in again | unsettled if key[0] in contracts)
    done: set[tuple[str, str]] = set()
    while touched:
        contract_id, _ = key = heapq.heappop(touched)
        if key in done:
            continue
        done.add(key)
        rows = ledger.rows(
            "select * from file where contract_id = ? and file_date = ? and state not in ('missing', 'quarantined')"
            f" and coalesce(reason, '') <> '{ledgers.OVERWRITTEN}'"
            " order by file_name, length(relative_path), relative_path",
            key,
        )
        ledger.set_states(_decide_day(contracts[contract_id], rows, clock, ledger))
        for day in _later_days_with_copies(ledger, key):
            heapq.heappush(touched, (contract_id, day))


def _decide_day(contract: Contract, rows: list[Any], clock: str, ledger: Ledger) -> list[dict[str, Any]]:
    by_name: dict[str, Any] = {}
    for row in rows:
        if row["state"] == "control":
            by_name |= json.loads(row["control"])
    changes = [_change(row, "control", control=row["control"]) for row in rows if row["state"] == "control"]
    verdicts = []
    for row in (row for row in rows if row["state"] != "control"):
        announced = by_name.get(row["file_name"])
        state, reason = _control_verdict(contract, row, announced, clock)
        if state == "seen" and _stays_rejected(row, announced):
            state, reason = "rejected", row["reason"]
        verdicts.append((row, ledgers.control_text(announced), state, reason))
    best = _versions_in_force(contract, [row for row, _, state, _ in verdicts if state == "seen"], by_name)
    first: dict[str, str] = {}
    named: dict[str, str] = {}
    for row, control, state, reason in verdicts:
        in_force = best.get(_unit(row), row["version"])
        if state in ("seen", "rejected") and row["version"] < in_force:
            state, reason = "superseded", f"version {in_force} of the same unit"
        elif state == "seen" and row["version"] > in_force:
            state, reason = "waiting", f"version {row['version']} is not complete: version {in_force} stays in force"
        elif state == "seen" and (original := first.get(row["sha256"]) or _same_bytes_before(contract, row, ledger)):
            state, reason = "duplicate", f"same bytes as {original}"
        elif state == "seen" and (twin := named.get(row["file_name"])):
            state, reason = "rejected", f"same name as {twin}, other bytes: nobody can know which is meant"
        elif state == "seen":
            named[row["file_name"]] = row["relative_path"]
            if row["state"] == "accepted" and row["control"] == control:
                state = "accepted"
            if not row["is_empty"]:
                first[row["sha256"]] = row["file_name"]
        if (state, reason, control) != (row["state"], row["reason"], row["control"]):
            changes.append(_change(row, state, reason, contract, control))
    return changes


def _versions_in_force(contract: Contract, good: list[Any], announced: dict[str, Any]) -> dict[tuple[Any, ...], int]:
    """Unit -> its highest version of which every file announced is there and good; if none is, the highest there."""
    names = {row["file_name"] for row in good}
    lacking = {name: contract.file_pattern.match(name) for name in announced if name not in names}
    incomplete = {
        (tuple(match.groupdict().get(part) for part in UNIT), int(match.groupdict().get("version") or 1))
        for match in lacking.values()
        if match
    }
    best: dict[tuple[Any, ...], tuple[bool, int]] = {}
    for row in good:
        unit, version = _unit(row), row["version"]
        best[unit] = max(best.get(unit, (False, 0)), ((unit, version) not in incomplete, version))
    return {unit: version for unit, (_, version) in best.items()}


def _control_verdict(
    contract: Contract, row: Any, announced: dict[str, Any] | None, clock: str
) -> tuple[str, str | None]:
    if row["mtime_ns"] == -1:
        return "waiting", "still being written"
    if contract.control in ("verf", "manifest"):
        if announced is None:
            days = max(1, -(-contract.lateness_minutes // 1440))
            overdue = clock > (date.fromisoformat(row["file_date"]) + timedelta(days=days)).isoformat()
            return ("late" if overdue else "waiting"), "no check file names this file"
        if announced["size"] != row["size_bytes"]:
            return "rejected", f"control_size: {row['size_bytes']} bytes delivered, {announced['size']} announced"
        if announced.get("sha256", row["sha256"]) != row["sha256"]:
            return "rejected", "control_hash: the bytes differ from the announced hash"
    return "seen", None


def _stays_rejected(row: Any, announced: dict[str, Any] | None) -> bool:
    """Rejected when it was read: that stands until its contract is mended or its control file says something else."""
    was_read = row["state"] == "rejected" and row["contract_digest"] is not None
    return was_read and row["control"] == ledgers.control_text(announced)


def _unit(row: Any) -> tuple[Any, ...]:
    """What a re-sent version replaces: everything of one sender, period and sequence number, all parts."""
    return tuple(row[part] for part in UNIT)


def _may_repeat(contract: Contract) -> bool:
    """A full list may equal yesterday's; an increment may not."""
    return contract.options.get("delivery") == "full"


def _same_bytes_before(contract: Contract, row: Any, ledger: Ledger) -> str | None:
    """A file of an earlier day that counts and has the same bytes."""
    if row["is_empty"] or _may_repeat(contract):
        return None
    earlier = ledger.rows(
        "select file_name from file indexed by file_bytes"
        " where sha256 = ? and contract_id = ? and state in ('seen', 'accepted') and file_date < ?"
        " order by file_date, file_name limit 1",
        (row["sha256"], row["contract_id"], row["file_date"]),
    )
    return earlier[0]["file_name"] if earlier else None


def _later_days_with_copies(ledger: Ledger, key: tuple[str, str]) -> list[str]:
    """Days after this one that hold the bytes of one of its files."""
    rows = ledger.rows(
        "select distinct copy.file_date from file original join file copy indexed by file_bytes"
        " on copy.contract_id = original.contract_id and copy.sha256 = original.sha256"
        " where original.contract_id = ? and original.file_date = ? and copy.file_date > original.file_date"
        " and not original.is_empty and original.control_kind is null",
        key,
    )
    return [row["file_date"] for row in rows]


def _change(
    row: Any, state: str, reason: str | None = None, contract: Contract | None = None, control: str | None = None
) -> dict[str, Any]:
    return {
        "file_id": row["file_id"],
        "state": state,
        "reason": reason,
        "control": control,
        "is_late": int(contract is not None and _arrived_late(contract, row)),
    }


def _arrived_late(contract: Contract, row: Any) -> bool:
    """Later than the end of the day of the file plus the agreed lateness (clock of the feed's zone ignored: UTC)."""
    deadline = datetime.fromisoformat(row["file_date"]) + timedelta(days=1, minutes=contract.lateness_minutes)
    return datetime.fromisoformat(row["arrived_at"]) > deadline


def active_files(ledger: Ledger, contract_id: str, file_date: date) -> list[Any]:
    """The files that make up a partition: settled or ready, in name order."""
    return ledger.rows(
        "select * from file where contract_id = ? and file_date = ? and state in ('seen', 'accepted')"
        " and control_kind is null order by file_name, file_id",
        (contract_id, file_date.isoformat()),
    )


def fingerprint(contract: Contract, files: list[Any]) -> str:
    text = json.dumps([contract.reading_digest, *[[row["file_name"], row["sha256"]] for row in files]])
    return hashlib.sha256(text.encode()).hexdigest()


def stale_partitions(contracts: dict[str, Contract], ledger: Ledger) -> list[tuple[str, date]]:
    """(contract id, file date) whose lake partition was not made from exactly the active files, or before one was
    judged anew: it may be rejected now."""
    made, active = ledger.partitions(), defaultdict(list)
    for row in ledger.rows(
        "select contract_id, file_date, file_name, sha256, state from file where control_kind is null"
        " and state in ('seen', 'accepted') and contract_id in (select value from json_each(?))"
        " order by contract_id, file_date, file_name, file_id",
        (json.dumps(sorted(contracts)),),
    ):
        active[row["contract_id"], row["file_date"]].append(row)
    wanted = {key: fingerprint(contracts[key[0]], files) for key, files in active.items() if key[0] in contracts}
    stale = {key for key, mark in wanted.items() if made.get(key) != mark}
    stale |= {key for key in wanted if any(row["state"] == "seen" for row in active[key])}
    stale |= {key for key in made if key[0] in contracts and key not in wanted}
    return sorted((contract_id, date.fromisoformat(day)) for contract_id, day in stale)


def announced(row: Any) -> dict[str, Any] | None:
    """What the control file said of this file: rows, sums, size."""
    return json.loads(row["control"]) if row["control"] else None
