"""dbt, started once and in process: from the lake to the working database, tests included.

Parsing the project costs seconds, so the parsed manifest is kept until models, seeds or contracts
change. No model, no rule about a model and no Dagster may enter this module.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration import settings
from orchestration.atomic import replace_file
from orchestration.settings import Home

RED = ("error", "fail", "runtime error")
TABLES = ("model", "seed")
# What DuckDB says of blocks that are not as it wrote them.
DAMAGED = re.compile(r"corrupt database file|checksum|database has been invalidated", re.IGNORECASE)
EVERYTHING = "building everything"
BUILD = ("build", "--no-write-json", "--exclude-resource-type", "unit_test")
LONGEST_ROW = 400  # characters of a failed test's first row that are shown
NOT_SOURCE = ("target", "logs", "dbt_packages", "__pycache__", "analyses")


class TransformError(RuntimeError):
    """dbt could not run; the text says why in one line."""


@dataclass(frozen=True)
class Node:
    """What became of one dbt node. `table` is `schema.name` of a model or seed, else empty."""

    unique_id: str
    kind: str
    name: str
    table: str
    status: str
    seconds: float
    failures: int
    message: str


@dataclass(frozen=True)
class Build:
    """The state of the working database: what the last run of dbt made and found."""

    number: int
    fingerprint: str
    built_at: str
    is_complete: bool
    nodes: tuple[Node, ...]
    lake: str = ""  # where the views of schema `raw` look: a moved home has to build once more

    @property
    def red(self) -> list[Node]:
        return [node for node in self.nodes if node.status in RED]


def fingerprint(home: Home) -> str:
    """Changes when any text changes that decides what a build makes of the lake."""
    off = settings.themes_off()
    digest = hashlib.sha256(f"dbt {version('dbt-core')} duckdb {duckdb.__version__} off {off}".encode())
    for folder, pattern in ((settings.DBT_PROJECT, "*"), (settings.SEEDS, "*"), (home.contracts, "*.yaml")):
        for path in sorted(folder.rglob(pattern)):
            inside = path.relative_to(folder)
            if path.is_file() and inside.parts[0] not in NOT_SOURCE and not path.name.startswith("."):
                digest.update(f"\0{folder.name}/{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def last_build(home: Home) -> Build | None:
    try:
        said = json.loads(_folder(home, "build.json").read_text())
    except (OSError, ValueError):
        return None
    return Build(**said | {"nodes": tuple(Node(**node) for node in said["nodes"])})


def prepare(home: Home) -> Any:
    """The parsed project; parses only when the fingerprint changed."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    stamp, packed = _folder(home, "parsed"), _folder(home, "manifest.msgpack")
    if _is_parsed(home):
        manifest = Manifest.from_msgpack(packed.read_bytes(), decoder=extended_mashumuro_decoder)
        manifest.build_flat_graph()
        return manifest
    mark = fingerprint(home)
    stamp.unlink(missing_ok=True)
    manifest = invoke(home, ["parse"])
    packed.write_bytes(manifest.to_msgpack(extended_mashumaro_encoder))
    stamp.write_text(mark)
    return manifest


def manifest_json(home: Home) -> Path:
    """The parsed project as a file, for Dagster."""
    path = _folder(home, "target") / "manifest.json"
    if not (_is_parsed(home) and path.exists()):
        _folder(home, "parsed").unlink(missing_ok=True)
        prepare(home)
    return path


def _is_parsed(home: Home) -> bool:
    stamp = _folder(home, "parsed")
    return stamp.exists() and stamp.read_text() == fingerprint(home)


def run(
    home: Home,
    *,
    from_date: date | None = None,
    to_date: date | None = None,
    select: str | None = None,
    full_refresh: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Node]:
    """One `dbt build`: models of the window [from_date, to_date), seeds and tests.

    Everything is built from nothing when the working database does not fit the project. Tests that fail
    and models that break are results, not exceptions; see `Build.red`.
    """
    say = progress or (lambda text: None)
    say("reading the models")
    manifest, mark, before = prepare(home), fingerprint(home), last_build(home)
    reason = "asked for" if full_refresh else _unfit(home, manifest, mark, before)
    arguments = [*BUILD]
    if reason:
        say(f"{EVERYTHING}: {reason}")
        drop(home)
    else:
        if from_date and to_date:
            arguments += ["--vars", json.dumps({"from_date": str(from_date), "to_date": str(to_date)})]
        arguments += ["--select", *select.split()] if select else []
    results = invoke(home, arguments, manifest, _listener(say))
    nodes = [_node(result) for result in results.results]
    if not reason and any(DAMAGED.search(node.message) for node in nodes):
        say(f"{EVERYTHING}: the working database is damaged")
        return run(home, full_refresh=True, progress=progress)
    nodes = _with_first_rows(home, nodes, results.results)
    _remember(home, mark, nodes, before, keep=bool(select and not reason))
    return nodes


def write_docs(home: Home) -> Path:
    """The dbt docs as one file beside the published database: models, columns, lineage, the page of each theme."""
    invoke(home, ["docs", "generate", "--static", "--no-compile"], prepare(home))
    target = home.published / "docs.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, lambda path: path.write_bytes((_folder(home, "target") / "static_index.html").read_bytes()))
    return target


