"""What should have come and did not: announced files, sequence numbers, days, months and quarter-hours.

Works on ledger rows only. The board is made anew each time, so that what arrives late leaves it by itself.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from orchestration import ledger as ledgers
from orchestration.contracts import Contract
from orchestration.ledger import Ledger


def note_missing(contracts: dict[str, Contract], ledger: Ledger) -> None:
    """Rows for what should be there and is not: announced files, sequence numbers, days and months."""
    expected: list[tuple[str, str, str, str]] = []
    for contract in contracts.values():
        rows = ledger.rows(
            "select file_name, file_date, sender, period, sequence, control_kind, control, state from file"
            " where contract_id = ? and state <> 'missing' order by file_name",
            (contract.id,),
        )
        present = {row["file_name"] for row in rows}
        for row in rows:
            if row["control_kind"] and row["control"]:
                expected += [
                    (contract.id, row["file_date"], name, f"announced by {row['file_name']}")
                    for name in json.loads(row["control"])
                    if name not in present
                ]
        data = [row for row in rows if not row["control_kind"]]
        by_number = any(row["sequence"] for row in data)
        expected += (_missing_sequences if by_number else _missing_periods)(contract, data)
    with ledger.transaction() as connection:
        connection.execute("delete from file where state = 'missing'")
        stamp = ledgers.now()
        connection.executemany(
            "insert or ignore into file (relative_path, file_name, contract_id, size_bytes, mtime_ns, sha256,"
            " file_date, state, reason, arrived_at, seen_at) values (?, ?, ?, 0, 0, '', ?, 'missing', ?, ?, ?)",
            [
                (f"missing:{contract_id}/{name}", name, contract_id, day, reason, stamp, stamp)
                for contract_id, day, name, reason in expected
            ],
        )


def _missing_sequences(contract: Contract, rows: list[Any]) -> list[tuple[str, str, str, str]]:
    by_sender: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        if row["sequence"]:
            by_sender[row["sender"]][int(row["sequence"])] = row["file_date"]
    missing = []
    for sender, seen in by_sender.items():
        last = min(seen)
        for number in sorted(seen):
            missing += [
                (contract.id, seen[number], f"{contract.feed} {sender} {gap:06d}", "sequence number missing")
                for gap in range(last + 1, number)
            ]
            last = number
    return missing


def _missing_periods(contract: Contract, rows: list[Any]) -> list[tuple[str, str, str, str]]:
    """Days, months or `N minute` periods between a sender's first and last file for which nothing came."""
    count, _, unit = contract.frequency.rpartition(" ")
    if unit not in ("minute", "day", "month"):
        return []
    form, step = ("%Y%m%d%H%M", timedelta(minutes=int(count))) if unit == "minute" else ("%Y%m%d", timedelta(days=1))
    by_sender: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        exact = re.sub(r"\D", "", row["period"]) if unit == "minute" else row["file_date"].replace("-", "")
        by_sender[row["sender"]].add(exact)
    missing = []
    for sender, seen in by_sender.items():
        at, last = datetime.strptime(min(seen), form), datetime.strptime(max(seen), form)
        while (at := at + step) < last:
            ends_month = (at + timedelta(days=1)).day == 1
            if at.strftime(form) not in seen and (unit != "month" or ends_month):
                name = " ".join(filter(None, [contract.feed, sender, at.strftime(form)]))
                missing.append((contract.id, at.date().isoformat(), name, "no file for this period"))
    return missing
