"""Reports on large customers and on those who look after them: sales, managers, growth, needs, circuits, headcount."""

from __future__ import annotations

import pytest

from tests.truth import answer, differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("SAL03")
def test_sales_by_method_are_all_contracts_signed(ask) -> None:
    found = f"""select sales_method_code, cast(sum(contract_count) as bigint), sum(value_amt)
        from {answer('key_accounts/21')} group by all"""
    true = "select sales_method_code, count(*), sum(value_amt) from key_accounts.fct_contract group by all"
    assert differences(ask, found, true) == []
    assert ask("select count(*) from key_accounts.fct_contract") == ask(
        "select count(distinct contract_id) from raw.crm__contract")
    assert ask(f"select count(distinct sales_method_code) from {answer('key_accounts/21')}")[0][0] > 1


@pytest.mark.requirement("SAL05")
def test_the_pipeline_by_manager_is_the_pipeline_and_its_outcome_is_the_truth(ask) -> None:
    report = answer("key_accounts/22")
    assert differences(ask, f"select cast(sum(open_count) as bigint), sum(open_amt), sum(weighted_amt) from {report}",
                       """select count(*), sum(value_amt), sum(weighted_value_amt) from key_accounts.fct_opportunity
                           where is_open""") == []
    assert ask(f"""select count(*) > 5, bool_and(roles.role_code = 'SALES' or roles.role_code = 'MANAGER')
        from {report} as report inner join dim.dim_staff as roles using (staff_id)""") == [(True, True)]
    closed = "closed_on <= (select max(date) from truth.population_day)"
    assert ask(f"select cast(sum(won_count) as bigint) from {report}") == ask(
        f"select count(*) from truth.opportunity where wins and {closed}")


@pytest.mark.requirement("LCD23")
def test_growth_by_segment_compares_the_same_customers_in_both_months(ask) -> None:
    report = answer("key_accounts/23")
    segments = "segment_code in ('large', 'public', 'organisation')"
    assert ask(f"select count(*) > 3 from {report} where {segments}") == [(True,)]
    found = f"select revenue_month, cast(sum(net_amt) as decimal(18, 2)) from {report} group by all"
    true = """with spend as (select charges.billing_month as month, customers.customer_id, sum(charges.net_amt) as amt
            from revenue.fct_bill_charge as charges
            inner join dim.dim_customer as customers on charges.customer_key = customers.customer_key
            where customers.customer_id <> '?' group by all)
        select month, cast(sum(amt) as decimal(18, 2)) from spend
        where (customer_id, month - interval 1 month) in (select (customer_id, cast(month as timestamp)) from spend)
        group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCD24")
def test_service_effort_per_revenue_counts_every_contact_and_every_yuan_once(ask) -> None:
    report = answer("key_accounts/26")
    assert ask(f"select cast(sum(contact_count) as bigint), cast(sum(handle_s) as bigint) from {report}") == ask(
        "select cast(sum(contacts) as bigint), cast(sum(handle_s) as bigint) from truth.contact_day")
    assert ask(f"select cast(sum(net_amt) * 100 as bigint) from {report}") == ask(
        "select cast(sum(net_fen) as bigint) from truth.charge_month")
    assert ask(f"""select count(handle_s_per_1000_yuan) from {report}
        where segment_code in ('large', 'public')""") == [(2,)]


@pytest.mark.requirement("ANA24")
def test_changes_of_spending_and_products_are_flagged_customer_by_customer(ask) -> None:
    report = answer("key_accounts/27")
    found = f"""select strftime(month_start_date, '%Y%m'), customer_id, is_spend_changed from {report}
        where month_start_date > (select min(month_start_date) from {report})"""
    true = """with spend as (select strftime(bills.billing_month, '%Y%m') as cycle, customers.customer_id,
                sum(bills.net_amt) as amt from revenue.fct_bill_charge as bills
            inner join dim.dim_customer as customers on bills.customer_key = customers.customer_key group by all)
        select large.cycle, cast(large.customer_id as varchar),
            coalesce(abs(large.net_fen - 100 * spend.amt) > 30 * nullif(spend.amt, 0), false)
        from truth.large_customer_month as large
        left join spend on spend.customer_id = cast(large.customer_id as varchar)
            and strptime(spend.cycle, '%Y%m') + interval 1 month = strptime(large.cycle, '%Y%m')
        where large.cycle > (select min(cycle) from truth.large_customer_month)"""
    assert differences(ask, found, true) == []
    assert ask(f"select count(*) filter (where is_spend_changed) > 0, count(*) filter (where is_mix_changed) > 0 "
               f"from {report}") == [(True, True)]


@pytest.mark.requirement("NET03")
def test_every_circuit_of_a_customer_has_both_ends_access_port_and_status(ask) -> None:
    assert ask("""select count(*) from dim.dim_circuit where circuit_id <> '?' and (a_end_site_id is null
        or b_end_site_id is null or access_type_code is null or port_type_code is null or status_code is null
        or not is_a_end_known or not is_b_end_known)""") == [(0,)]
    found = """select circuits.circuit_id, customers.customer_id from dim.dim_circuit as circuits
        inner join dim.dim_customer as customers on circuits.customer_id = customers.customer_id
        where circuits.is_current and customers.is_current and customers.customer_id <> '?'"""
    assert differences(ask, found, """select circuit_id, max_by(customer_id, file_date) from raw.network__circuit
        group by 1""") == []


@pytest.mark.requirement("OPR06")
def test_headcount_by_unit_and_month_is_that_of_the_staff_list(ask) -> None:
    found = f"""select month_end_date, city_id, cast(sum(headcount) as bigint)
        from {answer('key_accounts/25')} group by all"""
    true = """with staff as (select staff_id, max_by(org_id, file_date) as org_id, max_by(hired_on, file_date) as hired,
                max_by(left_on, file_date) as gone from raw.crm__staff group by 1),
            months as (select last_day(max(date)) as month_end from truth.population_day
                group by date_trunc('month', date))
        select month_end, org_id, count(*) from staff, months
        where hired <= month_end and (gone is null or gone > month_end) group by all"""
    assert differences(ask, found, true) == []
