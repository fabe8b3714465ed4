"""Theme 7, large customers, against what the sample operator knows: rules, groups, circuits, sales, visits, service."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

PARTS = "cast(numerator as bigint), cast(denominator as bigint)"
FLAGS = "is_important, is_high_value, is_group, is_strategic"


@pytest.mark.requirement("LCD01", "LCD02", "LCD03", "LCD04", "LCD05")
def test_each_large_customer_is_found_by_each_rule_and_month_with_its_revenue(ask) -> None:
    found = f"""select strftime(month_start_date, '%Y%m'), customer_id, org_id, {FLAGS}, cast(net_amt * 100 as bigint)
        from key_accounts.fct_large_customer_month where is_large"""
    true = f"""select cycle, cast(customer_id as varchar), cast(org_id as varchar), {FLAGS}, net_fen
        from truth.large_customer_month"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCD06")
def test_special_customers_are_those_in_two_or_more_classes(ask) -> None:
    classes = " + ".join(f"cast({flag} as int)" for flag in FLAGS.split(", "))
    found = """select strftime(month_start_date, '%Y%m'), customer_id from key_accounts.fct_large_customer_month
        where is_special"""
    true = f"select cycle, cast(customer_id as varchar) from truth.large_customer_month where {classes} >= 2"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCD14")
def test_top_spenders_are_a_rank_with_ties(ask) -> None:
    found = """select strftime(month_start_date, '%Y%m'), count(*), min(net_amt)
        from key_accounts.fct_large_customer_month where is_top_spender group by all"""
    true = """with spend as (
            select strftime(c.billing_month, '%Y%m') as cycle, u.customer_id, u.customer_class_code,
                sum(c.net_amt) as net_amt
            from revenue.fct_bill_charge c join dim.dim_customer u using (customer_key)
            where u.customer_id <> '?' group by all),
        ranked as (select *, rank() over (partition by cycle order by net_amt desc) as place from spend)
        select cycle, count(*), min(net_amt) from ranked
        where place <= 20 and customer_class_code in ('public', 'organisation') group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SUB04")
def test_group_revenue_is_split_by_payer_and_differs_from_the_statement_where_planted(ask) -> None:
    key = "group_id, payer_code, charge_item_code"
    found = f"""select strftime(billing_month, '%Y%m'), {key}, cast(own_amt * 100 as bigint),
            cast(stated_amt * 100 as bigint), is_stated, member_count
        from key_accounts.fct_group_revenue_month"""
    true = f"""select billing_cycle, {key}, own_fen, coalesce(statement_fen, 0), statement_fen is not null, member_count
        from truth.group_revenue_month"""
    assert differences(ask, found, true) == []
    found = """select strftime(billing_month, '%Y%m'), cast(sum(difference_amt) * 100 as bigint)
        from key_accounts.fct_group_revenue_month group by 1 having sum(difference_amt) <> 0"""
    true = """select billing_cycle, cast(sum(own_fen - coalesce(statement_fen, 0)) as bigint)
        from truth.group_revenue_month group by 1 having sum(own_fen - coalesce(statement_fen, 0)) <> 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCD04")
def test_memberships_are_dated_as_they_were(ask) -> None:
    found = """select group_id, customer_id, role_code, payer_code, is_virtual_net, valid_from,
            nullif(valid_to, date '9999-12-31') from dim.bridge_group_member"""
    true = """select group_id, cast(customer_id as varchar), role_code, payer_code, is_virtual_net, valid_from, valid_to
        from truth.group_member where valid_from <= (select max(last_file_date) from ops.ops_feed)"""
    assert differences(ask, found, true) == []


def test_circuits_are_up_as_long_as_they_were(ask) -> None:
    sums = "measured_s, up_s, errored_s, in_bytes, out_bytes"
    found = f"""select strftime(month_start_date, '%Y%m'), circuit_id, circuit_grade_code, {sums}
        from key_accounts.fct_circuit_month where measured_s > 0"""
    true = f"select cycle, cast(circuit_id as varchar), grade, {sums} from truth.circuit_month"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SLA10")
