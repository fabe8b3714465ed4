"""The finished demo beside what the sample operator knows to be true: how tests run it and compare."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.settings import Home

Ask = Callable[[str], list[tuple]]


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


def differences(ask: Callable[[str], list[tuple]], found: str, true: str) -> list[tuple]:
    """Rows of one query that the other does not have, multiplicity included; [] also needs that there are rows."""
    assert ask(f"select count(*) from ({true})")[0][0] > 0
    return ask(f"(select 'found', * from (({found}) except all ({true})))"
               f" union all (select 'true', * from (({true}) except all ({found}))) order by all limit 20")
