"""A published database of a few customers in which every role has a holder: what tests of role files begin with."""

from __future__ import annotations

from pathlib import Path

import duckdb

DAY = "2026-03-31"
SLIP = "../../x/y"  # a staff number that is no file name
STAFF = {"A1": "11100", "A2": "11100", SLIP: "11200", "B1": "12100", "LEFT1": "11200", "AREA1": "11100",
         "AREA2": "11200", "DEP1": "11000", "DIR1": "10000"}
# Who looks after whom; C14 and C15 nobody does.
CUSTOMERS = {**{f"C{n:02}": "A1" for n in range(1, 6)}, "C06": "A2", "C07": "A2", "C08": SLIP,
             **{f"C{n:02}": "B1" for n in range(9, 13)}, "C13": "LEFT1", "C14": None, "C15": None}
ROLES = """
    create table reference.access_roles as select * from (values
        ('ACCOUNT_MANAGER', 'Account manager', '客户经理', 'OWN', 'ROWS'),
        ('AREA_MANAGER', 'Area manager', '片区经理', 'TEAM', 'ROWS'),
        ('DEPARTMENT_MANAGER', 'Department manager', '部门经理', 'TEAM', 'ROWS'),
        ('DIRECTOR', 'Director', '主任', 'UNIT', 'GROUPS')
    ) as t(role_code, name_en, name_zh, scope_code, view_code);
    create table reference.access_holders as
    select role_code, holder_id, org_id, '2020-01-01'::date as valid_from, valid_to::date as valid_to from (values
        ('AREA_MANAGER', 'AREA1', '11100', '9999-12-31'), ('AREA_MANAGER', 'AREA2', '11200', '9999-12-31'),
        ('AREA_MANAGER', 'A2', '12100', '2026-03-31'), ('AREA_MANAGER', 'LEFT1', '11200', '9999-12-31'),
        ('AREA_MANAGER', 'NOBODY', '11200', '9999-12-31'), ('AREA_MANAGER', 'A1', '99999', '9999-12-31'),
        ('DEPARTMENT_MANAGER', 'DEP1', '11000', '9999-12-31'), ('DIRECTOR', 'DIR1', '10000', '9999-12-31')
    ) as t(role_code, holder_id, org_id, valid_to);
    create table reference.access_tables as select * from (values
        ('key_accounts.money', 'CUSTOMER', 'customer_id', 'ACCOUNT_MANAGER', 'rank_no', null, null, null),
        ('key_accounts.money', 'CUSTOMER', 'customer_id', 'AREA_MANAGER|DEPARTMENT_MANAGER', null, null, null, null),
        ('key_accounts.money', 'CUSTOMER', 'customer_id', 'DIRECTOR', null, 'month|org_id', 'amt|is_large|rank_no',
         null),
        ('mart.flow', 'UNIT', 'org_id', 'AREA_MANAGER|DEPARTMENT_MANAGER', null, null, null, null),
        ('dim.dim_org', 'ALL', null, 'ACCOUNT_MANAGER|DIRECTOR', null, null, null, null),
        ('mart.of_a_theme_that_is_off', 'ALL', null, 'DIRECTOR', null, null, null, null)
    ) as t(table_name, scope_code, scope_column, roles, hidden_columns, group_columns, sum_columns, change_role_code);
    create table reference.parameters as select 'small_group_customers' as parameter_code, 3 as parameter_value,
        '1900-01-01'::date as valid_from, '9999-12-31'::date as valid_to"""
TABLES = f"""
    create table dim.dim_org as
    select *, true as is_current, null as county_id, 'O' as org_level_code from (values
        ('10000', '10000', null, null), ('11000', '10000', '11000', null), ('11100', '10000', '11000', '11100'),
        ('11200', '10000', '11000', '11200'), ('12000', '10000', '12000', null), ('12100', '10000', '12000', '12100'),
        ('?', '?', '?', '?')) as t(org_id, hq_id, province_id, city_id);
    create table dim.dim_staff as select staff_id, org_id, 7 as name_token, null::date as left_on,
        case when starts_with(staff_id, 'LEFT') then 'LEFT' else 'ACTIVE' end as status_code from staff;
    create table dim.bridge_customer_staff as
    select customer_id, 'ACCOUNT_MANAGER' as role_code, staff_id, true as is_current from ties
    where staff_id is not null
    union all select 'C09', 'ACCOUNT_MANAGER', 'A1', false union all select 'C01', 'SERVICE_MANAGER', 'B1', true;
    create table dim.dim_customer as select customer_id, '11200' as org_id, true as is_current from ties
    union all select '?', '?', true;
    create table customers.fct_subscription_day as select '{DAY}'::date as snapshot_date;
    create table key_accounts.money as
    select month, customer_id, coalesce(staff.org_id, '11200') as org_id,
        (10.25 + month)::decimal(18, 2) as amt, customer_id = 'C01' as is_large, 5 as rank_no, 77 as name_token
    from ties left join staff using (staff_id), range(1, 3) as t(month);
    comment on table key_accounts.money is 'One row per customer''s month. (金额)';
    comment on column key_accounts.money.amt is 'Money. (金额)';
    create table mart.flow as select org_id, 1 as lost from dim.dim_org;
    create table mart.not_listed as select * from ties;
    create view mart.seen as select * from mart.flow"""


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables in the database that is open."""
    for schema in ("customers", "dim", "key_accounts", "mart", "reference"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("create temp table staff as select unnest($ids) as staff_id, unnest($orgs) as org_id",
                       {"ids": list(STAFF), "orgs": list(STAFF.values())})
    connection.execute("create temp table ties as select unnest($ids) as customer_id, unnest($staff) as staff_id",
                       {"ids": list(CUSTOMERS), "staff": list(CUSTOMERS.values())})
    for statement in f"{TABLES};{ROLES}".split(";"):
        connection.execute(statement)


def read(path: Path, sql: str) -> list[tuple]:
    """Asks one file as its holder opens it."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()
