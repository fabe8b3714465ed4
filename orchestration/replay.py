"""Replay: what was refused is read again, after a contract, a code list, a permission or a reader was mended.

A contract that reads otherwise makes `bass run` do so by itself. What no contract shows is done here: the
verdicts are forgotten, and settling and landing judge anew. No rule about what is good may enter this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from orchestration import contracts, steps
from orchestration.ledger import Ledger
from orchestration.settings import Home

FORGET = """
update file set state = 'seen', reason = null, contract_digest = null, delivered_rows = null, accepted_rows = null,
    rejected_rows = null, duplicate_rows = null, unknown_paths = null, decided_at = null
where state = 'rejected' and contract_id in (select value from json_each(:feeds))
    and file_date between :first and :last
"""
LOOK_AGAIN = """
update file set mtime_ns = -2
where state = 'quarantined' and coalesce(contract_id, '') in (select value from json_each(:feeds) union select '')
    and coalesce(file_date, :first) between :first and :last
"""
STALE = """
delete from partition
where contract_id in (select value from json_each(:feeds)) and file_date between :first and :last
    and exists (
        select 1 from file
        where file.contract_id = partition.contract_id and file.file_date = partition.file_date
            and file.state = 'accepted' and file.rejected_rows > 0)
"""
OPEN = """
select coalesce(contract_id, '') as feed, sum(state in ('rejected', 'quarantined')) as files,
    sum(iif(state = 'accepted', coalesce(rejected_rows, 0), 0)) as rows
from file
where coalesce(contract_id, '') in (select value from json_each(:feeds) union select '')
    and coalesce(file_date, :first) between :first and :last
group by 1
having files + rows > 0
"""


class UnknownFeed(ValueError):
    """A name that no contract has."""


@dataclass(frozen=True)
class Refused:
    """What of a feed stands refused: whole files, and rows of files that count."""

    files: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Replayed:
    """One feed: days that were read again, what was refused before and what still is. Feed '': files of no contract."""

    feed: str
    days: int
    before: Refused
    after: Refused


def replay(
    home: Home, feed: str | None = None, first: date = date.min, last: date = date.max, say: steps.Say = steps.silent
) -> list[Replayed]:
    """Reads again what was refused of one feed or all, of days `first` to `last`. Raises UnknownFeed.

    A kill leaves days that the next `bass run` reads: a verdict that is forgotten is as good as none.
    """
    with steps.writing(home):
        known = contracts.load_all(home.contracts)
        asked = {"feeds": json.dumps(_chosen(feed, known)), "first": first.isoformat(), "last": last.isoformat()}
        before = _refused(home, asked)
        with Ledger(home.ledger) as ledger, ledger.transaction() as connection:
            for statement in (STALE, FORGET, LOOK_AGAIN):  # in this order: forgotten files count as rejected no more
                connection.execute(statement, asked)
        chosen = set(_chosen(feed, known))
        days = {
            name: [day for day in stale if first <= day <= last]
            for name, stale in steps.settle(home).items() if name in chosen
        }
        for name in sorted(name for name in days if days[name]):
            steps.land(home, known[name], days[name], say)
        after = _refused(home, asked)
    names = sorted(before.keys() | after.keys() | {name for name in days if days[name]})
    none = Refused()
    return [Replayed(name, len(days.get(name, ())), before.get(name, none), after.get(name, none)) for name in names]


def _chosen(feed: str | None, known: Iterable[str]) -> list[str]:
    """The ids of a feed, by id or by name without family; of all feeds for None."""
    found = [name for name in known if feed is None or feed in (name, name.partition("__")[2])]
    if not found:
        raise UnknownFeed(f"no contract is named {feed}")
    return found


def _refused(home: Home, asked: dict[str, str]) -> dict[str, Refused]:
    with Ledger(home.ledger) as ledger:
        return {row["feed"]: Refused(row["files"], row["rows"]) for row in ledger.rows(OPEN, asked)}
