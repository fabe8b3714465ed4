"""Fixtures that every ring of tests shares."""

import os
import sys
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

from orchestration import settings
from orchestration.settings import Home
from tests import role_reads, truth
from tests.reliability import outcomes
from tests.truth import Ask, bass, reader

REPO = Path(__file__).resolve().parent.parent
SHARED = {"demo": "demo", "story": "story", "finished": "finished", "source": "source"}  # fixture -> group
FIRST = ("spark", "finished", "demo", "story")  # the groups that take longest


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


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> int:
    """How many times larger than usual the seeded runs are (`--soak N`, 0 without it)."""
    return request.config.getoption("--soak")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--truth", action="store_true", help="print what was compared with the truth, and how it came out")
    parser.addoption("--soak", type=int, default=0, metavar="N",
                     help="tests marked `soak` too, and N times as many seeded runs of reliability")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("soak") and not item.config.getoption("--soak"):
        pytest.skip("takes long and another test stands for it; --soak 1 runs it")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups when its turn comes
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers (`-n`), tests that share what is expensive to build run on one; the longest go first."""
    if not hasattr(config, "workerinput"):
        return
    # A worker's main module is no file; PySpark takes that for a doctest and ends the process when it is imported.
    sys.modules["__main__"].__file__ = str(Path(pytest.__file__).with_name("__main__.py"))
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: FIRST.index(groups[item]) if groups[item] in FIRST else len(FIRST))


def _group(item: pytest.Item) -> str:
    if item.get_closest_marker("spark"):
        return "spark"
    shared = [SHARED[name] for name in SHARED if name in getattr(item, "fixturenames", ())]
    return shared[0] if shared else item.nodeid.partition("::")[0]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["compared"] = truth.COMPARED
        session.config.workeroutput["reads"] = role_reads.READS
        session.config.workeroutput["tried"] = [astuple(one) for one in outcomes.TRIED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """What a worker compared and tried, for the tables at the end."""
    said = getattr(node, "workeroutput", {})
    truth.COMPARED.extend(map(tuple, said.get("compared", ())))
    role_reads.READS.extend(map(tuple, said.get("reads", ())))
    outcomes.TRIED.extend(outcomes.Outcome(*one) for one in said.get("tried", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if outcomes.TRIED:
        terminalreporter.section("reliability")
        terminalreporter.write_line(outcomes.table())
    if role_reads.READS:
        terminalreporter.section("what each role reads")
        terminalreporter.write_line(role_reads.table())
    if config.getoption("--truth"):
        terminalreporter.write_line(truth.table())
