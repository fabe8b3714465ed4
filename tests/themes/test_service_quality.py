"""Theme 5, service quality, against what the sample operator knows: limits, issues, half-hours, outages, availability.

KPIs are counted again by another route: from the truth, or from the accepted rows of the lake.
"""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


def kpi(kpi_id: str, grain: str, level: str = "HQ", more: str = "") -> str:
    """Rows of a KPI as (period, breakdown, numerator, denominator), empty periods left out."""
    period = "period_start" if grain == "day" else "strftime(period_start, '%Y%m')"
    unit = "" if level == "HQ" else "org_id, "
    return f"""select {period}, {unit}breakdown_code, cast(numerator as double), cast(denominator as double)
        from kpi.fct_kpi_{grain} where kpi_id = '{kpi_id}' and is_in_force and org_level_code = '{level}' {more}"""


@pytest.mark.requirement("ANA11", "SVC02", "SLA01", "SLA02", "SLA03", "SLA04", "SLA05", "SLA06", "SLA07", "SLA08")
def test_every_limit_kept_or_missed_is_the_one_planted(ask):
    found = """select ticket_id, step_code, done_at is not null, not is_met
        from service_quality.fct_ticket_sla where is_due"""
    true = "select ticket_id, step_code, is_done, is_missed from truth.sla_step"
    assert differences(ask, found, true) == []
    missed = dict(ask("select step_code, count(*) from truth.sla_step where is_missed group by all"))
    assert missed.keys() == {"DISPATCH", "ACCEPT", "RESTORE", "CONFIRM", "FEEDBACK", "DONE"}


@pytest.mark.requirement("LCD10")
def test_the_grade_of_a_customer_on_the_day_drives_the_limit(ask):
    """Planted: half-way through the sample some people rise to grade A, and some of grade A fall to C."""
    found = """select ticket_id, customers.service_grade_code, due_at_local from service_quality.fct_ticket_sla
        join dim.dim_customer as customers using (customer_key) where step_code = 'RESTORE'"""
    true = """select ticket_id, customer_grade_code, expected_at_local from truth.ticket
        where ticket_type_code = 'fault' and opened_at_local < (select max(file_date) + 1 from ops.ops_file
            where contract_id = 'call_center__ticket')"""
    assert differences(ask, found, true) == []
    limits = """select distinct step.customer_grade_code, limit_s // 3600
        from service_quality.fct_ticket_sla as step join dim.dim_sla_policy using (sla_policy_key)
        join dim.dim_customer as customers using (customer_key)
        where step_code = 'RESTORE' and sla_class_code = 'MOBILE'"""
    assert set(ask(limits)) <= {("G", 20), ("P", 20), ("A", 24), ("B", 48), ("C", 48)}
    regraded = ask(f"""{limits} and customer_id in (select customer_id from dim.dim_customer group by customer_id
        having count(distinct service_grade_code) > 1)""")
    assert {hours for _, hours in regraded} == {24, 48}


def test_every_ticket_has_one_promise(ask):
    assert ask("""select ticket_id from service_quality.fct_ticket join dim.dim_sla_policy using (sla_policy_key)
        where policy_id = '?'""") == []


@pytest.mark.requirement("SVC11")
def test_tickets_of_the_green_channel_are_measured_against_their_own_limit(ask):
    found = """select ticket_id, step_code, not is_met, limit_s > 0 from service_quality.fct_ticket_sla
        where is_due and is_green_channel"""
    true = "select ticket_id, step_code, is_missed, true from truth.sla_step where is_green_channel"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SLA09")
def test_services_under_central_control_are_those_of_the_scope_list(ask):
    found = """select distinct ticket_id, services.service_code from service_quality.fct_ticket_sla as sla
        join service_quality.fct_ticket as tickets using (ticket_id) join dim.dim_service as services
        on tickets.service_key = services.service_key where sla.is_due and is_central_control"""
    true = """select distinct ticket_id, service_code from truth.sla_step
        where service_code in ('CENTREX', 'VNET', 'NGN_VNET', 'CRBT', 'S800', 'S4008')"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SVC12", "SVC15")
def test_first_owner_and_first_response_are_known_and_hand_overs_counted(ask):
    assert ask("""select ticket_id from service_quality.fct_ticket as tickets
        join dim.dim_staff as staff on tickets.first_owner_staff_key = staff.staff_key where staff_id = '?'""") == []
    found = """select ticket_id, cast(round(60 * first_response_min) as bigint) from service_quality.fct_ticket
        where first_response_min is not null"""
    true = """select ticket_id, date_diff('second', opened_at_local, accepted_at_local) from truth.ticket
        where accepted_at_local < (select max(file_date) + 1 from ops.ops_file
            where contract_id = 'call_center__ticket')"""
    assert differences(ask, found, true) == []
    found = "select ticket_id, handover_count from service_quality.fct_ticket where handover_count > 0"
    true = """select ticket_id, count(*) from (select ticket_id, handler_staff_id <> lag(handler_staff_id) over (
            partition by ticket_id order by changed_at) as is_new from raw.call_center__ticket)
        where is_new group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SVC13")
