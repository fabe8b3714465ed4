"""One DuckDB file per holder of a role 分层访问, below published/roles/: what `access` allows that holder, and no more.

All files of a build are made beside the old ones and put in their place at once, so that whoever lost a role or a
customer loses the file with the same step. Each table is divided once, for all holders; files of a role begin as
copies of one empty file that has its tables and comments. Who may see what is decided in `access`, not here.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import access, settings
from orchestration.access import AccessError, Holder, Rights, Role, Rule
from orchestration.settings import Home

PLAIN_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
MADE, GONE = ".roles.tmp-", ".roles.old-"  # beside published/roles: what is being made, what is being deleted
GROUP_COLUMNS = (("group_status", "Whether the group is shown: ok, or small_group with no figure 分组状态."),
                 ("customer_count", "Customers of the group 客户数."))
WHOSE = "file_number"  # of a divided table: which file the row is for


RIGHTS = {"CUSTOMER": ("access_customer", "customer_id"), "UNIT": ("access_unit", "org_id")}


@dataclass(frozen=True)
class Share:
    """One rule divided among the holders: the table that has all their rows, and how many are whose."""

    rule: Rule
    table: str
    rows: dict[int, int]


def safe_name(text: str) -> str:
    """A file name for any id: the id itself where it is plain, else a name that no plain id has."""
    return text if PLAIN_NAME.fullmatch(text) else "~" + hashlib.sha256(text.encode()).hexdigest()[:32]


def path_of(home: Home, role_code: str, holder_id: str) -> Path:
    return _folder(home) / safe_name(role_code) / f"{safe_name(holder_id)}.duckdb"


def listed(home: Home) -> list[str]:
    """The files there are, as `role/holder.duckdb`."""
    return listed_in(_folder(home))


def listed_in(folder: Path | None) -> list[str]:
    files = folder.rglob("*") if folder else ()
    return sorted(path.relative_to(folder).as_posix() for path in files if path.is_file())


def make(home: Home, database: Path) -> Path | None:
    """Makes the files of all holders beside those in force; returns their folder, or None where nobody holds a role.

    Raises AccessError when the access seeds do not fit the tables: then nobody gets anything by them.
    """
    clear(home)
    folder = home.published / f"{MADE}{os.getpid()}"
    _new_folder(folder)
    try:
        with _opened(home, database) as connection:
            rights = access.resolve(connection)
            shares = [_divided(connection, number, rule, rights) for number, rule in enumerate(rights.rules)]
            for role in rights.roles.values():
                _write_role(connection, folder, role, rights, shares)
    except Exception:
        shutil.rmtree(folder)
        raise
    if rights.holders:
        return folder
    shutil.rmtree(folder)
    return None


def put(home: Home, folder: Path | None) -> None:
    """Takes the files in force away and puts the new ones there. Killed between the two, there are none."""
    gone = home.published / f"{GONE}{os.getpid()}"
    if _folder(home).exists():
        os.replace(_folder(home), gone)
    if folder:
        os.replace(folder, _folder(home))
    if gone.exists():
        shutil.rmtree(gone)


def clear(home: Home) -> None:
    """Deletes what a killed process left."""
    for leftover in (path for name in (MADE, GONE) for path in home.published.glob(f"{name}*")):
        shutil.rmtree(leftover)


def _folder(home: Home) -> Path:
    return home.published / "roles"


def _new_folder(path: Path) -> None:
    path.mkdir()
    path.chmod(0o700)


@contextmanager
def _opened(home: Home, database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory (what does not fit spills) with the published tables attached as `bass`."""
    with duckdb.connect(config={
        "memory_limit": settings.memory_limit(), "threads": settings.threads(),
        "temp_directory": str(home.work / "spill"),
        "autoinstall_known_extensions": False, "autoload_known_extensions": False,
    }) as connection:
        connection.execute(f"attach {_text(str(database))} as bass (read_only)")
        yield connection


