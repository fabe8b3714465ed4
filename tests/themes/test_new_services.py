"""Theme 8, new services, against what the sample operator knows: orders, fees, refunds, messages, leakage."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


def test_each_order_relation_is_found_with_its_days(ask):
    found = """select subscription_id, service_code, partner_id, ordered_date, ended_date
               from new_services.fct_service_order_relation"""
    true = """select cast(subscription_id as varchar), service_code, partner_id, ordered_on, ended_on
              from truth.service_relation"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCK20")
def test_the_stock_of_every_month_end_is_that_of_the_orders_that_hold(ask):
    found = """select days.snapshot_date, days.org_id, days.service_code, days.partner_id, days.closing_count
               from new_services.fct_service_relation_day as days
               inner join dim.dim_date as dates on days.snapshot_date = dates.calendar_date
               where dates.is_month_end and days.closing_count > 0"""
    true = """select days.day, cast(org_id as varchar), service_code, partner_id, count(*)
              from truth.service_relation
              inner join (select distinct snapshot_date as day from new_services.fct_service_relation_day) as days
                  on ordered_on <= days.day and (ended_on is null or ended_on > days.day)
              where days.day = last_day(days.day) group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCK20")
def test_each_fee_is_due_on_its_day_to_the_fen(ask):
    found = """select subscription_id, org_id, service_code, partner_id, charge_date, cast(100 * fee_amt as bigint)
               from new_services.fct_service_charge"""
    true = """select cast(subscription_id as varchar), cast(org_id as varchar), service_code, partner_id, charged_on,
              fee_fen from truth.service_charge"""
    assert differences(ask, found, true) == []


def test_what_is_due_and_not_billed_is_what_was_planted(ask):
    found = """select subscription_id, strftime(billing_month, '%Y%m'), cast(100 * unbilled_amt as bigint)
               from new_services.fct_service_billing_month where unbilled_amt > 0"""
    true = """select cast(subscription_id as varchar), cycle, sum(fee_fen) from truth.unbilled_relation group by all"""
    assert differences(ask, found, true) == []
    assert ask("select sum(overbilled_amt) from new_services.fct_service_billing_month")[0][0] == 0


def test_each_refund_is_found_with_its_reason(ask):
    found = """select subscription_id, service_code, partner_id, refund_date, reason_code, source_code,
               cast(100 * refund_amt as bigint) from new_services.fct_service_refund"""
    true = """select cast(subscription_id as varchar), service_code, partner_id, refunded_on, reason_code, source_code,
              fee_fen from truth.service_refund"""
    assert differences(ask, found, true) == []


def test_messages_are_those_sent_and_the_unwanted_ones_are_the_spam(ask):
    found = """select strftime(message_date, '%Y%m'), org_id, service_code, partner_id, record_type_code = 'MO',
               not is_ordered, send_status_code, sum(message_count), sum(content_bytes)
               from new_services.fct_gateway_message_day group by all"""
    true = """select cycle, cast(org_id as varchar), service_code, partner_id, is_mo, is_spam, send_status_code,
              messages, content_bytes from truth.message_month"""
    assert differences(ask, found, true) == []


def test_the_partner_whose_orders_were_forced_has_the_most_refunds(ask):
    """The planted seller: half of its orders are forced, cancelled within days and mostly refunded."""
    forced = ask("select distinct partner_id from truth.service_relation where is_forced")
    worst = ask("""select partner_id from new_services.fct_service_refund
                   where reason_code = 'NOT_ORDERED' group by partner_id order by count(*) desc""")
    if not forced:
        pytest.skip("nothing was forced: the sample is too small")
    assert worst[:1] == forced[:1] and len(forced) == 1


def test_services_take_off_and_stall_as_planted(ask):
    rows = dict(ask("""
        select service_code, count(*) filter (where month = last_month) - count(*) filter (where month = first_month)
        from (select service_code, strftime(ordered_date, '%Y%m') as month from new_services.fct_service_order_relation
              where not is_stock) cross join
             (select min(cycle) as first_month, max(cycle) as last_month from truth.service_charge) group by all"""))
    assert rows["VAS_VIDEO"] > 0 > rows["VAS_NEWS"]


def test_the_refund_rate_recomputed_from_staging_and_truth_is_equal(ask):
    found = """select period_start, breakdown_code, numerator, denominator from kpi.fct_kpi_day
               where kpi_id = 'K70' and org_level_code = 'HQ'"""
    true = """select day, service_code, cast(sum(back) as decimal(38, 6)) / 100, cast(sum(fee) as decimal(38, 6)) / 100
              from (select refunded_on as day, service_code, fee_fen as back, 0 as fee from truth.service_refund
                    union all select charged_on, service_code, 0, fee_fen from truth.service_charge) group by all"""
    assert differences(ask, f"select period_start, breakdown_code, cast(numerator as double),"
                            f" cast(denominator as double) from ({found})",
                       f"select day, service_code, cast(column2 as double), cast(column3 as double)"
                       f" from ({true}) as t(day, service_code, column2, column3)") == []


def test_penetration_recomputed_from_the_messages_is_equal(ask):
    """Users of a month: distinct subscriptions with a request, as the operator knows them; reached as planted."""
    found = """select period_start, org_id, replace(breakdown_code, ' PENETRATION', ''), cast(numerator as bigint),
               cast(denominator as bigint) from kpi.fct_kpi_month where kpi_id = 'K71' and org_level_code = 'CITY'
               and breakdown_code like '% PENETRATION' and numerator > 0"""
    true = """select strptime(users.cycle, '%Y%m')::date, cast(users.org_id as varchar), service_code,
              cast(sum(users) as bigint), any_value(reached)
              from (select cycle, org_id, service_code, sum(users) as users from truth.message_month
                    where is_mo group by all) as users
              inner join (select strftime(date, '%Y%m') as cycle, org_id, reached from truth.population_day
                          where date = last_day(date)) as stock
                  on users.cycle = stock.cycle and users.org_id = stock.org_id group by all"""
    assert differences(ask, found, true) == []


def test_the_active_user_rate_has_as_base_those_who_had_ordered(ask):
    found = """select strftime(period_start, '%Y%m'), replace(breakdown_code, ' ACTIVE', ''),
               cast(denominator as bigint) from kpi.fct_kpi_month
               where kpi_id = 'K71' and org_level_code = 'HQ' and breakdown_code like '% ACTIVE'"""
    true = """select cycle, service_code, count(distinct subscription_id) from truth.service_relation
              inner join (select distinct cycle from truth.service_charge) as months
                  on strftime(ordered_on, '%Y%m') <= cycle
                  and (ended_on is null or strftime(ended_on, '%Y%m') >= cycle) group by all"""
    assert differences(ask, found, true) == []
