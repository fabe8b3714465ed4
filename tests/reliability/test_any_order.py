"""Files in any order, again, broken, mended, with runs and kills between: only the set of files decides.

Hypothesis plays an operator who delivers as badly as he can. After each run the lake and the ledger must
say what the reference model in `small_feeds` says of the files that lie there.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, event
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from orchestration import contracts, settings, steps
from orchestration.ledger import Ledger
from orchestration.settings import Home
from tests.reliability import small_feeds

pytestmark = pytest.mark.slow
EXAMPLES = 60
MEMORY = "/dev/shm"
SPINE = {str(path) for path in (settings.REPO / "orchestration").glob("*.py") if path.name != "contracts.py"}
HELD = ("waiting", "rejected", "duplicate")
KINDS = ("delivered", "accepted", "rejected", "duplicate")
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.reliability.test_any_order"])


def ingest(home: Home) -> None:
    """What `bass ingest` does."""
    known = contracts.load_all(home.contracts)
    with steps.writing(home):
        for contract_id, days in sorted(steps.settle(home).items()):
            steps.land(home, known[contract_id], days)


def ingest_and_die(root: str, folder: str, at: int) -> None:
    """`ingest` in a process of its own that kills itself at the `at`-th call that one of our modules makes."""
    calls = 0

    def count(frame: FrameType, kind: str, what: Any) -> None:
        nonlocal calls
        if kind in ("call", "c_call") and frame.f_code.co_filename in SPINE:
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)

    home = settings.home(root, folder)
    sys.setprofile(count)
    ingest(home)
    sys.setprofile(None)


def killed_ingest(home: Home, at: int) -> bool:
    """True when the kill came before the end."""
    process = PROCESSES.Process(target=ingest_and_die, args=(str(home.root), str(home.contracts), at))
    process.start()
    process.join(600)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def lake_rows(home: Home) -> dict[tuple[str, date, str], tuple[str, int]]:
    """(feed, day, record key) -> (file, amount); a key twice in a day fails."""
    rows: dict[tuple[str, date, str], tuple[str, int]] = {}
    for path in sorted(home.raw.glob("shop__*/*/part.parquet")):
        feed, day = path.parts[-3].removeprefix("shop__"), date.fromisoformat(path.parts[-2].removeprefix("file_date="))
        for key, amount, file in duckdb.sql(f"select sale_id, amount_fen, source_file from '{path}'").fetchall():
            assert (feed, day, key) not in rows, f"{feed} {day}: {key} is twice in the lake"
            rows[feed, day, key] = (file, amount)
    return rows


def ledger_rows(home: Home) -> list[dict[str, Any]]:
    """The data files as they lie in the landing folder now."""
    with Ledger(home.ledger) as ledger:
        return [dict(row) for row in ledger.rows(
            "select f.*, t.delivered_total, t.accepted_total, t.rejected_total, t.duplicate_total"
            " from file f left join file_total t using (file_id) where control_kind is null and state <> 'missing'"
            " and coalesce(reason, '') <> 'overwritten in the landing folder'")]


def compare(home: Home, files: dict[str, bytes]) -> None:
    """Lake and ledger are what the reference model makes of the files."""
    states, lake = small_feeds.reference(files)
    found = {row["file_name"]: row for row in ledger_rows(home)}
    said = {name: row["state"] for name, row in found.items()}
    held = {name for name in states if states[name] == "held" and said.get(name) in HELD}
    assert {name: "held" if name in held else state for name, state in said.items()} == states
    assert lake_rows(home) == lake
    for name, row in found.items():
        if row["state"] == "accepted":
            _compare_counts(small_feeds.read(name, files[name]), row, lake)


def _compare_counts(file: small_feeds.File, row: dict[str, Any], lake: dict[Any, Any]) -> None:
    rows = [r for r in lake.values() if r[0] == file.name]
    bad = [r for r in file.rows if not small_feeds.is_valid(r)]
    counts = len(file.rows), len(rows), len(bad), len(file.rows) - len(rows) - len(bad)
    assert tuple(row[f"{kind}_rows"] for kind in KINDS) == counts, file.name
    if file.feed != "whole":
        total, accepted = small_feeds.amount_of(file.rows), sum(r[1] for r in rows)
        rejected = small_feeds.amount_of(bad)
        sums = total, accepted, rejected, total - accepted - rejected
        assert tuple(int(row[f"{kind}_total"]) for kind in KINDS) == sums, file.name


ROWS = st.lists(
    st.tuples(st.sampled_from(["k1", "k2", "k3", "k4", ""]), st.sampled_from(["1", "2", "30", "x"])), max_size=4
)
UNIT = {
    "feed": st.sampled_from(sorted(small_feeds.SERVER)),
    "day": st.sampled_from(small_feeds.DAYS),
    "number": st.integers(1, 2),
    "version": st.integers(1, 3),
}


class BadOperator(RuleBasedStateMachine):
    """`files`: what lies in the landing folder; `meant`: what was meant to, for mending what was broken."""

    def __init__(self) -> None:
        super().__init__()
        # a kill loses nothing that was handed to the kernel: the disk itself plays no part here
        self.folder = Path(tempfile.mkdtemp(prefix="order", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self.home = settings.home(self.folder / "home", small_feeds.write_contracts(self.folder / "contracts"))
        self.files: dict[str, bytes] = {}
        self.meant: dict[str, bytes] = {}
        self.built: dict[Any, Any] = {}
        self.clock = 1_767_600_000

    def teardown(self) -> None:
        try:
            self.run()
            before = {path: path.stat().st_mtime_ns for path in self.home.raw.rglob("*.parquet")}
            assert steps.settle(self.home) == {}
            assert before == {path: path.stat().st_mtime_ns for path in self.home.raw.rglob("*.parquet")}
        finally:
            shutil.rmtree(self.folder)

    def write(self, name: str, data: bytes) -> None:
        path = self.home.landing / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.clock += 1
        os.utime(path, (self.clock, self.clock))
        self.files[name] = data

    def data_files(self) -> list[str]:
        return sorted(name for name in self.files if small_feeds.read(name, b""))

    def announce(self, control: str, wrong: str = "") -> None:
        named = {name: data for name, data in self.meant.items() if small_feeds.control_of(name) == control}
        self.write(control, small_feeds.control_bytes(named, wrong))

    # ---- what an operator does

    @rule(**UNIT, rows=ROWS, order=st.sampled_from(["data", "control", "data, control", "control, data"]))
    def deliver(self, feed: str, day: str, number: int, version: int, rows: list, order: str) -> None:
        """Also a re-send, a late day, a version before the one below, other content under a known name."""
        name = small_feeds.file_name(feed, day, number, version)
        self.meant[name] = small_feeds.data_bytes(feed, rows)
        control = small_feeds.control_of(name)
        for part in order.split(", "):
            if part == "data" or not control:
                self.write(name, self.meant[name])
            else:
                self.announce(control)

    @precondition(lambda self: self.meant)
    @rule(data=st.data())
    def mend(self, data: Any) -> None:
        """The file as it was meant, with its control file; also data long announced, and a file copied again."""
        name = data.draw(st.sampled_from(sorted(self.meant)))
        self.write(name, self.meant[name])
        if control := small_feeds.control_of(name):
            self.announce(control)

    @precondition(lambda self: any(small_feeds.control_of(name) for name in self.meant))
    @rule(data=st.data(), wrong=st.sampled_from(["", "", "size", "rows", "sum", "hash"]))
    def deliver_control(self, data: Any, wrong: str) -> None:
        known = {small_feeds.control_of(name) for name in self.meant} - {None}
        self.announce(data.draw(st.sampled_from(sorted(known))), wrong)

    @precondition(lambda self: self.data_files())
    @rule(data=st.data(), how=st.sampled_from(["cut", "last line gone", "first line gone", "a line more"]))
    def corrupt(self, data: Any, how: str) -> None:
        name = data.draw(st.sampled_from(self.data_files()))
        lines = self.files[name].splitlines(keepends=True)
        cut = {"last line gone": lines[:-1], "first line gone": lines[1:], "a line more": [b"k1|2\n", *lines]}
        self.write(name, b"".join(cut.get(how, lines))[: -3 if how == "cut" else None])

    @precondition(lambda self: self.data_files())
    @rule(data=st.data(), day=UNIT["day"], number=UNIT["number"], version=UNIT["version"])
    def copy(self, data: Any, day: str, number: int, version: int) -> None:
        """The same bytes under another name of the same feed, of the same or another day."""
        original = data.draw(st.sampled_from(self.data_files()))
        name = small_feeds.file_name(small_feeds.read(original, b"").feed, day, number, version)
        self.meant[name] = self.files[original]
        self.write(name, self.files[original])
        if control := small_feeds.control_of(name):
            self.announce(control)

    # ---- what the product does

    @rule()
    def settle(self) -> None:
        steps.settle(self.home)

    @rule()
    def run(self) -> None:
        ingest(self.home)
        compare(self.home, self.files)

    @rule(at=st.integers(1, 1200))
    def kill(self, at: int) -> None:
        event("killed" if killed_ingest(self.home, at) else "kill came too late")

    @rule()
    def build(self) -> None:
        """A warehouse that takes the days noted as pending, and with them what the lake holds of these."""
        self.built = lake_rows(self.home)
        (self.home.work / "pending.json").unlink(missing_ok=True)

    @rule()
    def forget_the_lake(self) -> None:
        steps.forget(self.home)
        self.built = {}

    @invariant()
    def what_the_warehouse_lacks_is_noted(self) -> None:
        now, window = lake_rows(self.home), steps.pending(self.home)
        for _, day, _ in {key for key in {*now, *self.built} if now.get(key) != self.built.get(key)}:
            assert window and window[0] <= day


def test_whatever_is_delivered_in_whatever_order_only_the_set_of_files_decides(soak: int) -> None:
    run_state_machine_as_test(
        BadOperator,
        settings=hypothesis_settings(
            max_examples=EXAMPLES * max(1, soak), stateful_step_count=25, derandomize=not soak, deadline=None,
            database=None, suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
        ),
    )