def _divided(connection: duckdb.DuckDBPyConnection, number: int, rule: Rule, rights: Rights) -> Share:
    """Everyone's part of one table, one after the other, so that a holder's rows are read without the others'."""
    table = f"share_{number}"
    if rule.scope_code == "ALL":
        columns = ", ".join(_name(name) for name, _ in rule.columns)
        connection.execute(f"create temp view {table} as select {columns} from bass.{_name(rule.table_name)}")
        return Share(rule, table, {})
    grouped = rights.roles[rule.roles[0]].view_code == "GROUPS"
    select = _groups_sql(rule, rights.least_customers) if grouped else _rows_sql(rule)
    connection.execute(f"create temp table {table} as {select} order by {WHOSE}")
    rows = connection.execute(f"select {WHOSE}, count(*) from {table} group by all").fetchall()
    return Share(rule, table, dict(rows))


def _rows_sql(rule: Rule) -> str:
    columns = ", ".join(f"facts.{_name(name)}" for name, _ in rule.columns)
    return f"select rights.{WHOSE}, {columns} {_scoped(rule)}"


def _scoped(rule: Rule) -> str:
    """The rows of a table, once for each holder who may see them."""
    rights, column = RIGHTS[rule.scope_code]
    return f"""
        from bass.{_name(rule.table_name)} as facts
        inner join {rights} as rights on facts.{_name(rule.scope_column)} = rights.{column}
        inner join access_holder as holders on rights.{WHOSE} = holders.{WHOSE}
        where holders.role_code in ({', '.join(map(_text, rule.roles))})"""


def _groups_sql(rule: Rule, least: int) -> str:
    """Sums by group. A group of fewer customers than `least` shows no figure, and the smallest of those shown beside
    it none either: else it would be the difference to a total that is known elsewhere."""
    groups = [_name(name) for name in rule.group_columns]
    beside = ", ".join([WHOSE, *groups[: len(groups) > 1]])
    kinds = dict(rule.columns)
    sums = {_name(name): _sum(name, kinds[name]) for name in rule.sum_columns}
    figures = ", ".join(f"case when not is_hidden then {name} end as {name}" for name in ("customer_count", *sums))
    return f"""
        with counted as (
            select rights.{WHOSE}, {', '.join(f'facts.{name}' for name in groups)},
                count(distinct facts.{_name(rule.scope_column)}) as customer_count
                {''.join(f', {expression} as {name}' for name, expression in sums.items())}
            {_scoped(rule)}
            group by all
        ),
        ranked as (
            select *, bool_or(customer_count < {least}) over (partition by {beside}) as is_beside,
                row_number() over (
                    partition by {beside}, customer_count < {least} order by customer_count, {', '.join(groups)}
                ) as place
            from counted
        ),
        judged as (select *, customer_count < {least} or (is_beside and place = 1) as is_hidden from ranked)
        select {WHOSE}, {', '.join(groups)},
            case when is_hidden then 'small_group' else 'ok' end as group_status, {figures}
        from judged"""


def _sum(name: str, kind: str) -> str:
    column = f"facts.{_name(name)}"
    if kind == "BOOLEAN":
        return f"count(*) filter (where {column})"
    return f"cast(sum({column}) as bigint)" if kind.endswith("INT") or kind == "INTEGER" else f"sum({column})"


def _write_role(
    connection: duckdb.DuckDBPyConnection, folder: Path, role: Role, rights: Rights, shares: list[Share]
) -> None:
    """The files of all holders of one role."""
    holders = [holder for holder in rights.holders if holder.role_code == role.role_code]
    if not holders:
        return
    own = [share for share in shares if role.role_code in share.rule.roles]
    inside, empty = folder / safe_name(role.role_code), folder / "~empty"
    _new_folder(inside)
    with _writing(connection, empty, "(block_size 16384)"):
        _describe(connection, role, rights, own)
    for holder in holders:
        path = inside / f"{safe_name(holder.holder_id)}.duckdb"
        if path.exists():
            raise AccessError(f"access_holders: {holder.holder_id} and another holder would have the same file")
        shutil.copyfile(empty, path)
        with _writing(connection, path):
            _fill(connection, holder, own)
        _close(path)
    empty.unlink()
    _close(inside)


