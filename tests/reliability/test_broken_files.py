"""Every kind of broken file: what the ledger says, what is rejected, what is loaded, and nothing else changes.

`pytest tests/reliability/test_broken_files.py -s` prints the table of kinds and outcomes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.reliability import broken_deliveries, broken_files, broken_formats, broken_rows
from tests.reliability.broken_files import KINDS, Bench, Day, Kind, differences

assert broken_rows and broken_formats and broken_deliveries  # they fill KINDS
LONGEST_S = 60  # for one kind; a named pipe that is opened would wait for ever


@pytest.fixture(scope="module", autouse=True)
def secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASS_SECRET", "a secret for tests")
        yield


@pytest.fixture(scope="module")
def good_day(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Day]:
    """What an undisturbed ingest makes of a feed and day."""

    @cache
    def of(contract_id: str, day: str) -> Day:
        found = Bench(source, tmp_path_factory.mktemp("good"), contract_id, day).run()
        assert found.rows, f"{contract_id} {day}: no rows to break"
        return found

    return of


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Lines of the table, printed when all kinds are done."""
    lines: list[str] = []
    yield lines
    if lines:
        print("\n" + "\n".join(["", f"{'kind':60} {'files':>5}  outcome", *lines, f"{len(lines)} kinds"]))


@pytest.fixture
def alarm() -> Iterator[None]:
    """What waits for ever fails instead."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"not done after {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "_"))
def test_a_broken_file_costs_what_is_broken_and_nothing_else(
    kind: Kind, source: Path, good_day: Callable[[str, str], Day], table: list[str], tmp_path: Path, alarm: None
) -> None:
    bench = Bench(source, tmp_path, kind.contract_id, kind.day)
    bench.good = good_day(kind.contract_id, kind.day)
    wanted = kind.breaks(bench)
    found = bench.run()
    assert differences(bench.good, wanted, found) == []
    again = bench.run().rows
    assert again == (bench.good if wanted.heals else found).rows, "a second run changes what was loaded"
    files = sum(len(names) for _, _, names in os.walk(bench.home.landing))
    table.append(f"{kind.name:60} {files:5}  {_told(wanted, found)}")


def _told(wanted: broken_files.Outcome, found: Day) -> str:
    files = [f"{state} {reason}".strip() for state, reason in
             dict.fromkeys((found.states[name][0], reason) for name, (_, reason) in wanted.files.items())]
    rejects: dict[str, int] = {}
    for reason, *_ in found.rejects:
        rejects[reason] = rejects.get(reason, 0) + 1
    parts = [*files, *(f"{count} rejected {reason}" for reason, count in rejects.items())]
    parts += [f"{wanted.duplicates} duplicate"] if wanted.duplicates else []
    parts += [f"{len(wanted.missing)} missing"] if wanted.missing else []
    return "; ".join([*parts, f"{len(found.rows)} of {len(found.rows) + len(wanted.lost)} loaded"])
