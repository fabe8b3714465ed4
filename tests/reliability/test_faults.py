"""Full disks, closed folders, damaged files, a clock set back, two writers: a clean stop, and then on by itself."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest

from orchestration import publish
from tests.reliability import homes
from tests.reliability.outcomes import TRIED, Outcome
from tests.soak import only_with_soak

pytestmark = pytest.mark.slow


@pytest.fixture
def outcome(request):
    """Goes into the table at the end, under the name of the test's fault."""
    made = Outcome(request.node.name.removeprefix("test_").replace("_", " "))
    TRIED.append(made)
    return made


@contextmanager
def _mounted(folder, size):
    """A file system of that size at `folder`; skips where this user may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if done.returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("left_kb", [16, 1500, *only_with_soak([300, 4000, 8000])])
def test_a_full_disk(story, outcome, left_kb):
    root = story.site.home(f"full_{left_kb}").root
    with _mounted(root, "200m"):
        home = story.copy("run", root.name)
        before, ballast = homes.hashes(home), root / "ballast"
        space = os.statvfs(root)
        with open(ballast, "wb") as handle:
            handle.write(b"\0" * (space.f_bavail * space.f_frsize - left_kb * 1024))
        ended = story.server.run(story.site, root, "run")
        outcome.points += 1
        assert ended.code == 1 and "the disk is full: make room" in ended.said, ended.said
        assert "Traceback" not in ended.said
        assert homes.hashes(home) == before
        ballast.unlink()
        assert story.settle_up(home, "run", outcome) == []


@pytest.mark.parametrize("name", ["", "lake", *only_with_soak(["work", "published", "vault"])])
def test_a_folder_that_cannot_be_written(story, outcome, name):
    home = story.copy("run", f"closed_{name or 'all'}")
    folder = home.root / name
    with _mounted(home.root.with_name("no_mount"), "1m"):
        pass
    before = homes.hashes(home)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        ended = story.server.run(story.site, home.root, "run")
        outcome.points += 1
        assert ended.code == 1 and "cannot be written: make it writable" in ended.said, ended.said
        assert "Traceback" not in ended.said and homes.hashes(home) == before
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
    assert story.settle_up(home, "run", outcome) == []


@pytest.mark.parametrize("what", ["cut short", *only_with_soak(["emptied", "deleted", "ledger copies cut short"])])
def test_a_damaged_lake(story, outcome, what):
    home = story.copy("run", "damaged_lake")
    partitions = sorted(home.raw.glob("billing__rated_*/file_date=2026-*/part.parquet"))
    if what == "ledger copies cut short":
        partitions = sorted(home.ops.glob("*.parquet"))
    for path in partitions[:2]:
        if what == "deleted":
            path.unlink()
        else:
            os.truncate(path, path.stat().st_size * 2 // 3 if "cut" in what else 0)
        outcome.points += 1
    before = homes.hashes(home)

    ended = story.server.run(story.site, home.root, "run")

    assert ended.code == 0 and "short or gone in the lake and made again" in ended.said, ended.said
    assert before != homes.hashes(home)
    assert story.settle_up(home, "run", outcome) == []


@pytest.mark.parametrize("what", ["middle", "log", *only_with_soak(["header", "half"])])
def test_a_damaged_working_database(story, outcome, what):
    home = story.copy("run", "damaged_database")
    size = home.warehouse.stat().st_size
    outcome.points += 1
    if what == "half":
        os.truncate(home.warehouse, size // 2)
    elif what == "log":
        home.warehouse.with_name("bass.duckdb.wal").write_bytes(os.urandom(10_000))
    else:
        with open(home.warehouse, "r+b") as handle:
            handle.seek(0 if what == "header" else 16_384)
            handle.write(os.urandom(8192 if what == "header" else size - 32_768))

    ended = story.server.run(story.site, home.root, "run")

    assert ended.code == 0, ended.said
    if what != "log":  # DuckDB passes over a log that is none: nothing in it had been promised
        assert "building everything: the working database" in ended.said, ended.said
    assert story.settle_up(home, "run", outcome) == []


@pytest.mark.parametrize("what", ["pages", "gone", *only_with_soak(["no database"])])
def test_a_damaged_ledger(story, outcome, what):
    home = story.copy("run", "damaged_ledger")
    outcome.points += 1
    before = homes.hashes(home)
    for path in home.root.glob("ledger.sqlite-*"):
        path.unlink()
    with open(home.ledger, "r+b") as handle:
        handle.seek(0 if what == "no database" else 4096)
        handle.write(os.urandom(home.ledger.stat().st_size - 4096))
    if what == "gone":
        home.ledger.unlink()
    else:
        ended = story.server.run(story.site, home.root, "run")
        assert ended.code == 1 and "Traceback" not in ended.said
        assert f"the ledger {home.ledger} is damaged" in ended.said and "run `bass rebuild`" in ended.said, ended.said
        assert homes.hashes(home) == before
        home.ledger.rename(home.root / "ledger.damaged")

    ended = story.server.run(story.site, home.root, "rebuild")

    assert publish.published_version(home).version == 2, ended.said
    assert story.settle_up(home, "run", outcome) == []


def test_a_clock_set_back(story, outcome):
    """All that the home remembers lies a year ahead: the same as a clock set back by a year."""
    home, year_ns = story.copy("run", "clock"), 365 * 86_400 * 10**9
    outcome.points += 1
    with sqlite3.connect(home.ledger) as ledger:
        seen = [home.landing / name for (name,) in ledger.execute("select relative_path from file where sha256 <> ''")]
        for path in [*seen, *home.lake.rglob("*"), *home.work.rglob("*")]:
            status = path.stat()
            os.utime(path, ns=(status.st_atime_ns + year_ns, status.st_mtime_ns + year_ns))
        ledger.execute("update file set mtime_ns = mtime_ns + ? where mtime_ns > 0", (year_ns,))
        for column in ("seen_at", "decided_at"):
            ledger.execute(f"update file set {column} = replace({column}, '2026-', '2027-') where {column} is not null")
    ledger.close()
    _change_json(home.work / "dbt" / "build.json", number=lambda number: number + year_ns // 10**9)
    _change_json(home.published / "bass.json", build=lambda number: number + year_ns // 10**9)

    assert story.settle_up(home, "run", outcome) == []


def _change_json(path, **changes):
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {name: change(said[name]) for name, change in changes.items()}))


def test_a_second_writer(story, outcome):
    home = story.copy("run", "two_writers")
    first = story.server.begin(story.site, home.root, "run")
    while not (home.root / "pending.json").exists() and not (home.work / "pending.json").exists():
        assert os.path.exists(f"/proc/{first.pid}")
    for command in ("run", "ingest", "build", "publish", "rebuild"):
        second = story.server.run(story.site, home.root, command)
        outcome.points += 1
        assert second.code == 1, second.said
        assert f"process {first.pid} is writing here; wait for it" in second.said, second.said
    assert first.wait().code == 0
    assert story.settle_up(home, "run", outcome) == []


def test_what_is_left_over_is_found(story):
    """The comparison itself: a lost row, a doubled row and a file that is not accounted for do not pass."""
    home = story.copy("rebuild", "compared")
    part = next(home.raw.glob("billing__rated_voice/file_date=2026-01-01/part.parquet"))
    other = next(home.raw.glob("billing__rated_voice/file_date=2026-01-03/part.parquet"))
    shutil.copyfile(other, part)
    found = Outcome("not in the table")
    assert [problem for problem in story.settle_up(home, "rebuild", found) if problem == "lake differ"]
