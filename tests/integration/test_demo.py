"""The main job: `bass demo` from nothing to a published file, compared with what the sample operator knows to be true.

The demo runs once, as a user runs it. The truth folder is sealed: only tests read it. What each theme must find is
in tests/themes.
"""

from __future__ import annotations

import json
import resource

import duckdb
import pytest

from orchestration import transform
from orchestration.settings import Home
from tests.truth import bass, differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("LCK02")
def test_every_schema_of_the_themes_is_filled_and_documented(ask) -> None:
    counts = dict(ask("select schema_name, count(*) from duckdb_tables() where database_name = 'published' group by 1"))
    themes = {"customers", "usage", "revenue", "competition", "service_quality", "marketing", "key_accounts",
              "new_services", "partners"}
    assert {"dim", *themes, "kpi", "ops"} <= counts.keys()
    tables = "from duckdb_tables() where database_name = 'published'"
    assert ask(f"select table_name {tables} and comment is null and schema_name <> 'reference'") == []
    assert ask("""select table_name, column_name from duckdb_columns() where database_name = 'published'
        and comment is null and schema_name not in ('raw', 'reference')""") == []
    empty = {name for (name,) in ask(f"select schema_name || '.' || table_name {tables}")
             if ask(f"select count(*) from {name}")[0][0] == 0}
    unclosed = {"kpi.fct_kpi_closed", "ops.ops_late_record", "ops.ops_restated_kpi", "ops.ops_restatement",
                "ops.ops_restatement_queue"}  # no month of the demo has been closed
    undelivered = {"features.feature_customer_cost"}  # no feed tells cost
    assert empty == {"usage.fct_usage_copy"} | unclosed | undelivered  # nor is there a copy of a record on another day


def test_every_file_has_the_state_that_the_operator_expects(ask) -> None:
    found = "select file_name, state from ops.ops_file where state not in ('control', 'missing')"
    true = "select file_name, expected_state from truth.file where expected_state <> 'control'"
    assert differences(ask, found, true) == []


def test_missing_quarter_hours_are_on_the_board(ask) -> None:
    found = """select file_date, right(file_name, 4) from ops.ops_file
               where state = 'missing' and contract_id = 'network__measurement'"""
    true = "select date, strftime(timestamp '2026-01-01' + to_minutes(15 * quarter), '%H%M') from truth.missing_quarter"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCK14")
def test_counts_equal_the_truth_feed_by_feed_and_day_by_day(ask) -> None:
    columns = "delivered_rows, accepted_rows, rejected_rows, duplicate_rows"
    sums = ", ".join(f"cast(sum({name}) as bigint)" for name in columns.split(", "))
    found = f"select contract_id, file_date, {sums} from ops.ops_file where state = 'accepted' group by all"
    assert differences(ask, found, f"select contract_id, file_date, {columns} from truth.feed_day") == []


def test_sums_equal_the_truth_feed_by_feed_and_day_by_day(ask) -> None:
    columns = "delivered_total, accepted_total, rejected_total, duplicate_total"
    sums = ", ".join(f"cast(sum({name}) as bigint)" for name in columns.split(", "))
    found = f"select contract_id, file_date, column_name, {sums} from ops.ops_file_total group by all"
    assert differences(ask, found, f"select contract_id, file_date, column_name, {columns} from truth.feed_total") == []


def test_every_reconciliation_is_zero(ask) -> None:
    assert ask("select count(*) > 0 from ops.ops_reconciliation")[0][0]
    assert ask("select * from ops.ops_reconciliation where difference <> 0") == []


@pytest.mark.parametrize(("kpi", "measure"), [("K01", "reached"), ("K02", '"new"'), ("K03", '"left"'),
                                              ("K04", '"new" - "left" + regained')])
def test_daily_subscription_kpis_equal_the_truth(ask, kpi: str, measure: str) -> None:
    found = f"""select period_start, org_id, cast(numerator as bigint) from kpi.fct_kpi_day
        where kpi_id = '{kpi}' and org_level_code = 'CITY' and numerator <> 0"""
    true = f"""select date, cast(org_id as varchar), cast({measure} as bigint) from truth.population_day
        where {measure} <> 0"""
    assert differences(ask, found, true) == []


MONTH = {
    "K11": ("billing_subscriptions", None),
    "K13": ("cast(net_fen as decimal(18, 2)) / 100", "(opening_reached + closing_reached) / 2.0"),
    "K15": ("billed_minutes", "(opening_reached + closing_reached) / 2.0"),
    "K34": ("complaints", "(opening_reached + closing_reached) / 2.0"),
    "K37": ("handle_s", "handled_contacts"),
}


