"""Killed at any moment of any command, a plain `bass run` comes to the same end as if nothing had happened."""

import random
import zlib
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import pytest

from tests.reliability import homes
from tests.reliability.outcomes import TRIED, Outcome
from tests.reliability.victim import BOUNDARY, CHANGE, CPU

pytestmark = pytest.mark.slow

# command -> seeded points: before a change outside the process, at a moment of CPU time
POINTS = {"first run": (2, 1), "ingest": (9, 3), "build": (2, 2), "analyse": (4, 2),
          "publish": (5, 2), "rebuild": (2, 2), "run": (1, 1)}
# Without --soak one of so many points and step boundaries; --soak 6 makes 266 seeded points and every boundary.
FEWER_POINTS, FEWER_BOUNDARIES = 3, 24
START_S = 0.1  # of CPU time: before that a command reads its arguments
WORKERS = 2


@pytest.mark.parametrize("command", POINTS)
def test_a_killed_command_is_made_good_by_a_plain_run(command, story, soak):
    took, rng = story.took[command], random.Random(zlib.crc32(command.encode()))
    changes, moments = (count * (1 + soak) if soak else ceil(count / FEWER_POINTS) for count in POINTS[command])
    times = [rng.uniform(START_S, took.cpu_s) for _ in range(moments)]
    every = took.moments[BOUNDARY]
    boundaries = every if soak else ceil(every / FEWER_BOUNDARIES)
    kills = [(BOUNDARY, number) for number in _sample(rng, every, boundaries)]
    kills += [(CHANGE, number) for number in _sample(rng, took.moments[CHANGE], changes)]
    kills += [(CPU, at_s) for at_s in times]
    tried = {kind: Outcome(f"SIGKILL, {command}: {kind}") for kind in (BOUNDARY, CHANGE, CPU)}

    def attempt(numbered):
        number, (kind, at) = numbered
        home = story.copy(command, f"killed_{command.replace(' ', '_')}_{number}")
        killed = story.server.run(story.site, home.root, command.split()[-1], kill=(kind, at))
        tried[kind].points += killed.was_killed
        wrong = story.settle_up(home, command, tried[kind])
        if killed.code not in (0, -9):
            wrong.append(f"ended with {killed.code}: {killed.said[-500:]}")
        if not wrong:
            homes.remove(home)
        return [f"{command}, {kind} {at}: {problem}" for problem in wrong]

    with ThreadPoolExecutor(WORKERS) as pool:
        wrong = [problem for problems in pool.map(attempt, enumerate(kills)) for problem in problems]
    TRIED.extend(tried.values())

    assert wrong == []
    for kind in (BOUNDARY, CHANGE):
        assert tried[kind].points == sum(each == kind for each, _ in kills)
    late = moments - tried[CPU].points  # a command takes less time than when it was measured, and had ended before
    assert late <= max(1, len(kills) // 5)


def _sample(rng, total, count):
    return sorted(rng.sample(range(1, total + 1), min(count, total)))
