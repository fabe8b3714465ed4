"""Theme 3, revenue, against the truth: bills, arrears and their control list, collection, leakage, concentration."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


def test_every_header_is_the_sum_of_its_items(ask) -> None:
    assert ask("""select bill_id from revenue.fct_bill as bills inner join (select bill_id, sum(gross_amt) as gross_amt,
            sum(discount_amt) as discount_amt, sum(net_amt) as net_amt, sum(tax_amt) as tax_amt
            from revenue.fct_bill_charge group by bill_id) as items using (bill_id)
        where (bills.gross_amt, bills.discount_amt, bills.net_amt, bills.tax_amt)
            <> (items.gross_amt, items.discount_amt, items.net_amt, items.tax_amt)""") == []
    assert ask("""select count(*) from revenue.fct_bill where bill_id not in (
        select bill_id from revenue.fct_bill_charge)""") == [(0,)]


@pytest.mark.requirement("CUS04")
def test_arrears_roll_forward_and_equal_the_truth(ask) -> None:
    columns = ("opening", "billed", "paid", "adjusted", "closing")
    found = f"""select strftime(receivable_month, '%Y%m'), account_id, {', '.join(
        f'cast(100 * {name}_amt as bigint)' for name in columns)} from revenue.fct_receivable_month
        where opening_amt <> 0 or billed_amt <> 0 or paid_amt <> 0 or adjusted_amt <> 0"""
    true = f"""select cycle, cast(account_id as varchar), {', '.join(f'{name}_fen' for name in columns)}
        from truth.arrears_month"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("CUS02")
def test_spending_of_every_customer_is_the_sum_of_the_bill_lines(ask) -> None:
    found = """select d.customer_id, strftime(f.revenue_month, '%Y%m'), cast(sum(100 * f.net_amt) as bigint)
        from revenue.fct_revenue_month as f inner join dim.dim_customer as d using (customer_key) group by 1, 2"""
    lines = """select owners.customer_id, left(items.bill_id, 6), cast(sum(items.net_fen) as bigint)
        from raw.billing__bill_item as items
        inner join (select distinct subscription_id, customer_id from raw.billing__subscription) as owners
            using (subscription_id) group by 1, 2"""
    assert differences(ask, found, lines) == []


@pytest.mark.requirement("CUS04")
def test_arrears_by_age_are_those_of_the_billing_system(ask) -> None:
    found = "select account_id, month_end, sum(arrears_amt) from revenue.fct_arrears_snapshot group by 1, 2"
    raw = """select account_id, snapshot_on, 0.01 * sum(not_due_fen + days_0_30_fen + days_31_60_fen + days_61_90_fen
        + days_91_180_fen + days_181_365_fen + days_over_365_fen) from raw.billing__arrears group by 1, 2"""
    assert differences(ask, f"select a, b, cast(c as decimal(18, 2)) from ({found}) as t(a, b, c)",
                       f"select a, b, cast(c as decimal(18, 2)) from ({raw}) as t(a, b, c)") == []


def test_leakage_equals_what_was_planted(ask) -> None:
    found = """select leakage_kind_code, cast(sum(record_count) as bigint), cast(sum(100 * leakage_amt) as bigint)
        from revenue.fct_leakage group by 1"""
    true = """select upper(kind), count(*), cast(sum(due_fen - rated_fen) as bigint) from truth.leakage_record
        group by 1 union all select 'UNBILLED', count(*), cast(sum(due_fen) as bigint) from truth.leakage_fee"""
    assert differences(ask, found, true) == []


def test_every_fee_forgotten_is_found_and_no_other(ask) -> None:
    found = """select strftime(leakage_date, '%Y%m'), subscription_id, cast(100 * expected_amt as bigint)
        from revenue.fct_leakage where leakage_kind_code = 'UNBILLED'"""
    true = "select cycle, cast(subscription_id as varchar), due_fen from truth.leakage_fee"
    assert differences(ask, found, true) == []


