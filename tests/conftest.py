"""Fixtures that every ring of tests shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import settings
from orchestration.settings import Home
from tests import truth
from tests.truth import Ask, bass, reader

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party files beside the repository; a clone alone does not have it."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"third-party files are not here: {folder} is missing")
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A finished demo; `BASS_TEST_HOME` names one that exists, for work on the tests themselves."""
    if kept := os.environ.get("BASS_TEST_HOME"):
        return settings.home(kept)
    root = tmp_path_factory.mktemp("demo")
    said = bass(root, "demo", "--subscribers", "2000", "--seed", "7")
    print(said.stdout)
    assert said.returncode == 0, said.stderr[-2000:]
    return settings.home(root)


@pytest.fixture(scope="session")
def ask(demo: Home) -> Iterator[Ask]:
    with reader(demo) as ask_:
        yield ask_


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--truth", action="store_true", help="print what was compared with the truth, and how it came out")
    parser.addoption("--soak", type=int, default=0, metavar="N", help="reliability: N times as many seeded runs")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--truth"):
        terminalreporter.write_line(truth.table())