@pytest.mark.parametrize("kpi", MONTH)
def test_monthly_kpis_equal_the_truth(ask, kpi: str) -> None:
    numerator, denominator = MONTH[kpi]
    found = f"""select strftime(period_start, '%Y%m'), org_id, round(cast(numerator as double), 4)
        from kpi.fct_kpi_month
        where kpi_id = '{kpi}' and org_level_code = 'CITY' and org_id <> '?' and numerator <> 0"""
    true = f"select cycle, cast(org_id as varchar), round(cast({numerator} as double), 4) from truth.month"
    assert differences(ask, found, f"{true} where {numerator} <> 0") == []
    if denominator:
        found = found.replace("numerator as double)", "denominator as double)")
        true = f"select cycle, cast(org_id as varchar), round(cast({denominator} as double), 4) from truth.month"
        assert differences(ask, found, f"{true} where {numerator} <> 0") == []


@pytest.mark.requirement("ORG01")
def test_cities_sum_to_provinces_and_provinces_to_headquarters(ask) -> None:
    assert ask("""
        with level_total as (
            select period_type, kpi_id, definition_version, breakdown_code, period_start, org_level_code,
                   sum(numerator) as n, sum(denominator) as d
            from (select 'month' as period_type, * from kpi.fct_kpi_month
                  union all by name select 'day' as period_type, * from kpi.fct_kpi_day)
            where rollup_code = 'sum' group by all)
        select kpi_id, period_start from level_total
        group by period_type, kpi_id, definition_version, breakdown_code, period_start
        having count(distinct n) > 1 or count(distinct d) > 1 or count(*) <> 3""") == []


def test_bill_charges_and_arrears_equal_the_truth(ask) -> None:
    found = """select b.billing_cycle, c.charge_item_code, cast(sum(c.net_amt) * 100 as bigint)
        from revenue.fct_bill_charge c join revenue.fct_bill b using (bill_id) group by all"""
    true = """select cycle, charge_item_code, cast(sum(net_fen) as bigint) from truth.charge_month
        group by all"""
    assert differences(ask, found, true) == []


def test_levels_are_those_of_a_real_operator(ask) -> None:
    value = dict(ask("""select kpi_id, avg(kpi_value) from kpi.fct_kpi_month
        where org_level_code = 'HQ' and kpi_id in ('K13', 'K15', 'K06', 'K54') group by 1"""))
    assert 35 < value["K13"] < 90 and 200 < value["K15"] < 700 and 0.001 < value["K06"] < 0.05


@pytest.mark.requirement("CUS01")
def test_no_clear_number_or_name_is_in_lake_or_published_file(demo: Home) -> None:
    line = next((demo.landing / "billing").glob("i_*_01001_*.dat")).read_bytes().split(b"\n")[0].decode("gb18030")
    number = next((demo.landing / "billing").glob("i_*_02004_*.dat")).read_bytes().split(b"\n")[0].split(b"|")[3]
    name, document = line.split("|")[2:4]
    assert len(number) == 11 and len(document) == 18
    for path in [*demo.lake.rglob("*.parquet"), demo.published_database]:
        text = path.read_bytes()
        for secret in (name.encode(), document.encode(), number):
            assert secret not in text, path


def test_the_unit_tests_of_the_models_pass(demo: Home) -> None:
    said = transform.invoke(demo, ["test", "--select", "test_type:unit"])
    outcomes = {r.node.name: str(r.status) for r in said.results if r.node.resource_type == "unit_test"}
    assert len(outcomes) >= 20 and set(outcomes.values()) == {"pass"}, outcomes


def test_no_left_join_of_a_model_compares_all_pairs(demo: Home) -> None:
    """What DuckDB makes of a left join with a condition on the left side alone: it belongs into the key, by `case`."""
    folder = demo.work / "dbt" / "target" / "compiled" / "bass" / "models"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*/*.sql")}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.warehouse}' as bass (read_only)")
        connection.execute("use bass")
        plans = {name: json.loads(connection.execute(f"explain (format json) {text}").fetchone()[1])
                 for name, text in texts.items() if "left join" in text}
    assert len(plans) > 50
    assert [name for name, plan in plans.items() if any(compares_all_pairs(node) for node in plan)] == []


def compares_all_pairs(node: dict) -> bool:
    loops = node["name"].strip() == "BLOCKWISE_NL_JOIN" and node["extra_info"].get("Join Type") != "INNER"
    return loops or any(compares_all_pairs(child) for child in node["children"])


def test_a_second_run_changes_nothing_and_is_quick(demo: Home) -> None:
    before = (demo.published / "bass.json").read_bytes()
    before_s = _cpu_of_commands()
    said = bass(demo.root, "run")
    assert said.returncode == 0 and "nothing new" in said.stdout
    assert _cpu_of_commands() - before_s < 15
    assert (demo.published / "bass.json").read_bytes() == before


def _cpu_of_commands() -> float:
    """Seconds of CPU that ended child processes have taken: other tests run beside this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_status_is_readable_by_programs(demo: Home) -> None:
    said = json.loads(bass(demo.root, "status", "--json").stdout)
    assert said["published"]["is_current"] and said["problems"] == []