MONTHLY = {
    "K14": ("net_fen / 100.0", "billing_subscriptions"),
    "K28": ("adjusted_fen / 100.0", None),
}


@pytest.mark.parametrize("kpi", MONTHLY)
def test_monthly_revenue_kpis_equal_the_truth(ask, kpi: str) -> None:
    numerator, denominator = MONTHLY[kpi]
    for column, true_column in (("numerator", numerator), ("denominator", denominator)):
        if true_column is None:
            continue
        found = f"""select strftime(period_start, '%Y%m'), org_id, round(cast({column} as double), 2)
            from kpi.fct_kpi_month where kpi_id = '{kpi}' and org_level_code = 'CITY' and org_id <> '?'
            and {column} <> 0"""
        true = f"""select cycle, cast(org_id as varchar), round(cast({true_column} as double), 2) from truth.month
            where {true_column} <> 0"""
        assert differences(ask, found, true) == []


def test_data_revenue_is_that_of_the_data_items(ask) -> None:
    """The truth holds all subscriptions, so the charges of excluded ones are added to what the KPI counts."""
    found = """select strftime(billing_month, '%Y%m'), cast(sum(100 * net_amt) as bigint) from revenue.fct_bill_charge
        where charge_item_code = 'DATA' group by 1"""
    true = """select cycle, cast(sum(net_fen) as bigint) from truth.charge_month where charge_item_code = 'DATA'
        group by 1"""
    assert differences(ask, found, true) == []
    assert ask("""select sum(k.numerator) = (select sum(c.net_amt) from revenue.fct_bill_charge as c
            inner join dim.dim_subscription as s using (subscription_key)
            where c.charge_item_code = 'DATA' and not s.is_excluded)
        from kpi.fct_kpi_month as k where k.kpi_id = 'K18' and k.org_level_code = 'HQ'""") == [(True,)]


def test_collection_within_30_days_equals_the_truth(ask) -> None:
    found = """select strftime(period_start, '%Y%m'), cast(100 * denominator as bigint) from kpi.fct_kpi_month
        where kpi_id = 'K26' and breakdown_code = 'D30' and org_level_code = 'HQ'"""
    true = """select billing_cycle, cast(sum(owed_fen) as bigint) from truth.bill
        where issued_on + 30 <= (select max(date) from truth.population_day) group by 1"""
    assert differences(ask, found, true) == []


def test_collected_within_30_days_is_what_payments_say(ask) -> None:
    """Postpaid bills by their payments; prepaid ones are paid from the advance on the day of issue."""
    found = """select strftime(period_start, '%Y%m'), cast(100 * numerator as bigint) from kpi.fct_kpi_month
        where kpi_id = 'K26' and breakdown_code = 'D30' and org_level_code = 'HQ'"""
    true = """select b.billing_cycle, cast(sum(case when b.is_prepaid then b.owed_fen - b.adjusted_fen
            else coalesce(p.paid_fen, 0) end) as bigint)
        from truth.bill as b left join (select p.bill_id, sum(p.amount_fen) as paid_fen from raw.billing__payment as p
            inner join truth.bill as t on p.bill_id = cast(t.bill_id as varchar)
            where cast(p.paid_at as date) <= t.issued_on + 30 group by 1) as p on cast(b.bill_id as varchar) = p.bill_id
        where b.issued_on + 30 <= (select max(date) from truth.population_day) group by 1"""
    assert differences(ask, found, true) == []


def test_arrears_of_a_month_by_age_are_those_of_the_billing_system(ask) -> None:
    found = """select strftime(period_start, '%Y%m'), breakdown_code, cast(100 * sum(numerator) as bigint)
        from kpi.fct_kpi_month where kpi_id = 'K24' and org_level_code = 'CITY' group by 1, 2"""
    told = """select strftime(snapshot_on, '%Y%m'), unnest(['0-30', '31-60', '61-90', '91-180', '181-365', '>365']),
        unnest([sum(days_0_30_fen), sum(days_31_60_fen), sum(days_61_90_fen), sum(days_91_180_fen),
            sum(days_181_365_fen), sum(days_over_365_fen)]) from raw.billing__arrears group by 1"""
    assert differences(ask, found, f"select a, b, cast(c as bigint) from ({told}) as t(a, b, c) where c <> 0") == []