@contextmanager
def _writing(connection: duckdb.DuckDBPyConnection, path: Path, options: str = "") -> Iterator[None]:
    """The file attached as `holder`, written in one transaction."""
    connection.execute(f"attach {_text(str(path))} as holder {options}")
    connection.execute("begin")
    yield
    connection.execute("commit")
    connection.execute("detach holder")


def _describe(connection: duckdb.DuckDBPyConnection, role: Role, rights: Rights, shares: list[Share]) -> None:
    """Empty tables with the comments of the published ones, and what the file is."""
    connection.execute("create schema holder.access")
    connection.execute(f"""
        create table holder.access.access_file as
        select role_code, name_en as role_name_en, name_zh as role_name_zh, '' as holder_id,
            {_text(str(rights.day))}::date as as_of_date, {rights.least_customers} as small_group_customers
        from bass.reference.access_roles where role_code = {_text(role.role_code)}""")
    connection.execute("create table holder.access.access_table (table_name varchar, scope_code varchar, "
                       "view_code varchar, is_changed_by_holder boolean)")
    for share in shares:
        rule = share.rule
        connection.execute(f"create schema if not exists holder.{_name(rule.table_name.split('.')[0])}")
        connection.execute(f"create table holder.{_name(rule.table_name)} as select * "
                           f"{_without_number(share)} from {share.table} limit 0")
        view = "ROWS" if rule.scope_code == "ALL" else role.view_code
        said = ", ".join(map(_text, (rule.table_name, rule.scope_code, view)))
        is_changed = rule.change_role_code == role.role_code
        connection.execute(f"insert into holder.access.access_table values ({said}, {is_changed})")
    _comment(connection)


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Puts the comments of the published tables on those of the file, where the two have the same columns."""
    own = dict(GROUP_COLUMNS)
    rows = connection.execute("""
        select mine.schema_name || '.' || mine.table_name, mine.column_name, theirs.comment
        from duckdb_columns() as mine
        left join duckdb_columns() as theirs on theirs.database_name = 'bass' and mine.schema_name = theirs.schema_name
            and mine.table_name = theirs.table_name and mine.column_name = theirs.column_name
        where mine.database_name = 'holder'
        union all
        select mine.schema_name || '.' || mine.table_name, null, theirs.comment
        from duckdb_tables() as mine
        inner join duckdb_tables() as theirs on theirs.database_name = 'bass' and mine.schema_name = theirs.schema_name
            and mine.table_name = theirs.table_name
        where mine.database_name = 'holder'""").fetchall()
    for table, column, comment in rows:
        if text := comment or own.get(column):
            what = f"column holder.{_name(table)}.{_name(column)}" if column else f"table holder.{_name(table)}"
            connection.execute(f"comment on {what} is {_text(text)}")


def _fill(connection: duckdb.DuckDBPyConnection, holder: Holder, shares: list[Share]) -> None:
    connection.execute(f"update holder.access.access_file set holder_id = {_text(holder.holder_id)}")
    for share in shares:
        into = f"insert into holder.{_name(share.rule.table_name)} select * {_without_number(share)} from {share.table}"
        if share.rule.scope_code == "ALL":
            connection.execute(into)
        elif expected := share.rows.get(holder.number, 0):
            written = connection.execute(f"{into} where {WHOSE} = {holder.number}").fetchone()[0]
            if written != expected:
                raise AccessError(f"{share.rule.table_name}: {written} of {expected} rows written")


def _without_number(share: Share) -> str:
    return "" if share.rule.scope_code == "ALL" else f"exclude ({WHOSE})"


def _close(path: Path) -> None:
    """For its owner alone, whatever `BASS_UMASK` lets others do; and on the disk."""
    path.chmod(0o700 if path.is_dir() else 0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(name: str) -> str:
    """A column, or a table with its schema, quoted: names come from seeds."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split(".", 1))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
