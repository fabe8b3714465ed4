"""Customer value and segments against what the sample operator knows: sums, one segment each, classes, migration."""

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

SCHEMES = {"behaviour", "value_class", "decile", "rfm", "activity", "preference", "large_customer"}


@pytest.mark.requirement("LCD16", "LCD17")
def test_the_value_of_all_customers_is_the_revenue_of_theme_3_less_cost_in_every_month(ask) -> None:
    found = """select as_of_month, sum(economic_amt), sum(revenue_amt) from mart.customer_value group by 1"""
    true = """select billing_month, sum(net_amt), sum(net_amt) from revenue.fct_bill_charge group by 1"""
    assert differences(ask, found, true) == []
    assert ask("""select distinct value_basis, cost_status from mart.customer_value""") == [
        ("net revenue", "not delivered")]


@pytest.mark.requirement("ANA20", "CUS14", "CUS15", "CUS16")
def test_every_active_customer_is_in_exactly_one_segment_of_each_scheme_and_month(ask) -> None:
    found = "select as_of_month, scheme_code, customer_id from mart.customer_segment"
    true = f"""select month_start_date, scheme_code, customer_id from (
            select distinct months.month_start_date, customers.customer_id
            from customers.fct_subscription_month as months
            inner join dim.dim_customer as customers using (customer_key)
            where months.is_counted and not months.is_excluded and customers.customer_id <> '?'
                and month_start_date in (select revenue_month from revenue.fct_revenue_month)
        ) cross join (values {', '.join(f"('{scheme}')" for scheme in sorted(SCHEMES))}) as schemes(scheme_code)"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("CUS14")
def test_classes_of_value_hold_the_shares_that_the_parameters_say_and_tell_their_cut_offs(ask) -> None:
    for customers, high, medium, low, overlap in ask("""
            select count(*), count(*) filter (where value_class_code = 'high'),
                count(*) filter (where value_class_code = 'medium'), count(*) filter (where value_class_code = 'low'),
                min(margin_amt) filter (where value_class_code = 'high')
                    >= max(margin_amt) filter (where value_class_code = 'medium')
            from mart.customer_value where is_active group by as_of_month"""):
        assert high + medium + low == customers and overlap
        assert high == pytest.approx(0.2 * customers, abs=0.02 * customers + 1)
    assert ask("""select count(*) from mart.segment_scheme
        where scheme_code = 'value_class' and segment_code <> 'unknown' and class_from_amt is null""") == [(0,)]


@pytest.mark.requirement("CUS15", "CUS16")
def test_labels_state_the_behaviour_and_no_use_is_a_class_of_its_own(ask) -> None:
    assert ask("""select count(*) from mart.customer_segment
        where segment_label is null or length(segment_label) < 5""") == [(0,)]
    found = """select as_of_month, customer_id from mart.customer_segment
        where scheme_code = 'activity' and segment_code = 'ZERO'"""
    true = """select stages.month_start_date, customers.customer_id
        from customers.fct_subscription_stage_month as stages inner join dim.dim_customer as customers
            using (customer_key)
        where stages.month_start_date in (select as_of_month from mart.customer_segment) and customers.customer_id in (
            select customer_id from mart.customer_segment where as_of_month = stages.month_start_date)
        group by all having max(stages.active_day_count) = 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA20")
def test_the_rows_of_each_migration_add_up_to_one_and_hold_everybody(ask) -> None:
    found = """select scheme_code, as_of_month, from_segment_code, cast(sum(customer_count) as bigint)
        from mart.segment_migration where from_segment_code <> '(new)' group by all"""
    true = """select scheme_code, cast(as_of_month + interval 1 month as date), segment_code, count(*)
        from mart.customer_segment as before
        where scheme_code <> 'behaviour' and as_of_month < (select max(as_of_month) from mart.customer_segment)
        group by all"""
    assert differences(ask, f"select * from ({found}) where scheme_code <> 'behaviour'", true) == []
    assert ask("""select count(*) from (select 1 from mart.segment_migration group by scheme_code, as_of_month,
        from_segment_code having abs(sum(customer_share) - 1) > 1e-9)""") == [(0,)]
    assert {scheme for (scheme,) in ask("select distinct scheme_code from mart.segment_migration")} == SCHEMES


def test_a_scheme_of_behaviour_stays_frozen_from_month_to_month(ask) -> None:
    (versions, months), = ask("""select count(distinct scheme_version), count(distinct as_of_month)
        from mart.customer_segment where scheme_code = 'behaviour'""")
    assert months > 1 and versions == 1
    assert ask("""select count(*) from mart.customer_segment where status = 'ok' and scheme_code = 'behaviour'
        and scheme_version = '?'""") == [(0,)]


@pytest.mark.requirement("CUS17", "LCD15")
def test_lifetime_values_say_what_they_rest_on_or_why_there_is_none(ask) -> None:
    assert ask("""select count(*) from mart.customer_value where (status = 'ok') <> (estimate is not null)
        or (status = 'ok' and (horizon_months <> 36 or retention is null or monthly_discount is null))""") == [(0,)]
    newest = "as_of_month = (select max(as_of_month) from mart.customer_value)"
    assert ask(f"""select count(*) from mart.customer_value
        where is_active and {newest} and status = 'pending'""") == [(0,)]
    ranks = ask(f"""select count(*) filter (where spend_rank is null), count(*) filter (where estimate is not null
            and value_rank is null) from mart.customer_value where {newest}""")
    assert ranks == [(0, 0)]
    assert ask(f"""select count(*) from mart.value_model_card where section_code = 'overlap' and {newest}""") == [(1,)]


def test_how_much_lies_with_how_few_is_counted(ask) -> None:
    rows = ask("""select estimate, ci_low, ci_high, true_share from mart.value_model_card as card inner join (
            select as_of_month, sum(revenue_amt) filter (where 5 * place <= n) / sum(revenue_amt) as true_share
            from (select *, row_number() over (partition by as_of_month order by revenue_amt desc) as place,
                count(*) over (partition by as_of_month) as n from mart.customer_value where is_active)
            group by all) using (as_of_month) where item_code = 'top_20_share'""")
    assert rows
    for estimate, low, high, true in rows:
        assert low <= estimate <= high and estimate == pytest.approx(float(true), abs=0.002)
