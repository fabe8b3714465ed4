"""`bass replay`: what was refused under a wrong contract ends as if it had been right from the beginning."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration import cli, contracts, formats, ingest, ledger, replay, settings, steps
from orchestration.settings import Home
from tests.reliability.broken_files import BYSTANDER, CONTRACTS, Bench
from tests.reliability.broken_rows import CUSTOMER, DAY, FIRST_DAY, VOICE

# name: feed, day, what is wrong in the contract (right text, wrong text)
WRONG = {
    "a code that the list lacked": (VOICE, DAY, '"SMS", ', ""),
    "a range that was too narrow": (VOICE, DAY, "maximum: 86400", "maximum: 30"),
    "a format of times that is another": (VOICE, DAY, '"%Y%m%d%H%M%S"', '"%Y-%m-%d %H:%M:%S"'),
    "a trailer that is marked otherwise": (VOICE, DAY, '"TRAILER"', '"T"'),
    "a delimiter that is another": (VOICE, DAY, 'delimiter: "|"', 'delimiter: ";"'),
    "a file name that nobody knew": (VOICE, DAY, "'^vc_", "'^voice_"),
    "files larger than agreed": (VOICE, DAY, "control, value: \"trailer\"}",
                                 "control, value: \"trailer\"}\n      - {property: largestBytes, value: 1000}"),
    "an encoding that is another": (CUSTOMER, FIRST_DAY, "encoding: gb18030", "encoding: utf-8"),
    "a check file named otherwise": (CUSTOMER, FIRST_DAY, r"\.verf$", r"\.chk$"),
}


@pytest.fixture(scope="module", autouse=True)
def secret():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASS_SECRET", "a secret for tests")
        yield


def site(source: Path, folder: Path, feed: str, day: str, *change: str) -> Home:
    """A home with the good files of a feed and of a bystander, and contracts of its own, one of them changed."""
    Bench(source, folder, feed, day)
    for name in (feed, BYSTANDER):
        path = CONTRACTS[name].path
        kept = folder / "contracts" / path.parent.name / path.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, kept)
    home = settings.home(folder, folder / "contracts")
    if change:
        edit(home, feed, *change)
    return home


def edit(home: Home, feed: str, old: str, new: str) -> None:
    path = home.contracts / CONTRACTS[feed].path.parent.name / CONTRACTS[feed].path.name
    text = path.read_text()
    assert old in text, f"{path.name} does not say {old}"
    path.write_text(text.replace(old, new))


def mend(home: Home, feed: str) -> None:
    shutil.copy(CONTRACTS[feed].path, home.contracts / CONTRACTS[feed].path.parent.name)


def land(home: Home) -> None:
    """What `bass ingest` does, but for the judgement of quality, whose libraries take seconds to load."""
    known = contracts.load_all(home.contracts)
    ingest.ensure_schema_partitions(home, known.values())
    for name, days in steps.settle(home).items():
        with ledger.Ledger(home.ledger) as book:
            ingest.ingest(home, known[name], days, book)


def state(home: Home) -> dict:
    """Rows of the lake, rejects and the ledger's figures; no times and no numbers of rows."""
    known = contracts.load_all(home.contracts)
    found: dict = {}
    for name, contract in known.items():
        columns = ", ".join(column for column, _ in contract.lake_columns)
        files = home.raw / name / "*" / "*.parquet"
        found[name] = duckdb.sql(f"select {columns} from '{files}' order by all").fetchall()
    found["rejects"] = sorted(str(path.relative_to(home.rejects)) for path in home.rejects.rglob("*.parquet"))
    with ledger.Ledger(home.ledger) as book:
        leave = ("file_id", "mtime_ns", "arrived_at", "seen_at", "decided_at")
        rows = [{key: value for key, value in dict(row).items() if key not in leave}
                for row in book.rows("select * from file")]
        found["files"] = sorted(map(repr, rows))
        totals = book.rows("select file_name, file_total.* from file_total join file using (file_id)")
        found["totals"] = sorted((row["file_name"], *tuple(row)[2:]) for row in totals)
        found["partitions"] = [tuple(row)[:4] for row in book.rows("select * from partition order by 1, 2")]
    return found


@pytest.mark.parametrize("name", WRONG)
def test_a_mended_contract_ends_as_if_it_had_been_right_at_once(name, source, tmp_path):
    feed, day, right, wrong = WRONG[name]
    at_once = site(source, tmp_path / "right", feed, day)
    land(at_once)
    wanted = state(at_once)

    home = site(source, tmp_path / "mended", feed, day, right, wrong)
    land(home)
    refused = state(home)
    assert refused[feed] != wanted[feed], "the wrong contract refuses nothing"
    mend(home, feed)
    done = replay.replay(home, feed)

    assert state(home) == wanted
    assert sum(each.before.files + each.before.rows for each in done) > 0
    assert all((each.after.files, each.after.rows) == (0, 0) for each in done)


