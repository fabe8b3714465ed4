"""Who may see what 分层访问: the access seeds resolved over one build, as rules and as temporary tables of rights.

Everything is denied that no row allows: a table without a row, a role without a row for the table, a column named as
hidden, a token, a person who is no active member of the staff. Reads the database attached as `bass`; writes no file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

LOOKS_AFTER = "ACCOUNT_MANAGER"  # whose customers make a team: this role of dim.bridge_customer_staff
SCOPES, VIEWS, TABLE_SCOPES = ("OWN", "TEAM", "UNIT"), ("ROWS", "GROUPS"), ("CUSTOMER", "UNIT", "ALL")
IDENTIFYING = ("_id", "_key", "_token")  # how columns end that may tell who a customer is
NEEDED = ("customers.fct_subscription_day", "dim.bridge_customer_staff", "dim.dim_customer", "dim.dim_org",
          "dim.dim_staff", "reference.access_holders", "reference.access_roles", "reference.access_tables",
          "reference.parameters")


class AccessError(ValueError):
    """The access seeds contradict themselves or the tables; nothing is handed out by them."""


@dataclass(frozen=True)
class Role:
    """One row of `seeds/access_roles.csv`: whose customers a holder sees, and whether as rows or as groups."""

    role_code: str
    scope_code: str
    view_code: str


@dataclass(frozen=True)
class Rule:
    """One row of `seeds/access_tables.csv` whose table is there. `columns`: (name, type) of all that may be shown."""

    table_name: str
    scope_code: str
    scope_column: str
    roles: tuple[str, ...]
    hidden_columns: tuple[str, ...]
    group_columns: tuple[str, ...]
    sum_columns: tuple[str, ...]
    change_role_code: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Holder:
    """Someone with a role on the day; `number` is the file's in the tables of rights."""

    number: int
    role_code: str
    holder_id: str


@dataclass(frozen=True)
class Rights:
    """All that the seeds and the newest lists allow. Beside it stand the temporary tables `access_holder`,
    `access_customer` (file_number, customer_id) and `access_unit` (file_number, org_id)."""

    day: date | None
    least_customers: int
    roles: dict[str, Role]
    rules: tuple[Rule, ...]
    holders: tuple[Holder, ...]


NOTHING = Rights(None, 0, {}, (), ())


def resolve(connection: duckdb.DuckDBPyConnection) -> Rights:
    """The rights in the build attached as `bass`; NOTHING where a table they rest on is not there. AccessError."""
    columns = _columns(connection)
    if set(NEEDED) - set(columns):
        return NOTHING
    day = connection.execute("select max(snapshot_date) from bass.customers.fct_subscription_day").fetchone()[0]
    if day is None:
        return NOTHING
    roles = {row[0]: _checked_role(Role(*row)) for row in connection.execute(
        "select role_code, scope_code, view_code from bass.reference.access_roles").fetchall()}
    rules = _rules(connection, columns, roles)
    connection.execute(f"set variable day = date '{day}'")  # a bound parameter would make DuckDB import pandas
    for statement in (HOLDERS, UNITS, CUSTOMERS):
        connection.execute(statement)
    holders = connection.execute("select file_number, role_code, holder_id from access_holder order by 1").fetchall()
    return Rights(day, _least_customers(connection), roles, rules, tuple(Holder(*row) for row in holders))


# Members of the staff who are active and hold a role on the day; a role over units needs one that is known.
HOLDERS = """
    create temp table access_holder as
    with people as (
        select staff_id as holder_id from bass.dim.dim_staff
        where status_code = 'ACTIVE' and coalesce(left_on > getvariable('day'), true) and staff_id <> '?'
    ),
    own as (
        select roles.role_code, ties.staff_id as holder_id
        from bass.reference.access_roles as roles
        inner join bass.dim.bridge_customer_staff as ties on roles.role_code = ties.role_code
        where roles.scope_code = 'OWN' and ties.is_current and ties.customer_id <> '?'
    ),
    named as (
        select roles.role_code, holders.holder_id
        from bass.reference.access_roles as roles
        inner join bass.reference.access_holders as holders on roles.role_code = holders.role_code
        semi join bass.dim.dim_org as orgs on holders.org_id = orgs.org_id
        where roles.scope_code <> 'OWN' and holders.org_id <> '?'
            and getvariable('day') >= holders.valid_from and getvariable('day') < holders.valid_to
    )
    select cast(row_number() over (order by role_code, holder_id) as int) as file_number, role_code, holder_id
    from (from own union from named) semi join people using (holder_id)"""
# The units a holder answers for and all below them, as the tree is now.
UNITS = """
    create temp table access_unit as
    select distinct files.file_number, orgs.org_id
    from access_holder as files
    inner join bass.reference.access_holders as holders using (role_code, holder_id)
    inner join bass.dim.dim_org as orgs
        on holders.org_id in (orgs.org_id, orgs.hq_id, orgs.province_id, orgs.city_id, orgs.county_id)
    where orgs.is_current and orgs.org_id <> '?' and holders.org_id <> '?'
        and getvariable('day') >= holders.valid_from and getvariable('day') < holders.valid_to"""
