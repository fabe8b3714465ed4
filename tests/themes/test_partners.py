"""Theme 9, cooperating parties, against the truth: settlement, differences, commission, farming."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("OPR05")
def test_our_side_of_the_settlement_is_right_to_the_fen(ask):
    """Fees less refunds at the share of the day of the fee, one change of rate in the middle of a month included."""
    found = """select strftime(settlement_month, '%Y%m'), partner_id, service_code, direction_code, own_quantity,
               cast(100 * own_gross_amt as bigint), cast(100 * own_payable_amt as bigint)
               from partners.fct_partner_settlement where difference_kind_code <> 'not_ours'"""
    true = """select cycle, partner_id, service_code, direction_code, quantity, gross_fen, payable_fen
              from truth.partner_settlement"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("OPR05")
def test_a_rate_holds_from_its_first_day(ask):
    """The share on the day before a change is the old one, on the day itself the new one."""
    rows = ask("""select count(*) filter (where charges.charge_date < rates.valid_from
                  or charges.charge_date >= rates.valid_to or charges.share_rate <> rates.share_rate), count(*)
                  from new_services.fct_service_charge as charges
                  left join dim.dim_partner_rate as rates on charges.partner_rate_key = rates.partner_rate_key""")
    assert rows[0][0] == 0 < rows[0][1]
    assert ask("""select count(*) from (select partner_id, service_code from dim.dim_partner_rate
                  group by all having count(*) > 1)""")[0][0] == 2


def test_every_settlement_difference_is_found_with_its_kind_and_no_other(ask):
    found = """select strftime(settlement_month, '%Y%m'), partner_id, service_code, difference_kind_code
               from partners.fct_partner_settlement where difference_kind_code <> 'none'"""
    true = "select cycle, partner_id, service_code, difference_kind_code from truth.settlement_difference"
    assert differences(ask, found, true) == []


def test_the_settlement_kpi_is_the_sum_of_the_differences_not_agreed(ask):
    found = """select strftime(period_start, '%Y%m'), cast(numerator as bigint) from kpi.fct_kpi_month
               where kpi_id = 'K68' and org_level_code = 'HQ' and breakdown_code = 'LINES'"""
    true = """select cycle, count(*) from truth.settlement_difference where difference_kind_code <> 'tolerated'
              group by cycle"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SAL04")
def test_commission_is_found_by_number_and_rule(ask):
    found = """select strftime(commission_month, '%Y%m'), dealer_id, subscription_id, rule_code,
               cast(100 * commission_amt as bigint) from partners.fct_dealer_commission"""
    true = """select cycle, dealer_id, cast(subscription_id as varchar), rule_code, amount_fen from truth.commission
              where error_code <> 'FORGOTTEN'"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SAL04")
def test_numbers_brought_by_agents_are_all_found(ask):
    found = """select dealer_id, subscription_id, opened_on from partners.fct_dealer_number
               where active_on is not null"""
    true = "select dealer_id, cast(subscription_id as varchar), opened_on from truth.dealer_number"
    assert differences(ask, found, true) == []


def test_commission_paid_twice_or_not_taken_back_is_found(ask):
    found = """select subscription_id, 'TWICE' from partners.fct_dealer_number where activate_difference_amt < 0
               union all select subscription_id, 'FORGOTTEN' from partners.fct_dealer_number
               where clawback_missing_amt > 0"""
    true = "select cast(subscription_id as varchar), error_code from truth.commission where error_code <> ''"
    assert differences(ask, found, true) == []
    others = "activate_difference_amt > 0 or stay_difference_amt <> 0 or clawback_missing_amt < 0"
    assert ask(f"select count(*) from partners.fct_dealer_number where {others}") == [(0,)]


def test_the_farmed_numbers_are_suspected_and_no_others(ask):
    """Exact: of the numbers watched to the end, those the operator farmed are those suspected."""
    found = "select subscription_id from partners.fct_dealer_number where is_suspected_farming"
    true = """select cast(farmed.subscription_id as varchar) from truth.farmed_number as farmed
              inner join partners.fct_dealer_number as numbers
                  on cast(farmed.subscription_id as varchar) = numbers.subscription_id
              where numbers.is_judged and coalesce(numbers.left_on >= numbers.watched_until, true)"""
    assert differences(ask, found, true) == []