def test_what_no_contract_shows_is_read_again_by_replay_and_not_by_a_run(source, tmp_path, monkeypatch):
    """A disk that failed to read: the verdict stands until somebody says that it is mended."""
    at_once = site(source, tmp_path / "right", VOICE, DAY)
    land(at_once)
    home = site(source, tmp_path / "mended", VOICE, DAY)
    victim = sorted(path.name for path in home.landing.rglob("vc_*"))[10]
    read = formats.read

    def fail(path: Path, contract: contracts.Contract) -> formats.Reading:
        if path.name == victim:
            raise OSError(5, "Input/output error")
        return read(path, contract)

    with monkeypatch.context() as patch:
        patch.setattr(formats, "read", fail)
        land(home)
    land(home)
    with ledger.Ledger(home.ledger) as book:
        (row,) = book.rows("select * from file where state = 'rejected'")
    assert (row["file_name"], row["reason"]) == (victim, "unreadable: Input/output error")

    (done,) = replay.replay(home)

    assert (done.feed, done.before.files, done.after.files) == (VOICE, 1, 0)
    assert state(home) == state(at_once)


def test_a_replay_of_what_is_still_bad_changes_nothing(source, tmp_path):
    home = site(source, tmp_path, VOICE, DAY, *WRONG["a code that the list lacked"][2:])
    land(home)
    before = state(home)

    (done,) = replay.replay(home)

    assert done.before == done.after and done.before.rows > 0
    assert state(home) == before


def test_a_replay_reads_only_the_feed_and_the_days_asked_for(source, tmp_path):
    home = site(source, tmp_path, VOICE, DAY, *WRONG["a code that the list lacked"][2:])
    land(home)
    mend(home, VOICE)

    assert replay.replay(home, "payment") == []
    assert replay.replay(home, VOICE, date(2026, 1, 6)) == []
    (done,) = replay.replay(home, "rated_voice", date(2026, 1, 5), date(2026, 1, 5))
    assert (done.days, done.after.rows) == (1, 0)
    with pytest.raises(replay.UnknownFeed, match="no contract is named pigeon"):
        replay.replay(home, "pigeon")


@pytest.mark.skipif(os.geteuid() != 0, reason="without rights of root the permission itself is enough")
def test_files_and_folders_without_permission_are_named_and_read_once_they_have_it(source, tmp_path):
    """Root may read everything, so the right to do so is taken from a child process."""
    home = site(source, tmp_path, VOICE, DAY)
    land(at_once := site(source, tmp_path / "right", VOICE, DAY))
    victim = sorted(home.landing.rglob("vc_*"))[10]
    closed = home.landing / "closed"
    closed.mkdir()
    for path in (victim, closed):
        path.chmod(0)
    child = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "ingest", "--home", str(home.root),
         "--contracts", str(home.contracts)],
        cwd=settings.REPO, preexec_fn=_without_rights, capture_output=True, text=True, check=False,
    )
    assert child.returncode == 0, child.stderr
    with ledger.Ledger(home.ledger) as book:
        said = {row["file_name"]: row["reason"] for row in book.rows("select * from file where state = 'quarantined'")}
    assert said == {victim.name: "unreadable: Permission denied", "closed": "unreadable: the folder cannot be listed"}

    victim.chmod(0o644)
    closed.rmdir()
    replay.replay(home)
    assert state(home)[VOICE] == state(at_once)[VOICE]


def _without_rights() -> None:
    """Root without the right to pass over permissions: takes effect when the program begins."""
    libc, drop = ctypes.CDLL(None), 24
    for override in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(drop, override, 0, 0, 0)


def test_the_command_says_what_was_refused_and_what_still_is(source, tmp_path, capsys):
    home = site(source, tmp_path, VOICE, DAY, *WRONG["a code that the list lacked"][2:])
    land(home)
    mend(home, VOICE)

    options = ["--home", str(home.root), "--contracts", str(home.contracts)]
    assert cli.main(["replay", "--from", "2026-01-01", *options]) == 0
    assert re.search(r"billing__rated_voice\s+1\s+0\s+0\s+[1-9]\d*\s+0\b", capsys.readouterr().out)
    assert cli.main(["replay", *options]) == 0
    assert "nothing is refused" in capsys.readouterr().out