def test_on_time_payment_counts_each_bill_that_is_due(ask) -> None:
    found = """select strftime(period_start, '%Y%m'), cast(denominator as bigint) from kpi.fct_kpi_month
        where kpi_id = 'K25' and breakdown_code = 'BILLS' and org_level_code = 'HQ'"""
    true = """select billing_cycle, count(*) from truth.bill
        where due_on <= (select max(date) from truth.population_day) group by 1"""
    assert differences(ask, found, true) == []


def test_shares_of_the_segments_add_up_to_one(ask) -> None:
    assert ask("""select period_start, org_id from kpi.fct_kpi_month where kpi_id = 'K20' group by all
        having sum(numerator) <> max(denominator)""") == []


def test_growth_is_the_difference_of_two_months(ask) -> None:
    rows = ask("""select growth.numerator, this.numerator - base.numerator, growth.denominator, base.numerator
        from kpi.fct_kpi_month as growth
        inner join kpi.fct_kpi_month as this on this.kpi_id = 'K13' and this.org_id = growth.org_id
            and this.org_level_code = growth.org_level_code and this.period_start = growth.period_start
        inner join kpi.fct_kpi_month as base on base.kpi_id = 'K13' and base.org_id = growth.org_id
            and base.org_level_code = growth.org_level_code
            and base.period_start + interval 1 month = growth.period_start
        where growth.kpi_id = 'K19' and growth.breakdown_code = 'POP' and growth.org_level_code = 'HQ'""")
    assert rows and all(a == b and c == d for a, b, c, d in rows)


@pytest.mark.requirement("LCD09")
def test_the_top_fifth_is_counted_again_from_the_charges_for_every_month_and_city(ask) -> None:
    spend = """select c.billing_month, {org} as org_id, d.customer_id, sum(c.net_amt) as amount
        from revenue.fct_bill_charge as c
        inner join dim.dim_subscription as s using (subscription_key)
        inner join dim.dim_customer as d on c.customer_key = d.customer_key
        inner join dim.dim_org as o on c.org_key = o.org_key
        where not s.is_excluded group by all having sum(c.net_amt) > 0"""
    for level, org in (("HQ", "o.hq_id"), ("CITY", "o.city_id")):
        true = f"""select billing_month, org_id,
                cast(sum(amount) filter (where place <= ceil(customers * 0.2)) as double),
                cast(sum(amount) as double)
            from (select *, count(*) over (partition by billing_month, org_id) as customers,
                row_number() over (partition by billing_month, org_id order by amount desc, customer_id) as place
            from ({spend.format(org=org)})) group by all"""
        found = f"""select period_start, org_id, cast(numerator as double), cast(denominator as double)
            from kpi.fct_kpi_month where kpi_id = 'K21' and org_level_code = '{level}'"""
        assert differences(ask, found, true) == []


def test_billing_errors_are_the_bills_credited_for_one(ask) -> None:
    assert ask("""select sum(numerator) = (select count(distinct bill_id) from revenue.fct_adjustment
            where reason_code = 'BILLING_ERROR'), sum(denominator) = (select count(*) from revenue.fct_bill)
        from kpi.fct_kpi_month where kpi_id = 'K29' and org_level_code = 'HQ'""") == [(True, True)]


def test_leakage_by_day_is_the_truth_by_day_and_city(ask) -> None:
    found = """select period_start, org_id, breakdown_code, cast(100 * numerator as bigint) from kpi.fct_kpi_day
        where kpi_id = 'K30' and org_level_code = 'CITY' and breakdown_code <> 'UNBILLED'"""
    true = """select date, cast(org_id as varchar), upper(kind), cast(sum(due_fen - rated_fen) as bigint)
        from truth.leakage_record group by 1, 2, 3"""
    assert differences(ask, found, true) == []
