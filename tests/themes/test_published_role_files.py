"""What each role can and cannot read in a finished demo, judged by the delivered lists, not by our own dimensions."""

from __future__ import annotations

import pytest

from orchestration import role_files
from orchestration.settings import Home
from tests import role_reads
from tests.role_world import read
from tests.truth import Ask

pytestmark = pytest.mark.slow

MONTH = "key_accounts.fct_large_customer_month"
# Unit and state of everyone, and who looks after whom, as the newest lists have it.
NEWEST = """
    staff as (select * from (select *, row_number() over (partition by staff_id order by file_date desc) as n
        from raw.crm__staff) where n = 1),
    units as (select * from (select *, row_number() over (partition by org_id order by file_date desc) as n
        from raw.crm__org) where n = 1),
    archive as (select * from (select *, row_number() over (partition by customer_id order by file_date desc) as n
        from raw.crm__key_account) where n = 1),
    ties as (select archive.customer_id, archive.account_manager_staff_id as staff_id, staff.org_id,
        units.parent_org_id as department_id from archive
        inner join staff on archive.account_manager_staff_id = staff.staff_id
        inner join units on staff.org_id = units.org_id)"""
# role -> the customers of each holder, by the delivered lists
SCOPES = {
    "ACCOUNT_MANAGER": "select staff_id, customer_id from ties semi join active using (staff_id)",
    "AREA_MANAGER": "select holder_id, customer_id from holders inner join ties using (org_id)",
    "DEPARTMENT_MANAGER": "select holder_id, customer_id from holders "
                          "inner join ties on holders.org_id = ties.department_id",
}


def in_scope(ask: Ask, role: str) -> dict[str, set[str]]:
    rows = ask(f"""with {NEWEST}, active as (select staff_id from staff where status_code = 'ACTIVE'),
        holders as (select holder_id, org_id from reference.access_holders semi join active
            on holder_id = active.staff_id where role_code = '{role}' and valid_to = '9999-12-31') {SCOPES[role]}""")
    found: dict[str, set[str]] = {}
    for holder, customer in rows:
        found.setdefault(holder, set()).add(customer)
    return found


@pytest.mark.requirement("LYR06", "LYR07", "LYR08", "ORG16", "SEC07")
@pytest.mark.parametrize("role", SCOPES)
def test_every_holder_reads_all_months_of_the_own_customers_and_nothing_of_others(
    ask: Ask, demo: Home, role: str
) -> None:
    """Each table with customers in it, against the published one: not a row more and not a row less."""
    scope = in_scope(ask, role)
    assert scope and {path.stem for path in role_files.path_of(demo, role, "x").parent.iterdir()} >= set(scope)
    listed = ask(f"""select table_name, scope_column from reference.access_tables
        where scope_code = 'CUSTOMER' and list_contains(string_split(roles, '|'), '{role}')""")
    counts = " union all ".join(f"select '{table}', {column}, count(*) from {table} group by all"
                                for table, column in listed)
    everyone = {row[:2]: row[2] for row in ask(counts)}
    rows = dict.fromkeys((table for table, _ in listed), 0)
    for holder, customers in scope.items():
        found = read(role_files.path_of(demo, role, holder), counts)
        assert sorted(found) == sorted((*key, n) for key, n in everyone.items() if key[1] in customers), holder
        for table, _, n in found:
            rows[table] += n
    for table, found_rows in rows.items():
        role_reads.note(role, table, len(scope), found_rows, sum(n for key, n in everyone.items() if key[0] == table))


@pytest.mark.requirement("LYR09", "SEC07")
def test_the_director_reads_sums_of_the_unit_with_no_customer_in_them_and_no_figure_of_a_small_group(
    ask: Ask, demo: Home
) -> None:
    [path] = role_files.path_of(demo, "DIRECTOR", "x").parent.iterdir()
    names = {name for (name,) in read(path, "select column_name from duckdb_columns() "
                                            "where not internal and schema_name <> 'access'")}
    assert not {name for name in names if name.endswith(("_token", "_key")) and name not in ("org_key", "service_key")}
    assert not names & {"customer_id", "subscription_id", "account_id", "staff_id", "circuit_id", "contract_id"}
    least = ask("select parameter_value from reference.parameters where parameter_code = 'small_group_customers'")[0][0]
    for table, groups in ask("select table_name, group_columns from reference.access_tables where roles = 'DIRECTOR'"):
        keys = groups.replace("|", ", ")
        shown = {row[:-2]: row[-2:] for row in read(path, f"select {keys}, group_status, customer_count from {table}")}
        counted = {row[:-1]: row[-1] for row in ask(f"""select {keys}, count(distinct customer_id) from {table}
            where customer_id <> '?' group by all""")}
        assert set(shown) == set(counted), table
        assert all(count == counted[group] if status == "ok" else count is None
                   for group, (status, count) in shown.items())
        assert all(shown[group][0] == "small_group" for group, count in counted.items() if count < least)
        role_reads.note("DIRECTOR", table, 1, len(shown), sum(ask(f"select count(*) from {table}")[0]),
                        sum(status != "ok" for status, _ in shown.values()))
    sums = "select month_start_date, org_id, sum(net_amt) from {} {} group by all having sum(net_amt) is not null"
    found, true = read(path, sums.format(MONTH, "")), ask(sums.format(MONTH, ""))
    assert found and set(found) <= set(true)


@pytest.mark.requirement("SEC07")
def test_no_file_holds_a_table_or_column_that_no_row_allows(ask: Ask, demo: Home) -> None:
    rules = {(table, role): (hidden or "").split("|") for table, roles, hidden in ask(
        "select table_name, roles, hidden_columns from reference.access_tables") for role in roles.split("|")}
    everything = {name for (name,) in ask("select schema_name || '.' || table_name from duckdb_tables() "
                                          "where database_name = 'published'")}
    for role in {role for _, role in rules}:
        path = next(role_files.path_of(demo, role, "x").parent.iterdir())
        columns = read(path, "select schema_name || '.' || table_name, column_name from duckdb_columns() "
                             "where not internal and schema_name <> 'access'")
        tables = {table for table, _ in columns}
        assert tables == {table for table, holder in rules if holder == role} & everything
        assert [name for table, name in columns if name.endswith("_token") or name in rules[table, role]] == []
        for table in sorted({table for table, _ in rules} - tables):
            role_reads.note(role, table, 0, 0, ask(f"select count(*) from {table}")[0][0])


def test_who_is_in_the_archive_but_left_has_no_file_while_the_team_keeps_the_customers(ask: Ask, demo: Home) -> None:
    left = {staff for (staff,) in ask(f"with {NEWEST} select distinct staff_id from ties inner join staff "
                                      "using (staff_id) where status_code <> 'ACTIVE'")}
    holders = {path.stem for path in role_files.path_of(demo, "ACCOUNT_MANAGER", "x").parent.iterdir()}
    assert holders and not holders & left
    over = ask("select role_code, holder_id from reference.access_holders where valid_to < '2026-03-01'")
    assert over and not [one for one in over if role_files.path_of(demo, *one).exists()]
