"""A `bass` command in a forked process that ends itself, or is ended, by SIGKILL at a chosen moment.

The fork server has imported everything once, so that a command costs what it does and not what it loads.
Moments are counted where the process is about to change something outside itself: files opened for writing,
renamed, linked, removed (Python's audit events), statements to SQLite, nodes of dbt, and step boundaries.
What DuckDB writes by itself is met by kills at a moment of CPU time, which the parent sends.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration import settings
from tests.reliability.site import Site

HEAVY = ("orchestration.cli", "orchestration.pipeline", "orchestration.definitions", "orchestration.quality",
         "dbt.cli.main", "dbt.adapters.duckdb", "great_expectations", "pandas", "openpyxl", "lxml.etree")
CHANGES = ("os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "shutil.copyfile", "shutil.rmtree")
STEPS = ("settle", "land", "build", "analyse", "release", "forget")
BOUNDARY, CHANGE, CPU = "boundary", "change", "cpu"


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (-9 when killed), what it said, moments counted, CPU seconds."""

    code: int
    said: str
    moments: dict[str, int]
    cpu_s: float

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Server:
    """Forks one process per command. To be closed."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "commands")
        command = [sys.executable, "-m", "tests.reliability.victim", self.address]
        self.process = subprocess.Popen(command, cwd=settings.REPO, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def run(self, site: Site, home: Path, *arguments: str, **options: Any) -> Ended:
        """Runs `bass *arguments` to its end; options as of `begin`."""
        return self.begin(site, home, *arguments, **options).wait()

    def begin(
        self, site: Site, home: Path, *arguments: str, kill: tuple[str, float] | None = None, **environment: str
    ) -> Command:
        """Starts `bass *arguments`. `kill`: (boundary or change, number of the moment from 1) or (cpu, seconds)."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address)
        lines = connection.makefile("rw")
        log = home.with_name(f"{home.name}.{time.monotonic_ns()}.log")
        asked = {"site": str(site.folder), "home": str(home), "log": str(log), "arguments": arguments, "kill": kill,
                 "environment": environment}
        lines.write(json.dumps(asked) + "\n")
        lines.flush()
        return Command(int(lines.readline()), lines, log)


@dataclass(frozen=True)
class Command:
    """A command that runs."""

    pid: int
    lines: Any
    log: Path

    def wait(self) -> Ended:
        answer = json.loads(self.lines.readline())
        said, _, counted = self.log.read_text(errors="replace").partition("\nmoments ")
        self.log.unlink()
        moments = json.loads(counted.partition("\n")[0] or "{}")
        return Ended(answer["code"], said, moments, answer["cpu_s"])


def serve(address: str) -> None:
    """Imports everything, then forks for each connection a process that runs one command and tells its end."""
    settings.keep_quiet()
    for name in HEAVY:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _supervise(connection.makefile("rw"))
            os._exit(0)
        connection.close()


def _supervise(lines: Any) -> None:
    asked = json.loads(lines.readline())
    if (pid := os.fork()) == 0:
        _command(asked)
    lines.write(f"{pid}\n")
    lines.flush()
    kill_at_s = asked["kill"][1] if asked["kill"] and asked["kill"][0] == CPU else None
    done, status, usage = 0, 0, None
    while not done:
        done, status, usage = os.wait4(pid, os.WNOHANG if kill_at_s is not None else 0)
        if not done and _cpu_s(pid) >= kill_at_s:
            os.kill(pid, signal.SIGKILL)
            kill_at_s = None
        elif not done:
            time.sleep(0.005)
    answer = {"code": os.waitstatus_to_exitcode(status), "cpu_s": usage.ru_utime + usage.ru_stime}
    lines.write(json.dumps(answer) + "\n")
    lines.flush()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _command(asked: dict[str, Any]) -> None:
    from orchestration import cli

    site = Site(Path(asked["site"]))
    with open(asked["log"], "wb") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.update(asked["environment"])
    settings.DBT_PROJECT, settings.SEEDS = site.project, site.seeds
    counter = _Counter(tuple(asked["kill"]) if asked["kill"] else None)
    counter.listen()
    code = cli.main([*asked["arguments"], "--home", asked["home"], "--contracts", str(site.contracts)])
    counter.kill = None
    print("\nmoments " + json.dumps(counter.counts), flush=True)
    os._exit(code)


class _Counter:
    """Counts moments and kills its process at the chosen one."""

    def __init__(self, kill: tuple[str, float] | None) -> None:
        self.kill, self.counts = kill, {BOUNDARY: 0, CHANGE: 0}

    def __call__(self, kind: str) -> None:
        self.counts[kind] += 1
        if self.kill == (kind, self.counts[kind]):
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal comes now

    def listen(self) -> None:
        from orchestration import steps, transform

        sys.addaudithook(self._audit)
        sqlite3.connect = sqlite3.dbapi2.connect = self._traced(sqlite3.connect)
        for name in STEPS:
            setattr(steps, name, self._bounded(getattr(steps, name)))
        listener = transform._listener

        def listen_to_nodes(say: Any) -> Any:
            hear = listener(say)

            def heard(event: Any) -> None:
                if event.info.name in ("NodeStart", "NodeFinished"):
                    self(CHANGE)
                hear(event)

            return heard

        transform._listener = listen_to_nodes

    def _bounded(self, step: Any) -> Any:
        def bounded(*arguments: Any, **named: Any) -> Any:
            self(BOUNDARY)
            try:
                return step(*arguments, **named)
            finally:
                self(BOUNDARY)

        return bounded

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        opens = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if opens or event in CHANGES:
            self(CHANGE)

    def _traced(self, connect: Any) -> Any:
        def connected(*arguments: Any, **named: Any) -> Any:
            connection = connect(*arguments, **named)
            connection.set_trace_callback(lambda _: self(CHANGE))
            return connection

        return connected


if __name__ == "__main__":
    serve(sys.argv[1])