def test_credits_follow_from_availability_grade_and_fee(ask) -> None:
    found = """select strftime(month_start_date, '%Y%m'), circuit_id, credit_amt
        from key_accounts.fct_circuit_month where credit_amt > 0"""
    share = """case when up_s * 1000000 < severe * measured_s then severe_share
        when up_s * 1000000 < target * measured_s then share else 0 end"""
    true = f"""select cycle, cast(circuit_id as varchar),
            cast(round(fee_fen * {share} / 10000.0, 2) as decimal(18, 2))
        from truth.circuit_month join (values ('AAA', 999900, 10, 995000, 30), ('AA', 999500, 10, 990000, 25),
            ('A', 999000, 5, 985000, 20), ('B', 995000, 5, 970000, 15)) as g (grade, target, share, severe,
                severe_share)
        using (grade) where {share} > 0"""
    assert differences(ask, found, true) == []


def test_closed_circuits_are_found_in_their_month(ask) -> None:
    found = "select circuit_id, closed_on from dim.dim_circuit where is_current and closed_on is not null"
    assert differences(ask, found, "select cast(circuit_id as varchar), closed_on from truth.circuit_closed") == []
    found = """select circuit_id, strftime(month_start_date, '%Y%m') from key_accounts.fct_circuit_month where is_closed
        and measured_s > 0"""
    true = """select cast(circuit_id as varchar), strftime(closed_on, '%Y%m') from truth.circuit_closed
        where day(closed_on) > 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCD26", "SVC04")
def test_visits_and_return_calls_are_due_and_done_as_planted(ask) -> None:
    found = """select v.visit_id, v.visit_type_code, o.org_id, v.due_on, v.is_done, v.is_cancelled
        from key_accounts.fct_visit v join dim.dim_org o using (org_key)"""
    true = """select visit_id, visit_type_code, cast(org_id as varchar), due_on, is_done, is_cancelled and not is_done
        from truth.visit"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("MKT04")
def test_activities_add_up(ask) -> None:
    sums = "count(*), cast(sum(cast(is_done as int)) as bigint), cast(sum(cast(is_cancelled as int)) as bigint)"
    found = f"select o.org_id, {sums} from key_accounts.fct_activity join dim.dim_org o using (org_key) group by 1"
    assert differences(ask, found, f"select cast(org_id as varchar), {sums} from truth.activity group by 1") == []


@pytest.mark.requirement("SAL02", "SAL08")
def test_opportunities_close_when_and_as_they_did(ask) -> None:
    found = """select opportunity_id, org_id, is_won, cast(value_amt * 100 as bigint), cycle_s, closed_date
        from key_accounts.fct_opportunity where not is_open"""
    true = """select opportunity_id, cast(org_id as varchar), wins, value_fen, cycle_s, closed_on
        from truth.opportunity"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SAL01")
def test_contracts_run_out_and_are_renewed_as_planted(ask) -> None:
    found = """select contract_id, o.org_id, cast(value_amt * 100 as bigint), expired_on, is_renewed
        from key_accounts.fct_contract join dim.dim_org o using (org_key) where expired_on is not null"""
    true = """select contract_id, cast(org_id as varchar), value_fen, ended_on, is_renewed from truth.contract_ended"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SAL10")
def test_projects_are_done_in_time_or_not_as_planted(ask) -> None:
    found = """select project_id, is_in_time, event_date from key_accounts.fct_project_event
        where event_type_code = 'CLOSED'"""
    assert differences(ask, found, "select project_id, is_in_time, done_on from truth.project_done") == []


@pytest.mark.requirement("SLA12", "NET13")
def test_service_events_take_as_long_as_they_did_and_refusals_for_reach_are_counted(ask) -> None:
    found = """select service_event_id, event_type_code, is_refused, total_s, is_promise_met, closed_date
        from key_accounts.fct_service_event where not is_open"""
    true = "select service_event_id, type, refused, total_s, is_promise_met, closed_on from truth.service_event"
    assert differences(ask, found, true) == []


def test_work_orders_take_as_long_as_they_did_and_miss_the_limits_as_planted(ask) -> None:
    steps = "dispatch_s, accept_s, restore_s, confirm_s"
    found = f"select work_order_id, {steps} from key_accounts.fct_work_order where confirmed_at is not null"
    assert differences(ask, found, f"select work_order_id, {steps} from truth.work_order") == []


