"""dbt in process: windows, the prepared manifest, a working database that cannot be used."""

import os
from datetime import date

import duckdb
import pytest

from orchestration import contracts, settings, steps, transform

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def built(home, deliver):
    """A home with two days landed and built."""
    deliver(FIRST, ("1", "A", 100))
    deliver(SECOND, ("2", "A", 200))
    _land(home)
    steps.build(home)
    return home


def _land(home):
    known = contracts.load_all(home.contracts)
    for name, days in steps.settle(home).items():
        steps.land(home, known[name], days)


def _amounts(home, table="revenue.fct_sale"):
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return dict(connection.execute(f"select file_date, amount_fen from {table}").fetchall())


def _change_lake(home, day, amount):
    """Another amount in the lake, behind the ledger's back."""
    path = home.raw / "billing__sale" / f"file_date={day}" / "part.parquet"
    duckdb.execute(f"create or replace temp table t as select * replace ({amount} as amount_fen) from '{path}'")
    duckdb.execute(f"copy t to '{path}' (format parquet)")


def test_the_window_reaches_the_models_without_parsing_again(built, monkeypatch):
    _change_lake(built, FIRST, 111)
    _change_lake(built, SECOND, 222)
    calls, invoke = [], transform.invoke
    monkeypatch.setattr(transform, "invoke", lambda home, a, *rest: calls.append(a[0]) or invoke(home, a, *rest))

    transform.run(built, from_date=SECOND, to_date=THIRD)

    assert calls == ["build"]
    assert _amounts(built) == {FIRST: 100, SECOND: 222}
    assert _amounts(built, "revenue.fct_sale_day") == {FIRST: 100, SECOND: 222}


def test_a_build_takes_the_days_that_landed_since_the_last_one(built, deliver):
    _change_lake(built, FIRST, 111)
    deliver(THIRD, ("3", "A", 300))
    _land(built)

    assert steps.pending(built) == (THIRD, date(2026, 3, 4))
    steps.build(built)

    assert _amounts(built) == {FIRST: 100, SECOND: 200, THIRD: 300}
    assert steps.pending(built) is None


def test_a_changed_model_builds_everything_from_nothing(built):
    _change_lake(built, FIRST, 111)
    model = settings.DBT_PROJECT / "models" / "revenue" / "fct_sale.sql"
    model.write_text(model.read_text() + "-- another text\n")

    transform.run(built, from_date=SECOND, to_date=THIRD)

    assert _amounts(built) == {FIRST: 111, SECOND: 200}


def test_a_red_check_tells_the_first_row_that_it_found(home, deliver):
    models = settings.DBT_PROJECT / "models" / "revenue" / "_models.yml"
    models.write_text(models.read_text() + """    data_tests:
      - never_null: {arguments: {columns: [sale_id, buyer_token, file_date]}}
""")
    deliver(FIRST, ("1", "A", 100), ("2", "", -5), ("3", "", 20))
    _land(home)

    red = {node.name.split("_fct_sale")[0]: node.message for node in steps.build(home) if node.status == "fail"}

    assert red.keys() == {"never_null", "sales_are_not_negative"}
    assert red["never_null"].endswith("the first: column_name buyer_token, row_count 2")
    assert "sale_id 2" in red["sales_are_not_negative"] and "amount_fen -5" in red["sales_are_not_negative"]


@pytest.mark.parametrize("damage", [b"", b"not a database", bytes(40_000)])
def test_a_damaged_working_database_is_built_again(built, damage):
    built.warehouse.write_bytes(damage)
    said = []

    transform.run(built, from_date=SECOND, to_date=THIRD, progress=said.append)

    assert any("building everything" in text for text in said)
    assert _amounts(built) == {FIRST: 100, SECOND: 200}


def test_an_incremental_table_that_is_missing_is_not_built_for_the_window_only(built):
    with duckdb.connect(str(built.warehouse)) as connection:
        connection.execute("drop table revenue.fct_sale")

    transform.run(built, from_date=SECOND, to_date=THIRD)

    assert _amounts(built) == {FIRST: 100, SECOND: 200}


def test_a_model_that_does_not_parse_is_named(built):
    (settings.DBT_PROJECT / "models" / "revenue" / "fct_wrong.sql").write_text("select * from {{ ref('nowhere') }}")

    with pytest.raises(transform.TransformError, match=r"fct_wrong.*nowhere"):
        transform.run(built)
    assert _amounts(built) == {FIRST: 100, SECOND: 200}


def test_a_test_that_fails_and_a_model_that_breaks_are_results(built, deliver):
    deliver(THIRD, ("3", "A", -1))
    _land(built)

    nodes = {node.name: node for node in steps.build(built)}

    assert (nodes["sales_are_not_negative"].status, nodes["sales_are_not_negative"].failures) == ("fail", 1)
    assert nodes["fct_sale_day"].status == "skipped"
    assert not transform.last_build(built).is_complete
    assert steps.pending(built) == (THIRD, date(2026, 3, 4))


def test_comments_stand_in_the_database(built):
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        comment = connection.execute("select comment from duckdb_tables() where table_name = 'fct_sale'").fetchone()
    assert comment == ("One row per sale. (销售)",)


def test_a_run_leaves_no_trace_in_the_environment(built):
    before = dict(os.environ)
    transform.run(built)
    assert dict(os.environ) == before
