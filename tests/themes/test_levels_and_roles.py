"""Levels of the organisation and of its readers: one number from headquarters down to one customer."""

from __future__ import annotations

import re

import pytest

from orchestration import questions, settings
from tests.truth import answer, bass, differences

pytestmark = pytest.mark.slow

THEMES = {"customers", "usage", "revenue", "competition", "service_quality", "marketing", "key_accounts",
          "new_services", "partners"}
REPORTS = {"exp_vip_summary": "local_network_id, cycle_month",
           "exp_vip_serv_sum": "local_network_id, cycle_month, service_code, offer_id",
           "exp_vip_income_sum": "local_network_id, cycle_month, service_code, charge_item_code"}


@pytest.mark.requirement("ORG03")
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_has_one_row_for_a_local_network_cycle_and_code_and_none_finer(ask, report: str) -> None:
    table = f"key_accounts.{report}"
    assert ask(f"select {REPORTS[report]} from {table} group by all having count(*) > 1") == []
    assert ask(f"""select distinct orgs.org_level_code from {table} as report
        left join dim.dim_org as orgs on report.local_network_id = orgs.org_id and orgs.is_current""") == [("CITY",)]
    assert ask(f"select count(distinct cycle_month) from {table}") == ask("select count(*) from (select cycle "
                                                                         "from truth.month group by 1)")


def test_counties_roll_up_to_their_city_once_and_a_city_needs_none(ask) -> None:
    """Subscriptions hang on cities: a city without a county still loads, and joining counties counts nothing twice."""
    counties = ask("""select count(*), count(distinct counties.org_id), count(*) filter (where cities.org_id is null)
        from dim.dim_org as counties
        left join (select org_id from dim.dim_org where org_level_code = 'CITY' and is_current) as cities
            on counties.city_id = cities.org_id
        where counties.org_level_code = 'COUNTY' and counties.is_current""")[0]
    assert counties[0] == counties[1] > 0 and counties[2] == 0
    found = """select orgs.city_id, cast(sum(facts.reached_count) as bigint)
        from customers.fct_subscription_flow_day as facts inner join dim.dim_org as orgs using (org_key)
        where facts.snapshot_date = (select max(date) from truth.population_day) group by all"""
    true = """select cast(org_id as varchar), cast(sum(reached) as bigint) from truth.population_day
        where date = (select max(date) from truth.population_day) group by all having sum(reached) > 0"""
    assert differences(ask, f"select * from ({found}) as t(city, n) where n > 0", true) == []


@pytest.mark.requirement("ORG17")
def test_several_staff_of_one_customer_do_not_multiply_its_revenue(ask) -> None:
    """A large customer has an account and a service manager at once; the month names the one who answers for it."""
    assert ask("""select count(*) from (
        select months.customer_id, months.month_start_date from key_accounts.fct_large_customer_month as months
        inner join dim.bridge_customer_staff as staff on months.customer_id = staff.customer_id
            and months.month_start_date >= staff.valid_from and months.month_start_date < staff.valid_to
        group by all having count(distinct staff.role_code) > 1)""")[0][0] > 10
    found = """select strftime(months.month_start_date, '%Y%m'), cast(sum(months.net_amt) * 100 as bigint)
        from key_accounts.fct_large_customer_month as months
        inner join dim.dim_staff as staff on months.account_manager_staff_key = staff.staff_key
        where months.is_large group by all"""
    true = "select cycle, cast(sum(net_fen) as bigint) from truth.large_customer_month group by all"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LYR05")
def test_revenue_of_large_customers_opens_from_headquarters_to_the_bill_lines_of_one_customer(ask) -> None:
    summary = "select cycle_month, cast(sum(net_amt) as decimal(18, 2)) from key_accounts.exp_vip_summary group by all"
    customers = """select month_start_date, cast(sum(net_amt) as decimal(18, 2))
        from key_accounts.fct_large_customer_month where is_large group by all"""
    lines = """select charges.billing_month, cast(sum(charges.net_amt) as decimal(18, 2))
        from revenue.fct_bill_charge as charges
        inner join dim.dim_customer as customers on charges.customer_key = customers.customer_key
        semi join (select customer_id, month_start_date from key_accounts.fct_large_customer_month where is_large)
            as large on customers.customer_id = large.customer_id and charges.billing_month = large.month_start_date
        group by all"""
    assert differences(ask, summary, customers) == [] and differences(ask, customers, lines) == []
    kpi = """select period_start, cast(sum(numerator) as decimal(18, 2)) from kpi.fct_kpi_month
        where kpi_id = 'K22' and org_level_code = 'HQ' and period_start in (
            select month_start_date from key_accounts.fct_large_customer_month) group by all"""
    assert differences(ask, kpi, customers) == []


