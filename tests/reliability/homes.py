"""Homes that tests of reliability may break: a finished one, copies of it, and what is published in them.

A copy is a home of its own. DuckDB views hold the full path of the lake, so a copy's views are pointed at
the copy's lake, as its next build would do; a home that somebody moved does that in `bass run`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration import publish, settings
from orchestration.settings import Home

SECRET = "a secret of the tests"
THEMES_OFF = ",".join(settings.OPTIONAL_THEMES)
ENVIRONMENT = {"BASS_SECRET": SECRET, "BASS_THEMES_OFF": THEMES_OFF}
SIZE = ("--subscribers", "60", "--months", "1")


def bass(home: Home, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The `bass` command in a process of its own, as an operator types it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BASS_")}
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    command += ["--home", str(home.root), "--contracts", str(home.contracts)]
    return subprocess.run(
        command, cwd=settings.REPO, env=kept | ENVIRONMENT | environment, capture_output=True, text=True, check=False
    )


def copy_of(home: Home, folder: Path) -> Home:
    """A home in `folder` (made here) that equals `home` and shares nothing with it, file times included."""
    subprocess.run(["cp", "-a", "--reflink=auto", f"{home.root}/.", str(_new(folder))], check=True)
    copy = replace(home, root=folder, landing=folder / "landing", lake=folder / "lake")
    for database in (copy.warehouse, copy.published_database):
        if database.exists():
            _point_views(database, home.lake, copy.lake)
    build = copy.work / "dbt" / "build.json"
    if build.exists():
        build.write_text(json.dumps(json.loads(build.read_text()) | {"lake": str(copy.lake)}))
    return copy


def remove(home: Home) -> None:
    shutil.rmtree(home.root)


def hashes(home: Home) -> dict[str, publish.TableState]:
    """Rows and order-independent row hash of every published table, counted from the file itself."""
    return publish.table_hashes(home.published_database)


def _new(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)  # what a file system is mounted on stays, empty
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _point_views(database: Path, old: Path, new: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        views = connection.execute("select sql from duckdb_views() where schema_name = 'raw'").fetchall()
        for (text,) in views:
            connection.execute(text.replace("CREATE VIEW", "create or replace view", 1).replace(f"'{old}/", f"'{new}/"))
