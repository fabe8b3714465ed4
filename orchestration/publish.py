"""From the working database to the one people read: gate, copy, verify, atomic replace.

The published file is never written in place, so a reader never sees half of it and a kill at any
point leaves the old one. What is wrong with a number is found by contracts and dbt tests, not here.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration import quality, role_files, settings, transform
from orchestration.access import AccessError
from orchestration.atomic import share
from orchestration.settings import Home

# Columns that say when we ran, not what the operator delivered: left out of the row hashes, here only.
RUN_TIMES = ("built_at", "checked_at", "decided_at", "seen_at")
SHOWN = 5  # problems named in a refusal


class PublishRefused(RuntimeError):
    """The gate is closed, or the copy is not what it should be. The published file is as it was."""


@dataclass(frozen=True)
class TableState:
    """What is in one table: rows, and a sum of row hashes that does not depend on their order."""

    rows: int
    hash: str


@dataclass(frozen=True)
class Version:
    """published/bass.json: which build is published, and what is in it."""

    version: int
    build: int
    built_at: str
    published_at: str
    fingerprint: str
    checks_passed: int
    views: dict[str, int]
    tables: dict[str, TableState]
    restored_over: int | None = None  # the build that this earlier version stands in for
    role_files: tuple[str, ...] = ()  # below published/roles


def published_version(home: Home) -> Version | None:
    return _read(home.published / "bass.json")


def _read(path: Path) -> Version | None:
    try:
        said = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return Version(**said | {"tables": {name: TableState(**state) for name, state in said["tables"].items()}})


def is_current(home: Home) -> bool:
    """Whether the published file is the last build: of models, seeds and contracts as they are, over this lake."""
    build, published = transform.last_build(home), published_version(home)
    if not (build and published and home.published_database.exists()) or build.lake != str(home.lake):
        return False
    if published.restored_over is not None:
        return published.restored_over == build.number and build.fingerprint == transform.fingerprint(home)
    if role_files.listed(home) != list(published.role_files):
        return False
    return published.build == build.number and published.fingerprint == transform.fingerprint(home)


def problems(home: Home) -> list[str]:
    """Every blocking check that is red, one line each; nothing is published while there is one."""
    build = transform.last_build(home)
    if build is None:
        return ["nothing is built yet: run `bass build`"]
    found = [_contract_problem(result) for result in quality.red(home)]
    found += [
        f"dbt {node.kind} {node.name}: {node.message or f'{node.failures} rows'} (status {node.status})"
        for node in build.red
    ]
    if not build.is_complete and not found:
        found.append("the last build did not make every table: run `bass build`")
    return found


def refusal(home: Home) -> PublishRefused:
    red = problems(home)
    more = f" and {len(red) - SHOWN} more (bass status)" if len(red) > SHOWN else ""
    return PublishRefused(f"not published, {len(red)} blocking checks are red: {'; '.join(red[:SHOWN])}{more}")


def publish(home: Home) -> Version:
    """Puts the working database in the place of the published one. Raises PublishRefused."""
    if problems(home):
        raise refusal(home)
    home.published.mkdir(parents=True, exist_ok=True)
    share(home.published)
    for leftover in home.published.glob("bass.duckdb.tmp-*"):
        leftover.unlink()
    counts = _checkpoint(home)
    copy = home.published / f"bass.duckdb.tmp-{os.getpid()}"
    shutil.copyfile(home.warehouse, copy)
    _verify(copy, counts)
    version, roles = _describe(home, copy, counts), _role_files(home, copy)
    version = replace(version, role_files=tuple(role_files.listed_in(roles)))
    _sync(copy)
    share(copy)
    _keep_previous(home)
    role_files.put(home, roles)  # first: nobody reads by rights of a version before the one that is published
    os.replace(copy, home.published_database)
    _write_json(home.published / "bass.json", version)
    _sync(home.published)
    return version


def restore(home: Home, number: int) -> Version:
    """Puts a kept version back in front of its readers; it stays there until something new has been built.

    Files of roles there are none until then: the rights of that version may have been taken away since. Raises
    PublishRefused when the version is not kept or its file is not what was published.
    """
    kept, build = home.published / "previous" / f"{number:06d}", transform.last_build(home)
    version = _read(kept / "bass.json")
    if version is None:
        names = ", ".join(str(int(path.name)) for path in sorted(kept.parent.glob("*[0-9]"))) or "none"
        raise PublishRefused(f"version {number} is not kept; there is: {names}")
    try:
        is_whole = table_hashes(kept / "bass.duckdb") == version.tables
    except duckdb.Error:
        is_whole = False
    if not is_whole:
        raise PublishRefused(f"version {number} in {kept} is not what was published")
    _keep_previous(home, spared=number)
    copy = home.published / f"bass.duckdb.tmp-{os.getpid()}"
    shutil.copyfile(kept / "bass.duckdb", copy)
    share(copy)
    _sync(copy)
    # Killed between the three, the next run finds a version that is not the last build, and publishes that one.
    _write_json(home.published / "bass.json", replace(version, build=0, restored_over=None))
    role_files.put(home, None)
    os.replace(copy, home.published_database)
    restored = replace(version, restored_over=build.number if build else None, role_files=())
    _write_json(home.published / "bass.json", restored)
    _sync(home.published)
    return restored


def table_hashes(path: Path) -> dict[str, TableState]:
    """The state of every table (views follow from them) of a database file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return table_states(connection)


