"""Marts of key accounts against what the sample operator knows: classes, the page of a customer, watch, potential."""

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

FLAGS = "is_important, is_high_value, is_group, is_strategic"


@pytest.mark.requirement("LCD01", "LCD06")
def test_classes_of_large_customers_are_the_true_ones_in_every_month(ask) -> None:
    found = f"""select strftime(as_of_month, '%Y%m'), customer_id, {FLAGS}, cast(revenue_amt * 100 as bigint)
        from mart.key_account_month where is_large"""
    true = f"""select cycle, cast(customer_id as varchar), {FLAGS}, net_fen from truth.large_customer_month"""
    assert differences(ask, found, true) == []
    classes = " + ".join(f"cast(large.{flag} as int)" for flag in FLAGS.split(", "))
    found = """select as_of_month, customer_id from mart.customer_segment
        where scheme_code = 'large_customer' and segment_code = 'special'"""
    true = f"""select cast(strptime(cycle, '%Y%m') as date), active.customer_id
        from truth.large_customer_month as large inner join mart.customer_value as active
            on active.customer_id = cast(large.customer_id as varchar) and active.is_active
            and strftime(active.as_of_month, '%Y%m') = cycle
        where {classes} >= 2"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA24", "LCK08")
def test_the_page_of_a_customer_has_every_month_and_its_mix_is_its_revenue(ask) -> None:
    (customers, months, rows), = ask("""select count(distinct customer_id), count(distinct as_of_month), count(*)
        from mart.key_account_month""")
    assert customers > 0 and 1 <= months <= 13 and rows <= customers * months
    found = """select as_of_month, customer_id, revenue_amt from mart.key_account_month where revenue_amt <> 0"""
    true = """select charges.billing_month, customers.customer_id, sum(charges.net_amt)
        from revenue.fct_bill_charge as charges inner join dim.dim_customer as customers using (customer_key)
        where customers.customer_id in (select customer_id from mart.key_account_month) group by all
        having sum(charges.net_amt) <> 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA23")
def test_every_large_customer_is_watched_and_every_break_has_a_reason_and_a_task(ask) -> None:
    found = "select as_of_month, customer_id from mart.key_account_watch"
    true = """select month_start_date, customer_id from key_accounts.fct_large_customer_month as large where is_large
        and exists (select 1 from mart.customer_value as listed where listed.customer_id = large.customer_id
            and listed.as_of_month = large.month_start_date)"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from mart.key_account_watch where is_break
        and (reason_code is null or task_id is null or task_due_on <= as_of_date)""") == [(0,)]
    assert ask("""select count(*) from mart.key_account_watch where n_obs < 6 and estimate is not null""") == [(0,)]


@pytest.mark.requirement("LCD25", "LCK09")
def test_no_large_customer_is_on_the_list_of_potential_ones_and_conversions_are_those_that_came(ask) -> None:
    assert ask("""select count(*) from mart.potential_key_account as listed
        inner join key_accounts.fct_large_customer_month as large on listed.customer_id = large.customer_id
            and listed.as_of_month = large.month_start_date and large.is_large""") == [(0,)]
    assert ask("""select count(*) from mart.potential_key_account
        where distance_amt <> greatest(high_value_line_amt - mean_revenue_amt, 0)""") == [(0,)]
    assert ask("""select count(*) from mart.potential_key_account where (is_converted is null) <>
        (as_of_month + interval 3 month > (select max(as_of_month) from mart.customer_value))""") == [(0,)]


@pytest.mark.requirement("LCD04", "SUB04")
def test_groups_at_the_top_hold_group_paid_and_member_paid_revenue_once(ask) -> None:
    found = """select strftime(as_of_month, '%Y%m'), cast(sum(group_paid_with_below_amt) * 100 as bigint),
            cast(sum(member_paid_with_below_amt) * 100 as bigint) from mart.group_month where is_top group by 1"""
    true = """select billing_cycle, cast(sum(case when payer_code = 'GROUP' then own_fen else 0 end) as bigint),
            cast(sum(case when payer_code = 'GROUP' then 0 else own_fen end) as bigint)
        from truth.group_revenue_month group by 1"""
    assert differences(ask, found, true) == []


def test_a_customer_has_one_line_with_the_latest_of_everything_and_no_name(ask) -> None:
    found = "select customer_id from mart.customer_360"
    assert differences(ask, found, "select customer_id from dim.dim_customer where is_current and customer_id <> '?'"
                       ) == []
    texts = ask("""select column_name from duckdb_columns() where schema_name = 'mart' and table_name = 'customer_360'
        and (column_name like '%phone%' or column_name like '%address%' or column_name like '%name')""")
    assert texts == []
