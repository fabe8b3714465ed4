"""Fixtures of the reliability ring: one finished home, built once, to be copied and never changed."""

import os
from collections.abc import Iterator

import pytest

from orchestration import settings
from orchestration.settings import Home
from tests.reliability import homes


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
    home = settings.home(tmp_path_factory.mktemp("finished"))
    said = homes.bass(home, "demo", *homes.SIZE)
    assert said.returncode == 0, said.stderr[-2000:]
    return home


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> int:
    """How many times larger than usual the seeded runs are (`--soak N`, 0 without it)."""
    return request.config.getoption("--soak")
