"""The notebooks run on the finished demo: every cell, and each story in a browser without a network."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orchestration import settings
from orchestration.settings import Home
from tests import browser

pytestmark = pytest.mark.slow
FILES = sorted((settings.REPO / "notebooks").glob("*.py"))
NOTEBOOKS = [path for path in FILES if "marimo.App(" in path.read_text(encoding="utf-8")]


def environment(home: Home) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BASS_")}
    return kept | {"BASS_HOME": str(home.root), "PYTHONPATH": str(settings.REPO), "PYTHONUTF8": "1"}


@contextmanager
def served(notebook: Path, home: Home) -> Iterator[str]:
    """The address at which `marimo run` shows the notebook; the server ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "run", str(notebook), "--headless", "--no-token", "--host", "127.0.0.1",
               "--port", str(port)]
    server = subprocess.Popen(command, cwd=settings.REPO, env=environment(home), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        browser.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/health"), 90)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_of_a_notebook_runs_on_the_demo(demo: Home, notebook: Path) -> None:
    said = subprocess.run([sys.executable, str(notebook)], cwd=settings.REPO, env=environment(demo),
                          capture_output=True, text=True, check=False, timeout=900)
    assert said.returncode == 0, said.stderr[-2000:]


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine to open a notebook in")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_every_question_and_asks_nobody_else(demo: Home, tmp_path: Path, notebook: Path) -> None:
    source = notebook.read_text(encoding="utf-8")
    titles = [f"\n{number}. " for number in re.findall(r"## (\d+)\. ", source)] or re.findall(r'"\*\*(.+)\*\*"', source)
    assert titles
    with served(notebook, demo) as url, browser.opened(url, tmp_path) as page:
        shown = "document.body.innerText"
        browser.wait_until(lambda: all(title in (page.value(shown) or "") for title in titles), 600)
        text = page.value(shown)
        assert "Traceback" not in text and "This cell raised an exception" not in text
        hosts = {urlsplit(address).hostname for address in page.requested
                 if urlsplit(address).scheme in ("http", "https", "ws", "wss")}
        assert hosts == {"127.0.0.1"}