def test_every_ticket_has_a_reason_of_two_levels(ask):
    assert ask("""select ticket_id from service_quality.fct_ticket join dim.dim_reason using (reason_key)
        where level1_code = '?' or level2_code = '?'""") == []


@pytest.mark.requirement("SVC10")
def test_the_line_of_large_customers_is_open_every_hour_of_every_day(ask):
    assert ask("""select interval_date, count(*) from service_quality.fct_queue_interval
        join dim.dim_contact_centre using (contact_centre_key) where is_key_customer
        group by interval_date having count(*) <> 48""") == []
    assert ask("""select count(*) from service_quality.fct_contact join dim.dim_contact_channel using
        (contact_channel_key) where is_key_customer and is_all_hours""")[0][0] > 0


@pytest.mark.requirement("SVC14")
def test_restored_and_stepped_in_limit_by_city_equal_the_truth(ask):
    true = """select due_cycle, org_id, {} as breakdown, cast(count(*) filter (where not is_missed) as double),
        cast(count(*) as double) from truth.sla_step where due_cycle is not null and {} group by all"""
    restore = true.format("customer_grade_code", "step_code = 'RESTORE'")
    assert differences(ask, kpi("K46", "month", "CITY"), restore) == []
    others = true.format("step_code", "step_code <> 'RESTORE'")
    assert differences(ask, kpi("K47", "month", "CITY"), others) == []


@pytest.mark.requirement("SVC03", "SVC08", "SLA19", "ANA11", "LCK07")
def test_issues_and_first_contact_resolution_equal_the_truth(ask):
    found = """select customer_id, reason_family_code, issue_number, contact_count, channel_count, is_served, is_final
        from service_quality.fct_contact_issue"""
    true = """select cast(customer_id as varchar), family, number, contacts, channels, is_served, is_final
        from truth.contact_issue"""
    numbered = """select customer_id, reason_family_code, row_number() over (
        partition by customer_id, reason_family_code order by issue_number), * exclude (customer_id,
        reason_family_code, issue_number) from ({})"""
    renamed = true.replace(", family, number", ", family as reason_family_code, number as issue_number").replace(
        "cast(customer_id as varchar)", "cast(customer_id as varchar) as customer_id")
    assert differences(ask, numbered.format(found), numbered.format(renamed)) == []
    true = """select cycle, cast(org_id as varchar), 'ALL', cast(count(*) filter (where contacts = 1) as double),
        cast(count(*) as double) from truth.contact_issue where is_served and is_final group by all"""
    assert differences(ask, kpi("K36", "month", "CITY"), true) == []


@pytest.mark.requirement("SVC09")
def test_every_contact_came_by_a_known_line(ask):
    assert ask("""select contact_id from service_quality.fct_contact as c join dim.dim_contact_channel as d
        using (contact_channel_key) where d.line_code = '?' or c.channel_code <> d.channel_code""") == []


QUEUE = {"K38": ("answered_in_limit_count", "offered_count"), "K39": ("abandoned_count", "offered_count"),
         "K40": ("wait_s", "answered_count")}


@pytest.mark.parametrize("kpi_id", QUEUE)
def test_waiting_kpis_of_contacts_are_those_the_queues_counted(ask, kpi_id):
    numerator, denominator = QUEUE[kpi_id]
    true = f"""select date, 'ALL', cast(sum({numerator}) as double), cast(sum({denominator}) as double)
        from truth.queue_day group by date having sum({denominator}) > 0"""
    assert differences(ask, kpi(kpi_id, "day"), true) == []