@pytest.mark.requirement("LYR01")
@pytest.mark.parametrize("grain", ["day", "month"])
def test_a_kpi_is_provisional_while_a_file_it_needs_is_waited_for_and_says_when_one_was_given_up(
    ask, grain: str
) -> None:
    """What does not reconcile is not even published: in front of readers every reconciliation agrees."""
    found = f"""select distinct kpi_id, period_start, status_code = 'provisional', status_reason is not null
        from kpi.fct_kpi_{grain} where is_in_force"""
    true = f"""select kpis.kpi_id, kpis.period_start,
            count(files.file_date) filter (files.minutes_late <= 1440 * rule.parameter_value) > 0,
            count(files.file_date) > 0
        from (select distinct kpi_id, definition_version, period_start, period_end from kpi.fct_kpi_{grain}
              where is_in_force) as kpis
        inner join reference.kpis as rules using (kpi_id, definition_version)
        inner join reference.parameters as rule on rule.parameter_code = 'file_wait_days'
        left join ops.ops_expected_file as files on list_contains(string_split(rules.feeds, '|'), files.contract_id)
            and files.state <> 'due' and files.file_date between period_start and period_end
        group by all"""
    assert differences(ask, found, true) == []
    assert ask("select bool_and(difference = 0), count(*) > 0 from ops.ops_reconciliation") == [(True, True)]


