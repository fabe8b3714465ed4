"""The steps of a run: settle, land, build, analyse, publish. Commands and assets call these and nothing below them.

Each step holds the home's lock, can be killed at any point and simply be run again: the days that
reached the lake but not yet the warehouse are written down before they are touched.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from orchestration import (
    board,
    build_window,
    closing,
    contracts,
    deliveries,
    erasure,
    ingest,
    lake,
    privacy,
    publish,
    quality,
    transform,
    vault,
)
from orchestration import ledger as ledgers
from orchestration.atomic import owner_only, replace_file, share
from orchestration.contracts import Contract
from orchestration.estimates import refresh, store
from orchestration.ledger import Ledger
from orchestration.settings import Home

Say = Callable[[str, str], None]  # (step, text)
SHOWN = 5  # damaged files named in a note
ESTIMATED = "source:analytics+"  # the models over the estimates, as dbt selects
_held: set[Path] = set()


@dataclass(frozen=True)
class Landed:
    """What became of one feed: its partitions and what the contract's limits say of them."""

    partitions: list[ingest.Partition]
    checks: list[dict[str, Any]]

    def total(self, column: str) -> int:
        return sum(getattr(partition, column) for partition in self.partitions)


def silent(step: str, text: str) -> None:
    """Says nothing: the `say` of steps that nobody watches."""


@contextmanager
def writing(home: Home, with_secret: bool = True) -> Iterator[None]:
    """The home's lock, with a secret that fits; taken once per process however deep the steps nest.

    Raises SecretMissing before anything is written; a restore, which proves the secret itself, goes without.
    """
    if home.root in _held:
        yield
        return
    is_new = not home.root.exists()
    with owner_only(), ledgers.writer_lock(home):
        if with_secret:
            privacy.ready(home)
        if is_new:
            share(home.root)  # the way to what is published; everything else in there is closed
        _held.add(home.root)
        try:
            yield
        finally:
            _held.discard(home.root)


def settle(home: Home, say: Say = silent) -> dict[str, list[date]]:
    """Looks at the landing folder; returns the days that the lake does not hold as delivered, by contract id."""
    stale: dict[str, list[date]] = defaultdict(list)
    with writing(home), Ledger(home.ledger) as ledger:
        known = contracts.load_all(home.contracts)
        if damaged := lake.discard_damaged(home, ledger):
            say("note", f"short or gone in the lake and made again: {', '.join(damaged[:SHOWN])}, {len(damaged)} files")
        for contract_id, day in deliveries.settle(home, known, ledger):
            stale[contract_id].append(day)
    return dict(stale)


def land(home: Home, contract: Contract, days: Iterable[date], say: Say = silent) -> Landed:
    """Brings the days of one feed into the lake and judges them."""
    days = sorted(set(days))
    say("ingest", f"{contract.id}: {len(days)} days")
    with writing(home):
        _note_pending(home, days)
        quality.forget(home, contract, days)
        with Ledger(home.ledger) as ledger:
            partitions = ingest.ingest(
                home, contract, days, ledger,
                lambda made: say("ingest", f"{contract.id}: {made} of {len(days)} days"),
            )
        return Landed(partitions, quality.judge(home, contract, {*days, *(p.file_date for p in partitions)}))