def test_queues_and_agents_are_those_of_the_truth(ask):
    found = """select interval_date, queue_code, sum(offered_count), sum(answered_count), sum(abandoned_count),
        sum(short_abandoned_count), sum(wait_s) from service_quality.fct_queue_interval group by all"""
    true = """select date, queue_code, offered_count, answered_count, abandoned_count, short_abandoned_count, wait_s
        from truth.queue_day"""
    assert differences(ask, found, true) == []
    found = """select interval_date, staff_id, sum(handled_count), sum(login_s), sum(auxiliary_s)
        from service_quality.fct_agent_interval group by all"""
    true = "select date, cast(staff_id as varchar), handled_count, login_s, auxiliary_s from truth.agent_day"
    assert differences(ask, found, true) == []


def test_occupancy_and_transfers_equal_the_truth(ask):
    true = """select date, 'ALL', cast(sum(talk_s + hold_s + wrap_s) as double) as busy,
        cast(sum(talk_s + hold_s + wrap_s + available_s) as double) from truth.agent_day group by date"""
    assert differences(ask, kpi("K41", "day"), true) == []
    handled = "contacts) filter (where outcome_code in ('answered', 'transferred'))"
    passed = "coalesce(sum(contacts) filter (where outcome_code = 'transferred'), 0)"
    true = f"""select date, 'ALL', cast({passed} as double), cast(sum({handled} as double)
        from truth.contact_day group by date having sum({handled} > 0"""
    assert differences(ask, kpi("K42", "day"), true) == []


@pytest.mark.requirement("SVC07")
def test_self_service_equals_the_truth(ask):
    found = "select session_date, org_id, channel_code, result_code, count(*)"
    found += " from service_quality.fct_self_service join dim.dim_org using (org_key) group by all"
    assert differences(ask, found, """select date, cast(org_id as varchar), channel_code, result_code, sessions
        from truth.self_service_day""") == []
    true = """select strftime(date, '%Y%m'), 'ALL', cast(sum(n) filter (where solved) as double), cast(sum(n) as double)
        from (select date, sessions as n, result_code = 'solved' as solved from truth.self_service_day
              where result_code <> 'to_agent'
              union all select date, contacts, outcome_code = 'self_served' from truth.contact_day) group by all"""
    assert differences(ask, kpi("K43", "month"), true) == []


@pytest.mark.requirement("SLA20")
def test_appeals_and_closing_times_equal_the_truth(ask):
    found = """select strftime(period_start, '%Y%m'), org_id, cast(numerator as bigint) from kpi.fct_kpi_month
        where kpi_id = 'K35' and org_level_code = 'CITY' and org_id <> '?'"""
    true = "select cycle, cast(org_id as varchar), appeals from truth.month"
    assert differences(ask, found, true) == []
    true = """select strftime(closed_at_local, '%Y%m'), 'ALL',
        cast(count(*) filter (where closed_at_local - opened_at_local <= interval 24 hour) as double),
        cast(count(*) as double) from truth.ticket
        where closed_at_local < (select max(file_date) + 1 from ops.ops_file where contract_id = 'call_center__ticket')
        group by all"""
    assert differences(ask, kpi("K44", "month"), true) == []


@pytest.mark.requirement("ANA11")
def test_repeat_faults_and_answers_counted_again_from_the_lake(ask):
    true = """with faults as (select ticket_id, any_value(subscription_id) as subscription_id,
            any_value(opened_at) as opened_at, any_value(opened_at_local) as local from raw.call_center__ticket
            where ticket_type_code = 'fault' group by ticket_id)
        select strftime(f.local, '%Y%m'), 'ALL', cast(count(*) filter (where exists (select 1 from faults e
            where e.subscription_id = f.subscription_id and e.ticket_id <> f.ticket_id and e.opened_at <= f.opened_at
            and (e.opened_at < f.opened_at or e.ticket_id < f.ticket_id)
            and f.opened_at - e.opened_at <= interval 30 day)) as double), cast(count(*) as double)
        from faults f group by all"""
    assert differences(ask, kpi("K48", "month"), true) == []
    true = """select strftime(answered_at_local, '%Y%m'), 'SATISFACTION', cast(sum(score) * 20 as double),
        cast(count(*) as double) from raw.call_center__survey where question_code = 'SATISFACTION' group by all
        union all select strftime(answered_at_local, '%Y%m'), 'NPS',
        100.0 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)), cast(count(*) as double)
        from raw.call_center__survey where question_code = 'RECOMMEND' group by 1"""
    assert differences(ask, kpi("K50", "month"), true) == []