def table_states(connection: duckdb.DuckDBPyConnection) -> dict[str, TableState]:
    """The same of a database that is open."""
    columns = connection.execute("""
        select t.schema_name || '.' || t.table_name, list(c.column_name order by c.column_index)
        from duckdb_tables() as t join duckdb_columns() as c using (table_oid)
        group by 1 order by 1""").fetchall()
    return {table: _table_state(connection, table, names) for table, names in columns}


def _table_state(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> TableState:
    hashed = ", ".join(f'"{name}"' for name in columns if name not in RUN_TIMES) or "0"
    row = connection.execute(f"select count(*), coalesce(sum(hash({hashed})), 0) from {_quoted(table)}").fetchone()
    return TableState(rows=row[0], hash=f"{int(row[1]):x}")


def _contract_problem(result: dict) -> str:
    limit = f"at most {result['limit_high']:g}" if result["limit_high"] is not None else f"{result['limit_low']:g}"
    observed = "unknown" if result["observed"] is None else f"{result['observed']:g}"
    return (
        f"{result['contract_id']} {result['file_date']}: {result['check_name']} is {observed}, agreed is {limit}"
        f" (owner {result['owner']})"
    )


def _checkpoint(home: Home) -> dict[str, int]:
    """Moves everything into the one file; returns the rows of each table and view that the build made."""
    build = transform.last_build(home)
    tables = sorted({node.table for node in build.nodes if node.table})
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("force checkpoint")
        existing = {row[0] for row in connection.execute("""
            select schema_name || '.' || table_name from duckdb_tables()
            union all select schema_name || '.' || view_name from duckdb_views()""").fetchall()}
        return {table: _count(connection, table) for table in tables if table in existing}


def _verify(copy: Path, counts: dict[str, int]) -> None:
    """Opens the copy as a reader would: every table is there in full and every reconciliation is zero."""
    try:
        with duckdb.connect(str(copy), read_only=True) as connection:
            for table, rows in counts.items():
                if (found := _count(connection, table)) != rows:
                    raise PublishRefused(f"{table}: {rows} rows built, {found} in the copy")
            differences = connection.execute("""
                select schema_name || '.' || table_name, column_name from duckdb_columns()
                where schema_name = 'ops' and (column_name = 'difference' or ends_with(column_name, '_difference'))
                """).fetchall()
            for table, column in differences:
                sql = f'select count(*) from {_quoted(table)} where "{column}" <> 0'
                if wrong := connection.execute(sql).fetchone()[0]:
                    raise PublishRefused(f"{table}.{column} is not 0 in {wrong} rows")
    except duckdb.Error as error:
        raise PublishRefused(f"the copy cannot be read: {str(error).splitlines()[0]}") from error


def _role_files(home: Home, copy: Path) -> Path | None:
    try:
        return role_files.make(home, copy)
    except AccessError as error:
        raise PublishRefused(f"not published: {error}") from error


def _describe(home: Home, copy: Path, counts: dict[str, int]) -> Version:
    build, before, tables = transform.last_build(home), published_version(home), table_hashes(copy)
    kept = [int(path.name) for path in home.published.glob("previous/*[0-9]")]
    return Version(
        version=max([*kept, before.version if before else 0]) + 1,
        build=build.number,
        built_at=build.built_at,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=build.fingerprint,
        checks_passed=sum(node.status == "pass" for node in build.nodes),
        views={name: rows for name, rows in counts.items() if name not in tables},
        tables=tables,
    )


def _keep_previous(home: Home, spared: int = 0) -> None:
    """Keeps what is published now as previous/<version>/, and only the newest of these (and the one `spared`)."""
    current, folder = published_version(home), home.published / "previous"
    if current and current.build and home.published_database.exists():
        kept = folder / f"{current.version:06d}"
        kept.mkdir(parents=True, exist_ok=True)
        share(folder, kept)
        for name in ("bass.duckdb", "bass.json"):
            if not (kept / name).exists():  # it does after a kill between the two replacements
                _link(home.published / name, kept / name)
    versions = sorted(folder.iterdir()) if folder.exists() else []
    for old in versions[: max(0, len(versions) - settings.kept_versions())]:
        if int(old.name) != spared:
            shutil.rmtree(old)


def _link(source: Path, target: Path) -> None:
    """The same file under a second name; a copy where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return connection.execute(f"select count(*) from {_quoted(table)}").fetchone()[0]


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split(".", 1))


def _write_json(path: Path, version: Version) -> None:
    temporary = path.with_suffix(".json.tmp")
    temporary.write_text(json.dumps(asdict(version), indent=1))
    share(temporary)
    _sync(temporary)
    os.replace(temporary, path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
