"""Role files: each holder gets what the access seeds allow on the day, and nothing beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import access, role_files, settings
from orchestration.settings import Home
from tests import role_world
from tests.role_world import SLIP, read

OWN = ["C01", "C02", "C03", "C04", "C05"]
TEAM, OTHER_TEAM, DEPARTMENT = [*OWN, "C06", "C07"], ["C08", "C13"], [*OWN, "C06", "C07", "C08", "C13"]
FILES = ["ACCOUNT_MANAGER/A1.duckdb", "ACCOUNT_MANAGER/A2.duckdb", "ACCOUNT_MANAGER/B1.duckdb",
         f"ACCOUNT_MANAGER/{role_files.safe_name(SLIP)}.duckdb", "AREA_MANAGER/AREA1.duckdb",
         "AREA_MANAGER/AREA2.duckdb", "DEPARTMENT_MANAGER/DEP1.duckdb", "DIRECTOR/DIR1.duckdb"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the small world published and the files of it; to be read only."""
    made = settings.home(tmp_path_factory.mktemp("written"))
    made.published.mkdir()
    with duckdb.connect(str(made.published_database)) as connection:
        role_world.fill(connection)
    write(made)
    return made


@pytest.fixture
def home(tmp_path: Path, written: Home) -> Home:
    """The same home without the files, to be changed."""
    made = settings.home(tmp_path)
    made.published.mkdir()
    shutil.copyfile(written.published_database, made.published_database)
    return made


def change(home: Home, *statements: str) -> None:
    with duckdb.connect(str(home.published_database)) as connection:
        for statement in statements:
            connection.execute(statement)


def write(home: Home) -> None:
    role_files.put(home, role_files.make(home, home.published_database))


def seen(home: Home, role: str, holder: str, sql: str) -> list[tuple]:
    return read(role_files.path_of(home, role, holder), sql)


def tables(path: Path) -> set[str]:
    return {name for (name,) in read(path, "select schema_name || '.' || table_name from duckdb_tables()")}


@pytest.mark.requirement("LYR06", "LYR07", "LYR08", "SEC07")
@pytest.mark.parametrize(("role", "holder", "customers"), [
    ("ACCOUNT_MANAGER", "A1", OWN), ("ACCOUNT_MANAGER", SLIP, ["C08"]), ("AREA_MANAGER", "AREA1", TEAM),
    ("AREA_MANAGER", "AREA2", OTHER_TEAM), ("DEPARTMENT_MANAGER", "DEP1", DEPARTMENT)])
def test_a_holder_reads_all_months_of_the_customers_in_scope_and_no_others(written, role, holder, customers) -> None:
    found = seen(written, role, holder, "select customer_id, month from key_accounts.money order by all")
    assert found == [(customer, month) for customer in customers for month in (1, 2)]


def test_there_is_one_file_for_each_active_holder_of_the_day_and_no_other(written) -> None:
    """Who left, whose period is over, whom no list knows or whose unit does not exist has none."""
    assert role_files.listed(written) == sorted(FILES)


@pytest.mark.requirement("SEC07")
def test_a_table_without_a_row_is_in_no_file_nor_is_a_view_a_hidden_column_or_a_token(written) -> None:
    own, team = {"key_accounts.money", "dim.dim_org"}, {"key_accounts.money", "mart.flow"}
    allowed = {"ACCOUNT_MANAGER": own, "DIRECTOR": own, "AREA_MANAGER": team, "DEPARTMENT_MANAGER": team}
    for path in (written.published / "roles").rglob("*.duckdb"):
        assert tables(path) == allowed[path.parent.name] | {"access.access_file", "access.access_table"}
        assert read(path, "select count(*) from duckdb_views() where not internal") == [(0,)]
        names = {name for (name,) in read(path, "select column_name from duckdb_columns()")}
        assert not [name for name in names if name.endswith("_token") or name == role_files.WHOSE]
        assert ("rank_no" in names) == (path.parent.name != "ACCOUNT_MANAGER")
    assert seen(written, "AREA_MANAGER", "AREA2", "from mart.flow") == [("11200", 1)]
    assert seen(written, "DEPARTMENT_MANAGER", "DEP1", "select org_id from mart.flow order by 1") == [
        ("11000",), ("11100",), ("11200",)]


