"""Fixtures of the reliability ring: one finished home, built once, to be copied and never changed."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import contracts, settings
from orchestration.sample_operator import write_sample
from orchestration.settings import Home
from tests.reliability import homes, site
from tests.reliability.story import Story, tell
from tests.reliability.victim import Server


@pytest.fixture(scope="package", autouse=True)
def environment() -> Iterator[None]:
    """What `homes.bass` sets, for tests that call the steps in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BASS_") and not name.startswith("BASS_TEST_")]:
            patch.delenv(name)
        for name, value in homes.ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small published home (60 subscriptions, a month, base themes). Copy it (`homes.copy_of`) to change it.

    `BASS_TEST_FINISHED` names one that exists, for work on the tests themselves.
    """
    if kept := os.environ.get("BASS_TEST_FINISHED"):
        return settings.home(kept)
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder  # one home for all workers
    home, done = settings.home(folder / "finished_home"), folder / "finished_home.done"
    with open(folder / "finished_home.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            said = homes.bass(home, "demo", *homes.SIZE)
            assert said.returncode == 0, said.stderr[-2000:]
            done.touch()
    return home


@pytest.fixture(scope="package")
def story(finished: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A small site's ordinary day, lived once, and a server that forks commands for its homes."""
    folder = tmp_path_factory.mktemp("site")
    server = Server(folder)
    try:
        yield tell(server, site.cut(folder, finished))
    finally:
        server.close()


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder of a small operator (60 subscriptions, a month): good files, to be copied and broken."""
    if kept := os.environ.get("BASS_TEST_FINISHED"):
        return Path(kept) / "landing"
    folder, known = tmp_path_factory.mktemp("source"), contracts.load_all(settings.REPO / "data_contracts")
    write_sample(folder / "landing", folder / "truth", contracts=known, subscribers=60, months=1, seed=7)
    return folder / "landing"