# A customer belongs to the unit of who looks after it, else to the one it is registered with: to one unit in any case.
CUSTOMERS = f"""
    create temp table access_customer as
    with managed as (
        select ties.customer_id, staff.org_id
        from bass.dim.bridge_customer_staff as ties
        inner join bass.dim.dim_staff as staff on ties.staff_id = staff.staff_id
        where ties.role_code = '{LOOKS_AFTER}' and ties.is_current and ties.customer_id <> '?' and ties.staff_id <> '?'
    ),
    belonging as (
        select customer_id, org_id, true as is_managed from managed
        union all
        select customer_id, org_id, false as is_managed
        from bass.dim.dim_customer anti join managed using (customer_id)
        where is_current and customer_id <> '?'
    )
    select files.file_number, ties.customer_id
    from access_holder as files
    inner join bass.reference.access_roles as roles on files.role_code = roles.role_code and roles.scope_code = 'OWN'
    inner join bass.dim.bridge_customer_staff as ties
        on files.role_code = ties.role_code and files.holder_id = ties.staff_id
    where ties.is_current and ties.customer_id <> '?'
    union
    select files.file_number, belonging.customer_id
    from access_holder as files
    inner join bass.reference.access_roles as roles on files.role_code = roles.role_code
    inner join access_unit as units on files.file_number = units.file_number
    inner join belonging on units.org_id = belonging.org_id
    where roles.scope_code = 'UNIT' or (roles.scope_code = 'TEAM' and belonging.is_managed)"""


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every table; views are never handed out, since they read the lake."""
    rows = connection.execute("""
        select t.schema_name || '.' || t.table_name, c.column_name, c.data_type
        from duckdb_tables() as t
        inner join duckdb_columns() as c on t.database_name = c.database_name and t.table_oid = c.table_oid
        where t.database_name = 'bass' order by t.table_oid, c.column_index""").fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in rows:
        found.setdefault(table, []).append((name, kind))
    return found


def _least_customers(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("""
        select max(parameter_value) from bass.reference.parameters
        where parameter_code = 'small_group_customers'
            and getvariable('day') >= valid_from and getvariable('day') < valid_to""").fetchone()
    if not row or row[0] is None:
        raise AccessError("parameters: small_group_customers is missing")
    return int(row[0])


def _rules(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, list[tuple[str, str]]], roles: dict[str, Role]
) -> tuple[Rule, ...]:
    """The rows whose table was built (a theme may be off), each checked against it."""
    rows = connection.execute("""
        select table_name, scope_code, scope_column, roles, hidden_columns, group_columns, sum_columns, change_role_code
        from bass.reference.access_tables order by table_name, roles""").fetchall()
    twice = Counter((row[0], role) for row in rows for role in _words(row[3]))
    if doubled := [f"{table} for {role}" for (table, role), count in twice.items() if count > 1]:
        raise AccessError(f"access_tables: more than one row: {', '.join(doubled)}")
    return tuple(_checked_rule(_rule(row, columns[row[0]]), columns[row[0]], roles)
                 for row in rows if row[0] in columns)


def _rule(row: tuple[Any, ...], columns: list[tuple[str, str]]) -> Rule:
    table, scope, scope_column, roles, hidden, groups, sums, change_role = row
    shown = tuple((name, kind) for name, kind in columns
                  if name not in _words(hidden) and not name.endswith("_token"))
    return Rule(table, scope, scope_column or "", _words(roles), _words(hidden), _words(groups), _words(sums),
                change_role, shown)


def _words(cell: str | None) -> tuple[str, ...]:
    """The names of a cell with bars between."""
    return tuple(name.strip() for name in (cell or "").split("|") if name.strip())


def _checked_role(role: Role) -> Role:
    if role.scope_code not in SCOPES or role.view_code not in VIEWS:
        raise AccessError(f"access_roles: {role.role_code} has scope {role.scope_code} and view {role.view_code}; "
                          f"{', '.join(SCOPES)} and {', '.join(VIEWS)} are known")
    return role


def _checked_rule(rule: Rule, columns: list[tuple[str, str]], roles: dict[str, Role]) -> Rule:
    """A misspelt column would not be hidden: what a row names must be there, and fit the roles."""
    named = {*rule.hidden_columns, *rule.group_columns, *rule.sum_columns, *filter(None, [rule.scope_column])}
    missing = sorted(named - {name for name, _ in columns})
    views = {roles[role].view_code for role in rule.roles if role in roles}
    is_grouped = rule.scope_code != "ALL" and views == {"GROUPS"}
    wrong = [text for text, holds in {
        f"no column {', '.join(missing)}": missing,
        "a role that access_roles does not have": not rule.roles or set(rule.roles) - set(roles),
        f"scope {rule.scope_code}": rule.scope_code not in TABLE_SCOPES,
        "a scope without a column": rule.scope_code != "ALL" and not rule.scope_column,
        "roles that see rows beside roles that see groups": rule.scope_code != "ALL" and len(views) > 1,
        "groups by units, whose customers cannot be counted": is_grouped and rule.scope_code != "CUSTOMER",
        "no group_columns for a role that sees groups": is_grouped and not rule.group_columns,
        "groups or sums for roles that see rows": not is_grouped and rule.group_columns + rule.sum_columns,
        "groups by a column that tells who it is": _identifying(rule),
        "units for a role that has none": rule.scope_code == "UNIT"
        and any(roles[role].scope_code == "OWN" for role in rule.roles if role in roles),
    }.items() if holds]
    if wrong:
        raise AccessError(f"access_tables: {rule.table_name}: {'; '.join(wrong)}")
    return rule


def _identifying(rule: Rule) -> list[str]:
    return [name for name in rule.group_columns
            if (name.endswith(IDENTIFYING) and name != "org_id") or name in rule.hidden_columns]