def test_the_farming_agent_has_the_worst_quality_index(ask):
    rows = ask("""select breakdown_code, sum(numerator) / sum(denominator) as quality_index from kpi.fct_kpi_month
                  where kpi_id = 'K66' and org_level_code = 'HQ' and breakdown_code <> 'ALL'
                  group by breakdown_code having sum(denominator) >= 4 order by quality_index""")
    farmer = ask("""select numbers.dealer_id from truth.farmed_number as farmed
                    inner join partners.fct_dealer_number as numbers
                        on cast(farmed.subscription_id as varchar) = numbers.subscription_id group by all""")
    if not rows:
        pytest.skip("no agent has brought four numbers that were watched to the end: the sample is too small")
    assert rows[0][0] == farmer[0][0] and len(farmer) == 1


def test_commission_over_revenue_of_new_is_equal_when_counted_from_bills_and_the_operators_tables(ask):
    found = """select strftime(period_start, '%Y%m'), cast(round(100 * numerator) as bigint),
               cast(round(100 * denominator) as bigint) from kpi.fct_kpi_month
               where kpi_id = 'K67' and org_level_code = 'HQ'"""
    true = """select cycle, cast(sum(paid) as bigint), cast(sum(billed) as bigint)
              from (select cycle, amount_fen as paid, 0 as billed from truth.commission where error_code <> 'FORGOTTEN'
                    union all
                    select strftime(billing_month, '%Y%m'), 0, 100 * net_amt
                    from revenue.fct_bill_charge as bills
                    inner join truth.dealer_number as numbers
                        on bills.subscription_id = cast(numbers.subscription_id as varchar)
                    where date_diff('month', opened_on, billing_month) between 0 and 2)
              group by cycle"""
    assert differences(ask, found, true) == []


def test_the_quality_index_is_equal_when_counted_from_single_records(ask):
    """Another route: numbers and leaving from the operator's tables, use from usage events, charges from bills."""
    found = """select strftime(period_start, '%Y%m'), org_id, cast(numerator as bigint), cast(denominator as bigint)
               from kpi.fct_kpi_month where kpi_id = 'K66' and org_level_code = 'CITY' and breakdown_code = 'ALL'"""
    true = """
        with numbers as (
            select cast(subscription_id as varchar) as id, substr(dealer_id, 2, 5) as org_id, opened_on
            from truth.dealer_number where opened_on + 30 <= (select max(date) + 1 from truth.population_day)),
        gone as (select cast(subscription_id as varchar) as id, min(date) as day from truth.subscription_event
                 where status_code in (2010, 2020, 2040) group by all),
        used as (select numbers.id, count(distinct event_date) as days from numbers
                 inner join usage.fct_usage_event as events on numbers.id = events.subscription_id
                     and event_date >= opened_on and event_date < opened_on + 30 group by all),
        billed as (select subscription_id as id, sum(net_amt) as net_amt from revenue.fct_bill_charge group by all),
        judged as (
            select numbers.*, coalesce(gone.day >= opened_on + 30, true) as is_there, coalesce(days, 0) as days,
            coalesce(net_amt, 0) as net_amt
            from numbers left join gone using (id) left join used using (id) left join billed using (id))
        select strftime(opened_on, '%Y%m'), org_id, cast(sum(case when is_there then 40 else 0 end
            + case when days = 0 or is_there and days <= 1 then 0 else 40 end
            + case when net_amt > 0 then 20 else 0 end) as bigint), count(*)
        from judged group by all"""
    assert differences(ask, found, true) == []


def test_a_suspended_partner_has_a_version_of_its_own(ask):
    rows = ask("""select status_code, count(*) from dim.dim_partner where partner_id = 'SP906' group by all
                  order by status_code""")
    assert rows == [("ACTIVE", 1), ("SUSPENDED", 1)]
