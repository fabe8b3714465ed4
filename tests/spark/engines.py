"""Builds the dbt project over one lake on DuckDB and on Spark, each in a process and folder of its own.

Knows how the two are started and where their relations end up; what is compared stands in compare.py.
`python -m tests.spark.engines <engine> <calls as JSON>` is that process: dbt in process, then, on Spark, every
view written out as Parquet (a Spark table is a folder of Parquet already).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import DBT_PROJECT, REPO


@dataclass(frozen=True)
class Relation:
    """A relation that dbt built: its schema, its name, and whether it is stored."""

    schema: str
    name: str
    is_view: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Build:
    """What one engine left behind in its folder."""

    engine: str
    folder: Path
    seconds: float
    output: str
    succeeded: bool

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def parquet(self, relation: Relation) -> str:
        """Glob of a relation that Spark wrote."""
        if relation.is_view:
            return f"{self.folder}/views/{relation.schema}/{relation.name}/*.parquet"
        return f"{self.folder}/tables/{relation.schema}.db/{relation.name}/**/*.parquet"


def build(engine: str, lake: Path, folder: Path, *calls: list[str]) -> Build:
    """Runs dbt with each of `calls` (for example `["build", "--select", "dim"]`) in an emptied folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.spark.engines", engine, json.dumps(calls)]
    done = subprocess.run(command, cwd=REPO, env=_environment(engine, lake, folder), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Build(engine, folder, time.monotonic() - started, done.stdout, done.returncode == 0)


def relations(build: Build) -> list[Relation]:
    """Every model and seed that the last dbt call of a build made, sorted."""
    manifest = json.loads((build.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((build.folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    made = [manifest["nodes"][r["unique_id"]] for r in results if r["status"] == "success"
            and r["unique_id"].startswith(("model.", "seed."))]
    found = {Relation(n["schema"], n["alias"], n["config"]["materialized"] == "view") for n in made}
    return sorted(found, key=str)


def _environment(engine: str, lake: Path, folder: Path) -> dict[str, str]:
    return os.environ | {
        "BASS_DBT_ENGINE": engine,
        "BASS_LAKE": str(lake.resolve()),
        "BASS_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "BASS_SPARK_WAREHOUSE": str(folder / "tables"),
        "BASS_SPARK_CATALOG": "in-memory",  # one process builds and reads: no metastore to start (35 s less)
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _run(engine: str, calls: list[list[str]]) -> int:
    from dbt.cli.main import dbtRunner

    target = Path(os.environ["DBT_TARGET_PATH"])
    os.chdir(target.parent)
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    results = [dbtRunner().invoke([*call, *project]) for call in calls]
    if engine == "spark" and (target / "run_results.json").exists():
        _write_views(target.parent)
    for result in results:
        print(result.exception or "")
    return 0 if all(result.success for result in results) else 1


def _write_views(folder: Path) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    for relation in relations(Build("spark", folder, 0, "", True)):
        if relation.is_view:
            target = str(folder / "views" / relation.schema / relation.name)
            session.table(str(relation)).write.mode("overwrite").parquet(target)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1], json.loads(sys.argv[2])))