@pytest.mark.requirement("LYR10")
def test_the_report_of_group_customers_is_given_at_every_level_and_month_and_adds_up(ask) -> None:
    report = answer("key_accounts/24")
    true = """select cycle, cast(count(*) as bigint), cast(sum(net_fen) as bigint) from truth.large_customer_month
        where is_group group by all"""
    for level in ("CITY", "PROVINCE", "HQ"):
        found = f"""select strftime(month_start_date, '%Y%m'), cast(sum(customer_count) as bigint),
            cast(sum(net_amt) * 100 as bigint) from {report} where org_level_code = '{level}' group by all"""
        assert differences(ask, found, true) == []
    found = f"""select strftime(month_start_date, '%Y%m'), city_id, cast(net_amt * 100 as bigint) from {report}
        where org_level_code = 'CITY'"""
    true = """select cycle, cast(org_id as varchar), cast(sum(net_fen) as bigint) from truth.large_customer_month
        where is_group group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LYR12")
def test_the_ten_commonest_questions_of_a_theme_are_answered_by_one_command_each(demo) -> None:
    """No tool beside `bass` is needed: it lists the questions in words and prints the answer to one."""
    asked = questions.questions()
    for theme in THEMES:
        assert len([one for one in asked if one.name.startswith(f"{theme}/")]) >= 10
    assert all(re.search(r"[一-鿿]", one.title) for one in asked)
    said = bass(demo.root, "ask", asked[0].name)
    assert said.returncode == 0 and len(said.stdout.splitlines()) > 3, said.stderr


@pytest.mark.requirement("SUB01")
@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_theme_has_facts_conformed_dimensions_tests_a_page_and_questions(ask, theme: str) -> None:
    facts = [name for (name,) in ask(f"""select table_name from duckdb_tables() where database_name = 'published'
        and schema_name = '{theme}' and table_name like 'fct_%'""")]
    assert facts
    keys = {name for (name,) in ask(f"""select column_name from duckdb_columns() where database_name = 'published'
        and schema_name = '{theme}' and column_name like '%\\_key' escape '\\'""")}
    assert "org_key" in keys and len(keys & {"customer_key", "subscription_key", "channel_key", "partner_key",
                                             "counterpart_operator_key", "operator_key"}) > 0
    pages = (settings.DBT_PROJECT / "models" / theme).glob("*.yml")
    models = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert all(f"name: {fact}" in models for fact in facts) and f"theme_{theme}" in models
    assert models.count("unique_together") + models.count("unique") >= len(facts) and "relationships" in models
    assert len(list((settings.DBT_PROJECT / "analyses" / theme).glob("*.sql"))) >= 10


@pytest.mark.requirement("SUB05")
@pytest.mark.parametrize("kpi", ["K16", "K18", "K70", "K71"])
def test_a_kpi_of_data_services_is_given_for_every_level_and_month_and_adds_up(ask, kpi: str) -> None:
    months = ask("select count(distinct cycle) from truth.month")[0][0]
    levels = f"""select period_start, breakdown_code, org_level_code, sum(numerator) as n, sum(denominator) as d
        from kpi.fct_kpi_month where kpi_id = '{kpi}' and is_in_force group by all"""
    assert ask(f"select org_level_code, count(distinct period_start) from ({levels}) group by 1 order by 1") == [
        ("CITY", months), ("HQ", months), ("PROVINCE", months)]
    assert ask(f"""select period_start from ({levels}) group by period_start, breakdown_code
        having count(distinct n) > 1 or count(distinct d) > 1 or count(*) <> 3""") == []


@pytest.mark.requirement("LCK01")
@pytest.mark.parametrize(("one", "other"), [
    ("""select period_start, cast(numerator as bigint) from kpi.fct_kpi_day
        where kpi_id = 'K01' and org_level_code = 'HQ'""",
     """select snapshot_date, cast(count(*) filter (where is_counted) as bigint) from customers.fct_subscription_day
        group by all"""),
    ("select billing_month, cast(sum(net_amt) as decimal(18, 2)) from revenue.fct_bill group by all",
     """select revenue_month, cast(sum(net_amt) as decimal(18, 2)) from revenue.fct_revenue_month group by all"""),
    ("""select cycle_month, local_network_id, cast(sum(net_amt) as decimal(18, 2)) from key_accounts.exp_vip_income_sum
        group by all having sum(net_amt) <> 0""",
     """select month_start_date, org_id, cast(sum(net_amt) as decimal(18, 2))
        from key_accounts.fct_large_customer_month where is_large group by all having sum(net_amt) <> 0"""),
    ("""select event_date, cast(sum(record_count) as bigint) from usage.fct_usage_day group by all""",
     """select event_date, cast(count(*) as bigint) from usage.fct_usage_event group by all"""),
    ("""select entry_date, cast(count(*) as bigint) from marketing.fct_new_subscription group by all""",
     """select event_date, cast(count(*) as bigint) from customers.fct_subscription_event where is_new group by all"""),
], ids=["reached", "billed", "large customers", "records", "new"])
def test_two_themes_asked_for_the_same_number_give_the_same_number(ask, one: str, other: str) -> None:
    assert differences(ask, one, other) == []


@pytest.mark.requirement("LYR15")
@pytest.mark.parametrize(("fact", "role", "staff", "day"), [
    ("customers.fct_order", "staff_role_code", "staff_key", "facts.created_date"),
    ("key_accounts.fct_visit", "staff_role_code", "staff_key", "coalesce(facts.done_date, facts.due_on)"),
    ("service_quality.fct_ticket", "handler_role_code", "handler_staff_key", "facts.opened_date")])
def test_what_staff_do_counts_for_the_role_they_had_then(ask, fact: str, role: str, staff: str, day: str) -> None:
    """The role of the newest staff list of that day or, before the first one, of the first."""
    people = f"from {fact} as facts inner join dim.dim_staff as people on facts.{staff} = people.staff_key"
    found = f"""select people.staff_id, {day}, facts.{role}, count(*) {people} where people.staff_id <> '?'
        group by all"""
    true = f"""select people.staff_id, {day}, lists.role_code, count(*) {people}
        inner join (select *, row_number() over (partition by staff_id order by file_date) as n,
            coalesce(lead(file_date) over (partition by staff_id order by file_date), date '9999-12-31') as ends
            from raw.crm__staff) as lists on people.staff_id = lists.staff_id
            and ({day} >= lists.file_date or lists.n = 1) and {day} < lists.ends group by all"""
    assert differences(ask, found, true) == []
    changed = """select staff_id from dim.dim_staff_version group by staff_id having count(distinct role_code) > 1"""
    assert ask(f"select count(*) from ({changed})")[0][0] > 0