@pytest.mark.requirement("LYR09")
def test_a_small_group_shows_no_figure_and_neither_does_the_smallest_beside_it(home) -> None:
    """11100 has seven customers, 11200 four (of whom two are looked after), 12100 four: none below three, all shown."""
    def groups() -> list[tuple]:
        write(home)
        return seen(home, "DIRECTOR", "DIR1", "select org_id, group_status, customer_count, amt, is_large, rank_no "
                                              "from key_accounts.money where month = 1 order by 1")

    four = ("ok", 4, 45, 0, 20)
    assert groups() == [("11100", "ok", 7, 7 * 11.25, 1, 35), ("11200", *four), ("12100", *four)]
    change(home, "delete from key_accounts.money where customer_id in ('C09', 'C10')")
    nothing = ("small_group", None, None, None, None)
    assert groups() == [("11100", "ok", 7, 7 * 11.25, 1, 35), ("11200", *nothing), ("12100", *nothing)]
    names = {name for (name,) in read(role_files.path_of(home, "DIRECTOR", "DIR1"),
                                      "select column_name from duckdb_columns() where table_name = 'money'")}
    assert names == {"month", "org_id", "group_status", "customer_count", "amt", "is_large", "rank_no"}
    change(home, "update reference.parameters set parameter_value = 1")
    assert [row[1:3] for row in groups()] == [("ok", 7), ("ok", 4), ("ok", 2)]


@pytest.mark.requirement("ORG16")
def test_the_customers_of_a_level_are_those_of_the_level_below(written) -> None:
    question = "select count(distinct customer_id) from key_accounts.money"
    counts = {name: read(written.published / "roles" / name, question)
              for name in FILES if not name.startswith("DIRECTOR")}
    total = {role: sum(n for name, [(n,)] in counts.items() if name.startswith(role)) for role in
             ("ACCOUNT_MANAGER", "AREA_MANAGER", "DEPARTMENT_MANAGER")}
    assert total == {"ACCOUNT_MANAGER": 12, "AREA_MANAGER": 9, "DEPARTMENT_MANAGER": 9}  # C13's manager has left
    assert counts["ACCOUNT_MANAGER/B1.duckdb"] == [(4,)]  # of another department


def test_any_staff_number_makes_a_file_name_of_its_own_inside_the_folder(written) -> None:
    ids = ["../x", "..", ".", "", "a/b", "a\\b", "~", "A1", "a" * 300, "张三", "a\0b", "x'y", "C:", "A1.duckdb"]
    names = [role_files.safe_name(one) for one in ids]
    assert len(set(names)) == len(ids) and all("/" not in name and "." not in name for name in names)
    folder = (written.published / "roles").resolve()
    assert all(role_files.path_of(written, "R/..", one).resolve().parent.parent == folder for one in ids)
    assert seen(written, "ACCOUNT_MANAGER", SLIP, "select holder_id from access.access_file") == [(SLIP,)]
    assert {path.relative_to(written.root).parts[0] for path in written.root.rglob("*")} == {"published"}


@pytest.mark.requirement("SEC06", "SEC07")
def test_files_and_folders_are_open_to_their_owner_only(home, monkeypatch) -> None:
    monkeypatch.setenv("BASS_UMASK", "0")
    before = os.umask(0)
    try:
        write(home)
    finally:
        os.umask(before)
    folder = home.published / "roles"
    assert {oct(path.stat().st_mode & 0o777) for path in [folder, *folder.iterdir()]} == {"0o700"}
    assert {oct((folder / name).stat().st_mode & 0o777) for name in FILES} == {"0o600"}


@pytest.mark.requirement("SEC06")
def test_what_a_holder_writes_into_a_file_is_gone_with_the_next_build_and_changes_nothing_else(home) -> None:
    write(home)
    path = role_files.path_of(home, "ACCOUNT_MANAGER", "A1")
    before = home.published_database.read_bytes()
    with duckdb.connect(str(path)) as connection:
        connection.execute("update key_accounts.money set amt = 0, customer_id = 'C09'")
    write(home)
    assert seen(home, "ACCOUNT_MANAGER", "A1", "select count(*) from key_accounts.money where amt > 0") == [(10,)]
    assert home.published_database.read_bytes() == before


