"""While runs succeed, fail and are killed, every reader gets whole answers of one published version."""

import json
import random
import subprocess
import sys
import time

import pytest

from orchestration import settings
from tests.reliability import story
from tests.reliability.outcomes import TRIED, Outcome
from tests.reliability.victim import CPU

pytestmark = pytest.mark.slow

READERS = 8
SECONDS, SOAK_SECONDS = 40, 300
KEEP = {"BASS_KEEP_VERSIONS": "1000"}  # so that every version can be compared with


def test_readers_get_whole_answers_of_one_version_while_runs_succeed_fail_and_are_killed(story, soak, tmp_path):
    home = story.copy("run", "read")
    readers = [_start(home, tmp_path, number) for number in range(READERS)]
    outcome = Outcome("runs under 8 readers")
    try:
        ends = _disturb(story, home, SOAK_SECONDS if soak else SECONDS, outcome)
    finally:
        for number in range(READERS):
            (tmp_path / f"{number}.json.stop").touch()
        for reader in readers:
            reader.wait(60)
    said = [json.loads((tmp_path / f"{number}.json").read_text()) for number in range(READERS)]
    known = [json.loads(path.read_text())["tables"] for path in home.published.rglob("bass.json")]
    wrong = [answer for one in said for answer in one["answers"] if answer not in known]
    seen = {json.dumps(answer, sort_keys=True) for one in said for answer in one["answers"]}
    outcome.wrong_reads = len(wrong) + sum(len(one["errors"]) for one in said)
    TRIED.append(outcome)
    print(f"{sum(one['count'] for one in said)} answers of {len(seen)} versions; runs ended {ends}")

    assert [one["errors"] for one in said] == [[]] * READERS
    assert wrong == []
    assert all(one["count"] > 0 for one in said) and len(seen) >= 2
    assert {0, 1, -9} <= set(ends)


def _start(home, folder, number):
    command = [sys.executable, "-m", "tests.reliability.reader", str(home.published_database),
               str(folder / f"{number}.json"), *(["hold"] if number % 2 else [])]
    return subprocess.Popen(command, cwd=settings.REPO)


def _disturb(told, home, seconds, outcome):
    """Days arrive; each is run to its end, killed, refused memory, or an earlier version is put back. Exit codes."""
    rng, until, ends = random.Random(20260103), time.monotonic() + seconds, []
    days, kinds = iter(told.site.later[1:]), ("killed", "failed", "run", "restored")
    while time.monotonic() < until or len(ends) < 2 * len(kinds):
        kind = kinds[len(ends) // 2 % len(kinds)]
        options = dict(KEEP)
        if kind == "killed":
            options["kill"] = (CPU, rng.uniform(0.3, told.took["run"].cpu_s))
        if kind == "failed":
            options["BASS_MEMORY_LIMIT"] = "1MB"
        command = ["publish", "--version", "1"] if kind == "restored" else ["run"]
        ends.append(told.server.run(told.site, home.root, *command, **options).code)
        ended = told.server.run(told.site, home.root, "run", **KEEP)
        ends.append(ended.code)
        outcome.points += 1
        outcome.needed_a_hand += ended.code != 0
        if day := next(days, None):
            story.deliver(day, home)
    return ends


