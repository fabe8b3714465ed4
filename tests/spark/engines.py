"""Builds the dbt project over one lake on DuckDB and on Spark, each in a process and folder of its own.

Knows how the two are started and where their relations end up; what is compared stands in compare.py.
`python -m tests.spark.engines <engine> <calls as JSON>` is that process: dbt in process, then, on
Spark, every view written out as Parquet (a Spark table is a folder of Parquet already).
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
from tests.spark import cluster

ENGINES = ("duckdb", "spark")
NOT_BUILT = ("raw", "default", "main")  # schemas whose relations are no result of ours


@dataclass(frozen=True)
class Relation:
    """A relation that dbt built: its schema, its name, and whether it is only a view."""

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

    def written(self) -> dict[Relation, dict[str, str]]:
        """Columns and DuckDB's names of their types of every relation that Spark's catalogue has."""
        try:
            said = json.loads((self.folder / "catalogue.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {Relation(*relation): columns for *relation, columns in said}


def build(engine: str, lake: Path, folder: Path, *calls: list[str], master: str = "local[2]") -> Build:
    """Runs dbt with each of `calls` (for example `["build", "--select", "dim"]`) in an emptied folder.

    `master` is the Spark master: one process, or the address of a cluster.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.spark.engines", engine, json.dumps(calls)]
    done = subprocess.run(command, cwd=REPO, env=_environment(engine, lake, folder, master), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Build(engine, folder, time.monotonic() - started, done.stdout, done.returncode == 0)


def _environment(engine: str, lake: Path, folder: Path, master: str) -> dict[str, str]:
    return os.environ | cluster.JAVA | {
        "BASS_DBT_ENGINE": engine,
        "BASS_LAKE": str(lake.resolve()),
        "BASS_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "BASS_SPARK_MASTER": master,
        "BASS_SPARK_WAREHOUSE": str(folder / "tables"),
        "BASS_SPARK_CATALOG": "in-memory",  # one process builds and reads: no metastore to start (35 s less)
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _run(engine: str, calls: list[list[str]]) -> int:
    from dbt.cli.main import dbtRunner

    folder = Path(os.environ["DBT_TARGET_PATH"]).parent
    os.chdir(folder)
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
               "--log-level-file", "info"]
    for call in calls:
        result = dbtRunner().invoke([*call, *project])
        if result.exception:
            print(result.exception)
        if not result.success:
            break
    if engine == "spark":
        _write_catalogue(folder)
    return 0 if result.success else 1


def _write_catalogue(folder: Path) -> None:
    from pyspark.sql import SparkSession

    session, catalogue = SparkSession.builder.getOrCreate(), []
    schemas = [schema.name for schema in session.catalog.listDatabases() if schema.name not in NOT_BUILT]
    for table in [t for schema in schemas for t in session.catalog.listTables(schema) if not t.isTemporary]:
        schema, is_view = table.namespace[-1], table.tableType == "VIEW"
        rows = session.table(f"{schema}.{table.name}")
        columns = {column.name: _duckdb_type(column.dataType.simpleString()) for column in rows.schema}
        catalogue.append((schema, table.name, is_view, columns))
        if is_view:
            rows.write.mode("overwrite").parquet(str(folder / "views" / schema / table.name))
    (folder / "catalogue.json").write_text(json.dumps(catalogue), encoding="utf-8")


def _duckdb_type(kind: str) -> str:
    names = {"string": "varchar", "int": "integer", "timestamp_ntz": "timestamp", "timestamp": "timestamp_tz"}
    return names.get(kind, kind).upper()


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1], json.loads(sys.argv[2])))