def test_who_loses_a_customer_or_the_role_loses_it_with_the_next_build(home) -> None:
    write(home)
    change(home, "update dim.bridge_customer_staff set staff_id = 'A2' where customer_id = 'C01' and staff_id = 'A1'",
           "update dim.dim_staff set status_code = 'LEFT' where staff_id = 'DEP1'",
           "delete from reference.access_holders where holder_id = 'AREA2'")
    write(home)
    gone = {"AREA_MANAGER/AREA2.duckdb", "DEPARTMENT_MANAGER/DEP1.duckdb"}
    assert role_files.listed(home) == sorted(set(FILES) - gone)
    for holder, customers in {"A1": OWN[1:], "A2": ["C01", "C06", "C07"]}.items():
        found = seen(home, "ACCOUNT_MANAGER", holder, "select distinct customer_id from key_accounts.money order by 1")
        assert found == [(customer,) for customer in customers]


@pytest.mark.parametrize("step", [1, 2])
def test_a_kill_between_the_old_files_and_the_new_leaves_none_that_is_old_and_the_next_build_repairs_it(
    home, monkeypatch, step: int
) -> None:
    write(home)
    change(home, "delete from reference.access_holders where holder_id = 'AREA2'")
    replace, done = os.replace, []

    def die(source, target):
        done.append(target)
        if len(done) == step:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            write(home)
    assert role_files.listed(home) == (sorted(FILES) if step == 1 else [])
    write(home)
    assert role_files.listed(home) == sorted(set(FILES) - {"AREA_MANAGER/AREA2.duckdb"})
    assert [path.name for path in home.published.iterdir()
            if path.name.startswith((role_files.MADE, role_files.GONE))] == []


@pytest.mark.parametrize(("change_", "said"), [
    ("access_tables set hidden_columns = 'rankno' where hidden_columns = 'rank_no'", "no column rankno"),
    ("access_tables set group_columns = 'customer_id' where group_columns is not null", "who it is"),
    ("access_tables set group_columns = null", "no group_columns"),
    ("access_tables set roles = 'DIRECTOR|ACCOUNT_MANAGER' where roles = 'DIRECTOR'", "more than one row"),
    ("access_tables set roles = 'DIRECTOR' where scope_code = 'UNIT'", "cannot be counted"),
    ("access_tables set roles = 'ACCOUNT_MANAGER' where scope_code = 'UNIT'", "for a role that has none"),
    ("access_tables set roles = 'CHIEF' where scope_code = 'UNIT'", "access_roles does not have"),
    ("access_tables set scope_code = 'EVERY' where scope_code = 'UNIT'", "scope EVERY"),
    ("access_tables set scope_column = null where scope_code = 'UNIT'", "scope without a column"),
    ("access_roles set view_code = 'SOME'", "view SOME"),
    ("parameters set parameter_code = 'other'", "small_group_customers is missing")])
def test_seeds_that_contradict_themselves_hand_out_nothing_and_say_why(home, change_: str, said: str) -> None:
    change(home, f"update reference.{change_}")
    with pytest.raises(access.AccessError, match=said):
        role_files.make(home, home.published_database)
    assert sorted(path.name for path in home.published.iterdir()) == ["bass.duckdb"]


@pytest.mark.parametrize("statement", [
    "drop table reference.access_tables", "drop table dim.bridge_customer_staff",
    "delete from customers.fct_subscription_day", "delete from dim.dim_staff"])
def test_where_a_list_is_missing_or_empty_nobody_has_a_file(home, statement: str) -> None:
    write(home)
    change(home, statement)
    write(home)
    assert role_files.listed(home) == [] and not (home.published / "roles").exists()


def test_tables_have_the_comments_of_the_published_ones_and_a_file_says_whose_it_is(written) -> None:
    comments = "select comment from duckdb_tables() where table_name = 'money'"
    columns = "select column_name, comment from duckdb_columns() where comment is not null and table_name = 'money'"
    assert seen(written, "AREA_MANAGER", "AREA1", comments) == [("One row per customer's month. (金额)",)]
    assert dict(seen(written, "DIRECTOR", "DIR1", columns)).keys() == {"amt", "customer_count", "group_status"}
    assert seen(written, "DIRECTOR", "DIR1", "select role_code, holder_id, as_of_date::varchar, small_group_customers "
                                          "from access.access_file") == [("DIRECTOR", "DIR1", role_world.DAY, 3)]
