"""What should have come and did not: announced files, sequence numbers, days, months and quarter-hours.

Works on ledger rows only. What is expected follows from the contract (frequency, lateness) and from what a sender
delivered before. The ledger's rows are made anew each time, so that what arrives late leaves them by itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from orchestration import ledger as ledgers
from orchestration.contracts import Contract
from orchestration.ledger import Ledger

DAY = timedelta(days=1)
NOT_YET = "nothing since the last file"
LONGEST_LIST = 200  # missing in a row are listed one by one; what is longer is a mistyped number or date, and one line


@dataclass(frozen=True)
class Expected:
    """Files of one sender that are not there, and until when they are due in local time of the feed."""

    contract_id: str
    sender: str | None
    name: str
    file_date: date
    reason: str
    due_at: datetime
    file_count: int = 1


def clock(contracts: dict[str, Contract], ledger: Ledger) -> datetime:
    """The end of the newest period of anything that came (a file that comes on a change may come on its own day):
    deadlines go by the files, so that a rebuild judges alike."""
    newest = ledger.rows(
        "select contract_id, max(file_date) as file_date, max(period) as period from file"
        " where state not in ('missing', 'quarantined') group by contract_id"
    )
    known = [(contracts[row["contract_id"]], row) for row in newest if row["contract_id"] in contracts]
    return max((_begin(contract, row) + (_step(contract) or 0 * DAY) for contract, row in known), default=datetime.min)


def due_at(contract: Contract, row: Any) -> datetime:
    """Until when a file (period and file_date of its ledger row) must be there, in local time of the feed."""
    return _due(contract, _begin(contract, row), _step(contract) or DAY)


def note_missing(contracts: dict[str, Contract], ledger: Ledger) -> None:
    """Ledger rows for what others show to be missing, and for what should have followed since and is overdue."""
    as_of, stamp = clock(contracts, ledger), ledgers.now()
    found = [one for one in expected(contracts, ledger, as_of) if one.reason != NOT_YET or one.due_at <= as_of]
    with ledger.transaction() as connection:
        connection.execute("delete from file where state = 'missing'")
        connection.executemany(
            "insert or ignore into file (relative_path, file_name, contract_id, sender, size_bytes, mtime_ns, sha256,"
            " file_date, state, reason, arrived_at, seen_at) values (?, ?, ?, ?, 0, 0, '', ?, 'missing', ?, ?, ?)",
            [
                (f"missing:{one.contract_id}/{one.name}", one.name, one.contract_id, one.sender,
                 one.file_date.isoformat(), one.reason, stamp, stamp)
                for one in found
            ],
        )


def expected(contracts: dict[str, Contract], ledger: Ledger, as_of: datetime) -> list[Expected]:
    """Every file that is not there: what others show to be missing, and what should have followed a sender's last
    file by `as_of` (reason NOT_YET), its deadline passed or not."""
    found: list[Expected] = []
    for contract in contracts.values():
        came = ledger.rows(
            "select file_name, file_date, sender, period, sequence, control_kind, control from file"
            " where contract_id = ? and state not in ('missing', 'quarantined') order by file_name",
            (contract.id,),
        )
        found += _announced(contract, came)
        by_sender: dict[str | None, list[Any]] = defaultdict(list)
        for row in came:
            by_sender[row["sender"]].append(row)
        for sender, rows in by_sender.items():
            numbered = [row for row in rows if row["sequence"]]
            between = _numbers_between if numbered else _periods_between
            found += between(contract, sender, numbered or rows)
            found += _after_last(contract, sender, rows, as_of)
    return found


def _announced(contract: Contract, rows: list[Any]) -> Iterator[Expected]:
    present = {row["file_name"] for row in rows}
    for row in (row for row in rows if row["control_kind"]):
        for name in json.loads(row["control"] or "{}"):
            if name not in present:
                yield _of_day(contract, row, name, f"announced by {row['file_name']}")


def _numbers_between(contract: Contract, sender: str | None, rows: list[Any]) -> Iterator[Expected]:
    by_number = {int(row["sequence"]): row for row in rows}
    numbers = sorted(by_number)
    for before, number in pairwise(numbers):
        count, gaps = 1, [f"{gap:06d}" for gap in range(before + 1, number)[: LONGEST_LIST + 1]]
        if len(gaps) > LONGEST_LIST:
            count, gaps = number - before - 1, [f"{before + 1:06d} to {number - 1:06d}"]
        for gap in gaps:
            name = _name(contract, sender, gap)
            yield _of_day(contract, by_number[number], name, "sequence number missing", count)


def _of_day(contract: Contract, row: Any, name: str, reason: str, file_count: int = 1) -> Expected:
    """What another file of the same day shows to be missing."""
    day = date.fromisoformat(row["file_date"])
    return Expected(contract.id, row["sender"], name, day, reason, due_at(contract, row), file_count)


def _periods_between(contract: Contract, sender: str | None, rows: list[Any]) -> Iterator[Expected]:
    """Periods between the first and the last file for which nothing came, not even an empty delivery."""
    came = {_begin(contract, row) for row in rows}
    step = _step(contract)
    for before, after in pairwise(sorted(came)) if step else ():
        gap = [begin for begin in _begins(contract, before, after, step) if before < begin < after]
        yield from _in_short([_period(contract, sender, begin, step, "no file for this period") for begin in gap])


def _after_last(contract: Contract, sender: str | None, rows: list[Any], as_of: datetime) -> Iterator[Expected]:
    """Periods that have ended since the last file of a sender: one row per day, however many files make a day."""
    came = sorted({_begin(contract, row) for row in rows})
    step = _usual_step(contract, came)
    by_day: dict[date, list[datetime]] = defaultdict(list)
    for begin in _begins(contract, came[-1], as_of, step) if step else ():
        if begin + step <= as_of:
            by_day[begin.date()].append(begin)
    days = by_day.values()
    yield from _in_short([_period(contract, sender, begins[0], step, NOT_YET, len(begins)) for begins in days])


def _in_short(missing: list[Expected]) -> list[Expected]:
    """A list that is too long becomes one line, due with the first of them."""
    if len(missing) <= LONGEST_LIST:
        return missing
    name = f"{missing[0].name} to {missing[-1].name.rpartition(' ')[2]}"
    return [replace(missing[0], name=name, file_count=sum(one.file_count for one in missing))]


def _period(
    contract: Contract, sender: str | None, begin: datetime, step: timedelta, reason: str, file_count: int = 1
) -> Expected:
    name = _name(contract, sender, begin.strftime("%Y%m%d%H%M" if step < DAY else "%Y%m%d"))
    return Expected(contract.id, sender, name, begin.date(), reason, _due(contract, begin, step), file_count)


def _due(contract: Contract, begin: datetime, step: timedelta) -> datetime:
    return begin + step + timedelta(minutes=contract.lateness_minutes)


def _name(contract: Contract, sender: str | None, what: str) -> str:
    return " ".join(filter(None, [contract.feed, sender, what]))


def _step(contract: Contract) -> timedelta | None:
    """From one period of a feed to the next (a month is found by its last day); None for what comes on a change."""
    count, _, unit = contract.frequency.rpartition(" ")
    return {"minute": timedelta(minutes=int(count or 1)), "day": DAY, "month": DAY}.get(unit)


def _usual_step(contract: Contract, came: list[datetime]) -> timedelta | None:
    """A sender of several files a day may be slower than agreed, if it always was."""
    step = _step(contract)
    gaps = Counter(later - begin for begin, later in pairwise(came) if later - begin < DAY)
    return max(step, gaps.most_common(1)[0][0]) if step and step < DAY and gaps else step


def _begin(contract: Contract, row: Any) -> datetime:
    """When the period of a file begins; for a month its last day."""
    digits, step = re.sub(r"\D", "", row["period"] or ""), _step(contract)
    if step and step < DAY and len(digits) >= 12:
        return datetime.strptime(digits[:12], "%Y%m%d%H%M")
    return datetime.fromisoformat(row["file_date"])


def _begins(contract: Contract, after: datetime, before: datetime, step: timedelta) -> Iterator[datetime]:
    monthly, begin = contract.frequency.endswith("month"), after + step
    while begin < before:
        if not monthly or (begin + DAY).day == 1:
            yield begin
        begin += step
