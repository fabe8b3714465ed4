"""What is known of customers: who they are, what they pay less, what happened to them, how they come and go."""

from __future__ import annotations

import pytest

from tests.truth import answer, differences

pytestmark = pytest.mark.slow

KINDS = {"order": ("customers.fct_order", "order_id"), "bill": ("revenue.fct_bill", "bill_id"),
         "payment": ("revenue.fct_payment", "payment_id"), "contact": ("service_quality.fct_contact", "contact_id"),
         "ticket": ("service_quality.fct_ticket", "ticket_id")}


@pytest.mark.requirement("CUS01")
def test_customers_of_one_name_stay_apart_and_one_with_two_contracts_is_one_row(ask) -> None:
    current = "dim.dim_customer where is_current and customer_id <> '?'"
    assert ask(f"select customer_id from {current} group by 1 having count(*) > 1") == []
    assert ask(f"select count(*) from (select name_token from {current} group by 1 having count(*) > 1)")[0][0] > 10
    assert ask("""select count(*) from (select customer_id from dim.dim_account where is_current and account_id <> '?'
        group by 1 having count(distinct account_id) > 1)""")[0][0] > 5
    assert ask(f"select count(distinct customer_id) from {current}") == ask(
        "select count(distinct customer_id) from raw.billing__customer")


@pytest.mark.requirement("CUS05")
def test_discounts_of_every_month_and_city_are_those_given_and_lead_to_an_offer_or_an_approver(ask) -> None:
    assert ask("select count(*) from revenue.fct_bill_charge where gross_amt - discount_amt <> net_amt") == [(0,)]
    assert ask("select count(*) from revenue.fct_bill where gross_amt - discount_amt <> net_amt") == [(0,)]
    found = """select strftime(charges.billing_month, '%Y%m'), charges.charge_item_code,
            cast(sum(charges.discount_amt) * 100 as bigint)
        from revenue.fct_bill_charge as charges
        inner join dim.dim_subscription as subscriptions on charges.subscription_key = subscriptions.subscription_key
        inner join dim.dim_offer as offers on subscriptions.offer_id = offers.offer_id
        where charges.discount_amt <> 0 and offers.offer_id <> '?' group by all"""
    true = """select cycle, charge_item_code, cast(sum(discount_fen) as bigint) from truth.charge_month
        group by all having sum(discount_fen) <> 0"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from revenue.fct_adjustment as waivers
        left join dim.dim_staff as staff on waivers.approver_staff_key = staff.staff_key
        where coalesce(staff.role_code, '?') <> 'APPROVER'""") == [(0,)]


@pytest.mark.requirement("CUS11")
def test_the_timeline_of_a_customer_holds_all_that_happened_in_time_order(ask) -> None:
    rows = ask(f"select customer_id, happened_at, kind, id from {answer('customers/13')}")
    assert {row[2] for row in rows} >= {"order", "bill", "payment", "contact"} and len({row[0] for row in rows}) == 1
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    for kind, (fact, column) in KINDS.items():
        true = ask(f"""select {column} from {fact} inner join dim.dim_customer using (customer_key)
            where dim_customer.customer_id = '{rows[0][0]}' order by 1""")
        assert sorted(row[3] for row in rows if row[2] == kind) == [one for (one,) in true]


@pytest.mark.requirement("ANA04")
def test_development_by_channel_and_package_adds_up_to_that_of_the_city(ask) -> None:
    report = answer("customers/14")
    found = f"""select city_id, strftime(month, '%Y%m'), cast(sum(new_count) as bigint)
        from {report} group by all having sum(new_count) > 0"""
    true = """select cast(org_id as varchar), strftime(date, '%Y%m'), cast(sum("new") as bigint)
        from truth.population_day group by all having sum("new") > 0"""
    assert differences(ask, found, true) == []
    found = f"select strftime(month, '%Y%m'), cast(sum(reached_count) as bigint) from {report} group by all"
    true = """select strftime(date, '%Y%m'), cast(sum(reached) as bigint) from truth.population_day
        where date in (select max(date) from truth.population_day group by strftime(date, '%Y%m')) group by all"""
    assert differences(ask, found, true) == []
    found = f"select strftime(month, '%Y%m'), cast(sum(net_added_count) as bigint) from {report} group by all"
    true = """select strftime(date, '%Y%m'), cast(sum("new" + regained - "left") as bigint) from truth.population_day
        group by all"""
    assert differences(ask, found, true) == []
    replaced = ask("""select count(*) from truth.re_entry where kind = 'whole'""")[0][0]
    netted, really = ask(f"select sum(re_entry_count), sum(new_count) - sum(really_new_count) from {report}")[0]
    assert netted == really >= replaced > 0