@pytest.mark.requirement("NET12")
def test_customers_behind_an_outage_are_those_who_used_its_cell(ask):
    found = """select bridge.cell_id, alarms.raised_at_local, bridge.subscription_id
        from service_quality.bridge_alarm_service as bridge join service_quality.fct_alarm as alarms using (alarm_id)"""
    true = """select cast(cell_id as varchar), begins_at_local + interval 20 second, cast(subscription_id as varchar)
        from truth.outage_subscription"""
    assert differences(ask, found, true) == []


def test_outage_minutes_of_customers_equal_the_truth(ask):
    true = """select cast(begins_at_local as date), 'ALL', round(sum(minutes), 3) from (
            select outage.begins_at_local, outage.cell_id,
                any_value(lasts_s + 10) / 60.0 * count(distinct customer_id) as minutes
            from truth.outage join truth.outage_subscription using (cell_id, begins_at_local)
            join dim.dim_subscription on dim_subscription.subscription_id = cast(outage_subscription.subscription_id
                as varchar) and cast(begins_at_local as date) >= valid_from and cast(begins_at_local as date) < valid_to
            where begins_at_local + to_seconds(lasts_s + 30) <
                (select max(file_date) + 1 from ops.ops_file where contract_id = 'network__alarm')
            group by all) group by all"""
    found = f"select day, 'ALL', round(n, 3) from ({kpi('K60', 'day')}) as t (day, b, n, d) where n > 0"
    assert differences(ask, found, true) == []


def test_time_without_service_is_planned_where_a_work_was_and_only_there(ask):
    found = """select cell_id, measured_date, unavailable_s, planned_unavailable_s
        from service_quality.fct_cell_availability_day where unavailable_s > 0"""
    true = """select cast(cell_id as varchar), date, cast("RRU.CellUnavailableTime" as bigint),
        case when exists (select 1 from truth.planned_work w where w.cell_id = cast(cell_day.cell_id as varchar)
            and cast(w.begins_at as date) = cell_day.date)
        then cast("RRU.CellUnavailableTime" as bigint) else 0 end
        from truth.cell_day where "RRU.CellUnavailableTime" > 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA11")
def test_availability_and_failures_counted_again_from_the_lake(ask):
    quarters = """select cast(begin_at_local as date) as day, measured_object, begin_at,
        max(value_number) filter (where counter_name = 'RRU.CellUnavailableTime') as lost
        from raw.network__measurement where not is_suspect and value_number is not null group by all"""
    planned = """select measured_date, sum(planned_unavailable_s)
        from service_quality.fct_cell_availability_day group by 1"""
    sums = f"""select day, 900.0 * count(*) as measured, sum(coalesce(lost, 0)) as lost from ({quarters}) group by 1"""
    true = f"""select day, 'PLANNED_IN', cast(measured - lost as double), cast(measured as double) from ({sums})
        union all select day, 'PLANNED_OUT', cast(measured - lost as double), cast(measured - planned as double)
        from ({sums}) join ({planned}) as p (day, planned) using (day)"""
    assert differences(ask, kpi("K51", "day"), true) == []
    failures = "select strftime(begins_at_local, '%Y%m') as cycle, count(*) as n from truth.outage group by 1"
    true = f"""select cycle, 'ALL', cast(sum(measured - lost) as double), cast(coalesce(any_value(n), 0) as double)
        from (select *, strftime(day, '%Y%m') as cycle from ({sums})) left join ({failures}) using (cycle) group by 1"""
    assert differences(ask, kpi("K52", "month"), true) == []


@pytest.mark.requirement("NET05")
def test_the_maintenance_log_and_planned_works_are_complete(ask):
    found = "select log_id, object_type_code, object_id, ticket_id, work_id from service_quality.fct_maintenance_log"
    true = "select log_id, object_type_code, object_id, cast(ticket_id as varchar), work_id from truth.maintenance_log"
    assert differences(ask, found, true) == []
    kinds = {kind for (kind,) in ask("select distinct object_type_code from service_quality.fct_maintenance_log")}
    assert kinds == {"CELL", "CIRCUIT", "SUBSCRIPTION"}
    found = "select work_id, cell_id, begins_at_local, ends_at_local from service_quality.fct_planned_work"
    assert differences(ask, found, "select work_id, cell_id, begins_at, ends_at from truth.planned_work") == []
