"""The finished demo beside what the sample operator knows to be true: how tests run it and compare."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration import questions, settings
from orchestration.settings import Home

Ask = Callable[[str], list[tuple]]
COMPARED: list[tuple[str, int, int, int]] = []  # what `differences` compared: test, rows true, rows found, differing


def bass(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BASS_")}
    command = [sys.executable, "-m", "orchestration.cli", *arguments, "--home", str(home)]
    return subprocess.run(command, cwd=settings.REPO, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def reader(home: Home) -> Iterator[Ask]:
    """Asks the published file, opened as a reader opens it, with the truth attached as views of `truth`."""
    connection = duckdb.connect()
    connection.execute(f"attach '{home.published_database}' as published (read_only)")
    connection.execute("attach ':memory:' as truth")
    connection.execute("use published")
    for path in sorted((home.root / "truth").glob("*.parquet")):
        if duckdb.sql(f"select count(*) from parquet_schema('{path}')").fetchone()[0] > 1:
            connection.execute(f"create view truth.{path.stem} as select * from read_parquet('{path}')")
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


def differences(ask: Ask, found: str, true: str) -> list[tuple]:
    """Rows of one query that the other does not have, multiplicity included; [] also needs that there are rows."""
    (true_rows,), (found_rows,) = (ask(f"select count(*) from ({side})")[0] for side in (true, found))
    assert true_rows > 0
    differ = (f"(select 'found', * from (({found}) except all ({true})))"
              f" union all (select 'true', * from (({true}) except all ({found})))")
    COMPARED.append((_test_running(), true_rows, found_rows, ask(f"select count(*) from ({differ})")[0][0]))
    return ask(f"{differ} order by all limit 20")


def answer(name: str) -> str:
    """The worked question of that name as a query in brackets, to be asked or compared."""
    return f"({questions.question(name).sql.rstrip().rstrip(';')}\n)"


def _test_running() -> str:
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0].partition("@")[0]  # "@": group of a worker
    place, _, name = test.partition("::")
    return f"{Path(place).stem.removeprefix('test_')}: {name.removeprefix('test_').replace('_', ' ')}"


def table() -> str:
    """Every comparison with the truth so far: what is true, rows of the truth, rows found, rows that differ."""
    width = max((len(name) for name, *_ in COMPARED), default=0)
    lines = [f"{name:<{width}}  {true:>10,}  {found:>10,}  {wrong:>7,}" for name, true, found, wrong in COMPARED]
    return "\n".join([f"{'compared with the truth':<{width}}  {'true rows':>10}  {'found':>10}  {'differ':>7}", *lines])