def drop(home: Home) -> None:
    """Deletes the working database and what is known of it; the next run builds it again from the lake."""
    for path in (home.warehouse, home.warehouse.with_name(home.warehouse.name + ".wal"), _folder(home, "build.json")):
        path.unlink(missing_ok=True)


def _folder(home: Home, name: str) -> Path:
    folder = home.work / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _unfit(home: Home, manifest: Any, mark: str, before: Build | None) -> str | None:
    """Why the working database cannot be continued from where it is, or None."""
    if not home.warehouse.exists():
        return "no working database yet"
    if before is None:
        return "the last build did not finish"
    if before.fingerprint != mark:
        return "models, seeds or contracts changed"
    try:
        with duckdb.connect(str(home.warehouse)) as connection:
            rows = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    except duckdb.Error as error:
        if "set lock on file" in str(error).lower():
            raise TransformError(f"{home.warehouse} is open in another program; close it and run again") from error
        return f"the working database cannot be read ({str(error).splitlines()[0]})"
    tables = {row[0] for row in rows}
    wanted = {
        f"{node.schema}.{node.alias}"
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.config.materialized == "incremental"
    }
    return f"{min(wanted - tables)} is missing" if wanted - tables else None


def invoke(home: Home, arguments: list[str], manifest: Any = None, listener: Any = None) -> Any:
    """One call of dbt in this process; closes its connection, so that the file can be copied."""
    settings.keep_quiet()
    home.work.mkdir(parents=True, exist_ok=True)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(settings.DBT_PROJECT), "--profiles-dir", str(settings.DBT_PROJECT)]
    where += ["--target-path", str(_folder(home, "target")), "--log-path", str(_folder(home, "logs"))]
    quiet = ["--log-level", "none", "--log-level-file", "info", "--no-use-colors"]
    runner = dbtRunner(manifest=manifest, callbacks=[listener] if listener else [])
    with _environment(home):
        try:
            result = runner.invoke([*arguments, *where, *quiet])
        finally:
            reset_adapters()
            DuckDBConnectionManager.close_all_connections()
    if result.exception and not isinstance(result.exception, Exception):
        raise KeyboardInterrupt from result.exception  # dbt returns an interrupt like any failure
    if result.result is None or (result.exception and not hasattr(result.result, "results")):
        raise TransformError(f"dbt {arguments[0]}: {' '.join(str(result.exception).split())}")
    return result.result


@contextmanager
def _environment(home: Home) -> Iterator[None]:
    """What profiles.yml and macros read, for as long as dbt runs: the next run may be of another home."""
    before = dict(os.environ)
    os.environ |= {
        "BASS_WAREHOUSE": str(home.warehouse),
        "BASS_LAKE": str(home.lake),
        "BASS_DBT_THREADS": str(settings.threads()),
        "BASS_MEMORY_LIMIT": settings.memory_limit(),
        "BASS_THEMES_OFF": settings.themes_off(),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _listener(say: Callable[[str], None]) -> Callable[[Any], None]:
    """Turns dbt's events into `117 of 412`."""
    done, total = 0, 0

    def hear(event: Any) -> None:
        nonlocal done, total
        if event.info.name == "ConcurrencyLine":
            total = event.data.node_count
        elif event.info.name == "NodeFinished" and event.data.node_info.resource_type != "operation":
            done += 1
            say(f"{min(done, total)} of {total} models and tests")

    return hear


def _node(result: Any) -> Node:
    node = result.node
    kind = str(getattr(node.resource_type, "value", node.resource_type))
    table = f"{node.schema}.{node.alias}" if kind in TABLES else ""
    message = " ".join((result.message or "").partition("Stack Trace")[0].split())
    seconds = round(result.execution_time, 3)
    return Node(node.unique_id, kind, node.name, table, str(result.status), seconds, result.failures or 0, message)


def _with_first_rows(home: Home, nodes: list[Node], results: list[Any]) -> list[Node]:
    """Adds the first row that a failed data test found to what dbt says of it, which is how many there are."""
    found = {result.node.unique_id: result.node.compiled_code for result in results
             if result.failures and getattr(result.node, "compiled_code", None)}
    return [replace(node, message=f"{node.message}; the first: {_first_row(home, found[node.unique_id])}")
            if node.unique_id in found else node for node in nodes]


def _first_row(home: Home, query: str) -> str:
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            answer = connection.execute(f"select * from ({query}) limit 1")
            names, row = [column[0] for column in answer.description or ()], answer.fetchone()
    except duckdb.Error as error:
        return f"cannot be read again ({str(error).splitlines()[0]})"
    return ", ".join(f"{name} {value}" for name, value in zip(names, row or (), strict=False))[:LONGEST_ROW]


def _remember(home: Home, mark: str, nodes: list[Node], before: Build | None, keep: bool) -> None:
    """Writes build.json: what the gate, `bass status` and the next run go by. `keep`: only a part was run."""
    by_id = {node.unique_id: node for node in (*(before.nodes if keep and before else ()), *nodes)}
    build = Build(
        number=before.number + 1 if before else int(datetime.now(UTC).timestamp()),
        fingerprint=mark,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        is_complete=all(node.status == "success" for node in by_id.values() if node.table),
        nodes=tuple(by_id.values()),
        lake=str(home.lake),
    )
    text = json.dumps(asdict(build))
    replace_file(_folder(home, "build.json"), lambda target: target.write_text(text))