@pytest.mark.requirement("ANA22")
@pytest.mark.parametrize("view", ["04: cause", "05: direction", "07: quantity", "15: structure"])
def test_four_views_of_churn_add_up_to_the_same_total(ask, view: str) -> None:
    total = {"04": "leavers", "05": "leavers", "07": "left_count", "15": "left_count"}[view[:2]]
    found = ask(f"select cast(sum({total}) as bigint), count(*) from {answer(f'customers/{view[:2]}')}")[0]
    assert found[0] == ask("select count(*) from truth.leaver where is_counted")[0][0] and found[1] > 1


@pytest.mark.requirement("CUS16")
def test_activity_is_counted_again_from_the_records_and_zero_is_a_class_of_its_own(ask) -> None:
    """Share of counted days with a call or message of its own or data: from 80 % high, from 40 % medium, else low."""
    found = """select subscription_id, month_start_date, active_day_count, activity_class_code
        from customers.fct_subscription_stage_month"""
    true = """with days as (
            select subscription_id, date_trunc('month', event_date)::date as month_start_date,
                count(distinct event_date) as active
            from usage.fct_usage_event where direction_code in ('MO', 'NONE') group by all),
        counted as (
            select subscription_id, date_trunc('month', snapshot_date)::date as month_start_date,
                count(*) filter (where is_counted) as days, max_by(subscription_key, snapshot_date) as subscription_key,
                max_by(state_code, snapshot_date) as last_state_code
            from customers.fct_subscription_day group by all)
        select subscription_id, month_start_date, coalesce(active, 0), case when active is null then 'ZERO'
            when active >= 0.8 * days then 'HIGH' when active >= 0.4 * days then 'MEDIUM' else 'LOW' end
        from counted inner join dim.dim_subscription using (subscription_key, subscription_id)
        left join days using (subscription_id, month_start_date)
        left join reference.subscription_states as states on last_state_code = states.state_code
        where not is_excluded and not coalesce(is_invalid, false)"""
    assert differences(ask, found, true) == []
    classes = ask("select distinct activity_class_code from customers.fct_subscription_stage_month")
    assert {name for (name,) in classes} >= {"HIGH", "MEDIUM", "ZERO"}


@pytest.mark.requirement("CUS19")
def test_stages_of_life_agree_with_who_left_who_came_and_who_fell_silent(ask) -> None:
    stage = "select subscription_id, {} from customers.fct_subscription_stage_month where lifecycle_stage_code = '{}'"
    true = """select cast(subscription_id as varchar), max(left_on) from truth.leaver where is_counted
        group by subscription_id, date_trunc('month', left_on)"""
    assert differences(ask, stage.format("snapshot_date", "lost"), true) == []
    found = """select org_id, month_start_date, cast(count(*) as bigint)
        from customers.fct_subscription_stage_month inner join dim.dim_org using (org_key)
        where lifecycle_stage_code not in ('lost', 'prospect') and is_complete group by all"""
    true = """select cast(org_id as varchar), date_trunc('month', date)::date, cast(reached as bigint)
        from truth.population_day where reached > 0
            and date in (select max(date) from truth.population_day group by date_trunc('month', date))"""
    assert differences(ask, found, true) == []
    found = """select month_start_date, cast(count(*) as bigint) from customers.fct_subscription_stage_month
        where lifecycle_stage_code = 'dormant' and is_complete group by all"""
    true = """select date_trunc('month', date)::date, cast(sum(silent_v2) as bigint) from truth.silent_day
        where is_known and date in (select max(date) from truth.population_day group by date_trunc('month', date))
        group by 1 having sum(silent_v2) > 0"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from customers.fct_subscription_stage_month as stages
        left join reference.lifecycle_stages as rules on stages.lifecycle_stage_code = rules.stage_code
        where rules.rule_en is null""") == [(0,)]
    assert ask("select count(*) from reference.lifecycle_stages where stage_code <> '?'") == [(8,)]