@pytest.mark.requirement("SLA01", "SLA02", "SLA03", "SLA04")
def test_misses_of_limits_of_circuit_repairs_are_those_planted(ask) -> None:
    found = """select work_order_id, step_code, elapsed_s, is_met from key_accounts.fct_work_order_sla
        where calendar_code = '7X24' and is_due and work_order_id in (select work_order_id from truth.work_order)"""
    steps = {
        "DISPATCH": ("dispatch_s", "900"), "ACCEPT": ("accept_s", "1800"), "CONFIRM": ("confirm_s", "900"),
        "RESTORE": ("restore_s", "3600 * case grade when 'AAA' then 4 when 'AA' then 8 when 'A' then 12 else 24 end")}
    true = " union all ".join(
        f"select work_order_id, '{step}', {seconds}, {seconds} <= {limit} from truth.work_order where type = 'FAULT'"
        for step, (seconds, limit) in steps.items())
    assert differences(ask, found, true) == []
    assert ask("""select count(distinct step_code) from key_accounts.fct_work_order_sla
        where calendar_code = '7X24' and not is_met and is_due""")[0][0] >= 3


@pytest.mark.requirement("SLA08")
def test_requests_are_done_in_working_days_as_counted_by_hand(ask) -> None:
    found = """select work_order_id, elapsed_s from key_accounts.fct_work_order_sla
        where step_code = 'DONE' and calendar_code = 'WORK' and done_at is not null"""
    true = """select o.work_order_id, cast(sum(case when d.is_workday then 1 else 0 end * greatest(0,
            least(epoch(o.done_at_local), epoch(d.calendar_date) + 18 * 3600)
            - greatest(epoch(o.opened_at_local), epoch(d.calendar_date) + 9 * 3600))) as bigint)
        from key_accounts.fct_work_order o join dim.dim_date d
            on d.calendar_date between cast(o.opened_at_local as date) and cast(o.done_at_local as date)
        where o.done_at is not null and o.work_order_type_code <> 'REPAIR'
        group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("NET12")
def test_an_alarm_of_a_site_lists_the_circuits_that_went_down_with_it(ask) -> None:
    """Planted: circuits whose A end is a site with an outage are down while it lasts; the alarm comes 20 s later."""
    down = ask("""select f.circuit_id, f.begins_at_local from truth.circuit_fault f where f.of_site""")
    assert down
    listed = """select count(*) from truth.circuit_fault f
        join dim.dim_circuit c on c.circuit_id = cast(f.circuit_id as varchar)
            and cast(f.begins_at_local as date) >= c.valid_from and cast(f.begins_at_local as date) < c.valid_to
        where f.of_site and exists (
            select 1 from service_quality.fct_alarm a join dim.dim_network_element n using (network_element_key)
            where n.site_id = c.a_end_site_id and a.is_service_affecting
                and a.raised_at_local between f.begins_at_local and f.begins_at_local + interval 1 minute)"""
    assert ask(listed)[0][0] == len(down)


@pytest.mark.requirement("SLA18")
def test_a_request_with_three_products_has_one_promise_and_three_dates_before_it(ask) -> None:
    found = """select count(*), count(*) filter (last_date = promised and date_count = 3) from (
        select e.service_event_id, any_value(e.promised_at) as promised, max(w.promised_at) as last_date,
            count(distinct w.promised_at) as date_count
        from key_accounts.fct_service_event e join key_accounts.fct_work_order w using (service_event_key)
        group by 1 having count(*) = 3)"""
    events, right = ask(found)[0]
    assert events == right > 0


KPIS = {
    "K61": (f"strftime(period_start, '%Y%m'), org_id, breakdown_code, {PARTS}",
            """select cycle, cast(org_id as varchar), grade, sum(up_s), sum(measured_s)
            from truth.circuit_month group by all"""),
    "K73": (f"strftime(period_start, '%Y%m'), org_id, {PARTS}",
            """select strftime(due_on, '%Y%m'), cast(org_id as varchar), count(*) filter (is_done), count(*)
            from truth.visit where visit_type_code = 'VISIT' and (is_done or not is_cancelled) group by all"""),
    "K74": (f"strftime(period_start, '%Y%m'), org_id, {PARTS}",
            """select strftime(ended_on, '%Y%m'), cast(org_id as varchar), count(*) filter (is_renewed), count(*)
            from truth.contract_ended group by all"""),
}


@pytest.mark.parametrize("kpi", KPIS)
def test_kpis_equal_the_truth(ask, kpi: str) -> None:
    columns, true = KPIS[kpi]
    found = f"""select {columns} from kpi.fct_kpi_month where kpi_id = '{kpi}' and org_level_code = 'CITY'
        and org_id <> '?' and denominator <> 0"""
    assert differences(ask, found, true) == []


def test_the_share_of_large_customers_equals_the_truth(ask) -> None:
    found = """select strftime(period_start, '%Y%m'), cast(sum(numerator) * 100 as bigint),
            cast(sum(denominator) * 100 as bigint)
        from kpi.fct_kpi_month where kpi_id = 'K22' and org_level_code = 'CITY' group by 1"""
    large = "(select sum(net_fen) from truth.large_customer_month l where l.cycle = c.cycle)"
    true = f"""select cycle, cast({large} as bigint),
            cast(sum(net_fen) as bigint) from truth.charge_month c group by 1"""
    assert differences(ask, found, true) == []


def test_credits_of_the_kpi_are_those_of_the_circuits(ask) -> None:
    found = "select period_start, numerator from kpi.fct_kpi_month where kpi_id = 'K62' and org_level_code = 'HQ'"
    true = """select month_start_date, cast(sum(credit_amt) as decimal(38, 6)) from key_accounts.fct_circuit_month
        group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SAL08")