def build(
    home: Home, *, select: str | None = None, full_refresh: bool = False, say: Say = silent
) -> list[transform.Node]:
    """Builds and tests what follows from the days that landed since the last complete build."""
    with writing(home):
        known, before = contracts.load_all(home.contracts), transform.last_build(home)
        ingest.ensure_schema_partitions(home, known.values())
        if before is None or before.fingerprint != transform.fingerprint(home):
            say("build", "judging all days again: the contracts may have changed")
            for contract in known.values():
                quality.judge(home, contract)
        for contract in known.values():
            if contract.limits and (days := quality.unjudged(home, contract)):
                quality.judge(home, contract, days)
        ledgers.export(home)
        board.export(home, known)
        closing.export(home)
        if vault.has_unpublished_erasures(home):
            full_refresh = True  # the free pages of a database hold what was deleted from it
            store.clear(home)
        store.prepare(home, refresh.TABLES)
        shown = store.state(home)
        landed = pending(home)
        first = build_window.begin(home, landed[0]) if landed else None
        nodes = transform.run(
            home, from_date=first, to_date=first and date.max, select=select, full_refresh=full_refresh,
            progress=lambda text: say("note" if text.startswith(transform.EVERYTHING) else "build", text),
        )
        if not select and transform.last_build(home).is_complete:
            refresh.note(home, shown, is_done=False)
            _pending_path(home).unlink(missing_ok=True)
        return nodes


def analyse(home: Home, say: Say = silent) -> dict[str, list[date]]:
    """Makes the estimates that follow from the last build, and the marts that show them; returns what was made anew.

    Raises LeakageError when a model knows more than can be known; the marts are then as they were.
    """
    with writing(home):
        say("analyse", "looking for months without estimates")
        made = refresh.refresh(home, lambda text: say("analyse", text))
        shown = store.state(home)
        if not refresh.is_shown(home, shown):
            say("analyse", "marts over the estimates")
            transform.run(home, select=ESTIMATED, progress=lambda text: say("analyse", text))
        if transform.last_build(home).is_complete:
            refresh.note(home, shown, is_done=True)
        return made


def is_idle(home: Home, stale: dict[str, list[date]]) -> bool:
    """Whether nothing is owed: all that was delivered is published, with estimates of the analyses as they are."""
    return not stale and not pending(home) and publish.is_current(home) and refresh.is_current(home)


def show_closed(
    home: Home, taken: closing.Snapshot, kind: str, reason: str | None, say: Say = silent
) -> closing.Closing:
    """Writes the next version of a closed month and publishes what follows; after a kill the next run publishes it.

    Months after it are counted again where they compare with it, so the window begins with the next one.
    """
    with writing(home):
        _note_pending(home, [closing.month_after(taken.period)])
        made = closing.keep(home, taken, kind, reason)
        build(home, select="source:ops.closing+ source:ops.closed_kpi+ source:ops.closed_file+", say=say)
        release(home, say)
        _pending_path(home).unlink(missing_ok=True)
        return made


def release(home: Home, say: Say = silent) -> publish.Version:
    """Publishes the last build, if every blocking check is green."""
    say("publish", "copying and verifying")
    with writing(home):
        version = publish.publish(home)
        erasure.complete(home)
        return version


def restore(home: Home, version: int) -> publish.Version:
    """Puts a kept version in front of readers again, until the next build."""
    with writing(home):
        return publish.restore(home, version)


def forget(home: Home) -> None:
    """Deletes what can be made again from landing, ledger, vault and secret: the lake and the working database."""
    with writing(home), Ledger(home.ledger) as ledger:
        # before the ledger: what it does not know is never cleaned
        for folder in (home.raw, home.rejects, home.ops):
            if folder.exists():
                shutil.rmtree(folder)
        store.clear(home)
        ledger.forget_partitions()
        transform.drop(home)
        _pending_path(home).unlink(missing_ok=True)


def pending(home: Home) -> tuple[date, date] | None:
    """The window [first, last) of days that the lake holds and the warehouse may not."""
    try:
        first, last = json.loads(_pending_path(home).read_text())
    except FileNotFoundError:
        return None
    return date.fromisoformat(first), date.fromisoformat(last)


def _note_pending(home: Home, days: list[date]) -> None:
    if days:
        known = pending(home)
        first = min([days[0], *([known[0]] if known else [])])
        last = max([days[-1] + timedelta(days=1), *([known[1]] if known else [])])
        text = json.dumps([str(first), str(last)])
        replace_file(_pending_path(home), lambda target: target.write_text(text))


def _pending_path(home: Home) -> Path:
    return home.work / "pending.json"