def test_win_rate_and_cycle_equal_the_truth(ask) -> None:
    found = f"""select strftime(period_start, '%Y%m'), breakdown_code, {PARTS}
        from kpi.fct_kpi_month where kpi_id = 'K72' and org_level_code = 'HQ'"""
    true = """select strftime(closed_on, '%Y%m'), 'WIN_RATE', count(*) filter (wins), count(*) from truth.opportunity
        group by 1
        union all select strftime(closed_on, '%Y%m'), 'P50', quantile_disc(cycle_s, 0.5), 1 from truth.opportunity
        where wins group by 1
        union all select strftime(closed_on, '%Y%m'), 'P90', quantile_disc(cycle_s, 0.9), 1 from truth.opportunity
        where wins group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SLA16")
def test_provisioning_is_counted_from_the_orders_again(ask) -> None:
    found = f"""select strftime(period_start, '%Y%m'), breakdown_code, {PARTS}
        from kpi.fct_kpi_month where kpi_id = 'K49' and org_level_code = 'HQ'"""
    order = """(select order_id, max(completed_at_local) as done, max(created_at_local) as created,
        max(promised_at_local) as promised from raw.billing__order where order_type_code = 'OPEN'
        group by 1 having max(completed_at_local) is not null)"""
    true = f"""select strftime(done, '%Y%m'), 'PROMISED', count(*) filter (done <= promised), count(promised)
        from {order} group by 1
        union all select strftime(done, '%Y%m'), 'P50', quantile_disc(date_diff('second', created, done), 0.5), 1
        from {order} group by 1
        union all select strftime(done, '%Y%m'), 'P90', quantile_disc(date_diff('second', created, done), 0.9), 1
        from {order} group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("STD08", "STD09", "STD10")
def test_the_exports_of_the_core_data_standard_equal_the_truth(ask) -> None:
    found = """select strftime(cycle_month, '%Y%m'), local_network_id, customer_count, cast(net_amt * 100 as bigint)
        from key_accounts.exp_vip_summary"""
    true = """select cycle, cast(org_id as varchar), count(*), cast(sum(net_fen) as bigint)
        from truth.large_customer_month group by all"""
    assert differences(ask, found, true) == []
    joins = """join dim.dim_subscription s on s.subscription_id = cast(m.subscription_id as varchar) and s.is_current
        join truth.large_customer_month l on l.cycle = m.cycle and cast(l.customer_id as varchar) = s.customer_id"""
    sums = "cast(sum(billed_minutes) as bigint), cast(sum(volume_bytes) as bigint)"
    found = f"""select strftime(cycle_month, '%Y%m'), {sums} from key_accounts.exp_vip_serv_sum group by 1"""
    true = f"select m.cycle, {sums} from truth.usage_month m {joins} group by 1"
    assert differences(ask, found, true) == []
    found = """select strftime(cycle_month, '%Y%m'), cast(sum(net_amt) * 100 as bigint)
        from key_accounts.exp_vip_income_sum group by 1"""
    true = "select cycle, cast(sum(net_fen) as bigint) from truth.large_customer_month group by 1"
    assert differences(ask, found, true) == []
